/* SPDX-License-Identifier: GPL-2.0-or-later
 * gateway-class.c: the class of a link against the record. tls and gt3_aes are equals: 4 stands for both. */
#include "server/domain/plant/gateway-class.h"
#include "server/domain/plant/alarm.h"

static const TilldStatement class_best = {
  .name = "gateway-class-best",
  .sql = "UPDATE gateway g SET best_class = u.class::smallint FROM unnest ($1, $2) AS u (gateway, class) "
         "WHERE g.id = u.gateway AND g.link = 3 AND least (u.class, 4) > least (g.best_class, 4)",
  .params = { DB_I64_ARRAY_TYPE, DB_I64_ARRAY_TYPE },
};
/* Where the alarm has to be raised. */
static const TilldStatement class_clear = {
  .name = "gateway-class-clear",
  .sql = "SELECT g.id, g.site FROM unnest ($1, $2) AS u (gateway, class) JOIN gateway g ON g.id = u.gateway WHERE u.class = 1 "
         "AND EXISTS (SELECT FROM meter m WHERE m.gateway = g.id AND m.retired_at IS NULL AND m.purse <> 0 AND m.settlement = 0) "
         "AND NOT EXISTS (SELECT FROM alarm a WHERE a.gateway = g.id AND a.kind = 12 AND a.cleared_at IS NULL) ORDER BY g.id",
  .params = { DB_I64_ARRAY_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "site", DB_I64_TYPE } },
};
TILLD_STATEMENT (class_best)
TILLD_STATEMENT (class_clear)

G_STATIC_ASSERT (TILL_LINK_CLASS_GT3_AES == 4 && TILL_LINK_CLASS_TLS == 5 && TILL_LINK_CLASS_CLEAR == 1 && TILL_LINK_KIND_DIAL_IN == 3 &&
                 TILL_ALARM_KIND_CLEAR_LINK == 12);

gboolean
tilld_gateway_classes (TilldDb *db, const TilldSessionOpen *sessions, guint n, GError **error)
{
  g_autofree gint64   *columns = g_new (gint64, 3 * (gsize) MAX (n, 1));
  gint64              *classes = columns + n, *safe = columns + 2 * n;
  g_autoptr(TilldRows) rows = NULL;
  guint                n_safe = 0;

  for (guint i = 0; i < n; i++)
    {
      columns[i] = sessions[i].gateway;
      classes[i] = sessions[i].link_class;
      if (sessions[i].link_class != TILL_LINK_CLASS_CLEAR)
        safe[n_safe++] = sessions[i].gateway;
    }
  if (!tilld_db_query (db, &class_best, NULL, error, DB_I64_ARRAY (columns, n), DB_I64_ARRAY (classes, n)) ||
      !tilld_db_query (db, &class_clear, &rows, error, DB_I64_ARRAY (columns, n), DB_I64_ARRAY (classes, n)) ||
      (n_safe > 0 && !tilld_alarm_clear_gateways (db, TILL_ALARM_KIND_CLEAR_LINK, safe, n_safe, error)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldAlarmEvent event = { .site = tilld_row_i64 (rows, i, "site"), .kind = TILL_ALARM_KIND_CLEAR_LINK, .gateway = tilld_row_i64 (rows, i, "id") };

      if (!tilld_alarm_raise (db, &event, error))
        return FALSE;
    }
  return TRUE;
}
