/* SPDX-License-Identifier: GPL-2.0-or-later
 * line-load.c: loads of lines as rows. */
#include "server/domain/plant/line-load.h"

static const TilldStatement line_load_forget = {
  .name = "line-load-forget",
  .sql = "DELETE FROM line_load l USING unnest ($1::bigint[], $2::bigint[]) AS t (gateway, port) WHERE l.gateway = t.gateway "
         "AND NOT EXISTS (SELECT FROM unnest ($1::bigint[], $2::bigint[]) AS k (gateway, port) WHERE k.gateway = l.gateway AND k.port = l.port)",
  .params = { DB_I64_ARRAY_TYPE, DB_I64_ARRAY_TYPE },
};
TILLD_STATEMENT (line_load_forget)

static const TilldStatement line_load_store = {
  .name = "line-load-store",
  .sql = "INSERT INTO line_load (gateway, port, pct) SELECT g.id, t.port, t.pct FROM unnest ($1::bigint[], $2::bigint[], $3::bigint[]) "
         "AS t (gateway, port, pct) JOIN gateway g ON g.id = t.gateway ORDER BY 1, 2 "
         "ON CONFLICT (gateway, port) DO UPDATE SET pct = excluded.pct WHERE line_load.pct <> excluded.pct",
  .params = { DB_I64_ARRAY_TYPE, DB_I64_ARRAY_TYPE, DB_I64_ARRAY_TYPE },
};
TILLD_STATEMENT (line_load_store)

gboolean
tilld_line_load_store (TilldDb *db, const TilldLineLoad *loads, guint n, GError **error)
{
  g_autofree gint64 *gateways = g_new (gint64, n + 1), *ports = g_new (gint64, n + 1), *pcts = g_new (gint64, n + 1);

  for (guint i = 0; i < n; i++)
    {
      gateways[i] = loads[i].gateway;
      ports[i] = loads[i].port;
      pcts[i] = MIN (loads[i].pct, G_MAXINT32);
    }
  return tilld_db_query (db, &line_load_forget, NULL, error, DB_I64_ARRAY (gateways, n), DB_I64_ARRAY (ports, n)) &&
         tilld_db_query (db, &line_load_store, NULL, error, DB_I64_ARRAY (gateways, n), DB_I64_ARRAY (ports, n), DB_I64_ARRAY (pcts, n));
}
