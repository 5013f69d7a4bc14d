/* SPDX-License-Identifier: GPL-2.0-or-later
 * trials.c: executes the trials of a commissioning: the write once, never again after it may have left; then the reads. Judges nothing. */
#include "server/field/trials.h"
#include "server/core/clock.h"
#include "server/domain/control/trial.h"
#include "server/domain/money/delivery.h"
#include "shared/base/till-json-write.h"
#include "shared/base/till-log.h"

#define CLAIM_LIMIT  8
#define READ_RETRIES 2

typedef enum { STAGE_COMMIT, STAGE_WRITE, STAGE_SETTLE, STAGE_READ, STAGE_END } Stage;

typedef struct {
  TilldTrials  *owner;
  TilldLine    *line;
  TilldTrial    trial;
  Stage         stage;
  TilldBusJob   job;
  TilldTimer    timer;
  guint         index, tries;
  TillJsonWrite *w;       /* the result as far as it is */
  char         *result;
} Trial;

struct _TilldTrials {
  TilldFieldRole *field;
  GPtrArray      *running; /* Trial */
  GArray         *claimed;
  gint64         *gateways;
  guint           n_gateways;
  gboolean        asking;
};

static void
drop (Trial *t)
{
  g_assert (!t->job.busy);
  tilld_timer_disarm (t->owner->field->reactor, &t->timer);
  t->line->orders--;
  g_ptr_array_remove_fast (t->owner->running, t);
  g_clear_pointer (&t->w, till_json_write_free);
  g_free (t->result);
  g_free (t);
}

static void
write_hex (TillJsonWrite *w, const char *name, const guint8 *bytes, guint len)
{
  g_autoptr (GString) hex = g_string_new (NULL);

  for (guint i = 0; i < len; i++)
    g_string_append_printf (hex, "%02x", bytes[i]);
  till_json_write_text (w, name, bytes != NULL ? hex->str : NULL);
}

static gboolean
do_done (TilldDb *db, gpointer data, GError **error)
{
  Trial *t = data;

  return tilld_trial_done (db, t->owner->field->options.profiles, &t->trial.id, t->result, error);
}

static void
was_done (gpointer data, const GError *error)
{
  Trial *t = data;

  tilld_field_job_ended (t->owner->field);
  if (error != NULL)
    till_warn (TILL_LOG_METER (t->trial.meter), error, "trial of a commissioning not recorded");
  drop (t);
}

static void
end (Trial *t)
{
  t->stage = STAGE_END;
  till_json_write_end_array (t->w);
  till_json_write_time (t->w, "at", tilld_clock_wall (t->owner->field->clock));
  till_json_write_end_object (t->w);
  t->result = till_json_write_free_to_text (g_steal_pointer (&t->w), NULL);
  if (!tilld_field_push (t->owner->field, TILLD_LANE_DELIVERY, TRUE, do_done, was_done, t, NULL))
    drop (t); /* the claim runs out; a write that left is not repeated */
}

static void
next_read (Trial *t)
{
  if (t->index >= t->trial.n_reads)
    {
      end (t);
      return;
    }
  t->stage = STAGE_READ;
  tilld_mb_read (&t->job.request, t->trial.unit, t->trial.fc, t->trial.reads[t->index].at, t->trial.reads[t->index].count);
  tilld_bus_queue (&t->line->bus, &t->job, TILLD_BUS_COMMAND);
}

static void
begin_reads (Trial *t, const char *outcome, int exception, const guint8 *reply, guint len)
{
  till_json_write_begin_object (t->w, NULL);
  till_json_write_text (t->w, "outcome", outcome);
  if (exception > 0)
    till_json_write_int (t->w, "exception", exception);
  else
    till_json_write_null (t->w, "exception");
  write_hex (t->w, "pdu", t->trial.has_write ? t->job.request.pdu : NULL, t->job.request.len);
  write_hex (t->w, "reply", reply, len);
  till_json_write_begin_array (t->w, "reads");
}

static void
written (Trial *t, TilldBusOutcome outcome, const TilldMbReply *reply)
{
  static const char *const words[] = { "ok", "failed", "timeout", "garbage", "link_lost", "not_sent" };
  const TilldFieldGateway *record = &t->line->station->record;
  gboolean                 refused = outcome == TILLD_BUS_EXCEPTION && reply->exception <= 3;
  gboolean                 clear = outcome == TILLD_BUS_OK || refused || outcome == TILLD_BUS_NOT_SENT;
  guint quarantine_ms = tilld_delivery_quarantine_ms (record->link, tilld_line_link_class (t->line), TRUE, record->quarantine_s);

  begin_reads (t, refused ? "refused" : words[outcome], outcome == TILLD_BUS_EXCEPTION ? reply->exception : 0,
               outcome == TILLD_BUS_OK || outcome == TILLD_BUS_EXCEPTION ? t->job.reply_pdu : NULL, t->job.reply_len);
  t->stage = STAGE_SETTLE;
  tilld_timer_arm (t->owner->field->reactor, &t->timer, MAX (clear ? t->trial.settle_ms : quarantine_ms, 1));
}

