/* SPDX-License-Identifier: GPL-2.0-or-later
 * site-edit.c: the site's own settings, read and changed. */
#include "server/domain/office/site-edit.h"
#include "server/domain/office/audit.h"
#include "server/domain/office/row-json.h"

static const TilldStatement shape = {
  .name = "site-list",
  .sql = "s.id AS id, s.code AS code, s.name AS name, s.zone AS zone, s.currency AS currency, s.service_phone AS service_phone, "
         "s.sell_offline AS sell_offline, s.hoard_limit AS hoard_limit, s.status_interval_s AS status_interval_s, s.full_interval_s AS full_interval_s, "
         "s.approve_sale AS approve_sale, s.approve_refund AS approve_refund, s.approve_reversal AS approve_reversal, "
         "s.approve_tariff_pct AS approve_tariff_pct, s.approval_hours AS approval_hours, s.restore_above AS restore_above, s.version AS version",
  .columns = { { "id", DB_I64_TYPE }, { "code", DB_TEXT_TYPE }, { "name", DB_TEXT_TYPE }, { "zone", DB_TEXT_TYPE }, { "currency", DB_TEXT_TYPE },
               { "service_phone", DB_TEXT_TYPE, DB_NULL_OK }, { "sell_offline", DB_BOOL_TYPE }, { "hoard_limit", DB_I64_TYPE },
               { "status_interval_s", DB_I32_TYPE }, { "full_interval_s", DB_I32_TYPE, DB_NULL_OK },
               { "approve_sale", DB_I64_TYPE, DB_NULL_OK }, { "approve_refund", DB_I64_TYPE, DB_NULL_OK }, { "approve_reversal", DB_I64_TYPE, DB_NULL_OK },
               { "approve_tariff_pct", DB_I32_TYPE, DB_NULL_OK }, { "approval_hours", DB_I32_TYPE }, { "restore_above", DB_I64_TYPE },
               { "version", DB_I32_TYPE } },
};
static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_INT }, { "code", TILLD_JSON_TEXT }, { "name", TILLD_JSON_TEXT }, { "zone", TILLD_JSON_TEXT }, { "currency", TILLD_JSON_TEXT },
  { "service_phone", TILLD_JSON_TEXT }, { "sell_offline", TILLD_JSON_BOOL }, { "hoard_limit", TILLD_JSON_MONEY },
  { "status_interval_s", TILLD_JSON_INT }, { "full_interval_s", TILLD_JSON_INT },
  { "approve_sale", TILLD_JSON_MONEY }, { "approve_refund", TILLD_JSON_MONEY }, { "approve_reversal", TILLD_JSON_MONEY },
  { "approve_tariff_pct", TILLD_JSON_INT }, { "approval_hours", TILLD_JSON_INT }, { "restore_above", TILLD_JSON_MONEY },
  { "version", TILLD_JSON_INT }, { NULL },
};
static const TilldListFilter filters[] = { { "id", TILLD_FILTER_I64, "s.id = ANY ($#)" }, { NULL } };
static const TilldListSort sorts[] = { { "code", "s.code" }, { "name", "s.name" }, { "id", "s.id" }, { NULL } };
static const TilldListSpec spec = { .shape = &shape, .from = "FROM site s", .filters = filters, .sorts = sorts, .order = "s.code" };
TILLD_LIST (spec)
static const TilldJsonList list = { &spec, fields, "s.id = $#", "site" };

#define LIMIT(column, type) column " = CASE WHEN $9::jsonb ? '" column "' THEN ($9::jsonb->>'" column "')::" type " ELSE " column " END, "

