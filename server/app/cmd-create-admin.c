/* SPDX-License-Identifier: GPL-2.0-or-later
 * cmd-create-admin.c: creates an operator from the shell: the first administrator, or whom a script needs. There are no built-in
 * passwords: one is taken from a file, or made and printed once. */
#include <string.h>
#include "server/app/command.h"
#include "server/core/config.h"
#include "server/crypto/mac.h"
#include "server/crypto/password.h"
#include "server/db/db-conn.h"
#include "server/db/db-migrate.h"
#include "server/db/db-tx.h"
#include "server/domain/office/operator.h"
#include "server/domain/office/role.h"
#include "server/domain/office/site.h"
#include "shared/api/till-limits.h"

typedef struct {
  TilldOperatorNew operator;
  char             hash[TILLD_PASSWORD_HASH];
} NewOperator;

static gboolean
create (TilldDb *db, gpointer data, GError **error)
{
  NewOperator *new = data;
  TilldActor who = TILLD_ACTOR_SYSTEM (0);
  gint64 id;

  g_strlcpy (who.request, "create-admin", sizeof who.request);
  return tilld_site_ensure (db, &who.site, error) && tilld_role_ensure_defaults (db, error)
         && tilld_operator_create (db, &who, &new->operator, &id, error);
}

/* The first line of the file, or a new password. */
static char *
take_password (const char *file, GError **error)
{
  g_autofree char *text = NULL;
  gsize len;

  if (file == NULL)
    return tilld_password_generate ();
  if (!g_file_get_contents (file, &text, &len, error))
    return NULL;
  text[strcspn (text, "\r\n")] = '\0';
  return g_steal_pointer (&text);
}

static gboolean
store (TilldConfig *config, NewOperator *new, const char *password, GError **error)
{
  TilldPasswordCost cost = { (guint) tilld_config_int (config, "login", "password_memory_kib"),
                             (guint) tilld_config_int (config, "login", "password_passes") };
  g_autofree char *conninfo = tilld_db_conninfo (config, error);
  g_autoptr (TilldDb) db = NULL;

  if (conninfo == NULL || !tilld_password_check (password, new->operator.account, error)
      || !tilld_password_hash (password, &cost, new->hash, error))
    return FALSE;
  new->operator.password = new->hash;
  db = tilld_db_new (&(TilldDbOptions){ .conninfo = conninfo, .application = "gridtill create-admin", .statement_timeout_ms = 5000,
                                        .lock_timeout_ms = 2000, .connect_timeout_s = 10 });
  return tilld_db_check_schema (db, error) && tilld_tx_run (db, TILLD_READ_COMMITTED, create, new, error);
}

int
tilld_cmd_create_admin (int argc, char **argv)
{
  g_autofree char *user = NULL;
  g_autofree char *role = NULL;
  g_autofree char *name = NULL;
  g_autofree char *password_file = NULL;
  const GOptionEntry more[] = {
    { "user", 'u', 0, G_OPTION_ARG_STRING, &user, "Log-in name (admin)", "NAME" },
    { "role", 'r', 0, G_OPTION_ARG_STRING, &role, "Role (administrator)", "ROLE" },
    { "name", 'n', 0, G_OPTION_ARG_STRING, &name, "Full name", "TEXT" },
    { "password-file", 'p', 0, G_OPTION_ARG_FILENAME, &password_file, "File whose first line is the password", "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (TilldConfig) config = tilld_command_config (argc, argv, more, "Creates an operator.", FALSE);
  g_autoptr (GError) error = NULL;
  const char *roles[] = { role != NULL ? role : "administrator", NULL };
  NewOperator new = { .operator = { .account = user != NULL ? user : "admin", .roles = roles, .must_change = password_file == NULL } };
  char *password;
  gboolean done;

  if (config == NULL)
    return 2;
  new.operator.name = name != NULL ? name : new.operator.account;
  password = take_password (password_file, &error);
  if (password == NULL)
    return tilld_command_failed ("password", error);
  done = store (config, &new, password, &error);
  if (done && password_file == NULL)
    g_print ("Operator %s, one-time password: %s\n", new.operator.account, password);
  else if (done)
    g_print ("Operator %s was created.\n", new.operator.account);
  tilld_wipe (password, strlen (password));
  g_free (password);
  return done ? 0 : tilld_command_failed ("create-admin", error);
}
