/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-account-actions.c: see till-account-actions.h. Whether it can be done is the server's to say; its reason stands in the question. */
#define G_LOG_DOMAIN "till-account-actions"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/customers/till-account-actions.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-picker.h"
#include "shared/api/till-paths.h"

typedef struct {
  GtkWidget      *widget;
  TillContext    *context;
  TillAccount    *account;
  TillAccountVerb verb;
  GCancellable   *cancellable;
  gboolean        add;
  gint64          picked;   /* customer or meter; 0: none yet */
  GtkLabel       *chosen;   /* what was picked, in words */
  void          (*changed) (GtkWidget *widget);
} Dialog;

static void
dialog_free (gpointer data)
{
  Dialog *self = data;

  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_object_unref (self->widget);
  g_object_unref (self->context);
  g_object_unref (self->account);
  g_free (self);
}

/* --- asking the server --- */

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) window = user_data;
  Dialog *self = g_object_get_data (G_OBJECT (window), "till-dialog");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) reply = till_customer_service_order_finish (TILL_CUSTOMER_SERVICE (source), result, &error);
  g_autofree char *text = NULL;

  if (reply == NULL)
    {
      text = till_api_error_describe (error);
      till_ask_window_fail (window, text);
      return;
    }
  text = g_strdup_printf (_ ("Account %s was changed"), till_record_text (self->account, "code"));
  till_report_done (self->widget, text);
  self->changed (self->widget);
  gtk_window_destroy (GTK_WINDOW (window));
}

static gint64
chosen_id (TillAskWindow *window, Dialog *self)
{
  const char *choice = till_ask_window_get_choice (window);

  return choice != NULL ? g_ascii_strtoll (choice, NULL, 10) : self->picked;
}

static void
answered_cb (TillAskWindow *window, const char *answer, Dialog *self)
{
  g_autoptr (JsonNode) body = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  TillAccountOrder order = { self->verb, till_record_int (self->account, "id"), body };
  const char *note = till_ask_window_get_note (window);

  json_node_take_object (body, object);
  if (note != NULL)
    json_object_set_string_member (object, "reason", note);
  if (self->verb == TILL_ACCOUNT_TRANSFER)
    json_object_set_int_member (object, "customer", self->picked);
  if (self->verb == TILL_ACCOUNT_METERS)
    {
      JsonArray *meters = json_array_new ();

      json_array_add_int_element (meters, chosen_id (window, self));
      json_object_set_array_member (object, self->add ? "add" : "remove", meters);
    }
  till_customer_service_order_async (till_context_get_customers (self->context), &order, NULL, done_cb, g_object_ref (window));
}

static TillAskWindow *
make_window (const TillAccountAsk *ask, TillAccount *account, TillAccountVerb verb, const TillAsk *question)
{
  TillAskWindow *window = till_ask_window_new (ask->widget, question);
  Dialog *self = g_new0 (Dialog, 1);

  *self = (Dialog){ .widget = g_object_ref (ask->widget), .context = g_object_ref (ask->context), .account = g_object_ref (account), .verb = verb,
                    .cancellable = g_cancellable_new (), .changed = ask->changed };
  g_object_set_data_full (G_OBJECT (window), "till-dialog", self, dialog_free);
  till_ask_window_add_fact (window, _ ("Account No."), till_record_text (account, "code"));
  till_ask_window_add_fact (window, _ ("Customer"), till_record_text (account, "customer-name"));
  g_signal_connect (window, "answered", G_CALLBACK (answered_cb), self);
  return window;
}

static Dialog *
dialog_of (TillAskWindow *window)
{
  return g_object_get_data (G_OBJECT (window), "till-dialog");
}

/* --- suspend, resume --- */

void
till_account_suspend_show (const TillAccountAsk *ask, TillAccount *account)
{
  TillAsk question = { .title = _ ("Suspend account"), .action = _ ("Suspend account"), .note = _ ("Reason"), .note_required = TRUE, .destructive = TRUE,
                       .intro = _ ("Its meters take no sales until it is resumed. What is on them stays there.") };

  gtk_window_present (GTK_WINDOW (make_window (ask, account, TILL_ACCOUNT_SUSPEND, &question)));
}

void
till_account_resume_show (const TillAccountAsk *ask, TillAccount *account)
{
  TillAsk question = { .title = _ ("Resume account"), .action = _ ("Resume account"), .note = _ ("Reason"), .note_required = TRUE };

  gtk_window_present (GTK_WINDOW (make_window (ask, account, TILL_ACCOUNT_RESUME, &question)));
}

/* --- somebody or something is picked first --- */

static void
show_chosen (Dialog *self, gpointer record, const char *name)
{
  const char *room = till_record_text (record, "room"), *label = till_record_text (record, name);
  g_autofree char *text = g_strdup_printf ("%s · %s · %s", till_record_text (record, "code"), label != NULL ? label : TILL_DASH, room != NULL
                                           ? room : TILL_DASH);

  gtk_label_set_text (self->chosen, text);
}

static TillPicker *
add_picker (TillAskWindow *window, const char *placeholder, TillPagedList *list, const char *const *fields)
{
  Dialog *self = dialog_of (window);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8), *picker = till_picker_new (), *chosen = gtk_label_new ("");

  self->chosen = GTK_LABEL (chosen);
  gtk_label_set_xalign (self->chosen, 0);
  gtk_label_set_ellipsize (self->chosen, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (chosen, "till-strong");
  g_object_set (picker, "placeholder-text", placeholder, NULL);
  till_picker_set_fields (TILL_PICKER (picker), fields);
  till_picker_set_list (TILL_PICKER (picker), G_LIST_MODEL (list));
  gtk_box_append (GTK_BOX (box), picker);
  gtk_box_append (GTK_BOX (box), chosen);
  till_ask_window_add_widget (window, box);
  till_ask_window_set_ready (window, FALSE);
  return TILL_PICKER (picker);
}

