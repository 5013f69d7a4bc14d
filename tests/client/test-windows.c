/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-windows.c: the main window with its pages against a fake server: filled, used, broken, gone. With GRIDTILL_LOOK=DIR each state is
 * saved as a picture. */
#include "config.h"
#include <adwaita.h>
#include "client/app/till-application.h"
#include "client/app/till-help-window.h"
#include "client/app/till-login-window.h"
#include "client/app/till-page-registry.h"
#include "client/app/till-preferences-window.h"
#include "client/app/till-trust-dialog.h"
#include "client/app/till-window.h"
#include "client/pages/meters/till-meter-window.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-status-board.h"
#include "client/widgets/till-status-legend.h"
#include "client/widgets/till-table.h"
#include "tests/client/campus.h"
#include "tests/lib/test-main.h"

#define CASHIER "meters.view,meters.read,sales.sell,sales.view,reports.money,alarms.acknowledge,meters.export"

typedef struct {
  TillFakeServer *server;
  TillContext    *context;
  TillWindow     *window;
} Fixture;

static TillApplication *application;

/* --- waiting, finding, pictures */

static gboolean
tick_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
is_over (gpointer data)
{
  gint64 *until = data;
  return g_get_monotonic_time () > *until;
}

static void
settle (guint ms) /* let what is under way come in: only for pictures, no assertion hangs on it */
{
  gint64 until = g_get_monotonic_time () + ms * 1000;
  guint tick = g_timeout_add (20, tick_cb, NULL);

  till_fake_await (is_over, &until, "time");
  g_source_remove (tick);
}

static void
look (GtkWidget *widget, const char *name)
{
  const char *dir = g_getenv ("GRIDTILL_LOOK");
  GtkNative *native = gtk_widget_get_native (widget);
  g_autoptr (GdkPaintable) paintable = NULL;
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  g_autofree char *path = NULL;
  GtkSnapshot *snapshot;
  int width = 0, height = 0;

  if (dir == NULL)
    return;
  settle (700);
  for (guint i = 0; i < 10 && node == NULL; i++) /* nothing to see while a new size waits for its frame */
    {
      settle (50);
      g_clear_object (&paintable);
      paintable = gtk_widget_paintable_new (GTK_WIDGET (native));
      width = gdk_paintable_get_intrinsic_width (paintable);
      height = gdk_paintable_get_intrinsic_height (paintable);
      snapshot = gtk_snapshot_new ();
      gdk_paintable_snapshot (paintable, snapshot, width, height);
      node = gtk_snapshot_free_to_node (snapshot);
    }
  g_assert_nonnull (node);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (native), node, &GRAPHENE_RECT_INIT (0, 0, width, height));
  path = g_strdup_printf ("%s/%s.png", dir, name);
  gdk_texture_save_to_png (texture, path);
}

typedef struct { GtkWidget *root; GType type; const char *text; } Wanted;

static GtkWidget *
find_type (GtkWidget *widget, GType type)
{
  GtkWidget *found = NULL;

  if (g_type_is_a (G_OBJECT_TYPE (widget), type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_type (child, type);
  return found;
}

static gboolean
has_text (gpointer data)
{
  Wanted *wanted = data;
  const char *text = GTK_IS_LABEL (wanted->root) ? gtk_label_get_text (GTK_LABEL (wanted->root))
                     : GTK_IS_INSCRIPTION (wanted->root) ? gtk_inscription_get_text (GTK_INSCRIPTION (wanted->root)) : NULL;

  if (text && strstr (text, wanted->text) && gtk_widget_get_mapped (wanted->root))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (wanted->root); child; child = gtk_widget_get_next_sibling (child))
    if (has_text (&(Wanted){ child, 0, wanted->text }))
      return TRUE;
  return FALSE;
}

static void
await_text (gpointer root, const char *text)
{
  Wanted wanted = { root, 0, text };
  till_fake_await (has_text, &wanted, text);
}

static gboolean
is_null (gpointer data)
{
  return *(gpointer *) data == NULL;
}

/* --- fixture */

static void
set_up (Fixture *f, gconstpointer permissions)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  TillCredentials credentials = { "cashier", "secret-secret", NULL };
  TillSession *session;

  f->server = till_fake_server_new (NULL);
  campus_fill (f->server, permissions ? permissions : CASHIER);
  f->context = till_context_new (NULL, NULL);
  till_api_set_plain_base (till_context_get_api (f->context), till_fake_server_get_base (f->server));
  session = till_context_get_session (f->context);
  till_session_sign_in_async (session, &credentials, NULL, till_fake_done_cb, &result);
  till_fake_await_result (&result);
  g_assert_true (till_session_sign_in_finish (session, result, &error));
  g_assert_no_error (error);
  till_format_set_zone (till_session_get_zone (session));
  f->window = till_window_new (NULL, f->context);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 1366, 768);
  gtk_window_present (GTK_WINDOW (f->window));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gpointer window = f->window;

  g_object_add_weak_pointer (G_OBJECT (f->window), &window);
  gtk_window_destroy (GTK_WINDOW (f->window));
  till_fake_await (is_null, &window, "the window is finalized");
  g_object_unref (f->context);
  till_fake_server_free (f->server);
}

