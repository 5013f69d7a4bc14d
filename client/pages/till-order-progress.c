/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-order-progress.c: see till-order-progress.h. Asks every few seconds while something is open; what the server does not say is never
 * shown as done. */
#define G_LOG_DOMAIN "till-order-progress"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/till-order-progress.h"
#include "client/pages/till-receipt-dialog.h"
#include "client/widgets/till-format.h"

#define ASK_MS 2000

typedef enum { PRICE, LIMITS, OPENING, CARRIED, N_COLUMNS } Column;
static const char *const titles[N_COLUMNS] = { N_ ("Price"), N_ ("Limits"), N_ ("Opening amount"), N_ ("Old meter's money") };

struct _TillOrderProgress {
  AdwBin        parent_instance;
  TillContext  *context;
  TillOpening  *opening;
  GCancellable *cancellable;
  GtkLabel     *state;
  GtkSpinner   *spinner;
  GtkGrid      *grid;
  GtkWidget    *retry;
  TillOrderWords words;
  guint         tick, asking;
  gboolean      asked, finished;
};

G_DEFINE_FINAL_TYPE (TillOrderProgress, till_order_progress, ADW_TYPE_BIN)

enum { FINISHED, RETRY, N_SIGNALS };
static guint signals[N_SIGNALS];

static void ask (TillOrderProgress *self);

/* --- what has ended --- */

static gboolean
order_ended (TillCommand *order)
{
  gint64 state = order != NULL ? till_record_int (order, "state") : TILL_COMMAND_STATE_VERIFIED;

  return state != TILL_COMMAND_STATE_QUEUED && state != TILL_COMMAND_STATE_SENT && state != TILL_COMMAND_STATE_VERIFYING;
}

static gboolean
sum_ended (const TillOpeningSum *sum)
{
  gint64 state = sum->sale != NULL ? till_record_int (sum->sale, "state") : TILL_SALE_STATE_VERIFIED;

  return state == TILL_SALE_STATE_VERIFIED || state == TILL_SALE_STATE_HELD || state == TILL_SALE_STATE_CANCELLED;
}

gboolean
till_order_progress_is_refused (TillOrderProgress *self)
{
  for (guint i = 0; i < till_opening_count (self->opening); i++)
    if (till_opening_get (self->opening, i)->opening.error != NULL || till_opening_get (self->opening, i)->carried.error != NULL)
      return TRUE;
  return FALSE;
}

gboolean
till_order_progress_is_finished (TillOrderProgress *self)
{
  return self->finished;
}

static gboolean
all_ended (TillOrderProgress *self)
{
  for (guint i = 0; i < till_opening_count (self->opening); i++)
    {
      TillOpeningMeter *item = till_opening_get (self->opening, i);

      if (!order_ended (item->price) || !order_ended (item->limits) || !sum_ended (&item->opening) || !sum_ended (&item->carried))
        return FALSE;
    }
  return TRUE;
}

/* --- showing --- */

static void
receipt_cb (GtkButton *button, TillOrderProgress *self)
{
  till_receipt_dialog_show (GTK_WIDGET (self), self->context, g_object_get_data (G_OBJECT (button), "till-sale"));
}

static GtkWidget *
make_label (const char *text, const char *css)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), g_utf8_strlen (text != NULL ? text : "", -1) > 34); /* a reason; states stay on one line */
  gtk_label_set_max_width_chars (GTK_LABEL (label), 34);
  if (css != NULL)
    gtk_widget_add_css_class (label, css);
  return label;
}

static GtkWidget *
order_cell (TillCommand *order)
{
  const char *error = order != NULL ? till_record_text (order, "error") : NULL;
  gint64 state = order != NULL ? till_record_int (order, "state") : TILL_UNKNOWN;
  gboolean bad = state == TILL_COMMAND_STATE_FAILED || state == TILL_COMMAND_STATE_HELD;
  g_autofree char *text = NULL;

  if (order == NULL)
    return make_label (_ ("kept by the server"), "till-secondary");
  text = bad && error != NULL ? g_strdup_printf ("%s: %s", till_format_wire ("command-state", till_record_text (order, "state")), error)
                              : g_strdup (till_format_wire ("command-state", till_record_text (order, "state")));
  return make_label (text, bad ? "till-error-text" : state == TILL_COMMAND_STATE_VERIFIED ? "till-success" : NULL);
}

