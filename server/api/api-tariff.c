/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-tariff.c: tariffs, their versions, which meters have them, the site's calendar, and what another tariff would cost. */
#include "server/api/listing.h"
#include "server/api/single.h"
#include "server/domain/money/holiday.h"
#include "server/domain/money/protected-hours.h"
#include "server/domain/money/statement.h"
#include "server/domain/money/tariff-simulate.h"
#include "server/domain/money/tariff.h"
#include "server/domain/office/approval.h"
#include "server/domain/office/job.h"
#include "server/report/statement-pdf.h"
#include "server/core/clock.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

#define BODY_MAX   32768
#define DAYS_MAX   400

static const TilldColumn tariff_columns[] = {
  { "name", "Tariff", "电价", TILLD_CELL_TEXT, NULL },
  { "effective", "From", "生效日期", TILLD_CELL_DAY, NULL },
  { "price_tip", "Tip", "尖", TILLD_CELL_PRICE, NULL },
  { "price_peak", "Peak", "峰", TILLD_CELL_PRICE, NULL },
  { "price_flat", "Flat", "平", TILLD_CELL_PRICE, NULL },
  { "price_valley", "Valley", "谷", TILLD_CELL_PRICE, NULL },
  { "price_deep", "Deep valley", "深谷", TILLD_CELL_PRICE, NULL },
  { "meters", "Meters", "电表", TILLD_CELL_INT, NULL },
  { NULL },
};
static const TilldListing tariffs = { "Tariffs", "电价", "tariffs", tilld_tariff_list, tariff_columns };

static const TilldColumn holiday_columns[] = {
  { "day", "Day", "日期", TILLD_CELL_DAY, NULL },
  { "kind", "Kind", "类别", TILLD_CELL_TEXT, NULL },
  { "name", "Name", "名称", TILLD_CELL_TEXT, NULL },
  { NULL },
};
static const TilldListing holidays = { "Calendar", "日历", "holidays", tilld_holiday_list, holiday_columns };

static const TilldColumn statement_columns[] = {
  { "time", "Posted", "入账时间", TILLD_CELL_TIME, NULL },
  { "day", "Day", "日期", TILLD_CELL_DAY, NULL },
  { "kind", "Kind", "类别", TILLD_CELL_TEXT, NULL },
  { "meter_code", "Meter No.", "表号", TILLD_CELL_TEXT, NULL },
  { "number", "Receipt No.", "票据号", TILLD_CELL_INT, NULL },
  { "channel", "Channel", "支付方式", TILLD_CELL_TEXT, NULL },
  { "tariff", "Tariff", "电价", TILLD_CELL_TEXT, NULL },
  { "rate", "Rate", "费率", TILLD_CELL_TEXT, NULL },
  { "tier", "Tier", "阶梯", TILLD_CELL_INT, NULL },
  { "energy", "Energy", "电量", TILLD_CELL_ENERGY, "kWh" },
  { "price", "Price", "单价", TILLD_CELL_PRICE, NULL },
  { "estimated", "Estimated", "估算", TILLD_CELL_BOOL, NULL },
  { "amount", "Amount", "金额", TILLD_CELL_PRICE, NULL },
  { "balance", "Balance", "余额", TILLD_CELL_PRICE, NULL },
  { "note", "Note", "备注", TILLD_CELL_TEXT, NULL },
  { NULL },
};
static const TilldListing statements = { "Statement", "账单明细", "statement", tilld_statement_list, statement_columns };

static gboolean
wants_paper (TilldRequest *request)
{
  return g_strcmp0 (g_hash_table_lookup (request->query.values, "format"), "pdf") == 0;
}

/* One page after the other, for print. */
static gboolean
print_statement (TilldRequest *request, TilldDb *db, GError **error)
{
  TilldApi *api = tilld_api_of (request);
  GHashTable *query = request->query.values;
  g_auto (TilldMeterStatement) s = { 0 };
  g_autoptr (GBytes) pdf = NULL;
  g_autofree char *file = NULL;
  TillTime from, to;
  gint64 meter = 0;
  TilldStatementPaper paper = { &s, api->site_name, api->service_phone, api->zone, tilld_clock_wall (api->clock), request->actor.name };

  if (!tilld_statement_period (db, &request->actor, g_hash_table_lookup (query, "from"), g_hash_table_lookup (query, "to"), &from, &to, error) ||
      !till_decimal_parse (g_hash_table_lookup (query, "meter"), 0, G_MAXINT64 / 2, &meter, error) ||
      !tilld_statement_load (db, &request->actor, meter, from, to, &s, error))
    return FALSE;
  pdf = tilld_statement_pdf (&paper, tilld_listing_is_chinese (request), error);
  if (pdf == NULL)
    return FALSE;
  file = g_strdup_printf ("statement-%s.pdf", s.meter_code);
  tilld_reply_bytes (request, "application/pdf", pdf, file);
  return TRUE;
}

