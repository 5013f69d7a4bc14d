/* SPDX-License-Identifier: GPL-2.0-or-later
 * refund.c: refunds, reversals and paying them out. Asks refund-rules with locked rows and writes what they say; never talks to a meter. */
#include "server/domain/money/refund.h"

#include <string.h>
#include "server/domain/money/drawer.h"
#include "server/domain/money/refund-store.h"
#include "server/domain/office/audit.h"
#include "shared/base/till-json-read.h"
#include "shared/base/till-time.h"

/* On whose behalf, and who agreed (NULL: nobody had to, or has yet). */
typedef struct {
  TilldDb             *db;
  const TilldProfiles *profiles;
  const TilldActor    *who, *approver;
} Out;

static void
add_profile_facts (const Out *out, TilldOutContext *c)
{
  const TilldProfile *profile = tilld_profiles_get (out->profiles, c->model);
  const TilldMoneyWrite *debit;

  if (profile == NULL)
    return;
  debit = &profile->debit;
  c->facts.model = profile->name;
  c->facts.debit_sets = debit->write.registers > 0 && debit->mode == TILLD_MONEY_MODE_PRESET;
  c->facts.has_debit = debit->write.registers > 0 && debit->proof != NULL && !c->facts.debit_sets;
  c->facts.debit_allowed = c->facts.has_debit && tilld_evidence_may_send (debit->write.evidence, c->debit_proof == profile->version);
  c->facts.unit = c->facts.has_debit ? debit->write.fields[0].multiplier : profile->purse_multiplier;
  c->facts.debit_min = debit->min;
  c->facts.debit_max = debit->max;
}

static gboolean
write_log (const Out *out, const char *action, const TilldMoneyOut *row, const TillId *of, GError **error)
{
  g_autoptr(TillJsonWrite) w = till_json_write_new ();
  g_autofree char *object = g_strdup_printf ("meter:%" G_GINT64_FORMAT, row->meter);
  g_autofree char *after = NULL;

  till_json_write_begin_object (w, NULL);
  till_json_write_id (w, "sale", &row->id);
  till_json_write_id (w, "reverses", of);
  till_json_write_money (w, "amount", row->amount);
  till_json_write_text (w, "channel", till_channel_word (row->channel));
  till_json_write_text (w, "reason", row->note);
  if (out->approver != NULL)
    till_json_write_int (w, "approved_by", out->approver->operator_id);
  till_json_write_end_object (w);
  after = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  return tilld_audit_write (out->db, out->who, &(TilldAuditEntry){ .action = action, .object = object, .after = after }, error);
}

/* TRUE with *ret_done: a repetition. */
static gboolean
take_id (const Out *out, const TillId *id, const guint8 hash[TILLD_BODY_HASH], TilldOutResult *ret, gboolean *ret_done, GError **error)
{
  TilldClientIdState state;

  if (!tilld_client_id_take (out->db, id, hash, &state, error))
    return FALSE;
  *ret_done = ret->replayed = state == TILLD_CLIENT_ID_REPLAY;
  return TRUE;
}

static gboolean
is_replay (const Out *out, const TillId *id, const guint8 hash[TILLD_BODY_HASH], gboolean *ret_replay, GError **error)
{
  TilldClientIdState state;

  if (!tilld_client_id_look (out->db, id, hash, &state, error))
    return FALSE;
  *ret_replay = state == TILLD_CLIENT_ID_REPLAY;
  return TRUE;
}

/* --- refund --- */

static void
refund_hash (const TilldActor *who, const TilldRefundRequest *in, guint8 ret_hash[TILLD_BODY_HASH])
{
  g_autofree char *reason = g_strescape (in->reason, NULL);
  g_autofree char *text = g_strdup_printf ("refund\n%" G_GINT64_FORMAT "\n%" G_GINT64_FORMAT "\n%" G_GINT64_FORMAT "\n%d\n%s", who->operator_id,
                                           in->meter, in->amount, (int) in->channel, reason);

  tilld_client_id_hash (text, ret_hash);
}

