/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-import-window.c: the import assistant from a file to the job's end, with wrong rows, a broken server, and what it remembers. */
#include "config.h"
#include <string.h>
#include "client/pages/config/till-discovery-window.h"
#include "client/pages/config/till-import-check.h"
#include "client/pages/config/till-import-window.h"
#include "client/widgets/till-file-dialog.h"
#include "client/widgets/till-table.h"
#include "tests/client/window-fixture.h"
#include "tests/lib/test-main.h"

#define ENGINEER "meters.view,plant.edit,plant.import"
#define PLANT "类型,表号,区域,网关编号,表地址,颜色\n电表,A9-0001,北校区/9号楼/101,GW-0001,1,red\n\n电表,A9-0002,北校区/9号楼/102,GW-0001,300,blue\n"
#define SENT "{\"kind\":\"plant\",\"dry_run\":%s,%s\"rows\":[{\"kind\":\"meter\",\"code\":\"A9-0001\",\"area\":\"北校区/9号楼/101\",\"gateway\":\"GW-0001\",\"unit\":\"1\"}," \
             "{\"kind\":\"meter\",\"code\":\"A9-0002\",\"area\":\"北校区/9号楼/102\",\"gateway\":\"GW-0001\",\"unit\":\"300\"}]}"
#define ONE_WRONG "{\"total\":2,\"rows\":[{\"row\":1,\"ok\":true,\"effect\":\"create\"},{\"row\":2,\"ok\":false,\"effect\":null,\"fields\":{\"unit\":\"1 to 247\"}}]}"
#define TWICE "{\"total\":2,\"rows\":[{\"row\":1,\"ok\":true,\"effect\":\"create\"},{\"row\":2,\"ok\":false,\"effect\":null,\"fields\":{\"code\":\"stands in row 1 already\"}}]}"
#define ALL_GOOD "{\"total\":2,\"rows\":[{\"row\":1,\"ok\":true,\"effect\":\"create\"},{\"row\":2,\"ok\":true,\"effect\":\"change\"}]}"

static GFile *
make_file (const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (till_test_dir (), name, NULL);
  g_autoptr (GError) error = NULL;

  if (text != NULL)
    g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return g_file_new_for_path (path);
}

static gpointer
open_window (WindowFixture *f, const char *text)
{
  TillPage *page = window_fixture_show (f, "config", "areas");
  g_autoptr (GFile) file = make_file ("plant.csv", text);
  gpointer window;

  window_click (page, "Import…");
  window = window_await_toplevel (TILL_TYPE_IMPORT_WINDOW);
  g_assert_false (gtk_widget_is_sensitive (window_find_button (window, "Next: columns")));
  till_file_dialog_answer_next (file);
  window_click (window, "Choose file…");
  return window;
}

static gpointer
go_to_columns (WindowFixture *f)
{
  gpointer window = open_window (f, PLANT);

  window_await_text (window, "plant.csv: 2 rows, 6 columns");
  window_look (window, "import-file");
  window_click (window, "Next: columns");
  window_await_text (window, "red · blue");
  window_look (window, "import-columns");
  return window;
}

/* id: what stands between, with its comma. */
static void
assert_sent (WindowFixture *f, const char *dry, const char *id)
{
  g_autofree char *sent = till_fake_server_dup_body (f->server, "POST", "/imports"), *wanted = g_strdup_printf (SENT, dry, id);
  g_assert_cmpstr (sent, ==, wanted);
}

/* The id of the last import that was no dry run. */
static char *
dup_id (WindowFixture *f)
{
  g_autofree char *sent = till_fake_server_dup_body (f->server, "POST", "/imports");
  g_autoptr (JsonNode) node = json_from_string (sent, NULL);
  return g_strdup (json_object_get_string_member_with_default (json_node_get_object (node), "id", ""));
}

static guint
count_rows (gpointer window)
{
  return g_list_model_get_n_items (till_table_get_model (window_find_type (window_find_type (window, TILL_TYPE_IMPORT_CHECK), TILL_TYPE_TABLE)));
}

static TillSheet *
read_saved (GFile *file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_file_load_bytes (file, NULL, NULL, &error);
  TillSheet *sheet = bytes != NULL ? till_sheet_read_bytes (bytes, TILL_SHEET_ANY_PAGE, &error) : NULL;

  g_assert_no_error (error);
  return sheet;
}

