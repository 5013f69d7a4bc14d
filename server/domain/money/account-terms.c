/* SPDX-License-Identifier: GPL-2.0-or-later
 * account-terms.c: limits and tariff of the meters of an account that is opened. */
#include "server/domain/money/account-terms.h"

static const TilldStatement meters = {
  .name = "account-terms-meters",
  .sql = "SELECT x.n, m.area, m.use_class, m.purse, m.alarm1, m.alarm2 FROM unnest ($1::bigint[]) WITH ORDINALITY AS x (id, n) JOIN meter m ON m.id = x.id",
  .params = { DB_I64_ARRAY_TYPE },
  .columns = { { "n", DB_I64_TYPE }, { "area", DB_I64_TYPE }, { "use_class", DB_I16_TYPE }, { "purse", DB_I16_TYPE }, { "alarm1", DB_I64_TYPE },
               { "alarm2", DB_I64_TYPE } },
};
static const TilldStatement store = {
  .name = "account-terms-store",
  .sql = "UPDATE meter SET alarm1 = $2, alarm2 = $3, overload_w = coalesce ($4, overload_w), overdraft = coalesce ($5, overdraft),"
         " hoard_limit = coalesce ($6, hoard_limit), full_interval_s = coalesce ($7, full_interval_s), tariff = coalesce ($8, tariff),"
         " version = version + 1 WHERE id = $1",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I32_TYPE, DB_I64_TYPE },
};
TILLD_STATEMENT (meters)
TILLD_STATEMENT (store)

static TilldPresetAlarm
choose (gboolean given, gint64 value, gboolean preset, gint64 proposed, gint64 record)
{
  return given    ? (TilldPresetAlarm){ value, TILLD_WEIGHT_GIVEN }
         : preset ? (TilldPresetAlarm){ proposed, TILLD_WEIGHT_DEFAULT }
                  : (TilldPresetAlarm){ record, TILLD_WEIGHT_NONE };
}

gboolean
tilld_account_terms_alarms (const TilldAccountAlarms *in, const TilldPreset *preset, TillPurse purse, gint64 *ret_alarm1, gint64 *ret_alarm2)
{
  TilldPresetAlarm first = choose ((in->given & TILLD_GIVEN_ALARM1) != 0, in->given1, (preset->given & TILLD_PRESET_ALARM1) != 0,
                                   tilld_preset_of_purse (preset->alarm1, purse), in->record1);
  TilldPresetAlarm second = choose ((in->given & TILLD_GIVEN_ALARM2) != 0, in->given2, (preset->given & TILLD_PRESET_ALARM2) != 0,
                                    tilld_preset_of_purse (preset->alarm2, purse), in->record2);

  /* Only a default yields: what somebody typed against a record that says otherwise is a mistake to be shown. */
  if (first.weight == TILLD_WEIGHT_DEFAULT || second.weight == TILLD_WEIGHT_DEFAULT)
    tilld_preset_part (&first, &second, purse == TILL_PURSE_ENERGY ? 1000 : 10000);
  *ret_alarm1 = first.value;
  *ret_alarm2 = second.value;
  return first.value > second.value;
}

static gboolean
refuse (guint i, const char *limit, const char *reason, GError **error)
{
  g_autofree char *member = g_strdup_printf ("meters[%u].limits.%s", i, limit);

  till_fail (error, TILL_ERROR_INVALID, "%s %s", member, reason);
  if (error != NULL)
    till_error_add_field (*error, member, reason);
  return FALSE;
}

