/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-calendar-view.c: see till-calendar-view.h. Band and table show the same plan; whichever is touched moves the other. */
#define G_LOG_DOMAIN "till-calendar-view"
#include "config.h"
#include <glib/gi18n.h>
#include <string.h>
#include "client/pages/tariffs/till-calendar-view.h"
#include "client/pages/tariffs/till-segment-table.h"
#include "client/widgets/till-clock-band.h"
#include "shared/base/till-text.h"

struct _TillCalendarView {
  AdwBin             parent_instance;
  TillTariffVersion *version; /* borrowed */
  gboolean           editable, quiet;
  guint              season;
  GtkBox            *seasons, *dates;
  GtkWidget         *add, *remove, *copy;
  GtkEditable       *name, *from, *to;
  GtkWidget         *from_label, *to_label, *season_title;
  GtkToggleButton   *workday, *restday, *holiday, *as_table;
  GtkLabel          *same, *hint, *error;
  TillClockBand     *band;
  TillSegmentTable  *table;
};

G_DEFINE_FINAL_TYPE (TillCalendarView, till_calendar_view, ADW_TYPE_BIN)

static guint changed_signal;

static TillDayType
day_type (TillCalendarView *self)
{
  return gtk_toggle_button_get_active (self->workday) ? TILL_DAY_WORK : gtk_toggle_button_get_active (self->restday) ? TILL_DAY_REST : TILL_DAY_HOLIDAY;
}

static TillDayPlan *
plan_of (TillCalendarView *self)
{
  return &self->version->seasons[self->season].plans[day_type (self)];
}

static guint
rates_of (TillCalendarView *self)
{
  guint rates = 0;

  for (guint r = 0; r < TILL_N_RATES; r++)
    rates |= self->version->uses[r] ? 1u << r : 0;
  return rates;
}

static void
changed (TillCalendarView *self)
{
  g_signal_emit (self, changed_signal, 0);
}

/* --- showing --- */

static void
show_same (TillCalendarView *self)
{
  const TillSeason *season = &self->version->seasons[self->season];
  gboolean rest = till_day_plan_equal (&season->plans[TILL_DAY_REST], &season->plans[TILL_DAY_WORK]);
  gboolean holiday = till_day_plan_equal (&season->plans[TILL_DAY_HOLIDAY], &season->plans[TILL_DAY_REST]);

  gtk_label_set_text (self->same, rest && holiday ? _ ("all days alike") : holiday ? _ ("holidays as rest days") : "");
}

static void
show_plan (TillCalendarView *self)
{
  guint rates = rates_of (self);

  till_clock_band_set_plan (self->band, plan_of (self));
  till_clock_band_set_rates (self->band, rates);
  till_segment_table_set_plan (self->table, plan_of (self), self->editable ? rates : 0);
  show_same (self);
}

static void
show_dates (TillCalendarView *self)
{
  const TillSeason *season = &self->version->seasons[self->season];
  gboolean last = self->season + 1 == self->version->n_seasons;
  g_autofree char *from = till_year_day_print (season->from), *to = till_year_day_print (season->to);

  self->quiet = TRUE;
  gtk_widget_set_visible (GTK_WIDGET (self->dates), self->editable && self->version->n_seasons > 1);
  gtk_widget_set_visible (self->remove, self->editable && !last);
  gtk_widget_set_visible (GTK_WIDGET (self->from), !last);
  gtk_widget_set_visible (GTK_WIDGET (self->to), !last);
  gtk_widget_set_visible (self->from_label, !last);
  gtk_widget_set_visible (self->to_label, !last);
  gtk_editable_set_text (self->name, season->name != NULL ? season->name : "");
  gtk_editable_set_text (self->from, last ? "" : from);
  gtk_editable_set_text (self->to, last ? "" : to);
  gtk_widget_remove_css_class (GTK_WIDGET (self->from), "error");
  gtk_widget_remove_css_class (GTK_WIDGET (self->to), "error");
  self->quiet = FALSE;
}

