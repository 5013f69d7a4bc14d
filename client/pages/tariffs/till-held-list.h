/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-held-list.h: what the models of meters hold of a tariff, in sentences, one model below the other. */
#pragma once
#include <gtk/gtk.h>
#include "client/model/till-tariff-version.h"

G_BEGIN_DECLS

/* Fills box anew; views of TillTariffView. */
void till_held_list_fill (GtkBox *box, GPtrArray *views);

G_END_DECLS
