/* SPDX-License-Identifier: GPL-2.0-or-later
 * delivery.c: verdicts of money commands and adoption of first baselines: asks the rules with what the database has, and commits what
 * they say. Moves no bytes. */
#include "server/domain/money/delivery.h"

#include "server/core/clock.h"
#include "server/db/db-tx.h"
#include "server/domain/money/delivery-store.h"
#include "server/domain/money/refund-store.h"
#include "server/rules/energy-rules.h"

typedef struct {
  const TilldDeliveryReadBack *in;
  TillCommandState             state; /* the command's before */
  TilldDeliveryStep            step;
} Settle;

gboolean
tilld_delivery_hold (TilldDb *db, const TillId *id, TillCaseReason reason, const TilldMoneyReading *reading, GError **error)
{
  TilldDeliveryCase c;

  if (!tilld_delivery_load (db, id, &c, error))
    return FALSE;
  if (c.order.delivery.state != TILL_COMMAND_STATE_QUEUED)
    return till_fail (error, TILL_ERROR_STALE, "held: the command moved on");
  return tilld_delivery_store_hold (db, id, TILL_COMMAND_STATE_QUEUED, c.order.delivery.attempt, reason, reading, error);
}

gboolean
tilld_delivery_give_up_debit (TilldDb *db, const TillId *id, GError **error)
{
  return tilld_delivery_cancel (db, id, TILL_COMMAND_KIND_DEBIT, "the meter holds less than this", error);
}

static gboolean
commit_without_posting (TilldDb *db, gpointer data, GError **error)
{
  const Settle *s = data;

  if (s->step.next == TILL_COMMAND_STATE_QUEUED)
    return tilld_delivery_store_again (db, &s->in->id, s->in->attempt, s->step.wait_ms, &s->in->reading, error);
  g_assert (s->step.next == TILL_COMMAND_STATE_HELD);
  return tilld_delivery_store_hold (db, &s->in->id, s->state, s->in->attempt, s->step.reason, &s->in->reading, error);
}

static gboolean
post_verified (TilldLedger *ledger, TilldDb *db, const TilldDeliveryReadBack *in, const TilldDeliveryCase *c, const TilldPurse *after,
               GError **error)
{
  gboolean debit = c->order.delivery.kind == TILL_COMMAND_KIND_DEBIT;
  TilldLedgerFact fact = { .event = debit ? TILL_LEDGER_EVENT_DEBITED : TILL_LEDGER_EVENT_DELIVERED, .amount = c->money_amount, .site = c->site,
                           .meter = c->order.meter, .customer = c->customer, .subsidy = debit && c->subsidy };
  TilldLedgerItem item = { .kind = TILLD_ITEM_DELIVERED, .request = in->id, .site = c->site, .event = fact.event, .meter = c->order.meter,
                           .epoch = c->order.delivery.epoch, .attempt = in->attempt, .count = after->count, .reading = in->reading,
                           .reverses = debit ? c->reverses : 0, .customer = c->customer, .purse_amount = c->order.delivery.amount };
  TilldLedgerAnswer answer;
  g_autoptr(GError) local = NULL;
  TilldDeliveryCase now;

  item.reading.refund_count = after->refund_count;
  if (!tilld_ledger_postings (&fact, item.postings, &item.n_postings, error))
    return FALSE;
  if (tilld_ledger_post (ledger, &item, &answer, &local))
    return TRUE;
  /* The commit may have been ours although its answer was lost. */
  if (till_error_is (local, TILL_ERROR_STALE) && tilld_delivery_load (db, &in->id, &now, NULL) &&
      now.order.delivery.state == TILL_COMMAND_STATE_VERIFIED && now.order.delivery.attempt == in->attempt)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
tilld_delivery_settle (TilldLedger *ledger, TilldDb *db, const TilldDeliveryReadBack *in, TilldDeliveryStep *ret_step, TilldPurse *ret_purse,
                       GError **error)
{
  TilldDeliveryEvent event = { .kind = TILLD_EVENT_READ_BACK, .reading = &in->reading, .confirmed = in->confirmed };
  TilldDeliveryCase c;
  Settle settle = { .in = in };

  g_assert (!tilld_db_in_transaction (db));
  if (!tilld_delivery_load (db, &in->id, &c, error))
    return FALSE;
  if (c.order.delivery.state != TILL_COMMAND_STATE_VERIFYING || c.order.delivery.attempt != in->attempt)
    return till_fail (error, TILL_ERROR_STALE, "verdict: the command moved on");
  settle.state = c.order.delivery.state;
  settle.step = tilld_delivery_step (&c.order.delivery, &c.order.purse, &in->terms, &event);
  if (settle.step.next == TILL_COMMAND_STATE_VERIFIED)
    {
      gboolean debit = c.order.delivery.kind == TILL_COMMAND_KIND_DEBIT;

      tilld_purse_after (&c.order.purse, &in->reading, debit ? c.order.purse.count : c.order.delivery.seq,
                   debit ? c.order.delivery.seq : c.order.purse.refund_count);
      if (!post_verified (ledger, db, in, &c, &c.order.purse, error))
        return FALSE;
    }
  else if (settle.step.next != settle.state)
    {
      if (!tilld_tx_run (db, TILLD_READ_COMMITTED, commit_without_posting, &settle, error))
        return FALSE;
      c.order.purse.frozen |= (settle.step.effects & TILLD_EFFECT_CASE) != 0;
    }
  *ret_step = settle.step;
  *ret_purse = c.order.purse;
  return TRUE;
}

gboolean
tilld_purse_adopt (TilldLedger *ledger, TilldDb *db, gint64 meter, const TilldMoneyReading *reading, TilldPurse *ret_purse, GError **error)
{
  TilldPurseRow row = { 0 };
  TilldLedgerItem item = { .kind = TILLD_ITEM_ADOPTED, .event = TILL_LEDGER_EVENT_ADOPTED, .meter = meter, .epoch = reading->epoch,
                           .reading = *reading };
  TilldLedgerAnswer answer;
  g_autoptr(GError) local = NULL;

  g_assert (!tilld_db_in_transaction (db));
  if (!tilld_purse_load (db, meter, &row, error))
    return FALSE;
  if (row.purse.epoch != reading->epoch)
    return till_fail (error, TILL_ERROR_STALE, "adoption: the meter was replaced");
  if (!row.purse.has_baseline)
    {
      TillMoney worth = row.energy ? tilld_energy_worth (reading->balance, row.price) : reading->balance;
      TilldLedgerFact fact = { .event = item.event, .amount = worth, .site = row.site, .meter = meter };

      tilld_purse_after (&row.purse, reading, 0, 0);
      till_id_new (&item.request, tilld_clock_wall (tilld_clock_system ()) / 1000);
      item.site = row.site;
      item.count = row.purse.count;
      if (row.on_meter && worth != 0 && !tilld_ledger_postings (&fact, item.postings, &item.n_postings, error))
        return FALSE;
      if (!tilld_ledger_post (ledger, &item, &answer, &local))
        {
          if (!till_error_is (local, TILL_ERROR_STALE))
            {
              g_propagate_error (error, g_steal_pointer (&local));
              return FALSE;
            }
          if (!tilld_purse_load (db, meter, &row, error)) /* somebody else's adoption stands */
            return FALSE;
        }
    }
  *ret_purse = row.purse;
  return TRUE;
}
