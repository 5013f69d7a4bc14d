/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-plant-rules.c: units of a cabinet's circuits, and who may be cut. */
#include "server/rules/cabinet-rules.h"
#include "server/rules/certificate-rules.h"

static guint
layout (guint table, guint ct, guint three, guint single, TilldCabinetPlace places[TILLD_CABINET_MAX])
{
  TilldCabinetCounts counts = { .table = table, .span = 36, .ct = ct, .three_phase = three, .single_phase = single };
  guint              n = 0;
  const char        *why = tilld_cabinet_layout (&counts, places, &n);

  g_assert_true (why == NULL || n == 0);
  return n;
}

static void
test_layout (void)
{
  static const guint8 example[] = { 1, 4, 7, 10, 13, 16, 19, 22, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36 };
  TilldCabinetPlace   places[TILLD_CABINET_MAX];

  /* The manual's own example: table 1, 4 CT, 4 three-phase, 12 single. */
  g_assert_cmpuint (layout (1, 4, 4, 12, places), ==, G_N_ELEMENTS (example));
  for (guint i = 0; i < G_N_ELEMENTS (example); i++)
    {
      g_assert_cmpuint (places[i].unit, ==, example[i]);
      g_assert_cmpuint (places[i].number, ==, i + 1);
      g_assert_cmpint (places[i].ct, ==, i < 4);
      g_assert_cmpint (places[i].three_phase, ==, i < 8);
    }
  g_assert_cmpuint (layout (181, 0, 0, 36, places), ==, 36);
  g_assert_cmpuint (places[35].unit, ==, 216);
  g_assert_cmpuint (layout (1, 12, 0, 0, places), ==, 12);
}

static void
test_no_cabinet (void)
{
  static const guint rows[][4] = { { 1, 0, 0, 0 }, { 1, 0, 0, 37 }, { 1, 12, 1, 0 }, { 1, 4, 4, 13 }, { 217, 0, 0, 36 }, { 217, 0, 0, 32 },
                                   { 1, 0xffff, 0, 0 }, { 1, 0, 0xffff, 0xffff }, { 0, 0, 0, 1 } };
  TilldCabinetPlace  places[TILLD_CABINET_MAX];

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpuint (layout (rows[i][0], rows[i][1], rows[i][2], rows[i][3], places), ==, 0);
  g_assert_cmpuint (layout (217, 0, 0, 31, places), ==, 31); /* the seventh table ends at 247 */
  g_assert_cmpuint (places[30].unit, ==, 247);
}

static void
test_cut (void)
{
  TilldCutFacts facts = { .reason = TILLD_CUT_ARREARS, .installed = TRUE, .has_reading = TRUE, .reading_age_s = 60, .balance = -100, .overdraft = 100 };
  TilldCutFacts other;

  g_assert_null (tilld_certificate_refusal (&facts));
  other = facts;
  other.balance = -99;
  g_assert_nonnull (tilld_certificate_refusal (&other)); /* paid since */
  other = facts;
  other.reading_age_s = 601;
  g_assert_nonnull (tilld_certificate_refusal (&other));
  other = facts;
  other.has_reading = FALSE;
  g_assert_nonnull (tilld_certificate_refusal (&other));
  for (guint reason = TILLD_CUT_OPERATOR; reason <= TILLD_CUT_SHEDDING; reason++)
    {
      other = facts;
      other.reason = (TilldCutReason) reason;
      other.life_support = TRUE;
      g_assert_nonnull (tilld_certificate_refusal (&other));
      other.life_support = FALSE;
      other.installed = FALSE;
      g_assert_nonnull (tilld_certificate_refusal (&other));
    }
  other = (TilldCutFacts){ .reason = TILLD_CUT_OPERATOR, .installed = TRUE };
  g_assert_null (tilld_certificate_refusal (&other)); /* a person needs no debt to see */
  g_assert_cmpint (tilld_cut_reason_from_word ("arrears"), ==, TILLD_CUT_ARREARS);
  g_assert_cmpint (tilld_cut_reason_from_word ("nonsense"), ==, TILLD_CUT_OPERATOR);
  g_assert_cmpint (tilld_cut_reason_from_word (NULL), ==, TILLD_CUT_OPERATOR);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plant-rules/layout", test_layout);
  g_test_add_func ("/plant-rules/no-cabinet", test_no_cabinet);
  g_test_add_func ("/plant-rules/cut", test_cut);
  return g_test_run ();
}
