/* SPDX-License-Identifier: GPL-2.0-or-later
 * simulate.c: one meter, one till, two servers that take over from each other, a line that loses, delays and repeats; one number is the
 * whole history. Rows are arrays; the rules are those of the server. Compiled again with planted bugs, each of which must be caught. */
#include "server/core/bug.h"
#include "server/rules/delivery-rules.h"
#include "server/rules/lease-rules.h"
#include "server/rules/refund-rules.h"

#include <stdio.h>

#define INTENTS 4
#define ROWS 32
#define TURNS 600
#define AMOUNT G_GINT64_CONSTANT (500000)
#define OPENING (10 * AMOUNT)

typedef enum { SORT_A, SORT_B_TOTAL, SORT_N } Sort;
typedef enum { FAULT_LOST, FAULT_REPLY_LOST, FAULT_LATE, FAULT_DUPLICATE, FAULT_STALE, FAULT_CRASH, FAULT_PAUSE, FAULT_NOT_SENT, FAULT_N } Fault;

static const char *const fault_words[FAULT_N] = { "lost", "reply lost", "late", "duplicate", "stale reply", "crash", "paused owner", "not sent" };
static const int fault_per_mille[FAULT_N] = { 100, 120, 100, 30, 40, 30, 40, 40 };
static guint coverage[FAULT_N][16];
static guint sales_done;

typedef struct { gboolean pending; gint64 at_us; gint32 seq; TillCommandKind kind; } Late;
typedef struct { gint32 client_id; TilldDelivery delivery; gint64 paid_out; gint32 reverses; gboolean reversed; } Row;

typedef struct {
  GRand            *rand;
  gboolean          calm;
  gint64            boot_us, wall_us, renewed_us;
  Sort              sort;
  TilldMoneyReading meter, stale;
  Late              late;
  gint64            credited, debited; /* the meter's own journal */
  TilldPurse        purse;
  TilldMoneyTerms   terms;
  Row               rows[ROWS];
  guint             n_rows, intents;
  gint64            cash, transit, on_meter; /* debit positive */
  guint             commits, audits;
  const char       *wrong;
} World;

static gboolean
fault (World *world, Fault which, const TilldDelivery *delivery)
{
  if (world->calm || g_rand_int_range (world->rand, 0, 1000) >= fault_per_mille[which])
    return FALSE;
  coverage[which][delivery->state]++;
  return TRUE;
}

static void
meter_apply (World *world, TillCommandKind kind, gint32 seq)
{
  TilldMoneyReading *meter = &world->meter;

  if (kind == TILL_COMMAND_KIND_DEBIT)
    {
      if (seq != meter->refund_count + 1 || meter->balance < AMOUNT)
        return;
      meter->refund_count++;
      meter->refunded_total += AMOUNT;
      meter->balance -= AMOUNT;
      world->debited += AMOUNT;
      return;
    }
  if (world->sort == SORT_A && seq != meter->count + 1)
    return;
  meter->count++;
  meter->total += AMOUNT;
  meter->balance += AMOUNT;
  world->credited += AMOUNT;
}

static void
pass_time (World *world, guint ms)
{
  world->boot_us += (gint64) ms * 1000;
  world->wall_us += (gint64) ms * 1000;
  if (world->late.pending && world->boot_us >= world->late.at_us)
    {
      world->late.pending = FALSE;
      meter_apply (world, world->late.kind, world->late.seq);
    }
}

static TilldMoneyReading
meter_read (World *world, const TilldDelivery *delivery)
{
  TilldMoneyReading now;

  pass_time (world, 20);
  now = world->meter;
  now.at_us = world->boot_us;
  /* A reply of an earlier request is on the line: its token does not match and the request is asked again. */
  if (fault (world, FAULT_STALE, delivery) && TILLD_HAS_BUG (TILLD_BUG_OTHER_REPLY))
    now = world->stale;
  world->stale = now;
  return now;
}

/* One transaction: its audit entry is part of it. */
static void
committed (World *world)
{
  world->commits++;
  if (!TILLD_HAS_BUG (TILLD_BUG_AUDIT_OUTSIDE) || world->calm || g_rand_int_range (world->rand, 0, 1000) >= 30)
    world->audits++;
}

