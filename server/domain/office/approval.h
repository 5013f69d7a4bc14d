/* SPDX-License-Identifier: GPL-2.0-or-later
 * approval.h: operations that wait for a second operator. Who proposed cannot approve; what was proposed is executed as it stands, in
 * the transaction of the approval, or nothing of it.
 *
 *   static const TilldApprovalKind kind = { "refund", TILL_PERMISSION_APPROVE_MONEY, execute };
 *   TILLD_APPROVAL (kind)
 *   ...
 *   return tilld_approval_propose (db, who, &(TilldApprovalNew){ .kind = "refund", .request = &id, .body = json, ... }, &approval, error);
 */
#pragma once
#include "server/domain/office/actor.h"
#include "server/domain/office/client-id.h"
#include "server/profile/profile-load.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

typedef enum { TILLD_APPROVAL_OPEN, TILLD_APPROVAL_APPROVED, TILLD_APPROVAL_REJECTED, TILLD_APPROVAL_EXPIRED, TILLD_APPROVAL_WITHDRAWN } TilldApprovalState;

/* What an approved operation gets. proposer: on whose behalf it runs; its areas were checked when it was proposed. */
typedef struct {
  gint64               id;
  const TilldActor    *proposer, *approver;
  const TilldProfiles *profiles;
  gboolean             has_request;
  TillId               request;
  const char          *body; /* JSON as it was proposed */
} TilldApproved;

typedef struct {
  const char    *kind;       /* [a-z_]{3,24} */
  TillPermission permission; /* approve.* of the second operator */
  gboolean     (*execute) (TilldDb *db, const TilldApproved *approved, GError **error);
} TilldApprovalKind;

/* Puts a kind into the registry. */
#define TILLD_APPROVAL(variable) \
  __attribute__ ((section ("tilld_approvals"), used)) static const TilldApprovalKind *const variable##_entry = &variable;
const TilldApprovalKind *const *tilld_approval_kinds (guint *ret_n);

typedef struct {
  const char   *kind;
  const TillId *request;               /* the operation's id; NULL = it has none */
  guint8        hash[TILLD_BODY_HASH]; /* of the operation's content */
  const char   *body;                  /* JSON */
  const char   *reason;                /* of the proposer, NULL = none */
  gint64        meter, area;           /* 0 = none; area: who sees it */
  gboolean      has_amount;
  TillMoney     amount;
} TilldApprovalNew;

/* Stores what is proposed, or finds it: the same operation proposed twice is one approval. CONFLICT: this id was proposed with another
 * content, or was decided against. */
gboolean tilld_approval_propose (TilldDb *db, const TilldActor *who, const TilldApprovalNew *in, gint64 *ret_id, GError **error);
/* The same as an error APPROVAL_REQUIRED whose field "approval" is the number; the caller commits and answers with it. */
GError  *tilld_approval_required (gint64 id);

/* approve, reject (another operator with the permission of its kind) or withdraw (the proposer). Members of the approval into the open
 * object. FORBIDDEN, CONFLICT (decided, expired), or what the operation itself says: then nothing changed. */
typedef struct {
  gint64      id;
  const char *decision, *note; /* note: NULL = none */
} TilldApprovalDecision;
gboolean tilld_approval_decide (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldApprovalDecision *in, TillJsonWrite *w,
                                GError **error);

/* What the operator may decide, or proposed. Filters: state, kind, meter, proposed_by, q. */
gboolean tilld_approval_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
gboolean tilld_approval_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error);
/* Open ones that are past their time. */
gboolean tilld_approval_expire (TilldDb *db, GError **error);

G_END_DECLS
