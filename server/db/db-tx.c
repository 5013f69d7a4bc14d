/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-tx.c: BEGIN, work, COMMIT or ROLLBACK, and the only retry of the house. */
#define G_LOG_DOMAIN "tilld-db"
#include "config.h"
#include "server/db/db-conn-private.h"
#include "server/db/db-error.h"
#include "server/db/db-tx.h"

#define TRIES 5

static const char *const begins[] = {
  [TILLD_READ_COMMITTED] = "BEGIN",
  [TILLD_REPEATABLE_READ_ONLY] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
};

#if GRIDTILL_INJECT
static gboolean
commit (TilldDb *db, GError **error)
{
  guint64 names = tilld_db_commit_names (db);

  tilld_inject_commit (names, FALSE);
  if (!tilld_db_command (db, "COMMIT", error))
    return FALSE;
  tilld_inject_commit (names, TRUE);
  return TRUE;
}
#else
static gboolean
commit (TilldDb *db, GError **error)
{
  return tilld_db_command (db, "COMMIT", error);
}
#endif

static gboolean
run_once (TilldDb *db, TilldIsolation isolation, TilldTxFunc fn, gpointer data, GError **error)
{
  gboolean ok;

  if (!tilld_db_command (db, begins[isolation], error))
    return FALSE;
  tilld_db_set_in_transaction (db, TRUE);
  ok = fn (db, data, error) && commit (db, error);
#if GRIDTILL_INJECT
  tilld_db_commit_names (db); /* of a transaction that failed */
#endif
  tilld_db_set_in_transaction (db, FALSE);
  if (ok)
    return TRUE;
  g_assert (error == NULL || *error != NULL); /* a failing function says why */
  if (tilld_db_is_connected (db) && !tilld_db_command (db, "ROLLBACK", NULL))
    tilld_db_disconnect (db);
  return FALSE;
}

gboolean
tilld_tx_run (TilldDb *db, TilldIsolation isolation, TilldTxFunc fn, gpointer data, GError **error)
{
  g_assert (!tilld_db_in_transaction (db));
  for (guint try = 1;; try++)
    {
      g_autoptr (GError) local = NULL;

      tilld_db_clear_sqlstate (db);
      if (run_once (db, isolation, fn, data, &local))
        return TRUE;
      if (try == TRIES || !tilld_db_error_is_transient (tilld_db_last_sqlstate (db)))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      /* A short jitter, so that two that met do not meet again. */
      tilld_db_pause_ms (g_random_int_range (1, 5 << try));
    }
}
