/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-operators.c: operators made with roles and areas, the password shown once, changed, switched off and on, let in again; what one may
 * not give, and oneself. */
#include "config.h"
#include <string.h>
#include "client/pages/config/till-operators-view.h"
#include "client/pages/till-section-page.h"
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-editor-window.h"
#include "client/widgets/till-table.h"
#include "client/widgets/till-tick-list.h"
#include "tests/client/window-fixture.h"
#include "tests/lib/test-main.h"

#define ADMINISTRATOR "meters.view,meters.export,plant.edit,operators.edit,roles.edit"
#define CLERK         "meters.view,operators.edit"
#define ANNA                                                                                                                  \
  "\"id\":7,\"account\":\"anna.li\",\"name\":\"李安\",\"phone\":null,\"kind\":\"person\",\"active\":true,\"must_change\":true," \
  "\"sale_limit\":null,\"roles\":[\"cashier\",\"night.watch\"],\"areas\":[2],\"area_paths\":[\"北校区/宿舍1号楼\"],\"last_login\":null,\"version\":3"
#define OFF                                                                                                                   \
  "\"id\":8,\"account\":\"bert\",\"name\":\"Bert\",\"phone\":null,\"kind\":\"person\",\"active\":false,\"must_change\":false,"  \
  "\"sale_limit\":\"50.0000\",\"roles\":[\"viewer\"],\"areas\":[],\"area_paths\":[],\"last_login\":null,\"version\":5"
#define CARD                                                                                                                  \
  "\"id\":9,\"account\":\"campus-card\",\"name\":\"Card\",\"phone\":null,\"kind\":\"service\",\"active\":true,\"must_change\":false," \
  "\"sale_limit\":null,\"roles\":[\"viewer\"],\"areas\":[],\"area_paths\":[],\"last_login\":null,\"version\":1"
#define ROLES                                                                                                                  \
  "{\"total\":3,\"items\":[{\"id\":1,\"name\":\"cashier\",\"permissions\":[\"sales.sell\",\"meters.view\"]},"                   \
  "{\"id\":2,\"name\":\"viewer\",\"permissions\":[\"meters.view\"]},{\"id\":3,\"name\":\"night.watch\",\"permissions\":[\"meters.read\"]}]}"

static TillPage *
show (WindowFixture *f, const char *target)
{
  TillPage *page;

  till_fake_server_reply (f->server, "GET", "/operators", 200, "{\"total\":3,\"items\":[{" ANNA "},{" OFF "},{" CARD "}]}");
  till_fake_server_reply (f->server, "GET", "/roles", 200, ROLES);
  page = window_fixture_show (f, "config", target);
  window_await_text (page, "anna.li");
  return page;
}

static void
choose (TillPage *page, guint row)
{
  TillPage *view = till_section_page_get_view (TILL_SECTION_PAGE (page));

  gtk_selection_model_select_item (GTK_SELECTION_MODEL (till_table_get_selection (window_find_type (view, TILL_TYPE_TABLE))), row, TRUE);
}

/* The check button of that label below root. */
static GtkCheckButton *
find_check (GtkWidget *root, const char *label)
{
  if (GTK_IS_CHECK_BUTTON (root) && g_strcmp0 (gtk_check_button_get_label (GTK_CHECK_BUTTON (root)), label) == 0)
    return GTK_CHECK_BUTTON (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkCheckButton *found = find_check (child, label);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
is_there (gpointer data)
{
  gpointer *wanted = data; /* root, label */
  return find_check (wanted[0], wanted[1]) != NULL;
}

static GtkCheckButton *
await_check (gpointer window, const char *label)
{
  gpointer wanted[2] = { window, (gpointer) label };

  till_fake_await (is_there, wanted, label);
  return find_check (window, label);
}

static void
assert_sent (WindowFixture *f, const char *method, const char *path, const char *body)
{
  g_autofree char *sent = till_fake_server_dup_body (f->server, method, path);
  g_assert_cmpstr (sent, ==, body);
}

static void
type_into (gpointer window, const char *title, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (window_find_row (window, title)), text);
}

static gboolean
is_answered (gpointer data)
{
  return *(char **) data != NULL;
}

static void
pasted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(char **) user_data = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);
}

