/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-app-windows.c: from the log-in over TLS to the sign-out: what a person is told, what is sent when, what stands afterwards. */
#include "config.h"
#include "client/app/till-application.h"
#include "client/app/till-help-window.h"
#include "client/app/till-login-window.h"
#include "client/widgets/till-ask-window.h"
#include "client/app/till-page-registry.h"
#include "client/app/till-password-dialog.h"
#include "client/app/till-preferences-window.h"
#include "client/app/till-sidebar.h"
#include "client/app/till-trust-dialog.h"
#include "tests/client/window-fixture.h"
#include "tests/lib/test-main.h"

typedef struct {
  TillFakeServer  *server;
  TillContext     *context;
  TillLoginWindow *login;
  guint            signed_in;
} Login;

/* --- log-in */

static TillFakeServer *
start_tls (const char *name)
{
  g_autofree char *file = g_strconcat ("tests/client/certificates/", name, ".pem", NULL), *path = till_test_source_path (file);
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_file (path, &error);
  TillFakeServer *server;

  g_assert_no_error (error);
  server = till_fake_server_new (certificate);
  campus_fill (server, CASHIER);
  return server;
}

static void
signed_in_cb (TillLoginWindow *window, Login *l)
{
  l->signed_in++;
}

static void
login_set_up (Login *l, gconstpointer data)
{
  static guint n;
  g_autofree char *name = g_strdup_printf ("trust-%u", n++), *trust = g_build_filename (till_test_dir (), name, NULL);

  l->server = start_tls ("first");
  l->context = till_context_new (NULL, trust);
  l->login = till_login_window_new (l->context, NULL);
  g_signal_connect (l->login, "signed-in", G_CALLBACK (signed_in_cb), l);
  till_login_window_propose (l->login, till_fake_server_get_host (l->server), "cashier");
  gtk_window_present (GTK_WINDOW (l->login));
}

static void
login_tear_down (Login *l, gconstpointer data)
{
  if (l->login != NULL)
    window_destroy_and_await (l->login);
  g_object_unref (l->context);
  till_fake_server_free (l->server);
}

static void
enter (Login *l)
{
  gtk_editable_set_text (window_find_id (l->login, "password_entry"), "a long password");
  g_signal_emit_by_name (window_find_id (l->login, "sign_in_button"), "clicked");
}

static gboolean
dialog_is_there (gpointer type)
{
  return window_find_toplevel (GPOINTER_TO_SIZE (type)) != NULL;
}

static gpointer
await_dialog (GType type)
{
  till_fake_await (dialog_is_there, GSIZE_TO_POINTER (type), g_type_name (type));
  return window_find_toplevel (type);
}

/* The person compares and trusts. */
static void
trust (Login *l)
{
  gpointer dialog = await_dialog (TILL_TYPE_TRUST_DIALOG);

  window_await_text (dialog, "First connection to");
  g_assert_false (gtk_widget_is_sensitive (window_find_button (dialog, "Trust")));
  g_assert_cmpuint (till_fake_server_count (l->server, "POST", "/session"), ==, 0); /* no password before */
  gtk_check_button_set_active (window_find_id (dialog, "tick"), TRUE);
  window_click (dialog, "Trust");
}

static gboolean
is_signed_in (gpointer data)
{
  return ((Login *) data)->signed_in == 1;
}

static void
test_first_trust (Login *l, gconstpointer data)
{
  g_autofree char *body = NULL;

  enter (l);
  trust (l);
  till_fake_await (is_signed_in, l, "signed in");
  body = till_fake_server_dup_body (l->server, "POST", "/session");
  g_assert_nonnull (strstr (body, "cashier"));
  g_assert_cmpstr (gtk_editable_get_text (window_find_id (l->login, "password_entry")), ==, "");
  g_assert_true (till_trust_is_known (till_context_get_trust (l->context), till_fake_server_get_host (l->server)));
}

static gboolean
is_idle (gpointer login)
{
  return gtk_editable_get_editable (window_find_id (login, "user_entry"));
}

static void
test_not_trusted (Login *l, gconstpointer data)
{
  enter (l);
  gtk_window_close (await_dialog (TILL_TYPE_TRUST_DIALOG));
  till_fake_await (is_idle, l->login, "the log-in is as before");
  g_assert_cmpuint (till_fake_server_count (l->server, "POST", "/session"), ==, 0);
  g_assert_false (till_trust_is_known (till_context_get_trust (l->context), till_fake_server_get_host (l->server)));
}

