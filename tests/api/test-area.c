/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-area.c: the tree of places by the routes: built, renamed, moved, thinned; paths below and scopes of operators follow. */
#include <string.h>
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

static void
path_is (TestApp *app, gint64 area, const char *path)
{
  g_autofree char *sql = g_strdup_printf ("SELECT path FROM area WHERE id = %" G_GINT64_FORMAT, area);
  g_autofree char *found = test_pg_ask (app->pg, sql);

  g_assert_cmpstr (found, ==, path);
}

/* areas: 1 Campus, 2 Campus/B1, 3 Campus/B2 */
static void
test_build_move (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *engineer = test_app_log_in (app, "engineer");
  g_autoptr (TestReply) floor = NULL, room = NULL, twice = NULL, slash = NULL, renamed = NULL, stale = NULL, moved = NULL, ring = NULL, nowhere = NULL;
  g_autoptr (TestReply) top = NULL, page = NULL;

  floor = call (app, engineer, "POST", "/areas", "{\"parent\":2,\"name\":\"F1\",\"kind\":\"floor\"}", 0, 201);
  g_assert_cmpstr (test_reply_text (floor, "path"), ==, "Campus/B1/F1");
  room = call (app, engineer, "POST", "/areas", "{\"parent\":4,\"name\":\"101\",\"kind\":\"room\"}", 0, 201);
  twice = call (app, engineer, "POST", "/areas", "{\"parent\":4,\"name\":\"101\",\"kind\":\"room\"}", 0, 409);
  slash = call (app, engineer, "POST", "/areas", "{\"parent\":4,\"name\":\"1/2\",\"kind\":\"room\"}", 0, 400);
  g_assert_nonnull (strstr (slash->text, "\"name\""));
  renamed = call (app, engineer, "PATCH", "/areas/2", "{\"name\":\"House 1\"}", 1, 200);
  g_assert_cmpint (test_reply_int (renamed, "version"), ==, 2);
  path_is (app, 5, "Campus/House 1/F1/101");
  stale = call (app, engineer, "PATCH", "/areas/2", "{\"name\":\"House 2\"}", 1, 409);
  g_assert_cmpstr (test_reply_text (stale, "code"), ==, "stale");
  moved = call (app, engineer, "PATCH", "/areas/4", "{\"parent\":3}", (guint) test_reply_int (floor, "version"), 200);
  path_is (app, 5, "Campus/B2/F1/101");
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM area WHERE id = 5 AND lineage = '{1,3,4,5}'"), ==, 1);
  ring = call (app, engineer, "PATCH", "/areas/3", "{\"parent\":5}", 1, 400);
  g_assert_nonnull (strstr (ring->text, "inside itself"));
  nowhere = call (app, engineer, "PATCH", "/areas/3", "{\"parent\":4711}", 1, 400);
  top = call (app, engineer, "PATCH", "/areas/4", "{\"parent\":null}", 2, 200);
  path_is (app, 5, "F1/101");
  page = call (app, engineer, "GET", "/areas?area=4", NULL, 0, 200);
  g_assert_cmpint (test_reply_int (page, "total"), ==, 2);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM audit WHERE action = 'plant.edit' AND object LIKE 'area:%' AND before <> after"), ==, 3);
}

static void
test_retire (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *engineer = test_app_log_in (app, "engineer");
  g_autoptr (TestReply) empty = NULL, full = NULL, gone = NULL, history = NULL, again = NULL, list = NULL, fresh = NULL;

  empty = call (app, engineer, "POST", "/areas", "{\"parent\":1,\"name\":\"Shed\",\"kind\":\"other\"}", 0, 201);
  full = call (app, engineer, "DELETE", "/areas/2", NULL, 1, 409);
  g_assert_nonnull (strstr (full->text, "2 meters"));
  gone = call (app, engineer, "DELETE", "/areas/4", NULL, 1, 204);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM area WHERE id = 4"), ==, 0);
  /* Only history is in it: it stays, its name is free. */
  test_pg_run (app->pg, "UPDATE account_meter SET until = now (); UPDATE meter SET retired_at = now () WHERE area = 3; UPDATE customer SET area = 2");
  history = call (app, engineer, "DELETE", "/areas/3", NULL, 1, 204);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM area WHERE id = 3 AND retired_at IS NOT NULL"), ==, 1);
  again = call (app, engineer, "PATCH", "/areas/3", "{\"name\":\"X\"}", 2, 404);
  list = call (app, engineer, "GET", "/areas", NULL, 0, 200);
  g_assert_cmpint (test_reply_int (list, "total"), ==, 2);
  fresh = call (app, engineer, "POST", "/areas", "{\"parent\":1,\"name\":\"B2\",\"kind\":\"building\"}", 0, 201);
}

