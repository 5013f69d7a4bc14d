/* SPDX-License-Identifier: GPL-2.0-or-later
 * settle-fixture.h: readings and rounds for tests of settlement. */
#pragma once
#include "server/domain/money/settle.h"
#include "server/jobs/settling.h"
#include "tests/db/money-fixture.h"

G_BEGIN_DECLS

#define HOUR_US (G_GINT64_CONSTANT (3600) * TILL_SECOND)

void     settle_sql (Money *money, const char *format, ...) G_GNUC_PRINTF (2, 3);
TillTime settle_now (Money *money);
TilldSettlingStats settle_round (Money *money, TillTime now); /* asserts that nothing failed */
/* Hourly readings of a meter that uses wh an hour, from days ago to the last full hour. */
void     settle_read_hourly (Money *money, gint64 meter, int days, int wh);
/* The same with a purse that falls by price; sold is added to it and to the total in the middle. Up to midnight of the site. */
void     settle_read_purse (Money *money, gint64 meter, int days, int wh, gint64 balance, int price, gint64 sold);
/* MONEY_METER_B becomes a meter whose purse counts energy, and holds balance Wh since ten days ago. */
void     settle_adopt_energy (Money *money, gint64 balance);
/* Its hourly readings: lost of the purse an hour, counted by the register; sold Wh in the middle. */
void     settle_read_energy (Money *money, int days, int counted, gint64 balance, int lost, gint64 sold);
TillTime settle_after_midnight (Money *money);
void     settle_adopt (Money *money, gint64 meter, gint64 balance);

G_END_DECLS
