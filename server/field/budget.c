/* SPDX-License-Identifier: GPL-2.0-or-later
 * budget.c: the formula over the records of each line. Slows nothing down: it says so before people wait for values that cannot come. */
#include "server/field/budget.h"
#include "server/domain/plant/line-load.h"
#include "shared/base/till-log.h"

#define MOBILE_RTT_MS 120 /* of a gateway that calls over 4G; nothing that counts on the own network */

typedef struct {
  TilldFieldRole *field;
  GArray         *loads; /* TilldLineLoad */
} Telling;

static guint
full_interval_s (const TilldLine *line, const TilldCircuit *circuit)
{
  return circuit->record->full_interval_s != 0 ? circuit->record->full_interval_s : line->station->record.full_interval_s;
}

guint
tilld_line_load_pct (const TilldLine *line)
{
  const TilldFieldGateway *gateway = &line->station->record;
  const TilldPlanSet      *plans = NULL;
  guint                    full_s = 0;
  guint64                  one = 0, all = 0;

  for (guint i = 0; i < line->n; i++)
    {
      const TilldCircuit *c = &line->circuits[i];

      /* Most circuits of a line are alike. */
      if (plans != c->plans || full_s != full_interval_s (line, c))
        {
          TilldPlanTiming timing = { line->bus.timing.baud, c->plans->profile->turnaround_ms, gateway->link == TILL_LINK_KIND_DIAL_IN ? MOBILE_RTT_MS : 0 };

          plans = c->plans;
          full_s = full_interval_s (line, c);
          one = tilld_mb_load (&timing, &plans->plan[TILLD_PLAN_STATUS], &plans->plan[TILLD_PLAN_FULL], gateway->status_interval_s, full_s);
        }
      all += one;
    }
  return (guint) ((all + 9999) / 10000);
}

static gboolean
do_store (TilldDb *db, gpointer data, GError **error)
{
  const Telling *telling = data;

  return tilld_line_load_store (db, (const TilldLineLoad *) telling->loads->data, telling->loads->len, error);
}

static void
stored (gpointer data, const GError *error)
{
  Telling *telling = data;

  tilld_field_job_ended (telling->field);
  if (error != NULL)
    till_warn (TILL_LOG_NONE, error, "loads of lines not stored");
  g_array_unref (telling->loads);
  g_free (telling);
}

void
tilld_budget_tell (TilldFieldRole *field, TilldStation *const *stations, guint n)
{
  Telling *telling = g_new0 (Telling, 1);

  telling->field = field;
  telling->loads = g_array_new (FALSE, FALSE, sizeof (TilldLineLoad));
  for (guint s = 0; s < n; s++)
    for (guint i = 0; i < stations[s]->n_lines; i++)
      {
        TilldLine    *line = stations[s]->lines[i];
        TilldLineLoad load = { stations[s]->record.id, line->bus.port, tilld_line_load_pct (line) };

        if (line->load_pct == load.pct + 1)
          continue;
        if (load.pct > TILLD_LINE_TOO_SLOW && line->load_pct <= TILLD_LINE_TOO_SLOW + 1)
          till_info (TILL_LOG_GATEWAY (stations[s]->record.code), "port %u is too slow: the polls of its %u circuits take %d %% of its time",
                     line->bus.port, line->n, (int) load.pct);
        line->load_pct = (guint) load.pct + 1;
        g_array_append_val (telling->loads, load);
      }
  if (telling->loads->len > 0 && tilld_field_push (field, TILLD_LANE_BATCH, TRUE, do_store, stored, telling, NULL))
    return;
  for (guint s = 0; telling->loads->len > 0 && s < n; s++) /* the next time, then */
    for (guint i = 0; i < stations[s]->n_lines; i++)
      stations[s]->lines[i]->load_pct = 0;
  g_array_unref (telling->loads);
  g_free (telling);
}
