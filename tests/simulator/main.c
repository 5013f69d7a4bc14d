/* SPDX-License-Identifier: GPL-2.0-or-later
 * main.c: options of gridtill-sim, building, running, tearing down in reverse. All else is the library beside it. */
#include <config.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include "server/core/clock.h"
#include "server/core/service.h"
#include "shared/base/till-error.h"
#include "shared/base/till-log.h"
#include "tests/simulator/control.h"
#include "tests/simulator/link.h"

#define EXIT_BAD_INPUT     1
#define EXIT_CANNOT_LISTEN 2
#define SPARE_DESCRIPTORS  128

typedef struct {
  char    *world, *faults, *journal, *control, *profiles, *server, *tty_dir;
  gint64   seed;
  int      speed, port_base;
  gboolean check, print_world, version;
} Options;

typedef struct { GMainLoop *loop; int status; } Run;

static void
options_clear (Options *o)
{
  g_free (o->world);
  g_free (o->faults);
  g_free (o->journal);
  g_free (o->control);
  g_free (o->profiles);
  g_free (o->server);
  g_free (o->tty_dir);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse_options (int *argc, char ***argv, Options *o, GError **error)
{
  const GOptionEntry entries[] = {
    { "world", 0, 0, G_OPTION_ARG_FILENAME, &o->world, "The campus to simulate", "FILE" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &o->seed, "Instead of the seed in the file", "N" },
    { "faults", 0, 0, G_OPTION_ARG_FILENAME, &o->faults, "What goes wrong, and how often", "FILE" },
    { "journal", 0, 0, G_OPTION_ARG_FILENAME, &o->journal, "Keeps every effect on money and relays; restores purses at the start", "FILE" },
    { "control", 0, 0, G_OPTION_ARG_FILENAME, &o->control, "Unix socket: one JSON object a line, one back", "SOCKET" },
    { "port-base", 0, 0, G_OPTION_ARG_INT, &o->port_base,
      "The first link listens on port N, the next on N + 1 ..., whatever `at` in the file says", "N" },
    { "server", 0, 0, G_OPTION_ARG_STRING, &o->server, "Where gateways call that dial in, whatever `at` in the file says", "ADDRESS:PORT" },
    { "tty-dir", 0, 0, G_OPTION_ARG_FILENAME, &o->tty_dir, "Folder of the ttys of serial links whose `at` is no absolute path", "DIR" },
    { "speed", 0, 0, G_OPTION_ARG_INT, &o->speed, "The meters' time: 1 real, up to 3600, 0 stepped by the control socket", "X" },
    { "profiles", 0, 0, G_OPTION_ARG_FILENAME, &o->profiles, "Meter profiles of this folder instead of those built in", "DIR" },
    { "check", 0, 0, G_OPTION_ARG_NONE, &o->check, "Check world and faults, then end", NULL },
    { "print-world", 0, 0, G_OPTION_ARG_NONE, &o->print_world, "Write the world with every count applied, then end", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &o->version, "Show the version", NULL },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- simulates the meters and gateways of a campus");

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_description (context, "Gateways that are called listen where the world file says (`at`), or on consecutive ports from\n"
                                             "--port-base; those that call reach the server at `at` or --server; ttys appear at `at`.\n"
                                             "Exit status: 0 stopped, 1 bad input, 2 cannot listen.\n");
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc > 1)
    return till_fail (error, TILL_ERROR_INVALID, "unexpected argument %s", (*argv)[1]);
  if (o->speed < -1 || o->speed > SIM_SPEED_MAX)
    return till_fail (error, TILL_ERROR_INVALID, "--speed must be from 0 to %d", SIM_SPEED_MAX);
  if (o->port_base < 0 || o->port_base > G_MAXUINT16)
    return till_fail (error, TILL_ERROR_INVALID, "--port-base must be from 1 to %d", G_MAXUINT16);
  if (o->server && !strchr (o->server, ':'))
    return till_fail (error, TILL_ERROR_INVALID, "--server must be ADDRESS:PORT");
  return o->version || o->world || till_fail (error, TILL_ERROR_INVALID, "--world FILE is missing");
}

static void
stop (gpointer data)
{
  g_main_loop_quit (((Run *) data)->loop);
}

static void
stop_by_signal (TilldSignal signal, gpointer data)
{
  if (signal != TILLD_SIGNAL_RELOAD)
    stop (data);
}

static void
broken (gpointer data)
{
  ((Run *) data)->status = EXIT_BAD_INPUT;
  stop (data);
}

static int
fail (int status, const GError *error)
{
  g_printerr ("gridtill-sim: %s\n", error->message);
  return status;
}

/* A listener and its connection, both ends of a pty, or a call for each bus at most. */
static guint
descriptors (const SimCampus *campus)
{
  guint n = SPARE_DESCRIPTORS;

  for (guint i = 0; i < campus->n_links; i++)
    {
      const SimLinkSpec *spec = campus->links[i].spec;
      gboolean           shared = spec->proto == SIM_PROTO_GT3 || spec->proto == SIM_PROTO_1F1F;

      n += spec->kind != TILL_LINK_KIND_DIAL_IN ? 2 : shared ? 1 : campus->links[i].n_buses;
    }
  return n;
}

static int
run (SimCampus *campus, const Options *o)
{
  g_autoptr (GError)       error = NULL;
  g_autoptr (TilldReactor) reactor = tilld_reactor_new (tilld_clock_system (), &error);
  g_autoptr (GMainLoop)    loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (SimControl)   control = NULL;
  g_autoptr (TilldService) service = NULL;
  Run                      state = { loop, 0 };
  SimWays                  ways = { (guint) o->port_base, o->server, o->tty_dir };

  if (!reactor || !tilld_service_raise_descriptors (descriptors (campus), &error))
    return fail (EXIT_CANNOT_LISTEN, error);
  tilld_reactor_attach (reactor, NULL);
  campus->on_broken = broken;
  campus->on_broken_data = &state;
  if (!sim_campus_open (campus, reactor, &ways, &error) ||
      (o->control && !(control = sim_control_new (campus, reactor, o->control, stop, &state, &error))))
    {
      sim_campus_close (campus);
      return fail (EXIT_CANNOT_LISTEN, error);
    }
  service = tilld_service_new (stop_by_signal, &state);
  g_print ("%s: %u links, %u circuits, ready\n", campus->world->name, campus->n_links, sim_world_circuits (campus->world));
  fflush (stdout);
  g_main_loop_run (loop);
  sim_campus_close (campus);
  if (campus->broken)
    fail (state.status, campus->broken);
  return state.status;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError)    error = NULL;
  g_autoptr (SimWorld)  world = NULL;
  g_autoptr (SimFaults) faults = NULL;
  g_autoptr (SimCampus) campus = NULL;
  g_auto (Options)      o = { .seed = -1, .speed = -1 };
  SimCampusOptions      options = { .clock = tilld_clock_system () };

  till_log_set_up ("gridtill-sim", FALSE);
  if (!parse_options (&argc, &argv, &o, &error))
    return fail (EXIT_BAD_INPUT, error);
  if (o.version)
    {
      g_print ("gridtill-sim %s\n", GRIDTILL_VERSION);
      return 0;
    }
  if (!(world = sim_world_load (o.world, o.profiles, &error)) || (o.faults && !(faults = sim_faults_load (o.faults, &error))))
    return fail (EXIT_BAD_INPUT, error);
  if (o.seed >= 0)
    world->seed = (guint64) o.seed;
  if (o.speed >= 0)
    world->speed = (guint) o.speed;
  if (o.print_world)
    {
      g_autofree char *text = sim_world_print (world);

      g_print ("%s\n", text);
    }
  if (o.check || o.print_world)
    return 0;
  options.journal = o.journal;
  options.context = g_main_context_default ();
  if (!(campus = sim_campus_new (g_steal_pointer (&world), &options, &error)))
    return fail (EXIT_BAD_INPUT, error);
  campus->faults = g_steal_pointer (&faults);
  return run (campus, &o);
}
