/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sale-form.c: see till-sale-form.h. */
#define G_LOG_DOMAIN "till-sale-form"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/sales/till-sale-form.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-money-entry.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-validate.h"

#define N_METHODS 5
#define N_QUICK   4

struct _TillSaleForm {
  GtkWidget        parent_instance;
  GtkWidget       *root;
  TillMoneyEntry  *amount, *given;
  GtkBox          *quick;
  GtkToggleButton *cash, *card, *wechat, *alipay, *transfer;
  GtkWidget       *given_row;
  GtkLabel        *hint, *change, *after, *question;
  GtkEntry        *note;
  GtkStack        *stack;
  GtkButton       *ask, *confirm;
  GtkSpinner      *spinner;
  GtkToggleButton *methods[N_METHODS];
  TillMeter       *meter;
  TillId           id;
  gint64           quick_amounts[N_QUICK];
  guint            n_quick;
  TillMoney        sale_max;
  gboolean         busy;
  gboolean         told; /* the hint answers what the cashier did and stays until the input changes */
};

G_DEFINE_FINAL_TYPE (TillSaleForm, till_sale_form, GTK_TYPE_WIDGET)

enum { SIGNAL_SELL, N_SIGNALS };
static guint signals[N_SIGNALS];

static TillChannel
get_channel (TillSaleForm *self)
{
  for (int i = 0; i < N_METHODS; i++)
    if (gtk_toggle_button_get_active (self->methods[i]))
      return (TillChannel) i;
  return TILL_CHANNEL_CASH;
}

/* What is wrong with the input, as a sentence; NULL when it may be sold. */
static char *
find_fault (TillSaleForm *self)
{
  gint64 amount = till_money_entry_get_amount (self->amount), balance, hoard;
  g_autoptr (GError) error = NULL;

  if (amount == TILL_UNKNOWN)
    return g_strdup (_("Enter the amount."));
  balance = till_record_int (self->meter, "balance");
  hoard = till_record_int (self->meter, "hoard-limit");
  if (!till_validate_sale_amount (amount, self->sale_max, &error) ||
      (balance != TILL_UNKNOWN && hoard != TILL_UNKNOWN && hoard > 0 && !till_validate_balance_after (balance, amount, hoard, &error)))
    return g_strdup (_(error->message)); /* the shared checks speak in msgids */
  if (get_channel (self) == TILL_CHANNEL_CASH && till_money_entry_get_amount (self->given) != TILL_UNKNOWN &&
      till_money_entry_get_amount (self->given) < amount)
    return g_strdup (_("Less money was given than the amount."));
  return NULL;
}

static void
show_after (TillSaleForm *self, gint64 amount)
{
  gint64 balance = self->meter != NULL ? till_record_int (self->meter, "balance") : TILL_UNKNOWN;
  g_autofree char *text = NULL;
  gint64 days;

  if (balance == TILL_UNKNOWN || amount == TILL_UNKNOWN)
    {
      gtk_label_set_text (self->after, TILL_DASH);
      return;
    }
  text = till_format_money (balance + amount);
  days = till_record_int (self->meter, "days-left");
  if (balance > 0 && days > 0)
    {
      gint64 all = days * (balance + amount) / balance;
      g_autofree char *with_days = g_strdup_printf (ngettext ("%s · about %d day", "%s · about %d days", (gulong) all), text, (int) all);
      gtk_label_set_text (self->after, with_days);
    }
  else if (balance <= 0 && balance + amount > 0)
    {
      g_autofree char *owed = till_format_money (-balance);
      g_autofree char *repays = g_strdup_printf (_("%s · repays %s arrears, switches on"), text, owed);
      gtk_label_set_text (self->after, repays);
    }
  else
    gtk_label_set_text (self->after, text);
}

static void
recheck (TillSaleForm *self)
{
  gint64 amount, given;
  g_autofree char *fault = NULL, *money = NULL, *label = NULL, *change = NULL;
  gboolean cash;

  if (self->root == NULL)
    return;
  amount = till_money_entry_get_amount (self->amount);
  given = till_money_entry_get_amount (self->given);
  cash = get_channel (self) == TILL_CHANNEL_CASH;
  fault = self->meter != NULL ? find_fault (self) : g_strdup ("");
  money = till_format_money_sign (amount);
  label = amount != TILL_UNKNOWN && amount > 0 ? g_strdup_printf (_("Sell %s"), money) : g_strdup (C_ ("button", "Sell"));
  change = amount != TILL_UNKNOWN && given != TILL_UNKNOWN && given >= amount ? till_format_money (given - amount) : g_strdup (TILL_DASH);
  gtk_button_set_label (self->ask, label);
  gtk_widget_set_sensitive (GTK_WIDGET (self->ask), fault == NULL && !self->busy);
  gtk_widget_set_visible (self->given_row, cash);
  gtk_label_set_text (self->change, change);
  if (!self->told || (fault != NULL && amount != TILL_UNKNOWN))
    gtk_label_set_text (self->hint, fault != NULL && amount != TILL_UNKNOWN ? fault : "");
  show_after (self, amount);
  if (fault != NULL)
    gtk_stack_set_visible_child_name (self->stack, "ask");
}

