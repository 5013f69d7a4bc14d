/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-tariff-editor.h: a new tariff, or a version of one: its day, hours, prices, tiers and fees. The server judges; what it says stands at
 * the member it speaks of. Signal "saved" (int64 tariff). */
#pragma once
#include "client/model/till-tariff-version.h"
#include "client/pages/till-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_TARIFF_EDITOR (till_tariff_editor_get_type ())
G_DECLARE_FINAL_TYPE (TillTariffEditor, till_tariff_editor, TILL, TARIFF_EDITOR, AdwWindow)

/* tariff NULL: a new one. begin: what the form starts with, copied; NULL: one flat price; without a day the next possible one is proposed. */
TillTariffEditor *till_tariff_editor_show (TillPage *page, JsonObject *tariff, const TillTariffVersion *begin);

G_END_DECLS
