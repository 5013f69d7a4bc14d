/* SPDX-License-Identifier: GPL-2.0-or-later
 * commission-private.h: a walk in memory, under its row's lock, and the steps it is made of. */
#pragma once
#include "server/domain/control/commission.h"
#include "server/domain/plant/model-proof.h"
#include "server/profile/profile-write.h"

G_BEGIN_DECLS

typedef struct {
  TilldDb             *db;
  const TilldProfile  *profile;
  TillId               id;
  gint64               site, meter, gateway, started_by;
  guint                unit;
  TillPurse            purse;
  TilldWordOrder       order;      /* of the gateway */
  gboolean             everywhere, simulated;
  char                 state[12], step[24], serial[40], started_name[64];
  JsonObject          *facts;      /* what the next step builds on; "trial": the one under way */
  JsonArray           *steps;      /* the protocol */
  TillTime             now;
  GTimeZone           *zone;
} TilldCommission;

typedef struct {
  const char *outcome;   /* "none" without a write */
  gboolean    ok;        /* the write was answered normally, or there was none */
  guint       n;
  struct { gboolean good; guint n; guint16 words[125]; } reads[32];
  TillTime    at;
} TilldTrialResult;

typedef struct {
  const TilldActor *who;
  const char       *word, *note;
} TilldCommissionSaid;

/* enter begins the step: a trial (tilld_commission_try), a question (nothing), or the next step (tilld_commission_next). */
typedef struct {
  const char *name;
  gboolean  (*enter) (TilldCommission *c, GError **error);
  gboolean  (*result) (TilldCommission *c, const TilldTrialResult *result, GError **error);
  gboolean  (*said) (TilldCommission *c, const TilldCommissionSaid *said, GError **error);
  void      (*question) (const TilldCommission *c, TillJsonWrite *w); /* members of the question */
} TilldCommissionStep;

extern const TilldCommissionStep tilld_commission_steps[]; /* ended by name NULL */

/* commission.c: NOT_FOUND unless the actor sees the meter. */
gboolean tilld_commission_may_see (TilldDb *db, const TilldActor *who, const TillId *id, GError **error);

/* commission-store.c */
void     tilld_commission_clear (TilldCommission *c);
gboolean tilld_commission_load (TilldDb *db, const TilldProfiles *profiles, const TillId *id, TilldCommission *ret, GError **error); /* locks */
gboolean tilld_commission_save (TilldCommission *c, gint64 agreed_by, GError **error);
typedef struct {
  guint8                 unit;
  gboolean               money;
  const TilldWriteWords *write;  /* NULL: none */
  guint                  n_reads;
  struct { guint16 at, count; } reads[32];
} TilldTry;
gboolean tilld_commission_try (TilldCommission *c, const char *doing, const TilldTry *what, GError **error);
gboolean tilld_commission_freeze (TilldCommission *c, GError **error);  /* opens the case; CONFLICT when the purse is not adopted or disputed */
gboolean tilld_commission_books (TilldCommission *c, const TilldActor *agreed, GError **error); /* closes it, posts what was put on */
gboolean tilld_commission_proven (TilldCommission *c, const TilldActor *agreed, const char *protocol, GError **error); /* facts.proved -> model_proof */
gboolean tilld_commission_set_serial (TilldCommission *c, const char *serial, GError **error);
gboolean tilld_commission_swap_words (TilldCommission *c, GError **error);

/* commission-run.c */
gboolean tilld_commission_next (TilldCommission *c, GError **error);
gboolean tilld_commission_enter (TilldCommission *c, const char *step, GError **error);
gboolean tilld_commission_result_take (TilldCommission *c, const char *result, GError **error);
/* One line of the protocol. verdict: ok, failed, skipped, noted. */
void     tilld_commission_note (TilldCommission *c, const char *verdict, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* The write is seen to work: remembered until the second operator agrees. effective_class -1: it has none. */
void     tilld_commission_prove (TilldCommission *c, TilldProvenWrite write, int effective_class, const char *candidate);
gint64   tilld_commission_civil (const TilldCommission *c, TillTime at); /* civil seconds of the site */
/* {"look_at":..,"text":..,"answers":[..]} */
void     tilld_commission_ask (TillJsonWrite *w, const char *look_at, const char *text, const char *const *answers);

/* commission-settings.c, commission-relay.c, commission-money.c: rows of the table. */
gboolean tilld_step_setting_enter (TilldCommission *c, GError **error);
gboolean tilld_step_setting_result (TilldCommission *c, const TilldTrialResult *result, GError **error);
gboolean tilld_step_relay_enter (TilldCommission *c, GError **error);
gboolean tilld_step_relay_result (TilldCommission *c, const TilldTrialResult *result, GError **error);
gboolean tilld_step_relay_said (TilldCommission *c, const TilldCommissionSaid *said, GError **error);
void     tilld_step_relay_question (const TilldCommission *c, TillJsonWrite *w);
gboolean tilld_step_recharge_enter (TilldCommission *c, GError **error);
gboolean tilld_step_recharge_result (TilldCommission *c, const TilldTrialResult *result, GError **error);
gboolean tilld_step_recharge_said (TilldCommission *c, const TilldCommissionSaid *said, GError **error);
void     tilld_step_recharge_question (const TilldCommission *c, TillJsonWrite *w);
gboolean tilld_step_debit_enter (TilldCommission *c, GError **error);
gboolean tilld_step_debit_result (TilldCommission *c, const TilldTrialResult *result, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldCommission, tilld_commission_clear)

G_END_DECLS
