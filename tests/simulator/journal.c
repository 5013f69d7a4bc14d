/* SPDX-License-Identifier: GPL-2.0-or-later
 * journal.c: the simulator's own truth about applied credits. Tests compare it, not the server's tables, with the
 * ledger; so it never loses an answered line and never invents one. */
#include "tests/simulator/journal.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include "shared/base/till-error.h"
#include "shared/base/till-json-read.h"
#include "shared/base/till-json-check.h"
#include "shared/base/till-json-write.h"

#define LINE_BYTES 4096

struct _SimJournal {
  char    *path;
  int      fd;
  guint64  n;
  GString *pending;
};

static const char *const effect_words[] = { "", "recharge", "debit", "card", "edit", "reset", "swap", "relay" };
static const char *const action_words[] = { "auto", "close", "open" };

const char *
sim_effect_word (SimEffectKind kind)
{
  return effect_words[kind];
}

static int
index_of (const char *const *words, gsize n, const char *word)
{
  for (gsize i = 0; i < n; i++)
    if (g_strcmp0 (words[i], word) == 0)
      return (int) i;
  return -1;
}

static void
write_decimal (TillJsonWrite *json, const char *name, gint64 raw, guint decimals)
{
  char text[TILL_MONEY_TEXT];

  till_json_write_text (json, name, till_decimal_print (raw, decimals, text));
}

static void
add_line (SimJournal *journal, const SimJournalLine *line)
{
  TillJsonWrite   *json = till_json_write_new ();
  g_autofree char *text = NULL;

  till_json_write_begin_object (json, NULL);
  till_json_write_int (json, "n", (gint64) line->n);
  till_json_write_time (json, "at", line->at);
  till_json_write_text (json, "gateway", line->gateway);
  till_json_write_int (json, "port", line->port);
  till_json_write_int (json, "unit", line->unit);
  till_json_write_text (json, "serial", line->serial);
  till_json_write_int (json, "epoch", line->epoch);
  till_json_write_text (json, "kind", effect_words[line->effect.kind]);
  if (line->effect.kind == SIM_EFFECT_RELAY)
    till_json_write_text (json, "action", action_words[line->effect.action]);
  else
    {
      till_json_write_int (json, "count", line->effect.count);
      write_decimal (json, "amount", line->effect.amount_raw, line->decimals);
      till_json_write_text (json, "purse", line->purse_energy ? "energy" : "money");
      write_decimal (json, "balance", line->balance_raw, line->decimals);
      write_decimal (json, "total", line->total_raw, line->decimals);
    }
  till_json_write_text (json, "pdu", line->pdu);
  till_json_write_end_object (json);
  text = till_json_write_free_to_text (json, NULL);
  g_string_append (journal->pending, text);
  g_string_append_c (journal->pending, '\n');
}

static void
read_words (TillJsonRead *r, SimJournalLine *line)
{
  g_autofree char *gateway = NULL, *serial = NULL, *kind = NULL, *action = NULL, *purse = NULL, *pdu = NULL;
  int              word;

  till_json_read_text (r, "gateway", TILL_REQUIRED, 16, &gateway);
  till_json_read_secret (r, "serial", TILL_REQUIRED, 16, &serial);
  till_json_read_text (r, "kind", TILL_REQUIRED, 16, &kind);
  till_json_read_secret (r, "pdu", TILL_REQUIRED, sizeof line->pdu - 1, &pdu);
  g_strlcpy (line->gateway, gateway ? gateway : "", sizeof line->gateway);
  g_strlcpy (line->serial, serial ? serial : "", sizeof line->serial);
  g_strlcpy (line->pdu, pdu ? pdu : "", sizeof line->pdu);
  if ((word = index_of (effect_words, G_N_ELEMENTS (effect_words), kind)) <= 0)
    till_json_read_error (r, "kind", "is not known");
  line->effect.kind = (SimEffectKind) MAX (word, 0);
  if (line->effect.kind == SIM_EFFECT_RELAY)
    {
      till_json_read_text (r, "action", TILL_REQUIRED, 8, &action);
      if ((word = index_of (action_words, G_N_ELEMENTS (action_words), action)) < 0)
        till_json_read_error (r, "action", "is not known");
      line->effect.action = (SimForced) MAX (word, 0);
      return;
    }
  till_json_read_text (r, "purse", TILL_REQUIRED, 8, &purse);
  line->purse_energy = g_strcmp0 (purse, "energy") == 0;
}

/* Amounts come back in 1/10000, as the number of decimals of the purse is not in the line. */
static gboolean
parse_line (JsonNode *node, SimJournalLine *line, GError **error)
{
  TillJsonRead r;
  gint64       n = 0, port = 0, unit = 0, epoch = 0, count = 0;

  till_json_read_init (&r, node);
  till_json_read_int (&r, "n", TILL_REQUIRED, 1, G_MAXINT64, &n);
  till_json_read_time (&r, "at", TILL_REQUIRED, &line->at);
  till_json_read_int (&r, "port", TILL_REQUIRED, 1, 99, &port);
  till_json_read_int (&r, "unit", TILL_REQUIRED, 1, 247, &unit);
  till_json_read_int (&r, "epoch", TILL_REQUIRED, 1, G_MAXUINT16, &epoch);
  read_words (&r, line);
  if (line->effect.kind != SIM_EFFECT_RELAY)
    {
      till_json_read_int (&r, "count", TILL_REQUIRED, 0, G_MAXUINT16, &count);
      till_json_read_money (&r, "amount", TILL_REQUIRED, &line->effect.amount_raw);
      till_json_read_money (&r, "balance", TILL_REQUIRED, &line->balance_raw);
      till_json_read_money (&r, "total", TILL_REQUIRED, &line->total_raw);
    }
  line->n = (guint64) n;
  line->port = (guint) port;
  line->unit = (guint) unit;
  line->epoch = (guint) epoch;
  line->effect.count = (guint16) count;
  line->decimals = 4;
  return till_json_read_finish (&r, error);
}

