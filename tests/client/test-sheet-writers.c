/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-sheet-writers.c: one list of customers in the shapes that spreadsheet programs give it, each read to the same rows of the contract.
 * sheets/quirks-*.xlsx are of LibreOffice 7.4 and openpyxl 3.0 themselves; the other shapes are written here, each of what ECMA-376 part 1
 * leaves open: r of row and c may be missing (18.3.1.73, 18.3.1.4), texts shared, in the cell or a formula's (18.4.8, 18.3.1.53), any prefix
 * for the name space, part names of relations from the root (part 2, 8.3), days from 1904 (18.2.28) or, strict, as text (18.18.11). */
#include "config.h"
#include <libintl.h>
#include <locale.h>
#include <string.h>
#include <zip.h>
#include "client/files/till-import-reason.h"
#include "shared/base/till-error.h"
#include "tests/lib/test-main.h"

#define MAIN    "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define RELS    "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define STRICT  "http://purl.oclc.org/ooxml/officeDocument/relationships"
#define PACKAGE "http://schemas.openxmlformats.org/package/2006/relationships"

/* The list of every program. Blank row and column, hidden row and merged headings leave no trace. */
#define CUSTOMERS \
  "[{\"code\":\"00017\",\"name\":\"张 伟\",\"phones\":\"13900005566\",\"area\":\"北校区/3号楼/201\",\"class\":\"dormitory\",\"note\":\"A栋\"}," \
  "{\"code\":\"00018\",\"name\":\"李娜\",\"phones\":\"13900005567\",\"area\":\"北校区/3号楼/202\",\"class\":\"shop\",\"note\":\"B栋\"}]"

typedef enum { SHARED, IN_CELL, AS_FORMULA } Texts;
typedef enum { WHOLE, EXPONENT, EXPONENT_TEXT, FRACTION_TEXT, WIDE_TEXT, INVISIBLE_TEXT } Phones;
typedef enum { PADDED, PLAIN_TEXT, APOSTROPHE, WIDE } Codes;
typedef enum { SERIAL, SERIAL_1904, ISO } Days;
typedef enum { RELATIVE, FROM_ROOT, BACKSLASH, ELSEWHERE } Names;

typedef struct {
  const char *program, *prefix; /* prefix: "x:" */
  gboolean    references, strict, mark, escaped, other_pages; /* mark: byte order; escaped: _x000D_ */
  Texts       texts;
  Phones      phones;
  Codes       codes;
  Days        days;
  Names       names;
} Writer;

static const Writer writers[] = {
  { "Excel", "", TRUE, FALSE, FALSE, TRUE, TRUE, SHARED, WHOLE, PADDED, SERIAL, RELATIVE },
  { "Excel for Mac of old", "", TRUE, FALSE, FALSE, FALSE, FALSE, SHARED, WHOLE, PLAIN_TEXT, SERIAL_1904, RELATIVE },
  { "Excel, strict", "", TRUE, TRUE, FALSE, FALSE, FALSE, SHARED, WHOLE, PLAIN_TEXT, ISO, RELATIVE },
  { "WPS", "", TRUE, FALSE, FALSE, FALSE, TRUE, SHARED, EXPONENT, APOSTROPHE, SERIAL, RELATIVE },
  { "WPS, typed in wide letters", "", TRUE, FALSE, TRUE, FALSE, TRUE, SHARED, WIDE_TEXT, WIDE, SERIAL, RELATIVE },
  { "a program of .NET", "x:", FALSE, FALSE, TRUE, FALSE, FALSE, IN_CELL, WHOLE, PLAIN_TEXT, SERIAL, FROM_ROOT },
  { "a program of Java", "", FALSE, FALSE, FALSE, FALSE, FALSE, IN_CELL, EXPONENT_TEXT, APOSTROPHE, SERIAL, RELATIVE },
  { "a program of Python", "", TRUE, FALSE, FALSE, FALSE, FALSE, IN_CELL, FRACTION_TEXT, PLAIN_TEXT, ISO, FROM_ROOT },
  { "a report that calculates", "", TRUE, FALSE, FALSE, FALSE, FALSE, AS_FORMULA, INVISIBLE_TEXT, PADDED, SERIAL, BACKSLASH },
  { "a converter", "ss:", FALSE, FALSE, FALSE, FALSE, TRUE, SHARED, EXPONENT, PADDED, SERIAL, ELSEWHERE },
};

