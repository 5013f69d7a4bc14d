/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-table.c: scroller, columns, states and actions of the one table. Cells: till-table-cells; order and widths:
 * till-table-layout. Sorting and filtering of a paged list are the server's. */
#define G_LOG_DOMAIN "till-table"
#include "config.h"
#include "client/widgets/till-table.h"

#include <glib/gi18n.h>
#include "client/model/till-paged-list.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-remote-sorter.h"
#include "client/widgets/till-table-cells.h"
#include "client/widgets/till-table-layout.h"
#include "client/widgets/till-table-states.h"

#define COPY_MAX   10000
#define TICK_WIDTH 32

struct _TillTable {
  GtkWidget           parent_instance;
  TillTableStates    *states;
  GtkColumnView      *view;
  GListModel         *model;
  GtkSortListModel   *sorted;   /* plain lists only */
  TillTableSelection *selection;
  TillRemoteSorter   *sorter;   /* paged lists only */
  GPtrArray          *columns;  /* GtkColumnViewColumn */
  GType               record_type;
  TillTableMode       mode;
  char               *empty_icon, *empty_title, *empty_text;
  char               *status;
  GtkWidget          *chooser;
  gboolean            sort_enabled;
};

static void till_table_buildable_init (GtkBuildableIface *iface);
static GtkBuildableIface *parent_buildable;

G_DEFINE_FINAL_TYPE_WITH_CODE (TillTable, till_table, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_BUILDABLE, till_table_buildable_init))

enum { PROP_MODEL = 1, PROP_RECORD_TYPE, PROP_SELECTION_MODE, PROP_LAYOUT, PROP_EMPTY_ICON, PROP_EMPTY_TITLE, PROP_EMPTY_TEXT,
       PROP_SORT_ENABLED, PROP_STATUS, N_PROPS };
enum { ACTIVATE, CLEAR_FILTERS, RELOAD, N_SIGNALS };
static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static TillPagedList *
paged (TillTable *self)
{
  return self->model != NULL && TILL_IS_PAGED_LIST (self->model) ? TILL_PAGED_LIST (self->model) : NULL;
}

static void
update_status (TillTable *self)
{
  guint n = self->model != NULL ? g_list_model_get_n_items (self->model) : 0;
  guint selected = self->selection != NULL ? till_table_selection_get_n_selected (self->selection) : 0;
  guint changes = paged (self) != NULL ? till_paged_list_get_changes (paged (self)) : 0;
  g_autofree char *count = till_format_int (n), *chosen = till_format_int (selected), *changed = till_format_int (changes);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, g_dngettext (NULL, "%s row", "%s rows", n), count);
  if (selected > 0)
    g_string_append_printf (text, _(" · %s selected"), chosen);
  if (changes > 0)
    g_string_append_printf (text, g_dngettext (NULL, " · %s change · Refresh F5", " · %s changes · Refresh F5", changes), changed);
  g_free (self->status);
  self->status = g_string_free (text, FALSE);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATUS]);
}

/* One state at a time; old rows stay readable when a later page fails. */
static void
update_state (TillTable *self)
{
  TillPagedList *list = paged (self);
  guint n = self->model != NULL ? g_list_model_get_n_items (self->model) : 0;
  const GError *error = list != NULL ? till_paged_list_get_error (list) : NULL;

  if (error != NULL && n == 0)
    till_table_states_show_failed (self->states, till_api_error_sentence (error), till_api_error_next_step (error));
  else if (list != NULL && !till_paged_list_is_known (list))
    till_table_states_show_loading (self->states);
  else if (n == 0 && list != NULL && till_query_is_filtered (till_paged_list_get_query (list)))
    till_table_states_show_no_match (self->states);
  else if (n == 0 && self->model != NULL)
    till_table_states_show_empty (self->states, &(TillTableEmpty){ self->empty_icon, self->empty_title, self->empty_text });
  else
    till_table_states_show_rows (self->states, error != NULL ? till_api_error_sentence (error) : NULL);
  update_status (self);
}

static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added, TillTable *self)
{
  update_state (self);
}

static void
notify_cb (GObject *object, GParamSpec *pspec, TillTable *self)
{
  update_state (self);
}

static void
selected_cb (GObject *object, GParamSpec *pspec, TillTable *self)
{
  update_status (self);
}

static void
sort_cb (TillRemoteSorter *sorter, const char *key, gboolean descending, TillTable *self)
{
  if (paged (self) != NULL)
    till_query_set_sort (till_paged_list_get_query (paged (self)), key, descending);
}