static gboolean
propose_refund (const Out *out, const TilldRefundRequest *in, const TilldOutContext *c, const guint8 *hash, TilldOutResult *ret, GError **error)
{
  g_autoptr(TillJsonWrite) w = till_json_write_new ();
  g_autofree char *body = NULL;
  TilldApprovalNew approval = { .kind = "refund", .request = &in->id, .reason = in->reason, .meter = in->meter, .area = c->area, .has_amount = TRUE,
                                .amount = in->amount };

  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "meter", in->meter);
  till_json_write_money (w, "amount", in->amount);
  till_json_write_text (w, "channel", till_channel_word (in->channel));
  till_json_write_text (w, "reason", in->reason);
  till_json_write_end_object (w);
  approval.body = body = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  memcpy (approval.hash, hash, TILLD_BODY_HASH);
  return tilld_approval_propose (out->db, out->who, &approval, &ret->approval, error);
}

static gboolean
commit_refund (const Out *out, TilldMoneyOut *row, const TilldOutContext *c, GError **error)
{
  TilldLedgerEntry entry = { .request = row->id, .fact = { .event = TILL_LEDGER_EVENT_DEBITED, .amount = row->amount, .server_settled = TRUE, .site = c->site,
                                                           .meter = row->meter, .account = c->account, .customer = c->customer } };

  if (row->state == TILL_SALE_STATE_VERIFIED && !tilld_ledger_append (out->db, out->who, c->site, &entry, 1, error))
    return FALSE;
  TILLD_COMMIT_POINT (out->db, REFUND);
  return tilld_money_out_insert (out->db, out->who, row, error) && write_log (out, "sales.refund", row, NULL, error);
}

static gboolean
refund (const Out *out, const TilldRefundRequest *in, TilldOutResult *ret, GError **error)
{
  g_auto(TilldOutContext) c = { 0 };
  TilldMoneyOut row = { .id = in->id, .kind = TILL_SALE_KIND_REFUND, .meter = in->meter, .amount = in->amount, .channel = in->channel, .note = in->reason };
  guint8 hash[TILLD_BODY_HASH];
  gboolean done = FALSE;

  refund_hash (out->who, in, hash);
  if (!is_replay (out, &in->id, hash, &done, error))
    return FALSE;
  if (done)
    {
      ret->replayed = TRUE;
      return TRUE;
    }
  if (!tilld_out_context_lock (out->db, out->who, in->meter, &c, error))
    return FALSE;
  add_profile_facts (out, &c);
  if (!tilld_refund_purse_amount (&c.facts, in->amount, &row.purse_amount, error) ||
      !tilld_refund_decide (&c.facts, in->amount, row.purse_amount, &row.state, error))
    return FALSE;
  if (out->approver == NULL && tilld_refund_needs_second (in->amount, c.limit_refund))
    return propose_refund (out, in, &c, hash, ret, error);
  if (!take_id (out, &in->id, hash, ret, &done, error) || done)
    return done;
  row.account = c.account;
  row.customer = c.customer;
  row.price = c.price;
  row.approver = out->approver != NULL ? out->approver->operator_id : 0;
  row.has_command = row.state == TILL_SALE_STATE_QUEUED;
  row.has_energy = c.facts.settlement == TILL_SETTLEMENT_METER && c.facts.purse == TILL_PURSE_ENERGY;
  row.energy = row.purse_amount;
  row.has_before = c.facts.has_reading || c.facts.settlement == TILL_SETTLEMENT_SERVER;
  row.before = c.facts.balance;
  return commit_refund (out, &row, &c, error);
}

gboolean
tilld_refund_create (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldRefundRequest *in, TilldOutResult *ret, GError **error)
{
  Out out = { db, profiles, who, NULL };

  g_assert (tilld_actor_is_set (who) && in->reason != NULL);
  *ret = (TilldOutResult){ 0 };
  return refund (&out, in, ret, error);
}

