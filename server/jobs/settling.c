/* SPDX-License-Identifier: GPL-2.0-or-later
 * settling.c: rounds of settlement on a batch lane. What a meter costs and whether it is cut is decided below; here is only the order of
 * things and what is logged when one meter cannot be settled: the others go on. */
#include "server/jobs/settling.h"
#include "server/core/clock.h"
#include "server/db/db-tx.h"
#include "server/domain/money/arrears.h"
#include "server/domain/money/settle.h"
#include "server/domain/money/tariff.h"
#include "server/jobs/closing.h"
#include "server/jobs/importing.h"
#include "server/jobs/pricing.h"
#include "server/jobs/simulating.h"
#include "shared/base/till-log.h"

#define AT_ONCE       200
#define CLOSE_FROM_S  (20 * 60)   /* of the day: readings of midnight have come */
#define CLOSE_UNTIL_S (2 * 3600)  /* readings up to here may end yesterday */

struct _TilldSettling {
  TilldSettlingOptions options;
  GSource             *timer;
  gboolean             running;
};

typedef struct {
  TilldTariffBook     *book;
  TilldSettleContext   settle;
  TilldArrearsContext  arrears;
  gint64               meter, above;
  GArray              *meters;
  TillDay              day;
  TillId               job;
  gint64               done, failed;
  gboolean             found, ordered;
  TilldSettleOutcome   outcome;
  TilldSettlingStats   stats;
} Round;

/* --- steps: each a transaction --- */

static gboolean
find_due (TilldDb *db, gpointer data, GError **error)
{
  Round *round = data;

  g_array_set_size (round->meters, 0);
  return tilld_settle_due (db, AT_ONCE, round->meters, error);
}

static gboolean
settle_one (TilldDb *db, gpointer data, GError **error)
{
  Round *round = data;

  round->outcome = (TilldSettleOutcome){ 0 };
  return tilld_settle_meter (db, &round->settle, round->meter, &round->outcome, error);
}

static gboolean
show_states (TilldDb *db, gpointer data, GError **error)
{
  return tilld_settle_states (db, error);
}

static gboolean
find_candidates (TilldDb *db, gpointer data, GError **error)
{
  Round *round = data;

  g_array_set_size (round->meters, 0);
  return tilld_arrears_candidates (db, AT_ONCE, round->meters, error);
}

static gboolean
judge_one (TilldDb *db, gpointer data, GError **error)
{
  Round *round = data;

  return tilld_arrears_judge (db, &round->arrears, round->meter, &round->ordered, error);
}

/* One meter's failure is told and does not stop the others, unless the database is away. */
static gboolean
goes_on (Round *round, GError *failure, GError **error)
{
  if (till_error_is_retryable (failure))
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  till_warn (TILL_LOG_METER (round->meter), failure, "not settled");
  g_error_free (failure);
  round->stats.failed++;
  return TRUE;
}

static gboolean
settle_due (TilldDb *db, Round *round, GError **error)
{
  if (!tilld_tx_run (db, TILLD_READ_COMMITTED, find_due, round, error))
    return FALSE;
  for (guint i = 0; i < round->meters->len; i++)
    {
      GError *failure = NULL;

      round->meter = g_array_index (round->meters, gint64, i);
      if (tilld_tx_run (db, TILLD_READ_COMMITTED, settle_one, round, &failure))
        round->stats.settled += round->outcome.settlements;
      else if (!goes_on (round, failure, error))
        return FALSE;
    }
  return tilld_tx_run (db, TILLD_READ_COMMITTED, show_states, round, error);
}

static gboolean
judge_all (TilldDb *db, Round *round, GError **error)
{
  if (!tilld_tx_run (db, TILLD_READ_COMMITTED, find_candidates, round, error))
    return FALSE;
  for (guint i = 0; i < round->meters->len; i++)
    {
      GError *failure = NULL;

      round->meter = g_array_index (round->meters, gint64, i);
      if (tilld_tx_run (db, TILLD_READ_COMMITTED, judge_one, round, &failure))
        round->stats.ordered += round->ordered;
      else if (!goes_on (round, failure, error))
        return FALSE;
    }
  return TRUE;
}

