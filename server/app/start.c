/* SPDX-License-Identifier: GPL-2.0-or-later
 * start.c: the order in which a server comes up, each step with its undo. */
#include "config.h"
#include <errno.h>
#include <signal.h>
#include <glib/gstdio.h>
#include "server/app/app-private.h"
#include "server/core/clock.h"
#include "server/core/config.h"
#include "server/core/service.h"
#include "server/db/db-migrate.h"
#include "server/db/db-tx.h"
#include "server/domain/control/reconcile.h"
#include "server/domain/office/role.h"
#include "server/domain/plant/field-plant.h"
#include "server/domain/plant/reading.h"
#include "server/field/serial-bus.h"
#include "shared/api/till-paths.h"
#include "shared/base/till-log.h"

#define BEAT_MS      1000
#define ALIVE_US     (15 * TILL_SECOND)
#define PENDING_MAX  5000
#define SOCKETS_MAX  2000
#define LINKS_SPARE  1024

/* The field layer keeps a pace of its own when much is sold; the others look at the whole of what changed. */
static const TilldDoorbell doorbells[] = { { "till_delivery", 2 }, { "till_feed", 50 }, { "till_login", 50 }, { "till_plant", 50 }, { NULL } };

/* --- state directory, keys, certificate --- */

static gboolean
make_dir (const char *path, GError **error)
{
  if (g_mkdir_with_parents (path, 0700) == 0)
    return TRUE;
  return till_fail (error, TILL_ERROR_INVALID, "%s: %s", path, g_strerror (errno));
}

static gboolean
begin_state (TilldApp *app, GError **error)
{
  g_autofree char *key_path = NULL;

  app->state_dir = g_strdup (tilld_config_text (app->config, "server", "state_dir"));
  app->runtime_dir = g_build_filename (app->state_dir, "run", NULL);
  app->api.spool_dir = g_build_filename (app->state_dir, "spool", NULL);
  key_path = g_build_filename (app->state_dir, "keys", NULL);
  if (!make_dir (app->state_dir, error) || !make_dir (app->runtime_dir, error) || !make_dir (app->api.spool_dir, error))
    return FALSE;
  app->keys = tilld_key_file_open (key_path, error);
  app->api.keys = app->keys;
  return app->keys != NULL;
}

/* Before there are a thousand descriptors: libmodbus needs low ones, also for a tty that is plugged in later. */
static gboolean
begin_ttys (TilldApp *app, GError **error)
{
  const char *const *ttys = tilld_config_list (app->config, "field", "serial");

  if ((app->roles & TILLD_ROLE_FIELD) == 0 || ttys[0] == NULL)
    return TRUE;
  for (guint i = 0; ttys[i] != NULL; i++)
    if (ttys[i][0] != '/')
      return till_fail (error, TILL_ERROR_INVALID, "[field] serial: \"%s\" is not the path of a tty", ttys[i]);
  return tilld_serial_reserve (g_strv_length ((char **) ttys) + 1, error); /* one more while an unplugged one still ends */
}

static void
end_ttys (TilldApp *app)
{
  /* Kept for the life of the process. */
}

static void
end_state (TilldApp *app)
{
  g_clear_pointer (&app->keys, tilld_key_file_free);
  g_clear_pointer (&app->api.spool_dir, g_free);
  g_clear_pointer (&app->runtime_dir, g_free);
  g_clear_pointer (&app->state_dir, g_free);
}

static GTlsCertificate *
load_certificate (TilldApp *app, GError **error)
{
  const char *certificate = tilld_config_text (app->config, "tls", "certificate");
  const char *key = tilld_config_text (app->config, "tls", "key");

  if (*certificate != '\0')
    return g_tls_certificate_new_from_files (certificate, *key != '\0' ? key : certificate, error);
  tilld_pki_clear (&app->pki);
  if (!tilld_pki_ensure (app->state_dir, tilld_config_list (app->config, "tls", "names"), tilld_clock_wall (app->clock), &app->pki, error))
    return NULL;
  return g_tls_certificate_new_from_files (app->pki.certificate_path, app->pki.key_path, error);
}

