/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-tariffs-page.c: see till-tariffs-page.h. */
#define G_LOG_DOMAIN "till-tariffs-page"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-tariff.h"
#include "client/pages/tariffs/till-calendar-view.h"
#include "client/pages/tariffs/till-held-list.h"
#include "client/pages/tariffs/till-price-table.h"
#include "client/pages/tariffs/till-simulate-window.h"
#include "client/pages/tariffs/till-tariff-editor.h"
#include "client/pages/tariffs/till-tariff-orders.h"
#include "client/pages/tariffs/till-tariffs-page.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-strip.h"

struct _TillTariffsPage {
  TillPage          parent_instance;
  GtkListBox       *list;
  GtkStack         *stack;
  GtkLabel         *heading, *made;
  TillStrip        *strip;
  GtkBox           *versions, *held;
  GtkWidget        *held_title;
  TillCalendarView *calendar;
  TillPriceTable   *prices;
  GListModel       *tariffs; /* of the reference lists */
  gint64            shown;   /* id; 0 none */
  JsonObject       *tariff;  /* as it was loaded */
  GPtrArray        *all;     /* TillTariffVersion, newest first */
  guint             at;
  char             *target;  /* to be chosen once the list is there */
};

G_DEFINE_FINAL_TYPE (TillTariffsPage, till_tariffs_page, TILL_TYPE_PAGE)

static void load_tariff (TillTariffsPage *self);

static const TillTariffVersion *
version_shown (TillTariffsPage *self)
{
  return self->all != NULL && self->at < self->all->len ? g_ptr_array_index (self->all, self->at) : NULL;
}

/* --- what may be done --- */

static void
update_actions (TillTariffsPage *self)
{
  gboolean may = till_session_may (till_context_get_session (till_page_get_context (TILL_PAGE (self))), TILL_PERMISSION_TARIFFS_EDIT);
  const TillTariffVersion *version = version_shown (self);
  const char *state = version != NULL ? version->state : NULL;
  GtkWidget *widget = GTK_WIDGET (self);

  gtk_widget_action_set_enabled (widget, "tariffs.new", may);
  gtk_widget_action_set_enabled (widget, "tariffs.rename", may && self->tariff != NULL);
  gtk_widget_action_set_enabled (widget, "tariffs.assign", may && self->tariff != NULL);
  gtk_widget_action_set_enabled (widget, "tariffs.simulate", may && version != NULL);
  gtk_widget_action_set_enabled (widget, "tariffs.version", may && version != NULL);
  gtk_widget_action_set_enabled (widget, "tariffs.edit", may && g_strcmp0 (state, "draft") == 0);
  gtk_widget_action_set_enabled (widget, "tariffs.withdraw", may && (g_strcmp0 (state, "draft") == 0 || g_strcmp0 (state, "planned") == 0));
}

/* --- one version --- */

static char *
made_text (const TillTariffVersion *version)
{
  g_autofree char *at = version->made_at != TILL_UNKNOWN ? till_format_time (version->made_at) : NULL;

  if (version->made_by == NULL)
    return g_strdup ("");
  if (version->approved_by != NULL)
    return g_strdup_printf (_ ("By %s %s, approved by %s"), version->made_by, at != NULL ? at : "", version->approved_by);
  if (g_str_equal (version->state, "proposed"))
    return g_strdup_printf (_ ("By %s %s; waits for a second operator"), version->made_by, at != NULL ? at : "");
  return g_strdup_printf (_ ("By %s %s"), version->made_by, at != NULL ? at : "");
}

static void
show_version (TillTariffsPage *self)
{
  TillTariffVersion *version = (TillTariffVersion *) version_shown (self);
  g_autofree char *made = version != NULL ? made_text (version) : NULL;

  till_calendar_view_set_version (self->calendar, version, FALSE);
  till_price_table_set_version (self->prices, version, FALSE);
  gtk_label_set_text (self->made, made != NULL ? made : "");
  gtk_widget_set_visible (GTK_WIDGET (self->made), made != NULL && made[0] != '\0');
  gtk_widget_set_visible (GTK_WIDGET (self->calendar), version != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->prices), version != NULL);
  update_actions (self);
}

