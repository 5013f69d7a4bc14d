/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-decisions.c: what one operator proposes and another decides: approvals, cases, drawers, reversal and payment. Each answer that the
 * server refuses is shown where it was given and can be given again; nothing is sent twice. */
#include "config.h"
#include <string.h>
#include "client/pages/alarms/till-reconcile-window.h"
#include "client/pages/config/till-proof-window.h"
#include "client/pages/sales/till-drawer-view.h"
#include "client/pages/sales/till-money-out.h"
#include "client/pages/till-section-page.h"
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-money-entry.h"
#include "client/widgets/till-table.h"
#include "tests/client/window-fixture.h"
#include "tests/lib/test-main.h"

#define DECIDER "meters.view,meters.read,sales.view,sales.sell,sales.refund,sales.reverse,drawer.own,approve.money,approve.held"

static char *
make_approval (guint i, gpointer data)
{
  return g_strdup_printf ("{\"id\":%u,\"kind\":\"refund\",\"permission\":\"approve.money\",\"state\":\"open\",\"meter\":1,\"meter_code\":\"A1-0201\",\"room\":\"B1/F2/201\","
                          "\"amount\":\"300.0000\",\"reason\":\"%s\",\"proposed_by\":%u,\"proposed_by_name\":\"%s\",\"proposed_at\":\"2026-09-01T01:00:00Z\","
                          "\"expires_at\":\"2026-09-02T01:00:00Z\"}", i + 1, i < 2 ? "moves out" : "sold twice", i == 0 ? 9u : 2u, i == 0 ? "王会计" : "陈收银");
}

static char *
make_case (guint i, gpointer data)
{
  return g_strdup ("{\"id\":1,\"meter\":1,\"meter_code\":\"A1-0201\",\"room\":\"B1/F2/201\",\"command\":\"01890000-0000-7000-8000-000000000001\",\"number\":\"17\",\"amount\":\"100.0000\","
                   "\"reason\":\"attempts_used_up\",\"believed\":{\"count\":12,\"total\":\"1200.0000\",\"balance\":\"20.0000\"},\"reading\":{\"count\":12,\"total\":\"1200.0000\","
                   "\"balance\":\"19.5000\"},\"read_at\":\"2026-09-01T01:00:00Z\",\"opened_at\":\"2026-09-01T00:59:00Z\",\"closed_at\":null,\"decision\":null,\"note\":null}");
}

static char *
make_drawer (guint i, gpointer data)
{
  return g_strdup ("{\"id\":7,\"operator\":2,\"operator_name\":\"陈收银\",\"opened_at\":\"2026-09-01T00:00:00Z\",\"opened_with\":\"200.0000\",\"taken\":null,\"counted\":null,\"expected\":null,"
                   "\"over_short\":null,\"auto\":false,\"closed_at\":null}");
}

static gboolean
is_there (gpointer data)
{
  GtkWindow **found = data;
  *found = window_find_toplevel (TILL_TYPE_ASK_WINDOW);
  return *found != NULL;
}

static gpointer
await_ask (void)
{
  GtkWindow *window = NULL;
  till_fake_await (is_there, &window, "the question");
  return window;
}

static gboolean
is_gone (gpointer data)
{
  return window_find_toplevel (TILL_TYPE_ASK_WINDOW) == NULL;
}

static void
await_gone (void)
{
  till_fake_await (is_gone, NULL, "the question is answered");
}

static void
assert_body (WindowFixture *f, const char *path, const char *part)
{
  g_autofree char *body = till_fake_server_dup_body (f->server, "POST", path);
  g_assert_nonnull (body);
  if (strstr (body, part) == NULL)
    g_error ("%s: %s has no %s", path, body, part);
}

static void
note (gpointer ask, const char *text)
{
  gtk_editable_set_text (window_find_type (ask, ADW_TYPE_ENTRY_ROW), text);
}

static gpointer
table_of (gpointer page)
{
  return window_find_id (TILL_IS_SECTION_PAGE (page) ? (gpointer) till_section_page_get_view (page) : page, "table");
}

