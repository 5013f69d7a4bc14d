/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-clock-band.c: see till-clock-band.h. Knows no price and no season. */
#define G_LOG_DOMAIN "till-clock-band"
#include "config.h"
#include "client/widgets/till-clock-band.h"
#include <glib/gi18n.h>
#include <math.h>
#include "client/model/till-words.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-palette.h"

#define PAD      14.f /* half of "24" stands beside the band */
#define TOP      4.f
#define BAND     40.f
#define SCALE    20.f
#define GRAB     6.0  /* px beside a border that still take hold of it */

struct _TillClockBand {
  GtkWidget   parent_instance;
  TillDayPlan plan;
  guint       selected, rates;
  gboolean    editable;
  int         dragged; /* segment whose beginning follows the pointer; -1: none */
};

G_DEFINE_FINAL_TYPE (TillClockBand, till_clock_band, GTK_TYPE_WIDGET)

enum { PROP_EDITABLE = 1, PROP_SELECTED, N_PROPS };
enum { CHANGED, N_SIGNALS };
static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

/* --- geometry --- */

static float
band_width (TillClockBand *self)
{
  return MAX ((float) gtk_widget_get_width (GTK_WIDGET (self)) - 2 * PAD, 1);
}

static double
x_of (TillClockBand *self, guint minute)
{
  return PAD + band_width (self) * (float) minute / TILL_DAY_MINUTES;
}

static int
minute_at (TillClockBand *self, double x, int step)
{
  double minute = (x - PAD) / band_width (self) * TILL_DAY_MINUTES;

  return CLAMP ((int) round (minute / step) * step, 0, TILL_DAY_MINUTES - 1);
}

/* The segment whose beginning lies under the pointer; -1: none. */
static int
border_at (TillClockBand *self, double x)
{
  for (guint i = 1; i < self->plan.n; i++)
    if (fabs (x_of (self, self->plan.segments[i].minute) - x) <= GRAB)
      return (int) i;
  return -1;
}

/* --- drawing --- */

static PangoLayout *
small_text (TillClockBand *self, const char *text, gboolean strong)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  PangoAttrList *attrs = pango_attr_list_new ();

  pango_attr_list_insert (attrs, pango_attr_scale_new (0.88));
  pango_attr_list_insert (attrs, pango_attr_font_features_new ("tnum"));
  if (strong)
    pango_attr_list_insert (attrs, pango_attr_weight_new (PANGO_WEIGHT_SEMIBOLD));
  pango_layout_set_attributes (layout, attrs);
  pango_attr_list_unref (attrs);
  return layout;
}

static double
channel (float value)
{
  return value <= .04045f ? value / 12.92 : pow ((value + .055) / 1.055, 2.4);
}

/* Black or white, whichever stands out more. */
static const GdkRGBA *
ink_on (const GdkRGBA *fill)
{
  static const GdkRGBA black = { 0, 0, 0, 1 }, white = { 1, 1, 1, 1 };
  double light = .2126 * channel (fill->red) + .7152 * channel (fill->green) + .0722 * channel (fill->blue);

  return (light + .05) / .05 > 1.05 / (light + .05) ? &black : &white;
}

static void
put_text (GtkSnapshot *snapshot, PangoLayout *layout, float x, float y, const GdkRGBA *colour)
{
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (roundf (x), roundf (y)));
  gtk_snapshot_append_layout (snapshot, layout, colour);
  gtk_snapshot_restore (snapshot);
}

/* The rate in the middle, where there is room for it. */
static void
draw_word (TillClockBand *self, GtkSnapshot *snapshot, guint segment, const graphene_rect_t *rect)
{
  TillRate rate = self->plan.segments[segment].rate;
  const GdkRGBA *fill = till_palette_tone (till_palette_theme (), TILL_TONE_TIP + (TillTone) rate);
  g_autoptr (PangoLayout) layout = small_text (self, till_format_word (&till_words_rate, rate), TRUE);
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  if ((float) width + 6 > rect->size.width)
    return;
  put_text (snapshot, layout, rect->origin.x + (rect->size.width - (float) width) / 2, rect->origin.y + (rect->size.height - (float) height) / 2,
            ink_on (fill));
}

