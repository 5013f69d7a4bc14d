/* SPDX-License-Identifier: GPL-2.0-or-later
 * command.c: orders to meters that are no money: stored, superseded, never sent here. */
#include "server/domain/plant/command.h"
#include <string.h>
#include "server/domain/office/audit.h"
#include "server/domain/plant/feed.h"
#include "server/domain/plant/meter.h"

static const TilldStatement request_take = {
  .name = "request-take",
  .sql = "INSERT INTO request (id, body_hash) VALUES ($1, sha256 (convert_to ($2, 'UTF8'))) ON CONFLICT DO NOTHING RETURNING id",
  .params = { DB_UUID_TYPE, DB_TEXT_TYPE },
  .columns = { { "id", DB_UUID_TYPE } },
};
TILLD_STATEMENT (request_take)

static const TilldStatement request_same = {
  .name = "request-same",
  .sql = "SELECT body_hash = sha256 (convert_to ($2, 'UTF8')) AS same FROM request WHERE id = $1",
  .params = { DB_UUID_TYPE, DB_TEXT_TYPE },
  .columns = { { "same", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (request_same)

/* force_on, force_off and restore_prepaid are one setting: the relay. Older ones that were not sent give way; the meter is locked
 * so that two orders cannot both be the newest. Two who read at once
 * each get their reading. */
static const TilldStatement command_supersede = {
  .name = "command-supersede",
  .sql = "WITH locked AS (SELECT id FROM meter WHERE id = $1 FOR NO KEY UPDATE) "
         "UPDATE command x SET state = 5, done_at = now () FROM locked WHERE x.state = 0 AND x.kind > 1 AND x.kind <> 8 AND (x.meter = locked.id OR "
         "$2::smallint = 9 AND $3 > 0 AND x.kind = 9 AND x.cabinet = $3 AND locked.id = ANY (x.covers)) "
         "AND CASE WHEN x.kind IN (5, 6, 7) THEN 5 ELSE x.kind END = CASE WHEN $2::smallint IN (5, 6, 7) THEN 5 ELSE $2::smallint END RETURNING x.id",
  .params = { DB_I64_TYPE, DB_I16_TYPE, DB_I16_TYPE },
  .columns = { { "id", DB_UUID_TYPE } },
};
TILLD_STATEMENT (command_supersede)

static const TilldStatement command_insert = {
  .name = "command-insert",
  .sql = "INSERT INTO command (id, meter, epoch, kind, state, operator, value, generation, repairs, cabinet, covers) "
         "SELECT $1, m.id, m.epoch, $3, 0, $4, $5, nextval ('command_generation'), $6, nullif ($7, 0), CASE WHEN $7 > 0 THEN ARRAY (SELECT c.id FROM meter c "
         "WHERE c.gateway = m.gateway AND c.port = m.port AND c.retired_at IS NULL AND c.unit BETWEEN $7 AND $7 + $8 - 1 ORDER BY c.unit) END "
         "FROM meter m WHERE m.id = $2 RETURNING generation",
  .params = { DB_UUID_TYPE, DB_I64_TYPE, DB_I16_TYPE, DB_I64_TYPE, DB_JSON_TYPE, DB_BOOL_TYPE, DB_I16_TYPE, DB_I16_TYPE },
  .columns = { { "generation", DB_I64_TYPE } },
};
TILLD_STATEMENT (command_insert)

/* The content that makes two requests the same; line by line, so that no text can pass for another. */
static char *
body_of (const TilldActor *who, const TilldCommandNew *in)
{
  g_autofree char *value = g_strescape (in->asked != NULL ? in->asked : in->value != NULL ? in->value : "", NULL);
  g_autofree char *reason = g_strescape (in->reason != NULL ? in->reason : "", NULL);

  return g_strdup_printf ("command\n%" G_GINT64_FORMAT "\n%" G_GINT64_FORMAT "\n%s\n%s\n%s", who->operator_id, in->meter,
                          till_command_kind_word (in->kind), value, reason);
}

static gboolean
take_request (TilldDb *db, const TilldActor *who, const TilldCommandNew *in, gboolean *ret_replay, GError **error)
{
  g_autofree char *body = body_of (who, in);
  g_autoptr (TilldRows) taken = NULL;
  g_autoptr (TilldRows) same = NULL;

  if (!tilld_db_query (db, &request_take, &taken, error, DB_UUID (&in->id), DB_TEXT (body)))
    return FALSE;
  *ret_replay = tilld_rows_count (taken) == 0;
  if (!*ret_replay)
    return TRUE;
  if (!tilld_db_query (db, &request_same, &same, error, DB_UUID (&in->id), DB_TEXT (body)))
    return FALSE;
  if (tilld_rows_count (same) != 1 || !tilld_row_bool (same, 0, "same"))
    return till_fail (error, TILL_ERROR_CONFLICT, "this id was used for another request");
  return TRUE;
}

gboolean
tilld_command_begin (TilldDb *db, const TilldActor *who, const TilldCommandNew *in, gboolean *ret_replay, GError **error)
{
  TillTime read_at;

  g_assert (tilld_actor_is_set (who) && in->kind > TILL_COMMAND_KIND_DEBIT);
  return tilld_meter_read_at (db, who, in->meter, &read_at, error) && take_request (db, who, in, ret_replay, error);
}

gboolean
tilld_command_store (TilldDb *db, const TilldActor *who, const TilldCommandNew *in, GError **error)
{
  g_autofree char *object = g_strdup_printf ("meter:%" G_GINT64_FORMAT, in->meter);
  g_autofree char *action = g_strconcat ("command.", till_command_kind_word (in->kind), NULL);
  g_autoptr (TillJsonWrite) after = till_json_write_new ();
  g_autofree char *json = NULL;

  if (!tilld_db_query (db, &command_supersede, NULL, error, DB_I64 (in->meter), DB_I16 (in->kind), DB_I16 (in->table)) ||
      !tilld_db_query (db, &command_insert, NULL, error, DB_UUID (&in->id), DB_I64 (in->meter), DB_I16 (in->kind), DB_I64 (who->operator_id),
                       DB_JSON (in->value), DB_BOOL (in->repairs), DB_I16 (in->table), DB_I16 (in->span)))
    return FALSE;
  TILLD_COMMIT_POINT (db, ORDER);
  till_json_write_begin_object (after, NULL);
  till_json_write_id (after, "command", &in->id);
  till_json_write_text (after, "reason", in->reason);
  if (in->value != NULL)
    till_json_write_raw (after, "value", in->value);
  till_json_write_end_object (after);
  json = till_json_write_free_to_text (g_steal_pointer (&after), NULL);
  return tilld_feed_add_uuid (db, "command", &in->id, error) && tilld_bell_ring (db, "till_delivery", error) &&
         tilld_audit_write (db, who, &(TilldAuditEntry){ .action = action, .object = object, .after = json }, error);
}

gboolean
tilld_command_create (TilldDb *db, const TilldActor *who, const TilldCommandNew *in, gboolean *ret_replay, GError **error)
{
  return tilld_command_begin (db, who, in, ret_replay, error) && (*ret_replay || tilld_command_store (db, who, in, error));
}
