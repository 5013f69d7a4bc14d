/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-close-window.c: see till-close-window.h. The settlement is the server's; its preview changes nothing. After the order the same id is
 * asked again until the account is closed: that is harmless, it is done once. */
#define G_LOG_DOMAIN "till-close-window"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-closing-meter.h"
#include "client/pages/customers/till-close-window.h"
#include "client/pages/customers/till-account-words.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-strip.h"
#include "client/widgets/till-table.h"

#define ASK_AGAIN_MS 3000

typedef enum { PREVIEW, RUNNING, DONE } Stage;

struct _TillCloseWindow {
  AdwWindow       parent_instance;
  TillContext    *context;
  TillAccount    *account;
  GCancellable   *cancellable;
  TillId          id;
  Stage           stage;
  gboolean        settled, busy, ordered; /* a settlement is shown; a call is under way; the server took the order */
  guint           tick, reading; /* meters still being read */
  gint64          debt;
  GListStore     *meters;
  AdwWindowTitle *heading;
  TillStrip      *strip;
  GtkSpinner     *spinner;
  GtkLabel       *status;
  TillTable      *table;
  GtkWidget      *bottom, *close_button;
  GtkEntry       *reason;
  GtkDropDown    *channel;
};

G_DEFINE_FINAL_TYPE (TillCloseWindow, till_close_window, ADW_TYPE_WINDOW)

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static gboolean ask_again (gpointer user_data);
static void ask (TillCloseWindow *self);

static void
judge (TillCloseWindow *self)
{
  gboolean idle = !self->busy && self->reading == 0, reasoned = gtk_editable_get_text (GTK_EDITABLE (self->reason))[0] != '\0';

  gtk_spinner_set_spinning (self->spinner, !idle || self->stage == RUNNING);
  gtk_widget_set_sensitive (GTK_WIDGET (self->reason), self->stage == PREVIEW);
  gtk_widget_set_sensitive (GTK_WIDGET (self->channel), self->stage == PREVIEW);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "close.read", idle && self->stage == PREVIEW);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "close.run", idle && self->stage == PREVIEW && self->settled && self->debt == 0 && reasoned);
}

static void
fail (TillCloseWindow *self, const GError *error)
{
  g_autofree char *text = till_api_error_describe (error);

  till_strip_show (self->strip, TILL_STRIP_ERROR, text, NULL);
}

/* --- the settlement as the server tells it --- */

static gint64
money_of (JsonObject *settlement, const char *name)
{
  gint64 amount = 0;

  till_money_parse (json_object_get_string_member_with_default (settlement, name, "0"), &amount, NULL);
  return amount;
}

static void
show_meters (TillCloseWindow *self, JsonObject *settlement)
{
  JsonArray *meters = json_object_has_member (settlement, "meters") ? json_object_get_array_member (settlement, "meters") : NULL;

  g_list_store_remove_all (self->meters);
  for (guint i = 0; meters != NULL && i < json_array_get_length (meters); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (TillRecord) meter = till_record_new_from_json (TILL_TYPE_CLOSING_METER, json_array_get_element (meters, i), &error);
      g_autoptr (JsonObject) words = json_object_new ();

      if (meter == NULL)
        {
          fail (self, error);
          return;
        }
      if (till_record_known (meter, "blocker"))
        {
          g_autofree char *text = till_account_blocker_words (till_record_text (meter, "blocker"));

          json_object_set_string_member (words, "blocker", text);
          till_record_load (meter, words, TRUE, NULL);
        }
      g_list_store_append (self->meters, meter);
    }
}

static void
show_totals (TillCloseWindow *self, JsonObject *settlement)
{
  const char *blocker = json_object_get_string_member_with_default (settlement, "blocker", NULL);
  g_autofree char *refund = till_format_money_sign (money_of (settlement, "refund_total")), *debt = till_format_money_sign (self->debt);
  g_autofree char *owed = self->debt > 0 ? g_strdup_printf (_ ("Owed %s: take the payment first."), debt) : g_strdup_printf (_ ("To return %s"), refund);
  g_autofree char *label = g_strdup_printf (_ ("Close account and return %s"), refund), *why = blocker != NULL ? till_account_blocker_words (blocker) : NULL;
  g_autofree char *going = g_strdup_printf (_ ("Being closed. %s. The money leaves each meter first."), owed);
  g_autofree char *status = NULL;

  gtk_button_set_label (GTK_BUTTON (self->close_button), money_of (settlement, "refund_total") > 0 ? label : _ ("Close account"));
  if (self->stage == DONE)
    status = g_strdup (_ ("The account is closed, its meters are not opened. What is owed is paid out under Sales, Records."));
  else if (why != NULL)
    status = g_strdup_printf ("%s · %s", owed, why);
  else
    status = g_strdup (self->stage == RUNNING ? going : owed);
  gtk_label_set_text (self->status, status);
}

