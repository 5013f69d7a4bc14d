/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-listen.c: LISTEN in a main context. The connection is opened by a helper thread, because connecting may block; reading what has
 * arrived does not. */
#define G_LOG_DOMAIN "tilld-db"
#include "config.h"
#include <gio/gio.h>
#include <glib-unix.h>
#include <libpq-fe.h>
#include "server/core/clock.h"
#include "server/db/db-listen.h"

#define RETRY_MS 1000

typedef struct {
  char    *channel;
  gint64   gap_us, last_us; /* last_us: when its bell rang */
  gboolean rang;            /* since then */
} Bell;

struct _TilldListen {
  char            *conninfo;
  Bell            *bells;
  guint            n_bells;
  GMainContext    *context;
  TilldListenBell  bell;
  gpointer         user_data;
  PGconn          *pg;
  GSource         *input, *timer;
  GCancellable    *cancellable;
  gboolean         connecting;
};

static void start_connect (TilldListen *self);

static void
arm (TilldListen *self, guint ms, GSourceFunc fn)
{
  if (self->timer != NULL)
    return;
  self->timer = g_timeout_source_new (ms);
  g_source_set_callback (self->timer, fn, self, NULL);
  g_source_attach (self->timer, self->context);
}

static void
disarm (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void arm_next (TilldListen *self);

static gboolean
ring_cb (gpointer user_data)
{
  TilldListen *self = user_data;
  gint64 now_us = tilld_clock_boot_us (tilld_clock_system ());

  g_clear_pointer (&self->timer, g_source_unref);
  for (guint i = 0; i < self->n_bells; i++)
    if (self->bells[i].rang && now_us - self->bells[i].last_us >= self->bells[i].gap_us)
      {
        self->bells[i].rang = FALSE;
        self->bells[i].last_us = now_us;
        self->bell (self->bells[i].channel, self->user_data);
      }
  arm_next (self);
  return G_SOURCE_REMOVE;
}

/* After a silence at once: a lone sale waits for nobody. */
static void
arm_next (TilldListen *self)
{
  gint64 now_us = tilld_clock_boot_us (tilld_clock_system ()), wait_us = G_MAXINT64;

  for (guint i = 0; i < self->n_bells; i++)
    if (self->bells[i].rang)
      wait_us = MIN (wait_us, MAX (self->bells[i].last_us + self->bells[i].gap_us - now_us, 0));
  if (wait_us == G_MAXINT64)
    return;
  disarm (&self->timer);
  arm (self, (guint) ((wait_us + 999) / 1000), ring_cb);
}

static gboolean
retry_cb (gpointer user_data)
{
  TilldListen *self = user_data;

  g_clear_pointer (&self->timer, g_source_unref);
  start_connect (self);
  return G_SOURCE_REMOVE;
}

static gboolean
input_cb (int fd, GIOCondition condition, gpointer user_data)
{
  TilldListen *self = user_data;
  PGnotify *note;

  if (!PQconsumeInput (self->pg))
    {
      disarm (&self->input);
      g_clear_pointer (&self->pg, PQfinish);
      disarm (&self->timer);
      arm (self, RETRY_MS, retry_cb);
      return G_SOURCE_REMOVE;
    }
  while ((note = PQnotifies (self->pg)) != NULL)
    {
      for (guint i = 0; i < self->n_bells; i++)
        if (g_str_equal (self->bells[i].channel, note->relname))
          self->bells[i].rang = TRUE;
      PQfreemem (note);
    }
  arm_next (self);
  return G_SOURCE_CONTINUE;
}

typedef struct { char *conninfo; char **channels; } Connect;

static void
connect_free (gpointer data)
{
  Connect *c = data;

  g_free (c->conninfo);
  g_strfreev (c->channels);
  g_free (c);
}

static void
connect_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Connect *c = data;
  PGconn *pg = PQconnectdb (c->conninfo);
  gboolean ok = PQstatus (pg) == CONNECTION_OK;

  for (guint i = 0; ok && c->channels[i] != NULL; i++)
    {
      g_autofree char *sql = g_strconcat ("LISTEN ", c->channels[i], NULL); /* constant names of our own */
      PGresult *result = PQexec (pg, sql); /* lint: banned, constant text on a connection of its own */
      ok = PQresultStatus (result) == PGRES_COMMAND_OK;
      PQclear (result);
    }
  if (ok)
    g_task_return_pointer (task, pg, (GDestroyNotify) PQfinish);
  else
    {
      PQfinish (pg);
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "the database is not reachable");
    }
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  PGconn *pg = g_task_propagate_pointer (G_TASK (result), &error);
  TilldListen *self;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* self is gone */
  self = user_data;
  self->connecting = FALSE;
  if (pg == NULL)
    {
      arm (self, RETRY_MS, retry_cb);
      return;
    }
  self->pg = pg;
  self->input = g_unix_fd_source_new (PQsocket (pg), G_IO_IN | G_IO_ERR | G_IO_HUP);
  g_source_set_callback (self->input, G_SOURCE_FUNC (input_cb), self, NULL);
  g_source_attach (self->input, self->context);
  for (guint i = 0; i < self->n_bells; i++)
    self->bells[i].rang = TRUE;
  arm_next (self);
}

static void
start_connect (TilldListen *self)
{
  g_autoptr (GTask) task = NULL;
  Connect *c;

  if (self->connecting)
    return;
  self->connecting = TRUE;
  g_main_context_push_thread_default (self->context);
  task = g_task_new (NULL, self->cancellable, connected_cb, self);
  g_main_context_pop_thread_default (self->context);
  c = g_new0 (Connect, 1);
  c->conninfo = g_strdup (self->conninfo);
  c->channels = g_new0 (char *, self->n_bells + 1);
  for (guint i = 0; i < self->n_bells; i++)
    c->channels[i] = g_strdup (self->bells[i].channel);
  g_task_set_task_data (task, c, connect_free);
  g_task_run_in_thread (task, connect_thread);
}

TilldListen *
tilld_listen_new (const char *conninfo, const TilldDoorbell *bells, GMainContext *context, TilldListenBell bell, gpointer user_data)
{
  TilldListen *self = g_new0 (TilldListen, 1);

  self->conninfo = g_strdup_printf ("%s application_name='gridtilld listen'", conninfo);
  while (bells[self->n_bells].channel != NULL)
    self->n_bells++;
  self->bells = g_new0 (Bell, self->n_bells);
  for (guint i = 0; i < self->n_bells; i++)
    {
      gint64 gap_us = (gint64) bells[i].gap_ms * 1000;

      self->bells[i] = (Bell){ .channel = g_strdup (bells[i].channel), .gap_us = gap_us, .last_us = - gap_us };
    }
  self->context = g_main_context_ref (context != NULL ? context : g_main_context_default ());
  self->bell = bell;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  start_connect (self);
  return self;
}

void
tilld_listen_free (TilldListen *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  disarm (&self->input);
  disarm (&self->timer);
  g_clear_pointer (&self->pg, PQfinish);
  g_object_unref (self->cancellable);
  g_main_context_unref (self->context);
  for (guint i = 0; i < self->n_bells; i++)
    g_free (self->bells[i].channel);
  g_free (self->bells);
  g_free (self->conninfo);
  g_free (self);
}