static void
test_new (WindowFixture *f, gconstpointer data)
{
  gpointer editor, once;
  g_autofree char *pasted = NULL;

  show (f, "operators:new"); /* as the first steps send people here */
  editor = window_await_toplevel (TILL_TYPE_EDITOR_WINDOW);
  type_into (editor, "User name, to sign in with", "dora.w");
  type_into (editor, "Full name", "多拉");
  g_assert_false (gtk_widget_is_sensitive (window_find_button (editor, "Save"))); /* no role yet */
  gtk_check_button_set_active (await_check (editor, "Cashier"), TRUE);
  g_assert_true (gtk_widget_is_sensitive (window_find_button (editor, "Save")));
  gtk_check_button_set_active (await_check (editor, "北校区/宿舍1号楼"), TRUE);
  window_look (editor, "operator-new");
  till_fake_server_problem_once (f->server, "POST", "/operators", 409, "conflict", "there is an operator of this account");
  window_click (editor, "Save");
  window_await_text (editor, "there is an operator of this account");
  till_fake_server_reply (f->server, "POST", "/operators", 201,
                          "{\"id\":12,\"account\":\"dora.w\",\"name\":\"多拉\",\"password\":\"h7kq-3mzp-w2xa-n8dt\"}");
  window_click (editor, "Save");
  once = window_await_toplevel (TILL_TYPE_ASK_WINDOW);
  assert_sent (f, "POST", "/operators", "{\"account\":\"dora.w\",\"name\":\"多拉\",\"kind\":\"person\",\"roles\":[\"cashier\"],\"areas\":[2]}");
  window_await_text (once, "h7kq-3mzp-w2xa-n8dt");
  window_await_text (once, "dora.w");
  window_look (once, "operator-password");
  window_click (once, "Copy");
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (once)), NULL, pasted_cb, &pasted);
  till_fake_await (is_answered, &pasted, "the clipboard");
  g_assert_cmpstr (pasted, ==, "h7kq-3mzp-w2xa-n8dt");
  window_click (once, "I have noted it");
  window_await_no_text (f->window, "h7kq-3mzp-w2xa-n8dt");
}

static void
test_edit (WindowFixture *f, gconstpointer data)
{
  TillPage *page = show (f, "operators");
  g_autofree char *match = NULL;
  gpointer editor;

  window_await_text (page, "Cashier, night.watch"); /* known words in one's language, a site's own as they are */
  window_await_text (page, "北校区/宿舍1号楼");
  window_await_text (page, "all areas");
  window_look (page, "operators");
  choose (page, 0);
  till_fake_server_reply (f->server, "GET", "/operators/7", 200, "{" ANNA "}");
  window_click (page, "Edit…");
  editor = window_await_toplevel (TILL_TYPE_EDITOR_WINDOW);
  g_assert_true (gtk_check_button_get_active (await_check (editor, "Cashier")));
  g_assert_true (gtk_check_button_get_active (await_check (editor, "北校区/宿舍1号楼")));
  g_assert_false (gtk_check_button_get_active (await_check (editor, "北校区/宿舍2号楼")));
  g_assert_false (gtk_widget_is_sensitive (window_find_row (editor, "User name, to sign in with")));
  gtk_check_button_set_active (await_check (editor, "Viewer"), TRUE);
  gtk_check_button_set_active (await_check (editor, "Cashier"), FALSE);
  gtk_check_button_set_active (await_check (editor, "北校区/宿舍1号楼"), FALSE);
  type_into (editor, "Highest sale; empty: no limit", "100");
  till_fake_server_reply (f->server, "PATCH", "/operators/7", 200, "{" ANNA "}");
  window_click (editor, "Save");
  window_await_text (f->window, "The operator is saved");
  assert_sent (f, "PATCH", "/operators/7", "{\"sale_limit\":\"100\",\"roles\":[\"night.watch\",\"viewer\"],\"areas\":[]}");
  match = till_fake_server_dup_header (f->server, "PATCH", "/operators/7", "If-Match");
  g_assert_nonnull (strstr (match, "3"));
}

static void
test_switch (WindowFixture *f, gconstpointer data)
{
  TillPage *page = show (f, "operators");
  gpointer ask;

  choose (page, 0);
  window_click (page, "Switch off…");
  ask = window_await_toplevel (TILL_TYPE_ASK_WINDOW);
  window_await_text (ask, "李安");
  window_look (ask, "operator-off");
  till_fake_server_problem_once (f->server, "PATCH", "/operators/7", 409, "conflict", "this is the last administrator");
  window_click (ask, "Switch off");
  window_await_text (ask, "this is the last administrator");
  till_fake_server_reply (f->server, "PATCH", "/operators/7", 200, "{" ANNA "}");
  window_click (ask, "Switch off");
  window_await_text (f->window, "The operator is switched off");
  assert_sent (f, "PATCH", "/operators/7", "{\"active\":false}");
  choose (page, 1);
  g_assert_false (gtk_widget_is_sensitive (window_find_button (page, "New password…"))); /* not of one who may not sign in */
  window_click (page, "Switch on…");
  ask = window_await_toplevel (TILL_TYPE_ASK_WINDOW);
  till_fake_server_reply (f->server, "PATCH", "/operators/8", 200, "{" OFF "}");
  window_click (ask, "Switch on");
  window_await_text (f->window, "The operator may sign in again");
  assert_sent (f, "PATCH", "/operators/8", "{\"active\":true}");
}

