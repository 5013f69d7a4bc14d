/* SPDX-License-Identifier: GPL-2.0-or-later
 * preset.c: rows of what new meters and gateways begin with. Which of them counts where is preset-fill.c. */
#include "server/domain/plant/preset.h"
#include "server/domain/office/audit.h"
#include "server/domain/office/row-json.h"
#include "server/domain/plant/area.h"
#include "server/domain/plant/preset-fill.h"
#include "shared/api/till-enums.h"

#define VALUES "tariff, alarm1, alarm2, overload_w, overdraft, hoard_limit, full_interval_s, status_interval_s"
static const TilldStatement shape = {
  .name = "preset-list",
  .sql = "p.id AS id, p.area AS area, a.path AS room, p.use_class AS class, p.tariff AS tariff, t.name AS tariff_name, p.alarm1 AS alarm1, p.alarm2 AS alarm2, "
         "p.overload_w AS overload_kw, p.overdraft AS overdraft, p.hoard_limit AS hoard_limit, p.full_interval_s AS full_interval_s, "
         "p.status_interval_s AS status_interval_s, p.changed_at AS changed_at, o.name AS changed_by, p.version AS version",
  .columns = { { "id", DB_I64_TYPE }, { "area", DB_I64_TYPE, DB_NULL_OK }, { "room", DB_TEXT_TYPE, DB_NULL_OK }, { "class", DB_I16_TYPE, DB_NULL_OK },
               { "tariff", DB_I64_TYPE, DB_NULL_OK }, { "tariff_name", DB_TEXT_TYPE, DB_NULL_OK }, { "alarm1", DB_I64_TYPE, DB_NULL_OK },
               { "alarm2", DB_I64_TYPE, DB_NULL_OK }, { "overload_kw", DB_I64_TYPE, DB_NULL_OK }, { "overdraft", DB_I64_TYPE, DB_NULL_OK },
               { "hoard_limit", DB_I64_TYPE, DB_NULL_OK }, { "full_interval_s", DB_I32_TYPE, DB_NULL_OK }, { "status_interval_s", DB_I32_TYPE, DB_NULL_OK },
               { "changed_at", DB_TS_TYPE }, { "changed_by", DB_TEXT_TYPE, DB_NULL_OK }, { "version", DB_I32_TYPE } },
};
static const TilldStatement lock_preset = {
  .name = "preset-lock",
  .sql = "SELECT coalesce (area, 0) AS area, use_class, version, to_jsonb (p) AS body FROM preset p WHERE id = $1 AND site = $2 FOR UPDATE",
  .params = { DB_I64_TYPE, DB_I64_TYPE },
  .columns = { { "area", DB_I64_TYPE, DB_NULL_OK }, { "use_class", DB_I16_TYPE, DB_NULL_OK }, { "version", DB_I32_TYPE }, { "body", DB_JSON_TYPE } },
};
static const TilldStatement insert = {
  .name = "preset-insert",
  .sql = "INSERT INTO preset (site, area, use_class, " VALUES ", changed_by) "
         "VALUES ($1, nullif ($2, 0), nullif ($3, -1), $4, $5, $6, $7, $8, $9, $10, $11, $12) "
         "ON CONFLICT DO NOTHING RETURNING id, to_jsonb (preset) AS body",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I16_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I32_TYPE,
              DB_I32_TYPE, DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "body", DB_JSON_TYPE } },
};
/* $2: bits of what is given. */
static const TilldStatement update = {
  .name = "preset-update",
  .sql = "UPDATE preset SET tariff = CASE WHEN $2 & 1 <> 0 THEN $3 ELSE tariff END, alarm1 = CASE WHEN $2 & 2 <> 0 THEN $4 ELSE alarm1 END, "
         "alarm2 = CASE WHEN $2 & 4 <> 0 THEN $5 ELSE alarm2 END, overload_w = CASE WHEN $2 & 8 <> 0 THEN $6 ELSE overload_w END, "
         "overdraft = CASE WHEN $2 & 16 <> 0 THEN $7 ELSE overdraft END, hoard_limit = CASE WHEN $2 & 32 <> 0 THEN $8 ELSE hoard_limit END, "
         "full_interval_s = CASE WHEN $2 & 64 <> 0 THEN $9 ELSE full_interval_s END, "
         "status_interval_s = CASE WHEN $2 & 128 <> 0 THEN $10 ELSE status_interval_s END, changed_by = $11, version = version + 1 WHERE id = $1 "
         "RETURNING id, to_jsonb (preset) AS body",
  .params = { DB_I64_TYPE, DB_I32_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I32_TYPE,
              DB_I32_TYPE, DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "body", DB_JSON_TYPE } },
};
static const TilldStatement drop = { .name = "preset-drop", .sql = "DELETE FROM preset WHERE id = $1", .params = { DB_I64_TYPE } };
TILLD_STATEMENT (lock_preset)
TILLD_STATEMENT (insert)
TILLD_STATEMENT (update)
TILLD_STATEMENT (drop)