typedef struct { const Writer *as; GString *strings, *page; guint n_strings, row, column; } Out;

static void
put (Out *out, const char *attributes, const char *inside)
{
  const char *p = out->as->prefix;
  g_autofree char *reference = out->as->references ? g_strdup_printf (" r=\"%c%u\"", 'A' + out->column, out->row) : g_strdup ("");

  g_string_append_printf (out->page, "<%sc%s%s>%s</%sc>", p, reference, attributes, inside, p);
  out->column++;
}

static void
put_text (Out *out, const char *text)
{
  const char *p = out->as->prefix;
  g_autofree char *inside = NULL;

  if (out->as->texts == SHARED)
    {
      g_string_append_printf (out->strings, "<%ssi><%sr><%st xml:space=\"preserve\">%s</%st></%sr><%srPh sb=\"0\" eb=\"1\"><%st>x</%st></%srPh></%ssi>", p, p, p, text,
                              p, p, p, p, p, p, p);
      inside = g_strdup_printf ("<%sv>%u</%sv>", p, out->n_strings++, p);
      put (out, " t=\"s\"", inside);
    }
  else if (out->as->texts == IN_CELL)
    {
      inside = g_strdup_printf ("<%sis><%st>%s</%st></%sis>", p, p, text, p, p);
      put (out, " t=\"inlineStr\"", inside);
    }
  else
    {
      inside = g_strdup_printf ("<f>Other!A1</f><v>%s</v>", text);
      put (out, " t=\"str\"", inside);
    }
}

static void
put_number (Out *out, const char *attributes, const char *number)
{
  g_autofree char *inside = g_strdup_printf ("<%sv>%s</%sv>", out->as->prefix, number, out->as->prefix);

  put (out, attributes, inside);
}

static void
put_blank (Out *out)
{
  if (out->as->references)
    out->column++; /* not written at all */
  else
    put (out, "", "");
}

static void
begin_row (Out *out, guint row, const char *attributes)
{
  out->row = row;
  out->column = 0;
  g_string_append_printf (out->page, out->as->references ? "<%srow r=\"%u\"%s>" : "<%srow%.0u%s>", out->as->prefix, out->as->references ? row : 0, attributes);
}

static void
end_row (Out *out)
{
  g_string_append_printf (out->page, "</%srow>", out->as->prefix);
}

typedef struct { const char *code, *padded, *wide, *name, *phone, *exponent, *wide_phone, *area, *class, *note; guint day; } Person;

static const Person people[] = {
  { "00017", "17", "０００１７", "  张　伟  ", "13900005566", "1.3900005566E10", "１３９００００５５６６", "北校区 / 3号楼／201　", "学生宿舍", "A栋", 45717 },
  { "00018", "18", "０００１８", "李娜\xC2\xA0", "13900005567", "1.3900005567E+010", "１３９００００５５６７", "北校区/3号楼/202", "商铺", "B栋", 45718 },
};

static void
put_phone (Out *out, const Person *who)
{
  g_autofree char *fraction = g_strconcat (who->phone, ".0", NULL), *invisible = g_strconcat ("\xE2\x80\xAD", who->phone, "\xE2\x80\xAC", NULL);

  switch (out->as->phones)
    {
    case WHOLE: put_number (out, "", who->phone); break;
    case EXPONENT: put_number (out, "", who->exponent); break;
    case EXPONENT_TEXT: put_text (out, who->exponent); break;
    case FRACTION_TEXT: put_text (out, fraction); break;
    case WIDE_TEXT: put_text (out, who->wide_phone); break;
    case INVISIBLE_TEXT: put_text (out, invisible); break;
    }
}

