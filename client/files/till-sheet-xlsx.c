/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sheet-xlsx.c: a page of a workbook as texts: libzip for the parts, the pull reader of libxml2 for each. Formulas give their stored result.
 * Nothing outside the file is ever loaded, no entity is replaced, and no part unpacks to more than TILL_SHEET_BYTES. */
#define G_LOG_DOMAIN "till-sheet"
#include "config.h"
#include <glib/gi18n.h>
#include <libxml/xmlreader.h>
#include <math.h>
#include <string.h>
#include <zip.h>
#include "client/files/till-sheet-private.h"
#include "shared/base/till-error.h"
#include "shared/base/till-text.h"

#define PARTS "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

typedef struct {
  zip_t      *zip;
  gsize       unpacked;
  GPtrArray  *strings;  /* shared */
  GArray     *dates;    /* of a style: gboolean */
  GHashTable *targets;  /* relation id -> part */
  char       *strings_part, *styles_part;
  gboolean    from_1904;
} Book;

typedef struct { guint row, column, last_row, last_column; } Range;

typedef xmlTextReader Reader;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reader, xmlFreeTextReader)

static void
book_clear (Book *book)
{
  g_clear_pointer (&book->zip, zip_discard);
  g_clear_pointer (&book->strings, g_ptr_array_unref);
  g_clear_pointer (&book->dates, g_array_unref);
  g_clear_pointer (&book->targets, g_hash_table_unref);
  g_free (book->strings_part);
  g_free (book->styles_part);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Book, book_clear)

/* --- parts --- */

static gboolean
broken (GError **error, const char *part)
{
  return till_fail (error, TILL_ERROR_INVALID, _ ("This workbook is damaged (%s): open it and save it again as xlsx."), part);
}

static GBytes *
unpack (Book *book, const char *part, GError **error)
{
  zip_stat_t about;
  zip_file_t *file;
  g_autofree char *data = NULL;
  zip_int64_t got;

  if (zip_stat (book->zip, part, ZIP_FL_NOCASE, &about) != 0 || (about.valid & ZIP_STAT_SIZE) == 0)
    {
      broken (error, part);
      return NULL;
    }
  book->unpacked += about.size;
  if (about.size > TILL_SHEET_BYTES || book->unpacked > TILL_SHEET_BYTES)
    {
      till_fail (error, TILL_ERROR_TOO_LARGE, _ ("The workbook unpacks to more than 64 MiB."));
      return NULL;
    }
  file = zip_fopen_index (book->zip, about.index, 0);
  data = g_malloc (about.size + 1);
  got = file != NULL ? zip_fread (file, data, about.size) : -1;
  if (file != NULL)
    zip_fclose (file);
  if (got != (zip_int64_t) about.size)
    {
      broken (error, part);
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&data), about.size);
}

static Reader *
open_part (GBytes *bytes, const char *part, GError **error)
{
  Reader *reader = xmlReaderForMemory (g_bytes_get_data (bytes, NULL), (int) g_bytes_get_size (bytes), NULL, NULL,
                                       XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT);

  if (reader == NULL)
    broken (error, part);
  return reader;
}

static gboolean
at_element (Reader *reader, const char *name)
{
  return xmlTextReaderNodeType (reader) == XML_READER_TYPE_ELEMENT && strcmp ((const char *) xmlTextReaderConstLocalName (reader), name) == 0;
}

static gboolean
at_end (Reader *reader, const char *name)
{
  return xmlTextReaderNodeType (reader) == XML_READER_TYPE_END_ELEMENT && strcmp ((const char *) xmlTextReaderConstLocalName (reader), name) == 0;
}

static char *
attribute (Reader *reader, const char *name)
{
  xmlChar *value = xmlTextReaderGetAttribute (reader, (const xmlChar *) name);
  char *copy = g_strdup ((const char *) value);

  xmlFree (value);
  return copy;
}

/* Runs over a part, one element after the other; each says what it wants of them. FALSE: the part is no XML. */
typedef void (*TakeElement) (Book *book, Reader *reader, gpointer data);

static gboolean
walk (Book *book, const char *part, TakeElement take, gpointer data, GError **error)
{
  g_autoptr (GBytes) bytes = unpack (book, part, error);
  g_autoptr (Reader) reader = bytes != NULL ? open_part (bytes, part, error) : NULL;
  int more;

  if (reader == NULL)
    return FALSE;
  while ((more = xmlTextReaderRead (reader)) == 1)
    if (xmlTextReaderNodeType (reader) == XML_READER_TYPE_ELEMENT)
      take (book, reader, data);
  return more == 0 || broken (error, part);
}

