/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-export.c: see till-export.h. The server makes the sheet; nothing of it is held in memory here. */
#define G_LOG_DOMAIN "till-export"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/till-export.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-file-dialog.h"

typedef struct {
  GtkWidget         *widget;
  TillReportService *service;
  char              *path, *id;
  TillQuery         *query;
  GFile             *target;
} Export;

static void
export_free (Export *export)
{
  g_clear_object (&export->widget);
  g_clear_object (&export->service);
  g_clear_object (&export->query);
  g_clear_object (&export->target);
  g_free (export->path);
  g_free (export->id);
  g_free (export);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Export, export_free)

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Export) export = user_data;
  g_autoptr (GError) error = NULL;

  if (till_report_service_export_finish (export->service, result, &error))
    {
      g_autofree char *name = g_file_get_basename (export->target);
      g_autofree char *text = g_strdup_printf (_("Saved %s"), name);
      till_report_done (export->widget, text);
    }
  else
    till_report_error (export->widget, TILL_REPORT_ACTION, error);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Export *export = user_data;
  g_autoptr (GError) error = NULL;
  TillExport wanted;

  export->target = till_file_dialog_save_finish (export->widget, result, &error);
  if (export->target == NULL)
    {
      till_report_error (export->widget, TILL_REPORT_ACTION, error);
      export_free (export);
      return;
    }
  wanted = (TillExport){ export->path, export->id, export->query, export->target, NULL, NULL };
  till_report_service_export_async (export->service, &wanted, NULL, exported_cb, export);
}

void
till_export_run (GtkWidget *widget, TillReportService *service, const TillExport *wanted, const char *name)
{
  Export *export = g_new0 (Export, 1);
  g_autofree char *file = g_strconcat (name, g_str_has_suffix (name, ".csv") ? NULL : ".xlsx", NULL);
  TillSaveDialog dialog = { _("Export"), file };

  export->widget = g_object_ref (widget);
  export->service = g_object_ref (service);
  export->path = g_strdup (wanted->path);
  export->id = g_strdup (wanted->id);
  export->query = wanted->query != NULL ? till_query_copy (wanted->query) : NULL;
  till_file_dialog_save_async (widget, &dialog, NULL, chosen_cb, export);
}
