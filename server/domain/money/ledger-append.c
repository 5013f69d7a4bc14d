/* SPDX-License-Identifier: GPL-2.0-or-later
 * ledger-append.c: events -> postings -> the chain, inside the transaction of the verb. Decides nothing. */
#include "server/domain/money/ledger-append.h"

#include "shared/base/till-json-write.h"

static const TilldStatement append = {
  .name = "ledger-append",
  .sql = "SELECT ledger_append ($1, $2, $3) AS places",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_JSON_TYPE },
  .columns = { { "places", DB_I64_ARRAY_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (append)

static void
write_entry (const TilldLedgerEntry *entry, const TilldPosting *postings, guint n, TillJsonWrite *w)
{
  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "event", entry->fact.event);
  till_json_write_id (w, "request", &entry->request);
  if (entry->reverses != 0)
    till_json_write_int (w, "reverses", entry->reverses);
  till_json_write_begin_array (w, "account_kinds");
  for (guint i = 0; i < n; i++)
    till_json_write_int (w, NULL, postings[i].kind);
  till_json_write_end_array (w);
  till_json_write_begin_array (w, "owners");
  for (guint i = 0; i < n; i++)
    till_json_write_int (w, NULL, postings[i].owner);
  till_json_write_end_array (w);
  till_json_write_begin_array (w, "amounts");
  for (guint i = 0; i < n; i++)
    till_json_write_int (w, NULL, postings[i].amount);
  till_json_write_end_array (w);
  till_json_write_end_object (w);
}

gboolean
tilld_ledger_append (TilldDb *db, const TilldActor *who, gint64 site, const TilldLedgerEntry *entries, guint n, GError **error)
{
  g_autoptr(TillJsonWrite) w = till_json_write_new ();
  g_autofree char *json = NULL;

  g_assert (tilld_actor_is_set (who) && tilld_db_in_transaction (db) && n > 0 && n <= TILLD_ENTRIES_MAX);
  till_json_write_begin_array (w, NULL);
  for (guint i = 0; i < n; i++)
    {
      TilldPosting postings[TILLD_POSTINGS_MAX];
      guint n_postings;

      if (!tilld_ledger_postings (&entries[i].fact, postings, &n_postings, error))
        return FALSE;
      write_entry (&entries[i], postings, n_postings, w);
    }
  till_json_write_end_array (w);
  json = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  return tilld_db_query (db, &append, NULL, error, DB_I64 (site), DB_I64 (who->operator_id), DB_JSON (json));
}
