/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-delivery-faults.c: the delivery machine against a meter in memory, behind a line that loses, delays and hides.
 * Story: a reply is lost, the cashier's program sends again, the student is credited twice. Compiled again with planted
 * bugs, each of which must be caught. Exit status 0 = no violation. */
#include "server/rules/counter-rules.h"
#include "server/rules/delivery-rules.h"

#define SEEDS_DEFAULT 20000
#define STEPS_MAX 400
#define AMOUNT G_GINT64_CONSTANT (500000)

typedef enum { METER_COUNTED, METER_TOTAL_ONLY, METER_BALANCE_ONLY, METER_N } MeterSort;

typedef struct {
  MeterSort sort;
  gint32    count;
  gint64    total, balance;
  gint64    credited;     /* truth */
  gboolean  late_pending; /* bytes somewhere on the way */
  gint64    late_at_us;
  gint32    late_seq;
  gboolean  swapped;
} Meter;

typedef struct {
  GRand          *rand;
  gint64          now_us;
  Meter           meter;
  gint32          record_epoch;
  TilldDelivery   delivery;
  TilldPurse      purse;
  TilldMoneyTerms terms;
  gint64          posted;
  gboolean        foreign; /* somebody else credited the meter */
} World;

static gboolean
chance (World *world, gint per_mille)
{
  return g_rand_int_range (world->rand, 0, 1000) < per_mille;
}

static void
meter_apply (Meter *meter, gint32 seq)
{
  if (meter->sort == METER_COUNTED && seq != meter->count + 1)
    return; /* enforces its count: the same count again has no effect */
  meter->count++;
  meter->total += AMOUNT;
  meter->balance += AMOUNT;
  meter->credited += AMOUNT;
}

static void
pass_time (World *world, guint ms)
{
  world->now_us += (gint64) ms * 1000;
  world->meter.balance -= world->meter.sort == METER_BALANCE_ONLY ? ms / 1000 : 0;
  if (world->meter.late_pending && world->now_us >= world->meter.late_at_us)
    {
      world->meter.late_pending = FALSE;
      if (!world->meter.swapped)
        meter_apply (&world->meter, world->meter.late_seq);
    }
}

static TilldMoneyReading
meter_read (World *world)
{
  static const guint32 have[METER_N] = {
    [METER_COUNTED] = TILLD_MONEY_COUNT | TILLD_MONEY_TOTAL | TILLD_MONEY_BALANCE,
    [METER_TOTAL_ONLY] = TILLD_MONEY_TOTAL | TILLD_MONEY_BALANCE,
    [METER_BALANCE_ONLY] = TILLD_MONEY_BALANCE,
  };

  pass_time (world, 20);
  return (TilldMoneyReading){ .have = have[world->meter.sort], .epoch = world->record_epoch, .count = world->meter.count,
                              .total = world->meter.total, .balance = world->meter.balance, .at_us = world->now_us };
}

/* The one write: what happens to the bytes, and what the courier learns of it. */
static TillDeliveryOutcome
line_write (World *world, gint32 seq)
{
  static const TillDeliveryOutcome hidden[] = { TILL_DELIVERY_OUTCOME_TIMEOUT, TILL_DELIVERY_OUTCOME_GARBAGE,
                                                TILL_DELIVERY_OUTCOME_LINK_LOST, TILL_DELIVERY_OUTCOME_FAILED };
  TillDeliveryOutcome doubt = hidden[g_rand_int_range (world->rand, 0, G_N_ELEMENTS (hidden))];

  if (chance (world, 50))
    return TILL_DELIVERY_OUTCOME_NOT_SENT;
  if (chance (world, 150))
    return doubt; /* lost on the way there */
  if (chance (world, 40))
    return TILL_DELIVERY_OUTCOME_REFUSED;
  if (chance (world, 150))
    { /* delayed on the way there, always less than the quiet time */
      world->meter.late_pending = TRUE;
      world->meter.late_seq = seq;
      world->meter.late_at_us = world->now_us + g_rand_int_range (world->rand, 1, (gint32) world->terms.quarantine_ms) * 1000;
      return doubt;
    }
  meter_apply (&world->meter, seq);
  if (chance (world, 20))
    return TILL_DELIVERY_OUTCOME_REFUSED; /* seen in the field: refused and applied */
  return chance (world, 150) ? doubt : TILL_DELIVERY_OUTCOME_OK;
}

/* What delivery.c commits. */
static void
commit (World *world, const TilldDeliveryStep *step, const TilldMoneyReading *reading)
{
  world->delivery.state = step->next;
  world->delivery.seq = step->seq;
  world->delivery.attempt = step->attempt;
  world->delivery.outcome = step->outcome;
  if (step->next == TILL_COMMAND_STATE_SENT)
    world->delivery.baseline = *reading;
  if (step->effects & TILLD_EFFECT_POST)
    world->posted += world->delivery.amount;
  world->purse.frozen |= (step->effects & TILLD_EFFECT_CASE) != 0;
}

static TilldDeliveryStep
ask (World *world, TilldDeliveryEventKind kind, const TilldMoneyReading *reading, TillDeliveryOutcome outcome)
{
  TilldDeliveryEvent event = { .kind = kind, .reading = reading, .outcome = outcome };
  TilldDeliveryStep step = tilld_delivery_step (&world->delivery, &world->purse, &world->terms, &event);
  TilldMoneyReading second;

  if (step.effects & TILLD_EFFECT_READ_AGAIN)
    {
      second = meter_read (world);
      event.reading = &second;
      event.confirmed = TRUE;
      step = tilld_delivery_step (&world->delivery, &world->purse, &world->terms, &event);
    }
  return step;
}

