/* SPDX-License-Identifier: GPL-2.0-or-later
 * app-private.h: the parts of a running server, shared by start.c, roles.c and backend.c. */
#pragma once
#include "server/api/api.h"
#include "server/app/app.h"
#include "server/app/heartbeat.h"
#include "server/crypto/key-file.h"
#include "server/crypto/pki.h"
#include "server/db/db-lanes.h"
#include "server/db/db-listen.h"
#include "server/domain/office/site.h"
#include "server/field/field.h"
#include "server/jobs/housekeeping.h"
#include "server/jobs/reconciling.h"
#include "server/jobs/settling.h"
#include "server/live/tail.h"

G_BEGIN_DECLS

struct _TilldApp {
  TilldConfig     *config;
  TilldClock      *clock;
  GMainContext    *context;
  TilldRoles       roles;
  guint            started;      /* steps that must be undone */
  char            *state_dir, *runtime_dir;
  TilldKeyFile    *keys;
  TilldPki         pki;
  GTlsCertificate *certificate;
  TilldSite        site;
  TilldLanes      *lanes;
  TilldLane       *kdf;
  TilldProfiles   *profiles;
  TilldTail       *tail;
  TilldListen     *listen;
  TillId           run;          /* of this start of the process */
  TilldHeartbeat  *heartbeat;
  TilldFieldRole  *field;        /* NULL without the role */
  TilldHousekeeping *housekeeping; /* NULL without the role notify */
  TilldReconciling  *reconciling;  /* NULL unless the books were restored */
  TilldSettling     *settling;     /* the same */
  TilldApi         api;
  guint16          port;
  gint64           beat_us;      /* boot time of the loop's last turn */
  GSource         *beat;
  GSource         *drain_poll;
  gint64           drain_until_us;
  void           (*drained) (gpointer data);
  gpointer         drained_data;
};

/* backend.c */
TilldHttpBackend tilld_app_backend (TilldApp *app);
gboolean         tilld_app_begin_kdf (TilldApp *app, GError **error);
void             tilld_app_end_kdf (TilldApp *app);

G_END_DECLS