/* All of the wrong row as the file had it, also what was not used, where it stands there, and why it is wrong; what is mended there can be
 * imported as it is: neither of the two is taken for a column. */
static void
assert_wrong_sheet (GFile *file)
{
  g_autoptr (TillSheet) sheet = read_saved (file);
  g_autofree int *match = till_import_match (TILL_IMPORT_PLANT, sheet, till_import_find_heading (TILL_IMPORT_PLANT, sheet), NULL);
  static const char *const row[] = { "电表", "A9-0002", "北校区/9号楼/102", "GW-0001", "300", "blue", "4", "Unit: 1 to 247" };

  g_assert_cmpuint (sheet->rows->len, ==, 2);
  g_assert_cmpstr (till_sheet_get_row (sheet, 0)->cells[1], ==, "表号");
  g_assert_cmpstr (till_sheet_get_row (sheet, 0)->cells[7], ==, "Reason");
  for (guint c = 0; c < G_N_ELEMENTS (row); c++) /* row 4 as the file counts: a blank one lies before it */
    g_assert_cmpstr (till_sheet_get_row (sheet, 1)->cells[c], ==, row[c]);
  g_assert_cmpint (match[1], ==, till_import_find_column (TILL_IMPORT_PLANT, "code"));
  g_assert_cmpint (match[6], ==, -1);
  g_assert_cmpint (match[7], ==, -1);
}

static void
test_wrong (WindowFixture *f, gconstpointer data)
{
  static const char *const names[] = { "wrong.xlsx", "wrong.csv" };
  gpointer window = go_to_columns (f);

  till_fake_server_reply (f->server, "POST", "/imports", 200, ONE_WRONG);
  window_click (window, "Check rows");
  window_await_text (window, "Unit: 1 to 247");
  window_look (window, "import-wrong");
  assert_sent (f, "true", "");
  g_assert_cmpuint (count_rows (window), ==, 1); /* only the wrong one at first */
  window_click (window, "Only wrong rows");
  g_assert_cmpuint (count_rows (window), ==, 2);
  g_assert_false (gtk_widget_is_sensitive (window_find_button (window, "Import 2 rows")));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GFile) target = make_file (names[i], NULL);
      g_autofree char *saved = g_strconcat ("Saved ", names[i], NULL);

      till_file_dialog_answer_next (target);
      window_click (window, "Save wrong rows…");
      window_await_text (window, saved);
      assert_wrong_sheet (target);
    }
}

/* The server counts what it was sent; a person counts in the file, where a heading stands above and a blank row between. */
static void
test_twice (WindowFixture *f, gconstpointer data)
{
  gpointer window = go_to_columns (f);

  till_fake_server_reply (f->server, "POST", "/imports", 200, TWICE);
  window_click (window, "Check rows");
  window_await_text (window, "Number: stands in row 2 already");
}

static void
test_run (WindowFixture *f, gconstpointer data)
{
  gpointer window = go_to_columns (f), found;
  g_autofree char *id = NULL, *between = NULL;

  till_fake_server_problem_once (f->server, "POST", "/imports", 503, "busy", "Another import is under way.");
  window_click (window, "Check rows");
  window_await_text (window, "Try again");
  till_fake_server_reply_once (f->server, "POST", "/imports", 200, ALL_GOOD);
  window_click (window, "Check rows");
  window_await_text (window, "changed");
  till_fake_server_reply_once (f->server, "POST", "/imports", 202, "{\"job\":\"j7\"}");
  till_fake_server_reply_once (f->server, "GET", "/jobs/j7", 200, "{\"id\":\"j7\",\"state\":\"running\",\"total\":2,\"done\":1}");
  till_fake_server_drop_next (f->server, "GET", "/jobs/j7"); /* the line breaks once: the job does not */
  till_fake_server_reply (f->server, "GET", "/jobs/j7", 200, "{\"id\":\"j7\",\"state\":\"done\",\"total\":2,\"done\":2}");
  window_click (window, "Import 2 rows");
  window_await_text (window, "2 rows are imported.");
  id = dup_id (f);
  between = g_strdup_printf ("\"id\":\"%s\",", id);
  g_assert_cmpuint (strlen (id), ==, 36);
  assert_sent (f, "false", between);
  window_look (window, "import-done");
  window_click (window, "Discover…");
  found = window_await_toplevel (TILL_TYPE_DISCOVERY_WINDOW);
  window_await_text (found, "GW-0001");
  window_destroy_and_await (found);
  window_destroy_and_await (window);
}

