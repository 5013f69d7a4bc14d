/* SPDX-License-Identifier: GPL-2.0-or-later
 * link.c: state of one link. Sockets are transport-tcp.c's, bytes the front's. */
#include "server/field/link.h"
#include <string.h>
#include "server/core/clock.h"
#include "server/field/bus.h"
#include "shared/base/till-error.h"
#include "shared/base/till-log.h"

#define BIT(state) (1u << (state))

const guint8 tilld_link_edges[TILLD_LINK_STATES] = {
  [TILLD_LINK_DOWN] = BIT (TILLD_LINK_RESOLVING) | BIT (TILLD_LINK_CONNECTING),
  [TILLD_LINK_RESOLVING] = BIT (TILLD_LINK_DOWN) | BIT (TILLD_LINK_CONNECTING),
  [TILLD_LINK_CONNECTING] = BIT (TILLD_LINK_DOWN) | BIT (TILLD_LINK_UP),
  [TILLD_LINK_UP] = BIT (TILLD_LINK_DOWN),
};

static gint64 instances;

static gboolean
parse_address (TilldLink *link, const char *address, GError **error)
{
  const char *colon = strrchr (address, ':');
  gsize       host_len = colon == NULL ? 0 : (gsize) (colon - address);
  guint64     port = 0;

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
        tilld_tcp_dial (link);
      return;
    case TILLD_LINK_RESOLVING:
    case TILLD_LINK_CONNECTING:
      tilld_link_close (link, "no connection within the limit");
      return;
    case TILLD_LINK_UP:
      silent_ms = (tilld_clock_boot_us (tilld_reactor_get_clock (reactor)) - link->heard_us) / 1000;
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

gboolean
tilld_link_init (TilldLink *link, TilldReactor *reactor, const TilldFront *front, const char *code, const char *address, GError **error)
{
  memset (link, 0, sizeof *link);
  link->fd = -1;
  link->reactor = reactor;
  link->front = front;
  link->silence_ms = 180000;
  g_strlcpy (link->code, code, sizeof link->code);
  tilld_timer_init (&link->timer, timer_fired, link);
  tilld_backoff_init (&link->backoff, &tilld_backoff_link, g_str_hash (code));
  link->watch.fd = -1;
  return parse_address (link, address, error);
}

void
tilld_link_set_state (TilldLink *link, TilldLinkState next)
{
  TilldClock *clock = tilld_reactor_get_clock (link->reactor);

  g_assert (tilld_link_edges[link->state] & BIT (next));
  link->state = next;
  if (next == TILLD_LINK_UP)
    {
      link->instance = ++instances;
      link->session_epoch = 0;
      link->heard_us = tilld_clock_boot_us (clock);
      link->connects++;
      link->out_len = 0;
      link->front->begin (link);
      tilld_timer_arm (link->reactor, &link->timer, link->silence_ms);
    }
  if (link->bus != NULL)
    tilld_bus_link_changed (link->bus);
  if (link->changed != NULL)
    link->changed (link, link->data);
}

void
tilld_link_open (TilldLink *link)
{
  link->wanted = TRUE;
  if (link->state == TILLD_LINK_DOWN && !tilld_timer_is_armed (&link->timer))
    tilld_tcp_dial (link);
}

void
tilld_link_close (TilldLink *link, const char *reason)
{
  if (link->state == TILLD_LINK_DOWN)
    return;
  /* The first failure is news, the next attempts are not. */
  if (link->wanted && (link->state == TILLD_LINK_UP || link->backoff.last_ms == 0))
    till_info (TILL_LOG_GATEWAY (link->code), "%s: %s", link->state == TILLD_LINK_UP ? "link closed" : "no link", reason);
  tilld_timer_disarm (link->reactor, &link->timer);
  tilld_tcp_drop (link);
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
}