/* --- the day close: once a day, a piece a round --- */

static const TilldStatement close_begin = {
  .name = "day-close-begin",
  .sql = "INSERT INTO job (id, name, period, site, cursor) VALUES ($1, 'day_close', $2, $3, '{\"meter\":0}') ON CONFLICT (name, period) DO NOTHING",
  .params = { DB_UUID_TYPE, DB_TEXT_TYPE, DB_I64_TYPE },
};
TILLD_STATEMENT (close_begin)

static const TilldStatement close_load = {
  .name = "day-close-load",
  .sql = "SELECT id, coalesce ((cursor->>'meter')::bigint, 0) AS above, done, failed FROM job WHERE name = 'day_close' AND period = $1 AND state = 'running'"
         " FOR UPDATE SKIP LOCKED",
  .params = { DB_TEXT_TYPE },
  .columns = { { "id", DB_UUID_TYPE }, { "above", DB_I64_TYPE }, { "done", DB_I64_TYPE }, { "failed", DB_I64_TYPE } },
};
TILLD_STATEMENT (close_load)

static const TilldStatement close_move = {
  .name = "day-close-move",
  .sql = "UPDATE job SET cursor = jsonb_build_object ('meter', $2), done = $3, failed = $4, total = greatest (total, $3), state = CASE WHEN $5 THEN 'done'"
         " ELSE state END, ended_at = CASE WHEN $5 THEN now () END WHERE id = $1 AND state = 'running'",
  .params = { DB_UUID_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_BOOL_TYPE },
};
TILLD_STATEMENT (close_move)

static gboolean
load_close (TilldDb *db, gpointer data, GError **error)
{
  Round *round = data;
  g_autoptr (TilldRows) rows = NULL;
  char day[TILL_DAY_TEXT];

  till_day_print (round->day, day);
  till_id_new (&round->job, round->arrears.now / 1000);
  g_array_set_size (round->meters, 0);
  if (!tilld_db_query (db, &close_begin, NULL, error, DB_UUID (&round->job), tilld_db_text (day), DB_I64 (round->settle.who->site)) ||
      !tilld_db_query (db, &close_load, &rows, error, tilld_db_text (day)))
    return FALSE;
  round->found = tilld_rows_count (rows) == 1;
  if (!round->found)
    return TRUE;
  tilld_row_uuid (rows, 0, "id", &round->job);
  round->above = tilld_row_i64 (rows, 0, "above");
  round->done = tilld_row_i64 (rows, 0, "done");
  round->failed = tilld_row_i64 (rows, 0, "failed");
  return tilld_settle_daily (db, round->above, AT_ONCE, round->meters, error);
}

static gboolean
move_close (TilldDb *db, gpointer data, GError **error)
{
  Round *round = data;
  gboolean last = round->meters->len < AT_ONCE;

  return tilld_db_query (db, &close_move, NULL, error, DB_UUID (&round->job), DB_I64 (round->above), DB_I64 (round->done), DB_I64 (round->failed),
                         DB_BOOL (last));
}

static gboolean
assign_due (TilldDb *db, gpointer data, GError **error)
{
  guint n;

  return tilld_tariff_assign_due (db, &n, error);
}

static gboolean
close_day (TilldDb *db, Round *round, GError **error)
{
  TillTime start = till_zone_day_start (round->arrears.zone, round->day);

  if (!tilld_tx_run (db, TILLD_READ_COMMITTED, load_close, round, error))
    return FALSE;
  if (!round->found)
    return TRUE;
  if (round->above == 0 && !tilld_tx_run (db, TILLD_READ_COMMITTED, assign_due, round, error))
    return FALSE;
  round->settle.until = MIN (round->arrears.now, start + CLOSE_UNTIL_S * TILL_SECOND);
  for (guint i = 0; i < round->meters->len; i++)
    {
      GError *failure = NULL;

      round->meter = round->above = g_array_index (round->meters, gint64, i);
      if (tilld_tx_run (db, TILLD_READ_COMMITTED, settle_one, round, &failure))
        {
          round->done++;
          round->stats.daily += round->outcome.settlements;
          round->stats.discrepancies += round->outcome.discrepancy;
        }
      else if (!goes_on (round, failure, error))
        return FALSE;
      else
        round->failed++;
    }
  round->stats.day_closed = round->meters->len < AT_ONCE;
  return tilld_tx_run (db, TILLD_READ_COMMITTED, move_close, round, error);
}

