/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sales-service.h: sell, look up by the id of the caller, receipt. No GTK. */
#pragma once
#include "client/core/till-api.h"
#include "client/model/till-sale.h"
#include "shared/api/till-enums.h"
#include "shared/base/till-id.h"
#include "shared/base/till-money.h"

G_BEGIN_DECLS

#define TILL_TYPE_SALES_SERVICE (till_sales_service_get_type ())
G_DECLARE_FINAL_TYPE (TillSalesService, till_sales_service, TILL, SALES_SERVICE, GObject)

TillSalesService *till_sales_service_new (TillApi *api);

/* id is made when the form opens and kept for every retry: the server books it once. */
typedef struct {
  TillId       id;
  gint64       meter;
  TillMoney    amount;
  TillChannel  channel;
  TillSaleKind kind;
  const char  *note;   /* or NULL */
  gint64       drawer; /* 0 = the own one */
} TillSaleDraft;

void      till_sales_service_sell_async (TillSalesService *self, const TillSaleDraft *draft, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);
TillSale *till_sales_service_sell_finish (TillSalesService *self, GAsyncResult *result, GError **error);
/* [Check]: NOT_FOUND means that no such sale was made. */
void      till_sales_service_get_async (TillSalesService *self, const char *id, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data);
TillSale *till_sales_service_get_finish (TillSalesService *self, GAsyncResult *result, GError **error);
/* Money that goes out: off the meter first, then owed, then paid. id as with a sale. APPROVAL_REQUIRED: a second operator must agree. */
typedef struct { TillId id; gint64 meter; TillMoney amount; TillChannel channel; const char *reason; } TillRefundDraft;
void      till_sales_service_refund_async (TillSalesService *self, const TillRefundDraft *draft, GCancellable *cancellable,
                                           GAsyncReadyCallback callback, gpointer user_data);
TillSale *till_sales_service_refund_finish (TillSalesService *self, GAsyncResult *result, GError **error);
typedef struct { TillId id; const char *sale, *reason; } TillReversalDraft;
void      till_sales_service_reverse_async (TillSalesService *self, const TillReversalDraft *draft, GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer user_data);
TillSale *till_sales_service_reverse_finish (TillSalesService *self, GAsyncResult *result, GError **error);
/* Hands out a verified refund or reversal, cash from the own drawer. */
void      till_sales_service_pay_async (TillSalesService *self, const char *sale, GCancellable *cancellable, GAsyncReadyCallback callback,
                                        gpointer user_data);
TillSale *till_sales_service_pay_finish (TillSalesService *self, GAsyncResult *result, GError **error);
/* The PDF; size "80mm" or "a5". */
typedef struct { const char *id, *size; } TillReceiptKey;
void      till_sales_service_receipt_async (TillSalesService *self, const TillReceiptKey *key, GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer user_data);
GBytes   *till_sales_service_receipt_finish (TillSalesService *self, GAsyncResult *result, GError **error);

G_END_DECLS