static const char *
class_word (int use_class)
{
  return till_use_class_word ((TillUseClass) use_class);
}

static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_INT }, { "area", TILLD_JSON_INT }, { "room", TILLD_JSON_TEXT }, { "class", TILLD_JSON_ENUM, NULL, class_word },
  { "tariff", TILLD_JSON_INT }, { "tariff_name", TILLD_JSON_TEXT }, { "alarm1", TILLD_JSON_MONEY }, { "alarm2", TILLD_JSON_MONEY },
  { "overload_kw", TILLD_JSON_MILLI }, { "overdraft", TILLD_JSON_MONEY }, { "hoard_limit", TILLD_JSON_MONEY }, { "full_interval_s", TILLD_JSON_INT },
  { "status_interval_s", TILLD_JSON_INT }, { "changed_at", TILLD_JSON_TIME }, { "changed_by", TILLD_JSON_TEXT }, { "version", TILLD_JSON_INT }, { NULL },
};
static const TilldListFilter filters[] = {
  { "id", TILLD_FILTER_I64, "p.id = ANY ($#)" },
  { "area", TILLD_FILTER_I64, "a.lineage && $#" },
  { "class", TILLD_FILTER_WORD, "p.use_class = ANY ($#)", till_use_class_from_word },
  { NULL },
};
static const TilldListSort sorts[] = { { "room", "a.path" }, { "class", "p.use_class" }, { "changed_at", "p.changed_at" }, { "id", "p.id" }, { NULL } };
static const TilldListSpec spec = {
  .shape = &shape, .from = "FROM preset p LEFT JOIN area a ON a.id = p.area LEFT JOIN tariff t ON t.id = p.tariff "
                            "LEFT JOIN operator o ON o.id = p.changed_by",
  .scope = "(a.id IS NULL OR a.lineage && $#)", .filters = filters, .sorts = sorts, .order = "a.path NULLS FIRST, p.use_class NULLS FIRST, p.id",
};
TILLD_LIST (spec)
static const TilldJsonList list = { &spec, fields, "p.id = $#", "default" };

gboolean
tilld_preset_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  return tilld_list_serve (db, who, &list, query, w, error);
}

gboolean
tilld_preset_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error)
{
  return tilld_record_serve (db, who, &list, id, w, error);
}

/* A place of the actor's; the whole site only for who sees all. */
static gboolean
check_place (TilldDb *db, const TilldActor *who, gint64 area, GError **error)
{
  if (area == 0)
    return who->areas == NULL || till_fail (error, TILL_ERROR_FORBIDDEN, "what holds for the site is set by an operator of all areas");
  return tilld_area_check (db, who, area, error);
}

static gboolean
note (TilldDb *db, const TilldActor *who, gint64 id, const char *before, const char *after, GError **error)
{
  g_autofree char *object = g_strdup_printf ("preset:%" G_GINT64_FORMAT, id);

  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "defaults.edit", .object = object, .before = before, .after = after }, error);
}

