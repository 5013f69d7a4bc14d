/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-board-layout.c: rows of equal tiles under group headers. Cost: once over all meters for a filter, over groups for a size. */
#define G_LOG_DOMAIN "till-board-layout"
#include "config.h"
#include "client/widgets/till-board-layout.h"

struct _TillBoardLayout
{
  GArray *items;  /* guint position in the board state */
  GArray *groups; /* TillBoardGroup */
  guint zoom;
  int columns, height;
  gboolean headers;
};

static const TillTileSize sizes[TILL_BOARD_ZOOMS] = { { 8, 8, 2 }, { 20, 20, 3 }, { 64, 26, 4 }, { 136, 54, 6 } };

TillBoardLayout *
till_board_layout_new (void)
{
  TillBoardLayout *self = g_new0 (TillBoardLayout, 1);

  self->items = g_array_new (FALSE, FALSE, sizeof (guint));
  self->groups = g_array_new (FALSE, TRUE, sizeof (TillBoardGroup));
  self->zoom = 2;
  self->columns = 1;
  return self;
}

void
till_board_layout_free (TillBoardLayout *self)
{
  g_array_unref (self->items);
  g_array_unref (self->groups);
  g_free (self);
}

const TillTileSize *
till_board_tile_size (guint zoom)
{
  return &sizes[CLAMP (zoom, 1, TILL_BOARD_ZOOMS) - 1];
}

gboolean
till_board_filter_matches (const TillBoardFilter *filter, TillBoardState *state, const TillBoardCell *cell)
{
  return (filter->states == 0 || filter->states & 1u << cell->state) && (filter->modes == 0 || filter->modes & 1u << cell->mode) &&
         (filter->relays == 0 || filter->relays & 1u << cell->relay) && (filter->flags == 0 || filter->flags & cell->flags) &&
         (filter->area < 0 || till_board_state_area_is_under (state, cell->area, filter->area));
}

/* The area whose name heads the group of a meter: the nearest one above of the wanted kind, else its own. */
static int
group_area (TillBoardState *state, int area, TillBoardGrouping grouping)
{
  int wanted = grouping == TILL_GROUP_FLOOR ? TILL_AREA_KIND_FLOOR : TILL_AREA_KIND_BUILDING;

  if (grouping == TILL_GROUP_NONE || (guint) area >= till_board_state_get_n_areas (state))
    return -1;
  for (int at = area; at >= 0; at = till_board_state_get_area (state, (guint) at)->up)
    if (till_board_state_get_area (state, (guint) at)->kind == wanted)
      return at;
  return area;
}

void
till_board_layout_fill (TillBoardLayout *self, TillBoardState *state, const TillBoardFilter *filter, TillBoardGrouping grouping)
{
  guint n = till_board_state_get_n_meters (state), n_areas = till_board_state_get_n_areas (state);
  g_autofree int *heads = g_new (int, n_areas + 1);
  TillBoardGroup *group = NULL;

  for (guint i = 0; i < n_areas; i++)
    heads[i] = group_area (state, (int) i, grouping);
  g_array_set_size (self->items, 0);
  g_array_set_size (self->groups, 0);
  self->headers = grouping != TILL_GROUP_NONE;
  for (guint i = 0; i < n; i++)
    {
      TillBoardCell cell = till_board_state_get_cell (state, i);
      int head = cell.area < n_areas ? heads[cell.area] : -1;

      if (filter->area >= 0 && !till_board_state_area_is_under (state, cell.area, filter->area))
        continue; /* an area is where one looks, not a mark: others are never dim, they are elsewhere */
      if (filter->hide_others && !till_board_filter_matches (filter, state, &cell))
        continue;
      if (group == NULL || group->area != head)
        {
          g_array_set_size (self->groups, self->groups->len + 1);
          group = &g_array_index (self->groups, TillBoardGroup, self->groups->len - 1);
          group->first = self->items->len;
          group->area = head;
        }
      group->n++;
      if (cell.state < TILL_N_STATES)
        group->counts[cell.state]++;
      g_array_append_val (self->items, i);
    }
}

void
till_board_layout_flow (TillBoardLayout *self, int width, guint zoom)
{
  const TillTileSize *size = till_board_tile_size (zoom);
  int y = TILL_BOARD_MARGIN / 2;

  self->zoom = zoom;
  self->columns = MAX ((width - 2 * TILL_BOARD_MARGIN + size->gap) / (size->width + size->gap), 1);
  for (guint i = 0; i < self->groups->len; i++)
    {
      TillBoardGroup *group = &g_array_index (self->groups, TillBoardGroup, i);
      int rows = ((int) group->n + self->columns - 1) / self->columns;

      group->y = y;
      group->height = (self->headers ? TILL_BOARD_HEADER : 0) + rows * (size->height + size->gap) + TILL_BOARD_MARGIN / 2;
      y += group->height;
    }
  self->height = y + TILL_BOARD_MARGIN / 2;
}

