/* SPDX-License-Identifier: GPL-2.0-or-later
 * query.c: the query string as typed values. Form only: what a value means is its handler's business. */
#include "server/http/query.h"
#include <string.h>
#include "shared/api/till-limits.h"
#include "shared/base/till-text.h"

#define PARAMETERS_MAX 40

static void
field_free (gpointer data)
{
  TillFieldError *field = data;
  g_free (field->member);
  g_free (field->reason);
  g_free (field);
}

/* %41+b -> "A b"; NULL for what is no clean UTF-8. */
static char *
decode (const char *bytes, gsize len)
{
  g_autofree char *spaced = g_strndup (bytes, len);
  g_autofree char *text = NULL;

  for (char *p = spaced; *p != '\0'; p++)
    if (*p == '+')
      *p = ' ';
  text = g_uri_unescape_string (spaced, NULL);
  if (text == NULL || !g_utf8_validate (text, -1, NULL))
    return NULL;
  for (const char *p = text; *p != '\0'; p++)
    if ((guchar) *p < 0x20 || *p == 0x7f)
      return NULL;
  return g_steal_pointer (&text);
}

gboolean
tilld_query_init (TilldQuery *q, const char *raw, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (raw != NULL ? raw : "", "&", PARAMETERS_MAX + 1);

  q->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  q->asked = g_hash_table_new (g_str_hash, g_str_equal);
  q->errors = g_ptr_array_new_with_free_func (field_free);
  if (g_strv_length (parts) > PARAMETERS_MAX)
    return till_fail (error, TILL_ERROR_INVALID, "too many parameters");
  for (guint i = 0; parts[i] != NULL; i++)
    {
      const char *equals = strchr (parts[i], '=');
      g_autofree char *name = NULL;
      g_autofree char *value = NULL;

      if (*parts[i] == '\0')
        continue;
      name = decode (parts[i], equals != NULL ? (gsize) (equals - parts[i]) : strlen (parts[i]));
      value = decode (equals != NULL ? equals + 1 : "", equals != NULL ? strlen (equals + 1) : 0);
      if (name == NULL || value == NULL)
        return till_fail (error, TILL_ERROR_INVALID, "the query string is not clean text");
      if (g_hash_table_contains (q->values, name))
        return till_fail (error, TILL_ERROR_INVALID, "the parameter %s stands twice", name);
      g_hash_table_insert (q->values, g_steal_pointer (&name), g_steal_pointer (&value));
    }
  return TRUE;
}

void
tilld_query_clear (TilldQuery *q)
{
  g_clear_pointer (&q->values, g_hash_table_unref);
  g_clear_pointer (&q->asked, g_hash_table_unref);
  g_clear_pointer (&q->errors, g_ptr_array_unref);
}

void
tilld_query_error (TilldQuery *q, const char *name, const char *reason)
{
  TillFieldError *field = g_new0 (TillFieldError, 1);
  field->member = g_strdup (name);
  field->reason = g_strdup (reason);
  g_ptr_array_add (q->errors, field);
}

gboolean
tilld_query_has (TilldQuery *q, const char *name)
{
  const char *value = g_hash_table_lookup (q->values, name);
  return value != NULL && *value != '\0';
}

static const char *
ask (TilldQuery *q, const char *name)
{
  g_hash_table_add (q->asked, (gpointer) name);
  return tilld_query_has (q, name) ? g_hash_table_lookup (q->values, name) : NULL;
}

static gboolean
wrong (TilldQuery *q, const char *name, GError *error)
{
  tilld_query_error (q, name, error->message);
  g_error_free (error);
  return FALSE;
}

const char *
tilld_query_text (TilldQuery *q, const char *name, gsize max_chars)
{
  const char *value = ask (q, name);
  if (value == NULL || (gsize) g_utf8_strlen (value, -1) <= max_chars)
    return value;
  tilld_query_error (q, name, "is too long");
  return NULL;
}

static gboolean
read_int (const char *text, gint64 min, gint64 max, gint64 *ret)
{
  gint64 value;
  if (!till_decimal_parse (text, 0, G_MAXINT64 / 2, &value, NULL) || value < min || value > max)
    return FALSE;
  *ret = value;
  return TRUE;
}

gboolean
tilld_query_int (TilldQuery *q, const char *name, gint64 min, gint64 max, gint64 *ret)
{
  const char *value = ask (q, name);
  if (value == NULL)
    return FALSE;
  if (read_int (value, min, max, ret))
    return TRUE;
  tilld_query_error (q, name, "must be a whole number in its range");
  return FALSE;
}

