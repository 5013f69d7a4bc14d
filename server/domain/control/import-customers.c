/* SPDX-License-Identifier: GPL-2.0-or-later
 * import-customers.c: households and shops of a table. Phones stay out of the log. */
#include <string.h>
#include "server/domain/control/import-private.h"
#include "server/domain/plant/pinyin.h"
#include "shared/api/till-enums.h"
#include "shared/api/till-limits.h"
#include "shared/base/till-text.h"

#define PHONES_MAX 5
#define AT_ONCE    1000

static const TilldStatement known_load = {
  .name = "import-customers",
  .sql = "SELECT k.id, k.code, k.name, k.kind, array_to_string (k.phones, ',') AS phones, coalesce (k.area, 0) AS area, k.use_class, coalesce (k.identity, '') "
         "AS identity, k.language, coalesce (k.note, '') AS note, ($2 OR coalesce (a.lineage && $3, false)) AS mine "
         "FROM customer k LEFT JOIN area a ON a.id = k.area WHERE k.code = ANY ($1) FOR UPDATE OF k",
  .params = { DB_TEXT_ARRAY_TYPE, DB_BOOL_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "code", DB_TEXT_TYPE }, { "name", DB_TEXT_TYPE }, { "kind", DB_I16_TYPE }, { "phones", DB_TEXT_TYPE },
               { "area", DB_I64_TYPE }, { "use_class", DB_I16_TYPE }, { "identity", DB_TEXT_TYPE }, { "language", DB_TEXT_TYPE },
               { "note", DB_TEXT_TYPE }, { "mine", DB_BOOL_TYPE } },
};
#define RECORDS                                                                                                                            \
  "jsonb_to_recordset ($1) AS x (code text, name text, kind smallint, phones text, area bigint, use_class smallint, identity text, language text, " \
  "note text, pinyin text)"
#define PHONES "CASE WHEN x.phones = '' THEN '{}' ELSE string_to_array (x.phones, ',') END"
static const TilldStatement insert = {
  .name = "import-customers-insert",
  .sql = "WITH n AS (SELECT nextval (pg_get_serial_sequence ('customer', 'id')) AS id, r.* FROM (SELECT x.* FROM " RECORDS ") r), "
         "added AS (INSERT INTO customer (id, code, name, kind, phones, area, use_class, identity, language, note, pinyin) OVERRIDING SYSTEM VALUE "
         "SELECT x.id, CASE WHEN x.code = '' THEN 'C-' || x.id ELSE x.code END, x.name, x.kind, " PHONES ", nullif (x.area, 0), x.use_class, "
         "nullif (x.identity, ''), x.language, nullif (x.note, ''), x.pinyin FROM n x RETURNING id, "
         "to_jsonb (customer) - 'phones' - 'identity' - 'pinyin' AS body) "
         "SELECT id, body FROM added ORDER BY id",
  .params = { DB_JSON_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "body", DB_JSON_TYPE } },
};
static const TilldStatement update = {
  .name = "import-customers-update",
  .sql = "UPDATE customer k SET name = x.name, kind = x.kind, phones = " PHONES ", area = nullif (x.area, 0), use_class = x.use_class, "
         "identity = nullif (x.identity, ''), language = x.language, note = nullif (x.note, ''), pinyin = x.pinyin, version = k.version + 1 "
         "FROM " RECORDS ", customer o WHERE k.code = x.code AND o.id = k.id RETURNING k.id, to_jsonb (o) - 'phones' - 'identity' - 'pinyin' AS before, "
         "to_jsonb (k) - 'phones' - 'identity' - 'pinyin' AS after",
  .params = { DB_JSON_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "before", DB_JSON_TYPE }, { "after", DB_JSON_TYPE } },
};
TILLD_STATEMENT (known_load)
TILLD_STATEMENT (insert)
TILLD_STATEMENT (update)

typedef struct {
  guint       row;
  gint64      id, area_id; /* area_id: as it is, where the row names none */
  const char *area;
  char       *code, *name, *phones, *identity, *language, *note;
  int         kind, use_class;
  gboolean    mine;
} Customer;

