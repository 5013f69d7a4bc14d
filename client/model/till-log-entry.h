/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-log-entry.h: one row of the system log.
 * Fields: id time operator operator-name address action object before after result request. */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_LOG_ENTRY (till_log_entry_get_type ())
TILL_DECLARE_RECORD (TillLogEntry, till_log_entry, LOG_ENTRY)

G_END_DECLS
