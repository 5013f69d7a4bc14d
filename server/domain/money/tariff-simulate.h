/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff-simulate.h: what meters would have paid by another tariff, from their real readings. Changes nothing. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/money/tariff-body.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

#define TILLD_SIMULATE_NOW 200 /* more meters are a job */

typedef struct {
  gint64              tariff;      /* by its versions, each on its days; 0: */
  TilldTariffVersion *version;     /* by this one on all days; owned */
  GArray             *meters;      /* gint64, owned; empty or NULL: */
  gint64              area;        /* with its children; 0 and no meters: the estate */
  TillDay             from, to;    /* both included */
} TilldSimulateRequest;

/* Of the body of a request, as it is also kept with a job. */
gboolean         tilld_simulate_request_read (JsonNode *body, TilldSimulateRequest *ret, GError **error);
void             tilld_simulate_request_clear (TilldSimulateRequest *request);
/* "meters": numbers, "area": one; at most one of them. */
void             tilld_tariff_selection_read (TillJsonRead *r, GArray *meters, gint64 *ret_area);

typedef struct _TilldSimulation TilldSimulation;

/* The meters of the request that the operator may see, by id. INVALID: an empty or too long period; NOT_FOUND: no such tariff, no meter. */
TilldSimulation *tilld_simulation_new (TilldDb *db, const TilldActor *who, const TilldSimulateRequest *in, GError **error);
void             tilld_simulation_free (TilldSimulation *simulation);
/* Takes the version of the request, for one that does not live as long. */
void             tilld_simulation_keep (TilldSimulation *simulation, TilldSimulateRequest *request);
guint            tilld_simulation_total (const TilldSimulation *simulation);
/* The next meter; FALSE with *error unset: there are no more. */
gboolean         tilld_simulation_step (TilldSimulation *simulation, TilldDb *db, GError **error);
/* from, to, meters, energy, old, new, difference, months [{month, energy, old, new, difference}], most [{..}] (five most affected), items [..] (at most 1000)
 * into the open object. */
void             tilld_simulation_write (TilldSimulation *simulation, TillJsonWrite *w);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldSimulateRequest, tilld_simulate_request_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldSimulation, tilld_simulation_free)

G_END_DECLS
