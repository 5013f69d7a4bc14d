/* SPDX-License-Identifier: GPL-2.0-or-later
 * setter.c: orders that may be sent again without harm: read now, relay, prices, limits, schedules, clocks. Takes them from the queue,
 * says when they are tried again and when they have failed; setter-run.c executes them. A newer order of the same kind makes the older stop. */
#include "server/core/clock.h"
#include "server/field/setter-private.h"
#include "server/rules/setting-rules.h"
#include "shared/base/till-log.h"

#define CLAIM_LIMIT    50
#define READ_LIMIT_MS  15000
#define MONEY_WAIT_S   5 /* while a money order of the meter is under way */
#define NEWS_WAIT_S    2 /* what the database lets through may rest on a proof or a record that is not loaded here yet: */
#define NEWS_LIMIT_S   30 /* such an order is looked at again for so long */

static void
drop (TilldOrder *order)
{
  g_assert (!order->job.busy);
  tilld_timer_disarm (order->setter->field->reactor, &order->timer);
  order->circuit->line->orders--;
  g_ptr_array_remove_fast (order->setter->orders, order);
  tilld_field_command_clear (&order->command);
  g_free (order);
}

static gboolean
do_done (TilldDb *db, gpointer data, GError **error)
{
  TilldOrder *order = data;

  return tilld_field_command_done (db, &order->end, error);
}

static void
was_done (gpointer data, const GError *error)
{
  TilldOrder *order = data;
  char        text[TILL_ID_TEXT];

  tilld_field_job_ended (order->setter->field);
  if (error != NULL)
    till_warn (TILL_LOG_COMMAND (till_id_print (&order->command.id, text)), error, "end of a command not recorded");
  drop (order);
}

void
tilld_order_end (TilldOrder *order, TillCommandState state, guint retry_s, const char *text)
{
  order->stage = TILLD_ORDER_END;
  g_strlcpy (order->text, text != NULL ? text : "", sizeof order->text);
  order->end = (TilldFieldCommandEnd){ .id = order->command.id, .state = state, .retry_s = retry_s, .outcome = order->outcome,
                                       .text = order->text[0] != '\0' ? order->text : NULL };
  tilld_timer_disarm (order->setter->field->reactor, &order->timer);
  if (!tilld_field_push (order->setter->field, TILLD_LANE_DELIVERY, TRUE, do_done, was_done, order, NULL))
    drop (order); /* its claim runs out: a repetition does no harm */
}

void
tilld_order_again (TilldOrder *order, const char *text)
{
  const TilldSettingTry done = { order->command.attempt, order->command.refusals,
                                 tilld_clock_wall (order->setter->field->clock) - order->command.created_at, order->refused };
  guint                 wait_s = 0;

  if (tilld_setting_again (&done, &wait_s))
    tilld_order_end (order, TILL_COMMAND_STATE_QUEUED, wait_s, text);
  else
    tilld_order_end (order, TILL_COMMAND_STATE_FAILED, 0, text);
}

static gboolean
do_sent (TilldDb *db, gpointer data, GError **error)
{
  TilldOrder *order = data;

  return tilld_field_command_sent (db, &order->command, error);
}

static void
sent (gpointer data, const GError *error)
{
  TilldOrder *order = data;

  tilld_field_job_ended (order->setter->field);
  if (error != NULL && till_error_is (error, TILL_ERROR_CONFLICT))
    tilld_order_end (order, TILL_COMMAND_STATE_FAILED, 0, error->message);
  else if (error != NULL)
    drop (order); /* a newer one exists, or the claim runs out */
  else if (order->overtaken)
    {
      order->outcome = TILL_DELIVERY_OUTCOME_NOT_SENT;
      tilld_order_end (order, TILL_COMMAND_STATE_QUEUED, 0, "overtaken by a newer order");
    }
  else
    tilld_order_run (order);
}

/* Older relay orders of the circuit stop here; what may have left casts doubt on the new one. */
static void
overtake_older (TilldOrder *order)
{
  for (guint i = 0; i < order->setter->orders->len; i++)
    {
      TilldOrder *other = g_ptr_array_index (order->setter->orders, i);

      if (other == order || other->circuit != order->circuit || !tilld_order_is_relay (other) || other->command.generation > order->command.generation)
        continue;
      if (tilld_order_overtake (other))
        order->doubt |= tilld_setting_casts_doubt (other->command.kind, 1, TILL_DELIVERY_OUTCOME_NONE, order->command.kind);
    }
}

static void
cannot_be_made (TilldOrder *order, const GError *error)
{
  TillTime age = tilld_clock_wall (order->setter->field->clock) - order->command.created_at;

  if (till_error_is (error, TILL_ERROR_UNSUPPORTED) && age < NEWS_LIMIT_S * TILL_SECOND)
    tilld_order_end (order, TILL_COMMAND_STATE_QUEUED, NEWS_WAIT_S, error->message);
  else
    tilld_order_end (order, TILL_COMMAND_STATE_FAILED, 0, error->message);
}

