/* SPDX-License-Identifier: GPL-2.0-or-later
 * gt3-keys.c: HKDF, HMAC, 3DES-CBC and AES-256-GCM as GT3 puts them together. Order on receipt: length, sequence, tag,
 * decryption, padding. */
#include "tests/simulator/gt3-keys.h"
#include <gnutls/gnutls.h>
#include <string.h>

#define DES_KEY   24
#define DES_BLOCK 8
#define GCM_NONCE 12
#define HEAD      11 /* length, type, sequence */

static const char salt[] = "gridtill/gt3/1";

static void
extract (const guint8 *salt_bytes, gsize n, const guint8 *secret, gsize n_secret, guint8 ret[32])
{
  gnutls_datum_t key = { (guint8 *) secret, (unsigned) n_secret }, with = { (guint8 *) salt_bytes, (unsigned) n };

  g_assert (gnutls_hkdf_extract (GNUTLS_MAC_SHA256, &key, &with, ret) == 0);
}

static void
expand (const guint8 prk[32], const guint8 *info, gsize n_info, guint8 *ret, gsize n)
{
  gnutls_datum_t key = { (guint8 *) prk, 32 }, what = { (guint8 *) info, (unsigned) n_info };

  g_assert (gnutls_hkdf_expand (GNUTLS_MAC_SHA256, &key, &what, ret, n) == 0);
}

/* HKDF-Expand (K0, label | id16, 32) */
static void
derive_label (const guint8 master[SIM_GT3_KEY], const guint8 code[16], const char *label, guint8 ret[SIM_GT3_KEY])
{
  guint8 k0[32], info[32];
  gsize  n = strlen (label);

  extract ((const guint8 *) salt, sizeof salt - 1, master, SIM_GT3_KEY, k0);
  memcpy (info, label, n);
  memcpy (info + n, code, 16);
  expand (k0, info, n + 16, ret, SIM_GT3_KEY);
}

static void
put_code (const char *code, guint8 ret[16])
{
  memset (ret, 0, 16);
  memcpy (ret, code, MIN (strlen (code), 16));
}

void
sim_gt3_identity (SimGt3Identity *identity, const char *code, const guint8 master[SIM_GT3_KEY])
{
  put_code (code, identity->code);
  memcpy (identity->master, master, SIM_GT3_KEY);
  derive_label (master, identity->code, "auth", identity->auth);
}

void
sim_gt3_psk (const guint8 master[SIM_GT3_KEY], const char *code, guint8 ret[SIM_GT3_KEY])
{
  guint8 id[16];

  put_code (code, id);
  derive_label (master, id, "tls-psk", ret);
}

void
sim_gt3_hello (const SimGt3Identity *identity, guint8 suite, const guint8 nonce[SIM_GT3_NONCE], guint8 ret[SIM_GT3_HELLO])
{
  memcpy (ret, "GT\x01", 3);
  ret[3] = suite;
  memcpy (ret + 4, identity->code, 16);
  memcpy (ret + 20, nonce, SIM_GT3_NONCE);
}

static void
hmac_tag (const guint8 key[32], const guint8 *bytes, gsize n, guint8 ret[SIM_GT3_TAG])
{
  guint8 whole[32];

  g_assert (gnutls_hmac_fast (GNUTLS_MAC_SHA256, key, 32, bytes, n, whole) == 0);
  memcpy (ret, whole, SIM_GT3_TAG);
}

void
sim_gt3_answer_tag (const SimGt3Identity *identity, const guint8 *hello, const guint8 *answer, guint8 ret[SIM_GT3_TAG])
{
  guint8 text[1 + SIM_GT3_HELLO + 20] = { SIM_GT3_DOWN };

  memcpy (text + 1, hello, SIM_GT3_HELLO);
  memcpy (text + 1 + SIM_GT3_HELLO, answer, 20);
  hmac_tag (identity->auth, text, sizeof text, ret);
}

void
sim_gt3_prove (const SimGt3Identity *identity, const guint8 *hello, const guint8 *answer, guint8 ret[SIM_GT3_TAG])
{
  guint8 text[1 + 2 * SIM_GT3_HELLO] = { SIM_GT3_UP };

  memcpy (text + 1, hello, SIM_GT3_HELLO);
  memcpy (text + 1 + SIM_GT3_HELLO, answer, SIM_GT3_HELLO);
  hmac_tag (identity->auth, text, sizeof text, ret);
}

