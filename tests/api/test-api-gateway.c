/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-api-gateway.c: gateways over HTTP: made with a key shown once, changed, adopted from the list of unknown callers, retired, refused
 * with the member when wrong. */
#include <string.h>
#include "server/api/api.h"
#include "tests/lib/app-fixture.h"
#include "tests/lib/test-main.h"

static guint
expect (TestApp *app, const char *method, const char *path, const char *token, const char *body, const char *contains)
{
  g_autoptr (TestReply) reply = test_app_call (app, method, path, token, body);

  if (contains != NULL && (reply->text == NULL || strstr (reply->text, contains) == NULL))
    g_error ("%s %s %s: %u %s, but should say %s", method, path, body, reply->status, reply->text, contains);
  return reply->status;
}

/* What a body is refused with: the member, and a word of the reason. */
static const struct { const char *body, *member, *word; } wrong[] = {
  { "{}", "\"code\"", "required" },
  { "{\"code\":\"G 1\",\"name\":\"x\",\"link\":\"dial_in\"}", "\"code\"", "letters" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"radio\"}", "\"link\"", "" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"address\":\"10.0.0.1:502\"}", "\"address\"", "calls the server" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"modbus_tcp\",\"address\":\"10.0.0.1\"}", "\"address\"", "HOST:PORT" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"serial\",\"address\":\"COM3\"}", "\"address\"", "/dev/" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"ports\":[]}", "\"ports\"", "at least one" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"ports\":[{\"port\":1},{\"port\":1}]}", "ports[1]", "twice" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"ports\":[{\"port\":1,\"baud\":9601}]}", "ports[0]", "baud" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"ports\":[{\"port\":1,\"parity\":\"X\"}]}", "parity", "" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"rtu_tcp\",\"address\":\"a:1\",\"ports\":[{\"port\":1},{\"port\":2}]}", "\"ports\"", "one line" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"registrations\":[\"0x4754\",\"0x475401\"]}", "registrations[1]", "another protocol" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"registrations\":[\"A\",\"B\"]}", "\"registrations\"", "1 ports" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"registrations\":[5]}", "registrations[0]", "text" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"rtu_tcp\",\"address\":\"a:1\",\"registrations\":[\"A\"]}", "\"registrations\"", "dials in" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"registration_mode\":\"prefix\"}", "registration_mode", "needs" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"registration_mode\":\"always\"}", "registration_mode", "" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"heartbeat\":\"0x0\"}", "heartbeat", "hexadecimal" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"suites\":[3]}", "suites", "3DES" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"suites\":[]}", "suites", "" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"fixed_tid\":true}", "fixed_tid", "modbus_tcp" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"quarantine_s\":601}", "quarantine_s", "" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"word_order\":\"middle\"}", "word_order", "" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"status_interval_s\":14}", "status_interval_s", "" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"full_interval_s\":299}", "full_interval_s", "" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"area\":999}", "\"area\"", "no such area" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"best_class\":\"tls\"}", "best_class", "" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"credentials\":{\"secret\":\"short\"}}", "credentials.secret", "16 bytes" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"credentials\":{\"tls_pin\":\"00\"}}", "credentials.tls_pin", "64" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"rtu_tcp\",\"address\":\"a:1\",\"credentials\":{\"tls_authority\":\"x\"}}", "tls_authority", "PEM" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"credentials\":{\"password\":\"x\"}}", "credentials.password", "" },
  { "{\"code\":\"G1\",\"name\":\"x\",\"link\":\"dial_in\",\"colour\":\"red\"}", "colour", "" },
};

static void
test_wrong (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *engineer = test_app_log_in (app, "engineer");
  g_autofree char *before = test_pg_ask (app->pg, "SELECT count(*) FROM gateway");
  g_autofree char *after = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_assert_cmpuint (expect (app, "POST", "/gateways", engineer, wrong[i].body, wrong[i].member), ==, 400);
      g_assert_cmpuint (expect (app, "POST", "/gateways", engineer, wrong[i].body, wrong[i].word), ==, 400);
    }
  after = test_pg_ask (app->pg, "SELECT count(*) FROM gateway");
  g_assert_cmpstr (before, ==, after);
}