/* --- a round --- */

static gboolean
load_book (TilldDb *db, gpointer data, GError **error)
{
  Round *round = data;

  g_clear_pointer (&round->book, tilld_tariff_book_free);
  round->book = tilld_tariff_book_load (db, round->settle.who->site, error);
  return round->book != NULL;
}

static gboolean
run_round (TilldDb *db, Round *round, GError **error)
{
  GTimeZone *zone = tilld_tariff_book_civil (round->book)->zone;
  TillTime now = round->settle.until;

  round->settle.book = round->book;
  round->arrears = (TilldArrearsContext){ round->settle.profiles, round->settle.who, zone, now };
  round->day = till_zone_day (zone, now);
  if (!settle_due (db, round, error) || !judge_all (db, round, error))
    return FALSE;
  return now - till_zone_day_start (zone, round->day) < CLOSE_FROM_S * TILL_SECOND || close_day (db, round, error);
}

gboolean
tilld_settling_round (TilldDb *db, const TilldProfiles *profiles, gint64 site, TillTime now, TilldSettlingStats *ret, GError **error)
{
  g_autoptr (GArray) meters = g_array_new (FALSE, FALSE, sizeof (gint64));
  TilldActor who = TILLD_ACTOR_SYSTEM (site);
  Round round = { .meters = meters };
  gboolean good;

  g_strlcpy (who.request, "settling", sizeof who.request);
  round.settle = (TilldSettleContext){ NULL, profiles, &who, now, FALSE };
  good = tilld_tx_run (db, TILLD_REPEATABLE_READ_ONLY, load_book, &round, error) && run_round (db, &round, error);
  g_clear_pointer (&round.book, tilld_tariff_book_free);
  *ret = round.stats;
  return good;
}

/* --- the timer --- */

static gboolean
work (TilldDb *db, gpointer data, GError **error)
{
  TilldSettling *self = data;
  TilldSettlingStats stats;
  TillTime now = tilld_clock_wall (self->options.clock);

  return tilld_pricing_run (db, self->options.profiles, self->options.site, now, error)
         && tilld_importing_run (db, self->options.profiles, now, error)
         && tilld_settling_round (db, self->options.profiles, self->options.site, now, &stats, error)
         && tilld_closing_run (db, self->options.profiles, self->options.ledger, error) && tilld_simulating_run (db, error);
}

static void
done (gpointer data, const GError *error)
{
  TilldSettling *self = data;

  if (error != NULL)
    till_warn (TILL_LOG_LANE ("batch"), error, "settlement");
  g_atomic_int_set (&self->running, FALSE);
  g_atomic_rc_box_release (self);
}

static gboolean
due (gpointer data)
{
  TilldSettling *self = data;
  const TilldLaneJob job = { .work = work, .done = done, .data = self };
  g_autoptr (GError) error = NULL;

  if (!g_atomic_int_compare_and_exchange (&self->running, FALSE, TRUE))
    return G_SOURCE_CONTINUE; /* the last round is still under way */
  g_atomic_rc_box_acquire (self);
  if (!tilld_lanes_push (self->options.lanes, TILLD_LANE_BATCH, &job, &error))
    {
      g_atomic_int_set (&self->running, FALSE); /* the lane is full: next time */
      g_atomic_rc_box_release (self);
    }
  return G_SOURCE_CONTINUE;
}

TilldSettling *
tilld_settling_new (const TilldSettlingOptions *options, GMainContext *context)
{
  TilldSettling *self = g_atomic_rc_box_new0 (TilldSettling);

  self->options = *options;
  self->timer = g_timeout_source_new (TILLD_SETTLING_MS);
  g_source_set_callback (self->timer, due, self, NULL);
  g_source_attach (self->timer, context);
  return self;
}

void
tilld_settling_free (TilldSettling *self)
{
  g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  g_atomic_rc_box_release (self);
}
