/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-reactor.c: timers against a sorted list on a fake clock, descriptors that vanish in the middle of a batch, and the
 * reactor inside a main context. */
#include <unistd.h>
#include <sys/socket.h>
#include "server/core/clock.h"
#include "server/core/reactor.h"
#include "tests/lib/test-main.h"

#define N_TIMERS 500

typedef struct {
  TilldTimer timer;
  gint64     due_us; /* 0 = not armed by the model */
  gint64     fired_us;
  guint      fired;
} Probe;

typedef struct {
  TilldClock *clock;
  Probe       probes[N_TIMERS];
} World;

static World world;

static void
probe_fired (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  Probe *probe = data;
  gint64 now_us = tilld_clock_boot_us (world.clock);
  g_assert_false (tilld_timer_is_armed (timer));
  g_assert_cmpint (probe->due_us, !=, 0);
  g_assert_cmpint (now_us, >=, probe->due_us); /* never early */
  probe->due_us = 0;
  probe->fired_us = now_us;
  probe->fired++;
  if (probe->fired % 7 == 0) /* timers move each other from inside */
    tilld_timer_disarm (reactor, &world.probes[(probe - world.probes + 1) % N_TIMERS].timer),
      world.probes[(probe - world.probes + 1) % N_TIMERS].due_us = 0;
}

static void
wheel_against_a_list (void)
{
  g_autoptr (TilldClock) clock = tilld_clock_fake_new (0, 123456789);
  g_autoptr (TilldReactor) reactor = tilld_reactor_new (clock, NULL);

  world.clock = clock;
  for (guint i = 0; i < N_TIMERS; i++)
    tilld_timer_init (&world.probes[i].timer, probe_fired, &world.probes[i]);
  for (guint round = 0; round < 4000; round++)
    {
      Probe *probe = &world.probes[g_test_rand_int_range (0, N_TIMERS)];
      gint64 step_us, delay_ms = g_test_rand_int_range (0, 3) == 0 ? g_test_rand_int_range (0, 400000) : g_test_rand_int_range (0, 3000);
      if (g_test_rand_int_range (0, 10) == 0)
        {
          tilld_timer_disarm (reactor, &probe->timer);
          probe->due_us = 0;
        }
      else
        {
          tilld_timer_arm (reactor, &probe->timer, delay_ms);
          probe->due_us = tilld_clock_boot_us (clock) + delay_ms * 1000;
        }
      step_us = round % 100 == 0 ? 200 * G_USEC_PER_SEC : g_test_rand_int_range (0, 60000); /* now and then a long sleep */
      tilld_clock_fake_advance (clock, step_us);
      tilld_reactor_step (reactor);
      for (guint i = 0; i < N_TIMERS; i++) /* nothing is overdue by more than the wheel's grain */
        if (world.probes[i].due_us != 0)
          g_assert_cmpint (world.probes[i].due_us, >, tilld_clock_boot_us (clock) - 20000);
    }
  for (guint i = 0; i < N_TIMERS; i++)
    tilld_timer_disarm (reactor, &world.probes[i].timer);
}

static gint64 order[3];
static guint n_order;

static void
note_order (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  order[n_order++] = GPOINTER_TO_INT (data);
}

static void
timers_fire_in_order (void)
{
  g_autoptr (TilldClock) clock = tilld_clock_fake_new (0, 0);
  g_autoptr (TilldReactor) reactor = tilld_reactor_new (clock, NULL);
  TilldTimer timers[3];
  const gint64 delays[3] = { 90000, 40, 81950 }; /* the third shares a slot with the second, a round later */

  for (int i = 0; i < 3; i++)
    {
      tilld_timer_init (&timers[i], note_order, GINT_TO_POINTER (i));
      tilld_timer_arm (reactor, &timers[i], delays[i]);
    }
  tilld_clock_fake_advance (clock, 40000);
  g_assert_cmpuint (tilld_reactor_step (reactor), ==, 1);
  tilld_clock_fake_advance (clock, 60 * G_USEC_PER_SEC);
  g_assert_cmpuint (tilld_reactor_step (reactor), ==, 0);
  tilld_clock_fake_advance (clock, 60 * G_USEC_PER_SEC);
  g_assert_cmpuint (tilld_reactor_step (reactor), ==, 2);
  g_assert_cmpint (order[0], ==, 1);
  g_assert_cmpint (order[1], ==, 2);
  g_assert_cmpint (order[2], ==, 0);
}

