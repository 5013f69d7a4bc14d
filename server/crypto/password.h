/* SPDX-License-Identifier: GPL-2.0-or-later
 * password.h: Argon2id. A hash takes a quarter of a second of a core at the default cost: call it on the thread made
 * for it, never on a loop or a database lane. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

#define TILLD_PASSWORD_HASH 128 /* bytes of a hash's text with its NUL */

typedef struct {
  guint memory_kib, passes;
} TilldPasswordCost;

extern const TilldPasswordCost tilld_password_cost_default; /* 64 MiB, 2 passes */
extern const TilldPasswordCost tilld_password_cost_test;    /* microseconds; tests only */

gboolean tilld_password_hash (const char *password, const TilldPasswordCost *cost, char ret_hash[TILLD_PASSWORD_HASH], GError **error);
/* hash NULL (no such user): spends the same time and says FALSE, so that the time does not tell who exists. */
gboolean tilld_password_verify (const char *hash, const char *password, const TilldPasswordCost *cost);
gboolean tilld_password_needs_rehash (const char *hash, const TilldPasswordCost *cost);

/* Length by till_validate_password, not the user's name, not one of the most common ones. */
gboolean tilld_password_check (const char *password, const char *user, GError **error);
/* One-time password for paper: 80 random bits, "h7kq-3mzp-w2xa-n8dt". Caller wipes and frees. */
char    *tilld_password_generate (void);

G_END_DECLS