/* Who sees only a house builds below it and nowhere else. */
static void
test_scope (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *engineer = NULL;
  g_autoptr (TestReply) other = NULL, top = NULL, own = NULL, out = NULL, list = NULL;

  test_pg_run (app->pg, "INSERT INTO operator_area SELECT id, 2 FROM operator WHERE account = 'engineer'");
  engineer = test_app_log_in (app, "engineer");
  own = call (app, engineer, "POST", "/areas", "{\"parent\":2,\"name\":\"F1\",\"kind\":\"floor\"}", 0, 201);
  other = call (app, engineer, "POST", "/areas", "{\"parent\":3,\"name\":\"F1\",\"kind\":\"floor\"}", 0, 404);
  top = call (app, engineer, "POST", "/areas", "{\"name\":\"F1\",\"kind\":\"campus\"}", 0, 403);
  out = call (app, engineer, "PATCH", "/areas/4", "{\"parent\":3}", 1, 400);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM area WHERE path = 'Campus/B1/F1'"), ==, 1);
  list = call (app, engineer, "DELETE", "/areas/3", NULL, 1, 404);
}

static gint64
count_of (TestApp *app, const char *token, const char *path)
{
  g_autoptr (TestReply) page = call (app, token, "GET", path, NULL, 0, 200);

  return test_reply_int (page, "total");
}

