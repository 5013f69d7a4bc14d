/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-state-chip.c: glyph and word of a state; the CSS class carries the colours, never colour alone. */
#define G_LOG_DOMAIN "till-state-chip"
#include "config.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-state-chip.h"

struct _TillStateChip {
  GtkWidget        parent_instance;
  GtkImage        *icon;
  GtkLabel        *label;
  const TillWords *words;
  gint64           value;
  char            *class; /* the CSS class set now */
};

G_DEFINE_FINAL_TYPE (TillStateChip, till_state_chip, GTK_TYPE_WIDGET)

enum { PROP_WORDS = 1, PROP_VALUE, PROP_WORD, N_PROPS };
static GParamSpec *properties[N_PROPS];

static const struct { const char *words, *word, *icon; } icons[] = {
  { "meter-state", "normal", "till-state-normal-symbolic" },   { "meter-state", "alarm1", "till-state-alarm1-symbolic" },
  { "meter-state", "alarm2", "till-state-alarm2-symbolic" },   { "meter-state", "arrears", "till-state-arrears-symbolic" },
  { "meter-state", "unopened", "till-state-unopened-symbolic" }, { "meter-state", "lost", "till-state-lost-symbolic" },
  { "sale-state", "paid", "till-receipt-symbolic" },           { "sale-state", "queued", "till-age-symbolic" },
  { "sale-state", "sent", "till-next-symbolic" },              { "sale-state", "verifying", "till-refresh-symbolic" },
  { "sale-state", "verified", "till-check-symbolic" },         { "sale-state", "held", "till-warning-symbolic" },
  { "sale-state", "cancelled", "till-close-symbolic" },        { "command-state", "queued", "till-age-symbolic" },
  { "command-state", "sent", "till-next-symbolic" },           { "command-state", "verifying", "till-refresh-symbolic" },
  { "command-state", "verified", "till-check-symbolic" },      { "command-state", "failed", "till-error-symbolic" },
  { "command-state", "superseded", "till-close-symbolic" },    { "command-state", "cancelled", "till-close-symbolic" },
  { "command-state", "held", "till-warning-symbolic" },        { "severity", "high", "till-state-alarm2-symbolic" },
  { "severity", "low", "till-state-alarm1-symbolic" },         { "severity", "info", "till-info-symbolic" },
  { "import-verdict", "new", "till-check-symbolic" },          { "import-verdict", "change", "till-refresh-symbolic" },
  { "import-verdict", "same", "till-check-symbolic" },         { "import-verdict", "wrong", "till-error-symbolic" },
  { "presence", "online", "till-connected-symbolic" },         { "presence", "offline", "till-offline-symbolic" },
};

const char *
till_state_chip_icon (const char *words_name, const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (icons); i++)
    if (g_strcmp0 (icons[i].words, words_name) == 0 && g_strcmp0 (icons[i].word, word) == 0)
      return icons[i].icon;
  return NULL;
}

static void
show_word (TillStateChip *self, const char *word)
{
  const char *icon = self->words != NULL ? till_state_chip_icon (self->words->name, word) : NULL;

  if (self->class != NULL)
    gtk_widget_remove_css_class (GTK_WIDGET (self), self->class);
  g_free (self->class);
  self->class = g_strdup (word);
  if (word != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self), word);
  gtk_image_set_from_icon_name (self->icon, icon);
  gtk_widget_set_visible (GTK_WIDGET (self->icon), icon != NULL);
  gtk_label_set_text (self->label, word == NULL || self->words == NULL ? "" : till_format_wire (self->words->name, word));
}

void
till_state_chip_set_value (TillStateChip *self, gint64 value)
{
  g_return_if_fail (TILL_IS_STATE_CHIP (self));
  self->value = value;
  show_word (self, self->words != NULL && value != TILL_UNKNOWN ? till_words_get (self->words, value) : NULL);
}

static void
set_words (TillStateChip *self, const char *name)
{
  const TillWords *const *all = till_words_all ();

  self->words = NULL;
  for (; name != NULL && *all != NULL; all++)
    if (strcmp ((*all)->name, name) == 0)
      self->words = *all;
  if (self->words != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self), self->words->name);
  till_state_chip_set_value (self, self->value);
}

static void
till_state_chip_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TillStateChip *self = TILL_STATE_CHIP (object);

  switch (id)
    {
    case PROP_WORDS:
      g_value_set_string (value, self->words != NULL ? self->words->name : NULL);
      break;
    case PROP_VALUE:
      g_value_set_int64 (value, self->value);
      break;
    case PROP_WORD:
      g_value_set_string (value, self->class);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_state_chip_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TillStateChip *self = TILL_STATE_CHIP (object);

  switch (id)
    {
    case PROP_WORDS:
      set_words (self, g_value_get_string (value));
      break;
    case PROP_VALUE:
      till_state_chip_set_value (self, g_value_get_int64 (value));
      break;
    case PROP_WORD:
      show_word (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_state_chip_dispose (GObject *object)
{
  TillStateChip *self = TILL_STATE_CHIP (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_pointer (&self->class, g_free);
  G_OBJECT_CLASS (till_state_chip_parent_class)->dispose (object);
}

static void
till_state_chip_class_init (TillStateChipClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = till_state_chip_get_property;
  object_class->set_property = till_state_chip_set_property;
  object_class->dispose = till_state_chip_dispose;
  properties[PROP_WORDS] = g_param_spec_string ("words", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_VALUE] = g_param_spec_int64 ("value", NULL, NULL, G_MININT64, G_MAXINT64, TILL_UNKNOWN, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_WORD] = g_param_spec_string ("word", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_css_name (widget_class, "tillchip");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
}

static void
till_state_chip_init (TillStateChip *self)
{
  self->value = TILL_UNKNOWN;
  self->icon = GTK_IMAGE (gtk_image_new ());
  self->label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (self->label, PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (self->label, 0);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (GTK_WIDGET (self))), 4);
  gtk_widget_set_parent (GTK_WIDGET (self->icon), GTK_WIDGET (self));
  gtk_widget_set_parent (GTK_WIDGET (self->label), GTK_WIDGET (self));
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_START);
}

GtkWidget *
till_state_chip_new (const TillWords *words, gint64 value)
{
  return g_object_new (TILL_TYPE_STATE_CHIP, "words", words->name, "value", value, NULL);
}