typedef struct {
  TilldImportAreas areas;
  GHashTable      *known; /* code -> Customer */
  GHashTable      *seen;
  GPtrArray       *fresh, *changed;
} Plan;

static void
customer_free (gpointer data)
{
  Customer *k = data;

  g_free (k->code);
  g_free (k->name);
  g_free (k->phones);
  g_free (k->identity);
  g_free (k->language);
  g_free (k->note);
  g_free (k);
}

static void
plan_free (gpointer data)
{
  Plan *plan = data;

  tilld_import_areas_clear (&plan->areas);
  g_hash_table_unref (plan->known);
  g_hash_table_unref (plan->seen);
  g_ptr_array_unref (plan->fresh);
  g_ptr_array_unref (plan->changed);
  g_free (plan);
}

static gboolean
kind_from_word (const char *word, int *ret)
{
  *ret = strcmp (word, "shop") == 0;
  return *ret || strcmp (word, "household") == 0;
}

static gboolean
language_from_word (const char *word, int *ret)
{
  *ret = strcmp (word, "en") == 0;
  return *ret || strcmp (word, "zh_CN") == 0 || strcmp (word, "zh") == 0;
}

static const TilldImportWords kind_words = { kind_from_word, "household, shop" };
static const TilldImportWords class_words = { till_use_class_from_word, "dormitory, shop, office, public, residence, other" };
static const TilldImportWords language_words = { language_from_word, "zh_CN, en" };

/* "139 1234 5566, 0571-88881234" -> "13912345566,057188881234"; NULL = wrong, and said so. */
static char *
tidy_phones (TilldImportRow *row, const char *text)
{
  g_auto (GStrv) parts = g_regex_split_simple ("[,;/、，；]+", text, 0, 0);
  g_autoptr (GString) out = g_string_new (NULL);
  guint n = 0;

  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_autoptr (GString) digits = g_string_new (NULL);

      for (const char *c = parts[i]; *c != '\0'; c++)
        if (*c != ' ' && *c != '-' && *c != '(' && *c != ')')
          g_string_append_c (digits, *c);
      if (digits->len == 0)
        continue;
      if (!till_text_is_phone (digits->str) || ++n > PHONES_MAX)
        {
          tilld_import_wrong (row, "phones", "must be at most %d numbers of 5 to 20 digits with commas between them", PHONES_MAX);
          return NULL;
        }
      g_string_append_printf (out, "%s%s", out->len > 0 ? "," : "", digits->str);
    }
  return g_strdup (out->str);
}

static gboolean
load (TilldImportWork *work, Plan *plan, GError **error)
{
  g_autoptr (GPtrArray) codes = tilld_import_column (work, "code");
  g_autoptr (TilldRows) rows = NULL;
  const TilldActor *who = work->who;

  if (!tilld_import_areas_load (work, &plan->areas, error) ||
      !tilld_db_query (work->db, &known_load, &rows, error, DB_TEXT_ARRAY ((const char *const *) codes->pdata, codes->len), DB_BOOL (who->areas == NULL),
                       TILLD_IMPORT_AREAS (who)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      Customer *k = g_new0 (Customer, 1);

      *k = (Customer){ .id = tilld_row_i64 (rows, i, "id"), .area_id = tilld_row_i64 (rows, i, "area"), .code = tilld_row_dup_text (rows, i, "code"),
                       .name = tilld_row_dup_text (rows, i, "name"), .phones = tilld_row_dup_text (rows, i, "phones"),
                       .identity = tilld_row_dup_text (rows, i, "identity"), .language = tilld_row_dup_text (rows, i, "language"),
                       .note = tilld_row_dup_text (rows, i, "note"), .kind = (int) tilld_row_i64 (rows, i, "kind"),
                       .use_class = (int) tilld_row_i64 (rows, i, "use_class"), .mine = tilld_row_bool (rows, i, "mine") };
      g_hash_table_insert (plan->known, k->code, k);
    }
  return TRUE;
}

static const char *
take_code (Plan *plan, TilldImportRow *row)
{
  const char *code;
  guint before;

  if (!tilld_import_cell_code (row, "code", 32, &code))
    return NULL;
  before = GPOINTER_TO_UINT (g_hash_table_lookup (plan->seen, code));
  if (before != 0)
    tilld_import_wrong (row, "code", "stands in row %u already", before);
  else
    g_hash_table_insert (plan->seen, (gpointer) code, GUINT_TO_POINTER (row->index + 1));
  return code;
}

/* Passports of some countries have dashes, those of others brackets. A number that a spreadsheet shortened has a point and a sign: 1.10105E+17. */
static gboolean
is_number (const char *text)
{
  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && strchr ("-/() ", *text) == NULL)
      return FALSE;
  return TRUE;
}

