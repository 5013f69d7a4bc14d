/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-gateway-window.c: see till-gateway-window.h. Asks again every 5 s while it is open. */
#define G_LOG_DOMAIN "till-gateway-window"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/config/till-discovery-window.h"
#include "client/pages/config/till-gateway-window.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-file-dialog.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-state-chip.h"
#include "client/widgets/till-strip.h"
#include "client/widgets/till-table.h"
#include "shared/api/till-paths.h"

#define REFRESH_S 5

struct _TillGatewayWindow {
  AdwWindow       parent_instance;
  TillContext    *context;
  gint64          id;
  TillGateway    *gateway;
  GCancellable   *cancellable;
  AdwWindowTitle *heading;
  TillStrip      *strip;
  TillStateChip  *chip;
  GtkGrid        *facts;
  TillTable      *captures;
  TillPagedList  *list;
  guint           tick;
};

static void reporter_init (TillReporterInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TillGatewayWindow, till_gateway_window, ADW_TYPE_WINDOW, G_IMPLEMENT_INTERFACE (TILL_TYPE_REPORTER, reporter_init))

static const struct { const char *field, *title, *unit; } facts[] = {
  { "link-class", NC_ ("gateway", "Link class"), NULL },
  { "rtt-ms", NC_ ("gateway", "Round trip"), "ms" },
  { "error-rate", NC_ ("gateway", "Errors"), "%" },
  { "age-s", NC_ ("gateway", "Oldest state"), NULL },
  { "meters", NC_ ("gateway", "Meters"), NULL },
  { "lost", NC_ ("gateway", "Lost"), NULL },
  { "requests", NC_ ("gateway", "Requests"), NULL },
  { "failures", NC_ ("gateway", "Failures"), NULL },
  { "since", NC_ ("gateway", "Link since"), NULL },
  { "last-seen", NC_ ("gateway", "Last seen"), NULL },
  { "link", NC_ ("gateway", "Connection"), NULL },
  { "address", NC_ ("gateway", "Address"), NULL },
  { "status-interval-s", NC_ ("gateway", "Poll every"), "s" },
  { "full-interval-s", NC_ ("gateway", "Reading every"), "s" },
};

static void
add_fact (TillGatewayWindow *self, guint i)
{
  const TillField *field = till_record_type_find_field (TILL_TYPE_GATEWAY, facts[i].field);
  g_autofree char *value = till_format_field (self->gateway, field), *text = NULL;
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *title = gtk_label_new (g_dpgettext2 (NULL, "gateway", facts[i].title)), *label;

  text = facts[i].unit != NULL && till_record_known (self->gateway, facts[i].field) ? g_strdup_printf ("%s %s", value, facts[i].unit) : g_strdup (value);
  label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (title, "title");
  gtk_widget_add_css_class (label, i < 4 ? "figure" : "numeric");
  gtk_widget_add_css_class (card, "till-card");
  gtk_widget_set_hexpand (card, TRUE);
  gtk_box_append (GTK_BOX (card), title);
  gtk_box_append (GTK_BOX (card), label);
  gtk_grid_attach (self->facts, card, (int) i % 4, (int) i / 4, 1, 1);
}

static void
show_gateway (TillGatewayWindow *self)
{
  GtkWidget *child;

  adw_window_title_set_title (self->heading, till_record_text (self->gateway, "code"));
  adw_window_title_set_subtitle (self->heading, till_record_text (self->gateway, "name"));
  gtk_window_set_title (GTK_WINDOW (self), till_record_text (self->gateway, "code"));
  till_state_chip_set_value (self->chip, till_record_int (self->gateway, "online"));
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->facts))) != NULL)
    gtk_grid_remove (self->facts, child);
  for (guint i = 0; i < G_N_ELEMENTS (facts); i++)
    add_fact (self, i);
}

static void
gateway_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillGatewayWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillGateway) gateway = till_plant_service_get_gateway_finish (TILL_PLANT_SERVICE (source), result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (gateway == NULL)
    {
      till_report_error (GTK_WIDGET (self), TILL_REPORT_LOAD, error);
      return;
    }
  till_strip_hide (self->strip);
  g_set_object (&self->gateway, gateway);
  show_gateway (self);
}

static void
reload (TillGatewayWindow *self)
{
  till_plant_service_get_gateway_async (till_context_get_plant (self->context), self->id, self->cancellable, gateway_cb, g_object_ref (self));
  if (self->list != NULL)
    till_paged_list_reload (self->list);
}

