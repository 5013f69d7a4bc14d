/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-sales-page.c: the counter by keyboard, the sale on its way, each way an answer can fail, and the records. Money is asked for
 * as a person sees it and as the server gets it. */
#include "config.h"
#include "client/model/till-paged-list.h"
#include "client/pages/sales/till-counter-view.h"
#include "client/pages/till-receipt-dialog.h"
#include "client/pages/sales/till-sale-progress.h"
#include "client/widgets/till-date-range.h"
#include "client/widgets/till-file-dialog.h"
#include "client/widgets/till-table.h"
#include "shared/api/till-enums.h"
#include "shared/base/till-id.h"
#include "tests/client/window-fixture.h"
#include "tests/lib/test-main.h"

#define IN_DOUBT "The server did not answer. The sale may have been made."

/* --- parts */

static JsonObject *
sale_body (WindowFixture *f)
{
  g_autofree char *text = till_fake_server_dup_body (f->server, "POST", "/sales");
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  g_assert_nonnull (node);
  return json_object_ref (json_node_get_object (node));
}

static char *
dup_sale_id (WindowFixture *f)
{
  g_autoptr (JsonObject) body = sale_body (f);
  return g_strdup (json_object_get_string_member (body, "id"));
}

static char *
make_sale (const char *id, const char *state)
{
  return g_strdup_printf ("{\"id\":\"%s\",\"number\":\"20259001\",\"kind\":\"sale\",\"meter\":1,\"meter_code\":\"A1-0201\",\"account\":1,\"customer\":1,"
                          "\"customer_name\":\"张伟\",\"amount\":\"100.0000\",\"channel\":\"cash\",\"operator\":2,\"state\":\"%s\",\"count\":13,"
                          "\"created_at\":\"2025-03-14T06:00:00Z\",\"sent_at\":\"2025-03-14T06:00:01Z\",\"verified_at\":\"2025-03-14T06:00:02Z\"}",
                          id, state);
}

/* What GET /sales/ID says from now on. */
static void
script_sale (WindowFixture *f, const char *id, const char *state)
{
  g_autofree char *path = g_strconcat ("/sales/", id, NULL), *json = make_sale (id, state);
  till_fake_server_reply (f->server, "GET", path, 200, json);
}

static gboolean
amount_has_focus (gpointer window)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (window)), *amount = window_find_id (window, "amount");
  return focus != NULL && gtk_widget_is_ancestor (focus, amount) && gtk_widget_is_sensitive (amount);
}

static gboolean
picker_has_focus (gpointer window)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (window));
  return focus != NULL && gtk_widget_is_ancestor (focus, window_find_id (window, "picker"));
}

/* From the start page to a chosen meter with its fresh reading, hands on the keyboard. */
static TillPage *
find_customer (WindowFixture *f)
{
  TillPage *page;

  window_press (f->window, GDK_KEY_F8, 0);
  page = till_window_get_page (f->window, "sales");
  g_assert_cmpstr (till_window_get_page_name (f->window), ==, "sales");
  window_press (f->window, GDK_KEY_F2, 0);
  g_assert_true (picker_has_focus (f->window));
  window_type (f->window, "A1-0201");
  window_press (f->window, GDK_KEY_Return, 0);
  window_await_text (page, "A1-0201");
  till_fake_await (amount_has_focus, f->window, "the focus is in the amount");
  return page;
}

static void
ask_for (WindowFixture *f, const char *amount)
{
  till_fake_await (amount_has_focus, f->window, "the focus is in the amount");
  window_type (f->window, amount);
  window_press (f->window, GDK_KEY_F12, 0);
}

/* --- counter */

