/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-api.c: calls, retries, problems, time-outs, downloads, sign-in, sales; against the fake server. */
#include "config.h"
#include <glib/gstdio.h>
#include <string.h>
#include "client/core/till-session.h"
#include "client/service/till-sales-service.h"
#include "client/service/till-report-service.h"
#include "shared/api/till-paths.h"
#include "tests/client/fake-server.h"
#include "tests/lib/test-main.h"

typedef struct { TillFakeServer *server; TillApi *api; guint unauthenticated; } Fixture;

static void
unauthenticated_cb (TillApi *api, Fixture *f)
{
  f->unauthenticated++;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->server = till_fake_server_new (NULL);
  f->api = till_api_new (NULL);
  till_api_set_plain_base (f->api, till_fake_server_get_base (f->server));
  g_signal_connect (f->api, "unauthenticated", G_CALLBACK (unauthenticated_cb), f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_assert_finalize_object (f->api);
  till_fake_server_free (f->server);
}

static JsonNode *
call (Fixture *f, const TillCall *what, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  till_api_call_async (f->api, what, NULL, till_fake_done_cb, &result);
  return till_api_call_finish (f->api, till_fake_await_result (&result), error);
}

static void
test_call (Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) body = json_from_string ("{\"note\":\"x\"}", NULL);
  g_autoptr(JsonNode) reply = NULL;
  g_autofree char *sent = NULL, *bearer = NULL, *match = NULL;

  till_fake_server_reply (f->server, "PATCH", "/meters/a%2Fb", 200, "{\"id\":1}");
  till_fake_server_reply (f->server, "PATCH", "/meters/a/b", 200, "{\"id\":1}"); /* the server shows the path decoded */
  till_api_set_token (f->api, "secret");
  reply = call (f, &(TillCall){ .method = "PATCH", .path = TILL_PATH_METER, .id = "a/b", .body = body, .version = 7 }, &error);
  g_assert_no_error (error);
  g_assert_true (JSON_NODE_HOLDS_OBJECT (reply));
  sent = till_fake_server_dup_body (f->server, "PATCH", "/meters/a/b");
  bearer = till_fake_server_dup_header (f->server, "PATCH", "/meters/a/b", "Authorization");
  match = till_fake_server_dup_header (f->server, "PATCH", "/meters/a/b", "If-Match");
  g_assert_cmpstr (sent, ==, "{\"note\":\"x\"}");
  g_assert_cmpstr (bearer, ==, "Bearer secret");
  g_assert_cmpstr (match, ==, "7");
}

static void
test_rubbish (Fixture *f, gconstpointer data)
{
  static const char *const bodies[] = { "{\"a\":1,\"a\":2}", "{} x", "not json", "{\"a\":1e999}" };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr(GError) error = NULL;

      till_fake_server_reply (f->server, "GET", "/server", 200, bodies[i]);
      g_assert_null (call (f, &(TillCall){ .path = "/server" }, &error));
      g_assert_error (error, TILL_API_ERROR, TILL_API_ERROR_VERSION);
    }
}

static void
test_no_content (Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) reply = NULL;

  till_fake_server_reply (f->server, "DELETE", "/session", 204, "");
  reply = call (f, &(TillCall){ .method = "DELETE", .path = "/session" }, &error);
  g_assert_no_error (error);
  g_assert_true (JSON_NODE_HOLDS_NULL (reply));
}

static void
test_retry (Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) reply = NULL;
  g_autoptr(JsonNode) body = json_from_string ("{}", NULL);

  till_fake_server_reply (f->server, "GET", "/server", 200, "{}");
  till_fake_server_drop_next (f->server, "GET", "/server");
  reply = call (f, &(TillCall){ .path = "/server" }, &error);
  g_assert_no_error (error);
  g_assert_nonnull (reply);
  g_assert_cmpuint (till_fake_server_count (f->server, "GET", "/server"), ==, 2);

  till_fake_server_reply (f->server, "POST", "/sales", 201, "{}");
  till_fake_server_drop_next (f->server, "POST", "/sales");
  g_assert_null (call (f, &(TillCall){ .method = "POST", .path = "/sales", .body = body }, &error));
  g_assert_error (error, TILL_API_ERROR, TILL_API_ERROR_NO_ANSWER); /* a change is never sent twice by itself */
  g_assert_true (till_api_error_is_in_doubt (error));
  g_assert_cmpuint (till_fake_server_count (f->server, "POST", "/sales"), ==, 1);
}

