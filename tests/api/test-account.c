/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-account.c: accounts over their life by the routes: opened with money, suspended, handed over, closed step by step; and another
 * device behind a meter record. */
#include <string.h>
#include "shared/api/till-paths.h"
#include "tests/lib/app-fixture.h"
#include "tests/lib/test-main.h"

#define ID(n) "0190a000-0000-7000-8000-0000000000" n

static const char finance_sql[] =
  "INSERT INTO operator (account, name, password) SELECT a, a, o.password FROM operator o, unnest (ARRAY['finance', 'chief']) AS a WHERE o.account = 'cashier';"
  "INSERT INTO operator_role SELECT o.id, r.id FROM operator o, role r WHERE o.account IN ('finance', 'chief') AND r.name = 'finance';"
  "UPDATE meter SET model = 'gridtill-generic-b' WHERE id = 2; UPDATE meter SET settlement = 1, model = 'gridtill-generic-c' WHERE id = 3;"
  "INSERT INTO meter_purse (meter, epoch, has_baseline, have, count, total, balance) VALUES (2, 1, true, 23, 3, 1000000, 200000)"
  " ON CONFLICT (meter) DO UPDATE SET has_baseline = true, have = 23, count = 3, total = 1000000, balance = 200000;"
  "INSERT INTO customer (code, name, area) VALUES ('C-2', 'Second', 2);";

static TestApp *
app_new (void)
{
  TestApp *app = test_app_new ();

  test_pg_run (app->pg, finance_sql);
  return app;
}

static TestReply *
post (TestApp *app, const char *token, const char *path, const char *body, guint status)
{
  TestReply *reply = test_app_call (app, "POST", path, token, body);

  if (reply->status != status)
    g_error ("%s %s: %u %s", path, body, reply->status, reply->text);
  return reply;
}

static void
books_are_right (TestApp *app)
{
  g_autofree char *wrong = test_pg_ask (app->pg, "SELECT string_agg (invariant || ': ' || subject, '; ') FROM ledger_violations ()");

  g_assert_cmpstr (wrong, ==, "");
}

static void
test_open (void)
{
  static const char body[] = "{\"id\":\"" ID ("01") "\",\"customer\":2,\"meters\":[{\"meter\":4,\"limits\":{\"alarm1\":\"30.00\",\"alarm2\":\"5.00\"},\"tariff\":1,"
                             "\"opening_amount\":\"50.00\",\"sale_id\":\"" ID ("02") "\",\"carried_amount\":\"7.50\",\"carried_sale_id\":\"" ID ("03")
                             "\",\"carried_from\":\"A2-0188\"}]}";
  g_autoptr (TestApp) app = app_new ();
  g_autofree char *cashier = test_app_log_in (app, "cashier");
  g_autoptr (TestReply) opened = NULL, again = NULL, taken = NULL, nobody = NULL, unread = NULL, empty = NULL, unsold = NULL;

  opened = post (app, cashier, "/accounts", body, 201);
  again = post (app, cashier, "/accounts", body, 200);
  g_assert_nonnull (strstr (opened->text, "\"kind\":\"opening\""));
  g_assert_cmpint (test_reply_int (opened, "account"), ==, test_reply_int (again, "account"));
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM sale WHERE kind = 1 AND amount = 500000 AND meter = 4"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM sale WHERE kind = 1 AND amount = 75000 AND meter = 4 AND channel = 4 AND note = 'A2-0188'"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT alarm1 FROM meter WHERE id = 4"), ==, 300000);
  taken = post (app, cashier, "/accounts", "{\"customer\":2,\"meters\":[{\"meter\":1}]}", 409);
  nobody = post (app, cashier, "/accounts", "{\"customer\":4711,\"meters\":[{\"meter\":1}]}", 409);
  empty = post (app, cashier, "/accounts", "{\"customer\":2,\"meters\":[]}", 400);
  test_pg_run (app->pg, "UPDATE account_meter SET until = now () WHERE meter = 1; UPDATE meter_state SET read_at = now () - interval '2 minutes' WHERE meter = 1");
  unread = post (app, cashier, "/accounts", "{\"customer\":2,\"meters\":[{\"meter\":1}]}", 409);
  g_assert_cmpstr (test_reply_text (unread, "code"), ==, "stale");
  g_assert_nonnull (strstr (unread->text, "\"meters[0].meter\":\"Read meter "));
  unsold = post (app, cashier, "/accounts", "{\"customer\":2,\"meters\":[{\"meter\":1,\"carried_amount\":\"-1.00\",\"carried_sale_id\":\"" ID ("09") "\"}]}", 400);
  g_assert_nonnull (strstr (unsold->text, "meters[0].carried_amount"));
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM account"), ==, 4);
  books_are_right (app);
}