int
till_board_layout_get_height (TillBoardLayout *self)
{
  return self->height;
}

int
till_board_layout_get_columns (TillBoardLayout *self)
{
  return self->columns;
}

guint
till_board_layout_get_n_items (TillBoardLayout *self)
{
  return self->items->len;
}

guint
till_board_layout_get_position (TillBoardLayout *self, guint item)
{
  return g_array_index (self->items, guint, item);
}

static int
compare_positions (gconstpointer a, gconstpointer b)
{
  guint x = *(const guint *) a, y = *(const guint *) b;
  return x < y ? -1 : x > y;
}

gboolean
till_board_layout_find (TillBoardLayout *self, guint position, guint *ret_item)
{
  return g_array_binary_search (self->items, &position, compare_positions, ret_item);
}

guint
till_board_layout_get_n_groups (TillBoardLayout *self)
{
  return self->groups->len;
}

const TillBoardGroup *
till_board_layout_get_group (TillBoardLayout *self, guint group)
{
  g_return_val_if_fail (group < self->groups->len, NULL);
  return &g_array_index (self->groups, TillBoardGroup, group);
}

guint
till_board_layout_group_of (TillBoardLayout *self, guint item)
{
  guint low = 0, high = self->groups->len;

  while (high - low > 1)
    {
      guint middle = (low + high) / 2;
      if (g_array_index (self->groups, TillBoardGroup, middle).first <= item)
        low = middle;
      else
        high = middle;
    }
  return low;
}

void
till_board_layout_get_tile (TillBoardLayout *self, guint item, GdkRectangle *ret)
{
  const TillTileSize *size = till_board_tile_size (self->zoom);
  const TillBoardGroup *group = till_board_layout_get_group (self, till_board_layout_group_of (self, item));
  int at = (int) (item - group->first);

  ret->x = TILL_BOARD_MARGIN + at % self->columns * (size->width + size->gap);
  ret->y = group->y + (self->headers ? TILL_BOARD_HEADER : 0) + at / self->columns * (size->height + size->gap);
  ret->width = size->width;
  ret->height = size->height;
}

static gboolean
group_at (TillBoardLayout *self, int y, guint *ret_group)
{
  guint low = 0, high = self->groups->len;

  if (high == 0 || y < 0)
    return FALSE;
  while (high - low > 1)
    {
      guint middle = (low + high) / 2;
      if (g_array_index (self->groups, TillBoardGroup, middle).y <= y)
        low = middle;
      else
        high = middle;
    }
  *ret_group = low;
  return y >= g_array_index (self->groups, TillBoardGroup, low).y;
}

gboolean
till_board_layout_hit (TillBoardLayout *self, int x, int y, guint *ret_item)
{
  const TillTileSize *size = till_board_tile_size (self->zoom);
  const TillBoardGroup *group;
  int dx = x - TILL_BOARD_MARGIN, dy, column, row;
  guint g;

  if (dx < 0 || !group_at (self, y, &g))
    return FALSE;
  group = till_board_layout_get_group (self, g);
  dy = y - group->y - (self->headers ? TILL_BOARD_HEADER : 0);
  if (dy < 0)
    return FALSE;
  column = dx / (size->width + size->gap);
  row = dy / (size->height + size->gap);
  if (column >= self->columns || dx % (size->width + size->gap) >= size->width || dy % (size->height + size->gap) >= size->height ||
      (guint) (row * self->columns + column) >= group->n)
    return FALSE;
  *ret_item = group->first + (guint) (row * self->columns + column);
  return TRUE;
}

gboolean
till_board_layout_hit_header (TillBoardLayout *self, int y, guint *ret_group)
{
  return self->headers && group_at (self, y, ret_group) && y < till_board_layout_get_group (self, *ret_group)->y + TILL_BOARD_HEADER;
}

guint
till_board_layout_step (TillBoardLayout *self, guint item, int dx, int dy)
{
  guint g = till_board_layout_group_of (self, item), columns = (guint) self->columns;
  const TillBoardGroup *group = till_board_layout_get_group (self, g);
  guint at = item - group->first, column = at % columns;

  if (dx != 0)
    return (guint) CLAMP ((gint64) item + dx, 0, (gint64) self->items->len - 1);
  if (dy > 0 && at + columns < group->n)
    return item + columns;
  if (dy > 0 && at / columns < (group->n - 1) / columns)
    return group->first + group->n - 1;
  if (dy < 0 && at >= columns)
    return item - columns;
  if (dy > 0 && g + 1 < self->groups->len)
    {
      group = till_board_layout_get_group (self, g + 1);
      return group->first + MIN (column, group->n - 1);
    }
  if (dy < 0 && g > 0)
    {
      group = till_board_layout_get_group (self, g - 1);
      return group->first + MIN ((group->n - 1) / columns * columns + column, group->n - 1);
    }
  return item;
}