static void
test_sell (WindowFixture *f, gconstpointer data)
{
  TillPage *page = find_customer (f);
  g_autofree char *query = till_fake_server_dup_query (f->server, "GET", "/meters"), *id = NULL, *sent = NULL;
  g_autoptr (JsonObject) body = NULL;
  TillId parsed;

  g_assert_nonnull (query);
  window_await_count (f->server, "POST", "/meters/1/read", 1);
  window_await_text (page, "319.01");
  till_fake_server_hold_next (f->server, "POST", "/sales");
  ask_for (f, "100");
  window_await_text (page, "Sell ¥ 100.00, Cash, to 张伟, meter A1-0201?");
  g_assert_cmpuint (till_fake_server_count (f->server, "POST", "/sales"), ==, 0);
  window_press (f->window, GDK_KEY_Return, 0);
  window_await_count (f->server, "POST", "/sales", 1);
  body = sale_body (f);
  id = dup_sale_id (f);
  g_assert_true (till_id_parse (id, &parsed, NULL));
  g_assert_cmpint (json_object_get_int_member (body, "meter"), ==, 1);
  g_assert_cmpstr (json_object_get_string_member (body, "amount"), ==, "100.00");
  g_assert_cmpstr (json_object_get_string_member (body, "channel"), ==, "cash");
  g_assert_false (json_object_has_member (body, "note"));
  sent = make_sale (id, "sent");
  script_sale (f, id, "sent");
  till_fake_server_reply_once (f->server, "POST", "/sales", 201, sent);
  till_fake_server_release (f->server);
  window_await_text (page, "Sent 14:00:01");
  g_assert_true (till_sale_progress_is_open (window_find_id (page, "progress")));
  g_assert_true (picker_has_focus (f->window));
  script_sale (f, id, "verified"); /* found by asking again: no event is sent */
  window_await_text (page, "Verified 14:00:02");
  window_await_text (page, "purchases 12 → 13");
  g_assert_false (till_sale_progress_is_open (window_find_id (page, "progress")));
  window_await_count (f->server, "POST", "/meters/1/read", 2); /* shown as it is after the sale */
  window_fixture_close (f, "sales");
}

static gboolean
has_socket (gpointer server)
{
  return till_fake_server_n_sockets (server) > 0;
}

static void
test_feed (WindowFixture *f, gconstpointer data)
{
  TillPage *page = find_customer (f);
  g_autofree char *id = NULL, *paid = NULL, *path = NULL, *event = NULL;
  gint64 began;

  till_fake_await (has_socket, f->server, "the feed");
  till_fake_server_hold_next (f->server, "POST", "/sales");
  ask_for (f, "100");
  window_press (f->window, GDK_KEY_Return, 0);
  window_await_count (f->server, "POST", "/sales", 1);
  id = dup_sale_id (f);
  path = g_strconcat ("/sales/", id, NULL);
  paid = make_sale (id, "paid");
  script_sale (f, id, "held");
  till_fake_server_reply_once (f->server, "POST", "/sales", 201, paid);
  till_fake_server_release (f->server);
  window_await_text (page, "Paid 14:00:00");
  began = g_get_monotonic_time ();
  event = g_strdup_printf ("{\"cursor\":7,\"kind\":\"sale\",\"id\":\"%s\"}", id);
  till_fake_server_send_event (f->server, event);
  window_await_count (f->server, "GET", path, 1);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 1500000); /* the event, not the timer of 2 s */
  window_await_text (page, "Held: the meter and the ledger do not agree.");
}

/* An entry that turns insensitive while it has the focus never hears that the focus went, and its cursor goes on blinking. */
static void
state_cb (GtkWidget *amount, GtkStateFlags before, guint *turned_off)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (amount));

  if (gtk_widget_is_sensitive (amount))
    return;
  g_assert_false (focus != NULL && gtk_widget_is_ancestor (focus, amount));
  (*turned_off)++;
}

static void
test_back (WindowFixture *f, gconstpointer data)
{
  TillPage *page = find_customer (f);
  guint turned_off = 0;

  window_press (f->window, GDK_KEY_2, GDK_CONTROL_MASK);
  window_press (f->window, GDK_KEY_F12, 0);
  window_await_text (page, "Take the money and sell");
  window_press (f->window, GDK_KEY_Escape, 0);
  window_await_no_text (page, "Take the money and sell");
  till_fake_await (amount_has_focus, f->window, "the focus is back in the amount");
  g_signal_connect (window_find_id (page, "amount"), "state-flags-changed", G_CALLBACK (state_cb), &turned_off);
  window_press (f->window, GDK_KEY_Escape, 0); /* nothing to go back from: the next customer */
  g_signal_handlers_disconnect_by_data (window_find_id (page, "amount"), &turned_off);
  g_assert_cmpuint (turned_off, >, 0);
  window_await_text (page, "Find a customer, a room or a meter to begin.");
  g_assert_true (picker_has_focus (f->window));
  g_assert_cmpuint (till_fake_server_count (f->server, "POST", "/sales"), ==, 0);
}

static void
test_methods (WindowFixture *f, gconstpointer data)
{
  TillPage *page = find_customer (f);
  g_autoptr (JsonObject) body = NULL;

  window_type (f->window, "50");
  gtk_widget_grab_focus (window_find_id (page, "cash"));
  window_press (f->window, GDK_KEY_3, 0);
  window_press (f->window, GDK_KEY_F12, 0);
  window_await_text (page, "Sell ¥ 50.00, WeChat, to 张伟");
  till_fake_server_problem_once (f->server, "POST", "/sales", 503, "busy", "later");
  window_press (f->window, GDK_KEY_Return, 0);
  window_await_text (page, "The server is busy.");
  body = sale_body (f);
  g_assert_cmpstr (json_object_get_string_member (body, "channel"), ==, "wechat");
}

