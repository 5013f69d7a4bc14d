/* SPDX-License-Identifier: GPL-2.0-or-later
 * commission.h: the commissioning proof of a meter model: a guided walk over one real circuit. The server tries, people look and answer, a
 * second operator agrees at the end; then the writes that were seen to work are proven, at this gateway or everywhere. Resumable: all of
 * it is in the database. Money: the recharge of the smallest amount opens a case and freezes the purse; the agreement books what was put
 * on the meter (suspense / on_meter) and closes the case. A walk given up in between leaves the case to the ordinary two-person decision. */
#pragma once
#include <json-glib/json-glib.h>
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "server/profile/profile-load.h"
#include "shared/base/till-id.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

typedef struct {
  TillId      id;
  const char *model;
  gint64      meter;
  gboolean    everywhere; /* good at all gateways, not only at this one */
} TilldCommissionNew;

/* NOT_FOUND, CONFLICT (another walk on this meter; other model), UNSUPPORTED (this server does not know the model). The same id again: replay. */
gboolean tilld_commission_start (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldCommissionNew *in, gboolean *ret_replay,
                                 GError **error);
/* id, model, model_version, meter, meter_code, room, gateway, gateway_code, everywhere, simulated, state, step, waiting_for, question, plan,
 * steps, started_by, started_name, agreed_by, agreed_name, started_at, ended_at. */
gboolean tilld_commission_get (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TillId *id, TillJsonWrite *w, GError **error);
/* The protocol as a page of text. */
gboolean tilld_commission_text (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TillId *id, GString *out, GError **error);
/* Without question, plan and steps. Filters: id, model, state, meter. Newest first. */
gboolean tilld_commission_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);

typedef struct {
  TillId      id;
  const char *step;   /* the one that was asked; CONFLICT when it is over */
  const char *answer; /* a word of the question's answers */
  const char *note;   /* NULL = none */
} TilldCommissionAnswer;

/* APPROVAL_REQUIRED: this answer is another operator's. */
gboolean tilld_commission_answer (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldCommissionAnswer *in, GError **error);
gboolean tilld_commission_abort (TilldDb *db, const TilldActor *who, const TillId *id, GError **error);

/* By the field, through trial.h. */
gboolean tilld_commission_result (TilldDb *db, const TilldProfiles *profiles, const TillId *id, const TillId *trial, const char *result, GError **error);
/* "00ff.." -> registers. */
gboolean tilld_commission_words (const char *hex, guint16 *words, guint max, guint *ret_n);

G_END_DECLS
