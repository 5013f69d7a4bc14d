/* SPDX-License-Identifier: GPL-2.0-or-later
 * ledger-append.h: posting inside the transaction of a verb that is no sale. All entries of a verb in one call, after everything else is
 * locked: the head of the chain is locked last and kept until the commit. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "server/rules/ledger-rules.h"

G_BEGIN_DECLS

typedef struct {
  TilldLedgerFact fact;     /* what happened; ledger-rules knows the accounts */
  TillId          request;  /* an event happens to a request once */
  gint64          reverses; /* place in the chain of what is taken back; 0 = nothing */
} TilldLedgerEntry;

#define TILLD_ENTRIES_MAX 8

/* CONFLICT when the event happened to the request before, or an account would go below zero. */
gboolean tilld_ledger_append (TilldDb *db, const TilldActor *who, gint64 site, const TilldLedgerEntry *entries, guint n, GError **error);

G_END_DECLS
