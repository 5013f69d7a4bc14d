/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-inject.c: named kill points: the planned one dies at its turn, by SIGKILL, and says so; others pass. A plan nobody understands ends
 * the process. Has inject.c itself, which no product has. */
#include "server/core/inject.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include "tests/lib/test-main.h"

/* A child with this plan; how it ended, and what it told. */
static int
child (const char *plan, void (*body) (void), char **ret_told)
{
  g_autofree char *folder = g_dir_make_tmp ("till-inject-XXXXXX", NULL), *log = g_build_filename (folder, "log", NULL);
  pid_t pid;
  int status = 0;

  fflush (stdout);
  pid = fork ();
  if (pid == 0)
    {
      g_setenv ("GRIDTILL_INJECT", plan, TRUE);
      g_setenv ("GRIDTILL_INJECT_LOG", log, TRUE);
      body ();
      _exit (7);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  if (!g_file_get_contents (log, ret_told, NULL, NULL))
    *ret_told = g_strdup ("");
  g_remove (log);
  g_rmdir (folder);
  return status;
}

static void
pass_twice (void)
{
  tilld_inject_pass (TILLD_POINT_READ_BACK);
  tilld_inject_pass (TILLD_POINT_WRITE_ON_WIRE);
  tilld_inject_pass (TILLD_POINT_WRITE_ON_WIRE);
}

static void
commit_refund (void)
{
  guint64 names = (G_GUINT64_CONSTANT (1) << TILLD_COMMIT_REFUND) | (G_GUINT64_CONSTANT (1) << TILLD_COMMIT_DECISION);

  tilld_inject_commit (names, FALSE);
  tilld_inject_commit (names, TRUE);
}

static void
test_kill (void)
{
  static const struct { const char *plan; void (*body) (void); const char *told; } rows[] = {
    { "write-on-wire=kill", pass_twice, "write-on-wire\n" },
    { "write-on-wire=kill@2", pass_twice, "write-on-wire\n" },
    { "write-on-wire=kill@3", pass_twice, "" },
    { "verdict-known=kill", pass_twice, "" },
    { "", pass_twice, "" },
    { "refund.before-commit=kill", commit_refund, "refund.before-commit\n" },
    { "sale.before-commit=kill;decision.after-commit=kill", commit_refund, "decision.after-commit\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *told = NULL;
      int status = child (rows[i].plan, rows[i].body, &told);

      g_test_message ("%s", rows[i].plan);
      g_assert_cmpstr (told, ==, rows[i].told);
      if (rows[i].told[0] != '\0')
        g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
      else
        g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 7);
    }
}

static void
misplanned (void)
{
  if (g_test_subprocess ())
    {
      g_setenv ("GRIDTILL_INJECT", "write-on-wire=explode", TRUE);
      pass_twice ();
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*explode is neither kill nor stop*");
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/core/inject/kill", test_kill);
  g_test_add_func ("/core/inject/misplanned", misplanned);
  return g_test_run ();
}
