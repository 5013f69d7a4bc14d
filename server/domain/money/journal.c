/* SPDX-License-Identifier: GPL-2.0-or-later
 * journal.c: the off-box journal of money: appended by the ledger lane alone, read after a restore. Knows no database. */
#include "server/domain/money/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "server/core/inject.h"
#include "shared/base/till-error.h"

#define HASH_BYTES  32
#define FIELDS      10
#define OLD_FIELDS  9 /* before the facts */
#define LINE_BYTES  768

struct _TilldJournal {
  char  *path;
  int    fd;
  gint64 n;
  TillTime last_at;
  guint8 hash[HASH_BYTES];
};

static void
chain (guint8 hash[HASH_BYTES], const char *text, gsize len)
{
  g_autoptr(GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize n = HASH_BYTES;

  g_checksum_update (sum, hash, HASH_BYTES);
  g_checksum_update (sum, (const guchar *) text, (gssize) len);
  g_checksum_get_digest (sum, hash, &n);
}

static void
print_hash (const guint8 hash[HASH_BYTES], char text[2 * HASH_BYTES + 1])
{
  for (guint i = 0; i < HASH_BYTES; i++)
    g_snprintf (text + 2 * i, 3, "%02x", hash[i]);
}

/* --- reading --- */

typedef struct {
  gint64   n;
  TillTime at;
  guint8   hash[HASH_BYTES];
} Place;

static gboolean
number (const char *text, gint64 *ret)
{
  return g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, ret, NULL);
}

/* One line without its end; the place moves behind it. */
static gboolean
take_line (Place *place, const char *line, TilldJournalLine *ret, GError **error)
{
  g_auto(GStrv) f = g_strsplit (line, "|", FIELDS + 1);
  char hash[2 * HASH_BYTES + 1];
  guint fields = g_strv_length (f);
  gint64 n, event, epoch, count;

  if ((fields != FIELDS && fields != OLD_FIELDS) || !number (f[0], &n) || !number (f[1], &ret->at) || !number (f[2], &event) ||
      !till_id_parse (f[3], &ret->request, NULL) || !number (f[4], &ret->meter) || !number (f[5], &epoch) ||
      !number (f[6], &count) || !number (f[7], &ret->amount))
    return till_fail (error, TILL_ERROR_INVALID, "line %" G_GINT64_FORMAT " is no line of a journal", place->n + 1);
  chain (place->hash, line, strlen (line) - strlen (f[fields - 1]) - 1);
  print_hash (place->hash, hash);
  if (n != place->n + 1 || !g_str_equal (hash, f[fields - 1]))
    return till_fail (error, TILL_ERROR_INVALID, "line %" G_GINT64_FORMAT " breaks the chain", place->n + 1);
  if (fields == FIELDS && g_strlcpy (ret->facts, f[8], sizeof ret->facts) >= sizeof ret->facts)
    return till_fail (error, TILL_ERROR_INVALID, "line %" G_GINT64_FORMAT " says more than a line can", place->n + 1);
  place->n = ret->n = n;
  place->at = MAX (place->at, ret->at);
  ret->event = (TillLedgerEvent) event;
  ret->epoch = (gint32) epoch;
  ret->count = (gint32) count;
  return TRUE;
}

/* *ret_whole: bytes of whole lines; what follows is the half line of a crash. */
static gboolean
walk (const char *text, gsize len, TilldJournalEach each, gpointer data, Place *place, gsize *ret_whole, GError **error)
{
  *ret_whole = 0;
  for (const char *at = text, *end; (end = memchr (at, '\n', (gsize) (text + len - at))) != NULL; at = end + 1)
    {
      g_autofree char *line = g_strndup (at, (gsize) (end - at));
      TilldJournalLine parsed = { 0 };

      if (!take_line (place, line, &parsed, error) || (each != NULL && !each (&parsed, data, error)))
        return FALSE;
      *ret_whole = (gsize) (end + 1 - text);
    }
  return TRUE;
}

gboolean
tilld_journal_read (const char *path, TilldJournalEach each, gpointer data, gint64 *ret_n, GError **error)
{
  g_autoptr(GMappedFile) file = g_mapped_file_new (path, FALSE, error);
  Place place = { 0 };
  gsize whole;

  if (file == NULL)
    return FALSE;
  if (!walk (g_mapped_file_get_contents (file), g_mapped_file_get_length (file), each, data, &place, &whole, error))
    return FALSE;
  *ret_n = place.n;
  return TRUE;
}

/* --- writing --- */

TilldJournal *
tilld_journal_open (const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  g_autoptr(GMappedFile) file = NULL;
  TilldJournal *journal;
  Place place = { 0 };
  gsize whole = 0;

  if (fd < 0)
    {
      till_fail (error, TILL_ERROR_INTERNAL, "journal %s: %s", path, g_strerror (errno));
      return NULL;
    }
  file = g_mapped_file_new (path, FALSE, error);
  if (file == NULL || (g_mapped_file_get_length (file) > 0 &&
                       !walk (g_mapped_file_get_contents (file), g_mapped_file_get_length (file), NULL, NULL, &place, &whole, error)))
    {
      g_prefix_error (error, "journal %s: ", path);
      close (fd);
      return NULL;
    }
  if (ftruncate (fd, (off_t) whole) != 0 || fsync (fd) != 0)
    {
      till_fail (error, TILL_ERROR_INTERNAL, "journal %s: %s", path, g_strerror (errno));
      close (fd);
      return NULL;
    }
  journal = g_new0 (TilldJournal, 1);
  journal->fd = fd;
  journal->path = g_strdup (path);
  journal->n = place.n;
  journal->last_at = place.at;
  memcpy (journal->hash, place.hash, HASH_BYTES);
  return journal;
}

