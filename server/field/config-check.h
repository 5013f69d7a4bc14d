/* SPDX-License-Identifier: GPL-2.0-or-later
 * config-check.h: reads what meters hold besides their readings: one circuit of a line at a time, when the database says it is due. */
#pragma once
#include "server/field/field-private.h"

G_BEGIN_DECLS

TilldChecks *tilld_checks_new (TilldFieldRole *field);
void         tilld_checks_free (TilldChecks *self); /* nothing may be under way on a bus */
void         tilld_checks_scan (TilldChecks *self);

G_END_DECLS
