/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-meter-editor.h: the record of a meter as a form; taken out of use after a question. The page is refreshed when the server took it. What a
 * change orders to the meter, and what could not be ordered, is told. */
#pragma once
#include "client/model/till-meter.h"
#include "client/pages/till-page.h"

G_BEGIN_DECLS

void till_meter_editor_new (TillPage *page);
void till_meter_editor_edit (TillPage *page, TillMeter *meter);
void till_meter_editor_retire (TillPage *page, TillMeter *meter);

G_END_DECLS
