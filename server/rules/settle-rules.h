/* SPDX-License-Identifier: GPL-2.0-or-later
 * settle-rules.h: what the energy between two readings costs. Pure. The interval is cut where the price changes: another version, another
 * rate, another day, another tier period. Energy goes to the pieces by the registers of the rates where the meter has them, else in
 * proportion to time. The result is what a ledger posts: lines that add up to a total, and a rest below one unit that goes on. */
#pragma once
#include "server/rules/tariff-rules.h"

G_BEGIN_DECLS

/* Which tariff holds from which day on, rising; days before the first belong to the first. Borrowed. */
typedef struct {
  TillDay            from;
  const TilldTariff *tariff;
} TilldTariffSpan;

typedef struct {
  const TilldCivil      *civil;
  const TilldTariffSpan *spans;
  guint                  n_spans; /* > 0 */
  guint                  heads;   /* of the household, for the allowance */
} TilldSettleTerms;

typedef struct {
  TillTime   at;
  gint32     epoch;
  TillEnergy total;
  gboolean   has_rates;
  TillEnergy rates[TILL_N_RATES];
} TilldSettleReading;

/* Energy used so far in a month or year. */
typedef struct {
  TilldPeriod period;
  TillDay     starts;
  TillEnergy  used;
} TilldUse;

typedef struct {
  GArray *uses;  /* TilldUse; entries are found or added */
  gint32  carry; /* of the roundings so far: -500 .. 499 thousandths of 1/10000 unit */
} TilldSettleState;

typedef enum { TILLD_LINE_ENERGY = 0, TILLD_LINE_ALLOWANCE = 1, TILLD_LINE_FIXED = 2 } TilldLineKind; /* numbers of settle_line */

/* One kind of cost within an interval. */
typedef struct {
  TilldLineKind kind;
  gint64        tariff;
  TillDay       effective; /* of the version */
  TillRate      rate;      /* energy, allowance */
  guint         tier;      /* from 0; energy */
  TillMoney     price;     /* per kWh, or per day of the fixed fee */
  TillEnergy    energy;    /* 0 for the fixed fee */
  guint         days;      /* of the fixed fee */
  gboolean      estimated; /* shared out by time because a price changed inside the interval */
  TilldExact    exact;
  TillMoney     amount;    /* the line's share of the total */
} TilldChargeLine;

typedef enum {
  TILLD_SETTLE_OK = 0,
  TILLD_SETTLE_SWAPPED = 1 << 0,   /* another device: no energy is known between them */
  TILLD_SETTLE_BACKWARDS = 1 << 1, /* the register went back: no energy is invented */
  TILLD_SETTLE_ESTIMATED = 1 << 2
} TilldSettleFlags;

typedef struct {
  TillMoney        total;
  TillEnergy       energy;
  TilldSettleFlags flags;
} TilldSettleResult;

void     tilld_settle_state_init (TilldSettleState *state);
void     tilld_settle_state_clear (TilldSettleState *state);
/* The entry of a period, made with 0 when there is none. */
TilldUse *tilld_settle_use (TilldSettleState *state, TilldPeriod period, TillDay starts);
/* First day of the month or year that contains day. */
TillDay  tilld_period_start (TilldPeriod period, TillDay day);

/* to->at > from->at. Appends lines (TilldChargeLine) whose amounts add up to total; moves state. LIMIT: more energy than TILLD_SETTLE_MAX;
 * lines and state are then to be thrown away. */
gboolean tilld_settle_interval (const TilldSettleTerms *terms, const TilldSettleReading *from, const TilldSettleReading *to,
                                TilldSettleState *state, GArray *ret_lines, TilldSettleResult *ret, GError **error);

/* --- does a meter's purse tell the same story as its energy register --- */
typedef struct {
  TillMoney  deducted;      /* what the purse lost: before + bought - refunded - after */
  TillMoney  charge;        /* what the energy costs by the prices the meter holds, at least */
  TillMoney  charge_high;   /* and at most; below charge: it is known to the unit */
  TillMoney  price_max;     /* of them */
  gint64     purse_unit;    /* smallest step of the purse */
  TillEnergy energy_unit;   /* smallest step of the register */
  guint      readings;      /* that lie in the interval */
} TilldConservation;

/* ret_difference = deducted - charge, of the nearer bound, 0 between them; TRUE when it is within the tolerance: 1 fen a
 * reading, a step of the purse, two steps of energy at the highest price. */
gboolean tilld_conservation_holds (const TilldConservation *in, TillMoney *ret_difference, TillMoney *ret_tolerance);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldSettleState, tilld_settle_state_clear)

G_END_DECLS
