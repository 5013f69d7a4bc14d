/* SPDX-License-Identifier: GPL-2.0-or-later
 * front-gt3.c: the gateway envelope as a front: greeting with proof of the key, then requests of many ports, each known by its tid.
 * What it may not do: send a request twice, or judge what an answer means for money. */
#include <string.h>
#include "server/core/clock.h"
#include "server/crypto/mac.h"
#include "server/field/facts.h"
#include "server/field/greeting.h"
#include "server/wire/gt3-message.h"
#include "shared/base/till-log.h"

#define TTL_MS        2000
#define GRACE_MS      2000 /* longer than the gateway promised */
#define REKEY_MS      (12 * 3600 * 1000)
#define REKEY_WAIT_MS 10000

typedef enum { STEP_HELLO, STEP_PROVE, STEP_TALK } Step;

typedef struct {
  Step              step;
  guint8            bytes[TILLD_GT3_HELLO]; /* of the greeting, as they come */
  guint             len;
  TilldGt3Handshake handshake;
  char              code[TILLD_GT3_ID + 1];
  TilldGt3Session   session;
  guint16           tid;
  gboolean          rekey_due;
  gboolean          echo_due, time_due; /* asked while nothing may be sent */
  guint32           uptime_s;
} State;

static void
end (TilldLink *link)
{
  State *s = link->front_state;

  tilld_gt3_session_clear (&s->session);
}

/* A direction has come to its limit and no new keys were agreed: error 6, then closed. */
static gboolean
end_of_key (TilldLink *link)
{
  State *s = link->front_state;
  guint8 frame[TILLD_GT3_FRAME_MAX];
  guint  n = tilld_gt3_seal_limit (&s->session, NULL, frame);

  if (n == 0 || tilld_link_send (link, frame, n))
    tilld_link_close (link, tilld_gt3_result_text (TILLD_GT3_BAD_LIMIT));
  return FALSE;
}

/* FALSE: the link is closed. */
static gboolean
say (TilldLink *link, guint8 type, const guint8 *plain, guint len)
{
  State *s = link->front_state;
  guint8 frame[TILLD_GT3_FRAME_MAX];
  guint  n = tilld_gt3_seal (&s->session, type, plain, len, NULL, frame);

  if (n == 0)
    return end_of_key (link);
  return tilld_link_send (link, frame, n);
}

static gboolean
complain (TilldLink *link, TilldGt3ErrorCode code, const char *text)
{
  State   *s = link->front_state;
  guint8   plain[1 + TILLD_GT3_TEXT_MAX];
  gboolean holds = TRUE;

  if (!s->session.rekeying)
    holds = say (link, TILLD_GT3_ERROR, plain, tilld_gt3_error_write (code, text, plain));
  if (holds)
    tilld_link_close (link, text);
  return FALSE;
}

/* --- greeting --- */

static gboolean
is_allowed (TilldStation *station, TilldGt3Suite suite)
{
  return (station->record.suites >> suite & 1) != 0;
}

/* One and the same end for every failure: close without a word. FALSE: it is over. */
static gboolean
take_hello (TilldLink *link)
{
  State            *s = link->front_state;
  TilldCaller       who;
  guint8            master[TILLD_GT3_MASTER], nonce[TILLD_GT3_NONCE];
  g_autoptr(GError) error = NULL;

  if (!tilld_gt3_hello_read (s->bytes, &s->handshake, s->code))
    {
      tilld_greeting_refuse (link, NULL, "no hello");
      return FALSE;
    }
  if (!tilld_greeting_by_code (link, s->code, &who))
    return FALSE;
  if (!is_allowed (who.station, tilld_gt3_suite (&s->handshake)))
    {
      tilld_greeting_refuse (link, s->code, "its record does not allow this suite");
      return FALSE;
    }
  if (!tilld_greeting_master_key (who.station, master, &error))
    {
      tilld_greeting_refuse (link, s->code, error->message);
      return FALSE;
    }
  tilld_random (nonce, sizeof nonce);
  tilld_gt3_answer_write (&s->handshake, master, nonce);
  tilld_wipe (master, sizeof master);
  s->step = STEP_PROVE;
  s->len = 0;
  return tilld_link_send (link, s->handshake.answer, TILLD_GT3_ANSWER);
}

