/* SPDX-License-Identifier: GPL-2.0-or-later
 * sink.c: the part common to all sinks, and cells as text. Writes no file itself. */
#define G_LOG_DOMAIN "tilld-report"
#include "config.h"
#include "server/report/sink.h"
#include "shared/base/till-energy.h"

gboolean
tilld_sink_begin (TilldSink *sink, const TilldSheet *sheet, const TilldColumn *columns, guint n_columns, GError **error)
{
  g_assert (sink->columns == NULL && n_columns > 0 && sheet->zone != NULL);
  sink->sheet = *sheet;
  sink->sheet.title = g_strdup (sheet->title);
  sink->sheet.detail = g_strdup (sheet->detail);
  sink->sheet.ledger_hash = g_strdup (sheet->ledger_hash);
  g_time_zone_ref (sheet->zone);
  sink->columns = columns;
  sink->n_columns = n_columns;
  return sink->class->begin (sink, error);
}

gboolean
tilld_sink_row (TilldSink *sink, const TilldCell *cells, GError **error)
{
  g_assert (sink->columns != NULL);
  sink->n_rows++;
  return sink->class->row (sink, cells, FALSE, error);
}

gboolean
tilld_sink_totals (TilldSink *sink, const TilldCell *cells, GError **error)
{
  g_assert (sink->columns != NULL);
  return sink->class->row (sink, cells, TRUE, error);
}

gboolean
tilld_sink_end (TilldSink *sink, GError **error)
{
  g_assert (sink->columns != NULL);
  return sink->class->end (sink, error);
}

void
tilld_sink_free (TilldSink *sink)
{
  if (sink == NULL)
    return;
  g_free ((char *) sink->sheet.title);
  g_free ((char *) sink->sheet.detail);
  g_free ((char *) sink->sheet.ledger_hash);
  g_clear_pointer (&sink->sheet.zone, g_time_zone_unref);
  sink->class->free (sink);
}

gboolean
tilld_cell_is_formula (const char *text)
{
  return text[0] != '\0' && strchr ("=+-@\t\r", text[0]) != NULL;
}

static const char *
local_time_text (GTimeZone *zone, TillTime time, char buf[64])
{
  char day[TILL_DAY_TEXT];
  int second = till_zone_second_of_day (zone, time);

  g_snprintf (buf, 64, "%s %02d:%02d:%02d", till_day_print (till_zone_day (zone, time), day), second / 3600, second / 60 % 60, second % 60);
  return buf;
}

const char *
tilld_cell_text (const TilldSheet *sheet, TilldCellType type, const TilldCell *cell, char buf[64])
{
  if (cell->is_null)
    return "";
  switch (type)
    {
    case TILLD_CELL_TEXT:
      return cell->text;
    case TILLD_CELL_INT:
      g_snprintf (buf, 64, "%" G_GINT64_FORMAT, cell->number);
      return buf;
    case TILLD_CELL_MONEY:
      return till_money_print_fen (cell->number, buf);
    case TILLD_CELL_PRICE:
      return till_money_print (cell->number, buf);
    case TILLD_CELL_ENERGY:
      return till_energy_print (cell->number, buf);
    case TILLD_CELL_POWER:
      return till_decimal_print (cell->number, 3, buf);
    case TILLD_CELL_TIME:
      return local_time_text (sheet->zone, cell->number, buf);
    case TILLD_CELL_DAY:
      return till_day_print ((TillDay) cell->number, buf);
    case TILLD_CELL_BOOL:
      return cell->number != 0 ? (sheet->chinese ? "是" : "yes") : (sheet->chinese ? "否" : "no");
    default:
      g_assert_not_reached ();
    }
}
