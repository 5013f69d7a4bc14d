/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-words.h: the enums of shared/api/till-enums.h as TillWords for field tables and drop-downs. */
#pragma once
#include "client/model/till-record.h"
#include "shared/api/till-enums.h"

G_BEGIN_DECLS

extern const TillWords till_words_meter_state, till_words_meter_mode, till_words_relay, till_words_meter_flag, till_words_sale_kind,
  till_words_sale_state, till_words_channel, till_words_command_kind, till_words_command_state, till_words_link_kind,
  till_words_link_class, till_words_settlement, till_words_purse, till_words_use_class, till_words_meter_class,
  till_words_alarm_kind, till_words_severity, till_words_account_state, till_words_area_kind, till_words_rate, till_words_presence,
  till_words_proof_state, till_words_proof_step, till_words_proof_answer, till_words_proof_verdict, till_words_capture_state,
    till_words_approval_kind, till_words_approval_state, till_words_case_reason, till_words_day_kind, till_words_import_verdict, till_words_restore_verdict,
    till_words_statement_kind, till_words_operator_kind, till_words_role, till_words_area_scope;

/* All of them, NULL-terminated: for tests and for the table of translations. */
const TillWords *const *till_words_all (void);

G_END_DECLS