static void
disturb (World *world)
{
  if (chance (world, 10) && !world->foreign)
    { /* a card, a hand-held tool: never ours */
      world->foreign = TRUE;
      world->meter.count++;
      world->meter.total += AMOUNT;
      world->meter.balance += AMOUNT;
    }
  if (chance (world, 10) && !world->meter.swapped && world->delivery.state == TILL_COMMAND_STATE_VERIFYING)
    { /* another device, whose counters happen to look as if ours had been applied */
      world->meter = (Meter){ .sort = world->meter.sort, .count = world->delivery.baseline.count + 1, .credited = world->meter.credited,
                              .total = world->delivery.baseline.total + AMOUNT, .balance = world->delivery.baseline.balance + AMOUNT,
                              .swapped = TRUE };
      world->record_epoch++;
      world->purse.epoch = world->record_epoch;
    }
}

static void
turn (World *world)
{
  TilldMoneyReading reading;
  TilldDeliveryStep step = { 0 };

  if (chance (world, 30))
    { /* kill -9: memory is gone, rows are not */
      step = ask (world, TILLD_EVENT_RESTART, NULL, TILL_DELIVERY_OUTCOME_UNKNOWN);
      commit (world, &step, NULL);
      pass_time (world, step.wait_ms);
    }
  disturb (world);
  if (world->delivery.state == TILL_COMMAND_STATE_QUEUED)
    {
      reading = meter_read (world);
      step = ask (world, TILLD_EVENT_READ_BEFORE, &reading, 0);
      commit (world, &step, &reading);
      if (!(step.effects & TILLD_EFFECT_WRITE) || chance (world, 20))
        return; /* killed between the commit and the first byte */
      step = ask (world, TILLD_EVENT_WRITTEN, NULL, line_write (world, world->delivery.seq));
      if (chance (world, 20))
        return; /* killed before t3: the next start finds `sent` */
      commit (world, &step, NULL);
      pass_time (world, step.wait_ms);
    }
  else if (world->delivery.state == TILL_COMMAND_STATE_SENT)
    {
      step = ask (world, TILLD_EVENT_RESTART, NULL, TILL_DELIVERY_OUTCOME_UNKNOWN);
      commit (world, &step, NULL);
      pass_time (world, step.wait_ms);
    }
  else if (world->delivery.state == TILL_COMMAND_STATE_VERIFYING && !chance (world, 150))
    {
      reading = meter_read (world);
      step = ask (world, TILLD_EVENT_READ_BACK, &reading, 0);
      commit (world, &step, &reading);
      pass_time (world, step.wait_ms);
    }
}

/* Returns what is wrong, or NULL. */
static const char *
run_seed (guint32 seed, TillCommandState *ret_end)
{
  static const TilldProof proofs[METER_N] = { TILLD_PROOF_COUNT_TOTAL, TILLD_PROOF_TOTAL, TILLD_PROOF_BALANCE };
  g_autoptr(GRand) rand = g_rand_new_with_seed (seed);
  World world = { .rand = rand, .record_epoch = 1 };
  TilldMoneyReading first;

  world.meter = (Meter){ .sort = seed % METER_N, .count = 7, .total = 90 * AMOUNT, .balance = AMOUNT / 2 };
  world.terms = (TilldMoneyTerms){ .effective = world.meter.sort == METER_COUNTED ? TILL_METER_CLASS_A : TILL_METER_CLASS_B,
                                   .proof = proofs[world.meter.sort], .unit = 100, .power_w = 2200, .price_max = 10000,
                                   .quarantine_ms = 5000, .settle_ms = 500 };
  first = meter_read (&world);
  world.purse = (TilldPurse){ .meter = 1, .epoch = 1, .has_baseline = TRUE, .have = first.have, .count = first.count,
                              .total = first.total, .balance = first.balance };
  world.delivery = (TilldDelivery){ .state = TILL_COMMAND_STATE_QUEUED, .kind = TILL_COMMAND_KIND_RECHARGE, .epoch = 1, .amount = AMOUNT };
  for (int i = 0; i < STEPS_MAX && world.delivery.state != TILL_COMMAND_STATE_VERIFIED && world.delivery.state != TILL_COMMAND_STATE_HELD; i++)
    turn (&world);
  pass_time (&world, 60000); /* everything that is still on the way arrives */
  *ret_end = world.delivery.state;
  if (world.meter.credited > AMOUNT)
    return "credited twice";
  if (world.posted > AMOUNT)
    return "posted twice";
  if (world.delivery.state == TILL_COMMAND_STATE_VERIFIED && world.meter.credited != AMOUNT && !world.foreign)
    return "posted, but the meter has nothing";
  if (world.delivery.state == TILL_COMMAND_STATE_VERIFIED && world.meter.swapped)
    return "posted for a device that is gone";
  if (world.delivery.state != TILL_COMMAND_STATE_VERIFIED && world.delivery.state != TILL_COMMAND_STATE_HELD)
    return "neither verified nor visible as held";
  return NULL;
}

int
main (int argc, char **argv)
{
  guint32 seeds = argc > 1 ? (guint32) g_ascii_strtoull (argv[1], NULL, 10) : SEEDS_DEFAULT;
  guint violations = 0, verified = 0, held = 0;

  for (guint32 seed = 0; seed < seeds; seed++)
    {
      TillCommandState end = TILL_COMMAND_STATE_QUEUED;
      const char *wrong = run_seed (seed, &end);

      verified += end == TILL_COMMAND_STATE_VERIFIED;
      held += end == TILL_COMMAND_STATE_HELD;
      if (wrong != NULL && violations++ < 5)
        g_printerr ("seed %u: %s\n", seed, wrong);
    }
  g_print ("%u seeds, %u verified, %u held, %u violations\n", seeds, verified, held, violations);
  return violations == 0 && verified > seeds / 2 ? 0 : 1;
}
