/* SPDX-License-Identifier: GPL-2.0-or-later
 * control.c: what may be asked of a campus. Changes of money are journalled and flushed before they are answered. */
#include "tests/simulator/control.h"
#include <string.h>
#include "shared/base/till-error.h"
#include "shared/base/till-json-check.h"
#include "shared/base/till-json-read.h"
#include "shared/base/till-json-write.h"
#include "tests/simulator/link.h"
#include "tests/simulator/meter-registers.h"
#include "tests/simulator/meter-values.h"
#include "tests/simulator/seed.h"

#define LINE_BYTES 65536

typedef struct {
  SimCampus     *campus;
  TillJsonRead  *r;
  TillJsonWrite *out;
  gboolean       quit;
} Ask;

typedef struct { const char *word; void (*run) (Ask *ask); } Verb;

static SimMeter *
by_serial (SimCampus *campus, const char *serial, guint *ret_n)
{
  SimMeter *found = NULL;

  *ret_n = 0;
  for (guint i = 0; i < campus->n_links; i++)
    for (guint b = 0; b < campus->links[i].n_buses; b++)
      for (guint m = 0; m < campus->links[i].buses[b].n_meters; m++)
        if (strcmp (sim_meter_serial (&campus->links[i].buses[b].meters[m]), serial) == 0)
          {
            found = &campus->links[i].buses[b].meters[m];
            (*ret_n)++;
          }
  return found;
}

/* By gateway, port (1) and unit, or by a serial number that only one circuit has. */
static SimMeter *
asked_meter (Ask *ask)
{
  g_autofree char *gateway = NULL, *serial = NULL;
  gint64           port = 1, unit = 0;
  SimMeter        *meter = NULL;
  guint            n = 0;

  if (till_json_read_text (ask->r, "serial", TILL_OPTIONAL, 16, &serial))
    {
      meter = by_serial (ask->campus, serial, &n);
      if (n != 1)
        till_json_read_error (ask->r, "serial", n == 0 ? "no such meter" : "%u circuits: name gateway and unit", n);
      if (n == 1)
        sim_meter_advance (meter, sim_campus_now (ask->campus) / TILL_SECOND);
      return n == 1 ? meter : NULL;
    }
  till_json_read_text (ask->r, "gateway", TILL_REQUIRED, 16, &gateway);
  till_json_read_int (ask->r, "port", TILL_OPTIONAL, 1, 99, &port);
  till_json_read_int (ask->r, "unit", TILL_REQUIRED, 1, 247, &unit);
  if (gateway && unit > 0 && !(meter = sim_campus_meter (ask->campus, gateway, (guint) port, (guint) unit)))
    till_json_read_error (ask->r, "unit", "no such meter");
  return meter;
}

static gboolean
read_amount (Ask *ask, const SimMeter *meter, const char *name, TillPresence presence, gint64 *ret)
{
  return till_json_read_decimal (ask->r, name, presence, meter->model->purse_decimals, ret);
}

static void
write_raw (Ask *ask, const SimMeter *meter, const char *name, gint64 raw)
{
  char text[TILL_MONEY_TEXT];

  till_json_write_text (ask->out, name, till_decimal_print (raw, meter->model->purse_decimals, text));
}

static void
write_truth (Ask *ask, const SimMeter *meter)
{
  static const char *const forced[] = { "auto", "close", "open" };
  const SimBus            *bus = meter->bus;

  till_json_write_text (ask->out, "gateway", bus->link->spec->code);
  till_json_write_int (ask->out, "port", bus->port);
  till_json_write_int (ask->out, "unit", meter->unit);
  till_json_write_text (ask->out, "profile", meter->model->name);
  till_json_write_text (ask->out, "serial", sim_meter_serial (meter));
  till_json_write_int (ask->out, "epoch", meter->epoch);
  till_json_write_time (ask->out, "at", meter->at_s * TILL_SECOND);
  till_json_write_int (ask->out, "count", meter->count);
  write_raw (ask, meter, "balance", sim_meter_balance_raw (meter));
  write_raw (ask, meter, "total", meter->total_raw);
  write_raw (ask, meter, "refunded", meter->refunded_raw);
  till_json_write_energy (ask->out, "energy", sim_meter_energy_wh (meter));
  till_json_write_int (ask->out, "power_w", meter->power_w);
  till_json_write_text (ask->out, "relay", meter->closed ? "closed" : "open");
  till_json_write_text (ask->out, "forced", forced[meter->forced]);
  till_json_write_bool (ask->out, "overload", meter->overload_open);
  till_json_write_bool (ask->out, "opened", meter->count > 0);
  till_json_write_bool (ask->out, "schedule_off", meter->schedule_off);
  till_json_write_bool (ask->out, "off", meter->off);
}

static void
finish (Ask *ask, SimMeter *meter, const SimEffect *effect)
{
  sim_campus_record (ask->campus, meter, effect, NULL);
  sim_campus_commit (ask->campus);
  write_truth (ask, meter);
}

