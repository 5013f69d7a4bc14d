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

/* A link is there or it is not: a boolean of the contract that people read as a word. */
static const char *
presence_to_word (int value)
{
  return value == 0 ? "offline" : value == 1 ? "online" : NULL;
}

static gboolean
presence_from_word (const char *word, int *ret_value)
{
  if (g_strcmp0 (word, "offline") != 0 && g_strcmp0 (word, "online") != 0)
    return FALSE;
  *ret_value = word[1] == 'n';
  return TRUE;
}

const TillWords till_words_presence = { "presence", presence_to_word, presence_from_word };

static const TillWords *const all[] = {
  &till_words_meter_state, &till_words_meter_mode, &till_words_relay, &till_words_meter_flag, &till_words_sale_kind,
  &till_words_sale_state, &till_words_channel, &till_words_command_kind, &till_words_command_state, &till_words_link_kind,
  &till_words_link_class, &till_words_settlement, &till_words_purse, &till_words_use_class, &till_words_meter_class,
  &till_words_alarm_kind, &till_words_severity, &till_words_account_state, &till_words_area_kind, &till_words_rate, &till_words_presence, NULL
};

const TillWords *const *
till_words_all (void)
{
  return all;
}
