/* SPDX-License-Identifier: GPL-2.0-or-later
 * link.c: state of one link. How bytes travel is the transport's, what they mean the front's. */
#include "server/field/link.h"
#include <string.h>
#include "server/crypto/mac.h"
#include "server/field/bus.h"
#include "server/field/greeting.h"
#include "server/field/recorder.h"
#include "server/field/transport.h"
#include "shared/base/till-error.h"
#include "shared/base/till-log.h"

#define BIT(state) (1u << (state))

const guint8 tilld_link_edges[TILLD_LINK_STATES] = {
  [TILLD_LINK_DOWN] = BIT (TILLD_LINK_RESOLVING) | BIT (TILLD_LINK_CONNECTING) | BIT (TILLD_LINK_GREETING),
  [TILLD_LINK_RESOLVING] = BIT (TILLD_LINK_DOWN) | BIT (TILLD_LINK_CONNECTING),
  [TILLD_LINK_CONNECTING] = BIT (TILLD_LINK_DOWN) | BIT (TILLD_LINK_UP),
  [TILLD_LINK_GREETING] = BIT (TILLD_LINK_DOWN) | BIT (TILLD_LINK_UP),
  [TILLD_LINK_UP] = BIT (TILLD_LINK_DOWN),
};

static gint64 instances;

static gboolean
parse_address (TilldLink *link, const char *address, GError **error)
{
  const char *colon = strrchr (address, ':');
  gsize       host_len = colon == NULL ? 0 : (gsize) (colon - address);
  guint64     port = 0;

  if (address[0] == '/')
    {
      if (strlen (address) >= sizeof link->host)
        return till_fail (error, TILL_ERROR_INVALID, "the path \"%s\" is too long", address);
      g_strlcpy (link->host, address, sizeof link->host);
      return TRUE;
    }
  if (host_len > 2 && address[0] == '[' && address[host_len - 1] == ']')
    {
      address++;
      host_len -= 2;
    }
  if (colon == NULL || host_len == 0 || host_len >= sizeof link->host || !g_ascii_string_to_unsigned (colon + 1, 10, 1, 65535, &port, NULL))
    return till_fail (error, TILL_ERROR_INVALID, "the address \"%s\" is not HOST:PORT", address);
  memcpy (link->host, address, host_len);
  link->host[host_len] = '\0';
  link->port = (guint16) port;
  return TRUE;
}

static void
timer_fired (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  TilldLink *link = data;
  gint64     silent_ms;

  switch (link->state)
    {
    case TILLD_LINK_DOWN:
      if (link->wanted)
        link->transport->dial (link);
      return;
    case TILLD_LINK_RESOLVING:
    case TILLD_LINK_CONNECTING:
      tilld_link_close (link, "no connection within the limit");
      return;
    case TILLD_LINK_GREETING:
      return; /* the greeting has a timer of its own */
    case TILLD_LINK_UP:
      silent_ms = (tilld_reactor_now_us (reactor) - link->heard_us) / 1000;
      if (silent_ms >= link->silence_ms)
        tilld_link_close (link, "silent for too long");
      else
        tilld_timer_arm (reactor, timer, link->silence_ms - silent_ms);
      return;
    case TILLD_LINK_STATES:
      break;
    }
  g_assert_not_reached ();
}

static void
front_timer_fired (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  TilldLink *link = data;

  if (!link->deaf && link->front_state != NULL && link->front->timer != NULL)
    link->front->timer (link);
}

gboolean
tilld_link_init (TilldLink *link, TilldReactor *reactor, const TilldTransport *transport, const TilldFront *front, const char *code,
                 const char *address, GError **error)
{
  memset (link, 0, sizeof *link);
  link->fd = -1;
  link->reactor = reactor;
  link->transport = transport;
  link->front = front;
  link->silence_ms = 180000;
  g_strlcpy (link->code, code, sizeof link->code);
  tilld_timer_init (&link->timer, timer_fired, link);
  tilld_timer_init (&link->front_timer, front_timer_fired, link);
  tilld_backoff_init (&link->backoff, &tilld_backoff_link, g_str_hash (code));
  link->watch.fd = -1;
  return address == NULL || parse_address (link, address, error);
}

void
tilld_link_add_port (TilldLink *link, TilldBus *bus)
{
  g_assert (link->state != TILLD_LINK_UP && bus->link == NULL && link->n_ports < TILLD_PORTS_MAX);
  link->ports = g_renew (TilldBus *, link->ports, link->n_ports + 1);
  link->ports[link->n_ports++] = bus;
  bus->link = link;
  tilld_bus_set_pace (bus, link->front->pace);
}

TilldBus *
tilld_link_port (TilldLink *link, guint port)
{
  for (guint i = 0; i < link->n_ports; i++)
    if (link->ports[i]->port == port)
      return link->ports[i];
  return NULL;
}

static void
end_front (TilldLink *link)
{
  tilld_timer_disarm (link->reactor, &link->front_timer);
  if (link->front_state == NULL)
    return;
  if (link->front->end != NULL)
    link->front->end (link);
  tilld_wipe (link->front_state, link->front->state_size + 1);
  g_clear_pointer (&link->front_state, g_free);
}

