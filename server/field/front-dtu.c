/* SPDX-License-Identifier: GPL-2.0-or-later
 * front-dtu.c: registration text of a DTU; then its line is transparent RTU. The server sends nothing but requests. */
#include <string.h>
#include "server/field/greeting.h"
#include "server/wire/dtu-text.h"

#define SILENCE_MS 300

/* What the stream begins with: heartbeats and prefix are the record's, known before the front is. */
static void
become_stream (TilldLink *link, const TilldCaller *who, const TilldDtuText *text)
{
  const TilldFieldGateway *record = &who->station->record;

  link->heartbeat_len = MIN (record->heartbeat_len, TILLD_RTU_PATTERN_MAX);
  memcpy (link->heartbeat, record->heartbeat, link->heartbeat_len);
  if (record->prefix_mode)
    {
      link->prefix_len = text->len;
      memcpy (link->prefix, text->bytes, text->len);
    }
  tilld_link_set_front (link, &tilld_front_stream);
}

static void
registered (TilldLink *link, const guint8 *rest, guint n_rest)
{
  TilldDtuText  text = *(TilldDtuText *) link->front_state;
  TilldCaller who;

  tilld_timer_disarm (link->reactor, &link->front_timer); /* the end is there: silence will not say it once more */
  tilld_dtu_text_trim (&text);
  if (text.len == 0)
    {
      tilld_greeting_refuse (link, NULL, "no registration text");
      return;
    }
  if (!tilld_greeting_by_text (link, text.bytes, text.len, &who))
    return;
  become_stream (link, &who, &text);
  if (tilld_greeting_accept (link, &who, TILL_LINK_CLASS_CLEAR) && n_rest > 0)
    link->front->feed (link, rest, n_rest);
}

static void
silent (TilldLink *link)
{
  registered (link, NULL, 0);
}

static void
feed (TilldLink *link, const guint8 *bytes, guint len)
{
  gsize used = 0;

  if (tilld_dtu_text_feed (link->front_state, bytes, len, &used))
    registered (link, bytes + used, len - (guint) used);
  else
    tilld_timer_arm (link->reactor, &link->front_timer, SILENCE_MS);
}

const TilldFront tilld_front_dtu = { .name = "dtu", .state_size = sizeof (TilldDtuText), .pace = TILLD_PACE_MOBILE, .feed = feed, .timer = silent };
