/* SPDX-License-Identifier: GPL-2.0-or-later
 * cmd-check-config.c: everything a start would stumble over, without starting: the file, the roles, the meter models, and whether the
 * database keeps what it is told. */
#include "server/app/app.h"
#include "server/app/command.h"
#include "server/core/config.h"
#include "server/db/db-conn.h"
#include "server/profile/profile-load.h"

static const TilldStatement settings = {
  .name = "check-settings",
  .sql = "SELECT name, setting FROM pg_settings WHERE name IN ('data_checksums', 'fsync', 'full_page_writes', 'synchronous_commit') "
         "AND setting = 'off' ORDER BY name",
  .params = { DB_END_TYPE },
  .columns = { { "name", DB_TEXT_TYPE, DB_NULL_OK }, { "setting", DB_TEXT_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (settings)

static int
check_database (const TilldConfig *config)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TilldRows) rows = NULL;
  g_autoptr (TilldDb) db = NULL;
  g_autofree char *conninfo = tilld_db_conninfo (config, &error);

  if (conninfo == NULL)
    return tilld_command_failed ("database", error);
  db = tilld_db_new (&(TilldDbOptions){ .conninfo = conninfo, .application = "gridtill check", .statement_timeout_ms = 5000,
                                        .lock_timeout_ms = 2000, .connect_timeout_s = 5 });
  if (!tilld_db_exec (db, &settings, NULL, 0, &rows, &error))
    return tilld_command_failed ("database", error);
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    g_printerr ("gridtilld: database: %s is off: money could be lost in a crash\n", tilld_row_text (rows, i, "name"));
  return tilld_rows_count (rows) == 0 ? 0 : 1;
}

int
tilld_cmd_check_config (int argc, char **argv)
{
  g_autoptr (TilldConfig) config = tilld_command_config (argc, argv, NULL, "Reports what is wrong with a configuration.", TRUE);
  g_autoptr (TilldProfiles) profiles = NULL;
  g_autoptr (GError) error = NULL;
  guint roles;
  int status;

  if (config == NULL)
    return 2;
  if (!tilld_roles_parse (tilld_config_list (config, "server", "roles"), &roles, &error))
    return tilld_command_failed ("configuration", error);
  profiles = tilld_profiles_load (NULL, &error);
  if (profiles == NULL)
    return tilld_command_failed ("meter models", error);
  status = check_database (config);
  if (status == 0)
    g_print ("The configuration is good; %u meter models.\n", tilld_profiles_count (profiles));
  return status;
}
