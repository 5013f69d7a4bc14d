/* SPDX-License-Identifier: GPL-2.0-or-later
 * receipt-pdf.c: draws receipts with cairo and pango. The font is named, because "sans" is another one in each locale. Measures first, so that
 * a roll is cut where the text ends. */
#define G_LOG_DOMAIN "tilld-report"
#include "config.h"
#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <qrencode.h>
#include "server/report/receipt.h"
#include "shared/base/till-text.h"

#define MM          (72.0 / 25.4)
#define FONT        "Noto Sans CJK SC"
#define ROLL_WIDTH  (80 * MM)
#define ROLL_MARGIN (4 * MM) /* 72 mm of text */
#define A5_WIDTH    (210 * MM)
#define A5_HEIGHT   (148 * MM)
#define A5_MARGIN   (12 * MM)
#define DASH        "–"

/* Words in both languages; a receipt is one document and its words are no part of the program's interface. */
typedef struct { const char *english, *chinese; } Words;

static const Words w_title = { "Prepaid electricity receipt", "预付费售电收据" };
static const Words w_delivered = { "On the meter", "已到表" };
static const Words w_pending = { "PAID – WAITING FOR THE METER", "已收款，待下发" };
static const Words w_held = { "PAID – BEING CLARIFIED", "已收款，待人工处理" };
static const Words w_cancelled = { "CANCELLED", "已撤销" };
static const Words w_keep = { "Please keep this receipt.", "请妥善保管。" };
static const Words w_signed = { "Signature", "签字" };
static const Words w_stamp = { "Stamp", "盖章" };
static const Words w_words = { "In words", "大写" };
static const Words kinds[] = {
  [TILL_SALE_KIND_SALE] = { "Sale", "售电" },         [TILL_SALE_KIND_OPENING] = { "Opening", "开户" },
  [TILL_SALE_KIND_SUBSIDY] = { "Subsidy", "补助" },   [TILL_SALE_KIND_REFUND] = { "Refund", "退电" },
  [TILL_SALE_KIND_REVERSAL] = { "Reversal", "冲正" }, [TILL_SALE_KIND_TRANSFER] = { "Carried over", "老表金额转入" },
};
static const Words channels[] = {
  [TILL_CHANNEL_CASH] = { "Cash", "现金" },     [TILL_CHANNEL_CARD] = { "Card", "刷卡" },         [TILL_CHANNEL_WECHAT] = { "WeChat", "微信" },
  [TILL_CHANNEL_ALIPAY] = { "Alipay", "支付宝" }, [TILL_CHANNEL_TRANSFER] = { "Transfer", "对公转账" },
};

typedef struct {
  cairo_t  *cr;
  double    x, y, width;
  gboolean  chinese;
  PangoLayout *layout;
} Pen;

typedef struct { Words label; char *value; } Line;

static const char *
say (const Pen *pen, Words words)
{
  return pen->chinese ? words.chinese : words.english;
}

