/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-list-pages.c: alarms and customers: rows, filters in the query, acknowledge with its refusals, export, gone. */
#include "config.h"
#include <string.h>
#include "client/model/till-paged-list.h"
#include "client/pages/config/till-discovery-window.h"
#include "client/pages/config/till-gateway-window.h"
#include "client/pages/till-section-page.h"
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-editor-window.h"
#include "client/widgets/till-file-dialog.h"
#include "client/widgets/till-table.h"
#include "tests/client/window-fixture.h"
#include "tests/lib/test-main.h"

typedef struct { gpointer table; guint n; } RowWait;
typedef struct { TillFakeServer *server; const char *path, *part; } QueryWait;

static gboolean
has_rows (gpointer data)
{
  RowWait *wait = data;
  GListModel *model = till_table_get_model (wait->table);
  return model != NULL && g_list_model_get_n_items (model) == wait->n;
}

static void
await_rows (gpointer table, guint n)
{
  till_fake_await (has_rows, &(RowWait){ table, n }, "the rows");
}

static gboolean
query_has (gpointer data)
{
  QueryWait *wait = data;
  g_autofree char *query = till_fake_server_dup_query (wait->server, "GET", wait->path);
  return query != NULL && strstr (query, wait->part) != NULL;
}

static void
await_query (WindowFixture *f, const char *path, const char *part)
{
  till_fake_await (query_has, &(QueryWait){ f->server, path, part }, part);
}

/* Ctrl+E writes what the server gives for the query in view. */
static void
export_and_check (WindowFixture *f, const char *path, const char *name)
{
  g_autofree char *target = g_build_filename (till_test_dir (), name, NULL), *text = NULL, *said = g_strconcat ("Saved ", name, NULL);
  g_autofree char *query = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (target);
  g_autoptr (GBytes) sheet = g_bytes_new_static ("PK-list", 7);

  till_fake_server_list (f->server, path, 0, NULL, NULL);
  till_fake_server_bytes (f->server, path, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheet);
  till_file_dialog_answer_next (file);
  window_press (f->window, GDK_KEY_e, GDK_CONTROL_MASK);
  window_await_text (f->window, said);
  g_assert_true (g_file_get_contents (target, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "PK-list");
  query = till_fake_server_dup_query (f->server, "GET", path);
  g_assert_nonnull (strstr (query, "format=xlsx"));
}

/* The table of the view that a section page shows. */
static gpointer
view_table (TillPage *page)
{
  return window_find_id (till_section_page_get_view (TILL_SECTION_PAGE (page)), "table");
}

/* --- alarms */

static void
test_alarms (WindowFixture *f, gconstpointer data)
{
  TillPage *page = window_fixture_show (f, "alarms", NULL);
  gpointer table = window_find_id (page, "table");

  await_rows (table, 9);
  window_await_text (page, "A1-0201");
  await_query (f, "/alarms", "state=open");
  gtk_toggle_button_set_active (window_find_id (page, "current"), FALSE);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gtk_widget_get_next_sibling (window_find_id (page, "current"))), TRUE);
  await_query (f, "/alarms", "state=all");
  window_press (f->window, GDK_KEY_f, GDK_CONTROL_MASK);
  window_type (f->window, "A1");
  await_query (f, "/alarms", "q=A1");
  await_rows (table, 1);
  export_and_check (f, "/alarms", "alarms.xlsx");
  window_fixture_close (f, "alarms");
}

static gpointer
select_alarm (WindowFixture *f)
{
  TillPage *page = window_fixture_show (f, "alarms", NULL);
  gpointer table = window_find_id (page, "table");

  await_rows (table, 9);
  window_await_text (page, "A1-0201");
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (till_table_get_selection (table)), 0, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (till_table_get_view (table)));
  return page;
}

