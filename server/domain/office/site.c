/* SPDX-License-Identifier: GPL-2.0-or-later
 * site.c: the site this server serves, and what is set for it. */
#include "server/domain/office/site.h"

static const TilldStatement site_load = {
  .name = "site-load",
  .sql = "SELECT id, code, name, zone, currency, sign, service_phone, sell_offline, hoard_limit FROM site ORDER BY id LIMIT 1",
  .columns = { { "id", DB_I64_TYPE }, { "code", DB_TEXT_TYPE }, { "name", DB_TEXT_TYPE }, { "zone", DB_TEXT_TYPE },
               { "currency", DB_TEXT_TYPE }, { "sign", DB_TEXT_TYPE }, { "service_phone", DB_TEXT_TYPE, DB_NULL_OK },
               { "sell_offline", DB_BOOL_TYPE }, { "hoard_limit", DB_I64_TYPE } },
};
TILLD_STATEMENT (site_load)

static const TilldStatement site_make = {
  .name = "site-make",
  .sql = "INSERT INTO site (code, name) SELECT 'SITE', 'Gridtill' WHERE NOT EXISTS (SELECT FROM site)",
};
TILLD_STATEMENT (site_make)

void
tilld_site_clear (TilldSite *site)
{
  g_clear_pointer (&site->code, g_free);
  g_clear_pointer (&site->name, g_free);
  g_clear_pointer (&site->zone, g_free);
  g_clear_pointer (&site->currency, g_free);
  g_clear_pointer (&site->sign, g_free);
  g_clear_pointer (&site->service_phone, g_free);
}

gboolean
tilld_site_load (TilldDb *db, TilldSite *ret, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_exec (db, &site_load, NULL, 0, &rows, error))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no site yet");
  *ret = (TilldSite){
    .id = tilld_row_i64 (rows, 0, "id"),
    .code = tilld_row_dup_text (rows, 0, "code"),
    .name = tilld_row_dup_text (rows, 0, "name"),
    .zone = tilld_row_dup_text (rows, 0, "zone"),
    .currency = tilld_row_dup_text (rows, 0, "currency"),
    .sign = tilld_row_dup_text (rows, 0, "sign"),
    .service_phone = tilld_row_dup_text (rows, 0, "service_phone"),
    .sell_offline = tilld_row_bool (rows, 0, "sell_offline"),
    .hoard_limit = tilld_row_i64 (rows, 0, "hoard_limit"),
  };
  return TRUE;
}

gboolean
tilld_site_ensure (TilldDb *db, gint64 *ret_id, GError **error)
{
  g_auto (TilldSite) site = { 0 };

  if (!tilld_db_exec (db, &site_make, NULL, 0, NULL, error) || !tilld_site_load (db, &site, error))
    return FALSE;
  *ret_id = site.id;
  return TRUE;
}
