/* SPDX-License-Identifier: GPL-2.0-or-later
 * session.c: the session of a gateway in the database: an epoch for each link that came up, its class, how it does. */
#include "server/core/clock.h"
#include "server/domain/money/delivery.h"
#include "server/field/field-private.h"
#include "server/field/station.h"
#include "shared/base/till-log.h"

typedef struct {
  TilldStation *station;
  gint64        gateway, epoch;
  TillLinkClass link_class;
  gboolean      recover;
  guint         n_recovered;
} Session;

static gboolean
do_open (TilldDb *db, gpointer data, GError **error)
{
  Session          *s = data;
  TilldOwnedGateway owned;

  if (!tilld_gateway_session_open (db, s->gateway, &s->station->field->options.run, s->link_class, &s->epoch, error))
    return FALSE;
  owned = (TilldOwnedGateway){ s->gateway, s->epoch };
  return !s->recover || tilld_delivery_recover (db, &owned, 1, &s->n_recovered, error);
}

static void
opened (gpointer data, const GError *error)
{
  Session        *s = data;
  TilldStation   *station = s->station;
  TilldFieldRole *field = station->field;

  tilld_field_job_ended (field);
  station->opening = FALSE;
  if (error != NULL)
    {
      station->stale = TRUE;
      till_warn (TILL_LOG_GATEWAY (station->record.code), error, "session not opened");
    }
  else
    {
      station->recovered = TRUE;
      station->last_epoch = s->epoch;
      /* A link that came up meanwhile wants an epoch of its own: money goes on waiting. */
      if (!station->stale && tilld_station_is_up (station))
        station->epoch = s->epoch;
      if (s->n_recovered > 0)
        till_info (TILL_LOG_GATEWAY (station->record.code), "%u orders of an earlier life are read back", s->n_recovered);
      tilld_session_open (station);
      tilld_owner_session_opened (field->owner);
    }
  g_free (s);
}

void
tilld_session_open (TilldStation *station)
{
  Session *s;

  if (!station->stale || station->opening || station->field->draining || !tilld_station_is_up (station))
    return;
  s = g_new0 (Session, 1);
  *s = (Session){ .station = station, .gateway = station->record.id, .link_class = tilld_station_link_class (station),
                  .recover = !station->recovered };
  station->stale = FALSE;
  station->opening = tilld_field_push (station->field, TILLD_LANE_DELIVERY, TRUE, do_open, opened, s, NULL);
  if (!station->opening)
    {
      station->stale = TRUE;
      g_free (s);
    }
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