static void
draw_segment (TillClockBand *self, GtkSnapshot *snapshot, guint segment)
{
  TillTheme theme = till_palette_theme ();
  float from = roundf ((float) x_of (self, self->plan.segments[segment].minute));
  float to = roundf ((float) x_of (self, till_day_plan_end (&self->plan, segment)));
  graphene_rect_t rect = GRAPHENE_RECT_INIT (from, TOP, MAX (to - from - (segment + 1 < self->plan.n ? 1 : 0), 1), BAND);

  gtk_snapshot_append_color (snapshot, till_palette_tone (theme, TILL_TONE_TIP + (TillTone) self->plan.segments[segment].rate), &rect);
  draw_word (self, snapshot, segment, &rect);
  if (segment == self->selected && gtk_widget_has_focus (GTK_WIDGET (self)))
    {
      const float border[4] = { 2, 2, 2, 2 };
      GdkRGBA line = *till_palette_tone (theme, TILL_TONE_TEXT), gap = *till_palette_tone (theme, TILL_TONE_SURFACE);
      GskRoundedRect outer, inner;

      gsk_rounded_rect_init_from_rect (&outer, &rect, 0);
      gsk_rounded_rect_init_from_rect (&inner, &GRAPHENE_RECT_INIT (rect.origin.x + 2, TOP + 2, MAX (rect.size.width - 4, 1), BAND - 4), 0);
      gtk_snapshot_append_border (snapshot, &outer, border, (GdkRGBA[4]){ line, line, line, line });
      gtk_snapshot_append_border (snapshot, &inner, border, (GdkRGBA[4]){ gap, gap, gap, gap });
    }
}

static void
draw_scale (TillClockBand *self, GtkSnapshot *snapshot)
{
  TillTheme theme = till_palette_theme ();

  for (guint hour = 0; hour <= 24; hour++)
    {
      float x = roundf ((float) x_of (self, hour * 60));
      gboolean named = hour % 3 == 0;

      gtk_snapshot_append_color (snapshot, till_palette_tone (theme, TILL_TONE_DIM), &GRAPHENE_RECT_INIT (x, TOP + BAND + 1, 1, named ? 5 : 3));
      if (named)
        {
          g_autofree char *text = g_strdup_printf ("%u", hour);
          g_autoptr (PangoLayout) layout = small_text (self, text, FALSE);
          int width;

          pango_layout_get_pixel_size (layout, &width, NULL);
          put_text (snapshot, layout, x - (float) width / 2, TOP + BAND + 6, till_palette_tone (theme, TILL_TONE_DIM));
        }
    }
}

static void
till_clock_band_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TillClockBand *self = TILL_CLOCK_BAND (widget);

  for (guint i = 0; i < self->plan.n; i++)
    draw_segment (self, snapshot, i);
  draw_scale (self, snapshot);
}

static void
till_clock_band_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_VERTICAL ? (int) (TOP + BAND + SCALE + 4) : 320;
  *natural = orientation == GTK_ORIENTATION_VERTICAL ? *minimum : 640;
}

/* --- what is said --- */

static char *
describe (TillClockBand *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->plan.n; i++)
    {
      g_autofree char *from = till_minute_print (self->plan.segments[i].minute), *to = till_minute_print (till_day_plan_end (&self->plan, i));

      if (i > 0)
        g_string_append (text, C_ ("between flags", ", "));
      /* Translators: hours of a day and its rate: "07:00 to 11:00 peak". */
      g_string_append_printf (text, _ ("%s to %s %s"), from, to, till_format_word (&till_words_rate, self->plan.segments[i].rate));
    }
  return g_string_free (text, FALSE);
}

