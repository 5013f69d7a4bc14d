/* SPDX-License-Identifier: GPL-2.0-or-later
 * ledger-export.c: the books of a site as lines of text, in chain order. Reads only. */
#include "server/db/db-conn.h"
#include "server/domain/money/ledger-verify.h"

#define PAGE 5000

/* tx_text () wants the order of tables; the line is exactly what was hashed. */
static const TilldStatement export_page = {
  .name = "ledger-export",
  .sql = "SELECT t.n, tx_text (t.site, t.n, t.event, t.at, t.request, t.actor, t.reverses, l.k, l.o, l.a) || '|' || encode (t.hash, 'hex') AS line"
         " FROM tx t CROSS JOIN LATERAL (SELECT array_agg (a.kind ORDER BY p.line) AS k, array_agg (a.owner ORDER BY p.line) AS o,"
         "   array_agg (p.amount ORDER BY p.line) AS a FROM posting p JOIN ledger_account a ON a.id = p.account WHERE p.site = t.site AND p.n = t.n) l"
         " WHERE t.site = $1 AND t.n > $2 AND t.n <= $3 ORDER BY t.n LIMIT $4",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE },
  .columns = { { "n", DB_I64_TYPE }, { "line", DB_TEXT_TYPE, DB_NULL_OK } },
};
static const TilldStatement export_head = {
  .name = "ledger-export-head",
  .sql = "SELECT 'head|' || site || '|' || n || '|' || encode (hash, 'hex') AS line, n FROM chain_head WHERE site = $1 AND chain = 0",
  .params = { DB_I64_TYPE },
  .columns = { { "line", DB_TEXT_TYPE, DB_NULL_OK }, { "n", DB_I64_TYPE } },
};
TILLD_STATEMENT (export_page)
TILLD_STATEMENT (export_head)

static void
append_line (TilldRows *rows, guint row, GString *out)
{
  g_string_append (out, tilld_row_is_null (rows, row, "line") ? "" : tilld_row_text (rows, row, "line"));
  g_string_append_c (out, '\n');
}

/* The head is read first: the books are only added to, so what stands up to it is the whole that it seals, whatever is posted meanwhile. */
static gboolean
read_head (TilldDb *db, TilldLedgerExport *at, GError **error)
{
  g_autoptr(TilldRows) head = NULL;

  if (!tilld_db_query (db, &export_head, &head, error, DB_I64 (at->site)))
    return FALSE;
  if (tilld_rows_count (head) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such site.");
  at->last = tilld_row_i64 (head, 0, "n");
  g_strlcpy (at->head, tilld_row_text (head, 0, "line"), sizeof at->head);
  at->begun = TRUE;
  return TRUE;
}

gboolean
tilld_ledger_export_page (TilldDb *db, TilldLedgerExport *at, GString *out, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;
  guint n;

  g_assert (!at->ended);
  if (!at->begun && !read_head (db, at, error))
    return FALSE;
  if (!tilld_db_query (db, &export_page, &rows, error, DB_I64 (at->site), DB_I64 (at->after), DB_I64 (at->last), DB_I64 (PAGE)))
    return FALSE;
  n = tilld_rows_count (rows);
  for (guint i = 0; i < n; i++)
    append_line (rows, i, out);
  if (n > 0)
    at->after = tilld_row_i64 (rows, n - 1, "n");
  if (n < PAGE)
    {
      g_string_append_printf (out, "%s\n", at->head);
      at->ended = TRUE;
    }
  return TRUE;
}

gboolean
tilld_ledger_export (TilldDb *db, gint64 site, GString *out, GError **error)
{
  TilldLedgerExport at = { .site = site };

  while (!at.ended)
    if (!tilld_ledger_export_page (db, &at, out, error))
      return FALSE;
  return TRUE;
}
