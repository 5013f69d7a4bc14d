/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-proofs-view.h: commissioning walks, under way and done. */
#pragma once
#include "client/pages/till-list-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_PROOFS_VIEW (till_proofs_view_get_type ())
G_DECLARE_FINAL_TYPE (TillProofsView, till_proofs_view, TILL, PROOFS_VIEW, TillListPage)

G_END_DECLS
