/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-templates.c: every .ui file in the program: its class is there, an instance can be shown without data, and it goes away. */
#include "config.h"
#include "client/app/till-help-window.h"
#include "client/app/till-login-window.h"
#include "client/app/till-page-registry.h"
#include "client/pages/alarms/till-reconcile-window.h"
#include "client/pages/till-section-page.h"
#include "client/app/till-password-dialog.h"
#include "client/app/till-preferences-window.h"
#include "client/app/till-trust-dialog.h"
#include "client/model/till-alarm.h"
#include "client/model/till-import-row.h"
#include "client/model/till-meter.h"
#include "client/model/till-sale.h"
#include "client/pages/config/till-discovery-window.h"
#include "client/pages/config/till-gateway-window.h"
#include "client/pages/config/till-proof-window.h"
#include "client/pages/meters/till-meter-window.h"
#include "client/pages/sales/till-counter-view.h"
#include "client/pages/sales/till-drawer-view.h"
#include "client/pages/till-receipt-dialog.h"
#include "client/pages/sales/till-sale-form.h"
#include "client/pages/sales/till-sale-list-view.h"
#include "client/pages/tariffs/till-calendar-view.h"
#include "client/pages/tariffs/till-simulate-window.h"
#include "client/pages/tariffs/till-tariff-editor.h"
#include "client/pages/till-statement-window.h"
#include "client/pages/customers/till-close-window.h"
#include "tests/client/window-fixture.h"
#include "tests/lib/test-main.h"

#define ROOT "/org/gridtill/Client"

typedef void (*EachUi) (const char *path, const char *text);

static void
each_ui (const char *folder, EachUi each, guint *n)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = g_resources_enumerate_children (folder, 0, &error);

  g_assert_no_error (error);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path = g_strconcat (folder, "/", names[i], NULL);

      if (g_str_has_suffix (path, "/"))
        {
          path[strlen (path) - 1] = '\0';
          each_ui (path, each, n);
        }
      else if (g_str_has_suffix (path, ".ui"))
        {
          g_autoptr (GBytes) bytes = g_resources_lookup_data (path, 0, &error);
          g_autofree char *text = NULL;

          g_assert_no_error (error);
          text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
          each (path, text);
          (*n)++;
        }
    }
}

static void
make_known (void)
{
  const GType types[] = { TILL_TYPE_HELP_WINDOW, TILL_TYPE_LOGIN_WINDOW, TILL_TYPE_PASSWORD_DIALOG, TILL_TYPE_PREFERENCES_WINDOW, TILL_TYPE_TRUST_DIALOG,
                          TILL_TYPE_WINDOW, TILL_TYPE_METER_WINDOW, TILL_TYPE_COUNTER_VIEW, TILL_TYPE_RECEIPT_DIALOG, TILL_TYPE_SALE_FORM, TILL_TYPE_DRAWER_VIEW, TILL_TYPE_DISCOVERY_WINDOW,
                          TILL_TYPE_GATEWAY_WINDOW, TILL_TYPE_PROOF_WINDOW, TILL_TYPE_STATEMENT_WINDOW,
                          TILL_TYPE_CLOSE_WINDOW, TILL_TYPE_RECONCILE_WINDOW, TILL_TYPE_SALE_LIST_VIEW, TILL_TYPE_CALENDAR_VIEW, TILL_TYPE_SIMULATE_WINDOW, TILL_TYPE_TARIFF_EDITOR };
  guint n;
  const TillPageInfo *infos = till_page_registry_get (&n);

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    g_assert_true (g_type_is_a (types[i], GTK_TYPE_WIDGET));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GTypeClass) klass = g_type_class_ref (infos[i].get_type ());

      g_assert_true (G_TYPE_CHECK_CLASS_TYPE (klass, TILL_TYPE_PAGE));
      for (guint v = 0; TILL_IS_SECTION_PAGE_CLASS (klass) && v < TILL_SECTION_PAGE_CLASS (klass)->n_views; v++)
        g_assert_true (g_type_is_a (TILL_SECTION_PAGE_CLASS (klass)->views[v].get_type (), TILL_TYPE_PAGE));
    }
}

/* The attribute of the template element: <template class="TillX" parent="Y">. NULL when the file holds no template. */
static char *
template_attribute (const char *text, const char *name)
{
  g_autofree char *pattern = g_strdup_printf ("<template[^>]* %s=\"([A-Za-z]+)\"", name);
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  return g_regex_match (regex, text, 0, &match) ? g_match_info_fetch (match, 1) : NULL;
}

static gboolean
is_null (gpointer data)
{
  return *(gpointer *) data == NULL;
}

static gboolean
is_mapped (gpointer widget)
{
  return gtk_widget_get_mapped (widget);
}

