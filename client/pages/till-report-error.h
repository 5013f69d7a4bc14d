/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-report-error.h: the one way of an error to the person. Walks up from a widget to the nearest reporter (dialog, page, window) that
 * takes it; one that nobody takes is a critical. Cancellation is dropped here and nowhere else. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum {
  TILL_REPORT_LOAD,   /* a page or list could not be had: strip with Retry */
  TILL_REPORT_ACTION, /* a small action failed: toast */
  TILL_REPORT_MONEY,  /* money or irreversible: says what is certain and what is not */
} TillReportKind;

#define TILL_TYPE_REPORTER (till_reporter_get_type ())
G_DECLARE_INTERFACE (TillReporter, till_reporter, TILL, REPORTER, GtkWidget)

struct _TillReporterInterface
{
  GTypeInterface parent_iface;
  gboolean (*report) (TillReporter *self, TillReportKind kind, const GError *error); /* TRUE = shown */
};

void till_report_error (GtkWidget *widget, TillReportKind kind, const GError *error);
/* A short message at the foot of the window: "Saved meters.xlsx". */
void till_report_done (GtkWidget *widget, const char *text);

G_END_DECLS
