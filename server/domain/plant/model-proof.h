/* SPDX-License-Identifier: GPL-2.0-or-later
 * model-proof.h: commissioning proofs, recorded by two persons. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

/* id, model, model_version, write, gateway, simulated, effective_class, proved_by, agreed_by, proved_at. Filters: model. */
gboolean tilld_model_proof_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);

G_END_DECLS
