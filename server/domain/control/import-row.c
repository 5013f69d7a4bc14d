/* SPDX-License-Identifier: GPL-2.0-or-later
 * import-row.c: one row of a table that people filled in: texts, each with its own fault. Looks nothing up. */
#include <string.h>
#include "server/domain/control/import-private.h"
#include "server/domain/plant/setting.h"
#include "shared/base/till-text.h"

#define CELL_CHARS 200

static const char *const plant[] = { "kind", "code", "name", "area", "link", "address", "gateway", "port", "unit", "model", "ct_ratio", "use_class", "tariff",
                                     "alarm1", "alarm2", "overload_kw", "serial", NULL };
static const char *const customers[] = { "code", "name", "kind", "phones", "area", "class", "id_number", "language", "note", NULL };
static const char *const accounts[] = { "customer", "meter", "account", "settled", "opening_balance", "tariff", "alarm1", "alarm2", "overload_kw",
                                        "note", NULL };

static const struct { const char *word; const char *const *columns; } kinds[TILLD_IMPORT_N] = {
  [TILLD_IMPORT_PLANT] = { "plant", plant },
  [TILLD_IMPORT_CUSTOMERS] = { "customers", customers },
  [TILLD_IMPORT_ACCOUNTS] = { "accounts", accounts },
};

const char *
tilld_import_kind_word (TilldImportKind kind)
{
  return kind < TILLD_IMPORT_N ? kinds[kind].word : NULL;
}

gboolean
tilld_import_kind_from_word (const char *word, int *ret_kind)
{
  for (int i = 0; word != NULL && i < TILLD_IMPORT_N; i++)
    if (strcmp (word, kinds[i].word) == 0)
      {
        *ret_kind = i;
        return TRUE;
      }
  return FALSE;
}

void
tilld_import_wrong (TilldImportRow *row, const char *name, const char *format, ...)
{
  va_list args;

  if (row->wrong == NULL)
    row->wrong = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < row->wrong->len; i += 2)
    if (strcmp (g_ptr_array_index (row->wrong, i), name) == 0)
      return; /* the first fault of a cell is the one to mend */
  g_ptr_array_add (row->wrong, g_strdup (name));
  va_start (args, format);
  g_ptr_array_add (row->wrong, g_strdup_vprintf (format, args));
  va_end (args);
}

void
tilld_import_wrong_error (TilldImportRow *row, const char *otherwise, const GError *error)
{
  GPtrArray *fields = till_error_get_fields (error);

  for (guint i = 0; fields != NULL && i < fields->len; i++)
    {
      const TillFieldError *field = g_ptr_array_index (fields, i);

      tilld_import_wrong (row, field->member, "%s", field->reason);
    }
  if (fields == NULL || fields->len == 0)
    tilld_import_wrong (row, otherwise, "%s", error->message);
}

/* Whole numbers may come as such: a program that makes rows need not quote them. */
static char *
text_of (JsonNode *node)
{
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  return NULL;
}

/* What spreadsheets show where a formula failed: never the name of anything. #FORMULA! is what our reader says of one without a result. */
static gboolean
is_failure (const char *text)
{
  static const char *const failures[] = { "#FORMULA!", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "####" };

  for (guint i = 0; *text == '#' && i < G_N_ELEMENTS (failures); i++)
    if (g_str_has_prefix (text, failures[i]))
      return TRUE;
  return FALSE;
}

static void
take_cell (TilldImportRow *row, TilldImportKind kind, const char *name, JsonNode *node)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  char *clean;

  if (!g_strv_contains (kinds[kind].columns, name))
    {
      tilld_import_wrong (row, name, "is no column of this import");
      return;
    }
  if (JSON_NODE_HOLDS_NULL (node))
    return;
  text = text_of (node);
  clean = text != NULL ? till_text_clean (text, CELL_CHARS, FALSE, &error) : NULL;
  if (clean == NULL)
    tilld_import_wrong (row, name, "must be a text of at most %d characters without control characters", CELL_CHARS);
  else if (*clean == '\0')
    g_free (clean);
  else if (is_failure (clean))
    {
      tilld_import_wrong (row, name, "is a formula without a result: write the value itself");
      g_free (clean);
    }
  else
    g_hash_table_insert (row->cells, g_strdup (name), clean);
}

