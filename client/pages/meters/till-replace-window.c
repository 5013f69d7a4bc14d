/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-replace-window.c: see till-replace-window.h. One order, one id: a missing answer is asked for again, never guessed. */
#define G_LOG_DOMAIN "till-replace-window"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-meter-model.h"
#include "client/model/till-opening.h"
#include "client/pages/meters/till-replace-window.h"
#include "client/pages/till-order-progress.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-money-entry.h"
#include "client/widgets/till-strip.h"
#include "shared/api/till-limits.h"

typedef enum { READ, TYPED, DEAD, N_SOURCES } Source;
typedef enum { PORT, UNIT, RATIO, N_NUMBERS } Number;
typedef enum { FILLING, ORDERED, DOUBT, DONE } Stage;

static const char *const source_words[N_SOURCES] = { "read", "typed", "dead" };
static const struct { const char *member, *field, *title; double most; } numbers[N_NUMBERS] = {
  [PORT] = { "port", "port", N_ ("Port"), 16 },
  [UNIT] = { "unit", "unit", N_ ("Address"), 247 },
  [RATIO] = { "ct_ratio", "ct-ratio", N_ ("CT ratio"), 10000 },
};

struct _TillReplaceWindow {
  AdwWindow          parent_instance;
  TillContext       *context;
  TillMeter         *meter;
  TillId             id;
  GCancellable      *cancellable;
  Stage              stage;
  gboolean           reading, fresh;
  TillOpening       *orders; /* what goes over, as the last page follows it */
  TillStrip         *strip;
  GtkStack          *stack;
  GtkCheckButton    *sources[N_SOURCES];
  AdwActionRow      *read_row;
  TillMoneyEntry    *typed, *last; /* last: known of a dead one, may be left empty */
  AdwEntryRow       *note, *serial;
  GtkDropDown       *model, *gateway;
  GtkSpinButton     *numbers[N_NUMBERS];
  AdwActionRow      *over;
  GtkWidget         *cancel, *action;
  TillOrderProgress *progress;
};

G_DEFINE_FINAL_TYPE (TillReplaceWindow, till_replace_window, ADW_TYPE_WINDOW)

enum { REPLACED, N_SIGNALS };
static guint signals[N_SIGNALS];

static const TillOrderWords words = {
  N_ ("The meter is replaced. Its credit and settings are on their way; this goes on when the window is closed."),
  N_ ("The meter is replaced. Everything has come to its end."),
};

/* --- what is filled in --- */

static Source
source_of (TillReplaceWindow *self)
{
  for (Source i = 0; i < N_SOURCES; i++)
    if (gtk_check_button_get_active (self->sources[i]))
      return i;
  return READ;
}

static gboolean
is_energy (TillReplaceWindow *self)
{
  return till_record_int (self->meter, "purse") == TILL_PURSE_ENERGY;
}

/* What the old one held, as it is given; TILL_UNKNOWN: not given. */
static gint64
given (TillReplaceWindow *self)
{
  switch (source_of (self))
    {
    case TYPED: return till_money_entry_get_amount (self->typed);
    case DEAD: return till_money_entry_get_amount (self->last) != TILL_UNKNOWN ? till_money_entry_get_amount (self->last)
                                                                                : till_record_int (self->meter, "balance");
    case READ:
    case N_SOURCES:
    default: return till_record_int (self->meter, "balance");
    }
}

static char *
quantity (TillReplaceWindow *self, gint64 amount)
{
  g_autofree char *energy = is_energy (self) && amount != TILL_UNKNOWN ? till_format_energy (amount / 10) : NULL;

  return energy != NULL ? g_strdup_printf ("%s kWh", energy) : till_format_money_sign (amount);
}

static gboolean
has_text (AdwEntryRow *row)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));

  return text[0] != '\0';
}

