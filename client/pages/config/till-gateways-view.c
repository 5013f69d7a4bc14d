/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-gateways-view.c: see till-gateways-view.h. Figures come from the report `freshness`, so that screen and sheet agree; they and the
 * list are asked for again every 15 s while the view is shown. */
#define G_LOG_DOMAIN "till-gateways-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/config/till-gateway-editor.h"
#include "client/pages/config/till-gateway-window.h"
#include "client/pages/config/till-gateways-view.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-format.h"
#include "shared/api/till-paths.h"

#define REFRESH_S 15

struct _TillGatewaysView {
  TillListPage parent_instance;
  GtkDropDown *presence;
  GtkLabel    *links, *fresh, *fresh_note, *oldest, *oldest_note, *lost, *lost_note, *links_note;
  guint        tick;
};

G_DEFINE_FINAL_TYPE (TillGatewaysView, till_gateways_view, TILL_TYPE_LIST_PAGE)

/* --- figures --- */

typedef struct { gint64 gateways, online, circuits, fresh, stale, lost, never, oldest; } Figures;

static gint64
cell (TillReport *report, TillReportRow *row, const char *name)
{
  int column = till_report_find_column (report, name);
  gint64 value = column >= 0 ? till_report_row_get_int (row, (guint) column) : TILL_UNKNOWN;

  return value == TILL_UNKNOWN ? 0 : value;
}

static void
add_up (TillReport *report, Figures *ret_figures)
{
  GListModel *rows = till_report_get_rows (report);
  guint n = g_list_model_get_n_items (rows);

  *ret_figures = (Figures){ .gateways = n };
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TillReportRow) row = g_list_model_get_item (rows, i);

      ret_figures->online += cell (report, row, "online");
      ret_figures->circuits += cell (report, row, "circuits");
      ret_figures->fresh += cell (report, row, "fresh");
      ret_figures->stale += cell (report, row, "stale");
      ret_figures->lost += cell (report, row, "lost");
      ret_figures->never += cell (report, row, "never");
      ret_figures->oldest = MAX (ret_figures->oldest, cell (report, row, "age_max"));
    }
}

static void
set_figure (GtkLabel *label, char *text)
{
  gtk_label_set_text (label, text);
  g_free (text);
}

static void
show_figures (TillGatewaysView *self, const Figures *f)
{
  g_autofree char *fresh = till_format_int (f->fresh), *circuits = till_format_int (f->circuits), *never = till_format_int (f->never);

  set_figure (self->links, g_strdup_printf ("%" G_GINT64_FORMAT " / %" G_GINT64_FORMAT, f->online, f->gateways));
  gtk_label_set_text (self->links_note, f->online == f->gateways ? _ ("every gateway has its link") : _ ("some gateways have no link"));
  set_figure (self->fresh, f->circuits > 0 ? g_strdup_printf ("%d.%d %%", (int) (f->fresh * 100 / f->circuits), (int) (f->fresh * 1000 / f->circuits % 10))
                                           : g_strdup (TILL_DASH));
  set_figure (self->fresh_note, g_strdup_printf (_ ("%s of %s within 3 minutes"), fresh, circuits));
  set_figure (self->oldest, f->oldest > 0 ? till_format_age (f->oldest) : g_strdup (TILL_DASH));
  if (f->stale > 0)
    set_figure (self->oldest_note, g_strdup_printf (ngettext ("%d meter is older than 3 minutes", "%d meters are older than 3 minutes",
                                                              (gulong) f->stale), (int) f->stale));
  else
    gtk_label_set_text (self->oldest_note, _ ("none is older than 3 minutes"));
  set_figure (self->lost, till_format_int (f->lost));
  set_figure (self->lost_note, g_strdup_printf (_ ("%s never read"), never));
}

static void
figures_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillGatewaysView) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillReport) report = till_report_service_run_finish (TILL_REPORT_SERVICE (source), result, &error);
  Figures figures;

  if (report == NULL)
    {
      if (!till_api_error_is_cancelled (error))
        gtk_label_set_text (self->fresh_note, _ ("not known now"));
      return;
    }
  add_up (report, &figures);
  show_figures (self, &figures);
}

static void
ask_figures (TillGatewaysView *self)
{
  TillContext *context = till_page_get_context (TILL_PAGE (self));
  g_autoptr (TillQuery) query = NULL;
  TillReportCall call = { "freshness", NULL };

  if (!till_session_may (till_context_get_session (context), TILL_PERMISSION_REPORTS_ENERGY))
    return;
  call.query = query = till_query_new ();
  till_report_service_run_async (till_context_get_reports (context), &call, till_page_get_cancellable (TILL_PAGE (self)), figures_cb, g_object_ref (self));
}

static gboolean
tick_cb (gpointer user_data)
{
  TillGatewaysView *self = user_data;

  till_list_page_reload (TILL_LIST_PAGE (self));
  ask_figures (self);
  return G_SOURCE_CONTINUE;
}

/* --- page --- */

static void
entered (TillPage *page)
{
  ask_figures (TILL_GATEWAYS_VIEW (page));
}