static gboolean
tick_cb (gpointer user_data)
{
  reload (user_data);
  return G_SOURCE_CONTINUE;
}

/* --- captures --- */

static void
ordered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) ask = user_data;
  TillGatewayWindow *self = g_object_get_data (G_OBJECT (ask), "till-window");
  g_autoptr (GError) error = NULL;
  g_autoptr (TillCapture) capture = till_plant_service_capture_finish (TILL_PLANT_SERVICE (source), result, &error);

  if (capture == NULL)
    {
      g_autofree char *text = till_api_error_describe (error);

      till_ask_window_fail (ask, text);
      return;
    }
  gtk_window_destroy (GTK_WINDOW (ask));
  reload (self);
}

static void
record_cb (TillAskWindow *ask, const char *answer, TillGatewayWindow *self)
{
  TillCaptureOrder order = { self->id, (guint) g_ascii_strtoull (till_ask_window_get_choice (ask), NULL, 10) };

  till_plant_service_capture_async (till_context_get_plant (self->context), &order, self->cancellable, ordered_cb, g_object_ref (ask));
}

static void
record_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  static const char *const minutes[] = { "1", "5", "15", "60" };
  TillAsk ask = { .title = _ ("Capture"), .action = _ ("Record"),
                  .intro = _ ("Everything that goes over the link is recorded for support: requests, answers, noise, times. No key is in it.") };
  TillAskWindow *window = till_ask_window_new (widget, &ask);

  for (guint i = 0; i < G_N_ELEMENTS (minutes); i++)
    {
      g_autofree char *label = g_strdup_printf (ngettext ("%d minute", "%d minutes", (gulong) g_ascii_strtoull (minutes[i], NULL, 10)),
                                                (int) g_ascii_strtoull (minutes[i], NULL, 10));

      till_ask_window_add_choice (window, &(TillAskChoice){ minutes[i], label, NULL, NULL });
    }
  g_object_set_data_full (G_OBJECT (window), "till-window", g_object_ref (widget), g_object_unref);
  g_signal_connect_object (window, "answered", G_CALLBACK (record_cb), widget, 0);
  gtk_window_present (GTK_WINDOW (window));
}

static void
discover_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillGatewayWindow *self = TILL_GATEWAY_WINDOW (widget);

  if (self->gateway != NULL)
    g_signal_connect_object (till_discovery_window_show (widget, self->context, self->id, till_record_text (self->gateway, "code")), "added",
                             G_CALLBACK (reload), self, G_CONNECT_SWAPPED);
}

typedef struct { TillGatewayWindow *self; gint64 n; } Save;

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillGatewayWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!till_plant_service_save_capture_finish (TILL_PLANT_SERVICE (source), result, &error))
    till_report_error (GTK_WIDGET (self), TILL_REPORT_ACTION, error);
  else
    till_strip_show (self->strip, TILL_STRIP_INFO, _ ("The capture is saved."), NULL);
}

static void
target_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Save *save = user_data;
  g_autoptr (TillGatewayWindow) self = save->self;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) target = till_file_dialog_save_finish (GTK_WIDGET (source), result, &error);
  TillCaptureFile file = { self->id, save->n, target };

  if (target != NULL)
    till_plant_service_save_capture_async (till_context_get_plant (self->context), &file, self->cancellable, saved_cb, g_object_ref (self));
}

static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillGatewayWindow *self = TILL_GATEWAY_WINDOW (widget);
  gpointer capture = till_table_get_selected (self->captures);
  g_autofree char *file = NULL;
  Save *save;

  if (capture == NULL || self->gateway == NULL)
    return;
  save = g_new0 (Save, 1);
  *save = (Save){ g_object_ref (self), till_record_int (capture, "id") };
  file = g_strdup_printf ("%s-%" G_GINT64_FORMAT ".jsonl", till_record_text (self->gateway, "code"), save->n);
  till_file_dialog_save_async (widget, &(TillSaveDialog){ _ ("Save capture"), file }, self->cancellable, target_cb, save);
}

static void
selection_cb (TillGatewayWindow *self)
{
  gpointer capture = till_table_get_selected (self->captures);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "gateway.save", capture != NULL && till_record_int (capture, "lines") > 0);
}