static gboolean
statement_decode (TilldRequest *request, GError **error)
{
  gint64 meter;

  if (wants_paper (request))
    {
      if (!tilld_request_param_int (request, &meter, error))
        return FALSE;
      request->run_on = TILLD_RUN_BATCH;
      tilld_listing_fix (request, "meter", meter);
      return TRUE;
    }
  if (!tilld_request_param_int (request, &meter, error) || !tilld_listing_decode (request, error))
    return FALSE;
  tilld_listing_fix (request, "meter", meter);
  return TRUE;
}

static gboolean
get_statement (TilldRequest *request, TilldDb *db, GError **error)
{
  return wants_paper (request) ? print_statement (request, db, error) : tilld_listing_run (request, db, &statements, error);
}

static gboolean
list_tariffs (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &tariffs, error);
}

static gboolean
list_holidays (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &holidays, error);
}

/* --- one tariff --- */

static gboolean
write_tariff (TilldRequest *request, TilldDb *db, gint64 id, guint status, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_tariff_get (db, &request->actor, tilld_api_of (request)->profiles, id, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, status, g_steal_pointer (&w));
  return TRUE;
}

static gboolean
get_tariff (TilldRequest *request, TilldDb *db, GError **error)
{
  return write_tariff (request, db, tilld_single_id (request), 200, error);
}

typedef struct {
  char               *name, *reason;
  gint64              if_match;
  gboolean            draft, dry_run;
  TilldTariffVersion *version;
} TariffInput;

static void
tariff_input_free (gpointer data)
{
  TariffInput *in = data;

  g_free (in->name);
  g_free (in->reason);
  tilld_tariff_version_free (in->version);
  g_free (in);
}

static TariffInput *
tariff_input (TilldRequest *request)
{
  TariffInput *in = g_new0 (TariffInput, 1);

  in->version = tilld_tariff_version_new ();
  tilld_request_take_input (request, in, tariff_input_free);
  return in;
}

static gboolean
create_decode (TilldRequest *request, GError **error)
{
  TariffInput *in = tariff_input (request);
  TillJsonRead r;

  till_json_read_init (&r, request->body);
  till_json_read_text (&r, "name", TILL_REQUIRED, TILL_NAME_CHARS, &in->name);
  till_json_read_day (&r, "effective", TILL_REQUIRED, &in->version->rules.effective);
  tilld_tariff_body_read (&r, in->version);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
create (TilldRequest *request, TilldDb *db, GError **error)
{
  const TariffInput *in = request->input;
  TilldTariffNew new = { in->name, in->version };
  gint64 id;

  return tilld_tariff_create (db, &request->actor, &new, &id, error) && write_tariff (request, db, id, 201, error);
}

static gboolean
rename_decode (TilldRequest *request, GError **error)
{
  TariffInput *in = tariff_input (request);
  TillJsonRead r;

  till_json_read_init (&r, request->body);
  till_json_read_text (&r, "name", TILL_REQUIRED, TILL_NAME_CHARS, &in->name);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error)
         && tilld_request_param_int (request, &in->version->rules.id, error) && tilld_request_if_match (request, &in->if_match, error);
}

static gboolean
rename_tariff (TilldRequest *request, TilldDb *db, GError **error)
{
  const TariffInput *in = request->input;

  return tilld_tariff_rename (db, &request->actor, in->version->rules.id, in->name, in->if_match, error)
         && write_tariff (request, db, in->version->rules.id, 200, error);
}

/* --- versions --- */

static gboolean
version_decode (TilldRequest *request, GError **error)
{
  TariffInput *in = tariff_input (request);
  TillJsonRead r;

  till_json_read_init (&r, request->body);
  till_json_read_day (&r, "effective", TILL_REQUIRED, &in->version->rules.effective);
  till_json_read_bool (&r, "draft", TILL_OPTIONAL, &in->draft);
  till_json_read_bool (&r, "dry_run", TILL_OPTIONAL, &in->dry_run);
  till_json_read_text (&r, "reason", TILL_OPTIONAL, TILL_NOTE_CHARS, &in->reason);
  tilld_tariff_body_read (&r, in->version);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error)
         && tilld_request_param_int (request, &in->version->rules.id, error);
}

