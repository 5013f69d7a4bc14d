/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-import-file.c: files of people with 37 mistakes, from the file by the client's reader to the server's verdicts: each mistake has its row, its
 * column and what would be right, nothing has changed, and the files without them go in whole. */
#include <string.h>
#include "client/files/till-import-reason.h"
#include "tests/lib/app-fixture.h"
#include "tests/lib/test-main.h"

/* cells: divided by |; member and reason of what is wrong with it, or NULL. */
typedef struct { const char *cells, *member, *reason; } Row;

#define WORDS "dormitory, shop, office, public, residence, other"

static const Row plant[] = {
  { "宿舍一号楼电表清单" }, { "" },
  { "类型|表号|名称|安装位置|所属网关|端口|表地址|规格型号|倍率|用电性质|电价名称|报警金额1|报警金额2|功率阈值(kW)|出厂编号|连接方式|网关地址" },
  { "网关|GW-9|九号|Campus/B9||||||||||||RTU_TCP|192.0.2.9:4001" },
  { "电表|Y-1||Campus/B9/101|GW-9|1|１|adf400l-1p|1.0|学生宿舍|flat|¥40|5.5|2.2kW|00230500012" },
  { "水泵|X-1|||GW-1||11|adf400l-1p", "kind", "must be one of gateway, meter" },
  { "电表|X 2||Campus/B1|GW-1||12|adf400l-1p", "code", "must be 1 to 32 letters, digits, dots, underscores and dashes" },
  { "电表|||Campus/B1|GW-1||13|adf400l-1p", "code", "is required" },
  { "" },
  { "电表|X-4|||GW-1||14|adf400l-1p", "area", "is required" },
  { "电表|X-5||Campus//101|GW-1||15|adf400l-1p", "area", "must be names with / between them, each at most 60 characters" },
  { "电表|X-6||Campus/B1|GW-404||16|adf400l-1p", "gateway", "there is no gateway \"GW-404\" that you may see, neither in this file" },
  { "电表|X-7||Campus/B1|GW-1|3|17|adf400l-1p", "port", "gateway GW-1 has no port 3" },
  { "电表|X-9||Campus/B1|GW-1||32|adf400l-1p||||||70", "overload_kw", "adf400l-1p holds 0.000 to 65.000 in steps of 0.001" },
  { "电表|X-10||Campus/B1|GW-1||1|adf400l-1p", "unit", "meter M-1 sits at GW-1, port 1, address 1 already" },
  { "电表|X-11||Campus/B1|GW-1||21|steam-9", "model", "there is no meter model \"steam-9\"" },
  { "电表|X-12||Campus/B1|GW-1||22|adf400l-1p|0", "ct_ratio", "must be a whole number from 1 to 10000" },
  { "电表|X-13||Campus/B1|GW-1||23|adf400l-1p||城堡", "use_class", "must be one of " WORDS },
  { "电表|X-14||Campus/B1|GW-1||24|adf400l-1p|||黄金价", "tariff", "there is no tariff \"黄金价\"" },
  { "电表|X-15||Campus/B1|GW-1||25|adf400l-1p||||5|5", "alarm1", "must be greater than alarm2" },
  { "电表|X-16||Campus/B1|GW-1||26|adf400l-1p|||||十元", "alarm2", "must be a number, not below 0, with at most 4 decimals" },
  { "电表|X-17||Campus/B1|GW-1||27|adf400l-1p||||||2.2345", "overload_kw", "must be a number, not below 0, with at most 3 decimals" },
  { "电表|X-19|#N/A|Campus/B1|GW-1||29|adf400l-1p", "name", "is a formula without a result: write the value itself" },
  { "电表|Y-1||Campus/B1|GW-1||30|adf400l-1p", "code", "stands in row 2 already" },
  { "电表|R-1||Campus/B1|GW-1||31|adf400l-1p", "code", "is the number of a meter that was taken out: it needs one of its own" },
  { "网关|G-2|||||||||||||S-9|modbus tcp|192.0.2.1:1", "serial", "is for meters only" },
  { "网关|G-3||||||||||||||modbus tcp|here", "address", "HOST:PORT, such as 192.0.2.7:502 or [2001:db8::7]:502" },
};