/* No answer: it may have been done. The same id again does it once. */
static void
test_in_doubt (WindowFixture *f, gconstpointer data)
{
  gpointer window = go_to_columns (f);
  g_autofree char *first = NULL, *second = NULL;

  till_fake_server_reply_once (f->server, "POST", "/imports", 200, ALL_GOOD);
  window_click (window, "Check rows");
  window_await_text (window, "changed");
  till_fake_server_drop_next (f->server, "POST", "/imports");
  window_click (window, "Import 2 rows");
  window_await_text (window, "did not answer");
  first = dup_id (f);
  till_fake_server_reply_once (f->server, "POST", "/imports", 200, "{\"dry_run\":false,\"job\":\"j9\",\"total\":2,\"rows\":[]}");
  till_fake_server_reply (f->server, "GET", "/jobs/j9", 200, "{\"id\":\"j9\",\"state\":\"done\",\"total\":2,\"done\":2}");
  window_click (window, "Import 2 rows");
  window_await_text (window, "2 rows are imported.");
  second = dup_id (f);
  g_assert_cmpstr (first, ==, second);
}

/* All or nothing: the job says why, and the assistant goes back to where it can be mended. */
static void
test_job_fails (WindowFixture *f, gconstpointer data)
{
  gpointer window = go_to_columns (f);

  till_fake_server_reply_once (f->server, "POST", "/imports", 200, ALL_GOOD);
  window_click (window, "Check rows");
  window_await_text (window, "changed");
  till_fake_server_reply_once (f->server, "POST", "/imports", 202, "{\"job\":\"j8\"}");
  till_fake_server_reply (f->server, "GET", "/jobs/j8", 200, "{\"id\":\"j8\",\"state\":\"failed\",\"message\":\"Row 2: somebody took the unit meanwhile.\"}");
  window_click (window, "Import 2 rows");
  window_await_text (window, "Row 2: somebody took the unit meanwhile.");
  g_assert_true (gtk_widget_is_sensitive (window_find_button (window, "Import 2 rows")));
}

/* A choice of a person is there again with the next file of that kind. */
static void
test_remembers (WindowFixture *f, gconstpointer data)
{
  gpointer window = go_to_columns (f);
  GtkWidget *row = window_find_row (window, "颜色");
  GtkDropDown *list = window_find_type (row, GTK_TYPE_DROP_DOWN);

  gtk_drop_down_set_selected (list, 1 + (guint) till_import_find_column (TILL_IMPORT_PLANT, "name"));
  till_fake_server_reply_once (f->server, "POST", "/imports", 200, ALL_GOOD);
  window_click (window, "Check rows");
  window_await_text (window, "changed");
  window_destroy_and_await (window);
  window = go_to_columns (f);
  list = window_find_type (window_find_row (window, "颜色"), GTK_TYPE_DROP_DOWN);
  g_assert_cmpuint (gtk_drop_down_get_selected (list), ==, 1 + (guint) till_import_find_column (TILL_IMPORT_PLANT, "name"));
}

/* Without the column that has to be there nothing goes on; one column is never two. */
static void
test_required (WindowFixture *f, gconstpointer data)
{
  gpointer window = go_to_columns (f);
  GtkDropDown *code = window_find_type (window_find_row (window, "表号"), GTK_TYPE_DROP_DOWN), *other;
  guint chosen = gtk_drop_down_get_selected (code);

  gtk_drop_down_set_selected (code, 0);
  window_await_text (window, "Choose the column that is “Number”.");
  g_assert_false (gtk_widget_is_sensitive (window_find_button (window, "Check rows")));
  other = window_find_type (window_find_row (window, "颜色"), GTK_TYPE_DROP_DOWN);
  gtk_drop_down_set_selected (other, chosen);
  g_assert_true (gtk_widget_is_sensitive (window_find_button (window, "Check rows")));
  gtk_drop_down_set_selected (code, chosen);
  g_assert_cmpuint (gtk_drop_down_get_selected (other), ==, 0);
}

static void
test_bad_file (WindowFixture *f, gconstpointer data)
{
  gpointer window = open_window (f, "PK\x03\x04 nothing");

  window_await_text (window, "This workbook is damaged");
  g_assert_false (gtk_widget_is_sensitive (window_find_button (window, "Next: columns")));
  window_destroy_and_await (window);
  window = open_window (f, "表号\n"); /* headings, and not a row */
  window_await_text (window, "0 rows");
  g_assert_false (gtk_widget_is_sensitive (window_find_button (window, "Next: columns")));
}

