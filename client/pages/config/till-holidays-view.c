/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-holidays-view.c: see till-holidays-view.h. */
#define G_LOG_DOMAIN "till-holidays-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-holiday.h"
#include "client/pages/config/till-holidays-view.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-editor-window.h"
#include "shared/api/till-paths.h"

#define DAYS_MAX 62 /* two months at once: longer is a mistake of typing */

struct _TillHolidaysView {
  TillListPage parent_instance;
  GtkDropDown *kind;
};

G_DEFINE_FINAL_TYPE (TillHolidaysView, till_holidays_view, TILL_TYPE_LIST_PAGE)

static const char *const kinds[] = { "holiday", "restday", "workday", NULL };

static const TillEditField fields[] = {
  { "day", N_ ("Days"), N_ ("First day (YYYY-MM-DD)"), TILL_EDIT_TEXT, TRUE },
  { "until", N_ ("Days"), N_ ("Last day, of several"), TILL_EDIT_TEXT },
  { "kind", N_ ("Days"), N_ ("Counts as"), TILL_EDIT_CHOICE, TRUE, FALSE, "day-kind", kinds },
  { "name", N_ ("Days"), N_ ("Name, as people know it"), TILL_EDIT_TEXT },
};

static TillPlantService *
service (gpointer page)
{
  return till_context_get_plant (till_page_get_context (TILL_PAGE (page)));
}

/* --- setting --- */

static void
set_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillEditorWindow) window = user_data;
  GtkWidget *page = g_object_get_data (G_OBJECT (window), "till-page");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_record_finish (TILL_PLANT_SERVICE (source), result, &error);

  if (node == NULL)
    {
      g_autofree char *text = till_api_error_describe (error);

      till_editor_window_fail (window, error, text);
      return;
    }
  till_report_done (page, _ ("The calendar is saved"));
  till_page_refresh (TILL_PAGE (page));
  gtk_window_destroy (GTK_WINDOW (window));
}

static const char *
text_of (JsonObject *values, const char *member)
{
  return json_object_get_string_member_with_default (values, member, NULL);
}

/* "2026-10-01"; NULL: not a day. */
static GDateTime *
day_of (const char *text)
{
  g_autofree char *moment = g_strconcat (text != NULL ? text : "", "T00:00:00Z", NULL);

  return g_date_time_new_from_iso8601 (moment, NULL);
}

/* NULL: the days are none, and the window says so. */
static JsonNode *
make_days (TillEditorWindow *window, JsonObject *values)
{
  const char *from = text_of (values, "day"), *until = text_of (values, "until");
  g_autoptr (GDateTime) first = day_of (from), last = day_of (until != NULL ? until : from);
  JsonNode *node;
  JsonArray *days;
  int n = first != NULL && last != NULL ? (int) (g_date_time_difference (last, first) / G_TIME_SPAN_DAY) + 1 : 0;

  if (n < 1 || n > DAYS_MAX)
    {
      till_editor_window_fail (window, NULL, first == NULL || last == NULL ? _ ("A day is written 2026-10-01.")
                                             : n < 1                       ? _ ("The last day lies before the first.")
                                                                           : _ ("Two months at once at most."));
      return NULL;
    }
  node = json_node_new (JSON_NODE_OBJECT);
  days = json_array_new ();
  json_node_take_object (node, json_object_new ());
  json_object_set_array_member (json_node_get_object (node), "days", days);
  for (int i = 0; i < n; i++)
    {
      g_autoptr (GDateTime) day = g_date_time_add_days (first, i);
      g_autofree char *text = g_date_time_format (day, "%Y-%m-%d");
      JsonObject *one = json_object_new ();

      json_object_set_string_member (one, "day", text);
      json_object_set_string_member (one, "kind", text_of (values, "kind"));
      if (text_of (values, "name") != NULL)
        json_object_set_string_member (one, "name", text_of (values, "name"));
      json_array_add_object_element (days, one);
    }
  return node;
}

static void
save_cb (TillEditorWindow *window, JsonNode *body, GtkWidget *page)
{
  g_autoptr (JsonNode) days = make_days (window, json_node_get_object (body));

  if (days != NULL)
    till_plant_service_set_days_async (service (page), days, NULL, set_cb, g_object_ref (window));
}

