/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-json-read.c: typed getters that collect every field error. Decides about form only, never about meaning. */
#include "shared/base/till-json-read.h"
#include <string.h>
#include "shared/base/till-text.h"

static void
field_free (gpointer data)
{
  TillFieldError *field = data;
  g_free (field->member);
  g_free (field->reason);
  g_free (field);
}

static void
add_error (TillJsonRead *r, const char *name, const char *reason)
{
  TillFieldError *field = g_new0 (TillFieldError, 1);
  field->member = g_strconcat (r->prefix, name, NULL);
  field->reason = g_strdup (reason);
  g_ptr_array_add (r->errors, field);
}

static gboolean
wrong (TillJsonRead *r, const char *name, const char *reason)
{
  add_error (r, name, reason);
  return FALSE;
}

static gboolean
wrong_by (TillJsonRead *r, const char *name, GError *error)
{
  add_error (r, name, error->message);
  g_error_free (error);
  return FALSE;
}

static void
init (TillJsonRead *r, JsonNode *node, char *prefix)
{
  *r = (TillJsonRead){ NULL, g_hash_table_new (g_str_hash, g_str_equal), g_ptr_array_new_with_free_func (field_free), prefix };
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    r->object = json_node_get_object (node);
}

static void
clear (TillJsonRead *r)
{
  g_clear_pointer (&r->asked, g_hash_table_unref);
  g_clear_pointer (&r->errors, g_ptr_array_unref);
  g_clear_pointer (&r->prefix, g_free);
  r->object = NULL;
}

void
till_json_read_init (TillJsonRead *r, JsonNode *node)
{
  init (r, node, g_strdup (""));
  if (r->object == NULL)
    add_error (r, "body", "must be an object");
}

void
till_json_read_init_nested (TillJsonRead *nested, JsonNode *node, const char *path)
{
  init (nested, node, g_strdup (""));
  if (nested->object == NULL)
    add_error (nested, path, "must be an object");
  g_free (nested->prefix);
  nested->prefix = g_strconcat (path, ".", NULL);
}

gboolean
till_json_read_has (TillJsonRead *r, const char *name)
{
  JsonNode *node = r->object != NULL ? json_object_get_member (r->object, name) : NULL;
  return node != NULL && !JSON_NODE_HOLDS_NULL (node);
}

/* The member's node, or NULL: absent, null, or (reported) missing. */
static JsonNode *
ask (TillJsonRead *r, const char *name, TillPresence presence)
{
  g_hash_table_add (r->asked, (gpointer) name);
  if (r->object == NULL)
    return NULL;
  if (till_json_read_has (r, name))
    return json_object_get_member (r->object, name);
  if (presence == TILL_REQUIRED)
    add_error (r, name, "is required");
  return NULL;
}

static const char *
ask_string (TillJsonRead *r, const char *name, TillPresence presence, const char *reason)
{
  JsonNode *node = ask (r, name, presence);
  if (node == NULL)
    return NULL;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_get_string (node);
  add_error (r, name, reason);
  return NULL;
}

gboolean
till_json_read_text (TillJsonRead *r, const char *name, TillPresence presence, gsize max_chars, char **ret)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *clean = NULL;
  const char *text = ask_string (r, name, presence, "must be text");

  if (text == NULL)
    return FALSE;
  clean = till_text_clean (text, max_chars, FALSE, &error);
  if (clean == NULL)
    return wrong_by (r, name, g_steal_pointer (&error));
  if (*clean == '\0')
    return presence == TILL_REQUIRED ? wrong (r, name, "is required") : FALSE;
  g_free (*ret);
  *ret = g_steal_pointer (&clean);
  return TRUE;
}

gboolean
till_json_read_secret (TillJsonRead *r, const char *name, TillPresence presence, gsize max_bytes, char **ret)
{
  const char *text = ask_string (r, name, presence, "must be text");
  if (text == NULL)
    return FALSE;
  if (strlen (text) > max_bytes)
    return wrong (r, name, "is too long");
  g_free (*ret);
  *ret = g_strdup (text);
  return TRUE;
}

