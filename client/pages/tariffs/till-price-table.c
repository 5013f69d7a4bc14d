/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-price-table.c: see till-price-table.h. One grid: a column for each rate, a row for each tier; the first row holds the prices. */
#define G_LOG_DOMAIN "till-price-table"
#include "config.h"
#include <glib/gi18n.h>
#include <string.h>
#include "client/model/till-record.h"
#include "client/model/till-words.h"
#include "client/pages/tariffs/till-price-table.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-palette.h"
#include "shared/base/till-energy.h"

#define FIRST_RATE 2 /* columns before: the tier, its end */

struct _TillPriceTable {
  GtkWidget          parent_instance;
  GtkBox            *box;
  GtkGrid           *grid, *fees;
  GtkBox            *period;
  GtkToggleButton   *month, *year;
  GtkWidget         *add, *remove;
  GtkLabel          *error;
  TillTariffVersion *version; /* borrowed */
  gboolean           editable, quiet;
};

G_DEFINE_FINAL_TYPE (TillPriceTable, till_price_table, GTK_TYPE_WIDGET)

enum { CHANGED, RATES_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void fill (TillPriceTable *self);

/* --- one value: an entry that knows where its number belongs --- */

typedef enum { CELL_PRICE, CELL_TO, CELL_FIXED, CELL_FREE } CellKind;
typedef struct { CellKind kind; guint tier, rate; } Cell;

static gint64 *
value_of (TillPriceTable *self, const Cell *cell)
{
  switch (cell->kind)
    {
    case CELL_PRICE:
      return &self->version->tiers[cell->tier].prices[cell->rate];
    case CELL_TO:
      return &self->version->tiers[cell->tier].to;
    case CELL_FIXED:
      return &self->version->fixed_per_day;
    default:
      return &self->version->free_per_head;
    }
}

static gboolean
is_energy (const Cell *cell)
{
  return cell->kind == CELL_TO || cell->kind == CELL_FREE;
}

/* What an entry shows: plain decimals, as they are typed. */
static char *
plain_text (const Cell *cell, gint64 value)
{
  char text[TILL_MONEY_TEXT];

  if (value == TILL_UNKNOWN)
    return g_strdup ("");
  return g_strdup (is_energy (cell) ? till_energy_print (value, text) : till_money_print (value, text));
}

static gboolean
parse (const Cell *cell, const char *text, gint64 *ret)
{
  TillMoney value;

  if (!(is_energy (cell) ? till_energy_parse (text, &value, NULL) : till_money_parse (text, &value, NULL)) || value < 0)
    return FALSE;
  *ret = value;
  return TRUE;
}

static void
typed_cb (GtkEditable *entry, TillPriceTable *self)
{
  const Cell *cell = g_object_get_data (G_OBJECT (entry), "till-cell");
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (entry)));
  gint64 value = TILL_UNKNOWN;

  if (self->quiet || self->version == NULL)
    return;
  if (parse (cell, text, &value))
    gtk_widget_remove_css_class (GTK_WIDGET (entry), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
  *value_of (self, cell) = value;
  g_signal_emit (self, signals[CHANGED], 0);
}

static GtkWidget *
value_widget (TillPriceTable *self, const Cell *cell, const char *name)
{
  gint64 value = *value_of (self, cell);
  g_autofree char *text = NULL;
  GtkWidget *widget;

  if (!self->editable)
    {
      text = value == TILL_UNKNOWN ? g_strdup (TILL_DASH) : is_energy (cell) ? till_format_energy (value) : till_format_price (value);
      widget = gtk_label_new (text);
      gtk_label_set_xalign (GTK_LABEL (widget), 1);
      gtk_widget_add_css_class (widget, "numeric");
      return widget;
    }
  widget = gtk_entry_new ();
  text = plain_text (cell, value);
  gtk_editable_set_text (GTK_EDITABLE (widget), text);
  gtk_editable_set_width_chars (GTK_EDITABLE (widget), 9);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (widget), 9);
  gtk_editable_set_alignment (GTK_EDITABLE (widget), 1);
  gtk_entry_set_max_length (GTK_ENTRY (widget), 16);
  gtk_widget_add_css_class (widget, "numeric");
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data_full (G_OBJECT (widget), "till-cell", g_memdup2 (cell, sizeof *cell), g_free);
  g_signal_connect (widget, "changed", G_CALLBACK (typed_cb), self);
  return widget;
}

