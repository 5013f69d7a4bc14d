/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-import-columns.c: see till-import-columns.h. Names are those of the contract (POST /imports). */
#define G_LOG_DOMAIN "till-import"
#include "config.h"
#include <glib/gi18n.h>
#include <string.h>
#include "client/files/till-import-columns.h"

#define HEADING_ROWS 10

#define USE_CLASSES "dormitory:宿舍,学生宿舍|shop:商铺,商户,商业|office:办公|public:公共|residence:住宅,居民,教工|other:其他"

static const TillImportColumn plant[] = {
  { "kind", NC_ ("column", "Kind"), "type|类型|种类|设备类型", "gateway:网关,通讯管理机|meter:仪表,电表,表", "meter" },
  { "code", NC_ ("column", "Number"), "no|number|gatewayno|meterno|编号|表号|仪表编号|电表编号|网关编号", NULL, "A3-0201", TRUE, .form = TILL_CELL_CODE },
  { "name", NC_ ("column", "Name"), "名称|网关名称|仪表名称", NULL, "" },
  { "area", NC_ ("column", "Area"), "place|room|区域|位置|房间|安装位置", NULL, "Campus/B3/F2/201", .form = TILL_CELL_PATH },
  { "link", NC_ ("column", "Connection"), "连接方式|通讯方式|链路", "modbus_tcp:modbustcp|rtu_tcp:rtuovertcp,rtutcp|dial_in:主动连接,上线|serial:串口", "" },
  { "address", NC_ ("column", "Address"), "host|ip|地址|ip地址|网关地址", NULL, "", .form = TILL_CELL_CODE },
  { "gateway", NC_ ("column", "Gateway"), "gatewayno|所属网关|网关|通讯管理机|网关编号", NULL, "GW-0001", .form = TILL_CELL_CODE },
  { "port", NC_ ("column", "Port"), "串口|串口号|端口|端口号", NULL, "1", .form = TILL_CELL_WHOLE },
  { "unit", NC_ ("column", "Unit"), "modbusaddress|表地址|仪表地址|通讯地址|从站地址|站号", NULL, "12", .form = TILL_CELL_WHOLE },
  { "model", NC_ ("column", "Model"), "型号|仪表型号|规格型号", NULL, "adf400l-1p", .form = TILL_CELL_CODE },
  { "ct_ratio", NC_ ("column", "CT ratio"), "ct|倍率|互感器倍率|变比|ct变比", NULL, "1", .form = TILL_CELL_WHOLE },
  { "use_class", NC_ ("column", "Class of use"), "use|class|用电性质|性质|类别", USE_CLASSES, "dormitory" },
  { "tariff", NC_ ("column", "Tariff"), "price|电价|电价名称|电价方案", NULL, "" },
  { "alarm1", NC_ ("column", "Alarm 1"), "报警1|报警金额1|一级报警|报警1金额", NULL, "50", .form = TILL_CELL_AMOUNT },
  { "alarm2", NC_ ("column", "Alarm 2"), "报警2|报警金额2|二级报警|报警2金额", NULL, "10", .form = TILL_CELL_AMOUNT },
  { "overload_kw", NC_ ("column", "Overload limit kW"), "overload|overloadlimit|功率阈值|功率阈值kw|功率过载阈值|功率过载阈值kw|过载阈值|过载功率", NULL, "2.2", .form = TILL_CELL_AMOUNT },
  { "serial", NC_ ("column", "Serial No."), "serialno|出厂编号|资产编号", NULL, "230500012", .form = TILL_CELL_CODE },
};

static const TillImportColumn customers[] = {
  { "code", NC_ ("column", "Customer No."), "no|number|customer|用户编号|学号|工号|编号", NULL, "C00017", .form = TILL_CELL_CODE },
  { "name", NC_ ("column", "Name"), "customername|用户名|姓名|用户姓名|名称|户名", NULL, "Zhang Wei", TRUE },
  { "kind", NC_ ("column", "Kind"), "type|类型|用户类型|类别", "household:个人,学生,居民,住户,家庭,person|shop:商铺,商户", "household" },
  { "phones", NC_ ("column", "Phones"), "phone|mobile|电话|手机|手机号|联系电话|电话号码", NULL, "13900005566", .form = TILL_CELL_PHONES },
  { "area", NC_ ("column", "Area"), "place|room|区域|房间|位置|房间号", NULL, "Campus/B3/F2/201", .form = TILL_CELL_PATH },
  { "class", NC_ ("column", "Class of use"), "use|use_class|用电性质|性质", USE_CLASSES, "dormitory" },
  { "id_number", NC_ ("column", "Identity No."), "identity|idno|证件号|身份证号|身份证", NULL, "", .form = TILL_CELL_CODE },
  { "language", NC_ ("column", "Language"), "lang|语言|短信语言", "zh_CN:中文,zh,汉语|en:英文,english", "zh_CN" },
  { "note", NC_ ("column", "Note"), "remark|备注", NULL, "" },
};

