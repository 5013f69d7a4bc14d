/* SPDX-License-Identifier: GPL-2.0-or-later
 * owner.c: the plant in memory: which lines this process holds, their circuits, their sessions in the database. A line whose records
 * changed is taken down, when nothing is under way on it, and made anew. */
#include <string.h>
#include "server/core/clock.h"
#include "server/field/field-private.h"
#include "shared/base/till-log.h"

#define PULSE_MS           10000
#define PURSES_EVERY_TICKS 30

struct _TilldOwner {
  TilldFieldRole *field;
  GPtrArray      *lines;     /* TilldLine */
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
line_free (TilldOwner *owner, TilldLine *line)
{
  g_assert (line->orders == 0 && !line->opening);
  tilld_schedule_clear (line->schedule);
  tilld_bus_clear (&line->bus);
  for (guint i = 0; i < line->n; i++)
    {
      TilldCircuit *circuit = &line->circuits[i];

      g_hash_table_remove (owner->circuits, &circuit->meter);
      g_free (circuit->own_status);
      g_free (circuit->own_full);
      g_free (circuit->money);
      g_free (circuit->record);
    }
  g_free (line->circuits);
  g_clear_pointer (&line->zone, g_time_zone_unref);
  g_free (line->schedule);
  g_free (line);
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

typedef struct {
  TilldOwner *owner;
  TilldLine  *line;
  gint64      gateway, instance, epoch;
  gboolean    recover;
  guint       n_recovered;
} Session;

static gboolean
do_open (TilldDb *db, gpointer data, GError **error)
{
  Session          *s = data;
  TilldOwnedGateway owned;

  if (!tilld_gateway_session_open (db, s->gateway, &s->owner->field->options.run, TILL_LINK_CLASS_CLEAR, &s->epoch, error))
    return FALSE;
  owned = (TilldOwnedGateway){ s->gateway, s->epoch };
  return !s->recover || tilld_delivery_recover (db, &owned, 1, &s->n_recovered, error);
}

static void
opened (gpointer data, const GError *error)
{
  Session   *s = data;
  TilldLine *line = s->line;

  tilld_field_job_ended (s->owner->field);
  line->opening = FALSE;
  if (error != NULL)
    till_warn (TILL_LOG_GATEWAY (line->record.code), error, "session not opened");
  else
    {
      line->recovered = TRUE;
      if (line->link.state == TILLD_LINK_UP && line->link.instance == s->instance)
        line->link.session_epoch = s->epoch;
      if (s->n_recovered > 0)
        till_info (TILL_LOG_GATEWAY (line->record.code), "%u orders of an earlier life are read back", s->n_recovered);
      s->owner->ticks = 0; /* purses of this gateway are wanted now */
      tilld_owner_tick (s->owner);
      tilld_courier_scan (s->owner->field->courier);
      tilld_setter_scan (s->owner->field->setter);
    }
  g_free (s);
}

/* Also called again each second until it worked: money waits, polls do not. */
static void
open_session (TilldOwner *owner, TilldLine *line)
{
  Session *s;

  if (line->opening || owner->field->draining || line->link.state != TILLD_LINK_UP || line->link.session_epoch != 0)
    return;
  s = g_new0 (Session, 1);
  *s = (Session){ .owner = owner, .line = line, .gateway = line->record.id, .instance = line->link.instance, .recover = !line->recovered };
  line->opening = tilld_field_push (owner->field, TILLD_LANE_DELIVERY, TRUE, do_open, opened, s, NULL);
  if (!line->opening)
    g_free (s);
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

  if (owner->pulsing || owner->lines->len == 0)
    return;
  g_array_set_size (owner->pulses, 0);
  for (guint i = 0; i < owner->lines->len; i++)
    {
      TilldLine        *line = g_ptr_array_index (owner->lines, i);
      TilldLink        *link = &line->link;
      TilldGatewayPulse pulse = { .gateway = line->record.id, .epoch = link->session_epoch, .rtt_us = line->bus.srtt_us,
                                  .requests = (gint64) (link->requests - line->pulse_requests),
                                  .failures = (gint64) (link->failures - line->pulse_failures), .online = link->state == TILLD_LINK_UP,
                                  .seen_at = link->heard_us == 0 ? 0 : wall - (now - link->heard_us) };

      if (pulse.online && pulse.epoch == 0)
        continue;
      line->pulse_requests = link->requests;
      line->pulse_failures = link->failures;
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

static void
link_changed (TilldLink *link, gpointer data)
{
  TilldLine  *line = data;
  TilldOwner *owner = ((TilldFieldRole *) line->field)->owner;

  if (link->state == TILLD_LINK_UP)
    {
      till_info (TILL_LOG_GATEWAY (link->code), "link is up");
      for (guint i = 0; i < line->n; i++)
        line->circuits[i].due_us = MIN (line->circuits[i].due_us, line->circuits[i].good_us);
      open_session (owner, line);
    }
  else if (link->state == TILLD_LINK_DOWN && !owner->field->draining)
    tilld_timer_arm (owner->field->reactor, &owner->pulse, 200); /* people see a lost gateway soon */
}

/* --- building lines --- */

static void
fill_circuit (TilldOwner *owner, TilldLine *line, TilldCircuit *circuit, const TilldFieldMeter *meter)
{
  const TilldProfile *profile = tilld_profiles_get (owner->field->options.profiles, meter->model);

  *circuit = (TilldCircuit){ .line = line, .meter = meter->id, .energy_wh = -1, .epoch = meter->epoch, .ct_ratio = MAX (meter->ct_ratio, 1),
                             .unit = meter->unit, .plans = plan_set (owner, profile, line->record.baud) };
  circuit->record = g_memdup2 (meter, sizeof *meter);
  if (profile->recharge.write.registers > 0 && circuit->plans->plan[TILLD_PLAN_MONEY].n_reads > 0)
    circuit->money = g_new0 (TilldCircuitMoney, 1);
  g_hash_table_insert (owner->circuits, &circuit->meter, circuit);
}

static gboolean
same_gateway (const TilldFieldGateway *a, const TilldFieldGateway *b)
{
  return a->id == b->id && a->link == b->link && a->allow_clear == b->allow_clear && a->fixed_tid == b->fixed_tid && a->baud == b->baud &&
         a->word_order == b->word_order && g_str_equal (a->code, b->code) && g_str_equal (a->address, b->address) &&
         g_str_equal (a->zone, b->zone) && a->heartbeat_len == b->heartbeat_len && memcmp (a->heartbeat, b->heartbeat, a->heartbeat_len) == 0;
}

static gboolean
line_is_as_before (const TilldLine *line, const TilldFieldGateway *gateway, const TilldFieldMeter *meters, guint n)
{
  guint k = 0;

  if (!same_gateway (&line->record, gateway))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      const TilldFieldMeter *meter = &meters[i], *old;

      if (meter->gateway != gateway->id)
        continue;
      if (k >= line->n)
        return FALSE;
      old = line->circuits[k++].record;
      if (old->id != meter->id || old->unit != meter->unit || old->epoch != meter->epoch || old->ct_ratio != meter->ct_ratio ||
          !g_str_equal (old->model, meter->model))
        return FALSE;
    }
  return k == line->n;
}

/* Intervals, limits, proofs, accounts: nothing on the line changes. */
static void
take_records (TilldLine *line, const TilldFieldGateway *gateway, const TilldFieldMeter *meters, guint n)
{
  guint k = 0;

  line->record = *gateway;

  for (guint i = 0; i < n; i++)
    if (meters[i].gateway == line->record.id)
      *line->circuits[k++].record = meters[i];
}

static TilldLine *
find_line (TilldOwner *owner, gint64 gateway)
{
  for (guint i = 0; i < owner->lines->len; i++)
    if (((TilldLine *) g_ptr_array_index (owner->lines, i))->record.id == gateway)
      return g_ptr_array_index (owner->lines, i);
  return NULL;
}

static const TilldFront *
front_of (const TilldFieldGateway *gateway)
{
  if (gateway->link == TILL_LINK_KIND_RTU_TCP)
    return &tilld_front_rtu;
  if (gateway->link == TILL_LINK_KIND_MODBUS_TCP)
    return gateway->fixed_tid ? &tilld_front_mbap_fixed_tid : &tilld_front_mbap;
  return NULL; /* ttys and gateways that dial in have owners of their own */
}

static void
add_line (TilldOwner *owner, const TilldFieldGateway *gateway)
{
  const TilldFront *front = front_of (gateway);
  TilldLine        *line;
  g_autoptr(GError) error = NULL;
  guint             n = 0;

  if (front == NULL)
    return;
  if (!gateway->allow_clear)
    {
      till_warn (TILL_LOG_GATEWAY (gateway->code), NULL, "not dialled: its record does not allow a clear link");
      return;
    }
  line = g_new0 (TilldLine, 1);
  if (!tilld_link_init (&line->link, owner->field->reactor, front, gateway->code, gateway->address, &error))
    {
      till_warn (TILL_LOG_GATEWAY (gateway->code), error, "not dialled");
      g_free (line);
      return;
    }
  line->record = *gateway;
  line->field = owner->field;
  line->zone = till_zone_new (gateway->zone, NULL);
  if (line->zone == NULL)
    line->zone = g_time_zone_new_utc ();
  memcpy (line->link.heartbeat, gateway->heartbeat, MIN (gateway->heartbeat_len, TILLD_RTU_PATTERN_MAX));
  line->link.heartbeat_len = MIN (gateway->heartbeat_len, TILLD_RTU_PATTERN_MAX);
  line->circuits = g_new0 (TilldCircuit, owner->meters->len + 1);
  for (guint i = 0; i < owner->meters->len; i++)
    {
      const TilldFieldMeter *meter = &g_array_index (owner->meters, TilldFieldMeter, i);

      if (meter->gateway != gateway->id)
        continue;
      if (tilld_profiles_get (owner->field->options.profiles, meter->model) == NULL)
        till_warn (TILL_LOG_METER (meter->id), NULL, "no model \"%s\": not read", meter->model);
      else
        fill_circuit (owner, line, &line->circuits[n++], meter);
    }
  line->n = n;
  tilld_bus_init (&line->bus, owner->field->reactor, &line->link, gateway->baud);
  tilld_schedule_init (g_new0 (TilldSchedule, 1), line, reading_came, owner->field);
  line->link.changed = link_changed;
  line->link.data = line;
  g_ptr_array_add (owner->lines, line);
  tilld_link_open (&line->link);
}

/* --- loading --- */

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
  for (guint i = owner->lines->len; i > 0; i--)
    {
      TilldLine *line = g_ptr_array_index (owner->lines, i - 1);
      gboolean   keep = FALSE;

      for (guint g = 0; g < owner->gateways->len && !keep; g++)
        {
          const TilldFieldGateway *gateway = &g_array_index (owner->gateways, TilldFieldGateway, g);

          keep = line_is_as_before (line, gateway, meters, owner->meters->len);
          if (keep)
            take_records (line, gateway, meters, owner->meters->len);
        }
      line->retiring = !keep;
      if (keep)
        continue;
      if (line->orders > 0 || line->opening || line->link.state == TILLD_LINK_RESOLVING)
        {
          whole = FALSE;
          continue;
        }
      g_ptr_array_remove_index_fast (owner->lines, i - 1);
      line_free (owner, line);
    }
  for (guint g = 0; g < owner->gateways->len; g++)
    {
      const TilldFieldGateway *gateway = &g_array_index (owner->gateways, TilldFieldGateway, g);

      if (find_line (owner, gateway->id) == NULL)
        add_line (owner, gateway);
    }
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
  for (guint i = 0; i < owner->lines->len; i++)
    open_session (owner, g_ptr_array_index (owner->lines, i));
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
  TilldLine *line = find_line (owner, gateway);

  return line == NULL || line->retiring || port != 1 ? NULL : line;
}

TilldOwnedGateway *
tilld_owner_gateways (TilldOwner *owner, guint *ret_n)
{
  TilldOwnedGateway *list = g_new (TilldOwnedGateway, owner->lines->len + 1);
  guint              n = 0;

  for (guint i = 0; i < owner->lines->len; i++)
    {
      const TilldLine *line = g_ptr_array_index (owner->lines, i);

      if (line->link.session_epoch != 0 && line->link.state == TILLD_LINK_UP && !line->retiring)
        list[n++] = (TilldOwnedGateway){ line->record.id, line->link.session_epoch };
    }
  *ret_n = n;
  return list;
}

void
tilld_owner_health (TilldOwner *owner, TilldFieldHealth *health)
{
  for (guint i = 0; i < owner->lines->len; i++)
    {
      const TilldLine *line = g_ptr_array_index (owner->lines, i);

      health->lines++;
      health->up += line->link.state == TILLD_LINK_UP;
      health->circuits += line->n;
      health->lost += line->schedule->n_lost;
    }
}

TilldOwner *
tilld_owner_new (TilldFieldRole *field)
{
  TilldOwner *owner = g_new0 (TilldOwner, 1);

  owner->field = field;
  owner->lines = g_ptr_array_new ();
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
  for (guint i = 0; i < owner->lines->len; i++)
    tilld_schedule_clear (((TilldLine *) g_ptr_array_index (owner->lines, i))->schedule);
}

void
tilld_owner_stop (TilldOwner *owner)
{
  for (guint i = 0; i < owner->lines->len; i++)
    tilld_link_stop (&((TilldLine *) g_ptr_array_index (owner->lines, i))->link);
}

void
tilld_owner_free (TilldOwner *owner)
{
  tilld_timer_disarm (owner->field->reactor, &owner->pulse);
  for (guint i = 0; i < owner->lines->len; i++)
    line_free (owner, g_ptr_array_index (owner->lines, i));
  g_ptr_array_unref (owner->lines);
  g_ptr_array_unref (owner->plan_sets);
  g_hash_table_unref (owner->circuits);
  g_array_unref (owner->gateways);
  g_array_unref (owner->meters);
  g_array_unref (owner->purses);
  g_array_unref (owner->pulses);
  g_free (owner->owned);
  g_free (owner);
}
