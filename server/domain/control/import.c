/* SPDX-License-Identifier: GPL-2.0-or-later
 * import.c: the frame of an import: rows taken, judged by their kind, verdicts told, and, when all are right, written in one transaction together
 * with the job that says so. What meters must be told afterwards is part of that job, which goes on by
 * itself, after a restart too (import-orders.c). A dry run ends before the first change. */
#include "server/domain/control/import.h"
#include "server/db/db-tx.h"
#include "server/domain/control/import-orders.h"
#include "server/domain/control/import-private.h"
#include "server/domain/office/client-id.h"
#include "server/domain/office/job.h"
#include "server/domain/plant/feed.h"

#define WRONG_TOLD  1000

static const TilldStatement audit_all = {
  .name = "import-audit",
  .sql = "SELECT import_audit ($1, $2, $3, $4, $5, $6) AS n",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_JSON_TYPE },
  .columns = { { "n", DB_I64_TYPE, DB_NULL_OK } },
};
static const TilldStatement first_answer = {
  .name = "import-first-answer",
  .sql = "SELECT cursor->'result' AS result FROM job WHERE id = $1 AND name = 'import' FOR UPDATE",
  .params = { DB_UUID_TYPE },
  .columns = { { "result", DB_JSON_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (audit_all)
TILLD_STATEMENT (first_answer)

typedef struct {
  const TilldImportTools *tools;
  const TilldActor       *who;
  const TilldImport      *in;
  GArray                 *rows;
  guint                   counts[3], n_wrong, n_areas;
  char                   *result; /* counts as JSON */
  gboolean                replayed, money;
} Run;

static const TilldImportClass *
class_of (TilldImportKind kind)
{
  return kind == TILLD_IMPORT_PLANT ? &tilld_import_plant : kind == TILLD_IMPORT_CUSTOMERS ? &tilld_import_customers : &tilld_import_accounts;
}

static void
take_rows (Run *run)
{
  g_array_set_size (run->rows, 0);
  for (guint i = 0; i < json_array_get_length (run->in->rows); i++)
    {
      TilldImportRow row;

      tilld_import_row_init (&row, run->in->kind, i, json_array_get_element (run->in->rows, i));
      g_array_append_val (run->rows, row);
    }
}

static void
count (Run *run)
{
  run->n_wrong = 0;
  for (guint i = 0; i < G_N_ELEMENTS (run->counts); i++)
    run->counts[i] = 0;
  for (guint i = 0; i < run->rows->len; i++)
    {
      const TilldImportRow *row = &g_array_index (run->rows, TilldImportRow, i);

      if (row->wrong != NULL)
        run->n_wrong++;
      else
        run->counts[row->effect]++;
    }
}

static void
write_counts (const Run *run, TillJsonWrite *w)
{
  till_json_write_int (w, "total", run->rows->len);
  till_json_write_int (w, "create", run->counts[TILLD_EFFECT_CREATE]);
  till_json_write_int (w, "change", run->counts[TILLD_EFFECT_CHANGE]);
  till_json_write_int (w, "same", run->counts[TILLD_EFFECT_SAME]);
  till_json_write_int (w, "wrong", run->n_wrong);
  till_json_write_int (w, "areas", run->n_areas);
}

static char *
result_text (const Run *run)
{
  TillJsonWrite *w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  till_json_write_text (w, "kind", tilld_import_kind_word (run->in->kind));
  write_counts (run, w);
  till_json_write_end_object (w);
  return till_json_write_free_to_text (w, NULL);
}

/* All faults of all rows, up to a thousand members. */
static gboolean
refuse (const Run *run, GError **error)
{
  guint told = 0;

  till_fail (error, TILL_ERROR_INVALID, "%u of %u rows are wrong: nothing was changed", run->n_wrong, run->rows->len);
  for (guint i = 0; error != NULL && i < run->rows->len; i++)
    {
      const TilldImportRow *row = &g_array_index (run->rows, TilldImportRow, i);

      for (guint k = 0; row->wrong != NULL && k < row->wrong->len && told < WRONG_TOLD; k += 2, told++)
        {
          g_autofree char *path = g_strdup_printf ("rows[%u].%s", row->index, (const char *) g_ptr_array_index (row->wrong, k));

          till_error_add_field (*error, path, g_ptr_array_index (row->wrong, k + 1));
        }
    }
  return FALSE;
}

static gboolean
store (TilldDb *db, Run *run, TilldImportWork *work, GError **error)
{
  g_autofree char *action = g_strconcat ("import.", tilld_import_kind_word (run->in->kind), NULL);
  g_autofree char *input = tilld_import_orders_input (work);
  g_autofree char *audit = NULL, *cursor = NULL;
  TilldJobProgress progress = { .id = run->in->id, .total = run->rows->len };
  TilldJobNew job = { .id = run->in->id, .name = "import", .input = input, .total = run->rows->len };
  gboolean cancelled, unfinished = work->orders->len > 0;

  if (unfinished)
    job.total = progress.total = work->orders->len, progress.pause_s = 1;
  else
    progress.done = run->rows->len;
  g_free (run->result);
  run->result = result_text (run);
  progress.cursor = cursor = g_strdup_printf ("{\"result\":%s}", run->result);
  till_json_write_end_array (work->audit);
  audit = till_json_write_free_to_text (g_steal_pointer (&work->audit), NULL);
  return tilld_bell_ring (db, "till_plant", error) &&
         tilld_db_query (db, &audit_all, NULL, error, DB_I64 (run->who->site), DB_I64 (run->who->operator_id), DB_TEXT (run->who->address), DB_TEXT (action),
                         DB_TEXT (run->who->request), DB_JSON (audit)) &&
         tilld_job_create (db, run->who, &job, error) && tilld_job_progress (db, &progress, &cancelled, error) &&
         (unfinished || tilld_job_end (db, &run->in->id, TILLD_JOB_DONE, NULL, run->result, error));
}

/* --- the whole --- */

static gboolean
judge_and_write (TilldDb *db, Run *run, TilldImportWork *work, GError **error)
{
  const TilldImportClass *class = class_of (run->in->kind);
  gpointer plan = class->judge (work, error);
  gboolean good;

  if (plan == NULL)
    return FALSE;
  run->n_areas = work->n_areas;
  count (run);
  if (run->in->dry_run)
    good = TRUE;
  else if (run->n_wrong > 0)
    good = refuse (run, error);
  else
    good = class->write (work, plan, error) && store (db, run, work, error);
  run->money = work->money;
  class->free (plan);
  return good;
}

static gboolean
in_tx (TilldDb *db, gpointer data, GError **error)
{
  Run *run = data;
  TilldImportWork work = { .db = db, .tools = run->tools, .who = run->who, .in = run->in, .rows = run->rows };
  g_autoptr (GArray) orders = g_array_new (FALSE, FALSE, sizeof (gint64));
  TilldClientIdState state = TILLD_CLIENT_ID_NEW;
  gboolean good;

  if (run->in->own_id && !run->in->dry_run && !tilld_client_id_take (db, &run->in->id, run->in->hash, &state, error))
    return FALSE;
  if (state == TILLD_CLIENT_ID_REPLAY)
    {
      g_autoptr (TilldRows) rows = NULL;

      if (!tilld_db_query (db, &first_answer, &rows, error, DB_UUID (&run->in->id)))
        return FALSE;
      if (tilld_rows_count (rows) != 1)
        return till_fail (error, TILL_ERROR_CONFLICT, "This id was used for another request.");
      run->replayed = TRUE;
      run->result = tilld_row_dup_text (rows, 0, "result");
      return TRUE;
    }
  take_rows (run); /* of an earlier try, too */
  work.orders = orders;
  work.audit = till_json_write_new ();
  till_json_write_begin_array (work.audit, NULL);
  if (!run->in->dry_run)
    TILLD_COMMIT_POINT (db, IMPORT);
  good = judge_and_write (db, run, &work, error);
  g_clear_pointer (&work.audit, till_json_write_free);
  return good;
}

static void
write_row (const TilldImportRow *row, TillJsonWrite *w)
{
  static const char *const effects[] = { "create", "change", "same" };

  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "row", row->index + 1);
  till_json_write_bool (w, "ok", row->wrong == NULL);
  till_json_write_text (w, "effect", row->wrong == NULL ? effects[row->effect] : NULL);
  till_json_write_begin_object (w, "fields");
  for (guint i = 0; row->wrong != NULL && i < row->wrong->len; i += 2)
    till_json_write_text (w, g_ptr_array_index (row->wrong, i), g_ptr_array_index (row->wrong, i + 1));
  till_json_write_end_object (w);
  till_json_write_end_object (w);
}

static gboolean
answer_first (const Run *run, TillJsonWrite *w, GError **error)
{
  g_autoptr (JsonNode) node = json_from_string (run->result, error);
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &name, &member))
    if (json_node_get_value_type (member) == G_TYPE_INT64)
      till_json_write_int (w, name, json_node_get_int (member));
  return TRUE;
}

gboolean
tilld_import_run (TilldDb *db, const TilldImportTools *tools, const TilldActor *who, const TilldImport *in, TillJsonWrite *w, GError **error)
{
  Run run = { .tools = tools, .who = who, .in = in, .rows = g_array_new (FALSE, FALSE, sizeof (TilldImportRow)) };
  gboolean good;

  g_assert (tilld_actor_is_set (who) && !tilld_db_in_transaction (db));
  g_array_set_clear_func (run.rows, tilld_import_row_clear);
  good = tilld_tx_run (db, TILLD_READ_COMMITTED, in_tx, &run, error);
  if (good && run.money)
    tilld_ledger_missed (tools->ledger, db);
  if (good)
    {
      till_json_write_bool (w, "dry_run", in->dry_run);
      till_json_write_id (w, "job", in->dry_run ? NULL : &in->id);
      if (!run.replayed)
        write_counts (&run, w);
      else
        good = answer_first (&run, w, error);
      till_json_write_begin_array (w, "rows");
      for (guint i = 0; i < run.rows->len && !run.replayed; i++)
        write_row (&g_array_index (run.rows, TilldImportRow, i), w);
      till_json_write_end_array (w);
    }
  g_array_unref (run.rows);
  g_free (run.result);
  return good;
}
