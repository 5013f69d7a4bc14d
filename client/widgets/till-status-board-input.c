/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-status-board-input.c: pointer and keys on the board: selection, rubber band, zoom. Draws nothing. */
#include "config.h"
#include "client/widgets/till-status-board-private.h"

/* Click and keys share one rule: plain = only this, Ctrl = toggle, Shift = from the anchor. */
static void
select_at (TillStatusBoard *self, guint position, GdkModifierType modifiers)
{
  if (modifiers & GDK_SHIFT_MASK && self->anchor != G_MAXUINT)
    {
      guint low = MIN (self->anchor, position), high = MAX (self->anchor, position), item;
      gtk_bitset_remove_all (self->selected);
      for (guint p = low; p <= high; p++)
        if (till_board_layout_find (self->layout, p, &item))
          gtk_bitset_add (self->selected, p);
    }
  else if (modifiers & GDK_CONTROL_MASK)
    {
      if (!gtk_bitset_remove (self->selected, position))
        gtk_bitset_add (self->selected, position);
      self->anchor = position;
    }
  else
    {
      gtk_bitset_remove_all (self->selected);
      gtk_bitset_add (self->selected, position);
      self->anchor = position;
    }
  till_status_board_reveal (self, position);
  till_status_board_selection_changed (self);
}

/* --- pointer and keys */

static void
pressed_cb (GtkGestureClick *click, int n_press, double x, double y, TillStatusBoard *self)
{
  GdkModifierType modifiers = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (click));
  guint position, group;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (till_status_board_position_at (self, x, y, &position))
    {
      if (n_press == 2)
        till_status_board_activate (self, position);
      else
        select_at (self, position, modifiers & (GDK_SHIFT_MASK | GDK_CONTROL_MASK));
    }
  else if (till_board_layout_hit_header (self->layout, (int) (y + till_status_board_scroll_y (self)), &group))
    {
      const TillBoardGroup *g = till_board_layout_get_group (self->layout, group);
      if (!(modifiers & GDK_CONTROL_MASK))
        gtk_bitset_remove_all (self->selected);
      for (guint i = 0; i < g->n; i++)
        gtk_bitset_add (self->selected, till_board_layout_get_position (self->layout, g->first + i));
      till_status_board_selection_changed (self);
    }
  else if (!(modifiers & (GDK_SHIFT_MASK | GDK_CONTROL_MASK)))
    till_status_board_unselect_all (self);
}

static void
drag_begin_cb (GtkGestureDrag *drag, double x, double y, TillStatusBoard *self)
{
  self->drag_x = self->band_x = x;
  self->drag_y = self->band_y = y + till_status_board_scroll_y (self);
}

static void
drag_update_cb (GtkGestureDrag *drag, double dx, double dy, TillStatusBoard *self)
{
  guint n = till_board_layout_get_n_items (self->layout);
  double x, y;

  if (!self->band && ABS (dx) + ABS (dy) < 8)
    return;
  gtk_gesture_drag_get_start_point (drag, &x, &y);
  self->band = TRUE;
  self->band_x = x + dx;
  self->band_y = y + dy + till_status_board_scroll_y (self);
  gtk_bitset_remove_all (self->selected);
  for (guint i = 0; i < n; i++)
    {
      GdkRectangle r;
      till_board_layout_get_tile (self->layout, i, &r);
      if (r.y > MAX (self->drag_y, self->band_y))
        break;
      if (r.y + r.height >= MIN (self->drag_y, self->band_y) && r.x <= MAX (self->drag_x, self->band_x) &&
          r.x + r.width >= MIN (self->drag_x, self->band_x))
        gtk_bitset_add (self->selected, till_board_layout_get_position (self->layout, i));
    }
  till_status_board_selection_changed (self);
}

static void
drag_end_cb (GtkGestureDrag *drag, double dx, double dy, TillStatusBoard *self)
{
  self->band = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
scroll_cb (GtkEventControllerScroll *scroll, double dx, double dy, TillStatusBoard *self)
{
  if (!(gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (scroll)) & GDK_CONTROL_MASK))
    return FALSE;
  till_status_board_set_zoom (self, dy < 0 ? self->zoom + 1 : self->zoom - 1);
  return TRUE;
}

