/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-table-selection.c: selecting over rows that must not be made, and the probe sorter on real headers. */
#include "config.h"
#include <gtk/gtk.h>
#include "client/widgets/till-remote-sorter.h"
#include "client/widgets/till-table-selection.h"
#include "tests/lib/test-main.h"

/* A list that counts how often an item was asked for. */
#define TEST_TYPE_LIST (test_list_get_type ())
G_DECLARE_FINAL_TYPE (TestList, test_list, TEST, LIST, GObject)
struct _TestList { GObject parent_instance; guint n, made; };

static GType
test_list_get_item_type (GListModel *model)
{
  return G_TYPE_OBJECT;
}

static guint
test_list_get_n_items (GListModel *model)
{
  return TEST_LIST (model)->n;
}

static gpointer
test_list_get_item (GListModel *model, guint position)
{
  TEST_LIST (model)->made++;
  return position < TEST_LIST (model)->n ? g_object_new (G_TYPE_OBJECT, NULL) : NULL;
}

static void
test_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = test_list_get_item_type;
  iface->get_n_items = test_list_get_n_items;
  iface->get_item = test_list_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestList, test_list, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, test_list_model_init))

static void
test_list_class_init (TestListClass *klass)
{
}

static void
test_list_init (TestList *self)
{
  self->n = 100000;
}

static void
test_all (void)
{
  g_autoptr(TestList) list = g_object_new (TEST_TYPE_LIST, NULL);
  g_autoptr(TillTableSelection) selection = till_table_selection_new (G_LIST_MODEL (list), TRUE);
  GtkSelectionModel *model = GTK_SELECTION_MODEL (selection);
  g_autoptr(GtkBitset) except = NULL;

  g_assert_true (gtk_selection_model_select_all (model));
  g_assert_cmpuint (till_table_selection_get_n_selected (selection), ==, 100000);
  g_assert_true (till_table_selection_is_all_matching (selection));
  g_assert_true (gtk_selection_model_unselect_item (model, 17));
  g_assert_true (till_table_selection_is_all_matching (selection));
  except = till_table_selection_dup_except (selection);
  g_assert_cmpuint (gtk_bitset_get_size (except), ==, 1);
  g_assert_true (gtk_bitset_contains (except, 17));
  g_assert_true (gtk_selection_model_select_item (model, 5, TRUE));
  g_assert_false (till_table_selection_is_all_matching (selection));
  g_assert_cmpuint (till_table_selection_get_n_selected (selection), ==, 1);
  g_assert_cmpuint (till_table_selection_get_first (selection), ==, 5);
  g_assert_cmpuint (list->made, ==, 0); /* not one row was made */
}

static void
count_cb (GtkSelectionModel *model, guint position, guint n, guint *count)
{
  ++*count;
}

static void
test_range_and_generation (void)
{
  g_autoptr(TestList) list = g_object_new (TEST_TYPE_LIST, NULL);
  g_autoptr(TillTableSelection) selection = till_table_selection_new (G_LIST_MODEL (list), TRUE);
  GtkSelectionModel *model = GTK_SELECTION_MODEL (selection);
  guint changes = 0;

  g_signal_connect (model, "selection-changed", G_CALLBACK (count_cb), &changes);
  g_assert_true (gtk_selection_model_select_range (model, 10, 20, TRUE));
  g_assert_true (gtk_selection_model_select_range (model, 10, 20, FALSE)); /* nothing new: no signal */
  g_assert_cmpuint (changes, ==, 1);
  g_assert_cmpuint (till_table_selection_get_n_selected (selection), ==, 20);
  list->n = 50;
  g_list_model_items_changed (G_LIST_MODEL (list), 0, 100000, 50); /* another query */
  g_assert_cmpuint (till_table_selection_get_n_selected (selection), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (selection)), ==, 50);
  g_assert_cmpuint (list->made, ==, 0);
}

static void
test_single (void)
{
  g_autoptr(TestList) list = g_object_new (TEST_TYPE_LIST, NULL);
  g_autoptr(TillTableSelection) selection = till_table_selection_new (G_LIST_MODEL (list), FALSE);
  GtkSelectionModel *model = GTK_SELECTION_MODEL (selection);

  g_assert_false (gtk_selection_model_select_all (model));
  g_assert_true (gtk_selection_model_select_item (model, 3, FALSE));
  g_assert_true (gtk_selection_model_select_item (model, 4, FALSE));
  g_assert_cmpuint (till_table_selection_get_n_selected (selection), ==, 1);
  g_assert_cmpuint (till_table_selection_get_first (selection), ==, 4);
}

typedef struct { const char *key; gboolean descending; guint n; } Sort;

static void
sort_cb (TillRemoteSorter *sorter, const char *key, gboolean descending, Sort *sort)
{
  *sort = (Sort){ key, descending, sort->n + 1 };
}

static void
test_probe (void)
{
  GtkWidget *view = g_object_ref_sink (gtk_column_view_new (NULL));
  g_autoptr(TillRemoteSorter) sorter = till_remote_sorter_new (GTK_COLUMN_VIEW (view));
  g_autoptr(GtkColumnViewColumn) code = gtk_column_view_column_new ("No.", NULL);
  g_autoptr(GtkColumnViewColumn) balance = gtk_column_view_column_new ("Balance", NULL);
  Sort sort = { NULL, FALSE, 0 };
  gboolean descending;

  till_remote_sorter_add_column (sorter, code, "code");
  till_remote_sorter_add_column (sorter, balance, "balance");
  gtk_column_view_append_column (GTK_COLUMN_VIEW (view), code);
  gtk_column_view_append_column (GTK_COLUMN_VIEW (view), balance);
  g_signal_connect (sorter, "changed", G_CALLBACK (sort_cb), &sort);
  g_assert_null (till_remote_sorter_get_key (sorter, NULL));
  gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (view), balance, GTK_SORT_DESCENDING);
  g_assert_cmpstr (sort.key, ==, "balance");
  g_assert_true (sort.descending);
  gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (view), code, GTK_SORT_ASCENDING);
  g_assert_cmpstr (sort.key, ==, "code");
  g_assert_false (sort.descending);
  g_assert_cmpstr (till_remote_sorter_get_key (sorter, &descending), ==, "code");
  gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (view), NULL, GTK_SORT_ASCENDING);
  g_assert_null (sort.key);
  g_assert_cmpuint (sort.n, ==, 3);
  g_assert_finalize_object (g_steal_pointer (&sorter));
  g_object_unref (view);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  gtk_init ();
  g_test_add_func ("/table-selection/all", test_all);
  g_test_add_func ("/table-selection/range", test_range_and_generation);
  g_test_add_func ("/table-selection/single", test_single);
  g_test_add_func ("/remote-sorter/probe", test_probe);
  return till_test_run ();
}
