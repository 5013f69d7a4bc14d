/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-settle-rules.c: random histories of meters, with tiers, rates, allowances, changes of price and of the meter and of the clock, settled
 * reading by reading and compared with an oracle that walks minute by minute and counts Wh by Wh. */
#include "server/rules/settle-rules.h"

#include <string.h>

#define HISTORIES 1200
#define READINGS  12
#define MINUTE    (60 * TILL_SECOND)

typedef struct {
  GTimeZone         *zone;
  TilldSpecialDay    days[3];
  TilldCivil         civil;
  TilldTariff        tariffs[3];
  TilldTariffSpan    spans[3];
  TilldSettleTerms   terms;
  TilldSettleReading readings[READINGS];
  /* the oracle's own books */
  GHashTable        *used; /* "m2026-3", "y2026" -> Wh */
} History;

static TilldDayPlan
random_plan (GRand *rand)
{
  TilldDayPlan plan = { .n = (guint) g_rand_int_range (rand, 1, 6) };

  for (guint i = 0; i < plan.n; i++)
    plan.segments[i] = (TilldSegment){ (guint16) (i == 0 ? 0 : plan.segments[i - 1].minute + 15 * g_rand_int_range (rand, 1, 18)),
                                       (TillRate) g_rand_int_range (rand, 0, TILL_N_RATES) };
  return plan;
}

static void
random_tariff (GRand *rand, gint64 id, TillDay effective, TilldTariff *t)
{
  *t = (TilldTariff){ .id = id, .effective = effective, .n_tiers = (guint) g_rand_int_range (rand, 1, 5),
                      .period = g_rand_boolean (rand) ? TILLD_PERIOD_MONTH : TILLD_PERIOD_YEAR };
  t->calendar.n = (guint) g_rand_int_range (rand, 1, 3);
  if (t->calendar.n == 2)
    t->calendar.seasons[0] = (TilldSeason){ .from_month = 10, .from_day = 27, .to_month = 3, .to_day = 28 };
  for (guint s = 0; s < t->calendar.n; s++)
    for (guint d = 0; d < TILLD_DAY_TYPES; d++)
      t->calendar.seasons[s].plans[d] = random_plan (rand);
  for (guint k = 0; k + 1 < t->n_tiers; k++)
    t->tier_to[k] = (k > 0 ? t->tier_to[k - 1] : 0) + g_rand_int_range (rand, 1, 3000);
  for (guint r = 0; r < TILL_N_RATES; r++)
    {
      t->uses[r] = TRUE;
      for (guint k = 0; k < t->n_tiers; k++)
        t->price[k][r] = g_rand_int_range (rand, 1, 30000);
    }
  t->fixed_per_day = g_rand_int_range (rand, 0, 3) == 0 ? g_rand_int_range (rand, 1, 50000) : 0;
  t->free_per_head = g_rand_int_range (rand, 0, 3) == 0 ? g_rand_int_range (rand, 1, 2500) : 0;
}

/* --- the oracle: civil time by GDateTime, rates by looking through lists --- */

static const TilldTariff *
naive_tariff (const History *h, TillDay day)
{
  const TilldTariff *found = h->spans[0].tariff;

  for (guint i = 0; i < h->terms.n_spans; i++)
    if (h->spans[i].from <= day)
      found = h->spans[i].tariff;
  return found;
}

static TillRate
naive_rate (const History *h, const TilldTariff *t, GDateTime *local, TillDay day)
{
  int month = g_date_time_get_month (local), mday = g_date_time_get_day_of_month (local), weekday = g_date_time_get_day_of_week (local);
  gboolean winter = (month == 10 && mday >= 27) || month > 10 || month < 3 || (month == 3 && mday <= 28);
  const TilldSeason *season = &t->calendar.seasons[t->calendar.n == 2 && !winter ? 1 : 0];
  int type = weekday >= 6 ? TILLD_DAY_REST : TILLD_DAY_WORK, minute = g_date_time_get_hour (local) * 60 + g_date_time_get_minute (local);
  TillRate rate = 0;

  for (guint i = 0; i < G_N_ELEMENTS (h->days); i++)
    if (h->days[i].day == day)
      type = (int) h->days[i].type;
  for (guint i = 0; i < season->plans[type].n; i++)
    if (season->plans[type].segments[i].minute <= minute)
      rate = season->plans[type].segments[i].rate;
  return rate;
}

