/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-money.c: the routes of money: a table of bad inputs, each refused with its code and nothing written; an export that an auditor
 * takes home; papers and their codes; an operation that waits for a second operator. */
#include <string.h>
#include "server/api/api.h"
#include "server/domain/money/ledger-verify.h"
#include "shared/api/till-paths.h"
#include "tests/lib/app-fixture.h"
#include "tests/lib/test-main.h"

static const char finance_sql[] =
  "INSERT INTO operator (account, name, password) SELECT a, a, o.password FROM operator o, unnest (ARRAY['finance', 'chief']) AS a WHERE o.account = 'cashier';"
  "INSERT INTO operator_role SELECT o.id, r.id FROM operator o, role r WHERE o.account IN ('finance', 'chief') AND r.name = 'finance';"
  "UPDATE meter SET model = 'gridtill-generic-b' WHERE id = 2;"
  "INSERT INTO meter_purse (meter, epoch, has_baseline, have, count, total, balance) VALUES (2, 1, true, 23, 3, 1000000, 200000)"
  " ON CONFLICT (meter) DO UPDATE SET has_baseline = true, have = 23, count = 3, total = 1000000, balance = 200000;";

static TestApp *
app_with_finance (void)
{
  TestApp *app = test_app_new ();

  test_pg_run (app->pg, finance_sql);
  return app;
}

static const char written_sql[] =
  "SELECT (SELECT count (*) FROM sale) + (SELECT count (*) FROM tx) + (SELECT count (*) FROM posting) + (SELECT count (*) FROM request)"
  " + (SELECT count (*) FROM command) + (SELECT count (*) FROM approval) + (SELECT count (*) FROM drawer) + (SELECT count (*) FROM ledger_account)"
  " + (SELECT count (*) FROM audit WHERE action NOT LIKE 'session%' AND result <> 'forbidden')";

