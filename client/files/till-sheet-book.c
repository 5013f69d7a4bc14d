/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sheet-book.c: see till-sheet-book.h: libzip for the parts, the pull reader of libxml2 for each. Nothing outside the file is ever loaded,
 * no entity is replaced, and all parts together unpack to no more than TILL_SHEET_BYTES. */
#define G_LOG_DOMAIN "till-sheet"
#include "config.h"
#include <glib/gi18n.h>
#include <string.h>
#include "client/files/till-sheet-book.h"
#include "client/files/till-sheet.h"
#include "shared/base/till-error.h"
#include "shared/base/till-text.h"

#define PARTS  "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define STRICT "http://purl.oclc.org/ooxml/officeDocument/relationships"

void
till_sheet_book_clear (TillSheetBook *book)
{
  g_clear_pointer (&book->zip, zip_discard);
  g_clear_pointer (&book->strings, g_ptr_array_unref);
  g_clear_pointer (&book->styles, g_array_unref);
  g_clear_pointer (&book->names, g_ptr_array_unref);
  g_clear_pointer (&book->parts, g_ptr_array_unref);
  g_clear_pointer (&book->targets, g_hash_table_unref);
  g_clear_pointer (&book->book_part, g_free);
  g_clear_pointer (&book->folder, g_free);
  g_clear_pointer (&book->strings_part, g_free);
  g_clear_pointer (&book->styles_part, g_free);
}

/* --- parts --- */

gboolean
till_sheet_book_broken (GError **error, const char *part)
{
  return till_fail (error, TILL_ERROR_INVALID, _ ("This workbook is damaged (%s): open it and save it again as xlsx."), part);
}

/* Letters of either size; some programs write the folders with backslashes. */
static zip_int64_t
find_part (TillSheetBook *book, const char *part)
{
  g_autofree char *other = g_strdelimit (g_strdup (part), "/", '\\');
  zip_int64_t index = zip_name_locate (book->zip, part, ZIP_FL_NOCASE);

  return index >= 0 ? index : zip_name_locate (book->zip, other, ZIP_FL_NOCASE);
}

static GBytes *
unpack (TillSheetBook *book, const char *part, GError **error)
{
  zip_int64_t index = find_part (book, part), got;
  zip_stat_t about;
  zip_file_t *file;
  g_autofree char *data = NULL;

  if (index < 0 || zip_stat_index (book->zip, (zip_uint64_t) index, 0, &about) != 0 || (about.valid & ZIP_STAT_SIZE) == 0)
    {
      till_sheet_book_broken (error, part);
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
      till_sheet_book_broken (error, part);
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&data), about.size);
}

gboolean
till_sheet_book_walk (TillSheetBook *book, const char *part, TillSheetTake take, gpointer data, GError **error)
{
  g_autoptr (GBytes) bytes = unpack (book, part, error);
  g_autoptr (TillXml) reader = NULL;
  int more;

  if (bytes == NULL)
    return FALSE;
  reader = xmlReaderForMemory (g_bytes_get_data (bytes, NULL), (int) g_bytes_get_size (bytes), NULL, NULL,
                               XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT);
  if (reader == NULL)
    return till_sheet_book_broken (error, part);
  while ((more = xmlTextReaderRead (reader)) == 1)
    if (xmlTextReaderNodeType (reader) == XML_READER_TYPE_ELEMENT)
      take (book, reader, data);
  return (more == 0 && !book->damaged) || till_sheet_book_broken (error, part);
}

/* --- elements --- */

gboolean
till_xml_at (TillXml *reader, const char *name)
{
  return xmlTextReaderNodeType (reader) == XML_READER_TYPE_ELEMENT && strcmp ((const char *) xmlTextReaderConstLocalName (reader), name) == 0;
}

gboolean
till_xml_at_end (TillXml *reader, const char *name)
{
  return xmlTextReaderNodeType (reader) == XML_READER_TYPE_END_ELEMENT && strcmp ((const char *) xmlTextReaderConstLocalName (reader), name) == 0;
}

