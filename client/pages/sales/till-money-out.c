/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-money-out.c: see till-money-out.h. The money leaves the meter first; it is paid out when the meter confirmed. */
#define G_LOG_DOMAIN "till-money-out"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/sales/till-money-out.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-format.h"

typedef struct {
  TillContext *context;
  TillId       id;
  gpointer     record; /* meter or sale */
  void       (*changed) (gpointer data);
  gpointer     data;
  GtkWidget   *parent;
} Dialog;

static void
dialog_free (gpointer data)
{
  Dialog *self = data;

  g_object_unref (self->context);
  g_object_unref (self->record);
  g_object_unref (self->parent);
  g_free (self);
}

static TillAskWindow *
make_window (const TillMoneyOut *out, const TillAsk *ask, gpointer record)
{
  TillAskWindow *window = till_ask_window_new (out->parent, ask);
  Dialog *self = g_new0 (Dialog, 1);

  *self = (Dialog){ .context = g_object_ref (out->context), .record = g_object_ref (record), .changed = out->changed, .data = out->data,
                    .parent = g_object_ref (out->parent) };
  till_id_new (&self->id, g_get_real_time () / 1000);
  g_object_set_data_full (G_OBJECT (window), "till-dialog", self, dialog_free);
  return window;
}

/* What the server said. In doubt: the same id is sent again by the same button, and booked once. */
static void
finish (TillAskWindow *window, TillSale *sale, const GError *error, const char *done)
{
  Dialog *self = g_object_get_data (G_OBJECT (window), "till-dialog");
  g_autofree char *text = NULL, *doubt = NULL;

  if (sale == NULL && !g_error_matches (error, TILL_ERROR, TILL_ERROR_APPROVAL_REQUIRED))
    {
      text = till_api_error_describe (error);
      doubt = till_api_error_is_in_doubt (error) ? g_strdup_printf (_ ("%s It may have been booked: send it again, it is booked once."), text) : NULL;
      till_ask_window_fail (window, doubt != NULL ? doubt : text);
      return;
    }
  till_report_done (self->parent, sale != NULL ? done : _ ("Sent for approval"));
  if (self->changed != NULL)
    self->changed (self->data);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* --- refund --- */

static void
refunded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) window = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillSale) sale = till_sales_service_refund_finish (TILL_SALES_SERVICE (source), result, &error);

  finish (window, sale, error, _ ("The refund is on its way to the meter"));
}

static void
refund_cb (TillAskWindow *window, const char *answer, Dialog *self)
{
  const char *channel = till_ask_window_get_choice (window);
  TillRefundDraft draft = { .id = self->id, .meter = till_record_int (self->record, "id"), .reason = till_ask_window_get_note (window) };
  int value = TILL_CHANNEL_CASH;

  till_channel_from_word (channel, &value);
  draft.channel = (TillChannel) value;
  if (till_ask_window_get_amount (window, &draft.amount))
    till_sales_service_refund_async (till_context_get_sales (self->context), &draft, NULL, refunded_cb, g_object_ref (window));
}

void
till_refund_dialog_show (const TillMoneyOut *out, TillMeter *meter)
{
  static const TillChannel channels[] = { TILL_CHANNEL_CASH, TILL_CHANNEL_TRANSFER, TILL_CHANNEL_WECHAT, TILL_CHANNEL_ALIPAY };
  TillAsk ask = { .title = _ ("Refund"), .action = _ ("Take off the meter"), .amount = _ ("Amount"), .note = _ ("Reason"), .note_required = TRUE,
                  .intro = _ ("The amount is taken off the meter first. It can be paid out as soon as the meter has confirmed."), .destructive = TRUE };
  TillAskWindow *window = make_window (out, &ask, meter);
  g_autofree char *balance = till_format_money_sign (till_record_int (meter, "balance")), *age = till_format_age (till_record_int (meter, "age-s"));

  till_ask_window_add_fact (window, _ ("Meter No."), till_record_text (meter, "code"));
  till_ask_window_add_fact (window, _ ("Customer"), till_record_text (meter, "customer-name"));
  till_ask_window_add_fact (window, _ ("Balance"), balance);
  till_ask_window_add_fact (window, _ ("Age"), age);
  for (guint i = 0; i < G_N_ELEMENTS (channels); i++)
    {
      const char *word = till_channel_word (channels[i]);

      till_ask_window_add_choice (window, &(TillAskChoice){ word, till_format_wire ("channel", word), NULL, NULL });
    }
  g_signal_connect (window, "answered", G_CALLBACK (refund_cb), g_object_get_data (G_OBJECT (window), "till-dialog"));
  gtk_window_present (GTK_WINDOW (window));
}

