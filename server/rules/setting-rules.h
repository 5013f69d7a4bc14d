/* SPDX-License-Identifier: GPL-2.0-or-later
 * setting-rules.h: orders that may be sent again without harm (relay, prices, limits, schedules, clocks): which replaces which, when one
 * is tried again, when it has failed, and when it must be said twice. Pure; field-command.c asks the database the same in SQL. */
#pragma once
#include "shared/api/till-enums.h"

G_BEGIN_DECLS

/* force_on, force_off and restore_prepaid are one setting: the relay. */
gboolean            tilld_setting_is_relay (TillCommandKind kind);
/* Two orders for the same thing of a meter: only the newer may act. A reading is none. */
gboolean            tilld_setting_same (TillCommandKind a, TillCommandKind b);

typedef struct {
  gint32   attempt, refusals; /* so far, this one not counted among the refusals */
  gint64   age_us;            /* since it was ordered */
  gboolean refused;           /* by the meter, now */
} TilldSettingTry;

/* Not through yet: after how long it is tried again. FALSE: it has failed. */
gboolean            tilld_setting_again (const TilldSettingTry *done, guint *ret_wait_s);

/* What is kept of several writes: one of unknown fate is not forgotten for a later one that is known. */
TillDeliveryOutcome tilld_setting_remember (TillDeliveryOutcome kept, TillDeliveryOutcome now);
/* A write of the older relay order may still reach the meter: the newer is sent at once, and once more when nothing of the older can
 * come any more; only then it is verified. */
gboolean            tilld_setting_casts_doubt (TillCommandKind older, gint32 attempts, TillDeliveryOutcome kept, TillCommandKind newer);

G_END_DECLS
