/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-trust-dialog.h: a person compares the fingerprint of a server that is not known here, or learns that it changed. */
#pragma once
#include <adwaita.h>
#include "client/core/till-trust.h"

G_BEGIN_DECLS

#define TILL_TYPE_TRUST_DIALOG (till_trust_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TillTrustDialog, till_trust_dialog, TILL, TRUST_DIALOG, AdwWindow)

/* finish: TRUE when the person ticked and trusted. A changed identity can only be closed. */
void     till_trust_dialog_ask_async (GtkWindow *parent, const TillTrustIdentity *identity, GAsyncReadyCallback callback, gpointer user_data);
gboolean till_trust_dialog_ask_finish (GtkWindow *parent, GAsyncResult *result, GError **error);

G_END_DECLS