static const TilldStatement site_update = {
  .name = "site-update",
  .sql = "UPDATE site SET name = coalesce ($3, name), service_phone = CASE WHEN $4::text IS NULL THEN service_phone ELSE nullif ($4, '') END, "
         "sell_offline = coalesce ($5, sell_offline), hoard_limit = coalesce ($6, hoard_limit), status_interval_s = coalesce ($7, status_interval_s), "
         "full_interval_s = CASE WHEN $8::int IS NULL THEN full_interval_s ELSE nullif ($8, 0) END, "
         LIMIT ("approve_sale", "bigint") LIMIT ("approve_refund", "bigint") LIMIT ("approve_reversal", "bigint")
         LIMIT ("approve_tariff_pct", "int") LIMIT ("approval_hours", "int") LIMIT ("restore_above", "bigint") "version = version + 1 "
         "WHERE id = $1 AND version = $2 RETURNING to_jsonb (site) AS body, pg_notify ('till_plant', '')::text AS rung",
  .params = { DB_I64_TYPE, DB_I32_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_BOOL_TYPE, DB_I64_TYPE, DB_I32_TYPE, DB_I32_TYPE, DB_JSON_TYPE },
  .columns = { { "body", DB_JSON_TYPE }, { "rung", DB_TEXT_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (site_update)

void
tilld_site_change_clear (TilldSiteChange *change)
{
  g_clear_pointer (&change->name, g_free);
  g_clear_pointer (&change->service_phone, g_free);
  g_clear_pointer (&change->limits, g_free);
}

static gboolean
is_null (TillJsonRead *r, const char *name)
{
  return r->object != NULL && json_object_has_member (r->object, name) && json_object_get_null_member (r->object, name);
}

/* Above what a second operator agrees, and for how long what was proposed waits. null where there may be no limit: never. */
static void
read_limits (TillJsonRead *r, TilldSiteChange *change)
{
  static const struct { const char *name; gboolean money, may_be_none; int from, to; } limits[] = {
    { "approve_sale", TRUE, TRUE }, { "approve_refund", TRUE, TRUE }, { "approve_reversal", TRUE, TRUE }, { "restore_above", TRUE, FALSE },
    { "approve_tariff_pct", FALSE, TRUE, 0, 1000 }, { "approval_hours", FALSE, FALSE, 1, 720 },
  };
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  gboolean any = FALSE;

  till_json_write_begin_object (w, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      const char *name = limits[i].name;
      gint64 value = 0;

      if (r->object == NULL || !json_object_has_member (r->object, name))
        continue;
      any = TRUE;
      if (limits[i].money && till_json_read_money (r, name, TILL_OPTIONAL, &value) && value < 0)
        till_json_read_error (r, name, "must not be below 0");
      else if (!limits[i].money)
        till_json_read_int (r, name, TILL_OPTIONAL, limits[i].from, limits[i].to, &value);
      if (is_null (r, name) && limits[i].may_be_none)
        till_json_write_null (w, name);
      else if (is_null (r, name))
        till_json_read_error (r, name, "must not be null");
      else
        till_json_write_int (w, name, value);
    }
  till_json_write_end_object (w);
  if (any)
    change->limits = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
}

void
tilld_site_change_read (TillJsonRead *r, TilldSiteChange *change)
{
  till_json_read_text (r, "name", TILL_OPTIONAL, 60, &change->name);
  till_json_read_text (r, "service_phone", TILL_OPTIONAL, 32, &change->service_phone);
  if (is_null (r, "service_phone"))
    change->service_phone = g_strdup ("");
  change->has_sell_offline = till_json_read_bool (r, "sell_offline", TILL_OPTIONAL, &change->sell_offline) && till_json_read_has (r, "sell_offline");
  change->has_hoard = till_json_read_money (r, "hoard_limit", TILL_OPTIONAL, &change->hoard_limit) && till_json_read_has (r, "hoard_limit");
  if (change->has_hoard && change->hoard_limit < 0)
    till_json_read_error (r, "hoard_limit", "must not be below 0; 0 means no limit");
  change->has_status = till_json_read_int (r, "status_interval_s", TILL_OPTIONAL, 15, 600, &change->status_interval_s) &&
                       till_json_read_has (r, "status_interval_s");
  change->has_full = till_json_read_int (r, "full_interval_s", TILL_OPTIONAL, 300, 86400, &change->full_interval_s) &&
                     till_json_read_has (r, "full_interval_s");
  change->has_full |= is_null (r, "full_interval_s");
  read_limits (r, change);
}

gboolean
tilld_site_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  return tilld_list_serve (db, who, &list, query, w, error);
}

gboolean
tilld_site_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error)
{
  return tilld_record_serve (db, who, &list, id, w, error);
}

gboolean
tilld_site_update (TilldDb *db, const TilldActor *who, const TilldSiteChange *c, GError **error)
{
  g_autofree char          *object = g_strdup_printf ("site:%" G_GINT64_FORMAT, c->id);
  g_autoptr (TilldRows)     rows = NULL;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autofree char          *before = NULL;
  TilldDbParam              offline = DB_BOOL (c->sell_offline);

  g_assert (tilld_actor_is_set (who));
  offline.is_null = !c->has_sell_offline;
  till_json_write_begin_object (w, NULL);
  if (!tilld_site_get (db, who, c->id, w, error))
    return FALSE;
  till_json_write_end_object (w);
  before = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  if (!tilld_db_query (db, &site_update, &rows, error, DB_I64 (c->id), DB_I32 (c->version), DB_TEXT (c->name), DB_TEXT (c->service_phone), offline,
                       DB_I64_IF (c->has_hoard, c->hoard_limit), DB_I32_IF (c->has_status, c->status_interval_s), DB_I32_IF (c->has_full, c->full_interval_s),
                       DB_JSON (c->limits != NULL ? c->limits : "{}")))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_STALE, "somebody changed this site since: load it again");
  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "defaults.edit", .object = object, .before = before,
                                                         .after = tilld_row_text (rows, 0, "body") }, error);
}
