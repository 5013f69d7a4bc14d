/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sale-progress.c: see till-sale-progress.h. Follows the live feed and asks by itself every 2 s while a sale is open, so that a
 * feed that is down delays nothing. */
#define G_LOG_DOMAIN "till-sale-progress"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/sales/till-sale-progress.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-format.h"

#define ASK_S 2

typedef enum { STEP_PAID, STEP_SENT, STEP_VERIFIED, N_STEPS } Step;

struct _TillSaleProgress {
  GtkWidget     parent_instance;
  GtkRevealer  *revealer;
  GtkLabel     *subject, *detail;
  GtkImage     *icons[N_STEPS];
  GtkLabel     *labels[N_STEPS];
  GtkButton    *receipt, *check;
  TillContext  *context;
  TillSale     *sale;
  TillId        doubt; /* nil = none */
  GCancellable *cancellable;
  guint         timer;
  TillSaleState shown_state;
};

G_DEFINE_FINAL_TYPE (TillSaleProgress, till_sale_progress, GTK_TYPE_WIDGET)

enum { SIGNAL_RECEIPT, SIGNAL_FINISHED, N_SIGNALS };
static guint signals[N_SIGNALS];

static const char *const step_titles[N_STEPS] = { NC_ ("sale step", "Paid"), NC_ ("sale step", "Sent"), NC_ ("sale step", "Verified") };

static gboolean
is_final (gint64 state)
{
  return state == TILL_SALE_STATE_VERIFIED || state == TILL_SALE_STATE_HELD || state == TILL_SALE_STATE_CANCELLED;
}

static void
show_step (TillSaleProgress *self, Step step, gboolean done, gint64 at)
{
  g_autofree char *clock = at != TILL_UNKNOWN && at != 0 ? till_format_clock (at) : NULL;
  g_autofree char *text = NULL;

  text = done && clock != NULL ? g_strdup_printf ("%s %s", g_dpgettext2 (NULL, "sale step", step_titles[step]), clock)
                               : g_strdup (g_dpgettext2 (NULL, "sale step", step_titles[step]));
  gtk_label_set_text (self->labels[step], text);
  gtk_image_set_from_icon_name (self->icons[step], done ? "till-check-symbolic" : "till-age-symbolic");
  for (int i = 0; i < 2; i++)
    {
      GtkWidget *widget = i == 0 ? GTK_WIDGET (self->icons[step]) : GTK_WIDGET (self->labels[step]);
      if (done)
        gtk_widget_add_css_class (widget, "till-success");
      else
        gtk_widget_remove_css_class (widget, "till-success");
    }
}

static char *
detail_text (TillSaleProgress *self, gint64 state)
{
  gint64 count = till_record_int (self->sale, "count");

  switch (state)
    {
    case TILL_SALE_STATE_VERIFIED:
      if (count != TILL_UNKNOWN && count > 0)
        /* Translators: purchase count of the meter before and after */
        return g_strdup_printf (_("purchases %d → %d"), (int) count - 1, (int) count);
      return g_strdup ("");
    case TILL_SALE_STATE_QUEUED:
      return g_strdup (_("The meter does not answer now. The money is booked and will be delivered when it does."));
    case TILL_SALE_STATE_HELD:
      return g_strdup (_("Held: the meter and the ledger do not agree. The money is booked; two persons decide the case."));
    case TILL_SALE_STATE_CANCELLED:
      return g_strdup (_("Cancelled. The money was booked back."));
    default:
      return g_strdup ("");
    }
}

static void
show (TillSaleProgress *self)
{
  gint64 state = till_record_int (self->sale, "state"), verified_at = till_record_int (self->sale, "verified-at");
  g_autofree char *money = till_format_money_sign (till_record_int (self->sale, "amount"));
  g_autofree char *subject = NULL, *detail = detail_text (self, state);
  const char *name = till_record_text (self->sale, "customer-name");

  subject = g_strdup_printf ("%s · %s · %s %s", name != NULL ? name : TILL_DASH, till_record_text (self->sale, "meter-code"), money,
                             till_format_wire ("channel", till_record_text (self->sale, "channel")));
  gtk_label_set_text (self->subject, subject);
  gtk_label_set_text (self->detail, detail);
  show_step (self, STEP_PAID, TRUE, till_record_int (self->sale, "created-at"));
  show_step (self, STEP_SENT, state == TILL_SALE_STATE_SENT || state == TILL_SALE_STATE_VERIFYING || state == TILL_SALE_STATE_VERIFIED,
             till_record_int (self->sale, "sent-at"));
  show_step (self, STEP_VERIFIED, state == TILL_SALE_STATE_VERIFIED, verified_at);
  if (state == TILL_SALE_STATE_HELD)
    gtk_widget_add_css_class (GTK_WIDGET (self->detail), "till-error-text");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->detail), "till-error-text");
  gtk_widget_set_visible (GTK_WIDGET (self->check), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->receipt), TRUE);
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
}

