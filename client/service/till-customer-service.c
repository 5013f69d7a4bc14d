/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-customer-service.c: customers and their accounts. */
#define G_LOG_DOMAIN "till-customer-service"
#include "config.h"
#include "client/service/till-customer-service.h"

#include "client/service/till-service-call.h"
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
