/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-till-api.c: words of enums and permissions, roles that keep money and power apart, checks that both ends apply. */
#include <string.h>
#include "shared/api/till-enums.h"
#include "shared/api/till-permission.h"
#include "shared/api/till-validate.h"
#include "shared/base/till-error.h"
#include "tests/lib/test-main.h"

typedef gboolean (*FromWord) (const char *word, int *ret_value);

#define CHECK_WORD(n, v, w) { int back = -1; g_assert_cmpstr (word_of (v), ==, w); g_assert_true (from_word (w, &back)); g_assert_cmpint (back, ==, v); }
#define CHECK_LIST(LIST, Type, function)                          \
  {                                                               \
    int untouched = 77;                                           \
    FromWord from_word = function##_from_word;                    \
    const char *(*word_of) (Type) = function##_word;              \
    LIST (CHECK_WORD)                                             \
    g_assert_null (word_of (9999));                               \
    g_assert_false (from_word ("nonsense", &untouched));          \
    g_assert_false (from_word (NULL, &untouched));                \
    g_assert_cmpint (untouched, ==, 77);                          \
  }

static void
words (void)
{
  CHECK_LIST (TILL_METER_STATES, TillMeterState, till_meter_state)
  CHECK_LIST (TILL_METER_MODES, TillMeterMode, till_meter_mode)
  CHECK_LIST (TILL_RELAYS, TillRelay, till_relay)
  CHECK_LIST (TILL_SALE_KINDS, TillSaleKind, till_sale_kind)
  CHECK_LIST (TILL_SALE_STATES, TillSaleState, till_sale_state)
  CHECK_LIST (TILL_CHANNELS, TillChannel, till_channel)
  CHECK_LIST (TILL_COMMAND_KINDS, TillCommandKind, till_command_kind)
  CHECK_LIST (TILL_COMMAND_STATES, TillCommandState, till_command_state)
  CHECK_LIST (TILL_LINK_KINDS, TillLinkKind, till_link_kind)
  CHECK_LIST (TILL_LINK_CLASSES, TillLinkClass, till_link_class)
  CHECK_LIST (TILL_SETTLEMENTS, TillSettlement, till_settlement)
  CHECK_LIST (TILL_PURSES, TillPurse, till_purse)
  CHECK_LIST (TILL_USE_CLASSES, TillUseClass, till_use_class)
  CHECK_LIST (TILL_METER_CLASSES, TillMeterClass, till_meter_class)
  CHECK_LIST (TILL_ALARM_KINDS, TillAlarmKind, till_alarm_kind)
  CHECK_LIST (TILL_SEVERITIES, TillSeverity, till_severity)
  CHECK_LIST (TILL_ACCOUNT_STATES, TillAccountState, till_account_state)
  CHECK_LIST (TILL_AREA_KINDS, TillAreaKind, till_area_kind)
  CHECK_LIST (TILL_RATES, TillRate, till_rate)
  CHECK_LIST (TILL_LEDGER_ACCOUNTS, TillLedgerAccount, till_ledger_account)
  CHECK_LIST (TILL_LEDGER_EVENTS, TillLedgerEvent, till_ledger_event)
}

static void
flags_are_bits (void)
{
  int value = 0;
  g_assert_cmpint (TILL_METER_FLAG_STALE, ==, 1 << 7);
  g_assert_cmpstr (till_meter_flag_word (TILL_METER_FLAG_STALE), ==, "stale");
  g_assert_true (till_meter_flag_from_word ("overload", &value));
  g_assert_cmpint (value, ==, TILL_METER_FLAG_OVERLOAD);
  g_assert_null (till_meter_flag_word (3));
}

static void
permissions (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  for (int i = 0; i < TILL_PERMISSION_N; i++)
    {
      int back = -1;
      g_assert_true (g_hash_table_add (seen, (gpointer) till_permission_word (i)));
      g_assert_true (till_permission_from_word (till_permission_word (i), &back));
      g_assert_cmpint (back, ==, i);
    }
  g_assert_null (till_permission_word (TILL_PERMISSION_N));
}

static gboolean
may (const char *role, TillPermission permission)
{
  return till_permission_set_has (till_role_default_permissions (role), permission);
}

static void
roles_keep_apart (void)
{
  const char *const *names = till_role_names ();
  const TillPermissionSet log_set = ((TillPermissionSet) 1 << TILL_PERMISSION_LOG_VIEW) | ((TillPermissionSet) 1 << TILL_PERMISSION_LOG_VERIFY);

  g_assert_cmpuint (g_strv_length ((char **) names), ==, 6);
  for (guint i = 0; names[i] != NULL; i++)
    g_assert_cmpuint (till_role_default_permissions (names[i]), !=, 0);
  g_assert_cmpuint (till_role_default_permissions ("root"), ==, 0);
  g_assert_cmpuint (till_role_default_permissions (NULL), ==, 0);
  g_assert_false (may ("administrator", TILL_PERMISSION_SALES_SELL));
  g_assert_false (may ("administrator", TILL_PERMISSION_APPROVE_MONEY));
  g_assert_true (may ("administrator", TILL_PERMISSION_OPERATORS_EDIT));
  g_assert_true (may ("cashier", TILL_PERMISSION_SALES_SELL));
  g_assert_false (may ("cashier", TILL_PERMISSION_SALES_REFUND));
  g_assert_false (may ("cashier", TILL_PERMISSION_METERS_FORCE_OFF));
  g_assert_true (may ("finance", TILL_PERMISSION_SALES_REFUND));
  g_assert_false (may ("finance", TILL_PERMISSION_OPERATORS_EDIT));
  g_assert_true (may ("engineer", TILL_PERMISSION_METERS_FORCE_OFF));
  g_assert_false (may ("engineer", TILL_PERMISSION_SALES_SELL));
  g_assert_cmpuint (till_role_default_permissions ("auditor"), ==, log_set);
  g_assert_false (may ("viewer", TILL_PERMISSION_METERS_READ));
}

static void
validate (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *long_password = g_strnfill (257, 'x');

  g_assert_true (till_validate_sale_amount (100, 0, &error));
  g_assert_true (till_validate_sale_amount (500000, 500000, &error));
  g_assert_no_error (error);
  g_assert_false (till_validate_sale_amount (0, 0, NULL));
  g_assert_false (till_validate_sale_amount (-100, 0, NULL));
  g_assert_false (till_validate_sale_amount (150, 0, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (till_validate_sale_amount (500100, 500000, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_false (till_validate_sale_amount (TILL_MONEY_MAX + 100, 0, NULL));
  g_assert_true (till_validate_balance_after (100, 200, 300, NULL));
  g_assert_false (till_validate_balance_after (101, 200, 300, NULL));
  g_assert_true (till_validate_balance_after (G_MAXINT64 - 200, 200, 0, NULL));
  g_assert_false (till_validate_balance_after (G_MAXINT64, 200, 0, NULL));
  g_assert_true (till_validate_alarm_limits (2, 1, NULL));
  g_assert_false (till_validate_alarm_limits (1, 1, NULL));
  g_assert_false (till_validate_alarm_limits (1, -1, NULL));
  g_assert_true (till_validate_password ("12345678", NULL));
  g_assert_false (till_validate_password ("1234567", NULL));
  g_assert_false (till_validate_password (NULL, NULL));
  g_assert_false (till_validate_password (long_password, NULL));
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/api/words", words);
  g_test_add_func ("/api/flags", flags_are_bits);
  g_test_add_func ("/api/permissions", permissions);
  g_test_add_func ("/api/roles", roles_keep_apart);
  g_test_add_func ("/api/validate", validate);
  return till_test_run ();
}
