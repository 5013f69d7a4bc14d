/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-api.c: routes over real TLS: who may do what, what bodies are refused, what a sale and its repetition answer. */
#include <string.h>
#include "server/api/api.h"
#include "shared/api/till-paths.h"
#include "tests/lib/app-fixture.h"
#include "tests/lib/test-main.h"

static const char sale_id[] = "0190a000-0000-7000-8000-000000000001";

/* A path that fits the template: records that exist where there are some. */
static char *
path_of (const TilldRoute *route)
{
  g_autoptr (GString) path = g_string_new (route->path);

  g_string_replace (path, "{name}", strstr (route->path, "report") != NULL ? "sales_daily" : "adf400l-1p", 0);
  if (g_str_has_prefix (route->path, "/sales/") || g_str_has_prefix (route->path, "/commands/"))
    g_string_replace (path, "{id}", sale_id, 0);
  g_string_replace (path, "{id}", "1", 0);
  g_string_replace (path, "{n}", "1", 0);
  return g_string_free (g_steal_pointer (&path), FALSE);
}

static gint64
count (TestApp *app, const char *table)
{
  g_autofree char *sql = g_strdup_printf ("SELECT count(*) FROM %s", table);
  return test_pg_ask_int (app->pg, sql);
}

static void
test_log_in (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autoptr (TestReply) health = test_app_call (app, "GET", TILL_PATH_HEALTH, NULL, NULL);
  g_autoptr (TestReply) wrong = test_app_call (app, "POST", TILL_PATH_SESSION, NULL, "{\"user\":\"admin\",\"password\":\"sesame\"}");
  g_autoptr (TestReply) nobody = test_app_call (app, "POST", TILL_PATH_SESSION, NULL, "{\"user\":\"nobody\",\"password\":\"sesame\"}");
  g_autofree char *token = test_app_log_in (app, "admin");
  g_autoptr (TestReply) mine = test_app_call (app, "GET", TILL_PATH_SESSION, token, NULL);
  g_autoptr (TestReply) out = test_app_call (app, "DELETE", TILL_PATH_SESSION, token, NULL);
  g_autoptr (TestReply) after = test_app_call (app, "GET", TILL_PATH_SESSION, token, NULL);

  g_assert_cmpuint (health->status, ==, 200);
  g_assert_cmpuint (wrong->status, ==, 401);
  g_assert_cmpstr (test_reply_text (wrong, "code"), ==, "unauthenticated");
  g_assert_cmpstr (test_reply_text (wrong, "detail"), ==, test_reply_text (nobody, "detail")); /* says not who exists */
  g_assert_cmpuint (mine->status, ==, 200);
  g_assert_nonnull (strstr (mine->text, "\"administrator\""));
  g_assert_cmpuint (out->status, ==, 204);
  g_assert_cmpuint (after->status, ==, 401);
}

static void
test_throttle (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  gboolean throttled = FALSE;
  g_autofree char *token = NULL;

  for (guint i = 0; i < 8; i++)
    {
      g_autoptr (TestReply) reply = test_app_call (app, "POST", TILL_PATH_SESSION, NULL, "{\"user\":\"viewer\",\"password\":\"guess\"}");
      throttled = throttled || reply->status == 429;
    }
  g_assert_true (throttled);
  token = test_app_log_in (app, "admin"); /* another account is not locked out */
}

static void
test_password (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *token = test_app_log_in (app, "viewer");
  g_autoptr (TestReply) weak = test_app_call (app, "POST", TILL_PATH_SESSION_PASSWORD, token,
                                              "{\"old_password\":\"" TEST_APP_PASSWORD "\",\"new_password\":\"short\"}");
  g_autoptr (TestReply) wrong = test_app_call (app, "POST", TILL_PATH_SESSION_PASSWORD, token,
                                               "{\"old_password\":\"no\",\"new_password\":\"a-much-better-one\"}");
  g_autoptr (TestReply) good = test_app_call (app, "POST", TILL_PATH_SESSION_PASSWORD, token,
                                              "{\"old_password\":\"" TEST_APP_PASSWORD "\",\"new_password\":\"a-much-better-one\"}");
  g_autoptr (TestReply) again = test_app_call (app, "POST", TILL_PATH_SESSION, NULL, "{\"user\":\"viewer\",\"password\":\"a-much-better-one\"}");

  g_assert_cmpuint (weak->status, ==, 400);
  g_assert_cmpuint (wrong->status, ==, 403);
  g_assert_cmpuint (good->status, ==, 204);
  g_assert_cmpuint (again->status, ==, 201);
}

