/* SPDX-License-Identifier: GPL-2.0-or-later
 * gateway-session.c: who holds a gateway's link, and how it does. The epoch is the fencing token of money writes: only an
 * opened link raises it. */
#include <stdlib.h>
#include "server/domain/plant/alarm.h"
#include "server/domain/plant/feed.h"
#include "server/domain/plant/field-plant.h"
#include "server/domain/plant/gateway-class.h"

static const TilldStatement sessions_open = {
  .name = "gateway-sessions-open",
  .sql = "INSERT INTO gateway_session AS s (gateway, owner, epoch, online, link_class, since, last_seen) "
         "SELECT u.gateway, $1, 1, true, u.class, now (), now () FROM unnest ($2, $3) AS u (gateway, class) ORDER BY u.gateway "
         "ON CONFLICT (gateway) DO UPDATE SET owner = $1, epoch = s.epoch + 1, online = true, link_class = excluded.link_class, since = now (), "
         "last_seen = now () RETURNING gateway, epoch",
  .params = { DB_UUID_TYPE, DB_I64_ARRAY_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "gateway", DB_I64_TYPE }, { "epoch", DB_I64_TYPE } },
};
TILLD_STATEMENT (sessions_open)

static const TilldStatement session_begin = {
  .name = "gateway-session-begin",
  .sql = "INSERT INTO gateway_session (gateway) SELECT g.id FROM gateway g WHERE g.id = ANY ($1) ON CONFLICT DO NOTHING",
  .params = { DB_I64_ARRAY_TYPE },
};
TILLD_STATEMENT (session_begin)

