/* SPDX-License-Identifier: GPL-2.0-or-later
 * owner.c: the plant in memory: which gateways this process holds and their circuits. A gateway whose records changed is taken down,
 * when nothing is under way on it, and made anew. */
#include <string.h>
#include "server/core/clock.h"
#include "server/field/budget.h"
#include "server/field/field-private.h"
#include "server/field/transport.h"
#include "shared/base/till-log.h"

#define PULSE_MS           10000
#define PURSES_EVERY_TICKS 30

struct _TilldOwner {
  TilldFieldRole *field;
  GPtrArray      *stations;  /* TilldStation */
  GPtrArray      *plan_sets; /* TilldPlanSet */
  GHashTable     *circuits;  /* &circuit->meter -> circuit */
  GArray         *gateways, *meters; /* as loaded last, on the lane */
  GArray         *purses, *pulses;
  TilldOwnedGateway *owned;
  guint           n_owned;
  TilldTimer      pulse;
  gboolean        loading, again, asking_purses, pulsing;
  guint           ticks;
};

/* --- lines --- */

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
station_free (TilldOwner *owner, TilldStation *station)
{
  for (guint i = 0; i < station->n_lines; i++)
    for (guint c = 0; c < station->lines[i]->n; c++)
      g_hash_table_remove (owner->circuits, &station->lines[i]->circuits[c].meter);
  tilld_station_free (station);
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

/* --- sessions --- */

void
tilld_owner_session_opened (TilldOwner *owner)
{
  owner->ticks = 0; /* purses of this gateway are wanted now */
  tilld_owner_tick (owner);
  tilld_courier_scan (owner->field->courier);
  tilld_setter_scan (owner->field->setter);
}

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

static void
link_changed (TilldLink *link, gpointer data)
{
  tilld_station_link_changed (data, link);
}

/* --- building lines --- */

static void
fill_circuit (TilldOwner *owner, TilldLine *line, TilldCircuit *circuit, const TilldFieldMeter *meter)
{
  const TilldProfile *profile = tilld_profiles_get (owner->field->options.profiles, meter->model);

  *circuit = (TilldCircuit){ .line = line, .meter = meter->id, .energy_wh = -1, .epoch = meter->epoch, .ct_ratio = MAX (meter->ct_ratio, 1),
                             .unit = meter->unit, .plans = plan_set (owner, profile, line->bus.timing.baud) };
  circuit->record = g_memdup2 (meter, sizeof *meter);
  if (profile->recharge.write.registers > 0 && circuit->plans->plan[TILLD_PLAN_MONEY].n_reads > 0)
    circuit->money = g_new0 (TilldCircuitMoney, 1);
  g_hash_table_insert (owner->circuits, &circuit->meter, circuit);
}

static gboolean
station_is_as_before (const TilldStation *station, const TilldFieldGateway *gateway, const TilldFieldMeter *meters, guint n)
{
  guint at = 0, k = 0;

  if (!tilld_field_gateway_same (&station->record, gateway))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      const TilldFieldMeter *meter = &meters[i], *old;

      if (meter->gateway != gateway->id)
        continue;
      while (at < station->n_lines && k >= station->lines[at]->n)
        {
          at++;
          k = 0;
        }
      if (at == station->n_lines)
        return FALSE;
      old = station->lines[at]->circuits[k++].record;
      if (old->id != meter->id || old->port != meter->port || old->unit != meter->unit || old->epoch != meter->epoch ||
          old->ct_ratio != meter->ct_ratio || !g_str_equal (old->model, meter->model))
        return FALSE;
    }
  while (at < station->n_lines && k >= station->lines[at]->n)
    {
      at++;
      k = 0;
    }
  return at == station->n_lines;
}

/* Intervals, limits, proofs, accounts: nothing on the line changes. */
static void
take_records (TilldStation *station, const TilldFieldGateway *gateway, const TilldFieldMeter *meters, guint n)
{
  station->record = *gateway;
  for (guint i = 0; i < n; i++)
    if (meters[i].gateway == gateway->id)
      {
        TilldCircuit *circuit = tilld_station_circuit (station, meters[i].port, meters[i].unit);

        *circuit->record = meters[i];
      }
}

