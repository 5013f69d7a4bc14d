/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-meter-cards.c: see till-meter-cards.h. Shows what the record says; computes nothing about money. */
#define G_LOG_DOMAIN "till-meter-cards"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/sales/till-meter-cards.h"
#include "client/widgets/till-format.h"
#include "shared/api/till-limits.h"

#define COLUMNS 4

typedef enum { CARD_BALANCE, CARD_ARREARS, CARD_RELAY, CARD_MODE, CARD_COUNT, CARD_TOTAL, CARD_OVERDRAFT, CARD_POWER, CARD_ALARM1, CARD_ALARM2, CARD_DAYS,
               CARD_TARIFF, N_CARDS } Card;

static const char *const titles[N_CARDS] = {
  NC_ ("meter card", "Balance"),   NC_ ("meter card", "Arrears"),   NC_ ("meter card", "Breaker"),     NC_ ("meter card", "Mode"),
  NC_ ("meter card", "Purchases"), NC_ ("meter card", "Purchased"), NC_ ("meter card", "Overdraft"),   NC_ ("meter card", "Power limit"),
  NC_ ("meter card", "Alarm 1"),   NC_ ("meter card", "Alarm 2"),   NC_ ("meter card", "Days left"),   NC_ ("meter card", "Tariff"),
};

struct _TillMeterCards {
  GtkWidget   parent_instance;
  GtkGrid    *grid;
  GtkLabel   *values[N_CARDS], *notes[N_CARDS];
  GtkSpinner *spinner;
  TillMeter  *meter;
  guint       ticks;
  gboolean    reading;
};

G_DEFINE_FINAL_TYPE (TillMeterCards, till_meter_cards, GTK_TYPE_WIDGET)

static void
set (TillMeterCards *self, Card card, const char *value, const char *note)
{
  gtk_label_set_text (self->values[card], value);
  gtk_label_set_text (self->notes[card], note != NULL ? note : "");
  gtk_widget_set_visible (GTK_WIDGET (self->notes[card]), note != NULL && note[0] != '\0');
}

static void
set_money (TillMeterCards *self, Card card, const char *field)
{
  g_autofree char *text = till_format_money (till_record_int (self->meter, field));

  set (self, card, text, NULL);
}

static void
set_balance (TillMeterCards *self)
{
  gint64 age = till_meter_age_s (self->meter, g_get_real_time ());
  g_autofree char *text = till_format_money (till_record_int (self->meter, "balance"));
  g_autofree char *when = till_format_age (age);

  set (self, CARD_BALANCE, text, self->reading ? _("reading…") : when);
  if (!self->reading && (age < 0 || age > TILL_FRESH_S))
    gtk_widget_add_css_class (GTK_WIDGET (self->notes[CARD_BALANCE]), "till-stale");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->notes[CARD_BALANCE]), "till-stale");
}

static void
set_limit (TillMeterCards *self, Card card, const char *field)
{
  gint64 limit = till_record_int (self->meter, field), balance = till_record_int (self->meter, "balance");
  g_autofree char *text = till_format_money (limit);
  gboolean known = limit != TILL_UNKNOWN && balance != TILL_UNKNOWN;

  set (self, card, text, !known ? NULL : balance <= limit ? C_ ("alarm", "reached") : C_ ("alarm", "quiet"));
}

static void
show_meter (TillMeterCards *self)
{
  gint64 balance = till_record_int (self->meter, "balance");
  g_autofree char *count = till_format_int (till_record_int (self->meter, "purchase-count"));
  g_autofree char *days = till_format_int (till_record_int (self->meter, "days-left"));
  g_autofree char *power = till_format_power (till_record_int (self->meter, "overload-kw"));
  g_autofree char *power_unit = g_strdup_printf ("%s kW", power);

  set_balance (self);
  set (self, CARD_ARREARS, balance == TILL_UNKNOWN ? TILL_DASH : balance <= 0 ? C_ ("truth", "yes") : C_ ("truth", "no"), NULL);
  set (self, CARD_RELAY, till_format_wire ("relay", till_record_text (self->meter, "relay")), NULL);
  set (self, CARD_MODE, till_format_wire ("meter-mode", till_record_text (self->meter, "mode")), NULL);
  set (self, CARD_COUNT, count, NULL);
  set_money (self, CARD_TOTAL, "purchased-total");
  set_money (self, CARD_OVERDRAFT, "overdraft");
  set (self, CARD_POWER, till_record_int (self->meter, "overload-kw") > 0 ? power_unit : TILL_DASH, NULL);
  set_limit (self, CARD_ALARM1, "alarm1");
  set_limit (self, CARD_ALARM2, "alarm2");
  set (self, CARD_DAYS, days, NULL);
  set (self, CARD_TARIFF, till_record_text (self->meter, "tariff-name") != NULL ? till_record_text (self->meter, "tariff-name") : TILL_DASH, NULL);
}