static void
version_cb (GtkToggleButton *button, TillTariffsPage *self)
{
  if (!gtk_toggle_button_get_active (button))
    return;
  self->at = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "till-version"));
  show_version (self);
}

static void
clear_box (GtkBox *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
}

/* What holds now is shown first; a tariff of drafts shows the newest. */
static void
show_versions (TillTariffsPage *self)
{
  GtkWidget *first = NULL;

  clear_box (self->versions);
  self->at = 0;
  for (guint i = 0; i < self->all->len; i++)
    if (g_strcmp0 (((TillTariffVersion *) g_ptr_array_index (self->all, i))->state, "in_force") == 0)
      self->at = i;
  for (guint i = 0; i < self->all->len; i++)
    {
      const TillTariffVersion *version = g_ptr_array_index (self->all, i);
      g_autofree char *day = till_format_day (version->effective);
      g_autofree char *label = g_strdup_printf ("%s %s", day, till_format_wire ("tariff-state", version->state));
      GtkWidget *button = gtk_toggle_button_new_with_label (label);

      if (first != NULL)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), GTK_TOGGLE_BUTTON (first));
      first = first != NULL ? first : button;
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), i == self->at);
      g_object_set_data (G_OBJECT (button), "till-version", GUINT_TO_POINTER (i));
      g_signal_connect (button, "toggled", G_CALLBACK (version_cb), self);
      gtk_box_append (self->versions, button);
    }
  show_version (self);
}

/* --- one tariff --- */

static int
newer_first (gconstpointer a, gconstpointer b)
{
  const TillTariffVersion *x = *(TillTariffVersion *const *) a, *y = *(TillTariffVersion *const *) b;

  return x->effective < y->effective ? 1 : x->effective > y->effective ? -1 : 0;
}

static void
free_version (gpointer version)
{
  till_tariff_version_free (version);
}

static void
take_tariff (TillTariffsPage *self, JsonObject *tariff)
{
  JsonArray *versions = json_object_has_member (tariff, "versions") ? json_object_get_array_member (tariff, "versions") : NULL;
  g_autoptr (GPtrArray) views = till_tariff_views_new (tariff);

  till_calendar_view_set_version (self->calendar, NULL, FALSE); /* they borrow */
  till_price_table_set_version (self->prices, NULL, FALSE);
  g_clear_pointer (&self->tariff, json_object_unref);
  self->tariff = json_object_ref (tariff);
  g_ptr_array_set_size (self->all, 0);
  for (guint i = 0; versions != NULL && i < json_array_get_length (versions); i++)
    {
      g_autoptr (GError) error = NULL;
      TillTariffVersion *version = till_tariff_version_new_from_json (json_array_get_object_element (versions, i), &error);

      if (version != NULL)
        g_ptr_array_add (self->all, version);
      else
        g_warning ("version %u of tariff %" G_GINT64_FORMAT ": %s", i, self->shown, error->message);
    }
  g_ptr_array_sort (self->all, newer_first);
  gtk_label_set_text (self->heading, json_object_get_string_member_with_default (tariff, "name", ""));
  till_held_list_fill (self->held, views);
  gtk_widget_set_visible (self->held_title, views->len > 0);
  show_versions (self);
}

static void
tariff_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillTariffsPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_tariff_service_finish (TILL_TARIFF_SERVICE (source), result, &error);

  if (node == NULL && till_api_error_is_cancelled (error))
    return;
  if (node == NULL)
    {
      g_autofree char *text = till_api_error_describe (error);

      till_strip_show (self->strip, TILL_STRIP_ERROR, text, _ ("Retry"));
      return;
    }
  if (json_object_get_int_member_with_default (json_node_get_object (node), "id", 0) == self->shown)
    take_tariff (self, json_node_get_object (node));
}

static void
load_tariff (TillTariffsPage *self)
{
  TillPage *page = TILL_PAGE (self);

  till_strip_hide (self->strip);
  till_tariff_service_get_async (till_context_get_tariffs (till_page_get_context (page)), self->shown, till_page_get_cancellable (page), tariff_cb,
                                 g_object_ref (self));
}