static void
commit (World *world, Row *row, const TilldDeliveryStep *step, const TilldMoneyReading *reading)
{
  TilldDelivery *delivery = &row->delivery;
  gboolean debit = delivery->kind == TILL_COMMAND_KIND_DEBIT;

  if (step->next != delivery->state && !tilld_delivery_edge_legal (delivery->state, step->next) && !TILLD_HAS_BUG (TILLD_BUG_BLIND_RETRY))
    world->wrong = "an edge that is not in the table";
  if (delivery->state == TILL_COMMAND_STATE_QUEUED && step->next == TILL_COMMAND_STATE_HELD)
    world->wrong = "I5 the counter moved without a command that was sent";
  delivery->state = step->next;
  delivery->seq = step->seq;
  delivery->attempt = step->attempt;
  delivery->outcome = step->outcome;
  if (step->next == TILL_COMMAND_STATE_SENT)
    delivery->baseline = *reading;
  if (step->effects & TILLD_EFFECT_POST)
    {
      world->on_meter += debit ? AMOUNT : -AMOUNT;
      world->transit += debit ? 0 : AMOUNT;
      world->cash -= debit && row->paid_out == 0 ? AMOUNT : 0;
      row->paid_out = debit ? AMOUNT : 0;
    }
  if (step->effects & TILLD_EFFECT_PURSE)
    {
      world->purse.count = reading->count;
      world->purse.total = reading->total;
      world->purse.balance = reading->balance;
      world->purse.refund_count = reading->refund_count;
      world->purse.refunded_total = reading->refunded_total;
    }
  world->purse.frozen |= (step->effects & TILLD_EFFECT_CASE) != 0;
  committed (world);
}

static TilldDeliveryStep
ask (World *world, Row *row, TilldDeliveryEventKind kind, TilldMoneyReading *reading, TillDeliveryOutcome outcome)
{
  TilldDeliveryEvent event = { .kind = kind, .reading = reading, .outcome = outcome };
  TilldMoneyTerms terms = world->terms;
  TilldDeliveryStep step;

  terms.proof = row->delivery.kind == TILL_COMMAND_KIND_DEBIT ? TILLD_PROOF_REFUNDS : terms.proof;
  step = tilld_delivery_step (&row->delivery, &world->purse, &terms, &event);
  if (step.effects & TILLD_EFFECT_READ_AGAIN)
    {
      *reading = meter_read (world, &row->delivery);
      event.confirmed = TRUE;
      step = tilld_delivery_step (&row->delivery, &world->purse, &terms, &event);
    }
  return step;
}

static void
send_late (World *world, const TilldDelivery *delivery, gint32 seq, gint32 ms)
{
  world->late = (Late){ TRUE, world->boot_us + (gint64) ms * 1000, seq, delivery->kind };
}

static TillDeliveryOutcome
line_write (World *world, const TilldDelivery *delivery, gint32 seq)
{
  gint64 clock;

  if (fault (world, FAULT_PAUSE, delivery))
    { /* stopped before the first byte; the other owner takes over; somebody sets the wall clock back; then it wakes */
      clock = TILLD_HAS_BUG (TILLD_BUG_WALL_LEASE) ? world->wall_us - 30 * G_USEC_PER_SEC : world->boot_us;
      if (tilld_lease_may_write (world->renewed_us, clock + 25 * G_USEC_PER_SEC))
        send_late (world, delivery, seq, 25000);
      return TILL_DELIVERY_OUTCOME_UNKNOWN;
    }
  if (fault (world, FAULT_NOT_SENT, delivery))
    return TILL_DELIVERY_OUTCOME_NOT_SENT;
  if (fault (world, FAULT_LOST, delivery))
    return TILL_DELIVERY_OUTCOME_TIMEOUT;
  if (fault (world, FAULT_LATE, delivery))
    {
      send_late (world, delivery, seq, g_rand_int_range (world->rand, 1, (gint32) world->terms.quarantine_ms));
      return TILL_DELIVERY_OUTCOME_LINK_LOST;
    }
  meter_apply (world, delivery->kind, seq);
  if (world->sort == SORT_A && fault (world, FAULT_DUPLICATE, delivery))
    meter_apply (world, delivery->kind, seq);
  return fault (world, FAULT_REPLY_LOST, delivery) ? TILL_DELIVERY_OUTCOME_TIMEOUT : TILL_DELIVERY_OUTCOME_OK;
}