typedef struct {
  const TilldTariff *tariff;
  TillDay            day;
  TillRate           rate;
  gint64             wh;
  char               month[16], year[16];
} Minute;

static gint64 *
naive_used (History *h, const char *key)
{
  gint64 *used = g_hash_table_lookup (h->used, key);

  if (used == NULL)
    {
      used = g_new0 (gint64, 1);
      g_hash_table_insert (h->used, g_strdup (key), used);
    }
  return used;
}

static Minute
naive_minute (const History *h, TillTime at)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (at / TILL_SECOND);
  g_autoptr (GDateTime) local = g_date_time_to_timezone (utc, h->zone);
  Minute m = { 0 };
  int year, month, mday;

  g_date_time_get_ymd (local, &year, &month, &mday);
  g_assert_true (till_day_make (year, month, mday, &m.day));
  m.tariff = naive_tariff (h, m.day);
  m.rate = naive_rate (h, m.tariff, local, m.day);
  g_snprintf (m.month, sizeof m.month, "m%d-%d", year, month);
  g_snprintf (m.year, sizeof m.year, "y%d", year);
  return m;
}

/* Wh i of n is used up when (i + 1) / n of the time of its rate (-1: of all) has passed. */
static void
naive_share (GArray *minutes, int rate, gint64 wh)
{
  g_autoptr (GArray) of_rate = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < minutes->len; i++)
    if (rate < 0 || (int) g_array_index (minutes, Minute, i).rate == rate)
      g_array_append_val (of_rate, i);
  for (gint64 i = 0; i < wh; i++)
    {
      gint64 whole = (gint64) of_rate->len * MINUTE, done = ((i + 1) * whole + wh - 1) / wh;

      g_array_index (minutes, Minute, g_array_index (of_rate, guint, (done - 1) / MINUTE)).wh++;
    }
}

static TilldExact
naive_cost_of_wh (History *h, const Minute *m)
{
  const TilldTariff *t = m->tariff;
  gint64 *month = naive_used (h, m->month), *year = naive_used (h, m->year);
  gint64 place = t->period == TILLD_PERIOD_MONTH ? *month : *year, in_month = *month;
  guint k = 0;

  for (guint b = 0; b + 1 < t->n_tiers; b++)
    k += place >= t->tier_to[b];
  (*month)++;
  (*year)++;
  return in_month < t->free_per_head * h->terms.heads ? 0 : t->price[k][m->rate];
}

static TilldExact
naive_interval (History *h, const TilldSettleReading *from, const TilldSettleReading *to)
{
  g_autoptr (GArray) minutes = g_array_new (FALSE, TRUE, sizeof (Minute));
  TilldExact cost = 0;
  TillDay before = naive_minute (h, from->at).day;

  for (TillTime at = from->at; at < to->at; at += MINUTE)
    {
      Minute m = naive_minute (h, at);

      g_array_append_val (minutes, m);
    }
  if (from->epoch == to->epoch && to->has_rates && from->has_rates)
    for (int r = 0; r < TILL_N_RATES; r++)
      naive_share (minutes, r, to->rates[r] - from->rates[r]);
  else if (from->epoch == to->epoch)
    naive_share (minutes, -1, to->total - from->total);
  for (guint i = 0; i < minutes->len; i++)
    {
      const Minute *m = &g_array_index (minutes, Minute, i);

      for (gint64 wh = 0; wh < m->wh; wh++)
        cost += naive_cost_of_wh (h, m);
    }
  for (TillTime at = from->at + MINUTE; at <= to->at; at += MINUTE)
    {
      Minute m = at < to->at ? g_array_index (minutes, Minute, (at - from->at) / MINUTE) : naive_minute (h, at);

      if (m.day > before)
        cost += (TilldExact) m.tariff->fixed_per_day * TILLD_EXACT_UNIT;
      before = MAX (before, m.day);
    }
  return cost;
}

