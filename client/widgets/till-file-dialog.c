/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-file-dialog.c: GtkFileChooserNative in the asynchronous shape of later toolkits. */
#define G_LOG_DOMAIN "till-file-dialog"
#include "config.h"
#include <glib/gi18n.h>
#include <string.h>
#include "client/widgets/till-file-dialog.h"

static GFile *next_answer;

void
till_file_dialog_answer_next (GFile *file)
{
  g_set_object (&next_answer, file);
}

static const struct { const char *title, *ending; } tables[] = { { N_ ("Workbook (xlsx)"), ".xlsx" }, { N_ ("Text with commas (csv)"), ".csv" } };

static void
add_tables (GtkFileChooser *chooser)
{
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      GtkFileFilter *filter = gtk_file_filter_new ();
      g_autofree char *pattern = g_strconcat ("*", tables[i].ending, NULL);

      gtk_file_filter_set_name (filter, _(tables[i].title));
      gtk_file_filter_add_pattern (filter, pattern);
      gtk_file_chooser_add_filter (chooser, filter);
      g_object_unref (filter);
    }
}

GFile *
till_file_dialog_named (GFile *file, const char *ending)
{
  g_autoptr (GFile) folder = g_file_get_parent (file), other = NULL;
  g_autofree char *name = g_file_get_basename (file), *stem = NULL, *whole = NULL;

  if (g_str_has_suffix (name, ending) || folder == NULL)
    return g_object_ref (file);
  stem = g_strdup (name);
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    if (g_str_has_suffix (name, tables[i].ending))
      stem[strlen (name) - strlen (tables[i].ending)] = '\0';
  whole = g_strconcat (stem, ending, NULL);
  other = g_file_get_child (folder, whole);
  return g_file_query_exists (other, NULL) ? g_object_ref (file) : g_steal_pointer (&other); /* nobody was asked about that one */
}

/* Whoever chose the other kind of table and left the name means the kind. */
static GFile *
chosen_file (GtkFileChooser *chooser)
{
  GtkFileFilter *filter = gtk_file_chooser_get_filter (chooser);
  g_autoptr (GFile) file = gtk_file_chooser_get_file (chooser);
  const char *title = filter != NULL ? gtk_file_filter_get_name (filter) : NULL;

  for (guint i = 0; file != NULL && i < G_N_ELEMENTS (tables); i++)
    if (g_strcmp0 (title, _(tables[i].title)) == 0)
      return till_file_dialog_named (file, tables[i].ending);
  return g_steal_pointer (&file);
}

static void
response_cb (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  if (response == GTK_RESPONSE_ACCEPT)
    g_task_return_pointer (task, chosen_file (GTK_FILE_CHOOSER (dialog)), g_object_unref);
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
  if (dialog->tables)
    add_tables (GTK_FILE_CHOOSER (native));
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
