/* SPDX-License-Identifier: GPL-2.0-or-later
 * settle.c: readings -> charges -> postings, one transaction a meter. Prices and rounding are rules; rows are settle-store.c. */
#include "server/domain/money/settle.h"

#include "server/domain/money/history.h"
#include "server/domain/money/ledger-append.h"
#include "server/domain/money/settle-prices.h"
#include "server/domain/office/audit.h"
#include "server/domain/plant/alarm.h"
#include "server/domain/plant/feed.h"
#include "server/rules/energy-rules.h"

#define DAYS_AT_ONCE 3                /* of one transaction: two entries a day at most */
#define FIRST_MAX    (50 * TILL_MONEY_UNIT) /* taken between baseline and first reading: more is no use */
#define ENERGY_STEP  10               /* Wh: of a register whose step the profile does not say */

/* A run over one meter. */
typedef struct {
  TilldDb                  *db;
  const TilldSettleContext *c;
  TilldSettleMeter          m;
  const TilldProfile       *profile;
  GArray                   *spans; /* TilldTariffSpan */
  TilldMeterPrices          prices;
  TilldSettleState          state, held_state, high_state; /* by the tariff; by what the meter charged, at least and at most */
  GArray                   *uses_before;
  TilldLedgerEntry          entries[TILLD_ENTRIES_MAX];
  guint                     n_entries;
  TillMoney                 bought_total;       /* what the meter said it was sold, at the last reading that was settled */
  gboolean                  has_bought;
  TilldSettleOutcome        out;
} Run;

/* What is settled by one posting: readings of one day. */
typedef struct {
  GArray          *lines, *held_lines;
  TilldSettlement  s;
  TillMoney        held_charge, high_charge;
  guint            readings;
  TillDay          day;
} Group;

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->spans, g_array_unref);
  g_clear_pointer (&run->uses_before, g_array_unref);
  tilld_meter_prices_clear (&run->prices);
  tilld_settle_state_clear (&run->state);
  tilld_settle_state_clear (&run->held_state);
  tilld_settle_state_clear (&run->high_state);
}