/* --- histories --- */

/* The rates that have at least a minute between two times: energy is made for those only. */
static void
rates_between (const History *h, TillTime from, TillTime to, gboolean ret[TILL_N_RATES])
{
  memset (ret, 0, TILL_N_RATES * sizeof *ret);
  for (TillTime at = from; at < to; at += MINUTE)
    {
      Minute m = naive_minute (h, at);

      ret[m.rate] = TRUE;
    }
}

static void
next_reading (GRand *rand, const History *h, const TilldSettleReading *from, gboolean with_rates, TilldSettleReading *to)
{
  gboolean rates[TILL_N_RATES];

  *to = *from;
  to->at += g_rand_int_range (rand, 0, 8) == 0 ? g_rand_int_range (rand, 1, 1700) * MINUTE : g_rand_int_range (rand, 1, 20) * 15 * MINUTE;
  if (g_rand_int_range (rand, 0, 15) == 0)
    {
      to->epoch++; /* another device with other registers */
      to->total = g_rand_int_range (rand, 0, 100000);
      return;
    }
  if (!with_rates)
    {
      to->total += g_rand_int_range (rand, 0, 4) == 0 ? 0 : g_rand_int_range (rand, 0, 2500);
      return;
    }
  rates_between (h, from->at, to->at, rates);
  for (guint r = 0; r < TILL_N_RATES; r++)
    if (rates[r])
      {
        TillEnergy more = g_rand_int_range (rand, 0, 900);

        to->rates[r] += more;
        to->total += more;
      }
}

static void
history_init (History *h, GRand *rand)
{
  static const char *const zones[] = { "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe" };
  static const char *const starts[] = { "2026-03-28T00:00:00Z", "2026-10-24T20:00:00Z", "2026-12-30T00:00:00Z", "2026-10-31T15:00:00Z",
                                        "2026-04-04T00:00:00Z", "2026-03-07T12:00:00Z" };
  gboolean with_rates = g_rand_boolean (rand);
  TillTime start = 0;
  TillDay day;

  h->used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  h->zone = till_zone_new (zones[g_rand_int_range (rand, 0, G_N_ELEMENTS (zones))], NULL);
  g_assert_true (till_time_parse (starts[g_rand_int_range (rand, 0, G_N_ELEMENTS (starts))], &start, NULL));
  start += g_rand_int_range (rand, 0, 1440) * MINUTE;
  day = till_zone_day (h->zone, start);
  for (guint i = 0; i < G_N_ELEMENTS (h->days); i++)
    h->days[i] = (TilldSpecialDay){ day + (TillDay) i * 2, (TilldDayType) g_rand_int_range (rand, 0, TILLD_DAY_TYPES) };
  h->civil = (TilldCivil){ h->zone, h->days, G_N_ELEMENTS (h->days) };
  h->terms = (TilldSettleTerms){ &h->civil, h->spans, (guint) g_rand_int_range (rand, 1, 4), (guint) g_rand_int_range (rand, 1, 4) };
  for (guint i = 0; i < h->terms.n_spans; i++)
    {
      TillDay from = day + (TillDay) i;

      random_tariff (rand, (gint64) i + 1, from, &h->tariffs[i]);
      h->spans[i] = (TilldTariffSpan){ from, &h->tariffs[i] };
    }
  h->readings[0] = (TilldSettleReading){ .at = start, .epoch = 1, .total = g_rand_int_range (rand, 0, 1000000), .has_rates = with_rates };
  for (guint i = 1; i < READINGS; i++)
    next_reading (rand, h, &h->readings[i - 1], with_rates, &h->readings[i]);
}

