/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-segment-table.c: see till-segment-table.h. Rows are made anew for every plan; a plan has at most 14. */
#define G_LOG_DOMAIN "till-segment-table"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-words.h"
#include "client/pages/tariffs/till-segment-table.h"
#include "client/widgets/till-format.h"

struct _TillSegmentTable {
  GtkWidget   parent_instance;
  GtkGrid    *grid;
  TillDayPlan plan;
  guint       rates;
};

G_DEFINE_FINAL_TYPE (TillSegmentTable, till_segment_table, GTK_TYPE_WIDGET)

static guint changed_signal;

static void fill (TillSegmentTable *self);

static guint
row_of (gpointer widget)
{
  return GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (widget), "till-row"));
}

static gboolean
refill (gpointer user_data)
{
  if (TILL_SEGMENT_TABLE (user_data)->grid != NULL)
    fill (user_data);
  return G_SOURCE_REMOVE;
}

/* The rows go while one of them speaks: later. */
static void
changed (TillSegmentTable *self)
{
  g_idle_add_full (G_PRIORITY_HIGH_IDLE, refill, g_object_ref (self), g_object_unref);
  g_signal_emit (self, changed_signal, 0);
}

/* --- what a person types --- */

static void
take_from (TillSegmentTable *self, GtkEditable *entry)
{
  guint row = row_of (entry), minute;
  const TillSegment *segments = self->plan.segments;

  if (row >= self->plan.n)
    return;
  if (!till_minute_parse (gtk_editable_get_text (entry), &minute) || minute <= segments[row - 1].minute || minute >= till_day_plan_end (&self->plan, row))
    {
      gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
      gtk_widget_set_tooltip_text (GTK_WIDGET (entry), _ ("A time as 07:15, between the segments before and after"));
      return;
    }
  gtk_widget_remove_css_class (GTK_WIDGET (entry), "error");
  gtk_widget_set_tooltip_text (GTK_WIDGET (entry), NULL);
  if (minute == segments[row].minute)
    return;
  self->plan.segments[row].minute = minute;
  changed (self);
}

static void
from_cb (GtkEditable *entry, TillSegmentTable *self)
{
  take_from (self, entry);
}

static void
left_cb (GtkEventControllerFocus *focus, TillSegmentTable *self)
{
  take_from (self, GTK_EDITABLE (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (focus))));
}

static void
rate_cb (GtkDropDown *choice, GParamSpec *pspec, TillSegmentTable *self)
{
  guint chosen = gtk_drop_down_get_selected (choice), at = 0;

  for (guint rate = 0; rate < TILL_N_RATES; rate++)
    if ((self->rates & 1u << rate) != 0 && at++ == chosen && till_day_plan_set_rate (&self->plan, row_of (choice), (TillRate) rate))
      changed (self);
}

static void
split_cb (GtkButton *button, TillSegmentTable *self)
{
  if (till_day_plan_split (&self->plan, row_of (button), 0))
    changed (self);
}

static void
merge_cb (GtkButton *button, TillSegmentTable *self)
{
  if (till_day_plan_merge (&self->plan, row_of (button)))
    changed (self);
}

/* --- rows --- */

static void
put (TillSegmentTable *self, GtkWidget *widget, int column, guint row)
{
  g_object_set_data (G_OBJECT (widget), "till-row", GUINT_TO_POINTER (row));
  gtk_grid_attach (self->grid, widget, column, (int) row + 1, 1, 1);
}

static void
put_label (TillSegmentTable *self, const char *text, int column, guint row)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "numeric");
  put (self, label, column, row);
}

static void
put_from (TillSegmentTable *self, guint row)
{
  g_autofree char *text = till_minute_print (self->plan.segments[row].minute);
  GtkEventController *focus;
  GtkWidget *entry;

  if (row == 0 || self->rates == 0)
    {
      put_label (self, text, 0, row);
      return;
    }
  entry = gtk_entry_new ();
  focus = gtk_event_controller_focus_new ();
  gtk_editable_set_text (GTK_EDITABLE (entry), text);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 6);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), 6);
  gtk_entry_set_max_length (GTK_ENTRY (entry), 5);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("From"), -1);
  g_signal_connect (entry, "activate", G_CALLBACK (from_cb), self);
  g_signal_connect (focus, "leave", G_CALLBACK (left_cb), self);
  gtk_widget_add_controller (entry, focus);
  put (self, entry, 0, row);
}

