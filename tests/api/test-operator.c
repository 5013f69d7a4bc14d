/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-operator.c: operators made, changed, switched off and let in again over the API; what nobody may give or take; keys of services; sessions. */
#include <string.h>
#include "server/crypto/totp.h"
#include "tests/lib/app-fixture.h"
#include "tests/lib/test-main.h"

static TestReply *
call (TestApp *app, const char *token, const char *method, const char *path, const char *body, guint version, guint status)
{
  TestReply *reply;

  app->if_match = version;
  reply = test_app_call (app, method, path, token, body);
  app->if_match = 0;
  if (reply->status != status)
    g_error ("%s %s %s: %u %s", method, path, body != NULL ? body : "", reply->status, reply->text);
  return reply;
}

/* Answers that are only looked at for their status and, with member, for the field they name. */
static void
expect (TestApp *app, const char *token, const char *method, const char *path, const char *body, guint version, guint status, const char *member)
{
  g_autoptr (TestReply) reply = call (app, token, method, path, body, version, status);
  g_autofree char *field = member != NULL ? g_strdup_printf ("\"%s\"", member) : NULL;
  const char *fields = strstr (reply->text, "\"fields\"");

  if (field != NULL && (fields == NULL || strstr (fields, field) == NULL))
    g_error ("%s %s %s does not name %s: %s", method, path, body, member, reply->text);
}

static TestReply *
log_in (TestApp *app, const char *user, const char *password, guint status)
{
  g_autofree char *body = g_strdup_printf ("{\"user\":\"%s\",\"password\":\"%s\"}", user, password);

  return call (app, NULL, "POST", "/session", body, 0, status);
}

static char *
at (gint64 id, const char *more)
{
  return g_strdup_printf ("/operators/%" G_GINT64_FORMAT "%s", id, more);
}

#define ANNA "{\"account\":\"Anna.Li\",\"name\":\"\xe6\x9d\x8e\xe5\xae\x89\",\"phone\":\"13800000001\",\"roles\":[\"cashier\",\"viewer\"],\"areas\":[2]}"

/* From the administrator's form to the first sale: the password is shown once and is nowhere else; it opens nothing before it is changed. */
static void
test_first_day (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin");
  g_autoptr (TestReply) made = call (app, admin, "POST", "/operators", ANNA, 0, 201);
  const char *once = test_reply_text (made, "password");
  g_autoptr (TestReply) in = log_in (app, "ANNA.LI", once, 201);
  g_autofree char *body = g_strdup_printf ("{\"old_password\":\"%s\",\"new_password\":\"my-own-words-17\"}", once);
  g_autoptr (TestReply) own = NULL, meters = NULL, page = NULL, again = NULL;
  g_autofree char *path = at (test_reply_int (made, "id"), ""), *stored = NULL, *logged = NULL;

  g_assert_cmpstr (test_reply_text (made, "account"), ==, "anna.li");
  g_assert_cmpuint (strlen (once), >, 15);
  g_assert_nonnull (strstr (made->text, "\"must_change\":true"));
  expect (app, test_reply_text (in, "token"), "GET", "/meters", NULL, 0, 403, NULL);
  expect (app, test_reply_text (in, "token"), "POST", "/session/password", body, 0, 204, NULL);
  own = log_in (app, "anna.li", "my-own-words-17", 201);
  meters = call (app, test_reply_text (own, "token"), "GET", "/meters", NULL, 0, 200);
  g_assert_cmpint (test_reply_int (meters, "total"), ==, 2); /* of four: her area */
  again = call (app, admin, "GET", path, NULL, 0, 200);
  g_assert_null (strstr (again->text, "password"));
  page = call (app, admin, "GET", "/operators?role=cashier&sort=-account&q=anna", NULL, 0, 200);
  g_assert_cmpint (test_reply_int (page, "total"), ==, 1);
  g_assert_null (strstr (page->text, "password"));
  stored = test_pg_ask (app->pg, "SELECT string_agg (action, ' ' ORDER BY n) FROM audit WHERE object = 'operator:6'");
  g_assert_cmpstr (stored, ==, "operator.create session.begin operator.password session.begin");
  logged = test_pg_ask (app->pg, "SELECT after::text FROM audit WHERE action = 'operator.create' AND object = 'operator:6'");
  g_assert_nonnull (strstr (logged, "\"cashier\""));
  g_assert_null (strstr (logged, "argon2"));
  g_assert_null (strstr (logged, "1380000"));
  g_assert_null (strstr (logged, once));
}

