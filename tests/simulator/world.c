/* SPDX-License-Identifier: GPL-2.0-or-later
 * world.c: questions about a loaded world, and its expanded form as a file again. */
#include "tests/simulator/world.h"
#include "shared/base/till-json-write.h"
#include "tests/simulator/world-habit.h"
#include "tests/simulator/world-link.h"

guint
sim_cabinet_circuits (const SimCabinetSpec *cabinet)
{
  return cabinet->ct + cabinet->three + cabinet->single;
}

/* CT circuits first, then three-phase ones, both three addresses apart; then the single-phase ones. */
guint
sim_cabinet_unit (const SimCabinetSpec *cabinet, guint k)
{
  guint wide = cabinet->ct + cabinet->three;

  return cabinet->table + (k < wide ? 3 * k : 3 * wide + (k - wide));
}

const SimHabit *
sim_cabinet_habit (const SimCabinetSpec *cabinet, guint k)
{
  for (guint i = 0; i < cabinet->excepts->len; i++)
    {
      const SimExcept *except = &g_array_index (cabinet->excepts, SimExcept, i);

      for (guint c = 0; c < except->n_circuits; c++)
        if (except->circuits[c] == k + 1)
          return &except->habit;
    }
  return &cabinet->habit;
}

SimModel *
sim_world_model (SimWorld *world, const char *name, GError **error)
{
  SimModel *model = g_hash_table_lookup (world->models, name);

  if (!model && (model = sim_model_load (name, world->profile_dir, error)))
    g_hash_table_insert (world->models, model->name, model);
  return model;
}

guint
sim_world_circuits (const SimWorld *world)
{
  guint n = 0;

  for (guint i = 0; i < world->links->len; i++)
    for (guint b = 0; b < ((SimLinkSpec *) world->links->pdata[i])->buses->len; b++)
      {
        const SimBusSpec *bus = ((SimLinkSpec *) world->links->pdata[i])->buses->pdata[b];

        n += bus->meters->len;
        for (guint c = 0; c < bus->cabinets->len; c++)
          n += sim_cabinet_circuits (bus->cabinets->pdata[c]);
      }
  return n;
}

static void
write_cabinet (TillJsonWrite *json, const SimCabinetSpec *cabinet)
{
  till_json_write_begin_object (json, NULL);
  till_json_write_int (json, "table", cabinet->table);
  if (cabinet->serial)
    till_json_write_text (json, "serial", cabinet->serial);
  till_json_write_int (json, "ct", cabinet->ct);
  till_json_write_int (json, "three", cabinet->three);
  till_json_write_int (json, "single", cabinet->single);
  sim_write_habit (&cabinet->habit, json);
  if (cabinet->excepts->len > 0)
    till_json_write_begin_array (json, "except");
  for (guint i = 0; i < cabinet->excepts->len; i++)
    {
      const SimExcept *except = &g_array_index (cabinet->excepts, SimExcept, i);

      till_json_write_begin_object (json, NULL);
      till_json_write_begin_array (json, "circuits");
      for (guint c = 0; c < except->n_circuits; c++)
        till_json_write_int (json, NULL, except->circuits[c]);
      till_json_write_end_array (json);
      sim_write_habit (&except->habit, json);
      till_json_write_end_object (json);
    }
  if (cabinet->excepts->len > 0)
    till_json_write_end_array (json);
  till_json_write_end_object (json);
}

static void
write_meter (TillJsonWrite *json, const SimMeterSpec *meter)
{
  till_json_write_begin_object (json, NULL);
  till_json_write_text (json, "profile", meter->model->name);
  till_json_write_int (json, "unit", meter->unit);
  if (meter->serial)
    till_json_write_text (json, "serial", meter->serial);
  sim_write_habit (&meter->habit, json);
  till_json_write_end_object (json);
}

static void
write_bus (TillJsonWrite *json, const SimBusSpec *bus)
{
  till_json_write_begin_object (json, NULL);
  till_json_write_int (json, "port", bus->port);
  till_json_write_int (json, "baud", bus->baud);
  till_json_write_bool (json, "timing", bus->timing);
  till_json_write_begin_array (json, "cabinets");
  for (guint i = 0; i < bus->cabinets->len; i++)
    write_cabinet (json, bus->cabinets->pdata[i]);
  till_json_write_end_array (json);
  till_json_write_begin_array (json, "meters");
  for (guint i = 0; i < bus->meters->len; i++)
    write_meter (json, bus->meters->pdata[i]);
  till_json_write_end_array (json);
  till_json_write_end_object (json);
}

static void
write_link (TillJsonWrite *json, const SimLinkSpec *link)
{
  till_json_write_begin_object (json, NULL);
  sim_write_link (link, json);
  till_json_write_begin_array (json, "buses");
  for (guint i = 0; i < link->buses->len; i++)
    write_bus (json, link->buses->pdata[i]);
  till_json_write_end_array (json);
  till_json_write_end_object (json);
}

char *
sim_world_print (const SimWorld *world)
{
  TillJsonWrite *json = till_json_write_new ();
  char           start[TILL_TIME_TEXT];

  till_json_write_begin_object (json, NULL);
  till_json_write_int (json, "world", 1);
  till_json_write_text (json, "name", world->name);
  till_json_write_int (json, "seed", (gint64) world->seed);
  till_json_write_text (json, "zone", world->zone_name);
  till_json_write_text (json, "start", world->start == 0 ? "now" : till_time_print (world->start, start));
  till_json_write_int (json, "speed", world->speed);
  sim_write_habits (world, json);
  till_json_write_begin_array (json, "links");
  for (guint i = 0; i < world->links->len; i++)
    write_link (json, world->links->pdata[i]);
  till_json_write_end_array (json);
  till_json_write_end_object (json);
  return till_json_write_free_to_text (json, NULL);
}

void
sim_world_free (SimWorld *world)
{
  g_clear_pointer (&world->links, g_ptr_array_unref);
  g_clear_pointer (&world->loads, g_ptr_array_unref);
  g_clear_pointer (&world->prices, g_ptr_array_unref);
  g_clear_pointer (&world->models, g_hash_table_unref);
  g_clear_pointer (&world->zone, g_time_zone_unref);
  g_free (world->name);
  g_free (world->zone_name);
  g_free (world->profile_dir);
  g_free (world);
}
