/* SPDX-License-Identifier: GPL-2.0-or-later
 * reactor.h: one epoll set and one timer wheel (20 ms x 4096) behind one GSource. Belongs to one thread: every function
 * is called there. Watches and timers are embedded in their owner; nothing is allocated while it runs.
 *
 *   tilld_watch_init (&link->watch, link_ready, link);
 *   if (!tilld_reactor_add (reactor, &link->watch, fd, TILLD_READ, error)) ...
 *   tilld_timer_init (&link->timer, link_timed_out, link);
 *   tilld_timer_arm (reactor, &link->timer, 1500);
 */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

typedef enum {
  TILLD_READ = 1 << 0,
  TILLD_WRITE = 1 << 1,
  TILLD_HANGUP = 1 << 2, /* also error; always reported, never asked for */
} TilldIo;

typedef struct _TilldWatch TilldWatch;
typedef struct _TilldTimer TilldTimer;
typedef void (*TilldWatchFunc) (TilldReactor *reactor, TilldWatch *watch, TilldIo ready, gpointer data);
typedef void (*TilldTimerFunc) (TilldReactor *reactor, TilldTimer *timer, gpointer data);
typedef struct _TilldDeferred TilldDeferred;
typedef void (*TilldDeferredFunc) (gpointer data);

struct _TilldWatch {
  int            fd; /* -1 while not in a reactor; the descriptor stays the owner's */
  TilldWatchFunc func;
  gpointer       data;
  TilldIo        wanted;
};

struct _TilldTimer {
  TilldTimer    *next, *prev; /* NULL while not armed */
  gint64         due_tick;
  TilldTimerFunc func;
  gpointer       data;
};

/* Work put off to the end of the batch of events being served, so that what costs a system call and wakes the other side is done for
 * all of them at once. */
struct _TilldDeferred {
  TilldDeferred    *next, *prev; /* NULL while not put off */
  TilldDeferredFunc func;
  gpointer          data;
};

TilldReactor *tilld_reactor_new (TilldClock *clock, GError **error);
void          tilld_reactor_free (TilldReactor *reactor); /* every watch, timer and deferred work must be gone (asserted) */
void          tilld_reactor_attach (TilldReactor *reactor, GMainContext *context);
TilldClock   *tilld_reactor_get_clock (TilldReactor *reactor);
/* tilld_clock_boot_us, read once for a handful of descriptors that are ready together: right to a tenth of a millisecond. */
gint64        tilld_reactor_now_us (TilldReactor *reactor);
/* Fires due timers and ready descriptors once, without waiting; how tests step with a fake clock. Returns callbacks made. */
guint         tilld_reactor_step (TilldReactor *reactor);

void     tilld_watch_init (TilldWatch *watch, TilldWatchFunc func, gpointer data);
gboolean tilld_reactor_add (TilldReactor *reactor, TilldWatch *watch, int fd, TilldIo wanted, GError **error);
void     tilld_reactor_modify (TilldReactor *reactor, TilldWatch *watch, TilldIo wanted); /* level-triggered */
void     tilld_reactor_remove (TilldReactor *reactor, TilldWatch *watch); /* before close (fd); safe in any callback */

void     tilld_timer_init (TilldTimer *timer, TilldTimerFunc func, gpointer data);
void     tilld_timer_arm (TilldReactor *reactor, TilldTimer *timer, gint64 delay_ms); /* re-arms; never fires early */
void     tilld_timer_disarm (TilldReactor *reactor, TilldTimer *timer);
gboolean tilld_timer_is_armed (const TilldTimer *timer);

void     tilld_reactor_defer (TilldReactor *reactor, TilldDeferred *deferred); /* once, however often it is asked for */
void     tilld_reactor_undefer (TilldDeferred *deferred);                      /* safe in any callback */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldReactor, tilld_reactor_free)

G_END_DECLS
