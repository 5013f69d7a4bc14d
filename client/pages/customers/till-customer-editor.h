/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-customer-editor.h: a household or shop as a form. The page is refreshed when it is saved. */
#pragma once
#include "client/pages/till-page.h"

G_BEGIN_DECLS

GtkWindow *till_customer_editor_new (TillPage *page);
void       till_customer_editor_edit (TillPage *page, gint64 customer);

G_END_DECLS
