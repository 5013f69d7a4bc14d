/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-listen.h: the doorbells. One asynchronous connection in a main context; the payload is empty, a bell only says "look". Debounced
 * 50 ms. After every (re)connect all bells ring once: what was missed is found by looking. */
#pragma once
#include "server/db/db-conn.h"

G_BEGIN_DECLS

typedef struct _TilldListen TilldListen;
typedef void (*TilldListenBell) (const char *channel, gpointer user_data);

/* channels: constant names, NULL-terminated: "till_delivery", "till_feed", "till_plant". In context (NULL = default). */
TilldListen *tilld_listen_new (const char *conninfo, const char *const *channels, GMainContext *context, TilldListenBell bell, gpointer user_data);
void         tilld_listen_free (TilldListen *listen);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldListen, tilld_listen_free)

G_END_DECLS
