/* SPDX-License-Identifier: GPL-2.0-or-later
 * sink-xlsx.c: rows as a workbook through libxlsxwriter in constant memory (rows in order, one row held). Text is always written as text, so a
 * name that begins with "=" stays a name. A sheet that is full continues on the next. The one place where money becomes a double: the
 * format knows nothing else; two decimals of amounts below 10^11 survive exactly. */
#define G_LOG_DOMAIN "tilld-report"
#include "config.h"
#include <xlsxwriter.h>
#include "server/report/sink.h"

#define SHEET_ROWS 1048576

typedef struct {
  TilldSink       sink;
  char           *path;
  lxw_workbook   *book;
  lxw_worksheet  *page;
  lxw_row_t       at;
  guint           pages;
  lxw_format     *head, *title, *detail, *plain[TILLD_CELL_BOOL + 1], *total[TILLD_CELL_BOOL + 1];
} XlsxSink;

static const char *const number_formats[] = {
  [TILLD_CELL_TEXT] = NULL,       [TILLD_CELL_INT] = "#,##0",       [TILLD_CELL_MONEY] = "#,##0.00",
  [TILLD_CELL_PRICE] = "0.0000",  [TILLD_CELL_ENERGY] = "#,##0.00", [TILLD_CELL_POWER] = "#,##0.000",
  [TILLD_CELL_TIME] = "yyyy-mm-dd hh:mm:ss", [TILLD_CELL_DAY] = "yyyy-mm-dd", [TILLD_CELL_BOOL] = NULL,
};

static const int widths[] = {
  [TILLD_CELL_TEXT] = 18, [TILLD_CELL_INT] = 10, [TILLD_CELL_MONEY] = 14, [TILLD_CELL_PRICE] = 10, [TILLD_CELL_ENERGY] = 14,
  [TILLD_CELL_POWER] = 12, [TILLD_CELL_TIME] = 20, [TILLD_CELL_DAY] = 12, [TILLD_CELL_BOOL] = 8,
};

static gboolean
check (lxw_error code, GError **error)
{
  return code == LXW_NO_ERROR || till_fail (error, TILL_ERROR_INTERNAL, "xlsx: %s", lxw_strerror (code));
}

static void
make_formats (XlsxSink *self)
{
  self->title = workbook_add_format (self->book);
  format_set_bold (self->title);
  format_set_font_size (self->title, 14);
  self->detail = workbook_add_format (self->book);
  format_set_font_color (self->detail, 0x5E5C64);
  self->head = workbook_add_format (self->book);
  format_set_bold (self->head);
  format_set_bottom (self->head, LXW_BORDER_THIN);
  format_set_text_wrap (self->head);
  format_set_align (self->head, LXW_ALIGN_VERTICAL_TOP);
  for (int i = 0; i <= TILLD_CELL_BOOL; i++)
    {
      self->plain[i] = workbook_add_format (self->book);
      self->total[i] = workbook_add_format (self->book);
      format_set_bold (self->total[i]);
      format_set_top (self->total[i], LXW_BORDER_THIN);
      if (number_formats[i] != NULL)
        {
          format_set_num_format (self->plain[i], number_formats[i]);
          format_set_num_format (self->total[i], number_formats[i]);
        }
    }
}

static gboolean
begin_page (XlsxSink *self, GError **error)
{
  TilldSink *sink = &self->sink;
  lxw_row_t top;

  self->page = workbook_add_worksheet (self->book, NULL);
  if (self->page == NULL)
    return till_fail (error, TILL_ERROR_INTERNAL, "xlsx: no further sheet");
  self->pages++;
  self->at = 0;
  for (guint i = 0; i < sink->n_columns; i++)
    worksheet_set_column (self->page, (lxw_col_t) i, (lxw_col_t) i, widths[sink->columns[i].type], NULL);
  if (sink->sheet.title != NULL && !check (worksheet_write_string (self->page, self->at++, 0, sink->sheet.title, self->title), error))
    return FALSE;
  if (sink->sheet.detail != NULL && !check (worksheet_write_string (self->page, self->at++, 0, sink->sheet.detail, self->detail), error))
    return FALSE;
  if (sink->sheet.ledger_hash != NULL)
    {
      g_autofree char *seal = g_strdup_printf (sink->sheet.chinese ? "账本至第 %" G_GINT64_FORMAT " 笔 · %s" : "Ledger up to entry %" G_GINT64_FORMAT " · %s",
                                               sink->sheet.ledger_n, sink->sheet.ledger_hash);

      if (!check (worksheet_write_string (self->page, self->at++, 0, seal, self->detail), error))
        return FALSE;
    }
  top = self->at++;
  for (guint i = 0; i < sink->n_columns; i++)
    {
      const TilldColumn *c = &sink->columns[i];
      const char *title = sink->sheet.chinese ? c->title_zh : c->title;
      g_autofree char *text = c->unit == NULL ? g_strdup (title) : g_strdup_printf ("%s (%s)", title, c->unit);

      if (!check (worksheet_write_string (self->page, top, (lxw_col_t) i, text, self->head), error))
        return FALSE;
    }
  worksheet_freeze_panes (self->page, top + 1, 0);
  worksheet_repeat_rows (self->page, top, top);
  worksheet_set_landscape (self->page);
  worksheet_set_paper (self->page, 9);
  return TRUE;
}

