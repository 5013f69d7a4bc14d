/* SPDX-License-Identifier: GPL-2.0-or-later
 * owner-private.h: the plant in memory as owner.c, owner-load.c and owner-make.c share it. */
#pragma once
#include "server/field/field-private.h"
#include "server/rules/lease-rules.h"

G_BEGIN_DECLS

struct _TilldOwner {
  TilldFieldRole *field;
  GPtrArray      *stations;   /* TilldStation, each at its index */
  GHashTable     *by_gateway; /* set of TilldStation, by record.id */
  GHashTable     *circuits;   /* set of TilldCircuit, by meter */
  GPtrArray      *plan_sets;  /* TilldPlanSet */
  guint           per_group[TILLD_LEASE_GROUPS]; /* stations that are dialled */
  GQueue          to_dial;    /* TilldStation, by their own node: a few at a time */
  TilldTimer      pulse, dial;
  GArray         *purses, *pulses;
  TilldOwnedGateway *owned;   /* asked for their purses */
  guint           n_owned;
  gint64          asked_us, changes_us, purses_us; /* boot time of asking; for changes; of the last good answer about them */
  guint           changes_s;  /* how far the question goes back */
  gboolean        asking_purses, asking_changes, pulsing;
  /* owner-load.c */
  GArray         *gateways;   /* TilldFieldGateway, all, by id */
  GArray         *todo;       /* guint: index of those whose meters are wanted */
  GArray         *chunk;      /* TilldFieldGateway, whose meters are being loaded */
  GArray         *meters;     /* TilldFieldMeter of the chunk */
  guint           todo_at;
  gint64          cursor, next_cursor; /* of plant changes */
  gboolean        loading, again;
  gint64          whole_us;   /* boot time of the last load of everything */
};

TilldStation *tilld_owner_station (TilldOwner *owner, gint64 gateway); /* NULL */

/* owner-load.c */
void          tilld_owner_load_init (TilldOwner *owner);
void          tilld_owner_load_clear (TilldOwner *owner);
/* Stations whose records are gone, or changed, or whose group is held no more: taken down as soon as nothing is under way on them. */
void          tilld_owner_retire (TilldOwner *owner);

/* owner-make.c */
gboolean      tilld_owner_dials (const TilldFieldGateway *gateway);
/* NULL: it may not be dialled. meters: those of the gateway, by port and unit. */
TilldStation *tilld_owner_make (TilldOwner *owner, const TilldFieldGateway *gateway, const TilldFieldMeter *meters, guint n);
void          tilld_owner_unmake (TilldOwner *owner, TilldStation *station);
gboolean      tilld_owner_is_as_before (const TilldStation *station, const TilldFieldGateway *gateway, const TilldFieldMeter *meters, guint n);
/* Intervals, limits, proofs, accounts: nothing on the lines changes. */
void          tilld_owner_take_records (TilldStation *station, const TilldFieldGateway *gateway, const TilldFieldMeter *meters, guint n);

G_END_DECLS