static void
test_life (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *engineer = test_app_log_in (app, "engineer"), *viewer = test_app_log_in (app, "viewer");
  g_autofree char *path = NULL, *certificate = NULL, *key = NULL;
  g_autoptr (TestReply) made = NULL;

  g_assert_cmpuint (expect (app, "POST", "/gateways", viewer, "{\"code\":\"DTU-1\",\"name\":\"x\",\"link\":\"dial_in\"}", "forbidden"), ==, 403);
  made = test_app_call (app, "POST", "/gateways", engineer,
                        "{\"code\":\"DTU-1\",\"name\":\"Hall\",\"link\":\"dial_in\",\"allow_clear\":true,\"ports\":[{\"port\":1,\"baud\":9600},"
                        "{\"port\":3,\"baud\":4800,\"parity\":\"E\"}],\"registrations\":[\"GATE7\",\"0x01ff\"],\"registration_mode\":\"prefix\","
                        "\"heartbeat\":\"0x0d0a\",\"suites\":[1,2],\"quarantine_s\":45,\"word_order\":\"little\",\"status_interval_s\":60,"
                        "\"full_interval_s\":900,\"credentials\":{\"secret\":\"0123456789abcdef\"}}");
  g_assert_cmpuint (made->status, ==, 201);
  g_assert_cmpuint (strlen (test_reply_text (made, "master_key")), ==, 64);
  path = g_strdup_printf ("/gateways/%" G_GINT64_FORMAT, test_reply_int (made, "id"));
  certificate = g_strconcat (path, "/certificate", NULL);
  /* What was said is what is read; no key ever is. */
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (TestReply) reply = test_app_call (app, "GET", path, i == 0 ? engineer : viewer, NULL);
      static const char *const parts[] = { "\"registrations\":[\"GATE7\", \"0x01ff\"]", "\"registration_mode\":\"prefix\"", "\"heartbeat\":\"0x0d0a\"",
                                           "\"suites\":[1, 2]", "\"quarantine_s\":45", "\"word_order\":\"little\"", "\"has_key\":true",
                                           "\"has_secret\":true", "\"best_class\":\"none\"", "\"status_interval_s\":60" };

      for (guint k = 0; k < G_N_ELEMENTS (parts); k++)
        if (strstr (reply->text, parts[k]) == NULL)
          g_error ("%s lacks %s", reply->text, parts[k]);
      g_assert_null (strstr (reply->text, "master_key"));
      g_assert_null (strstr (reply->text, "0123456789abcdef"));
    }
  key = test_pg_ask (app->pg, "SELECT encode (vendor_secret, 'escape') FROM gateway WHERE code = 'DTU-1'");
  g_assert_null (strstr (key, "0123456789abcdef"));
  g_assert_cmpuint (expect (app, "POST", "/gateways", engineer, "{\"code\":\"DTU-1\",\"name\":\"x\",\"link\":\"dial_in\"}", "is taken"), ==, 409);
  g_assert_cmpuint (expect (app, "POST", "/gateways", engineer, "{\"code\":\"DTU-2\",\"name\":\"x\",\"link\":\"dial_in\",\"registrations\":[\"GATE7\"]}",
                            "registrations[0]"), ==, 409);
  /* Changes want the version; the code is not among them. */
  g_assert_cmpuint (expect (app, "PATCH", path, engineer, "{\"name\":\"Cellar\"}", "If-Match"), ==, 400);
  g_assert_cmpuint (expect (app, "PATCH", path, engineer, "{\"code\":\"DTU-9\"}", "code"), ==, 400);
  g_assert_cmpuint (expect (app, "POST", certificate, engineer, "{\"port\":3}", "\"DTU-1#3\""), ==, 201);
  g_assert_cmpuint (expect (app, "POST", certificate, engineer, "{\"port\":2}", "no such port"), ==, 400);
  g_assert_cmpuint (expect (app, "POST", certificate, engineer, "{\"days\":0}", "days"), ==, 400);
  g_assert_cmpuint (expect (app, "DELETE", path, engineer, NULL, "If-Match"), ==, 400);
  app->if_match = 1;
  g_assert_cmpuint (expect (app, "PATCH", path, engineer, "{\"name\":\"Cellar\"}", "stale"), ==, 409);
  app->if_match = (guint) test_reply_int (made, "version");
  g_assert_cmpuint (expect (app, "PATCH", path, engineer, "{\"name\":\"Cellar\",\"heartbeat\":null,\"word_order\":null}", "\"name\":\"Cellar\""), ==, 200);
  g_assert_cmpuint (expect (app, "GET", path, engineer, NULL, "\"heartbeat\":null"), ==, 200);
  g_assert_cmpuint (expect (app, "GET", path, engineer, NULL, "\"registrations\":[\"GATE7\", \"0x01ff\"]"), ==, 200);
  app->if_match++;
  g_assert_cmpuint (expect (app, "PATCH", path, engineer, "{\"credentials\":{\"new_key\":true}}", "\"master_key\":\""), ==, 200);
  app->if_match++;
  test_pg_run (app->pg, "UPDATE gateway SET best_class = 4 WHERE code = 'DTU-1'");
  g_assert_cmpuint (expect (app, "PATCH", path, engineer, "{\"best_class\":\"none\"}", "\"best_class\":\"none\""), ==, 200);
  app->if_match++;
  g_assert_cmpuint (expect (app, "PATCH", path, engineer, "{\"link\":\"modbus_tcp\",\"address\":\"10.0.0.1:502\"}", "registrations"), ==, 400);
  g_assert_cmpuint (expect (app, "DELETE", path, engineer, NULL, NULL), ==, 204);
  app->if_match = 0;
  g_assert_cmpuint (expect (app, "GET", path, engineer, NULL, "not_found"), ==, 404);
  g_assert_cmpuint (expect (app, "POST", "/gateways", engineer, "{\"code\":\"DTU-2\",\"name\":\"x\",\"link\":\"dial_in\",\"registrations\":[\"GATE7\"]}",
                            "\"GATE7\""), ==, 201); /* a retired gateway gives its texts back */
}

