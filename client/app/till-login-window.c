/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-login-window.c: server, identity, password, first password: one step after the other, each with its own sentence. */
#define G_LOG_DOMAIN "till-login-window"
#include "config.h"
#include "client/app/till-login-window.h"
#include <glib/gi18n.h>
#include "client/app/till-password-dialog.h"
#include "client/app/till-second-factor.h"
#include "client/app/till-trust-dialog.h"
#include "client/core/till-api-error.h"
#include "shared/base/till-text.h"

struct _TillLoginWindow
{
  AdwWindow parent_instance;
  TillContext *context;
  GtkEditable *server_entry, *user_entry, *password_entry;
  GtkMenuButton *server_menu;
  GtkCheckButton *remember;
  GtkWidget *message_box;
  GtkLabel *message, *sign_in_label;
  GtkSpinner *spinner;
  GtkButton *sign_in_button, *quit_button;
  GtkWidget *fields;
  GCancellable *cancellable; /* while connecting */
  TillTrustIdentity *identity;
  char *code; /* of the authenticator, for the next try */
  guint wait_s, wait_source;
};

G_DEFINE_FINAL_TYPE (TillLoginWindow, till_login_window, ADW_TYPE_WINDOW)

static guint signed_in_signal;

static void
say (TillLoginWindow *self, const char *text)
{
  gtk_label_set_text (self->message, text ? text : "");
  gtk_widget_set_opacity (self->message_box, text && text[0] ? 1 : 0); /* its place is kept: the window does not jump */
}

static void
update (TillLoginWindow *self)
{
  gboolean busy = self->cancellable != NULL;
  g_autofree char *wait = NULL;

  gtk_editable_set_editable (self->server_entry, !busy);
  gtk_editable_set_editable (self->user_entry, !busy);
  gtk_editable_set_editable (self->password_entry, !busy);
  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), busy);
  if (self->wait_s > 0)
    wait = g_strdup_printf (_ ("Sign in in %u s"), self->wait_s);
  gtk_label_set_text (self->sign_in_label, busy ? _ ("Connecting") : wait ? wait : _ ("Sign in"));
  gtk_button_set_label (self->quit_button, busy ? _ ("Cancel") : gtk_window_get_transient_for (GTK_WINDOW (self)) ? _ ("Sign out") : _ ("Quit"));
  gtk_widget_set_sensitive (GTK_WIDGET (self->sign_in_button),
                            !busy && self->wait_s == 0 && gtk_editable_get_text (self->server_entry)[0] &&
                              gtk_editable_get_text (self->user_entry)[0] && gtk_editable_get_text (self->password_entry)[0]);
}

static void
set_busy (TillLoginWindow *self, gboolean busy)
{
  g_clear_object (&self->cancellable);
  if (busy)
    self->cancellable = g_cancellable_new ();
  update (self);
}

static gboolean
wait_cb (gpointer data)
{
  TillLoginWindow *self = data;

  self->wait_s--;
  update (self);
  if (self->wait_s > 0)
    return G_SOURCE_CONTINUE;
  self->wait_source = 0;
  return G_SOURCE_REMOVE;
}

static void sign_in_cb (TillLoginWindow *self);

static void
code_cb (TillAskWindow *window, const char *answer, TillLoginWindow *self)
{
  till_set_str (&self->code, till_ask_window_get_note (window));
  gtk_window_destroy (GTK_WINDOW (window));
  sign_in_cb (self);
}

/* The password stays where it was typed until the code is there. */
static void
ask_code (TillLoginWindow *self)
{
  TillAskWindow *window = till_second_factor_ask (GTK_WINDOW (self), self->code != NULL);

  g_clear_pointer (&self->code, g_free);
  g_signal_connect_object (window, "answered", G_CALLBACK (code_cb), self, 0);
  gtk_window_present (GTK_WINDOW (window));
}

static void
fail (TillLoginWindow *self, const GError *error)
{
  g_autofree char *text = NULL;
  const char *wait = till_api_error_get_note (error, "retry_after");

  set_busy (self, FALSE);
  if (till_api_error_is_cancelled (error))
    return;
  if (till_error_is (error, TILL_ERROR_UNAUTHENTICATED) && till_api_error_get_field (error, "totp") != NULL)
    {
      ask_code (self);
      return;
    }
  if (till_error_is (error, TILL_ERROR_UNAUTHENTICATED) && till_api_error_get_field (error, "password") != NULL)
    text = g_strdup (_ ("The time of this one-time password is over. An administrator gives you another one."));
  else if (till_error_is (error, TILL_ERROR_UNAUTHENTICATED))
    text = g_strdup (_ ("User name or password is wrong."));
  else if (till_api_error_is_connection (error))
    text = g_strdup_printf (_ ("No answer from %s. Check address and network."), gtk_editable_get_text (self->server_entry));
  else
    text = till_api_error_describe (error);
  if (till_error_is (error, TILL_ERROR_THROTTLED))
    {
      self->wait_s = CLAMP (wait ? (guint) g_ascii_strtoull (wait, NULL, 10) : 5, 1, 3600);
      if (self->wait_source == 0)
        self->wait_source = g_timeout_add_seconds (1, wait_cb, self);
    }
  say (self, text);
  g_clear_pointer (&self->code, g_free);
  gtk_editable_set_text (self->password_entry, "");
  update (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->password_entry));
}

