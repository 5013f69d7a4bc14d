/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-site-editor.h: what is set for a site and proposed for all that is new in it, as a form. The page is refreshed when it is saved. */
#pragma once
#include "client/pages/till-page.h"

G_BEGIN_DECLS

void till_site_editor_edit (TillPage *page, gint64 site);

G_END_DECLS
