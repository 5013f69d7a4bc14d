/* SPDX-License-Identifier: GPL-2.0-or-later
 * owner.c: the plant in memory: which gateways this process holds, whom it dials when, what the ledger believes of their purses, and what
 * the database is told of them. Loading is owner-load.c's, building owner-make.c's. */
#include <string.h>
#include "server/core/clock.h"
#include "server/field/owner-private.h"
#include "shared/base/till-log.h"

#define PULSE_MS            10000
#define DIAL_MS             20
#define DIALS               40 /* a turn: 2,000 a second, so that a start is no storm */
#define PURSES_GATEWAYS     64 /* whose purses are asked for at once */
#define CHANGES_EVERY_US    (10 * TILL_SECOND)
#define CHANGES_MAX_US      (45 * TILL_SECOND) /* without an answer for so long: all are loaded again */
#define CHANGES_LIMIT       5000               /* so many at once: all are loaded again, some gateways at a time */
#define CHANGES_OVERLAP_S   5                  /* a transaction of money ends within 2 s */

/* --- dialling --- */

static void
dial_fired (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  TilldOwner *owner = data;

  for (guint i = 0; i < DIALS && owner->to_dial.head != NULL; i++)
    {
      TilldStation *station = owner->to_dial.head->data;

      g_queue_unlink (&owner->to_dial, &station->to_dial);
      station->to_dial.data = NULL;
      if (!owner->field->draining)
        tilld_link_open (station->dial);
    }
  if (owner->to_dial.head != NULL)
    tilld_timer_arm (reactor, timer, DIAL_MS);
}

/* --- pulses --- */

static gboolean
do_pulse (TilldDb *db, gpointer data, GError **error)
{
  TilldOwner *owner = data;

  return tilld_gateway_pulse (db, (const TilldGatewayPulse *) owner->pulses->data, owner->pulses->len, error);
}

static void
pulsed (gpointer data, const GError *error)
{
  TilldOwner *owner = data;

  tilld_field_job_ended (owner->field);
  owner->pulsing = FALSE;
  if (error != NULL)
    till_warn (TILL_LOG_NONE, error, "state of gateways not recorded");
}

static void
send_pulses (TilldOwner *owner)
{
  TillTime wall = tilld_clock_wall (owner->field->clock);
  gint64   now = tilld_clock_boot_us (owner->field->clock);

  if (owner->pulsing || owner->stations->len == 0)
    return;
  g_array_set_size (owner->pulses, 0);
  for (guint i = 0; i < owner->stations->len; i++)
    {
      TilldStation     *station = g_ptr_array_index (owner->stations, i);
      TilldGatewayPulse pulse;

      if (tilld_station_is_up (station) && station->epoch == 0)
        continue; /* its session is being committed */
      tilld_session_pulse_of (station, now, wall, &pulse);
      g_array_append_val (owner->pulses, pulse);
    }
  owner->pulsing = owner->pulses->len > 0 && tilld_field_push (owner->field, TILLD_LANE_INGEST, TRUE, do_pulse, pulsed, owner, NULL);
}

static void
pulse_fired (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  TilldOwner *owner = data;

  send_pulses (owner);
  tilld_timer_arm (reactor, timer, PULSE_MS);
}

void
tilld_owner_pulse_soon (TilldOwner *owner)
{
  tilld_timer_arm (owner->field->reactor, &owner->pulse, 200);
}

/* --- purses --- */

static gboolean
do_purses (TilldDb *db, gpointer data, GError **error)
{
  TilldOwner *owner = data;

  g_array_set_size (owner->purses, 0);
  return owner->asking_changes ? tilld_purse_list_changed (db, owner->changes_s, CHANGES_LIMIT, owner->purses, error)
                               : tilld_purse_list (db, owner->owned, owner->n_owned, owner->purses, error);
}

/* Purses that are wanted again: the next ticks ask for them. */
static void
want_purses (TilldOwner *owner)
{
  for (guint i = 0; i < owner->stations->len; i++)
    ((TilldStation *) g_ptr_array_index (owner->stations, i))->purses_known = FALSE;
}

static void
mark_known (TilldOwner *owner)
{
  for (guint i = 0; i < owner->n_owned; i++)
    {
      TilldStation *station = tilld_owner_station (owner, owner->owned[i].gateway);

      if (station != NULL && station->epoch == owner->owned[i].epoch)
        station->purses_known = TRUE;
    }
}

static void
purses_came (gpointer data, const GError *error)
{
  TilldOwner *owner = data;

  tilld_field_job_ended (owner->field);
  owner->asking_purses = FALSE;
  if (error != NULL)
    till_warn (TILL_LOG_NONE, error, "purses not loaded");
  else if (owner->asking_changes)
    {
      owner->purses_us = owner->asked_us;
      if (owner->purses->len == CHANGES_LIMIT)
        want_purses (owner);
    }
  else
    mark_known (owner);
  g_clear_pointer (&owner->owned, g_free);
  for (guint i = 0; error == NULL && i < owner->purses->len; i++)
    {
      const TilldPurse *purse = &g_array_index (owner->purses, TilldPurse, i);
      TilldCircuit     *circuit = tilld_owner_circuit (owner, purse->meter);

      /* What is under way, or ended while the database was asked, knows a newer one. */
      if (circuit == NULL || circuit->money == NULL || circuit->money->in_order || circuit->money->reading ||
          circuit->money->touched_us >= owner->asked_us)
        continue;
      circuit->money->purse = *purse;
      circuit->money->known = TRUE;
    }
  if (error == NULL && !owner->asking_changes)
    tilld_field_scan_soon (owner->field); /* the next gateways */
}

