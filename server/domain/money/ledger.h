/* SPDX-License-Identifier: GPL-2.0-or-later
 * ledger.h: the one lane that posts. Any thread hands over an item and waits for its verdict; what is queued (<= 256) is posted by one
 * call of ledger_post () and one commit, and an item that breaks a check falls out alone. Never wait inside an open transaction. */
#pragma once
#include "server/core/types.h"
#include "server/domain/money/journal.h"
#include "server/rules/ledger-rules.h"
#include "server/rules/money-reading.h"

G_BEGIN_DECLS

typedef struct _TilldLedger TilldLedger;

#define TILLD_LEDGER_BATCH 256
#define TILLD_DRAWER_TO_OPEN G_MAXINT64 /* owner of a cash posting whose drawer is opened in the same transaction */

typedef enum { TILLD_ITEM_SALE = 0, TILLD_ITEM_DELIVERED = 1, TILLD_ITEM_ADOPTED = 2 } TilldLedgerItemKind; /* numbers of ledger_post () */

/* What an item relied on is in it, and checked again under locks. Texts are borrowed until the verdict. */
typedef struct {
  TilldLedgerItemKind kind;
  TillId           request; /* sale, command, or a new id for an adoption */
  guint8           body_hash[32];
  gint64           site, actor;
  const char      *address, *request_text;
  TillLedgerEvent  event;
  TilldPosting     postings[TILLD_POSTINGS_MAX];
  guint            n_postings; /* 0: nothing to post (adoption of an empty purse) */
  gint64           reverses;   /* place in the chain of what is taken back; 0 = nothing */
  gint64           meter;
  gint32           epoch;
  /* sale */
  TillMoney        balance_limit, amount, balance_before, purse_amount;
  TillSaleKind     sale_kind;
  TillSaleState    sale_state;
  TillChannel      channel;
  gint64           drawer, account, customer, area, price, energy; /* 0 = none */
  gboolean         has_before;
  const char      *note;
  /* delivered, adopted */
  gint32           attempt, count; /* count: of the purse afterwards */
  TilldMoneyReading reading;
} TilldLedgerItem;

typedef struct {
  gboolean replayed; /* the same id and body were posted before: read the first answer */
  gint64   number, drawer;
  TillTime at;
} TilldLedgerAnswer;

/* Takes over db; its thread is the lane. */
TilldLedger *tilld_ledger_new (TilldDb *db, TilldClock *clock);
/* Before the first item: lines of what was acknowledged go there too. Taken over; NULL = none. */
void         tilld_ledger_set_journal (TilldLedger *ledger, TilldJournal *journal);
/* Before an old sale is acknowledged again: its line may be missing. Nothing unless an interruption left lines out. */
void         tilld_ledger_complete_journal (TilldLedger *ledger, TilldDb *db);
void         tilld_ledger_free (TilldLedger *ledger); /* works off what is queued */

/* Waits. CONFLICT (id with another body, drawer closed), DISPUTE, STALE (relied on something that changed), LIMIT, BUSY (queue full,
 * database away: nothing is known, ask again with the same id). */
gboolean     tilld_ledger_post (TilldLedger *ledger, const TilldLedgerItem *item, TilldLedgerAnswer *ret_answer, GError **error);

/* The same without a waiting thread; item must live until done, which runs on the lane's thread. */
typedef void (*TilldLedgerDone) (gpointer data, const TilldLedgerAnswer *answer, const GError *error);
gboolean     tilld_ledger_submit (TilldLedger *ledger, const TilldLedgerItem *item, TilldLedgerDone done, gpointer data, GError **error);

/* Inside the transaction of a verb that brings many sales along: all or the first refusal, *ret_refused its item. Each meter at most once; their
 * purses are locked first. After the commit the verb calls missed: the journal learns what was posted without it. */
gboolean     tilld_ledger_post_within (TilldDb *db, const TilldLedgerItem *items, guint n, guint *ret_refused, GError **error);
void         tilld_ledger_missed (TilldLedger *ledger, TilldDb *db);

typedef struct { guint64 items, batches, refused, replayed_alone; guint largest; } TilldLedgerStats;
void         tilld_ledger_stats (TilldLedger *ledger, TilldLedgerStats *ret_stats);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldLedger, tilld_ledger_free)

G_END_DECLS
