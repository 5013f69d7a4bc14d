/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-customer-service.h: customers and their accounts. No GTK. */
#pragma once
#include "client/core/till-api.h"
#include "client/model/till-account.h"
#include "client/model/till-customer.h"
#include "client/model/till-meter.h"

G_BEGIN_DECLS

#define TILL_TYPE_CUSTOMER_SERVICE (till_customer_service_get_type ())
G_DECLARE_FINAL_TYPE (TillCustomerService, till_customer_service, TILL, CUSTOMER_SERVICE, GObject)

TillCustomerService *till_customer_service_new (TillApi *api);

void          till_customer_service_get_async (TillCustomerService *self, gint64 customer, GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);
TillCustomer *till_customer_service_get_finish (TillCustomerService *self, GAsyncResult *result, GError **error);
void          till_customer_service_get_account_async (TillCustomerService *self, gint64 account, GCancellable *cancellable,
                                                      GAsyncReadyCallback callback, gpointer user_data);
TillAccount  *till_customer_service_get_account_finish (TillCustomerService *self, GAsyncResult *result, GError **error);

/* The meters of a customer or of an account (the other is 0), by code: a GListModel of TillMeter, at most TILL_PAGE_MAX. */
typedef struct { gint64 customer, account; } TillMetersOf;
void          till_customer_service_meters_async (TillCustomerService *self, const TillMetersOf *of, GCancellable *cancellable,
                                                  GAsyncReadyCallback callback, gpointer user_data);
GListModel   *till_customer_service_meters_finish (TillCustomerService *self, GAsyncResult *result, GError **error);

/* What happens to an account, as JSON of the contract. A body with an id may be sent again: it is done once. */
typedef enum {
  TILL_ACCOUNT_CLOSE, TILL_ACCOUNT_METERS, TILL_ACCOUNT_RESUME, TILL_ACCOUNT_SUSPEND, TILL_ACCOUNT_TRANSFER, TILL_ACCOUNT_OPEN
} TillAccountVerb;
typedef struct { TillAccountVerb verb; gint64 account; JsonNode *body; } TillAccountOrder; /* account 0: one that is opened */
void          till_customer_service_order_async (TillCustomerService *self, const TillAccountOrder *order, GCancellable *cancellable,
                                                 GAsyncReadyCallback callback, gpointer user_data);
JsonNode     *till_customer_service_order_finish (TillCustomerService *self, GAsyncResult *result, GError **error);

G_END_DECLS
