/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-plant-pages.c: the tree of areas changed in place, and what happens when somebody else was faster. */
#include "config.h"
#include <string.h>
#include "client/pages/config/till-areas-view.h"
#include "client/pages/till-section-page.h"
#include "client/widgets/till-area-cell.h"
#include "client/widgets/till-area-tree.h"
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-editor-window.h"
#include "client/widgets/till-merge-window.h"
#include "client/widgets/till-table.h"
#include "tests/client/window-fixture.h"
#include "tests/lib/test-main.h"

#define ENGINEER "meters.view,meters.export,plant.edit,defaults.edit"

/* campus.c: 1 the campus, 2..5 its buildings, 10.. their floors. */
#define FIRST_BUILDING 2
#define SECOND_BUILDING 3
#define A_FLOOR 10

static gboolean
is_row (gpointer data)
{
  gpointer *wanted = data; /* root, name, found */
  GtkWidget *root = wanted[0];

  if (TILL_IS_AREA_CELL (root) && gtk_widget_get_mapped (root) && till_area_cell_get_area (TILL_AREA_CELL (root)) != NULL &&
      g_strcmp0 (till_record_text (till_area_cell_get_area (TILL_AREA_CELL (root)), "name"), wanted[1]) == 0)
    {
      wanted[2] = root;
      return TRUE;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      gpointer below[3] = { child, wanted[1], NULL };
      if (is_row (below))
        {
          wanted[2] = below[2];
          return TRUE;
        }
    }
  return FALSE;
}

static TillAreaCell *
await_row (gpointer root, const char *name)
{
  gpointer wanted[3] = { root, (gpointer) name, NULL };

  till_fake_await (is_row, wanted, name);
  return wanted[2];
}

static TillAreaTree *
show_tree (WindowFixture *f)
{
  TillPage *page = window_fixture_show (f, "config", "areas");
  TillAreaTree *tree;

  await_row (page, "宿舍1号楼");
  tree = window_find_type (page, TILL_TYPE_AREA_TREE);
  till_area_tree_select (tree, FIRST_BUILDING);
  window_look (page, "areas");
  return tree;
}

static void
assert_sent (WindowFixture *f, const char *method, const char *path, const char *body)
{
  g_autofree char *sent = till_fake_server_dup_body (f->server, method, path);
  g_assert_cmpstr (sent, ==, body);
}

static void
rename_to (TillAreaTree *tree, const char *from, const char *to)
{
  TillAreaCell *cell = await_row (tree, from);
  GtkWidget *entry;

  till_area_tree_start_rename (tree);
  entry = window_find_type (cell, GTK_TYPE_ENTRY);
  g_assert_true (gtk_widget_get_visible (entry));
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, from);
  gtk_editable_set_text (GTK_EDITABLE (entry), to);
  g_signal_emit_by_name (entry, "activate");
  g_assert_false (gtk_widget_get_visible (entry));
}

static void
test_rename (WindowFixture *f, gconstpointer data)
{
  TillAreaTree *tree = show_tree (f);
  g_autofree char *match = NULL;

  till_fake_server_reply (f->server, "PATCH", "/areas/2", 200, "{\"id\":2,\"name\":\"兰园\",\"version\":4}");
  rename_to (tree, "宿舍1号楼", "  宿舍1号楼 ");
  g_assert_cmpuint (till_fake_server_count (f->server, "PATCH", "/areas/2"), ==, 0); /* nothing but blanks: the same name */
  rename_to (tree, "宿舍1号楼", "兰园");
  window_await_text (f->window, "The area is saved");
  assert_sent (f, "PATCH", "/areas/2", "{\"name\":\"兰园\"}");
  match = till_fake_server_dup_header (f->server, "PATCH", "/areas/2", "If-Match");
  g_assert_nonnull (strstr (match, "3"));
}

static void
test_rename_refused (WindowFixture *f, gconstpointer data)
{
  TillAreaTree *tree = show_tree (f);

  till_fake_server_problem_once (f->server, "PATCH", "/areas/2", 409, "conflict", "There is a 宿舍2号楼 beside it.");
  rename_to (tree, "宿舍1号楼", "宿舍2号楼");
  window_await_text (f->window, "There is a 宿舍2号楼 beside it.");
  await_row (tree, "宿舍1号楼");
}

static gboolean
drop (TillAreaCell *target, TillAreaCell *source)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (target));
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean taken = FALSE, found = FALSE;

  g_value_init (&value, TILL_TYPE_AREA);
  g_value_set_object (&value, till_area_cell_get_area (source));
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);
      if (GTK_IS_DROP_TARGET (controller))
        {
          g_signal_emit_by_name (controller, "drop", &value, 1.0, 1.0, &taken);
          found = TRUE;
        }
    }
  g_assert_true (found);
  return taken;
}