static void
show_over (TillReplaceWindow *self)
{
  gint64 amount = given (self), whole = amount != TILL_UNKNOWN ? MAX (amount, 0) - MAX (amount, 0) % TILL_MONEY_FEN : TILL_UNKNOWN;
  g_autofree char *text = quantity (self, is_energy (self) ? amount : whole), *title = NULL, *label = NULL;
  gboolean purse = till_record_int (self->meter, "settlement") == TILL_SETTLEMENT_METER;

  if (!purse)
    title = g_strdup (_ ("No money is on the device: the balance is kept by the server."));
  else if (amount == TILL_UNKNOWN)
    title = g_strdup (_ ("What the old device held is not known yet."));
  else
    title = g_strdup_printf (source_of (self) == DEAD ? _ ("%s go over provisionally") : _ ("%s go over to the new device"), text);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->over), title);
  label = g_strdup_printf (_ ("Replace meter, carry over %s"), text);
  gtk_button_set_label (GTK_BUTTON (self->action), purse && amount != TILL_UNKNOWN && amount > 0 ? label : _ ("Replace meter"));
}

static void
judge (TillReplaceWindow *self)
{
  Source source = source_of (self);
  gboolean typed = source != TYPED || till_money_entry_is_valid (self->typed);
  gboolean last = source != DEAD || gtk_editable_get_text (GTK_EDITABLE (self->last))[0] == '\0' || till_money_entry_is_valid (self->last);

  gtk_widget_set_sensitive (GTK_WIDGET (self->typed), source == TYPED);
  gtk_widget_set_sensitive (GTK_WIDGET (self->last), source == DEAD);
  gtk_widget_set_visible (GTK_WIDGET (self->note), source != READ);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "replace.read", !self->reading && self->stage == FILLING);
  gtk_widget_set_sensitive (self->action, self->stage == FILLING && typed && last && has_text (self->serial) &&
                                              (source == READ ? self->fresh && !self->reading : has_text (self->note)));
  gtk_widget_set_visible (self->action, self->stage != DONE);
  gtk_button_set_label (GTK_BUTTON (self->cancel), self->stage == DONE ? _ ("Close") : _ ("Cancel"));
  show_over (self);
}

/* --- the final reading --- */

static void
show_reading (TillReplaceWindow *self, const char *error)
{
  g_autofree char *balance = quantity (self, till_record_int (self->meter, "balance"));
  g_autofree char *energy = till_format_energy (till_record_int (self->meter, "energy-total"));
  g_autofree char *age = till_format_age (till_meter_age_s (self->meter, till_session_now (till_context_get_session (self->context))));
  g_autofree char *text = till_record_known (self->meter, "read-at") ? g_strdup_printf (_ ("%s · %s kWh · read %s ago"), balance, energy, age)
                                                                     : g_strdup_printf ("%s · %s kWh", balance, energy);

  adw_action_row_set_subtitle (self->read_row, self->reading ? _ ("reading…") : error != NULL ? error : text);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillReplaceWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillMeter) meter = till_meter_service_read_now_finish (TILL_METER_SERVICE (source), result, &error);
  g_autofree char *text = meter == NULL ? till_api_error_describe (error) : NULL;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  self->reading = FALSE;
  self->fresh = meter != NULL;
  if (meter != NULL)
    g_set_object (&self->meter, meter);
  show_reading (self, text);
  judge (self);
}

static void
read_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillReplaceWindow *self = TILL_REPLACE_WINDOW (widget);

  self->reading = TRUE;
  show_reading (self, NULL);
  judge (self);
  till_meter_service_read_now_async (till_context_get_meters (self->context), till_record_int (self->meter, "id"), self->cancellable, read_cb,
                                     g_object_ref (self));
}

/* --- the order --- */

static JsonObject *
write_device (TillReplaceWindow *self)
{
  JsonObject *device = json_object_new ();
  g_autofree char *serial = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->serial))));
  gpointer model = gtk_drop_down_get_selected_item (self->model), gateway = gtk_drop_down_get_selected_item (self->gateway);

  json_object_set_string_member (device, "serial", serial);
  if (model != NULL && g_strcmp0 (till_record_text (model, "name"), till_record_text (self->meter, "model")) != 0)
    json_object_set_string_member (device, "model", till_record_text (model, "name"));
  if (gateway != NULL && till_record_int (gateway, "id") != till_record_int (self->meter, "gateway"))
    json_object_set_int_member (device, "gateway", till_record_int (gateway, "id"));
  for (Number i = 0; i < N_NUMBERS; i++)
    if (gtk_spin_button_get_value_as_int (self->numbers[i]) != till_record_int (self->meter, numbers[i].field))
      json_object_set_int_member (device, numbers[i].member, gtk_spin_button_get_value_as_int (self->numbers[i]));
  return device;
}

