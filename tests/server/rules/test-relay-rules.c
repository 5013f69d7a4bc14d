/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-relay-rules.c: every set of reasons, on meters that settle themselves and on those that the server settles; debt and payment. */
#include "server/rules/relay-rules.h"

static void
test_wishes (void)
{
  for (guint set = 0; set < 1u << TILLD_OFF_N; set++)
    for (guint forced = 0; forced < 2; forced++)
      for (guint server = 0; server < 2; server++)
        {
          TilldRelayFacts facts = { set, forced != 0, server != 0 };
          gboolean others = (set & (1u << TILLD_OFF_OPERATOR | 1u << TILLD_OFF_SCHEDULE | 1u << TILLD_OFF_SHEDDING)) != 0;
          TilldRelayWish wish = tilld_relay_wish (&facts);

          if ((set & 1u << TILLD_OFF_OVERLOAD) != 0)
            g_assert_cmpint (wish, ==, server ? TILLD_RELAY_OPEN : TILLD_RELAY_LEAVE);
          else if (forced)
            g_assert_cmpint (wish, ==, TILLD_RELAY_CLOSE);
          else if (others)
            g_assert_cmpint (wish, ==, TILLD_RELAY_OPEN);
          else if ((set & 1u << TILLD_OFF_ARREARS) != 0)
            g_assert_cmpint (wish, ==, server ? TILLD_RELAY_OPEN : TILLD_RELAY_AUTO);
          else
            g_assert_cmpint (wish, ==, server ? TILLD_RELAY_CLOSE : TILLD_RELAY_AUTO);
        }
  g_assert_cmpint (tilld_relay_command (TILLD_RELAY_OPEN), ==, TILL_COMMAND_KIND_FORCE_OFF);
  g_assert_cmpint (tilld_relay_command (TILLD_RELAY_CLOSE), ==, TILL_COMMAND_KIND_FORCE_ON);
  g_assert_cmpint (tilld_relay_command (TILLD_RELAY_AUTO), ==, TILL_COMMAND_KIND_RESTORE_PREPAID);
}

static void
test_arrears (void)
{
  static const TilldArrearsFacts debt = { .balance = -50000, .overdraft = 50000, .has_account = TRUE, .has_reading = TRUE, .reading_age_s = 60 };
  TilldArrearsFacts f = debt;
  const char *why;

  g_assert_cmpint (tilld_relay_arrears (&f, &why), ==, TILLD_ARREARS_CUT);
  g_assert_null (why);
  f.balance++;
  g_assert_cmpint (tilld_relay_arrears (&f, &why), ==, TILLD_ARREARS_STAY);
  f = debt;
  f.reading_age_s = 601;
  g_assert_cmpint (tilld_relay_arrears (&f, &why), ==, TILLD_ARREARS_STAY);
  g_assert_nonnull (why);
  f = debt;
  f.life_support = TRUE;
  g_assert_cmpint (tilld_relay_arrears (&f, &why), ==, TILLD_ARREARS_STAY);
  g_assert_nonnull (why);
  f = debt;
  f.has_account = FALSE;
  g_assert_cmpint (tilld_relay_arrears (&f, &why), ==, TILLD_ARREARS_STAY);
  f = debt;
  f.protected_now = TRUE;
  g_assert_cmpint (tilld_relay_arrears (&f, &why), ==, TILLD_ARREARS_WAIT);
  f.waits = TRUE;
  g_assert_cmpint (tilld_relay_arrears (&f, &why), ==, TILLD_ARREARS_STAY);
  f.protected_now = FALSE; /* the hours are over: judged again */
  g_assert_cmpint (tilld_relay_arrears (&f, &why), ==, TILLD_ARREARS_CUT);
  f.balance = -1;
  g_assert_cmpint (tilld_relay_arrears (&f, &why), ==, TILLD_ARREARS_LIFT);
}

static void
test_payment (void)
{
  TilldArrearsFacts f = { .balance = 0, .has_account = TRUE, .cut = TRUE };
  const char *why;

  g_assert_cmpint (tilld_relay_arrears (&f, &why), ==, TILLD_ARREARS_STAY); /* the debt is paid, but nothing more */
  f.balance = 1;
  g_assert_cmpint (tilld_relay_arrears (&f, &why), ==, TILLD_ARREARS_LIFT); /* also without a reading */
  f.restore_above = 50000;
  g_assert_cmpint (tilld_relay_arrears (&f, &why), ==, TILLD_ARREARS_STAY);
  f.balance = 50001;
  g_assert_cmpint (tilld_relay_arrears (&f, &why), ==, TILLD_ARREARS_LIFT);
  f.balance = -100;
  f.has_account = FALSE; /* closed: the next household begins with light */
  g_assert_cmpint (tilld_relay_arrears (&f, &why), ==, TILLD_ARREARS_LIFT);
}

static void
test_pace (void)
{
  TillTime now = 1000 * TILL_SECOND, last = 0, hour = 0;
  guint n = 0, done = 0;

  for (guint i = 0; i < 60; i++, now += 30 * TILL_SECOND)
    if (tilld_relay_may_operate (now, last, &hour, &n))
      {
        g_assert_true (last == 0 || now - last >= TILLD_RELAY_PAUSE_S * TILL_SECOND);
        last = now;
        done++;
      }
  g_assert_cmpuint (done, ==, TILLD_RELAY_PER_HOUR);
  g_assert_true (tilld_relay_may_operate (hour + 3600 * TILL_SECOND, last, &hour, &n));
}

static void
test_hours (void)
{
  g_assert_true (tilld_hours_hold (22 * 60, 6 * 60, 23 * 3600));
  g_assert_true (tilld_hours_hold (22 * 60, 6 * 60, 0));
  g_assert_false (tilld_hours_hold (22 * 60, 6 * 60, 6 * 3600));
  g_assert_true (tilld_hours_hold (60, 120, 3600));
  g_assert_false (tilld_hours_hold (60, 120, 7200));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/wishes", test_wishes);
  g_test_add_func ("/relay/arrears", test_arrears);
  g_test_add_func ("/relay/payment", test_payment);
  g_test_add_func ("/relay/pace", test_pace);
  g_test_add_func ("/relay/hours", test_hours);
  return g_test_run ();
}
