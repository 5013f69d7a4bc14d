/* SPDX-License-Identifier: GPL-2.0-or-later
 * history.h: readings of one meter as settlement, simulation and conservation need them. */
#pragma once
#include "server/db/db-conn.h"
#include "server/rules/settle-rules.h"

G_BEGIN_DECLS

typedef struct {
  TilldSettleReading reading;
  gboolean           has_balance, has_total;
  TillMoney          balance, purchased_total;
} TilldHistoryReading;

/* Those with energy, from <= at < to, by time; appended. */
gboolean tilld_history_load (TilldDb *db, gint64 meter, TillTime from, TillTime to, GArray *ret_readings, GError **error);

G_END_DECLS
