/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-live-feed.c: the change stream and what hangs on it: messages, cursor, reset, loss and return, the context. */
#include "config.h"
#include "client/model/till-meter.h"
#include "client/service/till-context.h"
#include "shared/api/till-paths.h"
#include "tests/client/fake-server.h"
#include "tests/lib/test-main.h"

typedef struct {
  TillFakeServer *server;
  TillApi        *api;
  TillLiveFeed   *feed;
  GString        *seen;
} Fixture;

static void
changed_cb (TillLiveFeed *feed, int kind, const char *id, JsonObject *object, Fixture *f)
{
  g_string_append_printf (f->seen, "%d:%s:%s ", kind, id, object != NULL ? "object" : "-");
}

static void
reset_cb (TillLiveFeed *feed, Fixture *f)
{
  g_string_append (f->seen, "reset ");
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->server = till_fake_server_new (NULL);
  f->api = till_api_new (NULL);
  till_api_set_plain_base (f->api, till_fake_server_get_base (f->server));
  f->feed = till_live_feed_new (f->api);
  f->seen = g_string_new (NULL);
  g_signal_connect (f->feed, "changed", G_CALLBACK (changed_cb), f);
  g_signal_connect (f->feed, "reset", G_CALLBACK (reset_cb), f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  till_live_feed_stop (f->feed);
  g_clear_object (&f->feed);
  g_object_unref (f->api);
  g_string_free (f->seen, TRUE);
  till_fake_server_free (f->server);
}

static gboolean
is_connected (gpointer data)
{
  Fixture *f = data;

  return till_live_feed_is_connected (f->feed) && till_fake_server_n_sockets (f->server) == 1;
}

static gboolean
is_lost (gpointer data)
{
  return !till_live_feed_is_connected (((Fixture *) data)->feed);
}

static gboolean
saw_three (gpointer data)
{
  g_auto(GStrv) words = g_strsplit (((Fixture *) data)->seen->str, " ", -1);

  return g_strv_length (words) > 3;
}

static void
test_messages (Fixture *f, gconstpointer data)
{
  g_autofree char *bearer = NULL;

  till_api_set_token (f->api, "t1");
  till_live_feed_start (f->feed);
  till_fake_await (is_connected, f, "the socket");
  bearer = till_fake_server_dup_header (f->server, "GET", TILL_PATH_EVENTS, "Authorization");
  g_assert_cmpstr (bearer, ==, "Bearer t1");
  till_fake_server_send_event (f->server, "{\"cursor\":41,\"kind\":\"meter\",\"id\":12,\"object\":{\"state\":\"lost\"}}");
  till_fake_server_send_event (f->server, "{\"cursor\":\"42\",\"kind\":\"sale\",\"id\":\"abc\"}");
  till_fake_server_send_event (f->server, "{\"cursor\":43,\"kind\":\"reset\"}");
  till_fake_await (saw_three, f, "three messages");
  g_assert_cmpstr (f->seen->str, ==, "0:12:object 1:abc:- reset ");
}

static void
test_resumes (Fixture *f, gconstpointer data)
{
  gint64 lost_at, retry_at;
  g_autofree char *query = NULL;

  till_live_feed_set_cursor (f->feed, "7");
  till_live_feed_start (f->feed);
  till_fake_await (is_connected, f, "the socket");
  query = till_fake_server_dup_query (f->server, "GET", TILL_PATH_EVENTS);
  g_assert_cmpstr (query, ==, "cursor=7");
  for (guint i = 0; i < 3; i++)
    till_fake_server_send_event (f->server, "{\"cursor\":99,\"kind\":\"job\",\"id\":\"j\",\"object\":{}}");
  till_fake_await (saw_three, f, "three messages");
  till_fake_server_cut_sockets (f->server);
  till_fake_await (is_lost, f, "the loss");
  g_object_get (f->feed, "lost-at", &lost_at, "retry-at", &retry_at, NULL);
  g_assert_cmpint (lost_at, >, 0);
  g_assert_cmpint (retry_at, >=, lost_at + G_USEC_PER_SEC);
  till_live_feed_try_now (f->feed);
  till_fake_await (is_connected, f, "the return");
  g_clear_pointer (&query, g_free);
  query = till_fake_server_dup_query (f->server, "GET", TILL_PATH_EVENTS);
  g_assert_cmpstr (query, ==, "cursor=99");
  g_object_get (f->feed, "lost-at", &lost_at, NULL);
  g_assert_cmpint (lost_at, ==, 0);
}

static void
test_rubbish (Fixture *f, gconstpointer data)
{
  till_live_feed_start (f->feed);
  till_fake_await (is_connected, f, "the socket");
  till_test_expect_warning ("*not understood*");
  till_fake_server_send_event (f->server, "{\"cursor\":1,");
  for (guint i = 0; i < 3; i++)
    till_fake_server_send_event (f->server, "{\"cursor\":2,\"kind\":\"from the future\",\"id\":1}");
  till_fake_await (saw_three, f, "the good ones");
  g_assert_cmpstr (f->seen->str, ==, "9:1:- 9:1:- 9:1:- ");
}

static const char board_json[] =
  "{\"cursor\":5,\"areas\":[{\"id\":1,\"parent\":null,\"name\":\"Campus\",\"kind\":\"campus\",\"path\":\"Campus\"}],"
  "\"meters\":[[12,1,0,0,1,0],[13,1,\"arrears\",\"prepaid\",\"open\",[\"overload\"]]]}";

typedef struct { TillContext *context; TillMeter *meter; TillFakeServer *server; } Whole;

static gboolean
is_online (gpointer data)
{
  Whole *whole = data;

  return till_context_is_online (whole->context) && till_fake_server_n_sockets (whole->server) == 1;
}

static gboolean
is_lost_meter (gpointer data)
{
  return till_record_int (((Whole *) data)->meter, "state") == TILL_METER_STATE_LOST;
}

static gboolean
list_is_known (gpointer list)
{
  return till_paged_list_is_known (list);
}

static char *
make_meter (guint position, gpointer user_data)
{
  return g_strdup_printf ("{\"id\":%u,\"state\":\"normal\"}", position + 12);
}

/* Sign in -> board -> feed -> a change reaches board and list alike. */
static void
test_context (void)
{
  g_autofree char *settings = g_build_filename (till_test_dir (), "client.ini", NULL);
  g_autoptr(TillFakeServer) server = till_fake_server_new (NULL);
  g_autoptr(TillContext) context = till_context_new (settings, till_test_dir ());
  Whole whole = { context, NULL, server };
  g_autoptr(TillQuery) query = till_query_new ();
  g_autoptr(TillPagedList) list = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  guint counts[TILL_N_STATES];

  till_fake_server_reply (server, "POST", "/session", 201, "{\"token\":\"t\",\"operator\":{\"id\":1,\"name\":\"Li\",\"roles\":[],\"permissions\":[]}}");
  till_fake_server_reply (server, "GET", "/server", 200, "{\"version\":\"1\"}");
  till_fake_server_reply (server, "GET", "/board", 200, board_json);
  till_fake_server_list (server, "/meters", 2, make_meter, NULL);
  till_api_set_plain_base (till_context_get_api (context), till_fake_server_get_base (server));
  till_session_sign_in_async (till_context_get_session (context), &(TillCredentials){ "li", "x", NULL }, NULL, till_fake_done_cb, &result);
  till_fake_await_result (&result);
  till_fake_await (is_online, &whole, "the feed");
  list = till_context_make_list (context, TILL_PATH_METERS, TILL_TYPE_METER, query);
  till_fake_await (list_is_known, list, "the list");
  whole.meter = g_list_model_get_item (G_LIST_MODEL (list), 0);
  till_fake_server_send_event (server, "{\"cursor\":6,\"kind\":\"meter\",\"id\":12,\"object\":{\"state\":\"lost\"}}");
  till_fake_await (is_lost_meter, &whole, "the change");
  till_board_state_count (till_context_get_board (context), -1, counts);
  g_assert_cmpuint (counts[TILL_METER_STATE_LOST], ==, 1);
  g_assert_cmpuint (counts[TILL_METER_STATE_NORMAL], ==, 0);
  g_assert_cmpuint (counts[TILL_METER_STATE_ARREARS], ==, 1);
  g_clear_object (&whole.meter);
}

#define ADD(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  ADD ("/live-feed/messages", test_messages);
  ADD ("/live-feed/resumes", test_resumes);
  ADD ("/live-feed/rubbish", test_rubbish);
  g_test_add_func ("/context/whole", test_context);
  return till_test_run ();
}
