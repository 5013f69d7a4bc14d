/* SPDX-License-Identifier: GPL-2.0-or-later
 * reconcile-meter.c: the verdict of one meter in RECONCILE, from two agreeing reads; the release by two operators; progress for people. */
#include "server/domain/control/reconcile.h"
#include "server/db/db-tx.h"
#include "server/domain/money/delivery-store.h"
#include "server/domain/money/ledger-append.h"
#include "server/domain/money/money-json.h"
#include "server/domain/office/audit.h"
#include "server/rules/counter-rules.h"

enum { VERDICT_EQUAL = 1, VERDICT_VERIFIED = 2, VERDICT_HELD = 3 };

static const TilldStatement ready = {
  .name = "reconcile-ready",
  .sql = "SELECT c.replayed_at IS NOT NULL OR NOT c.reconciling AS ready FROM meter_purse p, cluster c WHERE p.meter = $1 FOR UPDATE OF p",
  .params = { DB_I64_TYPE },
  .columns = { { "ready", DB_BOOL_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (ready)

static const TilldStatement orders = {
  .name = "reconcile-orders",
  .sql = "SELECT c.id, c.kind, c.amount, l.state = 0 AS delivered FROM command c LEFT JOIN reconcile_line l ON l.request = c.id AND l.event IN (1, 5)"
         " WHERE c.meter = $1 AND c.epoch = $2 AND c.kind <= 1 AND c.state IN (0, 1, 2) ORDER BY c.accepted",
  .params = { DB_I64_TYPE, DB_I32_TYPE },
  .columns = { { "id", DB_UUID_TYPE }, { "kind", DB_I16_TYPE }, { "amount", DB_I64_TYPE }, { "delivered", DB_BOOL_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (orders)

static const TilldStatement done = {
  .name = "reconcile-done", .sql = "SELECT reconcile_done ($1, $2, $3) IS NULL AS done", .params = { DB_UUID_TYPE, DB_I32_TYPE, DB_JSON_TYPE },
  .columns = { { "done", DB_BOOL_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (done)

static const TilldStatement open_meter = {
  .name = "reconcile-open", .sql = "SELECT reconcile_open ($1, $2, $3, $4, $5, $6) IS NULL AS done",
  .params = { DB_I64_TYPE, DB_I16_TYPE, DB_I16_TYPE, DB_I32_TYPE, DB_JSON_TYPE, DB_I32_TYPE }, .columns = { { "done", DB_BOOL_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (open_meter)

static const TilldStatement dispute = {
  .name = "reconcile-dispute", .sql = "SELECT purse_dispute ($1, NULL, $2, $3) IS NULL AS done", .params = { DB_I64_TYPE, DB_I16_TYPE, DB_JSON_TYPE },
  .columns = { { "done", DB_BOOL_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (dispute)

static gboolean
load_orders (TilldDb *db, const TilldPurse *purse, GArray *ret, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &orders, &rows, error, DB_I64 (purse->meter), DB_I32 (purse->epoch)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldRestoreOrder order = { .kind = tilld_row_i64 (rows, i, "kind"), .amount = tilld_row_i64 (rows, i, "amount"),
                                  .delivered = tilld_row_bool (rows, i, "delivered") };

      tilld_row_uuid (rows, i, "id", &order.id);
      g_array_append_val (ret, order);
    }
  return TRUE;
}

/* What the order posts, as its own delivery would have. */
static gboolean
entry_of (TilldDb *db, const TilldRestoreOrder *order, TilldLedgerEntry *ret, gint64 *ret_site, GError **error)
{
  gboolean debit = order->kind == TILL_COMMAND_KIND_DEBIT;
  TilldDeliveryCase c;

  if (!tilld_delivery_load (db, &order->id, &c, error))
    return FALSE;
  *ret_site = c.site;
  *ret = (TilldLedgerEntry){ .request = order->id, .reverses = debit ? c.reverses : 0,
                             .fact = { .event = debit ? TILL_LEDGER_EVENT_DEBITED : TILL_LEDGER_EVENT_DELIVERED, .amount = c.money_amount, .site = c.site,
                                       .meter = c.order.meter, .customer = c.customer, .subsidy = debit && c.subsidy } };
  return TRUE;
}

static gboolean
post (TilldDb *db, gint64 site, GArray *entries, gboolean all, GError **error)
{
  TilldActor who = TILLD_ACTOR_SYSTEM (site);

  if (entries->len < (all ? 1 : TILLD_ENTRIES_MAX))
    return TRUE;
  if (!tilld_ledger_append (db, &who, site, (const TilldLedgerEntry *) (gpointer) entries->data, entries->len, error))
    return FALSE;
  g_array_set_size (entries, 0);
  return TRUE;
}

/* The orders that are on the meter are done, in their order. */
static gboolean
settle_orders (TilldDb *db, const TilldPurse *before, const TilldRestoreVerdict *verdict, const GArray *list, const char *reading, GError **error)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, TRUE, sizeof (TilldLedgerEntry));
  guint n[2] = { 0, 0 };
  gint64 site = 0;

  for (guint i = 0; i < list->len; i++)
    {
      const TilldRestoreOrder *order = &g_array_index (list, TilldRestoreOrder, i);
      gboolean debit = order->kind == TILL_COMMAND_KIND_DEBIT;
      TilldLedgerEntry entry;

      if (n[debit] == (debit ? verdict->debits : verdict->recharges))
        continue;
      n[debit]++;
      if (!entry_of (db, order, &entry, &site, error) ||
          !tilld_db_query (db, &done, NULL, error, DB_UUID (&order->id), DB_I32 ((debit ? before->refund_count : before->count) + (gint32) n[debit]),
                           DB_JSON (reading)))
        return FALSE;
      g_array_append_val (entries, entry);
      if (!post (db, site, entries, FALSE, error))
        return FALSE;
    }
  return post (db, site, entries, TRUE, error);
}

/* What the books believe now, as a reading: the meter's own when it agrees, else what the journal made of the old one. */
static char *
purse_as_reading (const TilldRestoreVerdict *verdict, const TilldMoneyReading *reading)
{
  TilldMoneyReading r = *reading;

  r.refund_count = verdict->purse.refund_count;
  if (verdict->reason != TILL_CASE_REASON_NONE)
    {
      r.have = verdict->purse.have;
      r.total = verdict->purse.total;
      r.balance = verdict->purse.balance;
      r.last_amount = verdict->purse.last_amount;
      r.refunded_total = verdict->purse.refunded_total;
      r.serial[0] = '\0'; /* stays as it is */
    }
  return tilld_money_reading_to_json (&r);
}

static gboolean
judge (TilldDb *db, const TilldPurse *purse, const TilldMoneyTerms *terms, const TilldMoneyReading *reading, GError **error)
{
  g_autoptr (GArray) list = g_array_new (FALSE, TRUE, sizeof (TilldRestoreOrder));
  g_autofree char *seen = tilld_money_reading_to_json (reading), *believed = NULL;
  TilldRestoreVerdict verdict = { .purse = *purse };
  guint n;

  if (!load_orders (db, purse, list, error))
    return FALSE;
  if (purse->has_baseline)
    tilld_restore_judge (purse, terms, (const TilldRestoreOrder *) (gpointer) list->data, list->len, reading, &verdict);
  else
    for (guint i = 0; i < list->len; i++) /* what the meter held before nobody knows any more */
      if (g_array_index (list, TilldRestoreOrder, i).delivered)
        verdict.reason = TILL_CASE_REASON_COUNT_AHEAD;
  n = verdict.recharges + verdict.debits;
  believed = purse_as_reading (&verdict, reading);
  if (!settle_orders (db, purse, &verdict, list, seen, error) || !tilld_reconcile_payouts (db, purse->meter, error))
    return FALSE;
  if (!tilld_db_query (db, &open_meter, NULL, error, DB_I64 (purse->meter),
                       DB_I16 (verdict.reason != TILL_CASE_REASON_NONE ? VERDICT_HELD : n > 0 ? VERDICT_VERIFIED : VERDICT_EQUAL), DB_I16 (verdict.reason),
                       DB_I32 ((gint32) n), DB_JSON (believed), DB_I32 (verdict.purse.count)))
    return FALSE;
  return verdict.reason == TILL_CASE_REASON_NONE ||
         tilld_db_query (db, &dispute, NULL, error, DB_I64 (purse->meter), DB_I16 (verdict.reason), DB_JSON (seen));
}

gboolean
tilld_reconcile_meter (TilldDb *db, gint64 meter, const TilldMoneyTerms *terms, const TilldMoneyReading *reading, TilldPurse *ret_purse, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  TilldPurseRow row = { 0 };
  gboolean open;

  g_assert (tilld_db_in_transaction (db));
  if (!tilld_db_query (db, &ready, &rows, error, DB_I64 (meter)) || !tilld_purse_load (db, meter, &row, error))
    return FALSE;
  *ret_purse = row.purse;
  if (tilld_rows_count (rows) == 0 || !tilld_row_bool (rows, 0, "ready") || !row.purse.closed || row.purse.epoch != reading->epoch)
    return TRUE;
  if (row.purse.frozen) /* two persons have its case to decide anyway */
    open = tilld_db_query (db, &open_meter, NULL, error, DB_I64 (meter), DB_I16 (VERDICT_HELD), DB_I16 (0), DB_I32 (0), DB_JSON ("{}"), DB_I32 (0));
  else
    open = judge (db, &row.purse, terms, reading, error);
  if (!open || !tilld_purse_load (db, meter, &row, error))
    return FALSE;
  *ret_purse = row.purse;
  return TRUE;
}

/* --- (4) two operators --- */

static const TilldStatement release = {
  .name = "reconcile-release", .sql = "SELECT reconcile_release () AS done", .columns = { { "done", DB_BOOL_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (release)

static const TilldStatement state = {
  .name = "reconcile-state",
  .sql = "SELECT c.epoch, c.reconciling, c.reason, c.began_at, c.replayed_at, c.released_at,"
         " (SELECT count (*) FROM reconcile_line l WHERE c.reconciling) AS missing,"
         " (SELECT count (*) FROM reconcile_line l WHERE c.reconciling AND l.state = 1) AS replayed,"
         " (SELECT count (*) FROM reconcile_line l WHERE c.reconciling AND l.state = 2) AS refused,"
         " (SELECT h.id FROM approval h WHERE h.kind = 'reconcile' AND h.state = 0 AND h.expires_at > now () ORDER BY h.id DESC LIMIT 1) AS approval"
         " FROM cluster c",
  .columns = { { "epoch", DB_UUID_TYPE }, { "reconciling", DB_BOOL_TYPE }, { "reason", DB_I16_TYPE }, { "began_at", DB_TS_TYPE, DB_NULL_OK },
               { "replayed_at", DB_TS_TYPE, DB_NULL_OK }, { "released_at", DB_TS_TYPE, DB_NULL_OK }, { "missing", DB_I64_TYPE, DB_NULL_OK },
               { "replayed", DB_I64_TYPE, DB_NULL_OK }, { "refused", DB_I64_TYPE, DB_NULL_OK }, { "approval", DB_I64_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (state)

static const TilldStatement counts = {
  .name = "reconcile-counts", .sql = "SELECT r.verdict, count (*) AS n, coalesce (sum (r.verified), 0)::bigint AS verified FROM reconcile_meter r"
         " GROUP BY 1 ORDER BY 1",
  .columns = { { "verdict", DB_I16_TYPE }, { "n", DB_I64_TYPE, DB_NULL_OK }, { "verified", DB_I64_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (counts)

/* Those that need somebody first: held, then not read yet, then what the journal explained. */
static const TilldStatement meters = {
  .name = "reconcile-meters",
  .sql = "SELECT r.meter, m.code, a.path AS room, r.verdict, r.reason, r.verified, r.decided_at FROM reconcile_meter r JOIN meter m ON m.id = r.meter"
         " JOIN area a ON a.id = m.area WHERE (cardinality ($1::bigint[]) = 0 OR a.lineage && $1)"
         " ORDER BY CASE r.verdict WHEN 3 THEN 0 WHEN 0 THEN 1 WHEN 2 THEN 2 ELSE 3 END, m.code LIMIT 1000",
  .params = { DB_I64_ARRAY_TYPE },
  .columns = { { "meter", DB_I64_TYPE }, { "code", DB_TEXT_TYPE }, { "room", DB_TEXT_TYPE }, { "verdict", DB_I16_TYPE }, { "reason", DB_I16_TYPE },
               { "verified", DB_I32_TYPE }, { "decided_at", DB_TS_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (meters)

/* What the journal tells and the books could not take: people put it right by hand. */
static const TilldStatement refused = {
  .name = "reconcile-refused",
  .sql = "SELECT l.request, l.event, l.at, l.amount, l.why, m.code FROM reconcile_line l CROSS JOIN cluster c LEFT JOIN meter m ON m.id = l.meter"
         " LEFT JOIN area a ON a.id = m.area WHERE c.reconciling AND l.state = 2 AND (cardinality ($1::bigint[]) = 0 OR a.lineage && $1)"
         " ORDER BY l.n LIMIT 1000",
  .params = { DB_I64_ARRAY_TYPE },
  .columns = { { "request", DB_UUID_TYPE }, { "event", DB_I16_TYPE }, { "at", DB_TS_TYPE }, { "amount", DB_I64_TYPE }, { "why", DB_TEXT_TYPE, DB_NULL_OK },
               { "code", DB_TEXT_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (refused)

gboolean
tilld_reconcile_propose (TilldDb *db, const TilldActor *who, const char *note, gint64 *ret_approval, GError **error)
{
  TilldApprovalNew approval = { .kind = "reconcile", .body = "{}", .reason = note };
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_exec (db, &state, NULL, 0, &rows, error))
    return FALSE;
  if (!tilld_row_bool (rows, 0, "reconciling"))
    return till_fail (error, TILL_ERROR_CONFLICT, "The server is not in RECONCILE.");
  if (tilld_row_is_null (rows, 0, "replayed_at"))
    return till_fail (error, TILL_ERROR_CONFLICT, "The journal is still being replayed.");
  *ret_approval = tilld_row_i64 (rows, 0, "approval");
  if (*ret_approval != 0)
    return TRUE; /* proposed already */
  tilld_client_id_hash (approval.body, approval.hash);
  return tilld_approval_propose (db, who, &approval, ret_approval, error);
}

static gboolean
execute (TilldDb *db, const TilldApproved *approved, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_exec (db, &release, NULL, 0, &rows, error))
    return FALSE;
  if (!tilld_row_bool (rows, 0, "done"))
    return till_fail (error, TILL_ERROR_CONFLICT, "The server is not in RECONCILE.");
  return tilld_audit_write (db, approved->proposer, &(TilldAuditEntry){ .action = "reconcile.released" }, error);
}

static const TilldApprovalKind kind = { "reconcile", TILL_PERMISSION_APPROVE_HELD, execute };
TILLD_APPROVAL (kind)

/* --- progress --- */

static void
write_counts (TilldRows *rows, TillJsonWrite *w)
{
  static const char *const names[] = { "waiting", "equal", "verified", "held" };
  gint64 n[G_N_ELEMENTS (names)] = { 0 }, orders_verified = 0;

  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      n[tilld_row_i64 (rows, i, "verdict")] = tilld_row_i64 (rows, i, "n");
      orders_verified += tilld_row_i64 (rows, i, "verified");
    }
  till_json_write_begin_object (w, "counts");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    till_json_write_int (w, names[i], n[i]);
  till_json_write_int (w, "orders_verified", orders_verified);
  till_json_write_end_object (w);
}

static void
write_refused (TilldRows *rows, TillJsonWrite *w)
{
  till_json_write_begin_array (w, "refused_lines");
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TillId request;

      tilld_row_uuid (rows, i, "request", &request);
      till_json_write_begin_object (w, NULL);
      till_json_write_id (w, "request", &request);
      till_json_write_text (w, "event", till_ledger_event_word ((TillLedgerEvent) tilld_row_i64 (rows, i, "event")));
      till_json_write_time (w, "at", tilld_row_ts (rows, i, "at"));
      till_json_write_text (w, "meter_code", tilld_row_text (rows, i, "code"));
      till_json_write_money (w, "amount", tilld_row_i64 (rows, i, "amount"));
      till_json_write_text (w, "why", tilld_row_text (rows, i, "why"));
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
}

static void
write_meters (TilldRows *rows, TillJsonWrite *w)
{
  static const char *const verdicts[] = { "waiting", "equal", "verified", "held" };

  till_json_write_begin_array (w, "meters");
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      till_json_write_begin_object (w, NULL);
      till_json_write_int (w, "meter", tilld_row_i64 (rows, i, "meter"));
      till_json_write_text (w, "code", tilld_row_text (rows, i, "code"));
      till_json_write_text (w, "room", tilld_row_text (rows, i, "room"));
      till_json_write_text (w, "verdict", verdicts[tilld_row_i64 (rows, i, "verdict")]);
      till_json_write_text (w, "reason", till_case_reason_word ((TillCaseReason) tilld_row_i64 (rows, i, "reason")));
      till_json_write_int (w, "verified", tilld_row_i64 (rows, i, "verified"));
      till_json_write_time (w, "decided_at", tilld_row_ts (rows, i, "decided_at"));
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
}

gboolean
tilld_reconcile_write_json (TilldDb *db, const TilldActor *who, TillJsonWrite *w, GError **error)
{
  const GArray *areas = who->areas;
  g_autoptr (TilldRows) now = NULL, sums = NULL, list = NULL, lines = NULL;
  const TilldDbParam scope = DB_I64_ARRAY (areas != NULL ? areas->data : NULL, areas != NULL ? areas->len : 0);

  if (!tilld_db_exec (db, &state, NULL, 0, &now, error) || !tilld_db_exec (db, &counts, NULL, 0, &sums, error) ||
      !tilld_db_query (db, &meters, &list, error, scope) || !tilld_db_query (db, &refused, &lines, error, scope))
    return FALSE;
  if (!tilld_row_bool (now, 0, "reconciling"))
    till_json_write_text (w, "state", "off");
  else
    till_json_write_text (w, "state", tilld_row_is_null (now, 0, "replayed_at") ? "replaying" : "comparing");
  till_json_write_text (w, "reason", tilld_restore_reason_word ((TilldRestoreReason) tilld_row_i64 (now, 0, "reason")));
  till_json_write_time (w, "began_at", tilld_row_ts (now, 0, "began_at"));
  till_json_write_time (w, "released_at", tilld_row_ts (now, 0, "released_at"));
  till_json_write_begin_object (w, "journal");
  till_json_write_int (w, "missing", tilld_row_i64 (now, 0, "missing"));
  till_json_write_int (w, "replayed", tilld_row_i64 (now, 0, "replayed"));
  till_json_write_int (w, "refused", tilld_row_i64 (now, 0, "refused"));
  till_json_write_end_object (w);
  if (tilld_row_is_null (now, 0, "approval"))
    till_json_write_null (w, "approval");
  else
    till_json_write_int (w, "approval", tilld_row_i64 (now, 0, "approval"));
  write_counts (sums, w);
  write_refused (lines, w);
  write_meters (list, w);
  return TRUE;
}
