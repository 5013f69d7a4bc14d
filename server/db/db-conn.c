/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-conn.c: a libpq connection behind prepared statements. Knows no table. */
#define G_LOG_DOMAIN "tilld-db"
#include "config.h"
#include <poll.h>
#include <string.h>
#include "server/core/config.h"
#include "server/db/db-conn-private.h"
#include "server/db/db-error.h"
#include "server/db/db-rows-private.h"

struct _TilldDb {
  char       *conninfo, *application;
  char       *role;
  guint       statement_timeout_ms, lock_timeout_ms;
  gboolean    parallel;
  PGconn     *pg;
  GMutex      cancel_lock; /* guards cancel: the one member another thread may touch */
  PGcancel   *cancel;
  GHashTable *prepared; /* set of const TilldStatement* */
  char        sqlstate[6];
  guint64     affected;
  guint       fail_in;
  gboolean    in_transaction;
#if GRIDTILL_INJECT
  guint64     commits; /* bits of TilldInjectCommit */
#endif
};

static void
append_word (GString *out, const char *key, const char *value)
{
  g_string_append_printf (out, "%s='", key);
  for (; *value != '\0'; value++)
    {
      if (*value == '\'' || *value == '\\')
        g_string_append_c (out, '\\');
      g_string_append_c (out, *value);
    }
  g_string_append (out, "' ");
}

