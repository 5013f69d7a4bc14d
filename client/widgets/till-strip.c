/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-strip.c: one line of message in a revealer (the toolkit's info bar is deprecated later). */
#define G_LOG_DOMAIN "till-strip"
#include "config.h"
#include "client/widgets/till-strip.h"

struct _TillStrip {
  GtkWidget     parent_instance;
  GtkRevealer  *revealer;
  GtkBox       *box;
  GtkImage     *icon;
  GtkLabel     *label;
  GtkButton    *button;
  TillStripKind kind;
};

G_DEFINE_FINAL_TYPE (TillStrip, till_strip, GTK_TYPE_WIDGET)

enum { PROP_TEXT = 1, PROP_BUTTON_LABEL, PROP_KIND, PROP_REVEALED, N_PROPS };
static GParamSpec *properties[N_PROPS];
static guint clicked_signal;

static const struct { const char *class, *icon; } kinds[] = {
  [TILL_STRIP_INFO] = { "info", "till-info-symbolic" },
  [TILL_STRIP_WARNING] = { "warning", "till-warning-symbolic" },
  [TILL_STRIP_ERROR] = { "error", "till-error-symbolic" },
};

static void
set_kind (TillStrip *self, TillStripKind kind)
{
  gtk_widget_remove_css_class (GTK_WIDGET (self), kinds[self->kind].class);
  self->kind = kind;
  gtk_widget_add_css_class (GTK_WIDGET (self), kinds[kind].class);
  gtk_image_set_from_icon_name (self->icon, kinds[kind].icon);
}

static void
set_button (TillStrip *self, const char *label)
{
  gtk_widget_set_visible (GTK_WIDGET (self->button), label != NULL && label[0] != '\0');
  gtk_button_set_label (self->button, label != NULL ? label : "");
}

static void
clicked_cb (GtkButton *button, gpointer user_data)
{
  g_signal_emit (user_data, clicked_signal, 0);
}

static void
till_strip_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TillStrip *self = TILL_STRIP (object);

  switch (id)
    {
    case PROP_TEXT:
      g_value_set_string (value, gtk_label_get_text (self->label));
      break;
    case PROP_BUTTON_LABEL:
      g_value_set_string (value, gtk_button_get_label (self->button));
      break;
    case PROP_KIND:
      g_value_set_int (value, self->kind);
      break;
    case PROP_REVEALED:
      g_value_set_boolean (value, till_strip_is_shown (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_strip_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TillStrip *self = TILL_STRIP (object);

  switch (id)
    {
    case PROP_TEXT:
      gtk_label_set_text (self->label, g_value_get_string (value) != NULL ? g_value_get_string (value) : "");
      break;
    case PROP_BUTTON_LABEL:
      set_button (self, g_value_get_string (value));
      break;
    case PROP_KIND:
      set_kind (self, (TillStripKind) g_value_get_int (value));
      break;
    case PROP_REVEALED:
      gtk_revealer_set_reveal_child (self->revealer, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_strip_dispose (GObject *object)
{
  TillStrip *self = TILL_STRIP (object);
  GtkWidget *revealer = GTK_WIDGET (self->revealer);

  self->revealer = NULL;
  g_clear_pointer (&revealer, gtk_widget_unparent);
  G_OBJECT_CLASS (till_strip_parent_class)->dispose (object);
}

static void
till_strip_class_init (TillStripClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = till_strip_get_property;
  object_class->set_property = till_strip_set_property;
  object_class->dispose = till_strip_dispose;
  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, "", G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_BUTTON_LABEL] = g_param_spec_string ("button-label", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_KIND] = g_param_spec_int ("kind", NULL, NULL, 0, TILL_STRIP_ERROR, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_REVEALED] = g_param_spec_boolean ("revealed", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  clicked_signal = g_signal_new ("clicked", TILL_TYPE_STRIP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "tillstrip");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_ALERT);
}

static void
till_strip_init (TillStrip *self)
{
  self->revealer = GTK_REVEALER (gtk_revealer_new ());
  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8));
  self->icon = GTK_IMAGE (gtk_image_new ());
  self->label = GTK_LABEL (gtk_label_new (NULL));
  self->button = GTK_BUTTON (gtk_button_new ());
  gtk_label_set_wrap (self->label, TRUE);
  gtk_label_set_xalign (self->label, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (self->label), TRUE);
  gtk_widget_set_valign (GTK_WIDGET (self->button), GTK_ALIGN_CENTER);
  gtk_widget_set_visible (GTK_WIDGET (self->button), FALSE);
  gtk_box_append (self->box, GTK_WIDGET (self->icon));
  gtk_box_append (self->box, GTK_WIDGET (self->label));
  gtk_box_append (self->box, GTK_WIDGET (self->button));
  gtk_revealer_set_child (self->revealer, GTK_WIDGET (self->box));
  gtk_widget_set_parent (GTK_WIDGET (self->revealer), GTK_WIDGET (self));
  g_signal_connect (self->button, "clicked", G_CALLBACK (clicked_cb), self);
  set_kind (self, TILL_STRIP_INFO);
}

GtkWidget *
till_strip_new (void)
{
  return g_object_new (TILL_TYPE_STRIP, NULL);
}

void
till_strip_show (TillStrip *self, TillStripKind kind, const char *text, const char *button_label)
{
  g_return_if_fail (TILL_IS_STRIP (self));
  set_kind (self, kind);
  gtk_label_set_text (self->label, text);
  set_button (self, button_label);
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
}

void
till_strip_hide (TillStrip *self)
{
  g_return_if_fail (TILL_IS_STRIP (self));
  gtk_revealer_set_reveal_child (self->revealer, FALSE);
}

gboolean
till_strip_is_shown (TillStrip *self)
{
  g_return_val_if_fail (TILL_IS_STRIP (self), FALSE);
  return gtk_revealer_get_reveal_child (self->revealer);
}