static void
test_bodies (void)
{
  static const struct {
    const char *body;
    guint       status;
    const char *member;
  } bodies[] = {
    { "{\"name\":\"x\",\"roles\":[\"viewer\"]}", 400, "account" },
    { "{\"account\":\"ab\",\"name\":\"x\",\"roles\":[\"viewer\"]}", 400, "account" },
    { "{\"account\":\"a b c\",\"name\":\"x\",\"roles\":[\"viewer\"]}", 400, "account" },
    { "{\"account\":\"new.one\",\"roles\":[\"viewer\"]}", 400, "name" },
    { "{\"account\":\"new.one\",\"name\":\"x\"}", 400, "roles" },
    { "{\"account\":\"new.one\",\"name\":\"x\",\"roles\":[]}", 400, "roles" },
    { "{\"account\":\"new.one\",\"name\":\"x\",\"roles\":[\"king\"]}", 400, "roles" },
    { "{\"account\":\"new.one\",\"name\":\"x\",\"roles\":[\"viewer\",\"viewer\"]}", 400, "roles" },
    { "{\"account\":\"new.one\",\"name\":\"x\",\"roles\":[1]}", 400, "roles" },
    { "{\"account\":\"new.one\",\"name\":\"x\",\"roles\":[\"viewer\"],\"areas\":[99]}", 400, "areas" },
    { "{\"account\":\"new.one\",\"name\":\"x\",\"roles\":[\"viewer\"],\"areas\":[2,2]}", 400, "areas" },
    { "{\"account\":\"new.one\",\"name\":\"x\",\"roles\":[\"viewer\"],\"areas\":[\"2\"]}", 400, "areas" },
    { "{\"account\":\"new.one\",\"name\":\"x\",\"roles\":[\"viewer\"],\"kind\":\"robot\"}", 400, "kind" },
    { "{\"account\":\"new.one\",\"name\":\"x\",\"roles\":[\"viewer\"],\"phone\":\"call me\"}", 400, "phone" },
    { "{\"account\":\"new.one\",\"name\":\"x\",\"roles\":[\"viewer\"],\"sale_limit\":\"-1.00\"}", 400, "sale_limit" },
    { "{\"account\":\"new.one\",\"name\":\"x\",\"roles\":[\"viewer\"],\"password\":\"my choice\"}", 400, "password" },
    { "{\"account\":\"new.one\",\"name\":\"x\",\"roles\":[\"viewer\"],\"active\":false}", 400, "active" },
    { "{\"account\":\"CASHIER\",\"name\":\"x\",\"roles\":[\"viewer\"]}", 409, "account" },
  };
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin");

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    expect (app, admin, "POST", "/operators", bodies[i].body, 0, bodies[i].status, bodies[i].member);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM operator"), ==, 5);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM audit WHERE object = 'operator:6'"), ==, 0);
}

static void
test_change (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin");
  g_autofree char *cashier = test_app_log_in (app, "cashier");
  g_autoptr (TestReply) wider = NULL, back = NULL, page = NULL;

  /* operator 2 is the cashier */
  expect (app, cashier, "GET", "/operators", NULL, 0, 403, NULL);
  wider = call (app, admin, "PATCH", "/operators/2", "{\"roles\":[\"viewer\"],\"areas\":[2],\"name\":\"Bert\",\"sale_limit\":\"50.00\"}", 1, 200);
  g_assert_cmpint (test_reply_int (wider, "version"), ==, 2);
  expect (app, admin, "PATCH", "/operators/2", "{\"name\":\"Carl\"}", 1, 409, NULL);
  expect (app, admin, "PATCH", "/operators/2", "{\"account\":\"carl\"}", 2, 400, "account");
  expect (app, admin, "PATCH", "/operators/77", "{\"name\":\"Carl\"}", 1, 404, NULL);
  expect (app, cashier, "POST", "/sales", "{}", 0, 403, NULL); /* the session that was open has the new rights at once */
  page = call (app, cashier, "GET", "/meters", NULL, 0, 200);
  g_assert_cmpint (test_reply_int (page, "total"), ==, 2);
  /* Off: every session ends, the password opens nothing; the row and its history stay. */
  expect (app, admin, "PATCH", "/operators/2", "{\"active\":false}", 2, 200, NULL);
  expect (app, cashier, "GET", "/session", NULL, 0, 401, NULL);
  expect (app, NULL, "POST", "/session", "{\"user\":\"cashier\",\"password\":\"" TEST_APP_PASSWORD "\"}", 0, 401, NULL);
  expect (app, admin, "DELETE", "/operators/2", NULL, 3, 405, NULL);
  back = call (app, admin, "PATCH", "/operators/2", "{\"active\":true}", 3, 200);
  g_assert_nonnull (strstr (back->text, "\"roles\":[\"viewer\"]"));
  g_free (cashier);
  cashier = test_app_log_in (app, "cashier");
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM audit WHERE object = 'operator:2' AND before <> after AND operator = 1"), ==, 3);
}