char *
till_xml_attribute (TillXml *reader, const char *name)
{
  xmlChar *value = xmlTextReaderGetAttribute (reader, (const xmlChar *) name);
  char *copy = g_strdup ((const char *) value);

  xmlFree (value);
  return copy;
}

/* The relation of a page: its attribute has a name space of its own, and that of the strict kind of the format is another one. */
static char *
relation_of (TillXml *reader)
{
  static const char *const spaces[] = { PARTS, STRICT };

  for (guint i = 0; i < G_N_ELEMENTS (spaces); i++)
    {
      xmlChar *value = xmlTextReaderGetAttributeNs (reader, (const xmlChar *) "id", (const xmlChar *) spaces[i]);
      char *copy = g_strdup ((const char *) value);

      xmlFree (value);
      if (copy != NULL)
        return copy;
    }
  return till_xml_attribute (reader, "r:id");
}

char *
till_xml_unescape (char *text)
{
  char *to = text;

  for (const char *from = text; *from != '\0';)
    {
      gboolean coded = from[0] == '_' && from[1] == 'x' && g_ascii_isxdigit (from[2]) && g_ascii_isxdigit (from[3]) && g_ascii_isxdigit (from[4]) &&
                       g_ascii_isxdigit (from[5]) && from[6] == '_';
      gunichar letter = coded ? (gunichar) g_ascii_strtoull (((char[]){ from[2], from[3], from[4], from[5], '\0' }), NULL, 16) : 0;

      if (coded && (letter >= ' ' || letter == '\t' || letter == '\n') && g_unichar_validate (letter))
        to += g_unichar_to_utf8 (letter, to); /* at most three bytes for seven */
      else if (!coded)
        *to++ = *from;
      from += coded ? 7 : 1;
    }
  *to = '\0';
  return text;
}

char *
till_xml_take_text (TillXml *reader, const char *element)
{
  GString *text = g_string_new (NULL);
  gboolean in_text = FALSE, spoken = FALSE, empty = xmlTextReaderIsEmptyElement (reader) == 1;

  while (!empty && xmlTextReaderRead (reader) == 1 && !till_xml_at_end (reader, element))
    {
      int type = xmlTextReaderNodeType (reader);

      if (till_xml_at (reader, "rPh"))
        spoken = !xmlTextReaderIsEmptyElement (reader);
      else if (till_xml_at_end (reader, "rPh"))
        spoken = FALSE;
      else if (till_xml_at (reader, "t"))
        in_text = !xmlTextReaderIsEmptyElement (reader);
      else if (till_xml_at_end (reader, "t"))
        in_text = FALSE;
      else if (in_text && !spoken &&
               (type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_CDATA || type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE))
        g_string_append (text, (const char *) xmlTextReaderConstValue (reader));
    }
  return till_xml_unescape (g_string_free (text, FALSE));
}

/* --- the workbook --- */

/* "worksheets/a.xml", "../xl/worksheets/a.xml" of the workbook's folder, "/xl/worksheets/a.xml" of the root; some write the last without its /. */
static char *
part_of (TillSheetBook *book, const char *target)
{
  g_autofree char *plain = g_strdelimit (g_strdup (target), "\\", '/');
  g_autofree char *path = *plain == '/' ? g_strdup (plain) : g_strconcat ("/", book->folder, plain, NULL);
  g_autofree char *whole = g_canonicalize_filename (path, "/");

  return find_part (book, whole + 1) < 0 && find_part (book, plain) >= 0 ? g_steal_pointer (&plain) : g_strdup (whole + 1);
}

static void
take_root (TillSheetBook *book, TillXml *reader, gpointer data)
{
  g_autofree char *type = till_xml_at (reader, "Relationship") ? till_xml_attribute (reader, "Type") : NULL;
  g_autofree char *target = type != NULL && g_str_has_suffix (type, "/officeDocument") ? till_xml_attribute (reader, "Target") : NULL;
  g_autofree char *part = target != NULL ? part_of (book, target) : NULL;

  if (part != NULL)
    till_set_str (&book->book_part, part);
}