static char *
terms (TestApp *app, gint64 meter)
{
  g_autofree char *sql = g_strdup_printf ("SELECT concat_ws (' ', tariff, alarm1, alarm2, overload_w, overdraft, hoard_limit, full_interval_s) FROM meter WHERE id = %"
                                          G_GINT64_FORMAT, meter);

  return test_pg_ask (app->pg, sql);
}

/* Opened with nothing given: the nearest default; what is given wins; where nothing is said the record stays. The meter is told. */
static void
test_defaults (void)
{
  g_autoptr (TestApp) app = app_new ();
  g_autofree char *cashier = test_app_log_in (app, "cashier"), *admin = test_app_log_in (app, "admin");
  g_autoptr (TestReply) site = NULL, room = NULL, plain = NULL, given = NULL, wrong = NULL, energy = NULL, added = NULL, typed = NULL;
  g_autofree char *before = NULL, *after = NULL, *with = NULL, *kwh = NULL, *later = NULL;

  test_pg_run (app->pg, "UPDATE meter SET tariff = NULL, alarm1 = 990000, alarm2 = 440000, overload_w = 7000, hoard_limit = 0, full_interval_s = NULL WHERE id = 4;"
                        "UPDATE account_meter SET until = now () WHERE meter IN (1, 2, 3); UPDATE meter_purse SET frozen = false;"
                        "UPDATE meter SET purse = 2, settlement = 0 WHERE id = 2; UPDATE meter_state SET read_at = now ()");
  before = terms (app, 4);
  g_assert_cmpstr (before, ==, "990000 440000 7000 0 0");
  site = post (app, admin, "/defaults", "{\"tariff\":1,\"alarm1\":\"40\",\"alarm2\":\"12\",\"overdraft\":\"2\",\"full_interval_s\":1200}", 201);
  room = post (app, admin, "/defaults", "{\"area\":1,\"class\":\"dormitory\",\"alarm1\":\"35\",\"hoard_limit\":\"800\"}", 201);
  plain = post (app, cashier, "/accounts", "{\"customer\":2,\"meters\":[{\"meter\":4}]}", 201);
  after = terms (app, 4);
  g_assert_cmpstr (after, ==, "1 350000 120000 7000 20000 8000000 1200");
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM command WHERE meter = 4 AND kind = 3"), ==, 1);
  given = post (app, cashier, "/accounts", "{\"customer\":2,\"meters\":[{\"meter\":1,\"limits\":{\"alarm1\":\"9\",\"overdraft\":\"0\"}}]}", 201);
  with = terms (app, 1);
  g_assert_true (g_str_has_prefix (with, "1 90000 45000 ")); /* the default of alarm 2 yields */
  g_assert_nonnull (strstr (with, " 0 8000000 1200"));
  energy = post (app, cashier, "/accounts", "{\"customer\":2,\"meters\":[{\"meter\":2,\"limits\":{\"alarm2\":\"1.5\"}}]}", 201);
  kwh = terms (app, 2);
  g_assert_true (g_str_has_prefix (kwh, "1 35000 1500 ")); /* Wh */
  test_pg_run (app->pg, "UPDATE account_meter SET until = now () WHERE meter = 4");
  typed = post (app, cashier, "/accounts", "{\"customer\":2,\"meters\":[{\"meter\":4,\"limits\":{\"alarm1\":\"3\",\"alarm2\":\"3\"}}]}", 400);
  test_pg_run (app->pg, "DELETE FROM preset");
  wrong = post (app, cashier, "/accounts", "{\"customer\":2,\"meters\":[{\"meter\":4,\"limits\":{\"alarm1\":\"3\"}}]}", 400);
  g_assert_nonnull (strstr (wrong->text, "meters[0].limits.alarm1"));
  test_pg_run (app->pg, "INSERT INTO preset (site, alarm1) VALUES (1, 600000)");
  added = post (app, admin, "/accounts/1/meters", "{\"add\":[4]}", 200);
  later = terms (app, 4);
  g_assert_true (g_str_has_prefix (later, "1 600000 120000 "));
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM command WHERE meter = 4 AND kind = 3"), ==, 2);
}

