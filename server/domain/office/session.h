/* SPDX-License-Identifier: GPL-2.0-or-later
 * session.h: log-in sessions. A token is 256 random bits, only its SHA-256 is stored. Idle end 15 min, absolute end 12 h, by
 * the database's clock; a session ends with its operator. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

#define TILLD_SESSION_TOKEN 32 /* bytes of the token's SHA-256 */

/* After the password was found right: session row, last_login, log row session.begin. who: site, request and address of the caller. */
gboolean tilld_session_begin (TilldDb *db, const TilldActor *who, gint64 operator_id, const guint8 hash[TILLD_SESSION_TOKEN],
                              TillTime *ret_expires_at, GError **error);
/* UNAUTHENTICATED when there is none, it ended, or the operator is not active. Renews used_at (at most every 10 s).
 * ret_actor: request and address empty. */
gboolean tilld_session_identify (TilldDb *db, const guint8 hash[TILLD_SESSION_TOKEN], TilldActor *ret_actor, TillTime *ret_expires_at,
                                 GError **error);
gboolean tilld_session_end (TilldDb *db, const TilldActor *who, const guint8 hash[TILLD_SESSION_TOKEN], GError **error);
gboolean tilld_session_end_all (TilldDb *db, gint64 operator_id, GError **error);
/* The key of a service: a session that ends by hand only. */
gboolean tilld_session_key (TilldDb *db, gint64 operator_id, const guint8 hash[TILLD_SESSION_TOKEN], GError **error);
/* id as in the list. NOT_FOUND also for operators whom one may not manage. */
gboolean tilld_session_cut (TilldDb *db, const TilldActor *who, const char *id, GError **error);
/* Rows of sessions that ended go; now and then. */
gboolean tilld_session_sweep (TilldDb *db, GError **error);
/* Members of GET /session for this actor into the open object: operator {id, name, roles, permissions, areas}. */
gboolean tilld_session_write (TilldDb *db, const TilldActor *who, TillJsonWrite *w, GError **error);
/* id, operator, account, name, address, created_at, used_at, expires_at. Filter: operator. */
gboolean tilld_session_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);

G_END_DECLS
