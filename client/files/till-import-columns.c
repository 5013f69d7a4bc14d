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
  { "kind", N_ ("Kind"), "type|类型|种类|设备类型", "gateway:网关,通讯管理机|meter:仪表,电表,表", "meter" },
  { "code", N_ ("Number"), "no|number|gatewayno|meterno|编号|表号|仪表编号|电表编号|网关编号", NULL, "A3-0201", TRUE },
  { "name", N_ ("Name"), "名称|网关名称|仪表名称", NULL, "" },
  { "area", N_ ("Area"), "place|room|区域|位置|房间|安装位置", NULL, "Campus/B3/F2/201" },
  { "link", N_ ("Connection"), "连接方式|通讯方式|链路", "modbus_tcp:modbustcp|rtu_tcp:rtuovertcp,rtutcp|dial_in:主动连接,上线|serial:串口", "" },
  { "address", N_ ("Address"), "host|ip|地址|ip地址|网关地址", NULL, "" },
  { "gateway", N_ ("Gateway"), "gatewayno|所属网关|网关|通讯管理机|网关编号", NULL, "GW-0001" },
  { "port", N_ ("Port"), "串口|串口号|端口|端口号", NULL, "1" },
  { "unit", N_ ("Unit"), "modbusaddress|表地址|仪表地址|通讯地址|从站地址|站号", NULL, "12" },
  { "model", N_ ("Model"), "型号|仪表型号|规格型号", NULL, "adf400l-1p" },
  { "ct_ratio", N_ ("CT ratio"), "ct|倍率|互感器倍率|变比|ct变比", NULL, "1" },
  { "use_class", N_ ("Class of use"), "use|class|用电性质|性质|类别", USE_CLASSES, "dormitory" },
  { "tariff", N_ ("Tariff"), "price|电价|电价名称|电价方案", NULL, "" },
  { "alarm1", N_ ("Alarm 1"), "报警1|报警金额1|一级报警|报警1金额", NULL, "50" },
  { "alarm2", N_ ("Alarm 2"), "报警2|报警金额2|二级报警|报警2金额", NULL, "10" },
  { "overload_kw", N_ ("Overload limit kW"), "overload|overloadlimit|功率阈值|功率阈值kw|功率过载阈值|过载阈值|过载功率", NULL, "2.2" },
  { "serial", N_ ("Serial No."), "serialno|出厂编号|资产编号", NULL, "230500012" },
};

static const TillImportColumn customers[] = {
  { "code", N_ ("Customer No."), "no|number|customer|用户编号|学号|工号|编号", NULL, "C00017" },
  { "name", N_ ("Name"), "customername|用户名|姓名|用户姓名|名称|户名", NULL, "Zhang Wei", TRUE },
  { "kind", N_ ("Kind"), "type|类型|用户类型|类别", "household:个人,学生,居民,住户,家庭,person|shop:商铺,商户", "household" },
  { "phones", N_ ("Phones"), "phone|mobile|电话|手机|手机号|联系电话|电话号码", NULL, "13900005566" },
  { "area", N_ ("Area"), "place|room|区域|房间|位置|房间号", NULL, "Campus/B3/F2/201" },
  { "class", N_ ("Class of use"), "use|use_class|用电性质|性质", USE_CLASSES, "dormitory" },
  { "id_number", N_ ("Identity No."), "identity|idno|证件号|身份证号|身份证", NULL, "" },
  { "language", N_ ("Language"), "lang|语言|短信语言", "zh_CN:中文,zh,汉语|en:英文,english", "zh_CN" },
  { "note", N_ ("Note"), "remark|备注", NULL, "" },
};

static const TillImportColumn accounts[] = {
  { "customer", N_ ("Customer No."), "customerno|no|用户编号|学号|工号", NULL, "C00017", TRUE },
  { "meter", N_ ("Meter No."), "meterno|表号|电表|电表编号|仪表编号", NULL, "A3-0201", TRUE },
  { "account", N_ ("Account No."), "accountno|户号", NULL, "" },
  { "settled", N_ ("Settled"), "settlement|结算方式|结算", "each:单独,单独结算,分别|together:合并,合并结算,共用", "each" },
  { "opening_balance", N_ ("Opening balance"), "balance|openingamount|余额|老表金额|老表余额|期初余额|结转金额", NULL, "120.50" },
  { "tariff", N_ ("Tariff"), "price|电价|电价名称", NULL, "" },
  { "alarm1", N_ ("Alarm 1"), "报警1|报警金额1|一级报警|报警1金额", NULL, "" },
  { "alarm2", N_ ("Alarm 2"), "报警2|报警金额2|二级报警|报警2金额", NULL, "" },
  { "overload_kw", N_ ("Overload limit kW"), "overload|overloadlimit|功率阈值|功率阈值kw|功率过载阈值|过载阈值|过载功率", NULL, "" },
  { "note", N_ ("Note"), "remark|备注", NULL, "" },
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
  g_autofree char *word = plain (heading), *name = plain (column->name), *title = plain (column->title), *shown = plain (_ (column->title));

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

guint
till_import_find_heading (TillImportKind kind, const TillSheet *sheet)
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
  return row;
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
  return g_strdup (text);
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

            json_object_set_string_member (object, column->name, value);
          }
      json_array_add_object_element (rows, object);
    }
  return rows;
}

TillSheetWriter *
till_import_make_template (TillImportKind kind)
{
  g_autoptr (GPtrArray) titles = g_ptr_array_new (), examples = g_ptr_array_new ();
  TillSheetWriter *writer;

  for (guint i = 0; i < kinds[kind].n; i++)
    {
      g_ptr_array_add (titles, _ (kinds[kind].columns[i].title));
      g_ptr_array_add (examples, (char *) kinds[kind].columns[i].example);
    }
  g_ptr_array_add (titles, NULL);
  g_ptr_array_add (examples, NULL);
  writer = till_sheet_writer_new ((const char *const *) titles->pdata);
  till_sheet_writer_add (writer, (const char *const *) examples->pdata, -1);
  return writer;
}
