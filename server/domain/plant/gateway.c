/* SPDX-License-Identifier: GPL-2.0-or-later
 * gateway.c: gateways as people see them. */
#include "server/domain/plant/gateway.h"
#include "server/domain/office/row-json.h"
#include "shared/api/till-enums.h"

static const TilldStatement shape = {
  .name = "gateway-list",
  .sql = "g.id AS id, g.code AS code, g.name AS name, g.site AS site, g.area AS area, a.path AS room, g.link AS link, g.address AS address, "
         "g.allow_clear AS allow_clear, g.ports AS ports, g.fixed_tid AS fixed_tid, g.quarantine_s AS quarantine_s, g.word_order AS word_order, "
         "g.simulated AS simulated, g.status_interval_s AS status_interval_s, g.full_interval_s AS full_interval_s, "
         "CASE WHEN g.registration_mode = 1 THEN 'prefix' ELSE 'once' END AS registration_mode, to_jsonb (g.suites) AS suites, "
         "g.best_class AS best_class, g.master_key IS NOT NULL AS has_key, g.vendor_secret IS NOT NULL AS has_secret, "
         "g.tls_authority IS NOT NULL OR g.tls_pin IS NOT NULL AS tls, gateway_bytes_word (g.heartbeat) AS heartbeat, "
         "(SELECT coalesce (jsonb_agg (gateway_bytes_word (r.registration) ORDER BY r.port), '[]') FROM gateway_registration r "
         "WHERE r.gateway = g.id) AS registrations, coalesce (s.online, false) AS online, "
         "coalesce (s.link_class, 0::smallint) AS link_class, s.since AS since, s.last_seen AS last_seen, "
         "s.rtt_us AS rtt_us, coalesce (s.requests, 0) AS requests, coalesce (s.failures, 0) AS failures, g.version AS version, "
         "CASE WHEN s.requests > 0 THEN s.failures * 100000 / s.requests END AS error_rate, "
         "(SELECT count (*) FROM meter m WHERE m.gateway = g.id AND m.retired_at IS NULL) AS meters, "
         "(SELECT count (*) FROM meter m JOIN meter_state x ON x.meter = m.id WHERE m.gateway = g.id AND m.retired_at IS NULL AND x.lost) AS lost, "
         "(SELECT greatest (extract (epoch FROM now () - min (x.read_at)), 0)::bigint FROM meter m JOIN meter_state x ON x.meter = m.id "
         "WHERE m.gateway = g.id AND m.retired_at IS NULL AND NOT x.lost HAVING min (x.read_at) IS NOT NULL) AS age_s, "
         "(SELECT jsonb_build_object ('serial', f.serial, 'vendor', f.vendor, 'model', f.model, 'firmware', f.firmware, 'iccid', f.iccid, "
         "'imei', f.imei, 'rssi_dbm', nullif (f.rssi_dbm, 0), 'told_at', f.told_at) FROM gateway_facts f WHERE f.gateway = g.id) AS device, "
         "(SELECT jsonb_object_agg (l.port, l.pct) FROM line_load l WHERE l.gateway = g.id) AS load_pct, "
         "EXISTS (SELECT FROM line_load l WHERE l.gateway = g.id AND l.pct > 85) AS too_slow",
  .columns = { { "id", DB_I64_TYPE }, { "code", DB_TEXT_TYPE }, { "name", DB_TEXT_TYPE }, { "site", DB_I64_TYPE },
               { "area", DB_I64_TYPE, DB_NULL_OK }, { "room", DB_TEXT_TYPE, DB_NULL_OK }, { "link", DB_I16_TYPE }, { "address", DB_TEXT_TYPE },
               { "allow_clear", DB_BOOL_TYPE }, { "ports", DB_JSON_TYPE }, { "fixed_tid", DB_BOOL_TYPE }, { "quarantine_s", DB_I32_TYPE },
               { "word_order", DB_I16_TYPE, DB_NULL_OK }, { "simulated", DB_BOOL_TYPE }, { "status_interval_s", DB_I32_TYPE },
               { "full_interval_s", DB_I32_TYPE, DB_NULL_OK }, { "registration_mode", DB_TEXT_TYPE }, { "suites", DB_JSON_TYPE },
               { "best_class", DB_I16_TYPE }, { "has_key", DB_BOOL_TYPE }, { "has_secret", DB_BOOL_TYPE }, { "tls", DB_BOOL_TYPE },
               { "heartbeat", DB_TEXT_TYPE, DB_NULL_OK }, { "registrations", DB_JSON_TYPE }, { "online", DB_BOOL_TYPE }, { "link_class", DB_I16_TYPE },
               { "since", DB_TS_TYPE, DB_NULL_OK }, { "last_seen", DB_TS_TYPE, DB_NULL_OK }, { "rtt_us", DB_I64_TYPE, DB_NULL_OK },
               { "requests", DB_I64_TYPE }, { "failures", DB_I64_TYPE }, { "version", DB_I32_TYPE },
               { "error_rate", DB_I64_TYPE, DB_NULL_OK }, { "meters", DB_I64_TYPE }, { "lost", DB_I64_TYPE }, { "age_s", DB_I64_TYPE, DB_NULL_OK },
               { "device", DB_JSON_TYPE, DB_NULL_OK }, { "load_pct", DB_JSON_TYPE, DB_NULL_OK }, { "too_slow", DB_BOOL_TYPE } },
};

