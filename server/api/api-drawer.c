/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-drawer.c: cash boxes: open, count, close, report. */
#include "server/api/listing.h"
#include "server/api/single.h"
#include "server/domain/money/drawer.h"
#include "server/report/drawer-pdf.h"
#include "shared/api/till-paths.h"

static const TilldColumn columns[] = {
  { "operator_name", "Operator", "操作员", TILLD_CELL_TEXT, NULL },
  { "opened_at", "Opened", "开箱时间", TILLD_CELL_TIME, NULL },
  { "opened_with", "Float", "备用金", TILLD_CELL_MONEY, NULL },
  { "taken", "Taken", "收款", TILLD_CELL_MONEY, NULL },
  { "closed_at", "Closed", "交班时间", TILLD_CELL_TIME, NULL },
  { "expected", "Expected", "应有", TILLD_CELL_MONEY, NULL },
  { "counted", "Counted", "实点", TILLD_CELL_MONEY, NULL },
  { "over_short", "Difference", "长短款", TILLD_CELL_MONEY, NULL },
  { NULL },
};
static const TilldListing drawers = { "Drawers", "钱箱", "drawers", tilld_drawer_list, columns };

static gboolean
list (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &drawers, error);
}

static gboolean
get (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_single_run (request, db, tilld_drawer_get, error);
}

static gboolean
write_drawer (TilldRequest *request, TilldDb *db, gint64 id, guint status, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_drawer_get (db, &request->actor, id, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, status, g_steal_pointer (&w));
  return TRUE;
}

/* --- open, close --- */

typedef struct {
  gint64    id;
  TillMoney amount;
} Count;

static gboolean
read_amount (TilldRequest *request, Count *in, const char *member, GError **error)
{
  TillJsonRead r;

  till_json_read_init (&r, request->body);
  till_json_read_money (&r, member, TILL_REQUIRED, &in->amount);
  if (in->amount < 0 || !till_money_is_whole_fen (in->amount))
    till_json_read_error (&r, member, "must not be below 0 and a whole number of fen");
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
open_decode (TilldRequest *request, GError **error)
{
  Count *in = g_new0 (Count, 1);

  tilld_request_take_input (request, in, g_free);
  return read_amount (request, in, "opened_with", error);
}

static gboolean
open_drawer (TilldRequest *request, TilldDb *db, GError **error)
{
  const Count *in = request->input;
  gint64 id;

  return tilld_drawer_open (db, &request->actor, in->amount, &id, error) && write_drawer (request, db, id, 201, error);
}

static gboolean
close_decode (TilldRequest *request, GError **error)
{
  Count *in = g_new0 (Count, 1);

  tilld_request_take_input (request, in, g_free);
  return tilld_request_param_int (request, &in->id, error) && read_amount (request, in, "counted", error);
}

static gboolean
close_drawer (TilldRequest *request, TilldDb *db, GError **error)
{
  const Count *in = request->input;

  return tilld_drawer_close (db, &request->actor, in->id, in->amount, error) && write_drawer (request, db, in->id, 200, error);
}

/* --- report --- */

static void
write_known (TillJsonWrite *w, const char *name, gboolean known, TillMoney amount)
{
  if (known)
    till_json_write_money (w, name, amount);
  else
    till_json_write_null (w, name);
}

static void
write_report (const TilldDrawerReport *report, TillJsonWrite *w)
{
  gboolean closed = report->closed_at != 0;

  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "drawer", report->id);
  till_json_write_int (w, "operator", report->operator_id);
  till_json_write_text (w, "operator_name", report->operator_name);
  till_json_write_time (w, "opened_at", report->opened_at);
  till_json_write_time (w, "closed_at", report->closed_at);
  till_json_write_bool (w, "auto", report->automatic);
  till_json_write_money (w, "opened_with", report->opened_with);
  write_known (w, "expected", !report->blind, report->expected);
  write_known (w, "counted", closed, report->counted);
  write_known (w, "over_short", closed, report->over_short);
  till_json_write_begin_array (w, "lines");
  for (guint i = 0; i < report->lines->len; i++)
    {
      const TilldDrawerLine *line = &g_array_index (report->lines, TilldDrawerLine, i);

      till_json_write_begin_object (w, NULL);
      till_json_write_text (w, "kind", till_sale_kind_word (line->kind));
      till_json_write_text (w, "channel", till_channel_word (line->channel));
      till_json_write_int (w, "count", line->count);
      till_json_write_money (w, "amount", line->amount);
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
  till_json_write_int (w, "ledger_n", report->chain_n);
  till_json_write_text (w, "ledger_hash", report->chain_hash);
  till_json_write_end_object (w);
}

typedef struct {
  gint64   id;
  gboolean pdf;
} ReportInput;

static gboolean
report_decode (TilldRequest *request, GError **error)
{
  ReportInput *in = g_new0 (ReportInput, 1);
  const char *format = tilld_query_text (&request->query, "format", 8);

  tilld_request_take_input (request, in, g_free);
  in->pdf = g_strcmp0 (format, "pdf") == 0;
  if (format != NULL && !in->pdf && g_strcmp0 (format, "json") != 0)
    tilld_query_error (&request->query, "format", "must be json or pdf");
  return tilld_request_param_int (request, &in->id, error) && tilld_query_finish (&request->query, error);
}

static gboolean
reply_pdf (TilldRequest *request, const TilldDrawerReport *sums, GError **error)
{
  TilldApi *api = tilld_api_of (request);
  TilldDrawerPaper paper = { .site = api->site_name, .zone = api->zone, .chinese = tilld_listing_is_chinese (request) };
  g_autoptr (GBytes) pdf = tilld_drawer_pdf (sums, &paper, error);
  g_autofree char *file = g_strdup_printf ("drawer-%" G_GINT64_FORMAT ".pdf", sums->id);

  if (pdf == NULL)
    return FALSE;
  tilld_reply_bytes (request, "application/pdf", pdf, file);
  return TRUE;
}

static gboolean
report (TilldRequest *request, TilldDb *db, GError **error)
{
  const ReportInput *in = request->input;
  g_auto (TilldDrawerReport) sums = { 0 };
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  if (!tilld_drawer_report (db, &request->actor, in->id, &sums, error))
    return FALSE;
  if (in->pdf)
    return reply_pdf (request, &sums, error);
  write_report (&sums, w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

const TilldRoute tilld_api_drawer_routes[] = {
  { "GET", TILL_PATH_DRAWERS, TILL_PERMISSION_DRAWER_OWN, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list },
  { "POST", TILL_PATH_DRAWERS, TILL_PERMISSION_DRAWER_OWN, TILLD_ROUTE_WRITES, 1024, TILLD_RUN_INTERACTIVE, 5000, open_decode, open_drawer },
  { "GET", TILL_PATH_DRAWER, TILL_PERMISSION_DRAWER_OWN, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_single_decode, get },
  { "POST", TILL_PATH_DRAWER_CLOSE, TILL_PERMISSION_DRAWER_OWN, TILLD_ROUTE_WRITES, 1024, TILLD_RUN_INTERACTIVE, 5000, close_decode, close_drawer },
  { "GET", TILL_PATH_DRAWER_REPORT, TILL_PERMISSION_DRAWER_OWN, 0, 0, TILLD_RUN_INTERACTIVE, 5000, report_decode, report },
  { NULL },
};
