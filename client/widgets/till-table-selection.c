/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-table-selection.c: a set of positions and the flag "all matching". Never asks the model for an item. */
#define G_LOG_DOMAIN "till-table-selection"
#include "config.h"
#include "client/widgets/till-table-selection.h"

struct _TillTableSelection {
  GObject     parent_instance;
  GListModel *model;
  GtkBitset  *positions;
  guint       n_items;      /* as last told to others */
  gboolean    multi;
  gboolean    all_matching; /* the query itself is the selection, but for the positions taken out again */
};

static void till_table_selection_list_init (GListModelInterface *iface);
static void till_table_selection_model_init (GtkSelectionModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TillTableSelection, till_table_selection, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, till_table_selection_list_init)
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SELECTION_MODEL, till_table_selection_model_init))

enum { PROP_N_SELECTED = 1, N_PROPS };
static GParamSpec *props[N_PROPS];

static void
changed (TillTableSelection *self, guint position, guint n)
{
  if (n > 0)
    gtk_selection_model_selection_changed (GTK_SELECTION_MODEL (self), position, n);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_SELECTED]);
}

static GType
till_table_selection_get_item_type (GListModel *list)
{
  TillTableSelection *self = TILL_TABLE_SELECTION (list);

  return self->model != NULL ? g_list_model_get_item_type (self->model) : G_TYPE_OBJECT;
}

static guint
till_table_selection_get_n_items (GListModel *list)
{
  return TILL_TABLE_SELECTION (list)->n_items;
}

static gpointer
till_table_selection_get_item (GListModel *list, guint position)
{
  TillTableSelection *self = TILL_TABLE_SELECTION (list);

  return self->model != NULL ? g_list_model_get_item (self->model, position) : NULL;
}

static gboolean
till_table_selection_is_selected (GtkSelectionModel *model, guint position)
{
  return gtk_bitset_contains (TILL_TABLE_SELECTION (model)->positions, position);
}

static GtkBitset *
till_table_selection_get_in_range (GtkSelectionModel *model, guint position, guint n_items)
{
  return gtk_bitset_ref (TILL_TABLE_SELECTION (model)->positions); /* more than asked for is allowed */
}

static gboolean
till_table_selection_set (GtkSelectionModel *model, GtkBitset *selected, GtkBitset *mask)
{
  TillTableSelection *self = TILL_TABLE_SELECTION (model);
  g_autoptr(GtkBitset) after = gtk_bitset_copy (self->positions);
  g_autoptr(GtkBitset) difference = NULL;
  g_autoptr(GtkBitset) wanted = gtk_bitset_copy (selected);
  guint first, last;

  gtk_bitset_intersect (wanted, mask);
  gtk_bitset_subtract (after, mask);
  gtk_bitset_union (after, wanted);
  if (self->n_items < G_MAXUINT)
    gtk_bitset_remove_range (after, self->n_items, G_MAXUINT - self->n_items);
  if (!self->multi && gtk_bitset_get_size (after) > 1)
    {
      guint kept = gtk_bitset_is_empty (wanted) ? gtk_bitset_get_minimum (after) : gtk_bitset_get_maximum (wanted);

      gtk_bitset_remove_all (after);
      gtk_bitset_add (after, kept);
    }
  difference = gtk_bitset_copy (after);
  gtk_bitset_difference (difference, self->positions);
  if (gtk_bitset_is_empty (difference))
    return TRUE;
  /* Taking single rows out of "all matching" keeps it; choosing a few rows instead ends it. */
  if (self->all_matching && (gtk_bitset_get_size (after) == 0 || gtk_bitset_get_size (after) * 2 < self->n_items))
    self->all_matching = FALSE;
  g_clear_pointer (&self->positions, gtk_bitset_unref);
  self->positions = g_steal_pointer (&after);
  first = gtk_bitset_get_minimum (difference);
  last = gtk_bitset_get_maximum (difference);
  changed (self, first, last - first + 1);
  return TRUE;
}

static gboolean
till_table_selection_select_item (GtkSelectionModel *model, guint position, gboolean unselect_rest)
{
  TillTableSelection *self = TILL_TABLE_SELECTION (model);
  g_autoptr(GtkBitset) selected = gtk_bitset_new_empty ();
  g_autoptr(GtkBitset) mask = NULL;

  gtk_bitset_add (selected, position);
  if (unselect_rest || !self->multi)
    {
      self->all_matching = FALSE;
      mask = gtk_bitset_new_range (0, MAX (self->n_items, 1));
    }
  return till_table_selection_set (model, selected, mask != NULL ? mask : selected);
}

static gboolean
till_table_selection_unselect_item (GtkSelectionModel *model, guint position)
{
  g_autoptr(GtkBitset) none = gtk_bitset_new_empty ();
  g_autoptr(GtkBitset) mask = gtk_bitset_new_range (position, 1);

  return till_table_selection_set (model, none, mask);
}

