/* SPDX-License-Identifier: GPL-2.0-or-later
 * front-1f1f.c: a vendor's gateway with many ports: an md5 over a secret as greeting, requests and answers inside AES-CBC, reports that
 * nobody asked for. What it reports is shown and kept, and decides nothing. */
#include <string.h>
#include "server/core/clock.h"
#include "server/crypto/mac.h"
#include "server/field/facts.h"
#include "server/field/greeting.h"
#include "server/wire/vendor-1f1f.h"
#include "shared/base/till-log.h"

typedef struct {
  Tilld1f1fParser parser;
  Tilld1f1fHello  hello; /* building and gateway of its request, our sequence */
  gboolean        asked; /* the sequence is out */
  guint8          secret[TILLD_1F1F_SECRET];
  guint64         dropped;
} State;

static void
begin (TilldLink *link)
{
  tilld_1f1f_init (&((State *) link->front_state)->parser);
}

static void
end (TilldLink *link)
{
  tilld_1f1f_clear (&((State *) link->front_state)->parser);
}

static gboolean
say (TilldLink *link, const GByteArray *frame)
{
  return tilld_link_send (link, frame->data, frame->len);
}

static gboolean
say_hello (TilldLink *link, Tilld1f1fStep step)
{
  State                 *s = link->front_state;
  g_autoptr(GByteArray)  frame = g_byte_array_new ();

  s->hello.step = step;
  tilld_1f1f_hello_write (&s->hello, frame);
  return say (link, frame);
}

/* --- greeting: each failure closes, and counts --- */

static gboolean
refuse (TilldLink *link, const char *code, const char *reason)
{
  tilld_greeting_refuse (link, code, reason);
  return FALSE;
}

/* Whose record it is; all its lines. FALSE: nobody's, or without a secret. */
static gboolean
find (TilldLink *link, TilldCaller *ret_who)
{
  State            *s = link->front_state;
  g_autoptr(GError) error = NULL;

  if (!tilld_greeting_by_text (link, (const guint8 *) s->hello.gateway, strlen (s->hello.gateway), ret_who))
    return FALSE;
  ret_who->port = 0;
  return tilld_greeting_vendor_secret (ret_who->station, s->secret, &error) || refuse (link, ret_who->station->record.code, error->message);
}

static gboolean
take_request (TilldLink *link, const Tilld1f1fHello *hello)
{
  State      *s = link->front_state;
  TilldCaller who;

  g_strlcpy (s->hello.building, hello->building, sizeof s->hello.building);
  g_strlcpy (s->hello.gateway, hello->gateway, sizeof s->hello.gateway);
  if (!find (link, &who))
    return FALSE;
  tilld_1f1f_sequence (s->hello.sequence);
  s->asked = TRUE;
  return say_hello (link, TILLD_1F1F_ASK);
}

static gboolean
take_proof (TilldLink *link, const Tilld1f1fHello *hello)
{
  State      *s = link->front_state;
  TilldCaller who;
  char        code[17];

  if (!find (link, &who))
    return FALSE;
  s->hello.passed = g_str_equal (s->hello.gateway, hello->gateway) && tilld_1f1f_md5_check (s->secret, s->hello.sequence, hello->md5);
  s->asked = FALSE; /* a second guess needs another sequence */
  g_strlcpy (code, who.station->record.code, sizeof code);
  if (!s->hello.passed)
    return say_hello (link, TILLD_1F1F_RESULT) && refuse (link, code, "wrong md5");
  if (!tilld_greeting_accept (link, &who, TILL_LINK_CLASS_VENDOR_AES))
    return FALSE;
  s->parser.limit = TILLD_1F1F_MAX;
  return say_hello (link, TILLD_1F1F_RESULT);
}

static gboolean
greet (TilldLink *link, const Tilld1f1fFrame *frame)
{
  State            *s = link->front_state;
  Tilld1f1fHello    hello;
  g_autoptr(GError) error = NULL;

  if (!tilld_1f1f_hello_read (frame, &hello, &error))
    return refuse (link, NULL, error->message);
  if (hello.step == TILLD_1F1F_REQUEST && !s->asked)
    return take_request (link, &hello);
  if (hello.step == TILLD_1F1F_PROVE && s->asked)
    return take_proof (link, &hello);
  return refuse (link, NULL, "a step of the greeting out of turn");
}

/* --- afterwards: what does not fit is dropped --- */

static gboolean
drop (TilldLink *link, const char *reason)
{
  State *s = link->front_state;

  if (s->dropped++ == 0)
    till_info (TILL_LOG_GATEWAY (link->code), "a frame was dropped: %s", reason);
  return TRUE;
}

