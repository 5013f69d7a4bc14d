/* SPDX-License-Identifier: GPL-2.0-or-later
 * capture.h: raw exchanges of a gateway, recorded on demand: ordered by people, recorded by the process that holds the link, kept here
 * in parts so that any process can hand them out. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

#define TILLD_CAPTURE_MINUTES_MAX 60
#define TILLD_CAPTURE_BYTES_MAX   (4 * 1024 * 1024) /* of all lines of one capture */
#define TILLD_CAPTURE_PART_MAX    (512 * 1024)
#define TILLD_CAPTURES_KEPT       10                /* of one gateway; older ones go with the next order */

/* CONFLICT while one of this gateway is ordered or running. Rings till_delivery. */
gboolean tilld_capture_order (TilldDb *db, const TilldActor *who, gint64 gateway, guint minutes, gint64 *ret_n, GError **error);
/* n, state, minutes, operator, operator_name, ordered_at, started_at, ended_at, lines, bytes, full_early, message. Filters: gateway, state. */
gboolean tilld_capture_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
gboolean tilld_capture_get (TilldDb *db, const TilldActor *who, gint64 gateway, gint64 n, TillJsonWrite *w, GError **error);
/* What is there of it so far; NOT_FOUND also when the gateway is out of scope. ret_code: of the gateway, caller frees. */
gboolean tilld_capture_content (TilldDb *db, const TilldActor *who, gint64 gateway, gint64 n, GBytes **ret_content, char **ret_code, GError **error);

typedef struct { gint64 gateway, n; guint minutes; } TilldCaptureOrder;
/* Orders of these gateways become running and are appended. Those that nobody took within ten minutes, or whose recorder is gone, fail. */
gboolean tilld_capture_claim (TilldDb *db, const gint64 *gateways, guint n_gateways, GArray *ret_orders, GError **error);

typedef struct {
  gint64      gateway, n, lines;
  guint       part;    /* 0, 1, .. ; the same again changes nothing */
  const char *content; /* whole lines; NULL: none */
  gsize       len;
  gboolean    end, full_early;
  const char *message; /* with end: why it failed; NULL = done */
} TilldCapturePart;
gboolean tilld_capture_append (TilldDb *db, const TilldCapturePart *part, GError **error);

G_END_DECLS
