/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-money-entry.c: an entry whose value is an exact amount. Takes the comma as grouping and the full-width digits of a Chinese
 * input method; anything else that is no number keeps the text and makes the amount unknown. */
#define G_LOG_DOMAIN "till-money-entry"
#include "config.h"
#include "client/model/till-record.h"
#include "client/widgets/till-money-entry.h"
#include "shared/base/till-money.h"

struct _TillMoneyEntry {
  GtkWidget parent_instance;
  GtkText  *text;
  guint     decimals;
  gint64    amount, minimum, maximum;
  gboolean  valid;
};

static void editable_init (GtkEditableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TillMoneyEntry, till_money_entry, GTK_TYPE_WIDGET, G_IMPLEMENT_INTERFACE (GTK_TYPE_EDITABLE, editable_init))

enum { PROP_AMOUNT = 1, PROP_DECIMALS, PROP_MINIMUM, PROP_MAXIMUM, PROP_VALID, PROP_PLACEHOLDER, N_PROPS };
static GParamSpec *properties[N_PROPS];
static guint activate_signal;

static GtkEditable *
get_delegate (GtkEditable *editable)
{
  return GTK_EDITABLE (TILL_MONEY_ENTRY (editable)->text);
}

static void
editable_init (GtkEditableInterface *iface)
{
  iface->get_delegate = get_delegate;
}

/* "１，２３４.５" -> "1234.5"; surrounding blanks and grouping go. */
static char *
plain_text (const char *typed)
{
  GString *out = g_string_new (NULL);

  for (; *typed != '\0'; typed = g_utf8_next_char (typed))
    {
      gunichar c = g_utf8_get_char (typed);

      if (c >= 0xFF10 && c <= 0xFF19)
        c = c - 0xFF10 + '0';
      else if (c == 0xFF0E || c == 0x3002)
        c = '.';
      if (c == ',' || c == 0xFF0C || c == ' ' || c == 0x3000 || c == 0xA5 || c == 0xFFE5)
        continue;
      g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

static void
reread (TillMoneyEntry *self)
{
  g_autofree char *text = plain_text (gtk_editable_get_text (GTK_EDITABLE (self->text)));
  gint64 amount = TILL_UNKNOWN, scaled;
  gboolean valid;

  if (till_decimal_parse (text, self->decimals, TILL_MONEY_MAX, &scaled, NULL))
    {
      for (guint i = self->decimals; i < 4; i++)
        scaled *= 10;
      amount = scaled;
    }
  valid = amount != TILL_UNKNOWN && amount >= self->minimum && amount <= self->maximum;
  if (amount != self->amount)
    {
      self->amount = amount;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_AMOUNT]);
    }
  if (valid != self->valid)
    {
      self->valid = valid;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALID]);
    }
  if (text[0] != '\0' && !valid)
    gtk_widget_add_css_class (GTK_WIDGET (self), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "error");
}

void
till_money_entry_set_amount (TillMoneyEntry *self, gint64 amount)
{
  char buf[TILL_MONEY_TEXT];

  g_return_if_fail (TILL_IS_MONEY_ENTRY (self));
  if (amount == TILL_UNKNOWN)
    gtk_editable_set_text (GTK_EDITABLE (self), "");
  else
    gtk_editable_set_text (GTK_EDITABLE (self), self->decimals == 2 ? till_money_print_fen (amount, buf) : till_money_print (amount, buf));
}