char *
tilld_db_conninfo (const TilldConfig *config, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);
  const char *host = tilld_config_text (config, "database", "host"), *file = tilld_config_text (config, "database", "password_file");
  g_autofree char *password = NULL;
  char number[24];

  append_word (out, "host", host[0] != '\0' ? host : tilld_config_text (config, "database", "socket_dir"));
  g_snprintf (number, sizeof number, "%d", (int) tilld_config_int (config, "database", "port"));
  append_word (out, "port", number);
  append_word (out, "dbname", tilld_config_text (config, "database", "name"));
  if (tilld_config_text (config, "database", "user")[0] != '\0')
    append_word (out, "user", tilld_config_text (config, "database", "user"));
  g_snprintf (number, sizeof number, "%d", (int) tilld_config_int (config, "database", "connect_timeout_s"));
  append_word (out, "connect_timeout", number);
  append_word (out, "client_encoding", "UTF8");
  append_word (out, "keepalives_idle", "30");
  if (file[0] != '\0')
    {
      if (!g_file_get_contents (file, &password, NULL, error))
        {
          g_prefix_error (error, "database.password_file: ");
          return NULL;
        }
      append_word (out, "password", g_strchomp (password));
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

TilldDb *
tilld_db_new (const TilldDbOptions *options)
{
  TilldDb *db = g_new0 (TilldDb, 1);

  db->conninfo = g_strdup (options->conninfo);
  db->application = g_strdup (options->application != NULL ? options->application : "gridtilld");
  db->statement_timeout_ms = options->statement_timeout_ms;
  db->lock_timeout_ms = options->lock_timeout_ms;
  db->parallel = options->parallel;
  db->role = g_strdup (options->role);
  db->prepared = g_hash_table_new (NULL, NULL);
  g_mutex_init (&db->cancel_lock);
  return db;
}

void
tilld_db_disconnect (TilldDb *db)
{
  g_mutex_lock (&db->cancel_lock);
  g_clear_pointer (&db->cancel, PQfreeCancel);
  g_mutex_unlock (&db->cancel_lock);
  g_clear_pointer (&db->pg, PQfinish);
  g_hash_table_remove_all (db->prepared);
}

void
tilld_db_free (TilldDb *db)
{
  if (db == NULL)
    return;
  tilld_db_disconnect (db);
  g_hash_table_unref (db->prepared);
  g_mutex_clear (&db->cancel_lock);
  g_free (db->conninfo);
  g_free (db->application);
  g_free (db->role);
  g_free (db);
}

static void
ignore_notice (void *data, const PGresult *result)
{
}

gboolean
tilld_db_connect (TilldDb *db, GError **error)
{
  g_autofree char *conninfo = NULL;

  if (db->pg != NULL && PQstatus (db->pg) == CONNECTION_OK)
    return TRUE;
  tilld_db_disconnect (db);
  /* jit: compiled for one execution, it costs half a second wherever a table without statistics makes an estimate silly. */
  conninfo = g_strdup_printf ("%s application_name='%s' options='-c statement_timeout=%u -c lock_timeout=%u "
                              "-c idle_in_transaction_session_timeout=10000 -c jit=off%s -c timezone=UTC -c datestyle=ISO%s%s'",
                              db->conninfo, db->application, db->statement_timeout_ms, db->lock_timeout_ms,
                              db->parallel ? "" : " -c max_parallel_workers_per_gather=0", db->role != NULL ? " -c role=" : "",
                              db->role != NULL ? db->role : "");
  db->pg = PQconnectdb (conninfo);
  if (PQstatus (db->pg) != CONNECTION_OK)
    {
      g_autofree char *message = g_strdup (PQerrorMessage (db->pg));
      tilld_db_disconnect (db);
      return till_fail (error, TILL_ERROR_BUSY, "the database is not reachable: %s", g_strchomp (message));
    }
  PQsetNoticeReceiver (db->pg, ignore_notice, NULL);
  g_mutex_lock (&db->cancel_lock);
  db->cancel = PQgetCancel (db->pg);
  g_mutex_unlock (&db->cancel_lock);
  return TRUE;
}

gboolean
tilld_db_is_connected (TilldDb *db)
{
  return db->pg != NULL && PQstatus (db->pg) == CONNECTION_OK;
}

void
tilld_db_cancel (TilldDb *db)
{
  char message[256];

  g_mutex_lock (&db->cancel_lock);
  if (db->cancel != NULL)
    PQcancel (db->cancel, message, sizeof message);
  g_mutex_unlock (&db->cancel_lock);
}

void
tilld_db_fail_nth (TilldDb *db, guint n)
{
  db->fail_in = n;
}

PGconn *
tilld_db_pg (TilldDb *db)
{
  return db->pg;
}

const char *
tilld_db_last_sqlstate (TilldDb *db)
{
  return db->sqlstate;
}

void
tilld_db_clear_sqlstate (TilldDb *db)
{
  db->sqlstate[0] = '\0';
}

void
tilld_db_pause_ms (int ms)
{
  poll (NULL, 0, ms);
}

void
tilld_db_set_in_transaction (TilldDb *db, gboolean in_transaction)
{
  db->in_transaction = in_transaction;
}

#if GRIDTILL_INJECT
void
tilld_db_name_commit (TilldDb *db, guint64 bit)
{
  g_assert (db->in_transaction);
  db->commits |= bit;
}

guint64
tilld_db_commit_names (TilldDb *db)
{
  guint64 names = db->commits;

  db->commits = 0;
  return names;
}
#endif

gboolean
tilld_db_in_transaction (TilldDb *db)
{
  return db->in_transaction;
}

guint64
tilld_db_affected (TilldDb *db)
{
  return db->affected;
}

gboolean
tilld_db_take (TilldDb *db, PGresult *result, PGresult **ret_result, GError **error)
{
  ExecStatusType status = PQresultStatus (result); /* of NULL: fatal error */

  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN)
    {
      db->affected = g_ascii_strtoull (PQcmdTuples (result), NULL, 10);
      *ret_result = result;
      return TRUE;
    }
  g_strlcpy (db->sqlstate, PQresultErrorField (result, PG_DIAG_SQLSTATE) != NULL ? PQresultErrorField (result, PG_DIAG_SQLSTATE) : "", sizeof db->sqlstate);
  tilld_db_error_set (error, db->sqlstate, PQresultErrorField (result, PG_DIAG_CONSTRAINT_NAME), PQresultErrorField (result, PG_DIAG_MESSAGE_PRIMARY));
  PQclear (result);
  /* A server that stops says so before libpq sees the end of the stream. */
  if (PQstatus (db->pg) != CONNECTION_OK || g_str_has_prefix (db->sqlstate, "57P") || db->sqlstate[0] == '\0')
    tilld_db_disconnect (db);
  return FALSE;
}

/* Connected and not told to fail. Inside a transaction a lost connection is not replaced: its work is gone. */
static gboolean
ready (TilldDb *db, GError **error)
{
  if (db->fail_in > 0 && --db->fail_in == 0)
    return till_fail (error, TILL_ERROR_BUSY, "planned failure");
  if (db->in_transaction && !tilld_db_is_connected (db))
    return till_fail (error, TILL_ERROR_BUSY, "the connection was lost inside a transaction");
  return tilld_db_connect (db, error);
}

