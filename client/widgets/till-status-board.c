/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-status-board.c: scrolling, state and live repaint of the board. Layout, painting and input stand in files of their own.
 * The feed repaints at most 4 times a second, whatever arrives. */
#define G_LOG_DOMAIN "till-status-board"
#include "config.h"
#include "client/widgets/till-status-board-private.h"
#include <adwaita.h>
#include <glib/gi18n.h>
#include "client/widgets/till-format.h"

#define REPAINT_MS 250
#define FLASH_US   600000
#define WANT_MAX   200

static void till_status_board_scrollable_init (GtkScrollableInterface *iface) {}

G_DEFINE_FINAL_TYPE_WITH_CODE (TillStatusBoard, till_status_board, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, till_status_board_scrollable_init))

enum { PROP_STATE = 1, PROP_ZOOM, PROP_N_SELECTED, N_PROPS, PROP_HADJ = N_PROPS, PROP_VADJ, PROP_HPOLICY, PROP_VPOLICY };
enum { SIGNAL_ACTIVATE, SIGNAL_DETAILS_WANTED, N_SIGNALS };
static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

double
till_status_board_scroll_y (TillStatusBoard *self)
{
  return self->adjustments[1] ? gtk_adjustment_get_value (self->adjustments[1]) : 0;
}

static void
reflow (TillStatusBoard *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self)), total;

  if (self->dirty && self->state)
    {
      till_board_layout_fill (self->layout, self->state, &self->filter, self->grouping);
      self->dirty = FALSE;
    }
  till_board_layout_flow (self->layout, MAX (width, 1), self->zoom);
  total = MAX (till_board_layout_get_height (self->layout), height);
  if (self->adjustments[1])
    gtk_adjustment_configure (self->adjustments[1], CLAMP (till_status_board_scroll_y (self), 0, total - height), 0, total, 40, height * 0.9, height);
  if (self->adjustments[0])
    gtk_adjustment_configure (self->adjustments[0], 0, 0, width, 1, width, width);
}

