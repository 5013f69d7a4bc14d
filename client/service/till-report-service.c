/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-report-service.c: reports on screen, any route as a sheet. */
#define G_LOG_DOMAIN "till-report-service"
#include "config.h"
#include "client/service/till-report-service.h"

#include "shared/api/till-paths.h"

struct _TillReportService {
  GObject  parent_instance;
  TillApi *api;
};

G_DEFINE_FINAL_TYPE (TillReportService, till_report_service, G_TYPE_OBJECT)

static void
till_report_service_finalize (GObject *object)
{
  g_clear_object (&TILL_REPORT_SERVICE (object)->api);
  G_OBJECT_CLASS (till_report_service_parent_class)->finalize (object);
}

static void
till_report_service_class_init (TillReportServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_report_service_finalize;
}

static void
till_report_service_init (TillReportService *self)
{
}

TillReportService *
till_report_service_new (TillApi *api)
{
  TillReportService *self = g_object_new (TILL_TYPE_REPORT_SERVICE, NULL);

  self->api = g_object_ref (api);
  return self;
}

#define REPORT_TIMEOUT_S 120
#define EXPORT_TIMEOUT_S 600 /* until the first byte */

static void
run_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) reply = till_api_call_finish (TILL_API (source), result, &error);
  TillReport *report;

  if (reply == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else if ((report = till_report_new_from_json (reply, &error)) == NULL)
    g_task_return_new_error (task, TILL_API_ERROR, TILL_API_ERROR_VERSION, "%s", error->message);
  else
    g_task_return_pointer (task, report, g_object_unref);
}

void
till_report_service_run_async (TillReportService *self, const TillReportCall *call, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *query = call->query != NULL ? till_query_to_uri (call->query) : NULL;

  g_task_set_source_tag (task, till_report_service_run_async);
  till_api_call_async (self->api, &(TillCall){ .path = TILL_PATH_REPORT, .id = call->name, .query = query, .timeout_s = REPORT_TIMEOUT_S },
                       cancellable, run_cb, g_object_ref (task));
}

TillReport *
till_report_service_run_finish (TillReportService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
export_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;

  if (till_api_download_finish (TILL_API (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
till_report_service_export_async (TillReportService *self, const TillExport *wanted, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *filters = wanted->query != NULL ? till_query_to_uri (wanted->query) : g_strdup ("");
  g_autofree char *name = g_file_get_basename (wanted->target);
  g_autofree char *query = g_strconcat ("format=", g_str_has_suffix (name, ".csv") ? "csv" : "xlsx", *filters != '\0' ? "&" : "", filters, NULL);
  TillDownload download = {
    .call = { .path = wanted->path, .id = wanted->id, .query = query, .timeout_s = EXPORT_TIMEOUT_S },
    .target = wanted->target,
    .progress = wanted->progress,
    .progress_data = wanted->progress_data,
  };

  g_task_set_source_tag (task, till_report_service_export_async);
  till_api_download_async (self->api, &download, cancellable, export_cb, g_object_ref (task));
}

gboolean
till_report_service_export_finish (TillReportService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
