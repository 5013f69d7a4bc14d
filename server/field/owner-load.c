/* SPDX-License-Identifier: GPL-2.0-or-later
 * owner-load.c: the plant from the database, in pieces, so that the first gateways are read while the last are still loaded, and a
 * change of one meter among a million costs one gateway. Makes and retires stations; talks to none. */
#include <malloc.h>
#include <stdlib.h>
#include "server/core/clock.h"
#include "server/field/budget.h"
#include "server/field/owner-private.h"
#include "shared/base/till-log.h"

#define CHUNK_GATEWAYS 64
#define TRIM_GATEWAYS  256
#define WHOLE_US       (24 * 3600 * TILL_SECOND) /* prices change with the date, and nobody says so */

static void next_chunk (TilldOwner *owner);

static gboolean
is_held (const TilldOwner *owner, const TilldFieldGateway *gateway)
{
  return !tilld_owner_dials (gateway) || (owner->field->groups >> tilld_lease_group (gateway->id) & 1) != 0;
}

static int
by_id (gconstpointer a, gconstpointer b)
{
  gint64 one = ((const TilldFieldGateway *) a)->id, other = ((const TilldFieldGateway *) b)->id;

  return (one > other) - (one < other);
}

static gboolean
is_idle (const TilldStation *station)
{
  return tilld_station_orders (station) == 0 && !station->opening && (station->dial == NULL || station->dial->state != TILLD_LINK_RESOLVING);
}

void
tilld_owner_retire (TilldOwner *owner)
{
  for (guint i = owner->stations->len; i > 0; i--)
    {
      TilldStation *station = g_ptr_array_index (owner->stations, i - 1);

      if (!station->retiring || !is_idle (station))
        continue;
      tilld_owner_unmake (owner, station);
      owner->again = TRUE; /* perhaps to be made anew */
    }
}

/* --- gateways --- */

static gboolean
do_gateways (TilldDb *db, gpointer data, GError **error)
{
  TilldOwner *owner = data;

  g_array_set_size (owner->gateways, 0); /* a transaction that is run again begins anew */
  return tilld_field_gateways_load (db, owner->cursor, owner->gateways, &owner->next_cursor, error);
}

static void
find_work (TilldOwner *owner)
{
  guint site_full_s = (guint) tilld_config_int (owner->field->options.config, "field", "full_interval_s");

  g_array_set_size (owner->todo, 0);
  owner->todo_at = 0;
  for (guint i = 0; i < owner->gateways->len; i++)
    {
      TilldFieldGateway *gateway = &g_array_index (owner->gateways, TilldFieldGateway, i);
      TilldStation      *station = tilld_owner_station (owner, gateway->id);

      if (gateway->full_interval_s == 0)
        gateway->full_interval_s = site_full_s;
      if (is_held (owner, gateway) && (station == NULL || gateway->changed || station->retiring))
        g_array_append_val (owner->todo, i);
    }
  for (guint i = 0; i < owner->stations->len; i++)
    {
      TilldStation            *station = g_ptr_array_index (owner->stations, i);
      const TilldFieldGateway *gateway = bsearch (&station->record, owner->gateways->data, owner->gateways->len, sizeof *gateway, by_id);

      station->retiring = station->retiring || gateway == NULL || !is_held (owner, gateway);
    }
}

static gboolean
came_well (TilldOwner *owner, const GError *error)
{
  tilld_field_job_ended (owner->field);
  if (error == NULL && !owner->field->draining)
    return TRUE;
  if (error != NULL)
    till_warn (TILL_LOG_NONE, error, "plant not loaded");
  owner->loading = FALSE;
  owner->again = TRUE; /* the next tick tries again */
  return FALSE;
}

static void
gateways_came (gpointer data, const GError *error)
{
  TilldOwner *owner = data;

  if (!came_well (owner, error))
    return;
  find_work (owner);
  next_chunk (owner);
}

/* --- meters --- */

static gboolean
do_meters (TilldDb *db, gpointer data, GError **error)
{
  TilldOwner *owner = data;

  g_array_set_size (owner->meters, 0);
  return tilld_field_meters_load (db, owner->field->options.profiles, (const TilldFieldGateway *) (gpointer) owner->chunk->data, owner->chunk->len,
                                  owner->meters, error);
}

