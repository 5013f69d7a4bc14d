/* SPDX-License-Identifier: GPL-2.0-or-later
 * gt3-message.c: fixed layouts, big-endian; what is of another length is refused. */
#include "server/wire/gt3-message.h"
#include <string.h>

static guint16
read_u16 (const guint8 *at)
{
  return (guint16) (at[0] << 8 | at[1]);
}

static void
write_u16 (guint8 *at, guint16 value)
{
  at[0] = (guint8) (value >> 8);
  at[1] = (guint8) value;
}

static void
write_u32 (guint8 *at, guint32 value)
{
  write_u16 (at, (guint16) (value >> 16));
  write_u16 (at + 2, (guint16) value);
}

static gboolean
is_adu_len (guint len)
{
  return len >= 4 && len <= TILLD_GT3_ADU_MAX;
}

guint
tilld_gt3_request_write (const TilldGt3Request *request, guint8 ret[TILLD_GT3_REQUEST_MAX])
{
  g_assert (is_adu_len (request->adu_len) && request->port > 0);
  write_u16 (ret, request->tid);
  ret[2] = request->port;
  ret[3] = request->flags;
  write_u16 (ret + 4, request->timeout_ms);
  write_u16 (ret + 6, request->ttl_ms);
  memcpy (ret + 8, request->adu, request->adu_len);
  return 8 + request->adu_len;
}

gboolean
tilld_gt3_request_read (const guint8 *plain, guint len, TilldGt3Request *ret_request)
{
  if (len < 8 || !is_adu_len (len - 8) || plain[2] == 0 || plain[3] != 0)
    return FALSE;
  *ret_request = (TilldGt3Request){ .tid = read_u16 (plain), .port = plain[2], .flags = plain[3], .timeout_ms = read_u16 (plain + 4),
                                    .ttl_ms = read_u16 (plain + 6), .adu = plain + 8, .adu_len = len - 8 };
  return TRUE;
}

guint
tilld_gt3_reply_write (const TilldGt3Reply *reply, guint8 ret[TILLD_GT3_REQUEST_MAX])
{
  guint adu_len = reply->status == TILLD_GT3_STATUS_OK ? reply->adu_len : 0;

  g_assert (reply->status != TILLD_GT3_STATUS_OK || is_adu_len (adu_len));
  write_u16 (ret, reply->tid);
  ret[2] = reply->port;
  ret[3] = reply->status;
  if (adu_len > 0)
    memcpy (ret + 4, reply->adu, adu_len);
  return 4 + adu_len;
}

gboolean
tilld_gt3_reply_read (const guint8 *plain, guint len, TilldGt3Reply *ret_reply)
{
  if (len < 4 || plain[2] == 0 || plain[3] > TILLD_GT3_STATUS_NO_PORT)
    return FALSE;
  if (plain[3] == TILLD_GT3_STATUS_OK ? !is_adu_len (len - 4) : len != 4)
    return FALSE;
  *ret_reply = (TilldGt3Reply){ .tid = read_u16 (plain), .port = plain[2], .status = plain[3], .adu = plain + 4, .adu_len = len - 4 };
  return TRUE;
}

guint
tilld_gt3_heartbeat_write (guint32 uptime_s, gint8 rssi_dbm, guint8 ret[5])
{
  write_u32 (ret, uptime_s);
  ret[4] = (guint8) rssi_dbm;
  return 5;
}

gboolean
tilld_gt3_heartbeat_read (const guint8 *plain, guint len, guint32 *ret_uptime_s, gint8 *ret_rssi_dbm)
{
  if (len != 5)
    return FALSE;
  *ret_uptime_s = (guint32) read_u16 (plain) << 16 | read_u16 (plain + 2);
  *ret_rssi_dbm = (gint8) plain[4];
  return TRUE;
}

guint
tilld_gt3_time_write (gint64 unix_ms, gint16 east_min, guint8 ret[11])
{
  ret[0] = 0x02;
  write_u32 (ret + 1, (guint32) ((guint64) unix_ms >> 32));
  write_u32 (ret + 5, (guint32) (guint64) unix_ms);
  write_u16 (ret + 9, (guint16) east_min);
  return 11;
}

