/* SPDX-License-Identifier: GPL-2.0-or-later
 * trial.c: trials as rows: claimed, sent, done. Judges nothing: that is the commissioning's. */
#include "server/domain/control/trial.h"
#include "server/domain/control/commission.h"
#include "shared/base/till-json-check.h"
#include "shared/base/till-json-read.h"
#include "shared/base/till-log.h"

static const TilldStatement trial_claim = {
  .name = "trial-claim",
  .sql = "UPDATE trial SET claimed_until = now () + interval '120 seconds' WHERE id IN (SELECT id FROM trial WHERE gateway = ANY ($1) AND state <> 'done' "
         "AND claimed_until < now () ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING id, meter, gateway, state = 'sent' AS sent, input",
  .params = { DB_I64_ARRAY_TYPE, DB_I64_TYPE },
  .columns = { { "id", DB_UUID_TYPE }, { "meter", DB_I64_TYPE }, { "gateway", DB_I64_TYPE }, { "sent", DB_BOOL_TYPE }, { "input", DB_JSON_TYPE } },
};
TILLD_STATEMENT (trial_claim)

static const TilldStatement trial_sent = {
  .name = "trial-sent",
  .sql = "UPDATE trial SET state = 'sent' WHERE id = $1 AND state = 'queued' RETURNING id",
  .params = { DB_UUID_TYPE },
  .columns = { { "id", DB_UUID_TYPE } },
};
TILLD_STATEMENT (trial_sent)

static const TilldStatement trial_done = {
  .name = "trial-done",
  .sql = "UPDATE trial SET state = 'done', result = $2, done_at = now (), claimed_until = '-infinity' WHERE id = $1 AND state <> 'done' RETURNING commission",
  .params = { DB_UUID_TYPE, DB_JSON_TYPE },
  .columns = { { "commission", DB_UUID_TYPE } },
};
TILLD_STATEMENT (trial_done)

/* Our own rows: what is wrong here is a programmer error, reported as such. */
static gboolean
parse (const char *text, TilldTrial *t, GError **error)
{
  g_autoptr (JsonNode) node = till_json_parse (text, -1, 65536, error);
  JsonObject          *o = node != NULL ? json_node_get_object (node) : NULL, *write;
  JsonArray           *reads;

  if (o == NULL)
    return FALSE;
  t->unit = (guint8) json_object_get_int_member (o, "unit");
  t->fc = (guint8) json_object_get_int_member (o, "fc");
  t->money = json_object_get_boolean_member (o, "money");
  t->settle_ms = (guint) json_object_get_int_member (o, "settle_ms");
  reads = json_object_get_array_member (o, "reads");
  t->has_write = !json_object_get_null_member (o, "write");
  for (guint i = 0; i < json_array_get_length (reads) && t->n_reads < TILLD_TRIAL_READS_MAX; i++)
    {
      JsonObject *one = json_array_get_object_element (reads, i);

      t->reads[t->n_reads++] = (TilldTrialRead){ (guint16) json_object_get_int_member (one, "at"), (guint16) json_object_get_int_member (one, "count") };
    }
  if (!t->has_write)
    return TRUE;
  write = json_object_get_object_member (o, "write");
  t->write_fc = (guint8) json_object_get_int_member (write, "fc");
  t->write_at = (guint16) json_object_get_int_member (write, "at");
  return tilld_commission_words (json_object_get_string_member (write, "words"), t->words, G_N_ELEMENTS (t->words), &t->n_words) ||
         till_fail (error, TILL_ERROR_INTERNAL, "the words of a trial cannot be read");
}

gboolean
tilld_trial_claim (TilldDb *db, const gint64 *gateways, guint n_gateways, guint limit, GArray *ret_trials, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &trial_claim, &rows, error, DB_I64_ARRAY (gateways, n_gateways), DB_I64 (limit)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldTrial trial = { .meter = tilld_row_i64 (rows, i, "meter"), .gateway = tilld_row_i64 (rows, i, "gateway"), .sent = tilld_row_bool (rows, i, "sent") };

      tilld_row_uuid (rows, i, "id", &trial.id);
      if (!parse (tilld_row_text (rows, i, "input"), &trial, error))
        return FALSE;
      g_array_append_val (ret_trials, trial);
    }
  return TRUE;
}

gboolean
tilld_trial_sent (TilldDb *db, const TillId *id, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &trial_sent, &rows, error, DB_UUID (id)))
    return FALSE;
  return tilld_rows_count (rows) == 1 || till_fail (error, TILL_ERROR_STALE, "the trial is not waiting any more");
}

gboolean
tilld_trial_done (TilldDb *db, const TilldProfiles *profiles, const TillId *id, const char *result, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  TillId                commission;

  if (!tilld_db_query (db, &trial_done, &rows, error, DB_UUID (id), DB_JSON (result)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_STALE, "the trial has ended");
  tilld_row_uuid (rows, 0, "commission", &commission);
  return tilld_commission_result (db, profiles, &commission, id, result, error);
}
