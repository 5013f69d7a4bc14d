/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-paged-list.c: pages, placeholders, generations, live changes, failures; against the fake server. */
#include "config.h"
#include "client/model/till-meter.h"
#include "client/model/till-paged-list.h"
#include "shared/base/till-error.h"
#include "tests/client/fake-server.h"
#include "tests/lib/test-main.h"

typedef struct {
  TillFakeServer *server;
  TillApi        *api;
  TillQuery      *query;
  TillPagedList  *list;
  guint           changes; /* items-changed */
} Fixture;

static char *
make_meter (guint position, gpointer user_data)
{
  return g_strdup_printf ("{\"id\":%u,\"code\":\"A-%05u\",\"balance\":\"%u.5000\",\"state\":\"normal\"}", position + 1, position, position);
}

static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added, Fixture *f)
{
  f->changes++;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->server = till_fake_server_new (NULL);
  till_fake_server_list (f->server, "/meters", GPOINTER_TO_UINT (data), make_meter, NULL);
  f->api = till_api_new (NULL);
  till_api_set_plain_base (f->api, till_fake_server_get_base (f->server));
  f->query = till_query_new ();
  f->list = till_paged_list_new (f->api, "/meters", TILL_TYPE_METER, f->query);
  g_signal_connect (f->list, "items-changed", G_CALLBACK (items_changed_cb), f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_assert_finalize_object (f->list);
  g_object_unref (f->query);
  g_object_unref (f->api);
  till_fake_server_free (f->server);
}

static gboolean
is_quiet (gpointer data)
{
  gboolean loading;

  g_object_get (((Fixture *) data)->list, "loading", &loading, NULL);
  return till_paged_list_is_known (((Fixture *) data)->list) && !loading;
}

static gboolean
is_failed (gpointer data)
{
  return till_paged_list_get_error (((Fixture *) data)->list) != NULL;
}

static gboolean
was_asked_twice (gpointer data)
{
  return till_fake_server_count (((Fixture *) data)->server, "GET", "/meters") >= 2;
}

static gboolean
is_loaded (gpointer record)
{
  return till_record_is_loaded (record);
}

static void
test_pages (Fixture *f, gconstpointer data)
{
  GListModel *model = G_LIST_MODEL (f->list);
  g_autoptr(TillMeter) first = NULL;
  g_autoptr(TillMeter) far = NULL;
  g_autoptr(TillMeter) again = NULL;
  g_autofree char *query = NULL;

  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 0);
  till_fake_await (is_quiet, f, "the first page");
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 100000);
  g_assert_cmpuint (f->changes, ==, 1);
  first = g_list_model_get_item (model, 0);
  g_assert_true (till_record_is_loaded (TILL_RECORD (first)));
  g_assert_cmpstr (till_record_text (first, "code"), ==, "A-00000");

  far = g_list_model_get_item (model, 50123);
  g_assert_false (till_record_is_loaded (TILL_RECORD (far)));
  till_fake_await (is_loaded, far, "the page in the middle");
  g_assert_cmpint (till_record_int (far, "id"), ==, 50124);
  g_assert_cmpuint (f->changes, ==, 1); /* filled in place */
  query = till_fake_server_dup_query (f->server, "GET", "/meters");
  g_assert_cmpstr (query, ==, "offset=50000&limit=200");
  again = g_list_model_get_item (model, 50123);
  g_assert_true (again == far);
  g_assert_cmpuint (till_fake_server_count (f->server, "GET", "/meters"), ==, 2);
  g_assert_null (g_list_model_get_item (model, 100000));
}

/* Scrolling fast over everything asks for few pages, newest first, never more than two at once. */
static void
test_scroll_is_cheap (Fixture *f, gconstpointer data)
{
  GListModel *model = G_LIST_MODEL (f->list);
  g_autoptr(TillMeter) last = NULL;

  till_fake_await (is_quiet, f, "the first page");
  for (guint position = 0; position < 100000; position += 37)
    g_object_unref (g_list_model_get_item (model, position));
  last = g_list_model_get_item (model, 99999);
  till_fake_await (is_loaded, last, "the last page");
  till_fake_await (is_quiet, f, "the rest");
  g_assert_cmpuint (till_fake_server_count (f->server, "GET", "/meters"), <=, 8);
}

static void
test_query_renews (Fixture *f, gconstpointer data)
{
  GListModel *model = G_LIST_MODEL (f->list);
  g_autofree char *query = NULL;
  guint before, after;

  till_fake_await (is_quiet, f, "the first page");
  g_object_get (f->list, "generation", &before, NULL);
  till_query_freeze (f->query);
  till_query_set_text (f->query, "201 &=");
  till_query_set_filter (f->query, "state", "arrears,lost");
  till_query_set_sort (f->query, "balance", TRUE);
  till_query_thaw (f->query);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 100000); /* old rows stay until the answer */
  till_fake_await (is_quiet, f, "the new list");
  g_object_get (f->list, "generation", &after, NULL);
  g_assert_cmpuint (after, >, before);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 1);
  g_assert_cmpuint (f->changes, ==, 2);
  query = till_fake_server_dup_query (f->server, "GET", "/meters");
  g_assert_cmpstr (query, ==, "offset=0&limit=200&q=201%20%26%3D&state=arrears,lost&sort=-balance");
}

/* The answer of an older query comes late: it is dropped. */
static void
test_late_answer (Fixture *f, gconstpointer data)
{
  till_fake_await (is_quiet, f, "the first page");
  till_fake_server_hold_next (f->server, "GET", "/meters");
  till_query_set_filter (f->query, "mode", "prepaid");
  till_fake_await (was_asked_twice, f, "the held request");
  till_query_set_text (f->query, "x");
  till_fake_await (is_quiet, f, "the newest list");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->list)), ==, 1);
  till_fake_server_release (f->server);
  till_fake_await (is_quiet, f, "the late answer");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->list)), ==, 1);
  g_assert_cmpuint (f->changes, ==, 2);
}