static const struct {
  const char *user, *path, *body;
  guint       status;
  const char *code;
} inputs[] = {
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000011\",\"meter\":1,\"amount\":\"0\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000012\",\"meter\":1,\"amount\":\"-1.00\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000013\",\"meter\":1,\"amount\":\"-0.01\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000014\",\"meter\":1,\"amount\":\"0.001\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000015\",\"meter\":1,\"amount\":\"0.0001\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000016\",\"meter\":1,\"amount\":\"1e3\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000017\",\"meter\":1,\"amount\":\"+1\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000018\",\"meter\":1,\"amount\":\" 1\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000019\",\"meter\":1,\"amount\":\"1 \",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-00000000001a\",\"meter\":1,\"amount\":\"1,000.00\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-00000000001b\",\"meter\":1,\"amount\":\"0x10\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-00000000001c\",\"meter\":1,\"amount\":\"NaN\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-00000000001d\",\"meter\":1,\"amount\":\"Infinity\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-00000000001e\",\"meter\":1,\"amount\":\"\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-00000000001f\",\"meter\":1,\"amount\":\"1.\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000020\",\"meter\":1,\"amount\":\".5\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000021\",\"meter\":1,\"amount\":\"01.00\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales",
    "{\"id\":\"0190a000-0000-7000-8000-000000000022\",\"meter\":1,\"amount\":\"99999999999999999999\",\"channel\":\""
    "cash\"}",
    400, "invalid" },
  { "cashier", "/sales",
    "{\"id\":\"0190a000-0000-7000-8000-000000000023\",\"meter\":1,\"amount\":\"9223372036854775807\",\"channel\":\""
    "cash\"}",
    400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000024\",\"meter\":1,\"amount\":1,\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000025\",\"meter\":1,\"amount\":1.5,\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000026\",\"meter\":1,\"amount\":null,\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000027\",\"meter\":1,\"amount\":true,\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000028\",\"meter\":1,\"amount\":[],\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000029\",\"meter\":1,\"amount\":{},\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-00000000002a\",\"meter\":1,\"amount\":\"１\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-00000000002b\",\"meter\":1,\"amount\":\"60000.00\",\"channel\":\"cash\"}", 422, "limit" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-00000000002c\",\"meter\":1,\"amount\":\"4980.01\",\"channel\":\"cash\"}", 422, "limit" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-00000000002d\",\"meter\":0,\"amount\":\"1.00\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-00000000002e\",\"meter\":-1,\"amount\":\"1.00\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-00000000002f\",\"meter\":\"1\",\"amount\":\"1.00\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000030\",\"meter\":1.5,\"amount\":\"1.00\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000031\",\"meter\":null,\"amount\":\"1.00\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales",
    "{\"id\":\"0190a000-0000-7000-8000-000000000032\",\"meter\":9223372036854775807,\"amount\":\"1.00\",\"channel\""
    ":\"cash\"}",
    400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000033\",\"meter\":true,\"amount\":\"1.00\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000034\",\"meter\":4711,\"amount\":\"1.00\",\"channel\":\"cash\"}", 404, "not_found" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000035\",\"meter\":4,\"amount\":\"1.00\",\"channel\":\"cash\"}", 409, "conflict" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000036\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"gold\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000037\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"Cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000038\",\"meter\":1,\"amount\":\"1.00\",\"channel\":0}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-000000000039\",\"meter\":1,\"amount\":\"1.00\",\"channel\":null}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190a000-0000-7000-8000-00000000003a\",\"meter\":1,\"amount\":\"1.00\",\"channel\":[\"cash\"]}", 400, "invalid" },
  { "cashier", "/sales",
    "{\"id\":\"0190a000-0000-7000-8000-00000000003b\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\",\"kind\""
    ":\"refund\"}",
    400, "invalid" },
  { "cashier", "/sales",
    "{\"id\":\"0190a000-0000-7000-8000-00000000003c\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\",\"kind\""
    ":\"reversal\"}",
    400, "invalid" },
  { "cashier", "/sales",
    "{\"id\":\"0190a000-0000-7000-8000-00000000003d\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\",\"kind\""
    ":\"transfer\"}",
    400, "invalid" },
  { "cashier", "/sales",
    "{\"id\":\"0190a000-0000-7000-8000-00000000003e\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\",\"kind\""
    ":\"gift\"}",
    400, "invalid" },
  { "cashier", "/sales",
    "{\"id\":\"0190a000-0000-7000-8000-00000000003f\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\",\"kind\""
    ":1}",
    400, "invalid" },
  { "cashier", "/sales",
    "{\"id\":\"0190a000-0000-7000-8000-000000000040\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\",\"kind\""
    ":\"subsidy\"}",
    403, "forbidden" },
  { "cashier", "/sales", "{\"id\":\"x\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"00000000-0000-0000-0000-000000000000\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":\"0190A000-0000-7000-8000-0000000000AA\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":7,\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales", "{\"id\":null,\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\"}", 400, "invalid" },
  { "cashier", "/sales",
    "{\"id\":\"0190a000-0000-7000-8000-000000000046\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\",\"drawer"
    "\":4711}",
    409, "conflict" },
  { "cashier", "/sales",
    "{\"id\":\"0190a000-0000-7000-8000-000000000047\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\",\"drawer"
    "\":0}",
    400, "invalid" },
  { "cashier", "/sales",
    "{\"id\":\"0190a000-0000-7000-8000-000000000048\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\",\"note\""
    ":\"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
    "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\"}",
    400, "invalid" },
  { "cashier", "/sales",
    "{\"id\":\"0190a000-0000-7000-8000-000000000049\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\",\"note\""
    ":\"a\\u202eb\"}",
    400, "invalid" },
  { "cashier", "/sales",
    "{\"id\":\"0190a000-0000-7000-8000-00000000004a\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\",\"balanc"
    "e\":\"5\"}",
    400, "invalid" },
  { "cashier", "/sales",
    "{\"id\":\"0190a000-0000-7000-8000-00000000004b\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\",\"operat"
    "or\":1}",
    400, "invalid" },
  { "viewer", "/sales", "{\"id\":\"0190a000-0000-7000-8000-00000000004c\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\"}", 403, "forbidden" },
  { "admin", "/sales", "{\"id\":\"0190a000-0000-7000-8000-00000000004d\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\"}", 403, "forbidden" },
  { "finance", "/refunds",
    "{\"id\":\"0190a000-0000-7000-8000-00000000004e\",\"meter\":2,\"amount\":\"0\",\"channel\":\"cash\",\"reason\":"
    "\"test\"}",
    400, "invalid" },
  { "finance", "/refunds",
    "{\"id\":\"0190a000-0000-7000-8000-00000000004f\",\"meter\":2,\"amount\":\"-1.00\",\"channel\":\"cash\",\"reaso"
    "n\":\"test\"}",
    400, "invalid" },
  { "finance", "/refunds",
    "{\"id\":\"0190a000-0000-7000-8000-000000000050\",\"meter\":2,\"amount\":\"0.005\",\"channel\":\"cash\",\"reaso"
    "n\":\"test\"}",
    400, "invalid" },
  { "finance", "/refunds",
    "{\"id\":\"0190a000-0000-7000-8000-000000000051\",\"meter\":2,\"amount\":1,\"channel\":\"cash\",\"reason\":\"te"
    "st\"}",
    400, "invalid" },
  { "finance", "/refunds",
    "{\"id\":\"0190a000-0000-7000-8000-000000000052\",\"meter\":2,\"amount\":null,\"channel\":\"cash\",\"reason\":\""
    "test\"}",
    400, "invalid" },
  { "finance", "/refunds",
    "{\"id\":\"0190a000-0000-7000-8000-000000000053\",\"meter\":2,\"amount\":\"20.01\",\"channel\":\"cash\",\"reaso"
    "n\":\"test\"}",
    422, "limit" },
  { "finance", "/refunds",
    "{\"id\":\"0190a000-0000-7000-8000-000000000054\",\"meter\":1,\"amount\":\"1.00\",\"channel\":\"cash\",\"reason"
    "\":\"test\"}",
    422, "unsupported" },
  { "finance", "/refunds",
    "{\"id\":\"0190a000-0000-7000-8000-000000000055\",\"meter\":4711,\"amount\":\"1.00\",\"channel\":\"cash\",\"rea"
    "son\":\"test\"}",
    404, "not_found" },
  { "finance", "/refunds", "{\"id\":\"0190a000-0000-7000-8000-000000000056\",\"meter\":2,\"amount\":\"1.00\",\"channel\":\"cash\"}", 400, "invalid" },
  { "finance", "/refunds",
    "{\"id\":\"0190a000-0000-7000-8000-000000000057\",\"meter\":2,\"amount\":\"1.00\",\"channel\":\"cash\",\"reason"
    "\":\"\"}",
    400, "invalid" },
  { "finance", "/refunds",
    "{\"id\":\"0190a000-0000-7000-8000-000000000058\",\"meter\":2,\"amount\":\"1.00\",\"channel\":\"gold\",\"reason"
    "\":\"test\"}",
    400, "invalid" },
  { "finance", "/refunds",
    "{\"id\":\"0190a000-0000-7000-8000-000000000059\",\"meter\":2,\"amount\":\"1.00\",\"channel\":\"cash\",\"reason"
    "\":\"test\",\"drawer\":1}",
    400, "invalid" },
  { "cashier", "/refunds",
    "{\"id\":\"0190a000-0000-7000-8000-00000000005a\",\"meter\":2,\"amount\":\"1.00\",\"channel\":\"cash\",\"reason"
    "\":\"test\"}",
    403, "forbidden" },
  { "finance", "/sales/0190a000-0000-7000-8000-000000000001/reverse",
    "{\"id\":\"0190a000-0000-7000-8000-00000000005b\",\"reason\":\"x\"}",
    404, "not_found" },
  { "finance", "/sales/0190a000-0000-7000-8000-000000000001/reverse", "{\"id\":\"0190a000-0000-7000-8000-00000000005c\"}", 400, "invalid" },
  { "finance", "/sales/0190a000-0000-7000-8000-000000000001/reverse", "{\"reason\":\"x\"}", 400, "invalid" },
  { "finance", "/sales/0190a000-0000-7000-8000-000000000001/reverse",
    "{\"id\":\"0190a000-0000-7000-8000-00000000005d\",\"reason\":\"x\",\"amount\":\"1.00\"}",
    400, "invalid" },
  { "cashier", "/sales/0190a000-0000-7000-8000-000000000001/reverse",
    "{\"id\":\"0190a000-0000-7000-8000-00000000005e\",\"reason\":\"x\"}",
    403, "forbidden" },
  { "finance", "/sales/0190a000-0000-7000-8000-000000000001/pay", "{}", 404, "not_found" },
  { "finance", "/sales/0190a000-0000-7000-8000-000000000001/pay", "{\"channel\":\"gold\"}", 400, "invalid" },
  { "finance", "/sales/7/pay", "{}", 404, "not_found" },
  { "cashier", "/drawers", "{}", 400, "invalid" },
  { "cashier", "/drawers", "{\"opened_with\":\"-1.00\"}", 400, "invalid" },
  { "cashier", "/drawers", "{\"opened_with\":\"0.001\"}", 400, "invalid" },
  { "cashier", "/drawers", "{\"opened_with\":5}", 400, "invalid" },
  { "cashier", "/drawers", "{\"opened_with\":\"1.00\",\"x\":1}", 400, "invalid" },
  { "viewer", "/drawers", "{\"opened_with\":\"1.00\"}", 403, "forbidden" },
  { "cashier", "/drawers/4711/close", "{\"counted\":\"1.00\"}", 404, "not_found" },
  { "cashier", "/drawers/4711/close", "{\"counted\":\"-1.00\"}", 400, "invalid" },
  { "cashier", "/drawers/x/close", "{\"counted\":\"1.00\"}", 404, "not_found" },
  { "finance", "/approvals/4711", "{\"decision\":\"approve\"}", 404, "not_found" },
  { "finance", "/approvals/1", "{\"decision\":\"maybe\"}", 400, "invalid" },
  { "finance", "/approvals/1", "{}", 400, "invalid" },
  { "finance", "/cases/4711", "{\"decision\":\"applied\",\"note\":\"x\"}", 404, "not_found" },
  { "finance", "/cases/4711", "{\"decision\":\"forget\",\"note\":\"x\"}", 400, "invalid" },
  { "finance", "/cases/4711", "{\"decision\":\"applied\"}", 400, "invalid" },
  { "cashier", "/cases/4711", "{\"decision\":\"applied\",\"note\":\"x\"}", 403, "forbidden" },
};

