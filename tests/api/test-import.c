/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-import.c: tables of plant, customers and accounts by the route: verdicts, all or nothing, the same id once, money by the ledger. */
#include <string.h>
#include "server/core/clock.h"
#include "server/jobs/importing.h"
#include "tests/lib/app-fixture.h"
#include "tests/lib/test-main.h"

#define ID(n) "0190a000-0000-7000-8000-0000000000" n

static TestReply *
import (TestApp *app, const char *token, const char *kind, const char *rows, const char *how, guint status)
{
  g_autofree char *body = g_strdup_printf ("{\"kind\":\"%s\",%s,\"rows\":[%s]}", kind, how, rows);
  TestReply *reply = test_app_call (app, "POST", "/imports", token, body);

  if (reply->status != status)
    g_error ("%s: %u %s", kind, reply->status, reply->text);
  return reply;
}

#define DRY  "\"dry_run\":true"
#define REAL "\"dry_run\":false"

static JsonObject *
verdict (TestReply *reply, guint row)
{
  return json_array_get_object_element (json_object_get_array_member (json_node_get_object (reply->json), "rows"), row);
}

static void
effect_is (TestReply *reply, guint row, const char *effect)
{
  g_assert_cmpstr (json_object_get_string_member (verdict (reply, row), "effect"), ==, effect);
}

static void
books_are_right (TestApp *app)
{
  g_autofree char *wrong = test_pg_ask (app->pg, "SELECT string_agg (invariant || ': ' || subject, '; ') FROM ledger_violations ()");

  g_assert_cmpstr (wrong, ==, "");
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT audit_first_broken (1)"), ==, 0);
}

static const char plant_rows[] =
  "{\"kind\":\"gateway\",\"code\":\"GW-9\",\"name\":\"Nine\",\"area\":\"Campus/B9\",\"link\":\"rtu_tcp\",\"address\":\"192.0.2.9:4001\"},"
  "{\"kind\":\"gateway\",\"code\":\"GW-D\",\"area\":\"Campus/B9\",\"link\":\"dial_in\"},"
  "{\"kind\":\"meter\",\"code\":\"N-1\",\"area\":\"Campus/B9/F1/101\",\"gateway\":\"GW-9\",\"unit\":\"1\",\"model\":\"adf400l-1p\",\"use_class\":\"dormitory\","
  "\"tariff\":\"flat\",\"alarm1\":\"40\",\"alarm2\":\"5.5\",\"overload_kw\":\"2.2\",\"serial\":\"S1\"},"
  "{\"code\":\"N-2\",\"area\":\"Campus/B9/F1/102\",\"gateway\":\"GW-D\",\"port\":2,\"unit\":2,\"model\":\"adf400l-1p\"},"
  "{\"code\":\"M-4\",\"name\":\"Kitchen\",\"area\":\" Campus / B9 / F1 / 101 \",\"alarm1\":\"\"}";

