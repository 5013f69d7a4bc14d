/* SPDX-License-Identifier: GPL-2.0-or-later
 * account.c: accounts and the meters they hold. */
#include "server/domain/office/row-json.h"
#include "server/domain/plant/customer.h"
#include "shared/api/till-enums.h"

static const TilldStatement shape = {
  .name = "account-list",
  .sql = "c.id AS id, c.code AS code, c.customer AS customer, k.name AS customer_name, k.code AS customer_code, k.area AS area, a.path AS room, "
         "c.settled AS settled, c.state AS state, c.heads AS heads, c.opened_at AS opened_at, c.closed_at AS closed_at, c.version AS version, "
         "c.closing AS closing, "
         "ARRAY (SELECT x.meter FROM account_meter x WHERE x.account = c.id AND x.until IS NULL ORDER BY 1) AS meters",
  .columns = { { "id", DB_I64_TYPE }, { "code", DB_TEXT_TYPE }, { "customer", DB_I64_TYPE }, { "customer_name", DB_TEXT_TYPE },
               { "customer_code", DB_TEXT_TYPE }, { "area", DB_I64_TYPE, DB_NULL_OK }, { "room", DB_TEXT_TYPE, DB_NULL_OK },
               { "settled", DB_I16_TYPE }, { "state", DB_I16_TYPE }, { "heads", DB_I16_TYPE },
               { "opened_at", DB_TS_TYPE }, { "closed_at", DB_TS_TYPE, DB_NULL_OK },
               { "version", DB_I32_TYPE }, { "closing", DB_UUID_TYPE, DB_NULL_OK }, { "meters", DB_I64_ARRAY_TYPE } },
};

static const char *
settled_word (int settled)
{
  return settled == 0 ? "each" : "together";
}

static const char *
state_word (int state)
{
  return till_account_state_word ((TillAccountState) state);
}

static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_INT }, { "code", TILLD_JSON_TEXT }, { "customer", TILLD_JSON_INT }, { "customer_name", TILLD_JSON_TEXT },
  { "customer_code", TILLD_JSON_TEXT }, { "area", TILLD_JSON_INT }, { "room", TILLD_JSON_TEXT }, { "settled", TILLD_JSON_ENUM, NULL, settled_word },
  { "state", TILLD_JSON_ENUM, NULL, state_word }, { "opened_at", TILLD_JSON_TIME }, { "closed_at", TILLD_JSON_TIME },
  { "heads", TILLD_JSON_INT }, { "version", TILLD_JSON_INT }, { "closing", TILLD_JSON_ID }, { "meters", TILLD_JSON_INTS }, { NULL },
};
static const TilldListFilter filters[] = {
  { "id", TILLD_FILTER_I64, "c.id = ANY ($#)" },
  { "customer", TILLD_FILTER_I64, "c.customer = ANY ($#)" },
  { "meter", TILLD_FILTER_I64, "EXISTS (SELECT FROM account_meter x WHERE x.account = c.id AND x.until IS NULL AND x.meter = ANY ($#))" },
  { "state", TILLD_FILTER_WORD, "c.state = ANY ($#)", till_account_state_from_word },
  { "area", TILLD_FILTER_I64, "a.lineage && $#" },
  { "from", TILLD_FILTER_DAY, "c.opened_at >= $#::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" },
  { "from", TILLD_FILTER_TIME, "c.opened_at >= $#" },
  { "to", TILLD_FILTER_DAY, "c.opened_at < ($# + 1)::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" }, /* the day itself included */
  { "to", TILLD_FILTER_TIME, "c.opened_at < $#" },
  { "closed_from", TILLD_FILTER_DAY, "c.closed_at >= $#::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" },
  { "closed_from", TILLD_FILTER_TIME, "c.closed_at >= $#" },
  { "closed_to", TILLD_FILTER_DAY, "c.closed_at < ($# + 1)::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" },
  { "closed_to", TILLD_FILTER_TIME, "c.closed_at < $#" },
  { "q", TILLD_FILTER_TEXT, "c.customer = ANY ($#)", NULL, "search_customers ($1, TRUE, FALSE)" },
  { NULL },
};
static const TilldListSort sorts[] = {
  { "code", "c.code" }, { "customer", "k.name" }, { "customer_name", "k.name" }, { "customer_code", "k.code" }, { "room", "a.path" },
  { "settled", "c.settled" }, { "state", "c.state" }, { "opened_at", "c.opened_at" }, { "closed_at", "c.closed_at" }, { "id", "c.id" }, { NULL },
};
static const TilldListSpec spec = {
  .shape = &shape, .from = "FROM account c JOIN customer k ON k.id = c.customer LEFT JOIN area a ON a.id = k.area",
  .scope = "a.lineage && $#", .filters = filters, .sorts = sorts, .order = "c.code",
};
TILLD_LIST (spec)

static const TilldJsonList list = { &spec, fields, "c.id = $#", "account" };

gboolean
tilld_account_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  return tilld_list_serve (db, who, &list, query, w, error);
}

gboolean
tilld_account_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error)
{
  return tilld_record_serve (db, who, &list, id, w, error);
}
