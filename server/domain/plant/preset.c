/* SPDX-License-Identifier: GPL-2.0-or-later
 * preset.c: rows of what new meters begin with, and which of them counts where. */
#include "server/domain/plant/preset.h"
#include "server/domain/office/audit.h"
#include "server/domain/office/row-json.h"
#include "server/domain/plant/area.h"
#include "shared/api/till-enums.h"

#define VALUES "tariff, alarm1, alarm2, overload_w, overdraft, hoard_limit, full_interval_s"
static const TilldStatement shape = {
  .name = "preset-list",
  .sql = "p.id AS id, p.area AS area, a.path AS room, p.use_class AS class, p.tariff AS tariff, t.name AS tariff_name, p.alarm1 AS alarm1, p.alarm2 AS alarm2, "
         "p.overload_w AS overload_kw, p.overdraft AS overdraft, p.hoard_limit AS hoard_limit, p.full_interval_s AS full_interval_s, p.version AS version",
  .columns = { { "id", DB_I64_TYPE }, { "area", DB_I64_TYPE, DB_NULL_OK }, { "room", DB_TEXT_TYPE, DB_NULL_OK }, { "class", DB_I16_TYPE, DB_NULL_OK },
               { "tariff", DB_I64_TYPE, DB_NULL_OK }, { "tariff_name", DB_TEXT_TYPE, DB_NULL_OK }, { "alarm1", DB_I64_TYPE, DB_NULL_OK },
               { "alarm2", DB_I64_TYPE, DB_NULL_OK }, { "overload_kw", DB_I64_TYPE, DB_NULL_OK }, { "overdraft", DB_I64_TYPE, DB_NULL_OK },
               { "hoard_limit", DB_I64_TYPE, DB_NULL_OK }, { "full_interval_s", DB_I32_TYPE, DB_NULL_OK }, { "version", DB_I32_TYPE } },
};
static const TilldStatement effective = {
  .name = "preset-effective",
  .sql = "WITH near AS (SELECT p.*, row_number () OVER (ORDER BY coalesce (array_position (a.lineage, p.area), 0) DESC, p.use_class NULLS LAST) AS n "
         "FROM preset p LEFT JOIN area a ON a.id = $2 WHERE p.site = $1 AND (p.area IS NULL OR p.area = ANY (a.lineage)) "
         "AND (p.use_class IS NULL OR p.use_class = $3)), "
         "best AS (SELECT (array_agg (tariff ORDER BY n) FILTER (WHERE tariff IS NOT NULL))[1] AS tariff, "
         "(array_agg (alarm1 ORDER BY n) FILTER (WHERE alarm1 IS NOT NULL))[1] AS alarm1, "
         "(array_agg (alarm2 ORDER BY n) FILTER (WHERE alarm2 IS NOT NULL))[1] AS alarm2, "
         "(array_agg (overload_w ORDER BY n) FILTER (WHERE overload_w IS NOT NULL))[1] AS overload_kw, "
         "(array_agg (overdraft ORDER BY n) FILTER (WHERE overdraft IS NOT NULL))[1] AS overdraft, "
         "(array_agg (hoard_limit ORDER BY n) FILTER (WHERE hoard_limit IS NOT NULL))[1] AS hoard_limit, "
         "(array_agg (full_interval_s ORDER BY n) FILTER (WHERE full_interval_s IS NOT NULL))[1] AS full_interval_s FROM near) "
         "SELECT b.*, t.name AS tariff_name FROM best b LEFT JOIN tariff t ON t.id = b.tariff",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I16_TYPE },
  .columns = { { "tariff", DB_I64_TYPE, DB_NULL_OK }, { "alarm1", DB_I64_TYPE, DB_NULL_OK }, { "alarm2", DB_I64_TYPE, DB_NULL_OK },
               { "overload_kw", DB_I64_TYPE, DB_NULL_OK }, { "overdraft", DB_I64_TYPE, DB_NULL_OK }, { "hoard_limit", DB_I64_TYPE, DB_NULL_OK },
               { "full_interval_s", DB_I32_TYPE, DB_NULL_OK }, { "tariff_name", DB_TEXT_TYPE, DB_NULL_OK } },
};
static const TilldStatement lock_preset = {
  .name = "preset-lock",
  .sql = "SELECT coalesce (area, 0) AS area, version, to_jsonb (p) AS body FROM preset p WHERE id = $1 AND site = $2 FOR UPDATE",
  .params = { DB_I64_TYPE, DB_I64_TYPE },
  .columns = { { "area", DB_I64_TYPE }, { "version", DB_I32_TYPE }, { "body", DB_JSON_TYPE } },
};
static const TilldStatement insert = {
  .name = "preset-insert",
  .sql = "INSERT INTO preset (site, area, use_class, " VALUES ") VALUES ($1, nullif ($2, 0), nullif ($3, -1), $4, $5, $6, $7, $8, $9, $10) "
         "ON CONFLICT DO NOTHING RETURNING id, to_jsonb (preset) AS body",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I16_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I32_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "body", DB_JSON_TYPE } },
};
/* $2: bits of what is given. */
static const TilldStatement update = {
  .name = "preset-update",
  .sql = "UPDATE preset SET tariff = CASE WHEN $2 & 1 <> 0 THEN $3 ELSE tariff END, alarm1 = CASE WHEN $2 & 2 <> 0 THEN $4 ELSE alarm1 END, "
         "alarm2 = CASE WHEN $2 & 4 <> 0 THEN $5 ELSE alarm2 END, overload_w = CASE WHEN $2 & 8 <> 0 THEN $6 ELSE overload_w END, "
         "overdraft = CASE WHEN $2 & 16 <> 0 THEN $7 ELSE overdraft END, hoard_limit = CASE WHEN $2 & 32 <> 0 THEN $8 ELSE hoard_limit END, "
         "full_interval_s = CASE WHEN $2 & 64 <> 0 THEN $9 ELSE full_interval_s END, version = version + 1 WHERE id = $1 "
         "RETURNING id, to_jsonb (preset) AS body",
  .params = { DB_I64_TYPE, DB_I32_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I32_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "body", DB_JSON_TYPE } },
};
static const TilldStatement drop = { .name = "preset-drop", .sql = "DELETE FROM preset WHERE id = $1", .params = { DB_I64_TYPE } };
TILLD_STATEMENT (effective)
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
  { "version", TILLD_JSON_INT }, { NULL },
};
static const TilldListFilter filters[] = {
  { "id", TILLD_FILTER_I64, "p.id = ANY ($#)" },
  { "area", TILLD_FILTER_I64, "a.lineage && $#" },
  { "class", TILLD_FILTER_WORD, "p.use_class = ANY ($#)", till_use_class_from_word },
  { NULL },
};
static const TilldListSort sorts[] = { { "room", "a.path" }, { "class", "p.use_class" }, { "id", "p.id" }, { NULL } };
static const TilldListSpec spec = {
  .shape = &shape, .from = "FROM preset p LEFT JOIN area a ON a.id = p.area LEFT JOIN tariff t ON t.id = p.tariff",
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

gboolean
tilld_preset_effective (TilldDb *db, const TilldActor *who, gint64 area, int use_class, TillJsonWrite *w, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if ((area != 0 && !tilld_area_check (db, who, area, error)) ||
      !tilld_db_query (db, &effective, &rows, error, DB_I64 (who->site), DB_I64 (area), DB_I16 (use_class)))
    return FALSE;
  for (const TilldJsonField *field = fields + 4; field->member != NULL; field++) /* behind id, area, room and class */
    if (!g_str_equal (field->member, "version"))
      tilld_row_write (rows, 0, (const TilldJsonField[]){ *field, { NULL } }, w);
  return TRUE;
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

gboolean
tilld_preset_save (TilldDb *db, const TilldActor *who, const TilldPreset *in, gint64 *ret_id, GError **error)
{
  g_autoptr (TilldRows) before = NULL, after = NULL;
  TilldDbParam interval = DB_I32_IF ((in->given & TILLD_PRESET_FULL_INTERVAL) != 0 && in->full_interval_s >= 0, in->full_interval_s);
  gboolean good;

  if (in->id == 0)
    good = check_place (db, who, in->area, error) &&
           tilld_db_query (db, &insert, &after, error, DB_I64 (who->site), DB_I64 (in->area), DB_I16 (in->use_class), GIVEN (TILLD_PRESET_TARIFF, tariff),
                           GIVEN (TILLD_PRESET_ALARM1, alarm1), GIVEN (TILLD_PRESET_ALARM2, alarm2), GIVEN (TILLD_PRESET_OVERLOAD, overload_w),
                           GIVEN (TILLD_PRESET_OVERDRAFT, overdraft), GIVEN (TILLD_PRESET_HOARD, hoard_limit), interval);
  else
    good = lock (db, who, in->id, in->version, &before, error) &&
           tilld_db_query (db, &update, &after, error, DB_I64 (in->id), DB_I32 (in->given), GIVEN (TILLD_PRESET_TARIFF, tariff),
                           GIVEN (TILLD_PRESET_ALARM1, alarm1), GIVEN (TILLD_PRESET_ALARM2, alarm2), GIVEN (TILLD_PRESET_OVERLOAD, overload_w),
                           GIVEN (TILLD_PRESET_OVERDRAFT, overdraft), GIVEN (TILLD_PRESET_HOARD, hoard_limit), interval);
  if (!good)
    return FALSE;
  if (tilld_rows_count (after) != 1)
    return till_fail (error, TILL_ERROR_CONFLICT, "there are defaults for this place and class already");
  *ret_id = tilld_row_i64 (after, 0, "id");
  return note (db, who, *ret_id, before != NULL ? tilld_row_text (before, 0, "body") : NULL, tilld_row_text (after, 0, "body"), error);
}

gboolean
tilld_preset_drop (TilldDb *db, const TilldActor *who, gint64 id, gint64 version, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  return lock (db, who, id, version, &rows, error) && tilld_db_query (db, &drop, NULL, error, DB_I64 (id)) &&
         note (db, who, id, tilld_row_text (rows, 0, "body"), NULL, error);
}