gboolean
till_json_read_int (TillJsonRead *r, const char *name, TillPresence presence, gint64 min, gint64 max, gint64 *ret)
{
  JsonNode *node = ask (r, name, presence);
  gint64 value;

  if (node == NULL)
    return FALSE;
  if (json_node_get_value_type (node) != G_TYPE_INT64)
    return wrong (r, name, "must be a whole number");
  value = json_node_get_int (node);
  if (value < min || value > max)
    {
      till_json_read_error (r, name, "must be from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, min, max);
      return FALSE;
    }
  *ret = value;
  return TRUE;
}

gboolean
till_json_read_bool (TillJsonRead *r, const char *name, TillPresence presence, gboolean *ret)
{
  JsonNode *node = ask (r, name, presence);
  if (node == NULL)
    return FALSE;
  if (json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return wrong (r, name, "must be true or false");
  *ret = json_node_get_boolean (node);
  return TRUE;
}

gboolean
till_json_read_money (TillJsonRead *r, const char *name, TillPresence presence, TillMoney *ret)
{
  GError *error = NULL;
  const char *text = ask_string (r, name, presence, "must be a decimal in quotes");
  if (text == NULL)
    return FALSE;
  return till_money_parse (text, ret, &error) || wrong_by (r, name, error);
}

gboolean
till_json_read_energy (TillJsonRead *r, const char *name, TillPresence presence, TillEnergy *ret)
{
  GError *error = NULL;
  const char *text = ask_string (r, name, presence, "must be a decimal in quotes");
  if (text == NULL)
    return FALSE;
  return till_energy_parse (text, ret, &error) || wrong_by (r, name, error);
}

gboolean
till_json_read_decimal (TillJsonRead *r, const char *name, TillPresence presence, guint decimals, gint64 *ret)
{
  GError *error = NULL;
  const char *text = ask_string (r, name, presence, "must be a decimal in quotes");
  if (text == NULL)
    return FALSE;
  return till_decimal_parse (text, decimals, TILL_MONEY_MAX, ret, &error) || wrong_by (r, name, error);
}

gboolean
till_json_read_id (TillJsonRead *r, const char *name, TillPresence presence, TillId *ret)
{
  GError *error = NULL;
  const char *text = ask_string (r, name, presence, "must be a UUID");
  if (text == NULL)
    return FALSE;
  return till_id_parse (text, ret, &error) || wrong_by (r, name, error);
}

gboolean
till_json_read_time (TillJsonRead *r, const char *name, TillPresence presence, TillTime *ret)
{
  GError *error = NULL;
  const char *text = ask_string (r, name, presence, "must be a time");
  if (text == NULL)
    return FALSE;
  return till_time_parse (text, ret, &error) || wrong_by (r, name, error);
}

gboolean
till_json_read_day (TillJsonRead *r, const char *name, TillPresence presence, TillDay *ret)
{
  GError *error = NULL;
  const char *text = ask_string (r, name, presence, "must be a day");
  if (text == NULL)
    return FALSE;
  return till_day_parse (text, ret, &error) || wrong_by (r, name, error);
}

gboolean
till_json_read_enum (TillJsonRead *r, const char *name, TillPresence presence, TillWordFunc from_word, int *ret)
{
  const char *text = ask_string (r, name, presence, "must be a word of the list");
  if (text == NULL)
    return FALSE;
  return from_word (text, ret) || wrong (r, name, "is not one of the words allowed here");
}

gboolean
till_json_read_object (TillJsonRead *r, const char *name, TillPresence presence, JsonNode **ret)
{
  JsonNode *node = ask (r, name, presence);
  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return wrong (r, name, "must be an object");
  *ret = node;
  return TRUE;
}

gboolean
till_json_read_array (TillJsonRead *r, const char *name, TillPresence presence, guint max_items, JsonArray **ret)
{
  JsonNode *node = ask (r, name, presence);
  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return wrong (r, name, "must be a list");
  if (json_array_get_length (json_node_get_array (node)) > max_items)
    {
      till_json_read_error (r, name, "has more than %u items", max_items);
      return FALSE;
    }
  *ret = json_node_get_array (node);
  return TRUE;
}

void
till_json_read_error (TillJsonRead *r, const char *name, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  add_error (r, name, reason);
}

static void
refuse_unknown (TillJsonRead *r)
{
  JsonObjectIter iter;
  const char *name;

  if (r->object == NULL)
    return;
  json_object_iter_init_ordered (&iter, r->object);
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    if (!g_hash_table_contains (r->asked, name))
      {
        g_autofree char *shown = till_text_escape (name, -1, 40);
        add_error (r, shown, "is not known here");
      }
}

void
till_json_read_end_nested (TillJsonRead *r, TillJsonRead *nested)
{
  refuse_unknown (nested);
  for (guint i = 0; i < nested->errors->len; i++)
    {
      const TillFieldError *field = g_ptr_array_index (nested->errors, i);
      add_error (r, field->member, field->reason);
    }
  clear (nested);
}

gboolean
till_json_read_finish (TillJsonRead *r, GError **error)
{
  g_autoptr (GError) local = NULL;

  refuse_unknown (r);
  if (r->errors->len > 0)
    {
      const TillFieldError *first = g_ptr_array_index (r->errors, 0);
      till_fail (&local, TILL_ERROR_INVALID, "%s %s", first->member, first->reason);
      for (guint i = 0; i < r->errors->len; i++)
        {
          const TillFieldError *field = g_ptr_array_index (r->errors, i);
          till_error_add_field (local, field->member, field->reason);
        }
    }
  clear (r);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