static void
deliver (World *world, Row *row)
{
  TilldMoneyReading reading;
  TilldDeliveryStep step;
  TillDeliveryOutcome outcome;

  if (row->delivery.state == TILL_COMMAND_STATE_SENT || fault (world, FAULT_CRASH, &row->delivery))
    step = ask (world, row, TILLD_EVENT_RESTART, NULL, TILL_DELIVERY_OUTCOME_UNKNOWN);
  else if (row->delivery.state == TILL_COMMAND_STATE_VERIFYING)
    {
      reading = meter_read (world, &row->delivery);
      step = ask (world, row, TILLD_EVENT_READ_BACK, &reading, 0);
    }
  else
    {
      reading = meter_read (world, &row->delivery);
      step = ask (world, row, TILLD_EVENT_READ_BEFORE, &reading, 0);
      world->renewed_us = world->boot_us;
      if (TILLD_HAS_BUG (TILLD_BUG_SENT_LATER) && (step.effects & TILLD_EFFECT_WRITE) && fault (world, FAULT_CRASH, &row->delivery))
        {
          line_write (world, &row->delivery, step.seq);
          return;
        }
      commit (world, row, &step, &reading);
      if (!(step.effects & TILLD_EFFECT_WRITE) || fault (world, FAULT_CRASH, &row->delivery))
        return;
      outcome = line_write (world, &row->delivery, row->delivery.seq);
      if (fault (world, FAULT_CRASH, &row->delivery))
        return;
      step = ask (world, row, TILLD_EVENT_WRITTEN, NULL, outcome);
    }
  commit (world, row, &step, &reading);
  pass_time (world, step.wait_ms);
}

static Row *
add_row (World *world, TillCommandKind kind, gint32 client_id)
{
  Row *row = &world->rows[world->n_rows++];

  *row = (Row){ .client_id = client_id, .reverses = -1, .delivery = { .state = TILL_COMMAND_STATE_QUEUED, .kind = kind, .epoch = 1, .amount = AMOUNT } };
  committed (world);
  return row;
}

/* The till asks until it hears an answer, always with the id it made first. */
static void
sell (World *world, TillCommandKind kind)
{
  static const TilldDelivery none = { .state = TILL_COMMAND_STATE_QUEUED };
  gint32 id = (gint32) ++world->intents;

  for (int tries = 0; tries < 3; tries++)
    {
      gboolean known = FALSE;
      gint32 sent_id = TILLD_HAS_BUG (TILLD_BUG_NEW_ID) ? id + 1000 * tries : id;

      for (guint i = 0; i < world->n_rows; i++)
        known |= world->rows[i].client_id == sent_id;
      if (!known && TILLD_HAS_BUG (TILLD_BUG_EARLY) && fault (world, FAULT_CRASH, &none))
        { /* bytes first, and the sale was never committed */
          meter_apply (world, kind, (kind == TILL_COMMAND_KIND_DEBIT ? world->purse.refund_count : world->purse.count) + 1);
          world->intents--;
          return;
        }
      if (!known)
        {
          Row *row = add_row (world, kind, sent_id);

          world->cash += kind == TILL_COMMAND_KIND_DEBIT ? 0 : AMOUNT;
          world->transit -= kind == TILL_COMMAND_KIND_DEBIT ? 0 : AMOUNT;
          if (kind == TILL_COMMAND_KIND_DEBIT && TILLD_HAS_BUG (TILLD_BUG_PAY_FIRST))
            {
              world->cash -= AMOUNT;
              row->paid_out = AMOUNT;
            }
        }
      if (!fault (world, FAULT_REPLY_LOST, &none))
        return;
    }
}

/* Two tills reverse the same sale; the second must be told that it was done. */
static void
reverse (World *world, guint of)
{
  for (int till = 0; till < 2; till++)
    {
      Row *sale = &world->rows[of];
      TilldReversalFacts facts = { .kind = TILL_SALE_KIND_SALE, .state = TILL_SALE_STATE_VERIFIED, .has_command = TRUE,
                                   .reversed = sale->reversed && !TILLD_HAS_BUG (TILLD_BUG_REVERSE_TWICE), .command_state = sale->delivery.state };
      TilldReversalWay way;

      if (!tilld_reversal_decide (&facts, &way, NULL) || way != TILLD_REVERSE_DEBIT)
        continue;
      sale->reversed = TRUE;
      world->intents++;
      add_row (world, TILL_COMMAND_KIND_DEBIT, 10000 + (gint32) (of * 2) + till)->reverses = (gint32) of;
    }
}