static void
test_changes (void)
{
  g_autoptr (TestApp) app = app_new ();
  g_autofree char *finance = test_app_log_in (app, "finance");
  g_autoptr (TestReply) suspended = NULL, twice = NULL, sale = NULL, resumed = NULL, moved = NULL, none = NULL, added = NULL, full = NULL, strange = NULL;

  suspended = post (app, finance, "/accounts/1/suspend", "{\"reason\":\"away\"}", 200);
  g_assert_cmpstr (test_reply_text (suspended, "state"), ==, "suspended");
  twice = post (app, finance, "/accounts/1/suspend", "{\"reason\":\"away\"}", 409);
  sale = post (app, finance, "/sales", "{\"id\":\"" ID ("03") "\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\"}", 409);
  resumed = post (app, finance, "/accounts/1/resume", "{\"reason\":\"back\"}", 200);
  moved = post (app, finance, "/accounts/1/transfer", "{\"customer\":2,\"reason\":\"sold\"}", 200);
  g_assert_cmpint (test_reply_int (moved, "customer"), ==, 2);
  none = post (app, finance, "/accounts/1/transfer", "{\"customer\":4711,\"reason\":\"sold\"}", 404);
  added = post (app, finance, "/accounts/1/meters", "{\"add\":[4]}", 200);
  full = post (app, finance, "/accounts/1/meters", "{\"remove\":[4]}", 409); /* it holds 20.00 */
  strange = post (app, finance, "/accounts/1/meters", "{\"remove\":[2]}", 404);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM audit WHERE action LIKE 'accounts.%' AND result = 'ok'"), ==, 4);
}

