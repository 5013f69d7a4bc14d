/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-ask-window.h: one decision, modal: what is known (facts), what can be chosen (radio rows), an amount where one is needed, a note,
 * and the buttons. It stays open until the caller says that the answer was taken: till_ask_window_fail () shows why not.
 * Signal "answered" (const char *action): "ok" or "other"; the window is busy from then on. Escape and Cancel close it. */
#pragma once
#include <adwaita.h>
#include "shared/base/till-money.h"

G_BEGIN_DECLS

#define TILL_TYPE_ASK_WINDOW (till_ask_window_get_type ())
G_DECLARE_FINAL_TYPE (TillAskWindow, till_ask_window, TILL, ASK_WINDOW, AdwWindow)

typedef struct {
  const char *title;
  const char *intro;       /* NULL = none */
  const char *action;      /* label of the button that answers "ok" */
  const char *other;       /* of a second one, "other"; NULL = none */
  const char *amount;      /* label of an amount; NULL = none is asked for */
  gboolean    amount_may_be_zero;
  const char *note;        /* label of the note; NULL = none */
  gboolean    note_required;
  gboolean    destructive; /* the action takes something away */
  gboolean    told;        /* it is done: there is nothing to cancel */
} TillAsk;

TillAskWindow *till_ask_window_new (GtkWidget *parent, const TillAsk *ask);
void           till_ask_window_add_fact (TillAskWindow *self, const char *label, const char *value);
/* why_not: NULL, or the reason why it cannot be chosen. The first that can be is chosen. */
typedef struct { const char *id, *label, *detail, *why_not; } TillAskChoice;
void           till_ask_window_add_choice (TillAskWindow *self, const TillAskChoice *choice);
/* A widget of the caller between facts and note; while ready is FALSE the action waits. */
void           till_ask_window_add_widget (TillAskWindow *self, GtkWidget *widget);
void           till_ask_window_set_ready (TillAskWindow *self, gboolean ready);
const char    *till_ask_window_get_choice (TillAskWindow *self); /* NULL: none */
const char    *till_ask_window_get_note (TillAskWindow *self);
gboolean       till_ask_window_get_amount (TillAskWindow *self, TillMoney *ret_amount); /* FALSE: not a valid one */
void           till_ask_window_fail (TillAskWindow *self, const char *sentence);        /* not taken: can be answered again */

G_END_DECLS
