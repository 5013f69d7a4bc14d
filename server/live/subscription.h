/* SPDX-License-Identifier: GPL-2.0-or-later
 * subscription.h: who hears of what. Events of one object that wait are one event (the newest); a reader that falls too far behind
 * gets a reset instead of a backlog. Any thread publishes; the thread that owns a subscription takes from it. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

typedef enum {
  TILLD_LIVE_METER, TILLD_LIVE_SALE, TILLD_LIVE_COMMAND, TILLD_LIVE_ALARM, TILLD_LIVE_JOB, TILLD_LIVE_APPROVAL, TILLD_LIVE_DRAWER, TILLD_LIVE_CASE,
  TILLD_LIVE_PROOF, TILLD_LIVE_N
} TilldLiveKind;

#define TILLD_LIVE_ANYWHERE (-1) /* an event without content, of use only to who may ask for it */

typedef struct {
  gatomicrefcount refs;
  TilldLiveKind   kind;
  char            id[TILL_ID_TEXT]; /* decimal or UUID */
  gint64          area;             /* 0 = of no area: only readers without area limits; or ANYWHERE */
  gint64          cursor;
  char           *object;           /* JSON, or NULL: ask for it */
} TilldLiveEvent;

TilldLiveEvent *tilld_live_event_new (TilldLiveKind kind, const char *id, gint64 area, gint64 cursor, char *object); /* takes object */
TilldLiveEvent *tilld_live_event_ref (TilldLiveEvent *event);
void            tilld_live_event_unref (TilldLiveEvent *event);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldLiveEvent, tilld_live_event_unref)

typedef struct _TilldLive TilldLive;
typedef struct _TilldSubscription TilldSubscription;

TilldLive *tilld_live_new (guint pending_max);
void       tilld_live_free (TilldLive *self); /* no subscription may be left */
void       tilld_live_publish (TilldLive *self, TilldLiveEvent *const *events, guint n);
/* Everybody loads again: the feed was lost (crash, database change). */
void       tilld_live_publish_reset (TilldLive *self, gint64 cursor);
gboolean   tilld_live_has_readers (TilldLive *self);
gint64     tilld_live_cursor (TilldLive *self); /* of the newest event or reset */

/* cursor 0: from now on; one of the past that is not the present one means that something may have been missed: the first thing taken
 * is a reset. */
typedef struct {
  const gint64 *areas; /* ids this reader may see, borrowed */
  guint         n_areas; /* 0 = all */
  guint         kinds;   /* bit set of TilldLiveKind */
  gint64        cursor;
} TilldReaderScope;

TilldSubscription *tilld_subscription_new (TilldLive *live, const TilldReaderScope *scope);
void               tilld_subscription_free (TilldSubscription *self);
/* Up to max events, oldest change first, appended to ret_events. *ret_reset: load again, ret_events is empty. */
void               tilld_subscription_take (TilldSubscription *self, guint max, GPtrArray *ret_events, gboolean *ret_reset);
gboolean           tilld_subscription_has_more (TilldSubscription *self);

const char        *tilld_live_kind_word (TilldLiveKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldLive, tilld_live_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldSubscription, tilld_subscription_free)

G_END_DECLS
