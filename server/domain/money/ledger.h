/* SPDX-License-Identifier: GPL-2.0-or-later
 * ledger.h: the one lane that posts. Any thread hands over an item and waits for its verdict; what is queued (<= 256) is
 * posted by one call of ledger_post () and one commit. Never wait inside an open transaction. */
#pragma once
#include "server/core/types.h"
#include "server/rules/ledger-rules.h"
#include "shared/base/till-id.h"

G_BEGIN_DECLS

typedef struct _TilldLedger TilldLedger;

G_END_DECLS
