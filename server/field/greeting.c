/* SPDX-License-Identifier: GPL-2.0-or-later
 * greeting.c: callers from accept to UP, their deadlines and limits. Which bytes prove what is the fronts'. */
#include "server/field/greeting.h"
#include <string.h>
#include <unistd.h>
#include "server/core/clock.h"
#include "server/field/greeting-private.h"
#include "server/field/transport.h"
#include "server/wire/dtu-text.h"
#include "shared/base/till-log.h"

#define MINUTE_US      (60 * TILL_SECOND)
#define REPLACEMENT_US (10 * MINUTE_US)

const TilldGreetingLimits tilld_greeting_limits = {
  .connections = 2048, .first_byte_ms = 10000, .front_ms = 3000, .accept_ms = 15000, .unknown_ms = 1000, .buffer = 512, .buffer_1f1f = 4096,
  .address_failures = 60, .address_ban_ms = 60000, .code_failures = 10, .replacements = 6, .heard_ms = 60000,
};

static gint64
now_us (const TilldGreeter *greeter)
{
  return tilld_clock_boot_us (tilld_reactor_get_clock (greeter->reactor));
}

/* --- callers --- */

/* Freed some turns after it is over: whoever closed it may still stand in its functions. */
static void
reap_fired (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  TilldGreeter  *greeter = data;
  TilldGreeting *it;

  while ((it = g_queue_pop_head (&greeter->over)) != NULL)
    {
      tilld_link_clear (&it->link);
      g_free (it);
    }
}

static void
stop_waiting (TilldGreeting *it)
{
  tilld_timer_disarm (it->greeter->reactor, &it->timer);
  if (it->waiting.data != NULL)
    g_queue_unlink (&it->greeter->waiting, &it->waiting);
  it->waiting.data = NULL;
}

static void
link_changed (TilldLink *link, gpointer data)
{
  TilldGreeting *it = data;

  if (link->state == TILLD_LINK_UP || link->state == TILLD_LINK_DOWN)
    stop_waiting (it);
  if (link->station != NULL)
    tilld_station_link_changed (link->station, link);
  if (link->state != TILLD_LINK_DOWN)
    return;
  link->changed = NULL;
  g_queue_unlink (&it->greeter->all, &it->all);
  g_queue_push_tail (&it->greeter->over, it);
  tilld_timer_arm (it->greeter->reactor, &it->greeter->reap, 1);
}

static void
failure (TilldGreeting *it)
{
  TilldGreeter *greeter = it->greeter;
  gint64        now = now_us (greeter);

  if (tilld_budget_spend (greeter->addresses, it->address, greeter->limits.address_failures, now, MINUTE_US))
    tilld_budget_get (greeter->addresses, it->address, now, MINUTE_US)->banned_until_us = now + greeter->limits.address_ban_ms * 1000LL;
}

static void
deadline (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  TilldGreeting *it = data;

  if (!it->link.deaf)
    failure (it);
  tilld_link_close (&it->link, it->link.deaf ? "nobody knows it" : "it did not say in time who it is");
}

static void
arm (TilldGreeting *it, guint ms)
{
  gint64 left_ms = it->greeter->limits.accept_ms - (now_us (it->greeter) - it->accepted_us) / 1000;

  tilld_timer_arm (it->greeter->reactor, &it->timer, MAX (MIN ((gint64) ms, left_ms), 1));
}

gboolean
tilld_greeter_welcomes (TilldGreeter *greeter, const char *address)
{
  const TilldBudget *budget = g_hash_table_lookup (greeter->addresses, address);

  return budget == NULL || now_us (greeter) >= budget->banned_until_us;
}

