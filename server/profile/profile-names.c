/* SPDX-License-Identifier: GPL-2.0-or-later
 * profile-names.c: the word tables of the profile format. */
#include "server/profile/profile-names.h"

#define WORD_OF(s, w, q) w,
#define QUANTITY_OF(s, w, q) TILLD_QUANTITY_##q,

static const char *const field_words[TILLD_FIELD_N] = { TILLD_POINTS (WORD_OF) TILLD_FIELDS (WORD_OF) };
static const guint8      field_quantities[TILLD_FIELD_N] = { TILLD_POINTS (QUANTITY_OF) TILLD_FIELDS (QUANTITY_OF) };

const char *const tilld_flag_words[TILLD_FLAGS_N] = { "relay_closed", "arrears", "alarm1", "alarm2", "overload", "forced",
                                                      "forced_closed", "prepaid", "schedule", "opened", "clock_bad", "fault" };
const char *const tilld_evidence_words[TILLD_EVIDENCE_N] = { "open", "guess", "single-source", "manual", "two-sources", "device", "reference" };
const char *const tilld_action_words[TILLD_ACTIONS_N] = { "close", "open", "auto" };
const char *const tilld_money_mode_words[TILLD_MONEY_MODE_N] = { "count", "add", "subtract", "negative", "preset" };
const char *const tilld_count_answer_words[TILLD_ANSWER_N] = { "unknown", "ack", "refuse", "accept" };
const char *const tilld_poll_words[TILLD_POLL_N] = { "status", "full", "config" };
const char *const tilld_clock_words[TILLD_CLOCK_N] = { "sec", "min", "hour", "week", "day", "month", "year", "-" };
const char *const tilld_slot_words[TILLD_SLOT_N] = { "hour", "minute", "rate", "switch" };

int
tilld_word_find (const char *const *words, guint n, const char *word)
{
  for (guint i = 0; word != NULL && i < n; i++)
    if (g_str_equal (words[i], word))
      return (int) i;
  return -1;
}

const char *
tilld_field_word (int name)
{
  return name >= 0 && name < (int) TILLD_FIELD_N ? field_words[name] : NULL;
}

int
tilld_field_from_word (const char *word)
{
  return tilld_word_find (field_words, TILLD_FIELD_N, word);
}

TilldQuantity
tilld_field_quantity (int name)
{
  g_assert (name >= 0 && name < (int) TILLD_FIELD_N);
  return field_quantities[name];
}
