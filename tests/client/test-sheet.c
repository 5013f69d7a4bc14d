/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-sheet.c: one list as five programs write it reads the same; broken and hostile files are refused with a sentence; headings of either
 * language find their columns; what is written reads back. sheets/ holds files that LibreOffice 7.4 and openpyxl 3.0 made. */
#include "config.h"
#include <string.h>
#include <zip.h>
#include "client/files/till-import-columns.h"
#include "client/files/till-sheet-writer.h"
#include "shared/base/till-error.h"
#include "tests/client/fake-server.h"
#include "tests/lib/test-main.h"

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
#define MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define RELS "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE "http://schemas.openxmlformats.org/package/2006/relationships"

typedef struct { const char *name, *text; } Part;

static GBytes *
pack (const Part *parts)
{
  zip_source_t *target = zip_source_buffer_create (NULL, 0, 0, NULL);
  zip_t *zip = zip_open_from_source (target, ZIP_TRUNCATE, NULL);
  zip_stat_t about;
  char *data;

  zip_source_keep (target);
  for (; parts->name != NULL; parts++)
    g_assert_cmpint (zip_file_add (zip, parts->name, zip_source_buffer (zip, parts->text, strlen (parts->text), 0), 0), >=, 0);
  g_assert_cmpint (zip_close (zip), ==, 0);
  g_assert_cmpint (zip_source_stat (target, &about), ==, 0);
  data = g_malloc (about.size);
  g_assert_cmpint (zip_source_open (target), ==, 0);
  g_assert_cmpint (zip_source_read (target, data, about.size), ==, (zip_int64_t) about.size);
  zip_source_close (target);
  zip_source_free (target);
  return g_bytes_new_take (data, about.size);
}

/* As WPS writes: parts named from the root, a prefix before every name, cells and rows without references, letters with how they are spoken,
 * days of a format of its own, headings merged over two rows. */
static GBytes *
wps (const char *rows)
{
  g_autofree char *page = g_strconcat (HEAD "<x:worksheet xmlns:x=\"" MAIN "\"><x:sheetData>", rows, "</x:sheetData>"
                                       "<x:mergeCells><x:mergeCell ref=\"A1:G1\"/><x:mergeCell ref=\"A3:A4\"/></x:mergeCells></x:worksheet>", NULL);
  const Part parts[] = {
    { "xl/workbook.xml", HEAD "<x:workbook xmlns:x=\"" MAIN "\" xmlns:r=\"" RELS "\"><x:sheets><x:sheet name=\"表1\" sheetId=\"1\" r:id=\"rId9\"/></x:sheets></x:workbook>" },
    { "xl/_rels/workbook.xml.rels", HEAD "<Relationships xmlns=\"" PACKAGE "\"><Relationship Id=\"rId9\" Type=\"" RELS "/worksheet\" Target=\"/xl/worksheets/s1.xml\"/>"
      "<Relationship Id=\"rId1\" Type=\"" RELS "/sharedStrings\" Target=\"sharedStrings.xml\"/><Relationship Id=\"rId2\" Type=\"" RELS "/styles\" Target=\"/xl/styles.xml\"/>"
      "</Relationships>" },
    { "xl/sharedStrings.xml", HEAD "<x:sst xmlns:x=\"" MAIN "\"><x:si><x:t>类型</x:t></x:si><x:si><x:r><x:t>表</x:t></x:r><x:r><x:t>号</x:t></x:r><x:rPh sb=\"0\" eb=\"1\"><x:t>biao</x:t>"
      "</x:rPh></x:si><x:si><x:t/></x:si><x:si><x:t xml:space=\"preserve\">  仪表　</x:t></x:si></x:sst>" },
    { "xl/styles.xml", HEAD "<x:styleSheet xmlns:x=\"" MAIN "\"><x:numFmts><x:numFmt numFmtId=\"176\" formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;\"/>"
      "<x:numFmt numFmtId=\"177\" formatCode=\"0.00&quot;day&quot;\"/></x:numFmts><x:cellStyleXfs><x:xf numFmtId=\"14\"/></x:cellStyleXfs>"
      "<x:cellXfs><x:xf numFmtId=\"0\"/><x:xf numFmtId=\"176\"/><x:xf numFmtId=\"177\"/></x:cellXfs></x:styleSheet>" },
    { "xl/worksheets/s1.xml", page }, { NULL }
  };

  return pack (parts);
}

