/* SPDX-License-Identifier: GPL-2.0-or-later
 * captures.h: captures under way in this process: takes the orders of gateways it holds, hangs a recorder on their links, brings what
 * was recorded into the database and into the state directory. Belongs to the field thread. */
#pragma once
#include "server/field/field-private.h"

G_BEGIN_DECLS

TilldCaptures *tilld_captures_new (TilldFieldRole *field);
void           tilld_captures_free (TilldCaptures *captures);
/* Orders may be waiting. */
void           tilld_captures_scan (TilldCaptures *captures);
/* Ends them all; TRUE when everything is stored. To be asked again until it is. */
gboolean       tilld_captures_drain (TilldCaptures *captures);

G_END_DECLS