static void
history_clear (History *h)
{
  g_time_zone_unref (h->zone);
  g_hash_table_unref (h->used);
}

static void
settle (const History *h, guint i, TilldSettleState *state, GArray *lines, TilldSettleResult *result)
{
  g_autoptr (GError) error = NULL;

  tilld_settle_interval (&h->terms, &h->readings[i - 1], &h->readings[i], state, lines, result, &error);
  g_assert_no_error (error);
}

static void
check_lines (const GArray *lines, const TilldSettleResult *result)
{
  TillMoney sum = 0;
  TillEnergy energy = 0;

  for (guint i = 0; i < lines->len; i++)
    {
      const TilldChargeLine *line = &g_array_index (lines, TilldChargeLine, i);

      g_assert_cmpint (line->amount, >=, 0);
      g_assert_true (line->exact == (line->kind == TILLD_LINE_FIXED ? (TilldExact) line->price * line->days * TILLD_EXACT_UNIT
                                                                    : (TilldExact) line->price * line->energy));
      sum += line->amount;
      energy += line->energy;
    }
  g_assert_cmpint (sum, ==, result->total);
  g_assert_cmpint (energy, ==, result->energy);
}

static void
test_histories (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20261123);
  guint swaps = 0, estimated = 0, tiers = 0, free_lines = 0, fees = 0, versions = 0;

  for (guint n = 0; n < HISTORIES; n++)
    {
      History h = { 0 };
      g_auto (TilldSettleState) state;
      TillMoney sum = 0;
      TilldExact exact = 0;

      history_init (&h, rand);
      tilld_settle_state_init (&state);
      for (guint i = 1; i < READINGS; i++)
        {
          g_autoptr (GArray) lines = g_array_new (FALSE, TRUE, sizeof (TilldChargeLine));
          TilldSettleResult result;
          TillMoney so_far;

          settle (&h, i, &state, lines, &result);
          check_lines (lines, &result);
          sum += result.total;
          exact += naive_interval (&h, &h.readings[i - 1], &h.readings[i]);
          g_assert_true (tilld_exact_round (exact, &so_far));
          if (sum != so_far) /* at every cut the lines add up to the cost of all energy so far, rounded once */
            g_error ("history %u, reading %u: settled %" G_GINT64_FORMAT ", by Wh %" G_GINT64_FORMAT, n, i, sum, so_far);
          swaps += (result.flags & TILLD_SETTLE_SWAPPED) != 0;
          estimated += (result.flags & TILLD_SETTLE_ESTIMATED) != 0;
          for (guint k = 0; k < lines->len; k++)
            {
              const TilldChargeLine *line = &g_array_index (lines, TilldChargeLine, k);

              tiers += line->tier > 0;
              free_lines += line->kind == TILLD_LINE_ALLOWANCE;
              fees += line->kind == TILLD_LINE_FIXED;
              versions += line->tariff > 1;
            }
        }
      history_clear (&h);
    }
  g_test_message ("swaps %u, estimated %u, higher tiers %u, free %u, fees %u, later versions %u", swaps, estimated, tiers, free_lines, fees, versions);
  g_assert_true (swaps > 100 && estimated > 100 && tiers > 100 && free_lines > 100 && fees > 100 && versions > 100);
}

