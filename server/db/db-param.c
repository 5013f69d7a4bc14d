/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-param.c: values in PostgreSQL's binary form. The formats are those of the types' send and receive functions (PostgreSQL
 * manual, "Frontend/Backend Protocol" and the sources of each type): big-endian integers, microseconds since 2000 for timestamptz. */
#define G_LOG_DOMAIN "tilld-db"
#include "config.h"
#include <string.h>
#include "server/db/db-param.h"

#define PG_EPOCH_US  (G_GINT64_CONSTANT (946684800) * TILL_SECOND) /* 2000-01-01 */
#define PG_EPOCH_DAY 10957

static const struct { guint32 oid, element; } types[DB_N_TYPES] = {
  [DB_I64_TYPE] = { 20, 0 },          [DB_I32_TYPE] = { 23, 0 },          [DB_I16_TYPE] = { 21, 0 },        [DB_BOOL_TYPE] = { 16, 0 },
  [DB_TEXT_TYPE] = { 25, 0 },         [DB_UUID_TYPE] = { 2950, 0 },       [DB_TS_TYPE] = { 1184, 0 },       [DB_DAY_TYPE] = { 1082, 0 },
  [DB_BYTES_TYPE] = { 17, 0 },        [DB_JSON_TYPE] = { 3802, 0 },       [DB_XID_TYPE] = { 5069, 0 },      [DB_I64_ARRAY_TYPE] = { 1016, 20 },
  [DB_TEXT_ARRAY_TYPE] = { 1009, 25 }, [DB_UUID_ARRAY_TYPE] = { 2951, 2950 },
};

guint32
tilld_db_type_oid (TilldDbType type)
{
  g_assert (type > DB_END_TYPE && type < DB_N_TYPES);
  return types[type].oid;
}

static void
put32 (GByteArray *out, guint32 value)
{
  value = GUINT32_TO_BE (value);
  g_byte_array_append (out, (const guint8 *) &value, sizeof value);
}

static void
put64 (GByteArray *out, guint64 value)
{
  value = GUINT64_TO_BE (value);
  g_byte_array_append (out, (const guint8 *) &value, sizeof value);
}

static void
put_array (GByteArray *out, const TilldDbParam *param)
{
  put32 (out, param->n == 0 ? 0 : 1); /* dimensions */
  put32 (out, 0);                     /* no NULLs inside */
  put32 (out, types[param->type].element);
  if (param->n == 0)
    return;
  put32 (out, (guint32) param->n);
  put32 (out, 1); /* lower bound */
  for (gsize i = 0; i < param->n; i++)
    switch (param->type)
      {
      case DB_I64_ARRAY_TYPE:
        put32 (out, 8);
        put64 (out, (guint64) ((const gint64 *) param->p)[i]);
        break;
      case DB_UUID_ARRAY_TYPE:
        put32 (out, 16);
        g_byte_array_append (out, ((const TillId *) param->p)[i].bytes, 16);
        break;
      default:
        {
          const char *text = ((const char *const *) param->p)[i];
          put32 (out, (guint32) strlen (text));
          g_byte_array_append (out, (const guint8 *) text, (guint) strlen (text));
        }
      }
}

guint
tilld_db_encode_fixed (guint8 *to, const TilldDbParam *param)
{
  gint64  value = param->i;
  guint64 wide;
  guint32 narrow;
  guint16 small;

  switch (param->type)
    {
    case DB_TS_TYPE:
      value -= PG_EPOCH_US;
      G_GNUC_FALLTHROUGH;
    case DB_I64_TYPE:
    case DB_XID_TYPE:
      wide = GUINT64_TO_BE ((guint64) value);
      memcpy (to, &wide, sizeof wide);
      return sizeof wide;
    case DB_DAY_TYPE:
      value -= PG_EPOCH_DAY;
      G_GNUC_FALLTHROUGH;
    case DB_I32_TYPE:
      g_assert (value >= G_MININT32 && value <= G_MAXINT32);
      narrow = GUINT32_TO_BE ((guint32) value);
      memcpy (to, &narrow, sizeof narrow);
      return sizeof narrow;
    case DB_I16_TYPE:
      g_assert (value >= G_MININT16 && value <= G_MAXINT16);
      small = GUINT16_TO_BE ((guint16) value);
      memcpy (to, &small, sizeof small);
      return sizeof small;
    case DB_BOOL_TYPE:
      *to = value != 0;
      return 1;
    case DB_UUID_TYPE:
      memcpy (to, ((const TillId *) param->p)->bytes, 16);
      return 16;
    default:
      return 0;
    }
}

void
tilld_db_encode_value (GByteArray *out, const TilldDbParam *param)
{
  guint8 fixed[TILLD_DB_FIXED_MAX];
  guint  n = tilld_db_encode_fixed (fixed, param);

  if (n > 0)
    {
      g_byte_array_append (out, fixed, n);
      return;
    }
  switch (param->type)
    {
    case DB_BYTES_TYPE:
      g_byte_array_append (out, param->p, (guint) param->n);
      break;
    case DB_JSON_TYPE:
      g_byte_array_append (out, (const guint8[]){ 1 }, 1); /* version of jsonb's binary form */
      g_byte_array_append (out, param->p, (guint) strlen (param->p));
      break;
    case DB_TEXT_TYPE:
      g_byte_array_append (out, param->p, (guint) strlen (param->p));
      break;
    default:
      put_array (out, param);
    }
}

void
tilld_db_encode (TilldDbEncoded *e, const TilldDbParam *params, guint n)
{
  gsize at[TILLD_DB_PARAMS_MAX];

  g_assert (n <= TILLD_DB_PARAMS_MAX);
  e->buf = g_byte_array_sized_new (256);
  e->n = (int) n;
  for (guint i = 0; i < n; i++)
    {
      at[i] = e->buf->len;
      if (!params[i].is_null)
        tilld_db_encode_value (e->buf, &params[i]);
      e->lengths[i] = (int) (e->buf->len - at[i]);
      e->formats[i] = 1;
      e->oids[i] = tilld_db_type_oid (params[i].type);
    }
  /* One byte more, so that an empty value at the end still has an address of its own: NULL would mean SQL NULL. */
  g_byte_array_append (e->buf, (const guint8[]){ 0 }, 1);
  for (guint i = 0; i < n; i++)
    e->values[i] = params[i].is_null ? NULL : (const char *) e->buf->data + at[i];
}

void
tilld_db_encoded_clear (TilldDbEncoded *e)
{
  g_clear_pointer (&e->buf, g_byte_array_unref);
}
