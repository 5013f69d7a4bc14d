/* SPDX-License-Identifier: GPL-2.0-or-later
 * second-factor.c: the code of an authenticator beside the password. */
#include "server/domain/office/second-factor.h"
#include <string.h>
#include "server/crypto/mac.h"
#include "server/crypto/totp.h"
#include "server/domain/office/audit.h"

static const TilldStatement find = {
  .name = "second-factor-find",
  .sql = "SELECT totp, totp_on, totp_step FROM operator WHERE id = $1 FOR UPDATE",
  .params = { DB_I64_TYPE },
  .columns = { { "totp", DB_BYTES_TYPE, DB_NULL_OK }, { "totp_on", DB_BOOL_TYPE }, { "totp_step", DB_I64_TYPE } },
};
TILLD_STATEMENT (find)

static const TilldStatement begin = {
  .name = "second-factor-begin",
  .sql = "UPDATE operator SET totp = $2, totp_step = 0 WHERE id = $1 AND NOT totp_on RETURNING id",
  .params = { DB_I64_TYPE, DB_BYTES_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (begin)

static const TilldStatement take = {
  .name = "second-factor-take",
  .sql = "UPDATE operator SET totp_step = $2, totp_on = true WHERE id = $1",
  .params = { DB_I64_TYPE, DB_I64_TYPE },
};
TILLD_STATEMENT (take)

static char *
owner_of (gint64 operator_id)
{
  return g_strdup_printf ("totp:%" G_GINT64_FORMAT, operator_id);
}

static gboolean
log_it (TilldDb *db, const TilldActor *who, const char *action, GError **error)
{
  g_autofree char *object = g_strdup_printf ("operator:%" G_GINT64_FORMAT, who->operator_id);

  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = action, .object = object }, error);
}

gboolean
tilld_second_factor_begin (TilldDb *db, const TilldActor *who, TilldKeyFile *keys, char **ret_secret, GError **error)
{
  g_autofree char *owner = owner_of (who->operator_id);
  g_autoptr (TilldRows) rows = NULL;
  g_autoptr (GBytes) wrapped = NULL;
  guint8 secret[TILLD_TOTP_SECRET];
  char *text;

  g_assert (tilld_actor_is_set (who));
  tilld_random (secret, sizeof secret);
  wrapped = tilld_key_file_wrap (keys, owner, secret, sizeof secret);
  text = tilld_base32 (secret, sizeof secret);
  tilld_wipe (secret, sizeof secret);
  if (tilld_db_query (db, &begin, &rows, error, DB_I64 (who->operator_id), DB_BYTES (g_bytes_get_data (wrapped, NULL), g_bytes_get_size (wrapped))) &&
      (tilld_rows_count (rows) == 1 || till_fail (error, TILL_ERROR_CONFLICT, "a second factor is in use: an administrator takes it away first")) &&
      log_it (db, who, "operator.totp-begin", error))
    {
      *ret_secret = text;
      return TRUE;
    }
  tilld_wipe (text, strlen (text));
  g_free (text);
  return FALSE;
}

/* *ret_step 0: it is not the code of now. */
static gboolean
match (TilldRows *rows, gint64 operator_id, TilldKeyFile *keys, const char *code, TillTime now, gint64 *ret_step, GError **error)
{
  g_autofree char *owner = owner_of (operator_id);
  g_autoptr (GBytes) bytes = NULL;
  gsize len = 0;
  const guint8 *wrapped = tilld_row_bytes (rows, 0, "totp", &len);
  guint8 secret[TILLD_TOTP_SECRET];

  bytes = tilld_key_file_unwrap (keys, owner, wrapped, len, error);
  if (bytes == NULL)
    return FALSE;
  if (g_bytes_get_size (bytes) != sizeof secret)
    return till_fail (error, TILL_ERROR_INTERNAL, "the second factor of operator %" G_GINT64_FORMAT " is broken", operator_id);
  memcpy (secret, g_bytes_get_data (bytes, NULL), sizeof secret);
  *ret_step = tilld_totp_find (secret, code, now / TILL_SECOND, tilld_row_i64 (rows, 0, "totp_step"));
  tilld_wipe (secret, sizeof secret);
  return TRUE;
}

static gboolean
refuse (GError **error, TillError code, const char *member, const char *reason)
{
  till_fail (error, code, "%s", reason);
  if (error != NULL)
    till_error_add_field (*error, member, reason);
  return FALSE;
}

gboolean
tilld_second_factor_confirm (TilldDb *db, const TilldActor *who, TilldKeyFile *keys, const char *code, TillTime now, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  gint64 step = 0;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_db_query (db, &find, &rows, error, DB_I64 (who->operator_id)))
    return FALSE;
  if (tilld_rows_count (rows) != 1 || tilld_row_is_null (rows, 0, "totp") || tilld_row_bool (rows, 0, "totp_on"))
    return till_fail (error, TILL_ERROR_CONFLICT, "no second factor waits for its first code");
  if (!match (rows, who->operator_id, keys, code, now, &step, error))
    return FALSE;
  if (step == 0)
    return refuse (error, TILL_ERROR_INVALID, "code", "must be the code that the authenticator shows now");
  return tilld_db_query (db, &take, NULL, error, DB_I64 (who->operator_id), DB_I64 (step)) && log_it (db, who, "operator.totp", error);
}

gboolean
tilld_second_factor_check (TilldDb *db, gint64 operator_id, TilldKeyFile *keys, const char *code, TillTime now, gboolean *ret_guessed, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  gint64 step = 0;

  *ret_guessed = FALSE;
  if (!tilld_db_query (db, &find, &rows, error, DB_I64 (operator_id)))
    return FALSE;
  if (tilld_rows_count (rows) != 1 || !tilld_row_bool (rows, 0, "totp_on"))
    return TRUE;
  if (code == NULL)
    return refuse (error, TILL_ERROR_UNAUTHENTICATED, "totp", "the code of the authenticator is needed");
  if (!match (rows, operator_id, keys, code, now, &step, error))
    return FALSE;
  *ret_guessed = step == 0;
  if (step == 0)
    return refuse (error, TILL_ERROR_UNAUTHENTICATED, "totp", "this is not the code of now, or it was used already");
  return tilld_db_query (db, &take, NULL, error, DB_I64 (operator_id), DB_I64 (step));
}
