/* SPDX-License-Identifier: GPL-2.0-or-later
 * account-close.c: an account is settled and closed in steps: what its meters hold is taken back from each, then they are let go. A step
 * does what can be done now; a job takes the next ones. Nothing is forgotten in between: the account takes no sales any more. */
#include "server/domain/money/account-closing.h"

#include <string.h>
#include "server/domain/money/refund.h"
#include "server/domain/office/audit.h"
#include "server/domain/plant/feed.h"
#include "server/rules/energy-rules.h"
#include "shared/api/till-limits.h"

#define RESIDUE (10 * TILL_MONEY_FEN) /* consumed between the last reading and the debit: stays on the meter, shown in the settlement */

static const TilldStatement close_lock = {
  .name = "account-close-lock",
  .sql = "SELECT c.state, c.closing, coalesce (c.closing_by, 0) AS closing_by,"
         " coalesce ((SELECT l.credits - l.debits FROM ledger_account l WHERE l.site = c.site AND l.kind = 4"
         "   AND l.owner = c.id), 0) AS held"
         " FROM account c JOIN customer k ON k.id = c.customer LEFT JOIN area a ON a.id = k.area"
         " WHERE c.id = $1 AND c.site = $2 AND (cardinality ($3::bigint[]) = 0 OR a.lineage && $3) FOR UPDATE OF c",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "state", DB_I16_TYPE }, { "closing", DB_UUID_TYPE, DB_NULL_OK }, { "closing_by", DB_I64_TYPE },
               { "held", DB_I64_TYPE } },
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
  .sql = "SELECT m.id, m.code, m.settlement, m.purse, coalesce (tariff_price (m.tariff), 0) AS price,"
         " CASE WHEN m.purse = 2 THEN energy_held (m.id) END AS energy,"
         " (SELECT l.credits - l.debits FROM ledger_account l WHERE l.site = $2 AND l.kind = 3 AND l.owner = m.id) AS energy_value,"
         " CASE WHEN m.purse = 2 THEN (SELECT max (y.price) FROM sale y WHERE y.meter = m.id AND y.energy IS NOT NULL AND y.kind IN (0, 1, 2)"
         "   AND y.state = 4) END AS price_paid, st.balance,"
         " extract (epoch FROM now () - st.read_at)::bigint AS age_s,"
         " coalesce ((SELECT l.credits - l.debits FROM ledger_account l WHERE l.site = $2 AND l.kind = 2 AND l.owner = m.id), 0) AS waiting,"
         " (SELECT count (*) FROM command c WHERE c.meter = m.id AND c.kind <= 1 AND c.state IN (0, 1, 2, 7)) AS open,"
         " (SELECT count (*) FROM sale s WHERE s.meter = m.id AND s.kind = 3 AND s.note = $3)"
         " + (SELECT count (*) FROM approval h WHERE h.meter = m.id AND h.reason = $3 AND (h.state = 3 OR h.state = 0 AND h.expires_at <= now ())) AS tries,"
         " coalesce ((SELECT max (h.id) FROM approval h WHERE h.meter = m.id AND h.reason = $3 AND h.state = 0 AND h.expires_at > now ()), 0) AS pending"
         " FROM account_meter x JOIN meter m ON m.id = x.meter LEFT JOIN meter_state st ON st.meter = m.id"
         " WHERE x.account = $1 AND x.until IS NULL ORDER BY m.id",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_TEXT_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "code", DB_TEXT_TYPE }, { "settlement", DB_I16_TYPE }, { "purse", DB_I16_TYPE },
               { "price", DB_I64_TYPE }, { "energy", DB_I64_TYPE, DB_NULL_OK }, { "energy_value", DB_I64_TYPE, DB_NULL_OK },
               { "price_paid", DB_I64_TYPE, DB_NULL_OK },
               { "balance", DB_I64_TYPE, DB_NULL_OK }, { "age_s", DB_I64_TYPE, DB_NULL_OK }, { "waiting", DB_I64_TYPE },
               { "open", DB_I64_TYPE }, { "tries", DB_I64_TYPE }, { "pending", DB_I64_TYPE } },
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
  TilldActor               owner;   /* who began it: the refunds are his, whoever takes the step */
  const TilldAccountClose *in;
  TillAccountState         state;
  TillMoney                held, refund_total, debt_total;
  gboolean                 begun, has_job;
  gboolean                 waits;   /* something is not through yet */
  char                    *waits_for;
  gint64                   through;
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

