/* SPDX-License-Identifier: GPL-2.0-or-later
 * statement-pdf.c: draws statements with cairo and pango: a head, a table that goes over pages, the sums. The font is named, because "sans" is
 * another one in each locale. */
#define G_LOG_DOMAIN "tilld-report"
#include "config.h"
#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include "server/report/statement-pdf.h"

#define MM      (72.0 / 25.4)
#define FONT    "Noto Sans CJK SC"
#define WIDTH   (210 * MM)
#define HEIGHT  (297 * MM)
#define MARGIN  (15 * MM)
#define ROW     12.0
#define COLUMNS 7

typedef struct { const char *english, *chinese; } Words;

static const Words w_title = { "Statement of electricity", "电费账单" }, w_meter = { "Meter", "表号" }, w_room = { "Room", "房间" };
static const Words w_customer = { "Customer", "用户" }, w_period = { "Period", "期间" }, w_opening = { "Opening balance", "期初余额" };
static const Words w_sold = { "Purchases", "购电" }, w_back = { "Given back", "退回" }, w_used = { "Used", "电费" }, w_other = { "Other", "其他" };
static const Words w_closing = { "Closing balance", "期末余额" }, w_estimated = { "(estimated)", "（估算）" }, w_printed = { "Printed", "打印" };
static const Words w_tier = { "tier", "阶梯" };

static const Words heads[COLUMNS] = { { "Posted", "入账" }, { "Entry", "摘要" }, { "Day", "日期" }, { "kWh", "电量" }, { "Price", "单价" },
                                      { "Amount", "金额" }, { "Balance", "余额" } };
static const double widths[COLUMNS] = { 0.15, 0.28, 0.12, 0.10, 0.10, 0.12, 0.13 };

static const Words kinds[TILLD_ENTRY_N] = {
  { "Purchase", "购电" }, { "Opening", "开户" }, { "Subsidy", "补助" }, { "Refund", "退电" }, { "Reversal", "冲正" }, { "Energy", "电度电费" },
  { "Free energy", "免费电量" }, { "Fixed fee", "基本费" }, { "Rounding of the meter", "电表尾差" }, { "Taken over", "接管余额" },
  { "Being clarified", "待核差额" }, { "New meter", "换表" }, { "Other", "其他" },
};
static const Words rates[TILL_N_RATES] = { { "tip", "尖" }, { "peak", "峰" }, { "flat", "平" }, { "valley", "谷" }, { "deep valley", "深谷" } };

typedef struct {
  const TilldStatementPaper *paper;
  cairo_t     *cr;
  PangoLayout *layout;
  double       y;
  guint        page;
  gboolean     chinese;
} Pen;

static const char *
say (const Pen *pen, Words words)
{
  return pen->chinese ? words.chinese : words.english;
}

