/* SPDX-License-Identifier: GPL-2.0-or-later
 * setting-order.c: from the wish of a person, or a changed record, to a command that the meter can hold. */
#include "server/domain/plant/setting-order.h"
#include "server/domain/plant/feed.h"
#include "server/domain/plant/model-proof.h"
#include "server/domain/plant/setting.h"
#include "server/rules/certificate-rules.h"
#include "shared/base/till-json-check.h"

static const TilldStatement facts_load = {
  .name = "setting-facts",
  .sql = "SELECT m.model, m.unit, m.purse, m.gateway, g.simulated, m.life_support, m.alarm1, m.alarm2, m.overload_w, m.overdraft, "
         "CASE WHEN m.hoard_limit > 0 OR m.purse = 2 THEN m.hoard_limit ELSE s.hoard_limit END AS hoard, m.tariff, coalesce (t.price_tip, 0) AS tip, "
         "coalesce (t.price_peak, 0) AS peak, coalesce (t.price_flat, 0) AS flat, coalesce (t.price_valley, 0) AS valley, coalesce (t.price_deep, 0) AS deep "
         "FROM meter m JOIN gateway g ON g.id = m.gateway JOIN site s ON s.id = g.site LEFT JOIN LATERAL (SELECT * FROM tariff_version v "
         "WHERE v.tariff = m.tariff AND v.effective <= site_today () ORDER BY v.effective DESC LIMIT 1) t ON true "
         "WHERE m.id = $1 AND m.retired_at IS NULL FOR NO KEY UPDATE OF m",
  .params = { DB_I64_TYPE },
  .columns = { { "model", DB_TEXT_TYPE }, { "unit", DB_I16_TYPE }, { "purse", DB_I16_TYPE }, { "gateway", DB_I64_TYPE }, { "simulated", DB_BOOL_TYPE },
               { "life_support", DB_BOOL_TYPE }, { "alarm1", DB_I64_TYPE }, { "alarm2", DB_I64_TYPE }, { "overload_w", DB_I64_TYPE },
               { "overdraft", DB_I64_TYPE }, { "hoard", DB_I64_TYPE }, { "tariff", DB_I64_TYPE, DB_NULL_OK }, { "tip", DB_I64_TYPE },
               { "peak", DB_I64_TYPE }, { "flat", DB_I64_TYPE }, { "valley", DB_I64_TYPE }, { "deep", DB_I64_TYPE } },
};
TILLD_STATEMENT (facts_load)

static const TilldStatement limits_store = {
  .name = "setting-limits",
  .sql = "UPDATE meter SET alarm1 = $2, alarm2 = $3, overload_w = $4, overdraft = $5, hoard_limit = CASE WHEN $7 THEN $6 ELSE hoard_limit END, "
         "version = version + 1 WHERE id = $1",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_BOOL_TYPE },
};
TILLD_STATEMENT (limits_store)

typedef struct {
  const TilldProfile *profile;
  guint               unit;
  TillPurse           purse;
  gint64              meter, gateway, prices[TILL_N_RATES];
  gboolean            simulated, life_support, has_tariff;
  TilldSettingLimits  limits;
} Facts;