static void
test_acknowledge (WindowFixture *f, gconstpointer data)
{
  TillPage *page = select_alarm (f);
  guint before;

  till_fake_server_problem_once (f->server, "POST", "/alarms/1/ack", 409, "conflict", "It was acknowledged before.");
  window_click (page, "Acknowledge");
  window_await_text (f->window, "It was acknowledged before.");
  till_fake_server_reply_once (f->server, "POST", "/alarms/1/ack", 200, "{\"id\":1,\"severity\":\"high\",\"kind\":\"arrears\",\"meter\":1}");
  before = till_fake_server_count (f->server, "GET", "/alarms");
  window_press (f->window, GDK_KEY_d, GDK_CONTROL_MASK);
  window_await_count (f->server, "POST", "/alarms/1/ack", 2);
  window_await_count (f->server, "GET", "/alarms", before + 1); /* shown as it is now */
}

static void
test_may_not_acknowledge (WindowFixture *f, gconstpointer data)
{
  TillPage *page = select_alarm (f);

  g_assert_false (gtk_widget_is_sensitive (window_find_button (page, "Acknowledge")));
  gtk_widget_activate_action (GTK_WIDGET (page), "alarms.acknowledge", NULL);
  g_assert_cmpuint (till_fake_server_count (f->server, "POST", "/alarms/1/ack"), ==, 0);
}

