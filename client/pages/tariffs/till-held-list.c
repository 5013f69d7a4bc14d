/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-held-list.c: see till-held-list.h. The server judged; here are only the words. */
#define G_LOG_DOMAIN "till-held-list"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-words.h"
#include "client/pages/tariffs/till-held-list.h"
#include "client/widgets/till-format.h"

static const struct { const char *word, *sentence; } warnings[] = {
  { "no_prices", N_ ("It holds no prices: the server settles.") },
  { "rates", N_ ("It has no register for some rates: the server settles the difference.") },
  { "rounded", N_ ("It holds rounded prices: the server settles the difference.") },
  { "tiers", N_ ("It knows no tiers: the server settles them.") },
  { "seasons", N_ ("It knows no seasons: the server settles the difference.") },
  { "rest_days", N_ ("It knows no rest days: the server settles the difference.") },
  { "holidays", N_ ("It knows no holidays: the server settles the difference.") },
  { "fixed_fee", N_ ("The fixed fee is booked by the server.") },
  { "allowance", N_ ("The free allowance is credited by the server.") },
};

static GtkWidget *
add_line (GtkBox *box, const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  gtk_box_append (box, label);
  return label;
}

/* "flat 0.62 instead of 0.6150 · peak not held" */
static char *
prices_text (const TillTariffView *view)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < view->n_prices; i++)
    {
      const TillHeldPrice *price = &view->prices[i];
      g_autofree char *wanted = till_format_price (price->price), *held = price->held != TILL_UNKNOWN ? till_format_price (price->held) : NULL;
      const char *rate = till_format_word (&till_words_rate, price->rate);

      if (text->len > 0)
        g_string_append (text, " · ");
      if (held == NULL)
        g_string_append_printf (text, _ ("%s not held"), rate);
      else if (price->held == price->price)
        g_string_append_printf (text, "%s %s", rate, held);
      else
        g_string_append_printf (text, _ ("%s %s instead of %s"), rate, held, wanted);
    }
  return g_string_free (text, FALSE);
}

static void
add_view (GtkBox *box, const TillTariffView *view)
{
  g_autofree char *prices = prices_text (view);

  add_line (box, view->model, "till-strong");
  if (prices[0] != '\0')
    gtk_widget_add_css_class (add_line (box, prices, NULL), "numeric");
  for (guint i = 0; view->warnings != NULL && view->warnings[i] != NULL; i++)
    for (guint k = 0; k < G_N_ELEMENTS (warnings); k++)
      if (g_str_equal (warnings[k].word, view->warnings[i]))
        add_line (box, _ (warnings[k].sentence), "till-secondary");
}

void
till_held_list_fill (GtkBox *box, GPtrArray *views)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
  for (guint i = 0; i < views->len; i++)
    add_view (box, g_ptr_array_index (views, i));
}
