/* SPDX-License-Identifier: GPL-2.0-or-later
 * session.c: the session of a gateway in the database: an epoch for each link that came up, its class, how it does. */
#include "server/core/clock.h"
#include "server/domain/money/delivery.h"
#include "server/field/field-private.h"
#include "server/field/station.h"
#include "shared/base/till-log.h"

#define BATCH_MAX 256 /* sessions of one commit: a start or a take-over opens thousands */
#define BATCH_MS  20
#define AGAIN_MS  1000

struct _TilldSessions {
  TilldFieldRole   *field;
  GPtrArray        *waiting; /* TilldStation; opening */
  TilldTimer        timer;
  gboolean          busy;
  guint             n, n_recover, n_recovered;
  TilldStation     *stations[BATCH_MAX];
  TilldSessionOpen  opens[BATCH_MAX];   /* by gateway, once the lane has them */
  TilldOwnedGateway recover[BATCH_MAX]; /* those held for the first time */
};

static gboolean
do_open (TilldDb *db, gpointer data, GError **error)
{
  TilldSessions *s = data;

  return tilld_gateway_sessions_open (db, &s->field->options.run, s->opens, s->n, error) &&
         (s->n_recover == 0 || tilld_delivery_recover (db, s->recover, s->n_recover, &s->n_recovered, error));
}

static gint64
epoch_of (const TilldSessions *s, gint64 gateway)
{
  for (guint low = 0, high = s->n; low < high;)
    {
      guint at = (low + high) / 2;

      if (s->opens[at].gateway == gateway)
        return s->opens[at].epoch;
      if (s->opens[at].gateway < gateway)
        low = at + 1;
      else
        high = at;
    }
  g_assert_not_reached ();
}

static void
opened_one (TilldSessions *s, TilldStation *station, gint64 epoch)
{
  station->recovered = TRUE;
  station->last_epoch = epoch;
  /* A link that came up meanwhile wants an epoch of its own: money goes on waiting. */
  if (!station->stale && tilld_station_is_up (station))
    station->epoch = epoch;
  tilld_session_open (station);
  tilld_owner_session_opened (s->field->owner, station);
}

static void
opened (gpointer data, const GError *error)
{
  TilldSessions *s = data;

  tilld_field_job_ended (s->field);
  s->busy = FALSE;
  if (error != NULL)
    till_warn (TILL_LOG_NONE, error, "sessions of %u gateways not opened", s->n);
  else if (s->n_recovered > 0)
    till_info (TILL_LOG_NONE, "%u orders of an earlier life are read back", s->n_recovered);
  for (guint i = 0; i < s->n; i++)
    {
      s->stations[i]->opening = FALSE;
      if (error != NULL)
        s->stations[i]->stale = TRUE;
      else
        opened_one (s, s->stations[i], epoch_of (s, s->stations[i]->record.id));
    }
  if (s->waiting->len > 0)
    tilld_timer_arm (s->field->reactor, &s->timer, BATCH_MS);
}

static void
timer_fired (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  TilldSessions *s = data;

  if (s->busy)
    return;
  s->n = MIN (s->waiting->len, BATCH_MAX);
  s->n_recover = s->n_recovered = 0;
  for (guint i = 0; i < s->n; i++)
    {
      TilldStation *station = s->stations[i] = g_ptr_array_index (s->waiting, i);

      s->opens[i] = (TilldSessionOpen){ .gateway = station->record.id, .link_class = tilld_station_link_class (station) };
      if (!station->recovered)
        s->recover[s->n_recover++] = (TilldOwnedGateway){ station->record.id, 0 };
    }
  s->busy = s->n > 0 && tilld_field_push (s->field, TILLD_LANE_DELIVERY, TRUE, do_open, opened, s, NULL);
  if (s->busy)
    g_ptr_array_remove_range (s->waiting, 0, s->n);
  else if (s->n > 0)
    tilld_timer_arm (reactor, timer, AGAIN_MS);
}

void
tilld_session_open (TilldStation *station)
{
  TilldSessions *s = station->field->sessions;

  if (!station->stale || station->opening || station->field->draining || !tilld_station_is_up (station))
    return;
  station->stale = FALSE;
  station->opening = TRUE;
  g_ptr_array_add (s->waiting, station);
  if (!s->busy && !tilld_timer_is_armed (&s->timer))
    tilld_timer_arm (s->field->reactor, &s->timer, BATCH_MS);
}

TilldSessions *
tilld_sessions_new (TilldFieldRole *field)
{
  TilldSessions *s = g_new0 (TilldSessions, 1);

  s->field = field;
  s->waiting = g_ptr_array_new ();
  tilld_timer_init (&s->timer, timer_fired, s);
  return s;
}

void
tilld_sessions_free (TilldSessions *s)
{
  g_assert (!s->busy);
  for (guint i = 0; i < s->waiting->len; i++)
    ((TilldStation *) g_ptr_array_index (s->waiting, i))->opening = FALSE;
  tilld_timer_disarm (s->field->reactor, &s->timer);
  g_ptr_array_unref (s->waiting);
  g_free (s);
}

void
tilld_session_pulse_of (TilldStation *station, gint64 boot_us, TillTime wall, TilldGatewayPulse *ret_pulse)
{
  guint64 requests = station->requests, failures = station->failures;
  gint64  heard_us = station->heard_us, rtt_us = 0;

  for (guint i = 0; i < station->links->len; i++)
    {
      const TilldLink *link = g_ptr_array_index (station->links, i);

      requests += link->requests;
      failures += link->failures;
      heard_us = MAX (heard_us, link->heard_us);
    }
  for (guint i = 0; i < station->n_lines; i++)
    rtt_us = MAX (rtt_us, station->lines[i]->bus.srtt_us);
  *ret_pulse = (TilldGatewayPulse){ .gateway = station->record.id, .epoch = station->last_epoch, .rtt_us = rtt_us,
                                    .requests = (gint64) (requests - station->pulse_requests),
                                    .failures = (gint64) (failures - station->pulse_failures), .online = tilld_station_is_up (station),
                                    .seen_at = heard_us == 0 ? 0 : wall - (boot_us - heard_us) };
  station->pulse_requests = requests;
  station->pulse_failures = failures;
}
