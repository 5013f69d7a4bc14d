/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-report-view.c: see till-report-view.h. Columns come with the report; their kinds give format and alignment. */
#define G_LOG_DOMAIN "till-report-view"
#include "config.h"
#include <adwaita.h>
#include <glib/gi18n.h>
#include "client/pages/reports/till-report-view.h"
#include "client/widgets/till-bar-chart.h"
#include "client/widgets/till-format.h"

struct _TillReportView {
  GtkWidget      parent_instance;
  GtkStack      *stack;
  GtkBox        *box;
  GtkWidget     *chart, *chart_frame, *scroller, *spinner, *empty;
  GtkColumnView *view;
  GtkLabel      *seal;
  TillReport    *report;
  gint64         today;
  TillReportShow show;
};

G_DEFINE_FINAL_TYPE (TillReportView, till_report_view, GTK_TYPE_WIDGET)

static char *
cell_text (TillReportView *self, TillReportRow *row, guint column)
{
  const TillReportColumn *c = till_report_get_column (self->report, column);
  gboolean total = row == till_report_get_totals (self->report);
  gint64 value = till_report_row_get_int (row, column);
  g_autofree char *text = NULL;

  if (total && column == 0)
    return g_strdup (C_ ("report", "Total"));
  if (total && value == TILL_UNKNOWN && till_report_row_get_text (row, column) == NULL)
    return g_strdup ("");
  text = till_format_kind (c->kind, value, till_report_row_get_text (row, column));
  if (c->kind == TILL_FIELD_DAY && value != TILL_UNKNOWN && value == self->today)
    return g_strdup_printf (_("%s so far"), text);
  return g_steal_pointer (&text);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  TillReportView *self = user_data;
  guint column = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (factory), "column"));
  TillReportRow *row = gtk_list_item_get_item (item);
  GtkWidget *label = gtk_list_item_get_child (item);
  g_autofree char *text = cell_text (self, row, column);

  gtk_label_set_text (GTK_LABEL (label), text);
  if (row == till_report_get_totals (self->report))
    gtk_widget_add_css_class (label, "till-strong");
  else
    gtk_widget_remove_css_class (label, "till-strong");
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  gboolean numeric = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (factory), "numeric"));
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), numeric ? 1 : 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
add_column (TillReportView *self, guint index)
{
  const TillReportColumn *c = till_report_get_column (self->report, index);
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autofree char *title = c->unit != NULL && c->unit[0] != '\0' ? g_strdup_printf ("%s (%s)", c->title, c->unit) : g_strdup (c->title);
  g_autoptr (GtkColumnViewColumn) column = NULL;

  g_object_set_data (G_OBJECT (factory), "column", GUINT_TO_POINTER (index));
  g_object_set_data (G_OBJECT (factory), "numeric", GINT_TO_POINTER (till_format_is_numeric (c->kind)));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  column = gtk_column_view_column_new (title, factory);
  gtk_column_view_column_set_fixed_width (column, index == 0 ? 152 : 112);
  gtk_column_view_column_set_resizable (column, TRUE);
  gtk_column_view_append_column (self->view, column);
}

/* Titles of numbers stand over their numbers: the box in each header title is pushed to the right. */
static void
align_titles (TillReportView *self)
{
  GtkWidget *header = gtk_widget_get_first_child (GTK_WIDGET (self->view));
  GtkWidget *title = header != NULL ? gtk_widget_get_first_child (header) : NULL;

  for (guint i = 0; title != NULL && i < till_report_get_n_columns (self->report); i++, title = gtk_widget_get_next_sibling (title))
    {
      GtkWidget *box = gtk_widget_get_first_child (title);
      if (box != NULL && till_format_is_numeric (till_report_get_column (self->report, i)->kind))
        gtk_widget_set_halign (box, GTK_ALIGN_END);
    }
}

static void
fill_table (TillReportView *self)
{
  GListModel *columns = gtk_column_view_get_columns (self->view);
  g_autoptr (GListStore) rows = g_list_store_new (TILL_TYPE_REPORT_ROW);
  GListModel *all = till_report_get_rows (self->report);
  g_autoptr (GtkNoSelection) model = NULL;

  gtk_column_view_set_model (self->view, NULL);
  while (g_list_model_get_n_items (columns) > 0)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, 0);
      gtk_column_view_remove_column (self->view, column);
    }
  for (guint i = 0; i < till_report_get_n_columns (self->report); i++)
    add_column (self, i);
  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GObject) row = g_list_model_get_item (all, i);
      g_list_store_append (rows, row);
    }
  if (till_report_get_totals (self->report) != NULL)
    g_list_store_append (rows, till_report_get_totals (self->report));
  model = gtk_no_selection_new (G_LIST_MODEL (g_steal_pointer (&rows)));
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (model));
  align_titles (self);
}

