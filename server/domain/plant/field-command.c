/* SPDX-License-Identifier: GPL-2.0-or-later
 * field-command.c: orders that are no money, from the queue to the field and back. An older relay order never acts after a newer one:
 * claim, sent and done each ask for a newer generation. */
#include "server/domain/plant/feed.h"
#include "server/domain/plant/field-plant.h"

/* The three relay orders are one setting; read_now is none. */
#define NEWER \
  "EXISTS (SELECT FROM command y WHERE x.kind <> 8 AND y.meter = x.meter AND y.generation > x.generation AND y.state NOT IN (4, 6) AND " \
  "(y.kind = x.kind OR x.kind IN (5, 6, 7) AND y.kind IN (5, 6, 7)))"

/* A sent one whose claim ran out was left behind by a process that died: sending an absolute setting again is harmless. */
static const TilldStatement command_claim = {
  .name = "field-command-claim",
  .sql = "WITH due AS (SELECT x.id, m.gateway FROM command x JOIN meter m ON m.id = x.meter WHERE m.gateway = ANY ($1) AND x.state IN (0, 1) "
         "AND x.kind BETWEEN 5 AND 8 AND x.not_before <= now () AND x.claimed_until < now () AND NOT " NEWER " "
         "ORDER BY x.accepted LIMIT $2 FOR UPDATE OF x SKIP LOCKED) "
         "UPDATE command x SET claimed_until = now () + interval '60 seconds', state = 0 FROM due WHERE x.id = due.id "
         "RETURNING x.id, x.meter, due.gateway, x.generation, x.kind, x.attempt, x.created_at",
  .params = { DB_I64_ARRAY_TYPE, DB_I64_TYPE },
  .columns = { { "id", DB_UUID_TYPE }, { "meter", DB_I64_TYPE }, { "gateway", DB_I64_TYPE }, { "generation", DB_I64_TYPE }, { "kind", DB_I16_TYPE },
               { "attempt", DB_I32_TYPE }, { "created_at", DB_TS_TYPE } },
};
TILLD_STATEMENT (command_claim)

static const TilldStatement command_sent = {
  .name = "field-command-sent",
  .sql = "UPDATE command x SET state = 1, attempt = x.attempt + 1, sent_at = now () WHERE x.id = $1 AND x.state = 0 AND NOT " NEWER " RETURNING x.attempt",
  .params = { DB_UUID_TYPE },
  .columns = { { "attempt", DB_I32_TYPE } },
};
TILLD_STATEMENT (command_sent)

static const TilldStatement command_done = {
  .name = "field-command-done",
  .sql = "UPDATE command x SET state = CASE WHEN $2 = 0 AND " NEWER " THEN 5 ELSE $2 END, done_at = CASE WHEN $2 IN (3, 4) OR " NEWER " THEN now () END, "
         "not_before = now () + make_interval (secs => $3), claimed_until = '-infinity', error = $4 WHERE x.id = $1 AND x.state IN (0, 1, 2) AND x.kind > 1 "
         "RETURNING x.state",
  .params = { DB_UUID_TYPE, DB_I16_TYPE, DB_I32_TYPE, DB_TEXT_TYPE },
  .columns = { { "state", DB_I16_TYPE } },
};
TILLD_STATEMENT (command_done)

gboolean
tilld_field_command_claim (TilldDb *db, const gint64 *gateways, guint n_gateways, guint limit, GArray *ret_commands, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &command_claim, &rows, error, DB_I64_ARRAY (gateways, n_gateways), DB_I64 (limit)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldFieldCommand command = { .meter = tilld_row_i64 (rows, i, "meter"), .gateway = tilld_row_i64 (rows, i, "gateway"),
                                    .generation = tilld_row_i64 (rows, i, "generation"), .kind = (TillCommandKind) tilld_row_i64 (rows, i, "kind"),
                                    .attempt = (gint32) tilld_row_i64 (rows, i, "attempt"), .created_at = tilld_row_ts (rows, i, "created_at") };
      tilld_row_uuid (rows, i, "id", &command.id);
      g_array_append_val (ret_commands, command);
    }
  return TRUE;
}

gboolean
tilld_field_command_sent (TilldDb *db, const TilldFieldCommand *command, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &command_sent, &rows, error, DB_UUID (&command->id)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_STALE, "the order is no longer the newest one that waits");
  return tilld_feed_add_uuid (db, "command", &command->id, error);
}

gboolean
tilld_field_command_done (TilldDb *db, const TillId *id, TillCommandState state, guint retry_s, const char *error_text, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  g_assert (state == TILL_COMMAND_STATE_VERIFIED || state == TILL_COMMAND_STATE_FAILED || state == TILL_COMMAND_STATE_QUEUED);
  if (!tilld_db_query (db, &command_done, &rows, error, DB_UUID (id), DB_I16 (state), DB_I32 (retry_s), DB_TEXT (error_text)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_STALE, "the order was ended by somebody else");
  return tilld_feed_add_uuid (db, "command", id, error);
}
