/* SPDX-License-Identifier: GPL-2.0-or-later
 * account-heads.c: how many live in a household: what the free allowance of a tariff counts. */
#include "server/domain/office/audit.h"
#include "server/domain/plant/customer.h"

static const TilldStatement heads_store = {
  .name = "account-heads",
  .sql = "UPDATE account c SET heads = $2, version = c.version + 1 FROM customer k LEFT JOIN area a ON a.id = k.area WHERE c.id = $1 AND k.id = c.customer"
         " AND c.version = $3 AND (cardinality ($4::bigint[]) = 0 OR a.lineage && $4)",
  .params = { DB_I64_TYPE, DB_I16_TYPE, DB_I64_TYPE, DB_I64_ARRAY_TYPE },
};
TILLD_STATEMENT (heads_store)

gboolean
tilld_account_set_heads (TilldDb *db, const TilldActor *who, gint64 id, gint64 heads, gint64 version, GError **error)
{
  TilldDbParam scope = who->areas != NULL ? DB_I64_ARRAY (who->areas->data, who->areas->len) : DB_I64_ARRAY (NULL, 0);
  g_autofree char *object = g_strdup_printf ("account:%" G_GINT64_FORMAT, id), *after = g_strdup_printf ("{\"heads\":%d}", (int) heads);
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  g_assert (tilld_actor_is_set (who));
  till_json_write_begin_object (w, NULL);
  if (!tilld_account_get (db, who, id, w, error) || /* NOT_FOUND */
      !tilld_db_query (db, &heads_store, NULL, error, DB_I64 (id), DB_I16 (heads), DB_I64 (version), scope))
    return FALSE;
  if (tilld_db_affected (db) != 1)
    return till_fail (error, TILL_ERROR_STALE, "somebody changed this account since: load it again");
  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "account.heads", .object = object, .after = after }, error);
}
