/* SPDX-License-Identifier: GPL-2.0-or-later
 * receipt.h: what papers say about themselves: which copy this one is, and whether a code that somebody shows is one of ours. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

/* *ret_copy: 0 = the original, n = the n-th copy. Logged. */
gboolean tilld_receipt_printed (TilldDb *db, const TilldActor *who, const TillId *sale, guint *ret_copy, GError **error);

/* code: what the QR of a receipt carries, the sale's id. Members into the open object: code, valid, number, kind, amount, state, channel,
 * created_at, verified_at, reversed, site. Whoever holds the paper may ask; nothing of the customer is told. NOT_FOUND: no paper of ours. */
gboolean tilld_receipt_verify (TilldDb *db, const char *code, TillJsonWrite *w, GError **error);

G_END_DECLS
