/* SPDX-License-Identifier: GPL-2.0-or-later
 * ledger-verify.h: the books as lines of text, and the proof that they are whole, without a database. One line a transaction:
 *   site|n|event|at_us|request|actor|reverses|kind:owner:amount,...|hash
 * the last line: "head|site|n|hash". hash = SHA-256 of (hash before | the line up to the last bar). */
#pragma once
#include "server/core/types.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

typedef struct {
  gint64 site, transactions;
  gint64 postings;
  char   head[65]; /* hex */
  gint64 wrong_at; /* n of the first wrong transaction; 0 = whole */
} TilldLedgerVerdict;

/* Page by page: site is given, the rest begins at zero. The last page ends with the head. */
typedef struct {
  gint64   site, after, last;
  gboolean begun, ended;
  char     head[160];
} TilldLedgerExport;
gboolean tilld_ledger_export_page (TilldDb *db, TilldLedgerExport *at, GString *out, GError **error);
/* All of it at once. */
gboolean tilld_ledger_export (TilldDb *db, gint64 site, GString *out, GError **error);

/* n, at, event, request, actor, actor_name, reverses, hash, postings [{account, owner, amount}]. Filters: from, to, event, request, meter,
 * actor. */
gboolean tilld_ledger_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);

/* FALSE: INVALID with the line that breaks the chain, does not sum to zero, reverses something twice, or is no line at all. */
gboolean tilld_ledger_verify (const char *text, gsize len, TilldLedgerVerdict *ret_verdict, GError **error);

G_END_DECLS
