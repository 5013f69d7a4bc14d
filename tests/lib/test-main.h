/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-main.h: what every test program shares: start, expected warnings, files, golden texts.
 *
 *   int main (int argc, char **argv)
 *   {
 *     till_test_init (&argc, &argv);
 *     g_test_add_func ("/noun/verb", test_verb);
 *     return till_test_run ();
 *   }
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* g_test_init, and from now on a warning that nobody expects aborts. */
void till_test_init (int *argc, char ***argv);
int  till_test_run (void); /* g_test_run; warnings that were expected and never came fail it */

/* One warning or critical whose message matches the glob ("*refused*") will come, from any thread. */
void till_test_expect_warning (const char *pattern);
/* Every expected one has come. */
void till_test_assert_warnings (void);

/* Caller frees. Paths in the source tree ("server/data/profiles") and in the build tree. */
char *till_test_source_path (const char *path);
char *till_test_build_path (const char *path);
/* A fresh private directory, removed when the program ends. */
const char *till_test_dir (void);
void        till_test_remove_tree (const char *path);
/* Writes text to a file of that name in till_test_dir (); caller frees the path. */
char *till_test_file (const char *name, const char *text);

/* Compares with tests/golden/NAME; TILL_GOLDEN=write rewrites it. */
void till_test_assert_golden (const char *name, const char *text);

/* Runs the default main context until *done or the limit, then asserts *done. */
void till_test_wait (const gboolean *done, guint limit_s);

G_END_DECLS
