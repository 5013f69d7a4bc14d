/* SPDX-License-Identifier: GPL-2.0-or-later
 * ledger.c: the ledger lane. It takes what is queued, never waits for more, and posts it by one statement that is its own
 * transaction. It decides nothing: checks are in ledger_post (), postings in ledger-rules. */
#include "server/domain/money/ledger.h"

#include "server/core/lane.h"
#include "server/db/db-conn.h"
#include "server/db/db-tx.h"
#include "server/domain/money/journal-behind.h"
#include "server/domain/money/money-json.h"
#include "shared/base/till-log.h"

#define QUEUE_MAX 4096

typedef struct {
  const TilldLedgerItem *item;
  TilldLedgerDone        done;
  gpointer               data;
  gboolean               answered;
} Entry;

struct _TilldLedger {
  TilldDb         *db;
  TilldLane       *lane;
  TilldJournal    *journal;
  GMutex           journal_lock;
  gint             behind; /* atomic: the books may have what the journal has not */
  gint             completed; /* atomic: times that the journal was completed from the books */
  GMutex           lock; /* stats */
  TilldLedgerStats stats;
};

typedef struct {
  TilldLedger *ledger;
  Entry      **entries;
  guint        n;
  TilldRows   *rows;
  gboolean     behind;    /* the journal was when this was posted: somebody may complete it with this in the meantime */
  gint         completed; /* the ledger's when this was posted: another number afterwards, and somebody did */
} Round;

