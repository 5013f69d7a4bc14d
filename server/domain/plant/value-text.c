/* SPDX-License-Identifier: GPL-2.0-or-later
 * value-text.c: one value of a meter as text. */
#include "server/domain/plant/value-text.h"
#include "shared/base/till-money.h"
#include "shared/base/till-time.h"

char *
tilld_value_text (const TilldProfile *profile, const TilldPoint *point, TilldWordOrder order, const guint16 *regs)
{
  TilldQuantity quantity = tilld_field_quantity ((int) point->name);
  guint         decimals = 0;
  char          buf[TILL_MONEY_TEXT], day[TILL_DAY_TEXT];
  TilldValue    v;

  tilld_point_decode (profile, point, order, regs, &v);
  if (v.state != TILLD_VALUE_OK)
    return NULL;
  if (quantity == TILLD_QUANTITY_TEXT)
    return g_strdup (v.text);
  if (quantity == TILLD_QUANTITY_TIME)
    return g_strdup_printf ("%s %02d:%02d:%02d", till_day_print ((TillDay) (v.number / 86400), day), (int) (v.number % 86400 / 3600),
                            (int) (v.number % 3600 / 60), (int) (v.number % 60));
  if (quantity == TILLD_QUANTITY_ENERGY || quantity == TILLD_QUANTITY_MILLI)
    decimals = 3;
  else if (quantity == TILLD_QUANTITY_PURSE)
    decimals = profile->purse == TILL_PURSE_ENERGY ? 3 : 4;
  else if (quantity == TILLD_QUANTITY_PRICE)
    decimals = 4;
  return g_strdup (till_decimal_print (v.number, decimals, buf));
}