/* The window that shows it, after the one that asked. */
static gboolean
is_another (gpointer data)
{
  gpointer *windows = data; /* the one that asked, found */

  windows[1] = window_find_toplevel (TILL_TYPE_ASK_WINDOW);
  return windows[1] != NULL && windows[1] != windows[0];
}

static gpointer
await_secret (gpointer ask)
{
  gpointer windows[2] = { ask, NULL };

  till_fake_await (is_another, windows, "what is shown once");
  return windows[1];
}

static void
test_password (WindowFixture *f, gconstpointer data)
{
  TillPage *page = show (f, "operators");
  gpointer ask;

  choose (page, 0);
  window_click (page, "New password…");
  ask = window_await_toplevel (TILL_TYPE_ASK_WINDOW);
  till_fake_server_reply (f->server, "POST", "/operators/7/password", 200, "{" ANNA ",\"password\":\"aaaa-bbbb-cccc-dddd\"}");
  window_click (ask, "Make a one-time password");
  window_await_count (f->server, "POST", "/operators/7/password", 1);
  window_await_text (await_secret (ask), "aaaa-bbbb-cccc-dddd");
  window_destroy_and_await (window_find_toplevel (TILL_TYPE_ASK_WINDOW));
  choose (page, 2); /* another system has a key */
  window_click (page, "New password…");
  ask = window_await_toplevel (TILL_TYPE_ASK_WINDOW);
  till_fake_server_reply (f->server, "POST", "/operators/9/password", 200, "{" CARD ",\"key\":\"k3y-k3y-k3y-k3y-k3y-k3y-k3y-k3y-k3y-k3y-k3y\"}");
  window_click (ask, "Make a new key");
  window_await_count (f->server, "POST", "/operators/9/password", 1);
  window_await_text (await_secret (ask), "k3y-k3y-k3y-k3y-k3y-k3y-k3y-k3y-k3y-k3y-k3y");
  window_look (window_find_toplevel (TILL_TYPE_ASK_WINDOW), "operator-key");
  window_destroy_and_await (window_find_toplevel (TILL_TYPE_ASK_WINDOW));
}

