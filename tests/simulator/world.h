/* SPDX-License-Identifier: GPL-2.0-or-later
 * world.h: a campus as its file says it, every `count` applied: loads, prices, links, buses, cabinets, meters. Values that
 * the file leaves open are drawn later, per path. */
#pragma once
#include "tests/simulator/meter.h"

G_BEGIN_DECLS

#define SIM_SPEED_MAX 3600

typedef struct {
  const SimLoad  *load;
  const SimPrice *price;
  gboolean        has_balance;
  gint64          balance; /* 1/10000 of the purse's unit */
  gint            opened;  /* -1: drawn */
  SimQuirks       quirks;
} SimHabit;

typedef struct { SimModel *model; guint unit; char *serial; SimHabit habit; } SimMeterSpec; /* serial NULL: drawn */
typedef struct { guint8 circuits[36]; guint n_circuits; SimHabit habit; } SimExcept; /* circuits counted from 1 */
typedef struct {
  guint     table, ct, three, single;
  char     *serial;
  SimHabit  habit;
  GArray   *excepts; /* SimExcept */
} SimCabinetSpec;
typedef struct { guint port, baud; gboolean timing; GPtrArray *cabinets, *meters; } SimBusSpec;
typedef struct {
  char        *code, *at; /* at: address:port to listen on */
  TillLinkKind kind;
  guint        rtt_lo_ms, rtt_hi_ms;
  GPtrArray   *buses;
} SimLinkSpec;

typedef struct _SimWorld {
  char       *name, *zone_name, *profile_dir;
  guint64     seed;
  GTimeZone  *zone;
  TillTime    start; /* 0: now */
  guint       speed; /* 0: stepped */
  GPtrArray  *loads, *prices, *links;
  GHashTable *models; /* name -> SimModel */
} SimWorld;

/* INVALID "file:member: reason". profile_dir NULL: the profiles compiled in. */
SimWorld *sim_world_load (const char *path, const char *profile_dir, GError **error);
SimWorld *sim_world_parse (const char *name, const char *text, gssize len, const char *profile_dir, GError **error);
void      sim_world_free (SimWorld *world);
char     *sim_world_print (const SimWorld *world); /* can be loaded again and is the same world */
guint     sim_world_circuits (const SimWorld *world);
/* The habit and model of circuit k (from 0) of a cabinet, and its unit. */
const SimHabit *sim_cabinet_habit (const SimCabinetSpec *cabinet, guint k);
guint           sim_cabinet_unit (const SimCabinetSpec *cabinet, guint k);
guint           sim_cabinet_circuits (const SimCabinetSpec *cabinet);
SimModel       *sim_world_model (SimWorld *world, const char *name, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimWorld, sim_world_free)

G_END_DECLS
