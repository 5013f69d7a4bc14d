/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-password-dialog.c: three entries, the shared rule, one call. */
#define G_LOG_DOMAIN "till-password-dialog"
#include "config.h"
#include "client/app/till-password-dialog.h"
#include <glib/gi18n.h>
#include "client/core/till-api-error.h"
#include "shared/api/till-validate.h"

struct _TillPasswordDialog
{
  AdwWindow parent_instance;
  GtkLabel *explanation, *old_label, *message;
  GtkEditable *old_entry, *new_entry, *again_entry;
  GtkButton *save_button;
  TillSession *session;
  char *old_password;
  GTask *task;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (TillPasswordDialog, till_password_dialog, ADW_TYPE_WINDOW)

static void
answer (TillPasswordDialog *self, gboolean changed)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  if (task == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_task_return_boolean (task, changed);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
changed_cb (TillPasswordDialog *self)
{
  const char *new_text = gtk_editable_get_text (self->new_entry), *again = gtk_editable_get_text (self->again_entry);
  g_autoptr (GError) error = NULL;
  const char *message = "";
  gboolean good = till_validate_password (new_text, &error);

  if (!good && new_text[0])
    message = _ (error->message);
  else if (good && again[0] && strcmp (new_text, again) != 0)
    message = _ ("The two new passwords differ.");
  gtk_label_set_text (self->message, message);
  gtk_widget_set_sensitive (GTK_WIDGET (self->save_button), good && strcmp (new_text, again) == 0 &&
                                                              (self->old_password || gtk_editable_get_text (self->old_entry)[0]));
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillPasswordDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (till_session_change_password_finish (TILL_SESSION (source), result, &error))
    {
      answer (self, TRUE);
      return;
    }
  if (till_api_error_is_cancelled (error))
    return;
  text = till_api_error_describe (error);
  gtk_label_set_text (self->message, text);
  gtk_widget_set_sensitive (GTK_WIDGET (self->save_button), TRUE);
}

static void
save_cb (TillPasswordDialog *self)
{
  TillNewPassword passwords = { self->old_password ? self->old_password : gtk_editable_get_text (self->old_entry),
                                gtk_editable_get_text (self->new_entry) };

  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->save_button)))
    return;
  gtk_widget_set_sensitive (GTK_WIDGET (self->save_button), FALSE);
  till_session_change_password_async (self->session, &passwords, self->cancellable, saved_cb, g_object_ref (self));
}

static void
cancel_cb (TillPasswordDialog *self)
{
  answer (self, FALSE);
}

static gboolean
close_request_cb (TillPasswordDialog *self)
{
  answer (self, FALSE);
  return TRUE;
}

/* Gone from the screen for good: no answer is waited for. Calls under way hold a reference, so dispose would come too late. */
static void
till_password_dialog_unmap (GtkWidget *widget)
{
  g_cancellable_cancel (TILL_PASSWORD_DIALOG (widget)->cancellable);
  GTK_WIDGET_CLASS (till_password_dialog_parent_class)->unmap (widget);
}

static void
till_password_dialog_dispose (GObject *object)
{
  TillPasswordDialog *self = TILL_PASSWORD_DIALOG (object);
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  g_cancellable_cancel (self->cancellable);
  if (task)
    g_task_return_boolean (task, FALSE);
  gtk_widget_dispose_template (GTK_WIDGET (self), TILL_TYPE_PASSWORD_DIALOG);
  g_clear_object (&self->session);
  g_clear_pointer (&self->old_password, g_free);
  G_OBJECT_CLASS (till_password_dialog_parent_class)->dispose (object);
}

static void
till_password_dialog_finalize (GObject *object)
{
  g_object_unref (TILL_PASSWORD_DIALOG (object)->cancellable);
  G_OBJECT_CLASS (till_password_dialog_parent_class)->finalize (object);
}

static void
till_password_dialog_class_init (TillPasswordDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_password_dialog_dispose;
  widget_class->unmap = till_password_dialog_unmap;
  G_OBJECT_CLASS (klass)->finalize = till_password_dialog_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/app/till-password-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TillPasswordDialog, explanation);
  gtk_widget_class_bind_template_child (widget_class, TillPasswordDialog, old_label);
  gtk_widget_class_bind_template_child (widget_class, TillPasswordDialog, message);
  gtk_widget_class_bind_template_child (widget_class, TillPasswordDialog, old_entry);
  gtk_widget_class_bind_template_child (widget_class, TillPasswordDialog, new_entry);
  gtk_widget_class_bind_template_child (widget_class, TillPasswordDialog, again_entry);
  gtk_widget_class_bind_template_child (widget_class, TillPasswordDialog, save_button);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
  gtk_widget_class_bind_template_callback (widget_class, close_request_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
till_password_dialog_init (TillPasswordDialog *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
till_password_dialog_run_async (GtkWindow *parent, TillSession *session, const char *old_password, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  TillPasswordDialog *self = g_object_new (TILL_TYPE_PASSWORD_DIALOG, "transient-for", parent, "modal", TRUE, NULL);

  self->session = g_object_ref (session);
  self->old_password = g_strdup (old_password);
  gtk_widget_set_visible (GTK_WIDGET (self->old_entry), old_password == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->old_label), old_password == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->explanation), old_password != NULL);
  self->task = g_task_new (parent, NULL, callback, user_data);
  g_task_set_source_tag (self->task, till_password_dialog_run_async);
  gtk_window_present (GTK_WINDOW (self));
  gtk_widget_grab_focus (GTK_WIDGET (old_password ? self->new_entry : self->old_entry));
}

gboolean
till_password_dialog_run_finish (GtkWindow *parent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, parent), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
