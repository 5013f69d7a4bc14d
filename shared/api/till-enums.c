/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-enums.c: the word functions, one pair per list of till-enums.h. */
#include "shared/api/till-enums.h"
#include <string.h>

#define VALUE(v) (v)
#define BIT(v)   (1 << (v))

#define WORD_CASE(n, v, w)  case v: return w;
#define FLAG_CASE(n, v, w)  case BIT (v): return w;
#define WORD_MATCH(n, v, w) if (strcmp (word, w) == 0) { *ret_value = VALUE (v); return TRUE; }
#define FLAG_MATCH(n, v, w) if (strcmp (word, w) == 0) { *ret_value = BIT (v); return TRUE; }

#define DEFINE_WORDS(Type, LIST, function, CASE, MATCH)           \
  const char *                                                    \
  function##_word (Type value)                                    \
  {                                                               \
    switch ((int) value)                                          \
      {                                                           \
        LIST (CASE)                                               \
      default:                                                    \
        return NULL;                                              \
      }                                                           \
  }                                                               \
                                                                  \
  gboolean                                                        \
  function##_from_word (const char *word, int *ret_value)         \
  {                                                               \
    if (word == NULL)                                             \
      return FALSE;                                               \
    LIST (MATCH)                                                  \
    return FALSE;                                                 \
  }

#define WORDS(Type, LIST, function) DEFINE_WORDS (Type, LIST, function, WORD_CASE, WORD_MATCH)

WORDS (TillMeterState, TILL_METER_STATES, till_meter_state)
WORDS (TillMeterMode, TILL_METER_MODES, till_meter_mode)
WORDS (TillRelay, TILL_RELAYS, till_relay)
WORDS (TillSaleKind, TILL_SALE_KINDS, till_sale_kind)
WORDS (TillSaleState, TILL_SALE_STATES, till_sale_state)
WORDS (TillChannel, TILL_CHANNELS, till_channel)
WORDS (TillCommandKind, TILL_COMMAND_KINDS, till_command_kind)
WORDS (TillCommandState, TILL_COMMAND_STATES, till_command_state)
WORDS (TillLinkKind, TILL_LINK_KINDS, till_link_kind)
WORDS (TillLinkClass, TILL_LINK_CLASSES, till_link_class)
WORDS (TillSettlement, TILL_SETTLEMENTS, till_settlement)
WORDS (TillPurse, TILL_PURSES, till_purse)
WORDS (TillUseClass, TILL_USE_CLASSES, till_use_class)
WORDS (TillMeterClass, TILL_METER_CLASSES, till_meter_class)
WORDS (TillAlarmKind, TILL_ALARM_KINDS, till_alarm_kind)
WORDS (TillSeverity, TILL_SEVERITIES, till_severity)
WORDS (TillAccountState, TILL_ACCOUNT_STATES, till_account_state)
WORDS (TillAreaKind, TILL_AREA_KINDS, till_area_kind)
WORDS (TillRate, TILL_RATES, till_rate)
WORDS (TillLedgerAccount, TILL_LEDGER_ACCOUNTS, till_ledger_account)
WORDS (TillLedgerEvent, TILL_LEDGER_EVENTS, till_ledger_event)
WORDS (TillDeliveryOutcome, TILL_DELIVERY_OUTCOMES, till_delivery_outcome)
WORDS (TillCaseReason, TILL_CASE_REASONS, till_case_reason)
DEFINE_WORDS (TillMeterFlag, TILL_METER_FLAGS, till_meter_flag, FLAG_CASE, FLAG_MATCH)