static guint
purses_wanted (TilldOwner *owner)
{
  guint n = 0;

  owner->owned = g_new (TilldOwnedGateway, PURSES_GATEWAYS);
  for (guint i = 0; i < owner->stations->len && n < PURSES_GATEWAYS; i++)
    {
      const TilldStation *station = g_ptr_array_index (owner->stations, i);

      if (!station->purses_known && station->epoch != 0 && tilld_station_is_up (station))
        owner->owned[n++] = (TilldOwnedGateway){ station->record.id, station->epoch };
    }
  return n;
}

static void
ask_purses (TilldOwner *owner)
{
  gint64   now = tilld_clock_boot_us (owner->field->clock);
  gboolean changes_due = now - owner->changes_us >= CHANGES_EVERY_US;

  if (owner->asking_purses)
    return;
  if (now - owner->purses_us > CHANGES_MAX_US)
    {
      want_purses (owner); /* changes were missed: the database was away */
      owner->purses_us = now;
    }
  owner->n_owned = changes_due ? 0 : purses_wanted (owner);
  owner->asking_changes = changes_due;
  owner->asked_us = now;
  owner->changes_s = (guint) ((now - owner->purses_us) / TILL_SECOND) + CHANGES_OVERLAP_S;
  if (changes_due)
    owner->changes_us = now;
  if (owner->n_owned > 0 || owner->asking_changes)
    owner->asking_purses = tilld_field_push (owner->field, TILLD_LANE_INTERACTIVE, TRUE, do_purses, purses_came, owner, NULL);
  if (!owner->asking_purses)
    g_clear_pointer (&owner->owned, g_free);
}

/* --- turns --- */

void
tilld_owner_session_opened (TilldOwner *owner, TilldStation *station)
{
  station->purses_known = FALSE;
  tilld_field_scan_soon (owner->field);
}

/* Each second, and soon after something happened. */
void
tilld_owner_tick (TilldOwner *owner)
{
  for (guint i = 0; i < owner->stations->len; i++)
    tilld_session_open (g_ptr_array_index (owner->stations, i));
  if (!owner->loading)
    tilld_owner_retire (owner);
  if (owner->again && !owner->loading)
    tilld_owner_reload (owner);
  ask_purses (owner);
}

guint64
tilld_owner_groups (const TilldOwner *owner)
{
  guint64 groups = 0;

  for (guint i = 0; i < TILLD_LEASE_GROUPS; i++)
    groups |= owner->per_group[i] > 0 ? G_GUINT64_CONSTANT (1) << i : 0;
  return groups;
}

TilldCircuit *
tilld_owner_circuit (TilldOwner *owner, gint64 meter)
{
  TilldCircuit key = { .meter = meter };

  return g_hash_table_lookup (owner->circuits, &key);
}

TilldStation *
tilld_owner_station (TilldOwner *owner, gint64 gateway)
{
  TilldStation key = { .record.id = gateway };

  return g_hash_table_lookup (owner->by_gateway, &key);
}

TilldLine *
tilld_owner_line (TilldOwner *owner, gint64 gateway, guint port)
{
  TilldStation *station = tilld_owner_station (owner, gateway);

  return station == NULL || station->retiring ? NULL : tilld_station_line (station, port);
}

const TilldFieldGateway *
tilld_owner_gateway (TilldOwner *owner, gint64 gateway)
{
  const TilldStation *station = tilld_owner_station (owner, gateway);

  return station == NULL ? NULL : &station->record;
}

void
tilld_owner_record (TilldOwner *owner, gint64 gateway, TilldRecorder *recorder)
{
  TilldStation *station = tilld_owner_station (owner, gateway);

  if (station == NULL)
    return;
  station->recorder = recorder;
  if (station->dial != NULL)
    station->dial->recorder = recorder;
  for (guint i = 0; i < station->links->len; i++)
    ((TilldLink *) g_ptr_array_index (station->links, i))->recorder = recorder;
}

static gboolean
is_ready (const TilldStation *station)
{
  return station->epoch != 0 && tilld_station_is_up (station) && !station->retiring;
}

void
tilld_owner_lose_claims (TilldOwner *owner)
{
  for (guint i = 0; i < owner->stations->len; i++)
    ((TilldStation *) g_ptr_array_index (owner->stations, i))->claims_lost = TRUE;
}