static gboolean
take_prove (TilldLink *link)
{
  State            *s = link->front_state;
  TilldCaller       who;
  guint8            master[TILLD_GT3_MASTER];
  g_autoptr(GError) error = NULL;
  gboolean          proven, keyed;

  if (!tilld_greeting_by_code (link, s->code, &who))
    return FALSE;
  if (!tilld_greeting_master_key (who.station, master, &error))
    {
      tilld_greeting_refuse (link, s->code, error->message);
      return FALSE;
    }
  proven = tilld_gt3_prove_check (&s->handshake, master, s->bytes);
  keyed = proven && tilld_gt3_session_init (&s->session, TILLD_GT3_SERVER, &s->handshake, master);
  tilld_wipe (master, sizeof master);
  if (!keyed)
    {
      tilld_greeting_refuse (link, s->code, proven ? "weak keys" : "wrong proof");
      return FALSE;
    }
  s->step = STEP_TALK;
  tilld_timer_arm (link->reactor, &link->front_timer, REKEY_MS);
  return tilld_greeting_accept (link, &who, tilld_gt3_suite (&s->handshake) == TILLD_GT3_3DES ? TILL_LINK_CLASS_GT3_3DES : TILL_LINK_CLASS_GT3_AES);
}

/* Takes what the step needs. FALSE: nothing more is to be fed. */
static gboolean
greet (TilldLink *link, const guint8 **bytes, guint *len)
{
  State *s = link->front_state;
  guint  wanted = s->step == STEP_HELLO ? TILLD_GT3_HELLO : TILLD_GT3_PROVE, n = MIN (*len, wanted - s->len);

  memcpy (s->bytes + s->len, *bytes, n);
  s->len += n;
  *bytes += n;
  *len -= n;
  if (s->step == STEP_HELLO && !tilld_gt3_hello_begins (s->bytes, s->len))
    {
      tilld_greeting_refuse (link, NULL, "no hello");
      return FALSE;
    }
  if (s->len < wanted)
    return TRUE;
  return s->step == STEP_HELLO ? take_hello (link) : take_prove (link);
}

/* --- new keys --- */

static gboolean
is_in_flight (TilldLink *link)
{
  for (guint i = 0; i < link->n_ports; i++)
    if (link->ports[i]->expecting)
      return TRUE;
  return FALSE;
}

/* As soon as nothing is in flight; until then nothing new is sent. */
static gboolean
rekey (TilldLink *link)
{
  State *s = link->front_state;
  guint8 frame[TILLD_GT3_FRAME_MAX], nonce[TILLD_GT3_NONCE];
  guint  n;

  s->rekey_due = TRUE;
  if (s->session.rekeying || is_in_flight (link))
    return TRUE;
  tilld_random (nonce, sizeof nonce);
  n = tilld_gt3_rekey_begin (&s->session, nonce, NULL, frame);
  if (n == 0)
    return end_of_key (link);
  tilld_timer_arm (link->reactor, &link->front_timer, REKEY_WAIT_MS);
  return tilld_link_send (link, frame, n);
}

static gboolean
say_time (TilldLink *link)
{
  TillTime now = tilld_clock_wall (tilld_reactor_get_clock (link->reactor));
  guint8   plain[11];
  guint    n = tilld_gt3_time_write (now / 1000, (gint16) till_zone_offset_min (link->station->zone, now), plain);

  return say (link, TILLD_GT3_TIME, plain, n);
}

static gboolean
say_echo (TilldLink *link)
{
  State *s = link->front_state;
  guint8 plain[5];

  tilld_gt3_heartbeat_write (s->uptime_s, 0, plain);
  return say (link, TILLD_GT3_HEARTBEAT, plain, 4);
}

/* What was asked while new keys were agreed. */
static gboolean
say_what_waits (TilldLink *link)
{
  State *s = link->front_state;

  if (s->echo_due && !s->session.rekeying)
    {
      s->echo_due = FALSE;
      if (!say_echo (link))
        return FALSE;
    }
  if (!s->time_due || s->session.rekeying)
    return TRUE;
  s->time_due = FALSE;
  return say_time (link);
}

static gboolean
take_rekey (TilldLink *link, const TilldGt3Frame *frame)
{
  State *s = link->front_state;

  if (frame->len == 1 && frame->plain[0] == 0x00)
    return rekey (link);
  if (frame->len != 1 + TILLD_GT3_NONCE || frame->plain[0] != 0x02)
    return complain (link, TILLD_GT3_ERROR_PLAIN, "new keys: neither 00 nor 02 and a nonce");
  if (!tilld_gt3_rekey_end (&s->session, frame->plain + 1))
    return complain (link, TILLD_GT3_ERROR_REKEY, "new keys were not agreed");
  s->rekey_due = FALSE;
  tilld_timer_arm (link->reactor, &link->front_timer, REKEY_MS);
  return say_what_waits (link);
}

