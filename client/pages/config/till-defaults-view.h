/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-defaults-view.h: default parameters of a place and a class of use: what a new meter there begins with, where each value comes from and
 * who changed it when. */
#pragma once
#include "client/pages/till-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_DEFAULTS_VIEW (till_defaults_view_get_type ())
G_DECLARE_FINAL_TYPE (TillDefaultsView, till_defaults_view, TILL, DEFAULTS_VIEW, TillPage)

G_END_DECLS