static void
test_bad_inputs (void)
{
  g_autoptr (TestApp) app = app_with_finance ();
  g_autoptr (GHashTable) tokens = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  gint64 written = test_pg_ask_int (app->pg, written_sql);
  guint wrong = 0;

  g_assert_cmpuint (G_N_ELEMENTS (inputs), >=, 60);
  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    {
      g_autoptr (TestReply) reply = NULL;

      if (!g_hash_table_contains (tokens, inputs[i].user))
        g_hash_table_insert (tokens, (gpointer) inputs[i].user, test_app_log_in (app, inputs[i].user));
      reply = test_app_call (app, "POST", inputs[i].path, g_hash_table_lookup (tokens, inputs[i].user), inputs[i].body);
      if (reply->status == inputs[i].status && g_strcmp0 (test_reply_text (reply, "code"), inputs[i].code) == 0)
        continue;
      g_test_message ("%s %s %s: %u %s", inputs[i].user, inputs[i].path, inputs[i].body, reply->status, reply->text);
      wrong++;
    }
  g_assert_cmpuint (wrong, ==, 0);
  g_assert_cmpint (test_pg_ask_int (app->pg, written_sql), ==, written);
}

static void
test_export (void)
{
  g_autoptr (TestApp) app = app_with_finance ();
  g_autofree char *cashier = test_app_log_in (app, "cashier");
  g_autofree char *auditor = test_app_log_in (app, "auditor");
  g_autoptr (TestReply) sale = test_app_call (app, "POST", TILL_PATH_SALES, cashier,
                                              "{\"id\":\"0190a000-0000-7000-8000-000000000001\",\"meter\":1,\"amount\":\"5.00\",\"channel\":\"cash\"}");
  g_autoptr (TestReply) other = test_app_call (app, "POST", TILL_PATH_SALES, cashier,
                                               "{\"id\":\"0190a000-0000-7000-8000-000000000002\",\"meter\":2,\"amount\":\"7.00\",\"channel\":\"card\"}");
  g_autoptr (TestReply) books = test_app_call (app, "GET", TILL_PATH_LEDGER_EXPORT, auditor, NULL);
  g_autoptr (TestReply) refused = test_app_call (app, "GET", TILL_PATH_LEDGER_EXPORT, cashier, NULL);
  g_autoptr (TestReply) page = test_app_call (app, "GET", TILL_PATH_LEDGER_TRANSACTIONS "?event=sale_paid&sort=n", auditor, NULL);
  g_autoptr (GError) error = NULL;
  TilldLedgerVerdict verdict;
  char *edited;

  g_assert_cmpuint (sale->status, ==, 201);
  g_assert_cmpuint (other->status, ==, 201);
  g_assert_cmpuint (books->status, ==, 200);
  g_assert_cmpuint (refused->status, ==, 403);
  g_assert_cmpint (test_reply_int (page, "total"), ==, 2);
  g_assert_nonnull (strstr (page->text, "-5.0000"));
  g_assert_true (tilld_ledger_verify (books->text, books->len, &verdict, &error));
  g_assert_cmpint (verdict.transactions, ==, 2);
  edited = strstr (books->text, ":50000");
  g_assert_nonnull (edited);
  edited[1] = '6'; /* 5.00 becomes 6.00 */
  g_assert_false (tilld_ledger_verify (books->text, books->len, &verdict, &error));
  g_assert_nonnull (strstr (error->message, "line 1 "));
}