/* Selects the row and says so as a person would. */
static void
choose (gpointer page, guint row, const char *button)
{
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (till_table_get_selection (table_of (page))), row, TRUE);
  window_click (page, button);
}

/* --- approvals */

static void
test_approve (WindowFixture *f, gconstpointer data)
{
  TillPage *page;
  gpointer ask;

  till_fake_server_list (f->server, "/approvals", 2, make_approval, NULL);
  page = window_fixture_show (f, "approvals", NULL);
  window_await_text (page, "moves out");
  choose (page, 0, "Decide…");
  ask = await_ask ();
  window_await_text (ask, "王会计");
  window_await_text (ask, "¥ 300.00");
  till_fake_server_problem_once (f->server, "POST", "/approvals/1", 409, "conflict", "This approval was approved already.");
  window_click (ask, "Approve");
  window_await_text (ask, "This approval was approved already.");
  assert_body (f, "/approvals/1", "\"approve\"");
  till_fake_server_reply_once (f->server, "POST", "/approvals/1", 200, "{\"id\":1,\"kind\":\"refund\",\"state\":\"rejected\"}");
  note (ask, "wrong person");
  window_click (ask, "Reject");
  await_gone ();
  assert_body (f, "/approvals/1", "\"reject\"");
  assert_body (f, "/approvals/1", "wrong person");
  till_fake_server_list (f->server, "/approvals", 3, make_approval, NULL); /* another operator proposes */
  till_fake_server_send_event (f->server, "{\"cursor\":\"c7\",\"kind\":\"approval\",\"id\":\"3\",\"object\":null}");
  window_await_text (page, "sold twice");
  window_fixture_close (f, "approvals");
}

static void
test_withdraw (WindowFixture *f, gconstpointer data)
{
  TillPage *page;
  gpointer ask;

  till_fake_server_list (f->server, "/approvals", 2, make_approval, NULL);
  page = window_fixture_show (f, "approvals", NULL);
  window_await_text (page, "moves out");
  choose (page, 1, "Decide…"); /* the own one */
  ask = await_ask ();
  g_assert_false (window_shows (ask, "Approve"));
  till_fake_server_reply_once (f->server, "POST", "/approvals/2", 200, "{\"id\":2,\"kind\":\"refund\",\"state\":\"withdrawn\"}");
  window_click (ask, "Withdraw");
  await_gone ();
  assert_body (f, "/approvals/2", "\"withdraw\"");
}

/* --- cases */

static void
test_case (WindowFixture *f, gconstpointer data)
{
  g_autofree char *one = make_case (0, NULL);
  TillPage *page;
  gpointer ask;

  till_fake_server_list (f->server, "/cases", 1, make_case, NULL);
  till_fake_server_reply (f->server, "GET", "/cases/1", 200, one);
  page = window_fixture_show (f, "alarms", "cases");
  window_await_text (page, "attempts used up");
  choose (page, 0, "Decide…");
  ask = await_ask ();
  g_assert_cmpuint (till_fake_server_count (f->server, "POST", "/meters/1/read"), ==, 1); /* a fresh reading comes first */
  window_await_text (ask, "ledger 12, meter 12");
  window_await_text (ask, "The reading of the meter contradicts it."); /* "The meter has it" cannot be chosen */
  g_assert_cmpstr (till_ask_window_get_choice (ask), ==, "send_again");
  g_assert_false (gtk_widget_is_sensitive (window_find_button (ask, "Propose"))); /* without a note */
  note (ask, "counter read on site");
  till_fake_server_problem_once (f->server, "POST", "/cases/1", 409, "approval_required", "A second operator must agree.");
  window_click (ask, "Propose");
  await_gone ();
  window_await_text (f->window, "Sent for approval");
  assert_body (f, "/cases/1", "send_again");
  assert_body (f, "/cases/1", "counter read on site");
}

