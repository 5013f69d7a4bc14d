/* SPDX-License-Identifier: GPL-2.0-or-later
 * meter-purse.h: money into and out of a meter. Every change yields one effect, which the caller journals before any
 * answer leaves. Amounts are raw units of the purse register. */
#pragma once
#include "tests/simulator/meter.h"

G_BEGIN_DECLS

typedef enum {
  SIM_EFFECT_NONE, SIM_EFFECT_RECHARGE, SIM_EFFECT_DEBIT, SIM_EFFECT_CARD, SIM_EFFECT_EDIT, SIM_EFFECT_RESET, SIM_EFFECT_SWAP,
  SIM_EFFECT_RELAY,
} SimEffectKind;

typedef struct {
  SimEffectKind kind;
  gint64        amount_raw;
  guint16       count;
  SimForced     action;
} SimEffect;

#define SIM_ILLEGAL_FUNCTION 1
#define SIM_ILLEGAL_ADDRESS  2
#define SIM_ILLEGAL_VALUE    3
#define SIM_DEVICE_FAILURE   4
#define SIM_DEVICE_BUSY      6

/* 0 = done (perhaps without effect: the same count again), else the exception code. */
guint8 sim_meter_recharge (SimMeter *meter, gint64 amount_raw, guint16 count, SimEffect *ret);
guint8 sim_meter_debit (SimMeter *meter, gint64 amount_raw, gboolean has_count, guint16 count, SimEffect *ret);
/* An absolute balance, only while the relay is open. */
guint8 sim_meter_preset (SimMeter *meter, gint64 balance_raw, SimEffect *ret);

/* Things that happen without the server. */
void sim_meter_card (SimMeter *meter, gint64 amount_raw, SimEffect *ret);
typedef struct { gboolean has_balance, has_total, has_count; gint64 balance_raw, total_raw; guint16 count; } SimEdit;
void sim_meter_edit (SimMeter *meter, const SimEdit *edit, SimEffect *ret);
void sim_meter_reset (SimMeter *meter, SimEffect *ret);
/* What a journal line says about the purse after its effect. */
void sim_meter_restore (SimMeter *meter, const SimEffect *effect, gint64 balance_raw, gint64 total_raw);

G_END_DECLS