void
tilld_greeter_take (TilldGreeter *greeter, int fd, const char *address)
{
  TilldGreeting    *it;
  g_autoptr(GError) error = NULL;

  if (greeter->waiting.length >= greeter->limits.connections)
    tilld_link_close (&((TilldGreeting *) greeter->waiting.head->data)->link, "too many wait: the oldest goes");
  it = g_new0 (TilldGreeting, 1);
  it->greeter = greeter;
  it->accepted_us = now_us (greeter);
  it->front = "";
  g_strlcpy (it->address, address, sizeof it->address);
  tilld_timer_init (&it->timer, deadline, it);
  tilld_link_init (&it->link, greeter->reactor, &tilld_transport_accepted, &tilld_front_greeting, "", NULL, NULL);
  it->link.greeting = it;
  it->link.greeting_limit = greeter->limits.buffer;
  it->link.data = it;
  if (!tilld_tcp_accepted (&it->link, fd, &error))
    {
      till_warn (TILL_LOG_NONE, error, "a caller was not taken");
      g_free (it);
      return;
    }
  it->link.changed = link_changed;
  it->all.data = it->waiting.data = it;
  g_queue_push_tail_link (&greeter->all, &it->all);
  g_queue_push_tail_link (&greeter->waiting, &it->waiting);
  arm (it, greeter->limits.first_byte_ms);
}

void
tilld_greeting_heard (TilldLink *link, const char *front)
{
  TilldGreeting *it = link->greeting;

  if (!it->first_byte)
    arm (it, it->greeter->limits.front_ms);
  it->first_byte = TRUE;
  if (front == NULL)
    return;
  it->front = front;
  if (g_str_equal (front, "1f1f"))
    link->greeting_limit = it->greeter->limits.buffer_1f1f;
  arm (it, it->greeter->limits.accept_ms);
}

void
tilld_greeter_set_tls (TilldGreeter *greeter, TilldTls *tls)
{
  greeter->tls = tls;
}

TilldTls *
tilld_greeting_tls (const TilldLink *link)
{
  return link->greeting->greeter->tls;
}

/* --- identity --- */

static gboolean
unknown (TilldLink *link, const guint8 *text, gsize len)
{
  TilldGreeting        *it = link->greeting;
  const TilldDirectory *directory = &it->greeter->directory;
  char                  shown[TILLD_DTU_SHOWN];

  tilld_dtu_text_show (text, len, shown);
  failure (it);
  link->deaf = TRUE;
  tilld_timer_arm (it->greeter->reactor, &it->timer, it->greeter->limits.unknown_ms);
  if (shown[0] != '\0')
    directory->unknown (shown, it->front, it->address, directory->data);
  return FALSE;
}

gboolean
tilld_greeting_by_code (TilldLink *link, const char *code, TilldCaller *ret_who)
{
  const TilldDirectory *directory = &link->greeting->greeter->directory;

  *ret_who = (TilldCaller){ directory->by_code (code, directory->data), 0 };
  return ret_who->station != NULL || unknown (link, (const guint8 *) code, strlen (code));
}

gboolean
tilld_greeting_by_text (TilldLink *link, const guint8 *text, gsize len, TilldCaller *ret_who)
{
  const TilldDirectory *directory = &link->greeting->greeter->directory;

  g_autofree char      *code = g_strndup ((const char *) text, len);

  *ret_who = (TilldCaller){ NULL, 0 };
  ret_who->station = directory->by_registration (text, len, &ret_who->port, directory->data);
  if (ret_who->station == NULL && !g_str_equal (link->greeting->front, "dtu") && strlen (code) == len)
    ret_who->station = directory->by_code (code, directory->data); /* a device that says nothing but its own number */
  return ret_who->station != NULL || unknown (link, text, len);
}

void
tilld_greeting_refuse (TilldLink *link, const char *code, const char *reason)
{
  TilldGreeting        *it = link->greeting;
  TilldGreeter         *greeter = it->greeter;
  const TilldDirectory *directory = &greeter->directory;
  TilldStation         *station;

  failure (it);
  if (code != NULL && tilld_budget_spend (greeter->codes, code, greeter->limits.code_failures, now_us (greeter), MINUTE_US))
    {
      station = directory->by_code (code, directory->data);
      if (station != NULL)
        directory->attack (station, "failures", directory->data);
    }
  till_debug (TILL_LOG_NONE, "caller %s refused: %s", it->address, reason);
  tilld_link_close (link, reason);
}

/* --- the end of a greeting --- */

static guint
rank (TillLinkClass it)
{
  return it == TILL_LINK_CLASS_TLS ? TILL_LINK_CLASS_GT3_AES : it;
}