static void
get_at_once (Fixture *f, guint n)
{
  GAsyncResult *results[3] = { NULL };

  g_assert_cmpuint (n, <=, G_N_ELEMENTS (results));
  for (guint i = 0; i < n; i++)
    till_api_call_async (f->api, &(TillCall){ .path = "/server" }, NULL, till_fake_done_cb, &results[i]);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(JsonNode) reply = NULL;

      while (results[i] == NULL)
        g_main_context_iteration (NULL, TRUE);
      reply = till_api_call_finish (f->api, results[i], &error);
      g_assert_no_error (error);
      g_assert_nonnull (reply);
      g_object_unref (results[i]);
    }
}

/* One of several kept connections breaks: libsoup asks again on another before it says that the first broke. Crashed once. */
static void
test_broken_often (Fixture *f, gconstpointer data)
{
  till_fake_server_reply (f->server, "GET", "/server", 200, "{}");
  for (guint i = 0; i < 200; i++)
    {
      get_at_once (f, 3);
      till_fake_server_drop_next (f->server, "GET", "/server");
      get_at_once (f, 1);
    }
}

static void
test_unreachable (Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  till_api_set_plain_base (f->api, "http://127.0.0.1:9");
  g_assert_null (call (f, &(TillCall){ .method = "POST", .path = "/sales" }, &error));
  g_assert_error (error, TILL_API_ERROR, TILL_API_ERROR_UNREACHABLE);
  g_assert_false (till_api_error_is_in_doubt (error)); /* nothing was sent */
}

static void
test_time_out (Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  till_fake_server_hold_next (f->server, "POST", "/sales");
  g_assert_null (call (f, &(TillCall){ .method = "POST", .path = "/sales", .timeout_s = 1 }, &error));
  g_assert_error (error, TILL_API_ERROR, TILL_API_ERROR_NO_ANSWER);
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();

  till_fake_server_hold_next (f->server, "GET", "/server");
  till_api_call_async (f->api, &(TillCall){ .path = "/server" }, cancellable, till_fake_done_cb, &result);
  g_cancellable_cancel (cancellable);
  g_assert_null (till_api_call_finish (f->api, till_fake_await_result (&result), &error));
  g_assert_true (till_api_error_is_cancelled (error));
}

