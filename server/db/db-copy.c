/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-copy.c: binary COPY in, in blocks of 64 KiB. Format: PostgreSQL manual, "COPY", binary format. */
#define G_LOG_DOMAIN "tilld-db"
#include "config.h"
#include "server/db/db-conn-private.h"
#include "server/db/db-copy.h"

#define BLOCK       65536
#define NULL_LENGTH 0xffffffff

static const guint8 signature[] = { 'P', 'G', 'C', 'O', 'P', 'Y', '\n', 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0 };

struct _TilldCopy {
  TilldDb    *db;
  GByteArray *block;
};

static void
put_length (guint8 *at, guint32 length)
{
  length = GUINT32_TO_BE (length);
  memcpy (at, &length, sizeof length);
}

static gboolean
send_block (TilldCopy *copy, GError **error)
{
  if (PQputCopyData (tilld_db_pg (copy->db), (const char *) copy->block->data, (int) copy->block->len) != 1)
    {
      tilld_db_disconnect (copy->db);
      return till_fail (error, TILL_ERROR_BUSY, "the connection was lost during COPY");
    }
  g_byte_array_set_size (copy->block, 0);
  return TRUE;
}

TilldCopy *
tilld_copy_begin (TilldDb *db, const char *head, GError **error)
{
  TilldCopy *copy;

  if (!tilld_db_command (db, head, error))
    return NULL;
  copy = g_new0 (TilldCopy, 1);
  copy->db = db;
  copy->block = g_byte_array_sized_new (BLOCK + 4096);
  g_byte_array_append (copy->block, signature, sizeof signature);
  return copy;
}

static void
put_variable (GByteArray *out, const TilldDbParam *value)
{
  guint at = out->len;

  g_byte_array_set_size (out, at + 4);
  tilld_db_encode_value (out, value);
  put_length (out->data + at, out->len - at - 4);
}

gboolean
tilld_copy_row (TilldCopy *copy, const TilldDbParam *values, guint n, GError **error)
{
  GByteArray   *out = copy->block;
  const guint16 columns = GUINT16_TO_BE ((guint16) n);

  g_byte_array_append (out, (const guint8 *) &columns, sizeof columns);
  for (guint i = 0; i < n;)
    {
      /* Rows of readings have fixed widths: into room made once, for a growing array asks for each value whether it must grow. */
      guint   at = out->len, length = 0;
      guint8 *to;

      g_byte_array_set_size (out, at + (n - i) * (4 + TILLD_DB_FIXED_MAX));
      for (to = out->data + at; i < n; i++, to += 4 + length)
        {
          length = values[i].is_null ? 0 : tilld_db_encode_fixed (to + 4, &values[i]);
          if (length == 0 && !values[i].is_null)
            break;
          put_length (to, values[i].is_null ? NULL_LENGTH : length);
        }
      g_byte_array_set_size (out, (guint) (to - out->data));
      if (i < n)
        put_variable (out, &values[i++]);
    }
  return out->len < BLOCK || send_block (copy, error);
}

static void
copy_free (TilldCopy *copy)
{
  g_byte_array_unref (copy->block);
  g_free (copy);
}

/* The answers after the end of the data: one for COPY, then nothing. */
static gboolean
drain (TilldDb *db, GError **error)
{
  PGresult *result = PQgetResult (tilld_db_pg (db)), *good = NULL;
  gboolean ok = tilld_db_take (db, result, &good, error);

  g_clear_pointer (&good, PQclear);
  while (tilld_db_is_connected (db) && (result = PQgetResult (tilld_db_pg (db))) != NULL)
    PQclear (result);
  return ok;
}

gboolean
tilld_copy_end (TilldCopy *copy, GError **error)
{
  TilldDb *db = copy->db;
  gboolean ok;

  g_byte_array_append (copy->block, (const guint8[]){ 0xff, 0xff }, 2);
  ok = send_block (copy, error);
  copy_free (copy);
  if (!ok)
    return FALSE;
  if (PQputCopyEnd (tilld_db_pg (db), NULL) != 1)
    {
      tilld_db_disconnect (db);
      return till_fail (error, TILL_ERROR_BUSY, "the connection was lost during COPY");
    }
  return drain (db, error);
}

void
tilld_copy_abort (TilldCopy *copy)
{
  if (copy == NULL)
    return;
  if (tilld_db_is_connected (copy->db) && PQputCopyEnd (tilld_db_pg (copy->db), "given up") == 1)
    drain (copy->db, NULL);
  copy_free (copy);
}
