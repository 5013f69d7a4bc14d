/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff-store.c: rows of tariffs, versions, drafts and assignments. Locks and reads; decides nothing. */
#include "server/domain/money/tariff-store.h"
#include "server/domain/money/tariff-book.h"
#include "server/domain/money/tariff-view.h"

static const TilldStatement tariff_insert = {
  .name = "tariff-insert",
  .sql = "INSERT INTO tariff (name) VALUES ($1) RETURNING id",
  .params = { DB_TEXT_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (tariff_insert)

static const TilldStatement tariff_set_name = {
  .name = "tariff-set-name",
  .sql = "UPDATE tariff SET name = $2, version = version + 1 WHERE id = $1 AND version = $3",
  .params = { DB_I64_TYPE, DB_TEXT_TYPE, DB_I64_TYPE },
};
TILLD_STATEMENT (tariff_set_name)

static const TilldStatement tariff_exists = {
  .name = "tariff-exists",
  .sql = "SELECT version FROM tariff WHERE id = $1",
  .params = { DB_I64_TYPE },
  .columns = { { "version", DB_I32_TYPE } },
};
TILLD_STATEMENT (tariff_exists)

static const TilldStatement tariff_lock = {
  .name = "tariff-lock",
  .sql = "SELECT id FROM tariff WHERE id = $1 FOR UPDATE",
  .params = { DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (tariff_lock)

static const TilldStatement tariff_facts = {
  .name = "tariff-facts",
  .sql = "SELECT (now () AT TIME ZONE s.zone)::date AS today, s.approve_tariff_pct AS limit_pct,"
         " (SELECT min (v.effective) FROM tariff_version v WHERE v.tariff = $2) AS first,"
         " (SELECT count (*) FROM tariff_version v WHERE v.tariff = $2) AS versions,"
         " (SELECT count (*) FROM meter m WHERE m.tariff = $2 AND m.retired_at IS NULL) AS meters,"
         " EXISTS (SELECT FROM meter_tariff t WHERE t.tariff = $2 AND t.since <= (now () AT TIME ZONE s.zone)::date) AS in_use,"
         " EXISTS (SELECT FROM tariff_version v WHERE v.tariff = $2 AND v.effective = $3) AS has_version,"
         " EXISTS (SELECT FROM tariff_draft d WHERE d.tariff = $2 AND d.effective = $3) AS has_draft,"
         " EXISTS (SELECT FROM tariff_draft d JOIN approval h ON h.id = d.approval WHERE d.tariff = $2 AND d.effective = $3 AND h.state = 0"
         " AND h.expires_at > now ()) AS proposed FROM site s WHERE s.id = $1",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_DAY_TYPE },
  .columns = { { "today", DB_DAY_TYPE }, { "limit_pct", DB_I32_TYPE, DB_NULL_OK }, { "first", DB_DAY_TYPE, DB_NULL_OK }, { "versions", DB_I64_TYPE },
               { "meters", DB_I64_TYPE }, { "in_use", DB_BOOL_TYPE }, { "has_version", DB_BOOL_TYPE }, { "has_draft", DB_BOOL_TYPE },
               { "proposed", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (tariff_facts)

static const TilldStatement version_store = {
  .name = "tariff-version-store",
  .sql = "WITH gone AS (DELETE FROM tariff_draft WHERE tariff = $1 AND effective = $2)"
         " INSERT INTO tariff_version (tariff, effective, price_tip, price_peak, price_flat, price_valley, price_deep, body, made_by, approved_by, price_max)"
         " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, nullif ($10, 0), $11)"
         " ON CONFLICT (tariff, effective) DO UPDATE SET price_tip = EXCLUDED.price_tip,"
         " price_peak = EXCLUDED.price_peak, price_flat = EXCLUDED.price_flat, price_valley = EXCLUDED.price_valley, price_deep = EXCLUDED.price_deep,"
         " body = EXCLUDED.body, made_by = EXCLUDED.made_by, approved_by = EXCLUDED.approved_by, made_at = now (), price_max = EXCLUDED.price_max",
  .params = { DB_I64_TYPE, DB_DAY_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_JSON_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE },
};
TILLD_STATEMENT (version_store)

static const TilldStatement draft_store = {
  .name = "tariff-draft-store",
  .sql = "INSERT INTO tariff_draft (tariff, effective, body, approval, made_by) VALUES ($1, $2, $3, nullif ($4, 0), $5)"
         " ON CONFLICT (tariff, effective) DO UPDATE SET body = EXCLUDED.body, approval = EXCLUDED.approval, made_by = EXCLUDED.made_by, made_at = now ()",
  .params = { DB_I64_TYPE, DB_DAY_TYPE, DB_JSON_TYPE, DB_I64_TYPE, DB_I64_TYPE },
};
TILLD_STATEMENT (draft_store)

static const TilldStatement draft_remove = {
  .name = "tariff-draft-remove",
  .sql = "DELETE FROM tariff_draft WHERE tariff = $1 AND effective = $2",
  .params = { DB_I64_TYPE, DB_DAY_TYPE },
};
TILLD_STATEMENT (draft_remove)

static const TilldStatement version_remove = {
  .name = "tariff-version-remove",
  .sql = "DELETE FROM tariff_version WHERE tariff = $1 AND effective = $2",
  .params = { DB_I64_TYPE, DB_DAY_TYPE },
};
TILLD_STATEMENT (version_remove)

/* Days after from lose what was planned for these meters: the newest word holds. */
static const TilldStatement assign_rows = {
  .name = "tariff-assign-rows",
  .sql = "WITH chosen AS (SELECT m.id, m.tariff FROM meter m JOIN area a ON a.id = m.area WHERE m.retired_at IS NULL AND a.site = $1"
         " AND (cardinality ($2::bigint[]) = 0 OR a.lineage && $2) AND (m.id = ANY ($3) OR $4 > 0 AND $4 = ANY (a.lineage))"
         " ORDER BY m.id FOR NO KEY UPDATE OF m),"
         " gone AS (DELETE FROM meter_tariff t USING chosen c WHERE t.meter = c.id AND t.since > $5),"
         " given AS (INSERT INTO meter_tariff (meter, since, tariff) SELECT c.id, $5, $6 FROM chosen c"
         " ON CONFLICT (meter, since) DO UPDATE SET tariff = EXCLUDED.tariff RETURNING meter),"
         " now_on AS (UPDATE meter m SET tariff = $6, version = m.version + 1 FROM chosen c WHERE m.id = c.id AND $5 <= site_today ()"
         " AND m.tariff IS DISTINCT FROM $6 RETURNING m.id)"
         " SELECT (SELECT count (*) FROM given) AS n, (SELECT count (*) FROM now_on) AS changed",
  .params = { DB_I64_TYPE, DB_I64_ARRAY_TYPE, DB_I64_ARRAY_TYPE, DB_I64_TYPE, DB_DAY_TYPE, DB_I64_TYPE },
  .columns = { { "n", DB_I64_TYPE }, { "changed", DB_I64_TYPE } },
};
TILLD_STATEMENT (assign_rows)

static const TilldStatement assign_due = {
  .name = "tariff-assign-due",
  .sql = "WITH due AS (SELECT m.id, t.tariff FROM meter m CROSS JOIN LATERAL (SELECT x.tariff FROM meter_tariff x WHERE x.meter = m.id"
         " AND x.since <= site_today () ORDER BY x.since DESC LIMIT 1) t WHERE m.retired_at IS NULL AND m.tariff IS DISTINCT FROM t.tariff"
         " ORDER BY m.id FOR NO KEY UPDATE OF m)"
         " UPDATE meter m SET tariff = d.tariff, version = m.version + 1 FROM due d WHERE m.id = d.id RETURNING m.id",
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (assign_due)

static const TilldStatement meter_terms = {
  .name = "tariff-meter-terms",
  .sql = "SELECT m.model, m.tariff FROM meter m JOIN area a ON a.id = m.area WHERE m.id = $1 AND m.retired_at IS NULL"
         " AND (cardinality ($2::bigint[]) = 0 OR a.lineage && $2)",
  .params = { DB_I64_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "model", DB_TEXT_TYPE }, { "tariff", DB_I64_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (meter_terms)

static TilldDbParam
scope_of (const TilldActor *who)
{
  return who->areas != NULL ? DB_I64_ARRAY (who->areas->data, who->areas->len) : DB_I64_ARRAY (NULL, 0);
}

gboolean
tilld_tariff_insert (TilldDb *db, const char *name, gint64 *ret_id, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &tariff_insert, &rows, error, DB_TEXT (name)))
    return FALSE;
  *ret_id = tilld_row_i64 (rows, 0, "id");
  return TRUE;
}

gboolean
tilld_tariff_set_name (TilldDb *db, gint64 id, const char *name, gint64 version, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &tariff_set_name, NULL, error, DB_I64 (id), DB_TEXT (name), DB_I64 (version)))
    return FALSE;
  if (tilld_db_affected (db) == 1)
    return TRUE;
  if (!tilld_db_query (db, &tariff_exists, &rows, error, DB_I64 (id)))
    return FALSE;
  return tilld_rows_count (rows) == 0 ? till_fail (error, TILL_ERROR_NOT_FOUND, "no such tariff")
                                      : till_fail (error, TILL_ERROR_STALE, "somebody changed this tariff: its version is %d",
                                                   (int) tilld_row_i64 (rows, 0, "version"));
}

gboolean
tilld_tariff_lock (TilldDb *db, gint64 site, gint64 id, TillDay effective, TilldTariffFacts *ret, GError **error)
{
  g_autoptr (TilldRows) locked = NULL;
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &tariff_lock, &locked, error, DB_I64 (id)))
    return FALSE;
  if (tilld_rows_count (locked) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "no such tariff");
  if (!tilld_db_query (db, &tariff_facts, &rows, error, DB_I64 (site), DB_I64 (id), DB_DAY (effective)))
    return FALSE;
  *ret = (TilldTariffFacts){ .today = (TillDay) tilld_row_i64 (rows, 0, "today"), .first = (TillDay) tilld_row_i64 (rows, 0, "first"),
                             .meters = tilld_row_i64 (rows, 0, "meters"), .versions = tilld_row_i64 (rows, 0, "versions"),
                             .in_use = tilld_row_bool (rows, 0, "in_use"), .has_version = tilld_row_bool (rows, 0, "has_version"),
                             .has_draft = tilld_row_bool (rows, 0, "has_draft"), .proposed = tilld_row_bool (rows, 0, "proposed"),
                             .has_limit = !tilld_row_is_null (rows, 0, "limit_pct"), .limit_pct = tilld_row_i64 (rows, 0, "limit_pct") };
  return TRUE;
}

/* The columns that lists, sales and polls read: prices of the first tier; a tariff without the flat rate shows another there. */
static TilldDbParam
price_of (const TilldTariff *t, TillRate rate)
{
  return DB_I64_IF (t->uses[rate], t->price[0][rate]);
}

static TillMoney
flat_of (const TilldTariff *t)
{
  guint rate = TILL_RATE_FLAT;

  for (guint r = 0; !t->uses[rate] && r < TILL_N_RATES; r++)
    if (t->uses[r])
      rate = r;
  return t->price[0][rate];
}

gboolean
tilld_tariff_version_store (TilldDb *db, const TilldActor *who, const TilldTariffVersion *version, gint64 approver, GError **error)
{
  const TilldTariff *t = &version->rules;
  g_autofree char *body = tilld_tariff_body_text (version);

  TILLD_COMMIT_POINT (db, TARIFF);
  return tilld_db_query (db, &version_store, NULL, error, DB_I64 (t->id), DB_DAY (t->effective), price_of (t, TILL_RATE_TIP), price_of (t, TILL_RATE_PEAK),
                         DB_I64 (flat_of (t)), price_of (t, TILL_RATE_VALLEY), price_of (t, TILL_RATE_DEEP), DB_JSON (body), DB_I64 (who->operator_id),
                         DB_I64 (approver), DB_I64 (tilld_tariff_price_max (t)));
}

gboolean
tilld_tariff_draft_store (TilldDb *db, const TilldActor *who, const TilldTariffVersion *version, gint64 approval, GError **error)
{
  g_autofree char *body = tilld_tariff_body_text (version);

  return tilld_db_query (db, &draft_store, NULL, error, DB_I64 (version->rules.id), DB_DAY (version->rules.effective), DB_JSON (body), DB_I64 (approval),
                         DB_I64 (who->operator_id));
}

gboolean
tilld_tariff_version_remove (TilldDb *db, gint64 tariff, TillDay effective, gboolean draft, GError **error)
{
  return tilld_db_query (db, draft ? &draft_remove : &version_remove, NULL, error, DB_I64 (tariff), DB_DAY (effective));
}

gboolean
tilld_tariff_before (TilldDb *db, gint64 site, gint64 tariff, TillDay effective, TilldTariffVersion **ret, GError **error)
{
  g_autoptr (TilldTariffBook) book = tilld_tariff_book_load (db, site, error);
  const TilldTariffVersion *before;

  if (book == NULL)
    return FALSE;
  before = tilld_tariff_book_version (book, tariff, effective - 1);
  *ret = NULL;
  if (before == NULL || before->rules.effective >= effective)
    return TRUE;
  *ret = tilld_tariff_version_new ();
  (*ret)->rules = before->rules;
  for (guint i = 0; i < TILLD_SEASONS_MAX; i++)
    (*ret)->season_names[i] = g_strdup (before->season_names[i]);
  return TRUE;
}

gboolean
tilld_tariff_assign_rows (TilldDb *db, const TilldActor *who, const TilldTariffAssign *in, gint64 *ret_meters, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &assign_rows, &rows, error, DB_I64 (who->site), scope_of (who), DB_I64_ARRAY (in->meters, in->n_meters), DB_I64 (in->area),
                       DB_DAY (in->from), DB_I64 (in->tariff)))
    return FALSE;
  *ret_meters = tilld_row_i64 (rows, 0, "n");
  return TRUE;
}

gboolean
tilld_tariff_assign_due (TilldDb *db, guint *ret_n, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_exec (db, &assign_due, NULL, 0, &rows, error))
    return FALSE;
  *ret_n = tilld_rows_count (rows);
  return TRUE;
}