static void
test_close (void)
{
  g_autoptr (TestApp) app = app_new ();
  g_autofree char *finance = test_app_log_in (app, "finance");
  g_autofree char *cashier = test_app_log_in (app, "cashier");
  g_autoptr (TestReply) sale = NULL, dry = NULL, done = NULL, again = NULL, other = NULL, step = NULL, next = NULL, blocked = NULL, refused = NULL;

  sale = post (app, finance, "/sales", "{\"id\":\"" ID ("04") "\",\"meter\":3,\"amount\":\"12.00\",\"channel\":\"card\"}", 201);
  dry = post (app, finance, "/accounts/3/close", "{\"dry_run\":true}", 200);
  g_assert_cmpstr (test_reply_text (dry, "refund_total"), ==, "12.0000");
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT state FROM account WHERE id = 3"), ==, 0);
  done = post (app, finance, "/accounts/3/close", "{\"id\":\"" ID ("05") "\",\"reason\":\"left\",\"channel\":\"card\"}", 200);
  g_assert_cmpstr (test_reply_text (done, "state"), ==, "closed");
  again = post (app, finance, "/accounts/3/close", "{\"id\":\"" ID ("05") "\",\"reason\":\"left\",\"channel\":\"card\"}", 200);
  other = post (app, finance, "/accounts/3/close", "{\"id\":\"" ID ("06") "\",\"reason\":\"left\"}", 409);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM sale WHERE kind = 3 AND state = 4 AND amount = 120000 AND paid_at IS NULL"), ==, 1);

  /* A meter that settles itself: the debit is ordered, the rest waits for it. */
  step = post (app, finance, "/accounts/2/close", "{\"id\":\"" ID ("07") "\",\"reason\":\"left\"}", 200);
  next = post (app, finance, "/accounts/2/close", "{\"id\":\"" ID ("07") "\",\"reason\":\"left\"}", 200);
  g_assert_cmpstr (test_reply_text (step, "state"), ==, "suspended");
  g_assert_nonnull (strstr (step->text, "\"refund\":\"")); /* ordered */
  g_assert_nonnull (strstr (next->text, "on its way"));
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM command WHERE kind = 1 AND meter = 2 AND amount = 200000"), ==, 1);
  /* One that cannot give back says so, and nothing is lost. */
  blocked = post (app, finance, "/accounts/1/close", "{\"id\":\"" ID ("08") "\",\"reason\":\"left\"}", 200);
  g_assert_nonnull (strstr (blocked->text, "cannot give money back"));
  refused = post (app, cashier, "/accounts/1/close", "{\"dry_run\":true}", 403);
  books_are_right (app);
}

/* A purse of energy: what is typed is kWh, what is kept is Wh. */
static void
test_replace_energy (void)
{
#define TYPED(n, kwh) "{\"id\":\"" ID (n) "\",\"new\":{\"serial\":\"KWH-2\"},\"final\":{\"source\":\"dead\",\"balance\":\"" kwh "\",\"note\":\"photo\"}}"
  g_autoptr (TestApp) app = app_new ();
  g_autofree char *engineer = test_app_log_in (app, "engineer");
  g_autoptr (TestReply) fine = NULL, done = NULL, priceless = NULL, wrong = NULL, right = NULL;

  test_pg_run (app->pg, "UPDATE meter SET model = 'gridtill-generic-kwh', purse = 2, settlement = 0, tariff = NULL WHERE id = 1");
  priceless = post (app, engineer, "/meters/1/replace", TYPED ("20", "2.345"), 409);
  g_assert_nonnull (strstr (priceless->text, "The meter has no tariff"));
  test_pg_run (app->pg, "UPDATE meter SET tariff = 1 WHERE id = 1");
  fine = post (app, engineer, "/meters/1/replace", TYPED ("21", "1.2345"), 400);
  g_assert_nonnull (strstr (fine->text, "\"final.balance\":\"is kWh with at most three decimals"));
  done = post (app, engineer, "/meters/1/replace", TYPED ("21", "2.345"), 201);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT (final->>'balance')::bigint FROM replacement WHERE meter = 1"), ==, 2345);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT amount FROM command WHERE meter = 1 AND kind = 0"), ==, 2340);
  /* The old device is read later: it held 3 kWh. The rest follows, in kWh and in money. */
  wrong = post (app, engineer, "/meters/1/correct", "{\"id\":\"" ID ("22") "\",\"balance\":\"3.0001\",\"note\":\"workshop\"}", 400);
  g_assert_nonnull (strstr (wrong->text, "\"balance\":\"is kWh with at most three decimals"));
  right = post (app, engineer, "/meters/1/correct", "{\"id\":\"" ID ("22") "\",\"balance\":\"3.00\",\"note\":\"workshop\"}", 201);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT c.amount FROM command c JOIN replacement r ON r.meter = c.meter JOIN sale s ON s.id = c.id"
                                             " AND s.energy = c.amount AND s.amount = r.corrected WHERE c.id::text = '" ID ("22") "'"), ==, 660);
  books_are_right (app);
#undef TYPED
}

