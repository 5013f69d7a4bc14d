/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-area-tree.c: areas as a tree. The flat list is grouped by "parent" again whenever it changes; what was open and chosen stays. */
#define G_LOG_DOMAIN "till-area-tree"
#include "config.h"
#include "client/widgets/till-area-tree.h"

#include <glib/gi18n.h>
#include "client/model/till-area.h"
#include "client/widgets/till-area-cell.h"

struct _TillAreaTree {
  GtkWidget           parent_instance;
  GtkListView        *view;
  GListModel         *areas;
  GListModel         *sites;    /* NULL or records with "id" and "name": with several, each is a row above its areas, as id -site */
  GHashTable         *children; /* parent id -> GListStore of TillArea; 0 = roots */
  GHashTable         *by_id;    /* id -> TillArea, borrowed from areas and site_rows */
  GPtrArray          *site_rows;
  GHashTable         *cells;    /* id -> TillAreaCell, of the rows that are drawn */
  GListStore         *top;      /* one row: all areas; then the roots */
  GtkTreeListModel   *tree;
  GtkSingleSelection *selection;
  char               *all_title;
  gint64              selected_id;
  gboolean            filling, editable;
};

G_DEFINE_FINAL_TYPE (TillAreaTree, till_area_tree, GTK_TYPE_WIDGET)

enum { PROP_AREAS = 1, PROP_SELECTED_ID, PROP_ALL_TITLE, PROP_EDITABLE, N_PROPS };
static GParamSpec *props[N_PROPS];
enum { RENAMED, MOVED, N_SIGNALS };
static guint signals[N_SIGNALS];

static gint64
id_of (gpointer area)
{
  gint64 id = till_record_int (area, "id");

  return id != TILL_UNKNOWN ? id : 0;
}

static gint64
parent_of (gpointer area)
{
  gint64 parent = till_record_int (area, "parent");

  return parent != TILL_UNKNOWN ? parent : 0;
}

static GListStore *
children_of (TillAreaTree *self, gint64 parent)
{
  return g_hash_table_lookup (self->children, &parent);
}

static GListModel *
open_cb (gpointer item, gpointer user_data)
{
  TillAreaTree *self = user_data;
  GListStore *children = id_of (item) != 0 ? children_of (self, id_of (item)) : NULL;

  return children != NULL ? G_LIST_MODEL (g_object_ref (children)) : NULL;
}

static TillArea *
find_area (TillAreaTree *self, gint64 id)
{
  return g_hash_table_lookup (self->by_id, &id);
}

/* The row an area stands below: its parent, its site, or none. */
static gint64
above (TillAreaTree *self, TillArea *area)
{
  gint64 site = till_record_known (area, "site") ? -till_record_int (area, "site") : 0;

  if (parent_of (area) != 0 && find_area (self, parent_of (area)) != NULL)
    return parent_of (area);
  return id_of (area) > 0 && find_area (self, site) != NULL ? site : 0;
}

/* --- rows --- */

/* An area cannot go into itself or below itself, nor where it stands. */
static gboolean
may_move (TillAreaTree *self, gint64 id, gint64 parent)
{
  TillArea *area = find_area (self, id);

  if (area == NULL || id <= 0 || parent_of (area) == MAX (parent, 0))
    return FALSE;
  for (guint depth = 0; parent > 0 && depth < 64; depth++)
    {
      TillArea *above = find_area (self, parent);

      if (parent == id)
        return FALSE;
      parent = above != NULL ? parent_of (above) : 0;
    }
  return TRUE;
}

static void
renamed_cb (TillAreaCell *cell, const char *name, TillAreaTree *self)
{
  g_signal_emit (self, signals[RENAMED], 0, id_of (till_area_cell_get_area (cell)), name);
}

