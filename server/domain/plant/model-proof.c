/* SPDX-License-Identifier: GPL-2.0-or-later
 * model-proof.c: commissioning proofs, recorded by two persons. */
#include "server/domain/plant/model-proof.h"
#include "server/domain/office/row-json.h"
#include "shared/api/till-enums.h"

static const TilldStatement shape = {
  .name = "model-proof-list",
  .sql = "p.id AS id, p.model AS model, p.version AS model_version, p.write AS write, p.gateway AS gateway, p.simulated AS simulated, "
         "p.effective_class AS effective_class, p.proved_by AS proved_by, p.agreed_by AS agreed_by, p.proved_at AS proved_at",
  .columns = { { "id", DB_I64_TYPE }, { "model", DB_TEXT_TYPE }, { "model_version", DB_I32_TYPE }, { "write", DB_TEXT_TYPE },
               { "gateway", DB_I64_TYPE, DB_NULL_OK }, { "simulated", DB_BOOL_TYPE }, { "effective_class", DB_I16_TYPE, DB_NULL_OK },
               { "proved_by", DB_TEXT_TYPE }, { "agreed_by", DB_TEXT_TYPE }, { "proved_at", DB_TS_TYPE } },
};

static const char *
class_word (int meter_class)
{
  return till_meter_class_word ((TillMeterClass) meter_class);
}

static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_INT }, { "model", TILLD_JSON_TEXT }, { "model_version", TILLD_JSON_INT }, { "write", TILLD_JSON_TEXT },
  { "gateway", TILLD_JSON_INT }, { "simulated", TILLD_JSON_BOOL }, { "effective_class", TILLD_JSON_ENUM, NULL, class_word },
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