static double
draw_text (Pen *pen, const char *text, double points, gboolean bold, PangoAlignment align)
{
  g_autofree char *description = g_strdup_printf (FONT "%s %.1f", bold ? " Bold" : "", points);
  PangoFontDescription *font = pango_font_description_from_string (description);
  int height;

  pango_layout_set_font_description (pen->layout, font);
  pango_font_description_free (font);
  pango_layout_set_width (pen->layout, (int) (pen->width * PANGO_SCALE));
  pango_layout_set_wrap (pen->layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_alignment (pen->layout, align);
  pango_layout_set_text (pen->layout, text, -1);
  pango_layout_get_size (pen->layout, NULL, &height);
  cairo_move_to (pen->cr, pen->x, pen->y);
  pango_cairo_show_layout (pen->cr, pen->layout);
  pen->y += (double) height / PANGO_SCALE;
  return (double) height / PANGO_SCALE;
}

static void
draw_rule (Pen *pen)
{
  pen->y += 3;
  cairo_set_line_width (pen->cr, 0.5);
  cairo_move_to (pen->cr, pen->x, pen->y);
  cairo_line_to (pen->cr, pen->x + pen->width, pen->y);
  cairo_stroke (pen->cr);
  pen->y += 3;
}

/* Label left as wide as it is, value right in what remains; a long value takes further lines. */
static void
draw_pair (Pen *pen, const char *label, const char *value, double points)
{
  Pen half = *pen;
  double top = pen->y, left, right, taken;
  int width;

  half.width = pen->width * 0.6;
  left = draw_text (&half, label, points, FALSE, PANGO_ALIGN_LEFT);
  pango_layout_get_size (pen->layout, &width, NULL);
  taken = (double) width / PANGO_SCALE + 3;
  half.x = pen->x + taken;
  half.width = pen->width - taken;
  half.y = top;
  right = draw_text (&half, value, points, FALSE, PANGO_ALIGN_RIGHT);
  pen->y = top + MAX (left, right);
}

static void
draw_qr (Pen *pen, const TilldReceipt *r, double side)
{
  char id[TILL_ID_TEXT];
  g_autofree char *text = r->url != NULL ? g_strdup_printf ("%s/api/v1/receipts/%s", r->url, till_id_print (&r->id, id))
                                         : g_strdup_printf ("gridtill:receipts/%s", till_id_print (&r->id, id));
  QRcode *code = QRcode_encodeString (text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
  double step;

  if (code == NULL)
    return;
  step = side / code->width;
  for (int row = 0; row < code->width; row++)
    for (int column = 0; column < code->width; column++)
      if (code->data[row * code->width + column] & 1)
        cairo_rectangle (pen->cr, pen->x + column * step, pen->y + row * step, step, step);
  cairo_fill (pen->cr);
  QRcode_free (code);
}

static char *
money_text (gboolean known, TillMoney amount)
{
  char buf[TILL_MONEY_TEXT];

  return known ? g_strdup_printf ("¥ %s", till_money_print_fen (amount, buf)) : g_strdup (DASH);
}

static char *
time_text (const TilldReceipt *r, TillTime at)
{
  char day[TILL_DAY_TEXT];
  int second = till_zone_second_of_day (r->zone, at);

  return g_strdup_printf ("%s %02d:%02d:%02d", till_day_print (till_zone_day (r->zone, at), day), second / 3600, second / 60 % 60, second % 60);
}

static char *
price_text (const TilldReceipt *r)
{
  char price[TILL_MONEY_TEXT], energy[TILL_MONEY_TEXT];

  if (!r->has_price)
    return g_strdup (DASH);
  return r->has_energy ? g_strdup_printf ("%s / %s kWh", till_money_print (r->price, price), till_energy_print (r->energy, energy))
                       : g_strdup (till_money_print (r->price, price));
}

/* A purse that counts energy. */
static char *
balance_text (const TilldReceipt *r, gboolean known, gint64 balance)
{
  char text[TILL_MONEY_TEXT];

  return known && r->has_energy ? g_strdup_printf ("%s kWh", till_energy_print (balance, text)) : money_text (known, balance);
}

static void
line_clear (gpointer data)
{
  g_free (((Line *) data)->value);
}

static void
add (GArray *lines, const char *english, const char *chinese, char *value)
{
  Line line = { { english, chinese }, value != NULL ? value : g_strdup (DASH) };

  g_array_append_val (lines, line);
}

static GArray *
collect_lines (const TilldReceipt *r, gboolean chinese)
{
  GArray *lines = g_array_new (FALSE, FALSE, sizeof (Line));

  g_array_set_clear_func (lines, line_clear);
  add (lines, "Receipt No.", "流水号", g_strdup (r->number));
  add (lines, "Time", "时间", time_text (r, r->at));
  add (lines, "Account No.", "户号", g_strdup (r->account));
  add (lines, "Customer", "用户名", g_strdup (r->customer));
  add (lines, "Room", "房间", g_strdup (r->room));
  add (lines, "Meter No.", "表号", g_strdup (r->meter));
  add (lines, "Kind", "类型", g_strdup (chinese ? kinds[r->kind].chinese : kinds[r->kind].english));
  add (lines, "Price / energy", "电价 / 电量", price_text (r));
  add (lines, "Balance before", "充前余额", balance_text (r, r->has_before, r->before));
  add (lines, "Balance after", "充后余额", balance_text (r, r->has_after, r->after));
  add (lines, "Purchase count", "购电次数", r->count > 0 ? g_strdup_printf ("%" G_GINT64_FORMAT, r->count) : NULL);
  add (lines, "Days left", "可用天数", r->days_left >= 0 ? g_strdup_printf ("%" G_GINT64_FORMAT, r->days_left) : NULL);
  add (lines, "Method", "付款方式", g_strdup (chinese ? channels[r->channel].chinese : channels[r->channel].english));
  add (lines, "Operator", "操作员", g_strdup (r->operator_name));
  return lines;
}

static Words
state_words (TillSaleState state)
{
  switch (state)
    {
    case TILL_SALE_STATE_VERIFIED:
      return w_delivered;
    case TILL_SALE_STATE_HELD:
      return w_held;
    case TILL_SALE_STATE_CANCELLED:
      return w_cancelled;
    default:
      return w_pending;
    }
}

/* A receipt whose money is not on the meter says so in its largest line. */
static void
draw_head (Pen *pen, const TilldReceipt *r)
{
  g_autofree char *copy = NULL;
  g_autofree char *at = NULL;

  draw_text (pen, r->site != NULL ? r->site : "Gridtill", 11, TRUE, PANGO_ALIGN_CENTER);
  draw_text (pen, say (pen, w_title), 10, FALSE, PANGO_ALIGN_CENTER);
  if (r->copy > 0)
    {
      g_autofree char *printed = time_text (r, r->printed_at);
      copy = pen->chinese ? g_strdup_printf ("补打 %u  %s", r->copy, printed) : g_strdup_printf ("COPY %u  %s", r->copy, printed);
      draw_text (pen, copy, 9, TRUE, PANGO_ALIGN_CENTER);
    }
}

static void
draw_amount (Pen *pen, const TilldReceipt *r)
{
  g_autofree char *amount = money_text (TRUE, r->amount);
  gboolean delivered = r->state == TILL_SALE_STATE_VERIFIED;

  draw_rule (pen);
  draw_text (pen, amount, delivered ? 18 : 16, TRUE, PANGO_ALIGN_CENTER);
  draw_text (pen, say (pen, state_words (r->state)), delivered ? 10 : 18, TRUE, PANGO_ALIGN_CENTER);
  draw_rule (pen);
}

static void
draw_foot (Pen *pen, const TilldReceipt *r)
{
  if (r->service_phone != NULL)
    {
      g_autofree char *phone = g_strdup_printf (pen->chinese ? "服务电话 %s" : "Service %s", r->service_phone);
      draw_text (pen, phone, 8, FALSE, PANGO_ALIGN_CENTER);
    }
  draw_text (pen, say (pen, w_keep), 8, FALSE, PANGO_ALIGN_CENTER);
}

static double
draw_roll (Pen *pen, const TilldReceipt *r)
{
  g_autoptr (GArray) lines = collect_lines (r, pen->chinese);
  const double side = 26 * MM, left = pen->x;

  draw_head (pen, r);
  draw_rule (pen);
  for (guint i = 0; i < lines->len; i++)
    {
      const Line *line = &g_array_index (lines, Line, i);
      if (i == 7)
        draw_amount (pen, r);
      draw_pair (pen, say (pen, line->label), line->value, 9);
    }
  draw_rule (pen);
  pen->x = left + (pen->width - side) / 2;
  pen->y += 4;
  draw_qr (pen, r, side);
  pen->x = left;
  pen->y += side + 6;
  draw_foot (pen, r);
  return pen->y + 4 * MM;
}

/* Two lines to write on beside each other, and under them the whole width again: the sheet is only 148 mm high. */
static void
draw_signatures (Pen *pen, double x, double width, double gap)
{
  const double top = pen->y + 8;

  pen->width = (width - gap) / 2;
  pen->x = x;
  pen->y = top;
  draw_pair (pen, say (pen, w_signed), "________________", 10);
  pen->x = x + pen->width + gap;
  pen->y = top;
  draw_pair (pen, say (pen, w_stamp), "________________", 10);
  pen->x = x;
  pen->width = width;
}

static void
draw_sheet (Pen *pen, const TilldReceipt *r)
{
  g_autoptr (GArray) lines = collect_lines (r, pen->chinese);
  const double left = pen->x, full = pen->width, gap = 24, column = (full - gap) / 2, side = 26 * MM;
  g_autofree char *capital = till_text_amount_zh (ABS (r->amount));
  double top, bottom = 0;
  guint half = (lines->len + 1) / 2;

  draw_head (pen, r);
  draw_amount (pen, r);
  top = pen->y;
  pen->width = column;
  for (guint i = 0; i < lines->len; i++)
    {
      const Line *line = &g_array_index (lines, Line, i);
      if (i == half)
        {
          bottom = pen->y;
          pen->x = left + column + gap;
          pen->y = top;
        }
      draw_pair (pen, say (pen, line->label), line->value, 10);
    }
  pen->y = MAX (bottom, pen->y);
  pen->x = left;
  pen->width = full;
  draw_rule (pen);
  draw_pair (pen, say (pen, w_words), capital, 10);
  pen->y += 6;
  draw_qr (pen, r, side);
  draw_signatures (pen, left + side + gap, full - side - gap, gap);
  pen->y += 20;
  draw_foot (pen, r);
}

static cairo_status_t
append (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static double
draw (cairo_surface_t *surface, const TilldReceipt *r, TilldReceiptSize size, gboolean chinese)
{
  g_autoptr (PangoLayout) layout = NULL;
  cairo_t *cr = cairo_create (surface);
  Pen pen = { .cr = cr, .chinese = chinese };
  double bottom = A5_HEIGHT;

  layout = pango_cairo_create_layout (cr);
  pango_context_set_language (pango_layout_get_context (layout), pango_language_from_string ("zh-cn"));
  pen.layout = layout;
  pen.x = pen.y = size == TILLD_RECEIPT_80MM ? ROLL_MARGIN : A5_MARGIN;
  pen.width = size == TILLD_RECEIPT_80MM ? ROLL_WIDTH - 2 * ROLL_MARGIN : A5_WIDTH - 2 * A5_MARGIN;
  if (size == TILLD_RECEIPT_80MM)
    bottom = draw_roll (&pen, r);
  else
    draw_sheet (&pen, r);
  cairo_destroy (cr);
  return bottom;
}

gboolean
tilld_receipt_size_from_word (const char *word, int *ret_size)
{
  if (g_strcmp0 (word, "80mm") != 0 && g_strcmp0 (word, "a5") != 0)
    return FALSE;
  *ret_size = word[0] == '8' ? TILLD_RECEIPT_80MM : TILLD_RECEIPT_A5;
  return TRUE;
}

GBytes *
tilld_receipt_pdf (const TilldReceipt *receipt, TilldReceiptSize size, gboolean chinese, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  double width = size == TILLD_RECEIPT_80MM ? ROLL_WIDTH : A5_WIDTH, height = A5_HEIGHT;
  cairo_surface_t *surface;
  cairo_status_t status;

  if (size == TILLD_RECEIPT_80MM)
    {
      surface = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
      height = draw (surface, receipt, size, chinese);
      cairo_surface_destroy (surface);
    }
  surface = cairo_pdf_surface_create_for_stream (append, out, width, height);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, receipt->number != NULL ? receipt->number : "receipt");
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATOR, "Gridtill " GRIDTILL_VERSION);
  draw (surface, receipt, size, chinese);
  cairo_surface_finish (surface);
  status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      till_fail (error, TILL_ERROR_INTERNAL, "receipt: %s", cairo_status_to_string (status));
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}
