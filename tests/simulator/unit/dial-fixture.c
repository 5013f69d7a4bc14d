/* SPDX-License-Identifier: GPL-2.0-or-later
 * dial-fixture.c: see dial-fixture.h. */
#include "tests/simulator/unit/dial-fixture.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 90000 /* of the fake clock */

static void
step (DialFixture *d)
{
  tilld_reactor_step (d->reactor);
  sim_timers_run (d->sim.campus->timers);
  tilld_clock_fake_advance (d->sim.clock, 1000);
}

void
dial_fixture_init (DialFixture *d, const char *links)
{
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t          size = sizeof at;
  g_autoptr (GError) error = NULL;
  g_autofree char   *server = NULL;

  sim_fixture_init (&d->sim, links, NULL);
  d->reactor = tilld_reactor_new (d->sim.clock, &error);
  g_assert_no_error (error);
  d->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  g_assert_cmpint (bind (d->listener, (struct sockaddr *) &at, sizeof at), ==, 0);
  g_assert_cmpint (listen (d->listener, 16), ==, 0);
  g_assert_cmpint (getsockname (d->listener, (struct sockaddr *) &at, &size), ==, 0);
  d->port = ntohs (at.sin_port);
  server = g_strdup_printf ("127.0.0.1:%u", d->port);
  sim_campus_open (d->sim.campus, d->reactor, &(SimWays){ 0, server, NULL }, &error);
  g_assert_no_error (error);
}

void
dial_fixture_clear (DialFixture *d)
{
  sim_campus_close (d->sim.campus);
  tilld_reactor_free (d->reactor);
  close (d->listener);
  sim_fixture_clear (&d->sim);
}

void
dial_fixture_run (DialFixture *d, gint64 ms)
{
  for (gint64 i = 0; i < ms; i++)
    step (d);
}

gboolean
dial_fixture_is_calling (DialFixture *d)
{
  fd_set         set;
  struct timeval now = { 0, 0 };

  FD_ZERO (&set);
  FD_SET (d->listener, &set);
  return select (d->listener + 1, &set, NULL, NULL, &now) == 1;
}

void
dial_fixture_accept (DialFixture *d, Call *ret)
{
  int one = 1; /* the kernel's patience is real time, ours is not */

  *ret = (Call){ .d = d, .fd = -1, .in = g_byte_array_new () };
  for (guint i = 0; i < PATIENCE_MS && ret->fd < 0; i++)
    {
      step (d);
      ret->fd = accept4 (d->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    }
  g_assert_cmpint (ret->fd, >=, 0);
  g_assert_cmpint (setsockopt (ret->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), ==, 0);
  step (d);
}

void
call_say (Call *call, const guint8 *bytes, gsize n)
{
  g_assert_cmpint (send (call->fd, bytes, n, MSG_NOSIGNAL), ==, n);
  step (call->d);
}

void
call_hear (Call *call, gsize n)
{
  for (guint i = 0; i < PATIENCE_MS && !call->closed && (call->in->len < n || i == 0); i++)
    {
      guint8 bytes[4096];
      gssize got = recv (call->fd, bytes, sizeof bytes, 0);

      if (got > 0)
        g_byte_array_append (call->in, bytes, (guint) got);
      else if (got == 0 || errno != EAGAIN)
        call->closed = TRUE;
      if (!call->closed && call->in->len < n)
        step (call->d);
    }
}

void
call_drop (Call *call, gsize n)
{
  g_assert_cmpuint (call->in->len, >=, n);
  g_byte_array_remove_range (call->in, 0, (guint) n);
}

gsize
call_unhex (const char *hex, guint8 *bytes)
{
  gsize n = strlen (hex) / 2;

  for (gsize i = 0; i < n; i++)
    bytes[i] = (guint8) (g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
  return n;
}

const char *
call_hex (const Call *call)
{
  static char hex[8192];

  hex[0] = '\0';
  for (guint i = 0; i < call->in->len && i < 4000; i++)
    g_snprintf (hex + 2 * i, 3, "%02x", call->in->data[i]);
  return hex;
}

void
call_close (Call *call)
{
  close (call->fd);
  g_byte_array_unref (call->in);
}
