/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-api-download.c: an answer streamed into a file. The target is whole or untouched: bytes go to a file beside it that
 * is renamed at the end and removed on any failure. */
#define G_LOG_DOMAIN "till-api"
#include "config.h"
#include "client/core/till-api.h"

#define PIECE (64 * 1024)

typedef struct {
  GFile          *target;
  GFile          *part;
  GInputStream   *from;
  GOutputStream  *to;
  TillApiProgress progress;
  gpointer        progress_data;
  gint64          done;
  gint64          total;
  GBytes         *piece;
} Download;

static void read_piece (GTask *task);

static void
download_free (gpointer data)
{
  Download *download = data;

  g_clear_object (&download->target);
  g_clear_object (&download->part);
  g_clear_object (&download->from);
  g_clear_object (&download->to);
  g_clear_pointer (&download->piece, g_bytes_unref);
  g_free (download);
}

static void
give_up (GTask *task, GError *cause, gboolean of_file)
{
  Download *download = g_task_get_task_data (task);

  if (download->to != NULL)
    {
      g_output_stream_close (download->to, NULL, NULL);
      g_file_delete (download->part, NULL, NULL);
    }
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED) || cause->domain == TILL_ERROR || cause->domain == TILL_API_ERROR)
    g_task_return_error (task, g_error_copy (cause));
  else
    g_task_return_new_error (task, TILL_API_ERROR, of_file ? TILL_API_ERROR_FILE : TILL_API_ERROR_NO_ANSWER, "%s", cause->message);
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Download *download = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;

  if (!g_output_stream_close_finish (G_OUTPUT_STREAM (source), result, &error) ||
      !g_file_move (download->part, download->target, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, &error))
    give_up (task, error, TRUE);
  else
    g_task_return_boolean (task, TRUE);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Download *download = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    {
      give_up (task, error, TRUE);
      return;
    }
  download->done += g_bytes_get_size (download->piece);
  if (download->progress != NULL)
    download->progress (download->done, download->total, download->progress_data);
  read_piece (task);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Download *download = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;

  g_clear_pointer (&download->piece, g_bytes_unref);
  if ((download->piece = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error)) == NULL)
    give_up (task, error, FALSE);
  else if (g_bytes_get_size (download->piece) == 0 && download->total > 0 && download->done != download->total)
    {
      error = g_error_new_literal (TILL_API_ERROR, TILL_API_ERROR_NO_ANSWER, "the answer broke off");
      give_up (task, error, FALSE);
    }
  else if (g_bytes_get_size (download->piece) == 0)
    g_output_stream_close_async (download->to, G_PRIORITY_DEFAULT, g_task_get_cancellable (task), closed_cb, g_object_ref (task));
  else
    g_output_stream_write_all_async (download->to, g_bytes_get_data (download->piece, NULL), g_bytes_get_size (download->piece),
                                     G_PRIORITY_DEFAULT, g_task_get_cancellable (task), written_cb, g_object_ref (task));
}

static void
read_piece (GTask *task)
{
  Download *download = g_task_get_task_data (task);

  g_input_stream_read_bytes_async (download->from, PIECE, G_PRIORITY_DEFAULT, g_task_get_cancellable (task), read_cb, g_object_ref (task));
}

static void
created_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Download *download = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;

  download->to = G_OUTPUT_STREAM (g_file_create_finish (G_FILE (source), result, &error));
  if (download->to == NULL)
    give_up (task, error, TRUE);
  else
    read_piece (task);
}

static void
stream_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Download *download = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;

  if ((download->from = till_api_stream_finish (TILL_API (source), result, &download->total, &error)) == NULL)
    give_up (task, error, FALSE);
  else
    g_file_create_async (download->part, G_FILE_CREATE_PRIVATE, G_PRIORITY_DEFAULT, g_task_get_cancellable (task), created_cb, g_object_ref (task));
}

void
till_api_download_async (TillApi *self, const TillDownload *wanted, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(GFile) folder = g_file_get_parent (wanted->target);
  g_autofree char *name = g_file_get_basename (wanted->target);
  g_autofree char *part = g_strdup_printf (".%s.%08x.part", name, g_random_int ());
  Download *download = g_new0 (Download, 1);

  g_task_set_source_tag (task, till_api_download_async);
  g_task_set_task_data (task, download, download_free);
  download->target = g_object_ref (wanted->target);
  download->part = g_file_get_child (folder, part);
  download->progress = wanted->progress;
  download->progress_data = wanted->progress_data;
  till_api_stream_async (self, &wanted->call, cancellable, stream_cb, g_object_ref (task));
}

gboolean
till_api_download_finish (TillApi *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
