/* SPDX-License-Identifier: GPL-2.0-or-later
 * run.c: parameters in, rows out, totals at the foot. Sums are checked: a total that does not fit is an error, never a wrong number. */
#include "server/report/run.h"
#include "server/db/db-tx.h"

#define COLUMNS_MAX 64

typedef struct {
  const TilldActor         *who;
  const TilldReport        *report;
  const TilldReportRequest *in;
  TilldRows                *rows, *seal;
} Run;

/* Of the end of the period, or of now. */
static const TilldStatement ledger_at = {
  .name = "report-ledger-at",
  .sql = "SELECT n, encode (hash, 'hex') AS hash FROM tx WHERE site = $1 AND at < ($2::date + 1)::timestamp AT TIME ZONE $3::text"
         " ORDER BY at DESC, n DESC LIMIT 1",
  .params = { DB_I64_TYPE, DB_DAY_TYPE, DB_TEXT_TYPE },
  .columns = { { "n", DB_I64_TYPE }, { "hash", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (ledger_at)

static gboolean
fetch (TilldDb *db, gpointer data, GError **error)
{
  Run *run = data;
  const GArray *areas = run->who->areas;
  TilldDbParam scope = areas != NULL ? DB_I64_ARRAY (areas->data, areas->len)
                                     : (TilldDbParam){ .type = DB_I64_ARRAY_TYPE, .is_null = TRUE };

  g_clear_pointer (&run->rows, tilld_rows_free); /* this may be a second try */
  g_clear_pointer (&run->seal, tilld_rows_free);
  if (run->report->sealed && !tilld_db_query (db, &ledger_at, &run->seal, error, DB_I64 (run->who->site), DB_DAY (run->in->to), DB_TEXT (run->in->zone_name)))
    return FALSE;
  return tilld_db_query (db, run->report->statement, &run->rows, error, DB_I64 (run->who->site), DB_DAY (run->in->from),
                         DB_DAY (run->in->to), DB_TEXT (run->in->zone_name), scope, DB_I64 (run->in->area));
}

static void
read_cell (TilldRows *rows, guint row, const TilldColumn *column, TilldCell *ret_cell)
{
  *ret_cell = (TilldCell){ .is_null = tilld_row_is_null (rows, row, column->name) };
  if (ret_cell->is_null)
    return;
  if (column->type == TILLD_CELL_TEXT)
    ret_cell->text = tilld_row_text (rows, row, column->name);
  else if (column->type == TILLD_CELL_TIME)
    ret_cell->number = tilld_row_ts (rows, row, column->name);
  else
    ret_cell->number = tilld_row_i64 (rows, row, column->name);
}

static gboolean
write_rows (Run *run, TilldSink *sink, GError **error)
{
  const TilldReport *report = run->report;
  TilldCell cells[COLUMNS_MAX], totals[COLUMNS_MAX];

  for (guint i = 0; i < report->n_columns; i++)
    totals[i] = (TilldCell){ .is_null = (report->totals >> i & 1) == 0 };
  for (guint row = 0; row < tilld_rows_count (run->rows); row++)
    {
      for (guint i = 0; i < report->n_columns; i++)
        {
          read_cell (run->rows, row, &report->columns[i], &cells[i]);
          if (!totals[i].is_null && !till_money_add (totals[i].number, cells[i].number, &totals[i].number))
            return till_fail (error, TILL_ERROR_INTERNAL, "the total of %s does not fit", report->columns[i].name);
        }
      if (!tilld_sink_row (sink, cells, error))
        return FALSE;
    }
  return tilld_sink_totals (sink, totals, error);
}

/* Period, area, reader and moment: what a printed sheet must say about itself. */
static char *
detail_of (const Run *run)
{
  const TilldReportRequest *in = run->in;
  char from[TILL_DAY_TEXT], to[TILL_DAY_TEXT], day[TILL_DAY_TEXT];
  int second = till_zone_second_of_day (in->zone, in->made_at);

  return g_strdup_printf ("%s – %s · %s%s%s · %s %02d:%02d", till_day_print (in->from, from), till_day_print (in->to, to),
                          in->area_path != NULL ? in->area_path : in->chinese ? "全部区域" : "all areas",
                          run->who->name != NULL ? " · " : "", run->who->name != NULL ? run->who->name : "",
                          till_day_print (till_zone_day (in->zone, in->made_at), day), second / 3600, second / 60 % 60);
}

static gboolean
check (const Run *run, GError **error)
{
  if (!till_permission_set_has (run->who->permissions, run->report->permission))
    return till_fail (error, TILL_ERROR_FORBIDDEN, "this needs the permission %s", till_permission_word (run->report->permission));
  if (run->in->from > run->in->to)
    return till_fail (error, TILL_ERROR_INVALID, "the period ends before it begins");
  if ((gint64) run->in->to - run->in->from >= run->report->days_max)
    return till_fail (error, TILL_ERROR_INVALID, "the period has more than %u days", run->report->days_max);
  return TRUE;
}

gboolean
tilld_report_run (TilldDb *db, const TilldActor *who, const TilldReport *report, const TilldReportRequest *in, TilldSink *sink,
                  GError **error)
{
  Run run = { who, report, in, NULL, NULL };
  g_autoptr (TilldRows) rows = NULL, seal = NULL;
  g_autofree char *detail = NULL;
  TilldSheet sheet = { .title = in->chinese ? report->title_zh : report->title, .chinese = in->chinese, .zone = in->zone,
                       .series = report->series };

  g_assert (tilld_actor_is_set (who) && report->n_columns <= COLUMNS_MAX);
  if (!check (&run, error))
    return FALSE;
  if (!tilld_tx_run (db, TILLD_REPEATABLE_READ_ONLY, fetch, &run, error))
    {
      g_clear_pointer (&run.rows, tilld_rows_free);
      g_clear_pointer (&run.seal, tilld_rows_free);
      return FALSE;
    }
  rows = run.rows;
  seal = run.seal;
  if (seal != NULL && tilld_rows_count (seal) == 1)
    {
      sheet.ledger_n = tilld_row_i64 (seal, 0, "n");
      sheet.ledger_hash = tilld_row_text (seal, 0, "hash");
    }
  sheet.detail = detail = detail_of (&run);
  return tilld_sink_begin (sink, &sheet, report->columns, report->n_columns, error) && write_rows (&run, sink, error)
         && tilld_sink_end (sink, error);
}
