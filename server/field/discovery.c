/* SPDX-License-Identifier: GPL-2.0-or-later
 * discovery.c: one discovery at a time: a job is claimed and its tables are read one after the other, with the progress stored after each.
 * Whoever takes it over begins anew: reading does no harm. Makes no meters: people accept the preview. */
#include "server/field/discovery.h"
#include <string.h>
#include "server/core/clock.h"
#include "server/domain/office/job.h"
#include "server/domain/plant/discovery.h"
#include "server/rules/cabinet-rules.h"
#include "shared/base/till-log.h"

typedef enum { STAGE_COUNTS, STAGE_CT, STAGE_SERIAL, STAGE_CIRCUIT } Stage;

typedef struct {
  TilldCabinetCounts counts;
  const char        *refused;  /* static sentence */
  gboolean           silent;
  char               serial[TILLD_TEXT_MAX];
  TilldCabinetPlace  places[TILLD_CABINET_MAX];
  gboolean           answers[TILLD_CABINET_MAX];
  guint              n;
} Cabinet;

struct _TilldDiscoverer {
  TilldFieldRole     *field;
  TilldLine          *line;       /* of the job under way */
  TilldJobTask        task;
  TilldDiscovery      what;
  const TilldProfile *single, *three; /* models of the circuits */
  Cabinet             found[TILLD_DISCOVERY_TABLES_MAX];
  guint               n_found, tries, circuit;
  Stage               stage;
  TilldBusJob         job;
  gint64             *gateways;
  guint               n_gateways;
  gboolean            asking, has_task, cancelled;
  char               *result;     /* of the end */
  const char         *failure;
};

static void next_table (TilldDiscoverer *self);
static void read_circuit (TilldDiscoverer *self);

static Cabinet *
present (TilldDiscoverer *self)
{
  return &self->found[self->n_found];
}

/* --- the end and the progress, on the lane --- */

static void
write_cabinet (const Cabinet *cabinet, TillJsonWrite *w)
{
  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "table", cabinet->counts.table);
  till_json_write_text (w, "state", cabinet->silent ? "silent" : cabinet->refused != NULL ? "refused" : "found");
  till_json_write_text (w, "reason", cabinet->refused);
  till_json_write_int (w, "ct", cabinet->counts.ct);
  till_json_write_int (w, "three_phase", cabinet->counts.three_phase);
  till_json_write_int (w, "single_phase", cabinet->counts.single_phase);
  till_json_write_text (w, "serial", cabinet->serial);
  till_json_write_end_object (w);
}

static void
write_circuits (TilldDiscoverer *self, const Cabinet *cabinet, GHashTable *known, TillJsonWrite *w)
{
  for (guint i = 0; i < cabinet->n; i++)
    {
      const TilldCabinetPlace *place = &cabinet->places[i];
      const TilldKnownMeter   *meter = g_hash_table_lookup (known, GINT_TO_POINTER (place->unit));

      till_json_write_begin_object (w, NULL);
      till_json_write_int (w, "table", cabinet->counts.table);
      till_json_write_int (w, "circuit", place->number);
      till_json_write_int (w, "unit", place->unit);
      till_json_write_text (w, "model", place->three_phase ? self->three->name : self->single->name);
      till_json_write_bool (w, "ct", place->ct);
      till_json_write_text (w, "serial", cabinet->serial);
      till_json_write_bool (w, "answers", cabinet->answers[i]);
      if (meter != NULL)
        till_json_write_int (w, "meter", meter->id);
      else
        till_json_write_null (w, "meter");
      till_json_write_text (w, "meter_code", meter != NULL ? meter->code : NULL);
      till_json_write_end_object (w);
    }
}

static char *
preview (TilldDiscoverer *self, GHashTable *known)
{
  TillJsonWrite *w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "gateway", self->task.gateway);
  till_json_write_int (w, "port", self->what.port);
  till_json_write_begin_array (w, "cabinets");
  for (guint i = 0; i < self->n_found; i++)
    write_cabinet (&self->found[i], w);
  till_json_write_end_array (w);
  till_json_write_begin_array (w, "circuits");
  for (guint i = 0; i < self->n_found; i++)
    write_circuits (self, &self->found[i], known, w);
  till_json_write_end_array (w);
  till_json_write_end_object (w);
  return till_json_write_free_to_text (w, NULL);
}

static gboolean
do_end (TilldDb *db, gpointer data, GError **error)
{
  TilldDiscoverer       *self = data;
  g_autoptr (GHashTable) known = NULL;

  if (self->cancelled)
    return tilld_job_end (db, &self->task.id, TILLD_JOB_CANCELLED, NULL, NULL, error);
  if (self->failure != NULL)
    return tilld_job_end (db, &self->task.id, TILLD_JOB_FAILED, self->failure, NULL, error);
  if (!tilld_discovery_known (db, self->task.gateway, self->what.port, &known, error))
    return FALSE;
  g_free (self->result);
  self->result = preview (self, known);
  return tilld_job_end (db, &self->task.id, TILLD_JOB_DONE, NULL, self->result, error);
}