/* --- the grid --- */

static GtkWidget *
put_text (GtkGrid *grid, const char *text, int column, int row)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "till-secondary");
  gtk_grid_attach (grid, label, column, row, 1, 1);
  return label;
}

static void
uses_cb (GtkCheckButton *check, TillPriceTable *self)
{
  guint rate = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (check), "till-rate")), n = 0;

  if (self->quiet)
    return;
  self->version->uses[rate] = gtk_check_button_get_active (check);
  for (guint r = 0; r < TILL_N_RATES; r++)
    n += self->version->uses[r];
  if (n == 0) /* a tariff has a price */
    {
      self->version->uses[rate] = TRUE;
      gtk_check_button_set_active (check, TRUE);
      return;
    }
  fill (self);
  g_signal_emit (self, signals[RATES_CHANGED], 0);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
swatch_draw (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer rate)
{
  gdk_cairo_set_source_rgba (cr, till_palette_tone (till_palette_theme (), TILL_TONE_TIP + (TillTone) GPOINTER_TO_UINT (rate)));
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_fill (cr);
}

/* The word with its colour; while editing with the tick that uses the rate. */
static void
put_rate_title (TillPriceTable *self, guint rate, int column)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *swatch = gtk_drawing_area_new (),
    *word = gtk_label_new (till_format_word (&till_words_rate, rate));

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (swatch), 10);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (swatch), 10);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (swatch), swatch_draw, GUINT_TO_POINTER (rate), NULL);
  gtk_widget_set_valign (swatch, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), swatch);
  gtk_box_append (GTK_BOX (box), word);
  gtk_widget_set_halign (box, self->editable ? GTK_ALIGN_START : GTK_ALIGN_END);
  if (self->editable)
    {
      GtkWidget *check = gtk_check_button_new ();

      gtk_check_button_set_active (GTK_CHECK_BUTTON (check), self->version->uses[rate]);
      g_object_set_data (G_OBJECT (check), "till-rate", GUINT_TO_POINTER (rate));
      gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, till_format_word (&till_words_rate, rate), -1);
      g_signal_connect (check, "toggled", G_CALLBACK (uses_cb), self);
      gtk_box_prepend (GTK_BOX (box), check);
    }
  gtk_grid_attach (self->grid, box, column, 0, 1, 1);
}

static void
put_tier (TillPriceTable *self, guint tier)
{
  gboolean last = tier + 1 == self->version->n_tiers;
  Cell to = { CELL_TO, tier, 0 };
  int column = FIRST_RATE;

  if (self->version->n_tiers > 1)
    {
      g_autofree char *n = g_strdup_printf ("%u", tier + 1), *name = g_strdup_printf (_ ("End of tier %u in kWh"), tier + 1);

      put_text (self->grid, n, 0, (int) tier + 1);
      if (last)
        gtk_label_set_xalign (GTK_LABEL (put_text (self->grid, _ ("above"), 1, (int) tier + 1)), 1);
      else
        gtk_grid_attach (self->grid, value_widget (self, &to, name), 1, (int) tier + 1, 1, 1);
    }
  for (guint r = 0; r < TILL_N_RATES; r++)
    {
      Cell price = { CELL_PRICE, tier, r };
      g_autofree char *name = g_strdup_printf (_ ("Price of %s, tier %u"), till_format_word (&till_words_rate, r), tier + 1);

      if (self->version->uses[r])
        gtk_grid_attach (self->grid, value_widget (self, &price, name), column, (int) tier + 1, 1, 1);
      column += self->editable || self->version->uses[r] ? 1 : 0;
    }
}

static void
clear (GtkGrid *grid)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (grid))) != NULL)
    gtk_grid_remove (grid, child);
}

static void
fill_fees (TillPriceTable *self)
{
  const struct { CellKind kind; const char *title; } fees[] = { { CELL_FIXED, _ ("Fixed ¥/day") }, { CELL_FREE, _ ("Free kWh/head/month") } };

  clear (self->fees);
  for (int i = 0; i < (int) G_N_ELEMENTS (fees); i++)
    {
      Cell cell = { fees[i].kind, 0, 0 };

      put_text (self->fees, fees[i].title, i * 2, 0);
      gtk_grid_attach (self->fees, value_widget (self, &cell, fees[i].title), i * 2 + 1, 0, 1, 1);
    }
}

