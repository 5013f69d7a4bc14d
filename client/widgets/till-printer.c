/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-printer.c: PDFs of the server on paper. The page of the PDF is the paper: margins 0, scale 1, so that an 80 mm receipt leaves
 * as 80 mm. With a remembered printer no dialog appears. */
#define G_LOG_DOMAIN "till-printer"
#include "config.h"
#include <glib/gi18n.h>
#include <poppler.h>
#include "client/widgets/till-printer.h"

typedef struct {
  PopplerDocument   *document;
  GtkPrintOperation *operation;
} Printing;

static void
printing_free (gpointer data)
{
  Printing *p = data;

  g_clear_object (&p->document);
  g_clear_object (&p->operation);
  g_free (p);
}

static void
request_page_setup_cb (GtkPrintOperation *operation, GtkPrintContext *context, int number, GtkPageSetup *setup, gpointer user_data)
{
  Printing *p = user_data;
  PopplerPage *page = poppler_document_get_page (p->document, number);
  double width, height;
  GtkPaperSize *size;

  poppler_page_get_size (page, &width, &height);
  g_object_unref (page);
  size = gtk_paper_size_new_custom ("till-page", _("Receipt"), MIN (width, height), MAX (width, height), GTK_UNIT_POINTS);
  gtk_page_setup_set_paper_size (setup, size);
  gtk_page_setup_set_orientation (setup, width > height ? GTK_PAGE_ORIENTATION_LANDSCAPE : GTK_PAGE_ORIENTATION_PORTRAIT);
  gtk_page_setup_set_top_margin (setup, 0, GTK_UNIT_POINTS);
  gtk_page_setup_set_bottom_margin (setup, 0, GTK_UNIT_POINTS);
  gtk_page_setup_set_left_margin (setup, 0, GTK_UNIT_POINTS);
  gtk_page_setup_set_right_margin (setup, 0, GTK_UNIT_POINTS);
  gtk_paper_size_free (size);
}

static void
draw_page_cb (GtkPrintOperation *operation, GtkPrintContext *context, int number, gpointer user_data)
{
  Printing *p = user_data;
  PopplerPage *page = poppler_document_get_page (p->document, number);

  poppler_page_render_for_printing (page, gtk_print_context_get_cairo_context (context));
  g_object_unref (page);
}

static void
done_cb (GtkPrintOperation *operation, GtkPrintOperationResult result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GtkPrintSettings *settings = gtk_print_operation_get_print_settings (operation);
  GError *error = NULL;

  if (result == GTK_PRINT_OPERATION_RESULT_ERROR)
    {
      gtk_print_operation_get_error (operation, &error);
      g_task_return_error (task, error);
    }
  else if (result == GTK_PRINT_OPERATION_RESULT_CANCEL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "not printed");
  else
    g_task_return_pointer (task, g_strdup (settings != NULL ? gtk_print_settings_get_printer (settings) : NULL), g_free);
}

void
till_printer_print_async (GtkWidget *parent, const TillPrintJob *job, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (parent, cancellable, callback, user_data);
  GtkRoot *root = gtk_widget_get_root (parent);
  g_autoptr (GtkPrintSettings) settings = gtk_print_settings_new ();
  g_autofree char *path = NULL;
  GtkPrintOperationAction action = GTK_PRINT_OPERATION_ACTION_PRINT_DIALOG;
  Printing *p = g_new0 (Printing, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, till_printer_print_async);
  g_task_set_task_data (task, p, printing_free);
  p->document = poppler_document_new_from_bytes (job->pdf, NULL, &error);
  if (p->document == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  p->operation = gtk_print_operation_new ();
  gtk_print_operation_set_job_name (p->operation, job->job_name);
  gtk_print_operation_set_n_pages (p->operation, poppler_document_get_n_pages (p->document));
  gtk_print_operation_set_use_full_page (p->operation, TRUE);
  gtk_print_operation_set_unit (p->operation, GTK_UNIT_POINTS);
  gtk_print_operation_set_allow_async (p->operation, TRUE);
  gtk_print_settings_set_scale (settings, 100);
  if (job->export_file != NULL)
    {
      path = g_file_get_path (job->export_file);
      gtk_print_operation_set_export_filename (p->operation, path);
      action = GTK_PRINT_OPERATION_ACTION_EXPORT;
    }
  else if (job->printer != NULL && job->printer[0] != '\0')
    {
      gtk_print_settings_set_printer (settings, job->printer);
      action = GTK_PRINT_OPERATION_ACTION_PRINT;
    }
  gtk_print_operation_set_print_settings (p->operation, settings);
  g_signal_connect (p->operation, "request-page-setup", G_CALLBACK (request_page_setup_cb), p);
  g_signal_connect (p->operation, "draw-page", G_CALLBACK (draw_page_cb), p);
  g_signal_connect (p->operation, "done", G_CALLBACK (done_cb), task);
  gtk_print_operation_run (p->operation, action, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, NULL);
}

char *
till_printer_print_finish (GtkWidget *parent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, parent), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