static gboolean
dropped_cb (TillAreaCell *cell, TillArea *moved, TillAreaTree *self)
{
  gint64 id = id_of (moved), parent = id_of (till_area_cell_get_area (cell));

  if (!may_move (self, id, parent))
    return FALSE;
  g_signal_emit (self, signals[MOVED], 0, id, MAX (parent, 0));
  return TRUE;
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, TillAreaTree *self)
{
  GtkWidget *expander = gtk_tree_expander_new (), *cell = till_area_cell_new (self->editable);

  gtk_widget_set_hexpand (cell, TRUE);
  if (self->editable)
    {
      g_signal_connect_object (cell, "renamed", G_CALLBACK (renamed_cb), self, 0);
      g_signal_connect_object (cell, "dropped", G_CALLBACK (dropped_cb), self, 0);
    }
  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), cell);
  gtk_list_item_set_child (item, expander);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, TillAreaTree *self)
{
  GtkTreeExpander *expander = GTK_TREE_EXPANDER (gtk_list_item_get_child (item));
  TillAreaCell *cell = TILL_AREA_CELL (gtk_tree_expander_get_child (expander));
  g_autoptr (TillArea) area = NULL;
  gint64 id;

  gtk_tree_expander_set_list_row (expander, gtk_list_item_get_item (item));
  area = gtk_tree_expander_get_item (expander);
  id = area != NULL ? id_of (area) : 0;
  till_area_cell_set_area (cell, area, id != 0 ? NULL : self->all_title);
  g_hash_table_insert (self->cells, g_memdup2 (&id, sizeof id), cell);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, TillAreaTree *self)
{
  GtkTreeExpander *expander = GTK_TREE_EXPANDER (gtk_list_item_get_child (item));
  TillAreaCell *cell = TILL_AREA_CELL (gtk_tree_expander_get_child (expander));
  gint64 id = till_area_cell_get_area (cell) != NULL ? id_of (till_area_cell_get_area (cell)) : 0;

  if (g_hash_table_lookup (self->cells, &id) == cell)
    g_hash_table_remove (self->cells, &id);
  till_area_cell_set_area (cell, NULL, NULL);
  gtk_tree_expander_set_list_row (expander, NULL);
}

static void
selected_cb (GtkSingleSelection *selection, GParamSpec *pspec, TillAreaTree *self)
{
  GtkTreeListRow *row = gtk_single_selection_get_selected_item (selection);
  g_autoptr(TillArea) area = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;
  gint64 id = area != NULL ? id_of (area) : 0;

  if (self->filling || id == self->selected_id)
    return;
  self->selected_id = id;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SELECTED_ID]);
}

static void
activate_cb (GtkListView *view, guint position, TillAreaTree *self)
{
  g_autoptr(GtkTreeListRow) row = g_list_model_get_item (G_LIST_MODEL (self->tree), position);

  if (row != NULL && gtk_tree_list_row_is_expandable (row))
    gtk_tree_list_row_set_expanded (row, !gtk_tree_list_row_get_expanded (row));
}

/* Position of an area's row, its ancestors opened first; 0 = "all" when it is not there. depth ends rings. */
static guint
reveal (TillAreaTree *self, gint64 id, guint depth)
{
  TillArea *area = id != 0 && depth < 64 ? find_area (self, id) : NULL;

  if (area == NULL)
    return 0;
  if (above (self, area) != 0)
    {
      g_autoptr(GtkTreeListRow) parent = g_list_model_get_item (G_LIST_MODEL (self->tree), reveal (self, above (self, area), depth + 1));

      if (parent != NULL)
        gtk_tree_list_row_set_expanded (parent, TRUE);
    }
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->tree)); i++)
    {
      g_autoptr(GtkTreeListRow) row = g_list_model_get_item (G_LIST_MODEL (self->tree), i);
      g_autoptr(TillArea) there = gtk_tree_list_row_get_item (row);

      if (id_of (there) == id)
        return i;
    }
  return 0;
}

static GArray *
note_open (TillAreaTree *self)
{
  GArray *open = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->tree)); i++)
    {
      g_autoptr(GtkTreeListRow) row = g_list_model_get_item (G_LIST_MODEL (self->tree), i);
      g_autoptr(TillArea) area = gtk_tree_list_row_get_item (row);
      gint64 id = id_of (area);

      if (id != 0 && gtk_tree_list_row_get_expanded (row))
        g_array_append_val (open, id);
    }
  return open;
}

static void
note (TillAreaTree *self, TillArea *area)
{
  gint64 id = id_of (area);

  g_hash_table_insert (self->by_id, g_memdup2 (&id, sizeof id), area);
}

static void
make_site_rows (TillAreaTree *self)
{
  guint n = self->sites != NULL ? g_list_model_get_n_items (self->sites) : 0;

  g_ptr_array_set_size (self->site_rows, 0);
  for (guint i = 0; n > 1 && i < n; i++)
    {
      g_autoptr (TillRecord) site = g_list_model_get_item (self->sites, i);
      TillArea *row = g_object_new (TILL_TYPE_AREA, NULL);
      g_autoptr (JsonObject) object = json_object_new ();

      json_object_set_int_member (object, "id", -id_of (site));
      json_object_set_string_member (object, "name", till_record_text (site, "name"));
      till_record_load (TILL_RECORD (row), object, FALSE, NULL); /* two members of the right type */
      g_ptr_array_add (self->site_rows, row);
      note (self, row);
    }
}

