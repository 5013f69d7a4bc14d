/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-settings.c: what this station remembers, in a key file. Written a second after the last change; a file that cannot
 * be read is a fresh start, never an error. No secret is ever stored here. */
#define G_LOG_DOMAIN "till-settings"
#include "config.h"
#include "client/core/till-settings.h"

#include <glib/gstdio.h>

#define SAVE_DELAY_MS 1000
#define MAIN          "client"
#define MAX_SERVERS   10

struct _TillSettings {
  GObject   parent_instance;
  char     *path;
  GKeyFile *file;
  guint     save_id;
  gboolean  changed;
};

G_DEFINE_FINAL_TYPE (TillSettings, till_settings, G_TYPE_OBJECT)

typedef struct { const char *name; GType type; const char *text; int number; } Setting;

/* Property n + 1; key = name. number: default of an int or boolean. */
static const Setting settings[] = {
  { "server", G_TYPE_STRING },
  { "user", G_TYPE_STRING },
  { "language", G_TYPE_STRING, "system" },
  { "theme", G_TYPE_STRING, "system" },
  { "density", G_TYPE_STRING, "compact" },
  { "start-page", G_TYPE_STRING, "overview" },
  { "receipt-size", G_TYPE_STRING, "80mm" },
  { "receipt-when", G_TYPE_STRING, "ask" },
  { "printer", G_TYPE_STRING },
  { "remember", G_TYPE_BOOLEAN, NULL, TRUE },
  { "window-maximized", G_TYPE_BOOLEAN, NULL, FALSE },
  { "sidebar-narrow", G_TYPE_BOOLEAN, NULL, FALSE },
  { "window-width", G_TYPE_INT, NULL, 1280 },
  { "window-height", G_TYPE_INT, NULL, 720 },
};

static GParamSpec *props[G_N_ELEMENTS (settings) + 1];

static gboolean
save_cb (gpointer user_data)
{
  TillSettings *self = user_data;
  g_autoptr(GError) error = NULL;

  self->save_id = 0;
  if (!till_settings_flush (self, &error))
    g_warning ("settings were not saved: %s", error->message);
  return G_SOURCE_REMOVE;
}

static void
touch (TillSettings *self)
{
  self->changed = TRUE;
  g_clear_handle_id (&self->save_id, g_source_remove);
  self->save_id = g_timeout_add (SAVE_DELAY_MS, save_cb, self);
}

static void
get_value (TillSettings *self, const Setting *setting, GValue *value)
{
  g_autoptr(GError) error = NULL;

  if (setting->type == G_TYPE_STRING)
    {
      char *text = g_key_file_get_string (self->file, MAIN, setting->name, NULL);

      g_value_take_string (value, text != NULL ? text : g_strdup (setting->text));
    }
  else if (setting->type == G_TYPE_BOOLEAN)
    {
      gboolean set = g_key_file_get_boolean (self->file, MAIN, setting->name, &error);

      g_value_set_boolean (value, error == NULL ? set : setting->number);
    }
  else
    {
      int number = g_key_file_get_integer (self->file, MAIN, setting->name, &error);

      g_value_set_int (value, error == NULL ? CLAMP (number, 100, 100000) : setting->number);
    }
}

static void
set_value (TillSettings *self, const Setting *setting, const GValue *value)
{
  if (setting->type == G_TYPE_STRING && (g_value_get_string (value) == NULL || *g_value_get_string (value) == '\0'))
    g_key_file_remove_key (self->file, MAIN, setting->name, NULL);
  else if (setting->type == G_TYPE_STRING)
    g_key_file_set_string (self->file, MAIN, setting->name, g_value_get_string (value));
  else if (setting->type == G_TYPE_BOOLEAN)
    g_key_file_set_boolean (self->file, MAIN, setting->name, g_value_get_boolean (value));
  else
    g_key_file_set_integer (self->file, MAIN, setting->name, g_value_get_int (value));
}

static void
till_settings_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  get_value (TILL_SETTINGS (object), &settings[id - 1], value);
}

static void
till_settings_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TillSettings *self = TILL_SETTINGS (object);
  g_auto(GValue) before = G_VALUE_INIT;

  g_value_init (&before, pspec->value_type);
  get_value (self, &settings[id - 1], &before);
  if (g_param_values_cmp (pspec, &before, value) == 0)
    return;
  set_value (self, &settings[id - 1], value);
  touch (self);
  g_object_notify_by_pspec (object, pspec);
}

static void
till_settings_dispose (GObject *object)
{
  TillSettings *self = TILL_SETTINGS (object);
  g_autoptr(GError) error = NULL;

  if (!till_settings_flush (self, &error))
    g_warning ("settings were not saved: %s", error->message);
  G_OBJECT_CLASS (till_settings_parent_class)->dispose (object);
}

static void
till_settings_finalize (GObject *object)
{
  TillSettings *self = TILL_SETTINGS (object);

  g_key_file_free (self->file);
  g_free (self->path);
  G_OBJECT_CLASS (till_settings_parent_class)->finalize (object);
}