static const TillImportColumn accounts[] = {
  { "customer", NC_ ("column", "Customer No."), "customerno|no|用户编号|学号|工号", NULL, "C00017", TRUE, .form = TILL_CELL_CODE },
  { "meter", NC_ ("column", "Meter No."), "meterno|表号|电表|电表编号|仪表编号", NULL, "A3-0201", TRUE, .form = TILL_CELL_CODE },
  { "account", NC_ ("column", "Account No."), "accountno|户号", NULL, "", .form = TILL_CELL_CODE },
  { "settled", NC_ ("column", "Settled"), "settlement|结算方式|结算", "each:单独,单独结算,分别|together:合并,合并结算,共用", "each" },
  { "opening_balance", NC_ ("column", "Opening balance"), "balance|openingamount|余额|老表金额|老表余额|期初余额|结转金额", NULL, "120.50", .form = TILL_CELL_AMOUNT },
  { "tariff", NC_ ("column", "Tariff"), "price|电价|电价名称", NULL, "" },
  { "alarm1", NC_ ("column", "Alarm 1"), "报警1|报警金额1|一级报警|报警1金额", NULL, "", .form = TILL_CELL_AMOUNT },
  { "alarm2", NC_ ("column", "Alarm 2"), "报警2|报警金额2|二级报警|报警2金额", NULL, "", .form = TILL_CELL_AMOUNT },
  { "overload_kw", NC_ ("column", "Overload limit kW"), "overload|overloadlimit|功率阈值|功率阈值kw|功率过载阈值|功率过载阈值kw|过载阈值|过载功率", NULL, "", .form = TILL_CELL_AMOUNT },
  { "note", NC_ ("column", "Note"), "remark|备注", NULL, "" },
};

static const struct { const char *word; const TillImportColumn *columns; guint n; } kinds[TILL_IMPORT_N] = {
  [TILL_IMPORT_PLANT] = { "plant", plant, G_N_ELEMENTS (plant) },
  [TILL_IMPORT_CUSTOMERS] = { "customers", customers, G_N_ELEMENTS (customers) },
  [TILL_IMPORT_ACCOUNTS] = { "accounts", accounts, G_N_ELEMENTS (accounts) },
};

const char *
till_import_kind_word (TillImportKind kind)
{
  return kinds[kind].word;
}

const TillImportColumn *
till_import_columns (TillImportKind kind, guint *ret_n)
{
  *ret_n = kinds[kind].n;
  return kinds[kind].columns;
}

const char *
till_import_title (const TillImportColumn *column)
{
  return g_dpgettext2 (NULL, "column", column->title);
}

int
till_import_find_column (TillImportKind kind, const char *name)
{
  for (guint i = 0; i < kinds[kind].n; i++)
    if (g_strcmp0 (kinds[kind].columns[i].name, name) == 0)
      return (int) i;
  return -1;
}

/* --- headings --- */

/* Letters and digits only, small: "Meter No. *" and "meter_no" are one; what stands in brackets is a unit. */
static char *
plain (const char *text)
{
  g_autofree char *folded = g_utf8_casefold (text, -1), *normal = g_utf8_normalize (folded, -1, G_NORMALIZE_NFKC);
  GString *out = g_string_new (NULL);

  for (const char *at = normal != NULL ? normal : ""; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar letter = g_utf8_get_char (at);

      if (letter == '(' || letter == '[')
        break;
      if (g_unichar_isalnum (letter))
        g_string_append_unichar (out, letter);
    }
  return g_string_free (out, FALSE);
}

static gboolean
is_one_of (const char *word, const char *list, const char *separator)
{
  g_auto (GStrv) parts = g_strsplit (list, separator, -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_autofree char *part = plain (parts[i]);

      if (g_str_equal (part, word))
        return TRUE;
    }
  return FALSE;
}