/* --- tests */

static void
test_overview (Fixture *f, gconstpointer data)
{
  g_assert_cmpstr (till_window_get_page_name (f->window), ==, "overview");
  await_text (f->window, "¥ ");
  await_text (f->window, "360");
  await_text (f->window, "A1-0201");
  look (GTK_WIDGET (f->window), "overview");
  till_fake_server_problem_once (f->server, "GET", "/reports/sales_daily", 503, "busy", "try again");
  till_page_refresh (till_window_get_page (f->window, "overview"));
  await_text (f->window, "No answer. Retry with F5.");
}

static gboolean
all_shown (gpointer board)
{
  return till_status_board_get_n_shown (board) == CAMPUS_METERS;
}

static void
test_board (Fixture *f, gconstpointer data)
{
  static const char *const zooms[] = { "board-1", "board-2", "board-3", "board-4" };
  TillStatusBoard *board;
  TillStatusLegend *legend;
  TillPage *page;
  guint arrears = 0;

  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.show-page", "(ss)", "board", "");
  page = till_window_get_page (f->window, "board");
  board = TILL_STATUS_BOARD (find_type (GTK_WIDGET (page), TILL_TYPE_STATUS_BOARD));
  legend = TILL_STATUS_LEGEND (find_type (GTK_WIDGET (page), TILL_TYPE_STATUS_LEGEND));
  till_fake_await (all_shown, board, "all meters are on the board");
  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
    {
      till_status_board_set_zoom (board, i + 1);
      look (GTK_WIDGET (f->window), zooms[i]);
    }
  till_status_board_set_zoom (board, 3);
  till_status_legend_set_states (legend, 1u << TILL_METER_STATE_ARREARS);
  till_status_board_select_all (board);
  for (guint i = 0; i < CAMPUS_METERS; i++)
    arrears += till_board_state_get_cell (till_context_get_board (f->context), i).state == TILL_METER_STATE_ARREARS;
  g_assert_cmpuint (arrears, >, 0);
  g_assert_cmpuint (gtk_bitset_get_size (till_status_board_get_selected (board)), ==, arrears);
  look (GTK_WIDGET (f->window), "board-selected");
  till_fake_server_problem_once (f->server, "GET", "/board", 503, "busy", "later");
  till_page_refresh (page);
  gtk_widget_activate_action (GTK_WIDGET (page), "board.show-table", NULL);
  g_assert_cmpstr (till_window_get_page_name (f->window), ==, "meters");
}

static gboolean
table_filled (gpointer table)
{
  GListModel *model = till_table_get_model (table);
  return model && g_list_model_get_n_items (model) == CAMPUS_METERS;
}

static void
test_meters (Fixture *f, gconstpointer data)
{
  TillPage *page;
  TillTable *table;
  g_autofree char *query = NULL;

  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.show-page", "(ss)", "meters", "");
  page = till_window_get_page (f->window, "meters");
  table = TILL_TABLE (find_type (GTK_WIDGET (page), TILL_TYPE_TABLE));
  till_fake_await (table_filled, table, "the table has its total");
  await_text (page, "A1-0201");
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (till_table_get_selection (table)), 0, TRUE);
  look (GTK_WIDGET (f->window), "meters");
  gtk_widget_activate_action (GTK_WIDGET (page), "meters.read", NULL);
  await_text (f->window, "All selected meters answered");
  till_page_open_target (page, "stale");
  await_text (page, "Older than 3 min");
  query = till_fake_server_dup_query (f->server, "GET", "/meters");
  g_assert_nonnull (query);
}

