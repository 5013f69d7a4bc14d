/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-config.c: the table is in order and its sample is what ships; layers win in order; all errors come at once. */
#include <string.h>
#include "server/core/config.h"
#include "tests/lib/test-main.h"

static void
table_is_in_order (void)
{
  guint n;
  const TilldConfigRow *rows = tilld_config_rows (&n);
  for (guint i = 0; i < n; i++)
    {
      int order = i == 0 ? -1 : strcmp (rows[i - 1].section, rows[i].section);
      g_assert_true (order < 0 || (order == 0 && strcmp (rows[i - 1].key, rows[i].key) < 0));
      g_assert_true (g_str_has_suffix (rows[i].sentence, "."));
      g_assert_true ((rows[i].type == TILLD_CONFIG_WORD) == (rows[i].words != NULL));
      g_assert_null (strchr (rows[i].section, '_')); /* the environment's name would be ambiguous */
    }
}

/* server/deploy/gridtill.conf.sample is the table as text; TILL_GOLDEN=write makes it anew. */
static void
sample_is_current (void)
{
  g_autofree char *sample = tilld_config_sample (), *path = till_test_source_path ("server/deploy/gridtill.conf.sample"), *shipped = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (TilldConfig) config = NULL;

  if (g_strcmp0 (g_getenv ("TILL_GOLDEN"), "write") == 0)
    g_assert_true (g_file_set_contents (path, sample, -1, NULL));
  g_assert_true (g_file_get_contents (path, &shipped, NULL, &error));
  g_assert_cmpstr (shipped, ==, sample);
  config = tilld_config_load (path, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
layers (void)
{
  g_autofree char *path = till_test_file ("layers.conf", "[database]\nname = one\nuser=two\nport=5433\n[http]\nlisten = 127.0.0.1:1 , [::1]:2,\n");
  char *environment[] = { (char *) "GRIDTILL_DATABASE_USER=three", (char *) "GRIDTILL_DATABASE_PORT=5434", (char *) "GRIDTILL_INJECT=x",
                          (char *) "PATH=/bin", NULL };
  static const char *const overrides[] = { "database.port=5435", "log.debug=yes", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (TilldConfig) config = tilld_config_load (path, environment, overrides, &error);
  g_autofree char *printed = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (tilld_config_text (config, "database", "name"), ==, "one");
  g_assert_cmpstr (tilld_config_text (config, "database", "user"), ==, "three");
  g_assert_cmpint (tilld_config_int (config, "database", "port"), ==, 5435);
  g_assert_cmpstr (tilld_config_text (config, "database", "migrate"), ==, "off");
  g_assert_true (tilld_config_bool (config, "log", "debug"));
  g_assert_cmpstr (tilld_config_list (config, "http", "listen")[0], ==, "127.0.0.1:1");
  g_assert_cmpstr (tilld_config_list (config, "http", "listen")[1], ==, "[::1]:2");
  g_assert_null (tilld_config_list (config, "http", "listen")[2]);
  printed = tilld_config_print (config);
  g_assert_nonnull (strstr (printed, "# from argument\nport = 5435\n"));
}

static void
all_errors_at_once (void)
{
  g_autofree char *path = till_test_file ("bad.conf", "[database]\nport=70000\nprot=1\nmigrate=always\n[nowhere]\na=1\n[log]\ndebug=perhaps\n");
  char *environment[] = { (char *) "GRIDTILL_DATABASE_NAEM=x", NULL };
  static const char *const overrides[] = { "database.port", "x=1", "login.password_passes=x", NULL };
  static const char *const wanted[] = { "database.port", "database.prot", "database.migrate", "nowhere", "log.debug",
                                        "GRIDTILL_DATABASE_NAEM", "database.port", "x=1", "login.password_passes" };
  g_autoptr (GError) error = NULL;
  GPtrArray *fields;

  g_assert_null (tilld_config_load (path, environment, overrides, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
  fields = till_error_get_fields (error);
  g_assert_cmpuint (fields->len, ==, G_N_ELEMENTS (wanted));
  for (guint i = 0; i < fields->len; i++)
    {
      const TillFieldError *field = g_ptr_array_index (fields, i);
      g_assert_cmpstr (field->member, ==, wanted[i]);
      g_assert_nonnull (strstr (error->message, field->reason)); /* the log line says it all */
    }
}

static void
files_that_cannot_be_read (void)
{
  g_autofree char *path = till_test_file ("broken.conf", "[database\nname\n");
  g_autoptr (GError) error = NULL;
  g_assert_null (tilld_config_load (path, NULL, NULL, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (tilld_config_load ("/nowhere/gridtill.conf", NULL, NULL, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/config/table", table_is_in_order);
  g_test_add_func ("/config/sample", sample_is_current);
  g_test_add_func ("/config/layers", layers);
  g_test_add_func ("/config/errors", all_errors_at_once);
  g_test_add_func ("/config/unreadable", files_that_cannot_be_read);
  return till_test_run ();
}
