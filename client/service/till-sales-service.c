/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sales-service.c: sell, look up, receipt. Never repeats a sale by itself: the form does, with the same id. */
#define G_LOG_DOMAIN "till-sales-service"
#include "config.h"
#include "client/service/till-sales-service.h"

#include "client/service/till-service-call.h"
#include "shared/api/till-paths.h"

struct _TillSalesService {
  GObject  parent_instance;
  TillApi *api;
};

G_DEFINE_FINAL_TYPE (TillSalesService, till_sales_service, G_TYPE_OBJECT)

static void
till_sales_service_finalize (GObject *object)
{
  g_clear_object (&TILL_SALES_SERVICE (object)->api);
  G_OBJECT_CLASS (till_sales_service_parent_class)->finalize (object);
}

static void
till_sales_service_class_init (TillSalesServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_sales_service_finalize;
}

static void
till_sales_service_init (TillSalesService *self)
{
}

TillSalesService *
till_sales_service_new (TillApi *api)
{
  TillSalesService *self = g_object_new (TILL_TYPE_SALES_SERVICE, NULL);

  self->api = g_object_ref (api);
  return self;
}

void
till_sales_service_sell_async (TillSalesService *self, const TillSaleDraft *draft, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(JsonNode) body = till_service_body_new ();
  char id[TILL_ID_TEXT], amount[TILL_MONEY_TEXT];

  g_return_if_fail (!till_id_is_nil (&draft->id));
  g_task_set_source_tag (task, till_sales_service_sell_async);
  till_service_body_text (body, "id", till_id_print (&draft->id, id));
  till_service_body_int (body, "meter", draft->meter);
  till_service_body_text (body, "amount", till_money_print_fen (draft->amount, amount));
  till_service_body_text (body, "channel", till_channel_word (draft->channel));
  if (draft->kind != TILL_SALE_KIND_SALE)
    till_service_body_text (body, "kind", till_sale_kind_word (draft->kind));
  till_service_body_text (body, "note", draft->note);
  if (draft->drawer != 0)
    till_service_body_int (body, "drawer", draft->drawer);
  till_service_call_record (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_SALES, .body = body }, TILL_TYPE_SALE);
}

TillSale *
till_sales_service_sell_finish (TillSalesService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_sales_service_get_async (TillSalesService *self, const char *id, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_sales_service_get_async);
  till_service_call_record (task, self->api, &(TillCall){ .path = TILL_PATH_SALE, .id = id }, TILL_TYPE_SALE);
}

TillSale *
till_sales_service_get_finish (TillSalesService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
receipt_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  GBytes *pdf = till_api_fetch_finish (TILL_API (source), result, &error);

  if (pdf == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, pdf, (GDestroyNotify) g_bytes_unref);
}

void
till_sales_service_receipt_async (TillSalesService *self, const TillReceiptKey *key, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *query = g_strconcat ("size=", key->size != NULL ? key->size : "80mm", NULL);

  g_task_set_source_tag (task, till_sales_service_receipt_async);
  till_api_fetch_async (self->api, &(TillCall){ .path = TILL_PATH_SALE_RECEIPT, .id = key->id, .query = query }, cancellable, receipt_cb,
                        g_object_ref (task));
}

GBytes *
till_sales_service_receipt_finish (TillSalesService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_sales_service_refund_async (TillSalesService *self, const TillRefundDraft *draft, GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(JsonNode) body = till_service_body_new ();
  char id[TILL_ID_TEXT], amount[TILL_MONEY_TEXT];

  g_return_if_fail (!till_id_is_nil (&draft->id));
  g_task_set_source_tag (task, till_sales_service_refund_async);
  till_service_body_text (body, "id", till_id_print (&draft->id, id));
  till_service_body_int (body, "meter", draft->meter);
  till_service_body_text (body, "amount", till_money_print_fen (draft->amount, amount));
  till_service_body_text (body, "channel", till_channel_word (draft->channel));
  till_service_body_text (body, "reason", draft->reason);
  till_service_call_record (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_REFUNDS, .body = body }, TILL_TYPE_SALE);
}

TillSale *
till_sales_service_refund_finish (TillSalesService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_sales_service_reverse_async (TillSalesService *self, const TillReversalDraft *draft, GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(JsonNode) body = till_service_body_new ();
  char id[TILL_ID_TEXT];

  g_return_if_fail (!till_id_is_nil (&draft->id));
  g_task_set_source_tag (task, till_sales_service_reverse_async);
  till_service_body_text (body, "id", till_id_print (&draft->id, id));
  till_service_body_text (body, "reason", draft->reason);
  till_service_call_record (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_SALE_REVERSE, .id = draft->sale, .body = body },
                            TILL_TYPE_SALE);
}

TillSale *
till_sales_service_reverse_finish (TillSalesService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_sales_service_pay_async (TillSalesService *self, const char *sale, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(JsonNode) body = till_service_body_new ();

  g_task_set_source_tag (task, till_sales_service_pay_async);
  till_service_call_record (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_SALE_PAY, .id = sale, .body = body }, TILL_TYPE_SALE);
}

TillSale *
till_sales_service_pay_finish (TillSalesService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