static void
test_plant (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *engineer = test_app_log_in (app, "engineer"), *viewer = test_app_log_in (app, "viewer");
  g_autoptr (TestReply) dry = NULL, real = NULL, again = NULL, first = NULL, other = NULL, job = NULL, forbidden = NULL, customers = NULL;
  g_autofree char *path = NULL, *paths = NULL;

  dry = import (app, engineer, "plant", plant_rows, DRY, 200);
  g_assert_cmpint (test_reply_int (dry, "wrong"), ==, 0);
  g_assert_cmpint (test_reply_int (dry, "create"), ==, 4);
  g_assert_cmpint (test_reply_int (dry, "areas"), ==, 4);
  effect_is (dry, 4, "change");
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT (SELECT count (*) FROM meter) * 100 + (SELECT count (*) FROM gateway) * 10 + (SELECT count (*) FROM area)"), ==, 413);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM audit WHERE action LIKE 'import%'"), ==, 0);
  real = import (app, engineer, "plant", plant_rows, "\"id\":\"" ID ("21") "\"," REAL, 200);
  g_assert_cmpstr (test_reply_text (real, "job"), ==, ID ("21"));
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM meter m JOIN gateway g ON g.id = m.gateway JOIN area a ON a.id = m.area WHERE m.code = 'N-1' AND"
    " g.code = 'GW-9' AND a.path = 'Campus/B9/F1/101' AND m.alarm1 = 400000 AND m.alarm2 = 55000 AND m.overload_w = 2200 AND m.tariff = 1 AND m.serial = 'S1'"), ==, 1);
  paths = test_pg_ask (app->pg, "SELECT string_agg (path || ':' || kind, ' ' ORDER BY path) FROM area WHERE path LIKE 'Campus/B9%'");
  g_assert_cmpstr (paths, ==, "Campus/B9:1 Campus/B9/F1:2 Campus/B9/F1/101:3 Campus/B9/F1/102:3");
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT jsonb_array_length (ports) FROM gateway WHERE code = 'GW-D' AND master_key IS NOT NULL"), ==, 2);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM meter m JOIN area a ON a.id = m.area WHERE m.name = 'Kitchen' AND a.path = 'Campus/B9/F1/101'"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM audit WHERE action = 'import.plant' AND object LIKE 'meter:%'"), ==, 2);
  first = import (app, engineer, "plant", plant_rows, "\"id\":\"" ID ("21") "\"," REAL, 200);
  g_assert_cmpint (test_reply_int (first, "create"), ==, 4);
  other = import (app, engineer, "plant", "{\"code\":\"M-1\",\"name\":\"X\"}", "\"id\":\"" ID ("21") "\"," REAL, 409);
  again = import (app, engineer, "plant", plant_rows, DRY, 200);
  g_assert_cmpint (test_reply_int (again, "same"), ==, 5);
  job = test_app_call (app, "GET", "/jobs/" ID ("21"), engineer, NULL);
  g_assert_cmpstr (test_reply_text (job, "state"), ==, "done");
  forbidden = import (app, viewer, "plant", plant_rows, DRY, 403);
  customers = import (app, engineer, "customers", "{\"name\":\"X\"}", DRY, 403);
  books_are_right (app);
}

