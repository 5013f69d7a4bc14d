/* SPDX-License-Identifier: GPL-2.0-or-later
 * trials.h: what commissionings try on real circuits. */
#pragma once
#include "server/field/field-private.h"

G_BEGIN_DECLS

TilldTrials *tilld_trials_new (TilldFieldRole *field);
void         tilld_trials_free (TilldTrials *self); /* nothing may be under way on a bus */
void         tilld_trials_scan (TilldTrials *self);

G_END_DECLS
