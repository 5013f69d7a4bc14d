/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-picker.h: type, see at most n hits of a paged list, pick one with arrows and Enter. The entry keeps the focus; a
 * scanner's Enter picks the only hit as soon as it is there. CSS node: tillpicker.
 * Properties: "list" (TillPagedList), "placeholder-text", "text", "row" (resource of a GtkListItem template), "max-rows" (uint, 8),
 * "delay" (uint ms, 150). Signals: "picked" (TillRecord *record), "nothing-found". */
#pragma once
#include <gtk/gtk.h>
#include "client/model/till-record.h"

G_BEGIN_DECLS

#define TILL_TYPE_PICKER (till_picker_get_type ())
G_DECLARE_FINAL_TYPE (TillPicker, till_picker, TILL, PICKER, GtkWidget)

GtkWidget *till_picker_new (void);
/* list is a TillPagedList (GListModel); its query's text follows the entry. */
void       till_picker_set_list (TillPicker *self, GListModel *list);
void       till_picker_clear (TillPicker *self);
void       till_picker_set_text (TillPicker *self, const char *text);
/* Columns shown in a hit when there is no row template: names of record fields, NULL-terminated. */
void       till_picker_set_fields (TillPicker *self, const char *const *fields);

G_END_DECLS
