/* SPDX-License-Identifier: GPL-2.0-or-later
 * field-command.c: orders that are no money, from the queue to the field and back. An older order never acts after a newer one of its
 * kind: claim, sent and done each ask for a newer generation. */
#include "server/domain/plant/feed.h"
#include "server/domain/plant/field-plant.h"
#include "server/domain/plant/setting.h"
#include "server/rules/certificate-rules.h"
#include "shared/base/till-log.h"

/* The three relay orders are one setting; read_now is none. */
#define NEWER \
  "EXISTS (SELECT FROM command y WHERE x.kind <> 8 AND y.meter = x.meter AND y.generation > x.generation AND y.state NOT IN (4, 6) AND " \
  "(y.kind = x.kind OR x.kind IN (5, 6, 7) AND y.kind IN (5, 6, 7)))"

/* A sent one whose claim ran out was left behind by a process that died: sending an absolute setting again is harmless. A relay order
 * whose last word is not known may still lie in a gateway: outcomes 4..8, or 0 after it was sent (setting-rules). */
static const TilldStatement command_claim = {
  .name = "field-command-claim",
  .sql = "WITH due AS (SELECT x.id, m.gateway, m.purse, EXISTS (SELECT FROM command o WHERE x.kind IN (5, 6, 7) AND o.meter = x.meter AND o.kind IN (5, 6, 7) "
         "AND o.kind <> x.kind AND o.generation < x.generation AND o.attempt > 0 AND o.outcome NOT BETWEEN 1 AND 3 "
         "AND o.sent_at > now () - interval '10 minutes') AS doubt "
         "FROM command x JOIN meter m ON m.id = x.meter WHERE m.gateway = ANY ($1) AND x.state IN (0, 1) "
         "AND (x.kind = 8 OR NOT (SELECT c.reconciling FROM cluster c) AND NOT EXISTS (SELECT FROM meter_purse p WHERE p.meter = x.meter AND p.closed)) "
         "AND x.kind BETWEEN 2 AND 9 AND x.not_before <= now () AND x.claimed_until < now () AND NOT " NEWER " "
         "ORDER BY x.accepted LIMIT $2 FOR UPDATE OF x SKIP LOCKED) "
         "UPDATE command x SET claimed_until = now () + interval '60 seconds', state = 0 FROM due WHERE x.id = due.id "
         "RETURNING x.id, x.meter, due.gateway, x.generation, x.kind, x.attempt, x.refusals, x.created_at, due.purse, x.value, due.doubt, "
         "coalesce (x.cabinet, 0) AS cabinet",
  .params = { DB_I64_ARRAY_TYPE, DB_I64_TYPE },
  .columns = { { "id", DB_UUID_TYPE }, { "meter", DB_I64_TYPE }, { "gateway", DB_I64_TYPE }, { "generation", DB_I64_TYPE }, { "kind", DB_I16_TYPE },
               { "attempt", DB_I32_TYPE }, { "refusals", DB_I32_TYPE }, { "created_at", DB_TS_TYPE }, { "purse", DB_I16_TYPE },
               { "value", DB_JSON_TYPE, DB_NULL_OK }, { "doubt", DB_BOOL_TYPE }, { "cabinet", DB_I32_TYPE } },
};
TILLD_STATEMENT (command_claim)

static const TilldStatement command_sent = {
  .name = "field-command-sent",
  .sql = "UPDATE command x SET state = 1, attempt = x.attempt + 1, sent_at = now () WHERE x.id = $1 AND x.state = 0 AND NOT " NEWER " RETURNING x.attempt",
  .params = { DB_UUID_TYPE },
  .columns = { { "attempt", DB_I32_TYPE } },
};
TILLD_STATEMENT (command_sent)

/* An ambiguous outcome is not forgotten by a later attempt: the first write may still come. */
static const TilldStatement command_done = {
  .name = "field-command-done",
  .sql = "UPDATE command x SET state = CASE WHEN $2 = 0 AND " NEWER " THEN 5 ELSE $2 END, done_at = CASE WHEN $2 IN (3, 4) OR " NEWER " THEN now () END, "
         "not_before = now () + make_interval (secs => $3), claimed_until = '-infinity', error = $4, "
         "outcome = CASE WHEN x.outcome BETWEEN 4 AND 8 OR $5 = 0 THEN x.outcome ELSE $5 END, refusals = x.refusals + CASE WHEN $5 = 3 THEN 1 ELSE 0 END "
         "WHERE x.id = $1 AND x.state IN (0, 1, 2) AND x.kind > 1 RETURNING x.state",
  .params = { DB_UUID_TYPE, DB_I16_TYPE, DB_I32_TYPE, DB_TEXT_TYPE, DB_I16_TYPE },
  .columns = { { "state", DB_I16_TYPE } },
};
TILLD_STATEMENT (command_done)

/* An older order that a dead process left behind as sent will be sent by nobody: it ends with the newer one. */
static const TilldStatement command_overtaken = {
  .name = "field-command-overtaken",
  .sql = "UPDATE command o SET state = 5, done_at = now (), claimed_until = '-infinity' FROM command x WHERE x.id = $1 AND x.state IN (3, 4) AND x.kind <> 8 "
         "AND o.meter = x.meter AND o.generation < x.generation AND o.state IN (0, 1) "
         "AND (o.kind = x.kind OR o.kind IN (5, 6, 7) AND x.kind IN (5, 6, 7))",
  .params = { DB_UUID_TYPE },
};
TILLD_STATEMENT (command_overtaken)

