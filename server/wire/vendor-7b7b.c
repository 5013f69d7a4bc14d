/* SPDX-License-Identifier: GPL-2.0-or-later
 * vendor-7b7b.c: finds frames by their CRC, then by the layout of their command. A frame that fits no layout is dropped. */
#include "server/wire/vendor-7b7b.h"
#include <string.h>
#include "server/modbus/mb-frame.h"

#define MARK_START 0x7b
#define MARK_END   0x7d
#define SHORTEST   7 /* marks, command, CRC */
#define REGISTER   58

void
tilld_7b7b_init (Tilld7b7bParser *parser)
{
  memset (parser, 0, sizeof *parser);
}

/* Length of the frame at offset 0, or 0. scanned moves on: each byte is looked at once for an end mark. */
static guint
find_end (Tilld7b7bParser *parser)
{
  const guint8 *b = parser->buf;
  guint         i;

  for (i = MAX (parser->scanned, SHORTEST - 2); i + 1 < parser->len; i++)
    if (b[i] == MARK_END && b[i + 1] == MARK_END)
      {
        guint16 crc = tilld_rtu_crc (b + 2, i - 4);

        if (b[i - 2] == (guint8) crc && b[i - 1] == (guint8) (crc >> 8))
          return i + 2;
      }
  parser->scanned = i;
  return 0;
}

static void
consume (Tilld7b7bParser *parser, guint n)
{
  parser->len -= n;
  memmove (parser->buf, parser->buf + n, parser->len);
  parser->scanned = 0;
}

static gboolean
starts_at (const Tilld7b7bParser *parser, guint at)
{
  return parser->buf[at] == MARK_START && (at + 1 == parser->len || parser->buf[at + 1] == MARK_START);
}

/* FALSE: close. */
static gboolean
count_bad (Tilld7b7bParser *parser)
{
  parser->dropped++;
  parser->bad_in_row++;
  return parser->bad_in_row < TILLD_7B7B_BAD_MAX;
}

/* A beginning without an end goes, or bytes that are no beginning: up to the next one. How the bytes were cut into segments makes no
 * difference. */
static gboolean
drop_beginning (Tilld7b7bParser *parser)
{
  gboolean was_frame = starts_at (parser, 0);
  guint    at = 1;

  while (at < parser->len && !starts_at (parser, at))
    at++;
  consume (parser, at);
  if (was_frame)
    return count_bad (parser);
  parser->noise_in_row += at;
  return parser->noise_in_row <= TILLD_7B7B_NOISE_MAX;
}

static gboolean
take_serial (const guint8 *bytes, char ret_serial[TILLD_7B7B_SERIAL + 1])
{
  guint len = 0;

  while (len < TILLD_7B7B_SERIAL && bytes[len] > 0x20 && bytes[len] < 0x7f)
    len++;
  for (guint i = len; i < TILLD_7B7B_SERIAL; i++)
    if (bytes[i] != 0)
      return FALSE;
  memcpy (ret_serial, bytes, len);
  ret_serial[len] = '\0';
  return len > 0;
}

static gboolean
take_register (Tilld7b7bParser *parser, const guint8 *payload, guint len, Tilld7b7bFrame *ret)
{
  char *fw = ret->fw;

  if (len != REGISTER || !take_serial (payload, ret->serial))
    return FALSE;
  memcpy (parser->serial, payload, TILLD_7B7B_SERIAL);
  parser->registered = TRUE;
  for (guint i = 0; i < 30 && g_ascii_isalnum ((char) payload[20 + i]); i++)
    ret->iccid[i] = (char) payload[20 + i];
  ret->csq = payload[50] >= 1 && payload[50] <= 31 ? payload[50] : 0;
  for (guint i = 0; i < 3; i++)
    g_snprintf (fw + 5 * i, sizeof ret->fw - 5 * i, "%02x%02x%s", payload[51 + 2 * i], payload[52 + 2 * i], i < 2 ? "." : "");
  ret->interval_min = payload[57];
  return TRUE;
}

/* TRUE: the payload begins with the serial that registered. */
static gboolean
has_serial (const Tilld7b7bParser *parser, const guint8 *payload, guint len)
{
  return parser->registered && len >= TILLD_7B7B_SERIAL && memcmp (payload, parser->serial, TILLD_7B7B_SERIAL) == 0;
}

static gboolean
take_transparent (const Tilld7b7bParser *parser, const guint8 *payload, guint len, Tilld7b7bFrame *ret)
{
  guint16 crc;

  if (has_serial (parser, payload, len))
    {
      payload += TILLD_7B7B_SERIAL;
      len -= TILLD_7B7B_SERIAL;
      if (len == 0)
        return TRUE; /* the meter did not answer */
    }
  if (len < 5 || len > TILLD_RTU_MAX)
    return FALSE;
  crc = tilld_rtu_crc (payload, len - 2);
  if (payload[len - 2] != (guint8) crc || payload[len - 1] != (guint8) (crc >> 8))
    return FALSE;
  ret->adu = payload;
  ret->adu_len = len;
  return TRUE;
}

