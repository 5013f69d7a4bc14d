/* SPDX-License-Identifier: GPL-2.0-or-later
 * config.c: lays file, environment and arguments over the defaults, checks each value by its row, and reports everything
 * that is wrong at once. Reads no secret: secrets stand in files that the values name. */
#include "server/core/config.h"
#include <string.h>

typedef enum { FROM_DEFAULT, FROM_FILE, FROM_ENVIRONMENT, FROM_ARGUMENT } Origin;

typedef struct {
  char  *text;
  gint64 number; /* int, bool */
  char **list;
  Origin origin;
} Value;

struct _TilldConfig {
  gint                  ref_count;
  const TilldConfigRow *rows;
  guint                 n;
  Value                *values;
};

static const char *const origins[] = { "default", "file", "environment", "argument" };

TilldConfig *
tilld_config_ref (TilldConfig *config)
{
  g_atomic_int_inc (&config->ref_count);
  return config;
}

void
tilld_config_unref (TilldConfig *config)
{
  if (!g_atomic_int_dec_and_test (&config->ref_count))
    return;
  for (guint i = 0; i < config->n; i++)
    {
      g_free (config->values[i].text);
      g_strfreev (config->values[i].list);
    }
  g_free (config->values);
  g_free (config);
}

static void G_GNUC_PRINTF (4, 5)
complain (GError *errors, const char *section, const char *key, const char *format, ...)
{
  g_autofree char *member = *key != '\0' ? g_strdup_printf ("%s.%s", section, key) : g_strdup (section);
  g_autofree char *reason = NULL;
  va_list args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  till_error_add_field (errors, member, reason);
}

static int
find_row (const TilldConfig *config, const char *section, const char *key)
{
  for (guint i = 0; i < config->n; i++)
    if (strcmp (config->rows[i].section, section) == 0 && strcmp (config->rows[i].key, key) == 0)
      return (int) i;
  return -1;
}

static gboolean
is_section (const TilldConfig *config, const char *section)
{
  for (guint i = 0; i < config->n; i++)
    if (strcmp (config->rows[i].section, section) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
parse_bool (const char *text, gint64 *ret)
{
  static const char *const words[] = { "no", "yes", "false", "true", "0", "1" };
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (text, words[i]) == 0)
      {
        *ret = i % 2;
        return TRUE;
      }
  return FALSE;
}

static char **
parse_list (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  for (guint i = 0; parts[i] != NULL; i++)
    if (*g_strstrip (parts[i]) != '\0')
      g_ptr_array_add (kept, g_strdup (parts[i]));
  g_ptr_array_add (kept, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&kept), FALSE);
}

static gboolean
is_word (const char *text, const char *words)
{
  g_auto (GStrv) allowed = g_strsplit (words, ",", -1);
  return g_strv_contains ((const char *const *) allowed, text);
}

/* Checks text by the row and lays it over what stood before; what is wrong is collected and the old value stays. */
static void
set_value (TilldConfig *config, guint i, const char *raw, Origin origin, GError *errors)
{
  const TilldConfigRow *row = &config->rows[i];
  g_autofree char *text = g_strstrip (g_strdup (raw));
  Value value = { .origin = origin };

  if (!g_utf8_validate (text, -1, NULL))
    {
      complain (errors, row->section, row->key, "is not UTF-8");
      return;
    }
  if (row->type == TILLD_CONFIG_INT
      && !g_ascii_string_to_signed (text, 10, row->min, row->max, &value.number, NULL))
    {
      complain (errors, row->section, row->key, "must be a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, row->min,
                row->max);
      return;
    }
  if (row->type == TILLD_CONFIG_BOOL && !parse_bool (text, &value.number))
    {
      complain (errors, row->section, row->key, "must be yes or no");
      return;
    }
  if (row->type == TILLD_CONFIG_WORD && !is_word (text, row->words))
    {
      complain (errors, row->section, row->key, "must be one of %s", row->words);
      return;
    }
  if (row->type == TILLD_CONFIG_LIST)
    value.list = parse_list (text);
  value.text = g_steal_pointer (&text);
  g_free (config->values[i].text);
  g_strfreev (config->values[i].list);
  config->values[i] = value;
}

