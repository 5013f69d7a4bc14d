/* SPDX-License-Identifier: GPL-2.0-or-later
 * heartbeat.c: a beat every 5 s: the node row, the leases, sessions that dead processes left behind. Shares are the rules'. */
#include "server/app/heartbeat.h"
#include "server/core/clock.h"
#include "server/core/handover.h"
#include "server/db/db-tx.h"
#include "server/rules/lease-rules.h"
#include "shared/base/till-log.h"

struct _TilldHeartbeat {
  TilldHeartbeatSetup setup;
  TilldNode           node;
  char               *name, *version, *roles;
  TilldLane          *lane;
  GSource            *timer;
  gint                busy; /* atomic */
  gboolean            failing, replaced;
  /* of the lane's thread, and of the caller while no beat is under way */
  guint64             wanted; /* groups whose gateways are dialled; what is held beyond it is given back as soon as its links are down */
  gint64              asked_us, given_back_us;
  gboolean            mine;
};

static guint
count_of (guint64 groups)
{
  return (guint) __builtin_popcountll (groups);
}

static gboolean
share (TilldHeartbeat *self, TilldDb *db, GError **error)
{
  gint64         now = tilld_clock_boot_us (tilld_clock_system ());
  guint64        in_use = self->setup.in_use != NULL ? self->setup.in_use (self->setup.data) : 0, claimed = 0, over;
  TilldLeases    leases;
  TilldLeaseStep step;
  TilldLeaseView view;

  if (!tilld_lease_renew (db, &self->node.run, &leases, error))
    return FALSE;
  self->wanted &= leases.mine;
  over = leases.mine & ~self->wanted & ~in_use;
  if (over != 0 && !tilld_lease_give_back (db, &self->node.run, over, error))
    return FALSE;
  view = (TilldLeaseView){ leases.n_nodes, count_of (self->wanted), leases.n_free, now, self->given_back_us };
  tilld_lease_decide (&view, &step);
  if (step.claim > 0 && !tilld_lease_claim (db, &self->node.run, step.claim, &claimed, error))
    return FALSE;
  self->wanted |= claimed;
  if (step.give_back > 0)
    {
      self->wanted &= self->wanted - 1; /* the lowest one; its lease goes back once its links are down */
      self->given_back_us = now;
    }
  return TRUE;
}

static gboolean
beat (TilldDb *db, gpointer data, GError **error)
{
  TilldHeartbeat *self = data;
  guint           n_left = 0;

  self->asked_us = tilld_clock_boot_us (tilld_clock_system ());
  if (!tilld_node_beat (db, &self->node, &self->mine, error))
    return FALSE;
  if (!self->mine)
    return TRUE;
  if (!tilld_node_bury (db, &n_left, error))
    return FALSE;
  if (n_left > 0)
    till_info (TILL_LOG_NONE, "%u gateways are offline: the process that held them is gone", n_left);
  return !self->setup.dials || share (self, db, error);
}

typedef struct {
  TilldHeartbeat *self;
  GError         *error;
} Beat;

static gboolean
beaten (gpointer data)
{
  Beat           *b = data;
  TilldHeartbeat *self = b->self;

  g_atomic_int_set (&self->busy, FALSE);
  if (self->timer == NULL)
    return G_SOURCE_REMOVE;
  if (b->error != NULL)
    {
      if (!self->failing)
        till_warn (TILL_LOG_NONE, b->error, "no heartbeat; money waits until the database is back");
      self->failing = TRUE;
      return G_SOURCE_REMOVE;
    }
  self->failing = FALSE;
  if (self->mine && self->setup.dials)
    self->setup.groups (self->wanted, self->asked_us, self->setup.data);
  else if (!self->mine && !self->replaced)
    {
      self->replaced = TRUE;
      self->setup.replaced (self->setup.data);
    }
  return G_SOURCE_REMOVE;
}

static void
beat_free (gpointer data)
{
  Beat *b = data;

  g_clear_error (&b->error);
  g_free (b);
}

static void
run (gpointer thread_state, gpointer data, GCancellable *cancellable)
{
  Beat *b = data;

  tilld_tx_run (thread_state, TILLD_READ_COMMITTED, beat, b->self, &b->error);
  tilld_hand_over (b->self->setup.context, G_PRIORITY_HIGH, beaten, b, beat_free);
}

static gboolean
due (gpointer data)
{
  TilldHeartbeat *self = data;
  TilldLaneItem   item = { .run = run };
  Beat           *b;

  if (self->replaced || !g_atomic_int_compare_and_exchange (&self->busy, FALSE, TRUE))
    return G_SOURCE_CONTINUE;
  b = g_new0 (Beat, 1);
  b->self = self;
  item.data = b;
  if (!tilld_lane_push (self->lane, &item, NULL))
    {
      g_atomic_int_set (&self->busy, FALSE);
      g_free (b);
    }
  return G_SOURCE_CONTINUE;
}