static void
edited_cb (TillSaleForm *self)
{
  self->told = FALSE;
  recheck (self);
}

void
till_sale_form_show_error (TillSaleForm *self, const char *text)
{
  g_return_if_fail (TILL_IS_SALE_FORM (self));
  self->told = text != NULL;
  gtk_label_set_text (self->hint, text != NULL ? text : "");
  gtk_stack_set_visible_child_name (self->stack, "ask");
}

void
till_sale_form_focus_amount (TillSaleForm *self)
{
  g_return_if_fail (TILL_IS_SALE_FORM (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->amount));
}

void
till_sale_form_ask (TillSaleForm *self)
{
  g_autofree char *fault = NULL, *money = NULL, *text = NULL;

  g_return_if_fail (TILL_IS_SALE_FORM (self));
  if (self->meter == NULL || self->busy)
    return;
  fault = find_fault (self);
  if (fault != NULL)
    {
      self->told = TRUE;
      gtk_label_set_text (self->hint, fault);
      gtk_widget_grab_focus (GTK_WIDGET (self->amount));
      return;
    }
  money = till_format_money_sign (till_money_entry_get_amount (self->amount));
  /* Translators: amount, method, customer, meter number */
  text = g_strdup_printf (_("Sell %s, %s, to %s, meter %s?"), money, till_format_wire ("channel", till_channel_word (get_channel (self))),
                          till_record_text (self->meter, "customer-name") != NULL ? till_record_text (self->meter, "customer-name") : TILL_DASH,
                          till_record_text (self->meter, "code"));
  gtk_label_set_text (self->question, text);
  gtk_stack_set_visible_child_name (self->stack, "confirm");
  gtk_widget_grab_focus (GTK_WIDGET (self->confirm));
}

gboolean
till_sale_form_back (TillSaleForm *self)
{
  g_return_val_if_fail (TILL_IS_SALE_FORM (self), FALSE);
  if (self->busy || g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "confirm") != 0)
    return FALSE;
  gtk_stack_set_visible_child_name (self->stack, "ask");
  till_sale_form_focus_amount (self);
  return TRUE;
}

void
till_sale_form_set_quick (TillSaleForm *self, guint index)
{
  g_return_if_fail (TILL_IS_SALE_FORM (self));
  if (index < self->n_quick && self->meter != NULL)
    till_money_entry_set_amount (self->amount, self->quick_amounts[index]);
}

static void
quick_cb (GtkButton *button, gpointer user_data)
{
  till_sale_form_set_quick (user_data, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "index")));
  till_sale_form_focus_amount (user_data);
}

void
till_sale_form_set_up (TillSaleForm *self, const TillSaleFormSetup *setup)
{
  GtkWidget *child;

  g_return_if_fail (TILL_IS_SALE_FORM (self));
  self->sale_max = setup->sale_max;
  self->n_quick = MIN (setup->n, N_QUICK);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->quick))) != NULL)
    gtk_box_remove (self->quick, child);
  for (guint i = 0; i < self->n_quick; i++)
    {
      g_autofree char *text = till_format_int (setup->amounts[i] / TILL_MONEY_UNIT);
      g_autofree char *tip = g_strdup_printf ("Ctrl+%u", i + 1);
      GtkWidget *button = gtk_button_new_with_label (text);

      self->quick_amounts[i] = setup->amounts[i];
      gtk_widget_set_tooltip_text (button, tip);
      g_object_set_data (G_OBJECT (button), "index", GUINT_TO_POINTER (i));
      g_signal_connect (button, "clicked", G_CALLBACK (quick_cb), self);
      gtk_box_append (self->quick, button);
    }
}

void
till_sale_form_renew (TillSaleForm *self)
{
  g_return_if_fail (TILL_IS_SALE_FORM (self));
  till_id_new (&self->id, g_get_real_time () / 1000);
  gtk_editable_set_text (GTK_EDITABLE (self->amount), "");
  gtk_editable_set_text (GTK_EDITABLE (self->given), "");
  gtk_editable_set_text (GTK_EDITABLE (self->note), "");
  gtk_toggle_button_set_active (self->cash, TRUE);
  gtk_stack_set_visible_child_name (self->stack, "ask");
  edited_cb (self);
}