/* Another server stands under an address that is known. */
static void
test_changed_identity (Login *l, gconstpointer data)
{
  TillFakeServer *other = start_tls ("foreign");
  TillTrust *store = till_context_get_trust (l->context);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (TillTrustIdentity) identity = NULL;
  gpointer dialog;

  till_trust_probe_async (store, till_fake_server_get_host (l->server), NULL, till_fake_done_cb, &result);
  identity = till_trust_probe_finish (store, till_fake_await_result (&result), NULL);
  g_assert_nonnull (identity);
  g_free (identity->server);
  identity->server = g_strdup (till_fake_server_get_host (other));
  g_assert_true (till_trust_accept (store, identity, NULL));
  till_login_window_propose (l->login, till_fake_server_get_host (other), "cashier");
  enter (l);
  dialog = await_dialog (TILL_TYPE_TRUST_DIALOG);
  window_await_text (dialog, "is not the server it was");
  window_await_text (dialog, "Somebody may stand between");
  g_assert_false (window_shows (dialog, "Trust"));
  g_assert_false (gtk_widget_get_mapped (window_find_id (dialog, "tick")));
  gtk_window_close (dialog);
  window_await_text (l->login, "Nothing was sent.");
  g_assert_cmpuint (till_fake_server_count (other, "POST", "/session"), ==, 0);
  till_fake_server_free (other);
}

#define NEEDS(member) \
  "{\"status\":401,\"code\":\"unauthenticated\",\"title\":\"t\",\"detail\":\"d\",\"fields\":{\"" member "\":\"needed\"},\"request_id\":\"r\"}"

/* Password first, then the code; a wrong one is asked for again, the password is not. */
static void
test_code (Login *l, gconstpointer data)
{
  gpointer ask;
  g_autofree char *body = NULL;

  till_fake_server_reply_once (l->server, "POST", "/session", 401, NEEDS ("totp"));
  enter (l);
  trust (l);
  ask = await_dialog (TILL_TYPE_ASK_WINDOW);
  window_await_text (ask, "The password is right.");
  window_look (ask, "sign-in-code");
  till_fake_server_reply_once (l->server, "POST", "/session", 401, NEEDS ("totp"));
  gtk_widget_grab_focus (window_find_type (ask, GTK_TYPE_TEXT));
  window_type (ask, "111111");
  window_click (ask, "Sign in");
  window_await_count (l->server, "POST", "/session", 2);
  ask = await_dialog (TILL_TYPE_ASK_WINDOW);
  window_await_text (ask, "This is not the code of now");
  gtk_widget_grab_focus (window_find_type (ask, GTK_TYPE_TEXT));
  window_type (ask, "222222");
  window_click (ask, "Sign in");
  till_fake_await (is_signed_in, l, "signed in");
  body = till_fake_server_dup_body (l->server, "POST", "/session");
  g_assert_cmpstr (body, ==, "{\"user\":\"cashier\",\"password\":\"a long password\",\"totp\":\"222222\"}");
}

static void
test_too_late (Login *l, gconstpointer data)
{
  till_fake_server_reply_once (l->server, "POST", "/session", 401, NEEDS ("password"));
  enter (l);
  trust (l);
  window_await_text (l->login, "The time of this one-time password is over.");
}

static void
test_wrong_password (Login *l, gconstpointer data)
{
  till_fake_server_problem_once (l->server, "POST", "/session", 401, "unauthenticated", "no");
  enter (l);
  trust (l);
  window_await_text (l->login, "User name or password is wrong.");
  g_assert_cmpstr (gtk_editable_get_text (window_find_id (l->login, "password_entry")), ==, "");
  g_assert_cmpuint (l->signed_in, ==, 0);
  till_fake_server_problem_once (l->server, "POST", "/session", 429, "throttled", "slow");
  enter (l);
  window_await_text (l->login, "Too many tries.");
  window_await_text (window_find_id (l->login, "sign_in_label"), "Sign in in ");
  gtk_editable_set_text (window_find_id (l->login, "password_entry"), "again");
  g_assert_false (gtk_widget_get_sensitive (window_find_id (l->login, "sign_in_button")));
}