/* Equal parts would be single DES; weak and semi-weak keys are known by their parity-free form. */
static gboolean
is_good_des_key (const guint8 *key)
{
  static const guint64 bad[] = {
    0x0000000000000000, 0xfefefefefefefefe, 0xe0e0e0e0f0f0f0f0, 0x1e1e1e1e0e0e0e0e, 0x00fe00fe00fe00fe, 0xfe00fe00fe00fe00,
    0x1ee01ee00ef00ef0, 0xe01ee01ef00ef00e, 0x00e000e000f000f0, 0xe000e000f000f000, 0x1efe1efe0efe0efe, 0xfe1efe1efe0efe0e,
    0x001e001e000e000e, 0x1e001e000e000e00, 0xe0fee0fef0fef0fe, 0xfee0fee0fef0fef0,
  };
  guint64 part[3] = { 0 };

  for (guint i = 0; i < DES_KEY; i++)
    part[i / 8] = part[i / 8] << 8 | (key[i] & 0xfe);
  if (part[0] == part[1] || part[1] == part[2] || part[0] == part[2])
    return FALSE;
  for (guint i = 0; i < 3; i++)
    for (guint k = 0; k < G_N_ELEMENTS (bad); k++)
      if (part[i] == bad[k])
        return FALSE;
  return TRUE;
}

static void
way_clear (SimGt3Way *way)
{
  g_clear_pointer (&way->des, gnutls_cipher_deinit);
  g_clear_pointer (&way->gcm, gnutls_aead_cipher_deinit);
}

static gboolean
way_start (const SimGt3Keys *keys, SimGt3Way *way, const char *dir)
{
  gboolean       suite1 = keys->suite == 1;
  guint8         info[64];
  gsize          n = 5, label;
  gnutls_datum_t key = { way->enc, suite1 ? DES_KEY : 32 }, iv = { NULL, 0 };
  guint8         zero[DES_BLOCK] = { 0 };

  way_clear (way);
  way->seq = 0;
  memcpy (info, "gt3/1", 5);
  info[n++] = keys->suite;
  memcpy (info + n, dir, 3);
  n += 3;
  label = n;
  memcpy (info + label, "enc", 3);
  memcpy (info + label + 3, keys->code, 16);
  expand (keys->prk, info, label + 19, way->enc, key.size);
  memcpy (info + label, suite1 ? "mac" : "niv", 3);
  expand (keys->prk, info, label + 19, way->mac, suite1 ? 32 : GCM_NONCE);
  if (!suite1)
    return gnutls_aead_cipher_init (&way->gcm, GNUTLS_CIPHER_AES_256_GCM, &key) == 0;
  iv = (gnutls_datum_t){ zero, sizeof zero };
  return is_good_des_key (way->enc) && gnutls_cipher_init (&way->des, GNUTLS_CIPHER_3DES_CBC, &key, &iv) == 0;
}

static gboolean
derive (SimGt3Keys *keys, const guint8 *nonce_g, const guint8 *nonce_s, const guint8 *secret)
{
  guint8 nonces[2 * SIM_GT3_NONCE], prk[32];

  memcpy (nonces, nonce_g, SIM_GT3_NONCE);
  memcpy (nonces + SIM_GT3_NONCE, nonce_s, SIM_GT3_NONCE);
  extract (nonces, sizeof nonces, secret, 32, prk);
  memcpy (keys->prk, prk, sizeof prk);
  keys->up.dir = SIM_GT3_UP;
  keys->down.dir = SIM_GT3_DOWN;
  return way_start (keys, &keys->up, "g2s") && way_start (keys, &keys->down, "s2g");
}

gboolean
sim_gt3_keys_start (SimGt3Keys *keys, const SimGt3Identity *identity, guint8 suite, const guint8 *nonce_g, const guint8 *nonce_s)
{
  keys->suite = suite;
  memcpy (keys->code, identity->code, sizeof keys->code);
  return derive (keys, nonce_g, nonce_s, identity->master);
}

gboolean
sim_gt3_keys_next (SimGt3Keys *keys, const guint8 *nonce_g, const guint8 *nonce_s)
{
  guint8 before[32];

  memcpy (before, keys->prk, sizeof before);
  return derive (keys, nonce_g, nonce_s, before);
}

void
sim_gt3_keys_clear (SimGt3Keys *keys)
{
  way_clear (&keys->up);
  way_clear (&keys->down);
  gnutls_memset (keys, 0, sizeof *keys);
}

gsize
sim_gt3_frame_length (guint8 suite, const guint8 *bytes)
{
  gsize len = (gsize) bytes[0] << 8 | bytes[1];

  if (suite == 1)
    return len >= 41 && len <= 1065 && (len - 33) % DES_BLOCK == 0 ? len + 2 : 0;
  return len >= 26 && len <= 1049 ? len + 2 : 0;
}

static void
put_head (guint8 *frame, gsize len, guint8 type, guint64 seq)
{
  frame[0] = (guint8) (len >> 8);
  frame[1] = (guint8) len;
  frame[2] = type;
  for (guint i = 0; i < 8; i++)
    frame[3 + i] = (guint8) (seq >> (56 - 8 * i));
}

static guint64
get_seq (const guint8 *frame)
{
  guint64 seq = 0;

  for (guint i = 0; i < 8; i++)
    seq = seq << 8 | frame[3 + i];
  return seq;
}

static void
frame_tag (const SimGt3Way *way, const guint8 *frame, gsize n, guint8 ret[SIM_GT3_TAG])
{
  guint8 text[1 + SIM_GT3_FRAME_MAX];

  text[0] = way->dir;
  memcpy (text + 1, frame, n);
  hmac_tag (way->mac, text, n + 1, ret);
}

