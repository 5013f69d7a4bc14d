/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-validate.c: rules that client and server apply alike. The messages are message ids: the client shows them translated. */
#include "shared/api/till-validate.h"
#include <glib/gi18n-lib.h>
#include <string.h>
#include "shared/api/till-limits.h"
#include "shared/base/till-error.h"

gboolean
till_validate_sale_amount (TillMoney amount, TillMoney operator_max, GError **error)
{
  if (amount <= 0)
    return till_fail (error, TILL_ERROR_INVALID, "%s", N_("The amount must be greater than zero."));
  if (!till_money_is_whole_fen (amount))
    return till_fail (error, TILL_ERROR_INVALID, "%s", N_("The amount can have at most two decimals."));
  if (operator_max > 0 && amount > operator_max)
    return till_fail (error, TILL_ERROR_LIMIT, "%s", N_("The amount is above the limit of this operator."));
  if (amount > TILL_MONEY_MAX)
    return till_fail (error, TILL_ERROR_LIMIT, "%s", N_("The amount is too large."));
  return TRUE;
}

gboolean
till_validate_balance_after (TillMoney balance, TillMoney amount, TillMoney hoard_limit, GError **error)
{
  TillMoney after;
  if (!till_money_add (balance, amount, &after) || (hoard_limit > 0 && after > hoard_limit))
    return till_fail (error, TILL_ERROR_LIMIT, "%s", N_("The balance would exceed the hoard limit of the meter."));
  return TRUE;
}

gboolean
till_validate_alarm_limits (TillMoney alarm1, TillMoney alarm2, GError **error)
{
  if (alarm2 < 0)
    return till_fail (error, TILL_ERROR_INVALID, "%s", N_("Alarm 2 cannot be below zero."));
  if (alarm1 <= alarm2)
    return till_fail (error, TILL_ERROR_INVALID, "%s", N_("Alarm 1 must be greater than alarm 2."));
  return TRUE;
}

gboolean
till_validate_password (const char *password, GError **error)
{
  gsize len = password != NULL ? strlen (password) : 0;
  if (len < 8)
    return till_fail (error, TILL_ERROR_INVALID, "%s", N_("The password needs at least 8 characters."));
  if (len > TILL_PASSWORD_BYTES)
    return till_fail (error, TILL_ERROR_INVALID, "%s", N_("The password is too long."));
  return TRUE;
}