static const char *
objection (const TilldGreeter *greeter, const TilldCaller *who, TillLinkClass link_class)
{
  const TilldFieldGateway *record = &who->station->record;

  if (who->station->retiring)
    return "its record is being changed";
  if (link_class == TILL_LINK_CLASS_CLEAR && !record->allow_clear)
    return "its record does not allow a clear link";
  if (rank (link_class) < rank (record->best_class))
    return "it had a stronger link before; an engineer can reset that";
  /* Anybody could have sent that text: who is heard stays. */
  for (guint i = 0; link_class == TILL_LINK_CLASS_CLEAR && i < who->station->n_lines; i++)
    {
      const TilldBus *bus = &who->station->lines[i]->bus;

      if ((who->port == 0 || bus->port == who->port) && tilld_bus_is_up (bus) &&
          now_us (greeter) - bus->link->heard_us < greeter->limits.heard_ms * 1000LL)
        return "a live connection of it was heard just now";
    }
  return NULL;
}

static void
count_replacement (TilldGreeter *greeter, const TilldCaller *who)
{
  const TilldDirectory *directory = &greeter->directory;
  gboolean              live = FALSE;

  for (guint i = 0; i < who->station->n_lines; i++)
    live = live || ((who->port == 0 || who->station->lines[i]->bus.port == who->port) && tilld_line_is_up (who->station->lines[i]));
  if (live && tilld_budget_spend (greeter->replacements, who->station->record.code, greeter->limits.replacements, now_us (greeter), REPLACEMENT_US))
    directory->attack (who->station, "replacements", directory->data);
}

gboolean
tilld_greeting_accept (TilldLink *link, const TilldCaller *who, TillLinkClass link_class)
{
  TilldGreeter     *greeter = link->greeting->greeter;
  const char       *reason = objection (greeter, who, link_class);
  g_autoptr(GError) error = NULL;

  if (reason != NULL)
    {
      till_info (TILL_LOG_GATEWAY (who->station->record.code), "a call from %s was refused: %s", link->greeting->address, reason);
      tilld_link_close (link, reason);
      return FALSE;
    }
  count_replacement (greeter, who);
  g_strlcpy (link->code, who->station->record.code, sizeof link->code);
  link->link_class = link_class;
  if (!tilld_station_attach (who->station, link, who->port, &error))
    {
      tilld_greeting_refuse (link, link->code, error->message);
      return FALSE;
    }
  if (rank (link_class) > rank (who->station->record.best_class))
    who->station->record.best_class = link_class;
  tilld_link_set_state (link, TILLD_LINK_UP);
  return TRUE;
}

/* --- the greeter --- */

TilldGreeter *
tilld_greeter_new (TilldReactor *reactor, const TilldGreetingLimits *limits, const TilldDirectory *directory)
{
  TilldGreeter *greeter = g_new0 (TilldGreeter, 1);

  greeter->reactor = reactor;
  greeter->limits = *limits;
  greeter->directory = *directory;
  g_queue_init (&greeter->all);
  g_queue_init (&greeter->waiting);
  g_queue_init (&greeter->over);
  tilld_timer_init (&greeter->reap, reap_fired, greeter);
  greeter->addresses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  greeter->codes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  greeter->replacements = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return greeter;
}

void
tilld_greeter_close_all (TilldGreeter *greeter)
{
  while (greeter->all.length > 0)
    {
      TilldLink *link = &((TilldGreeting *) greeter->all.head->data)->link;

      if (link->state == TILLD_LINK_UP && link->front->farewell != NULL)
        link->front->farewell (link, FALSE);
      tilld_link_close (link, "the server stops");
    }
}

void
tilld_greeter_free (TilldGreeter *greeter)
{
  tilld_greeter_close_all (greeter);
  tilld_timer_disarm (greeter->reactor, &greeter->reap);
  reap_fired (greeter->reactor, &greeter->reap, greeter);
  g_hash_table_unref (greeter->addresses);
  g_hash_table_unref (greeter->codes);
  g_hash_table_unref (greeter->replacements);
  g_free (greeter);
}

guint
tilld_greeter_waiting (const TilldGreeter *greeter)
{
  return greeter->waiting.length;
}

guint
tilld_greeter_links (const TilldGreeter *greeter)
{
  return greeter->all.length;
}
