/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-open-check.h: the page of the assistant that says what will happen when the account is opened. */
#pragma once
#include <adwaita.h>
#include "client/model/till-opening.h"
#include "client/model/till-ref-lists.h"

G_BEGIN_DECLS

/* A box; fill writes it anew. */
void till_open_check_fill (GtkBox *box, TillOpening *opening, TillRefLists *lists);

G_END_DECLS
