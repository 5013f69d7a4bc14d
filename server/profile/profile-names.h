/* SPDX-License-Identifier: GPL-2.0-or-later
 * profile-names.h: the words of the profile format as enums: points with their quantity, flags, types, evidence. */
#pragma once
#include "shared/api/till-enums.h"

G_BEGIN_DECLS

/* X (SYMBOL, "word", quantity) */
#define TILLD_POINTS(X) \
  X (ENERGY_TOTAL, "energy_total", ENERGY) X (ENERGY_TIP, "energy_tip", ENERGY) X (ENERGY_PEAK, "energy_peak", ENERGY) \
  X (ENERGY_FLAT, "energy_flat", ENERGY) X (ENERGY_VALLEY, "energy_valley", ENERGY) X (ENERGY_DEEP, "energy_deep", ENERGY) \
  X (ENERGY_FORWARD, "energy_forward", ENERGY) X (ENERGY_REVERSE, "energy_reverse", ENERGY) X (REACTIVE_TOTAL, "reactive_total", ENERGY) \
  X (BALANCE, "balance", PURSE) X (PURCHASED_TOTAL, "purchased_total", PURSE) X (LAST_AMOUNT, "last_amount", PURSE) \
  X (REFUNDED_TOTAL, "refunded_total", PURSE) X (BASE_AMOUNT, "base_amount", PURSE) X (ALARM1, "alarm1", PURSE) \
  X (ALARM2, "alarm2", PURSE) X (OVERDRAFT, "overdraft", PURSE) X (HOARD, "hoard", PURSE) \
  X (PURCHASE_COUNT, "purchase_count", COUNT) X (LAST_COUNT, "last_count", COUNT) X (REFUND_COUNT, "refund_count", COUNT) \
  X (LOAD_TRIPS, "load_trips", COUNT) X (LOAD_ALLOWED, "load_allowed", COUNT) X (CATEGORY, "category", COUNT) \
  X (MODEL, "model", COUNT) X (FIRMWARE, "firmware", COUNT) X (PT, "pt", COUNT) X (CT, "ct", COUNT) \
  X (U, "u", MILLI) X (U_A, "u_a", MILLI) X (U_B, "u_b", MILLI) X (U_C, "u_c", MILLI) \
  X (I, "i", MILLI) X (I_A, "i_a", MILLI) X (I_B, "i_b", MILLI) X (I_C, "i_c", MILLI) \
  X (P, "p", COUNT) X (P_A, "p_a", COUNT) X (P_B, "p_b", COUNT) X (P_C, "p_c", COUNT) \
  X (OVERLOAD, "overload", COUNT) X (Q, "q", COUNT) X (PF, "pf", MILLI) X (F, "f", MILLI) \
  X (PRICE_TIP, "price_tip", PRICE) X (PRICE_PEAK, "price_peak", PRICE) X (PRICE_FLAT, "price_flat", PRICE) \
  X (PRICE_VALLEY, "price_valley", PRICE) X (PRICE_DEEP, "price_deep", PRICE) \
  X (RESTORE_S, "restore_s", COUNT) X (OVERLOAD_RESTORE_S, "overload_restore_s", COUNT) \
  X (STATUS_WORD, "status_word", BITS) X (CONTROL_WORD, "control_word", BITS) X (TRIP_WORD, "trip_word", BITS) \
  X (RUN_WORD, "run_word", BITS) X (FORCED_WORD, "forced_word", BITS) X (MODE_WORD, "mode_word", BITS) \
  X (PREPAID_SWITCH, "prepaid_switch", SWITCH) X (OVERLOAD_ENABLE, "overload_enable", SWITCH) \
  X (FORCED_ENABLE, "forced_enable", SWITCH) X (FORCED_STATE, "forced_state", SWITCH) \
  X (SERIAL, "serial", TEXT) X (CLOCK, "clock", TIME)

/* Field names of writes and records beyond the point names; they follow on in the same numbering. */
#define TILLD_FIELDS(X) \
  X (AMOUNT, "amount", PURSE) X (COUNT, "count", COUNT) X (TIME, "time", TIME) X (DAY_PLAN_1, "day_plan_1", PLAN) \
  X (DAY_PLAN_2, "day_plan_2", PLAN) X (EVENTS_WORK, "events_work", PLAN) X (EVENTS_REST, "events_rest", PLAN) \
  X (PROTECTED, "protected", PLAN) X (SCHEDULE_ENABLE, "schedule_enable", SWITCH) X (WEEK_MASK, "week_mask", COUNT) \
  X (TIER_COUNT, "tier_count", COUNT) X (TIER_TO, "tier_to", ENERGY) X (TIER_ADD, "tier_add", PRICE) \
  X (TIER_PERIOD, "tier_period", COUNT) X (TIER_DAY, "tier_day", COUNT)

