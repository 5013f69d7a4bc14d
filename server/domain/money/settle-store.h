/* SPDX-License-Identifier: GPL-2.0-or-later
 * settle-store.h: rows of settlement. Locks and reads; decides nothing. Used by settle*.c only. */
#pragma once
#include "server/domain/money/settle.h"

G_BEGIN_DECLS

typedef struct {
  gint64         meter, site, account; /* account 0 = none is open */
  gint32         epoch;
  TillSettlement settlement;
  TillPurse      purse;
  char           model[33];
  gint64         purse_unit;           /* filled by settle.c from the profile */
  gboolean       together;
  guint          heads;
  TillTime       account_since;
  gboolean       has_state;
  gint64         state_account;
  TilldSettleReading last;             /* settled up to here */
  gint32         carry, carry_held;
  TillMoney      difference;
  /* meter-settled: what the ledger believes */
  gboolean       has_baseline, frozen, has_total;
  gint32         purse_epoch;
  TillTime       purse_at;
  TillMoney      total, on_meter;
  gint64         purse_balance;        /* when the purse was last compared */
  gboolean       has_energy;           /* purses of energy: settled before, in this epoch */
  TillEnergy     energy, credited;     /* what they hold by the books; what commands brought so far */
  TillMoney      price;                /* of a kWh now, as it is sold */
  TillDay        held_on;              /* when its prices were read back */
  gboolean       has_held[TILL_N_RATES];
  TillMoney      held[TILL_N_RATES];   /* per kWh */
} TilldSettleMeter;

/* The meter is locked for this transaction, its purse too. NOT_FOUND. */
gboolean tilld_settle_lock (TilldDb *db, gint64 meter, TilldSettleMeter *ret, GError **error);
/* Energy used in periods from that day on: of the meter, or of all meters of its account when they are settled together. Into state->uses. */
gboolean tilld_settle_uses_load (TilldDb *db, const TilldSettleMeter *m, TillDay from, TilldSettleState *state, GError **error);
gboolean tilld_settle_uses_add (TilldDb *db, const TilldSettleMeter *m, const GArray *before, const GArray *after, GError **error);
gboolean tilld_settle_state_store (TilldDb *db, const TilldSettleMeter *m, GError **error);

typedef struct {
  TillId           id;
  TillTime         from, to;
  TillEnergy       energy;
  TillMoney        charge, amount;
  TilldSettleFlags flags;
  gint32           epoch;
} TilldSettlement;
/* lines: TilldChargeLine; rounding: what the meter took beyond the lines, 0 = no line of it. */
gboolean tilld_settlement_insert (TilldDb *db, const TilldSettleMeter *m, const TilldSettlement *s, const GArray *lines, TillMoney rounding, GError **error);

/* What reached or left the meter after a moment, by the ledger, in units of its purse; near: something between 10 minutes before it and 70 after. */
typedef struct {
  TillMoney delivered, debited;
  gboolean  near_delivery, near_debit;
} TilldMovedSince;
gboolean tilld_settle_moved (TilldDb *db, const TilldSettleMeter *m, TillTime since, TilldMovedSince *ret, GError **error);

typedef struct {
  TillDay    day;
  TillEnergy energy;
  TillMoney  bought, deducted, charge, difference, tolerance;
  gboolean   has_energy;  /* a purse of energy: the money is what its Wh are worth */
  TillEnergy energy_deducted, energy_difference, energy_tolerance;
  TillMoney  charge_low, charge_high; /* apart when a price reached the meter between two readings */
  guint      readings;
  TillId     settlement;
} TilldConservationRow;
gboolean tilld_conservation_store (TilldDb *db, const TilldSettleMeter *m, const TilldConservationRow *row, GError **error);
/* A case with the row as evidence, unless the meter has an open one. */
gboolean tilld_conservation_case (TilldDb *db, const TilldSettleMeter *m, const TilldConservationRow *row, GError **error);

G_END_DECLS