static void
take_identity (TilldImportRow *row, Customer *k)
{
  const char *identity = tilld_import_cell (row, "id_number");
  gboolean resident = identity != NULL && strlen (identity) == 18;

  /* Nobody has the number 000 of his day: a spreadsheet made noughts of the digits it could not hold. */
  if (resident && !g_str_has_prefix (identity + 14, "000") && !till_text_is_identity (identity))
    tilld_import_wrong (row, "id_number", "has a wrong check digit");
  else if (identity != NULL && (strlen (identity) > 40 || !is_number (identity) || (resident && g_str_has_prefix (identity + 14, "000"))))
    tilld_import_wrong (row, "id_number", "must be at most 40 letters and digits, all of them: a long number is kept as text");
  if (identity != NULL)
    till_set_str (&k->identity, identity);
}

/* What the row says over what there is. */
static Customer *
overlay (Plan *plan, TilldImportWork *work, TilldImportRow *row, const Customer *now)
{
  static const Customer none = { .phones = (char *) "", .identity = (char *) "", .language = (char *) "zh_CN", .note = (char *) "" };
  const Customer *was = now != NULL ? now : &none;
  Customer *k = g_new0 (Customer, 1);
  const char *name = tilld_import_cell (row, "name"), *phones = tilld_import_cell (row, "phones"), *note = tilld_import_cell (row, "note");
  gboolean may = till_permission_set_has (work->who->permissions, TILL_PERMISSION_CUSTOMER_PRIVATE);
  int language;

  *k = (Customer){ .row = row->index, .id = was->id, .area_id = was->area_id, .code = g_strdup (tilld_import_cell (row, "code")),
                   .name = g_strdup (name != NULL ? name : was->name), .phones = g_strdup (was->phones), .identity = g_strdup (was->identity),
                   .language = g_strdup (was->language), .note = g_strdup (note != NULL ? note : was->note), .kind = was->kind,
                   .use_class = was->use_class };
  if (name != NULL && g_utf8_strlen (name, -1) > TILL_NAME_CHARS)
    tilld_import_wrong (row, "name", "must have at most %d characters", TILL_NAME_CHARS);
  tilld_import_cell_word (row, "kind", &kind_words, &k->kind);
  tilld_import_cell_word (row, "class", &class_words, &k->use_class);
  if (tilld_import_cell_word (row, "language", &language_words, &language))
    till_set_str (&k->language, language ? "en" : "zh_CN");
  if (phones != NULL && !may)
    tilld_import_wrong (row, "phones", "need the permission customer.private");
  else if (phones != NULL)
    {
      g_free (k->phones);
      k->phones = tidy_phones (row, phones);
    }
  take_identity (row, k);
  k->area = tilld_import_areas_find (&plan->areas, work, row, FALSE);
  if (k->area != NULL)
    k->area_id = tilld_import_areas_id (&plan->areas, k->area);
  return k;
}