static void
test_acknowledge_closed (WindowFixture *f, gconstpointer data)
{
  gpointer page = select_alarm (f);

  till_fake_server_hold_next (f->server, "POST", "/alarms/1/ack");
  window_click (page, "Acknowledge");
  window_await_count (f->server, "POST", "/alarms/1/ack", 1);
  g_object_add_weak_pointer (G_OBJECT (page), &page);
  gtk_window_destroy (GTK_WINDOW (g_steal_pointer (&f->window)));
  till_fake_server_problem_once (f->server, "POST", "/alarms/1/ack", 503, "busy", "later");
  till_fake_server_release (f->server);
  while (page != NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_alarm_opens_meter (WindowFixture *f, gconstpointer data)
{
  TillPage *page = select_alarm (f);
  gpointer table = window_find_id (page, "table");

  g_signal_emit_by_name (table, "activate", till_table_get_selected (table));
  g_assert_cmpstr (till_window_get_page_name (f->window), ==, "meters");
  window_await_count (f->server, "GET", "/meters/1", 1); /* its window, not the page alone */
}

/* --- gateways */

static void
test_gateways (WindowFixture *f, gconstpointer data)
{
  TillPage *page = window_fixture_show (f, "config", NULL);

  window_await_text (page, "GW-0002");
  await_rows (view_table (page), 4);
  window_await_text (page, "3 / 4");  /* links */
  window_await_text (page, "99.1 %"); /* fresh */
  window_await_text (page, "6 min");  /* oldest */
  window_await_text (page, "2 meters are older than 3 minutes");
  window_await_text (page, "offline");
  gtk_drop_down_set_selected (window_find_id (till_section_page_get_view (TILL_SECTION_PAGE (page)), "presence"), 2);
  await_query (f, "/gateways", "online=false");
  window_press (f->window, GDK_KEY_f, GDK_CONTROL_MASK);
  window_type (f->window, "GW-0003");
  await_query (f, "/gateways", "q=GW-0003");
  export_and_check (f, "/gateways", "gateways.xlsx");
  window_click (page, "Show lost meters");
  g_assert_cmpstr (till_window_get_page_name (f->window), ==, "meters");
  await_query (f, "/meters", "state=lost");
  window_fixture_close (f, "config");
}

static void
test_list_fails (WindowFixture *f, gconstpointer name)
{
  g_autofree char *path = g_strconcat ("/", name, NULL);
  TillPage *page;

  till_fake_server_reply (f->server, "GET", path, 503, "{\"title\":\"T\",\"status\":503,\"code\":\"busy\",\"detail\":\"later\"}");
  page = window_fixture_show (f, name, NULL);
  window_await_text (page, "The server is busy.");
  campus_fill (f->server, CASHIER);
  window_click (page, "Retry");
  window_await_text (page, "张伟");
  window_await_no_text (page, "The server is busy.");
}

/* --- customers */

static char *
make_account (guint i, gpointer data)
{
  return g_strdup_printf ("{\"id\":%u,\"code\":\"1%05u\",\"customer\":%u,\"customer_name\":\"王芳\",\"customer_code\":\"C%05u\",\"meters\":1,\"state\":\"open\"}",
                          i + 1, i, i + 1, i);
}

static void
test_customers (WindowFixture *f, gconstpointer data)
{
  TillPage *page = window_fixture_show (f, "customers", NULL);

  till_fake_server_list (f->server, "/accounts", 12, make_account, NULL);
  await_rows (view_table (page), 340);
  window_await_text (page, "C00000");
  window_press (f->window, GDK_KEY_f, GDK_CONTROL_MASK);
  window_type (f->window, "C00");
  await_query (f, "/customers", "q=C00");
  await_rows (view_table (page), 1);
  till_page_open_target (page, "accounts");
  await_rows (view_table (page), 12);
  window_await_text (page, "100000");
  export_and_check (f, "/accounts", "accounts.xlsx");
  window_fixture_close (f, "customers");
}

static char *
make_capture (guint i, gpointer data)
{
  return g_strdup ("{\"n\":4,\"gateway\":1,\"state\":\"done\",\"minutes\":5,\"operator\":2,\"operator_name\":\"陈收银\",\"ordered_at\":\"2026-09-01T00:00:00Z\",\"started_at\":null,"
                   "\"ended_at\":\"2026-09-01T00:05:00Z\",\"lines\":820,\"bytes\":91234,\"full_early\":false,\"message\":null}");
}

static void
test_gateway_window (WindowFixture *f, gconstpointer data)
{
  g_autofree char *target = g_build_filename (till_test_dir (), "capture.jsonl", NULL), *text = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (target);
  g_autoptr (GBytes) lines = g_bytes_new_static ("{\"at\":1}\n", 9);
  TillPage *page = window_fixture_show (f, "config", NULL);
  gpointer window, ask, table;

  till_fake_server_reply (f->server, "GET", "/gateways/1", 200,
                          "{\"id\":1,\"code\":\"GW-0001\",\"name\":\"1号楼\",\"online\":true,\"link_class\":\"gt3_aes\",\"rtt_ms\":\"41.500\",\"meters\":90,\"lost\":0,\"age_s\":12}");
  till_fake_server_list (f->server, "/gateways/1/captures", 1, make_capture, NULL);
  window_await_text (page, "GW-0001");
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (till_table_get_selection (view_table (page))), 0, TRUE);
  g_signal_emit_by_name (view_table (page), "activate", till_table_get_selected (view_table (page)));
  window = window_find_toplevel (TILL_TYPE_GATEWAY_WINDOW);
  window_await_text (window, "41.5 ms");
  window_await_text (window, "820");
  window_click (window, "Capture…");
  ask = window_find_toplevel (TILL_TYPE_ASK_WINDOW);
  till_fake_server_problem_once (f->server, "POST", "/gateways/1/captures", 409, "conflict", "A capture is running.");
  window_click (ask, "Record");
  window_await_text (ask, "A capture is running.");
  till_fake_server_reply_once (f->server, "POST", "/gateways/1/captures", 201, "{\"n\":5,\"state\":\"ordered\",\"minutes\":1}");
  window_click (ask, "Record");
  window_await_count (f->server, "POST", "/gateways/1/captures", 2);
  table = window_find_id (window, "captures");
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (till_table_get_selection (table)), 0, TRUE);
  till_fake_server_bytes (f->server, "/gateways/1/captures/4", "application/x-ndjson", lines);
  till_file_dialog_answer_next (file);
  window_click (window, "Save capture…");
  window_await_text (window, "The capture is saved.");
  g_assert_true (g_file_get_contents (target, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "{\"at\":1}\n");
}

/* The entry row of that title in the form. */
static GtkWidget *
find_row (gpointer root, const char *title)
{
  if (ADW_IS_PREFERENCES_ROW (root) && g_strcmp0 (adw_preferences_row_get_title (root), title) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_row (child, title);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
assert_sent (WindowFixture *f, const char *method, const char *path, const char *part, gboolean wanted)
{
  g_autofree char *body = till_fake_server_dup_body (f->server, method, path);
  if (body == NULL || (strstr (body, part) != NULL) != wanted)
    g_error ("%s %s: %s", method, path, body);
}

static void
test_discovery (WindowFixture *f, gconstpointer data)
{
  TillPage *page = window_fixture_show (f, "config", NULL);
  gpointer window, found, table;

  till_fake_server_reply (f->server, "GET", "/gateways/1", 200, "{\"id\":1,\"code\":\"GW-0001\",\"name\":\"1号楼\",\"online\":true,\"meters\":2}");
  till_fake_server_list (f->server, "/gateways/1/captures", 0, make_capture, NULL);
  window_await_text (page, "GW-0001");
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (till_table_get_selection (view_table (page))), 0, TRUE);
  g_signal_emit_by_name (view_table (page), "activate", till_table_get_selected (view_table (page)));
  window = window_find_toplevel (TILL_TYPE_GATEWAY_WINDOW);
  window_await_text (window, "GW-0001");
  window_click (window, "Discover…");
  found = window_find_toplevel (TILL_TYPE_DISCOVERY_WINDOW);
  till_fake_server_problem_once (f->server, "POST", "/gateways/1/discover", 409, "conflict", "Another search looks at this port.");
  window_click (found, "Discover");
  window_await_text (found, "Another search looks at this port.");
  till_fake_server_reply_once (f->server, "POST", "/gateways/1/discover", 202, "{\"job\":\"j1\"}");
  till_fake_server_reply_once (f->server, "GET", "/jobs/j1", 200, "{\"id\":\"j1\",\"state\":\"running\"}");
  till_fake_server_reply (f->server, "GET", "/jobs/j1", 200,
                          "{\"id\":\"j1\",\"state\":\"done\",\"result\":{\"gateway\":1,\"port\":1,\"cabinets\":[],\"circuits\":["
                          "{\"table\":1,\"circuit\":1,\"unit\":1,\"model\":\"adf400l-3p\",\"ct\":true,\"serial\":\"S1\",\"answers\":true,\"meter\":7,\"meter_code\":\"C-07\"},"
                          "{\"table\":1,\"circuit\":2,\"unit\":4,\"model\":\"adf400l-3p\",\"ct\":false,\"serial\":\"S1\",\"answers\":true,\"meter\":null,\"meter_code\":null},"
                          "{\"table\":1,\"circuit\":3,\"unit\":19,\"model\":\"adf400l-1p\",\"ct\":false,\"serial\":\"S1\",\"answers\":false,\"meter\":null,\"meter_code\":null}]}}");
  window_click (found, "Discover");
  window_await_text (found, "3 circuits found");
  table = window_find_id (found, "circuits");
  g_assert_cmpuint (till_table_selection_get_n_selected (till_table_get_selection (table)), ==, 1); /* new, and it answers */
  till_fake_server_problem_once (f->server, "POST", "/meters", 409, "conflict", "Row 1: the unit is taken.");
  window_click (found, "Add meters");
  window_await_text (found, "Row 1: the unit is taken.");
  till_fake_server_reply_once (f->server, "POST", "/meters", 201, "{\"total\":1,\"items\":[12]}");
  window_click (found, "Add meters");
  window_await_text (found, "1 meter added");
  assert_sent (f, "POST", "/meters", "\"code\":\"GW-0001-4\",\"gateway\":1,\"port\":1,\"unit\":4,\"model\":\"adf400l-3p\"", TRUE);
  assert_sent (f, "POST", "/meters", "\"unit\":19", FALSE);
}

static void
test_gateway_new (WindowFixture *f, gconstpointer data)
{
  TillPage *page = window_fixture_show (f, "config", NULL);
  gpointer window, ask;

  window_await_text (page, "GW-0001");
  window_click (page, "New…");
  window = window_find_toplevel (TILL_TYPE_EDITOR_WINDOW);
  g_assert_false (gtk_widget_is_sensitive (window_find_button (window, "Save")));
  gtk_editable_set_text (GTK_EDITABLE (find_row (window, "Gateway No.")), "GW-0009");
  gtk_editable_set_text (GTK_EDITABLE (find_row (window, "Name of gateway")), "9号楼");
  gtk_editable_set_text (GTK_EDITABLE (find_row (window, "Ports (1:9600:N, 2:4800:E)")), "1:9600:N, 2:4800:E");
  till_fake_server_reply_once (f->server, "POST", "/gateways", 400,
                               "{\"title\":\"T\",\"status\":400,\"code\":\"invalid\",\"detail\":\"some members are wrong\",\"fields\":{\"code\":\"this code is taken\"}}");
  window_click (window, "Save");
  window_await_text (window, "this code is taken"); /* below its field; the form stays */
  till_fake_server_reply_once (f->server, "POST", "/gateways", 201, "{\"id\":9,\"code\":\"GW-0009\",\"version\":1,\"master_key\":\"00112233\"}");
  window_click (window, "Save");
  window_await_count (f->server, "POST", "/gateways", 2);
  assert_sent (f, "POST", "/gateways", "\"link\":\"dial_in\"", TRUE);
  assert_sent (f, "POST", "/gateways", "{\"port\":2,\"baud\":4800,\"parity\":\"E\"}", TRUE);
  assert_sent (f, "POST", "/gateways", "quarantine_s", FALSE); /* what was not filled in is the server's */
  ask = NULL;
  while (ask == NULL)
    {
      g_main_context_iteration (NULL, TRUE);
      ask = window_find_toplevel (TILL_TYPE_ASK_WINDOW);
    }
  window_await_text (ask, "00112233"); /* once */
  window_click (ask, "I have put it into the gateway");
}

static void
test_gateway_edit (WindowFixture *f, gconstpointer data)
{
  g_autofree char *version = NULL;
  TillPage *page = window_fixture_show (f, "config", NULL);
  gpointer window = NULL;

  till_fake_server_reply (f->server, "GET", "/gateways/1", 200,
                          "{\"id\":1,\"code\":\"GW-0001\",\"name\":\"1号楼\",\"area\":2,\"link\":\"modbus_tcp\",\"address\":\"10.0.3.11:502\",\"ports\":[{\"port\":1,\"baud\":9600,\"parity\":\"N\"}],"
                          "\"allow_clear\":true,\"status_interval_s\":150,\"word_order\":null,\"best_class\":\"clear\",\"version\":7}");
  window_await_text (page, "GW-0001");
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (till_table_get_selection (view_table (page))), 0, TRUE);
  window_click (page, "Edit…");
  while (window == NULL)
    {
      g_main_context_iteration (NULL, TRUE);
      window = window_find_toplevel (TILL_TYPE_EDITOR_WINDOW);
    }
  g_assert_false (gtk_widget_is_sensitive (find_row (window, "Gateway No."))); /* its identity stays */
  g_assert_false (gtk_widget_get_visible (find_row (window, "Registration comes")));
  gtk_editable_set_text (GTK_EDITABLE (find_row (window, "Poll every (s)")), "60");
  till_fake_server_reply_once (f->server, "PATCH", "/gateways/1", 200, "{\"id\":1,\"code\":\"GW-0001\",\"version\":8}");
  window_click (window, "Save");
  window_await_count (f->server, "PATCH", "/gateways/1", 1);
  assert_sent (f, "PATCH", "/gateways/1", "\"status_interval_s\":60", TRUE);
  assert_sent (f, "PATCH", "/gateways/1", "address", FALSE); /* only what was changed */
  assert_sent (f, "PATCH", "/gateways/1", "best_class", FALSE);
  version = till_fake_server_dup_header (f->server, "PATCH", "/gateways/1", "If-Match");
  g_assert_cmpstr (version, ==, "7");
}

static void
test_customer_edit (WindowFixture *f, gconstpointer data)
{
  TillPage *page = window_fixture_show (f, "customers", NULL);
  gpointer window;
  g_autofree char *version = NULL;

  window_await_text (page, "C00000");
  window_click (page, "New…");
  window = window_find_toplevel (TILL_TYPE_EDITOR_WINDOW);
  g_assert_false (gtk_widget_is_sensitive (window_find_button (window, "Save")));
  gtk_editable_set_text (GTK_EDITABLE (find_row (window, "Name of customer")), "王芳");
  gtk_editable_set_text (GTK_EDITABLE (find_row (window, "Phones, commas between")), "13900001111, 057412345");
  till_fake_server_reply_once (f->server, "POST", "/customers", 201, "{\"id\":900,\"code\":\"C-900\",\"name\":\"王芳\",\"version\":1}");
  window_click (window, "Save");
  window_await_count (f->server, "POST", "/customers", 1);
  assert_sent (f, "POST", "/customers", "\"phones\":[\"13900001111\",\"057412345\"]", TRUE);
  assert_sent (f, "POST", "/customers", "\"code\"", FALSE); /* the server's next number */
  window_await_text (page, "C00000");

  till_fake_server_reply (f->server, "GET", "/customers/1", 200, "{\"id\":1,\"code\":\"C00000\",\"name\":\"A\",\"kind\":\"shop\",\"class\":\"shop\",\"language\":\"en\","
                          "\"phones\":[],\"note\":null,\"area\":null,\"version\":4}");
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (till_table_get_selection (view_table (page))), 0, TRUE);
  window_click (page, "Edit…");
  window_await_count (f->server, "GET", "/customers/1", 1);
  while ((window = window_find_toplevel (TILL_TYPE_EDITOR_WINDOW)) == NULL)
    g_main_context_iteration (NULL, TRUE);
  gtk_editable_set_text (GTK_EDITABLE (find_row (window, "Name of customer")), "B");
  till_fake_server_reply_once (f->server, "PATCH", "/customers/1", 200, "{\"id\":1,\"version\":5}");
  window_click (window, "Save");
  window_await_count (f->server, "PATCH", "/customers/1", 1);
  assert_sent (f, "PATCH", "/customers/1", "\"name\":\"B\"", TRUE);
  assert_sent (f, "PATCH", "/customers/1", "kind", FALSE);
  version = till_fake_server_dup_header (f->server, "PATCH", "/customers/1", "If-Match");
  g_assert_cmpstr (version, ==, "4");
}

