/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-open-window.c: see till-open-window.h. The order has one id from the first try to the last: asked for twice it is done once, so a
 * missing answer is repeated and never guessed. */
#define G_LOG_DOMAIN "till-open-window"
#include "config.h"
#include <stdio.h>
#include <glib/gi18n.h>
#include "client/pages/customers/till-customer-editor.h"
#include "client/pages/customers/till-open-check.h"
#include "client/pages/customers/till-open-meters.h"
#include "client/pages/customers/till-open-terms.h"
#include "client/pages/customers/till-open-window.h"
#include "client/pages/till-order-progress.h"
#include "client/pages/till-plant-form.h"
#include "client/widgets/till-alert.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-picker.h"
#include "client/widgets/till-steps.h"
#include "client/widgets/till-strip.h"
#include "shared/api/till-paths.h"

#define FRESH_S 45 /* the server takes a reading of a minute: it must not get too old on its way */

typedef enum { FILLING, READING, ORDERED, DOUBT, OPENED } Stage;

struct _TillOpenWindow {
  AdwWindow         parent_instance;
  TillPage         *page;
  TillContext      *context;
  TillOpening      *opening;
  GCancellable     *cancellable;
  Stage             stage;
  TillStrip        *strip;
  TillSteps        *steps;
  AdwActionRow     *customer;
  TillOpenMeters   *meters;
  TillOpenTerms    *terms, *money;
  GtkBox           *check;
  TillOrderProgress *progress;
};

G_DEFINE_FINAL_TYPE (TillOpenWindow, till_open_window, ADW_TYPE_WINDOW)

enum { OPENED_SIGNAL, N_SIGNALS };
static guint signals[N_SIGNALS];

static const TillOrderWords words = {
  N_ ("The account is open. Its meters are being set up; this goes on when the window is closed."),
  N_ ("The account is open. Everything has come to its end."),
  N_ ("The account is open. Some money was not taken: nothing was booked for it."),
};
static const char *const order_of_steps[] = { "customer", "meters", "terms", "money", "check", "run" };

/* --- what may be done now --- */

static gboolean
at (TillOpenWindow *self, const char *step)
{
  return g_str_equal (till_steps_get (self->steps), step);
}

static char *
dup_problem (TillOpenWindow *self)
{
  if (at (self, "customer"))
    return self->opening->customer == NULL ? g_strdup ("") : NULL;
  if (at (self, "meters"))
    return till_opening_count (self->opening) == 0 ? g_strdup ("") : till_open_meters_dup_problem (self->meters);
  return at (self, "terms") ? till_open_terms_dup_problem (self->terms) : at (self, "money") ? till_open_terms_dup_problem (self->money) : NULL;
}

static char *
open_label (TillOpenWindow *self)
{
  gint64 paid, carried;
  g_autofree char *money = NULL;

  till_opening_sum (self->opening, &paid, &carried);
  money = till_format_money_sign (paid);
  return paid > 0 ? g_strdup_printf (_ ("Open account and take %s"), money) : g_strdup (_ ("Open account"));
}

static void
judge (TillOpenWindow *self)
{
  g_autofree char *problem = dup_problem (self), *label = open_label (self);
  gboolean idle = self->stage == FILLING, reading = till_open_meters_count_reading (self->meters) > 0;

  till_steps_set_back (self->steps, idle);
  if (at (self, "run"))
    till_steps_set_next (self->steps, self->stage == OPENED ? _ ("Close") : NULL, TRUE);
  else if (at (self, "check"))
    till_steps_set_next (self->steps, self->stage == READING ? _ ("Reading meters…") : label, idle);
  else
    till_steps_set_next (self->steps, _ ("Next"), problem == NULL && !(at (self, "meters") && reading));
  if (self->stage != FILLING)
    return;
  if (problem != NULL && problem[0] != '\0')
    till_strip_show (self->strip, TILL_STRIP_WARNING, problem, NULL);
  else
    till_strip_hide (self->strip);
}

/* --- 1 customer --- */

static void
take_customer (TillOpenWindow *self, gpointer record)
{
  const char *name = till_record_text (record, "name"), *room = till_record_text (record, "room");
  g_autofree char *text = g_strdup_printf ("%s · %s", till_record_text (record, "code"), room != NULL ? room : TILL_DASH);

  g_set_object ((GObject **) &self->opening->customer, record);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->customer), name != NULL ? name : TILL_DASH);
  adw_action_row_set_subtitle (self->customer, text);
  judge (self);
}

static void
picked_cb (TillPicker *picker, TillRecord *record, TillOpenWindow *self)
{
  take_customer (self, record);
}

