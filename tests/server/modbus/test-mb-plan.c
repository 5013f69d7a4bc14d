/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-mb-plan.c: the planner against the published table, and properties of every plan of every model. */
#include "server/modbus/mb-plan.h"
#include "server/profile/profile-load.h"
#include "tests/lib/test-main.h"

static TilldProfiles *profiles;

static const TilldPlanTiming wire_9600 = { 9600, 50, 0 };

static const struct { const char *name; TilldPlanKind kind; const char *reads; } table[] = {
  { "adf400l-1p", TILLD_PLAN_STATUS, "0300x18" },
  { "adf400l-1p", TILLD_PLAN_FULL, "0300x29 0400x8 0801x1" },
  { "adf400l-1p", TILLD_PLAN_MONEY, "030Ax5" },
  { "adf400l-1p", TILLD_PLAN_MONEY_ODD, "030Ax6" },
  { "adf400l-3p", TILLD_PLAN_STATUS, "033Fx43" },
  { "adf400l-3p", TILLD_PLAN_FULL, "033Fx43 038Fx4 0430x8 0804x1" },
  { "adf400l-3p", TILLD_PLAN_MONEY, "0362x5" },
  { "ddsy1352", TILLD_PLAN_STATUS, "0200x44" },
  { "ddsy1352", TILLD_PLAN_FULL, "0200x44 5030x2" },
  { "ddsy1352", TILLD_PLAN_MONEY, "021Fx6" },
  { "dtsy1352", TILLD_PLAN_STATUS, "0200x44" },
  { "dtsy1352", TILLD_PLAN_FULL, "0200x44 5030x2" },
  { "dtsy1352", TILLD_PLAN_MONEY, "021Fx6" },
  { "gridtill-generic", TILLD_PLAN_STATUS, "0000x39" },
  { "gridtill-generic", TILLD_PLAN_FULL, "0000x49" },
  { "gridtill-generic", TILLD_PLAN_MONEY, "0010x11" },
  { "gridtill-generic", TILLD_PLAN_RELAY, "0002x1" },
  { "adw300-readonly", TILLD_PLAN_STATUS, "0014x46" },
  { "adw300-readonly", TILLD_PLAN_FULL, "0014x46" },
  { "adw300-readonly", TILLD_PLAN_MONEY, "" },
};

static char *
print_plan (const TilldMbPlan *plan)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < plan->n_reads; i++)
    g_string_append_printf (text, "%s%04Xx%u", i > 0 ? " " : "", plan->reads[i].at, plan->reads[i].count);
  return g_string_free (text, FALSE);
}

static void
test_table (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      TilldMbPlan      plan;
      g_autofree char *text = NULL;

      tilld_mb_plan (tilld_profiles_get (profiles, table[i].name), table[i].kind, &wire_9600, &plan);
      text = print_plan (&plan);
      g_assert_cmpstr (text, ==, table[i].reads);
    }
}

static void
check_plan (const TilldProfile *p, const TilldMbPlan *plan)
{
  guint seen = 0;

  for (guint i = 0; i < plan->n_reads; i++)
    {
      const TilldPlanRead *read = &plan->reads[i];

      g_assert_cmpuint (read->count, <=, p->max_read);
      g_assert_true (tilld_profile_range_holds (p, read->at, read->count));
      g_assert_cmpuint (read->first, ==, seen);
      seen += read->n;
      for (guint k = 0; k < read->n; k++)
        {
          const TilldPoint *point = &p->points[plan->points[read->first + k]];

          g_assert_cmpuint (point->at, >=, read->at);
          g_assert_cmpuint (point->at + point->registers, <=, read->at + read->count);
        }
    }
  g_assert_cmpuint (seen, ==, plan->n_points);
}

static void
test_every_model (void)
{
  static const TilldPlanTiming timings[] = { { 9600, 50, 0 }, { 1200, 50, 300 }, { 0, 5, 1 }, { 115200, 20, 120 } };

  for (guint m = 0; m < tilld_profiles_count (profiles); m++)
    for (guint t = 0; t < G_N_ELEMENTS (timings); t++)
      for (guint kind = 0; kind < TILLD_PLAN_N; kind++)
        {
          const TilldProfile *p = tilld_profiles_at (profiles, m);
          TilldMbPlan         plan;

          tilld_mb_plan (p, (TilldPlanKind) kind, &timings[t], &plan);
          check_plan (p, &plan);
          for (guint guard = 0; guard < 100; guard++)
            {
              guint reads = plan.n_reads;

              for (guint i = 0; i < plan.n_reads && plan.n_reads == reads; i++)
                tilld_mb_plan_split (p, &plan, i);
              check_plan (p, &plan);
              if (plan.n_reads == reads)
                break;
            }
        }
}