static void
refresh (TillPage *page)
{
  tick_cb (page);
}

static void
map (GtkWidget *widget)
{
  TillGatewaysView *self = TILL_GATEWAYS_VIEW (widget);

  GTK_WIDGET_CLASS (till_gateways_view_parent_class)->map (widget);
  if (self->tick == 0)
    self->tick = g_timeout_add_seconds (REFRESH_S, tick_cb, self);
}

static void
unmap (GtkWidget *widget)
{
  g_clear_handle_id (&TILL_GATEWAYS_VIEW (widget)->tick, g_source_remove);
  GTK_WIDGET_CLASS (till_gateways_view_parent_class)->unmap (widget);
}

/* "new": what the first steps send people here for. */
static void
open_target (TillPage *page, const char *target)
{
  if (g_str_equal (target, "new"))
    gtk_widget_activate_action (GTK_WIDGET (page), "gateways.new", NULL);
}

static void
put_filters (TillListPage *page, TillQuery *query)
{
  static const char *const online[] = { NULL, "true", "false" };
  guint chosen = gtk_drop_down_get_selected (TILL_GATEWAYS_VIEW (page)->presence);

  till_query_set_filter (query, "online", chosen < G_N_ELEMENTS (online) ? online[chosen] : NULL);
}

static void
clear_filters (TillListPage *page)
{
  gtk_drop_down_set_selected (TILL_GATEWAYS_VIEW (page)->presence, 0);
}

static void
activated (TillListPage *page, gpointer gateway)
{
  till_gateway_window_show (GTK_WIDGET (page), till_page_get_context (TILL_PAGE (page)), till_record_int (gateway, "id"));
}

static void
record_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gpointer gateway = till_list_page_get_selected (TILL_LIST_PAGE (widget));

  if (g_str_equal (name, "gateways.new"))
    till_gateway_editor_new (TILL_PAGE (widget));
  else if (gateway != NULL)
    till_gateway_editor_edit (TILL_PAGE (widget), till_record_int (gateway, "id"));
}

static void
selected (TillListPage *page, gpointer gateway)
{
  gboolean edit = till_session_may (till_context_get_session (till_page_get_context (TILL_PAGE (page))), TILL_PERMISSION_PLANT_EDIT);

  gtk_widget_action_set_enabled (GTK_WIDGET (page), "gateways.new", edit);
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "gateways.edit", edit && gateway != NULL);
}

static void
lost_cb (TillGatewaysView *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-page", "(ss)", "meters", "state:lost");
}

static void
till_gateways_view_dispose (GObject *object)
{
  g_clear_handle_id (&TILL_GATEWAYS_VIEW (object)->tick, g_source_remove);
  till_list_page_dispose_template (TILL_LIST_PAGE (object), TILL_TYPE_GATEWAYS_VIEW);
  G_OBJECT_CLASS (till_gateways_view_parent_class)->dispose (object);
}

static void
till_gateways_view_class_init (TillGatewaysViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillListPageClass *list_class = TILL_LIST_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_gateways_view_dispose;
  widget_class->map = map;
  widget_class->unmap = unmap;
  TILL_PAGE_CLASS (klass)->entered = entered;
  TILL_PAGE_CLASS (klass)->refresh = refresh;
  TILL_PAGE_CLASS (klass)->open_target = open_target;
  list_class->path = TILL_PATH_GATEWAYS;
  list_class->get_record_type = till_gateway_get_type;
  list_class->sort = "code";
  list_class->export_name = N_ ("gateways");
  list_class->put_filters = put_filters;
  list_class->clear_filters = clear_filters;
  list_class->activated = activated;
  list_class->selected = selected;
  gtk_widget_class_install_action (widget_class, "gateways.new", NULL, record_action);
  gtk_widget_class_install_action (widget_class, "gateways.edit", NULL, record_action);
  g_type_ensure (TILL_TYPE_GATEWAY);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/config/till-gateways-view.ui");
  till_list_page_class_bind (list_class, TRUE);
  gtk_widget_class_bind_template_child (widget_class, TillGatewaysView, presence);
  gtk_widget_class_bind_template_child (widget_class, TillGatewaysView, links);
  gtk_widget_class_bind_template_child (widget_class, TillGatewaysView, links_note);
  gtk_widget_class_bind_template_child (widget_class, TillGatewaysView, fresh);
  gtk_widget_class_bind_template_child (widget_class, TillGatewaysView, fresh_note);
  gtk_widget_class_bind_template_child (widget_class, TillGatewaysView, oldest);
  gtk_widget_class_bind_template_child (widget_class, TillGatewaysView, oldest_note);
  gtk_widget_class_bind_template_child (widget_class, TillGatewaysView, lost);
  gtk_widget_class_bind_template_child (widget_class, TillGatewaysView, lost_note);
  gtk_widget_class_bind_template_callback (widget_class, lost_cb);
}

static void
till_gateways_view_init (TillGatewaysView *self)
{
  till_list_page_init_template (TILL_LIST_PAGE (self));
}