/* All <t> below the element the reader stands on, but those of <rPh>, which only say how it is spoken. */
static char *
take_text (Reader *reader, const char *element)
{
  GString *text = g_string_new (NULL);
  gboolean in_text = FALSE, spoken = FALSE, empty = xmlTextReaderIsEmptyElement (reader) == 1;

  while (!empty && xmlTextReaderRead (reader) == 1 && !at_end (reader, element))
    {
      int type = xmlTextReaderNodeType (reader);

      if (at_element (reader, "rPh"))
        spoken = !xmlTextReaderIsEmptyElement (reader);
      else if (at_end (reader, "rPh"))
        spoken = FALSE;
      else if (at_element (reader, "t"))
        in_text = !xmlTextReaderIsEmptyElement (reader);
      else if (at_end (reader, "t"))
        in_text = FALSE;
      else if (in_text && !spoken &&
               (type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_CDATA || type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE))
        g_string_append (text, (const char *) xmlTextReaderConstValue (reader));
    }
  return g_string_free (text, FALSE);
}

/* --- the workbook --- */

static char *
part_of (const char *target)
{
  return *target == '/' ? g_strdup (target + 1) : g_str_has_prefix (target, "xl/") ? g_strdup (target) : g_strconcat ("xl/", target, NULL);
}

static void
take_relation (Book *book, Reader *reader, gpointer data)
{
  g_autofree char *id = NULL, *type = NULL, *target = NULL, *part = NULL;

  if (!at_element (reader, "Relationship"))
    return;
  id = attribute (reader, "Id");
  type = attribute (reader, "Type");
  target = attribute (reader, "Target");
  if (id == NULL || type == NULL || target == NULL)
    return;
  part = part_of (target);
  if (g_str_has_suffix (type, "/sharedStrings"))
    till_set_str (&book->strings_part, part);
  else if (g_str_has_suffix (type, "/styles"))
    till_set_str (&book->styles_part, part);
  g_hash_table_insert (book->targets, g_steal_pointer (&id), g_steal_pointer (&part));
}

typedef struct { GPtrArray *names, *parts; } Pages;

static void
take_page (Book *book, Reader *reader, gpointer data)
{
  Pages *pages = data;

  if (at_element (reader, "workbookPr"))
    {
      g_autofree char *date = attribute (reader, "date1904");

      book->from_1904 = g_strcmp0 (date, "1") == 0 || g_strcmp0 (date, "true") == 0;
    }
  else if (at_element (reader, "sheet"))
    {
      xmlChar *id = xmlTextReaderGetAttributeNs (reader, (const xmlChar *) "id", (const xmlChar *) PARTS);
      g_autofree char *plain = id == NULL ? attribute (reader, "r:id") : NULL;
      const char *part = g_hash_table_lookup (book->targets, id != NULL ? (const char *) id : plain != NULL ? plain : "");

      if (part != NULL)
        {
          g_ptr_array_add (pages->names, attribute (reader, "name"));
          g_ptr_array_add (pages->parts, g_strdup (part));
        }
      xmlFree (id);
    }
}

static void
take_string (Book *book, Reader *reader, gpointer data)
{
  if (at_element (reader, "si"))
    g_ptr_array_add (book->strings, take_text (reader, "si"));
}

/* A format shows a day if it has years or days outside of quotes and brackets. */
static gboolean
shows_day (const char *format)
{
  gboolean quoted = FALSE, bracket = FALSE;

  for (; format != NULL && *format != '\0'; format++)
    {
      if (*format == '"')
        quoted = !quoted;
      else if (!quoted && (*format == '[' || *format == ']'))
        bracket = *format == '[';
      else if (!quoted && *format == '\\' && format[1] != '\0')
        format++;
      else if (!quoted && !bracket && strchr ("yYdD", *format) != NULL)
        return TRUE;
    }
  return FALSE;
}

typedef struct { GHashTable *formats; gboolean in_cells; } Styles; /* formats: number -> shows a day */

