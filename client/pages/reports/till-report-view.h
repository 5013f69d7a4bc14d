/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-report-view.h: one report on screen: chart, table with its totals at the foot, or both. Every figure is the server's. */
#pragma once
#include <gtk/gtk.h>
#include "client/model/till-report.h"

G_BEGIN_DECLS

typedef enum { TILL_REPORT_BOTH, TILL_REPORT_TABLE, TILL_REPORT_CHART } TillReportShow;

#define TILL_TYPE_REPORT_VIEW (till_report_view_get_type ())
G_DECLARE_FINAL_TYPE (TillReportView, till_report_view, TILL, REPORT_VIEW, GtkWidget)

/* title: of the chart and for screen readers. today: a day that is not over is marked "so far"; 0 = none. report NULL = loading. */
typedef struct { TillReport *report; const char *title; gint64 today; } TillReportContent;
void till_report_view_set_content (TillReportView *self, const TillReportContent *content);
void till_report_view_set_show (TillReportView *self, TillReportShow show);

G_END_DECLS
