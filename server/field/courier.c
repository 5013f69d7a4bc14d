/* SPDX-License-Identifier: GPL-2.0-or-later
 * courier.c: carries money orders: reads, asks delivery-rules, has each step committed by domain/money, writes the bytes once. Decides
 * nothing itself, and never writes before `sent` is committed or a second time without a verdict. */
#include <string.h>
#include "server/core/clock.h"
#include "server/field/station.h"
#include "server/core/inject.h"
#include "server/field/field-private.h"
#include "server/profile/profile-write.h"
#include "shared/base/till-log.h"

#define CLAIM_LIMIT      50
#define WRITE_LIMIT_US   (2 * TILL_SECOND)
#define FRESH_US         (10 * TILL_SECOND)
#define COMMIT_AGAIN_MS  1000
#define LINK_WAIT_MS     5000
#define BASELINE_WAIT_MS 2000
#define FROZEN_WAIT_MS   60000
#define SWEEP_WAIT_MS    150000
#define PAUSE_TIMES      7 /* asking for orders takes no more than an eighth of the time */
#define PAUSE_MAX_MS     100

typedef enum { STEP_READ_BEFORE, STEP_SENT, STEP_WRITE, STEP_VERIFYING, STEP_READ_BACK, STEP_SETTLE } OrderStep;

typedef struct {
  TilldCourier         *courier;
  TilldCircuit         *circuit;
  TilldDeliveryOrder    order;
  OrderStep             step;
  TilldMoneyTerms       terms;
  TilldMoneyRead        read;
  TilldBusJob           write;
  TilldTimer            timer; /* before the next try of the present step */
  TilldDeliverySent     sent;
  TilldDeliveryWritten  written;
  TilldDeliveryReadBack back;
  TilldDeliveryStep     verdict;
  TilldPurse            purse;
  gint64                deadline_us, instance;
  gboolean              confirmed;
  guint                 back_tries, wait_ms;
  TillCaseReason        reason;
  TilldMoneyReading     reading;
} Order;

struct _TilldCourier {
  TilldFieldRole     *field;
  GPtrArray          *orders;
  GArray             *claimed;   /* TilldDeliveryOrder, filled on the lane */
  TilldOwnedGateway  *gateways;
  guint               n_gateways;
  gboolean            claiming, again;
  gint64              asked_us;
  TilldTimer          pause; /* after an answer, before the next question */
  GArray             *under_way; /* TillId, while claims that no order here has are dropped */
};

static void read_before (Order *order), read_back (Order *order);

static void
drop (Order *order)
{
  TilldCourier *courier = order->courier;

  g_assert (!order->read.job.busy && !order->write.busy);
  tilld_timer_disarm (courier->field->reactor, &order->timer);
  order->circuit->money->in_order = FALSE;
  order->circuit->money->touched_us = tilld_clock_boot_us (courier->field->clock);
  order->circuit->line->orders--;
  g_ptr_array_remove_fast (courier->orders, order);
  g_free (order);
}

static void
warn (const Order *order, const GError *error, const char *what)
{
  char text[TILL_ID_TEXT];

  till_warn (TILL_LOG_COMMAND (till_id_print (&order->order.id, text)), error, "%s", what);
}

/* Its claim ends when orders are asked for the next time; without that it would run out in minutes. */
static void
lose (Order *order)
{
  order->circuit->line->station->claims_lost = TRUE;
  drop (order);
}

static gboolean
push (Order *order, gboolean transaction, TilldLaneWork work, TilldLaneDone done)
{
  g_autoptr(GError) error = NULL;

  return tilld_field_push (order->courier->field, TILLD_LANE_DELIVERY, transaction, work, done, order, &error);
}

static void
again_in (Order *order, guint wait_ms)
{
  tilld_timer_arm (order->courier->field->reactor, &order->timer, MAX (wait_ms, 1));
}

/* --- giving back what was not begun --- */

static gboolean
do_release (TilldDb *db, gpointer data, GError **error)
{
  Order *order = data;

  return tilld_delivery_release (db, &order->order.id, order->wait_ms, error);
}

