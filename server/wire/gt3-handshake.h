/* SPDX-License-Identifier: GPL-2.0-or-later
 * gt3-handshake.h: hello, answer and prove of the gateway envelope (field.md 2.4), for both ends. Pure: nonces come from the caller,
 * nothing is sent here. Any failure is one and the same: close without a word. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

#define TILLD_GT3_HELLO  36
#define TILLD_GT3_ANSWER 36
#define TILLD_GT3_PROVE  16
#define TILLD_GT3_ID     16
#define TILLD_GT3_NONCE  16
#define TILLD_GT3_MASTER 32
#define TILLD_GT3_PSK    32

typedef enum { TILLD_GT3_3DES = 1, TILLD_GT3_AES = 2 } TilldGt3Suite;

typedef struct {
  guint8 hello[TILLD_GT3_HELLO], answer[TILLD_GT3_ANSWER];
} TilldGt3Handshake;

/* 1..16 of [A-Za-z0-9._-]. */
gboolean      tilld_gt3_id_pack (const char *code, guint8 ret_id[TILLD_GT3_ID]);
gboolean      tilld_gt3_id_unpack (const guint8 id[TILLD_GT3_ID], char ret_code[TILLD_GT3_ID + 1]);
/* Could these first bytes (1..36) be a hello? Says FALSE at the first byte that cannot. */
gboolean      tilld_gt3_hello_begins (const guint8 *bytes, gsize len);

/* Server: hello -> code and suite; answer; is the proof right. */
gboolean      tilld_gt3_hello_read (const guint8 hello[TILLD_GT3_HELLO], TilldGt3Handshake *ret_handshake, char ret_code[TILLD_GT3_ID + 1]);
void          tilld_gt3_answer_write (TilldGt3Handshake *handshake, const guint8 master[TILLD_GT3_MASTER], const guint8 nonce[TILLD_GT3_NONCE]);
gboolean      tilld_gt3_prove_check (const TilldGt3Handshake *handshake, const guint8 master[TILLD_GT3_MASTER], const guint8 prove[TILLD_GT3_PROVE]);

/* Gateway: hello; is the answer right; proof. */
gboolean      tilld_gt3_hello_write (TilldGt3Handshake *handshake, const char *code, TilldGt3Suite suite, const guint8 nonce[TILLD_GT3_NONCE]);
gboolean      tilld_gt3_answer_read (TilldGt3Handshake *handshake, const guint8 master[TILLD_GT3_MASTER], const guint8 answer[TILLD_GT3_ANSWER]);
void          tilld_gt3_prove_write (const TilldGt3Handshake *handshake, const guint8 master[TILLD_GT3_MASTER], guint8 ret_prove[TILLD_GT3_PROVE]);

TilldGt3Suite tilld_gt3_suite (const TilldGt3Handshake *handshake);
/* First key of the traffic keys; wipe it after use. */
void          tilld_gt3_first_prk (const TilldGt3Handshake *handshake, const guint8 master[TILLD_GT3_MASTER], guint8 ret_prk[32]);
/* Key for TLS with the gateway's code as identity; FALSE: no such code. */
gboolean      tilld_gt3_psk (const char *code, const guint8 master[TILLD_GT3_MASTER], guint8 ret_psk[TILLD_GT3_PSK]);

G_END_DECLS