static gboolean
load_facts (TilldDb *db, const TilldProfiles *profiles, gint64 meter, Facts *f, GError **error)
{
  static const char *const rates[TILL_N_RATES] = { "tip", "peak", "flat", "valley", "deep" };
  g_autoptr (TilldRows)    rows = NULL;

  if (!tilld_db_query (db, &facts_load, &rows, error, DB_I64 (meter)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no such meter");
  *f = (Facts){ .profile = tilld_profiles_get (profiles, tilld_row_text (rows, 0, "model")), .unit = (guint) tilld_row_i64 (rows, 0, "unit"),
                .purse = (TillPurse) tilld_row_i64 (rows, 0, "purse"), .meter = meter, .gateway = tilld_row_i64 (rows, 0, "gateway"),
                .simulated = tilld_row_bool (rows, 0, "simulated"), .life_support = tilld_row_bool (rows, 0, "life_support"),
                .has_tariff = !tilld_row_is_null (rows, 0, "tariff"),
                .limits = { tilld_row_i64 (rows, 0, "alarm1"), tilld_row_i64 (rows, 0, "alarm2"), tilld_row_i64 (rows, 0, "overload_w"),
                            tilld_row_i64 (rows, 0, "overdraft"), tilld_row_i64 (rows, 0, "hoard") } };
  for (guint rate = 0; rate < TILL_N_RATES; rate++)
    f->prices[rate] = tilld_row_i64 (rows, 0, rates[rate]);
  return f->profile != NULL ||
         till_fail (error, TILL_ERROR_UNSUPPORTED, "this server knows no meter model \"%s\"", tilld_row_text (rows, 0, "model"));
}

static void
take_limit (const TilldSettings *given, int point, gint64 *limit)
{
  if (tilld_settings_has (given, point))
    *limit = given->number[point];
}

/* Limits are written whole: what was not named is that of the record. They become the record's. */
static gboolean
merge_limits (TilldDb *db, Facts *f, const TilldSettings *given, GError **error)
{
  take_limit (given, TILLD_POINT_ALARM1, &f->limits.alarm1);
  take_limit (given, TILLD_POINT_ALARM2, &f->limits.alarm2);
  take_limit (given, TILLD_POINT_OVERLOAD, &f->limits.overload_w);
  take_limit (given, TILLD_POINT_OVERDRAFT, &f->limits.overdraft);
  take_limit (given, TILLD_POINT_HOARD, &f->limits.hoard);
  if (f->limits.alarm1 <= f->limits.alarm2)
    {
      till_fail (error, TILL_ERROR_INVALID, "value.alarm1 must be greater than alarm2");
      if (error != NULL)
        till_error_add_field (*error, "value.alarm1", "must be greater than alarm2");
      return FALSE;
    }
  return tilld_db_query (db, &limits_store, NULL, error, DB_I64 (f->meter), DB_I64 (f->limits.alarm1), DB_I64 (f->limits.alarm2),
                         DB_I64 (f->limits.overload_w), DB_I64 (f->limits.overdraft), DB_I64 (f->limits.hoard),
                         DB_BOOL (tilld_settings_has (given, TILLD_POINT_HOARD))) &&
         tilld_feed_add_ids (db, "meter", &f->meter, 1, error) && tilld_bell_ring (db, "till_plant", error);
}

/* The value that is stored; caller frees. NULL without error: none is needed. */
static char *
value_of (const Facts *f, TillCommandKind kind, JsonNode *given, const char *otherwise, GError **error)
{
  if (kind == TILL_COMMAND_KIND_SET_LIMITS)
    return tilld_setting_limits_json (f->purse, &f->limits);
  if (given != NULL)
    return json_to_string (given, FALSE);
  if (kind == TILL_COMMAND_KIND_SET_PRICE && otherwise != NULL)
    return g_strdup (otherwise);
  if (kind == TILL_COMMAND_KIND_SET_PRICE && f->has_tariff)
    return tilld_setting_prices_json (f->profile, f->prices);
  if (kind == TILL_COMMAND_KIND_SET_PRICE || kind == TILL_COMMAND_KIND_SET_SCHEDULE)
    {
      const char *reason = kind == TILL_COMMAND_KIND_SET_PRICE ? "is required: the meter has no tariff" : "is required";

      till_fail (error, TILL_ERROR_INVALID, "value %s", reason);
      if (error != NULL)
        till_error_add_field (*error, "value", reason);
    }
  return NULL;
}

/* Can the model hold it, and may it be sent here? Fills the cabinet of the command. */
static gboolean
judge_setting (TilldDb *db, const Facts *f, TilldCommandNew *command, const TilldSettings *settings, GError **error)
{
  TilldSettingTerms terms;

  if (!tilld_setting_check (f->profile, command->kind, settings, NULL, error))
    return FALSE;
  tilld_setting_terms (f->profile, command->kind, settings, &terms);
  if (terms.cabinet)
    {
      command->table = tilld_setting_table (f->profile, f->unit);
      command->span = f->profile->span;
    }
  return tilld_model_proof_require (db, f->profile, (TilldProvenWrite) tilld_proven_of (command->kind), terms.evidence, f->gateway, f->simulated, error);
}

static gboolean
judge_relay (TilldDb *db, const Facts *f, TillCommandKind kind, GError **error)
{
  TilldCutFacts cut = { .life_support = f->life_support, .installed = TRUE };
  const char   *why = kind == TILL_COMMAND_KIND_FORCE_OFF ? tilld_certificate_refusal (&cut) : NULL;

  if (why != NULL)
    return till_fail (error, TILL_ERROR_CONFLICT, "%s", why);
  if (f->profile->control.write.registers == 0)
    return till_fail (error, TILL_ERROR_UNSUPPORTED, "the model %s has no relay", f->profile->name);
  return tilld_model_proof_require (db, f->profile, TILLD_PROVEN_CONTROL, f->profile->control.write.evidence, f->gateway, f->simulated, error);
}

static gboolean
is_setting (TillCommandKind kind)
{
  return kind == TILL_COMMAND_KIND_SET_PRICE || kind == TILL_COMMAND_KIND_SET_LIMITS || kind == TILL_COMMAND_KIND_SET_SCHEDULE ||
         kind == TILL_COMMAND_KIND_SET_CLOCK;
}

gboolean
tilld_setting_order (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldSettingOrder *in, gboolean *ret_replay, GError **error)
{
  g_autofree char        *asked = in->value != NULL ? json_to_string (in->value, FALSE) : NULL;
  g_autofree char        *value = NULL;
  g_autofree TilldSettings *settings = g_new0 (TilldSettings, 1);
  TilldCommandNew         command = { .id = in->id, .meter = in->meter, .kind = in->kind, .asked = asked, .reason = in->reason };
  g_autoptr (GError)      local = NULL;
  Facts                   f;

  if (!tilld_command_begin (db, who, &command, ret_replay, error))
    return FALSE;
  if (*ret_replay)
    return TRUE;
  if (in->kind == TILL_COMMAND_KIND_READ_NOW)
    return tilld_command_store (db, who, &command, error);
  if (!load_facts (db, profiles, in->meter, &f, error))
    return FALSE;
  if (!is_setting (in->kind))
    {
      command.value = asked;
      return judge_relay (db, &f, in->kind, error) && tilld_command_store (db, who, &command, error);
    }
  if (in->kind == TILL_COMMAND_KIND_SET_LIMITS && in->value != NULL &&
      (!tilld_setting_read (in->kind, f.purse, in->value, settings, error) || !merge_limits (db, &f, settings, error)))
    return FALSE;
  value = value_of (&f, in->kind, in->value, in->otherwise, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  command.value = value;
  return tilld_setting_parse (in->kind, f.purse, value, settings, error) && judge_setting (db, &f, &command, settings, error) &&
         tilld_command_store (db, who, &command, error);
}

gboolean
tilld_setting_issue (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldSettingIssue *in, TillId *ret_id, char **ret_why,
                     GError **error)
{
  g_autofree char          *value = g_strdup (in->value);
  g_autofree TilldSettings *settings = g_new0 (TilldSettings, 1);
  TilldCommandNew           command = { .meter = in->meter, .kind = in->kind, .reason = in->reason, .repairs = in->repairs };
  g_autoptr (GError)        local = NULL;
  gboolean                  replay;
  Facts                     f;

  g_assert (is_setting (in->kind));
  *ret_id = TILL_ID_NIL;
  *ret_why = NULL;
  if (!load_facts (db, profiles, in->meter, &f, &local) || (value == NULL && (value = value_of (&f, in->kind, NULL, NULL, &local), local != NULL)) ||
      !tilld_setting_parse (in->kind, f.purse, value, settings, &local) || !judge_setting (db, &f, &command, settings, &local))
    {
      if (!till_error_is (local, TILL_ERROR_INVALID) && !till_error_is (local, TILL_ERROR_UNSUPPORTED))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      *ret_why = g_strdup (local->message);
      return TRUE;
    }
  till_id_new (&command.id, in->now_ms);
  command.value = value;
  if (!tilld_command_begin (db, who, &command, &replay, error) || !tilld_command_store (db, who, &command, error))
    return FALSE;
  *ret_id = command.id;
  return TRUE;
}