gboolean
tilld_db_command (TilldDb *db, const char *constant_sql, GError **error)
{
  PGresult *result = NULL;

  if (!ready (db, error) || !tilld_db_take (db, PQexec (db->pg, constant_sql), &result, error))
    return FALSE;
  PQclear (result);
  return TRUE;
}

static gboolean
prepare (TilldDb *db, const TilldStatement *statement, GError **error)
{
  guint n = tilld_statement_n_params (statement);
  Oid oids[TILLD_DB_PARAMS_MAX];
  PGresult *result = NULL;

  for (guint i = 0; i < n; i++)
    oids[i] = tilld_db_type_oid (statement->params[i]);
  if (!tilld_db_take (db, PQprepare (db->pg, statement->name, tilld_statement_sql (statement), (int) n, oids), &result, error))
    {
      g_prefix_error (error, "statement %s: ", statement->name);
      return FALSE;
    }
  PQclear (result);
  g_hash_table_add (db->prepared, (gpointer) statement);
  return TRUE;
}

gboolean
tilld_db_prepare (TilldDb *db, const TilldStatement *statement, GError **error)
{
  PGresult *result = NULL;
  gboolean ok = TRUE;
  guint n = tilld_statement_n_columns (statement);

  if (!ready (db, error) || (!g_hash_table_contains (db->prepared, statement) && !prepare (db, statement, error)) ||
      !tilld_db_take (db, PQdescribePrepared (db->pg, statement->name), &result, error))
    return FALSE;
  if ((guint) PQnparams (result) != tilld_statement_n_params (statement) || (guint) PQnfields (result) != n)
    ok = till_fail (error, TILL_ERROR_INTERNAL, "statement %s: %d parameters and %d columns, declared %u and %u", statement->name, PQnparams (result),
                    PQnfields (result), tilld_statement_n_params (statement), n);
  for (guint i = 0; ok && i < n; i++)
    if (strcmp (PQfname (result, (int) i), statement->columns[i].name) != 0 || PQftype (result, (int) i) != tilld_db_type_oid (statement->columns[i].type))
      ok = till_fail (error, TILL_ERROR_INTERNAL, "statement %s: column %u is %s of type %u, declared %s of type %u", statement->name, i,
                      PQfname (result, (int) i), PQftype (result, (int) i), statement->columns[i].name,
                      tilld_db_type_oid (statement->columns[i].type));
  PQclear (result);
  return ok;
}

static gboolean
finish (TilldDb *db, PGresult *result, const TilldStatement *shape, TilldRows **ret_rows, GError **error)
{
  PGresult *good = NULL;
  TilldRows *rows;

  if (!tilld_db_take (db, result, &good, error))
    {
      g_prefix_error (error, "%s: ", shape->name);
      return FALSE;
    }
  if (ret_rows == NULL)
    {
      PQclear (good);
      return TRUE;
    }
  rows = tilld_rows_new (good, shape, error);
  if (rows == NULL)
    return FALSE;
  *ret_rows = rows;
  return TRUE;
}

gboolean
tilld_db_exec (TilldDb *db, const TilldStatement *statement, const TilldDbParam *params, guint n, TilldRows **ret_rows, GError **error)
{
  TilldDbEncoded e;
  PGresult *result;

  g_assert (n == tilld_statement_n_params (statement));
  for (guint i = 0; i < n; i++)
    g_assert (params[i].type == statement->params[i]);
  if (!ready (db, error) || (!g_hash_table_contains (db->prepared, statement) && !prepare (db, statement, error)))
    return FALSE;
  tilld_db_encode (&e, params, n);
  result = PQexecPrepared (db->pg, statement->name, e.n, e.values, e.lengths, e.formats, 1);
  tilld_db_encoded_clear (&e);
  return finish (db, result, statement, ret_rows, error);
}

gboolean
tilld_db_exec_text (TilldDb *db, TilldDbText text, const TilldDbParam *params, guint n, TilldRows **ret_rows, GError **error)
{
  TilldDbEncoded e;
  PGresult *result;

  if (!ready (db, error))
    return FALSE;
  tilld_db_encode (&e, params, n);
  result = PQexecParams (db->pg, text.sql, e.n, e.oids, e.values, e.lengths, e.formats, 1);
  tilld_db_encoded_clear (&e);
  return finish (db, result, text.shape, ret_rows, error);
}
