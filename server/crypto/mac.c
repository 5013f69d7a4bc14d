/* SPDX-License-Identifier: GPL-2.0-or-later
 * mac.c: thin and asserted over GnuTLS. */
#include "server/crypto/mac.h"
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

static gnutls_datum_t
datum (gconstpointer data, gsize len)
{
  g_assert (len <= G_MAXUINT);
  return (gnutls_datum_t){ (unsigned char *) data, (unsigned int) len };
}

void
tilld_sha256 (gconstpointer data, gsize len, guint8 ret[TILLD_SHA256])
{
  int status = gnutls_hash_fast (GNUTLS_DIG_SHA256, data, len, ret);
  g_assert (status == 0);
}

void
tilld_hmac (gconstpointer key, gsize key_len, gconstpointer data, gsize len, guint8 ret[TILLD_SHA256])
{
  int status = gnutls_hmac_fast (GNUTLS_MAC_SHA256, key, key_len, data, len, ret);
  g_assert (status == 0);
}

void
tilld_hkdf_extract (gconstpointer salt, gsize salt_len, gconstpointer secret, gsize secret_len, guint8 ret[TILLD_SHA256])
{
  gnutls_datum_t salt_datum = datum (salt, salt_len), secret_datum = datum (secret, secret_len);
  int status = gnutls_hkdf_extract (GNUTLS_MAC_SHA256, &secret_datum, &salt_datum, ret);
  g_assert (status == 0);
}

void
tilld_hkdf_expand (const guint8 prk[TILLD_SHA256], gconstpointer info, gsize info_len, guint8 *ret, gsize len)
{
  gnutls_datum_t prk_datum = datum (prk, TILLD_SHA256), info_datum = datum (info, info_len);
  int status = gnutls_hkdf_expand (GNUTLS_MAC_SHA256, &prk_datum, &info_datum, ret, len);
  g_assert (status == 0);
}

void
tilld_random (gpointer ret, gsize len)
{
  int status = gnutls_rnd (GNUTLS_RND_KEY, ret, len);
  g_assert (status == 0);
}

gboolean
tilld_equal (gconstpointer a, gconstpointer b, gsize len)
{
  return gnutls_memcmp (a, b, len) == 0;
}

void
tilld_wipe (gpointer data, gsize len)
{
  gnutls_memset (data, 0, len);
}

void
tilld_random_token (char ret[TILLD_TOKEN_TEXT])
{
  guint8 bytes[32];
  g_autofree char *text = NULL;

  tilld_random (bytes, sizeof bytes);
  text = g_base64_encode (bytes, sizeof bytes); /* 43 characters and one "=" */
  for (guint i = 0; i < TILLD_TOKEN_TEXT - 1; i++)
    ret[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
  ret[TILLD_TOKEN_TEXT - 1] = '\0';
  tilld_wipe (bytes, sizeof bytes);
  tilld_wipe (text, TILLD_TOKEN_TEXT);
}

char *
tilld_hex (gconstpointer data, gsize len)
{
  static const char digits[] = "0123456789abcdef";
  const guint8 *bytes = data;
  char *text = g_malloc (len * 2 + 1);

  for (gsize i = 0; i < len; i++)
    {
      text[2 * i] = digits[bytes[i] >> 4];
      text[2 * i + 1] = digits[bytes[i] & 15];
    }
  text[2 * len] = '\0';
  return text;
}
