/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-admin-service.h: the system log, approvals, passwords of operators, the server itself. No GTK. */
#pragma once
#include "client/core/till-api.h"
#include "client/model/till-approval.h"

G_BEGIN_DECLS

#define TILL_TYPE_ADMIN_SERVICE (till_admin_service_get_type ())
G_DECLARE_FINAL_TYPE (TillAdminService, till_admin_service, TILL, ADMIN_SERVICE, GObject)

TillAdminService *till_admin_service_new (TillApi *api);

/* Walks the whole chain on the server; ok FALSE names the first broken row. */
typedef struct { gboolean ok; gint64 rows; gint64 broken; } TillLogVerdict;
void     till_admin_service_verify_log_async (TillAdminService *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean till_admin_service_verify_log_finish (TillAdminService *self, GAsyncResult *result, TillLogVerdict *ret_verdict, GError **error);

/* decision: "approve", "reject" (another operator) or "withdraw" (who proposed it). */
typedef struct { gint64 approval; const char *decision, *note; } TillApprovalDecision;
void          till_admin_service_decide_async (TillAdminService *self, const TillApprovalDecision *decision, GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data);
TillApproval *till_admin_service_decide_finish (TillAdminService *self, GAsyncResult *result, GError **error);
/* How many wait for this operator. */
void          till_admin_service_count_approvals_async (TillAdminService *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean      till_admin_service_count_approvals_finish (TillAdminService *self, GAsyncResult *result, guint *ret_count, GError **error);

/* The operator as the contract has it, with "password" or "key", shown this once. */
void          till_admin_service_reset_password_async (TillAdminService *self, gint64 operator_id, GCancellable *cancellable, GAsyncReadyCallback callback,
                                                       gpointer user_data);
JsonNode     *till_admin_service_reset_password_finish (TillAdminService *self, GAsyncResult *result, GError **error);

/* The own second factor: begin gives {"secret","uri"}, shown this once; confirm with the first code of the authenticator. drop: of somebody else. */
void          till_admin_service_begin_totp_async (TillAdminService *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void          till_admin_service_confirm_totp_async (TillAdminService *self, const char *code, GCancellable *cancellable, GAsyncReadyCallback callback,
                                                     gpointer user_data);
void          till_admin_service_drop_totp_async (TillAdminService *self, gint64 operator_id, GCancellable *cancellable, GAsyncReadyCallback callback,
                                                  gpointer user_data);
JsonNode     *till_admin_service_totp_finish (TillAdminService *self, GAsyncResult *result, GError **error); /* null node but for begin */

/* After a restore, Reconcile of the contract; note: proposes to release the books, NULL: only asks. */
void          till_admin_service_reconcile_async (TillAdminService *self, const char *note, GCancellable *cancellable, GAsyncReadyCallback callback,
                                                  gpointer user_data);
JsonNode     *till_admin_service_reconcile_finish (TillAdminService *self, GAsyncResult *result, GError **error);

G_END_DECLS
