/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-hover-card.c: labels in a grid, made for each hover. */
#define G_LOG_DOMAIN "till-hover-card"
#include "config.h"
#include "client/pages/board/till-hover-card.h"
#include <glib/gi18n.h>
#include "client/widgets/till-format.h"
#include "client/widgets/till-state-chip.h"
#include "shared/api/till-limits.h"

static void
add_line (GtkGrid *grid, int row, const char *name, const char *value, const char *class)
{
  GtkWidget *title = gtk_label_new (name), *text = gtk_label_new (value);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_widget_add_css_class (text, class ? class : "numeric");
  gtk_grid_attach (grid, title, 0, row, 1, 1);
  gtk_grid_attach (grid, text, 1, row, 1, 1);
}

static void
add_meter (GtkGrid *grid, TillMeter *meter, gint64 now)
{
  gint64 age = till_meter_age_s (meter, now);
  g_autofree char *balance = till_format_money (till_record_int (meter, "balance"));
  g_autofree char *power = till_format_power (till_record_int (meter, "power-kw"));
  g_autofree char *age_text = till_format_age (age < 0 ? TILL_UNKNOWN : age);
  g_autofree char *balance_text = g_strdup_printf ("%s  (%s)", balance, age_text), *power_text = g_strdup_printf ("%s kW", power);
  const char *customer = till_record_text (meter, "customer-name");

  add_line (grid, 2, _ ("Customer"), customer ? customer : "\u2013", NULL);
  add_line (grid, 3, _ ("Balance"), balance_text, age > TILL_FRESH_S || age < 0 ? "till-stale" : "numeric");
  add_line (grid, 6, _ ("Power"), power_text, NULL);
}

GtkWidget *
till_hover_card_new (const TillBoardCell *cell, const TillBoardArea *area, TillMeter *meter, gint64 now)
{
  GtkGrid *grid = GTK_GRID (gtk_grid_new ());
  GtkWidget *chip = till_state_chip_new (&till_words_meter_state, cell->state);
  GtkWidget *code = gtk_label_new (meter ? till_record_text (meter, "code") : "\u2026");
  g_autofree char *flags = till_format_flags (&till_words_meter_flag, cell->flags);

  gtk_grid_set_column_spacing (grid, 12);
  gtk_grid_set_row_spacing (grid, 3);
  gtk_widget_add_css_class (GTK_WIDGET (grid), "till-hover");
  gtk_widget_add_css_class (code, "heading");
  gtk_label_set_xalign (GTK_LABEL (code), 0);
  gtk_widget_set_halign (chip, GTK_ALIGN_START);
  gtk_grid_attach (grid, code, 0, 0, 1, 1);
  gtk_grid_attach (grid, chip, 1, 0, 1, 1);
  add_line (grid, 1, _ ("Room"), area ? area->path : "\u2013", NULL);
  if (meter)
    add_meter (grid, meter, now);
  add_line (grid, 4, _ ("Mode"), till_format_word (&till_words_meter_mode, cell->mode), NULL);
  add_line (grid, 5, _ ("Breaker"), till_format_word (&till_words_relay, cell->relay), NULL);
  if (flags[0])
    add_line (grid, 7, _ ("Flags"), flags, "till-warning-text");
  return GTK_WIDGET (grid);
}
