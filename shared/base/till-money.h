/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-money.h: money as int64 in 1/10000 of the currency unit (10000 = 1.00 yuan), also prices per kWh.
 * Every operation is checked; no floating point. On the wire a decimal string. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef gint64 TillMoney;

#define TILL_MONEY_UNIT ((TillMoney) 10000) /* one currency unit */
#define TILL_MONEY_FEN  ((TillMoney) 100)   /* what a customer pays is a whole number of these */
#define TILL_MONEY_TEXT 32                  /* bytes for till_money_print */
/* Widest amount accepted from outside, so that sums of a whole site stay in range: 10^11 currency units. */
#define TILL_MONEY_MAX  (G_GINT64_CONSTANT (1000000000000000))

typedef enum { TILL_ROUND_HALF_AWAY, TILL_ROUND_FLOOR, TILL_ROUND_CEIL } TillRounding;

/* FALSE on overflow, *ret untouched. ret may alias an operand. */
gboolean till_money_add (TillMoney a, TillMoney b, TillMoney *ret);
gboolean till_money_sub (TillMoney a, TillMoney b, TillMoney *ret);
/* a * b / c in 128 bits; c > 0. */
gboolean till_money_mul_div (gint64 a, gint64 b, gint64 c, TillRounding rounding, gint64 *ret);
gboolean till_money_is_whole_fen (TillMoney amount);

/* Strict: -?(0|[1-9][0-9]*)(\.[0-9]{1,4})? and |value| <= TILL_MONEY_MAX. "1e2", "+1", " 1", "1." and "-0" are INVALID. */
gboolean till_money_parse (const char *text, TillMoney *ret, GError **error);
/* Always four decimals, "128.5000", "-0.0100"; returns buf. */
const char *till_money_print (TillMoney amount, char buf[TILL_MONEY_TEXT]);
/* Two decimals with rounding half away, for receipts and sheets: "128.50"; returns buf. */
const char *till_money_print_fen (TillMoney amount, char buf[TILL_MONEY_TEXT]);

/* Decimal text with a fixed number of decimals (0..6) <-> scaled integer; the base of money, energy and register scales.
 * parse refuses more decimals than given. */
gboolean till_decimal_parse (const char *text, guint decimals, gint64 max_abs, gint64 *ret, GError **error);
const char *till_decimal_print (gint64 value, guint decimals, char buf[TILL_MONEY_TEXT]);

/* Largest remainder: parts sum exactly to total; weights >= 0 with at least one > 0. */
void till_money_split (TillMoney total, const gint64 *weights, guint n, TillMoney *ret_parts);

G_END_DECLS