static void
new_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillEditorWindow *window = till_editor_window_new (widget, _ ("Set days"), _ ("Save"));

  till_editor_window_set_fields (window, fields, G_N_ELEMENTS (fields));
  g_object_set_data_full (G_OBJECT (window), "till-page", g_object_ref (widget), g_object_unref);
  g_signal_connect_object (window, "saved", G_CALLBACK (save_cb), widget, 0);
  gtk_window_set_default_size (GTK_WINDOW (window), 520, 420);
  gtk_window_present (GTK_WINDOW (window));
}

/* --- taking back --- */

static void
dropped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) window = user_data;
  GtkWidget *page = g_object_get_data (G_OBJECT (window), "till-page");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_record_finish (TILL_PLANT_SERVICE (source), result, &error);

  if (node == NULL)
    {
      g_autofree char *text = till_api_error_describe (error);

      till_ask_window_fail (window, text);
      return;
    }
  till_report_done (page, _ ("The calendar is saved"));
  till_page_refresh (TILL_PAGE (page));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
drop_cb (TillAskWindow *window, const char *answer, GtkWidget *page)
{
  till_plant_service_drop_day_async (service (page), g_object_get_data (G_OBJECT (window), "till-day"), NULL, dropped_cb, g_object_ref (window));
}

static void
drop_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gpointer day = till_list_page_get_selected (TILL_LIST_PAGE (widget));
  TillAsk ask = { .title = _ ("Take this day back?"), .action = _ ("Take back"), .destructive = TRUE,
                  .intro = _ ("The day counts again as what its weekday says.") };
  TillAskWindow *window;

  if (day == NULL)
    return;
  window = till_ask_window_new (widget, &ask);
  till_ask_window_add_fact (window, _ ("Day"), till_record_key (day));
  till_ask_window_add_fact (window, C_ ("calendar", "Name"), till_record_text (day, "name"));
  g_object_set_data_full (G_OBJECT (window), "till-page", g_object_ref (widget), g_object_unref);
  g_object_set_data_full (G_OBJECT (window), "till-day", g_strdup (till_record_key (day)), g_free);
  g_signal_connect_object (window, "answered", G_CALLBACK (drop_cb), widget, 0);
  gtk_window_present (GTK_WINDOW (window));
}

/* --- page --- */

static void
put_filters (TillListPage *page, TillQuery *query)
{
  guint chosen = gtk_drop_down_get_selected (TILL_HOLIDAYS_VIEW (page)->kind);

  till_query_set_filter (query, "kind", chosen >= 1 && chosen <= 3 ? kinds[chosen - 1] : NULL);
}

static void
clear_filters (TillListPage *page)
{
  gtk_drop_down_set_selected (TILL_HOLIDAYS_VIEW (page)->kind, 0);
}

static void
selected (TillListPage *page, gpointer day)
{
  gboolean edit = till_session_may (till_context_get_session (till_page_get_context (TILL_PAGE (page))), TILL_PERMISSION_TARIFFS_EDIT);

  gtk_widget_action_set_enabled (GTK_WIDGET (page), "holidays.new", edit);
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "holidays.drop", edit && day != NULL);
}

static void
till_holidays_view_dispose (GObject *object)
{
  till_list_page_dispose_template (TILL_LIST_PAGE (object), TILL_TYPE_HOLIDAYS_VIEW);
  G_OBJECT_CLASS (till_holidays_view_parent_class)->dispose (object);
}

static void
till_holidays_view_class_init (TillHolidaysViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillListPageClass *list_class = TILL_LIST_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_holidays_view_dispose;
  list_class->path = TILL_PATH_HOLIDAYS;
  list_class->get_record_type = till_holiday_get_type;
  list_class->sort = "day";
  list_class->descending = TRUE;
  list_class->export_name = N_ ("calendar");
  list_class->put_filters = put_filters;
  list_class->clear_filters = clear_filters;
  list_class->selected = selected;
  gtk_widget_class_install_action (widget_class, "holidays.new", NULL, new_action);
  gtk_widget_class_install_action (widget_class, "holidays.drop", NULL, drop_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_n, GDK_CONTROL_MASK, "holidays.new", NULL);
  g_type_ensure (TILL_TYPE_HOLIDAY);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/config/till-holidays-view.ui");
  till_list_page_class_bind (list_class, FALSE);
  gtk_widget_class_bind_template_child (widget_class, TillHolidaysView, kind);
}

static void
till_holidays_view_init (TillHolidaysView *self)
{
  till_list_page_init_template (TILL_LIST_PAGE (self));
}
