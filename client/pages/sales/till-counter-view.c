/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-counter-view.c: see till-counter-view.h. Puts together picker, cards, form and progress; asks the server; books nothing itself. */
#define G_LOG_DOMAIN "till-counter-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/sales/till-counter-view.h"
#include "client/pages/sales/till-meter-cards.h"
#include "client/pages/sales/till-money-out.h"
#include "client/pages/till-receipt-dialog.h"
#include "client/pages/sales/till-sale-form.h"
#include "client/pages/sales/till-sale-progress.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-picker.h"
#include "client/widgets/till-strip.h"
#include "shared/api/till-paths.h"

struct _TillCounterView {
  GtkWidget         parent_instance;
  GtkWidget        *root;
  TillPicker       *picker;
  TillStrip        *strip;
  GtkLabel         *customer;
  GtkBox           *siblings;
  TillMeterCards   *cards;
  TillSaleForm     *form;
  TillSaleProgress *progress;
  TillContext      *context;
  TillMeter        *meter;
  TillPagedList    *others; /* meters of the same account */
  GCancellable     *cancellable;
};

G_DEFINE_FINAL_TYPE (TillCounterView, till_counter_view, GTK_TYPE_WIDGET)

static void choose (TillCounterView *self, TillMeter *meter);

static void
renew_cancellable (TillCounterView *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
}

static void
show_customer (TillCounterView *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  static const char *const fields[] = { "customer-name", "room", "code", "account-code" };

  for (guint i = 0; self->meter != NULL && i < G_N_ELEMENTS (fields); i++)
    {
      const char *part = till_record_text (self->meter, fields[i]);
      if (part == NULL)
        continue;
      if (text->len > 0)
        g_string_append (text, " · ");
      if (i == 3)
        g_string_append_printf (text, _("account %s"), part);
      else
        g_string_append (text, part);
    }
  gtk_label_set_text (self->customer, self->meter == NULL ? _("Find a customer, a room or a meter to begin.") : text->str);
}

static void
use_meter (TillCounterView *self, TillMeter *meter)
{
  g_set_object ((GObject **) &self->meter, (GObject *) meter);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "counter.refund",
                                 meter != NULL && till_session_may (till_context_get_session (self->context), TILL_PERMISSION_SALES_REFUND));
  till_meter_cards_set_meter (self->cards, meter);
  till_sale_form_set_meter (self->form, meter);
  show_customer (self);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillCounterView) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillMeter) fresh = till_meter_service_read_now_finish (TILL_METER_SERVICE (source), result, &error);
  g_autofree char *age = NULL, *text = NULL;

  if (error != NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  till_meter_cards_set_reading (self->cards, FALSE);
  if (fresh != NULL)
    {
      till_strip_hide (self->strip);
      use_meter (self, fresh);
      return;
    }
  /* The server decides whether it takes the money of a silent meter; here only what is known. */
  age = till_format_age (self->meter != NULL ? till_meter_age_s (self->meter, g_get_real_time ()) : -1);
  text = till_error_is (error, TILL_ERROR_OFFLINE) ? g_strdup_printf (_("The meter does not answer. Last reading %s old. A sale is delivered later."), age)
                                                   : till_api_error_describe (error);
  till_strip_show (self->strip, TILL_STRIP_WARNING, text, _("Read again"));
}

static void
read_now (TillCounterView *self)
{
  if (self->meter == NULL)
    return;
  till_meter_cards_set_reading (self->cards, TRUE);
  till_meter_service_read_now_async (till_context_get_meters (self->context), till_record_int (self->meter, "id"), self->cancellable, read_cb,
                                     g_object_ref (self));
}

static void
sibling_cb (GtkButton *button, gpointer user_data)
{
  TillMeter *meter = g_object_get_data (G_OBJECT (button), "meter");

  choose (user_data, meter);
}

/* Other meters of the same account as buttons (1) (2); digits choose while the row has the focus. */
static void
show_siblings (TillCounterView *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->others));
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->siblings))) != NULL)
    gtk_box_remove (self->siblings, child);
  for (guint i = 0; n > 1 && i < MIN (n, 9); i++)
    {
      TillMeter *meter = till_paged_list_peek (self->others, i);
      GtkWidget *button;
      g_autofree char *label = NULL;

      if (meter == NULL)
        continue;
      label = g_strdup_printf ("(%u) %s", i + 1, till_record_text (meter, "code"));
      button = gtk_button_new_with_label (label);
      g_object_set_data_full (G_OBJECT (button), "meter", g_object_ref (meter), g_object_unref);
      g_signal_connect (button, "clicked", G_CALLBACK (sibling_cb), self);
      gtk_box_append (self->siblings, button);
    }
}

