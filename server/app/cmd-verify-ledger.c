/* SPDX-License-Identifier: GPL-2.0-or-later
 * cmd-verify-ledger.c: checks an exported ledger: sums, balances, chain. Needs no database and trusts none. */
#include "server/app/command.h"
#include "server/domain/money/ledger-verify.h"

int
tilld_cmd_verify_ledger (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("EXPORT");
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  TilldLedgerVerdict verdict;
  gsize len;

  g_option_context_set_summary (context, "Checks an exported ledger without a database.");
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return tilld_command_failed ("arguments", error);
  if (argc != 2)
    {
      g_printerr ("usage: gridtilld verify-ledger EXPORT\n");
      return 2;
    }
  if (!g_file_get_contents (argv[1], &text, &len, &error))
    return tilld_command_failed ("verify-ledger", error);
  if (!tilld_ledger_verify (text, len, &verdict, &error))
    return tilld_command_failed ("verify-ledger", error);
  g_print ("The ledger is whole: %" G_GINT64_FORMAT " transactions.\n", verdict.transactions);
  return 0;
}
