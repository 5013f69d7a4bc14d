/* SPDX-License-Identifier: GPL-2.0-or-later
 * world-load.c: strict reading of a world file. `count` repeats an item: its %0Nd texts, unit or table step along. Every
 * problem is "file:member: reason"; the first one ends it. */
#include "tests/simulator/world.h"
#include <gio/gio.h>
#include <string.h>
#include "shared/base/till-error.h"
#include "shared/base/till-json-check.h"
#include "tests/simulator/world-habit.h"
#include "tests/simulator/world-link.h"

#define WORLD_BYTES 4194304
#define WORLD_DEPTH 10
#define COUNT_MAX   100000
#define SPAN        36
#define UNIT_MAX    247

/* null is an error everywhere, and so is more nesting than a world needs. */
static gboolean
check_tree (JsonNode *node, const char *path, guint depth, GError **error)
{
  if (JSON_NODE_HOLDS_NULL (node))
    return till_fail (error, TILL_ERROR_INVALID, "%s: null", path);
  if (depth > WORLD_DEPTH && !JSON_NODE_HOLDS_VALUE (node))
    return till_fail (error, TILL_ERROR_INVALID, "%s: nested too deep", path);
  if (JSON_NODE_HOLDS_ARRAY (node))
    for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
      {
        g_autofree char *inner = g_strdup_printf ("%s[%u]", path, i);

        if (!check_tree (json_array_get_element (json_node_get_array (node), i), inner, depth + 1, error))
          return FALSE;
      }
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      g_autoptr (GList) names = json_object_get_members (json_node_get_object (node));

      for (GList *at = names; at; at = at->next)
        {
          g_autofree char *inner = g_strconcat (path, *path ? "." : "", at->data, NULL);

          if (!check_tree (json_object_get_member (json_node_get_object (node), at->data), inner, depth + 1, error))
            return FALSE;
        }
    }
  return TRUE;
}

static void
meter_spec_free (gpointer data)
{
  SimMeterSpec *spec = data;

  g_free (spec->serial);
  g_free (spec);
}

static void
cabinet_spec_free (gpointer data)
{
  SimCabinetSpec *spec = data;

  g_free (spec->serial);
  g_clear_pointer (&spec->excepts, g_array_unref);
  g_free (spec);
}

static void
bus_spec_free (gpointer data)
{
  SimBusSpec *spec = data;

  g_ptr_array_unref (spec->cabinets);
  g_ptr_array_unref (spec->meters);
  g_free (spec);
}

static void
read_except (TillJsonRead *r, const SimWorld *world, SimCabinetSpec *cabinet)
{
  SimExcept  except = { .habit = cabinet->habit };
  JsonArray *circuits = NULL;

  till_json_read_array (r, "circuits", TILL_REQUIRED, SPAN, &circuits);
  for (guint i = 0; circuits && i < json_array_get_length (circuits); i++)
    {
      JsonNode *node = json_array_get_element (circuits, i);
      gint64    k = json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : 0;

      if (k < 1 || k > (gint64) sim_cabinet_circuits (cabinet))
        till_json_read_error (r, "circuits", "item %u must be from 1 to %u", i, sim_cabinet_circuits (cabinet));
      else
        except.circuits[except.n_circuits++] = (guint8) k;
    }
  sim_read_habit (r, world, &except.habit);
  g_array_append_val (cabinet->excepts, except);
}

static void
read_cabinet (TillJsonRead *r, SimWorld *world, guint repeat, GPtrArray *into)
{
  SimCabinetSpec *spec = g_new0 (SimCabinetSpec, 1);
  JsonArray      *excepts = NULL;

  g_ptr_array_add (into, spec);
  spec->habit.opened = -1;
  spec->excepts = g_array_new (FALSE, FALSE, sizeof (SimExcept));
  spec->table = sim_read_uint (r, "table", TILL_REQUIRED, 1, UNIT_MAX, 1) + repeat * SPAN;
  spec->ct = sim_read_uint (r, "ct", TILL_OPTIONAL, 0, SPAN, 0);
  spec->three = sim_read_uint (r, "three", TILL_OPTIONAL, 0, SPAN, 0);
  spec->single = sim_read_uint (r, "single", TILL_OPTIONAL, 0, 1000, 0);
  sim_read_numbered (r, "serial", TILL_OPTIONAL, 16, repeat, &spec->serial);
  sim_read_habit (r, world, &spec->habit);
  if (3 * (spec->ct + spec->three) + spec->single > SPAN)
    till_json_read_error (r, "single", "a cabinet has room for %u single circuits, a CT or three-phase one takes the place of 3", SPAN);
  else if (sim_cabinet_circuits (spec) == 0)
    till_json_read_error (r, "single", "a cabinet without circuits");
  else if (spec->table > UNIT_MAX || sim_cabinet_unit (spec, sim_cabinet_circuits (spec) - 1) > UNIT_MAX)
    till_json_read_error (r, "table", "units would pass %d", UNIT_MAX);
  else if (till_json_read_array (r, "except", TILL_OPTIONAL, SPAN, &excepts))
    for (guint i = 0; i < json_array_get_length (excepts); i++)
      {
        g_autofree char *path = g_strdup_printf ("except[%u]", i);
        TillJsonRead     nested;

        till_json_read_init_nested (&nested, json_array_get_element (excepts, i), path);
        read_except (&nested, world, spec);
        till_json_read_end_nested (r, &nested);
      }
}