static void
test_wrong_input (WindowFixture *f, gconstpointer data)
{
  TillPage *page = find_customer (f);

  window_press (f->window, GDK_KEY_F12, 0);
  window_await_text (page, "Enter the amount.");
  window_type (f->window, "999"); /* more than the meter may hold */
  window_press (f->window, GDK_KEY_F12, 0);
  g_assert_false (window_shows (page, "Take the money and sell"));
  g_assert_cmpstr (gtk_label_get_text (window_find_id (page, "hint")), !=, "");
  gtk_editable_set_text (window_find_id (page, "amount"), "100");
  gtk_editable_set_text (window_find_id (page, "given"), "60");
  window_press (f->window, GDK_KEY_F12, 0);
  window_await_text (page, "Less money was given than the amount.");
  gtk_editable_set_text (window_find_id (page, "given"), "150");
  window_await_text (window_find_id (page, "change"), "50.00");
  g_assert_cmpuint (till_fake_server_count (f->server, "POST", "/sales"), ==, 0);
}

/* What the cashier was told stays when the reading comes in; a fault of the amount does not outlive the balance it came from. */
static void
test_told_while_reading (WindowFixture *f, gconstpointer data)
{
  TillPage *page;

  till_fake_server_hold_next (f->server, "POST", "/meters/1/read");
  page = find_customer (f);
  window_press (f->window, GDK_KEY_F12, 0);
  window_await_text (page, "Enter the amount.");
  till_fake_server_reply_once (f->server, "POST", "/meters/1/read", 200, "{\"id\":1,\"code\":\"A1-0201\",\"customer_name\":\"张伟\",\"balance\":\"20.0200\"}");
  till_fake_server_release (f->server);
  window_await_text (page, "20.02");
  g_assert_cmpstr (gtk_label_get_text (window_find_id (page, "hint")), ==, "Enter the amount.");
  window_type (f->window, "5");
  g_assert_cmpstr (gtk_label_get_text (window_find_id (page, "hint")), ==, "");
}

static void
test_refused (WindowFixture *f, gconstpointer data)
{
  TillPage *page = find_customer (f);
  g_autofree char *first = NULL, *second = NULL;

  till_fake_server_reply_once (f->server, "POST", "/sales", 422,
                               "{\"title\":\"T\",\"status\":422,\"code\":\"invalid\",\"detail\":\"no\",\"fields\":{\"amount\":\"Only whole tens here.\"}}");
  ask_for (f, "101");
  window_press (f->window, GDK_KEY_Return, 0);
  window_await_text (page, "Only whole tens here.");
  g_assert_cmpstr (gtk_label_get_text (window_find_id (page, "hint")), ==, "Only whole tens here.");
  till_fake_await (amount_has_focus, f->window, "the focus is in the amount");
  first = dup_sale_id (f);
  till_fake_server_problem_once (f->server, "POST", "/sales", 409, "dispute", "open case");
  window_press (f->window, GDK_KEY_F12, 0);
  window_press (f->window, GDK_KEY_Return, 0);
  window_await_text (page, "The meter has an open case.");
  second = dup_sale_id (f);
  g_assert_cmpstr (first, ==, second);
}

/* --- the answer does not come */

static TillPage *
bring_into_doubt (WindowFixture *f)
{
  TillPage *page = find_customer (f);

  till_fake_server_drop_next (f->server, "POST", "/sales");
  ask_for (f, "100");
  window_press (f->window, GDK_KEY_Return, 0);
  window_await_text (page, IN_DOUBT);
  g_assert_true (till_sale_progress_is_open (window_find_id (page, "progress")));
  g_assert_false (window_shows (page, "Verified "));
  return page;
}

static void
test_doubt_made (WindowFixture *f, gconstpointer data)
{
  TillPage *page = bring_into_doubt (f);
  g_autofree char *id = dup_sale_id (f);

  script_sale (f, id, "verified");
  window_click (page, "Check");
  window_await_text (page, "Verified 14:00:02");
  window_await_no_text (page, IN_DOUBT);
}

