/* SPDX-License-Identifier: GPL-2.0-or-later
 * account-terms.h: what a meter begins with when an account is opened on it: what is given, else the default of its place and class, else what
 * its record has. Writes the record; the orders to the meter are the caller's. */
#pragma once
#include "server/domain/money/account.h"
#include "server/domain/plant/preset-fill.h"

G_BEGIN_DECLS

/* INSIDE a transaction that holds the meters. INVALID names the limit: "meters[3].limits.alarm1". */
gboolean tilld_account_terms_set (TilldDb *db, gint64 site, const TilldAccountMeter *meters, guint n, GError **error);

/* The alarms of one meter, in what its purse counts. given: TilldGivenLimit, of given1 and given2. FALSE: what is given contradicts itself or
 * what the record has. */
typedef struct { guint32 given; gint64 given1, given2, record1, record2; } TilldAccountAlarms;
gboolean tilld_account_terms_alarms (const TilldAccountAlarms *in, const TilldPreset *preset, TillPurse purse, gint64 *ret_alarm1, gint64 *ret_alarm2);

G_END_DECLS
