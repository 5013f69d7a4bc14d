/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-overview-page.c: asks for totals and one report; at most every 10 s while the feed runs. Computes no money. */
#define G_LOG_DOMAIN "till-overview-page"
#include "config.h"
#include "client/pages/overview/till-overview-page.h"
#include <glib/gi18n.h>
#include "client/model/till-alarm.h"
#include "client/pages/overview/till-overview-tile.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-bar-chart.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-state-chip.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

#define RENEW_S 10
#define DAYS    30
#define ALARMS  8

struct _TillOverviewPage
{
  TillPage parent_instance;
  TillOverviewTile *sales_tile, *waiting_tile, *meters_tile, *fresh_tile, *alarms_tile;
  GtkWidget *money_panel;
  TillChart *chart;
  GtkStack *chart_stack, *alarm_stack;
  GtkLabel *chart_message;
  GtkListBox *alarms;
  GtkWidget *sell_button, *board_button, *meters_button, *report_button;
  guint renew_source;
  gint64 waiting, held, stale;
};

/* Where a count goes when it arrives. */
typedef struct { TillOverviewPage *self; void (*take) (TillOverviewPage *self, gint64 total, JsonArray *items); TillOverviewTile *tile; } Asked;

G_DEFINE_FINAL_TYPE (TillOverviewPage, till_overview_page, TILL_TYPE_PAGE)

static void
total_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Asked *asked = user_data;
  g_autoptr (TillOverviewPage) self = asked->self;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_api_call_finish (TILL_API (source), result, &error);
  JsonObject *object = node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

  if (node == NULL && till_api_error_is_cancelled (error))
    return;
  if (object && json_object_has_member (object, "total") && json_object_has_member (object, "items") &&
      JSON_NODE_HOLDS_ARRAY (json_object_get_member (object, "items")))
    asked->take (self, json_object_get_int_member (object, "total"), json_object_get_array_member (object, "items"));
  else
    till_overview_tile_fail (asked->tile);
}

static void
ask (TillOverviewPage *self, const char *path, const char *query, TillOverviewTile *tile,
     void (*take) (TillOverviewPage *self, gint64 total, JsonArray *items))
{
  TillCall call = { .path = path, .query = query };
  Asked *asked = g_new (Asked, 1);

  *asked = (Asked){ g_object_ref (self), take, tile };
  till_api_call_async (till_context_get_api (till_page_get_context (TILL_PAGE (self))), &call,
                       till_page_get_cancellable (TILL_PAGE (self)), total_cb, asked);
}

static void
show_waiting (TillOverviewPage *self)
{
  g_autofree char *figure = till_format_int (self->waiting + self->held), *note = NULL;

  note = g_strdup_printf (_ ("%d under way · %d held"), (int) self->waiting, (int) self->held);
  till_overview_tile_show (self->waiting_tile, figure, note);
}

static void
take_waiting (TillOverviewPage *self, gint64 total, JsonArray *items)
{
  self->waiting = total;
  show_waiting (self);
}

static void
take_held (TillOverviewPage *self, gint64 total, JsonArray *items)
{
  self->held = total;
  show_waiting (self);
}

static void
show_fresh (TillOverviewPage *self)
{
  guint all = till_board_state_get_n_meters (till_context_get_board (till_page_get_context (TILL_PAGE (self))));
  g_autofree char *figure = NULL, *note = NULL;

  if (all == 0 || self->stale < 0)
    return;
  figure = till_format_percent (MAX ((gint64) all - self->stale, 0) * 100000 / all);
  note = self->stale == 0 ? g_strdup (_ ("all within 3 min"))
                          : g_strdup_printf (g_dngettext (NULL, "%d meter older", "%d meters older", (gulong) self->stale), (int) self->stale);
  {
    g_autofree char *percent = g_strdup_printf ("%s %%", figure);
    till_overview_tile_show (self->fresh_tile, percent, note);
  }
}

static void
take_stale (TillOverviewPage *self, gint64 total, JsonArray *items)
{
  self->stale = total;
  show_fresh (self);
}

