/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-statement.h: SQL as constant text with the types of its parameters and the names and types of its columns. Every statement
 * registers itself; a test prepares all of them on a fresh database and compares types, so that a renamed column fails at once.
 *
 *   static const TilldStatement lock_drawer = {
 *     .name = "drawer-lock", .sql = "SELECT operator, closed_at FROM drawer WHERE id = $1 FOR UPDATE",
 *     .params = { DB_I64_TYPE },
 *     .columns = { { "operator", DB_I64_TYPE }, { "closed_at", DB_TS_TYPE, DB_NULL_OK } },
 *   };
 *   TILLD_STATEMENT (lock_drawer)
 */
#pragma once
#include "server/db/db-param.h"

G_BEGIN_DECLS

typedef enum { DB_NOT_NULL = 0, DB_NULL_OK = 1 } TilldDbNull;

typedef struct {
  const char *name;
  TilldDbType type;
  TilldDbNull null;
} TilldDbColumn;

#define TILLD_STATEMENT_COLUMNS_MAX 72

typedef struct {
  const char   *name; /* unique; also its name on the connection */
  const char   *sql;
  const char   *resource; /* instead of sql: "queries/sales-daily.sql" of the embedded sql folder */
  TilldDbType   params[TILLD_DB_PARAMS_MAX];
  TilldDbColumn columns[TILLD_STATEMENT_COLUMNS_MAX];
} TilldStatement;

/* Puts a pointer into the section that the registry walks. */
#define TILLD_STATEMENT(variable)                                                                          \
  __attribute__ ((section ("tilld_statements"), used)) static const TilldStatement *const variable##_entry = &variable;

const TilldStatement *const *tilld_statements (guint *ret_n);
guint       tilld_statement_n_params (const TilldStatement *statement);
guint       tilld_statement_n_columns (const TilldStatement *statement);
const char *tilld_statement_sql (const TilldStatement *statement); /* of sql or the resource; never NULL */

G_END_DECLS