void
till_sale_form_set_meter (TillSaleForm *self, TillMeter *meter)
{
  gboolean same;

  g_return_if_fail (TILL_IS_SALE_FORM (self));
  same = meter != NULL && self->meter != NULL && till_record_int (meter, "id") == till_record_int (self->meter, "id");
  g_set_object ((GObject **) &self->meter, (GObject *) meter);
  gtk_widget_set_sensitive (self->root, meter != NULL);
  if (!same)
    till_sale_form_renew (self);
  else
    recheck (self);
}

void
till_sale_form_get_draft (TillSaleForm *self, TillSaleDraft *ret_draft)
{
  const char *note = gtk_editable_get_text (GTK_EDITABLE (self->note));

  g_return_if_fail (self->meter != NULL);
  *ret_draft = (TillSaleDraft){ self->id, till_record_int (self->meter, "id"), till_money_entry_get_amount (self->amount), get_channel (self),
                                TILL_SALE_KIND_SALE, note[0] != '\0' ? note : NULL, 0 };
}

void
till_sale_form_set_busy (TillSaleForm *self, gboolean busy)
{
  g_return_if_fail (TILL_IS_SALE_FORM (self));
  self->busy = busy;
  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), busy);
  gtk_widget_set_sensitive (self->root, !busy && self->meter != NULL);
  recheck (self);
}

static void
confirm_cb (TillSaleForm *self)
{
  if (!self->busy && self->meter != NULL)
    g_signal_emit (self, signals[SIGNAL_SELL], 0);
}

static void
back_cb (TillSaleForm *self)
{
  till_sale_form_back (self);
}

/* 1..5 choose the method while the row of methods has the focus. */
static gboolean
method_key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, gpointer user_data)
{
  TillSaleForm *self = user_data;
  int index = keyval >= GDK_KEY_1 && keyval <= GDK_KEY_5         ? (int) (keyval - GDK_KEY_1)
              : keyval >= GDK_KEY_KP_1 && keyval <= GDK_KEY_KP_5 ? (int) (keyval - GDK_KEY_KP_1)
                                                                 : -1;

  if (index < 0 || (state & GDK_CONTROL_MASK))
    return GDK_EVENT_PROPAGATE;
  gtk_toggle_button_set_active (self->methods[index], TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->methods[index]));
  return GDK_EVENT_STOP;
}

static void
till_sale_form_dispose (GObject *object)
{
  TillSaleForm *self = TILL_SALE_FORM (object);

  g_clear_object (&self->meter);
  gtk_widget_dispose_template (GTK_WIDGET (self), TILL_TYPE_SALE_FORM);
  G_OBJECT_CLASS (till_sale_form_parent_class)->dispose (object);
}

static void
till_sale_form_class_init (TillSaleFormClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_sale_form_dispose;
  signals[SIGNAL_SELL] = g_signal_new ("sell", TILL_TYPE_SALE_FORM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (TILL_TYPE_MONEY_ENTRY);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/sales/till-sale-form.ui");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, root);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, amount);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, given);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, quick);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, cash);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, card);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, wechat);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, alipay);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, transfer);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, given_row);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, hint);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, change);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, after);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, question);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, note);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, stack);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, ask);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, confirm);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, spinner);
  gtk_widget_class_bind_template_callback (widget_class, edited_cb);
  gtk_widget_class_bind_template_callback_full (widget_class, "ask", G_CALLBACK (till_sale_form_ask));
  gtk_widget_class_bind_template_callback (widget_class, confirm_cb);
  gtk_widget_class_bind_template_callback (widget_class, back_cb);
}

static void
till_sale_form_init (TillSaleForm *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  self->methods[TILL_CHANNEL_CASH] = self->cash;
  self->methods[TILL_CHANNEL_CARD] = self->card;
  self->methods[TILL_CHANNEL_WECHAT] = self->wechat;
  self->methods[TILL_CHANNEL_ALIPAY] = self->alipay;
  self->methods[TILL_CHANNEL_TRANSFER] = self->transfer;
  gtk_entry_set_max_length (self->note, TILL_NOTE_CHARS);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (method_key_cb), self);
  gtk_widget_add_controller (gtk_widget_get_parent (GTK_WIDGET (self->cash)), keys);
  till_sale_form_set_meter (self, NULL);
}
