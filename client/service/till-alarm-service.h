/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-alarm-service.h: acknowledge, count. No GTK. */
#pragma once
#include "client/core/till-api.h"
#include "client/model/till-case.h"
#include "client/model/till-alarm.h"

G_BEGIN_DECLS

#define TILL_TYPE_ALARM_SERVICE (till_alarm_service_get_type ())
G_DECLARE_FINAL_TYPE (TillAlarmService, till_alarm_service, TILL, ALARM_SERVICE, GObject)

TillAlarmService *till_alarm_service_new (TillApi *api);

typedef struct { gint64 alarm; const char *note; } TillAlarmAck; /* note may be NULL */
void       till_alarm_service_acknowledge_async (TillAlarmService *self, const TillAlarmAck *ack, GCancellable *cancellable,
                                                 GAsyncReadyCallback callback, gpointer user_data);
TillAlarm *till_alarm_service_acknowledge_finish (TillAlarmService *self, GAsyncResult *result, GError **error);
/* How many open alarms nobody acknowledged (the badge). */
void       till_alarm_service_count_async (TillAlarmService *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean   till_alarm_service_count_finish (TillAlarmService *self, GAsyncResult *result, guint *ret_count, GError **error);

void      till_alarm_service_get_case_async (TillAlarmService *self, gint64 id, GCancellable *cancellable, GAsyncReadyCallback callback,
                                             gpointer user_data);
TillCase *till_alarm_service_get_case_finish (TillAlarmService *self, GAsyncResult *result, GError **error);
/* Proposes what is to become of a case; a second operator agrees under Approvals. unreadable: why no fresh reading can be had, or NULL. */
typedef struct { gint64 case_id; const char *decision, *note, *unreadable; } TillCaseDecision;
void      till_alarm_service_decide_async (TillAlarmService *self, const TillCaseDecision *decision, GCancellable *cancellable,
                                           GAsyncReadyCallback callback, gpointer user_data);
TillCase *till_alarm_service_decide_finish (TillAlarmService *self, GAsyncResult *result, GError **error);

G_END_DECLS
