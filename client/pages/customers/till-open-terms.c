/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-open-terms.c: see till-open-terms.h. What is typed goes straight into the opening; the server judges it, here only what it would
 * certainly refuse is said early. */
#define G_LOG_DOMAIN "till-open-terms"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-tariff.h"
#include "client/pages/customers/till-account-words.h"
#include "client/pages/customers/till-open-terms.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-money-entry.h"
#include "shared/api/till-limits.h"

typedef enum { TARIFF, ALARM1, ALARM2, OVERLOAD, OVERDRAFT, OPENING, CARRIED, FROM, N_CELLS } Cell;

static const struct { const char *title, *member; gboolean money; } cells[N_CELLS] = {
  [TARIFF] = { N_ ("Tariff"), "tariff", FALSE },
  [ALARM1] = { N_ ("Alarm 1"), "limits.alarm1", FALSE },
  [ALARM2] = { N_ ("Alarm 2"), "limits.alarm2", FALSE },
  [OVERLOAD] = { N_ ("Overload kW"), "limits.overload_kw", FALSE },
  [OVERDRAFT] = { N_ ("Overdraft"), "limits.overdraft", FALSE },
  [OPENING] = { N_ ("Opening amount"), "opening_amount", TRUE },
  [CARRIED] = { N_ ("Old meter's money"), "carried_amount", TRUE },
  [FROM] = { N_ ("From which old meter"), "carried_from", TRUE },
};

struct _TillOpenTerms {
  AdwBin       parent_instance;
  TillContext *context;
  TillOpening *opening;
  GListModel  *tariffs;
  GtkGrid     *grid;
  GtkDropDown *channel;
  GtkLabel    *sum;
  gboolean     money, filling;
  guint        first; /* row of the grid of the first meter */
};

G_DEFINE_FINAL_TYPE (TillOpenTerms, till_open_terms, ADW_TYPE_BIN)

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static GtkWidget *
cell_at (TillOpenTerms *self, guint row, Cell cell)
{
  return gtk_grid_get_child_at (self->grid, 2 + (int) cell, (int) row);
}

static void
show_sum (TillOpenTerms *self)
{
  gint64 paid, carried;
  g_autofree char *first = NULL, *second = NULL, *text = NULL;

  till_opening_sum (self->opening, &paid, &carried);
  first = till_format_money_sign (paid);
  second = till_format_money_sign (carried);
  text = g_strdup_printf (_ ("To take now: %s · carried over: %s"), first, second);
  gtk_label_set_text (self->sum, text);
}

static void
changed (TillOpenTerms *self)
{
  if (self->money)
    show_sum (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* --- what is typed --- */

static gint64 *
value_of (TillOpeningMeter *item, Cell cell)
{
  switch (cell)
    {
    case ALARM1: return &item->alarm1;
    case ALARM2: return &item->alarm2;
    case OVERLOAD: return &item->overload_w;
    case OVERDRAFT: return &item->overdraft;
    case OPENING: return &item->opening.amount;
    case CARRIED: return &item->carried.amount;
    case TARIFF: return &item->tariff;
    case FROM:
    case N_CELLS:
    default: g_assert_not_reached ();
    }
}

static gint64
tariff_of (GtkWidget *widget)
{
  gpointer tariff = gtk_drop_down_get_selected_item (GTK_DROP_DOWN (widget));

  return tariff != NULL ? till_record_int (tariff, "id") : 0;
}

static void
take (TillOpenTerms *self, TillOpeningMeter *item, Cell cell, GtkWidget *widget)
{
  gint64 amount;

  if (cell == FROM)
    {
      g_free (item->from);
      item->from = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (widget))));
      return;
    }
  if (cell == TARIFF)
    {
      item->tariff = tariff_of (widget);
      return;
    }
  amount = till_money_entry_get_amount (TILL_MONEY_ENTRY (widget));
  if (cells[cell].money)
    *value_of (item, cell) = amount != TILL_UNKNOWN ? amount : 0;
  else
    *value_of (item, cell) = cell == OVERLOAD && amount != TILL_UNKNOWN ? amount / 10 : amount; /* 1/10000 kW -> W */
}

