/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-param.h: typed parameters of statements, sent in binary. Pointers are borrowed for the call. Time is TillTime (0 = NULL for
 * DB_TS_OR_NULL), days TillDay, money and energy plain int64. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

typedef enum {
  DB_END_TYPE = 0, /* ends the lists of a statement */
  DB_I64_TYPE,
  DB_I32_TYPE,
  DB_I16_TYPE,
  DB_BOOL_TYPE,
  DB_TEXT_TYPE,
  DB_UUID_TYPE,
  DB_TS_TYPE,
  DB_DAY_TYPE,
  DB_BYTES_TYPE,
  DB_JSON_TYPE, /* jsonb, as text on our side */
  DB_XID_TYPE,  /* xid8 */
  DB_I64_ARRAY_TYPE,
  DB_TEXT_ARRAY_TYPE,
  DB_UUID_ARRAY_TYPE,
  DB_N_TYPES
} TilldDbType;

typedef struct {
  TilldDbType type;
  gboolean    is_null;
  gint64      i;
  const void *p;
  gsize       n; /* bytes of p, or elements of an array */
} TilldDbParam;

#define DB_I64(x)          ((TilldDbParam){ DB_I64_TYPE, FALSE, (x), NULL, 0 })
#define DB_I32(x)          ((TilldDbParam){ DB_I32_TYPE, FALSE, (x), NULL, 0 })
#define DB_I16(x)          ((TilldDbParam){ DB_I16_TYPE, FALSE, (x), NULL, 0 })
#define DB_BOOL(x)         ((TilldDbParam){ DB_BOOL_TYPE, FALSE, (x) ? 1 : 0, NULL, 0 })
#define DB_TEXT(s)         ((TilldDbParam){ DB_TEXT_TYPE, (s) == NULL, 0, (s), 0 }) /* NULL -> NULL */
#define DB_JSON(s)         ((TilldDbParam){ DB_JSON_TYPE, (s) == NULL, 0, (s), 0 })
#define DB_UUID(id)        ((TilldDbParam){ DB_UUID_TYPE, (id) == NULL, 0, (id), 0 }) /* const TillId * */
#define DB_TS(t)           ((TilldDbParam){ DB_TS_TYPE, FALSE, (t), NULL, 0 })
#define DB_TS_OR_NULL(t)   ((TilldDbParam){ DB_TS_TYPE, (t) == 0, (t), NULL, 0 })
#define DB_DAY(d)          ((TilldDbParam){ DB_DAY_TYPE, FALSE, (d), NULL, 0 })
#define DB_BYTES(b, len)   ((TilldDbParam){ DB_BYTES_TYPE, (b) == NULL, 0, (b), (len) })
#define DB_XID(x)          ((TilldDbParam){ DB_XID_TYPE, FALSE, (gint64) (x), NULL, 0 })
#define DB_I64_ARRAY(a, c)  ((TilldDbParam){ DB_I64_ARRAY_TYPE, FALSE, 0, (a), (c) })  /* const gint64 * */
#define DB_TEXT_ARRAY(a, c) ((TilldDbParam){ DB_TEXT_ARRAY_TYPE, FALSE, 0, (a), (c) }) /* const char *const * */
#define DB_UUID_ARRAY(a, c) ((TilldDbParam){ DB_UUID_ARRAY_TYPE, FALSE, 0, (a), (c) }) /* const TillId * */
#define DB_I64_IF(known, x) ((TilldDbParam){ DB_I64_TYPE, !(known), (x), NULL, 0 })    /* NULL unless known */
#define DB_I32_IF(known, x) ((TilldDbParam){ DB_I32_TYPE, !(known), (x), NULL, 0 })
#define DB_I16_IF(known, x) ((TilldDbParam){ DB_I16_TYPE, !(known), (x), NULL, 0 })

/* DB_TEXT of an array, which is never NULL. */
static inline TilldDbParam
tilld_db_text (const char *text)
{
  return DB_TEXT (text);
}

#define TILLD_DB_PARAMS_MAX 48

/* PostgreSQL's oid of a type. */
guint32 tilld_db_type_oid (TilldDbType type);
/* What libpq wants of n parameters: values point into buf or into the caller's data. */
typedef struct {
  GByteArray *buf;
  const char *values[TILLD_DB_PARAMS_MAX];
  int         lengths[TILLD_DB_PARAMS_MAX];
  int         formats[TILLD_DB_PARAMS_MAX];
  guint32     oids[TILLD_DB_PARAMS_MAX];
  int         n;
} TilldDbEncoded;

void tilld_db_encode (TilldDbEncoded *ret_encoded, const TilldDbParam *params, guint n);
void tilld_db_encoded_clear (TilldDbEncoded *encoded);
/* Binary form of one value appended to out without its length: shared with binary COPY. */
void tilld_db_encode_value (GByteArray *out, const TilldDbParam *param);
/* The same for a value of a type of fixed width, to room for TILLD_DB_FIXED_MAX bytes. Returns bytes written; 0: of another type. */
#define TILLD_DB_FIXED_MAX 16
guint tilld_db_encode_fixed (guint8 *to, const TilldDbParam *param);

G_END_DECLS
