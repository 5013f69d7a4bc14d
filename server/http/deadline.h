/* SPDX-License-Identifier: GPL-2.0-or-later
 * deadline.h: how long a connection may stay in each stage. A stage has one duration, so its list is in order of expiry and one
 * timer serves all connections. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  TILLD_STAGE_HELLO,     /* accepted, the whole ClientHello is not here yet */
  TILLD_STAGE_WAITING,   /* waits for a free handshake */
  TILLD_STAGE_HANDSHAKE,
  TILLD_STAGE_HEADER,    /* a request began */
  TILLD_STAGE_BODY,
  TILLD_STAGE_BUSY,      /* the server works: no deadline */
  TILLD_STAGE_WRITE,     /* the answer is on its way; each piece written starts the time again */
  TILLD_STAGE_IDLE,      /* kept open between requests */
  TILLD_STAGE_N
} TilldStage;

typedef struct _TilldDeadlines TilldDeadlines;

/* Embedded in a connection. */
typedef struct {
  GList      link;
  TilldStage stage;
  gint64     since_us, due_us;
  gboolean   listed;
} TilldDeadline;

typedef void (*TilldDeadlineFunc) (TilldDeadline *item, gpointer data); /* must leave or enter another stage */

/* limits_ms[stage] 0 = none. The timer lives in the thread-default context. */
TilldDeadlines *tilld_deadlines_new (const guint limits_ms[TILLD_STAGE_N], TilldDeadlineFunc expired, gpointer data);
void            tilld_deadlines_free (TilldDeadlines *self);
void            tilld_deadlines_enter (TilldDeadlines *self, TilldDeadline *item, TilldStage stage);
void            tilld_deadlines_leave (TilldDeadlines *self, TilldDeadline *item);
guint           tilld_deadlines_count (TilldDeadlines *self, TilldStage stage);
TilldDeadline  *tilld_deadlines_oldest (TilldDeadlines *self, TilldStage stage);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldDeadlines, tilld_deadlines_free)

G_END_DECLS
