/* SPDX-License-Identifier: GPL-2.0-or-later
 * field-gateway.h: a gateway as the field thread needs it: its lines, what its link may be, its wrapped keys. Plain structs. */
#pragma once
#include "server/core/types.h"
#include "server/db/db-conn.h"
#include "shared/api/till-enums.h"

G_BEGIN_DECLS

#define TILLD_FIELD_PORTS 32

typedef struct {
  guint8 port;
  char   parity; /* N, E, O */
  guint  baud;
} TilldFieldPort;

typedef struct {
  gint64       id, site;
  gboolean     changed; /* it or its meters, since the cursor of the last look */
  char         code[17], address[128], zone[40];
  TillLinkKind link;
  gboolean     allow_clear, fixed_tid, simulated;
  guint8       heartbeat[64];
  guint        heartbeat_len, baud, quarantine_s, status_interval_s, full_interval_s; /* full 0: the site's */
  TillLinkClass link_class, best_class; /* of its last session; the best it ever reached */
  gboolean     prefix_mode; /* the registration text stands before each packet */
  guint8       suites;      /* of GT3: 1 << suite */
  guint8       master[96], vendor[96], tls_pin[32]; /* keys wrapped by the key file; pin of a gateway we dial */
  guint        master_len, vendor_len;              /* 0 = none */
  gboolean     tls_pinned;
  const char  *tls_authority; /* PEM, interned; NULL = none */
  guint        n_ports;
  TilldFieldPort ports[TILLD_FIELD_PORTS];
  gint         word_order; /* -1 as the profile says, 0 big, 1 little */
} TilldFieldGateway;

/* "1:9600:N,2:4800:E" into at most TILLD_FIELD_PORTS; returns how many. */
guint    tilld_field_ports_parse (const char *text, TilldFieldPort *ret);
/* TRUE: nothing that lines or links depend on differs; intervals may. */
gboolean tilld_field_gateway_same (const TilldFieldGateway *a, const TilldFieldGateway *b);
/* Registrations of all gateways that dial in; array of the struct, appended. */
typedef struct { gint64 gateway; guint8 port, len, bytes[64]; } TilldFieldRegistration;
gboolean tilld_field_registrations_load (TilldDb *db, GArray *ret_registrations, GError **error);

G_END_DECLS
