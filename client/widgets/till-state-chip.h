/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-state-chip.h: glyph + word, 20 px high. Six meter states, and the states of sales and commands.
 * CSS node: tillchip with class = the wire word ("alarm1"). Properties: "words" (string: name of the words, "meter-state"),
 * "value" (int64), "word" (string: wire word instead of value). */
#pragma once
#include <gtk/gtk.h>
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_STATE_CHIP (till_state_chip_get_type ())
G_DECLARE_FINAL_TYPE (TillStateChip, till_state_chip, TILL, STATE_CHIP, GtkWidget)

GtkWidget *till_state_chip_new (const TillWords *words, gint64 value);
void       till_state_chip_set_value (TillStateChip *self, gint64 value);
/* Icon name of a state: "till-state-alarm1-symbolic"; NULL when it has none. */
const char *till_state_chip_icon (const char *words_name, const char *word);

G_END_DECLS