static gboolean
is_same (const Customer *a, const Customer *b)
{
  return g_strcmp0 (a->name, b->name) == 0 && g_strcmp0 (a->phones, b->phones) == 0 && g_strcmp0 (a->identity, b->identity) == 0 &&
         g_strcmp0 (a->language, b->language) == 0 && g_strcmp0 (a->note, b->note) == 0 && a->kind == b->kind && a->use_class == b->use_class &&
         a->area_id == b->area_id;
}

static void
judge_row (Plan *plan, TilldImportWork *work, TilldImportRow *row)
{
  const char *code = take_code (plan, row);
  const Customer *now = code != NULL ? g_hash_table_lookup (plan->known, code) : NULL;
  Customer *k;

  if (now != NULL && !now->mine)
    {
      tilld_import_wrong (row, "code", "is taken: it needs a number of its own");
      return;
    }
  if (now == NULL)
    tilld_import_required (row, "name");
  if (now == NULL && work->who->areas != NULL)
    tilld_import_required (row, "area");
  k = overlay (plan, work, row, now);
  row->effect = now == NULL ? TILLD_EFFECT_CREATE : is_same (k, now) ? TILLD_EFFECT_SAME : TILLD_EFFECT_CHANGE;
  if (row->wrong != NULL || row->effect == TILLD_EFFECT_SAME)
    customer_free (k);
  else
    g_ptr_array_add (row->effect == TILLD_EFFECT_CREATE ? plan->fresh : plan->changed, k);
}

static gpointer
judge (TilldImportWork *work, GError **error)
{
  Plan *plan = g_new0 (Plan, 1);

  plan->known = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, customer_free);
  plan->seen = g_hash_table_new (g_str_hash, g_str_equal);
  plan->fresh = g_ptr_array_new_with_free_func (customer_free);
  plan->changed = g_ptr_array_new_with_free_func (customer_free);
  if (!load (work, plan, error))
    {
      plan_free (plan);
      return NULL;
    }
  for (guint i = 0; i < work->rows->len; i++)
    judge_row (plan, work, tilld_import_row (work, i));
  return plan;
}

static char *
records (GPtrArray *list, guint from)
{
  TillJsonWrite *w = till_json_write_new ();

  till_json_write_begin_array (w, NULL);
  for (guint i = from; i < MIN (list->len, from + AT_ONCE); i++)
    {
      const Customer *k = g_ptr_array_index (list, i);
      g_autofree char *pinyin = tilld_pinyin (k->name);

      till_json_write_begin_object (w, NULL);
      till_json_write_text (w, "code", k->code != NULL ? k->code : "");
      till_json_write_text (w, "name", k->name);
      till_json_write_int (w, "kind", k->kind);
      till_json_write_text (w, "phones", k->phones);
      till_json_write_int (w, "area", k->area_id);
      till_json_write_int (w, "use_class", k->use_class);
      till_json_write_text (w, "identity", k->identity);
      till_json_write_text (w, "language", k->language);
      till_json_write_text (w, "note", k->note);
      till_json_write_text (w, "pinyin", pinyin);
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
  return till_json_write_free_to_text (w, NULL);
}

static gboolean
write_some (TilldImportWork *work, GPtrArray *list, guint from, gboolean fresh, GError **error)
{
  g_autofree char *json = records (list, from);
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (work->db, fresh ? &insert : &update, &rows, error, DB_JSON (json)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    tilld_import_note (work, "customer", tilld_row_i64 (rows, i, "id"), fresh ? NULL : tilld_row_text (rows, i, "before"),
                       tilld_row_text (rows, i, fresh ? "body" : "after"));
  return TRUE;
}

static gboolean
write_all (TilldImportWork *work, gpointer data, GError **error)
{
  Plan *plan = data;

  for (guint i = 0; i < plan->fresh->len; i += AT_ONCE)
    if (!write_some (work, plan->fresh, i, TRUE, error))
      return FALSE;
  for (guint i = 0; i < plan->changed->len; i += AT_ONCE)
    if (!write_some (work, plan->changed, i, FALSE, error))
      return FALSE;
  return TRUE;
}

const TilldImportClass tilld_import_customers = { judge, write_all, plan_free };
