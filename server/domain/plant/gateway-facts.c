/* SPDX-License-Identifier: GPL-2.0-or-later
 * gateway-facts.c: the row beside the session. What is empty says nothing. */
#include "server/domain/plant/gateway-facts.h"
#include "server/db/db-param.h"
#include "server/db/db-statement.h"
#include "server/domain/plant/feed.h"

static const TilldStatement facts_store = {
  .name = "gateway-facts-store",
  .sql = "INSERT INTO gateway_facts AS f (gateway, serial, vendor, model, firmware, iccid, imei, rssi_dbm) "
         "SELECT g.id, $2, $3, $4, $5, $6, $7, $8 FROM gateway g WHERE g.id = $1 "
         "ON CONFLICT (gateway) DO UPDATE SET told_at = now (), "
         "serial = coalesce (nullif ($2, ''), f.serial), vendor = coalesce (nullif ($3, ''), f.vendor), "
         "model = coalesce (nullif ($4, ''), f.model), firmware = coalesce (nullif ($5, ''), f.firmware), "
         "iccid = coalesce (nullif ($6, ''), f.iccid), imei = coalesce (nullif ($7, ''), f.imei), "
         "rssi_dbm = CASE WHEN $8 = 0 THEN f.rssi_dbm ELSE $8 END",
  .params = { DB_I64_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_I32_TYPE },
};
TILLD_STATEMENT (facts_store)

gboolean
tilld_gateway_facts_store (TilldDb *db, const TilldGatewayFacts *facts, GError **error)
{
  const TilldDbParam values[] = {
    DB_I64 (facts->gateway), DB_TEXT (facts->serial), DB_TEXT (facts->vendor), DB_TEXT (facts->model),
    DB_TEXT (facts->firmware), DB_TEXT (facts->iccid), DB_TEXT (facts->imei), DB_I32 (facts->rssi_dbm),
  };

  return tilld_db_exec (db, &facts_store, values, G_N_ELEMENTS (values), NULL, error) &&
         tilld_feed_add_ids (db, "gateway", &facts->gateway, 1, error);
}