/* A refund of this closing. tries: those before it; pending: the approval that waits, whatever it was worth then. */
typedef struct {
  gint64    meter, tries, pending;
  TillMoney amount;
} Back;

/* What a meter, or the account behind it, gives back now. FALSE only when the database failed; a refusal is what stands in the way. */
static gboolean
give_back (Close *c, const Back *back, TillId *ret_refund, char **ret_blocker, GError **error)
{
  TilldRefundRequest refund = { .meter = back->meter, .amount = back->amount, .channel = c->in->channel, .reason = c->mark };
  TilldOutResult result = { .approval = back->pending };
  g_autoptr(GError) refused = NULL;

  refund_id (c, back->meter, back->tries, &refund.id);
  if (back->pending != 0 || tilld_refund_create (c->db, c->profiles, &c->owner, &refund, &result, &refused))
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
  gint64 balance = tilld_row_i64 (rows, row, "balance"), purse = tilld_row_i64 (rows, row, "purse"), price, paid;

  if (tilld_row_i64 (rows, row, "settlement") != TILL_SETTLEMENT_METER || purse == TILL_PURSE_NONE)
    return 0;
  if (purse == TILL_PURSE_ENERGY)
    {
      const TilldEnergyStock stock = { tilld_row_i64 (rows, row, "energy"), tilld_row_i64 (rows, row, "energy_value") };

      price = tilld_row_i64 (rows, row, "price");
      paid = tilld_row_i64 (rows, row, "price_paid");
      if (!till_money_mul_div (balance, balance > 0 ? tilld_energy_stock_price (&stock, price, paid) : price, 1000, TILL_ROUND_FLOOR, &balance))
        balance = TILL_MONEY_MAX;
    }
  return balance - balance % TILL_MONEY_FEN;
}

/* The first thing that is waited for is what people see of the job. */
static void
wait_for (Close *c, const char *meter, const char *blocker)
{
  c->waits = TRUE;
  if (c->waits_for == NULL)
    c->waits_for = meter != NULL ? g_strdup_printf ("%s: %s", meter, blocker) : g_strdup (blocker);
}

static gboolean
settle_meter (Close *c, TilldRows *rows, guint row, TillJsonWrite *w, GError **error)
{
  gint64 meter = tilld_row_i64 (rows, row, "id");
  TillMoney amount = worth (c, rows, row);
  gboolean under_way = tilld_row_i64 (rows, row, "open") > 0;
  gboolean energy = tilld_row_i64 (rows, row, "purse") == TILL_PURSE_ENERGY && tilld_row_i64 (rows, row, "settlement") == TILL_SETTLEMENT_METER;
  gboolean old = !tilld_row_is_null (rows, row, "age_s") && tilld_row_i64 (rows, row, "age_s") > TILL_FRESH_S;
  g_autofree char *blocker = NULL;
  const Back back = { meter, tilld_row_i64 (rows, row, "tries"), tilld_row_i64 (rows, row, "pending"), amount };
  TillId refund = { 0 };

  if (under_way)
    blocker = g_strdup ("Money of this meter is on its way: wait until it is verified.");
  else if (amount < 0 && - amount > RESIDUE)
    blocker = g_strdup ("This meter is in debt: take the payment first.");
  else if (amount > RESIDUE && !c->in->dry_run && !give_back (c, &back, &refund, &blocker, error))
    return FALSE;
  if (blocker == NULL && amount <= RESIDUE && old)
    blocker = g_strdup ("The meter does not answer: its last reading is waited for.");
  if (blocker != NULL || amount > RESIDUE)
    wait_for (c, tilld_row_text (rows, row, "code"), blocker != NULL ? blocker : "What it holds is being taken off.");
  else
    c->through++;
  c->refund_total += MAX (amount, 0) + tilld_row_i64 (rows, row, "waiting");
  c->debt_total += MAX (- amount, 0);
  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "meter", meter);
  till_json_write_text (w, "meter_code", tilld_row_text (rows, row, "code"));
  till_json_write_money (w, "balance", energy ? amount : tilld_row_i64 (rows, row, "balance"));
  if (energy)
    till_json_write_energy (w, "energy", tilld_row_i64 (rows, row, "balance"));
  else
    till_json_write_null (w, "energy");
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
  else if (amount > 0 && !c->in->dry_run)
    {
      const Back back = { tilld_row_i64 (rows, 0, "id"), tilld_row_i64 (rows, 0, "tries") + 1000, tilld_row_i64 (rows, 0, "pending"), amount };

      if (!give_back (c, &back, &refund, &blocker, error))
        return FALSE;
    }
  if (blocker != NULL)
    wait_for (c, NULL, blocker);
  c->waits |= amount > 0 && c->in->dry_run;
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
  c->begun = !till_id_is_nil (&closing);
  c->owner = *c->who;
  if (c->begun)
    c->owner.operator_id = tilld_row_i64 (row, 0, "closing_by");
  if (!c->in->dry_run && !till_id_is_nil (&closing) && !till_id_equal (&closing, &c->in->id))
    return till_fail (error, TILL_ERROR_CONFLICT, "This account is being closed under another id.");
  if (c->state == TILL_ACCOUNT_STATE_CLOSED && !till_id_equal (&closing, &c->in->id))
    return till_fail (error, TILL_ERROR_CONFLICT, "This account is closed.");
  if (!c->in->dry_run && !tilld_closing_job_check (c->db, &c->in->id, &c->has_job, error))
    return FALSE;
  return tilld_db_query (c->db, &meters, ret_meters, error, DB_I64 (c->in->account), DB_I64 (c->who->site), DB_TEXT (c->mark));
}