static void
released (gpointer data, const GError *error)
{
  Order *order = data;

  tilld_field_job_ended (order->courier->field);
  if (error != NULL && !till_error_is (error, TILL_ERROR_STALE))
    {
      warn (order, error, "order not given back");
      lose (order);
    }
  else
    drop (order);
}

static void
release (Order *order, guint wait_ms)
{
  order->wait_ms = wait_ms;
  if (!push (order, TRUE, do_release, released))
    lose (order);
}

static gboolean
do_hold (TilldDb *db, gpointer data, GError **error)
{
  Order *order = data;

  return tilld_delivery_hold (db, &order->order.id, order->reason, &order->reading, error);
}

static void
held (gpointer data, const GError *error)
{
  Order *order = data;

  tilld_field_job_ended (order->courier->field);
  if (error == NULL)
    {
      order->circuit->money->purse.frozen = TRUE;
      drop (order);
      return;
    }
  warn (order, error, "order not held");
  lose (order);
}

static gboolean
do_give_up (TilldDb *db, gpointer data, GError **error)
{
  Order *order = data;

  return tilld_delivery_give_up_debit (db, &order->order.id, error);
}

/* --- r1 and the verdict --- */

static gboolean
do_settle (TilldDb *db, gpointer data, GError **error)
{
  Order *order = data;

  return tilld_delivery_settle (order->courier->field->options.ledger, db, &order->back, &order->verdict, &order->purse, error);
}

static void
read_back_later (Order *order)
{
  guint wait_ms = tilld_delivery_read_back_wait_ms (order->back_tries++);

  order->step = STEP_READ_BACK;
  again_in (order, wait_ms == 0 ? SWEEP_WAIT_MS : wait_ms);
}

static void
judged (Order *order)
{
  TilldCircuit *circuit = order->circuit;

  switch (order->verdict.next)
    {
    case TILL_COMMAND_STATE_VERIFIED:
      circuit->money->purse = order->purse;
      tilld_schedule_read_now (circuit->line->schedule, circuit); /* people see the new balance at once */
      drop (order);
      return;
    case TILL_COMMAND_STATE_VERIFYING:
      if (order->verdict.effects & TILLD_EFFECT_READ_AGAIN)
        {
          order->confirmed = TRUE;
          read_back (order);
          return;
        }
      read_back_later (order);
      return;
    case TILL_COMMAND_STATE_HELD:
      circuit->money->purse.frozen = TRUE;
      drop (order);
      return;
    default:
      drop (order); /* queued: claimed again when it is due */
      return;
    }
}

static void
settled (gpointer data, const GError *error)
{
  Order *order = data;

  tilld_field_job_ended (order->courier->field);
  if (error == NULL)
    {
      TILLD_KILL_POINT (VERDICT_KNOWN);
      judged (order);
      return;
    }
  warn (order, error, "verdict not committed");
  if (till_error_is (error, TILL_ERROR_STALE) || order->courier->field->draining)
    drop (order);
  else
    read_back_later (order);
}

static void
read_back_done (TilldMoneyRead *read, gboolean good, gpointer data)
{
  Order *order = data;

  if (order->courier->field->draining)
    {
      drop (order); /* verifying is committed: the next process reads it back */
      return;
    }
  if (!good)
    {
      order->confirmed = FALSE;
      read_back_later (order);
      return;
    }
  TILLD_KILL_POINT (READ_BACK);
  order->back = (TilldDeliveryReadBack){ .id = order->order.id, .attempt = order->order.delivery.attempt, .gateway = order->order.gateway,
                                         .gateway_epoch = tilld_line_epoch (order->circuit->line), .terms = order->terms,
                                         .reading = read->reading, .confirmed = order->confirmed };
  order->step = STEP_SETTLE;
  if (order->back.gateway_epoch == 0 || !push (order, FALSE, do_settle, settled))
    read_back_later (order);
}

static void
read_back (Order *order)
{
  order->step = STEP_READ_BACK;
  if (!tilld_line_is_up (order->circuit->line))
    {
      read_back_later (order);
      return;
    }
  tilld_money_read_start (&order->read, order->circuit->line, order->circuit, order->terms.record, read_back_done, order);
}