static gboolean
write_version (TilldRequest *request, TilldDb *db, const TilldTariff *rules, guint status, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_tariff_version_get (db, &request->actor, tilld_api_of (request)->profiles, rules->id, rules->effective, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, status, g_steal_pointer (&w));
  return TRUE;
}

static gboolean
check_version (TilldRequest *request, TilldDb *db, GError **error)
{
  const TariffInput *in = request->input;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "tariff", in->version->rules.id);
  till_json_write_day (w, "effective", in->version->rules.effective);
  tilld_tariff_body_write (in->version, w);
  if (!tilld_tariff_views (db, tilld_api_of (request)->profiles, in->version, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

static gboolean
put_version (TilldRequest *request, TilldDb *db, GError **error)
{
  const TariffInput *in = request->input;
  const TilldTariffPut put = { in->version, in->draft, in->reason };
  TilldTariffOutcome outcome;
  gint64 approval;

  if (in->dry_run)
    return check_version (request, db, error);
  if (!tilld_tariff_version_put (db, &request->actor, &put, &outcome, &approval, error))
    return FALSE;
  if (outcome == TILLD_TARIFF_PROPOSED)
    {
      g_autoptr (GError) waits = tilld_approval_required (approval);

      tilld_reply_error (request, waits);
      return TRUE; /* what was proposed is stored */
    }
  return write_version (request, db, &in->version->rules, 201, error);
}

typedef struct {
  gint64  tariff;
  TillDay effective;
} DropInput;

static gboolean
drop_decode (TilldRequest *request, GError **error)
{
  DropInput *in = g_new0 (DropInput, 1);

  tilld_request_take_input (request, in, g_free);
  if (!tilld_query_day (&request->query, "effective", &in->effective) && !tilld_query_has (&request->query, "effective"))
    tilld_query_error (&request->query, "effective", "is required");
  return tilld_query_finish (&request->query, error) && tilld_request_param_int (request, &in->tariff, error);
}

static gboolean
drop_version (TilldRequest *request, TilldDb *db, GError **error)
{
  const DropInput *in = request->input;

  if (!tilld_tariff_version_drop (db, &request->actor, in->tariff, in->effective, error))
    return FALSE;
  tilld_reply_empty (request, 204);
  return TRUE;
}

/* --- which meters --- */

typedef struct {
  TilldTariffAssign    assign;
  GArray              *meters;
  TilldSimulateRequest simulate;
  TillId               job;
} SelectInput;

static void
select_input_free (gpointer data)
{
  SelectInput *in = data;

  g_array_unref (in->meters);
  tilld_simulate_request_clear (&in->simulate);
  g_free (in);
}

static SelectInput *
select_input (TilldRequest *request)
{
  SelectInput *in = g_new0 (SelectInput, 1);

  in->meters = g_array_new (FALSE, FALSE, sizeof (gint64));
  tilld_request_take_input (request, in, select_input_free);
  return in;
}

static gboolean
assign_decode (TilldRequest *request, GError **error)
{
  SelectInput *in = select_input (request);
  TillJsonRead r;

  till_json_read_init (&r, request->body);
  tilld_tariff_selection_read (&r, in->meters, &in->assign.area);
  till_json_read_day (&r, "from", TILL_OPTIONAL, &in->assign.from);
  if (in->meters->len == 0 && in->assign.area == 0)
    till_json_read_error (&r, "meters", "meters or an area is required");
  in->assign.meters = (const gint64 *) (gpointer) in->meters->data;
  in->assign.n_meters = in->meters->len;
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error)
         && tilld_request_param_int (request, &in->assign.tariff, error);
}

static gboolean
assign (TilldRequest *request, TilldDb *db, GError **error)
{
  const SelectInput *in = request->input;
  g_autoptr (TillJsonWrite) w = NULL;
  TilldTariffAssigned done;

  if (!tilld_tariff_assign (db, &request->actor, &in->assign, &done, error))
    return FALSE;
  w = till_json_write_new ();
  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "tariff", in->assign.tariff);
  till_json_write_int (w, "meters", done.meters);
  till_json_write_id (w, "job", &done.job);
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

/* --- what it would cost --- */

static gboolean
simulate_decode (TilldRequest *request, GError **error)
{
  SelectInput *in = select_input (request);

  till_id_new (&in->job, tilld_clock_wall (tilld_api_of (request)->clock) / 1000);
  return tilld_simulate_request_read (request->body, &in->simulate, error) && tilld_query_finish (&request->query, error);
}

static gboolean
start_job (TilldRequest *request, TilldDb *db, guint total, GError **error)
{
  const SelectInput *in = request->input;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autoptr (TillJsonWrite) kept = till_json_write_new ();
  g_autofree char *asked = json_to_string (request->body, FALSE), *input = NULL;
  const GArray *areas = request->actor.areas;
  TilldJobNew job = { .id = in->job, .name = "simulate_tariff", .total = total };

  till_json_write_begin_object (kept, NULL);
  till_json_write_raw (kept, "request", asked);
  till_json_write_begin_array (kept, "areas"); /* what the operator may see now */
  for (guint i = 0; areas != NULL && i < areas->len; i++)
    till_json_write_int (kept, NULL, g_array_index (areas, gint64, i));
  till_json_write_end_array (kept);
  till_json_write_bool (kept, "all", areas == NULL);
  till_json_write_end_object (kept);
  job.input = input = till_json_write_free_to_text (g_steal_pointer (&kept), NULL);
  if (!tilld_job_create (db, &request->actor, &job, error))
    return FALSE;
  till_json_write_begin_object (w, NULL);
  till_json_write_id (w, "job", &in->job);
  till_json_write_end_object (w);
  tilld_reply_json (request, 202, g_steal_pointer (&w));
  return TRUE;
}

static gboolean
simulate (TilldRequest *request, TilldDb *db, GError **error)
{
  const SelectInput *in = request->input;
  g_autoptr (TilldSimulation) s = tilld_simulation_new (db, &request->actor, &in->simulate, error);
  g_autoptr (TillJsonWrite) w = NULL;
  g_autoptr (GError) local = NULL;

  if (s == NULL)
    return FALSE;
  if (tilld_simulation_total (s) > TILLD_SIMULATE_NOW)
    return start_job (request, db, tilld_simulation_total (s), error);
  while (tilld_simulation_step (s, db, &local))
    ;
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  w = till_json_write_new ();
  till_json_write_begin_object (w, NULL);
  tilld_simulation_write (s, w);
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

/* --- calendar --- */

static void
days_free (gpointer data)
{
  GArray *days = data;

  for (guint i = 0; i < days->len; i++)
    g_free ((char *) g_array_index (days, TilldHoliday, i).name);
  g_array_unref (days);
}

static gboolean
set_days_decode (TilldRequest *request, GError **error)
{
  GArray *days = g_array_new (FALSE, TRUE, sizeof (TilldHoliday));
  JsonArray *list = NULL;
  TillJsonRead r;

  tilld_request_take_input (request, days, days_free);
  till_json_read_init (&r, request->body);
  till_json_read_array (&r, "days", TILL_REQUIRED, DAYS_MAX, &list);
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      g_autofree char *path = g_strdup_printf ("days[%u]", i), *name = NULL;
      TilldHoliday day = { 0 };
      TillJsonRead nested;

      till_json_read_init_nested (&nested, json_array_get_element (list, i), path);
      till_json_read_day (&nested, "day", TILL_REQUIRED, &day.day);
      till_json_read_enum (&nested, "kind", TILL_REQUIRED, tilld_day_kind_from_word, &day.kind);
      till_json_read_text (&nested, "name", TILL_OPTIONAL, TILL_NAME_CHARS, &name);
      till_json_read_end_nested (&r, &nested);
      day.name = g_steal_pointer (&name);
      g_array_append_val (days, day);
    }
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
set_days (TilldRequest *request, TilldDb *db, GError **error)
{
  const GArray *days = request->input;

  if (!tilld_holiday_set (db, &request->actor, (const TilldHoliday *) (gpointer) days->data, days->len, error))
    return FALSE;
  tilld_reply_empty (request, 204);
  return TRUE;
}

static gboolean
drop_day_decode (TilldRequest *request, GError **error)
{
  TillDay *day = g_new0 (TillDay, 1);

  tilld_request_take_input (request, day, g_free);
  if (!till_day_parse (request->param, day, NULL))
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no such record");
  return tilld_query_finish (&request->query, error);
}

static gboolean
drop_day (TilldRequest *request, TilldDb *db, GError **error)
{
  if (!tilld_holiday_drop (db, &request->actor, *(const TillDay *) request->input, error))
    return FALSE;
  tilld_reply_empty (request, 204);
  return TRUE;
}

/* --- hours in which nobody is cut off --- */

static const TilldColumn hours_columns[] = {
  { "use_class", "Class of use", "用电类别", TILLD_CELL_TEXT, NULL },
  { "from", "From", "开始", TILLD_CELL_TEXT, NULL },
  { "to", "To", "结束", TILLD_CELL_TEXT, NULL },
  { NULL },
};
static const TilldListing hours = { "Protected hours", "保电时段", "protected-hours", tilld_protected_hours_list, hours_columns };

static gboolean
list_hours (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &hours, error);
}

static gboolean
set_hours_decode (TilldRequest *request, GError **error)
{
  GArray *in = g_array_new (FALSE, FALSE, sizeof (TilldProtectedHours));

  tilld_request_take_input (request, in, (GDestroyNotify) g_array_unref);
  return tilld_protected_hours_read (request->body, in, error) && tilld_query_finish (&request->query, error);
}

static gboolean
set_hours (TilldRequest *request, TilldDb *db, GError **error)
{
  if (!tilld_protected_hours_set (db, &request->actor, request->input, error))
    return FALSE;
  tilld_reply_empty (request, 204);
  return TRUE;
}

const TilldRoute tilld_api_tariff_routes[] = {
  { "GET", TILL_PATH_TARIFFS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list_tariffs },
  { "POST", TILL_PATH_TARIFFS, TILL_PERMISSION_TARIFFS_EDIT, TILLD_ROUTE_WRITES, BODY_MAX, TILLD_RUN_INTERACTIVE, 5000, create_decode, create },
  { "POST", TILL_PATH_TARIFF_SIMULATE, TILL_PERMISSION_TARIFFS_EDIT, TILLD_ROUTE_WRITES, TILL_BODY_MAX, TILLD_RUN_BATCH, 60000, simulate_decode, simulate },
  { "GET", TILL_PATH_TARIFF, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_single_decode, get_tariff },
  { "PATCH", TILL_PATH_TARIFF, TILL_PERMISSION_TARIFFS_EDIT, TILLD_ROUTE_WRITES, 4096, TILLD_RUN_INTERACTIVE, 5000, rename_decode, rename_tariff },
  { "POST", TILL_PATH_TARIFF_VERSIONS, TILL_PERMISSION_TARIFFS_EDIT, TILLD_ROUTE_WRITES, BODY_MAX, TILLD_RUN_INTERACTIVE, 5000, version_decode,
    put_version },
  { "DELETE", TILL_PATH_TARIFF_VERSIONS, TILL_PERMISSION_TARIFFS_EDIT, TILLD_ROUTE_WRITES, 0, TILLD_RUN_INTERACTIVE, 5000, drop_decode, drop_version },
  { "POST", TILL_PATH_TARIFF_METERS, TILL_PERMISSION_TARIFFS_EDIT, TILLD_ROUTE_WRITES, TILL_BODY_MAX, TILLD_RUN_INTERACTIVE, 5000, assign_decode, assign },
  { "GET", TILL_PATH_METER_STATEMENT, TILL_PERMISSION_SALES_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, statement_decode, get_statement },
  { "GET", TILL_PATH_HOLIDAYS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list_holidays },
  { "POST", TILL_PATH_HOLIDAYS, TILL_PERMISSION_TARIFFS_EDIT, TILLD_ROUTE_WRITES, TILL_BODY_MAX, TILLD_RUN_INTERACTIVE, 5000, set_days_decode, set_days },
  { "GET", TILL_PATH_PROTECTED_HOURS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list_hours },
  { "POST", TILL_PATH_PROTECTED_HOURS, TILL_PERMISSION_SCHEDULES_EDIT, TILLD_ROUTE_WRITES, 8192, TILLD_RUN_INTERACTIVE, 5000, set_hours_decode, set_hours },
  { "DELETE", TILL_PATH_HOLIDAY, TILL_PERMISSION_TARIFFS_EDIT, TILLD_ROUTE_WRITES, 0, TILLD_RUN_INTERACTIVE, 5000, drop_day_decode, drop_day },
  { NULL },
};
