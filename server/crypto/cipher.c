/* SPDX-License-Identifier: GPL-2.0-or-later
 * cipher.c: every CBC call is guarded right before it; keys are wiped by GnuTLS with their handles. */
#include "server/crypto/cipher.h"
#include <string.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include "server/crypto/mac.h"

struct _TilldDes {
  gnutls_cipher_hd_t handle;
};

struct _TilldGcm {
  gnutls_aead_cipher_hd_t handle;
};

/* Parity bits are zero here: 0x01 stands as 0x00, 0xFE as 0xFE, 0x1F as 0x1E, 0x0E, 0xE0 and 0xF1 as 0xF0. */
static const guint8 weak_keys[][8] = {
  { 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 }, { 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe },
  { 0xe0, 0xe0, 0xe0, 0xe0, 0xf0, 0xf0, 0xf0, 0xf0 }, { 0x1e, 0x1e, 0x1e, 0x1e, 0x0e, 0x0e, 0x0e, 0x0e },
  { 0x00, 0x1e, 0x00, 0x1e, 0x00, 0x0e, 0x00, 0x0e }, { 0x1e, 0x00, 0x1e, 0x00, 0x0e, 0x00, 0x0e, 0x00 },
  { 0x00, 0xe0, 0x00, 0xe0, 0x00, 0xf0, 0x00, 0xf0 }, { 0xe0, 0x00, 0xe0, 0x00, 0xf0, 0x00, 0xf0, 0x00 },
  { 0x00, 0xfe, 0x00, 0xfe, 0x00, 0xfe, 0x00, 0xfe }, { 0xfe, 0x00, 0xfe, 0x00, 0xfe, 0x00, 0xfe, 0x00 },
  { 0x1e, 0xe0, 0x1e, 0xe0, 0x0e, 0xf0, 0x0e, 0xf0 }, { 0xe0, 0x1e, 0xe0, 0x1e, 0xf0, 0x0e, 0xf0, 0x0e },
  { 0x1e, 0xfe, 0x1e, 0xfe, 0x0e, 0xfe, 0x0e, 0xfe }, { 0xfe, 0x1e, 0xfe, 0x1e, 0xfe, 0x0e, 0xfe, 0x0e },
  { 0xe0, 0xfe, 0xe0, 0xfe, 0xf0, 0xfe, 0xf0, 0xfe }, { 0xfe, 0xe0, 0xfe, 0xe0, 0xfe, 0xf0, 0xfe, 0xf0 },
};

static gboolean
is_weak (const guint8 part[8])
{
  for (guint i = 0; i < G_N_ELEMENTS (weak_keys); i++)
    if (memcmp (part, weak_keys[i], 8) == 0)
      return TRUE;
  return FALSE;
}

gboolean
tilld_des_check_key (const guint8 key[TILLD_DES_KEY], GError **error)
{
  guint8 masked[TILLD_DES_KEY];
  gboolean equal, weak;

  for (guint i = 0; i < TILLD_DES_KEY; i++)
    masked[i] = key[i] & 0xfe;
  equal = memcmp (masked, masked + 8, 8) == 0 || memcmp (masked, masked + 16, 8) == 0 || memcmp (masked + 8, masked + 16, 8) == 0;
  weak = is_weak (masked) || is_weak (masked + 8) || is_weak (masked + 16);
  tilld_wipe (masked, sizeof masked);
  if (equal)
    return till_fail (error, TILL_ERROR_INVALID, "two parts of the 3DES key are equal");
  if (weak)
    return till_fail (error, TILL_ERROR_INVALID, "a part of the 3DES key is weak");
  return TRUE;
}

TilldDes *
tilld_des_new (const guint8 key[TILLD_DES_KEY], GError **error)
{
  g_autofree TilldDes *des = g_new0 (TilldDes, 1);
  const gnutls_datum_t key_datum = { (unsigned char *) key, TILLD_DES_KEY };
  int status;

  if (!tilld_des_check_key (key, error))
    return NULL;
  status = gnutls_cipher_init (&des->handle, GNUTLS_CIPHER_3DES_CBC, &key_datum, NULL);
  if (status != 0)
    {
      till_fail (error, TILL_ERROR_INTERNAL, "3DES: %s", gnutls_strerror (status));
      return NULL;
    }
  return g_steal_pointer (&des);
}

void
tilld_des_free (TilldDes *des)
{
  gnutls_cipher_deinit (des->handle);
  g_free (des);
}

gboolean
tilld_des_encrypt (TilldDes *des, const guint8 iv[TILLD_DES_BLOCK], guint8 *data, gsize len, GError **error)
{
  int status;

  if (len == 0 || len % TILLD_DES_BLOCK != 0)
    return till_fail (error, TILL_ERROR_INVALID, "3DES needs whole blocks");
  gnutls_cipher_set_iv (des->handle, (void *) iv, TILLD_DES_BLOCK);
  status = gnutls_cipher_encrypt2 (des->handle, data, len, data, len);
  if (status != 0)
    return till_fail (error, TILL_ERROR_INTERNAL, "3DES: %s", gnutls_strerror (status));
  return TRUE;
}

