/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-application.c: which window stands when. A session that ended brings the log-in over the window; the same operator goes
 * on where the work stood, another one gets a fresh window. */
#define G_LOG_DOMAIN "till-application"
#include "config.h"
#include "client/app/till-application.h"
#include <glib/gi18n.h>
#include <locale.h>
#include "client/app/till-first-run-window.h"
#include "client/app/till-help-window.h"
#include "client/app/till-login-window.h"
#include "client/app/till-preferences-window.h"
#include "client/app/till-window.h"
#include "client/widgets/till-format.h"

struct _TillApplication
{
  AdwApplication parent_instance;
  TillContext *context;
  TillWindow *window;
  TillLoginWindow *login;
  char *server, *user;
  gint64 operator_id;
};

G_DEFINE_FINAL_TYPE (TillApplication, till_application, ADW_TYPE_APPLICATION)

static void show_login (TillApplication *self, gboolean over_window);

static void
apply_theme (TillApplication *self)
{
  const char *theme = till_settings_get_text (till_context_get_settings (self->context), "theme");

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), g_strcmp0 (theme, "dark") == 0    ? ADW_COLOR_SCHEME_FORCE_DARK
                                                                        : g_strcmp0 (theme, "light") == 0 ? ADW_COLOR_SCHEME_FORCE_LIGHT
                                                                                                          : ADW_COLOR_SCHEME_DEFAULT);
}

static void
theme_cb (TillSettings *settings, GParamSpec *pspec, TillApplication *self)
{
  apply_theme (self);
}

static void
drop_window (TillApplication *self)
{
  TillWindow *window = g_steal_pointer (&self->window);

  if (window)
    {
      g_signal_handlers_disconnect_by_data (window, self);
      gtk_window_destroy (GTK_WINDOW (window));
    }
}

static void
locked_cb (TillWindow *window, TillApplication *self)
{
  show_login (self, TRUE);
}

static void
signed_out_cb (TillWindow *window, TillApplication *self)
{
  drop_window (self);
  show_login (self, FALSE);
}

static void
window_gone_cb (GtkWidget *window, TillApplication *self)
{
  self->window = NULL;
}

static void
show_window (TillApplication *self)
{
  TillSession *session = till_context_get_session (self->context);

  till_format_set_zone (till_session_get_zone (session));
  till_format_set_currency (till_session_get_currency (session));
  if (self->window && self->operator_id != till_session_get_operator_id (session))
    drop_window (self);
  self->operator_id = till_session_get_operator_id (session);
  if (self->window == NULL)
    {
      self->window = till_window_new (GTK_APPLICATION (self), self->context);
      g_signal_connect (self->window, "locked", G_CALLBACK (locked_cb), self);
      g_signal_connect (self->window, "signed-out", G_CALLBACK (signed_out_cb), self);
      g_signal_connect (self->window, "destroy", G_CALLBACK (window_gone_cb), self);
      till_first_run_offer (GTK_WINDOW (self->window), self->context);
    }
  till_window_set_locked (self->window, FALSE);
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
signed_in_cb (TillLoginWindow *login, TillApplication *self)
{
  self->login = NULL;
  g_signal_handlers_disconnect_by_data (login, self);
  show_window (self);
  gtk_window_destroy (GTK_WINDOW (login));
}

/* The log-in was closed: at the start that ends the program; over a window it ends the work of that operator. */
static gboolean
login_closed_cb (TillLoginWindow *login, TillApplication *self)
{
  self->login = NULL;
  if (self->window)
    {
      till_session_sign_out_async (till_context_get_session (self->context), NULL, NULL, NULL);
      drop_window (self);
      show_login (self, FALSE);
    }
  return FALSE;
}

static void
show_login (TillApplication *self, gboolean over_window)
{
  if (self->login == NULL)
    {
      self->login = till_login_window_new (self->context, over_window ? GTK_WINDOW (self->window) : NULL);
      gtk_window_set_application (GTK_WINDOW (self->login), GTK_APPLICATION (self));
      till_login_window_propose (self->login, over_window ? till_api_get_server (till_context_get_api (self->context)) : self->server,
                                 over_window ? till_session_get_user (till_context_get_session (self->context)) : self->user);
      g_signal_connect (self->login, "signed-in", G_CALLBACK (signed_in_cb), self);
      g_signal_connect (self->login, "close-request", G_CALLBACK (login_closed_cb), self);
    }
  gtk_window_present (GTK_WINDOW (self->login));
}

static void
session_state_cb (TillSession *session, GParamSpec *pspec, TillApplication *self)
{
  if (till_session_get_state (session) == TILL_SESSION_EXPIRED && self->window && self->login == NULL)
    show_login (self, TRUE);
}

static void
preferences_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  TillApplication *self = data;
  till_preferences_window_show (gtk_application_get_active_window (GTK_APPLICATION (self)), self->context);
}

static void
help_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  TillApplication *self = data;
  till_help_window_show (GTK_APPLICATION (self), self->window ? till_window_get_page_name (self->window) : "sign-in");
}