static void
take_file (TilldConfig *config, const char *path, GError *errors)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) groups = NULL;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &error))
    {
      complain (errors, path, "", "%s", error->message);
      return;
    }
  groups = g_key_file_get_groups (file, NULL);
  for (guint g = 0; groups[g] != NULL; g++)
    {
      g_auto (GStrv) keys = g_key_file_get_keys (file, groups[g], NULL, NULL);
      if (!is_section (config, groups[g]))
        complain (errors, groups[g], "", "there is no such section");
      for (guint k = 0; is_section (config, groups[g]) && keys[k] != NULL; k++)
        {
          g_autofree char *value = g_key_file_get_value (file, groups[g], keys[k], NULL);
          int row = find_row (config, groups[g], keys[k]);
          if (row < 0)
            complain (errors, groups[g], keys[k], "there is no such key");
          else
            set_value (config, (guint) row, value, FROM_FILE, errors);
        }
    }
}

static char *
variable_of (const TilldConfigRow *row)
{
  g_autofree char *name = g_strdup_printf ("GRIDTILL_%s_%s", row->section, row->key);
  return g_ascii_strup (name, -1);
}

/* A variable that names a section but no key of it is a slip; others, like those of test programs, are none of our business. */
static void
refuse_strange_variables (const TilldConfig *config, char **environment, GHashTable *known, GError *errors)
{
  for (guint i = 0; environment[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (environment[i], "=", 2);
      g_auto (GStrv) parts = g_strsplit (pair[0], "_", 3);
      if (g_strv_length (parts) != 3 || strcmp (parts[0], "GRIDTILL") != 0 || g_hash_table_contains (known, pair[0]))
        continue;
      g_autofree char *section = g_ascii_strdown (parts[1], -1);
      if (is_section (config, section))
        complain (errors, pair[0], "", "there is no such key");
    }
}

static void
take_environment (TilldConfig *config, char **environment, GError *errors)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < config->n; i++)
    {
      char *name = variable_of (&config->rows[i]);
      const char *value = g_environ_getenv (environment, name);
      if (value != NULL)
        set_value (config, i, value, FROM_ENVIRONMENT, errors);
      g_hash_table_add (known, name);
    }
  refuse_strange_variables (config, environment, known, errors);
}

