/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-order-progress.h: what becomes of prices, limits and money of each meter after an account was opened or a device replaced, until
 * everything has come to an end. Signals: "finished"; "retry": a sum was refused and shall be tried again. */
#pragma once
#include <adwaita.h>
#include "client/model/till-opening.h"
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_ORDER_PROGRESS (till_order_progress_get_type ())
G_DECLARE_FINAL_TYPE (TillOrderProgress, till_order_progress, TILL, ORDER_PROGRESS, AdwBin)

/* What is said while it goes on, at the end, and when a sum was refused (NULL: that can not be): msgids, borrowed. */
typedef struct { const char *running, *ended, *refused; } TillOrderWords;
GtkWidget *till_order_progress_new (TillContext *context, TillOpening *opening, const TillOrderWords *words);
/* It was ordered: asks until all has ended. Again after a retry. */
void       till_order_progress_follow (TillOrderProgress *self);
void       till_order_progress_say (TillOrderProgress *self, const char *text); /* before there is anything to follow */
gboolean   till_order_progress_is_finished (TillOrderProgress *self);
gboolean   till_order_progress_is_refused (TillOrderProgress *self); /* a sum was not taken */
void       till_order_progress_stop (TillOrderProgress *self);

G_END_DECLS
