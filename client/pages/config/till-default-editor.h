/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-default-editor.h: default parameters of one place and class of use as a form; one of them, or all, inherited again. */
#pragma once
#include "client/pages/till-page.h"

G_BEGIN_DECLS

typedef struct {
  gint64      area;      /* 0: the whole site */
  const char *use_class; /* wire word; NULL: every class */
  const char *room;      /* path of the area, or NULL */
  const char *text;      /* as people read it */
  JsonObject *effective; /* as the server answered (DefaultsFor) */
} TillDefaultPlace;

/* "Campus/B1 · shop" */
char    *till_default_editor_dup_place (const char *room, const char *use_class);
/* What is said for exactly this place and class; nothing yet: a new one. */
void     till_default_editor_edit (TillPage *page, const TillDefaultPlace *place);
void     till_default_editor_inherit (TillPage *page, const TillDefaultPlace *place, const char *member);
void     till_default_editor_inherit_all (TillPage *page, const TillDefaultPlace *place);
/* Is this member said for exactly this place and class? */
gboolean till_default_editor_is_said (const TillDefaultPlace *place, const char *member);

G_END_DECLS
