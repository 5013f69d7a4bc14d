/* SPDX-License-Identifier: GPL-2.0-or-later
 * journal.h: what was acknowledged, on another disk than the database: one hash-chained line for each sale that was accepted, each
 * delivery that was verified and all money that went back, flushed before the answer leaves. After a restore of an older backup it
 * tells what the books have lost.
 *
 * A line: n|time in us|event|request|meter|epoch|count|amount|facts|hash; lines of before the facts have one field less. facts:
 * operator,channel,drawer,kind,energy,price,account,customer,purse amount,number,hash of the body; empty where there is none. One more where
 * a second id belongs to it: the sale that is taken back, or the refund that a sale became which was given up.
 * hash = SHA-256 of (hash before | the line up to the last bar), hex. */
#pragma once
#include "server/core/types.h"
#include "shared/api/till-enums.h"
#include "shared/base/till-id.h"

G_BEGIN_DECLS

typedef struct _TilldJournal TilldJournal;

#define TILLD_JOURNAL_FACTS 320 /* ten numbers at their longest, a hash and an id */

typedef struct {
  gint64          n; /* its place; appending numbers by itself */
  TillTime        at;
  TillLedgerEvent event; /* sale_paid, subsidy_given, delivered, debited, reversed, given_up, paid_out */
  TillId          request;
  gint64          meter;
  gint32          epoch, count; /* count: of a verdict, 0 of a sale */
  TillMoney       amount;
  char            facts[TILLD_JOURNAL_FACTS];
} TilldJournalLine;

/* Appends to path, made when it is missing. A last line that a crash left half written is cut off; one that does not fit the chain refuses. */
TilldJournal *tilld_journal_open (const char *path, GError **error);
void          tilld_journal_close (TilldJournal *journal);
/* All lines in one write and one flush. INTERNAL when the disk refuses: the lines are not there. */
gboolean      tilld_journal_append (TilldJournal *journal, const TilldJournalLine *lines, guint n, GError **error);

/* The newest time of a line, which need not be the last; 0: there is none. */
TillTime      tilld_journal_last_at (const TilldJournal *journal);
/* Keys (tilld_journal_key) of the lines behind the last one that is older than since. */
GHashTable   *tilld_journal_keys (const TilldJournal *journal, TillTime since, GError **error);
char         *tilld_journal_key (TillLedgerEvent event, const TillId *request);

/* The newest lines, at most so many, oldest first: TilldJournalLine. */
GArray       *tilld_journal_newest (const TilldJournal *journal, guint limit, GError **error);
const char   *tilld_journal_path (const TilldJournal *journal);

/* The whole file, line by line; INVALID with the line that breaks the chain. each may be NULL; FALSE from it stops. */
typedef gboolean (*TilldJournalEach) (const TilldJournalLine *line, gpointer data, GError **error);
gboolean      tilld_journal_read (const char *path, TilldJournalEach each, gpointer data, gint64 *ret_n, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldJournal, tilld_journal_close)

G_END_DECLS
