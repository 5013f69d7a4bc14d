/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sheet-xlsx.c: a page of a workbook as texts. Formulas give their stored result; one that has none gives FORMULA and itself, which no
 * server takes: a value that was never there is not to be lost in silence. Rows that are hidden or filtered away are rows. */
#define G_LOG_DOMAIN "till-sheet"
#include "config.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>
#include "client/files/till-sheet-book.h"
#include "client/files/till-sheet-private.h"
#include "shared/base/till-error.h"

#define FORMULA "#FORMULA! ="

typedef struct { guint row, column, last_row, last_column; } Range;

/* "AB12" -> 28; the row is the rest. 0: not a reference. */
static guint
column_of (const char *reference, guint *ret_row)
{
  guint column = 0;

  for (; reference != NULL && (g_ascii_isalpha (*reference) || *reference == '$') && column < 100000; reference++)
    if (*reference != '$')
      column = column * 26 + (guint) (g_ascii_toupper (*reference) - 'A') + 1;
  if (ret_row != NULL)
    *ret_row = reference != NULL ? (guint) g_ascii_strtoull (reference, NULL, 10) : 0;
  return column;
}

/* Days since 1899-12-30, which makes every day after February 1900 right; a time of day is left out, as no column has one. */
static char *
day_text (TillSheetBook *book, double serial)
{
  g_autoptr (GDateTime) origin = g_date_time_new_utc (1899, 12, 30, 0, 0, 0), day = NULL;

  if (serial < 1 || serial > 2958465)
    return NULL;
  day = g_date_time_add_days (origin, (int) serial + (book->from_1904 ? 1462 : 0));
  return g_date_time_format (day, "%Y-%m-%d");
}

/* A spreadsheet holds fifteen digits: of a longer number the last ones are gone, which has to be seen. */
static char *
number_text (TillSheetBook *book, const char *value, guint number_of_style)
{
  char buffer[64];
  char *end = NULL, *day;
  double number = g_ascii_strtod (value, &end);
  TillSheetStyle style = number_of_style < book->styles->len ? g_array_index (book->styles, TillSheetStyle, number_of_style) : (TillSheetStyle){ 0 };

  while (end != value && g_ascii_isspace (*end))
    end++;
  if (end == value || *end != '\0')
    return g_strdup (value);
  if (style.day && (day = day_text (book, number)) != NULL)
    return day;
  if (number == floor (number) && fabs (number) < 1e15)
    return style.zeros > 0 && number >= 0 ? g_strdup_printf ("%0*" G_GINT64_FORMAT, (int) style.zeros, (gint64) number)
                                          : g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) number);
  if (fabs (number) >= 1e15)
    return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.15G", number));
  if (fabs (number) >= 1e-4)
    return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.15g", number)); /* 2.2000000000000002 is 2.2 */
  g_ascii_formatd (buffer, sizeof buffer, "%.18f", number);
  for (gsize last = strlen (buffer); last > 0 && buffer[last - 1] == '0'; last--)
    buffer[last - 1] = '\0';
  return g_strdup (buffer);
}

static char *
cell_text (TillSheetBook *book, const char *type, const char *value, guint style)
{
  guint64 index;

  if (g_strcmp0 (type, "s") == 0)
    {
      index = *value != '\0' ? g_ascii_strtoull (value, NULL, 10) : G_MAXUINT64;
      book->damaged = book->damaged || (index >= book->strings->len && *value != '\0');
      return index < book->strings->len ? g_strdup (g_ptr_array_index (book->strings, index)) : NULL;
    }
  if (g_strcmp0 (type, "b") == 0)
    return g_strdup (g_strcmp0 (value, "1") == 0 ? "yes" : "no");
  if (g_strcmp0 (type, "d") == 0)
    return g_strndup (value, 10);
  if (type != NULL && !g_str_equal (type, "n"))
    return till_xml_unescape (g_strdup (value));
  return number_text (book, value, style);
}

static char *
take_value (TillXml *reader)
{
  xmlChar *value = xmlTextReaderReadString (reader);
  char *copy = g_strdup (value != NULL ? (const char *) value : "");

  xmlFree (value);
  return copy;
}

/* The reader stands on <c>, and on its end afterwards. */
static char *
take_cell (TillSheetBook *book, TillXml *reader)
{
  g_autofree char *type = till_xml_attribute (reader, "t"), *style = till_xml_attribute (reader, "s"), *formula = NULL, *value = NULL, *text = NULL;
  gboolean empty = xmlTextReaderIsEmptyElement (reader) == 1;

  while (!empty && xmlTextReaderRead (reader) == 1 && !till_xml_at_end (reader, "c"))
    {
      if (till_xml_at (reader, "is"))
        {
          g_free (text);
          text = till_xml_take_text (reader, "is");
        }
      else if (till_xml_at (reader, "f"))
        {
          g_free (formula);
          formula = take_value (reader);
        }
      else if (till_xml_at (reader, "v"))
        {
          g_free (value);
          value = take_value (reader);
        }
    }
  if (text != NULL)
    return g_steal_pointer (&text);
  if (value != NULL && *value != '\0')
    return cell_text (book, type, value, style != NULL ? (guint) g_ascii_strtoull (style, NULL, 10) : 0);
  if (formula != NULL && g_strcmp0 (type, "str") != 0) /* never calculated; of type str it is calculated, and nothing */
    return g_strconcat (FORMULA, formula, NULL);
  return NULL;
}

typedef struct { guint number; GPtrArray *cells; } Line;
typedef struct { GArray *lines, *ranges; guint last; } Content; /* last: number of the last row, blank or not */

static void
line_clear (gpointer data)
{
  g_ptr_array_unref (((Line *) data)->cells);
}