static void
put_person (Out *out, const Person *who)
{
  g_autofree char *marked = g_strconcat ("'", who->code, NULL), *escaped = g_strconcat (who->note, "_x000D_", NULL);
  g_autofree char *day = g_strdup_printf ("%u", who->day - (out->as->days == SERIAL_1904 ? 1462 : 0));

  if (out->as->codes == PADDED)
    put_number (out, " s=\"2\"", who->padded);
  else
    put_text (out, out->as->codes == WIDE ? who->wide : out->as->codes == APOSTROPHE ? marked : who->code);
  put_text (out, who->name);
  put_blank (out);
  put_phone (out, who);
  put_text (out, who->area);
  put_text (out, who->class);
  put_text (out, out->as->escaped ? escaped : who->note);
  if (out->as->days == ISO)
    put_number (out, " t=\"d\"", who->day == 45717 ? "2025-03-01T00:00:00" : "2025-03-02");
  else
    put_number (out, " s=\"1\"", day);
  end_row (out);
}

static void
put_page (Out *out)
{
  static const char *const headings[] = { "用户编号", "姓名", "", "联系电话", "房间号", "用电性质", "备注", "开户日期" };
  const char *p = out->as->prefix;

  g_string_append_printf (out->page, "<%ssheetData>", p);
  begin_row (out, 1, " spans=\"1:8\"");
  put_text (out, "宿舍一号楼用户清单");
  end_row (out);
  begin_row (out, 2, "");
  end_row (out);
  begin_row (out, 3, "");
  for (guint i = 0; i < G_N_ELEMENTS (headings); i++)
    *headings[i] != '\0' ? put_text (out, headings[i]) : put_blank (out);
  end_row (out);
  begin_row (out, 4, " ht=\"15\"");
  put (out, " s=\"0\"", ""); /* the lower half of the merged headings */
  end_row (out);
  begin_row (out, 5, "");
  put_person (out, &people[0]);
  begin_row (out, 6, "");
  put_text (out, " 　"); /* not quite blank */
  end_row (out);
  begin_row (out, 7, " hidden=\"1\"");
  put_person (out, &people[1]);
  g_string_append_printf (out->page, "</%ssheetData><%smergeCells count=\"9\"><%smergeCell ref=\"A1:H1\"/>", p, p, p);
  for (guint i = 0; i < 8; i++)
    g_string_append_printf (out->page, "<%smergeCell ref=\"%c3:%c4\"/>", p, 'A' + i, 'A' + i);
  g_string_append_printf (out->page, "</%smergeCells>", p);
}

/* --- the package --- */

static void
add (zip_t *zip, const Writer *as, const char *name, char *owned)
{
  g_autofree char *text = owned, *whole = g_strconcat (as->mark ? "\xEF\xBB\xBF" : "", "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>", text, NULL);
  g_autofree char *part = as->names == BACKSLASH ? g_strdelimit (g_strdup (name), "/", '\\') : g_strdup (name);
  gsize len = strlen (whole);

  g_assert_cmpint (zip_file_add (zip, part, zip_source_buffer (zip, g_steal_pointer (&whole), len, 1), 0), >=, 0);
}

static char *
relations (const Writer *as, const char *page)
{
  const char *kind = as->strict ? STRICT : RELS, *folder = as->names == FROM_ROOT ? "/xl/" : as->names == ELSEWHERE ? "../parts/" : "";

  return g_strdup_printf ("<Relationships xmlns=\"" PACKAGE "\"><Relationship Id=\"rId1\" Type=\"%s/styles\" Target=\"%sstyles.xml\"/>"
                          "<Relationship Id=\"rId7\" Type=\"%s/worksheet\" Target=\"%s%s\"/><Relationship Id=\"rId3\" Type=\"%s/sharedStrings\" Target=\"%ssharedStrings.xml\"/>"
                          "<Relationship Id=\"rId4\" Type=\"%s/chartsheet\" Target=\"%schart.xml\"/><Relationship Id=\"rId5\" Type=\"%s/worksheet\" Target=\"%sown.xml\"/>"
                          "</Relationships>", kind, folder, kind, folder, page, kind, folder, kind, folder, kind, folder);
}