static void
put_below (TillAreaTree *self, gint64 parent, TillArea *area)
{
  GListStore *children = children_of (self, parent);

  if (children == NULL)
    {
      children = g_list_store_new (TILL_TYPE_AREA);
      g_hash_table_insert (self->children, g_memdup2 (&parent, sizeof parent), children);
    }
  g_list_store_append (children, area);
}

static void
group (TillAreaTree *self)
{
  guint n = self->areas != NULL ? g_list_model_get_n_items (self->areas) : 0;

  g_hash_table_remove_all (self->children);
  g_hash_table_remove_all (self->by_id);
  make_site_rows (self);
  for (guint i = 0; i < self->site_rows->len; i++)
    put_below (self, 0, g_ptr_array_index (self->site_rows, i));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr(TillArea) area = g_list_model_get_item (self->areas, i);

      note (self, area); /* the list holds it */
    }
  for (guint i = 0; i < n; i++)
    {
      g_autoptr(TillArea) area = g_list_model_get_item (self->areas, i);

      put_below (self, above (self, area), area); /* an operator of one building sees it as root */
    }
}

static void
fill (TillAreaTree *self)
{
  g_autoptr(GArray) open = note_open (self);
  g_autoptr(TillArea) all = g_object_new (TILL_TYPE_AREA, NULL);
  gboolean first_time = g_list_model_get_n_items (G_LIST_MODEL (self->tree)) <= 1;
  GListStore *roots;

  self->filling = TRUE;
  group (self);
  g_list_store_remove_all (self->top);
  g_list_store_append (self->top, all);
  roots = children_of (self, 0);
  for (guint i = 0; roots != NULL && i < g_list_model_get_n_items (G_LIST_MODEL (roots)); i++)
    {
      g_autoptr(TillArea) root = g_list_model_get_item (G_LIST_MODEL (roots), i);
      gint64 id = id_of (root);

      g_list_store_append (self->top, root);
      if (first_time)
        g_array_append_val (open, id);
    }
  for (guint i = 0; i < open->len; i++)
    {
      guint position = reveal (self, g_array_index (open, gint64, i), 0);
      g_autoptr(GtkTreeListRow) row = g_list_model_get_item (G_LIST_MODEL (self->tree), position);

      if (position > 0)
        gtk_tree_list_row_set_expanded (row, TRUE);
    }
  gtk_single_selection_set_selected (self->selection, reveal (self, self->selected_id, 0));
  self->filling = FALSE;
  selected_cb (self->selection, NULL, self);
}

static void
items_changed_cb (GListModel *areas, guint position, guint removed, guint added, TillAreaTree *self)
{
  fill (self);
}

static void
till_area_tree_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TillAreaTree *self = TILL_AREA_TREE (object);

  switch (id)
    {
    case PROP_AREAS: g_value_set_object (value, self->areas); break;
    case PROP_SELECTED_ID: g_value_set_int64 (value, self->selected_id); break;
    case PROP_ALL_TITLE: g_value_set_string (value, self->all_title); break;
    case PROP_EDITABLE: g_value_set_boolean (value, self->editable); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_area_tree_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TillAreaTree *self = TILL_AREA_TREE (object);

  switch (id)
    {
    case PROP_AREAS: till_area_tree_set_areas (self, g_value_get_object (value)); break;
    case PROP_SELECTED_ID: till_area_tree_select (self, g_value_get_int64 (value)); break;
    case PROP_ALL_TITLE:
      g_free (self->all_title);
      self->all_title = g_value_dup_string (value);
      break;
    case PROP_EDITABLE: self->editable = g_value_get_boolean (value); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static gboolean
till_area_tree_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (TILL_AREA_TREE (widget)->view));
}

static void
till_area_tree_dispose (GObject *object)
{
  TillAreaTree *self = TILL_AREA_TREE (object);
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self));

  if (self->areas != NULL)
    g_signal_handlers_disconnect_by_data (self->areas, self);
  g_clear_object (&self->areas);
  if (self->sites != NULL)
    g_signal_handlers_disconnect_by_data (self->sites, self);
  g_clear_object (&self->sites);
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  if (child != NULL)
    {
      gtk_list_view_set_model (self->view, NULL);
      gtk_widget_unparent (child);
    }
  g_clear_object (&self->selection);
  g_clear_object (&self->tree);
  g_clear_object (&self->top);
  G_OBJECT_CLASS (till_area_tree_parent_class)->dispose (object);
}

