/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-replace-correct.c: a provisional credit put right, once. The difference is the server's to book. */
#define G_LOG_DOMAIN "till-replace-correct"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/meters/till-replace-window.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-format.h"

typedef struct {
  GtkWidget   *widget;
  TillContext *context;
  gint64       meter;
  TillId       id; /* one correction, however often it is asked for */
  void       (*corrected) (GtkWidget *widget);
} Correction;

static void
correction_free (gpointer data)
{
  Correction *self = data;

  g_object_unref (self->widget);
  g_object_unref (self->context);
  g_free (self);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) window = user_data;
  Correction *self = g_object_get_data (G_OBJECT (window), "till-correction");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) reply = till_meter_service_replace_finish (TILL_METER_SERVICE (source), result, &error);

  if (reply == NULL)
    {
      g_autofree char *text = till_api_error_describe (error);

      till_ask_window_fail (window, text);
      return;
    }
  till_report_done (self->widget, _ ("The provisional credit is put right"));
  self->corrected (self->widget);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
answered_cb (TillAskWindow *window, const char *answer, Correction *self)
{
  g_autoptr (JsonNode) body = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  char id[TILL_ID_TEXT], money[TILL_MONEY_TEXT];
  TillMoney balance = 0;

  json_node_take_object (body, object);
  till_ask_window_get_amount (window, &balance);
  json_object_set_string_member (object, "id", till_id_print (&self->id, id));
  json_object_set_string_member (object, "balance", till_money_print (balance, money));
  json_object_set_string_member (object, "note", till_ask_window_get_note (window));
  till_meter_service_replace_async (till_context_get_meters (self->context), &(TillReplaceOrder){ self->meter, TRUE, body }, NULL, done_cb,
                                    g_object_ref (window));
}

void
till_replace_correct_show (GtkWidget *widget, TillContext *context, TillMeter *meter, const TillProvisional *provisional)
{
  TillAsk ask = { .title = _ ("Correct provisional credit"), .action = _ ("Correct credit"), .amount = _ ("The old device really held"),
                  .amount_may_be_zero = TRUE,
                  .note = _ ("Who read it, where"), .note_required = TRUE,
                  .intro = _ ("More than was carried over is sent after it. Less is the loss of the house until it is taken off. This can be done once.") };
  TillAskWindow *window = till_ask_window_new (widget, &ask);
  Correction *self = g_new0 (Correction, 1);
  g_autofree char *money = till_format_money_sign (provisional->carried);

  *self = (Correction){ .widget = g_object_ref (widget), .context = g_object_ref (context), .meter = till_record_int (meter, "id"),
                        .corrected = provisional->corrected };
  till_id_new (&self->id, g_get_real_time () / 1000);
  till_ask_window_add_fact (window, _ ("Meter No."), till_record_text (meter, "code"));
  till_ask_window_add_fact (window, _ ("Devices"), provisional->devices);
  till_ask_window_add_fact (window, _ ("Carried over provisionally"), money);
  g_object_set_data_full (G_OBJECT (window), "till-correction", self, correction_free);
  g_signal_connect (window, "answered", G_CALLBACK (answered_cb), self);
  gtk_window_present (GTK_WINDOW (window));
}
