/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-second-factor.c: see till-second-factor.h. The secret is nowhere but in the window that shows it. */
#define G_LOG_DOMAIN "till-second-factor"
#include "config.h"
#include <string.h>
#include <glib/gi18n.h>
#include "client/app/till-second-factor.h"
#include "client/pages/till-report-error.h"

typedef struct { GtkWindow *parent; TillContext *context; } Begin;

static void
begin_free (gpointer data)
{
  Begin *begin = data;

  g_object_unref (begin->parent);
  g_object_unref (begin->context);
  g_free (begin);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Begin, begin_free)

/* --- the first code --- */

static void
confirmed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) window = user_data;
  Begin *begin = g_object_get_data (G_OBJECT (window), "till-begin");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_admin_service_totp_finish (TILL_ADMIN_SERVICE (source), result, &error);

  if (node == NULL && till_api_error_get_field (error, "code") != NULL)
    till_ask_window_fail (window, _ ("This is not the code that the authenticator shows now. Look at the clock of the device, too."));
  else if (node == NULL)
    {
      g_autofree char *text = till_api_error_describe (error);

      till_ask_window_fail (window, text);
    }
  else
    {
      till_report_done (GTK_WIDGET (begin->parent), _ ("From now on you sign in with password and code"));
      gtk_window_destroy (GTK_WINDOW (window));
    }
}

static void
confirm_cb (TillAskWindow *window, const char *answer, Begin *begin)
{
  till_admin_service_confirm_totp_async (till_context_get_admin (begin->context), till_ask_window_get_note (window), NULL, confirmed_cb,
                                         g_object_ref (window));
}

/* In groups of four, as people type it. */
static char *
group (const char *secret)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < strlen (secret); i++)
    {
      if (i > 0 && i % 4 == 0)
        g_string_append_c (text, ' ');
      g_string_append_c (text, secret[i]);
    }
  return g_string_free (text, FALSE);
}

static void
begun_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Begin) begin = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_admin_service_totp_finish (TILL_ADMIN_SERVICE (source), result, &error);
  TillAsk ask = { .title = _ ("Second factor"), .action = _ ("Use it from now on"), .note = _ ("Code that the authenticator shows"), .note_required = TRUE,
                  .intro = _ ("Type this key into an authenticator on your telephone. It is shown now and never again. "
                             "Then type the six digits that the authenticator shows: from then on you sign in with password and code.") };
  g_autofree char *secret = NULL;
  TillAskWindow *window;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      if (error != NULL)
        till_report_error (GTK_WIDGET (begin->parent), TILL_REPORT_ACTION, error);
      return;
    }
  secret = group (json_object_get_string_member_with_default (json_node_get_object (node), "secret", ""));
  window = till_ask_window_new (GTK_WIDGET (begin->parent), &ask);
  till_ask_window_add_fact (window, _ ("User name"), till_session_get_user (till_context_get_session (begin->context)));
  till_ask_window_add_fact (window, _ ("Key"), secret);
  g_signal_connect (window, "answered", G_CALLBACK (confirm_cb), begin);
  g_object_set_data_full (G_OBJECT (window), "till-begin", g_steal_pointer (&begin), begin_free);
  gtk_window_present (GTK_WINDOW (window));
}

void
till_second_factor_begin (GtkWindow *parent, TillContext *context)
{
  Begin *begin = g_new0 (Begin, 1);

  *begin = (Begin){ g_object_ref (parent), g_object_ref (context) };
  till_admin_service_begin_totp_async (till_context_get_admin (context), NULL, begun_cb, begin);
}

TillAskWindow *
till_second_factor_ask (GtkWindow *parent, gboolean wrong)
{
  TillAsk ask = { .title = _ ("Code"), .action = _ ("Sign in"), .note = _ ("Code that the authenticator shows"), .note_required = TRUE };

  ask.intro = wrong ? _ ("This is not the code of now, or it was used already. Wait for the next one.")
                    : _ ("The password is right. Now type the six digits that your authenticator shows.");
  return till_ask_window_new (GTK_WIDGET (parent), &ask);
}
