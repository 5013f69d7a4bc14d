/* SPDX-License-Identifier: GPL-2.0-or-later
 * events.h: WebSockets. After the hand-shake the stream leaves the HTTP loop for a thread of its own, where thousands of idle ones
 * cost the requests nothing. */
#pragma once
#include "server/http/server.h"
#include "server/live/subscription.h"

G_BEGIN_DECLS

typedef struct _TilldEvents TilldEvents;

TilldEvents *tilld_events_new (TilldLive *live, guint sockets_max);
void         tilld_events_free (TilldEvents *self); /* closes each with 1001, joins the thread */
/* In the HTTP loop: answers 101 and hands the stream over. */
gboolean     tilld_events_upgrade (TilldEvents *self, TilldRequest *request, const TilldReaderScope *scope, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldEvents, tilld_events_free)

G_END_DECLS