static void
put (Pen *pen, double x, double width, const char *text, double points, PangoAlignment align)
{
  g_autofree char *description = g_strdup_printf (FONT " %.1f", points);
  PangoFontDescription *font = pango_font_description_from_string (description);

  pango_layout_set_font_description (pen->layout, font);
  pango_font_description_free (font);
  pango_layout_set_width (pen->layout, (int) (width * PANGO_SCALE));
  pango_layout_set_ellipsize (pen->layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_alignment (pen->layout, align);
  pango_layout_set_text (pen->layout, text, -1);
  cairo_move_to (pen->cr, x, pen->y);
  pango_cairo_show_layout (pen->cr, pen->layout);
}

static char *
moment (const Pen *pen, TillTime at)
{
  GTimeZone *zone = pen->paper->zone;
  int second = till_zone_second_of_day (zone, at);
  char day[TILL_DAY_TEXT];

  return g_strdup_printf ("%s %02d:%02d", till_day_print (till_zone_day (zone, at), day), second / 3600, second / 60 % 60);
}

static void
rule (Pen *pen)
{
  cairo_set_line_width (pen->cr, 0.5);
  cairo_move_to (pen->cr, MARGIN, pen->y + 1);
  cairo_line_to (pen->cr, WIDTH - MARGIN, pen->y + 1);
  cairo_stroke (pen->cr);
  pen->y += 4;
}

static void
row (Pen *pen, char *const cells[COLUMNS])
{
  double x = MARGIN, full = WIDTH - 2 * MARGIN;

  for (guint i = 0; i < COLUMNS; i++)
    {
      if (cells[i] != NULL)
        put (pen, x, full * widths[i] - 3, cells[i], 8, i < 3 ? PANGO_ALIGN_LEFT : PANGO_ALIGN_RIGHT);
      x += full * widths[i];
    }
  pen->y += ROW;
}

static void
table_head (Pen *pen)
{
  char *cells[COLUMNS];

  for (guint i = 0; i < COLUMNS; i++)
    cells[i] = (char *) say (pen, heads[i]);
  row (pen, cells);
  rule (pen);
}

static void
foot (Pen *pen)
{
  const TilldStatementPaper *p = pen->paper;
  g_autofree char *at = moment (pen, p->printed_at);
  g_autofree char *text = g_strdup_printf ("%s%s%s · %s %s%s%s · %u", p->site, p->service_phone != NULL ? " · " : "",
                                           p->service_phone != NULL ? p->service_phone : "", say (pen, w_printed), at,
                                           p->printed_by != NULL ? " · " : "", p->printed_by != NULL ? p->printed_by : "", ++pen->page);

  pen->y = HEIGHT - MARGIN;
  put (pen, MARGIN, WIDTH - 2 * MARGIN, text, 7, PANGO_ALIGN_CENTER);
}

static void
next_page_for (Pen *pen, double height)
{
  if (pen->y + height < HEIGHT - MARGIN - ROW)
    return;
  foot (pen);
  cairo_show_page (pen->cr);
  pen->y = MARGIN;
  table_head (pen);
}

static void
pair (Pen *pen, Words label, const char *value)
{
  put (pen, MARGIN, 120, say (pen, label), 9, PANGO_ALIGN_LEFT);
  put (pen, MARGIN + 120, WIDTH - 2 * MARGIN - 120, value != NULL ? value : "–", 9, PANGO_ALIGN_LEFT);
  pen->y += 14;
}

static void
draw_head (Pen *pen)
{
  const TilldMeterStatement *s = pen->paper->statement;
  g_autofree char *from = moment (pen, s->from), *to = moment (pen, s->to), *period = g_strdup_printf ("%s – %s", from, to);
  g_autofree char *customer = g_strdup_printf ("%s%s%s", s->customer_name != NULL ? s->customer_name : "–", s->account_code != NULL ? " · " : "",
                                               s->account_code != NULL ? s->account_code : "");

  put (pen, MARGIN, WIDTH - 2 * MARGIN, say (pen, w_title), 16, PANGO_ALIGN_CENTER);
  pen->y += 30;
  pair (pen, w_meter, s->meter_code);
  pair (pen, w_room, s->room);
  pair (pen, w_customer, customer);
  pair (pen, w_period, period);
  pen->y += 6;
}

static char *
entry_text (const Pen *pen, const TilldStatementLine *line)
{
  const char *kind = say (pen, kinds[line->kind]), *mark = line->estimated ? say (pen, w_estimated) : "";

  if (line->kind == TILLD_ENTRY_ENERGY && line->tier > 1)
    return g_strdup_printf ("%s %s %s %u %s", kind, say (pen, rates[line->rate]), say (pen, w_tier), line->tier, mark);
  if (line->kind == TILLD_ENTRY_ENERGY || line->kind == TILLD_ENTRY_ALLOWANCE)
    return g_strdup_printf ("%s %s %s", kind, say (pen, rates[line->rate]), mark);
  if (line->has_number)
    return g_strdup_printf ("%s No. %" G_GINT64_FORMAT, kind, line->number);
  return g_strdup (kind);
}

static void
draw_line (Pen *pen, const TilldStatementLine *line)
{
  g_autofree char *at = moment (pen, line->at), *entry = entry_text (pen, line);
  char day[TILL_DAY_TEXT] = "", energy[TILL_MONEY_TEXT] = "", price[TILL_MONEY_TEXT] = "", amount[TILL_MONEY_TEXT], balance[TILL_MONEY_TEXT];
  char *const cells[COLUMNS] = { at, entry, day, energy, price, amount, balance };

  if (line->day != 0)
    till_day_print (line->day, day);
  if (line->energy != 0 && line->day != 0)
    till_energy_print (line->energy, energy);
  if (line->has_price && line->day != 0)
    till_money_print (line->price, price);
  till_money_print (line->amount, amount);
  till_money_print (line->balance, balance);
  next_page_for (pen, ROW);
  row (pen, cells);
}

static void
draw_sums (Pen *pen)
{
  const TilldMeterStatement *s = pen->paper->statement;
  const struct { Words label; TillMoney amount; } sums[] = { { w_opening, s->opening }, { w_sold, s->sold },   { w_back, s->given_back },
                                                             { w_used, s->used },       { w_other, s->other }, { w_closing, s->closing } };

  next_page_for (pen, 7 * 14);
  rule (pen);
  for (guint i = 0; i < G_N_ELEMENTS (sums); i++)
    {
      char text[TILL_MONEY_TEXT];

      put (pen, MARGIN, 200, say (pen, sums[i].label), 9, PANGO_ALIGN_LEFT);
      put (pen, WIDTH - MARGIN - 160, 160, till_money_print (sums[i].amount, text), 9, PANGO_ALIGN_RIGHT);
      pen->y += 14;
    }
}

static cairo_status_t
append (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static void
draw (cairo_surface_t *surface, const TilldStatementPaper *paper, gboolean chinese)
{
  cairo_t *cr = cairo_create (surface);
  g_autoptr (PangoLayout) layout = pango_cairo_create_layout (cr);
  Pen pen = { .paper = paper, .cr = cr, .layout = layout, .y = MARGIN, .chinese = chinese };

  pango_context_set_language (pango_layout_get_context (layout), pango_language_from_string ("zh-cn"));
  draw_head (&pen);
  table_head (&pen);
  for (guint i = 0; i < paper->statement->lines->len; i++)
    draw_line (&pen, &g_array_index (paper->statement->lines, TilldStatementLine, i));
  draw_sums (&pen);
  foot (&pen);
  cairo_destroy (cr);
}

GBytes *
tilld_statement_pdf (const TilldStatementPaper *paper, gboolean chinese, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  cairo_surface_t *surface = cairo_pdf_surface_create_for_stream (append, out, WIDTH, HEIGHT);
  cairo_status_t status;

  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, paper->statement->meter_code);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATOR, "Gridtill " GRIDTILL_VERSION);
  draw (surface, paper, chinese);
  cairo_surface_finish (surface);
  status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      till_fail (error, TILL_ERROR_INTERNAL, "statement: %s", cairo_status_to_string (status));
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}
