/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-money.c: checked integer money. Intermediate products are 128 bits wide; nothing here knows a floating type. */
#include "shared/base/till-money.h"
#include <string.h>
#include "shared/base/till-error.h"

#define DECIMALS_MAX 6

static const gint64 scales[DECIMALS_MAX + 1] = { 1, 10, 100, 1000, 10000, 100000, 1000000 };

gboolean
till_money_add (TillMoney a, TillMoney b, TillMoney *ret)
{
  TillMoney sum;
  if (__builtin_add_overflow (a, b, &sum))
    return FALSE;
  *ret = sum;
  return TRUE;
}

gboolean
till_money_sub (TillMoney a, TillMoney b, TillMoney *ret)
{
  TillMoney difference;
  if (__builtin_sub_overflow (a, b, &difference))
    return FALSE;
  *ret = difference;
  return TRUE;
}

gboolean
till_money_mul_div (gint64 a, gint64 b, gint64 c, TillRounding rounding, gint64 *ret)
{
  __int128 product = (__int128) a * b;
  __int128 quotient, rest;

  g_return_val_if_fail (c > 0, FALSE);
  quotient = product / c; /* towards zero */
  rest = product % c;     /* sign of the product */
  switch (rounding)
    {
    case TILL_ROUND_HALF_AWAY:
      if ((rest < 0 ? -rest : rest) * 2 >= c)
        quotient += product < 0 ? -1 : 1;
      break;
    case TILL_ROUND_FLOOR:
      if (rest < 0)
        quotient--;
      break;
    case TILL_ROUND_CEIL:
      if (rest > 0)
        quotient++;
      break;
    default:
      g_assert_not_reached ();
    }
  if (quotient > G_MAXINT64 || quotient < G_MININT64)
    return FALSE;
  *ret = (gint64) quotient;
  return TRUE;
}

gboolean
till_money_is_whole_fen (TillMoney amount)
{
  return amount % TILL_MONEY_FEN == 0;
}

gboolean
till_money_parse (const char *text, TillMoney *ret, GError **error)
{
  return till_decimal_parse (text, 4, TILL_MONEY_MAX, ret, error);
}

const char *
till_money_print (TillMoney amount, char buf[TILL_MONEY_TEXT])
{
  return till_decimal_print (amount, 4, buf);
}

const char *
till_money_print_fen (TillMoney amount, char buf[TILL_MONEY_TEXT])
{
  gint64 fen;
  gboolean fits = till_money_mul_div (amount, 1, TILL_MONEY_FEN, TILL_ROUND_HALF_AWAY, &fen);
  g_assert (fits);
  return till_decimal_print (fen, 2, buf);
}

/* Digits of *at into *value (scaled by 10 each); FALSE beyond max_abs. */
static gboolean
take_digits (const char **at, gint64 max_abs, guint max_digits, guint *ret_digits, gint64 *value)
{
  guint n = 0;
  for (; g_ascii_isdigit (**at); (*at)++, n++)
    {
      if (n >= max_digits || *value > (max_abs - (**at - '0')) / 10)
        return FALSE;
      *value = *value * 10 + (**at - '0');
    }
  *ret_digits = n;
  return TRUE;
}

gboolean
till_decimal_parse (const char *text, guint decimals, gint64 max_abs, gint64 *ret, GError **error)
{
  const char *at = text;
  gint64 value = 0;
  guint whole = 0, fraction = 0;
  gboolean negative;

  g_return_val_if_fail (decimals <= DECIMALS_MAX && max_abs > 0, FALSE);
  if (text == NULL)
    return till_fail (error, TILL_ERROR_INVALID, "a decimal number is missing");
  negative = *at == '-';
  if (negative)
    at++;
  if (at[0] == '0' && g_ascii_isdigit (at[1]))
    return till_fail (error, TILL_ERROR_INVALID, "a decimal number has no leading zeros");
  if (!take_digits (&at, max_abs, G_MAXUINT, &whole, &value))
    return till_fail (error, TILL_ERROR_INVALID, "the number is too large");
  if (whole == 0)
    return till_fail (error, TILL_ERROR_INVALID, "not a decimal number");
  if (*at == '.')
    {
      at++;
      if (!take_digits (&at, max_abs, decimals, &fraction, &value))
        return till_fail (error, TILL_ERROR_INVALID, "at most %u decimals, or the number is too large", decimals);
      if (fraction == 0)
        return till_fail (error, TILL_ERROR_INVALID, "digits are missing after the decimal point");
    }
  if (*at != '\0')
    return till_fail (error, TILL_ERROR_INVALID, "not a decimal number");
  if (negative && value == 0)
    return till_fail (error, TILL_ERROR_INVALID, "zero has no sign");
  if (value > max_abs / scales[decimals - fraction])
    return till_fail (error, TILL_ERROR_INVALID, "the number is too large");
  value *= scales[decimals - fraction];
  *ret = negative ? -value : value;
  return TRUE;
}

const char *
till_decimal_print (gint64 value, guint decimals, char buf[TILL_MONEY_TEXT])
{
  guint64 magnitude = value < 0 ? -(guint64) value : (guint64) value;
  guint64 scale;

  g_assert (decimals <= DECIMALS_MAX);
  scale = (guint64) scales[decimals];
  if (decimals == 0)
    g_snprintf (buf, TILL_MONEY_TEXT, "%s%" G_GUINT64_FORMAT, value < 0 ? "-" : "", magnitude);
  else
    g_snprintf (buf, TILL_MONEY_TEXT, "%s%" G_GUINT64_FORMAT ".%0*" G_GUINT64_FORMAT, value < 0 ? "-" : "",
                magnitude / scale, (int) decimals, magnitude % scale);
  return buf;
}

typedef struct {
  guint    index;
  __int128 rest;
} Share;

static int
compare_rest (gconstpointer a, gconstpointer b, gpointer data)
{
  const Share *x = a, *y = b;
  if (x->rest != y->rest)
    return x->rest > y->rest ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

void
till_money_split (TillMoney total, const gint64 *weights, guint n, TillMoney *ret_parts)
{
  __int128 sum = 0, left = total < 0 ? -(__int128) total : total;
  const __int128 magnitude = left;
  g_autofree Share *shares = g_new (Share, n);

  for (guint i = 0; i < n; i++)
    {
      g_assert (weights[i] >= 0);
      sum += weights[i];
    }
  g_assert (sum > 0);
  for (guint i = 0; i < n; i++)
    {
      __int128 part = magnitude * weights[i] / sum;
      shares[i] = (Share){ i, magnitude * weights[i] % sum };
      ret_parts[i] = (TillMoney) (total < 0 ? -part : part);
      left -= part;
    }
  g_assert (left >= 0 && left < n);
  g_qsort_with_data (shares, (int) n, sizeof *shares, compare_rest, NULL);
  for (guint i = 0; left > 0; i++, left--)
    ret_parts[shares[i].index] += total < 0 ? -1 : 1;
}