/* Shown in a window (or as one), then destroyed and finalized. */
static void
show_and_destroy (GtkWidget *widget, const char *what)
{
  GtkWindow *window = GTK_IS_WINDOW (widget) ? GTK_WINDOW (widget) : GTK_WINDOW (gtk_window_new ());
  gpointer gone = widget;

  g_object_add_weak_pointer (G_OBJECT (widget), &gone);
  if (!GTK_IS_WINDOW (widget))
    gtk_window_set_child (window, widget);
  gtk_window_present (window);
  till_fake_await (is_mapped, widget, what);
  g_assert_true (gtk_widget_get_realized (widget));
  gtk_window_destroy (window);
  till_fake_await (is_null, &gone, what);
}

static void
test_template (const char *path, const char *text)
{
  g_autofree char *class_name = template_attribute (text, "class"), *parent_name = template_attribute (text, "parent");
  GType type;

  if (class_name == NULL || g_str_equal (class_name, "GtkListItem"))
    return;
  g_test_message ("%s", path);
  type = g_type_from_name (class_name);
  if (type == 0)
    g_error ("%s: the class %s is not there", path, class_name);
  if (g_type_from_name (parent_name) != g_type_parent (type))
    g_error ("%s: the parent of %s is %s, not %s", path, class_name, g_type_name (g_type_parent (type)), parent_name);
  show_and_destroy (g_object_new (type, NULL), class_name);
}

static void
test_templates (void)
{
  guint n = 0;

  make_known ();
  each_ui (ROOT, test_template, &n);
  g_assert_cmpuint (n, >=, 20);
}

/* --- cells and plain objects */

static gpointer
make_record (GType type, const char *json)
{
  g_autoptr (JsonNode) node = json_from_string (json, NULL);
  gpointer record = till_record_new_from_json (type, node, NULL);

  g_assert_nonnull (record);
  return record;
}

/* A cell stands on a record that knows the field and on one that does not. */
static void
test_cell (const char *path, const char *text)
{
  static const struct { const char *file; GType (*get_type) (void); const char *json; } cells[] = {
    { "/cells/presence-chip.ui", till_gateway_get_type, "{\"id\":1,\"online\":false}" },
    { "/cells/sale-state-chip.ui", till_sale_get_type, "{\"id\":\"01890000-0000-7000-8000-000000000001\",\"state\":\"verified\"}" },
    { "/cells/verdict-chip.ui", till_import_row_get_type, "{\"id\":4,\"verdict\":\"wrong\",\"reason\":\"Unit: 1 to 247\"}" },
    { "/cells/severity-chip.ui", till_alarm_get_type, "{\"id\":1,\"severity\":\"high\",\"kind\":\"arrears\"}" },
    { "/cells/state-chip.ui", till_meter_get_type, "{\"id\":1,\"state\":\"alarm2\"}" },
  };
  g_autofree char *class_name = template_attribute (text, "class");
  guint which = 0;
  GListStore *rows;
  GtkWidget *view;

  if (g_strcmp0 (class_name, "GtkListItem") != 0)
    return;
  while (which < G_N_ELEMENTS (cells) && !g_str_has_suffix (path, cells[which].file))
    which++;
  if (which == G_N_ELEMENTS (cells))
    g_error ("%s: say here what it shows", path);
  rows = g_list_store_new (cells[which].get_type ());
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (TillRecord) record = i == 0 ? make_record (cells[which].get_type (), cells[which].json) : g_object_new (cells[which].get_type (), NULL);
      g_list_store_append (rows, record);
    }
  view = gtk_list_view_new (GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (rows))), gtk_builder_list_item_factory_new_from_resource (NULL, path));
  show_and_destroy (view, path);
}

static void
test_cells (void)
{
  guint n = 0;
  each_ui (ROOT, test_cell, &n);
}

/* Files that make objects and no class. */
static void
test_object (const char *path, const char *text)
{
  g_autofree char *class_name = template_attribute (text, "class");
  g_autoptr (GtkBuilder) builder = NULL;
  g_autoptr (GError) error = NULL;

  if (class_name != NULL)
    return;
  builder = gtk_builder_new ();
  gtk_builder_add_from_resource (builder, path, &error);
  g_assert_no_error (error);
  if (g_str_has_suffix (path, "/help-overlay.ui"))
    {
      GtkWidget *overlay = GTK_WIDGET (gtk_builder_get_object (builder, "help_overlay"));
      g_assert_true (GTK_IS_SHORTCUTS_WINDOW (overlay));
      g_clear_object (&builder);
      show_and_destroy (overlay, path);
    }
}

static void
test_objects (void)
{
  guint n = 0;
  each_ui (ROOT, test_object, &n);
}

int
main (int argc, char **argv)
{
  window_fixture_init (&argc, &argv);
  g_test_add_func ("/client/templates/classes", test_templates);
  g_test_add_func ("/client/templates/cells", test_cells);
  g_test_add_func ("/client/templates/objects", test_objects);
  return till_test_run ();
}
