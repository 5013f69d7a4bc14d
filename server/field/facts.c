/* SPDX-License-Identifier: GPL-2.0-or-later
 * facts.c: what is told unasked, on its way to the database: gateway facts at most every ten seconds a gateway, readings as pushed. */
#include "server/field/facts.h"
#include <stdlib.h>
#include "server/core/clock.h"
#include "server/field/field-private.h"
#include "server/field/sweep.h"

#define STORE_US   (10 * TILL_SECOND)
#define SIGNAL_DBM 6 /* less is no news */

/* --- about the gateway --- */

static gboolean
do_store (TilldDb *db, gpointer data, GError **error)
{
  return tilld_gateway_facts_store (db, data, error);
}

typedef struct {
  TilldGatewayFacts facts; /* first: the lane sees nothing else */
  TilldFieldRole   *field;
} Telling;

static void
stored (gpointer data, const GError *error)
{
  Telling *telling = data;

  tilld_field_job_ended (telling->field); /* lost when the database is away: the gateway tells again */
  g_free (telling);
}

void
tilld_facts_flush (TilldStation *station)
{
  TilldFieldRole *field = station->field;
  gint64          now = tilld_clock_boot_us (field->clock);
  Telling        *telling;

  if (!station->facts_new || field->draining || (station->facts_us != 0 && now - station->facts_us < STORE_US))
    return;
  telling = g_new (Telling, 1);
  *telling = (Telling){ station->facts, field };
  telling->facts.gateway = station->record.id;
  station->facts_new = FALSE;
  station->facts_us = now;
  if (!tilld_field_push (field, TILLD_LANE_INGEST, TRUE, do_store, stored, telling, NULL))
    g_free (telling);
}

static void
take (char to[33], const char *from, TilldStation *station)
{
  if (from[0] == '\0' || g_str_equal (to, from))
    return;
  g_strlcpy (to, from, 33);
  station->facts_new = TRUE;
}

void
tilld_facts_told (TilldStation *station, const TilldGatewayFacts *facts)
{
  TilldGatewayFacts *own = &station->facts;

  take (own->serial, facts->serial, station);
  take (own->vendor, facts->vendor, station);
  take (own->model, facts->model, station);
  take (own->firmware, facts->firmware, station);
  take (own->iccid, facts->iccid, station);
  take (own->imei, facts->imei, station);
  tilld_facts_signal (station, facts->rssi_dbm);
}

void
tilld_facts_signal (TilldStation *station, int rssi_dbm)
{
  if (rssi_dbm != 0 && (station->facts.rssi_dbm == 0 || abs (station->facts.rssi_dbm - rssi_dbm) >= SIGNAL_DBM))
    {
      station->facts.rssi_dbm = CLAMP (rssi_dbm, -128, 127);
      station->facts_new = TRUE;
    }
  tilld_facts_flush (station);
}

/* --- readings --- */

/* Where the model says that an upload of so many bytes begins; -1. */
static int
upload_at (const TilldProfile *profile, guint len)
{
  for (guint i = 0; i < profile->n_upload; i++)
    if (profile->upload[i].bytes == len)
      return profile->upload[i].at;
  return -1;
}

gboolean
tilld_facts_registers (TilldStation *station, guint port, guint8 unit, const guint8 *data, guint len)
{
  TilldCircuit     *circuit = tilld_station_circuit (station, port, unit);
  int               at = circuit == NULL ? -1 : upload_at (circuit->plans->profile, len);
  guint16           regs[TILLD_MB_READ_MAX];
  TilldFieldReading reading;

  if (at < 0 || len / 2 > G_N_ELEMENTS (regs))
    return FALSE;
  for (guint i = 0; i < len / 2; i++)
    regs[i] = (guint16) (data[2 * i] << 8 | data[2 * i + 1]);
  if (!tilld_sweep_pushed (circuit, (guint) at, regs, len / 2, &reading))
    return FALSE;
  tilld_station_pushed (station, &reading);
  return TRUE;
}

gboolean
tilld_facts_energies (TilldStation *station, guint port, guint8 unit, gint64 total, const gint64 rates[TILL_N_RATES])
{
  const TilldCircuit *circuit = tilld_station_circuit (station, port, unit);
  TilldFieldReading   reading = { .at = tilld_clock_wall (station->field->clock), .keep = TRUE };

  if (circuit == NULL)
    return FALSE;
  reading.meter = circuit->meter;
  reading.epoch = circuit->epoch;
  if (total >= 0)
    reading.has |= TILLD_HAS_ENERGY;
  reading.energy_total = total;
  for (guint i = 0; i < TILL_N_RATES; i++)
    {
      reading.energy_rate[i] = rates[i];
      if (rates[i] >= 0)
        reading.has |= TILLD_HAS_RATE << i;
    }
  if (reading.has != 0)
    tilld_station_pushed (station, &reading);
  return reading.has != 0;
}
