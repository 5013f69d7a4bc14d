/* SPDX-License-Identifier: GPL-2.0-or-later
 * roles.c: what one process of several does. */
#include "server/app/app.h"
#include <string.h>

gboolean
tilld_roles_parse (const char *const *words, guint *ret_roles, GError **error)
{
  static const struct {
    const char *word;
    guint       role;
  } table[] = { { "api", TILLD_ROLE_API }, { "field", TILLD_ROLE_FIELD }, { "notify", TILLD_ROLE_NOTIFY } };
  guint roles = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      guint known = 0;
      for (guint t = 0; t < G_N_ELEMENTS (table); t++)
        if (strcmp (words[i], table[t].word) == 0)
          known = table[t].role;
      if (known == 0)
        return till_fail (error, TILL_ERROR_INVALID, "server.roles: %s is none of api, field, notify", words[i]);
      roles |= known;
    }
  if (roles == 0)
    return till_fail (error, TILL_ERROR_INVALID, "server.roles: at least one role is needed");
  *ret_roles = roles;
  return TRUE;
}