/* What was set is looked at again in a minute, at every meter that it changed. */
static const TilldStatement command_check = {
  .name = "field-command-check",
  .sql = "UPDATE meter_config c SET due_at = least (c.due_at, now () + interval '60 seconds') FROM command x "
         "WHERE x.id = $1 AND x.state = 3 AND x.kind IN (2, 3, 4, 9) AND (c.meter = x.meter OR c.meter = ANY (x.covers))",
  .params = { DB_UUID_TYPE },
};
TILLD_STATEMENT (command_check)

static const TilldStatement cut_facts = {
  .name = "field-cut-facts",
  .sql = "SELECT x.value->>'off_reason' AS off_reason, m.life_support, m.epoch = x.epoch AND m.retired_at IS NULL AS installed, m.overdraft, "
         "s.read_at IS NOT NULL AND s.balance IS NOT NULL AS has_reading, extract (epoch FROM now () - s.read_at)::bigint AS age_s, s.balance "
         "FROM command x JOIN meter m ON m.id = x.meter LEFT JOIN meter_state s ON s.meter = m.id "
         "WHERE x.id = $1 AND x.kind = 6 AND x.created_at < now () - interval '60 seconds'",
  .params = { DB_UUID_TYPE },
  .columns = { { "off_reason", DB_TEXT_TYPE, DB_NULL_OK }, { "life_support", DB_BOOL_TYPE }, { "installed", DB_BOOL_TYPE }, { "overdraft", DB_I64_TYPE },
               { "has_reading", DB_BOOL_TYPE }, { "age_s", DB_I64_TYPE, DB_NULL_OK }, { "balance", DB_I64_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (cut_facts)

void
tilld_field_command_clear (TilldFieldCommand *command)
{
  g_clear_pointer (&command->settings, g_free);
}

static void
read_settings (TilldRows *rows, guint i, TilldFieldCommand *command)
{
  g_autofree TilldSettings *settings = g_new0 (TilldSettings, 1);
  g_autoptr (GError)        error = NULL;
  char                      id[TILL_ID_TEXT];

  if (tilld_setting_parse (command->kind, (TillPurse) tilld_row_i64 (rows, i, "purse"), tilld_row_text (rows, i, "value"), settings, &error))
    command->settings = g_steal_pointer (&settings);
  else
    till_warn (TILL_LOG_COMMAND (till_id_print (&command->id, id)), error, "value not understood");
}

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
                                    .attempt = (gint32) tilld_row_i64 (rows, i, "attempt"), .refusals = (gint32) tilld_row_i64 (rows, i, "refusals"),
                                    .created_at = tilld_row_ts (rows, i, "created_at"), .table = (guint) tilld_row_i64 (rows, i, "cabinet"),
                                    .doubt = tilld_row_bool (rows, i, "doubt") };
      tilld_row_uuid (rows, i, "id", &command.id);
      if (command.kind < TILL_COMMAND_KIND_FORCE_ON || command.kind == TILL_COMMAND_KIND_SET_CLOCK)
        read_settings (rows, i, &command);
      g_array_append_val (ret_commands, command);
    }
  return TRUE;
}

/* Nobody is cut for a reason that has passed while the order waited. */
static gboolean
may_cut_now (TilldDb *db, const TillId *id, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  TilldCutFacts         facts;
  const char           *why;

  if (!tilld_db_query (db, &cut_facts, &rows, error, DB_UUID (id)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return TRUE;
  facts = (TilldCutFacts){ .reason = tilld_cut_reason_from_word (tilld_row_text (rows, 0, "off_reason")),
                           .life_support = tilld_row_bool (rows, 0, "life_support"), .installed = tilld_row_bool (rows, 0, "installed"),
                           .has_reading = tilld_row_bool (rows, 0, "has_reading"), .reading_age_s = tilld_row_i64 (rows, 0, "age_s"),
                           .balance = tilld_row_i64 (rows, 0, "balance"), .overdraft = tilld_row_i64 (rows, 0, "overdraft") };
  why = tilld_certificate_refusal (&facts);
  return why == NULL || till_fail (error, TILL_ERROR_CONFLICT, "%s", why);
}

gboolean
tilld_field_command_sent (TilldDb *db, const TilldFieldCommand *command, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (command->kind == TILL_COMMAND_KIND_FORCE_OFF && !may_cut_now (db, &command->id, error))
    return FALSE;
  if (!tilld_db_query (db, &command_sent, &rows, error, DB_UUID (&command->id)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_STALE, "the order is no longer the newest one that waits");
  return tilld_feed_add_uuid (db, "command", &command->id, error);
}

gboolean
tilld_field_command_done (TilldDb *db, const TilldFieldCommandEnd *end, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  g_assert (end->state == TILL_COMMAND_STATE_VERIFIED || end->state == TILL_COMMAND_STATE_FAILED || end->state == TILL_COMMAND_STATE_QUEUED);
  if (!tilld_db_query (db, &command_done, &rows, error, DB_UUID (&end->id), DB_I16 (end->state), DB_I32 (end->retry_s), DB_TEXT (end->text),
                       DB_I16 (end->outcome)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_STALE, "the order was ended by somebody else");
  return tilld_db_query (db, &command_overtaken, NULL, error, DB_UUID (&end->id)) &&
         tilld_db_query (db, &command_check, NULL, error, DB_UUID (&end->id)) && tilld_feed_add_uuid (db, "command", &end->id, error);
}