static void
test_move (WindowFixture *f, gconstpointer data)
{
  TillAreaTree *tree = show_tree (f);
  TillAreaCell *campus = await_row (tree, "北校区"), *first = await_row (tree, "宿舍1号楼"), *second = await_row (tree, "宿舍2号楼");

  g_assert_false (drop (first, campus)); /* below itself */
  g_assert_false (drop (first, first));
  g_assert_false (drop (campus, first)); /* it lies there already */
  g_assert_true (drop (second, first));
  window_await_text (window_find_toplevel (ADW_TYPE_MESSAGE_DIALOG), "Move 宿舍1号楼 to 北校区/宿舍2号楼?");
  window_await_text (window_find_toplevel (ADW_TYPE_MESSAGE_DIALOG), "90 meters go with it.");
  till_fake_server_reply (f->server, "PATCH", "/areas/2", 200, "{\"id\":2,\"version\":4}");
  window_click (window_find_toplevel (ADW_TYPE_MESSAGE_DIALOG), "Move area");
  window_await_text (f->window, "The area is saved");
  assert_sent (f, "PATCH", "/areas/2", "{\"parent\":3}");
}

static void
test_cut_and_paste (WindowFixture *f, gconstpointer data)
{
  TillAreaTree *tree = show_tree (f);
  GtkWidget *view = window_find_type (f->window, TILL_TYPE_AREAS_VIEW);

  gtk_widget_activate_action (view, "areas.cut", NULL);
  till_area_tree_select (tree, 0);
  gtk_widget_activate_action (view, "areas.paste", NULL);
  till_fake_server_reply (f->server, "PATCH", "/areas/2", 200, "{\"id\":2,\"version\":4}");
  window_click (window_find_toplevel (ADW_TYPE_MESSAGE_DIALOG), "Move area");
  window_await_count (f->server, "PATCH", "/areas/2", 1);
  assert_sent (f, "PATCH", "/areas/2", "{\"parent\":null}");
}

static void
test_new (WindowFixture *f, gconstpointer data)
{
  gpointer window;

  show_tree (f);
  window_click (f->window, "New area…");
  window = window_find_toplevel (TILL_TYPE_EDITOR_WINDOW);
  g_assert_false (gtk_widget_is_sensitive (window_find_button (window, "Save"))); /* no name yet */
  gtk_editable_set_text (GTK_EDITABLE (window_find_type (window, ADW_TYPE_ENTRY_ROW)), "F7");
  till_fake_server_reply (f->server, "POST", "/areas", 201, "{\"id\":900,\"name\":\"F7\",\"version\":1}");
  window_click (window, "Save");
  window_await_text (f->window, "The area is saved");
  assert_sent (f, "POST", "/areas", "{\"name\":\"F7\",\"kind\":\"floor\",\"parent\":2}");
}

static void
test_retire (WindowFixture *f, gconstpointer data)
{
  gpointer ask;

  show_tree (f);
  window_click (f->window, "Retire…");
  ask = window_find_toplevel (TILL_TYPE_ASK_WINDOW);
  window_await_text (ask, "北校区/宿舍1号楼");
  till_fake_server_problem_once (f->server, "DELETE", "/areas/2", 409, "conflict", "90 meters stand in it.");
  window_click (ask, "Retire area");
  window_await_text (ask, "90 meters stand in it.");
  till_fake_server_reply (f->server, "DELETE", "/areas/2", 204, NULL);
  window_click (ask, "Retire area");
  window_await_text (f->window, "The area is retired");
}

/* --- two people --- */

#define THEIRS "{\"total\":1,\"items\":[{\"id\":2,\"parent\":3,\"name\":\"竹园\",\"kind\":\"building\",\"path\":\"北校区/竹园\",\"version\":9}]}"

static gpointer
rename_too_late (WindowFixture *f, TillAreaTree *tree)
{
  till_fake_server_problem_once (f->server, "PATCH", "/areas/2", 409, "stale", "somebody was faster");
  till_fake_server_reply (f->server, "GET", "/areas", 200, THEIRS); /* a list under way may take it, too: the tree has its own */
  rename_to (tree, "宿舍1号楼", "兰园");
  window_await_count (f->server, "PATCH", "/areas/2", 1);
  return window_await_toplevel (TILL_TYPE_MERGE_WINDOW);
}

