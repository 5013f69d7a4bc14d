/* SPDX-License-Identifier: GPL-2.0-or-later
 * mac.h: SHA-256, HMAC, HKDF, random bytes, comparison in constant time, wiping. None can fail on good arguments: a
 * library that refuses is a broken installation and asserts. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

#define TILLD_SHA256     32
#define TILLD_TOKEN_TEXT 44 /* 32 bytes as base64url without padding, and NUL */

void     tilld_sha256 (gconstpointer data, gsize len, guint8 ret[TILLD_SHA256]);
void     tilld_hmac (gconstpointer key, gsize key_len, gconstpointer data, gsize len, guint8 ret[TILLD_SHA256]);
/* HKDF with SHA-256 (RFC 5869). Labels have no terminator. */
void     tilld_hkdf_extract (gconstpointer salt, gsize salt_len, gconstpointer secret, gsize secret_len, guint8 ret[TILLD_SHA256]);
void     tilld_hkdf_expand (const guint8 prk[TILLD_SHA256], gconstpointer info, gsize info_len, guint8 *ret, gsize len);
void     tilld_random (gpointer ret, gsize len);
gboolean tilld_equal (gconstpointer a, gconstpointer b, gsize len); /* constant time */
void     tilld_wipe (gpointer data, gsize len);                     /* not optimised away */
/* 256 random bits as text, for bearer tokens and cookies. */
void     tilld_random_token (char ret[TILLD_TOKEN_TEXT]);
char    *tilld_hex (gconstpointer data, gsize len); /* lower case; caller frees */

G_END_DECLS