void
tilld_import_row_init (TilldImportRow *row, TilldImportKind kind, guint index, JsonNode *node)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *cell;

  *row = (TilldImportRow){ .index = index, .cells = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free) };
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      tilld_import_wrong (row, kinds[kind].columns[0], "the row must be an object");
      return;
    }
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &name, &cell))
    take_cell (row, kind, name, cell);
}

void
tilld_import_row_clear (gpointer data)
{
  TilldImportRow *row = data;

  g_clear_pointer (&row->cells, g_hash_table_unref);
  g_clear_pointer (&row->wrong, g_ptr_array_unref);
}

const char *
tilld_import_cell (const TilldImportRow *row, const char *name)
{
  return g_hash_table_lookup (row->cells, name);
}

gboolean
tilld_import_required (TilldImportRow *row, const char *name)
{
  if (tilld_import_cell (row, name) != NULL)
    return TRUE;
  tilld_import_wrong (row, name, "is required");
  return FALSE;
}

gboolean
tilld_import_cell_code (TilldImportRow *row, const char *name, gsize max, const char **ret)
{
  const char *text = tilld_import_cell (row, name);

  *ret = NULL;
  if (text == NULL)
    return FALSE;
  if (!till_text_is_code (text) || strlen (text) > max)
    {
      tilld_import_wrong (row, name, "must be 1 to %u letters, digits, dots, underscores and dashes", (guint) max);
      return FALSE;
    }
  *ret = text;
  return TRUE;
}

gboolean
tilld_import_cell_int (TilldImportRow *row, const char *name, gint64 min, gint64 max, gint64 *ret)
{
  const char *text = tilld_import_cell (row, name);
  gint64 value;

  if (text == NULL)
    return FALSE;
  if (!till_decimal_parse (text, 0, G_MAXINT64 / 2, &value, NULL) || value < min || value > max)
    {
      tilld_import_wrong (row, name, "must be a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, min, max);
      return FALSE;
    }
  *ret = value;
  return TRUE;
}

gboolean
tilld_import_cell_decimal (TilldImportRow *row, const char *name, guint decimals, gint64 *ret)
{
  const char *text = tilld_import_cell (row, name);
  gint64 value;

  if (text == NULL)
    return FALSE;
  if (!till_decimal_parse (text, decimals, (gint64) 1000000000000000, &value, NULL) || value < 0)
    {
      tilld_import_wrong (row, name, "must be a number, not below 0, with at most %u decimals", decimals);
      return FALSE;
    }
  *ret = value;
  return TRUE;
}

gboolean
tilld_import_cell_word (TilldImportRow *row, const char *name, const TilldImportWords *words, int *ret)
{
  const char *text = tilld_import_cell (row, name);

  if (text == NULL)
    return FALSE;
  if (words->from_word (text, ret))
    return TRUE;
  tilld_import_wrong (row, name, "must be one of %s", words->allowed);
  return FALSE;
}

void
tilld_import_limits_held (TilldImportRow *row, const TilldProfile *profile, gboolean settles, const gint64 values[3])
{
  static const struct { const char *name; int point; gboolean settling; } limits[] = {
    { "alarm1", TILLD_POINT_ALARM1, TRUE }, { "alarm2", TILLD_POINT_ALARM2, TRUE }, { "overload_kw", TILLD_POINT_OVERLOAD, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      g_autofree char *reason = NULL;

      if (tilld_import_cell (row, limits[i].name) != NULL && profile != NULL && (settles || !limits[i].settling) &&
          !tilld_setting_holds (profile, limits[i].point, values[i], &reason))
        tilld_import_wrong (row, limits[i].name, "%s", reason);
    }
}

GPtrArray *
tilld_import_column (const TilldImportWork *work, const char *name)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *texts = g_ptr_array_new ();

  for (guint i = 0; i < work->rows->len; i++)
    {
      const char *text = tilld_import_cell (tilld_import_row (work, i), name);

      if (text != NULL && g_hash_table_add (seen, (gpointer) text))
        g_ptr_array_add (texts, (gpointer) text);
    }
  return texts;
}

void
tilld_import_note (TilldImportWork *work, const char *what, gint64 id, const char *before, const char *after)
{
  g_autofree char *object = g_strdup_printf ("%s:%" G_GINT64_FORMAT, what, id);

  till_json_write_begin_object (work->audit, NULL);
  till_json_write_text (work->audit, "object", object);
  if (before != NULL)
    till_json_write_raw (work->audit, "before", before);
  if (after != NULL)
    till_json_write_raw (work->audit, "after", after);
  till_json_write_end_object (work->audit);
}
