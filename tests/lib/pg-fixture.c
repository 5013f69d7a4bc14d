/* SPDX-License-Identifier: GPL-2.0-or-later
 * pg-fixture.c: see pg-fixture.h. As root the cluster runs as user postgres (or nobody), because PostgreSQL refuses root. Ends only the
 * server it started, by its own data folder. */
#define G_LOG_DOMAIN "test-pg"
#include "config.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "server/core/config.h"
#include "server/db/db-migrate.h"
#include "tests/lib/pg-fixture.h"

#define OWNER "gridtill_owner"

static char *folder, *bin;
static int counter;

static char *
find_bin (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/usr/lib/postgresql", 0, NULL);
  const char *name;
  int best = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *initdb = g_build_filename ("/usr/lib/postgresql", name, "bin/initdb", NULL);
      if (g_file_test (initdb, G_FILE_TEST_IS_EXECUTABLE) && (int) g_ascii_strtoll (name, NULL, 10) > best)
        best = (int) g_ascii_strtoll (name, NULL, 10);
    }
  return best > 0 ? g_strdup_printf ("/usr/lib/postgresql/%d/bin", best) : g_strdup ("/usr/bin");
}

/* In the child: out of root, into a folder that the other user may be in. */
static void
drop_root (gpointer data)
{
  const struct passwd *user = data;

  if (user != NULL && (setgid (user->pw_gid) != 0 || setuid (user->pw_uid) != 0))
    _exit (126);
}

static const struct passwd *
other_user (void)
{
  const struct passwd *user;

  if (getuid () != 0)
    return NULL;
  user = getpwnam ("postgres");
  return user != NULL ? user : getpwnam ("nobody");
}

static void
run (const char *program, const char *const *arguments)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *out = NULL, *err = NULL;
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_ptr_array_add (argv, g_build_filename (bin, program, NULL));
  for (; *arguments != NULL; arguments++)
    g_ptr_array_add (argv, g_strdup (*arguments));
  g_ptr_array_add (argv, NULL);
  if (!g_spawn_sync ("/", (char **) argv->pdata, NULL, G_SPAWN_DEFAULT, drop_root, (gpointer) other_user (), &out, &err, &status, &error) ||
      !g_spawn_check_wait_status (status, &error))
    g_error ("%s: %s\n%s%s", program, error->message, out != NULL ? out : "", err != NULL ? err : "");
}

void
test_pg_start (void)
{
  g_autofree char *data = g_build_filename (folder, "data", NULL), *log = g_build_filename (folder, "log", NULL);
  g_autofree char *options = g_strdup_printf ("-c listen_addresses='' -c unix_socket_directories='%s' -c fsync=off -c max_connections=60 "
                                              "-c shared_buffers=64MB -c log_min_messages=error", folder);

  run ("pg_ctl", (const char *const[]){ "-D", data, "-s", "-w", "-t", "60", "-l", log, "-o", options, "start", NULL });
}

void
test_pg_stop (void)
{
  g_autofree char *data = g_build_filename (folder, "data", NULL);

  run ("pg_ctl", (const char *const[]){ "-D", data, "-s", "-m", "immediate", "-w", "stop", NULL });
}

