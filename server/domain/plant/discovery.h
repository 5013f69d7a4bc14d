/* SPDX-License-Identifier: GPL-2.0-or-later
 * discovery.h: looking for the cabinets on a line: the order for it, and what was found as a preview for people. The field looks. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-id.h"

G_BEGIN_DECLS

#define TILLD_DISCOVERY_JOB "discover"
#define TILLD_DISCOVERY_TABLES_MAX 8

typedef struct {
  TillId  job;
  gint64  gateway, port;
  guint8  tables[TILLD_DISCOVERY_TABLES_MAX];
  guint   n_tables; /* 0: all that a cabinet may have */
} TilldDiscovery;

typedef struct {
  gint64 id;
  char   code[];
} TilldKnownMeter;

/* NOT_FOUND out of scope; INVALID names a port the gateway does not have; CONFLICT while another one looks there. */
gboolean tilld_discovery_start (TilldDb *db, const TilldActor *who, const TilldDiscovery *in, GError **error);
/* input of the job -> numbers. */
gboolean tilld_discovery_read (const char *input, TilldDiscovery *ret, GError **error);
/* The meters this port has already: unit -> TilldKnownMeter, owned by the table. */
gboolean tilld_discovery_known (TilldDb *db, gint64 gateway, gint64 port, GHashTable **ret_meters, GError **error);

G_END_DECLS