static void
take_read (Trial *t, const TilldMbReply *reply)
{
  guint16 regs[TILLD_MB_READ_MAX];
  guint8  bytes[2 * TILLD_MB_READ_MAX];
  guint   n = reply != NULL ? reply->n : 0;

  for (guint i = 0; i < n; i++)
    {
      regs[i] = reply->regs[i];
      bytes[2 * i] = (guint8) (regs[i] >> 8);
      bytes[2 * i + 1] = (guint8) regs[i];
    }
  till_json_write_begin_object (t->w, NULL);
  write_hex (t->w, "words", reply != NULL ? bytes : NULL, 2 * n);
  write_hex (t->w, "request", t->job.request.pdu, t->job.request.len);
  write_hex (t->w, "reply", reply != NULL ? t->job.reply_pdu : NULL, t->job.reply_len);
  till_json_write_end_object (t->w);
  t->index++;
  t->tries = 0;
  next_read (t);
}

static void
job_done (TilldBusJob *job, TilldBusOutcome outcome, const TilldMbReply *reply, gpointer data)
{
  Trial *t = data;

  if (t->stage == STAGE_WRITE)
    written (t, outcome, reply);
  else if (outcome == TILLD_BUS_OK)
    take_read (t, reply);
  else if (outcome == TILLD_BUS_EXCEPTION || t->tries++ >= READ_RETRIES || t->owner->field->draining)
    take_read (t, NULL);
  else
    {
      t->stage = STAGE_SETTLE; /* again in a moment: the line may be coming back */
      tilld_timer_arm (t->owner->field->reactor, &t->timer, 1000);
    }
}

static void
timer_fired (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  Trial *t = data;

  if (t->stage == STAGE_SETTLE)
    next_read (t);
}

static gboolean
do_sent (TilldDb *db, gpointer data, GError **error)
{
  Trial *t = data;

  return tilld_trial_sent (db, &t->trial.id, error);
}

static void
sent (gpointer data, const GError *error)
{
  Trial *t = data;

  tilld_field_job_ended (t->owner->field);
  if (error != NULL)
    {
      drop (t);
      return;
    }
  t->stage = STAGE_WRITE;
  tilld_mb_write (&t->job.request, t->trial.unit, t->trial.write_fc, t->trial.write_at, t->trial.words, t->trial.n_words);
  tilld_bus_queue (&t->line->bus, &t->job, TILLD_BUS_COMMAND);
}

static void
begin (TilldTrials *self, const TilldTrial *claimed)
{
  TilldCircuit *circuit = tilld_owner_circuit (self->field->owner, claimed->meter);
  Trial        *t;

  if (circuit == NULL || circuit->line->station->retiring || !tilld_line_is_up (circuit->line))
    return; /* the claim runs out */
  t = g_new0 (Trial, 1);
  t->owner = self;
  t->line = circuit->line;
  t->trial = *claimed;
  t->w = till_json_write_new ();
  t->job.done = job_done;
  t->job.data = t;
  tilld_timer_init (&t->timer, timer_fired, t);
  g_ptr_array_add (self->running, t);
  t->line->orders++;
  if (claimed->money && circuit->money != NULL)
    circuit->money->purse.frozen = TRUE; /* what comes now is known to the case */
  if (claimed->has_write && !claimed->sent)
    {
      t->stage = STAGE_COMMIT;
      if (!tilld_field_push (self->field, TILLD_LANE_DELIVERY, TRUE, do_sent, sent, t, NULL))
        drop (t);
      return;
    }
  begin_reads (t, claimed->has_write ? "unknown" : "none", 0, NULL, 0);
  next_read (t);
}

static gboolean
do_claim (TilldDb *db, gpointer data, GError **error)
{
  TilldTrials *self = data;

  g_array_set_size (self->claimed, 0);
  return tilld_trial_claim (db, self->gateways, self->n_gateways, CLAIM_LIMIT, self->claimed, error);
}

static void
claimed (gpointer data, const GError *error)
{
  TilldTrials *self = data;

  tilld_field_job_ended (self->field);
  self->asking = FALSE;
  g_clear_pointer (&self->gateways, g_free);
  if (error != NULL)
    till_warn (TILL_LOG_NONE, error, "trials of commissionings not claimed");
  for (guint i = 0; error == NULL && i < self->claimed->len; i++)
    begin (self, &g_array_index (self->claimed, TilldTrial, i));
}

void
tilld_trials_scan (TilldTrials *self)
{
  if (self->asking || self->field->draining)
    return;
  self->gateways = tilld_owner_gateway_ids (self->field->owner, &self->n_gateways);
  if (self->gateways == NULL)
    return;
  self->asking = tilld_field_push (self->field, TILLD_LANE_DELIVERY, TRUE, do_claim, claimed, self, NULL);
  if (!self->asking)
    g_clear_pointer (&self->gateways, g_free);
}

TilldTrials *
tilld_trials_new (TilldFieldRole *field)
{
  TilldTrials *self = g_new0 (TilldTrials, 1);

  self->field = field;
  self->running = g_ptr_array_new ();
  self->claimed = g_array_new (FALSE, FALSE, sizeof (TilldTrial));
  return self;
}

void
tilld_trials_free (TilldTrials *self)
{
  while (self->running->len > 0)
    drop (g_ptr_array_index (self->running, 0));
  g_ptr_array_unref (self->running);
  g_array_unref (self->claimed);
  g_free (self->gateways);
  g_free (self);
}
