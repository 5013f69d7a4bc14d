/* SPDX-License-Identifier: GPL-2.0-or-later
 * setter.c: commands that may be sent again without harm: read now, and the relay. A relay command is verified by reading back, never
 * by the answer to the write; a newer one of the same meter makes the older stop. */
#include <string.h>
#include "server/core/clock.h"
#include "server/field/station.h"
#include "server/field/field-private.h"
#include "server/profile/profile-write.h"
#include "shared/base/till-log.h"

#define CLAIM_LIMIT    50
#define READ_LIMIT_MS  15000
#define QUIET_LIMIT_MS 5000
#define TRIES_LIMIT    3

typedef enum { STAGE_READ, STAGE_COMMIT, STAGE_WRITE, STAGE_SETTLE, STAGE_BACK, STAGE_FLAGS, STAGE_END } Stage;

typedef struct {
  TilldSetter      *setter;
  TilldCircuit     *circuit;
  TilldFieldCommand command;
  Stage             stage;
  TilldBusJob       job;
  TilldTimer        timer;
  TilldAction       action;
  TilldWriteWords   words;
  gboolean          ambiguous, refused;
  TillCommandState  result;
  guint             retry_s;
  char              text[80];
  gint64            words_of_flags[TILLD_POINT_N];
  gboolean          have[TILLD_POINT_N];
} Command;

struct _TilldSetter {
  TilldFieldRole *field;
  GPtrArray      *commands;
  GArray         *claimed;
  gint64         *gateways;
  guint           n_gateways;
  gboolean        claiming, again;
};

static void
drop (Command *command)
{
  g_assert (!command->job.busy);
  tilld_timer_disarm (command->setter->field->reactor, &command->timer);
  command->circuit->line->orders--;
  g_ptr_array_remove_fast (command->setter->commands, command);
  g_free (command);
}

static gboolean
do_done (TilldDb *db, gpointer data, GError **error)
{
  Command *command = data;

  return tilld_field_command_done (db, &command->command.id, command->result, command->retry_s, command->text[0] != '\0' ? command->text : NULL, error);
}

static void
was_done (gpointer data, const GError *error)
{
  Command *command = data;
  char     text[TILL_ID_TEXT];

  tilld_field_job_ended (command->setter->field);
  if (error != NULL)
    till_warn (TILL_LOG_COMMAND (till_id_print (&command->command.id, text)), error, "end of a command not recorded");
  drop (command);
}

static void
end (Command *command, TillCommandState result, guint retry_s, const char *text)
{
  command->stage = STAGE_END;
  command->result = result;
  command->retry_s = retry_s;
  g_strlcpy (command->text, text != NULL ? text : "", sizeof command->text);
  tilld_timer_disarm (command->setter->field->reactor, &command->timer);
  if (!tilld_field_push (command->setter->field, TILLD_LANE_DELIVERY, TRUE, do_done, was_done, command, NULL))
    drop (command); /* its claim runs out: a repetition does no harm */
}

/* Again after 10 s, 1, 5, 30 min, then daily; refused three times or a day old: failed. */
static void
again (Command *command, const char *text)
{
  static const guint waits_s[] = { 10, 60, 300, 1800 };
  guint              attempt = (guint) MAX (command->command.attempt, 0);
  TillTime           age = tilld_clock_wall (command->setter->field->clock) - command->command.created_at;

  if (age > 24 * 3600 * TILL_SECOND || (command->refused && attempt + 1 >= TRIES_LIMIT))
    end (command, TILL_COMMAND_STATE_FAILED, 0, text);
  else
    end (command, TILL_COMMAND_STATE_QUEUED, attempt < G_N_ELEMENTS (waits_s) ? waits_s[attempt] : 24 * 3600, text);
}

static void
verified (Command *command)
{
  command->circuit->record->control = (gint) command->command.kind;
  tilld_schedule_read_now (command->circuit->line->schedule, command->circuit);
  end (command, TILL_COMMAND_STATE_VERIFIED, 0, NULL);
}

static TilldBusPriority
priority_of (const Command *command)
{
  return command->command.kind == TILL_COMMAND_KIND_FORCE_OFF ? TILLD_BUS_COMMAND : TILLD_BUS_URGENT;
}

static gboolean
get_word (gpointer data, TilldPointName name, gint64 *ret)
{
  const Command *command = data;

  *ret = command->words_of_flags[name];
  return command->have[name];
}

