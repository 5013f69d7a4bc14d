/* SPDX-License-Identifier: GPL-2.0-or-later
 * meter-config.h: what meters hold besides their readings: when it is looked at, and what follows when it is not what was set. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "server/profile/profile-load.h"
#include "server/profile/profile-write.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

typedef enum { TILLD_HELD_PRICE, TILLD_HELD_LIMITS, TILLD_HELD_SCHEDULE, TILLD_HELD_N } TilldHeld;

typedef struct {
  gint64         meter;
  char           serial[33];               /* of the record; "" = not known */
  TilldSettings *expected[TILLD_HELD_N];   /* what was set last; owned; NULL: never, or an order is under way */
  gboolean       cabinet[TILLD_HELD_N];    /* nobody changed the shared part since */
} TilldConfigDue;

typedef struct {
  gint64   meter;
  gboolean answered, has_clock;
  gint64   clock_off_s;                    /* meter minus server */
  char     serial[40];
  char    *held;                           /* JSON: point -> text; owned */
  guint    differs;                        /* bit 1 << TilldHeld */
} TilldConfigSeen;

/* For the field: meters of these gateways that are due, appended; they are not due again for ten minutes. */
gboolean tilld_config_claim (TilldDb *db, const gint64 *gateways, guint n_gateways, guint limit, GArray *ret_due, GError **error);
/* Stored; due again in the night. What differs is ordered once more, the second time an alarm; a clock that is two minutes off is an alarm and
 * is set. */
gboolean tilld_config_store (TilldDb *db, const TilldProfiles *profiles, const TilldConfigSeen *seen, gint64 now_ms, GError **error);
void     tilld_config_due_clear (TilldConfigDue *due);

/* read_at, due_at, clock_off_s, serial, held, differs into the open object; NOT_FOUND also when out of scope. */
gboolean tilld_config_get (TilldDb *db, const TilldActor *who, gint64 meter, TillJsonWrite *w, GError **error);

G_END_DECLS
