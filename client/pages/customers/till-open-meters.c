/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-open-meters.c: see till-open-meters.h. Meters that are opened are not in the list: the server refuses them anyway. */
#define G_LOG_DOMAIN "till-open-meters"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/customers/till-open-meters.h"
#include "client/widgets/till-area-tree.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-table.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

#define METERS_MAX 50

struct _TillOpenMeters {
  AdwBin          parent_instance;
  TillContext    *context;
  TillOpening    *opening;
  GCancellable   *cancellable;
  TillQuery      *query;
  TillAreaTree   *tree;
  GtkSearchEntry *search;
  GtkCheckButton *each, *together;
  TillTable      *table;
  GtkWidget      *add;
  GtkListBox     *chosen;
  GtkLabel       *none;
};

G_DEFINE_FINAL_TYPE (TillOpenMeters, till_open_meters, ADW_TYPE_BIN)

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
changed (TillOpenMeters *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->none), till_opening_count (self->opening) == 0);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* --- reading --- */

typedef struct { TillOpenMeters *self; TillOpeningMeter *item; } Reading;

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Reading *reading = user_data;
  g_autoptr (TillOpenMeters) self = reading->self;
  g_autoptr (TillOpeningMeter) item = reading->item;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillMeter) meter = till_meter_service_read_now_finish (TILL_METER_SERVICE (source), result, &error);
  g_autofree char *text = meter == NULL ? till_api_error_describe (error) : NULL;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  till_opening_meter_set_reading (item, meter, text);
  changed (self);
}

static void
read_now (TillOpenMeters *self, TillOpeningMeter *item)
{
  Reading *reading = g_new0 (Reading, 1);

  reading->self = g_object_ref (self);
  reading->item = g_object_ref (item);
  item->reading = TRUE;
  till_opening_meter_changed (item);
  till_meter_service_read_now_async (till_context_get_meters (self->context), till_record_int (item->meter, "id"), self->cancellable, read_cb, reading);
}

guint
till_open_meters_refresh (TillOpenMeters *self, gint64 max_age_s)
{
  gint64 now = till_session_now (till_context_get_session (self->context));

  for (guint i = 0; i < till_opening_count (self->opening); i++)
    {
      TillOpeningMeter *item = till_opening_get (self->opening, i);

      if (!item->reading && (item->read_error != NULL || !till_opening_meter_is_fresh (item, now, max_age_s)))
        read_now (self, item);
    }
  return till_open_meters_count_reading (self);
}

guint
till_open_meters_count_reading (TillOpenMeters *self)
{
  guint n = 0;

  for (guint i = 0; i < till_opening_count (self->opening); i++)
    n += till_opening_get (self->opening, i)->reading ? 1 : 0;
  return n;
}

char *
till_open_meters_dup_problem (TillOpenMeters *self)
{
  if (till_opening_count (self->opening) == 0)
    return g_strdup (_ ("Choose at least one meter."));
  for (guint i = 0; i < till_opening_count (self->opening); i++)
    {
      TillOpeningMeter *item = till_opening_get (self->opening, i);
      const char *code = till_record_text (item->meter, "code");

      if (self->opening->together && till_record_int (item->meter, "settlement") != TILL_SETTLEMENT_SERVER)
        return g_strdup_printf (_ ("Meter %s settles itself: only meters that the server settles share a balance."), code);
      if (item->read_error != NULL)
        return g_strdup_printf ("%s: %s", code, item->read_error);
    }
  return NULL;
}

/* --- the chosen ones --- */

