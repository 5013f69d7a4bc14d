/* SPDX-License-Identifier: GPL-2.0-or-later
 * backend.c: HTTP on top of the lanes: where a request's work runs, who a token belongs to, the log row of a refusal. */
#include "server/app/app-private.h"
#include "server/core/clock.h"
#include "server/core/config.h"
#include "server/core/handover.h"
#include "server/domain/office/audit.h"
#include "server/domain/office/session.h"
#include "shared/api/till-paths.h"
#include "shared/base/till-log.h"

#define KDF_CAPACITY 32

typedef struct {
  TilldRequest *request;
  GMainContext *context;
  GError       *error;
} KdfWork;

static gboolean
kdf_deliver (gpointer data)
{
  KdfWork *work = data;

  tilld_http_done (work->request, work->error);
  g_clear_error (&work->error);
  g_main_context_unref (work->context);
  g_free (work);
  return G_SOURCE_REMOVE;
}

static void
kdf_run (gpointer thread_state, gpointer data, GCancellable *cancellable)
{
  KdfWork *work = data;
  tilld_http_step (NULL, work->request, &work->error);
  tilld_hand_over (work->context, G_PRIORITY_DEFAULT, kdf_deliver, work, NULL);
}

static void
kdf_refuse (gpointer data, const GError *reason)
{
  KdfWork *work = data;
  work->error = g_error_copy (reason);
  tilld_hand_over (work->context, G_PRIORITY_DEFAULT, kdf_deliver, work, NULL);
}

static gboolean
push_kdf (TilldApp *app, guint deadline_ms, TilldRequest *request, GError **error)
{
  KdfWork *work = g_new0 (KdfWork, 1);
  TilldLaneItem item = { .deadline_us = tilld_clock_boot_us (app->clock) + (gint64) deadline_ms * 1000,
                         .run = kdf_run, .refuse = kdf_refuse, .data = work };

  work->request = request;
  work->context = g_main_context_ref (app->context);
  if (tilld_lane_push (app->kdf, &item, error))
    return TRUE;
  g_main_context_unref (work->context);
  g_free (work);
  return FALSE;
}

/* What sells, or orders something from meters. The database refuses the rest; this says it before anything else is looked at. */
static gboolean
sells (const TilldRoute *route)
{
  static const char *const paths[] = { TILL_PATH_SALES, TILL_PATH_REFUNDS, TILL_PATH_COMMANDS, TILL_PATH_ACCOUNTS, TILL_PATH_CASES, TILL_PATH_DRAWERS };

  if ((route->flags & (TILLD_ROUTE_WRITES | TILLD_ROUTE_REPLAY)) == 0 || g_str_equal (route->method, "GET"))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    if (g_str_has_prefix (route->path, paths[i]))
      return TRUE;
  return g_str_equal (route->path, TILL_PATH_METER_REPLACE);
}

static gboolean
push (TilldRunOn on, gboolean transaction, guint deadline_ms, TilldRequest *request, gpointer data, GError **error)
{
  TilldApp *app = data;
  gboolean writes = request->route != NULL && (request->route->flags & TILLD_ROUTE_WRITES) != 0;
  TilldLaneJob job = { .work = tilld_http_step, .done = tilld_http_done, .data = request, .context = app->context,
                       .deadline_ms = deadline_ms, .transaction = transaction,
                       .cancellable = writes ? NULL : request->cancellable };

  if (request->route != NULL && g_atomic_int_get (&app->api.reconciling) && sells (request->route))
    return till_fail (error, TILL_ERROR_RECONCILE, "The books were restored from a backup: nothing is sold until two operators have released the server.");
  if (on == TILLD_RUN_KDF)
    return push_kdf (app, deadline_ms, request, error);
  return tilld_lanes_push (app->lanes, on == TILLD_RUN_BATCH ? TILLD_LANE_BATCH : TILLD_LANE_INTERACTIVE, &job, error);
}

static gboolean
identify (TilldDb *db, const guint8 hash[TILLD_TOKEN_HASH], TilldIdentity **ret_identity, gpointer data, GError **error)
{
  g_autoptr (TilldIdentity) identity = tilld_identity_new (hash);

  if (!tilld_session_identify (db, hash, &identity->actor, &identity->expires_at, error))
    return FALSE;
  *ret_identity = g_steal_pointer (&identity);
  return TRUE;
}

/* --- refusals --- */

typedef struct {
  TilldActor actor;
  char      *action, *object;
  TillError  code;
} Refusal;

static gboolean
write_refusal (TilldDb *db, gpointer data, GError **error)
{
  Refusal *refusal = data;
  TilldAuditEntry entry = { .action = refusal->action, .object = refusal->object, .result = till_error_word (refusal->code) };
  return tilld_audit_write (db, &refusal->actor, &entry, error);
}

static void
refusal_written (gpointer data, const GError *error)
{
  Refusal *refusal = data;

  if (error != NULL)
    till_warn (TILL_LOG_REQUEST (refusal->actor.request), error, "the log row of a refusal was not written");
  tilld_actor_clear (&refusal->actor);
  g_free (refusal->action);
  g_free (refusal->object);
  g_free (refusal);
}

static void
refused (TilldRequest *request, const GError *reason, gpointer data)
{
  TilldApp *app = data;
  Refusal *refusal = g_new0 (Refusal, 1);
  TilldLaneJob job = { .work = write_refusal, .done = refusal_written, .data = refusal, .context = app->context, .transaction = TRUE };
  g_autoptr (GError) error = NULL;

  tilld_actor_copy (&request->actor, &refusal->actor);
  refusal->code = (TillError) reason->code;
  refusal->action = request->route != NULL ? g_strdup_printf ("%s %s", request->route->method, request->route->path) : g_strdup ("-");
  refusal->object = g_strdup (request->param != NULL ? request->param : "");
  if (!tilld_lanes_push (app->lanes, TILLD_LANE_INTERACTIVE, &job, &error))
    refusal_written (refusal, error);
}

TilldHttpBackend
tilld_app_backend (TilldApp *app)
{
  return (TilldHttpBackend){ .push = push, .identify = identify, .refused = refused, .data = app };
}

gboolean
tilld_app_begin_kdf (TilldApp *app, GError **error)
{
  TilldLaneOptions options = { .name = "kdf", .n_threads = 1, .capacity = KDF_CAPACITY, .clock = app->clock };
  app->kdf = tilld_lane_new (&options);
  return TRUE;
}

void
tilld_app_end_kdf (TilldApp *app)
{
  g_clear_pointer (&app->kdf, tilld_lane_free);
}
