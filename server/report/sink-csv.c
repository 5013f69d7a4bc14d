/* SPDX-License-Identifier: GPL-2.0-or-later
 * sink-csv.c: rows as RFC 4180 in UTF-8 with a byte order mark, which Excel needs to see Chinese. Cells that a spreadsheet would run
 * as a formula get a leading apostrophe. */
#define G_LOG_DOMAIN "tilld-report"
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "server/report/sink.h"

#define BLOCK 65536

typedef struct {
  TilldSink sink;
  int       fd;
  GString  *block;
} CsvSink;

static gboolean
flush_block (CsvSink *self, GError **error)
{
  gsize at = 0;

  while (at < self->block->len)
    {
      ssize_t n = write (self->fd, self->block->str + at, self->block->len - at);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return till_fail (error, TILL_ERROR_INTERNAL, "csv: %s", g_strerror (errno));
      at += (gsize) n;
    }
  g_string_truncate (self->block, 0);
  return TRUE;
}

static void
append_cell (GString *out, const char *text, gboolean guard)
{
  gboolean quote = strpbrk (text, ",\"\r\n") != NULL || text[0] == ' ';

  if (!quote && !guard)
    {
      g_string_append (out, text);
      return;
    }
  g_string_append_c (out, '"');
  if (guard)
    g_string_append_c (out, '\'');
  for (; *text != '\0'; text++)
    {
      if (*text == '"')
        g_string_append_c (out, '"');
      g_string_append_c (out, *text);
    }
  g_string_append_c (out, '"');
}

static gboolean
csv_begin (TilldSink *sink, GError **error)
{
  CsvSink *self = (CsvSink *) sink;

  g_string_append (self->block, "\xEF\xBB\xBF");
  for (guint i = 0; i < sink->n_columns; i++)
    {
      const TilldColumn *c = &sink->columns[i];
      g_autofree char *title = NULL;

      title = c->unit == NULL ? g_strdup (sink->sheet.chinese ? c->title_zh : c->title)
                              : g_strdup_printf ("%s (%s)", sink->sheet.chinese ? c->title_zh : c->title, c->unit);
      if (i > 0)
        g_string_append_c (self->block, ',');
      append_cell (self->block, title, FALSE);
    }
  g_string_append (self->block, "\r\n");
  return TRUE;
}

static gboolean
csv_row (TilldSink *sink, const TilldCell *cells, gboolean is_total, GError **error)
{
  CsvSink *self = (CsvSink *) sink;
  char buf[64];

  for (guint i = 0; i < sink->n_columns; i++)
    {
      const char *text = tilld_cell_text (&sink->sheet, sink->columns[i].type, &cells[i], buf);

      if (i > 0)
        g_string_append_c (self->block, ',');
      append_cell (self->block, text, sink->columns[i].type == TILLD_CELL_TEXT && tilld_cell_is_formula (text));
    }
  g_string_append (self->block, "\r\n");
  return self->block->len < BLOCK || flush_block (self, error);
}

static gboolean
csv_end (TilldSink *sink, GError **error)
{
  CsvSink *self = (CsvSink *) sink;

  if (!flush_block (self, error))
    return FALSE;
  if (close (g_steal_fd (&self->fd)) != 0)
    return till_fail (error, TILL_ERROR_INTERNAL, "csv: %s", g_strerror (errno));
  return TRUE;
}

static void
csv_free (TilldSink *sink)
{
  CsvSink *self = (CsvSink *) sink;

  if (self->fd >= 0)
    close (self->fd);
  g_string_free (self->block, TRUE);
  g_free (self);
}

TilldSink *
tilld_sink_csv_new (const char *path, GError **error)
{
  static const TilldSinkClass class = { csv_begin, csv_row, csv_end, csv_free };
  int fd = open (path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  CsvSink *self;

  if (fd < 0)
    {
      till_fail (error, TILL_ERROR_INTERNAL, "%s: %s", path, g_strerror (errno));
      return NULL;
    }
  self = g_new0 (CsvSink, 1);
  self->sink.class = &class;
  self->fd = fd;
  self->block = g_string_sized_new (BLOCK + 4096);
  return &self->sink;
}