static char *
make_unknown (guint i, gpointer data)
{
  return g_strdup ("{\"id\":3,\"text\":\"GW-0042\",\"front\":\"gt3\",\"address\":\"10.9.8.7\",\"first_seen\":\"2026-09-01T00:00:00Z\",\"last_seen\":\"2026-09-01T00:01:00Z\",\"tries\":12}");
}

static void
test_adopt (WindowFixture *f, gconstpointer data)
{
  TillPage *page;
  gpointer window;

  till_fake_server_list (f->server, "/gateways/unknown", 1, make_unknown, NULL);
  page = window_fixture_show (f, "config", "unknown");
  window_await_text (page, "GW-0042");
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (till_table_get_selection (view_table (page))), 0, TRUE);
  window_click (page, "Adopt…");
  window = window_find_toplevel (TILL_TYPE_EDITOR_WINDOW);
  gtk_editable_set_text (GTK_EDITABLE (find_row (window, "Name of gateway")), "New one");
  till_fake_server_reply_once (f->server, "POST", "/gateways/adopt", 201, "{\"id\":10,\"code\":\"GW-0042\",\"version\":1}");
  window_click (window, "Save");
  window_await_count (f->server, "POST", "/gateways/adopt", 1);
  assert_sent (f, "POST", "/gateways/adopt", "\"unknown\":3", TRUE);
  assert_sent (f, "POST", "/gateways/adopt", "\"code\":\"GW-0042\"", TRUE);
}