static void
show (TillMeterCards *self)
{
  if (self->meter != NULL)
    show_meter (self);
  else
    for (int i = 0; i < N_CARDS; i++)
      set (self, (Card) i, TILL_DASH, NULL);
  gtk_spinner_set_spinning (self->spinner, self->reading);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), self->reading);
}

/* The age counts on. */
static gboolean
tick_cb (gpointer user_data)
{
  TillMeterCards *self = user_data;

  if (self->meter != NULL)
    set_balance (self);
  return G_SOURCE_CONTINUE;
}

void
till_meter_cards_set_meter (TillMeterCards *self, TillMeter *meter)
{
  g_return_if_fail (TILL_IS_METER_CARDS (self));
  if (self->meter != NULL)
    g_signal_handlers_disconnect_by_data (self->meter, self);
  g_set_object ((GObject **) &self->meter, (GObject *) meter);
  if (meter != NULL)
    g_signal_connect_swapped (meter, "notify", G_CALLBACK (show), self);
  show (self);
}

void
till_meter_cards_set_reading (TillMeterCards *self, gboolean reading)
{
  g_return_if_fail (TILL_IS_METER_CARDS (self));
  self->reading = reading;
  show (self);
}

static GtkWidget *
make_card (TillMeterCards *self, Card card)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *title = gtk_label_new (g_dpgettext2 (NULL, "meter card", titles[card]));

  self->values[card] = GTK_LABEL (gtk_label_new (TILL_DASH));
  self->notes[card] = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (self->values[card], PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (self->values[card], 0);
  gtk_widget_set_valign (GTK_WIDGET (self->notes[card]), GTK_ALIGN_BASELINE);
  gtk_widget_set_valign (GTK_WIDGET (self->values[card]), GTK_ALIGN_BASELINE);
  gtk_widget_add_css_class (title, "title");
  gtk_widget_add_css_class (GTK_WIDGET (self->values[card]), card == CARD_BALANCE ? "figure" : "till-strong");
  gtk_widget_add_css_class (GTK_WIDGET (self->values[card]), "numeric");
  gtk_widget_add_css_class (GTK_WIDGET (self->notes[card]), "till-secondary");
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->values[card]));
  if (card == CARD_BALANCE)
    {
      self->spinner = GTK_SPINNER (gtk_spinner_new ());
      gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->spinner));
    }
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->notes[card]));
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), line);
  gtk_widget_add_css_class (box, "till-card");
  gtk_widget_set_hexpand (box, TRUE);
  return box;
}

static void
till_meter_cards_dispose (GObject *object)
{
  TillMeterCards *self = TILL_METER_CARDS (object);

  if (self->meter != NULL)
    g_signal_handlers_disconnect_by_data (self->meter, self);
  g_clear_object (&self->meter);
  g_clear_handle_id (&self->ticks, g_source_remove);
  if (self->grid != NULL)
    gtk_widget_unparent (GTK_WIDGET (g_steal_pointer (&self->grid)));
  G_OBJECT_CLASS (till_meter_cards_parent_class)->dispose (object);
}

static void
till_meter_cards_class_init (TillMeterCardsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = till_meter_cards_dispose;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "tillcards");
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
till_meter_cards_init (TillMeterCards *self)
{
  self->grid = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_row_spacing (self->grid, 8);
  gtk_grid_set_column_spacing (self->grid, 8);
  gtk_grid_set_column_homogeneous (self->grid, TRUE);
  for (int i = 0; i < N_CARDS; i++)
    gtk_grid_attach (self->grid, make_card (self, (Card) i), i % COLUMNS, i / COLUMNS, 1, 1);
  gtk_widget_set_parent (GTK_WIDGET (self->grid), GTK_WIDGET (self));
  self->ticks = g_timeout_add_seconds (1, tick_cb, self);
  show (self);
}
