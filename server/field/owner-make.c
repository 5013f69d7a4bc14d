/* SPDX-License-Identifier: GPL-2.0-or-later
 * owner-make.c: records -> a station with its lines and circuits, in arrays; and what of it may change while it stands. */
#include <string.h>
#include "server/core/clock.h"
#include "server/field/owner-private.h"
#include "server/field/transport-tls.h"
#include "shared/base/till-log.h"

static const TilldPlanSet *
plan_set (TilldOwner *owner, const TilldProfile *profile, guint baud)
{
  TilldPlanTiming timing = { baud, profile->turnaround_ms, 0 };
  TilldPlanSet   *set;

  for (guint i = 0; i < owner->plan_sets->len; i++)
    {
      set = g_ptr_array_index (owner->plan_sets, i);
      if (set->profile == profile && set->baud == baud)
        return set;
    }
  set = g_new0 (TilldPlanSet, 1);
  set->profile = profile;
  set->baud = baud;
  for (guint kind = 0; kind < TILLD_PLAN_N; kind++)
    tilld_mb_plan (profile, (TilldPlanKind) kind, &timing, &set->plan[kind]);
  g_ptr_array_add (owner->plan_sets, set);
  return set;
}

static void
reading_came (TilldLine *line, TilldCircuit *circuit, const TilldFieldReading *reading, const TilldMoneyReading *money, gpointer data)
{
  TilldFieldRole *field = data;

  if (money != NULL)
    tilld_watch_status (field, circuit, money);
  if (reading->has != 0 || reading->lost)
    tilld_ingest_push (field->ingest, reading, reading->keep);
  if (reading->has != 0)
    tilld_setter_reading (field->setter, circuit);
}

static gboolean
is_full (gpointer data)
{
  return tilld_ingest_is_full (((TilldFieldRole *) data)->ingest);
}

static void
link_changed (TilldLink *link, gpointer data)
{
  tilld_station_link_changed (data, link);
}

static const TilldFront *
front_of (const TilldFieldGateway *gateway)
{
  if (gateway->link == TILL_LINK_KIND_RTU_TCP)
    return &tilld_front_rtu;
  if (gateway->link == TILL_LINK_KIND_MODBUS_TCP)
    return gateway->fixed_tid ? &tilld_front_mbap_fixed_tid : &tilld_front_mbap;
  return NULL; /* ttys have one of their own; gateways that dial in have the listener */
}

/* A tty is one process's alone: the one whose configuration names it. */
static gboolean
owns_tty (const TilldFieldRole *field, const char *path)
{
  return g_strv_contains (tilld_config_list (field->options.config, "field", "serial"), path);
}

static gboolean
dial_tty (TilldStation *station)
{
  const TilldFieldGateway *record = &station->record;
  g_autoptr(GError)        error = NULL;

  if (!owns_tty (station->field, record->address))
    {
      till_info (TILL_LOG_GATEWAY (record->code), "%s is not in [field] serial of this process: not opened here", record->address);
      return TRUE;
    }
  station->dial = g_new0 (TilldLink, 1);
  if (!tilld_link_init (station->dial, station->field->reactor, &tilld_transport_serial, &tilld_front_serial, record->code, record->address, &error))
    {
      g_clear_pointer (&station->dial, g_free);
      till_warn (TILL_LOG_GATEWAY (record->code), error, "not opened");
      return FALSE;
    }
  tilld_backoff_init (&station->dial->backoff, &tilld_backoff_serial, g_str_hash (record->code));
  station->dial->link_class = TILL_LINK_CLASS_SERIAL;
  station->dial->changed = link_changed;
  station->dial->data = station;
  return tilld_station_attach (station, station->dial, 1, NULL);
}

gboolean
tilld_owner_dials (const TilldFieldGateway *gateway)
{
  return front_of (gateway) != NULL;
}

/* The link of a gateway that we dial; FALSE: it may not be dialled. */
static gboolean
make_dial (TilldStation *station)
{
  const TilldFieldGateway *record = &station->record;
  const TilldFront        *front = front_of (record);
  gboolean                 tls = record->tls_pinned || record->tls_authority != NULL;
  g_autoptr(GError)        error = NULL;

  if (record->link == TILL_LINK_KIND_SERIAL)
    return dial_tty (station);
  if (front == NULL)
    return TRUE; /* it dials in */
  if (!record->allow_clear && !tls)
    {
      till_warn (TILL_LOG_GATEWAY (record->code), NULL, "not dialled: its record does not allow a clear link");
      return FALSE;
    }
  station->dial = g_new0 (TilldLink, 1);
  if (!tilld_link_init (station->dial, station->field->reactor, tls ? &tilld_transport_tls : &tilld_transport_tcp, front, record->code,
                        record->address, &error))
    {
      g_clear_pointer (&station->dial, g_free);
      till_warn (TILL_LOG_GATEWAY (record->code), error, "not dialled");
      return FALSE;
    }
  station->dial->link_class = tls ? TILL_LINK_CLASS_TLS : TILL_LINK_CLASS_CLEAR;
  station->dial->changed = link_changed;
  station->dial->data = station;
  station->dial->heartbeat_len = MIN (record->heartbeat_len, TILLD_RTU_PATTERN_MAX);
  memcpy (station->dial->heartbeat, record->heartbeat, station->dial->heartbeat_len);
  return tilld_station_attach (station, station->dial, 1, NULL);
}

static gboolean
takes_money (const TilldProfile *profile, const TilldPlanSet *plans)
{
  return profile->recharge.write.registers > 0 && plans->plan[TILLD_PLAN_MONEY].n_reads > 0;
}

