/* SPDX-License-Identifier: GPL-2.0-or-later
 * bench-sim.c: what the simulator costs: start and memory of a world, answers a second of one core without and with sockets.
 * usage: bench-sim WORLD [SECONDS]. Prints figures; fails below those the design asks for. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "server/core/clock.h"
#include "server/core/service.h"
#include "tests/simulator/link-listen.h"

#define MUST_ANSWERS 20000
#define MUST_START_S 30
#define MUST_BYTES   1500000000.0
#define REGISTERS    18
#define CONNS_MAX    5000

typedef struct { guint64 answers, bytes; } Heard;

static double
cpu_s (int who)
{
  struct rusage use;

  getrusage (who, &use);
  return (double) use.ru_utime.tv_sec + (double) use.ru_stime.tv_sec + (double) (use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static double
resident_bytes (void)
{
  FILE         *file = fopen ("/proc/self/statm", "r");
  unsigned long pages = 0, resident = 0;

  if (file && fscanf (file, "%lu %lu", &pages, &resident) != 2)
    resident = 0;
  if (file)
    fclose (file);
  return (double) resident * (double) sysconf (_SC_PAGESIZE);
}

static void
wire_send (gpointer conn, const guint8 *bytes, gsize n, guint32 faults)
{
  ((Heard *) conn)->answers++;
  ((Heard *) conn)->bytes += n;
}

static void
wire_none (gpointer conn)
{
}

static const SimWire wire = { wire_send, wire_none, wire_none, NULL };

/* The status read of the model at a meter. */
static void
status_read (const SimMeter *meter, SimRequest *request)
{
  const SimRange *range = &g_array_index (meter->model->ranges, SimRange, 0);

  *request = (SimRequest){ .tid = 1, .unit = meter->unit, .n_pdu = 5 };
  request->pdu[0] = meter->model->read_fc;
  request->pdu[1] = (guint8) (range->from >> 8);
  request->pdu[2] = (guint8) range->from;
  request->pdu[4] = REGISTERS;
}

/* Every circuit in turn, as a server sweeps them. Answers a second of one core. */
static double
sweep_in_process (SimCampus *campus, double seconds)
{
  Heard  heard = { 0 };
  double began = cpu_s (RUSAGE_SELF), used = 0;

  for (guint m = 0; used < seconds; m++)
    {
      for (guint i = 0; i < campus->n_links; i++)
        {
          SimBus    *bus = &campus->links[i].buses[0];
          SimRequest request;

          status_read (&bus->meters[m % bus->n_meters], &request);
          sim_bus_request (bus, &wire, &heard, &request);
        }
      used = cpu_s (RUSAGE_SELF) - began;
    }
  g_assert_cmpuint (heard.bytes, ==, heard.answers * (7 + 2 + 2 * REGISTERS));
  return (double) heard.answers / used;
}

typedef struct { GMainLoop *loop; } Stop;

static void
stop (TilldSignal signal, gpointer data)
{
  g_main_loop_quit (((Stop *) data)->loop);
}

/* The child: this campus on its ports until it is told to stop; its processor time comes back with it. */
static void
serve (SimCampus *campus, int ready)
{
  g_autoptr (GError)       error = NULL;
  g_autoptr (TilldReactor) reactor = tilld_reactor_new (campus->clock, &error);
  g_autoptr (GMainLoop)    loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (TilldService) service = tilld_service_new (stop, &(Stop){ loop });

  tilld_reactor_attach (reactor, NULL);
  if (!sim_campus_open (campus, reactor, &(SimWays){ 0, NULL, NULL }, &error))
    g_error ("%s", error->message);
  if (write (ready, "r", 1) == 1)
    g_main_loop_run (loop);
  sim_campus_close (campus);
}

static int
connect_to (const char *at)
{
  const char        *colon = strrchr (at, ':');
  g_autofree char   *host = g_strndup (at, (gsize) (colon - at));
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons ((guint16) g_ascii_strtoull (colon + 1, NULL, 10)) };
  int                fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

  g_assert_cmpint (inet_pton (AF_INET, host, &address.sin_addr), ==, 1);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

typedef struct { int fd; SimBus *bus; guint next; } Asker;

static void
ask (Asker *asker)
{
  SimRequest request;
  guint8     frame[SIM_ADU_MAX];
  gsize      n;

  status_read (&asker->bus->meters[asker->next++ % asker->bus->n_meters], &request);
  n = sim_frame_wrap (TRUE, request.tid, request.unit, request.pdu, request.n_pdu, frame);
  g_assert_cmpint (send (asker->fd, frame, n, MSG_NOSIGNAL), ==, n);
}

