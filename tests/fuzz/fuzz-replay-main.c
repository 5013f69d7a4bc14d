/* SPDX-License-Identifier: GPL-2.0-or-later
 * fuzz-replay-main.c: runs a fuzz target over each file of a corpus, and over seeded mutations of it: a normal test where
 * libFuzzer is not at hand. */
#include <glib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define MUTATIONS 2000

static void
mutate (GRand *rand, const char *bytes, gsize len)
{
  for (guint i = 0; i < MUTATIONS; i++)
    {
      g_autoptr(GByteArray) copy = g_byte_array_new ();
      guint                 n = (guint) g_rand_int_range (rand, 1, 5);

      g_byte_array_append (copy, (const guint8 *) bytes, (guint) len);
      for (guint k = 0; k < n && copy->len > 0; k++)
        {
          guint at = (guint) g_rand_int_range (rand, 0, (gint32) copy->len);

          switch (g_rand_int_range (rand, 0, 4))
            {
            case 0:
              copy->data[at] ^= (guint8) (1u << g_rand_int_range (rand, 0, 8));
              break;
            case 1:
              copy->data[at] = (guint8) g_rand_int (rand);
              break;
            case 2:
              g_byte_array_set_size (copy, at);
              break;
            default:
              g_byte_array_append (copy, (const guint8 *) bytes + at % len, (guint) (len - at % len));
              break;
            }
        }
      LLVMFuzzerTestOneInput (copy->data, copy->len);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr(GDir)  dir = argc > 1 ? g_dir_open (argv[1], 0, NULL) : NULL;
  g_autoptr(GRand) rand = g_rand_new_with_seed (20260901);
  const char      *name;
  guint            files = 0;

  if (dir == NULL)
    {
      g_printerr ("usage: %s CORPUS\n", argv[0]);
      return 1;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (argv[1], name, NULL), *bytes = NULL;
      gsize            len = 0;

      if (!g_file_get_contents (path, &bytes, &len, NULL) || len == 0)
        continue;
      files++;
      LLVMFuzzerTestOneInput ((const guint8 *) bytes, len);
      mutate (rand, bytes, len);
    }
  g_print ("%u files, %u mutations each\n", files, MUTATIONS);
  return files > 0 ? 0 : 1;
}
