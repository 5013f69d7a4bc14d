/* SPDX-License-Identifier: GPL-2.0-or-later
 * heartbeat.h: this process among its like: its node row, its heartbeat, its share of the gateways that are dialled. A thread and a
 * connection of its own, so that nothing that waits for the database delays it. */
#pragma once
#include "server/core/config.h"
#include "server/db/db-lanes.h"
#include "server/db/db-lease.h"

G_BEGIN_DECLS

typedef struct _TilldHeartbeat TilldHeartbeat;

typedef struct {
  TilldLanes   *lanes;
  GMainContext *context;
  gboolean      dials; /* takes its share of the groups */
  /* After each beat that was granted, in context: what is held now. asked_us: boot time before it was asked for. */
  void        (*groups) (guint64 groups, gint64 asked_us, gpointer data);
  /* Groups that still have links: they are not given back before that. */
  guint64     (*in_use) (gpointer data);
  /* Another process has the name: this one must end. In context, once. */
  void        (*replaced) (gpointer data);
  gpointer      data;
} TilldHeartbeatSetup;

/* Name of this process: server.node, else host and roles; caller frees. */
char           *tilld_heartbeat_name (const TilldConfig *config);
/* The first beat is done when this returns. CONFLICT: a live process has the name. */
TilldHeartbeat *tilld_heartbeat_new (const TilldHeartbeatSetup *setup, const TilldNode *node, GError **error);
/* What is held, for the start of the field. */
guint64         tilld_heartbeat_groups (TilldHeartbeat *self, gint64 *ret_asked_us);
/* Gives everything back. */
void            tilld_heartbeat_free (TilldHeartbeat *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldHeartbeat, tilld_heartbeat_free)

G_END_DECLS
