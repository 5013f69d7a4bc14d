/* SPDX-License-Identifier: GPL-2.0-or-later
 * account-close.c: an account is settled and closed in steps: what its meters hold is taken back from each, then they are let go. A step
 * does what can be done now; the same id goes on later. Nothing is forgotten in between: the account takes no sales any more. */
#include "server/domain/money/account.h"

#include <string.h>
#include "server/domain/money/refund.h"
#include "server/domain/office/audit.h"
#include "server/domain/plant/feed.h"

#define RESIDUE (10 * TILL_MONEY_FEN) /* consumed between the last reading and the debit: stays on the meter, shown in the settlement */

static const TilldStatement close_lock = {
  .name = "account-close-lock",
  .sql = "SELECT c.state, c.closing, coalesce ((SELECT l.credits - l.debits FROM ledger_account l WHERE l.site = c.site AND l.kind = 4"
         "   AND l.owner = c.id), 0) AS held"
         " FROM account c JOIN customer k ON k.id = c.customer LEFT JOIN area a ON a.id = k.area"
         " WHERE c.id = $1 AND c.site = $2 AND (cardinality ($3::bigint[]) = 0 OR a.lineage && $3) FOR UPDATE OF c",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "state", DB_I16_TYPE }, { "closing", DB_UUID_TYPE, DB_NULL_OK }, { "held", DB_I64_TYPE } },
};
/* All purses of the account before anything else is locked. */
static const TilldStatement lock_purses = {
  .name = "account-close-purses",
  .sql = "SELECT p.meter FROM meter_purse p WHERE p.meter IN (SELECT x.meter FROM account_meter x WHERE x.account = $1 AND x.until IS NULL)"
         " ORDER BY 1 FOR UPDATE",
  .params = { DB_I64_TYPE },
  .columns = { { "meter", DB_I64_TYPE } },
};
static const TilldStatement meters = {
  .name = "account-close-meters",
  .sql = "SELECT m.id, m.code, m.settlement, m.purse, st.balance, extract (epoch FROM now () - st.read_at)::bigint AS age_s,"
         " coalesce ((SELECT l.credits - l.debits FROM ledger_account l WHERE l.site = $2 AND l.kind = 2 AND l.owner = m.id), 0) AS waiting,"
         " (SELECT count (*) FROM command c WHERE c.meter = m.id AND c.kind <= 1 AND c.state IN (0, 1, 2, 7)) AS open,"
         " (SELECT count (*) FROM sale s WHERE s.meter = m.id AND s.kind = 3 AND s.note = $3) AS tries"
         " FROM account_meter x JOIN meter m ON m.id = x.meter LEFT JOIN meter_state st ON st.meter = m.id"
         " WHERE x.account = $1 AND x.until IS NULL ORDER BY m.id",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_TEXT_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "code", DB_TEXT_TYPE }, { "settlement", DB_I16_TYPE }, { "purse", DB_I16_TYPE },
               { "balance", DB_I64_TYPE, DB_NULL_OK }, { "age_s", DB_I64_TYPE, DB_NULL_OK }, { "waiting", DB_I64_TYPE },
               { "open", DB_I64_TYPE }, { "tries", DB_I64_TYPE } },
};
static const TilldStatement begin_closing = {
  .name = "account-close-begin",
  .sql = "UPDATE account SET closing = $2, closing_by = $3, state = 1, version = version + 1 WHERE id = $1",
  .params = { DB_I64_TYPE, DB_UUID_TYPE, DB_I64_TYPE },
};
static const TilldStatement end_account = {
  .name = "account-close-end",
  .sql = "WITH gone AS (UPDATE account_meter SET until = now () WHERE account = $1 AND until IS NULL RETURNING meter)"
         " UPDATE account SET state = 2, closed_at = now (), version = version + 1 WHERE id = $1 RETURNING (SELECT count (*) FROM gone) AS n",
  .params = { DB_I64_TYPE },
  .columns = { { "n", DB_I64_TYPE } },
};
TILLD_STATEMENT (close_lock)
TILLD_STATEMENT (lock_purses)
TILLD_STATEMENT (meters)
TILLD_STATEMENT (begin_closing)
TILLD_STATEMENT (end_account)

/* Readings of server-settled meters that settlement (a round every few seconds) has not charged yet. */
static const TilldStatement uncharged = {
  .name = "close-uncharged",
  .sql = "SELECT count (*) AS n FROM account_meter am JOIN meter m ON m.id = am.meter LEFT JOIN settle_state st ON st.meter = m.id WHERE am.account = $1"
         " AND am.until IS NULL AND m.settlement = 1 AND m.tariff IS NOT NULL AND EXISTS (SELECT FROM reading r WHERE r.meter = m.id"
         " AND r.energy_total IS NOT NULL AND r.at > coalesce (st.at, am.since) AND r.at <= now ())",
  .params = { DB_I64_TYPE },
  .columns = { { "n", DB_I64_TYPE } },
};
TILLD_STATEMENT (uncharged)

