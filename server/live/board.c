/* SPDX-License-Identifier: GPL-2.0-or-later
 * board.c: all meters as one sorted array. Knows no SQL. */
#include "server/live/board.h"
#include <stdlib.h>
#include "shared/api/till-enums.h"

struct _TilldBoard {
  GRWLock     lock;
  GArray     *areas;  /* TilldAreaNode, by path */
  GHashTable *places; /* area id -> index + 1 */
  GArray     *dots;   /* TilldMeterDot, by id */
  GArray     *order;  /* guint: index into dots, by area path, then id */
  gint64      cursor;
};

static int
compare_dots (gconstpointer a, gconstpointer b)
{
  gint64 x = ((const TilldMeterDot *) a)->id, y = ((const TilldMeterDot *) b)->id;
  return (x > y) - (x < y);
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;
  return (x > y) - (x < y);
}

TilldBoard *
tilld_board_new (void)
{
  TilldBoard *self = g_new0 (TilldBoard, 1);
  g_rw_lock_init (&self->lock);
  self->areas = g_array_new (FALSE, FALSE, sizeof (TilldAreaNode)); /* empty until the first fill */
  self->places = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, NULL);
  self->dots = g_array_new (FALSE, FALSE, sizeof (TilldMeterDot));
  self->order = g_array_new (FALSE, FALSE, sizeof (guint));
  return self;
}

void
tilld_board_free (TilldBoard *self)
{
  g_array_unref (self->areas);
  g_hash_table_unref (self->places);
  g_array_unref (self->dots);
  g_array_unref (self->order);
  g_rw_lock_clear (&self->lock);
  g_free (self);
}

static guint
place_of (TilldBoard *self, gint64 area)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->places, &area));
}

static int
compare_order (gconstpointer a, gconstpointer b, gpointer data)
{
  TilldBoard *self = data;
  const TilldMeterDot *x = &g_array_index (self->dots, TilldMeterDot, *(const guint *) a);
  const TilldMeterDot *y = &g_array_index (self->dots, TilldMeterDot, *(const guint *) b);
  guint px = place_of (self, x->area), py = place_of (self, y->area);

  return px != py ? (px > py) - (px < py) : compare_dots (x, y);
}

void
tilld_board_fill (TilldBoard *self, GArray *areas, GArray *dots, gint64 cursor)
{
  g_rw_lock_writer_lock (&self->lock);
  g_hash_table_remove_all (self->places); /* its keys lie in the areas */
  g_array_unref (self->areas);
  g_array_unref (self->dots);
  self->areas = areas;
  self->dots = dots;
  for (guint i = 0; i < areas->len; i++)
    g_hash_table_insert (self->places, &g_array_index (areas, TilldAreaNode, i).id, GUINT_TO_POINTER (i + 1));
  g_array_sort (dots, compare_dots);
  g_array_set_size (self->order, 0);
  for (guint i = 0; i < dots->len; i++)
    g_array_append_val (self->order, i);
  g_array_sort_with_data (self->order, compare_order, self);
  self->cursor = cursor;
  g_rw_lock_writer_unlock (&self->lock);
}

static TilldMeterDot *
find (TilldBoard *self, gint64 meter)
{
  TilldMeterDot key = { .id = meter };
  return self->dots->len == 0 ? NULL : bsearch (&key, self->dots->data, self->dots->len, sizeof key, compare_dots);
}

gboolean
tilld_board_apply (TilldBoard *self, const TilldMeterDot *dots, guint n, gint64 cursor)
{
  gboolean known = TRUE;

  g_rw_lock_writer_lock (&self->lock);
  for (guint i = 0; i < n; i++)
    {
      TilldMeterDot *dot = find (self, dots[i].id);
      if (dot == NULL || dot->area != dots[i].area)
        known = FALSE;
      else
        *dot = dots[i];
    }
  self->cursor = MAX (self->cursor, cursor);
  g_rw_lock_writer_unlock (&self->lock);
  return known;
}

guint
tilld_board_count (TilldBoard *self)
{
  guint n;
  g_rw_lock_reader_lock (&self->lock);
  n = self->dots->len;
  g_rw_lock_reader_unlock (&self->lock);
  return n;
}

