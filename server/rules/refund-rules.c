/* SPDX-License-Identifier: GPL-2.0-or-later
 * refund-rules.c: may money go out. Pure. Money leaves only after the meter has confirmed that it lost it, so a refund is never taken on
 * trust: no link, no refund. */
#include "server/rules/refund-rules.h"

#include "server/core/bug.h"
#include "shared/api/till-limits.h"
#include "shared/base/till-energy.h"
#include "shared/base/till-error.h"

#define ENERGY_STEP 10 /* Wh: 0.01 kWh, what every purse of energy counts in */

gboolean
tilld_refund_purse_amount (const TilldPurseFacts *facts, TillMoney amount, gint64 *ret_purse_amount, GError **error)
{
  gint64 energy;

  if (facts->settlement == TILL_SETTLEMENT_SERVER || facts->purse != TILL_PURSE_ENERGY)
    {
      *ret_purse_amount = amount;
      return TRUE;
    }
  if (facts->price <= 0)
    return till_fail (error, TILL_ERROR_CONFLICT, "The meter has no tariff: nobody knows what its energy is worth.");
  /* Up to the next unit: what leaves the meter is worth at least what is paid. */
  if (!till_money_mul_div (amount, 1000, facts->price, TILL_ROUND_CEIL, &energy) || facts->unit <= 0)
    return till_fail (error, TILL_ERROR_LIMIT, "The amount is too large.");
  *ret_purse_amount = (energy + facts->unit - 1) / facts->unit * facts->unit;
  return TRUE;
}

/* What a purse counts, with its unit where that is energy. */
static char *
units_text (const TilldPurseFacts *facts, gint64 units)
{
  char text[TILL_MONEY_TEXT];

  if (facts->purse == TILL_PURSE_ENERGY)
    return g_strdup_printf ("%s kWh", till_energy_print (units, text));
  return g_strdup (till_money_is_whole_fen (units) ? till_money_print_fen (units, text) : till_money_print (units, text));
}

/* Says what is right instead: the figure to set at the meter, where its debit is one. */
static gboolean
cannot_give (const TilldPurseFacts *facts, gint64 purse_amount, GError **error)
{
  g_autofree char *from = units_text (facts, facts->balance), *to = units_text (facts, facts->balance - purse_amount);

  if (facts->debit_sets && facts->has_reading && purse_amount > 0 && purse_amount <= facts->balance)
    return till_fail (error, TILL_ERROR_UNSUPPORTED,
                      "The model %s cannot give money back from here: its balance is set, not lowered, and only with its relay open. "
                      "Set it at the meter from %s to %s, then the meter's values are accepted.", facts->model, from, to);
  return till_fail (error, TILL_ERROR_UNSUPPORTED, "The model %s cannot give money back: it is taken off on site, then the meter's values are accepted.",
                    facts->model != NULL ? facts->model : "of this meter");
}

static gboolean
meter_can_give (const TilldPurseFacts *facts, gint64 purse_amount, GError **error)
{
  g_autofree char *step = units_text (facts, facts->unit), *most = units_text (facts, facts->debit_max);

  if (facts->settlement != TILL_SETTLEMENT_METER || facts->purse == TILL_PURSE_NONE || !facts->has_debit)
    return cannot_give (facts, purse_amount, error);
  if (!facts->debit_allowed)
    return till_fail (error, TILL_ERROR_UNSUPPORTED, "Taking money off is not proven for this meter model yet.");
  g_assert (facts->unit > 0);
  if (purse_amount % facts->unit != 0)
    return till_fail (error, TILL_ERROR_INVALID, "The meter counts in steps of %s.", step);
  if (purse_amount < facts->debit_min || (facts->debit_max > 0 && purse_amount > facts->debit_max))
    return till_fail (error, TILL_ERROR_LIMIT, "The meter takes off at most %s at once.", most);
  if (facts->frozen)
    return till_fail (error, TILL_ERROR_DISPUTE, "The meter has an open case: nothing goes out until it is decided.");
  if (!facts->has_baseline)
    return till_fail (error, TILL_ERROR_CONFLICT, "The meter was not read yet.");
  if (!facts->link_up || !facts->has_reading || facts->reading_age_s > TILL_FRESH_S)
    return till_fail (error, TILL_ERROR_OFFLINE, "The meter does not answer.");
  return TRUE;
}

gboolean
tilld_refund_decide (const TilldPurseFacts *facts, TillMoney amount, gint64 purse_amount, TillSaleState *ret_state, GError **error)
{
  gint64 free_to_go;

  if (amount <= 0 || !till_money_is_whole_fen (amount))
    return till_fail (error, TILL_ERROR_INVALID, "The amount must be more than 0 and a whole number of fen.");
  if (amount > TILL_MONEY_MAX)
    return till_fail (error, TILL_ERROR_LIMIT, "The amount is too large.");
  if (!facts->installed)
    return till_fail (error, TILL_ERROR_CONFLICT, "The meter is not installed.");
  if (!facts->has_account)
    return till_fail (error, TILL_ERROR_CONFLICT, "The meter belongs to no account: there is nobody to give it to.");
  if (facts->settlement != TILL_SETTLEMENT_SERVER && !meter_can_give (facts, purse_amount, error))
    return FALSE;
  if (!till_money_sub (facts->balance, facts->going_out, &free_to_go) || purse_amount > free_to_go)
    return till_fail (error, TILL_ERROR_LIMIT, "The amount is more than the balance.");
  *ret_state = facts->settlement == TILL_SETTLEMENT_SERVER ? TILL_SALE_STATE_VERIFIED : TILL_SALE_STATE_QUEUED;
  return TRUE;
}

