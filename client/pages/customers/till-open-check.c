/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-open-check.c: see till-open-check.h. Says only what was chosen: whether it can be done is the server's to say. */
#define G_LOG_DOMAIN "till-open-check"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/customers/till-open-check.h"
#include "client/widgets/till-format.h"

static void
add_row (AdwPreferencesGroup *group, const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_preferences_group_add (group, row);
}

static AdwPreferencesGroup *
add_group (GtkBox *box, const char *title)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  gtk_box_append (box, group);
  return ADW_PREFERENCES_GROUP (group);
}

/* part is taken. */
static void
put_part (GString *text, char *part)
{
  g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", part);
  g_free (part);
}

static void
add_meter (AdwPreferencesGroup *group, TillOpeningMeter *item, TillRefLists *lists)
{
  g_autofree char *key = g_strdup_printf ("%" G_GINT64_FORMAT, item->tariff);
  g_autofree char *kw = item->overload_w != TILL_UNKNOWN ? till_format_power (item->overload_w) : NULL;
  gpointer tariff = item->tariff > 0 ? till_ref_lists_find (lists, TILL_REF_TARIFFS, key) : NULL;
  const char *room = till_record_text (item->meter, "room");
  g_autofree char *title = g_strdup_printf ("%s · %s", till_record_text (item->meter, "code"), room != NULL ? room : TILL_DASH);
  g_autofree char *alarm1 = till_format_money_sign (item->alarm1), *alarm2 = till_format_money_sign (item->alarm2);
  g_autofree char *overdraft = till_format_money_sign (item->overdraft), *opening = till_format_money_sign (item->opening.amount);
  g_autofree char *carried = till_format_money_sign (item->carried.amount);
  g_autoptr (GString) text = g_string_new (NULL);

  if (tariff != NULL)
    put_part (text, g_strdup (till_record_text (tariff, "name")));
  if (item->alarm1 != TILL_UNKNOWN)
    put_part (text, g_strdup_printf (_ ("alarm 1 %s"), alarm1));
  if (item->alarm2 != TILL_UNKNOWN)
    put_part (text, g_strdup_printf (_ ("alarm 2 %s"), alarm2));
  if (kw != NULL)
    put_part (text, g_strdup_printf (_ ("overload %s kW"), kw));
  if (item->overdraft > 0)
    put_part (text, g_strdup_printf (_ ("overdraft %s"), overdraft));
  if (item->opening.amount > 0)
    put_part (text, g_strdup_printf (_ ("opening amount %s"), opening));
  if (item->carried.amount > 0)
    put_part (text, g_strdup_printf (_ ("%s of an old meter"), carried));
  add_row (group, title, text->str);
}

static void
add_events (GtkBox *box, TillOpening *opening)
{
  AdwPreferencesGroup *group = add_group (box, _ ("What will happen"));
  guint n = till_opening_count (opening);
  gint64 paid, carried;
  g_autofree char *meters = g_strdup_printf (ngettext ("The account is opened on %u meter.", "The account is opened on %u meters.", n), n);
  g_autofree char *first = NULL, *second = NULL, *taken = NULL, *moved = NULL;

  till_opening_sum (opening, &paid, &carried);
  first = till_format_money_sign (paid);
  second = till_format_money_sign (carried);
  if (opening->channel == TILL_CHANNEL_CASH)
    taken = g_strdup_printf (_ ("%s are taken in cash and counted in your drawer."), first);
  else
    taken = g_strdup_printf (_ ("%s are taken: %s."), first, till_format_word (&till_words_channel, opening->channel));
  moved = g_strdup_printf (_ ("%s of old meters are booked as carried over. No money changes hands for it."), second);
  add_row (group, meters, _ ("Each is read once more right before, if its reading is older than a minute."));
  add_row (group, _ ("Prices and limits go to the meters."), _ ("What a meter can not hold the server keeps and settles."));
  if (paid > 0)
    add_row (group, taken, opening->together ? _ ("They go to the common balance.") : _ ("Each meter gets its amount by an order of its own and confirms it."));
  if (carried > 0)
    add_row (group, moved, opening->together ? _ ("It goes to the common balance.") : _ ("Each meter gets its amount by an order of its own and confirms it."));
  if (paid + carried == 0)
    add_row (group, _ ("No money is taken."), _ ("The meters are opened with what is on them."));
}

void
till_open_check_fill (GtkBox *box, TillOpening *opening, TillRefLists *lists)
{
  AdwPreferencesGroup *group;
  g_autofree char *who = g_strdup_printf ("%s · %s", till_record_text (opening->customer, "name"), till_record_text (opening->customer, "code"));
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
  group = add_group (box, _ ("Account"));
  add_row (group, who, till_record_text (opening->customer, "room"));
  add_row (group, opening->together ? _ ("Settled together") : _ ("Settled each meter alone"),
           opening->together ? _ ("One balance for all meters, kept by the server.") : _ ("Every meter has its own balance."));
  add_events (box, opening);
  group = add_group (box, C_ ("account", "Meters"));
  for (guint i = 0; i < till_opening_count (opening); i++)
    add_meter (group, till_opening_get (opening, i), lists);
}