static void
test_adopt (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *engineer = test_app_log_in (app, "engineer"), *viewer = test_app_log_in (app, "viewer");
  g_autofree char *bytes = NULL, *left = NULL;

  test_pg_run (app->pg, "INSERT INTO gateway_unknown (text, front, address) VALUES ('NEW\\x01', 'dtu', '10.0.0.9'), ('GW-77', 'gt3', '10.0.0.8'),"
                        " (repeat ('\\x01', 16), 'dtu', '10.0.0.7')");
  g_assert_cmpuint (expect (app, "GET", "/gateways/unknown", viewer, NULL, "forbidden"), ==, 403);
  g_assert_cmpuint (expect (app, "GET", "/gateways/unknown?sort=text", engineer, NULL, "\"total\":3"), ==, 200);
  g_assert_cmpuint (expect (app, "POST", "/gateways/adopt", engineer, "{\"unknown\":99,\"code\":\"N1\",\"name\":\"x\"}", "not_found"), ==, 404);
  g_assert_cmpuint (expect (app, "POST", "/gateways/adopt", engineer, "{\"unknown\":1,\"name\":\"x\",\"allow_clear\":true}", "\"code\""), ==, 400);
  g_assert_cmpuint (expect (app, "POST", "/gateways/adopt", engineer, "{\"unknown\":1,\"code\":\"N1\",\"name\":\"x\",\"allow_clear\":true}", "0x4e455701"), ==,
                    201);
  bytes = test_pg_ask (app->pg, "SELECT encode (registration, 'hex') FROM gateway_registration");
  g_assert_cmpstr (bytes, ==, "4e455701");
  g_assert_cmpuint (expect (app, "POST", "/gateways/adopt", engineer, "{\"unknown\":2,\"name\":\"y\"}", "\"code\":\"GW-77\""), ==, 201);
  g_assert_cmpuint (expect (app, "POST", "/gateways/adopt", engineer, "{\"unknown\":3,\"code\":\"N3\",\"name\":\"z\"}", "only the beginning"), ==, 409);
  left = test_pg_ask (app->pg, "SELECT count(*) FROM gateway_unknown");
  g_assert_cmpstr (left, ==, "1"); /* the one that could not be adopted is still there */
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/api-gateway/wrong", test_wrong);
  g_test_add_func ("/api-gateway/life", test_life);
  g_test_add_func ("/api-gateway/adopt", test_adopt);
  return till_test_run ();
}