static void
made_cb (gpointer object, JsonObject *record)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (TillCustomer) customer = NULL;

  json_node_set_object (node, record);
  customer = till_record_new_from_json (TILL_TYPE_CUSTOMER, node, NULL);
  if (customer != NULL)
    take_customer (TILL_OPEN_WINDOW (object), customer);
}

static void
new_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillOpenWindow *self = TILL_OPEN_WINDOW (widget);
  GtkWindow *editor = till_customer_editor_new (self->page);

  gtk_window_set_transient_for (editor, GTK_WINDOW (self));
  till_plant_form_then (editor, made_cb, self);
}

/* --- the order --- */

static void order (TillOpenWindow *self);

/* "meters[2].limits.alarm1": shown where it was typed. TRUE: it was. */
static gboolean
mark (TillOpenWindow *self, const TillFieldError *field)
{
  guint i = 0;
  char member[48] = "";
  TillOpenTerms *tables[] = { self->terms, self->money };
  static const char *const names[] = { "terms", "money" };
  g_autofree char *text = NULL;

  if (sscanf (field->member, "meters[%u].%47s", &i, member) != 2 || i >= till_opening_count (self->opening)) /* lint: banned, a fixed pattern of the contract */
    return FALSE;
  for (guint k = 0; k < G_N_ELEMENTS (tables); k++)
    if (till_open_terms_mark (tables[k], i, member, field->reason))
      {
        till_steps_go (self->steps, names[k]);
        till_open_terms_mark (tables[k], i, member, field->reason); /* filled anew when it was shown */
        text = g_strdup_printf ("%s: %s", till_record_text (till_opening_get (self->opening, i)->meter, "code"), field->reason);
        till_strip_show (self->strip, TILL_STRIP_ERROR, text, NULL);
        return TRUE;
      }
  till_opening_meter_set_reading (till_opening_get (self->opening, i), NULL, field->reason);
  till_steps_go (self->steps, "meters");
  return TRUE;
}

static void
refuse (TillOpenWindow *self, const GError *error)
{
  GPtrArray *fields = till_error_get_fields (error);
  g_autofree char *text = till_api_error_describe (error);

  self->stage = FILLING;
  for (guint i = 0; fields != NULL && i < fields->len; i++)
    if (mark (self, g_ptr_array_index (fields, i)))
      return;
  till_steps_go (self->steps, fields != NULL && till_api_error_get_field (error, "customer") != NULL ? "customer" : "check");
  till_strip_show (self->strip, TILL_STRIP_ERROR, text, NULL);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillOpenWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = till_customer_service_order_finish (TILL_CUSTOMER_SERVICE (source), result, &error);
  gboolean first = self->stage != OPENED;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (answer == NULL && !till_api_error_is_in_doubt (error) && !till_api_error_is_connection (error) && self->opening->account == 0)
    {
      refuse (self, error);
      return;
    }
  if (answer == NULL || !till_opening_read (self->opening, answer, &error))
    {
      g_autofree char *text = till_api_error_describe (error);

      self->stage = self->opening->account == 0 ? DOUBT : OPENED;
      if (self->stage == DOUBT)
        till_order_progress_say (self->progress, _ ("The server did not answer. The account may have been opened; asking again does no harm."));
      till_strip_show (self->strip, TILL_STRIP_ERROR, text, self->stage == DOUBT ? _ ("Ask again") : NULL);
      judge (self);
      return;
    }
  self->stage = OPENED;
  till_strip_hide (self->strip);
  till_steps_set_done (self->steps, "run", TRUE);
  till_order_progress_follow (self->progress);
  judge (self);
  if (first)
    g_signal_emit (self, signals[OPENED_SIGNAL], 0);
}

static void
order (TillOpenWindow *self)
{
  g_autoptr (JsonNode) body = till_opening_write (self->opening);
  TillAccountOrder what = { TILL_ACCOUNT_OPEN, 0, body };

  if (self->stage != OPENED)
    {
      self->stage = ORDERED;
      till_order_progress_say (self->progress, _ ("The account is being opened…"));
    }
  till_strip_hide (self->strip);
  if (!at (self, "run"))
    till_steps_go (self->steps, "run");
  judge (self);
  till_customer_service_order_async (till_context_get_customers (self->context), &what, self->cancellable, opened_cb, g_object_ref (self));
}

static void
read_and_order (TillOpenWindow *self)
{
  g_autofree char *problem = NULL;

  if (self->stage == FILLING)
    {
      self->stage = READING;
      if (till_open_meters_refresh (self->meters, FRESH_S) > 0)
        {
          judge (self);
          return;
        }
    }
  problem = till_open_meters_dup_problem (self->meters);
  if (problem == NULL)
    order (self);
  else
    {
      self->stage = FILLING;
      till_steps_go (self->steps, "meters");
    }
}

