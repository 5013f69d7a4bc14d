/* SPDX-License-Identifier: GPL-2.0-or-later
 * control-socket.c: the socket of control.h. Knows lines only. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "shared/base/till-error.h"
#include "tests/simulator/control.h"

#define LINE_BYTES 65536
#define CLIENT_MAX 64

typedef struct { SimControl *control; TilldWatch watch; int fd; GString *in; GList place; } Client;

struct _SimControl {
  SimCampus    *campus;
  TilldReactor *reactor;
  TilldWatch    watch;
  int           fd;
  char         *path;
  GQueue        clients;
  void        (*quit) (gpointer data);
  gpointer      data;
};

static void
client_free (Client *client)
{
  if (client->watch.fd >= 0)
    tilld_reactor_remove (client->control->reactor, &client->watch);
  g_queue_unlink (&client->control->clients, &client->place);
  close (client->fd);
  g_string_free (client->in, TRUE);
  g_free (client);
}

/* Answers are short and their reader waits: a full socket is a lost reader. */
static gboolean
send_line (Client *client, const char *text)
{
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  gsize            len = strlen (line);

  return send (client->fd, line, len, MSG_NOSIGNAL | MSG_DONTWAIT) == (gssize) len;
}

static gboolean
answer_lines (Client *client)
{
  for (char *end; (end = strchr (client->in->str, '\n'));)
    {
      gsize            len = (gsize) (end - client->in->str);
      gboolean         quit;
      g_autofree char *text = sim_control_answer (client->control->campus, client->in->str, len, &quit);

      g_string_erase (client->in, 0, (gssize) len + 1);
      if (!send_line (client, text))
        return FALSE;
      if (quit)
        client->control->quit (client->control->data);
    }
  return client->in->len <= LINE_BYTES;
}

static void
client_ready (TilldReactor *reactor, TilldWatch *watch, TilldIo ready, gpointer data)
{
  Client *client = data;
  char    bytes[4096];
  gssize  n = recv (client->fd, bytes, sizeof bytes, MSG_DONTWAIT);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n > 0 && !memchr (bytes, '\0', (gsize) n))
    {
      g_string_append_len (client->in, bytes, n);
      if (answer_lines (client))
        return;
    }
  client_free (client);
}

static void
listener_ready (TilldReactor *reactor, TilldWatch *watch, TilldIo ready, gpointer data)
{
  SimControl *control = data;
  Client     *client;
  int         fd = accept4 (control->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

  if (fd >= 0 && control->clients.length >= CLIENT_MAX)
    close (fd);
  if (fd < 0 || control->clients.length >= CLIENT_MAX)
    return;
  client = g_new0 (Client, 1);
  client->control = control;
  client->fd = fd;
  client->in = g_string_new (NULL);
  client->place.data = client;
  tilld_watch_init (&client->watch, client_ready, client);
  g_queue_push_tail_link (&control->clients, &client->place);
  if (!tilld_reactor_add (reactor, &client->watch, fd, TILLD_READ, NULL))
    client_free (client);
}

static gboolean
open_socket (SimControl *control, GError **error)
{
  struct sockaddr_un at = { .sun_family = AF_UNIX };
  struct stat        found;

  if (g_strlcpy (at.sun_path, control->path, sizeof at.sun_path) >= sizeof at.sun_path)
    return till_fail (error, TILL_ERROR_INVALID, "control socket: the path is longer than %zu bytes", sizeof at.sun_path - 1);
  if (lstat (control->path, &found) == 0 && S_ISSOCK (found.st_mode)) /* left by a run that was killed */
    unlink (control->path);
  control->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (control->fd < 0 || bind (control->fd, (struct sockaddr *) &at, sizeof at) != 0 || chmod (control->path, 0600) != 0 ||
      listen (control->fd, 16) != 0)
    return till_fail (error, TILL_ERROR_OFFLINE, "control socket %s: %s", control->path, g_strerror (errno));
  return tilld_reactor_add (control->reactor, &control->watch, control->fd, TILLD_READ, error);
}

SimControl *
sim_control_new (SimCampus *campus, TilldReactor *reactor, const char *path, void (*quit) (gpointer data), gpointer data,
                 GError **error)
{
  g_autoptr (SimControl) control = g_new0 (SimControl, 1);

  control->campus = campus;
  control->reactor = reactor;
  control->fd = -1;
  control->path = g_strdup (path);
  control->quit = quit;
  control->data = data;
  tilld_watch_init (&control->watch, listener_ready, control);
  return open_socket (control, error) ? g_steal_pointer (&control) : NULL;
}

void
sim_control_free (SimControl *control)
{
  while (control->clients.head)
    client_free (control->clients.head->data);
  if (control->watch.fd >= 0)
    tilld_reactor_remove (control->reactor, &control->watch);
  if (control->fd >= 0)
    {
      close (control->fd);
      unlink (control->path);
    }
  g_free (control->path);
  g_free (control);
}
