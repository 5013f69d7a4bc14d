/* SPDX-License-Identifier: GPL-2.0-or-later
 * recorder.c: lines of one capture. Its bound holds for the whole capture, not for what waits. */
#include "server/field/recorder.h"
#include <string.h>
#include "server/core/clock.h"

#define LINE_MAX_BYTES 512 /* of the connection, a line; more make several */

struct _TilldRecorder {
  TilldClock *clock;
  GString    *text;
  gsize       left; /* of the bound */
  gboolean    full;
};

const char *
tilld_bus_outcome_word (TilldBusOutcome outcome)
{
  static const char *const words[] = { "ok", "exception", "timeout", "garbage", "link_lost", "not_sent" };

  g_assert (outcome < G_N_ELEMENTS (words));
  return words[outcome];
}

/* Takes line. */
static void
add (TilldRecorder *r, GString *line)
{
  g_string_append (line, "}\n");
  r->full |= line->len > r->left;
  if (!r->full)
    {
      g_string_append_len (r->text, line->str, (gssize) line->len);
      r->left -= line->len;
    }
  g_string_free (line, TRUE);
}

static GString *
begin (TilldRecorder *r, const char *dir)
{
  GString *line = g_string_new (NULL);

  g_string_printf (line, "{\"at\":%" G_GINT64_FORMAT ",\"dir\":\"%s\"", tilld_clock_wall (r->clock), dir);
  return line;
}

static void
put_hex (GString *line, const guint8 *bytes, guint len)
{
  g_string_append (line, ",\"hex\":\"");
  for (guint i = 0; i < len; i++)
    g_string_append_printf (line, "%02x", bytes[i]);
  g_string_append_c (line, '"');
}

TilldRecorder *
tilld_recorder_new (TilldClock *clock, const char *gateway, const char *link_word, gsize bytes_max)
{
  TilldRecorder *r = g_new0 (TilldRecorder, 1);
  GString       *line = g_string_new (NULL);

  r->clock = clock;
  r->text = g_string_new (NULL);
  r->left = bytes_max;
  g_string_printf (line, "{\"capture\":1,\"gateway\":\"%s\",\"link\":\"%s\",\"at\":%" G_GINT64_FORMAT, gateway, link_word, tilld_clock_wall (clock));
  add (r, line);
  return r;
}

void
tilld_recorder_free (TilldRecorder *r)
{
  if (r == NULL)
    return;
  g_string_free (r->text, TRUE);
  g_free (r);
}

void
tilld_recorder_link (TilldRecorder *r, const char *constant_text)
{
  GString *line;

  if (r->full)
    return;
  line = begin (r, "link");
  g_string_append_printf (line, ",\"text\":\"%s\"", constant_text);
  add (r, line);
}

void
tilld_recorder_bytes (TilldRecorder *r, gboolean out, const guint8 *bytes, guint len)
{
  for (guint at = 0; at < len && !r->full; at += LINE_MAX_BYTES)
    {
      GString *line = begin (r, out ? "out" : "in");

      put_hex (line, bytes + at, MIN (len - at, LINE_MAX_BYTES));
      add (r, line);
    }
}

void
tilld_recorder_ask (TilldRecorder *r, guint port, const TilldMbRequest *request)
{
  guint8   bytes[1 + TILLD_MB_PDU_MAX];
  GString *line;

  if (r->full)
    return;
  bytes[0] = request->unit;
  memcpy (bytes + 1, request->pdu, request->len);
  line = begin (r, "ask");
  g_string_append_printf (line, ",\"port\":%u,\"unit\":%u", port, request->unit);
  put_hex (line, bytes, request->len + 1u);
  add (r, line);
}

void
tilld_recorder_end (TilldRecorder *r, guint port, guint8 unit, TilldBusOutcome outcome, const guint8 *pdu, guint len)
{
  GString *line;

  if (r->full)
    return;
  line = begin (r, "end");
  g_string_append_printf (line, ",\"port\":%u,\"unit\":%u,\"outcome\":\"%s\"", port, unit, tilld_bus_outcome_word (outcome));
  if (pdu != NULL)
    put_hex (line, pdu, len);
  add (r, line);
}

gboolean
tilld_recorder_is_full (const TilldRecorder *r)
{
  return r->full;
}

gsize
tilld_recorder_waiting (const TilldRecorder *r)
{
  return r->text->len;
}

char *
tilld_recorder_take (TilldRecorder *r, gsize max, gsize *ret_len, gint64 *ret_lines)
{
  gsize  len = MIN (max, r->text->len);
  gint64 lines = 0;
  char  *taken;

  while (len > 0 && r->text->str[len - 1] != '\n')
    len--;
  if (len == 0)
    return NULL;
  for (gsize i = 0; i < len; i++)
    lines += r->text->str[i] == '\n';
  taken = g_strndup (r->text->str, len);
  g_string_erase (r->text, 0, (gssize) len);
  *ret_len = len;
  *ret_lines = lines;
  return taken;
}