/* The lock of the name belongs to the session: this thread's connection makes it and gives it back. */
typedef struct {
  TilldHeartbeat *self;
  gboolean        done, ok;
  GMutex          lock;
  GCond           cond;
  gboolean      (*work) (TilldHeartbeat *self, TilldDb *db, GError **error);
  GError         *error;
} Call;

static void
run_call (gpointer thread_state, gpointer data, GCancellable *cancellable)
{
  Call *call = data;

  call->ok = call->work (call->self, thread_state, &call->error);
  g_mutex_lock (&call->lock);
  call->done = TRUE;
  g_cond_signal (&call->cond);
  g_mutex_unlock (&call->lock);
}

static gboolean
call_and_wait (TilldHeartbeat *self, gboolean (*work) (TilldHeartbeat *self, TilldDb *db, GError **error), GError **error)
{
  Call          call = { .self = self, .work = work };
  TilldLaneItem item = { .run = run_call, .data = &call };

  g_mutex_init (&call.lock);
  g_cond_init (&call.cond);
  if (tilld_lane_push (self->lane, &item, &call.error))
    {
      g_mutex_lock (&call.lock);
      while (!call.done)
        g_cond_wait (&call.cond, &call.lock);
      g_mutex_unlock (&call.lock);
    }
  g_mutex_clear (&call.lock);
  g_cond_clear (&call.cond);
  if (call.error != NULL)
    g_propagate_error (error, call.error);
  return call.ok;
}

static gboolean
begin (TilldHeartbeat *self, TilldDb *db, GError **error)
{
  return tilld_node_begin (db, &self->node, error) && tilld_tx_run (db, TILLD_READ_COMMITTED, beat, self, error);
}

static gboolean
end_in_tx (TilldDb *db, gpointer data, GError **error)
{
  return tilld_node_end (db, &((TilldHeartbeat *) data)->node, error);
}

static gboolean
end (TilldHeartbeat *self, TilldDb *db, GError **error)
{
  return tilld_tx_run (db, TILLD_READ_COMMITTED, end_in_tx, self, error);
}

static gpointer
thread_begin (guint index, gpointer data)
{
  TilldHeartbeat *self = data;

  return tilld_lanes_make_db (self->setup.lanes, TILLD_LANE_DELIVERY, "gridtilld heartbeat");
}

static void
thread_end (gpointer thread_state, gpointer data)
{
  tilld_db_free (thread_state);
}

char *
tilld_heartbeat_name (const TilldConfig *config)
{
  const char       *name = tilld_config_text (config, "server", "node");
  g_autofree char *roles = g_strjoinv (",", (char **) tilld_config_list (config, "server", "roles"));

  return name[0] != '\0' ? g_strdup (name) : g_strdup_printf ("%s/%s", g_get_host_name (), roles);
}

TilldHeartbeat *
tilld_heartbeat_new (const TilldHeartbeatSetup *setup, const TilldNode *node, GError **error)
{
  g_autoptr (TilldHeartbeat) self = g_new0 (TilldHeartbeat, 1);
  TilldLaneOptions options = { .name = "heartbeat", .n_threads = 1, .capacity = 4, .thread_begin = thread_begin, .thread_end = thread_end,
                               .user_data = self };

  self->setup = *setup;
  self->name = g_strdup (node->name);
  self->version = g_strdup (node->version);
  self->roles = g_strdup (node->roles);
  self->node = (TilldNode){ node->run, self->name, self->version, self->roles };
  self->lane = tilld_lane_new (&options);
  if (!call_and_wait (self, begin, error))
    return NULL;
  self->timer = g_timeout_source_new ((guint) (TILLD_LEASE_BEAT_US / 1000));
  g_source_set_callback (self->timer, due, self, NULL);
  g_source_attach (self->timer, setup->context);
  return g_steal_pointer (&self);
}

guint64
tilld_heartbeat_groups (TilldHeartbeat *self, gint64 *ret_asked_us)
{
  *ret_asked_us = self->asked_us;
  return self->wanted;
}

void
tilld_heartbeat_free (TilldHeartbeat *self)
{
  g_autoptr (GError) error = NULL;
  gboolean began = self->timer != NULL;

  if (began)
    {
      g_source_destroy (self->timer);
      g_clear_pointer (&self->timer, g_source_unref);
      if (!self->replaced && !call_and_wait (self, end, &error))
        till_warn (TILL_LOG_NONE, error, "leases not given back: they end by themselves");
    }
  tilld_lane_free (self->lane);
  while (g_atomic_int_get (&self->busy)) /* the beat under way reports here */
    g_main_context_iteration (self->setup.context, TRUE); /* lint: banned, the last turns of this loop */
  g_free (self->name);
  g_free (self->version);
  g_free (self->roles);
  g_free (self);
}
