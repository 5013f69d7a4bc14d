/* SPDX-License-Identifier: GPL-2.0-or-later
 * operator.h: people and services that may log in. Passwords come as hashes made elsewhere. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

/* Who sees some areas only knows those operators who see no more than that. */
#define TILLD_OPERATOR_SCOPE(roots)                                                                                                    \
  "EXISTS (SELECT FROM operator_area x WHERE x.operator = o.id) AND NOT EXISTS (SELECT FROM operator_area x JOIN area a ON a.id = x.area " \
  "WHERE x.operator = o.id AND NOT a.lineage && " roots ")"

typedef struct {
  gint64   id;       /* 0: no such person, or not active */
  char    *password; /* owned hash; NULL = none */
  char    *account;
  gboolean must_change;
  gboolean over;     /* it was a one-time password, and its time is over */
} TilldCredentials;

typedef struct {
  const char        *account, *name, *password; /* hash; "" for a service, which has a key instead */
  const char        *phone;                     /* NULL = none */
  const char *const *roles;                     /* names, NULL-terminated; an unknown one is INVALID */
  const GArray      *areas;                     /* gint64; NULL or empty: all */
  gboolean           must_change, service;
  TillMoney          sale_limit;
  gint64             hours;                     /* a one-time password opens nothing after them; 0: no end */
} TilldOperatorNew;

typedef struct {
  const char *hash;
  gboolean    must_change;
  gint64      hours; /* as above */
} TilldOperatorPassword;

void     tilld_credentials_clear (TilldCredentials *credentials);
/* Never NOT_FOUND: an unknown account gives id 0, so that the caller spends the same time on it. */
gboolean tilld_operator_credentials (TilldDb *db, const char *account, TilldCredentials *ret, GError **error);
/* CONFLICT when the account is taken. What the caller may give is checked by operator-edit.h. */
gboolean tilld_operator_create (TilldDb *db, const TilldActor *who, const TilldOperatorNew *in, gint64 *ret_id, GError **error);
/* Ends every session of the operator. */
gboolean tilld_operator_set_password (TilldDb *db, const TilldActor *who, gint64 id, const TilldOperatorPassword *in, GError **error);
/* Roles and areas of an operator who has none. */
gboolean tilld_operator_give (TilldDb *db, gint64 id, const char *const *roles, const GArray *areas, GError **error);
/* The record as the log tells it, caller frees; and the log row about it. */
gboolean tilld_operator_body (TilldDb *db, gint64 id, char **ret, GError **error);
gboolean tilld_operator_note (TilldDb *db, const TilldActor *who, const char *action, gint64 id, const char *before, GError **error);
gboolean tilld_operator_kind_from_word (const char *word, int *ret); /* person 0, service 1 */
/* id, account, name, phone, kind, active, must_change, sale_limit, roles, areas, last_login, version. Filters: id, active, kind, role, q. */
gboolean tilld_operator_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
gboolean tilld_operator_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldCredentials, tilld_credentials_clear)

G_END_DECLS
