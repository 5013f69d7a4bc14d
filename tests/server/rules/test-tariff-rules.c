/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-tariff-rules.c: calendars, days on which the clock is changed, tiers, rounding, and the cost of energy against one that is counted
 * Wh by Wh. */
#include "server/rules/tariff-rules.h"

#include <string.h>

#define CASES 2000
#define HOUR (G_GINT64_CONSTANT (3600) * TILL_SECOND)

static TillDay
day_of (const char *text)
{
  TillDay day = 0;

  g_assert_true (till_day_parse (text, &day, NULL));
  return day;
}

static TillTime
time_of (const char *text)
{
  TillTime time = 0;

  g_assert_true (till_time_parse (text, &time, NULL));
  return time;
}

static TilldDayPlan
all_day (TillRate rate)
{
  return (TilldDayPlan){ .n = 1, .segments = { { 0, rate } } };
}

/* Flat, but peak from 8 to 22 on workdays and tip on holidays, in summer valley at weekends. */
static TilldCalendar
calendar (void)
{
  TilldDayPlan work = { .n = 3, .segments = { { 0, TILL_RATE_FLAT }, { 480, TILL_RATE_PEAK }, { 1320, TILL_RATE_FLAT } } };
  TilldCalendar c = { .n = 2 };

  c.seasons[0] = (TilldSeason){ 7, 1, 9, 30, { work, all_day (TILL_RATE_VALLEY), all_day (TILL_RATE_TIP) } };
  c.seasons[1] = (TilldSeason){ 0, 0, 0, 0, { work, all_day (TILL_RATE_FLAT), all_day (TILL_RATE_TIP) } };
  return c;
}

static void
test_day_plans (void)
{
  const char *reason;
  TilldDayPlan none = { 0 }, late = { .n = 1, .segments = { { 15, TILL_RATE_FLAT } } };
  TilldDayPlan twice = { .n = 2, .segments = { { 0, TILL_RATE_FLAT }, { 0, TILL_RATE_PEAK } } };
  TilldDayPlan beyond = { .n = 2, .segments = { { 0, TILL_RATE_FLAT }, { 1440, TILL_RATE_PEAK } } };
  TilldDayPlan full = { .n = TILLD_SEGMENTS_MAX };

  for (guint i = 0; i < full.n; i++)
    full.segments[i] = (TilldSegment){ (guint16) (i * 100), (TillRate) (i % 5) };
  g_assert_true (tilld_day_plan_is_sound (&full, &reason));
  g_assert_false (tilld_day_plan_is_sound (&none, &reason));
  g_assert_false (tilld_day_plan_is_sound (&late, &reason));
  g_assert_cmpstr (reason, ==, "the first segment begins at 00:00");
  g_assert_false (tilld_day_plan_is_sound (&twice, &reason));
  g_assert_false (tilld_day_plan_is_sound (&beyond, &reason));
  full.n++;
  g_assert_false (tilld_day_plan_is_sound (&full, &reason));
}

static void
test_seasons (void)
{
  const char *reason;
  TilldCalendar c = calendar (), over_new_year = calendar (), overlap = calendar (), open = calendar ();
  g_autoptr (GTimeZone) zone = till_zone_new ("Asia/Shanghai", NULL);
  TilldSpecialDay days[] = { { day_of ("2026-10-01"), TILLD_DAY_HOLIDAY }, { day_of ("2026-10-10"), TILLD_DAY_WORK } };
  TilldCivil civil = { zone, days, G_N_ELEMENTS (days) };

  g_assert_true (tilld_calendar_is_sound (&c, &reason));
  over_new_year.seasons[0].from_month = 11;
  over_new_year.seasons[0].to_month = 2;
  over_new_year.seasons[0].to_day = 28;
  g_assert_true (tilld_calendar_is_sound (&over_new_year, &reason));
  g_assert_true (tilld_calendar_plan (&over_new_year, &civil, day_of ("2027-01-05")) == &over_new_year.seasons[0].plans[TILLD_DAY_WORK]);
  g_assert_true (tilld_calendar_plan (&over_new_year, &civil, day_of ("2027-03-01")) == &over_new_year.seasons[1].plans[TILLD_DAY_WORK]);
  overlap.n = 3;
  overlap.seasons[2] = overlap.seasons[1];
  overlap.seasons[1] = (TilldSeason){ 9, 30, 10, 1, { all_day (0), all_day (0), all_day (0) } };
  g_assert_false (tilld_calendar_is_sound (&overlap, &reason));
  g_assert_cmpstr (reason, ==, "two seasons overlap");
  open.n = 1;
  g_assert_false (tilld_calendar_is_sound (&open, &reason));

  g_assert_cmpint (tilld_civil_day_type (&civil, day_of ("2026-10-01")), ==, TILLD_DAY_HOLIDAY); /* a Thursday */
  g_assert_cmpint (tilld_civil_day_type (&civil, day_of ("2026-10-02")), ==, TILLD_DAY_WORK);
  g_assert_cmpint (tilld_civil_day_type (&civil, day_of ("2026-10-04")), ==, TILLD_DAY_REST);
  g_assert_cmpint (tilld_civil_day_type (&civil, day_of ("2026-10-10")), ==, TILLD_DAY_WORK); /* a worked Saturday */
  g_assert_cmpint (tilld_calendar_rate (&c, &civil, time_of ("2026-10-01T03:00:00Z")), ==, TILL_RATE_TIP);
  g_assert_cmpint (tilld_calendar_rate (&c, &civil, time_of ("2026-09-30T00:00:00Z")), ==, TILL_RATE_PEAK);  /* 08:00 there */
  g_assert_cmpint (tilld_calendar_rate (&c, &civil, time_of ("2026-09-29T23:59:59Z")), ==, TILL_RATE_FLAT);
  g_assert_cmpint (tilld_calendar_border (&c, &civil, time_of ("2026-09-29T23:59:59.500Z")), ==, time_of ("2026-09-30T00:00:00Z"));
}