static void
customer_cb (TillPicker *picker, TillRecord *record, TillAskWindow *window)
{
  Dialog *self = dialog_of (window);

  self->picked = till_record_int (record, "id");
  show_chosen (self, record, "name");
  till_ask_window_set_ready (window, self->picked != till_record_int (self->account, "customer"));
}

void
till_account_transfer_show (const TillAccountAsk *ask, TillAccount *account)
{
  static const char *const fields[] = { "code", "name", "room", NULL };
  TillAsk question = { .title = _ ("Transfer account"), .action = _ ("Transfer account"), .note = _ ("Reason"), .note_required = TRUE,
                       .intro = _ ("The balance goes along with the account. Settle by closing it instead if it must not.") };
  TillAskWindow *window = make_window (ask, account, TILL_ACCOUNT_TRANSFER, &question);
  g_autoptr (TillQuery) query = till_query_new ();
  g_autoptr (TillPagedList) list = till_context_make_list (ask->context, TILL_PATH_CUSTOMERS, TILL_TYPE_CUSTOMER, query);

  g_signal_connect_object (add_picker (window, _ ("Find the new customer"), list, fields), "picked", G_CALLBACK (customer_cb), window, 0);
  gtk_window_present (GTK_WINDOW (window));
}

/* --- meters --- */

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) window = user_data;
  Dialog *self = dialog_of (window);
  g_autoptr (GError) error = NULL;
  g_autoptr (TillMeter) meter = till_meter_service_read_now_finish (TILL_METER_SERVICE (source), result, &error);
  g_autofree char *text = NULL, *energy = NULL, *read = NULL;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (meter == NULL)
    {
      text = till_api_error_describe (error);
      till_ask_window_fail (window, text);
      return;
    }
  energy = till_format_energy (till_record_int (meter, "energy-total"));
  read = g_strdup_printf (_ ("%s · opening reading %s kWh"), till_record_text (meter, "code"), energy);
  gtk_label_set_text (self->chosen, read);
  self->picked = till_record_int (meter, "id");
  till_ask_window_set_ready (window, TRUE);
}

/* A meter joins with a fresh reading only. */
static void
meter_cb (TillPicker *picker, TillRecord *record, TillAskWindow *window)
{
  Dialog *self = dialog_of (window);

  show_chosen (self, record, "model");
  till_ask_window_set_ready (window, FALSE);
  till_meter_service_read_now_async (till_context_get_meters (self->context), till_record_int (record, "id"), self->cancellable, read_cb,
                                     g_object_ref (window));
}

void
till_account_add_meter_show (const TillAccountAsk *ask, TillAccount *account)
{
  static const char *const fields[] = { "code", "room", "model", NULL };
  TillAsk question = { .title = _ ("Add a meter"), .action = _ ("Add meter") };
  TillAskWindow *window = make_window (ask, account, TILL_ACCOUNT_METERS, &question);
  g_autoptr (TillQuery) query = till_query_new ();
  g_autoptr (TillPagedList) list = NULL;

  dialog_of (window)->add = TRUE;
  till_query_set_fixed (query, "state", "unopened");
  list = till_context_make_list (ask->context, TILL_PATH_METERS, TILL_TYPE_METER, query);
  g_signal_connect_object (add_picker (window, _ ("Find a meter that is not opened"), list, fields), "picked", G_CALLBACK (meter_cb), window, 0);
  gtk_window_present (GTK_WINDOW (window));
}

static void
meters_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) window = user_data;
  Dialog *self = dialog_of (window);
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) meters = till_customer_service_meters_finish (TILL_CUSTOMER_SERVICE (source), result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (meters == NULL)
    {
      g_autofree char *text = till_api_error_describe (error);

      till_ask_window_fail (window, text);
      return;
    }
  for (guint i = 0; i < g_list_model_get_n_items (meters); i++)
    {
      g_autoptr (TillRecord) meter = g_list_model_get_item (meters, i);
      g_autofree char *balance = till_format_money_sign (till_record_int (meter, "balance"));
      g_autofree char *label = g_strdup_printf ("%s · %s", till_record_text (meter, "code"), balance);

      till_ask_window_add_choice (window, &(TillAskChoice){ till_record_key (meter), label, till_record_text (meter, "room"), NULL });
    }
  till_ask_window_set_ready (window, g_list_model_get_n_items (meters) > 0);
}

void
till_account_remove_meter_show (const TillAccountAsk *ask, TillAccount *account)
{
  TillAsk question = { .title = _ ("Remove a meter"), .action = _ ("Remove meter"), .destructive = TRUE,
                       .intro = _ ("The meter must be empty: give back what is on it first. Afterwards it is not opened.") };
  TillAskWindow *window = make_window (ask, account, TILL_ACCOUNT_METERS, &question);
  Dialog *self = dialog_of (window);
  TillMetersOf of = { 0, till_record_int (account, "id") };

  till_ask_window_set_ready (window, FALSE);
  till_customer_service_meters_async (till_context_get_customers (ask->context), &of, self->cancellable, meters_cb, g_object_ref (window));
  gtk_window_present (GTK_WINDOW (window));
}
