/* SPDX-License-Identifier: GPL-2.0-or-later
 * alarm.c: alarms raised and cleared; the list and the acknowledgement are in alarm-list.c. */
#include "server/domain/plant/alarm.h"

#define FEED "feed AS (INSERT INTO feed (kind, ids) SELECT 'alarm', array_agg (id) FROM changed HAVING count (*) > 0) "

static const TilldStatement alarm_raise = {
  .name = "alarm-raise",
  .sql = "WITH changed AS (INSERT INTO alarm (site, kind, severity, meter, gateway, detail) "
         "VALUES ($1, $2, $3, nullif ($4, 0), nullif ($5, 0), coalesce ($6, '{}')) ON CONFLICT DO NOTHING RETURNING id), " FEED
         "SELECT count (*) AS n FROM changed",
  .params = { DB_I64_TYPE, DB_I16_TYPE, DB_I16_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_JSON_TYPE },
  .columns = { { "n", DB_I64_TYPE } },
};
TILLD_STATEMENT (alarm_raise)

static const TilldStatement alarm_clear = {
  .name = "alarm-clear",
  .sql = "WITH changed AS (UPDATE alarm SET cleared_at = now () WHERE kind = $1 AND coalesce (meter, 0) = $2 AND coalesce (gateway, 0) = $3 "
         "AND cleared_at IS NULL RETURNING id), " FEED "SELECT count (*) AS n FROM changed",
  .params = { DB_I16_TYPE, DB_I64_TYPE, DB_I64_TYPE },
  .columns = { { "n", DB_I64_TYPE } },
};
TILLD_STATEMENT (alarm_clear)

static const TilldStatement alarm_clear_gateways = {
  .name = "alarm-clear-gateways",
  .sql = "WITH changed AS (UPDATE alarm SET cleared_at = now () WHERE kind = $1 AND gateway = ANY ($2) AND cleared_at IS NULL RETURNING id), " FEED
         "SELECT count (*) AS n FROM changed",
  .params = { DB_I16_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "n", DB_I64_TYPE } },
};
TILLD_STATEMENT (alarm_clear_gateways)

TillSeverity
tilld_alarm_severity (TillAlarmKind kind)
{
  switch (kind)
    {
    case TILL_ALARM_KIND_LOW1:
    case TILL_ALARM_KIND_CLOCK_DRIFT:
      return TILL_SEVERITY_INFO;
    case TILL_ALARM_KIND_LOW2:
    case TILL_ALARM_KIND_ARREARS:
    case TILL_ALARM_KIND_TRIPPED:
    case TILL_ALARM_KIND_METER_LOST:
    case TILL_ALARM_KIND_STALE:
    case TILL_ALARM_KIND_CLEAR_LINK:
    case TILL_ALARM_KIND_SMS_MODEM:
    case TILL_ALARM_KIND_SETTING_DIFFERS:
      return TILL_SEVERITY_LOW;
    case TILL_ALARM_KIND_OVERLOAD:
    case TILL_ALARM_KIND_GATEWAY_LOST:
    case TILL_ALARM_KIND_COUNT_MISMATCH:
    case TILL_ALARM_KIND_CONSERVATION:
    case TILL_ALARM_KIND_ENERGY_AFTER_TRIP:
    case TILL_ALARM_KIND_LOGIN_ATTACK:
    case TILL_ALARM_KIND_DISK:
    case TILL_ALARM_KIND_REPLICATION:
    case TILL_ALARM_KIND_RECONCILE:
    default:
      return TILL_SEVERITY_HIGH;
    }
}

gboolean
tilld_alarm_raise (TilldDb *db, const TilldAlarmEvent *event, GError **error)
{
  g_assert (event->meter == 0 || event->gateway == 0);
  return tilld_db_query (db, &alarm_raise, NULL, error, DB_I64 (event->site), DB_I16 (event->kind), DB_I16 (tilld_alarm_severity (event->kind)),
                         DB_I64 (event->meter), DB_I64 (event->gateway), DB_JSON (event->detail));
}

gboolean
tilld_alarm_clear (TilldDb *db, const TilldAlarmEvent *event, GError **error)
{
  return tilld_db_query (db, &alarm_clear, NULL, error, DB_I16 (event->kind), DB_I64 (event->meter), DB_I64 (event->gateway));
}

gboolean
tilld_alarm_clear_gateways (TilldDb *db, TillAlarmKind kind, const gint64 *gateways, guint n, GError **error)
{
  return tilld_db_query (db, &alarm_clear_gateways, NULL, error, DB_I16 (kind), DB_I64_ARRAY (gateways, n));
}
