/* SPDX-License-Identifier: GPL-2.0-or-later
 * commission-store.c: rows of a commissioning: the walk itself, its trials, the case of its money, the proofs it ends with. */
#include "server/domain/control/commission-private.h"
#include <string.h>
#include "server/domain/money/ledger-append.h"
#include "server/domain/plant/feed.h"
#include "shared/base/till-json-check.h"

static const TilldStatement walk_lock = {
  .name = "commission-lock",
  .sql = "SELECT c.site, c.model, c.meter, c.gateway, c.everywhere, c.simulated, c.state, c.step, c.facts, c.steps, c.started_by, o.account AS started_name, "
         "m.unit, m.purse, m.serial, coalesce (g.word_order, -1::smallint) AS word_order, s.zone, now () AS now FROM commission c "
         "JOIN meter m ON m.id = c.meter JOIN gateway g ON g.id = c.gateway JOIN site s ON s.id = c.site JOIN operator o ON o.id = c.started_by "
         "WHERE c.id = $1 FOR UPDATE OF c",
  .params = { DB_UUID_TYPE },
  .columns = { { "site", DB_I64_TYPE }, { "model", DB_TEXT_TYPE }, { "meter", DB_I64_TYPE }, { "gateway", DB_I64_TYPE }, { "everywhere", DB_BOOL_TYPE },
               { "simulated", DB_BOOL_TYPE }, { "state", DB_TEXT_TYPE }, { "step", DB_TEXT_TYPE }, { "facts", DB_JSON_TYPE }, { "steps", DB_JSON_TYPE },
               { "started_by", DB_I64_TYPE }, { "started_name", DB_TEXT_TYPE }, { "unit", DB_I16_TYPE }, { "purse", DB_I16_TYPE },
               { "serial", DB_TEXT_TYPE }, { "word_order", DB_I16_TYPE }, { "zone", DB_TEXT_TYPE }, { "now", DB_TS_TYPE } },
};
TILLD_STATEMENT (walk_lock)

static const TilldStatement walk_save = {
  .name = "commission-save",
  .sql = "UPDATE commission SET state = $2, step = $3, facts = $4, steps = $5, agreed_by = $6, version_row = version_row + 1, "
         "ended_at = CASE WHEN $2 = 'open' THEN NULL ELSE now () END WHERE id = $1",
  .params = { DB_UUID_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_JSON_TYPE, DB_JSON_TYPE, DB_I64_TYPE },
};
TILLD_STATEMENT (walk_save)

static const TilldStatement trial_insert = {
  .name = "trial-insert",
  .sql = "INSERT INTO trial (id, commission, meter, gateway, input) VALUES ($1, $2, $3, $4, $5)",
  .params = { DB_UUID_TYPE, DB_UUID_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_JSON_TYPE },
};
TILLD_STATEMENT (trial_insert)

static const TilldStatement purse_lock = {
  .name = "commission-purse",
  .sql = "SELECT has_baseline, frozen, count, total, balance, refund_count, refunded_total FROM meter_purse p WHERE meter = $1 "
         "AND NOT EXISTS (SELECT FROM command c WHERE c.meter = $1 AND c.kind <= 1 AND c.state IN (0, 1, 2, 7)) FOR UPDATE",
  .params = { DB_I64_TYPE },
  .columns = { { "has_baseline", DB_BOOL_TYPE }, { "frozen", DB_BOOL_TYPE }, { "count", DB_I32_TYPE }, { "total", DB_I64_TYPE },
               { "balance", DB_I64_TYPE }, { "refund_count", DB_I32_TYPE }, { "refunded_total", DB_I64_TYPE } },
};
TILLD_STATEMENT (purse_lock)