static void
activate_cb (GtkColumnView *view, guint position, TillTable *self)
{
  g_autoptr(TillRecord) record = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (record != NULL && till_record_is_loaded (record)) /* placeholders are inert */
    g_signal_emit (self, signals[ACTIVATE], 0, record);
}

static void
retry_cb (TillTable *self)
{
  if (paged (self) != NULL)
    till_paged_list_retry (paged (self));
  g_signal_emit (self, signals[RELOAD], 0);
}

static void
clear_cb (TillTable *self)
{
  if (paged (self) != NULL)
    till_query_clear (till_paged_list_get_query (paged (self)));
  g_signal_emit (self, signals[CLEAR_FILTERS], 0);
}

static const char *
label_of (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget))
    return gtk_label_get_text (GTK_LABEL (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (label_of (child) != NULL)
      return label_of (child);
  return NULL;
}

/* The toolkit has no alignment for header titles: the box inside each title is what can be moved. */
static void
align_titles (TillTable *self)
{
  GtkWidget *header = gtk_widget_get_first_child (GTK_WIDGET (self->view));

  for (GtkWidget *title = gtk_widget_get_first_child (header); title != NULL; title = gtk_widget_get_next_sibling (title))
    for (guint i = 0; i < self->columns->len; i++)
      {
        TillColumn *column = till_table_layout_origin (g_ptr_array_index (self->columns, i));
        const TillField *field = self->record_type != 0 ? till_record_type_find_field (self->record_type, till_column_get_field (column)) : NULL;
        GtkWidget *box = gtk_widget_get_first_child (title);

        if (box != NULL && field != NULL && till_format_is_numeric (field->kind) && g_strcmp0 (label_of (title), till_column_get_title (column)) == 0)
          gtk_widget_set_halign (box, GTK_ALIGN_END);
      }
}

static void
layout_changed_cb (TillTable *self)
{
  align_titles (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LAYOUT]);
}

static void
set_sorter (TillTable *self, GtkColumnViewColumn *real, const TillField *field)
{
  TillColumn *column = till_table_layout_origin (real);
  g_autoptr(GtkSorter) sorter = NULL;

  if (!self->sort_enabled || !till_column_get_sortable (column) || field == NULL || g_strcmp0 (field->sort, "") == 0)
    {
      gtk_column_view_column_set_sorter (real, NULL);
      return;
    }
  if (self->sorter != NULL)
    {
      g_autofree char *key = g_strdelimit (g_strdup (field->sort != NULL ? field->sort : field->json != NULL ? field->json : field->name), "-", '_');

      till_remote_sorter_add_column (self->sorter, real, key);
      return;
    }
  sorter = GTK_SORTER (gtk_custom_sorter_new (till_table_compare, (gpointer) field, NULL));
  gtk_column_view_column_set_sorter (real, sorter);
}

/* Once the kind of record is known: cells and sorters of all columns. */
static void
equip_columns (TillTable *self)
{
  for (guint i = 0; self->record_type != 0 && i < self->columns->len; i++)
    {
      GtkColumnViewColumn *real = g_ptr_array_index (self->columns, i);
      TillColumn *column = till_table_layout_origin (real);
      const TillField *field = till_record_type_find_field (self->record_type, till_column_get_field (column));
      g_autoptr(GtkListItemFactory) factory = NULL;

      if (field == NULL && till_column_get_cell (column) == NULL)
        {
          g_critical ("%s has no field %s", g_type_name (self->record_type), till_column_get_field (column));
          continue;
        }
      factory = till_table_cells_new (column, field);
      gtk_column_view_column_set_factory (real, factory);
      set_sorter (self, real, field);
    }
  align_titles (self);
}

static void
add_ticks (TillTable *self)
{
  g_autoptr(GtkListItemFactory) factory = till_table_ticks_new (GTK_SELECTION_MODEL (self->selection));
  g_autoptr(GtkColumnViewColumn) ticks = gtk_column_view_column_new (NULL, g_steal_pointer (&factory));
  g_autoptr(GtkColumnViewColumn) first = g_list_model_get_item (gtk_column_view_get_columns (self->view), 0);

  if (first != NULL && till_table_layout_origin (first) == NULL)
    gtk_column_view_remove_column (self->view, first);
  gtk_column_view_column_set_fixed_width (ticks, TICK_WIDTH);
  gtk_column_view_insert_column (self->view, 0, ticks);
}

static void
drop_model (TillTable *self)
{
  gtk_column_view_set_model (self->view, NULL);
  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  g_clear_object (&self->sorted);
  g_clear_object (&self->selection);
  g_clear_object (&self->sorter);
  g_clear_object (&self->model);
}