/* --- reversal --- */

static void
reversed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) window = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillSale) sale = till_sales_service_reverse_finish (TILL_SALES_SERVICE (source), result, &error);

  finish (window, sale, error, _ ("The sale is being taken back"));
}

static void
reverse_cb (TillAskWindow *window, const char *answer, Dialog *self)
{
  TillReversalDraft draft = { self->id, till_record_key (self->record), till_ask_window_get_note (window) };

  till_sales_service_reverse_async (till_context_get_sales (self->context), &draft, NULL, reversed_cb, g_object_ref (window));
}

static void
add_sale_facts (TillAskWindow *window, gpointer sale)
{
  g_autofree char *amount = till_format_money_sign (till_record_int (sale, "amount"));

  till_ask_window_add_fact (window, _ ("Receipt No."), till_record_text (sale, "number"));
  till_ask_window_add_fact (window, _ ("Kind"), till_format_word (&till_words_sale_kind, till_record_int (sale, "kind")));
  till_ask_window_add_fact (window, _ ("Meter No."), till_record_text (sale, "meter-code"));
  till_ask_window_add_fact (window, _ ("Customer"), till_record_text (sale, "customer-name"));
  till_ask_window_add_fact (window, _ ("Amount"), amount);
  till_ask_window_add_fact (window, _ ("Method"), till_format_word (&till_words_channel, till_record_int (sale, "channel")));
  till_ask_window_add_fact (window, _ ("State"), till_format_word (&till_words_sale_state, till_record_int (sale, "state")));
}

void
till_reverse_dialog_show (const TillMoneyOut *out, TillSale *sale)
{
  TillAsk ask = { .title = _ ("Reversal"), .action = _ ("Reverse sale"), .note = _ ("Reason"), .note_required = TRUE, .destructive = TRUE,
                  .intro = _ ("What is not on the meter yet comes back at once. What is there is taken off it first, at most what it still holds.") };
  TillAskWindow *window = make_window (out, &ask, sale);

  add_sale_facts (window, sale);
  g_signal_connect (window, "answered", G_CALLBACK (reverse_cb), g_object_get_data (G_OBJECT (window), "till-dialog"));
  gtk_window_present (GTK_WINDOW (window));
}

gboolean
till_reverse_is_possible (gpointer sale)
{
  gint64 kind = till_record_int (sale, "kind"), state = till_record_int (sale, "state");

  return sale != NULL && (kind == TILL_SALE_KIND_SALE || kind == TILL_SALE_KIND_OPENING) && state != TILL_SALE_STATE_CANCELLED && state != TILL_SALE_STATE_HELD;
}

gboolean
till_pay_is_due (gpointer sale)
{
  gint64 kind = till_record_int (sale, "kind");

  return sale != NULL && (kind == TILL_SALE_KIND_REFUND || kind == TILL_SALE_KIND_REVERSAL) && till_record_int (sale, "state") == TILL_SALE_STATE_VERIFIED &&
         !till_record_known (sale, "paid-at");
}

/* --- pay --- */

static void
paid_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) window = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillSale) sale = till_sales_service_pay_finish (TILL_SALES_SERVICE (source), result, &error);

  finish (window, sale, error, _ ("Paid"));
}

static void
pay_cb (TillAskWindow *window, const char *answer, Dialog *self)
{
  till_sales_service_pay_async (till_context_get_sales (self->context), till_record_key (self->record), NULL, paid_cb, g_object_ref (window));
}

void
till_pay_dialog_show (const TillMoneyOut *out, TillSale *sale)
{
  TillAsk ask = { .title = _ ("Pay out"), .action = _ ("Paid out"), .intro = _ ("Hand the money to the customer, then confirm. Cash leaves your own drawer.") };
  TillAskWindow *window = make_window (out, &ask, sale);

  add_sale_facts (window, sale);
  g_signal_connect (window, "answered", G_CALLBACK (pay_cb), g_object_get_data (G_OBJECT (window), "till-dialog"));
  gtk_window_present (GTK_WINDOW (window));
}