/* --- t3: any outcome becomes `verifying` --- */

static gboolean
do_verifying (TilldDb *db, gpointer data, GError **error)
{
  Order *order = data;

  return tilld_delivery_verifying (db, &order->written, error);
}

static void
verifying (gpointer data, const GError *error)
{
  Order *order = data;

  tilld_field_job_ended (order->courier->field);
  if (error != NULL)
    {
      if (till_error_is (error, TILL_ERROR_STALE))
        {
          release (order, 0); /* `sent` never came to be, or the order went on without us */
          return;
        }
      warn (order, error, "outcome not committed");
      again_in (order, COMMIT_AGAIN_MS);
      return;
    }
  order->order.delivery.state = TILL_COMMAND_STATE_VERIFYING;
  order->order.delivery.outcome = order->written.outcome;
  if (order->courier->field->draining)
    {
      drop (order);
      return;
    }
  order->step = STEP_READ_BACK;
  if (order->wait_ms == 0)
    read_back (order);
  else
    again_in (order, order->wait_ms);
}

static void
commit_verifying (Order *order)
{
  order->step = STEP_VERIFYING;
  if (!push (order, TRUE, do_verifying, verifying))
    again_in (order, COMMIT_AGAIN_MS);
}

static const TillDeliveryOutcome outcomes[] = {
  [TILLD_BUS_OK] = TILL_DELIVERY_OUTCOME_OK, [TILLD_BUS_EXCEPTION] = TILL_DELIVERY_OUTCOME_FAILED,
  [TILLD_BUS_TIMEOUT] = TILL_DELIVERY_OUTCOME_TIMEOUT, [TILLD_BUS_GARBAGE] = TILL_DELIVERY_OUTCOME_GARBAGE,
  [TILLD_BUS_LINK_LOST] = TILL_DELIVERY_OUTCOME_LINK_LOST, [TILLD_BUS_NOT_SENT] = TILL_DELIVERY_OUTCOME_NOT_SENT,
};

static void
write_done (TilldBusJob *job, TilldBusOutcome outcome, const TilldMbReply *reply, gpointer data)
{
  Order             *order = data;
  gboolean           refused = outcome == TILLD_BUS_EXCEPTION && reply->exception <= 3;
  TilldDeliveryEvent event = { .kind = TILLD_EVENT_WRITTEN, .outcome = refused ? TILL_DELIVERY_OUTCOME_REFUSED : outcomes[outcome] };
  TilldDeliveryStep  step = tilld_delivery_step (&order->order.delivery, &order->circuit->money->purse, &order->terms, &event);

  if (outcome == TILLD_BUS_OK)
    TILLD_KILL_POINT (WRITE_ANSWERED);
  else
    TILLD_KILL_POINT (WRITE_UNANSWERED);
  order->circuit->money->last_us = 0; /* whatever was read before is old now */
  order->written = (TilldDeliveryWritten){ .id = order->order.id, .attempt = order->order.delivery.attempt, .outcome = event.outcome };
  if (reply != NULL)
    {
      order->written.reply_len = MIN (job->reply_len, TILLD_PDU_MAX);
      memcpy (order->written.reply, job->reply_pdu, order->written.reply_len);
    }
  order->wait_ms = step.wait_ms;
  commit_verifying (order);
  if (step.effects & TILLD_EFFECT_CLOSE_LINK)
    tilld_line_close_link (order->circuit->line, "a write of a meter without counts has an unknown outcome");
}

/* --- t2 and the write --- */

static gboolean
do_sent (TilldDb *db, gpointer data, GError **error)
{
  Order *order = data;

  return tilld_delivery_sent (db, &order->sent, error);
}