static gboolean
lock (TilldDb *db, const TilldActor *who, gint64 id, gint64 version, TilldRows **ret_rows, GError **error)
{
  g_assert (tilld_actor_is_set (who) && tilld_db_in_transaction (db));
  if (!tilld_db_query (db, &lock_preset, ret_rows, error, DB_I64 (id), DB_I64 (who->site)))
    return FALSE;
  if (tilld_rows_count (*ret_rows) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no such default");
  if (!check_place (db, who, tilld_row_i64 (*ret_rows, 0, "area"), error))
    return FALSE;
  return tilld_row_i64 (*ret_rows, 0, "version") == version || till_fail (error, TILL_ERROR_STALE, "somebody changed this default since: load it again");
}

#define GIVEN(bit, member) DB_I64_IF ((in->given & (bit)) != 0 && in->member >= 0, in->member)
#define SECONDS(bit, member) DB_I32_IF ((in->given & (bit)) != 0 && in->member >= 0, in->member)
#define VALUES_OF(in) \
  GIVEN (TILLD_PRESET_TARIFF, tariff), GIVEN (TILLD_PRESET_ALARM1, alarm1), GIVEN (TILLD_PRESET_ALARM2, alarm2), \
  GIVEN (TILLD_PRESET_OVERLOAD, overload_w), GIVEN (TILLD_PRESET_OVERDRAFT, overdraft), GIVEN (TILLD_PRESET_HOARD, hoard_limit), \
  SECONDS (TILLD_PRESET_FULL_INTERVAL, full_interval_s), SECONDS (TILLD_PRESET_STATUS_INTERVAL, status_interval_s), DB_I64 (who->operator_id)

/* A gateway serves meters of all classes. */
static gboolean
check_class (const TilldPreset *in, gboolean classless, GError **error)
{
  if (classless || (in->given & TILLD_PRESET_STATUS_INTERVAL) == 0 || in->status_interval_s < 0)
    return TRUE;
  till_fail (error, TILL_ERROR_INVALID, "status_interval_s is of gateways: it is said for every class");
  if (error != NULL)
    till_error_add_field (*error, "status_interval_s", "is of gateways: it is said for every class");
  return FALSE;
}

static gboolean
store (TilldDb *db, const TilldActor *who, const TilldPreset *in, TilldRows **ret_before, TilldRows **ret_after, GError **error)
{
  if (in->id == 0)
    return check_place (db, who, in->area, error) && check_class (in, in->use_class < 0, error) &&
           tilld_db_query (db, &insert, ret_after, error, DB_I64 (who->site), DB_I64 (in->area), DB_I16 (in->use_class), VALUES_OF (in));
  return lock (db, who, in->id, in->version, ret_before, error) && check_class (in, tilld_row_is_null (*ret_before, 0, "use_class"), error) &&
         tilld_db_query (db, &update, ret_after, error, DB_I64 (in->id), DB_I32 (in->given), VALUES_OF (in));
}

gboolean
tilld_preset_save (TilldDb *db, const TilldActor *who, const TilldPreset *in, gint64 *ret_id, GError **error)
{
  g_autoptr (TilldRows) before = NULL, after = NULL;

  if (!store (db, who, in, &before, &after, error))
    return FALSE;
  if (tilld_rows_count (after) != 1)
    return till_fail (error, TILL_ERROR_CONFLICT, "there are defaults for this place and class already");
  *ret_id = tilld_row_i64 (after, 0, "id");
  return tilld_preset_check_alarms (db, who->site, error) &&
         note (db, who, *ret_id, before != NULL ? tilld_row_text (before, 0, "body") : NULL, tilld_row_text (after, 0, "body"), error);
}

gboolean
tilld_preset_drop (TilldDb *db, const TilldActor *who, gint64 id, gint64 version, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  return lock (db, who, id, version, &rows, error) && tilld_db_query (db, &drop, NULL, error, DB_I64 (id)) &&
         tilld_preset_check_alarms (db, who->site, error) &&
         note (db, who, id, tilld_row_text (rows, 0, "body"), NULL, error);
}