static gboolean
has_purse (Ask *ask, const SimMeter *meter)
{
  if (meter && !meter->model->has_purse)
    till_json_read_error (ask->r, "unit", "this model has no purse");
  return meter && meter->model->has_purse;
}

static void
do_meter (Ask *ask)
{
  SimMeter *meter = asked_meter (ask);

  if (meter)
    write_truth (ask, meter);
}

/* What a read of these registers would answer now, as one text of hex words. */
static void
do_registers (Ask *ask)
{
  SimMeter          *meter = asked_meter (ask);
  g_autofree char   *hex = NULL;
  g_autoptr (GString) words = g_string_new (NULL);
  gint64             count = 1;
  guint64            at = 0;
  guint16            image[125] = { 0 };

  till_json_read_text (ask->r, "at", TILL_REQUIRED, 4, &hex);
  till_json_read_int (ask->r, "count", TILL_OPTIONAL, 1, G_N_ELEMENTS (image), &count);
  if (!hex || !g_ascii_string_to_unsigned (hex, 16, 0, G_MAXUINT16, &at, NULL))
    till_json_read_error (ask->r, "at", "must be a register in hex, 0000 to FFFF");
  else if (meter && sim_registers_read (meter, (guint16) at, (guint16) count, image) != 0)
    till_json_read_error (ask->r, "at", "the meter has no such registers");
  for (gint64 i = 0; i < count; i++)
    g_string_append_printf (words, "%04x", image[i]);
  till_json_write_text (ask->out, "words", words->str);
}

static void
do_edit (Ask *ask)
{
  SimMeter *meter = asked_meter (ask);
  SimEffect effect;
  SimEdit   edit = { 0 };
  gint64    count = 0;

  if (!has_purse (ask, meter))
    return;
  edit.has_balance = read_amount (ask, meter, "balance", TILL_OPTIONAL, &edit.balance_raw);
  edit.has_total = read_amount (ask, meter, "total", TILL_OPTIONAL, &edit.total_raw);
  edit.has_count = till_json_read_int (ask->r, "count", TILL_OPTIONAL, 0, G_MAXUINT16, &count);
  edit.count = (guint16) count;
  if (ask->r->errors->len > 0)
    return;
  sim_meter_edit (meter, &edit, &effect);
  finish (ask, meter, &effect);
}

static void
do_card (Ask *ask)
{
  SimMeter *meter = asked_meter (ask);
  SimEffect effect = { 0 };
  gint64    amount = 0;

  if (!has_purse (ask, meter) || !read_amount (ask, meter, "amount", TILL_REQUIRED, &amount))
    return;
  if (amount <= 0)
    till_json_read_error (ask->r, "amount", "must be above zero");
  else
    {
      sim_meter_card (meter, amount, &effect);
      finish (ask, meter, &effect);
    }
}

static void
do_reset (Ask *ask)
{
  SimMeter *meter = asked_meter (ask);
  SimEffect effect;

  if (!has_purse (ask, meter))
    return;
  sim_meter_reset (meter, &effect);
  finish (ask, meter, &effect);
}

static void
do_swap (Ask *ask)
{
  SimMeter        *meter = asked_meter (ask);
  SimEffect        effect = { .kind = SIM_EFFECT_SWAP };
  g_autofree char *serial = NULL;

  till_json_read_text (ask->r, "new_serial", TILL_OPTIONAL, 16, &serial);
  if (!meter || ask->r->errors->len > 0)
    return;
  if (!serial)
    serial = g_strdup_printf ("%012" G_GINT64_FORMAT,
                              sim_draw_range (ask->campus->place.seed, meter->path, "swap", meter->epoch, 0, G_GINT64_CONSTANT (999999999999)));
  sim_meter_swap (meter, serial);
  finish (ask, meter, &effect);
}

static void
set_off (Ask *ask, gboolean off)
{
  SimMeter *meter = asked_meter (ask);

  if (!meter)
    return;
  meter->off = off;
  write_truth (ask, meter);
}

static void
do_off (Ask *ask)
{
  set_off (ask, TRUE);
}

static void
do_on (Ask *ask)
{
  set_off (ask, FALSE);
}

/* It says nothing while it starts; the purse is where it was. */
static void
do_restart (Ask *ask)
{
  SimMeter *meter = asked_meter (ask);
  gint64    seconds = 5;

  if (!till_json_read_int (ask->r, "seconds", TILL_OPTIONAL, 0, 3600, &seconds) && till_json_read_has (ask->r, "seconds"))
    return;
  if (!meter)
    return;
  meter->back_us = sim_timers_now (ask->campus->timers) + seconds * G_USEC_PER_SEC;
  meter->over_since_s = 0;
  write_truth (ask, meter);
}

