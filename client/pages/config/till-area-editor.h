/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-area-editor.h: an area as a form: new below another, changed; renamed or moved without the form; retired after a question. The page is
 * refreshed when the server took it. */
#pragma once
#include "client/model/till-area.h"
#include "client/pages/till-page.h"

G_BEGIN_DECLS

void till_area_editor_new (TillPage *page, TillArea *parent); /* parent NULL: at the top */
void till_area_editor_edit (TillPage *page, TillArea *area);
void till_area_editor_rename (TillPage *page, TillArea *area, const char *name);
/* Asks first: what depends on the place goes with it. parent NULL: to the top. */
void till_area_editor_move (TillPage *page, TillArea *area, TillArea *parent);
void till_area_editor_retire (TillPage *page, TillArea *area);

G_END_DECLS
