/* SPDX-License-Identifier: GPL-2.0-or-later
 * bad-slave.c: a device for link tests. Loopback only. */
#include "tests/field/bad-slave.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const guint8 bad_slave_heartbeat[3] = { 0xfe, 0xfd, 0xfc };

static guint16
crc_of (const guint8 *b, guint n)
{
  guint16 crc = 0xffff;

  for (guint i = 0; i < n; i++)
    {
      crc ^= b[i];
      for (guint k = 0; k < 8; k++)
        crc = (guint16) ((crc & 1) != 0 ? (crc >> 1) ^ 0xa001 : crc >> 1);
    }
  return crc;
}

void
bad_slave_start (BadSlave *slave, TilldClock *clock, TilldReactor *reactor, gboolean mbap)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t          len = sizeof address;

  memset (slave, 0, sizeof *slave);
  slave->clock = clock;
  slave->reactor = reactor;
  slave->mbap = mbap;
  slave->fd = -1;
  slave->listener = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (slave->listener, (struct sockaddr *) &address, len), ==, 0);
  g_assert_cmpint (listen (slave->listener, 4), ==, 0);
  g_assert_cmpint (getsockname (slave->listener, (struct sockaddr *) &address, &len), ==, 0);
  slave->port = ntohs (address.sin_port);
}

void
bad_slave_stop (BadSlave *slave)
{
  if (slave->fd >= 0)
    close (slave->fd);
  close (slave->listener);
}

char *
bad_slave_address (const BadSlave *slave)
{
  return g_strdup_printf ("127.0.0.1:%u", slave->port);
}

static void
queue (BadSlave *slave, const guint8 *bytes, guint len, guint wait_ms, gboolean split)
{
  g_assert_cmpuint (slave->n_out, <, G_N_ELEMENTS (slave->out));
  memcpy (slave->out[slave->n_out].bytes, bytes, len);
  slave->out[slave->n_out].len = len;
  slave->out[slave->n_out].at = 0;
  slave->out[slave->n_out].split = split;
  slave->out[slave->n_out++].due_us = tilld_clock_boot_us (slave->clock) + wait_ms * 1000;
}

static void
hang_up (BadSlave *slave)
{
  close (slave->fd);
  slave->fd = -1;
  slave->n_out = slave->in_len = 0;
}

/* PDU of the answer; 0 = none. */
static guint
answer_pdu (BadSlave *slave, guint8 unit, const guint8 *pdu, guint8 *out)
{
  guint16 at = (guint16) (pdu[1] << 8 | pdu[2]), n = (guint16) (pdu[3] << 8 | pdu[4]), words[123];

  if (slave->dead != NULL && slave->dead (unit, slave->data))
    return 0;
  out[0] = pdu[0];
  if (pdu[0] == 16)
    {
      for (guint i = 0; i < n; i++)
        words[i] = (guint16) (pdu[6 + 2 * i] << 8 | pdu[7 + 2 * i]);
      memcpy (out + 1, pdu + 1, 4);
      if (slave->write != NULL && slave->write (unit, at, words, n, slave->data))
        return 5;
      out[0] |= 0x80;
      out[1] = 3;
      return 2;
    }
  out[1] = (guint8) (2 * n);
  for (guint i = 0; i < n; i++)
    {
      guint16 value = (guint16) (unit << 8 | ((at + i) & 0xff));

      if (slave->value != NULL && !slave->value (unit, (guint16) (at + i), &value, slave->data))
        {
          out[0] |= 0x80;
          out[1] = 2;
          return 2;
        }
      out[2 + 2 * i] = (guint8) (value >> 8);
      out[3 + 2 * i] = (guint8) value;
    }
  return 2 + 2u * n;
}

static guint
frame (const BadSlave *slave, const guint8 *request, guint8 unit, const guint8 *pdu, guint len, guint8 *out)
{
  guint16 crc;

  if (slave->mbap)
    {
      memcpy (out, request, 4);
      out[4] = 0;
      out[5] = (guint8) (len + 1);
      out[6] = unit;
      memcpy (out + 7, pdu, len);
      return len + 7;
    }
  out[0] = unit;
  memcpy (out + 1, pdu, len);
  crc = crc_of (out, len + 1);
  out[len + 1] = (guint8) crc;
  out[len + 2] = (guint8) (crc >> 8);
  return len + 3;
}

