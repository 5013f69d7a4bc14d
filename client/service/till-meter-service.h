/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-meter-service.h: one meter, read now, its readings, orders to it. No GTK. */
#pragma once
#include "client/core/till-api.h"
#include "client/model/till-command.h"
#include "client/model/till-meter.h"
#include "client/model/till-reading.h"
#include "client/model/till-statement.h"
#include "shared/base/till-id.h"
#include "shared/base/till-time.h"

G_BEGIN_DECLS

#define TILL_TYPE_METER_SERVICE (till_meter_service_get_type ())
G_DECLARE_FINAL_TYPE (TillMeterService, till_meter_service, TILL, METER_SERVICE, GObject)

TillMeterService *till_meter_service_new (TillApi *api);

/* Fresh state as stored; read_now waits for the meter (OFFLINE when it does not answer). */
void       till_meter_service_get_async (TillMeterService *self, gint64 meter, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);
TillMeter *till_meter_service_get_finish (TillMeterService *self, GAsyncResult *result, GError **error);
void       till_meter_service_read_now_async (TillMeterService *self, gint64 meter, GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);
TillMeter *till_meter_service_read_now_finish (TillMeterService *self, GAsyncResult *result, GError **error);

/* All stored readings of the period, oldest first: a GListModel of TillReading. */
typedef struct { gint64 meter; TillTime from, to; } TillReadingSpan;
void        till_meter_service_readings_async (TillMeterService *self, const TillReadingSpan *span, GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data);
GListModel *till_meter_service_readings_finish (TillMeterService *self, GAsyncResult *result, GError **error);

/* The statement of whole days of the site: the head, all lines by time (a GListModel of TillStatementLine), and as the paper of the server. */
typedef struct { gint64 meter; TillDay from, to; } TillStatementSpan;
void           till_meter_service_statement_async (TillMeterService *self, const TillStatementSpan *span, GCancellable *cancellable,
                                                   GAsyncReadyCallback callback, gpointer user_data);
TillStatement *till_meter_service_statement_finish (TillMeterService *self, GAsyncResult *result, GListModel **ret_lines, GError **error);
void           till_meter_service_statement_paper_async (TillMeterService *self, const TillStatementSpan *span, GCancellable *cancellable,
                                                         GAsyncReadyCallback callback, gpointer user_data);
GBytes        *till_meter_service_statement_paper_finish (TillMeterService *self, GAsyncResult *result, GError **error);

/* An order; id as for a sale. reason is asked for force_off; value by the kind, or NULL. */
typedef struct { TillId id; gint64 meter; TillCommandKind kind; const char *reason; JsonNode *value; } TillCommandDraft;
void         till_meter_service_command_async (TillMeterService *self, const TillCommandDraft *draft, GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data);
TillCommand *till_meter_service_command_finish (TillMeterService *self, GAsyncResult *result, GError **error);
void         till_meter_service_get_command_async (TillMeterService *self, const char *id, GCancellable *cancellable,
                                                   GAsyncReadyCallback callback, gpointer user_data);
TillCommand *till_meter_service_get_command_finish (TillMeterService *self, GAsyncResult *result, GError **error);
/* The last orders of prices and limits to a meter, newest first: a GListModel of TillCommand. */
void         till_meter_service_settings_async (TillMeterService *self, gint64 meter, GCancellable *cancellable, GAsyncReadyCallback callback,
                                                gpointer user_data);
GListModel  *till_meter_service_settings_finish (TillMeterService *self, GAsyncResult *result, GError **error);

/* Another device behind the meter, or (correct) its provisional credit put right: JSON of the contract, with an id; sent again it is done once. */
typedef struct { gint64 meter; gboolean correct; JsonNode *body; } TillReplaceOrder;
void         till_meter_service_replace_async (TillMeterService *self, const TillReplaceOrder *order, GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data);
/* What of its kind happened last ("replacement"): a JSON list of at most one HistoryItem. */
typedef struct { gint64 meter; const char *kind; } TillPastOf;
void         till_meter_service_past_async (TillMeterService *self, const TillPastOf *of, GCancellable *cancellable, GAsyncReadyCallback callback,
                                            gpointer user_data);
JsonNode    *till_meter_service_replace_finish (TillMeterService *self, GAsyncResult *result, GError **error); /* also of past */

G_END_DECLS