static void
take_relation (TillSheetBook *book, TillXml *reader, gpointer data)
{
  g_autofree char *id = NULL, *type = NULL, *target = NULL, *part = NULL;

  if (!till_xml_at (reader, "Relationship"))
    return;
  id = till_xml_attribute (reader, "Id");
  type = till_xml_attribute (reader, "Type");
  target = till_xml_attribute (reader, "Target");
  if (id == NULL || type == NULL || target == NULL)
    return;
  part = part_of (book, target);
  if (g_str_has_suffix (type, "/sharedStrings"))
    till_set_str (&book->strings_part, part);
  else if (g_str_has_suffix (type, "/styles"))
    till_set_str (&book->styles_part, part);
  else if (g_str_has_suffix (type, "/worksheet")) /* a page of a diagram or of a macro holds no rows */
    g_hash_table_insert (book->targets, g_steal_pointer (&id), g_steal_pointer (&part));
}

/* Pages that their author hid, and those where a program keeps its own, are not asked for. */
static void
take_page (TillSheetBook *book, TillXml *reader)
{
  g_autofree char *id = relation_of (reader), *name = till_xml_attribute (reader, "name"), *state = till_xml_attribute (reader, "state");
  const char *part = id != NULL ? g_hash_table_lookup (book->targets, id) : NULL;
  guint number = book->n_listed++;

  if (part == NULL || g_strcmp0 (state, "hidden") == 0 || g_strcmp0 (state, "veryHidden") == 0)
    return;
  if (number == book->active_listed)
    book->active = book->parts->len;
  g_ptr_array_add (book->names, name != NULL ? g_steal_pointer (&name) : g_strdup (""));
  g_ptr_array_add (book->parts, g_strdup (part));
}

static void
take_book (TillSheetBook *book, TillXml *reader, gpointer data)
{
  g_autofree char *value = NULL;

  if (till_xml_at (reader, "workbookPr"))
    {
      value = till_xml_attribute (reader, "date1904");
      book->from_1904 = g_strcmp0 (value, "1") == 0 || g_strcmp0 (value, "true") == 0 || g_strcmp0 (value, "on") == 0;
    }
  else if (till_xml_at (reader, "workbookView"))
    {
      value = till_xml_attribute (reader, "activeTab");
      book->active_listed = value != NULL ? (guint) g_ascii_strtoull (value, NULL, 10) : 0;
    }
  else if (till_xml_at (reader, "sheet"))
    take_page (book, reader);
}

static void
take_string (TillSheetBook *book, TillXml *reader, gpointer data)
{
  if (till_xml_at (reader, "si"))
    g_ptr_array_add (book->strings, till_xml_take_text (reader, "si"));
}

/* A format shows a day if it has years or days outside of quotes and brackets; \y, _y and *y are a letter, its width, and a filler. */
static gboolean
shows_day (const char *format)
{
  gboolean quoted = FALSE, bracket = FALSE;

  for (; *format != '\0'; format++)
    {
      if (*format == '"')
        quoted = !quoted;
      else if (!quoted && (*format == '[' || *format == ']'))
        bracket = *format == '[';
      else if (!quoted && strchr ("\\_*", *format) != NULL && format[1] != '\0')
        format++;
      else if (!quoted && !bracket && strchr ("yYdD", *format) != NULL)
        return TRUE;
    }
  return FALSE;
}

static TillSheetStyle
style_of (const char *format)
{
  gsize zeros = strspn (format, "0");

  return (TillSheetStyle){ shows_day (format), zeros > 1 && zeros < 20 && (format[zeros] == '\0' || format[zeros] == ';') ? (guint) zeros : 0 };
}

typedef struct { GHashTable *formats; gboolean in_cells; } Styles; /* formats: number -> TillSheetStyle */