static void
refresh (TillStatusBoard *self)
{
  self->dirty = TRUE;
  reflow (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
describe_cursor (TillStatusBoard *self)
{
  g_autofree char *text = NULL;
  TillBoardCell cell;
  TillMeter *meter;

  if (self->cursor == G_MAXUINT || self->state == NULL || self->cursor >= till_board_state_get_n_meters (self->state))
    return;
  cell = till_board_state_get_cell (self->state, self->cursor);
  meter = till_status_board_get_detail (self, cell.id);
  text = g_strdup_printf ("%s, %s, %s", meter ? till_record_text (meter, "code") : "",
                          cell.area < till_board_state_get_n_areas (self->state) ? till_board_state_get_area (self->state, cell.area)->path : "",
                          till_format_word (&till_words_meter_state, cell.state));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

void
till_status_board_selection_changed (TillStatusBoard *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_SELECTED]);
}

void
till_status_board_reveal (TillStatusBoard *self, guint position)
{
  GdkRectangle r;
  guint item;
  int height = gtk_widget_get_height (GTK_WIDGET (self));
  double y = till_status_board_scroll_y (self);

  if (!till_board_layout_find (self->layout, position, &item))
    return;
  self->cursor = position;
  till_board_layout_get_tile (self->layout, item, &r);
  if (self->adjustments[1] && r.y - TILL_BOARD_HEADER < y)
    gtk_adjustment_set_value (self->adjustments[1], r.y - TILL_BOARD_HEADER - 4);
  else if (self->adjustments[1] && r.y + r.height > y + height)
    gtk_adjustment_set_value (self->adjustments[1], r.y + r.height - height + 8);
  describe_cursor (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
till_status_board_activate (TillStatusBoard *self, guint position)
{
  g_signal_emit (self, signals[SIGNAL_ACTIVATE], 0, position);
}

/* --- live changes */

static gboolean
repaint_cb (gpointer data)
{
  TillStatusBoard *self = data;

  self->repaint_source = 0;
  if (self->refill || self->filter.hide_others)
    refresh (self);
  else
    gtk_widget_queue_draw (GTK_WIDGET (self));
  self->refill = FALSE;
  return G_SOURCE_REMOVE;
}

static gboolean
flash_over_cb (gpointer data)
{
  TillStatusBoard *self = data;
  gint64 now = g_get_monotonic_time ();
  GHashTableIter iter;
  gpointer until;

  g_hash_table_iter_init (&iter, self->flashes);
  while (g_hash_table_iter_next (&iter, NULL, &until))
    if (*(gint64 *) until <= now)
      g_hash_table_iter_remove (&iter);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (g_hash_table_size (self->flashes) > 0)
    return G_SOURCE_CONTINUE;
  self->flash_source = 0;
  return G_SOURCE_REMOVE;
}

static void
meter_changed_cb (TillBoardState *state, guint position, TillStatusBoard *self)
{
  gint64 until = g_get_monotonic_time () + FLASH_US;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    {
      self->dirty = TRUE;
      return;
    }
  if (g_hash_table_size (self->flashes) < 500 && adw_get_enable_animations (GTK_WIDGET (self)))
    g_hash_table_insert (self->flashes, GUINT_TO_POINTER (position), g_memdup2 (&until, sizeof until));
  if (self->flash_source == 0)
    self->flash_source = g_timeout_add (700, flash_over_cb, self);
  self->refill = TRUE; /* counts of the headers */
  if (self->repaint_source == 0)
    self->repaint_source = g_timeout_add (REPAINT_MS, repaint_cb, self);
}

static void
reset_cb (TillBoardState *state, TillStatusBoard *self)
{
  gtk_bitset_remove_all (self->selected);
  self->cursor = self->anchor = G_MAXUINT;
  g_hash_table_remove_all (self->details);
  g_hash_table_remove_all (self->asked);
  g_hash_table_remove_all (self->flashes);
  refresh (self);
  till_status_board_selection_changed (self);
}

/* --- drawing */

static gboolean
want_cb (gpointer data)
{
  TillStatusBoard *self = data;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint n = till_board_layout_get_n_items (self->layout);
  double top = till_status_board_scroll_y (self), bottom = top + gtk_widget_get_height (GTK_WIDGET (self));

  self->want_source = 0;
  for (guint i = 0; i < n && ids->len < WANT_MAX; i++)
    {
      GdkRectangle r;
      TillBoardCell cell;

      till_board_layout_get_tile (self->layout, i, &r);
      if (r.y > bottom)
        break;
      if (r.y + r.height < top)
        continue;
      cell = till_board_state_get_cell (self->state, till_board_layout_get_position (self->layout, i));
      if (g_hash_table_add (self->asked, GUINT_TO_POINTER (cell.id)))
        g_array_append_val (ids, cell.id);
    }
  if (ids->len > 0)
    g_signal_emit (self, signals[SIGNAL_DETAILS_WANTED], 0, ids);
  return G_SOURCE_REMOVE;
}

static const char *
last_segment (const char *path)
{
  const char *slash = path ? strrchr (path, '/') : NULL;
  return slash ? slash + 1 : path;
}

static void
draw_item (TillStatusBoard *self, GtkSnapshot *snapshot, guint item)
{
  guint position = till_board_layout_get_position (self->layout, item);
  TillBoardTile tile = { .cell = till_board_state_get_cell (self->state, position) };
  g_autofree char *balance = NULL;
  TillMeter *meter = NULL;

  till_board_layout_get_tile (self->layout, item, &tile.rect);
  tile.dim = !till_board_filter_matches (&self->filter, self->state, &tile.cell);
  tile.selected = gtk_bitset_contains (self->selected, position);
  tile.cursor = position == self->cursor && gtk_widget_has_visible_focus (GTK_WIDGET (self));
  tile.flash = g_hash_table_contains (self->flashes, GUINT_TO_POINTER (position));
  if (self->zoom >= 3 && tile.cell.area < till_board_state_get_n_areas (self->state))
    tile.title = last_segment (till_board_state_get_area (self->state, tile.cell.area)->path);
  if (self->zoom == 4)
    {
      meter = g_hash_table_lookup (self->details, GUINT_TO_POINTER (tile.cell.id));
      if (meter)
        {
          tile.title = till_record_text (meter, "code");
          tile.line2 = till_record_text (meter, "customer-name") ? till_record_text (meter, "customer-name")
                                                                 : till_format_word (&till_words_meter_state, tile.cell.state);
          balance = till_format_money (till_record_int (meter, "balance"));
          tile.line3 = balance;
        }
      else if (self->want_source == 0)
        self->want_source = g_timeout_add (60, want_cb, self);
    }
  till_board_painter_draw_tile (self->painter, snapshot, &tile);
}

static void
draw_header (TillStatusBoard *self, GtkSnapshot *snapshot, const TillBoardGroup *group, int y)
{
  TillTheme theme = till_palette_theme ();
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  g_autoptr (GString) text = g_string_new (NULL);
  GdkRGBA surface = *till_palette_tone (theme, TILL_TONE_SURFACE);
  const char *name = group->area >= 0 ? till_board_state_get_area (self->state, (guint) group->area)->path : "";

  gtk_snapshot_append_color (snapshot, &surface, &GRAPHENE_RECT_INIT (0, y, width, TILL_BOARD_HEADER));
  g_string_append_printf (text, g_dngettext (NULL, "%u meter", "%u meters", group->n), group->n);
  if (group->counts[TILL_METER_STATE_NORMAL] == group->n)
    g_string_append_printf (text, " · %s", _ ("all normal"));
  else
    for (guint s = 1; s < TILL_N_STATES; s++)
      if (group->counts[s] > 0)
        g_string_append_printf (text, " · %u %s", group->counts[s], till_format_word (&till_words_meter_state, s));
  till_board_painter_draw_text (self->painter, snapshot, name, &(GdkRectangle){ TILL_BOARD_MARGIN, y, 240, TILL_BOARD_HEADER },
                                till_palette_tone (theme, TILL_TONE_TEXT), TILL_TEXT_BOLD);
  till_board_painter_draw_text (self->painter, snapshot, text->str, &(GdkRectangle){ TILL_BOARD_MARGIN + 250, y, width - 270, TILL_BOARD_HEADER },
                                till_palette_tone (theme, TILL_TONE_DIM), TILL_TEXT_PLAIN);
}

static void
draw_group (TillStatusBoard *self, GtkSnapshot *snapshot, const TillBoardGroup *group, double top, double bottom)
{
  const TillTileSize *size = till_board_tile_size (self->zoom);
  int header = self->grouping == TILL_GROUP_NONE ? 0 : TILL_BOARD_HEADER, pitch = size->height + size->gap;
  int columns = till_board_layout_get_columns (self->layout);
  int first = (int) MAX ((top - group->y - header) / pitch, 0), last = (int) ((bottom - group->y - header) / pitch) + 1;

  for (int row = first; row <= last; row++)
    for (int column = 0; column < columns; column++)
      if ((guint) (row * columns + column) < group->n)
        draw_item (self, snapshot, group->first + (guint) (row * columns + column));
  if (header)
    draw_header (self, snapshot, group, (int) CLAMP (top, group->y, group->y + group->height - TILL_BOARD_HEADER));
}

static void
till_status_board_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TillStatusBoard *self = TILL_STATUS_BOARD (widget);
  double top = till_status_board_scroll_y (self), bottom = top + gtk_widget_get_height (widget);
  GdkRGBA band = *till_palette_tone (till_palette_theme (), TILL_TONE_ACCENT);

  if (self->state == NULL)
    return;
  if (self->dirty)
    reflow (self);
  till_board_painter_prepare (self->painter, self->zoom);
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget)));
  if (self->stale)
    gtk_snapshot_push_opacity (snapshot, 0.45);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (0, (float) -top));
  for (guint i = 0; i < till_board_layout_get_n_groups (self->layout); i++)
    {
      const TillBoardGroup *group = till_board_layout_get_group (self->layout, i);
      if (group->y + group->height >= top && group->y <= bottom)
        draw_group (self, snapshot, group, top, bottom);
    }
  if (self->band)
    {
      band.alpha = 0.25f;
      gtk_snapshot_append_color (snapshot, &band, &GRAPHENE_RECT_INIT ((float) MIN (self->drag_x, self->band_x), (float) MIN (self->drag_y, self->band_y),
                                                                       (float) ABS (self->band_x - self->drag_x), (float) ABS (self->band_y - self->drag_y)));
    }
  gtk_snapshot_restore (snapshot);
  if (self->stale)
    gtk_snapshot_pop (snapshot);
  gtk_snapshot_pop (snapshot);
}

