/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-alert.h: one question or statement, modal. The only file that names the toolkit's message dialog. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct {
  const char *heading;
  const char *body;
  const char *cancel; /* label of the way back; NULL: one button only */
  const char *action; /* label: verb and object; NULL: only `cancel` */
  gboolean    destructive;
} TillAlert;

/* parent: any widget of the window. finish: TRUE when the action was chosen, FALSE for cancel, Escape or a closed window. */
void     till_alert_ask_async (GtkWidget *parent, const TillAlert *alert, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
gboolean till_alert_ask_finish (GtkWidget *parent, GAsyncResult *result, GError **error);
/* A statement with one button. */
void     till_alert_show (GtkWidget *parent, const char *heading, const char *body);

G_END_DECLS
