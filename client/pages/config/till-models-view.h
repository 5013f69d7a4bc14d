/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-models-view.h: meter models: class, purse, what is proven; a commissioning begins here. */
#pragma once
#include "client/pages/till-list-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_MODELS_VIEW (till_models_view_get_type ())
G_DECLARE_FINAL_TYPE (TillModelsView, till_models_view, TILL, MODELS_VIEW, TillListPage)

G_END_DECLS
