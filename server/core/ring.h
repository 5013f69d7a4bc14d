/* SPDX-License-Identifier: GPL-2.0-or-later
 * ring.h: bounded ring of fixed records from one producer to one consumer. When it is full the oldest record gives way
 * and is counted: fresh readings are worth more than old ones. Not for money. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

TilldRing *tilld_ring_new (gsize record_size, guint capacity);
void       tilld_ring_free (TilldRing *ring);
gboolean   tilld_ring_push (TilldRing *ring, const void *record); /* FALSE: the oldest was dropped for it */
guint      tilld_ring_pop (TilldRing *ring, void *ret_records, guint max); /* oldest first; returns how many */
guint      tilld_ring_length (TilldRing *ring);
guint64    tilld_ring_dropped (TilldRing *ring);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldRing, tilld_ring_free)

G_END_DECLS
