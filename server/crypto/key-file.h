/* SPDX-License-Identifier: GPL-2.0-or-later
 * key-file.h: gateway keys and second-factor secrets lie in the database wrapped by a key that lies outside it. AES-256-GCM,
 * the owner's name is bound in: a blob copied to another row does not open. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

/* Makes the file (0600) when there is none; refuses one that others may read. */
TilldKeyFile *tilld_key_file_open (const char *path, GError **error);
void          tilld_key_file_free (TilldKeyFile *keys);
/* A new key in front; old ones stay to open what they wrapped. Saved before it returns. */
gboolean      tilld_key_file_rotate (TilldKeyFile *keys, GError **error);

/* owner: "gateway:GW-0001", "totp:17". */
GBytes  *tilld_key_file_wrap (TilldKeyFile *keys, const char *owner, gconstpointer secret, gsize len);
GBytes  *tilld_key_file_unwrap (TilldKeyFile *keys, const char *owner, gconstpointer wrapped, gsize len, GError **error);
gboolean tilld_key_file_is_current (TilldKeyFile *keys, gconstpointer wrapped, gsize len); /* FALSE: wrap it again */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldKeyFile, tilld_key_file_free)

G_END_DECLS