#define WPS_ROWS                                                                                                                                        \
  "<x:row><x:c t=\"inlineStr\"><x:is><x:t>宿舍一号楼电表清单</x:t></x:is></x:c></x:row><x:row/>"                                                                  \
  "<x:row><x:c t=\"s\"><x:v>0</x:v></x:c><x:c t=\"s\"><x:v>1</x:v></x:c><x:c t=\"str\"><x:f>1</x:f><x:v>区域</x:v></x:c><x:c t=\"inlineStr\"><x:is><x:t>网关编号</x:t></x:is></x:c>"  \
  "<x:c t=\"inlineStr\"><x:is><x:t>表地址</x:t></x:is></x:c><x:c t=\"inlineStr\"><x:is><x:t>出厂编号</x:t></x:is></x:c><x:c t=\"inlineStr\"><x:is><x:t>日期</x:t></x:is></x:c></x:row>"  \
  "<x:row r=\"5\"><x:c t=\"s\"><x:v>3</x:v></x:c><x:c r=\"B5\" t=\"inlineStr\"><x:is><x:t>A3-0201</x:t></x:is></x:c><x:c t=\"str\"><x:v>北校区/3号楼/F2/201</x:v></x:c>"    \
  "<x:c t=\"str\"><x:v>GW-0001</x:v></x:c><x:c><x:v>1.0000000000000002</x:v></x:c><x:c t=\"str\"><x:v>00230500012</x:v></x:c><x:c s=\"1\"><x:v>45717</x:v></x:c></x:row>"     \
  "<x:row r=\"9\"><x:c t=\"s\"><x:v>3</x:v></x:c><x:c t=\"str\"><x:v>A3-0202</x:v></x:c><x:c t=\"str\"><x:v>北校区/3号楼/F2/202</x:v></x:c><x:c t=\"str\"><x:v>GW-0001</x:v></x:c>" \
  "<x:c s=\"2\"><x:v>2</x:v></x:c><x:c t=\"str\"><x:v>00230500013</x:v></x:c><x:c s=\"1\"><x:v>45718.354</x:v></x:c></x:row>"

/* The list of every program: rows of the contract. */
#define PLANT "[{\"kind\":\"meter\",\"code\":\"A3-0201\",\"area\":\"北校区/3号楼/F2/201\",\"gateway\":\"GW-0001\",\"unit\":\"1\",\"serial\":\"00230500012\"}," \
              "{\"kind\":\"meter\",\"code\":\"A3-0202\",\"area\":\"北校区/3号楼/F2/202\",\"gateway\":\"GW-0001\",\"unit\":\"2\",\"serial\":\"00230500013\"}]"

static void
assert_plant (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TillSheet) sheet = till_sheet_read_bytes (bytes, 0, &error);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  g_autofree char *text = NULL;
  g_autofree int *match = NULL;
  guint heading;

  g_assert_no_error (error);
  heading = till_import_find_heading (TILL_IMPORT_PLANT, sheet);
  match = till_import_match (TILL_IMPORT_PLANT, sheet, heading, NULL);
  json_node_take_array (node, till_import_make_rows (TILL_IMPORT_PLANT, sheet, heading, match));
  text = json_to_string (node, FALSE);
  g_assert_cmpstr (text, ==, PLANT);
  g_assert_null (till_import_find_missing (TILL_IMPORT_PLANT, sheet, match));
  g_assert_cmpstr (till_sheet_get_row (sheet, sheet->rows->len - 1)->cells[6], ==, "2025-03-02");
}

static GBytes *
load (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "client", "sheets", name, NULL);
  char *data = NULL;
  gsize size = 0;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, size);
}

static void
test_programs (void)
{
  g_autoptr (GBytes) libreoffice = load ("libreoffice.xlsx"), openpyxl = load ("openpyxl.xlsx"), wps_book = wps (WPS_ROWS);

  assert_plant (libreoffice);
  assert_plant (openpyxl);
  assert_plant (wps_book);
}