static void
at_exit (void)
{
  g_autofree char *data = g_build_filename (folder, "data", NULL), *pid = g_build_filename (data, "postmaster.pid", NULL);
  const char *argv[] = { "rm", "-rf", folder, NULL };

  if (g_file_test (pid, G_FILE_TEST_EXISTS))
    test_pg_stop ();
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

/* A test that aborts leaves nothing running: a shell waits for the end of this process at a pipe, then stops what is left. */
static void
watch_over (void)
{
  g_autofree char *script = g_strdup_printf ("read nothing; test -e '%s' || exit 0; '%s/pg_ctl' -D '%s/data' -s -m immediate -w stop; rm -rf '%s'", folder, bin,
                                             folder, folder);
  const char *argv[] = { "/bin/sh", "-c", script, NULL };
  g_autoptr (GError) error = NULL;
  int in = -1;

  if (!g_spawn_async_with_pipes ("/", (char **) argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, drop_root,
                                 (gpointer) other_user (), NULL, &in, NULL, NULL, &error))
    g_error ("%s", error->message);
  if (fcntl (in, F_SETFD, FD_CLOEXEC) != 0) /* held open by this process alone, and never closed */
    g_error ("the pipe of the watch cannot be kept");
}

static char *
conninfo_of (const char *name)
{
  return g_strdup_printf ("host='%s' dbname='%s' user='%s' client_encoding='UTF8'", folder, name, OWNER);
}

static TilldDb *
connect_to (const char *name, const char *role)
{
  g_autofree char *conninfo = conninfo_of (name);
  TilldDbOptions options = { .conninfo = conninfo, .application = "test", .statement_timeout_ms = 60000, .lock_timeout_ms = 20000,
                             .connect_timeout_s = 5, .role = role };
  TilldDb *db = tilld_db_new (&options);
  g_autoptr (GError) error = NULL;

  if (!tilld_db_connect (db, &error))
    g_error ("%s", error->message);
  return db;
}

static void
admin (const char *sql)
{
  g_autoptr (TilldDb) db = connect_to ("postgres", NULL);
  g_autoptr (GError) error = NULL;

  if (!tilld_db_command (db, sql, &error))
    g_error ("%s: %s", sql, error->message);
}

static void
begin (void)
{
  const struct passwd *user = other_user ();
  g_autofree char *data = NULL;
  g_autoptr (TilldDb) db = NULL;
  g_autoptr (GError) error = NULL;

  if (folder != NULL)
    return;
  bin = find_bin ();
  folder = g_strdup ("/tmp/till-pg-XXXXXX"); /* not TMPDIR: a socket's path holds 107 bytes */
  if (g_mkdtemp (folder) == NULL)
    g_error ("no temporary folder");
  if (user != NULL && chown (folder, user->pw_uid, user->pw_gid) != 0)
    g_error ("%s cannot be given to %s", folder, user->pw_name);
  atexit (at_exit);
  data = g_build_filename (folder, "data", NULL);
  run ("initdb", (const char *const[]){ "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", NULL });
  watch_over ();
  test_pg_start ();
  admin ("CREATE DATABASE till_template");
  db = connect_to ("till_template", NULL);
  if (!tilld_db_migrate (db, NULL, &error))
    g_error ("migrate: %s", error->message);
}

TestPg *
test_pg_new (void)
{
  TestPg *pg = g_new0 (TestPg, 1);
  g_autofree char *sql = NULL, *socket_dir = NULL, *name = NULL, *state_dir = NULL;
  g_autoptr (GError) error = NULL;

  begin ();
  pg->name = g_strdup_printf ("till_%d", ++counter);
  pg->socket_dir = g_strdup (folder);
  sql = g_strdup_printf ("CREATE DATABASE %s TEMPLATE till_template", pg->name);
  admin (sql);
  pg->conninfo = conninfo_of (pg->name);
  pg->db = connect_to (pg->name, NULL);
  socket_dir = g_strdup_printf ("database.socket_dir=%s", folder);
  name = g_strdup_printf ("database.name=%s", pg->name);
  state_dir = g_strdup_printf ("server.state_dir=%s/state-%d", g_get_tmp_dir (), counter);
  pg->config = tilld_config_load (NULL, NULL, (const char *const[]){ socket_dir, name, "database.user=" OWNER, state_dir, "login.password_memory_kib=8",
                                                                     "login.password_passes=1", NULL }, &error);
  if (pg->config == NULL)
    g_error ("configuration: %s", error->message);
  return pg;
}

void
test_pg_free (TestPg *pg)
{
  g_autofree char *sql = NULL;

  if (pg == NULL)
    return;
  tilld_db_free (pg->db);
  sql = g_strdup_printf ("DROP DATABASE IF EXISTS %s WITH (FORCE)", pg->name);
  admin (sql);
  tilld_config_unref (pg->config);
  g_free (pg->name);
  g_free (pg->conninfo);
  g_free (pg->socket_dir);
  g_free (pg);
}

TilldDb *
test_pg_connect (TestPg *pg, const char *role)
{
  return connect_to (pg->name, role);
}

void
test_pg_run (TestPg *pg, const char *constant_sql)
{
  g_autoptr (TilldDb) owner = connect_to (pg->name, NULL); /* whoever pg->db is by now */
  g_autoptr (GError) error = NULL;

  tilld_db_command (owner, constant_sql, &error);
  g_assert_no_error (error);
}

char *
test_pg_ask (TestPg *pg, const char *sql)
{
  PGconn *conn = PQconnectdb (pg->conninfo);
  PGresult *result = PQexec (conn, sql); /* lint: banned, a test's own question */
  char *answer;

  if (PQresultStatus (result) != PGRES_TUPLES_OK)
    g_error ("%s: %s", sql, PQerrorMessage (conn));
  answer = g_strdup (PQntuples (result) > 0 ? PQgetvalue (result, 0, 0) : "");
  PQclear (result);
  PQfinish (conn);
  return answer;
}

gint64
test_pg_ask_int (TestPg *pg, const char *sql)
{
  g_autofree char *answer = test_pg_ask (pg, sql);

  return g_ascii_strtoll (answer, NULL, 10);
}

const char *
test_pg_socket_dir (void)
{
  begin ();
  return folder;
}
