/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-enums.h: states, kinds and classes with their wire words. The numbers are stored in the database: append, never renumber.
 * For each enum E: const char *till_e_word (TillE) (NULL out of range) and gboolean till_e_from_word (const char *, int *). */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* X (SYMBOL, number, "word") */
#define TILL_METER_STATES(X) X (NORMAL, 0, "normal") X (ALARM1, 1, "alarm1") X (ALARM2, 2, "alarm2") X (ARREARS, 3, "arrears") \
  X (UNOPENED, 4, "unopened") X (LOST, 5, "lost")
#define TILL_METER_MODES(X) X (PREPAID, 0, "prepaid") X (FORCED_ON, 1, "forced_on") X (FORCED_OFF, 2, "forced_off")
#define TILL_RELAYS(X) X (UNKNOWN, 0, "unknown") X (CLOSED, 1, "closed") X (OPEN, 2, "open")
#define TILL_SALE_KINDS(X) X (SALE, 0, "sale") X (OPENING, 1, "opening") X (SUBSIDY, 2, "subsidy") X (REFUND, 3, "refund") \
  X (REVERSAL, 4, "reversal") X (TRANSFER, 5, "transfer")
#define TILL_SALE_STATES(X) X (PAID, 0, "paid") X (QUEUED, 1, "queued") X (SENT, 2, "sent") X (VERIFYING, 3, "verifying") \
  X (VERIFIED, 4, "verified") X (HELD, 5, "held") X (CANCELLED, 6, "cancelled")
#define TILL_CHANNELS(X) X (CASH, 0, "cash") X (CARD, 1, "card") X (WECHAT, 2, "wechat") X (ALIPAY, 3, "alipay") \
  X (TRANSFER, 4, "transfer")
#define TILL_COMMAND_KINDS(X) X (RECHARGE, 0, "recharge") X (DEBIT, 1, "debit") X (SET_PRICE, 2, "set_price") \
  X (SET_LIMITS, 3, "set_limits") X (SET_SCHEDULE, 4, "set_schedule") X (FORCE_ON, 5, "force_on") X (FORCE_OFF, 6, "force_off") \
  X (RESTORE_PREPAID, 7, "restore_prepaid") X (READ_NOW, 8, "read_now") X (SET_CLOCK, 9, "set_clock")
#define TILL_COMMAND_STATES(X) X (QUEUED, 0, "queued") X (SENT, 1, "sent") X (VERIFYING, 2, "verifying") \
  X (VERIFIED, 3, "verified") X (FAILED, 4, "failed") X (SUPERSEDED, 5, "superseded") X (CANCELLED, 6, "cancelled") X (HELD, 7, "held")
#define TILL_LINK_KINDS(X) X (SERIAL, 0, "serial") X (RTU_TCP, 1, "rtu_tcp") X (MODBUS_TCP, 2, "modbus_tcp") X (DIAL_IN, 3, "dial_in")
#define TILL_LINK_CLASSES(X) X (NONE, 0, "none") X (CLEAR, 1, "clear") X (VENDOR_AES, 2, "vendor_aes") X (GT3_3DES, 3, "gt3_3des") \
  X (GT3_AES, 4, "gt3_aes") X (TLS, 5, "tls") X (SERIAL, 6, "serial")
#define TILL_SETTLEMENTS(X) X (METER, 0, "meter") X (SERVER, 1, "server") X (NONE, 2, "none")
#define TILL_PURSES(X) X (NONE, 0, "none") X (MONEY, 1, "money") X (ENERGY, 2, "energy")
#define TILL_USE_CLASSES(X) X (DORMITORY, 0, "dormitory") X (SHOP, 1, "shop") X (OFFICE, 2, "office") X (PUBLIC, 3, "public") \
  X (RESIDENCE, 4, "residence") X (OTHER, 5, "other")
#define TILL_METER_CLASSES(X) X (NONE, 0, "none") X (A, 1, "A") X (B, 2, "B") X (C, 3, "C")
#define TILL_ALARM_KINDS(X) X (LOW1, 0, "low1") X (LOW2, 1, "low2") X (ARREARS, 2, "arrears") X (OVERLOAD, 3, "overload") \
  X (TRIPPED, 4, "tripped") X (METER_LOST, 5, "meter_lost") X (GATEWAY_LOST, 6, "gateway_lost") X (STALE, 7, "stale") \
  X (COUNT_MISMATCH, 8, "count_mismatch") X (CONSERVATION, 9, "conservation") X (ENERGY_AFTER_TRIP, 10, "energy_after_trip") \
  X (CLOCK_DRIFT, 11, "clock_drift") X (CLEAR_LINK, 12, "clear_link") X (LOGIN_ATTACK, 13, "login_attack") \
  X (SMS_MODEM, 14, "sms_modem") X (DISK, 15, "disk") X (REPLICATION, 16, "replication") X (SETTING_DIFFERS, 17, "setting_differs") \
  X (RECONCILE, 18, "reconcile")