/* Sales, orders, replacements, changes and the comings and goings of meters stand in one list, each once. */
static void
test_history (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin"), *cashier = test_app_log_in (app, "cashier"), *engineer = test_app_log_in (app, "engineer");
  g_autoptr (TestReply) sale = NULL, edit = NULL, page = NULL, file = NULL, none = NULL, bad = NULL, suspended = NULL, alarm = NULL;

  sale = call (app, cashier, "POST", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000041\",\"meter\":1,\"amount\":\"10.00\",\"channel\":\"card\",\"note\":\"first\"}", 0, 201);
  edit = call (app, admin, "PATCH", "/meters/1", "{\"name\":\"Kitchen\",\"alarm1\":\"60\"}", 1, 200);
  test_pg_run (app->pg, "INSERT INTO account_meter (account, meter, since, until) VALUES (1, 4, now () - interval '2 days', now () - interval '1 day');"
                        "INSERT INTO request (id, body_hash) VALUES ('0190a000-0000-7000-8000-000000000042', sha256 (''));"
                        "INSERT INTO command (id, meter, epoch, kind, state, operator, created_at) VALUES ('0190a000-0000-7000-8000-000000000042', 4, 1, 5, 3, 1, now ())");
  g_assert_cmpint (count_of (app, cashier, "/meters/1/history?kind=sale"), ==, 1);
  g_assert_cmpint (count_of (app, engineer, "/meters/1/history?kind=sale"), ==, 0); /* who may not see sales */
  g_assert_cmpint (count_of (app, engineer, "/meters/1/history?kind=change"), ==, 1);
  g_assert_cmpint (count_of (app, engineer, "/meters/1/history?kind=meter_added,meter_removed"), ==, 1);
  g_assert_cmpint (count_of (app, engineer, "/meters/1/history?kind=command"), ==, 1); /* the limits */
  g_assert_cmpint (count_of (app, engineer, "/meters/4/history?kind=meter_added,meter_removed"), ==, 2);
  g_assert_cmpint (count_of (app, engineer, "/meters/4/history?kind=command"), ==, 1);
  /* Alarms, those that are over too; of a household only those of the time when the meter was theirs. */
  test_pg_run (app->pg, "INSERT INTO alarm (site, kind, severity, meter, raised_at, cleared_at) VALUES (1, 0, 1, 1, now (), now ()), (1, 1, 1, 4, now (), NULL)");
  g_assert_cmpint (count_of (app, engineer, "/meters/1/history?kind=alarm"), ==, 1);
  g_assert_cmpint (count_of (app, engineer, "/meters/4/history?kind=alarm"), ==, 1);
  g_assert_cmpint (count_of (app, cashier, "/customers/1/history?kind=alarm&meter=1"), ==, 1);
  g_assert_cmpint (count_of (app, cashier, "/customers/1/history?kind=alarm&meter=4"), ==, 0);
  alarm = call (app, engineer, "GET", "/meters/1/history?kind=alarm", NULL, 0, 200);
  g_assert_nonnull (strstr (alarm->text, "\"state\":\"cleared\""));
  /* Orders by whose meter it was, and by days; accounts by the day they were closed. */
  g_assert_cmpint (count_of (app, admin, "/commands?meter=4&kind=force_on"), ==, 1);
  g_assert_cmpint (count_of (app, admin, "/commands?meter=4&customer=1"), ==, 0);
  g_assert_cmpint (count_of (app, admin, "/commands?meter=1&customer=1"), >, 0);
  g_assert_cmpint (count_of (app, admin, "/commands?meter=4&to=2020-01-01"), ==, 0);
  g_assert_cmpint (count_of (app, admin, "/commands?meter=4&from=2020-01-01"), ==, 1);
  test_pg_run (app->pg, "INSERT INTO reading (meter, at, epoch, relay, mode) VALUES (1, date_trunc ('month', now ()) + interval '12 hours', 1, 0, 0)");
  g_assert_cmpint (count_of (app, admin, "/meters/1/readings?from=2020-01-01"), ==, 1);
  g_assert_cmpint (count_of (app, admin, "/meters/1/readings?from=2020-01-01&to=2020-01-31"), ==, 0);
  g_assert_cmpint (count_of (app, admin, "/accounts?closed_from=2020-01-01"), ==, 0);
  test_pg_run (app->pg, "UPDATE account SET state = 2, closed_at = '2020-01-01 12:00+00' WHERE id = (SELECT max (id) FROM account)");
  g_assert_cmpint (count_of (app, admin, "/accounts?closed_from=2020-01-01&closed_to=2020-01-01"), ==, 1);
  g_assert_cmpint (count_of (app, admin, "/accounts?closed_to=2019-12-30"), ==, 0);
  page = call (app, cashier, "GET", "/customers/1/history?sort=at&limit=1000", NULL, 0, 200);
  g_assert_nonnull (strstr (page->text, "\"kind\":\"account_opened\""));
  g_assert_nonnull (strstr (page->text, "\"note\":\"first\""));
  g_assert_cmpint (count_of (app, cashier, "/customers/1/history?kind=account_opened"), ==, 3);
  g_assert_cmpint (count_of (app, cashier, "/customers/1/history?kind=sale&meter=1"), ==, 1);
  g_assert_cmpint (count_of (app, cashier, "/customers/1/history?kind=command&meter=4"), ==, 0); /* it was not theirs any more */
  file = call (app, cashier, "GET", "/customers/1/history?format=xlsx", NULL, 0, 200);
  g_assert_cmpint (memcmp (file->text, "PK", 2), ==, 0);
  none = call (app, cashier, "GET", "/meters/4711/history", NULL, 0, 404);
  bad = call (app, cashier, "GET", "/meters/1/history?kind=gossip", NULL, 0, 400);
}