/* One request in flight on each of many connections, for some seconds. How many answers came. */
static guint64
sweep_sockets (SimCampus *campus, double seconds)
{
  guint             n = MIN (campus->n_links, CONNS_MAX);
  g_autofree Asker *askers = g_new0 (Asker, n);
  gint64            until = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);
  int               epoll = epoll_create1 (EPOLL_CLOEXEC);
  guint64           answers = 0;

  for (guint i = 0; i < n; i++)
    {
      struct epoll_event event = { EPOLLIN, { .u32 = i } };

      askers[i] = (Asker){ connect_to (campus->links[i].spec->at), &campus->links[i].buses[0], 0 };
      epoll_ctl (epoll, EPOLL_CTL_ADD, askers[i].fd, &event);
      ask (&askers[i]);
    }
  while (g_get_monotonic_time () < until)
    {
      struct epoll_event events[256];
      int                got = epoll_wait (epoll, events, 256, 1000);

      g_assert_true (got > 0 || errno == EINTR);
      for (int i = 0; i < got; i++)
        {
          guint8 bytes[512];
          gssize size = recv (askers[events[i].data.u32].fd, bytes, sizeof bytes, 0);

          g_assert_cmpint (size, ==, 7 + 2 + 2 * REGISTERS);
          answers++;
          ask (&askers[events[i].data.u32]);
        }
    }
  for (guint i = 0; i < n; i++)
    close (askers[i].fd);
  close (epoll);
  return answers;
}

/* Answers a second of the simulator's processor time, sockets and system calls included. */
static double
sweep_over_sockets (SimCampus *campus, double seconds, double *ret_wall)
{
  int     ready[2], status;
  char    byte;
  guint64 answers;
  double  began = cpu_s (RUSAGE_CHILDREN), used;
  pid_t   child;

  g_assert_cmpint (pipe (ready), ==, 0);
  if ((child = fork ()) == 0)
    {
      serve (campus, ready[1]);
      _exit (0);
    }
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  answers = sweep_sockets (campus, seconds);
  kill (child, SIGTERM);
  waitpid (child, &status, 0);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  used = cpu_s (RUSAGE_CHILDREN) - began;
  *ret_wall = (double) answers / seconds;
  return (double) answers / used;
}

/* Every line at its own speed, as real ones. */
static void
set_timing (SimCampus *campus)
{
  for (guint i = 0; i < campus->n_links; i++)
    for (guint b = 0; b < campus->links[i].n_buses; b++)
      campus->links[i].buses[b].timing = TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError)     error = NULL;
  double                 seconds = argc > 2 ? g_ascii_strtod (argv[2], NULL) : 5, began = cpu_s (RUSAGE_SELF), start, plain, sockets, timed, wall;
  SimWorld              *world = argc > 1 ? sim_world_load (argv[1], NULL, &error) : NULL;
  SimCampusOptions       options = { .clock = tilld_clock_system (), .context = g_main_context_default () };
  g_autoptr (SimCampus)  campus = world ? sim_campus_new (world, &options, &error) : NULL;
  guint                  circuits;
  double                 bytes;

  if (!campus)
    {
      g_printerr ("bench-sim: %s\n", error ? error->message : "usage: bench-sim WORLD [SECONDS]");
      return 2;
    }
  circuits = sim_world_circuits (campus->world);
  start = cpu_s (RUSAGE_SELF) - began;
  bytes = resident_bytes ();
  tilld_service_raise_descriptors (campus->n_links * 2 + CONNS_MAX + 128, NULL);
  g_print ("%-44s %12u\n", "circuits", circuits);
  g_print ("%-44s %12.2f  (must %d)\n", "start, s of one core", start, MUST_START_S);
  g_print ("%-44s %12.0f  (must %.0f)\n", "resident, MB", bytes / 1e6, MUST_BYTES / 1e6);
  g_print ("%-44s %12.0f  (must 640)\n", "state of a circuit, bytes", (double) sizeof (SimMeter));
  plain = sweep_in_process (campus, seconds);
  g_print ("%-44s %12.0f\n", "answers a second of one core, no sockets", plain);
  sockets = sweep_over_sockets (campus, seconds, &wall);
  g_print ("%-44s %12.0f  (must %d)\n", "answers a second of one core, over TCP", sockets, MUST_ANSWERS);
  g_print ("%-44s %12.0f\n", "answers a second of the clock, asker beside", wall);
  set_timing (campus);
  timed = sweep_over_sockets (campus, seconds, &wall);
  g_print ("%-44s %12.0f\n", "the same with lines of 9600 baud", timed);
  g_print ("%-44s %12.0f\n", "answers a second of the clock", wall);
  return start <= MUST_START_S && bytes <= MUST_BYTES && sockets >= MUST_ANSWERS ? 0 : 1;
}