/* One full ADF400L bus at 9600 baud: 108 ms a read, 23 s a sweep; 49 s and 88 s behind 120 and 300 ms. */
static void
test_times (void)
{
  static const struct { guint baud, rtt, registers, circuits, ms, sweep_s; } rows[] = {
    { 9600, 0, 18, 216, 108, 23 },  { 9600, 120, 18, 216, 228, 49 },  { 9600, 300, 18, 216, 408, 88 },
    { 4800, 0, 18, 216, 167, 36 },  { 4800, 120, 18, 216, 287, 62 },  { 4800, 300, 18, 216, 467, 101 },
    { 2400, 0, 18, 216, 283, 61 },  { 2400, 120, 18, 216, 403, 87 },  { 2400, 300, 18, 216, 583, 126 },
    { 1200, 0, 18, 216, 517, 112 }, { 1200, 120, 18, 216, 637, 138 }, { 1200, 300, 18, 216, 817, 176 },
    { 9600, 0, 43, 72, 160, 12 },   { 9600, 120, 43, 72, 280, 20 },   { 9600, 300, 43, 72, 460, 33 },
    { 4800, 0, 43, 72, 271, 20 },   { 4800, 120, 43, 72, 391, 28 },   { 4800, 300, 43, 72, 571, 41 },
    { 2400, 0, 43, 72, 492, 35 },   { 2400, 120, 43, 72, 612, 44 },   { 2400, 300, 43, 72, 792, 57 },
    { 1200, 0, 43, 72, 933, 67 },   { 1200, 120, 43, 72, 1053, 76 },  { 1200, 300, 43, 72, 1233, 89 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      TilldPlanTiming timing = { rows[i].baud, 50, rows[i].rtt };
      guint           us = tilld_mb_read_us (&timing, rows[i].registers);

      g_assert_cmpuint ((us + 500) / 1000, ==, rows[i].ms);
      g_assert_cmpuint (((us + 500) / 1000 * rows[i].circuits + 500) / 1000, ==, rows[i].sweep_s);
    }
}

/* The same as a share of the line: 216 circuits every 150 s, and their full readings every 30 min, which take 40, 92 and 169 s more. */
static void
test_load (void)
{
  static const struct { guint baud, rtt, full_s, percent; gboolean holds; } rows[] = {
    { 9600, 0, 0, 15, TRUE },   { 9600, 0, 1800, 17, TRUE },    { 9600, 120, 1800, 37, TRUE },  { 9600, 300, 1800, 68, TRUE },
    { 2400, 300, 0, 83, TRUE }, { 2400, 300, 1800, 96, FALSE }, { 1200, 120, 0, 91, FALSE },    { 1200, 300, 0, 117, FALSE },
  };
  const TilldProfile *profile = tilld_profiles_get (profiles, "adf400l-1p");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      TilldPlanTiming timing = { rows[i].baud, 50, rows[i].rtt };
      TilldMbPlan     status, full;
      guint           load;

      tilld_mb_plan (profile, TILLD_PLAN_STATUS, &timing, &status);
      tilld_mb_plan (profile, TILLD_PLAN_FULL, &timing, &full);
      load = 216 * tilld_mb_load (&timing, &status, &full, 150, rows[i].full_s);
      g_assert_cmpuint (load / 10000, ==, rows[i].percent);
      g_assert_cmpint (load <= TILLD_LOAD_MAX, ==, rows[i].holds);
    }
}

int
main (int argc, char **argv)
{
  int result;

  till_test_init (&argc, &argv);
  profiles = tilld_profiles_load (NULL, NULL);
  g_test_add_func ("/plan/table", test_table);
  g_test_add_func ("/plan/every-model", test_every_model);
  g_test_add_func ("/plan/times", test_times);
  g_test_add_func ("/plan/load", test_load);
  result = till_test_run ();
  tilld_profiles_free (profiles);
  return result;
}