gboolean
tilld_des_decrypt (TilldDes *des, const guint8 iv[TILLD_DES_BLOCK], guint8 *data, gsize len, GError **error)
{
  int status;

  if (len == 0 || len % TILLD_DES_BLOCK != 0)
    return till_fail (error, TILL_ERROR_INVALID, "3DES needs whole blocks");
  gnutls_cipher_set_iv (des->handle, (void *) iv, TILLD_DES_BLOCK);
  status = gnutls_cipher_decrypt2 (des->handle, data, len, data, len);
  if (status != 0)
    return till_fail (error, TILL_ERROR_INTERNAL, "3DES: %s", gnutls_strerror (status));
  return TRUE;
}

static gboolean
aes_open (const guint8 key[TILLD_AES_KEY], const guint8 iv[TILLD_AES_BLOCK], gsize len, gnutls_cipher_hd_t *ret_handle, GError **error)
{
  const gnutls_datum_t key_datum = { (unsigned char *) key, TILLD_AES_KEY }, iv_datum = { (unsigned char *) iv, TILLD_AES_BLOCK };
  int status;

  if (len == 0 || len % TILLD_AES_BLOCK != 0)
    return till_fail (error, TILL_ERROR_INVALID, "AES needs whole blocks");
  status = gnutls_cipher_init (ret_handle, GNUTLS_CIPHER_AES_128_CBC, &key_datum, &iv_datum);
  return status == 0 || till_fail (error, TILL_ERROR_INTERNAL, "AES: %s", gnutls_strerror (status));
}

gboolean
tilld_aes_encrypt (const guint8 key[TILLD_AES_KEY], const guint8 iv[TILLD_AES_BLOCK], guint8 *data, gsize len, GError **error)
{
  gnutls_cipher_hd_t handle;
  int status;

  if (!aes_open (key, iv, len, &handle, error))
    return FALSE;
  status = gnutls_cipher_encrypt2 (handle, data, len, data, len);
  gnutls_cipher_deinit (handle);
  return status == 0 || till_fail (error, TILL_ERROR_INTERNAL, "AES: %s", gnutls_strerror (status));
}

gboolean
tilld_aes_decrypt (const guint8 key[TILLD_AES_KEY], const guint8 iv[TILLD_AES_BLOCK], guint8 *data, gsize len, GError **error)
{
  gnutls_cipher_hd_t handle;
  int status;

  if (!aes_open (key, iv, len, &handle, error))
    return FALSE;
  status = gnutls_cipher_decrypt2 (handle, data, len, data, len);
  gnutls_cipher_deinit (handle);
  return status == 0 || till_fail (error, TILL_ERROR_INTERNAL, "AES: %s", gnutls_strerror (status));
}

gsize
tilld_pkcs7_pad (guint8 *data, gsize len, guint block)
{
  guint8 n = (guint8) (block - len % block);

  memset (data + len, n, n);
  return len + n;
}

gboolean
tilld_pkcs7_strip (const guint8 *data, gsize len, guint block, gsize *ret_len)
{
  guint8 n = len > 0 ? data[len - 1] : 0, differ = 0;

  if (len == 0 || len % block != 0 || n == 0 || n > block)
    return FALSE;
  for (guint i = 1; i <= n; i++)
    differ |= data[len - i] ^ n;
  if (differ != 0)
    return FALSE;
  *ret_len = len - n;
  return TRUE;
}

TilldGcm *
tilld_gcm_new (const guint8 *key, gsize key_len)
{
  TilldGcm *gcm = g_new0 (TilldGcm, 1);
  const gnutls_datum_t key_datum = { (unsigned char *) key, (unsigned int) key_len };
  int status;

  g_assert (key_len == 16 || key_len == 32);
  status = gnutls_aead_cipher_init (&gcm->handle, key_len == 16 ? GNUTLS_CIPHER_AES_128_GCM : GNUTLS_CIPHER_AES_256_GCM, &key_datum);
  g_assert (status == 0);
  return gcm;
}

void
tilld_gcm_free (TilldGcm *gcm)
{
  gnutls_aead_cipher_deinit (gcm->handle);
  g_free (gcm);
}

void
tilld_gcm_seal (TilldGcm *gcm, const guint8 nonce[TILLD_GCM_NONCE], TilldBytes aad, TilldBytes plain, guint8 *ret)
{
  size_t ret_len = plain.len + TILLD_GCM_TAG;
  int status = gnutls_aead_cipher_encrypt (gcm->handle, nonce, TILLD_GCM_NONCE, aad.data, aad.len, TILLD_GCM_TAG, plain.data,
                                           plain.len, ret, &ret_len);
  g_assert (status == 0 && ret_len == plain.len + TILLD_GCM_TAG);
}

gboolean
tilld_gcm_open (TilldGcm *gcm, const guint8 nonce[TILLD_GCM_NONCE], TilldBytes aad, TilldBytes sealed, guint8 *ret, GError **error)
{
  size_t ret_len = sealed.len - TILLD_GCM_TAG;

  if (sealed.len < TILLD_GCM_TAG)
    return till_fail (error, TILL_ERROR_INVALID, "sealed bytes are shorter than their tag");
  if (gnutls_aead_cipher_decrypt (gcm->handle, nonce, TILLD_GCM_NONCE, aad.data, aad.len, TILLD_GCM_TAG, sealed.data, sealed.len, ret,
                                  &ret_len)
      == 0)
    return TRUE;
  tilld_wipe (ret, sealed.len - TILLD_GCM_TAG);
  return till_fail (error, TILL_ERROR_FORBIDDEN, "the tag of sealed bytes is wrong");
}
