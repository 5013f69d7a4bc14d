/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-import-reason.c: see till-import-reason.h. The server speaks English; its sentences are known by their shape, and what differs from one to
 * the next (a number, a name) is put into the translated one. A test holds this list against what the server really says. */
#define G_LOG_DOMAIN "till-import"
#include "config.h"
#include <glib/gi18n.h>
#include <string.h>
#include "client/files/till-import-reason.h"

#define ARGUMENTS 4

typedef enum { PLAIN, ROW, WORDS } What; /* ROW: the argument is a row of what was sent; WORDS: words of the contract */

static const struct { const char *shape; What what; } reasons[] = {
  { N_ ("is required"), PLAIN },
  { N_ ("is no column of this import"), PLAIN },
  { N_ ("must be a text of at most %s characters without control characters"), PLAIN },
  { N_ ("is a formula without a result: write the value itself"), PLAIN },
  { N_ ("must be one of %s"), WORDS },
  { N_ ("must be 1 to %s letters, digits, dots, underscores and dashes"), PLAIN },
  { N_ ("must be a whole number from %s to %s"), PLAIN },
  { N_ ("must be a number, not below 0, with at most %s decimals"), PLAIN },
  { N_ ("must have at most two decimals"), PLAIN },
  { N_ ("must have at most %s characters"), PLAIN },
  { N_ ("stands in row %s already"), ROW },
  { N_ ("is taken: it needs a number of its own"), PLAIN },
  { N_ ("is the number of a gateway that was taken out: it needs one of its own"), PLAIN },
  { N_ ("is the number of a meter that was taken out: it needs one of its own"), PLAIN },
  { N_ ("is for gateways only"), PLAIN },
  { N_ ("is for meters only"), PLAIN },
  { N_ ("must be names with / between them, each at most %s characters"), PLAIN },
  { N_ ("must be below an area you may see"), PLAIN },
  { N_ ("there is no area \"%s\" that you may see"), PLAIN },
  { N_ ("there is no gateway \"%s\" that you may see, neither in this file"), PLAIN },
  { N_ ("gateway %s has no port %s"), PLAIN },
  { N_ ("meter %s sits at %s, port %s, address %s already"), PLAIN },
  { N_ ("there is no meter model \"%s\""), PLAIN },
  { N_ ("there is no tariff \"%s\""), PLAIN },
  { N_ ("must be greater than alarm2"), PLAIN },
  { N_ ("is kWh with at most three decimals: this purse holds energy"), PLAIN },
  { N_ ("HOST:PORT, such as %s or %s"), PLAIN },
  { N_ ("must be at most %s numbers of %s to %s digits with commas between them"), PLAIN },
  { N_ ("need the permission customer.private"), PLAIN },
  { N_ ("has a wrong check digit"), PLAIN },
  { N_ ("must be at most 40 letters and digits, all of them: a long number is kept as text"), PLAIN },
  { N_ ("there is no customer \"%s\" that you may see"), PLAIN },
  { N_ ("there is no meter \"%s\" that you may see"), PLAIN },
  { N_ ("is not installed: put it in first"), PLAIN },
  { N_ ("has an open case: no account until it is decided"), PLAIN },
  { N_ ("belongs to the open account %s"), PLAIN },
  { N_ ("belongs to another customer: leave it out, or write one of its own"), PLAIN },
  { N_ ("is not open: leave it out, or write another"), PLAIN },
  { N_ ("must be the same in all rows of an account"), PLAIN },
  { N_ ("must be each: the meter settles itself"), PLAIN },
  { N_ ("is more than the hoard limit that the default parameters give this meter"), PLAIN },
  { N_ ("the row must be an object"), PLAIN },
  { N_ ("%s holds %s to %s in steps of %s"), PLAIN },
};

/* What stands where the shape has %s; NULL: it is not of this shape. */
static char **
take_arguments (const char *shape, const char *said)
{
  g_auto (GStrv) fixed = g_strsplit (shape, "%s", -1);
  guint n = g_strv_length (fixed) - 1;
  g_auto (GStrv) arguments = g_new0 (char *, ARGUMENTS + 1);
  const char *at = said + strlen (fixed[0]);

  g_assert (n <= ARGUMENTS);
  if (!g_str_has_prefix (said, fixed[0]) || (n == 0 && *at != '\0'))
    return NULL;
  for (guint i = 1; i <= n; i++)
    {
      const char *next = i < n ? strstr (at, fixed[i]) : g_str_has_suffix (at, fixed[i]) ? at + strlen (at) - strlen (fixed[i]) : NULL;

      if (next == NULL)
        return NULL;
      arguments[i - 1] = g_strndup (at, (gsize) (next - at));
      at = next + strlen (fixed[i]);
    }
  return g_steal_pointer (&arguments);
}

static int
find (const char *said, char ***ret_arguments)
{
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if ((*ret_arguments = take_arguments (reasons[i].shape, said)) != NULL)
      return (int) i;
  return -1;
}

/* "gateway, meter" -> "网关, 仪表": what may be written into the file. */
static char *
own_words (const TillImportPlace *place, const char *list)
{
  guint n;
  const TillImportColumn *columns = till_import_columns (place->kind, &n), *column = place->column >= 0 ? &columns[place->column] : NULL;
  g_auto (GStrv) words = g_strsplit (list, ", ", -1);

  for (guint i = 0; column != NULL && words[i] != NULL; i++)
    {
      char *shown = till_import_show_word (column, words[i]);

      g_free (words[i]);
      words[i] = shown;
    }
  return g_strjoinv (", ", words);
}

static void
put_own (const TillImportPlace *place, What what, char **arguments)
{
  char *own = NULL;

  if (what == WORDS)
    own = own_words (place, arguments[0]);
  else if (what == ROW)
    {
      guint64 row = place->heading + g_ascii_strtoull (arguments[0], NULL, 10);

      own = row < place->sheet->rows->len ? g_strdup_printf ("%u", till_sheet_get_row (place->sheet, (guint) row)->number) : NULL;
    }
  if (own == NULL)
    return;
  g_free (arguments[0]);
  arguments[0] = own;
}

char *
till_import_reason (const TillImportPlace *place, const char *said)
{
  g_auto (GStrv) arguments = NULL;
  int found = find (said, &arguments);
  GString *text;
  guint next = 0;

  if (found < 0)
    return g_strdup (*said != '\0' ? _ (said) : "");
  put_own (place, reasons[found].what, arguments);
  text = g_string_new (NULL);
  for (const char *at = _ (reasons[found].shape); *at != '\0'; at++)
    if (g_str_has_prefix (at, "%s") && next < ARGUMENTS && arguments[next] != NULL)
      {
        g_string_append (text, arguments[next++]);
        at++;
      }
    else
      g_string_append_c (text, *at);
  return g_string_free (text, FALSE);
}

gboolean
till_import_reason_is_known (const char *said)
{
  g_auto (GStrv) arguments = NULL;

  return find (said, &arguments) >= 0;
}
