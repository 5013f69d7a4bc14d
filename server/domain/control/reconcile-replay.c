/* SPDX-License-Identifier: GPL-2.0-or-later
 * reconcile-replay.c: the journal's lines that the books have not, worked off one by one, each in a transaction of its own. What cannot be
 * replayed is refused with a reason that people see before they release. Judges no meter. */
#include "server/db/db-tx.h"
#include "server/domain/control/reconcile.h"
#include "server/domain/money/ledger-append.h"
#include "server/domain/office/audit.h"
#include "shared/base/till-json-write.h"
#include "shared/base/till-log.h"

/* In the order of phases: what came in, what went back without a meter, what was paid out, what a meter took. */
enum { PHASE_SALE, PHASE_RETURN, PHASE_PAYOUT, PHASE_VERDICT };

static const TilldStatement next_line = {
  .name = "reconcile-next",
  .sql = "SELECT l.request, l.event, l.n, reconcile_phase (l) AS phase FROM reconcile_line l"
         " WHERE l.state = 0 AND (reconcile_phase (l) < 3 OR l.n > $1)"
         " AND NOT reconcile_waits (l)"
         " ORDER BY reconcile_phase (l), l.n LIMIT 1 FOR UPDATE SKIP LOCKED",
  .params = { DB_I64_TYPE },
  .columns = { { "request", DB_UUID_TYPE }, { "event", DB_I16_TYPE }, { "n", DB_I64_TYPE }, { "phase", DB_I32_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (next_line)

static const TilldStatement next_payout = {
  .name = "reconcile-payout",
  .sql = "SELECT l.request FROM reconcile_line l"
         " WHERE l.meter = $1 AND l.event = 3 AND l.state = 0 AND NOT reconcile_waits (l) LIMIT 1",
  .params = { DB_I64_TYPE },
  .columns = { { "request", DB_UUID_TYPE } },
};
TILLD_STATEMENT (next_payout)

static const TilldStatement replay_sale = {
  .name = "reconcile-sale",
  .sql = "SELECT site, operator, channel, drawer, account, meter, amount, server_settled FROM reconcile_sale ($1, $2)",
  .params = { DB_UUID_TYPE, DB_I16_TYPE },
  .columns = { { "site", DB_I64_TYPE, DB_NULL_OK }, { "operator", DB_I64_TYPE, DB_NULL_OK }, { "channel", DB_I16_TYPE, DB_NULL_OK },
               { "drawer", DB_I64_TYPE, DB_NULL_OK }, { "account", DB_I64_TYPE, DB_NULL_OK }, { "meter", DB_I64_TYPE, DB_NULL_OK },
               { "amount", DB_I64_TYPE, DB_NULL_OK }, { "server_settled", DB_BOOL_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (replay_sale)

static const TilldStatement replay_return = {
  .name = "reconcile-return",
  .sql = "SELECT site, operator, channel, drawer, account, customer, meter, amount, server_settled, subsidy, reverses, row_id FROM reconcile_return ($1, $2)",
  .params = { DB_UUID_TYPE, DB_I16_TYPE },
  .columns = { { "site", DB_I64_TYPE, DB_NULL_OK }, { "operator", DB_I64_TYPE, DB_NULL_OK }, { "channel", DB_I16_TYPE, DB_NULL_OK },
               { "drawer", DB_I64_TYPE, DB_NULL_OK }, { "account", DB_I64_TYPE, DB_NULL_OK }, { "customer", DB_I64_TYPE, DB_NULL_OK },
               { "meter", DB_I64_TYPE, DB_NULL_OK }, { "amount", DB_I64_TYPE, DB_NULL_OK }, { "server_settled", DB_BOOL_TYPE, DB_NULL_OK },
               { "subsidy", DB_BOOL_TYPE, DB_NULL_OK }, { "reverses", DB_I64_TYPE, DB_NULL_OK },
               { "row_id", DB_UUID_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (replay_return)

static const TilldStatement replay_verdict = {
  .name = "reconcile-verdict", .sql = "SELECT reconcile_verdict ($1, $2) IS NULL AS done", .params = { DB_UUID_TYPE, DB_I16_TYPE },
  .columns = { { "done", DB_BOOL_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (replay_verdict)

static const TilldStatement refuse_line = {
  .name = "reconcile-refuse", .sql = "SELECT reconcile_refuse ($1, $2, $3) IS NULL AS done", .params = { DB_UUID_TYPE, DB_I16_TYPE, DB_TEXT_TYPE },
  .columns = { { "done", DB_BOOL_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (refuse_line)

static const TilldStatement replayed = {
  .name = "reconcile-replayed", .sql = "UPDATE cluster SET replayed_at = now () WHERE reconciling AND replayed_at IS NULL",
};
TILLD_STATEMENT (replayed)

typedef struct {
  gint64          after;       /* after: the last verdict that was looked at; it stays open until its meter is read */
  gboolean        found;
  TillId          request;     /* of the line that is worked off */
  TillLedgerEvent event;
} Replay;

/* sale: the row that people see; NULL = none. */
static gboolean
post (TilldDb *db, TilldActor *who, const TilldLedgerEntry *entry, const char *action, const TillId *sale, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autofree char *object = g_strdup_printf ("meter:%" G_GINT64_FORMAT, entry->fact.meter);
  g_autofree char *after = NULL;

  till_json_write_begin_object (w, NULL);
  till_json_write_id (w, "sale", sale);
  till_json_write_text (w, "event", till_ledger_event_word (entry->fact.event));
  till_json_write_money (w, "amount", entry->fact.amount);
  till_json_write_end_object (w);
  after = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  return tilld_ledger_append (db, who, who->site, entry, 1, error) &&
         tilld_audit_write (db, who, &(TilldAuditEntry){ .action = action, .object = object, .after = after }, error);
}

static void
take_common (TilldRows *rows, const Replay *replay, TilldActor *who, TilldLedgerEntry *entry)
{
  *who = (TilldActor) TILLD_ACTOR_SYSTEM (tilld_row_i64 (rows, 0, "site"));
  who->operator_id = tilld_row_i64 (rows, 0, "operator");
  *entry = (TilldLedgerEntry){
    .request = replay->request,
    .fact = { .event = replay->event, .amount = tilld_row_i64 (rows, 0, "amount"), .channel = tilld_row_i64 (rows, 0, "channel"),
              .server_settled = tilld_row_bool (rows, 0, "server_settled"), .site = who->site, .meter = tilld_row_i64 (rows, 0, "meter"),
              .account = tilld_row_i64 (rows, 0, "account"), .drawer = tilld_row_i64 (rows, 0, "drawer") },
  };
}

static gboolean
post_sale (TilldDb *db, const Replay *replay, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  TilldLedgerEntry entry;
  TilldActor who;

  if (!tilld_db_query (db, &replay_sale, &rows, error, DB_UUID (&replay->request), DB_I16 (replay->event)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return TRUE;
  take_common (rows, replay, &who, &entry);
  return post (db, &who, &entry, "reconcile.sale", &replay->request, error);
}

/* Taken back, given up, refunded by the server, paid out. */
static gboolean
post_return (TilldDb *db, const Replay *replay, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  TilldLedgerEntry entry;
  TilldActor who;
  TillId sale;

  if (!tilld_db_query (db, &replay_return, &rows, error, DB_UUID (&replay->request), DB_I16 (replay->event)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return TRUE;
  take_common (rows, replay, &who, &entry);
  entry.reverses = tilld_row_i64 (rows, 0, "reverses");
  entry.fact.customer = tilld_row_i64 (rows, 0, "customer");
  entry.fact.subsidy = tilld_row_bool (rows, 0, "subsidy");
  if (!tilld_row_is_null (rows, 0, "row_id"))
    tilld_row_uuid (rows, 0, "row_id", &sale);
  return post (db, &who, &entry, "reconcile.return", tilld_row_is_null (rows, 0, "row_id") ? NULL : &sale, error);
}

gboolean
tilld_reconcile_payouts (TilldDb *db, gint64 meter, GError **error)
{
  for (;;)
    {
      g_autoptr (TilldRows) rows = NULL;
      Replay replay = { .event = TILL_LEDGER_EVENT_PAID_OUT };

      if (!tilld_db_query (db, &next_payout, &rows, error, DB_I64 (meter)))
        return FALSE;
      if (tilld_rows_count (rows) == 0)
        return TRUE;
      tilld_row_uuid (rows, 0, "request", &replay.request);
      if (!post_return (db, &replay, error)) /* posts, or refuses: the line is not found again */
        return FALSE;
    }
}

static gboolean
replay_one (TilldDb *db, gpointer data, GError **error)
{
  Replay *replay = data;
  g_autoptr (TilldRows) rows = NULL;
  gint64 phase;

  if (!tilld_db_query (db, &next_line, &rows, error, DB_I64 (replay->after)))
    return FALSE;
  replay->found = tilld_rows_count (rows) == 1;
  if (!replay->found)
    return tilld_db_exec (db, &replayed, NULL, 0, NULL, error);
  tilld_row_uuid (rows, 0, "request", &replay->request);
  replay->event = tilld_row_i64 (rows, 0, "event");
  phase = tilld_row_i64 (rows, 0, "phase");
  if (phase == PHASE_SALE)
    return post_sale (db, replay, error);
  if (phase < PHASE_VERDICT)
    return post_return (db, replay, error);
  if (!tilld_db_query (db, &replay_verdict, NULL, error, DB_UUID (&replay->request), DB_I16 (replay->event)))
    return FALSE;
  replay->after = tilld_row_i64 (rows, 0, "n");
  return TRUE;
}

/* The books do not take it, now or ever: an account would go below zero, or the event happened. People look; the other lines go on. */
static gboolean
refuse (TilldDb *db, gpointer data, GError **error)
{
  const Replay *replay = data;

  return tilld_db_query (db, &refuse_line, NULL, error, DB_UUID (&replay->request), DB_I16 (replay->event), DB_TEXT ("the books do not take it"));
}

gboolean
tilld_reconcile_replay (TilldDb *db, gboolean *ret_done, GError **error)
{
  Replay replay = { .found = TRUE };

  *ret_done = FALSE;
  while (replay.found)
    {
      g_autoptr (GError) wrong = NULL;

      if (tilld_tx_run (db, TILLD_READ_COMMITTED, replay_one, &replay, &wrong))
        continue;
      if (!replay.found || !(till_error_is (wrong, TILL_ERROR_CONFLICT) || till_error_is (wrong, TILL_ERROR_INVALID)))
        {
          g_propagate_error (error, g_steal_pointer (&wrong));
          return FALSE;
        }
      till_warn (TILL_LOG_NONE, wrong, "reconcile: a line of the journal is refused");
      if (!tilld_tx_run (db, TILLD_READ_COMMITTED, refuse, &replay, error))
        return FALSE;
    }
  *ret_done = TRUE;
  return TRUE;
}