static void
test_meter_window (Fixture *f, gconstpointer data)
{
  GtkWindow *window = till_meter_window_show (GTK_WIDGET (f->window), f->context, 1);
  gpointer gone = window;
  GtkStack *views;

  await_text (window, "A1-0201");
  await_text (window, "319.01");
  look (GTK_WIDGET (window), "meter-now");
  views = GTK_STACK (gtk_widget_get_template_child (GTK_WIDGET (window), TILL_TYPE_METER_WINDOW, "facts") ? gtk_widget_get_ancestor (GTK_WIDGET (gtk_widget_get_template_child (GTK_WIDGET (window), TILL_TYPE_METER_WINDOW, "facts")), GTK_TYPE_STACK) : NULL);
  gtk_stack_set_visible_child_name (views, "readings");
  look (GTK_WIDGET (window), "meter-readings");
  gtk_stack_set_visible_child_name (views, "sales");
  await_text (window, "20250301");
  look (GTK_WIDGET (window), "meter-sales");
  till_fake_server_problem_once (f->server, "POST", "/meters/1/read", 504, "offline", "the meter does not answer");
  gtk_widget_activate_action (GTK_WIDGET (window), "meter.read", NULL);
  await_text (window, "Retry");
  g_object_add_weak_pointer (G_OBJECT (window), &gone);
  gtk_window_destroy (window);
  till_fake_await (is_null, &gone, "the meter window is finalized");
}

static void
test_all_pages (Fixture *f, gconstpointer data)
{
  guint n;
  const TillPageInfo *infos = till_page_registry_get (&n);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strconcat ("page-", infos[i].name, NULL);
      gtk_widget_activate_action (GTK_WIDGET (f->window), "win.show-page", "(ss)", infos[i].name, "");
      g_assert_cmpstr (till_window_get_page_name (f->window), ==, infos[i].name);
      look (GTK_WIDGET (f->window), name);
    }
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.show-page", "(ss)", "sales", "records");
  look (GTK_WIDGET (f->window), "page-sales-records");
}

static gboolean
has_hits (gpointer list)
{
  return gtk_list_box_get_row_at_index (list, 0) != NULL && gtk_list_box_get_row_at_index (list, 2) != NULL;
}

static void
test_search_and_lock (Fixture *f, gconstpointer data)
{
  GtkWidget *search = GTK_WIDGET (gtk_widget_get_template_child (GTK_WIDGET (f->window), TILL_TYPE_WINDOW, "search"));
  GtkWidget *list = find_type (search, GTK_TYPE_LIST_BOX);

  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.search", NULL);
  gtk_editable_set_text (GTK_EDITABLE (find_type (search, GTK_TYPE_SEARCH_ENTRY)), "A1-02");
  till_fake_await (has_hits, list, "meters, customers and receipts are found");
  look (GTK_WIDGET (f->window), "search");
  g_signal_emit_by_name (list, "row-activated", gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 0));
  g_assert_cmpstr (till_window_get_page_name (f->window), ==, "meters");
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.lock", NULL);
  await_text (f->window, "Forms are kept.");
  look (GTK_WIDGET (f->window), "locked");
  till_window_set_locked (f->window, FALSE);
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.sell", NULL);
  g_assert_cmpstr (till_window_get_page_name (f->window), ==, "sales");
}

static void
test_rights (Fixture *f, gconstpointer data)
{
  g_assert_null (till_window_get_page (f->window, "sales"));
  g_assert_nonnull (till_window_get_page (f->window, "board"));
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.show-page", "(ss)", "sales", "");
  g_assert_cmpstr (till_window_get_page_name (f->window), ==, "overview");
}

static void
test_login (void)
{
  g_autoptr (TillContext) context = till_context_new (NULL, NULL);
  TillLoginWindow *login = till_login_window_new (context, NULL);
  gpointer gone = login;
  GtkWidget *button = GTK_WIDGET (gtk_widget_get_template_child (GTK_WIDGET (login), TILL_TYPE_LOGIN_WINDOW, "sign_in_button"));
  GtkEditable *password = GTK_EDITABLE (gtk_widget_get_template_child (GTK_WIDGET (login), TILL_TYPE_LOGIN_WINDOW, "password_entry"));

  till_login_window_propose (login, "http://example", "cashier");
  gtk_window_present (GTK_WINDOW (login));
  g_assert_false (gtk_widget_get_sensitive (button));
  gtk_editable_set_text (password, "a long password");
  g_assert_true (gtk_widget_get_sensitive (button));
  look (GTK_WIDGET (login), "login");
  gtk_widget_activate (button);
  await_text (login, "Only encrypted connections are made.");
  till_login_window_propose (login, "127.0.0.1:1", "cashier");
  gtk_widget_activate (button);
  await_text (login, "No answer from 127.0.0.1:1");
  g_assert_cmpstr (gtk_editable_get_text (password), ==, "");
  look (GTK_WIDGET (login), "login-failed");
  g_object_add_weak_pointer (G_OBJECT (login), &gone);
  gtk_window_destroy (GTK_WINDOW (login));
  till_fake_await (is_null, &gone, "the log-in window is finalized");
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(int *) data = till_trust_dialog_ask_finish (GTK_WINDOW (source), result, NULL);
}