static void
stop_asking (TillSaleProgress *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
}

/* The record changed: show it, and say when it came to its end. */
static void
changed (TillSaleProgress *self)
{
  gint64 state = till_record_int (self->sale, "state");
  const char *when = till_settings_get_text (till_context_get_settings (self->context), "receipt-when");
  gboolean was_final = is_final (self->shown_state), verified_now = state == TILL_SALE_STATE_VERIFIED && !was_final;

  show (self);
  self->shown_state = (TillSaleState) state;
  if (!is_final (state) || was_final)
    return;
  stop_asking (self);
  if (verified_now && g_strcmp0 (when, "verified") == 0)
    g_signal_emit (self, signals[SIGNAL_RECEIPT], 0, self->sale);
  g_signal_emit (self, signals[SIGNAL_FINISHED], 0);
}

static void
got_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillSaleProgress) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillSale) sale = till_sales_service_get_finish (TILL_SALES_SERVICE (source), result, &error);

  if (sale != NULL && !till_id_is_nil (&self->doubt))
    till_sale_progress_follow (self, sale); /* [Check]: it was made after all */
  else if (sale != NULL && self->sale != NULL && g_strcmp0 (till_record_key (sale), till_record_key (self->sale)) == 0)
    {
      g_set_object ((GObject **) &self->sale, (GObject *) sale);
      changed (self);
    }
  else if (sale == NULL && !till_id_is_nil (&self->doubt) && till_error_is (error, TILL_ERROR_NOT_FOUND))
    {
      gtk_label_set_text (self->detail, _("Checked: the sale was not made. Nothing was booked; you may sell again."));
      self->doubt = TILL_ID_NIL;
      gtk_widget_set_visible (GTK_WIDGET (self->check), FALSE);
      g_signal_emit (self, signals[SIGNAL_FINISHED], 0);
    }
  else if (sale == NULL && !till_id_is_nil (&self->doubt))
    till_report_error (GTK_WIDGET (self), TILL_REPORT_ACTION, error);
}

static void
ask (TillSaleProgress *self)
{
  char text[TILL_ID_TEXT];
  const char *id = !till_id_is_nil (&self->doubt) ? till_id_print (&self->doubt, text) : self->sale != NULL ? till_record_key (self->sale) : NULL;

  if (id != NULL && self->context != NULL)
    till_sales_service_get_async (till_context_get_sales (self->context), id, self->cancellable, got_cb, g_object_ref (self));
}

static gboolean
timer_cb (gpointer user_data)
{
  ask (user_data);
  return G_SOURCE_CONTINUE;
}

static void
feed_cb (TillLiveFeed *feed, int kind, const char *id, JsonObject *object, gpointer user_data)
{
  TillSaleProgress *self = user_data;

  if (kind == TILL_FEED_SALE && self->sale != NULL && g_strcmp0 (id, till_record_key (self->sale)) == 0)
    ask (self);
}

void
till_sale_progress_follow (TillSaleProgress *self, TillSale *sale)
{
  const char *when;

  g_return_if_fail (TILL_IS_SALE_PROGRESS (self) && sale != NULL);
  g_set_object ((GObject **) &self->sale, (GObject *) sale);
  self->doubt = TILL_ID_NIL;
  self->shown_state = TILL_SALE_STATE_PAID;
  stop_asking (self);
  self->timer = g_timeout_add_seconds (ASK_S, timer_cb, self);
  when = till_settings_get_text (till_context_get_settings (self->context), "receipt-when");
  if (g_strcmp0 (when, "paid") == 0)
    g_signal_emit (self, signals[SIGNAL_RECEIPT], 0, sale);
  changed (self);
}

void
till_sale_progress_doubt (TillSaleProgress *self, const TillId *id, const char *what_is_known)
{
  g_return_if_fail (TILL_IS_SALE_PROGRESS (self));
  stop_asking (self);
  g_clear_object ((GObject **) &self->sale);
  self->doubt = *id;
  gtk_label_set_text (self->subject, _("The server did not answer. The sale may have been made."));
  gtk_label_set_text (self->detail, what_is_known);
  gtk_widget_add_css_class (GTK_WIDGET (self->detail), "till-error-text");
  for (int i = 0; i < N_STEPS; i++)
    show_step (self, (Step) i, FALSE, 0);
  gtk_widget_set_visible (GTK_WIDGET (self->check), TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->receipt), FALSE);
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->check));
}