/* Money by day: sales as bars; what was taken back hangs below the axis. */
static void
fill_chart (TillReportView *self, const char *title)
{
  int sales = till_report_find_column (self->report, "sales"), reversed = till_report_find_column (self->report, "reversed");
  int refunded = till_report_find_column (self->report, "refunded");
  GListModel *rows = till_report_get_rows (self->report);
  g_autoptr (TillChartData) data = NULL;
  guint taken, back;

  gtk_widget_set_visible (self->chart_frame, sales >= 0 && self->show != TILL_REPORT_TABLE);
  if (sales < 0)
    return;
  data = till_chart_data_new (title, TILL_MONEY_UNIT, "¥", till_format_money);
  taken = till_chart_data_add_series (data, till_report_get_column (self->report, (guint) sales)->title, TILL_TONE_ACCENT);
  back = till_chart_data_add_series (data, _("Reversed and refunded"), TILL_TONE_GREY);
  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (TillReportRow) row = g_list_model_get_item (rows, i);
      gint64 day = till_report_row_get_int (row, 0), minus = 0;
      g_autofree char *full = till_format_day (day);
      guint category = till_chart_data_add_category (data, strlen (full) > 5 ? full + 5 : full, full, day);

      till_chart_data_set_value (data, taken, category, till_report_row_get_int (row, (guint) sales));
      if (reversed >= 0 && till_report_row_get_int (row, (guint) reversed) != TILL_UNKNOWN)
        minus += ABS (till_report_row_get_int (row, (guint) reversed));
      if (refunded >= 0 && till_report_row_get_int (row, (guint) refunded) != TILL_UNKNOWN)
        minus += ABS (till_report_row_get_int (row, (guint) refunded));
      till_chart_data_set_value (data, back, category, -minus);
    }
  till_chart_set_data (TILL_CHART (self->chart), data);
}

/* What an auditor compares with the exported ledger. */
static void
fill_seal (TillReportView *self)
{
  gint64 n;
  const char *hash = till_report_get_ledger (self->report, &n);
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, n);
  g_autofree char *text = hash != NULL ? g_strdup_printf (_ ("Ledger up to entry %s · %s"), number, hash) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->seal), text != NULL);
  gtk_label_set_text (self->seal, text != NULL ? text : "");
}

void
till_report_view_set_content (TillReportView *self, const TillReportContent *content)
{
  g_return_if_fail (TILL_IS_REPORT_VIEW (self));
  g_set_object (&self->report, content->report);
  self->today = content->today;
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), content->report == NULL);
  if (content->report == NULL)
    {
      gtk_stack_set_visible_child (self->stack, self->spinner);
      return;
    }
  if (till_report_is_empty (content->report))
    {
      gtk_stack_set_visible_child (self->stack, self->empty);
      return;
    }
  fill_table (self);
  fill_seal (self);
  fill_chart (self, content->title);
  gtk_stack_set_visible_child (self->stack, GTK_WIDGET (self->box));
}

void
till_report_view_set_show (TillReportView *self, TillReportShow show)
{
  g_return_if_fail (TILL_IS_REPORT_VIEW (self));
  self->show = show;
  gtk_widget_set_visible (self->chart_frame, show != TILL_REPORT_TABLE);
  gtk_widget_set_visible (self->scroller, show != TILL_REPORT_CHART);
  gtk_widget_set_vexpand (self->chart_frame, show == TILL_REPORT_CHART);
}

static void
till_report_view_dispose (GObject *object)
{
  TillReportView *self = TILL_REPORT_VIEW (object);

  if (self->stack != NULL)
    {
      gtk_column_view_set_model (self->view, NULL);
      gtk_widget_unparent (GTK_WIDGET (g_steal_pointer (&self->stack)));
    }
  g_clear_object (&self->report);
  G_OBJECT_CLASS (till_report_view_parent_class)->dispose (object);
}

static void
till_report_view_class_init (TillReportViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = till_report_view_dispose;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "tilltable");
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
till_report_view_init (TillReportView *self)
{
  self->stack = GTK_STACK (gtk_stack_new ());
  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  self->chart = till_bar_chart_new ();
  self->chart_frame = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->scroller = gtk_scrolled_window_new ();
  self->spinner = gtk_spinner_new ();
  self->empty = adw_status_page_new ();
  self->view = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "data-table");
  gtk_column_view_set_show_row_separators (self->view, TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->view));
  gtk_widget_set_vexpand (self->scroller, TRUE);
  gtk_widget_set_size_request (self->chart, -1, 260);
  gtk_widget_set_vexpand (self->chart, TRUE);
  gtk_widget_set_margin_top (self->chart, 12);
  gtk_widget_set_margin_bottom (self->chart, 12);
  gtk_widget_set_margin_start (self->chart, 12);
  gtk_widget_set_margin_end (self->chart, 12);
  gtk_box_append (GTK_BOX (self->chart_frame), self->chart);
  gtk_box_append (self->box, self->chart_frame);
  gtk_box_append (self->box, self->scroller);
  self->seal = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_selectable (self->seal, TRUE);
  gtk_label_set_ellipsize (self->seal, PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (self->seal, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->seal), "till-secondary");
  gtk_widget_set_margin_start (GTK_WIDGET (self->seal), 12);
  gtk_widget_set_margin_end (GTK_WIDGET (self->seal), 12);
  gtk_widget_set_margin_top (GTK_WIDGET (self->seal), 6);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self->seal), 6);
  gtk_box_append (self->box, GTK_WIDGET (self->seal));
  gtk_widget_set_halign (self->spinner, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->spinner, GTK_ALIGN_CENTER);
  gtk_widget_set_size_request (self->spinner, 32, 32);
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (self->empty), "till-reports-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (self->empty), _("Nothing in this period"));
  gtk_stack_add_child (self->stack, self->spinner);
  gtk_stack_add_child (self->stack, self->empty);
  gtk_stack_add_child (self->stack, GTK_WIDGET (self->box));
  gtk_widget_set_parent (GTK_WIDGET (self->stack), GTK_WIDGET (self));
}
