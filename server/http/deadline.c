/* SPDX-License-Identifier: GPL-2.0-or-later
 * deadline.c: one queue per stage and one timer. Knows no socket. */
#include "server/http/deadline.h"
#include "server/core/clock.h"

struct _TilldDeadlines {
  GQueue            stages[TILLD_STAGE_N];
  guint             limits_ms[TILLD_STAGE_N];
  TilldDeadlineFunc expired;
  gpointer          data;
  GSource          *timer;
};

static void
arm (TilldDeadlines *self)
{
  gint64 next_us = -1;
  for (guint i = 0; i < TILLD_STAGE_N; i++)
    {
      const TilldDeadline *head = self->stages[i].head != NULL ? self->stages[i].head->data : NULL;
      if (head != NULL && head->due_us != 0 && (next_us < 0 || head->due_us < next_us))
        next_us = head->due_us;
    }
  /* A source's ready time is monotonic time; clock.h's boot time may run ahead of it after a suspend, hence the offset. */
  g_source_set_ready_time (self->timer, next_us < 0 ? -1 : g_source_get_time (self->timer) + MAX (next_us - tilld_clock_boot_us (tilld_clock_system ()), 0));
}

static gboolean
tick (gpointer data)
{
  TilldDeadlines *self = data;
  gint64 now_us = tilld_clock_boot_us (tilld_clock_system ());

  g_source_set_ready_time (self->timer, -1);
  for (guint i = 0; i < TILLD_STAGE_N; i++)
    while (self->limits_ms[i] != 0 && self->stages[i].head != NULL)
      {
        TilldDeadline *item = self->stages[i].head->data;
        if (item->due_us > now_us)
          break;
        self->expired (item, self->data);
        g_assert (self->stages[i].head == NULL || self->stages[i].head->data != item);
      }
  arm (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  return callback (data);
}

static GSourceFuncs timer_funcs = { NULL, NULL, dispatch, NULL, NULL, NULL };

TilldDeadlines *
tilld_deadlines_new (const guint limits_ms[TILLD_STAGE_N], TilldDeadlineFunc expired, gpointer data)
{
  TilldDeadlines *self = g_new0 (TilldDeadlines, 1);

  for (guint i = 0; i < TILLD_STAGE_N; i++)
    {
      g_queue_init (&self->stages[i]);
      self->limits_ms[i] = limits_ms[i];
    }
  self->expired = expired;
  self->data = data;
  self->timer = g_source_new (&timer_funcs, sizeof (GSource));
  g_source_set_static_name (self->timer, "http deadlines");
  g_source_set_callback (self->timer, tick, self, NULL);
  g_source_set_ready_time (self->timer, -1);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
  return self;
}

void
tilld_deadlines_free (TilldDeadlines *self)
{
  for (guint i = 0; i < TILLD_STAGE_N; i++)
    g_assert (self->stages[i].length == 0);
  g_source_destroy (self->timer);
  g_source_unref (self->timer);
  g_free (self);
}

void
tilld_deadlines_enter (TilldDeadlines *self, TilldDeadline *item, TilldStage stage)
{
  gboolean first;

  tilld_deadlines_leave (self, item);
  item->link.data = item;
  item->stage = stage;
  item->since_us = tilld_clock_boot_us (tilld_clock_system ());
  item->due_us = self->limits_ms[stage] == 0 ? 0 : item->since_us + (gint64) self->limits_ms[stage] * 1000;
  item->listed = TRUE;
  first = self->stages[stage].head == NULL;
  g_queue_push_tail_link (&self->stages[stage], &item->link);
  /* Leaving never arms: a timer that rings too early costs one empty tick. */
  if (first && item->due_us != 0)
    arm (self);
}

void
tilld_deadlines_leave (TilldDeadlines *self, TilldDeadline *item)
{
  if (!item->listed)
    return;
  g_queue_unlink (&self->stages[item->stage], &item->link);
  item->listed = FALSE;
}

guint
tilld_deadlines_count (TilldDeadlines *self, TilldStage stage)
{
  return self->stages[stage].length;
}

TilldDeadline *
tilld_deadlines_oldest (TilldDeadlines *self, TilldStage stage)
{
  return self->stages[stage].head != NULL ? self->stages[stage].head->data : NULL;
}