/* The nearest place counts, the class before none, member by member. */
static void
test_defaults (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin"), *viewer = test_app_log_in (app, "viewer");
  g_autoptr (TestReply) site = NULL, house = NULL, shop = NULL, twice = NULL, there = NULL, shop_there = NULL, else_where = NULL, changed = NULL;
  g_autoptr (TestReply) stale = NULL, gone = NULL, after = NULL, no = NULL, bad = NULL, page = NULL;

  site = call (app, admin, "POST", "/defaults", "{\"tariff\":1,\"alarm1\":\"50\",\"alarm2\":\"10\",\"overload_kw\":\"5\"}", 0, 201);
  house = call (app, admin, "POST", "/defaults", "{\"area\":2,\"overload_kw\":\"2.2\"}", 0, 201);
  shop = call (app, admin, "POST", "/defaults", "{\"area\":1,\"class\":\"shop\",\"alarm1\":\"200\",\"overload_kw\":\"9\"}", 0, 201);
  twice = call (app, admin, "POST", "/defaults", "{\"area\":2,\"alarm1\":\"1\"}", 0, 409);
  there = call (app, viewer, "GET", "/defaults/for?area=2&class=dormitory", NULL, 0, 200);
  g_assert_cmpstr (test_reply_text (there, "overload_kw"), ==, "2.200");
  g_assert_cmpstr (test_reply_text (there, "alarm1"), ==, "50.0000");
  g_assert_cmpint (test_reply_int (there, "tariff"), ==, 1);
  shop_there = call (app, viewer, "GET", "/defaults/for?area=3&class=shop", NULL, 0, 200);
  g_assert_cmpstr (test_reply_text (shop_there, "overload_kw"), ==, "9.000");
  g_assert_cmpstr (test_reply_text (shop_there, "alarm2"), ==, "10.0000");
  else_where = call (app, viewer, "GET", "/defaults/for", NULL, 0, 200);
  g_assert_cmpstr (test_reply_text (else_where, "overload_kw"), ==, "5.000");
  changed = call (app, admin, "PATCH", "/defaults/2", "{\"overload_kw\":null,\"alarm2\":\"4\"}", 1, 200);
  stale = call (app, admin, "PATCH", "/defaults/2", "{\"alarm2\":\"5\"}", 1, 409);
  after = call (app, viewer, "GET", "/defaults/for?area=2", NULL, 0, 200);
  g_assert_cmpstr (test_reply_text (after, "overload_kw"), ==, "5.000");
  g_assert_cmpstr (test_reply_text (after, "alarm2"), ==, "4.0000");
  gone = call (app, admin, "DELETE", "/defaults/2", NULL, 2, 204);
  page = call (app, viewer, "GET", "/defaults", NULL, 0, 200);
  g_assert_cmpint (test_reply_int (page, "total"), ==, 2);
  no = call (app, viewer, "POST", "/defaults", "{\"alarm1\":\"1\"}", 0, 403);
  bad = call (app, admin, "POST", "/defaults", "{\"area\":3,\"alarm1\":\"5\",\"alarm2\":\"6\"}", 0, 400);
}

/* Where each value comes from and who said it last, and no place where the alarms contradict each other. */
static void
test_default_origins (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin"), *second = NULL;
  g_autoptr (TestReply) site = NULL, house = NULL, there = NULL, changed = NULL, one = NULL, bad = NULL, gone = NULL, gateways = NULL, classed = NULL;
  g_autofree char *changes = NULL;
  JsonObject *origins, *otherwise;

  test_pg_run (app->pg, "INSERT INTO operator (account, name, password) SELECT 'second', 'Second', password FROM operator WHERE account = 'admin';"
                        "INSERT INTO operator_role SELECT n.id, r.role FROM operator n, operator_role r JOIN operator o ON o.id = r.operator"
                        " WHERE n.account = 'second' AND o.account = 'admin'");
  second = test_app_log_in (app, "second");
  site = call (app, admin, "POST", "/defaults", "{\"alarm1\":\"50\",\"alarm2\":\"10\",\"status_interval_s\":180}", 0, 201);
  g_assert_cmpstr (test_reply_text (site, "changed_by"), ==, "admin");
  house = call (app, second, "POST", "/defaults", "{\"area\":2,\"class\":\"shop\",\"alarm1\":\"20\",\"hoard_limit\":\"900\"}", 0, 201);
  changed = call (app, admin, "PATCH", "/defaults/2", "{\"alarm1\":\"30\",\"hoard_limit\":\"900\"}", 1, 200);
  there = call (app, second, "GET", "/defaults/for?area=2&class=shop", NULL, 0, 200);
  origins = json_object_get_object_member (json_node_get_object (there->json), "origins");
  g_assert_cmpint (json_object_get_size (origins), ==, 4);
  g_assert_cmpint (json_object_get_int_member (json_object_get_object_member (json_node_get_object (there->json), "here"), "version"), ==, 2);
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (origins, "alarm1"), "room"), ==, "Campus/B1");
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (origins, "alarm1"), "class"), ==, "shop");
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (origins, "alarm1"), "changed_by"), ==, "admin");
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (origins, "hoard_limit"), "changed_by"), ==, "Second");
  g_assert_true (json_object_get_null_member (json_object_get_object_member (origins, "alarm2"), "area"));
  g_assert_cmpint (json_object_get_int_member (json_object_get_object_member (origins, "alarm2"), "id"), ==, 1);
  otherwise = json_object_get_object_member (json_node_get_object (there->json), "otherwise");
  g_assert_cmpstr (json_object_get_string_member (otherwise, "alarm1"), ==, "50.0000");
  one = call (app, second, "GET", "/defaults/2", NULL, 0, 200);
  g_assert_cmpstr (test_reply_text (one, "alarm1"), ==, "30.0000");
  changes = test_pg_ask (app->pg, "SELECT string_agg (o.account || ' ' || (a.before IS NULL), ', ' ORDER BY a.n) FROM audit a JOIN operator o ON o.id = a.operator"
                                  " WHERE a.action = 'defaults.edit' AND a.object = 'preset:2'");
  g_assert_cmpstr (changes, ==, "second true, admin false");
  /* Alarm 2 is inherited: 10. */
  bad = call (app, admin, "PATCH", "/defaults/2", "{\"alarm1\":\"9\"}", 2, 400);
  g_assert_nonnull (strstr (bad->text, "Campus/B1"));
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT alarm1 FROM preset WHERE id = 2"), ==, 300000);
  classed = call (app, admin, "PATCH", "/defaults/2", "{\"status_interval_s\":60}", 2, 400);
  g_assert_nonnull (strstr (classed->text, "status_interval_s"));
  gateways = call (app, second, "POST", "/gateways", "{\"code\":\"G-7\",\"name\":\"x\",\"link\":\"modbus_tcp\",\"address\":\"192.0.2.1:502\",\"area\":2}", 0, 201);
  g_assert_cmpint (test_reply_int (gateways, "status_interval_s"), ==, 180);
}