static void
show_row (AdwActionRow *row, TillOpeningMeter *item)
{
  gint64 held = till_record_int (item->meter, "balance");
  g_autofree char *balance = held != TILL_UNKNOWN ? till_format_money_sign (held) : g_strdup (TILL_DASH);
  const char *room = till_record_text (item->meter, "room"), *model = till_record_text (item->meter, "model");
  g_autofree char *known = g_strdup_printf (_ ("read just now · %s on the meter"), balance), *text = NULL;

  text = g_strdup_printf ("%s · %s · %s", room != NULL ? room : TILL_DASH, model != NULL ? model : TILL_DASH,
                          item->reading ? _ ("reading…") : item->read_error != NULL ? item->read_error : known);
  adw_action_row_set_subtitle (row, text);
  (item->read_error != NULL ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (GTK_WIDGET (row), "till-error-row");
}

static void
item_cb (TillOpeningMeter *item, AdwActionRow *row)
{
  show_row (row, item);
}

static void
remove_cb (GtkButton *button, TillOpenMeters *self)
{
  TillOpeningMeter *item = g_object_get_data (G_OBJECT (button), "till-item");
  guint at;

  if (g_list_store_find (self->opening->meters, item, &at))
    g_list_store_remove (self->opening->meters, at);
  changed (self);
}

static void
again_cb (GtkButton *button, TillOpenMeters *self)
{
  TillOpeningMeter *item = g_object_get_data (G_OBJECT (button), "till-item");

  if (!item->reading)
    read_now (self, item);
  changed (self);
}

static GtkWidget *
row_button (TillOpenMeters *self, TillOpeningMeter *item, const char *label, GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  g_object_set_data_full (G_OBJECT (button), "till-item", g_object_ref (item), g_object_unref);
  g_signal_connect_object (button, "clicked", callback, self, 0);
  return button;
}

static GtkWidget *
make_row (gpointer record, gpointer user_data)
{
  TillOpenMeters *self = user_data;
  TillOpeningMeter *item = record;
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), till_record_text (item->meter, "code"));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), row_button (self, item, _ ("Read now"), G_CALLBACK (again_cb)));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), row_button (self, item, _ ("Remove"), G_CALLBACK (remove_cb)));
  g_signal_connect_object (item, "changed", G_CALLBACK (item_cb), row, 0);
  show_row (ADW_ACTION_ROW (row), item);
  return row;
}

/* --- what a meter begins with there: the defaults of its class and place count before the record --- */

static void
take_money (JsonObject *values, const char *member, gint64 *ret)
{
  const char *text = json_object_get_string_member_with_default (values, member, NULL);
  gint64 amount;

  if (text != NULL && till_money_parse (text, &amount, NULL))
    *ret = amount;
}

static void
defaults_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Reading *reading = user_data;
  g_autoptr (TillOpenMeters) self = reading->self;
  g_autoptr (TillOpeningMeter) item = reading->item;
  g_autoptr (JsonNode) node = till_plant_service_record_finish (TILL_PLANT_SERVICE (source), result, NULL);
  JsonObject *values = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  gint64 overload = TILL_UNKNOWN;

  if (values == NULL || g_cancellable_is_cancelled (self->cancellable)) /* nothing is said: the record's own values stay */
    return;
  if (till_record_int (item->meter, "purse") != TILL_PURSE_ENERGY)
    {
      take_money (values, "alarm1", &item->alarm1);
      take_money (values, "alarm2", &item->alarm2);
      take_money (values, "overdraft", &item->overdraft);
    }
  take_money (values, "overload_kw", &overload);
  item->overload_w = overload != TILL_UNKNOWN ? overload / 10 : item->overload_w;
  item->tariff = json_object_has_member (values, "tariff") && !json_object_get_null_member (values, "tariff")
                     ? json_object_get_int_member (values, "tariff") : item->tariff;
  till_opening_meter_changed (item);
}

void
till_open_meters_add (TillOpenMeters *self, TillMeter *meter)
{
  g_autoptr (TillOpeningMeter) item = NULL;
  TillMeterPlace place = { till_record_int (meter, "area"), till_record_text (meter, "use-class") };
  Reading *reading;

  if (till_opening_find (self->opening, till_record_int (meter, "id")) != NULL || till_opening_count (self->opening) >= METERS_MAX)
    return;
  item = till_opening_meter_new (meter);
  g_list_store_append (self->opening->meters, item);
  reading = g_new0 (Reading, 1);
  reading->self = g_object_ref (self);
  reading->item = g_object_ref (item);
  till_plant_service_defaults_for_async (till_context_get_plant (self->context), &place, self->cancellable, defaults_cb, reading);
  read_now (self, item);
  changed (self);
}

/* --- those that can be chosen --- */

static void
selection_cb (TillOpenMeters *self)
{
  guint n = till_table_selection_get_n_selected (till_table_get_selection (self->table));
  g_autofree char *label = g_strdup_printf (ngettext ("Take %u meter", "Take %u meters", n), n);

  gtk_button_set_label (GTK_BUTTON (self->add), n > 0 ? label : _ ("Take meters"));
  gtk_widget_set_sensitive (self->add, n > 0);
}

