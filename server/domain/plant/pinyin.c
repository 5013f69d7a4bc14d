/* SPDX-License-Identifier: GPL-2.0-or-later
 * pinyin.c: names spelled by ICU. Nothing is searched here. */
#include "server/domain/plant/pinyin.h"
#include <unicode/ustring.h>
#include <unicode/utrans.h>
#include "shared/base/till-log.h"

#define CHARS_MAX 1024 /* of UTF-16: 60 characters of at most 7 letters, with room to spare; a longer spelling is none */

static GMutex          lock; /* a transliterator serves one caller at a time, and to open one costs milliseconds */
static UTransliterator *spelling;

static UTransliterator *
open_spelling (UErrorCode *status)
{
  UChar   id[16], rules[64];
  int32_t length;

  u_uastrcpy (id, "till-pinyin");
  u_uastrcpy (rules, "::Han-Latin/Names; ::Latin-ASCII; ::Lower;");
  length = u_strlen (rules);
  return utrans_openU (id, -1, UTRANS_FORWARD, rules, length, NULL, status);
}

/* Runs of letters and of digits, one blank between: "dong2 (yi" -> "dong 2 yi". */
static char *
syllables (const char *latin)
{
  GString *s = g_string_new (NULL);

  for (const char *p = latin; *p != '\0'; p++)
    if (g_ascii_isalnum (*p))
      {
        if (s->len > 0 && (!g_ascii_isalnum (p[-1]) || !g_ascii_isdigit (p[-1]) != !g_ascii_isdigit (*p)))
          g_string_append_c (s, ' ');
        g_string_append_c (s, *p);
      }
  return g_string_free (s, FALSE);
}

char *
tilld_pinyin (const char *name)
{
  UChar      text[CHARS_MAX];
  char       latin[CHARS_MAX * 3];
  int32_t    length = 0, limit;
  UErrorCode status = U_ZERO_ERROR;

  u_strFromUTF8 (text, CHARS_MAX, &length, name, -1, &status);
  limit = length;
  g_mutex_lock (&lock);
  if (spelling == NULL)
    spelling = open_spelling (&status);
  if (U_SUCCESS (status))
    utrans_transUChars (spelling, text, &length, CHARS_MAX, 0, &limit, &status);
  g_mutex_unlock (&lock);
  u_strToUTF8 (latin, sizeof latin, NULL, text, length, &status);
  if (U_FAILURE (status) || status == U_STRING_NOT_TERMINATED_WARNING)
    {
      till_warn (TILL_LOG_NONE, NULL, "a name is not found by its pinyin: %s", u_errorName (status));
      return g_strdup ("");
    }
  return syllables (latin);
}
