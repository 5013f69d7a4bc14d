/* SPDX-License-Identifier: GPL-2.0-or-later
 * settle.h: what was used becomes what was earned. Server-settled meters charge their account at each full reading; meters that settle
 * themselves are followed day by day: what their purse lost is posted, and compared with what their energy costs. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/money/tariff-book.h"
#include "server/domain/office/actor.h"
#include "server/profile/profile-load.h"

G_BEGIN_DECLS

typedef struct {
  const TilldTariffBook *book;
  const TilldProfiles   *profiles;
  const TilldActor      *who;   /* the server itself */
  TillTime               until; /* readings up to here */
  gboolean               all;   /* an unfinished day too: an account is closed, a meter is replaced */
} TilldSettleContext;

typedef struct {
  guint     settlements;
  TillMoney amount;      /* posted */
  gboolean  deferred;    /* readings wait: money was under way, or the meter's count is ahead of the ledger */
  gboolean  discrepancy; /* a case was opened */
} TilldSettleOutcome;

/* One meter, inside one transaction. A meter without tariff, or one that is not settled, is left alone. */
gboolean tilld_settle_meter (TilldDb *db, const TilldSettleContext *c, gint64 meter, TilldSettleOutcome *ret, GError **error);

/* Server-settled meters with full readings that are not settled yet; and meters that settle themselves, above a number, by number. */
gboolean tilld_settle_due (TilldDb *db, guint limit, GArray *ret_meters, GError **error);
gboolean tilld_settle_daily (TilldDb *db, gint64 above, guint limit, GArray *ret_meters, GError **error);
/* State, balance and alarms of server-settled meters follow their accounts. */
gboolean tilld_settle_states (TilldDb *db, GError **error);

G_END_DECLS