static const char *
link_word (int link)
{
  return till_link_kind_word ((TillLinkKind) link);
}

static const char *
class_word (int link_class)
{
  return till_link_class_word ((TillLinkClass) link_class);
}

static const char *
order_word (int order)
{
  return order == 0 ? "big" : "little";
}

static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_INT }, { "code", TILLD_JSON_TEXT }, { "name", TILLD_JSON_TEXT }, { "site", TILLD_JSON_INT }, { "area", TILLD_JSON_INT },
  { "room", TILLD_JSON_TEXT }, { "link", TILLD_JSON_ENUM, NULL, link_word }, { "address", TILLD_JSON_TEXT }, { "allow_clear", TILLD_JSON_BOOL },
  { "ports", TILLD_JSON_RAW }, { "fixed_tid", TILLD_JSON_BOOL }, { "quarantine_s", TILLD_JSON_INT },
  { "word_order", TILLD_JSON_ENUM, NULL, order_word }, { "simulated", TILLD_JSON_BOOL }, { "status_interval_s", TILLD_JSON_INT },
  { "full_interval_s", TILLD_JSON_INT }, { "registrations", TILLD_JSON_RAW }, { "registration_mode", TILLD_JSON_TEXT },
  { "heartbeat", TILLD_JSON_TEXT }, { "suites", TILLD_JSON_RAW }, { "best_class", TILLD_JSON_ENUM, NULL, class_word },
  { "has_key", TILLD_JSON_BOOL }, { "has_secret", TILLD_JSON_BOOL }, { "tls", TILLD_JSON_BOOL }, { "online", TILLD_JSON_BOOL },
  { "link_class", TILLD_JSON_ENUM, NULL, class_word },
  { "since", TILLD_JSON_TIME }, { "last_seen", TILLD_JSON_TIME }, { "rtt_ms", TILLD_JSON_MILLI, "rtt_us" }, { "requests", TILLD_JSON_INT },
  { "failures", TILLD_JSON_INT }, { "error_rate", TILLD_JSON_MILLI }, /* percent */
  { "meters", TILLD_JSON_INT }, { "lost", TILLD_JSON_INT }, { "age_s", TILLD_JSON_INT }, /* of the oldest state that is not lost */
  { "device", TILLD_JSON_RAW }, /* what it says of itself */
  { "load_pct", TILLD_JSON_RAW }, { "too_slow", TILLD_JSON_BOOL }, { "version", TILLD_JSON_INT }, { NULL },
};
static const TilldListFilter filters[] = {
  { "id", TILLD_FILTER_I64, "g.id = ANY ($#)" },
  { "area", TILLD_FILTER_I64, "a.lineage && $#" },
  { "link", TILLD_FILTER_WORD, "g.link = ANY ($#)", till_link_kind_from_word },
  { "link_class", TILLD_FILTER_WORD, "coalesce (s.link_class, 0) = ANY ($#)", till_link_class_from_word },
  { "online", TILLD_FILTER_BOOL, "coalesce (s.online, false) = $#" },
  { "simulated", TILLD_FILTER_BOOL, "g.simulated = $#" },
  { "too_slow", TILLD_FILTER_BOOL, "EXISTS (SELECT FROM line_load l WHERE l.gateway = g.id AND l.pct > 85) = $#" },
  { "q", TILLD_FILTER_LIKE, "g.code ILIKE $# OR g.name ILIKE $# OR g.address ILIKE $# OR a.path ILIKE $#" },
  { NULL },
};
static const TilldListSort sorts[] = {
  { "code", "g.code" }, { "name", "g.name" }, { "room", "a.path" }, { "area", "a.path" }, { "link", "g.link" }, { "address", "g.address" },
  { "online", "coalesce (s.online, false)" }, { "link_class", "s.link_class" }, { "last_seen", "s.last_seen" }, { "since", "s.since" },
  { "rtt_ms", "s.rtt_us" }, { "requests", "s.requests" }, { "failures", "s.failures" },
  { "meters", "(SELECT count (*) FROM meter m WHERE m.gateway = g.id AND m.retired_at IS NULL)" }, { "id", "g.id" }, { NULL },
};
static const TilldListSpec spec = {
  .shape = &shape, .from = "FROM gateway g LEFT JOIN area a ON a.id = g.area LEFT JOIN gateway_session s ON s.gateway = g.id",
  .where = "g.retired_at IS NULL", .scope = "a.lineage && $#", .filters = filters, .sorts = sorts, .order = "g.code",
};
TILLD_LIST (spec)

static const TilldJsonList list = { &spec, fields, "g.id = $#", "gateway" };

gboolean
tilld_gateway_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  return tilld_list_serve (db, who, &list, query, w, error);
}

gboolean
tilld_gateway_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error)
{
  return tilld_record_serve (db, who, &list, id, w, error);
}
