/* SPDX-License-Identifier: GPL-2.0-or-later
 * front-7b7b.c: a vendor's meter with its own 4G module. Its serial is its registration and all the authentication there is: a clear
 * link. One line, one request at a time; what it uploads by itself is shown and kept, and decides nothing. */
#include <string.h>
#include "server/core/clock.h"
#include "server/field/facts.h"
#include "server/field/greeting.h"
#include "server/wire/vendor-7b7b.h"
#include "shared/base/till-log.h"

#define SILENCE_MS 500 /* inside a frame: it will not end */

typedef struct {
  Tilld7b7bParser parser;
  char            serial[TILLD_7B7B_SERIAL + 1];
  guint64         unread; /* uploads that the model does not know */
} State;

static void
begin (TilldLink *link)
{
  tilld_7b7b_init (&((State *) link->front_state)->parser);
}

static gboolean
say (TilldLink *link, guint8 cmd, const guint8 *payload, guint len)
{
  guint8 frame[TILLD_RTU_MAX + 16];

  return tilld_link_send (link, frame, tilld_7b7b_write (cmd, payload, len, frame));
}

static gboolean
say_time (TilldLink *link)
{
  TillTime             now = tilld_clock_wall (tilld_reactor_get_clock (link->reactor));
  gint64               civil_s = now / TILL_SECOND + 60 * till_zone_offset_min (link->station->zone, now);
  g_autoptr(GDateTime) local = g_date_time_new_from_unix_utc (civil_s);
  Tilld7b7bTime        time = { (guint) g_date_time_get_year (local), (guint) g_date_time_get_month (local),
                                (guint) g_date_time_get_day_of_month (local), (guint) g_date_time_get_day_of_week (local) % 7,
                                (guint) g_date_time_get_hour (local), (guint) g_date_time_get_minute (local),
                                (guint) g_date_time_get_second (local) };
  guint8               payload[7];

  tilld_7b7b_time (&time, payload);
  return say (link, TILLD_7B7B_TIME, payload, sizeof payload);
}

/* FALSE: nothing more is to be fed. */
static gboolean
take_register (TilldLink *link, const Tilld7b7bFrame *frame)
{
  State            *s = link->front_state;
  TilldCaller       who;
  TilldGatewayFacts facts = { .rssi_dbm = tilld_7b7b_dbm (frame->csq) };

  if (link->state == TILLD_LINK_GREETING)
    {
      if (!tilld_greeting_by_text (link, (const guint8 *) frame->serial, strlen (frame->serial), &who) ||
          !tilld_greeting_accept (link, &who, TILL_LINK_CLASS_CLEAR))
        return FALSE;
      g_strlcpy (s->serial, frame->serial, sizeof s->serial);
    }
  else if (!g_str_equal (s->serial, frame->serial))
    {
      tilld_link_close (link, "it registers again as another");
      return FALSE;
    }
  g_strlcpy (facts.serial, frame->serial, sizeof facts.serial);
  g_strlcpy (facts.iccid, frame->iccid, sizeof facts.iccid);
  g_strlcpy (facts.firmware, frame->fw, sizeof facts.firmware);
  tilld_facts_told (link->station, &facts);
  return say (link, TILLD_7B7B_REGISTER, NULL, 0);
}

static gboolean
take_upload (TilldLink *link, Tilld7b7bFrame *frame)
{
  State           *s = link->front_state;
  Tilld7b7bSection section;

  while (tilld_7b7b_section (frame, &section))
    if (!tilld_facts_registers (link->station, link->ports[0]->port, section.unit, section.data, section.data_len) && s->unread++ == 0)
      till_info (TILL_LOG_GATEWAY (link->code), "an upload of %u bytes from unit %u is not known to its model, or not a value",
                 section.data_len, section.unit);
  return say (link, TILLD_7B7B_UPLOAD, NULL, 0);
}

