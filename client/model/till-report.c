/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-report.c: one report: columns, rows, totals. Computes nothing: the server's figures as they came. */
#define G_LOG_DOMAIN "till-report"
#include "config.h"
#include "client/model/till-report.h"

#include "shared/base/till-energy.h"
#include "shared/base/till-error.h"
#include "shared/base/till-time.h"

typedef struct { char *text; gint64 number; } Cell;

struct _TillReportRow {
  GObject parent_instance;
  guint   n;
  Cell   *cells;
};

struct _TillReport {
  GObject        parent_instance;
  GArray        *columns; /* TillReportColumn */
  GListStore    *rows;
  TillReportRow *totals;
  char          *title, *hash;
  gint64         ledger_n;
};

G_DEFINE_FINAL_TYPE (TillReportRow, till_report_row, G_TYPE_OBJECT)
G_DEFINE_FINAL_TYPE (TillReport, till_report, G_TYPE_OBJECT)

static const struct { const char *word; TillFieldKind kind; } types[] = {
  { "text", TILL_FIELD_TEXT }, { "string", TILL_FIELD_TEXT }, { "uuid", TILL_FIELD_UUID }, { "int", TILL_FIELD_INT },
  { "integer", TILL_FIELD_INT }, { "count", TILL_FIELD_INT }, { "bool", TILL_FIELD_BOOL }, { "money", TILL_FIELD_MONEY }, { "price", TILL_FIELD_PRICE },
  { "energy", TILL_FIELD_ENERGY }, { "power", TILL_FIELD_POWER }, { "decimal", TILL_FIELD_DECIMAL }, { "percent", TILL_FIELD_DECIMAL },
  { "time", TILL_FIELD_TIME }, { "day", TILL_FIELD_DAY }, { "date", TILL_FIELD_DAY }, { "age", TILL_FIELD_AGE },
};

static void
till_report_row_finalize (GObject *object)
{
  TillReportRow *self = TILL_REPORT_ROW (object);

  for (guint i = 0; i < self->n; i++)
    g_free (self->cells[i].text);
  g_free (self->cells);
  G_OBJECT_CLASS (till_report_row_parent_class)->finalize (object);
}

static void
till_report_row_class_init (TillReportRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_report_row_finalize;
}

static void
till_report_row_init (TillReportRow *self)
{
}

static void
column_clear (gpointer data)
{
  TillReportColumn *column = data;

  g_free ((char *) column->name);
  g_free ((char *) column->title);
  g_free ((char *) column->unit);
}

static void
till_report_finalize (GObject *object)
{
  TillReport *self = TILL_REPORT (object);

  g_array_unref (self->columns);
  g_object_unref (self->rows);
  g_clear_object (&self->totals);
  g_free (self->title);
  g_free (self->hash);
  G_OBJECT_CLASS (till_report_parent_class)->finalize (object);
}

static void
till_report_class_init (TillReportClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_report_finalize;
}

static void
till_report_init (TillReport *self)
{
  self->columns = g_array_new (FALSE, TRUE, sizeof (TillReportColumn));
  g_array_set_clear_func (self->columns, column_clear);
  self->rows = g_list_store_new (TILL_TYPE_REPORT_ROW);
}

static gint64
read_number (TillFieldKind kind, const char *text)
{
  gint64 value = TILL_UNKNOWN;
  TillDay day;

  switch (kind)
    {
    case TILL_FIELD_MONEY:
    case TILL_FIELD_PRICE: till_money_parse (text, &value, NULL); break;
    case TILL_FIELD_ENERGY: till_energy_parse (text, &value, NULL); break;
    case TILL_FIELD_POWER:
    case TILL_FIELD_DECIMAL: till_decimal_parse (text, 3, G_MAXINT64 / 2, &value, NULL); break;
    case TILL_FIELD_TIME: till_time_parse (text, &value, NULL); break;
    case TILL_FIELD_DAY:
      if (till_day_parse (text, &day, NULL))
        value = day;
      break;
    case TILL_FIELD_BOOL:
    case TILL_FIELD_INT:
    case TILL_FIELD_AGE: till_decimal_parse (text, 0, G_MAXINT64 / 2, &value, NULL); break;
    default: break;
    }
  return value;
}

static void
fill_cell (Cell *cell, TillFieldKind kind, JsonNode *node)
{
  char buf[G_ASCII_DTOSTR_BUF_SIZE];

  cell->number = TILL_UNKNOWN;
  if (!JSON_NODE_HOLDS_VALUE (node))
    return;
  switch (json_node_get_value_type (node))
    {
    case G_TYPE_STRING: cell->text = json_node_dup_string (node); break;
    case G_TYPE_INT64: cell->text = g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node)); break;
    case G_TYPE_DOUBLE: cell->text = g_strdup (g_ascii_formatd (buf, sizeof buf, "%.3f", json_node_get_double (node))); break;
    case G_TYPE_BOOLEAN: cell->text = g_strdup (json_node_get_boolean (node) ? "1" : "0"); break;
    default: break;
    }
  if (cell->text != NULL)
    cell->number = read_number (kind, cell->text);
}

