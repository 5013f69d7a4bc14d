/* SPDX-License-Identifier: GPL-2.0-or-later
 * gt3-keys.h: keys, tags and sealed frames of the GT3 envelope as a gateway needs them. The simulator's own code, bound to
 * the published vectors and to nothing of the server. */
#pragma once
#include <glib.h>
#include <gnutls/crypto.h>

G_BEGIN_DECLS

#define SIM_GT3_KEY       32
#define SIM_GT3_NONCE     16
#define SIM_GT3_TAG       16
#define SIM_GT3_HELLO     36
#define SIM_GT3_PLAIN_MAX 1024
#define SIM_GT3_FRAME_MAX 1067 /* length field included */
#define SIM_GT3_UP        'G'  /* from the gateway */
#define SIM_GT3_DOWN      'S'

typedef struct { guint8 code[16]; guint8 master[SIM_GT3_KEY]; guint8 auth[SIM_GT3_KEY]; } SimGt3Identity;

typedef struct {
  guint8                    dir;
  guint8                    enc[32], mac[32]; /* suite 1: 24 and 32 bytes; suite 2: 32 and the first 12 */
  guint64                   seq;              /* of the next frame */
  gnutls_cipher_hd_t        des;
  gnutls_aead_cipher_hd_t   gcm;
} SimGt3Way;

typedef struct { guint8 suite; guint8 code[16]; guint8 prk[32]; SimGt3Way up, down; } SimGt3Keys;

typedef struct { guint8 type; gsize n; guint8 bytes[SIM_GT3_PLAIN_MAX + 16]; } SimGt3Plain;

void sim_gt3_identity (SimGt3Identity *identity, const char *code, const guint8 master[SIM_GT3_KEY]);
void sim_gt3_psk (const guint8 master[SIM_GT3_KEY], const char *code, guint8 ret[SIM_GT3_KEY]); /* for TLS */
void sim_gt3_hello (const SimGt3Identity *identity, guint8 suite, const guint8 nonce[SIM_GT3_NONCE], guint8 ret[SIM_GT3_HELLO]);
void sim_gt3_answer_tag (const SimGt3Identity *identity, const guint8 *hello, const guint8 *answer, guint8 ret[SIM_GT3_TAG]);
void sim_gt3_prove (const SimGt3Identity *identity, const guint8 *hello, const guint8 *answer, guint8 ret[SIM_GT3_TAG]);

/* FALSE: keys that suite 1 forbids. first: from the master key, else from the keys before. */
gboolean sim_gt3_keys_start (SimGt3Keys *keys, const SimGt3Identity *identity, guint8 suite, const guint8 *nonce_g, const guint8 *nonce_s);
gboolean sim_gt3_keys_next (SimGt3Keys *keys, const guint8 *nonce_g, const guint8 *nonce_s);
void     sim_gt3_keys_clear (SimGt3Keys *keys);
/* One frame; its length. iv: suite 1 only, NULL random. */
gsize    sim_gt3_seal (const SimGt3Keys *keys, SimGt3Way *way, const SimGt3Plain *plain, const guint8 *iv, guint8 *frame);
/* Length of the whole frame by its first two bytes, 0 = not allowed. */
gsize    sim_gt3_frame_length (guint8 suite, const guint8 *bytes);
gboolean sim_gt3_open (const SimGt3Keys *keys, SimGt3Way *way, const guint8 *frame, gsize n, SimGt3Plain *ret);

G_END_DECLS