static void
retry_cb (TillTariffsPage *self)
{
  load_tariff (self);
}

/* --- the list --- */

static void
selected_cb (TillTariffsPage *self, GtkListBoxRow *row)
{
  gint64 *id = row != NULL ? g_object_get_data (G_OBJECT (row), "till-tariff") : NULL;

  if (id == NULL || *id == self->shown)
    return;
  self->shown = *id;
  load_tariff (self);
}

static GtkWidget *
make_row (gpointer item, gpointer user_data)
{
  gint64 id = till_record_int (item, "id"), meters = till_record_int (item, "meters"), price = till_record_int (item, "price-flat");
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *name = gtk_label_new (till_record_text (item, "name"));
  g_autofree char *money = price != TILL_UNKNOWN ? till_format_price (price) : NULL, *used = NULL, *detail = NULL;
  GtkWidget *below;

  if (meters != TILL_UNKNOWN)
    used = g_strdup_printf (ngettext ("%d meter", "%d meters", (gulong) meters), (int) meters);
  detail = g_strjoin (money != NULL && used != NULL ? " · " : NULL, money != NULL ? money : used != NULL ? used : "", money != NULL ? used : NULL, NULL);
  below = gtk_label_new (detail);
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (below), 0);
  gtk_label_set_ellipsize (GTK_LABEL (below), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (below, "till-secondary");
  gtk_box_append (GTK_BOX (box), name);
  gtk_box_append (GTK_BOX (box), below);
  gtk_widget_set_margin_top (box, 4);
  gtk_widget_set_margin_bottom (box, 4);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  g_object_set_data_full (G_OBJECT (row), "till-tariff", g_memdup2 (&id, sizeof id), g_free);
  return row;
}

static GtkListBoxRow *
find_row (TillTariffsPage *self, gint64 wanted)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    {
      gint64 *id = g_object_get_data (G_OBJECT (row), "till-tariff");

      if (id != NULL && *id == wanted)
        return row;
    }
  return NULL;
}

/* The list was filled anew: stay where we were, else the target, else the first. */
static void
list_changed (TillTariffsPage *self)
{
  gint64 target = self->target != NULL ? g_ascii_strtoll (self->target, NULL, 10) : self->shown;
  guint n = g_list_model_get_n_items (self->tariffs);
  GtkListBoxRow *row;

  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "tariff" : "empty");
  if (n == 0)
    return;
  row = find_row (self, target);
  if (row == NULL)
    row = gtk_list_box_get_row_at_index (self->list, 0);
  else
    g_clear_pointer (&self->target, g_free);
  if (row != NULL)
    gtk_list_box_select_row (self->list, row);
}

/* --- actions --- */

/* Saved in a window: the lists know it by the feed, this page at once. */
static void
saved_cb (TillTariffsPage *self, gint64 tariff)
{
  if (tariff > 0)
    {
      g_free (self->target);
      self->target = g_strdup_printf ("%" G_GINT64_FORMAT, tariff);
      self->shown = tariff;
    }
  till_page_refresh (TILL_PAGE (self));
}

static void
watch (TillTariffsPage *self, gpointer window)
{
  g_signal_connect_object (window, "saved", G_CALLBACK (saved_cb), self, G_CONNECT_SWAPPED);
}

static void
new_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  watch (TILL_TARIFFS_PAGE (widget), till_tariff_editor_show (TILL_PAGE (widget), NULL, NULL));
}

static void
version_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillTariffsPage *self = TILL_TARIFFS_PAGE (widget);
  g_autoptr (TillTariffVersion) begin = till_tariff_version_copy (version_shown (self));

  begin->effective = TILL_UNKNOWN; /* a day of its own */
  watch (self, till_tariff_editor_show (TILL_PAGE (self), self->tariff, begin));
}

static void
edit_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillTariffsPage *self = TILL_TARIFFS_PAGE (widget);

  watch (self, till_tariff_editor_show (TILL_PAGE (self), self->tariff, version_shown (self)));
}