static gboolean
say_time (TilldLink *link)
{
  State                 *s = link->front_state;
  TillTime               now = tilld_clock_wall (tilld_reactor_get_clock (link->reactor));
  gint64                 civil_s = now / TILL_SECOND + 60 * till_zone_offset_min (link->station->zone, now);
  g_autoptr(GDateTime)   local = g_date_time_new_from_unix_utc (civil_s);
  g_autofree char       *text = g_date_time_format (local, "%Y%m%d%H%M%S");
  g_autoptr(GByteArray)  frame = g_byte_array_new ();

  tilld_1f1f_beat_write (&s->hello, text, frame);
  return say (link, frame);
}

static gboolean
take_report (TilldLink *link, const Tilld1f1fFrame *frame)
{
  State            *s = link->front_state;
  g_autoptr(GArray) readings = g_array_new (FALSE, FALSE, sizeof (Tilld1f1fReading));
  g_autoptr(GError) error = NULL;

  if (!tilld_1f1f_data_read (frame, s->secret, readings, &error))
    return drop (link, error->message);
  for (guint i = 0; i < readings->len; i++)
    {
      const Tilld1f1fReading *r = &g_array_index (readings, Tilld1f1fReading, i);

      tilld_facts_energies (link->station, r->port, r->unit, r->total, r->rate);
    }
  return TRUE;
}

static gboolean
take_answer (TilldLink *link, const Tilld1f1fFrame *frame)
{
  State            *s = link->front_state;
  TilldBus         *bus;
  Tilld1f1fAdu      adu;
  guint16           crc;
  g_autoptr(GError) error = NULL;

  if (!tilld_1f1f_adu_read (frame, s->secret, &adu, &error))
    return drop (link, error->message);
  bus = tilld_link_port (link, adu.port);
  if (bus == NULL)
    return drop (link, "an answer of a port that has no record");
  tilld_bus_heard (bus);
  if (tilld_bus_is_quiet (bus) || !bus->expecting)
    return TRUE; /* of a request that is over */
  crc = tilld_rtu_crc (adu.adu, adu.adu_len - 2);
  if (adu.unit != bus->expected_unit || adu.adu[0] != adu.unit || adu.adu[adu.adu_len - 2] != (guint8) crc ||
      adu.adu[adu.adu_len - 1] != (guint8) (crc >> 8))
    return tilld_bus_answered (bus, TILLD_BUS_GARBAGE, NULL, 0);
  return tilld_bus_answered (bus, TILLD_BUS_OK, adu.adu + 1, adu.adu_len - 3);
}

/* FALSE: the link is closed, or nobody's. */
static gboolean
take_frame (TilldLink *link, const Tilld1f1fFrame *frame)
{
  if (link->state == TILLD_LINK_GREETING)
    return greet (link, frame);
  switch (frame->type)
    {
    case TILLD_1F1F_BEAT:
      return say_time (link);
    case TILLD_1F1F_DATA:
    case TILLD_1F1F_DATA_ZIP:
      return take_report (link, frame);
    case TILLD_1F1F_UP:
      return take_answer (link, frame);
    default:
      return drop (link, "of a type that is not used");
    }
}

static void
feed (TilldLink *link, const guint8 *bytes, guint len)
{
  State         *s = link->front_state;
  Tilld1f1fFrame frame;

  while (len > 0)
    {
      gsize           used = 0;
      Tilld1f1fResult result = tilld_1f1f_feed (&s->parser, bytes, len, &used, &frame);

      bytes += used;
      len -= (guint) used;
      if (result == TILLD_1F1F_CLOSE)
        {
          if (link->state == TILLD_LINK_GREETING)
            tilld_greeting_refuse (link, NULL, "no frame, or too long a one");
          else
            tilld_link_close (link, "no frame, or too long a one");
          return;
        }
      if (result == TILLD_1F1F_FRAME && !take_frame (link, &frame))
        return;
    }
}

static gboolean
request (TilldLink *link, TilldBus *bus, const TilldMbRequest *request, guint timeout_ms)
{
  State                 *s = link->front_state;
  Tilld1f1fAdu           adu = { .port = bus->port, .unit = request->unit };
  g_autoptr(GByteArray)  frame = g_byte_array_sized_new (TILLD_RTU_MAX * 2 + 64);

  bus->expecting = TRUE;
  bus->expected_unit = request->unit;
  adu.adu_len = tilld_rtu_encode (request, adu.adu);
  tilld_1f1f_adu_write (TILLD_1F1F_DOWN, s->secret, &adu, frame);
  return say (link, frame);
}

static void
idle (TilldLink *link, TilldBus *bus)
{
  bus->expecting = FALSE;
}

const TilldFront tilld_front_1f1f = { .name = "1f1f", .state_size = sizeof (State), .pace = TILLD_PACE_MOBILE, .begin = begin, .end = end,
                                      .request = request, .idle = idle, .feed = feed };
