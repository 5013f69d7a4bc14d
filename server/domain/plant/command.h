/* SPDX-License-Identifier: GPL-2.0-or-later
 * command.h: orders to meters that are no money (those: domain/money/delivery). A newer absolute setting supersedes the older in
 * the same transaction. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/api/till-enums.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

typedef struct {
  TillId          id;
  gint64          meter;
  TillCommandKind kind;   /* not recharge, debit (asserted) */
  const char     *value;  /* JSON or NULL */
  const char     *asked;  /* what makes two requests the same when value was worked out here; NULL: value */
  const char     *reason; /* NULL = none */
  guint           table;  /* > 0: changes the cabinet of this table number at the meter's gateway and port */
  guint           span;   /* addresses of it */
  gboolean        repairs;
} TilldCommandNew;

/* The first half of create: scope and id. Nothing is stored but the id. */
gboolean tilld_command_begin (TilldDb *db, const TilldActor *who, const TilldCommandNew *in, gboolean *ret_replay, GError **error);
/* The second half, after a begin that was no replay. */
gboolean tilld_command_store (TilldDb *db, const TilldActor *who, const TilldCommandNew *in, GError **error);

/* Rings till_delivery. *ret_replay: the id was there with the same content. CONFLICT: with another. NOT_FOUND: meter out of scope. */
gboolean tilld_command_create (TilldDb *db, const TilldActor *who, const TilldCommandNew *in, gboolean *ret_replay, GError **error);
/* id, meter, meter_code, room, kind, state, amount, value, attempts, outcome, error, operator, operator_name, created_at, sent_at,
 * done_at. Filters: id, meter, area, kind, state, from, to, min_age_s. Newest first. */
gboolean tilld_command_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
gboolean tilld_command_get (TilldDb *db, const TilldActor *who, const TillId *id, TillJsonWrite *w, GError **error);
/* For those who wait: state now; NOT_FOUND. */
gboolean tilld_command_state (TilldDb *db, const TillId *id, TillCommandState *ret_state, GError **error);

G_END_DECLS
