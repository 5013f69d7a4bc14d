/* SPDX-License-Identifier: GPL-2.0-or-later
 * drawer.h: cash boxes: opened with a float, counted blind, closed; the difference is posted, never explained away. What was taken is the
 * sum of the postings, never a figure of its own. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/api/till-enums.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

/* Filters: operator, state, from, to. Own ones without drawer.all; what lies in an own open drawer is not told before it is counted. */
gboolean tilld_drawer_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
gboolean tilld_drawer_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error);

/* CONFLICT: one is open already. The one that a cash sale opened by itself takes the float that was not told then. */
gboolean tilld_drawer_open (TilldDb *db, const TilldActor *who, TillMoney opened_with, gint64 *ret_id, GError **error);
/* counted: all that lies in it, float included. Own one, or any with drawer.all. */
gboolean tilld_drawer_close (TilldDb *db, const TilldActor *who, gint64 id, TillMoney counted, GError **error);
/* The operator's open one, kept open until the commit. CONFLICT: none. */
gboolean tilld_drawer_hold (TilldDb *db, const TilldActor *who, gint64 *ret_id, GError **error);

/* One row a kind and channel of what went through it. */
typedef struct {
  TillSaleKind kind;
  TillChannel  channel;
  gint64       count;
  TillMoney    amount;
} TilldDrawerLine;

typedef struct {
  gint64    id, site, operator_id;
  char     *operator_name; /* owned */
  TillTime  opened_at, closed_at;
  TillMoney opened_with, expected, counted, over_short;
  gboolean  automatic, blind; /* blind: open, and the asker may not know what lies in it */
  GArray   *lines;            /* TilldDrawerLine, owned */
  gint64    chain_n;          /* head of the ledger at this moment */
  char     *chain_hash;       /* owned, hex */
} TilldDrawerReport;

gboolean tilld_drawer_report (TilldDb *db, const TilldActor *who, gint64 id, TilldDrawerReport *ret, GError **error);
void     tilld_drawer_report_clear (TilldDrawerReport *report);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldDrawerReport, tilld_drawer_report_clear)

G_END_DECLS