/* A history that is settled in two parts, each from its own copy of the state, gives the same lines. */
static void
test_cuts (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (42);

  for (guint n = 0; n < 300; n++)
    {
      History h = { 0 };
      TillMoney whole = 0;

      history_init (&h, rand);
      for (guint cut = 1; cut <= READINGS; cut++)
        {
          g_autoptr (GArray) lines = g_array_new (FALSE, TRUE, sizeof (TilldChargeLine));
          g_auto (TilldSettleState) first, second;
          TilldSettleResult result;
          TillMoney sum = 0;

          tilld_settle_state_init (&first);
          for (guint i = 1; i < cut; i++)
            {
              settle (&h, i, &first, lines, &result);
              sum += result.total;
            }
          tilld_settle_state_init (&second);
          second.carry = first.carry;
          for (guint i = first.uses->len; i > 0; i--) /* in any order */
            {
              const TilldUse *use = &g_array_index (first.uses, TilldUse, i - 1);

              tilld_settle_use (&second, use->period, use->starts)->used = use->used;
            }
          for (guint i = cut; i < READINGS; i++)
            {
              settle (&h, i, &second, lines, &result);
              sum += result.total;
            }
          if (cut == 1)
            whole = sum;
          g_assert_cmpint (sum, ==, whole);
        }
      history_clear (&h);
    }
}

/* Energy that is read more often costs the same, as long as it flows evenly and no price changes. */
static void
test_even_flow (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (43);

  for (guint n = 0; n < 300; n++)
    {
      History h = { 0 };
      TillMoney sums[2] = { 0, 0 };

      history_init (&h, rand);
      h.terms.n_spans = 1;
      for (guint t = 0; t < TILLD_DAY_TYPES; t++)
        for (guint s = 0; s < h.tariffs[0].calendar.n; s++)
          h.tariffs[0].calendar.seasons[s].plans[t].n = 1, h.tariffs[0].calendar.seasons[s].plans[t].segments[0].rate = TILL_RATE_FLAT;
      h.readings[0].has_rates = FALSE;
      for (guint way = 0; way < 2; way++)
        {
          guint steps = way == 0 ? 1 : 60;
          g_auto (TilldSettleState) state;
          g_autoptr (GArray) lines = g_array_new (FALSE, TRUE, sizeof (TilldChargeLine));

          tilld_settle_state_init (&state);
          for (guint i = 0; i < steps; i++)
            {
              TilldSettleReading from = h.readings[0], to = h.readings[0];
              TilldSettleResult result;

              from.at += i * (60 / steps) * 60 * MINUTE;
              from.total += i * (60 / steps) * 100;
              to.at += (i + 1) * (60 / steps) * 60 * MINUTE;
              to.total += (i + 1) * (60 / steps) * 100;
              g_assert_true (tilld_settle_interval (&h.terms, &from, &to, &state, lines, &result, NULL));
              sums[way] += result.total;
            }
        }
      /* The month may turn inside: the Wh at the border falls on one side or the other. */
      g_assert_cmpint (ABS (sums[0] - sums[1]), <=, 2 * tilld_tariff_price_max (&h.tariffs[0]) / 1000 * 100 + 1);
      history_clear (&h);
    }
}

static void
test_odd_readings (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (44);
  g_autoptr (GArray) lines = g_array_new (FALSE, TRUE, sizeof (TilldChargeLine));
  g_autoptr (GError) error = NULL;
  g_auto (TilldSettleState) state;
  TilldSettleResult result;
  History h = { 0 };

  history_init (&h, rand);
  h.terms.n_spans = 1;
  h.tariffs[0].fixed_per_day = 0;
  tilld_settle_state_init (&state);
  h.readings[0].has_rates = FALSE;
  h.readings[1] = h.readings[0];
  h.readings[1].at += MINUTE;
  h.readings[1].total--;
  settle (&h, 1, &state, lines, &result);
  g_assert_cmpint (result.flags, ==, TILLD_SETTLE_BACKWARDS);
  g_assert_cmpint (result.total, ==, 0);
  g_assert_cmpuint (lines->len, ==, 0);
  h.readings[1].total += TILLD_SETTLE_MAX + 2;
  g_assert_false (tilld_settle_interval (&h.terms, &h.readings[0], &h.readings[1], &state, lines, &result, &error));
  g_assert_nonnull (error);
  history_clear (&h);
}