gboolean
tilld_owner_take_lost (TilldOwner *owner)
{
  gboolean may_write = tilld_clock_boot_us (owner->field->clock) < tilld_field_write_until (owner->field), lost = FALSE;

  for (guint i = 0; may_write && i < owner->stations->len; i++)
    {
      TilldStation *station = g_ptr_array_index (owner->stations, i);

      if (!station->claims_lost || !is_ready (station))
        continue;
      station->claims_lost = FALSE;
      lost = TRUE;
    }
  return lost;
}

TilldOwnedGateway *
tilld_owner_gateways (TilldOwner *owner, guint *ret_n)
{
  TilldOwnedGateway *list = g_new (TilldOwnedGateway, owner->stations->len + 1);
  gboolean           may_write = tilld_clock_boot_us (owner->field->clock) < tilld_field_write_until (owner->field);
  guint              n = 0;

  for (guint i = 0; may_write && i < owner->stations->len; i++)
    {
      const TilldStation *station = g_ptr_array_index (owner->stations, i);

      if (is_ready (station))
        list[n++] = (TilldOwnedGateway){ station->record.id, station->epoch };
    }
  *ret_n = n;
  return list;
}

gint64 *
tilld_owner_gateway_ids (TilldOwner *owner, guint *ret_n)
{
  g_autofree TilldOwnedGateway *owned = tilld_owner_gateways (owner, ret_n);
  gint64                       *ids = *ret_n > 0 ? g_new (gint64, *ret_n) : NULL;

  for (guint i = 0; i < *ret_n; i++)
    ids[i] = owned[i].gateway;
  return ids;
}

void
tilld_owner_health (TilldOwner *owner, TilldFieldHealth *health)
{
  for (guint i = 0; i < owner->stations->len; i++)
    {
      const TilldStation *station = g_ptr_array_index (owner->stations, i);

      for (guint l = 0; l < station->n_lines; l++)
        {
          const TilldLine *line = station->lines[l];

          health->lines++;
          health->up += tilld_line_is_up (line);
          health->circuits += line->n;
          health->lost += line->schedule->n_lost;
        }
    }
}

static guint
hash_station (gconstpointer key)
{
  return g_int64_hash (&((const TilldStation *) key)->record.id);
}

static gboolean
equal_stations (gconstpointer a, gconstpointer b)
{
  return ((const TilldStation *) a)->record.id == ((const TilldStation *) b)->record.id;
}

/* Ids come in a row: spread over the table by a product, not by their low bits alone. */
static guint
hash_circuit (gconstpointer key)
{
  return (guint) ((guint64) ((const TilldCircuit *) key)->meter * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) >> 32);
}

static gboolean
equal_circuits (gconstpointer a, gconstpointer b)
{
  return ((const TilldCircuit *) a)->meter == ((const TilldCircuit *) b)->meter;
}

TilldOwner *
tilld_owner_new (TilldFieldRole *field)
{
  TilldOwner *owner = g_new0 (TilldOwner, 1);

  owner->field = field;
  owner->purses_us = owner->changes_us = tilld_clock_boot_us (field->clock);
  owner->stations = g_ptr_array_new ();
  owner->plan_sets = g_ptr_array_new_with_free_func (g_free);
  owner->by_gateway = g_hash_table_new (hash_station, equal_stations);
  owner->circuits = g_hash_table_new (hash_circuit, equal_circuits);
  owner->purses = g_array_new (FALSE, TRUE, sizeof (TilldPurse));
  owner->pulses = g_array_new (FALSE, TRUE, sizeof (TilldGatewayPulse));
  tilld_owner_load_init (owner);
  tilld_timer_init (&owner->dial, dial_fired, owner);
  tilld_timer_init (&owner->pulse, pulse_fired, owner);
  tilld_timer_arm (field->reactor, &owner->pulse, PULSE_MS);
  return owner;
}

void
tilld_owner_end_polls (TilldOwner *owner)
{
  for (guint i = 0; i < owner->stations->len; i++)
    {
      const TilldStation *station = g_ptr_array_index (owner->stations, i);

      for (guint l = 0; l < station->n_lines; l++)
        tilld_schedule_clear (station->lines[l]->schedule);
    }
}

void
tilld_owner_stop (TilldOwner *owner)
{
  for (guint i = 0; i < owner->stations->len; i++)
    tilld_station_stop (g_ptr_array_index (owner->stations, i), "the server stops");
}

void
tilld_owner_free (TilldOwner *owner)
{
  tilld_timer_disarm (owner->field->reactor, &owner->pulse);
  tilld_timer_disarm (owner->field->reactor, &owner->dial);
  while (owner->stations->len > 0)
    tilld_owner_unmake (owner, g_ptr_array_index (owner->stations, owner->stations->len - 1));
  g_ptr_array_unref (owner->stations);
  g_ptr_array_unref (owner->plan_sets);
  g_hash_table_unref (owner->by_gateway);
  g_hash_table_unref (owner->circuits);
  g_array_unref (owner->purses);
  g_array_unref (owner->pulses);
  tilld_owner_load_clear (owner);
  g_free (owner->owned);
  g_free (owner);
}