gboolean
tilld_tariff_price_value (TilldDb *db, const TilldActor *who, const TilldProfiles *profiles, gint64 meter, char **ret_json, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  g_autoptr (TilldTariffBook) book = NULL;
  g_autoptr (TillJsonWrite) w = NULL;
  const TilldTariffVersion *version;
  const TilldProfile *profile;

  if (!tilld_db_query (db, &meter_terms, &rows, error, DB_I64 (meter), scope_of (who)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "no such meter");
  profile = tilld_profiles_get (profiles, tilld_row_text (rows, 0, "model"));
  if (profile == NULL || tilld_tariff_price_step (profile) == 0)
    return till_fail (error, TILL_ERROR_UNSUPPORTED, "the model %s holds no prices", tilld_row_text (rows, 0, "model"));
  book = tilld_tariff_book_load (db, who->site, error);
  if (book == NULL)
    return FALSE;
  version = tilld_tariff_book_version (book, tilld_row_i64 (rows, 0, "tariff"), tilld_tariff_book_today (book));
  if (version == NULL)
    return till_fail (error, TILL_ERROR_CONFLICT, "the meter has no tariff");
  w = till_json_write_new ();
  till_json_write_begin_object (w, NULL);
  tilld_tariff_value_write (profile, version, tilld_tariff_book_civil (book), tilld_tariff_book_today (book), w);
  till_json_write_end_object (w);
  *ret_json = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  return TRUE;
}
