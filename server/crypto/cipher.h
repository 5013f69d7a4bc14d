/* SPDX-License-Identifier: GPL-2.0-or-later
 * cipher.h: 3DES-CBC, AES-128-CBC and AES-GCM behind the length and key checks that GnuTLS leaves out. 3DES never stands
 * alone: its caller checks a MAC first. AES-CBC is there for one vendor's frames, which have no integrity. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

#define TILLD_DES_KEY   24
#define TILLD_DES_BLOCK 8
#define TILLD_AES_KEY   16
#define TILLD_AES_BLOCK 16
#define TILLD_GCM_NONCE 12
#define TILLD_GCM_TAG   16

typedef struct {
  const guint8 *data;
  gsize         len;
} TilldBytes;

typedef struct _TilldDes TilldDes;
typedef struct _TilldGcm TilldGcm;

/* Equal parts (parity masked) and weak or semi-weak DES keys are INVALID. */
gboolean  tilld_des_check_key (const guint8 key[TILLD_DES_KEY], GError **error);
TilldDes *tilld_des_new (const guint8 key[TILLD_DES_KEY], GError **error);
void      tilld_des_free (TilldDes *des);
/* In place. A length of 0 or no multiple of 8 is INVALID: GnuTLS would abort. The IV is set anew for each call. */
gboolean  tilld_des_encrypt (TilldDes *des, const guint8 iv[TILLD_DES_BLOCK], guint8 *data, gsize len, GError **error);
gboolean  tilld_des_decrypt (TilldDes *des, const guint8 iv[TILLD_DES_BLOCK], guint8 *data, gsize len, GError **error);

/* AES-128, in place, whole blocks; key and IV each time. */
gboolean  tilld_aes_encrypt (const guint8 key[TILLD_AES_KEY], const guint8 iv[TILLD_AES_BLOCK], guint8 *data, gsize len, GError **error);
gboolean  tilld_aes_decrypt (const guint8 key[TILLD_AES_KEY], const guint8 iv[TILLD_AES_BLOCK], guint8 *data, gsize len, GError **error);

/* PKCS#7: pad writes 1..block bytes behind len and returns the new length; strip says FALSE when there is no such padding. */
gsize     tilld_pkcs7_pad (guint8 *data, gsize len, guint block);
gboolean  tilld_pkcs7_strip (const guint8 *data, gsize len, guint block, gsize *ret_len);

TilldGcm *tilld_gcm_new (const guint8 *key, gsize key_len); /* 16 or 32 bytes (asserted) */
void      tilld_gcm_free (TilldGcm *gcm);
/* ret gets plain.len + TILLD_GCM_TAG bytes. A nonce is used once per key: the caller's duty. */
void      tilld_gcm_seal (TilldGcm *gcm, const guint8 nonce[TILLD_GCM_NONCE], TilldBytes aad, TilldBytes plain, guint8 *ret);
/* sealed includes the tag; ret gets sealed.len - TILLD_GCM_TAG bytes. FORBIDDEN when the tag is wrong: ret is then zeroed. */
gboolean  tilld_gcm_open (TilldGcm *gcm, const guint8 nonce[TILLD_GCM_NONCE], TilldBytes aad, TilldBytes sealed, guint8 *ret,
                          GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldDes, tilld_des_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldGcm, tilld_gcm_free)

G_END_DECLS
