/* SPDX-License-Identifier: GPL-2.0-or-later
 * gateway-unknown.c: the list of callers without a record. */
#include "server/domain/plant/gateway-unknown.h"
#include "server/domain/office/row-json.h"

static const TilldStatement unknown_note = {
  .name = "gateway-unknown-note",
  .sql = "INSERT INTO gateway_unknown AS u (text, front, address, tries) SELECT * FROM unnest ($1, $2, $3, $4) "
         "ON CONFLICT (text, front) DO UPDATE SET address = EXCLUDED.address, tries = u.tries + EXCLUDED.tries, last_seen = now ()",
  .params = { DB_TEXT_ARRAY_TYPE, DB_TEXT_ARRAY_TYPE, DB_TEXT_ARRAY_TYPE, DB_I64_ARRAY_TYPE },
};
static const TilldStatement unknown_trim = {
  .name = "gateway-unknown-trim",
  .sql = "DELETE FROM gateway_unknown WHERE id IN (SELECT id FROM gateway_unknown ORDER BY last_seen DESC, id DESC OFFSET $1)",
  .params = { DB_I64_TYPE },
};
static const TilldStatement unknown_take = {
  .name = "gateway-unknown-take",
  .sql = "DELETE FROM gateway_unknown WHERE id = $1 RETURNING text, front, address, tries",
  .params = { DB_I64_TYPE },
  .columns = { { "text", DB_TEXT_TYPE }, { "front", DB_TEXT_TYPE }, { "address", DB_TEXT_TYPE }, { "tries", DB_I64_TYPE } },
};
TILLD_STATEMENT (unknown_note)
TILLD_STATEMENT (unknown_trim)
TILLD_STATEMENT (unknown_take)

gboolean
tilld_gateway_unknown_note (TilldDb *db, const TilldGatewayUnknown *rows, guint n, GError **error)
{
  g_autofree const char **text = g_new (const char *, n + 1);
  g_autofree const char **front = g_new (const char *, n + 1);
  g_autofree const char **address = g_new (const char *, n + 1);
  g_autofree gint64      *tries = g_new (gint64, n + 1);

  for (guint i = 0; i < n; i++)
    {
      text[i] = rows[i].text;
      front[i] = rows[i].front;
      address[i] = rows[i].address;
      tries[i] = rows[i].tries;
    }
  return tilld_db_query (db, &unknown_note, NULL, error, DB_TEXT_ARRAY (text, n), DB_TEXT_ARRAY (front, n), DB_TEXT_ARRAY (address, n),
                         DB_I64_ARRAY (tries, n)) &&
         tilld_db_query (db, &unknown_trim, NULL, error, DB_I64 (TILLD_UNKNOWN_MAX));
}

gboolean
tilld_gateway_unknown_take (TilldDb *db, gint64 id, TilldGatewayUnknown *ret, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_query (db, &unknown_take, &rows, error, DB_I64 (id)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "No unknown gateway has that number any more.");
  *ret = (TilldGatewayUnknown){ .tries = tilld_row_i64 (rows, 0, "tries") };
  g_strlcpy (ret->text, tilld_row_text (rows, 0, "text"), sizeof ret->text);
  g_strlcpy (ret->front, tilld_row_text (rows, 0, "front"), sizeof ret->front);
  g_strlcpy (ret->address, tilld_row_text (rows, 0, "address"), sizeof ret->address);
  return TRUE;
}

/* --- list --- */

static const TilldStatement shape = {
  .name = "gateway-unknown-list",
  .sql = "u.id AS id, u.text AS text, u.front AS front, u.address AS address, u.first_seen AS first_seen, u.last_seen AS last_seen, u.tries AS tries",
  .columns = { { "id", DB_I64_TYPE }, { "text", DB_TEXT_TYPE }, { "front", DB_TEXT_TYPE }, { "address", DB_TEXT_TYPE },
               { "first_seen", DB_TS_TYPE }, { "last_seen", DB_TS_TYPE }, { "tries", DB_I64_TYPE } },
};
static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_INT }, { "text", TILLD_JSON_TEXT }, { "front", TILLD_JSON_TEXT }, { "address", TILLD_JSON_TEXT },
  { "first_seen", TILLD_JSON_TIME }, { "last_seen", TILLD_JSON_TIME }, { "tries", TILLD_JSON_INT }, { NULL },
};
static const TilldListFilter filters[] = {
  { "q", TILLD_FILTER_LIKE, "u.text ILIKE $# OR u.address ILIKE $# OR u.front ILIKE $#" },
  { NULL },
};
static const TilldListSort sorts[] = {
  { "text", "u.text" }, { "front", "u.front" }, { "address", "u.address" }, { "first_seen", "u.first_seen" }, { "last_seen", "u.last_seen" },
  { "tries", "u.tries" }, { "id", "u.id" }, { NULL },
};
static const TilldListSpec spec = {
  .shape = &shape, .from = "FROM gateway_unknown u", .filters = filters, .sorts = sorts, .order = "u.last_seen DESC, u.id DESC",
};
TILLD_LIST (spec)

static const TilldJsonList list = { &spec, fields, "u.id = $#", "unknown gateway" };

gboolean
tilld_gateway_unknown_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  return tilld_list_serve (db, who, &list, query, w, error);
}
