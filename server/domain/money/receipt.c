/* SPDX-License-Identifier: GPL-2.0-or-later
 * receipt.c: copies counted, codes checked. Draws nothing. */
#include "server/domain/money/receipt.h"

#include "server/domain/office/audit.h"
#include "shared/api/till-enums.h"
#include "shared/base/till-id.h"

static const TilldStatement printed = {
  .name = "receipt-printed",
  .sql = "UPDATE sale SET prints = prints + 1 WHERE id = $1 RETURNING prints - 1 AS copy",
  .params = { DB_UUID_TYPE },
  .columns = { { "copy", DB_I32_TYPE, DB_NULL_OK } },
};
static const TilldStatement verify = {
  .name = "receipt-verify",
  .sql = "SELECT s.number, s.kind, s.amount, s.state, s.channel, s.created_at, s.verified_at, t.name AS site,"
         " EXISTS (SELECT FROM sale r WHERE r.reverses = s.id AND r.state <> 6) AS reversed FROM sale s JOIN site t ON t.id = s.site WHERE s.id = $1",
  .params = { DB_UUID_TYPE },
  .columns = { { "number", DB_I64_TYPE }, { "kind", DB_I16_TYPE }, { "amount", DB_I64_TYPE }, { "state", DB_I16_TYPE }, { "channel", DB_I16_TYPE },
               { "created_at", DB_TS_TYPE }, { "verified_at", DB_TS_TYPE, DB_NULL_OK }, { "site", DB_TEXT_TYPE }, { "reversed", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (printed)
TILLD_STATEMENT (verify)

gboolean
tilld_receipt_printed (TilldDb *db, const TilldActor *who, const TillId *sale, guint *ret_copy, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;
  g_autofree char *object = NULL, *after = NULL;
  char id[TILL_ID_TEXT];

  g_assert (tilld_actor_is_set (who) && tilld_db_in_transaction (db));
  if (!tilld_db_query (db, &printed, &rows, error, DB_UUID (sale)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such sale.");
  *ret_copy = (guint) tilld_row_i64 (rows, 0, "copy");
  object = g_strdup_printf ("sale:%s", till_id_print (sale, id));
  after = g_strdup_printf ("{\"copy\":%u}", *ret_copy);
  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "receipt.print", .object = object, .after = after }, error);
}

gboolean
tilld_receipt_verify (TilldDb *db, const char *code, TillJsonWrite *w, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;
  TillId id;

  if (!till_id_parse (code, &id, NULL))
    return till_fail (error, TILL_ERROR_NOT_FOUND, "This is no receipt of ours.");
  if (!tilld_db_query (db, &verify, &rows, error, DB_UUID (&id)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "This is no receipt of ours.");
  till_json_write_text (w, "code", code);
  till_json_write_bool (w, "valid", tilld_row_i64 (rows, 0, "state") != TILL_SALE_STATE_CANCELLED && !tilld_row_bool (rows, 0, "reversed"));
  till_json_write_int (w, "number", tilld_row_i64 (rows, 0, "number"));
  till_json_write_text (w, "kind", till_sale_kind_word (tilld_row_i64 (rows, 0, "kind")));
  till_json_write_money (w, "amount", tilld_row_i64 (rows, 0, "amount"));
  till_json_write_text (w, "state", till_sale_state_word (tilld_row_i64 (rows, 0, "state")));
  till_json_write_text (w, "channel", till_channel_word (tilld_row_i64 (rows, 0, "channel")));
  till_json_write_time (w, "created_at", tilld_row_ts (rows, 0, "created_at"));
  till_json_write_time (w, "verified_at", tilld_row_ts (rows, 0, "verified_at"));
  till_json_write_bool (w, "reversed", tilld_row_bool (rows, 0, "reversed"));
  till_json_write_text (w, "site", tilld_row_text (rows, 0, "site"));
  return TRUE;
}