static void
add_alarm (TillOverviewPage *self, TillAlarm *alarm)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10), *label;
  g_autofree char *when = till_format_time (till_record_int (alarm, "raised-at"));
  const char *texts[] = { when, till_format_word (&till_words_alarm_kind, till_record_int (alarm, "kind")),
                          till_record_text (alarm, "meter-code") ? till_record_text (alarm, "meter-code") : till_record_text (alarm, "gateway-code"),
                          till_record_text (alarm, "room") };
  GtkWidget *icon = gtk_image_new_from_icon_name (till_state_chip_icon ("severity", till_record_text (alarm, "severity")));

  gtk_widget_add_css_class (icon, g_strcmp0 (till_record_text (alarm, "severity"), "high") == 0 ? "till-error-text" : "till-warning-text");
  gtk_box_append (GTK_BOX (box), icon);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      label = gtk_label_new (texts[i] ? texts[i] : "");
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_ellipsize (GTK_LABEL (label), i == 3 ? PANGO_ELLIPSIZE_START : PANGO_ELLIPSIZE_END);
      gtk_widget_add_css_class (label, i == 0 ? "numeric" : i == 1 ? "till-strong" : "till-secondary");
      gtk_label_set_width_chars (GTK_LABEL (label), i == 1 ? 14 : i == 2 ? 9 : -1);
      gtk_widget_set_hexpand (label, i == 3);
      gtk_box_append (GTK_BOX (box), label);
    }
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_append (self->alarms, row);
}

static void
take_alarms (TillOverviewPage *self, gint64 total, JsonArray *items)
{
  g_autofree char *figure = till_format_int (total);
  GtkListBoxRow *row;
  guint high = 0;
  g_autofree char *note = NULL;

  while ((row = gtk_list_box_get_row_at_index (self->alarms, 0)))
    gtk_list_box_remove (self->alarms, GTK_WIDGET (row));
  for (guint i = 0; i < json_array_get_length (items) && i < ALARMS; i++)
    {
      g_autoptr (TillAlarm) alarm = till_record_new_from_json (TILL_TYPE_ALARM, json_array_get_element (items, i), NULL);
      if (alarm == NULL)
        continue;
      high += g_strcmp0 (till_record_text (alarm, "severity"), "high") == 0;
      add_alarm (self, alarm);
    }
  gtk_stack_set_visible_child_name (self->alarm_stack, total > 0 ? "list" : "quiet");
  note = total == 0 ? g_strdup (_ ("all quiet")) : g_strdup_printf (_ ("%u severe among the newest"), high);
  till_overview_tile_show (self->alarms_tile, figure, note);
}

static void
show_board (TillOverviewPage *self)
{
  TillBoardState *board = till_context_get_board (till_page_get_context (TILL_PAGE (self)));
  guint counts[TILL_N_STATES];
  g_autofree char *figure = till_format_int (till_board_state_get_n_meters (board));
  g_autoptr (GString) note = g_string_new (NULL), words = g_string_new (NULL);

  if (!till_board_state_is_loaded (board))
    return;
  till_board_state_count (board, -1, counts);
  for (guint i = 0; i < TILL_N_STATES; i++)
    if (counts[i] > 0)
      {
        g_string_append_printf (note, "%s%u", note->len ? " · " : "", counts[i]);
        g_string_append_printf (words, "%s%u %s", words->len ? " · " : "", counts[i], till_format_word (&till_words_meter_state, i));
      }
  till_overview_tile_set_shares (self->meters_tile, counts);
  till_overview_tile_show (self->meters_tile, figure, note->str);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->meters_tile), words->str);
  show_fresh (self);
}

static void
show_today (TillOverviewPage *self, TillReport *report, TillDay today)
{
  int day_column = till_report_find_column (report, "day"), sales_column = till_report_find_column (report, "sales"),
      count_column = till_report_find_column (report, "count");
  GListModel *rows = till_report_get_rows (report);
  gint64 now = 0, before = TILL_UNKNOWN, count = 0;
  g_autofree char *figure = NULL, *note = NULL, *last = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (rows) && day_column >= 0 && sales_column >= 0 && count_column >= 0; i++)
    {
      g_autoptr (TillReportRow) row = g_list_model_get_item (rows, i);
      gint64 day = till_report_row_get_int (row, (guint) day_column);

      if (day == today)
        {
          now = till_report_row_get_int (row, (guint) sales_column);
          count = till_report_row_get_int (row, (guint) count_column);
        }
      else if (day == today - 7)
        before = till_report_row_get_int (row, (guint) sales_column);
    }
  figure = till_format_money_sign (now);
  last = till_format_money (before);
  note = g_strdup_printf (g_dngettext (NULL, "%d sale", "%d sales", (gulong) count), (int) count);
  till_overview_tile_show (self->sales_tile, figure, note);
  if (before != TILL_UNKNOWN)
    {
      g_autofree char *tip = g_strdup_printf (_ ("A week ago, the whole day: %s"), last);
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->sales_tile), tip);
    }
}