static gboolean
begin_certificate (TilldApp *app, GError **error)
{
  if ((app->roles & TILLD_ROLE_API) == 0)
    return TRUE;
  app->certificate = load_certificate (app, error);
  if (app->certificate == NULL)
    g_prefix_error (error, "certificate: ");
  return app->certificate != NULL;
}

static void
end_certificate (TilldApp *app)
{
  g_clear_object (&app->certificate);
  tilld_pki_clear (&app->pki);
}

/* --- database --- */

static gboolean
prepare_site (TilldDb *db, gpointer data, GError **error)
{
  TilldApp *app = data;

  tilld_site_clear (&app->site);
  return tilld_site_ensure (db, &app->api.site, error) && tilld_site_load (db, &app->site, error)
         && tilld_role_ensure_defaults (db, error) && tilld_reading_partitions (db, error);
}

static gboolean
begin_database (TilldApp *app, GError **error)
{
  gboolean may_migrate = g_str_equal (tilld_config_text (app->config, "database", "migrate"), "auto");
  g_autoptr (TilldDb) db = NULL;

  app->lanes = tilld_lanes_new (app->config, error);
  if (app->lanes == NULL)
    return FALSE;
  db = tilld_lanes_make_schema_db (app->lanes);
  if (may_migrate ? !tilld_db_migrate (db, NULL, error) : !tilld_db_check_schema (db, error))
    return FALSE;
  if (!tilld_tx_run (db, TILLD_READ_COMMITTED, prepare_site, app, error))
    return FALSE;
  app->api.site_name = app->site.name;
  app->api.site_zone = app->site.zone;
  app->api.currency = app->site.currency;
  app->api.service_phone = app->site.service_phone;
  app->api.zone = till_zone_new (app->site.zone, error);
  return app->api.zone != NULL;
}

static void
end_database (TilldApp *app)
{
  g_clear_pointer (&app->lanes, tilld_lanes_free);
  g_clear_pointer (&app->api.zone, g_time_zone_unref);
  tilld_site_clear (&app->site);
}

/* --- profiles, money, live --- */

static gboolean
begin_profiles (TilldApp *app, GError **error)
{
  g_autofree char *own = g_build_filename (app->state_dir, "profiles", NULL);
  const char *dir = tilld_config_text (app->config, "server", "profiles_dir");

  if (*dir == '\0')
    dir = g_file_test (own, G_FILE_TEST_IS_DIR) ? own : NULL; /* one that is named must be there */
  app->profiles = tilld_profiles_load (dir, error);
  app->api.profiles = app->profiles;
  return app->profiles != NULL;
}

static void
end_profiles (TilldApp *app)
{
  app->api.profiles = NULL;
  g_clear_pointer (&app->profiles, tilld_profiles_free);
}

/* Before anything can be sold: are these the books that this installation has seen last? */
static gboolean
compare_books (TilldApp *app, TilldJournal *journal, GError **error)
{
  g_autofree char *path = g_build_filename (app->state_dir, "cluster", NULL);
  const TilldReconcileStart in = { path, journal };
  g_autoptr (TilldDb) db = tilld_lanes_make_db (app->lanes, TILLD_LANE_BATCH, "gridtilld start");
  gboolean on;

  if (!tilld_reconcile_start (db, &in, &on, error))
    return FALSE;
  g_atomic_int_set (&app->api.reconciling, on);
  return TRUE;
}

static gboolean
begin_reconciling (TilldApp *app, GError **error)
{
  g_autofree char *path = g_build_filename (app->state_dir, "cluster", NULL);
  const TilldReconcilingOptions options = { app->lanes, path, &app->api.reconciling };

  if (g_atomic_int_get (&app->api.reconciling))
    app->reconciling = tilld_reconciling_new (&options, app->context);
  return TRUE;
}

