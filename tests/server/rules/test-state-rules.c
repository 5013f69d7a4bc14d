/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-state-rules.c: order of the money states, derived flags, age. */
#include "server/rules/state-rules.h"

/* A meter without flags of its own: all is derived. */
static const TilldStateInput bare = {
  .has_reading = TRUE, .purse = TILL_PURSE_MONEY, .balance = 500000, .count = 2, .has_count = TRUE, .alarm1 = 100000, .alarm2 = 50000,
  .overdraft = 0, .power_w = 300, .has_power = TRUE, .opened = TILLD_TRI_UNKNOWN, .arrears = TILLD_TRI_UNKNOWN, .low1 = TILLD_TRI_UNKNOWN,
  .low2 = TILLD_TRI_UNKNOWN, .relay_closed = TILLD_TRI_UNKNOWN, .forced_on = TILLD_TRI_UNKNOWN, .forced_off = TILLD_TRI_UNKNOWN,
  .overload = TILLD_TRI_UNKNOWN, .settlement = TILL_SETTLEMENT_METER, .verified_control = -1,
};

static TilldMeterShown
shown (TilldStateInput in)
{
  TilldMeterShown out;

  tilld_state_derive (&in, &out);
  return out;
}

static void
test_money_states (void)
{
  static const struct { gint32 count; gint64 balance; TillMeterState state; } rows[] = {
    { 2, 500000, TILL_METER_STATE_NORMAL }, { 2, 100001, TILL_METER_STATE_NORMAL }, { 2, 100000, TILL_METER_STATE_ALARM1 },
    { 2, 50001, TILL_METER_STATE_ALARM1 }, { 2, 50000, TILL_METER_STATE_ALARM2 }, { 2, 1, TILL_METER_STATE_ALARM2 },
    { 2, 0, TILL_METER_STATE_ARREARS }, { 2, -100, TILL_METER_STATE_ARREARS }, { 0, 0, TILL_METER_STATE_UNOPENED },
    { 0, -100, TILL_METER_STATE_UNOPENED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      TilldStateInput in = bare;

      in.count = rows[i].count;
      in.balance = rows[i].balance;
      g_assert_cmpint (shown (in).state, ==, rows[i].state);
      g_assert_true (shown (in).flags & TILL_METER_FLAG_DERIVED);
    }
}

static void
test_own_flags_win (void)
{
  TilldStateInput in = bare;

  in.opened = TILLD_TRI_YES;
  in.arrears = TILLD_TRI_NO;
  in.low1 = TILLD_TRI_YES;
  in.low2 = TILLD_TRI_NO;
  in.relay_closed = TILLD_TRI_NO;
  in.forced_on = TILLD_TRI_NO;
  in.forced_off = TILLD_TRI_YES;
  in.balance = -5;
  in.count = 0;
  g_assert_cmpint (shown (in).state, ==, TILL_METER_STATE_ALARM1);
  g_assert_cmpint (shown (in).relay, ==, TILL_RELAY_OPEN);
  g_assert_cmpint (shown (in).mode, ==, TILL_METER_MODE_FORCED_OFF);
  g_assert_cmpuint (shown (in).flags, ==, 0);
}

static void
test_relay_and_mode (void)
{
  TilldStateInput in = bare;

  g_assert_cmpint (shown (in).relay, ==, TILL_RELAY_CLOSED);
  in.power_w = 0;
  g_assert_cmpint (shown (in).relay, ==, TILL_RELAY_UNKNOWN);
  in.verified_control = TILL_COMMAND_KIND_FORCE_OFF;
  g_assert_cmpint (shown (in).relay, ==, TILL_RELAY_OPEN);
  g_assert_cmpint (shown (in).mode, ==, TILL_METER_MODE_FORCED_OFF);
  in.verified_control = TILL_COMMAND_KIND_RESTORE_PREPAID;
  in.balance = 0;
  g_assert_cmpint (shown (in).mode, ==, TILL_METER_MODE_PREPAID);
  g_assert_cmpint (shown (in).relay, ==, TILL_RELAY_OPEN);
  in.overdraft = 100;
  g_assert_cmpint (shown (in).relay, ==, TILL_RELAY_UNKNOWN);
  in.verified_control = TILL_COMMAND_KIND_FORCE_ON;
  g_assert_cmpint (shown (in).mode, ==, TILL_METER_MODE_FORCED_ON);
}

static void
test_special_meters (void)
{
  TilldStateInput in = bare;

  in.settlement = TILL_SETTLEMENT_SERVER; /* the count of a server-settled meter says nothing */
  in.count = 9;
  g_assert_cmpint (shown (in).state, ==, TILL_METER_STATE_UNOPENED);
  in.has_account = TRUE;
  g_assert_cmpint (shown (in).state, ==, TILL_METER_STATE_NORMAL);
  in.settlement = TILL_SETTLEMENT_NONE; /* a sub-meter without a purse is never in arrears */
  in.purse = TILL_PURSE_NONE;
  in.balance = 0;
  g_assert_cmpint (shown (in).state, ==, TILL_METER_STATE_NORMAL);
  in.has_reading = FALSE;
  in.dispute = in.life_support = TRUE;
  g_assert_cmpint (shown (in).state, ==, TILL_METER_STATE_LOST);
  g_assert_cmpuint (shown (in).flags, ==, TILL_METER_FLAG_DISPUTE | TILL_METER_FLAG_LIFE_SUPPORT);
}

static void
test_age (void)
{
  g_assert_cmpint (tilld_state_with_age (TILL_METER_STATE_ALARM1, 179, 2, 150), ==, TILL_METER_STATE_ALARM1);
  g_assert_cmpint (tilld_state_with_age (TILL_METER_STATE_ALARM1, 330, 0, 150), ==, TILL_METER_STATE_ALARM1);
  g_assert_cmpint (tilld_state_with_age (TILL_METER_STATE_ALARM1, 331, 0, 150), ==, TILL_METER_STATE_LOST);
  g_assert_cmpint (tilld_state_with_age (TILL_METER_STATE_NORMAL, 10, 3, 150), ==, TILL_METER_STATE_LOST);
  g_assert_cmpint (tilld_state_with_age (TILL_METER_STATE_NORMAL, -1, 0, 150), ==, TILL_METER_STATE_LOST);
  g_assert_false (tilld_state_is_stale (180, 150));
  g_assert_true (tilld_state_is_stale (181, 150));
  g_assert_false (tilld_state_is_stale (1700, 1800));
}

static void
test_guards (void)
{
  g_assert_false (tilld_state_energy_after_trip (TILL_RELAY_OPEN, 1000, 1050));
  g_assert_true (tilld_state_energy_after_trip (TILL_RELAY_OPEN, 1000, 1051));
  g_assert_false (tilld_state_energy_after_trip (TILL_RELAY_UNKNOWN, 1000, 9000));
  g_assert_false (tilld_state_clock_drifts (120000000, 0));
  g_assert_true (tilld_state_clock_drifts (0, 120000001));
  g_assert_cmpint (tilld_state_days_left (100000, 30000), ==, 3);
  g_assert_cmpint (tilld_state_days_left (-1, 30000), ==, 0);
  g_assert_cmpint (tilld_state_days_left (100000, 0), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/state-rules/money-states", test_money_states);
  g_test_add_func ("/state-rules/own-flags-win", test_own_flags_win);
  g_test_add_func ("/state-rules/relay-and-mode", test_relay_and_mode);
  g_test_add_func ("/state-rules/special-meters", test_special_meters);
  g_test_add_func ("/state-rules/age", test_age);
  g_test_add_func ("/state-rules/guards", test_guards);
  return g_test_run ();
}
