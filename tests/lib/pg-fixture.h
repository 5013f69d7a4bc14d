/* SPDX-License-Identifier: GPL-2.0-or-later
 * pg-fixture.h: a private PostgreSQL per test program: a Unix socket in a temporary folder, no port, fsync off. One cluster a process,
 * started at first use and ended at exit; each database is a copy of a migrated template (0.05 s). */
#pragma once
#include "server/db/db-conn.h"
#include "server/db/db-lanes.h"

G_BEGIN_DECLS

typedef struct {
  char        *name;       /* of the database */
  char        *conninfo;   /* as owner */
  char        *socket_dir;
  TilldConfig *config;     /* [database] of it, cheap password hashes, a temporary state_dir */
  TilldDb     *db;         /* connected as owner */
} TestPg;

/* A fresh migrated database. Never NULL: failing to get one ends the test program with the reason. */
TestPg  *test_pg_new (void);
void     test_pg_free (TestPg *pg); /* disconnects and drops it */
TilldDb *test_pg_connect (TestPg *pg, const char *role); /* another connection; role NULL = owner */
void     test_pg_run (TestPg *pg, const char *constant_sql); /* asserts success */
/* First column of the first row as text ("" for none); caller frees. */
char    *test_pg_ask (TestPg *pg, const char *sql);
gint64   test_pg_ask_int (TestPg *pg, const char *sql);
const char *test_pg_socket_dir (void);
void     test_pg_stop (void);  /* ends the whole server: the database is away */
void     test_pg_start (void); /* and is back */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestPg, test_pg_free)

G_END_DECLS