/* What was typed with four decimals, as the purse counts. */
static gboolean
to_purse (const TilldAccountMeter *m, guint i, TillPurse purse, TilldAccountMeter *ret, GError **error)
{
  const struct { const char *member; TilldGivenLimit bit; gint64 typed, *value; } amounts[] = {
    { "alarm1", TILLD_GIVEN_ALARM1, m->alarm1, &ret->alarm1 }, { "alarm2", TILLD_GIVEN_ALARM2, m->alarm2, &ret->alarm2 },
    { "overdraft", TILLD_GIVEN_OVERDRAFT, m->overdraft, &ret->overdraft },
  };

  *ret = *m;
  for (guint k = 0; k < G_N_ELEMENTS (amounts); k++)
    {
      if ((m->given & amounts[k].bit) != 0 && purse == TILL_PURSE_ENERGY && amounts[k].typed % 10 != 0)
        return refuse (i, amounts[k].member, "is kWh with at most three decimals: this purse holds energy", error);
      *amounts[k].value = tilld_preset_of_purse (amounts[k].typed, purse);
    }
  return TRUE;
}

#define ELSE_DEFAULT(has, value, bit, proposed) DB_I64_IF ((has) || (p->given & (bit)) != 0, (has) ? (value) : (proposed))

static gboolean
set_one (TilldDb *db, TilldRows *rows, guint row, const TilldAccountMeter *meter, const TilldPreset *p, GError **error)
{
  guint i = (guint) tilld_row_i64 (rows, row, "n") - 1;
  TillPurse purse = (TillPurse) tilld_row_i64 (rows, row, "purse");
  TilldAccountAlarms alarms = { .record1 = tilld_row_i64 (rows, row, "alarm1"), .record2 = tilld_row_i64 (rows, row, "alarm2") };
  TilldAccountMeter m;
  gint64 alarm1, alarm2;

  if (!to_purse (meter, i, purse, &m, error))
    return FALSE;
  alarms.given = m.given;
  alarms.given1 = m.alarm1;
  alarms.given2 = m.alarm2;
  if (!tilld_account_terms_alarms (&alarms, p, purse, &alarm1, &alarm2))
    return refuse (i, "alarm1", "must be greater than alarm2", error);
  return tilld_db_query (db, &store, NULL, error, DB_I64 (m.meter), DB_I64 (alarm1), DB_I64 (alarm2),
                         ELSE_DEFAULT ((m.given & TILLD_GIVEN_OVERLOAD) != 0, m.overload_w, TILLD_PRESET_OVERLOAD, p->overload_w),
                         ELSE_DEFAULT ((m.given & TILLD_GIVEN_OVERDRAFT) != 0, m.overdraft, TILLD_PRESET_OVERDRAFT,
                                       tilld_preset_of_purse (p->overdraft, purse)),
                         DB_I64_IF ((p->given & TILLD_PRESET_HOARD) != 0, tilld_preset_of_purse (p->hoard_limit, purse)),
                         DB_I32_IF ((p->given & TILLD_PRESET_FULL_INTERVAL) != 0, p->full_interval_s),
                         ELSE_DEFAULT (m.tariff != 0, m.tariff, TILLD_PRESET_TARIFF, p->tariff));
}

gboolean
tilld_account_terms_set (TilldDb *db, gint64 site, const TilldAccountMeter *in, guint n, GError **error)
{
  g_autofree gint64 *ids = g_new0 (gint64, n + 1);
  g_autofree TilldPresetPlace *places = g_new0 (TilldPresetPlace, n + 1);
  g_autofree TilldPreset *presets = g_new0 (TilldPreset, n + 1);
  g_autoptr (TilldRows) rows = NULL;
  guint found;

  for (guint i = 0; i < n; i++)
    ids[i] = in[i].meter;
  if (!tilld_db_query (db, &meters, &rows, error, DB_I64_ARRAY (ids, n)))
    return FALSE;
  found = tilld_rows_count (rows);
  for (guint row = 0; row < found; row++)
    places[row] = (TilldPresetPlace){ tilld_row_i64 (rows, row, "area"), (int) tilld_row_i64 (rows, row, "use_class") };
  if (!tilld_preset_find (db, site, places, found, presets, error))
    return FALSE;
  for (guint row = 0; row < found; row++)
    if (!set_one (db, rows, row, &in[tilld_row_i64 (rows, row, "n") - 1], &presets[row], error))
      return FALSE;
  return TRUE;
}