static void
answer (BadSlave *slave, const guint8 *request, guint8 unit, const guint8 *pdu)
{
  static const guint8 junk[] = { 0x55, 0x00, 0x13, 0x37, 0x01, 0x03, 0x04 };
  guint8              body[256], bytes[300], twice[300];
  guint               n = answer_pdu (slave, unit, pdu, body), len;
  BadMode             mode = slave->mode;

  slave->mode = BAD_NOTHING;
  slave->requests++;
  if (n == 0 || mode == BAD_SILENCE)
    return;
  if (mode == BAD_EXCEPTION)
    {
      body[0] = pdu[0] | 0x80;
      body[1] = 4;
      n = 2;
    }
  if (mode == BAD_OTHER_LENGTH && pdu[0] != 16)
    {
      body[1] = (guint8) (body[1] + 2);
      body[n] = body[n + 1] = 0x77;
      n += 2;
    }
  len = frame (slave, request, mode == BAD_OTHER_UNIT ? unit ^ 2 : unit, body, n, bytes);
  switch (mode)
    {
    case BAD_LATE:
      queue (slave, bytes, len, slave->late_ms, FALSE);
      return;
    case BAD_HEARTBEAT_BEFORE:
      queue (slave, bad_slave_heartbeat, 3, 0, FALSE);
      break;
    case BAD_HEARTBEAT_INSIDE:
      memcpy (twice, bytes, 4);
      memcpy (twice + 4, bad_slave_heartbeat, 3);
      memcpy (twice + 7, bytes + 4, len - 4);
      queue (slave, twice, len + 3, 0, TRUE);
      return;
    case BAD_GARBAGE:
      queue (slave, junk, sizeof junk, 0, FALSE);
      return;
    case BAD_HALF:
      queue (slave, bytes, len / 2, 0, FALSE);
      return;
    case BAD_CRC:
      bytes[len - 1] ^= 1;
      break;
    case BAD_TWICE:
      memcpy (twice, bytes, len);
      memcpy (twice + len, bytes, MIN (len, 300 - len));
      queue (slave, twice, len + MIN (len, 300 - len), 0, FALSE);
      return;
    case BAD_HANGUP:
      hang_up (slave);
      return;
    default:
      break;
    }
  queue (slave, bytes, len, 0, mode == BAD_SPLIT);
}

/* Requests are well formed: they come from the code under test and are checked here. */
static void
take_requests (BadSlave *slave)
{
  guint head = slave->mbap ? 7 : 1, tail = slave->mbap ? 0 : 2;

  while (slave->fd >= 0 && slave->in_len >= head + 5 && (slave->in[head] != 16 || slave->in_len >= head + 6))
    {
      const guint8 *pdu = slave->in + head;
      guint         len = head + (pdu[0] == 16 ? 6u + pdu[5] : 5u) + tail;
      guint8        request[300];

      if (slave->in_len < len)
        return;
      memcpy (request, slave->in, len);
      slave->in_len -= len;
      memmove (slave->in, slave->in + len, slave->in_len);
      if (!slave->mbap)
        g_assert_cmphex (crc_of (request, len - 2), ==, request[len - 2] | request[len - 1] << 8);
      answer (slave, request, request[head - 1], request + head);
    }
}

static void
send_due (BadSlave *slave)
{
  gint64 now = tilld_clock_boot_us (slave->clock);
  guint  begun = 0;

  while (begun < slave->n_out && slave->out[begun].at == 0)
    begun++; /* a frame that is half out goes first: nobody mixes frames */
  for (guint i = 0; i < slave->n_out && slave->fd >= 0;)
    {
      guint n = slave->out[i].split ? 1 : slave->out[i].len - slave->out[i].at;

      if (slave->out[i].due_us > now || (i != begun && begun < slave->n_out))
        {
          i++;
          continue;
        }
      if (send (slave->fd, slave->out[i].bytes + slave->out[i].at, n, MSG_NOSIGNAL) < 0 && (errno == EPIPE || errno == ECONNRESET))
        {
          hang_up (slave);
          return;
        }
      slave->out[i].at += n;
      if (slave->out[i].at < slave->out[i].len)
        return;
      slave->n_out--;
      memmove (&slave->out[i], &slave->out[i + 1], (slave->n_out - i) * sizeof slave->out[0]);
    }
}

void
bad_slave_step (BadSlave *slave)
{
  int    fd = accept4 (slave->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), yes = 1;
  gssize n;

  if (fd >= 0)
    {
      if (slave->fd >= 0)
        hang_up (slave);
      slave->fd = fd;
      setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
  if (slave->fd >= 0 && (n = recv (slave->fd, slave->in + slave->in_len, sizeof slave->in - slave->in_len, 0)) >= 0)
    {
      if (n == 0)
        hang_up (slave);
      slave->in_len += (guint) n;
    }
  take_requests (slave);
  if (slave->fd >= 0)
    send_due (slave);
  tilld_reactor_step (slave->reactor);
  tilld_clock_fake_advance (slave->clock, 5000);
}
