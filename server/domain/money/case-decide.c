/* SPDX-License-Identifier: GPL-2.0-or-later
 * case-decide.c: a decision about a case: proposed by one, agreed to by another, carried out in one transaction. What follows from it,
 * case-rules says; nothing here talks to a meter. */
#include "server/domain/money/case.h"

#include <string.h>
#include "server/core/clock.h"
#include "server/domain/money/money-json.h"
#include "server/domain/money/refund-store.h"
#include "server/domain/office/approval.h"
#include "server/domain/office/audit.h"
#include "server/rules/energy-rules.h"
#include "shared/base/till-json-read.h"
#include "shared/base/till-time.h"

#define POWER_UNKNOWN_W 20000 /* the wider window of a balance proof is the safer one */
#define WH_OF_A_KWH     1000

static const TilldStatement case_meter = {
  .name = "case-meter",
  .sql = "SELECT k.meter, a.id AS area FROM dispute_case k JOIN meter m ON m.id = k.meter JOIN area a ON a.id = m.area"
         " WHERE k.id = $1 AND a.site = $2 AND (cardinality ($3::bigint[]) = 0 OR a.lineage && $3)",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "meter", DB_I64_TYPE }, { "area", DB_I64_TYPE } },
};
static const TilldStatement case_purse = {
  .name = "case-purse",
  .sql = "SELECT p.epoch, p.has_baseline, p.have, p.count, p.total, p.balance, p.last_amount, p.refund_count, p.refunded_total, p.serial, p.read_at"
         " FROM meter_purse p WHERE p.meter = $1 FOR UPDATE",
  .params = { DB_I64_TYPE },
  .columns = { { "epoch", DB_I32_TYPE }, { "has_baseline", DB_BOOL_TYPE }, { "have", DB_I32_TYPE }, { "count", DB_I32_TYPE }, { "total", DB_I64_TYPE },
               { "balance", DB_I64_TYPE }, { "last_amount", DB_I64_TYPE }, { "refund_count", DB_I32_TYPE }, { "refunded_total", DB_I64_TYPE },
               { "serial", DB_TEXT_TYPE }, { "read_at", DB_TS_TYPE, DB_NULL_OK } },
};
static const TilldStatement case_lock = {
  .name = "case-lock",
  .sql = "SELECT k.reason, k.closed_at IS NOT NULL AS closed, coalesce (k.seen, k.reading) AS seen, k.command, now () AS now FROM dispute_case k"
         " WHERE k.id = $1 FOR UPDATE OF k",
  .params = { DB_I64_TYPE },
  .columns = { { "reason", DB_I16_TYPE }, { "closed", DB_BOOL_TYPE }, { "seen", DB_JSON_TYPE, DB_NULL_OK }, { "command", DB_UUID_TYPE, DB_NULL_OK },
               { "now", DB_TS_TYPE } },
};
static const TilldStatement case_command = {
  .name = "case-command",
  .sql = "SELECT c.state, c.kind, c.epoch, c.count, c.amount, c.attempt, c.outcome, c.baseline FROM command c WHERE c.id = $1 FOR UPDATE",
  .params = { DB_UUID_TYPE },
  .columns = { { "state", DB_I16_TYPE }, { "kind", DB_I16_TYPE }, { "epoch", DB_I32_TYPE }, { "count", DB_I32_TYPE, DB_NULL_OK },
               { "amount", DB_I64_TYPE, DB_NULL_OK }, { "attempt", DB_I32_TYPE }, { "outcome", DB_I16_TYPE }, { "baseline", DB_JSON_TYPE, DB_NULL_OK } },
};
static const TilldStatement case_books = {
  .name = "case-books",
  .sql = "SELECT m.model, m.purse IN (1, 2) AND m.settlement = 0 AS in_books, m.purse = 2 AS energy,"
         " CASE WHEN m.overload_w > 0 THEN m.overload_w ELSE 0 END AS power_w,"
         " coalesce (tariff_price (m.tariff), 0) AS price, coalesce (CASE WHEN m.purse = 2 THEN energy_held (m.id) ELSE"
         "   (SELECT l.credits - l.debits FROM ledger_account l WHERE l.site = a.site AND l.kind = 3 AND l.owner = m.id) END, 0) AS on_meter,"
         " s.amount AS sold, s.customer, s.account, s.channel, s.kind AS sale_kind,"
         " coalesce (o.kind, s.kind) = 2 AS subsidy, (SELECT t.n FROM tx t WHERE t.request = s.reverses AND t.event IN (0, 7)) AS reverses"
         " FROM meter m JOIN area a ON a.id = m.area LEFT JOIN sale s ON s.id = $2 LEFT JOIN sale o ON o.id = s.reverses WHERE m.id = $1",
  .params = { DB_I64_TYPE, DB_UUID_TYPE },
  .columns = { { "model", DB_TEXT_TYPE }, { "in_books", DB_BOOL_TYPE }, { "energy", DB_BOOL_TYPE },
               { "power_w", DB_I64_TYPE, DB_NULL_OK }, { "price", DB_I64_TYPE },
               { "on_meter", DB_I64_TYPE }, { "sold", DB_I64_TYPE, DB_NULL_OK }, { "customer", DB_I64_TYPE, DB_NULL_OK },
               { "account", DB_I64_TYPE, DB_NULL_OK }, { "channel", DB_I16_TYPE, DB_NULL_OK }, { "sale_kind", DB_I16_TYPE, DB_NULL_OK },
               { "subsidy", DB_BOOL_TYPE, DB_NULL_OK }, { "reverses", DB_I64_TYPE, DB_NULL_OK } },
};
static const TilldStatement case_apply = {
  .name = "case-apply",
  .sql = "SELECT case_apply ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) IS NULL AS done",
  .params = { DB_I64_TYPE, DB_I16_TYPE, DB_JSON_TYPE, DB_JSON_TYPE, DB_BOOL_TYPE, DB_TEXT_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE },
  .columns = { { "done", DB_BOOL_TYPE, DB_NULL_OK } },
};
static const TilldStatement case_waiting = {
  .name = "case-waiting",
  .sql = "SELECT h.id FROM approval h WHERE h.kind = 'case' AND h.state = 0 AND h.expires_at > now () AND (h.body->>'case')::bigint = $1",
  .params = { DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
static const TilldStatement case_saw = {
  .name = "case-seen",
  .sql = "UPDATE dispute_case SET seen = $2 WHERE meter = $1 AND closed_at IS NULL",
  .params = { DB_I64_TYPE, DB_JSON_TYPE },
};
TILLD_STATEMENT (case_meter)
TILLD_STATEMENT (case_purse)
TILLD_STATEMENT (case_lock)
TILLD_STATEMENT (case_command)
TILLD_STATEMENT (case_books)
TILLD_STATEMENT (case_apply)
TILLD_STATEMENT (case_waiting)
TILLD_STATEMENT (case_saw)

/* All there is to know of a case, under its locks. */
typedef struct {
  const TilldCaseRequest *in;
  gint64            meter, area, customer, account, reverses;
  TillId            command, owed; /* owed: the refund that a return becomes */
  TillMoney         sold;
  TillChannel       channel;
  TillSaleKind      sale_kind;
  gboolean          in_books, energy, subsidy; /* in_books: the purse of the meter is; energy: by what it is worth */
  TillMoney         price;
  TilldMoneyReading reading;
  TilldCaseFacts    facts;
  TilldCaseOutcome  outcome;
} Case;

gboolean
tilld_case_seen (TilldDb *db, gint64 meter, const TilldMoneyReading *reading, GError **error)
{
  g_autofree char *json = tilld_money_reading_to_json (reading);

  return tilld_db_query (db, &case_saw, NULL, error, DB_I64 (meter), DB_JSON (json));
}

static gboolean
load_purse (TilldDb *db, Case *c, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_query (db, &case_purse, &rows, error, DB_I64 (c->meter)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such case.");
  c->facts.purse = (TilldPurse){
    .meter = c->meter, .epoch = (gint32) tilld_row_i64 (rows, 0, "epoch"), .has_baseline = tilld_row_bool (rows, 0, "has_baseline"), .frozen = TRUE,
    .have = (guint32) tilld_row_i64 (rows, 0, "have"), .count = (gint32) tilld_row_i64 (rows, 0, "count"), .total = tilld_row_i64 (rows, 0, "total"),
    .balance = tilld_row_i64 (rows, 0, "balance"), .last_amount = tilld_row_i64 (rows, 0, "last_amount"),
    .refund_count = (gint32) tilld_row_i64 (rows, 0, "refund_count"), .refunded_total = tilld_row_i64 (rows, 0, "refunded_total"),
    .at_us = tilld_row_ts (rows, 0, "read_at"),
  };
  g_strlcpy (c->facts.purse.serial, tilld_row_text (rows, 0, "serial"), sizeof c->facts.purse.serial);
  return TRUE;
}

/* The reading that decides: fresh, or a person's word that there can be none. */
static gboolean
take_reading (Case *c, const char *json, TillTime now, GError **error)
{
  if (c->in->unreadable != NULL || c->in->decision == TILLD_DECIDE_EXPLAINED)
    return TRUE;
  if (json == NULL || !tilld_money_reading_from_json (json, &c->reading, NULL) || now - c->reading.at_us > TILLD_CASE_FRESH_S * TILL_SECOND)
    return till_fail (error, TILL_ERROR_STALE, "Read the meter first: a decision needs a reading of the last %d seconds, or a reason why there can be none.",
                      TILLD_CASE_FRESH_S);
  c->facts.reading = &c->reading;
  return TRUE;
}

static gboolean
load_command (TilldDb *db, Case *c, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  if (till_id_is_nil (&c->command))
    return TRUE;
  if (!tilld_db_query (db, &case_command, &rows, error, DB_UUID (&c->command)))
    return FALSE;
  if (tilld_rows_count (rows) == 0 || tilld_row_i64 (rows, 0, "state") != TILL_COMMAND_STATE_HELD)
    return TRUE; /* it was decided in an earlier case of this meter, or never sent */
  c->facts.has_command = TRUE;
  c->facts.delivery = (TilldDelivery){
    .state = TILL_COMMAND_STATE_HELD, .kind = tilld_row_i64 (rows, 0, "kind"), .epoch = (gint32) tilld_row_i64 (rows, 0, "epoch"),
    .seq = (gint32) tilld_row_i64 (rows, 0, "count"), .amount = tilld_row_i64 (rows, 0, "amount"), .attempt = (gint32) tilld_row_i64 (rows, 0, "attempt"),
    .outcome = tilld_row_i64 (rows, 0, "outcome"),
  };
  if (!tilld_row_is_null (rows, 0, "baseline"))
    return tilld_money_reading_from_json (tilld_row_text (rows, 0, "baseline"), &c->facts.delivery.baseline, error);
  /* Held before its first byte (t1): the baseline is what the ledger believed then. */
  c->facts.delivery.seq = (c->facts.delivery.kind == TILL_COMMAND_KIND_DEBIT ? c->facts.purse.refund_count : c->facts.purse.count) + 1;
  c->facts.delivery.baseline = (TilldMoneyReading){
    .have = c->facts.purse.have, .epoch = c->facts.purse.epoch, .count = c->facts.purse.count, .total = c->facts.purse.total,
    .balance = c->facts.purse.balance, .last_amount = c->facts.purse.last_amount, .refund_count = c->facts.purse.refund_count,
    .refunded_total = c->facts.purse.refunded_total, .at_us = c->facts.purse.at_us,
  };
  return TRUE;
}

static void
take_terms (Case *c, const TilldProfile *profile, gint64 power_w, gint64 price)
{
  gboolean debit = c->facts.has_command && c->facts.delivery.kind == TILL_COMMAND_KIND_DEBIT;
  const TilldPoint *total = profile != NULL ? tilld_profile_point (profile, TILLD_POINT_PURCHASED_TOTAL) : NULL;
  int proof = TILLD_PROOF_NONE;

  c->facts.terms = (TilldMoneyTerms){ .effective = TILL_METER_CLASS_B, .unit = 1, .power_w = power_w > 0 ? power_w : POWER_UNKNOWN_W, .price_max = price };
  if (profile == NULL)
    return;
  tilld_proof_from_word (debit ? profile->debit.proof : profile->recharge.proof, &proof);
  c->facts.terms.proof = proof;
  c->facts.terms.unit = MAX (profile->purse_multiplier, 1);
  c->facts.terms.total_modulus = total != NULL ? total->multiplier << 32 : 0;
  if (profile->purse == TILL_PURSE_ENERGY)
    c->facts.terms.price_max = WH_OF_A_KWH;
  /* The newest record is read with a delivery only, so it is not asked for here: count and total decide. */
}

static gboolean
load_books (TilldDb *db, const TilldProfiles *profiles, Case *c, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_query (db, &case_books, &rows, error, DB_I64 (c->meter), DB_UUID (till_id_is_nil (&c->command) ? NULL : &c->command)))
    return FALSE;
  c->in_books = tilld_row_bool (rows, 0, "in_books");
  c->energy = tilld_row_bool (rows, 0, "energy");
  c->price = tilld_row_i64 (rows, 0, "price");
  c->sold = tilld_row_i64 (rows, 0, "sold");
  c->customer = tilld_row_i64 (rows, 0, "customer");
  c->account = tilld_row_i64 (rows, 0, "account");
  c->channel = tilld_row_i64 (rows, 0, "channel");
  c->sale_kind = tilld_row_i64 (rows, 0, "sale_kind");
  c->subsidy = tilld_row_bool (rows, 0, "subsidy");
  c->reverses = tilld_row_i64 (rows, 0, "reverses");
  c->facts.on_meter = tilld_row_i64 (rows, 0, "on_meter");
  take_terms (c, tilld_profiles_get (profiles, tilld_row_text (rows, 0, "model")), tilld_row_i64 (rows, 0, "power_w"), tilld_row_i64 (rows, 0, "price"));
  return TRUE;
}

/* Locks in their order: purse, case, command. Then what would follow. */
static gboolean
judge (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, Case *c, GError **error)
{
  const GArray *areas = who->areas;
  g_autoptr(TilldRows) meter = NULL, row = NULL;

  if (!tilld_db_query (db, &case_meter, &meter, error, DB_I64 (c->in->id), DB_I64 (who->site),
                       DB_I64_ARRAY (areas != NULL ? areas->data : NULL, areas != NULL ? areas->len : 0)))
    return FALSE;
  if (tilld_rows_count (meter) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such case.");
  c->meter = tilld_row_i64 (meter, 0, "meter");
  c->area = tilld_row_i64 (meter, 0, "area");
  if (!load_purse (db, c, error) || !tilld_db_query (db, &case_lock, &row, error, DB_I64 (c->in->id)))
    return FALSE;
  if (tilld_row_bool (row, 0, "closed"))
    return till_fail (error, TILL_ERROR_CONFLICT, "This case was decided already.");
  c->facts.reason = tilld_row_i64 (row, 0, "reason");
  c->facts.decision = c->in->decision;
  c->facts.accept = c->in->accept;
  tilld_row_uuid (row, 0, "command", &c->command);
  return take_reading (c, tilld_row_text (row, 0, "seen"), tilld_row_ts (row, 0, "now"), error) && load_command (db, c, error) &&
         load_books (db, profiles, c, error) && tilld_case_decide (&c->facts, &c->outcome, error);
}

/* --- proposing --- */

gboolean
tilld_case_propose (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldCaseRequest *in, gint64 *ret_approval, GError **error)
{
  Case c = { .in = in };
  g_autoptr(TillJsonWrite) w = till_json_write_new ();
  g_autoptr(TilldRows) waiting = NULL;
  g_autofree char *body = NULL;
  TilldApprovalNew approval = { .kind = "case", .reason = in->note };

  g_assert (tilld_actor_is_set (who) && in->note != NULL);
  if (!judge (db, profiles, who, &c, error) || !tilld_db_query (db, &case_waiting, &waiting, error, DB_I64 (in->id)))
    return FALSE;
  if (tilld_rows_count (waiting) > 0)
    return till_fail (error, TILL_ERROR_CONFLICT, "A decision about this case waits already: approval %" G_GINT64_FORMAT ".", tilld_row_i64 (waiting, 0, "id"));
  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "case", in->id);
  till_json_write_text (w, "decision", tilld_case_decision_word (in->decision));
  till_json_write_bool (w, "accept", in->accept);
  till_json_write_text (w, "note", in->note);
  till_json_write_text (w, "unreadable", in->unreadable);
  till_json_write_end_object (w);
  approval.body = body = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  tilld_client_id_hash (body, approval.hash);
  approval.meter = c.meter;
  approval.area = c.area;
  approval.has_amount = c.sold != 0;
  approval.amount = c.sold;
  return tilld_approval_propose (db, who, &approval, ret_approval, error);
}

/* --- carrying out --- */

static char *
purse_json (const TilldPurse *purse)
{
  TillJsonWrite *w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "epoch", purse->epoch);
  till_json_write_bool (w, "has_baseline", purse->has_baseline);
  till_json_write_int (w, "have", purse->have);
  till_json_write_int (w, "count", purse->count);
  till_json_write_int (w, "total", purse->total);
  till_json_write_int (w, "balance", purse->balance);
  till_json_write_int (w, "last_amount", purse->last_amount);
  till_json_write_int (w, "refund_count", purse->refund_count);
  till_json_write_int (w, "refunded_total", purse->refunded_total);
  till_json_write_text (w, "serial", purse->serial);
  till_json_write_int (w, "at_us", purse->at_us);
  till_json_write_end_object (w);
  return till_json_write_free_to_text (w, NULL);
}

static void
new_id (TillId *id)
{
  till_id_new (id, tilld_clock_wall (tilld_clock_system ()) / 1000);
}

static void
add_entry (const Case *c, const TilldActor *who, TillLedgerEvent event, TillMoney amount, TilldLedgerEntry *entries, guint *n)
{
  gboolean debit = c->facts.delivery.kind == TILL_COMMAND_KIND_DEBIT;

  entries[*n] = (TilldLedgerEntry){ .request = c->command, .reverses = event == TILL_LEDGER_EVENT_DEBITED ? c->reverses : 0,
                                    .fact = { .event = event, .amount = amount, .site = who->site, .meter = c->meter, .customer = c->customer,
                                              .subsidy = c->subsidy && (debit || event == TILL_LEDGER_EVENT_GIVEN_UP) } };
  (*n)++;
}

/* The customer's money, given up: a refund that waits to be paid out. */
static gboolean
owe_it (TilldDb *db, const TilldActor *who, const TilldActor *approver, Case *c, GError **error)
{
  TilldMoneyOut row = { .kind = TILL_SALE_KIND_REFUND, .state = TILL_SALE_STATE_VERIFIED, .meter = c->meter, .account = c->account,
                        .customer = c->customer, .amount = c->sold, .channel = c->channel, .reverses = &c->command, .note = c->in->note,
                        .approver = approver->operator_id };
  guint8 hash[TILLD_BODY_HASH];
  TilldClientIdState state;

  new_id (&row.id);
  c->owed = row.id;
  tilld_client_id_hash ("case", hash);
  return tilld_client_id_take (db, &row.id, hash, &state, error) && tilld_money_out_insert (db, who, &row, error);
}

static gboolean
post (TilldDb *db, const TilldActor *who, const TilldActor *approver, Case *c, GError **error)
{
  TilldCaseEntry says[TILLD_CASE_ENTRIES];
  TilldLedgerEntry entries[TILLD_CASE_ENTRIES];
  TilldCaseOutcome outcome = c->outcome;
  gboolean given_up = FALSE;
  guint n_says, n = 0;

  if (c->energy)
    outcome.difference = tilld_energy_worth (outcome.difference, c->price);
  n_says = tilld_case_entries (&c->facts, &outcome, c->sold, c->in_books, says);
  while (n < n_says)
    {
      given_up = given_up || says[n].event == TILL_LEDGER_EVENT_GIVEN_UP;
      add_entry (c, who, says[n].event, says[n].amount, entries, &n);
      if (entries[n - 1].fact.event == TILL_LEDGER_EVENT_ADOPTED)
        new_id (&entries[n - 1].request);
    }
  if (n > 0 && !tilld_ledger_append (db, who, who->site, entries, n, error))
    return FALSE;
  return !given_up || c->subsidy || owe_it (db, who, approver, c, error);
}

static gboolean
write_log (TilldDb *db, const TilldActor *who, const TilldActor *approver, const Case *c, const char *purse, GError **error)
{
  g_autoptr(TillJsonWrite) w = till_json_write_new ();
  g_autofree char *object = g_strdup_printf ("case:%" G_GINT64_FORMAT, c->in->id);
  g_autofree char *before = purse_json (&c->facts.purse);
  g_autofree char *after = NULL;

  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "meter", c->meter);
  till_json_write_text (w, "decision", tilld_case_decision_word (c->in->decision));
  till_json_write_bool (w, "accept", c->in->accept);
  till_json_write_int (w, "agreed_by", approver->operator_id);
  till_json_write_int (w, "difference", c->outcome.difference);
  till_json_write_text (w, "note", c->in->note);
  till_json_write_text (w, "unreadable", c->in->unreadable);
  till_json_write_id (w, "command", &c->command);
  till_json_write_id (w, "sale", &c->owed);
  till_json_write_raw (w, "purse", purse);
  till_json_write_end_object (w);
  after = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "case.decided", .object = object, .before = before, .after = after }, error);
}

