/* SPDX-License-Identifier: GPL-2.0-or-later
 * reconcile.c: when RECONCILE begins and ends, the state file, and the lines of the journal that come back into the books. */
#include "server/domain/control/reconcile.h"
#include <glib/gstdio.h>
#include <string.h>
#include "server/db/db-tx.h"
#include "shared/base/till-log.h"

#define GROUP    "cluster"
#define NEWEST   1000
#define AT_ONCE  1000

static const TilldStatement load = {
  .name = "reconcile-load",
  .sql = "SELECT c.epoch, c.mark, c.system, c.timeline, c.reconciling, c.journal, c.replayed_at, s.system_identifier::text AS live_system,"
         " k.timeline_id AS live_timeline, $1::uuid IS NOT NULL AND (c.epoch = $1 OR EXISTS (SELECT FROM cluster_epoch e WHERE e.epoch = $1)) AS known"
         " FROM cluster c, pg_control_system () s, pg_control_checkpoint () k",
  .params = { DB_UUID_TYPE },
  .columns = { { "epoch", DB_UUID_TYPE }, { "mark", DB_I64_TYPE }, { "system", DB_TEXT_TYPE }, { "timeline", DB_I32_TYPE }, { "reconciling", DB_BOOL_TYPE },
               { "journal", DB_BOOL_TYPE }, { "replayed_at", DB_TS_TYPE, DB_NULL_OK }, { "live_system", DB_TEXT_TYPE, DB_NULL_OK },
               { "live_timeline", DB_I32_TYPE, DB_NULL_OK }, { "known", DB_BOOL_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (load)

static const TilldStatement ahead = {
  .name = "reconcile-ahead", .sql = "SELECT reconcile_ahead ($1) AS n", .params = { DB_JSON_TYPE }, .columns = { { "n", DB_I32_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (ahead)

static const TilldStatement keep_lines = {
  .name = "reconcile-lines", .sql = "SELECT reconcile_lines ($1) AS n", .params = { DB_JSON_TYPE }, .columns = { { "n", DB_I32_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (keep_lines)

static const TilldStatement begin = {
  .name = "reconcile-begin", .sql = "SELECT reconcile_begin ($1, $2) IS NULL AS done", .params = { DB_I16_TYPE, DB_BOOL_TYPE },
  .columns = { { "done", DB_BOOL_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (begin)

static const TilldStatement mark = {
  .name = "reconcile-mark", .sql = "UPDATE cluster SET mark = mark + 1 WHERE NOT reconciling",
};
TILLD_STATEMENT (mark)

/* --- the state file --- */

typedef struct {
  gboolean has_file;
  TillId   epoch;
  gint64   mark;
  char    *system;
  gint32   timeline;
} StateFile;

static void
state_file_clear (StateFile *file)
{
  g_clear_pointer (&file->system, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StateFile, state_file_clear)

static gboolean
read_state (const char *path, StateFile *ret, GError **error)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autofree char *epoch = NULL, *number = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!g_key_file_load_from_file (keys, path, G_KEY_FILE_NONE, error))
    return g_prefix_error (error, "state file %s: ", path), FALSE;
  epoch = g_key_file_get_string (keys, GROUP, "epoch", NULL);
  ret->mark = g_key_file_get_int64 (keys, GROUP, "mark", NULL);
  ret->system = g_key_file_get_string (keys, GROUP, "system", NULL);
  ret->timeline = g_key_file_get_integer (keys, GROUP, "timeline", NULL);
  if (epoch == NULL || !till_id_parse (epoch, &ret->epoch, NULL))
    return till_fail (error, TILL_ERROR_INVALID, "state file %s: epoch must be a UUID", path);
  ret->has_file = TRUE;
  return TRUE;
}

static gboolean
write_state (const char *path, TilldRows *rows, gint64 new_mark, GError **error)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autofree char *text = NULL;
  char id[TILL_ID_TEXT];
  TillId epoch;
  gsize len;

  tilld_row_uuid (rows, 0, "epoch", &epoch);
  g_key_file_set_comment (keys, NULL, NULL, " Which books this server has seen last. Written by the server; never edit or restore it.", NULL);
  g_key_file_set_string (keys, GROUP, "epoch", till_id_print (&epoch, id));
  g_key_file_set_int64 (keys, GROUP, "mark", new_mark);
  g_key_file_set_string (keys, GROUP, "system", tilld_row_text (rows, 0, "live_system"));
  g_key_file_set_integer (keys, GROUP, "timeline", (int) tilld_row_i64 (rows, 0, "live_timeline"));
  text = g_key_file_to_data (keys, &len, NULL);
  return g_file_set_contents_full (path, text, (gssize) len, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error);
}

/* --- lines --- */

static void
write_line (const TilldJournalLine *line, TillJsonWrite *w)
{
  till_json_write_begin_object (w, NULL);
  till_json_write_id (w, "request", &line->request);
  till_json_write_int (w, "event", line->event);
  till_json_write_int (w, "n", line->n);
  till_json_write_int (w, "at_us", line->at);
  till_json_write_int (w, "meter", line->meter);
  till_json_write_int (w, "epoch", line->epoch);
  till_json_write_int (w, "count", line->count);
  till_json_write_int (w, "amount", line->amount);
  till_json_write_text (w, "facts", line->facts);
  till_json_write_end_object (w);
}

static gboolean
ask_lines (TilldDb *db, const TilldStatement *statement, const GArray *lines, gint64 *ret_n, GError **error)
{
  TillJsonWrite *w = till_json_write_new ();
  g_autofree char *json = NULL;
  g_autoptr (TilldRows) rows = NULL;

  till_json_write_begin_array (w, NULL);
  for (guint i = 0; i < lines->len; i++)
    write_line (&g_array_index (lines, TilldJournalLine, i), w);
  till_json_write_end_array (w);
  json = till_json_write_free_to_text (w, NULL);
  if (!tilld_db_query (db, statement, &rows, error, DB_JSON (json)))
    return FALSE;
  *ret_n = tilld_row_i64 (rows, 0, "n");
  return TRUE;
}

typedef struct {
  TilldDb *db;
  GArray  *lines;
  gint64   missing;
} Gather;

static gboolean
flush (Gather *gather, GError **error)
{
  gint64 n = 0;

  if (gather->lines->len > 0 && !ask_lines (gather->db, &keep_lines, gather->lines, &n, error))
    return FALSE;
  gather->missing += n;
  g_array_set_size (gather->lines, 0);
  return TRUE;
}

static gboolean
gather_line (const TilldJournalLine *line, gpointer data, GError **error)
{
  Gather *gather = data;

  g_array_append_val (gather->lines, *line);
  return gather->lines->len < AT_ONCE || flush (gather, error);
}

static gboolean
gather_all (TilldDb *db, const TilldJournal *journal, GError **error)
{
  g_autoptr (GArray) lines = g_array_new (FALSE, FALSE, sizeof (TilldJournalLine));
  Gather gather = { db, lines, 0 };
  gint64 n;

  if (!tilld_journal_read (tilld_journal_path (journal), gather_line, &gather, &n, error) || !flush (&gather, error))
    return FALSE;
  till_info (TILL_LOG_NONE, "reconcile: the journal has %" G_GINT64_FORMAT " lines, %" G_GINT64_FORMAT " of them are not in the books", n, gather.missing);
  return TRUE;
}

/* --- start --- */

typedef struct {
  const TilldReconcileStart *in;
  StateFile                  file;
  TilldRestoreReason         reason;
  gboolean                   on;
} Start;

static gboolean
decide (TilldDb *db, gpointer data, GError **error)
{
  Start *start = data;
  const TilldReconcileStart *in = start->in;
  const StateFile *file = &start->file;
  g_autoptr (TilldRows) rows = NULL;
  gint64 n = 0;

  if (!tilld_db_query (db, &load, &rows, error, DB_UUID (file->has_file ? &file->epoch : NULL)))
    return FALSE;
  if (in->journal != NULL)
    {
      g_autoptr (GArray) newest = tilld_journal_newest (in->journal, NEWEST, error);

      if (newest == NULL || !ask_lines (db, &ahead, newest, &n, error))
        return FALSE;
    }
  start->reason = tilld_restore_reason (&(TilldRestoreView){
    .has_file = file->has_file, .known_epoch = tilld_row_bool (rows, 0, "known"), .file_mark = file->mark, .mark = tilld_row_i64 (rows, 0, "mark"),
    .file_system = file->system, .system = tilld_row_text (rows, 0, "system"), .live_system = tilld_row_text (rows, 0, "live_system"),
    .file_timeline = file->timeline, .timeline = (gint32) tilld_row_i64 (rows, 0, "timeline"),
    .live_timeline = (gint32) tilld_row_i64 (rows, 0, "live_timeline"), .journal_ahead = (guint) n });
  start->on = tilld_row_bool (rows, 0, "reconciling") || start->reason != TILLD_RESTORE_NONE;
  if (!start->on)
    return tilld_db_exec (db, &mark, NULL, 0, NULL, error);
  return (in->journal == NULL || gather_all (db, in->journal, error)) &&
         tilld_db_query (db, &begin, NULL, error, DB_I16 (start->reason), DB_BOOL (in->journal != NULL));
}

gboolean
tilld_reconcile_start (TilldDb *db, const TilldReconcileStart *in, gboolean *ret_on, GError **error)
{
  g_auto (StateFile) file = { 0 };
  Start start = { .in = in };

  if (!read_state (in->state_path, &file, error))
    return FALSE;
  start.file = file;
  if (!tilld_tx_run (db, TILLD_READ_COMMITTED, decide, &start, error))
    return FALSE;
  *ret_on = start.on;
  if (!start.on) /* after the commit: a file that is ahead of the books would tell of a restore */
    return tilld_reconcile_follow (db, in->state_path, ret_on, error);
  till_warn (TILL_LOG_NONE, NULL, "RECONCILE (%s): the books were restored; nothing is sold until meters agree and two operators release",
             tilld_restore_reason_word (start.reason));
  return TRUE;
}

gboolean
tilld_reconcile_follow (TilldDb *db, const char *state_path, gboolean *ret_on, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &load, &rows, error, DB_UUID (NULL)))
    return FALSE;
  *ret_on = tilld_row_bool (rows, 0, "reconciling");
  return *ret_on || write_state (state_path, rows, tilld_row_i64 (rows, 0, "mark"), error);
}