typedef struct {
  TilldDb                 *db;
  const TilldProfiles     *profiles;
  const TilldActor        *who;
  const TilldAccountClose *in;
  TillAccountState         state;
  TillMoney                held, refund_total, debt_total;
  gboolean                 waits;   /* something is not through yet */
  char                     mark[64]; /* reason of the refunds of this closing */
} Close;

/* The next id of this closing and meter: the same step asked twice is one refund. */
static void
refund_id (const Close *c, gint64 meter, gint64 n, TillId *ret)
{
  char id[TILL_ID_TEXT];
  g_autofree char *text = g_strdup_printf ("close|%s|%" G_GINT64_FORMAT "|%" G_GINT64_FORMAT, till_id_print (&c->in->id, id), meter, n);
  guint8 hash[TILLD_BODY_HASH];

  tilld_client_id_hash (text, hash);
  memcpy (ret->bytes, hash, sizeof ret->bytes);
}

/* What a meter, or the account behind it, gives back now. FALSE only when the database failed; a refusal is what stands in the way. */
static gboolean
give_back (Close *c, gint64 meter, gint64 tries, TillMoney amount, TillId *ret_refund, char **ret_blocker, GError **error)
{
  TilldRefundRequest refund = { .meter = meter, .amount = amount, .channel = c->in->channel, .reason = c->mark };
  TilldOutResult result;
  g_autoptr(GError) refused = NULL;

  refund_id (c, meter, tries, &refund.id);
  if (tilld_refund_create (c->db, c->profiles, c->who, &refund, &result, &refused))
    {
      if (result.approval != 0)
        *ret_blocker = g_strdup_printf ("Approval %" G_GINT64_FORMAT " waits for a second operator.", result.approval);
      else
        *ret_refund = refund.id;
      return TRUE;
    }
  if (till_error_is (refused, TILL_ERROR_INTERNAL) || till_error_is (refused, TILL_ERROR_BUSY))
    {
      g_propagate_error (error, g_steal_pointer (&refused));
      return FALSE;
    }
  *ret_blocker = g_strdup (refused->message);
  return TRUE;
}

static TillMoney
worth (const Close *c, TilldRows *rows, guint row)
{
  gint64 balance = tilld_row_i64 (rows, row, "balance");

  if (tilld_row_i64 (rows, row, "settlement") != TILL_SETTLEMENT_METER || tilld_row_i64 (rows, row, "purse") != TILL_PURSE_MONEY)
    return 0;
  return balance - balance % TILL_MONEY_FEN;
}

static gboolean
settle_meter (Close *c, TilldRows *rows, guint row, TillJsonWrite *w, GError **error)
{
  gint64 meter = tilld_row_i64 (rows, row, "id");
  TillMoney amount = worth (c, rows, row);
  gboolean under_way = tilld_row_i64 (rows, row, "open") > 0, energy = tilld_row_i64 (rows, row, "purse") == TILL_PURSE_ENERGY;
  g_autofree char *blocker = NULL;
  TillId refund = { 0 };

  if (energy && tilld_row_i64 (rows, row, "balance") > 0)
    blocker = g_strdup ("This meter holds energy: make a refund of it first.");
  else if (under_way)
    blocker = g_strdup ("Money of this meter is on its way: wait until it is verified.");
  else if (amount < 0 && - amount > RESIDUE)
    blocker = g_strdup ("This meter is in debt: take the payment first.");
  else if (amount > RESIDUE && !c->in->dry_run && !give_back (c, meter, tilld_row_i64 (rows, row, "tries"), amount, &refund, &blocker, error))
    return FALSE;
  c->waits |= blocker != NULL || amount > RESIDUE;
  c->refund_total += MAX (amount, 0) + tilld_row_i64 (rows, row, "waiting");
  c->debt_total += MAX (- amount, 0);
  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "meter", meter);
  till_json_write_text (w, "meter_code", tilld_row_text (rows, row, "code"));
  till_json_write_money (w, "balance", tilld_row_i64 (rows, row, "balance"));
  till_json_write_money (w, "waiting", tilld_row_i64 (rows, row, "waiting"));
  till_json_write_int (w, "age_s", tilld_row_i64 (rows, row, "age_s"));
  till_json_write_id (w, "refund", &refund);
  till_json_write_text (w, "blocker", blocker);
  till_json_write_end_object (w);
  return TRUE;
}

