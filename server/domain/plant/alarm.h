/* SPDX-License-Identifier: GPL-2.0-or-later
 * alarm.h: one open alarm per (subject, kind): raised, acknowledged, cleared. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/api/till-enums.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

TillSeverity tilld_alarm_severity (TillAlarmKind kind);

/* Subject: meter or gateway; both 0 = the site. One that is open stays as it is. Feed row for what is new. detail: JSON object or NULL. */
typedef struct { gint64 site; TillAlarmKind kind; gint64 meter, gateway; const char *detail; } TilldAlarmEvent;
gboolean tilld_alarm_raise (TilldDb *db, const TilldAlarmEvent *event, GError **error);
gboolean tilld_alarm_clear (TilldDb *db, const TilldAlarmEvent *event, GError **error);
gboolean tilld_alarm_clear_gateways (TilldDb *db, TillAlarmKind kind, const gint64 *gateways, guint n, GError **error);

/* id, kind, severity, meter, meter_code, gateway, gateway_code, room, customer_name, raised_at, cleared_at, acked_at, acked_by,
 * acked_name, note, detail. Filters: id, state (open|all), kind, severity, meter, gateway, area, acked, from, to. Newest first. */
gboolean tilld_alarm_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
gboolean tilld_alarm_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error);
/* CONFLICT when it was acknowledged before. */
gboolean tilld_alarm_ack (TilldDb *db, const TilldActor *who, gint64 id, const char *note, GError **error);

G_END_DECLS
