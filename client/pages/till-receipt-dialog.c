/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-receipt-dialog.c: see till-receipt-dialog.h. The layout is the server's; here it is only shown, printed and saved. */
#define G_LOG_DOMAIN "till-receipt-dialog"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/till-receipt-dialog.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-file-dialog.h"
#include "client/widgets/till-pdf-view.h"
#include "client/widgets/till-printer.h"
#include "client/widgets/till-strip.h"

struct _TillReceiptDialog {
  AdwWindow      parent_instance;
  TillStrip     *strip;
  TillPdfView   *view;
  GtkDropDown   *size;
  GtkSpinner    *spinner;
  TillContext   *context;
  char          *sale, *number;
  GBytes        *pdf;
  GCancellable  *cancellable;
};

static void reporter_init (TillReporterInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TillReceiptDialog, till_receipt_dialog, ADW_TYPE_WINDOW, G_IMPLEMENT_INTERFACE (TILL_TYPE_REPORTER, reporter_init))

static const char *const sizes[] = { "80mm", "a5" };

static gboolean
report (TillReporter *reporter, TillReportKind kind, const GError *error)
{
  g_autofree char *text = till_api_error_describe (error);

  till_strip_show (TILL_RECEIPT_DIALOG (reporter)->strip, TILL_STRIP_ERROR, text, kind == TILL_REPORT_LOAD ? _("Retry") : NULL);
  return TRUE;
}

static void
reporter_init (TillReporterInterface *iface)
{
  iface->report = report;
}

static void
set_pdf (TillReceiptDialog *self, GBytes *pdf)
{
  gboolean have = pdf != NULL;

  g_clear_pointer (&self->pdf, g_bytes_unref);
  self->pdf = have ? g_bytes_ref (pdf) : NULL;
  gtk_spinner_set_spinning (self->spinner, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), FALSE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "receipt.print", have);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "receipt.save", have);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillReceiptDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) pdf = till_sales_service_receipt_finish (TILL_SALES_SERVICE (source), result, &error);

  if (pdf != NULL && till_pdf_view_set_bytes (self->view, pdf, &error))
    set_pdf (self, pdf);
  else
    {
      set_pdf (self, NULL);
      till_report_error (GTK_WIDGET (self), TILL_REPORT_LOAD, error);
    }
}

static void
load (TillReceiptDialog *self)
{
  TillReceiptKey key = { self->sale, sizes[MIN (gtk_drop_down_get_selected (self->size), G_N_ELEMENTS (sizes) - 1)] };

  if (self->context == NULL)
    return;
  till_strip_hide (self->strip);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), TRUE);
  gtk_spinner_set_spinning (self->spinner, TRUE);
  till_sales_service_receipt_async (till_context_get_sales (self->context), &key, self->cancellable, loaded_cb, g_object_ref (self));
}

static void
size_cb (TillReceiptDialog *self)
{
  guint chosen = gtk_drop_down_get_selected (self->size);

  if (self->context == NULL || chosen >= G_N_ELEMENTS (sizes))
    return;
  g_object_set (till_context_get_settings (self->context), "receipt-size", sizes[chosen], NULL);
  load (self);
}

static void
printed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillReceiptDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *printer = till_printer_print_finish (GTK_WIDGET (source), result, &error);

  if (error != NULL)
    till_report_error (GTK_WIDGET (self), TILL_REPORT_ACTION, error);
  else if (printer != NULL)
    g_object_set (till_context_get_settings (self->context), "printer", printer, NULL);
}

static void
print_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillReceiptDialog *self = TILL_RECEIPT_DIALOG (widget);
  TillPrintJob job = { self->pdf, self->number, till_settings_get_text (till_context_get_settings (self->context), "printer"), NULL };

  if (self->pdf != NULL)
    till_printer_print_async (widget, &job, self->cancellable, printed_cb, g_object_ref (self));
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillReceiptDialog) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    till_report_error (GTK_WIDGET (self), TILL_REPORT_ACTION, error);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillReceiptDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = till_file_dialog_save_finish (GTK_WIDGET (source), result, &error);

  if (file != NULL && self->pdf != NULL)
    g_file_replace_contents_bytes_async (file, self->pdf, NULL, FALSE, G_FILE_CREATE_NONE, self->cancellable, saved_cb, g_object_ref (self));
}

static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillReceiptDialog *self = TILL_RECEIPT_DIALOG (widget);
  g_autofree char *file = g_strdup_printf ("%s.pdf", self->number);
  TillSaveDialog dialog = { _("Save the receipt"), file };

  till_file_dialog_save_async (widget, &dialog, self->cancellable, chosen_cb, g_object_ref (self));
}

TillReceiptDialog *
till_receipt_dialog_show (GtkWidget *parent, TillContext *context, TillSale *sale)
{
  GtkRoot *root = gtk_widget_get_root (parent);
  TillReceiptDialog *self = g_object_new (TILL_TYPE_RECEIPT_DIALOG, "transient-for", GTK_IS_WINDOW (root) ? root : NULL, "modal", TRUE, NULL);
  const char *size = till_settings_get_text (till_context_get_settings (context), "receipt-size");
  const char *number = till_record_text (sale, "number");

  self->sale = g_strdup (till_record_key (sale));
  self->number = g_strdup (number != NULL ? number : "receipt");
  gtk_drop_down_set_selected (self->size, g_strcmp0 (size, "a5") == 0 ? 1 : 0);
  g_set_object (&self->context, context);
  load (self);
  gtk_window_present (GTK_WINDOW (self));
  return self;
}

/* Gone from the screen for good: no answer is waited for. Calls under way hold a reference, so dispose would come too late. */
static void
till_receipt_dialog_unmap (GtkWidget *widget)
{
  g_cancellable_cancel (TILL_RECEIPT_DIALOG (widget)->cancellable);
  GTK_WIDGET_CLASS (till_receipt_dialog_parent_class)->unmap (widget);
}

static void
till_receipt_dialog_dispose (GObject *object)
{
  TillReceiptDialog *self = TILL_RECEIPT_DIALOG (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->context);
  g_clear_pointer (&self->pdf, g_bytes_unref);
  g_clear_pointer (&self->sale, g_free);
  g_clear_pointer (&self->number, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), TILL_TYPE_RECEIPT_DIALOG);
  G_OBJECT_CLASS (till_receipt_dialog_parent_class)->dispose (object);
}

static void
till_receipt_dialog_class_init (TillReceiptDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_receipt_dialog_dispose;
  widget_class->unmap = till_receipt_dialog_unmap;
  g_type_ensure (TILL_TYPE_PDF_VIEW);
  g_type_ensure (TILL_TYPE_STRIP);
  gtk_widget_class_install_action (widget_class, "receipt.print", NULL, print_action);
  gtk_widget_class_install_action (widget_class, "receipt.save", NULL, save_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_p, GDK_CONTROL_MASK, "receipt.print", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_s, GDK_CONTROL_MASK, "receipt.save", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/till-receipt-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TillReceiptDialog, strip);
  gtk_widget_class_bind_template_child (widget_class, TillReceiptDialog, view);
  gtk_widget_class_bind_template_child (widget_class, TillReceiptDialog, size);
  gtk_widget_class_bind_template_child (widget_class, TillReceiptDialog, spinner);
  gtk_widget_class_bind_template_callback_full (widget_class, "load", G_CALLBACK (load));
  gtk_widget_class_bind_template_callback (widget_class, size_cb);
}

static void
till_receipt_dialog_init (TillReceiptDialog *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  set_pdf (self, NULL);
}