static void
read_meter (TillJsonRead *r, SimWorld *world, guint repeat, GPtrArray *into)
{
  SimMeterSpec      *spec = g_new0 (SimMeterSpec, 1);
  g_autofree char   *profile = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (into, spec);
  spec->habit.opened = -1;
  spec->unit = sim_read_uint (r, "unit", TILL_REQUIRED, 1, UNIT_MAX, 1) + repeat;
  if (spec->unit > UNIT_MAX)
    till_json_read_error (r, "unit", "would pass %d", UNIT_MAX);
  sim_read_numbered (r, "serial", TILL_OPTIONAL, 16, repeat, &spec->serial);
  sim_read_habit (r, world, &spec->habit);
  if (till_json_read_text (r, "profile", TILL_REQUIRED, 32, &profile) && !(spec->model = sim_world_model (world, profile, &error)))
    till_json_read_error (r, "profile", "%s", error->message);
}

typedef void (*ReadItem) (TillJsonRead *r, SimWorld *world, guint repeat, GPtrArray *into);

/* Reads every item of a list as often as its count says; stops at the first problem. */
static void
read_items (TillJsonRead *r, const char *name, SimWorld *world, ReadItem read, GPtrArray *into)
{
  JsonArray *items = NULL;

  till_json_read_array (r, name, TILL_OPTIONAL, COUNT_MAX, &items);
  for (guint i = 0; items && i < json_array_get_length (items); i++)
    {
      g_autofree char *path = g_strdup_printf ("%s[%u]", name, i);
      guint            count = 1;

      for (guint k = 0; k < count && r->errors->len == 0; k++)
        {
          TillJsonRead nested;

          till_json_read_init_nested (&nested, json_array_get_element (items, i), path);
          count = sim_read_uint (&nested, "count", TILL_OPTIONAL, 1, COUNT_MAX, 1);
          read (&nested, world, k, into);
          till_json_read_end_nested (r, &nested);
        }
    }
}

static void
take_unit (TillJsonRead *r, gboolean *used, guint unit)
{
  if (used[unit])
    till_json_read_error (r, "meters", "unit %u is there twice", unit);
  used[unit] = TRUE;
}

static void
check_units (TillJsonRead *r, const SimBusSpec *bus)
{
  gboolean used[UNIT_MAX + 1] = { FALSE };

  for (guint i = 0; i < bus->cabinets->len; i++)
    for (guint k = 0; k < sim_cabinet_circuits (bus->cabinets->pdata[i]); k++)
      take_unit (r, used, sim_cabinet_unit (bus->cabinets->pdata[i], k));
  for (guint i = 0; i < bus->meters->len; i++)
    take_unit (r, used, ((SimMeterSpec *) bus->meters->pdata[i])->unit);
}

static void
read_bus (TillJsonRead *r, SimWorld *world, guint repeat, GPtrArray *into)
{
  SimBusSpec *spec = g_new0 (SimBusSpec, 1);

  g_ptr_array_add (into, spec);
  spec->cabinets = g_ptr_array_new_with_free_func (cabinet_spec_free);
  spec->meters = g_ptr_array_new_with_free_func (meter_spec_free);
  spec->port = sim_read_uint (r, "port", TILL_OPTIONAL, 1, 99, 1) + repeat;
  spec->baud = sim_read_uint (r, "baud", TILL_OPTIONAL, 300, 1000000, 9600);
  till_json_read_bool (r, "timing", TILL_OPTIONAL, &spec->timing);
  read_items (r, "cabinets", world, read_cabinet, spec->cabinets);
  read_items (r, "meters", world, read_meter, spec->meters);
  if (r->errors->len == 0)
    check_units (r, spec);
}

static void
check_ports (TillJsonRead *r, const SimLinkSpec *spec)
{
  for (guint i = 0; i < spec->buses->len; i++)
    for (guint k = 0; k < i; k++)
      if (((SimBusSpec *) spec->buses->pdata[i])->port == ((SimBusSpec *) spec->buses->pdata[k])->port)
        till_json_read_error (r, "buses", "port %u is there twice", ((SimBusSpec *) spec->buses->pdata[i])->port);
}

