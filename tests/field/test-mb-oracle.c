/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-mb-oracle.c: our codec against libmodbus: ours asks its slave, its master asks ours; random requests over TCP and pty. */
#include <errno.h>
#include <fcntl.h>
#include <modbus.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>
#include "server/modbus/mb-frame.h"
#include "tests/lib/test-main.h"

#define REGISTERS 400
#define ROUNDS    10000 /* each way, over each of the two */

typedef struct {
  modbus_t         *ctx;
  modbus_mapping_t *map;
  gboolean          tcp;
  int               fd;
  guint             rounds;
} Peer;

static int
make_pty (char **ret_name)
{
  int            fd = posix_openpt (O_RDWR | O_NOCTTY);
  struct termios raw;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (grantpt (fd), ==, 0);
  g_assert_cmpint (unlockpt (fd), ==, 0);
  g_assert_cmpint (tcgetattr (fd, &raw), ==, 0);
  cfmakeraw (&raw);
  g_assert_cmpint (tcsetattr (fd, TCSANOW, &raw), ==, 0);
  *ret_name = g_strdup (ptsname (fd));
  return fd;
}

/* A bare chroot may have no pseudo terminals: then that half is skipped, and says so. */
static gboolean
skip_without_pty (gconstpointer tcp)
{
  int fd = posix_openpt (O_RDWR | O_NOCTTY);

  if (fd >= 0)
    close (fd);
  if (fd < 0 && !GPOINTER_TO_INT (tcp))
    g_test_skip ("no pseudo terminals here (/dev/pts)");
  return fd < 0 && !GPOINTER_TO_INT (tcp);
}

/* The two ends of one line: our descriptor and a connected libmodbus context. */
static void
connect_peer (Peer *peer, gboolean tcp, int unit)
{
  peer->tcp = tcp;
  if (tcp)
    {
      int pair[2];

      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
      peer->ctx = modbus_new_tcp ("127.0.0.1", 502);
      modbus_set_socket (peer->ctx, pair[0]);
      peer->fd = pair[1];
    }
  else
    {
      g_autofree char *name = NULL;

      peer->fd = make_pty (&name);
      peer->ctx = modbus_new_rtu (name, 115200, 'N', 8, 1);
      g_assert_nonnull (peer->ctx);
      g_assert_cmpint (modbus_connect (peer->ctx), ==, 0);
    }
  modbus_set_slave (peer->ctx, unit);
  modbus_set_response_timeout (peer->ctx, 5, 0);
  peer->map = modbus_mapping_new (0, 0, REGISTERS, REGISTERS);
}

static void
close_peer (Peer *peer)
{
  modbus_close (peer->ctx);
  close (peer->fd);
  modbus_mapping_free (peer->map);
  modbus_free (peer->ctx);
}

static guint
read_some (int fd, guint8 *bytes, guint size)
{
  struct pollfd p = { .fd = fd, .events = POLLIN };
  gssize        n;

  g_assert_cmpint (poll (&p, 1, 5000), ==, 1);
  n = read (fd, bytes, size);
  g_assert_cmpint (n, >, 0);
  return (guint) n;
}

static gpointer
slave_thread (gpointer data)
{
  Peer *peer = data;

  for (guint i = 0; i < peer->rounds; i++)
    {
      guint8 query[MODBUS_TCP_MAX_ADU_LENGTH];
      int    n = modbus_receive (peer->ctx, query);

      if (n > 0)
        modbus_reply (peer->ctx, query, n, peer->map);
    }
  return NULL;
}

static void
random_request (TilldMbRequest *request, guint8 unit)
{
  guint   kind = (guint) g_test_rand_int_range (0, 4), at = (guint) g_test_rand_int_range (0, REGISTERS + 20), n;
  guint16 words[TILLD_MB_WRITE_MAX];

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    words[i] = (guint16) g_test_rand_int ();
  if (kind < 2)
    tilld_mb_read (request, unit, kind == 0 ? 3 : 4, (guint16) at, (guint) g_test_rand_int_range (1, TILLD_MB_READ_MAX + 1));
  else if (kind == 2)
    tilld_mb_write (request, unit, 6, (guint16) at, words, 1);
  else
    {
      n = (guint) g_test_rand_int_range (1, TILLD_MB_WRITE_MAX + 1);
      tilld_mb_write (request, unit, 16, (guint16) at, words, n);
    }
}