typedef struct Peer {
  TilldWatch   watch;
  int          fds[2];
  guint        served;
  struct Peer *victim;
  TilldIo      seen;
} Peer;

static void
peer_ready (TilldReactor *reactor, TilldWatch *watch, TilldIo ready, gpointer data)
{
  Peer *peer = data;
  char byte;
  peer->served++;
  peer->seen |= ready;
  if (ready & TILLD_READ)
    g_assert_cmpint (read (peer->fds[0], &byte, 1), >=, 0);
  if (peer->victim != NULL && peer->victim->watch.fd >= 0)
    tilld_reactor_remove (reactor, &peer->victim->watch);
}

static void
removed_watch_is_not_served (void)
{
  g_autoptr (TilldClock) clock = tilld_clock_fake_new (0, 0);
  g_autoptr (TilldReactor) reactor = tilld_reactor_new (clock, NULL);
  Peer peers[2] = { 0 };

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, peers[i].fds), ==, 0);
      tilld_watch_init (&peers[i].watch, peer_ready, &peers[i]);
      g_assert_true (tilld_reactor_add (reactor, &peers[i].watch, peers[i].fds[0], TILLD_READ, &error));
      peers[i].victim = &peers[1 - i];
      g_assert_cmpint (write (peers[i].fds[1], "x", 1), ==, 1);
    }
  g_assert_cmpuint (tilld_reactor_step (reactor), ==, 1); /* both were ready; whoever was first took the other out */
  g_assert_cmpuint (peers[0].served + peers[1].served, ==, 1);
  for (int i = 0; i < 2; i++)
    {
      if (peers[i].watch.fd >= 0)
        tilld_reactor_remove (reactor, &peers[i].watch);
      close (peers[i].fds[0]);
      close (peers[i].fds[1]);
    }
}

static void
interest_and_hangup (void)
{
  g_autoptr (TilldClock) clock = tilld_clock_fake_new (0, 0);
  g_autoptr (TilldReactor) reactor = tilld_reactor_new (clock, NULL);
  Peer peer = { 0 };

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, peer.fds), ==, 0);
  tilld_watch_init (&peer.watch, peer_ready, &peer);
  g_assert_true (tilld_reactor_add (reactor, &peer.watch, peer.fds[0], 0, NULL));
  g_assert_cmpint (write (peer.fds[1], "x", 1), ==, 1);
  g_assert_cmpuint (tilld_reactor_step (reactor), ==, 0); /* nobody asked */
  tilld_reactor_modify (reactor, &peer.watch, TILLD_WRITE);
  g_assert_cmpuint (tilld_reactor_step (reactor), ==, 1);
  g_assert_cmpint (peer.seen, ==, TILLD_WRITE);
  tilld_reactor_modify (reactor, &peer.watch, 0);
  close (peer.fds[1]);
  g_assert_cmpuint (tilld_reactor_step (reactor), ==, 1);
  g_assert_true (peer.seen & TILLD_HANGUP);
  tilld_reactor_remove (reactor, &peer.watch);
  g_assert_false (tilld_reactor_add (reactor, &peer.watch, 9999, TILLD_READ, NULL));
  g_assert_cmpint (peer.watch.fd, ==, -1);
  close (peer.fds[0]);
}

static void
set_flag (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  *(gboolean *) data = TRUE;
}

static void
runs_inside_a_context (void)
{
  g_autoptr (TilldReactor) reactor = tilld_reactor_new (tilld_clock_system (), NULL);
  gboolean done = FALSE;
  TilldTimer timer;

  tilld_reactor_attach (reactor, NULL);
  tilld_timer_init (&timer, set_flag, &done);
  tilld_timer_arm (reactor, &timer, 30);
  till_test_wait (&done, 10);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/reactor/wheel", wheel_against_a_list);
  g_test_add_func ("/reactor/order", timers_fire_in_order);
  g_test_add_func ("/reactor/removed", removed_watch_is_not_served);
  g_test_add_func ("/reactor/interest", interest_and_hangup);
  g_test_add_func ("/reactor/context", runs_inside_a_context);
  return till_test_run ();
}