static void
sent (gpointer data, const GError *error)
{
  Order     *order = data;
  TilldLine *line = order->circuit->line;

  tilld_field_job_ended (order->courier->field);
  if (error != NULL)
    {
      if (till_error_is (error, TILL_ERROR_STALE))
        {
          release (order, 0);
          return;
        }
      /* Whether a commit that broke came through is unknown, but nothing was written: say so if it did. */
      warn (order, error, "order not sent");
      order->written = (TilldDeliveryWritten){ .id = order->order.id, .attempt = order->sent.step.attempt, .outcome = TILL_DELIVERY_OUTCOME_NOT_SENT };
      order->order.delivery.attempt = order->sent.step.attempt;
      order->wait_ms = 0;
      commit_verifying (order);
      return;
    }
  TILLD_KILL_POINT (WRITE_BEFORE_BUS);
  order->order.delivery.state = TILL_COMMAND_STATE_SENT;
  order->order.delivery.seq = order->sent.step.seq;
  order->order.delivery.attempt = order->sent.step.attempt;
  order->order.delivery.baseline = order->sent.baseline;
  order->step = STEP_WRITE;
  order->write.deadline_us = MIN (order->deadline_us, tilld_field_write_until (order->courier->field));
  order->write.instance = order->instance;
  order->write.done = write_done;
  order->write.data = order;
  if (tilld_line_is_up (line))
    tilld_bus_queue (&line->bus, &order->write, TILLD_BUS_MONEY);
  else
    write_done (&order->write, TILLD_BUS_NOT_SENT, NULL, order);
}

static gboolean
is_debit (const Order *order)
{
  return order->order.delivery.kind == TILL_COMMAND_KIND_DEBIT;
}

static gboolean
prepare_write (Order *order, const TilldDeliveryStep *step, const TilldMoneyReading *reading)
{
  TilldLine         *line = order->circuit->line;
  const TilldProfile *profile = order->circuit->plans->profile;
  TilldWriteWords    words;
  g_autoptr(GError)  error = NULL;

  if (!tilld_profile_check_amount (profile, is_debit (order), order->order.delivery.amount, reading->balance, 0, &error) ||
      !tilld_profile_write_money (profile, is_debit (order), tilld_line_word_order (line), order->order.delivery.amount, (guint) step->seq, &words, &error))
    {
      warn (order, error, "amount cannot be written");
      return FALSE;
    }
  tilld_mb_write (&order->write.request, order->circuit->unit, words.fc, words.at, words.words, words.n);
  order->sent = (TilldDeliverySent){ .id = order->order.id, .gateway = order->order.gateway, .gateway_epoch = tilld_line_epoch (line),
                                     .link_instance = tilld_line_instance (line), .step = *step, .baseline = *reading,
                                     .pdu_len = order->write.request.len };
  memcpy (order->sent.pdu, order->write.request.pdu, order->write.request.len);
  order->instance = tilld_line_instance (line);
  order->deadline_us = tilld_clock_boot_us (order->courier->field->clock) + WRITE_LIMIT_US;
  return TRUE;
}

/* --- r0 --- */

static void
judge_before (Order *order, const TilldMoneyReading *reading)
{
  TilldDeliveryEvent event = { .kind = TILLD_EVENT_READ_BEFORE, .reading = reading, .confirmed = order->confirmed };
  TilldDeliveryStep  step = tilld_delivery_step (&order->order.delivery, &order->circuit->money->purse, &order->terms, &event);

  if (step.effects & TILLD_EFFECT_READ_AGAIN)
    {
      order->confirmed = TRUE;
      order->circuit->money->last_us = 0;
      read_before (order);
    }
  else if (step.next == TILL_COMMAND_STATE_HELD)
    {
      order->reason = step.reason;
      order->reading = *reading;
      if (!push (order, TRUE, do_hold, held))
        release (order, BASELINE_WAIT_MS);
    }
  else if (step.next == TILL_COMMAND_STATE_CANCELLED)
    {
      if (!push (order, TRUE, do_give_up, released))
        release (order, BASELINE_WAIT_MS);
    }
  else if (step.next != TILL_COMMAND_STATE_SENT)
    release (order, step.effects & TILLD_EFFECT_FROZEN ? FROZEN_WAIT_MS : BASELINE_WAIT_MS);
  else if (tilld_line_epoch (order->circuit->line) == 0 || !prepare_write (order, &step, reading))
    release (order, LINK_WAIT_MS);
  else
    {
      order->step = STEP_SENT;
      if (!push (order, TRUE, do_sent, sent))
        release (order, LINK_WAIT_MS);
    }
}