static gboolean
execute_refund (TilldDb *db, const TilldApproved *approved, GError **error)
{
  Out out = { db, approved->profiles, approved->proposer, approved->approver };
  g_autoptr(JsonNode) node = json_from_string (approved->body, error);
  g_autofree char *reason = NULL;
  TilldRefundRequest in = { .id = approved->request };
  TilldOutResult result = { 0 };
  TillJsonRead r;
  int channel = 0;

  if (node == NULL)
    return FALSE;
  till_json_read_init (&r, node);
  till_json_read_int (&r, "meter", TILL_REQUIRED, 1, G_MAXINT64, &in.meter);
  till_json_read_money (&r, "amount", TILL_REQUIRED, &in.amount);
  till_json_read_enum (&r, "channel", TILL_REQUIRED, till_channel_from_word, &channel);
  till_json_read_text (&r, "reason", TILL_REQUIRED, 200, &reason);
  if (!till_json_read_finish (&r, error))
    return FALSE;
  in.channel = (TillChannel) channel;
  in.reason = reason;
  return refund (&out, &in, &result, error);
}

static const TilldApprovalKind refund_kind = { "refund", TILL_PERMISSION_APPROVE_MONEY, execute_refund };
TILLD_APPROVAL (refund_kind)

/* --- reversal --- */

typedef struct {
  const TilldReversalRequest *in;
  TilldOutContext  c;
  TilldOutSale     sale;
  TilldReversalWay way;
  TilldMoneyOut    row;
  guint8           hash[TILLD_BODY_HASH];
} Reversal;

static void
reversal_hash (const TilldActor *who, const TilldReversalRequest *in, guint8 ret_hash[TILLD_BODY_HASH])
{
  g_autofree char *reason = g_strescape (in->reason, NULL);
  char sale[TILL_ID_TEXT];
  g_autofree char *text = g_strdup_printf ("reversal\n%" G_GINT64_FORMAT "\n%s\n%s", who->operator_id, till_id_print (&in->sale, sale), reason);

  tilld_client_id_hash (text, ret_hash);
}

static gboolean
propose_reversal (const Out *out, Reversal *v, TilldOutResult *ret, GError **error)
{
  g_autoptr(TillJsonWrite) w = till_json_write_new ();
  g_autofree char *body = NULL;
  TilldApprovalNew approval = { .kind = "reversal", .request = &v->in->id, .reason = v->in->reason, .meter = v->sale.meter, .area = v->c.area,
                                .has_amount = TRUE, .amount = v->row.amount };

  till_json_write_begin_object (w, NULL);
  till_json_write_id (w, "sale", &v->in->sale);
  till_json_write_text (w, "reason", v->in->reason);
  till_json_write_end_object (w);
  approval.body = body = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  memcpy (approval.hash, v->hash, TILLD_BODY_HASH);
  return tilld_approval_propose (out->db, out->who, &approval, &ret->approval, error);
}

/* How much, and what row it becomes. */
static gboolean
shape_reversal (Reversal *v, GError **error)
{
  TilldMoneyOut *row = &v->row;

  *row = (TilldMoneyOut){ .id = v->in->id, .kind = TILL_SALE_KIND_REVERSAL, .meter = v->sale.meter, .account = v->sale.account, .customer = v->sale.customer,
                          .price = v->sale.has_energy ? v->sale.price : v->c.price, .amount = v->sale.amount, .channel = v->sale.channel,
                          .reverses = &v->in->sale, .note = v->in->reason,
                          .has_before = v->c.facts.has_reading, .before = v->c.facts.balance, .has_energy = v->sale.has_energy, .energy = v->sale.energy,
                          .state = TILL_SALE_STATE_VERIFIED };
  if (v->way == TILLD_REVERSE_CANCEL)
    return TRUE;
  if ((v->way == TILLD_REVERSE_SERVER) != (v->c.facts.settlement == TILL_SETTLEMENT_SERVER))
    return till_fail (error, TILL_ERROR_CONFLICT, "The meter is settled another way since: make a refund.");
  row->amount = tilld_reversal_amount (&v->c.facts, v->sale.amount, v->sale.has_energy ? v->sale.energy : 0, &row->purse_amount);
  if (row->amount <= 0)
    return till_fail (error, TILL_ERROR_LIMIT, "The meter holds nothing of it any more.");
  v->c.facts.has_account |= v->sale.customer != 0; /* it goes back to who paid, whoever lives there now */
  if (!tilld_refund_decide (&v->c.facts, row->amount, row->purse_amount, &row->state, error))
    return FALSE;
  row->has_command = v->way == TILLD_REVERSE_DEBIT;
  if (row->has_energy)
    row->energy = row->purse_amount;
  return TRUE;
}