static gboolean
xlsx_begin (TilldSink *sink, GError **error)
{
  XlsxSink *self = (XlsxSink *) sink;

  make_formats (self);
  return begin_page (self, error);
}

static lxw_error
write_cell (XlsxSink *self, lxw_col_t column, TilldCellType type, const TilldCell *cell, lxw_format *format)
{
  const gint64 day_us = 86400 * TILL_SECOND, epoch_days = 25569; /* 1970-01-01 in a sheet's calendar */
  char buf[64];

  switch (type)
    {
    case TILLD_CELL_TEXT:
    case TILLD_CELL_BOOL:
      return worksheet_write_string (self->page, self->at, column, tilld_cell_text (&self->sink.sheet, type, cell, buf), format);
    case TILLD_CELL_INT:
      return worksheet_write_number (self->page, self->at, column, (double) cell->number, format);
    case TILLD_CELL_MONEY:
    case TILLD_CELL_PRICE:
      return worksheet_write_number (self->page, self->at, column, (double) cell->number / TILL_MONEY_UNIT, format);
    case TILLD_CELL_ENERGY:
    case TILLD_CELL_POWER:
      return worksheet_write_number (self->page, self->at, column, (double) cell->number / 1000, format);
    case TILLD_CELL_TIME:
      {
        gint64 local = cell->number + till_zone_offset_min (self->sink.sheet.zone, cell->number) * 60 * TILL_SECOND;
        return worksheet_write_number (self->page, self->at, column, (double) local / (double) day_us + (double) epoch_days, format);
      }
    case TILLD_CELL_DAY:
      return worksheet_write_number (self->page, self->at, column, (double) (cell->number + epoch_days), format);
    default:
      g_assert_not_reached ();
    }
}

static gboolean
xlsx_row (TilldSink *sink, const TilldCell *cells, gboolean is_total, GError **error)
{
  XlsxSink *self = (XlsxSink *) sink;

  if (self->at >= SHEET_ROWS && !begin_page (self, error))
    return FALSE;
  for (guint i = 0; i < sink->n_columns; i++)
    {
      TilldCellType type = sink->columns[i].type;
      lxw_format *format = is_total ? self->total[type] : self->plain[type];

      if (cells[i].is_null)
        {
          if (is_total)
            worksheet_write_blank (self->page, self->at, (lxw_col_t) i, format);
        }
      else if (!check (write_cell (self, (lxw_col_t) i, type, &cells[i], format), error))
        return FALSE;
    }
  self->at++;
  return TRUE;
}

static gboolean
xlsx_end (TilldSink *sink, GError **error)
{
  XlsxSink *self = (XlsxSink *) sink;
  lxw_workbook *book = g_steal_pointer (&self->book);

  return check (workbook_close (book), error);
}

static void
xlsx_free (TilldSink *sink)
{
  XlsxSink *self = (XlsxSink *) sink;

  /* Given up half-way: libxlsxwriter has no other way to let go of its temporary files than to close. */
  if (self->book != NULL)
    workbook_close (self->book);
  g_free (self->path);
  g_free (self);
}

TilldSink *
tilld_sink_xlsx_new (const char *path, GError **error)
{
  static const TilldSinkClass class = { xlsx_begin, xlsx_row, xlsx_end, xlsx_free };
  g_autofree char *folder = g_path_get_dirname (path);
  lxw_workbook_options options = { .constant_memory = LXW_TRUE, .tmpdir = folder };
  lxw_workbook *book = workbook_new_opt (path, &options);
  XlsxSink *self;

  if (book == NULL)
    {
      till_fail (error, TILL_ERROR_INTERNAL, "xlsx: %s cannot be made", path);
      return NULL;
    }
  self = g_new0 (XlsxSink, 1);
  self->sink.class = &class;
  self->path = g_strdup (path);
  self->book = book;
  return &self->sink;
}
