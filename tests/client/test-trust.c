/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-trust.c: trust on first use with real TLS: first, same, renewed, foreign, misnamed server. */
#include "config.h"
#include <glib/gstdio.h>
#include "client/core/till-api.h"
#include "tests/client/fake-server.h"
#include "tests/lib/test-main.h"

static TillFakeServer *
start (const char *name)
{
  g_autofree char *file = g_strconcat ("tests/client/certificates/", name, ".pem", NULL);
  g_autofree char *path = till_test_source_path (file);
  g_autoptr(GError) error = NULL;
  g_autoptr(GTlsCertificate) certificate = g_tls_certificate_new_from_file (path, &error);
  TillFakeServer *server;

  g_assert_no_error (error);
  server = till_fake_server_new (certificate);
  till_fake_server_reply (server, "GET", "/health", 200, "{\"status\":\"ok\"}");
  return server;
}

static TillTrustIdentity *
probe (TillTrust *trust, const char *server)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  TillTrustIdentity *identity;

  till_trust_probe_async (trust, server, NULL, till_fake_done_cb, &result);
  identity = till_trust_probe_finish (trust, till_fake_await_result (&result), &error);
  g_assert_no_error (error);
  return identity;
}

static JsonNode *
ask (TillTrust *trust, const char *server, GError **error)
{
  g_autoptr(TillApi) api = till_api_new (trust);
  g_autoptr(GAsyncResult) result = NULL;

  if (!till_api_set_server (api, server, error))
    return NULL;
  till_api_set_token (api, "secret");
  till_api_call_async (api, &(TillCall){ .path = "/health" }, NULL, till_fake_done_cb, &result);
  return till_api_call_finish (api, till_fake_await_result (&result), error);
}

/* The anchor that another server was trusted with counts for this address too: as if that server had moved here. */
static void
carry_over (const char *directory, const char *from, const char *to)
{
  g_autofree char *from_name = g_uri_escape_string (from, NULL, FALSE), *to_name = g_uri_escape_string (to, NULL, FALSE);
  g_autofree char *from_path = g_strdup_printf ("%s/%s.pem", directory, from_name), *to_path = g_strdup_printf ("%s/%s.pem", directory, to_name);

  g_assert_cmpint (g_rename (from_path, to_path), ==, 0);
}

static void
test_first_use (void)
{
  g_autoptr(TillFakeServer) server = start ("first");
  g_autofree char *directory = g_build_filename (till_test_dir (), "first-use", NULL);
  g_autoptr(TillTrust) trust = till_trust_new (directory);
  const char *host = till_fake_server_get_host (server);
  g_autoptr(TillTrustIdentity) identity = NULL;
  g_autoptr(TillTrustIdentity) again = NULL;
  g_autoptr(JsonNode) reply = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) groups = NULL;

  g_assert_null (ask (trust, host, &error)); /* nothing is sent to a stranger */
  g_assert_error (error, TILL_API_ERROR, TILL_API_ERROR_UNTRUSTED);
  g_clear_error (&error);
  identity = probe (trust, host);
  g_assert_cmpint (identity->verdict, ==, TILL_TRUST_UNKNOWN);
  g_assert_cmpstr (identity->subject, ==, "Gridtill site CA");
  g_assert_null (identity->known_fingerprint);
  g_assert_cmpint (g_date_time_get_year (identity->not_after), ==, 2120);
  groups = g_strsplit (identity->fingerprint, " ", -1);
  g_assert_cmpuint (g_strv_length (groups), ==, 16);
  g_assert_cmpuint (till_fake_server_count (server, "GET", "/health"), ==, 0); /* the probe asked nothing */

  g_assert_true (till_trust_accept (trust, identity, &error));
  again = probe (trust, host);
  g_assert_cmpint (again->verdict, ==, TILL_TRUST_GOOD);
  g_assert_cmpstr (again->known_fingerprint, ==, identity->fingerprint);
  reply = ask (trust, host, &error);
  g_assert_no_error (error);
  g_assert_nonnull (reply);

  g_assert_true (till_trust_forget (trust, host, &error));
  g_assert_false (till_trust_is_known (trust, host));
}