static void
test_merge_mine (WindowFixture *f, gconstpointer data)
{
  TillAreaTree *tree = show_tree (f);
  gpointer merge = rename_too_late (f, tree);
  g_autofree char *match = NULL;

  window_await_text (merge, "兰园");
  window_await_text (merge, "竹园");
  window_look (merge, "merge");
  window_await_text (merge, "Lies in"); /* only they moved it: theirs from the start */
  till_fake_server_reply (f->server, "PATCH", "/areas/2", 200, "{\"id\":2,\"version\":10}");
  window_click (merge, "Save the choice");
  window_await_text (f->window, "The area is saved");
  assert_sent (f, "PATCH", "/areas/2", "{\"name\":\"兰园\"}");
  match = till_fake_server_dup_header (f->server, "PATCH", "/areas/2", "If-Match");
  g_assert_nonnull (strstr (match, "9"));
}

static void
test_merge_all_mine (WindowFixture *f, gconstpointer data)
{
  TillAreaTree *tree = show_tree (f);
  gpointer merge = rename_too_late (f, tree);

  window_click (merge, "All mine");
  till_fake_server_reply (f->server, "PATCH", "/areas/2", 200, "{\"id\":2,\"version\":10}");
  window_click (merge, "Save the choice");
  window_await_text (f->window, "The area is saved");
  assert_sent (f, "PATCH", "/areas/2", "{\"name\":\"兰园\",\"parent\":1}");
}

/* Theirs for all of it: nothing of mine is left to send, and the windows are gone. */
static gboolean
is_gone (gpointer data)
{
  return window_find_toplevel (TILL_TYPE_EDITOR_WINDOW) == NULL && window_find_toplevel (TILL_TYPE_MERGE_WINDOW) == NULL;
}

static void
test_merge_theirs (WindowFixture *f, gconstpointer data)
{
  TillAreaTree *tree = show_tree (f);
  gpointer merge = rename_too_late (f, tree);

  window_click (merge, "All theirs");
  window_click (merge, "Save the choice");
  till_fake_await (is_gone, NULL, "the windows are gone");
  g_assert_cmpuint (till_fake_server_count (f->server, "PATCH", "/areas/2"), ==, 1);
}

/* Both changed the same field of a gateway. */
static void
test_merge_gateway (WindowFixture *f, gconstpointer data)
{
  TillPage *page = window_fixture_show (f, "config", "gateways");
  gpointer window, merge, table = NULL;

  window_await_text (page, "GW-0001");
  table = window_find_type (till_section_page_get_view (TILL_SECTION_PAGE (page)), TILL_TYPE_TABLE);
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (till_table_get_selection (table)), 0, TRUE);
  till_fake_server_reply_once (f->server, "GET", "/gateways/1", 200, "{\"id\":1,\"code\":\"GW-0001\",\"name\":\"A\",\"link\":\"dial_in\",\"full_interval_s\":900,\"version\":3}");
  till_fake_server_reply (f->server, "GET", "/gateways/1", 200, "{\"id\":1,\"code\":\"GW-0001\",\"name\":\"B\",\"link\":\"dial_in\",\"full_interval_s\":1800,\"version\":4}");
  window_click (page, "Edit…");
  window = window_await_toplevel (TILL_TYPE_EDITOR_WINDOW);
  gtk_editable_set_text (GTK_EDITABLE (window_find_row (window, "Name of gateway")), "C");
  till_fake_server_problem_once (f->server, "PATCH", "/gateways/1", 409, "stale", "somebody was faster");
  window_click (window, "Save");
  merge = window_await_toplevel (TILL_TYPE_MERGE_WINDOW);
  window_await_text (merge, "Where both changed the same, choose which one stands.");
  window_await_text (merge, "1800");
  window_look (merge, "merge-gateway");
  till_fake_server_problem_once (f->server, "PATCH", "/gateways/1", 400, "invalid", "The name is taken.");
  window_click (merge, "Save the choice");
  window_await_text (window, "The name is taken.");
  assert_sent (f, "PATCH", "/gateways/1", "{\"name\":\"C\"}");
  window_destroy_and_await (window);
}

static void
test_look_only (WindowFixture *f, gconstpointer data)
{
  TillAreaTree *tree = show_tree (f);
  TillAreaCell *cell = await_row (tree, "宿舍1号楼");

  till_area_tree_start_rename (tree);
  g_assert_null (window_find_type (cell, GTK_TYPE_ENTRY));
  g_assert_false (gtk_widget_is_sensitive (window_find_button (f->window, "New area…")));
  g_assert_false (gtk_widget_is_sensitive (window_find_button (f->window, "Retire…")));
}

