/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-meter.c: meters, a fresh reading on request, their history. */
#include "server/api/listing.h"
#include "server/core/clock.h"
#include "server/domain/plant/command.h"
#include "server/domain/plant/meter.h"
#include "server/domain/plant/reading.h"
#include "shared/api/till-paths.h"

#define POLL_MS 150

static const TilldColumn meter_columns[] = {
  { "code", "Meter No.", "表号", TILLD_CELL_TEXT, NULL },
  { "room", "Room", "房间", TILLD_CELL_TEXT, NULL },
  { "customer_name", "Customer", "用户名", TILLD_CELL_TEXT, NULL },
  { "account_code", "Account No.", "户号", TILLD_CELL_TEXT, NULL },
  { "state", "State", "状态", TILLD_CELL_TEXT, NULL },
  { "mode", "Mode", "模式", TILLD_CELL_TEXT, NULL },
  { "relay", "Breaker", "合闸状态", TILLD_CELL_TEXT, NULL },
  { "balance", "Balance", "剩余金额", TILLD_CELL_MONEY, NULL },
  { "days_left", "Days left", "可用天数", TILLD_CELL_INT, NULL },
  { "read_at", "Read at", "抄表时间", TILLD_CELL_TIME, NULL },
  { "alarm1", "Alarm 1", "报警金额1", TILLD_CELL_MONEY, NULL },
  { "alarm2", "Alarm 2", "报警金额2", TILLD_CELL_MONEY, NULL },
  { "overload_kw", "Overload", "过载功率", TILLD_CELL_POWER, "kW" },
  { "tariff_name", "Tariff", "电价", TILLD_CELL_TEXT, NULL },
  { "energy_total", "Energy", "电度", TILLD_CELL_ENERGY, "kWh" },
  { "energy_rates.tip", "Tip", "尖", TILLD_CELL_ENERGY, "kWh" },
  { "energy_rates.peak", "Peak", "峰", TILLD_CELL_ENERGY, "kWh" },
  { "energy_rates.flat", "Flat", "平", TILLD_CELL_ENERGY, "kWh" },
  { "energy_rates.valley", "Valley", "谷", TILLD_CELL_ENERGY, "kWh" },
  { "energy_rates.deep", "Deep valley", "深谷", TILLD_CELL_ENERGY, "kWh" },
  { "power_kw", "Power", "功率", TILLD_CELL_POWER, "kW" },
  { "purchase_count", "Purchases", "购电次数", TILLD_CELL_INT, NULL },
  { "purchased_total", "Total purchased", "购电总额", TILLD_CELL_MONEY, NULL },
  { "gateway_code", "Gateway", "网关", TILLD_CELL_TEXT, NULL },
  { "port", "Port", "串口号", TILLD_CELL_INT, NULL },
  { "unit", "Address", "表地址", TILLD_CELL_INT, NULL },
  { "model", "Model", "型号", TILLD_CELL_TEXT, NULL },
  { "ct_ratio", "CT", "倍率", TILLD_CELL_INT, NULL },
  { "serial", "Serial", "出厂编号", TILLD_CELL_TEXT, NULL },
  { "flags", "Flags", "标志", TILLD_CELL_TEXT, NULL },
  { NULL },
};

static const TilldListing meters = { "Meters", "电表", "meters", tilld_meter_list, meter_columns };

static gboolean
list (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &meters, error);
}

typedef struct {
  gint64   meter;
  TillId   command;
} MeterInput;

static gboolean
id_decode (TilldRequest *request, GError **error)
{
  MeterInput *in = g_new0 (MeterInput, 1);

  tilld_request_take_input (request, in, g_free);
  return tilld_request_param_int (request, &in->meter, error) && tilld_query_finish (&request->query, error);
}