static void
read_before_done (TilldMoneyRead *read, gboolean good, gpointer data)
{
  Order *order = data;

  if (good && !order->courier->field->draining)
    judge_before (order, &read->reading);
  else
    release (order, LINK_WAIT_MS);
}

static void
read_before (Order *order)
{
  TilldCircuitMoney *money = order->circuit->money;
  TilldLine         *line = order->circuit->line;
  gint64             now = tilld_clock_boot_us (order->courier->field->clock);
  gboolean           serial_read = order->circuit->plans->plan[TILLD_PLAN_SERIAL].n_reads == 0 || money->serial_instance == tilld_line_instance (line);

  order->step = STEP_READ_BEFORE;
  if (!tilld_line_is_up (line) || order->courier->field->draining)
    release (order, LINK_WAIT_MS);
  else if (money->last_us != 0 && now - money->last_us <= FRESH_US && money->last_instance == tilld_line_instance (line) && serial_read)
    judge_before (order, &money->last);
  else
    tilld_money_read_start (&order->read, line, order->circuit, FALSE, read_before_done, order);
}

static void
timer_fired (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  Order *order = data;

  if (order->step == STEP_VERIFYING)
    commit_verifying (order);
  else if (order->courier->field->draining)
    drop (order);
  else
    read_back (order);
}

/* --- claims --- */

typedef struct { TilldCourier *courier; TillId id; } Returned;

static gboolean
do_return (TilldDb *db, gpointer data, GError **error)
{
  Returned *returned = data;

  return tilld_delivery_release (db, &returned->id, BASELINE_WAIT_MS, error);
}

static void
was_returned (gpointer data, const GError *error)
{
  Returned *returned = data;

  tilld_field_job_ended (returned->courier->field);
  if (error != NULL)
    tilld_owner_lose_claims (returned->courier->field->owner);
  g_free (returned);
}

/* An order that cannot begin yet: the plant is being loaded, or the one before it is not through. */
static void
give_back (TilldCourier *courier, const TillId *id)
{
  Returned *returned = g_new (Returned, 1);

  *returned = (Returned){ courier, *id };
  if (!tilld_field_push (courier->field, TILLD_LANE_DELIVERY, TRUE, do_return, was_returned, returned, NULL))
    {
      tilld_owner_lose_claims (courier->field->owner);
      g_free (returned);
    }
}

static void
begin (TilldCourier *courier, const TilldDeliveryOrder *claimed)
{
  TilldCircuit *circuit = tilld_owner_circuit (courier->field->owner, claimed->meter);
  Order        *order;

  if (circuit == NULL || circuit->money == NULL || circuit->money->in_order || circuit->line->station->retiring ||
      (claimed->purse.epoch == claimed->delivery.epoch && circuit->epoch != claimed->delivery.epoch)) /* the plant of before the new epoch */
    {
      give_back (courier, &claimed->id);
      return;
    }
  order = g_new0 (Order, 1);
  order->courier = courier;
  order->circuit = circuit;
  order->order = *claimed;
  tilld_timer_init (&order->timer, timer_fired, order);
  g_ptr_array_add (courier->orders, order);
  circuit->money->in_order = TRUE;
  circuit->money->purse = claimed->purse;
  circuit->money->known = TRUE;
  circuit->line->orders++;
  if (!tilld_watch_terms (circuit, claimed->delivery.kind, &order->terms))
    release (order, FROZEN_WAIT_MS);
  else if (claimed->delivery.state == TILL_COMMAND_STATE_QUEUED)
    read_before (order);
  else
    {
      /* verifying: what an earlier life left. The quiet time counts from now. */
      TilldDeliveryEvent event = { .kind = TILLD_EVENT_RESTART };

      order->step = STEP_READ_BACK;
      again_in (order, tilld_delivery_step (&order->order.delivery, &circuit->money->purse, &order->terms, &event).wait_ms);
    }
}