static void
read_link (TillJsonRead *r, SimWorld *world, guint repeat, GPtrArray *into)
{
  SimLinkSpec *spec = sim_link_spec_new ();

  spec->buses = g_ptr_array_new_with_free_func (bus_spec_free);
  g_ptr_array_add (into, spec);
  if (!sim_read_link (r, repeat, spec))
    return;
  read_items (r, "buses", world, read_bus, spec->buses);
  check_ports (r, spec);
  sim_check_link (r, spec);
}

static void
check_codes (TillJsonRead *r, const SimWorld *world)
{
  g_autoptr (GHashTable) codes = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) places = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < world->links->len; i++)
    {
      SimLinkSpec *spec = world->links->pdata[i];

      if (!g_hash_table_add (codes, spec->code))
        till_json_read_error (r, "links", "code %s is there twice", spec->code);
      if (spec->kind != TILL_LINK_KIND_DIAL_IN && !g_hash_table_add (places, spec->at))
        till_json_read_error (r, "links", "two links at %s", spec->at);
    }
}

static void
read_start (TillJsonRead *r, SimWorld *world)
{
  g_autofree char   *text = NULL;
  g_autoptr (GError) error = NULL;

  if (!till_json_read_text (r, "start", TILL_OPTIONAL, 40, &text) || strcmp (text, "now") == 0)
    return;
  if (!till_time_parse (text, &world->start, &error))
    till_json_read_error (r, "start", "must be now or a time: %s", error->message);
}

static void
read_world (TillJsonRead *r, SimWorld *world)
{
  g_autoptr (GError) error = NULL;
  JsonArray         *modems = NULL;
  gint64             seed = 1;

  sim_read_uint (r, "world", TILL_REQUIRED, 1, 1, 1);
  till_json_read_text (r, "name", TILL_REQUIRED, 64, &world->name);
  till_json_read_int (r, "seed", TILL_REQUIRED, 0, G_MAXINT64, &seed);
  world->seed = (guint64) seed;
  if (!till_json_read_text (r, "zone", TILL_OPTIONAL, 64, &world->zone_name))
    world->zone_name = g_strdup ("Asia/Shanghai");
  if (!(world->zone = till_zone_new (world->zone_name, &error)))
    till_json_read_error (r, "zone", "%s", error->message);
  read_start (r, world);
  world->speed = sim_read_uint (r, "speed", TILL_OPTIONAL, 0, SIM_SPEED_MAX, 1);
  sim_read_loads (r, world->loads);
  sim_read_prices (r, world->prices);
  if (till_json_read_array (r, "modems", TILL_OPTIONAL, 0, &modems) && json_array_get_length (modems) > 0)
    till_json_read_error (r, "modems", "modems are not served by this build");
  if (r->errors->len == 0)
    read_items (r, "links", world, read_link, world->links);
  if (r->errors->len == 0)
    check_codes (r, world);
}

static void
load_free (gpointer data)
{
  SimLoad *load = data;

  g_free (load->name);
  g_free (load);
}

static void
price_free (gpointer data)
{
  SimPrice *price = data;

  g_free (price->name);
  g_free (price);
}

SimWorld *
sim_world_parse (const char *name, const char *text, gssize len, const char *profile_dir, GError **error)
{
  g_autoptr (SimWorld) world = g_new0 (SimWorld, 1);
  g_autoptr (JsonNode) node = till_json_parse (text, len, WORLD_BYTES, error);
  TillJsonRead         r;

  world->profile_dir = g_strdup (profile_dir);
  world->loads = g_ptr_array_new_with_free_func (load_free);
  world->prices = g_ptr_array_new_with_free_func (price_free);
  world->links = g_ptr_array_new_with_free_func (sim_link_spec_free);
  world->models = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) sim_model_free);
  if (!node || !check_tree (node, "", 1, error))
    {
      g_prefix_error (error, "%s:", name);
      return NULL;
    }
  till_json_read_init (&r, node);
  read_world (&r, world);
  if (r.errors->len > 0)
    {
      const TillFieldError *first = r.errors->pdata[0];

      till_fail (error, TILL_ERROR_INVALID, "%s:%s: %s", name, first->member, first->reason);
      till_json_read_finish (&r, NULL);
      return NULL;
    }
  if (!till_json_read_finish (&r, error))
    {
      g_prefix_error (error, "%s:", name);
      return NULL;
    }
  return g_steal_pointer (&world);
}

SimWorld *
sim_world_load (const char *path, const char *profile_dir, GError **error)
{
  g_autofree char *text = NULL, *name = g_path_get_basename (path);
  gsize            len = 0;

  if (!g_file_get_contents (path, &text, &len, error))
    return NULL;
  return sim_world_parse (name, text, (gssize) len, profile_dir, error);
}
