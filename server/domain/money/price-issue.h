/* SPDX-License-Identifier: GPL-2.0-or-later
 * price-issue.h: prices reach the meters: what a tariff makes of a model is ordered when it is given to a meter, and when another version,
 * assignment or season begins. A meter that was told the same already gets no order. */
#pragma once
#include "server/domain/money/tariff-book.h"
#include "server/domain/office/actor.h"
#include "server/domain/office/job.h"
#include "server/profile/profile-load.h"

G_BEGIN_DECLS

#define TILLD_PRICE_JOB   "issue_prices"
#define TILLD_PRICE_BATCH 200

typedef struct {
  const TilldProfiles   *profiles;
  const TilldTariffBook *book;
  const TilldActor      *who;
} TilldPriceTools;

typedef struct {
  gint64      meter;
  const char *reason;
  gint64      now_ms;
} TilldPriceOrder;

/* Orders what the meter should hold today, with its day plan and tiers, unless it was told so. *ret_id nil: no order; *ret_why (caller frees)
 * says why not, NULL: it is as it should be. */
gboolean tilld_price_order (TilldDb *db, const TilldPriceTools *tools, const TilldPriceOrder *in, TillId *ret_id, char **ret_why, GError **error);
/* The same with a book of its own: for one meter. */
gboolean tilld_price_order_one (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldPriceOrder *in, GError **error);

/* What a tariff makes of the model of a meter today; NULL: it holds no prices. */
typedef struct { gint64 meter, tariff; } TilldPriceOf;
gboolean tilld_price_value (TilldDb *db, const TilldProfiles *profiles, gint64 site, const TilldPriceOf *of, char **ret_json, GError **error);

/* These meters (or this area) have another tariff from today: a job of n meters, which goes on from where it was after a restart. */
typedef struct {
  gint64        tariff;
  const gint64 *meters;
  guint         n_meters;
  gint64        area;
  gint64        n;
} TilldPriceGiven;
gboolean tilld_price_issue_given (TilldDb *db, const TilldActor *who, const TilldPriceGiven *in, TillId *ret_job, GError **error);
/* Once for each day of the site, when it begins: assignments that are due hold, and meters whose prices are others than on the day of the last
 * such job get them. */
gboolean tilld_price_issue_day (TilldDb *db, gint64 site, TillTime now, GError **error);

/* The next batch of such a job. */
gboolean tilld_price_issue_step (TilldDb *db, const TilldProfiles *profiles, const TilldJobTask *task, TillTime now, GError **error);

G_END_DECLS