#define TILL_SEVERITIES(X) X (INFO, 0, "info") X (LOW, 1, "low") X (HIGH, 2, "high")
#define TILL_ACCOUNT_STATES(X) X (OPEN, 0, "open") X (SUSPENDED, 1, "suspended") X (CLOSED, 2, "closed")
#define TILL_AREA_KINDS(X) X (CAMPUS, 0, "campus") X (BUILDING, 1, "building") X (FLOOR, 2, "floor") X (ROOM, 3, "room") X (OTHER, 4, "other")
#define TILL_RATES(X) X (TIP, 0, "tip") X (PEAK, 1, "peak") X (FLAT, 2, "flat") X (VALLEY, 3, "valley") X (DEEP, 4, "deep")
/* Ledger accounts and events of the double-entry ledger. */
#define TILL_LEDGER_ACCOUNTS(X) X (CASH, 0, "cash") X (BANK, 1, "bank") X (TRANSIT, 2, "transit") X (ON_METER, 3, "on_meter") \
  X (SERVER_BALANCE, 4, "server_balance") X (REFUND_DUE, 5, "refund_due") X (SUSPENSE, 6, "suspense") X (REVENUE, 7, "revenue") \
  X (SUBSIDY, 8, "subsidy") X (OVER_SHORT, 9, "over_short")
#define TILL_LEDGER_EVENTS(X) X (SALE_PAID, 0, "sale_paid") X (DELIVERED, 1, "delivered") X (GIVEN_UP, 2, "given_up") \
  X (PAID_OUT, 3, "paid_out") X (SETTLED, 4, "settled") X (DEBITED, 5, "debited") X (REVERSED, 6, "reversed") \
  X (SUBSIDY_GIVEN, 7, "subsidy_given") X (REPLACED, 8, "replaced") X (ADOPTED, 9, "adopted") X (DRAWER_CLOSED, 10, "drawer_closed")

/* Meter flags shown beside the state: a bit set; the words come in this order. */
#define TILL_METER_FLAGS(X) X (OVERLOAD, 0, "overload") X (COUNT_MISMATCH, 1, "count_mismatch") X (DISPUTE, 2, "dispute") \
  X (LIFE_SUPPORT, 3, "life_support") X (CLEAR_LINK, 4, "clear_link") X (UNVERIFIED_MODEL, 5, "unverified_model") \
  X (DERIVED, 6, "derived") X (STALE, 7, "stale")

/* Outcome of one money write; what a reading says against the ledger (reason of a case). */
#define TILL_DELIVERY_OUTCOMES(X) X (NONE, 0, "none") X (NOT_SENT, 1, "not_sent") X (OK, 2, "ok") X (REFUSED, 3, "refused") \
  X (FAILED, 4, "failed") X (TIMEOUT, 5, "timeout") X (GARBAGE, 6, "garbage") X (LINK_LOST, 7, "link_lost") X (UNKNOWN, 8, "unknown")
#define TILL_CASE_REASONS(X) X (NONE, 0, "none") X (COUNT_AHEAD, 1, "count_ahead") X (COUNT_BEHIND, 2, "count_behind") \
  X (AMOUNT_DIFFERS, 3, "amount_differs") X (REFUND_DIFFERS, 4, "refund_differs") X (BALANCE_RISE, 5, "balance_rise") \
  X (METER_SWAPPED, 6, "meter_swapped") X (EPOCH_CHANGED, 7, "epoch_changed") X (REFUSED, 8, "refused") \
  X (ATTEMPTS, 9, "attempts_used_up") X (CONTRADICTION, 10, "contradiction") X (RECORD_DIFFERS, 11, "record_differs") \
  X (COUNT_FULL, 12, "count_full") X (DISCREPANCY, 13, "discrepancy") X (PROOF, 14, "proof")