static void
meters_cb (TillOpenWindow *self)
{
  if (self->stage == READING && till_open_meters_count_reading (self->meters) == 0)
    read_and_order (self);
  else
    judge (self);
}

/* --- steps --- */

static void
next_cb (TillOpenWindow *self)
{
  const char *step = till_steps_get (self->steps);

  if (g_str_equal (step, "run"))
    {
      gtk_window_close (GTK_WINDOW (self));
      return;
    }
  till_steps_set_done (self->steps, step, TRUE);
  if (g_str_equal (step, "check"))
    {
      read_and_order (self);
      return;
    }
  for (guint i = 0; i + 1 < G_N_ELEMENTS (order_of_steps); i++)
    if (g_str_equal (step, order_of_steps[i]))
      {
        till_steps_go (self->steps, order_of_steps[i + 1]);
        return;
      }
}

static void
shown_cb (TillSteps *steps, const char *name, TillOpenWindow *self)
{
  if (g_str_equal (name, "terms"))
    till_open_terms_fill (self->terms);
  else if (g_str_equal (name, "money"))
    till_open_terms_fill (self->money);
  else if (g_str_equal (name, "check"))
    till_open_check_fill (self->check, self->opening, till_context_get_ref_lists (self->context));
  judge (self);
}

static void
strip_cb (TillOpenWindow *self)
{
  if (self->stage == DOUBT)
    order (self);
}

/* --- window --- */

static void
leave_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  if (till_alert_ask_finish (GTK_WIDGET (source), result, NULL))
    gtk_window_destroy (GTK_WINDOW (source));
}

static gboolean
till_open_window_close_request (GtkWindow *window)
{
  TillOpenWindow *self = TILL_OPEN_WINDOW (window);
  TillAlert alert = { _ ("Leave without opening the account?"), _ ("What was filled in is lost. Nothing was booked."), _ ("Go on"), _ ("Leave"), TRUE };

  if (self->stage != FILLING || till_opening_count (self->opening) == 0)
    return GTK_WINDOW_CLASS (till_open_window_parent_class)->close_request (window);
  till_alert_ask_async (GTK_WIDGET (window), &alert, self->cancellable, leave_cb, NULL);
  return TRUE;
}

/* Calls under way hold the window, so dispose would come too late; the main window may be gone by then, too. */
static void
till_open_window_unmap (GtkWidget *widget)
{
  TillOpenWindow *self = TILL_OPEN_WINDOW (widget);

  g_cancellable_cancel (self->cancellable);
  till_open_meters_stop (self->meters);
  till_order_progress_stop (self->progress);
  gtk_window_set_transient_for (GTK_WINDOW (widget), NULL);
  GTK_WIDGET_CLASS (till_open_window_parent_class)->unmap (widget);
}

static void
till_open_window_finalize (GObject *object)
{
  TillOpenWindow *self = TILL_OPEN_WINDOW (object);

  till_opening_free (self->opening);
  g_clear_object (&self->page);
  g_clear_object (&self->context);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (till_open_window_parent_class)->finalize (object);
}

static void
till_open_window_class_init (TillOpenWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = till_open_window_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = till_open_window_close_request;
  widget_class->unmap = till_open_window_unmap;
  signals[OPENED_SIGNAL] = g_signal_new ("opened", TILL_TYPE_OPEN_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_install_action (widget_class, "open.new-customer", NULL, new_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
till_open_window_init (TillOpenWindow *self)
{
  self->cancellable = g_cancellable_new ();
  self->opening = till_opening_new (g_get_real_time () / 1000);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Open account"));
  gtk_window_set_default_size (GTK_WINDOW (self), 1000, 660);
}

static GtkWidget *
in_clamp (GtkWidget *child)
{
  GtkWidget *clamp = adw_clamp_new (), *scroller = gtk_scrolled_window_new ();

  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 640);
  adw_clamp_set_child (ADW_CLAMP (clamp), child);
  gtk_widget_set_margin_top (clamp, 20);
  gtk_widget_set_margin_bottom (clamp, 20);
  gtk_widget_set_margin_start (clamp, 16);
  gtk_widget_set_margin_end (clamp, 16);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), clamp);
  return scroller;
}