static void
copy_down (TillOpenTerms *self, Cell cell, GtkWidget *from)
{
  for (guint i = 0; i < till_opening_count (self->opening); i++)
    {
      GtkWidget *to = cell_at (self, self->first + i, cell);

      if (cell == TARIFF)
        gtk_drop_down_set_selected (GTK_DROP_DOWN (to), gtk_drop_down_get_selected (GTK_DROP_DOWN (from)));
      else if (gtk_widget_is_sensitive (to))
        gtk_editable_set_text (GTK_EDITABLE (to), gtk_editable_get_text (GTK_EDITABLE (from)));
    }
}

static void
typed_cb (GtkWidget *widget, GParamSpec *pspec, TillOpenTerms *self)
{
  int column, row, width, height;
  Cell cell;

  if (self->filling)
    return;
  gtk_grid_query_child (self->grid, widget, &column, &row, &width, &height);
  cell = (Cell) (column - 2);
  gtk_widget_remove_css_class (widget, "till-wrong");
  gtk_widget_set_tooltip_text (widget, NULL);
  if ((guint) row < self->first)
    copy_down (self, cell, widget);
  else
    take (self, till_opening_get (self->opening, (guint) row - self->first), cell, widget);
  changed (self);
}

/* Of the text inside an entry: the entry has understood it by then. */
static void
text_cb (GtkWidget *text, TillOpenTerms *self)
{
  typed_cb (gtk_widget_get_parent (text), NULL, self);
}

/* --- the table --- */

static GtkWidget *
make_tariff (TillOpenTerms *self, TillOpeningMeter *item)
{
  g_autoptr (GtkExpression) name = gtk_property_expression_new (TILL_TYPE_TARIFF, NULL, "name");
  GtkWidget *list = gtk_drop_down_new (NULL, NULL);

  gtk_drop_down_set_expression (GTK_DROP_DOWN (list), name);
  gtk_drop_down_set_model (GTK_DROP_DOWN (list), self->tariffs);
  for (guint i = 0; item != NULL && i < g_list_model_get_n_items (self->tariffs); i++)
    {
      g_autoptr (TillRecord) tariff = g_list_model_get_item (self->tariffs, i);

      if (till_record_int (tariff, "id") == item->tariff)
        gtk_drop_down_set_selected (GTK_DROP_DOWN (list), i);
    }
  if (item != NULL) /* a meter without a tariff gets the one that is shown */
    item->tariff = tariff_of (list);
  g_signal_connect_object (list, "notify::selected", G_CALLBACK (typed_cb), self, 0);
  return list;
}

static GtkWidget *
make_money (TillOpenTerms *self, TillOpeningMeter *item, Cell cell)
{
  GtkWidget *entry = till_money_entry_new ();
  gint64 amount = item != NULL ? *value_of (item, cell) : TILL_UNKNOWN;

  g_object_set (entry, "minimum", (gint64) 0, "width-chars", 9, "xalign", 1.0, "hexpand", FALSE, NULL);
  if (cells[cell].money && amount == 0)
    amount = TILL_UNKNOWN;
  if (amount != TILL_UNKNOWN)
    till_money_entry_set_amount (TILL_MONEY_ENTRY (entry), cell == OVERLOAD ? amount * 10 : amount);
  if (item != NULL && (cell == ALARM1 || cell == ALARM2 || cell == OVERDRAFT) && till_record_int (item->meter, "purse") == TILL_PURSE_ENERGY)
    {
      gtk_widget_set_sensitive (entry, FALSE);
      gtk_widget_set_tooltip_text (entry, _ ("This meter counts kWh: its limits are those of the default parameters"));
    }
  g_signal_connect_object (gtk_editable_get_delegate (GTK_EDITABLE (entry)), "changed", G_CALLBACK (text_cb), self, 0);
  return entry;
}

static GtkWidget *
make_text (TillOpenTerms *self, TillOpeningMeter *item)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_max_length (GTK_ENTRY (entry), TILL_NOTE_CHARS);
  g_object_set (entry, "placeholder-text", _ ("Meter No., serial No., reading"), "width-chars", 28, NULL);
  if (item != NULL && item->from != NULL)
    gtk_editable_set_text (GTK_EDITABLE (entry), item->from);
  g_signal_connect_object (gtk_editable_get_delegate (GTK_EDITABLE (entry)), "changed", G_CALLBACK (text_cb), self, 0);
  return entry;
}