static guint
ask (Peer *peer, TilldRtuFrame *rtu, TilldMbapFrame *mbap, const TilldMbRequest *request, guint16 tid, const guint8 **ret_pdu)
{
  guint8           out[TILLD_MBAP_MAX], in[64];
  guint            n = peer->tcp ? tilld_mbap_encode (request, tid, out) : tilld_rtu_encode (request, out);
  TilldFrameResult result = TILLD_FRAME_NEED_MORE;

  tilld_rtu_expect (rtu, request);
  g_assert_cmpint (write (peer->fd, out, n), ==, n);
  while (result == TILLD_FRAME_NEED_MORE)
    {
      guint len = read_some (peer->fd, in, (guint) g_test_rand_int_range (1, sizeof in + 1)), used = 0;

      for (guint at = 0; at < len && result == TILLD_FRAME_NEED_MORE; at += used)
        {
          used = len;
          result = peer->tcp ? tilld_mbap_feed (mbap, in + at, len - at, &used) : tilld_rtu_feed (rtu, in, len);
        }
    }
  g_assert_cmpint (result, ==, TILLD_FRAME_REPLY);
  if (peer->tcp)
    g_assert_cmphex (mbap->tid, ==, tid);
  *ret_pdu = peer->tcp ? mbap->pdu : rtu->pdu;
  return peer->tcp ? mbap->pdu_len : rtu->pdu_len;
}

static void
check_reply (const TilldMbRequest *request, const TilldMbReply *reply, const guint16 *before, const modbus_mapping_t *map)
{
  if (request->at + request->count > REGISTERS)
    {
      g_assert_cmpint (reply->kind, ==, TILLD_MB_EXCEPTION);
      g_assert_cmpuint (reply->exception, ==, 2);
      return;
    }
  g_assert_cmpint (reply->kind, ==, TILLD_MB_OK);
  if (tilld_mb_is_write (request))
    {
      for (guint i = 0; i < request->count; i++)
        {
          const guint8 *word = request->fc == 6 ? request->pdu + 3 : request->pdu + 6 + 2 * i;

          g_assert_cmphex (map->tab_registers[request->at + i], ==, word[0] << 8 | word[1]);
        }
      return;
    }
  for (guint i = 0; i < request->count; i++)
    g_assert_cmphex (reply->regs[i], ==, request->fc == 3 ? before[request->at + i] : map->tab_input_registers[request->at + i]);
}

static void
test_slave (gconstpointer data)
{
  Peer           peer = { .rounds = ROUNDS };
  GThread       *thread;
  TilldRtuFrame  rtu;
  TilldMbapFrame mbap;

  if (skip_without_pty (data))
    return;
  connect_peer (&peer, GPOINTER_TO_INT (data), 17);
  for (guint i = 0; i < REGISTERS; i++)
    peer.map->tab_input_registers[i] = (guint16) g_test_rand_int ();
  tilld_rtu_init (&rtu, NULL, 0);
  tilld_mbap_init (&mbap);
  thread = g_thread_new ("slave", slave_thread, &peer);
  for (guint i = 0; i < peer.rounds; i++)
    {
      guint16        before[REGISTERS];
      TilldMbRequest request;
      TilldMbReply   reply;
      const guint8  *pdu;
      guint          len;

      memcpy (before, peer.map->tab_registers, sizeof before);
      random_request (&request, 17);
      len = ask (&peer, &rtu, &mbap, &request, (guint16) i, &pdu);
      tilld_mb_decode (&request, pdu, len, &reply);
      check_reply (&request, &reply, before, peer.map);
    }
  g_thread_join (thread);
  close_peer (&peer);
}

/* Of the request that begins here, as far as it can be known. */
static guint
whole_len (const guint8 *wire, guint len, guint head, guint tail)
{
  if (len <= head || wire[head] != 16)
    return head + 5 + tail;
  return len < head + 6 ? head + 6 : head + 6u + wire[head + 5] + tail;
}

/* Every seventh address is refused, with a code that depends on it. */
static guint
refusal (guint at)
{
  return at % 7 == 0 ? 1 + at % 4 : 0;
}

static guint
answer_body (const TilldMbRequest *request, guint8 *body)
{
  memcpy (body, request->pdu, 5);
  if (refusal (request->at) != 0)
    {
      body[0] |= 0x80;
      body[1] = (guint8) refusal (request->at);
      return 2;
    }
  if (!tilld_mb_is_write (request))
    {
      body[1] = (guint8) (2 * request->count);
      for (guint k = 0; k < 2u * request->count; k++)
        body[2 + k] = (guint8) (request->at + k);
    }
  return tilld_mb_reply_len (request);
}