static const TilldStatement case_open = {
  .name = "commission-case",
  .sql = "WITH frozen AS (UPDATE meter_purse SET frozen = true WHERE meter = $1 RETURNING *) INSERT INTO dispute_case (meter, epoch, reason, believed, note) "
         "SELECT meter, epoch, 14, to_jsonb (frozen), $2 FROM frozen RETURNING id",
  .params = { DB_I64_TYPE, DB_TEXT_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (case_open)

/* The purse as it stands, for case_apply () with the meter's new values. */
static const TilldStatement case_close = {
  .name = "commission-case-close",
  .sql = "SELECT case_apply (k.id, NULL, NULL, to_jsonb (p) || $2, false, 'proof', $3, $4, $5, NULL)::text AS done FROM dispute_case k "
         "JOIN meter_purse p ON p.meter = k.meter WHERE k.id = $1 AND k.closed_at IS NULL",
  .params = { DB_I64_TYPE, DB_JSON_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_TEXT_TYPE },
  .columns = { { "done", DB_TEXT_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (case_close)

static const TilldStatement proof_insert = {
  .name = "commission-proof",
  .sql = "INSERT INTO model_proof (model, version, write, gateway, simulated, effective_class, candidate, commission, protocol, proved_by, agreed_by) "
         "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (model, version, write, coalesce (gateway, 0::bigint), simulated) DO UPDATE "
         "SET effective_class = EXCLUDED.effective_class, candidate = EXCLUDED.candidate, commission = EXCLUDED.commission, protocol = EXCLUDED.protocol, "
         "proved_by = EXCLUDED.proved_by, agreed_by = EXCLUDED.agreed_by, proved_at = now ()",
  .params = { DB_TEXT_TYPE, DB_I32_TYPE, DB_TEXT_TYPE, DB_I64_TYPE, DB_BOOL_TYPE, DB_I16_TYPE, DB_TEXT_TYPE, DB_UUID_TYPE, DB_JSON_TYPE, DB_TEXT_TYPE,
              DB_TEXT_TYPE },
};
TILLD_STATEMENT (proof_insert)

static const TilldStatement serial_set = {
  .name = "commission-serial",
  .sql = "UPDATE meter SET serial = $2, version = version + 1 WHERE id = $1 AND serial = ''",
  .params = { DB_I64_TYPE, DB_TEXT_TYPE },
};
TILLD_STATEMENT (serial_set)

static const TilldStatement words_swap = {
  .name = "commission-words",
  .sql = "UPDATE gateway SET word_order = $2, version = version + 1 WHERE id = $1",
  .params = { DB_I64_TYPE, DB_I16_TYPE },
};
TILLD_STATEMENT (words_swap)

void
tilld_commission_clear (TilldCommission *c)
{
  g_clear_pointer (&c->facts, json_object_unref);
  g_clear_pointer (&c->steps, json_array_unref);
  g_clear_pointer (&c->zone, g_time_zone_unref);
}

gboolean
tilld_commission_load (TilldDb *db, const TilldProfiles *profiles, const TillId *id, TilldCommission *c, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  g_autoptr (JsonNode)  facts = NULL, steps = NULL;
  gint64                order;

  if (!tilld_db_query (db, &walk_lock, &rows, error, DB_UUID (id)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no such commissioning");
  order = tilld_row_i64 (rows, 0, "word_order");
  *c = (TilldCommission){ .db = db, .profile = tilld_profiles_get (profiles, tilld_row_text (rows, 0, "model")), .id = *id,
                          .site = tilld_row_i64 (rows, 0, "site"), .meter = tilld_row_i64 (rows, 0, "meter"), .gateway = tilld_row_i64 (rows, 0, "gateway"),
                          .started_by = tilld_row_i64 (rows, 0, "started_by"), .unit = (guint) tilld_row_i64 (rows, 0, "unit"),
                          .purse = (TillPurse) tilld_row_i64 (rows, 0, "purse"), .everywhere = tilld_row_bool (rows, 0, "everywhere"),
                          .simulated = tilld_row_bool (rows, 0, "simulated"), .now = tilld_row_ts (rows, 0, "now"),
                          .order = order < 0 ? TILLD_WORDS_DEFAULT : order == 0 ? TILLD_WORDS_BIG : TILLD_WORDS_LITTLE };
  g_strlcpy (c->state, tilld_row_text (rows, 0, "state"), sizeof c->state);
  g_strlcpy (c->step, tilld_row_text (rows, 0, "step"), sizeof c->step);
  g_strlcpy (c->serial, tilld_row_text (rows, 0, "serial"), sizeof c->serial);
  g_strlcpy (c->started_name, tilld_row_text (rows, 0, "started_name"), sizeof c->started_name);
  facts = till_json_parse (tilld_row_text (rows, 0, "facts"), -1, 1 << 20, error);
  steps = facts != NULL ? till_json_parse (tilld_row_text (rows, 0, "steps"), -1, 4 << 20, error) : NULL;
  c->zone = steps != NULL ? till_zone_new (tilld_row_text (rows, 0, "zone"), error) : NULL;
  if (c->zone == NULL)
    return FALSE;
  c->facts = json_node_dup_object (facts);
  c->steps = json_node_dup_array (steps);
  return c->profile != NULL || till_fail (error, TILL_ERROR_UNSUPPORTED, "this server does not know the model any more");
}

static char *
object_text (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_set_object (node, object);
  return json_to_string (node, FALSE);
}

gboolean
tilld_commission_save (TilldCommission *c, gint64 agreed_by, GError **error)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  g_autofree char     *facts = object_text (c->facts), *steps = NULL;

  json_node_set_array (node, c->steps);
  steps = json_to_string (node, FALSE);
  return tilld_db_query (c->db, &walk_save, NULL, error, DB_UUID (&c->id), DB_TEXT (tilld_db_text (c->state).p), DB_TEXT (tilld_db_text (c->step).p),
                         DB_JSON (facts), DB_JSON (steps), DB_I64_IF (agreed_by != 0, agreed_by));
}

static void
write_words (TillJsonWrite *w, const TilldWriteWords *write)
{
  g_autoptr (GString) hex = g_string_new (NULL);

  for (guint i = 0; i < write->n; i++)
    g_string_append_printf (hex, "%04x", write->words[i]);
  till_json_write_begin_object (w, "write");
  till_json_write_int (w, "fc", write->fc);
  till_json_write_int (w, "at", write->at);
  till_json_write_text (w, "words", hex->str);
  till_json_write_end_object (w);
}

gboolean
tilld_commission_try (TilldCommission *c, const char *doing, const TilldTry *what, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autofree char          *input = NULL;
  char                      text[TILL_ID_TEXT];
  TillId                    id;

  till_id_new (&id, c->now / 1000);
  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "unit", what->unit);
  till_json_write_int (w, "fc", c->profile->read_fc);
  till_json_write_bool (w, "money", what->money);
  till_json_write_int (w, "settle_ms", what->write != NULL ? what->write->settle_ms : 0);
  if (what->write != NULL)
    write_words (w, what->write);
  else
    till_json_write_null (w, "write");
  till_json_write_begin_array (w, "reads");
  for (guint i = 0; i < what->n_reads; i++)
    {
      till_json_write_begin_object (w, NULL);
      till_json_write_int (w, "at", what->reads[i].at);
      till_json_write_int (w, "count", what->reads[i].count);
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
  till_json_write_end_object (w);
  input = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  json_object_set_string_member (c->facts, "trial", till_id_print (&id, text));
  json_object_set_string_member (c->facts, "doing", doing);
  return tilld_db_query (c->db, &trial_insert, NULL, error, DB_UUID (&id), DB_UUID (&c->id), DB_I64 (c->meter), DB_I64 (c->gateway), DB_JSON (input)) &&
         tilld_bell_ring (c->db, "till_delivery", error);
}

gboolean
tilld_commission_freeze (TilldCommission *c, GError **error)
{
  g_autoptr (TilldRows) purse = NULL, opened = NULL;

  if (!tilld_db_query (c->db, &purse_lock, &purse, error, DB_I64 (c->meter)))
    return FALSE;
  if (tilld_rows_count (purse) != 1)
    return till_fail (error, TILL_ERROR_CONFLICT, "money is on its way to this meter, or it was never read: wait for it");
  if (!tilld_row_bool (purse, 0, "has_baseline"))
    return till_fail (error, TILL_ERROR_CONFLICT, "the ledger has not yet taken over the purse of this meter: wait for two readings");
  if (tilld_row_bool (purse, 0, "frozen"))
    return till_fail (error, TILL_ERROR_DISPUTE, "the meter has an open case: decide it first");
  if (!tilld_db_query (c->db, &case_open, &opened, error, DB_I64 (c->meter), DB_TEXT ("commissioning: the smallest amount is put on the meter")))
    return FALSE;
  json_object_set_int_member (c->facts, "case", tilld_row_i64 (opened, 0, "id"));
  json_object_set_int_member (c->facts, "total_before", tilld_row_i64 (purse, 0, "total"));
  json_object_set_int_member (c->facts, "refunded_before", tilld_row_i64 (purse, 0, "refunded_total"));
  return tilld_feed_add_ids (c->db, "meter", &c->meter, 1, error);
}

/* What the walk itself put on the meter, as far as it was seen, and the purse as it was read last. */
gboolean
tilld_commission_books (TilldCommission *c, const TilldActor *agreed, GError **error)
{
  JsonObject      *purse = json_object_has_member (c->facts, "purse") ? json_object_get_object_member (c->facts, "purse") : NULL;
  gint64           put = json_object_get_int_member_with_default (c->facts, "put", 0);
  TilldLedgerEntry entry = { .request = c->id, .fact = { .event = TILL_LEDGER_EVENT_ADOPTED, .amount = put, .site = c->site, .meter = c->meter } };
  g_autofree char *values = NULL, *note = NULL;

  if (!json_object_has_member (c->facts, "case"))
    return TRUE;
  values = purse != NULL ? object_text (purse) : g_strdup ("{}");
  note = g_strdup_printf ("commissioning of %s version %u", c->profile->name, c->profile->version);
  if (!tilld_db_query (c->db, &case_close, NULL, error, DB_I64 (json_object_get_int_member (c->facts, "case")), DB_JSON (values), DB_I64 (c->started_by),
                       DB_I64 (agreed->operator_id), DB_TEXT (note)))
    return FALSE;
  return put == 0 || c->purse != TILL_PURSE_MONEY || tilld_ledger_append (c->db, agreed, c->site, &entry, 1, error);
}

gboolean
tilld_commission_proven (TilldCommission *c, const TilldActor *agreed, const char *protocol, GError **error)
{
  JsonArray *proved = json_object_has_member (c->facts, "proved") ? json_object_get_array_member (c->facts, "proved") : NULL;

  for (guint i = 0; proved != NULL && i < json_array_get_length (proved); i++)
    {
      JsonObject *one = json_array_get_object_element (proved, i);
      const char *candidate = json_object_get_string_member_with_default (one, "candidate", "");
      gint64      effective = json_object_get_int_member_with_default (one, "effective_class", -1);

      if (!tilld_db_query (c->db, &proof_insert, NULL, error, DB_TEXT (tilld_db_text (c->profile->name).p), DB_I32 (c->profile->version),
                           DB_TEXT (json_object_get_string_member (one, "write")), DB_I64_IF (!c->everywhere, c->gateway), DB_BOOL (c->simulated),
                           DB_I16_IF (effective >= 0, effective), DB_TEXT (*candidate != '\0' ? candidate : NULL), DB_UUID (&c->id), DB_JSON (protocol),
                           DB_TEXT (tilld_db_text (c->started_name).p), DB_TEXT (agreed->account)))
        return FALSE;
    }
  return tilld_bell_ring (c->db, "till_plant", error);
}

gboolean
tilld_commission_set_serial (TilldCommission *c, const char *serial, GError **error)
{
  return tilld_db_query (c->db, &serial_set, NULL, error, DB_I64 (c->meter), DB_TEXT (serial));
}

gboolean
tilld_commission_swap_words (TilldCommission *c, GError **error)
{
  TilldWordOrder used = c->order != TILLD_WORDS_DEFAULT ? c->order : c->profile->word_order;

  c->order = used == TILLD_WORDS_LITTLE ? TILLD_WORDS_BIG : TILLD_WORDS_LITTLE;
  return tilld_db_query (c->db, &words_swap, NULL, error, DB_I64 (c->gateway), DB_I16 (c->order == TILLD_WORDS_BIG ? 0 : 1)) &&
         tilld_bell_ring (c->db, "till_plant", error);
}