static void
put_label (TillOpenTerms *self, int column, int row, const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), column == 1 && row > 0 ? PANGO_ELLIPSIZE_START : PANGO_ELLIPSIZE_NONE);
  if (column == 1)
    gtk_label_set_max_width_chars (GTK_LABEL (label), 30);
  gtk_widget_set_tooltip_text (label, row > 0 ? text : NULL);
  gtk_widget_add_css_class (label, row == 0 ? "till-secondary" : "numeric");
  gtk_grid_attach (self->grid, label, column, row, 1, 1);
}

/* item NULL: the row that fills all. */
static void
put_row (TillOpenTerms *self, int row, TillOpeningMeter *item)
{
  const char *room = item != NULL ? till_record_text (item->meter, "room") : NULL, *code = item != NULL ? till_record_text (item->meter, "code") : _ ("All");

  put_label (self, 0, row, code);
  put_label (self, 1, row, item == NULL ? "" : room != NULL ? room : TILL_DASH);
  for (Cell cell = 0; cell < N_CELLS; cell++)
    {
      g_autofree char *name = g_strdup_printf ("%s · %s", code, _ (cells[cell].title));
      GtkWidget *widget;

      if (cells[cell].money != self->money || (item == NULL && cell == FROM))
        continue;
      widget = cell == TARIFF ? make_tariff (self, item) : cell == FROM ? make_text (self, item) : make_money (self, item, cell);
      gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
      gtk_grid_attach (self->grid, widget, 2 + (int) cell, row, 1, 1);
    }
}

void
till_open_terms_fill (TillOpenTerms *self)
{
  guint n = till_opening_count (self->opening);
  GtkWidget *child;

  self->filling = TRUE;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->grid))) != NULL)
    gtk_grid_remove (self->grid, child);
  put_label (self, 0, 0, _ ("Meter No."));
  put_label (self, 1, 0, _ ("Room"));
  for (Cell cell = 0; cell < N_CELLS; cell++)
    if (cells[cell].money == self->money)
      put_label (self, 2 + (int) cell, 0, _ (cells[cell].title));
  self->first = n > 1 ? 2 : 1;
  if (n > 1)
    put_row (self, 1, NULL);
  for (guint i = 0; i < n; i++)
    put_row (self, (int) (self->first + i), till_opening_get (self->opening, i));
  self->filling = FALSE;
  changed (self);
}

static void
tariffs_cb (TillOpenTerms *self)
{
  if (!self->money && till_opening_count (self->opening) > 0)
    till_open_terms_fill (self);
}

/* --- what is wrong --- */

static char *
problem_of (TillOpenTerms *self, TillOpeningMeter *item, guint i)
{
  const char *code = till_record_text (item->meter, "code");
  gint64 hoard = till_record_int (item->meter, "hoard-limit"), balance = till_record_int (item->meter, "balance");
  gint64 most = till_session_get_sale_max (till_context_get_session (self->context));
  g_autofree char *text = NULL;

  for (Cell cell = ALARM1; cell <= CARRIED; cell++)
    if (cells[cell].money == self->money && gtk_editable_get_text (GTK_EDITABLE (cell_at (self, self->first + i, cell)))[0] != '\0' &&
        !till_money_entry_is_valid (TILL_MONEY_ENTRY (cell_at (self, self->first + i, cell))))
      return g_strdup_printf (_ ("%s · %s: give a number with at most two decimals."), code, _ (cells[cell].title));
  if (!self->money)
    return item->alarm1 != TILL_UNKNOWN && item->alarm2 != TILL_UNKNOWN && item->alarm1 <= item->alarm2
               ? g_strdup_printf (_ ("%s · Alarm 1: must be greater than alarm 2."), code) : NULL;
  if (most > 0 && item->opening.amount > most)
    {
      text = till_format_money_sign (most);
      return g_strdup_printf (_ ("%s · Opening amount: at most %s in one sale."), code, text);
    }
  if (hoard == TILL_UNKNOWN || hoard <= 0 || till_record_int (item->meter, "purse") != TILL_PURSE_MONEY ||
      MAX (balance, 0) + item->opening.amount + item->carried.amount <= hoard)
    return NULL;
  text = till_format_money_sign (MAX (hoard - MAX (balance, 0), 0));
  return g_strdup_printf (_ ("%s: the hoard limit leaves room for %s."), code, text);
}