static void
till_status_board_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  reflow (TILL_STATUS_BOARD (widget));
}

static void
till_status_board_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
                           int *natural_baseline)
{
  *minimum = 100;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 800 : 400;
}

/* --- object */

static void
set_adjustment (TillStatusBoard *self, guint which, GtkAdjustment *adjustment)
{
  if (adjustment == self->adjustments[which])
    return;
  if (self->adjustments[which])
    g_signal_handlers_disconnect_by_func (self->adjustments[which], gtk_widget_queue_draw, self);
  g_set_object (&self->adjustments[which], adjustment);
  if (adjustment)
    g_signal_connect_swapped (adjustment, "value-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  reflow (self);
}

static void
till_status_board_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TillStatusBoard *self = TILL_STATUS_BOARD (object);

  if (id == PROP_STATE)
    g_value_set_object (value, self->state);
  else if (id == PROP_ZOOM)
    g_value_set_uint (value, self->zoom);
  else if (id == PROP_N_SELECTED)
    g_value_set_uint (value, (guint) gtk_bitset_get_size (self->selected));
  else if (id == PROP_HADJ || id == PROP_VADJ)
    g_value_set_object (value, self->adjustments[id - PROP_HADJ]);
  else
    g_value_set_enum (value, (int) self->scroll_policies[id - PROP_HPOLICY]);
}

