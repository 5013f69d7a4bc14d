/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-strip.h: one line of message over a page or list, with at most one button. CSS node: tillstrip, classes "warning" "error".
 * Properties: "text", "button-label" (NULL = no button), "kind" (TillStripKind), "revealed" (boolean). Signal "clicked". */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum { TILL_STRIP_INFO, TILL_STRIP_WARNING, TILL_STRIP_ERROR } TillStripKind;

#define TILL_TYPE_STRIP (till_strip_get_type ())
G_DECLARE_FINAL_TYPE (TillStrip, till_strip, TILL, STRIP, GtkWidget)

GtkWidget *till_strip_new (void);
void       till_strip_show (TillStrip *self, TillStripKind kind, const char *text, const char *button_label);
void       till_strip_hide (TillStrip *self);
gboolean   till_strip_is_shown (TillStrip *self);

G_END_DECLS