static void
take_style (TillSheetBook *book, TillXml *reader, gpointer data)
{
  Styles *styles = data;
  g_autofree char *id = NULL, *code = NULL;

  if (till_xml_at (reader, "cellXfs") || till_xml_at (reader, "cellStyleXfs"))
    styles->in_cells = till_xml_at (reader, "cellXfs");
  else if (till_xml_at (reader, "numFmt"))
    {
      id = till_xml_attribute (reader, "numFmtId");
      code = till_xml_attribute (reader, "formatCode");
      if (id != NULL && code != NULL)
        {
          TillSheetStyle style = style_of (code);

          g_hash_table_insert (styles->formats, GUINT_TO_POINTER ((guint) g_ascii_strtoull (id, NULL, 10)), g_memdup2 (&style, sizeof style));
        }
    }
  else if (till_xml_at (reader, "xf") && styles->in_cells)
    {
      guint number;
      const TillSheetStyle *known;
      TillSheetStyle style = { 0 };

      id = till_xml_attribute (reader, "numFmtId");
      number = id != NULL ? (guint) g_ascii_strtoull (id, NULL, 10) : 0;
      known = g_hash_table_lookup (styles->formats, GUINT_TO_POINTER (number));
      style.day = (number >= 14 && number <= 17) || number == 22 || (number >= 27 && number <= 31) || number == 36 || (number >= 50 && number <= 58);
      g_array_append_val (book->styles, *(known != NULL ? known : &style));
    }
}

static gboolean
open_parts (TillSheetBook *book, GError **error)
{
  g_autoptr (GHashTable) formats = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  Styles styles = { formats, FALSE };
  g_autofree char *relations = NULL, *name = NULL;
  const char *slash;

  if (find_part (book, "_rels/.rels") >= 0 && !till_sheet_book_walk (book, "_rels/.rels", take_root, NULL, error))
    return FALSE;
  if (book->book_part == NULL)
    book->book_part = g_strdup ("xl/workbook.xml");
  if (find_part (book, book->book_part) < 0 || g_str_has_suffix (book->book_part, ".bin"))
    return till_fail (error, TILL_ERROR_INVALID, _ ("This is no workbook of the kind xlsx: open it in its program and save it as xlsx."));
  slash = strrchr (book->book_part, '/');
  name = g_strdup (slash != NULL ? slash + 1 : book->book_part);
  till_set_str (&book->folder, "");
  if (slash != NULL)
    {
      g_free (book->folder);
      book->folder = g_strndup (book->book_part, (gsize) (slash + 1 - book->book_part));
    }
  relations = g_strconcat (book->folder, "_rels/", name, ".rels", NULL);
  return till_sheet_book_walk (book, relations, take_relation, NULL, error) && till_sheet_book_walk (book, book->book_part, take_book, NULL, error) &&
         (book->strings_part == NULL || till_sheet_book_walk (book, book->strings_part, take_string, NULL, error)) &&
         (book->styles_part == NULL || till_sheet_book_walk (book, book->styles_part, take_style, &styles, error));
}

gboolean
till_sheet_book_open (TillSheetBook *book, GBytes *bytes, GError **error)
{
  gsize size = 0;
  const void *data = g_bytes_get_data (bytes, &size);
  zip_source_t *source = zip_source_buffer_create (data, size, 0, NULL);

  book->zip = source != NULL ? zip_open_from_source (source, ZIP_RDONLY, NULL) : NULL;
  if (book->zip == NULL)
    {
      if (source != NULL)
        zip_source_free (source);
      return till_sheet_book_broken (error, "zip");
    }
  book->strings = g_ptr_array_new_with_free_func (g_free);
  book->styles = g_array_new (FALSE, FALSE, sizeof (TillSheetStyle));
  book->names = g_ptr_array_new_with_free_func (g_free);
  book->parts = g_ptr_array_new_with_free_func (g_free);
  book->targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  book->folder = g_strdup ("");
  return open_parts (book, error) && (book->parts->len > 0 || till_sheet_book_broken (error, book->book_part));
}
