/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-import-cell.c: see till-import-cell.h. Only what can mean one thing is changed: 1,234 may be a thousand or one and a bit, and stays. */
#define G_LOG_DOMAIN "till-import"
#include "config.h"
#include <string.h>
#include "client/files/till-import-cell.h"

/* Line ends and tabs as `end`, other blanks as one space each, marks without width gone. */
static char *
one_line (const char *text, char end)
{
  GString *out = g_string_new (NULL);

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar letter = g_utf8_get_char (at);

      if (letter == '\r' && at[1] == '\n')
        continue;
      if (letter == '\n' || letter == '\r' || letter == '\t')
        g_string_append_c (out, end);
      else if (g_unichar_isspace (letter))
        g_string_append_c (out, ' ');
      else if (g_unichar_type (letter) != G_UNICODE_FORMAT)
        g_string_append_unichar (out, letter);
    }
  return g_strstrip (g_string_free (out, FALSE));
}

/* 1,204.50 and 12,034,000: commas that can be nothing but groups. */
static void
drop_groups (char *number)
{
  char *to = number;

  if (!g_regex_match_simple ("^[0-9]{1,3}(,[0-9]{3})+[.][0-9]+$|^[0-9]{1,3}(,[0-9]{3}){2,}$", number, 0, 0))
    return;
  for (const char *from = number; *from != '\0'; from++)
    if (*from != ',')
      *to++ = *from;
  *to = '\0';
}

static void
drop_unit (char *number)
{
  static const char *const before[] = { "¥", "RMB", "CNY" }, *const after[] = { "元", "kWh", "kwh", "KWH", "kW", "kw", "KW" };

  for (guint i = 0; i < G_N_ELEMENTS (before); i++)
    if (g_str_has_prefix (number, before[i]))
      memmove (number, number + strlen (before[i]), strlen (number) - strlen (before[i]) + 1);
  for (guint i = 0; i < G_N_ELEMENTS (after); i++)
    if (g_str_has_suffix (number, after[i]))
      number[strlen (number) - strlen (after[i])] = '\0';
  g_strstrip (number);
}

/* 12.0 and 12.: of a program that knows only fractions. */
static void
drop_nought (char *number)
{
  gsize digits = strspn (number, "0123456789");

  if (digits > 0 && number[digits] == '.' && strspn (number + digits + 1, "0") == strlen (number + digits + 1))
    number[digits] = '\0';
}

static char *
tidy_path (char *path)
{
  g_auto (GStrv) parts = NULL;
  g_autoptr (GString) text = g_string_new (path);

  g_string_replace (text, "／", "/", 0);
  parts = g_strsplit (text->str, "/", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    g_strstrip (parts[i]);
  g_free (path);
  return g_strjoinv ("/", parts);
}

char *
till_import_cell_tidy (TillCellForm form, const char *text)
{
  g_autofree char *narrow = form == TILL_CELL_TEXT || form == TILL_CELL_PATH ? NULL : g_utf8_normalize (text, -1, G_NORMALIZE_NFKC);
  char *line = one_line (narrow != NULL ? narrow : text, form == TILL_CELL_PHONES ? ',' : ' ');

  if (form == TILL_CELL_PATH)
    return tidy_path (line);
  if (form == TILL_CELL_AMOUNT)
    {
      drop_unit (line);
      drop_groups (line);
    }
  if (form == TILL_CELL_WHOLE || form == TILL_CELL_PHONES)
    drop_nought (line);
  while (form == TILL_CELL_WHOLE && line[0] == '0' && g_ascii_isdigit (line[1])) /* 007 */
    memmove (line, line + 1, strlen (line));
  return line;
}