/* 3: the name of the contract, 2: the title in either language, 1: another heading, 0: not this one. */
static guint
likeness (const TillImportColumn *column, const char *heading)
{
  g_autofree char *word = plain (heading), *name = plain (column->name), *title = plain (column->title), *shown = plain (till_import_title (column));

  if (*word == '\0')
    return 0;
  if (g_str_equal (word, name))
    return 3;
  if (g_str_equal (word, title) || g_str_equal (word, shown))
    return 2;
  return is_one_of (word, column->headings, "|") ? 1 : 0;
}

static int
guess (TillImportKind kind, const char *heading, const gboolean *taken)
{
  guint best = 0;
  int found = -1;

  for (guint i = 0; i < kinds[kind].n; i++)
    {
      guint like = taken != NULL && taken[i] ? 0 : likeness (&kinds[kind].columns[i], heading);

      if (like > best)
        {
          best = like;
          found = (int) i;
        }
    }
  return found;
}

/* Does `below` go on with the headings of `above`? A cell that is merged over both has the same words in both, which no row of data has. */
static gboolean
goes_on (TillImportKind kind, const TillSheet *sheet, guint above)
{
  for (guint c = 0; above + 1 < sheet->rows->len && c < sheet->n_columns; c++)
    {
      const char *text = till_sheet_get_row (sheet, above)->cells[c];

      if (*text != '\0' && g_str_equal (text, till_sheet_get_row (sheet, above + 1)->cells[c]) && guess (kind, text, NULL) >= 0)
        return TRUE;
    }
  return FALSE;
}

/* "Alarm" over "1" and "2" is "Alarm1" and "Alarm2". Joined once more it stays. */
static void
join_headings (TillImportKind kind, TillSheet *sheet, guint above)
{
  for (guint c = 0; c < sheet->n_columns; c++)
    {
      const char *upper = till_sheet_get_row (sheet, above)->cells[c];
      char **cells = till_sheet_get_row (sheet, above + 1)->cells, *lower = cells[c];

      if (g_str_has_prefix (lower, upper) || (*lower != '\0' && guess (kind, lower, NULL) >= 0))
        continue;
      cells[c] = g_strconcat (upper, lower, NULL);
      g_free (lower);
    }
}

guint
till_import_find_heading (TillImportKind kind, TillSheet *sheet)
{
  guint best = 0, row = 0;

  for (guint i = 0; i < MIN (sheet->rows->len, HEADING_ROWS); i++)
    {
      guint known = 0;

      for (guint c = 0; c < sheet->n_columns; c++)
        known += guess (kind, till_sheet_get_row (sheet, i)->cells[c], NULL) >= 0;
      if (known > best)
        {
          best = known;
          row = i;
        }
    }
  if (row > 0 && goes_on (kind, sheet, row - 1))
    row--;
  if (!goes_on (kind, sheet, row))
    return row;
  join_headings (kind, sheet, row);
  return row + 1;
}

/* "heading=column" a line; an empty column: a person said it is none. -2: nothing is remembered of it. */
static int
recall (TillImportKind kind, const char *remembered, const char *heading)
{
  g_auto (GStrv) lines = g_strsplit (remembered != NULL ? remembered : "", "\n", -1);
  g_autofree char *word = plain (heading);

  for (guint i = 0; lines[i] != NULL && *word != '\0'; i++)
    {
      char *equals = strrchr (lines[i], '=');

      if (equals == NULL)
        continue;
      *equals = '\0';
      if (g_str_equal (lines[i], word))
        return till_import_find_column (kind, equals + 1);
    }
  return -2;
}

int *
till_import_match (TillImportKind kind, const TillSheet *sheet, guint heading, const char *remembered)
{
  int *match = g_new (int, MAX (sheet->n_columns, 1));
  g_autofree gboolean *taken = g_new0 (gboolean, kinds[kind].n);
  const TillSheetRow *row = heading < sheet->rows->len ? till_sheet_get_row (sheet, heading) : NULL;

  for (guint pass = 3; pass > 0; pass--) /* a sure one is never lost to a likely one that stands before it */
    for (guint c = 0; c < sheet->n_columns; c++)
      {
        int known = row != NULL ? recall (kind, remembered, row->cells[c]) : -2, found = -1;

        if (pass == 3)
          match[c] = -1;
        if (match[c] >= 0 || row == NULL)
          continue;
        if (known >= 0 && !taken[known])
          found = known;
        else if (known == -2)
          found = guess (kind, row->cells[c], taken);
        if (found >= 0 && (known >= 0 || likeness (&kinds[kind].columns[found], row->cells[c]) >= pass))
          {
            match[c] = found;
            taken[found] = TRUE;
          }
      }
  return match;
}

