/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff.c: tariffs and the price that holds now. */
#include "server/domain/plant/tariff.h"
#include "server/domain/office/row-json.h"

static const TilldStatement shape = {
  .name = "tariff-list",
  .sql = "t.id AS id, t.name AS name, v.effective AS effective, v.price_tip AS price_tip, v.price_peak AS price_peak, v.price_flat AS price_flat, "
         "v.price_valley AS price_valley, v.price_deep AS price_deep, t.version AS version, "
         "(SELECT count (*) FROM meter m WHERE m.tariff = t.id AND m.retired_at IS NULL) AS meters",
  .columns = { { "id", DB_I64_TYPE }, { "name", DB_TEXT_TYPE }, { "effective", DB_DAY_TYPE, DB_NULL_OK }, { "price_tip", DB_I64_TYPE, DB_NULL_OK },
               { "price_peak", DB_I64_TYPE, DB_NULL_OK }, { "price_flat", DB_I64_TYPE, DB_NULL_OK }, { "price_valley", DB_I64_TYPE, DB_NULL_OK },
               { "price_deep", DB_I64_TYPE, DB_NULL_OK }, { "version", DB_I32_TYPE }, { "meters", DB_I64_TYPE } },
};
static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_INT }, { "name", TILLD_JSON_TEXT }, { "effective", TILLD_JSON_DAY }, { "price_tip", TILLD_JSON_MONEY },
  { "price_peak", TILLD_JSON_MONEY }, { "price_flat", TILLD_JSON_MONEY }, { "price_valley", TILLD_JSON_MONEY },
  { "price_deep", TILLD_JSON_MONEY }, { "version", TILLD_JSON_INT }, { "meters", TILLD_JSON_INT }, { NULL },
};
static const TilldListFilter filters[] = {
  { "id", TILLD_FILTER_I64, "t.id = ANY ($#)" }, { "q", TILLD_FILTER_LIKE, "t.name ILIKE $#" }, { NULL },
};
static const TilldListSort sorts[] = {
  { "name", "t.name" }, { "id", "t.id" }, { "price_flat", "v.price_flat" }, { "effective", "v.effective" }, { NULL },
};
static const TilldListSpec spec = {
  .shape = &shape,
  .from = "FROM tariff t LEFT JOIN LATERAL (SELECT * FROM tariff_version x WHERE x.tariff = t.id AND x.effective <= current_date "
          "ORDER BY x.effective DESC LIMIT 1) v ON true",
  .filters = filters, .sorts = sorts, .order = "t.name, t.id",
};
TILLD_LIST (spec)

gboolean
tilld_tariff_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  static const TilldJsonList list = { &spec, fields, "t.id = $#", "tariff" };

  return tilld_list_serve (db, who, &list, query, w, error);
}
