/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-report-service.h: reports on screen; any list or report as a sheet. No GTK. */
#pragma once
#include "client/core/till-api.h"
#include "client/model/till-query.h"
#include "client/model/till-report.h"

G_BEGIN_DECLS

#define TILL_TYPE_REPORT_SERVICE (till_report_service_get_type ())
G_DECLARE_FINAL_TYPE (TillReportService, till_report_service, TILL, REPORT_SERVICE, GObject)

TillReportService *till_report_service_new (TillApi *api);

/* query: from=, to=, by=, area= as filters. */
typedef struct { const char *name; TillQuery *query; } TillReportCall;
void        till_report_service_run_async (TillReportService *self, const TillReportCall *call, GCancellable *cancellable,
                                           GAsyncReadyCallback callback, gpointer user_data);
TillReport *till_report_service_run_finish (TillReportService *self, GAsyncResult *result, GError **error);

/* The same route with format=xlsx (or csv when the name of target ends so), streamed into target. */
typedef struct {
  const char     *path; /* TILL_PATH_METERS, TILL_PATH_REPORT, … */
  const char     *id;   /* report name or id in the path, or NULL */
  TillQuery      *query;
  GFile          *target;
  TillApiProgress progress;
  gpointer        progress_data;
} TillExport;
void     till_report_service_export_async (TillReportService *self, const TillExport *wanted, GCancellable *cancellable,
                                           GAsyncReadyCallback callback, gpointer user_data);
gboolean till_report_service_export_finish (TillReportService *self, GAsyncResult *result, GError **error);

G_END_DECLS