static void
test_case_unreadable (WindowFixture *f, gconstpointer data)
{
  g_autofree char *one = make_case (0, NULL);
  TillPage *page;
  gpointer ask;

  till_fake_server_list (f->server, "/cases", 1, make_case, NULL);
  till_fake_server_reply (f->server, "GET", "/cases/1", 200, one);
  till_fake_server_reply (f->server, "POST", "/meters/1/read", 504, "{\"title\":\"T\",\"status\":504,\"code\":\"offline\",\"detail\":\"no answer\"}");
  page = window_fixture_show (f, "alarms", "cases");
  window_await_text (page, "attempts used up");
  choose (page, 0, "Decide…");
  ask = await_ask ();
  window_await_text (ask, "The meter did not answer: what it said last is shown.");
  window_await_text (ask, "Needs a fresh reading of the meter."); /* nothing is sent again on an old one */
  g_assert_cmpstr (till_ask_window_get_choice (ask), ==, "applied");
  note (ask, "burnt out");
  till_fake_server_problem_once (f->server, "POST", "/cases/1", 409, "approval_required", "A second operator must agree.");
  window_click (ask, "Propose");
  await_gone ();
  assert_body (f, "/cases/1", "\"unreadable\"");
}

/* A difference of the books: its evidence in words, and only the decisions there are about it. */
static char *
make_difference (guint i, gpointer data)
{
  return g_strdup ("{\"id\":1,\"meter\":1,\"meter_code\":\"A1-0201\",\"room\":\"B1/F2/201\",\"command\":null,\"number\":null,\"amount\":null,"
                   "\"reason\":\"discrepancy\",\"believed\":{\"count\":12,\"total\":\"1200.0000\",\"balance\":\"20.0000\"},\"reading\":null,\"read_at\":null,"
                   "\"evidence\":{\"day\":\"2026-09-01\",\"energy\":\"10.500\",\"bought\":\"0.0000\",\"deducted\":\"9.9750\",\"charge\":\"5.9693\","
                   "\"difference\":\"4.0057\",\"tolerance\":\"0.5000\",\"readings\":48},\"seen\":{\"count\":12,\"total\":\"1200.0000\",\"balance\":\"10.0200\"},"
                   "\"seen_at\":\"2026-09-02T01:00:00Z\",\"opened_at\":\"2026-09-02T00:59:00Z\",\"closed_at\":null,\"decision\":null,\"note\":null}");
}

static void
test_case_difference (WindowFixture *f, gconstpointer data)
{
  g_autofree char *one = make_difference (0, NULL);
  TillPage *page;
  gpointer ask;

  till_fake_server_list (f->server, "/cases", 1, make_difference, NULL);
  till_fake_server_reply (f->server, "GET", "/cases/1", 200, one);
  page = window_fixture_show (f, "alarms", "cases");
  window_await_text (page, "4.0057");
  choose (page, 0, "Decide…");
  ask = await_ask ();
  window_await_text (ask, "2026-09-01, 48 readings");
  window_await_text (ask, "5.9693 for 10.50 kWh by the tariff");
  window_await_text (ask, "9.9750");
  window_await_text (ask, "the meter took 4.0057 too much (allowed 0.5000)");
  window_await_text (ask, "ledger 20.00, meter 10.02"); /* the fresh reading */
  g_assert_cmpstr (till_ask_window_get_choice (ask), ==, "explained");
  g_assert_false (window_shows (ask, "Send again"));
  g_assert_true (window_shows (ask, "Accept the meter's values"));
  note (ask, "price was changed on site");
  till_fake_server_problem_once (f->server, "POST", "/cases/1", 409, "approval_required", "A second operator must agree.");
  window_click (ask, "Propose");
  await_gone ();
  assert_body (f, "/cases/1", "explained");
}

