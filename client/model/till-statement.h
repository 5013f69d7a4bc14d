/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-statement.h: the statement of one meter: its head with the sums, and its lines by time. Amounts have four decimals, so that what is
 * shown adds up. Head: meter meter-code room account account-code customer-name tariff-name settlement together from to opening sold
 * given-back used other closing energy server-difference total. Line: time kind day from to meter-code tariff effective rate tier price energy days
 * estimated sale number channel note amount balance entry use (the clients own: what it is in words; kWh where energy was settled). */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_STATEMENT (till_statement_get_type ())
TILL_DECLARE_RECORD (TillStatement, till_statement, STATEMENT)
#define TILL_TYPE_STATEMENT_LINE (till_statement_line_get_type ())
TILL_DECLARE_RECORD (TillStatementLine, till_statement_line, STATEMENT_LINE)

/* TRUE when opening and all lines are the closing balance, line by line. */
gboolean till_statement_adds_up (TillStatement *self, GListModel *lines);

G_END_DECLS
