/* SPDX-License-Identifier: GPL-2.0-or-later
 * profiles.c: the set of meter models of a process: embedded files, then those of a directory. */
#include <gio/gio.h>
#include "server/profile/profile-load.h"
#include "profile-resource.h"
#include "shared/base/till-error.h"

#define RESOURCE_PATH "/gridtill/profiles/"

struct _TilldProfiles {
  GPtrArray *list; /* TilldProfile, by name */
};

static int
compare (gconstpointer a, gconstpointer b)
{
  const TilldProfile *const *one = a, *const *other = b;

  return g_strcmp0 ((*one)->name, (*other)->name);
}

static void
take (TilldProfiles *profiles, TilldProfile *profile)
{
  for (guint i = 0; i < profiles->list->len; i++)
    {
      TilldProfile *old = g_ptr_array_index (profiles->list, i);

      if (!g_str_equal (old->name, profile->name))
        continue;
      if (profile->version > old->version)
        {
          profiles->list->pdata[i] = profile;
          profile = old;
        }
      tilld_profile_free (profile);
      return;
    }
  g_ptr_array_add (profiles->list, profile);
}

static gboolean
load_embedded (TilldProfiles *profiles, GError **error)
{
  GResource      *resource = tilld_profile_resource_get_resource ();
  g_auto(GStrv) names = g_resource_enumerate_children (resource, RESOURCE_PATH, G_RESOURCE_LOOKUP_FLAGS_NONE, error);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autofree char   *path = g_strconcat (RESOURCE_PATH, names[i], NULL);
      g_autoptr(GBytes)  bytes = g_resource_lookup_data (resource, path, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
      gsize              len = 0;
      const char        *data = bytes == NULL ? NULL : g_bytes_get_data (bytes, &len);
      TilldProfile      *profile = data == NULL ? NULL : tilld_profile_load_bytes (names[i], data, len, error);

      if (profile == NULL)
        return FALSE;
      take (profiles, profile);
    }
  return names != NULL;
}

static gboolean
load_dir (TilldProfiles *profiles, const char *dir, GError **error)
{
  g_autoptr(GDir) handle = g_dir_open (dir, 0, error);
  const char     *name;

  if (handle == NULL)
    return FALSE;
  while ((name = g_dir_read_name (handle)) != NULL)
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);
      TilldProfile    *profile;

      if (!g_str_has_suffix (name, ".json"))
        continue;
      if ((profile = tilld_profile_load_file (path, error)) == NULL)
        return FALSE;
      take (profiles, profile);
    }
  return TRUE;
}

TilldProfiles *
tilld_profiles_load (const char *dir, GError **error)
{
  g_autoptr(TilldProfiles) profiles = g_new0 (TilldProfiles, 1);

  profiles->list = g_ptr_array_new_with_free_func ((GDestroyNotify) tilld_profile_free);
  if (!load_embedded (profiles, error) || (dir != NULL && !load_dir (profiles, dir, error)))
    return NULL;
  g_ptr_array_sort (profiles->list, compare);
  return g_steal_pointer (&profiles);
}

void
tilld_profiles_free (TilldProfiles *profiles)
{
  if (profiles == NULL)
    return;
  g_ptr_array_unref (profiles->list);
  g_free (profiles);
}

const TilldProfile *
tilld_profiles_get (const TilldProfiles *profiles, const char *name)
{
  for (guint i = 0; i < profiles->list->len; i++)
    if (g_strcmp0 (tilld_profiles_at (profiles, i)->name, name) == 0)
      return tilld_profiles_at (profiles, i);
  return NULL;
}

guint
tilld_profiles_count (const TilldProfiles *profiles)
{
  return profiles->list->len;
}

const TilldProfile *
tilld_profiles_at (const TilldProfiles *profiles, guint index)
{
  g_assert (index < profiles->list->len);
  return g_ptr_array_index (profiles->list, index);
}
