/* SPDX-License-Identifier: GPL-2.0-or-later
 * service.h: the process among its hosts: signals, messages to the service manager, limits. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

/* Core dumps off (memory holds keys), not traceable, SIGPIPE ignored, umask 027. Before the key file is read. */
void     tilld_service_harden (void);
/* Soft limit up to wanted; LIMIT error with both numbers when the hard limit is lower. */
gboolean tilld_service_raise_descriptors (guint wanted, GError **error);

typedef enum {
  TILLD_SIGNAL_DRAIN,  /* first SIGTERM or SIGINT */
  TILLD_SIGNAL_STOP,   /* second SIGTERM or SIGINT: at once */
  TILLD_SIGNAL_RELOAD, /* SIGHUP */
} TilldSignal;

typedef void (*TilldSignalFunc) (TilldSignal signal, gpointer data);

/* Signals arrive in the default main context. One at a time in a process. */
TilldService *tilld_service_new (TilldSignalFunc func, gpointer data);
void          tilld_service_free (TilldService *service);
/* Each is a no-op without a service manager. */
void          tilld_service_ready (TilldService *service, const char *status);
/* From now on the process has limit_s seconds to end by itself; after that the kernel ends it, which is safe at any point. */
void          tilld_service_stopping (TilldService *service, guint limit_s);
void          tilld_service_reloading (TilldService *service);
/* Asks alive every third of the manager's watchdog interval; WATCHDOG=1 only when it says TRUE. */
void          tilld_service_watch (TilldService *service, gboolean (*alive) (gpointer data), gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldService, tilld_service_free)

G_END_DECLS
