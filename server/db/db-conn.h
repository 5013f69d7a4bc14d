/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-conn.h: one connection to PostgreSQL, used by one thread. Statements are prepared at first use under their own name. A
 * broken connection is an error BUSY of the call that met it and is opened again by the next; inside a transaction the whole
 * transaction fails. Outcome of a COMMIT that broke is unknown: the caller looks for the row. */
#pragma once
#include "server/core/inject.h"
#include "server/db/db-rows.h"

G_BEGIN_DECLS

typedef struct _TilldDb TilldDb;

typedef struct {
  char *conninfo; /* from tilld_db_conninfo () */
  const char *application; /* shown in pg_stat_activity: "gridtilld ledger 0" */
  guint statement_timeout_ms, lock_timeout_ms, connect_timeout_s;
  gboolean parallel; /* its statements read much and are few: helpers of the database may share one */
  const char *role; /* SET ROLE after connecting; NULL: stay who the connection is */
} TilldDbOptions;

/* What every lane is: all that a process needs, and no UPDATE or DELETE on what is only added to. */
#define TILLD_DB_ROLE "gridtill_server"

/* conninfo of the [database] section; caller frees. */
char     *tilld_db_conninfo (const TilldConfig *config, GError **error);

/* Does not connect yet. */
TilldDb  *tilld_db_new (const TilldDbOptions *options);
void      tilld_db_free (TilldDb *db);
gboolean  tilld_db_connect (TilldDb *db, GError **error); /* no-op when connected */
gboolean  tilld_db_is_connected (TilldDb *db);
void      tilld_db_disconnect (TilldDb *db);
/* From any thread: asks the server to give up the running statement (PQcancel). */
void      tilld_db_cancel (TilldDb *db);
/* The n-th call from now fails with BUSY (tests of the n-th failure); 0 = never. */
void      tilld_db_fail_nth (TilldDb *db, guint n);

/* ret_rows may be NULL. n parameters must be those of the statement (asserted). */
gboolean  tilld_db_exec (TilldDb *db, const TilldStatement *statement, const TilldDbParam *params, guint n, TilldRows **ret_rows, GError **error);
/* Rows touched by the last successful INSERT, UPDATE, DELETE. */
guint64   tilld_db_affected (TilldDb *db);
/* Constant SQL without parameters or rows: BEGIN, SET, COPY heads of our own. */
gboolean  tilld_db_command (TilldDb *db, const char *constant_sql, GError **error);
/* SQL put together from constant fragments (db-list.h); columns as of a statement. */
typedef struct { const char *sql; const TilldStatement *shape; } TilldDbText;
gboolean  tilld_db_exec_text (TilldDb *db, TilldDbText text, const TilldDbParam *params, guint n, TilldRows **ret_rows, GError **error);
/* Prepares without running; compares the types it finds with the declared ones. */
gboolean  tilld_db_prepare (TilldDb *db, const TilldStatement *statement, GError **error);
gboolean  tilld_db_in_transaction (TilldDb *db);
/* TILLD_COMMIT_POINT (db, REFUND): this transaction commits a refund. Kill points of test builds (server/core/inject.h). */
#if GRIDTILL_INJECT
#define TILLD_COMMIT_POINT(db, name) tilld_db_name_commit ((db), TILLD_COMMIT_BIT (name))
void      tilld_db_name_commit (TilldDb *db, guint64 bit);
guint64   tilld_db_commit_names (TilldDb *db); /* and forgets them */
#else
#define TILLD_COMMIT_POINT(db, name) G_STMT_START { } G_STMT_END
#endif

/* db_query (db, &st, &rows, error, DB_I64 (1), DB_TEXT ("x")); without parameters: tilld_db_exec (db, &st, NULL, 0, &rows, error). */
#define tilld_db_query(db, statement, ret_rows, error, ...)                                             \
  tilld_db_exec ((db), (statement), (const TilldDbParam[]){ __VA_ARGS__ },                              \
                 G_N_ELEMENTS (((const TilldDbParam[]){ __VA_ARGS__ })), (ret_rows), (error))

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldDb, tilld_db_free)

G_END_DECLS
