/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-service-call.h: what every service call shares: send, turn the answer into one record, return it. Private to this folder. */
#pragma once
#include "client/core/till-api.h"
#include "client/model/till-record.h"

G_BEGIN_DECLS

/* task: of the service, tagged; the record of that type is its result. Takes no ownership of anything. */
void  till_service_call_record (GTask *task, TillApi *api, const TillCall *call, GType record_type);

/* The items of one page of a list: a GListModel (GListStore) of such records is its result. */
void  till_service_call_list (GTask *task, TillApi *api, const TillCall *call, GType record_type);

/* The answer as it is: a JsonNode is its result. */
void  till_service_call_node (GTask *task, TillApi *api, const TillCall *call);

/* The "total" of a list. */
void     till_service_call_count (GTask *task, TillApi *api, const TillCall *call);
gboolean till_service_count_finish (GAsyncResult *result, guint *ret_count, GError **error);

/* A JSON object being written; texts and numbers that are NULL or 0 are left out by the caller. */
JsonNode *till_service_body_new (void);
void      till_service_body_text (JsonNode *body, const char *name, const char *value); /* NULL: left out */
void      till_service_body_int (JsonNode *body, const char *name, gint64 value);

G_END_DECLS