static void
till_settings_class_init (TillSettingsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = till_settings_get_property;
  object_class->set_property = till_settings_set_property;
  object_class->dispose = till_settings_dispose;
  object_class->finalize = till_settings_finalize;
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (settings[i].type == G_TYPE_STRING)
      props[i + 1] = g_param_spec_string (settings[i].name, NULL, NULL, settings[i].text, flags);
    else if (settings[i].type == G_TYPE_BOOLEAN)
      props[i + 1] = g_param_spec_boolean (settings[i].name, NULL, NULL, settings[i].number, flags);
    else
      props[i + 1] = g_param_spec_int (settings[i].name, NULL, NULL, 100, 100000, settings[i].number, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
till_settings_init (TillSettings *self)
{
  self->file = g_key_file_new ();
}

TillSettings *
till_settings_new (const char *path)
{
  TillSettings *self = g_object_new (TILL_TYPE_SETTINGS, NULL);
  g_autoptr(GError) error = NULL;

  self->path = path != NULL ? g_strdup (path) : g_build_filename (g_get_user_config_dir (), "gridtill", "client.ini", NULL);
  if (!g_key_file_load_from_file (self->file, self->path, G_KEY_FILE_KEEP_COMMENTS, &error) && !g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    g_message ("settings start afresh: %s", error->message);
  return self;
}

gboolean
till_settings_flush (TillSettings *self, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path);

  g_clear_handle_id (&self->save_id, g_source_remove);
  if (!self->changed)
    return TRUE;
  self->changed = FALSE;
  g_mkdir_with_parents (folder, 0700); /* its failure shows in the save */
  return g_key_file_save_to_file (self->file, self->path, error);
}

const char *
till_settings_get_text (TillSettings *self, const char *property)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (g_str_equal (settings[i].name, property) && settings[i].type == G_TYPE_STRING)
      {
        g_autofree char *text = g_key_file_get_string (self->file, MAIN, property, NULL);

        return text != NULL ? g_intern_string (text) : settings[i].text;
      }
  g_return_val_if_reached (NULL);
}

char **
till_settings_dup_servers (TillSettings *self)
{
  char **servers = g_key_file_get_string_list (self->file, MAIN, "servers", NULL, NULL);

  return servers != NULL ? servers : g_new0 (char *, 1);
}

static void
put_servers (TillSettings *self, const char *first, const char *without)
{
  g_auto(GStrv) old = till_settings_dup_servers (self);
  g_autoptr(GPtrArray) list = g_ptr_array_new ();

  if (first != NULL)
    g_ptr_array_add (list, (gpointer) first);
  for (guint i = 0; old[i] != NULL && list->len < MAX_SERVERS; i++)
    if (g_strcmp0 (old[i], first) != 0 && g_strcmp0 (old[i], without) != 0)
      g_ptr_array_add (list, old[i]);
  g_key_file_set_string_list (self->file, MAIN, "servers", (const char *const *) list->pdata, list->len);
  touch (self);
}

void
till_settings_add_server (TillSettings *self, const char *server)
{
  put_servers (self, server, NULL);
}

void
till_settings_remove_server (TillSettings *self, const char *server)
{
  put_servers (self, NULL, server);
}

gint64 *
till_settings_dup_quick_amounts (TillSettings *self, guint *ret_n)
{
  static const gint64 usual[] = { 500000, 1000000, 2000000, 5000000 };
  g_auto(GStrv) texts = g_key_file_get_string_list (self->file, MAIN, "quick-amounts", NULL, NULL);
  guint n = texts != NULL ? MIN (g_strv_length (texts), G_N_ELEMENTS (usual)) : 0;
  gint64 *amounts;

  *ret_n = n > 0 ? n : G_N_ELEMENTS (usual);
  if (n == 0)
    return g_memdup2 (usual, sizeof usual);
  amounts = g_new0 (gint64, n);
  for (guint i = 0; i < n; i++)
    amounts[i] = g_ascii_strtoll (texts[i], NULL, 10);
  return amounts;
}

void
till_settings_set_quick_amounts (TillSettings *self, const gint64 *amounts, guint n)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) texts = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, amounts[i]);

      g_strv_builder_add (builder, text);
    }
  texts = g_strv_builder_end (builder);
  g_key_file_set_string_list (self->file, MAIN, "quick-amounts", (const char *const *) texts, n);
  touch (self);
}

/* Key files allow no brackets in group names. */
static char *
view_group (const TillViewKey *key)
{
  return g_strdelimit (g_strdup_printf ("view %s %s", key->user != NULL ? key->user : "", key->page), "[]\n", '_');
}

char *
till_settings_dup_view (TillSettings *self, const TillViewKey *key)
{
  g_autofree char *group = view_group (key);

  return g_key_file_get_string (self->file, group, key->key, NULL);
}

void
till_settings_set_view (TillSettings *self, const TillViewKey *key, const char *text)
{
  g_autofree char *group = view_group (key);
  g_autofree char *before = g_key_file_get_string (self->file, group, key->key, NULL);

  if (g_strcmp0 (before, text) == 0)
    return;
  if (text != NULL)
    g_key_file_set_string (self->file, group, key->key, text);
  else
    g_key_file_remove_key (self->file, group, key->key, NULL);
  touch (self);
}
