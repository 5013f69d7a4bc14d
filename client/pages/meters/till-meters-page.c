/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-meters-page.c: filters become the query of one paged list; sorting is the server's. */
#define G_LOG_DOMAIN "till-meters-page"
#include "config.h"
#include "client/pages/meters/till-meters-page.h"
#include <glib/gi18n.h>
#include "client/pages/meters/till-meter-window.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-area-tree.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-table.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

#define READ_AT_ONCE 20

struct _TillMetersPage
{
  TillPage parent_instance;
  TillTable *table;
  TillAreaTree *tree;
  GtkWidget *tree_pane, *special_button;
  GtkSearchEntry *search;
  GtkDropDown *state, *mode, *relay, *balance;
  TillQuery *query;
  TillPagedList *list;
  guint reads_left, reads_failed;
  gboolean filling;
};

G_DEFINE_FINAL_TYPE (TillMetersPage, till_meters_page, TILL_TYPE_PAGE)

/* --- filters */

static const char *const state_words[] = { NULL, "normal", "alarm1", "alarm2", "arrears", "unopened", "lost" };
static const char *const mode_words[] = { NULL, "prepaid", "forced_on", "forced_off" };
static const char *const relay_words[] = { NULL, "closed", "open", "unknown" };

static void
apply_filter (TillMetersPage *self)
{
  guint balance = gtk_drop_down_get_selected (self->balance);
  gint64 area;
  g_autofree char *area_text = NULL;

  if (self->query == NULL || self->filling)
    return;
  area = till_area_tree_get_selected_id (self->tree);
  area_text = area > 0 ? g_strdup_printf ("%" G_GINT64_FORMAT, area) : NULL;
  till_query_freeze (self->query);
  till_query_set_text (self->query, gtk_editable_get_text (GTK_EDITABLE (self->search)));
  till_query_set_filter (self->query, "area", area_text);
  till_query_set_filter (self->query, "state", state_words[MIN (gtk_drop_down_get_selected (self->state), G_N_ELEMENTS (state_words) - 1)]);
  till_query_set_filter (self->query, "mode", mode_words[MIN (gtk_drop_down_get_selected (self->mode), G_N_ELEMENTS (mode_words) - 1)]);
  till_query_set_filter (self->query, "relay", relay_words[MIN (gtk_drop_down_get_selected (self->relay), G_N_ELEMENTS (relay_words) - 1)]);
  till_query_set_filter (self->query, "max_balance", balance == 1 ? "0" : NULL);
  till_query_set_filter (self->query, "min_balance", balance == 2 ? "1" : NULL);
  till_query_thaw (self->query);
}

/* Filters that have no drop-down (a selection of the board, stale meters) show as one button that takes them away. */
static void
set_special (TillMetersPage *self, const char *name, const char *value, const char *label)
{
  till_query_freeze (self->query);
  till_query_set_filter (self->query, "id", NULL);
  till_query_set_filter (self->query, "min_age_s", NULL);
  if (name)
    till_query_set_filter (self->query, name, value);
  till_query_thaw (self->query);
  gtk_widget_set_visible (self->special_button, name != NULL);
  if (label)
    gtk_button_set_label (GTK_BUTTON (self->special_button), label);
}

static void
clear_cb (TillMetersPage *self)
{
  self->filling = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  gtk_drop_down_set_selected (self->state, 0);
  gtk_drop_down_set_selected (self->mode, 0);
  gtk_drop_down_set_selected (self->relay, 0);
  gtk_drop_down_set_selected (self->balance, 0);
  till_area_tree_select (self->tree, 0);
  self->filling = FALSE;
  set_special (self, NULL, NULL, NULL);
  apply_filter (self);
}

static void
special_cb (TillMetersPage *self)
{
  set_special (self, NULL, NULL, NULL);
}

static void
filter_cb (TillMetersPage *self)
{
  apply_filter (self);
}

/* --- rows */

static void
selection_cb (TillMetersPage *self)
{
  TillSession *session = till_context_get_session (till_page_get_context (TILL_PAGE (self)));
  gboolean any = till_table_get_selected (self->table) != NULL;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "meters.read", any && self->reads_left == 0 && till_session_may (session, TILL_PERMISSION_METERS_READ));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "meters.sell", any && till_session_may (session, TILL_PERMISSION_SALES_SELL));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "meters.open", any);
}

