/* SPDX-License-Identifier: GPL-2.0-or-later
 * model-proof.h: commissioning proofs, recorded by two persons. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "server/profile/profile.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

typedef enum { TILLD_PROVEN_RECHARGE, TILLD_PROVEN_DEBIT, TILLD_PROVEN_CONTROL, TILLD_PROVEN_SET_PRICE, TILLD_PROVEN_SET_LIMITS,
               TILLD_PROVEN_SET_SCHEDULE, TILLD_PROVEN_SET_CLOCK, TILLD_PROVEN_N } TilldProvenWrite;

extern const char *const tilld_proven_words[TILLD_PROVEN_N];
/* -1: a command that needs no proof (read_now). */
int      tilld_proven_of (TillCommandKind kind);

typedef struct {
  char             model[33], candidate[16]; /* candidate "": the words of the profile itself */
  guint            version;
  TilldProvenWrite write;
  gint64           gateway;                  /* 0 = everywhere */
  gboolean         simulated;                /* made on a simulated gateway: good only there */
  gint             effective_class;          /* TillMeterClass, -1 not said */
} TilldModelProof;

/* All of them, appended. */
gboolean tilld_model_proofs_load (TilldDb *db, GArray *ret_proofs, GError **error);
/* The one that speaks for this write of exactly this version here: of the gateway before everywhere. NULL: not proven. */
const TilldModelProof *tilld_model_proof_find (const GArray *proofs, const TilldProfile *profile, TilldProvenWrite write, gint64 gateway,
                                               gboolean simulated);
/* UNSUPPORTED, naming what is missing, unless the evidence is enough or a proof speaks for it. */
gboolean tilld_model_proof_require (TilldDb *db, const TilldProfile *profile, TilldProvenWrite write, TilldEvidence evidence, gint64 gateway,
                                    gboolean simulated, GError **error);

/* id, model, model_version, write, gateway, simulated, effective_class, candidate, commission, proved_by, agreed_by, proved_at. Filters: model. */
gboolean tilld_model_proof_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);

G_END_DECLS