static void
take_style (Book *book, Reader *reader, gpointer data)
{
  Styles *styles = data;
  g_autofree char *id = NULL, *code = NULL;
  guint number;

  if (at_element (reader, "cellXfs") || at_element (reader, "cellStyleXfs"))
    styles->in_cells = at_element (reader, "cellXfs");
  else if (at_element (reader, "numFmt"))
    {
      id = attribute (reader, "numFmtId");
      code = attribute (reader, "formatCode");
      if (id != NULL && shows_day (code))
        g_hash_table_add (styles->formats, GUINT_TO_POINTER ((guint) g_ascii_strtoull (id, NULL, 10)));
    }
  else if (at_element (reader, "xf") && styles->in_cells)
    {
      gboolean date;

      id = attribute (reader, "numFmtId");
      number = id != NULL ? (guint) g_ascii_strtoull (id, NULL, 10) : 0;
      date = (number >= 14 && number <= 17) || number == 22 || (number >= 27 && number <= 31) || number == 36 || (number >= 50 && number <= 58) ||
             g_hash_table_contains (styles->formats, GUINT_TO_POINTER (number));
      g_array_append_val (book->dates, date);
    }
}

static gboolean
read_book (Book *book, Pages *pages, GError **error)
{
  g_autoptr (GHashTable) formats = g_hash_table_new (NULL, NULL);
  Styles styles = { formats, FALSE };

  return walk (book, "xl/_rels/workbook.xml.rels", take_relation, NULL, error) && walk (book, "xl/workbook.xml", take_page, pages, error) &&
         (book->strings_part == NULL || walk (book, book->strings_part, take_string, NULL, error)) &&
         (book->styles_part == NULL || walk (book, book->styles_part, take_style, &styles, error));
}

/* --- cells --- */

/* "AB12" -> 28; the row is the rest. 0: not a reference. */
static guint
column_of (const char *reference, guint *ret_row)
{
  guint column = 0;

  for (; reference != NULL && g_ascii_isalpha (*reference) && column < 100000; reference++)
    column = column * 26 + (guint) (g_ascii_toupper (*reference) - 'A') + 1;
  if (ret_row != NULL)
    *ret_row = reference != NULL ? (guint) g_ascii_strtoull (reference, NULL, 10) : 0;
  return column;
}

/* Days since 1899-12-30, which makes every day after February 1900 right; a time of day is left out, as no column has one. */
static char *
day_text (Book *book, double serial)
{
  g_autoptr (GDateTime) origin = g_date_time_new_utc (1899, 12, 30, 0, 0, 0), day = NULL;

  if (serial < 1 || serial > 2958465)
    return NULL;
  day = g_date_time_add_days (origin, (int) serial + (book->from_1904 ? 1462 : 0));
  return g_date_time_format (day, "%Y-%m-%d");
}

static char *
number_text (Book *book, const char *value, guint style)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  char *end = NULL, *day;
  double number = g_ascii_strtod (value, &end);

  if (end == value || *end != '\0')
    return g_strdup (value);
  if (style < book->dates->len && g_array_index (book->dates, gboolean, style) && (day = day_text (book, number)) != NULL)
    return day;
  if (number == floor (number) && fabs (number) < 1e15)
    return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.0f", number));
  return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.15g", number)); /* 2.2000000000000002 is 2.2 */
}

static char *
cell_text (Book *book, const char *type, const char *value, guint style)
{
  guint64 index;

  if (g_strcmp0 (type, "s") == 0)
    {
      index = g_ascii_strtoull (value, NULL, 10);
      return index < book->strings->len ? g_strdup (g_ptr_array_index (book->strings, index)) : NULL;
    }
  if (g_strcmp0 (type, "b") == 0)
    return g_strdup (g_strcmp0 (value, "1") == 0 ? "yes" : "no");
  if (g_strcmp0 (type, "d") == 0)
    return g_strndup (value, 10);
  if (type != NULL && !g_str_equal (type, "n"))
    return g_strdup (value);
  return number_text (book, value, style);
}

/* The reader stands on <c>, and on its end afterwards. */
static char *
take_cell (Book *book, Reader *reader)
{
  g_autofree char *type = attribute (reader, "t"), *style = attribute (reader, "s");
  gboolean empty = xmlTextReaderIsEmptyElement (reader) == 1;
  char *text = NULL;

  while (!empty && xmlTextReaderRead (reader) == 1 && !at_end (reader, "c"))
    {
      if (at_element (reader, "is"))
        {
          g_free (text);
          text = take_text (reader, "is");
        }
      else if (at_element (reader, "v"))
        {
          xmlChar *value = xmlTextReaderReadString (reader);

          g_free (text);
          text = value != NULL ? cell_text (book, type, (const char *) value, style != NULL ? (guint) g_ascii_strtoull (style, NULL, 10) : 0) : NULL;
          xmlFree (value);
        }
    }
  return text;
}