static GtkWidget *
make_customer_step (TillOpenWindow *self)
{
  static const char *const fields[] = { "code", "name", "room", NULL };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 16), *picker = till_picker_new (), *group = adw_preferences_group_new (), *button;
  g_autoptr (TillQuery) query = till_query_new ();
  g_autoptr (TillPagedList) list = till_context_make_list (self->context, TILL_PATH_CUSTOMERS, TILL_TYPE_CUSTOMER, query);

  g_object_set (picker, "placeholder-text", _ ("Name, pinyin, number, room, phone"), NULL);
  till_picker_set_fields (TILL_PICKER (picker), fields);
  till_picker_set_list (TILL_PICKER (picker), G_LIST_MODEL (list));
  g_signal_connect_object (picker, "picked", G_CALLBACK (picked_cb), self, 0);
  self->customer = ADW_ACTION_ROW (adw_action_row_new ());
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self->customer), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->customer), _ ("Nobody chosen yet"));
  adw_action_row_set_subtitle (self->customer, _ ("Search above, or make a new customer."));
  button = gtk_button_new_with_label (_ ("New customer…"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "open.new-customer");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("The account is for"));
  adw_preferences_group_set_header_suffix (ADW_PREFERENCES_GROUP (group), button);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->customer));
  gtk_box_append (GTK_BOX (box), picker);
  gtk_box_append (GTK_BOX (box), group);
  return in_clamp (box);
}

static void
build (TillOpenWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *bar = adw_header_bar_new ();

  self->strip = TILL_STRIP (till_strip_new ());
  self->steps = TILL_STEPS (till_steps_new ());
  self->meters = TILL_OPEN_METERS (till_open_meters_new (self->context, self->opening));
  self->terms = TILL_OPEN_TERMS (till_open_terms_new (self->context, self->opening, FALSE));
  self->money = TILL_OPEN_TERMS (till_open_terms_new (self->context, self->opening, TRUE));
  self->check = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 16));
  self->progress = TILL_ORDER_PROGRESS (till_order_progress_new (self->context, self->opening, &words));
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (bar), adw_window_title_new (_ ("Open account"), NULL));
  till_steps_add (self->steps, "customer", C_ ("account", "Customer"), make_customer_step (self));
  till_steps_add (self->steps, "meters", C_ ("account", "Meters"), GTK_WIDGET (self->meters));
  till_steps_add (self->steps, "terms", _ ("Price and limits"), GTK_WIDGET (self->terms));
  till_steps_add (self->steps, "money", _ ("Money"), GTK_WIDGET (self->money));
  till_steps_add (self->steps, "check", _ ("Check"), in_clamp (GTK_WIDGET (self->check)));
  till_steps_add (self->steps, "run", C_ ("account", "Run"), GTK_WIDGET (self->progress));
  gtk_widget_set_vexpand (GTK_WIDGET (self->steps), TRUE);
  g_signal_connect_object (self->steps, "next", G_CALLBACK (next_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->steps, "shown", G_CALLBACK (shown_cb), self, 0);
  g_signal_connect_object (self->strip, "clicked", G_CALLBACK (strip_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->meters, "changed", G_CALLBACK (meters_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->terms, "changed", G_CALLBACK (judge), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->money, "changed", G_CALLBACK (judge), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->progress, "retry", G_CALLBACK (order), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), bar);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->strip));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->steps));
  adw_window_set_content (ADW_WINDOW (self), box);
}

static void
meter_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillOpenWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillMeter) meter = till_meter_service_get_finish (TILL_METER_SERVICE (source), result, &error);
  g_autofree char *text = meter == NULL ? till_api_error_describe (error) : NULL;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (meter != NULL)
    till_open_meters_add (self->meters, meter);
  else
    till_strip_show (self->strip, TILL_STRIP_ERROR, text, NULL);
}

TillOpenWindow *
till_open_window_show (TillPage *page, const TillOpenFrom *from)
{
  TillOpenWindow *self = g_object_new (TILL_TYPE_OPEN_WINDOW, "transient-for", gtk_widget_get_root (GTK_WIDGET (page)), "destroy-with-parent", TRUE, NULL);
  TillSession *session = till_context_get_session (till_page_get_context (page));

  self->page = g_object_ref (page);
  self->context = g_object_ref (till_page_get_context (page));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "open.new-customer", till_session_may (session, TILL_PERMISSION_CUSTOMERS_EDIT));
  build (self);
  if (from->customer != NULL)
    {
      take_customer (self, from->customer);
      till_steps_set_done (self->steps, "customer", TRUE);
      till_steps_go (self->steps, "meters");
    }
  if (from->meter != 0)
    till_meter_service_get_async (till_context_get_meters (self->context), from->meter, self->cancellable, meter_cb, g_object_ref (self));
  judge (self);
  gtk_window_present (GTK_WINDOW (self));
  return self;
}
