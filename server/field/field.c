/* SPDX-License-Identifier: GPL-2.0-or-later
 * field.c: the thread of the role: start, doorbell, drain. What it does is owner's, courier's, setter's and ingest's. */
#include "server/field/field.h"
#include "server/core/clock.h"
#include "server/field/captures.h"
#include "server/field/config-check.h"
#include "server/field/discovery.h"
#include "server/crypto/pki.h"
#include "server/field/field-private.h"
#include "server/field/transport-tls.h"
#include "server/field/trials.h"
#include "server/rules/lease-rules.h"
#include "shared/base/till-log.h"

#define SCAN_MS    1000
#define SOON_MS    40
#define RARE_TICKS 5 /* what people wait for rings the bell besides */

void
tilld_field_job_ended (TilldFieldRole *field)
{
  g_assert (field->pending > 0);
  field->pending--;
}

gboolean
tilld_field_push (TilldFieldRole *field, TilldLaneKind lane, gboolean transaction, TilldLaneWork work, TilldLaneDone done, gpointer data,
                  GError **error)
{
  TilldLaneJob job = { .work = work, .done = done, .data = data, .context = field->context, .transaction = transaction };

  if (!tilld_lanes_push (field->options.lanes, lane, &job, error))
    return FALSE;
  field->pending++;
  return TRUE;
}

void
tilld_field_scan_soon (TilldFieldRole *field)
{
  if (field->scanning_soon)
    return;
  field->scanning_soon = TRUE;
  tilld_timer_arm (field->reactor, &field->scan, SOON_MS);
}

static void
look_at_orders (TilldFieldRole *field)
{
  tilld_setter_scan (field->setter);
  tilld_captures_scan (field->captures);
  tilld_discoverer_scan (field->discoverer);
  tilld_trials_scan (field->trials);
  field->rang = FALSE;
  tilld_timer_arm (field->reactor, &field->rest, SOON_MS);
}

static void
rested (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  TilldFieldRole *field = data;

  if (field->rang && !field->draining)
    look_at_orders (field);
}

static void
scan_fired (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  TilldFieldRole *field = data;

  if (!field->draining)
    {
      tilld_owner_tick (field->owner);
      tilld_courier_scan (field->courier);
      tilld_setter_scan (field->setter);
      if (field->ticks++ % RARE_TICKS == 0)
        {
          tilld_discoverer_scan (field->discoverer);
          tilld_trials_scan (field->trials);
          tilld_checks_scan (field->checks);
        }
    }
  field->scanning_soon = FALSE;
  g_mutex_lock (&field->lock);
  field->in_use = tilld_owner_groups (field->owner);
  field->health = (TilldFieldHealth){ .dropped = tilld_ingest_dropped (field->ingest), .ticked_us = tilld_clock_boot_us (field->clock),
                                      .orders = tilld_courier_orders (field->courier) + tilld_setter_orders (field->setter) };
  tilld_owner_health (field->owner, &field->health);
  g_mutex_unlock (&field->lock);
  tilld_timer_arm (reactor, timer, SCAN_MS);
}

static gpointer
run (gpointer data)
{
  TilldFieldRole *field = data;

  g_main_context_push_thread_default (field->context);
  tilld_callers_reload (field->callers);
  tilld_owner_reload (field->owner);
  tilld_timer_arm (field->reactor, &field->scan, 1);
  g_main_loop_run (field->loop);
  g_main_context_pop_thread_default (field->context);
  return NULL;
}

static void
begin_greeter (TilldFieldRole *field)
{
  TilldGreetingLimits limits = tilld_greeting_limits;
  TilldDirectory      directory;

  limits.connections = (guint) tilld_config_int (field->options.config, "field", "greetings_max");
  limits.address_failures = (guint) tilld_config_int (field->options.config, "field", "address_failures_max");
  tilld_callers_directory (field->callers, &directory);
  field->greeter = tilld_greeter_new (field->reactor, &limits, &directory);
}