static void
test_doubt_not_made (WindowFixture *f, gconstpointer data)
{
  TillPage *page = bring_into_doubt (f);
  g_autofree char *first = dup_sale_id (f), *second = NULL, *sale = make_sale (first, "verified");
  guint before = till_fake_server_count (f->server, "POST", "/sales");

  window_click (page, "Check");
  window_await_text (page, "Nothing was booked; you may sell again.");
  till_fake_server_reply_once (f->server, "POST", "/sales", 201, sale);
  script_sale (f, first, "verified");
  gtk_widget_grab_focus (window_find_id (page, "amount"));
  window_press (f->window, GDK_KEY_F12, 0);
  window_press (f->window, GDK_KEY_Return, 0);
  window_await_count (f->server, "POST", "/sales", before + 1);
  second = dup_sale_id (f);
  g_assert_cmpstr (first, ==, second);
  window_await_text (page, "Verified 14:00:02");
}

/* Sold again without [Check]: the same sale, so the server cannot book it twice. After it the next sale is another one. */
static void
test_retry_is_same_sale (WindowFixture *f, gconstpointer data)
{
  TillPage *page = bring_into_doubt (f);
  g_autofree char *first = dup_sale_id (f), *second = NULL, *third = NULL, *sale = make_sale (first, "verified");
  guint before = till_fake_server_count (f->server, "POST", "/sales");

  till_fake_server_reply_once (f->server, "POST", "/sales", 200, sale);
  script_sale (f, first, "verified");
  gtk_widget_grab_focus (window_find_id (page, "amount"));
  window_press (f->window, GDK_KEY_F12, 0);
  window_press (f->window, GDK_KEY_Return, 0);
  window_await_count (f->server, "POST", "/sales", before + 1);
  second = dup_sale_id (f);
  g_assert_cmpstr (first, ==, second);
  window_await_text (page, "Verified 14:00:02");
  gtk_widget_grab_focus (window_find_id (page, "amount"));
  ask_for (f, "20");
  till_fake_server_problem_once (f->server, "POST", "/sales", 503, "busy", "later");
  window_press (f->window, GDK_KEY_Return, 0);
  window_await_count (f->server, "POST", "/sales", before + 2);
  third = dup_sale_id (f);
  g_assert_cmpstr (first, !=, third);
}

/* The window goes while the money is under way: the answer is waited for and finds nobody. */
static void
test_closed_under_way (WindowFixture *f, gconstpointer data)
{
  find_customer (f);
  till_fake_server_hold_next (f->server, "POST", "/sales");
  ask_for (f, "100");
  window_press (f->window, GDK_KEY_Return, 0);
  window_await_count (f->server, "POST", "/sales", 1);
  {
    g_autofree char *id = dup_sale_id (f), *sale = make_sale (id, "paid");
    gpointer view = window_find_type (f->window, TILL_TYPE_COUNTER_VIEW);

    g_object_add_weak_pointer (G_OBJECT (view), &view);
    till_fake_server_reply_once (f->server, "POST", "/sales", 201, sale);
    gtk_window_destroy (GTK_WINDOW (f->window));
    f->window = NULL;
    g_assert_nonnull (view); /* held by the call */
    till_fake_server_release (f->server);
    while (view != NULL)
      g_main_context_iteration (NULL, TRUE);
  }
}

static void
test_meter_offline (WindowFixture *f, gconstpointer data)
{
  TillPage *page;

  till_fake_server_problem_once (f->server, "POST", "/meters/1/read", 504, "offline", "no answer");
  page = find_customer (f);
  window_await_text (page, "The meter does not answer. Last reading");
  g_assert_true (gtk_widget_has_css_class (window_find_id (page, "strip"), "warning"));
  window_click (page, "Read again");
  window_await_no_text (page, "The meter does not answer.");
}

/* --- records */

static gpointer
records_list (TillPage *page)
{
  return till_table_get_model (window_find_type (window_find_id (page, "records"), TILL_TYPE_TABLE));
}

static gboolean
records_there (gpointer page)
{
  gpointer list = records_list (page);
  return list != NULL && g_list_model_get_n_items (list) == 41;
}

typedef struct { TillFakeServer *server; const char *part; } QueryWait;

static gboolean
query_has (gpointer data)
{
  QueryWait *wait = data;
  g_autofree char *query = till_fake_server_dup_query (wait->server, "GET", "/sales");
  return query != NULL && strstr (query, wait->part) != NULL;
}

static void
await_query (WindowFixture *f, const char *part)
{
  QueryWait wait = { f->server, part };
  till_fake_await (query_has, &wait, part);
}

static gboolean
file_is_there (gpointer file)
{
  return g_file_query_exists (file, NULL);
}

