/* SPDX-License-Identifier: GPL-2.0-or-later
 * replace.h: another device behind a meter record. What the old one held travels to the new one; the count does not. The old one was read
 * at the end, or its figure is typed, or it is dead and the credit is provisional until somebody reads it after all. */
#pragma once
#include "server/domain/office/approval.h"

G_BEGIN_DECLS

typedef enum { TILLD_FINAL_READ, TILLD_FINAL_TYPED, TILLD_FINAL_DEAD } TilldFinalSource;
gboolean tilld_final_source_from_word (const char *word, int *ret_source); /* "read", "typed", "dead" */

typedef struct {
  TillId           id;
  gint64           meter;
  const char      *serial, *model;       /* of the new device; model NULL = the same */
  gint64           gateway, port, unit, ct_ratio; /* 0 = as before */
  TilldFinalSource source;
  gboolean         has_balance;          /* typed, dead: what the old one held, 1/10000 of the currency or of a kWh; dead without: the last reading */
  gint64           balance;
  const char      *note;                 /* required unless read */
} TilldReplaceRequest;

typedef struct {
  gint64   approval; /* <> 0: a second operator must agree first (typed and dead above the limit of refunds) */
  gboolean replayed;
  gboolean held;     /* a delivery was under way: it is a case now; decide it, then replace */
} TilldReplaceResult;

/* One transaction. STALE: read the meter first. CONFLICT, DISPUTE, UNSUPPORTED, LIMIT. */
gboolean tilld_meter_replace (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldReplaceRequest *in, TilldReplaceResult *ret,
                              GError **error);
/* A provisional credit is put right, once: balance is what the old device really held. More is sent after it; less becomes suspense. */
typedef struct { TillId id; gint64 meter, balance; const char *note; } TilldReplaceCorrection;
gboolean tilld_replace_correct (TilldDb *db, const TilldActor *who, const TilldReplaceCorrection *in, gboolean *ret_replayed, GError **error);
/* Members of the replacement into the open object. */
gboolean tilld_replace_write (TilldDb *db, const TillId *id, TillJsonWrite *w, GError **error);

G_END_DECLS