static JsonNode *
write_order (TillReplaceWindow *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *body = json_object_new (), *final = json_object_new ();
  Source source = source_of (self);
  gint64 amount = till_money_entry_get_amount (source == TYPED ? self->typed : self->last);
  char id[TILL_ID_TEXT], money[TILL_MONEY_TEXT];

  json_object_set_string_member (body, "id", till_id_print (&self->id, id));
  json_object_set_object_member (body, "new", write_device (self));
  json_object_set_string_member (final, "source", source_words[source]);
  if (source != READ && amount != TILL_UNKNOWN)
    json_object_set_string_member (final, "balance", till_money_print (amount, money));
  if (source != READ)
    json_object_set_string_member (final, "note", gtk_editable_get_text (GTK_EDITABLE (self->note)));
  json_object_set_object_member (body, "final", final);
  json_node_take_object (node, body);
  return node;
}

/* What the server complains about, at its member. */
static void
mark (TillReplaceWindow *self, const GError *error)
{
  const struct { const char *member; gpointer widget; } places[] = {
    { "new.serial", self->serial }, { "new.model", self->model }, { "new.gateway", self->gateway }, { "new.port", self->numbers[PORT] },
    { "new.unit", self->numbers[UNIT] }, { "new.ct_ratio", self->numbers[RATIO] }, { "final.note", self->note },
    { "final.balance", source_of (self) == TYPED ? self->typed : self->last },
  };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      const char *reason = till_api_error_get_field (error, places[i].member);

      (reason != NULL ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (places[i].widget, "till-wrong");
      gtk_widget_set_tooltip_text (places[i].widget, reason);
      if (reason != NULL)
        gtk_widget_grab_focus (places[i].widget);
    }
}

static void
refuse (TillReplaceWindow *self, const GError *error)
{
  gboolean doubt = till_api_error_is_in_doubt (error) || till_api_error_is_connection (error);
  gboolean approval = till_error_is (error, TILL_ERROR_APPROVAL_REQUIRED);
  GPtrArray *fields = till_error_get_fields (error);
  const TillFieldError *first = fields != NULL && fields->len > 0 ? g_ptr_array_index (fields, 0) : NULL;
  g_autofree char *text = till_api_error_describe (error);
  gboolean named = first != NULL && !approval && g_strrstr (first->member, ".") != NULL; /* new.serial, final.balance */
  g_autofree char *full = named ? g_strdup_printf ("%s (%s: %s)", text, first->member, first->reason) : g_strdup (text);

  self->stage = doubt || approval ? DOUBT : FILLING;
  if (approval)
    till_strip_show (self->strip, TILL_STRIP_INFO, _ ("A second operator must agree under Approvals. The meter is replaced then."), _ ("Ask again"));
  else
    till_strip_show (self->strip, TILL_STRIP_ERROR, full, doubt ? _ ("Ask again") : NULL);
  mark (self, error);
  judge (self);
}

/* The credit is a sale under the id of the order. */
static void
follow (TillReplaceWindow *self, JsonObject *done)
{
  g_autoptr (TillOpeningMeter) item = till_opening_meter_new (self->meter);
  const char *state = json_object_get_string_member_with_default (done, "state", NULL);
  const char *carried = json_object_get_string_member_with_default (done, "carried", "0");

  if (till_money_parse (carried, &item->carried.amount, NULL) && item->carried.amount > 0 && state != NULL)
    {
      g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
      JsonObject *sale = json_object_new ();

      json_object_set_string_member (sale, "id", json_object_get_string_member_with_default (done, "id", ""));
      json_object_set_string_member (sale, "state", state);
      json_object_set_string_member (sale, "amount", carried);
      json_node_take_object (node, sale);
      item->carried.sale = till_record_new_from_json (TILL_TYPE_SALE, node, NULL);
    }
  g_list_store_append (self->orders->meters, item);
  till_order_progress_follow (self->progress);
  gtk_stack_set_visible_child_name (self->stack, "progress");
}

