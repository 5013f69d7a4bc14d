/* SPDX-License-Identifier: GPL-2.0-or-later
 * login.h: who calls. A token is 256 random bits; only its SHA-256 is stored. Identities are kept 30 s (less when they end sooner), so
 * that a request of a known caller costs no query; forget () drops them when an operator or a session changes. */
#pragma once
#include "server/core/types.h"
#include "server/domain/office/actor.h"

G_BEGIN_DECLS

#define TILLD_TOKEN_HASH 32

typedef struct {
  gatomicrefcount refs;
  guint8          hash[TILLD_TOKEN_HASH];
  TilldActor      actor;      /* request id empty: filled per request in a copy */
  TillTime        expires_at; /* absolute end of the session */
  gint64          known_us;   /* boot time it was looked up */
} TilldIdentity;

typedef struct _TilldLogin TilldLogin;

TilldIdentity *tilld_identity_new (const guint8 hash[TILLD_TOKEN_HASH]);
TilldIdentity *tilld_identity_ref (TilldIdentity *identity);
void           tilld_identity_unref (TilldIdentity *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldIdentity, tilld_identity_unref)

TilldLogin    *tilld_login_new (TilldClock *clock);
void           tilld_login_free (TilldLogin *self);
/* New reference, or NULL: ask the database. */
TilldIdentity *tilld_login_cached (TilldLogin *self, const guint8 hash[TILLD_TOKEN_HASH]);
void           tilld_login_remember (TilldLogin *self, TilldIdentity *identity);
void           tilld_login_forget (TilldLogin *self, const guint8 hash[TILLD_TOKEN_HASH]);
void           tilld_login_forget_all (TilldLogin *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldLogin, tilld_login_free)

/* "Bearer <43 characters>" -> hash; FALSE when it is nothing of that form. */
gboolean       tilld_token_hash_of_header (const char *authorization, guint8 ret_hash[TILLD_TOKEN_HASH]);
char          *tilld_token_new (guint8 ret_hash[TILLD_TOKEN_HASH]); /* caller wipes and frees */

G_END_DECLS
