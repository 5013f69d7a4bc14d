/* SPDX-License-Identifier: GPL-2.0-or-later
 * campus.c: builds meters from a world, restores their purses from the journal, tells the time. */
#include "tests/simulator/campus.h"
#include <string.h>
#include "server/core/clock.h"
#include "shared/base/till-error.h"
#include "tests/simulator/seed.h"

static const SimPrice free_of_charge = { .name = (char *) "free", .tariff = { .tier_day = 1 } };

TillTime
sim_campus_now (const SimCampus *campus)
{
  gint64 run_us = tilld_clock_boot_us (campus->clock) - campus->boot_us;

  return campus->epoch + run_us * campus->world->speed + campus->advanced_s * TILL_SECOND;
}

void
sim_campus_advance (SimCampus *campus, gint64 seconds)
{
  campus->advanced_s += seconds;
}

static const SimLoad *
load_of (const SimCampus *campus, const SimHabit *habit, guint64 path)
{
  GPtrArray *loads = campus->world->loads;

  if (habit->load || loads->len == 0)
    return habit->load;
  return loads->pdata[sim_draw (campus->place.seed, path, "load", 0) % loads->len];
}

static const SimPrice *
price_of (const SimCampus *campus, const SimHabit *habit, guint64 path)
{
  GPtrArray *prices = campus->world->prices;

  if (habit->price || prices->len == 0)
    return habit->price ? habit->price : &free_of_charge;
  return prices->pdata[sim_draw (campus->place.seed, path, "price", 0) % prices->len];
}

static void
draw_serial (const SimCampus *campus, guint64 path, guint digits, char *ret)
{
  guint64 draw = sim_draw (campus->place.seed, path, "serial", 0);

  g_snprintf (ret, 20, "%0*" G_GUINT64_FORMAT, (int) digits, draw % (digits >= 14 ? G_GUINT64_CONSTANT (100000000000000) : G_GUINT64_CONSTANT (1000000000000)));
}

static SimMeter *
add_meter (SimBus *bus, SimModel *model, guint unit, const SimHabit *habit, SimCabinet *cabinet)
{
  SimMeter        *meter = &bus->meters[bus->n_meters++];
  g_autofree char *path = g_strdup_printf ("%s/%u/%u", bus->link->spec->code, bus->port, unit);

  meter->model = model;
  meter->place = &bus->campus->place;
  meter->path = sim_fnv1a64 (SIM_FNV_START, path);
  meter->load = load_of (bus->campus, habit, meter->path);
  meter->price = price_of (bus->campus, habit, meter->path);
  meter->quirks = &habit->quirks;
  meter->cabinet = cabinet;
  meter->bus = bus;
  meter->unit = (guint8) unit;
  bus->by_unit[unit] = (guint8) bus->n_meters;
  return meter;
}

static void
open_meter (SimMeter *meter, const SimHabit *habit)
{
  gint64     unit = meter->model->has_purse ? meter->model->fine_per_raw / (meter->model->purse_energy ? 360 : 3600000) : 1;
  SimOpening opening = { habit->has_balance, habit->balance / unit, habit->opened };

  sim_meter_init (meter, &opening);
}

static gboolean
add_cabinet (SimBus *bus, const SimCabinetSpec *spec, GError **error)
{
  SimCabinet      *cabinet = &bus->cabinets[bus->n_cabinets++];
  g_autofree char *path = g_strdup_printf ("%s/%u/%u", bus->link->spec->code, bus->port, spec->table);
  SimModel        *single = sim_world_model (bus->campus->world, "adf400l-1p", error);
  SimModel        *wide = single ? sim_world_model (bus->campus->world, "adf400l-3p", error) : NULL;

  if (!wide)
    return FALSE;
  cabinet->table = (guint8) spec->table;
  cabinet->ct = (guint8) spec->ct;
  cabinet->three = (guint8) spec->three;
  cabinet->single = (guint8) spec->single;
  if (spec->serial)
    g_strlcpy (cabinet->serial, spec->serial, sizeof cabinet->serial);
  else
    draw_serial (bus->campus, sim_fnv1a64 (SIM_FNV_START, path), 14, cabinet->serial);
  for (guint k = 0; k < sim_cabinet_circuits (spec); k++)
    {
      const SimHabit *habit = sim_cabinet_habit (spec, k);
      SimMeter       *meter = add_meter (bus, k < spec->ct + spec->three ? wide : single, sim_cabinet_unit (spec, k), habit, cabinet);

      open_meter (meter, habit);
    }
  return TRUE;
}