static void
replaced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillReplaceWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = till_meter_service_replace_finish (TILL_METER_SERVICE (source), result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (answer == NULL || !JSON_NODE_HOLDS_OBJECT (answer))
    {
      refuse (self, error);
      return;
    }
  self->stage = DONE;
  till_strip_hide (self->strip);
  follow (self, json_node_get_object (answer));
  judge (self);
  g_signal_emit (self, signals[REPLACED], 0);
}

static void
order (TillReplaceWindow *self)
{
  g_autoptr (JsonNode) body = write_order (self);

  self->stage = ORDERED;
  till_strip_hide (self->strip);
  judge (self);
  till_meter_service_replace_async (till_context_get_meters (self->context), &(TillReplaceOrder){ till_record_int (self->meter, "id"), FALSE, body },
                                    self->cancellable, replaced_cb, g_object_ref (self));
}

/* --- window --- */

static void
till_replace_window_unmap (GtkWidget *widget)
{
  TillReplaceWindow *self = TILL_REPLACE_WINDOW (widget);

  g_cancellable_cancel (self->cancellable);
  till_order_progress_stop (self->progress);
  gtk_window_set_transient_for (GTK_WINDOW (widget), NULL);
  GTK_WIDGET_CLASS (till_replace_window_parent_class)->unmap (widget);
}

static void
till_replace_window_finalize (GObject *object)
{
  TillReplaceWindow *self = TILL_REPLACE_WINDOW (object);

  till_opening_free (self->orders);
  g_clear_object (&self->meter);
  g_clear_object (&self->context);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (till_replace_window_parent_class)->finalize (object);
}

static void
till_replace_window_class_init (TillReplaceWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = till_replace_window_finalize;
  widget_class->unmap = till_replace_window_unmap;
  signals[REPLACED] = g_signal_new ("replaced", TILL_TYPE_REPLACE_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_install_action (widget_class, "replace.read", NULL, read_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
till_replace_window_init (TillReplaceWindow *self)
{
  gint64 now_ms = g_get_real_time () / 1000;

  self->cancellable = g_cancellable_new ();
  self->orders = till_opening_new (now_ms);
  till_id_new (&self->id, now_ms);
  gtk_window_set_default_size (GTK_WINDOW (self), 720, 700);
}

static AdwPreferencesGroup *
add_group (GtkBox *box, const char *title)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  gtk_box_append (box, group);
  return ADW_PREFERENCES_GROUP (group);
}

static AdwActionRow *
add_row (AdwPreferencesGroup *group, const char *title, const char *subtitle, GtkWidget *control)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle != NULL ? subtitle : "");
  if (control != NULL)
    {
      gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
      gtk_accessible_update_property (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), control);
    }
  adw_preferences_group_add (group, row);
  return ADW_ACTION_ROW (row);
}

static AdwActionRow *
add_source (TillReplaceWindow *self, AdwPreferencesGroup *group, Source source, AdwActionRow *row)
{
  self->sources[source] = GTK_CHECK_BUTTON (gtk_check_button_new ());
  if (source != READ)
    gtk_check_button_set_group (self->sources[source], self->sources[READ]);
  gtk_widget_set_valign (GTK_WIDGET (self->sources[source]), GTK_ALIGN_CENTER);
  adw_action_row_add_prefix (row, GTK_WIDGET (self->sources[source]));
  adw_action_row_set_activatable_widget (row, GTK_WIDGET (self->sources[source]));
  g_signal_connect_object (self->sources[source], "toggled", G_CALLBACK (judge), self, G_CONNECT_SWAPPED);
  return row;
}

static TillMoneyEntry *
make_amount (TillReplaceWindow *self)
{
  GtkWidget *entry = till_money_entry_new ();

  g_object_set (entry, "minimum", (gint64) 0, "decimals", is_energy (self) ? 4 : 2, "width-chars", 11, "hexpand", FALSE, NULL);
  g_signal_connect_object (gtk_editable_get_delegate (GTK_EDITABLE (entry)), "changed", G_CALLBACK (judge), self, G_CONNECT_SWAPPED);
  return TILL_MONEY_ENTRY (entry);
}

