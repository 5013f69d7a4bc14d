/* SPDX-License-Identifier: GPL-2.0-or-later
 * command.c: what all subcommands share: options, configuration, how an error is told to a person. */
#include "server/app/command.h"
#include "server/core/config.h"
#include "shared/base/till-log.h"

int
tilld_command_failed (const char *what, const GError *error)
{
  GPtrArray *fields = till_error_get_fields (error);

  g_printerr ("gridtilld: %s: %s\n", what, error->message);
  for (guint i = 0; fields != NULL && i < fields->len; i++)
    {
      const TillFieldError *field = g_ptr_array_index (fields, i);
      g_printerr ("  %s: %s\n", field->member, field->reason);
    }
  return 1;
}

TilldConfig *
tilld_command_config (int argc, char **argv, const GOptionEntry *more, const char *summary, gboolean with_role)
{
  g_autofree char *path = NULL;
  g_autofree char *roles = NULL;
  g_auto (GStrv) environment = g_get_environ ();
  g_autoptr (GPtrArray) overrides = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  TilldConfig *config;
  const GOptionEntry common[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &path, "Configuration file", "FILE" },
    { with_role ? "role" : NULL, 'r', 0, G_OPTION_ARG_STRING, &roles, "What this process does: api,field,notify", "ROLES" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("[section.key=value...]");

  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, common, NULL);
  if (more != NULL)
    g_option_context_add_main_entries (context, more, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      tilld_command_failed ("arguments", error);
      return NULL;
    }
  if (roles != NULL)
    g_ptr_array_add (overrides, g_strconcat ("server.roles=", roles, NULL));
  for (int i = 1; i < argc; i++)
    g_ptr_array_add (overrides, g_strdup (argv[i]));
  g_ptr_array_add (overrides, NULL);
  config = tilld_config_load (path, environment, (const char *const *) overrides->pdata, &error);
  if (config == NULL)
    tilld_command_failed (path != NULL ? path : "configuration", error);
  return config;
}
