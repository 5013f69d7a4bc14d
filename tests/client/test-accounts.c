/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-accounts.c: windows about the money and the life of an account: the statement with its words, its sum, its sheet; what the server
 * refuses is shown where it was asked. */
#include "config.h"
#include <string.h>
#include "client/pages/customers/till-close-window.h"
#include "client/pages/customers/till-open-window.h"
#include "client/pages/meters/till-meter-window.h"
#include "client/pages/meters/till-replace-window.h"
#include "client/pages/till-receipt-dialog.h"
#include "client/pages/till-section-page.h"
#include "client/pages/till-statement-window.h"
#include "client/pages/till-statement-words.h"
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-date-range.h"
#include "client/widgets/till-file-dialog.h"
#include "client/widgets/till-money-entry.h"
#include "client/widgets/till-table.h"
#include "client/pages/customers/till-account-actions.h"
#include "client/widgets/till-ask-window.h"
#include "tests/client/window-fixture.h"
#include "tests/lib/test-main.h"

#define HEAD "\"meter\":1,\"meter_code\":\"A1-0201\",\"room\":\"B1/F2/201\",\"account\":1,\"account_code\":\"100001\",\"customer_name\":\"张伟\",\"tariff_name\":\"TOU\"," \
             "\"settlement\":\"meter\",\"together\":false,\"opening\":\"20.0000\",\"sold\":\"100.0000\",\"given_back\":\"0.0000\",\"used\":\"-3.4110\",\"other\":\"0.0000\"," \
             "\"energy\":\"6.000\",\"server_difference\":\"0.1200\","
#define SALE "{\"time\":\"2026-09-01T01:00:00Z\",\"kind\":\"sale\",\"day\":null,\"meter_code\":\"A1-0201\",\"tariff\":null,\"rate\":null,\"tier\":null,\"price\":null," \
             "\"energy\":\"0.000\",\"days\":0,\"estimated\":false,\"number\":1017,\"channel\":\"cash\",\"amount\":\"100.0000\",\"balance\":\"120.0000\"}"
#define USED "{\"time\":\"2026-09-02T01:00:00Z\",\"kind\":\"energy\",\"day\":\"2026-09-01\",\"meter_code\":\"A1-0201\",\"tariff\":\"TOU\",\"rate\":\"peak\",\"tier\":2," \
             "\"price\":\"0.5685\",\"energy\":\"6.000\",\"days\":1,\"estimated\":true,\"number\":null,\"channel\":null,\"amount\":\"-3.4110\",\"balance\":\"116.5890\"}"
#define STATEMENT(closing) "{" HEAD "\"closing\":\"" closing "\",\"total\":2,\"items\":[" SALE "," USED "]}"

/* --- statement --- */