/* The server's own certificate is shown to gateways too; theirs are of a CA of its own. */
static gboolean
begin_tls (TilldFieldRole *field, GError **error)
{
  const TilldConfig *config = field->options.config;
  const char        *dir = tilld_config_text (config, "server", "state_dir"), *certificate = tilld_config_text (config, "tls", "certificate");
  const char        *key = tilld_config_text (config, "tls", "key");
  TillTime           now = tilld_clock_wall (field->clock);
  g_autofree char   *authority = NULL;
  g_auto(TilldPki)   pki = { NULL };

  if (!tilld_pki_gateway_authority (dir, now, &authority, error))
    return FALSE;
  if (*certificate != '\0')
    field->tls = tilld_tls_new (certificate, *key != '\0' ? key : certificate, authority, error);
  else if (tilld_pki_ensure (dir, tilld_config_list (config, "tls", "names"), now, &pki, error))
    field->tls = tilld_tls_new (pki.certificate_path, pki.key_path, authority, error);
  tilld_greeter_set_tls (field->greeter, field->tls);
  return field->tls != NULL;
}

static gboolean
begin_listener (TilldFieldRole *field, GError **error)
{
  const char *const *listen = tilld_config_list (field->options.config, "field", "listen");
  guint16            port;

  if (listen[0] != NULL && !begin_tls (field, error))
    return FALSE;
  field->listener = tilld_listener_new (field->reactor, field->greeter);
  for (guint i = 0; listen[i] != NULL; i++)
    if (!tilld_listener_open (field->listener, listen[i], &port, error))
      return FALSE;
  return TRUE;
}

static void
end_field (TilldFieldRole *field)
{
  tilld_timer_disarm (field->reactor, &field->scan);
  tilld_timer_disarm (field->reactor, &field->rest);
  tilld_courier_free (field->courier);
  tilld_setter_free (field->setter);
  tilld_sessions_free (field->sessions);
  tilld_discoverer_free (field->discoverer);
  tilld_checks_free (field->checks);
  tilld_trials_free (field->trials);
  g_clear_pointer (&field->listener, tilld_listener_free);
  tilld_greeter_close_all (field->greeter);
  tilld_owner_free (field->owner);
  tilld_greeter_free (field->greeter);
  g_clear_pointer (&field->tls, tilld_tls_free);
  tilld_callers_free (field->callers);
  tilld_ingest_free (field->ingest);
  g_clear_pointer (&field->reactor, tilld_reactor_free);
  g_main_loop_unref (field->loop);
  g_main_context_unref (field->context);
  g_mutex_clear (&field->lock);
  g_free (field);
}

TilldFieldRole *
tilld_field_new (const TilldFieldOptions *options, GError **error)
{
  g_autoptr(TilldReactor) reactor = tilld_reactor_new (tilld_clock_system (), error);
  TilldFieldRole         *field;

  if (reactor == NULL)
    return NULL;
  field = g_new0 (TilldFieldRole, 1);
  field->options = *options;
  field->groups = options->groups;
  field->granted_us = options->groups_us;
  field->clock = tilld_clock_system ();
  field->context = g_main_context_new ();
  field->loop = g_main_loop_new (field->context, FALSE);
  field->reactor = g_steal_pointer (&reactor);
  tilld_reactor_attach (field->reactor, field->context);
  g_mutex_init (&field->lock);
  field->health.ticked_us = tilld_clock_boot_us (field->clock);
  tilld_timer_init (&field->scan, scan_fired, field);
  tilld_timer_init (&field->rest, rested, field);
  field->ingest = tilld_ingest_new (field);
  field->courier = tilld_courier_new (field);
  field->setter = tilld_setter_new (field);
  field->sessions = tilld_sessions_new (field);
  field->callers = tilld_callers_new (field);
  begin_greeter (field);
  field->discoverer = tilld_discoverer_new (field);
  field->checks = tilld_checks_new (field);
  field->trials = tilld_trials_new (field);
  field->owner = tilld_owner_new (field);
  if (!begin_listener (field, error))
    {
      end_field (field);
      return NULL;
    }
  field->captures = tilld_captures_new (field);
  field->thread = g_thread_new ("field", run, field);
  return field;
}

gint64
tilld_field_write_until (const TilldFieldRole *field)
{
  return field->granted_us + TILLD_LEASE_WRITE_US;
}

typedef struct {
  TilldFieldRole *field;
  guint64         groups;
  gint64          asked_us;
} Hold;

static gboolean
hold (gpointer data)
{
  Hold *h = data;

  h->field->granted_us = h->asked_us;
  if (h->field->groups != h->groups)
    {
      h->field->groups = h->groups;
      tilld_owner_reload (h->field->owner);
    }
  return G_SOURCE_REMOVE;
}