static void
test_papers (void)
{
  static const char code[] = "0190a000-0000-7000-8000-000000000001";
  g_autoptr (TestApp) app = app_with_finance ();
  g_autofree char *cashier = test_app_log_in (app, "cashier");
  g_autofree char *finance = test_app_log_in (app, "finance");
  g_autofree char *verify = g_strconcat ("/receipts/", code, NULL);
  g_autofree char *paper = g_strconcat ("/sales/", code, "/receipt?size=80mm", NULL);
  g_autofree char *reverse = g_strconcat ("/sales/", code, "/reverse", NULL);
  g_autoptr (TestReply) sale = test_app_call (app, "POST", TILL_PATH_SALES, finance,
                                              "{\"id\":\"0190a000-0000-7000-8000-000000000001\",\"meter\":1,\"amount\":\"5.00\",\"channel\":\"cash\"}");
  g_autoptr (TestReply) known = test_app_call (app, "GET", verify, NULL, NULL); /* without log-in: who holds the paper may ask */
  g_autoptr (TestReply) strange = test_app_call (app, "GET", "/receipts/0190a000-0000-7000-8000-0000000000ff", NULL, NULL);
  g_autoptr (TestReply) garbage = test_app_call (app, "GET", "/receipts/%27%3B--", NULL, NULL);
  g_autoptr (TestReply) first = test_app_call (app, "GET", paper, cashier, NULL);
  g_autoptr (TestReply) second = test_app_call (app, "GET", paper, cashier, NULL);
  g_autoptr (TestReply) reversal = test_app_call (app, "POST", reverse, finance, "{\"id\":\"0190a000-0000-7000-8000-000000000003\",\"reason\":\"mistake\"}");
  g_autoptr (TestReply) after = test_app_call (app, "GET", verify, NULL, NULL);

  g_assert_cmpuint (sale->status, ==, 201);
  g_assert_cmpuint (known->status, ==, 200);
  g_assert_nonnull (strstr (known->text, "\"valid\":true"));
  g_assert_null (strstr (known->text, "\xe5\xbc\xa0")); /* nothing of the customer */
  g_assert_cmpuint (strange->status, ==, 404);
  g_assert_cmpuint (garbage->status, ==, 404);
  g_assert_cmpuint (first->status, ==, 200);
  g_assert_cmpuint (second->status, ==, 200);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT prints FROM sale WHERE kind = 0"), ==, 2);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT (after->>'copy')::int FROM audit WHERE action = 'receipt.print' ORDER BY n DESC LIMIT 1"), ==, 1);
  if (reversal->status != 201)
    g_error ("reversal: %u %s", reversal->status, reversal->text);
  g_assert_cmpstr (test_reply_text (reversal, "kind"), ==, "reversal");
  g_assert_nonnull (strstr (after->text, "\"valid\":false"));
}