/* Walks over a day that has 23 or 25 hours and adds up what each rate had. */
static void
hours_of (const char *zone_name, const char *day, gint64 ret_hours[TILL_N_RATES])
{
  g_autoptr (GTimeZone) zone = till_zone_new (zone_name, NULL);
  TilldCivil civil = { zone, NULL, 0 };
  TilldCalendar c = { .n = 1 };
  TilldDayPlan plan = { .n = 3, .segments = { { 0, TILL_RATE_VALLEY }, { 150, TILL_RATE_PEAK }, { 240, TILL_RATE_FLAT } } };
  TillTime at = till_zone_day_start (zone, day_of (day)), end = till_zone_day_start (zone, day_of (day) + 1);

  for (guint t = 0; t < TILLD_DAY_TYPES; t++)
    c.seasons[0].plans[t] = plan;
  memset (ret_hours, 0, TILL_N_RATES * sizeof *ret_hours);
  while (at < end)
    {
      TillTime until = MIN (tilld_calendar_border (&c, &civil, at), end);

      g_assert_cmpint (until, >, at);
      ret_hours[tilld_calendar_rate (&c, &civil, at)] += until - at;
      at = until;
    }
}

static void
test_changed_clock (void)
{
  gint64 hours[TILL_N_RATES];

  hours_of ("Asia/Shanghai", "2026-03-29", hours);
  g_assert_cmpint (hours[TILL_RATE_VALLEY], ==, 5 * HOUR / 2);
  g_assert_cmpint (hours[TILL_RATE_PEAK], ==, 3 * HOUR / 2);
  g_assert_cmpint (hours[TILL_RATE_FLAT], ==, 20 * HOUR);
  hours_of ("Europe/Berlin", "2026-03-29", hours); /* 02:00 to 03:00 is left out: half an hour of each */
  g_assert_cmpint (hours[TILL_RATE_VALLEY], ==, 2 * HOUR);
  g_assert_cmpint (hours[TILL_RATE_PEAK], ==, HOUR);
  g_assert_cmpint (hours[TILL_RATE_FLAT], ==, 20 * HOUR);
  hours_of ("Europe/Berlin", "2026-10-25", hours); /* and comes twice */
  g_assert_cmpint (hours[TILL_RATE_VALLEY], ==, 3 * HOUR);
  g_assert_cmpint (hours[TILL_RATE_PEAK], ==, 2 * HOUR);
  g_assert_cmpint (hours[TILL_RATE_FLAT], ==, 20 * HOUR);
}

static TilldTariff
random_tariff (GRand *rand)
{
  TilldTariff t = { .id = 1, .n_tiers = (guint) g_rand_int_range (rand, 1, TILLD_TIERS_MAX + 1) };

  t.calendar.n = 1;
  for (guint d = 0; d < TILLD_DAY_TYPES; d++)
    t.calendar.seasons[0].plans[d] = all_day (TILL_RATE_FLAT);
  for (guint k = 0; k + 1 < t.n_tiers; k++)
    t.tier_to[k] = (k > 0 ? t.tier_to[k - 1] : 0) + g_rand_int_range (rand, 1, 900);
  for (guint k = 0; k < t.n_tiers; k++)
    for (guint r = 0; r < TILL_N_RATES; r++)
      t.price[k][r] = g_rand_int_range (rand, 1, (gint32) TILLD_PRICE_MAX);
  for (guint r = 0; r < TILL_N_RATES; r++)
    t.uses[r] = TRUE;
  return t;
}

static TilldExact
count_each_wh (const TilldTariff *t, TillRate rate, TillEnergy used, TillEnergy gift, TillEnergy energy)
{
  TilldExact cost = 0;

  for (TillEnergy wh = 0; wh < energy; wh++)
    {
      guint k = 0;

      for (guint b = 0; b + 1 < t->n_tiers; b++)
        k += used + wh >= t->tier_to[b];
      if (wh >= gift)
        cost += t->price[k][rate];
    }
  return cost;
}