static void
end_reconciling (TilldApp *app)
{
  g_clear_pointer (&app->reconciling, tilld_reconciling_free);
}

static gboolean
begin_ledger (TilldApp *app, GError **error)
{
  const char *path = tilld_config_text (app->config, "server", "journal");
  TilldJournal *journal = NULL;

  if (*path != '\0' && (journal = tilld_journal_open (path, error)) == NULL)
    return FALSE;
  if (!compare_books (app, journal, error))
    {
      tilld_journal_close (journal);
      return FALSE;
    }
  app->api.ledger = tilld_ledger_new (tilld_lanes_make_db (app->lanes, TILLD_LANE_LEDGER, "gridtilld ledger"), app->clock);
  if (journal != NULL)
    tilld_ledger_set_journal (app->api.ledger, journal);
  if ((app->roles & TILLD_ROLE_API) != 0)
    app->api.sale_desk = tilld_sale_desk_new (tilld_lanes_make_db (app->lanes, TILLD_LANE_INTERACTIVE, "gridtilld sale desk"), app->api.ledger,
                                              app->profiles, app->clock);
  return TRUE;
}

static void
end_ledger (TilldApp *app)
{
  tilld_lanes_stop (app->lanes); /* a step of a job under way still uses the ledger and the profiles */
  g_clear_pointer (&app->api.sale_desk, tilld_sale_desk_free);
  g_clear_pointer (&app->api.ledger, tilld_ledger_free);
}

static void
bell (const char *channel, gpointer data)
{
  TilldApp *app = data;

  if (g_str_equal (channel, "till_login") && app->api.http != NULL)
    tilld_login_forget_all (tilld_http_login (app->api.http));
  else if (g_str_equal (channel, "till_feed") && app->tail != NULL)
    tilld_tail_ring (app->tail);
  else if (g_str_equal (channel, "till_delivery") && app->field != NULL)
    tilld_field_doorbell (app->field);
  else if (g_str_equal (channel, "till_plant") && app->field != NULL)
    tilld_field_plant_changed (app->field);
}

static gboolean
begin_live (TilldApp *app, GError **error)
{
  g_autofree char *conninfo = tilld_db_conninfo (app->config, error);

  if (conninfo == NULL)
    return FALSE;
  if ((app->roles & TILLD_ROLE_API) != 0) /* nobody looks at a board where nobody can ask */
    {
      app->api.live = tilld_live_new (PENDING_MAX);
      app->api.board = tilld_board_new ();
      app->tail = tilld_tail_new (app->lanes, app->api.live, app->api.board, app->api.site, tilld_api_sales_verb);
    }
  app->listen = tilld_listen_new (conninfo, doorbells, app->context, bell, app);
  return app->listen != NULL;
}

static void
end_live (TilldApp *app)
{
  g_clear_pointer (&app->listen, tilld_listen_free);
  g_clear_pointer (&app->tail, tilld_tail_free);
  g_clear_pointer (&app->api.board, tilld_board_free);
  g_clear_pointer (&app->api.live, tilld_live_free);
}

/* --- this process among its like --- */

static void
groups_held (guint64 groups, gint64 asked_us, gpointer data)
{
  TilldApp *app = data;

  if (app->field != NULL)
    tilld_field_hold (app->field, groups, asked_us);
}

static guint64
groups_in_use (gpointer data)
{
  TilldApp *app = data;

  return app->field != NULL ? tilld_field_in_use (app->field) : 0;
}

static void
replaced (gpointer data)
{
  till_warn (TILL_LOG_NONE, NULL, "this process was taken for dead and another one runs under its name: stopping");
  raise (SIGTERM);
}