typedef struct { guint number; GPtrArray *cells; } Line;

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

static void
take_row (Book *book, Reader *reader, GArray *lines)
{
  g_autofree char *number = attribute (reader, "r");
  gboolean empty = xmlTextReaderIsEmptyElement (reader) == 1;
  guint before = lines->len > 0 ? g_array_index (lines, Line, lines->len - 1).number : 0, column = 0;
  Line line = { number != NULL ? (guint) g_ascii_strtoull (number, NULL, 10) : before + 1, g_ptr_array_new_with_free_func (g_free) };

  if (line.number <= before)
    line.number = before + 1;
  while (!empty && xmlTextReaderRead (reader) == 1 && !at_end (reader, "row"))
    if (at_element (reader, "c"))
      {
        g_autofree char *reference = attribute (reader, "r");

        column = reference != NULL && column_of (reference, NULL) > 0 ? column_of (reference, NULL) : column + 1;
        if (xmlTextReaderIsEmptyElement (reader) == 0)
          put_cell (&line, column, take_cell (book, reader));
      }
  g_array_append_val (lines, line);
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
        if (line->cells->len < c || g_ptr_array_index (line->cells, c - 1) == NULL)
          put_cell (line, c, g_strdup (text));
    }
}

static void
take_range (Reader *reader, GArray *ranges)
{
  g_autofree char *reference = attribute (reader, "ref");
  g_auto (GStrv) ends = reference != NULL ? g_strsplit (reference, ":", 2) : NULL;
  Range range = { 0 };

  if (ends == NULL || ends[0] == NULL || ends[1] == NULL)
    return;
  range.column = column_of (ends[0], &range.row);
  range.last_column = column_of (ends[1], &range.last_row);
  if (range.column > 0 && range.row > 0 && ranges->len < 20000)
    g_array_append_val (ranges, range);
}

typedef struct { GArray *lines, *ranges; } Content;

static void
take_content (Book *book, Reader *reader, gpointer data)
{
  Content *content = data;

  if (at_element (reader, "row") && content->lines->len <= TILL_SHEET_ROWS * 4) /* blank rows count for nothing, but not without end */
    take_row (book, reader, content->lines);
  else if (at_element (reader, "mergeCell"))
    take_range (reader, content->ranges);
}

static gboolean
read_page (TillSheet *self, Book *book, const char *part, GError **error)
{
  g_autoptr (GArray) lines = g_array_new (FALSE, FALSE, sizeof (Line)), ranges = g_array_new (FALSE, FALSE, sizeof (Range));
  Content content = { lines, ranges };

  g_array_set_clear_func (lines, line_clear);
  if (!walk (book, part, take_content, &content, error))
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

gboolean
till_sheet_read_xlsx (TillSheet *self, GBytes *bytes, guint page, GError **error)
{
  g_auto (Book) book = { 0 };
  g_autoptr (GPtrArray) names = g_ptr_array_new (), parts = g_ptr_array_new_with_free_func (g_free);
  Pages pages = { names, parts };
  gsize size = 0;
  const void *data = g_bytes_get_data (bytes, &size);
  zip_source_t *source = zip_source_buffer_create (data, size, 0, NULL);
  gboolean done;

  book.zip = source != NULL ? zip_open_from_source (source, ZIP_RDONLY, NULL) : NULL;
  if (book.zip == NULL)
    {
      if (source != NULL)
        zip_source_free (source);
      return broken (error, "zip");
    }
  book.strings = g_ptr_array_new_with_free_func (g_free);
  book.dates = g_array_new (FALSE, FALSE, sizeof (gboolean));
  book.targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  done = read_book (&book, &pages, error);
  g_ptr_array_add (names, NULL);
  g_strfreev (self->pages);
  self->pages = (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
  if (!done)
    return FALSE;
  if (parts->len == 0)
    return broken (error, "xl/workbook.xml");
  self->page = MIN (page, parts->len - 1);
  return read_page (self, &book, g_ptr_array_index (parts, self->page), error);
}