static gboolean
parse_start (JsonNode *node, guint64 seed, TillTime *start, GError **error)
{
  g_autofree char *kind = NULL;
  TillJsonRead     r;
  gint64           n = 0, own_seed = -1;

  till_json_read_init (&r, node);
  till_json_read_int (&r, "n", TILL_REQUIRED, 0, 0, &n);
  till_json_read_time (&r, "at", TILL_REQUIRED, start);
  till_json_read_text (&r, "kind", TILL_REQUIRED, 8, &kind);
  till_json_read_int (&r, "seed", TILL_REQUIRED, 0, G_MAXINT64, &own_seed);
  if (own_seed >= 0 && (guint64) own_seed != seed)
    till_json_read_error (&r, "seed", "is %" G_GINT64_FORMAT ": a journal of another world", own_seed);
  return till_json_read_finish (&r, error);
}

static gboolean
read_line (SimJournal *journal, const SimReplay *replay, guint number, const char *text, gsize len, GError **error)
{
  g_autoptr (JsonNode) node = till_json_parse (text, (gssize) len, LINE_BYTES, error);
  SimJournalLine       line = { 0 };

  if (!node)
    return FALSE;
  if (number == 1)
    return parse_start (node, replay->seed, replay->start, error);
  if (!parse_line (node, &line, error))
    return FALSE;
  if (line.n != journal->n + 1)
    return till_fail (error, TILL_ERROR_INVALID, "n is %" G_GUINT64_FORMAT " after %" G_GUINT64_FORMAT, line.n, journal->n);
  journal->n = line.n;
  return !replay->reader || replay->reader (&line, replay->data, error);
}

/* Reads whole lines; *ret_good: bytes that hold them. */
static gboolean
read_lines (SimJournal *journal, const SimReplay *replay, const char *text, gsize len, gsize *ret_good, GError **error)
{
  guint number = 0;

  *ret_good = 0;
  for (const char *end; *ret_good < len && (end = memchr (text + *ret_good, '\n', len - *ret_good)); *ret_good = (gsize) (end - text) + 1)
    if (!read_line (journal, replay, ++number, text + *ret_good, (gsize) (end - text) - *ret_good, error))
      {
        g_prefix_error (error, "%s:%u: ", journal->path, number);
        return FALSE;
      }
  return TRUE;
}

static void
add_start (SimJournal *journal, guint64 seed, TillTime start)
{
  TillJsonWrite   *json = till_json_write_new ();
  g_autofree char *text = NULL;

  till_json_write_begin_object (json, NULL);
  till_json_write_int (json, "n", 0);
  till_json_write_time (json, "at", start);
  till_json_write_text (json, "kind", "start");
  till_json_write_int (json, "seed", (gint64) seed);
  till_json_write_end_object (json);
  text = till_json_write_free_to_text (json, NULL);
  g_string_append_printf (journal->pending, "%s\n", text);
}

static gboolean
failed (const SimJournal *journal, const char *what, GError **error)
{
  return till_fail (error, TILL_ERROR_INTERNAL, "journal %s: %s: %s", journal->path, what, g_strerror (errno));
}

SimJournal *
sim_journal_open (const char *path, const SimReplay *replay, GError **error)
{
  g_autoptr (SimJournal) journal = g_new0 (SimJournal, 1);
  g_autofree char       *text = NULL;
  gsize                  len = 0, good = 0;

  journal->path = g_strdup (path);
  journal->pending = g_string_new (NULL);
  journal->fd = open (path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (journal->fd < 0 || flock (journal->fd, LOCK_EX | LOCK_NB) != 0)
    {
      failed (journal, journal->fd < 0 ? "open" : "another simulator writes it", error);
      return NULL;
    }
  if (!g_file_get_contents (path, &text, &len, error) || !read_lines (journal, replay, text, len, &good, error))
    return NULL;
  if (good < len && ftruncate (journal->fd, (off_t) good) != 0)
    {
      failed (journal, "cut off the torn line", error);
      return NULL;
    }
  if (good == 0)
    add_start (journal, replay->seed, *replay->start);
  if (!sim_journal_commit (journal, error))
    return NULL;
  return g_steal_pointer (&journal);
}

void
sim_journal_append (SimJournal *journal, SimJournalLine *line)
{
  line->n = ++journal->n;
  add_line (journal, line);
}

gboolean
sim_journal_is_pending (const SimJournal *journal)
{
  return journal->pending->len > 0;
}

guint64
sim_journal_lines (const SimJournal *journal)
{
  return journal->n;
}

gboolean
sim_journal_commit (SimJournal *journal, GError **error)
{
  for (gsize done = 0; done < journal->pending->len;)
    {
      gssize n = write (journal->fd, journal->pending->str + done, journal->pending->len - done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return failed (journal, "write", error);
      done += (gsize) n;
    }
  if (journal->pending->len > 0 && fdatasync (journal->fd) != 0)
    return failed (journal, "flush", error);
  g_string_truncate (journal->pending, 0);
  return TRUE;
}

void
sim_journal_free (SimJournal *journal)
{
  if (journal->fd >= 0)
    {
      sim_journal_commit (journal, NULL);
      close (journal->fd);
    }
  g_string_free (journal->pending, TRUE);
  g_free (journal->path);
  g_free (journal);
}