static char *
styles (const char *p)
{
  return g_strdup_printf ("<%sstyleSheet xmlns%s%.*s=\"" MAIN "\"><%snumFmts count=\"2\"><%snumFmt numFmtId=\"176\" formatCode=\"[$-804]yyyy&quot;年&quot;m\\月d_d;@\"/>"
                          "<%snumFmt numFmtId=\"177\" formatCode=\"00000\"/></%snumFmts><%scellStyleXfs><%sxf numFmtId=\"14\"/></%scellStyleXfs><%scellXfs count=\"3\">"
                          "<%sxf numFmtId=\"0\"/><%sxf numFmtId=\"176\"/><%sxf numFmtId=\"177\"/></%scellXfs></%sstyleSheet>", p, *p != '\0' ? ":" : "",
                          (int) (*p != '\0' ? strlen (p) - 1 : 0), p, p, p, p, p, p, p, p, p, p, p, p, p, p);
}

static void
add_all (zip_t *zip, const Writer *as)
{
  g_autoptr (GString) strings = g_string_new (NULL), page = g_string_new (NULL);
  Out out = { .as = as, .strings = strings, .page = page };
  const char *p = as->prefix, *folder = as->names == ELSEWHERE ? "parts" : "xl", *home = as->names == ELSEWHERE ? "doc/book.xml" : "xl/workbook.xml";
  g_autofree char *space = *p != '\0' ? g_strdup_printf (" xmlns:%.*s", (int) strlen (p) - 1, p) : g_strdup (" xmlns");
  g_autofree char *where = g_strconcat (folder, "/worksheets/sheet1.xml", NULL), *strings_part = g_strconcat (folder, "/sharedStrings.xml", NULL),
                  *styles_part = g_strconcat (folder, "/styles.xml", NULL), *own = g_strconcat (folder, "/own.xml", NULL);
  const char *others = as->other_pages ? "<sheet name=\"WpsReserved_CellImgList\" sheetId=\"8\" state=\"veryHidden\" r:id=\"rId5\"/>"
                                         "<sheet name=\"Chart\" sheetId=\"9\" r:id=\"rId4\"/>" : "";

  put_page (&out);
  add (zip, as, "_rels/.rels", g_strdup_printf ("<Relationships xmlns=\"" PACKAGE "\"><Relationship Id=\"r\" Type=\"%s/officeDocument\" Target=\"%s%s\"/></Relationships>",
                                                as->strict ? STRICT : RELS, as->names == FROM_ROOT ? "/" : "", home));
  add (zip, as, home, g_strdup_printf ("<workbook xmlns=\"" MAIN "\" xmlns:%s=\"%s\"><workbookPr%s/><bookViews><workbookView activeTab=\"%u\"/></bookViews><sheets>%s"
                                       "<sheet name=\"用户\" sheetId=\"1\" %s:id=\"rId7\"/></sheets></workbook>", as->strict || as->other_pages ? "r" : "rel",
                                       as->strict ? STRICT : RELS, as->days == SERIAL_1904 ? " date1904=\"1\"" : "", as->other_pages ? 2 : 0, others,
                                       as->strict || as->other_pages ? "r" : "rel"));
  add (zip, as, as->names == ELSEWHERE ? "doc/_rels/book.xml.rels" : "xl/_rels/workbook.xml.rels", relations (as, "worksheets/sheet1.xml"));
  add (zip, as, strings_part, g_strdup_printf ("<%ssst%s=\"" MAIN "\">%s</%ssst>", p, space, strings->str, p));
  add (zip, as, styles_part, styles (p));
  add (zip, as, own, g_strdup ("<worksheet xmlns=\"" MAIN "\"><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>"));
  add (zip, as, where, g_strdup_printf ("<%sworksheet%s=\"" MAIN "\">%s%s</%sworksheet>", p, space, as->references ? "<dimension ref=\"A1:H7\"/>" : "", page->str, p));
}