/* A role "clerk" that may make operators and sell, but not decide about roles. */
static char *
log_in_clerk (TestApp *app)
{
  test_pg_run (app->pg, "INSERT INTO role (name) VALUES ('clerk');"
                        "INSERT INTO role_permission SELECT id, p FROM role, unnest (ARRAY['operators.edit', 'meters.view', 'sales.view', 'reports.energy']) p"
                        " WHERE name = 'clerk';"
                        "DELETE FROM operator_role WHERE operator = 3; INSERT INTO operator_role SELECT 3, id FROM role WHERE name = 'clerk';"
                        "INSERT INTO operator_area VALUES (3, 2)");
  return test_app_log_in (app, "engineer");
}

/* Nobody gives what they do not have: no role, no area; and nobody takes over who has more. */
static void
test_no_more_than_oneself (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin"), *clerk = log_in_clerk (app);
  g_autoptr (TestReply) page = NULL, made = NULL, seen = NULL, own = NULL;
  g_autofree char *path = NULL, *reset = NULL;

  expect (app, clerk, "POST", "/operators", "{\"account\":\"dora\",\"name\":\"D\",\"roles\":[\"cashier\"],\"areas\":[2]}", 0, 403, "roles");
  expect (app, clerk, "POST", "/operators", "{\"account\":\"dora\",\"name\":\"D\",\"roles\":[\"administrator\"],\"areas\":[2]}", 0, 403, "roles");
  expect (app, clerk, "POST", "/operators", "{\"account\":\"dora\",\"name\":\"D\",\"roles\":[\"viewer\"]}", 0, 403, "areas");
  expect (app, clerk, "POST", "/operators", "{\"account\":\"dora\",\"name\":\"D\",\"roles\":[\"viewer\"],\"areas\":[3]}", 0, 400, "areas");
  made = call (app, clerk, "POST", "/operators", "{\"account\":\"dora\",\"name\":\"D\",\"roles\":[\"viewer\"],\"areas\":[2]}", 0, 201);
  path = at (test_reply_int (made, "id"), "");
  reset = at (test_reply_int (made, "id"), "/password");
  expect (app, clerk, "PATCH", path, "{\"areas\":[]}", 1, 403, "areas");
  expect (app, clerk, "PATCH", path, "{\"roles\":[\"finance\"]}", 1, 403, "roles");
  /* The others are not there for one who sees some areas only. */
  page = call (app, clerk, "GET", "/operators", NULL, 0, 200);
  g_assert_cmpint (test_reply_int (page, "total"), ==, 2);
  expect (app, clerk, "GET", "/operators/1", NULL, 0, 404, NULL);
  expect (app, clerk, "POST", "/operators/1/password", NULL, 0, 404, NULL);
  seen = call (app, clerk, "GET", "/sessions", NULL, 0, 200);
  g_assert_cmpint (test_reply_int (seen, "total"), ==, 1);
  /* Once in sight, one with more rights still is not taken over. */
  expect (app, admin, "PATCH", path, "{\"roles\":[\"finance\"]}", 1, 200, NULL);
  expect (app, clerk, "PATCH", path, "{\"name\":\"E\"}", 2, 403, NULL);
  expect (app, clerk, "POST", reset, NULL, 0, 403, NULL);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM operator"), ==, 6);
}