/* One mistake a row, and where it is. */
static const struct { const char *row, *column; } mistakes[] = {
  { "{\"kind\":\"pump\",\"code\":\"X-1\"}", "kind" },
  { "{\"code\":\"X 2\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"11\",\"model\":\"adf400l-1p\"}", "code" },
  { "{\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"12\",\"model\":\"adf400l-1p\"}", "code" },
  { "{\"code\":\"X-4\",\"gateway\":\"GW-1\",\"unit\":\"13\",\"model\":\"adf400l-1p\"}", "area" },
  { "{\"code\":\"X-5\",\"area\":\"Campus//101\",\"gateway\":\"GW-1\",\"unit\":\"14\",\"model\":\"adf400l-1p\"}", "area" },
  { "{\"code\":\"X-6\",\"area\":\"Campus/B1\",\"unit\":\"15\",\"model\":\"adf400l-1p\"}", "gateway" },
  { "{\"code\":\"X-7\",\"area\":\"Campus/B1\",\"gateway\":\"GW-404\",\"unit\":\"16\",\"model\":\"adf400l-1p\"}", "gateway" },
  { "{\"code\":\"X-8\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"port\":\"3\",\"unit\":\"17\",\"model\":\"adf400l-1p\"}", "port" },
  { "{\"code\":\"X-9\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"port\":\"x\",\"unit\":\"18\",\"model\":\"adf400l-1p\"}", "port" },
  { "{\"code\":\"X-10\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"model\":\"adf400l-1p\"}", "unit" },
  { "{\"code\":\"X-11\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"248\",\"model\":\"adf400l-1p\"}", "unit" },
  { "{\"code\":\"X-12\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"1.5\",\"model\":\"adf400l-1p\"}", "unit" },
  { "{\"code\":\"X-13\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"1\",\"model\":\"adf400l-1p\"}", "unit" },
  { "{\"code\":\"X-14\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"19\"}", "model" },
  { "{\"code\":\"X-15\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"20\",\"model\":\"steam-9\"}", "model" },
  { "{\"code\":\"X-16\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"21\",\"model\":\"adf400l-1p\",\"ct_ratio\":\"0\"}", "ct_ratio" },
  { "{\"code\":\"X-17\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"22\",\"model\":\"adf400l-1p\",\"ct_ratio\":\"ten\"}", "ct_ratio" },
  { "{\"code\":\"X-18\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"23\",\"model\":\"adf400l-1p\",\"use_class\":\"castle\"}", "use_class" },
  { "{\"code\":\"X-19\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"24\",\"model\":\"adf400l-1p\",\"tariff\":\"gold\"}", "tariff" },
  { "{\"code\":\"X-20\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"25\",\"model\":\"adf400l-1p\",\"alarm1\":\"-1\"}", "alarm1" },
  { "{\"code\":\"X-21\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"26\",\"model\":\"adf400l-1p\",\"alarm1\":\"5\",\"alarm2\":\"5\"}", "alarm1" },
  { "{\"code\":\"X-22\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"27\",\"model\":\"adf400l-1p\",\"alarm2\":\"ten\"}", "alarm2" },
  { "{\"code\":\"X-23\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"28\",\"model\":\"adf400l-1p\",\"overload_kw\":\"1.23456\"}", "overload_kw" },
  { "{\"code\":\"X-24\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"29\",\"model\":\"adf400l-1p\",\"serial\":\"123456789012345678901234567890123\"}",
    "serial" },
  { "{\"code\":\"X-25\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"30\",\"model\":\"adf400l-1p\",\"address\":\"192.0.2.1:1\"}", "address" },
  { "{\"code\":\"X-26\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"31\",\"model\":\"adf400l-1p\",\"colour\":\"red\"}", "colour" },
  { "{\"code\":\"M-2\",\"unit\":\"1\",\"gateway\":\"GW-1\"}", "unit" },
  { "{\"code\":\"M-3\",\"alarm1\":\"1\"}", "alarm1" },
  { "{\"code\":\"R-1\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"32\",\"model\":\"adf400l-1p\"}", "code" },
  { "{\"kind\":\"gateway\",\"code\":\"G-1\",\"address\":\"192.0.2.1:1\"}", "link" },
  { "{\"kind\":\"gateway\",\"code\":\"G-2\",\"link\":\"pigeon\",\"address\":\"192.0.2.1:1\"}", "link" },
  { "{\"kind\":\"gateway\",\"code\":\"G-3\",\"link\":\"modbus_tcp\",\"address\":\"here\"}", "address" },
  { "{\"kind\":\"gateway\",\"code\":\"G-4-is-much-too-long\",\"link\":\"modbus_tcp\",\"address\":\"192.0.2.1:1\"}", "code" },
  { "{\"kind\":\"gateway\",\"code\":\"G-5\",\"link\":\"modbus_tcp\",\"address\":\"192.0.2.1:1\",\"unit\":\"3\"}", "unit" },
  { "{\"code\":\"Y-1\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"40\",\"model\":\"adf400l-1p\"}", "code" },
  { "{\"code\":\"X-36\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"40\",\"model\":\"adf400l-1p\"}", "unit" },
  { "{\"code\":\"X-37\",\"name\":\"1234567890123456789012345678901234567890123456789012345678901\",\"area\":\"Campus/B1\",\"gateway\":\"GW-1\",\"unit\":\"41\","
    "\"model\":\"adf400l-1p\"}", "name" },
};