static void
take_settlement (TillCloseWindow *self, JsonObject *settlement)
{
  gboolean dry = json_object_get_boolean_member_with_default (settlement, "dry_run", FALSE);
  gboolean done = json_object_get_boolean_member_with_default (settlement, "done", FALSE);

  self->settled = TRUE;
  self->debt = money_of (settlement, "debt_total");
  if (!dry && self->stage != DONE)
    {
      self->stage = done ? DONE : RUNNING;
      self->ordered = TRUE;
      g_signal_emit (self, signals[CHANGED], 0);
    }
  if (self->stage == RUNNING && self->tick == 0)
    self->tick = g_timeout_add (ASK_AGAIN_MS, ask_again, self);
  if (self->stage == DONE)
    gtk_widget_set_visible (self->close_button, FALSE);
  else
    show_meters (self, settlement);
  show_totals (self, settlement);
}

/* --- reading every meter once --- */

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillCloseWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillMeter) meter = till_meter_service_read_now_finish (TILL_METER_SERVICE (source), result, &error);

  self->reading--;
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (meter == NULL)
    fail (self, error);
  if (self->reading == 0)
    ask (self);
}

static void
read_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillCloseWindow *self = TILL_CLOSE_WINDOW (widget);

  till_strip_hide (self->strip);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->meters)); i++)
    {
      g_autoptr (TillRecord) meter = g_list_model_get_item (G_LIST_MODEL (self->meters), i);

      self->reading++;
      till_meter_service_read_now_async (till_context_get_meters (self->context), till_record_int (meter, "meter"), self->cancellable, read_cb,
                                         g_object_ref (self));
    }
  judge (self);
}

/* --- asking --- */

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillCloseWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) reply = till_customer_service_order_finish (TILL_CUSTOMER_SERVICE (source), result, &error);
  gboolean first = !self->settled;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  self->busy = FALSE;
  if (reply == NULL || !JSON_NODE_HOLDS_OBJECT (reply))
    {
      fail (self, error);
      if (self->stage == RUNNING && !self->ordered && !till_api_error_is_in_doubt (error)) /* refused: nothing was begun */
        self->stage = PREVIEW;
      if (self->stage == RUNNING && self->tick == 0)
        self->tick = g_timeout_add (ASK_AGAIN_MS, ask_again, self);
    }
  else
    take_settlement (self, json_node_get_object (reply));
  judge (self);
  if (first && self->settled && self->stage == PREVIEW)
    gtk_widget_activate_action (GTK_WIDGET (self), "close.read", NULL);
}

/* The preview while nothing was ordered, the next step afterwards. */
static void
ask (TillCloseWindow *self)
{
  g_autoptr (JsonNode) body = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  TillAccountOrder order = { TILL_ACCOUNT_CLOSE, till_record_int (self->account, "id"), body };
  guint chosen = gtk_drop_down_get_selected (self->channel);
  const char *reason = gtk_editable_get_text (GTK_EDITABLE (self->reason));
  char id[TILL_ID_TEXT];

  json_node_take_object (body, object);
  json_object_set_string_member (object, "channel", till_channel_word (chosen == GTK_INVALID_LIST_POSITION ? TILL_CHANNEL_CASH : (TillChannel) chosen));
  if (self->stage == PREVIEW)
    json_object_set_boolean_member (object, "dry_run", TRUE);
  else
    {
      json_object_set_string_member (object, "id", till_id_print (&self->id, id));
      json_object_set_string_member (object, "reason", reason[0] != '\0' ? reason : _ ("closing goes on"));
    }
  self->busy = TRUE;
  judge (self);
  till_customer_service_order_async (till_context_get_customers (self->context), &order, self->cancellable, asked_cb, g_object_ref (self));
}

static gboolean
ask_again (gpointer user_data)
{
  TillCloseWindow *self = user_data;

  self->tick = 0;
  till_strip_hide (self->strip);
  ask (self);
  return G_SOURCE_REMOVE;
}