#define TILL_DEFINE_ENUM(Type, PREFIX, LIST, function)            \
  typedef enum { LIST (TILL_ENUM_MEMBER_##PREFIX) } Type;         \
  const char *function##_word (Type value);                       \
  gboolean    function##_from_word (const char *word, int *ret_value);

#define TILL_ENUM_MEMBER_METER_STATE(n, v, w) TILL_METER_STATE_##n = v,
#define TILL_ENUM_MEMBER_METER_MODE(n, v, w) TILL_METER_MODE_##n = v,
#define TILL_ENUM_MEMBER_RELAY(n, v, w) TILL_RELAY_##n = v,
#define TILL_ENUM_MEMBER_SALE_KIND(n, v, w) TILL_SALE_KIND_##n = v,
#define TILL_ENUM_MEMBER_SALE_STATE(n, v, w) TILL_SALE_STATE_##n = v,
#define TILL_ENUM_MEMBER_CHANNEL(n, v, w) TILL_CHANNEL_##n = v,
#define TILL_ENUM_MEMBER_COMMAND_KIND(n, v, w) TILL_COMMAND_KIND_##n = v,
#define TILL_ENUM_MEMBER_COMMAND_STATE(n, v, w) TILL_COMMAND_STATE_##n = v,
#define TILL_ENUM_MEMBER_LINK_KIND(n, v, w) TILL_LINK_KIND_##n = v,
#define TILL_ENUM_MEMBER_LINK_CLASS(n, v, w) TILL_LINK_CLASS_##n = v,
#define TILL_ENUM_MEMBER_SETTLEMENT(n, v, w) TILL_SETTLEMENT_##n = v,
#define TILL_ENUM_MEMBER_PURSE(n, v, w) TILL_PURSE_##n = v,
#define TILL_ENUM_MEMBER_USE_CLASS(n, v, w) TILL_USE_CLASS_##n = v,
#define TILL_ENUM_MEMBER_METER_CLASS(n, v, w) TILL_METER_CLASS_##n = v,
#define TILL_ENUM_MEMBER_ALARM_KIND(n, v, w) TILL_ALARM_KIND_##n = v,
#define TILL_ENUM_MEMBER_SEVERITY(n, v, w) TILL_SEVERITY_##n = v,
#define TILL_ENUM_MEMBER_ACCOUNT_STATE(n, v, w) TILL_ACCOUNT_STATE_##n = v,
#define TILL_ENUM_MEMBER_AREA_KIND(n, v, w) TILL_AREA_KIND_##n = v,
#define TILL_ENUM_MEMBER_RATE(n, v, w) TILL_RATE_##n = v,
#define TILL_ENUM_MEMBER_LEDGER_ACCOUNT(n, v, w) TILL_LEDGER_ACCOUNT_##n = v,
#define TILL_ENUM_MEMBER_LEDGER_EVENT(n, v, w) TILL_LEDGER_EVENT_##n = v,
#define TILL_ENUM_MEMBER_DELIVERY_OUTCOME(n, v, w) TILL_DELIVERY_OUTCOME_##n = v,
#define TILL_ENUM_MEMBER_CASE_REASON(n, v, w) TILL_CASE_REASON_##n = v,
#define TILL_ENUM_MEMBER_METER_FLAG(n, v, w) TILL_METER_FLAG_##n = (1 << v),

TILL_DEFINE_ENUM (TillMeterState, METER_STATE, TILL_METER_STATES, till_meter_state)
TILL_DEFINE_ENUM (TillMeterMode, METER_MODE, TILL_METER_MODES, till_meter_mode)
TILL_DEFINE_ENUM (TillRelay, RELAY, TILL_RELAYS, till_relay)
TILL_DEFINE_ENUM (TillSaleKind, SALE_KIND, TILL_SALE_KINDS, till_sale_kind)
TILL_DEFINE_ENUM (TillSaleState, SALE_STATE, TILL_SALE_STATES, till_sale_state)
TILL_DEFINE_ENUM (TillChannel, CHANNEL, TILL_CHANNELS, till_channel)
TILL_DEFINE_ENUM (TillCommandKind, COMMAND_KIND, TILL_COMMAND_KINDS, till_command_kind)
TILL_DEFINE_ENUM (TillCommandState, COMMAND_STATE, TILL_COMMAND_STATES, till_command_state)
TILL_DEFINE_ENUM (TillLinkKind, LINK_KIND, TILL_LINK_KINDS, till_link_kind)
TILL_DEFINE_ENUM (TillLinkClass, LINK_CLASS, TILL_LINK_CLASSES, till_link_class)
TILL_DEFINE_ENUM (TillSettlement, SETTLEMENT, TILL_SETTLEMENTS, till_settlement)
TILL_DEFINE_ENUM (TillPurse, PURSE, TILL_PURSES, till_purse)
TILL_DEFINE_ENUM (TillUseClass, USE_CLASS, TILL_USE_CLASSES, till_use_class)
TILL_DEFINE_ENUM (TillMeterClass, METER_CLASS, TILL_METER_CLASSES, till_meter_class)
TILL_DEFINE_ENUM (TillAlarmKind, ALARM_KIND, TILL_ALARM_KINDS, till_alarm_kind)
TILL_DEFINE_ENUM (TillSeverity, SEVERITY, TILL_SEVERITIES, till_severity)
TILL_DEFINE_ENUM (TillAccountState, ACCOUNT_STATE, TILL_ACCOUNT_STATES, till_account_state)
TILL_DEFINE_ENUM (TillAreaKind, AREA_KIND, TILL_AREA_KINDS, till_area_kind)
TILL_DEFINE_ENUM (TillRate, RATE, TILL_RATES, till_rate)
TILL_DEFINE_ENUM (TillLedgerAccount, LEDGER_ACCOUNT, TILL_LEDGER_ACCOUNTS, till_ledger_account)
TILL_DEFINE_ENUM (TillLedgerEvent, LEDGER_EVENT, TILL_LEDGER_EVENTS, till_ledger_event)
TILL_DEFINE_ENUM (TillDeliveryOutcome, DELIVERY_OUTCOME, TILL_DELIVERY_OUTCOMES, till_delivery_outcome)
TILL_DEFINE_ENUM (TillCaseReason, CASE_REASON, TILL_CASE_REASONS, till_case_reason)
TILL_DEFINE_ENUM (TillMeterFlag, METER_FLAG, TILL_METER_FLAGS, till_meter_flag)

#define TILL_N_RATES 5

G_END_DECLS
