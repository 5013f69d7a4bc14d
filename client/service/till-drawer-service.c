/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-drawer-service.c: open, close. */
#define G_LOG_DOMAIN "till-drawer-service"
#include "config.h"
#include "client/service/till-drawer-service.h"

#include "client/service/till-service-call.h"
#include "shared/api/till-paths.h"

struct _TillDrawerService {
  GObject  parent_instance;
  TillApi *api;
};

G_DEFINE_FINAL_TYPE (TillDrawerService, till_drawer_service, G_TYPE_OBJECT)

static void
till_drawer_service_finalize (GObject *object)
{
  g_clear_object (&TILL_DRAWER_SERVICE (object)->api);
  G_OBJECT_CLASS (till_drawer_service_parent_class)->finalize (object);
}

static void
till_drawer_service_class_init (TillDrawerServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_drawer_service_finalize;
}

static void
till_drawer_service_init (TillDrawerService *self)
{
}

TillDrawerService *
till_drawer_service_new (TillApi *api)
{
  TillDrawerService *self = g_object_new (TILL_TYPE_DRAWER_SERVICE, NULL);

  self->api = g_object_ref (api);
  return self;
}

void
till_drawer_service_open_async (TillDrawerService *self, TillMoney opened_with, GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(JsonNode) body = till_service_body_new ();
  char amount[TILL_MONEY_TEXT];

  g_task_set_source_tag (task, till_drawer_service_open_async);
  till_service_body_text (body, "opened_with", till_money_print_fen (opened_with, amount));
  till_service_call_record (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_DRAWERS, .body = body }, TILL_TYPE_DRAWER);
}

TillDrawer *
till_drawer_service_open_finish (TillDrawerService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_drawer_service_close_async (TillDrawerService *self, const TillDrawerCount *count, GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(JsonNode) body = till_service_body_new ();
  char amount[TILL_MONEY_TEXT];

  g_task_set_source_tag (task, till_drawer_service_close_async);
  till_service_body_text (body, "counted", till_money_print_fen (count->counted, amount));
  till_service_call_record (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_DRAWER_CLOSE, .id = count->drawer, .body = body },
                            TILL_TYPE_DRAWER);
}

TillDrawer *
till_drawer_service_close_finish (TillDrawerService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