static void
test_last_administrator (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin"), *second = NULL;
  g_autoptr (TestReply) own = NULL;

  expect (app, admin, "PATCH", "/operators/1", "{\"active\":false}", 1, 409, "active");
  expect (app, admin, "PATCH", "/operators/1", "{\"roles\":[\"viewer\"]}", 1, 409, "roles");
  expect (app, admin, "PATCH", "/operators/1", "{\"areas\":[2]}", 1, 409, "areas");
  expect (app, admin, "POST", "/operators/1/password", NULL, 0, 409, NULL);
  own = call (app, admin, "PATCH", "/operators/1", "{\"name\":\"Root\",\"roles\":[\"administrator\"],\"active\":true}", 1, 200); /* nothing but the name */
  expect (app, admin, "PATCH", "/operators/4", "{\"roles\":[\"administrator\"]}", 1, 200, NULL);
  second = test_app_log_in (app, "viewer");
  /* The first one sees some areas only from now on: no longer a whole administrator, who could be taken for the last. */
  expect (app, second, "PATCH", "/operators/1", "{\"areas\":[1]}", 2, 200, NULL);
  expect (app, second, "PATCH", "/operators/1", "{\"areas\":[],\"active\":false}", 3, 200, NULL);
  expect (app, second, "PATCH", "/operators/1", "{\"active\":true}", 4, 200, NULL);
  /* The second is a service meanwhile: another system is no administrator, the person stays. */
  test_pg_run (app->pg, "UPDATE operator SET kind = 1 WHERE id = 4");
  expect (app, second, "PATCH", "/operators/1", "{\"active\":false}", 5, 409, "active");
  expect (app, second, "PATCH", "/operators/1", "{\"roles\":[\"auditor\"]}", 5, 409, "roles");
  expect (app, second, "PATCH", "/operators/1", "{\"areas\":[2]}", 5, 409, "areas");
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM operator WHERE id = 1 AND active AND version = 5"), ==, 1);
}

static void
test_reset (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin"), *engineer = test_app_log_in (app, "engineer"), *once = NULL;
  g_autoptr (TestReply) reset = call (app, admin, "POST", "/operators/3/password", NULL, 0, 200);
  g_autoptr (TestReply) late = NULL, wrong = NULL, in = NULL;

  once = g_strdup (test_reply_text (reset, "password"));
  expect (app, engineer, "GET", "/session", NULL, 0, 401, NULL);
  wrong = log_in (app, "engineer", TEST_APP_PASSWORD, 401);
  test_pg_run (app->pg, "UPDATE operator SET password_until = now () - interval '1 second' WHERE id = 3");
  late = log_in (app, "engineer", once, 401);
  g_assert_nonnull (strstr (test_reply_text (late, "detail"), "time of this one-time password is over"));
  wrong = (test_reply_free (wrong), log_in (app, "engineer", "another guess", 401));
  g_assert_null (strstr (test_reply_text (wrong, "detail"), "time")); /* says nothing to who does not know it */
  test_pg_run (app->pg, "UPDATE operator SET password_until = now () + interval '1 minute' WHERE id = 3");
  in = log_in (app, "engineer", once, 201);
  g_assert_nonnull (strstr (in->text, "\"must_change\":true"));
}

/* Another system: a key instead of a password, no idle end, a new one ends the old one. */
static void
test_service (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin"), *path = NULL, *reset = NULL;
  g_autoptr (TestReply) made = call (app, admin, "POST", "/operators",
                                     "{\"account\":\"campus-card\",\"name\":\"Campus card\",\"kind\":\"service\",\"roles\":[\"viewer\"]}", 0, 201);
  const char *key = test_reply_text (made, "key");
  g_autoptr (TestReply) fresh = NULL;

  path = at (test_reply_int (made, "id"), "");
  reset = at (test_reply_int (made, "id"), "/password");
  g_assert_cmpuint (strlen (key), ==, 43);
  g_assert_null (strstr (made->text, "\"password\""));
  expect (app, key, "GET", "/meters", NULL, 0, 200, NULL);
  test_pg_run (app->pg, "UPDATE session SET used_at = now () - interval '3 days' WHERE operator = 6; NOTIFY till_login");
  expect (app, key, "GET", "/meters", NULL, 0, 200, NULL);
  expect (app, key, "POST", "/operators", "{}", 0, 403, NULL);
  expect (app, NULL, "POST", "/session", "{\"user\":\"campus-card\",\"password\":\"x\"}", 0, 401, NULL);
  fresh = call (app, admin, "POST", reset, NULL, 0, 200);
  expect (app, key, "GET", "/meters", NULL, 0, 401, NULL);
  expect (app, test_reply_text (fresh, "key"), "GET", "/meters", NULL, 0, 200, NULL);
  expect (app, admin, "PATCH", path, "{\"active\":false}", (guint) test_reply_int (fresh, "version"), 200, NULL);
  expect (app, test_reply_text (fresh, "key"), "GET", "/meters", NULL, 0, 401, NULL);
  expect (app, admin, "POST", reset, NULL, 0, 409, NULL);
}

