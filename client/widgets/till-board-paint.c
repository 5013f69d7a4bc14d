/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-board-paint.c: tiles, marks and texts of the board. It knows no meters, only cells. */
#define G_LOG_DOMAIN "till-board-paint"
#include "config.h"
#include "client/widgets/till-board-paint.h"

#define GLYPH 14
#define MAX_TEXTS 4000

struct _TillBoardPainter
{
  GtkWidget *widget;
  TillTheme theme;
  guint zoom;
  int scale;
  GdkTexture *bases[TILL_N_STATES];
  GHashTable *texts; /* style, width and text -> PangoLayout */
};

static void
forget (TillBoardPainter *self)
{
  for (guint i = 0; i < TILL_N_STATES; i++)
    g_clear_object (&self->bases[i]);
  g_hash_table_remove_all (self->texts);
}

TillBoardPainter *
till_board_painter_new (GtkWidget *widget)
{
  TillBoardPainter *self = g_new0 (TillBoardPainter, 1);

  self->widget = widget;
  self->texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  return self;
}

void
till_board_painter_free (TillBoardPainter *self)
{
  forget (self);
  g_hash_table_unref (self->texts);
  g_free (self);
}

static void
snapshot_glyph (TillBoardPainter *self, GtkSnapshot *snapshot, guint state, const GdkRectangle *box)
{
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gtk_widget_get_display (self->widget));
  g_autoptr (GtkIconPaintable) icon = gtk_icon_theme_lookup_icon (theme, till_palette_state_icon (state), NULL, box->width, self->scale,
                                                                  GTK_TEXT_DIR_NONE, GTK_ICON_LOOKUP_FORCE_SYMBOLIC);
  GdkRGBA ink = till_palette_state (self->theme, state)->ink;
  GdkRGBA colours[4] = { ink, ink, ink, ink };

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (box->x, box->y));
  gtk_symbolic_paintable_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (icon), snapshot, box->width, box->height, colours, 4);
  gtk_snapshot_restore (snapshot);
}

static GdkTexture *
make_base (TillBoardPainter *self, guint state)
{
  const TillTileSize *size = till_board_tile_size (self->zoom);
  const TillStateColours *colours = till_palette_state (self->theme, state);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  GskRoundedRect round;
  float edge = state == TILL_METER_STATE_LOST && self->zoom > 1 ? 2 : 1;
  const float border[4] = { edge, edge, edge, edge };
  GskRenderer *renderer = gtk_native_get_renderer (gtk_widget_get_native (self->widget));

  gtk_snapshot_scale (snapshot, self->scale, self->scale);
  gsk_rounded_rect_init_from_rect (&round, &GRAPHENE_RECT_INIT (0, 0, size->width, size->height), self->zoom == 1 ? 1.5f : 4);
  gtk_snapshot_push_rounded_clip (snapshot, &round);
  gtk_snapshot_append_color (snapshot, &colours->fill, &round.bounds);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_append_border (snapshot, &round, border, (GdkRGBA[4]){ colours->edge, colours->edge, colours->edge, colours->edge });
  if (self->zoom == 2)
    snapshot_glyph (self, snapshot, state, &(GdkRectangle){ 3, 3, GLYPH, GLYPH });
  else if (self->zoom > 2)
    snapshot_glyph (self, snapshot, state, &(GdkRectangle){ 6, 6, GLYPH, GLYPH });
  node = gtk_snapshot_free_to_node (snapshot);
  return gsk_renderer_render_texture (renderer, node, &GRAPHENE_RECT_INIT (0, 0, size->width * self->scale, size->height * self->scale));
}

void
till_board_painter_prepare (TillBoardPainter *self, guint zoom)
{
  TillTheme theme = till_palette_theme ();
  int scale = gtk_widget_get_scale_factor (self->widget);

  if (self->zoom != zoom || self->theme != theme || self->scale != scale || g_hash_table_size (self->texts) > MAX_TEXTS)
    forget (self);
  self->zoom = zoom;
  self->theme = theme;
  self->scale = scale;
  for (guint i = 0; i < TILL_N_STATES; i++)
    if (self->bases[i] == NULL)
      self->bases[i] = make_base (self, i);
}