/* A purse that counts energy: everything in kWh. */
static char *
make_energy_difference (guint i, gpointer data)
{
  return g_strdup ("{\"id\":1,\"meter\":1,\"meter_code\":\"A1-0201\",\"room\":\"B1/F2/201\",\"purse\":\"energy\",\"command\":null,\"number\":null,"
                   "\"amount\":null,\"sale_energy\":null,\"reason\":\"discrepancy\",\"believed\":{\"count\":12,\"total\":\"1200.000\",\"balance\":\"50.000\"},"
                   "\"reading\":null,\"read_at\":null,\"evidence\":{\"day\":\"2026-09-01\",\"energy\":\"24.000\",\"bought\":\"0.0000\","
                   "\"deducted\":\"17.4000\",\"charge\":\"14.4000\",\"difference\":\"3.0000\",\"tolerance\":\"0.0180\",\"energy_deducted\":\"29.000\","
                   "\"energy_difference\":\"5.000\",\"energy_tolerance\":\"0.030\",\"readings\":24},\"seen\":{\"count\":12,\"total\":\"1200.000\","
                   "\"balance\":\"21.000\"},\"seen_at\":\"2026-09-02T01:00:00Z\",\"opened_at\":\"2026-09-02T00:59:00Z\",\"closed_at\":null,"
                   "\"decision\":null,\"note\":null}");
}

static void
test_case_energy (WindowFixture *f, gconstpointer data)
{
  g_autofree char *one = make_energy_difference (0, NULL);
  TillPage *page;
  gpointer ask;

  till_fake_server_list (f->server, "/cases", 1, make_energy_difference, NULL);
  till_fake_server_reply (f->server, "GET", "/cases/1", 200, one);
  page = window_fixture_show (f, "alarms", "cases");
  window_await_text (page, "A1-0201");
  choose (page, 0, "Decide…");
  ask = await_ask ();
  window_await_text (ask, "24.00 kWh");
  window_await_text (ask, "29.00 kWh");
  window_await_text (ask, "the meter took 5.00 kWh too much (allowed 0.03 kWh)");
  window_await_text (ask, "ledger 50.00 kWh, meter 21.00 kWh");
  window_await_text (ask, "ledger 1,200.00 kWh, meter 1,200.00 kWh");
  window_click (ask, "Cancel");
  await_gone ();
}

/* --- drawers */

static void
set_amount (gpointer ask, gint64 fen)
{
  till_money_entry_set_amount (window_find_type (ask, TILL_TYPE_MONEY_ENTRY), fen * 100);
}

static void
test_drawer (WindowFixture *f, gconstpointer data)
{
  TillPage *page;
  gpointer ask;

  till_fake_server_list (f->server, "/drawers", 1, make_drawer, NULL);
  page = window_find_type (window_fixture_show (f, "sales", "drawers"), TILL_TYPE_DRAWER_VIEW);
  window_await_text (page, "200.00");
  window_click (page, "Open drawer");
  ask = await_ask ();
  till_fake_server_problem_once (f->server, "POST", "/drawers", 409, "conflict", "You have an open drawer.");
  set_amount (ask, 20000);
  window_click (ask, "Open drawer");
  window_await_text (ask, "You have an open drawer.");
  assert_body (f, "/drawers", "200.00");
  gtk_window_close (ask);
  await_gone ();
  choose (page, 0, "Count and close");
  ask = await_ask ();
  g_assert_false (window_shows (ask, "Expected")); /* counted blind */
  set_amount (ask, 51950);
  till_fake_server_reply_once (f->server, "POST", "/drawers/7/close", 200,
                               "{\"id\":7,\"operator\":2,\"counted\":\"519.5000\",\"expected\":\"520.0000\",\"over_short\":\"-0.5000\",\"closed_at\":\"2026-09-01T09:00:00Z\"}");
  window_click (ask, "Close drawer");
  await_gone ();
  assert_body (f, "/drawers/7/close", "519.50");
}

/* --- money that goes out */

static void
took (gpointer data)
{
  (*(guint *) data)++;
}