static gboolean
build_bus (SimLink *link, SimBus *bus, const SimBusSpec *spec, GError **error)
{
  g_autofree char *port = g_strdup_printf ("%u", spec->port);
  guint            circuits = spec->meters->len;

  bus->campus = link->campus;
  bus->link = link;
  bus->port = spec->port;
  bus->baud = spec->baud;
  bus->timing = spec->timing;
  bus->path = sim_fnv1a64 (sim_fnv1a64 (SIM_FNV_START, link->spec->code), port);
  for (guint i = 0; i < spec->cabinets->len; i++)
    circuits += sim_cabinet_circuits (spec->cabinets->pdata[i]);
  bus->meters = g_new0 (SimMeter, circuits + 1);
  bus->cabinets = g_new0 (SimCabinet, spec->cabinets->len + 1);
  for (guint i = 0; i < spec->cabinets->len; i++)
    if (!add_cabinet (bus, spec->cabinets->pdata[i], error))
      return FALSE;
  for (guint i = 0; i < spec->meters->len; i++)
    {
      const SimMeterSpec *one = spec->meters->pdata[i];
      SimMeter           *meter = add_meter (bus, one->model, one->unit, &one->habit, NULL);

      if (one->serial)
        g_strlcpy (meter->serial, one->serial, sizeof meter->serial);
      else
        draw_serial (bus->campus, meter->path, 12, meter->serial);
      open_meter (meter, &one->habit);
    }
  return TRUE;
}

static gboolean
build_link (SimCampus *campus, SimLink *link, const SimLinkSpec *spec, GError **error)
{
  link->campus = campus;
  link->spec = spec;
  link->mbap = spec->kind == TILL_LINK_KIND_MODBUS_TCP;
  link->queues = link->mbap || spec->proto == SIM_PROTO_GT3 || spec->proto == SIM_PROTO_1F1F;
  link->paced = spec->kind == TILL_LINK_KIND_SERIAL;
  link->n_buses = spec->buses->len;
  link->buses = g_new0 (SimBus, link->n_buses);
  for (guint i = 0; i < link->n_buses; i++)
    if (!build_bus (link, &link->buses[i], spec->buses->pdata[i], error))
      return FALSE;
  return TRUE;
}

SimBus *
sim_link_bus (SimLink *link, guint port)
{
  for (guint i = 0; i < link->n_buses; i++)
    if (link->buses[i].port == port)
      return &link->buses[i];
  return NULL;
}

static SimMeter *
meter_at (SimCampus *campus, const char *code, guint port, guint unit)
{
  SimLink *link = sim_campus_link (campus, code);
  SimBus  *bus = link ? sim_link_bus (link, port) : NULL;

  return bus && unit <= 247 && bus->by_unit[unit] > 0 ? &bus->meters[bus->by_unit[unit] - 1] : NULL;
}

/* One line of the journal: the meter is brought to that moment and takes over what the line says. */
static gboolean
restore (const SimJournalLine *line, gpointer data, GError **error)
{
  SimCampus *campus = data;
  SimMeter  *meter = meter_at (campus, line->gateway, line->port, line->unit);
  SimEffect  effect = line->effect;
  gint64     unit = 1;

  if (!meter)
    return till_fail (error, TILL_ERROR_INVALID, "no meter %s/%u/%u in this world", line->gateway, line->port, line->unit);
  for (guint i = meter->model->purse_decimals; i < 4; i++)
    unit *= 10;
  campus->epoch = MAX (campus->epoch, line->at);
  sim_meter_advance (meter, line->at / TILL_SECOND);
  if (effect.kind == SIM_EFFECT_RELAY)
    {
      memcpy (meter->forced_words, meter->model->actions[0].words[effect.action], sizeof meter->forced_words);
      sim_meter_force (meter, effect.action);
      sim_meter_advance (meter, meter->at_s);
      return TRUE;
    }
  if (effect.kind == SIM_EFFECT_SWAP)
    sim_meter_swap (meter, line->serial);
  effect.amount_raw /= unit;
  meter->epoch = (guint16) line->epoch;
  sim_meter_restore (meter, &effect, line->balance_raw / unit, line->total_raw / unit);
  return TRUE;
}

/* Meters live on while the simulator is down: with the clock on the wall, or not at all when they are stepped. */
static void
set_time (SimCampus *campus, TillTime began)
{
  TillTime wall = tilld_clock_wall (campus->clock);

  if (campus->world->start == 0 && campus->world->speed > 0)
    campus->epoch = MAX (campus->epoch, began + (wall - began) * campus->world->speed);
  campus->boot_us = tilld_clock_boot_us (campus->clock);
}

