/* SPDX-License-Identifier: GPL-2.0-or-later
 * captures.c: orders in, lines out. The field thread only moves memory; rows and files are a lane's. */
#include "server/field/captures.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include "server/core/clock.h"
#include "server/domain/plant/capture.h"
#include "server/field/recorder.h"
#include "shared/base/till-log.h"

#define TICK_MS          1000
#define SCAN_EVERY_TICKS 5
#define WRITE_EVERY_US   (3 * TILL_SECOND)
#define WRITE_BYTES      (TILLD_CAPTURE_PART_MAX / 4)

typedef struct {
  TilldCaptures    *captures;
  TilldCaptureOrder order;
  TilldRecorder    *recorder;
  char             *file;     /* path */
  gint64            until_us, written_us, at; /* at: length of what is stored */
  TilldCapturePart  part;     /* on its way */
  char             *content;  /* of it, owned */
  gboolean          writing, stopped;
} Capture;

struct _TilldCaptures {
  TilldFieldRole    *field;
  char              *folder;
  GPtrArray         *running; /* Capture */
  GArray            *orders;
  TilldOwnedGateway *owned;
  gint64            *gateways;
  guint              n_gateways, ticks;
  TilldTimer         timer;
  gboolean           asking;
};

static gint64
now_us (const TilldCaptures *captures)
{
  return tilld_clock_boot_us (captures->field->clock);
}

static void
capture_free (gpointer data)
{
  Capture *capture = data;

  tilld_owner_record (capture->captures->field->owner, capture->order.gateway, NULL);
  tilld_recorder_free (capture->recorder);
  g_free (capture->file);
  g_free (capture->content);
  g_free (capture);
}

/* --- storing, on a lane --- */

/* At its place in the file, so that a transaction that is run again writes the same. The rows are what counts: a full disk ends no capture. */
static void
write_file (const Capture *capture)
{
  int fd = g_open (capture->file, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0 || pwrite (fd, capture->content, capture->part.len, capture->at) != (gssize) capture->part.len)
    till_warn (TILL_LOG_NONE, NULL, "%s is not written: %s", capture->file, g_strerror (errno));
  if (fd >= 0)
    close (fd);
}

static gboolean
do_store (TilldDb *db, gpointer data, GError **error)
{
  Capture *capture = data;

  if (capture->content != NULL)
    write_file (capture);
  return tilld_capture_append (db, &capture->part, error);
}

static void
stored (gpointer data, const GError *error)
{
  Capture       *capture = data;
  TilldCaptures *captures = capture->captures;

  tilld_field_job_ended (captures->field);
  capture->writing = FALSE;
  capture->written_us = now_us (captures);
  if (error != NULL)
    {
      till_warn (TILL_LOG_NONE, error, "capture %s not stored", capture->file);
      return; /* the same part again at the next tick */
    }
  g_clear_pointer (&capture->content, g_free);
  capture->at += (gint64) capture->part.len;
  capture->part.part++;
  if (capture->part.end)
    g_ptr_array_remove_fast (captures->running, capture);
}

static gboolean
is_over (const Capture *capture)
{
  return capture->stopped || tilld_recorder_is_full (capture->recorder) || now_us (capture->captures) >= capture->until_us;
}

static void
store (Capture *capture)
{
  gboolean over = is_over (capture);
  gsize    waiting = tilld_recorder_waiting (capture->recorder);

  if (capture->writing)
    return;
  if (capture->content == NULL)
    {
      if (!over && waiting < WRITE_BYTES && (waiting == 0 || now_us (capture->captures) - capture->written_us < WRITE_EVERY_US))
        return;
      capture->part.len = 0;
      capture->part.lines = 0;
      capture->content = tilld_recorder_take (capture->recorder, TILLD_CAPTURE_PART_MAX, &capture->part.len, &capture->part.lines);
      capture->part.content = capture->content;
      capture->part.end = over && tilld_recorder_waiting (capture->recorder) == 0;
      capture->part.full_early = tilld_recorder_is_full (capture->recorder);
    }
  capture->writing = tilld_field_push (capture->captures->field, TILLD_LANE_BATCH, TRUE, do_store, stored, capture, NULL);
}

/* --- orders --- */

/* Files of captures that are no longer kept, by the same rule as their rows. */
static void
forget_file (const TilldCaptures *captures, const char *code, gint64 n)
{
  g_autofree char *name = g_strdup_printf ("%s-%" G_GINT64_FORMAT ".jsonl", code, n - TILLD_CAPTURES_KEPT);
  g_autofree char *path = g_build_filename (captures->folder, name, NULL);

  g_unlink (path);
}

