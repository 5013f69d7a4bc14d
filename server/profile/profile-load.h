/* SPDX-License-Identifier: GPL-2.0-or-later
 * profile-load.h: strict loader of meter-model files; every rule broken is INVALID "file:member: reason". */
#pragma once
#include "server/profile/profile.h"

G_BEGIN_DECLS

#define TILLD_PROFILE_FILE_MAX 65536

/* file: name for messages; its base name without ".json" must equal the profile's name. */
TilldProfile *tilld_profile_load_bytes (const char *file, const char *bytes, gsize len, GError **error);
TilldProfile *tilld_profile_load_file (const char *path, GError **error);

/* All models by name: the embedded ones, then those of dir (NULL: none), which replace an embedded one of the same name
 * only with a higher version. A file that breaks a rule refuses the whole set. */
typedef struct _TilldProfiles TilldProfiles;

TilldProfiles       *tilld_profiles_load (const char *dir, GError **error);
void                 tilld_profiles_free (TilldProfiles *profiles);
const TilldProfile  *tilld_profiles_get (const TilldProfiles *profiles, const char *name); /* NULL */
guint                tilld_profiles_count (const TilldProfiles *profiles);
const TilldProfile  *tilld_profiles_at (const TilldProfiles *profiles, guint index); /* by name, rising */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldProfiles, tilld_profiles_free)

G_END_DECLS
