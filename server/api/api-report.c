/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-report.c: which reports there are, and one of them as JSON or as a file. */
#include <glib/gstdio.h>
#include "server/api/listing.h"
#include "server/core/clock.h"
#include "server/report/run.h"
#include "shared/api/till-paths.h"

static gboolean
may_read (const TilldRequest *request, const TilldReport *report)
{
  return till_permission_set_has (request->actor.permissions, report->permission);
}

static gboolean
catalog (TilldRequest *request, TilldDb *db, GError **error)
{
  const TilldReport *report;
  gboolean chinese = tilld_listing_is_chinese (request);
  TillJsonWrite *w = till_json_write_new ();
  gint64 total = 0;

  till_json_write_begin_object (w, NULL);
  till_json_write_begin_array (w, "items");
  for (guint n = 0; (report = tilld_report_nth (n)) != NULL; n++)
    {
      if (!may_read (request, report))
        continue;
      till_json_write_begin_object (w, NULL);
      till_json_write_text (w, "name", report->name);
      till_json_write_text (w, "title", chinese ? report->title_zh : report->title);
      till_json_write_text (w, "permission", till_permission_word (report->permission));
      till_json_write_int (w, "days_max", report->days_max);
      till_json_write_end_object (w);
      total++;
    }
  till_json_write_end_array (w);
  till_json_write_int (w, "total", total);
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, w);
  return TRUE;
}

typedef struct {
  const TilldReport *report;
  TilldReportRequest ask;
  const char        *format; /* NULL = JSON */
} ReportInput;

static gboolean
run_decode (TilldRequest *request, GError **error)
{
  ReportInput *in = g_new0 (ReportInput, 1);
  TilldApi *api = tilld_api_of (request);
  TilldQuery *query = &request->query;
  const char *format;

  tilld_request_take_input (request, in, g_free);
  in->report = tilld_report_find (request->param);
  if (in->report == NULL)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no such report");
  if (!tilld_listing_decode (request, error))
    return FALSE;
  if (tilld_listing_wants_file (request, &format))
    in->format = g_str_equal (format, "xlsx") ? "xlsx" : "csv";
  in->ask.to = till_zone_day (api->zone, tilld_clock_wall (api->clock));
  in->ask.from = till_day_month_start (in->ask.to);
  tilld_query_text (query, "format", 8);
  tilld_query_day (query, "from", &in->ask.from);
  tilld_query_day (query, "to", &in->ask.to);
  tilld_query_int (query, "area", 1, G_MAXINT64 / 2, &in->ask.area);
  in->ask.zone_name = api->site_zone;
  in->ask.zone = api->zone;
  in->ask.chinese = tilld_listing_is_chinese (request);
  in->ask.made_at = tilld_clock_wall (api->clock);
  return tilld_query_finish (query, error);
}

static int
permission_of (const TilldRequest *request)
{
  return (int) ((const ReportInput *) request->input)->report->permission;
}

static gboolean
run_file (TilldRequest *request, TilldDb *db, const ReportInput *in, GError **error)
{
  g_autofree char *path = NULL;
  g_autoptr (TilldSink) sink = tilld_listing_sink (request, in->format, &path, error);

  if (sink == NULL)
    return FALSE;
  if (tilld_report_run (db, &request->actor, in->report, &in->ask, sink, error))
    return tilld_listing_deliver (request, in->format, path, in->report->name, error);
  g_unlink (path);
  return FALSE;
}

static gboolean
run (TilldRequest *request, TilldDb *db, GError **error)
{
  const ReportInput *in = request->input;
  g_autoptr (TilldSink) sink = NULL;
  g_autoptr (GBytes) bytes = NULL;
  char *text;
  gsize len;

  if (in->format != NULL)
    return run_file (request, db, in, error);
  sink = tilld_sink_json_new ();
  if (!tilld_report_run (db, &request->actor, in->report, &in->ask, sink, error))
    return FALSE;
  text = tilld_sink_json_steal (sink, &len);
  bytes = g_bytes_new_take (text, len);
  tilld_reply_bytes (request, "application/json", bytes, NULL);
  return TRUE;
}

const TilldRoute tilld_api_report_routes[] = {
  { "GET", TILL_PATH_REPORTS, TILLD_ANYONE, 0, 0, TILLD_RUN_HERE, 0, NULL, catalog },
  { "GET", TILL_PATH_REPORT, TILLD_ANYONE, TILLD_ROUTE_NO_TX, 0, TILLD_RUN_INTERACTIVE, 30000, run_decode, run, permission_of },
  { NULL },
};