static void
test_connecting (Login *l, gconstpointer data)
{
  till_fake_server_hold_next (l->server, "POST", "/session");
  enter (l);
  trust (l);
  window_await_count (l->server, "POST", "/session", 1);
  g_assert_true (window_shows (l->login, "Connecting"));
  g_assert_false (is_idle (l->login));
  g_assert_false (gtk_widget_get_sensitive (window_find_id (l->login, "sign_in_button")));
  window_click (l->login, "Cancel");
  till_fake_await (is_idle, l->login, "the log-in is as before");
  g_assert_true (window_shows (l->login, "Quit"));
  till_fake_server_release (l->server);
  g_assert_cmpuint (l->signed_in, ==, 0);
}

static void
test_closed_while_connecting (Login *l, gconstpointer data)
{
  till_fake_server_hold_next (l->server, "POST", "/session");
  enter (l);
  trust (l);
  window_await_count (l->server, "POST", "/session", 1);
  window_destroy_and_await (g_steal_pointer (&l->login)); /* before the answer */
  till_fake_server_release (l->server);
}

/* The one-time password of a new operator. */
static void
test_first_password (Login *l, gconstpointer data)
{
  gpointer dialog;

  till_fake_server_reply_once (l->server, "POST", "/session", 201,
                               "{\"token\":\"t\",\"expires_at\":\"2099-01-01T00:00:00Z\",\"must_change_password\":true,"
                               "\"operator\":{\"id\":2,\"name\":\"N\",\"roles\":[],\"permissions\":[],\"areas\":[],\"must_change_password\":true}}");
  enter (l);
  trust (l);
  dialog = await_dialog (TILL_TYPE_PASSWORD_DIALOG);
  g_assert_cmpuint (l->signed_in, ==, 0);
  gtk_window_close (dialog);
  window_await_text (l->login, "A new password is needed before you can work.");
  g_assert_cmpuint (l->signed_in, ==, 0);
}

/* --- main window */

static GtkListBox *
sidebar_list (WindowFixture *f)
{
  return window_find_type (window_find_id (f->window, "sidebar"), GTK_TYPE_LIST_BOX);
}

static guint
n_sidebar (WindowFixture *f)
{
  guint n = 0;

  while (gtk_list_box_get_row_at_index (sidebar_list (f), (int) n) != NULL)
    n++;
  return n;
}

static void
test_pages_built_once (WindowFixture *f, gconstpointer data)
{
  guint n;
  const TillPageInfo *infos = till_page_registry_get (&n);
  g_autofree TillPage **pages = g_new0 (TillPage *, n);

  g_assert_cmpuint (n_sidebar (f), ==, n);
  for (guint round = 0; round < 2; round++)
    for (guint i = 0; i < n; i++)
      {
        window_press (f->window, infos[i].key, GDK_ALT_MASK);
        g_assert_cmpstr (till_window_get_page_name (f->window), ==, infos[i].name);
        g_assert_true (G_OBJECT_TYPE (till_window_get_page (f->window, infos[i].name)) == infos[i].get_type ());
        if (round == 0)
          pages[i] = till_window_get_page (f->window, infos[i].name);
        g_assert_true (pages[i] == till_window_get_page (f->window, infos[i].name));
        g_assert_cmpint (gtk_list_box_row_get_index (gtk_list_box_get_selected_row (sidebar_list (f))), ==, (int) i);
        g_assert_true (g_str_has_prefix (gtk_window_get_title (GTK_WINDOW (f->window)), infos[i].title));
      }
  for (guint i = 0; i < n; i++)
    g_object_add_weak_pointer (G_OBJECT (pages[i]), (gpointer *) &pages[i]);
  window_destroy_and_await (g_steal_pointer (&f->window));
  for (guint i = 0; i < n; i++)
    while (pages[i] != NULL) /* an answer under way may still hold one */
      g_main_context_iteration (NULL, TRUE);
}

static void
test_sidebar_by_permission (WindowFixture *f, gconstpointer data)
{
  guint n, allowed = 0;
  const TillPageInfo *infos = till_page_registry_get (&n);

  for (guint i = 0; i < n; i++)
    allowed += till_page_registry_may (&infos[i], till_context_get_session (f->context));
  g_assert_cmpuint (n_sidebar (f), ==, allowed);
  g_assert_true (window_shows (sidebar_list (f), "Reports"));
  g_assert_false (window_shows (sidebar_list (f), "Sales"));
  g_assert_false (window_shows (sidebar_list (f), "Meters"));
  window_press (f->window, GDK_KEY_F8, 0);
  g_assert_cmpstr (till_window_get_page_name (f->window), !=, "sales");
}

