/* SPDX-License-Identifier: GPL-2.0-or-later
 * value-text.h: registers of a point as people read them on the display. */
#pragma once
#include "server/profile/profile-decode.h"

G_BEGIN_DECLS

/* Decimal text in the unit of the API, text, or "2026-09-01 12:30:00" of a clock; NULL: not valid. Caller frees. */
char *tilld_value_text (const TilldProfile *profile, const TilldPoint *point, TilldWordOrder order, const guint16 *regs);

G_END_DECLS
