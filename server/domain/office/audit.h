/* SPDX-License-Identifier: GPL-2.0-or-later
 * audit.h: the log of who did what: one hash chain a site, written in the transaction of the deed. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

typedef struct {
  const char *action; /* "meter.update"; a permission word where there is one */
  const char *object; /* "meter:17", NULL = none */
  const char *result; /* NULL = "ok", else the error's word */
  const char *before, *after; /* JSON or NULL; never a secret */
} TilldAuditEntry;

/* Takes the last lock of a transaction: the end of a verb is the place for it. */
gboolean tilld_audit_write (TilldDb *db, const TilldActor *who, const TilldAuditEntry *entry, GError **error);
/* n, at, operator, operator_name, address, action, object, result, before, after, request. Filters: from, to, operator, action, result, q.
 * Sorts: at, n, action, operator_name. Newest first. */
gboolean tilld_audit_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
/* *ret_broken_at 0 = whole. */
gboolean tilld_audit_verify (TilldDb *db, gint64 site, gint64 *ret_n, gint64 *ret_broken_at, GError **error);

G_END_DECLS
