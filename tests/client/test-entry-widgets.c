/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-entry-widgets.c: picker, area tree, form and alert, each in a window. */
#include "config.h"
#include <adwaita.h>
#include "client/model/till-area.h"
#include "client/model/till-meter.h"
#include "client/model/till-paged-list.h"
#include "client/widgets/till-alert.h"
#include "client/widgets/till-area-tree.h"
#include "client/widgets/till-form.h"
#include "client/widgets/till-picker.h"
#include "shared/base/till-error.h"
#include "shared/base/till-money.h"
#include "tests/client/fake-server.h"
#include "tests/lib/test-main.h"

typedef struct {
  TillFakeServer *server;
  TillApi        *api;
  TillQuery      *query;
  TillPagedList  *list;
  GtkWidget      *window;
  GtkWidget      *picker;
  gint64          picked;
  guint           nothing;
} Fixture;

static char *
make_meter (guint position, gpointer user_data)
{
  return g_strdup_printf ("{\"id\":%u,\"code\":\"A-%05u\",\"room\":\"B3/%u\"}", position + 1, position, position);
}

static void
picked_cb (TillPicker *picker, TillRecord *record, Fixture *f)
{
  f->picked = till_record_int (record, "id");
}

static void
nothing_cb (TillPicker *picker, Fixture *f)
{
  f->nothing++;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->server = till_fake_server_new (NULL);
  till_fake_server_list (f->server, "/meters", GPOINTER_TO_UINT (data), make_meter, NULL);
  f->api = till_api_new (NULL);
  till_api_set_plain_base (f->api, till_fake_server_get_base (f->server));
  f->query = till_query_new ();
  f->list = till_paged_list_new (f->api, "/meters", TILL_TYPE_METER, f->query);
  f->picker = till_picker_new ();
  g_object_set (f->picker, "delay", 1, NULL);
  till_picker_set_fields (TILL_PICKER (f->picker), (const char *[]){ "code", "room", NULL });
  till_picker_set_list (TILL_PICKER (f->picker), G_LIST_MODEL (f->list));
  g_signal_connect (f->picker, "picked", G_CALLBACK (picked_cb), f);
  g_signal_connect (f->picker, "nothing-found", G_CALLBACK (nothing_cb), f);
  f->window = gtk_window_new ();
  gtk_window_set_child (GTK_WINDOW (f->window), f->picker);
  gtk_window_present (GTK_WINDOW (f->window));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gpointer picker = f->picker;

  g_object_add_weak_pointer (G_OBJECT (f->picker), &picker);
  gtk_window_destroy (GTK_WINDOW (f->window));
  g_assert_null (picker);
  g_object_unref (f->list);
  g_object_unref (f->query);
  g_object_unref (f->api);
  till_fake_server_free (f->server);
}

static gboolean
is_picked (gpointer data)
{
  return ((Fixture *) data)->picked != 0;
}

static gboolean
found_nothing (gpointer data)
{
  return ((Fixture *) data)->nothing > 0;
}

static gboolean
is_mapped (gpointer widget)
{
  return gtk_widget_get_mapped (widget);
}

/* A scanner: text and Enter at once, the answer comes later; the only hit is picked by itself. */
static void
test_scanner (Fixture *f, gconstpointer data)
{
  GtkWidget *entry = gtk_widget_get_first_child (f->picker);
  g_autofree char *query = NULL;

  till_fake_await (is_mapped, entry, "the window");
  gtk_editable_set_text (GTK_EDITABLE (entry), "A-00000");
  g_signal_emit_by_name (entry, "activate");
  g_assert_cmpint (f->picked, ==, 0);
  till_fake_await (is_picked, f, "the pick");
  g_assert_cmpint (f->picked, ==, 1);
  query = till_fake_server_dup_query (f->server, "GET", "/meters");
  g_assert_nonnull (strstr (query, "q=A-00000"));
}

static void
test_nothing (Fixture *f, gconstpointer data)
{
  GtkWidget *entry = gtk_widget_get_first_child (f->picker);

  till_fake_await (is_mapped, entry, "the window");
  gtk_editable_set_text (GTK_EDITABLE (entry), "zzz");
  g_signal_emit_by_name (entry, "activate");
  till_fake_await (found_nothing, f, "nothing");
  g_assert_cmpint (f->picked, ==, 0);
  till_picker_clear (TILL_PICKER (f->picker));
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "");
}

static TillArea *
make_area (int id, int parent, const char *name)
{
  g_autofree char *text = g_strdup_printf ("{\"id\":%d,\"parent\":%d,\"name\":\"%s\"}", id, parent, name);
  g_autoptr(JsonNode) node = json_from_string (text, NULL);

  return till_record_new_from_json (TILL_TYPE_AREA, node, NULL);
}

static void
add_area (GListStore *store, int id, int parent, const char *name)
{
  g_autoptr(TillArea) area = make_area (id, parent, name);

  g_list_store_append (store, area);
}

static void
selected_cb (GObject *tree, GParamSpec *pspec, guint *count)
{
  ++*count;
}