static void
timer (TilldLink *link)
{
  State *s = link->front_state;

  if (s->step != STEP_TALK || link->state != TILLD_LINK_UP)
    return;
  if (s->session.rekeying)
    tilld_link_close (link, "no answer to new keys");
  else
    rekey (link);
}

/* --- frames --- */

static gboolean
take_answer (TilldBus *bus, const TilldGt3Reply *reply)
{
  guint16 crc;

  switch ((TilldGt3Status) reply->status)
    {
    case TILLD_GT3_STATUS_OK:
      crc = tilld_rtu_crc (reply->adu, reply->adu_len - 2);
      if (reply->adu[0] != bus->expected_unit || reply->adu[reply->adu_len - 2] != (guint8) crc ||
          reply->adu[reply->adu_len - 1] != (guint8) (crc >> 8))
        return tilld_bus_answered (bus, TILLD_BUS_GARBAGE, NULL, 0);
      return tilld_bus_answered (bus, TILLD_BUS_OK, reply->adu + 1, reply->adu_len - 3);
    case TILLD_GT3_STATUS_TIMEOUT:
      return tilld_bus_answered (bus, TILLD_BUS_TIMEOUT, NULL, 0);
    case TILLD_GT3_STATUS_GARBAGE:
      return tilld_bus_answered (bus, TILLD_BUS_GARBAGE, NULL, 0);
    case TILLD_GT3_STATUS_EXPIRED:
    case TILLD_GT3_STATUS_FULL:
    case TILLD_GT3_STATUS_NO_PORT:
      return tilld_bus_answered (bus, TILLD_BUS_NOT_SENT, NULL, 0);
    }
  return TRUE;
}

static gboolean
take_reply (TilldLink *link, const TilldGt3Frame *frame)
{
  TilldGt3Reply reply;
  TilldBus     *bus;

  if (!tilld_gt3_reply_read (frame->plain, frame->len, &reply))
    return complain (link, TILLD_GT3_ERROR_PLAIN, "a reply that is none");
  bus = tilld_link_port (link, reply.port);
  if (bus == NULL || !bus->expecting || bus->tid != reply.tid)
    return TRUE; /* of a request that is over */
  return take_answer (bus, &reply);
}

static gboolean
take_heartbeat (TilldLink *link, const TilldGt3Frame *frame)
{
  State *s = link->front_state;
  gint8  dbm;

  if (!tilld_gt3_heartbeat_read (frame->plain, frame->len, &s->uptime_s, &dbm))
    return complain (link, TILLD_GT3_ERROR_PLAIN, "a heartbeat that is none");
  tilld_facts_signal (link->station, dbm);
  s->echo_due = TRUE;
  return say_what_waits (link);
}

static gboolean
take_time (TilldLink *link, const TilldGt3Frame *frame)
{
  State *s = link->front_state;

  if (frame->len != 1 || frame->plain[0] != 0x01)
    return complain (link, TILLD_GT3_ERROR_PLAIN, "a request for the time that is none");
  s->time_due = TRUE;
  return say_what_waits (link);
}

static gboolean
take_info (TilldLink *link, const TilldGt3Frame *frame)
{
  TilldGt3Info      info;
  TilldGatewayFacts facts = { 0 };

  if (!tilld_gt3_info_read (frame->plain, frame->len, &info))
    return complain (link, TILLD_GT3_ERROR_PLAIN, "facts that are none");
  g_strlcpy (facts.serial, info.serial, sizeof facts.serial);
  g_strlcpy (facts.vendor, info.vendor, sizeof facts.vendor);
  g_strlcpy (facts.model, info.model, sizeof facts.model);
  g_strlcpy (facts.firmware, info.fw, sizeof facts.firmware);
  g_strlcpy (facts.iccid, info.iccid, sizeof facts.iccid);
  g_strlcpy (facts.imei, info.imei, sizeof facts.imei);
  tilld_facts_told (link->station, &facts);
  return TRUE;
}