static void
do_link (Ask *ask)
{
  g_autofree char   *gateway = NULL, *action = NULL;
  g_autoptr (GError) error = NULL;
  SimLink           *link = NULL;

  till_json_read_text (ask->r, "gateway", TILL_REQUIRED, 16, &gateway);
  till_json_read_text (ask->r, "action", TILL_REQUIRED, 16, &action);
  if (gateway && !(link = sim_campus_link (ask->campus, gateway)))
    till_json_read_error (ask->r, "gateway", "no such link");
  if (!link || !action)
    return;
  if (strcmp (action, "cut") == 0)
    sim_link_cut (link);
  else if (strcmp (action, "freeze") == 0)
    link->frozen = TRUE;
  else if (strcmp (action, "rekey") == 0)
    {
      if (!link->line || !link->funcs->rekey || !link->funcs->rekey (link))
        till_json_read_error (ask->r, "action", "this link has no keys to change");
    }
  else if (strcmp (action, "restore") != 0)
    till_json_read_error (ask->r, "action", "must be cut, freeze, rekey or restore");
  else if (!sim_link_restore (link, &error))
    till_json_read_error (ask->r, "action", "%s", error->message);
}

static void
do_fault (Ask *ask)
{
  g_autoptr (GError) error = NULL;
  g_autofree char   *text = NULL;
  JsonNode          *node = NULL;
  SimFaults         *faults;

  if (!till_json_read_object (ask->r, "faults", TILL_REQUIRED, &node))
    return;
  text = json_to_string (node, FALSE);
  faults = sim_faults_parse ("faults", text, -1, &error);
  if (!faults)
    {
      till_json_read_error (ask->r, "faults", "%s", error->message);
      return;
    }
  g_clear_pointer (&ask->campus->faults, sim_faults_free);
  ask->campus->faults = faults;
}

static void
do_advance (Ask *ask)
{
  gint64 seconds = 0;

  if (till_json_read_int (ask->r, "seconds", TILL_REQUIRED, 0, 366 * 86400, &seconds))
    sim_campus_advance (ask->campus, seconds);
  till_json_write_time (ask->out, "at", sim_campus_now (ask->campus));
}

static void
do_stats (Ask *ask)
{
  const SimStats *stats = &ask->campus->stats;
  guint           circuits = sim_world_circuits (ask->campus->world);

  till_json_write_text (ask->out, "world", ask->campus->world->name);
  till_json_write_time (ask->out, "at", sim_campus_now (ask->campus));
  till_json_write_int (ask->out, "links", ask->campus->n_links);
  till_json_write_int (ask->out, "circuits", circuits);
  till_json_write_int (ask->out, "connections", (gint64) stats->connections);
  till_json_write_int (ask->out, "registered", (gint64) stats->registered);
  till_json_write_int (ask->out, "requests", (gint64) stats->requests);
  till_json_write_int (ask->out, "answers", (gint64) stats->answers);
  till_json_write_int (ask->out, "silent", (gint64) stats->silent);
  till_json_write_int (ask->out, "exceptions", (gint64) stats->exceptions);
  till_json_write_int (ask->out, "noise", (gint64) stats->noise);
  till_json_write_int (ask->out, "faults", (gint64) stats->faults);
  till_json_write_int (ask->out, "effects", (gint64) stats->effects);
  till_json_write_int (ask->out, "journal_lines", ask->campus->journal ? (gint64) sim_journal_lines (ask->campus->journal) : 0);
}

static void
do_quit (Ask *ask)
{
  ask->quit = TRUE;
}

static const Verb verbs[] = {
  { "advance", do_advance }, { "card", do_card }, { "edit", do_edit },   { "fault", do_fault }, { "link", do_link },   { "meter", do_meter },
  { "off", do_off },         { "on", do_on },     { "quit", do_quit },   { "registers", do_registers },
  { "reset", do_reset },     { "restart", do_restart }, { "stats", do_stats }, { "swap", do_swap },
};

static char *
error_answer (const char *message)
{
  TillJsonWrite *json = till_json_write_new ();

  till_json_write_begin_object (json, NULL);
  till_json_write_text (json, "error", message);
  till_json_write_end_object (json);
  return till_json_write_free_to_text (json, NULL);
}

char *
sim_control_answer (SimCampus *campus, const char *line, gsize len, gboolean *ret_quit)
{
  g_autoptr (GError)        error = NULL;
  g_autoptr (JsonNode)      node = till_json_parse (line, (gssize) len, LINE_BYTES, &error);
  g_autoptr (TillJsonWrite) out = till_json_write_new ();
  g_autofree char          *word = NULL;
  TillJsonRead              r;
  Ask                       ask = { campus, &r, out, FALSE };
  const Verb               *verb = NULL;

  *ret_quit = FALSE;
  if (!node)
    return error_answer (error->message);
  till_json_read_init (&r, node);
  till_json_read_text (&r, "do", TILL_REQUIRED, 16, &word);
  for (guint i = 0; word && i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (verbs[i].word, word) == 0)
      verb = &verbs[i];
  till_json_write_begin_object (out, NULL);
  till_json_write_bool (out, "ok", TRUE);
  if (verb)
    verb->run (&ask);
  else if (word)
    till_json_read_error (&r, "do", "is not known");
  till_json_write_end_object (out);
  if (!till_json_read_finish (&r, &error))
    return error_answer (error->message);
  if (campus->broken)
    return error_answer (campus->broken->message);
  *ret_quit = ask.quit;
  return till_json_write_free_to_text (g_steal_pointer (&out), NULL);
}
