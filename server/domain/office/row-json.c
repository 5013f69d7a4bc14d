/* SPDX-License-Identifier: GPL-2.0-or-later
 * row-json.c: rows of a list as members of JSON, from one table of fields; decides nothing. */
#include "server/domain/office/row-json.h"
#include "shared/api/till-enums.h"

static const char *const rate_columns[] = { "energy_tip", "energy_peak", "energy_flat", "energy_valley", "energy_deep" };
static const char *const rate_members[] = { "tip", "peak", "flat", "valley", "deep" };

static void
write_rates (TilldRows *rows, guint row, const char *member, TillJsonWrite *w)
{
  till_json_write_begin_object (w, member);
  for (guint i = 0; i < G_N_ELEMENTS (rate_columns); i++)
    if (!tilld_row_is_null (rows, row, rate_columns[i]))
      till_json_write_energy (w, rate_members[i], tilld_row_i64 (rows, row, rate_columns[i]));
  till_json_write_end_object (w);
}

static void
write_texts (TilldRows *rows, guint row, const TilldJsonField *field, TillJsonWrite *w)
{
  g_auto (GStrv) texts = tilld_row_strv (rows, row, field->column != NULL ? field->column : field->member);

  till_json_write_begin_array (w, field->member);
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    till_json_write_text (w, NULL, texts[i]);
  till_json_write_end_array (w);
}

static void
write_ints (TilldRows *rows, guint row, const TilldJsonField *field, TillJsonWrite *w)
{
  guint n = 0;
  g_autofree gint64 *values = tilld_row_i64_array (rows, row, field->column != NULL ? field->column : field->member, &n);

  till_json_write_begin_array (w, field->member);
  for (guint i = 0; i < n; i++)
    till_json_write_int (w, NULL, values[i]);
  till_json_write_end_array (w);
}

static void
write_flags (const TilldJsonField *field, gint64 value, TillJsonWrite *w)
{
  till_json_write_begin_array (w, field->member);
  for (guint bit = 0; bit < 31; bit++)
    if ((value & (G_GINT64_CONSTANT (1) << bit)) != 0 && field->word (1 << bit) != NULL)
      till_json_write_text (w, NULL, field->word (1 << bit));
  till_json_write_end_array (w);
}

static void
write_number (const TilldJsonField *field, gint64 value, TillJsonWrite *w)
{
  switch (field->kind)
    {
    case TILLD_JSON_MONEY:
    case TILLD_JSON_PURSE:
      till_json_write_money (w, field->member, value);
      return;
    case TILLD_JSON_ENERGY:
      till_json_write_energy (w, field->member, value);
      return;
    case TILLD_JSON_MILLI:
      till_json_write_decimal (w, field->member, value, 3);
      return;
    case TILLD_JSON_ENUM:
      till_json_write_text (w, field->member, field->word ((int) value));
      return;
    case TILLD_JSON_FLAGS:
      write_flags (field, value, w);
      return;
    case TILLD_JSON_DAY:
      till_json_write_day (w, field->member, (TillDay) value);
      return;
    default:
      till_json_write_int (w, field->member, value);
    }
}

static void
write_field (TilldRows *rows, guint row, const TilldJsonField *field, TillJsonWrite *w)
{
  const char *column = field->column != NULL ? field->column : field->member;
  TillId id;

  if (field->kind == TILLD_JSON_RATES)
    write_rates (rows, row, field->member, w);
  else if (field->kind == TILLD_JSON_TEXTS)
    write_texts (rows, row, field, w);
  else if (field->kind == TILLD_JSON_INTS)
    write_ints (rows, row, field, w);
  else if (tilld_row_is_null (rows, row, column))
    till_json_write_null (w, field->member);
  else if (field->kind == TILLD_JSON_TEXT)
    till_json_write_text (w, field->member, tilld_row_text (rows, row, column));
  else if (field->kind == TILLD_JSON_RAW)
    till_json_write_raw (w, field->member, tilld_row_text (rows, row, column));
  else if (field->kind == TILLD_JSON_BOOL)
    till_json_write_bool (w, field->member, tilld_row_bool (rows, row, column));
  else if (field->kind == TILLD_JSON_TIME)
    till_json_write_time (w, field->member, tilld_row_ts (rows, row, column));
  else if (field->kind == TILLD_JSON_ID)
    {
      tilld_row_uuid (rows, row, column, &id);
      till_json_write_id (w, field->member, &id);
    }
  else if (field->kind == TILLD_JSON_PURSE && tilld_row_i64 (rows, row, "purse") == TILL_PURSE_ENERGY)
    till_json_write_energy (w, field->member, tilld_row_i64 (rows, row, column));
  else
    write_number (field, tilld_row_i64 (rows, row, column), w);
}

void
tilld_row_write (TilldRows *rows, guint row, const TilldJsonField *fields, TillJsonWrite *w)
{
  for (const TilldJsonField *field = fields; field->member != NULL; field++)
    write_field (rows, row, field, w);
}

gboolean
tilld_list_write (TilldDb *db, TilldListQuery *query, const TilldJsonField *fields, TillJsonWrite *w, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  gint64 total = 0;

  if (!tilld_list_run (db, query, &rows, &total, error))
    return FALSE;
  till_json_write_int (w, "total", total);
  till_json_write_begin_array (w, "items");
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      till_json_write_begin_object (w, NULL);
      tilld_row_write (rows, i, fields, w);
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
  return TRUE;
}

gboolean
tilld_list_serve (TilldDb *db, const TilldActor *who, const TilldJsonList *list, GHashTable *query, TillJsonWrite *w, GError **error)
{
  g_auto (TilldListQuery) q = { NULL };

  g_assert (tilld_actor_is_set (who));
  return tilld_list_query_init (&q, list->spec, query, who->areas, error) && tilld_list_write (db, &q, list->fields, w, error);
}

gboolean
tilld_record_serve (TilldDb *db, const TilldActor *who, const TilldJsonList *list, gint64 id, TillJsonWrite *w, GError **error)
{
  g_auto (TilldListQuery) q = { NULL };
  g_autoptr (TilldRows) rows = NULL;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_list_query_init (&q, list->spec, NULL, who->areas, error))
    return FALSE;
  tilld_list_query_fix (&q, list->condition, id);
  if (!tilld_list_run (db, &q, &rows, NULL, error))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "no such %s", list->what);
  tilld_row_write (rows, 0, list->fields, w);
  return TRUE;
}
