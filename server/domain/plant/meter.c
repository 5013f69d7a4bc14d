/* SPDX-License-Identifier: GPL-2.0-or-later
 * meter.c: meters as people see them: record, last state, customer, days left. */
#include "server/domain/plant/meter.h"
#include "server/domain/office/row-json.h"

#define SHOWN_STATE "meter_shown_state (s.state, s.lost, s.read_at, g.status_interval_s)"
#define SHOWN_FLAGS "meter_shown_flags (s.flags, p.frozen, m.life_support, gs.link_class, s.read_at, g.status_interval_s)"
#define PRICE       "tariff_price (m.tariff)"
#define DAYS_LEFT \
  "(CASE WHEN s.balance <= 0 THEN 0 ELSE (s.balance / nullif (meter_cost_per_day (s, m.purse, m.tariff), 0)) END)"
#define FROM \
  "FROM meter m JOIN gateway g ON g.id = m.gateway JOIN area a ON a.id = m.area LEFT JOIN meter_state s ON s.meter = m.id " \
  "LEFT JOIN gateway_session gs ON gs.gateway = m.gateway LEFT JOIN meter_purse p ON p.meter = m.id " \
  "LEFT JOIN account_meter am ON am.meter = m.id AND am.until IS NULL LEFT JOIN account c ON c.id = am.account " \
  "LEFT JOIN customer k ON k.id = c.customer LEFT JOIN tariff t ON t.id = m.tariff"

static const TilldStatement shape = {
  .name = "meter-list",
  .sql = "m.id AS id, m.code AS code, m.name AS name, m.serial AS serial, m.gateway AS gateway, g.code AS gateway_code, m.port AS port, m.unit AS unit, "
         "m.model AS model, m.ct_ratio AS ct_ratio, m.area AS area, a.path AS room, m.use_class AS use_class, m.settlement AS settlement, "
         "m.purse AS purse, m.tariff AS tariff, t.name AS tariff_name, " PRICE " AS price, m.alarm1 AS alarm1, m.alarm2 AS alarm2, "
         "nullif (m.overload_w, 0) AS overload_w, m.overdraft AS overdraft, nullif (m.hoard_limit, 0) AS hoard_limit, "
         "m.full_interval_s AS full_interval_s, m.life_support AS life_support, m.epoch AS epoch, c.id AS account, c.code AS account_code, "
         "k.id AS customer, k.name AS customer_name, k.code AS customer_code, " SHOWN_STATE " AS state, coalesce (s.mode, 0::smallint) AS mode, "
         "coalesce (s.relay, 0::smallint) AS relay, " SHOWN_FLAGS " AS flags, s.balance AS balance, s.energy_total AS energy_total, "
         "s.energy_tip AS energy_tip, s.energy_peak AS energy_peak, s.energy_flat AS energy_flat, s.energy_valley AS energy_valley, "
         "s.energy_deep AS energy_deep, s.purchase_count AS purchase_count, s.purchased_total AS purchased_total, s.power_w AS power_w, "
         "s.u_mv AS u_mv, s.i_ma AS i_ma, s.read_at AS read_at, s.full_at AS full_at, "
         "greatest (extract (epoch FROM now () - s.read_at), 0)::bigint AS age_s, " DAYS_LEFT "::bigint AS days_left, m.version AS version",
  .columns = { { "id", DB_I64_TYPE }, { "code", DB_TEXT_TYPE }, { "name", DB_TEXT_TYPE }, { "serial", DB_TEXT_TYPE }, { "gateway", DB_I64_TYPE },
               { "gateway_code", DB_TEXT_TYPE }, { "port", DB_I16_TYPE }, { "unit", DB_I16_TYPE }, { "model", DB_TEXT_TYPE },
               { "ct_ratio", DB_I32_TYPE }, { "area", DB_I64_TYPE }, { "room", DB_TEXT_TYPE }, { "use_class", DB_I16_TYPE },
               { "settlement", DB_I16_TYPE }, { "purse", DB_I16_TYPE }, { "tariff", DB_I64_TYPE, DB_NULL_OK },
               { "tariff_name", DB_TEXT_TYPE, DB_NULL_OK }, { "price", DB_I64_TYPE, DB_NULL_OK }, { "alarm1", DB_I64_TYPE },
               { "alarm2", DB_I64_TYPE }, { "overload_w", DB_I64_TYPE, DB_NULL_OK }, { "overdraft", DB_I64_TYPE },
               { "hoard_limit", DB_I64_TYPE, DB_NULL_OK }, { "full_interval_s", DB_I32_TYPE, DB_NULL_OK }, { "life_support", DB_BOOL_TYPE },
               { "epoch", DB_I32_TYPE }, { "account", DB_I64_TYPE, DB_NULL_OK }, { "account_code", DB_TEXT_TYPE, DB_NULL_OK },
               { "customer", DB_I64_TYPE, DB_NULL_OK }, { "customer_name", DB_TEXT_TYPE, DB_NULL_OK },
               { "customer_code", DB_TEXT_TYPE, DB_NULL_OK }, { "state", DB_I16_TYPE }, { "mode", DB_I16_TYPE }, { "relay", DB_I16_TYPE },
               { "flags", DB_I32_TYPE }, { "balance", DB_I64_TYPE, DB_NULL_OK }, { "energy_total", DB_I64_TYPE, DB_NULL_OK },
               { "energy_tip", DB_I64_TYPE, DB_NULL_OK }, { "energy_peak", DB_I64_TYPE, DB_NULL_OK }, { "energy_flat", DB_I64_TYPE, DB_NULL_OK },
               { "energy_valley", DB_I64_TYPE, DB_NULL_OK }, { "energy_deep", DB_I64_TYPE, DB_NULL_OK },
               { "purchase_count", DB_I64_TYPE, DB_NULL_OK }, { "purchased_total", DB_I64_TYPE, DB_NULL_OK },
               { "power_w", DB_I64_TYPE, DB_NULL_OK }, { "u_mv", DB_I64_TYPE, DB_NULL_OK }, { "i_ma", DB_I64_TYPE, DB_NULL_OK },
               { "read_at", DB_TS_TYPE, DB_NULL_OK }, { "full_at", DB_TS_TYPE, DB_NULL_OK }, { "age_s", DB_I64_TYPE, DB_NULL_OK },
               { "days_left", DB_I64_TYPE, DB_NULL_OK }, { "version", DB_I32_TYPE } },
};

