/* SPDX-License-Identifier: GPL-2.0-or-later
 * operator-edit.h: operators made and changed by other operators, and what these may give. Never deleted: switched off.
 * A role is given by who has all its permissions, or roles.edit (who decides about roles decides who holds one: an administrator has no
 * permission of money and yet makes the first cashier); areas by who sees them. Nobody changes the own roles, areas or state, and the last
 * administrator stays: a person of all areas with operators.edit and roles.edit. */
#pragma once
#include "server/domain/office/operator.h"
#include "shared/base/till-json-read.h"

G_BEGIN_DECLS

#define TILLD_OPERATOR_ROLES_MAX 16
#define TILLD_OPERATOR_AREAS_MAX 200
#define TILLD_ONE_TIME_HOURS     72 /* how long a one-time password waits for its first log-in */

enum {
  TILLD_OPERATOR_NAME = 1 << 0,
  TILLD_OPERATOR_PHONE = 1 << 1,
  TILLD_OPERATOR_ROLES = 1 << 2,
  TILLD_OPERATOR_AREAS = 1 << 3,
  TILLD_OPERATOR_ACTIVE = 1 << 4,
  TILLD_OPERATOR_SALE_LIMIT = 1 << 5,
};

typedef struct {
  guint      given;
  char      *account, *name, *phone; /* owned */
  int        service;                /* of a new one */
  gboolean   active;
  TillMoney  sale_limit;             /* 0: none */
  GPtrArray *roles;                  /* owned, NULL-terminated when given */
  GArray    *areas;                  /* owned, gint64; empty: all */
} TilldOperatorRecord;

void     tilld_operator_record_clear (TilldOperatorRecord *record);
/* Members account, kind (of a new one), name, phone, roles, areas, sale_limit, active (of one that is there). The caller clears ret either way. */
void     tilld_operator_record_read (TillJsonRead *r, gboolean fresh, TilldOperatorRecord *ret);

/* password: the hash of a one-time password, "" for a service. CONFLICT: the account is taken. FORBIDDEN names roles or areas. */
gboolean tilld_operator_add (TilldDb *db, const TilldActor *who, const TilldOperatorRecord *in, const char *password, gint64 *ret_id, GError **error);
/* What is given changes. STALE, FORBIDDEN, CONFLICT (oneself, the last administrator). Who is switched off is logged out. */
gboolean tilld_operator_change (TilldDb *db, const TilldActor *who, gint64 id, const TilldOperatorRecord *in, gint64 version, GError **error);
/* Whether a new password or key may be given, and which of the two. CONFLICT: oneself. */
gboolean tilld_operator_may_reset (TilldDb *db, const TilldActor *who, gint64 id, gboolean *ret_service, GError **error);
/* One of them. Every session of the operator ends. */
gboolean tilld_operator_reset (TilldDb *db, const TilldActor *who, gint64 id, const char *password, const guint8 *key_hash, GError **error);

/* Takes the second factor away, of who lost the authenticator; ends every session. CONFLICT: oneself, or there is none. */
gboolean tilld_operator_drop_totp (TilldDb *db, const TilldActor *who, gint64 id, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldOperatorRecord, tilld_operator_record_clear)

G_END_DECLS