static TilldStation *
find_station (TilldOwner *owner, gint64 gateway)
{
  for (guint i = 0; i < owner->stations->len; i++)
    if (((TilldStation *) g_ptr_array_index (owner->stations, i))->record.id == gateway)
      return g_ptr_array_index (owner->stations, i);
  return NULL;
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
owns_tty (const TilldOwner *owner, const char *path)
{
  return g_strv_contains (tilld_config_list (owner->field->options.config, "field", "serial"), path);
}

static gboolean
dial_tty (TilldStation *station)
{
  const TilldFieldGateway *record = &station->record;
  g_autoptr(GError)        error = NULL;

  if (!owns_tty (station->field->owner, record->address))
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

/* The link of a gateway that we dial; FALSE: it may not be dialled. */
static gboolean
dial (TilldStation *station)
{
  const TilldFieldGateway *record = &station->record;
  const TilldFront        *front = front_of (record);
  g_autoptr(GError)        error = NULL;

  if (record->link == TILL_LINK_KIND_SERIAL)
    return dial_tty (station);
  if (front == NULL)
    return TRUE; /* it dials in */
  if (!record->allow_clear)
    {
      till_warn (TILL_LOG_GATEWAY (record->code), NULL, "not dialled: its record does not allow a clear link");
      return FALSE;
    }
  station->dial = g_new0 (TilldLink, 1);
  if (!tilld_link_init (station->dial, station->field->reactor, &tilld_transport_tcp, front, record->code, record->address, &error))
    {
      g_clear_pointer (&station->dial, g_free);
      till_warn (TILL_LOG_GATEWAY (record->code), error, "not dialled");
      return FALSE;
    }
  station->dial->link_class = TILL_LINK_CLASS_CLEAR;
  station->dial->changed = link_changed;
  station->dial->data = station;
  station->dial->heartbeat_len = MIN (record->heartbeat_len, TILLD_RTU_PATTERN_MAX);
  memcpy (station->dial->heartbeat, record->heartbeat, station->dial->heartbeat_len);
  return tilld_station_attach (station, station->dial, 1, NULL);
}

/* The meters of one port, in order of unit. */
static void
fill_line (TilldOwner *owner, TilldLine *line, const TilldFieldMeter *meters, guint n)
{
  line->circuits = g_new0 (TilldCircuit, n + 1);
  for (guint i = 0; i < n; i++)
    if (tilld_profiles_get (owner->field->options.profiles, meters[i].model) == NULL)
      till_warn (TILL_LOG_METER (meters[i].id), NULL, "no model \"%s\": not read", meters[i].model);
    else
      fill_circuit (owner, line, &line->circuits[line->n++], &meters[i]);
}

static void
add_station (TilldOwner *owner, const TilldFieldGateway *gateway)
{
  TilldStation          *station = tilld_station_new (owner->field, gateway);
  const TilldFieldMeter *meters = (const TilldFieldMeter *) owner->meters->data;

  for (guint i = 0, n; i < owner->meters->len; i += n)
    {
      for (n = 1; i + n < owner->meters->len && meters[i + n].gateway == meters[i].gateway && meters[i + n].port == meters[i].port; n++)
        ;
      if (meters[i].gateway == gateway->id)
        fill_line (owner, tilld_station_add_line (station, meters[i].port, gateway->baud), &meters[i], n);
    }
  for (guint i = 0; i < station->n_lines; i++)
    tilld_schedule_init (g_new0 (TilldSchedule, 1), station->lines[i], reading_came, owner->field);
  if (!dial (station))
    {
      station_free (owner, station);
      return;
    }
  g_ptr_array_add (owner->stations, station);
  if (station->dial != NULL)
    tilld_link_open (station->dial);
}

static gboolean
do_load (TilldDb *db, gpointer data, GError **error)
{
  TilldOwner *owner = data;

  g_array_set_size (owner->gateways, 0);
  g_array_set_size (owner->meters, 0);
  if (!tilld_field_plant_load (db, owner->field->options.profiles, owner->gateways, owner->meters, error))
    return FALSE;
  for (guint i = 0; i < owner->gateways->len; i++)
    {
      TilldFieldGateway *gateway = &g_array_index (owner->gateways, TilldFieldGateway, i);

      if (gateway->full_interval_s == 0)
        gateway->full_interval_s = (guint) tilld_config_int (owner->field->options.config, "field", "full_interval_s");
    }
  return TRUE;
}

/* TRUE: everything stands as the records say. */
static gboolean
settle (TilldOwner *owner)
{
  const TilldFieldMeter *meters = (const TilldFieldMeter *) owner->meters->data;
  guint                  site_full_s = (guint) tilld_config_int (owner->field->options.config, "field", "full_interval_s");
  gboolean               whole = TRUE;

  for (guint g = 0; g < owner->gateways->len; g++)
    if (g_array_index (owner->gateways, TilldFieldGateway, g).full_interval_s == 0)
      g_array_index (owner->gateways, TilldFieldGateway, g).full_interval_s = site_full_s;
  for (guint i = owner->stations->len; i > 0; i--)
    {
      TilldStation *station = g_ptr_array_index (owner->stations, i - 1);
      gboolean      keep = FALSE;

      for (guint g = 0; g < owner->gateways->len && !keep; g++)
        {
          const TilldFieldGateway *gateway = &g_array_index (owner->gateways, TilldFieldGateway, g);

          keep = station_is_as_before (station, gateway, meters, owner->meters->len);
          if (keep)
            take_records (station, gateway, meters, owner->meters->len);
        }
      station->retiring = !keep;
      if (keep)
        continue;
      if (tilld_station_orders (station) > 0 || station->opening ||
          (station->dial != NULL && station->dial->state == TILLD_LINK_RESOLVING))
        {
          whole = FALSE;
          continue;
        }
      g_ptr_array_remove_index_fast (owner->stations, i - 1);
      station_free (owner, station);
    }
  for (guint g = 0; g < owner->gateways->len; g++)
    {
      const TilldFieldGateway *gateway = &g_array_index (owner->gateways, TilldFieldGateway, g);

      if (find_station (owner, gateway->id) == NULL)
        add_station (owner, gateway);
    }
  tilld_budget_tell (owner->field, (TilldStation *const *) owner->stations->pdata, owner->stations->len);
  return whole;
}

static void
loaded (gpointer data, const GError *error)
{
  TilldOwner *owner = data;

  tilld_field_job_ended (owner->field);
  owner->loading = FALSE;
  if (owner->field->draining)
    return;
  if (error != NULL)
    till_warn (TILL_LOG_NONE, error, "plant not loaded");
  else if (settle (owner) && !owner->again)
    return;
  owner->again = TRUE; /* the next tick tries again */
}

void
tilld_owner_reload (TilldOwner *owner)
{
  if (owner->field->draining)
    return;
  if (owner->loading)
    {
      owner->again = TRUE;
      return;
    }
  owner->again = FALSE;
  owner->loading = tilld_field_push (owner->field, TILLD_LANE_INGEST, TRUE, do_load, loaded, owner, NULL);
  owner->again = !owner->loading;
}

static gboolean
do_purses (TilldDb *db, gpointer data, GError **error)
{
  TilldOwner *owner = data;

  g_array_set_size (owner->purses, 0);
  return tilld_purse_list (db, owner->owned, owner->n_owned, owner->purses, error);
}

static void
purses_came (gpointer data, const GError *error)
{
  TilldOwner *owner = data;

  tilld_field_job_ended (owner->field);
  owner->asking_purses = FALSE;
  g_clear_pointer (&owner->owned, g_free);
  if (error != NULL)
    {
      till_warn (TILL_LOG_NONE, error, "purses not loaded");
      owner->ticks = 0;
      return;
    }
  for (guint i = 0; i < owner->purses->len; i++)
    {
      const TilldPurse *purse = &g_array_index (owner->purses, TilldPurse, i);
      TilldCircuit     *circuit = tilld_owner_circuit (owner, purse->meter);

      /* What is under way knows a newer one. */
      if (circuit == NULL || circuit->money == NULL || circuit->money->in_order || circuit->money->reading)
        continue;
      circuit->money->purse = *purse;
      circuit->money->known = TRUE;
    }
}

void
tilld_owner_tick (TilldOwner *owner)
{
  for (guint i = 0; i < owner->stations->len; i++)
    tilld_session_open (g_ptr_array_index (owner->stations, i));
  if (owner->again && !owner->loading)
    tilld_owner_reload (owner);
  if (owner->asking_purses || owner->ticks++ % PURSES_EVERY_TICKS != 0)
    return;
  owner->owned = tilld_owner_gateways (owner, &owner->n_owned);
  owner->asking_purses = owner->n_owned > 0 && tilld_field_push (owner->field, TILLD_LANE_DELIVERY, TRUE, do_purses, purses_came, owner, NULL);
  if (!owner->asking_purses)
    g_clear_pointer (&owner->owned, g_free);
}

TilldCircuit *
tilld_owner_circuit (TilldOwner *owner, gint64 meter)
{
  return g_hash_table_lookup (owner->circuits, &meter);
}

TilldLine *
tilld_owner_line (TilldOwner *owner, gint64 gateway, guint port)
{
  TilldStation *station = find_station (owner, gateway);

  return station == NULL || station->retiring ? NULL : tilld_station_line (station, port);
}

TilldOwnedGateway *
tilld_owner_gateways (TilldOwner *owner, guint *ret_n)
{
  TilldOwnedGateway *list = g_new (TilldOwnedGateway, owner->stations->len + 1);
  guint              n = 0;

  for (guint i = 0; i < owner->stations->len; i++)
    {
      const TilldStation *station = g_ptr_array_index (owner->stations, i);

      if (station->epoch != 0 && tilld_station_is_up (station) && !station->retiring)
        list[n++] = (TilldOwnedGateway){ station->record.id, station->epoch };
    }
  *ret_n = n;
  return list;
}

const TilldFieldGateway *
tilld_owner_gateway (TilldOwner *owner, gint64 gateway)
{
  const TilldStation *station = find_station (owner, gateway);

  return station == NULL ? NULL : &station->record;
}

void
tilld_owner_record (TilldOwner *owner, gint64 gateway, TilldRecorder *recorder)
{
  TilldStation *station = find_station (owner, gateway);

  if (station == NULL)
    return;
  if (station->dial != NULL)
    station->dial->recorder = recorder;
  for (guint i = 0; i < station->links->len; i++)
    ((TilldLink *) g_ptr_array_index (station->links, i))->recorder = recorder;
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

TilldOwner *
tilld_owner_new (TilldFieldRole *field)
{
  TilldOwner *owner = g_new0 (TilldOwner, 1);

  owner->field = field;
  owner->stations = g_ptr_array_new ();
  owner->plan_sets = g_ptr_array_new_with_free_func (g_free);
  owner->circuits = g_hash_table_new (g_int64_hash, g_int64_equal);
  owner->gateways = g_array_new (FALSE, TRUE, sizeof (TilldFieldGateway));
  owner->meters = g_array_new (FALSE, TRUE, sizeof (TilldFieldMeter));
  owner->purses = g_array_new (FALSE, TRUE, sizeof (TilldPurse));
  owner->pulses = g_array_new (FALSE, TRUE, sizeof (TilldGatewayPulse));
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
  for (guint i = 0; i < owner->stations->len; i++)
    station_free (owner, g_ptr_array_index (owner->stations, i));
  g_ptr_array_unref (owner->stations);
  g_ptr_array_unref (owner->plan_sets);
  g_hash_table_unref (owner->circuits);
  g_array_unref (owner->gateways);
  g_array_unref (owner->meters);
  g_array_unref (owner->purses);
  g_array_unref (owner->pulses);
  g_free (owner->owned);
  g_free (owner);
}