static void
test_preferences (WindowFixture *f, gconstpointer data)
{
  GtkWindow *window = till_preferences_window_show (GTK_WINDOW (f->window), f->context);
  GtkWidget *row;
  g_autofree char *density = NULL;

  window_await_text (window, "Density");
  row = window_find_type (window, ADW_TYPE_COMBO_ROW);
  while (!g_str_equal (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), "Density"))
    row = gtk_widget_get_next_sibling (row);
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), 1);
  g_object_get (till_context_get_settings (f->context), "density", &density, NULL);
  g_assert_cmpstr (density, ==, "comfortable");
  g_assert_true (gtk_widget_has_css_class (GTK_WIDGET (f->window), "comfortable")); /* at once */
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), 0);
  g_assert_false (gtk_widget_has_css_class (GTK_WIDGET (f->window), "comfortable"));
  window_destroy_and_await (window);
}

static void
test_help (WindowFixture *f, gconstpointer data)
{
  guint n;
  const TillPageInfo *infos = till_page_registry_get (&n);

  for (guint i = 0; i < n; i++)
    {
      GtkWindow *window = till_help_window_show (NULL, infos[i].name);
      GtkListBox *topics = window_find_type (window, GTK_TYPE_LIST_BOX);

      g_assert_nonnull (topics);
      g_assert_nonnull (gtk_list_box_get_selected_row (topics));
      window_destroy_and_await (window);
    }
}

/* --- the application: log-in, work, sign-out, log-in */

static void
test_application (void)
{
  TillApplication *application = TILL_APPLICATION (g_application_get_default ());
  TillFakeServer *server = start_tls ("first");
  gpointer login, window, page;

  g_application_activate (G_APPLICATION (application));
  login = await_dialog (TILL_TYPE_LOGIN_WINDOW);
  till_login_window_propose (login, till_fake_server_get_host (server), "cashier");
  gtk_editable_set_text (window_find_id (login, "password_entry"), "a long password");
  g_signal_emit_by_name (window_find_id (login, "sign_in_button"), "clicked");
  gtk_check_button_set_active (window_find_id (await_dialog (TILL_TYPE_TRUST_DIALOG), "tick"), TRUE);
  window_click (window_find_toplevel (TILL_TYPE_TRUST_DIALOG), "Trust");
  window = await_dialog (TILL_TYPE_WINDOW);
  g_assert_null (window_find_toplevel (TILL_TYPE_LOGIN_WINDOW));
  window_await_text (window, "陈收银");
  page = till_window_get_page (window, "overview");
  g_object_add_weak_pointer (G_OBJECT (window), &window);
  g_object_add_weak_pointer (G_OBJECT (page), &page);
  gtk_widget_activate_action (window, "win.sign-out", NULL);
  while (window != NULL || page != NULL)
    g_main_context_iteration (NULL, TRUE);
  login = await_dialog (TILL_TYPE_LOGIN_WINDOW);
  window_await_count (server, "DELETE", "/session", 1);
  g_assert_cmpstr (gtk_editable_get_text (window_find_id (login, "password_entry")), ==, "");
  gtk_window_close (login);
  till_fake_server_free (server);
}

static void
add (const char *path, const char *permissions, void (*test) (WindowFixture *, gconstpointer))
{
  g_test_add (path, WindowFixture, permissions, window_fixture_set_up, test, window_fixture_tear_down);
}

static void
add_login (const char *path, void (*test) (Login *, gconstpointer))
{
  g_test_add (path, Login, NULL, login_set_up, test, login_tear_down);
}

int
main (int argc, char **argv)
{
  window_fixture_init (&argc, &argv);
  add_login ("/client/login/first-trust", test_first_trust);
  add_login ("/client/login/not-trusted", test_not_trusted);
  add_login ("/client/login/changed-identity", test_changed_identity);
  add_login ("/client/login/wrong-password", test_wrong_password);
  add_login ("/client/login/code", test_code);
  add_login ("/client/login/too-late", test_too_late);
  add_login ("/client/login/connecting", test_connecting);
  add_login ("/client/login/closed-while-connecting", test_closed_while_connecting);
  add_login ("/client/login/first-password", test_first_password);
  add ("/client/window/pages-built-once", NULL, test_pages_built_once);
  add ("/client/window/sidebar-by-permission", "reports.money", test_sidebar_by_permission);
  add ("/client/window/preferences", NULL, test_preferences);
  add ("/client/window/help", NULL, test_help);
  g_test_add_func ("/client/application", test_application);
  return till_test_run ();
}