/* One row a pulse whose epoch still holds; was: online before, NULL when this is its first word. */
static const TilldStatement session_pulse = {
  .name = "gateway-session-pulse",
  .sql = "WITH p AS (SELECT * FROM unnest ($1, $2, $3, $4, $5, $6, $7) AS u (gateway, epoch, online, rtt_us, requests, failures, seen_us)), "
         "old AS (SELECT s.gateway, s.epoch, s.online, s.since FROM gateway_session s WHERE s.gateway = ANY ($1) ORDER BY s.gateway FOR UPDATE) "
         "UPDATE gateway_session s SET online = p.online = 1, rtt_us = CASE WHEN p.rtt_us > 0 THEN p.rtt_us ELSE s.rtt_us END, "
         "requests = s.requests + p.requests, failures = s.failures + p.failures, "
         "since = CASE WHEN old.online = (p.online = 1) THEN coalesce (s.since, now ()) ELSE now () END, "
         "last_seen = greatest (s.last_seen, CASE WHEN p.seen_us > 0 THEN to_timestamp (p.seen_us / 1000000.0) END) "
         "FROM p JOIN old ON old.gateway = p.gateway AND old.epoch = p.epoch JOIN gateway g ON g.id = p.gateway WHERE s.gateway = p.gateway "
         "RETURNING s.gateway, g.site, s.online, CASE WHEN old.since IS NOT NULL THEN old.online END AS was",
  .params = { DB_I64_ARRAY_TYPE, DB_I64_ARRAY_TYPE, DB_I64_ARRAY_TYPE, DB_I64_ARRAY_TYPE, DB_I64_ARRAY_TYPE, DB_I64_ARRAY_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "gateway", DB_I64_TYPE }, { "site", DB_I64_TYPE }, { "online", DB_BOOL_TYPE }, { "was", DB_BOOL_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (session_pulse)

static int
by_gateway (gconstpointer a, gconstpointer b)
{
  gint64 one = ((const TilldSessionOpen *) a)->gateway, other = ((const TilldSessionOpen *) b)->gateway;

  return (one > other) - (one < other);
}

gboolean
tilld_gateway_sessions_open (TilldDb *db, const TillId *owner, TilldSessionOpen *sessions, guint n, GError **error)
{
  g_autofree gint64 *columns = g_new (gint64, 2 * (gsize) MAX (n, 1));
  g_autoptr (TilldRows) rows = NULL;

  if (n == 0)
    return TRUE;
  qsort (sessions, n, sizeof *sessions, by_gateway);
  for (guint i = 0; i < n; i++)
    {
      columns[i] = sessions[i].gateway;
      columns[n + i] = sessions[i].link_class;
    }
  if (!tilld_db_query (db, &sessions_open, &rows, error, DB_UUID (owner), DB_I64_ARRAY (columns, n), DB_I64_ARRAY (columns + n, n)) ||
      !tilld_feed_add_ids (db, "gateway", columns, n, error) || !tilld_alarm_clear_gateways (db, TILL_ALARM_KIND_GATEWAY_LOST, columns, n, error) ||
      !tilld_gateway_classes (db, sessions, n, error))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldSessionOpen  key = { .gateway = tilld_row_i64 (rows, i, "gateway") };
      TilldSessionOpen *session = bsearch (&key, sessions, n, sizeof key, by_gateway);

      g_assert (session != NULL);
      session->epoch = tilld_row_i64 (rows, i, "epoch");
    }
  return TRUE;
}

gboolean
tilld_gateway_session_open (TilldDb *db, gint64 gateway, const TillId *owner, TillLinkClass link_class, gint64 *ret_epoch, GError **error)
{
  TilldSessionOpen session = { gateway, 0, link_class };

  if (!tilld_gateway_sessions_open (db, owner, &session, 1, error))
    return FALSE;
  *ret_epoch = session.epoch;
  return TRUE;
}

/* The few whose state changed: alarm and feed. */
static gboolean
tell_changes (TilldDb *db, TilldRows *rows, GError **error)
{
  g_autoptr (GArray) changed = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      gboolean online = tilld_row_bool (rows, i, "online");
      TilldAlarmEvent event = { .site = tilld_row_i64 (rows, i, "site"), .kind = TILL_ALARM_KIND_GATEWAY_LOST,
                                .gateway = tilld_row_i64 (rows, i, "gateway") };
      if (!tilld_row_is_null (rows, i, "was") && tilld_row_bool (rows, i, "was") == online)
        continue;
      g_array_append_val (changed, event.gateway);
      if (online ? !tilld_alarm_clear (db, &event, error) : !tilld_alarm_raise (db, &event, error))
        return FALSE;
    }
  return changed->len == 0 || tilld_feed_add_ids (db, "gateway", (const gint64 *) (gpointer) changed->data, changed->len, error);
}

gboolean
tilld_gateway_pulse (TilldDb *db, const TilldGatewayPulse *pulses, guint n, GError **error)
{
  g_autofree gint64 *columns = g_new0 (gint64, 7 * (gsize) MAX (n, 1));
  g_autoptr (TilldRows) rows = NULL;
  gboolean unseen = FALSE;

  for (guint i = 0; i < n; i++)
    {
      const gint64 values[] = { pulses[i].gateway, pulses[i].epoch, pulses[i].online ? 1 : 0, pulses[i].rtt_us, pulses[i].requests,
                                pulses[i].failures, pulses[i].seen_at };
      for (guint c = 0; c < G_N_ELEMENTS (values); c++)
        columns[c * n + i] = values[c];
      unseen = unseen || pulses[i].epoch == 0;
    }
  if (n == 0)
    return TRUE;
  /* A link that never opened has no session yet; its silence must still be seen. */
  if (unseen && !tilld_db_query (db, &session_begin, NULL, error, DB_I64_ARRAY (columns, n)))
    return FALSE;
  return tilld_db_query (db, &session_pulse, &rows, error, DB_I64_ARRAY (columns, n), DB_I64_ARRAY (columns + n, n), DB_I64_ARRAY (columns + 2 * n, n),
                         DB_I64_ARRAY (columns + 3 * n, n), DB_I64_ARRAY (columns + 4 * n, n), DB_I64_ARRAY (columns + 5 * n, n),
                         DB_I64_ARRAY (columns + 6 * n, n)) &&
         tell_changes (db, rows, error);
}
