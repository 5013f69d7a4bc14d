/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-gateway-editor.h: the record of a gateway as a form: new, changed, or made from a caller that nobody knew. */
#pragma once
#include "client/pages/till-page.h"

G_BEGIN_DECLS

/* The page is refreshed when the server took it. */
void till_gateway_editor_new (TillPage *page);
void till_gateway_editor_edit (TillPage *page, gint64 gateway);
/* unknown: number of the caller; text: what it sent; front: "gt3", "tls", "7b7b", "1f1f", "dtu". */
typedef struct { gint64 unknown; const char *text, *front; } TillUnknownCaller;
void till_gateway_editor_adopt (TillPage *page, const TillUnknownCaller *caller);

G_END_DECLS
