/* SPDX-License-Identifier: GPL-2.0-or-later
 * client-id.h: an id that a caller chose makes an operation happen once: the same id with the same content is a repetition, with
 * another content a conflict. Ids never expire. */
#pragma once
#include "server/db/db-conn.h"

G_BEGIN_DECLS

#define TILLD_BODY_HASH 32

typedef enum { TILLD_CLIENT_ID_NEW, TILLD_CLIENT_ID_REPLAY } TilldClientIdState;

/* content: everything the caller could vary, one line each. */
void     tilld_client_id_hash (const char *content, guint8 ret_hash[TILLD_BODY_HASH]);
/* Without taking it. CONFLICT: the id belongs to another content. */
gboolean tilld_client_id_look (TilldDb *db, const TillId *id, const guint8 hash[TILLD_BODY_HASH], TilldClientIdState *ret_state, GError **error);
/* Takes it for the transaction that runs; two at once meet at the unique key, and the second waits for the first. */
gboolean tilld_client_id_take (TilldDb *db, const TillId *id, const guint8 hash[TILLD_BODY_HASH], TilldClientIdState *ret_state, GError **error);

G_END_DECLS
