/* SPDX-License-Identifier: GPL-2.0-or-later
 * sink-json.c: a report as JSON: columns, rows as arrays, totals, series. Money and energy are decimal strings, times RFC 3339. */
#define G_LOG_DOMAIN "tilld-report"
#include "config.h"
#include "server/report/sink.h"
#include "shared/base/till-json-write.h"

typedef struct {
  TilldSink      sink;
  TillJsonWrite *json;
  gboolean       in_rows;
  gboolean       ended;
} JsonSink;

static const char *const type_words[] = {
  [TILLD_CELL_TEXT] = "text", [TILLD_CELL_INT] = "int", [TILLD_CELL_MONEY] = "money", [TILLD_CELL_PRICE] = "price", [TILLD_CELL_ENERGY] = "energy",
  [TILLD_CELL_POWER] = "power", [TILLD_CELL_TIME] = "time", [TILLD_CELL_DAY] = "day", [TILLD_CELL_BOOL] = "bool",
};

static gboolean
json_begin (TilldSink *sink, GError **error)
{
  JsonSink *self = (JsonSink *) sink;

  till_json_write_begin_object (self->json, NULL);
  till_json_write_begin_array (self->json, "columns");
  for (guint i = 0; i < sink->n_columns; i++)
    {
      const TilldColumn *c = &sink->columns[i];

      till_json_write_begin_object (self->json, NULL);
      till_json_write_text (self->json, "name", c->name);
      till_json_write_text (self->json, "title", sink->sheet.chinese ? c->title_zh : c->title);
      till_json_write_text (self->json, "type", type_words[c->type]);
      till_json_write_text (self->json, "unit", c->unit);
      till_json_write_end_object (self->json);
    }
  till_json_write_end_array (self->json);
  till_json_write_begin_array (self->json, "rows");
  self->in_rows = TRUE;
  return TRUE;
}

static void
write_cell (TillJsonWrite *json, TilldCellType type, const TilldCell *cell)
{
  if (cell->is_null)
    till_json_write_null (json, NULL);
  else if (type == TILLD_CELL_TEXT)
    till_json_write_text (json, NULL, cell->text);
  else if (type == TILLD_CELL_INT)
    till_json_write_int (json, NULL, cell->number);
  else if (type == TILLD_CELL_BOOL)
    till_json_write_bool (json, NULL, cell->number != 0);
  else if (type == TILLD_CELL_TIME)
    till_json_write_time (json, NULL, cell->number);
  else if (type == TILLD_CELL_DAY)
    till_json_write_day (json, NULL, (TillDay) cell->number);
  else if (type == TILLD_CELL_ENERGY || type == TILLD_CELL_POWER)
    till_json_write_decimal (json, NULL, cell->number, 3);
  else
    till_json_write_money (json, NULL, cell->number);
}

static gboolean
json_row (TilldSink *sink, const TilldCell *cells, gboolean is_total, GError **error)
{
  JsonSink *self = (JsonSink *) sink;

  if (is_total && self->in_rows)
    {
      till_json_write_end_array (self->json);
      self->in_rows = FALSE;
    }
  till_json_write_begin_array (self->json, is_total ? "totals" : NULL);
  for (guint i = 0; i < sink->n_columns; i++)
    write_cell (self->json, sink->columns[i].type, &cells[i]);
  till_json_write_end_array (self->json);
  return TRUE;
}

static gboolean
json_end (TilldSink *sink, GError **error)
{
  JsonSink *self = (JsonSink *) sink;

  if (self->in_rows)
    {
      till_json_write_end_array (self->json);
      till_json_write_begin_array (self->json, "totals");
      till_json_write_end_array (self->json);
    }
  till_json_write_begin_array (self->json, "series");
  for (const char *const *name = sink->sheet.series; name != NULL && *name != NULL; name++)
    till_json_write_text (self->json, NULL, *name);
  till_json_write_end_array (self->json);
  if (sink->sheet.ledger_hash != NULL)
    {
      till_json_write_begin_object (self->json, "ledger");
      till_json_write_int (self->json, "n", sink->sheet.ledger_n);
      till_json_write_text (self->json, "hash", sink->sheet.ledger_hash);
      till_json_write_end_object (self->json);
    }
  till_json_write_end_object (self->json);
  self->ended = TRUE;
  return TRUE;
}

static void
json_free (TilldSink *sink)
{
  JsonSink *self = (JsonSink *) sink;

  g_clear_pointer (&self->json, till_json_write_free);
  g_free (self);
}

TilldSink *
tilld_sink_json_new (void)
{
  static const TilldSinkClass class = { json_begin, json_row, json_end, json_free };
  JsonSink *self = g_new0 (JsonSink, 1);

  self->sink.class = &class;
  self->json = till_json_write_new ();
  return &self->sink;
}

char *
tilld_sink_json_steal (TilldSink *sink, gsize *ret_len)
{
  JsonSink *self = (JsonSink *) sink;

  g_assert (self->ended);
  return till_json_write_free_to_text (g_steal_pointer (&self->json), ret_len);
}