static void
test_second_operator (void)
{
  static const char body[] = "{\"id\":\"0190a000-0000-7000-8000-000000000005\",\"meter\":2,\"amount\":\"9.00\",\"channel\":\"cash\",\"reason\":\"left\"}";
  g_autoptr (TestApp) app = app_with_finance ();
  g_autofree char *finance = test_app_log_in (app, "finance");
  g_autofree char *chief = test_app_log_in (app, "chief");
  g_autofree char *cashier = test_app_log_in (app, "cashier");
  g_autoptr (TestReply) asked = NULL, seen = NULL, hidden = NULL, own = NULL, agreed = NULL, again = NULL;

  test_pg_run (app->pg, "UPDATE site SET approve_refund = 50000");
  asked = test_app_call (app, "POST", TILL_PATH_REFUNDS, finance, body);
  g_assert_cmpuint (asked->status, ==, 409);
  g_assert_cmpstr (test_reply_text (asked, "code"), ==, "approval_required");
  g_assert_nonnull (strstr (asked->text, "\"fields\":{\"approval\":\"1\"}"));
  seen = test_app_call (app, "GET", "/approvals?state=open", chief, NULL);
  hidden = test_app_call (app, "GET", "/approvals", cashier, NULL);
  own = test_app_call (app, "POST", "/approvals/1", finance, "{\"decision\":\"approve\"}");
  agreed = test_app_call (app, "POST", "/approvals/1", chief, "{\"decision\":\"approve\",\"note\":\"seen\"}");
  again = test_app_call (app, "POST", TILL_PATH_REFUNDS, finance, body);
  g_assert_cmpint (test_reply_int (seen, "total"), ==, 1);
  g_assert_cmpint (test_reply_int (hidden, "total"), ==, 0);
  g_assert_cmpuint (own->status, ==, 403);
  if (agreed->status != 200)
    g_error ("approve: %u %s", agreed->status, agreed->text);
  g_assert_cmpstr (test_reply_text (agreed, "state"), ==, "approved");
  g_assert_cmpuint (again->status, ==, 200);
  g_assert_cmpstr (again->replay, ==, "true");
  g_assert_cmpstr (test_reply_text (again, "state"), ==, "queued");
}