static TillChartData *
make_chart (TillReport *report, TillDay from, TillDay to)
{
  int day_column = till_report_find_column (report, "day");
  static const struct { const char *column, *name; TillTone tone; gboolean below; } parts[] = {
    { "sales", NC_ ("series", "Sales"), TILL_TONE_ACCENT, FALSE }, { "refunded", NC_ ("series", "Refunds"), TILL_TONE_CAUTION, TRUE },
    { "reversed", NC_ ("series", "Reversals"), TILL_TONE_GREY, TRUE } };
  TillChartData *data = till_chart_data_new (_ ("Sales of the last 30 days"), TILL_MONEY_UNIT, "¥", till_format_money);
  GListModel *rows = till_report_get_rows (report);

  for (guint p = 0; p < G_N_ELEMENTS (parts); p++)
    till_chart_data_add_series (data, g_dpgettext2 (NULL, "series", parts[p].name), parts[p].tone);
  for (TillDay day = from; day <= to; day++)
    {
      char text[TILL_DAY_TEXT];
      till_day_print (day, text);
      till_chart_data_add_category (data, text + 5, text, day);
    }
  for (guint i = 0; day_column >= 0 && i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (TillReportRow) row = g_list_model_get_item (rows, i);
      gint64 day = till_report_row_get_int (row, (guint) day_column);

      for (guint p = 0; p < G_N_ELEMENTS (parts) && day >= from && day <= to; p++)
        {
          int column = till_report_find_column (report, parts[p].column);
          gint64 value = column >= 0 ? till_report_row_get_int (row, (guint) column) : TILL_UNKNOWN;
          till_chart_data_set_value (data, p, (guint) (day - from), value == TILL_UNKNOWN || !parts[p].below ? value : -ABS (value));
        }
    }
  return data;
}

static TillDay
today_of (TillOverviewPage *self)
{
  TillSession *session = till_context_get_session (till_page_get_context (TILL_PAGE (self)));
  return till_zone_day (till_session_get_zone (session), till_session_now (session));
}

static void
report_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillOverviewPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillReport) report = till_report_service_run_finish (TILL_REPORT_SERVICE (source), result, &error);
  g_autoptr (TillChartData) data = NULL;
  g_autofree char *text = NULL;
  TillDay today;

  if (report == NULL)
    {
      if (till_api_error_is_cancelled (error))
        return;
      till_overview_tile_fail (self->sales_tile);
      text = till_api_error_describe (error);
      gtk_label_set_text (self->chart_message, text);
      gtk_stack_set_visible_child_name (self->chart_stack, "message");
      return;
    }
  today = today_of (self);
  show_today (self, report, today);
  data = make_chart (report, today - DAYS + 1, today);
  till_chart_set_data (self->chart, data);
  gtk_stack_set_visible_child_name (self->chart_stack, "chart");
}

static void
ask_report (TillOverviewPage *self)
{
  g_autoptr (TillQuery) query = till_query_new ();
  TillReportCall call = { "sales_daily", query };
  char from[TILL_DAY_TEXT], to[TILL_DAY_TEXT];
  TillDay today = today_of (self);

  till_query_set_filter (query, "from", till_day_print (today - DAYS + 1, from));
  till_query_set_filter (query, "to", till_day_print (today, to));
  till_report_service_run_async (till_context_get_reports (till_page_get_context (TILL_PAGE (self))), &call,
                                 till_page_get_cancellable (TILL_PAGE (self)), report_cb, g_object_ref (self));
}

static void
refresh (TillPage *page)
{
  TillOverviewPage *self = TILL_OVERVIEW_PAGE (page);
  TillSession *session = till_context_get_session (till_page_get_context (page));
  g_autofree char *alarms = g_strdup_printf ("state=open&sort=-raised_at&limit=%d", ALARMS);
  g_autofree char *stale = g_strdup_printf ("min_age_s=%d&limit=1", TILL_FRESH_S);

  show_board (self);
  if (till_session_may (session, TILL_PERMISSION_REPORTS_MONEY))
    ask_report (self);
  if (till_session_may (session, TILL_PERMISSION_SALES_VIEW))
    {
      ask (self, TILL_PATH_SALES, "state=paid,queued,sent,verifying&limit=1", self->waiting_tile, take_waiting);
      ask (self, TILL_PATH_SALES, "state=held&limit=1", self->waiting_tile, take_held);
    }
  if (till_session_may (session, TILL_PERMISSION_METERS_VIEW))
    ask (self, TILL_PATH_METERS, stale, self->fresh_tile, take_stale);
  ask (self, TILL_PATH_ALARMS, alarms, self->alarms_tile, take_alarms);
}