static void
show_status (TillMetersPage *self)
{
  g_autofree char *count = NULL, *text = NULL;
  guint changes = till_paged_list_get_changes (self->list);

  g_object_get (self->table, "status", &count, NULL);
  text = changes == 0 ? g_strdup (count)
                      : g_strdup_printf (g_dngettext (NULL, "%s · %u change · Refresh F5", "%s · %u changes · Refresh F5", changes),
                                         count ? count : "", changes);
  till_page_set_status (TILL_PAGE (self), text);
}

static void
open_meter (TillMetersPage *self, gint64 id)
{
  till_meter_window_show (GTK_WIDGET (self), till_page_get_context (TILL_PAGE (self)), id);
}

static void
activate_cb (TillTable *table, TillRecord *record, TillMetersPage *self)
{
  open_meter (self, till_record_int (record, "id"));
}

static void
reload_cb (TillMetersPage *self)
{
  till_paged_list_retry (self->list);
}

/* --- commands */

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillMetersPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillMeter) meter = till_meter_service_read_now_finish (TILL_METER_SERVICE (source), result, &error);

  self->reads_left--;
  if (meter == NULL && !till_api_error_is_cancelled (error))
    self->reads_failed++;
  if (self->reads_left > 0 || self->list == NULL)
    return;
  if (self->reads_failed > 0)
    {
      g_autofree char *text = g_strdup_printf (g_dngettext (NULL, "%u meter did not answer", "%u meters did not answer",
                                                            self->reads_failed),
                                               self->reads_failed);
      till_report_done (GTK_WIDGET (self), text);
    }
  else
    till_report_done (GTK_WIDGET (self), _ ("All selected meters answered"));
  till_paged_list_reload (self->list);
  selection_cb (self);
}

static void
read_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TillMetersPage *self = TILL_METERS_PAGE (widget);
  GtkSelectionModel *selection = GTK_SELECTION_MODEL (till_table_get_selection (self->table));
  g_autoptr (GtkBitset) rows = gtk_selection_model_get_selection (selection);
  GtkBitsetIter iter;
  guint position;

  self->reads_failed = 0;
  if (!gtk_bitset_iter_init_first (&iter, rows, &position))
    return;
  do
    {
      TillRecord *record = till_paged_list_peek (self->list, position);
      if (record == NULL)
        continue;
      self->reads_left++;
      till_meter_service_read_now_async (till_context_get_meters (till_page_get_context (TILL_PAGE (self))), till_record_int (record, "id"),
                                         till_page_get_cancellable (TILL_PAGE (self)), read_cb, g_object_ref (self));
    }
  while (self->reads_left < READ_AT_ONCE && gtk_bitset_iter_next (&iter, &position));
  selection_cb (self);
}

static void
row_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TillMetersPage *self = TILL_METERS_PAGE (widget);
  TillRecord *record = till_table_get_selected (self->table);
  g_autofree char *target = NULL;

  if (record == NULL)
    return;
  target = g_strdup_printf ("meter:%" G_GINT64_FORMAT, till_record_int (record, "id"));
  if (g_str_equal (action, "meters.sell"))
    gtk_widget_activate_action (widget, "win.show-page", "(ss)", "sales", target);
  else
    open_meter (self, till_record_int (record, "id"));
}

static void
tree_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TillMetersPage *self = TILL_METERS_PAGE (widget);
  gtk_widget_set_visible (self->tree_pane, !gtk_widget_get_visible (self->tree_pane));
}

/* --- page */

