/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sheet-book.h: a workbook as its parts: pages, shared texts, what a style makes of a number. Between the files of the reader. */
#pragma once
#include <gio/gio.h>
#include <libxml/xmlreader.h>
#include <zip.h>

G_BEGIN_DECLS

typedef xmlTextReader TillXml;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillXml, xmlFreeTextReader)

typedef struct {
  gboolean day;   /* a number of this style is a day */
  guint    zeros; /* the format is this many zeros: 7 is shown as 0007 */
} TillSheetStyle;

typedef struct {
  zip_t      *zip;
  gsize       unpacked;
  GPtrArray  *strings; /* shared */
  GArray     *styles;  /* TillSheetStyle */
  GPtrArray  *names, *parts; /* of the pages that are shown and hold cells */
  guint       active;  /* the page that was open when it was saved */
  gboolean    from_1904, damaged; /* damaged: found on the way, told at the end */
  /* while it is opened */
  GHashTable *targets; /* relation id -> part */
  char       *book_part, *folder, *strings_part, *styles_part;
  guint       n_listed, active_listed;
} TillSheetBook;

gboolean till_sheet_book_open (TillSheetBook *book, GBytes *bytes, GError **error);
void     till_sheet_book_clear (TillSheetBook *book);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TillSheetBook, till_sheet_book_clear)

/* Runs over a part, one element after the other; each says what it wants of them. FALSE: the part is no XML, or not there. */
typedef void (*TillSheetTake) (TillSheetBook *book, TillXml *reader, gpointer data);
gboolean till_sheet_book_walk (TillSheetBook *book, const char *part, TillSheetTake take, gpointer data, GError **error);
gboolean till_sheet_book_broken (GError **error, const char *part);

/* Names are compared without their prefix: some programs write x:row for row. */
gboolean till_xml_at (TillXml *reader, const char *name);
gboolean till_xml_at_end (TillXml *reader, const char *name);
char    *till_xml_attribute (TillXml *reader, const char *name);
/* All <t> below the element the reader stands on, but those of <rPh>, which only say how it is spoken. */
char    *till_xml_take_text (TillXml *reader, const char *element);
/* "_x000D_" and its like, which stand for characters XML cannot hold, as what they are; control characters are dropped. In place. */
char    *till_xml_unescape (char *text);

G_END_DECLS
