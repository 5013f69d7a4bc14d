/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-table.c: the table in a window: from XML, filled by pages, sorted, copied, empty, failed, gone. */
#include "config.h"
#include <adwaita.h>
#include "client/model/till-meter.h"
#include "client/model/till-paged-list.h"
#include "client/widgets/till-table.h"
#include "tests/client/fake-server.h"
#include "tests/lib/test-main.h"

static const char table_ui[] =
  "<interface><object class='TillTable' id='table'><property name='empty-title'>No meters yet</property>"
  "<child><object class='TillColumn'><property name='field'>code</property><property name='title'>Meter No.</property><property name='width'>96</property></object></child>"
  "<child><object class='TillColumn'><property name='field'>balance</property><property name='title'>Balance</property><property name='width'>90</property></object></child>"
  "<child><object class='TillColumn'><property name='field'>room</property><property name='title'>Room</property><property name='shown'>False</property></object></child>"
  "<child type='empty'><object class='GtkButton' id='import'><property name='label'>Import</property></object></child>"
  "</object></interface>";

typedef struct {
  TillFakeServer *server;
  TillApi        *api;
  TillQuery      *query;
  TillPagedList  *list;
  GtkWidget      *window;
  TillTable      *table;
} Fixture;

static char *
make_meter (guint position, gpointer user_data)
{
  return g_strdup_printf ("{\"id\":%u,\"code\":\"A-%05u\",\"balance\":\"%u.5000\"}", position + 1, position, position);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr(GtkBuilder) builder = NULL;

  f->server = till_fake_server_new (NULL);
  till_fake_server_list (f->server, "/meters", GPOINTER_TO_UINT (data), make_meter, NULL);
  f->api = till_api_new (NULL);
  till_api_set_plain_base (f->api, till_fake_server_get_base (f->server));
  f->query = till_query_new ();
  f->list = till_paged_list_new (f->api, "/meters", TILL_TYPE_METER, f->query);
  g_type_ensure (TILL_TYPE_TABLE);
  g_type_ensure (TILL_TYPE_COLUMN);
  builder = gtk_builder_new_from_string (table_ui, -1);
  f->table = TILL_TABLE (gtk_builder_get_object (builder, "table"));
  g_object_set (f->table, "selection-mode", TILL_TABLE_MULTI, NULL);
  f->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (f->window), 800, 600);
  gtk_window_set_child (GTK_WINDOW (f->window), GTK_WIDGET (f->table));
  till_table_set_model (f->table, G_LIST_MODEL (f->list));
  gtk_window_present (GTK_WINDOW (f->window));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gpointer table = f->table;

  g_object_add_weak_pointer (G_OBJECT (f->table), &table);
  gtk_window_destroy (GTK_WINDOW (f->window));
  while (table != NULL && g_main_context_pending (NULL))
    till_fake_await ((TillFakeCheck) g_main_context_pending, NULL, "what is left");
  g_assert_null (table); /* nothing holds it any more */
  g_object_unref (f->list);
  g_object_unref (f->query);
  g_object_unref (f->api);
  till_fake_server_free (f->server);
}

/* A label or inscription below widget with exactly this text. */
static GtkWidget *
find_text (GtkWidget *widget, const char *text)
{
  if (GTK_IS_INSCRIPTION (widget) && g_strcmp0 (gtk_inscription_get_text (GTK_INSCRIPTION (widget)), text) == 0)
    return widget;
  if (GTK_IS_LABEL (widget) && g_strcmp0 (gtk_label_get_text (GTK_LABEL (widget)), text) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = gtk_widget_get_visible (child) && gtk_widget_get_child_visible (child) ? find_text (child, text) : NULL;

      if (found != NULL)
        return found;
    }
  return NULL;
}

typedef struct { Fixture *f; const char *text; } Shown;

static gboolean
is_shown (gpointer data)
{
  Shown *shown = data;
  GtkWidget *found = find_text (GTK_WIDGET (shown->f->table), shown->text);

  return found != NULL && gtk_widget_get_mapped (found);
}

static void
await_text (Fixture *f, const char *text)
{
  till_fake_await (is_shown, &(Shown){ f, text }, text);
}

static void
test_rows (Fixture *f, gconstpointer data)
{
  GtkSelectionModel *selection;
  g_autofree char *copied = NULL, *status = NULL;

  await_text (f, "A-00001");
  await_text (f, "1.50");
  selection = GTK_SELECTION_MODEL (till_table_get_selection (f->table));
  g_assert_null (find_text (GTK_WIDGET (f->table), "Room"));
  g_assert_null (till_table_get_selected (f->table));
  gtk_selection_model_select_item (selection, 1, TRUE);
  g_assert_cmpint (till_record_int (till_table_get_selected (f->table), "id"), ==, 2);
  copied = till_table_copy_text (f->table);
  g_assert_cmpstr (copied, ==, "Meter No.\tBalance\nA-00001\t1.50\n");
  gtk_widget_activate_action (GTK_WIDGET (f->table), "table.select-all", NULL);
  g_assert_true (till_table_selection_is_all_matching (till_table_get_selection (f->table)));
  g_object_get (f->table, "status", &status, NULL);
  g_assert_cmpstr (status, ==, "5,000 rows · 5,000 selected");
}