static gboolean
flags_as_expected (Command *command)
{
  const TilldProfile *profile = command->circuit->plans->profile;

  for (guint f = 0; f < TILLD_FLAGS_N; f++)
    {
      int expected = profile->control.expect[command->action][f];

      if (expected >= 0 && tilld_profile_flag (profile, (TilldFlag) f, get_word, command) != expected)
        return FALSE;
    }
  return TRUE;
}

static void
read_flags (Command *command)
{
  const TilldMbPlan *plan = &command->circuit->plans->plan[TILLD_PLAN_RELAY];

  if (plan->n_reads != 1)
    {
      verified (command); /* the words read back are all this model shows */
      return;
    }
  command->stage = STAGE_FLAGS;
  tilld_mb_read (&command->job.request, command->circuit->unit, command->circuit->plans->profile->read_fc, plan->reads[0].at, plan->reads[0].count);
  tilld_bus_queue (&command->circuit->line->bus, &command->job, priority_of (command));
}

static void
take_flags (Command *command, const guint16 *regs)
{
  const TilldProfile *profile = command->circuit->plans->profile;
  const TilldMbPlan  *plan = &command->circuit->plans->plan[TILLD_PLAN_RELAY];

  for (guint i = 0; i < plan->n_points; i++)
    {
      const TilldPoint *point = &profile->points[plan->points[i]];
      TilldValue        v;

      tilld_point_decode (profile, point, tilld_line_word_order (command->circuit->line), regs + (point->at - plan->reads[0].at), &v);
      command->words_of_flags[point->name] = v.number;
      command->have[point->name] = v.state == TILLD_VALUE_OK;
    }
  if (flags_as_expected (command))
    verified (command);
  else
    again (command, "the meter does not show the new relay state");
}

static void
read_back (Command *command)
{
  const TilldProfile *profile = command->circuit->plans->profile;

  if (!profile->control.write.read_back)
    {
      read_flags (command);
      return;
    }
  command->stage = STAGE_BACK;
  tilld_mb_read (&command->job.request, command->circuit->unit, profile->read_fc, command->words.at, command->words.n);
  tilld_bus_queue (&command->circuit->line->bus, &command->job, priority_of (command));
}

static void
written (Command *command, TilldBusOutcome outcome, const TilldMbReply *reply)
{
  guint wait_ms = command->words.settle_ms;

  command->refused = outcome == TILLD_BUS_EXCEPTION && reply->exception <= 3;
  command->ambiguous = outcome != TILLD_BUS_OK && !command->refused && outcome != TILLD_BUS_NOT_SENT;
  if (outcome == TILLD_BUS_NOT_SENT || outcome == TILLD_BUS_LINK_LOST)
    {
      again (command, "the link was lost");
      return;
    }
  command->stage = STAGE_SETTLE;
  tilld_timer_arm (command->setter->field->reactor, &command->timer, MAX (command->ambiguous ? MAX (wait_ms, QUIET_LIMIT_MS) : wait_ms, 1));
}

static void
job_done (TilldBusJob *job, TilldBusOutcome outcome, const TilldMbReply *reply, gpointer data)
{
  Command *command = data;

  if (command->stage == STAGE_WRITE)
    written (command, outcome, reply);
  else if (outcome != TILLD_BUS_OK)
    again (command, "the meter did not answer the read-back");
  else if (command->stage == STAGE_FLAGS)
    take_flags (command, reply->regs);
  else if (memcmp (reply->regs, command->words.words, command->words.n * sizeof (guint16)) != 0)
    again (command, command->refused ? "refused by the meter" : "the meter holds other values");
  else
    read_flags (command);
}

static void
timer_fired (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  Command *command = data;

  if (command->stage == STAGE_READ)
    end (command, TILL_COMMAND_STATE_FAILED, 0, "no answer from the meter");
  else if (command->stage == STAGE_SETTLE)
    read_back (command);
}

static gboolean
do_sent (TilldDb *db, gpointer data, GError **error)
{
  Command *command = data;

  return tilld_field_command_sent (db, &command->command, error);
}

static void
sent (gpointer data, const GError *error)
{
  Command   *command = data;
  TilldLine *line = command->circuit->line;

  tilld_field_job_ended (command->setter->field);
  if (error != NULL)
    {
      drop (command); /* a newer one exists, or the claim runs out */
      return;
    }
  command->stage = STAGE_WRITE;
  tilld_mb_write (&command->job.request, command->circuit->unit, command->words.fc, command->words.at, command->words.words, command->words.n);
  if (tilld_line_is_up (line))
    tilld_bus_queue (&line->bus, &command->job, priority_of (command));
  else
    again (command, "the gateway is offline");
}