static void
till_status_board_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TillStatusBoard *self = TILL_STATUS_BOARD (object);

  if (id == PROP_STATE)
    till_status_board_set_state (self, g_value_get_object (value));
  else if (id == PROP_ZOOM)
    till_status_board_set_zoom (self, g_value_get_uint (value));
  else if (id == PROP_HADJ || id == PROP_VADJ)
    set_adjustment (self, id - PROP_HADJ, g_value_get_object (value));
  else if (id == PROP_HPOLICY || id == PROP_VPOLICY)
    self->scroll_policies[id - PROP_HPOLICY] = (guint) g_value_get_enum (value);
}

static void
till_status_board_dispose (GObject *object)
{
  TillStatusBoard *self = TILL_STATUS_BOARD (object);

  g_clear_handle_id (&self->repaint_source, g_source_remove);
  g_clear_handle_id (&self->flash_source, g_source_remove);
  g_clear_handle_id (&self->want_source, g_source_remove);
  till_status_board_set_state (self, NULL);
  for (guint i = 0; i < 2; i++)
    if (self->adjustments[i])
      {
        g_signal_handlers_disconnect_by_func (self->adjustments[i], gtk_widget_queue_draw, self);
        g_clear_object (&self->adjustments[i]);
      }
  G_OBJECT_CLASS (till_status_board_parent_class)->dispose (object);
}

static void
till_status_board_finalize (GObject *object)
{
  TillStatusBoard *self = TILL_STATUS_BOARD (object);

  till_board_layout_free (self->layout);
  till_board_painter_free (self->painter);
  gtk_bitset_unref (self->selected);
  g_hash_table_unref (self->details);
  g_hash_table_unref (self->asked);
  g_hash_table_unref (self->flashes);
  G_OBJECT_CLASS (till_status_board_parent_class)->finalize (object);
}