char *
till_open_terms_dup_problem (TillOpenTerms *self)
{
  char *problem = NULL;

  if (cell_at (self, self->first, self->money ? OPENING : ALARM1) == NULL)
    return NULL;
  for (guint i = 0; i < till_opening_count (self->opening) && problem == NULL; i++)
    problem = problem_of (self, till_opening_get (self->opening, i), i);
  return problem;
}

gboolean
till_open_terms_mark (TillOpenTerms *self, guint meter, const char *member, const char *reason)
{
  for (Cell cell = 0; cell < N_CELLS; cell++)
    if (cells[cell].money == self->money && g_str_equal (cells[cell].member, member) && meter < till_opening_count (self->opening))
      {
        GtkWidget *widget = cell_at (self, self->first + meter, cell);

        gtk_widget_add_css_class (widget, "till-wrong");
        gtk_widget_set_tooltip_text (widget, reason);
        gtk_widget_grab_focus (widget);
        return TRUE;
      }
  return FALSE;
}

/* --- building --- */

static void
channel_cb (TillOpenTerms *self)
{
  guint chosen = gtk_drop_down_get_selected (self->channel);

  if (chosen != GTK_INVALID_LIST_POSITION && self->opening != NULL)
    self->opening->channel = (TillChannel) chosen;
}

static void
till_open_terms_dispose (GObject *object)
{
  TillOpenTerms *self = TILL_OPEN_TERMS (object);

  self->grid = NULL;
  g_clear_object (&self->tariffs);
  g_clear_object (&self->context);
  G_OBJECT_CLASS (till_open_terms_parent_class)->dispose (object);
}

static void
till_open_terms_class_init (TillOpenTermsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = till_open_terms_dispose;
  signals[CHANGED] = g_signal_new ("changed", TILL_TYPE_OPEN_TERMS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
till_open_terms_init (TillOpenTerms *self)
{
  self->grid = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_column_spacing (self->grid, 12);
  gtk_grid_set_row_spacing (self->grid, 8);
  gtk_widget_set_margin_start (GTK_WIDGET (self->grid), 16);
  gtk_widget_set_margin_end (GTK_WIDGET (self->grid), 16);
  gtk_widget_set_margin_top (GTK_WIDGET (self->grid), 12);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self->grid), 16);
}

static GtkWidget *
make_money_bar (TillOpenTerms *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->channel = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  till_account_fill_channels (self->channel);
  g_signal_connect_object (self->channel, "notify::selected", G_CALLBACK (channel_cb), self, G_CONNECT_SWAPPED);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->channel), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Method"), -1);
  self->sum = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->sum, 1);
  gtk_widget_set_hexpand (GTK_WIDGET (self->sum), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->sum), "till-strong");
  gtk_widget_add_css_class (bar, "till-toolbar");
  gtk_box_append (GTK_BOX (bar), gtk_label_new (_ ("Opening amounts are paid by")));
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->channel));
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->sum));
  return bar;
}

GtkWidget *
till_open_terms_new (TillContext *context, TillOpening *opening, gboolean money)
{
  TillOpenTerms *self = g_object_new (TILL_TYPE_OPEN_TERMS, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *scroller = gtk_scrolled_window_new (), *intro;

  self->context = g_object_ref (context);
  self->opening = opening;
  self->money = money;
  self->tariffs = g_object_ref (till_ref_lists_get (till_context_get_ref_lists (context), TILL_REF_TARIFFS));
  g_signal_connect_object (self->tariffs, "items-changed", G_CALLBACK (tariffs_cb), self, G_CONNECT_SWAPPED);
  if (money)
    gtk_box_append (GTK_BOX (box), make_money_bar (self));
  intro = gtk_label_new (money ? _ ("Nothing has to be paid to open. The money of an old meter is booked as carried over: nothing goes into the drawer for it.")
                               : _ ("Proposed by the default parameters. Prices and limits are sent to the meters when the account is opened."));
  gtk_label_set_xalign (GTK_LABEL (intro), 0);
  gtk_label_set_wrap (GTK_LABEL (intro), TRUE);
  gtk_widget_add_css_class (intro, "till-secondary");
  gtk_widget_set_margin_start (intro, 16);
  gtk_widget_set_margin_end (intro, 16);
  gtk_widget_set_margin_top (intro, 12);
  gtk_box_append (GTK_BOX (box), intro);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->grid));
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (box), scroller);
  adw_bin_set_child (ADW_BIN (self), box);
  return GTK_WIDGET (self);
}