static gboolean
move_cb (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  TillStatusBoard *self = TILL_STATUS_BOARD (widget);
  guint n = till_board_layout_get_n_items (self->layout), item = 0, modifiers;
  int dx, dy;

  g_variant_get (args, "(iiu)", &dx, &dy, &modifiers);
  if (n == 0)
    return FALSE;
  if (self->cursor != G_MAXUINT && till_board_layout_find (self->layout, self->cursor, &item))
    {
      if (ABS (dy) > 1)
        for (int i = 0; i < 10; i++)
          item = till_board_layout_step (self->layout, item, 0, dy < 0 ? -1 : 1);
      else
        item = till_board_layout_step (self->layout, item, dx, dy);
    }
  if (ABS (dx) > 1000)
    item = dx < 0 ? 0 : n - 1;
  select_at (self, till_board_layout_get_position (self->layout, item), modifiers);
  return TRUE;
}

static gboolean
key_cb (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  TillStatusBoard *self = TILL_STATUS_BOARD (widget);
  const char *what = g_variant_get_string (args, NULL);

  if (g_str_equal (what, "all"))
    till_status_board_select_all (self);
  else if (g_str_equal (what, "none"))
    till_status_board_unselect_all (self);
  else if (g_str_equal (what, "in"))
    till_status_board_set_zoom (self, self->zoom + 1);
  else if (g_str_equal (what, "out"))
    till_status_board_set_zoom (self, self->zoom - 1);
  else if (self->cursor == G_MAXUINT)
    return FALSE;
  else if (g_str_equal (what, "toggle"))
    select_at (self, self->cursor, GDK_CONTROL_MASK);
  else
    till_status_board_activate (self, self->cursor);
  return TRUE;
}

void
till_status_board_add_bindings (GtkWidgetClass *widget_class)
{
  static const struct { guint key; int dx, dy; } moves[] = { { GDK_KEY_Left, -1, 0 }, { GDK_KEY_Right, 1, 0 }, { GDK_KEY_Up, 0, -1 },
    { GDK_KEY_Down, 0, 1 }, { GDK_KEY_Page_Up, 0, -10 }, { GDK_KEY_Page_Down, 0, 10 }, { GDK_KEY_Home, -2000, 0 }, { GDK_KEY_End, 2000, 0 } };
  static const struct { guint key; GdkModifierType modifiers; const char *what; } keys[] = { { GDK_KEY_a, GDK_CONTROL_MASK, "all" },
    { GDK_KEY_Escape, 0, "none" }, { GDK_KEY_plus, GDK_CONTROL_MASK, "in" }, { GDK_KEY_KP_Add, GDK_CONTROL_MASK, "in" },
    { GDK_KEY_equal, GDK_CONTROL_MASK, "in" }, { GDK_KEY_minus, GDK_CONTROL_MASK, "out" }, { GDK_KEY_KP_Subtract, GDK_CONTROL_MASK, "out" },
    { GDK_KEY_space, 0, "toggle" }, { GDK_KEY_Return, 0, "open" }, { GDK_KEY_KP_Enter, 0, "open" } };

  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    {
      gtk_widget_class_add_binding (widget_class, moves[i].key, 0, move_cb, "(iiu)", moves[i].dx, moves[i].dy, 0u);
      gtk_widget_class_add_binding (widget_class, moves[i].key, GDK_SHIFT_MASK, move_cb, "(iiu)", moves[i].dx, moves[i].dy, (guint) GDK_SHIFT_MASK);
    }
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding (widget_class, keys[i].key, keys[i].modifiers, key_cb, "s", keys[i].what);
}

void
till_status_board_add_controllers (TillStatusBoard *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *click = gtk_gesture_click_new (), *drag = gtk_gesture_drag_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL | GTK_EVENT_CONTROLLER_SCROLL_DISCRETE);

  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (widget, scroll);
}