static void
test_reverse (WindowFixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) node = json_from_string ("{\"id\":\"01890000-0000-7000-8000-000000000001\",\"number\":\"17\",\"kind\":\"sale\",\"state\":\"verified\",\"amount\":\"100.0000\"}", NULL);
  g_autoptr (TillSale) sale = till_record_new_from_json (TILL_TYPE_SALE, node, NULL);
  guint n = 0;
  TillMoneyOut out = { GTK_WIDGET (f->window), f->context, took, &n };
  const char *path = "/sales/01890000-0000-7000-8000-000000000001/reverse";
  g_autofree char *first = NULL, *second = NULL;
  gpointer ask;

  g_assert_true (till_reverse_is_possible (sale));
  g_assert_false (till_pay_is_due (sale));
  till_reverse_dialog_show (&out, sale);
  ask = await_ask ();
  g_assert_false (gtk_widget_is_sensitive (window_find_button (ask, "Reverse sale")));
  note (ask, "wrong meter");
  till_fake_server_drop_next (f->server, "POST", path);
  window_click (ask, "Reverse sale");
  window_await_text (ask, "booked once");
  first = till_fake_server_dup_body (f->server, "POST", path);
  till_fake_server_reply_once (f->server, "POST", path, 201, "{\"id\":\"01890000-0000-7000-8000-000000000002\",\"kind\":\"reversal\",\"state\":\"queued\"}");
  window_click (ask, "Reverse sale");
  await_gone ();
  second = till_fake_server_dup_body (f->server, "POST", path);
  g_assert_cmpstr (first, ==, second); /* the same id: booked once */
  g_assert_cmpuint (n, ==, 1);
}

static void
test_refund_and_pay (WindowFixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) node = json_from_string ("{\"id\":1,\"code\":\"A1-0201\",\"balance\":\"80.0000\",\"age_s\":4}", NULL);
  g_autoptr (JsonNode) due = json_from_string ("{\"id\":\"01890000-0000-7000-8000-000000000003\",\"number\":\"19\",\"kind\":\"refund\",\"state\":\"verified\",\"amount\":\"50.0000\"}", NULL);
  g_autoptr (TillMeter) meter = till_record_new_from_json (TILL_TYPE_METER, node, NULL);
  g_autoptr (TillSale) refund = till_record_new_from_json (TILL_TYPE_SALE, due, NULL);
  guint n = 0;
  TillMoneyOut out = { GTK_WIDGET (f->window), f->context, took, &n };
  gpointer ask;

  till_refund_dialog_show (&out, meter);
  ask = await_ask ();
  window_await_text (ask, "¥ 80.00");
  set_amount (ask, 5000);
  note (ask, "moves out");
  till_fake_server_problem_once (f->server, "POST", "/refunds", 409, "approval_required", "A second operator must agree.");
  window_click (ask, "Take off the meter");
  await_gone ();
  assert_body (f, "/refunds", "50.00");
  window_await_text (f->window, "Sent for approval");
  g_assert_true (till_pay_is_due (refund));
  till_pay_dialog_show (&out, refund);
  ask = await_ask ();
  till_fake_server_reply_once (f->server, "POST", "/sales/01890000-0000-7000-8000-000000000003/pay", 200,
                               "{\"id\":\"01890000-0000-7000-8000-000000000003\",\"kind\":\"refund\",\"state\":\"verified\",\"paid_at\":\"2026-09-01T00:00:00Z\"}");
  window_click (ask, "Paid out");
  await_gone ();
  g_assert_cmpuint (n, ==, 2);
}

/* --- commissioning */

static char *
make_model (guint i, gpointer data)
{
  return g_strdup ("{\"name\":\"adf400l-1p\",\"title\":\"ADF400L\",\"vendor\":\"Acrel\",\"version\":3,\"phases\":1,\"class\":\"A\",\"purse\":\"money\",\"rates\":4,\"verified\":false}");
}