static void
till_area_tree_finalize (GObject *object)
{
  TillAreaTree *self = TILL_AREA_TREE (object);

  g_hash_table_unref (self->children);
  g_hash_table_unref (self->by_id);
  g_hash_table_unref (self->cells);
  g_ptr_array_unref (self->site_rows);
  g_free (self->all_title);
  G_OBJECT_CLASS (till_area_tree_parent_class)->finalize (object);
}

static void
till_area_tree_class_init (TillAreaTreeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = till_area_tree_get_property;
  object_class->set_property = till_area_tree_set_property;
  object_class->dispose = till_area_tree_dispose;
  object_class->finalize = till_area_tree_finalize;
  widget_class->grab_focus = till_area_tree_grab_focus;
  props[PROP_AREAS] = g_param_spec_object ("areas", NULL, NULL, G_TYPE_LIST_MODEL, flags);
  props[PROP_SELECTED_ID] = g_param_spec_int64 ("selected-id", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  props[PROP_ALL_TITLE] = g_param_spec_string ("all-title", NULL, NULL, NULL, flags);
  props[PROP_EDITABLE] = g_param_spec_boolean ("editable", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  signals[RENAMED] = g_signal_new ("renamed", TILL_TYPE_AREA_TREE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT64, G_TYPE_STRING);
  signals[MOVED] = g_signal_new ("moved", TILL_TYPE_AREA_TREE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT64, G_TYPE_INT64);
  g_object_class_install_properties (object_class, N_PROPS, props);
  gtk_widget_class_set_css_name (widget_class, "tillareatree");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
till_area_tree_init (TillAreaTree *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  self->all_title = g_strdup (_("All areas"));
  self->children = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_object_unref);
  self->by_id = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->cells = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->site_rows = g_ptr_array_new_with_free_func (g_object_unref);
  self->top = g_list_store_new (TILL_TYPE_AREA);
  self->tree = gtk_tree_list_model_new (G_LIST_MODEL (g_object_ref (self->top)), FALSE, FALSE, open_cb, self, NULL);
  self->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->tree)));
  g_signal_connect (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), self);
  self->view = GTK_LIST_VIEW (gtk_list_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection)), factory));
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "navigation-sidebar");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Areas"), -1);
  g_signal_connect (self->view, "activate", G_CALLBACK (activate_cb), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  gtk_widget_set_parent (scroller, GTK_WIDGET (self));
  fill (self);
}

GtkWidget *
till_area_tree_new (void)
{
  return g_object_new (TILL_TYPE_AREA_TREE, NULL);
}

void
till_area_tree_set_areas (TillAreaTree *self, GListModel *areas)
{
  if (self->areas == areas)
    return;
  if (self->areas != NULL)
    g_signal_handlers_disconnect_by_data (self->areas, self);
  g_set_object (&self->areas, areas);
  if (areas != NULL)
    g_signal_connect (areas, "items-changed", G_CALLBACK (items_changed_cb), self);
  fill (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_AREAS]);
}

gint64
till_area_tree_get_selected_id (TillAreaTree *self)
{
  return self->selected_id;
}

void
till_area_tree_select (TillAreaTree *self, gint64 area)
{
  gtk_single_selection_set_selected (self->selection, reveal (self, area, 0));
}

void
till_area_tree_set_sites (TillAreaTree *self, GListModel *sites)
{
  if (self->sites == sites)
    return;
  if (self->sites != NULL)
    g_signal_handlers_disconnect_by_data (self->sites, self);
  g_set_object (&self->sites, sites);
  if (sites != NULL)
    g_signal_connect (sites, "items-changed", G_CALLBACK (items_changed_cb), self);
  fill (self);
}

TillArea *
till_area_tree_get_selected (TillAreaTree *self)
{
  return self->selected_id > 0 ? find_area (self, self->selected_id) : NULL;
}

void
till_area_tree_start_rename (TillAreaTree *self)
{
  TillAreaCell *cell;

  gtk_widget_activate_action (GTK_WIDGET (self->view), "list.scroll-to-item", "u", gtk_single_selection_get_selected (self->selection));
  cell = g_hash_table_lookup (self->cells, &self->selected_id);
  if (self->editable && cell != NULL)
    till_area_cell_start_rename (cell);
}
