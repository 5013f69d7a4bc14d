/* SPDX-License-Identifier: GPL-2.0-or-later
 * profile-decode.h: registers -> values in server units, values -> flags. */
#pragma once
#include "server/profile/profile.h"

G_BEGIN_DECLS

typedef enum { TILLD_VALUE_ABSENT, TILLD_VALUE_OK, TILLD_VALUE_INVALID } TilldValueState;

/* Server units; clock: the civil time as seconds since 1970 without a zone; text in its own buffer. */
typedef struct { TilldValueState state; gint64 number; char text[TILLD_TEXT_MAX]; } TilldValue;

/* regs: the registers of the point alone. Invalid: FFFFFFFF in an energy or purse, bad nibble, bad clock, bad text. */
void              tilld_point_decode (const TilldProfile *profile, const TilldPoint *point, TilldWordOrder gateway_order,
                                      const guint16 *regs, TilldValue *ret);
/* The same for a field of a record or of a write that is read back: numbers and clocks only. */
void              tilld_field_decode (const TilldProfile *profile, const TilldField *field, TilldWordOrder gateway_order,
                                      const guint16 *regs, TilldValue *ret);
/* Bits and numbers already decoded -> flag: 1, 0, or -1 when a point it needs has no value. get returns FALSE for none. */
typedef gboolean (*TilldPointGet) (gpointer data, TilldPointName name, gint64 *ret);
int               tilld_profile_flag (const TilldProfile *profile, TilldFlag flag, TilldPointGet get, gpointer data);

G_END_DECLS
