/* SPDX-License-Identifier: GPL-2.0-or-later
 * register-codec.h: one field of a profile to and from register words. Pure. */
#pragma once
#include "tests/simulator/model.h"

G_BEGIN_DECLS

void     sim_codec_put_number (const SimField *field, gboolean little, gint64 raw, guint16 *words);
gint64   sim_codec_get_number (const SimField *field, gboolean little, const guint16 *words);
void     sim_codec_put_text (const SimField *field, const char *text, guint16 *words); /* ascii, bcd48 */
void     sim_codec_put_clock (const SimField *field, gint32 day, int second, guint16 *words);
gboolean sim_codec_get_clock (const SimField *field, const guint16 *words, gint32 *ret_day, int *ret_second);
/* Items of 3 bytes (slots, events) in the order of the field <-> first, hour, minute; windows as they are. */
void     sim_codec_put_items (const SimField *field, const guint8 *items, const guint8 *codes, guint16 *words);
gboolean sim_codec_get_items (const SimField *field, const guint16 *words, const guint8 *codes, guint8 *items);

G_END_DECLS
