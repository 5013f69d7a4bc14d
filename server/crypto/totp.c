/* SPDX-License-Identifier: GPL-2.0-or-later
 * totp.c: codes of an authenticator (RFC 6238). */
#include "server/crypto/totp.h"
#include <string.h>
#include "server/crypto/mac.h"

#define SHA1 20

void
tilld_totp_code (const guint8 secret[TILLD_TOTP_SECRET], guint64 step, char ret[TILLD_TOTP_CODE])
{
  GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA1, secret, TILLD_TOTP_SECRET);
  guint64 counter = GUINT64_TO_BE (step);
  guint8 mac[SHA1];
  gsize len = sizeof mac;
  guint32 bits;

  g_hmac_update (hmac, (const guchar *) &counter, sizeof counter);
  g_hmac_get_digest (hmac, mac, &len);
  g_hmac_unref (hmac);
  g_assert (len == sizeof mac);
  memcpy (&bits, mac + (mac[SHA1 - 1] & 15), sizeof bits);
  g_snprintf (ret, TILLD_TOTP_CODE, "%06u", (GUINT32_FROM_BE (bits) & 0x7fffffff) % 1000000);
}

gint64
tilld_totp_find (const guint8 secret[TILLD_TOTP_SECRET], const char *code, gint64 now_s, gint64 last_step)
{
  gint64 now = now_s / TILLD_TOTP_STEP_S, found = 0;

  if (strlen (code) != TILLD_TOTP_CODE - 1)
    return 0;
  for (gint64 step = now - 1; step <= now + 1; step++)
    {
      char right[TILLD_TOTP_CODE];

      tilld_totp_code (secret, (guint64) step, right);
      if (tilld_equal (right, code, TILLD_TOTP_CODE - 1) && step > last_step && found == 0)
        found = step;
    }
  return found;
}

char *
tilld_base32 (gconstpointer data, gsize len)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const guint8 *bytes = data;
  GString *text = g_string_sized_new (len * 8 / 5 + 2);
  guint32 bits = 0;
  guint n = 0;

  for (gsize i = 0; i < len; i++)
    {
      bits = bits << 8 | bytes[i];
      for (n += 8; n >= 5; n -= 5)
        g_string_append_c (text, letters[bits >> (n - 5) & 31]);
    }
  if (n > 0)
    g_string_append_c (text, letters[bits << (5 - n) & 31]);
  return g_string_free (text, FALSE);
}