TillSale *
till_sale_progress_get_sale (TillSaleProgress *self)
{
  return self->sale;
}

gboolean
till_sale_progress_is_open (TillSaleProgress *self)
{
  return !till_id_is_nil (&self->doubt) || (self->sale != NULL && !is_final (till_record_int (self->sale, "state")));
}

void
till_sale_progress_clear (TillSaleProgress *self)
{
  g_return_if_fail (TILL_IS_SALE_PROGRESS (self));
  stop_asking (self);
  g_clear_object ((GObject **) &self->sale);
  self->doubt = TILL_ID_NIL;
  gtk_revealer_set_reveal_child (self->revealer, FALSE);
}

void
till_sale_progress_set_context (TillSaleProgress *self, TillContext *context)
{
  g_return_if_fail (TILL_IS_SALE_PROGRESS (self));
  g_set_object (&self->context, context);
  g_signal_connect_object (till_context_get_feed (context), "changed", G_CALLBACK (feed_cb), self, 0);
}

static void
receipt_cb (GtkButton *button, gpointer user_data)
{
  TillSaleProgress *self = user_data;

  if (self->sale != NULL)
    g_signal_emit (self, signals[SIGNAL_RECEIPT], 0, self->sale);
}

static void
check_cb (GtkButton *button, gpointer user_data)
{
  ask (user_data);
}

static void
till_sale_progress_dispose (GObject *object)
{
  TillSaleProgress *self = TILL_SALE_PROGRESS (object);

  stop_asking (self);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object ((GObject **) &self->sale);
  g_clear_object (&self->context);
  if (self->revealer != NULL)
    gtk_widget_unparent (GTK_WIDGET (g_steal_pointer (&self->revealer)));
  G_OBJECT_CLASS (till_sale_progress_parent_class)->dispose (object);
}

static void
till_sale_progress_class_init (TillSaleProgressClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = till_sale_progress_dispose;
  signals[SIGNAL_RECEIPT] = g_signal_new ("receipt", TILL_TYPE_SALE_PROGRESS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, TILL_TYPE_SALE);
  signals[SIGNAL_FINISHED] = g_signal_new ("finished", TILL_TYPE_SALE_PROGRESS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "tillprogress");
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
till_sale_progress_init (TillSaleProgress *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4), *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->cancellable = g_cancellable_new ();
  self->revealer = GTK_REVEALER (gtk_revealer_new ());
  self->subject = GTK_LABEL (gtk_label_new (NULL));
  self->detail = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->subject, 0);
  gtk_label_set_xalign (self->detail, 0);
  gtk_label_set_wrap (self->detail, TRUE);
  gtk_label_set_ellipsize (self->subject, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->subject), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->subject), "till-strong");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->detail), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Result of the sale"), -1);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->subject));
  for (int i = 0; i < N_STEPS; i++)
    {
      if (i > 0)
        gtk_box_append (GTK_BOX (line), gtk_image_new_from_icon_name ("till-next-symbolic"));
      self->icons[i] = GTK_IMAGE (gtk_image_new ());
      self->labels[i] = GTK_LABEL (gtk_label_new (NULL));
      gtk_widget_add_css_class (GTK_WIDGET (self->labels[i]), "numeric");
      gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->icons[i]));
      gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->labels[i]));
    }
  self->receipt = GTK_BUTTON (gtk_button_new_with_mnemonic (_("_Receipt")));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->receipt), GTK_ACCESSIBLE_PROPERTY_LABEL, C_ ("button", "Receipt"), -1);
  self->check = GTK_BUTTON (gtk_button_new_with_label (C_ ("button", "Check")));
  gtk_widget_add_css_class (GTK_WIDGET (self->check), "suggested-action");
  g_signal_connect (self->receipt, "clicked", G_CALLBACK (receipt_cb), self);
  g_signal_connect (self->check, "clicked", G_CALLBACK (check_cb), self);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->receipt));
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->check));
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->detail));
  gtk_widget_add_css_class (box, "till-card");
  gtk_revealer_set_child (self->revealer, box);
  gtk_widget_set_parent (GTK_WIDGET (self->revealer), GTK_WIDGET (self));
}