static void
about_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  TillApplication *self = data;
  const char *server = till_session_get_server_version (till_context_get_session (self->context));
  g_autofree char *comments = g_strdup_printf (_ ("Prepaid electricity\nServer version %s"), server ? server : "\u2013");

  gtk_show_about_dialog (gtk_application_get_active_window (GTK_APPLICATION (self)), "program-name", "Gridtill", "version", GRIDTILL_VERSION,
                         "comments", comments, "license-type", GTK_LICENSE_GPL_2_0, "logo-icon-name", "till-sale-symbolic", NULL);
}

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_application_quit (G_APPLICATION (data));
}

static void
till_application_startup (GApplication *application)
{
  static const GActionEntry actions[] = { { "preferences", preferences_action }, { "help", help_action }, { "about", about_action },
                                          { "quit", quit_action } };
  TillApplication *self = TILL_APPLICATION (application);

  G_APPLICATION_CLASS (till_application_parent_class)->startup (application);
  self->context = till_context_new (NULL, NULL);
  g_signal_connect_object (till_context_get_settings (self->context), "notify::theme", G_CALLBACK (theme_cb), self, 0);
  g_signal_connect_object (till_context_get_session (self->context), "notify::state", G_CALLBACK (session_state_cb), self, 0);
  apply_theme (self);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  gtk_application_set_accels_for_action (GTK_APPLICATION (self), "app.preferences", (const char *[]){ "<Control>comma", NULL });
  gtk_application_set_accels_for_action (GTK_APPLICATION (self), "app.help", (const char *[]){ "F1", NULL });
  gtk_application_set_accels_for_action (GTK_APPLICATION (self), "app.quit", (const char *[]){ "<Control>q", NULL });
}

static void
till_application_activate (GApplication *application)
{
  TillApplication *self = TILL_APPLICATION (application);

  if (self->window)
    gtk_window_present (GTK_WINDOW (self->window));
  else
    show_login (self, FALSE);
}

static int
till_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  TillApplication *self = TILL_APPLICATION (application);

  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("gridtill %s\n", GRIDTILL_VERSION);
      return 0;
    }
  g_variant_dict_lookup (options, "server", "s", &self->server);
  g_variant_dict_lookup (options, "user", "s", &self->user);
  return -1;
}

static void
till_application_shutdown (GApplication *application)
{
  TillApplication *self = TILL_APPLICATION (application);

  drop_window (self);
  if (self->context)
    till_settings_flush (till_context_get_settings (self->context), NULL);
  g_clear_object (&self->context);
  G_APPLICATION_CLASS (till_application_parent_class)->shutdown (application);
}

static void
till_application_finalize (GObject *object)
{
  TillApplication *self = TILL_APPLICATION (object);

  g_free (self->server);
  g_free (self->user);
  G_OBJECT_CLASS (till_application_parent_class)->finalize (object);
}

static void
till_application_class_init (TillApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = till_application_finalize;
  application_class->startup = till_application_startup;
  application_class->activate = till_application_activate;
  application_class->shutdown = till_application_shutdown;
  application_class->handle_local_options = till_application_handle_local_options;
}

static void
till_application_init (TillApplication *self)
{
  static const GOptionEntry options[] = {
    { "server", 's', 0, G_OPTION_ARG_STRING, NULL, N_ ("Server to connect to"), "HOST:PORT" },
    { "user", 'u', 0, G_OPTION_ARG_STRING, NULL, N_ ("User name to sign in with"), "NAME" },
    { "version", 'v', 0, G_OPTION_ARG_NONE, NULL, N_ ("Show the version"), NULL },
    { NULL },
  };
  g_application_add_main_option_entries (G_APPLICATION (self), options);
}

void
till_application_prepare (void)
{
  g_autoptr (TillSettings) settings = till_settings_new (NULL);
  const char *language = till_settings_get_text (settings, "language");

  if (language && language[0] && !g_str_equal (language, "system"))
    g_setenv ("LANGUAGE", language, TRUE);
  g_setenv ("PANGO_LANGUAGE", "zh-cn:en", FALSE); /* else Han letters take Japanese shapes under an English locale */
  setlocale (LC_ALL, "");
  if (g_strcmp0 (setlocale (LC_MESSAGES, NULL), "C") == 0)
    setlocale (LC_MESSAGES, "C.UTF-8"); /* LANGUAGE is ignored in the C locale */
  bindtextdomain (GETTEXT_PACKAGE, g_getenv ("GRIDTILL_LOCALEDIR") ? g_getenv ("GRIDTILL_LOCALEDIR") : GRIDTILL_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}

TillApplication *
till_application_new (void)
{
  return g_object_new (TILL_TYPE_APPLICATION, "application-id", "org.gridtill.Client", "flags", G_APPLICATION_NON_UNIQUE, NULL);
}

TillContext *
till_application_get_context (TillApplication *self)
{
  return self->context;
}
