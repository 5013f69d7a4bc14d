/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-live-feed.h: the change stream: one WebSocket that resumes at its cursor. Properties: "connected" (boolean),
 * "lost-at" and "retry-at" (int64, µs; 0 = none). Signals: "changed" (TillFeedKind as int, const char *id, JsonObject
 * *object) for each message, "reset": the cursor was too old, everything shown loads once. */
#pragma once
#include "client/core/till-api.h"

G_BEGIN_DECLS

typedef enum { TILL_FEED_METER, TILL_FEED_SALE, TILL_FEED_COMMAND, TILL_FEED_ALARM, TILL_FEED_JOB, TILL_FEED_APPROVAL, TILL_FEED_DRAWER,
  TILL_FEED_CASE, TILL_FEED_PROOF, TILL_FEED_OTHER } TillFeedKind; /* from APPROVAL on object is NULL: ask for it */

#define TILL_TYPE_LIVE_FEED (till_live_feed_get_type ())
G_DECLARE_FINAL_TYPE (TillLiveFeed, till_live_feed, TILL, LIVE_FEED, GObject)

TillLiveFeed *till_live_feed_new (TillApi *api);
void          till_live_feed_start (TillLiveFeed *self);
void          till_live_feed_stop (TillLiveFeed *self);
void          till_live_feed_try_now (TillLiveFeed *self); /* ends the waiting between two tries */
/* The board came with a cursor: messages older than it are not needed. Kept only if none is known yet. */
void          till_live_feed_set_cursor (TillLiveFeed *self, const char *cursor);
gboolean      till_live_feed_is_connected (TillLiveFeed *self);

G_END_DECLS