typedef struct { const char *certificate; TillTrustVerdict verdict; } Change;

static void
test_change (gconstpointer data)
{
  const Change *change = data;
  g_autoptr(TillFakeServer) first = start ("first");
  g_autoptr(TillFakeServer) second = start (change->certificate);
  g_autofree char *directory = g_build_filename (till_test_dir (), change->certificate, NULL);
  g_autoptr(TillTrust) trust = till_trust_new (directory);
  g_autoptr(TillTrustIdentity) identity = probe (trust, till_fake_server_get_host (first));
  g_autoptr(TillTrustIdentity) now = NULL;
  g_autoptr(JsonNode) reply = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (till_trust_accept (trust, identity, &error));
  carry_over (directory, till_fake_server_get_host (first), till_fake_server_get_host (second));
  now = probe (trust, till_fake_server_get_host (second));
  g_assert_cmpint (now->verdict, ==, change->verdict);
  g_assert_cmpstr (now->known_fingerprint, ==, identity->fingerprint);
  reply = ask (trust, till_fake_server_get_host (second), &error);
  if (change->verdict == TILL_TRUST_GOOD)
    {
      g_assert_no_error (error);
      g_assert_nonnull (reply);
      return;
    }
  g_assert_null (reply);
  g_assert_error (error, TILL_API_ERROR, TILL_API_ERROR_UNTRUSTED);
  g_assert_cmpuint (till_fake_server_count (second, "GET", "/health"), ==, 0); /* the token never left */
}

/* Some other service has the port. */
static gboolean
incoming_cb (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
  static const char text[] = "220 mail.example ESMTP, how are you today\r\n";

  g_output_stream_write (g_io_stream_get_output_stream (G_IO_STREAM (connection)), text, sizeof text - 1, NULL, NULL);
  return TRUE;
}

static void
test_not_tls (void)
{
  g_autoptr(GSocketService) service = g_socket_service_new ();
  guint16 port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (service), NULL, NULL);
  g_autofree char *other = g_strdup_printf ("127.0.0.1:%d", port);
  g_autofree char *directory = g_build_filename (till_test_dir (), "not-tls", NULL);
  g_autoptr(TillTrust) trust = till_trust_new (directory);
  g_autoptr(GAsyncResult) result = NULL, nobody = NULL;
  g_autoptr(GError) error = NULL;

  g_signal_connect (service, "incoming", G_CALLBACK (incoming_cb), NULL);
  till_trust_probe_async (trust, other, NULL, till_fake_done_cb, &result);
  g_assert_null (till_trust_probe_finish (trust, till_fake_await_result (&result), &error));
  g_assert_error (error, TILL_API_ERROR, TILL_API_ERROR_VERSION);
  g_clear_error (&error);
  till_trust_probe_async (trust, "127.0.0.1:9", NULL, till_fake_done_cb, &nobody);
  g_assert_null (till_trust_probe_finish (trust, till_fake_await_result (&nobody), &error));
  g_assert_error (error, TILL_API_ERROR, TILL_API_ERROR_UNREACHABLE);
}

int
main (int argc, char **argv)
{
  static const Change renewed = { "renewed", TILL_TRUST_GOOD }, foreign = { "foreign", TILL_TRUST_CHANGED },
                      misnamed = { "misnamed", TILL_TRUST_CHANGED };

  till_test_init (&argc, &argv);
  g_test_add_func ("/trust/first-use", test_first_use);
  g_test_add_data_func ("/trust/renewed", &renewed, test_change);
  g_test_add_data_func ("/trust/foreign", &foreign, test_change);
  g_test_add_data_func ("/trust/misnamed", &misnamed, test_change);
  g_test_add_func ("/trust/not-tls", test_not_tls);
  return till_test_run ();
}
