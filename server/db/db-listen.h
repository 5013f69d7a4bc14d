/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-listen.h: the doorbells. One asynchronous connection in a main context; the payload is empty, a bell only says "look". The first
 * after a silence rings at once, the next not before its gap. After every (re)connect all ring once: what was missed is found by looking. */
#pragma once
#include "server/db/db-conn.h"

G_BEGIN_DECLS

typedef struct _TilldListen TilldListen;
typedef void (*TilldListenBell) (const char *channel, gpointer user_data);

typedef struct {
  const char *channel; /* a constant name: "till_delivery" */
  guint       gap_ms;  /* from one ring to the next */
} TilldDoorbell;

/* bells: ended by a row without a channel; copied. In context (NULL = default). */
TilldListen *tilld_listen_new (const char *conninfo, const TilldDoorbell *bells, GMainContext *context, TilldListenBell bell, gpointer user_data);
void         tilld_listen_free (TilldListen *listen);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldListen, tilld_listen_free)

G_END_DECLS
