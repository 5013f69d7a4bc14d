/* SPDX-License-Identifier: GPL-2.0-or-later
 * app.h: the whole server as one object: started step by step, stopped in reverse. Tests start one in a thread. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

typedef struct _TilldApp TilldApp;

/* Roles of this process. */
typedef enum { TILLD_ROLE_API = 1 << 0, TILLD_ROLE_FIELD = 1 << 1, TILLD_ROLE_NOTIFY = 1 << 2 } TilldRoles;
gboolean  tilld_roles_parse (const char *const *words, guint *ret_roles, GError **error);

/* In the thread-default context, which the caller runs. */
TilldApp *tilld_app_start (TilldConfig *config, GError **error);
guint16   tilld_app_port (TilldApp *app);        /* of the first listener; 0 without role api */
char     *tilld_app_describe (TilldApp *app);    /* one line: what is served */
const char *tilld_app_authority (TilldApp *app); /* path of the authority's certificate */
/* New requests are refused, running work ends; done is called once, at the latest after [server] drain_timeout_s. */
void      tilld_app_drain (TilldApp *app, void (*done) (gpointer data), gpointer data);
gboolean  tilld_app_is_alive (gpointer app);     /* for the watchdog */
void      tilld_app_reload (TilldApp *app);      /* certificates */
void      tilld_app_free (TilldApp *app);        /* stops at once what drain has not ended */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldApp, tilld_app_free)

G_END_DECLS
