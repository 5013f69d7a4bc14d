/* SPDX-License-Identifier: GPL-2.0-or-later
 * peers.h: gateways of the test that speak the envelope or a vendor's frames to the listener of caller.h, over real sockets. The line
 * behind them is the test: it takes requests and says answers. */
#pragma once
#include "server/crypto/key-file.h"
#include "server/wire/gt3-frame.h"
#include "server/wire/gt3-message.h"
#include "server/wire/vendor-1f1f.h"
#include "server/wire/vendor-7b7b.h"
#include "tests/field/caller.h"

G_BEGIN_DECLS

extern const guint8 peer_master[32], peer_secret[16];

/* Keys of the record, wrapped by a key file of the test. Caller frees the file at the end. */
TilldKeyFile *peer_keys (Caller *c);
void          peer_give_keys (Caller *c, TilldStation *station);

/* A listener with the gateway GW-0001 of so many ports, with keys. */
typedef struct {
  Caller        c;
  TilldKeyFile *keys;
  TilldStation *station;
} World;

void world_open (World *w, guint ports);
void world_close (World *w);
void world_assert_value (World *w, guint32 value); /* what caller_ask asked was answered with it */

/* --- the envelope --- */

typedef struct {
  Caller         *c;
  int             fd;
  TilldGt3Session session;
  TilldGt3Handshake handshake;
  guint8          in[8192];
  guint           in_len;
} Gt3Peer;

/* The greeting with that key; TRUE: the answer's tag was right, the proof is sent and the socket still open. */
gboolean gt3_greet (Gt3Peer *p, Caller *c, const char *code, TilldGt3Suite suite, const guint8 *master);
void     gt3_end (Gt3Peer *p);
void     gt3_say (Gt3Peer *p, guint8 type, const guint8 *plain, guint len);
/* Next frame that came within 100 ms; FALSE: none. */
gboolean gt3_hear (Gt3Peer *p, TilldGt3Frame *ret);
/* A request is there; answers it: status and, for 0, the answer of a read of two registers with that value. */
gboolean gt3_take (Gt3Peer *p, TilldGt3Request *ret, TilldGt3Frame *keep);
void     gt3_answer (Gt3Peer *p, const TilldGt3Request *request, guint8 status, guint32 value);

/* --- vendors --- */

void     v7_say (Caller *c, int fd, guint8 cmd, const guint8 *payload, guint len);
void     v7_register (guint8 payload[58], const char *serial);
/* The greeting of a 1F1F gateway; TRUE: it heard "pass". */
gboolean v1_greet (Caller *c, int fd, const char *gateway, const guint8 *secret);
/* Next frame that came; data belongs to parser. */
gboolean v1_hear (Caller *c, int fd, Tilld1f1fParser *parser, Tilld1f1fFrame *ret);

G_END_DECLS