typedef enum { TILLD_QUANTITY_ENERGY, TILLD_QUANTITY_PURSE, TILLD_QUANTITY_COUNT, TILLD_QUANTITY_MILLI, TILLD_QUANTITY_PRICE,
               TILLD_QUANTITY_BITS, TILLD_QUANTITY_SWITCH, TILLD_QUANTITY_TEXT, TILLD_QUANTITY_TIME, TILLD_QUANTITY_PLAN } TilldQuantity;

#define TILLD_POINT_MEMBER(s, w, q) TILLD_POINT_##s,
#define TILLD_FIELD_MEMBER(s, w, q) TILLD_FIELD_##s,
typedef enum { TILLD_POINTS (TILLD_POINT_MEMBER) TILLD_POINT_N } TilldPointName;
typedef enum { TILLD_FIELD_FIRST = TILLD_POINT_N - 1, TILLD_FIELDS (TILLD_FIELD_MEMBER) TILLD_FIELD_N } TilldFieldName; /* or a TilldPointName */

typedef enum { TILLD_TYPE_U16, TILLD_TYPE_I16, TILLD_TYPE_U32, TILLD_TYPE_I32, TILLD_TYPE_BITS16, TILLD_TYPE_BCD48, TILLD_TYPE_ASCII,
               TILLD_TYPE_CLOCK, TILLD_TYPE_SLOTS, TILLD_TYPE_EVENTS, TILLD_TYPE_WINDOWS, TILLD_TYPE_ARRAY, TILLD_TYPE_SUM } TilldPointType;
typedef enum { TILLD_POLL_STATUS, TILLD_POLL_FULL, TILLD_POLL_CONFIG, TILLD_POLL_N } TilldPoll;
typedef enum { TILLD_WORDS_DEFAULT, TILLD_WORDS_BIG, TILLD_WORDS_LITTLE } TilldWordOrder;
typedef enum { TILLD_CLOCK_SEC, TILLD_CLOCK_MIN, TILLD_CLOCK_HOUR, TILLD_CLOCK_WEEK, TILLD_CLOCK_DAY, TILLD_CLOCK_MONTH,
               TILLD_CLOCK_YEAR, TILLD_CLOCK_NONE, TILLD_CLOCK_N } TilldClockItem;
typedef enum { TILLD_SLOT_HOUR, TILLD_SLOT_MINUTE, TILLD_SLOT_RATE, TILLD_SLOT_SWITCH, TILLD_SLOT_N } TilldSlotItem;
typedef enum { TILLD_EVIDENCE_OPEN, TILLD_EVIDENCE_GUESS, TILLD_EVIDENCE_SINGLE, TILLD_EVIDENCE_MANUAL, TILLD_EVIDENCE_TWO,
               TILLD_EVIDENCE_DEVICE, TILLD_EVIDENCE_REFERENCE, TILLD_EVIDENCE_N } TilldEvidence;
typedef enum { TILLD_MONEY_MODE_COUNT, TILLD_MONEY_MODE_ADD, TILLD_MONEY_MODE_SUBTRACT, TILLD_MONEY_MODE_NEGATIVE,
               TILLD_MONEY_MODE_PRESET, TILLD_MONEY_MODE_N } TilldMoneyMode;
typedef enum { TILLD_ANSWER_UNKNOWN, TILLD_ANSWER_ACK, TILLD_ANSWER_REFUSE, TILLD_ANSWER_ACCEPT, TILLD_ANSWER_N } TilldCountAnswer;
typedef enum { TILLD_ACTION_CLOSE, TILLD_ACTION_OPEN, TILLD_ACTION_AUTO, TILLD_ACTIONS_N } TilldAction;
typedef enum { TILLD_FLAG_RELAY_CLOSED, TILLD_FLAG_ARREARS, TILLD_FLAG_ALARM1, TILLD_FLAG_ALARM2, TILLD_FLAG_OVERLOAD, TILLD_FLAG_FORCED,
               TILLD_FLAG_FORCED_CLOSED, TILLD_FLAG_PREPAID, TILLD_FLAG_SCHEDULE, TILLD_FLAG_OPENED, TILLD_FLAG_CLOCK_BAD,
               TILLD_FLAG_FAULT, TILLD_FLAGS_N } TilldFlag;

const char   *tilld_field_word (int name); /* point or field name; NULL out of range */
int           tilld_field_from_word (const char *word); /* -1 */
TilldQuantity tilld_field_quantity (int name);
/* Index of word in words[0..n-1], -1; word may be NULL. The tables below are indexed by the enums. */
int           tilld_word_find (const char *const *words, guint n, const char *word);

extern const char *const tilld_flag_words[TILLD_FLAGS_N];
extern const char *const tilld_evidence_words[TILLD_EVIDENCE_N];
extern const char *const tilld_action_words[TILLD_ACTIONS_N];
extern const char *const tilld_money_mode_words[TILLD_MONEY_MODE_N];
extern const char *const tilld_count_answer_words[TILLD_ANSWER_N];
extern const char *const tilld_poll_words[TILLD_POLL_N];
extern const char *const tilld_clock_words[TILLD_CLOCK_N];
extern const char *const tilld_slot_words[TILLD_SLOT_N];

G_END_DECLS