/* Two sites: each a row of its own, and its defaults behind the button. */
static void
test_sites (WindowFixture *f, gconstpointer data)
{
  TillAreaTree *tree;
  gpointer window;
  TillPage *page;

  till_fake_server_reply (f->server, "GET", "/sites", 200,
                          "{\"total\":2,\"items\":[{\"id\":1,\"code\":\"N\",\"name\":\"North\"},{\"id\":2,\"code\":\"S\",\"name\":\"South\"}]}");
  page = window_fixture_show (f, "config", "areas");
  await_row (page, "South");
  await_row (page, "North");
  tree = window_find_type (page, TILL_TYPE_AREA_TREE);
  till_area_tree_select (tree, -2);
  g_assert_null (till_area_tree_get_selected (tree));
  till_fake_server_reply (f->server, "GET", "/sites/2", 200,
                          "{\"id\":2,\"name\":\"South\",\"service_phone\":null,\"sell_offline\":false,\"hoard_limit\":\"500.0000\",\"status_interval_s\":180,"
                          "\"full_interval_s\":null,\"approve_sale\":null,\"approval_hours\":24,\"restore_above\":\"0.0000\",\"version\":5}");
  window_click (page, "Site…");
  window = window_await_toplevel (TILL_TYPE_EDITOR_WINDOW);
  gtk_editable_set_text (GTK_EDITABLE (window_find_type (window, ADW_TYPE_ENTRY_ROW)), "Southgate");
  till_fake_server_reply (f->server, "PATCH", "/sites/2", 200, "{\"id\":2,\"version\":6}");
  window_click (window, "Save");
  window_await_text (f->window, "The site is saved");
  assert_sent (f, "PATCH", "/sites/2", "{\"name\":\"Southgate\"}");
}

/* --- meters --- */

#define METER "{\"id\":1,\"code\":\"A1-0201\",\"serial\":null,\"gateway\":1,\"port\":1,\"unit\":4,\"model\":\"adf400l-1p\",\"ct_ratio\":1,\"area\":2,\"use_class\":\"dormitory\"," \
              "\"settlement\":\"meter\",\"tariff\":null,\"alarm1\":\"50.0000\",\"alarm2\":\"10.0000\",\"overload_kw\":\"2.200\",\"overdraft\":\"0.0000\",\"hoard_limit\":null," \
              "\"life_support\":false,\"version\":%s}"

static TillPage *
show_meters (WindowFixture *f)
{
  TillPage *page;
  TillTable *table;

  till_fake_server_reply (f->server, "GET", "/meter-models", 200,
                          "{\"total\":2,\"items\":[{\"name\":\"adf400l-1p\",\"title\":\"ADF400L\"},{\"name\":\"adf400l-3p\",\"title\":\"ADF400L\"}]}");
  till_fake_server_reply (f->server, "GET", "/tariffs", 200, "{\"total\":1,\"items\":[{\"id\":7,\"name\":\"Flat\"}]}");
  page = window_fixture_show (f, "config", "plant");
  window_await_text (page, "A1-0201");
  window_await_count (f->server, "GET", "/tariffs", 1);
  table = window_find_type (till_section_page_get_view (TILL_SECTION_PAGE (page)), TILL_TYPE_TABLE);
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (till_table_get_selection (table)), 0, TRUE);
  window_look (page, "plant");
  return page;
}

/* A limit that cannot be ordered to the meter is saved here, and said. */
static void
test_meter_edit (WindowFixture *f, gconstpointer data)
{
  TillPage *page = show_meters (f);
  g_autofree char *meter = g_strdup_printf (METER, "5");
  gpointer window;

  till_fake_server_reply (f->server, "GET", "/meters/1", 200, meter);
  window_click (page, "Edit…");
  window = window_await_toplevel (TILL_TYPE_EDITOR_WINDOW);
  window_look (window, "meter-form");
  gtk_editable_set_text (GTK_EDITABLE (window_find_row (window, "Alarm 1")), "60");
  till_fake_server_problem_once (f->server, "PATCH", "/meters/1", 422, "unsupported", "This model has no second alarm.");
  window_click (window, "Save");
  window_await_text (window, "This model has no second alarm.");
  till_fake_server_reply (f->server, "PATCH", "/meters/1", 200,
                          "{\"id\":1,\"version\":6,\"commands\":[],\"not_sent\":[{\"kind\":\"set_limits\",\"reason\":\"the gateway is offline\"}]}");
  window_click (window, "Save");
  window_await_text (window_await_toplevel (ADW_TYPE_MESSAGE_DIALOG), "the gateway is offline");
  assert_sent (f, "PATCH", "/meters/1", "{\"alarm1\":\"60\"}");
}