static gboolean
till_table_selection_select_all (GtkSelectionModel *model)
{
  TillTableSelection *self = TILL_TABLE_SELECTION (model);

  if (!self->multi)
    return FALSE;
  self->all_matching = TRUE; /* the query itself is the selection now */
  gtk_bitset_remove_all (self->positions);
  gtk_bitset_add_range (self->positions, 0, self->n_items);
  changed (self, 0, self->n_items);
  return TRUE;
}

static gboolean
till_table_selection_unselect_all (GtkSelectionModel *model)
{
  TillTableSelection *self = TILL_TABLE_SELECTION (model);

  self->all_matching = FALSE;
  gtk_bitset_remove_all (self->positions);
  changed (self, 0, self->n_items);
  return TRUE;
}

static void
till_table_selection_list_init (GListModelInterface *iface)
{
  iface->get_item_type = till_table_selection_get_item_type;
  iface->get_n_items = till_table_selection_get_n_items;
  iface->get_item = till_table_selection_get_item;
}

static void
till_table_selection_model_init (GtkSelectionModelInterface *iface)
{
  iface->is_selected = till_table_selection_is_selected;
  iface->get_selection_in_range = till_table_selection_get_in_range;
  iface->select_item = till_table_selection_select_item;
  iface->unselect_item = till_table_selection_unselect_item;
  iface->select_all = till_table_selection_select_all;
  iface->unselect_all = till_table_selection_unselect_all;
  iface->set_selection = till_table_selection_set;
}

/* All rows changed: another query. A few: they move the positions behind them. */
static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added, TillTableSelection *self)
{
  gboolean had = !gtk_bitset_is_empty (self->positions);

  if (position == 0 && removed == self->n_items)
    {
      gtk_bitset_remove_all (self->positions);
      self->all_matching = FALSE;
    }
  else
    gtk_bitset_splice (self->positions, position, removed, added);
  self->n_items = g_list_model_get_n_items (model);
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
  if (had)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_SELECTED]);
}

static void
till_table_selection_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_uint (value, till_table_selection_get_n_selected (TILL_TABLE_SELECTION (object)));
}

static void
till_table_selection_dispose (GObject *object)
{
  TillTableSelection *self = TILL_TABLE_SELECTION (object);

  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (till_table_selection_parent_class)->dispose (object);
}

static void
till_table_selection_finalize (GObject *object)
{
  gtk_bitset_unref (TILL_TABLE_SELECTION (object)->positions);
  G_OBJECT_CLASS (till_table_selection_parent_class)->finalize (object);
}

static void
till_table_selection_class_init (TillTableSelectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = till_table_selection_get_property;
  object_class->dispose = till_table_selection_dispose;
  object_class->finalize = till_table_selection_finalize;
  props[PROP_N_SELECTED] = g_param_spec_uint ("n-selected", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
till_table_selection_init (TillTableSelection *self)
{
  self->positions = gtk_bitset_new_empty ();
}

TillTableSelection *
till_table_selection_new (GListModel *model, gboolean multi)
{
  TillTableSelection *self = g_object_new (TILL_TYPE_TABLE_SELECTION, NULL);

  self->multi = multi;
  till_table_selection_set_model (self, model);
  return self;
}

void
till_table_selection_set_model (TillTableSelection *self, GListModel *model)
{
  guint before = self->n_items;

  if (self->model == model)
    return;
  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  g_set_object (&self->model, model);
  self->n_items = model != NULL ? g_list_model_get_n_items (model) : 0;
  self->all_matching = FALSE;
  gtk_bitset_remove_all (self->positions);
  if (model != NULL)
    g_signal_connect (model, "items-changed", G_CALLBACK (items_changed_cb), self);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, before, self->n_items);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_SELECTED]);
}

guint
till_table_selection_get_n_selected (TillTableSelection *self)
{
  return (guint) gtk_bitset_get_size (self->positions);
}

gboolean
till_table_selection_is_all_matching (TillTableSelection *self)
{
  return self->all_matching;
}

guint
till_table_selection_get_first (TillTableSelection *self)
{
  return gtk_bitset_is_empty (self->positions) ? GTK_INVALID_LIST_POSITION : gtk_bitset_get_minimum (self->positions);
}

GtkBitset *
till_table_selection_dup_positions (TillTableSelection *self)
{
  return gtk_bitset_copy (self->positions);
}

GtkBitset *
till_table_selection_dup_except (TillTableSelection *self)
{
  GtkBitset *except = gtk_bitset_new_empty ();

  if (self->all_matching)
    {
      gtk_bitset_add_range (except, 0, self->n_items);
      gtk_bitset_subtract (except, self->positions);
    }
  return except;
}