static gboolean
carry_out (TilldDb *db, const TilldApproved *approved, const TilldCaseRequest *in, GError **error)
{
  Case c = { .in = in };
  g_autofree char *evidence = NULL, *purse = NULL;

  if (!judge (db, approved->profiles, approved->proposer, &c, error))
    return FALSE;
  if (c.facts.reading != NULL)
    evidence = tilld_money_reading_to_json (c.facts.reading);
  purse = purse_json (&c.outcome.purse);
  TILLD_COMMIT_POINT (db, CASE);
  return tilld_db_query (db, &case_apply, NULL, error, DB_I64 (in->id), DB_I16_IF (c.outcome.command_moves, c.outcome.command_next), DB_JSON (evidence),
                         DB_JSON (purse), DB_BOOL (c.outcome.new_epoch), DB_TEXT (tilld_case_decision_word (in->decision)),
                         DB_I64 (approved->proposer->operator_id), DB_I64 (approved->approver->operator_id), DB_TEXT (in->note), DB_TEXT (in->unreadable)) &&
         post (db, approved->proposer, approved->approver, &c, error) && write_log (db, approved->proposer, approved->approver, &c, purse, error);
}

static gboolean
execute_case (TilldDb *db, const TilldApproved *approved, GError **error)
{
  g_autoptr(JsonNode) node = json_from_string (approved->body, error);
  g_autofree char *note = NULL, *unreadable = NULL;
  TilldCaseRequest in = { 0 };
  TillJsonRead r;
  int decision = 0;

  if (node == NULL)
    return FALSE;
  till_json_read_init (&r, node);
  till_json_read_int (&r, "case", TILL_REQUIRED, 1, G_MAXINT64, &in.id);
  till_json_read_enum (&r, "decision", TILL_REQUIRED, tilld_case_decision_from_word, &decision);
  till_json_read_bool (&r, "accept", TILL_REQUIRED, &in.accept);
  till_json_read_text (&r, "note", TILL_REQUIRED, 200, &note);
  till_json_read_text (&r, "unreadable", TILL_OPTIONAL, 200, &unreadable);
  if (!till_json_read_finish (&r, error))
    return FALSE;
  in.decision = (TilldCaseDecision) decision;
  in.note = note;
  in.unreadable = unreadable;
  return carry_out (db, approved, &in, error);
}

static const TilldApprovalKind case_kind = { "case", TILL_PERMISSION_APPROVE_HELD, execute_case };
TILLD_APPROVAL (case_kind)
