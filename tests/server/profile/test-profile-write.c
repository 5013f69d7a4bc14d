/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-profile-write.c: words of writes, amounts a meter can hold, values and flags from registers. */
#include "server/profile/profile-decode.h"
#include "server/profile/profile-load.h"
#include "server/profile/profile-write.h"
#include "shared/base/till-error.h"
#include "shared/base/till-money.h"
#include "tests/lib/test-main.h"

static TilldProfiles *profiles;

static const TilldProfile *
model (const char *name)
{
  const TilldProfile *p = tilld_profiles_get (profiles, name);

  g_assert_nonnull (p);
  return p;
}

static void
test_recharge (void)
{
  TilldWriteWords   w;
  g_autoptr(GError) error = NULL;

  g_assert_true (tilld_profile_write_money (model ("adf400l-1p"), FALSE, TILLD_WORDS_DEFAULT, 100 * TILL_MONEY_UNIT, 1, &w, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (w.at, ==, 0x050d);
  g_assert_cmpuint (w.n, ==, 3);
  g_assert_cmphex (w.words[0], ==, 0x0000);
  g_assert_cmphex (w.words[1], ==, 0x2710);
  g_assert_cmphex (w.words[2], ==, 1);
  g_assert_true (tilld_profile_write_money (model ("adf400l-1p"), FALSE, TILLD_WORDS_LITTLE, 100 * TILL_MONEY_UNIT, 7, &w, NULL));
  g_assert_cmphex (w.words[0], ==, 0x2710);
  g_assert_cmphex (w.words[1], ==, 0x0000);
  g_assert_true (tilld_profile_write_money (model ("gridtill-generic-b"), FALSE, TILLD_WORDS_DEFAULT, 12345600, 99, &w, NULL));
  g_assert_cmpuint (w.n, ==, 2);
  g_assert_cmphex (w.words[0], ==, 0x0001);
  g_assert_cmphex (w.words[1], ==, 0xe240);
  g_assert_false (tilld_profile_write_money (model ("gridtill-generic-c"), FALSE, TILLD_WORDS_DEFAULT, 100, 1, &w, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  g_assert_false (tilld_profile_write_money (model ("adf400l-1p"), FALSE, TILLD_WORDS_DEFAULT, 100, 65536, &w, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_LIMIT);
}

static void
test_amounts (void)
{
  static const struct { gint64 amount, balance, hoard; gboolean ok; } rows[] = {
    { 100, 0, 0, TRUE }, { 99, 0, 0, FALSE }, { 150, 0, 0, FALSE }, { 0, 0, 0, FALSE }, { -100, 0, 0, FALSE },
    { 999999900, 0, 0, TRUE }, { 1000000000, 0, 0, FALSE }, { 1000000, 500000, 1500000, TRUE }, { 1000100, 500000, 1500000, FALSE },
    { 100, G_GINT64_CONSTANT (214748364700), 0, FALSE }, { 100, G_MAXINT64, 0, FALSE }, { 100, -5000000, 1, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (tilld_profile_check_amount (model ("gridtill-generic"), FALSE, rows[i].amount, rows[i].balance, rows[i].hoard, NULL), ==, rows[i].ok);
  g_assert_true (tilld_profile_check_amount (model ("gridtill-generic"), TRUE, 100, 100, 0, NULL));
  g_assert_false (tilld_profile_check_amount (model ("gridtill-generic"), TRUE, 200, 100, 0, NULL));
  g_assert_false (tilld_profile_check_amount (model ("adf400l-1p"), TRUE, 100, 100, 0, NULL));
}

/* Where the register is the balance itself, an amount in it would take all the rest, too: never written. */
static void
test_preset (void)
{
  g_autofree TilldProfile *p = g_memdup2 (model ("gridtill-generic"), sizeof *p);
  TilldWriteWords   w;
  g_autoptr(GError) error = NULL;

  g_assert_true (tilld_profile_write_money (p, TRUE, TILLD_WORDS_DEFAULT, TILL_MONEY_UNIT, 1, &w, &error));
  p->debit.mode = TILLD_MONEY_MODE_PRESET;
  g_assert_false (tilld_profile_write_money (p, TRUE, TILLD_WORDS_DEFAULT, TILL_MONEY_UNIT, 1, &w, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_UNSUPPORTED);
}

static void
test_control (void)
{
  TilldWriteWords w;

  g_assert_true (tilld_profile_write_control (model ("adf400l-1p"), TILLD_ACTION_OPEN, NULL, &w, NULL));
  g_assert_cmphex (w.words[0], ==, 0x0100);
  g_assert_true (tilld_profile_write_control (model ("adf400l-1p"), TILLD_ACTION_CLOSE, "H1", &w, NULL));
  g_assert_cmphex (w.words[0], ==, 0x0001);
  g_assert_false (tilld_profile_write_control (model ("adf400l-1p"), TILLD_ACTION_CLOSE, "H9", &w, NULL));
  g_assert_false (tilld_profile_write_control (model ("adw300-readonly"), TILLD_ACTION_CLOSE, NULL, &w, NULL));
  g_assert_true (tilld_profile_write_control (model ("gridtill-generic"), TILLD_ACTION_OPEN, NULL, &w, NULL));
  g_assert_cmpuint (w.n, ==, 2);
  g_assert_cmphex (w.words[1], ==, 1);
}

static guint
setting_with (const TilldProfile *p, int field)
{
  for (guint i = 0; i < p->n_settings; i++)
    for (guint j = 0; j < p->settings[i].n_fields; j++)
      if ((int) p->settings[i].fields[j].name == field)
        return i;
  g_assert_not_reached ();
}

static void
test_settings (void)
{
  TilldSettings       s = { 0 };
  TilldWriteWords     w;
  gboolean            rounded = FALSE;
  const TilldProfile *p = model ("adf400l-1p");
  g_autoptr(GError)   error = NULL;

  g_assert_false (tilld_profile_write_setting (p, 0, TILLD_WORDS_DEFAULT, &s, &w, &rounded, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_UNSUPPORTED);
  for (int name = TILLD_POINT_PRICE_TIP; name <= TILLD_POINT_PRICE_VALLEY; name++)
    tilld_settings_set (&s, name, 5283); /* 0.5283: the register holds hundredths */
  g_assert_true (tilld_profile_write_setting (p, 0, TILLD_WORDS_DEFAULT, &s, &w, &rounded, NULL));
  g_assert_true (rounded);
  g_assert_cmphex (w.words[1], ==, 53);
  s.n_day_plan[0] = 2;
  s.day_plan[0][0] = (TilldSlot){ 0, 0, TILL_RATE_VALLEY };
  s.day_plan[0][1] = (TilldSlot){ 8, 30, TILL_RATE_PEAK };
  g_assert_true (tilld_profile_write_setting (p, setting_with (p, TILLD_FIELD_DAY_PLAN_1), TILLD_WORDS_DEFAULT, &s, &w, &rounded, NULL));
  g_assert_cmphex (w.words[0], ==, 0x0400); /* code 4, 00 */
  g_assert_cmphex (w.words[1], ==, 0x0002); /* 00, code 2 */
  g_assert_cmphex (w.words[2], ==, 0x081e);
  g_assert_cmphex (w.words[20], ==, 0x081e); /* unused slots repeat the last one */
  s.day_plan[0][1].hour = 0;
  s.day_plan[0][1].minute = 0;
  g_assert_false (tilld_profile_write_setting (p, setting_with (p, TILLD_FIELD_DAY_PLAN_1), TILLD_WORDS_DEFAULT, &s, &w, &rounded, NULL));
  s.civil_s = G_GINT64_CONSTANT (1788264000) + 3723; /* 2026-09-01 13:02:03, a Tuesday */
  g_assert_true (tilld_profile_write_setting (p, p->n_settings - 1, TILLD_WORDS_DEFAULT, &s, &w, &rounded, NULL));
  g_assert_cmphex (w.words[0], ==, 0x0302);
  g_assert_cmphex (w.words[1], ==, 0x0d02);
  g_assert_cmphex (w.words[2], ==, 0x0109);
  g_assert_cmphex (w.words[3], ==, 0x1a00);
}

static void
test_decode (void)
{
  const TilldProfile *p = model ("adf400l-1p");
  TilldValue          v;

  tilld_point_decode (p, tilld_profile_point (p, TILLD_POINT_BALANCE), TILLD_WORDS_DEFAULT, (guint16[]){ 0xffff, 0xff9c }, &v);
  g_assert_cmpint (v.state, ==, TILLD_VALUE_OK);
  g_assert_cmpint (v.number, ==, -10000);
  tilld_point_decode (p, tilld_profile_point (p, TILLD_POINT_BALANCE), TILLD_WORDS_LITTLE, (guint16[]){ 0x86a0, 0x0001 }, &v);
  g_assert_cmpint (v.number, ==, 10000000);
  tilld_point_decode (p, tilld_profile_point (p, TILLD_POINT_ENERGY_TOTAL), TILLD_WORDS_DEFAULT, (guint16[]){ 0xffff, 0xffff }, &v);
  g_assert_cmpint (v.state, ==, TILLD_VALUE_INVALID);
  tilld_point_decode (p, tilld_profile_point (p, TILLD_POINT_CLOCK), TILLD_WORDS_DEFAULT, (guint16[]){ 0x0302, 0x0d02, 0x0109, 0x1a00 }, &v);
  g_assert_cmpint (v.number, ==, G_GINT64_CONSTANT (1788264000) + 3723);
  tilld_point_decode (p, tilld_profile_point (p, TILLD_POINT_CLOCK), TILLD_WORDS_DEFAULT, (guint16[]){ 0x0302, 0x0d02, 0x1f02, 0x1a00 }, &v);
  g_assert_cmpint (v.state, ==, TILLD_VALUE_INVALID); /* 31 February */
  tilld_point_decode (p, tilld_profile_point (p, TILLD_POINT_SERIAL), TILLD_WORDS_DEFAULT,
                      (guint16[]){ 0x4144, 0x4634, 0x3030, 0x2020, 0x0041, 0, 0 }, &v);
  g_assert_cmpstr (v.text, ==, "ADF400");
  p = model ("dtsy1352");
  tilld_point_decode (p, tilld_profile_point (p, TILLD_POINT_SERIAL), TILLD_WORDS_DEFAULT, (guint16[]){ 0x0123, 0x4567, 0x8901 }, &v);
  g_assert_cmpstr (v.text, ==, "012345678901");
  tilld_point_decode (p, tilld_profile_point (p, TILLD_POINT_SERIAL), TILLD_WORDS_DEFAULT, (guint16[]){ 0x0123, 0x4a67, 0x8901 }, &v);
  g_assert_cmpint (v.state, ==, TILLD_VALUE_INVALID);
}

static gboolean
get_status (gpointer data, TilldPointName name, gint64 *ret)
{
  *ret = *(gint64 *) data;
  return name == TILLD_POINT_STATUS_WORD && *ret >= 0;
}

static void
test_flags (void)
{
  const TilldProfile *p = model ("dtsy1352");
  gint64              word = 0xe000;

  g_assert_cmpint (tilld_profile_flag (p, TILLD_FLAG_RELAY_CLOSED, get_status, &word), ==, 1);
  word = 0xc000;
  g_assert_cmpint (tilld_profile_flag (p, TILLD_FLAG_RELAY_CLOSED, get_status, &word), ==, 0);
  word = -1;
  g_assert_cmpint (tilld_profile_flag (p, TILLD_FLAG_RELAY_CLOSED, get_status, &word), ==, -1);
  g_assert_cmpint (tilld_profile_flag (model ("adf400l-1p"), TILLD_FLAG_RELAY_CLOSED, get_status, &word), ==, -1);
}

int
main (int argc, char **argv)
{
  int result;

  till_test_init (&argc, &argv);
  profiles = tilld_profiles_load (NULL, NULL);
  g_test_add_func ("/profile/recharge", test_recharge);
  g_test_add_func ("/profile/amounts", test_amounts);
  g_test_add_func ("/profile/preset", test_preset);
  g_test_add_func ("/profile/control", test_control);
  g_test_add_func ("/profile/settings", test_settings);
  g_test_add_func ("/profile/decode", test_decode);
  g_test_add_func ("/profile/flags", test_flags);
  result = till_test_run ();
  tilld_profiles_free (profiles);
  return result;
}