#define WORD(function, Type, of) static const char *function (int value) { return of ((Type) value); }
WORD (use_class_word, TillUseClass, till_use_class_word)
WORD (settlement_word, TillSettlement, till_settlement_word)
WORD (purse_word, TillPurse, till_purse_word)
WORD (state_word, TillMeterState, till_meter_state_word)
WORD (mode_word, TillMeterMode, till_meter_mode_word)
WORD (relay_word, TillRelay, till_relay_word)
WORD (flag_word, TillMeterFlag, till_meter_flag_word)

static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_INT }, { "code", TILLD_JSON_TEXT }, { "name", TILLD_JSON_TEXT }, { "serial", TILLD_JSON_TEXT }, { "gateway", TILLD_JSON_INT },
  { "gateway_code", TILLD_JSON_TEXT }, { "port", TILLD_JSON_INT }, { "unit", TILLD_JSON_INT }, { "model", TILLD_JSON_TEXT },
  { "ct_ratio", TILLD_JSON_INT }, { "area", TILLD_JSON_INT }, { "room", TILLD_JSON_TEXT },
  { "use_class", TILLD_JSON_ENUM, NULL, use_class_word }, { "settlement", TILLD_JSON_ENUM, NULL, settlement_word },
  { "purse", TILLD_JSON_ENUM, NULL, purse_word }, { "tariff", TILLD_JSON_INT }, { "tariff_name", TILLD_JSON_TEXT },
  { "price", TILLD_JSON_MONEY }, { "alarm1", TILLD_JSON_PURSE }, { "alarm2", TILLD_JSON_PURSE }, { "overload_kw", TILLD_JSON_MILLI, "overload_w" },
  { "overdraft", TILLD_JSON_PURSE }, { "hoard_limit", TILLD_JSON_PURSE }, { "full_interval_s", TILLD_JSON_INT },
  { "life_support", TILLD_JSON_BOOL }, { "epoch", TILLD_JSON_INT }, { "account", TILLD_JSON_INT }, { "account_code", TILLD_JSON_TEXT },
  { "customer", TILLD_JSON_INT }, { "customer_name", TILLD_JSON_TEXT }, { "customer_code", TILLD_JSON_TEXT },
  { "state", TILLD_JSON_ENUM, NULL, state_word }, { "mode", TILLD_JSON_ENUM, NULL, mode_word }, { "relay", TILLD_JSON_ENUM, NULL, relay_word },
  { "flags", TILLD_JSON_FLAGS, NULL, flag_word }, { "balance", TILLD_JSON_PURSE }, { "energy_total", TILLD_JSON_ENERGY },
  { "energy_rates", TILLD_JSON_RATES }, { "purchase_count", TILLD_JSON_INT }, { "purchased_total", TILLD_JSON_PURSE },
  { "power_kw", TILLD_JSON_MILLI, "power_w" }, { "u", TILLD_JSON_MILLI, "u_mv" }, { "i", TILLD_JSON_MILLI, "i_ma" },
  { "read_at", TILLD_JSON_TIME }, { "full_at", TILLD_JSON_TIME }, { "age_s", TILLD_JSON_INT }, { "days_left", TILLD_JSON_INT },
  { "version", TILLD_JSON_INT }, { NULL },
};

