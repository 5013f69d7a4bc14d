/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-statement.c: the registry of statements: a section of the program that the linker collects. */
#define G_LOG_DOMAIN "tilld-db"
#include "config.h"
#include "server/db/db-migrate.h"
#include "server/db/db-statement.h"

extern const TilldStatement *const __start_tilld_statements[] __attribute__ ((weak, visibility ("hidden")));
extern const TilldStatement *const __stop_tilld_statements[] __attribute__ ((weak, visibility ("hidden")));

const TilldStatement *const *
tilld_statements (guint *ret_n)
{
  *ret_n = __start_tilld_statements == NULL ? 0 : (guint) (__stop_tilld_statements - __start_tilld_statements);
  return __start_tilld_statements;
}

guint
tilld_statement_n_params (const TilldStatement *statement)
{
  guint n = 0;

  while (n < TILLD_DB_PARAMS_MAX && statement->params[n] != DB_END_TYPE)
    n++;
  return n;
}

guint
tilld_statement_n_columns (const TilldStatement *statement)
{
  guint n = 0;

  while (n < TILLD_STATEMENT_COLUMNS_MAX && statement->columns[n].name != NULL)
    n++;
  return n;
}

const char *
tilld_statement_sql (const TilldStatement *statement)
{
  const char *sql = statement->sql != NULL ? statement->sql : tilld_db_resource (statement->resource);

  if (sql == NULL)
    g_error ("statement %s: no embedded file %s", statement->name, statement->resource);
  return sql;
}