static void
till_status_board_class_init (TillStatusBoardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = till_status_board_get_property;
  object_class->set_property = till_status_board_set_property;
  object_class->dispose = till_status_board_dispose;
  object_class->finalize = till_status_board_finalize;
  widget_class->snapshot = till_status_board_snapshot;
  widget_class->measure = till_status_board_measure;
  widget_class->size_allocate = till_status_board_size_allocate;
  props[PROP_STATE] = g_param_spec_object ("state", NULL, NULL, TILL_TYPE_BOARD_STATE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  props[PROP_ZOOM] = g_param_spec_uint ("zoom", NULL, NULL, 1, TILL_BOARD_ZOOMS, 2,
                                        G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  props[PROP_N_SELECTED] = g_param_spec_uint ("n-selected", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  g_object_class_override_property (object_class, PROP_HADJ, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJ, "vadjustment");
  g_object_class_override_property (object_class, PROP_HPOLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VPOLICY, "vscroll-policy");
  signals[SIGNAL_ACTIVATE] = g_signal_new ("activate", TILL_TYPE_STATUS_BOARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[SIGNAL_DETAILS_WANTED] = g_signal_new ("details-wanted", TILL_TYPE_STATUS_BOARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                                 G_TYPE_ARRAY);
  gtk_widget_class_set_css_name (widget_class, "tillboard");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GRID);
  till_status_board_add_bindings (widget_class);
}

static void
till_status_board_init (TillStatusBoard *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->layout = till_board_layout_new ();
  self->painter = till_board_painter_new (widget);
  self->filter.area = -1;
  self->zoom = 2;
  self->selected = gtk_bitset_new_empty ();
  self->cursor = self->anchor = G_MAXUINT;
  self->details = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  self->asked = g_hash_table_new (NULL, NULL);
  self->flashes = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_has_tooltip (widget, TRUE);
  till_status_board_add_controllers (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Live board"), -1);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
till_status_board_new (void)
{
  return g_object_new (TILL_TYPE_STATUS_BOARD, NULL);
}

void
till_status_board_set_state (TillStatusBoard *self, TillBoardState *state)
{
  if (self->state == state)
    return;
  if (self->state)
    g_signal_handlers_disconnect_by_data (self->state, self);
  g_set_object (&self->state, state);
  if (state == NULL)
    return;
  g_signal_connect (state, "meter-changed", G_CALLBACK (meter_changed_cb), self);
  g_signal_connect (state, "reset", G_CALLBACK (reset_cb), self);
  refresh (self);
}

void
till_status_board_set_filter (TillStatusBoard *self, const TillBoardFilter *filter)
{
  self->filter = *filter;
  refresh (self);
}

void
till_status_board_set_grouping (TillStatusBoard *self, TillBoardGrouping grouping)
{
  self->grouping = grouping;
  refresh (self);
}

void
till_status_board_set_zoom (TillStatusBoard *self, guint zoom)
{
  zoom = CLAMP (zoom, 1, TILL_BOARD_ZOOMS);
  if (zoom == self->zoom)
    return;
  self->zoom = zoom;
  refresh (self);
  if (self->cursor != G_MAXUINT)
    till_status_board_reveal (self, self->cursor);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ZOOM]);
}

guint
till_status_board_get_zoom (TillStatusBoard *self)
{
  return self->zoom;
}

void
till_status_board_set_stale (TillStatusBoard *self, gboolean stale)
{
  self->stale = stale;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
till_status_board_take_detail (TillStatusBoard *self, guint32 id, TillMeter *meter)
{
  g_hash_table_insert (self->details, GUINT_TO_POINTER (id), g_object_ref (meter));
  g_hash_table_add (self->asked, GUINT_TO_POINTER (id));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

TillMeter *
till_status_board_get_detail (TillStatusBoard *self, guint32 id)
{
  return g_hash_table_lookup (self->details, GUINT_TO_POINTER (id));
}

GtkBitset *
till_status_board_get_selected (TillStatusBoard *self)
{
  return self->selected;
}

void
till_status_board_select_all (TillStatusBoard *self)
{
  for (guint i = 0; i < till_board_layout_get_n_items (self->layout); i++)
    {
      guint position = till_board_layout_get_position (self->layout, i);
      TillBoardCell cell = till_board_state_get_cell (self->state, position);
      if (till_board_filter_matches (&self->filter, self->state, &cell))
        gtk_bitset_add (self->selected, position);
    }
  till_status_board_selection_changed (self);
}

void
till_status_board_unselect_all (TillStatusBoard *self)
{
  gtk_bitset_remove_all (self->selected);
  till_status_board_selection_changed (self);
}

guint
till_status_board_get_n_shown (TillStatusBoard *self)
{
  return till_board_layout_get_n_items (self->layout);
}

gboolean
till_status_board_position_at (TillStatusBoard *self, double x, double y, guint *ret_position)
{
  guint item;

  if (!till_board_layout_hit (self->layout, (int) x, (int) (y + till_status_board_scroll_y (self)), &item))
    return FALSE;
  *ret_position = till_board_layout_get_position (self->layout, item);
  return TRUE;
}
