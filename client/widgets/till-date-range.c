/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-date-range.c: a period of whole days: a drop-down of kinds, arrows that step, a label, and two entries for a free range. */
#define G_LOG_DOMAIN "till-date-range"
#include "config.h"
#include <glib/gi18n.h>
#include "client/widgets/till-date-range.h"

struct _TillDateRange {
  GtkWidget    parent_instance;
  GtkBox      *box;
  GtkDropDown *kind;
  GtkLabel    *label;
  GtkWidget   *previous, *next;
  GtkEntry    *first, *last;
  TillPeriod   preset;
  TillDay      from, to, today;
  int          max_days;
  gboolean     updating;
};

G_DEFINE_FINAL_TYPE (TillDateRange, till_date_range, GTK_TYPE_WIDGET)

enum { PROP_FROM = 1, PROP_TO, PROP_PRESET, PROP_TODAY, PROP_MAX_DAYS, PROP_LABEL, N_PROPS };
static GParamSpec *properties[N_PROPS];
static guint changed_signal;

static char *
label_text (TillDateRange *self)
{
  int year, month, date;
  char from[TILL_DAY_TEXT], to[TILL_DAY_TEXT];

  till_day_split (self->from, &year, &month, &date);
  switch (self->preset)
    {
    case TILL_PERIOD_DAY:
      return g_strdup (till_day_print (self->from, from));
    case TILL_PERIOD_MONTH:
      /* Translators: year and month of a report */
      return g_strdup_printf (C_ ("period", "%04d-%02d"), year, month);
    case TILL_PERIOD_YEAR:
      return g_strdup_printf ("%04d", year);
    default:
      return g_strdup_printf ("%s – %s", till_day_print (self->from, from), till_day_print (self->to, to));
    }
}

static void
show (TillDateRange *self)
{
  g_autofree char *text = label_text (self);
  char buf[TILL_DAY_TEXT];
  gboolean free_range = self->preset == TILL_PERIOD_RANGE;

  self->updating = TRUE;
  gtk_label_set_text (self->label, text);
  gtk_drop_down_set_selected (self->kind, (guint) self->preset);
  gtk_editable_set_text (GTK_EDITABLE (self->first), till_day_print (self->from, buf));
  gtk_editable_set_text (GTK_EDITABLE (self->last), till_day_print (self->to, buf));
  gtk_widget_set_visible (GTK_WIDGET (self->first), free_range);
  gtk_widget_set_visible (GTK_WIDGET (self->last), free_range);
  gtk_widget_set_visible (GTK_WIDGET (self->label), !free_range);
  gtk_widget_set_sensitive (self->next, self->today == 0 || self->to < self->today);
  self->updating = FALSE;
}

static void
set_period (TillDateRange *self, TillDay from, TillDay to)
{
  if (from == self->from && to == self->to)
    {
      show (self);
      return;
    }
  self->from = from;
  self->to = to;
  show (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FROM]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TO]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LABEL]);
  g_signal_emit (self, changed_signal, 0);
}

void
till_date_range_set_preset (TillDateRange *self, TillPeriod preset)
{
  TillDay from, to;

  g_return_if_fail (TILL_IS_DATE_RANGE (self));
  self->preset = preset;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PRESET]);
  if (preset == TILL_PERIOD_RANGE)
    {
      show (self);
      return;
    }
  till_period_around (preset, MIN (self->to, self->today != 0 ? self->today : self->to), &from, &to);
  set_period (self, from, to);
}

void
till_date_range_step (TillDateRange *self, int steps)
{
  TillDay day, from, to;
  int days;

  g_return_if_fail (TILL_IS_DATE_RANGE (self));
  days = self->to - self->from + 1;
  switch (self->preset)
    {
    case TILL_PERIOD_MONTH:
      day = till_day_add_months (self->from, steps);
      break;
    case TILL_PERIOD_YEAR:
      day = till_day_add_months (self->from, 12 * steps);
      break;
    default:
      day = self->from + steps * days;
    }
  till_period_around (self->preset, day, &from, &to);
  if (self->preset == TILL_PERIOD_RANGE)
    to = from + days - 1;
  set_period (self, from, to);
}

void
till_date_range_set_today (TillDateRange *self, TillDay today)
{
  g_return_if_fail (TILL_IS_DATE_RANGE (self));
  if (self->from == 0)
    {
      self->today = today;
      self->to = today;
      till_date_range_set_preset (self, self->preset);
      return;
    }
  self->today = today;
  show (self);
}

static void
kind_cb (GtkDropDown *kind, GParamSpec *pspec, gpointer user_data)
{
  TillDateRange *self = user_data;

  if (!self->updating)
    till_date_range_set_preset (self, (TillPeriod) gtk_drop_down_get_selected (kind));
}

static void
step_cb (GtkWidget *button, gpointer user_data)
{
  TillDateRange *self = user_data;

  till_date_range_step (self, button == self->next ? 1 : -1);
}

/* A free range is taken when both ends are days, in order, and not too long. */
static void
typed_cb (GtkEntry *entry, gpointer user_data)
{
  TillDateRange *self = user_data;
  TillDay from, to;
  gboolean ok = till_day_parse (gtk_editable_get_text (GTK_EDITABLE (self->first)), &from, NULL) &&
                till_day_parse (gtk_editable_get_text (GTK_EDITABLE (self->last)), &to, NULL) && from <= to && to - from < self->max_days;

  for (int i = 0; i < 2; i++)
    {
      GtkWidget *widget = GTK_WIDGET (i == 0 ? self->first : self->last);
      if (ok)
        gtk_widget_remove_css_class (widget, "error");
      else
        gtk_widget_add_css_class (widget, "error");
    }
  if (ok)
    set_period (self, from, to);
}