/* The start of the first run, when the journal knows it: what was drawn then holds still. */
static gboolean
peek_start (const char *path, TillTime *start)
{
  g_autofree char *text = NULL;
  const char      *at;
  char             time[TILL_TIME_TEXT];

  if (!path || !g_file_get_contents (path, &text, NULL, NULL) || !strchr (text, '\n') || !(at = strstr (text, "\"at\":\"")))
    return FALSE;
  g_strlcpy (time, at + 6, MIN (sizeof time, strcspn (at + 6, "\"") + 1));
  return till_time_parse (time, start, NULL);
}

SimCampus *
sim_campus_new (SimWorld *world, const SimCampusOptions *options, GError **error)
{
  g_autoptr (SimCampus) campus = g_new0 (SimCampus, 1);
  TillTime              began = world->start != 0 ? world->start : tilld_clock_wall (options->clock);
  SimReplay             replay = { world->seed, &began, restore, campus };

  campus->world = world;
  campus->clock = options->clock;
  campus->timers = sim_timers_new (options->clock, options->context);
  peek_start (options->journal, &began);
  campus->epoch = began;
  campus->place = (SimPlace){ world->seed, world->zone, began / TILL_SECOND };
  campus->n_links = world->links->len;
  campus->links = g_new0 (SimLink, campus->n_links + 1);
  campus->by_code = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < campus->n_links; i++)
    if (build_link (campus, &campus->links[i], world->links->pdata[i], error))
      g_hash_table_insert (campus->by_code, campus->links[i].spec->code, &campus->links[i]);
    else
      return NULL;
  if (options->journal && !(campus->journal = sim_journal_open (options->journal, &replay, error)))
    return NULL;
  set_time (campus, began);
  return g_steal_pointer (&campus);
}

SimLink *
sim_campus_link (SimCampus *campus, const char *code)
{
  return g_hash_table_lookup (campus->by_code, code);
}

SimMeter *
sim_campus_meter (SimCampus *campus, const char *code, guint port, guint unit)
{
  SimMeter *meter = meter_at (campus, code, port, unit);

  if (meter)
    sim_meter_advance (meter, sim_campus_now (campus) / TILL_SECOND);
  return meter;
}

void
sim_campus_record (SimCampus *campus, SimMeter *meter, const SimEffect *effect, const SimRequest *request)
{
  const SimBus  *bus = meter->bus;
  SimJournalLine line = { .at = sim_campus_now (campus), .port = bus->port, .unit = meter->unit, .epoch = meter->epoch, .effect = *effect };

  if (effect->kind == SIM_EFFECT_NONE)
    return;
  campus->stats.effects++;
  if (!campus->journal)
    return;
  g_strlcpy (line.gateway, bus->link->spec->code, sizeof line.gateway);
  g_strlcpy (line.serial, sim_meter_serial (meter), sizeof line.serial);
  line.decimals = meter->model->purse_decimals;
  line.purse_energy = meter->model->purse_energy;
  line.balance_raw = sim_meter_balance_raw (meter);
  line.total_raw = meter->total_raw;
  for (guint i = 0; request && i < request->n_pdu; i++)
    g_snprintf (line.pdu + 2 * i, 3, "%02x", request->pdu[i]);
  sim_journal_append (campus->journal, &line);
}

gboolean
sim_campus_commit (SimCampus *campus)
{
  if (campus->broken)
    return FALSE;
  if (!campus->journal || !sim_journal_is_pending (campus->journal) || sim_journal_commit (campus->journal, &campus->broken))
    return TRUE;
  if (campus->on_broken)
    campus->on_broken (campus->on_broken_data);
  return FALSE;
}

static void
link_clear (SimLink *link)
{
  for (guint i = 0; link->buses && i < link->n_buses; i++)
    {
      SimBus *bus = &link->buses[i];

      for (guint m = 0; m < bus->n_meters; m++)
        sim_meter_clear (&bus->meters[m]);
      for (guint c = 0; c < bus->n_cabinets; c++)
        g_free (bus->cabinets[c].tariff);
      g_free (bus->meters);
      g_free (bus->cabinets);
    }
  g_free (link->buses);
}

void
sim_campus_free (SimCampus *campus)
{
  for (guint i = 0; campus->links && i < campus->n_links; i++)
    link_clear (&campus->links[i]);
  g_free (campus->links);
  while (campus->spare)
    {
      gpointer exchange = campus->spare->data;

      campus->spare = campus->spare->next;
      g_free (exchange);
    }
  g_clear_pointer (&campus->by_code, g_hash_table_unref);
  g_clear_pointer (&campus->timers, sim_timers_free);
  g_clear_pointer (&campus->faults, sim_faults_free);
  g_clear_pointer (&campus->journal, sim_journal_free);
  g_clear_pointer (&campus->world, sim_world_free);
  g_clear_error (&campus->broken);
  g_free (campus);
}
