/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-alert.c: AdwMessageDialog in the asynchronous shape of later toolkits. */
#define G_LOG_DOMAIN "till-alert"
#include "config.h"
#include <adwaita.h>
#include <glib/gi18n.h>
#include "client/widgets/till-alert.h"

static void
response_cb (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  GTask *task = user_data;

  g_object_set_data (G_OBJECT (task), "answered", task); /* a completed task says so only in the next turn */
  g_task_return_boolean (task, g_strcmp0 (response, "action") == 0);
}

/* Its window went away under it: nothing was chosen. */
static void
destroy_cb (GtkWidget *dialog, gpointer user_data)
{
  GTask *task = user_data;

  if (!g_task_get_completed (task) && g_object_get_data (G_OBJECT (task), "answered") == NULL)
    g_task_return_boolean (task, FALSE);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  gtk_window_close (GTK_WINDOW (user_data));
}

void
till_alert_ask_async (GtkWidget *parent, const TillAlert *alert, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (parent, cancellable, callback, user_data);
  GtkRoot *root = gtk_widget_get_root (parent);
  GtkWidget *dialog = adw_message_dialog_new (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, alert->heading, alert->body);
  AdwMessageDialog *self = ADW_MESSAGE_DIALOG (dialog);

  g_task_set_source_tag (task, till_alert_ask_async);
  adw_message_dialog_add_response (self, "cancel", alert->cancel != NULL ? alert->cancel : _("_Close"));
  if (alert->action != NULL)
    {
      adw_message_dialog_add_response (self, "action", alert->action);
      adw_message_dialog_set_response_appearance (self, "action", alert->destructive ? ADW_RESPONSE_DESTRUCTIVE : ADW_RESPONSE_SUGGESTED);
      /* Enter acts only where that is harmless. */
      adw_message_dialog_set_default_response (self, alert->destructive ? "cancel" : "action");
    }
  adw_message_dialog_set_close_response (self, "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (response_cb), task, (GClosureNotify) (void (*) (void)) g_object_unref, 0);
  g_signal_connect_object (dialog, "destroy", G_CALLBACK (destroy_cb), task, 0);
  if (cancellable != NULL)
    g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (cancelled_cb), dialog, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

gboolean
till_alert_ask_finish (GtkWidget *parent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, parent), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
till_alert_show (GtkWidget *parent, const char *heading, const char *body)
{
  TillAlert alert = { .heading = heading, .body = body };

  till_alert_ask_async (parent, &alert, NULL, NULL, NULL);
}