static void
load_siblings (TillCounterView *self)
{
  g_autoptr (TillQuery) query = till_query_new ();
  g_autofree char *account = NULL;

  if (self->others != NULL)
    g_signal_handlers_disconnect_by_data (self->others, self);
  g_clear_object (&self->others);
  if (till_record_int (self->meter, "account") == TILL_UNKNOWN)
    return;
  account = g_strdup_printf ("%" G_GINT64_FORMAT, till_record_int (self->meter, "account"));
  till_query_set_fixed (query, "account", account);
  self->others = till_context_make_list (self->context, TILL_PATH_METERS, TILL_TYPE_METER, query);
  g_signal_connect_swapped (self->others, "page-loaded", G_CALLBACK (show_siblings), self);
  till_paged_list_reload (self->others);
}

static void
choose (TillCounterView *self, TillMeter *meter)
{
  g_autoptr (TillMeter) kept = g_object_ref (meter);

  renew_cancellable (self);
  till_strip_hide (self->strip);
  if (!till_sale_progress_is_open (self->progress))
    till_sale_progress_clear (self->progress);
  use_meter (self, kept);
  load_siblings (self);
  read_now (self);
  till_sale_form_focus_amount (self->form);
}

static void
picked_cb (TillPicker *picker, TillRecord *record, gpointer user_data)
{
  choose (user_data, TILL_METER (record));
}

static void
nothing_found_cb (TillPicker *picker, gpointer user_data)
{
  TillCounterView *self = user_data;

  till_strip_show (self->strip, TILL_STRIP_INFO, _("Nothing matches."), NULL);
}

static void
sold_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillCounterView) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillSale) sale = till_sales_service_sell_finish (TILL_SALES_SERVICE (source), result, &error);
  g_autofree char *text = NULL;
  TillSaleDraft draft;

  till_sale_form_set_busy (self->form, FALSE);
  if (sale != NULL)
    {
      till_sale_progress_follow (self->progress, sale);
      till_sale_form_renew (self->form);
      gtk_widget_grab_focus (GTK_WIDGET (self->picker));
      return;
    }
  if (till_api_error_is_cancelled (error))
    return;
  text = till_api_error_describe (error);
  if (till_api_error_is_in_doubt (error))
    {
      /* The id stays: selling again with the same input is the same sale. */
      till_sale_form_get_draft (self->form, &draft);
      till_sale_progress_doubt (self->progress, &draft.id, text);
      return;
    }
  till_sale_form_show_error (self->form, till_api_error_get_field (error, "amount") != NULL ? till_api_error_get_field (error, "amount") : text);
  till_sale_form_focus_amount (self->form);
}

static void
sell_cb (TillSaleForm *form, gpointer user_data)
{
  TillCounterView *self = user_data;
  TillSaleDraft draft;

  till_sale_form_get_draft (form, &draft);
  till_sale_form_set_busy (form, TRUE);
  /* Not cancelled with the page: money under way is waited for. */
  till_sales_service_sell_async (till_context_get_sales (self->context), &draft, NULL, sold_cb, g_object_ref (self));
}

static void
receipt_cb (TillSaleProgress *progress, TillSale *sale, gpointer user_data)
{
  TillCounterView *self = user_data;

  till_receipt_dialog_show (GTK_WIDGET (self), self->context, sale);
}

/* After a verdict the meter is shown as it is now. */
static void
finished_cb (TillSaleProgress *progress, gpointer user_data)
{
  TillCounterView *self = user_data;
  TillSale *sale = till_sale_progress_get_sale (progress);

  if (sale != NULL && self->meter != NULL && till_record_int (sale, "meter") == till_record_int (self->meter, "id"))
    read_now (self);
}

static void
strip_cb (TillStrip *strip, gpointer user_data)
{
  read_now (user_data);
}

static void
ask_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  till_sale_form_ask (TILL_COUNTER_VIEW (widget)->form);
}

static void
back_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillCounterView *self = TILL_COUNTER_VIEW (widget);

  if (!till_sale_form_back (self->form))
    till_counter_view_begin (self);
}

static void
refunded (gpointer data)
{
  read_now (data);
}

/* Money back from the meter that is shown. */
static void
refund_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillCounterView *self = TILL_COUNTER_VIEW (widget);
  TillMoneyOut out = { widget, self->context, refunded, self };

  if (self->meter != NULL)
    till_refund_dialog_show (&out, self->meter);
}

static void
find_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_grab_focus (GTK_WIDGET (TILL_COUNTER_VIEW (widget)->picker));
}

static void
quick_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  till_sale_form_set_quick (TILL_COUNTER_VIEW (widget)->form, (guint) g_variant_get_int32 (parameter));
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillCounterView) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillMeter) meter = till_meter_service_get_finish (TILL_METER_SERVICE (source), result, &error);

  if (meter != NULL)
    choose (self, meter);
  else
    till_report_error (GTK_WIDGET (self), TILL_REPORT_ACTION, error);
}