static char *
season_label (TillCalendarView *self, guint i)
{
  const TillSeason *season = &self->version->seasons[i];
  gboolean named = season->name != NULL && season->name[0] != '\0';
  g_autofree char *from = till_year_day_print (season->from), *to = till_year_day_print (season->to);

  if (i + 1 == self->version->n_seasons)
    return g_strdup (named ? season->name : i == 0 ? _ ("Whole year") : _ ("Rest of the year"));
  return named ? g_strdup_printf ("%s %s..%s", season->name, from, to) : g_strdup_printf ("%s..%s", from, to);
}

static void
season_cb (GtkToggleButton *button, TillCalendarView *self)
{
  if (self->quiet || !gtk_toggle_button_get_active (button))
    return;
  self->season = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "till-season"));
  show_dates (self);
  show_plan (self);
}

static void
show_seasons (TillCalendarView *self)
{
  GtkWidget *child, *first = NULL;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->seasons))) != NULL)
    gtk_box_remove (self->seasons, child);
  for (guint i = 0; i < self->version->n_seasons; i++)
    {
      g_autofree char *label = season_label (self, i);
      GtkWidget *button = gtk_toggle_button_new_with_label (label);

      g_object_set_data (G_OBJECT (button), "till-season", GUINT_TO_POINTER (i));
      if (first != NULL)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), GTK_TOGGLE_BUTTON (first));
      first = first != NULL ? first : button;
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), i == self->season);
      g_signal_connect (button, "toggled", G_CALLBACK (season_cb), self);
      gtk_box_append (self->seasons, button);
    }
  gtk_widget_set_visible (self->add, self->editable && self->version->n_seasons < TILL_SEASONS_MAX);
  show_dates (self);
  show_plan (self);
}

/* The text on the button of the season in view, while its dates are typed. */
static void
relabel (TillCalendarView *self)
{
  guint i = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->seasons)); child != NULL; child = gtk_widget_get_next_sibling (child), i++)
    {
      g_autofree char *label = season_label (self, i);

      gtk_button_set_label (GTK_BUTTON (child), label);
    }
}

/* --- callbacks of the template --- */

static void
add_cb (TillCalendarView *self)
{
  if (!till_tariff_version_add_season (self->version))
    return;
  self->season = self->version->n_seasons - 2;
  show_seasons (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->name));
  changed (self);
}

static void
remove_cb (TillCalendarView *self)
{
  till_tariff_version_remove_season (self->version, self->season);
  self->season = MIN (self->season, self->version->n_seasons - 1);
  show_seasons (self);
  changed (self);
}

static void
take_date (GtkEditable *entry, guint *ret_mark)
{
  if (till_year_day_parse (gtk_editable_get_text (entry), ret_mark))
    gtk_widget_remove_css_class (GTK_WIDGET (entry), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
}

static void
dates_cb (TillCalendarView *self)
{
  TillSeason *season;

  if (self->quiet || self->version == NULL)
    return;
  season = &self->version->seasons[self->season];
  till_set_str (&season->name, gtk_editable_get_text (self->name));
  if (self->season + 1 < self->version->n_seasons)
    {
      take_date (self->from, &season->from);
      take_date (self->to, &season->to);
    }
  relabel (self);
  changed (self);
}

static void
day_cb (TillCalendarView *self, GtkToggleButton *button)
{
  if (self->version != NULL && gtk_toggle_button_get_active (button))
    show_plan (self);
}

static void
copy_cb (TillCalendarView *self)
{
  TillSeason *season = &self->version->seasons[self->season];
  TillDayPlan plan = *plan_of (self);

  for (guint t = 0; t < TILL_N_DAY_TYPES; t++)
    season->plans[t] = plan;
  show_same (self);
  changed (self);
}

static void
as_table_cb (TillCalendarView *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->table), gtk_toggle_button_get_active (self->as_table));
}

