/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-statement-words.h: what a line of a statement is, in words: "Consumption · peak · tier 2 · estimated". Pure. */
#pragma once
#include "client/model/till-statement.h"

G_BEGIN_DECLS

/* own_meter: code of the meter the statement is of; another one is named. Caller frees. */
char *till_statement_words (gpointer line, const char *own_meter);

G_END_DECLS