#define CSV "宿舍一号楼电表清单;;;;;;\r\n;;;;;;\r\n类型;表号;区域;\"网关\n编号\";表地址;出厂编号;日期\r\n仪表;A3-0201;北校区/3号楼/F2/201;GW-0001; 1 ;00230500012;2025-03-01\r\n" \
            "\r\n仪表;\"A3-0202\";北校区/3号楼/F2/202;GW-0001;2;00230500013;2025-03-02"

static void
test_csv (void)
{
  g_autofree char *marked = g_strconcat ("\xEF\xBB\xBF", CSV, NULL), *han = NULL, *wide = NULL;
  g_autoptr (GBytes) utf8 = g_bytes_new (CSV, strlen (CSV)), with_mark = g_bytes_new (marked, strlen (marked)), gb = NULL, utf16 = NULL;
  g_autoptr (TillSheet) sheet = NULL;
  gsize size = 0;

  assert_plant (utf8);
  assert_plant (with_mark);
  han = g_convert (CSV, -1, "GB18030", "UTF-8", NULL, &size, NULL);
  gb = g_bytes_new (han, size);
  assert_plant (gb);
  sheet = till_sheet_read_bytes (gb, 0, NULL);
  g_assert_cmpstr (sheet->encoding, ==, "GB18030");
  g_assert_cmpuint (till_sheet_get_row (sheet, 3)->number, ==, 6); /* the line as a person counts */
  wide = g_convert (marked, -1, "UTF-16LE", "UTF-8", NULL, &size, NULL);
  utf16 = g_bytes_new (wide, size);
  assert_plant (utf16);
}

static void
test_quotes (void)
{
  static const char text[] = "sep=,\ncode,name\n\"A,\"\"1\"\"\",\"two\nlines\"\nB,=1+1\n";
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, sizeof text - 1);
  g_autoptr (TillSheet) sheet = till_sheet_read_bytes (bytes, 0, NULL);

  g_assert_cmpuint (sheet->rows->len, ==, 3);
  g_assert_cmpstr (till_sheet_get_row (sheet, 1)->cells[0], ==, "A,\"1\"");
  g_assert_cmpstr (till_sheet_get_row (sheet, 1)->cells[1], ==, "two\nlines");
  g_assert_cmpstr (till_sheet_get_row (sheet, 2)->cells[1], ==, "=1+1");
}

static void
refuse (GBytes *bytes, TillError code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TillSheet) sheet = till_sheet_read_bytes (bytes, 0, &error);

  g_assert_null (sheet);
  g_assert_error (error, TILL_ERROR, (gint) code);
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_refused (void)
{
  static const char old[] = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest", zeros[] = "a,b\n\0\0\0", zip[] = "PK\x03\x04 and nothing else";
  static const Part no_page[] = { { "xl/workbook.xml", "<workbook/>" }, { NULL } };
  g_autoptr (GString) many = g_string_new ("code\n"), wide = g_string_new ("code");
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0), xls = g_bytes_new_static (old, sizeof old - 1), binary = g_bytes_new_static (zeros, sizeof zeros - 1);
  g_autoptr (GBytes) broken = g_bytes_new_static (zip, sizeof zip - 1), bare = pack (no_page), torn = wps ("<x:row><x:c><x:v>1</x:v></x:row>");
  g_autoptr (GBytes) long_list = NULL, wide_list = NULL, bytes = NULL, half = NULL;

  for (guint i = 0; i < TILL_SHEET_ROWS; i++)
    g_string_append_printf (many, "A%u\n", i);
  for (guint i = 0; i < TILL_SHEET_COLUMNS; i++)
    g_string_append (wide, ",x");
  long_list = g_bytes_new_static (many->str, many->len);
  wide_list = g_bytes_new_static (wide->str, wide->len);
  bytes = load ("openpyxl.xlsx");
  half = g_bytes_new_from_bytes (bytes, 0, g_bytes_get_size (bytes) / 2);
  refuse (empty, TILL_ERROR_INVALID, "empty");
  refuse (xls, TILL_ERROR_INVALID, "xls");
  refuse (binary, TILL_ERROR_INVALID, "neither");
  refuse (broken, TILL_ERROR_INVALID, "damaged");
  refuse (half, TILL_ERROR_INVALID, "damaged");
  refuse (bare, TILL_ERROR_INVALID, "workbook.xml.rels");
  refuse (torn, TILL_ERROR_INVALID, "s1.xml");
  refuse (long_list, TILL_ERROR_TOO_LARGE, "10,000");
  refuse (wide_list, TILL_ERROR_TOO_LARGE, "columns");
}

