/* SPDX-License-Identifier: GPL-2.0-or-later
 * totp.h: codes of an authenticator (RFC 6238): HMAC-SHA-1, 30 s, 6 digits, as every such program knows them. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

#define TILLD_TOTP_SECRET 20 /* bytes */
#define TILLD_TOTP_CODE   7  /* six digits and NUL */
#define TILLD_TOTP_STEP_S 30

void     tilld_totp_code (const guint8 secret[TILLD_TOTP_SECRET], guint64 step, char ret[TILLD_TOTP_CODE]);
/* The step whose code this is: the one of now, the one before or after, none that is not above last_step. 0: none. */
gint64   tilld_totp_find (const guint8 secret[TILLD_TOTP_SECRET], const char *code, gint64 now_s, gint64 last_step);
char    *tilld_base32 (gconstpointer data, gsize len); /* without padding; caller wipes and frees */

G_END_DECLS