static void
group_clear (Group *group)
{
  g_clear_pointer (&group->lines, g_array_unref);
  g_clear_pointer (&group->held_lines, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Group, group_clear)

static void
copy_uses (const GArray *from, GArray *to)
{
  g_array_set_size (to, 0);
  g_array_append_vals (to, from->data, from->len);
}

static gboolean
begin (Run *run, gint64 meter, GError **error)
{
  const TilldCivil *civil = tilld_tariff_book_civil (run->c->book);

  if (!tilld_settle_lock (run->db, meter, &run->m, error))
    return FALSE;
  run->profile = tilld_profiles_get (run->c->profiles, run->m.model);
  run->m.purse_unit = run->profile != NULL && run->profile->purse_multiplier > 0 ? run->profile->purse_multiplier : TILL_MONEY_FEN;
  run->spans = g_array_new (FALSE, FALSE, sizeof (TilldTariffSpan));
  run->uses_before = g_array_new (FALSE, FALSE, sizeof (TilldUse));
  tilld_settle_state_init (&run->state);
  tilld_settle_state_init (&run->held_state);
  tilld_settle_state_init (&run->high_state);
  if (!tilld_tariff_book_spans_of (run->db, run->c->book, meter, run->spans, error))
    return FALSE;
  if (run->spans->len == 0 || !run->m.has_state)
    return TRUE;
  if (!tilld_meter_prices_load (run->db, &run->m, run->profile, run->spans, civil->zone, &run->prices, error) ||
      !tilld_settle_uses_load (run->db, &run->m, till_zone_day (civil->zone, run->m.last.at), &run->state, error))
    return FALSE;
  copy_uses (run->state.uses, run->uses_before);
  copy_uses (run->state.uses, run->held_state.uses);
  copy_uses (run->state.uses, run->high_state.uses);
  run->state.carry = run->m.carry;
  run->held_state.carry = run->high_state.carry = run->m.carry_held;
  return TRUE;
}

/* --- one group --- */

/* Lines of one price are one line of the day. */
static void
merge (GArray *lines)
{
  for (guint i = 0; i < lines->len; i++)
    for (guint k = i + 1; k < lines->len;)
      {
        TilldChargeLine *a = &g_array_index (lines, TilldChargeLine, i);
        const TilldChargeLine *b = &g_array_index (lines, TilldChargeLine, k);

        if (a->kind != b->kind || a->tariff != b->tariff || a->effective != b->effective || a->rate != b->rate || a->tier != b->tier || a->price != b->price)
          {
            k++;
            continue;
          }
        a->energy += b->energy;
        a->days += b->days;
        a->amount += b->amount;
        a->estimated = a->estimated || b->estimated;
        g_array_remove_index (lines, k);
      }
}

static gboolean
add_interval (Run *run, Group *group, const TilldSettleReading *to, GError **error)
{
  const TilldSettleTerms terms = { tilld_tariff_book_civil (run->c->book), (const TilldTariffSpan *) (gpointer) run->spans->data, run->spans->len,
                                   run->m.heads };
  TilldSettleTerms low = terms, high = terms;
  TilldSettleResult result, held_result, high_result;

  tilld_meter_prices_at (&run->prices, run->m.last.at, to->at, &low, &high);
  if (!tilld_settle_interval (&terms, &run->m.last, to, &run->state, group->lines, &result, error) ||
      !tilld_settle_interval (&low, &run->m.last, to, &run->held_state, group->held_lines, &held_result, error) ||
      !tilld_settle_interval (&high, &run->m.last, to, &run->high_state, group->held_lines, &high_result, error))
    {
      g_prefix_error (error, "meter %" G_GINT64_FORMAT ": ", run->m.meter);
      return FALSE;
    }
  if (group->readings == 0)
    group->s.from = run->m.last.at;
  group->s.to = to->at;
  group->s.epoch = to->epoch;
  group->s.energy += result.energy;
  group->s.charge += result.total;
  group->s.flags |= result.flags;
  group->held_charge += held_result.total;
  group->high_charge += high_result.total;
  group->readings++;
  run->m.last = *to;
  return TRUE;
}

static Group
group_begin (Run *run, TillDay day)
{
  return (Group){ .lines = g_array_new (FALSE, TRUE, sizeof (TilldChargeLine)), .held_lines = g_array_new (FALSE, TRUE, sizeof (TilldChargeLine)),
                  .day = day };
}

static void
post (Run *run, TillLedgerEvent event, const TillId *request, TillMoney amount)
{
  TilldLedgerEntry *entry = &run->entries[run->n_entries];

  if (amount == 0)
    return;
  g_assert (run->n_entries < TILLD_ENTRIES_MAX);
  *entry = (TilldLedgerEntry){ .request = *request,
                               .fact = { .event = event, .amount = amount, .server_settled = run->m.settlement == TILL_SETTLEMENT_SERVER,
                                         .site = run->m.site, .meter = run->m.meter, .account = run->m.account } };
  run->n_entries++;
  run->out.amount += event == TILL_LEDGER_EVENT_SETTLED ? amount : 0;
}

/* Stores what a group came to; rounding: what was posted beyond the lines. */
static gboolean
store (Run *run, Group *group, TillMoney amount, TillMoney rounding, GError **error)
{
  till_id_new (&group->s.id, group->s.to / 1000);
  group->s.amount = amount;
  merge (group->lines);
  post (run, TILL_LEDGER_EVENT_SETTLED, &group->s.id, amount);
  run->out.settlements++;
  return tilld_settlement_insert (run->db, &run->m, &group->s, group->lines, rounding, error);
}

static gboolean
close_server_group (Run *run, Group *group, GError **error)
{
  if (group->lines->len == 0) /* nothing was used and no day began */
    return TRUE;
  return store (run, group, group->s.charge, 0, error);
}

/* --- meters that settle themselves --- */

/* What the meter should hold by the ledger when it showed this reading, in units of its purse; not known: that cannot be said of it. */
static gboolean
believed_at (Run *run, const TilldHistoryReading *r, gint64 *ret_target, gboolean *ret_known, GError **error)
{
  TilldMovedSince moved;
  gint64 pending;

  *ret_known = FALSE;
  if (!r->has_balance || run->m.frozen || r->reading.epoch != run->m.purse_epoch)
    return TRUE;
  if (!tilld_settle_moved (run->db, &run->m, r->reading.at, &moved, error))
    return FALSE;
  pending = run->m.has_total && r->has_total ? run->m.total - r->purchased_total : moved.delivered;
  if (pending < 0 || moved.near_debit || (moved.near_delivery && !(run->m.has_total && r->has_total)))
    return TRUE;
  *ret_target = r->balance + pending - moved.debited;
  *ret_known = TRUE;
  return TRUE;
}

static gboolean
raise_case (Run *run, const TilldConservationRow *row, GError **error)
{
  run->out.discrepancy = TRUE;
  return tilld_conservation_case (run->db, &run->m, row, error) &&
         tilld_alarm_raise (run->db, &(TilldAlarmEvent){ run->m.site, TILL_ALARM_KIND_CONSERVATION, run->m.meter, 0, NULL }, error);
}

static gboolean
close_meter_group (Run *run, Group *group, TillMoney target, TillMoney bought, GError **error)
{
  TilldConservation in = { .deducted = run->m.on_meter - target, .charge = group->held_charge,
                           .charge_high = group->high_charge, .price_max = tilld_meter_prices_max (&run->prices), .purse_unit = run->m.purse_unit,
                           .energy_unit = 10, .readings = group->readings };
  TilldConservationRow row = { .day = group->day, .energy = group->s.energy, .bought = bought, .deducted = in.deducted,
                               .readings = in.readings };
  TillMoney explained;
  gboolean holds;

  holds = tilld_conservation_holds (&in, &row.difference, &row.tolerance);
  row.charge = CLAMP (in.deducted, in.charge, MAX (in.charge, in.charge_high));
  row.charge_low = in.charge;
  row.charge_high = MAX (in.charge, in.charge_high);
  explained = holds ? in.deducted : row.charge;
  if (!store (run, group, explained, explained - group->s.charge, error))
    return FALSE;
  row.settlement = group->s.id;
  run->m.on_meter = target;
  run->m.difference += group->s.charge - explained;
  if (!tilld_conservation_store (run->db, &run->m, &row, error))
    return FALSE;
  if (holds)
    return TRUE;
  post (run, TILL_LEDGER_EVENT_ADOPTED, &group->s.id, - row.difference); /* what nothing explains lies apart until two persons decide */
  return raise_case (run, &row, error);
}

/* --- meters whose purse counts energy --- */

static const TilldTariff *
tariff_of (const Run *run, TillDay day)
{
  guint i = run->spans->len - 1;

  while (i > 0 && g_array_index (run->spans, TilldTariffSpan, i).from > day)
    i--;
  return g_array_index (run->spans, TilldTariffSpan, i).tariff;
}

/* The energy was paid for when it was bought: one line at the price of then, whatever the tariff asks today. */
static gboolean
store_energy (Run *run, Group *group, TillEnergy used, TillMoney amount, GError **error)
{
  const TilldTariff *tariff = tariff_of (run, group->day);
  TilldChargeLine line = { .kind = TILLD_LINE_ENERGY, .tariff = tariff->id, .effective = tariff->effective, .rate = TILL_RATE_FLAT, .energy = used };

  g_array_set_size (group->lines, 0);
  group->s.energy = used;
  group->s.charge = amount;
  if (used > 0 && till_money_mul_div (amount, 1000, used, TILL_ROUND_HALF_AWAY, &line.price))
    {
      line.amount = tilld_energy_worth (used, line.price);
      g_array_append_val (group->lines, line);
    }
  return store (run, group, amount, amount - line.amount, error);
}

/* target: what the meter should hold by the ledger, in Wh. What the purse lost must be what the register counted; what it lost beyond lies
 * apart with its share of the money until two persons decide. */
static gboolean
close_energy_group (Run *run, Group *group, TillEnergy target, TillEnergy bought, GError **error)
{
  const TilldPoint *point = run->profile != NULL ? tilld_profile_point (run->profile, TILLD_POINT_ENERGY_TOTAL) : NULL;
  TillMoney price = run->m.price, gone, used;
  TillEnergy counted = group->s.energy, lost = run->m.energy - target;
  TilldEnergyStock before = { run->m.energy, run->m.on_meter }, stock = before;
  TilldConservationRow row = { .day = group->day, .energy = counted, .has_energy = TRUE, .energy_deducted = lost, .readings = group->readings };
  gboolean holds = tilld_energy_holds (lost, counted, run->m.purse_unit, point != NULL ? point->multiplier : ENERGY_STEP, &row.energy_difference,
                                       &row.energy_tolerance);

  used = gone = tilld_energy_take (&stock, lost, price);
  if (!holds)
    used = tilld_energy_take (&before, counted, price);
  if (!store_energy (run, group, counted, used, error))
    return FALSE;
  row.settlement = group->s.id;
  row.bought = tilld_energy_worth (bought, price);
  row.deducted = tilld_energy_worth (lost, price);
  row.charge = tilld_energy_worth (counted, price);
  row.difference = row.deducted - row.charge;
  row.tolerance = tilld_energy_worth (row.energy_tolerance, price);
  run->m.energy = target;
  run->m.on_meter = stock.value;
  if (!tilld_conservation_store (run->db, &run->m, &row, error))
    return FALSE;
  if (holds)
    return TRUE;
  post (run, TILL_LEDGER_EVENT_ADOPTED, &group->s.id, used - gone);
  return raise_case (run, &row, error);
}

/* As below: little was taken before the first reading, or something is wrong. */
static gboolean
begin_energy_settled (Run *run, Group *group, TillEnergy target, GError **error)
{
  TillMoney price = run->m.price, gone;
  TillEnergy lost = run->m.energy - target;
  TilldEnergyStock stock = { run->m.energy, run->m.on_meter };
  TilldConservationRow row = { .day = group->day, .has_energy = TRUE, .energy_deducted = lost, .energy_difference = lost, .readings = 1 };
  gboolean little = lost >= 0 && tilld_energy_worth (lost, price) <= FIRST_MAX;

  if (lost == 0)
    return TRUE;
  gone = tilld_energy_take (&stock, lost, price);
  run->m.energy = target;
  run->m.on_meter = stock.value;
  if (!store_energy (run, group, little ? lost : 0, little ? gone : 0, error))
    return FALSE;
  if (little)
    return TRUE;
  row.settlement = group->s.id;
  row.deducted = row.difference = tilld_energy_worth (lost, price);
  post (run, TILL_LEDGER_EVENT_ADOPTED, &group->s.id, - gone);
  return raise_case (run, &row, error);
}

/* From the baseline to the first reading there is no energy to compare with: little was taken, or something is wrong. */
static gboolean
begin_meter_settled (Run *run, const TilldHistoryReading *r, GError **error)
{
  const TilldCivil *civil = tilld_tariff_book_civil (run->c->book);
  TillMoney target, taken;
  gboolean known;
  g_auto (Group) group = group_begin (run, till_zone_day (civil->zone, r->reading.at));

  if (!believed_at (run, r, &target, &known, error))
    return FALSE;
  run->out.deferred = !known;
  if (!known)
    return TRUE;
  taken = run->m.on_meter - target;
  group.s.from = MIN (run->m.purse_at, r->reading.at - TILL_SECOND);
  group.s.to = r->reading.at;
  group.s.epoch = r->reading.epoch;
  run->m.last = r->reading;
  if (run->m.purse == TILL_PURSE_ENERGY)
    return begin_energy_settled (run, &group, target, error);
  run->m.on_meter = target;
  if (taken == 0)
    return TRUE;
  if (!store (run, &group, ABS (taken) <= FIRST_MAX ? taken : 0, ABS (taken) <= FIRST_MAX ? taken : 0, error))
    return FALSE;
  if (ABS (taken) <= FIRST_MAX)
    return TRUE;
  post (run, TILL_LEDGER_EVENT_ADOPTED, &group.s.id, - taken);
  return raise_case (run, &(TilldConservationRow){ .day = group.day, .deducted = taken, .difference = taken, .readings = 1, .settlement = group.s.id }, error);
}

/* --- the run --- */

static gboolean
close_group (Run *run, Group *group, gint64 target, gint64 bought, GError **error)
{
  if (run->m.settlement == TILL_SETTLEMENT_SERVER)
    return close_server_group (run, group, error);
  return run->m.purse == TILL_PURSE_ENERGY ? close_energy_group (run, group, target, bought, error) : close_meter_group (run, group, target, bought, error);
}

/* Day by day. A meter's own day ends with the first reading that can be compared; an unfinished day of it waits. */
static gboolean
settle_readings (Run *run, const GArray *readings, GError **error)
{
  const TilldCivil *civil = tilld_tariff_book_civil (run->c->book);
  gboolean server = run->m.settlement == TILL_SETTLEMENT_SERVER;
  guint i = 0, days = 0;

  while (i < readings->len && days < DAYS_AT_ONCE)
    {
      TilldSettleMeter kept = run->m;
      g_autoptr (GArray) uses = g_array_new (FALSE, FALSE, sizeof (TilldUse)), held_uses = g_array_new (FALSE, FALSE, sizeof (TilldUse));
      gint32 carry = run->state.carry, carry_held = run->held_state.carry, carry_high = run->high_state.carry;
      g_auto (Group) group = group_begin (run, till_zone_day (civil->zone, run->m.last.at));
      TillMoney target = 0, bought = run->bought_total;
      gboolean closed = FALSE;

      copy_uses (run->state.uses, uses);
      copy_uses (run->held_state.uses, held_uses);
      for (; i < readings->len && !closed; i++)
        {
          const TilldHistoryReading *r = &g_array_index (readings, TilldHistoryReading, i);
          TillTime end = till_zone_day_start (civil->zone, group.day + 1);
          gboolean last = r->reading.at >= end || i + 1 == readings->len || g_array_index (readings, TilldHistoryReading, i + 1).reading.at > end;

          run->bought_total = r->purchased_total;
          if (!add_interval (run, &group, &r->reading, error))
            return FALSE;
          if (!last || (!server && r->reading.at < end && !run->c->all))
            continue;
          if (server)
            closed = TRUE;
          else if (!believed_at (run, r, &target, &closed, error))
            return FALSE;
        }
      if (!closed) /* what was walked over is walked over again when it can be posted */
        {
          run->m = kept;
          copy_uses (uses, run->state.uses);
          copy_uses (held_uses, run->held_state.uses);
          copy_uses (held_uses, run->high_state.uses);
          run->state.carry = carry;
          run->held_state.carry = carry_held;
          run->high_state.carry = carry_high;
          run->out.deferred = TRUE;
          return TRUE;
        }
      if (!close_group (run, &group, target, run->has_bought ? run->bought_total - bought : 0, error))
        return FALSE;
      days++;
    }
  return TRUE;
}

/* The first reading is where settling begins; so is the first of a new account of a server-settled meter, and that of a purse of energy after
 * another device or accepted values. */
static gboolean
begins_anew (const TilldSettleMeter *m)
{
  if (m->settlement == TILL_SETTLEMENT_METER && m->purse == TILL_PURSE_ENERGY && !m->has_energy)
    return TRUE;
  return !m->has_state || (m->settlement == TILL_SETTLEMENT_SERVER && m->account != m->state_account && m->account_since > m->last.at);
}

static gboolean
begin_first (Run *run, const GArray *readings, GError **error)
{
  TillTime since = run->m.settlement == TILL_SETTLEMENT_SERVER ? run->m.account_since : run->m.purse_at;

  for (guint i = 0; i < readings->len; i++)
    {
      const TilldHistoryReading *r = &g_array_index (readings, TilldHistoryReading, i);

      if (r->reading.at < since)
        continue;
      if (run->m.settlement == TILL_SETTLEMENT_METER)
        {
          if (!begin_meter_settled (run, r, error))
            return FALSE;
          if (run->out.deferred)
            continue;
        }
      run->m.last = r->reading;
      run->m.carry = run->m.carry_held = 0;
      run->state.carry = run->held_state.carry = run->high_state.carry = 0;
      run->out.deferred = FALSE;
      run->m.has_state = TRUE;
      return TRUE;
    }
  return TRUE;
}

static gboolean
finish (Run *run, GError **error)
{
  g_autofree char *object = g_strdup_printf ("meter:%" G_GINT64_FORMAT, run->m.meter);
  g_autoptr (TillJsonWrite) w = NULL;
  g_autofree char *after = NULL;

  run->m.carry = run->state.carry;
  run->m.carry_held = run->held_state.carry;
  if (!tilld_settle_uses_add (run->db, &run->m, run->uses_before, run->state.uses, error) || !tilld_settle_state_store (run->db, &run->m, error))
    return FALSE;
  if (run->n_entries == 0)
    return TRUE;
  TILLD_COMMIT_POINT (run->db, SETTLEMENT);
  if (!tilld_feed_add_ids (run->db, "meter", &run->m.meter, 1, error) ||
      !tilld_ledger_append (run->db, run->c->who, run->m.site, run->entries, run->n_entries, error))
    return FALSE;
  w = till_json_write_new ();
  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "settlements", run->out.settlements);
  till_json_write_money (w, "amount", run->out.amount);
  till_json_write_time (w, "until", run->m.last.at);
  till_json_write_end_object (w);
  after = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  return tilld_audit_write (run->db, run->c->who, &(TilldAuditEntry){ .action = "settle.posted", .object = object, .after = after }, error);
}