static void
band_cb (TillCalendarView *self)
{
  *plan_of (self) = *till_clock_band_get_plan (self->band);
  till_segment_table_set_plan (self->table, plan_of (self), self->editable ? rates_of (self) : 0);
  show_same (self);
  changed (self);
}

static void
table_cb (TillCalendarView *self)
{
  *plan_of (self) = *till_segment_table_get_plan (self->table);
  till_clock_band_set_plan (self->band, plan_of (self));
  show_same (self);
  changed (self);
}

/* --- widget --- */

static void
till_calendar_view_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), TILL_TYPE_CALENDAR_VIEW);
  G_OBJECT_CLASS (till_calendar_view_parent_class)->dispose (object);
}

#define BIND(member) gtk_widget_class_bind_template_child (widget_class, TillCalendarView, member)

static void
till_calendar_view_class_init (TillCalendarViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_calendar_view_dispose;
  changed_signal = g_signal_new ("changed", TILL_TYPE_CALENDAR_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (TILL_TYPE_CLOCK_BAND);
  g_type_ensure (TILL_TYPE_SEGMENT_TABLE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/tariffs/till-calendar-view.ui");
  BIND (seasons);
  BIND (dates);
  BIND (add);
  BIND (remove);
  BIND (copy);
  BIND (name);
  BIND (from);
  BIND (to);
  BIND (from_label);
  BIND (to_label);
  BIND (season_title);
  BIND (workday);
  BIND (restday);
  BIND (holiday);
  BIND (as_table);
  BIND (same);
  BIND (hint);
  BIND (error);
  BIND (band);
  BIND (table);
  gtk_widget_class_bind_template_callback (widget_class, add_cb);
  gtk_widget_class_bind_template_callback (widget_class, remove_cb);
  gtk_widget_class_bind_template_callback (widget_class, dates_cb);
  gtk_widget_class_bind_template_callback (widget_class, day_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
  gtk_widget_class_bind_template_callback (widget_class, as_table_cb);
}

static void
till_calendar_view_init (TillCalendarView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->band, "changed", G_CALLBACK (band_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->table, "changed", G_CALLBACK (table_cb), self, G_CONNECT_SWAPPED);
  gtk_label_set_text (self->hint, _ ("Drag a border or move it with the arrow keys. Insert splits a segment, Delete merges it, 1 to 5 set its rate."));
}

void
till_calendar_view_set_version (TillCalendarView *self, TillTariffVersion *version, gboolean editable)
{
  g_return_if_fail (TILL_IS_CALENDAR_VIEW (self));
  self->version = version;
  self->editable = editable;
  self->season = 0;
  till_clock_band_set_editable (self->band, editable);
  gtk_widget_set_visible (GTK_WIDGET (self->hint), editable);
  gtk_widget_set_visible (self->copy, editable);
  if (version != NULL)
    show_seasons (self);
}

void
till_calendar_view_update_rates (TillCalendarView *self)
{
  if (self->version != NULL)
    show_plan (self);
}

void
till_calendar_view_clear_marks (TillCalendarView *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->error), FALSE);
}

gboolean
till_calendar_view_mark (TillCalendarView *self, const char *member, const char *reason)
{
  const char *in = member + strlen ("seasons");
  guint season = 0;

  if (!g_str_has_prefix (member, "seasons"))
    return FALSE;
  if (in[0] == '[')
    {
      season = (guint) g_ascii_strtoull (in + 1, NULL, 10);
      if (season < self->version->n_seasons)
        self->season = season;
      gtk_toggle_button_set_active (strstr (in, ".restday") != NULL ? self->restday : strstr (in, ".holiday") != NULL ? self->holiday : self->workday, TRUE);
      show_seasons (self);
    }
  gtk_label_set_text (self->error, reason);
  gtk_widget_set_visible (GTK_WIDGET (self->error), TRUE);
  return TRUE;
}