/* What another process, or an earlier life, read a moment ago is not due yet: a start asks no more than a round of polls would. */
static void
fill_circuit (TilldOwner *owner, TilldLine *line, const TilldFieldMeter *meter, const TilldProfile *profile)
{
  TilldCircuit *circuit = &line->circuits[line->n];
  gint64        interval_us = line->station->record.status_interval_s * TILL_SECOND;
  gint64        age_us = meter->read_at == 0 ? -1 : tilld_clock_wall (owner->field->clock) - meter->read_at;

  *circuit = (TilldCircuit){ .line = line, .meter = meter->id, .energy_wh = -1, .epoch = meter->epoch, .ct_ratio = MAX (meter->ct_ratio, 1),
                             .unit = meter->unit, .plans = plan_set (owner, profile, line->bus.timing.baud) };
  circuit->record = &line->records[line->n];
  *circuit->record = *meter;
  if (takes_money (profile, circuit->plans))
    circuit->money = &line->money[line->n_money++];
  if (age_us >= 0 && age_us < interval_us)
    {
      circuit->good_us = MAX (tilld_clock_boot_us (owner->field->clock) - age_us, 1);
      circuit->due_us = circuit->good_us + interval_us;
    }
  g_hash_table_add (owner->circuits, circuit);
  line->n++;
}

/* The meters of one port, in order of unit. */
static void
fill_line (TilldOwner *owner, TilldLine *line, const TilldFieldMeter *meters, guint n)
{
  guint n_money = 0;

  for (guint i = 0; i < n; i++)
    {
      const TilldProfile *profile = tilld_profiles_get (owner->field->options.profiles, meters[i].model);

      n_money += profile != NULL && takes_money (profile, plan_set (owner, profile, line->bus.timing.baud));
    }
  line->circuits = g_new0 (TilldCircuit, n);
  line->records = g_new0 (TilldFieldMeter, n);
  line->money = g_new0 (TilldCircuitMoney, n_money);
  for (guint i = 0; i < n; i++)
    {
      const TilldProfile *profile = tilld_profiles_get (owner->field->options.profiles, meters[i].model);

      if (profile == NULL)
        till_warn (TILL_LOG_METER (meters[i].id), NULL, "no model \"%s\": not read", meters[i].model);
      else
        fill_circuit (owner, line, &meters[i], profile);
    }
}

TilldStation *
tilld_owner_make (TilldOwner *owner, const TilldFieldGateway *gateway, const TilldFieldMeter *meters, guint n)
{
  TilldStation *station = tilld_station_new (owner->field, gateway);

  for (guint i = 0, same; i < n; i += same)
    {
      for (same = 1; i + same < n && meters[i + same].port == meters[i].port; same++)
        ;
      fill_line (owner, tilld_station_add_line (station, meters[i].port, gateway->baud), &meters[i], same);
    }
  for (guint i = 0; i < station->n_lines; i++)
    {
      tilld_schedule_init (g_new0 (TilldSchedule, 1), station->lines[i], reading_came, owner->field);
      station->lines[i]->schedule->is_full = is_full;
    }
  station->index = owner->stations->len;
  g_ptr_array_add (owner->stations, station);
  g_hash_table_add (owner->by_gateway, station);
  owner->per_group[tilld_lease_group (gateway->id)] += tilld_owner_dials (gateway);
  if (make_dial (station))
    return station;
  tilld_owner_unmake (owner, station);
  return NULL;
}

void
tilld_owner_unmake (TilldOwner *owner, TilldStation *station)
{
  TilldStation *last = g_ptr_array_index (owner->stations, owner->stations->len - 1);

  for (guint i = 0; i < station->n_lines; i++)
    for (guint c = 0; c < station->lines[i]->n; c++)
      g_hash_table_remove (owner->circuits, &station->lines[i]->circuits[c]);
  g_hash_table_remove (owner->by_gateway, station);
  g_ptr_array_remove_index_fast (owner->stations, station->index);
  last->index = station->index;
  owner->per_group[tilld_lease_group (station->record.id)] -= tilld_owner_dials (&station->record);
  if (station->to_dial.data != NULL)
    g_queue_unlink (&owner->to_dial, &station->to_dial);
  tilld_station_free (station);
}

static gboolean
same_meter (const TilldFieldMeter *a, const TilldFieldMeter *b)
{
  return a->id == b->id && a->port == b->port && a->unit == b->unit && a->epoch == b->epoch && a->ct_ratio == b->ct_ratio && a->model == b->model;
}

gboolean
tilld_owner_is_as_before (const TilldStation *station, const TilldFieldGateway *gateway, const TilldFieldMeter *meters, guint n)
{
  guint at = 0;

  if (!tilld_field_gateway_same (&station->record, gateway))
    return FALSE;
  for (guint l = 0; l < station->n_lines; l++)
    for (guint i = 0; i < station->lines[l]->n; i++, at++)
      if (at >= n || !same_meter (station->lines[l]->circuits[i].record, &meters[at]))
        return FALSE;
  return at == n;
}

void
tilld_owner_take_records (TilldStation *station, const TilldFieldGateway *gateway, const TilldFieldMeter *meters, guint n)
{
  guint at = 0;

  station->record = *gateway;
  for (guint l = 0; l < station->n_lines; l++)
    for (guint i = 0; i < station->lines[l]->n; i++)
      *station->lines[l]->circuits[i].record = meters[at++];
  g_assert (at == n);
}
