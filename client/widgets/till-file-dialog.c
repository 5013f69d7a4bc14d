/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-file-dialog.c: GtkFileChooserNative in the asynchronous shape of later toolkits. */
#define G_LOG_DOMAIN "till-file-dialog"
#include "config.h"
#include <glib/gi18n.h>
#include "client/widgets/till-file-dialog.h"

static GFile *next_answer;

void
till_file_dialog_answer_next (GFile *file)
{
  g_set_object (&next_answer, file);
}

static void
response_cb (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  if (response == GTK_RESPONSE_ACCEPT)
    g_task_return_pointer (task, gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)), g_object_unref);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "no file chosen");
  g_object_unref (dialog);
}

void
till_file_dialog_save_async (GtkWidget *parent, const TillSaveDialog *dialog, GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GTask *task = g_task_new (parent, cancellable, callback, user_data);
  GtkRoot *root = gtk_widget_get_root (parent);
  GtkFileChooserNative *native;

  g_task_set_source_tag (task, till_file_dialog_save_async);
  if (next_answer != NULL)
    {
      g_task_return_pointer (task, g_steal_pointer (&next_answer), g_object_unref);
      g_object_unref (task);
      return;
    }
  native = gtk_file_chooser_native_new (dialog->title, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, GTK_FILE_CHOOSER_ACTION_SAVE,
                                        _("_Save"), _("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (native), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (native), dialog->name);
  g_signal_connect (native, "response", G_CALLBACK (response_cb), task);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (native));
}

GFile *
till_file_dialog_save_finish (GtkWidget *parent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, parent), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_file_dialog_open_async (GtkWidget *parent, const TillOpenDialog *dialog, GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GTask *task = g_task_new (parent, cancellable, callback, user_data);
  GtkRoot *root = gtk_widget_get_root (parent);
  g_auto (GStrv) patterns = g_strsplit (dialog->patterns, ";", -1);
  g_autoptr (GtkFileFilter) filter = NULL;
  GtkFileChooserNative *native;

  g_task_set_source_tag (task, till_file_dialog_open_async);
  if (next_answer != NULL)
    {
      g_task_return_pointer (task, g_steal_pointer (&next_answer), g_object_unref);
      g_object_unref (task);
      return;
    }
  native = gtk_file_chooser_native_new (dialog->title, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, GTK_FILE_CHOOSER_ACTION_OPEN,
                                        _("_Open"), _("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (native), TRUE);
  filter = gtk_file_filter_new ();
  gtk_file_filter_set_name (filter, dialog->kind);
  for (guint i = 0; patterns[i] != NULL; i++)
    gtk_file_filter_add_pattern (filter, patterns[i]);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (native), filter);
  g_signal_connect (native, "response", G_CALLBACK (response_cb), task);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (native));
}

GFile *
till_file_dialog_open_finish (GtkWidget *parent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, parent), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
