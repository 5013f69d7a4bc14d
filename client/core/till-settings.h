/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-settings.h: what this station remembers: a key file, written 1 s after the last change and on dispose.
 * Properties, each "notify": "server" "user" "language" (strings), "remember" (boolean), "theme" (system, light, dark),
 * "density" (compact, comfortable), "start-page", "receipt-size" (80mm, a5), "receipt-when" (paid, verified, ask),
 * "printer" (strings), "window-width" "window-height" (int), "window-maximized" "sidebar-narrow" (boolean). */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

#define TILL_TYPE_SETTINGS (till_settings_get_type ())
G_DECLARE_FINAL_TYPE (TillSettings, till_settings, TILL, SETTINGS, GObject)

TillSettings *till_settings_new (const char *path); /* NULL = gridtill/client.ini in the user's configuration folder */
gboolean      till_settings_flush (TillSettings *self, GError **error);

const char   *till_settings_get_text (TillSettings *self, const char *property); /* of the string properties above */
char        **till_settings_dup_servers (TillSettings *self);                     /* newest first; g_strfreev */
void          till_settings_add_server (TillSettings *self, const char *server);
void          till_settings_remove_server (TillSettings *self, const char *server);
gint64       *till_settings_dup_quick_amounts (TillSettings *self, guint *ret_n); /* 1/10000; default 50 100 200 500 */
void          till_settings_set_quick_amounts (TillSettings *self, const gint64 *amounts, guint n);

typedef struct { const char *user, *page, *key; } TillViewKey;
/* Free text per operator and page: table layouts, filters, zoom. NULL when never stored; caller frees. */
char         *till_settings_dup_view (TillSettings *self, const TillViewKey *key);
void          till_settings_set_view (TillSettings *self, const TillViewKey *key, const char *text);

G_END_DECLS
