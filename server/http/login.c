/* SPDX-License-Identifier: GPL-2.0-or-later
 * login.c: tokens and the short memory of who they belong to. Knows no password and no database. */
#include "server/http/login.h"
#include <string.h>
#include "server/core/clock.h"
#include "server/crypto/mac.h"

#define TOKEN_CHARS (TILLD_TOKEN_TEXT - 1)
#define KNOWN_US    (30 * TILL_SECOND)
#define KNOWN_MAX   4096

struct _TilldLogin {
  TilldClock *clock;
  GHashTable *known; /* hash -> TilldIdentity */
};

TilldIdentity *
tilld_identity_new (const guint8 hash[TILLD_TOKEN_HASH])
{
  TilldIdentity *identity = g_new0 (TilldIdentity, 1);
  g_atomic_ref_count_init (&identity->refs);
  memcpy (identity->hash, hash, TILLD_TOKEN_HASH);
  return identity;
}

TilldIdentity *
tilld_identity_ref (TilldIdentity *identity)
{
  g_atomic_ref_count_inc (&identity->refs);
  return identity;
}

void
tilld_identity_unref (TilldIdentity *identity)
{
  if (!g_atomic_ref_count_dec (&identity->refs))
    return;
  tilld_actor_clear (&identity->actor);
  g_free (identity);
}

static guint
hash_hash (gconstpointer key)
{
  guint value;
  memcpy (&value, key, sizeof value); /* a SHA-256 is as good as any hash of it */
  return value;
}

static gboolean
hash_equal (gconstpointer a, gconstpointer b)
{
  return tilld_equal (a, b, TILLD_TOKEN_HASH);
}

TilldLogin *
tilld_login_new (TilldClock *clock)
{
  TilldLogin *self = g_new0 (TilldLogin, 1);
  self->clock = clock;
  self->known = g_hash_table_new_full (hash_hash, hash_equal, NULL, (GDestroyNotify) tilld_identity_unref);
  return self;
}

void
tilld_login_free (TilldLogin *self)
{
  g_hash_table_unref (self->known);
  g_free (self);
}

TilldIdentity *
tilld_login_cached (TilldLogin *self, const guint8 hash[TILLD_TOKEN_HASH])
{
  TilldIdentity *identity = g_hash_table_lookup (self->known, hash);

  if (identity == NULL)
    return NULL;
  if (tilld_clock_boot_us (self->clock) - identity->known_us < KNOWN_US && tilld_clock_wall (self->clock) < identity->expires_at)
    return tilld_identity_ref (identity);
  g_hash_table_remove (self->known, hash);
  return NULL;
}

void
tilld_login_remember (TilldLogin *self, TilldIdentity *identity)
{
  if (g_hash_table_size (self->known) >= KNOWN_MAX)
    g_hash_table_remove_all (self->known); /* asking again is cheap */
  identity->known_us = tilld_clock_boot_us (self->clock);
  g_hash_table_replace (self->known, identity->hash, tilld_identity_ref (identity));
}

void
tilld_login_forget (TilldLogin *self, const guint8 hash[TILLD_TOKEN_HASH])
{
  g_hash_table_remove (self->known, hash);
}

void
tilld_login_forget_all (TilldLogin *self)
{
  g_hash_table_remove_all (self->known);
}

static void
hash_text (const char *token, guint8 ret_hash[TILLD_TOKEN_HASH])
{
  tilld_sha256 (token, TOKEN_CHARS, ret_hash);
}

gboolean
tilld_token_hash_of_header (const char *authorization, guint8 ret_hash[TILLD_TOKEN_HASH])
{
  const char *token;

  if (authorization == NULL || g_ascii_strncasecmp (authorization, "Bearer ", 7) != 0)
    return FALSE;
  token = authorization + 7;
  if (strlen (token) != TOKEN_CHARS)
    return FALSE;
  for (const char *p = token; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && *p != '-' && *p != '_')
      return FALSE;
  hash_text (token, ret_hash);
  return TRUE;
}

char *
tilld_token_new (guint8 ret_hash[TILLD_TOKEN_HASH])
{
  char *token = g_malloc (TILLD_TOKEN_TEXT);

  tilld_random_token (token);
  hash_text (token, ret_hash);
  return token;
}
