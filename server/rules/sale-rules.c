/* SPDX-License-Identifier: GPL-2.0-or-later
 * sale-rules.c: may this sale be taken. Pure. Money comes in only when the way to the meter is known to be open, or the
 * site has decided to sell on trust. */
#include "server/rules/sale-rules.h"

#include "server/rules/energy-rules.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-validate.h"
#include "shared/base/till-error.h"

TillMoney
tilld_sale_balance_limit (const TilldSaleFacts *facts)
{
  TillMoney limit = G_MAXINT64;

  if (facts->hoard_limit > 0)
    limit = facts->hoard_limit;
  if (facts->settlement == TILL_SETTLEMENT_METER && facts->purse_max > 0)
    limit = MIN (limit, facts->purse_max);
  return limit;
}

static gint64
units_of (const TilldSaleFacts *facts)
{
  return facts->purse_amount != 0 ? facts->purse_amount : facts->amount;
}

gboolean
tilld_sale_purse_amount (const TilldSaleFacts *facts, const TilldEnergyWish *wish, gint64 *ret_purse_amount, GError **error)
{
  char text[TILL_MONEY_TEXT];
  gint64 energy = wish->energy;
  TilldEnergyRest rest = wish->rest;
  TillMoney cost = 0;

  *ret_purse_amount = facts->amount;
  if (facts->settlement != TILL_SETTLEMENT_METER || facts->purse != TILL_PURSE_ENERGY)
    return !wish->energy_given || till_fail (error, TILL_ERROR_INVALID, "This meter takes money, not energy.");
  if (wish->price <= 0)
    return till_fail (error, TILL_ERROR_CONFLICT, "The meter has no tariff: nobody knows what its energy costs.");
  if (wish->energy_given)
    {
      if (energy <= 0 || !till_money_mul_div (energy, wish->price, 1000 * TILL_MONEY_FEN, TILL_ROUND_HALF_AWAY, &cost) ||
          facts->amount != cost * TILL_MONEY_FEN)
        return till_fail (error, TILL_ERROR_INVALID, "This energy costs %s.", till_money_print_fen (cost * TILL_MONEY_FEN, text));
    }
  else if (!tilld_energy_buy (facts->amount, wish->price, MAX (facts->unit, 1), &rest, &energy, error))
    return FALSE;
  *ret_purse_amount = energy;
  return TRUE;
}

/* What a purse counts, with its unit where that is energy. */
static char *
units_text (const TilldSaleFacts *facts, gint64 units)
{
  char text[TILL_MONEY_TEXT];

  if (facts->purse == TILL_PURSE_ENERGY)
    return g_strdup_printf ("%s kWh", till_energy_print (units, text));
  return g_strdup (till_money_is_whole_fen (units) ? till_money_print_fen (units, text) : till_money_print (units, text));
}

static gboolean
meter_can_take_it (const TilldSaleFacts *facts, GError **error)
{
  g_autofree char *step = units_text (facts, facts->unit), *least = units_text (facts, facts->write_min), *most = units_text (facts, facts->write_max);

  if (facts->settlement == TILL_SETTLEMENT_SERVER)
    return TRUE;
  if (facts->settlement != TILL_SETTLEMENT_METER || facts->purse == TILL_PURSE_NONE || (facts->purse == TILL_PURSE_ENERGY && facts->purse_amount == 0))
    return till_fail (error, TILL_ERROR_UNSUPPORTED, "This meter does not take money.");
  if (!facts->write_allowed)
    return till_fail (error, TILL_ERROR_UNSUPPORTED, "Recharging is not proven for this meter model yet.");
  g_assert (facts->unit > 0);
  if (units_of (facts) % facts->unit != 0)
    return till_fail (error, TILL_ERROR_INVALID, "The meter counts in steps of %s.", step);
  if (facts->write_min > 0 && units_of (facts) < facts->write_min)
    return till_fail (error, TILL_ERROR_LIMIT, "The meter takes at least %s at once.", least);
  if (facts->write_max > 0 && units_of (facts) > facts->write_max)
    return till_fail (error, TILL_ERROR_LIMIT, "The meter takes at most %s at once.", most);
  return TRUE;
}

static gboolean
people_allow_it (const TilldSaleFacts *facts, GError **error)
{
  if (!facts->installed)
    return till_fail (error, TILL_ERROR_CONFLICT, "The meter is not installed.");
  if (!facts->has_account)
    return till_fail (error, TILL_ERROR_CONFLICT, "The meter belongs to no open account.");
  if (facts->account_state != TILL_ACCOUNT_STATE_OPEN)
    return till_fail (error, TILL_ERROR_CONFLICT, "The account is not open.");
  if (facts->frozen)
    return till_fail (error, TILL_ERROR_DISPUTE, "The meter has an open case: no sales until it is decided.");
  return TRUE;
}

gboolean
tilld_sale_decide (const TilldSaleFacts *facts, TillSaleState *ret_state, GError **error)
{
  TillMoney after;

  if (facts->kind != TILL_SALE_KIND_SALE && facts->kind != TILL_SALE_KIND_OPENING && facts->kind != TILL_SALE_KIND_SUBSIDY)
    return till_fail (error, TILL_ERROR_INVALID, "This kind is not sold.");
  if (!till_validate_sale_amount (facts->amount, facts->operator_max, error) || !people_allow_it (facts, error) ||
      !meter_can_take_it (facts, error))
    return FALSE;
  if (!till_money_add (facts->balance, facts->waiting, &after) || !till_money_add (after, units_of (facts), &after) ||
      after > tilld_sale_balance_limit (facts))
    return till_fail (error, TILL_ERROR_LIMIT, "The balance would exceed what the meter may hold.");
  if (facts->settlement == TILL_SETTLEMENT_SERVER)
    *ret_state = TILL_SALE_STATE_VERIFIED;
  else if (facts->link_up && facts->has_reading && facts->reading_age_s <= TILL_FRESH_S)
    *ret_state = TILL_SALE_STATE_PAID;
  else if (facts->may_queue)
    *ret_state = TILL_SALE_STATE_QUEUED;
  else
    return till_fail (error, TILL_ERROR_OFFLINE, "The meter does not answer.");
  return TRUE;
}
