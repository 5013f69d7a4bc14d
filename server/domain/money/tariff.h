/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff.h: tariffs, their versions and drafts, which meter has which since when. A version that some meter was priced by is never changed. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/money/tariff-body.h"
#include "server/domain/office/actor.h"
#include "server/profile/profile-load.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

/* id, name, effective, price_tip .. price_deep of the version that holds today, next_effective, meters, version. */
gboolean tilld_tariff_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
/* The same and versions [..], views [..] (what the models of its meters can hold) into the open object. NOT_FOUND. */
gboolean tilld_tariff_get (TilldDb *db, const TilldActor *who, const TilldProfiles *profiles, gint64 id, TillJsonWrite *w, GError **error);

/* --- verbs: inside a transaction; the log is written here --- */
typedef struct {
  const char         *name;
  TilldTariffVersion *version; /* its effective day may lie in the past: no meter has the tariff yet */
} TilldTariffNew;
gboolean tilld_tariff_create (TilldDb *db, const TilldActor *who, const TilldTariffNew *in, gint64 *ret_id, GError **error);
gboolean tilld_tariff_rename (TilldDb *db, const TilldActor *who, gint64 id, const char *name, gint64 version, GError **error);

typedef struct {
  TilldTariffVersion *version; /* rules.id and rules.effective say which */
  gboolean            draft;   /* kept, holds nothing */
  const char         *reason;  /* for the second operator, NULL = none */
} TilldTariffPut;
typedef enum { TILLD_TARIFF_STORED, TILLD_TARIFF_PROPOSED } TilldTariffOutcome;
/* INVALID effective: a tariff in use changes tomorrow or later. CONFLICT: that version is in use. *ret_approval: number of the approval that
 * it waits for when prices move by more than the site allows one operator. */
gboolean tilld_tariff_version_put (TilldDb *db, const TilldActor *who, const TilldTariffPut *in, TilldTariffOutcome *ret_outcome, gint64 *ret_approval,
                                   GError **error);
/* A draft, or a version that holds nothing yet. */
gboolean tilld_tariff_version_drop (TilldDb *db, const TilldActor *who, gint64 tariff, TillDay effective, GError **error);
/* One version or draft into the open object; NOT_FOUND. */
gboolean tilld_tariff_version_get (TilldDb *db, const TilldActor *who, const TilldProfiles *profiles, gint64 tariff, TillDay effective, TillJsonWrite *w,
                                   GError **error);
/* views of a version that is not stored: dry run. */
gboolean tilld_tariff_views (TilldDb *db, const TilldProfiles *profiles, const TilldTariffVersion *version, TillJsonWrite *w, GError **error);

typedef struct {
  gint64        tariff;
  const gint64 *meters;  /* or: */
  guint         n_meters;
  gint64        area;    /* with its children; 0 = the meters */
  TillDay       from;    /* 0 = today */
} TilldTariffAssign;
/* From that day on these meters have this tariff. INVALID from: a day that is past. */
typedef struct { gint64 meters; TillId job; } TilldTariffAssigned; /* job: the one that orders the prices; nil: from another day on */
gboolean tilld_tariff_assign (TilldDb *db, const TilldActor *who, const TilldTariffAssign *in, TilldTariffAssigned *ret, GError **error);
/* Assignments whose day has come; nightly and at start. */
gboolean tilld_tariff_assign_due (TilldDb *db, guint *ret_n, GError **error);

/* The value of a set_price command of one meter, by its tariff and model, as of today; NOT_FOUND, UNSUPPORTED without tariff or register. */
gboolean tilld_tariff_price_value (TilldDb *db, const TilldActor *who, const TilldProfiles *profiles, gint64 meter, char **ret_json, GError **error);

G_END_DECLS
