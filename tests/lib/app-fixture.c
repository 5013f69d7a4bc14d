/* SPDX-License-Identifier: GPL-2.0-or-later
 * app-fixture.c: the server under test and its client. */
#include "tests/lib/app-fixture.h"
#include <string.h>
#include "server/core/config.h"
#include "server/crypto/password.h"
#include "server/db/db-tx.h"
#include "server/domain/office/operator.h"
#include "server/domain/office/role.h"
#include "shared/api/till-paths.h"
#include "tests/lib/test-main.h"

static const char site_sql[] =
  "INSERT INTO site (code, name, sell_offline) VALUES ('main', 'Campus', true);"
  "INSERT INTO area (site, parent, kind, name) VALUES (1, NULL, 0, 'Campus'), (1, 1, 1, 'B1'), (1, 1, 1, 'B2');"
  "INSERT INTO gateway (code, name, site, area, link, address, simulated) VALUES ('GW-1', 'One', 1, 1, 2, '127.0.0.1:1', true);"
  "INSERT INTO gateway_session (gateway, epoch, online) VALUES (1, 7, true)"
  " ON CONFLICT (gateway) DO UPDATE SET epoch = EXCLUDED.epoch, online = EXCLUDED.online;"
  "INSERT INTO tariff (name) VALUES ('flat'); INSERT INTO tariff_version (tariff, effective, price_flat) VALUES (1, '2020-01-01', 6000);"
  "INSERT INTO meter (code, gateway, unit, model, area, settlement, tariff, hoard_limit) SELECT 'M-' || i, 1, i, 'adf400l-1p',"
  " CASE WHEN i < 3 THEN 2 ELSE 3 END, 0, 1, 50000000 FROM generate_series (1, 4) AS i;"
  "INSERT INTO meter_state (meter, read_at, balance, purchase_count, purchased_total, state) SELECT id, now (), 200000, 3, 1000000, 0 FROM meter"
  " ON CONFLICT (meter) DO UPDATE SET read_at = EXCLUDED.read_at, balance = EXCLUDED.balance, purchase_count = EXCLUDED.purchase_count,"
  " purchased_total = EXCLUDED.purchased_total, state = EXCLUDED.state;"
  "INSERT INTO customer (code, name, area) VALUES ('C-1', '\xe5\xbc\xa0\xe4\xbc\x9f', 2);"
  "INSERT INTO account (code, site, customer) SELECT 'A-' || i, 1, 1 FROM generate_series (1, 3) AS i;"
  "INSERT INTO account_meter (account, meter) SELECT id, id FROM account;"
  "INSERT INTO model_proof (model, version, write, simulated, proved_by, agreed_by) SELECT 'adf400l-1p', 1, w, true, 'anna', 'bert'"
  " FROM unnest (ARRAY['recharge', 'control', 'set_limits']) AS w;";

