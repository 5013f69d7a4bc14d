/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-case.h: one delivery or counter in doubt: what the ledger believed beside what the meter said.
 * Fields: id meter meter-code room command (uuid) number amount reason (enum case-reason) purse (enum; energy: totals and balances are
 * ten-thousandths of a kWh) sale-energy believed-count believed-total believed-balance reading-count reading-total reading-balance read-at
 * opened-at closed-at decision note; evidence of the conservation check. */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_CASE (till_case_get_type ())
TILL_DECLARE_RECORD (TillCase, till_case, CASE)

G_END_DECLS