char *
till_import_dup_choice (TillImportKind kind, const TillSheet *sheet, guint heading, const int *match)
{
  GString *text = g_string_new (NULL);

  for (guint c = 0; c < sheet->n_columns; c++)
    {
      g_autofree char *word = plain (till_sheet_get_row (sheet, heading)->cells[c]);

      if (*word != '\0')
        g_string_append_printf (text, "%s=%s\n", word, match[c] >= 0 ? kinds[kind].columns[match[c]].name : "");
    }
  return g_string_free (text, FALSE);
}

const TillImportColumn *
till_import_find_missing (TillImportKind kind, const TillSheet *sheet, const int *match)
{
  for (guint i = 0; i < kinds[kind].n; i++)
    {
      gboolean there = !kinds[kind].columns[i].required;

      for (guint c = 0; c < sheet->n_columns && !there; c++)
        there = match[c] == (int) i;
      if (!there)
        return &kinds[kind].columns[i];
    }
  return NULL;
}

/* --- rows --- */

/* A word of either language as the contract has it; what is none of them goes as it is, for the server to refuse with its reason. */
static char *
to_wire (const TillImportColumn *column, const char *text)
{
  g_auto (GStrv) words = column->words != NULL ? g_strsplit (column->words, "|", -1) : NULL;
  g_autofree char *word = plain (text);

  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    {
      char *colon = strchr (words[i], ':');
      g_autofree char *wire = g_strndup (words[i], (gsize) (colon - words[i])), *wire_plain = plain (wire);

      if (g_str_equal (word, wire_plain) || is_one_of (word, colon + 1, ","))
        return g_steal_pointer (&wire);
    }
  return till_import_cell_tidy (column->form, text);
}

JsonArray *
till_import_make_rows (TillImportKind kind, const TillSheet *sheet, guint heading, const int *match)
{
  JsonArray *rows = json_array_new ();

  for (guint i = heading + 1; i < sheet->rows->len; i++)
    {
      const TillSheetRow *row = till_sheet_get_row (sheet, i);
      JsonObject *object = json_object_new ();

      for (guint c = 0; c < sheet->n_columns; c++)
        if (match[c] >= 0 && *row->cells[c] != '\0')
          {
            const TillImportColumn *column = &kinds[kind].columns[match[c]];
            g_autofree char *value = to_wire (column, row->cells[c]);

            if (*value != '\0')
              json_object_set_string_member (object, column->name, value);
          }
      json_array_add_object_element (rows, object);
    }
  return rows;
}

char *
till_import_show_word (const TillImportColumn *column, const char *word)
{
  gboolean own = column->words != NULL && !g_str_equal (till_import_title (column), column->title); /* else it is the contract's own language */
  g_autofree char *all = own ? g_strconcat ("|", column->words, NULL) : NULL, *key = g_strconcat ("|", word, ":", NULL);
  const char *found = own ? strstr (all, key) : NULL;

  return found != NULL ? g_strndup (found + strlen (key), strcspn (found + strlen (key), ",|")) : g_strdup (word);
}

TillSheetWriter *
till_import_make_template (TillImportKind kind)
{
  g_autoptr (GPtrArray) titles = g_ptr_array_new (), examples = g_ptr_array_new_with_free_func (g_free);
  TillSheetWriter *writer;

  for (guint i = 0; i < kinds[kind].n; i++)
    {
      g_ptr_array_add (titles, (char *) till_import_title (&kinds[kind].columns[i]));
      g_ptr_array_add (examples, till_import_show_word (&kinds[kind].columns[i], kinds[kind].columns[i].example));
    }
  g_ptr_array_add (titles, NULL);
  g_ptr_array_add (examples, NULL);
  writer = till_sheet_writer_new ((const char *const *) titles->pdata);
  till_sheet_writer_add (writer, (const char *const *) examples->pdata, -1);
  return writer;
}