static void
ended (gpointer data, const GError *error)
{
  TilldDiscoverer *self = data;

  tilld_field_job_ended (self->field);
  if (error != NULL)
    till_warn (TILL_LOG_NONE, error, "end of a discovery not recorded");
  if (self->line != NULL)
    self->line->orders--;
  self->line = NULL;
  self->has_task = FALSE;
  tilld_job_task_clear (&self->task);
}

static void
finish (TilldDiscoverer *self, const char *failure)
{
  self->failure = failure;
  if (tilld_field_push (self->field, TILLD_LANE_DELIVERY, TRUE, do_end, ended, self, NULL))
    return;
  self->field->pending++; /* the lane is full: the claim runs out and somebody goes on */
  ended (self, NULL);
}

static gboolean
do_progress (TilldDb *db, gpointer data, GError **error)
{
  TilldDiscoverer *self = data;
  g_autofree char *message = g_strdup_printf ("%u of %u table numbers", self->n_found, self->what.n_tables);
  TilldJobProgress progress = { .id = self->task.id, .total = self->what.n_tables, .done = self->n_found, .message = message,
                                .claim = self->task.claim };

  for (guint i = 0; i < self->n_found; i++)
    progress.failed += self->found[i].refused != NULL;
  return tilld_job_progress (db, &progress, &self->cancelled, error);
}

static void
progressed (gpointer data, const GError *error)
{
  TilldDiscoverer *self = data;

  tilld_field_job_ended (self->field);
  if (error != NULL)
    till_warn (TILL_LOG_NONE, error, "progress of a discovery not recorded");
  if (error != NULL && till_error_is (error, TILL_ERROR_STALE))
    {
      self->field->pending++;
      ended (self, NULL);
    }
  else if (self->cancelled || self->field->draining || self->n_found >= self->what.n_tables)
    finish (self, self->n_found < self->what.n_tables && !self->cancelled ? "the server stopped" : NULL);
  else
    next_table (self);
}

/* --- on the bus --- */

static void
table_done (TilldDiscoverer *self)
{
  self->n_found++;
  if (!tilld_field_push (self->field, TILLD_LANE_DELIVERY, TRUE, do_progress, progressed, self, NULL))
    finish (self, "the database is too busy");
}

static void
ask (TilldDiscoverer *self, Stage stage, guint8 unit, guint16 at, guint count)
{
  self->stage = stage;
  tilld_mb_read (&self->job.request, unit, self->single->read_fc, at, count);
  tilld_bus_queue (&self->line->bus, &self->job, TILLD_BUS_COMMAND);
}

static void
next_table (TilldDiscoverer *self)
{
  Cabinet *cabinet = present (self);

  memset (cabinet, 0, sizeof *cabinet);
  cabinet->counts = (TilldCabinetCounts){ .table = self->what.tables[self->n_found], .span = self->single->span };
  self->tries = 0;
  if (!tilld_line_is_up (self->line))
    finish (self, "the gateway is offline");
  else
    ask (self, STAGE_COUNTS, (guint8) cabinet->counts.table, self->single->discover.three_phase, 2);
}

static void
take_serial (TilldDiscoverer *self, const guint16 *regs)
{
  TilldPoint point = { .name = TILLD_POINT_SERIAL, .type = TILLD_TYPE_ASCII, .registers = self->single->discover.serial_registers };
  TilldValue v;

  tilld_point_decode (self->single, &point, TILLD_WORDS_DEFAULT, regs, &v);
  if (v.state == TILLD_VALUE_OK)
    g_strlcpy (present (self)->serial, v.text, sizeof present (self)->serial);
}

static void
begin_circuits (TilldDiscoverer *self)
{
  Cabinet *cabinet = present (self);

  cabinet->refused = tilld_cabinet_layout (&cabinet->counts, cabinet->places, &cabinet->n);
  self->circuit = 0;
  if (cabinet->refused != NULL)
    table_done (self);
  else
    read_circuit (self);
}

/* One register that every circuit of its model has. */
static void
read_circuit (TilldDiscoverer *self)
{
  Cabinet                 *cabinet = present (self);
  const TilldCabinetPlace *place = &cabinet->places[self->circuit];
  const TilldProfile      *profile = place->three_phase ? self->three : self->single;
  const TilldPoint        *point = tilld_profile_point (profile, TILLD_POINT_CATEGORY);

  self->tries = 0;
  ask (self, STAGE_CIRCUIT, place->unit, point != NULL ? point->at : profile->ranges[0][0], 1);
}

static void
circuit_done (TilldDiscoverer *self, gboolean answers)
{
  Cabinet *cabinet = present (self);

  cabinet->answers[self->circuit] = answers;
  if (++self->circuit < cabinet->n)
    read_circuit (self);
  else
    table_done (self);
}