static gboolean
end (Close *c, const TilldAuditEntry *entry, GError **error)
{
  c->state = TILL_ACCOUNT_STATE_CLOSED;
  return tilld_db_query (c->db, &end_account, NULL, error, DB_I64 (c->in->account)) && tilld_bell_ring (c->db, "till_plant", error) &&
         tilld_audit_write (c->db, c->who, entry, error);
}

static gboolean
finish (Close *c, gint64 n_meters, GError **error)
{
  g_autofree char *object = g_strdup_printf ("account:%" G_GINT64_FORMAT, c->in->account);
  const TilldAuditEntry begun = { .action = "accounts.closing", .object = object }, ended = { .action = "accounts.close", .object = object };
  TilldClosingStep step = { .in = c->in, .total = n_meters, .through = c->through };

  if (c->in->dry_run || c->state == TILL_ACCOUNT_STATE_CLOSED)
    return TRUE;
  if (!c->begun && (!tilld_db_query (c->db, &begin_closing, NULL, error, DB_I64 (c->in->account), DB_UUID (&c->in->id), DB_I64 (c->who->operator_id)) ||
                    (c->waits && !tilld_audit_write (c->db, c->who, &begun, error))))
    return FALSE;
  step.waits_for = c->waits ? c->waits_for : NULL;
  return (c->waits || end (c, &ended, error)) && tilld_closing_job_keep (c->db, c->who, &step, c->has_job, error);
}

static void
write_end (const Close *c, TillJsonWrite *w)
{
  TillId job = { 0 };

  if (!c->in->dry_run && (c->has_job || c->waits))
    tilld_closing_job_id (&c->in->id, &job);
  till_json_write_id (w, "job", &job);
  till_json_write_money (w, "refund_total", c->refund_total);
  till_json_write_money (w, "debt_total", c->debt_total);
  till_json_write_text (w, "state", till_account_state_word (c->state));
  till_json_write_bool (w, "done", c->state == TILL_ACCOUNT_STATE_CLOSED);
  till_json_write_bool (w, "dry_run", c->in->dry_run);
}

static gboolean
close_step (Close *c, TillJsonWrite *w, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  if (!lock_all (c, &rows, error))
    return FALSE;
  till_json_write_int (w, "account", c->in->account);
  till_json_write_begin_array (w, "meters");
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    if (!settle_meter (c, rows, i, w, error))
      return FALSE;
  till_json_write_end_array (w);
  TILLD_COMMIT_POINT (c->db, ACCOUNT_CLOSE);
  if (!settle_balance (c, rows, w, error) || !finish (c, tilld_rows_count (rows), error))
    return FALSE;
  if (!c->in->dry_run && c->state != TILL_ACCOUNT_STATE_CLOSED)
    c->state = TILL_ACCOUNT_STATE_SUSPENDED;
  write_end (c, w);
  return TRUE;
}

gboolean
tilld_account_close (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldAccountClose *in, TillJsonWrite *w, GError **error)
{
  Close c = { .db = db, .profiles = profiles, .who = who, .in = in };
  char id[TILL_ID_TEXT];
  gboolean good;

  g_assert (tilld_actor_is_set (who) && tilld_db_in_transaction (db));
  g_snprintf (c.mark, sizeof c.mark, "account closed %s", till_id_print (&in->id, id));
  good = close_step (&c, w, error);
  g_free (c.waits_for);
  return good;
}