static const char *
check (const World *world)
{
  gint64 open = 0, delivered = 0, given = 0, paid = 0;
  guint verified = 0, reversals[ROWS] = { 0 };

  for (guint i = 0; i < world->n_rows; i++)
    {
      const Row *row = &world->rows[i];
      gboolean debit = row->delivery.kind == TILL_COMMAND_KIND_DEBIT, done = row->delivery.state == TILL_COMMAND_STATE_VERIFIED;

      if (!done && row->delivery.state != TILL_COMMAND_STATE_HELD && row->delivery.state != TILL_COMMAND_STATE_CANCELLED && !world->purse.frozen)
        return "I11 in doubt after the faults stopped";
      open += !debit && !done ? AMOUNT : 0;
      delivered += !debit && done ? AMOUNT : 0;
      given += debit && done ? AMOUNT : 0;
      verified += !debit && done;
      paid += row->paid_out;
      if (row->reverses >= 0 && ++reversals[row->reverses] > 1)
        return "a sale was reversed twice";
    }
  if (world->cash + world->transit + world->on_meter != 0)
    return "I1 postings do not sum to zero";
  if (-world->transit != open || -world->on_meter != delivered - given)
    return "I2/I4 balances are not the sums of the commands";
  if (paid != given)
    return "money was paid out that the meter did not give";
  if (!world->purse.frozen && (world->credited != delivered || world->debited != given))
    return "I5 the meter's journal is not the ledger";
  if (world->credited > delivered + open)
    return "I5 credited more than sold";
  if (!world->purse.frozen && (guint) world->meter.count - 7 != verified)
    return "I6 count is not the number of verified sales";
  if (world->n_rows != world->intents)
    return "I7 an acknowledged id is not there exactly once";
  return world->commits != world->audits ? "I10 a change without its audit entry" : NULL;
}

static const char *
run_seed (guint32 seed)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (seed);
  World world = { .rand = rand, .sort = seed % SORT_N, .boot_us = G_USEC_PER_SEC, .wall_us = G_USEC_PER_SEC };
  guint32 have = TILLD_MONEY_TOTAL | TILLD_MONEY_BALANCE | TILLD_MONEY_REFUNDS | (world.sort == SORT_A ? TILLD_MONEY_COUNT : 0);

  world.meter = world.stale = (TilldMoneyReading){ .have = have, .epoch = 1, .count = 7, .total = 90 * AMOUNT, .balance = OPENING };
  world.purse = (TilldPurse){ .meter = 1, .epoch = 1, .has_baseline = TRUE, .have = have, .count = 7, .total = 90 * AMOUNT, .balance = OPENING };
  world.terms = (TilldMoneyTerms){ .effective = world.sort == SORT_A ? TILL_METER_CLASS_A : TILL_METER_CLASS_B, .unit = 100, .power_w = 2200,
                                   .proof = world.sort == SORT_A ? TILLD_PROOF_COUNT_TOTAL : TILLD_PROOF_TOTAL, .price_max = 10000,
                                   .quarantine_ms = 5000, .settle_ms = 500 };
  for (guint i = 0; i < INTENTS; i++)
    sell (&world, g_rand_int_range (rand, 0, 4) == 0 ? TILL_COMMAND_KIND_DEBIT : TILL_COMMAND_KIND_RECHARGE);
  for (guint turn = 0, at = 0; turn < TURNS && at < world.n_rows && !world.purse.frozen && world.wrong == NULL; turn++)
    { /* one money command of a meter at a time */
      Row *row = &world.rows[at];

      world.calm = turn > TURNS / 2;
      if (row->delivery.state == TILL_COMMAND_STATE_QUEUED || row->delivery.state == TILL_COMMAND_STATE_SENT || row->delivery.state == TILL_COMMAND_STATE_VERIFYING)
        deliver (&world, row);
      else if (++at == 1 && row->delivery.kind == TILL_COMMAND_KIND_RECHARGE)
        reverse (&world, 0);
    }
  pass_time (&world, 60000);
  sales_done += world.n_rows;
  return world.wrong != NULL ? world.wrong : check (&world);
}

static void
print_coverage (void)
{
  static const TillCommandState states[] = { TILL_COMMAND_STATE_QUEUED, TILL_COMMAND_STATE_SENT, TILL_COMMAND_STATE_VERIFYING };

  g_print ("%-14s %10s %10s %10s\n", "fault", "queued", "sent", "verifying");
  for (int f = 0; f < FAULT_N; f++)
    g_print ("%-14s %10u %10u %10u\n", fault_words[f], coverage[f][states[0]], coverage[f][states[1]], coverage[f][states[2]]);
}

int
main (int argc, char **argv)
{
  guint from = 0, to = 19999, violations = 0;

  if (argc > 1 && (argc != 3 || g_strcmp0 (argv[1], "--seeds") != 0 || sscanf (argv[2], "%u..%u", &from, &to) != 2 || to < from || to == G_MAXUINT))
    {
      g_printerr ("usage: simulate [--seeds A..B]\n");
      return 2;
    }
  for (guint seed = from; seed <= to; seed++)
    {
      const char *wrong = run_seed (seed);

      if (wrong != NULL && violations++ < 10)
        g_print ("seed %u: %s\n", seed, wrong);
    }
  print_coverage ();
  g_print ("%u seeds, %u sales, %u violations\n", to - from + 1, sales_done, violations);
  return violations == 0 ? 0 : 1;
}
