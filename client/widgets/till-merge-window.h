/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-merge-window.h: somebody else changed the same record meanwhile: what I wrote and what stands there now, side by side, one choice
 * for each field. Knows no record: texts come from the caller, who applies the choices.
 * Signal "merged": the choices are made; the window is gone after it. Escape and Cancel leave everything as it is. */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

#define TILL_TYPE_MERGE_WINDOW (till_merge_window_get_type ())
G_DECLARE_FINAL_TYPE (TillMergeWindow, till_merge_window, TILL, MERGE_WINDOW, AdwWindow)

typedef struct {
  const char *member, *label; /* label: translated */
  const char *mine, *theirs;  /* as people read it; NULL = nothing */
  gboolean    mine_changed, theirs_changed; /* against what both began with; both: a person has to look */
} TillMergeField;

/* subject: "GW-0001", "Building 3". */
TillMergeWindow *till_merge_window_new (GtkWidget *parent, const char *subject);
void             till_merge_window_add_field (TillMergeWindow *self, const TillMergeField *field);
gboolean         till_merge_window_keeps_mine (TillMergeWindow *self, const char *member);

G_END_DECLS
