/* SPDX-License-Identifier: GPL-2.0-or-later
 * restore-rules.h: do the books belong to this installation as it stands, and, after a restore, what does one meter say of them. Pure. */
#pragma once
#include "server/rules/money-reading.h"
#include "shared/base/till-id.h"

G_BEGIN_DECLS

/* Why a server comes up in RECONCILE. Numbers stand in the table cluster. */
typedef enum {
  TILLD_RESTORE_NONE,
  TILLD_RESTORE_EPOCH,    /* the state file is of another epoch, which the books do not know */
  TILLD_RESTORE_OLDER,    /* the state file has seen newer books */
  TILLD_RESTORE_SYSTEM,   /* another PostgreSQL cluster */
  TILLD_RESTORE_TIMELINE, /* the cluster went back, or another one took over */
  TILLD_RESTORE_JOURNAL,  /* the journal on the other disk knows more */
  TILLD_RESTORE_N
} TilldRestoreReason;
const char *tilld_restore_reason_word (TilldRestoreReason reason);

typedef struct {
  gboolean    has_file, known_epoch; /* known: the file's epoch is the books' or one before it */
  gint64      file_mark, mark;
  const char *file_system, *system, *live_system; /* of the file, the books, and the cluster that runs */
  gint32      file_timeline, timeline, live_timeline;
  guint       journal_ahead;                      /* lines that the books have not */
} TilldRestoreView;
TilldRestoreReason tilld_restore_reason (const TilldRestoreView *view);

/* An order of money of one meter that is not through, in the order of acceptance. */
typedef struct {
  TillId          id;
  TillCommandKind kind;
  gint64          amount;    /* of the purse */
  gboolean        delivered; /* the journal has its verdict: it was on the meter */
} TilldRestoreOrder;

typedef struct {
  guint          recharges, debits; /* so many of each kind, from the oldest, are on the meter */
  TillCaseReason reason;            /* NONE: the meter opens; else it is held */
  TilldPurse     purse;             /* what the books believe with those orders done */
} TilldRestoreVerdict;

/* purse: as restored, with a baseline. What the journal has verdicts of counts in any case; further orders only when the reading is exactly
 * what they make. */
void tilld_restore_judge (const TilldPurse *purse, const TilldMoneyTerms *terms, const TilldRestoreOrder *orders, guint n,
                          const TilldMoneyReading *reading, TilldRestoreVerdict *ret);
/* Two reads of one meter say the same: the balance alone may have fallen. */
gboolean tilld_restore_agree (const TilldMoneyTerms *terms, const TilldMoneyReading *first, const TilldMoneyReading *second);

G_END_DECLS