static void
test_mistakes (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *engineer = test_app_log_in (app, "engineer");
  /* Right rows between the wrong ones; the first is the one that two mistakes bump into. */
  g_autoptr (GString) rows = g_string_new ("{\"code\":\"Y-1\",\"area\":\"Campus/New\",\"gateway\":\"GW-1\",\"unit\":\"40\",\"model\":\"adf400l-1p\"}");
  g_autoptr (TestReply) dry = NULL, real = NULL;
  g_autofree char *before = NULL, *after = NULL;
  const char *state = "SELECT md5 (string_agg (x::text, '' ORDER BY x::text)) FROM (SELECT to_jsonb (m) AS x FROM meter m UNION ALL SELECT to_jsonb (g) FROM gateway g"
                      " UNION ALL SELECT to_jsonb (a) FROM area a UNION ALL SELECT to_jsonb (j) FROM job j WHERE j.name = 'import') y";

  G_STATIC_ASSERT (G_N_ELEMENTS (mistakes) == 37);
  test_pg_run (app->pg, "INSERT INTO meter (code, gateway, unit, model, area, retired_at) VALUES ('R-1', 1, 90, 'adf400l-1p', 2, now ())");
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++)
    {
      g_string_append_printf (rows, ",%s", mistakes[i].row);
      g_string_append_printf (rows, ",{\"code\":\"OK-%u\",\"area\":\"Campus/New/%u\",\"gateway\":\"GW-1\",\"unit\":\"%u\",\"model\":\"adf400l-1p\"}", i, i, 100 + i);
    }
  before = test_pg_ask (app->pg, state);
  dry = import (app, engineer, "plant", rows->str, DRY, 200);
  g_assert_cmpint (test_reply_int (dry, "wrong"), ==, 37);
  g_assert_cmpint (test_reply_int (dry, "create"), ==, 38);
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++)
    {
      JsonObject *wrong = verdict (dry, 1 + 2 * i), *right = verdict (dry, 2 + 2 * i), *fields = json_object_get_object_member (wrong, "fields");

      g_assert_false (json_object_get_boolean_member (wrong, "ok"));
      g_assert_cmpint (json_object_get_int_member (wrong, "row"), ==, 2 + 2 * i);
      if (!json_object_has_member (fields, mistakes[i].column) || json_object_get_size (fields) != 1)
        g_error ("%s: not %s alone: %s", mistakes[i].row, mistakes[i].column, dry->text);
      g_assert_true (json_object_get_boolean_member (right, "ok"));
    }
  real = import (app, engineer, "plant", rows->str, REAL, 400);
  g_assert_nonnull (strstr (real->text, "\"rows[5].code\""));
  after = test_pg_ask (app->pg, state);
  g_assert_cmpstr (before, ==, after);
}

static void
test_customers (void)
{
  static const char rows[] =
    "{\"code\":\"K-1\",\"name\":\"\xe7\x8e\x8b\xe8\x8a\xb3\",\"kind\":\"household\",\"phones\":\"139 1234 5566, 0571-88881234\",\"area\":\"Campus/B1\",\"class\":\"residence\"},"
    "{\"name\":\"No number\"},{\"code\":\"C-1\",\"note\":\"=1+1\"}";
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin");
  g_autoptr (TestReply) real = NULL, again = NULL, wrong = NULL, found = NULL;
  g_autofree char *phones = NULL;

  real = import (app, admin, "customers", rows, REAL, 200);
  g_assert_cmpint (test_reply_int (real, "create"), ==, 2);
  effect_is (real, 2, "change");
  phones = test_pg_ask (app->pg, "SELECT phones::text FROM customer WHERE code = 'K-1' AND use_class = 4 AND area = 2");
  g_assert_cmpstr (phones, ==, "{13912345566,057188881234}");
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM customer WHERE name = 'No number' AND code = 'C-' || id"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM audit WHERE action = 'import.customers' AND object LIKE 'customer:%' AND after::text NOT LIKE '%1391234%'"),
                   ==, 3);
  found = test_app_call (app, "GET", "/customers?q=wangf", admin, NULL);
  g_assert_cmpint (test_reply_int (found, "total"), ==, 1);
  again = import (app, admin, "customers", "{\"code\":\"K-1\",\"phones\":\"13912345566;057188881234\"}", DRY, 200);
  effect_is (again, 0, "same");
  wrong = import (app, admin, "customers", "{\"code\":\"K-2\"},{\"code\":\"K-3\",\"name\":\"A\",\"phones\":\"12\"},{\"code\":\"K-4\",\"name\":\"A\",\"area\":\"Moon\"},"
                  "{\"code\":\"K-4\",\"name\":\"B\"},{\"name\":\"B\",\"language\":\"fr\"},{\"name\":\"B\",\"id_number\":\"11010519491231002Y\"}", DRY, 200);
  g_assert_cmpint (test_reply_int (wrong, "wrong"), ==, 6);
}

/* What the server does by itself every few seconds. */
static void
go_on (TestApp *app)
{
  g_autoptr (GError) error = NULL;
  TilldProfiles *profiles = tilld_profiles_load (NULL, &error);

  g_assert_no_error (error);
  tilld_importing_run (app->pg->db, profiles, tilld_clock_wall (tilld_clock_system ()), &error);
  g_assert_no_error (error);
  tilld_profiles_free (profiles);
}

