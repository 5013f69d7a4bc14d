/* SPDX-License-Identifier: GPL-2.0-or-later
 * drawer-pdf.c: the report of a cash drawer as PDF. Whole points only; asks no database. */
#include "server/report/drawer-pdf.h"
#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include "shared/base/till-error.h"
#include "shared/base/till-time.h"

#define FONT   "Noto Sans CJK SC"
#define WIDTH  226 /* 80 mm */
#define MARGIN 12
#define LINE   14

typedef struct {
  cairo_t     *cr;
  PangoLayout *layout;
  int          y;
} Pen;

static void
draw_text (Pen *pen, const char *text, const char *font, PangoAlignment align)
{
  PangoFontDescription *description = pango_font_description_from_string (font);

  pango_layout_set_font_description (pen->layout, description);
  pango_font_description_free (description);
  pango_layout_set_width (pen->layout, (WIDTH - 2 * MARGIN) * PANGO_SCALE);
  pango_layout_set_wrap (pen->layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_alignment (pen->layout, align);
  pango_layout_set_text (pen->layout, text, -1);
  cairo_move_to (pen->cr, MARGIN, pen->y);
  pango_cairo_show_layout (pen->cr, pen->layout);
}

static void
draw_title (Pen *pen, const char *text)
{
  draw_text (pen, text, FONT " Bold 11", PANGO_ALIGN_CENTER);
  pen->y += LINE + 4;
}

static void
draw_pair (Pen *pen, const char *label, const char *value)
{
  draw_text (pen, label, FONT " 9", PANGO_ALIGN_LEFT);
  draw_text (pen, value, FONT " 9", PANGO_ALIGN_RIGHT);
  pen->y += LINE;
}

static void
draw_money (Pen *pen, const char *label, gboolean known, TillMoney amount)
{
  char text[TILL_MONEY_TEXT];

  draw_pair (pen, label, known ? till_money_print_fen (amount, text) : "–");
}

static void
draw_time (Pen *pen, const char *label, TillTime at, GTimeZone *zone)
{
  int second = at != 0 ? till_zone_second_of_day (zone, at) : 0;
  char day[TILL_DAY_TEXT];
  g_autofree char *text = at == 0 ? g_strdup ("–")
                                  : g_strdup_printf ("%s %02d:%02d", till_day_print (till_zone_day (zone, at), day), second / 3600, second / 60 % 60);

  draw_pair (pen, label, text);
}

static void
draw_line (Pen *pen, const TilldDrawerLine *line)
{
  g_autofree char *label = g_strdup_printf ("%s %s × %" G_GINT64_FORMAT, till_sale_kind_word (line->kind), till_channel_word (line->channel), line->count);

  draw_money (pen, label, TRUE, line->amount);
}

static void
draw (Pen *pen, const TilldDrawerReport *r, const TilldDrawerPaper *paper)
{
  gboolean zh = paper->chinese, closed = r->closed_at != 0;
  g_autofree char *head = g_strdup_printf ("%" G_GINT64_FORMAT, r->chain_n);
  g_autofree char *title = g_strdup_printf (zh ? "钱箱日报 %" G_GINT64_FORMAT : "Drawer report %" G_GINT64_FORMAT, r->id);

  draw_title (pen, paper->site != NULL ? paper->site : "Gridtill");
  draw_title (pen, title);
  draw_pair (pen, zh ? "操作员" : "Operator", r->operator_name);
  draw_time (pen, zh ? "开箱时间" : "Opened", r->opened_at, paper->zone);
  draw_time (pen, zh ? "交班时间" : "Closed", r->closed_at, paper->zone);
  draw_money (pen, zh ? "备用金" : "Float", TRUE, r->opened_with);
  pen->y += LINE / 2;
  for (guint i = 0; i < r->lines->len; i++)
    draw_line (pen, &g_array_index (r->lines, TilldDrawerLine, i));
  pen->y += LINE / 2;
  draw_money (pen, zh ? "应有" : "Expected", !r->blind, r->expected);
  draw_money (pen, zh ? "实点" : "Counted", closed, r->counted);
  draw_money (pen, zh ? "长短款" : "Difference", closed, r->over_short);
  pen->y += LINE / 2;
  draw_pair (pen, zh ? "账务链" : "Ledger", head);
  draw_text (pen, r->chain_hash, FONT " 7", PANGO_ALIGN_LEFT);
  pen->y += 3 * LINE;
  draw_pair (pen, zh ? "签字" : "Signed", "________________");
  pen->y += LINE;
}

static cairo_status_t
append (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

GBytes *
tilld_drawer_pdf (const TilldDrawerReport *report, const TilldDrawerPaper *paper, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  int height = (20 + (int) report->lines->len) * LINE;
  cairo_surface_t *surface = cairo_pdf_surface_create_for_stream (append, out, WIDTH, height);
  Pen pen = { .cr = cairo_create (surface), .y = MARGIN };
  cairo_status_t status;

  pen.layout = pango_cairo_create_layout (pen.cr);
  draw (&pen, report, paper);
  g_object_unref (pen.layout);
  cairo_destroy (pen.cr);
  cairo_surface_finish (surface);
  status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      till_fail (error, TILL_ERROR_INTERNAL, "drawer report: %s", cairo_status_to_string (status));
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}
