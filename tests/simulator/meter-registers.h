/* SPDX-License-Identifier: GPL-2.0-or-later
 * meter-registers.h: the register image of a meter, rendered from its state by its profile, and writes into it. */
#pragma once
#include "tests/simulator/meter-purse.h"

G_BEGIN_DECLS

/* 0, or the exception code. The meter has been advanced to the moment of the request. */
guint8 sim_registers_read (const SimMeter *meter, guint16 at, guint16 n, guint16 *ret_words);
guint8 sim_registers_write (SimMeter *meter, guint8 fc, guint16 at, guint16 n, const guint16 *words, SimEffect *ret);

G_END_DECLS
