/* SPDX-License-Identifier: GPL-2.0-or-later
 * link-pty.c: pty in raw mode, its name linked at the path of the world. Cut is an adapter pulled out: the server's
 * descriptor fails; restore plugs in another one under the same path. */
#include "tests/simulator/link-pty.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#include "shared/base/till-error.h"
#include "tests/simulator/talker.h"

#define IN_BYTES 512
#define AGAIN_US 1000000

typedef struct {
  SimLink      *link;
  TilldReactor *reactor;
  char         *at;
  SimStream    *stream; /* NULL: pulled out */
  int           held;   /* our own end of the server's side: without it every close of the server's would end the pty */
  gboolean      cut;
  SimTimer      again;
  SimTalker     talker;
} Adapter;

static SimTimers *
timers_of (const Adapter *adapter)
{
  return adapter->link->campus->timers;
}

static void
adapter_received (SimStream *stream, gpointer data)
{
  sim_talker_received (&((Adapter *) data)->talker);
}

static void
adapter_closed (SimStream *stream, gpointer data)
{
  Adapter *adapter = data;

  sim_talker_clear (&adapter->talker);
  close (adapter->held);
  adapter->stream = NULL;
  unlink (adapter->at);
  if (!adapter->cut) /* a broken adapter comes back by itself */
    sim_timers_arm (timers_of (adapter), &adapter->again, sim_timers_now (timers_of (adapter)) + AGAIN_US);
}

static const SimStreamFuncs adapter_funcs = { NULL, adapter_received, adapter_closed };

static gboolean
failed (const Adapter *adapter, int fd, GError **error)
{
  int number = errno;

  if (fd >= 0)
    close (fd);
  return till_fail (error, TILL_ERROR_OFFLINE, "%s: cannot make a tty at %s: %s", adapter->link->spec->code, adapter->at, g_strerror (number));
}

static gboolean
make_link (const char *name, const char *at)
{
  struct stat there;

  if (lstat (at, &there) == 0 && S_ISLNK (there.st_mode) && unlink (at) != 0)
    return FALSE;
  return symlink (name, at) == 0;
}

static gboolean
plug_in (Adapter *adapter, GError **error)
{
  SimStreamOwner owner = { &adapter_funcs, adapter, IN_BYTES };
  struct termios raw;
  char           name[64];
  int            fd = posix_openpt (O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

  if (fd < 0 || grantpt (fd) != 0 || unlockpt (fd) != 0 || ptsname_r (fd, name, sizeof name) != 0)
    return failed (adapter, fd, error);
  adapter->held = open (name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (adapter->held < 0)
    return failed (adapter, fd, error);
  if (tcgetattr (adapter->held, &raw) == 0)
    {
      cfmakeraw (&raw);
      tcsetattr (adapter->held, TCSANOW, &raw);
    }
  if (!make_link (name, adapter->at))
    {
      failed (adapter, fd, error);
      close (adapter->held);
      return FALSE;
    }
  if (!(adapter->stream = sim_stream_new (adapter->reactor, fd, &owner, error)))
    {
      close (adapter->held);
      unlink (adapter->at);
      return FALSE;
    }
  sim_talker_init (&adapter->talker, &adapter->link->buses[0], adapter->stream);
  adapter->link->campus->stats.connections++;
  return TRUE;
}

static void
plug_in_again (SimTimer *timer, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!plug_in (data, &error))
    g_message ("%s", error->message);
}

static void
pty_cut (SimLink *link)
{
  Adapter *adapter = link->line;

  adapter->cut = TRUE;
  sim_timers_disarm (timers_of (adapter), &adapter->again);
  if (adapter->stream)
    sim_stream_close (adapter->stream, FALSE);
}

static gboolean
pty_restore (SimLink *link, GError **error)
{
  Adapter *adapter = link->line;

  adapter->cut = FALSE;
  return adapter->stream || plug_in (adapter, error);
}

static void
pty_close (SimLink *link)
{
  pty_cut (link);
  g_free (((Adapter *) link->line)->at);
  g_clear_pointer (&link->line, g_free);
}

static guint
pty_connections (const SimLink *link)
{
  return ((Adapter *) link->line)->stream ? 1 : 0;
}

static gboolean
pty_open (SimLink *link, TilldReactor *reactor, const char *at, GError **error)
{
  Adapter *adapter = g_new0 (Adapter, 1);

  adapter->link = link;
  adapter->reactor = reactor;
  adapter->at = g_strdup (at);
  adapter->again = (SimTimer){ .fire = plug_in_again, .data = adapter };
  link->line = adapter;
  if (plug_in (adapter, error))
    return TRUE;
  pty_close (link);
  return FALSE;
}

const SimLinkFuncs sim_link_pty = { pty_open, pty_cut, pty_restore, pty_close, pty_connections, NULL };
