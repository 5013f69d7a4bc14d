/* SPDX-License-Identifier: GPL-2.0-or-later
 * meter-config.c: the nightly look at what meters hold. Repairs a setting once; after that somebody is at work there, and people decide. */
#include "server/domain/plant/meter-config.h"
#include "server/domain/plant/alarm.h"
#include "server/domain/plant/meter.h"
#include "server/domain/plant/setting-order.h"
#include "server/domain/plant/setting.h"

#define DRIFT_S 120
#define GOOD_S  60

static const TillCommandKind kinds[TILLD_HELD_N] = { TILL_COMMAND_KIND_SET_PRICE, TILL_COMMAND_KIND_SET_LIMITS, TILL_COMMAND_KIND_SET_SCHEDULE };

/* What was set last, unless an order for it is under way. */
#define LAST(kind, name)                                                                                                              \
  "(SELECT x.value FROM command x WHERE x.meter = m.id AND x.epoch = m.epoch AND x.kind = " kind " AND x.state = 3 AND NOT EXISTS (SELECT FROM command y " \
  "WHERE y.meter = m.id AND y.kind = " kind " AND y.state IN (0, 1, 2)) ORDER BY x.accepted DESC LIMIT 1) AS " name ", "

static const TilldStatement config_claim = {
  .name = "config-claim",
  .sql = "WITH due AS (SELECT c.meter FROM meter_config c JOIN meter m ON m.id = c.meter WHERE c.due_at <= now () AND m.gateway = ANY ($1) "
         "AND m.retired_at IS NULL ORDER BY c.due_at LIMIT $2 FOR UPDATE OF c SKIP LOCKED), "
         "taken AS (UPDATE meter_config c SET due_at = now () + interval '10 minutes' FROM due WHERE c.meter = due.meter RETURNING c.meter) "
         "SELECT m.id AS meter, m.serial, m.purse, " LAST ("2", "price") LAST ("3", "limits") LAST ("4", "schedule")
         "NOT EXISTS (SELECT FROM command a, command b WHERE a.meter = m.id AND a.kind = 2 AND a.state = 3 AND b.kind = 2 AND b.state = 3 "
         "AND b.accepted > a.accepted AND m.id = ANY (b.covers) AND NOT EXISTS (SELECT FROM command n WHERE n.meter = m.id AND n.kind = 2 AND n.state = 3 "
         "AND n.accepted > a.accepted)) AS own_cabinet FROM taken JOIN meter m ON m.id = taken.meter",
  .params = { DB_I64_ARRAY_TYPE, DB_I64_TYPE },
  .columns = { { "meter", DB_I64_TYPE }, { "serial", DB_TEXT_TYPE }, { "purse", DB_I16_TYPE }, { "price", DB_JSON_TYPE, DB_NULL_OK },
               { "limits", DB_JSON_TYPE, DB_NULL_OK }, { "schedule", DB_JSON_TYPE, DB_NULL_OK }, { "own_cabinet", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (config_claim)

/* Due in the next night of the site, spread over two hours. */
static const TilldStatement config_store = {
  .name = "config-store",
  .sql = "UPDATE meter_config c SET read_at = now (), clock_off_s = $2, serial = nullif ($3, ''), held = $4, differs = $5, "
         "due_at = ((now () AT TIME ZONE s.zone)::date + CASE WHEN (now () AT TIME ZONE s.zone)::time < '02:00' THEN 0 ELSE 1 END + time '02:00' "
         "+ make_interval (secs => c.meter % 7200)) AT TIME ZONE s.zone "
         "FROM meter m JOIN gateway g ON g.id = m.gateway JOIN site s ON s.id = g.site WHERE c.meter = $1 AND m.id = c.meter RETURNING s.id AS site",
  .params = { DB_I64_TYPE, DB_I32_TYPE, DB_TEXT_TYPE, DB_JSON_TYPE, DB_TEXT_ARRAY_TYPE },
  .columns = { { "site", DB_I64_TYPE } },
};
TILLD_STATEMENT (config_store)

static const TilldStatement config_later = {
  .name = "config-later",
  .sql = "UPDATE meter_config SET due_at = now () + interval '30 minutes' WHERE meter = $1",
  .params = { DB_I64_TYPE },
};
TILLD_STATEMENT (config_later)

static const TilldStatement config_serial = {
  .name = "config-serial",
  .sql = "UPDATE meter SET serial = $2 WHERE id = $1 AND serial = '' AND char_length ($2) <= 32",
  .params = { DB_I64_TYPE, DB_TEXT_TYPE },
};
TILLD_STATEMENT (config_serial)

static const TilldStatement last_order = {
  .name = "config-last",
  .sql = "SELECT value, repairs FROM command WHERE meter = $1 AND kind = $2 AND state = 3 ORDER BY accepted DESC LIMIT 1",
  .params = { DB_I64_TYPE, DB_I16_TYPE },
  .columns = { { "value", DB_JSON_TYPE, DB_NULL_OK }, { "repairs", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (last_order)

static const TilldStatement clock_ordered = {
  .name = "config-clock",
  .sql = "SELECT EXISTS (SELECT FROM command WHERE (meter = $1 OR $1 = ANY (covers)) AND kind = 9 AND created_at > now () - interval '20 hours') AS recently",
  .params = { DB_I64_TYPE },
  .columns = { { "recently", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (clock_ordered)

static const TilldStatement config_load = {
  .name = "config-load",
  .sql = "SELECT read_at, due_at, clock_off_s, serial, held, to_jsonb (differs) AS differs FROM meter_config WHERE meter = $1",
  .params = { DB_I64_TYPE },
  .columns = { { "read_at", DB_TS_TYPE, DB_NULL_OK }, { "due_at", DB_TS_TYPE }, { "clock_off_s", DB_I32_TYPE, DB_NULL_OK },
               { "serial", DB_TEXT_TYPE, DB_NULL_OK }, { "held", DB_JSON_TYPE }, { "differs", DB_JSON_TYPE } },
};
TILLD_STATEMENT (config_load)

void
tilld_config_due_clear (TilldConfigDue *due)
{
  for (guint i = 0; i < TILLD_HELD_N; i++)
    g_clear_pointer (&due->expected[i], g_free);
}

gboolean
tilld_config_claim (TilldDb *db, const gint64 *gateways, guint n_gateways, guint limit, GArray *ret_due, GError **error)
{
  static const char *const columns[TILLD_HELD_N] = { "price", "limits", "schedule" };
  g_autoptr (TilldRows)    rows = NULL;

  if (!tilld_db_query (db, &config_claim, &rows, error, DB_I64_ARRAY (gateways, n_gateways), DB_I64 (limit)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldConfigDue due = { .meter = tilld_row_i64 (rows, i, "meter") };

      g_strlcpy (due.serial, tilld_row_text (rows, i, "serial"), sizeof due.serial);
      for (guint k = 0; k < TILLD_HELD_N; k++)
        {
          g_autofree TilldSettings *settings = g_new0 (TilldSettings, 1);
          const char               *value = tilld_row_text (rows, i, columns[k]);

          due.cabinet[k] = k != TILLD_HELD_PRICE || tilld_row_bool (rows, i, "own_cabinet");
          if (value != NULL && tilld_setting_parse (kinds[k], (TillPurse) tilld_row_i64 (rows, i, "purse"), value, settings, NULL))
            due.expected[k] = g_steal_pointer (&settings);
        }
      g_array_append_val (ret_due, due);
    }
  return TRUE;
}

static gboolean
set_alarm (TilldDb *db, gint64 site, gint64 meter, TillAlarmKind kind, const char *detail, gboolean on, GError **error)
{
  TilldAlarmEvent event = { .site = site, .kind = kind, .meter = meter, .detail = detail };

  return on ? tilld_alarm_raise (db, &event, error) : tilld_alarm_clear (db, &event, error);
}

typedef struct {
  const TilldProfiles   *profiles;
  TilldActor             who;
  const TilldConfigSeen *seen;
  gint64                 now_ms;
} Look;

/* *ret_helpless: it cannot be repaired, or was. */
static gboolean
repair (TilldDb *db, const Look *look, TilldHeld held, gboolean *ret_helpless, GError **error)
{
  gint64                meter = look->seen->meter;
  TilldSettingIssue     in = { .meter = meter, .kind = kinds[held], .reason = "the meter holds other values than were set", .repairs = TRUE,
                               .now_ms = look->now_ms };
  g_autoptr (TilldRows) rows = NULL;
  g_autofree char      *why = NULL;
  TillId                id;

  if (!tilld_db_query (db, &last_order, &rows, error, DB_I64 (meter), DB_I16 (kinds[held])))
    return FALSE;
  if (tilld_rows_count (rows) == 0 || tilld_row_bool (rows, 0, "repairs"))
    {
      *ret_helpless = TRUE;
      return TRUE;
    }
  in.value = tilld_row_text (rows, 0, "value");
  if (!tilld_setting_issue (db, look->profiles, &look->who, &in, &id, &why, error))
    return FALSE;
  *ret_helpless |= why != NULL;
  return TRUE;
}

static gboolean
judge_clock (TilldDb *db, const Look *look, GError **error)
{
  const TilldConfigSeen *seen = look->seen;
  gint64                off = ABS (seen->clock_off_s);
  TilldSettingIssue     in = { .meter = seen->meter, .kind = TILL_COMMAND_KIND_SET_CLOCK, .value = "{}", .reason = "clock drift", .repairs = TRUE,
                               .now_ms = look->now_ms };
  g_autofree char      *detail = g_strdup_printf ("{\"off_s\":%" G_GINT64_FORMAT "}", seen->clock_off_s), *why = NULL;
  g_autoptr (TilldRows) rows = NULL;
  TillId                id;

  if (off <= GOOD_S)
    return set_alarm (db, look->who.site, seen->meter, TILL_ALARM_KIND_CLOCK_DRIFT, NULL, FALSE, error);
  if (off <= DRIFT_S)
    return TRUE;
  return set_alarm (db, look->who.site, seen->meter, TILL_ALARM_KIND_CLOCK_DRIFT, detail, TRUE, error) &&
         tilld_db_query (db, &clock_ordered, &rows, error, DB_I64 (seen->meter)) &&
         (tilld_row_bool (rows, 0, "recently") || tilld_setting_issue (db, look->profiles, &look->who, &in, &id, &why, error));
}

static gboolean
judge_settings (TilldDb *db, const Look *look, const char *const *words, guint n, GError **error)
{
  const TilldConfigSeen *seen = look->seen;
  g_autofree char *list = n > 0 ? g_strjoinv ("\",\"", (char **) words) : NULL;
  g_autofree char *detail = g_strdup_printf ("{\"settings\":[%s%s%s]}", n > 0 ? "\"" : "", n > 0 ? list : "", n > 0 ? "\"" : "");
  gboolean         helpless = FALSE;

  for (guint k = 0; k < TILLD_HELD_N; k++)
    if ((seen->differs >> k & 1) != 0 && !repair (db, look, (TilldHeld) k, &helpless, error))
      return FALSE;
  return (n > 0 && !helpless) || set_alarm (db, look->who.site, seen->meter, TILL_ALARM_KIND_SETTING_DIFFERS, detail, helpless, error);
}

gboolean
tilld_config_store (TilldDb *db, const TilldProfiles *profiles, const TilldConfigSeen *seen, gint64 now_ms, GError **error)
{
  const char           *words[TILLD_HELD_N + 1] = { NULL };
  g_autoptr (TilldRows) rows = NULL;
  Look                  look = { profiles, { 0 }, seen, now_ms };
  guint                 n = 0;

  if (!seen->answered)
    return tilld_db_query (db, &config_later, NULL, error, DB_I64 (seen->meter));
  for (guint k = 0; k < TILLD_HELD_N; k++)
    if ((seen->differs >> k & 1) != 0)
      words[n++] = till_command_kind_word (kinds[k]);
  if (!tilld_db_query (db, &config_store, &rows, error, DB_I64 (seen->meter), DB_I32_IF (seen->has_clock, CLAMP (seen->clock_off_s, G_MININT32, G_MAXINT32)),
                       DB_TEXT (tilld_db_text (seen->serial).p), DB_JSON (seen->held), DB_TEXT_ARRAY (words, n)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return TRUE; /* the meter is gone */
  look.who = TILLD_ACTOR_SYSTEM (tilld_row_i64 (rows, 0, "site"));
  if (seen->serial[0] != '\0' && !tilld_db_query (db, &config_serial, NULL, error, DB_I64 (seen->meter), DB_TEXT (tilld_db_text (seen->serial).p)))
    return FALSE;
  return (!seen->has_clock || judge_clock (db, &look, error)) &&
         judge_settings (db, &look, words, n, error);
}

gboolean
tilld_config_get (TilldDb *db, const TilldActor *who, gint64 meter, TillJsonWrite *w, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  TillTime              read_at;

  if (!tilld_meter_read_at (db, who, meter, &read_at, error) || !tilld_db_query (db, &config_load, &rows, error, DB_I64 (meter)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no such meter");
  till_json_write_int (w, "meter", meter);
  till_json_write_time (w, "read_at", tilld_row_ts (rows, 0, "read_at"));
  till_json_write_time (w, "due_at", tilld_row_ts (rows, 0, "due_at"));
  if (tilld_row_is_null (rows, 0, "clock_off_s"))
    till_json_write_null (w, "clock_off_s");
  else
    till_json_write_int (w, "clock_off_s", tilld_row_i64 (rows, 0, "clock_off_s"));
  till_json_write_text (w, "serial", tilld_row_text (rows, 0, "serial"));
  till_json_write_raw (w, "held", tilld_row_text (rows, 0, "held"));
  till_json_write_raw (w, "differs", tilld_row_text (rows, 0, "differs"));
  return TRUE;
}