static const Row customers[] = {
  { "学号|用户姓名|用户类型|联系电话|房间|用电性质|身份证号|短信语言|备注" },
  { "00021|王芳|个人|139 0000 5566；0571-88881234|Campus／B1|学生宿舍|11010519491231002X|中文|" },
  { "00022||个人|13900005567|Campus/B1", "name", "is required" },
  { "00023|李娜|公司", "kind", "must be one of household, shop" },
  { "00025|李娜|个人|1.39E+10", "phones", "must be at most 5 numbers of 5 to 20 digits with commas between them" },
  { "00026|李娜|个人||月球/1", "area", "there is no area \"月球/1\" that you may see" },
  { "00027|李娜|个人||||11010519491231002Y", "id_number", "has a wrong check digit" },
  { "00028|李娜|个人||||1.1010519491231E+17", "id_number", "must be at most 40 letters and digits, all of them: a long number is kept as text" },
  { "00030|李娜|个人||||110105194912310000", "id_number", "must be at most 40 letters and digits, all of them: a long number is kept as text" },
  { "00029|李娜|个人|||||法语", "language", "must be one of zh_CN, en" },
};

static const Row accounts[] = {
  { "用户编号|表号|户号|结算方式|期初余额|报警1|备注" },
  { "C-2|M-4|H-1|单独结算|1,120.50元|30|旧账" },
  { "C-404|Z-6", "customer", "there is no customer \"C-404\" that you may see" },
  { "C-2|Z-404", "meter", "there is no meter \"Z-404\" that you may see" },
  { "C-2|M-1", "meter", "belongs to the open account A-1" },
  { "C-2|Z-1|A-1", "account", "belongs to another customer: leave it out, or write one of its own" },
  { "C-3|Z-2||合并结算", "settled", "must be each: the meter settles itself" },
  { "C-3|Z-3|||0.001", "opening_balance", "must have at most two decimals" },
  { "C-3|Z-4|||-5", "opening_balance", "must be a number, not below 0, with at most 4 decimals" },
  { "C-3|Z-5||||13900005566", "alarm1", "adf400l-1p holds 0.0000 to 42949672.9500 in steps of 0.0100" },
};

static const struct { TillImportKind kind; const char *word, *name; const Row *rows; guint n; } files[] = {
  { TILL_IMPORT_PLANT, "plant", "plant.xlsx", plant, G_N_ELEMENTS (plant) },
  { TILL_IMPORT_CUSTOMERS, "customers", "customers.csv", customers, G_N_ELEMENTS (customers) },
  { TILL_IMPORT_ACCOUNTS, "accounts", "accounts.xlsx", accounts, G_N_ELEMENTS (accounts) },
};

static const char extra_sql[] =
  "INSERT INTO customer (code, name, area) VALUES ('C-2', 'Second', 2), ('C-3', 'Third', 3);"
  "INSERT INTO meter (code, gateway, unit, model, area, settlement, tariff, retired_at) SELECT c, 1, 60 + n, 'adf400l-1p', 2, 0, 1,"
  " CASE WHEN c = 'R-1' THEN now () END FROM unnest (ARRAY['R-1', 'Z-1', 'Z-2', 'Z-3', 'Z-4', 'Z-5', 'Z-6']) WITH ORDINALITY AS x (c, n)";

/* --- files --- */

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (till_sheet_writer_save_finish (result, &error));
  g_assert_no_error (error);
  *(gboolean *) data = TRUE;
}

static GBytes *
make_workbook (GFile *file, const Row *rows, guint n)
{
  TillSheetWriter *writer = NULL;
  gboolean done = FALSE;

  for (guint i = 0; i < n; i++)
    {
      g_auto (GStrv) cells = g_strsplit (rows[i].cells, "|", -1);

      if (writer == NULL)
        writer = till_sheet_writer_new ((const char *const *) cells);
      else
        till_sheet_writer_add (writer, (const char *const *) cells, -1);
    }
  till_sheet_writer_save_async (writer, file, NULL, saved_cb, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  return g_file_load_bytes (file, NULL, NULL, NULL);
}

/* As a Chinese Excel saves it: GB18030. */
static GBytes *
make_text (const Row *rows, guint n)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gsize size = 0;
  char *han;

  for (guint i = 0; i < n; i++)
    {
      g_auto (GStrv) cells = g_strsplit (rows[i].cells, "|", -1);
      g_autofree char *line = g_strjoinv (",", cells);

      g_string_append_printf (text, "%s\r\n", line);
    }
  han = g_convert (text->str, -1, "GB18030", "UTF-8", NULL, &size, NULL);
  g_assert_nonnull (han);
  return g_bytes_new_take (han, size);
}