static gboolean
renew_cb (gpointer data)
{
  TillOverviewPage *self = data;

  self->renew_source = 0;
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    refresh (TILL_PAGE (self));
  return G_SOURCE_REMOVE;
}

static void
record_changed (TillPage *page, TillFeedKind kind, const char *id, JsonObject *object)
{
  TillOverviewPage *self = TILL_OVERVIEW_PAGE (page);

  if (self->renew_source == 0)
    self->renew_source = g_timeout_add_seconds (RENEW_S, renew_cb, self);
}

static void
load (TillPage *page)
{
  TillOverviewPage *self = TILL_OVERVIEW_PAGE (page);
  TillContext *context = till_page_get_context (page);
  TillSession *session = till_context_get_session (context);
  gboolean money = till_session_may (session, TILL_PERMISSION_REPORTS_MONEY), meters = till_session_may (session, TILL_PERMISSION_METERS_VIEW);

  gtk_widget_set_visible (GTK_WIDGET (self->sales_tile), money);
  gtk_widget_set_visible (self->money_panel, money);
  gtk_widget_set_visible (self->report_button, money);
  gtk_widget_set_visible (GTK_WIDGET (self->waiting_tile), till_session_may (session, TILL_PERMISSION_SALES_VIEW));
  gtk_widget_set_visible (GTK_WIDGET (self->meters_tile), meters);
  gtk_widget_set_visible (GTK_WIDGET (self->fresh_tile), meters);
  gtk_widget_set_visible (self->board_button, meters);
  gtk_widget_set_visible (self->meters_button, meters);
  gtk_widget_set_visible (self->sell_button, till_session_may (session, TILL_PERMISSION_SALES_SELL));
  g_signal_connect_object (till_context_get_board (context), "reset", G_CALLBACK (show_board), self, G_CONNECT_SWAPPED);
}

static void
till_overview_page_dispose (GObject *object)
{
  g_clear_handle_id (&TILL_OVERVIEW_PAGE (object)->renew_source, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (object), TILL_TYPE_OVERVIEW_PAGE);
  G_OBJECT_CLASS (till_overview_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, TillOverviewPage, sales_tile);
  gtk_widget_class_bind_template_child (widget_class, TillOverviewPage, waiting_tile);
  gtk_widget_class_bind_template_child (widget_class, TillOverviewPage, meters_tile);
  gtk_widget_class_bind_template_child (widget_class, TillOverviewPage, fresh_tile);
  gtk_widget_class_bind_template_child (widget_class, TillOverviewPage, alarms_tile);
  gtk_widget_class_bind_template_child (widget_class, TillOverviewPage, money_panel);
  gtk_widget_class_bind_template_child (widget_class, TillOverviewPage, chart);
  gtk_widget_class_bind_template_child (widget_class, TillOverviewPage, chart_stack);
  gtk_widget_class_bind_template_child (widget_class, TillOverviewPage, chart_message);
  gtk_widget_class_bind_template_child (widget_class, TillOverviewPage, alarm_stack);
  gtk_widget_class_bind_template_child (widget_class, TillOverviewPage, alarms);
  gtk_widget_class_bind_template_child (widget_class, TillOverviewPage, sell_button);
  gtk_widget_class_bind_template_child (widget_class, TillOverviewPage, board_button);
  gtk_widget_class_bind_template_child (widget_class, TillOverviewPage, meters_button);
  gtk_widget_class_bind_template_child (widget_class, TillOverviewPage, report_button);
}

static void
till_overview_page_class_init (TillOverviewPageClass *klass)
{
  TillPageClass *page_class = TILL_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_overview_page_dispose;
  page_class->load = load;
  page_class->entered = refresh;
  page_class->refresh = refresh;
  page_class->record_changed = record_changed;
  g_type_ensure (TILL_TYPE_OVERVIEW_TILE);
  g_type_ensure (TILL_TYPE_BAR_CHART);
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass), "/org/gridtill/Client/pages/overview/till-overview-page.ui");
  bind_children (GTK_WIDGET_CLASS (klass));
}

static void
till_overview_page_init (TillOverviewPage *self)
{
  self->stale = -1;
  gtk_widget_init_template (GTK_WIDGET (self));
}