static const TilldListFilter filters[] = {
  { "id", TILLD_FILTER_I64, "m.id = ANY ($#)" },
  { "state", TILLD_FILTER_WORD, SHOWN_STATE " = ANY ($#)", till_meter_state_from_word },
  { "mode", TILLD_FILTER_WORD, "coalesce (s.mode, 0) = ANY ($#)", till_meter_mode_from_word },
  { "relay", TILLD_FILTER_WORD, "coalesce (s.relay, 0) = ANY ($#)", till_relay_from_word },
  { "flags", TILLD_FILTER_WORD, "EXISTS (SELECT FROM unnest ($#) f WHERE " SHOWN_FLAGS " & f <> 0)", till_meter_flag_from_word },
  { "area", TILLD_FILTER_I64, "a.lineage && $#" },
  { "gateway", TILLD_FILTER_I64, "m.gateway = ANY ($#)" },
  { "account", TILLD_FILTER_I64, "c.id = ANY ($#)" },
  { "customer", TILLD_FILTER_I64, "k.id = ANY ($#)" },
  { "model", TILLD_FILTER_TEXT, "m.model = ANY (string_to_array ($#, ','))" },
  { "use_class", TILLD_FILTER_WORD, "m.use_class = ANY ($#)", till_use_class_from_word },
  { "settlement", TILLD_FILTER_WORD, "m.settlement = ANY ($#)", till_settlement_from_word },
  { "tariff", TILLD_FILTER_I64, "m.tariff = ANY ($#)" },
  { "min_age_s", TILLD_FILTER_INT, "s.read_at IS NULL OR s.read_at <= now () - make_interval (secs => $#)" },
  { "min_balance", TILLD_FILTER_INT, "s.balance >= $#" },
  { "max_balance", TILLD_FILTER_INT, "s.balance <= $#" },
  { "q", TILLD_FILTER_TEXT, "m.id = ANY ($#)", NULL, "search_meters ($1, TRUE, FALSE)" },
  { NULL },
};
static const TilldListSort sorts[] = {
  { "code", "m.code" }, { "id", "m.id" }, { "name", "m.name" },
  { "serial", "m.serial" }, { "gateway", "g.code" }, { "gateway_code", "g.code" }, { "port", "m.port" },
  { "unit", "m.unit" }, { "model", "m.model" }, { "ct_ratio", "m.ct_ratio" }, { "area", "a.path" }, { "room", "a.path" },
  { "use_class", "m.use_class" }, { "settlement", "m.settlement" }, { "purse", "m.purse" }, { "tariff", "t.name" }, { "tariff_name", "t.name" },
  { "price", PRICE }, { "alarm1", "m.alarm1" }, { "alarm2", "m.alarm2" }, { "overload_kw", "m.overload_w" }, { "overdraft", "m.overdraft" },
  { "hoard_limit", "m.hoard_limit" }, { "life_support", "m.life_support" }, { "account", "c.code" }, { "account_code", "c.code" },
  { "customer", "k.name" }, { "customer_name", "k.name" }, { "customer_code", "k.code" }, { "state", SHOWN_STATE }, { "mode", "s.mode" },
  { "relay", "s.relay" }, { "flags", SHOWN_FLAGS }, { "balance", "s.balance" }, { "energy_total", "s.energy_total" },
  { "purchase_count", "s.purchase_count" }, { "purchased_total", "s.purchased_total" }, { "power_kw", "s.power_w" }, { "u", "s.u_mv" },
  { "i", "s.i_ma" }, { "read_at", "s.read_at" }, { "age_s", "now () - s.read_at" }, { "full_at", "s.full_at" }, { "days_left", DAYS_LEFT },
  { NULL },
};
static const TilldListSpec spec = {
  .shape = &shape, .from = FROM, .where = "m.retired_at IS NULL", .scope = "a.lineage && $#", .filters = filters, .sorts = sorts, .order = "m.code",
};
TILLD_LIST (spec)

static const TilldJsonList list = { &spec, fields, "m.id = $#", "meter" };

gboolean
tilld_meter_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  return tilld_list_serve (db, who, &list, query, w, error);
}

gboolean
tilld_meter_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error)
{
  return tilld_record_serve (db, who, &list, id, w, error);
}
