/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-migrate.c: applies server/sql, which is embedded in the program. Files are applied as they are: no BEGIN inside, none edited
 * once released. */
#define G_LOG_DOMAIN "tilld-db"
#include "config.h"
#include <gio/gio.h>
#include "server/db/db-migrate.h"
#include "server/db/db-tx.h"

/* Of the generated resource file. */
GResource *tilld_sql_get_resource (void);

#define ROOT "/org/gridtill/sql/"

/* The table cannot be prepared for before it exists: these three run before anything else and are not registered. */
static const char ensure_table[] =
  "CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now ())";
static const TilldStatement list_applied = { /* lint: statement, runs before there is a schema */
  .name = "migration-list", .sql = "SELECT name, sha256 FROM migration ORDER BY name",
  .columns = { { "name", DB_TEXT_TYPE }, { "sha256", DB_TEXT_TYPE } },
};
static const TilldStatement note_applied = { /* lint: statement, runs before there is a schema */
  .name = "migration-note",
  .sql = "INSERT INTO migration (name, sha256) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, applied_at = now ()",
  .params = { DB_TEXT_TYPE, DB_TEXT_TYPE },
};
static const TilldStatement table_exists = { /* lint: statement, runs before there is a schema */
  .name = "migration-exists", .sql = "SELECT to_regclass ('migration') IS NOT NULL AS there", .columns = { { "there", DB_BOOL_TYPE } },
};

typedef struct { char *name; const char *sql; char *sha256; } File;

static void
file_clear (gpointer data)
{
  File *file = data;

  g_free (file->name);
  g_free (file->sha256);
}

const char *
tilld_db_resource (const char *path)
{
  g_autofree char *full = g_strconcat (ROOT, path, NULL);
  g_autoptr (GBytes) bytes = g_resource_lookup_data (tilld_sql_get_resource (), full, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

  return bytes != NULL ? g_bytes_get_data (bytes, NULL) : NULL; /* static, ends with NUL */
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (((const File *) a)->name, ((const File *) b)->name);
}

/* Files of a folder, in order of name: "migrations/0001-plant.sql". */
static GArray *
files_of (const char *folder)
{
  g_autofree char *full = g_strconcat (ROOT, folder, NULL);
  g_auto (GStrv) names = g_resource_enumerate_children (tilld_sql_get_resource (), full, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  GArray *files = g_array_new (FALSE, TRUE, sizeof (File));

  g_array_set_clear_func (files, file_clear);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      File file = { .name = g_strconcat (folder, "/", names[i], NULL) };

      file.sql = tilld_db_resource (file.name);
      file.sha256 = g_compute_checksum_for_string (G_CHECKSUM_SHA256, file.sql, -1);
      g_array_append_val (files, file);
    }
  g_array_sort (files, by_name);
  return files;
}

static gboolean
applied (TilldDb *db, GHashTable **ret_applied, GError **error)
{
  g_autoptr (TilldRows) there = NULL;
  g_autoptr (TilldRows) rows = NULL;
  GHashTable *table;

  if (!tilld_db_exec (db, &table_exists, NULL, 0, &there, error))
    return FALSE;
  table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (tilld_row_bool (there, 0, "there"))
    {
      if (!tilld_db_exec (db, &list_applied, NULL, 0, &rows, error))
        {
          g_hash_table_unref (table);
          return FALSE;
        }
      for (guint i = 0; i < tilld_rows_count (rows); i++)
        g_hash_table_insert (table, tilld_row_dup_text (rows, i, "name"), tilld_row_dup_text (rows, i, "sha256"));
    }
  *ret_applied = table;
  return TRUE;
}

/* History is never edited: every applied migration must be here, unchanged. */
static gboolean
check_history (GHashTable *done, GArray *files, GError **error)
{
  GHashTableIter iter;
  gpointer name, sha256;

  g_hash_table_iter_init (&iter, done);
  while (g_hash_table_iter_next (&iter, &name, &sha256))
    {
      gboolean found = !g_str_has_prefix (name, "migrations/");

      for (guint i = 0; i < files->len && !found; i++)
        {
          const File *file = &g_array_index (files, File, i);
          if (strcmp (file->name, name) != 0)
            continue;
          if (strcmp (file->sha256, sha256) != 0)
            return till_fail (error, TILL_ERROR_CONFLICT, "%s was changed after it was applied to this database", file->name);
          found = TRUE;
        }
      if (!found)
        return till_fail (error, TILL_ERROR_CONFLICT, "this database is newer than this program: it has %s", (const char *) name);
    }
  return TRUE;
}

static gboolean
apply_file (TilldDb *db, gpointer data, GError **error)
{
  const File *file = data;

  if (!tilld_db_command (db, file->sql, error))
    {
      g_prefix_error (error, "%s: ", file->name);
      return FALSE;
    }
  return tilld_db_query (db, &note_applied, NULL, error, DB_TEXT (file->name), DB_TEXT (file->sha256));
}

static gboolean
apply_missing (TilldDb *db, GArray *files, GHashTable *done, guint *ret_n, GError **error)
{
  for (guint i = 0; i < files->len; i++)
    {
      File *file = &g_array_index (files, File, i);

      if (g_strcmp0 (g_hash_table_lookup (done, file->name), file->sha256) == 0)
        continue;
      if (!tilld_tx_run (db, TILLD_READ_COMMITTED, apply_file, file, error))
        return FALSE;
      (*ret_n)++;
    }
  return TRUE;
}

gboolean
tilld_db_migrate (TilldDb *db, guint *ret_applied, GError **error)
{
  g_autoptr (GArray) migrations = files_of ("migrations");
  g_autoptr (GArray) functions = files_of ("functions");
  g_autoptr (GHashTable) done = NULL;
  guint n = 0, ignored = 0;
  gboolean ok;

  /* Class 1 of advisory locks: the schema. Held by the session, so that two starts wait for each other. */
  if (!tilld_db_command (db, "SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock (1, 0)", error))
    return FALSE;
  ok = tilld_db_command (db, "SET client_min_messages = warning", error) && tilld_db_command (db, ensure_table, error) &&
       applied (db, &done, error) && check_history (done, migrations, error) && apply_missing (db, migrations, done, &n, error);
  if (n > 0) /* what functions say of the schema, grants above all, is said anew */
    g_hash_table_remove_all (done);
  ok = ok && apply_missing (db, functions, done, &ignored, error);
  if (tilld_db_is_connected (db))
    tilld_db_command (db, "SELECT pg_advisory_unlock (1, 0)", NULL);
  if (ok && ret_applied != NULL)
    *ret_applied = n;
  return ok;
}

gboolean
tilld_db_check_schema (TilldDb *db, GError **error)
{
  g_autoptr (GArray) migrations = files_of ("migrations");
  g_autoptr (GArray) functions = files_of ("functions");
  g_autoptr (GHashTable) done = NULL;

  if (!applied (db, &done, error) || !check_history (done, migrations, error))
    return FALSE;
  for (guint pass = 0; pass < 2; pass++)
    {
      GArray *files = pass == 0 ? migrations : functions;
      for (guint i = 0; i < files->len; i++)
        if (g_strcmp0 (g_hash_table_lookup (done, g_array_index (files, File, i).name), g_array_index (files, File, i).sha256) != 0)
          return till_fail (error, TILL_ERROR_CONFLICT, "this database is older than this program: %s is missing; run gridtilld migrate",
                            g_array_index (files, File, i).name);
    }
  return TRUE;
}