static gboolean
make_operators (TilldDb *db, gpointer data, GError **error)
{
  static const char *const users[][2] = { { "admin", "administrator" }, { "cashier", "cashier" }, { "engineer", "engineer" },
                                          { "viewer", "viewer" }, { "auditor", "auditor" } };
  TilldActor who = TILLD_ACTOR_SYSTEM (1);
  char hash[TILLD_PASSWORD_HASH];
  gint64 id;

  g_strlcpy (who.request, "fixture", sizeof who.request);
  if (!tilld_role_ensure_defaults (db, error) || !tilld_password_hash (TEST_APP_PASSWORD, &tilld_password_cost_test, hash, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (users); i++)
    {
      TilldOperatorNew operator = { .account = users[i][0], .name = users[i][0], .password = hash,
                                    .roles = (const char *const[]){ users[i][1], NULL } };
      if (!tilld_operator_create (db, &who, &operator, &id, error))
        return FALSE;
    }
  return TRUE;
}

static gpointer
serve (gpointer data)
{
  TestApp *self = data;
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (self->context);
  self->app = tilld_app_start (self->config, &error);
  if (self->app == NULL)
    g_error ("start: %s", error->message);
  self->authority = g_strdup (tilld_app_authority (self->app));
  self->port = tilld_app_port (self->app);
  g_atomic_int_set (&self->ready, TRUE);
  g_main_loop_run (self->loop);
  g_clear_pointer (&self->app, tilld_app_free);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

TestApp *
test_app_new (void)
{
  TestApp *self = g_new0 (TestApp, 1);
  g_autofree char *socket = NULL, *name = NULL, *state = NULL;
  g_autoptr (GTlsDatabase) trust = NULL;
  g_autoptr (GError) error = NULL;

  self->pg = test_pg_new ();
  test_pg_run (self->pg, site_sql);
  g_assert_true (tilld_tx_run (self->pg->db, TILLD_READ_COMMITTED, make_operators, NULL, &error));
  self->state_dir = g_dir_make_tmp ("till-app-XXXXXX", &error);
  g_assert_no_error (error);
  socket = g_strconcat ("database.socket_dir=", self->pg->socket_dir, NULL);
  name = g_strconcat ("database.name=", self->pg->name, NULL);
  state = g_strconcat ("server.state_dir=", self->state_dir, NULL);
  self->config = tilld_config_load (NULL, NULL,
                                    (const char *const[]){ socket, name, state, "database.user=gridtill_owner", "server.roles=api",
                                                           "http.listen=127.0.0.1:0", "login.password_memory_kib=8",
                                                           "login.password_passes=1", NULL },
                                    &error);
  g_assert_no_error (error);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("server", serve, self);
  while (!g_atomic_int_get (&self->ready))
    g_thread_yield ();
  trust = g_tls_file_database_new (self->authority, &error);
  g_assert_no_error (error);
  self->session = soup_session_new_with_options ("tls-database", trust, "timeout", 30, "max-conns", 20, "max-conns-per-host", 20, NULL);
  return self;
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

void
test_app_free (TestApp *self)
{
  g_clear_object (&self->session);
  g_main_context_invoke (self->context, quit, self->loop);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  tilld_config_unref (self->config);
  till_test_remove_tree (self->state_dir);
  g_free (self->state_dir);
  g_free (self->authority);
  test_pg_free (self->pg);
  g_free (self);
}

char *
test_app_url (TestApp *self, const char *path)
{
  return g_strdup_printf ("https://127.0.0.1:%u" TILL_API_BASE "%s", self->port, path);
}

TestReply *
test_app_call (TestApp *self, const char *method, const char *path, const char *token, const char *body)
{
  TestReply *reply = g_new0 (TestReply, 1);
  g_autofree char *url = test_app_url (self, path);
  g_autoptr (SoupMessage) msg = soup_message_new (method, url);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  SoupMessageHeaders *headers;

  if (token != NULL)
    {
      g_autofree char *bearer = g_strconcat ("Bearer ", token, NULL);
      soup_message_headers_replace (soup_message_get_request_headers (msg), "Authorization", bearer);
    }
  if (self->if_match != 0)
    {
      g_autofree char *version = g_strdup_printf ("%u", self->if_match);
      soup_message_headers_replace (soup_message_get_request_headers (msg), "If-Match", version);
    }
  if (body != NULL)
    {
      g_autoptr (GBytes) sent = g_bytes_new_static (body, strlen (body));
      soup_message_set_request_body_from_bytes (msg, "application/json", sent);
    }
  bytes = soup_session_send_and_read (self->session, msg, NULL, &error);
  if (bytes == NULL)
    g_error ("%s %s: %s", method, path, error->message);
  headers = soup_message_get_response_headers (msg);
  reply->status = soup_message_get_status (msg);
  reply->len = g_bytes_get_size (bytes);
  reply->text = g_strndup (reply->len > 0 ? g_bytes_get_data (bytes, NULL) : "", reply->len);
  reply->replay = g_strdup (soup_message_headers_get_one (headers, "Idempotent-Replay"));
  reply->type = g_strdup (soup_message_headers_get_content_type (headers, NULL));
  if (reply->type != NULL && g_str_has_suffix (reply->type, "json"))
    reply->json = json_from_string (reply->text, NULL);
  return reply;
}

void
test_reply_free (TestReply *reply)
{
  g_clear_pointer (&reply->json, json_node_unref);
  g_free (reply->text);
  g_free (reply->replay);
  g_free (reply->type);
  g_free (reply);
}

const char *
test_reply_text (TestReply *reply, const char *member)
{
  JsonObject *object = reply->json != NULL && JSON_NODE_HOLDS_OBJECT (reply->json) ? json_node_get_object (reply->json) : NULL;
  return object != NULL ? json_object_get_string_member_with_default (object, member, "") : "";
}

gint64
test_reply_int (TestReply *reply, const char *member)
{
  g_assert_nonnull (reply->json);
  return json_object_get_int_member_with_default (json_node_get_object (reply->json), member, G_MININT64);
}

char *
test_app_log_in (TestApp *self, const char *user)
{
  g_autofree char *body = g_strdup_printf ("{\"user\":\"%s\",\"password\":\"%s\"}", user, TEST_APP_PASSWORD);
  g_autoptr (TestReply) reply = test_app_call (self, "POST", TILL_PATH_SESSION, NULL, body);

  g_assert_cmpuint (reply->status, ==, 201);
  return g_strdup (test_reply_text (reply, "token"));
}

static gboolean
accept_any (GTlsConnection *connection, GTlsCertificate *certificate, GTlsCertificateFlags errors, gpointer data)
{
  return TRUE; /* trust is tested by test_app_call */
}

GIOStream *
test_app_connect (TestApp *self, gboolean tls)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection = g_socket_client_connect_to_host (client, "127.0.0.1", self->port, NULL, &error);
  GIOStream *stream;

  g_assert_no_error (error);
  if (!tls)
    return G_IO_STREAM (g_steal_pointer (&connection));
  stream = g_tls_client_connection_new (G_IO_STREAM (connection), NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (stream, "accept-certificate", G_CALLBACK (accept_any), NULL);
  return stream;
}