gboolean
tilld_gt3_time_read (const guint8 *plain, guint len, gint64 *ret_unix_ms, gint16 *ret_east_min)
{
  guint64 ms = 0;

  if (len != 11 || plain[0] != 0x02)
    return FALSE;
  for (guint i = 1; i <= 8; i++)
    ms = ms << 8 | plain[i];
  *ret_unix_ms = (gint64) ms;
  *ret_east_min = (gint16) read_u16 (plain + 9);
  return TRUE;
}

guint
tilld_gt3_error_write (TilldGt3ErrorCode code, const char *text, guint8 ret[1 + TILLD_GT3_TEXT_MAX])
{
  gsize len = MIN (strlen (text), TILLD_GT3_TEXT_MAX);

  ret[0] = (guint8) code;
  memcpy (ret + 1, text, len);
  return 1 + (guint) len;
}

gboolean
tilld_gt3_error_read (const guint8 *plain, guint len, guint8 *ret_code, char ret_text[TILLD_GT3_TEXT_MAX + 1])
{
  if (len < 1 || len > 1 + TILLD_GT3_TEXT_MAX)
    return FALSE;
  *ret_code = plain[0];
  for (guint i = 1; i < len; i++)
    ret_text[i - 1] = plain[i] >= 0x20 && plain[i] < 0x7f ? (char) plain[i] : '?';
  ret_text[len - 1] = '\0';
  return TRUE;
}

/* "1:9600:N,2:4800:E"; a part that is none is passed over: it informs, the record rules. */
static void
read_ports (const char *text, TilldGt3Info *info)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", G_N_ELEMENTS (info->ports) + 1);

  for (guint i = 0; parts[i] != NULL && info->n_ports < G_N_ELEMENTS (info->ports); i++)
    {
      g_auto (GStrv) fields = g_strsplit (parts[i], ":", 4);
      guint64        port, baud;

      if (g_strv_length (fields) != 3 || !g_ascii_string_to_unsigned (fields[0], 10, 1, 255, &port, NULL) ||
          !g_ascii_string_to_unsigned (fields[1], 10, 300, 1000000, &baud, NULL) || strlen (fields[2]) != 1 ||
          strchr ("NEO", fields[2][0]) == NULL)
        continue;
      info->ports[info->n_ports].port = (guint) port;
      info->ports[info->n_ports].baud = (guint) baud;
      info->ports[info->n_ports].parity = fields[2][0];
      info->n_ports++;
    }
}

static void
take_line (const char *key, const char *value, TilldGt3Info *info)
{
  const struct { const char *key; char *text; } texts[] = {
    { "fw", info->fw }, { "iccid", info->iccid }, { "imei", info->imei }, { "model", info->model }, { "serial", info->serial },
    { "vendor", info->vendor },
  };
  const char *end = value;

  if (strcmp (key, "ports") == 0)
    read_ports (value, info);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (strcmp (key, texts[i].key) == 0)
      {
        /* Whole characters, as many as fit. */
        while (*end != '\0' && g_utf8_next_char (end) - value < 33)
          end = g_utf8_next_char (end);
        memcpy (texts[i].text, value, (gsize) (end - value));
        texts[i].text[end - value] = '\0';
      }
}

gboolean
tilld_gt3_info_read (const guint8 *plain, guint len, TilldGt3Info *ret_info)
{
  g_autofree char *text = g_strndup ((const char *) plain, len);
  g_auto (GStrv)   lines = NULL;
  TilldGt3Info     info = { 0 };

  if (len == 0 || len > TILLD_GT3_INFO_MAX || !g_utf8_validate (text, len, NULL))
    return FALSE;
  for (guint i = 0; i < len; i++)
    if ((plain[i] < 0x20 && plain[i] != '\n') || plain[i] == 0x7f)
      return FALSE;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *value = strchr (lines[i], '=');

      if (lines[i][0] == '\0')
        continue;
      if (value == NULL || value == lines[i])
        return FALSE;
      *value++ = '\0';
      take_line (lines[i], value, &info);
    }
  *ret_info = info;
  return TRUE;
}