static void
take (TilldDiscoverer *self, const guint16 *regs)
{
  Cabinet *cabinet = present (self);
  guint8   unit = (guint8) cabinet->counts.table;

  self->tries = 0;
  switch (self->stage)
    {
    case STAGE_COUNTS:
      cabinet->counts.three_phase = regs[0];
      cabinet->counts.single_phase = regs[1];
      ask (self, STAGE_CT, unit, self->single->discover.ct, 1);
      break;
    case STAGE_CT:
      cabinet->counts.ct = regs[0];
      ask (self, STAGE_SERIAL, unit, self->single->discover.serial_at, self->single->discover.serial_registers);
      break;
    case STAGE_SERIAL:
      take_serial (self, regs);
      begin_circuits (self);
      break;
    case STAGE_CIRCUIT:
    default:
      circuit_done (self, TRUE);
    }
}

static void
job_done (TilldBusJob *job, TilldBusOutcome outcome, const TilldMbReply *reply, gpointer data)
{
  TilldDiscoverer *self = data;

  if (outcome == TILLD_BUS_OK)
    take (self, reply->regs);
  else if (outcome == TILLD_BUS_LINK_LOST || outcome == TILLD_BUS_NOT_SENT)
    finish (self, "the gateway is offline");
  else if (outcome == TILLD_BUS_EXCEPTION && self->stage == STAGE_CIRCUIT)
    circuit_done (self, TRUE); /* somebody is there */
  else if (outcome == TILLD_BUS_EXCEPTION && self->stage == STAGE_SERIAL)
    begin_circuits (self);
  else if (outcome == TILLD_BUS_EXCEPTION)
    {
      present (self)->refused = "the device at this address is no such cabinet";
      table_done (self);
    }
  else if (self->tries++ == 0)
    tilld_bus_queue (&self->line->bus, &self->job, TILLD_BUS_COMMAND);
  else if (self->stage == STAGE_CIRCUIT)
    circuit_done (self, FALSE);
  else
    {
      present (self)->silent = TRUE;
      table_done (self);
    }
}

/* --- taking a job --- */

static gboolean
choose_models (TilldDiscoverer *self)
{
  const TilldProfiles *profiles = self->field->options.profiles;

  self->single = self->three = NULL;
  for (guint i = 0; i < tilld_profiles_count (profiles); i++)
    {
      const TilldProfile *profile = tilld_profiles_at (profiles, i);

      if (profile->discover.present && profile->step == 1)
        self->single = profile;
      else if (profile->discover.present && profile->step == 3)
        self->three = profile;
    }
  return self->single != NULL && self->three != NULL;
}

static void
all_tables (TilldDiscoverer *self)
{
  self->what.n_tables = MIN (self->single->n_tables, TILLD_DISCOVERY_TABLES_MAX);
  memcpy (self->what.tables, self->single->tables, self->what.n_tables);
}

static gboolean
do_claim (TilldDb *db, gpointer data, GError **error)
{
  TilldDiscoverer *self = data;

  tilld_job_task_clear (&self->task);
  return tilld_job_claim (db, TILLD_DISCOVERY_JOB, self->gateways, self->n_gateways, &self->task, &self->has_task, error);
}

static void
claimed (gpointer data, const GError *error)
{
  TilldDiscoverer  *self = data;
  g_autoptr(GError) local = NULL;

  tilld_field_job_ended (self->field);
  self->asking = FALSE;
  g_clear_pointer (&self->gateways, g_free);
  if (error != NULL)
    till_warn (TILL_LOG_NONE, error, "discoveries not claimed");
  if (error != NULL || !self->has_task)
    {
      self->has_task = FALSE;
      return;
    }
  self->n_found = 0;
  self->cancelled = FALSE;
  self->what.gateway = self->task.gateway;
  if (!tilld_discovery_read (self->task.input, &self->what, &local))
    finish (self, "the order cannot be read");
  else if (!choose_models (self))
    finish (self, "no meter model of this server can be discovered");
  else if ((self->line = tilld_owner_line (self->field->owner, self->task.gateway, (guint) self->what.port)) == NULL)
    finish (self, "the gateway is offline");
  else
    {
      if (self->what.n_tables == 0)
        all_tables (self);
      self->line->orders++;
      next_table (self);
    }
}

void
tilld_discoverer_scan (TilldDiscoverer *self)
{
  if (self->asking || self->has_task || self->field->draining)
    return;
  self->gateways = tilld_owner_gateway_ids (self->field->owner, &self->n_gateways);
  if (self->gateways == NULL)
    return;
  self->asking = tilld_field_push (self->field, TILLD_LANE_DELIVERY, TRUE, do_claim, claimed, self, NULL);
  if (!self->asking)
    g_clear_pointer (&self->gateways, g_free);
}

TilldDiscoverer *
tilld_discoverer_new (TilldFieldRole *field)
{
  TilldDiscoverer *self = g_new0 (TilldDiscoverer, 1);

  self->field = field;
  self->job.done = job_done;
  self->job.data = self;
  return self;
}

void
tilld_discoverer_free (TilldDiscoverer *self)
{
  g_assert (!self->job.busy);
  if (self->line != NULL)
    self->line->orders--;
  tilld_job_task_clear (&self->task);
  g_free (self->gateways);
  g_free (self->result);
  g_free (self);
}
