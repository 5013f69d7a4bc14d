/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff-list.c: tariffs as people see them: the price that holds today, all versions and drafts, what meters can hold of them. */
#include "server/domain/money/tariff-book.h"
#include "server/domain/money/tariff-view.h"
#include "server/domain/money/tariff.h"
#include "server/domain/office/row-json.h"

static const TilldStatement shape = {
  .name = "tariff-list",
  .sql = "t.id AS id, t.name AS name, v.effective AS effective, v.price_tip AS price_tip, v.price_peak AS price_peak, v.price_flat AS price_flat, "
         "v.price_valley AS price_valley, v.price_deep AS price_deep, t.version AS version, "
         "(SELECT min (n.effective) FROM tariff_version n WHERE n.tariff = t.id AND n.effective > site_today ()) AS next_effective, "
         "(SELECT count (*) FROM meter m WHERE m.tariff = t.id AND m.retired_at IS NULL) AS meters",
  .columns = { { "id", DB_I64_TYPE }, { "name", DB_TEXT_TYPE }, { "effective", DB_DAY_TYPE, DB_NULL_OK }, { "price_tip", DB_I64_TYPE, DB_NULL_OK },
               { "price_peak", DB_I64_TYPE, DB_NULL_OK }, { "price_flat", DB_I64_TYPE, DB_NULL_OK }, { "price_valley", DB_I64_TYPE, DB_NULL_OK },
               { "price_deep", DB_I64_TYPE, DB_NULL_OK }, { "version", DB_I32_TYPE }, { "next_effective", DB_DAY_TYPE, DB_NULL_OK },
               { "meters", DB_I64_TYPE } },
};
static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_INT }, { "name", TILLD_JSON_TEXT }, { "effective", TILLD_JSON_DAY }, { "price_tip", TILLD_JSON_MONEY },
  { "price_peak", TILLD_JSON_MONEY }, { "price_flat", TILLD_JSON_MONEY }, { "price_valley", TILLD_JSON_MONEY },
  { "price_deep", TILLD_JSON_MONEY }, { "version", TILLD_JSON_INT }, { "meters", TILLD_JSON_INT },
  { "next_effective", TILLD_JSON_DAY }, { NULL },
};
static const TilldListFilter filters[] = {
  { "id", TILLD_FILTER_I64, "t.id = ANY ($#)" }, { "q", TILLD_FILTER_LIKE, "t.name ILIKE $#" }, { NULL },
};
static const TilldListSort sorts[] = {
  { "name", "t.name" }, { "id", "t.id" }, { "price_flat", "v.price_flat" }, { "effective", "v.effective" }, { NULL },
};
static const TilldListSpec spec = {
  .shape = &shape,
  .from = "FROM tariff t LEFT JOIN LATERAL (SELECT * FROM tariff_version x WHERE x.tariff = t.id AND x.effective <= site_today () "
          "ORDER BY x.effective DESC LIMIT 1) v ON true",
  .filters = filters, .sorts = sorts, .order = "t.name, t.id",
};
TILLD_LIST (spec)

static const TilldJsonList list = { &spec, fields, "t.id = $#", "tariff" };

