/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-table-states.h: what a table shows instead of rows: loading, empty, nothing matches, failed; a strip when only a later page failed.
 * Private to till-table. Signals "retry", "clear-filters". */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TILL_TYPE_TABLE_STATES (till_table_states_get_type ())
G_DECLARE_FINAL_TYPE (TillTableStates, till_table_states, TILL, TABLE_STATES, GtkWidget)

typedef struct { const char *icon, *title, *text; } TillTableEmpty;

GtkWidget *till_table_states_new (GtkWidget *rows);
void       till_table_states_add_empty_child (TillTableStates *self, GtkWidget *child); /* the one button that helps */
void       till_table_states_show_rows (TillTableStates *self, const char *trouble);    /* trouble: sentence of the strip, or NULL */
void       till_table_states_show_loading (TillTableStates *self);                      /* nothing for 300 ms */
void       till_table_states_show_empty (TillTableStates *self, const TillTableEmpty *empty);
void       till_table_states_show_no_match (TillTableStates *self);
void       till_table_states_show_failed (TillTableStates *self, const char *sentence, const char *next_step);
/* "rows" "loading" "empty" "failed": for tests. */
const char *till_table_states_get (TillTableStates *self);

G_END_DECLS