static AdwEntryRow *
add_entry (TillReplaceWindow *self, AdwPreferencesGroup *group, const char *title, int most)
{
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_text_set_max_length (GTK_TEXT (gtk_editable_get_delegate (GTK_EDITABLE (row))), most);
  g_signal_connect_object (row, "changed", G_CALLBACK (judge), self, G_CONNECT_SWAPPED);
  adw_preferences_group_add (group, row);
  return ADW_ENTRY_ROW (row);
}

static void
make_final (TillReplaceWindow *self, GtkBox *box)
{
  AdwPreferencesGroup *group = add_group (box, _ ("Final reading of the old device"));
  GtkWidget *button = gtk_button_new_with_label (_ ("Read now"));

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "replace.read");
  self->read_row = add_source (self, group, READ, add_row (group, _ ("Read from the device"), NULL, button));
  self->typed = make_amount (self);
  add_source (self, group, TYPED, add_row (group, _ ("Typed from its display"), _ ("Keep a photo and name it in the note."), GTK_WIDGET (self->typed)));
  self->last = make_amount (self);
  add_source (self, group, DEAD,
              add_row (group, _ ("Dead: nothing can be read"),
                       _ ("The credit is provisional, the last reading unless an amount is given; it is corrected when the device is read after all."),
                       GTK_WIDGET (self->last)));
  self->note = add_entry (self, group, _ ("Note: who saw it, which photo"), TILL_NOTE_CHARS);
}

static GtkDropDown *
make_choice (TillReplaceWindow *self, TillRefKind kind, const char *text, const char *chosen)
{
  GListModel *list = till_ref_lists_get (till_context_get_ref_lists (self->context), kind);
  GType type = kind == TILL_REF_MODELS ? TILL_TYPE_METER_MODEL : TILL_TYPE_GATEWAY;
  g_autoptr (GtkExpression) path = gtk_property_expression_new (type, NULL, text);
  GtkWidget *choice = gtk_drop_down_new (NULL, NULL);

  gtk_drop_down_set_expression (GTK_DROP_DOWN (choice), path);
  gtk_drop_down_set_enable_search (GTK_DROP_DOWN (choice), TRUE);
  gtk_drop_down_set_model (GTK_DROP_DOWN (choice), list);
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (TillRecord) record = g_list_model_get_item (list, i);

      if (g_strcmp0 (till_record_text (record, text), chosen) == 0)
        gtk_drop_down_set_selected (GTK_DROP_DOWN (choice), i);
    }
  return GTK_DROP_DOWN (choice);
}

/* The lists may come later than the window: the old device's own model and gateway are chosen again then. */
static void
lists_cb (TillReplaceWindow *self)
{
  const struct { GtkDropDown *choice; const char *field, *of; } lists[] = { { self->model, "name", "model" }, { self->gateway, "code", "gateway-code" } };

  for (guint k = 0; k < G_N_ELEMENTS (lists); k++)
    for (guint i = 0; i < g_list_model_get_n_items (gtk_drop_down_get_model (lists[k].choice)); i++)
      {
        g_autoptr (TillRecord) record = g_list_model_get_item (gtk_drop_down_get_model (lists[k].choice), i);

        if (g_strcmp0 (till_record_text (record, lists[k].field), till_record_text (self->meter, lists[k].of)) == 0)
          gtk_drop_down_set_selected (lists[k].choice, i);
      }
}