static PangoLayout *
text_layout (TillBoardPainter *self, const char *text, int width, TillTextStyle style)
{
  g_autofree char *key = g_strdup_printf ("%d:%d:%s", (int) style, width, text);
  PangoLayout *layout = g_hash_table_lookup (self->texts, key);

  if (layout == NULL)
    {
      PangoAttrList *attrs = pango_attr_list_new ();

      layout = gtk_widget_create_pango_layout (self->widget, text);
      pango_attr_list_insert (attrs, pango_attr_scale_new (0.88));
      pango_attr_list_insert (attrs, pango_attr_font_features_new ("tnum"));
      if (style & TILL_TEXT_BOLD)
        pango_attr_list_insert (attrs, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
      pango_layout_set_attributes (layout, attrs);
      pango_attr_list_unref (attrs);
      pango_layout_set_width (layout, width * PANGO_SCALE);
      pango_layout_set_height (layout, -1);
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
      pango_layout_set_alignment (layout, style & TILL_TEXT_RIGHT ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
      g_hash_table_insert (self->texts, g_steal_pointer (&key), layout);
    }
  return layout;
}

void
till_board_painter_draw_text (TillBoardPainter *self, GtkSnapshot *snapshot, const char *text, const GdkRectangle *box,
                              const GdkRGBA *colour, TillTextStyle style)
{
  PangoLayout *layout;
  int height;

  if (text == NULL || text[0] == '\0' || box->width < 8)
    return;
  layout = text_layout (self, text, box->width, style);
  pango_layout_get_pixel_size (layout, NULL, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (box->x, box->y + (box->height - height) / 2));
  gtk_snapshot_append_layout (snapshot, layout, colour);
  gtk_snapshot_restore (snapshot);
}

/* Upper right corner: filled = forced on, hollow = forced off. */
static void
draw_notch (GtkSnapshot *snapshot, const GdkRectangle *r, const TillStateColours *colours, gboolean filled)
{
  double side = r->width > 30 ? 10 : 8, right = r->x + r->width - 1, top = r->y + 1;
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT ((float) (right - side), (float) top, (float) side, (float) side));

  cairo_move_to (cr, right - side, top);
  cairo_line_to (cr, right, top);
  cairo_line_to (cr, right, top + side);
  cairo_close_path (cr);
  gdk_cairo_set_source_rgba (cr, filled ? &colours->ink : &colours->fill);
  cairo_fill_preserve (cr);
  gdk_cairo_set_source_rgba (cr, &colours->ink);
  cairo_set_line_width (cr, 1.2);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
draw_marks (GtkSnapshot *snapshot, const TillBoardTile *tile, const TillStateColours *colours)
{
  const GdkRectangle *r = &tile->rect;

  if (tile->cell.mode != TILL_METER_MODE_PREPAID)
    draw_notch (snapshot, r, colours, tile->cell.mode == TILL_METER_MODE_FORCED_ON);
  if (tile->cell.relay == TILL_RELAY_OPEN)
    gtk_snapshot_append_color (snapshot, &colours->ink, &GRAPHENE_RECT_INIT (r->x + 3, r->y + r->height - 4, r->width - 6, 2));
  if (tile->cell.flags & (unsigned) ~(TILL_METER_FLAG_DERIVED | TILL_METER_FLAG_STALE))
    {
      GskRoundedRect dot;
      gsk_rounded_rect_init_from_rect (&dot, &GRAPHENE_RECT_INIT (r->x + r->width - 6, r->y + r->height - 9, 4, 4), 2);
      gtk_snapshot_push_rounded_clip (snapshot, &dot);
      gtk_snapshot_append_color (snapshot, &colours->ink, &dot.bounds);
      gtk_snapshot_pop (snapshot);
    }
}

static void
draw_frame (TillBoardPainter *self, GtkSnapshot *snapshot, const GdkRectangle *r, float width, float grow, TillTone tone)
{
  GskRoundedRect round;
  GdkRGBA c = *till_palette_tone (self->theme, tone);
  const float border[4] = { width, width, width, width };

  gsk_rounded_rect_init_from_rect (&round, &GRAPHENE_RECT_INIT (r->x - grow, r->y - grow, r->width + 2 * grow, r->height + 2 * grow), 5);
  gtk_snapshot_append_border (snapshot, &round, border, (GdkRGBA[4]){ c, c, c, c });
}

static void
draw_texts (TillBoardPainter *self, GtkSnapshot *snapshot, const TillBoardTile *tile, const GdkRGBA *ink)
{
  const GdkRectangle *r = &tile->rect;
  int right = tile->cell.mode != TILL_METER_MODE_PREPAID ? 12 : 4;

  till_board_painter_draw_text (self, snapshot, tile->title, &(GdkRectangle){ r->x + 24, r->y, r->width - 24 - right, 26 }, ink,
                                self->zoom == 4 ? TILL_TEXT_BOLD : TILL_TEXT_PLAIN);
  if (self->zoom < 4)
    return;
  till_board_painter_draw_text (self, snapshot, tile->line2, &(GdkRectangle){ r->x + 7, r->y + 24, r->width / 2 - 8, 22 }, ink, TILL_TEXT_PLAIN);
  till_board_painter_draw_text (self, snapshot, tile->line3, &(GdkRectangle){ r->x + r->width / 2 + 2, r->y + 24, r->width / 2 - 10, 22 },
                                ink, TILL_TEXT_RIGHT);
}

void
till_board_painter_draw_tile (TillBoardPainter *self, GtkSnapshot *snapshot, const TillBoardTile *tile)
{
  guint state = MIN (tile->cell.state, TILL_N_STATES - 1);
  const TillStateColours *colours = till_palette_state (self->theme, state);
  const GdkRectangle *r = &tile->rect;

  if (tile->dim)
    gtk_snapshot_push_opacity (snapshot, 0.18);
  gtk_snapshot_append_texture (snapshot, self->bases[state], &GRAPHENE_RECT_INIT (r->x, r->y, r->width, r->height));
  if (self->zoom > 1)
    draw_marks (snapshot, tile, colours);
  if (self->zoom > 2)
    draw_texts (self, snapshot, tile, &colours->ink);
  if (tile->dim)
    gtk_snapshot_pop (snapshot);
  if (tile->flash)
    draw_frame (self, snapshot, r, 2, self->zoom == 1 ? 1 : 1.5f, TILL_TONE_TEXT);
  if (tile->selected)
    draw_frame (self, snapshot, r, 2, self->zoom == 1 ? 1 : 2, TILL_TONE_ACCENT);
  if (tile->cursor)
    draw_frame (self, snapshot, r, 1, self->zoom == 1 ? 2 : 3, TILL_TONE_TEXT);
}