static void
copy_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autofree char *text = till_table_copy_text (TILL_TABLE (widget));

  if (*text != '\0')
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

static void
columns_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillTable *self = TILL_TABLE (widget);

  g_clear_pointer (&self->chooser, gtk_widget_unparent);
  self->chooser = till_table_layout_chooser_new (self->view);
  gtk_widget_set_parent (self->chooser, widget);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->chooser), &(GdkRectangle){ gtk_widget_get_width (widget) - 24, 0, 1, 28 });
  gtk_popover_popup (GTK_POPOVER (self->chooser));
}

static void
select_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillTable *self = TILL_TABLE (widget);

  if (self->selection == NULL)
    return;
  if (g_str_equal (name, "table.select-all"))
    gtk_selection_model_select_all (GTK_SELECTION_MODEL (self->selection));
  else
    gtk_selection_model_unselect_all (GTK_SELECTION_MODEL (self->selection));
}

static void
till_table_add_child (GtkBuildable *buildable, GtkBuilder *builder, GObject *child, const char *type)
{
  TillTable *self = TILL_TABLE (buildable);

  if (TILL_IS_COLUMN (child))
    till_table_add_column (self, TILL_COLUMN (child));
  else if (GTK_IS_WIDGET (child) && g_strcmp0 (type, "empty") == 0)
    till_table_states_add_empty_child (self->states, GTK_WIDGET (child));
  else
    parent_buildable->add_child (buildable, builder, child, type);
}

static void
till_table_buildable_init (GtkBuildableIface *iface)
{
  parent_buildable = g_type_interface_peek_parent (iface);
  iface->add_child = till_table_add_child;
}

static void
till_table_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TillTable *self = TILL_TABLE (object);

  switch (id)
    {
    case PROP_MODEL: g_value_set_object (value, self->model); break;
    case PROP_RECORD_TYPE: g_value_set_gtype (value, self->record_type); break;
    case PROP_SELECTION_MODE: g_value_set_int (value, self->mode); break;
    case PROP_LAYOUT: g_value_take_string (value, till_table_dup_layout (self)); break;
    case PROP_EMPTY_ICON: g_value_set_string (value, self->empty_icon); break;
    case PROP_EMPTY_TITLE: g_value_set_string (value, self->empty_title); break;
    case PROP_EMPTY_TEXT: g_value_set_string (value, self->empty_text); break;
    case PROP_SORT_ENABLED: g_value_set_boolean (value, self->sort_enabled); break;
    case PROP_STATUS: g_value_set_string (value, self->status); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_table_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TillTable *self = TILL_TABLE (object);

  switch (id)
    {
    case PROP_MODEL: till_table_set_model (self, g_value_get_object (value)); break;
    case PROP_RECORD_TYPE: self->record_type = g_value_get_gtype (value) != G_TYPE_NONE ? g_value_get_gtype (value) : 0; break;
    case PROP_SELECTION_MODE: self->mode = (TillTableMode) g_value_get_int (value); break;
    case PROP_LAYOUT: till_table_set_layout (self, g_value_get_string (value)); break;
    case PROP_EMPTY_ICON: g_free (self->empty_icon); self->empty_icon = g_value_dup_string (value); break;
    case PROP_EMPTY_TITLE: g_free (self->empty_title); self->empty_title = g_value_dup_string (value); break;
    case PROP_EMPTY_TEXT: g_free (self->empty_text); self->empty_text = g_value_dup_string (value); break;
    case PROP_SORT_ENABLED: self->sort_enabled = g_value_get_boolean (value); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_table_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (till_table_parent_class)->map (widget);
  align_titles (TILL_TABLE (widget));
}

static gboolean
till_table_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (TILL_TABLE (widget)->view));
}

static void
till_table_dispose (GObject *object)
{
  TillTable *self = TILL_TABLE (object);
  GtkWidget *child;

  if (self->view != NULL)
    {
      g_signal_handlers_disconnect_by_data (gtk_column_view_get_columns (self->view), self);
      for (guint i = 0; i < self->columns->len; i++)
        g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->columns, i), self);
      drop_model (self);
    }
  self->view = NULL;
  self->chooser = NULL;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_ptr_array_set_size (self->columns, 0);
  G_OBJECT_CLASS (till_table_parent_class)->dispose (object);
}

