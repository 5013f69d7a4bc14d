/* SPDX-License-Identifier: GPL-2.0-or-later
 * seed.h: everything a world does not say is drawn here. Value k of thing X is splitmix64 ((seed XOR fnv1a64 (path of X,
 * name)) + k): adding a gateway does not change another, and the order of events changes nothing. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define SIM_FNV_START (G_GUINT64_CONSTANT (0xcbf29ce484222325))

guint64 sim_fnv1a64 (guint64 state, const char *text);                    /* as published; continues from state */
guint64 sim_splitmix64 (guint64 x);                                      /* the output of the generator whose state is x */
guint64 sim_draw (guint64 seed, guint64 path, const char *name, guint64 k); /* path: fnv1a64 of the path */
/* lo <= value <= hi */
gint64  sim_draw_range (guint64 seed, guint64 path, const char *name, guint64 k, gint64 lo, gint64 hi);

G_END_DECLS