/* A large sale takes nothing before a second operator agreed; then it is the sale of who asked for it. */
static void
test_large_sale (void)
{
  static const char body[] = "{\"id\":\"0190a000-0000-7000-8000-000000000007\",\"meter\":1,\"amount\":\"9.00\",\"channel\":\"cash\",\"note\":\"in advance\"}";
  g_autoptr (TestApp) app = app_with_finance ();
  g_autofree char *cashier = test_app_log_in (app, "cashier");
  g_autofree char *finance = test_app_log_in (app, "finance");
  g_autoptr (TestReply) asked = NULL, twice = NULL, other = NULL, agreed = NULL, again = NULL, small = NULL, seen = NULL;

  test_pg_run (app->pg, "UPDATE site SET approve_sale = 50000");
  asked = test_app_call (app, "POST", TILL_PATH_SALES, cashier, body);
  twice = test_app_call (app, "POST", TILL_PATH_SALES, cashier, body);
  other = test_app_call (app, "POST", TILL_PATH_SALES, cashier,
                         "{\"id\":\"0190a000-0000-7000-8000-000000000007\",\"meter\":1,\"amount\":\"9.01\",\"channel\":\"cash\"}");
  g_assert_cmpuint (asked->status, ==, 409);
  g_assert_cmpstr (test_reply_text (asked, "code"), ==, "approval_required");
  g_assert_nonnull (strstr (twice->text, "\"fields\":{\"approval\":\"1\"}"));
  g_assert_cmpstr (test_reply_text (other, "code"), ==, "conflict");
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT (SELECT count (*) FROM sale) + (SELECT count (*) FROM tx) + (SELECT count (*) FROM command)"), ==, 0);
  small = test_app_call (app, "POST", TILL_PATH_SALES, cashier,
                         "{\"id\":\"0190a000-0000-7000-8000-000000000008\",\"meter\":1,\"amount\":\"5.00\",\"channel\":\"cash\"}");
  g_assert_cmpuint (small->status, ==, 201);
  seen = test_app_call (app, "GET", "/approvals?state=open", finance, NULL);
  g_assert_nonnull (strstr (seen->text, "\"kind\":\"sale\""));
  agreed = test_app_call (app, "POST", "/approvals/1", finance, "{\"decision\":\"approve\"}");
  if (agreed->status != 200)
    g_error ("approve: %u %s", agreed->status, agreed->text);
  again = test_app_call (app, "POST", TILL_PATH_SALES, cashier, body);
  g_assert_cmpuint (again->status, ==, 200);
  g_assert_cmpstr (again->replay, ==, "true");
  g_assert_cmpstr (test_reply_text (again, "operator_name"), ==, "cashier");
  g_assert_cmpstr (test_reply_text (again, "note"), ==, "in advance");
  g_assert_cmpint (test_reply_int (again, "approved_by"), >, 0);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM command WHERE kind = 0 AND amount = 90000"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM ledger_violations ()"), ==, 0);
}

