/* SPDX-License-Identifier: GPL-2.0-or-later
 * bug.h: planted bugs that prove the tests have teeth. Zero in every packaged build; a teeth test compiles the sources that hold a bug
 * once per number. */
#pragma once
#include <config.h> /* of the build; this folder has another of that name */

#ifdef TILLD_PLANT_BUG
#define TILLD_HAS_BUG(n) (TILLD_PLANT_BUG == (n))
#else
#define TILLD_HAS_BUG(n) (TILLD_BUG == (n))
#endif

#define TILLD_BUG_BLIND_RETRY   2  /* an ambiguous outcome is sent again without reading back: delivery-rules */
#define TILLD_BUG_NO_SNAPSHOT   3  /* nothing is compared before the write, and the reply is believed: delivery-rules */
#define TILLD_BUG_EPOCH         5  /* a reading of another epoch is accepted: delivery-rules */
#define TILLD_BUG_OTHER_REPLY   6  /* the reply of another request is accepted: mb-frame */
#define TILLD_BUG_PAY_FIRST     7  /* a refund is paid before the meter gave it: refund-rules */
#define TILLD_BUG_REVERSE_TWICE 8  /* a sale can be reversed again: refund-rules */
#define TILLD_BUG_MONEY_32      10 /* money in 32 bits: ledger-rules */
/* These are about transactions, clocks and a client, which no rule sees: they live in tests/simulate. */
#define TILLD_BUG_EARLY         1  /* bytes before the sale is committed */
#define TILLD_BUG_SENT_LATER    4  /* bytes before `sent` is committed */
#define TILLD_BUG_NEW_ID        9  /* the till asks again with a new id */
#define TILLD_BUG_WALL_LEASE    11 /* the lease is measured with the wall clock */
#define TILLD_BUG_AUDIT_OUTSIDE 12 /* the audit entry is not part of the transaction */
