/* SPDX-License-Identifier: GPL-2.0-or-later
 * ledger-verify.c: proves an export of the ledger from its text alone: the chain, the sums, the numbers. No database. */
#include "server/domain/money/ledger-verify.h"

#include <string.h>

#define LINE_FIELDS 9
#define HASH_BYTES  32

typedef struct {
  guint8      hash[HASH_BYTES];
  GHashTable *reversed; /* n taken back already */
  TilldLedgerVerdict verdict;
} Verify;

static void
sha256_two (const guint8 *before, const char *text, gsize len, guint8 ret_hash[HASH_BYTES])
{
  g_autoptr(GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize n = HASH_BYTES;

  if (before != NULL)
    g_checksum_update (sum, before, HASH_BYTES);
  g_checksum_update (sum, (const guchar *) text, (gssize) len);
  g_checksum_get_digest (sum, ret_hash, &n);
}

static gboolean
hash_is (const guint8 hash[HASH_BYTES], const char *hex)
{
  char text[2 * HASH_BYTES + 1];

  for (guint i = 0; i < HASH_BYTES; i++)
    g_snprintf (text + 2 * i, 3, "%02x", hash[i]);
  return g_str_equal (text, hex);
}

static gboolean
number (const char *text, gint64 min, gint64 *ret)
{
  /* The writer puts no sign, space or leading zero before a number: neither does a reader who wants the same bytes. */
  if ((text[0] == '0' || (text[0] == '-' && text[1] == '0')) && !g_str_equal (text, "0"))
    return FALSE;
  return g_ascii_string_to_signed (text, 10, min, G_MAXINT64, ret, NULL);
}

static gboolean
postings_sum_to_zero (const char *text, gint64 *ret_n)
{
  g_auto(GStrv) postings = g_strsplit (text, ",", 0);
  __int128 sum = 0;

  for (guint i = 0; postings[i] != NULL; i++)
    {
      g_auto(GStrv) parts = g_strsplit (postings[i], ":", 4);
      gint64 kind, owner, amount;

      if (g_strv_length (parts) != 3 || !number (parts[0], 0, &kind) || !number (parts[1], 0, &owner) || !number (parts[2], G_MININT64, &amount) ||
          amount == 0)
        return FALSE;
      sum += amount;
    }
  *ret_n = g_strv_length (postings);
  return *ret_n >= 2 && sum == 0;
}

static const char *
check_transaction (Verify *v, const char *line)
{
  g_auto(GStrv) f = g_strsplit (line, "|", LINE_FIELDS + 1);
  gint64 site, n, event, at, actor, reverses, postings;
  gsize covered;

  if (g_strv_length (f) != LINE_FIELDS || !number (f[0], 1, &site) || !number (f[1], 1, &n) || !number (f[2], 0, &event) ||
      !number (f[3], 0, &at) || !number (f[5], 0, &actor) || !number (f[6], 0, &reverses))
    return "is not a transaction";
  v->verdict.wrong_at = n;
  if (v->verdict.transactions == 0)
    v->verdict.site = site;
  if (site != v->verdict.site || n != v->verdict.transactions + 1)
    return "is out of order";
  if (!postings_sum_to_zero (f[7], &postings))
    return "does not sum to zero";
  if (reverses >= n || (reverses > 0 && !g_hash_table_add (v->reversed, g_memdup2 (&reverses, sizeof reverses))))
    return "takes back what was taken back before";
  covered = strlen (line) - strlen (f[8]) - 1;
  sha256_two (v->hash, line, covered, v->hash);
  if (!hash_is (v->hash, f[8]))
    return "breaks the chain";
  v->verdict.transactions = n;
  v->verdict.postings += postings;
  return NULL;
}

static const char *
check_head (Verify *v, const char *line)
{
  g_auto(GStrv) f = g_strsplit (line, "|", 5);
  gint64 site, n;

  if (g_strv_length (f) != 4 || !number (f[1], 1, &site) || !number (f[2], 0, &n) || strlen (f[3]) != 2 * HASH_BYTES)
    return "is not a head";
  if (n != v->verdict.transactions || (n > 0 && site != v->verdict.site) || !hash_is (v->hash, f[3]))
    return "does not fit what stands above it";
  g_strlcpy (v->verdict.head, f[3], sizeof v->verdict.head);
  v->verdict.site = site;
  return NULL;
}

gboolean
tilld_ledger_verify (const char *text, gsize len, TilldLedgerVerdict *ret_verdict, GError **error)
{
  g_autoptr(GHashTable) reversed = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autofree char *copy = g_strndup (text, len);
  Verify v = { .reversed = reversed };
  gboolean headed = FALSE;
  guint line_number = 0;

  if (memchr (text, '\0', len) != NULL)
    return till_fail (error, TILL_ERROR_INVALID, "the export has a zero byte");
  sha256_two (NULL, "", 0, v.hash);
  for (char *line = copy, *end; *line != '\0'; line = end + 1)
    {
      const char *wrong;

      end = strchr (line, '\n');
      if (end == NULL)
        return till_fail (error, TILL_ERROR_INVALID, "the export is cut off");
      *end = '\0';
      line_number++;
      if (headed)
        wrong = "comes after the head";
      else if (g_str_has_prefix (line, "head|"))
        {
          wrong = check_head (&v, line);
          headed = TRUE;
        }
      else
        wrong = check_transaction (&v, line);
      if (wrong != NULL)
        return till_fail (error, TILL_ERROR_INVALID, "line %u %s", line_number, wrong);
    }
  if (!headed)
    return till_fail (error, TILL_ERROR_INVALID, "the export has no head: it is cut off");
  v.verdict.wrong_at = 0;
  *ret_verdict = v.verdict;
  return TRUE;
}