static void
test_words (void)
{
  static const struct { const char *json, *own, *words; } cases[] = {
    { SALE, "A1-0201", "Purchase · receipt 1017 · Cash" },
    { USED, "A1-0201", "Consumption · peak · tier 2 · estimated" },
    { SALE, "A1-0202", "Purchase · receipt 1017 · Cash · A1-0201" },
    { "{\"kind\":\"fixed_fee\",\"days\":3}", "A", "Fixed fee · 3 days" },
    { "{\"kind\":\"fixed_fee\",\"days\":1}", "A", "Fixed fee · 1 day" },
    { "{\"kind\":\"energy\",\"rate\":\"flat\",\"tier\":1}", "A", "Consumption · flat" },
    { "{\"kind\":\"allowance\",\"rate\":\"flat\"}", "A", "Free allowance · flat" },
    { "{\"kind\":\"unexplained\"}", "A", "Being clarified: nothing explains it yet" },
    { "{\"kind\":\"something_new\"}", "A", "something_new" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node = json_from_string (cases[i].json, NULL);
      g_autoptr (TillStatementLine) line = till_record_new_from_json (TILL_TYPE_STATEMENT_LINE, node, NULL);
      g_autofree char *words = till_statement_words (line, cases[i].own);

      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

static gboolean
statement_is_there (gpointer data)
{
  return window_find_toplevel (TILL_TYPE_STATEMENT_WINDOW) != NULL;
}

static gpointer
open_statement (WindowFixture *f)
{
  TillPage *page = window_fixture_show (f, "customers", NULL);
  gpointer table = window_find_id (till_section_page_get_view (TILL_SECTION_PAGE (page)), "table");

  window_await_text (page, "C00000");
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (till_table_get_selection (table)), 0, TRUE);
  window_click (page, "Statement");
  till_fake_await (statement_is_there, NULL, "the statement");
  return window_find_toplevel (TILL_TYPE_STATEMENT_WINDOW);
}

static void
test_statement (WindowFixture *f, gconstpointer data)
{
  g_autofree char *target = g_build_filename (till_test_dir (), "statement.csv", NULL), *text = NULL, *query = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (target);
  g_autoptr (GBytes) sheet = g_bytes_new_static ("a,b", 3);
  gpointer window;

  till_fake_server_reply (f->server, "GET", "/meters/1/statement", 200, STATEMENT ("116.5890"));
  window = open_statement (f);
  window_await_text (window, "Consumption · peak · tier 2 · estimated");
  window_await_text (window, "Purchase · receipt 1017 · Cash");
  window_await_text (window, "\u22123.4110");
  window_await_text (window, "116.5890");
  window_await_text (window, "opening balance and lines are the closing balance");
  window_await_text (window, "The tariff asks 0.1200 more");
  query = till_fake_server_dup_query (f->server, "GET", "/meters/1/statement");
  g_assert_nonnull (strstr (query, "from=20"));
  till_fake_server_bytes (f->server, "/meters/1/statement", "text/csv", sheet);
  till_file_dialog_answer_next (file);
  gtk_widget_activate_action (window, "statement.export", "s", "csv");
  window_await_text (window, "Saved statement.csv");
  g_assert_true (g_file_get_contents (target, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "a,b");
  window_destroy_and_await (window);
}

/* What does not add up is said, never hidden; another period is asked for again. */
static void
test_statement_wrong (WindowFixture *f, gconstpointer data)
{
  gpointer window, period;

  till_fake_server_reply (f->server, "GET", "/meters/1/statement", 200, STATEMENT ("116.5891"));
  window = open_statement (f);
  window_await_text (window, "The lines do not add up to the closing balance.");
  period = window_find_type (window, TILL_TYPE_DATE_RANGE);
  till_fake_server_problem_once (f->server, "GET", "/meters/1/statement", 503, "busy", "try again");
  till_date_range_step (period, -1);
  window_await_text (window, "Retry");
  till_fake_server_reply (f->server, "GET", "/meters/1/statement", 200, STATEMENT ("116.5890"));
  window_click (window, "Retry");
  window_await_text (window, "opening balance and lines are the closing balance");
  window_destroy_and_await (window);
}

/* --- closing --- */

#define SETTLEMENT(dry, done, blocker)                                                                                                     \
  "{\"account\":1,\"meters\":[{\"meter\":1,\"meter_code\":\"A1-0201\",\"balance\":\"86.4000\",\"waiting\":\"0.0000\",\"age_s\":3,\"refund\":null,"     \
  "\"blocker\":" blocker "}],\"server_balance\":\"0.0000\",\"blocker\":null,\"refund_total\":\"86.4000\",\"debt_total\":\"0.0000\",\"state\":\"open\","       \
  "\"done\":" done ",\"dry_run\":" dry "}"

/* Reads, previews, changes nothing; a refusal can be answered again under the same id; then what is waited for, and the end. */
static void
test_close (WindowFixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) node = json_from_string ("{\"id\":1,\"code\":\"100001\",\"customer\":1,\"customer_name\":\"张伟\",\"state\":\"open\",\"closing\":null}", NULL);
  g_autoptr (TillAccount) account = till_record_new_from_json (TILL_TYPE_ACCOUNT, node, NULL);
  g_autofree char *preview = NULL, *order = NULL, *again = NULL;
  gpointer window;

  till_fake_server_reply (f->server, "POST", "/accounts/1/close", 200, SETTLEMENT ("true", "false", "null"));
  window = till_close_window_show (GTK_WIDGET (f->window), f->context, account);
  window_await_text (window, "To return ¥ 86.40");
  window_await_count (f->server, "POST", "/accounts/1/close", 2); /* once more after the meter was read */
  g_assert_cmpuint (till_fake_server_count (f->server, "POST", "/meters/1/read"), ==, 1);
  preview = till_fake_server_dup_body (f->server, "POST", "/accounts/1/close");
  g_assert_nonnull (strstr (preview, "\"dry_run\":true"));
  g_assert_null (strstr (preview, "\"id\""));
  window_await_text (window, "Close account and return ¥ 86.40");
  g_assert_false (gtk_widget_is_sensitive (window_find_button (window, "Close account and return ¥ 86.40"))); /* without a reason */
  gtk_editable_set_text (window_find_id (window, "reason"), "moves out");
  till_fake_server_problem_once (f->server, "POST", "/accounts/1/close", 409, "conflict", "This account is being closed under another id.");
  window_click (window, "Close account and return ¥ 86.40");
  window_await_text (window, "being closed under another id");
  order = till_fake_server_dup_body (f->server, "POST", "/accounts/1/close");
  till_fake_server_reply_once (f->server, "POST", "/accounts/1/close", 200,
                               SETTLEMENT ("false", "false", "\"Money of this meter is on its way: wait until it is verified.\""));
  till_fake_server_reply (f->server, "POST", "/accounts/1/close", 200, SETTLEMENT ("false", "true", "null"));
  window_click (window, "Close account and return ¥ 86.40");
  window_await_text (window, "Money of this meter is on its way");
  window_await_text (window, "The account is closed");
  again = till_fake_server_dup_body (f->server, "POST", "/accounts/1/close");
  g_assert_cmpstr (again, ==, order); /* one id, one closing */
  window_destroy_and_await (window);
}

/* --- suspended, meters taken out --- */

static guint n_changed;

static void
changed (GtkWidget *widget)
{
  n_changed++;
}

static TillAccount *
make_account (void)
{
  g_autoptr (JsonNode) node = json_from_string ("{\"id\":1,\"code\":\"100001\",\"customer\":1,\"customer_name\":\"张伟\",\"state\":\"open\",\"closing\":null}", NULL);

  return till_record_new_from_json (TILL_TYPE_ACCOUNT, node, NULL);
}

/* A reason is needed; a refusal stands in the question and can be answered again. */
static void
test_suspend (WindowFixture *f, gconstpointer data)
{
  g_autoptr (TillAccount) account = make_account ();
  TillAccountAsk ask = { GTK_WIDGET (f->window), f->context, changed };
  g_autofree char *body = NULL;
  gpointer window;

  n_changed = 0;
  till_account_suspend_show (&ask, account);
  window = window_await_toplevel (TILL_TYPE_ASK_WINDOW);
  gtk_editable_set_text (window_find_type (window, ADW_TYPE_ENTRY_ROW), "rent is due");
  till_fake_server_problem_once (f->server, "POST", "/accounts/1/suspend", 409, "conflict", "This account is suspended already.");
  gtk_widget_activate_action (window, "ask.ok", NULL);
  window_await_text (window, "This account is suspended already.");
  till_fake_server_reply_once (f->server, "POST", "/accounts/1/suspend", 200, "{\"id\":1,\"state\":\"suspended\"}");
  gtk_widget_activate_action (window, "ask.ok", NULL);
  window_await_text (f->window, "Account 100001 was changed");
  body = till_fake_server_dup_body (f->server, "POST", "/accounts/1/suspend");
  g_assert_cmpstr (body, ==, "{\"reason\":\"rent is due\"}");
  g_assert_cmpuint (n_changed, ==, 1);
}

/* --- opening --- */

#define OPENING_SALE(state) "{\"id\":\"01890000-0000-7000-8000-00000000aaaa\",\"number\":\"1\",\"kind\":\"opening\",\"meter\":1,\"amount\":\"100.0000\"," \
                            "\"channel\":\"cash\",\"state\":\"" state "\"}"
#define OPENED(sale, error) "{\"account\":77,\"meters\":[{\"meter\":1,\"sale\":" sale ",\"error\":" error ",\"carried\":null,\"carried_error\":null}]}"
#define ORDERS(state) "{\"total\":2,\"items\":[{\"id\":\"01890000-0000-7000-8000-00000000bbbb\",\"meter\":1,\"kind\":\"set_price\",\"state\":\"" state "\"}," \
                      "{\"id\":\"01890000-0000-7000-8000-00000000cccc\",\"meter\":1,\"kind\":\"set_limits\",\"state\":\"verified\"}]}"

static gboolean
shows_opening (gpointer data)
{
  return window_find_toplevel (TILL_TYPE_OPEN_WINDOW) != NULL;
}

/* From a customer, as far as the page that says what will happen. */
static gpointer
fill_opening (WindowFixture *f)
{
  TillPage *page = window_fixture_show (f, "customers", NULL);
  gpointer table = window_find_id (till_section_page_get_view (TILL_SECTION_PAGE (page)), "table"), window;
  g_autoptr (TillMeter) first = NULL;
  g_autofree char *query = NULL;

  till_fake_server_reply (f->server, "GET", "/tariffs", 200, "{\"total\":1,\"items\":[{\"id\":1,\"name\":\"TOU\"}]}");
  till_fake_server_reply (f->server, "GET", "/defaults/for", 200, "{\"alarm1\":\"40.0000\",\"alarm2\":null,\"tariff\":null}");
  window_await_text (page, "C00000");
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (till_table_get_selection (table)), 0, TRUE);
  window_click (page, "Open account…");
  till_fake_await (shows_opening, NULL, "the assistant");
  window = window_find_toplevel (TILL_TYPE_OPEN_WINDOW);
  window_await_text (window, "A1-0201");
  query = till_fake_server_dup_query (f->server, "GET", "/meters");
  g_assert_nonnull (strstr (query, "state=unopened"));
  g_assert_false (gtk_widget_is_sensitive (window_find_button (window, "Next")));
  table = window_find_type (window, TILL_TYPE_TABLE);
  first = g_list_model_get_item (till_table_get_model (table), 0);
  g_signal_emit_by_name (table, "activate", first);
  window_await_text (window, "read just now");
  window_look (window, "open-meters");
  window_await_count (f->server, "GET", "/defaults/for", 1);
  window_click (window, "Next");
  window_await_text (window, "Overload kW");
  window_look (window, "open-terms");
  window_click (window, "Next");
  window_await_text (window, "To take now: ¥ 0.00");
  return window;
}

/* The first entry of money of the step that is shown. */
static gpointer
first_amount (gpointer at)
{
  gpointer found = TILL_IS_MONEY_ENTRY (at) && gtk_widget_get_mapped (at) ? at : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (at); child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = first_amount (child);
  return found;
}

static void
test_open (WindowFixture *f, gconstpointer data)
{
  g_autofree char *sent = NULL, *again = NULL;
  gpointer window = fill_opening (f);

  till_money_entry_set_amount (first_amount (window), 99000 * TILL_MONEY_UNIT);
  window_await_text (window, "the hoard limit leaves room for");
  g_assert_false (gtk_widget_is_sensitive (window_find_button (window, "Next")));
  till_money_entry_set_amount (first_amount (window), 100 * TILL_MONEY_UNIT);
  window_await_text (window, "To take now: ¥ 100.00");
  window_look (window, "open-money");
  window_click (window, "Next");
  window_await_text (window, "The account is opened on 1 meter.");
  window_await_text (window, "alarm 1 ¥ 40.00"); /* the default of its class; alarm 2 of the meter */
  window_await_text (window, "alarm 2 ¥ 10.00");
  window_look (window, "open-check");
  till_fake_server_reply_once (f->server, "POST", "/accounts", 400,
                               "{\"code\":\"invalid\",\"detail\":\"wrong\",\"fields\":{\"meters[0].limits.alarm1\":\"must be less than 30\"}}");
  window_click (window, "Open account and take ¥ 100.00");
  window_await_text (window, "A1-0201: must be less than 30");
  g_assert_true (gtk_widget_has_css_class (first_amount (window), "till-wrong")); /* back at the member */
  till_money_entry_set_amount (first_amount (window), 20 * TILL_MONEY_UNIT);
  window_click (window, "Next");
  window_click (window, "Next");
  /* No answer is no success: the same is asked again under the same id. */
  till_fake_server_drop_next (f->server, "POST", "/accounts");
  window_click (window, "Open account and take ¥ 100.00");
  window_await_text (window, "The account may have been opened");
  sent = till_fake_server_dup_body (f->server, "POST", "/accounts");
  g_assert_nonnull (strstr (sent, "\"alarm1\":\"20.0000\""));
  g_assert_nonnull (strstr (sent, "\"opening_amount\":\"100.0000\""));
  till_fake_server_reply_once (f->server, "POST", "/accounts", 201, OPENED ("null", "\"The drawer is not yours.\""));
  till_fake_server_reply (f->server, "POST", "/accounts", 200, OPENED (OPENING_SALE ("sent"), "null"));
  till_fake_server_reply (f->server, "GET", "/commands", 200, ORDERS ("sent"));
  window_click (window, "Ask again");
  window_await_text (window, "¥ 100.00 not taken: The drawer is not yours.");
  window_click (window, "Try again");
  window_await_text (window, "¥ 100.00 · sent");
  again = till_fake_server_dup_body (f->server, "POST", "/accounts");
  g_assert_cmpstr (again, ==, sent);
  /* Followed until all has ended. */
  till_fake_server_reply (f->server, "GET", "/commands", 200, ORDERS ("verified"));
  till_fake_server_reply (f->server, "GET", "/sales/01890000-0000-7000-8000-00000000aaaa", 200, OPENING_SALE ("verified"));
  window_await_text (window, "Everything has come to its end.");
  window_await_text (window, "¥ 100.00 · verified");
  window_look (window, "open-run");
  window_click (window, "Receipt");
  gtk_window_destroy (window_await_toplevel (TILL_TYPE_RECEIPT_DIALOG));
  window_destroy_and_await (window);
}

/* From a meter that nobody has; one that does not answer keeps the assistant where it is. */
static void
test_open_meter (WindowFixture *f, gconstpointer data)
{
  gpointer meter, window;

  till_fake_server_reply (f->server, "GET", "/meters/1", 200, "{\"id\":1,\"code\":\"A1-0201\",\"room\":\"B1/201\",\"settlement\":\"meter\",\"purse\":\"money\","
                          "\"state\":\"unopened\",\"account\":null,\"area\":5,\"use_class\":\"shop\"}");
  till_fake_server_problem_once (f->server, "POST", "/meters/1/read", 504, "offline", "no answer");
  meter = till_meter_window_show (GTK_WIDGET (f->window), f->context, 1);
  window_await_text (meter, "not opened");
  window_click (meter, "Open account…");
  till_fake_await (shows_opening, NULL, "the assistant");
  window = window_find_toplevel (TILL_TYPE_OPEN_WINDOW);
  window_await_count (f->server, "POST", "/meters/1/read", 1);
  till_fake_server_reply (f->server, "GET", "/customers", 200, "{\"total\":1,\"items\":[{\"id\":9,\"code\":\"C9\",\"name\":\"Li Na\"}]}");
  window_look (window, "open-customer");
  gtk_widget_activate_action (window, "open.new-customer", NULL);
  gtk_window_destroy (window_await_toplevel (g_type_from_name ("TillEditorWindow")));
  gtk_window_close (window); /* something is filled in: it asks */
  window_await_text (window_await_toplevel (ADW_TYPE_MESSAGE_DIALOG), "Leave without opening the account?");
  window_destroy_and_await (window);
}

/* --- another device --- */

#define METER1 "{\"id\":1,\"code\":\"A1-0201\",\"serial\":\"OLD-1\",\"room\":\"B1/201\",\"settlement\":\"meter\",\"purse\":\"money\",\"model\":\"adf400l-1p\"," \
               "\"gateway\":1,\"gateway_code\":\"GW-0001\",\"port\":1,\"unit\":7,\"ct_ratio\":1,\"account\":1,\"balance\":\"71.0960\",\"energy_total\":\"15.000\"}"
#define REPLACED(state) "{\"id\":\"01890000-0000-7000-8000-00000000dddd\",\"meter\":1,\"old_serial\":\"OLD-1\",\"new_serial\":\"NEW-1\",\"source\":\"read\"," \
                        "\"provisional\":false,\"carried\":\"71.0900\",\"state\":\"" state "\"}"
#define PAST(items) "{\"total\":1,\"items\":[" items "]}"

static gpointer
open_replacement (WindowFixture *f, gpointer *ret_meter)
{
  till_fake_server_reply (f->server, "GET", "/meters/1", 200, METER1);
  till_fake_server_reply (f->server, "POST", "/meters/1/read", 200, METER1);
  till_fake_server_reply (f->server, "GET", "/meter-models", 200, "{\"total\":2,\"items\":[{\"name\":\"other\"},{\"name\":\"adf400l-1p\"}]}");
  *ret_meter = till_meter_window_show (GTK_WIDGET (f->window), f->context, 1);
  window_await_text (*ret_meter, "OLD-1");
  window_click (*ret_meter, "Replace…");
  return window_await_toplevel (TILL_TYPE_REPLACE_WINDOW);
}

/* Read at once; a refusal names the member; what goes over is whole fen; followed until the credit has arrived. */
static void
test_replace (WindowFixture *f, gconstpointer data)
{
  g_autofree char *body = NULL;
  gpointer meter, window;

  till_fake_server_reply (f->server, "GET", "/meters/1/history", 200, "{\"total\":0,\"items\":[]}");
  till_fake_server_reply (f->server, "GET", "/commands", 200, ORDERS ("verified"));
  window = open_replacement (f, &meter);
  window_await_text (window, "¥ 71.09 go over to the new device");
  g_assert_false (gtk_widget_is_sensitive (window_find_button (window, "Replace meter, carry over ¥ 71.09"))); /* without a serial number */
  gtk_editable_set_text (GTK_EDITABLE (window_find_row (window, "Serial No.")), "NEW-1");
  window_look (window, "replace");
  till_fake_server_reply_once (f->server, "POST", "/meters/1/replace", 409,
                               "{\"code\":\"conflict\",\"detail\":\"taken\",\"fields\":{\"new.serial\":\"is another meter's\"}}");
  window_click (window, "Replace meter, carry over ¥ 71.09");
  window_await_text (window, "is another meter's");
  g_assert_true (gtk_widget_has_css_class (window_find_row (window, "Serial No."), "till-wrong"));
  till_fake_server_reply (f->server, "POST", "/meters/1/replace", 201, REPLACED ("sent"));
  window_click (window, "Replace meter, carry over ¥ 71.09");
  window_await_text (window, "¥ 71.09 · sent");
  body = till_fake_server_dup_body (f->server, "POST", "/meters/1/replace");
  g_assert_nonnull (strstr (body, "\"new\":{\"serial\":\"NEW-1\"},\"final\":{\"source\":\"read\"}}")); /* what stays as it is is not sent */
  till_fake_server_reply (f->server, "GET", "/sales/01890000-0000-7000-8000-00000000dddd", 200,
                          "{\"id\":\"01890000-0000-7000-8000-00000000dddd\",\"state\":\"verified\",\"amount\":\"71.0900\"}");
  window_await_text (window, "The meter is replaced. Everything has come to its end.");
  window_destroy_and_await (window);
  window_destroy_and_await (meter);
}

/* A dead one: a note is needed, a second operator may be, and the provisional credit is put right later. */
static void
test_replace_dead (WindowFixture *f, gconstpointer data)
{
  g_autofree char *body = NULL, *first = NULL, *again = NULL;
  gpointer meter, window;

  till_fake_server_reply (f->server, "GET", "/meters/1/history", 200,
                          PAST ("{\"kind\":\"replacement\",\"state\":\"provisional\",\"amount\":\"15.0000\",\"note\":\"OLD-1 > NEW-1\"}"));
  window = open_replacement (f, &meter);
  window_await_text (window, "15.00 kWh"); /* the reading at the start is over */
  till_fake_server_problem_once (f->server, "POST", "/meters/1/read", 504, "offline", "no answer");
  gtk_widget_activate_action (window, "replace.read", NULL);
  window_await_text (window, "does not answer");
  gtk_editable_set_text (GTK_EDITABLE (window_find_row (window, "Serial No.")), "NEW-2");
  gtk_widget_activate (window_find_row (window, "Dead: nothing can be read"));
  window_await_text (window, "¥ 71.09 go over provisionally");
  g_assert_false (gtk_widget_is_sensitive (window_find_button (window, "Replace meter, carry over ¥ 71.09"))); /* without a note */
  gtk_editable_set_text (GTK_EDITABLE (window_find_row (window, "Note: who saw it, which photo")), "photo 3");
  till_fake_server_problem_once (f->server, "POST", "/meters/1/replace", 409, "approval_required", "Approval 4 is needed.");
  window_click (window, "Replace meter, carry over ¥ 71.09");
  window_await_text (window, "A second operator must agree under Approvals.");
  first = till_fake_server_dup_body (f->server, "POST", "/meters/1/replace");
  g_assert_nonnull (strstr (first, "\"final\":{\"source\":\"dead\",\"note\":\"photo 3\"}"));
  till_fake_server_reply (f->server, "POST", "/meters/1/replace", 200, REPLACED ("verified"));
  window_click (window, "Ask again");
  window_await_text (window, "¥ 71.09 · verified");
  again = till_fake_server_dup_body (f->server, "POST", "/meters/1/replace");
  g_assert_cmpstr (again, ==, first);
  window_destroy_and_await (window);

  window_click (meter, "Correct credit…");
  window = window_await_toplevel (TILL_TYPE_ASK_WINDOW);
  window_await_text (window, "OLD-1 > NEW-1");
  till_money_entry_set_amount (window_find_type (window, TILL_TYPE_MONEY_ENTRY), 9 * TILL_MONEY_UNIT);
  gtk_editable_set_text (GTK_EDITABLE (window_find_row (window, "Who read it, where")), "workshop");
  till_fake_server_reply (f->server, "GET", "/meters/1/history", 200, PAST ("{\"kind\":\"replacement\",\"state\":\"corrected\"}"));
  till_fake_server_reply (f->server, "POST", "/meters/1/correct", 201, "{\"meter\":1}");
  window_look (window, "correct");
  gtk_widget_activate_action (window, "ask.ok", NULL);
  window_await_no_text (meter, "Correct credit…");
  body = till_fake_server_dup_body (f->server, "POST", "/meters/1/correct");
  g_assert_nonnull (strstr (body, "\"balance\":\"9.0000\",\"note\":\"workshop\"}"));
  window_destroy_and_await (meter);
}

int
main (int argc, char **argv)
{
  window_fixture_init (&argc, &argv);
  g_test_add_func ("/client/accounts/words", test_words);
  g_test_add ("/client/accounts/statement", WindowFixture, NULL, window_fixture_set_up, test_statement, window_fixture_tear_down);
  g_test_add ("/client/accounts/statement-wrong", WindowFixture, NULL, window_fixture_set_up, test_statement_wrong, window_fixture_tear_down);
  g_test_add ("/client/accounts/close", WindowFixture, "meters.view,meters.read,accounts.close", window_fixture_set_up, test_close, window_fixture_tear_down);
  g_test_add ("/client/accounts/suspend", WindowFixture, "meters.view,accounts.open", window_fixture_set_up, test_suspend, window_fixture_tear_down);
  g_test_add ("/client/accounts/open", WindowFixture, "meters.view,meters.read,accounts.open,sales.view", window_fixture_set_up, test_open,
              window_fixture_tear_down);
  g_test_add ("/client/accounts/open-meter", WindowFixture, "meters.view,meters.read,accounts.open,customers.edit", window_fixture_set_up, test_open_meter,
              window_fixture_tear_down);
  g_test_add ("/client/accounts/replace", WindowFixture, "meters.view,meters.read,meters.replace,sales.view", window_fixture_set_up, test_replace,
              window_fixture_tear_down);
  g_test_add ("/client/accounts/replace-dead", WindowFixture, "meters.view,meters.read,meters.replace,sales.view", window_fixture_set_up, test_replace_dead,
              window_fixture_tear_down);
  return g_test_run ();
}