static gsize
seal_des (SimGt3Way *way, const SimGt3Plain *plain, const guint8 *iv, guint8 *frame)
{
  guint8 pad = (guint8) (DES_BLOCK - plain->n % DES_BLOCK);
  gsize  n = plain->n + pad;
  guint8 own[DES_BLOCK];

  if (!iv)
    {
      g_assert (gnutls_rnd (GNUTLS_RND_NONCE, own, sizeof own) == 0);
      iv = own;
    }
  put_head (frame, 33 + n, plain->type, way->seq);
  memcpy (frame + HEAD, iv, DES_BLOCK);
  memcpy (frame + HEAD + DES_BLOCK, plain->bytes, plain->n);
  memset (frame + HEAD + DES_BLOCK + plain->n, pad, pad);
  gnutls_cipher_set_iv (way->des, (void *) iv, DES_BLOCK);
  g_assert (gnutls_cipher_encrypt (way->des, frame + HEAD + DES_BLOCK, n) == 0);
  frame_tag (way, frame, HEAD + DES_BLOCK + n, frame + HEAD + DES_BLOCK + n);
  return HEAD + DES_BLOCK + n + SIM_GT3_TAG;
}

static void
gcm_terms (const SimGt3Way *way, const guint8 *frame, guint8 nonce[GCM_NONCE], guint8 aad[1 + HEAD])
{
  memcpy (nonce, way->mac, GCM_NONCE);
  for (guint i = 0; i < 8; i++)
    nonce[4 + i] ^= frame[3 + i];
  aad[0] = way->dir;
  memcpy (aad + 1, frame, HEAD);
}

static gsize
seal_gcm (SimGt3Way *way, const SimGt3Plain *plain, guint8 *frame)
{
  guint8 nonce[GCM_NONCE], aad[1 + HEAD];
  size_t n = plain->n + SIM_GT3_TAG;

  put_head (frame, 25 + plain->n, plain->type, way->seq);
  gcm_terms (way, frame, nonce, aad);
  g_assert (gnutls_aead_cipher_encrypt (way->gcm, nonce, sizeof nonce, aad, sizeof aad, SIM_GT3_TAG, plain->bytes, plain->n, frame + HEAD, &n) == 0);
  return HEAD + n;
}

gsize
sim_gt3_seal (const SimGt3Keys *keys, SimGt3Way *way, const SimGt3Plain *plain, const guint8 *iv, guint8 *frame)
{
  gsize n = keys->suite == 1 ? seal_des (way, plain, iv, frame) : seal_gcm (way, plain, frame);

  way->seq++;
  return n;
}

static gboolean
open_des (SimGt3Way *way, const guint8 *frame, gsize n, SimGt3Plain *ret)
{
  gsize  n_text = n - HEAD - DES_BLOCK - SIM_GT3_TAG;
  guint8 tag[SIM_GT3_TAG], pad;

  frame_tag (way, frame, n - SIM_GT3_TAG, tag);
  if (gnutls_memcmp (tag, frame + n - SIM_GT3_TAG, SIM_GT3_TAG) != 0 || n_text == 0 || n_text % DES_BLOCK != 0)
    return FALSE;
  memcpy (ret->bytes, frame + HEAD + DES_BLOCK, n_text);
  gnutls_cipher_set_iv (way->des, (void *) (frame + HEAD), DES_BLOCK);
  if (gnutls_cipher_decrypt (way->des, ret->bytes, n_text) != 0)
    return FALSE;
  pad = ret->bytes[n_text - 1];
  if (pad < 1 || pad > DES_BLOCK)
    return FALSE;
  for (guint i = 0; i < pad; i++)
    if (ret->bytes[n_text - 1 - i] != pad)
      return FALSE;
  ret->n = n_text - pad;
  return TRUE;
}

static gboolean
open_gcm (SimGt3Way *way, const guint8 *frame, gsize n, SimGt3Plain *ret)
{
  guint8 nonce[GCM_NONCE], aad[1 + HEAD];
  size_t n_text = sizeof ret->bytes;

  gcm_terms (way, frame, nonce, aad);
  if (gnutls_aead_cipher_decrypt (way->gcm, nonce, sizeof nonce, aad, sizeof aad, SIM_GT3_TAG, frame + HEAD, n - HEAD, ret->bytes, &n_text) != 0)
    return FALSE;
  ret->n = n_text;
  return TRUE;
}

gboolean
sim_gt3_open (const SimGt3Keys *keys, SimGt3Way *way, const guint8 *frame, gsize n, SimGt3Plain *ret)
{
  if (n < 2 || sim_gt3_frame_length (keys->suite, frame) != n || get_seq (frame) != way->seq)
    return FALSE;
  ret->type = frame[2];
  if (!(keys->suite == 1 ? open_des (way, frame, n, ret) : open_gcm (way, frame, n, ret)) || ret->n < 1 || ret->n > SIM_GT3_PLAIN_MAX)
    return FALSE;
  way->seq++;
  return TRUE;
}