static void
test_problem (Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  till_fake_server_reply_once (f->server, "POST", "/sales", 400,
                               "{\"type\":\"about:blank\",\"title\":\"Invalid\",\"status\":400,\"code\":\"invalid\",\"detail\":\"Amount is not right.\","
                               "\"fields\":{\"amount\":\"two decimals at most\"},\"request_id\":\"r-17\"}");
  g_assert_null (call (f, &(TillCall){ .method = "POST", .path = "/sales" }, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
  g_assert_cmpstr (till_api_error_get_field (error, "amount"), ==, "two decimals at most");
  g_assert_null (till_api_error_get_field (error, "meter"));
  g_assert_cmpstr (till_api_error_get_note (error, "request_id"), ==, "r-17");
  text = till_api_error_describe (error);
  g_assert_true (g_str_has_prefix (text, "Amount is not right."));
}

/* Each code of the contract has its own sentence and a next step, also when the body is no problem at all. */
static void
test_every_code (void)
{
  g_autoptr(GHashTable) sentences = g_hash_table_new (g_str_hash, g_str_equal);

  for (TillError code = 0; code < TILL_ERROR_N; code++)
    {
      g_autofree char *json = g_strdup_printf ("{\"code\":\"%s\"}", till_error_word (code));
      g_autoptr(JsonNode) node = json_from_string (json, NULL);
      g_autoptr(GError) error = till_api_error_from_problem (till_error_status (code), node, "30");
      g_autoptr(GError) bare = till_api_error_from_problem (till_error_status (code), NULL, NULL);
      g_autofree char *text = till_api_error_describe (error);

      g_assert_error (error, TILL_ERROR, (int) code);
      g_assert_cmpuint (till_error_status (bare->code), ==, till_error_status (code));
      g_assert_cmpstr (till_api_error_sentence (error), !=, "Something went wrong.");
      g_assert_nonnull (till_api_error_next_step (error));
      g_assert_true (g_hash_table_add (sentences, (gpointer) till_api_error_sentence (error)));
      g_assert_cmpstr (till_api_error_get_note (error, "retry_after"), ==, "30");
      g_assert_true (g_str_has_suffix (text, till_api_error_next_step (error)));
    }
  for (TillApiError code = 0; code < TILL_API_ERROR_N; code++)
    {
      g_autoptr(GError) error = g_error_new_literal (TILL_API_ERROR, (int) code, "");

      g_assert_true (g_hash_table_add (sentences, (gpointer) till_api_error_sentence (error)));
      g_assert_nonnull (till_api_error_next_step (error));
    }
}

static void
test_server_text (void)
{
  static const struct { const char *text, *server; } good[] = {
    { "till.school.local", "till.school.local:8443" }, { " 10.0.0.5:9000 ", "10.0.0.5:9000" }, { "https://till:8443/", "till:8443" },
    { "HTTPS://till", "till:8443" }, { "[::1]:8443", "[::1]:8443" },
  };
  static const char *const bad[] = { "", "http://till", "till/path", "a b", "user@till", "till:x", "https://" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *server = till_api_parse_server (good[i].text, NULL);

      g_assert_cmpstr (server, ==, good[i].server);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (till_api_parse_server (bad[i], &error));
      g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
    }
}

static void
test_download (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (till_test_dir (), "meters.xlsx", NULL);
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autofree guint8 *bytes = g_malloc (1000000);
  g_autoptr(GBytes) sheet = NULL;
  g_autoptr(TillReportService) reports = till_report_service_new (f->api);
  TillExport wanted = { .path = TILL_PATH_METERS, .target = file };
  g_autofree char *contents = NULL, *query = NULL;
  gsize length;
  g_autoptr(GDir) dir = NULL;
  guint n = 0;

  for (guint i = 0; i < 1000000; i++)
    bytes[i] = (guint8) (i * 31);
  sheet = g_bytes_new (bytes, 1000000);
  till_fake_server_bytes (f->server, "/meters", "application/x", sheet);
  for (guint round = 0; round < 2; round++) /* the second replaces the first */
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GAsyncResult) result = NULL;

      till_report_service_export_async (reports, &wanted, NULL, till_fake_done_cb, &result);
      g_assert_true (till_report_service_export_finish (reports, till_fake_await_result (&result), &error));
      g_assert_no_error (error);
    }
  query = till_fake_server_dup_query (f->server, "GET", "/meters");
  g_assert_cmpstr (query, ==, "format=xlsx");
  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
  g_assert_cmpmem (contents, length, bytes, 1000000);

  till_fake_server_problem_once (f->server, "GET", "/meters", 503, "busy", "two exports at a time");
  {
    g_autoptr(GError) error = NULL;
    g_autoptr(GAsyncResult) result = NULL;

    till_report_service_export_async (reports, &wanted, NULL, till_fake_done_cb, &result);
    g_assert_false (till_report_service_export_finish (reports, till_fake_await_result (&result), &error));
    g_assert_error (error, TILL_ERROR, TILL_ERROR_BUSY);
  }
  g_clear_pointer (&contents, g_free);
  g_assert_true (g_file_get_contents (path, &contents, &length, NULL)); /* untouched by the failure */
  g_assert_cmpuint (length, ==, 1000000);
  dir = g_dir_open (till_test_dir (), 0, NULL);
  while (g_dir_read_name (dir) != NULL)
    n++;
  g_assert_cmpuint (n, ==, 1); /* no part is left behind */
}

static const char session_json[] =
  "{\"token\":\"t0\",\"expires_at\":\"2026-09-01T00:00:00Z\",\"operator\":{\"id\":4,\"name\":\"Zhang Wei\",\"roles\":[\"cashier\"],"
  "\"permissions\":[\"sales.sell\",\"sales.view\",\"meters.view\",\"future.thing\"],\"areas\":[]}}";

static void
sign_in (Fixture *f, TillSession *session, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  till_session_sign_in_async (session, &(TillCredentials){ "zhang", "secret", NULL }, NULL, till_fake_done_cb, &result);
  till_session_sign_in_finish (session, till_fake_await_result (&result), error);
}