/* One's own second factor: the key shown once, proven by a code; and taken away from who lost the authenticator. */
static void
test_second_factor (WindowFixture *f, gconstpointer data)
{
  gpointer ask;

  till_fake_server_problem_once (f->server, "POST", "/session/totp", 409, "conflict", "a second factor is in use");
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.second-factor", NULL);
  window_await_text (f->window, "a second factor is in use");
  till_fake_server_reply (f->server, "POST", "/session/totp", 200, "{\"secret\":\"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\",\"uri\":\"otpauth://totp/x\"}");
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.second-factor", NULL);
  ask = window_await_toplevel (TILL_TYPE_ASK_WINDOW);
  window_await_text (ask, "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
  window_look (ask, "second-factor");
  g_assert_false (gtk_widget_is_sensitive (window_find_button (ask, "Use it from now on")));
  gtk_widget_grab_focus (window_find_type (ask, GTK_TYPE_TEXT));
  window_type (ask, "123456");
  till_fake_server_reply_once (f->server, "POST", "/session/totp/confirm", 400,
                               "{\"status\":400,\"code\":\"invalid\",\"title\":\"t\",\"detail\":\"d\",\"fields\":{\"code\":\"no\"},\"request_id\":\"r\"}");
  window_click (ask, "Use it from now on");
  window_await_text (ask, "This is not the code that the authenticator shows now.");
  till_fake_server_reply (f->server, "POST", "/session/totp/confirm", 204, NULL);
  window_click (ask, "Use it from now on");
  window_await_text (f->window, "From now on you sign in with password and code");
  assert_sent (f, "POST", "/session/totp/confirm", "{\"code\":\"123456\"}");
}

static void
test_lost (WindowFixture *f, gconstpointer data)
{
  TillPage *page = show (f, "operators");
  gpointer ask;

  choose (page, 0);
  window_click (page, "New password…");
  ask = window_await_toplevel (TILL_TYPE_ASK_WINDOW);
  g_assert_false (window_shows (ask, "Only take the second factor away")); /* she has none */
  window_destroy_and_await (ask);
  till_fake_server_reply (f->server, "GET", "/operators", 200, "{\"total\":1,\"items\":[{" ANNA ",\"totp\":true}]}");
  till_page_refresh (till_section_page_get_view (TILL_SECTION_PAGE (page)));
  window_await_no_text (page, "campus-card");
  choose (page, 0);
  window_click (page, "New password…");
  ask = window_await_toplevel (TILL_TYPE_ASK_WINDOW);
  till_fake_server_reply (f->server, "DELETE", "/operators/7/totp", 204, NULL);
  window_click (ask, "Only take the second factor away");
  window_await_text (f->window, "The second factor is taken away");
  g_assert_cmpuint (till_fake_server_count (f->server, "POST", "/operators/7/password"), ==, 0);
}

/* Who does not decide about roles gives none that can do more, and sees why. */
static void
test_clerk (WindowFixture *f, gconstpointer data)
{
  gpointer editor;

  show (f, "operators:new");
  editor = window_await_toplevel (TILL_TYPE_EDITOR_WINDOW);
  g_assert_true (gtk_widget_is_sensitive (GTK_WIDGET (await_check (editor, "Viewer"))));
  g_assert_false (gtk_widget_is_sensitive (GTK_WIDGET (await_check (editor, "Cashier"))));
  window_await_text (editor, "may more than you");
  window_destroy_and_await (editor);
}

/* Oneself: neither switched off nor given a password here. */
static void
test_self (WindowFixture *f, gconstpointer data)
{
  g_autofree char *self = g_strdup_printf ("{\"total\":1,\"items\":[{\"id\":%d,\"account\":\"me.myself\",\"name\":\"Me\",\"active\":true,\"version\":1,"
                                           "\"roles\":[\"administrator\"]}]}",
                                           (int) till_session_get_operator_id (till_context_get_session (f->context)));
  TillPage *page;

  till_fake_server_reply (f->server, "GET", "/operators", 200, self);
  page = window_fixture_show (f, "config", "operators");
  window_await_text (page, "me.myself");
  choose (page, 0);
  g_assert_true (gtk_widget_is_sensitive (window_find_button (page, "Edit…")));
  g_assert_false (gtk_widget_is_sensitive (window_find_button (page, "Switch off…")));
  g_assert_false (gtk_widget_is_sensitive (window_find_button (page, "New password…")));
}

/* 400 areas: found by a part of their path, what was ticked before stays ticked while it is out of sight. */
static void
make_area (GString *json, guint i)
{
  g_string_append_printf (json, "%s{\"id\":%u,\"name\":\"R%u\",\"path\":\"Campus/R%u\"}", i > 1 ? "," : "", i, i, i);
}

static void
test_many (WindowFixture *f, gconstpointer data)
{
  g_autoptr (GString) json = g_string_new ("{\"total\":400,\"items\":[");
  gpointer editor;
  GtkWidget *list;

  for (guint i = 1; i <= 400; i++)
    make_area (json, i);
  g_string_append (json, "]}");
  till_fake_server_reply (f->server, "GET", "/areas", 200, json->str);
  till_ref_lists_refresh (till_context_get_ref_lists (f->context));
  show (f, "operators:new");
  editor = window_await_toplevel (TILL_TYPE_EDITOR_WINDOW);
  gtk_check_button_set_active (await_check (editor, "Campus/R1"), TRUE);
  list = gtk_widget_get_ancestor (GTK_WIDGET (find_check (editor, "Campus/R1")), TILL_TYPE_TICK_LIST);
  gtk_editable_set_text (window_find_type (list, GTK_TYPE_SEARCH_ENTRY), "r399");
  gtk_check_button_set_active (await_check (editor, "Campus/R399"), TRUE);
  {
    g_autoptr (JsonNode) ticked = till_tick_list_get (TILL_TICK_LIST (list));
    g_autofree char *text = json_to_string (ticked, FALSE);
    g_assert_cmpstr (text, ==, "[1,399]");
  }
  window_destroy_and_await (editor);
}

static void
add (const char *path, const char *permissions, void (*test) (WindowFixture *, gconstpointer))
{
  g_test_add (path, WindowFixture, permissions, window_fixture_set_up, test, window_fixture_tear_down);
}

int
main (int argc, char **argv)
{
  window_fixture_init (&argc, &argv);
  add ("/client/operators/new", ADMINISTRATOR, test_new);
  add ("/client/operators/edit", ADMINISTRATOR, test_edit);
  add ("/client/operators/switch", ADMINISTRATOR, test_switch);
  add ("/client/operators/password", ADMINISTRATOR, test_password);
  add ("/client/operators/second-factor", CASHIER, test_second_factor);
  add ("/client/operators/lost", ADMINISTRATOR, test_lost);
  add ("/client/operators/clerk", CLERK, test_clerk);
  add ("/client/operators/self", ADMINISTRATOR, test_self);
  add ("/client/operators/many", ADMINISTRATOR, test_many);
  return till_test_run ();
}