static void
succeed (TillLoginWindow *self)
{
  TillSettings *settings = till_context_get_settings (self->context);
  gboolean remember = gtk_check_button_get_active (self->remember);

  g_object_set (settings, "remember", remember, "server", remember ? till_api_get_server (till_context_get_api (self->context)) : "",
                "user", remember ? gtk_editable_get_text (self->user_entry) : "", NULL);
  if (remember)
    till_settings_add_server (settings, till_api_get_server (till_context_get_api (self->context)));
  g_clear_pointer (&self->code, g_free);
  gtk_editable_set_text (self->password_entry, "");
  set_busy (self, FALSE);
  g_signal_emit (self, signed_in_signal, 0);
}

static void
new_password_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillLoginWindow) self = user_data;

  if (till_password_dialog_run_finish (GTK_WINDOW (source), result, NULL))
    {
      succeed (self);
      return;
    }
  till_session_sign_out_async (till_context_get_session (self->context), NULL, NULL, NULL);
  gtk_editable_set_text (self->password_entry, "");
  set_busy (self, FALSE);
  say (self, _ ("A new password is needed before you can work."));
}

static void
signed_in_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillLoginWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!till_session_sign_in_finish (TILL_SESSION (source), result, &error))
    fail (self, error);
  else if (till_session_must_change_password (TILL_SESSION (source)))
    till_password_dialog_run_async (GTK_WINDOW (self), TILL_SESSION (source), gtk_editable_get_text (self->password_entry), new_password_cb,
                                    g_object_ref (self));
  else
    succeed (self);
}

static void
sign_in (TillLoginWindow *self, const char *server)
{
  g_autoptr (GError) error = NULL;
  TillCredentials credentials = { gtk_editable_get_text (self->user_entry), gtk_editable_get_text (self->password_entry), self->code };

  if (!till_api_set_server (till_context_get_api (self->context), server, &error))
    fail (self, error);
  else
    till_session_sign_in_async (till_context_get_session (self->context), &credentials, self->cancellable, signed_in_cb, g_object_ref (self));
}

static void
trusted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillLoginWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean trusted = till_trust_dialog_ask_finish (GTK_WINDOW (source), result, NULL);

  if (!trusted)
    {
      set_busy (self, FALSE);
      say (self, self->identity->verdict == TILL_TRUST_CHANGED ? _ ("The server is not the one that is trusted here. Nothing was sent.") : NULL);
    }
  else if (!till_trust_accept (till_context_get_trust (self->context), self->identity, &error))
    fail (self, error);
  else
    sign_in (self, self->identity->server);
}

static void
probed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillLoginWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->identity, till_trust_identity_free);
  self->identity = till_trust_probe_finish (TILL_TRUST (source), result, &error);
  if (self->identity == NULL)
    fail (self, error);
  else if (self->identity->verdict == TILL_TRUST_GOOD)
    sign_in (self, self->identity->server);
  else
    till_trust_dialog_ask_async (GTK_WINDOW (self), self->identity, trusted_cb, g_object_ref (self));
}

static void
sign_in_cb (TillLoginWindow *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *server = NULL;

  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->sign_in_button)))
    {
      gtk_widget_child_focus (self->fields, GTK_DIR_TAB_FORWARD);
      return;
    }
  say (self, NULL);
  server = till_api_parse_server (gtk_editable_get_text (self->server_entry), &error);
  if (server == NULL)
    {
      say (self, _ ("Write the server as host or host:port. Only encrypted connections are made."));
      gtk_widget_grab_focus (GTK_WIDGET (self->server_entry));
      return;
    }
  set_busy (self, TRUE);
  till_trust_probe_async (till_context_get_trust (self->context), server, self->cancellable, probed_cb, g_object_ref (self));
}

static void
quit_cb (TillLoginWindow *self)
{
  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  else
    gtk_window_close (GTK_WINDOW (self));
}