typedef struct { TillSheet *sheet; guint heading; int *match; JsonArray *rows; } Read;

static void
read_clear (Read *read)
{
  till_sheet_free (read->sheet);
  g_free (read->match);
  json_array_unref (read->rows);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Read, read_clear)

static Read
read_file (guint f, const Row *rows, guint n)
{
  g_autofree char *path = g_build_filename (till_test_dir (), files[f].name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GBytes) bytes = g_str_has_suffix (path, ".csv") ? make_text (rows, n) : make_workbook (file, rows, n);
  g_autoptr (GError) error = NULL;
  Read read = { till_sheet_read_bytes (bytes, TILL_SHEET_ANY_PAGE, &error) };

  g_assert_no_error (error);
  read.heading = till_import_find_heading (files[f].kind, read.sheet);
  read.match = till_import_match (files[f].kind, read.sheet, read.heading, NULL);
  for (guint c = 0; c < read.sheet->n_columns; c++)
    if (read.match[c] < 0)
      g_error ("%s: the heading %s is not known", files[f].name, till_sheet_get_row (read.sheet, read.heading)->cells[c]);
  read.rows = till_import_make_rows (files[f].kind, read.sheet, read.heading, read.match);
  return read;
}

/* --- verdicts --- */

static TestReply *
send (TestApp *app, const char *token, guint f, const Read *read, gboolean dry)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  g_autofree char *rows = NULL, *body = NULL;

  json_node_set_array (node, read->rows);
  rows = json_to_string (node, FALSE);
  body = g_strdup_printf ("{\"kind\":\"%s\",\"dry_run\":%s,\"rows\":%s}", files[f].word, dry ? "true" : "false", rows);
  return test_app_call (app, "POST", "/imports", token, body);
}

/* Every row of every table, but what says that somebody asked. */
static char *
state_of (TestApp *app)
{
  return test_pg_ask (app->pg, "SELECT md5 (string_agg (c.relname || ':' || query_to_xml (format ('SELECT x::text FROM %I x ORDER BY 1', c.relname), true, true, '')::text, '' "
                               "ORDER BY c.relname)) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
                               "AND c.relname <> ALL ('{session,node}')");
}

/* The verdict of each row of the file, by the number that its program shows. */
static guint
check_verdicts (guint f, const Read *read, TestReply *reply)
{
  JsonArray *verdicts = json_object_get_array_member (json_node_get_object (reply->json), "rows");
  guint wrong = 0;

  for (guint i = 0; i < json_array_get_length (verdicts); i++)
    {
      JsonObject *verdict = json_array_get_object_element (verdicts, i), *fields = json_object_get_object_member (verdict, "fields");
      const TillSheetRow *row = till_sheet_get_row (read->sheet, read->heading + (guint) json_object_get_int_member (verdict, "row"));
      const Row *expected = &files[f].rows[row->number - 1];
      const char *reason;

      g_assert_cmpint (json_object_get_boolean_member (verdict, "ok"), ==, expected->member == NULL);
      if (expected->member == NULL)
        continue;
      wrong++;
      if (json_object_get_size (fields) != 1 || !json_object_has_member (fields, expected->member))
        g_error ("%s row %u, %s: %s alone is wrong, not as %s", files[f].name, row->number, expected->cells, expected->member, reply->text);
      reason = json_object_get_string_member (fields, expected->member);
      g_test_message ("%s, row %u, %s: %s", files[f].name, row->number, expected->member, reason);
      g_assert_cmpstr (reason, ==, expected->reason);
      g_assert_true (till_import_reason_is_known (reason)); /* and said in the language of the person */
    }
  g_assert_cmpint (test_reply_int (reply, "wrong"), ==, wrong);
  return wrong;
}

