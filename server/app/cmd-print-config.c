/* SPDX-License-Identifier: GPL-2.0-or-later
 * cmd-print-config.c: the effective configuration, secrets left out. */
#include "server/app/command.h"
#include "server/core/config.h"

int
tilld_cmd_print_config (int argc, char **argv)
{
  g_autoptr (TilldConfig) config = tilld_command_config (argc, argv, NULL, "Prints every key with its effective value.", TRUE);
  g_autofree char *text = NULL;

  if (config == NULL)
    return 2;
  text = tilld_config_print (config);
  g_print ("%s", text);
  return 0;
}
