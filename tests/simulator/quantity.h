/* SPDX-License-Identifier: GPL-2.0-or-later
 * quantity.h: the names a meter profile may use, as numbers, and the unit of each. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Server units of one unit of the name; PURSE depends on the kind of purse. */
#define SIM_UNIT_PURSE 0

#define SIM_QUANTITIES(X)                                                                                               \
  X (ENERGY_TOTAL, "energy_total", 1000) X (ENERGY_TIP, "energy_tip", 1000) X (ENERGY_PEAK, "energy_peak", 1000)        \
  X (ENERGY_FLAT, "energy_flat", 1000) X (ENERGY_VALLEY, "energy_valley", 1000) X (ENERGY_DEEP, "energy_deep", 1000)    \
  X (ENERGY_FORWARD, "energy_forward", 1000) X (ENERGY_REVERSE, "energy_reverse", 1000)                                 \
  X (REACTIVE_TOTAL, "reactive_total", 1000)                                                                            \
  X (BALANCE, "balance", SIM_UNIT_PURSE) X (PURCHASED_TOTAL, "purchased_total", SIM_UNIT_PURSE)                         \
  X (LAST_AMOUNT, "last_amount", SIM_UNIT_PURSE) X (REFUNDED_TOTAL, "refunded_total", SIM_UNIT_PURSE)                   \
  X (BASE_AMOUNT, "base_amount", SIM_UNIT_PURSE) X (ALARM1, "alarm1", SIM_UNIT_PURSE) X (ALARM2, "alarm2", SIM_UNIT_PURSE) \
  X (OVERDRAFT, "overdraft", SIM_UNIT_PURSE) X (HOARD, "hoard", SIM_UNIT_PURSE) X (AMOUNT, "amount", SIM_UNIT_PURSE)    \
  X (COUNT, "count", 1) X (PURCHASE_COUNT, "purchase_count", 1) X (LAST_COUNT, "last_count", 1)                         \
  X (REFUND_COUNT, "refund_count", 1) X (LOAD_TRIPS, "load_trips", 1) X (LOAD_ALLOWED, "load_allowed", 1)               \
  X (CATEGORY, "category", 1) X (MODEL, "model", 1) X (FIRMWARE, "firmware", 1) X (PT, "pt", 1) X (CT, "ct", 1)         \
  X (U, "u", 1000) X (U_A, "u_a", 1000) X (U_B, "u_b", 1000) X (U_C, "u_c", 1000)                                       \
  X (I, "i", 1000) X (I_A, "i_a", 1000) X (I_B, "i_b", 1000) X (I_C, "i_c", 1000)                                       \
  X (P, "p", 1) X (P_A, "p_a", 1) X (P_B, "p_b", 1) X (P_C, "p_c", 1) X (Q, "q", 1) X (PF, "pf", 1000) X (F, "f", 1000) \
  X (OVERLOAD, "overload", 1)                                                                                           \
  X (PRICE_TIP, "price_tip", 10000) X (PRICE_PEAK, "price_peak", 10000) X (PRICE_FLAT, "price_flat", 10000)             \
  X (PRICE_VALLEY, "price_valley", 10000) X (PRICE_DEEP, "price_deep", 10000)                                           \
  X (RESTORE_S, "restore_s", 1) X (OVERLOAD_RESTORE_S, "overload_restore_s", 1)                                         \
  X (STATUS_WORD, "status_word", 1) X (CONTROL_WORD, "control_word", 1) X (TRIP_WORD, "trip_word", 1)                   \
  X (RUN_WORD, "run_word", 1) X (FORCED_WORD, "forced_word", 1) X (MODE_WORD, "mode_word", 1)                           \
  X (PREPAID_SWITCH, "prepaid_switch", 1) X (OVERLOAD_ENABLE, "overload_enable", 1)                                     \
  X (FORCED_ENABLE, "forced_enable", 1) X (FORCED_STATE, "forced_state", 1)                                             \
  X (SERIAL, "serial", 1) X (CLOCK, "clock", 1) X (TIME, "time", 1)                                                     \
  X (DAY_PLAN_1, "day_plan_1", 1) X (DAY_PLAN_2, "day_plan_2", 1) X (EVENTS_WORK, "events_work", 1)                     \
  X (EVENTS_REST, "events_rest", 1) X (PROTECTED, "protected", 1) X (SCHEDULE_ENABLE, "schedule_enable", 1)             \
  X (WEEK_MASK, "week_mask", 1) X (TIER_COUNT, "tier_count", 1) X (TIER_TO, "tier_to", 1000)                            \
  X (TIER_ADD, "tier_add", 10000) X (TIER_PERIOD, "tier_period", 1) X (TIER_DAY, "tier_day", 1)                         \
  X (LAYOUT_THREE, "layout:three", 1) X (LAYOUT_SINGLE, "layout:single", 1) X (LAYOUT_CT, "layout:ct", 1)

#define SIM_FLAGS(X)                                                                                                    \
  X (RELAY_CLOSED, "relay_closed") X (ARREARS, "arrears") X (ALARM1, "alarm1") X (ALARM2, "alarm2")                     \
  X (OVERLOAD, "overload") X (FORCED, "forced") X (FORCED_CLOSED, "forced_closed") X (PREPAID, "prepaid")               \
  X (SCHEDULE, "schedule") X (OPENED, "opened") X (CLOCK_BAD, "clock_bad") X (FAULT, "fault")

#define SIM_QUANTITY_MEMBER(symbol, name, unit) SIM_Q_##symbol,
#define SIM_FLAG_MEMBER(symbol, name) SIM_FLAG_##symbol,

typedef enum { SIM_QUANTITIES (SIM_QUANTITY_MEMBER) SIM_N_QUANTITIES } SimQuantity;
typedef enum { SIM_FLAGS (SIM_FLAG_MEMBER) SIM_N_FLAGS } SimFlag;

gboolean    sim_quantity_from_name (const char *name, SimQuantity *ret);
const char *sim_quantity_name (SimQuantity quantity);
gint64      sim_quantity_unit (SimQuantity quantity, gboolean purse_energy);
gboolean    sim_flag_from_name (const char *name, SimFlag *ret);

G_END_DECLS