static const char money_sql[] =
  "INSERT INTO customer (code, name, area) VALUES ('C-2', 'Second', 2), ('C-3', 'Third', 3);"
  "INSERT INTO meter (code, gateway, unit, model, area, settlement, tariff, hoard_limit) VALUES ('S-1', 1, 50, 'gridtill-generic-c', 2, 1, 1, 50000000),"
  " ('S-2', 1, 51, 'gridtill-generic-c', 2, 1, 1, 50000000)";

static void
test_accounts (void)
{
  static const char rows[] =
    "{\"customer\":\"C-2\",\"meter\":\"M-4\",\"account\":\"H-1\",\"opening_balance\":\"120.50\",\"alarm1\":\"30\",\"alarm2\":\"3\",\"note\":\"old books\"},"
    "{\"customer\":\"C-3\",\"meter\":\"S-1\",\"settled\":\"together\",\"opening_balance\":\"80\"},{\"customer\":\"C-3\",\"meter\":\"S-2\"}";
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin");
  g_autoptr (TestReply) dry = NULL, real = NULL, first = NULL, again = NULL, wrong = NULL, none = NULL, resumed = NULL;

  test_pg_run (app->pg, money_sql);
  dry = import (app, admin, "accounts", rows, DRY, 200);
  g_assert_cmpint (test_reply_int (dry, "wrong"), ==, 0);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM account"), ==, 3);
  real = import (app, admin, "accounts", rows, "\"id\":\"" ID ("31") "\"," REAL, 200);
  first = import (app, admin, "accounts", rows, "\"id\":\"" ID ("31") "\"," REAL, 200);
  g_assert_cmpint (test_reply_int (real, "create"), ==, 3);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM account"), ==, 5);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM sale s JOIN meter m ON m.id = s.meter WHERE s.kind = 1 AND s.channel = 4 AND s.amount = 1205000"
                                             " AND m.code = 'M-4' AND s.note = 'old books' AND EXISTS (SELECT FROM command c WHERE c.id = s.id AND c.kind = 0)"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT credits - debits FROM ledger_account l JOIN account a ON a.id = l.owner JOIN customer k ON k.id = a.customer"
                                             " WHERE l.kind = 4 AND k.code = 'C-3'"), ==, 800000);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM meter WHERE code = 'M-4' AND alarm1 = 300000"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM account_meter x JOIN account a ON a.id = x.account JOIN customer k ON k.id = a.customer WHERE k.code = 'C-3'"),
                   ==, 2);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM job WHERE name = 'import' AND state = 'running' AND total = 3"), ==, 1);
  /* A death here loses nothing: whoever lives next finds the job and tells the meters. */
  test_pg_run (app->pg, "UPDATE job SET claimed_until = '-infinity' WHERE name = 'import'");
  go_on (app);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM job WHERE name = 'import' AND state = 'done' AND done = total"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM command c JOIN meter m ON m.id = c.meter WHERE m.code = 'M-4' AND c.kind = 3"), ==, 1);
  /* Repeated, it is answered and nothing is ordered twice; one of an older server, without its meters, ends too. */
  test_pg_run (app->pg, "UPDATE job SET state = 'running', done = 0, ended_at = NULL, claimed_until = '-infinity', input = '{\"kind\":\"accounts\"}' WHERE name = 'import'");
  go_on (app);
  resumed = import (app, admin, "accounts", rows, "\"id\":\"" ID ("31") "\"," REAL, 200);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM command c JOIN meter m ON m.id = c.meter WHERE m.code = 'M-4' AND c.kind = 3"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM job WHERE name = 'import' AND state = 'done' AND done = total"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM sale"), ==, 2);
  again = import (app, admin, "accounts", rows, REAL, 200); /* another id, the same file: nothing is paid twice */
  g_assert_cmpint (test_reply_int (again, "same"), ==, 3);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM sale"), ==, 2);
  test_pg_run (app->pg, "INSERT INTO meter (code, gateway, unit, model, area, settlement, tariff) VALUES ('Z-1', 1, 60, 'adf400l-1p', 2, 0, 1), ('Z-2', 1, 61, 'adf400l-1p', 2, 0, 1)");
  wrong = import (app, admin, "accounts",
                  "{\"customer\":\"C-9\",\"meter\":\"Z-1\"},{\"customer\":\"C-2\",\"meter\":\"M-9\"},{\"customer\":\"C-2\",\"meter\":\"S-1\"},"
                  "{\"customer\":\"C-3\",\"meter\":\"Z-1\",\"account\":\"H-1\"},{\"customer\":\"C-2\",\"meter\":\"Z-2\",\"account\":\"H-2\",\"settled\":\"together\"},"
                  "{\"customer\":\"C-2\",\"meter\":\"Z-2\",\"account\":\"H-3\"},{\"customer\":\"C-2\",\"opening_balance\":\"0.001\",\"meter\":\"Z-2\"}", DRY, 200);
  g_assert_cmpint (test_reply_int (wrong, "wrong"), ==, 7);
  none = import (app, admin, "accounts", "{\"customer\":\"C-2\",\"meter\":\"Z-1\",\"opening_balance\":\"5\"},{\"customer\":\"C-2\",\"meter\":\"Z-2\",\"opening_balance\":\"99999999\"}",
                 REAL, 400);
  g_assert_nonnull (strstr (none->text, "rows[1].opening_balance"));
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM account"), ==, 5);
  books_are_right (app);
}

