/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-reports-page.c: catalog, figures, period, a server that fails, and the sheet. */
#include "config.h"
#include <glib/gstdio.h>
#include "client/pages/reports/till-report-view.h"
#include "client/widgets/till-date-range.h"
#include "client/widgets/till-file-dialog.h"
#include "client/widgets/till-strip.h"
#include "tests/client/window-fixture.h"
#include "tests/lib/test-main.h"

#define REPORT "/reports/sales_daily"

typedef struct { TillFakeServer *server; const char *path, *part; } QueryWait;

static gboolean
query_has (gpointer data)
{
  QueryWait *wait = data;
  g_autofree char *query = till_fake_server_dup_query (wait->server, "GET", wait->path);
  return query != NULL && strstr (query, wait->part) != NULL;
}

static char *
period_query (TillPage *page)
{
  TillDateRange *period = window_find_id (page, "period");
  char from[TILL_DAY_TEXT], to[TILL_DAY_TEXT];

  return g_strdup_printf ("from=%s&to=%s", till_day_print (till_date_range_get_from (period), from), till_day_print (till_date_range_get_to (period), to));
}

static void
test_shown (WindowFixture *f, gconstpointer data)
{
  TillPage *page = window_fixture_show (f, "reports", NULL);
  GtkColumnView *view;
  GListModel *rows;

  window_await_text (window_find_id (page, "list"), "Daily sales");
  window_await_text (window_find_id (page, "heading"), "Daily sales");
  window_await_text (page, "Net income");
  view = window_find_type (page, GTK_TYPE_COLUMN_VIEW);
  g_assert_cmpuint (g_list_model_get_n_items (gtk_column_view_get_columns (view)), ==, 6);
  rows = G_LIST_MODEL (gtk_column_view_get_model (view));
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 31); /* 30 days and the totals */
  gtk_toggle_button_set_active (window_find_id (page, "table"), TRUE);
  gtk_widget_activate_action (window_find_type (view, GTK_TYPE_LIST_VIEW), "list.scroll-to-item", "u", 30u);
  window_await_text (view, "Total");
  window_await_text (view, "198,000.00");
  window_fixture_close (f, "reports");
}

static void
test_period (WindowFixture *f, gconstpointer data)
{
  TillPage *page = window_fixture_show (f, "reports", NULL);
  g_autofree char *first = NULL, *second = NULL, *third = NULL;

  window_await_text (page, "Net income");
  first = period_query (page);
  till_fake_await (query_has, &(QueryWait){ f->server, REPORT, first }, first);
  till_date_range_step (window_find_id (page, "period"), -1);
  second = period_query (page);
  g_assert_cmpstr (first, !=, second);
  till_fake_await (query_has, &(QueryWait){ f->server, REPORT, second }, second);
  till_date_range_set_preset (window_find_id (page, "period"), TILL_PERIOD_YEAR);
  third = period_query (page);
  till_fake_await (query_has, &(QueryWait){ f->server, REPORT, third }, third);
}

static void
test_fails (WindowFixture *f, gconstpointer data)
{
  TillPage *page;

  till_fake_server_problem_once (f->server, "GET", "/reports", 503, "busy", "later");
  page = window_fixture_show (f, "reports", NULL);
  window_await_text (page, "The server is busy.");
  g_assert_true (till_strip_is_shown (window_find_id (page, "strip")));
  window_click (window_find_id (page, "strip"), "Retry"); /* the catalog */
  window_await_text (page, "Net income");
  window_await_no_text (page, "The server is busy.");
  till_fake_server_problem_once (f->server, "GET", REPORT, 500, "internal", "bad");
  window_press (f->window, GDK_KEY_F5, 0);
  window_await_text (page, "The server had an internal error.");
  window_click (window_find_id (page, "strip"), "Retry"); /* the report */
  window_await_no_text (page, "The server had an internal error.");
  window_await_text (page, "Net income");
}

static void
test_empty (WindowFixture *f, gconstpointer data)
{
  TillPage *page;

  till_fake_server_reply (f->server, "GET", REPORT, 200, "{\"columns\":[{\"name\":\"day\",\"title\":\"Day\",\"type\":\"day\"}],\"rows\":[],\"totals\":[null],\"series\":[]}");
  page = window_fixture_show (f, "reports", NULL);
  window_await_text (page, "Nothing in this period");
}

static void
export_to (WindowFixture *f, GFile *file)
{
  till_file_dialog_answer_next (file);
  window_press (f->window, GDK_KEY_e, GDK_CONTROL_MASK);
}

static void
test_export (WindowFixture *f, gconstpointer data)
{
  TillPage *page = window_fixture_show (f, "reports", NULL);
  g_autofree char *path = g_build_filename (till_test_dir (), "daily.xlsx", NULL), *period = NULL, *text = NULL, *query = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GBytes) sheet = g_bytes_new_static ("PK-daily", 8);

  window_await_text (page, "Net income");
  till_fake_server_problem_once (f->server, "GET", REPORT, 503, "busy", "later");
  export_to (f, file);
  window_await_text (f->window, "The server is busy.");
  g_assert_false (g_file_query_exists (file, NULL));
  till_fake_server_bytes (f->server, REPORT, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheet);
  export_to (f, file);
  window_await_text (f->window, "Saved daily.xlsx");
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "PK-daily");
  query = till_fake_server_dup_query (f->server, "GET", REPORT);
  period = period_query (page);
  g_assert_nonnull (strstr (query, "format=xlsx"));
  g_assert_nonnull (strstr (query, period));
}

/* The window goes before the answer: catalog, report, export. */
static void
test_closed_under_way (WindowFixture *f, gconstpointer what)
{
  const char *path = g_str_equal (what, "catalog") ? "/reports" : REPORT;
  g_autofree char *target = g_build_filename (till_test_dir (), "late.xlsx", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (target);
  TillPage *page;
  gpointer gone;
  guint before;

  if (!g_str_equal (what, "export"))
    till_fake_server_hold_next (f->server, "GET", path);
  page = window_fixture_show (f, "reports", NULL);
  if (g_str_equal (what, "export"))
    {
      window_await_text (page, "Net income");
      before = till_fake_server_count (f->server, "GET", path);
      till_fake_server_hold_next (f->server, "GET", path);
      export_to (f, file);
      window_await_count (f->server, "GET", path, before + 1);
    }
  else
    window_await_count (f->server, "GET", path, 1);
  gone = page;
  g_object_add_weak_pointer (G_OBJECT (page), &gone);
  gtk_window_destroy (GTK_WINDOW (g_steal_pointer (&f->window)));
  till_fake_server_problem_once (f->server, "GET", path, 503, "busy", "later");
  till_fake_server_release (f->server);
  while (gone != NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
set_up (WindowFixture *f, gconstpointer data)
{
  window_fixture_set_up (f, NULL);
}

static void
add (const char *path, gconstpointer data, void (*test) (WindowFixture *, gconstpointer))
{
  g_test_add (path, WindowFixture, data, set_up, test, window_fixture_tear_down);
}

int
main (int argc, char **argv)
{
  window_fixture_init (&argc, &argv);
  add ("/client/reports/shown", NULL, test_shown);
  add ("/client/reports/period", NULL, test_period);
  add ("/client/reports/fails", NULL, test_fails);
  add ("/client/reports/empty", NULL, test_empty);
  add ("/client/reports/export", NULL, test_export);
  add ("/client/reports/closed-under-way/catalog", "catalog", test_closed_under_way);
  add ("/client/reports/closed-under-way/report", "report", test_closed_under_way);
  add ("/client/reports/closed-under-way/export", "export", test_closed_under_way);
  return till_test_run ();
}