/* Length of the section at the beginning of bytes, or 0. */
static guint
read_section (const guint8 *bytes, guint len, Tilld7b7bSection *ret)
{
  guint    at = 2, text = 0;
  guint16  crc;
  gboolean bare;

  if (len < 2 || bytes[0] != '[' || bytes[1] != '[')
    return 0;
  while (at + 1 < len && !(bytes[at] == '(' && bytes[at + 1] == '('))
    {
      if (bytes[at] < 0x20 || bytes[at] > 0x7e || text >= sizeof ret->address - 1)
        return 0;
      ret->address[text++] = (char) bytes[at++];
    }
  ret->address[text] = '\0';
  at += 2;
  if (at + 3 > len)
    return 0;
  ret->unit = bytes[at];
  ret->fc = bytes[at + 1];
  ret->data_len = bytes[at + 2];
  ret->data = bytes + at + 3;
  if ((ret->fc != 3 && ret->fc != 4) || ret->data_len == 0 || ret->data_len % 2 != 0 || at + 3 + ret->data_len + 4 > len)
    return 0;
  crc = tilld_rtu_crc (bytes + at, 3 + ret->data_len);
  at += 3 + ret->data_len;
  bare = memcmp (bytes + at, "))]]", 4) == 0;
  if (bare)
    return at + 4;
  if (at + 6 > len || bytes[at] != (guint8) crc || bytes[at + 1] != (guint8) (crc >> 8) || memcmp (bytes + at + 2, "))]]", 4) != 0)
    return 0;
  return at + 6;
}

static gboolean
take_upload (const Tilld7b7bParser *parser, const guint8 *payload, guint len, Tilld7b7bFrame *ret)
{
  Tilld7b7bSection section;
  guint            at = 0, n;

  if (len >= TILLD_7B7B_SERIAL && payload[0] != '[')
    {
      if (!take_serial (payload, ret->serial))
        return FALSE;
      payload += TILLD_7B7B_SERIAL;
      len -= TILLD_7B7B_SERIAL;
    }
  if (len == 0)
    return FALSE;
  while (at < len)
    {
      n = read_section (payload + at, len - at, &section);
      if (n == 0)
        return FALSE;
      at += n;
    }
  ret->sections = payload;
  ret->sections_len = len;
  return TRUE;
}

gboolean
tilld_7b7b_section (Tilld7b7bFrame *frame, Tilld7b7bSection *ret_section)
{
  guint n = frame->sections_len == 0 ? 0 : read_section (frame->sections, frame->sections_len, ret_section);

  if (n == 0)
    return FALSE;
  frame->sections += n;
  frame->sections_len -= n;
  return TRUE;
}

static gboolean
take_frame (Tilld7b7bParser *parser, const guint8 *frame, guint len, Tilld7b7bFrame *ret)
{
  const guint8 *payload = frame + 3;
  guint         n = len - SHORTEST;

  memset (ret, 0, sizeof *ret);
  ret->cmd = frame[2];
  switch (ret->cmd)
    {
    case TILLD_7B7B_REGISTER:
      return take_register (parser, payload, n, ret);
    case TILLD_7B7B_TRANSPARENT:
      return take_transparent (parser, payload, n, ret);
    case TILLD_7B7B_UPLOAD:
      return take_upload (parser, payload, n, ret);
    default:
      return TRUE; /* heartbeat, time, alarms: the command says it all */
    }
}

/* In what has arrived. The frame found stays in front until the next call. */
static Tilld7b7bResult
search (Tilld7b7bParser *parser, Tilld7b7bFrame *ret_frame)
{
  while (parser->len > 0)
    {
      guint n = starts_at (parser, 0) ? find_end (parser) : 0;

      if (n == 0 && starts_at (parser, 0) && parser->len < TILLD_7B7B_MAX)
        return TILLD_7B7B_NEED_MORE;
      if (n == 0)
        {
          if (!drop_beginning (parser))
            return TILLD_7B7B_CLOSE;
          continue;
        }
      if (take_frame (parser, parser->buf, n, ret_frame))
        {
          parser->found = n;
          parser->bad_in_row = parser->noise_in_row = 0;
          return TILLD_7B7B_FRAME;
        }
      consume (parser, n);
      if (!count_bad (parser))
        return TILLD_7B7B_CLOSE;
    }
  return TILLD_7B7B_NEED_MORE;
}

Tilld7b7bResult
tilld_7b7b_feed (Tilld7b7bParser *parser, const guint8 *bytes, gsize len, gsize *ret_used, Tilld7b7bFrame *ret_frame)
{
  guint take;

  consume (parser, parser->found);
  parser->found = 0;
  take = (guint) MIN (len, TILLD_7B7B_MAX - parser->len);
  if (take > 0)
    memcpy (parser->buf + parser->len, bytes, take);
  parser->len += take;
  *ret_used = take;
  return search (parser, ret_frame);
}

Tilld7b7bResult
tilld_7b7b_silent (Tilld7b7bParser *parser, Tilld7b7bFrame *ret_frame)
{
  consume (parser, parser->found);
  parser->found = 0;
  if (parser->len > 0 && !drop_beginning (parser))
    return TILLD_7B7B_CLOSE;
  return search (parser, ret_frame);
}

guint
tilld_7b7b_write (guint8 cmd, const guint8 *payload, guint len, guint8 *ret)
{
  guint16 crc;

  g_assert (len <= TILLD_7B7B_MAX - SHORTEST);
  ret[0] = ret[1] = MARK_START;
  ret[2] = cmd;
  if (len > 0)
    memcpy (ret + 3, payload, len);
  crc = tilld_rtu_crc (ret + 2, 1 + len);
  ret[3 + len] = (guint8) crc;
  ret[4 + len] = (guint8) (crc >> 8);
  ret[5 + len] = ret[6 + len] = MARK_END;
  return len + SHORTEST;
}

void
tilld_7b7b_time (const Tilld7b7bTime *time, guint8 ret[7])
{
  ret[0] = (guint8) (time->year % 100);
  ret[1] = (guint8) time->month;
  ret[2] = (guint8) time->day;
  ret[3] = (guint8) time->weekday;
  ret[4] = (guint8) time->hour;
  ret[5] = (guint8) time->minute;
  ret[6] = (guint8) time->second;
}

int
tilld_7b7b_dbm (guint8 csq)
{
  return csq == 0 ? 0 : -113 + 2 * csq;
}
