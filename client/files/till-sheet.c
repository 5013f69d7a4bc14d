/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sheet.c: see till-sheet.h. What a file is, its first bytes say, not its name. */
#define G_LOG_DOMAIN "till-sheet"
#include "config.h"
#include <glib/gi18n.h>
#include <string.h>
#include "client/files/till-sheet-private.h"
#include "shared/base/till-error.h"

static void
row_clear (gpointer data)
{
  g_strfreev (((TillSheetRow *) data)->cells);
}

void
till_sheet_free (TillSheet *self)
{
  g_array_unref (self->rows);
  g_strfreev (self->pages);
  g_free (self->encoding);
  g_free (self);
}

const TillSheetRow *
till_sheet_get_row (const TillSheet *self, guint i)
{
  return &g_array_index (self->rows, TillSheetRow, i);
}

/* Blanks of every kind, the wide one of Chinese text and the unbreakable one among them, and marks without width that come along with a copy. */
static gboolean
is_nothing (gunichar letter)
{
  return g_unichar_isspace (letter) || g_unichar_type (letter) == G_UNICODE_FORMAT;
}

gboolean
till_sheet_is_blank (const char *text)
{
  for (; text != NULL && *text != '\0'; text = g_utf8_next_char (text))
    if (!is_nothing (g_utf8_get_char (text)))
      return FALSE;
  return TRUE;
}

static char *
trim (const char *text)
{
  const char *from = text, *to = text + strlen (text);

  while (from < to && is_nothing (g_utf8_get_char (from)))
    from = g_utf8_next_char (from);
  while (to > from && is_nothing (g_utf8_get_char (g_utf8_prev_char (to))))
    to = g_utf8_prev_char (to);
  return g_strndup (from, (gsize) (to - from));
}

/* '00230 and ="00230" are how people and programs keep a number a text: 00230. */
static char *
drop_mark (char *text)
{
  gsize len = strlen (text);

  if (*text == '\'' && (g_ascii_isdigit (text[1]) || (text[1] != '\0' && strchr ("=+-@", text[1]) != NULL)))
    memmove (text, text + 1, len);
  else if (len > 3 && g_str_has_prefix (text, "=\"") && text[len - 1] == '"' && strchr (text + 2, '"') == text + len - 1)
    {
      memmove (text, text + 2, len - 3);
      text[len - 3] = '\0';
    }
  return text;
}

/* A long whole number as programs write one that they keep as a fraction: 1.3900005566E10 (all digits that it has), 13900005566.0. With a sign
 * before its exponent it is how spreadsheets show it, shortened: then only when no digit can be missing. */
static char *
write_out (char *text)
{
  const char *dot = strchr (text, '.'), *e = dot != NULL ? strpbrk (dot, "eE") : NULL;
  gsize decimals = dot != NULL ? strspn (dot + 1, "0123456789") : 0;
  guint64 exponent;
  GString *out;

  if (dot == NULL || dot == text || strspn (text, "0123456789") != (gsize) (dot - text) || *text == '0')
    return text;
  if (e == NULL && dot - text >= 7 && g_str_equal (dot, ".0"))
    {
      text[dot - text] = '\0';
      return text;
    }
  if (e == NULL || dot != text + 1 || e != dot + 1 + decimals)
    return text;
  exponent = g_ascii_strtoull (e + 1, NULL, 10);
  if (e[1] == '-' || strspn (e + 1 + (e[1] == '+'), "0123456789") != strlen (e + 1 + (e[1] == '+')) || exponent < 7 || exponent > 14 || decimals > exponent ||
      (e[1] == '+' && decimals < exponent))
    return text;
  out = g_string_new_len (text, 1);
  g_string_append_len (out, dot + 1, (gssize) decimals);
  while (out->len <= exponent)
    g_string_append_c (out, '0');
  g_free (text);
  return g_string_free (out, FALSE);
}

