/* SPDX-License-Identifier: GPL-2.0-or-later
 * second-factor.h: the code of an authenticator beside the password. An operator begins it, proves it with a code, and from then on each
 * log-in needs one; no code is taken twice. Who lost the authenticator asks an administrator (operator-edit.h), who takes it away. */
#pragma once
#include "server/crypto/key-file.h"
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"

G_BEGIN_DECLS

/* A new secret, base32; nothing needs it yet. CONFLICT: one is in use. Caller wipes and frees. */
gboolean tilld_second_factor_begin (TilldDb *db, const TilldActor *who, TilldKeyFile *keys, char **ret_secret, GError **error);
/* INVALID "code" when it is not the code of now; else in use. CONFLICT: not begun, or in use. */
gboolean tilld_second_factor_confirm (TilldDb *db, const TilldActor *who, TilldKeyFile *keys, const char *code, TillTime now, GError **error);
/* At log-in, after the password was right. code NULL: none was sent. UNAUTHENTICATED with the field "totp"; *ret_guessed: a code was wrong. */
gboolean tilld_second_factor_check (TilldDb *db, gint64 operator_id, TilldKeyFile *keys, const char *code, TillTime now, gboolean *ret_guessed,
                                    GError **error);

G_END_DECLS