/* An answer while nobody waits is of a request that is over. */
static gboolean
take_answer (TilldLink *link, const Tilld7b7bFrame *frame)
{
  TilldBus *bus = link->ports[0];

  tilld_bus_heard (bus);
  if (tilld_bus_is_quiet (bus) || !bus->expecting)
    return TRUE;
  if (frame->adu == NULL)
    return tilld_bus_answered (bus, TILLD_BUS_TIMEOUT, NULL, 0);
  if (frame->adu[0] != bus->expected_unit)
    return tilld_bus_answered (bus, TILLD_BUS_GARBAGE, NULL, 0);
  return tilld_bus_answered (bus, TILLD_BUS_OK, frame->adu + 1, frame->adu_len - 3);
}

static gboolean
take_frame (TilldLink *link, Tilld7b7bFrame *frame)
{
  if (frame->cmd == TILLD_7B7B_REGISTER)
    return take_register (link, frame);
  if (link->state == TILLD_LINK_GREETING)
    return TRUE; /* not before it said who it is */
  switch (frame->cmd)
    {
    case TILLD_7B7B_TIME:
      return say_time (link);
    case TILLD_7B7B_UPLOAD:
      return take_upload (link, frame);
    case TILLD_7B7B_TRANSPARENT:
      return take_answer (link, frame);
    case TILLD_7B7B_HEARTBEAT:
      return TRUE;
    default:
      till_debug (TILL_LOG_GATEWAY (link->code), "frame %02x is not used", frame->cmd);
      return TRUE;
    }
}

static void
close_or_refuse (TilldLink *link)
{
  if (link->state == TILLD_LINK_GREETING)
    tilld_greeting_refuse (link, NULL, "bytes that are no frames");
  else
    tilld_link_close (link, "too many bytes that are no frames");
}

/* FALSE: the link is closed, or nobody's. */
static gboolean
take_result (TilldLink *link, Tilld7b7bResult result, Tilld7b7bFrame *frame)
{
  if (result == TILLD_7B7B_FRAME)
    return take_frame (link, frame);
  if (result != TILLD_7B7B_CLOSE)
    return TRUE;
  close_or_refuse (link);
  return FALSE;
}

static void
feed (TilldLink *link, const guint8 *bytes, guint len)
{
  State          *s = link->front_state;
  Tilld7b7bFrame  frame;
  Tilld7b7bResult result = TILLD_7B7B_FRAME;

  while (len > 0 || result == TILLD_7B7B_FRAME)
    {
      gsize used = 0;

      result = tilld_7b7b_feed (&s->parser, bytes, len, &used, &frame);
      bytes += used;
      len -= (guint) used;
      if (!take_result (link, result, &frame))
        return;
    }
  if (s->parser.len > 0)
    tilld_timer_arm (link->reactor, &link->front_timer, SILENCE_MS);
  else
    tilld_timer_disarm (link->reactor, &link->front_timer);
}

/* A frame has begun and does not go on. */
static void
timer (TilldLink *link)
{
  State          *s = link->front_state;
  Tilld7b7bFrame  frame;
  Tilld7b7bResult result = tilld_7b7b_silent (&s->parser, &frame);

  if (take_result (link, result, &frame))
    feed (link, NULL, 0);
}

static gboolean
request (TilldLink *link, TilldBus *bus, const TilldMbRequest *request, guint timeout_ms)
{
  guint8 adu[TILLD_RTU_MAX];

  bus->expecting = TRUE;
  bus->expected_unit = request->unit;
  return say (link, TILLD_7B7B_TRANSPARENT, adu, tilld_rtu_encode (request, adu));
}

static void
idle (TilldLink *link, TilldBus *bus)
{
  bus->expecting = FALSE;
}

const TilldFront tilld_front_7b7b = { .name = "7b7b", .state_size = sizeof (State), .pace = TILLD_PACE_MOBILE, .begin = begin, .request = request,
                                      .idle = idle, .feed = feed, .timer = timer };
