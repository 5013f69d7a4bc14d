/* SPDX-License-Identifier: GPL-2.0-or-later
 * feed.h: the change feed. A reader that takes xact >= cursor and < snapshot xmin misses nothing, in whatever order transactions
 * commit. Kept one hour; empty after a crash: a reader then loads everything again. */
#pragma once
#include "server/db/db-conn.h"

G_BEGIN_DECLS

typedef struct {
  char   *kind; /* meter, sale, command, alarm, job, gateway, plant, approval, drawer, case, proof */
  gint64 *ids;
  guint   n_ids;
  TillId *uuids;
  guint   n_uuids;
} TilldFeedRow;

typedef struct {
  gint64     cursor; /* to ask with next */
  gboolean   reset;  /* the cursor is older than what is kept, or from another life of the database: load again */
  GPtrArray *rows;   /* TilldFeedRow */
} TilldFeedBatch;

/* cursor 0: tells only where the feed stands. All rows between cursor and now. */
gboolean tilld_feed_read (TilldDb *db, gint64 cursor, TilldFeedBatch *ret, GError **error);
void     tilld_feed_batch_clear (TilldFeedBatch *batch);
gboolean tilld_feed_add_ids (TilldDb *db, const char *kind, const gint64 *ids, guint n, GError **error);
gboolean tilld_feed_add_uuid (TilldDb *db, const char *kind, const TillId *id, GError **error);
/* Rows older than an hour go. */
gboolean tilld_feed_sweep (TilldDb *db, GError **error);
/* Rings a doorbell at commit: "till_delivery", "till_feed", "till_plant", "till_login". */
gboolean tilld_bell_ring (TilldDb *db, const char *channel, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldFeedBatch, tilld_feed_batch_clear)

G_END_DECLS
