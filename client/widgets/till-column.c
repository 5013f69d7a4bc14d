/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-column.c: what a page says about a column; TillTable makes the real one. */
#define G_LOG_DOMAIN "till-column"
#include "config.h"
#include "client/widgets/till-column.h"

struct _TillColumn {
  GObject  parent_instance;
  char    *field;
  char    *title;
  char    *cell;
  int      width;
  gboolean shown;
  gboolean expand;
  gboolean sortable;
};

G_DEFINE_FINAL_TYPE (TillColumn, till_column, G_TYPE_OBJECT)

enum { PROP_FIELD = 1, PROP_TITLE, PROP_CELL, PROP_WIDTH, PROP_SHOWN, PROP_EXPAND, PROP_SORTABLE, N_PROPS };
static GParamSpec *props[N_PROPS];

static void
till_column_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TillColumn *self = TILL_COLUMN (object);

  switch (id)
    {
    case PROP_FIELD: g_value_set_string (value, self->field); break;
    case PROP_TITLE: g_value_set_string (value, self->title); break;
    case PROP_CELL: g_value_set_string (value, self->cell); break;
    case PROP_WIDTH: g_value_set_int (value, self->width); break;
    case PROP_SHOWN: g_value_set_boolean (value, self->shown); break;
    case PROP_EXPAND: g_value_set_boolean (value, self->expand); break;
    case PROP_SORTABLE: g_value_set_boolean (value, self->sortable); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_column_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TillColumn *self = TILL_COLUMN (object);

  switch (id)
    {
    case PROP_FIELD: self->field = g_value_dup_string (value); break; /* all are construct-only */
    case PROP_TITLE: self->title = g_value_dup_string (value); break;
    case PROP_CELL: self->cell = g_value_dup_string (value); break;
    case PROP_WIDTH: self->width = g_value_get_int (value); break;
    case PROP_SHOWN: self->shown = g_value_get_boolean (value); break;
    case PROP_EXPAND: self->expand = g_value_get_boolean (value); break;
    case PROP_SORTABLE: self->sortable = g_value_get_boolean (value); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_column_finalize (GObject *object)
{
  TillColumn *self = TILL_COLUMN (object);

  g_free (self->field);
  g_free (self->title);
  g_free (self->cell);
  G_OBJECT_CLASS (till_column_parent_class)->finalize (object);
}

static void
till_column_class_init (TillColumnClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = till_column_get_property;
  object_class->set_property = till_column_set_property;
  object_class->finalize = till_column_finalize;
  props[PROP_FIELD] = g_param_spec_string ("field", NULL, NULL, NULL, flags);
  props[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  props[PROP_CELL] = g_param_spec_string ("cell", NULL, NULL, NULL, flags);
  props[PROP_WIDTH] = g_param_spec_int ("width", NULL, NULL, 24, 2000, 96, flags);
  props[PROP_SHOWN] = g_param_spec_boolean ("shown", NULL, NULL, TRUE, flags);
  props[PROP_EXPAND] = g_param_spec_boolean ("expand", NULL, NULL, FALSE, flags);
  props[PROP_SORTABLE] = g_param_spec_boolean ("sortable", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
till_column_init (TillColumn *self)
{
}

TillColumn *
till_column_new (const char *field, const char *title, int width)
{
  return g_object_new (TILL_TYPE_COLUMN, "field", field, "title", title, "width", width, NULL);
}

const char *
till_column_get_field (TillColumn *self)
{
  return self->field;
}

const char *
till_column_get_title (TillColumn *self)
{
  return self->title;
}

const char *
till_column_get_cell (TillColumn *self)
{
  return self->cell;
}

int
till_column_get_width (TillColumn *self)
{
  return self->width;
}

gboolean
till_column_get_shown (TillColumn *self)
{
  return self->shown;
}

gboolean
till_column_get_sortable (TillColumn *self)
{
  return self->sortable;
}

gboolean
till_column_get_expand (TillColumn *self)
{
  return self->expand;
}