static void
begin_front (TilldLink *link)
{
  g_assert (link->front_state == NULL);
  link->front_state = g_malloc0 (link->front->state_size + 1);
  if (link->front->begin != NULL)
    link->front->begin (link);
}

void
tilld_link_set_front (TilldLink *link, const TilldFront *front)
{
  end_front (link);
  link->front = front;
  for (guint i = 0; i < link->n_ports; i++)
    tilld_bus_set_pace (link->ports[i], front->pace);
  if (link->state == TILLD_LINK_GREETING || link->state == TILLD_LINK_UP)
    begin_front (link);
}

void
tilld_link_set_state (TilldLink *link, TilldLinkState next)
{
  gint64 now = tilld_reactor_now_us (link->reactor);

  g_assert (tilld_link_edges[link->state] & BIT (next));
  link->state = next;
  if (next == TILLD_LINK_GREETING || (next == TILLD_LINK_UP && link->front_state == NULL))
    {
      link->instance = ++instances;
      link->heard_us = now;
      link->connects++;
      begin_front (link);
    }
  if (link->recorder != NULL && (next == TILLD_LINK_UP || next == TILLD_LINK_DOWN))
    tilld_recorder_link (link->recorder, next == TILLD_LINK_UP ? "up" : "down");
  if (next == TILLD_LINK_UP)
    {
      link->up_us = now;
      tilld_timer_arm (link->reactor, &link->timer, link->silence_ms);
    }
  for (guint i = 0; i < link->n_ports; i++)
    tilld_bus_link_changed (link->ports[i]);
  if (next == TILLD_LINK_DOWN)
    end_front (link);
  if (link->changed != NULL)
    link->changed (link, link->data);
}

void
tilld_link_open (TilldLink *link)
{
  link->wanted = TRUE;
  if (link->state == TILLD_LINK_DOWN && !tilld_timer_is_armed (&link->timer))
    link->transport->dial (link);
}

void
tilld_link_close (TilldLink *link, const char *reason)
{
  if (link->state == TILLD_LINK_DOWN)
    return;
  /* The first failure is news, the next attempts are not. */
  if (link->state == TILLD_LINK_UP || (link->wanted && link->backoff.last_ms == 0))
    till_info (TILL_LOG_GATEWAY (link->code), "%s: %s", link->state == TILLD_LINK_UP ? "link closed" : "no link", reason);
  else
    till_debug (TILL_LOG_GATEWAY (link->code), "no link: %s", reason);
  tilld_timer_disarm (link->reactor, &link->timer);
  link->transport->drop (link);
  if (link->wanted)
    tilld_timer_arm (link->reactor, &link->timer, tilld_backoff_next_ms (&link->backoff));
  tilld_link_set_state (link, TILLD_LINK_DOWN);
}

void
tilld_link_stop (TilldLink *link)
{
  link->wanted = FALSE;
  tilld_link_close (link, "stopped");
  tilld_timer_disarm (link->reactor, &link->timer);
}

void
tilld_link_clear (TilldLink *link)
{
  link->changed = NULL;
  tilld_link_stop (link);
  tilld_link_forget_ports (link);
}

void
tilld_link_forget_ports (TilldLink *link)
{
  g_assert (link->state == TILLD_LINK_DOWN);
  for (guint i = 0; i < link->n_ports; i++)
    link->ports[i]->link = NULL;
  link->n_ports = 0;
  g_clear_pointer (&link->ports, g_free);
}

gboolean
tilld_link_send (TilldLink *link, const guint8 *bytes, guint len)
{
  g_assert (link->state == TILLD_LINK_UP || link->state == TILLD_LINK_GREETING);
  if (link->recorder != NULL)
    tilld_recorder_bytes (link->recorder, TRUE, bytes, len);
  return link->transport->send (link, bytes, len);
}

gboolean
tilld_link_holds (const TilldLink *link, gint64 instance)
{
  return link->instance == instance && (link->state == TILLD_LINK_UP || link->state == TILLD_LINK_GREETING);
}

void
tilld_link_receive (TilldLink *link, const guint8 *bytes, guint len)
{
  gint64 instance = link->instance;

  link->heard_us = tilld_reactor_now_us (link->reactor);
  link->bytes_in += len;
  if (link->deaf)
    return;
  if (link->recorder != NULL)
    tilld_recorder_bytes (link->recorder, FALSE, bytes, len);
  link->receiving = TRUE; /* nothing leaves before these bytes are judged: they came before it and are no answer to it */
  link->front->feed (link, bytes, len);
  link->receiving = FALSE;
  if (link->state == TILLD_LINK_GREETING && link->bytes_in > link->greeting_limit)
    tilld_greeting_refuse (link, NULL, "too many bytes before it said who it is");
  for (guint i = 0; tilld_link_holds (link, instance) && i < link->n_ports; i++)
    tilld_bus_kick (link->ports[i]);
}