static void
fill (TillPriceTable *self)
{
  int column = FIRST_RATE;

  self->quiet = TRUE;
  clear (self->grid);
  if (self->version->n_tiers > 1)
    {
      put_text (self->grid, _ ("Tier"), 0, 0);
      gtk_label_set_xalign (GTK_LABEL (put_text (self->grid, _ ("to kWh"), 1, 0)), 1);
    }
  else
    put_text (self->grid, _ ("Price ¥/kWh"), 0, 1);
  for (guint r = 0; r < TILL_N_RATES; r++)
    if (self->editable || self->version->uses[r])
      put_rate_title (self, r, column++);
  for (guint k = 0; k < self->version->n_tiers; k++)
    put_tier (self, k);
  fill_fees (self);
  gtk_widget_set_visible (GTK_WIDGET (self->period), self->editable || self->version->n_tiers > 1);
  gtk_widget_set_visible (GTK_WIDGET (self->month), self->version->n_tiers > 1 && (self->editable || !self->version->by_year));
  gtk_widget_set_visible (GTK_WIDGET (self->year), self->version->n_tiers > 1 && (self->editable || self->version->by_year));
  gtk_toggle_button_set_active (self->version->by_year ? self->year : self->month, TRUE);
  gtk_widget_set_can_target (GTK_WIDGET (self->month), self->editable);
  gtk_widget_set_can_target (GTK_WIDGET (self->year), self->editable);
  gtk_widget_set_visible (self->add, self->editable && self->version->n_tiers < TILL_TIERS_MAX);
  gtk_widget_set_visible (self->remove, self->editable && self->version->n_tiers > 1);
  self->quiet = FALSE;
}

/* --- buttons --- */

static void
add_cb (TillPriceTable *self)
{
  if (till_tariff_version_add_tier (self->version))
    fill (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
remove_cb (TillPriceTable *self)
{
  till_tariff_version_remove_tier (self->version);
  fill (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
period_cb (TillPriceTable *self)
{
  if (self->quiet || self->version == NULL)
    return;
  self->version->by_year = gtk_toggle_button_get_active (self->year);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* --- marks --- */

typedef struct { CellKind kind; int tier, rate; } Wanted; /* -1: any */

static GtkWidget *
find_entry (GtkGrid *grid, const Wanted *wanted)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (grid)); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      const Cell *cell = g_object_get_data (G_OBJECT (child), "till-cell");

      if (cell != NULL && cell->kind == wanted->kind && (wanted->tier < 0 || (int) cell->tier == wanted->tier) && (wanted->rate < 0 ||
                                                                                                    (int) cell->rate == wanted->rate))
        return child;
    }
  return NULL;
}

static void
show_mark (TillPriceTable *self, GtkWidget *entry, const char *reason)
{
  gtk_label_set_text (self->error, reason);
  gtk_widget_set_visible (GTK_WIDGET (self->error), TRUE);
  if (entry == NULL)
    return;
  gtk_widget_add_css_class (entry, "error");
  gtk_widget_grab_focus (entry);
}

gboolean
till_price_table_mark (TillPriceTable *self, const char *member, const char *reason)
{
  Wanted wanted = { CELL_PRICE, 0, -1 };
  GtkGrid *grid = self->grid;
  int rate;

  if (g_str_has_prefix (member, "prices"))
    {
      if (member[6] == '.' && till_rate_from_word (member + 7, &rate))
        wanted.rate = rate;
    }
  else if (g_str_has_prefix (member, "tiers"))
    {
      const char *at = strchr (member, '[');

      wanted.tier = at != NULL ? (int) g_ascii_strtoull (at + 1, NULL, 10) : 0;
      wanted.kind = g_str_has_suffix (member, ".to") ? CELL_TO : CELL_PRICE;
    }
  else if (g_str_equal (member, "fixed_per_day") || g_str_equal (member, "free_per_head"))
    {
      wanted.kind = g_str_equal (member, "fixed_per_day") ? CELL_FIXED : CELL_FREE;
      grid = self->fees;
    }
  else
    return FALSE;
  show_mark (self, find_entry (grid, &wanted), reason);
  return TRUE;
}

void
till_price_table_clear_marks (TillPriceTable *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->error), FALSE);
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->grid)); child != NULL; child = gtk_widget_get_next_sibling (child))
    gtk_widget_remove_css_class (child, "error");
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->fees)); child != NULL; child = gtk_widget_get_next_sibling (child))
    gtk_widget_remove_css_class (child, "error");
}