static void
load (TillPage *page)
{
  TillMetersPage *self = TILL_METERS_PAGE (page);
  TillContext *context = till_page_get_context (page);
  g_autofree char *layout = till_page_dup_view (page, "layout");

  self->query = till_query_new ();
  till_query_set_sort (self->query, "code", FALSE);
  self->list = till_context_make_list (context, TILL_PATH_METERS, TILL_TYPE_METER, self->query);
  till_area_tree_set_areas (self->tree, till_ref_lists_get (till_context_get_ref_lists (context), TILL_REF_AREAS));
  till_table_set_model (self->table, G_LIST_MODEL (self->list));
  if (layout)
    till_table_set_layout (self->table, layout);
  g_signal_connect_object (self->table, "notify::status", G_CALLBACK (show_status), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "notify::changes", G_CALLBACK (show_status), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (till_table_get_selection (self->table), "notify::n-selected", G_CALLBACK (selection_cb), self, G_CONNECT_SWAPPED);
  selection_cb (self);
  show_status (self);
}

static void
refresh (TillPage *page)
{
  till_paged_list_reload (TILL_METERS_PAGE (page)->list);
}

static void
show_state (TillMetersPage *self, const char *word)
{
  for (guint i = 1; i < G_N_ELEMENTS (state_words); i++)
    if (g_strcmp0 (state_words[i], word) == 0)
      {
        clear_cb (self);
        gtk_drop_down_set_selected (self->state, i);
      }
}

static void
open_target (TillPage *page, const char *target)
{
  TillMetersPage *self = TILL_METERS_PAGE (page);

  if (g_str_has_prefix (target, "meter:"))
    open_meter (self, g_ascii_strtoll (target + strlen ("meter:"), NULL, 10));
  else if (g_str_has_prefix (target, "ids:"))
    set_special (self, "id", target + strlen ("ids:"), _ ("Selection of the board"));
  else if (g_str_has_prefix (target, "state:"))
    show_state (self, target + strlen ("state:"));
  else if (g_str_equal (target, "stale"))
    {
      g_autofree char *seconds = g_strdup_printf ("%d", TILL_FRESH_S);
      set_special (self, "min_age_s", seconds, _ ("Older than 3 min"));
    }
}

static gboolean
get_export (TillPage *page, TillExport *ret_export, const char **ret_name)
{
  ret_export->path = TILL_PATH_METERS;
  ret_export->query = TILL_METERS_PAGE (page)->query;
  *ret_name = "meters";
  return TRUE;
}

static void
find (TillPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (TILL_METERS_PAGE (page)->search));
}

static void
till_meters_page_dispose (GObject *object)
{
  TillMetersPage *self = TILL_METERS_PAGE (object);

  if (self->table)
    {
      g_autofree char *layout = till_table_dup_layout (self->table);
      if (self->list && layout)
        till_page_set_view (TILL_PAGE (self), "layout", layout);
      till_table_set_model (self->table, NULL);
    }
  gtk_widget_dispose_template (GTK_WIDGET (self), TILL_TYPE_METERS_PAGE);
  g_clear_object (&self->list);
  g_clear_object (&self->query);
  G_OBJECT_CLASS (till_meters_page_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/meters/till-meters-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TillMetersPage, table);
  gtk_widget_class_bind_template_child (widget_class, TillMetersPage, tree);
  gtk_widget_class_bind_template_child (widget_class, TillMetersPage, tree_pane);
  gtk_widget_class_bind_template_child (widget_class, TillMetersPage, special_button);
  gtk_widget_class_bind_template_child (widget_class, TillMetersPage, search);
  gtk_widget_class_bind_template_child (widget_class, TillMetersPage, state);
  gtk_widget_class_bind_template_child (widget_class, TillMetersPage, mode);
  gtk_widget_class_bind_template_child (widget_class, TillMetersPage, relay);
  gtk_widget_class_bind_template_child (widget_class, TillMetersPage, balance);
  gtk_widget_class_bind_template_callback (widget_class, filter_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_cb);
  gtk_widget_class_bind_template_callback (widget_class, special_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, reload_cb);
}

static void
till_meters_page_class_init (TillMetersPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillPageClass *page_class = TILL_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_meters_page_dispose;
  page_class->load = load;
  page_class->refresh = refresh;
  page_class->open_target = open_target;
  page_class->get_export = get_export;
  page_class->find = find;
  gtk_widget_class_install_action (widget_class, "meters.read", NULL, read_action);
  gtk_widget_class_install_action (widget_class, "meters.sell", NULL, row_action);
  gtk_widget_class_install_action (widget_class, "meters.open", NULL, row_action);
  gtk_widget_class_install_action (widget_class, "meters.tree", NULL, tree_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F8, 0, "meters.sell", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F4, 0, "meters.tree", NULL);
  g_type_ensure (TILL_TYPE_TABLE);
  g_type_ensure (TILL_TYPE_COLUMN);
  g_type_ensure (TILL_TYPE_AREA_TREE);
  bind_template (widget_class);
}

static void
till_meters_page_init (TillMetersPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