static void
test_total_changes (Fixture *f, gconstpointer data)
{
  GListModel *model = G_LIST_MODEL (f->list);
  g_autoptr(TillMeter) far = NULL;

  till_fake_await (is_quiet, f, "the first page");
  till_fake_server_list (f->server, "/meters", 99000, make_meter, NULL);
  far = g_list_model_get_item (model, 60000);
  till_fake_await (is_quiet, f, "the page");
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 99000);
  g_assert_cmpuint (f->changes, ==, 2);
}

static void
test_live (Fixture *f, gconstpointer data)
{
  GListModel *model = G_LIST_MODEL (f->list);
  g_autoptr(TillMeter) meter = NULL;
  g_autoptr(JsonNode) change = json_from_string ("{\"state\":\"lost\"}", NULL);

  till_fake_await (is_quiet, f, "the first page");
  meter = g_list_model_get_item (model, 5);
  g_assert_true (till_paged_list_find (f->list, "6") == (gpointer) meter);
  g_assert_true (till_paged_list_apply (f->list, "6", json_node_get_object (change)));
  g_assert_cmpstr (till_record_text (meter, "state"), ==, "lost");
  g_assert_false (till_paged_list_apply (f->list, "77777", json_node_get_object (change)));
  till_paged_list_note_change (f->list);
  g_assert_cmpuint (till_paged_list_get_changes (f->list), ==, 1);
  till_paged_list_reload (f->list);
  g_assert_cmpuint (till_paged_list_get_changes (f->list), ==, 0);
  till_fake_await (is_quiet, f, "the reload");
  g_assert_cmpstr (till_record_text (meter, "state"), ==, "normal"); /* the same record, filled again */
  g_assert_cmpuint (f->changes, ==, 1);
}

static void
test_failure (Fixture *f, gconstpointer data)
{
  GListModel *model = G_LIST_MODEL (f->list);
  g_autoptr(TillMeter) far = NULL;
  gboolean failed;

  till_fake_await (is_quiet, f, "the first page");
  till_fake_server_problem_once (f->server, "GET", "/meters", 503, "busy", "queue full");
  far = g_list_model_get_item (model, 777);
  till_fake_await (is_failed, f, "the failure");
  g_assert_error (till_paged_list_get_error (f->list), TILL_ERROR, TILL_ERROR_BUSY);
  g_object_get (far, "failed", &failed, NULL);
  g_assert_true (failed);
  till_paged_list_retry (f->list);
  till_fake_await (is_loaded, far, "the retry");
  g_assert_null (till_paged_list_get_error (f->list));
  g_object_get (far, "failed", &failed, NULL);
  g_assert_false (failed);
}

/* Only 20 pages stay, and what nobody holds goes with them. */
static void
test_pages_are_dropped (Fixture *f, gconstpointer data)
{
  GListModel *model = G_LIST_MODEL (f->list);

  till_fake_await (is_quiet, f, "the first page");
  for (guint page = 1; page <= 25; page++)
    {
      g_autoptr(TillMeter) meter = g_list_model_get_item (model, page * 200);

      till_fake_await (is_loaded, meter, "a page");
    }
  g_assert_null (till_paged_list_peek (f->list, 0));
  g_assert_null (till_paged_list_find (f->list, "1"));
  g_assert_nonnull (till_paged_list_peek (f->list, 25 * 200));
}

static void
test_range (Fixture *f, gconstpointer data)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) ids = NULL;

  till_fake_await (is_quiet, f, "the first page");
  till_paged_list_load_ids_async (f->list, (TillListRange){ 150, 2500 }, NULL, till_fake_done_cb, &result);
  ids = till_paged_list_load_ids_finish (f->list, till_fake_await_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (ids), ==, 2500);
  g_assert_cmpstr (ids[0], ==, "151");
  g_assert_cmpstr (ids[2499], ==, "2650");
}

static void
test_query_text (void)
{
  g_autoptr(TillQuery) query = till_query_new ();
  g_autoptr(TillQuery) copy = NULL;
  g_autofree char *text = NULL, *again = NULL;

  till_query_set_fixed (query, "meter", "7");
  g_assert_false (till_query_is_filtered (query));
  till_query_load (query, "state=lost&sort=-age_s&q=a%20b&offset=3");
  g_assert_true (till_query_is_filtered (query));
  text = till_query_to_uri (query);
  g_assert_cmpstr (text, ==, "q=a%20b&meter=7&state=lost&sort=-age_s");
  copy = till_query_copy (query);
  till_query_clear (copy);
  again = till_query_to_uri (copy);
  g_assert_cmpstr (again, ==, "meter=7&sort=-age_s");
}

#define ADD(name, func) g_test_add (name, Fixture, GUINT_TO_POINTER (100000), set_up, func, tear_down)

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  ADD ("/paged-list/pages", test_pages);
  ADD ("/paged-list/scroll", test_scroll_is_cheap);
  ADD ("/paged-list/query", test_query_renews);
  ADD ("/paged-list/late-answer", test_late_answer);
  ADD ("/paged-list/total", test_total_changes);
  ADD ("/paged-list/live", test_live);
  ADD ("/paged-list/failure", test_failure);
  ADD ("/paged-list/dropped", test_pages_are_dropped);
  ADD ("/paged-list/range", test_range);
  g_test_add_func ("/query/text", test_query_text);
  return till_test_run ();
}
