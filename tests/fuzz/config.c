/* SPDX-License-Identifier: GPL-2.0-or-later
 * config.c: any bytes as the configuration file: all errors at once, or values within their rows' bounds. */
#include <sys/mman.h>
#include <unistd.h>
#include "server/core/config.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  int fd = memfd_create ("config", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd), *printed = NULL;
  g_autoptr (TilldConfig) config = NULL;
  g_autoptr (GError) error = NULL;
  guint n;
  const TilldConfigRow *rows = tilld_config_rows (&n);

  g_assert_true (fd >= 0 && write (fd, data, size) == (gssize) size);
  config = tilld_config_load (path, NULL, NULL, &error);
  close (fd);
  g_assert_true ((config == NULL) == (error != NULL));
  for (guint i = 0; config != NULL && i < n; i++)
    if (rows[i].type == TILLD_CONFIG_INT)
      {
        gint64 value = tilld_config_int (config, rows[i].section, rows[i].key);
        g_assert_true (value >= rows[i].min && value <= rows[i].max);
      }
  if (config != NULL)
    printed = tilld_config_print (config);
  return 0;
}