static GBytes *
close_zip (zip_t *zip, zip_source_t *target)
{
  zip_stat_t about;
  char *data;

  g_assert_cmpint (zip_close (zip), ==, 0);
  g_assert_cmpint (zip_source_stat (target, &about), ==, 0);
  data = g_malloc (about.size);
  g_assert_cmpint (zip_source_open (target), ==, 0);
  g_assert_cmpint (zip_source_read (target, data, about.size), ==, (zip_int64_t) about.size);
  zip_source_close (target);
  zip_source_free (target);
  return g_bytes_new_take (data, about.size);
}

static GBytes *
write_as (const Writer *as)
{
  zip_source_t *target = zip_source_buffer_create (NULL, 0, 0, NULL);
  zip_t *zip = zip_open_from_source (target, ZIP_TRUNCATE, NULL);

  zip_source_keep (target);
  add_all (zip, as);
  return close_zip (zip, target);
}

/* A page of these rows and nothing else; styles and shared texts there are none. */
static GBytes *
write_rows (const char *book, const char *rows)
{
  static const Writer plain = { .program = "", .prefix = "" };
  zip_source_t *target = zip_source_buffer_create (NULL, 0, 0, NULL);
  zip_t *zip = zip_open_from_source (target, ZIP_TRUNCATE, NULL);

  zip_source_keep (target);
  add (zip, &plain, "xl/workbook.xml", g_strdup_printf ("<workbook xmlns=\"" MAIN "\" xmlns:r=\"" RELS "\">%s</workbook>", book));
  add (zip, &plain, "xl/_rels/workbook.xml.rels", g_strdup ("<Relationships><Relationship Id=\"a\" Type=\"x/worksheet\" Target=\"a.xml\"/>"
                                                            "<Relationship Id=\"b\" Type=\"x/worksheet\" Target=\"b.xml\"/></Relationships>"));
  add (zip, &plain, "xl/a.xml", g_strdup ("<worksheet><sheetData><row r=\"1\"><c r=\"A1\" s=\"1\"/></row></sheetData></worksheet>"));
  add (zip, &plain, "xl/b.xml", g_strdup_printf ("<worksheet><sheetData>%s</sheetData></worksheet>", rows));
  return close_zip (zip, target);
}

/* --- reading --- */

static char *
rows_of (TillImportKind kind, TillSheet *sheet)
{
  guint heading = till_import_find_heading (kind, sheet);
  g_autofree int *match = till_import_match (kind, sheet, heading, NULL);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);

  json_node_take_array (node, till_import_make_rows (kind, sheet, heading, match));
  return json_to_string (node, FALSE);
}

static void
assert_customers (const char *program, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TillSheet) sheet = till_sheet_read_bytes (bytes, TILL_SHEET_ANY_PAGE, &error);
  g_autofree char *text = NULL;
  const TillSheetRow *last;

  if (sheet == NULL)
    g_error ("%s: %s", program, error->message);
  text = rows_of (TILL_IMPORT_CUSTOMERS, sheet);
  last = till_sheet_get_row (sheet, sheet->rows->len - 1);
  if (!g_str_equal (text, CUSTOMERS) || last->number != 7 || !g_str_equal (last->cells[7], "2025-03-02"))
    g_error ("%s: row %u of %s: %s", program, last->number, last->cells[7], text);
  g_test_message ("%s", program);
}

static void
test_shapes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (writers); i++)
    {
      g_autoptr (GBytes) bytes = write_as (&writers[i]);

      assert_customers (writers[i].program, bytes);
    }
}

static void
test_programs (void)
{
  static const char *const names[] = { "quirks-libreoffice.xlsx", "quirks-openpyxl.xlsx" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "client", "sheets", names[i], NULL);
      g_autoptr (GFile) file = g_file_new_for_path (path);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = g_file_load_bytes (file, NULL, NULL, &error);

      g_assert_no_error (error);
      assert_customers (names[i], bytes);
    }
}

