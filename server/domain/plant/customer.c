/* SPDX-License-Identifier: GPL-2.0-or-later
 * customer.c: households and shops. Phone numbers are whole only for those who may see them. */
#include "server/domain/plant/customer.h"
#include "server/domain/office/row-json.h"
#include "shared/api/till-enums.h"

/* "139****5566": the database masks, so that a whole number never leaves it for others. */
#define MASKED "ARRAY (SELECT regexp_replace (x, '^(.{3}).*(.{4})$', '\\1****\\2') FROM unnest (k.phones) x)"
#define COLUMNS                                                                                                                  \
  { { "id", DB_I64_TYPE }, { "code", DB_TEXT_TYPE }, { "name", DB_TEXT_TYPE }, { "kind", DB_I16_TYPE }, { "class", DB_I16_TYPE }, \
    { "area", DB_I64_TYPE, DB_NULL_OK }, { "room", DB_TEXT_TYPE, DB_NULL_OK }, { "language", DB_TEXT_TYPE },                      \
    { "note", DB_TEXT_TYPE, DB_NULL_OK }, { "accounts", DB_I64_TYPE }, { "version", DB_I32_TYPE }, { "phones", DB_TEXT_ARRAY_TYPE } }
#define SELECT                                                                                                                     \
  "k.id AS id, k.code AS code, k.name AS name, k.kind AS kind, k.use_class AS class, k.area AS area, a.path AS room, k.language AS language, " \
  "k.note AS note, (SELECT count (*) FROM account c WHERE c.customer = k.id AND c.state <> 2) AS accounts, k.version AS version, "
#define FROM "FROM customer k LEFT JOIN area a ON a.id = k.area"

static const TilldStatement shape_masked = { .name = "customer-list", .sql = SELECT MASKED " AS phones", .columns = COLUMNS };
static const TilldStatement shape_whole = { .name = "customer-list-whole", .sql = SELECT "k.phones AS phones", .columns = COLUMNS };

static const char *
kind_word (int kind)
{
  return kind == 0 ? "household" : "shop";
}

static gboolean
kind_from_word (const char *word, int *ret)
{
  for (int i = 0; i < 2; i++)
    if (g_str_equal (word, kind_word (i)))
      {
        *ret = i;
        return TRUE;
      }
  return FALSE;
}

static const char *
class_word (int use_class)
{
  return till_use_class_word ((TillUseClass) use_class);
}

static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_INT }, { "code", TILLD_JSON_TEXT }, { "name", TILLD_JSON_TEXT }, { "kind", TILLD_JSON_ENUM, NULL, kind_word },
  { "class", TILLD_JSON_ENUM, NULL, class_word }, { "area", TILLD_JSON_INT }, { "room", TILLD_JSON_TEXT }, { "language", TILLD_JSON_TEXT },
  { "note", TILLD_JSON_TEXT }, { "accounts", TILLD_JSON_INT }, { "version", TILLD_JSON_INT }, { "phones", TILLD_JSON_TEXTS }, { NULL },
};
#define FILTERS                                                                 \
  { "id", TILLD_FILTER_I64, "k.id = ANY ($#)" },                                \
    { "area", TILLD_FILTER_I64, "a.lineage && $#" },                            \
    { "kind", TILLD_FILTER_WORD, "k.kind = ANY ($#)", kind_from_word },         \
    { "class", TILLD_FILTER_WORD, "k.use_class = ANY ($#)", till_use_class_from_word }
static const TilldListFilter filters_masked[] = {
  FILTERS,
  { "q", TILLD_FILTER_TEXT, "k.id = ANY ($#)", NULL, "search_customers ($1, TRUE, FALSE)" },
  { NULL },
};
static const TilldListFilter filters_whole[] = {
  FILTERS,
  { "q", TILLD_FILTER_TEXT, "k.id = ANY ($#)", NULL, "search_customers ($1, TRUE, TRUE)" },
  { NULL },
};
static const TilldListSort sorts[] = {
  { "code", "k.code" }, { "name", "k.name" }, { "kind", "k.kind" }, { "class", "k.use_class" }, { "room", "a.path" }, { "area", "a.path" },
  { "id", "k.id" }, { NULL },
};
static const TilldListSpec spec_masked = {
  .shape = &shape_masked, .from = FROM, .scope = "a.lineage && $#", .filters = filters_masked, .sorts = sorts, .order = "k.code",
};
TILLD_LIST (spec_masked)
static const TilldListSpec spec_whole = {
  .shape = &shape_whole, .from = FROM, .scope = "a.lineage && $#", .filters = filters_whole, .sorts = sorts, .order = "k.code",
};
TILLD_LIST (spec_whole)

static const TilldJsonList list_masked = { &spec_masked, fields, "k.id = $#", "customer" };
static const TilldJsonList list_whole = { &spec_whole, fields, "k.id = $#", "customer" };

static const TilldJsonList *
list_for (const TilldActor *who)
{
  return till_permission_set_has (who->permissions, TILL_PERMISSION_CUSTOMER_PRIVATE) ? &list_whole : &list_masked;
}

gboolean
tilld_customer_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  return tilld_list_serve (db, who, list_for (who), query, w, error);
}

gboolean
tilld_customer_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error)
{
  return tilld_record_serve (db, who, list_for (who), id, w, error);
}
