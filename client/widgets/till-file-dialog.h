/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-file-dialog.h: where to save, what to open. The only file that names the toolkit's file chooser. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* name: proposed, "meters.xlsx". tables: a person may have it as a workbook or as text, which the ending of the file says. */
typedef struct { const char *title, *name; gboolean tables; } TillSaveDialog;

/* finish: the file, or NULL with G_IO_ERROR_CANCELLED when the person went back. Caller unrefs. */
void   till_file_dialog_save_async (GtkWidget *parent, const TillSaveDialog *dialog, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
GFile *till_file_dialog_save_finish (GtkWidget *parent, GAsyncResult *result, GError **error);
/* An existing file; patterns: "*.xlsx;*.csv". */
typedef struct { const char *title; const char *kind, *patterns; /* kind: translated name of what is shown */ } TillOpenDialog;
void   till_file_dialog_open_async (GtkWidget *parent, const TillOpenDialog *dialog, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
GFile *till_file_dialog_open_finish (GtkWidget *parent, GAsyncResult *result, GError **error);
/* The file with this ending instead of that of the other kind of table; itself where that would be a file that is there already. Caller unrefs. */
GFile *till_file_dialog_named (GFile *file, const char *ending);
/* Tests answer instead of a person: the next of them gets this file at once; NULL = back to normal. */
void   till_file_dialog_answer_next (GFile *file);

G_END_DECLS