static gboolean
is_answered (gpointer data)
{
  return *(int *) data >= 0;
}

static void
test_trust (gconstpointer verdict)
{
  TillTrustIdentity identity = { .verdict = GPOINTER_TO_INT (verdict), .server = (char *) "10.0.0.5:8443", .subject = (char *) "Gridtill site CA",
    .fingerprint = (char *) "56BE E32F 3A62 77B5 2595 08A2 7024 4C8F 84CC 0B0A 52D5 24ED C65D A0BB C0C7 9628",
    .known_fingerprint = (char *) "16BE E32F 3A62 77B5 2595 08A2 7024 4C8F 84CC 0B0A 52D5 24ED C65D A0BB C0C7 9628" };
  GtkWindow *parent = GTK_WINDOW (gtk_window_new ());
  GListModel *toplevels = gtk_window_get_toplevels ();
  GtkWidget *dialog = NULL;
  int answer = -1;

  gtk_window_present (parent);
  till_trust_dialog_ask_async (parent, &identity, answered_cb, &answer);
  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (toplevels, i);
      if (TILL_IS_TRUST_DIALOG (window))
        dialog = window;
    }
  g_assert_nonnull (dialog);
  await_text (dialog, identity.verdict == TILL_TRUST_CHANGED ? "Somebody may stand between" : "Compare with the fingerprint");
  look (dialog, identity.verdict == TILL_TRUST_CHANGED ? "trust-changed" : "trust-first");
  gtk_window_close (GTK_WINDOW (dialog));
  till_fake_await (is_answered, &answer, "the dialog answers");
  g_assert_cmpint (answer, ==, FALSE);
  gtk_window_destroy (parent);
}

static void
test_small_windows (Fixture *f, gconstpointer data)
{
  GtkWindow *preferences = till_preferences_window_show (GTK_WINDOW (f->window), f->context);
  GtkWindow *help = till_help_window_show (NULL, "sales");

  await_text (preferences, "Theme");
  look (GTK_WIDGET (preferences), "preferences");
  await_text (help, "Sell");
  look (GTK_WIDGET (help), "help");
  gtk_window_destroy (preferences);
  gtk_window_destroy (help);
}

int
main (int argc, char **argv)
{
  g_setenv ("ADW_DISABLE_PORTAL", "1", FALSE);
  till_application_prepare ();
  till_test_init (&argc, &argv);
  adw_init ();
  application = till_application_new ();
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  if (g_strcmp0 (g_getenv ("GRIDTILL_LOOK_THEME"), "dark") == 0)
    adw_style_manager_set_color_scheme (adw_style_manager_get_default (), ADW_COLOR_SCHEME_FORCE_DARK);
  g_test_add ("/client/windows/overview", Fixture, NULL, set_up, test_overview, tear_down);
  g_test_add ("/client/windows/board", Fixture, NULL, set_up, test_board, tear_down);
  g_test_add ("/client/windows/meters", Fixture, NULL, set_up, test_meters, tear_down);
  g_test_add ("/client/windows/meter", Fixture, NULL, set_up, test_meter_window, tear_down);
  g_test_add ("/client/windows/all-pages", Fixture, NULL, set_up, test_all_pages, tear_down);
  g_test_add ("/client/windows/search-and-lock", Fixture, NULL, set_up, test_search_and_lock, tear_down);
  g_test_add ("/client/windows/rights", Fixture, "meters.view", set_up, test_rights, tear_down);
  g_test_add ("/client/windows/small", Fixture, NULL, set_up, test_small_windows, tear_down);
  g_test_add_func ("/client/windows/login", test_login);
  g_test_add_data_func ("/client/windows/trust-first", GINT_TO_POINTER (TILL_TRUST_UNKNOWN), test_trust);
  g_test_add_data_func ("/client/windows/trust-changed", GINT_TO_POINTER (TILL_TRUST_CHANGED), test_trust);
  return till_test_run ();
}
