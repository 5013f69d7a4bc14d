/* SPDX-License-Identifier: GPL-2.0-or-later
 * setter-private.h: one order under way: setter.c takes and ends them, setter-run.c executes them on the bus. */
#pragma once
#include "server/field/field-private.h"
#include "server/profile/profile-write.h"

G_BEGIN_DECLS

typedef enum {
  TILLD_ORDER_READ,       /* read_now: waits for the next status */
  TILLD_ORDER_COMMIT,     /* `sent` is being committed */
  TILLD_ORDER_LOOK,       /* a cabinet's setting: it may stand already */
  TILLD_ORDER_WRITE,
  TILLD_ORDER_SETTLE,
  TILLD_ORDER_BACK,
  TILLD_ORDER_FLAGS,      /* relay: what the meter shows */
  TILLD_ORDER_CLOCK,
  TILLD_ORDER_QUARANTINE, /* ON after an ambiguous OFF: until nothing of that can come any more */
  TILLD_ORDER_END,
} TilldOrderStage;

/* One request of an order; an order has all writes of its name, in the order of the profile. */
typedef struct {
  TilldWriteWords words;
  guint8          unit;
  gboolean        read_back, look; /* look: read first, it is shared by a cabinet */
} TilldOrderPart;

typedef struct {
  TilldSetter        *setter;
  TilldCircuit       *circuit;
  TilldFieldCommand   command;
  TilldOrderStage     stage;
  TilldBusJob         job;
  TilldTimer          timer;
  TilldAction         action;
  TilldOrderPart      parts[TILLD_PROFILE_SETTINGS_MAX];
  guint               n_parts, part, read_tries;
  gboolean            refused, doubt, second, overtaken;
  TillDeliveryOutcome outcome;
  gint64              flag_word[TILLD_POINT_N];
  gboolean            have[TILLD_POINT_N];
  TilldFieldCommandEnd end;
  char                text[80];
} TilldOrder;

struct _TilldSetter {
  TilldFieldRole *field;
  GPtrArray      *orders;  /* TilldOrder */
  GArray         *claimed; /* TilldFieldCommand */
  gint64         *gateways;
  guint           n_gateways;
  gboolean        claiming, again;
};

/* setter.c */
void tilld_order_end (TilldOrder *order, TillCommandState state, guint retry_s, const char *text);
void tilld_order_again (TilldOrder *order, const char *text); /* later, or failed when it was tried long enough */

/* setter-run.c */
gboolean tilld_order_is_relay (const TilldOrder *order);
/* The requests of the order. FALSE with the reason it cannot be executed here. */
gboolean tilld_order_prepare (TilldOrder *order, GError **error);
void     tilld_order_run (TilldOrder *order); /* after `sent` was committed */
void     tilld_order_job_done (TilldBusJob *job, TilldBusOutcome outcome, const TilldMbReply *reply, gpointer data);
void     tilld_order_timer_fired (TilldReactor *reactor, TilldTimer *timer, gpointer data);
/* A newer order of the relay has come: what has not left must not leave. TRUE: something may have left. */
gboolean tilld_order_overtake (TilldOrder *order);

G_END_DECLS