static void
update (TillClockBand *self)
{
  g_autofree char *text = describe (self);

  self->selected = MIN (self->selected, self->plan.n - 1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tip)
{
  TillClockBand *self = TILL_CLOCK_BAND (widget);
  guint at = keyboard ? self->selected : till_day_plan_at (&self->plan, (guint) minute_at (self, x, 1));
  g_autofree char *from = till_minute_print (self->plan.segments[at].minute), *to = till_minute_print (till_day_plan_end (&self->plan, at));
  g_autofree char *text = g_strdup_printf (_ ("%s to %s %s"), from, to, till_format_word (&till_words_rate, self->plan.segments[at].rate));

  gtk_tooltip_set_text (tip, text);
  return TRUE;
}

/* --- editing --- */

static void
changed (TillClockBand *self)
{
  update (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* The whole day has no border before it: there the arrows move its end. */
static gboolean
move_by (TillClockBand *self, int minutes)
{
  guint segment = self->selected == 0 && self->plan.n > 1 ? 1 : self->selected;

  return till_day_plan_move (&self->plan, segment, (int) self->plan.segments[segment].minute + minutes);
}

static gboolean
edit_key (TillClockBand *self, guint key, GdkModifierType state)
{
  int step = (state & GDK_SHIFT_MASK) != 0 ? 60 : TILL_SEGMENT_STEP;
  guint rate = key >= GDK_KEY_1 && key <= GDK_KEY_5 ? key - GDK_KEY_1 : key >= GDK_KEY_KP_1 && key <= GDK_KEY_KP_5 ? key - GDK_KEY_KP_1 : TILL_N_RATES;

  switch (key)
    {
    case GDK_KEY_Left: case GDK_KEY_KP_Left:
      return move_by (self, -step);
    case GDK_KEY_Right: case GDK_KEY_KP_Right:
      return move_by (self, step);
    case GDK_KEY_Insert: case GDK_KEY_KP_Insert:
      if (!till_day_plan_split (&self->plan, self->selected, 0))
        return FALSE;
      self->selected++;
      return TRUE;
    case GDK_KEY_Delete: case GDK_KEY_KP_Delete: case GDK_KEY_BackSpace:
      if (!till_day_plan_merge (&self->plan, self->selected))
        return FALSE;
      self->selected -= self->selected > 0 ? 1 : 0;
      return TRUE;
    default:
      return rate < TILL_N_RATES && (self->rates & 1u << rate) != 0 && till_day_plan_set_rate (&self->plan, self->selected, (TillRate) rate);
    }
}

static gboolean
key_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, TillClockBand *self)
{
  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return FALSE;
  switch (key)
    {
    case GDK_KEY_Up: case GDK_KEY_KP_Up:
      till_clock_band_select (self, self->selected > 0 ? self->selected - 1 : 0);
      return TRUE;
    case GDK_KEY_Down: case GDK_KEY_KP_Down:
      till_clock_band_select (self, MIN (self->selected + 1, self->plan.n - 1));
      return TRUE;
    case GDK_KEY_Home:
      till_clock_band_select (self, 0);
      return TRUE;
    case GDK_KEY_End:
      till_clock_band_select (self, self->plan.n - 1);
      return TRUE;
    default:
      break;
    }
  if (!self->editable || !edit_key (self, key, state))
    return FALSE;
  changed (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SELECTED]);
  return TRUE;
}

static void
drag_begin_cb (GtkGestureDrag *drag, double x, double y, TillClockBand *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->dragged = self->editable ? border_at (self, x) : -1;
  till_clock_band_select (self, self->dragged > 0 ? (guint) self->dragged : till_day_plan_at (&self->plan, (guint) minute_at (self, x, 1)));
}

static void
drag_update_cb (GtkGestureDrag *drag, double dx, double dy, TillClockBand *self)
{
  double x, y;

  if (self->dragged < 1 || !gtk_gesture_drag_get_start_point (drag, &x, &y))
    return;
  if (till_day_plan_move (&self->plan, (guint) self->dragged, minute_at (self, x + dx, TILL_SEGMENT_STEP)))
    changed (self);
}

static void
drag_end_cb (GtkGestureDrag *drag, double dx, double dy, TillClockBand *self)
{
  self->dragged = -1;
}

static void
pressed_cb (GtkGestureClick *click, int n, double x, double y, TillClockBand *self)
{
  guint minute = (guint) minute_at (self, x, TILL_SEGMENT_STEP), at = till_day_plan_at (&self->plan, minute);

  if (n != 2 || !self->editable || border_at (self, x) >= 0 || !till_day_plan_split (&self->plan, at, MAX (minute, 1)))
    return;
  self->selected = at + 1;
  changed (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SELECTED]);
}

