/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-preferences-window.c: rows bound to settings; a combo row stores the word beside its title. */
#define G_LOG_DOMAIN "till-preferences-window"
#include "config.h"
#include "client/app/till-preferences-window.h"
#include <glib/gi18n.h>
#include "client/app/till-page-registry.h"

struct _TillPreferencesWindow
{
  AdwWindow parent_instance;
  TillContext *context;
  AdwPreferencesGroup *general, *station, *servers;
  GtkLabel *language_note;
};

typedef struct { const char *word, *title; } Choice;

G_DEFINE_FINAL_TYPE (TillPreferencesWindow, till_preferences_window, ADW_TYPE_WINDOW)

static void
selected_cb (AdwComboRow *row, GParamSpec *pspec, TillSettings *settings)
{
  const Choice *choices = g_object_get_data (G_OBJECT (row), "till-choices");
  const char *property = g_object_get_data (G_OBJECT (row), "till-property");
  guint selected = adw_combo_row_get_selected (row);

  if (selected != GTK_INVALID_LIST_POSITION)
    g_object_set (settings, property, choices[selected].word, NULL);
}

/* choices end with a NULL title and live as long as the row. */
static void
add_combo (TillPreferencesWindow *self, AdwPreferencesGroup *group, const char *title, const char *property, const Choice *choices)
{
  TillSettings *settings = till_context_get_settings (self->context);
  GtkStringList *titles = gtk_string_list_new (NULL);
  GtkWidget *row = adw_combo_row_new ();
  const char *now = till_settings_get_text (settings, property);
  guint selected = 0;

  for (guint i = 0; choices[i].title; i++)
    {
      gtk_string_list_append (titles, _ (choices[i].title));
      if (g_strcmp0 (choices[i].word, now ? now : "") == 0)
        selected = i;
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (titles));
  g_object_unref (titles);
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), selected);
  g_object_set_data (G_OBJECT (row), "till-choices", (gpointer) choices);
  g_object_set_data (G_OBJECT (row), "till-property", (gpointer) property);
  g_signal_connect (row, "notify::selected", G_CALLBACK (selected_cb), settings);
  adw_preferences_group_add (group, row);
}

static void
remove_server_cb (GtkButton *button, TillPreferencesWindow *self)
{
  const char *server = g_object_get_data (G_OBJECT (button), "till-server");
  GtkWidget *row = g_object_get_data (G_OBJECT (button), "till-row");
  g_autoptr (GError) error = NULL;

  if (!till_trust_forget (till_context_get_trust (self->context), server, &error))
    g_message ("the identity of %s was not stored: %s", server, error->message);
  till_settings_remove_server (till_context_get_settings (self->context), server);
  adw_preferences_group_remove (self->servers, row);
}

static void
add_servers (TillPreferencesWindow *self)
{
  g_auto (GStrv) servers = till_settings_dup_servers (till_context_get_settings (self->context));

  for (guint i = 0; servers && servers[i]; i++)
    {
      GtkWidget *row = adw_action_row_new (), *button = gtk_button_new_with_label (_ ("Remove"));
      g_autofree char *fingerprint = till_trust_get_fingerprint (till_context_get_trust (self->context), servers[i]);

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), servers[i]);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), fingerprint ? fingerprint : _ ("not trusted yet"));
      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      g_object_set_data_full (G_OBJECT (button), "till-server", g_strdup (servers[i]), g_free);
      g_object_set_data (G_OBJECT (button), "till-row", row);
      g_signal_connect (button, "clicked", G_CALLBACK (remove_server_cb), self);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
      adw_preferences_group_add (self->servers, row);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->servers), servers && servers[0]);
}

static void
printer_cb (AdwEntryRow *row, TillSettings *settings)
{
  g_object_set (settings, "printer", gtk_editable_get_text (GTK_EDITABLE (row)), NULL);
}

static void
add_rows (TillPreferencesWindow *self)
{
  static const Choice languages[] = { { "system", N_ ("As the system") }, { "en", "English" }, { "zh_CN", "中文（简体）" }, { NULL, NULL } };
  static const Choice themes[] = { { "system", N_ ("As the system") }, { "light", N_ ("Light") }, { "dark", N_ ("Dark") }, { NULL, NULL } };
  static const Choice densities[] = { { "compact", N_ ("Compact") }, { "comfortable", N_ ("Comfortable") }, { NULL, NULL } };
  static const Choice sizes[] = { { "80mm", N_ ("80 mm roll") }, { "a5", N_ ("A5 sheet") }, { NULL, NULL } };
  static const Choice whens[] = { { "ask", N_ ("Ask") }, { "paid", N_ ("When paid") }, { "verified", N_ ("When verified") }, { NULL, NULL } };
  static Choice starts[16];
  TillSettings *settings = till_context_get_settings (self->context);
  GtkWidget *printer = adw_entry_row_new ();
  guint n;
  const TillPageInfo *infos = till_page_registry_get (&n);

  for (guint i = 0; i < n && i < G_N_ELEMENTS (starts) - 1; i++)
    starts[i] = (Choice){ infos[i].name, infos[i].title };
  add_combo (self, self->general, _ ("Language"), "language", languages);
  add_combo (self, self->general, _ ("Theme"), "theme", themes);
  add_combo (self, self->general, _ ("Density"), "density", densities);
  add_combo (self, self->general, _ ("Start page"), "start-page", starts);
  add_combo (self, self->station, _ ("Receipt"), "receipt-size", sizes);
  add_combo (self, self->station, _ ("Print the receipt"), "receipt-when", whens);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (printer), _ ("Printer (empty: ask)"));
  gtk_editable_set_text (GTK_EDITABLE (printer), till_settings_get_text (settings, "printer") ? till_settings_get_text (settings, "printer") : "");
  g_signal_connect (printer, "changed", G_CALLBACK (printer_cb), settings);
  adw_preferences_group_add (self->station, printer);
  add_servers (self);
}

static void
till_preferences_window_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), TILL_TYPE_PREFERENCES_WINDOW);
  g_clear_object (&TILL_PREFERENCES_WINDOW (object)->context);
  G_OBJECT_CLASS (till_preferences_window_parent_class)->dispose (object);
}

static void
till_preferences_window_class_init (TillPreferencesWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_preferences_window_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/app/till-preferences-window.ui");
  gtk_widget_class_bind_template_child (widget_class, TillPreferencesWindow, general);
  gtk_widget_class_bind_template_child (widget_class, TillPreferencesWindow, station);
  gtk_widget_class_bind_template_child (widget_class, TillPreferencesWindow, servers);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
till_preferences_window_init (TillPreferencesWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWindow *
till_preferences_window_show (GtkWindow *parent, TillContext *context)
{
  TillPreferencesWindow *self = g_object_new (TILL_TYPE_PREFERENCES_WINDOW, "transient-for", parent, "modal", TRUE, NULL);

  self->context = g_object_ref (context);
  add_rows (self);
  gtk_window_present (GTK_WINDOW (self));
  return GTK_WINDOW (self);
}