static void
set_up (WindowFixture *f, gconstpointer data)
{
  window_fixture_set_up (f, NULL);
}

static void
add (const char *path, const char *permissions, void (*test) (WindowFixture *, gconstpointer))
{
  g_test_add (path, WindowFixture, permissions, window_fixture_set_up, test, window_fixture_tear_down);
}

/* --- orders and the system log */

static char *
make_order (guint i, gpointer data)
{
  return g_strdup_printf ("{\"id\":\"018f0000-0000-7000-8000-00000000000%u\",\"meter\":1,\"meter_code\":\"A1-000%u\",\"room\":\"北校区/1号楼\",\"kind\":\"force_off\","
                          "\"state\":\"verified\",\"attempts\":1,\"operator_name\":\"陈收银\",\"reason\":\"arrears\",\"created_at\":\"2026-11-23T08:00:00Z\"}", i, i);
}

static void
test_orders (WindowFixture *f, gconstpointer data)
{
  TillPage *page;
  gpointer table;

  till_fake_server_list (f->server, "/commands", 3, make_order, NULL);
  page = window_fixture_show (f, "alarms", "orders");
  table = view_table (page);

  await_rows (table, 3);
  window_await_text (page, "A1-0002");
  await_query (f, "/commands", "from=20");
  gtk_drop_down_set_selected (window_find_id (till_section_page_get_view (TILL_SECTION_PAGE (page)), "kind"), 6);
  await_query (f, "/commands", "force_off");
  gtk_drop_down_set_selected (window_find_id (till_section_page_get_view (TILL_SECTION_PAGE (page)), "state"), 4);
  await_query (f, "/commands", "state=failed");
  await_rows (table, 3);
  window_await_text (page, "A1-0002");
  window_look (f->window, "orders");
  export_and_check (f, "/commands", "orders.xlsx");
}

