/* SPDX-License-Identifier: GPL-2.0-or-later
 * preset-fill.c: the nearest default of each member. Near is deep in the tree of places, and of one place what is said for the class. */
#include "server/domain/plant/preset-fill.h"
#include "server/domain/office/row-json.h"
#include "server/domain/plant/area.h"

#define NEAR "ORDER BY coalesce (array_position (a.lineage, p.area), 0) DESC, p.use_class NULLS LAST"
#define COUNTS "p.site = $1 AND (p.area IS NULL OR p.area = ANY (a.lineage)) AND (p.use_class IS NULL OR p.use_class = q.class)"
#define BEST(column) "(array_agg (p." column " ORDER BY p.n) FILTER (WHERE p." column " IS NOT NULL))[1] AS " column

static const TilldStatement find = {
  .name = "preset-find",
  .sql = "WITH asked AS (SELECT DISTINCT x.area, x.class FROM unnest ($2::bigint[], $3::bigint[]) AS x (area, class)), "
         "near AS (SELECT q.area AS at_area, q.class AS at_class, p.*, row_number () OVER (PARTITION BY q.area, q.class " NEAR ") AS n "
         "FROM asked q LEFT JOIN area a ON a.id = q.area JOIN preset p ON " COUNTS "), "
         "best AS (SELECT p.at_area, p.at_class, " BEST ("tariff") ", " BEST ("alarm1") ", " BEST ("alarm2") ", " BEST ("overload_w") ", "
         BEST ("overdraft") ", " BEST ("hoard_limit") ", " BEST ("full_interval_s") ", " BEST ("status_interval_s") " FROM near p GROUP BY 1, 2) "
         "SELECT x.n, b.tariff, b.alarm1, b.alarm2, b.overload_w, b.overdraft, b.hoard_limit, b.full_interval_s, b.status_interval_s "
         "FROM unnest ($2::bigint[], $3::bigint[]) WITH ORDINALITY AS x (area, class, n) JOIN best b ON b.at_area = x.area AND b.at_class = x.class",
  .params = { DB_I64_TYPE, DB_I64_ARRAY_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "n", DB_I64_TYPE }, { "tariff", DB_I64_TYPE, DB_NULL_OK }, { "alarm1", DB_I64_TYPE, DB_NULL_OK }, { "alarm2", DB_I64_TYPE, DB_NULL_OK },
               { "overload_w", DB_I64_TYPE, DB_NULL_OK }, { "overdraft", DB_I64_TYPE, DB_NULL_OK }, { "hoard_limit", DB_I64_TYPE, DB_NULL_OK },
               { "full_interval_s", DB_I32_TYPE, DB_NULL_OK }, { "status_interval_s", DB_I32_TYPE, DB_NULL_OK } },
};
/* One row for each member that something is said of: where it comes from. */
static const TilldStatement origins = {
  .name = "preset-origins",
  .sql = "SELECT DISTINCT ON (v.member) v.member, v.value, t.name AS tariff_name, p.id, p.area, pa.path AS room, p.use_class AS class, p.version, "
         "coalesce ((p.changes->v.member->>'at')::timestamptz, p.changed_at) AS changed_at, o.name AS changed_by "
         "FROM (SELECT $2::bigint AS area, $3::smallint AS class) q LEFT JOIN area a ON a.id = q.area JOIN preset p ON " COUNTS " "
         "CROSS JOIN LATERAL (VALUES ('tariff', p.tariff), ('alarm1', p.alarm1), ('alarm2', p.alarm2), ('overload_w', p.overload_w), "
         "('overdraft', p.overdraft), ('hoard_limit', p.hoard_limit), ('full_interval_s', p.full_interval_s::bigint), "
         "('status_interval_s', p.status_interval_s::bigint)) AS v (member, value) "
         "LEFT JOIN area pa ON pa.id = p.area LEFT JOIN tariff t ON v.member = 'tariff' AND t.id = v.value "
         "LEFT JOIN operator o ON o.id = coalesce ((p.changes->v.member->>'by')::bigint, p.changed_by) WHERE v.value IS NOT NULL "
         "ORDER BY v.member, coalesce (array_position (a.lineage, p.area), 0) DESC, p.use_class NULLS LAST",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I16_TYPE },
  .columns = { { "member", DB_TEXT_TYPE, DB_NULL_OK }, { "value", DB_I64_TYPE, DB_NULL_OK }, { "tariff_name", DB_TEXT_TYPE, DB_NULL_OK },
               { "id", DB_I64_TYPE }, { "area", DB_I64_TYPE, DB_NULL_OK }, { "room", DB_TEXT_TYPE, DB_NULL_OK }, { "class", DB_I16_TYPE, DB_NULL_OK },
               { "version", DB_I32_TYPE }, { "changed_at", DB_TS_TYPE, DB_NULL_OK }, { "changed_by", DB_TEXT_TYPE, DB_NULL_OK } },
};
static const TilldStatement of_site = {
  .name = "preset-of-site",
  .sql = "SELECT hoard_limit, full_interval_s, status_interval_s FROM site WHERE id = $1",
  .params = { DB_I64_TYPE },
  .columns = { { "hoard_limit", DB_I64_TYPE }, { "full_interval_s", DB_I32_TYPE, DB_NULL_OK }, { "status_interval_s", DB_I32_TYPE } },
};
static const TilldStatement here = {
  .name = "preset-here",
  .sql = "SELECT p.id, p.version FROM preset p WHERE p.site = $1 AND coalesce (p.area, 0) = $2 AND coalesce (p.use_class, -1) = $3",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I16_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "version", DB_I32_TYPE } },
};
/* Every place and class that something is said for, with every class below it: more there is not to resolve. */
static const TilldStatement spots = {
  .name = "preset-spots",
  .sql = "SELECT DISTINCT coalesce (p.area, 0) AS area, c.class, a.path AS room FROM preset p LEFT JOIN area a ON a.id = p.area "
         "CROSS JOIN generate_series (-1, 5) AS c (class) WHERE p.site = $1",
  .params = { DB_I64_TYPE },
  .columns = { { "area", DB_I64_TYPE, DB_NULL_OK }, { "class", DB_I32_TYPE, DB_NULL_OK }, { "room", DB_TEXT_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (find)
TILLD_STATEMENT (origins)
TILLD_STATEMENT (of_site)
TILLD_STATEMENT (here)
TILLD_STATEMENT (spots)

/* --- many places --- */

static void
take (TilldRows *rows, guint i, const char *column, guint32 bit, gint64 *ret, guint32 *given)
{
  if (tilld_row_is_null (rows, i, column))
    return;
  *ret = tilld_row_i64 (rows, i, column);
  *given |= bit;
}

static void
take_row (TilldRows *rows, guint i, TilldPreset *p)
{
  take (rows, i, "tariff", TILLD_PRESET_TARIFF, &p->tariff, &p->given);
  take (rows, i, "alarm1", TILLD_PRESET_ALARM1, &p->alarm1, &p->given);
  take (rows, i, "alarm2", TILLD_PRESET_ALARM2, &p->alarm2, &p->given);
  take (rows, i, "overload_w", TILLD_PRESET_OVERLOAD, &p->overload_w, &p->given);
  take (rows, i, "overdraft", TILLD_PRESET_OVERDRAFT, &p->overdraft, &p->given);
  take (rows, i, "hoard_limit", TILLD_PRESET_HOARD, &p->hoard_limit, &p->given);
  take (rows, i, "full_interval_s", TILLD_PRESET_FULL_INTERVAL, &p->full_interval_s, &p->given);
  take (rows, i, "status_interval_s", TILLD_PRESET_STATUS_INTERVAL, &p->status_interval_s, &p->given);
}

gboolean
tilld_preset_find (TilldDb *db, gint64 site, const TilldPresetPlace *places, guint n, TilldPreset *ret, GError **error)
{
  g_autofree gint64 *areas = g_new0 (gint64, n + 1), *classes = g_new0 (gint64, n + 1);
  g_autoptr (TilldRows) rows = NULL;

  for (guint i = 0; i < n; i++)
    {
      areas[i] = places[i].area;
      classes[i] = places[i].use_class;
      ret[i] = (TilldPreset){ .area = places[i].area, .use_class = places[i].use_class };
    }
  if (n == 0)
    return TRUE;
  if (!tilld_db_query (db, &find, &rows, error, DB_I64 (site), DB_I64_ARRAY (areas, n), DB_I64_ARRAY (classes, n)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    take_row (rows, i, &ret[tilld_row_i64 (rows, i, "n") - 1]);
  return TRUE;
}

gboolean
tilld_preset_status_interval (TilldDb *db, gint64 site, gint64 area, gint64 *ret_s, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  TilldPreset nearest;

  if (!tilld_preset_find (db, site, &(TilldPresetPlace){ area, -1 }, 1, &nearest, error) || !tilld_db_query (db, &of_site, &rows, error, DB_I64 (site)))
    return FALSE;
  *ret_s = (nearest.given & TILLD_PRESET_STATUS_INTERVAL) != 0 ? nearest.status_interval_s : tilld_row_i64 (rows, 0, "status_interval_s");
  return TRUE;
}

/* --- one place, and why --- */

typedef struct { const char *member, *column; TilldJsonKind kind; } Member;
static const Member members[] = {
  { "tariff", "tariff", TILLD_JSON_INT }, { "alarm1", "alarm1", TILLD_JSON_MONEY }, { "alarm2", "alarm2", TILLD_JSON_MONEY },
  { "overload_kw", "overload_w", TILLD_JSON_MILLI }, { "overdraft", "overdraft", TILLD_JSON_MONEY }, { "hoard_limit", "hoard_limit", TILLD_JSON_MONEY },
  { "full_interval_s", "full_interval_s", TILLD_JSON_INT }, { "status_interval_s", "status_interval_s", TILLD_JSON_INT },
};

static const char *
class_word (int use_class)
{
  return till_use_class_word ((TillUseClass) use_class);
}

static const TilldJsonField origin_fields[] = {
  { "id", TILLD_JSON_INT }, { "area", TILLD_JSON_INT }, { "room", TILLD_JSON_TEXT }, { "class", TILLD_JSON_ENUM, NULL, class_word },
  { "version", TILLD_JSON_INT }, { "changed_at", TILLD_JSON_TIME }, { "changed_by", TILLD_JSON_TEXT }, { NULL },
};

static gint
row_of (TilldRows *rows, const Member *member)
{
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    if (g_strcmp0 (tilld_row_text (rows, i, "member"), member->column) == 0)
      return (gint) i;
  return -1;
}

static void
write_values (TilldRows *rows, TillJsonWrite *w)
{
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      gint row = row_of (rows, &members[i]);
      const TilldJsonField field[] = { { members[i].member, members[i].kind, "value" }, { NULL } };

      if (row >= 0)
        tilld_row_write (rows, (guint) row, field, w);
      else
        till_json_write_null (w, members[i].member);
      if (i == 0)
        till_json_write_text (w, "tariff_name", row >= 0 ? tilld_row_text (rows, (guint) row, "tariff_name") : NULL);
    }
  till_json_write_begin_object (w, "origins");
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      gint row = row_of (rows, &members[i]);

      if (row < 0)
        continue;
      till_json_write_begin_object (w, members[i].member);
      tilld_row_write (rows, (guint) row, origin_fields, w);
      till_json_write_end_object (w);
    }
  till_json_write_end_object (w);
}

/* As the record of a meter would have it where nobody says anything. */
static void
write_otherwise (TilldRows *site, TillJsonWrite *w)
{
  static const TilldJsonField fields[] = { { "hoard_limit", TILLD_JSON_MONEY }, { "full_interval_s", TILLD_JSON_INT },
                                           { "status_interval_s", TILLD_JSON_INT }, { NULL } };

  till_json_write_begin_object (w, "otherwise");
  till_json_write_money (w, "alarm1", TILLD_PRESET_ALARM1_UNITS * 10000);
  till_json_write_money (w, "alarm2", TILLD_PRESET_ALARM2_UNITS * 10000);
  till_json_write_text (w, "overload_kw", "0.000");
  till_json_write_money (w, "overdraft", 0);
  tilld_row_write (site, 0, fields, w);
  till_json_write_end_object (w);
}

/* The default that is said for exactly this place and class. */
static void
write_here (TilldRows *rows, TillJsonWrite *w)
{
  static const TilldJsonField fields[] = { { "id", TILLD_JSON_INT }, { "version", TILLD_JSON_INT }, { NULL } };

  if (tilld_rows_count (rows) == 0)
    {
      till_json_write_null (w, "here");
      return;
    }
  till_json_write_begin_object (w, "here");
  tilld_row_write (rows, 0, fields, w);
  till_json_write_end_object (w);
}

gboolean
tilld_preset_effective (TilldDb *db, const TilldActor *who, const TilldPresetPlace *place, TillJsonWrite *w, GError **error)
{
  g_autoptr (TilldRows) rows = NULL, site = NULL, own = NULL;

  if ((place->area != 0 && !tilld_area_check (db, who, place->area, error)) ||
      !tilld_db_query (db, &origins, &rows, error, DB_I64 (who->site), DB_I64 (place->area), DB_I16 (place->use_class)) ||
      !tilld_db_query (db, &of_site, &site, error, DB_I64 (who->site)) ||
      !tilld_db_query (db, &here, &own, error, DB_I64 (who->site), DB_I64 (place->area), DB_I16 (place->use_class)))
    return FALSE;
  write_values (rows, w);
  write_here (own, w);
  write_otherwise (site, w);
  return TRUE;
}

/* --- alarms --- */

void
tilld_preset_part (TilldPresetAlarm *first, TilldPresetAlarm *second, gint64 unit)
{
  if (first->value > second->value)
    return;
  if (second->weight > first->weight)
    first->value = second->value + unit;
  else
    second->value = first->value / 2;
}

gboolean
tilld_preset_check_alarms (TilldDb *db, gint64 site, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  g_autofree TilldPresetPlace *places = NULL;
  g_autofree TilldPreset *found = NULL;
  guint n;

  if (!tilld_db_query (db, &spots, &rows, error, DB_I64 (site)))
    return FALSE;
  n = tilld_rows_count (rows);
  places = g_new0 (TilldPresetPlace, n + 1);
  found = g_new0 (TilldPreset, n + 1);
  for (guint i = 0; i < n; i++)
    places[i] = (TilldPresetPlace){ tilld_row_i64 (rows, i, "area"), (int) tilld_row_i64 (rows, i, "class") };
  if (!tilld_preset_find (db, site, places, n, found, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      const char *room = tilld_row_text (rows, i, "room"), *word = places[i].use_class >= 0 ? class_word (places[i].use_class) : "every class";

      if ((found[i].given & (TILLD_PRESET_ALARM1 | TILLD_PRESET_ALARM2)) != (TILLD_PRESET_ALARM1 | TILLD_PRESET_ALARM2) ||
          found[i].alarm1 > found[i].alarm2)
        continue;
      till_fail (error, TILL_ERROR_INVALID, "alarm 1 would not be above alarm 2 for %s, %s", room != NULL ? room : "the site", word);
      if (error != NULL)
        till_error_add_field (*error, "alarm1", "must be greater than alarm 2, also where one of them is inherited");
      return FALSE;
    }
  return TRUE;
}