/* Numbers stand under their title: the title's box is moved to the end. */
static void
test_titles (Fixture *f, gconstpointer data)
{
  GtkWidget *balance, *code;

  await_text (f, "A-00001");
  balance = gtk_widget_get_parent (find_text (GTK_WIDGET (f->table), "Balance"));
  code = gtk_widget_get_parent (find_text (GTK_WIDGET (f->table), "Meter No."));
  g_assert_cmpint (gtk_widget_get_halign (balance), ==, GTK_ALIGN_END);
  g_assert_cmpint (gtk_widget_get_halign (code), !=, GTK_ALIGN_END);
}

static gboolean
was_sorted (gpointer data)
{
  g_autofree char *query = till_fake_server_dup_query (((Fixture *) data)->server, "GET", "/meters");

  return query != NULL && strstr (query, "sort=-balance") != NULL;
}

static void
test_sort (Fixture *f, gconstpointer data)
{
  GtkColumnView *view = till_table_get_view (f->table);
  g_autoptr(GtkColumnViewColumn) balance = NULL;

  await_text (f, "A-00001");
  balance = g_list_model_get_item (gtk_column_view_get_columns (view), 2);
  gtk_column_view_sort_by_column (view, balance, GTK_SORT_DESCENDING);
  till_fake_await (was_sorted, f, "the server's order");
}

static void
activated_cb (TillTable *table, TillRecord *record, gint64 *id)
{
  *id = till_record_int (record, "id");
}

static void
test_activate (Fixture *f, gconstpointer data)
{
  gint64 id = 0;

  await_text (f, "A-00001");
  g_signal_connect (f->table, "activate", G_CALLBACK (activated_cb), &id);
  g_signal_emit_by_name (till_table_get_view (f->table), "activate", 4321); /* not loaded: inert */
  g_assert_cmpint (id, ==, 0);
  g_signal_emit_by_name (till_table_get_view (f->table), "activate", 3);
  g_assert_cmpint (id, ==, 4);
}

static void
test_layout (Fixture *f, gconstpointer data)
{
  g_autofree char *before = till_table_dup_layout (f->table), *after = NULL;

  g_assert_cmpstr (before, ==, "code:96;balance:90;!room:96");
  till_table_set_layout (f->table, "room:140;!balance:90;nonsense:3;gone:77;code:x");
  after = till_table_dup_layout (f->table);
  g_assert_cmpstr (after, ==, "room:140;!balance:90;code:96");
  await_text (f, "Room");
}

static void
test_empty_and_no_match (Fixture *f, gconstpointer data)
{
  await_text (f, "No meters yet");
  await_text (f, "Import");
  till_query_set_filter (f->query, "state", "lost");
  await_text (f, "Nothing matches");
  g_assert_null (find_text (gtk_widget_get_parent (GTK_WIDGET (f->table)), "No meters yet"));
}

static void
test_failed (Fixture *f, gconstpointer data)
{
  GtkWidget *retry;

  await_text (f, "The server is busy.");
  retry = gtk_widget_get_ancestor (find_text (GTK_WIDGET (f->table), "Retry"), GTK_TYPE_BUTTON);
  gtk_widget_activate (retry);
  await_text (f, "A-00001");
}

static void
set_up_failing (Fixture *f, gconstpointer data)
{
  set_up (f, data);
  till_fake_server_problem_once (f->server, "GET", "/meters", 503, "busy", "");
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  adw_init ();
  g_test_add ("/table/rows", Fixture, GUINT_TO_POINTER (5000), set_up, test_rows, tear_down);
  g_test_add ("/table/titles", Fixture, GUINT_TO_POINTER (5000), set_up, test_titles, tear_down);
  g_test_add ("/table/sort", Fixture, GUINT_TO_POINTER (5000), set_up, test_sort, tear_down);
  g_test_add ("/table/activate", Fixture, GUINT_TO_POINTER (5000), set_up, test_activate, tear_down);
  g_test_add ("/table/layout", Fixture, GUINT_TO_POINTER (5000), set_up, test_layout, tear_down);
  g_test_add ("/table/empty", Fixture, NULL, set_up, test_empty_and_no_match, tear_down);
  g_test_add ("/table/failed", Fixture, GUINT_TO_POINTER (5000), set_up_failing, test_failed, tear_down);
  return till_test_run ();
}