static void
fill_captures (TillGatewayWindow *self)
{
  g_autoptr (TillQuery) query = till_query_new ();
  g_autofree char *path = g_strdup_printf (TILL_PATH_GATEWAYS "/%" G_GINT64_FORMAT "/captures", self->id);

  self->list = till_context_make_list (self->context, path, TILL_TYPE_CAPTURE, query);
  till_table_set_model (self->captures, G_LIST_MODEL (self->list));
  g_signal_connect_object (till_table_get_selection (self->captures), "selection-changed", G_CALLBACK (selection_cb), self, G_CONNECT_SWAPPED);
}

/* --- window --- */

static void
retry_cb (TillGatewayWindow *self)
{
  till_strip_hide (self->strip);
  reload (self);
}

static gboolean
report (TillReporter *reporter, TillReportKind kind, const GError *error)
{
  g_autofree char *text = till_api_error_describe (error);

  till_strip_show (TILL_GATEWAY_WINDOW (reporter)->strip, TILL_STRIP_ERROR, text, kind == TILL_REPORT_LOAD ? _ ("Retry") : NULL);
  return TRUE;
}

static void
reporter_init (TillReporterInterface *iface)
{
  iface->report = report;
}

/* Calls under way hold the window, so dispose would come too late; the main window may be gone by then, too. */
static void
till_gateway_window_unmap (GtkWidget *widget)
{
  g_cancellable_cancel (TILL_GATEWAY_WINDOW (widget)->cancellable);
  g_clear_handle_id (&TILL_GATEWAY_WINDOW (widget)->tick, g_source_remove);
  gtk_window_set_transient_for (GTK_WINDOW (widget), NULL);
  GTK_WIDGET_CLASS (till_gateway_window_parent_class)->unmap (widget);
}

static void
till_gateway_window_dispose (GObject *object)
{
  TillGatewayWindow *self = TILL_GATEWAY_WINDOW (object);

  g_clear_handle_id (&self->tick, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  if (self->captures != NULL)
    till_table_set_model (self->captures, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TILL_TYPE_GATEWAY_WINDOW);
  g_clear_object (&self->list);
  g_clear_object (&self->gateway);
  g_clear_object (&self->context);
  G_OBJECT_CLASS (till_gateway_window_parent_class)->dispose (object);
}

static void
till_gateway_window_finalize (GObject *object)
{
  g_object_unref (TILL_GATEWAY_WINDOW (object)->cancellable);
  G_OBJECT_CLASS (till_gateway_window_parent_class)->finalize (object);
}

static void
till_gateway_window_class_init (TillGatewayWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_gateway_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = till_gateway_window_finalize;
  widget_class->unmap = till_gateway_window_unmap;
  g_type_ensure (TILL_TYPE_STRIP);
  g_type_ensure (TILL_TYPE_STATE_CHIP);
  g_type_ensure (TILL_TYPE_TABLE);
  g_type_ensure (TILL_TYPE_COLUMN);
  gtk_widget_class_install_action (widget_class, "gateway.discover", NULL, discover_action);
  gtk_widget_class_install_action (widget_class, "gateway.record", NULL, record_action);
  gtk_widget_class_install_action (widget_class, "gateway.save", NULL, save_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/config/till-gateway-window.ui");
  gtk_widget_class_bind_template_child (widget_class, TillGatewayWindow, heading);
  gtk_widget_class_bind_template_child (widget_class, TillGatewayWindow, strip);
  gtk_widget_class_bind_template_child (widget_class, TillGatewayWindow, chip);
  gtk_widget_class_bind_template_child (widget_class, TillGatewayWindow, facts);
  gtk_widget_class_bind_template_child (widget_class, TillGatewayWindow, captures);
  gtk_widget_class_bind_template_callback (widget_class, retry_cb);
}

static void
till_gateway_window_init (TillGatewayWindow *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWindow *
till_gateway_window_show (GtkWidget *parent, TillContext *context, gint64 gateway)
{
  TillGatewayWindow *self = g_object_new (TILL_TYPE_GATEWAY_WINDOW, "transient-for", gtk_widget_get_root (parent), "destroy-with-parent", TRUE, NULL);
  gboolean edit = till_session_may (till_context_get_session (context), TILL_PERMISSION_PLANT_EDIT);

  self->context = g_object_ref (context);
  self->id = gateway;
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "gateway.discover", edit);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "gateway.record", edit);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "gateway.save", FALSE);
  if (edit)
    fill_captures (self);
  self->tick = g_timeout_add_seconds (REFRESH_S, tick_cb, self);
  reload (self);
  gtk_window_present (GTK_WINDOW (self));
  return GTK_WINDOW (self);
}