static void
test_strange_answer (WindowFixture *f, gconstpointer data)
{
  gpointer window = go_to_columns (f);

  till_fake_server_reply_once (f->server, "POST", "/imports", 200, "{\"total\":2,\"rows\":[]}");
  window_click (window, "Check rows");
  window_await_text (window, "do not understand each other");
  window_find_button (window, "Check rows");
}

/* A template of each kind in both formats is recognised whole, and its example is no stranger to the reader. */
static void
test_template (WindowFixture *f, gconstpointer data)
{
  static const struct { const char *label, *name; } kinds[TILL_IMPORT_N] = {
    { "Plant", "plant-template" }, { "Customers", "customers-template" }, { "Accounts", "accounts-template" },
  };
  static const char *const endings[] = { ".xlsx", ".csv" };
  gpointer window = open_window (f, PLANT);

  window_await_text (window, "plant.csv: 2 rows");
  for (guint kind = 0; kind < TILL_IMPORT_N; kind++)
    for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
      {
        g_autofree char *name = g_strconcat (kinds[kind].name, endings[i], NULL), *saved = g_strconcat ("Saved ", name, NULL);
        g_autoptr (GFile) target = make_file (name, NULL);
        g_autoptr (TillSheet) sheet = NULL;
        g_autoptr (JsonArray) rows = NULL;
        g_autofree int *match = NULL;
        guint n;

        gtk_check_button_set_active (window_find_type (window_find_row (window, kinds[kind].label), GTK_TYPE_CHECK_BUTTON), TRUE);
        till_file_dialog_answer_next (target);
        window_click (window, "Template…");
        window_await_text (window, saved);
        sheet = read_saved (target);
        match = till_import_match (kind, sheet, till_import_find_heading (kind, sheet), NULL);
        till_import_columns (kind, &n);
        g_assert_cmpuint (sheet->n_columns, ==, n);
        for (guint c = 0; c < n; c++)
          g_assert_cmpint (match[c], ==, (int) c);
        g_assert_null (till_import_find_missing (kind, sheet, match));
        rows = till_import_make_rows (kind, sheet, 0, match);
        g_assert_cmpuint (json_array_get_length (rows), ==, 1);
      }
}

/* Who chooses the other kind of table in the dialog gets it, but never over a file that nobody was asked about. */
static void
test_ending (WindowFixture *f, gconstpointer data)
{
  g_autoptr (GFile) book = make_file ("e-template.xlsx", NULL), other = till_file_dialog_named (book, ".csv"), same = till_file_dialog_named (book, ".xlsx");
  g_autoptr (GFile) bare = make_file ("e-bare", NULL), ended = till_file_dialog_named (bare, ".csv"), there = make_file ("e-there.csv", "x");
  g_autoptr (GFile) beside = make_file ("e-there.xlsx", NULL), kept = till_file_dialog_named (beside, ".csv");
  g_autofree char *other_name = g_file_get_basename (other), *ended_name = g_file_get_basename (ended);

  g_assert_true (g_file_equal (book, same));
  g_assert_cmpstr (other_name, ==, "e-template.csv");
  g_assert_cmpstr (ended_name, ==, "e-bare.csv");
  g_assert_true (g_file_equal (kept, beside));
  g_assert_true (g_file_query_exists (there, NULL));
}

static void
add (const char *path, void (*test) (WindowFixture *, gconstpointer))
{
  g_test_add (path, WindowFixture, ENGINEER, window_fixture_set_up, test, window_fixture_tear_down);
}

int
main (int argc, char **argv)
{
  window_fixture_init (&argc, &argv);
  add ("/client/import/wrong-rows", test_wrong);
  add ("/client/import/twice", test_twice);
  add ("/client/import/run", test_run);
  add ("/client/import/in-doubt", test_in_doubt);
  add ("/client/import/job-fails", test_job_fails);
  add ("/client/import/remembers", test_remembers);
  add ("/client/import/required", test_required);
  add ("/client/import/bad-file", test_bad_file);
  add ("/client/import/strange-answer", test_strange_answer);
  add ("/client/import/template", test_template);
  add ("/client/import/ending", test_ending);
  return till_test_run ();
}
