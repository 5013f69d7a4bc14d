/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-session.h: who is signed in and what they may do. The token stays in memory, in the API object.
 * Properties (all notify): "state", "user", "operator-id", "operator-name", "roles" (strv), "permissions" (flags),
 * "must-change-password", "site-name", "site-zone", "currency", "server-version", "clock-offset" (µs, server - here),
 * "reconciling" (the books were restored and are not released yet). */
#pragma once
#include "client/core/till-api.h"
#include "shared/api/till-permission.h"
#include "shared/base/till-money.h"
#include "shared/base/till-time.h"

G_BEGIN_DECLS

typedef enum { TILL_SESSION_SIGNED_OUT, TILL_SESSION_SIGNING_IN, TILL_SESSION_SIGNED_IN, TILL_SESSION_EXPIRED } TillSessionState;

#define TILL_TYPE_SESSION (till_session_get_type ())
G_DECLARE_FINAL_TYPE (TillSession, till_session, TILL, SESSION, GObject)

TillSession      *till_session_new (TillApi *api);
TillSessionState  till_session_get_state (TillSession *self);
gboolean          till_session_may (TillSession *self, TillPermission permission);
gboolean          till_session_may_word (TillSession *self, const char *word); /* "sales.sell"; unknown words are FALSE */
gint64            till_session_get_operator_id (TillSession *self);
const char       *till_session_get_user (TillSession *self);
const char       *till_session_get_operator_name (TillSession *self);
const char *const *till_session_get_roles (TillSession *self);
gboolean          till_session_must_change_password (TillSession *self);
const char       *till_session_get_site_name (TillSession *self);
GTimeZone        *till_session_get_zone (TillSession *self);                   /* of the site; local when not told */
const char       *till_session_get_currency (TillSession *self);               /* sign, "¥" */
const char       *till_session_get_server_version (TillSession *self);
TillMoney         till_session_get_sale_max (TillSession *self);               /* 0 = no limit told */
gboolean          till_session_is_reconciling (TillSession *self);
void              till_session_look (TillSession *self); /* asks the server again how it is; changes are notified */
TillTime          till_session_now (TillSession *self);                        /* the server's clock, as far as known */

typedef struct { const char *user, *password, *totp; } TillCredentials; /* totp may be NULL */

/* POST /session, then GET /server. A THROTTLED error carries the note "retry_after". */
void     till_session_sign_in_async (TillSession *self, const TillCredentials *credentials, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
gboolean till_session_sign_in_finish (TillSession *self, GAsyncResult *result, GError **error);
/* Forgets the token even when the server cannot be told. */
void     till_session_sign_out_async (TillSession *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean till_session_sign_out_finish (TillSession *self, GAsyncResult *result, GError **error);
typedef struct { const char *old_password, *new_password; } TillNewPassword;
void     till_session_change_password_async (TillSession *self, const TillNewPassword *passwords, GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data);
gboolean till_session_change_password_finish (TillSession *self, GAsyncResult *result, GError **error);

G_END_DECLS