static GtkWidget *
sum_cell (TillOrderProgress *self, const TillOpeningSum *sum)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *receipt;
  g_autofree char *money = till_format_money_sign (sum->amount), *text = NULL;
  gint64 state = sum->sale != NULL ? till_record_int (sum->sale, "state") : TILL_UNKNOWN;

  if (sum->amount == 0)
    text = g_strdup (TILL_DASH);
  else if (sum->error != NULL)
    text = g_strdup_printf (_ ("%s not taken: %s"), money, sum->error);
  else
    text = g_strdup_printf ("%s · %s", money, sum->sale != NULL ? till_format_wire ("sale-state", till_record_text (sum->sale, "state")) : TILL_DASH);
  gtk_box_append (GTK_BOX (box), make_label (text, sum->error != NULL || state == TILL_SALE_STATE_HELD ? "till-error-text"
                                                   : state == TILL_SALE_STATE_VERIFIED ? "till-success" : NULL));
  if (sum->sale == NULL)
    return box;
  receipt = gtk_button_new_with_label (C_ ("button", "Receipt"));
  gtk_widget_set_valign (receipt, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (receipt), "till-sale", g_object_ref (sum->sale), g_object_unref);
  g_signal_connect_object (receipt, "clicked", G_CALLBACK (receipt_cb), self, 0);
  gtk_box_append (GTK_BOX (box), receipt);
  return box;
}

/* A column of money that nobody gave is left out. */
static gboolean
has_column (TillOrderProgress *self, Column column)
{
  gint64 paid, carried;

  till_opening_sum (self->opening, &paid, &carried);
  return column == OPENING ? paid > 0 : column != CARRIED || carried > 0;
}

static void
show_row (TillOrderProgress *self, TillOpeningMeter *item, int row)
{
  const char *room = till_record_text (item->meter, "room");
  g_autofree char *name = g_strdup_printf ("%s\n%s", till_record_text (item->meter, "code"), room != NULL ? room : TILL_DASH);

  gtk_grid_attach (self->grid, make_label (name, NULL), 0, row, 1, 1);
  gtk_grid_attach (self->grid, order_cell (item->price), 1 + PRICE, row, 1, 1);
  gtk_grid_attach (self->grid, order_cell (item->limits), 1 + LIMITS, row, 1, 1);
  if (has_column (self, OPENING))
    gtk_grid_attach (self->grid, sum_cell (self, &item->opening), 1 + OPENING, row, 1, 1);
  if (has_column (self, CARRIED))
    gtk_grid_attach (self->grid, sum_cell (self, &item->carried), 1 + CARRIED, row, 1, 1);
}

static void
show (TillOrderProgress *self)
{
  gboolean refused = till_order_progress_is_refused (self);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->grid))) != NULL)
    gtk_grid_remove (self->grid, child);
  gtk_grid_attach (self->grid, make_label (_ ("Meter No."), "till-secondary"), 0, 0, 1, 1);
  for (Column i = 0; i < N_COLUMNS; i++)
    if (has_column (self, i))
      gtk_grid_attach (self->grid, make_label (_ (titles[i]), "till-secondary"), 1 + (int) i, 0, 1, 1);
  for (guint i = 0; i < till_opening_count (self->opening); i++)
    show_row (self, till_opening_get (self->opening, i), (int) i + 1);
  gtk_spinner_set_spinning (self->spinner, !self->finished);
  gtk_widget_set_visible (self->retry, refused);
  gtk_label_set_text (self->state, _ (refused ? self->words.refused : self->finished ? self->words.ended : self->words.running));
}

void
till_order_progress_say (TillOrderProgress *self, const char *text)
{
  gtk_label_set_text (self->state, text);
  gtk_spinner_start (self->spinner);
}

/* --- asking --- */

typedef struct { TillOrderProgress *self; TillOpeningMeter *item; TillOpeningSum *sum; } Question;

static gboolean
ask_again_cb (gpointer user_data)
{
  TillOrderProgress *self = user_data;

  self->tick = 0;
  ask (self);
  return G_SOURCE_REMOVE;
}

static void
answered (TillOrderProgress *self)
{
  if (--self->asking > 0)
    return;
  self->finished = self->asked && all_ended (self);
  show (self);
  if (self->finished)
    g_signal_emit (self, signals[FINISHED], 0);
  else if (self->tick == 0)
    self->tick = g_timeout_add (ASK_MS, ask_again_cb, self);
}

static void
sale_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (TillOrderProgress) self = question->self;
  g_autoptr (TillOpeningMeter) item = question->item;
  g_autoptr (TillSale) sale = till_sales_service_get_finish (TILL_SALES_SERVICE (source), result, NULL);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (sale != NULL) /* no answer: what is known stays, it is asked again */
    g_set_object ((GObject **) &question->sum->sale, (GObject *) sale);
  answered (self);
}

