/* SPDX-License-Identifier: GPL-2.0-or-later
 * meter-edit.c: meters come, change and go. A changed limit or tariff becomes an order to the meter in the same transaction. */
#include "server/domain/plant/meter-edit.h"
#include "server/domain/office/audit.h"
#include "server/domain/plant/feed.h"
#include "server/domain/plant/meter.h"
#include "server/domain/plant/setting-order.h"
#include "server/domain/plant/setting.h"

static const TilldStatement record_lock = {
  .name = "meter-lock",
  .sql = "SELECT m.model, m.gateway, m.port, m.unit, m.purse, m.settlement, m.version, to_jsonb (m) AS body, "
         "EXISTS (SELECT FROM command c WHERE c.meter = m.id AND c.kind <= 1 AND c.state IN (0, 1, 2, 7)) AS in_order, "
         "EXISTS (SELECT FROM account_meter a WHERE a.meter = m.id AND a.until IS NULL) AS in_account, "
         "EXISTS (SELECT FROM meter_purse p WHERE p.meter = m.id) OR EXISTS (SELECT FROM reading r WHERE r.meter = m.id) "
         "OR EXISTS (SELECT FROM command c WHERE c.meter = m.id) OR EXISTS (SELECT FROM alarm x WHERE x.meter = m.id) "
         "OR EXISTS (SELECT FROM account_meter a WHERE a.meter = m.id) OR EXISTS (SELECT FROM meter_state s WHERE s.meter = m.id AND s.read_at IS NOT NULL) "
         "AS has_history, EXISTS (SELECT FROM ledger_account l WHERE l.kind IN (2, 3, 6) AND l.owner = m.id AND l.debits <> l.credits) AS has_money "
         "FROM meter m WHERE m.id = $1 AND m.retired_at IS NULL FOR UPDATE OF m",
  .params = { DB_I64_TYPE },
  .columns = { { "model", DB_TEXT_TYPE }, { "gateway", DB_I64_TYPE }, { "port", DB_I16_TYPE }, { "unit", DB_I16_TYPE }, { "purse", DB_I16_TYPE },
               { "settlement", DB_I16_TYPE }, { "version", DB_I32_TYPE }, { "body", DB_JSON_TYPE }, { "in_order", DB_BOOL_TYPE },
               { "in_account", DB_BOOL_TYPE }, { "has_history", DB_BOOL_TYPE }, { "has_money", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (record_lock)

/* What the record points to, as far as the actor may see it. */
static const TilldStatement refs_load = {
  .name = "meter-refs",
  .sql = "SELECT EXISTS (SELECT FROM area a WHERE a.id = $1 AND ($5 OR a.lineage && $6)) AS area, EXISTS (SELECT FROM gateway g "
         "LEFT JOIN area a ON a.id = g.area WHERE g.id = $2 AND g.retired_at IS NULL AND ($5 OR a.lineage && $6)) AS gateway, "
         "EXISTS (SELECT FROM gateway g, jsonb_array_elements (g.ports) p WHERE g.id = $2 AND (p->>'port')::int = $3) AS port, "
         "EXISTS (SELECT FROM tariff t WHERE t.id = $4) AS tariff",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I32_TYPE, DB_I64_TYPE, DB_BOOL_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "area", DB_BOOL_TYPE }, { "gateway", DB_BOOL_TYPE }, { "port", DB_BOOL_TYPE }, { "tariff", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (refs_load)

static const TilldStatement record_insert = {
  .name = "meter-insert",
  .sql = "INSERT INTO meter (code, name, serial, gateway, port, unit, model, ct_ratio, area, use_class, settlement, purse, tariff, alarm1, alarm2, "
         "overload_w, overdraft, hoard_limit, full_interval_s, life_support) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
         "$16, $17, $18, $19, $20) RETURNING id",
  .params = { DB_TEXT_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_I64_TYPE, DB_I16_TYPE, DB_I16_TYPE, DB_TEXT_TYPE, DB_I32_TYPE, DB_I64_TYPE, DB_I16_TYPE,
              DB_I16_TYPE, DB_I16_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I32_TYPE, DB_BOOL_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (record_insert)

/* $2: bits of what is given. */
static const TilldStatement record_update = {
  .name = "meter-update",
  .sql = "UPDATE meter SET code = CASE WHEN $2 & 1 <> 0 THEN $3 ELSE code END, name = CASE WHEN $2 & 2 <> 0 THEN $4 ELSE name END, "
         "serial = CASE WHEN $2 & 4 <> 0 THEN $5 ELSE serial END, gateway = CASE WHEN $2 & 8 <> 0 THEN $6 ELSE gateway END, "
         "port = CASE WHEN $2 & 16 <> 0 THEN $7 ELSE port END, unit = CASE WHEN $2 & 32 <> 0 THEN $8 ELSE unit END, "
         "model = CASE WHEN $2 & 64 <> 0 THEN $9 ELSE model END, ct_ratio = CASE WHEN $2 & 128 <> 0 THEN $10 ELSE ct_ratio END, "
         "area = CASE WHEN $2 & 256 <> 0 THEN $11 ELSE area END, use_class = CASE WHEN $2 & 512 <> 0 THEN $12 ELSE use_class END, "
         "settlement = $13, purse = $14, tariff = CASE WHEN $2 & 2048 <> 0 THEN $15 ELSE tariff END, "
         "alarm1 = CASE WHEN $2 & 4096 <> 0 THEN $16 ELSE alarm1 END, alarm2 = CASE WHEN $2 & 8192 <> 0 THEN $17 ELSE alarm2 END, "
         "overload_w = CASE WHEN $2 & 16384 <> 0 THEN $18 ELSE overload_w END, overdraft = CASE WHEN $2 & 32768 <> 0 THEN $19 ELSE overdraft END, "
         "hoard_limit = CASE WHEN $2 & 65536 <> 0 THEN $20 ELSE hoard_limit END, "
         "full_interval_s = CASE WHEN $2 & 131072 <> 0 THEN $21 ELSE full_interval_s END, "
         "life_support = CASE WHEN $2 & 262144 <> 0 THEN $22 ELSE life_support END, version = version + 1 WHERE id = $1 RETURNING to_jsonb (meter) AS body",
  .params = { DB_I64_TYPE, DB_I32_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_I64_TYPE, DB_I16_TYPE, DB_I16_TYPE, DB_TEXT_TYPE, DB_I32_TYPE,
              DB_I64_TYPE, DB_I16_TYPE, DB_I16_TYPE, DB_I16_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE,
              DB_I32_TYPE, DB_BOOL_TYPE },
  .columns = { { "body", DB_JSON_TYPE } },
};
TILLD_STATEMENT (record_update)

static const TilldStatement record_retire = {
  .name = "meter-retire",
  .sql = "UPDATE meter SET retired_at = now (), version = version + 1 WHERE id = $1",
  .params = { DB_I64_TYPE },
};
TILLD_STATEMENT (record_retire)

static const TilldStatement record_delete = {
  .name = "meter-delete",
  .sql = "WITH state AS (DELETE FROM meter_state WHERE meter = $1), config AS (DELETE FROM meter_config WHERE meter = $1) "
         "DELETE FROM meter WHERE id = $1",
  .params = { DB_I64_TYPE },
};
TILLD_STATEMENT (record_delete)

static const TilldStatement alarms_end = {
  .name = "meter-alarms-end",
  .sql = "UPDATE alarm SET cleared_at = now () WHERE meter = $1 AND cleared_at IS NULL",
  .params = { DB_I64_TYPE },
};
TILLD_STATEMENT (alarms_end)

typedef struct {
  const char *prefix;  /* "" or "meters[3]." */
  GError    **error;
  gboolean    failed;
} Judge;

static void
wrong (Judge *judge, const char *member, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* One error with all its members. */
static void
wrong (Judge *judge, const char *member, const char *format, ...)
{
  g_autofree char *path = g_strconcat (judge->prefix, member, NULL);
  g_autofree char *reason = NULL;
  va_list          args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  if (!judge->failed)
    till_fail (judge->error, TILL_ERROR_INVALID, "%s %s", path, reason);
  judge->failed = TRUE;
  if (judge->error != NULL)
    till_error_add_field (*judge->error, path, reason);
}

static gboolean
check_refs (TilldDb *db, const TilldActor *who, const TilldMeterRecord *m, Judge *judge)
{
  g_autoptr (TilldRows) rows = NULL;
  guint                 n = who->areas != NULL ? who->areas->len : 0;

  if (!tilld_db_query (db, &refs_load, &rows, judge->error, DB_I64 (m->area), DB_I64 (m->gateway), DB_I32 (MAX (m->port, 1)), DB_I64 (m->tariff),
                       DB_BOOL (who->areas == NULL), DB_I64_ARRAY (n > 0 ? (const gint64 *) who->areas->data : NULL, n)))
    return FALSE;
  if ((m->given & TILLD_METER_AREA) != 0 && !tilld_row_bool (rows, 0, "area"))
    wrong (judge, "area", "must be an area you may see");
  if ((m->given & TILLD_METER_GATEWAY) != 0 && !tilld_row_bool (rows, 0, "gateway"))
    wrong (judge, "gateway", "must be a gateway you may see");
  else if ((m->given & TILLD_METER_PLACE) != 0 && !tilld_row_bool (rows, 0, "port"))
    wrong (judge, "port", "must be one of the gateway's ports");
  if ((m->given & TILLD_METER_TARIFF) != 0 && m->tariff != 0 && !tilld_row_bool (rows, 0, "tariff"))
    wrong (judge, "tariff", "there is no such tariff");
  return !judge->failed;
}

static void
check_unit (const TilldProfile *profile, const TilldMeterRecord *m, Judge *judge)
{
  guint table = tilld_setting_table (profile, (guint) m->unit);

  if (profile->cabinet && (table == 0 || m->unit >= (gint64) table + profile->span))
    wrong (judge, "unit", "is no address in a cabinet of %s", profile->name);
}

static gboolean
allows (const TilldProfile *profile, int settlement)
{
  if (settlement == TILL_SETTLEMENT_NONE)
    return TRUE;
  for (guint i = 0; i < profile->n_settlement; i++)
    if ((int) profile->settlement[i] == settlement)
      return TRUE;
  return FALSE;
}

static TillPurse
purse_of (const TilldProfile *profile, int settlement)
{
  return settlement == TILL_SETTLEMENT_METER ? profile->purse : settlement == TILL_SETTLEMENT_SERVER ? TILL_PURSE_MONEY : TILL_PURSE_NONE;
}

/* Four decimals as typed -> Wh where the purse is one of energy. */
static void
to_purse (TilldMeterRecord *m, TillPurse purse, Judge *judge)
{
  const struct { const char *member; guint32 bit; gint64 *value; } limits[] = {
    { "alarm1", TILLD_METER_ALARM1, &m->alarm1 }, { "alarm2", TILLD_METER_ALARM2, &m->alarm2 },
    { "overdraft", TILLD_METER_OVERDRAFT, &m->overdraft }, { "hoard_limit", TILLD_METER_HOARD, &m->hoard_limit },
  };

  for (guint i = 0; purse == TILL_PURSE_ENERGY && i < G_N_ELEMENTS (limits); i++)
    {
      if ((m->given & limits[i].bit) == 0)
        continue;
      if (*limits[i].value % 10 != 0)
        wrong (judge, limits[i].member, "is kWh with at most three decimals: this purse holds energy");
      *limits[i].value /= 10;
    }
  if ((m->given & TILLD_METER_ALARM1) != 0 && (m->given & TILLD_METER_ALARM2) != 0 && m->alarm1 <= m->alarm2)
    wrong (judge, "alarm1", "must be greater than alarm2");
}

static TilldPresetAlarm
alarm_of (gboolean given, gint64 value, gboolean preset, gint64 proposed)
{
  return given    ? (TilldPresetAlarm){ value, TILLD_WEIGHT_GIVEN }
         : preset ? (TilldPresetAlarm){ proposed, TILLD_WEIGHT_DEFAULT }
                  : (TilldPresetAlarm){ 0, TILLD_WEIGHT_NONE };
}

/* Given, else the default, else 50 and 10 units, and always one above the other. */
static void
fill_alarms (TilldMeterRecord *m, const TilldPreset *preset, TillPurse purse)
{
  gint64 unit = purse == TILL_PURSE_ENERGY ? 1000 : 10000;
  TilldPresetAlarm first = alarm_of ((m->given & TILLD_METER_ALARM1) != 0, m->alarm1, (preset->given & TILLD_PRESET_ALARM1) != 0,
                                     tilld_preset_of_purse (preset->alarm1, purse));
  TilldPresetAlarm second = alarm_of ((m->given & TILLD_METER_ALARM2) != 0, m->alarm2, (preset->given & TILLD_PRESET_ALARM2) != 0,
                                      tilld_preset_of_purse (preset->alarm2, purse));

  if (second.weight == TILLD_WEIGHT_NONE)
    second.value = first.weight != TILLD_WEIGHT_NONE ? MIN (TILLD_PRESET_ALARM2_UNITS * unit, first.value / 2) : TILLD_PRESET_ALARM2_UNITS * unit;
  if (first.weight == TILLD_WEIGHT_NONE)
    first.value = MAX (TILLD_PRESET_ALARM1_UNITS * unit, second.value + unit);
  tilld_preset_part (&first, &second, unit);
  m->alarm1 = first.value;
  m->alarm2 = second.value;
}

/* What is not given begins with the defaults of the place. */
static void
fill (TilldMeterRecord *m, const TilldPreset *preset, TillPurse purse)
{
  const struct { guint32 member, bit; gint64 *ret, value; } plain[] = {
    { TILLD_METER_TARIFF, TILLD_PRESET_TARIFF, &m->tariff, preset->tariff },
    { TILLD_METER_OVERLOAD, TILLD_PRESET_OVERLOAD, &m->overload_w, preset->overload_w },
    { TILLD_METER_OVERDRAFT, TILLD_PRESET_OVERDRAFT, &m->overdraft, tilld_preset_of_purse (preset->overdraft, purse) },
    { TILLD_METER_HOARD, TILLD_PRESET_HOARD, &m->hoard_limit, tilld_preset_of_purse (preset->hoard_limit, purse) },
    { TILLD_METER_FULL_INTERVAL, TILLD_PRESET_FULL_INTERVAL, &m->full_interval_s, preset->full_interval_s },
  };

  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    if ((m->given & plain[i].member) == 0 && (preset->given & plain[i].bit) != 0)
      *plain[i].ret = plain[i].value;
  fill_alarms (m, preset, purse);
}

/* Settlement and purse of the model, amounts as the purse counts them, defaults where nothing is said. */
static TillPurse
fit (const TilldProfile *profile, const TilldPreset *preset, TilldMeterRecord *m, Judge *judge)
{
  TillPurse purse;

  check_unit (profile, m, judge);
  if ((m->given & TILLD_METER_SETTLEMENT) == 0)
    m->settlement = profile->n_settlement > 0 ? (int) profile->settlement[0] : TILL_SETTLEMENT_NONE;
  if (!allows (profile, m->settlement))
    wrong (judge, "settlement", "%s cannot be settled there", profile->name);
  purse = purse_of (profile, m->settlement);
  to_purse (m, purse, judge);
  if (!judge->failed)
    fill (m, preset, purse);
  return purse;
}

gboolean
tilld_meter_fit (const TilldProfile *profile, const TilldPreset *preset, TilldMeterRecord *m, TillPurse *ret_purse, GError **error)
{
  Judge judge = { "", error, FALSE };

  *ret_purse = fit (profile, preset, m, &judge);
  return !judge.failed;
}

/* What comes with all the new meters of a request. */
typedef struct { TilldDb *db; const TilldProfiles *profiles; const TilldActor *who; const TilldPreset *presets; } Creation;

static gboolean
create_one (const Creation *creation, guint i, TilldMeterRecord *m, Judge *judge, gint64 *ret_id)
{
  TilldDb              *db = creation->db;
  const TilldProfile   *profile = tilld_profiles_get (creation->profiles, m->model);
  g_autoptr (TilldRows) rows = NULL;
  TillPurse             purse = TILL_PURSE_NONE;

  m->port = MAX (m->port, 1);
  if (profile == NULL)
    wrong (judge, "model", "there is no meter model \"%s\"", m->model);
  else
    purse = fit (profile, &creation->presets[i], m, judge);
  if (profile == NULL || !check_refs (db, creation->who, m, judge))
    return FALSE;
  if (!tilld_db_query (db, &record_insert, &rows, judge->error, DB_TEXT (m->code), DB_TEXT (m->name != NULL ? m->name : ""),
                       DB_TEXT (m->serial != NULL ? m->serial : ""), DB_I64 (m->gateway), DB_I16 (m->port), DB_I16 (m->unit), DB_TEXT (m->model),
                       DB_I32 (MAX (m->ct_ratio, 1)), DB_I64 (m->area), DB_I16 (m->use_class), DB_I16 (m->settlement), DB_I16 (purse),
                       DB_I64_IF (m->tariff != 0, m->tariff), DB_I64 (m->alarm1), DB_I64 (m->alarm2),
                       DB_I64 (m->overload_w), DB_I64 (m->overdraft), DB_I64 (m->hoard_limit), DB_I32_IF (m->full_interval_s != 0, m->full_interval_s),
                       DB_BOOL (m->life_support)))
    {
      if (judge->prefix[0] != '\0')
        g_prefix_error (judge->error, "%s ", judge->prefix);
      return FALSE;
    }
  *ret_id = tilld_row_i64 (rows, 0, "id");
  return TRUE;
}

static gboolean
tell (TilldDb *db, const gint64 *ids, guint n, gboolean plant, GError **error)
{
  return tilld_feed_add_ids (db, plant ? "plant" : "meter", ids, n, error) && tilld_bell_ring (db, "till_plant", error);
}

static gboolean
find_presets (TilldDb *db, const TilldActor *who, const TilldMeterRecord *records, guint n, TilldPreset *ret, GError **error)
{
  g_autofree TilldPresetPlace *places = g_new0 (TilldPresetPlace, n);

  for (guint i = 0; i < n; i++)
    places[i] = (TilldPresetPlace){ records[i].area, records[i].use_class };
  return tilld_preset_find (db, who->site, places, n, ret, error);
}

gboolean
tilld_meter_create (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldMeterRecord *records, guint n, GArray *ret_ids,
                    GError **error)
{
  g_autofree char *object = g_strdup_printf ("meters:%u", n);
  g_autofree TilldPreset *presets = g_new0 (TilldPreset, n);
  const Creation   creation = { db, profiles, who, presets };
  guint            first = ret_ids->len;

  g_assert (tilld_actor_is_set (who) && n > 0);
  if (!find_presets (db, who, records, n, presets, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *prefix = n > 1 ? g_strdup_printf ("meters[%u].", i) : g_strdup ("");
      Judge            judge = { prefix, error, FALSE };
      TilldMeterRecord record = records[i]; /* texts stay the caller's */
      gint64           id = 0;

      if (!create_one (&creation, i, &record, &judge, &id))
        return FALSE;
      g_array_append_val (ret_ids, id);
    }
  if (n == 1)
    {
      g_free (object);
      object = g_strdup_printf ("meter:%" G_GINT64_FORMAT, g_array_index (ret_ids, gint64, first));
    }
  return tell (db, &g_array_index (ret_ids, gint64, first), n, TRUE, error) &&
         tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "plant.edit", .object = object, .result = NULL }, error);
}

/* --- changes --- */

static gboolean
lock (TilldDb *db, const TilldActor *who, gint64 id, gint64 version, TilldRows **ret_rows, GError **error)
{
  TillTime read_at;

  if (!tilld_meter_read_at (db, who, id, &read_at, error) || !tilld_db_query (db, &record_lock, ret_rows, error, DB_I64 (id)))
    return FALSE;
  if (tilld_rows_count (*ret_rows) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no such meter");
  return tilld_row_i64 (*ret_rows, 0, "version") == version || till_fail (error, TILL_ERROR_STALE, "somebody changed this meter since: load it again");
}

/* Fills what is not given from the record where a check needs it. */
static gboolean
check_change (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, TilldRows *rows, TilldMeterRecord *m, TillPurse *ret_purse, GError **error)
{
  const char         *model = (m->given & TILLD_METER_MODEL) != 0 ? m->model : tilld_row_text (rows, 0, "model");
  const TilldProfile *profile = tilld_profiles_get (profiles, model);
  gboolean            other_model = g_strcmp0 (model, tilld_row_text (rows, 0, "model")) != 0;
  Judge               judge = { "", error, FALSE };

  if (profile == NULL)
    {
      wrong (&judge, "model", "there is no meter model \"%s\"", model);
      return FALSE;
    }
  if ((m->given & TILLD_METER_SETTLEMENT) == 0)
    m->settlement = (int) tilld_row_i64 (rows, 0, "settlement");
  if ((other_model || m->settlement != (int) tilld_row_i64 (rows, 0, "settlement")) && tilld_row_bool (rows, 0, "has_history"))
    return till_fail (error, TILL_ERROR_CONFLICT, "model and settlement of a meter with a history are changed by replacing it");
  if ((m->given & TILLD_METER_PLACE) != 0 && tilld_row_bool (rows, 0, "in_order"))
    return till_fail (error, TILL_ERROR_CONFLICT, "money is on its way to this meter: its address can be changed afterwards");
  if (!allows (profile, m->settlement))
    wrong (&judge, "settlement", "%s cannot be settled there", profile->name);
  if ((m->given & TILLD_METER_GATEWAY) == 0)
    m->gateway = tilld_row_i64 (rows, 0, "gateway");
  if ((m->given & TILLD_METER_PORT) == 0)
    m->port = tilld_row_i64 (rows, 0, "port");
  if ((m->given & TILLD_METER_UNIT) == 0)
    m->unit = tilld_row_i64 (rows, 0, "unit");
  check_unit (profile, m, &judge);
  *ret_purse = purse_of (profile, m->settlement);
  to_purse (m, *ret_purse, &judge);
  return !judge.failed && check_refs (db, who, m, &judge);
}

static gboolean
store_change (TilldDb *db, gint64 id, const TilldMeterRecord *m, TillPurse purse, TilldRows **ret_rows, GError **error)
{
  return tilld_db_query (db, &record_update, ret_rows, error, DB_I64 (id), DB_I32 (m->given), DB_TEXT (m->code), DB_TEXT (m->name), DB_TEXT (m->serial),
                         DB_I64 (m->gateway), DB_I16 (m->port), DB_I16 (m->unit), DB_TEXT (m->model), DB_I32 (m->ct_ratio), DB_I64 (m->area),
                         DB_I16 (m->use_class), DB_I16 (m->settlement), DB_I16 (purse), DB_I64_IF (m->tariff != 0, m->tariff), DB_I64 (m->alarm1),
                         DB_I64 (m->alarm2), DB_I64 (m->overload_w), DB_I64 (m->overdraft), DB_I64 (m->hoard_limit),
                         DB_I32_IF (m->full_interval_s != 0, m->full_interval_s), DB_BOOL (m->life_support));
}

typedef struct { TillCommandKind kind; TillId id; char *why; } Issued;

static gboolean
issue (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldMeterAt *at, TillCommandKind kind, GArray *issued, GError **error)
{
  TilldSettingIssue in = { .meter = at->id, .kind = kind, .reason = "the record was changed", .now_ms = at->now_ms };
  Issued            one = { .kind = kind };

  in.value = kind == TILL_COMMAND_KIND_SET_PRICE ? at->price : NULL;
  if (!tilld_setting_issue (db, profiles, who, &in, &one.id, &one.why, error))
    return FALSE;
  g_array_append_val (issued, one);
  return TRUE;
}

static void
write_issued (GArray *issued, TillJsonWrite *w)
{
  till_json_write_begin_array (w, "commands");
  for (guint i = 0; i < issued->len; i++)
    if (!till_id_is_nil (&g_array_index (issued, Issued, i).id))
      till_json_write_id (w, NULL, &g_array_index (issued, Issued, i).id);
  till_json_write_end_array (w);
  till_json_write_begin_array (w, "not_sent");
  for (guint i = 0; i < issued->len; i++)
    {
      Issued *one = &g_array_index (issued, Issued, i);

      if (one->why != NULL)
        {
          till_json_write_begin_object (w, NULL);
          till_json_write_text (w, "kind", till_command_kind_word (one->kind));
          till_json_write_text (w, "reason", one->why);
          till_json_write_end_object (w);
        }
      g_free (one->why);
    }
  till_json_write_end_array (w);
}

gboolean
tilld_meter_update (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldMeterAt *at, const TilldMeterRecord *record,
                    TillJsonWrite *w, GError **error)
{
  g_autofree char      *object = g_strdup_printf ("meter:%" G_GINT64_FORMAT, at->id);
  g_autoptr (TilldRows) before = NULL;
  g_autoptr (TilldRows) after = NULL;
  g_autoptr (GArray)    issued = g_array_new (FALSE, FALSE, sizeof (Issued));
  TilldMeterRecord      m = *record; /* texts stay the caller's */
  TillPurse             purse = TILL_PURSE_NONE;

  g_assert (tilld_actor_is_set (who));
  if (!lock (db, who, at->id, at->version, &before, error) || !check_change (db, profiles, who, before, &m, &purse, error) ||
      !store_change (db, at->id, &m, purse, &after, error))
    return FALSE;
  if ((m.given & TILLD_METER_LIMITS) != 0 && !issue (db, profiles, who, at, TILL_COMMAND_KIND_SET_LIMITS, issued, error))
    return FALSE;
  if ((m.given & TILLD_METER_TARIFF) != 0 && m.tariff != 0 && !issue (db, profiles, who, at, TILL_COMMAND_KIND_SET_PRICE, issued, error))
    return FALSE;
  write_issued (issued, w);
  return tell (db, &at->id, 1, (m.given & (TILLD_METER_AREA | TILLD_METER_PLACE)) != 0, error) &&
         tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "plant.edit", .object = object, .before = tilld_row_text (before, 0, "body"),
                                                         .after = tilld_row_text (after, 0, "body") }, error);
}

gboolean
tilld_meter_retire (TilldDb *db, const TilldActor *who, gint64 id, gint64 version, GError **error)
{
  g_autofree char      *object = g_strdup_printf ("meter:%" G_GINT64_FORMAT, id);
  g_autoptr (TilldRows) rows = NULL;

  g_assert (tilld_actor_is_set (who));
  if (!lock (db, who, id, version, &rows, error))
    return FALSE;
  if (tilld_row_bool (rows, 0, "in_account"))
    return till_fail (error, TILL_ERROR_CONFLICT, "the meter is in an open account: close it, or replace the meter");
  if (tilld_row_bool (rows, 0, "in_order") || tilld_row_bool (rows, 0, "has_money"))
    return till_fail (error, TILL_ERROR_CONFLICT, "money is on this meter or on its way to it");
  return (tilld_row_bool (rows, 0, "has_history")
            ? tilld_db_query (db, &record_retire, NULL, error, DB_I64 (id)) && tilld_db_query (db, &alarms_end, NULL, error, DB_I64 (id))
            : tilld_db_query (db, &record_delete, NULL, error, DB_I64 (id))) &&
         tell (db, &id, 1, TRUE, error) &&
         tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "plant.edit", .object = object, .before = tilld_row_text (rows, 0, "body") }, error);
}