/* The balance that the server keeps goes back by one refund through any of the meters. */
static gboolean
settle_balance (Close *c, TilldRows *rows, TillJsonWrite *w, GError **error)
{
  g_autofree char *blocker = NULL;
  g_autoptr(TilldRows) open = NULL;
  TillMoney amount = c->held - c->held % TILL_MONEY_FEN;
  TillId refund = { 0 };

  if (!tilld_db_query (c->db, &uncharged, &open, error, DB_I64 (c->in->account)))
    return FALSE;
  if (tilld_row_i64 (open, 0, "n") > 0)
    blocker = g_strdup ("The last reading is being charged: ask again in a few seconds.");
  else if (amount < 0)
    blocker = g_strdup ("The account is in debt: take the payment first.");
  else if (amount > 0 && tilld_rows_count (rows) == 0)
    blocker = g_strdup ("The account has a balance and no meter: add one first.");
  else if (amount > 0 && !c->in->dry_run &&
           !give_back (c, tilld_row_i64 (rows, 0, "id"), tilld_row_i64 (rows, 0, "tries") + 1000, amount, &refund, &blocker, error))
    return FALSE;
  c->waits |= blocker != NULL || (amount > 0 && c->in->dry_run);
  c->refund_total += MAX (amount, 0);
  c->debt_total += MAX (- amount, 0);
  till_json_write_money (w, "server_balance", c->held);
  till_json_write_text (w, "blocker", blocker);
  return TRUE;
}

static gboolean
lock_all (Close *c, TilldRows **ret_meters, GError **error)
{
  const GArray *areas = c->who->areas;
  g_autoptr(TilldRows) row = NULL;
  TillId closing;

  if (!tilld_db_query (c->db, &lock_purses, NULL, error, DB_I64 (c->in->account)) ||
      !tilld_db_query (c->db, &close_lock, &row, error, DB_I64 (c->in->account), DB_I64 (c->who->site),
                       DB_I64_ARRAY (areas != NULL ? areas->data : NULL, areas != NULL ? areas->len : 0)))
    return FALSE;
  if (tilld_rows_count (row) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such account.");
  tilld_row_uuid (row, 0, "closing", &closing);
  c->state = tilld_row_i64 (row, 0, "state");
  c->held = tilld_row_i64 (row, 0, "held");
  if (!c->in->dry_run && !till_id_is_nil (&closing) && !till_id_equal (&closing, &c->in->id))
    return till_fail (error, TILL_ERROR_CONFLICT, "This account is being closed under another id.");
  if (c->state == TILL_ACCOUNT_STATE_CLOSED && !till_id_equal (&closing, &c->in->id))
    return till_fail (error, TILL_ERROR_CONFLICT, "This account is closed.");
  return tilld_db_query (c->db, &meters, ret_meters, error, DB_I64 (c->in->account), DB_I64 (c->who->site), DB_TEXT (c->mark));
}

static gboolean
finish (Close *c, GError **error)
{
  g_autofree char *object = g_strdup_printf ("account:%" G_GINT64_FORMAT, c->in->account);

  if (c->in->dry_run || c->state == TILL_ACCOUNT_STATE_CLOSED)
    return TRUE;
  if (!tilld_db_query (c->db, &begin_closing, NULL, error, DB_I64 (c->in->account), DB_UUID (&c->in->id), DB_I64 (c->who->operator_id)))
    return FALSE;
  if (c->waits)
    return tilld_audit_write (c->db, c->who, &(TilldAuditEntry){ .action = "accounts.closing", .object = object }, error);
  c->state = TILL_ACCOUNT_STATE_CLOSED;
  return tilld_db_query (c->db, &end_account, NULL, error, DB_I64 (c->in->account)) && tilld_bell_ring (c->db, "till_plant", error) &&
         tilld_audit_write (c->db, c->who, &(TilldAuditEntry){ .action = "accounts.close", .object = object }, error);
}

gboolean
tilld_account_close (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldAccountClose *in, TillJsonWrite *w, GError **error)
{
  Close c = { .db = db, .profiles = profiles, .who = who, .in = in };
  g_autoptr(TilldRows) rows = NULL;
  char id[TILL_ID_TEXT];

  g_assert (tilld_actor_is_set (who) && tilld_db_in_transaction (db));
  g_snprintf (c.mark, sizeof c.mark, "account closed %s", till_id_print (&in->id, id));
  if (!lock_all (&c, &rows, error))
    return FALSE;
  till_json_write_int (w, "account", in->account);
  till_json_write_begin_array (w, "meters");
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    if (!settle_meter (&c, rows, i, w, error))
      return FALSE;
  till_json_write_end_array (w);
  TILLD_COMMIT_POINT (db, ACCOUNT_CLOSE);
  if (!settle_balance (&c, rows, w, error) || !finish (&c, error))
    return FALSE;
  if (!in->dry_run && c.state != TILL_ACCOUNT_STATE_CLOSED)
    c.state = TILL_ACCOUNT_STATE_SUSPENDED;
  till_json_write_money (w, "refund_total", c.refund_total);
  till_json_write_money (w, "debt_total", c.debt_total);
  till_json_write_text (w, "state", till_account_state_word (c.state));
  till_json_write_bool (w, "done", c.state == TILL_ACCOUNT_STATE_CLOSED);
  till_json_write_bool (w, "dry_run", in->dry_run);
  return TRUE;
}
