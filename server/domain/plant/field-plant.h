/* SPDX-License-Identifier: GPL-2.0-or-later
 * field-plant.h: the plant as the field thread needs it: gateways and circuits to poll, sessions of links, readings to store, and
 * commands that are no money. Plain structs: they are copied between the lane threads and the field thread. */
#pragma once
#include "server/core/types.h"
#include "server/domain/plant/field-gateway.h"
#include "server/profile/profile-load.h"
#include "server/profile/profile-write.h"
#include "shared/api/till-enums.h"

G_BEGIN_DECLS

/* One of a million: the field thread keeps it in as few bytes as it can. */
typedef struct {
  gint64      id, gateway;
  gint64      alarm1, alarm2, overdraft; /* limits of the record */
  gint64      power_w, price_max;        /* contracted power, highest price of its tariff: bound of consumption */
  TillTime    read_at;                   /* of the last good status, 0 = never */
  const char *model;                     /* interned */
  const char *candidate;                 /* interned: relay words that were proven; "": those of the profile */
  gint32      epoch, ct_ratio;
  guint32     full_interval_s;           /* 0: the gateway's */
  guint8      port, unit;
  guint8      settlement, purse;         /* TillSettlement, TillPurse */
  guint8      proven;                    /* model_proof of this version for this gateway, or for all simulated ones: bit 1 << TilldProvenWrite */
  gint8       recharge_class;            /* TillMeterClass the proof found, -1: no proof says */
  gint8       control;                   /* last verified relay command (TillCommandKind), -1 none */
  guint8      life_support : 1, has_account : 1, dispute : 1, recharge_proven : 1, control_proven : 1;
} TilldFieldMeter;

/* Gateways that are not retired, by id, appended. cursor 0: all count as changed; ret_cursor: to ask with next. */
gboolean tilld_field_gateways_load (TilldDb *db, gint64 cursor, GArray *ret_gateways, gint64 *ret_cursor, GError **error);
/* How many there are. */
gboolean tilld_field_gateways_count (TilldDb *db, guint *ret_n, GError **error);
/* Meters of these gateways (by id) that are not retired, by gateway, port, unit, appended. profiles: proofs speak for the version that
 * is loaded here. */
gboolean tilld_field_meters_load (TilldDb *db, const TilldProfiles *profiles, const TilldFieldGateway *gateways, guint n, GArray *ret_meters,
                                  GError **error);
/* All of both. */
gboolean tilld_field_plant_load (TilldDb *db, const TilldProfiles *profiles, GArray *ret_gateways, GArray *ret_meters, GError **error);

/* Links were opened: epoch + 1 under a row lock, owner, online, class; feed row `gateway`; alarms gateway_lost end. Of one gateway once. */
typedef struct { gint64 gateway, epoch; TillLinkClass link_class; } TilldSessionOpen; /* epoch comes out */
gboolean tilld_gateway_sessions_open (TilldDb *db, const TillId *owner, TilldSessionOpen *sessions, guint n, GError **error);
gboolean tilld_gateway_session_open (TilldDb *db, gint64 gateway, const TillId *owner, TillLinkClass link_class, gint64 *ret_epoch, GError **error);
typedef struct { gint64 gateway, epoch, rtt_us, requests, failures; gboolean online; TillTime seen_at; } TilldGatewayPulse;
/* State and counters since the last pulse; ignored for an epoch that is over. Offline: alarm gateway_lost. */
gboolean tilld_gateway_pulse (TilldDb *db, const TilldGatewayPulse *pulses, guint n, GError **error);

typedef enum {
  TILLD_HAS_BALANCE = 1 << 0, TILLD_HAS_ENERGY = 1 << 1, TILLD_HAS_COUNT = 1 << 2, TILLD_HAS_TOTAL = 1 << 3, TILLD_HAS_POWER = 1 << 4,
  TILLD_HAS_U = 1 << 5, TILLD_HAS_I = 1 << 6, TILLD_HAS_PF = 1 << 7, TILLD_HAS_RATE = 1 << 8, /* << TillRate: 8 .. 12 */
  TILLD_STATE_OF_ACCOUNT = 1 << 13, /* the server settles: state and balance follow the account, not this reading */
} TilldReadingHas;

/* One sweep of one circuit, or the news that it is lost. CT ratio applied, server units. */
typedef struct {
  gint64         meter;
  TillTime       at;   /* reply complete */
  TillTime       slot; /* grid slot it fills, 0 = none: state only, no row in reading unless keep */
  gint32         epoch;
  guint32        has;  /* TilldReadingHas */
  gboolean       lost; /* after three failed sweeps: no values */
  gboolean       keep; /* read on request: a row in reading without slot */
  gboolean       pushed; /* the gateway sent it by itself: never a money decision */
  TillMeterState state;
  TillMeterMode  mode;
  TillRelay      relay;
  guint32        flags; /* TillMeterFlag */
  gint64         balance, energy_total, energy_rate[TILL_N_RATES], purchase_count, purchased_total, power_w, u_mv, i_ma, pf_milli;
} TilldFieldReading;

/* One transaction: meter_state by COPY to a temporary table and UPDATE .. FROM (upsert), reading, one feed row `meter`; alarms
 * meter_lost, arrears, low1, low2, overload, energy_after_trip raised and cleared. readings sorted by meter, each meter once. */
gboolean tilld_field_ingest (TilldDb *db, const TilldFieldReading *readings, guint n, GError **error);

/* Orders that are no money: queued ones of these gateways, newest generation per meter and kind; a claim lasts 60 s. */
typedef struct {
  TillId          id;
  gint64          meter, gateway, generation;
  TillCommandKind kind;
  gint32          attempt, refusals;
  TillTime        created_at;
  guint           table;    /* cabinet orders: the unit they go to; 0 = the meter's own */
  gboolean        doubt;    /* ON: an older OFF may still be on its way */
  TilldSettings  *settings; /* set_*: owned; NULL: the value cannot be read any more */
} TilldFieldCommand;

void     tilld_field_command_clear (TilldFieldCommand *command);
gboolean tilld_field_command_claim (TilldDb *db, const gint64 *gateways, guint n_gateways, guint limit, GArray *ret_commands, GError **error);
/* Before the bytes: STALE when a newer generation of the meter exists or it is no longer queued; CONFLICT: a force_off that waited a
 * minute may not be executed any more. */
gboolean tilld_field_command_sent (TilldDb *db, const TilldFieldCommand *command, GError **error);

typedef struct {
  TillId              id;
  TillCommandState    state;   /* verified, failed, or queued: again after retry_s */
  guint               retry_s;
  TillDeliveryOutcome outcome; /* of the last write */
  const char         *text;    /* NULL or a short reason */
} TilldFieldCommandEnd;

/* Feed row `command`. A verified setting makes the meter's configuration due to be read. */
gboolean tilld_field_command_done (TilldDb *db, const TilldFieldCommandEnd *end, GError **error);

G_END_DECLS