static void
test_mistakes (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin"), *before = NULL;
  guint wrong = 0;

  test_pg_run (app->pg, extra_sql);
  before = state_of (app);
  for (guint f = 0; f < G_N_ELEMENTS (files); f++)
    {
      g_auto (Read) read = read_file (f, files[f].rows, files[f].n);
      g_autoptr (TestReply) dry = send (app, admin, f, &read, TRUE), real = NULL;
      g_autofree char *after_dry = NULL, *after = NULL;

      if (dry->status != 200)
        g_error ("%s: %s", files[f].name, dry->text);
      wrong += check_verdicts (f, &read, dry);
      after_dry = state_of (app);
      g_assert_cmpstr (after_dry, ==, before);
      real = send (app, admin, f, &read, FALSE);
      g_assert_cmpuint (real->status, ==, 400);
      after = state_of (app);
      g_assert_cmpstr (after, ==, before);
    }
  g_assert_cmpuint (wrong, ==, 37);
}

/* The same files without their mistakes. */
static void
test_right (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *admin = test_app_log_in (app, "admin"), *before = NULL, *after = NULL;

  test_pg_run (app->pg, extra_sql);
  before = state_of (app);
  for (guint f = 0; f < G_N_ELEMENTS (files); f++)
    {
      g_autofree Row *rows = g_new0 (Row, files[f].n);
      guint n = 0;

      for (guint i = 0; i < files[f].n; i++)
        if (files[f].rows[i].member == NULL)
          rows[n++] = files[f].rows[i];
      g_auto (Read) read = read_file (f, rows, n);
      g_autoptr (TestReply) real = send (app, admin, f, &read, FALSE);
      if (real->status != 200)
        g_error ("%s: %s", files[f].name, real->text);
    }
  after = state_of (app);
  g_assert_cmpstr (after, !=, before);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM meter m JOIN gateway g ON g.id = m.gateway JOIN area a ON a.id = m.area WHERE m.code = 'Y-1' AND g.code = 'GW-9'"
                                             " AND m.unit = 1 AND m.use_class = 0 AND m.alarm1 = 400000 AND m.overload_w = 2200 AND m.serial = '00230500012' AND a.path = 'Campus/B9/101'"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM customer WHERE code = '00021' AND phones = '{13900005566,057188881234}' AND area = 2"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (app->pg, "SELECT count (*) FROM sale s JOIN meter m ON m.id = s.meter WHERE m.code = 'M-4' AND s.amount = 11205000"), ==, 1);
}

/* Every sentence in the server's source, with something in its gaps, is one that the client can say in another language. */
static void
test_sentences (void)
{
  static const char *const names[] = { "import-row.c", "import-areas.c", "import-plant.c", "import-customers.c", "import-accounts.c" };
  g_autoptr (GRegex) call = g_regex_new ("tilld_import_wrong \\(row, [^,]+,\\s*\"((?:[^\"\\\\]|\\\\.)+)\"", 0, 0, NULL), gap = g_regex_new ("%[sud]", 0, 0, NULL);
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (g_getenv ("GRIDTILL_SOURCE"), "server", "domain", "control", names[i], NULL), *source = NULL;
      g_autoptr (GString) text = NULL;
      g_autoptr (GMatchInfo) match = NULL;

      g_assert_true (g_file_get_contents (path, &source, NULL, NULL));
      text = g_string_new (source);
      g_string_replace (text, "%\" G_GINT64_FORMAT \"", "%s", 0);
      g_string_replace (text, "%\" G_GINT64_FORMAT", "%s\"", 0);
      for (g_regex_match (call, text->str, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL))
        {
          g_autofree char *format = g_match_info_fetch (match, 1), *plain = g_strcompress (format), *said = g_regex_replace (gap, plain, -1, 0, "7", 0, NULL);

          if (g_str_equal (format, "%s")) /* of a verb, or of two sentences: the tests above meet them */
            continue;
          if (!till_import_reason_is_known (said))
            g_error ("%s: nobody translates \"%s\"", names[i], said);
          n++;
        }
    }
  g_assert_cmpuint (n, >, 30);
}

int
main (int argc, char **argv)
{
  g_setenv ("G_TLS_GNUTLS_PRIORITY", "NORMAL:-VERS-ALL:+VERS-TLS1.3", TRUE);
  till_test_init (&argc, &argv);
  g_test_add_func ("/api/import-file/mistakes", test_mistakes);
  g_test_add_func ("/api/import-file/right", test_right);
  g_test_add_func ("/api/import-file/sentences", test_sentences);
  return till_test_run ();
}