static void
changed_cb (TillLoginWindow *self)
{
  update (self);
}

static void
pick_server_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_editable_set_text (TILL_LOGIN_WINDOW (widget)->server_entry, g_variant_get_string (parameter, NULL));
}

/* Gone from the screen for good: no answer is waited for. Calls under way hold a reference, so dispose would come too late. */
static void
till_login_window_unmap (GtkWidget *widget)
{
  g_cancellable_cancel (TILL_LOGIN_WINDOW (widget)->cancellable);
  GTK_WIDGET_CLASS (till_login_window_parent_class)->unmap (widget);
}

static void
till_login_window_dispose (GObject *object)
{
  TillLoginWindow *self = TILL_LOGIN_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->wait_source, g_source_remove);
  g_clear_pointer (&self->code, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), TILL_TYPE_LOGIN_WINDOW);
  g_clear_object (&self->context);
  g_clear_pointer (&self->identity, till_trust_identity_free);
  G_OBJECT_CLASS (till_login_window_parent_class)->dispose (object);
}

static void
till_login_window_class_init (TillLoginWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_login_window_dispose;
  widget_class->unmap = till_login_window_unmap;
  signed_in_signal = g_signal_new ("signed-in", TILL_TYPE_LOGIN_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/app/till-login-window.ui");
  gtk_widget_class_bind_template_child (widget_class, TillLoginWindow, server_entry);
  gtk_widget_class_bind_template_child (widget_class, TillLoginWindow, user_entry);
  gtk_widget_class_bind_template_child (widget_class, TillLoginWindow, password_entry);
  gtk_widget_class_bind_template_child (widget_class, TillLoginWindow, server_menu);
  gtk_widget_class_bind_template_child (widget_class, TillLoginWindow, remember);
  gtk_widget_class_bind_template_child (widget_class, TillLoginWindow, message_box);
  gtk_widget_class_bind_template_child (widget_class, TillLoginWindow, message);
  gtk_widget_class_bind_template_child (widget_class, TillLoginWindow, sign_in_label);
  gtk_widget_class_bind_template_child (widget_class, TillLoginWindow, spinner);
  gtk_widget_class_bind_template_child (widget_class, TillLoginWindow, sign_in_button);
  gtk_widget_class_bind_template_child (widget_class, TillLoginWindow, quit_button);
  gtk_widget_class_bind_template_child (widget_class, TillLoginWindow, fields);
  gtk_widget_class_bind_template_callback (widget_class, sign_in_cb);
  gtk_widget_class_bind_template_callback (widget_class, quit_cb);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_install_action (widget_class, "login.server", "s", pick_server_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
till_login_window_init (TillLoginWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
fill_server_menu (TillLoginWindow *self)
{
  g_auto (GStrv) servers = till_settings_dup_servers (till_context_get_settings (self->context));
  g_autoptr (GMenu) menu = g_menu_new ();

  for (guint i = 0; servers && servers[i]; i++)
    {
      g_autoptr (GMenuItem) item = g_menu_item_new (servers[i], NULL);
      g_menu_item_set_action_and_target (item, "login.server", "s", servers[i]);
      g_menu_append_item (menu, item);
    }
  gtk_menu_button_set_menu_model (self->server_menu, G_MENU_MODEL (menu));
  gtk_widget_set_visible (GTK_WIDGET (self->server_menu), g_menu_model_get_n_items (G_MENU_MODEL (menu)) > 1);
}

TillLoginWindow *
till_login_window_new (TillContext *context, GtkWindow *parent)
{
  TillLoginWindow *self = g_object_new (TILL_TYPE_LOGIN_WINDOW, "transient-for", parent, "modal", parent != NULL, NULL);
  gboolean remember;

  self->context = g_object_ref (context);
  g_object_get (till_context_get_settings (context), "remember", &remember, NULL);
  gtk_check_button_set_active (self->remember, remember);
  fill_server_menu (self);
  till_login_window_propose (self, NULL, NULL);
  return self;
}

void
till_login_window_propose (TillLoginWindow *self, const char *server, const char *user)
{
  TillSettings *settings = till_context_get_settings (self->context);
  const char *at = server ? server : till_settings_get_text (settings, "server"), *who = user ? user : till_settings_get_text (settings, "user");
  GtkEditable *entries[] = { self->server_entry, self->user_entry, self->password_entry };

  gtk_editable_set_text (self->server_entry, at ? at : "");
  gtk_editable_set_text (self->user_entry, who ? who : "");
  update (self);
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    if (gtk_editable_get_text (entries[i])[0] == '\0')
      {
        gtk_widget_grab_focus (GTK_WIDGET (entries[i]));
        break;
      }
}
