/* SPDX-License-Identifier: GPL-2.0-or-later
 * listener.h: listening sockets of gateways that dial in, in the reactor. Who calls is the greeter's. */
#pragma once
#include "server/field/greeting.h"

G_BEGIN_DECLS

typedef struct _TilldListener TilldListener;

TilldListener *tilld_listener_new (TilldReactor *reactor, TilldGreeter *greeter);
/* ADDRESS:PORT; port 0 takes a free one. INVALID: no such address, or it is in use; the message names it. */
gboolean       tilld_listener_open (TilldListener *listener, const char *address, guint16 *ret_port, GError **error);
void           tilld_listener_free (TilldListener *listener);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldListener, tilld_listener_free)

G_END_DECLS
