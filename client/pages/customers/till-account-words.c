/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-account-words.c: see till-account-words.h. Sentences of the server that are not known here are shown as they are. */
#define G_LOG_DOMAIN "till-close-window"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/customers/till-account-words.h"
#include "client/widgets/till-format.h"

/* Written by the server; here only so that they can be translated. */
static const char *const known[] = {
  N_ ("This meter holds energy: make a refund of it first."),
  N_ ("Money of this meter is on its way: wait until it is verified."),
  N_ ("This meter is in debt: take the payment first."),
  N_ ("The last reading is being charged: ask again in a few seconds."),
  N_ ("The meter does not answer: its last reading is waited for."),
  N_ ("The account is in debt: take the payment first."),
  N_ ("The account has a balance and no meter: add one first."),
};

char *
till_account_blocker_words (const char *blocker)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (known[i], blocker))
      return g_strdup (_ (known[i]));
  if (g_str_has_prefix (blocker, "Approval "))
    return g_strdup (_ ("A second operator must agree under Approvals."));
  return g_strdup (blocker);
}

void
till_account_fill_channels (GtkDropDown *channels)
{
  g_autoptr (GtkStringList) words = gtk_string_list_new (NULL);

  for (int i = 0; till_channel_word ((TillChannel) i) != NULL; i++)
    gtk_string_list_append (words, till_format_word (&till_words_channel, i));
  gtk_drop_down_set_model (channels, G_LIST_MODEL (words));
}
