/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-connections.c: the door: silent, half and slow peers do not stop others; doubled headers are refused; live events arrive; kept
 * connections that peers close are let go. */
#include <string.h>
#include "shared/api/till-paths.h"
#include "tests/lib/app-fixture.h"
#include "tests/lib/test-main.h"

/* Sends bytes over a TLS stream of its own and returns the status line's code; 0 = the server closed without a word. */
static guint
raw (TestApp *app, const char *bytes)
{
  g_autoptr (GIOStream) stream = test_app_connect (app, TRUE);
  g_autoptr (GError) error = NULL;
  char answer[2048] = "";
  gsize got = 0;

  g_assert_true (g_output_stream_write_all (g_io_stream_get_output_stream (stream), bytes, strlen (bytes), NULL, NULL, &error));
  g_input_stream_read_all (g_io_stream_get_input_stream (stream), answer, 12, &got, NULL, NULL);
  return got == 12 ? (guint) g_ascii_strtoull (answer + 9, NULL, 10) : 0;
}

static void
test_headers (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *long_header = g_strnfill (40000, 'b');
  g_autofree char *large = g_strdup_printf ("GET /api/v1/health HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n", long_header);

  g_assert_cmpuint (raw (app, "GET /api/v1/health HTTP/1.1\r\nHost: a\r\n\r\n"), ==, 200);
  g_assert_cmpuint (raw (app, "GET /api/v1/health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), ==, 400);
  g_assert_cmpuint (raw (app, "POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}"), ==, 400);
  g_assert_cmpuint (raw (app, "POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), ==, 400);
  g_assert_cmpuint (raw (app, "POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Encoding: gzip\r\n\r\nx"), ==, 400);
  g_assert_cmpuint (raw (app, "GET /api/v1/../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n"), ==, 404);
  g_assert_cmpuint (raw (app, "GET /api/v1/health?a=%00 HTTP/1.1\r\nHost: a\r\n\r\n"), ==, 400);
  g_assert_cmpuint (raw (app, large), ==, 413);
}

/* TLS 1.2 and plain HTTP get no answer. */
static void
test_plain (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autoptr (GIOStream) stream = test_app_connect (app, FALSE);
  static const char request[] = "GET /api/v1/health HTTP/1.1\r\nHost: a\r\n\r\n";
  char answer[64];
  gsize got = 1;

  g_output_stream_write_all (g_io_stream_get_output_stream (stream), request, strlen (request), NULL, NULL, NULL);
  g_input_stream_read_all (g_io_stream_get_input_stream (stream), answer, sizeof answer, &got, NULL, NULL);
  g_assert_cmpuint (got, ==, 0);
}

/* The story: GIO runs all handshakes on ten shared threads, so a few dozen stalled ones made everybody wait for their deadline. */
static void
test_slow (void)
{
  static const char half_hello[] = "\x16\x03\x01\x02";
  static const char stalled_hello[] = "\x16\x03\x01\x00\x05hello";
  g_autoptr (TestApp) app = test_app_new ();
  g_autoptr (GPtrArray) streams = g_ptr_array_new_with_free_func (g_object_unref);
  gint64 began;

  for (guint i = 0; i < 200; i++)
    {
      GIOStream *stream = test_app_connect (app, FALSE);
      g_ptr_array_add (streams, stream);
      if (i % 4 == 1)
        g_output_stream_write_all (g_io_stream_get_output_stream (stream), half_hello, 4, NULL, NULL, NULL);
      if (i % 4 == 2)
        g_output_stream_write_all (g_io_stream_get_output_stream (stream), stalled_hello, 10, NULL, NULL, NULL);
    }
  for (guint i = 0; i < 20; i++) /* a request that never ends its headers */
    {
      GIOStream *stream = test_app_connect (app, TRUE);
      g_ptr_array_add (streams, stream);
      g_output_stream_write_all (g_io_stream_get_output_stream (stream), "GET /api", 8, NULL, NULL, NULL);
    }
  began = g_get_monotonic_time ();
  for (guint i = 0; i < 10; i++)
    g_assert_cmpuint (raw (app, "GET /api/v1/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), ==, 200);
  /* A stalled handshake is cut after 3 s: ten newcomers in a row that waited for such would take longer than this. */
  g_assert_cmpint (g_get_monotonic_time () - began, <, 10 * G_USEC_PER_SEC);
}

/* One request, then the socket is gone without the goodbye of TLS, as when a client dies or its network does. */
static void
cut (TestApp *app)
{
  static const char bytes[] = "GET /api/v1/health HTTP/1.1\r\nHost: a\r\n\r\n";
  g_autoptr (GIOStream) stream = test_app_connect (app, TRUE);
  g_autoptr (GIOStream) base = NULL;
  char answer[2048];

  g_assert_true (g_output_stream_write_all (g_io_stream_get_output_stream (stream), bytes, strlen (bytes), NULL, NULL, NULL));
  g_assert_cmpint (g_input_stream_read (g_io_stream_get_input_stream (stream), answer, sizeof answer, NULL, NULL), >, 0);
  g_object_get (stream, "base-io-stream", &base, NULL);
  g_assert_true (g_io_stream_close (base, NULL, NULL));
}

/* libsoup 3.2 keeps what a peer closes between two requests for ever; our stream makes it let go. */
static void
let_go (gboolean goodbye)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *token = test_app_log_in (app, "admin");
  gint64 open = 100;

  for (guint i = 0; i < 50; i++)
    if (goodbye)
      g_assert_cmpuint (raw (app, "GET /api/v1/health HTTP/1.1\r\nHost: a\r\n\r\n"), ==, 200);
    else
      cut (app);
  for (guint i = 0; i < 100 && open > 5; i++)
    {
      g_autoptr (TestReply) page = test_app_call (app, "GET", TILL_PATH_METRICS, token, NULL);
      const char *line = strstr (page->text, "\ngridtill_http_connections ");
      g_assert_nonnull (line);
      open = g_ascii_strtoll (line + strlen ("\ngridtill_http_connections "), NULL, 10);
    }
  g_assert_cmpint (open, <=, 5);
}

static void
test_let_go (void)
{
  let_go (TRUE);
}

static void
test_let_go_cut (void)
{
  let_go (FALSE);
}

/* --- events --- */

typedef struct {
  SoupWebsocketConnection *socket;
  GString                 *heard;
  const char              *wanted;
  gboolean                 done, closed;
} Ear;

static void
message_cb (SoupWebsocketConnection *socket, int type, GBytes *message, gpointer data)
{
  Ear *ear = data;

  g_string_append_len (ear->heard, g_bytes_get_data (message, NULL), (gssize) g_bytes_get_size (message));
  g_string_append_c (ear->heard, '\n');
  ear->done = ear->done || strstr (ear->heard->str, ear->wanted) != NULL;
}

static void
closed_cb (SoupWebsocketConnection *socket, gpointer data)
{
  ((Ear *) data)->closed = TRUE;
}

static void
connected_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Ear *ear = data;
  g_autoptr (GError) error = NULL;

  ear->socket = soup_session_websocket_connect_finish (SOUP_SESSION (object), result, &error);
  g_assert_no_error (error);
  g_signal_connect (ear->socket, "message", G_CALLBACK (message_cb), ear);
  g_signal_connect (ear->socket, "closed", G_CALLBACK (closed_cb), ear);
  ear->done = TRUE;
}

static void
listen (TestApp *app, const char *token, Ear *ear)
{
  g_autofree char *url = test_app_url (app, TILL_PATH_EVENTS);
  g_autoptr (SoupMessage) msg = soup_message_new ("GET", url);
  g_autofree char *bearer = g_strconcat ("Bearer ", token, NULL);

  soup_message_headers_replace (soup_message_get_request_headers (msg), "Authorization", bearer);
  ear->heard = g_string_new (NULL);
  soup_session_websocket_connect_async (app->session, msg, NULL, NULL, G_PRIORITY_DEFAULT, NULL, connected_cb, ear);
  till_test_wait (&ear->done, 10);
  ear->done = FALSE;
}

static void
ear_clear (Ear *ear)
{
  g_signal_handlers_disconnect_by_data (ear->socket, ear);
  g_clear_object (&ear->socket);
  g_string_free (ear->heard, TRUE);
}

static void
test_events (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *cashier = test_app_log_in (app, "cashier");
  g_autofree char *limited = NULL;
  g_autoptr (TestReply) sale = NULL, large = NULL;
  Ear all = { .wanted = "\"kind\":\"sale\"" }, other = { .wanted = "\"kind\":\"reset\"" };

  test_pg_run (app->pg, "INSERT INTO operator_area SELECT id, 3 FROM operator WHERE account = 'viewer'");
  limited = test_app_log_in (app, "viewer");
  listen (app, cashier, &all);
  listen (app, limited, &other);
  sale = test_app_call (app, "POST", TILL_PATH_SALES, cashier,
                        "{\"id\":\"0190a000-0000-7000-8000-000000000001\",\"meter\":1,\"amount\":\"5.00\",\"channel\":\"cash\"}");
  g_assert_cmpuint (sale->status, ==, 201);
  till_test_wait (&all.done, 10);
  g_assert_nonnull (strstr (all.heard->str, "0190a000-0000-7000-8000-000000000001"));
  g_assert_nonnull (strstr (all.heard->str, "\"amount\":\"5.0000\""));
  g_assert_null (strstr (other.heard->str, "0190a000")); /* meter 1 stands in an area this reader does not see */
  /* Who may see an approval, or a drawer, differs: everybody hears that it changed, and asks. */
  all.wanted = "\"kind\":\"drawer\",\"id\":\"1\",\"object\":null"; /* before the sale, or after it */
  all.done = strstr (all.heard->str, all.wanted) != NULL;
  till_test_wait (&all.done, 10);
  g_assert_null (strstr (other.heard->str, "\"kind\":\"drawer\""));
  test_pg_run (app->pg, "UPDATE site SET approve_sale = 0");
  large = test_app_call (app, "POST", TILL_PATH_SALES, cashier,
                         "{\"id\":\"0190a000-0000-7000-8000-000000000002\",\"meter\":1,\"amount\":\"5.00\",\"channel\":\"cash\"}");
  g_assert_cmpuint (large->status, ==, 409);
  other.wanted = "\"kind\":\"approval\",\"id\":\"1\",\"object\":null";
  other.done = FALSE;
  till_test_wait (&other.done, 10);
  ear_clear (&all);
  ear_clear (&other);
}

int
main (int argc, char **argv)
{
  g_setenv ("G_TLS_GNUTLS_PRIORITY", "NORMAL:-VERS-ALL:+VERS-TLS1.3", TRUE);
  till_test_init (&argc, &argv);
  g_test_add_func ("/connections/headers", test_headers);
  g_test_add_func ("/connections/plain", test_plain);
  g_test_add_func ("/connections/slow", test_slow);
  g_test_add_func ("/connections/let-go", test_let_go);
  g_test_add_func ("/connections/let-go-cut", test_let_go_cut);
  g_test_add_func ("/connections/events", test_events);
  return till_test_run ();
}