/* As a Chinese Excel or WPS saves the page as text: in GB18030, and all as it is shown. */
static void
test_text (void)
{
  static const char text[] = "宿舍一号楼用户清单,,,,,,,\r\n,,,,,,,\r\n用户编号,姓名,,联系电话,房间号,用电性质,备注,开户日期\r\n,,,,,,,\r\n"
                             "00017,张　伟  ,,13900005566,北校区 / 3号楼／201　,学生宿舍,A栋,2025年3月1日\r\n 　,,,,,,,\r\n"
                             "00018,李娜,,13900005567,北校区/3号楼/202,商铺,B栋,2025-03-02 09:30\r\n";
  gsize size = 0;
  char *han = g_convert (text, -1, "GB18030", "UTF-8", NULL, &size, NULL);
  g_autoptr (GBytes) bytes = g_bytes_new_take (han, size), plain = g_bytes_new_static (text, strlen (text));

  assert_customers ("text in GB18030", bytes);
  assert_customers ("text in UTF-8", plain);
}

/* What was never calculated, what failed, and what lost its last digits is not swallowed: it is there for the server to refuse. */
static void
test_not_lost (void)
{
  static const char rows[] =
    "<row><c t=\"inlineStr\"><is><t>code</t></is></c></row>"
    "<row><c><f>B1*2</f><v></v></c><c><f>SUM(A1)</f></c><c t=\"str\"><f>A1</f><v></v></c><c t=\"e\"><v>#N/A</v></c><c><v>110105194912310021</v></c>"
    "<c><v>0.00002</v></c><c t=\"b\"><v>1</v></c><c><v>0.30000000000000004</v></c></row>";
  static const char *const expected[] = { "#FORMULA! =B1*2", "#FORMULA! =SUM(A1)", "", "#N/A", "1.1010519491231E+17", "0.00002", "yes", "0.3" };
  g_autoptr (GBytes) bytes = write_rows ("<sheets><sheet name=\"a\" r:id=\"a\"/><sheet name=\"b\" r:id=\"b\"/></sheets>", rows);
  g_autoptr (TillSheet) sheet = till_sheet_read_bytes (bytes, TILL_SHEET_ANY_PAGE, NULL), first = till_sheet_read_bytes (bytes, 0, NULL);

  g_assert_cmpuint (sheet->page, ==, 1); /* the first page holds nothing */
  g_assert_cmpuint (first->rows->len, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpstr (till_sheet_get_row (sheet, 1)->cells[i], ==, expected[i]);
}

static void
refuse (const char *book, const char *rows, TillError code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = write_rows (book, rows);
  g_autoptr (TillSheet) sheet = till_sheet_read_bytes (bytes, TILL_SHEET_ANY_PAGE, &error);

  g_assert_null (sheet);
  g_assert_error (error, TILL_ERROR, (gint) code);
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_refused (void)
{
  static const char one[] = "<sheets><sheet name=\"b\" r:id=\"b\"/></sheets>";
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (GBytes) blank = NULL, other = NULL;
  g_autoptr (TillSheet) sheet = NULL;
  g_autoptr (GError) error = NULL;
  zip_source_t *target = zip_source_buffer_create (NULL, 0, 0, NULL);
  zip_t *zip = zip_open_from_source (target, ZIP_TRUNCATE, NULL);

  refuse (one, "<row><c t=\"s\"><v>4</v></c></row>", TILL_ERROR_INVALID, "damaged"); /* a shared text that is not there */
  refuse ("<sheets><sheet name=\"b\" r:id=\"none\"/></sheets>", "", TILL_ERROR_INVALID, "damaged");
  /* Rows of borders only count for nothing, however many; those with a text do, and none is left out in silence. */
  for (guint i = 0; i < 60000; i++)
    g_string_append_printf (many, "<row r=\"%u\"><c r=\"A%u\" s=\"1\"/></row>", i + 1, i + 1);
  g_string_append (many, "<row r=\"70000\"><c r=\"A70000\"><v>5</v></c></row>");
  blank = write_rows (one, many->str);
  sheet = till_sheet_read_bytes (blank, 0, NULL);
  g_assert_cmpuint (sheet->rows->len, ==, 1);
  g_assert_cmpuint (till_sheet_get_row (sheet, 0)->number, ==, 70000);
  g_string_truncate (many, 0);
  for (guint i = 0; i <= TILL_SHEET_ROWS; i++)
    g_string_append (many, "<row><c><v>5</v></c></row>");
  refuse (one, many->str, TILL_ERROR_TOO_LARGE, "10,000");
  zip_source_keep (target);
  g_assert_cmpint (zip_file_add (zip, "content.xml", zip_source_buffer (zip, "<a/>", 4, 0), 0), >=, 0); /* a spreadsheet of another kind */
  other = close_zip (zip, target);
  g_assert_null (till_sheet_read_bytes (other, 0, &error));
  g_assert_nonnull (strstr (error->message, "save it as xlsx"));
}

/* --- cells and headings --- */

static void
test_cells (void)
{
  static const struct { TillCellForm form; const char *typed, *wire; } cells[] = {
    { TILL_CELL_TEXT, "李\n娜（东）", "李 娜（东）" }, { TILL_CELL_CODE, "Ａ３－０２０１", "A3-0201" }, { TILL_CELL_CODE, "A3\xE2\x80\x8B-1", "A3-1" },
    { TILL_CELL_WHOLE, "１２.0", "12" }, { TILL_CELL_WHOLE, "12.5", "12.5" }, { TILL_CELL_WHOLE, "007", "7" }, { TILL_CELL_AMOUNT, "￥1,234.50元", "1234.50" }, { TILL_CELL_AMOUNT, "1,234", "1,234" },
    { TILL_CELL_AMOUNT, "12,34.5", "12,34.5" }, { TILL_CELL_AMOUNT, "1,234,567", "1234567" }, { TILL_CELL_AMOUNT, "2.2 kW", "2.2" }, { TILL_CELL_AMOUNT, "-5", "-5" },
    { TILL_CELL_PATH, "北校区　／ 3号楼/201", "北校区/3号楼/201" }, { TILL_CELL_PHONES, "139\n138", "139,138" }, { TILL_CELL_PHONES, "139，138；1", "139,138;1" },
    { TILL_CELL_PHONES, "1.39E+10", "1.39E+10" }, { TILL_CELL_CODE, "\xE2\x80\x8B", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    {
      g_autofree char *wire = till_import_cell_tidy (cells[i].form, cells[i].typed);

      g_assert_cmpstr (wire, ==, cells[i].wire);
    }
}

static void
assert_csv (TillImportKind kind, const char *text, const char *rows)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (TillSheet) sheet = till_sheet_read_bytes (bytes, 0, NULL);
  g_autofree char *found = rows_of (kind, sheet), *again = rows_of (kind, sheet);

  g_assert_cmpstr (found, ==, rows);
  g_assert_cmpstr (again, ==, rows); /* asked for another kind and back */
}

/* Headings on two rows, as a page with merged headings is when it was saved as csv or filled by a program. */
static void
test_headings (void)
{
  assert_csv (TILL_IMPORT_PLANT, "编号,报警,报警,网关\n编号,1,2,网关\nA1,50,10,GW-1\n", "[{\"code\":\"A1\",\"alarm1\":\"50\",\"alarm2\":\"10\",\"gateway\":\"GW-1\"}]");
  assert_csv (TILL_IMPORT_PLANT, "编号,位置,表的\n编号,房间,型号\nA1,R/1,m\n", "[{\"code\":\"A1\",\"area\":\"R/1\",\"model\":\"m\"}]");
  assert_csv (TILL_IMPORT_CUSTOMERS, "姓名,电话\n电话,12345\n", "[{\"name\":\"电话\",\"phones\":\"12345\"}]"); /* a strange name is no heading */
  assert_csv (TILL_IMPORT_CUSTOMERS, "姓名,学号,电话\n\"李\n娜\",=\"00017\",1.39E+10\n王芳,'0018,1.3900005566E+10\n",
              "[{\"name\":\"李 娜\",\"code\":\"00017\",\"phones\":\"1.39E+10\"},{\"name\":\"王芳\",\"code\":\"0018\",\"phones\":\"13900005566\"}]");
}

static void
assert_reason (const TillImportPlace *place, const char *said, const char *shown)
{
  g_autofree char *reason = till_import_reason (place, said);

  g_assert_cmpstr (reason, ==, shown);
}

/* The headings of a template in the language of now, as a line of text. */
static char *
dup_titles (TillImportKind kind)
{
  GString *text = g_string_new (NULL);
  guint n;
  const TillImportColumn *columns = till_import_columns (kind, &n);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "," : "", till_import_title (&columns[i]));
  return g_string_free (text, FALSE);
}

/* Whoever works in the other language can import what was filled in there. */
static void
assert_titles (TillImportKind kind, char *owned)
{
  g_autofree char *titles = owned;
  g_autoptr (GBytes) bytes = g_bytes_new (titles, strlen (titles));
  g_autoptr (TillSheet) sheet = till_sheet_read_bytes (bytes, 0, NULL);
  g_autofree int *match = till_import_match (kind, sheet, 0, NULL);

  for (guint c = 0; c < sheet->n_columns; c++)
    if (match[c] != (int) c)
      g_error ("the heading %s of \"%s\" is not known", till_sheet_get_row (sheet, 0)->cells[c], titles);
}

/* In Chinese: the sentences of the server, rows as the file counts, words that may be written into it. */
static void
test_reasons (void)
{
  static const char text[] = "类型,表号\n\n电表,A1\n,\n电表,A1\n";
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  g_autoptr (TillSheet) sheet = till_sheet_read_bytes (bytes, 0, NULL);
  g_autofree char *catalogs = g_build_filename (g_getenv ("GRIDTILL_BUILD"), "po", NULL);
  TillImportPlace place = { TILL_IMPORT_PLANT, sheet, 0, till_import_find_column (TILL_IMPORT_PLANT, "code") };
  char *titles[TILL_IMPORT_N];

  assert_reason (&place, "stands in row 2 already", "stands in row 5 already");
  g_setenv ("LANGUAGE", "zh_CN", TRUE);
  g_assert_nonnull (setlocale (LC_ALL, "C.UTF-8"));
  bindtextdomain (GETTEXT_PACKAGE, catalogs);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  assert_reason (&place, "is required", "必填");
  assert_reason (&place, "stands in row 2 already", "已在第 5 行出现");
  assert_reason (&place, "stands in row 99 already", "已在第 99 行出现");
  assert_reason (&place, "meter M-1 sits at GW-1, port 1, address 12 already", "电表 M-1 已在 GW-1 端口 1 地址 12");
  assert_reason (&place, "there is no tariff \"黄金价\"", "没有电价“黄金价”");
  assert_reason (&place, "something new", "something new");
  place.column = till_import_find_column (TILL_IMPORT_PLANT, "kind");
  assert_reason (&place, "must be one of gateway, meter", "应为以下之一：网关, 仪表");
  for (guint kind = 0; kind < TILL_IMPORT_N; kind++)
    {
      titles[kind] = dup_titles (kind);
      assert_titles (kind, g_strdup (titles[kind]));
    }
  g_setenv ("LANGUAGE", "C", TRUE);
  setlocale (LC_ALL, "C");
  for (guint kind = 0; kind < TILL_IMPORT_N; kind++)
    assert_titles (kind, titles[kind]);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/client/sheet/shapes", test_shapes);
  g_test_add_func ("/client/sheet/of-programs", test_programs);
  g_test_add_func ("/client/sheet/as-text", test_text);
  g_test_add_func ("/client/sheet/not-lost", test_not_lost);
  g_test_add_func ("/client/sheet/refused-shapes", test_refused);
  g_test_add_func ("/client/import/cells", test_cells);
  g_test_add_func ("/client/import/headings", test_headings);
  g_test_add_func ("/client/import/reasons", test_reasons);
  return till_test_run ();
}
