/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-tick-list.h: several of a list, ticked. Few stand there as they are; many scroll and are searched. What is ticked is kept by key, also
 * while the list is not there yet. Signal "changed". */
#pragma once
#include <gtk/gtk.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define TILL_TYPE_TICK_LIST (till_tick_list_get_type ())
G_DECLARE_FINAL_TYPE (TillTickList, till_tick_list, TILL, TICK_LIST, GtkBox)

/* Owned by who fills it in: the list frees them. detail: a second, weaker text or NULL; why_not: the reason why it cannot be ticked, or NULL. */
typedef struct { char *key, *label, *detail, *why_not; } TillTick;
typedef void (*TillTickDescribe) (gpointer item, TillTick *ret, gpointer user_data);

/* numbers: keys are ids and go out as numbers. */
GtkWidget *till_tick_list_new (gboolean numbers);
/* The model may still be filling. user_data lives as long as the list. */
void       till_tick_list_set_model (TillTickList *self, GListModel *model, TillTickDescribe describe, gpointer user_data);
void       till_tick_list_set (TillTickList *self, JsonNode *keys); /* NULL, null: none */
JsonNode  *till_tick_list_get (TillTickList *self);                 /* an array, in one order whatever was ticked first */
guint      till_tick_list_count (TillTickList *self);
char      *till_tick_list_dup_text (TillTickList *self);            /* labels, comma between */

G_END_DECLS