static gboolean
get (TilldRequest *request, TilldDb *db, GError **error)
{
  const MeterInput *in = request->input;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_meter_get (db, &request->actor, in->meter, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

/* --- POST /meters/{id}/read: an order like any other, and then we look until it is done. It works the same when another process owns
 * the gateway. --- */

static gboolean
wait_for_reading (TilldRequest *request, TilldDb *db, GError **error)
{
  const MeterInput *in = request->input;
  TillCommandState state;

  if (!tilld_command_state (db, &in->command, &state, error))
    return FALSE;
  if (state == TILL_COMMAND_STATE_VERIFIED)
    return get (request, db, error);
  if (state == TILL_COMMAND_STATE_FAILED || state == TILL_COMMAND_STATE_CANCELLED || state == TILL_COMMAND_STATE_SUPERSEDED
      || !tilld_request_then_after (request, TILLD_RUN_INTERACTIVE, wait_for_reading, POLL_MS))
    return till_fail (error, TILL_ERROR_OFFLINE, "the meter did not answer");
  return TRUE;
}

static gboolean
read_decode (TilldRequest *request, GError **error)
{
  MeterInput *in;
  TilldApi *api = tilld_api_of (request);

  if (!id_decode (request, error))
    return FALSE;
  in = request->input;
  till_id_new (&in->command, tilld_clock_wall (api->clock) / 1000);
  return TRUE;
}

static gboolean
read_now (TilldRequest *request, TilldDb *db, GError **error)
{
  const MeterInput *in = request->input;
  TilldCommandNew command = { .id = in->command, .meter = in->meter, .kind = TILL_COMMAND_KIND_READ_NOW };
  gboolean replay;

  if (!tilld_command_create (db, &request->actor, &command, &replay, error))
    return FALSE;
  return tilld_request_then_after (request, TILLD_RUN_INTERACTIVE, wait_for_reading, POLL_MS)
         || till_fail (error, TILL_ERROR_OFFLINE, "the meter did not answer");
}

/* --- GET /meters/{id}/readings --- */

static const TilldColumn reading_columns[] = {
  { "time", "Time", "时间", TILLD_CELL_TIME, NULL },
  { "energy_total", "Energy", "电度", TILLD_CELL_ENERGY, "kWh" },
  { "energy_rates.tip", "Tip", "尖", TILLD_CELL_ENERGY, "kWh" },
  { "energy_rates.peak", "Peak", "峰", TILLD_CELL_ENERGY, "kWh" },
  { "energy_rates.flat", "Flat", "平", TILLD_CELL_ENERGY, "kWh" },
  { "energy_rates.valley", "Valley", "谷", TILLD_CELL_ENERGY, "kWh" },
  { "energy_rates.deep", "Deep valley", "深谷", TILLD_CELL_ENERGY, "kWh" },
  { "balance", "Balance", "剩余金额", TILLD_CELL_MONEY, NULL },
  { "power_kw", "Power", "功率", TILLD_CELL_POWER, "kW" },
  { "relay", "Breaker", "合闸状态", TILLD_CELL_TEXT, NULL },
  { "mode", "Mode", "模式", TILLD_CELL_TEXT, NULL },
  { NULL },
};

/* The meter of the path goes along as a filter that no query may name. */
static gboolean
readings_verb (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  const char *text = g_hash_table_lookup (query, "meter");
  g_autoptr (GHashTable) rest = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer name, value;
  gint64 meter = 0;

  g_hash_table_iter_init (&iter, query);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (!g_str_equal (name, "meter"))
      g_hash_table_insert (rest, name, value);
  if (!till_decimal_parse (text, 0, G_MAXINT64 / 2, &meter, error))
    return FALSE;
  return tilld_reading_list (db, who, meter, rest, w, error);
}

static const TilldListing readings_listing = { "Readings", "历史抄表记录", "readings", readings_verb, reading_columns };

static gboolean
readings_decode (TilldRequest *request, GError **error)
{
  gint64 meter;

  if (!tilld_request_param_int (request, &meter, error) || !tilld_listing_decode (request, error))
    return FALSE;
  tilld_listing_fix (request, "meter", meter);
  return TRUE;
}

static gboolean
readings (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &readings_listing, error);
}

const TilldRoute tilld_api_meter_routes[] = {
  { "GET", TILL_PATH_METERS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list },
  { "GET", TILL_PATH_METER, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, id_decode, get },
  { "POST", TILL_PATH_METER_READ, TILL_PERMISSION_METERS_READ, TILLD_ROUTE_WRITES, 0, TILLD_RUN_INTERACTIVE, 20000, read_decode, read_now },
  { "GET", TILL_PATH_METER_READINGS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, readings_decode, readings },
  { NULL },
};
