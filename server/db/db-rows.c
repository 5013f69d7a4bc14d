/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-rows.c: owns a PGresult in binary form and gives its values by column name. */
#define G_LOG_DOMAIN "tilld-db"
#include "config.h"
#include <string.h>
#include "server/db/db-rows-private.h"

#define PG_EPOCH_US  (G_GINT64_CONSTANT (946684800) * TILL_SECOND)
#define PG_EPOCH_DAY 10957

struct _TilldRows {
  PGresult             *result;
  const TilldStatement *shape;
  guint                 n_columns;
  guint                 n_rows;
  guint                 last; /* column found last: callers ask in order */
};

static gboolean
check_column (TilldRows *rows, guint column, GError **error)
{
  const TilldDbColumn *c = &rows->shape->columns[column];
  guint32 oid = PQftype (rows->result, (int) column);

  if (strcmp (PQfname (rows->result, (int) column), c->name) != 0)
    return till_fail (error, TILL_ERROR_INTERNAL, "statement %s: column %u is \"%s\", declared \"%s\"", rows->shape->name, column,
                      PQfname (rows->result, (int) column), c->name);
  if (oid != tilld_db_type_oid (c->type))
    return till_fail (error, TILL_ERROR_INTERNAL, "statement %s: column %s has type %u, declared %u", rows->shape->name, c->name, oid,
                      tilld_db_type_oid (c->type));
  if (c->null == DB_NULL_OK)
    return TRUE;
  for (guint row = 0; row < rows->n_rows; row++)
    if (PQgetisnull (rows->result, (int) row, (int) column))
      return till_fail (error, TILL_ERROR_INTERNAL, "statement %s: column %s is NULL", rows->shape->name, c->name);
  return TRUE;
}

TilldRows *
tilld_rows_new (PGresult *result, const TilldStatement *shape, GError **error)
{
  g_autoptr (TilldRows) rows = g_new0 (TilldRows, 1);

  rows->result = result;
  rows->shape = shape;
  rows->n_rows = (guint) PQntuples (result);
  rows->n_columns = tilld_statement_n_columns (shape);
  if ((guint) PQnfields (result) != rows->n_columns)
    {
      till_fail (error, TILL_ERROR_INTERNAL, "statement %s: %d columns, declared %u", shape->name, PQnfields (result), rows->n_columns);
      return NULL;
    }
  for (guint i = 0; i < rows->n_columns; i++)
    if (!check_column (rows, i, error))
      return NULL;
  return g_steal_pointer (&rows);
}

void
tilld_rows_free (TilldRows *rows)
{
  if (rows == NULL)
    return;
  PQclear (rows->result);
  g_free (rows);
}

guint
tilld_rows_count (const TilldRows *rows)
{
  return rows->n_rows;
}

static guint
find (TilldRows *rows, const char *name)
{
  for (guint step = 0; step < rows->n_columns; step++)
    {
      guint i = (rows->last + step) % rows->n_columns;
      if (strcmp (rows->shape->columns[i].name, name) == 0)
        {
          rows->last = i;
          return i;
        }
    }
  g_error ("statement %s has no column %s", rows->shape->name, name);
}

/* NULL for SQL NULL. */
static const guint8 *
value (TilldRows *rows, guint row, const char *column, TilldDbType *ret_type, gsize *ret_len)
{
  guint i = find (rows, column);

  g_assert (row < rows->n_rows);
  *ret_type = rows->shape->columns[i].type;
  *ret_len = (gsize) PQgetlength (rows->result, (int) row, (int) i);
  if (PQgetisnull (rows->result, (int) row, (int) i))
    return NULL;
  return (const guint8 *) PQgetvalue (rows->result, (int) row, (int) i);
}

static guint32
get32 (const guint8 *p)
{
  guint32 v;
  memcpy (&v, p, sizeof v);
  return GUINT32_FROM_BE (v);
}

static gint64
get64 (const guint8 *p)
{
  guint64 v;
  memcpy (&v, p, sizeof v);
  return (gint64) GUINT64_FROM_BE (v);
}

gboolean
tilld_row_is_null (TilldRows *rows, guint row, const char *column)
{
  TilldDbType type;
  gsize len;

  return value (rows, row, column, &type, &len) == NULL;
}

gint64
tilld_row_i64_or (TilldRows *rows, guint row, const char *column, gint64 if_null)
{
  TilldDbType type;
  gsize len;
  const guint8 *p = value (rows, row, column, &type, &len);

  if (p == NULL)
    return if_null;
  switch (type)
    {
    case DB_I64_TYPE:
    case DB_XID_TYPE:
      return get64 (p);
    case DB_I32_TYPE:
      return (gint32) get32 (p);
    case DB_I16_TYPE:
      return (gint16) (p[0] << 8 | p[1]);
    case DB_BOOL_TYPE:
      return p[0] != 0;
    case DB_DAY_TYPE:
      return (gint32) get32 (p) + PG_EPOCH_DAY;
    default:
      g_error ("statement %s: column %s is no integer", rows->shape->name, column);
    }
}