/* A one-time password opens nothing but the way to a password of one's own. */
static void
test_one_time_password (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *token = NULL;
  g_autofree char *own = NULL;

  test_pg_run (app->pg, "UPDATE operator SET must_change = true WHERE account = 'engineer'");
  token = test_app_log_in (app, "engineer");
  {
    g_autoptr (TestReply) meters = test_app_call (app, "GET", TILL_PATH_METERS, token, NULL);
    g_autoptr (TestReply) board = test_app_call (app, "GET", TILL_PATH_BOARD, token, NULL);
    g_autoptr (TestReply) session = test_app_call (app, "GET", TILL_PATH_SESSION, token, NULL);
    g_autoptr (TestReply) change = test_app_call (app, "POST", TILL_PATH_SESSION_PASSWORD, token,
                                                  "{\"old_password\":\"" TEST_APP_PASSWORD "\",\"new_password\":\"sesame-open-98\"}");

    g_assert_cmpuint (meters->status, ==, 403);
    g_assert_nonnull (strstr (test_reply_text (meters, "detail"), "one-time password"));
    g_assert_cmpuint (board->status, ==, 403);
    g_assert_cmpuint (session->status, ==, 200);
    g_assert_cmpuint (change->status, ==, 204);
  }
  {
    g_autoptr (TestReply) again = test_app_call (app, "POST", TILL_PATH_SESSION, NULL, "{\"user\":\"engineer\",\"password\":\"sesame-open-98\"}");
    g_autoptr (TestReply) meters = NULL;

    g_assert_cmpuint (again->status, ==, 201);
    own = g_strdup (test_reply_text (again, "token"));
    meters = test_app_call (app, "GET", TILL_PATH_METERS, own, NULL);
    g_assert_cmpuint (meters->status, ==, 200);
  }
}

static void
test_without_log_in (void)
{
  g_autoptr (TestApp) app = test_app_new ();

  for (guint t = 0; tilld_api_tables[t] != NULL; t++)
    for (const TilldRoute *route = tilld_api_tables[t]; route->method != NULL; route++)
      {
        g_autofree char *path = path_of (route);
        g_autoptr (TestReply) reply = NULL;

        if ((route->flags & TILLD_ROUTE_PUBLIC) != 0)
          continue;
        reply = test_app_call (app, route->method, path, NULL, route->body_max > 0 ? "{}" : NULL);
        if (reply->status != 401 || g_strcmp0 (test_reply_text (reply, "code"), "unauthenticated") != 0)
          g_error ("%s %s without log-in: %u %s", route->method, path, reply->status, reply->text);
      }
}

/* Every route with the rights of every role: 403 exactly where the permission is missing, and each refusal in the log. */
static void
test_roles (void)
{
  static const struct {
    const char *user, *role;
  } roles[] = { { "admin", "administrator" }, { "cashier", "cashier" }, { "engineer", "engineer" }, { "viewer", "viewer" }, { "auditor", "auditor" } };
  g_autoptr (TestApp) app = test_app_new ();
  gint64 refused = 0, logged = 0;

  for (guint r = 0; r < G_N_ELEMENTS (roles); r++)
    {
      g_autofree char *token = test_app_log_in (app, roles[r].user);
      TillPermissionSet set = till_role_default_permissions (roles[r].role);

      for (guint t = 0; tilld_api_tables[t] != NULL; t++)
        for (const TilldRoute *route = tilld_api_tables[t]; route->method != NULL; route++)
          {
            g_autofree char *path = path_of (route);
            g_autoptr (TestReply) reply = NULL;
            gboolean may = route->permission == TILLD_ANYONE || till_permission_set_has (set, (TillPermission) route->permission);

            if ((route->flags & TILLD_ROUTE_PUBLIC) != 0 || (g_str_has_prefix (route->path, TILL_PATH_SESSION) && !g_str_has_prefix (route->path, TILL_PATH_SESSIONS))
                || g_str_equal (route->path, TILL_PATH_METER_READ) || (may && route->permission_of != NULL))
              continue;
            reply = test_app_call (app, route->method, path, token, route->body_max > 0 ? "{}" : NULL);
            refused += !may;
            if (may ? reply->status == 401 || reply->status == 403 || reply->status >= 500 : reply->status != 403)
              g_error ("%s may%s %s %s: %u %s", roles[r].user, may ? "" : " not", route->method, path, reply->status, reply->text);
          }
    }
  g_assert_cmpint (refused, >, 10);
  for (guint i = 0; i < 200 && logged < refused; i++)
    logged = test_pg_ask_int (app->pg, "SELECT count(*) FROM audit WHERE result = 'forbidden'");
  g_assert_cmpint (logged, ==, refused);
}