/* An entity that grows is not replaced, one that names a file is not loaded. */
static void
test_hostile (void)
{
  static const Part parts[] = {
    { "xl/workbook.xml", "<workbook xmlns:r=\"" RELS "\"><sheets><sheet name=\"a\" r:id=\"r1\"/></sheets></workbook>" },
    { "xl/_rels/workbook.xml.rels", "<Relationships><Relationship Id=\"r1\" Type=\"x/worksheet\" Target=\"s.xml\"/></Relationships>" },
    { "xl/s.xml", "<!DOCTYPE w [<!ENTITY a SYSTEM \"file:///etc/hostname\"><!ENTITY b \"bbbb\">]><w><sheetData><row><c t=\"str\"><v>&a;|&b;</v></c>"
      "<c t=\"str\"><v>code</v></c></row></sheetData></w>" }, { NULL }
  };
  g_autoptr (GBytes) bytes = pack (parts);
  g_autoptr (TillSheet) sheet = till_sheet_read_bytes (bytes, 0, NULL);
  g_autofree char *host = NULL;

  g_assert_nonnull (sheet);
  g_assert_cmpstr (till_sheet_get_row (sheet, 0)->cells[1], ==, "code");
  if (g_file_get_contents ("/etc/hostname", &host, NULL, NULL))
    g_assert_null (strstr (till_sheet_get_row (sheet, 0)->cells[0], g_strstrip (host)));
}

/* --- columns --- */

static TillSheet *
sheet_of (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  TillSheet *sheet = till_sheet_read_bytes (bytes, 0, NULL);

  g_assert_nonnull (sheet);
  return sheet;
}

static void
test_match (void)
{
  g_autoptr (TillSheet) sheet = sheet_of ("Room,Meter No. *,CT Ratio,表地址,Overload limit (kW),colour,Room\n");
  g_autofree int *match = till_import_match (TILL_IMPORT_PLANT, sheet, 0, NULL), *chosen = NULL;
  g_autofree char *choice = NULL;
  static const char *const names[] = { "area", "code", "ct_ratio", "unit", "overload_kw", NULL, NULL };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_cmpint (match[i], ==, names[i] != NULL ? till_import_find_column (TILL_IMPORT_PLANT, names[i]) : -1);
  match[5] = till_import_find_column (TILL_IMPORT_PLANT, "name"); /* a person says so, and that the first is none */
  match[0] = -1;
  choice = till_import_dup_choice (TILL_IMPORT_PLANT, sheet, 0, match);
  chosen = till_import_match (TILL_IMPORT_PLANT, sheet, 0, choice);
  g_assert_cmpint (chosen[5], ==, match[5]);
  g_assert_cmpint (chosen[0], ==, -1);
  g_assert_cmpint (chosen[1], ==, match[1]);
}

/* The name of the contract wins over a likely word that stands before it. */
static void
test_sure_first (void)
{
  g_autoptr (TillSheet) sheet = sheet_of ("编号,code,name\nx,A1,n\n");
  g_autofree int *match = till_import_match (TILL_IMPORT_PLANT, sheet, 0, NULL);

  g_assert_cmpint (match[0], ==, -1);
  g_assert_cmpint (match[1], ==, till_import_find_column (TILL_IMPORT_PLANT, "code"));
}

static void
test_missing (void)
{
  g_autoptr (TillSheet) sheet = sheet_of ("用户编号,表号\n1,2\n"), other = sheet_of ("用户编号,颜色\n1,2\n");
  g_autofree int *whole = till_import_match (TILL_IMPORT_ACCOUNTS, sheet, 0, NULL), *half = till_import_match (TILL_IMPORT_ACCOUNTS, other, 0, NULL);

  g_assert_null (till_import_find_missing (TILL_IMPORT_ACCOUNTS, sheet, whole));
  g_assert_cmpstr (till_import_find_missing (TILL_IMPORT_ACCOUNTS, other, half)->name, ==, "meter");
}