static void
test_meter_merge (WindowFixture *f, gconstpointer data)
{
  TillPage *page = show_meters (f);
  g_autofree char *old = g_strdup_printf (METER, "5"), *new = g_strdup_printf (METER, "6");
  gpointer window, merge;

  memcpy (strstr (new, "adf400l-1p"), "adf400l-3p", 10);
  till_fake_server_reply_once (f->server, "GET", "/meters/1", 200, old);
  till_fake_server_reply (f->server, "GET", "/meters/1", 200, new);
  window_click (page, "Edit…");
  window = window_await_toplevel (TILL_TYPE_EDITOR_WINDOW);
  gtk_editable_set_text (GTK_EDITABLE (window_find_row (window, "Modbus address")), "9");
  till_fake_server_problem_once (f->server, "PATCH", "/meters/1", 409, "stale", "somebody was faster");
  window_click (window, "Save");
  merge = window_await_toplevel (TILL_TYPE_MERGE_WINDOW);
  window_await_text (merge, "adf400l-3p");
  till_fake_server_reply (f->server, "PATCH", "/meters/1", 200, "{\"id\":1,\"version\":7}");
  window_click (merge, "Save the choice");
  window_await_text (f->window, "The meter is saved");
  assert_sent (f, "PATCH", "/meters/1", "{\"unit\":9}");
}

static void
test_meter_new (WindowFixture *f, gconstpointer data)
{
  TillPage *page = show_meters (f);
  gpointer window;

  window_click (page, "New…");
  window = window_await_toplevel (TILL_TYPE_EDITOR_WINDOW);
  g_assert_false (gtk_widget_is_sensitive (window_find_button (window, "Save")));
  gtk_editable_set_text (GTK_EDITABLE (window_find_row (window, "Meter No.")), "N-1");
  gtk_editable_set_text (GTK_EDITABLE (window_find_row (window, "Modbus address")), "300");
  till_fake_server_reply_once (f->server, "POST", "/meters", 400,
                               "{\"type\":\"about:blank\",\"title\":\"t\",\"status\":400,\"code\":\"invalid\",\"detail\":\"d\",\"fields\":{\"unit\":\"1 to 247\"}}");
  window_click (window, "Save");
  window_await_text (window, "1 to 247");
  gtk_editable_set_text (GTK_EDITABLE (window_find_row (window, "Modbus address")), "30");
  till_fake_server_reply (f->server, "POST", "/meters", 201, "{\"id\":900,\"version\":1}");
  window_click (window, "Save");
  window_await_text (f->window, "The meter is saved");
  assert_sent (f, "POST", "/meters",
               "{\"code\":\"N-1\",\"area\":1,\"use_class\":\"dormitory\",\"gateway\":1,\"port\":1,\"unit\":30,\"model\":\"adf400l-1p\",\"ct_ratio\":1}");
}

static void
test_meter_retire (WindowFixture *f, gconstpointer data)
{
  TillPage *page = show_meters (f);
  gpointer ask;

  window_click (page, "Retire…");
  ask = window_await_toplevel (TILL_TYPE_ASK_WINDOW);
  window_await_text (ask, "A1-0201");
  till_fake_server_problem_once (f->server, "DELETE", "/meters/1", 409, "conflict", "The meter is in an open account.");
  window_click (ask, "Retire meter");
  window_await_text (ask, "The meter is in an open account.");
  till_fake_server_reply (f->server, "DELETE", "/meters/1", 204, NULL);
  window_click (ask, "Retire meter");
  window_await_text (f->window, "The meter is retired");
}

/* --- calendar --- */

#define DAYS "{\"total\":2,\"items\":[{\"day\":\"2030-10-01\",\"kind\":\"holiday\",\"name\":\"国庆节\"},{\"day\":\"2030-10-12\",\"kind\":\"workday\",\"name\":null}]}"

