/* SPDX-License-Identifier: GPL-2.0-or-later
 * operator.h: people and services that may log in. Passwords come as hashes made elsewhere. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

typedef struct {
  gint64   id;       /* 0: no such operator, or not active */
  char    *password; /* owned hash; NULL = none */
  char    *account;
  gboolean must_change;
} TilldCredentials;

typedef struct {
  const char        *account, *name, *password; /* hash */
  const char *const *roles; /* names, NULL-terminated; an unknown one is INVALID */
  gboolean           must_change;
} TilldOperatorNew;

void     tilld_credentials_clear (TilldCredentials *credentials);
/* Never NOT_FOUND: an unknown account gives id 0, so that the caller spends the same time on it. */
gboolean tilld_operator_credentials (TilldDb *db, const char *account, TilldCredentials *ret, GError **error);
/* CONFLICT when the account is taken. */
gboolean tilld_operator_create (TilldDb *db, const TilldActor *who, const TilldOperatorNew *in, gint64 *ret_id, GError **error);
/* Both end every session of the operator. */
gboolean tilld_operator_set_password (TilldDb *db, const TilldActor *who, gint64 id, const char *hash, gboolean must_change, GError **error);
gboolean tilld_operator_set_active (TilldDb *db, const TilldActor *who, gint64 id, gboolean active, GError **error);
/* id, account, name, kind, active, must_change, sale_limit, roles, areas, last_login, version. Filters: id, active, q. */
gboolean tilld_operator_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldCredentials, tilld_credentials_clear)

G_END_DECLS