static gboolean
do_claim (TilldDb *db, gpointer data, GError **error)
{
  TilldCourier *courier = data;

  g_array_set_size (courier->claimed, 0); /* a transaction that is run again begins anew */
  if (courier->under_way != NULL && !tilld_delivery_free_claims (db, courier->gateways, courier->n_gateways, courier->under_way, error))
    return FALSE;
  return tilld_delivery_claim (db, courier->gateways, courier->n_gateways, CLAIM_LIMIT, courier->claimed, error);
}

static void
claimed (gpointer data, const GError *error)
{
  TilldCourier *courier = data;
  gint64        spent_us = tilld_clock_boot_us (courier->field->clock) - courier->asked_us;

  tilld_field_job_ended (courier->field);
  courier->claiming = FALSE;
  courier->again |= courier->claimed->len == CLAIM_LIMIT;
  g_clear_pointer (&courier->gateways, g_free);
  g_clear_pointer (&courier->under_way, g_array_unref);
  if (error != NULL)
    {
      courier->again = FALSE;
      tilld_owner_lose_claims (courier->field->owner); /* the commit may have come through */
      till_warn (TILL_LOG_NONE, error, "money orders not claimed");
      return;
    }
  for (guint i = 0; i < courier->claimed->len; i++)
    begin (courier, &g_array_index (courier->claimed, TilldDeliveryOrder, i));
  tilld_timer_arm (courier->field->reactor, &courier->pause, CLAMP (PAUSE_TIMES * spent_us / 1000, 1, PAUSE_MAX_MS));
}

/* What has an order here keeps its claim. */
static void
list_under_way (TilldCourier *courier)
{
  courier->under_way = g_array_new (FALSE, FALSE, sizeof (TillId));
  for (guint i = 0; i < courier->orders->len; i++)
    g_array_append_val (courier->under_way, ((Order *) g_ptr_array_index (courier->orders, i))->order.id);
}

void
tilld_courier_scan (TilldCourier *courier)
{
  if (courier->field->draining)
    return;
  if (courier->claiming || tilld_timer_is_armed (&courier->pause))
    {
      courier->again = TRUE;
      return;
    }
  courier->again = FALSE;
  courier->asked_us = tilld_clock_boot_us (courier->field->clock);
  courier->gateways = tilld_owner_gateways (courier->field->owner, &courier->n_gateways);
  if (tilld_owner_take_lost (courier->field->owner))
    list_under_way (courier);
  courier->claiming = courier->n_gateways > 0 && tilld_field_push (courier->field, TILLD_LANE_DELIVERY, TRUE, do_claim, claimed, courier, NULL);
  if (!courier->claiming)
    {
      if (courier->under_way != NULL)
        tilld_owner_lose_claims (courier->field->owner);
      g_clear_pointer (&courier->under_way, g_array_unref);
      g_clear_pointer (&courier->gateways, g_free);
    }
}

static void
paused (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  TilldCourier *courier = data;

  if (courier->again)
    tilld_courier_scan (courier);
}

TilldCourier *
tilld_courier_new (TilldFieldRole *field)
{
  TilldCourier *courier = g_new0 (TilldCourier, 1);

  courier->field = field;
  tilld_timer_init (&courier->pause, paused, courier);
  courier->orders = g_ptr_array_new ();
  courier->claimed = g_array_new (FALSE, FALSE, sizeof (TilldDeliveryOrder));
  return courier;
}

void
tilld_courier_free (TilldCourier *courier)
{
  tilld_timer_disarm (courier->field->reactor, &courier->pause);
  /* Orders between two tries have committed all they know. */
  while (courier->orders->len > 0)
    drop (g_ptr_array_index (courier->orders, 0));
  g_ptr_array_unref (courier->orders);
  g_array_unref (courier->claimed);
  g_clear_pointer (&courier->under_way, g_array_unref);
  g_free (courier->gateways);
  g_free (courier);
}

guint
tilld_courier_orders (TilldCourier *courier)
{
  guint busy = 0;

  for (guint i = 0; i < courier->orders->len; i++)
    {
      const Order *order = g_ptr_array_index (courier->orders, i);

      busy += order->step == STEP_SENT || order->step == STEP_WRITE || order->step == STEP_VERIFYING || order->read.job.busy;
    }
  return busy;
}