void
tilld_journal_close (TilldJournal *journal)
{
  if (journal == NULL)
    return;
  close (journal->fd);
  g_free (journal->path);
  g_free (journal);
}

static gboolean
write_whole (int fd, const GString *text)
{
  gsize done = 0;

  while (done < text->len)
    {
      gssize n = write (fd, text->str + done, text->len - done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      done += (gsize) n;
    }
  TILLD_KILL_POINT (JOURNAL_WRITTEN);
  return fdatasync (fd) == 0;
}

gboolean
tilld_journal_append (TilldJournal *journal, const TilldJournalLine *lines, guint n, GError **error)
{
  g_autoptr(GString) text = g_string_new (NULL);
  off_t before = lseek (journal->fd, 0, SEEK_END);
  Place place = { .n = journal->n };

  memcpy (place.hash, journal->hash, HASH_BYTES);
  for (guint i = 0; i < n; i++)
    {
      char id[TILL_ID_TEXT], hash[2 * HASH_BYTES + 1], line[LINE_BYTES];
      int len = g_snprintf (line, sizeof line, "%" G_GINT64_FORMAT "|%" G_GINT64_FORMAT "|%d|%s|%" G_GINT64_FORMAT "|%d|%d|%" G_GINT64_FORMAT "|%s",
                            place.n + 1,
                            lines[i].at, (int) lines[i].event, till_id_print (&lines[i].request, id), lines[i].meter, lines[i].epoch, lines[i].count,
                            lines[i].amount, lines[i].facts);

      g_assert (len > 0 && len < LINE_BYTES);
      chain (place.hash, line, (gsize) len);
      print_hash (place.hash, hash);
      g_string_append_printf (text, "%s|%s\n", line, hash);
      place.n++;
    }
  TILLD_KILL_POINT (JOURNAL_BEGUN);
  if (!write_whole (journal->fd, text))
    {
      int why = errno;

      /* A half line would break the chain: the next opening cuts it off, the next append must not stand behind it. */
      if (before < 0 || ftruncate (journal->fd, before) != 0)
        return till_fail (error, TILL_ERROR_INTERNAL, "the journal was not written and not mended: %s", g_strerror (why));
      return till_fail (error, TILL_ERROR_INTERNAL, "the journal was not written: %s", g_strerror (why));
    }
  TILLD_KILL_POINT (JOURNAL_SYNCED);
  journal->n = place.n;
  for (guint i = 0; i < n; i++)
    journal->last_at = MAX (journal->last_at, lines[i].at);
  memcpy (journal->hash, place.hash, HASH_BYTES);
  return TRUE;
}

/* --- what it has --- */

TillTime
tilld_journal_last_at (const TilldJournal *journal)
{
  return journal->last_at;
}

char *
tilld_journal_key (TillLedgerEvent event, const TillId *request)
{
  char id[TILL_ID_TEXT];

  return g_strdup_printf ("%d|%s", (int) event, till_id_print (request, id));
}

/* From the end, a line at a time: the newest few of a file of any size. */
GHashTable *
tilld_journal_keys (const TilldJournal *journal, TillTime since, GError **error)
{
  g_autoptr(GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GMappedFile) file = g_mapped_file_new_from_fd (journal->fd, FALSE, error);
  const char *text;
  gsize end;

  if (file == NULL)
    return NULL;
  text = g_mapped_file_get_contents (file);
  end = g_mapped_file_get_length (file);
  while (end > 0)
    {
      const char *before = memrchr (text, '\n', end - 1);
      gsize from = before != NULL ? (gsize) (before + 1 - text) : 0;
      g_autofree char *line = g_strndup (text + from, end - 1 - from);
      g_auto(GStrv) f = g_strsplit (line, "|", FIELDS + 1);
      gint64 at;

      if (g_strv_length (f) < OLD_FIELDS || !number (f[1], &at))
        {
          till_fail (error, TILL_ERROR_INTERNAL, "the journal holds what is no line");
          return NULL;
        }
      if (at < since)
        break;
      g_hash_table_add (keys, g_strdup_printf ("%s|%s", f[2], f[3]));
      end = from;
    }
  return g_steal_pointer (&keys);
}

const char *
tilld_journal_path (const TilldJournal *journal)
{
  return journal->path;
}

GArray *
tilld_journal_newest (const TilldJournal *journal, guint limit, GError **error)
{
  g_autoptr(GArray) lines = g_array_new (FALSE, TRUE, sizeof (TilldJournalLine));
  g_autoptr(GMappedFile) file = g_mapped_file_new_from_fd (journal->fd, FALSE, error);
  const char *text;
  gsize end;

  if (file == NULL)
    return NULL;
  text = g_mapped_file_get_contents (file);
  end = g_mapped_file_get_length (file);
  while (end > 0 && lines->len < limit)
    {
      const char *before = memrchr (text, '\n', end - 1);
      gsize from = before != NULL ? (gsize) (before + 1 - text) : 0;
      g_autofree char *line = g_strndup (text + from, end - 1 - from);
      g_auto(GStrv) f = g_strsplit (line, "|", FIELDS + 1);
      TilldJournalLine parsed = { 0 };
      gint64 event;

      /* The chain was walked when the journal was opened. */
      if (g_strv_length (f) < OLD_FIELDS || !number (f[0], &parsed.n) || !number (f[2], &event) || !till_id_parse (f[3], &parsed.request, NULL))
        {
          till_fail (error, TILL_ERROR_INTERNAL, "the journal holds what is no line");
          return NULL;
        }
      parsed.event = (TillLedgerEvent) event;
      g_array_prepend_val (lines, parsed);
      end = from;
    }
  return g_steal_pointer (&lines);
}