static const TilldStatement versions_of = {
  .name = "tariff-versions-of",
  .sql = "SELECT x.effective, x.state, x.body, x.approval, x.made_by, o.name AS made_by_name, x.made_at, x.approved_by, b.name AS approved_by_name FROM ("
         "SELECT v.effective, CASE WHEN v.effective > site_today () THEN 'planned' WHEN v.effective = (SELECT max (y.effective) FROM tariff_version y"
         " WHERE y.tariff = $1 AND y.effective <= site_today ()) THEN 'in_force' ELSE 'past' END AS state, NULL::jsonb AS body, NULL::bigint AS approval,"
         " v.made_by, v.made_at, v.approved_by FROM tariff_version v WHERE v.tariff = $1 UNION ALL "
         "SELECT d.effective, CASE WHEN h.id IS NULL THEN 'draft' ELSE 'proposed' END, d.body, h.id, d.made_by, d.made_at, NULL FROM tariff_draft d"
         " LEFT JOIN approval h ON h.id = d.approval AND h.state = 0 AND h.expires_at > now () WHERE d.tariff = $1) x"
         " LEFT JOIN operator o ON o.id = x.made_by LEFT JOIN operator b ON b.id = x.approved_by"
         " WHERE $2::date IS NULL OR x.effective = $2 ORDER BY x.effective DESC, x.state",
  .params = { DB_I64_TYPE, DB_DAY_TYPE },
  .columns = { { "effective", DB_DAY_TYPE }, { "state", DB_TEXT_TYPE }, { "body", DB_JSON_TYPE, DB_NULL_OK }, { "approval", DB_I64_TYPE, DB_NULL_OK },
               { "made_by", DB_I64_TYPE }, { "made_by_name", DB_TEXT_TYPE, DB_NULL_OK }, { "made_at", DB_TS_TYPE },
               { "approved_by", DB_I64_TYPE, DB_NULL_OK }, { "approved_by_name", DB_TEXT_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (versions_of)

static const TilldJsonField version_fields[] = {
  { "effective", TILLD_JSON_DAY }, { "state", TILLD_JSON_TEXT }, { "approval", TILLD_JSON_INT }, { "made_by", TILLD_JSON_INT },
  { "made_by_name", TILLD_JSON_TEXT }, { "made_at", TILLD_JSON_TIME }, { "approved_by", TILLD_JSON_INT }, { "approved_by_name", TILLD_JSON_TEXT }, { NULL },
};

/* Models of the meters that have the tariff; of one that nobody has yet: all that are installed. */
static const TilldStatement models_of = {
  .name = "tariff-models-of",
  .sql = "SELECT DISTINCT m.model FROM meter m WHERE m.retired_at IS NULL AND (m.tariff = $1 OR NOT EXISTS (SELECT FROM meter x WHERE x.tariff = $1"
         " AND x.retired_at IS NULL)) ORDER BY m.model",
  .params = { DB_I64_TYPE },
  .columns = { { "model", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (models_of)

gboolean
tilld_tariff_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  return tilld_list_serve (db, who, &list, query, w, error);
}

gboolean
tilld_tariff_views (TilldDb *db, const TilldProfiles *profiles, const TilldTariffVersion *version, TillJsonWrite *w, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &models_of, &rows, error, DB_I64 (version->rules.id)))
    return FALSE;
  till_json_write_begin_array (w, "views");
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      const TilldProfile *profile = tilld_profiles_get (profiles, tilld_row_text (rows, i, "model"));

      if (profile != NULL)
        tilld_tariff_view_write (profile, version, w);
    }
  till_json_write_end_array (w);
  return TRUE;
}

/* The members of one row and of its body. */
static gboolean
write_version (TilldRows *rows, guint row, TilldTariffBook *book, gint64 tariff, TillJsonWrite *w, GError **error)
{
  const char *body = tilld_row_text (rows, row, "body");
  TillDay effective = (TillDay) tilld_row_i64 (rows, row, "effective");

  tilld_row_write (rows, row, version_fields, w);
  if (body != NULL)
    {
      g_autoptr (TilldTariffVersion) draft = tilld_tariff_body_parse (body, error);

      if (draft == NULL)
        return FALSE;
      tilld_tariff_body_write (draft, w);
      return TRUE;
    }
  tilld_tariff_body_write (tilld_tariff_book_version (book, tariff, effective), w);
  return TRUE;
}

gboolean
tilld_tariff_get (TilldDb *db, const TilldActor *who, const TilldProfiles *profiles, gint64 id, TillJsonWrite *w, GError **error)
{
  g_autoptr (TilldTariffBook) book = NULL;
  g_autoptr (TilldRows) rows = NULL;
  const TilldTariffVersion *now;

  if (!tilld_record_serve (db, who, &list, id, w, error))
    return FALSE;
  book = tilld_tariff_book_load (db, who->site, error);
  if (book == NULL ||
      !tilld_db_query (db, &versions_of, &rows, error, DB_I64 (id), (TilldDbParam){ .type = DB_DAY_TYPE, .is_null = TRUE }))
    return FALSE;
  till_json_write_begin_array (w, "versions");
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      till_json_write_begin_object (w, NULL);
      if (!write_version (rows, i, book, id, w, error))
        return FALSE;
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
  now = tilld_tariff_book_version (book, id, tilld_tariff_book_today (book));
  return now == NULL || tilld_tariff_views (db, profiles, now, w, error);
}

gboolean
tilld_tariff_version_get (TilldDb *db, const TilldActor *who, const TilldProfiles *profiles, gint64 tariff, TillDay effective, TillJsonWrite *w,
                          GError **error)
{
  g_autoptr (TilldTariffBook) book = tilld_tariff_book_load (db, who->site, error);
  g_autoptr (TilldTariffVersion) draft = NULL;
  g_autoptr (TilldRows) rows = NULL;
  const char *body;

  if (book == NULL || !tilld_db_query (db, &versions_of, &rows, error, DB_I64 (tariff), DB_DAY (effective)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "no such version");
  body = tilld_row_text (rows, 0, "body");
  if (body != NULL && (draft = tilld_tariff_body_parse (body, error)) == NULL)
    return FALSE;
  till_json_write_int (w, "tariff", tariff);
  if (draft != NULL)
    draft->rules.id = tariff;
  return write_version (rows, 0, book, tariff, w, error)
         && tilld_tariff_views (db, profiles, draft != NULL ? draft : tilld_tariff_book_version (book, tariff, effective), w, error);
}
