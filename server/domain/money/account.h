/* SPDX-License-Identifier: GPL-2.0-or-later
 * account.h: accounts over their life: opened on meters, suspended, handed over, closed with everything given back. */
#pragma once
#include "server/domain/money/sale.h"
#include "server/domain/office/job.h"

G_BEGIN_DECLS

/* A limit that is not given is the default of the place and class; where there is none it stays as the record has it. */
typedef enum { TILLD_GIVEN_ALARM1 = 1, TILLD_GIVEN_ALARM2 = 2, TILLD_GIVEN_OVERLOAD = 4, TILLD_GIVEN_OVERDRAFT = 8 } TilldGivenLimit;

typedef struct {
  gint64    meter, tariff;      /* tariff 0 = not given */
  guint32   given;              /* TilldGivenLimit */
  gint64    alarm1, alarm2, overload_w, overdraft; /* alarms and overdraft as typed, four decimals: the purse says of what */
  gboolean  has_opening;
  TillMoney opening;
  TillId    sale;               /* of the opening amount */
  gboolean  has_carried;        /* the money of an old meter: an opening amount of its own, by transfer */
  TillMoney carried;
  TillId    carried_sale;
  const char *carried_from;     /* which meter it was: the note of that sale; or NULL */
} TilldAccountMeter;

typedef struct {
  TillId      id;               /* nil: without repetition */
  guint8      hash[32];
  const char *code;             /* NULL = the next number */
  gint64      customer;
  gboolean    together;
  TillChannel channel;          /* of the opening amounts */
  guint       n;
  const TilldAccountMeter *meters;
} TilldAccountOpen;

/* OUTSIDE any transaction: the account in one, then each opening amount as a sale of its own; a sale that is refused stands in its meter's
 * step with the reason, the account is open. w: account, meters [{meter, sale, error, carried, carried_error}]. */
gboolean tilld_account_open (TilldLedger *ledger, TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldAccountOpen *in,
                             TillJsonWrite *w, gboolean *ret_replayed, GError **error);

/* The rest inside one. state: open or suspended. */
gboolean tilld_account_set_state (TilldDb *db, const TilldActor *who, gint64 account, TillAccountState state, const char *reason, GError **error);
gboolean tilld_account_transfer (TilldDb *db, const TilldActor *who, gint64 account, gint64 customer, const char *reason, GError **error);
typedef struct { gint64 account; const gint64 *add, *remove; guint n_add, n_remove; } TilldAccountMeters;
gboolean tilld_account_meters (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldAccountMeters *in, GError **error);

typedef struct {
  TillId      id;               /* of the closing: asking again needs the same */
  gint64      account;
  const char *reason;
  TillChannel channel;          /* how what is given back will be paid */
  gboolean    dry_run;
  gboolean    by_itself;        /* a step of the job: nobody looks at it */
} TilldAccountClose;

/* One step: what can be done now is done (debits ordered, meters let go); what waits goes on by itself, as a job `account_close`. The same id
 * again is a step at once. dry_run tells what would be given back and what stands in the way. w: account, state, done, job (what goes on, or
 * none), refund_total, debt_total, meters [...]. */
gboolean tilld_account_close (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldAccountClose *in, TillJsonWrite *w,
                              GError **error);
/* The next step of such a job: on behalf of who began the closing. One that was cancelled gives the account back, suspended. */
gboolean tilld_account_closing_step (TilldDb *db, const TilldProfiles *profiles, const TilldJobTask *task, GError **error);

G_END_DECLS