static void
test_holidays (WindowFixture *f, gconstpointer data)
{
  TillPage *page;
  gpointer window, ask, table;

  till_fake_server_reply (f->server, "GET", "/holidays", 200, DAYS);
  page = window_fixture_show (f, "config", "holidays");
  window_await_text (page, "国庆节");
  window_look (page, "holidays");
  window_click (page, "Set days…");
  window = window_await_toplevel (TILL_TYPE_EDITOR_WINDOW);
  gtk_editable_set_text (GTK_EDITABLE (window_find_row (window, "First day (YYYY-MM-DD)")), "2030-09-30");
  gtk_editable_set_text (GTK_EDITABLE (window_find_row (window, "Last day, of several")), "2030-09-01");
  window_click (window, "Save");
  window_await_text (window, "The last day lies before the first.");
  gtk_editable_set_text (GTK_EDITABLE (window_find_row (window, "Last day, of several")), "tomorrow");
  window_click (window, "Save");
  window_await_text (window, "A day is written 2026-10-01.");
  gtk_editable_set_text (GTK_EDITABLE (window_find_row (window, "Last day, of several")), "2031-09-30");
  window_click (window, "Save");
  window_await_text (window, "Two months at once at most.");
  g_assert_cmpuint (till_fake_server_count (f->server, "POST", "/holidays"), ==, 0);
  gtk_editable_set_text (GTK_EDITABLE (window_find_row (window, "Last day, of several")), "2030-10-01");
  till_fake_server_problem_once (f->server, "POST", "/holidays", 409, "conflict", "This day was charged as it was.");
  window_click (window, "Save");
  window_await_text (window, "This day was charged as it was.");
  till_fake_server_reply (f->server, "POST", "/holidays", 204, NULL);
  window_click (window, "Save");
  window_await_text (f->window, "The calendar is saved");
  assert_sent (f, "POST", "/holidays", "{\"days\":[{\"day\":\"2030-09-30\",\"kind\":\"holiday\"},{\"day\":\"2030-10-01\",\"kind\":\"holiday\"}]}");
  table = window_find_type (till_section_page_get_view (TILL_SECTION_PAGE (page)), TILL_TYPE_TABLE);
  window_await_text (page, "国庆节");
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (till_table_get_selection (table)), 0, TRUE);
  window_click (page, "Take back…");
  ask = window_await_toplevel (TILL_TYPE_ASK_WINDOW);
  till_fake_server_problem_once (f->server, "DELETE", "/holidays/2030-10-01", 409, "conflict", "This day was charged as it was.");
  gtk_widget_activate_action (ask, "ask.ok", NULL);
  window_await_text (ask, "This day was charged as it was.");
  till_fake_server_reply (f->server, "DELETE", "/holidays/2030-10-01", 204, NULL);
  gtk_widget_activate_action (ask, "ask.ok", NULL);
  window_await_count (f->server, "DELETE", "/holidays/2030-10-01", 2);
}

static void
add (const char *path, const char *permissions, void (*test) (WindowFixture *, gconstpointer))
{
  g_test_add (path, WindowFixture, permissions, window_fixture_set_up, test, window_fixture_tear_down);
}

#define HOURS(items) "{\"total\":1,\"items\":[" items "]}"
#define NIGHT        "{\"use_class\":null,\"from\":\"22:00\",\"to\":\"06:00\"}"

/* Saved at once, with what somebody else wrote shown first; what is no time is said and not sent. */
static void
test_hours (WindowFixture *f, gconstpointer data)
{
  g_autofree char *body = NULL;
  TillPage *page;

  till_fake_server_reply (f->server, "GET", "/protected-hours", 200, HOURS (NIGHT));
  page = window_fixture_show (f, "config", "hours");
  window_await_text (page, "over midnight");
  window_look (page, "hours");
  window_click (page, "Add hours");
  window_await_text (page, "over midnight");
  till_fake_server_reply (f->server, "GET", "/protected-hours", 200, HOURS (NIGHT ",{\"use_class\":\"shop\",\"from\":\"12:00\",\"to\":\"13:00\"}"));
  window_click (page, "Save");
  window_await_text (page, "Somebody else changed the hours meanwhile.");
  g_assert_cmpuint (till_fake_server_count (f->server, "POST", "/protected-hours"), ==, 0);
  till_fake_server_reply (f->server, "POST", "/protected-hours", 204, NULL);
  window_click (page, "Save");
  window_await_text (f->window, "The protected hours are saved");
  body = till_fake_server_dup_body (f->server, "POST", "/protected-hours");
  g_assert_cmpstr (body, ==, "{\"hours\":[{\"from\":\"22:00\",\"to\":\"06:00\"},{\"use_class\":\"shop\",\"from\":\"12:00\",\"to\":\"13:00\"}]}");
}

/* --- default parameters --- */

#define OTHERWISE "\"otherwise\":{\"alarm1\":\"50.0000\",\"alarm2\":\"10.0000\",\"overload_kw\":\"0.000\",\"overdraft\":\"0.0000\",\"hoard_limit\":\"500.0000\"," \
                  "\"full_interval_s\":null,\"status_interval_s\":150}"
#define FROM(id, area, room, use_class, who) \
  "{\"id\":" id ",\"area\":" area ",\"room\":" room ",\"class\":" use_class ",\"version\":3,\"changed_at\":\"2030-03-01T06:05:00Z\",\"changed_by\":\"" who "\"}"
#define OF_SITE \
  "{\"tariff\":1,\"tariff_name\":\"Dormitory price\",\"alarm1\":\"40.0000\",\"alarm2\":null,\"overload_kw\":null,\"overdraft\":null,\"hoard_limit\":null," \
  "\"full_interval_s\":1800,\"status_interval_s\":180,\"origins\":{\"tariff\":" FROM ("7", "null", "null", "null", "Zhang Wei") ",\"alarm1\":" \
  FROM ("7", "null", "null", "null", "Li Na") ",\"full_interval_s\":" FROM ("7", "null", "null", "null", "Li Na") ",\"status_interval_s\":" \
  FROM ("7", "null", "null", "null", "Li Na") "},\"here\":{\"id\":7,\"version\":3}," OTHERWISE "}"
