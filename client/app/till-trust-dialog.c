/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-trust-dialog.c: shows, asks, answers. It stores nothing: the caller accepts. */
#define G_LOG_DOMAIN "till-trust-dialog"
#include "config.h"
#include "client/app/till-trust-dialog.h"
#include <glib/gi18n.h>

struct _TillTrustDialog
{
  AdwWindow parent_instance;
  GtkStack *stack;
  GtkLabel *heading, *fingerprint, *issued, *known, *shown;
  GtkCheckButton *tick;
  GTask *task; /* until answered */
};

G_DEFINE_FINAL_TYPE (TillTrustDialog, till_trust_dialog, ADW_TYPE_WINDOW)

static void
answer (TillTrustDialog *self, gboolean trusted)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  if (task == NULL)
    return;
  g_task_return_boolean (task, trusted);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
trust_cb (GtkButton *button, TillTrustDialog *self)
{
  answer (self, gtk_check_button_get_active (self->tick));
}

static void
cancel_cb (GtkButton *button, TillTrustDialog *self)
{
  answer (self, FALSE);
}

static gboolean
close_request_cb (TillTrustDialog *self)
{
  answer (self, FALSE);
  return TRUE;
}

/* 16 groups of four as lines of four, so that people can read them aloud. */
static char *
in_lines (const char *fingerprint)
{
  g_auto (GStrv) groups = g_strsplit (fingerprint ? fingerprint : "", " ", -1);
  GString *text = g_string_new (NULL);

  for (guint i = 0; groups[i]; i++)
    g_string_append_printf (text, "%s%s", i == 0 ? "" : i % 8 == 0 ? "\n" : i % 4 == 0 ? "   " : " ", groups[i]);
  return g_string_free (text, FALSE);
}

static void
fill (TillTrustDialog *self, const TillTrustIdentity *identity)
{
  g_autofree char *now = in_lines (identity->fingerprint), *before = in_lines (identity->known_fingerprint);
  g_autofree char *until = identity->not_after ? g_date_time_format (identity->not_after, "%Y-%m-%d") : NULL;
  g_autofree char *issued = NULL, *heading = NULL;

  heading = g_strdup_printf (identity->verdict == TILL_TRUST_CHANGED ? _ ("%s is not the server it was") : _ ("First connection to %s"),
                             identity->server);
  issued = g_strdup_printf (_ ("Issued to %s · until %s"), identity->subject ? identity->subject : "\u2013", until ? until : "\u2013");
  gtk_label_set_text (self->heading, heading);
  gtk_label_set_text (self->fingerprint, now);
  gtk_label_set_text (self->shown, now);
  gtk_label_set_text (self->known, before);
  gtk_label_set_text (self->issued, issued);
  gtk_stack_set_visible_child_name (self->stack, identity->verdict == TILL_TRUST_CHANGED ? "changed" : "first");
  if (identity->verdict == TILL_TRUST_CHANGED)
    gtk_widget_add_css_class (GTK_WIDGET (self), "till-danger");
}

static void
till_trust_dialog_dispose (GObject *object)
{
  TillTrustDialog *self = TILL_TRUST_DIALOG (object);
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  if (task)
    g_task_return_boolean (task, FALSE);
  gtk_widget_dispose_template (GTK_WIDGET (self), TILL_TYPE_TRUST_DIALOG);
  G_OBJECT_CLASS (till_trust_dialog_parent_class)->dispose (object);
}

static void
till_trust_dialog_class_init (TillTrustDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_trust_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/app/till-trust-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TillTrustDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, TillTrustDialog, heading);
  gtk_widget_class_bind_template_child (widget_class, TillTrustDialog, fingerprint);
  gtk_widget_class_bind_template_child (widget_class, TillTrustDialog, issued);
  gtk_widget_class_bind_template_child (widget_class, TillTrustDialog, known);
  gtk_widget_class_bind_template_child (widget_class, TillTrustDialog, shown);
  gtk_widget_class_bind_template_child (widget_class, TillTrustDialog, tick);
  gtk_widget_class_bind_template_callback (widget_class, trust_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
  gtk_widget_class_bind_template_callback (widget_class, close_request_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
till_trust_dialog_init (TillTrustDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
till_trust_dialog_ask_async (GtkWindow *parent, const TillTrustIdentity *identity, GAsyncReadyCallback callback, gpointer user_data)
{
  TillTrustDialog *self = g_object_new (TILL_TYPE_TRUST_DIALOG, "transient-for", parent, "modal", TRUE, NULL);

  self->task = g_task_new (parent, NULL, callback, user_data);
  g_task_set_source_tag (self->task, till_trust_dialog_ask_async);
  fill (self, identity);
  gtk_window_present (GTK_WINDOW (self));
}

gboolean
till_trust_dialog_ask_finish (GtkWindow *parent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, parent), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