static gboolean
check_grid (TillPriceTable *self, GtkGrid *grid)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (grid)); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      const Cell *cell = g_object_get_data (G_OBJECT (child), "till-cell");
      g_autofree char *text = cell != NULL ? g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (child)))) : NULL;
      gint64 value;

      if (cell == NULL || parse (cell, text, &value))
        continue;
      show_mark (self, child, is_energy (cell) ? _ ("An amount of energy as 200 or 0.500 is missing here.") : _ ("A price as 0.6150 is missing here."));
      return FALSE;
    }
  return TRUE;
}

gboolean
till_price_table_check (TillPriceTable *self)
{
  till_price_table_clear_marks (self);
  return check_grid (self, self->grid) && check_grid (self, self->fees);
}

/* --- widget --- */

static void
till_price_table_dispose (GObject *object)
{
  TillPriceTable *self = TILL_PRICE_TABLE (object);

  self->version = NULL;
  g_clear_pointer ((GtkWidget **) &self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (till_price_table_parent_class)->dispose (object);
}

static void
till_price_table_class_init (TillPriceTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = till_price_table_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[CHANGED] = g_signal_new ("changed", TILL_TYPE_PRICE_TABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[RATES_CHANGED] = g_signal_new ("rates-changed", TILL_TYPE_PRICE_TABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static GtkWidget *
add_button (TillPriceTable *self, const char *label, GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  g_signal_connect_swapped (button, "clicked", callback, self);
  gtk_box_append (self->period, button);
  return button;
}

static void
make_period (TillPriceTable *self)
{
  GtkWidget *title = gtk_label_new (_ ("Tiers per")), *linked = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->period = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8));
  self->month = GTK_TOGGLE_BUTTON (gtk_toggle_button_new_with_label (_ ("month")));
  self->year = GTK_TOGGLE_BUTTON (gtk_toggle_button_new_with_label (_ ("year")));
  gtk_toggle_button_set_group (self->year, self->month);
  gtk_toggle_button_set_active (self->month, TRUE);
  g_signal_connect_swapped (self->year, "toggled", G_CALLBACK (period_cb), self);
  gtk_widget_add_css_class (title, "till-secondary");
  gtk_widget_add_css_class (linked, "linked");
  gtk_box_append (GTK_BOX (linked), GTK_WIDGET (self->month));
  gtk_box_append (GTK_BOX (linked), GTK_WIDGET (self->year));
  g_object_bind_property (self->month, "visible", title, "visible", G_BINDING_DEFAULT);
  gtk_box_append (self->period, title);
  gtk_box_append (self->period, linked);
  self->add = add_button (self, _ ("Add tier"), G_CALLBACK (add_cb));
  self->remove = add_button (self, _ ("Remove tier"), G_CALLBACK (remove_cb));
}

static GtkGrid *
make_grid (void)
{
  GtkGrid *grid = GTK_GRID (gtk_grid_new ());

  gtk_grid_set_column_spacing (grid, 16);
  gtk_grid_set_row_spacing (grid, 6);
  gtk_widget_set_halign (GTK_WIDGET (grid), GTK_ALIGN_START);
  return grid;
}

static void
till_price_table_init (TillPriceTable *self)
{
  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 10));
  self->grid = make_grid ();
  self->fees = make_grid ();
  self->error = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->error, 0);
  gtk_label_set_wrap (self->error, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->error), "till-error-text");
  gtk_widget_set_visible (GTK_WIDGET (self->error), FALSE);
  make_period (self);
  gtk_box_append (self->box, GTK_WIDGET (self->grid));
  gtk_box_append (self->box, GTK_WIDGET (self->period));
  gtk_box_append (self->box, GTK_WIDGET (self->fees));
  gtk_box_append (self->box, GTK_WIDGET (self->error));
  gtk_widget_set_parent (GTK_WIDGET (self->box), GTK_WIDGET (self));
}

void
till_price_table_set_version (TillPriceTable *self, TillTariffVersion *version, gboolean editable)
{
  g_return_if_fail (TILL_IS_PRICE_TABLE (self));
  self->version = version;
  self->editable = editable;
  if (version != NULL)
    fill (self);
}