#define OF_HOUSE(here) \
  "{\"tariff\":1,\"tariff_name\":\"Dormitory price\",\"alarm1\":\"40.0000\",\"alarm2\":null,\"overload_kw\":\"2.200\",\"overdraft\":null,\"hoard_limit\":null," \
  "\"full_interval_s\":1800,\"status_interval_s\":180,\"origins\":{\"tariff\":" FROM ("7", "null", "null", "null", "Zhang Wei") ",\"alarm1\":" \
  FROM ("7", "null", "null", "null", "Li Na") ",\"overload_kw\":" FROM ("9", "2", "\"Campus/B1\"", "null", "Wang Fang") "},\"here\":" here "," OTHERWISE "}"

static void
answer_house (WindowFixture *f, const char *here)
{
  g_autofree char *body = g_strdup_printf (OF_HOUSE ("%s"), here);

  till_fake_server_reply (f->server, "GET", "/defaults/for", 200, body);
}

/* Where each value comes from and who changed it; another place, another class; what is not said here is inherited. */
static void
test_defaults (WindowFixture *f, gconstpointer data)
{
  g_autofree char *query = NULL, *classed = NULL;
  TillPage *page;
  gpointer window;

  till_fake_server_reply (f->server, "GET", "/protected-hours", 200, HOURS (NIGHT ",{\"use_class\":\"shop\",\"from\":\"12:00\",\"to\":\"13:00\"}"));
  till_fake_server_reply (f->server, "GET", "/tariffs", 200, "{\"total\":1,\"items\":[{\"id\":1,\"name\":\"Dormitory price\"}]}");
  till_fake_server_reply (f->server, "GET", "/defaults/for", 200, OF_SITE);
  page = window_fixture_show (f, "config", "defaults");
  window_await_text (page, "Dormitory price");
  window_await_text (page, "Said here · changed by Zhang Wei, 2030-03-01");
  window_await_text (page, "Nothing is said: as every new meter has it");
  window_await_text (page, "Nothing is said: as the site is set");
  window_await_text (page, "Status interval of new gateways");
  window_await_text (page, "22:00–06:00");
  window_look (page, "defaults-site");
  answer_house (f, "null");
  await_row (page, "宿舍1号楼");
  till_area_tree_select (window_find_type (page, TILL_TYPE_AREA_TREE), FIRST_BUILDING);
  window_await_text (page, "Inherited from Whole site · every class · changed by Li Na, 2030-03-01");
  window_await_text (page, "Inherited from Campus/B1 · every class · changed by Wang Fang, 2030-03-01");
  g_assert_false (gtk_widget_is_sensitive (window_find_button (page, "Take everything back…")));
  query = till_fake_server_dup_query (f->server, "GET", "/defaults/for");
  g_assert_cmpstr (query, ==, "area=2");
  gtk_drop_down_set_selected (GTK_DROP_DOWN (window_find_type (till_section_page_get_view (TILL_SECTION_PAGE (page)), GTK_TYPE_DROP_DOWN)), 2);
  window_await_text (page, "22:00–06:00, 12:00–13:00");
  window_await_text (page, "Inherited from Campus/B1");
  classed = till_fake_server_dup_query (f->server, "GET", "/defaults/for");
  g_assert_cmpstr (classed, ==, "area=2&class=shop");
  window_look (page, "defaults-house");
  /* Nothing is said here yet: a new one, and what the server complains about stands at its field. */
  window_click (page, "Change…");
  window = window_await_toplevel (TILL_TYPE_EDITOR_WINDOW);
  gtk_editable_set_text (GTK_EDITABLE (window_find_row (window, "Alarm 1")), "8");
  till_fake_server_reply_once (f->server, "POST", "/defaults", 400,
                               "{\"code\":\"invalid\",\"detail\":\"wrong\",\"fields\":{\"alarm1\":\"must be greater than alarm 2, also where one of them is inherited\"}}");
  window_click (window, "Save");
  window_await_text (window, "must be greater than alarm 2");
  window_look (window, "defaults-edit");
  gtk_editable_set_text (GTK_EDITABLE (window_find_row (window, "Alarm 1")), "80");
  till_fake_server_reply (f->server, "POST", "/defaults", 201, "{\"id\":11,\"version\":1}");
  window_click (window, "Save");
  window_await_text (f->window, "The default parameters are saved");
  assert_sent (f, "POST", "/defaults", "{\"alarm1\":\"80\",\"class\":\"shop\",\"area\":2}");
}

