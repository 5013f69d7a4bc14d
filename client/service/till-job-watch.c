/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-job-watch.c: see till-job-watch.h. */
#define G_LOG_DOMAIN "till-job-watch"
#include "config.h"
#include "client/service/till-job-watch.h"

#define LOST_TIMES 5 /* without a connection it is asked for so much less often */

struct _TillJobWatch {
  GObject           parent_instance;
  TillPlantService *service;
  char             *job; /* NULL: ended or stopped */
  guint             every_ms, tick;
  GCancellable     *cancellable;
};

G_DEFINE_FINAL_TYPE (TillJobWatch, till_job_watch, G_TYPE_OBJECT)

enum { PROGRESS, LOST, ENDED, N_SIGNALS };
static guint signals[N_SIGNALS];

static gboolean ask_cb (gpointer user_data);

static void
end (TillJobWatch *self, gboolean done, JsonObject *result, const char *problem)
{
  g_clear_pointer (&self->job, g_free);
  g_signal_emit (self, signals[ENDED], 0, done, result, problem);
}

static gint64
int_of (JsonObject *job, const char *member)
{
  return json_object_get_int_member_with_default (job, member, 0);
}

static void
take (TillJobWatch *self, JsonObject *job)
{
  const char *state = json_object_get_string_member_with_default (job, "state", "");
  JsonNode *result = json_object_get_member (job, "result");

  if (g_str_equal (state, "running") || g_str_equal (state, "queued"))
    {
      g_signal_emit (self, signals[PROGRESS], 0, int_of (job, "done"), int_of (job, "total"));
      if (self->job != NULL) /* nobody stopped it meanwhile */
        self->tick = g_timeout_add (self->every_ms, ask_cb, self);
    }
  else
    end (self, g_str_equal (state, "done"), result != NULL && JSON_NODE_HOLDS_OBJECT (result) ? json_node_get_object (result) : NULL,
         json_object_get_string_member_with_default (job, "message", NULL));
}

static void
told_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillJobWatch) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_import_finish (TILL_PLANT_SERVICE (source), result, &error);
  g_autofree char *text = NULL;

  if (self->job == NULL)
    return;
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    take (self, json_node_get_object (node));
  else if (till_api_error_is_connection (error))
    {
      g_signal_emit (self, signals[LOST], 0);
      if (self->job != NULL)
        self->tick = g_timeout_add (self->every_ms * LOST_TIMES, ask_cb, self);
    }
  else
    {
      text = till_api_error_describe (error);
      end (self, FALSE, NULL, text);
    }
}

static gboolean
ask_cb (gpointer user_data)
{
  TillJobWatch *self = user_data;

  self->tick = 0;
  till_plant_service_get_job_async (self->service, self->job, self->cancellable, told_cb, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

void
till_job_watch_stop (TillJobWatch *self, gboolean end_job)
{
  if (self->job != NULL && end_job)
    till_plant_service_cancel_job (self->service, self->job);
  g_clear_pointer (&self->job, g_free);
  g_clear_handle_id (&self->tick, g_source_remove);
  g_cancellable_cancel (self->cancellable);
}

static void
till_job_watch_dispose (GObject *object)
{
  TillJobWatch *self = TILL_JOB_WATCH (object);

  till_job_watch_stop (self, FALSE);
  g_clear_object (&self->service);
  G_OBJECT_CLASS (till_job_watch_parent_class)->dispose (object);
}

static void
till_job_watch_finalize (GObject *object)
{
  g_object_unref (TILL_JOB_WATCH (object)->cancellable);
  G_OBJECT_CLASS (till_job_watch_parent_class)->finalize (object);
}

static void
till_job_watch_class_init (TillJobWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = till_job_watch_dispose;
  G_OBJECT_CLASS (klass)->finalize = till_job_watch_finalize;
  signals[PROGRESS] = g_signal_new ("progress", TILL_TYPE_JOB_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT64, G_TYPE_INT64);
  signals[LOST] = g_signal_new ("lost", TILL_TYPE_JOB_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[ENDED] = g_signal_new ("ended", TILL_TYPE_JOB_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_BOOLEAN, JSON_TYPE_OBJECT,
                                 G_TYPE_STRING);
}

static void
till_job_watch_init (TillJobWatch *self)
{
  self->cancellable = g_cancellable_new ();
}

TillJobWatch *
till_job_watch_new (TillPlantService *service, const char *job, guint every_ms)
{
  TillJobWatch *self = g_object_new (TILL_TYPE_JOB_WATCH, NULL);

  self->service = g_object_ref (service);
  self->job = g_strdup (job);
  self->every_ms = every_ms;
  ask_cb (self);
  return self;
}