static void
test_words (void)
{
  g_autoptr (TillSheet) sheet = sheet_of ("姓名,用电性质,类型\n张伟,学生宿舍,个人\n李娜,SHOP,商户\n王芳,花园,\n");
  g_autofree int *match = till_import_match (TILL_IMPORT_CUSTOMERS, sheet, 0, NULL);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  g_autofree char *text = NULL;

  json_node_take_array (node, till_import_make_rows (TILL_IMPORT_CUSTOMERS, sheet, 0, match));
  text = json_to_string (node, FALSE);
  g_assert_cmpstr (text, ==, "[{\"name\":\"张伟\",\"class\":\"dormitory\",\"kind\":\"household\"},{\"name\":\"李娜\",\"class\":\"shop\",\"kind\":\"shop\"},"
                             "{\"name\":\"王芳\",\"class\":\"花园\"}]");
}

/* --- writing --- */

static void
test_write (void)
{
  static const char *const headings[] = { "编号", "出厂编号", NULL }, *const row[] = { "=A1+1", "00230500012", NULL };
  g_autofree char *path = g_build_filename (till_test_dir (), "out.xlsx", NULL), *nowhere = g_build_filename (till_test_dir (), "none", "out.xlsx", NULL);
  g_autofree char *csv_path = g_build_filename (till_test_dir (), "out.csv", NULL), *text = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path), bad = g_file_new_for_path (nowhere), csv = g_file_new_for_path (csv_path);
  g_autoptr (GAsyncResult) result = NULL, read = NULL, failed = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillSheet) sheet = NULL;
  TillSheetWriter *writer = till_sheet_writer_new (headings);

  till_sheet_writer_add (writer, row, 1);
  till_sheet_writer_save_async (writer, file, NULL, till_fake_done_cb, &result);
  till_fake_await_result (&result);
  g_assert_true (till_sheet_writer_save_finish (result, &error));
  till_sheet_read_async (file, 0, NULL, till_fake_done_cb, &read);
  till_fake_await_result (&read);
  sheet = till_sheet_read_finish (read, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (till_sheet_get_row (sheet, 0)->cells[0], ==, "编号");
  g_assert_cmpstr (till_sheet_get_row (sheet, 1)->cells[0], ==, "=A1+1");
  g_assert_cmpstr (till_sheet_get_row (sheet, 1)->cells[1], ==, "00230500012");
  writer = till_sheet_writer_new (headings);
  till_sheet_writer_set_numbers (writer, 1);
  till_sheet_writer_add (writer, (const char *const[]){ "=A1+1", "-12.50", NULL }, -1);
  till_sheet_writer_add (writer, (const char *const[]){ "a,\"b\"", "-x", NULL }, -1);
  g_clear_object (&result);
  till_sheet_writer_save_async (writer, csv, NULL, till_fake_done_cb, &result);
  till_fake_await_result (&result);
  g_assert_true (till_sheet_writer_save_finish (result, &error));
  g_assert_true (g_file_get_contents (g_file_peek_path (csv), &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\r\n'=A1+1,-12.50\r\n\"a,\"\"b\"\"\",'-x\r\n"));
  till_sheet_writer_save_async (till_sheet_writer_new (headings), bad, NULL, till_fake_done_cb, &failed);
  till_fake_await_result (&failed);
  g_assert_false (till_sheet_writer_save_finish (failed, &error));
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/client/sheet/programs", test_programs);
  g_test_add_func ("/client/sheet/csv", test_csv);
  g_test_add_func ("/client/sheet/quotes", test_quotes);
  g_test_add_func ("/client/sheet/refused", test_refused);
  g_test_add_func ("/client/sheet/hostile", test_hostile);
  g_test_add_func ("/client/sheet/write", test_write);
  g_test_add_func ("/client/import/match", test_match);
  g_test_add_func ("/client/import/sure-first", test_sure_first);
  g_test_add_func ("/client/import/missing", test_missing);
  g_test_add_func ("/client/import/words", test_words);
  return till_test_run ();
}