gboolean
tilld_settle_meter (TilldDb *db, const TilldSettleContext *c, gint64 meter, TilldSettleOutcome *ret, GError **error)
{
  g_auto (Run) run = { .db = db, .c = c };
  g_autoptr (GArray) readings = g_array_new (FALSE, TRUE, sizeof (TilldHistoryReading));
  TillTime from;
  gboolean anew;

  g_assert (tilld_actor_is_set (c->who) && tilld_db_in_transaction (db));
  if (!begin (&run, meter, error))
    return FALSE;
  *ret = run.out;
  if (run.spans->len == 0 || run.m.settlement == TILL_SETTLEMENT_NONE ||
      (run.m.settlement == TILL_SETTLEMENT_METER && (run.m.purse == TILL_PURSE_NONE || !run.m.has_baseline || run.m.frozen)) ||
      (run.m.settlement == TILL_SETTLEMENT_SERVER && run.m.account == 0))
    return TRUE;
  anew = begins_anew (&run.m);
  from = !anew ? run.m.last.at : run.m.settlement == TILL_SETTLEMENT_SERVER ? run.m.account_since : run.m.purse_at;
  if (!tilld_history_load (db, meter, from, c->until + 1, readings, error))
    return FALSE;
  if (!anew && readings->len > 0 && g_array_index (readings, TilldHistoryReading, 0).reading.at == run.m.last.at)
    {
      run.has_bought = g_array_index (readings, TilldHistoryReading, 0).has_total;
      run.bought_total = g_array_index (readings, TilldHistoryReading, 0).purchased_total;
      g_array_remove_index (readings, 0);
    }
  if (anew ? !begin_first (&run, readings, error) : !settle_readings (&run, readings, error))
    return FALSE;
  *ret = run.out;
  return !run.m.has_state || finish (&run, error);
}