static void
make_device (TillReplaceWindow *self, GtkBox *box)
{
  AdwPreferencesGroup *group = add_group (box, _ ("New device"));

  self->serial = add_entry (self, group, _ ("Serial No."), 32);
  self->model = make_choice (self, TILL_REF_MODELS, "name", till_record_text (self->meter, "model"));
  self->gateway = make_choice (self, TILL_REF_GATEWAYS, "code", till_record_text (self->meter, "gateway-code"));
  g_signal_connect_object (gtk_drop_down_get_model (self->model), "items-changed", G_CALLBACK (lists_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_drop_down_get_model (self->gateway), "items-changed", G_CALLBACK (lists_cb), self, G_CONNECT_SWAPPED);
  add_row (group, _ ("Model"), NULL, GTK_WIDGET (self->model));
  add_row (group, _ ("Gateway"), NULL, GTK_WIDGET (self->gateway));
  for (Number i = 0; i < N_NUMBERS; i++)
    {
      gint64 value = till_record_int (self->meter, numbers[i].field);

      self->numbers[i] = GTK_SPIN_BUTTON (gtk_spin_button_new_with_range (1, numbers[i].most, 1));
      gtk_spin_button_set_value (self->numbers[i], value != TILL_UNKNOWN ? (double) value : 1);
      add_row (group, _ (numbers[i].title), NULL, GTK_WIDGET (self->numbers[i]));
    }
}

static void
build (TillReplaceWindow *self)
{
  GtkWidget *outer = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *bar = adw_header_bar_new (), *scroller = gtk_scrolled_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 16), *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  const char *room = till_record_text (self->meter, "room"), *serial = till_record_text (self->meter, "serial");
  g_autofree char *subtitle = g_strdup_printf ("%s · %s · %s", till_record_text (self->meter, "code"), room != NULL ? room : TILL_DASH,
                                               serial != NULL ? serial : TILL_DASH);

  self->strip = TILL_STRIP (till_strip_new ());
  self->stack = GTK_STACK (gtk_stack_new ());
  self->progress = TILL_ORDER_PROGRESS (till_order_progress_new (self->context, self->orders, &words));
  self->cancel = gtk_button_new_with_label (_ ("Cancel"));
  self->action = gtk_button_new_with_label (_ ("Replace meter"));
  gtk_widget_add_css_class (self->action, "suggested-action");
  make_final (self, GTK_BOX (box));
  self->over = add_row (add_group (GTK_BOX (box), _ ("What goes over")), "",
                        _ ("Tariff, limits, mode and schedule go along. The purchase count begins anew."), NULL);
  make_device (self, GTK_BOX (box));
  gtk_widget_set_margin_start (box, 24);
  gtk_widget_set_margin_end (box, 24);
  gtk_widget_set_margin_top (box, 16);
  gtk_widget_set_margin_bottom (box, 16);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), box);
  gtk_stack_add_named (self->stack, scroller, "form");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->progress), "progress");
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_widget_set_halign (foot, GTK_ALIGN_FILL);
  gtk_widget_add_css_class (foot, "till-dialog-buttons");
  gtk_widget_set_hexpand (self->cancel, TRUE);
  gtk_widget_set_halign (self->cancel, GTK_ALIGN_END);
  gtk_box_append (GTK_BOX (foot), self->cancel);
  gtk_box_append (GTK_BOX (foot), self->action);
  g_signal_connect_object (self->cancel, "clicked", G_CALLBACK (gtk_window_close), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->action, "clicked", G_CALLBACK (order), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->strip, "clicked", G_CALLBACK (order), self, G_CONNECT_SWAPPED);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (bar), adw_window_title_new (_ ("Replace meter"), subtitle));
  gtk_window_set_title (GTK_WINDOW (self), _ ("Replace meter"));
  gtk_box_append (GTK_BOX (outer), bar);
  gtk_box_append (GTK_BOX (outer), GTK_WIDGET (self->strip));
  gtk_box_append (GTK_BOX (outer), GTK_WIDGET (self->stack));
  gtk_box_append (GTK_BOX (outer), foot);
  adw_window_set_content (ADW_WINDOW (self), outer);
}

TillReplaceWindow *
till_replace_window_show (GtkWidget *parent, TillContext *context, TillMeter *meter)
{
  TillReplaceWindow *self = g_object_new (TILL_TYPE_REPLACE_WINDOW, "transient-for", gtk_widget_get_root (parent), "destroy-with-parent", TRUE, NULL);

  self->context = g_object_ref (context);
  self->meter = g_object_ref (meter);
  build (self);
  gtk_check_button_set_active (self->sources[READ], TRUE);
  gtk_widget_activate_action (GTK_WIDGET (self), "replace.read", NULL);
  gtk_window_present (GTK_WINDOW (self));
  return self;
}
