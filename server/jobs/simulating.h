/* SPDX-License-Identifier: GPL-2.0-or-later
 * simulating.h: simulations of tariffs over many meters, that somebody started and does not wait for. */
#pragma once
#include "server/db/db-conn.h"

G_BEGIN_DECLS

/* Takes the oldest one and works it off, if there is one. On a batch lane, outside any transaction. */
gboolean tilld_simulating_run (TilldDb *db, GError **error);

G_END_DECLS