/* Not on the meter: transit, or the account, gives it back at once; cash leaves the drawer in the same breath. */
static gboolean
give_back_now (const Out *out, Reversal *v, GError **error)
{
  gboolean subsidy = v->sale.facts.kind == TILL_SALE_KIND_SUBSIDY;
  TilldLedgerEntry entry = { .request = v->in->id, .reverses = v->sale.tx_n,
                             .fact = { .event = TILL_LEDGER_EVENT_REVERSED, .amount = v->row.amount, .channel = v->row.channel, .subsidy = subsidy,
                                       .server_settled = v->way == TILLD_REVERSE_SERVER, .site = v->c.site, .meter = v->sale.meter,
                                       .account = v->sale.account, .customer = v->sale.customer } };

  if (v->row.channel == TILL_CHANNEL_CASH && !subsidy && !tilld_drawer_hold (out->db, out->who, &entry.fact.drawer, error))
    return FALSE;
  if (v->way == TILLD_REVERSE_CANCEL && !tilld_delivery_cancel (out->db, &v->in->sale, TILL_COMMAND_KIND_RECHARGE, "reversed", error))
    return FALSE;
  return tilld_ledger_append (out->db, out->who, v->c.site, &entry, 1, error) && tilld_money_out_insert (out->db, out->who, &v->row, error) &&
         (subsidy || tilld_money_out_paid (out->db, out->who, &v->in->id, v->row.channel, entry.fact.drawer, error));
}

static gboolean
load_reversal (const Out *out, Reversal *v, GError **error)
{
  gint64 meter;

  if (!tilld_out_sale_meter (out->db, out->who, &v->in->sale, &meter, error) || !tilld_out_context_lock (out->db, out->who, meter, &v->c, error) ||
      !tilld_out_sale_lock (out->db, &v->in->sale, &v->sale, error))
    return FALSE;
  add_profile_facts (out, &v->c);
  return tilld_reversal_decide (&v->sale.facts, &v->way, error) && shape_reversal (v, error);
}

static gboolean
same_shift (const Reversal *v)
{
  if (v->c.drawer != 0)
    return v->sale.drawer == v->c.drawer || v->sale.created_at >= v->c.drawer_since;
  return v->sale.drawer == 0 && v->c.now - v->sale.created_at <= 12 * 3600 * TILL_SECOND;
}

static gboolean
reverse (const Out *out, Reversal *v, TilldOutResult *ret, GError **error)
{
  gboolean done = FALSE;

  reversal_hash (out->who, v->in, v->hash);
  if (!is_replay (out, &v->in->id, v->hash, &done, error))
    return FALSE;
  if (done)
    {
      ret->replayed = TRUE;
      return TRUE;
    }
  if (!load_reversal (out, v, error))
    return FALSE;
  if (out->approver == NULL &&
      tilld_reversal_needs_second (v->row.amount, v->c.limit_reversal, v->sale.operator_id == out->who->operator_id, same_shift (v)))
    return propose_reversal (out, v, ret, error);
  if (!take_id (out, &v->in->id, v->hash, ret, &done, error) || done)
    return done;
  v->row.approver = out->approver != NULL ? out->approver->operator_id : 0;
  if (v->way == TILLD_REVERSE_DEBIT ? !tilld_money_out_insert (out->db, out->who, &v->row, error) : !give_back_now (out, v, error))
    return FALSE;
  TILLD_COMMIT_POINT (out->db, REVERSAL);
  return write_log (out, "sales.reverse", &v->row, &v->in->sale, error);
}

