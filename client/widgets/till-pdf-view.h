/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-pdf-view.h: pages of a PDF below each other, sharp at every scale. CSS node: tillpdf. Rendering runs in a thread.
 * Properties: "bytes" (GBytes), "zoom" (double, 1 = 96 dpi), "n-pages" (uint, read-only). */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TILL_TYPE_PDF_VIEW (till_pdf_view_get_type ())
G_DECLARE_FINAL_TYPE (TillPdfView, till_pdf_view, TILL, PDF_VIEW, GtkWidget)

GtkWidget *till_pdf_view_new (void);
gboolean   till_pdf_view_set_bytes (TillPdfView *self, GBytes *pdf, GError **error);
guint      till_pdf_view_get_n_pages (TillPdfView *self);

G_END_DECLS
