/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-setting-rules.c: which order replaces which, tries until it has failed, and relay orders that follow one of unknown fate. */
#include "server/rules/setting-rules.h"

static void
test_same (void)
{
  for (int a = 0; a <= TILL_COMMAND_KIND_SET_CLOCK; a++)
    for (int b = 0; b <= TILL_COMMAND_KIND_SET_CLOCK; b++)
      {
        gboolean relays = a >= 5 && a <= 7 && b >= 5 && b <= 7, setting = a > 1 && a != TILL_COMMAND_KIND_READ_NOW;

        g_assert_cmpint (tilld_setting_same ((TillCommandKind) a, (TillCommandKind) b), ==, relays || (a == b && setting));
      }
}

static void
test_tries (void)
{
  static const struct { gint32 attempt; guint wait_s; } rows[] = { { -1, 10 }, { 0, 10 }, { 1, 60 }, { 2, 300 }, { 3, 1800 }, { 4, 86400 }, { 40, 86400 } };
  TilldSettingTry done = { 0 };
  guint wait_s = 7;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      done.attempt = rows[i].attempt;
      g_assert_true (tilld_setting_again (&done, &wait_s));
      g_assert_cmpuint (wait_s, ==, rows[i].wait_s);
    }
  done = (TilldSettingTry){ .refusals = 1, .refused = TRUE };
  g_assert_true (tilld_setting_again (&done, &wait_s));
  done.refusals = 2;
  g_assert_false (tilld_setting_again (&done, &wait_s));
  done.refused = FALSE;
  g_assert_true (tilld_setting_again (&done, &wait_s));
  done.age_us = G_GINT64_CONSTANT (86400) * G_USEC_PER_SEC;
  g_assert_true (tilld_setting_again (&done, &wait_s));
  done.age_us++;
  g_assert_false (tilld_setting_again (&done, &wait_s));
}

static void
test_remember (void)
{
  for (int kept = TILL_DELIVERY_OUTCOME_NONE; kept <= TILL_DELIVERY_OUTCOME_UNKNOWN; kept++)
    for (int now = TILL_DELIVERY_OUTCOME_NONE; now <= TILL_DELIVERY_OUTCOME_UNKNOWN; now++)
      {
        gboolean sticks = kept >= TILL_DELIVERY_OUTCOME_FAILED || now == TILL_DELIVERY_OUTCOME_NONE;

        g_assert_cmpint (tilld_setting_remember ((TillDeliveryOutcome) kept, (TillDeliveryOutcome) now), ==, sticks ? kept : now);
      }
}

static void
test_doubt (void)
{
  static const TillCommandKind on = TILL_COMMAND_KIND_FORCE_ON, off = TILL_COMMAND_KIND_FORCE_OFF, auto_ = TILL_COMMAND_KIND_RESTORE_PREPAID;

  g_assert_true (tilld_setting_casts_doubt (off, 1, TILL_DELIVERY_OUTCOME_TIMEOUT, on));
  g_assert_true (tilld_setting_casts_doubt (off, 1, TILL_DELIVERY_OUTCOME_NONE, auto_));
  g_assert_true (tilld_setting_casts_doubt (on, 3, TILL_DELIVERY_OUTCOME_LINK_LOST, off));
  g_assert_true (tilld_setting_casts_doubt (auto_, 1, TILL_DELIVERY_OUTCOME_UNKNOWN, on));
  g_assert_false (tilld_setting_casts_doubt (off, 0, TILL_DELIVERY_OUTCOME_NONE, on));
  g_assert_false (tilld_setting_casts_doubt (off, 1, TILL_DELIVERY_OUTCOME_OK, on));
  g_assert_false (tilld_setting_casts_doubt (off, 1, TILL_DELIVERY_OUTCOME_NOT_SENT, on));
  g_assert_false (tilld_setting_casts_doubt (off, 1, TILL_DELIVERY_OUTCOME_REFUSED, on));
  g_assert_false (tilld_setting_casts_doubt (off, 1, TILL_DELIVERY_OUTCOME_TIMEOUT, off));
  g_assert_false (tilld_setting_casts_doubt (TILL_COMMAND_KIND_SET_PRICE, 1, TILL_DELIVERY_OUTCOME_TIMEOUT, on));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/setting-rules/same", test_same);
  g_test_add_func ("/setting-rules/tries", test_tries);
  g_test_add_func ("/setting-rules/remember", test_remember);
  g_test_add_func ("/setting-rules/doubt", test_doubt);
  return g_test_run ();
}
