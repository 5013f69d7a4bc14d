/* SPDX-License-Identifier: GPL-2.0-or-later
 * sale.h: taking money. A sale is decided on a request lane without locks, then posted by the ledger lane together with its
 * command, log row, feed row and doorbell in one transaction. The caller's id makes it happen once. */
#pragma once
#include "server/db/db-list.h"
#include "server/domain/money/ledger.h"
#include "server/domain/office/actor.h"
#include "server/profile/profile-load.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

typedef struct {
  TillId       id;
  gint64       meter;
  TillMoney    amount;
  TillChannel  channel;
  TillSaleKind kind;   /* sale, opening, subsidy */
  gint64       drawer; /* 0 = the operator's open one; none open: one is opened with float 0 */
  char        *note;   /* owned; NULL = none */
  gboolean     has_energy; /* a purse of energy: amount is its price */
  gint64       energy;     /* Wh */
} TilldSaleRequest;

typedef struct {
  TillId        id;
  gint64        number;
  TillSaleKind  kind;
  TillSaleState state;
  gint64        meter, account, customer, area, operator_id, drawer; /* 0 = none */
  char         *meter_code, *account_code, *customer_name, *room, *operator_name, *note; /* owned; NULL = none */
  TillMoney     amount;
  gboolean      has_energy, has_price, has_before, has_after, has_count;
  gint64        energy, price;
  TillChannel   channel;
  gint64        count;
  TillMoney     balance_before, balance_after;
  TillId        reverses;
  TillTime      created_at, verified_at, paid_at; /* paid_at: money out was handed over */
  gint64        approved_by;
  int           paid_channel; /* -1 = not paid */
  gboolean      replayed; /* answer of an earlier request with the same id and body */
} TilldSale;

void     tilld_sale_request_clear (TilldSaleRequest *request);
void     tilld_sale_clear (TilldSale *sale);
/* The members of api.md; opens and ends the object. */
void     tilld_sale_write_json (const TilldSale *sale, const char *name, TillJsonWrite *w);

/* On a request lane, OUTSIDE any transaction: waits for the ledger lane. INVALID, NOT_FOUND, CONFLICT, DISPUTE, LIMIT, UNSUPPORTED,
 * OFFLINE, BUSY. */
gboolean tilld_sale_create (TilldLedger *ledger, TilldDb *db, const TilldProfiles *profiles, const TilldActor *who,
                            const TilldSaleRequest *in, TilldSale *ret_sale, GError **error);

/* The same without a waiting thread, for all that came together. in and who must live until done, which is called once for each task, on this
 * thread or on the ledger's, and may free it; finish says what came of it. Start waits for nothing but db. */
typedef struct _TilldSaleTask TilldSaleTask;
typedef void (*TilldSaleDone) (gpointer data);
TilldSaleTask *tilld_sale_task_new (const TilldActor *who, const TilldSaleRequest *in, TilldSaleDone done, gpointer data);
void           tilld_sale_task_free (TilldSaleTask *task);
void           tilld_sale_tasks_start (TilldSaleTask **tasks, guint n, TilldLedger *ledger, TilldDb *db, const TilldProfiles *profiles);
void           tilld_sale_task_refuse (TilldSaleTask *task, const GError *reason); /* instead of start: calls done */
/* After done: the sale, or why not. *ret_replayed: two with this id met; the first answer is read with tilld_sale_get. */
gboolean       tilld_sale_task_finish (TilldSaleTask *task, TilldSale *ret_sale, gboolean *ret_replayed, GError **error);

/* A sale inside a transaction: an opening amount that comes along with its account, one that a second operator
 * agreed to. judge_only: as if the meter were in an open account; else the item for tilld_ledger_post_within, which borrows in->note. */
gboolean tilld_sale_opening (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldSaleRequest *in, gboolean judge_only,
                             TilldLedgerItem *ret_item, GError **error); /* lint: parameters, as tilld_sale_create */

gboolean tilld_sale_get (TilldDb *db, const TilldActor *who, const TillId *id, TilldSale *ret_sale, GError **error);

/* A page of sales. query: filters id, meter, account, customer, area, operator, state, kind, channel, from, to, date, q; sort; offset,
 * limit. ret_sales: GArray of TilldSale with a clear function; ret_amount: sum of all that match, not of the page. */
gboolean tilld_sale_list (TilldDb *db, const TilldActor *who, GHashTable *query, gboolean whole, GArray **ret_sales, gint64 *ret_total,
                          TillMoney *ret_amount, GError **error);
extern const TilldListSpec tilld_sale_list_spec;

/* Days of the site's zone, both included: one row a day and channel that has sales (kinds sale, opening, subsidy; cancelled left out). */
typedef struct {
  TillDay   day;
  gint      channel;
  gint64    count;
  TillMoney amount;
  TillMoney cash;
} TilldSalesDay;
gboolean tilld_sales_daily (TilldDb *db, const TilldActor *who, TillDay from, TillDay to, gint64 area, GArray **ret_days, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldSaleTask, tilld_sale_task_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldSaleRequest, tilld_sale_request_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldSale, tilld_sale_clear)

G_END_DECLS