static gboolean
begin_heartbeat (TilldApp *app, GError **error)
{
  g_autofree char *name = tilld_heartbeat_name (app->config);
  g_autofree char *roles = g_strjoinv (",", (char **) tilld_config_list (app->config, "server", "roles"));
  TilldNode node = { .name = name, .version = GRIDTILL_VERSION, .roles = roles };
  TilldHeartbeatSetup setup = { .lanes = app->lanes, .context = app->context, .dials = (app->roles & TILLD_ROLE_FIELD) != 0,
                                .groups = groups_held, .in_use = groups_in_use, .replaced = replaced, .data = app };

  till_id_new (&app->run, tilld_clock_wall (app->clock) / 1000);
  node.run = app->run;
  app->heartbeat = tilld_heartbeat_new (&setup, &node, error);
  return app->heartbeat != NULL;
}

static void
end_heartbeat (TilldApp *app)
{
  g_clear_pointer (&app->heartbeat, tilld_heartbeat_free);
}

/* --- links, polls, delivery --- */

/* A link each, and room for the rest: more gateways than descriptors would leave some of them dark without a word. */
static gboolean
reserve_descriptors (TilldDb *db, gpointer data, GError **error)
{
  guint n;

  if (!tilld_field_gateways_count (db, &n, error))
    return FALSE;
  if (tilld_service_raise_descriptors (n + LINKS_SPARE, error))
    return TRUE;
  g_prefix_error (error, "%u gateways: ", n);
  return FALSE;
}

static gboolean
begin_field (TilldApp *app, GError **error)
{
  TilldFieldOptions options = { .config = app->config, .lanes = app->lanes, .ledger = app->api.ledger, .profiles = app->profiles,
                                .keys = app->keys };
  g_autoptr (TilldDb) db = NULL;

  if ((app->roles & TILLD_ROLE_FIELD) == 0)
    return TRUE;
  db = tilld_lanes_make_db (app->lanes, TILLD_LANE_INTERACTIVE, "gridtilld start");
  if (!tilld_tx_run (db, TILLD_READ_COMMITTED, reserve_descriptors, NULL, error))
    return FALSE;
  options.run = app->run;
  options.groups = tilld_heartbeat_groups (app->heartbeat, &options.groups_us);
  app->field = tilld_field_new (&options, error);
  return app->field != NULL;
}

static void
end_field (TilldApp *app)
{
  guint limit_ms = (guint) tilld_config_int (app->config, "server", "drain_timeout_s") * 1000;

  if (app->field == NULL)
    return;
  if (!tilld_field_drain (app->field, limit_ms))
    till_warn (TILL_LOG_NONE, NULL, "stopped with field work under way: it is read back at the next start");
  g_clear_pointer (&app->field, tilld_field_free);
}

static gboolean
begin_housekeeping (TilldApp *app, GError **error)
{
  if ((app->roles & TILLD_ROLE_NOTIFY) != 0)
    app->housekeeping = tilld_housekeeping_new (app->lanes, app->context, TILLD_HOUSEKEEPING_S,
                                                (guint) tilld_config_int (app->config, "database", "keep_readings_months"));
  return TRUE;
}

static void
end_housekeeping (TilldApp *app)
{
  g_clear_pointer (&app->housekeeping, tilld_housekeeping_free);
}

/* --- HTTP: last in, first out --- */

static gboolean
healthy (gpointer data)
{
  TilldApp *app = data;
  return tilld_tail_is_current (app->tail);
}