static void
motion_cb (GtkEventControllerMotion *motion, double x, double y, TillClockBand *self)
{
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), self->editable && border_at (self, x) > 0 ? "ew-resize" : NULL);
}

static void
focus_cb (TillClockBand *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- widget --- */

static void
till_clock_band_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TillClockBand *self = TILL_CLOCK_BAND (object);

  if (id == PROP_EDITABLE)
    g_value_set_boolean (value, self->editable);
  else
    g_value_set_uint (value, self->selected);
}

static void
till_clock_band_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_EDITABLE)
    till_clock_band_set_editable (TILL_CLOCK_BAND (object), g_value_get_boolean (value));
  else
    till_clock_band_select (TILL_CLOCK_BAND (object), g_value_get_uint (value));
}

static void
till_clock_band_class_init (TillClockBandClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = till_clock_band_get_property;
  object_class->set_property = till_clock_band_set_property;
  widget_class->snapshot = till_clock_band_snapshot;
  widget_class->measure = till_clock_band_measure;
  widget_class->query_tooltip = tooltip;
  props[PROP_EDITABLE] = g_param_spec_boolean ("editable", NULL, NULL, FALSE, flags);
  props[PROP_SELECTED] = g_param_spec_uint ("selected", NULL, NULL, 0, TILL_SEGMENTS_MAX - 1, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[CHANGED] = g_signal_new ("changed", TILL_TYPE_CLOCK_BAND, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "tillclockband");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
till_clock_band_init (TillClockBand *self)
{
  GtkEventController *keys = gtk_event_controller_key_new (), *motion = gtk_event_controller_motion_new (), *focus = gtk_event_controller_focus_new ();
  GtkGesture *drag = gtk_gesture_drag_new (), *click = gtk_gesture_click_new ();

  till_day_plan_init (&self->plan, TILL_RATE_FLAT);
  self->rates = (1u << TILL_N_RATES) - 1;
  self->dragged = -1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (focus, "enter", G_CALLBACK (focus_cb), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (focus_cb), self);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Rates of the day"), -1);
  update (self);
}

void
till_clock_band_set_plan (TillClockBand *self, const TillDayPlan *plan)
{
  g_return_if_fail (TILL_IS_CLOCK_BAND (self) && plan->n >= 1);
  self->plan = *plan;
  update (self);
}

const TillDayPlan *
till_clock_band_get_plan (TillClockBand *self)
{
  return &self->plan;
}

void
till_clock_band_set_rates (TillClockBand *self, guint rates)
{
  self->rates = rates;
}

void
till_clock_band_set_editable (TillClockBand *self, gboolean editable)
{
  g_return_if_fail (TILL_IS_CLOCK_BAND (self));
  if (self->editable == editable)
    return;
  self->editable = editable;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_EDITABLE]);
}

void
till_clock_band_select (TillClockBand *self, guint segment)
{
  g_return_if_fail (TILL_IS_CLOCK_BAND (self));
  segment = MIN (segment, self->plan.n - 1);
  if (self->selected == segment)
    return;
  self->selected = segment;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SELECTED]);
}