static void
begin_setting (TilldOrder *order)
{
  TilldCircuit     *circuit = order->circuit;
  g_autoptr(GError) error = NULL;

  order->doubt = order->command.doubt;
  if (tilld_order_is_relay (order))
    overtake_older (order);
  if (!tilld_order_prepare (order, &error))
    cannot_be_made (order, error);
  else if (!tilld_line_is_up (circuit->line))
    tilld_order_again (order, "the gateway is offline");
  else if (circuit->money != NULL && circuit->money->in_order && order->command.kind != TILL_COMMAND_KIND_FORCE_ON)
    tilld_order_end (order, TILL_COMMAND_STATE_QUEUED, MONEY_WAIT_S, "waits for a delivery of money");
  else
    {
      order->stage = TILLD_ORDER_COMMIT;
      if (!tilld_field_push (order->setter->field, TILLD_LANE_DELIVERY, TRUE, do_sent, sent, order, NULL))
        drop (order);
    }
}

static void
begin (TilldSetter *setter, TilldFieldCommand *claimed)
{
  TilldCircuit *circuit = tilld_owner_circuit (setter->field->owner, claimed->meter);
  TilldOrder   *order;

  if (circuit == NULL || circuit->line->station->retiring)
    {
      tilld_field_command_clear (claimed);
      return; /* the claim of a minute runs out */
    }
  order = g_new0 (TilldOrder, 1);
  order->setter = setter;
  order->circuit = circuit;
  order->command = *claimed;
  order->job.done = tilld_order_job_done;
  order->job.data = order;
  tilld_timer_init (&order->timer, tilld_order_timer_fired, order);
  g_ptr_array_add (setter->orders, order);
  circuit->line->orders++;
  if (claimed->kind != TILL_COMMAND_KIND_READ_NOW)
    {
      begin_setting (order);
      return;
    }
  order->stage = TILLD_ORDER_READ;
  if (!tilld_line_is_up (circuit->line))
    {
      tilld_order_end (order, TILL_COMMAND_STATE_FAILED, 0, "the gateway is offline");
      return;
    }
  tilld_timer_arm (setter->field->reactor, &order->timer, READ_LIMIT_MS);
  tilld_schedule_read_now (circuit->line->schedule, circuit);
}

void
tilld_setter_reading (TilldSetter *setter, TilldCircuit *circuit)
{
  for (guint i = setter->orders->len; i > 0; i--)
    {
      TilldOrder *order = g_ptr_array_index (setter->orders, i - 1);

      if (order->circuit == circuit && order->stage == TILLD_ORDER_READ)
        tilld_order_end (order, TILL_COMMAND_STATE_VERIFIED, 0, NULL);
    }
}

static gboolean
do_claim (TilldDb *db, gpointer data, GError **error)
{
  TilldSetter *setter = data;

  g_array_set_size (setter->claimed, 0);
  return tilld_field_command_claim (db, setter->gateways, setter->n_gateways, CLAIM_LIMIT, setter->claimed, error);
}

static void
claimed (gpointer data, const GError *error)
{
  TilldSetter *setter = data;
  gboolean     more = setter->again || setter->claimed->len == CLAIM_LIMIT;

  tilld_field_job_ended (setter->field);
  setter->claiming = setter->again = FALSE;
  g_clear_pointer (&setter->gateways, g_free);
  if (error != NULL)
    {
      till_warn (TILL_LOG_NONE, error, "commands not claimed");
      return;
    }
  for (guint i = 0; i < setter->claimed->len; i++)
    begin (setter, &g_array_index (setter->claimed, TilldFieldCommand, i));
  if (more)
    tilld_setter_scan (setter);
}

void
tilld_setter_scan (TilldSetter *setter)
{
  if (setter->field->draining)
    return;
  if (setter->claiming)
    {
      setter->again = TRUE;
      return;
    }
  setter->gateways = tilld_owner_gateway_ids (setter->field->owner, &setter->n_gateways);
  if (setter->gateways == NULL)
    return;
  setter->claiming = tilld_field_push (setter->field, TILLD_LANE_DELIVERY, TRUE, do_claim, claimed, setter, NULL);
  if (!setter->claiming)
    g_clear_pointer (&setter->gateways, g_free);
}

TilldSetter *
tilld_setter_new (TilldFieldRole *field)
{
  TilldSetter *setter = g_new0 (TilldSetter, 1);

  setter->field = field;
  setter->orders = g_ptr_array_new ();
  setter->claimed = g_array_new (FALSE, FALSE, sizeof (TilldFieldCommand));
  return setter;
}

void
tilld_setter_free (TilldSetter *setter)
{
  while (setter->orders->len > 0)
    drop (g_ptr_array_index (setter->orders, 0));
  g_ptr_array_unref (setter->orders);
  g_array_unref (setter->claimed);
  g_free (setter->gateways);
  g_free (setter);
}

guint
tilld_setter_orders (TilldSetter *setter)
{
  return setter->orders->len;
}
