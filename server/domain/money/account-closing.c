/* SPDX-License-Identifier: GPL-2.0-or-later
 * account-closing.c: closings of accounts that wait, as jobs: what was ordered, how often it was tried, when the next step is due. What a
 * step is, account-close knows. */
#include "server/domain/money/account-closing.h"

#include <string.h>
#include "server/domain/office/audit.h"
#include "server/domain/office/client-id.h"
#include "shared/base/till-json-read.h"

#define PAUSE_MAX_S 60

static const TilldStatement job_look = {
  .name = "closing-job-look",
  .sql = "SELECT state, cancel, coalesce ((cursor->>'waits')::bigint, 0) AS waits, message FROM job WHERE id = $1 AND name = 'account_close' FOR UPDATE",
  .params = { DB_UUID_TYPE },
  .columns = { { "state", DB_TEXT_TYPE }, { "cancel", DB_BOOL_TYPE }, { "waits", DB_I64_TYPE }, { "message", DB_TEXT_TYPE, DB_NULL_OK } },
};
/* What was ordered stays ordered: a debit under way ends as a refund that is owed. */
static const TilldStatement give_up = {
  .name = "closing-give-up",
  .sql = "UPDATE account SET closing = NULL, closing_by = NULL, version = version + 1 WHERE id = $1 AND closing = $2 AND state <> 2 RETURNING id",
  .params = { DB_I64_TYPE, DB_UUID_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
static const TilldStatement may_go_on = {
  .name = "closing-may-go-on",
  .sql = "SELECT NOT coalesce (bool_or (reconciling), false) AS may FROM cluster",
  .columns = { { "may", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (may_go_on)
TILLD_STATEMENT (job_look)
TILLD_STATEMENT (give_up)

void
tilld_closing_job_id (const TillId *closing, TillId *ret_job)
{
  char id[TILL_ID_TEXT];
  g_autofree char *text = g_strdup_printf ("closing|%s", till_id_print (closing, id));
  guint8 hash[TILLD_BODY_HASH];

  tilld_client_id_hash (text, hash);
  memcpy (ret_job->bytes, hash, sizeof ret_job->bytes);
}

gboolean
tilld_closing_job_check (TilldDb *db, const TillId *closing, gboolean *ret_exists, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;
  TillId job;

  tilld_closing_job_id (closing, &job);
  if (!tilld_db_query (db, &job_look, &rows, error, DB_UUID (&job)))
    return FALSE;
  *ret_exists = tilld_rows_count (rows) == 1;
  if (*ret_exists && (tilld_row_bool (rows, 0, "cancel") || g_str_equal (tilld_row_text (rows, 0, "state"), "cancelled")))
    return till_fail (error, TILL_ERROR_CONFLICT, "This closing was cancelled: close the account under another id.");
  return TRUE;
}

static gboolean
make_job (TilldDb *db, const TilldActor *who, const TilldClosingStep *step, const TillId *id, GError **error)
{
  g_autoptr(TillJsonWrite) w = till_json_write_new ();
  g_autofree char *input = NULL;
  TilldJobNew job = { .id = *id, .name = TILLD_CLOSING_JOB, .total = step->total };

  till_json_write_begin_object (w, NULL);
  till_json_write_id (w, "closing", &step->in->id);
  till_json_write_int (w, "account", step->in->account);
  till_json_write_text (w, "channel", till_channel_word (step->in->channel));
  till_json_write_text (w, "reason", step->in->reason);
  till_json_write_end_object (w);
  job.input = input = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  return tilld_job_create (db, who, &job, error);
}

gboolean
tilld_closing_job_keep (TilldDb *db, const TilldActor *who, const TilldClosingStep *step, gboolean exists, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;
  g_autofree char *cursor = NULL;
  TilldJobProgress progress = { .total = step->total, .done = step->through, .message = step->waits_for };
  gboolean cancelled;
  gint64 waits = 0;

  if (!exists && step->waits_for == NULL)
    return TRUE;
  tilld_closing_job_id (&step->in->id, &progress.id);
  if ((!exists && !make_job (db, who, step, &progress.id, error)) || !tilld_db_query (db, &job_look, &rows, error, DB_UUID (&progress.id)))
    return FALSE;
  if (!g_str_equal (tilld_row_text (rows, 0, "state"), "running"))
    return TRUE;
  if (step->in->by_itself && g_strcmp0 (tilld_row_text (rows, 0, "message"), step->waits_for) == 0)
    waits = tilld_row_i64 (rows, 0, "waits") + 1;
  progress.cursor = cursor = g_strdup_printf ("{\"waits\":%" G_GINT64_FORMAT "}", waits);
  progress.pause_s = MIN (2 + 2 * waits, PAUSE_MAX_S);
  return tilld_job_progress (db, &progress, &cancelled, error) &&
         (step->waits_for != NULL || tilld_job_end (db, &progress.id, TILLD_JOB_DONE, "The account is closed.", NULL, error));
}

/* --- the worker's side --- */

gboolean
tilld_closing_may_go_on (TilldDb *db, gboolean *ret_may, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_exec (db, &may_go_on, NULL, 0, &rows, error))
    return FALSE;
  *ret_may = tilld_row_bool (rows, 0, "may");
  return TRUE;
}

typedef struct {
  TilldAccountClose close;
  char             *reason;
} Order;

static gboolean
read_order (const TilldJobTask *task, Order *order, GError **error)
{
  g_autoptr(JsonNode) node = json_from_string (task->input, error);
  TillJsonRead r;
  int channel = 0;

  if (node == NULL)
    return FALSE;
  till_json_read_init (&r, node);
  till_json_read_id (&r, "closing", TILL_REQUIRED, &order->close.id);
  till_json_read_int (&r, "account", TILL_REQUIRED, 1, G_MAXINT64, &order->close.account);
  till_json_read_enum (&r, "channel", TILL_REQUIRED, till_channel_from_word, &channel);
  till_json_read_text (&r, "reason", TILL_REQUIRED, 200, &order->reason);
  order->close.channel = (TillChannel) channel;
  order->close.reason = order->reason;
  order->close.by_itself = TRUE;
  return till_json_read_finish (&r, error);
}

static gboolean
give_account_back (TilldDb *db, const TilldActor *who, const TilldJobTask *task, const TilldAccountClose *in, GError **error)
{
  g_autofree char *object = g_strdup_printf ("account:%" G_GINT64_FORMAT, in->account);
  g_autoptr(TilldRows) rows = NULL;

  return tilld_db_query (db, &give_up, &rows, error, DB_I64 (in->account), DB_UUID (&in->id)) &&
         tilld_job_end (db, &task->id, TILLD_JOB_CANCELLED, "The account stays, suspended.", NULL, error) &&
         tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "accounts.closing-cancelled", .object = object }, error);
}

gboolean
tilld_account_closing_step (TilldDb *db, const TilldProfiles *profiles, const TilldJobTask *task, GError **error)
{
  g_auto(TilldActor) who = TILLD_ACTOR_SYSTEM (task->site);
  g_autoptr(TillJsonWrite) w = till_json_write_new ();
  g_autoptr(TilldRows) rows = NULL;
  g_autoptr(GError) refused = NULL;
  Order order = { 0 };
  gboolean good;

  who.operator_id = task->operator_id;
  g_strlcpy (who.request, "closing", sizeof who.request);
  if (!read_order (task, &order, error))
    return FALSE;
  till_json_write_begin_object (w, NULL);
  good = tilld_account_close (db, profiles, &who, &order.close, w, &refused);
  if (!good && till_error_is (refused, TILL_ERROR_CONFLICT)) /* cancelled, or the account was closed another way */
    good = tilld_db_query (db, &job_look, &rows, error, DB_UUID (&task->id)) &&
           (tilld_row_bool (rows, 0, "cancel") ? give_account_back (db, &who, task, &order.close, error)
                                               : tilld_job_end (db, &task->id, TILLD_JOB_FAILED, refused->message, NULL, error));
  else if (!good)
    g_propagate_error (error, g_steal_pointer (&refused));
  g_free (order.reason);
  return good;
}