#define WALK(step, waiting, question, state)                                                                                                         \
  "{\"id\":\"01890000-0000-7000-8000-000000000009\",\"model\":\"adf400l-1p\",\"meter_code\":\"A1-0201\",\"gateway_code\":\"GW-0001\",\"state\":\"" state "\"," \
  "\"step\":\"" step "\",\"waiting_for\":" waiting ",\"question\":" question ",\"plan\":[{\"step\":\"display\",\"state\":\"done\",\"verdict\":\"ok\"},"        \
  "{\"step\":\"relay\",\"state\":\"running\",\"verdict\":null}],\"steps\":[{\"step\":\"display\",\"verdict\":\"ok\",\"text\":\"compared by zhang\",\"at\":\"2026-09-01T01:00:00Z\"}]}"

static void
test_proof (WindowFixture *f, gconstpointer data)
{
  const char *path = "/proofs/01890000-0000-7000-8000-000000000009";
  gpointer window;

  till_fake_server_reply (f->server, "GET", path, 200,
                          WALK ("display", "\"answer\"", "{\"look_at\":\"display\",\"text\":\"t\",\"answers\":[\"agree\",\"differ\"],\"values\":[{\"name\":\"balance\",\"value\":\"50.00\",\"swapped\":\"3276800.00\"}]}", "open"));
  window = till_proof_window_show (GTK_WIDGET (f->window), f->context, "01890000-0000-7000-8000-000000000009");
  window_await_text (window, "Compare the values with the display of the meter.");
  window_await_text (window, "3276800.00");
  till_fake_server_problem_once (f->server, "POST", path, 409, "approval_required", "another operator has to agree");
  window_click (window, "Agree");
  window_await_text (window, "Another operator must answer this");
  till_fake_server_reply_once (f->server, "POST", path, 200, WALK ("relay", "\"field\"", "null", "open"));
  till_fake_server_reply (f->server, "GET", path, 200,
                          WALK ("relay", "\"answer\"", "{\"look_at\":\"relay\",\"text\":\"t\",\"answers\":[\"open\",\"closed\"],\"ordered\":\"open\",\"candidate\":\"H1\"}", "open"));
  window_click (window, "Agree");
  assert_body (f, path, "\"display\"");
  window_await_text (window, "The meter is being tried. Please wait.");
  window_await_text (window, "Look at the breaker"); /* asked again by itself */
  till_fake_server_reply_once (f->server, "POST", path, 200, WALK ("agree", "null", "null", "done"));
  window_click (window, "It is open");
  window_await_text (window, "The commissioning is done.");
  assert_body (f, path, "\"open\"");
}

static void
test_proof_begins (WindowFixture *f, gconstpointer data)
{
  TillPage *page;
  gpointer ask;

  till_fake_server_list (f->server, "/meter-models", 1, make_model, NULL);
  page = window_fixture_show (f, "config", "models");
  window_await_text (page, "adf400l-1p");
  choose (page, 0, "Commissioning proof…");
  ask = await_ask ();
  g_assert_false (gtk_widget_is_sensitive (window_find_button (ask, "Begin"))); /* without a meter */
  g_assert_cmpstr (till_ask_window_get_choice (ask), ==, "gateway");
  gtk_window_close (ask);
  await_gone ();
}

/* --- after a restore --- */

#define SERVER(on) "{\"version\":\"0.1.0\",\"site\":\"北校区\",\"zone\":\"Asia/Shanghai\",\"currency\":\"CNY\",\"reconcile\":" on "}"
#define RECONCILE(state, approval)                                                                                                        \
  "{\"state\":\"" state "\",\"reason\":\"older\",\"began_at\":\"2026-09-01T01:00:00Z\",\"released_at\":null,\"approval\":" approval ","                    \
  "\"journal\":{\"missing\":12,\"replayed\":11,\"refused\":1},\"counts\":{\"waiting\":3,\"equal\":340,\"verified\":16,\"held\":1,\"orders_verified\":17},"     \
  "\"meters\":[{\"meter\":1,\"code\":\"A1-0201\",\"room\":\"B1/F2/201\",\"verdict\":\"held\",\"reason\":\"contradiction\",\"verified\":0,\"decided_at\":null}]}"
#define BANNER "Sales and orders wait until every meter was compared"

