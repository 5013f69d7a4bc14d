/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-password-dialog.h: the operator's own password: change, or replace the one-time password at the first sign-in. */
#pragma once
#include <adwaita.h>
#include "client/core/till-session.h"

G_BEGIN_DECLS

#define TILL_TYPE_PASSWORD_DIALOG (till_password_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TillPasswordDialog, till_password_dialog, TILL, PASSWORD_DIALOG, AdwWindow)

/* old_password NULL: it is asked for; else this is the first sign-in. finish: FALSE when the person went back. */
void     till_password_dialog_run_async (GtkWindow *parent, TillSession *session, const char *old_password, GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean till_password_dialog_run_finish (GtkWindow *parent, GAsyncResult *result, GError **error);

G_END_DECLS
