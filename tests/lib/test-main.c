/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-main.c: start of a test program, expected warnings, files, golden texts. */
#include "tests/lib/test-main.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <glib/gstdio.h>

static GMutex expected_lock;
static GPtrArray *expected; /* globs */
static char *test_dir;

/* TRUE when the message was declared; it is then taken off the list. */
static gboolean
take_expected (const char *message)
{
  gboolean found = FALSE;
  g_mutex_lock (&expected_lock);
  for (guint i = 0; !found && i < expected->len; i++)
    if (g_pattern_match_simple (g_ptr_array_index (expected, i), message))
      {
        g_ptr_array_remove_index (expected, i);
        found = TRUE;
      }
  g_mutex_unlock (&expected_lock);
  return found;
}

static GLogWriterOutput
writer (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  const char *message = "";
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0)
      message = fields[i].value;
  if (level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL) && take_expected (message))
    return G_LOG_WRITER_HANDLED;
  if (level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR))
    {
      fprintf (stderr, "unexpected warning: %s\n", message);
      abort ();
    }
  if (g_test_verbose ())
    fprintf (stderr, "# %s\n", message);
  return G_LOG_WRITER_HANDLED;
}

void
till_test_init (int *argc, char ***argv)
{
  expected = g_ptr_array_new_with_free_func (g_free);
  g_test_init (argc, argv, NULL);
  g_log_set_always_fatal (G_LOG_FATAL_MASK); /* the writer decides, so that an expected warning is none */
  g_log_set_writer_func (writer, NULL, NULL);
}

int
till_test_run (void)
{
  int status = g_test_run ();
  if (test_dir != NULL)
    till_test_remove_tree (test_dir);
  g_clear_pointer (&test_dir, g_free);
  till_test_assert_warnings ();
  return status;
}

void
till_test_expect_warning (const char *pattern)
{
  g_mutex_lock (&expected_lock);
  g_ptr_array_add (expected, g_strdup (pattern));
  g_mutex_unlock (&expected_lock);
}

void
till_test_assert_warnings (void)
{
  g_mutex_lock (&expected_lock);
  if (expected->len > 0)
    g_error ("this expected warning never came: %s", (char *) g_ptr_array_index (expected, 0));
  g_mutex_unlock (&expected_lock);
}

static char *
path_under (const char *variable, const char *path)
{
  const char *root = g_getenv (variable);
  if (root == NULL)
    g_error ("%s is not set: run the test through meson, or set it", variable);
  return g_build_filename (root, path, NULL);
}

char *
till_test_source_path (const char *path)
{
  return path_under ("GRIDTILL_SOURCE", path);
}

char *
till_test_build_path (const char *path)
{
  return path_under ("GRIDTILL_BUILD", path);
}

const char *
till_test_dir (void)
{
  g_autoptr (GError) error = NULL;
  if (test_dir == NULL)
    test_dir = g_dir_make_tmp ("gridtill-test-XXXXXX", &error);
  g_assert_no_error (error);
  return test_dir;
}

void
till_test_remove_tree (const char *path)
{
  const char *name;
  GDir *dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      till_test_remove_tree (child);
    }
  g_clear_pointer (&dir, g_dir_close);
  g_remove (path);
}

char *
till_test_file (const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (till_test_dir (), name, NULL);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return path;
}

void
till_test_assert_golden (const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *relative = g_build_filename ("tests", "golden", name, NULL);
  g_autofree char *path = till_test_source_path (relative), *wanted = NULL;

  if (g_strcmp0 (g_getenv ("TILL_GOLDEN"), "write") == 0)
    {
      g_autofree char *dir = g_path_get_dirname (path);
      g_assert_cmpint (g_mkdir_with_parents (dir, 0755), ==, 0);
      g_file_set_contents (path, text, -1, &error);
      g_assert_no_error (error);
      return;
    }
  g_file_get_contents (path, &wanted, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, wanted);
}

static gboolean
limit_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

void
till_test_wait (const gboolean *done, guint limit_s)
{
  gboolean late = FALSE;
  guint id = g_timeout_add_seconds (limit_s, limit_cb, &late);
  while (!*done && !late)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (*done);
  if (!late)
    g_source_remove (id);
}
