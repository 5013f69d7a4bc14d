/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-customer-service.c: customers and their accounts. */
#define G_LOG_DOMAIN "till-customer-service"
#include "config.h"
#include "client/service/till-customer-service.h"

#include "client/service/till-service-call.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

struct _TillCustomerService {
  GObject  parent_instance;
  TillApi *api;
};

G_DEFINE_FINAL_TYPE (TillCustomerService, till_customer_service, G_TYPE_OBJECT)

static void
till_customer_service_finalize (GObject *object)
{
  g_clear_object (&TILL_CUSTOMER_SERVICE (object)->api);
  G_OBJECT_CLASS (till_customer_service_parent_class)->finalize (object);
}

static void
till_customer_service_class_init (TillCustomerServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_customer_service_finalize;
}

static void
till_customer_service_init (TillCustomerService *self)
{
}

TillCustomerService *
till_customer_service_new (TillApi *api)
{
  TillCustomerService *self = g_object_new (TILL_TYPE_CUSTOMER_SERVICE, NULL);

  self->api = g_object_ref (api);
  return self;
}

void
till_customer_service_get_async (TillCustomerService *self, gint64 customer, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, customer);

  g_task_set_source_tag (task, till_customer_service_get_async);
  till_service_call_record (task, self->api, &(TillCall){ .path = TILL_PATH_CUSTOMER, .id = id }, TILL_TYPE_CUSTOMER);
}

TillCustomer *
till_customer_service_get_finish (TillCustomerService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_customer_service_get_account_async (TillCustomerService *self, gint64 account, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, account);

  g_task_set_source_tag (task, till_customer_service_get_account_async);
  till_service_call_record (task, self->api, &(TillCall){ .path = TILL_PATH_ACCOUNT, .id = id }, TILL_TYPE_ACCOUNT);
}

TillAccount *
till_customer_service_get_account_finish (TillCustomerService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_customer_service_meters_async (TillCustomerService *self, const TillMetersOf *of, GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *query = g_strdup_printf ("%s=%" G_GINT64_FORMAT "&sort=code&limit=%u", of->account != 0 ? "account" : "customer",
                                            of->account != 0 ? of->account : of->customer, TILL_PAGE_MAX);

  g_task_set_source_tag (task, till_customer_service_meters_async);
  till_service_call_list (task, self->api, &(TillCall){ .path = TILL_PATH_METERS, .query = query }, TILL_TYPE_METER);
}

GListModel *
till_customer_service_meters_finish (TillCustomerService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_customer_service_order_async (TillCustomerService *self, const TillAccountOrder *order, GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  static const char *const paths[] = { TILL_PATH_ACCOUNT_CLOSE, TILL_PATH_ACCOUNT_METERS, TILL_PATH_ACCOUNT_RESUME,
                                       TILL_PATH_ACCOUNT_SUSPEND, TILL_PATH_ACCOUNT_TRANSFER, TILL_PATH_ACCOUNTS };
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, order->account);

  g_task_set_source_tag (task, till_customer_service_order_async);
  till_service_call_node (task, self->api,
                          &(TillCall){ .method = "POST", .path = paths[order->verb], .id = order->account != 0 ? id : NULL, .body = order->body });
}

JsonNode *
till_customer_service_order_finish (TillCustomerService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