static void
test_command_rights (void)
{
  static const char off[] = "{\"id\":\"0190a000-0000-7000-8000-0000000000c1\",\"meter\":1,\"kind\":\"force_off\",\"reason\":\"test\"}";
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *viewer = test_app_log_in (app, "viewer");
  g_autofree char *engineer = test_app_log_in (app, "engineer");
  g_autoptr (TestReply) refused = test_app_call (app, "POST", TILL_PATH_COMMANDS, viewer, off);
  g_autoptr (TestReply) reasonless = test_app_call (app, "POST", TILL_PATH_COMMANDS, engineer,
                                                    "{\"id\":\"0190a000-0000-7000-8000-0000000000c2\",\"meter\":1,\"kind\":\"force_off\"}");
  g_autoptr (TestReply) given = test_app_call (app, "POST", TILL_PATH_COMMANDS, engineer, off);
  g_autoptr (TestReply) again = test_app_call (app, "POST", TILL_PATH_COMMANDS, engineer, off);

  g_assert_cmpuint (refused->status, ==, 403);
  g_assert_cmpuint (reasonless->status, ==, 400);
  g_assert_cmpuint (given->status, ==, 201);
  g_assert_cmpuint (again->status, ==, 200);
  g_assert_cmpstr (again->replay, ==, "true");
  g_assert_cmpint (count (app, "command"), ==, 1);
}

static void
test_bodies (void)
{
#define SALE(amount) "{\"id\":\"0190a000-0000-7000-8000-000000000001\",\"meter\":1,\"amount\":" amount ",\"channel\":\"cash\"}"
  static const struct {
    const char *body;
    guint       status;
  } bodies[] = {
    { "", 400 }, { "{", 400 }, { "[]", 400 }, { "null", 400 }, { "{}", 400 }, { SALE ("\"-1\""), 400 }, { SALE ("\"0\""), 400 },
    { SALE ("\"0.001\""), 400 }, { SALE ("\"1e2\""), 400 }, { SALE ("100"), 400 }, { SALE ("\"+1\""), 400 }, { SALE ("\" 1\""), 400 },
    { SALE ("\"1\",\"amount\":\"1\""), 400 }, { SALE ("\"1\",\"gift\":true"), 400 }, { SALE ("\"1\"") "x", 400 }, { SALE ("\"99999999999999999\""), 400 },
    { SALE ("{\"a\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}"), 400 }, { SALE ("\"1\",\"kind\":\"refund\""), 400 }, { SALE ("\"1\",\"note\":\"\\u0000\""), 400 },
  };
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *token = test_app_log_in (app, "cashier");
  gint64 log_rows = count (app, "audit");
  g_autofree char *huge = g_strnfill (10 * 1024 * 1024, 'a');
  g_autoptr (TestReply) oversize = test_app_call (app, "POST", TILL_PATH_SALES, token, huge);

  g_assert_cmpuint (oversize->status, ==, 413);
  g_assert_cmpstr (test_reply_text (oversize, "code"), ==, "too_large");
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (TestReply) reply = test_app_call (app, "POST", TILL_PATH_SALES, token, bodies[i].body);
      if (reply->status != bodies[i].status || g_strcmp0 (test_reply_text (reply, "code"), "invalid") != 0
          || *test_reply_text (reply, "request_id") == '\0')
        g_error ("%s: %u %s", bodies[i].body, reply->status, reply->text);
    }
  g_assert_cmpint (count (app, "sale"), ==, 0);
  g_assert_cmpint (count (app, "tx"), ==, 0);
  g_assert_cmpint (count (app, "request"), ==, 0);
  g_assert_cmpint (count (app, "audit"), ==, log_rows);
}