static void
test_records (WindowFixture *f, gconstpointer data)
{
  TillPage *page = window_fixture_show (f, "sales", "records");
  g_autofree char *path = g_build_filename (till_test_dir (), "sales.xlsx", NULL), *from = NULL, *text = NULL, *query = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GBytes) sheet = g_bytes_new_static ("PK-sheet", 8);
  char day[TILL_DAY_TEXT];

  till_fake_await (records_there, page, "41 sales");
  window_await_text (page, "20250301");
  gtk_drop_down_set_selected (window_find_id (page, "state"), 3);
  await_query (f, "state=held");
  gtk_drop_down_set_selected (window_find_id (page, "channel"), 3);
  await_query (f, "channel=wechat");
  till_date_range_step (window_find_id (page, "period"), -1);
  from = g_strconcat ("from=", till_day_print (till_date_range_get_from (window_find_id (page, "period")), day), NULL);
  await_query (f, from);
  gtk_editable_set_text (window_find_id (window_find_id (page, "records"), "search"), "dorm");
  await_query (f, "q=dorm");
  till_fake_server_list (f->server, "/sales", 0, NULL, NULL); /* now it gives a sheet */
  till_fake_server_bytes (f->server, "/sales", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheet);
  till_file_dialog_answer_next (file);
  window_press (f->window, GDK_KEY_e, GDK_CONTROL_MASK);
  till_fake_await (file_is_there, file, "the file");
  window_await_text (f->window, "Saved sales.xlsx");
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "PK-sheet");
  query = till_fake_server_dup_query (f->server, "GET", "/sales");
  g_assert_nonnull (strstr (query, "format=xlsx"));
  g_assert_nonnull (strstr (query, "state=held"));
  g_assert_nonnull (strstr (query, from));
  window_fixture_close (f, "sales");
}

static gboolean
dialog_there (gpointer data)
{
  return window_find_toplevel (TILL_TYPE_RECEIPT_DIALOG) != NULL;
}

static void
test_record_receipt (WindowFixture *f, gconstpointer data)
{
  TillPage *page = window_fixture_show (f, "sales", "records");
  TillTable *table = window_find_type (window_find_id (page, "records"), TILL_TYPE_TABLE);

  till_fake_await (records_there, page, "41 sales");
  window_await_text (page, "20250301");
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (till_table_get_selection (table)), 0, TRUE);
  window_press (f->window, GDK_KEY_p, GDK_CONTROL_MASK);
  till_fake_await (dialog_there, NULL, "the receipt");
  window_destroy_and_await (window_find_toplevel (TILL_TYPE_RECEIPT_DIALOG));
}

static void
test_may_not_sell (WindowFixture *f, gconstpointer data)
{
  TillPage *page = window_fixture_show (f, "sales", NULL);

  g_assert_cmpstr (gtk_stack_get_visible_child_name (window_find_id (page, "stack")), ==, "records");
  window_fixture_show (f, "sales", "meter:1");
  g_assert_cmpstr (gtk_stack_get_visible_child_name (window_find_id (page, "stack")), ==, "records");
  g_assert_cmpuint (till_fake_server_count (f->server, "GET", "/meters/1"), ==, 0);
}

static void
add (const char *path, const char *permissions, void (*test) (WindowFixture *, gconstpointer))
{
  g_test_add (path, WindowFixture, permissions, window_fixture_set_up, test, window_fixture_tear_down);
}

int
main (int argc, char **argv)
{
  window_fixture_init (&argc, &argv);
  add ("/client/sales/sell", NULL, test_sell);
  add ("/client/sales/feed", NULL, test_feed);
  add ("/client/sales/back", NULL, test_back);
  add ("/client/sales/methods", NULL, test_methods);
  add ("/client/sales/wrong-input", NULL, test_wrong_input);
  add ("/client/sales/told-while-reading", NULL, test_told_while_reading);
  add ("/client/sales/refused", NULL, test_refused);
  add ("/client/sales/doubt-made", NULL, test_doubt_made);
  add ("/client/sales/doubt-not-made", NULL, test_doubt_not_made);
  add ("/client/sales/retry-is-same-sale", NULL, test_retry_is_same_sale);
  add ("/client/sales/closed-under-way", NULL, test_closed_under_way);
  add ("/client/sales/meter-offline", NULL, test_meter_offline);
  add ("/client/sales/records", NULL, test_records);
  add ("/client/sales/record-receipt", NULL, test_record_receipt);
  add ("/client/sales/may-not-sell", "meters.view,sales.view", test_may_not_sell);
  return till_test_run ();
}
