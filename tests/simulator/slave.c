/* SPDX-License-Identifier: GPL-2.0-or-later
 * slave.c: requests in, answers out. A device is silent to what is not for it or not whole. */
#include "tests/simulator/slave.h"
#include <string.h>
#include "tests/simulator/meter-registers.h"

#define FC_READ_HOLDING   3
#define FC_READ_INPUT     4
#define FC_WRITE_SINGLE   6
#define FC_WRITE_MULTIPLE 16
#define WRITE_MAX         123

static guint16
get_u16 (const guint8 *at)
{
  return (guint16) (at[0] << 8 | at[1]);
}

static void
put_u16 (guint8 *at, guint16 value)
{
  at[0] = (guint8) (value >> 8);
  at[1] = (guint8) value;
}

guint16
sim_crc16 (const guint8 *bytes, gsize n)
{
  static guint16 table[256]; /* what the eight steps of the textbook do to each byte */
  guint16        crc = 0xffff;

  for (guint i = 0; table[1] == 0 && i < 256; i++)
    {
      guint16 value = (guint16) (255 - i);

      for (int bit = 0; bit < 8; bit++)
        value = (guint16) (value & 1 ? (value >> 1) ^ 0xa001 : value >> 1);
      table[255 - i] = value;
    }
  for (gsize i = 0; i < n; i++)
    crc = (guint16) ((crc >> 8) ^ table[(crc ^ bytes[i]) & 0xff]);
  return crc;
}

SimFrame
sim_frame_mbap (const guint8 *bytes, gsize n, SimRequest *ret, gsize *ret_used)
{
  guint16 len;

  if (n < 7)
    return SIM_FRAME_NEED_MORE;
  len = get_u16 (bytes + 4);
  if (get_u16 (bytes + 2) != 0 || len < 2 || len > 1 + SIM_PDU_MAX)
    return SIM_FRAME_CLOSE;
  if (n < 6u + len)
    return SIM_FRAME_NEED_MORE;
  ret->tid = get_u16 (bytes);
  ret->unit = bytes[6];
  ret->n_pdu = (guint8) (len - 1);
  memcpy (ret->pdu, bytes + 7, ret->n_pdu);
  *ret_used = 6u + len;
  return SIM_FRAME_READY;
}

/* Length of an RTU request by its function, 0 = not yet or not known. */
static gsize
rtu_length (const guint8 *bytes, gsize n)
{
  if (n < 2)
    return 0;
  if (bytes[1] == FC_READ_HOLDING || bytes[1] == FC_READ_INPUT || bytes[1] == FC_WRITE_SINGLE)
    return 8;
  return bytes[1] == FC_WRITE_MULTIPLE && n >= 7 ? 9u + bytes[6] : 0;
}

SimFrame
sim_frame_rtu (const guint8 *bytes, gsize n, gboolean silent, SimRequest *ret, gsize *ret_used)
{
  gsize   len = rtu_length (bytes, n);
  guint16 crc;

  if (!silent && (len == 0 || n < len))
    return SIM_FRAME_NEED_MORE;
  if (len == 0 || n < len)
    len = n;
  *ret_used = n;
  if (len < 4 || len > 3 + SIM_PDU_MAX)
    return SIM_FRAME_NOISE;
  crc = sim_crc16 (bytes, len - 2);
  if (bytes[len - 2] != (guint8) crc || bytes[len - 1] != (guint8) (crc >> 8))
    return silent ? SIM_FRAME_NOISE : SIM_FRAME_NEED_MORE;
  ret->tid = 0;
  ret->unit = bytes[0];
  ret->n_pdu = (guint8) (len - 3);
  memcpy (ret->pdu, bytes + 1, ret->n_pdu);
  *ret_used = len;
  return SIM_FRAME_READY;
}

gsize
sim_frame_wrap (gboolean mbap, guint16 tid, guint8 unit, const guint8 *pdu, gsize n, guint8 *adu)
{
  guint16 crc;

  if (mbap)
    {
      put_u16 (adu, tid);
      put_u16 (adu + 2, 0);
      put_u16 (adu + 4, (guint16) (n + 1));
      adu[6] = unit;
      memcpy (adu + 7, pdu, n);
      return n + 7;
    }
  adu[0] = unit;
  memcpy (adu + 1, pdu, n);
  crc = sim_crc16 (adu, n + 1);
  adu[n + 1] = (guint8) crc;
  adu[n + 2] = (guint8) (crc >> 8);
  return n + 3;
}

gsize
sim_slave_exception (guint8 function, guint8 code, guint8 *reply)
{
  reply[0] = function | 0x80;
  reply[1] = code;
  return 2;
}

static gsize
answer_read (const SimMeter *meter, const SimRequest *request, guint8 *reply)
{
  guint16 words[128], n;
  guint8  verdict;

  if (request->n_pdu != 5 || (n = get_u16 (request->pdu + 3)) > 125)
    return sim_slave_exception (request->pdu[0], SIM_ILLEGAL_VALUE, reply);
  verdict = sim_registers_read (meter, get_u16 (request->pdu + 1), n, words);
  if (verdict != 0)
    return sim_slave_exception (request->pdu[0], verdict, reply);
  reply[0] = request->pdu[0];
  reply[1] = (guint8) (2 * n);
  for (guint i = 0; i < n; i++)
    put_u16 (reply + 2 + 2 * i, words[i]);
  return 2u + 2u * n;
}

static gsize
answer_write (SimMeter *meter, const SimRequest *request, guint8 *reply, SimEffect *ret_effect)
{
  const guint8 *pdu = request->pdu;
  gboolean      single = pdu[0] == FC_WRITE_SINGLE;
  guint16       words[WRITE_MAX], n = single ? 1 : request->n_pdu >= 6 ? get_u16 (pdu + 3) : 0;
  guint8        verdict = 0;

  if (single ? request->n_pdu != 5 : n == 0 || n > WRITE_MAX || pdu[5] != 2 * n || request->n_pdu != 6 + 2 * n)
    return sim_slave_exception (pdu[0], SIM_ILLEGAL_VALUE, reply);
  for (guint i = 0; i < n; i++)
    words[i] = get_u16 (pdu + (single ? 3 : 6) + 2 * i);
  verdict = sim_registers_write (meter, pdu[0], get_u16 (pdu + 1), n, words, ret_effect);
  if (verdict != 0)
    return sim_slave_exception (pdu[0], verdict, reply);
  memcpy (reply, pdu, 5);
  return 5;
}

gsize
sim_slave_answer (SimMeter *meter, const SimRequest *request, guint8 *reply, SimEffect *ret_effect)
{
  guint8 function = request->pdu[0];

  *ret_effect = (SimEffect){ .kind = SIM_EFFECT_NONE };
  if ((function == FC_READ_HOLDING || function == FC_READ_INPUT) && function == meter->model->read_fc)
    return answer_read (meter, request, reply);
  if ((function == FC_WRITE_MULTIPLE || function == FC_WRITE_SINGLE) && meter->model->max_write > 0)
    return answer_write (meter, request, reply, ret_effect);
  return sim_slave_exception (function, SIM_ILLEGAL_FUNCTION, reply);
}
