/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-open-progress.h: the last step of the assistant: what becomes of prices, limits and money of each meter, until everything has come to
 * an end. Signals: "finished"; "retry": a sum was refused and shall be tried again. */
#pragma once
#include <adwaita.h>
#include "client/model/till-opening.h"
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_OPEN_PROGRESS (till_open_progress_get_type ())
G_DECLARE_FINAL_TYPE (TillOpenProgress, till_open_progress, TILL, OPEN_PROGRESS, AdwBin)

GtkWidget *till_open_progress_new (TillContext *context, TillOpening *opening);
/* The account is there: asks until all has ended. Again after a retry. */
void       till_open_progress_follow (TillOpenProgress *self);
void       till_open_progress_say (TillOpenProgress *self, const char *text); /* before there is anything to follow */
gboolean   till_open_progress_is_finished (TillOpenProgress *self);
gboolean   till_open_progress_is_refused (TillOpenProgress *self); /* a sum was not taken */
void       till_open_progress_stop (TillOpenProgress *self);

G_END_DECLS