static void
till_table_finalize (GObject *object)
{
  TillTable *self = TILL_TABLE (object);

  g_ptr_array_unref (self->columns);
  g_free (self->empty_icon);
  g_free (self->empty_title);
  g_free (self->empty_text);
  g_free (self->status);
  G_OBJECT_CLASS (till_table_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  props[PROP_MODEL] = g_param_spec_object ("model", NULL, NULL, G_TYPE_LIST_MODEL, flags | G_PARAM_EXPLICIT_NOTIFY);
  props[PROP_RECORD_TYPE] = g_param_spec_gtype ("record-type", NULL, NULL, G_TYPE_NONE, flags);
  props[PROP_SELECTION_MODE] = g_param_spec_int ("selection-mode", NULL, NULL, TILL_TABLE_SINGLE, TILL_TABLE_NONE, TILL_TABLE_SINGLE, flags);
  props[PROP_LAYOUT] = g_param_spec_string ("layout", NULL, NULL, NULL, flags | G_PARAM_EXPLICIT_NOTIFY);
  props[PROP_EMPTY_ICON] = g_param_spec_string ("empty-icon", NULL, NULL, NULL, flags);
  props[PROP_EMPTY_TITLE] = g_param_spec_string ("empty-title", NULL, NULL, NULL, flags);
  props[PROP_EMPTY_TEXT] = g_param_spec_string ("empty-text", NULL, NULL, NULL, flags);
  props[PROP_SORT_ENABLED] = g_param_spec_boolean ("sort-enabled", NULL, NULL, TRUE, flags);
  props[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
till_table_class_init (TillTableClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = till_table_get_property;
  object_class->set_property = till_table_set_property;
  object_class->dispose = till_table_dispose;
  object_class->finalize = till_table_finalize;
  widget_class->map = till_table_map;
  widget_class->grab_focus = till_table_grab_focus;
  install_properties (object_class);
  signals[ACTIVATE] = g_signal_new ("activate", TILL_TYPE_TABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, TILL_TYPE_RECORD);
  signals[CLEAR_FILTERS] = g_signal_new ("clear-filters", TILL_TYPE_TABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[RELOAD] = g_signal_new ("reload", TILL_TYPE_TABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "tilltable");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_install_action (widget_class, "table.copy", NULL, copy_action);
  gtk_widget_class_install_action (widget_class, "table.columns", NULL, columns_action);
  gtk_widget_class_install_action (widget_class, "table.select-all", NULL, select_action);
  gtk_widget_class_install_action (widget_class, "table.select-none", NULL, select_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "table.copy", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_a, GDK_CONTROL_MASK, "table.select-all", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_a, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "table.select-none", NULL);
}

static void
till_table_init (TillTable *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->sort_enabled = TRUE;
  self->columns = g_ptr_array_new_with_free_func (g_object_unref);
  self->view = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));
  gtk_column_view_set_reorderable (self->view, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "data-table");
  g_signal_connect (self->view, "activate", G_CALLBACK (activate_cb), self);
  g_signal_connect_swapped (gtk_column_view_get_columns (self->view), "items-changed", G_CALLBACK (layout_changed_cb), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  self->states = TILL_TABLE_STATES (till_table_states_new (scroller));
  g_signal_connect_swapped (self->states, "retry", G_CALLBACK (retry_cb), self);
  g_signal_connect_swapped (self->states, "clear-filters", G_CALLBACK (clear_cb), self);
  gtk_widget_set_parent (GTK_WIDGET (self->states), GTK_WIDGET (self));
}

TillTable *
till_table_new (void)
{
  return g_object_new (TILL_TYPE_TABLE, NULL);
}

void
till_table_add_column (TillTable *self, TillColumn *column)
{
  GtkColumnViewColumn *real = gtk_column_view_column_new (till_column_get_title (column), NULL);

  till_table_layout_set_origin (real, column);
  gtk_column_view_column_set_fixed_width (real, till_column_get_expand (column) ? -1 : till_column_get_width (column));
  gtk_column_view_column_set_expand (real, till_column_get_expand (column));
  gtk_column_view_column_set_resizable (real, TRUE);
  gtk_column_view_column_set_visible (real, till_column_get_shown (column));
  g_ptr_array_add (self->columns, real);
  gtk_column_view_append_column (self->view, real);
  g_signal_connect_swapped (real, "notify::visible", G_CALLBACK (layout_changed_cb), self);
  g_signal_connect_swapped (real, "notify::fixed-width", G_CALLBACK (layout_changed_cb), self);
  if (self->model != NULL)
    equip_columns (self);
}

void
till_table_set_model (TillTable *self, GListModel *model)
{
  GListModel *rows = model;

  if (self->model == model)
    return;
  drop_model (self);
  if (model == NULL)
    {
      update_state (self);
      return;
    }
  self->model = g_object_ref (model);
  if (g_type_is_a (g_list_model_get_item_type (model), TILL_TYPE_RECORD))
    self->record_type = g_list_model_get_item_type (model);
  if (paged (self) != NULL)
    {
      self->sorter = till_remote_sorter_new (self->view);
      g_signal_connect_object (self->sorter, "changed", G_CALLBACK (sort_cb), self, 0);
      g_signal_connect (model, "notify::error", G_CALLBACK (notify_cb), self);
      g_signal_connect (model, "notify::known", G_CALLBACK (notify_cb), self);
      g_signal_connect (model, "notify::changes", G_CALLBACK (selected_cb), self);
    }
  else
    {
      self->sorted = gtk_sort_list_model_new (g_object_ref (model), g_object_ref (gtk_column_view_get_sorter (self->view)));
      rows = G_LIST_MODEL (self->sorted);
    }
  self->selection = till_table_selection_new (rows, self->mode == TILL_TABLE_MULTI);
  equip_columns (self);
  if (self->mode == TILL_TABLE_MULTI)
    add_ticks (self);
  if (self->mode == TILL_TABLE_NONE)
    {
      g_autoptr(GtkNoSelection) none = gtk_no_selection_new (g_object_ref (rows));

      gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (none));
    }
  else
    gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect (model, "items-changed", G_CALLBACK (items_changed_cb), self);
  g_signal_connect (self->selection, "notify::n-selected", G_CALLBACK (selected_cb), self);
  update_state (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MODEL]);
}

GListModel *
till_table_get_model (TillTable *self)
{
  return self->model;
}

TillTableSelection *
till_table_get_selection (TillTable *self)
{
  return self->selection;
}

static gpointer
peek (TillTable *self, guint position)
{
  g_autoptr(TillRecord) record = NULL;

  if (paged (self) != NULL)
    return till_paged_list_peek (paged (self), position);
  record = g_list_model_get_item (G_LIST_MODEL (self->selection), position);
  return record; /* a plain list holds its items */
}

gpointer
till_table_get_selected (TillTable *self)
{
  guint position = self->selection != NULL ? till_table_selection_get_first (self->selection) : GTK_INVALID_LIST_POSITION;

  return position != GTK_INVALID_LIST_POSITION ? peek (self, position) : NULL;
}

char *
till_table_dup_layout (TillTable *self)
{
  return till_table_layout_to_text (self->view);
}

void
till_table_set_layout (TillTable *self, const char *layout)
{
  if (layout != NULL && *layout != '\0')
    till_table_layout_from_text (self->view, layout);
}

void
till_table_scroll_to (TillTable *self, guint position)
{
  gtk_widget_activate_action (gtk_widget_get_last_child (GTK_WIDGET (self->view)), "list.scroll-to-item", "u", position);
}

/* One line of the shown columns; record NULL: their titles. */
static void
append_line (TillTable *self, gpointer record, GString *text)
{
  GListModel *columns = gtk_column_view_get_columns (self->view);
  const char *gap = "";

  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr(GtkColumnViewColumn) real = g_list_model_get_item (columns, i);
      TillColumn *column = till_table_layout_origin (real);
      const TillField *field = column != NULL ? till_record_type_find_field (self->record_type, till_column_get_field (column)) : NULL;
      g_autofree char *cell = NULL;

      if (field == NULL || !gtk_column_view_column_get_visible (real))
        continue;
      cell = record != NULL ? till_format_field (record, field) : g_strdup (till_column_get_title (column));
      g_string_append_printf (text, "%s%s", gap, g_strdelimit (cell, "\t\n", ' '));
      gap = "\t";
    }
  g_string_append_c (text, '\n');
}

char *
till_table_copy_text (TillTable *self)
{
  g_autoptr(GtkBitset) positions = self->selection != NULL ? till_table_selection_dup_positions (self->selection) : gtk_bitset_new_empty ();
  GString *text = g_string_new (NULL);
  GtkBitsetIter iter;
  guint position, n = 0;

  for (gboolean more = gtk_bitset_iter_init_first (&iter, positions, &position); more && n < COPY_MAX; more = gtk_bitset_iter_next (&iter, &position))
    {
      gpointer record = peek (self, position);

      if (record == NULL || !till_record_is_loaded (record))
        continue;
      if (n++ == 0)
        append_line (self, NULL, text);
      append_line (self, record, text);
    }
  return g_string_free (text, FALSE);
}

GtkColumnView *
till_table_get_view (TillTable *self)
{
  return self->view;
}
