/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-operator-editor.h: an operator as a form; switched off and on; another one-time password. A password or key is shown once and is
 * nowhere else. The page is refreshed when the server took it. */
#pragma once
#include "client/model/till-operator.h"
#include "client/pages/till-page.h"

G_BEGIN_DECLS

void till_operator_editor_new (TillPage *page);
void till_operator_editor_edit (TillPage *page, gint64 id);
void till_operator_editor_switch (TillPage *page, TillOperator *operator);   /* off, or on again */
void till_operator_editor_password (TillPage *page, TillOperator *operator); /* a key for a service */

G_END_DECLS
