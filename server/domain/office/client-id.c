/* SPDX-License-Identifier: GPL-2.0-or-later
 * client-id.c: ids that callers chose. Stores the hash of a content, never the content. */
#include "server/domain/office/client-id.h"

static const TilldStatement client_id_take = {
  .name = "client-id-take",
  .sql = "INSERT INTO request (id, body_hash) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id",
  .params = { DB_UUID_TYPE, DB_BYTES_TYPE },
  .columns = { { "id", DB_UUID_TYPE } },
};
TILLD_STATEMENT (client_id_take)

static const TilldStatement client_id_look = {
  .name = "client-id-look",
  .sql = "SELECT body_hash = $2 AS same FROM request WHERE id = $1",
  .params = { DB_UUID_TYPE, DB_BYTES_TYPE },
  .columns = { { "same", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (client_id_look)

void
tilld_client_id_hash (const char *content, guint8 ret_hash[TILLD_BODY_HASH])
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize len = TILLD_BODY_HASH;

  g_checksum_update (sum, (const guchar *) content, -1);
  g_checksum_get_digest (sum, ret_hash, &len);
}

gboolean
tilld_client_id_look (TilldDb *db, const TillId *id, const guint8 hash[TILLD_BODY_HASH], TilldClientIdState *ret_state, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &client_id_look, &rows, error, DB_UUID (id), DB_BYTES (hash, TILLD_BODY_HASH)))
    return FALSE;
  if (tilld_rows_count (rows) == 1 && !tilld_row_bool (rows, 0, "same"))
    return till_fail (error, TILL_ERROR_CONFLICT, "This id was used for another request.");
  *ret_state = tilld_rows_count (rows) == 0 ? TILLD_CLIENT_ID_NEW : TILLD_CLIENT_ID_REPLAY;
  return TRUE;
}

gboolean
tilld_client_id_take (TilldDb *db, const TillId *id, const guint8 hash[TILLD_BODY_HASH], TilldClientIdState *ret_state, GError **error)
{
  g_autoptr (TilldRows) taken = NULL;

  g_assert (tilld_db_in_transaction (db));
  if (!tilld_db_query (db, &client_id_take, &taken, error, DB_UUID (id), DB_BYTES (hash, TILLD_BODY_HASH)))
    return FALSE;
  if (tilld_rows_count (taken) == 0)
    return tilld_client_id_look (db, id, hash, ret_state, error);
  *ret_state = TILLD_CLIENT_ID_NEW;
  return TRUE;
}