/* The banner comes by itself and goes with the release; in between the release is proposed, once, by somebody who may. */
static void
test_reconcile (WindowFixture *f, gconstpointer data)
{
  g_autofree char *body = NULL;
  gpointer window;

  g_assert_false (window_shows (f->window, "The books were restored from a backup."));
  till_fake_server_reply (f->server, "GET", "/server", 200, SERVER ("true"));
  till_fake_server_send_event (f->server, "{\"cursor\":\"c9\",\"kind\":\"alarm\",\"id\":\"4\",\"object\":{\"id\":4,\"kind\":\"reconcile\"}}");
  window_await_text (f->window, BANNER);
  window_look (f->window, "restored");
  till_fake_server_reply (f->server, "GET", "/reconcile", 200, RECONCILE ("replaying", "null"));
  window_click (f->window, "Check and release…");
  window = window_await_toplevel (TILL_TYPE_RECONCILE_WINDOW);
  window_await_text (window, "The journal is being worked off.");
  gtk_editable_set_text (window_find_id (window, "note"), "3 meters are without power");
  g_assert_false (gtk_widget_is_sensitive (window_find_button (window, "Propose release")));
  till_fake_server_reply (f->server, "GET", "/reconcile", 200, RECONCILE ("comparing", "null"));
  window_await_text (window, "Ready: one operator proposes the release");
  window_await_text (window, "12 lines were missing in the books, 11 are booked again, 1 could not be.");
  window_await_text (window, "3 wait for a reading, 340 agree, 16 explained by the journal, 1 held as cases.");
  window_await_text (window, "held as a case");
  window_await_text (window, "contradiction");
  window_look (window, "reconcile");
  till_fake_server_problem_once (f->server, "POST", "/reconcile", 409, "conflict", "The journal is still being replayed.");
  window_click (window, "Propose release");
  window_await_text (window, "The journal is still being replayed.");
  till_fake_server_reply (f->server, "POST", "/reconcile", 202, "{\"approval\":4}");
  till_fake_server_reply (f->server, "GET", "/reconcile", 200, RECONCILE ("comparing", "4"));
  window_click (window, "Propose release");
  window_await_text (window, "Another operator decides under Approvals.");
  body = till_fake_server_dup_body (f->server, "POST", "/reconcile");
  g_assert_cmpstr (body, ==, "{\"note\":\"3 meters are without power\"}");
  g_assert_false (gtk_widget_is_sensitive (window_find_button (window, "Propose release")));
  till_fake_server_reply (f->server, "GET", "/server", 200, SERVER ("false"));
  till_fake_server_reply (f->server, "GET", "/reconcile", 200, RECONCILE ("off", "null"));
  window_await_text (window, "The server is released.");
  window_await_no_text (f->window, BANNER);
  window_destroy_and_await (window);
}

static void
add (const char *path, void (*test) (WindowFixture *, gconstpointer))
{
  g_test_add (path, WindowFixture, DECIDER, window_fixture_set_up, test, window_fixture_tear_down);
}

int
main (int argc, char **argv)
{
  window_fixture_init (&argc, &argv);
  add ("/client/approvals/approve", test_approve);
  add ("/client/approvals/withdraw", test_withdraw);
  add ("/client/cases/decide", test_case);
  add ("/client/cases/unreadable", test_case_unreadable);
  add ("/client/cases/difference", test_case_difference);
  add ("/client/cases/energy", test_case_energy);
  add ("/client/drawers", test_drawer);
  add ("/client/money-out/reverse", test_reverse);
  add ("/client/money-out/refund", test_refund_and_pay);
  g_test_add ("/client/proof/walk", WindowFixture, "meters.view,plant.edit,plant.prove", window_fixture_set_up, test_proof, window_fixture_tear_down);
  g_test_add ("/client/proof/begin", WindowFixture, "meters.view,plant.edit,plant.prove", window_fixture_set_up, test_proof_begins, window_fixture_tear_down);
  add ("/client/reconcile", test_reconcile);
  return till_test_run ();
}
