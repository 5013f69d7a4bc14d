/* SPDX-License-Identifier: GPL-2.0-or-later
 * keep-stream.c: passes everything on, except the end of an idle connection: see keep-stream.h. */
#include "server/http/keep-stream.h"

#define TILLD_TYPE_KEEP_INPUT (tilld_keep_input_get_type ())
G_DECLARE_FINAL_TYPE (TilldKeepInput, tilld_keep_input, TILLD, KEEP_INPUT, GFilterInputStream)

struct _TilldKeepInput {
  GFilterInputStream parent_instance;
  gboolean           idle, nudged;
};

struct _TilldKeepStream {
  GIOStream       parent_instance;
  GIOStream      *base;
  TilldKeepInput *input;
};

static void pollable_init (GPollableInputStreamInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE (TilldKeepInput, tilld_keep_input, G_TYPE_FILTER_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, pollable_init))
G_DEFINE_FINAL_TYPE (TilldKeepStream, tilld_keep_stream, G_TYPE_IO_STREAM)

static GPollableInputStream *
base_of (gpointer input)
{
  return G_POLLABLE_INPUT_STREAM (G_FILTER_INPUT_STREAM (input)->base_stream);
}

static gssize
keep_read (GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  return g_input_stream_read (G_INPUT_STREAM (base_of (stream)), buffer, count, cancellable, error);
}

static gssize
keep_read_nonblocking (GPollableInputStream *stream, void *buffer, gsize count, GError **error)
{
  TilldKeepInput *self = TILLD_KEEP_INPUT (stream);
  g_autoptr (GError) failed = NULL;
  gssize n = g_pollable_input_stream_read_nonblocking (base_of (stream), buffer, count, NULL, &failed);

  if (n > 0 || g_error_matches (failed, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) || !(self->idle || self->nudged) || count == 0)
    {
      if (failed != NULL)
        g_propagate_error (error, g_steal_pointer (&failed));
      return n;
    }
  if (self->nudged)
    return 0; /* a peer that is cut off ends like one that said goodbye: libsoup keeps a connection whose reading fails, too */
  self->nudged = TRUE;
  *(char *) buffer = '-';
  return 1;
}

static gboolean
keep_can_poll (GPollableInputStream *stream)
{
  return g_pollable_input_stream_can_poll (base_of (stream));
}

static gboolean
keep_is_readable (GPollableInputStream *stream)
{
  return g_pollable_input_stream_is_readable (base_of (stream));
}

static GSource *
keep_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  g_autoptr (GSource) child = g_pollable_input_stream_create_source (base_of (stream), NULL);
  return g_pollable_source_new_full (stream, child, cancellable);
}

static void
pollable_init (GPollableInputStreamInterface *iface)
{
  iface->can_poll = keep_can_poll;
  iface->is_readable = keep_is_readable;
  iface->create_source = keep_create_source;
  iface->read_nonblocking = keep_read_nonblocking;
}

static void
tilld_keep_input_class_init (TilldKeepInputClass *class)
{
  G_INPUT_STREAM_CLASS (class)->read_fn = keep_read;
}

static void
tilld_keep_input_init (TilldKeepInput *self)
{
}

static GInputStream *
get_input (GIOStream *stream)
{
  return G_INPUT_STREAM (TILLD_KEEP_STREAM (stream)->input);
}

static GOutputStream *
get_output (GIOStream *stream)
{
  return g_io_stream_get_output_stream (TILLD_KEEP_STREAM (stream)->base);
}

static gboolean
keep_close (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  return g_io_stream_close (TILLD_KEEP_STREAM (stream)->base, cancellable, error);
}

static void
finalize (GObject *object)
{
  TilldKeepStream *self = TILLD_KEEP_STREAM (object);
  g_clear_object (&self->input);
  g_clear_object (&self->base);
  G_OBJECT_CLASS (tilld_keep_stream_parent_class)->finalize (object);
}

static void
tilld_keep_stream_class_init (TilldKeepStreamClass *class)
{
  G_OBJECT_CLASS (class)->finalize = finalize;
  G_IO_STREAM_CLASS (class)->get_input_stream = get_input;
  G_IO_STREAM_CLASS (class)->get_output_stream = get_output;
  G_IO_STREAM_CLASS (class)->close_fn = keep_close;
}

static void
tilld_keep_stream_init (TilldKeepStream *self)
{
}

GIOStream *
tilld_keep_stream_new (GIOStream *base)
{
  TilldKeepStream *self = g_object_new (TILLD_TYPE_KEEP_STREAM, NULL);
  self->base = g_object_ref (base);
  self->input = g_object_new (TILLD_TYPE_KEEP_INPUT, "base-stream", g_io_stream_get_input_stream (base), "close-base-stream", FALSE, NULL);
  return G_IO_STREAM (self);
}

void
tilld_keep_stream_set_idle (TilldKeepStream *self, gboolean idle)
{
  self->input->idle = idle;
}