static gboolean
begin_http (TilldApp *app, GError **error)
{
  const char *const *listen = tilld_config_list (app->config, "http", "listen");
  TilldAcceptLimits limits = tilld_accept_default_limits;
  TilldHttpSetup setup = {
    .limits = &limits, .certificate = app->certificate, .runtime_dir = app->runtime_dir, .base = TILL_API_BASE,
    .tables = tilld_api_tables, .backend = tilld_app_backend (app), .clock = app->clock, .api = &app->api, .site = app->api.site,
  };

  if ((app->roles & TILLD_ROLE_API) == 0)
    return TRUE;
  limits.connections_max = (guint) tilld_config_int (app->config, "http", "connections_max");
  limits.per_address_max = (guint) tilld_config_int (app->config, "http", "per_address_max");
  limits.idle_max = (guint) tilld_config_int (app->config, "http", "idle_max");
  app->api.config = app->config;
  app->api.clock = app->clock;
  app->api.healthy = healthy;
  app->api.healthy_data = app;
  app->api.events = tilld_events_new (app->api.live, SOCKETS_MAX);
  app->api.http = tilld_http_new (&setup, error);
  for (guint i = 0; app->api.http != NULL && listen[i] != NULL; i++)
    if (!tilld_http_listen (app->api.http, listen[i], i == 0 ? &app->port : NULL, error))
      return FALSE;
  return app->api.http != NULL;
}

static void
end_http (TilldApp *app)
{
  g_clear_pointer (&app->api.http, tilld_http_free);
  g_clear_pointer (&app->api.events, tilld_events_free);
}

static gboolean
begin_settling (TilldApp *app, GError **error)
{
  const TilldSettlingOptions options = { app->lanes, app->profiles, app->api.ledger, app->clock, app->api.site };

  if ((app->roles & TILLD_ROLE_NOTIFY) != 0)
    app->settling = tilld_settling_new (&options, app->context);
  return TRUE;
}

static void
end_settling (TilldApp *app)
{
  g_clear_pointer (&app->settling, tilld_settling_free);
}

static gboolean
beat (gpointer data)
{
  TilldApp *app = data;
  app->beat_us = tilld_clock_boot_us (app->clock);
  return G_SOURCE_CONTINUE;
}

static gboolean
begin_beat (TilldApp *app, GError **error)
{
  app->beat = g_timeout_source_new (BEAT_MS);
  g_source_set_callback (app->beat, beat, app, NULL);
  g_source_attach (app->beat, app->context);
  return beat (app);
}

static void
end_beat (TilldApp *app)
{
  g_source_destroy (app->beat);
  g_clear_pointer (&app->beat, g_source_unref);
}

/* The list that says how a server comes up. A begin that fails is undone too: every end accepts half of it. */
static const struct {
  const char *name;
  gboolean  (*begin) (TilldApp *app, GError **error);
  void      (*end) (TilldApp *app);
} steps[] = {
  { "state directory", begin_state, end_state },
  { "serial lines", begin_ttys, end_ttys },
  { "certificate", begin_certificate, end_certificate },
  { "database", begin_database, end_database },
  { "profiles", begin_profiles, end_profiles },
  { "ledger", begin_ledger, end_ledger },
  { "live", begin_live, end_live },
  { "heartbeat", begin_heartbeat, end_heartbeat },
  { "field", begin_field, end_field },
  { "housekeeping", begin_housekeeping, end_housekeeping },
  { "reconciling", begin_reconciling, end_reconciling },
  { "settling", begin_settling, end_settling },
  { "password thread", tilld_app_begin_kdf, tilld_app_end_kdf },
  { "loop", begin_beat, end_beat },
  { "http", begin_http, end_http },
};

TilldApp *
tilld_app_start (TilldConfig *config, GError **error)
{
  g_autoptr (TilldApp) app = g_new0 (TilldApp, 1);
  guint roles;

  app->config = tilld_config_ref (config);
  app->clock = tilld_clock_system ();
  app->context = g_main_context_ref_thread_default ();
  if (!tilld_roles_parse (tilld_config_list (config, "server", "roles"), &roles, error))
    return NULL;
  app->roles = roles;
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      app->started = i + 1;
      if (!steps[i].begin (app, error))
        {
          g_prefix_error (error, "%s: ", steps[i].name);
          return NULL;
        }
    }
  return g_steal_pointer (&app);
}