gboolean
tilld_sale_reverse (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldReversalRequest *in, TilldOutResult *ret, GError **error)
{
  Out out = { db, profiles, who, NULL };
  Reversal v = { .in = in };
  gboolean done;

  g_assert (tilld_actor_is_set (who) && in->reason != NULL);
  *ret = (TilldOutResult){ 0 };
  done = reverse (&out, &v, ret, error);
  tilld_out_context_clear (&v.c);
  return done;
}

static gboolean
execute_reversal (TilldDb *db, const TilldApproved *approved, GError **error)
{
  Out out = { db, approved->profiles, approved->proposer, approved->approver };
  g_autoptr(JsonNode) node = json_from_string (approved->body, error);
  g_autofree char *reason = NULL;
  TilldReversalRequest in = { .id = approved->request };
  Reversal v = { .in = &in };
  TilldOutResult result = { 0 };
  TillJsonRead r;
  gboolean done;

  if (node == NULL)
    return FALSE;
  till_json_read_init (&r, node);
  till_json_read_id (&r, "sale", TILL_REQUIRED, &in.sale);
  till_json_read_text (&r, "reason", TILL_REQUIRED, 200, &reason);
  if (!till_json_read_finish (&r, error))
    return FALSE;
  in.reason = reason;
  done = reverse (&out, &v, &result, error);
  tilld_out_context_clear (&v.c);
  return done;
}

static const TilldApprovalKind reversal_kind = { "reversal", TILL_PERMISSION_APPROVE_MONEY, execute_reversal };
TILLD_APPROVAL (reversal_kind)

/* --- paying --- */

static gboolean
check_payable (const TilldActor *who, const TilldOutSale *sale, gboolean *ret_replayed, GError **error)
{
  const TilldPayFacts facts = { sale->facts.kind, sale->facts.state, sale->paid, sale->paid_by == who->operator_id, sale->original_subsidy };

  return tilld_refund_may_pay (&facts, ret_replayed, error);
}

gboolean
tilld_refund_pay (TilldDb *db, const TilldActor *who, const TillId *id, int channel, gboolean *ret_replayed, GError **error)
{
  g_auto(TilldOutContext) c = { 0 };
  TilldOutSale sale;
  Out out = { db, NULL, who, NULL };
  TilldMoneyOut row = { .id = *id };
  TilldLedgerEntry entry = { .request = *id, .fact = { .event = TILL_LEDGER_EVENT_PAID_OUT } };
  gint64 meter;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_out_sale_meter (db, who, id, &meter, error) || !tilld_out_context_lock (db, who, meter, &c, error) ||
      !tilld_out_sale_lock (db, id, &sale, error) || !check_payable (who, &sale, ret_replayed, error))
    return FALSE;
  if (*ret_replayed)
    return TRUE;
  entry.fact.amount = row.amount = sale.amount;
  entry.fact.channel = row.channel = channel >= 0 ? (TillChannel) channel : sale.channel;
  entry.fact.customer = sale.customer;
  entry.fact.site = c.site;
  row.meter = sale.meter;
  if (entry.fact.channel == TILL_CHANNEL_CASH && !tilld_drawer_hold (db, who, &entry.fact.drawer, error))
    return FALSE;
  return tilld_ledger_append (db, who, c.site, &entry, 1, error) &&
         tilld_money_out_paid (db, who, id, entry.fact.channel, entry.fact.drawer, error) && write_log (&out, "sales.paid-out", &row, NULL, error);
}