/* A day that was typed, or that a program shows: 2025年3月1日, 2025-03-01 09:30. With slashes it may be a place, and stays. */
static char *
write_day (char *text)
{
  static const char shape[] = "^([0-9]{4})(?:年([0-9]{1,2})月([0-9]{1,2})日[ :0-9]*|-([0-9]{2})-([0-9]{2})[T ][0-9]{2}:[0-9]{2}[:.Z0-9]*)$";
  g_autoptr (GRegex) regex = *text >= '0' && *text <= '9' && strlen (text) > 8 && (text[4] == '-' || strstr (text, "年") != NULL) ? g_regex_new (shape,
                                                                                                    0, 0, NULL) : NULL;
  g_autoptr (GMatchInfo) match = NULL;
  guint parts[3] = { 0 }, n = 0;

  if (regex == NULL || !g_regex_match (regex, text, 0, &match))
    return text;
  for (int i = 1; i < g_match_info_get_match_count (match) && n < 3; i++)
    {
      g_autofree char *part = g_match_info_fetch (match, i);

      if (part != NULL && *part != '\0')
        parts[n++] = (guint) g_ascii_strtoull (part, NULL, 10);
    }
  if (n < 3 || !g_date_valid_dmy ((GDateDay) parts[2], (GDateMonth) parts[1], (GDateYear) parts[0]))
    return text;
  g_free (text);
  return g_strdup_printf ("%04u-%02u-%02u", parts[0], parts[1], parts[2]);
}

gboolean
till_sheet_add (TillSheet *self, guint number, GPtrArray *cells, GError **error)
{
  TillSheetRow row = { number, NULL };
  GPtrArray *texts = g_ptr_array_new ();
  guint last = 0;

  for (guint i = 0; i < cells->len; i++)
    {
      const char *text = g_ptr_array_index (cells, i);

      g_ptr_array_add (texts, text != NULL ? write_day (write_out (drop_mark (trim (text)))) : g_strdup (""));
      if (*(char *) g_ptr_array_index (texts, i) != '\0')
        last = i + 1;
    }
  g_ptr_array_add (texts, NULL);
  row.cells = (char **) g_ptr_array_free (texts, FALSE);
  if (last > TILL_SHEET_COLUMNS || (last > 0 && self->rows->len >= TILL_SHEET_ROWS))
    {
      g_strfreev (row.cells);
      return last > TILL_SHEET_COLUMNS ? till_fail (error, TILL_ERROR_TOO_LARGE, _ ("Row %u has more than %d columns."), number, TILL_SHEET_COLUMNS)
                                       : till_fail (error, TILL_ERROR_TOO_LARGE, _ ("The file has more than 10,000 rows: divide it."));
    }
  if (last == 0)
    {
      g_strfreev (row.cells);
      return TRUE;
    }
  self->n_columns = MAX (self->n_columns, last);
  g_array_append_val (self->rows, row);
  return TRUE;
}

/* Every row as wide as the widest. */
static void
even_out (TillSheet *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      TillSheetRow *row = &g_array_index (self->rows, TillSheetRow, i);
      guint had = g_strv_length (row->cells);

      for (guint n = self->n_columns; n < had; n++)
        g_clear_pointer (&row->cells[n], g_free);
      row->cells = g_renew (char *, row->cells, self->n_columns + 1);
      for (guint n = had; n < self->n_columns; n++)
        row->cells[n] = g_strdup ("");
      row->cells[self->n_columns] = NULL;
    }
}

/* --- csv --- */

static char *
to_utf8 (TillSheet *self, const char *data, gsize size, GError **error)
{
  static const char *const from[] = { "GB18030", "UTF-16LE", "UTF-16BE" };
  guint which = size >= 2 && memcmp (data, "\xFF\xFE", 2) == 0 ? 1 : size >= 2 && memcmp (data, "\xFE\xFF", 2) == 0 ? 2 : 0;
  char *text;

  if (which == 0 && memchr (data, '\0', size) != NULL)
    {
      till_fail (error, TILL_ERROR_INVALID, _ ("This is neither a spreadsheet (xlsx) nor text (csv)."));
      return NULL;
    }
  if (which == 0 && g_utf8_validate_len (data, size, NULL))
    {
      self->encoding = g_strdup ("UTF-8");
      return g_strndup (data, size);
    }
  text = g_convert (data, (gssize) size, "UTF-8", from[which], NULL, NULL, NULL);
  if (text == NULL || !g_utf8_validate (text, -1, NULL))
    {
      g_free (text);
      till_fail (error, TILL_ERROR_INVALID, _ ("The letters of this file can not be read: save it as CSV UTF-8 or as xlsx."));
      return NULL;
    }
  self->encoding = g_strdup (from[which]);
  return text;
}

/* What stands oftenest between the words of the first line. */
static char
find_separator (const char *text)
{
  static const char candidates[] = ",;\t";
  guint counts[3] = { 0, 0, 0 }, best = 0;
  gboolean quoted = FALSE;

  for (const char *at = text; *at != '\0' && (quoted || (*at != '\n' && *at != '\r')); at++)
    {
      const char *found = strchr (candidates, *at);

      if (*at == '"')
        quoted = !quoted;
      else if (!quoted && found != NULL)
        counts[found - candidates]++;
    }
  for (guint i = 1; i < 3; i++)
    if (counts[i] > counts[best])
      best = i;
  return candidates[best];
}

