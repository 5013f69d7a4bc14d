/* SPDX-License-Identifier: GPL-2.0-or-later
 * command.h: the subcommands of gridtilld. Each parses its own arguments and returns an exit status. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

typedef struct {
  const char *name;
  int       (*run) (int argc, char **argv);
  const char *sentence;
} TilldCommand;

int tilld_cmd_check_config (int argc, char **argv);
int tilld_cmd_create_admin (int argc, char **argv);
int tilld_cmd_migrate (int argc, char **argv);
int tilld_cmd_print_config (int argc, char **argv);
int tilld_cmd_serve (int argc, char **argv);
int tilld_cmd_verify_ledger (int argc, char **argv);

/* --config FILE, section.key=value words and the command's own options; prints every error. NULL: exit with 2. more may be NULL;
 * with_role: --role sets server.roles. */
TilldConfig *tilld_command_config (int argc, char **argv, const GOptionEntry *more, const char *summary, gboolean with_role);
int          tilld_command_failed (const char *what, const GError *error);

G_END_DECLS
