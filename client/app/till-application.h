/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-application.h: one running client: command line, windows in their order (log-in, work, log-in again), theme. */
#pragma once
#include <adwaita.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_APPLICATION (till_application_get_type ())
G_DECLARE_FINAL_TYPE (TillApplication, till_application, TILL, APPLICATION, AdwApplication)

/* LANGUAGE from the settings, Han letters, gettext; before anything of GTK. */
void             till_application_prepare (void);
TillApplication *till_application_new (void);
TillContext     *till_application_get_context (TillApplication *self);

G_END_DECLS