static const TilldStatement post_items = {
  .name = "ledger-post",
  .sql = "SELECT ord, refused, number, drawer, at FROM ledger_post ($1)",
  .params = { DB_JSON_TYPE },
  .columns = { { "ord", DB_I32_TYPE, DB_NULL_OK }, { "refused", DB_TEXT_TYPE, DB_NULL_OK }, { "number", DB_I64_TYPE, DB_NULL_OK },
               { "drawer", DB_I64_TYPE, DB_NULL_OK }, { "at", DB_TS_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (post_items)

/* Before the first head of a chain: nobody who waits for the head may hold a purse that is still to come. */
static const TilldStatement lock_purses = {
  .name = "ledger-lock-purses",
  .sql = "WITH made AS (INSERT INTO meter_purse (meter, epoch) SELECT m.id, m.epoch FROM meter m WHERE m.id = ANY ($1) ORDER BY m.id "
         "ON CONFLICT DO NOTHING) SELECT p.meter FROM meter_purse p WHERE p.meter = ANY ($1) ORDER BY p.meter FOR UPDATE",
  .params = { DB_I64_ARRAY_TYPE },
  .columns = { { "meter", DB_I64_TYPE } },
};
TILLD_STATEMENT (lock_purses)

/* Words of ledger_refusal (); "replay" is an answer and "again" comes back with the next round. */
static const struct {
  const char *word;
  TillError   code;
  const char *message;
} refusals[] = {
  { "conflict", TILL_ERROR_CONFLICT, "This id was used for another request." },
  { "dispute", TILL_ERROR_DISPUTE, "The meter has an open case: no sales until it is decided." },
  { "drawer", TILL_ERROR_CONFLICT, "The drawer is closed." },
  { "no drawer", TILL_ERROR_CONFLICT, "Open your drawer first." },
  { "limit", TILL_ERROR_LIMIT, "The balance would exceed what the meter may hold." },
  { "reconcile", TILL_ERROR_RECONCILE, "The books were restored: this meter opens when its counters agree." },
  { "stale", TILL_ERROR_STALE, "Somebody was faster: load again." },
};

static void
answer (TilldLedger *ledger, Entry *entry, const TilldLedgerAnswer *result, const GError *error)
{
  g_assert (!entry->answered);
  entry->answered = TRUE;
  g_mutex_lock (&ledger->lock);
  ledger->stats.items++;
  ledger->stats.refused += error != NULL;
  g_mutex_unlock (&ledger->lock);
  entry->done (entry->data, result, error);
}

static void
refuse_with (const char *word, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    if (g_str_equal (word, refusals[i].word))
      {
        till_fail (error, refusals[i].code, "%s", refusals[i].message);
        return;
      }
  till_fail (error, TILL_ERROR_CONFLICT, "This was posted before.");
}

static void
answer_refusal (TilldLedger *ledger, Entry *entry, const char *word)
{
  g_autoptr(GError) error = NULL;
  TilldLedgerAnswer result = { .replayed = TRUE };

  if (g_str_equal (word, "again"))
    return;
  if (g_str_equal (word, "replay"))
    {
      answer (ledger, entry, &result, NULL);
      return;
    }
  refuse_with (word, &error);
  answer (ledger, entry, NULL, error);
}

#if GRIDTILL_INJECT
static guint64
commits_of (const Round *round)
{
  guint64 names = 0;

  for (guint i = 0; i < round->n; i++)
    {
      const TilldLedgerItem *item = round->entries[i]->item;

      if (item->kind == TILLD_ITEM_SALE)
        names |= TILLD_COMMIT_BIT (SALE);
      else if (item->kind == TILLD_ITEM_ADOPTED)
        names |= TILLD_COMMIT_BIT (ADOPTED);
      else
        names |= item->event == TILL_LEDGER_EVENT_DEBITED ? TILLD_COMMIT_BIT (DEBITED) : TILLD_COMMIT_BIT (DELIVERED);
    }
  return names;
}
#endif

static gboolean
call_ledger_post (TilldDb *db, gpointer data, GError **error)
{
  Round *round = data;
  TillJsonWrite *w = till_json_write_new ();
  g_autofree char *json = NULL;

  till_json_write_begin_array (w, NULL);
  for (guint i = 0; i < round->n; i++)
    tilld_ledger_item_write_json (round->entries[i]->item, i, w);
  till_json_write_end_array (w);
  json = till_json_write_free_to_text (w, NULL);
  g_clear_pointer (&round->rows, tilld_rows_free);
#if GRIDTILL_INJECT
  if (tilld_db_in_transaction (db))
    tilld_db_name_commit (db, commits_of (round));
  else
    tilld_inject_commit (commits_of (round), FALSE);
#endif
  if (!tilld_db_query (db, &post_items, &round->rows, error, DB_JSON (json)))
    return FALSE;
#if GRIDTILL_INJECT
  if (!tilld_db_in_transaction (db))
    tilld_inject_commit (commits_of (round), TRUE);
#endif
  return TRUE;
}

gboolean
tilld_ledger_post_within (TilldDb *db, const TilldLedgerItem *items, guint n, guint *ret_refused, GError **error)
{
  g_autofree Entry *entries = g_new0 (Entry, n + 1);
  g_autofree Entry **list = g_new0 (Entry *, n + 1);
  g_autofree gint64 *meters = g_new0 (gint64, n + 1);

  g_assert (tilld_db_in_transaction (db));
  for (guint i = 0; i < n; i++)
    {
      entries[i].item = &items[i];
      list[i] = &entries[i];
      meters[i] = items[i].meter;
    }
  if (!tilld_db_query (db, &lock_purses, NULL, error, DB_I64_ARRAY (meters, n)))
    return FALSE;
  for (guint from = 0; from < n; from += TILLD_LEDGER_BATCH)
    {
      Round round = { NULL, list + from, MIN (n - from, TILLD_LEDGER_BATCH), NULL, FALSE, 0 };
      g_autoptr (TilldRows) rows = NULL;

      if (!call_ledger_post (db, &round, error))
        return FALSE;
      rows = round.rows;
      for (guint row = 0; row < tilld_rows_count (rows); row++)
        if (!tilld_row_is_null (rows, row, "refused"))
          {
            *ret_refused = from + (guint) tilld_row_i64 (rows, row, "ord");
            refuse_with (tilld_row_text (rows, row, "refused"), error);
            return FALSE;
          }
    }
  return TRUE;
}

/* The journal's lock is held. */
static void
catch_up (TilldLedger *ledger, TilldDb *db)
{
  g_autoptr(GError) error = NULL;
  guint n = 0;

  if (tilld_journal_catch_up (ledger->journal, db, &n, &error))
    g_atomic_int_set (&ledger->behind, FALSE);
  else
    till_warn (TILL_LOG_LANE ("ledger"), error, "journal");
  if (n > 0)
    till_info (TILL_LOG_LANE ("ledger"), "%u lines added to the journal that were posted beside this lane, or left out by an interruption", n);
  g_atomic_int_inc (&ledger->completed); /* at the end: a round that it has seen began before */
}

void
tilld_ledger_complete_journal (TilldLedger *ledger, TilldDb *db)
{
  if (ledger->journal == NULL || !g_atomic_int_get (&ledger->behind))
    return;
  g_mutex_lock (&ledger->journal_lock);
  if (g_atomic_int_get (&ledger->behind))
    catch_up (ledger, db);
  g_mutex_unlock (&ledger->journal_lock);
}

static void
add_fact (GString *text, gint64 value)
{
  if (value != 0)
    g_string_append_printf (text, "%" G_GINT64_FORMAT, value);
  g_string_append_c (text, ',');
}

/* What a restore needs to tell the sale again (journal.h). */
static void
write_facts (const TilldLedgerItem *item, const TilldLedgerAnswer *answer, char facts[TILLD_JOURNAL_FACTS])
{
  gboolean sale = item->kind == TILLD_ITEM_SALE;
  g_autoptr(GString) text = g_string_new (NULL);

  add_fact (text, item->actor);
  g_string_append_printf (text, "%d,", (int) item->channel);
  add_fact (text, answer->drawer);
  g_string_append_printf (text, "%d,", (int) item->sale_kind);
  add_fact (text, item->energy);
  add_fact (text, item->price);
  add_fact (text, item->account);
  add_fact (text, item->customer);
  add_fact (text, item->purse_amount);
  add_fact (text, answer->number);
  for (guint i = 0; sale && i < sizeof item->body_hash; i++)
    g_string_append_printf (text, "%02x", item->body_hash[i]);
  g_strlcpy (facts, text->str, TILLD_JOURNAL_FACTS);
}

void
tilld_ledger_missed (TilldLedger *ledger, TilldDb *db)
{
  g_atomic_int_set (&ledger->behind, TRUE);
  tilld_ledger_complete_journal (ledger, db);
}

/* Acknowledged means: also on the other disk. A journal that cannot be written stops no sale, the books have it; somebody must look. */
static void
write_journal (Round *round)
{
  g_autoptr(GArray) lines = g_array_new (FALSE, TRUE, sizeof (TilldJournalLine));
  g_autoptr(GError) error = NULL;

  if (round->ledger->journal == NULL)
    return;
  for (guint row = 0; row < tilld_rows_count (round->rows); row++)
    {
      const TilldLedgerItem *item = round->entries[tilld_row_i64 (round->rows, row, "ord")]->item;
      TilldJournalLine line = { .at = tilld_row_ts (round->rows, row, "at"), .event = item->event, .request = item->request, .meter = item->meter,
                                .epoch = item->epoch, .count = item->kind == TILLD_ITEM_SALE ? 0 : item->count };

      if (!tilld_row_is_null (round->rows, row, "refused") || item->kind == TILLD_ITEM_ADOPTED || item->n_postings == 0)
        continue;
      round->behind = round->behind || item->event == TILL_LEDGER_EVENT_DEBITED; /* only the books know whether it takes back a sale */
      line.amount = item->postings[0].amount;
      write_facts (item, &(TilldLedgerAnswer){ .number = tilld_row_i64 (round->rows, row, "number"), .drawer = tilld_row_i64 (round->rows, row, "drawer") },
                   line.facts);
      g_array_append_val (lines, line);
    }
  g_mutex_lock (&round->ledger->journal_lock);
  if (round->behind || g_atomic_int_get (&round->ledger->behind) || round->completed != g_atomic_int_get (&round->ledger->completed))
    catch_up (round->ledger, round->ledger->db); /* this round is committed: it is among what is missed */
  else if (lines->len > 0 && !tilld_journal_append (round->ledger->journal, (const TilldJournalLine *) (gpointer) lines->data, lines->len, &error))
    {
      g_atomic_int_set (&round->ledger->behind, TRUE);
      till_warn (TILL_LOG_LANE ("ledger"), error, "journal");
    }
  g_mutex_unlock (&round->ledger->journal_lock);
}

static void
answer_rows (Round *round)
{
  write_journal (round);
  for (guint row = 0; row < tilld_rows_count (round->rows); row++)
    {
      gint64 ord = tilld_row_i64 (round->rows, row, "ord");
      TilldLedgerAnswer result = { .number = tilld_row_i64 (round->rows, row, "number"),
                                   .drawer = tilld_row_i64 (round->rows, row, "drawer"), .at = tilld_row_ts (round->rows, row, "at") };

      g_assert (ord >= 0 && ord < round->n);
      if (!tilld_row_is_null (round->rows, row, "refused"))
        answer_refusal (round->ledger, round->entries[ord], tilld_row_text (round->rows, row, "refused"));
      else
        answer (round->ledger, round->entries[ord], &result, NULL);
    }
  g_clear_pointer (&round->rows, tilld_rows_free);
}

/* After an unforeseen error: only the culprit fails. The ids make posting again harmless when the outcome was unknown. */
static void
post_alone (TilldLedger *ledger, Entry *entry)
{
  g_autoptr(GError) error = NULL;
  Round round = { ledger, &entry, 1, NULL, TRUE, 0 };

  g_mutex_lock (&ledger->lock);
  ledger->stats.replayed_alone++;
  g_mutex_unlock (&ledger->lock);
  if (tilld_tx_run (ledger->db, TILLD_READ_COMMITTED, call_ledger_post, &round, &error))
    answer_rows (&round);
  else
    answer (ledger, entry, NULL, error);
  g_clear_pointer (&round.rows, tilld_rows_free);
}

static guint
keep_unanswered (Entry **entries, guint n)
{
  guint kept = 0;

  for (guint i = 0; i < n; i++)
    if (entries[i]->answered)
      g_free (entries[i]);
    else
      entries[kept++] = entries[i];
  return kept;
}

/* One statement = one transaction = one flush. */
static void
post_batch (gpointer thread_state, gpointer *data, guint n, gpointer user_data)
{
  TilldLedger *ledger = user_data;
  Entry **entries = (Entry **) data;

  g_mutex_lock (&ledger->lock);
  ledger->stats.batches++;
  ledger->stats.largest = MAX (ledger->stats.largest, n);
  g_mutex_unlock (&ledger->lock);
  while (n > 0)
    {
      g_autoptr(GError) error = NULL;
      Round round = { ledger, entries, n, NULL, g_atomic_int_get (&ledger->behind), g_atomic_int_get (&ledger->completed) };

      if (call_ledger_post (ledger->db, &round, &error))
        answer_rows (&round);
      else
        {
          g_atomic_int_set (&ledger->behind, TRUE); /* whether that was committed is unknown */
          for (guint i = 0; i < n; i++)
            post_alone (ledger, entries[i]);
        }
      n = keep_unanswered (entries, n);
    }
}

static void
refuse_entry (gpointer data, const GError *reason)
{
  Entry *entry = data;

  entry->done (entry->data, NULL, reason);
  g_free (entry);
}

TilldLedger *
tilld_ledger_new (TilldDb *db, TilldClock *clock)
{
  TilldLedger *ledger = g_new0 (TilldLedger, 1);
  TilldLaneOptions options = { .name = "ledger", .n_threads = 1, .capacity = QUEUE_MAX, .clock = clock, .batch = post_batch,
                               .batch_max = TILLD_LEDGER_BATCH, .user_data = ledger };

  ledger->db = db;
  g_mutex_init (&ledger->lock);
  g_mutex_init (&ledger->journal_lock);
  ledger->lane = tilld_lane_new (&options);
  return ledger;
}

void
tilld_ledger_set_journal (TilldLedger *ledger, TilldJournal *journal)
{
  g_assert (ledger->journal == NULL);
  ledger->journal = journal;
  ledger->behind = TRUE; /* an earlier life may have died between the two flushes */
}

void
tilld_ledger_free (TilldLedger *ledger)
{
  if (ledger == NULL)
    return;
  tilld_lane_free (ledger->lane);
  tilld_journal_close (ledger->journal);
  tilld_db_free (ledger->db);
  g_mutex_clear (&ledger->lock);
  g_mutex_clear (&ledger->journal_lock);
  g_free (ledger);
}

gboolean
tilld_ledger_submit (TilldLedger *ledger, const TilldLedgerItem *item, TilldLedgerDone done, gpointer data, GError **error)
{
  Entry *entry = g_new0 (Entry, 1);
  TilldLaneItem lane_item = { .refuse = refuse_entry, .data = entry };

  *entry = (Entry){ .item = item, .done = done, .data = data };
  if (tilld_lane_push (ledger->lane, &lane_item, error))
    return TRUE;
  g_free (entry);
  return FALSE;
}

typedef struct {
  GMutex            lock;
  GCond             changed;
  gboolean          finished;
  TilldLedgerAnswer answer;
  GError           *error;
} Wait;

static void
wake (gpointer data, const TilldLedgerAnswer *result, const GError *error)
{
  Wait *wait = data;

  g_mutex_lock (&wait->lock);
  if (error != NULL)
    wait->error = g_error_copy (error);
  else
    wait->answer = *result;
  wait->finished = TRUE;
  g_cond_signal (&wait->changed);
  g_mutex_unlock (&wait->lock);
}

gboolean
tilld_ledger_post (TilldLedger *ledger, const TilldLedgerItem *item, TilldLedgerAnswer *ret_answer, GError **error)
{
  Wait wait = { 0 };
  gboolean submitted;

  g_mutex_init (&wait.lock);
  g_cond_init (&wait.changed);
  submitted = tilld_ledger_submit (ledger, item, wake, &wait, error);
  g_mutex_lock (&wait.lock);
  while (submitted && !wait.finished)
    g_cond_wait (&wait.changed, &wait.lock);
  g_mutex_unlock (&wait.lock);
  g_cond_clear (&wait.changed);
  g_mutex_clear (&wait.lock);
  if (!submitted)
    return FALSE;
  if (wait.error != NULL)
    {
      g_propagate_error (error, wait.error);
      return FALSE;
    }
  *ret_answer = wait.answer;
  return TRUE;
}

void
tilld_ledger_stats (TilldLedger *ledger, TilldLedgerStats *ret_stats)
{
  g_mutex_lock (&ledger->lock);
  *ret_stats = ledger->stats;
  g_mutex_unlock (&ledger->lock);
}