static void
add_cb (TillOpenMeters *self)
{
  g_autoptr (GtkBitset) positions = till_table_selection_dup_positions (till_table_get_selection (self->table));
  TillPagedList *list = TILL_PAGED_LIST (till_table_get_model (self->table));

  for (guint64 i = 0; i < gtk_bitset_get_size (positions) && i < METERS_MAX; i++)
    {
      gpointer meter = till_paged_list_peek (list, gtk_bitset_get_nth (positions, (guint) i));

      if (meter != NULL)
        till_open_meters_add (self, meter);
    }
  gtk_selection_model_unselect_all (GTK_SELECTION_MODEL (till_table_get_selection (self->table)));
}

static void
activate_cb (TillTable *table, TillRecord *record, TillOpenMeters *self)
{
  till_open_meters_add (self, TILL_METER (record));
}

static void
filter (TillOpenMeters *self)
{
  gint64 area = till_area_tree_get_selected_id (self->tree);
  g_autofree char *text = area > 0 ? g_strdup_printf ("%" G_GINT64_FORMAT, area) : NULL;

  till_query_freeze (self->query);
  till_query_set_text (self->query, gtk_editable_get_text (GTK_EDITABLE (self->search)));
  till_query_set_filter (self->query, "area", text);
  till_query_set_fixed (self->query, "settlement", self->opening->together ? "server" : NULL);
  till_query_thaw (self->query);
}

static void
clear_cb (TillOpenMeters *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  till_area_tree_select (self->tree, 0);
  filter (self);
}

static void
kind_cb (TillOpenMeters *self)
{
  self->opening->together = gtk_check_button_get_active (self->together);
  filter (self);
  changed (self);
}

/* --- building --- */

void
till_open_meters_stop (TillOpenMeters *self)
{
  g_cancellable_cancel (self->cancellable);
}

static void
till_open_meters_dispose (GObject *object)
{
  TillOpenMeters *self = TILL_OPEN_METERS (object);

  g_cancellable_cancel (self->cancellable);
  if (self->table != NULL)
    till_table_set_model (self->table, NULL);
  if (self->chosen != NULL)
    gtk_list_box_bind_model (self->chosen, NULL, NULL, NULL, NULL);
  self->table = NULL;
  self->chosen = NULL;
  g_clear_object (&self->query);
  g_clear_object (&self->context);
  G_OBJECT_CLASS (till_open_meters_parent_class)->dispose (object);
}

static void
till_open_meters_finalize (GObject *object)
{
  g_object_unref (TILL_OPEN_METERS (object)->cancellable);
  G_OBJECT_CLASS (till_open_meters_parent_class)->finalize (object);
}

static void
till_open_meters_class_init (TillOpenMetersClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = till_open_meters_dispose;
  G_OBJECT_CLASS (klass)->finalize = till_open_meters_finalize;
  signals[CHANGED] = g_signal_new ("changed", TILL_TYPE_OPEN_METERS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
add_column (TillTable *table, const char *field, const char *title, int width)
{
  till_table_add_column (table, g_object_new (TILL_TYPE_COLUMN, "field", field, "title", title, "width", width, NULL));
}

static GtkWidget *
make_toolbar (TillOpenMeters *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *gap = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->search = GTK_SEARCH_ENTRY (gtk_search_entry_new ());
  g_object_set (self->search, "placeholder-text", _ ("Meter No., room, serial No."), "width-chars", 26, NULL);
  self->each = GTK_CHECK_BUTTON (gtk_check_button_new_with_label (_ ("Each meter alone")));
  self->together = GTK_CHECK_BUTTON (gtk_check_button_new_with_label (_ ("Together")));
  gtk_check_button_set_group (self->together, self->each);
  gtk_check_button_set_active (self->each, TRUE);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->together), _ ("One balance for all meters, settled by the server"));
  gtk_widget_set_hexpand (gap, TRUE);
  gtk_widget_add_css_class (bar, "till-toolbar");
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->search));
  gtk_box_append (GTK_BOX (bar), gap);
  gtk_box_append (GTK_BOX (bar), gtk_label_new (_ ("Settled")));
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->each));
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->together));
  return bar;
}

