/* SPDX-License-Identifier: GPL-2.0-or-later
 * key-file.c: blob = version 1 | key id[4] | nonce[12] | sealed. The file holds "id key" lines in hexadecimal, newest first. */
#include "server/crypto/key-file.h"
#include <string.h>
#include <sys/stat.h>
#include <glib/gstdio.h>
#include "server/crypto/cipher.h"
#include "server/crypto/mac.h"

#define HEADER  "gridtill-key 1"
#define VERSION 1
#define KEY_LEN 32
#define ID_LEN  4
#define PREFIX  (1 + ID_LEN + TILLD_GCM_NONCE)

typedef struct {
  guint8 id[ID_LEN], bytes[KEY_LEN];
} Key;

struct _TilldKeyFile {
  char   *path;
  GArray *keys; /* Key, newest first */
};

static void
wipe_key (gpointer key)
{
  tilld_wipe (key, sizeof (Key));
}

void
tilld_key_file_free (TilldKeyFile *keys)
{
  g_array_unref (keys->keys);
  g_free (keys->path);
  g_free (keys);
}

static gboolean
parse_hex (const char *text, guint8 *ret, gsize len)
{
  for (gsize i = 0; i < len; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]), low = high < 0 ? -1 : g_ascii_xdigit_value (text[2 * i + 1]);
      if (low < 0)
        return FALSE;
      ret[i] = (guint8) (high << 4 | low);
    }
  return text[2 * len] == '\0';
}

static gboolean
parse (TilldKeyFile *keys, const char *text, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  if (g_strcmp0 (lines[0], HEADER) != 0)
    return till_fail (error, TILL_ERROR_INVALID, "%s is no key file", keys->path);
  for (guint i = 1; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], " ", 2);
      Key key;
      if (g_strv_length (parts) != 2 || !parse_hex (parts[0], key.id, ID_LEN) || !parse_hex (parts[1], key.bytes, KEY_LEN))
        return till_fail (error, TILL_ERROR_INVALID, "%s:%u: not a key", keys->path, i + 1);
      g_array_append_val (keys->keys, key);
      tilld_wipe (&key, sizeof key);
      tilld_wipe (parts[1], strlen (parts[1]));
      tilld_wipe (lines[i], strlen (lines[i]));
    }
  if (keys->keys->len == 0)
    return till_fail (error, TILL_ERROR_INVALID, "%s holds no key", keys->path);
  return TRUE;
}

static gboolean
save (TilldKeyFile *keys, GError **error)
{
  GString *text = g_string_new (HEADER "\n");
  gboolean saved;

  for (guint i = 0; i < keys->keys->len; i++)
    {
      const Key *key = &g_array_index (keys->keys, Key, i);
      g_autofree char *id = tilld_hex (key->id, ID_LEN), *bytes = tilld_hex (key->bytes, KEY_LEN);
      g_string_append_printf (text, "%s %s\n", id, bytes);
      tilld_wipe (bytes, strlen (bytes));
    }
  saved = g_file_set_contents_full (keys->path, text->str, (gssize) text->len,
                                    G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error);
  tilld_wipe (text->str, text->len);
  g_string_free (text, TRUE);
  return saved;
}

gboolean
tilld_key_file_rotate (TilldKeyFile *keys, GError **error)
{
  Key key;

  tilld_random (&key, sizeof key);
  g_array_prepend_val (keys->keys, key);
  tilld_wipe (&key, sizeof key);
  if (save (keys, error))
    return TRUE;
  g_array_remove_index (keys->keys, 0); /* nothing may be wrapped by a key that is not on disk */
  return FALSE;
}

static gboolean
load (TilldKeyFile *keys, GError **error)
{
  g_autofree char *text = NULL;
  gsize len;
  gboolean parsed;
  GStatBuf info;

  if (g_stat (keys->path, &info) != 0)
    return tilld_key_file_rotate (keys, error);
  if ((info.st_mode & 077) != 0)
    return till_fail (error, TILL_ERROR_FORBIDDEN, "others may read %s: chmod 600", keys->path);
  if (!g_file_get_contents (keys->path, &text, &len, error))
    return FALSE;
  parsed = parse (keys, text, error);
  tilld_wipe (text, len);
  return parsed;
}

TilldKeyFile *
tilld_key_file_open (const char *path, GError **error)
{
  g_autoptr (TilldKeyFile) keys = g_new0 (TilldKeyFile, 1);

  keys->path = g_strdup (path);
  keys->keys = g_array_new (FALSE, FALSE, sizeof (Key));
  g_array_set_clear_func (keys->keys, wipe_key);
  if (!load (keys, error))
    return NULL;
  return g_steal_pointer (&keys);
}

GBytes *
tilld_key_file_wrap (TilldKeyFile *keys, const char *owner, gconstpointer secret, gsize len)
{
  const Key *key = &g_array_index (keys->keys, Key, 0);
  g_autoptr (TilldGcm) gcm = tilld_gcm_new (key->bytes, KEY_LEN);
  gsize wrapped_len = PREFIX + len + TILLD_GCM_TAG;
  guint8 *wrapped = g_malloc (wrapped_len);

  wrapped[0] = VERSION;
  memcpy (wrapped + 1, key->id, ID_LEN);
  tilld_random (wrapped + 1 + ID_LEN, TILLD_GCM_NONCE); /* a key wraps some thousand blobs: random is safe */
  tilld_gcm_seal (gcm, wrapped + 1 + ID_LEN, (TilldBytes){ (const guint8 *) owner, strlen (owner) }, (TilldBytes){ secret, len },
                  wrapped + PREFIX);
  return g_bytes_new_take (wrapped, wrapped_len);
}

static const Key *
find_key (TilldKeyFile *keys, const guint8 *id)
{
  for (guint i = 0; i < keys->keys->len; i++)
    if (memcmp (g_array_index (keys->keys, Key, i).id, id, ID_LEN) == 0)
      return &g_array_index (keys->keys, Key, i);
  return NULL;
}

GBytes *
tilld_key_file_unwrap (TilldKeyFile *keys, const char *owner, gconstpointer wrapped, gsize len, GError **error)
{
  const guint8 *bytes = wrapped;
  const Key *key = len >= PREFIX + TILLD_GCM_TAG && bytes[0] == VERSION ? find_key (keys, bytes + 1) : NULL;
  g_autoptr (TilldGcm) gcm = NULL;
  g_autofree guint8 *plain = NULL;

  if (key == NULL)
    {
      till_fail (error, TILL_ERROR_FORBIDDEN, "no key of the key file wrapped this secret");
      return NULL;
    }
  gcm = tilld_gcm_new (key->bytes, KEY_LEN);
  plain = g_malloc (len - PREFIX);
  if (!tilld_gcm_open (gcm, bytes + 1 + ID_LEN, (TilldBytes){ (const guint8 *) owner, strlen (owner) },
                       (TilldBytes){ bytes + PREFIX, len - PREFIX }, plain, error))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&plain), len - PREFIX - TILLD_GCM_TAG);
}

gboolean
tilld_key_file_is_current (TilldKeyFile *keys, gconstpointer wrapped, gsize len)
{
  const guint8 *bytes = wrapped;
  return len > PREFIX && memcmp (g_array_index (keys->keys, Key, 0).id, bytes + 1, ID_LEN) == 0;
}