/* base32 back into bytes. */
static void
read_secret (const char *text, guint8 ret[TILLD_TOTP_SECRET])
{
  guint32 bits = 0;
  guint n = 0, at = 0;

  g_assert_cmpuint (strlen (text), ==, TILLD_TOTP_SECRET * 8 / 5);
  for (; *text != '\0'; text++)
    {
      bits = bits << 5 | (guint32) (*text >= 'A' ? *text - 'A' : *text - '2' + 26);
      for (n += 5; n >= 8; n -= 8)
        ret[at++] = (guint8) (bits >> (n - 8));
    }
  g_assert_cmpuint (at, ==, TILLD_TOTP_SECRET);
}

/* The code of now, of the step after the last one that was taken. */
static char *
next_code (TestApp *app, const guint8 *secret)
{
  char code[TILLD_TOTP_CODE];

  test_pg_run (app->pg, "UPDATE operator SET totp_step = 0 WHERE id = 4"); /* as if 30 s had gone by */
  tilld_totp_code (secret, (guint64) (g_get_real_time () / G_USEC_PER_SEC / TILLD_TOTP_STEP_S), code);
  return g_strdup (code);
}

static TestReply *
log_in_with (TestApp *app, const char *code, guint status)
{
  g_autofree char *body = g_strdup_printf ("{\"user\":\"viewer\",\"password\":\"" TEST_APP_PASSWORD "\",\"totp\":\"%s\"}", code);

  return call (app, NULL, "POST", "/session", body, 0, status);
}

static void
test_second_factor (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin"), *viewer = test_app_log_in (app, "viewer"), *code = NULL, *body = NULL, *fresh = NULL, *log = NULL;
  g_autoptr (TestReply) begun = NULL, none = NULL, in = NULL, twice = NULL, wrong = NULL, after = NULL;
  guint8 secret[TILLD_TOTP_SECRET];
  g_autofree char *own = NULL;

  expect (app, viewer, "POST", "/session/totp/confirm", "{\"code\":\"123456\"}", 0, 409, NULL); /* nothing was begun */
  begun = call (app, viewer, "POST", "/session/totp", NULL, 0, 200);
  read_secret (test_reply_text (begun, "secret"), secret);
  g_assert_nonnull (strstr (test_reply_text (begun, "uri"), test_reply_text (begun, "secret")));
  g_free (test_app_log_in (app, "viewer")); /* not needed before it is proven */
  expect (app, viewer, "POST", "/session/totp/confirm", "{\"code\":\"12345\"}", 0, 400, "code");
  code = next_code (app, secret);
  body = g_strdup_printf ("{\"code\":\"%s\"}", code);
  expect (app, viewer, "POST", "/session/totp/confirm", body, 0, 204, NULL);
  expect (app, viewer, "POST", "/session/totp", NULL, 0, 409, NULL);
  none = log_in (app, "viewer", TEST_APP_PASSWORD, 401);
  g_assert_nonnull (strstr (none->text, "\"totp\""));
  twice = log_in_with (app, code, 401); /* the one that confirmed it opens nothing */
  fresh = next_code (app, secret);
  in = log_in_with (app, fresh, 201);
  wrong = log_in_with (app, fresh, 401);
  g_assert_nonnull (strstr (wrong->text, "used already"));
  g_assert_null (strstr (wrong->text, "token"));
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT octet_length (totp) FROM operator WHERE id = 4"), >, TILLD_TOTP_SECRET); /* wrapped */
  log = test_pg_ask (app->pg, "SELECT string_agg (coalesce (after::text, ''), ' ') FROM audit");
  g_assert_null (strstr (log, "\"totp\""));
  /* Lost: an administrator takes it away, nobody takes one's own. */
  expect (app, test_reply_text (in, "token"), "DELETE", "/operators/4/totp", NULL, 0, 403, NULL);
  expect (app, admin, "DELETE", "/operators/1/totp", NULL, 0, 409, NULL);
  expect (app, admin, "DELETE", "/operators/4/totp", NULL, 0, 204, NULL);
  expect (app, admin, "DELETE", "/operators/4/totp", NULL, 0, 409, NULL);
  expect (app, test_reply_text (in, "token"), "GET", "/session", NULL, 0, 401, NULL);
  after = log_in (app, "viewer", TEST_APP_PASSWORD, 201);
}

