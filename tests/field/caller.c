/* SPDX-License-Identifier: GPL-2.0-or-later
 * caller.c: the listener of the test and those who call it. */
#include "tests/field/caller.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "server/core/clock.h"

#define STEP_US 5000

static TilldStation *
by_code (const char *code, gpointer data)
{
  Caller *c = data;

  for (guint i = 0; i < c->n_stations; i++)
    if (g_str_equal (c->stations[i]->record.code, code))
      return c->stations[i];
  return NULL;
}

static TilldStation *
by_registration (const guint8 *text, gsize len, guint *ret_port, gpointer data)
{
  Caller *c = data;

  for (guint i = 0; i < c->n_stations; i++)
    for (guint p = 0; p < c->stations[i]->n_lines; p++)
      {
        g_autofree char *own = p == 0 ? g_strdup (c->stations[i]->record.code) : g_strdup_printf ("%s-%u", c->stations[i]->record.code, p + 1);

        if (strlen (own) != len || memcmp (own, text, len) != 0)
          continue;
        *ret_port = p + 1;
        return c->stations[i];
      }
  return NULL;
}

static void
unknown (const char *text, const char *front, const char *address, gpointer data)
{
  Caller *c = data;

  g_assert_cmpstr (address, ==, "127.0.0.1");
  g_ptr_array_add (c->unknown, g_strdup_printf ("%s %s", front, text));
}

static void
attack (TilldStation *station, const char *reason, gpointer data)
{
  ((Caller *) data)->attacks++;
}

static void
job_done (TilldBusJob *job, TilldBusOutcome outcome, const TilldMbReply *reply, gpointer data)
{
  Caller *c = data;

  c->done = TRUE;
  c->outcome = outcome;
  if (reply != NULL)
    c->reply = *reply;
}

void
caller_start (Caller *c, const TilldGreetingLimits *limits)
{
  TilldDirectory    directory = { by_code, by_registration, unknown, attack, c };
  g_autoptr(GError) error = NULL;

  memset (c, 0, sizeof *c);
  c->clock = tilld_clock_fake_new (TILL_SECOND * 1788264000, TILL_SECOND * 1000);
  c->reactor = tilld_reactor_new (c->clock, &error);
  g_assert_no_error (error);
  c->role.reactor = c->reactor;
  c->role.clock = c->clock;
  c->role.draining = TRUE; /* no sessions, no pulses: there is no database here */
  c->role.callers = tilld_callers_new (&c->role);
  c->greeter = tilld_greeter_new (c->reactor, limits, &directory);
  c->listener = tilld_listener_new (c->reactor, c->greeter);
  tilld_listener_open (c->listener, "127.0.0.1:0", &c->port, &error);
  g_assert_no_error (error);
  c->unknown = g_ptr_array_new_with_free_func (g_free);
  c->job.done = job_done;
  c->job.data = c;
}

void
caller_stop (Caller *c)
{
  tilld_listener_free (c->listener);
  tilld_greeter_close_all (c->greeter);
  for (guint i = 0; i < c->n_stations; i++)
    {
      for (guint l = 0; l < c->stations[i]->n_lines; l++)
        tilld_timer_disarm (c->reactor, &c->stations[i]->lines[l]->schedule->timer);
      tilld_station_free (c->stations[i]);
    }
  tilld_greeter_free (c->greeter);
  tilld_callers_free (c->role.callers);
  g_ptr_array_unref (c->unknown);
  tilld_reactor_free (c->reactor);
  tilld_clock_free (c->clock);
}

TilldStation *
caller_station (Caller *c, const char *code, guint ports)
{
  TilldFieldGateway record = { .id = c->n_stations + 1, .site = 1, .zone = "UTC", .link = TILL_LINK_KIND_DIAL_IN, .allow_clear = TRUE,
                               .word_order = -1, .status_interval_s = 150, .full_interval_s = 1800, .suites = 1 << 2 };
  TilldStation     *station;

  g_strlcpy (record.code, code, sizeof record.code);
  record.n_ports = ports;
  for (guint i = 0; i < ports; i++)
    record.ports[i] = (TilldFieldPort){ (guint8) (i + 1), 'N', 9600 };
  station = tilld_station_new (&c->role, &record);
  for (guint i = 0; i < station->n_lines; i++)
    tilld_schedule_init (g_new0 (TilldSchedule, 1), station->lines[i], NULL, NULL);
  c->stations[c->n_stations++] = station;
  return station;
}

int
caller_dial (Caller *c)
{
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons (c->port), .sin_addr = { htonl (INADDR_LOOPBACK) } };
  int                fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

  g_assert_cmpint (fd, >=, 0);
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &to, sizeof to), ==, 0);
  caller_step_ms (c, 20);
  return fd;
}

void
caller_say (Caller *c, int fd, gconstpointer bytes, gsize len)
{
  const guint8 *at = bytes;

  while (len > 0)
    {
      gssize n = send (fd, at, len, MSG_NOSIGNAL | MSG_DONTWAIT);

      if (n < 0 && errno != EAGAIN)
        return; /* closed meanwhile: the test looks */
      at += MAX (n, 0);
      len -= (gsize) MAX (n, 0);
      caller_step_ms (c, 10);
    }
}

void
caller_step_ms (Caller *c, guint ms)
{
  for (guint i = 0; i <= ms * 1000 / STEP_US; i++)
    {
      while (tilld_reactor_step (c->reactor) > 0)
        ;
      tilld_clock_fake_advance (c->clock, STEP_US);
    }
}

gboolean
caller_is_closed (int fd)
{
  guint8 byte;
  gssize n = recv (fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK);

  return n == 0 || (n < 0 && errno != EAGAIN);
}

guint
caller_hear (Caller *c, int fd, guint8 *bytes, guint size)
{
  gssize n;

  caller_step_ms (c, 100);
  n = recv (fd, bytes, size, MSG_DONTWAIT);
  return (guint) MAX (n, 0);
}

gboolean
caller_register (Caller *c, int fd, const char *text, TilldLine *line)
{
  caller_say (c, fd, text, strlen (text));
  for (guint i = 0; i < 200 && !caller_is_closed (fd); i++)
    {
      if (tilld_line_is_up (line))
        return TRUE;
      caller_step_ms (c, 10);
    }
  return FALSE;
}

void
caller_ask (Caller *c, TilldLine *line)
{
  c->done = FALSE;
  tilld_mb_read (&c->job.request, 1, 3, 6, 2);
  tilld_bus_queue (&line->bus, &c->job, TILLD_BUS_COMMAND);
}

guint
caller_answer (guint8 unit, guint32 value, guint8 *out)
{
  guint16 crc;

  out[0] = unit;
  out[1] = 3;
  out[2] = 4;
  for (guint i = 0; i < 4; i++)
    out[3 + i] = (guint8) (value >> (24 - 8 * i));
  crc = tilld_rtu_crc (out, 7);
  out[7] = (guint8) crc;
  out[8] = (guint8) (crc >> 8);
  return 9;
}