gint64
tilld_row_i64 (TilldRows *rows, guint row, const char *column)
{
  return tilld_row_i64_or (rows, row, column, 0);
}

gboolean
tilld_row_bool (TilldRows *rows, guint row, const char *column)
{
  return tilld_row_i64 (rows, row, column) != 0;
}

TillTime
tilld_row_ts (TilldRows *rows, guint row, const char *column)
{
  TilldDbType type;
  gsize len;
  const guint8 *p = value (rows, row, column, &type, &len);
  gint64 us;

  g_assert (type == DB_TS_TYPE);
  if (p == NULL)
    return 0;
  us = get64 (p);
  return us == G_MININT64 || us == G_MAXINT64 ? us : us + PG_EPOCH_US;
}

const char *
tilld_row_text (TilldRows *rows, guint row, const char *column)
{
  TilldDbType type;
  gsize len;
  const guint8 *p = value (rows, row, column, &type, &len);

  g_assert (type == DB_TEXT_TYPE || type == DB_JSON_TYPE);
  if (p == NULL)
    return NULL;
  /* libpq ends every value with a NUL of its own. */
  return (const char *) (type == DB_JSON_TYPE ? p + 1 : p);
}

char *
tilld_row_dup_text (TilldRows *rows, guint row, const char *column)
{
  return g_strdup (tilld_row_text (rows, row, column));
}

void
tilld_row_uuid (TilldRows *rows, guint row, const char *column, TillId *ret_id)
{
  TilldDbType type;
  gsize len;
  const guint8 *p = value (rows, row, column, &type, &len);

  g_assert (type == DB_UUID_TYPE);
  if (p == NULL)
    *ret_id = TILL_ID_NIL;
  else
    memcpy (ret_id->bytes, p, 16);
}

const guint8 *
tilld_row_bytes (TilldRows *rows, guint row, const char *column, gsize *ret_len)
{
  TilldDbType type;
  const guint8 *p = value (rows, row, column, &type, ret_len);

  g_assert (type == DB_BYTES_TYPE);
  return p;
}

/* Elements of a one-dimensional array without NULLs; next () gives each element's bytes. */
typedef struct { const guint8 *p, *end; guint n; } ArrayReader;

static void
array_begin (ArrayReader *a, const guint8 *p, gsize len)
{
  *a = (ArrayReader){ p, p == NULL ? NULL : p + len, 0 };
  if (p == NULL || len < 20 || get32 (p) != 1)
    return;
  a->n = get32 (p + 12);
  a->p = p + 20;
}

static const guint8 *
array_next (ArrayReader *a, gsize *ret_len)
{
  const guint8 *element = a->p + 4;

  *ret_len = get32 (a->p);
  g_assert (element + *ret_len <= a->end);
  a->p = element + *ret_len;
  return element;
}

gint64 *
tilld_row_i64_array (TilldRows *rows, guint row, const char *column, guint *ret_n)
{
  TilldDbType type;
  gsize len;
  const guint8 *p = value (rows, row, column, &type, &len);
  ArrayReader a;
  gint64 *out;

  g_assert (type == DB_I64_ARRAY_TYPE);
  array_begin (&a, p, len);
  out = g_new0 (gint64, a.n + 1);
  for (guint i = 0; i < a.n; i++)
    out[i] = get64 (array_next (&a, &len));
  *ret_n = a.n;
  return out;
}

TillId *
tilld_row_uuid_array (TilldRows *rows, guint row, const char *column, guint *ret_n)
{
  TilldDbType type;
  gsize len;
  const guint8 *p = value (rows, row, column, &type, &len);
  ArrayReader a;
  TillId *out;

  g_assert (type == DB_UUID_ARRAY_TYPE);
  array_begin (&a, p, len);
  out = g_new0 (TillId, a.n + 1);
  for (guint i = 0; i < a.n; i++)
    memcpy (out[i].bytes, array_next (&a, &len), 16);
  *ret_n = a.n;
  return out;
}

char **
tilld_row_strv (TilldRows *rows, guint row, const char *column)
{
  TilldDbType type;
  gsize len;
  const guint8 *p = value (rows, row, column, &type, &len);
  ArrayReader a;
  char **out;

  g_assert (type == DB_TEXT_ARRAY_TYPE);
  array_begin (&a, p, len);
  out = g_new0 (char *, a.n + 1);
  for (guint i = 0; i < a.n; i++)
    {
      const guint8 *text = array_next (&a, &len);
      out[i] = g_strndup ((const char *) text, len);
    }
  return out;
}