static GtkWidget *
make_chosen (TillOpenMeters *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *scroller = gtk_scrolled_window_new (), *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *title = gtk_label_new (_ ("Meters of the account"));

  gtk_widget_add_css_class (title, "heading");
  gtk_widget_set_hexpand (title, TRUE);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  self->add = gtk_button_new_with_label (_ ("Take meters"));
  gtk_widget_set_sensitive (self->add, FALSE);
  gtk_widget_add_css_class (head, "till-toolbar");
  gtk_box_append (GTK_BOX (head), title);
  gtk_box_append (GTK_BOX (head), self->add);
  self->chosen = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->chosen, GTK_SELECTION_NONE);
  self->none = GTK_LABEL (gtk_label_new (_ ("None yet. Double click a meter above, or choose several and take them.")));
  gtk_widget_add_css_class (GTK_WIDGET (self->none), "till-secondary");
  gtk_widget_set_margin_top (GTK_WIDGET (self->none), 16);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self->none), 16);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->chosen));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (scroller, -1, 132);
  gtk_box_append (GTK_BOX (box), head);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->none));
  gtk_box_append (GTK_BOX (box), scroller);
  return box;
}

static void
till_open_meters_init (TillOpenMeters *self)
{
  GtkWidget *panes = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *right = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *line;

  self->cancellable = g_cancellable_new ();
  self->tree = TILL_AREA_TREE (till_area_tree_new ());
  gtk_widget_set_size_request (GTK_WIDGET (self->tree), 210, -1);
  self->table = till_table_new ();
  g_object_set (self->table, "vexpand", TRUE, "selection-mode", TILL_TABLE_MULTI, "record-type", TILL_TYPE_METER, "empty-icon", "till-meters-symbolic",
                "empty-title", _ ("No meter is free here"), NULL);
  add_column (self->table, "code", _ ("Meter No."), 112);
  add_column (self->table, "room", _ ("Room"), 220);
  add_column (self->table, "model", _ ("Model"), 112);
  add_column (self->table, "balance", _ ("On meter"), 96);
  add_column (self->table, "age-s", _ ("Age"), 64);
  gtk_widget_set_hexpand (right, TRUE);
  gtk_box_append (GTK_BOX (right), make_toolbar (self));
  gtk_box_append (GTK_BOX (right), GTK_WIDGET (self->table));
  gtk_box_append (GTK_BOX (right), make_chosen (self));
  line = gtk_separator_new (GTK_ORIENTATION_VERTICAL);
  gtk_box_append (GTK_BOX (panes), GTK_WIDGET (self->tree));
  gtk_box_append (GTK_BOX (panes), line);
  gtk_box_append (GTK_BOX (panes), right);
  adw_bin_set_child (ADW_BIN (self), panes);
}

GtkWidget *
till_open_meters_new (TillContext *context, TillOpening *opening)
{
  TillOpenMeters *self = g_object_new (TILL_TYPE_OPEN_METERS, NULL);
  TillRefLists *lists = till_context_get_ref_lists (context);
  g_autoptr (TillPagedList) list = NULL;

  self->context = g_object_ref (context);
  self->opening = opening;
  self->query = till_query_new ();
  till_query_set_fixed (self->query, "state", "unopened");
  till_query_set_sort (self->query, "code", FALSE);
  list = till_context_make_list (context, TILL_PATH_METERS, TILL_TYPE_METER, self->query);
  till_table_set_model (self->table, G_LIST_MODEL (list));
  till_area_tree_set_areas (self->tree, till_ref_lists_get (lists, TILL_REF_AREAS));
  gtk_list_box_bind_model (self->chosen, G_LIST_MODEL (opening->meters), make_row, self, NULL);
  g_signal_connect_object (till_table_get_selection (self->table), "selection-changed", G_CALLBACK (selection_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->table, "activate", G_CALLBACK (activate_cb), self, 0);
  g_signal_connect_object (self->table, "clear-filters", G_CALLBACK (clear_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->add, "clicked", G_CALLBACK (add_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tree, "notify::selected-id", G_CALLBACK (filter), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search, "search-changed", G_CALLBACK (filter), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->together, "toggled", G_CALLBACK (kind_cb), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