void
tilld_app_free (TilldApp *app)
{
  if (app == NULL)
    return;
  if (app->drain_poll != NULL)
    g_source_destroy (app->drain_poll);
  g_clear_pointer (&app->drain_poll, g_source_unref);
  while (app->started > 0)
    steps[--app->started].end (app);
  g_clear_pointer (&app->context, g_main_context_unref);
  g_clear_pointer (&app->config, tilld_config_unref);
  g_free (app);
}

guint16
tilld_app_port (TilldApp *app)
{
  return app->port;
}

const char *
tilld_app_authority (TilldApp *app)
{
  return app->pki.authority_path;
}

char *
tilld_app_describe (TilldApp *app)
{
  g_autofree char *fingerprint = app->pki.authority_path != NULL ? tilld_pki_fingerprint (app->pki.authority_path, NULL) : NULL;

  return g_strdup_printf ("gridtilld %s: site %s%s, HTTPS port %u, fingerprint %s", GRIDTILL_VERSION, app->api.site_name,
                          (app->roles & TILLD_ROLE_FIELD) != 0 ? ", field" : "", app->port,
                          fingerprint != NULL ? fingerprint : "of the configured certificate");
}

static gboolean
drain_poll (gpointer data)
{
  TilldApp *app = data;

  if (app->api.http != NULL && tilld_http_running (app->api.http) > 0 && tilld_clock_boot_us (app->clock) < app->drain_until_us)
    return G_SOURCE_CONTINUE;
  app->drained (app->drained_data);
  return G_SOURCE_REMOVE;
}

void
tilld_app_drain (TilldApp *app, void (*done) (gpointer data), gpointer data)
{
  if (app->drain_poll != NULL)
    return;
  if (app->api.http != NULL)
    tilld_http_drain (app->api.http);
  app->drained = done;
  app->drained_data = data;
  app->drain_until_us = tilld_clock_boot_us (app->clock) + tilld_config_int (app->config, "server", "drain_timeout_s") * TILL_SECOND;
  app->drain_poll = g_timeout_source_new (50);
  g_source_set_callback (app->drain_poll, drain_poll, app, NULL);
  g_source_attach (app->drain_poll, app->context);
}

gboolean
tilld_app_is_alive (gpointer data)
{
  TilldApp        *app = data;
  TilldFieldHealth field = { 0 };

  if (app->field != NULL)
    tilld_field_health (app->field, &field);
  if (app->field != NULL && tilld_clock_boot_us (app->clock) - field.ticked_us > ALIVE_US)
    return FALSE;
  for (guint kind = 0; kind < TILLD_LANE_N; kind++)
    {
      TilldLane *lane = tilld_lanes_get (app->lanes, kind);
      TilldLaneStats stats = { 0 };
      if (lane != NULL)
        tilld_lane_stats (lane, &stats);
      if (kind != TILLD_LANE_BATCH && stats.longest_running_us > 3 * ALIVE_US)
        return FALSE;
    }
  if (app->api.sale_desk != NULL)
    {
      TilldLaneStats stats = { 0 };

      tilld_sale_desk_stats (app->api.sale_desk, &stats);
      if (stats.longest_running_us > 3 * ALIVE_US)
        return FALSE;
    }
  return tilld_clock_boot_us (app->clock) - app->beat_us < ALIVE_US;
}

void
tilld_app_reload (TilldApp *app)
{
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate;

  if (app->api.http == NULL)
    return;
  certificate = load_certificate (app, &error);
  if (certificate == NULL)
    {
      till_warn (TILL_LOG_NONE, error, "the certificate was not loaded anew; the old one stays");
      return;
    }
  g_object_unref (app->certificate);
  app->certificate = certificate;
  tilld_accept_set_certificate (tilld_http_accept (app->api.http), certificate);
  tilld_login_forget_all (tilld_http_login (app->api.http));
}