/* What no cell says comes from the nearest default; a cell wins. A place that comes along has the defaults of what is above it. */
static void
test_defaults (void)
{
  static const char plant[] =
    "{\"code\":\"D-1\",\"area\":\"Campus/B1/F9/901\",\"gateway\":\"GW-1\",\"unit\":\"80\",\"model\":\"adf400l-1p\",\"use_class\":\"shop\"},"
    "{\"code\":\"D-2\",\"area\":\"Campus/B1/F9/902\",\"gateway\":\"GW-1\",\"unit\":\"81\",\"model\":\"adf400l-1p\",\"alarm1\":\"8\"},"
    "{\"code\":\"D-3\",\"area\":\"Campus/B8\",\"gateway\":\"GW-1\",\"unit\":\"82\",\"model\":\"adf400l-1p\"}";
  static const char accounts[] = "{\"customer\":\"C-2\",\"meter\":\"M-4\"},{\"customer\":\"C-2\",\"meter\":\"S-1\",\"alarm1\":\"70\",\"overload_kw\":\"1\"}";
  static const char hoard[] = "{\"customer\":\"C-2\",\"meter\":\"S-2\",\"opening_balance\":\"600.5\"}";
  const char *all = "SELECT string_agg (concat_ws (' ', code, tariff, alarm1, alarm2, overload_w, overdraft, hoard_limit, full_interval_s), '; ' ORDER BY code)"
                    " FROM meter WHERE code IN ('D-1', 'D-2', 'D-3', 'M-4', 'S-1')";
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin");
  g_autoptr (TestReply) dry = NULL, real = NULL, opened = NULL, much = NULL, again = NULL;
  g_autofree char *meters = NULL, *opened_meters = NULL;

  test_pg_run (app->pg, money_sql);
  test_pg_run (app->pg, "UPDATE meter SET tariff = NULL, alarm1 = 990000, alarm2 = 20000, overload_w = 7000, hoard_limit = 0 WHERE code = 'M-4';"
                        "INSERT INTO preset (site, area, use_class, tariff, alarm1, alarm2, overload_w, overdraft, hoard_limit, full_interval_s) VALUES"
                        " (1, NULL, NULL, 1, 400000, 120000, NULL, 10000, NULL, 1200), (1, 2, NULL, NULL, NULL, NULL, 2200, NULL, 6000000, NULL),"
                        " (1, 2, 1, NULL, 2000000, NULL, NULL, NULL, NULL, NULL)");
  dry = import (app, admin, "plant", plant, DRY, 200);
  g_assert_cmpint (test_reply_int (dry, "wrong"), ==, 0);
  real = import (app, admin, "plant", plant, REAL, 200);
  opened = import (app, admin, "accounts", accounts, REAL, 200);
  g_assert_cmpint (test_reply_int (opened, "create"), ==, 2);
  meters = test_pg_ask (app->pg, all);
  g_assert_cmpstr (meters, ==, "D-1 1 2000000 120000 2200 10000 6000000 1200; D-2 1 80000 40000 2200 10000 6000000 1200; D-3 1 400000 120000 0 10000 0 1200; "
                               "M-4 1 400000 120000 7000 10000 0 1200; S-1 1 700000 120000 1000 10000 6000000 1200");
  much = import (app, admin, "accounts", hoard, DRY, 200);
  g_assert_cmpint (test_reply_int (much, "wrong"), ==, 1);
  again = import (app, admin, "plant", plant, DRY, 200); /* the same file, no change: defaults are of new meters */
  g_assert_cmpint (test_reply_int (again, "same"), ==, 3);
  books_are_right (app);
}