/* Above what a second operator agrees: set by who has no money, and never by who sells. */
static void
test_limits (void)
{
  g_autoptr (TestApp) app = app_with_finance ();
  g_autofree char *admin = test_app_log_in (app, "admin");
  g_autofree char *finance = test_app_log_in (app, "finance");
  g_autoptr (TestReply) before = test_app_call (app, "GET", "/sites/1", admin, NULL);
  g_autoptr (TestReply) bad = NULL, none = NULL, forbidden = NULL, set = NULL, stale = NULL;

  g_assert_nonnull (strstr (before->text, "\"approve_sale\":null"));
  g_assert_cmpstr (test_reply_text (before, "approve_refund"), ==, "200.0000");
  app->if_match = (guint) test_reply_int (before, "version");
  forbidden = test_app_call (app, "PATCH", "/sites/1", finance, "{\"approve_refund\":null}");
  bad = test_app_call (app, "PATCH", "/sites/1", admin, "{\"approve_sale\":\"-1.00\",\"approve_tariff_pct\":1001,\"approval_hours\":0}");
  none = test_app_call (app, "PATCH", "/sites/1", admin, "{\"restore_above\":null}");
  set = test_app_call (app, "PATCH", "/sites/1", admin, "{\"approve_sale\":\"300.00\",\"approve_refund\":null,\"approve_tariff_pct\":5,\"restore_above\":\"2.50\"}");
  stale = test_app_call (app, "PATCH", "/sites/1", admin, "{\"approve_sale\":null}");
  g_assert_cmpuint (forbidden->status, ==, 403);
  g_assert_cmpuint (bad->status, ==, 400);
  g_assert_nonnull (strstr (bad->text, "\"approve_sale\":\"must not be below 0\""));
  g_assert_nonnull (strstr (bad->text, "\"approve_tariff_pct\":\""));
  g_assert_nonnull (strstr (bad->text, "\"approval_hours\":\""));
  g_assert_cmpuint (none->status, ==, 400);
  if (set->status != 200)
    g_error ("limits: %u %s", set->status, set->text);
  g_assert_cmpstr (test_reply_text (set, "approve_sale"), ==, "300.0000");
  g_assert_nonnull (strstr (set->text, "\"approve_refund\":null"));
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM site WHERE approve_sale = 3000000 AND approve_refund IS NULL AND approve_reversal = 5000000"
                                             " AND approve_tariff_pct = 5 AND approval_hours = 24 AND restore_above = 25000"), ==, 1);
  g_assert_cmpuint (stale->status, ==, 409);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM audit WHERE action = 'defaults.edit' AND after->>'approve_sale' = '3000000'"), ==, 1);
}

