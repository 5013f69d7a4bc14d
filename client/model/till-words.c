/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-words.c: the enums of the contract as tables. The name is the msgctxt under which till-format translates the words. */
#include "config.h"
#include "client/model/till-words.h"

/* The functions of shared/ take their own enum type; here one signature serves all. */
#define WORDS(id, context, Type)                                                             \
  static const char *id##_to_word (int value) { return till_##id##_word ((Type) value); }    \
  const TillWords till_words_##id = { context, id##_to_word, till_##id##_from_word };

WORDS (meter_state, "meter-state", TillMeterState)
WORDS (meter_mode, "meter-mode", TillMeterMode)
WORDS (relay, "relay", TillRelay)
WORDS (meter_flag, "meter-flag", TillMeterFlag)
WORDS (sale_kind, "sale-kind", TillSaleKind)
WORDS (sale_state, "sale-state", TillSaleState)
WORDS (channel, "channel", TillChannel)
WORDS (command_kind, "command-kind", TillCommandKind)
WORDS (command_state, "command-state", TillCommandState)
WORDS (link_kind, "link-kind", TillLinkKind)
WORDS (link_class, "link-class", TillLinkClass)
WORDS (settlement, "settlement", TillSettlement)
WORDS (purse, "purse", TillPurse)
WORDS (use_class, "use-class", TillUseClass)
WORDS (meter_class, "meter-class", TillMeterClass)
WORDS (alarm_kind, "alarm-kind", TillAlarmKind)
WORDS (severity, "severity", TillSeverity)
WORDS (account_state, "account-state", TillAccountState)
WORDS (area_kind, "area-kind", TillAreaKind)
WORDS (rate, "rate", TillRate)

/* Words of the contract that have no enum of their own: a table is enough to read and to translate them. */
#define WORD_TABLE(id, context, ...)                                                         \
  static const char *const id##_table[] = { __VA_ARGS__ };                                    \
  static const char *id##_to_word (int value)                                                 \
  { return value >= 0 && value < (int) G_N_ELEMENTS (id##_table) ? id##_table[value] : NULL; } \
  static gboolean id##_from_word (const char *word, int *ret_value)                           \
  {                                                                                           \
    for (int i = 0; i < (int) G_N_ELEMENTS (id##_table); i++)                                 \
      if (g_strcmp0 (id##_table[i], word) == 0)                                               \
        {                                                                                     \
          *ret_value = i;                                                                     \
          return TRUE;                                                                        \
        }                                                                                     \
    return FALSE;                                                                             \
  }                                                                                           \
  const TillWords till_words_##id = { context, id##_to_word, id##_from_word };

WORD_TABLE (approval_kind, "approval-kind", "refund", "reversal", "replacement", "case", "tariff", "reconcile", "sale")
WORD_TABLE (restore_verdict, "restore-verdict", "waiting", "equal", "verified", "held")
WORD_TABLE (day_kind, "day-kind", "workday", "restday", "holiday")
WORD_TABLE (import_verdict, "import-verdict", "new", "change", "same", "wrong")
WORD_TABLE (approval_state, "approval-state", "open", "approved", "rejected", "expired", "withdrawn")
WORD_TABLE (proof_state, "proof-state", "open", "done", "aborted")
WORD_TABLE (proof_step, "proof-step", "display", "serial", "set_price", "set_limits", "set_schedule", "set_clock", "relay", "recharge", "debit", "agree")
WORD_TABLE (proof_answer, "proof-answer", "agree", "swapped", "differ", "again", "open", "closed", "go", "skip", "refuse")
WORD_TABLE (proof_verdict, "proof-verdict", "ok", "failed", "skipped", "noted")
WORD_TABLE (capture_state, "capture-state", "ordered", "running", "done", "failed")
WORDS (case_reason, "case-reason", TillCaseReason)
WORD_TABLE (statement_kind, "statement-kind", "sale", "opening", "subsidy", "refund", "reversal", "energy", "allowance", "fixed_fee", "rounding", "adopted",
            "unexplained", "replaced", "other")

WORD_TABLE (operator_kind, "operator-kind", "person", "service")
/* The roles that every site begins with; others are shown as they are called. */
WORD_TABLE (role, "role", "administrator", "auditor", "cashier", "engineer", "finance", "viewer")

/* An operator without areas sees them all. */
WORD_TABLE (area_scope, "area-scope", "none")

/* A link is there or it is not: a boolean of the contract that people read as a word. */
WORD_TABLE (presence, "presence", "offline", "online")

static const TillWords *const all[] = {
  &till_words_meter_state, &till_words_meter_mode, &till_words_relay, &till_words_meter_flag, &till_words_sale_kind,
  &till_words_sale_state, &till_words_channel, &till_words_command_kind, &till_words_command_state, &till_words_link_kind,
  &till_words_link_class, &till_words_settlement, &till_words_purse, &till_words_use_class, &till_words_meter_class,
  &till_words_alarm_kind, &till_words_severity, &till_words_account_state, &till_words_area_kind, &till_words_rate, &till_words_presence,
  &till_words_proof_state, &till_words_proof_step, &till_words_proof_answer, &till_words_proof_verdict, &till_words_capture_state,
    &till_words_approval_kind, &till_words_approval_state, &till_words_case_reason, &till_words_day_kind, &till_words_import_verdict,
    &till_words_restore_verdict,
      &till_words_statement_kind, &till_words_operator_kind, &till_words_role, &till_words_area_scope, NULL
};

const TillWords *const *
till_words_all (void)
{
  return all;
}
