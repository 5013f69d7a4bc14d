/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-report-error.c: see till-report-error.h. The window offers the action win.toast (s) for small things. */
#define G_LOG_DOMAIN "till-report-error"
#include "config.h"
#include <glib/gi18n.h>
#include "client/core/till-api-error.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-alert.h"

G_DEFINE_INTERFACE (TillReporter, till_reporter, GTK_TYPE_WIDGET)

static void
till_reporter_default_init (TillReporterInterface *iface)
{
}

void
till_report_done (GtkWidget *widget, const char *text)
{
  if (!gtk_widget_activate_action (widget, "win.toast", "s", text))
    g_message ("%s", text);
}

void
till_report_error (GtkWidget *widget, TillReportKind kind, const GError *error)
{
  g_autofree char *text = NULL;

  if (error == NULL || till_api_error_is_cancelled (error))
    return;
  for (GtkWidget *at = widget; at != NULL; at = gtk_widget_get_parent (at))
    if (TILL_IS_REPORTER (at) && TILL_REPORTER_GET_IFACE (at)->report (TILL_REPORTER (at), kind, error))
      return;
  text = till_api_error_describe (error);
  if (kind != TILL_REPORT_MONEY && gtk_widget_get_root (widget) == NULL)
    g_message ("after its window was closed: %s", text);
  else if (kind == TILL_REPORT_MONEY)
    till_alert_show (widget, till_api_error_is_in_doubt (error) ? _("The outcome is not known") : _("Nothing was booked"), text);
  else if (!gtk_widget_activate_action (widget, "win.toast", "s", text))
    g_critical ("nobody shows: %s", text);
}