static void
test_session (Fixture *f, gconstpointer data)
{
  g_autoptr(TillSession) session = till_session_new (f->api);
  g_autoptr(GError) error = NULL;
  g_autofree char *body = NULL, *bearer = NULL;

  till_fake_server_problem_once (f->server, "POST", "/session", 401, "unauthenticated", "no");
  sign_in (f, session, &error);
  g_assert_error (error, TILL_ERROR, TILL_ERROR_UNAUTHENTICATED);
  g_assert_cmpint (till_session_get_state (session), ==, TILL_SESSION_SIGNED_OUT);
  g_assert_cmpuint (f->unauthenticated, ==, 0); /* there was no token yet */
  g_clear_error (&error);

  till_fake_server_reply (f->server, "POST", "/session", 201, session_json);
  till_fake_server_reply (f->server, "GET", "/server", 200,
                          "{\"version\":\"1\",\"site\":\"North campus\",\"zone\":\"Asia/Shanghai\",\"currency\":\"CNY\",\"time\":\"2026-09-01T00:00:00Z\"}");
  sign_in (f, session, &error);
  g_assert_no_error (error);
  body = till_fake_server_dup_body (f->server, "POST", "/session");
  bearer = till_fake_server_dup_header (f->server, "GET", "/server", "Authorization");
  g_assert_cmpstr (body, ==, "{\"user\":\"zhang\",\"password\":\"secret\"}");
  g_assert_cmpstr (bearer, ==, "Bearer t0");
  g_assert_cmpint (till_session_get_state (session), ==, TILL_SESSION_SIGNED_IN);
  g_assert_true (till_session_may (session, TILL_PERMISSION_SALES_SELL));
  g_assert_false (till_session_may_word (session, "sales.refund"));
  g_assert_cmpstr (till_session_get_operator_name (session), ==, "Zhang Wei");
  g_assert_cmpstr (till_session_get_site_name (session), ==, "North campus");
  g_assert_cmpstr (till_session_get_currency (session), ==, "¥");
  g_assert_cmpstr (g_time_zone_get_identifier (till_session_get_zone (session)), ==, "Asia/Shanghai");

  till_fake_server_problem_once (f->server, "GET", "/meters", 401, "unauthenticated", "ended");
  g_assert_null (call (f, &(TillCall){ .path = "/meters" }, &error));
  g_assert_cmpint (till_session_get_state (session), ==, TILL_SESSION_EXPIRED);
  g_assert_true (till_session_may (session, TILL_PERMISSION_SALES_SELL)); /* the page behind the log-in stays as it is */
}

static void
test_sell (Fixture *f, gconstpointer data)
{
  g_autoptr(TillSalesService) sales = till_sales_service_new (f->api);
  TillSaleDraft draft = { .meter = 9, .amount = 1005000, .channel = TILL_CHANNEL_CASH, .kind = TILL_SALE_KIND_SALE };
  g_autoptr(GAsyncResult) result = NULL, again = NULL;
  g_autoptr(TillSale) sale = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *body = NULL;

  g_assert_true (till_id_parse ("0190a000-0000-7000-8000-000000000001", &draft.id, NULL));
  till_fake_server_drop_next (f->server, "POST", "/sales");
  till_fake_server_reply (f->server, "POST", "/sales", 201, "{\"id\":\"0190a000-0000-7000-8000-000000000001\",\"state\":\"paid\",\"amount\":\"100.5000\"}");
  till_sales_service_sell_async (sales, &draft, NULL, till_fake_done_cb, &result);
  g_assert_null (till_sales_service_sell_finish (sales, till_fake_await_result (&result), &error));
  g_assert_true (till_api_error_is_in_doubt (error));
  g_clear_error (&error);
  till_sales_service_sell_async (sales, &draft, NULL, till_fake_done_cb, &again); /* the person tries again: same id */
  sale = till_sales_service_sell_finish (sales, till_fake_await_result (&again), &error);
  g_assert_no_error (error);
  g_assert_cmpint (till_record_int (sale, "amount"), ==, 1005000);
  body = till_fake_server_dup_body (f->server, "POST", "/sales");
  g_assert_cmpstr (body, ==, "{\"id\":\"0190a000-0000-7000-8000-000000000001\",\"meter\":9,\"amount\":\"100.50\",\"channel\":\"cash\"}");
}

#define ADD(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  ADD ("/api/call", test_call);
  ADD ("/api/rubbish", test_rubbish);
  ADD ("/api/no-content", test_no_content);
  ADD ("/api/retry", test_retry);
  ADD ("/api/broken-often", test_broken_often);
  ADD ("/api/unreachable", test_unreachable);
  ADD ("/api/time-out", test_time_out);
  ADD ("/api/cancel", test_cancel);
  ADD ("/api/problem", test_problem);
  g_test_add_func ("/api/every-code", test_every_code);
  g_test_add_func ("/api/server-text", test_server_text);
  ADD ("/api/download", test_download);
  ADD ("/session/life", test_session);
  ADD ("/sales/sell", test_sell);
  return till_test_run ();
}