static void
put_rate (TillSegmentTable *self, guint row)
{
  TillRate rate = self->plan.segments[row].rate;
  GtkStringList *words;
  GtkWidget *choice;
  guint at = 0, chosen = GTK_INVALID_LIST_POSITION;

  if (self->rates == 0)
    {
      put_label (self, till_format_word (&till_words_rate, rate), 2, row);
      return;
    }
  words = gtk_string_list_new (NULL);
  for (guint r = 0; r < TILL_N_RATES; r++)
    if ((self->rates & 1u << r) != 0)
      {
        gtk_string_list_append (words, till_format_word (&till_words_rate, r));
        chosen = r == rate ? at : chosen;
        at++;
      }
  choice = gtk_drop_down_new (G_LIST_MODEL (words), NULL);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (choice), chosen);
  gtk_accessible_update_property (GTK_ACCESSIBLE (choice), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Rate"), -1);
  g_signal_connect (choice, "notify::selected", G_CALLBACK (rate_cb), self);
  put (self, choice, 2, row);
}

static void
put_button (TillSegmentTable *self, const char *label, GCallback callback, guint row)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_add_css_class (button, "flat");
  g_signal_connect (button, "clicked", callback, self);
  put (self, button, callback == G_CALLBACK (split_cb) ? 3 : 4, row);
}

static void
fill (TillSegmentTable *self)
{
  const char *const titles[] = { _ ("From"), _ ("To"), _ ("Rate") };
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->grid))) != NULL)
    gtk_grid_remove (self->grid, child);
  for (int i = 0; i < 3; i++)
    {
      GtkWidget *title = gtk_label_new (titles[i]);

      gtk_label_set_xalign (GTK_LABEL (title), 0);
      gtk_widget_add_css_class (title, "till-secondary");
      gtk_grid_attach (self->grid, title, i, 0, 1, 1);
    }
  for (guint row = 0; row < self->plan.n; row++)
    {
      g_autofree char *to = till_minute_print (till_day_plan_end (&self->plan, row));

      put_from (self, row);
      put_label (self, to, 1, row);
      put_rate (self, row);
      if (self->rates == 0)
        continue;
      if (self->plan.n < TILL_SEGMENTS_MAX)
        put_button (self, _ ("Split"), G_CALLBACK (split_cb), row);
      if (self->plan.n > 1)
        put_button (self, _ ("Merge"), G_CALLBACK (merge_cb), row);
    }
}

static void
till_segment_table_dispose (GObject *object)
{
  TillSegmentTable *self = TILL_SEGMENT_TABLE (object);

  g_clear_pointer ((GtkWidget **) &self->grid, gtk_widget_unparent);
  G_OBJECT_CLASS (till_segment_table_parent_class)->dispose (object);
}

static void
till_segment_table_class_init (TillSegmentTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = till_segment_table_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  changed_signal = g_signal_new ("changed", TILL_TYPE_SEGMENT_TABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
till_segment_table_init (TillSegmentTable *self)
{
  self->grid = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_column_spacing (self->grid, 16);
  gtk_grid_set_row_spacing (self->grid, 4);
  gtk_widget_set_halign (GTK_WIDGET (self->grid), GTK_ALIGN_START);
  gtk_widget_set_parent (GTK_WIDGET (self->grid), GTK_WIDGET (self));
  till_day_plan_init (&self->plan, TILL_RATE_FLAT);
}

void
till_segment_table_set_plan (TillSegmentTable *self, const TillDayPlan *plan, guint rates)
{
  g_return_if_fail (TILL_IS_SEGMENT_TABLE (self));
  if (till_day_plan_equal (plan, &self->plan) && rates == self->rates && gtk_widget_get_first_child (GTK_WIDGET (self->grid)) != NULL)
    return;
  self->plan = *plan;
  self->rates = rates;
  fill (self);
}

const TillDayPlan *
till_segment_table_get_plan (TillSegmentTable *self)
{
  return &self->plan;
}