/* A new meter begins with the nearest default of each member; what is given wins, and a default yields to it. */
static void
test_default_meters (void)
{
  static const char body[] = "{\"meters\":["
    "{\"code\":\"D-1\",\"gateway\":1,\"unit\":70,\"model\":\"adf400l-1p\",\"area\":2,\"use_class\":\"shop\"},"
    "{\"code\":\"D-2\",\"gateway\":1,\"unit\":71,\"model\":\"adf400l-1p\",\"area\":2,\"use_class\":\"shop\",\"alarm1\":\"8\",\"overload_kw\":\"1.5\",\"tariff\":null},"
    "{\"code\":\"D-3\",\"gateway\":1,\"unit\":72,\"model\":\"adf400l-1p\",\"area\":3}]}";
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin");
  g_autoptr (TestReply) site = NULL, house = NULL, shop = NULL, made = NULL;
  g_autofree char *meters = NULL;

  site = call (app, admin, "POST", "/defaults", "{\"tariff\":1,\"alarm1\":\"40\",\"alarm2\":\"12\",\"overload_kw\":\"5\",\"full_interval_s\":1200}", 0, 201);
  house = call (app, admin, "POST", "/defaults", "{\"area\":2,\"overload_kw\":\"2.2\",\"overdraft\":\"3\"}", 0, 201);
  shop = call (app, admin, "POST", "/defaults", "{\"area\":2,\"class\":\"shop\",\"alarm1\":\"200\",\"hoard_limit\":\"700\"}", 0, 201);
  made = call (app, admin, "POST", "/meters", body, 0, 201);
  meters = test_pg_ask (app->pg, "SELECT string_agg (concat_ws (' ', code, tariff, alarm1, alarm2, overload_w, overdraft, hoard_limit, full_interval_s), '; ' ORDER BY code)"
                                 " FROM meter WHERE code LIKE 'D-%'");
  g_assert_cmpstr (meters, ==, "D-1 1 2000000 120000 2200 30000 7000000 1200; D-2 80000 40000 1500 30000 7000000 1200; D-3 1 400000 120000 5000 0 0 1200");
}

int
main (int argc, char **argv)
{
  g_setenv ("G_TLS_GNUTLS_PRIORITY", "NORMAL:-VERS-ALL:+VERS-TLS1.3", TRUE);
  till_test_init (&argc, &argv);
  g_test_add_func ("/api/area/build-move", test_build_move);
  g_test_add_func ("/api/area/retire", test_retire);
  g_test_add_func ("/api/area/scope", test_scope);
  g_test_add_func ("/api/area/history", test_history);
  g_test_add_func ("/api/area/defaults", test_defaults);
  g_test_add_func ("/api/area/default-origins", test_default_origins);
  g_test_add_func ("/api/area/default-meters", test_default_meters);
  return till_test_run ();
}