/* Until the answer is there it is not known whether it was ordered: from here on the same id is repeated, never a preview. */
static void
run_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillCloseWindow *self = TILL_CLOSE_WINDOW (widget);

  till_strip_hide (self->strip);
  gtk_widget_grab_focus (GTK_WIDGET (self->table)); /* before the reason turns insensitive: it must hear that the focus goes */
  self->stage = RUNNING;
  ask (self);
}

/* --- window --- */

/* Calls under way hold the window, so dispose would come too late; the main window may be gone by then, too. */
static void
till_close_window_unmap (GtkWidget *widget)
{
  TillCloseWindow *self = TILL_CLOSE_WINDOW (widget);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->tick, g_source_remove);
  gtk_window_set_transient_for (GTK_WINDOW (widget), NULL);
  GTK_WIDGET_CLASS (till_close_window_parent_class)->unmap (widget);
}

static void
till_close_window_dispose (GObject *object)
{
  TillCloseWindow *self = TILL_CLOSE_WINDOW (object);

  g_clear_handle_id (&self->tick, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  if (self->table != NULL)
    till_table_set_model (self->table, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TILL_TYPE_CLOSE_WINDOW);
  g_clear_object (&self->meters);
  g_clear_object (&self->account);
  g_clear_object (&self->context);
  G_OBJECT_CLASS (till_close_window_parent_class)->dispose (object);
}

static void
till_close_window_finalize (GObject *object)
{
  g_object_unref (TILL_CLOSE_WINDOW (object)->cancellable);
  G_OBJECT_CLASS (till_close_window_parent_class)->finalize (object);
}

static void
till_close_window_class_init (TillCloseWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_close_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = till_close_window_finalize;
  widget_class->unmap = till_close_window_unmap;
  signals[CHANGED] = g_signal_new ("changed", TILL_TYPE_CLOSE_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (TILL_TYPE_STRIP);
  g_type_ensure (TILL_TYPE_TABLE);
  g_type_ensure (TILL_TYPE_COLUMN);
  gtk_widget_class_install_action (widget_class, "close.read", NULL, read_action);
  gtk_widget_class_install_action (widget_class, "close.run", NULL, run_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/customers/till-close-window.ui");
  gtk_widget_class_bind_template_child (widget_class, TillCloseWindow, heading);
  gtk_widget_class_bind_template_child (widget_class, TillCloseWindow, strip);
  gtk_widget_class_bind_template_child (widget_class, TillCloseWindow, spinner);
  gtk_widget_class_bind_template_child (widget_class, TillCloseWindow, status);
  gtk_widget_class_bind_template_child (widget_class, TillCloseWindow, table);
  gtk_widget_class_bind_template_child (widget_class, TillCloseWindow, bottom);
  gtk_widget_class_bind_template_child (widget_class, TillCloseWindow, close_button);
  gtk_widget_class_bind_template_child (widget_class, TillCloseWindow, reason);
  gtk_widget_class_bind_template_child (widget_class, TillCloseWindow, channel);
  gtk_widget_class_bind_template_callback (widget_class, judge);
}

static void
till_close_window_init (TillCloseWindow *self)
{
  self->cancellable = g_cancellable_new ();
  self->meters = g_list_store_new (TILL_TYPE_CLOSING_METER);
  gtk_widget_init_template (GTK_WIDGET (self));
  till_account_fill_channels (self->channel);
  till_table_set_model (self->table, G_LIST_MODEL (self->meters));
}

TillCloseWindow *
till_close_window_show (GtkWidget *parent, TillContext *context, TillAccount *account)
{
  TillCloseWindow *self = g_object_new (TILL_TYPE_CLOSE_WINDOW, "transient-for", gtk_widget_get_root (parent), "modal", TRUE, NULL);
  const char *closing = till_record_text (account, "closing");
  g_autofree char *subtitle = g_strdup_printf ("%s · %s", till_record_text (account, "code"), till_record_text (account, "customer-name"));

  self->context = g_object_ref (context);
  self->account = g_object_ref (account);
  adw_window_title_set_subtitle (self->heading, subtitle);
  if (closing != NULL && till_id_parse (closing, &self->id, NULL))
    self->stage = RUNNING, self->ordered = TRUE;
  else
    till_id_new (&self->id, g_get_real_time () / 1000);
  ask (self);
  gtk_window_present (GTK_WINDOW (self));
  return self;
}