static void
begin (TilldCaptures *captures, const TilldCaptureOrder *order)
{
  const TilldFieldGateway *record = tilld_owner_gateway (captures->field->owner, order->gateway);
  g_autofree char         *name = NULL;
  Capture                 *capture;

  if (record == NULL)
    return; /* taken down meanwhile: the order fails when its time is over */
  name = g_strdup_printf ("%s-%" G_GINT64_FORMAT ".jsonl", record->code, order->n);
  capture = g_new0 (Capture, 1);
  *capture = (Capture){ .captures = captures, .order = *order, .file = g_build_filename (captures->folder, name, NULL),
                        .until_us = now_us (captures) + order->minutes * 60 * TILL_SECOND, .written_us = now_us (captures),
                        .part = { .gateway = order->gateway, .n = order->n } };
  capture->recorder = tilld_recorder_new (captures->field->clock, record->code, till_link_kind_word (record->link), TILLD_CAPTURE_BYTES_MAX);
  forget_file (captures, record->code, order->n);
  g_ptr_array_add (captures->running, capture);
  tilld_owner_record (captures->field->owner, order->gateway, capture->recorder);
}

static gboolean
do_claim (TilldDb *db, gpointer data, GError **error)
{
  TilldCaptures *captures = data;

  g_array_set_size (captures->orders, 0);
  return tilld_capture_claim (db, captures->gateways, captures->n_gateways, captures->orders, error);
}

static void
claimed (gpointer data, const GError *error)
{
  TilldCaptures *captures = data;

  tilld_field_job_ended (captures->field);
  captures->asking = FALSE;
  if (error != NULL)
    {
      till_warn (TILL_LOG_NONE, error, "captures not looked for");
      return;
    }
  for (guint i = 0; i < captures->orders->len; i++)
    begin (captures, &g_array_index (captures->orders, TilldCaptureOrder, i));
}

void
tilld_captures_scan (TilldCaptures *captures)
{
  if (captures->asking || captures->field->draining)
    return;
  g_free (captures->gateways);
  captures->gateways = tilld_owner_gateway_ids (captures->field->owner, &captures->n_gateways);
  captures->asking = captures->gateways != NULL &&
                     tilld_field_push (captures->field, TILLD_LANE_BATCH, TRUE, do_claim, claimed, captures, NULL);
}

static void
tick (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  TilldCaptures *captures = data;

  for (guint i = captures->running->len; i > 0; i--)
    {
      Capture *capture = g_ptr_array_index (captures->running, i - 1);

      /* A link that was made anew meanwhile has no recorder yet. */
      tilld_owner_record (captures->field->owner, capture->order.gateway, capture->recorder);
      store (capture);
    }
  if (captures->ticks++ % SCAN_EVERY_TICKS == 0)
    tilld_captures_scan (captures);
  tilld_timer_arm (reactor, timer, TICK_MS);
}

gboolean
tilld_captures_drain (TilldCaptures *captures)
{
  for (guint i = captures->running->len; i > 0; i--)
    {
      Capture *capture = g_ptr_array_index (captures->running, i - 1);

      if (!capture->stopped)
        capture->part.message = "the server was stopped";
      capture->stopped = TRUE;
      store (capture);
    }
  return captures->running->len == 0;
}

TilldCaptures *
tilld_captures_new (TilldFieldRole *field)
{
  TilldCaptures *captures = g_new0 (TilldCaptures, 1);

  captures->field = field;
  captures->folder = g_build_filename (tilld_config_text (field->options.config, "server", "state_dir"), "captures", NULL);
  g_mkdir_with_parents (captures->folder, 0700);
  captures->running = g_ptr_array_new_with_free_func (capture_free);
  captures->orders = g_array_new (FALSE, TRUE, sizeof (TilldCaptureOrder));
  tilld_timer_init (&captures->timer, tick, captures);
  tilld_timer_arm (field->reactor, &captures->timer, TICK_MS);
  return captures;
}

void
tilld_captures_free (TilldCaptures *captures)
{
  tilld_timer_disarm (captures->field->reactor, &captures->timer);
  g_ptr_array_unref (captures->running);
  g_array_unref (captures->orders);
  g_free (captures->gateways);
  g_free (captures->folder);
  g_free (captures);
}