void
till_counter_view_open_meter (TillCounterView *self, gint64 id)
{
  g_return_if_fail (TILL_IS_COUNTER_VIEW (self));
  renew_cancellable (self);
  till_meter_service_get_async (till_context_get_meters (self->context), id, self->cancellable, opened_cb, g_object_ref (self));
}

void
till_counter_view_begin (TillCounterView *self)
{
  g_return_if_fail (TILL_IS_COUNTER_VIEW (self));
  renew_cancellable (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->picker)); /* before the form turns insensitive: its entry must hear that the focus goes */
  use_meter (self, NULL);
  till_meter_cards_set_reading (self->cards, FALSE);
  till_strip_hide (self->strip);
  till_picker_clear (self->picker);
}

void
till_counter_view_set_context (TillCounterView *self, TillContext *context)
{
  static const char *const fields[] = { "code", "room", "customer-name", "balance", NULL };
  g_autoptr (TillQuery) query = till_query_new ();
  g_autoptr (TillPagedList) list = NULL;
  g_autofree gint64 *amounts = NULL;
  TillSaleFormSetup setup = { 0 };

  g_return_if_fail (TILL_IS_COUNTER_VIEW (self));
  g_set_object (&self->context, context);
  list = till_context_make_list (context, TILL_PATH_METERS, TILL_TYPE_METER, query);
  till_picker_set_fields (self->picker, fields);
  till_picker_set_list (self->picker, G_LIST_MODEL (list));
  till_sale_progress_set_context (self->progress, context);
  amounts = till_settings_dup_quick_amounts (till_context_get_settings (context), &setup.n);
  setup.amounts = amounts;
  setup.sale_max = till_session_get_sale_max (till_context_get_session (context));
  till_sale_form_set_up (self->form, &setup);
  show_customer (self);
}

static void
till_counter_view_dispose (GObject *object)
{
  TillCounterView *self = TILL_COUNTER_VIEW (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->others != NULL)
    g_signal_handlers_disconnect_by_data (self->others, self);
  g_clear_object (&self->others);
  g_clear_object ((GObject **) &self->meter);
  g_clear_object (&self->context);
  gtk_widget_dispose_template (GTK_WIDGET (self), TILL_TYPE_COUNTER_VIEW);
  G_OBJECT_CLASS (till_counter_view_parent_class)->dispose (object);
}

static void
till_counter_view_class_init (TillCounterViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_counter_view_dispose;
  g_type_ensure (TILL_TYPE_METER_CARDS);
  g_type_ensure (TILL_TYPE_PICKER);
  g_type_ensure (TILL_TYPE_SALE_FORM);
  g_type_ensure (TILL_TYPE_SALE_PROGRESS);
  g_type_ensure (TILL_TYPE_STRIP);
  gtk_widget_class_install_action (widget_class, "counter.ask", NULL, ask_action);
  gtk_widget_class_install_action (widget_class, "counter.back", NULL, back_action);
  gtk_widget_class_install_action (widget_class, "counter.find", NULL, find_action);
  gtk_widget_class_install_action (widget_class, "counter.refund", NULL, refund_action);
  gtk_widget_class_install_action (widget_class, "counter.quick", "i", quick_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F12, 0, "counter.ask", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F2, 0, "counter.find", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "counter.back", NULL);
  for (int i = 0; i < 4; i++)
    gtk_widget_class_add_binding_action (widget_class, GDK_KEY_1 + (guint) i, GDK_CONTROL_MASK, "counter.quick", "i", i);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/sales/till-counter-view.ui");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_bind_template_child (widget_class, TillCounterView, root);
  gtk_widget_class_bind_template_child (widget_class, TillCounterView, picker);
  gtk_widget_class_bind_template_child (widget_class, TillCounterView, strip);
  gtk_widget_class_bind_template_child (widget_class, TillCounterView, customer);
  gtk_widget_class_bind_template_child (widget_class, TillCounterView, siblings);
  gtk_widget_class_bind_template_child (widget_class, TillCounterView, cards);
  gtk_widget_class_bind_template_child (widget_class, TillCounterView, form);
  gtk_widget_class_bind_template_child (widget_class, TillCounterView, progress);
  gtk_widget_class_bind_template_callback (widget_class, picked_cb);
  gtk_widget_class_bind_template_callback (widget_class, nothing_found_cb);
  gtk_widget_class_bind_template_callback (widget_class, strip_cb);
  gtk_widget_class_bind_template_callback (widget_class, sell_cb);
  gtk_widget_class_bind_template_callback (widget_class, receipt_cb);
  gtk_widget_class_bind_template_callback (widget_class, finished_cb);
}

static void
till_counter_view_init (TillCounterView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