static TillReportRow *
make_row (TillReport *self, JsonNode *node, GError **error)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  TillReportRow *row;

  if (array == NULL || json_array_get_length (array) != self->columns->len)
    {
      till_fail (error, TILL_ERROR_INVALID, "a row of the report has another length than its columns");
      return NULL;
    }
  row = g_object_new (TILL_TYPE_REPORT_ROW, NULL);
  row->n = self->columns->len;
  row->cells = g_new0 (Cell, MAX (row->n, 1));
  for (guint i = 0; i < row->n; i++)
    fill_cell (&row->cells[i], g_array_index (self->columns, TillReportColumn, i).kind, json_array_get_element (array, i));
  return row;
}

static char *
dup_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_dup_string (node) : NULL;
}

static gboolean
add_column (TillReport *self, JsonNode *node, GError **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  g_autofree char *type = object != NULL ? dup_text (object, "type") : NULL;
  TillReportColumn column = { .kind = TILL_FIELD_TEXT };

  if (object == NULL || (column.name = dup_text (object, "name")) == NULL)
    return till_fail (error, TILL_ERROR_INVALID, "a column of the report has no name");
  column.title = dup_text (object, "title");
  column.unit = dup_text (object, "unit");
  if (column.title == NULL)
    column.title = g_strdup (column.name);
  if (column.unit == NULL)
    column.unit = g_strdup ("");
  for (guint i = 0; type != NULL && i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (types[i].word, type))
      column.kind = types[i].kind;
  g_array_append_val (self->columns, column);
  return TRUE;
}

static JsonArray *
array_of (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

TillReport *
till_report_new_from_json (JsonNode *node, GError **error)
{
  g_autoptr(TillReport) self = g_object_new (TILL_TYPE_REPORT, NULL);
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonArray *columns = object != NULL ? array_of (object, "columns") : NULL;
  JsonArray *rows = object != NULL ? array_of (object, "rows") : NULL;
  JsonArray *totals = object != NULL ? array_of (object, "totals") : NULL;

  if (columns == NULL || rows == NULL)
    {
      till_fail (error, TILL_ERROR_INVALID, "this is no report");
      return NULL;
    }
  self->title = dup_text (object, "title");
  if (json_object_has_member (object, "ledger") && JSON_NODE_HOLDS_OBJECT (json_object_get_member (object, "ledger")))
    {
      JsonObject *ledger = json_object_get_object_member (object, "ledger");

      self->hash = dup_text (ledger, "hash");
      self->ledger_n = json_object_get_int_member_with_default (ledger, "n", 0);
    }
  for (guint i = 0; i < json_array_get_length (columns); i++)
    if (!add_column (self, json_array_get_element (columns, i), error))
      return NULL;
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      g_autoptr(TillReportRow) row = make_row (self, json_array_get_element (rows, i), error);

      if (row == NULL)
        return NULL;
      g_list_store_append (self->rows, row);
    }
  if (totals != NULL && json_array_get_length (totals) > 0 &&
      (self->totals = make_row (self, json_object_get_member (object, "totals"), error)) == NULL)
    return NULL;
  return g_steal_pointer (&self);
}

const char *
till_report_get_ledger (TillReport *self, gint64 *ret_n)
{
  *ret_n = self->ledger_n;
  return self->hash;
}

guint
till_report_get_n_columns (TillReport *self)
{
  return self->columns->len;
}

const TillReportColumn *
till_report_get_column (TillReport *self, guint column)
{
  g_return_val_if_fail (column < self->columns->len, NULL);
  return &g_array_index (self->columns, TillReportColumn, column);
}

int
till_report_find_column (TillReport *self, const char *name)
{
  for (guint i = 0; i < self->columns->len; i++)
    if (g_str_equal (g_array_index (self->columns, TillReportColumn, i).name, name))
      return (int) i;
  return -1;
}

GListModel *
till_report_get_rows (TillReport *self)
{
  return G_LIST_MODEL (self->rows);
}

TillReportRow *
till_report_get_totals (TillReport *self)
{
  return self->totals;
}

gboolean
till_report_is_empty (TillReport *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->rows)) == 0;
}

const char *
till_report_get_title (TillReport *self)
{
  return self->title;
}

const char *
till_report_row_get_text (TillReportRow *self, guint column)
{
  g_return_val_if_fail (column < self->n, NULL);
  return self->cells[column].text;
}

gint64
till_report_row_get_int (TillReportRow *self, guint column)
{
  g_return_val_if_fail (column < self->n, TILL_UNKNOWN);
  return self->cells[column].number;
}
