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
/* What a gateway speaks that calls the server; TLS also inside a link that the server calls. */
typedef enum { SIM_PROTO_NONE, SIM_PROTO_DTU, SIM_PROTO_GT3, SIM_PROTO_TLS, SIM_PROTO_7B7B, SIM_PROTO_1F1F } SimProto;
typedef struct {
  char        *code, *at; /* at: own address:port, the server's for dial_in, path of the tty for serial */
  TillLinkKind kind;
  SimProto     proto;
  guint        suite;                /* GT3 */
  gboolean     has_key, prefix;      /* prefix: the registration stands before every packet */
  guint8       key[32];              /* master key: GT3, TLS with PSK */
  char        *secret, *building;    /* 1F1F */
  char        *certificate, *ca;     /* TLS: PEM files; certificate holds the key too */
  GPtrArray   *registrations;        /* GBytes, one a connection */
  GBytes      *heartbeat;
  guint        heartbeat_s, upload_s; /* 0: none */
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
const char     *sim_proto_word (SimProto proto);
SimModel       *sim_world_model (SimWorld *world, const char *name, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimWorld, sim_world_free)

G_END_DECLS
