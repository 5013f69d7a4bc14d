/* SPDX-License-Identifier: GPL-2.0-or-later
 * journal-behind.c: asks the books for what the journal has missed. Changes nothing in them. */
#include "server/domain/money/journal-behind.h"

#define AT_ONCE 1000

/* Sales and allowances with their meter's epoch; verdicts with the count that the meter showed; what went back without a meter. The amount
 * is that of the first posting; facts as journal.h says. */
static const TilldStatement missed = {
  .name = "journal-missed",
  .sql = "SELECT t.at, t.n, t.event, t.request, coalesce (c.meter, s.meter) AS meter, coalesce (c.epoch, m.epoch) AS epoch,"
         " CASE WHEN t.event IN (1, 5) THEN coalesce (c.count, 0) ELSE 0 END AS count,"
         " concat_ws (',', CASE WHEN t.event = 3 THEN s.paid_by ELSE s.operator END,"
         " CASE WHEN t.event IN (3, 6) THEN coalesce (s.paid_channel, s.channel) ELSE s.channel END, coalesce (s.drawer::text, ''), s.kind,"
         " coalesce (s.energy::text, ''), coalesce (s.price::text, ''), coalesce (s.account::text, ''), coalesce (s.customer::text, ''),"
         " coalesce (c.amount::text, ''), s.number, encode (q.body_hash, 'hex'),"
         " CASE WHEN t.event = 2 THEN (SELECT r.id FROM sale r WHERE r.reverses = s.id AND r.kind = 3 ORDER BY r.number LIMIT 1)"
         "      ELSE s.reverses END) AS facts,"
         " (SELECT p.amount FROM posting p WHERE p.site = t.site AND p.n = t.n ORDER BY p.line LIMIT 1) AS amount"
         " FROM tx t LEFT JOIN command c ON c.id = t.request AND c.kind <= 1 JOIN sale s ON s.id = t.request"
         " JOIN request q ON q.id = t.request JOIN meter m ON m.id = s.meter"
         " WHERE t.event IN (0, 1, 2, 3, 5, 6, 7) AND (t.event <> 1 OR c.id IS NOT NULL)"
         " AND t.at >= greatest ($1, CASE WHEN $4 THEN now () - interval '1 day' END)"
         " AND NOT EXISTS (SELECT FROM reconcile_line r WHERE r.request = t.request AND r.event = t.event)" /* it was the journal that told */
         " AND (t.at, t.n) > ($2, $3) ORDER BY t.at, t.n LIMIT 1000",
  .params = { DB_TS_TYPE, DB_TS_TYPE, DB_I64_TYPE, DB_BOOL_TYPE },
  .columns = { { "at", DB_TS_TYPE }, { "n", DB_I64_TYPE }, { "event", DB_I16_TYPE }, { "request", DB_UUID_TYPE }, { "meter", DB_I64_TYPE },
               { "epoch", DB_I32_TYPE }, { "count", DB_I32_TYPE }, { "facts", DB_TEXT_TYPE, DB_NULL_OK },
               { "amount", DB_I64_TYPE } },
};
TILLD_STATEMENT (missed)

static void
take_rows (TilldRows *rows, GHashTable *known, GArray *lines)
{
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldJournalLine line = { .at = tilld_row_ts (rows, i, "at"), .event = tilld_row_i64 (rows, i, "event"), .meter = tilld_row_i64 (rows, i, "meter"),
                                .epoch = (gint32) tilld_row_i64 (rows, i, "epoch"), .count = (gint32) tilld_row_i64 (rows, i, "count"),
                                .amount = tilld_row_i64 (rows, i, "amount") };
      g_autofree char *key = NULL;

      tilld_row_uuid (rows, i, "request", &line.request);
      g_strlcpy (line.facts, tilld_row_text (rows, i, "facts"), sizeof line.facts);
      key = tilld_journal_key (line.event, &line.request);
      if (!g_hash_table_contains (known, key))
        g_array_append_val (lines, line);
    }
}

gboolean
tilld_journal_catch_up (TilldJournal *journal, TilldDb *db, guint *ret_n, GError **error)
{
  gboolean empty = tilld_journal_last_at (journal) == 0;
  TillTime since = empty ? 0 : tilld_journal_last_at (journal) - TILLD_JOURNAL_MARGIN_S * TILL_SECOND, at = since - 1;
  /* A line that was added late stands behind lines that are younger by the margin at most. */
  g_autoptr(GHashTable) known = tilld_journal_keys (journal, since - TILLD_JOURNAL_MARGIN_S * TILL_SECOND, error);
  gint64 n = 0;
  guint found;

  *ret_n = 0;
  if (known == NULL)
    return FALSE;
  do
    {
      g_autoptr(GArray) lines = g_array_new (FALSE, TRUE, sizeof (TilldJournalLine));
      g_autoptr(TilldRows) rows = NULL;

      if (!tilld_db_query (db, &missed, &rows, error, DB_TS (since), DB_TS (at), DB_I64 (n), DB_BOOL (empty)))
        return FALSE;
      found = tilld_rows_count (rows);
      take_rows (rows, known, lines);
      if (lines->len > 0 && !tilld_journal_append (journal, (const TilldJournalLine *) (gpointer) lines->data, lines->len, error))
        return FALSE;
      *ret_n += lines->len;
      if (found > 0)
        {
          at = tilld_row_ts (rows, found - 1, "at");
          n = tilld_row_i64 (rows, found - 1, "n");
        }
    }
  while (found == AT_ONCE);
  return TRUE;
}
