/* SPDX-License-Identifier: GPL-2.0-or-later
 * wrap-key.c: wraps the key of a gateway by the key file of a server that a test runs, as the server would when it makes one.
 * usage: wrap-key KEY_FILE GATEWAY HEX. Prints the wrapped bytes in hex. */
#include <string.h>
#include "server/crypto/key-file.h"
#include "server/crypto/mac.h"

int
main (int argc, char **argv)
{
  g_autoptr (GError)       error = NULL;
  g_autoptr (TilldKeyFile) keys = NULL;
  g_autoptr (GBytes)       wrapped = NULL;
  g_autofree char         *owner = NULL, *hex = NULL;
  guint8                   secret[64];
  gsize                    n = argc == 4 ? strlen (argv[3]) / 2 : 0;

  if (n == 0 || n > sizeof secret)
    {
      g_printerr ("usage: wrap-key KEY_FILE GATEWAY HEX\n");
      return 2;
    }
  for (gsize i = 0; i < n; i++)
    secret[i] = (guint8) (g_ascii_xdigit_value (argv[3][2 * i]) << 4 | g_ascii_xdigit_value (argv[3][2 * i + 1]));
  if (!(keys = tilld_key_file_open (argv[1], &error)))
    {
      g_printerr ("wrap-key: %s\n", error->message);
      return 1;
    }
  owner = g_strdup_printf ("gateway:%s", argv[2]);
  wrapped = tilld_key_file_wrap (keys, owner, secret, n);
  hex = tilld_hex (g_bytes_get_data (wrapped, NULL), g_bytes_get_size (wrapped));
  g_print ("%s\n", hex);
  return 0;
}
