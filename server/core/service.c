/* SPDX-License-Identifier: GPL-2.0-or-later
 * service.c: limits, signals and the service manager. Decides nothing about the drain itself. */
#include "server/core/service.h"
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <glib-unix.h>
#include <systemd/sd-daemon.h>

struct _TilldService {
  TilldSignalFunc func;
  gpointer        data;
  gboolean        draining;
  guint           term_id, int_id, hup_id, watch_id;
  gboolean (*alive) (gpointer data);
  gpointer alive_data;
};

void
tilld_service_harden (void)
{
  const struct rlimit none = { 0, 0 };
  setrlimit (RLIMIT_CORE, &none);
  prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
  signal (SIGPIPE, SIG_IGN);
  umask (027);
}

gboolean
tilld_service_raise_descriptors (guint wanted, GError **error)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return till_fail (error, TILL_ERROR_INTERNAL, "descriptor limit: %s", g_strerror (errno));
  if (limit.rlim_cur >= wanted)
    return TRUE;
  if (limit.rlim_max < wanted)
    return till_fail (error, TILL_ERROR_LIMIT, "%u descriptors are needed, the hard limit is %lu", wanted,
                      (unsigned long) limit.rlim_max);
  limit.rlim_cur = wanted;
  if (setrlimit (RLIMIT_NOFILE, &limit) != 0)
    return till_fail (error, TILL_ERROR_INTERNAL, "descriptor limit: %s", g_strerror (errno));
  return TRUE;
}

static gboolean
end_cb (gpointer data)
{
  TilldService *service = data;
  TilldSignal meaning = service->draining ? TILLD_SIGNAL_STOP : TILLD_SIGNAL_DRAIN;
  service->draining = TRUE;
  service->func (meaning, service->data);
  return G_SOURCE_CONTINUE;
}

static gboolean
reload_cb (gpointer data)
{
  TilldService *service = data;
  service->func (TILLD_SIGNAL_RELOAD, service->data);
  return G_SOURCE_CONTINUE;
}

TilldService *
tilld_service_new (TilldSignalFunc func, gpointer data)
{
  TilldService *service = g_new0 (TilldService, 1);
  service->func = func;
  service->data = data;
  service->term_id = g_unix_signal_add (SIGTERM, end_cb, service);
  service->int_id = g_unix_signal_add (SIGINT, end_cb, service);
  service->hup_id = g_unix_signal_add (SIGHUP, reload_cb, service);
  return service;
}

void
tilld_service_free (TilldService *service)
{
  g_source_remove (service->term_id);
  g_source_remove (service->int_id);
  g_source_remove (service->hup_id);
  g_clear_handle_id (&service->watch_id, g_source_remove);
  g_free (service);
}

void
tilld_service_ready (TilldService *service, const char *status)
{
  sd_notifyf (0, "READY=1\nSTATUS=%s", status);
}

void
tilld_service_stopping (TilldService *service, guint limit_s)
{
  sd_notify (0, "STOPPING=1");
  alarm (limit_s);
}

void
tilld_service_reloading (TilldService *service)
{
  sd_notify (0, "RELOADING=1");
}

static gboolean
watch_cb (gpointer data)
{
  TilldService *service = data;
  if (service->alive (service->alive_data))
    sd_notify (0, "WATCHDOG=1");
  return G_SOURCE_CONTINUE;
}

void
tilld_service_watch (TilldService *service, gboolean (*alive) (gpointer data), gpointer data)
{
  guint64 interval_us = 0;

  g_assert (service->watch_id == 0);
  if (sd_watchdog_enabled (0, &interval_us) <= 0)
    return;
  service->alive = alive;
  service->alive_data = data;
  service->watch_id = g_timeout_add ((guint) MAX (interval_us / 3000, 100), watch_cb, service);
}