static void
put_cell (Line *line, guint column, char *text)
{
  if (column < 1 || column > 16384)
    {
      g_free (text);
      return;
    }
  if (line->cells->len < column && text != NULL && *text != '\0')
    g_ptr_array_set_size (line->cells, (int) column);
  if (line->cells->len >= column)
    {
      g_free (g_ptr_array_index (line->cells, column - 1));
      g_ptr_array_index (line->cells, column - 1) = text;
    }
  else
    g_free (text);
}

/* A row of nothing but borders counts as a number and is not kept: what a merged cell would put into it is no row either. */
static void
take_row (TillSheetBook *book, TillXml *reader, Content *content)
{
  g_autofree char *number = till_xml_attribute (reader, "r");
  gboolean empty = xmlTextReaderIsEmptyElement (reader) == 1, blank = TRUE;
  guint said = number != NULL ? (guint) g_ascii_strtoull (number, NULL, 10) : 0, column = 0;
  Line line = { MAX (said, content->last + 1), g_ptr_array_new_with_free_func (g_free) };

  content->last = line.number;
  while (!empty && xmlTextReaderRead (reader) == 1 && !till_xml_at_end (reader, "row"))
    if (till_xml_at (reader, "c"))
      {
        g_autofree char *reference = till_xml_attribute (reader, "r");

        column = reference != NULL && column_of (reference, NULL) > 0 ? column_of (reference, NULL) : column + 1;
        if (xmlTextReaderIsEmptyElement (reader) == 0)
          put_cell (&line, column, take_cell (book, reader));
      }
  for (guint i = 0; blank && i < line.cells->len; i++)
    blank = till_sheet_is_blank (g_ptr_array_index (line.cells, i));
  if (blank)
    line_clear (&line);
  else
    g_array_append_val (content->lines, line);
}

/* Merged cells: the text of the first in all of them, so that a building that is written once counts for each of its rows. */
static void
fill_range (GArray *lines, const Range *range)
{
  const char *text = NULL;

  for (guint i = 0; i < lines->len; i++)
    {
      Line *line = &g_array_index (lines, Line, i);

      if (line->number < range->row || line->number > range->last_row)
        continue;
      if (line->number == range->row && line->cells->len >= range->column)
        text = g_ptr_array_index (line->cells, range->column - 1);
      for (guint c = range->column; text != NULL && c <= MIN (range->last_column, TILL_SHEET_COLUMNS); c++)
        if (line->cells->len < c || till_sheet_is_blank (g_ptr_array_index (line->cells, c - 1)))
          if (line->number != range->row || c != range->column)
            put_cell (line, c, g_strdup (text));
    }
}

static void
take_range (TillXml *reader, GArray *ranges)
{
  g_autofree char *reference = till_xml_attribute (reader, "ref");
  g_auto (GStrv) ends = reference != NULL ? g_strsplit (reference, ":", 2) : NULL;
  Range range = { 0 };

  if (ends == NULL || ends[0] == NULL || ends[1] == NULL)
    return;
  range.column = column_of (ends[0], &range.row);
  range.last_column = column_of (ends[1], &range.last_row);
  if (range.column > 0 && range.row > 0 && ranges->len < 20000)
    g_array_append_val (ranges, range);
}

static void
take_content (TillSheetBook *book, TillXml *reader, gpointer data)
{
  Content *content = data;

  if (till_xml_at (reader, "row") && content->lines->len <= TILL_SHEET_ROWS) /* one more than there may be: that it is too many is told later */
    take_row (book, reader, content);
  else if (till_xml_at (reader, "mergeCell"))
    take_range (reader, content->ranges);
}

static gboolean
read_page (TillSheet *self, TillSheetBook *book, const char *part, GError **error)
{
  g_autoptr (GArray) lines = g_array_new (FALSE, FALSE, sizeof (Line)), ranges = g_array_new (FALSE, FALSE, sizeof (Range));
  Content content = { lines, ranges, 0 };

  g_array_set_clear_func (lines, line_clear);
  if (!till_sheet_book_walk (book, part, take_content, &content, error))
    return FALSE;
  for (guint i = 0; i < ranges->len; i++)
    fill_range (lines, &g_array_index (ranges, Range, i));
  for (guint i = 0; i < lines->len; i++)
    {
      Line *line = &g_array_index (lines, Line, i);

      if (!till_sheet_add (self, line->number, line->cells, error))
        return FALSE;
    }
  return TRUE;
}

/* The page that was open when it was saved, or, when nothing stands there, the first where something does. */
static gboolean
read_any (TillSheet *self, TillSheetBook *book, GError **error)
{
  self->page = book->active;
  if (!read_page (self, book, g_ptr_array_index (book->parts, self->page), error))
    return FALSE;
  for (guint i = 0; i < book->parts->len && self->rows->len == 0; i++)
    {
      if (i != book->active && !read_page (self, book, g_ptr_array_index (book->parts, i), error))
        return FALSE;
      self->page = self->rows->len > 0 ? i : book->active;
    }
  return TRUE;
}

gboolean
till_sheet_read_xlsx (TillSheet *self, GBytes *bytes, guint page, GError **error)
{
  g_auto (TillSheetBook) book = { 0 };

  if (!till_sheet_book_open (&book, bytes, error))
    return FALSE;
  g_ptr_array_add (book.names, NULL);
  g_strfreev (self->pages);
  self->pages = g_strdupv ((char **) book.names->pdata);
  if (page == TILL_SHEET_ANY_PAGE)
    return read_any (self, &book, error);
  self->page = MIN (page, book.parts->len - 1);
  return read_page (self, &book, g_ptr_array_index (book.parts, self->page), error);
}