static char *
make_entry (guint i, gpointer data)
{
  return g_strdup_printf ("{\"n\":%u,\"at\":\"2026-11-23T08:00:00Z\",\"operator\":2,\"operator_name\":\"陈收银\",\"address\":\"10.0.0.9\",\"action\":\"site.edit\","
                          "\"object\":\"site:1\",\"result\":\"ok\",\"before\":{\"name\":\"old\"},\"after\":{\"name\":\"new\"},\"request\":\"r%u\"}", 100 + i, i);
}

static void
test_log (WindowFixture *f, gconstpointer data)
{
  TillPage *page;
  gpointer table;

  till_fake_server_list (f->server, "/log", 4, make_entry, NULL);
  page = window_fixture_show (f, "config", "log");
  table = view_table (page);

  await_rows (table, 4);
  window_await_text (page, "site.edit");
  window_look (f->window, "log");
  gtk_drop_down_set_selected (window_find_id (till_section_page_get_view (TILL_SECTION_PAGE (page)), "result"), 2);
  await_query (f, "/log", "result=forbidden");
  till_fake_server_reply_once (f->server, "GET", "/log/verify", 200, "{\"ok\":false,\"rows\":4,\"broken\":102}");
  window_click (page, "Verify chain");
  window_await_text (window_await_toplevel (ADW_TYPE_MESSAGE_DIALOG), "Row 102 does not follow the one before it: the log was changed there. Keep a copy and call the auditor.");
}