gboolean
tilld_query_bool (TilldQuery *q, const char *name, gboolean *ret)
{
  const char *value = ask (q, name);
  if (value == NULL)
    return FALSE;
  if (strcmp (value, "true") != 0 && strcmp (value, "false") != 0)
    {
      tilld_query_error (q, name, "must be true or false");
      return FALSE;
    }
  *ret = *value == 't';
  return TRUE;
}

gboolean
tilld_query_id (TilldQuery *q, const char *name, TillId *ret)
{
  GError *error = NULL;
  const char *value = ask (q, name);
  return value != NULL && (till_id_parse (value, ret, &error) || wrong (q, name, error));
}

gboolean
tilld_query_time (TilldQuery *q, const char *name, TillTime *ret)
{
  GError *error = NULL;
  const char *value = ask (q, name);
  return value != NULL && (till_time_parse (value, ret, &error) || wrong (q, name, error));
}

gboolean
tilld_query_day (TilldQuery *q, const char *name, TillDay *ret)
{
  GError *error = NULL;
  const char *value = ask (q, name);
  return value != NULL && (till_day_parse (value, ret, &error) || wrong (q, name, error));
}

typedef enum { LIST_INT, LIST_ID, LIST_WORD } ListKind;

static gboolean
append_value (GArray *values, ListKind kind, const char *text, TillWordFunc from_word)
{
  gint64 number = 0;
  int word = 0;
  TillId id;

  if (kind == LIST_ID)
    {
      if (!till_id_parse (text, &id, NULL))
        return FALSE;
      g_array_append_val (values, id);
      return TRUE;
    }
  if (kind == LIST_WORD ? !from_word (text, &word) : !read_int (text, 0, G_MAXINT64 / 2, &number))
    return FALSE;
  if (kind == LIST_WORD)
    number = word;
  g_array_append_val (values, number);
  return TRUE;
}

static gboolean
read_list (TilldQuery *q, const char *name, guint max, ListKind kind, TillWordFunc from_word, GArray **ret_values)
{
  const char *value = ask (q, name);
  g_autoptr (GArray) values = NULL;
  g_auto (GStrv) parts = NULL;

  if (value == NULL)
    return FALSE;
  parts = g_strsplit (value, ",", (gint) max + 1);
  if (g_strv_length (parts) > max)
    {
      tilld_query_error (q, name, "has too many values");
      return FALSE;
    }
  values = g_array_new (FALSE, FALSE, kind == LIST_ID ? sizeof (TillId) : sizeof (gint64));
  for (guint i = 0; parts[i] != NULL; i++)
    if (!append_value (values, kind, parts[i], from_word))
      {
        tilld_query_error (q, name, kind == LIST_WORD ? "is not one of the words allowed here" : "holds a value of the wrong form");
        return FALSE;
      }
  g_clear_pointer (ret_values, g_array_unref);
  *ret_values = g_steal_pointer (&values);
  return TRUE;
}

gboolean
tilld_query_int_list (TilldQuery *q, const char *name, guint max, GArray **ret_values)
{
  return read_list (q, name, max, LIST_INT, NULL, ret_values);
}

gboolean
tilld_query_id_list (TilldQuery *q, const char *name, guint max, GArray **ret_values)
{
  return read_list (q, name, max, LIST_ID, NULL, ret_values);
}

gboolean
tilld_query_word_list (TilldQuery *q, const char *name, TillWordFunc from_word, GArray **ret_values)
{
  return read_list (q, name, TILL_IDS_MAX, LIST_WORD, from_word, ret_values);
}

gboolean
tilld_query_finish (TilldQuery *q, GError **error)
{
  GHashTableIter iter;
  const char *name;

  g_hash_table_iter_init (&iter, q->values);
  while (g_hash_table_iter_next (&iter, (gpointer *) &name, NULL))
    if (!g_hash_table_contains (q->asked, name))
      tilld_query_error (q, name, "is not known here");
  if (q->errors->len == 0)
    return TRUE;
  till_fail (error, TILL_ERROR_INVALID, "some parameters are wrong");
  for (guint i = 0; error != NULL && i < q->errors->len; i++)
    {
      const TillFieldError *field = g_ptr_array_index (q->errors, i);
      till_error_add_field (*error, field->member, field->reason);
    }
  return FALSE;
}