static void
test_sale (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *token = test_app_log_in (app, "cashier");
  g_autofree char *path = g_strconcat ("/sales/", sale_id, NULL);
  g_autofree char *receipt_path = g_strconcat (path, "/receipt?size=a5", NULL);
  g_autoptr (TestReply) first = test_app_call (app, "POST", TILL_PATH_SALES, token, SALE ("\"50.00\""));
  g_autoptr (TestReply) again = test_app_call (app, "POST", TILL_PATH_SALES, token, SALE ("\"50.00\""));
  g_autoptr (TestReply) other = test_app_call (app, "POST", TILL_PATH_SALES, token, SALE ("\"51.00\""));
  g_autoptr (TestReply) one = test_app_call (app, "GET", path, token, NULL);
  g_autoptr (TestReply) list = test_app_call (app, "GET", "/sales?meter=1&sort=-created_at", token, NULL);
  g_autoptr (TestReply) sheet = test_app_call (app, "GET", "/sales?format=xlsx", token, NULL);
  g_autoptr (TestReply) csv = test_app_call (app, "GET", "/sales?format=csv", token, NULL);
  g_autoptr (TestReply) receipt = test_app_call (app, "GET", receipt_path, token, NULL);

  if (first->status != 201)
    g_error ("sale: %u %s", first->status, first->text);
  g_assert_cmpstr (test_reply_text (first, "amount"), ==, "50.0000");
  g_assert_cmpuint (again->status, ==, 200);
  g_assert_cmpstr (again->replay, ==, "true");
  g_assert_cmpstr (test_reply_text (again, "id"), ==, sale_id);
  g_assert_cmpuint (other->status, ==, 409);
  g_assert_cmpstr (test_reply_text (other, "code"), ==, "conflict");
  g_assert_cmpuint (one->status, ==, 200);
  g_assert_cmpint (test_reply_int (list, "total"), ==, 1);
  g_assert_cmpint (count (app, "sale"), ==, 1);
  g_assert_cmpuint (sheet->status, ==, 200);
  g_assert_cmpmem (sheet->text, 2, "PK", 2);
  g_assert_nonnull (strstr (csv->text, "50.00"));
  g_assert_cmpuint (receipt->status, ==, 200);
  g_assert_cmpmem (receipt->text, 4, "%PDF", 4);
}

static void
test_lists (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *token = test_app_log_in (app, "viewer");
  g_autoptr (TestReply) page = test_app_call (app, "GET", "/meters?offset=1&limit=2&sort=code", token, NULL);
  g_autoptr (TestReply) area = test_app_call (app, "GET", "/meters?area=2", token, NULL);
  g_autoptr (TestReply) filter = test_app_call (app, "GET", "/meters?colour=red", token, NULL);
  g_autoptr (TestReply) sort = test_app_call (app, "GET", "/meters?sort=code;drop", token, NULL);
  g_autoptr (TestReply) twice = test_app_call (app, "GET", "/meters?limit=1&limit=2", token, NULL);
  g_autoptr (TestReply) none = test_app_call (app, "GET", "/meters/4711", token, NULL);
  g_autoptr (TestReply) nowhere = test_app_call (app, "GET", "/meters/1/2/3", token, NULL);
  g_autoptr (TestReply) method = test_app_call (app, "DELETE", "/meters", token, NULL);
  g_autoptr (TestReply) board = test_app_call (app, "GET", "/board", token, NULL);

  g_assert_cmpint (test_reply_int (page, "total"), ==, 4);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (json_node_get_object (page->json), "items")), ==, 2);
  g_assert_cmpint (test_reply_int (area, "total"), ==, 2);
  g_assert_cmpuint (filter->status, ==, 400);
  g_assert_cmpuint (sort->status, ==, 400);
  g_assert_cmpuint (twice->status, ==, 400);
  g_assert_cmpuint (none->status, ==, 404);
  g_assert_cmpuint (nowhere->status, ==, 404);
  g_assert_cmpuint (method->status, ==, 405);
  g_assert_cmpuint (board->status, ==, 200);
}