static void
take_arguments (TilldConfig *config, const char *const *overrides, GError *errors)
{
  for (guint i = 0; overrides[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (overrides[i], "=", 2);
      g_auto (GStrv) name = g_strsplit (pair[0] != NULL ? pair[0] : "", ".", 2);
      int row = g_strv_length (pair) == 2 && g_strv_length (name) == 2 ? find_row (config, name[0], name[1]) : -1;
      if (row < 0)
        complain (errors, overrides[i], "", "is not section.key=value of a known key");
      else
        set_value (config, (guint) row, pair[1], FROM_ARGUMENT, errors);
    }
}

/* One sentence for a log line; the field errors carry the same for a program. */
static void
finish_errors (GError *errors)
{
  GPtrArray *fields = till_error_get_fields (errors);
  GString *text = g_string_new ("configuration");
  for (guint i = 0; i < fields->len; i++)
    {
      const TillFieldError *field = g_ptr_array_index (fields, i);
      g_string_append_printf (text, "%s %s: %s", i == 0 ? ":" : ";", field->member, field->reason);
    }
  g_free (errors->message);
  errors->message = g_string_free (text, FALSE);
}

TilldConfig *
tilld_config_load (const char *path, char **environment, const char *const *overrides, GError **error)
{
  g_autoptr (TilldConfig) config = g_new0 (TilldConfig, 1);
  g_autoptr (GError) errors = g_error_new_literal (TILL_ERROR, TILL_ERROR_INVALID, "configuration");

  config->ref_count = 1;
  config->rows = tilld_config_rows (&config->n);
  config->values = g_new0 (Value, config->n);
  for (guint i = 0; i < config->n; i++)
    set_value (config, i, config->rows[i].value, FROM_DEFAULT, errors);
  g_assert (till_error_get_fields (errors) == NULL); /* a default breaks its own row */
  if (path != NULL)
    take_file (config, path, errors);
  if (environment != NULL)
    take_environment (config, environment, errors);
  if (overrides != NULL)
    take_arguments (config, overrides, errors);
  if (till_error_get_fields (errors) == NULL)
    return g_steal_pointer (&config);
  finish_errors (errors);
  g_propagate_error (error, g_steal_pointer (&errors));
  return NULL;
}

static const Value *
look_up (const TilldConfig *config, const char *section, const char *key, TilldConfigType type)
{
  int row = find_row (config, section, key);
  if (row < 0 || config->rows[row].type != type)
    g_error ("configuration has no key %s.%s of this type", section, key);
  return &config->values[row];
}

const char *
tilld_config_text (const TilldConfig *config, const char *section, const char *key)
{
  int row = find_row (config, section, key);
  gboolean is_word_row = row >= 0 && config->rows[row].type == TILLD_CONFIG_WORD;
  return look_up (config, section, key, is_word_row ? TILLD_CONFIG_WORD : TILLD_CONFIG_TEXT)->text;
}

gint64
tilld_config_int (const TilldConfig *config, const char *section, const char *key)
{
  return look_up (config, section, key, TILLD_CONFIG_INT)->number;
}

gboolean
tilld_config_bool (const TilldConfig *config, const char *section, const char *key)
{
  return look_up (config, section, key, TILLD_CONFIG_BOOL)->number != 0;
}

const char *const *
tilld_config_list (const TilldConfig *config, const char *section, const char *key)
{
  return (const char *const *) look_up (config, section, key, TILLD_CONFIG_LIST)->list;
}

char *
tilld_config_print (const TilldConfig *config)
{
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < config->n; i++)
    {
      const TilldConfigRow *row = &config->rows[i];
      const Value *value = &config->values[i];
      const char *shown = value->text;
      if (i == 0 || strcmp (row->section, config->rows[i - 1].section) != 0)
        g_string_append_printf (out, "%s[%s]\n", i == 0 ? "" : "\n", row->section);
      if (row->flags & TILLD_CONFIG_SECRET)
        shown = *value->text != '\0' ? "(set)" : "(empty)";
      if (value->origin != FROM_DEFAULT)
        g_string_append_printf (out, "# from %s\n", origins[value->origin]);
      g_string_append_printf (out, "%s = %s\n", row->key, shown);
    }
  return g_string_free (out, FALSE);
}

char *
tilld_config_sample (void)
{
  guint n;
  const TilldConfigRow *rows = tilld_config_rows (&n);
  GString *out = g_string_new ("# Configuration of gridtilld. Each key is shown with its default; each may also come from the\n"
                               "# environment as GRIDTILL_SECTION_KEY. Take away the # to change one.\n");
  for (guint i = 0; i < n; i++)
    {
      if (i == 0 || strcmp (rows[i].section, rows[i - 1].section) != 0)
        g_string_append_printf (out, "\n[%s]\n", rows[i].section);
      g_string_append_printf (out, "# %s", rows[i].sentence);
      if (rows[i].type == TILLD_CONFIG_INT)
        g_string_append_printf (out, " (%" G_GINT64_FORMAT " .. %" G_GINT64_FORMAT ")", rows[i].min, rows[i].max);
      else if (rows[i].type == TILLD_CONFIG_WORD)
        g_string_append_printf (out, " (%s)", rows[i].words);
      g_string_append_printf (out, "\n#%s =%s%s\n", rows[i].key, *rows[i].value != '\0' ? " " : "", rows[i].value);
    }
  return g_string_free (out, FALSE);
}