static void
begin_relay (Command *command)
{
  const TilldProfile *profile = command->circuit->plans->profile;
  g_autoptr(GError)   error = NULL;

  command->action = command->command.kind == TILL_COMMAND_KIND_FORCE_ON    ? TILLD_ACTION_CLOSE
                    : command->command.kind == TILL_COMMAND_KIND_FORCE_OFF ? TILLD_ACTION_OPEN
                                                                           : TILLD_ACTION_AUTO;
  if (!tilld_profile_write_control (profile, command->action, NULL, &command->words, &error))
    end (command, TILL_COMMAND_STATE_FAILED, 0, error->message);
  else if (!tilld_evidence_may_send (profile->control.write.evidence, command->circuit->record->control_proven))
    end (command, TILL_COMMAND_STATE_FAILED, 0, "relay commands of this model are not proven");
  else if (!tilld_line_is_up (command->circuit->line))
    again (command, "the gateway is offline");
  else
    {
      command->stage = STAGE_COMMIT;
      if (!tilld_field_push (command->setter->field, TILLD_LANE_DELIVERY, TRUE, do_sent, sent, command, NULL))
        drop (command);
    }
}

static void
begin (TilldSetter *setter, const TilldFieldCommand *claimed)
{
  TilldCircuit *circuit = tilld_owner_circuit (setter->field->owner, claimed->meter);
  Command      *command;

  if (circuit == NULL || circuit->line->station->retiring)
    return; /* the claim of a minute runs out */
  command = g_new0 (Command, 1);
  command->setter = setter;
  command->circuit = circuit;
  command->command = *claimed;
  command->job.done = job_done;
  command->job.data = command;
  tilld_timer_init (&command->timer, timer_fired, command);
  g_ptr_array_add (setter->commands, command);
  circuit->line->orders++;
  if (claimed->kind != TILL_COMMAND_KIND_READ_NOW)
    {
      begin_relay (command);
      return;
    }
  command->stage = STAGE_READ;
  if (!tilld_line_is_up (circuit->line))
    {
      end (command, TILL_COMMAND_STATE_FAILED, 0, "the gateway is offline");
      return;
    }
  tilld_timer_arm (setter->field->reactor, &command->timer, READ_LIMIT_MS);
  tilld_schedule_read_now (circuit->line->schedule, circuit);
}

void
tilld_setter_reading (TilldSetter *setter, TilldCircuit *circuit)
{
  for (guint i = setter->commands->len; i > 0; i--)
    {
      Command *command = g_ptr_array_index (setter->commands, i - 1);

      if (command->circuit == circuit && command->stage == STAGE_READ)
        end (command, TILL_COMMAND_STATE_VERIFIED, 0, NULL);
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
  g_autofree TilldOwnedGateway *owned = NULL;

  if (setter->field->draining)
    return;
  if (setter->claiming)
    {
      setter->again = TRUE;
      return;
    }
  owned = tilld_owner_gateways (setter->field->owner, &setter->n_gateways);
  if (setter->n_gateways == 0)
    return;
  setter->gateways = g_new (gint64, setter->n_gateways);
  for (guint i = 0; i < setter->n_gateways; i++)
    setter->gateways[i] = owned[i].gateway;
  setter->claiming = tilld_field_push (setter->field, TILLD_LANE_DELIVERY, TRUE, do_claim, claimed, setter, NULL);
  if (!setter->claiming)
    g_clear_pointer (&setter->gateways, g_free);
}

TilldSetter *
tilld_setter_new (TilldFieldRole *field)
{
  TilldSetter *setter = g_new0 (TilldSetter, 1);

  setter->field = field;
  setter->commands = g_ptr_array_new ();
  setter->claimed = g_array_new (FALSE, FALSE, sizeof (TilldFieldCommand));
  return setter;
}

void
tilld_setter_free (TilldSetter *setter)
{
  while (setter->commands->len > 0)
    drop (g_ptr_array_index (setter->commands, 0));
  g_ptr_array_unref (setter->commands);
  g_array_unref (setter->claimed);
  g_free (setter->gateways);
  g_free (setter);
}

guint
tilld_setter_orders (TilldSetter *setter)
{
  return setter->commands->len;
}
