/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-printer.h: PDFs of the server on paper: paper size = page size, margins 0, scale 1. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct {
  GBytes     *pdf;
  const char *job_name;
  const char *printer;     /* remembered name: printing needs no dialog; NULL or "" = ask */
  GFile      *export_file; /* tests: write the printed PDF here instead */
} TillPrintJob;

/* finish: the printer that was used (to remember), caller frees; NULL with error, also G_IO_ERROR_CANCELLED. */
void  till_printer_print_async (GtkWidget *parent, const TillPrintJob *job, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
char *till_printer_print_finish (GtkWidget *parent, GAsyncResult *result, GError **error);

G_END_DECLS
