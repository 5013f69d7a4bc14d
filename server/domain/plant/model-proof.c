/* SPDX-License-Identifier: GPL-2.0-or-later
 * model-proof.c: commissioning proofs, recorded by two persons. */
#include "server/domain/plant/model-proof.h"
#include "server/domain/office/row-json.h"
#include "shared/api/till-enums.h"

static const TilldStatement shape = {
  .name = "model-proof-list",
  .sql = "p.id AS id, p.model AS model, p.version AS model_version, p.write AS write, p.gateway AS gateway, p.simulated AS simulated, "
         "p.effective_class AS effective_class, p.candidate AS candidate, p.commission AS commission, "
         "p.proved_by AS proved_by, p.agreed_by AS agreed_by, p.proved_at AS proved_at",
  .columns = { { "id", DB_I64_TYPE }, { "model", DB_TEXT_TYPE }, { "model_version", DB_I32_TYPE }, { "write", DB_TEXT_TYPE },
               { "gateway", DB_I64_TYPE, DB_NULL_OK }, { "simulated", DB_BOOL_TYPE }, { "effective_class", DB_I16_TYPE, DB_NULL_OK },
               { "candidate", DB_TEXT_TYPE, DB_NULL_OK }, { "commission", DB_UUID_TYPE, DB_NULL_OK },
               { "proved_by", DB_TEXT_TYPE }, { "agreed_by", DB_TEXT_TYPE }, { "proved_at", DB_TS_TYPE } },
};

const char *const tilld_proven_words[TILLD_PROVEN_N] = { "recharge", "debit", "control", "set_price", "set_limits", "set_schedule", "set_clock" };

static const TilldStatement proofs_load = {
  .name = "model-proofs",
  .sql = "SELECT model, version, write, coalesce (gateway, 0) AS gateway, simulated, effective_class, coalesce (candidate, '') AS candidate FROM model_proof",
  .columns = { { "model", DB_TEXT_TYPE }, { "version", DB_I32_TYPE }, { "write", DB_TEXT_TYPE }, { "gateway", DB_I64_TYPE },
               { "simulated", DB_BOOL_TYPE }, { "effective_class", DB_I16_TYPE, DB_NULL_OK }, { "candidate", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (proofs_load)

int
tilld_proven_of (TillCommandKind kind)
{
  if (kind == TILL_COMMAND_KIND_FORCE_ON || kind == TILL_COMMAND_KIND_FORCE_OFF || kind == TILL_COMMAND_KIND_RESTORE_PREPAID)
    return TILLD_PROVEN_CONTROL;
  return tilld_word_find (tilld_proven_words, TILLD_PROVEN_N, till_command_kind_word (kind));
}

gboolean
tilld_model_proofs_load (TilldDb *db, GArray *ret_proofs, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_exec (db, &proofs_load, NULL, 0, &rows, error))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldModelProof proof = { .version = (guint) tilld_row_i64 (rows, i, "version"), .gateway = tilld_row_i64 (rows, i, "gateway"),
                                .simulated = tilld_row_bool (rows, i, "simulated"),
                                .effective_class = (gint) tilld_row_i64_or (rows, i, "effective_class", -1) };
      int             write = tilld_word_find (tilld_proven_words, TILLD_PROVEN_N, tilld_row_text (rows, i, "write"));

      g_assert (write >= 0); /* a CHECK of the table */
      proof.write = (TilldProvenWrite) write;
      g_strlcpy (proof.model, tilld_row_text (rows, i, "model"), sizeof proof.model);
      g_strlcpy (proof.candidate, tilld_row_text (rows, i, "candidate"), sizeof proof.candidate);
      g_array_append_val (ret_proofs, proof);
    }
  return TRUE;
}

const TilldModelProof *
tilld_model_proof_find (const GArray *proofs, const TilldProfile *profile, TilldProvenWrite write, gint64 gateway, gboolean simulated)
{
  const TilldModelProof *found = NULL;

  for (guint i = 0; i < proofs->len; i++)
    {
      const TilldModelProof *proof = &g_array_index (proofs, TilldModelProof, i);

      if (proof->write != write || proof->version != profile->version || !g_str_equal (proof->model, profile->name) ||
          (proof->simulated && !simulated) || (proof->gateway != 0 && proof->gateway != gateway))
        continue;
      if (found == NULL || proof->gateway != 0)
        found = proof;
    }
  return found;
}

gboolean
tilld_model_proof_require (TilldDb *db, const TilldProfile *profile, TilldProvenWrite write, TilldEvidence evidence, gint64 gateway, gboolean simulated,
                           GError **error)
{
  g_autoptr (GArray)  proofs = g_array_new (FALSE, FALSE, sizeof (TilldModelProof));
  g_autoptr (GString) facts = g_string_new (NULL);

  if (tilld_evidence_may_send (evidence, FALSE))
    return TRUE;
  if (!tilld_model_proofs_load (db, proofs, error))
    return FALSE;
  if (tilld_model_proof_find (proofs, profile, write, gateway, simulated) != NULL)
    return TRUE;
  for (guint i = 0; i < profile->n_facts; i++)
    if (profile->facts[i].state == TILLD_EVIDENCE_OPEN)
      g_string_append_printf (facts, "%s%s", facts->len > 0 ? ", " : "; open facts of the model: ", profile->facts[i].id);
  return till_fail (error, TILL_ERROR_UNSUPPORTED, "%s of %s version %u is not proven here (evidence: %s): a commissioning proof by two operators is missing%s",
                    tilld_proven_words[write], profile->name, profile->version, tilld_evidence_words[evidence], facts->str);
}

static const char *
class_word (int meter_class)
{
  return till_meter_class_word ((TillMeterClass) meter_class);
}

static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_INT }, { "model", TILLD_JSON_TEXT }, { "model_version", TILLD_JSON_INT }, { "write", TILLD_JSON_TEXT },
  { "gateway", TILLD_JSON_INT }, { "simulated", TILLD_JSON_BOOL }, { "effective_class", TILLD_JSON_ENUM, NULL, class_word },
  { "candidate", TILLD_JSON_TEXT }, { "commission", TILLD_JSON_ID },
  { "proved_by", TILLD_JSON_TEXT }, { "agreed_by", TILLD_JSON_TEXT }, { "proved_at", TILLD_JSON_TIME }, { NULL },
};
static const TilldListFilter filters[] = { { "model", TILLD_FILTER_TEXT, "p.model = ANY (string_to_array ($#, ','))" }, { NULL } };
static const TilldListSort sorts[] = { { "model", "p.model" }, { "proved_at", "p.proved_at" }, { "id", "p.id" }, { NULL } };
static const TilldListSpec spec = {
  .shape = &shape, .from = "FROM model_proof p", .filters = filters, .sorts = sorts, .order = "p.model, p.write, p.id",
};
TILLD_LIST (spec)

gboolean
tilld_model_proof_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  static const TilldJsonList list = { &spec, fields, "p.id = $#", "proof" };

  return tilld_list_serve (db, who, &list, query, w, error);
}