static void
till_date_range_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TillDateRange *self = TILL_DATE_RANGE (object);

  switch (id)
    {
    case PROP_FROM:
      g_value_set_int64 (value, self->from);
      break;
    case PROP_TO:
      g_value_set_int64 (value, self->to);
      break;
    case PROP_PRESET:
      g_value_set_int (value, self->preset);
      break;
    case PROP_TODAY:
      g_value_set_int64 (value, self->today);
      break;
    case PROP_MAX_DAYS:
      g_value_set_int (value, self->max_days);
      break;
    case PROP_LABEL:
      g_value_take_string (value, label_text (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_date_range_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TillDateRange *self = TILL_DATE_RANGE (object);

  switch (id)
    {
    case PROP_FROM:
      set_period (self, (TillDay) g_value_get_int64 (value), MAX (self->to, (TillDay) g_value_get_int64 (value)));
      break;
    case PROP_TO:
      set_period (self, self->from, (TillDay) g_value_get_int64 (value));
      break;
    case PROP_PRESET:
      till_date_range_set_preset (self, (TillPeriod) g_value_get_int (value));
      break;
    case PROP_TODAY:
      till_date_range_set_today (self, (TillDay) g_value_get_int64 (value));
      break;
    case PROP_MAX_DAYS:
      self->max_days = g_value_get_int (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_date_range_dispose (GObject *object)
{
  TillDateRange *self = TILL_DATE_RANGE (object);

  if (self->box != NULL)
    gtk_widget_unparent (GTK_WIDGET (g_steal_pointer (&self->box)));
  G_OBJECT_CLASS (till_date_range_parent_class)->dispose (object);
}

static void
till_date_range_class_init (TillDateRangeClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = till_date_range_get_property;
  object_class->set_property = till_date_range_set_property;
  object_class->dispose = till_date_range_dispose;
  properties[PROP_FROM] = g_param_spec_int64 ("from", NULL, NULL, G_MININT32, G_MAXINT32, 0, flags);
  properties[PROP_TO] = g_param_spec_int64 ("to", NULL, NULL, G_MININT32, G_MAXINT32, 0, flags);
  properties[PROP_PRESET] = g_param_spec_int ("preset", NULL, NULL, 0, TILL_PERIOD_RANGE, TILL_PERIOD_MONTH, flags);
  properties[PROP_TODAY] = g_param_spec_int64 ("today", NULL, NULL, G_MININT32, G_MAXINT32, 0, flags);
  properties[PROP_MAX_DAYS] = g_param_spec_int ("max-days", NULL, NULL, 1, G_MAXINT, 366, flags);
  properties[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  changed_signal = g_signal_new ("changed", TILL_TYPE_DATE_RANGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "tilldaterange");
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static GtkWidget *
arrow (TillDateRange *self, const char *icon, const char *name)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect (button, "clicked", G_CALLBACK (step_cb), self);
  return button;
}

static GtkEntry *
day_entry (TillDateRange *self, const char *name)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 10);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), 10);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect (entry, "activate", G_CALLBACK (typed_cb), self);
  return GTK_ENTRY (entry);
}

static void
till_date_range_init (TillDateRange *self)
{
  const char *kinds[] = { C_ ("period", "Day"), C_ ("period", "Week"), C_ ("period", "Month"), C_ ("period", "Year"), C_ ("period", "From – to"), NULL };

  self->max_days = 366;
  self->preset = TILL_PERIOD_MONTH;
  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4));
  self->kind = GTK_DROP_DOWN (gtk_drop_down_new_from_strings (kinds));
  self->label = GTK_LABEL (gtk_label_new (NULL));
  self->previous = arrow (self, "till-previous-symbolic", _("Previous period"));
  self->next = arrow (self, "till-next-symbolic", _("Next period"));
  self->first = day_entry (self, _("First day"));
  self->last = day_entry (self, _("Last day"));
  gtk_label_set_width_chars (self->label, 10);
  gtk_widget_add_css_class (GTK_WIDGET (self->label), "numeric");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->kind), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Period"), -1);
  gtk_box_append (self->box, GTK_WIDGET (self->kind));
  gtk_box_append (self->box, self->previous);
  gtk_box_append (self->box, GTK_WIDGET (self->label));
  gtk_box_append (self->box, GTK_WIDGET (self->first));
  gtk_box_append (self->box, GTK_WIDGET (self->last));
  gtk_box_append (self->box, self->next);
  gtk_widget_set_parent (GTK_WIDGET (self->box), GTK_WIDGET (self));
  g_signal_connect (self->kind, "notify::selected", G_CALLBACK (kind_cb), self);
}

GtkWidget *
till_date_range_new (void)
{
  return g_object_new (TILL_TYPE_DATE_RANGE, NULL);
}

TillDay
till_date_range_get_from (TillDateRange *self)
{
  return self->from;
}

TillDay
till_date_range_get_to (TillDateRange *self)
{
  return self->to;
}

TillPeriod
till_date_range_get_preset (TillDateRange *self)
{
  return self->preset;
}