static void
settle (TilldOwner *owner, const TilldFieldGateway *gateway, const TilldFieldMeter *meters, guint n)
{
  TilldStation *station = tilld_owner_station (owner, gateway->id);

  if (!is_held (owner, gateway))
    return; /* no more */
  if (station != NULL && tilld_owner_is_as_before (station, gateway, meters, n))
    {
      tilld_owner_take_records (station, gateway, meters, n);
      station->retiring = FALSE;
      return;
    }
  if (station != NULL)
    {
      station->retiring = TRUE;
      if (!is_idle (station))
        return; /* a tick will find it idle, and load it again */
      tilld_owner_unmake (owner, station);
    }
  station = tilld_owner_make (owner, gateway, meters, n);
  if (station == NULL || station->dial == NULL)
    return;
  station->to_dial.data = station;
  g_queue_push_tail_link (&owner->to_dial, &station->to_dial);
  if (!tilld_timer_is_armed (&owner->dial))
    tilld_timer_arm (owner->field->reactor, &owner->dial, 0);
}

static void
meters_came (gpointer data, const GError *error)
{
  TilldOwner            *owner = data;
  const TilldFieldMeter *meters = (const TilldFieldMeter *) (gpointer) owner->meters->data;
  guint                  at = 0, n;

  if (!came_well (owner, error))
    return;
  for (guint g = 0; g < owner->chunk->len; g++)
    {
      const TilldFieldGateway *gateway = &g_array_index (owner->chunk, TilldFieldGateway, g);

      for (n = 0; at + n < owner->meters->len && meters[at + n].gateway == gateway->id; n++)
        ;
      settle (owner, gateway, meters + at, n);
      at += n;
    }
  g_assert (at == owner->meters->len);
  next_chunk (owner);
}

static void
next_chunk (TilldOwner *owner)
{
  g_array_set_size (owner->chunk, 0);
  for (; owner->todo_at < owner->todo->len && owner->chunk->len < CHUNK_GATEWAYS; owner->todo_at++)
    g_array_append_val (owner->chunk, g_array_index (owner->gateways, TilldFieldGateway, g_array_index (owner->todo, guint, owner->todo_at)));
  if (owner->chunk->len > 0 && tilld_field_push (owner->field, TILLD_LANE_INTERACTIVE, TRUE, do_meters, meters_came, owner, NULL))
    return;
  owner->loading = FALSE;
  if (owner->chunk->len == 0)
    {
      owner->cursor = owner->next_cursor;
      tilld_owner_retire (owner);
      tilld_budget_tell (owner->field, (TilldStation *const *) owner->stations->pdata, owner->stations->len);
      if (owner->todo->len >= TRIM_GATEWAYS)
        malloc_trim (0); /* what the lanes took for the rows of a large plant: it is not needed again soon */
    }
  else
    owner->again = TRUE;
}

void
tilld_owner_reload (TilldOwner *owner)
{
  gint64 now = tilld_clock_boot_us (owner->field->clock);

  if (owner->field->draining)
    return;
  if (owner->loading)
    {
      owner->again = TRUE;
      return;
    }
  if (now - owner->whole_us > WHOLE_US)
    {
      owner->cursor = 0;
      owner->whole_us = now;
    }
  owner->loading = tilld_field_push (owner->field, TILLD_LANE_INTERACTIVE, TRUE, do_gateways, gateways_came, owner, NULL);
  owner->again = !owner->loading;
}

void
tilld_owner_load_init (TilldOwner *owner)
{
  owner->gateways = g_array_new (FALSE, TRUE, sizeof (TilldFieldGateway));
  owner->todo = g_array_new (FALSE, FALSE, sizeof (guint));
  owner->chunk = g_array_new (FALSE, TRUE, sizeof (TilldFieldGateway));
  owner->meters = g_array_new (FALSE, TRUE, sizeof (TilldFieldMeter));
  owner->whole_us = tilld_clock_boot_us (owner->field->clock);
}

void
tilld_owner_load_clear (TilldOwner *owner)
{
  g_array_unref (owner->gateways);
  g_array_unref (owner->todo);
  g_array_unref (owner->chunk);
  g_array_unref (owner->meters);
}
