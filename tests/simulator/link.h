/* SPDX-License-Identifier: GPL-2.0-or-later
 * link.h: the way between a gateway and a server, of whatever kind: opened, cut, restored, closed. */
#pragma once
#include "server/core/reactor.h"
#include "tests/simulator/bus.h"

G_BEGIN_DECLS

struct _SimLinkFuncs {
  gboolean (*open) (SimLink *link, TilldReactor *reactor, const char *at, GError **error); /* sets link->line */
  void     (*cut) (SimLink *link);                        /* connections break and no new one comes */
  gboolean (*restore) (SimLink *link, GError **error);
  void     (*close) (SimLink *link);                      /* frees link->line */
  guint    (*connections) (const SimLink *link);
  gboolean (*rekey) (SimLink *link);                      /* asks for new keys; NULL: knows none */
};

typedef struct {
  guint       port_base; /* > 0: a listening link k has port_base + k for its port */
  const char *server;    /* where gateways call, instead of `at`; NULL: as the world says */
  const char *tty_dir;   /* folder of ttys whose `at` is no absolute path; NULL: where we are */
} SimWays;

/* Every link of the campus. OFFLINE when an address cannot be taken. */
gboolean sim_campus_open (SimCampus *campus, TilldReactor *reactor, const SimWays *ways, GError **error);
void     sim_campus_close (SimCampus *campus);
gboolean sim_link_open (SimLink *link, TilldReactor *reactor, const char *at, GError **error); /* at NULL: of the world */
void     sim_link_close (SimLink *link);
void     sim_link_cut (SimLink *link);
gboolean sim_link_restore (SimLink *link, GError **error);
guint    sim_link_connections (const SimLink *link);

G_END_DECLS
