/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-statement-words.c: see till-statement-words.h. Knows the kinds of entries of the contract; a new one is shown by its word. */
#define G_LOG_DOMAIN "till-statement-window"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/till-statement-words.h"
#include "client/widgets/till-format.h"

static void
add (GString *text, const char *part)
{
  g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", part);
}

static void
add_consumption (GString *text, gpointer line)
{
  gint64 tier = till_record_int (line, "tier");
  g_autofree char *step = g_strdup_printf (_ ("tier %d"), (int) tier);

  if (till_record_known (line, "rate"))
    add (text, till_format_word (&till_words_rate, till_record_int (line, "rate")));
  if (till_record_known (line, "tier") && tier > 1)
    add (text, step);
}

static void
add_receipt (GString *text, gpointer line)
{
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, till_record_int (line, "number")), *receipt = g_strdup_printf (_ ("receipt %s"), number);

  add (text, receipt);
  if (till_record_known (line, "channel"))
    add (text, till_format_word (&till_words_channel, till_record_int (line, "channel")));
}

char *
till_statement_words (gpointer line, const char *own_meter)
{
  GString *text = g_string_new (till_format_word (&till_words_statement_kind, till_record_int (line, "kind")));
  const char *kind = till_record_text (line, "kind"), *meter = till_record_text (line, "meter-code");

  if (g_strcmp0 (kind, "energy") == 0 || g_strcmp0 (kind, "allowance") == 0)
    add_consumption (text, line);
  if (g_strcmp0 (kind, "fixed_fee") == 0 && till_record_int (line, "days") > 0)
    {
      guint days = (guint) till_record_int (line, "days");
      g_autofree char *span = g_strdup_printf (ngettext ("%u day", "%u days", days), days);

      add (text, span);
    }
  if (till_record_known (line, "number"))
    add_receipt (text, line);
  if (meter != NULL && g_strcmp0 (meter, own_meter) != 0)
    add (text, meter);
  if (till_record_int (line, "estimated") == 1)
    add (text, _ ("estimated"));
  return g_string_free (text, FALSE);
}
