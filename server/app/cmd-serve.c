/* SPDX-License-Identifier: GPL-2.0-or-later
 * cmd-serve.c: the server in the foreground until it is told to stop. */
#include "server/app/app.h"
#include "server/app/command.h"
#include "server/core/config.h"
#include "server/core/service.h"
#include "shared/base/till-log.h"

typedef struct {
  GMainLoop    *loop;
  TilldApp     *app;
  TilldService *service;
  guint         stop_limit_s;
} Serve;

static void
drained (gpointer data)
{
  g_main_loop_quit (((Serve *) data)->loop);
}

static void
on_signal (TilldSignal signal, gpointer data)
{
  Serve *serve = data;

  switch (signal)
    {
    case TILLD_SIGNAL_DRAIN:
      till_info (TILL_LOG_NONE, "stopping: running work is ended first");
      tilld_service_stopping (serve->service, serve->stop_limit_s);
      tilld_app_drain (serve->app, drained, serve);
      break;
    case TILLD_SIGNAL_STOP:
      g_main_loop_quit (serve->loop);
      break;
    case TILLD_SIGNAL_RELOAD:
      tilld_service_reloading (serve->service);
      tilld_app_reload (serve->app);
      tilld_service_ready (serve->service, "reloaded");
      break;
    default:
      g_assert_not_reached ();
    }
}

int
tilld_cmd_serve (int argc, char **argv)
{
  g_autoptr (TilldConfig) config = tilld_command_config (argc, argv, NULL, "The server of Gridtill.", TRUE);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;
  Serve serve = { .loop = loop };

  if (config == NULL)
    return 2;
  till_log_set_up ("gridtilld", tilld_config_bool (config, "log", "debug"));
  /* Draining, then as long again for work that is read back at the next start anyway. */
  serve.stop_limit_s = 2 * (guint) tilld_config_int (config, "server", "drain_timeout_s");
  tilld_service_harden ();
  if (!tilld_service_raise_descriptors ((guint) tilld_config_int (config, "server", "descriptors"), &error))
    return tilld_command_failed ("start", error);
  serve.app = tilld_app_start (config, &error);
  if (serve.app == NULL)
    return tilld_command_failed ("start", error);
  serve.service = tilld_service_new (on_signal, &serve);
  line = tilld_app_describe (serve.app);
  tilld_service_ready (serve.service, line);
  tilld_service_watch (serve.service, tilld_app_is_alive, serve.app);
  till_info (TILL_LOG_NONE, "%s", line);
  g_main_loop_run (loop);
  g_clear_pointer (&serve.app, tilld_app_free);
  g_clear_pointer (&serve.service, tilld_service_free);
  till_info (TILL_LOG_NONE, "stopped");
  return 0;
}