static gboolean
take_error (TilldLink *link, const TilldGt3Frame *frame)
{
  char   text[TILLD_GT3_TEXT_MAX + 1] = "";
  guint8 code = 0;

  tilld_gt3_error_read (frame->plain, frame->len, &code, text);
  till_info (TILL_LOG_GATEWAY (link->code), "the gateway says error %u: %s", code, text);
  tilld_link_close (link, "the gateway ended it");
  return FALSE;
}

/* FALSE: the link is closed, or another connection. */
static gboolean
take_frame (TilldLink *link, const TilldGt3Frame *frame)
{
  switch (frame->type)
    {
    case TILLD_GT3_REPLY:
      return take_reply (link, frame);
    case TILLD_GT3_HEARTBEAT:
      return take_heartbeat (link, frame);
    case TILLD_GT3_TIME:
      return take_time (link, frame);
    case TILLD_GT3_INFO:
      return take_info (link, frame);
    case TILLD_GT3_REKEY:
      return take_rekey (link, frame);
    case TILLD_GT3_ERROR:
      return take_error (link, frame);
    default:
      return frame->type >= 0x80 || complain (link, TILLD_GT3_ERROR_TYPE, "a frame of a type that a gateway does not send");
    }
}

static void
talk (TilldLink *link, const guint8 *bytes, guint len)
{
  State        *s = link->front_state;
  TilldGt3Frame frame;
  gboolean      holds = TRUE;

  while (holds && len > 0)
    {
      gsize          used = 0;
      TilldGt3Result result = tilld_gt3_feed (&s->session, bytes, len, &used, &frame);

      bytes += used;
      len -= (guint) used;
      if (result == TILLD_GT3_FRAME)
        holds = take_frame (link, &frame);
      else if (result == TILLD_GT3_BAD_LIMIT)
        holds = end_of_key (link);
      else if (result != TILLD_GT3_NEED_MORE)
        {
          tilld_link_close (link, tilld_gt3_result_text (result));
          return;
        }
      if (holds && result == TILLD_GT3_FRAME && tilld_gt3_wants_rekey (&s->session))
        holds = rekey (link);
    }
}

static void
feed (TilldLink *link, const guint8 *bytes, guint len)
{
  const State *s = link->front_state;

  while (len > 0 && s->step != STEP_TALK)
    if (!greet (link, &bytes, &len))
      return; /* nobody, refused, or closed */
  if (len > 0)
    talk (link, bytes, len);
}

/* --- requests --- */

static gboolean
request (TilldLink *link, TilldBus *bus, const TilldMbRequest *request, guint timeout_ms)
{
  State          *s = link->front_state;
  guint8          adu[TILLD_RTU_MAX], plain[TILLD_GT3_REQUEST_MAX];
  TilldGt3Request out = { .port = bus->port, .timeout_ms = (guint16) MIN (timeout_ms, G_MAXUINT16), .ttl_ms = TTL_MS, .adu = adu };

  /* New keys come first: no byte of this one has left, it is asked again. */
  if (s->rekey_due || s->session.rekeying)
    return tilld_bus_answered (bus, TILLD_BUS_NOT_SENT, NULL, 0);
  bus->expecting = TRUE;
  bus->expected_unit = request->unit;
  bus->tid = out.tid = ++s->tid;
  out.adu_len = tilld_rtu_encode (request, adu);
  return say (link, TILLD_GT3_REQUEST, plain, tilld_gt3_request_write (&out, plain));
}

static void
idle (TilldLink *link, TilldBus *bus)
{
  const State *s = link->front_state;

  bus->expecting = FALSE;
  /* Not from in here: the bus still stands in its own functions. */
  if (s != NULL && s->rekey_due && !s->session.rekeying)
    tilld_timer_arm (link->reactor, &link->front_timer, 1);
}

static void
farewell (TilldLink *link, gboolean replaced)
{
  if (replaced)
    complain (link, TILLD_GT3_ERROR_REPLACED, "replaced by a newer connection");
  else
    complain (link, TILLD_GT3_ERROR_STOPPING, "the server stops");
}

TilldGt3Session *
tilld_front_gt3_session (TilldLink *link)
{
  return &((State *) link->front_state)->session;
}

const TilldFront tilld_front_gt3 = { .name = "gt3", .state_size = sizeof (State), .pace = TILLD_PACE_GT3, .trusted_tid = TRUE, .end = end,
                                     .request = request, .idle = idle, .feed = feed, .timer = timer, .farewell = farewell,
                                     .extra_ms = TTL_MS + GRACE_MS };