static void
test_area_tree (void)
{
  g_autoptr(GListStore) areas = g_list_store_new (TILL_TYPE_AREA);
  GtkWidget *window = gtk_window_new (), *tree = till_area_tree_new ();
  gpointer watched = tree;
  guint count = 0;

  add_area (areas, 3, 2, "Floor 1"); /* children may come before their parents */
  add_area (areas, 1, 0, "Campus");
  add_area (areas, 2, 1, "Building 3");
  add_area (areas, 9, 77, "Lonely"); /* the parent is not this operator's */
  g_object_add_weak_pointer (G_OBJECT (tree), &watched);
  g_signal_connect (tree, "notify::selected-id", G_CALLBACK (selected_cb), &count);
  till_area_tree_set_areas (TILL_AREA_TREE (tree), G_LIST_MODEL (areas));
  gtk_window_set_child (GTK_WINDOW (window), tree);
  gtk_window_present (GTK_WINDOW (window));
  till_fake_await (is_mapped, tree, "the tree");
  g_assert_cmpint (till_area_tree_get_selected_id (TILL_AREA_TREE (tree)), ==, 0);
  till_area_tree_select (TILL_AREA_TREE (tree), 3);
  g_assert_cmpint (till_area_tree_get_selected_id (TILL_AREA_TREE (tree)), ==, 3);
  g_assert_cmpuint (count, ==, 1);
  add_area (areas, 4, 2, "Floor 2"); /* what was chosen stays */
  g_assert_cmpint (till_area_tree_get_selected_id (TILL_AREA_TREE (tree)), ==, 3);
  g_assert_cmpuint (count, ==, 1);
  till_area_tree_select (TILL_AREA_TREE (tree), 9);
  g_assert_cmpint (till_area_tree_get_selected_id (TILL_AREA_TREE (tree)), ==, 9);
  g_list_store_remove_all (areas);
  g_assert_cmpint (till_area_tree_get_selected_id (TILL_AREA_TREE (tree)), ==, 0);
  gtk_window_destroy (GTK_WINDOW (window));
  g_assert_null (watched);
}

static gboolean
check_money (const char *text, gpointer user_data, GError **error)
{
  TillMoney amount;

  return till_money_parse (text, &amount, error);
}

static void
test_form (void)
{
  GtkWidget *window = gtk_window_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *name = gtk_entry_new (), *amount = gtk_entry_new (), *hint = gtk_label_new (NULL);
  g_autoptr(TillForm) form = till_form_new ();
  g_autoptr(GError) error = g_error_new_literal (TILL_ERROR, TILL_ERROR_INVALID, "no");

  gtk_box_append (GTK_BOX (box), name);
  gtk_box_append (GTK_BOX (box), amount);
  gtk_box_append (GTK_BOX (box), hint);
  gtk_window_set_child (GTK_WINDOW (window), box);
  till_form_add (form, &(TillFormRow){ .member = "name", .entry = name, .required = TRUE });
  till_form_add (form, &(TillFormRow){ .member = "amount", .entry = amount, .hint = GTK_LABEL (hint), .check = check_money });
  g_assert_false (till_form_is_valid (form));
  g_assert_false (till_form_is_dirty (form));
  g_assert_false (gtk_widget_has_css_class (name, "error")); /* nobody was there yet */
  gtk_editable_set_text (GTK_EDITABLE (name), "Li");
  g_assert_true (till_form_is_valid (form));
  g_assert_true (till_form_is_dirty (form));
  gtk_editable_set_text (GTK_EDITABLE (amount), "1e2");
  g_assert_false (till_form_is_valid (form));
  g_assert_true (gtk_widget_has_css_class (amount, "error"));
  g_assert_true (gtk_widget_get_visible (hint));
  gtk_editable_set_text (GTK_EDITABLE (amount), "100.00");
  g_assert_true (till_form_is_valid (form));
  g_assert_false (gtk_widget_get_visible (hint));
  till_form_reset (form);
  g_assert_false (till_form_is_dirty (form));
  till_error_add_field (error, "amount", "too much");
  g_assert_true (till_form_mark_error (form, error));
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (hint)), ==, "too much");
  gtk_editable_set_text (GTK_EDITABLE (name), "");
  g_assert_true (gtk_widget_has_css_class (name, "error"));
  g_assert_cmpstr (till_form_get_text (form, "amount"), ==, "100.00");
  gtk_window_destroy (GTK_WINDOW (window));
  till_form_recheck (form); /* its entries are gone */
}

static void
test_alert (void)
{
  static const struct { const char *response; gboolean chosen; } cases[] = { { "action", TRUE }, { "cancel", FALSE }, { NULL, FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GtkWidget *window = gtk_window_new ();
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GError) error = NULL;
      GtkWindow *dialog = NULL;
      g_autoptr(GListModel) windows = NULL;

      gtk_window_present (GTK_WINDOW (window));
      till_alert_ask_async (window, &(TillAlert){ "Sell?", "100.00", "_Back", "_Sell", FALSE }, NULL, till_fake_done_cb, &result);
      windows = g_object_ref (gtk_window_get_toplevels ());
      for (guint n = 0; n < g_list_model_get_n_items (windows); n++)
        {
          g_autoptr(GtkWindow) toplevel = g_list_model_get_item (windows, n);

          if (ADW_IS_MESSAGE_DIALOG (toplevel))
            dialog = toplevel;
        }
      g_assert_nonnull (dialog);
      if (cases[i].response != NULL)
        adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), cases[i].response);
      else
        gtk_window_destroy (dialog);
      g_assert_cmpint (till_alert_ask_finish (window, till_fake_await_result (&result), &error), ==, cases[i].chosen);
      g_assert_no_error (error);
      if (cases[i].response != NULL)
        gtk_window_destroy (dialog);
      gtk_window_destroy (GTK_WINDOW (window));
    }
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  adw_init ();
  g_test_add ("/picker/scanner", Fixture, GUINT_TO_POINTER (500), set_up, test_scanner, tear_down);
  g_test_add ("/picker/nothing", Fixture, NULL, set_up, test_nothing, tear_down);
  g_test_add_func ("/area-tree/choose", test_area_tree);
  g_test_add_func ("/form/life", test_form);
  g_test_add_func ("/alert/answers", test_alert);
  return till_test_run ();
}