gint64
tilld_board_area_of (TilldBoard *self, gint64 meter)
{
  const TilldMeterDot *dot;
  gint64 area;

  g_rw_lock_reader_lock (&self->lock);
  dot = find (self, meter);
  area = dot != NULL ? dot->area : 0;
  g_rw_lock_reader_unlock (&self->lock);
  return area;
}

/* Under the lock. Is this area, or one above it, among the sorted roots? */
static gboolean
is_below (TilldBoard *self, gint64 area, const GArray *roots)
{
  guint place;

  /* The tree has no cycle (the database sees to it); the bound is for a half-loaded one. */
  for (guint depth = 0; area != 0 && depth < 64; depth++)
    {
      for (guint i = 0; i < roots->len; i++)
        if (g_array_index (roots, gint64, i) == area)
          return TRUE;
      place = place_of (self, area);
      area = place != 0 ? g_array_index (self->areas, TilldAreaNode, place - 1).parent : 0;
    }
  return FALSE;
}

static GArray *
scope_locked (TilldBoard *self, const GArray *roots)
{
  GArray *scope = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < self->areas->len; i++)
    {
      gint64 id = g_array_index (self->areas, TilldAreaNode, i).id;
      if (is_below (self, id, roots))
        g_array_append_val (scope, id);
    }
  if (scope->len == 0)
    {
      gint64 none = -1; /* an empty scope would mean everything to a subscription */
      g_array_append_val (scope, none);
    }
  g_array_sort (scope, compare_ids);
  return scope;
}

GArray *
tilld_board_scope (TilldBoard *self, const GArray *roots)
{
  GArray *scope;

  if (roots == NULL)
    return NULL;
  g_rw_lock_reader_lock (&self->lock);
  scope = scope_locked (self, roots);
  g_rw_lock_reader_unlock (&self->lock);
  return scope;
}

static gboolean
in_scope (const GArray *scope, gint64 area)
{
  return scope == NULL || bsearch (&area, scope->data, scope->len, sizeof area, compare_ids) != NULL;
}

static void
write_area (const TilldAreaNode *area, TillJsonWrite *w)
{
  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "id", area->id);
  if (area->parent != 0)
    till_json_write_int (w, "parent", area->parent);
  else
    till_json_write_null (w, "parent");
  till_json_write_text (w, "name", area->name);
  till_json_write_text (w, "kind", till_area_kind_word ((TillAreaKind) area->kind));
  till_json_write_text (w, "path", area->path);
  till_json_write_end_object (w);
}

static void
write_dot (const TilldMeterDot *dot, TillJsonWrite *w)
{
  till_json_write_begin_array (w, NULL);
  till_json_write_int (w, NULL, dot->id);
  till_json_write_int (w, NULL, dot->area);
  till_json_write_int (w, NULL, dot->state);
  till_json_write_int (w, NULL, dot->mode);
  till_json_write_int (w, NULL, dot->relay);
  till_json_write_int (w, NULL, dot->flags);
  till_json_write_end_array (w);
}

void
tilld_board_write (TilldBoard *self, const GArray *roots, TillJsonWrite *w)
{
  g_autoptr (GArray) scope = NULL;

  g_rw_lock_reader_lock (&self->lock);
  if (roots != NULL)
    scope = scope_locked (self, roots);
  till_json_write_int (w, "cursor", self->cursor);
  till_json_write_begin_array (w, "areas");
  for (guint i = 0; i < self->areas->len; i++)
    if (in_scope (scope, g_array_index (self->areas, TilldAreaNode, i).id))
      write_area (&g_array_index (self->areas, TilldAreaNode, i), w);
  till_json_write_end_array (w);
  till_json_write_begin_array (w, "meters");
  for (guint i = 0; i < self->order->len; i++)
    {
      const TilldMeterDot *dot = &g_array_index (self->dots, TilldMeterDot, g_array_index (self->order, guint, i));
      if (in_scope (scope, dot->area))
        write_dot (dot, w);
    }
  till_json_write_end_array (w);
  g_rw_lock_reader_unlock (&self->lock);
}