/* Registers by rate that are a step late are believed; ones that count by other hours are not. */
static void
test_registers (void)
{
  g_autoptr (GTimeZone) zone = till_zone_new ("Asia/Shanghai", NULL);
  TilldCivil civil = { zone, NULL, 0 };
  TilldTariff t = { .id = 1, .n_tiers = 1, .calendar = { .n = 1 }, .price = { { 0, 10000, 5000, 0, 0 } }, .uses = { FALSE, TRUE, TRUE, FALSE, FALSE } };
  TilldTariffSpan span = { 0, &t };
  TilldSettleTerms terms = { &civil, &span, 1, 1 };
  TilldSettleReading from = { .epoch = 1, .has_rates = TRUE }, to;
  TilldSettleResult result;

  g_assert_true (till_time_parse ("2026-09-01T07:30:00+08:00", &from.at, NULL));
  for (guint d = 0; d < TILLD_DAY_TYPES; d++)
    t.calendar.seasons[0].plans[d] = (TilldDayPlan){ .n = 2, .segments = { { 0, TILL_RATE_FLAT }, { 480, TILL_RATE_PEAK } } };
  for (guint i = 0; i < 3; i++)
    {
      g_auto (TilldSettleState) state;
      g_autoptr (GArray) lines = g_array_new (FALSE, TRUE, sizeof (TilldChargeLine));

      tilld_settle_state_init (&state);
      to = from;
      to.at += 60 * MINUTE;
      to.total = 1000;
      to.rates[TILL_RATE_PEAK] = 900;
      to.rates[TILL_RATE_FLAT] = i == 0 ? 100 : 0;
      to.rates[TILL_RATE_VALLEY] = i == 1 ? 100 : 0; /* no such hour in this tariff */
      to.has_rates = i < 2;
      g_assert_true (tilld_settle_interval (&terms, &from, &to, &state, lines, &result, NULL));
      g_assert_cmpint (result.total, ==, i == 0 ? 900 * 10 + 100 * 5 : 500 * 10 + 500 * 5);
      g_assert_cmpint (result.flags, ==, i == 0 ? TILLD_SETTLE_OK : TILLD_SETTLE_ESTIMATED);
      g_assert_cmpuint (lines->len, ==, 2);
      g_assert_cmpint (g_array_index (lines, TilldChargeLine, 0).estimated, ==, i > 0);
    }
}

static void
test_conservation (void)
{
  TilldConservation in = { .deducted = 60000, .charge = 60000, .price_max = 6000, .purse_unit = 100, .energy_unit = 10, .readings = 2 };
  TillMoney difference, tolerance;

  g_assert_true (tilld_conservation_holds (&in, &difference, &tolerance));
  g_assert_cmpint (difference, ==, 0);
  g_assert_cmpint (tolerance, ==, 200 + 100 + 120);
  in.deducted += 420;
  g_assert_true (tilld_conservation_holds (&in, &difference, &tolerance));
  in.deducted += 1;
  g_assert_false (tilld_conservation_holds (&in, &difference, &tolerance));
  g_assert_cmpint (difference, ==, 421);
  in.deducted = 0;
  g_assert_false (tilld_conservation_holds (&in, &difference, &tolerance));
  g_assert_cmpint (difference, ==, -60000);
  /* A price that changed on the way: nothing between the bounds is a difference. */
  in.charge_high = 90000;
  for (in.deducted = 60000; in.deducted <= 90000; in.deducted += 10000)
    {
      g_assert_true (tilld_conservation_holds (&in, &difference, &tolerance));
      g_assert_cmpint (difference, ==, 0);
    }
  in.deducted = 90000 + tolerance + 1;
  g_assert_false (tilld_conservation_holds (&in, &difference, &tolerance));
  g_assert_cmpint (difference, ==, tolerance + 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/settle/histories", test_histories);
  g_test_add_func ("/settle/cuts", test_cuts);
  g_test_add_func ("/settle/even-flow", test_even_flow);
  g_test_add_func ("/settle/odd-readings", test_odd_readings);
  g_test_add_func ("/settle/registers", test_registers);
  g_test_add_func ("/settle/conservation", test_conservation);
  return g_test_run ();
}