/* One is inherited again, unless somebody was faster: then both are shown. And all of them. */
static void
test_defaults_inherit (WindowFixture *f, gconstpointer data)
{
  TillPage *page;
  gpointer ask, merge;

  till_fake_server_reply (f->server, "GET", "/protected-hours", 200, HOURS (NIGHT));
  answer_house (f, "{\"id\":9,\"version\":3}");
  page = window_fixture_show (f, "config", "defaults");
  window_await_text (page, "Said here · changed by Wang Fang");
  till_fake_server_problem_once (f->server, "PATCH", "/defaults/9", 409, "stale", "somebody changed this default since: load it again");
  till_fake_server_reply (f->server, "GET", "/defaults/9", 200,
                          "{\"id\":9,\"area\":null,\"room\":null,\"class\":null,\"tariff\":null,\"alarm1\":\"60.0000\",\"alarm2\":null,\"overload_kw\":\"3.300\","
                          "\"overdraft\":null,\"hoard_limit\":null,\"full_interval_s\":null,\"status_interval_s\":null,\"version\":4}");
  window_click (page, "Take back");
  merge = window_await_toplevel (TILL_TYPE_MERGE_WINDOW);
  window_await_text (merge, "3.300");
  window_look (merge, "defaults-merge");
  till_fake_server_reply (f->server, "PATCH", "/defaults/9", 200, "{\"id\":9,\"version\":5}");
  window_click (merge, "All mine");
  window_click (merge, "Save the choice");
  window_await_text (f->window, "The default parameters are saved");
  window_await_text (page, "Said here · changed by Wang Fang");
  window_click (page, "Take everything back…");
  ask = window_await_toplevel (TILL_TYPE_ASK_WINDOW);
  window_await_text (ask, "Whole site · every class");
  till_fake_server_reply (f->server, "DELETE", "/defaults/9", 204, NULL);
  gtk_widget_activate_action (ask, "ask.ok", NULL);
  window_await_text (f->window, "The default parameters are taken back");
}

/* Who may only look sees why and changes nothing; an answer that does not come is said, and asked for again. */
static void
test_defaults_look_only (WindowFixture *f, gconstpointer data)
{
  TillPage *page;

  till_fake_server_reply (f->server, "GET", "/protected-hours", 200, HOURS (NIGHT));
  till_fake_server_problem_once (f->server, "GET", "/defaults/for", 500, "internal", "The server is unwell.");
  till_fake_server_reply (f->server, "GET", "/defaults/for", 200, OF_SITE);
  page = window_fixture_show (f, "config", "defaults");
  window_await_text (page, "Retry");
  g_assert_false (gtk_widget_is_sensitive (window_find_button (page, "Change…")));
  window_click (page, "Retry");
  window_await_text (page, "Said here · changed by Zhang Wei");
  g_assert_false (gtk_widget_is_sensitive (window_find_button (page, "Change…")));
  g_assert_false (gtk_widget_is_sensitive (window_find_button (page, "Take everything back…")));
}

int
main (int argc, char **argv)
{
  window_fixture_init (&argc, &argv);
  add ("/client/areas/rename", ENGINEER, test_rename);
  add ("/client/areas/rename-refused", ENGINEER, test_rename_refused);
  add ("/client/areas/move", ENGINEER, test_move);
  add ("/client/areas/cut-and-paste", ENGINEER, test_cut_and_paste);
  add ("/client/areas/new", ENGINEER, test_new);
  add ("/client/areas/retire", ENGINEER, test_retire);
  add ("/client/areas/merge-mine", ENGINEER, test_merge_mine);
  add ("/client/areas/merge-all-mine", ENGINEER, test_merge_all_mine);
  add ("/client/areas/merge-theirs", ENGINEER, test_merge_theirs);
  add ("/client/gateways/merge", ENGINEER, test_merge_gateway);
  add ("/client/areas/look-only", "meters.view", test_look_only);
  add ("/client/plant/edit", ENGINEER, test_meter_edit);
  add ("/client/plant/merge", ENGINEER, test_meter_merge);
  add ("/client/plant/new", ENGINEER, test_meter_new);
  add ("/client/plant/retire", ENGINEER, test_meter_retire);
  add ("/client/holidays/set-and-take-back", "meters.view,tariffs.edit", test_holidays);
  add ("/client/defaults/place", ENGINEER, test_defaults);
  add ("/client/defaults/inherit", ENGINEER, test_defaults_inherit);
  add ("/client/defaults/look-only", "meters.view", test_defaults_look_only);
  add ("/client/areas/sites", ENGINEER, test_sites);
  g_test_add ("/client/config/hours", WindowFixture, "meters.view,schedules.edit", window_fixture_set_up, test_hours, window_fixture_tear_down);
  return till_test_run ();
}
