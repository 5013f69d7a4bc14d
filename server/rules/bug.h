/* SPDX-License-Identifier: GPL-2.0-or-later
 * bug.h: planted bugs that prove the tests have teeth. Zero in every packaged build; a teeth test compiles the rules once
 * per number. */
#pragma once
#include "config.h"

#ifdef TILLD_PLANT_BUG
#define TILLD_HAS_BUG(n) (TILLD_PLANT_BUG == (n))
#else
#define TILLD_HAS_BUG(n) (TILLD_BUG == (n))
#endif

#define TILLD_BUG_BLIND_RETRY   2  /* an ambiguous outcome is sent again without reading back */
#define TILLD_BUG_NO_SNAPSHOT   3  /* nothing is compared before the write, and the reply is believed */
#define TILLD_BUG_EPOCH         5  /* a reading of another epoch or link is accepted */
#define TILLD_BUG_MONEY_32      10 /* money in 32 bits */
/* These live where rules meet rows and bytes: in the store and the line of tests/simulate. */
#define TILLD_BUG_EARLY         1  /* bytes before the sale is committed */
#define TILLD_BUG_SENT_LATER    4  /* bytes before `sent` is committed */
#define TILLD_BUG_OTHER_REPLY   6  /* the reply of another request is accepted */
#define TILLD_BUG_PAY_FIRST     7  /* a refund is paid before the meter gave it */
#define TILLD_BUG_REVERSE_TWICE 8  /* a sale can be reversed again */
#define TILLD_BUG_NEW_ID        9  /* the till asks again with a new id */
#define TILLD_BUG_WALL_LEASE    11 /* the lease is measured with the wall clock */
#define TILLD_BUG_AUDIT_OUTSIDE 12 /* the audit entry is not part of the transaction */