static void
test_replace (void)
{
  static const char body[] = "{\"id\":\"" ID ("11") "\",\"new\":{\"serial\":\"NEW-1\"},\"final\":{\"source\":\"read\"}}";
  g_autoptr (TestApp) app = app_new ();
  g_autofree char *engineer = test_app_log_in (app, "engineer");
  g_autofree char *chief = test_app_log_in (app, "chief");
  g_autoptr (TestReply) done = NULL, again = NULL, typed = NULL, large = NULL, agreed = NULL, bad = NULL, noteless = NULL, once = NULL, twice = NULL, waits = NULL, right = NULL;

  done = post (app, engineer, "/meters/2/replace", body, 201);
  again = post (app, engineer, "/meters/2/replace", body, 200);
  g_assert_cmpstr (test_reply_text (done, "carried"), ==, "20.0000");
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT m.epoch FROM meter m JOIN meter_purse p ON p.meter = m.id AND p.epoch = m.epoch AND NOT p.has_baseline"
                                             " WHERE m.id = 2 AND m.serial = 'NEW-1'"), ==, 2);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM command WHERE meter = 2 AND kind = 0 AND epoch = 2 AND amount = 200000"), ==, 1);
  books_are_right (app);
  bad = post (app, engineer, "/meters/2/replace", "{\"id\":\"" ID ("12") "\",\"new\":{\"serial\":\"X\"},\"final\":{\"source\":\"typed\",\"note\":\"x\"}}", 400);
  noteless = post (app, engineer, "/meters/2/replace", "{\"id\":\"" ID ("12") "\",\"new\":{\"serial\":\"X\"},\"final\":{\"source\":\"dead\"}}", 400);
  typed = post (app, engineer, "/meters/1/replace",
                "{\"id\":\"" ID ("13") "\",\"new\":{\"serial\":\"NEW-2\"},\"final\":{\"source\":\"dead\",\"balance\":\"15.00\",\"note\":\"photo 3\"}}", 201);
  large = post (app, engineer, "/meters/4/replace",
                "{\"id\":\"" ID ("14") "\",\"new\":{\"serial\":\"NEW-3\"},\"final\":{\"source\":\"typed\",\"balance\":\"900.00\",\"note\":\"photo 4\"}}", 409);
  g_assert_cmpstr (test_reply_text (large, "code"), ==, "approval_required");
  agreed = post (app, chief, "/approvals/1", "{\"decision\":\"approve\"}", 200);
  waits = test_app_call (app, "GET", "/meters/1/history?kind=replacement", engineer, NULL);
  g_assert_nonnull (strstr (waits->text, "\"state\":\"provisional\""));
  once = post (app, engineer, "/meters/1/correct", "{\"id\":\"" ID ("15") "\",\"balance\":\"9.00\",\"note\":\"workshop\"}", 201);
  twice = post (app, engineer, "/meters/1/correct", "{\"id\":\"" ID ("16") "\",\"balance\":\"9.00\",\"note\":\"workshop\"}", 409);
  right = test_app_call (app, "GET", "/meters/1/history?kind=replacement", engineer, NULL);
  g_assert_nonnull (strstr (right->text, "\"state\":\"corrected\""));
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT sum (p.amount) FROM posting p JOIN ledger_account a ON a.id = p.account WHERE a.kind = 6 AND a.owner = 1"), ==, 60000);
  books_are_right (app);
}

int
main (int argc, char **argv)
{
  g_setenv ("G_TLS_GNUTLS_PRIORITY", "NORMAL:-VERS-ALL:+VERS-TLS1.3", TRUE);
  till_test_init (&argc, &argv);
  g_test_add_func ("/account/open", test_open);
  g_test_add_func ("/account/defaults", test_defaults);
  g_test_add_func ("/account/changes", test_changes);
  g_test_add_func ("/account/close", test_close);
  g_test_add_func ("/account/replace", test_replace);
  g_test_add_func ("/account/replace-energy", test_replace_energy);
  return till_test_run ();
}
