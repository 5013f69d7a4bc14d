/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-log.c: one structured entry per call, rate-limited per call site. The monotonic clock read here only meters the
 * rate; it decides nothing else. */
#include "shared/base/till-log.h"
#include <stdio.h>
#include <string.h>
#include "shared/base/till-text.h"

#define LINES_PER_SECOND 10
#define LINE_CHARS       1000

static const struct {
  const char *field; /* journald */
  const char *word;  /* stderr */
} subjects[] = {
  [TILL_LOG_SUBJECT_NONE] = { NULL, NULL },
  [TILL_LOG_SUBJECT_REQUEST] = { "GRIDTILL_REQUEST", "request" },
  [TILL_LOG_SUBJECT_OPERATOR] = { "GRIDTILL_OPERATOR", "operator" },
  [TILL_LOG_SUBJECT_GATEWAY] = { "GRIDTILL_GATEWAY", "gateway" },
  [TILL_LOG_SUBJECT_METER] = { "GRIDTILL_METER", "meter" },
  [TILL_LOG_SUBJECT_COMMAND] = { "GRIDTILL_COMMAND", "command" },
  [TILL_LOG_SUBJECT_LANE] = { "GRIDTILL_LANE", "lane" },
};

static gboolean log_debug;
static char *log_program;

/* FALSE: this line is dropped and counted; *ret_suppressed is what earlier windows dropped. */
static gboolean
site_allows (TillLogSite *site, guint *ret_suppressed)
{
  static GMutex lock;
  gint64 now_us = g_get_monotonic_time ();
  gboolean allowed;

  *ret_suppressed = 0;
  g_mutex_lock (&lock);
  if (site->count == 0 || now_us - site->window_start_us >= G_USEC_PER_SEC)
    {
      *ret_suppressed = site->suppressed;
      *site = (TillLogSite){ now_us, 0, 0 };
    }
  allowed = site->count < LINES_PER_SECOND;
  if (allowed)
    site->count++;
  else
    site->suppressed++;
  g_mutex_unlock (&lock);
  return allowed;
}

static const char *
priority_of (GLogLevelFlags level)
{
  if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
    return "3";
  if (level & G_LOG_LEVEL_WARNING)
    return "4";
  if (level & G_LOG_LEVEL_MESSAGE)
    return "5";
  return level & G_LOG_LEVEL_INFO ? "6" : "7";
}

static char *
compose (TillLogSubject subject, const char *value, const GError *error, const char *text, guint suppressed)
{
  GString *line = g_string_new (NULL);
  if (value != NULL)
    g_string_append_printf (line, "%s %s: ", subjects[subject.kind].word, value);
  g_string_append (line, text);
  if (error != NULL)
    g_string_append_printf (line, ": %s", error->message);
  if (suppressed > 0)
    g_string_append_printf (line, " (%u more were not shown)", suppressed);
  return g_string_free (line, FALSE);
}

void
till_log_write (GLogLevelFlags level, const char *file, int line, const char *function, TillLogSite *site,
                TillLogSubject subject, const GError *error, const char *format, ...)
{
  g_autofree char *text = NULL, *value = NULL, *message = NULL, *line_text = NULL;
  guint suppressed;
  va_list args;

  if ((level & G_LOG_LEVEL_DEBUG && !log_debug) || !site_allows (site, &suppressed))
    return;
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  if (subject.kind != TILL_LOG_SUBJECT_NONE)
    value = subject.text != NULL ? till_text_escape (subject.text, -1, 80) : g_strdup_printf ("%" G_GINT64_FORMAT, subject.number);
  message = compose (subject, value, error, text, suppressed);
  line_text = g_strdup_printf ("%d", line);

  GLogField fields[8] = {
    { "MESSAGE", message, -1 },    { "PRIORITY", priority_of (level), -1 }, { "GLIB_DOMAIN", "gridtill", -1 },
    { "CODE_FILE", file, -1 },     { "CODE_LINE", line_text, -1 },          { "CODE_FUNC", function, -1 },
  };
  gsize n = 6;
  if (value != NULL)
    fields[n++] = (GLogField){ subjects[subject.kind].field, value, -1 };
  g_log_structured_array (level, fields, n);
}

static const char *
field_text (const GLogField *fields, gsize n_fields, const char *key)
{
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, key) == 0)
      return fields[i].value;
  return NULL;
}

static GLogWriterOutput
writer (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  static const char *const words[] = { "error", "error", "warning", "notice", "info", "debug" };
  const char *message = field_text (fields, n_fields, "MESSAGE"), *domain = field_text (fields, n_fields, "GLIB_DOMAIN");
  g_autofree char *shown = NULL;
  guint word = 0;

  if (level & (G_LOG_LEVEL_DEBUG | G_LOG_LEVEL_INFO) && !log_debug)
    return G_LOG_WRITER_HANDLED;
  if (g_log_writer_is_journald (fileno (stderr)) && g_log_writer_journald (level, fields, n_fields, data) == G_LOG_WRITER_HANDLED)
    return G_LOG_WRITER_HANDLED;
  for (guint flag = G_LOG_LEVEL_ERROR; word < G_N_ELEMENTS (words) - 1 && !(level & flag); flag <<= 1)
    word++;
  shown = till_text_escape (message != NULL ? message : "", -1, LINE_CHARS);
  fprintf (stderr, "%s %s: %s%s%s\n", log_program, words[word], domain != NULL && strcmp (domain, "gridtill") != 0 ? domain : "",
           domain != NULL && strcmp (domain, "gridtill") != 0 ? ": " : "", shown);
  return G_LOG_WRITER_HANDLED;
}

void
till_log_set_up (const char *program, gboolean debug)
{
  g_assert (log_program == NULL); /* once, by main, before there are threads */
  log_program = g_strdup (program);
  log_debug = debug;
  g_log_set_writer_func (writer, NULL, NULL);
}
