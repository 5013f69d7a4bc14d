/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-validate.h: checks that grey out a button in the client and reject on the server: one text, one rule. */
#pragma once
#include "shared/base/till-money.h"

G_BEGIN_DECLS

/* Each returns TRUE, or sets an INVALID or LIMIT error whose message is a translatable English sentence (msgid). */
gboolean till_validate_sale_amount (TillMoney amount, TillMoney operator_max, GError **error); /* > 0, whole fen, <= max (0 = none) */
gboolean till_validate_balance_after (TillMoney balance, TillMoney amount, TillMoney hoard_limit, GError **error);
gboolean till_validate_alarm_limits (TillMoney alarm1, TillMoney alarm2, GError **error);      /* alarm 1 > alarm 2 >= 0 */
gboolean till_validate_password (const char *password, GError **error);                        /* ASVS: 8..256 bytes, no composition rule */

G_END_DECLS
