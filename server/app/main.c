/* SPDX-License-Identifier: GPL-2.0-or-later
 * main.c: gridtilld. Chooses the subcommand; everything else is a library that tests link. */
#include "config.h"
#include <locale.h>
#include <malloc.h>
#include <string.h>
#include "server/app/command.h"
#include "server/core/inject.h"
#include "shared/base/till-log.h"

#if GRIDTILL_INJECT
static int
kill_points (int argc, char **argv)
{
  tilld_inject_print ();
  return 0;
}
#endif

static const TilldCommand commands[] = {
  { "check-config", tilld_cmd_check_config, "read the configuration and report what is wrong" },
  { "create-admin", tilld_cmd_create_admin, "create an operator, print or take the first password" },
#if GRIDTILL_INJECT
  { "kill-points", kill_points, "print the named kill points of this test build" },
#endif
  { "migrate", tilld_cmd_migrate, "bring the database to this program's schema" },
  { "print-config", tilld_cmd_print_config, "print the effective configuration without secrets" },
  { "verify-ledger", tilld_cmd_verify_ledger, "check an exported ledger without a database" },
};

static int
help (void)
{
  g_print ("usage: gridtilld --config FILE [--role api,field,notify] [section.key=value...]\n"
           "       gridtilld COMMAND [--help] ...\n\n"
           "The server of Gridtill: reads prepaid meters, sells, serves its clients over HTTPS.\n\ncommands:\n");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-14s %s\n", commands[i].name, commands[i].sentence);
  g_print ("\n  --help, --version\n");
  return 0;
}

int
main (int argc, char **argv)
{
  /* Arguments are UTF-8 whatever the caller's locale; numbers keep the C form. */
  setlocale (LC_CTYPE, "C.UTF-8");
  /* TLS 1.3 only; GnuTLS reads this once, at its first use. */
  g_setenv ("G_TLS_GNUTLS_PRIORITY", "NORMAL:-VERS-ALL:+VERS-TLS1.3", TRUE);
  /* Each lane would get an arena of its own and keep there what its largest answer took: a tenth of all memory of a large plant. */
  mallopt (M_ARENA_MAX, 2);
  /* No desktop proxy or settings service has a place in a server. */
  g_setenv ("GIO_USE_VFS", "local", TRUE);
  for (guint i = 0; argc > 1 && i < G_N_ELEMENTS (commands); i++)
    if (strcmp (argv[1], commands[i].name) == 0)
      {
        till_log_set_up ("gridtilld", FALSE);
        return commands[i].run (argc - 1, argv + 1);
      }
  for (int i = 1; i < argc; i++)
    {
      if (strcmp (argv[i], "--help") == 0 || strcmp (argv[i], "-h") == 0)
        return help ();
      if (strcmp (argv[i], "--version") == 0)
        {
          g_print ("gridtilld %s\n", GRIDTILL_VERSION);
          return 0;
        }
      if (strcmp (argv[i], "--check-config") == 0)
        {
          memmove (&argv[i], &argv[i + 1], sizeof *argv * (gsize) (argc - i));
          return tilld_cmd_check_config (argc - 1, argv);
        }
    }
  return tilld_cmd_serve (argc, argv);
}