/* Many of each kind, as a whole, and how long it took. Ten thousand: ./run bench import. */
static void
test_many (void)
{
  static const char *const kinds[] = { "plant", "customers", "accounts" };
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin");

  test_pg_run (app->pg, "INSERT INTO preset (site, alarm1, alarm2, full_interval_s) VALUES (1, 400000, 120000, 1200);"
                        "INSERT INTO preset (site, area, overload_w) SELECT 1, id, 2200 + id FROM area; INSERT INTO preset (site, use_class, overdraft) VALUES (1, 0, 10000)");
  for (guint kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      g_autoptr (GString) rows = g_string_new (NULL);
      g_autoptr (TestReply) reply = NULL;
      gint64 from = g_get_monotonic_time ();

      for (guint i = 0; i < 2000; i++)
        {
          guint gateway = i / 200;

          g_string_append_printf (rows, "%s{", i > 0 ? "," : "");
          if (kind == 0 && i % 200 == 0)
            g_string_append_printf (rows, "\"kind\":\"gateway\",\"code\":\"B-%u\",\"link\":\"modbus_tcp\",\"address\":\"192.0.2.1:%u\",\"area\":\"Campus/H%u\"}", gateway,
                                    1000 + gateway, gateway);
          else if (kind == 0)
            g_string_append_printf (rows, "\"code\":\"B-%u-%u\",\"gateway\":\"B-%u\",\"unit\":\"%u\",\"model\":\"gridtill-generic-c\",\"area\":\"Campus/H%u/F%u/%u\","
                                    "\"tariff\":\"flat\"}", gateway, i % 200, gateway, i % 200, gateway, i % 200 / 40, i);
          else if (kind == 1)
            g_string_append_printf (rows, "\"code\":\"P-%u\",\"name\":\"\xe5\xbc\xa0%u\",\"phones\":\"139%08u\",\"area\":\"Campus/B1\"}", i, i, i);
          else
            g_string_append_printf (rows, "\"customer\":\"P-%u\",\"meter\":\"B-%u-%u\",\"opening_balance\":\"12.50\"}", i, gateway, i % 200 == 0 ? 1 : i % 200);
          if (kind == 2 && i % 200 == 0) /* that was the gateway */
            g_string_truncate (rows, (gsize) (strrchr (rows->str, '{') - rows->str) - (i > 0));
        }
      if (kind == 2 && rows->str[0] == ',')
        g_string_erase (rows, 0, 1);
      reply = import (app, admin, kinds[kind], rows->str, REAL, 200);
      g_assert_cmpint (test_reply_int (reply, "create"), ==, kind == 2 ? 1990 : 2000);
      g_test_message ("import %s: %" G_GINT64_FORMAT " ms", kinds[kind], (g_get_monotonic_time () - from) / 1000);
    }
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM sale WHERE kind = 1 AND amount = 125000"), ==, 1990);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM meter WHERE code LIKE 'B-%' AND alarm1 = 400000 AND overload_w = 2201 AND overdraft = 10000"), ==, 1990);
  books_are_right (app);
}

int
main (int argc, char **argv)
{
  g_setenv ("G_TLS_GNUTLS_PRIORITY", "NORMAL:-VERS-ALL:+VERS-TLS1.3", TRUE);
  till_test_init (&argc, &argv);
  g_test_add_func ("/api/import/plant", test_plant);
  g_test_add_func ("/api/import/mistakes", test_mistakes);
  g_test_add_func ("/api/import/customers", test_customers);
  g_test_add_func ("/api/import/accounts", test_accounts);
  g_test_add_func ("/api/import/defaults", test_defaults);
  g_test_add_func ("/api/import/many", test_many);
  return till_test_run ();
}