/* One cell from *at on, which stands at its separator, line end or the end afterwards. */
static char *
take_cell (const char **at, char separator)
{
  GString *cell = g_string_new (NULL);
  const char *from = *at;
  gboolean quoted = *from == '"';

  for (from += quoted ? 1 : 0; *from != '\0'; from++)
    {
      if (quoted && *from == '"' && from[1] == '"')
        from++;
      else if (quoted && *from == '"')
        {
          quoted = FALSE;
          continue;
        }
      else if (!quoted && (*from == separator || *from == '\n' || *from == '\r'))
        break;
      g_string_append_c (cell, *from);
    }
  *at = from;
  return g_string_free (cell, FALSE);
}

static gboolean
read_csv (TillSheet *self, const char *data, gsize size, GError **error)
{
  g_autofree char *text = to_utf8 (self, data, size, error);
  const char *at = text;
  char separator;

  if (text == NULL)
    return FALSE;
  if (g_str_has_prefix (at, "\xEF\xBB\xBF"))
    at += 3;
  if (g_ascii_strncasecmp (at, "sep=", 4) == 0 && at[4] != '\0')
    {
      separator = at[4];
      at += 5;
    }
  else
    separator = find_separator (at);
  for (guint line = 1; *at != '\0'; line++)
    {
      g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);

      g_ptr_array_add (cells, take_cell (&at, separator));
      while (*at == separator)
        {
          at++;
          g_ptr_array_add (cells, take_cell (&at, separator));
        }
      if (!till_sheet_add (self, line, cells, error))
        return FALSE;
      at += *at == '\r' && at[1] == '\n' ? 2 : *at != '\0' ? 1 : 0;
    }
  return TRUE;
}

/* --- reading --- */

TillSheet *
till_sheet_read_bytes (GBytes *bytes, guint page, GError **error)
{
  g_autoptr (TillSheet) self = g_new0 (TillSheet, 1);
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);
  gboolean done;

  self->rows = g_array_new (FALSE, FALSE, sizeof (TillSheetRow));
  g_array_set_clear_func (self->rows, row_clear);
  self->pages = g_new0 (char *, 1);
  if (size == 0 || size > TILL_SHEET_BYTES)
    {
      if (size == 0)
        till_fail (error, TILL_ERROR_INVALID, _ ("The file is empty."));
      else
        till_fail (error, TILL_ERROR_TOO_LARGE, _ ("The file is larger than 64 MiB."));
      return NULL;
    }
  if (size >= 8 && memcmp (data, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) == 0)
    {
      till_fail (error, TILL_ERROR_INVALID, _ ("This is a workbook of the old kind (xls), or one with a password: save it as xlsx without one."));
      return NULL;
    }
  done = size >= 4 && memcmp (data, "PK\x03\x04", 4) == 0 ? till_sheet_read_xlsx (self, bytes, page, error) : read_csv (self, data, size, error);
  if (!done)
    return NULL;
  even_out (self);
  return g_steal_pointer (&self);
}

typedef struct { GFile *file; guint page; } Reading;

static void
reading_free (gpointer data)
{
  g_object_unref (((Reading *) data)->file);
  g_free (data);
}

static void
read_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Reading *reading = data;
  GError *error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info (reading->file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, cancellable, &error);
  TillSheet *sheet = NULL;

  if (info != NULL && g_file_info_get_size (info) > TILL_SHEET_BYTES)
    till_fail (&error, TILL_ERROR_TOO_LARGE, _ ("The file is larger than 64 MiB."));
  else if (info != NULL)
    bytes = g_file_load_bytes (reading->file, cancellable, NULL, &error);
  if (bytes != NULL)
    sheet = till_sheet_read_bytes (bytes, reading->page, &error);
  if (sheet != NULL)
    g_task_return_pointer (task, sheet, (GDestroyNotify) till_sheet_free);
  else
    g_task_return_error (task, error);
}

void
till_sheet_read_async (GFile *file, guint page, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (file, cancellable, callback, user_data);
  Reading *reading = g_new0 (Reading, 1);

  *reading = (Reading){ g_object_ref (file), page };
  g_task_set_source_tag (task, till_sheet_read_async);
  g_task_set_task_data (task, reading, reading_free);
  g_task_run_in_thread (task, read_thread);
}

TillSheet *
till_sheet_read_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
