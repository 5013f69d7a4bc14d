/* SPDX-License-Identifier: GPL-2.0-or-later
 * cmd-migrate.c: brings the database to this program's schema, as the owner of the schema. */
#include "server/app/command.h"
#include "server/core/config.h"
#include "server/db/db-migrate.h"

int
tilld_cmd_migrate (int argc, char **argv)
{
  g_autoptr (TilldConfig) config = tilld_command_config (argc, argv, NULL, "Brings the database to this program's schema.", FALSE);
  g_autoptr (TilldDb) db = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *conninfo = NULL;
  guint applied = 0;

  if (config == NULL)
    return 2;
  conninfo = tilld_db_conninfo (config, &error);
  if (conninfo == NULL)
    return tilld_command_failed ("database", error);
  /* No statement time-out: an index on years of readings takes what it takes. */
  db = tilld_db_new (&(TilldDbOptions){ .conninfo = conninfo, .application = "gridtilld migrate", .connect_timeout_s = 10 });
  if (!tilld_db_migrate (db, &applied, &error))
    return tilld_command_failed ("migrate", error);
  g_print ("The database is up to date; %u migrations were applied.\n", applied);
  return 0;
}