gboolean
tilld_reversal_decide (const TilldReversalFacts *facts, TilldReversalWay *ret_way, GError **error)
{
  if (facts->kind != TILL_SALE_KIND_SALE && facts->kind != TILL_SALE_KIND_OPENING && facts->kind != TILL_SALE_KIND_SUBSIDY)
    return till_fail (error, TILL_ERROR_CONFLICT, "Only a sale can be reversed.");
  if (facts->reversed && !TILLD_HAS_BUG (TILLD_BUG_REVERSE_TWICE))
    return till_fail (error, TILL_ERROR_CONFLICT, "This sale was reversed already.");
  if (facts->state == TILL_SALE_STATE_CANCELLED)
    return till_fail (error, TILL_ERROR_CONFLICT, "This sale was cancelled.");
  if (facts->state == TILL_SALE_STATE_HELD)
    return till_fail (error, TILL_ERROR_DISPUTE, "The delivery of this sale is a case: decide that first.");
  if (!facts->has_command)
    *ret_way = TILLD_REVERSE_SERVER;
  else if (facts->command_state == TILL_COMMAND_STATE_QUEUED)
    *ret_way = TILLD_REVERSE_CANCEL;
  else if (facts->command_state == TILL_COMMAND_STATE_VERIFIED)
    *ret_way = TILLD_REVERSE_DEBIT;
  else
    return till_fail (error, TILL_ERROR_CONFLICT, "The sale is on its way to the meter: wait until it is verified.");
  return TRUE;
}

gboolean
tilld_refund_may_pay (const TilldPayFacts *facts, gboolean *ret_replayed, GError **error)
{
  *ret_replayed = facts->paid && facts->paid_by_same;
  if (facts->kind != TILL_SALE_KIND_REFUND && facts->kind != TILL_SALE_KIND_REVERSAL)
    return till_fail (error, TILL_ERROR_CONFLICT, "Only a refund or a reversal is paid out.");
  if (facts->paid && !facts->paid_by_same)
    return till_fail (error, TILL_ERROR_CONFLICT, "This was paid out already.");
  if (facts->of_subsidy)
    return till_fail (error, TILL_ERROR_CONFLICT, "A free allowance is taken back, not paid out.");
  if (facts->state == TILL_SALE_STATE_CANCELLED)
    return till_fail (error, TILL_ERROR_CONFLICT, "This was cancelled: the meter gave nothing back.");
  if (facts->state != TILL_SALE_STATE_VERIFIED && !TILLD_HAS_BUG (TILLD_BUG_PAY_FIRST))
    return till_fail (error, TILL_ERROR_CONFLICT, "The meter has not confirmed it yet: nothing leaves the drawer before.");
  return TRUE;
}

gboolean
tilld_refund_carry (const TilldPurseFacts *facts, gint64 balance, TillMoney *ret_carried, gint64 *ret_purse_amount, GError **error)
{
  gint64 held = MAX (balance, 0);
  TillMoney worth = 0;

  if (facts->settlement != TILL_SETTLEMENT_METER || facts->purse == TILL_PURSE_NONE)
    held = 0;
  if (facts->purse != TILL_PURSE_ENERGY)
    {
      *ret_carried = *ret_purse_amount = held - held % TILL_MONEY_FEN;
      return TRUE;
    }
  held -= held % ENERGY_STEP;
  if (!till_money_mul_div (held, facts->price, 1000, TILL_ROUND_FLOOR, &worth))
    return till_fail (error, TILL_ERROR_LIMIT, "The amount is too large.");
  *ret_carried = worth - worth % TILL_MONEY_FEN;
  *ret_purse_amount = held;
  return TRUE;
}

TillMoney
tilld_reversal_amount (const TilldPurseFacts *facts, TillMoney sold, gint64 sold_energy, gint64 *ret_purse_amount)
{
  gint64 free_to_go = MAX (facts->balance - facts->going_out, 0), whole = sold_energy > 0 ? sold_energy : sold, amount;

  if (facts->settlement == TILL_SETTLEMENT_METER && facts->debit_max > 0)
    free_to_go = MIN (free_to_go, facts->debit_max);
  if (free_to_go >= whole)
    {
      *ret_purse_amount = whole;
      return sold;
    }
  if (facts->settlement == TILL_SETTLEMENT_METER && facts->unit > 0)
    free_to_go -= free_to_go % facts->unit;
  if (sold_energy > 0)
    {
      /* The part of the price that belongs to what is left. */
      *ret_purse_amount = free_to_go;
      return till_money_mul_div (sold, free_to_go, sold_energy, TILL_ROUND_FLOOR, &amount) ? amount - amount % TILL_MONEY_FEN : 0;
    }
  amount = free_to_go - free_to_go % TILL_MONEY_FEN;
  if (facts->settlement == TILL_SETTLEMENT_METER && facts->unit > 0)
    amount -= amount % facts->unit;
  *ret_purse_amount = amount;
  return amount;
}

gboolean
tilld_refund_needs_second (TillMoney amount, TillMoney limit)
{
  return limit >= 0 && amount > limit;
}

gboolean
tilld_reversal_needs_second (TillMoney amount, TillMoney limit, gboolean same_operator, gboolean same_shift)
{
  return !same_operator || !same_shift || (limit >= 0 && amount > limit);
}