/* Guesses of the code are counted like those of a password, whatever comes between. */
static void
test_second_factor_guessed (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *viewer = test_app_log_in (app, "viewer");
  g_autoptr (TestReply) begun = call (app, viewer, "POST", "/session/totp", NULL, 0, 200);
  gboolean throttled = FALSE;

  g_assert_cmpuint (strlen (test_reply_text (begun, "secret")), ==, 32);
  test_pg_run (app->pg, "UPDATE operator SET totp_on = true WHERE id = 4");
  for (guint i = 0; i < 16 && !throttled; i++)
    {
      g_autofree char *body = g_strdup_printf ("{\"user\":\"viewer\",\"password\":\"" TEST_APP_PASSWORD "\"%s}",
                                               i % 2 != 0 ? "" : ",\"totp\":\"x00000\"");
      g_autoptr (TestReply) reply = test_app_call (app, "POST", "/session", NULL, body);

      g_assert_cmpuint (reply->status, >=, 401);
      throttled = reply->status == 429;
    }
  g_assert_true (throttled);
}

static void
test_sessions (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin"), *viewer = test_app_log_in (app, "viewer"), *path = NULL;
  g_autoptr (TestReply) page = call (app, admin, "GET", "/sessions?operator=4", NULL, 0, 200);
  g_autoptr (TestReply) roles = call (app, admin, "GET", "/roles?sort=name", NULL, 0, 200);
  JsonObject *row;

  g_assert_cmpint (test_reply_int (page, "total"), ==, 1);
  row = json_array_get_object_element (json_object_get_array_member (json_node_get_object (page->json), "items"), 0);
  path = g_strconcat ("/sessions/", json_object_get_string_member (row, "id"), NULL);
  g_assert_null (strstr (page->text, viewer)); /* never the token */
  expect (app, viewer, "DELETE", path, NULL, 0, 403, NULL);
  expect (app, viewer, "GET", "/session", NULL, 0, 200, NULL);
  expect (app, admin, "DELETE", path, NULL, 0, 204, NULL);
  expect (app, viewer, "GET", "/session", NULL, 0, 401, NULL);
  expect (app, admin, "DELETE", path, NULL, 0, 404, NULL);
  g_assert_cmpint (test_reply_int (roles, "total"), ==, 6);
  g_assert_nonnull (strstr (roles->text, "\"approve.roles\""));
}

int
main (int argc, char **argv)
{
  g_setenv ("G_TLS_GNUTLS_PRIORITY", "NORMAL:-VERS-ALL:+VERS-TLS1.3", TRUE);
  till_test_init (&argc, &argv);
  g_test_add_func ("/operator/first-day", test_first_day);
  g_test_add_func ("/operator/bodies", test_bodies);
  g_test_add_func ("/operator/change", test_change);
  g_test_add_func ("/operator/no-more-than-oneself", test_no_more_than_oneself);
  g_test_add_func ("/operator/last-administrator", test_last_administrator);
  g_test_add_func ("/operator/reset", test_reset);
  g_test_add_func ("/operator/service", test_service);
  g_test_add_func ("/operator/second-factor", test_second_factor);
  g_test_add_func ("/operator/second-factor-guessed", test_second_factor_guessed);
  g_test_add_func ("/operator/sessions", test_sessions);
  return till_test_run ();
}