/* Who may not ask for the walk is not offered it. */
static void
test_log_without_verify (WindowFixture *f, gconstpointer data)
{
  TillPage *page;

  till_fake_server_list (f->server, "/log", 4, make_entry, NULL);
  page = window_fixture_show (f, "config", "log");
  await_rows (view_table (page), 4);
  g_assert_false (gtk_widget_is_sensitive (window_find_button (page, "Verify chain")));
}

int
main (int argc, char **argv)
{
  window_fixture_init (&argc, &argv);
  add ("/client/alarms/list", NULL, test_alarms);
  add ("/client/alarms/acknowledge", NULL, test_acknowledge);
  add ("/client/alarms/may-not-acknowledge", "meters.view", test_may_not_acknowledge);
  add ("/client/alarms/acknowledge-closed", NULL, test_acknowledge_closed);
  add ("/client/alarms/opens-meter", NULL, test_alarm_opens_meter);
  add ("/client/customers/list", NULL, test_customers);
  add ("/client/customers/edit", "meters.view,customers.edit,customer.private", test_customer_edit);
  add ("/client/gateways/list", "meters.view,meters.export,plant.edit,reports.energy", test_gateways);
  add ("/client/gateways/discovery", "meters.view,plant.edit,reports.energy", test_discovery);
  add ("/client/gateways/window", "meters.view,plant.edit,reports.energy", test_gateway_window);
  add ("/client/gateways/new", "meters.view,plant.edit", test_gateway_new);
  add ("/client/gateways/edit", "meters.view,plant.edit", test_gateway_edit);
  add ("/client/gateways/adopt", "meters.view,plant.edit", test_adopt);
  add ("/client/orders", "meters.view,meters.export,sales.view", test_orders);
  add ("/client/log/verify", "meters.view,log.view,log.verify", test_log);
  add ("/client/log/without-verify", "meters.view,log.view", test_log_without_verify);
  g_test_add ("/client/alarms/fails", WindowFixture, "alarms", set_up, test_list_fails, window_fixture_tear_down);
  g_test_add ("/client/customers/fails", WindowFixture, "customers", set_up, test_list_fails, window_fixture_tear_down);
  return till_test_run ();
}
