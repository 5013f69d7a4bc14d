/* SPDX-License-Identifier: GPL-2.0-or-later
 * world-link.h: the part of a world file that says what a link is: kind, protocol, credentials, texts. */
#pragma once
#include "shared/base/till-json-read.h"
#include "tests/simulator/world.h"

G_BEGIN_DECLS

SimLinkSpec *sim_link_spec_new (void);
void         sim_link_spec_free (gpointer spec);
/* All members but buses. FALSE: not even the kind is known. */
gboolean     sim_read_link (TillJsonRead *r, guint repeat, SimLinkSpec *spec);
void         sim_check_link (TillJsonRead *r, const SimLinkSpec *spec); /* when the buses are there */
void         sim_write_link (const SimLinkSpec *spec, gpointer json);   /* TillJsonWrite: the same members */
/* %0Nd in a text counts along when the item has a count. */
void         sim_read_numbered (TillJsonRead *r, const char *name, TillPresence presence, gsize max, guint repeat, char **ret);
guint        sim_read_uint (TillJsonRead *r, const char *name, TillPresence presence, guint min, guint max, guint otherwise);

G_END_DECLS