static void
withdraw_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillTariffsPage *self = TILL_TARIFFS_PAGE (widget);
  const TillTariffVersion *version = version_shown (self);

  if (version != NULL)
    till_tariff_orders_withdraw (TILL_PAGE (self), self->tariff, version->effective);
}

static void
rename_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  till_tariff_orders_rename (TILL_PAGE (widget), TILL_TARIFFS_PAGE (widget)->tariff);
}

static void
assign_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  till_tariff_orders_assign (TILL_PAGE (widget), TILL_TARIFFS_PAGE (widget)->tariff);
}

static void
simulate_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillTariffsPage *self = TILL_TARIFFS_PAGE (widget);

  till_simulate_window_show (TILL_PAGE (self), self->tariff, version_shown (self));
}

/* --- page --- */

static void
load (TillPage *page)
{
  TillTariffsPage *self = TILL_TARIFFS_PAGE (page);

  self->tariffs = g_object_ref (till_ref_lists_get (till_context_get_ref_lists (till_page_get_context (page)), TILL_REF_TARIFFS));
  gtk_list_box_bind_model (self->list, self->tariffs, make_row, NULL, NULL);
  g_signal_connect_object (self->tariffs, "items-changed", G_CALLBACK (list_changed), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  update_actions (self);
  list_changed (self);
}

static void
refresh (TillPage *page)
{
  TillTariffsPage *self = TILL_TARIFFS_PAGE (page);

  till_ref_lists_refresh (till_context_get_ref_lists (till_page_get_context (page)));
  if (self->shown > 0)
    load_tariff (self);
}

static void
open_target (TillPage *page, const char *target)
{
  TillTariffsPage *self = TILL_TARIFFS_PAGE (page);

  g_free (self->target);
  self->target = g_strdup (target);
  if (self->tariffs != NULL)
    list_changed (self);
}

static void
till_tariffs_page_dispose (GObject *object)
{
  TillTariffsPage *self = TILL_TARIFFS_PAGE (object);

  if (self->list != NULL)
    gtk_list_box_bind_model (self->list, NULL, NULL, NULL, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), TILL_TYPE_TARIFFS_PAGE);
  g_clear_object (&self->tariffs);
  g_clear_pointer (&self->tariff, json_object_unref);
  g_clear_pointer (&self->all, g_ptr_array_unref);
  g_clear_pointer (&self->target, g_free);
  G_OBJECT_CLASS (till_tariffs_page_parent_class)->dispose (object);
}

#define BIND(member) gtk_widget_class_bind_template_child (widget_class, TillTariffsPage, member)

static void
till_tariffs_page_class_init (TillTariffsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillPageClass *page_class = TILL_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_tariffs_page_dispose;
  page_class->load = load;
  page_class->refresh = refresh;
  page_class->open_target = open_target;
  g_type_ensure (TILL_TYPE_CALENDAR_VIEW);
  g_type_ensure (TILL_TYPE_PRICE_TABLE);
  g_type_ensure (TILL_TYPE_STRIP);
  gtk_widget_class_install_action (widget_class, "tariffs.new", NULL, new_action);
  gtk_widget_class_install_action (widget_class, "tariffs.version", NULL, version_action);
  gtk_widget_class_install_action (widget_class, "tariffs.edit", NULL, edit_action);
  gtk_widget_class_install_action (widget_class, "tariffs.withdraw", NULL, withdraw_action);
  gtk_widget_class_install_action (widget_class, "tariffs.rename", NULL, rename_action);
  gtk_widget_class_install_action (widget_class, "tariffs.assign", NULL, assign_action);
  gtk_widget_class_install_action (widget_class, "tariffs.simulate", NULL, simulate_action);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/tariffs/till-tariffs-page.ui");
  BIND (list);
  BIND (stack);
  BIND (heading);
  BIND (made);
  BIND (strip);
  BIND (versions);
  BIND (held);
  BIND (held_title);
  BIND (calendar);
  BIND (prices);
  gtk_widget_class_bind_template_callback (widget_class, selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, retry_cb);
}

static void
till_tariffs_page_init (TillTariffsPage *self)
{
  self->all = g_ptr_array_new_with_free_func (free_version);
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_stack_set_visible_child_name (self->stack, "empty");
}