/* What libmodbus as master puts on the line for the same request must be our bytes, and it must take our answers. */
static gpointer
answer_thread (gpointer data)
{
  Peer *peer = data;

  for (guint i = 0; i < peer->rounds; i++)
    {
      guint8         wire[TILLD_MBAP_MAX], ours[TILLD_MBAP_MAX], reply[TILLD_MBAP_MAX];
      guint          head = peer->tcp ? 7 : 1, tail = peer->tcp ? 0 : 2, len = 0, n, count, body;
      guint16        words[TILLD_MB_WRITE_MAX];
      TilldMbRequest request;

      do
        len += read_some (peer->fd, wire + len, 1);
      while (len < whole_len (wire, len, head, tail));
      count = (guint) (wire[head + 3] << 8 | wire[head + 4]);
      for (guint k = 0; wire[head] == 16 && k < count; k++)
        words[k] = (guint16) (wire[head + 6 + 2 * k] << 8 | wire[head + 7 + 2 * k]);
      if (wire[head] == 16)
        tilld_mb_write (&request, 17, 16, (guint16) (wire[head + 1] << 8 | wire[head + 2]), words, count);
      else if (wire[head] == 6)
        tilld_mb_write (&request, 17, 6, (guint16) (wire[head + 1] << 8 | wire[head + 2]), (const guint16[]){ (guint16) count }, 1);
      else
        tilld_mb_read (&request, 17, wire[head], (guint16) (wire[head + 1] << 8 | wire[head + 2]), count);
      n = peer->tcp ? tilld_mbap_encode (&request, (guint16) (wire[0] << 8 | wire[1]), ours) : tilld_rtu_encode (&request, ours);
      g_assert_cmpmem (wire, len, ours, n);
      memcpy (reply, wire, head);
      body = answer_body (&request, reply + head);
      if (peer->tcp)
        reply[4] = 0, reply[5] = (guint8) (body + 1);
      else
        {
          guint16 crc = tilld_rtu_crc (reply, head + body);

          reply[head + body] = (guint8) crc;
          reply[head + body + 1] = (guint8) (crc >> 8);
        }
      n = head + body + tail;
      g_assert_cmpint (write (peer->fd, reply, n), ==, n);
    }
  return NULL;
}

static int
master_asks (modbus_t *ctx, int kind, int at, int n, guint16 *values)
{
  switch (kind)
    {
    case 0:
      return modbus_read_registers (ctx, at, n, values);
    case 1:
      return modbus_read_input_registers (ctx, at, n, values);
    case 2:
      return modbus_write_registers (ctx, at, n, values);
    default:
      return modbus_write_register (ctx, at, values[0]);
    }
}

static void
test_master (gconstpointer data)
{
  Peer     peer = { .rounds = ROUNDS };
  GThread *thread;

  if (skip_without_pty (data))
    return;
  connect_peer (&peer, GPOINTER_TO_INT (data), 17);
  thread = g_thread_new ("answers", answer_thread, &peer);
  for (guint i = 0; i < peer.rounds; i++)
    {
      guint16 values[TILLD_MB_READ_MAX];
      int     at = g_test_rand_int_range (0, 60000), n = g_test_rand_int_range (1, TILLD_MB_WRITE_MAX + 1), kind = g_test_rand_int_range (0, 4), got;

      for (int k = 0; k < n; k++)
        values[k] = (guint16) g_test_rand_int ();
      got = master_asks (peer.ctx, kind, at, n, values);
      if (refusal ((guint) at) != 0)
        {
          g_assert_cmpint (got, ==, -1);
          g_assert_cmpint (errno, ==, MODBUS_ENOBASE + (int) refusal ((guint) at));
          continue;
        }
      g_assert_cmpint (got, ==, kind == 3 ? 1 : n);
      for (int k = 0; kind < 2 && k < n; k++)
        g_assert_cmphex (values[k], ==, ((at + 2 * k) & 0xff) << 8 | ((at + 2 * k + 1) & 0xff));
    }
  g_thread_join (thread);
  close_peer (&peer);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_data_func ("/oracle/slave/tcp", GINT_TO_POINTER (TRUE), test_slave);
  g_test_add_data_func ("/oracle/slave/pty", GINT_TO_POINTER (FALSE), test_slave);
  g_test_add_data_func ("/oracle/master/tcp", GINT_TO_POINTER (TRUE), test_master);
  g_test_add_data_func ("/oracle/master/pty", GINT_TO_POINTER (FALSE), test_master);
  return till_test_run ();
}