static void
test_cost (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20261123);

  for (guint i = 0; i < CASES; i++)
    {
      TilldTariff t = random_tariff (rand);
      TillRate rate = (TillRate) g_rand_int_range (rand, 0, TILL_N_RATES);
      TillEnergy used = g_rand_int_range (rand, 0, 3000), energy = g_rand_int_range (rand, 0, 4000), cut = g_rand_int_range (rand, 0, (gint32) energy + 1);
      TillEnergy gift = g_rand_int_range (rand, 0, 3) == 0 ? g_rand_int_range (rand, 0, 2000) : 0;
      TilldExact whole = tilld_tariff_cost (&t, rate, used, gift, energy);
      TilldExact first = tilld_tariff_cost (&t, rate, used, gift, cut);
      TilldExact rest = tilld_tariff_cost (&t, rate, used + cut, MAX (gift - cut, 0), energy - cut);
      char *member = NULL, *reason = NULL;
      gboolean sound = tilld_tariff_is_sound (&t, &member, &reason);

      if (!sound)
        g_error ("case %u: %s %s", i, member, reason);
      g_assert_true (whole == count_each_wh (&t, rate, used, gift, energy)); /* equal to the oracle */
      g_assert_true (first + rest == whole);                                 /* additive over any cut */
      g_assert_true (first <= whole && first >= 0);                          /* monotone */
      g_assert_true (tilld_tariff_cumulative (&t, rate, used + 1) > tilld_tariff_cumulative (&t, rate, used));
    }
}

/* Nothing overflows on the way: a century of a town at the highest price. */
static void
test_wide (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  TilldTariff t = random_tariff (rand);
  TillMoney amount = 0;

  t.n_tiers = 1;
  t.price[0][0] = TILLD_PRICE_MAX - 1;
  g_assert_true (tilld_tariff_cost (&t, 0, G_MAXINT64 / 4, 0, G_MAXINT64 / 4) == (TilldExact) (G_MAXINT64 / 4) * (TILLD_PRICE_MAX - 1));
  g_assert_false (tilld_exact_round (tilld_tariff_cost (&t, 0, 0, 0, G_MAXINT64 / 4), &amount));
  g_assert_true (tilld_exact_round (499, &amount) && amount == 0);
  g_assert_true (tilld_exact_round (500, &amount) && amount == 1);
  g_assert_true (tilld_exact_round (-500, &amount) && amount == -1);
  g_assert_true (tilld_exact_round (-499, &amount) && amount == 0);
}

static void
test_unsound (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (9);
  const TilldTariff good = random_tariff (rand);
  static const char *const members[] = { "tiers", "tiers.steps[1].to", "prices.peak", "tiers.steps[2]", "fixed_per_day", "free_per_head", "seasons",
                                         "seasons[0].restday", "seasons[0].workday[0].rate" };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      TilldTariff t = good;
      g_autofree char *member = NULL, *reason = NULL;

      t.n_tiers = 3;
      t.tier_to[0] = 10;
      t.tier_to[1] = i == 1 ? 10 : 20;
      switch (i)
        {
        case 0: t.n_tiers = TILLD_TIERS_MAX + 1; break;
        case 2: t.price[0][TILL_RATE_PEAK] = 0; break;
        case 3: t.price[2][TILL_RATE_TIP] = TILLD_PRICE_MAX; break;
        case 4: t.fixed_per_day = -1; break;
        case 5: t.free_per_head = -1; break;
        case 6: t.calendar.seasons[0].from_month = 3; break;
        case 7: t.calendar.seasons[0].plans[TILLD_DAY_REST].n = 0; break;
        case 8: t.uses[TILL_RATE_FLAT] = FALSE; break;
        default: break;
        }
      g_assert_false (tilld_tariff_is_sound (&t, &member, &reason));
      g_assert_cmpstr (member, ==, members[i]);
      g_assert_nonnull (reason);
    }
}

static void
test_as_held (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  TilldTariff t = random_tariff (rand), held;

  t.n_tiers = 2;
  t.tier_to[0] = 100;
  t.fixed_per_day = 5;
  t.price[0][0] = 6149;
  t.price[0][1] = 6150;
  t.price[1][0] = 7000;
  tilld_tariff_as_held (&t, 100, FALSE, &held);
  g_assert_cmpuint (held.n_tiers, ==, 1);
  g_assert_cmpint (held.price[0][0], ==, 6100);
  g_assert_cmpint (held.price[0][1], ==, 6200);
  g_assert_cmpint (held.fixed_per_day, ==, 0);
  tilld_tariff_as_held (&t, 1, TRUE, &held);
  g_assert_cmpuint (held.n_tiers, ==, 2);
  g_assert_cmpint (held.price[0][0], ==, 6149);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tariff/day-plans", test_day_plans);
  g_test_add_func ("/tariff/seasons", test_seasons);
  g_test_add_func ("/tariff/changed-clock", test_changed_clock);
  g_test_add_func ("/tariff/cost", test_cost);
  g_test_add_func ("/tariff/wide", test_wide);
  g_test_add_func ("/tariff/unsound", test_unsound);
  g_test_add_func ("/tariff/as-held", test_as_held);
  return g_test_run ();
}
