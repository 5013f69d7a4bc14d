/* SPDX-License-Identifier: GPL-2.0-or-later
 * sale-desk.c: the lane before the ledger's. Groups what came together and decides nothing itself: sale.c does. */
#include "server/domain/money/sale-desk.h"

#include "server/core/clock.h"

#define WAITING_MAX 1024

struct _TilldSaleDesk {
  TilldDb             *db; /* its thread's */
  TilldLedger         *ledger;
  const TilldProfiles *profiles;
  TilldClock          *clock;
  TilldLane           *lane;
};

static void
serve (gpointer thread_state, gpointer *data, guint n, gpointer user_data)
{
  TilldSaleDesk *desk = user_data;

  tilld_sale_tasks_start ((TilldSaleTask **) data, n, desk->ledger, desk->db, desk->profiles);
}

static void
refuse (gpointer data, const GError *reason)
{
  tilld_sale_task_refuse (data, reason);
}

TilldSaleDesk *
tilld_sale_desk_new (TilldDb *db, TilldLedger *ledger, const TilldProfiles *profiles, TilldClock *clock)
{
  TilldSaleDesk *desk = g_new0 (TilldSaleDesk, 1);
  TilldLaneOptions options = { .name = "sale-desk", .n_threads = 1, .capacity = WAITING_MAX, .clock = clock, .batch = serve,
                               .batch_max = TILLD_SALE_DESK_BATCH, .user_data = desk };

  *desk = (TilldSaleDesk){ .db = db, .ledger = ledger, .profiles = profiles, .clock = clock };
  desk->lane = tilld_lane_new (&options);
  return desk;
}

gboolean
tilld_sale_desk_submit (TilldSaleDesk *desk, TilldSaleTask *task, guint deadline_ms, GError **error)
{
  TilldLaneItem item = { .refuse = refuse, .data = task, .deadline_us = tilld_clock_boot_us (desk->clock) + (gint64) deadline_ms * 1000 };

  return tilld_lane_push (desk->lane, &item, error);
}

void
tilld_sale_desk_stats (TilldSaleDesk *desk, TilldLaneStats *ret_stats)
{
  tilld_lane_stats (desk->lane, ret_stats);
}

void
tilld_sale_desk_free (TilldSaleDesk *desk)
{
  if (desk == NULL)
    return;
  tilld_lane_free (desk->lane);
  tilld_db_free (desk->db);
  g_free (desk);
}