static void
till_money_entry_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TillMoneyEntry *self = TILL_MONEY_ENTRY (object);

  if (gtk_editable_delegate_get_property (object, id, value, pspec))
    return;
  switch (id)
    {
    case PROP_AMOUNT:
      g_value_set_int64 (value, self->amount);
      break;
    case PROP_DECIMALS:
      g_value_set_uint (value, self->decimals);
      break;
    case PROP_MINIMUM:
      g_value_set_int64 (value, self->minimum);
      break;
    case PROP_MAXIMUM:
      g_value_set_int64 (value, self->maximum);
      break;
    case PROP_VALID:
      g_value_set_boolean (value, self->valid);
      break;
    case PROP_PLACEHOLDER:
      g_value_set_string (value, gtk_text_get_placeholder_text (self->text));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_money_entry_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TillMoneyEntry *self = TILL_MONEY_ENTRY (object);

  if (gtk_editable_delegate_set_property (object, id, value, pspec))
    return;
  switch (id)
    {
    case PROP_AMOUNT:
      till_money_entry_set_amount (self, g_value_get_int64 (value));
      break;
    case PROP_DECIMALS:
      self->decimals = g_value_get_uint (value);
      break;
    case PROP_MINIMUM:
      self->minimum = g_value_get_int64 (value);
      reread (self);
      break;
    case PROP_MAXIMUM:
      self->maximum = g_value_get_int64 (value);
      reread (self);
      break;
    case PROP_PLACEHOLDER:
      gtk_text_set_placeholder_text (self->text, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
activate_cb (GtkText *text, gpointer user_data)
{
  g_signal_emit (user_data, activate_signal, 0);
}

static gboolean
grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (TILL_MONEY_ENTRY (widget)->text));
}

static void
till_money_entry_dispose (GObject *object)
{
  TillMoneyEntry *self = TILL_MONEY_ENTRY (object);

  if (self->text != NULL)
    {
      gtk_editable_finish_delegate (GTK_EDITABLE (self));
      gtk_widget_unparent (GTK_WIDGET (g_steal_pointer (&self->text)));
    }
  G_OBJECT_CLASS (till_money_entry_parent_class)->dispose (object);
}

static void
till_money_entry_class_init (TillMoneyEntryClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = till_money_entry_get_property;
  object_class->set_property = till_money_entry_set_property;
  object_class->dispose = till_money_entry_dispose;
  widget_class->grab_focus = grab_focus;
  properties[PROP_AMOUNT] = g_param_spec_int64 ("amount", NULL, NULL, G_MININT64, G_MAXINT64, TILL_UNKNOWN, flags);
  properties[PROP_DECIMALS] = g_param_spec_uint ("decimals", NULL, NULL, 0, 4, 2, flags);
  properties[PROP_MINIMUM] = g_param_spec_int64 ("minimum", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  properties[PROP_MAXIMUM] = g_param_spec_int64 ("maximum", NULL, NULL, G_MININT64, G_MAXINT64, TILL_MONEY_MAX, flags);
  properties[PROP_VALID] = g_param_spec_boolean ("valid", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_PLACEHOLDER] = g_param_spec_string ("placeholder-text", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_editable_install_properties (object_class, N_PROPS);
  activate_signal = g_signal_new ("activate", TILL_TYPE_MONEY_ENTRY, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "entry");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_TEXT_BOX);
}

static void
till_money_entry_init (TillMoneyEntry *self)
{
  self->decimals = 2;
  self->amount = TILL_UNKNOWN;
  self->maximum = TILL_MONEY_MAX;
  self->text = GTK_TEXT (gtk_text_new ());
  gtk_widget_set_hexpand (GTK_WIDGET (self->text), TRUE);
  gtk_text_set_input_purpose (self->text, GTK_INPUT_PURPOSE_NUMBER);
  gtk_widget_set_parent (GTK_WIDGET (self->text), GTK_WIDGET (self));
  gtk_editable_init_delegate (GTK_EDITABLE (self));
  gtk_editable_set_alignment (GTK_EDITABLE (self), 1);
  gtk_widget_add_css_class (GTK_WIDGET (self), "numeric");
  g_signal_connect_swapped (self->text, "changed", G_CALLBACK (reread), self);
  g_signal_connect (self->text, "activate", G_CALLBACK (activate_cb), self);
}

GtkWidget *
till_money_entry_new (void)
{
  return g_object_new (TILL_TYPE_MONEY_ENTRY, NULL);
}

gint64
till_money_entry_get_amount (TillMoneyEntry *self)
{
  g_return_val_if_fail (TILL_IS_MONEY_ENTRY (self), TILL_UNKNOWN);
  return self->amount;
}

gboolean
till_money_entry_is_valid (TillMoneyEntry *self)
{
  g_return_val_if_fail (TILL_IS_MONEY_ENTRY (self), FALSE);
  return self->valid;
}