/* Ordered once at a time, bounded, seen only within the operator's areas; what the field stored comes back whole. */
static void
test_captures (void)
{
  static const char *const wrong[] = { "{}", "{\"minutes\":0}", "{\"minutes\":61}", "{\"minutes\":\"5\"}", "{\"minutes\":5,\"unit\":1}" };
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *engineer = test_app_log_in (app, "engineer");
  g_autofree char *viewer = test_app_log_in (app, "viewer");

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (TestReply) reply = test_app_call (app, "POST", "/gateways/1/captures", engineer, wrong[i]);

      g_assert_cmpuint (reply->status, ==, 400);
      g_assert_nonnull (strstr (reply->text, i < 4 ? "minutes" : "unit"));
    }
  g_assert_cmpint (count (app, "capture"), ==, 0);
  {
    g_autoptr (TestReply) refused = test_app_call (app, "POST", "/gateways/1/captures", viewer, "{\"minutes\":5}");
    g_autoptr (TestReply) nowhere = test_app_call (app, "POST", "/gateways/4711/captures", engineer, "{\"minutes\":5}");
    g_autoptr (TestReply) first = test_app_call (app, "POST", "/gateways/1/captures", engineer, "{\"minutes\":5}");
    g_autoptr (TestReply) second = test_app_call (app, "POST", "/gateways/1/captures", engineer, "{\"minutes\":5}");

    g_assert_cmpuint (refused->status, ==, 403);
    g_assert_cmpuint (nowhere->status, ==, 404);
    g_assert_cmpuint (first->status, ==, 201);
    g_assert_cmpint (test_reply_int (first, "n"), ==, 1);
    g_assert_cmpstr (test_reply_text (first, "state"), ==, "ordered");
    g_assert_cmpuint (second->status, ==, 409);
  }
  test_pg_run (app->pg, "UPDATE capture SET state = 'running'");
  test_pg_run (app->pg, "INSERT INTO capture_part VALUES (1, 1, 1, '{\"b\":2}\n'), (1, 1, 0, '{\"a\":1}\n')");
  {
    g_autoptr (TestReply) list = test_app_call (app, "GET", "/gateways/1/captures?state=running", engineer, NULL);
    g_autoptr (TestReply) text = test_app_call (app, "GET", "/gateways/1/captures/1", engineer, NULL);
    g_autoptr (TestReply) none = test_app_call (app, "GET", "/gateways/1/captures/2", engineer, NULL);
    g_autoptr (TestReply) word = test_app_call (app, "GET", "/gateways/1/captures/x", engineer, NULL);
    g_autoptr (TestReply) other = test_app_call (app, "GET", "/gateways/4711/captures", engineer, NULL);

    g_assert_cmpint (test_reply_int (list, "total"), ==, 1);
    g_assert_cmpstr (text->text, ==, "{\"a\":1}\n{\"b\":2}\n");
    g_assert_cmpuint (none->status, ==, 404);
    g_assert_cmpuint (word->status, ==, 404);
    g_assert_cmpuint (other->status, ==, 404);
  }
}

/* A reader limited to one building learns nothing of the other. */
static void
test_area_scope (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *token = NULL;
  g_autoptr (TestReply) list = NULL, inside = NULL, outside = NULL, sale = NULL;

  test_pg_run (app->pg, "INSERT INTO operator_area SELECT id, 2 FROM operator WHERE account = 'cashier'");
  token = test_app_log_in (app, "cashier");
  list = test_app_call (app, "GET", "/meters", token, NULL);
  inside = test_app_call (app, "GET", "/meters/1", token, NULL);
  outside = test_app_call (app, "GET", "/meters/3", token, NULL);
  sale = test_app_call (app, "POST", TILL_PATH_SALES, token,
                        "{\"id\":\"0190a000-0000-7000-8000-000000000009\",\"meter\":3,\"amount\":\"1.00\",\"channel\":\"cash\"}");
  g_assert_cmpint (test_reply_int (list, "total"), ==, 2);
  g_assert_cmpuint (inside->status, ==, 200);
  g_assert_cmpuint (outside->status, ==, 404);
  g_assert_cmpuint (sale->status, ==, 404);
  g_assert_cmpint (count (app, "sale"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_setenv ("G_TLS_GNUTLS_PRIORITY", "NORMAL:-VERS-ALL:+VERS-TLS1.3", TRUE);
  till_test_init (&argc, &argv);
  g_test_add_func ("/api/log-in", test_log_in);
  g_test_add_func ("/api/throttle", test_throttle);
  g_test_add_func ("/api/password", test_password);
  g_test_add_func ("/api/password/one-time", test_one_time_password);
  g_test_add_func ("/api/without-log-in", test_without_log_in);
  g_test_add_func ("/api/roles", test_roles);
  g_test_add_func ("/api/command-rights", test_command_rights);
  g_test_add_func ("/api/bodies", test_bodies);
  g_test_add_func ("/api/sale", test_sale);
  g_test_add_func ("/api/lists", test_lists);
  g_test_add_func ("/api/captures", test_captures);
  g_test_add_func ("/api/area-scope", test_area_scope);
  return till_test_run ();
}