static void
settings_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (TillOrderProgress) self = question->self;
  g_autoptr (TillOpeningMeter) item = question->item;
  g_autoptr (GListModel) orders = till_meter_service_settings_finish (TILL_METER_SERVICE (source), result, NULL);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (orders != NULL)
    {
      g_clear_object ((GObject **) &item->price);
      g_clear_object ((GObject **) &item->limits);
    }
  else
    self->asked = FALSE;
  for (guint i = 0; orders != NULL && i < g_list_model_get_n_items (orders); i++) /* newest first: that is the one that counts */
    {
      g_autoptr (TillCommand) order = g_list_model_get_item (orders, i);
      TillCommand **place = till_record_int (order, "kind") == TILL_COMMAND_KIND_SET_PRICE ? &item->price : &item->limits;

      if (*place == NULL)
        *place = g_steal_pointer (&order);
    }
  answered (self);
}

static Question *
question_new (TillOrderProgress *self, TillOpeningMeter *item, TillOpeningSum *sum)
{
  Question *question = g_new0 (Question, 1);

  question->self = g_object_ref (self);
  question->item = g_object_ref (item);
  question->sum = sum;
  self->asking++;
  return question;
}

static void
ask_sum (TillOrderProgress *self, TillOpeningMeter *item, TillOpeningSum *sum)
{
  if (sum->sale != NULL && !sum_ended (sum))
    till_sales_service_get_async (till_context_get_sales (self->context), till_record_key (sum->sale), self->cancellable, sale_cb,
                                  question_new (self, item, sum));
}

static void
ask (TillOrderProgress *self)
{
  self->asked = TRUE;
  self->asking = 1; /* of this call: none ends before all were asked */
  for (guint i = 0; i < till_opening_count (self->opening); i++)
    {
      TillOpeningMeter *item = till_opening_get (self->opening, i);

      till_meter_service_settings_async (till_context_get_meters (self->context), till_record_int (item->meter, "id"), self->cancellable, settings_cb,
                                         question_new (self, item, NULL));
      ask_sum (self, item, &item->opening);
      ask_sum (self, item, &item->carried);
    }
  answered (self);
}

void
till_order_progress_follow (TillOrderProgress *self)
{
  g_clear_handle_id (&self->tick, g_source_remove);
  self->finished = FALSE;
  show (self);
  if (self->asking == 0)
    ask (self);
}

void
till_order_progress_stop (TillOrderProgress *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->tick, g_source_remove);
}

/* --- building --- */

static void
retry_cb (TillOrderProgress *self)
{
  g_signal_emit (self, signals[RETRY], 0);
}

static void
till_order_progress_dispose (GObject *object)
{
  TillOrderProgress *self = TILL_ORDER_PROGRESS (object);

  till_order_progress_stop (self);
  g_clear_object (&self->context);
  G_OBJECT_CLASS (till_order_progress_parent_class)->dispose (object);
}

static void
till_order_progress_finalize (GObject *object)
{
  g_object_unref (TILL_ORDER_PROGRESS (object)->cancellable);
  G_OBJECT_CLASS (till_order_progress_parent_class)->finalize (object);
}

static void
till_order_progress_class_init (TillOrderProgressClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = till_order_progress_dispose;
  G_OBJECT_CLASS (klass)->finalize = till_order_progress_finalize;
  signals[FINISHED] = g_signal_new ("finished", TILL_TYPE_ORDER_PROGRESS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[RETRY] = g_signal_new ("retry", TILL_TYPE_ORDER_PROGRESS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
till_order_progress_init (TillOrderProgress *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 16), *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *scroller = gtk_scrolled_window_new ();

  self->cancellable = g_cancellable_new ();
  self->state = GTK_LABEL (make_label (NULL, "till-strong"));
  gtk_label_set_max_width_chars (self->state, -1);
  gtk_widget_set_hexpand (GTK_WIDGET (self->state), TRUE);
  self->spinner = GTK_SPINNER (gtk_spinner_new ());
  self->retry = gtk_button_new_with_label (_ ("Try again"));
  gtk_widget_set_visible (self->retry, FALSE);
  g_signal_connect_object (self->retry, "clicked", G_CALLBACK (retry_cb), self, G_CONNECT_SWAPPED);
  self->grid = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_column_spacing (self->grid, 24);
  gtk_grid_set_row_spacing (self->grid, 12);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->grid));
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->spinner));
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->state));
  gtk_box_append (GTK_BOX (head), self->retry);
  gtk_box_append (GTK_BOX (box), head);
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_widget_set_margin_start (box, 16);
  gtk_widget_set_margin_end (box, 16);
  gtk_widget_set_margin_top (box, 16);
  adw_bin_set_child (ADW_BIN (self), box);
}

GtkWidget *
till_order_progress_new (TillContext *context, TillOpening *opening, const TillOrderWords *words)
{
  TillOrderProgress *self = g_object_new (TILL_TYPE_ORDER_PROGRESS, NULL);

  self->context = g_object_ref (context);
  self->opening = opening;
  self->words = *words;
  return GTK_WIDGET (self);
}