void
tilld_field_hold (TilldFieldRole *field, guint64 groups, gint64 asked_us)
{
  Hold *h = g_new (Hold, 1);

  *h = (Hold){ field, groups, asked_us };
  g_main_context_invoke_full (field->context, G_PRIORITY_HIGH, hold, h, g_free);
}

guint64
tilld_field_in_use (TilldFieldRole *field)
{
  guint64 groups;

  g_mutex_lock (&field->lock);
  groups = field->in_use;
  g_mutex_unlock (&field->lock);
  return groups;
}

static gboolean
ring (gpointer data)
{
  TilldFieldRole *field = data;

  tilld_courier_scan (field->courier);
  if (tilld_timer_is_armed (&field->rest))
    field->rang = TRUE;
  else
    look_at_orders (field);
  return G_SOURCE_REMOVE;
}

static gboolean
reload (gpointer data)
{
  TilldFieldRole *field = data;

  tilld_callers_reload (field->callers);
  tilld_owner_reload (field->owner);
  return G_SOURCE_REMOVE;
}

void
tilld_field_doorbell (TilldFieldRole *field)
{
  g_main_context_invoke (field->context, ring, field);
}

void
tilld_field_plant_changed (TilldFieldRole *field)
{
  g_main_context_invoke (field->context, reload, field);
}

typedef struct {
  TilldFieldRole *field;
  gint64          until_us;
  gboolean        done, clean;
  GMutex          lock;
  GCond           cond;
} Drain;

static gboolean
drain_check (gpointer data)
{
  Drain          *drain = data;
  TilldFieldRole *field = drain->field;
  gboolean        clean;

  field->draining = TRUE;
  g_clear_pointer (&field->listener, tilld_listener_free); /* nobody new */
  tilld_owner_end_polls (field->owner);
  clean = tilld_captures_drain (field->captures) && tilld_courier_orders (field->courier) == 0 && tilld_ingest_is_empty (field->ingest) && field->pending == 0;

  if (!clean && tilld_clock_boot_us (field->clock) < drain->until_us)
    return G_SOURCE_CONTINUE;
  g_mutex_lock (&drain->lock);
  drain->done = TRUE;
  drain->clean = clean;
  g_cond_signal (&drain->cond);
  g_mutex_unlock (&drain->lock);
  return G_SOURCE_REMOVE;
}

gboolean
tilld_field_drain (TilldFieldRole *field, guint timeout_ms)
{
  Drain              drain = { .field = field, .until_us = tilld_clock_boot_us (field->clock) + (gint64) timeout_ms * 1000 };
  g_autoptr(GSource) source = g_timeout_source_new (20);

  g_mutex_init (&drain.lock);
  g_cond_init (&drain.cond);
  g_source_set_callback (source, drain_check, &drain, NULL);
  g_source_attach (source, field->context);
  g_mutex_lock (&drain.lock);
  while (!drain.done)
    g_cond_wait (&drain.cond, &drain.lock);
  g_mutex_unlock (&drain.lock);
  g_mutex_clear (&drain.lock);
  g_cond_clear (&drain.cond);
  return drain.clean;
}

static gboolean
quit (gpointer data)
{
  TilldFieldRole *field = data;

  field->draining = TRUE;
  g_main_loop_quit (field->loop);
  return G_SOURCE_REMOVE;
}

/* After the loop has ended: what lanes still answer is taken here, so that no owner goes before its job. */
void
tilld_field_free (TilldFieldRole *field)
{
  if (field == NULL)
    return;
  g_main_context_invoke (field->context, quit, field);
  g_thread_join (field->thread);
  while (field->pending > 0)
    g_main_context_iteration (field->context, TRUE);
  tilld_timer_disarm (field->reactor, &field->scan);
  tilld_timer_disarm (field->reactor, &field->rest);
  for (guint i = 0; i < 3; i++)
    while (g_main_context_iteration (field->context, FALSE))
      ;
  tilld_owner_stop (field->owner);
  while (field->pending > 0)
    g_main_context_iteration (field->context, TRUE);
  tilld_captures_free (field->captures);
  end_field (field);
}

void
tilld_field_health (TilldFieldRole *field, TilldFieldHealth *ret_health)
{
  g_mutex_lock (&field->lock);
  *ret_health = field->health;
  g_mutex_unlock (&field->lock);
}
