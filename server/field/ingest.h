/* SPDX-License-Identifier: GPL-2.0-or-later
 * ingest.h: readings on their way to the database: a bounded ring, batches of 200 ms on the ingest lane. When the database is away
 * the newest are kept and the drops counted. Never money. */
#pragma once
#include "server/domain/plant/field-plant.h"

G_BEGIN_DECLS

typedef struct _TilldIngest TilldIngest;
typedef struct _TilldFieldRole TilldFieldRole;

TilldIngest *tilld_ingest_new (TilldFieldRole *field);
void         tilld_ingest_free (TilldIngest *ingest);
void         tilld_ingest_push (TilldIngest *ingest, const TilldFieldReading *reading, gboolean soon); /* soon: somebody waits */
/* Three quarters full: polls wait, what people asked for does not. */
gboolean     tilld_ingest_is_full (TilldIngest *ingest);
gboolean     tilld_ingest_is_empty (TilldIngest *ingest); /* and nothing under way */
guint64      tilld_ingest_dropped (TilldIngest *ingest);

G_END_DECLS
