/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-query.c: text, filters and sort of a list as one URI query. Knows no route and asks nobody. */
#define G_LOG_DOMAIN "till-query"
#include "config.h"
#include "client/model/till-query.h"

#include <string.h>
#include "shared/base/till-text.h"

typedef struct { char *name, *value; gboolean fixed; } Filter;

struct _TillQuery {
  GObject    parent_instance;
  char      *text;
  char      *sort;
  GPtrArray *filters; /* Filter, sorted by name: equal queries have equal texts */
  guint      frozen;
  gboolean   changed;
};

G_DEFINE_FINAL_TYPE (TillQuery, till_query, G_TYPE_OBJECT)

enum { PROP_TEXT = 1, PROP_SORT, N_PROPS };
static GParamSpec *props[N_PROPS];
static guint changed_signal;

static void
filter_free (gpointer data)
{
  Filter *filter = data;

  g_free (filter->name);
  g_free (filter->value);
  g_free (filter);
}

static void
touch (TillQuery *self)
{
  self->changed = TRUE;
  if (self->frozen > 0)
    return;
  self->changed = FALSE;
  g_signal_emit (self, changed_signal, 0);
}

static gboolean
find (TillQuery *self, const char *name, guint *ret_index)
{
  guint i;

  for (i = 0; i < self->filters->len; i++)
    {
      int order = strcmp (((Filter *) g_ptr_array_index (self->filters, i))->name, name);

      if (order >= 0)
        {
          *ret_index = i;
          return order == 0;
        }
    }
  *ret_index = i;
  return FALSE;
}

static void
put (TillQuery *self, const char *name, const char *value, gboolean fixed)
{
  guint i;
  gboolean found = find (self, name, &i);
  Filter *filter = found ? g_ptr_array_index (self->filters, i) : NULL;

  if (value != NULL && *value == '\0')
    value = NULL;
  if (g_strcmp0 (found ? filter->value : NULL, value) == 0)
    return;
  if (value == NULL)
    g_ptr_array_remove_index (self->filters, i);
  else if (found)
    till_set_str (&filter->value, value);
  else
    {
      filter = g_new0 (Filter, 1);
      filter->name = g_strdup (name);
      filter->value = g_strdup (value);
      filter->fixed = fixed;
      g_ptr_array_insert (self->filters, (int) i, filter);
    }
  touch (self);
}

static void
till_query_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_string (value, id == PROP_TEXT ? TILL_QUERY (object)->text : TILL_QUERY (object)->sort);
}

static void
till_query_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  till_query_set_text (TILL_QUERY (object), g_value_get_string (value));
}

static void
till_query_finalize (GObject *object)
{
  TillQuery *self = TILL_QUERY (object);

  g_free (self->text);
  g_free (self->sort);
  g_ptr_array_unref (self->filters);
  G_OBJECT_CLASS (till_query_parent_class)->finalize (object);
}

static void
till_query_class_init (TillQueryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = till_query_get_property;
  object_class->set_property = till_query_set_property;
  object_class->finalize = till_query_finalize;
  props[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  props[PROP_SORT] = g_param_spec_string ("sort", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  changed_signal = g_signal_new ("changed", TILL_TYPE_QUERY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
till_query_init (TillQuery *self)
{
  self->filters = g_ptr_array_new_with_free_func (filter_free);
}

TillQuery *
till_query_new (void)
{
  return g_object_new (TILL_TYPE_QUERY, NULL);
}

TillQuery *
till_query_copy (TillQuery *self)
{
  TillQuery *copy = till_query_new ();

  copy->text = g_strdup (self->text);
  copy->sort = g_strdup (self->sort);
  for (guint i = 0; i < self->filters->len; i++)
    {
      const Filter *filter = g_ptr_array_index (self->filters, i);

      put (copy, filter->name, filter->value, filter->fixed);
    }
  return copy;
}

void
till_query_set_text (TillQuery *self, const char *text)
{
  g_autofree char *trimmed = text != NULL ? g_strstrip (g_strdup (text)) : NULL;

  if (!till_set_str (&self->text, trimmed != NULL && *trimmed != '\0' ? trimmed : NULL))
    return;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TEXT]);
  touch (self);
}

const char *
till_query_get_text (TillQuery *self)
{
  return self->text;
}

void
till_query_set_filter (TillQuery *self, const char *name, const char *value)
{
  put (self, name, value, FALSE);
}

void
till_query_set_fixed (TillQuery *self, const char *name, const char *value)
{
  put (self, name, value, TRUE);
}

const char *
till_query_get_filter (TillQuery *self, const char *name)
{
  guint i;

  return find (self, name, &i) ? ((Filter *) g_ptr_array_index (self->filters, i))->value : NULL;
}

void
till_query_set_sort (TillQuery *self, const char *key, gboolean descending)
{
  g_autofree char *sort = key != NULL ? g_strconcat (descending ? "-" : "", key, NULL) : NULL;

  if (!till_set_str (&self->sort, sort))
    return;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SORT]);
  touch (self);
}

const char *
till_query_get_sort (TillQuery *self)
{
  return self->sort;
}

gboolean
till_query_is_filtered (TillQuery *self)
{
  if (self->text != NULL)
    return TRUE;
  for (guint i = 0; i < self->filters->len; i++)
    if (!((Filter *) g_ptr_array_index (self->filters, i))->fixed)
      return TRUE;
  return FALSE;
}

void
till_query_clear (TillQuery *self)
{
  till_query_freeze (self);
  till_query_set_text (self, NULL);
  for (guint i = self->filters->len; i > 0; i--)
    if (!((Filter *) g_ptr_array_index (self->filters, i - 1))->fixed)
      {
        g_ptr_array_remove_index (self->filters, i - 1);
        self->changed = TRUE;
      }
  till_query_thaw (self);
}

void
till_query_freeze (TillQuery *self)
{
  self->frozen++;
}

void
till_query_thaw (TillQuery *self)
{
  g_return_if_fail (self->frozen > 0);
  if (--self->frozen == 0 && self->changed)
    touch (self);
}

static void
append (GString *uri, const char *name, const char *value)
{
  g_string_append_printf (uri, "%s%s=", uri->len > 0 ? "&" : "", name);
  g_string_append_uri_escaped (uri, value, ",:", FALSE);
}

char *
till_query_to_uri (TillQuery *self)
{
  GString *uri = g_string_new (NULL);

  if (self->text != NULL)
    append (uri, "q", self->text);
  for (guint i = 0; i < self->filters->len; i++)
    {
      const Filter *filter = g_ptr_array_index (self->filters, i);

      append (uri, filter->name, filter->value);
    }
  if (self->sort != NULL)
    append (uri, "sort", self->sort);
  return g_string_free (uri, FALSE);
}

void
till_query_load (TillQuery *self, const char *uri_text)
{
  GUriParamsIter iter;
  char *name, *value;

  till_query_freeze (self);
  till_query_clear (self);
  g_uri_params_iter_init (&iter, uri_text != NULL ? uri_text : "", -1, "&", G_URI_PARAMS_NONE);
  while (g_uri_params_iter_next (&iter, &name, &value, NULL))
    {
      if (g_str_equal (name, "q"))
        till_query_set_text (self, value);
      else if (g_str_equal (name, "sort"))
        till_query_set_sort (self, *value == '-' ? value + 1 : value, *value == '-');
      else if (!g_str_equal (name, "offset") && !g_str_equal (name, "limit"))
        till_query_set_filter (self, name, value);
      g_free (name);
      g_free (value);
    }
  till_query_thaw (self);
}