static void
test_drawer_report (void)
{
  g_autoptr (TestApp) app = app_with_finance ();
  g_autofree char *cashier = test_app_log_in (app, "cashier");
  g_autofree char *finance = test_app_log_in (app, "finance");
  g_autoptr (TestReply) opened = test_app_call (app, "POST", "/drawers", cashier, "{\"opened_with\":\"100.00\"}");
  g_autoptr (TestReply) sale = test_app_call (app, "POST", TILL_PATH_SALES, cashier,
                                              "{\"id\":\"0190a000-0000-7000-8000-000000000001\",\"meter\":1,\"amount\":\"5.00\",\"channel\":\"cash\"}");
  g_autoptr (TestReply) blind = test_app_call (app, "GET", "/drawers/1/report", cashier, NULL);
  g_autoptr (TestReply) seen = test_app_call (app, "GET", "/drawers/1/report", finance, NULL);
  g_autoptr (TestReply) closed = test_app_call (app, "POST", "/drawers/1/close", cashier, "{\"counted\":\"104.50\"}");
  g_autoptr (TestReply) paper = test_app_call (app, "GET", "/drawers/1/report?format=pdf", cashier, NULL);
  g_autoptr (TestReply) odd = test_app_call (app, "GET", "/drawers/1/report?format=doc", cashier, NULL);

  g_assert_cmpuint (opened->status, ==, 201);
  g_assert_cmpuint (sale->status, ==, 201);
  g_assert_nonnull (strstr (blind->text, "\"expected\":null")); /* who counts blind is not told */
  g_assert_cmpstr (test_reply_text (seen, "expected"), ==, "105.0000");
  g_assert_cmpstr (test_reply_text (closed, "over_short"), ==, "-0.5000");
  g_assert_cmpuint (paper->status, ==, 200);
  g_assert_cmpmem (paper->text, 4, "%PDF", 4);
  g_assert_cmpuint (odd->status, ==, 400);
}

int
main (int argc, char **argv)
{
  g_setenv ("G_TLS_GNUTLS_PRIORITY", "NORMAL:-VERS-ALL:+VERS-TLS1.3", TRUE);
  till_test_init (&argc, &argv);
  g_test_add_func ("/money/bad-inputs", test_bad_inputs);
  g_test_add_func ("/money/export", test_export);
  g_test_add_func ("/money/papers", test_papers);
  g_test_add_func ("/money/second-operator", test_second_operator);
  g_test_add_func ("/money/limits", test_limits);
  g_test_add_func ("/money/large-sale", test_large_sale);
  g_test_add_func ("/money/drawer-report", test_drawer_report);
  return till_test_run ();
}
