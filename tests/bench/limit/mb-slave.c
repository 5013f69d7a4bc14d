/* SPDX-License-Identifier: GPL-2.0-or-later
 * mb-slave.c: the cheapest Modbus TCP slave that can be made: one thread, epoll, made-up registers. The common judge of the polling
 * benches: product, raw limit and peers read from it, and its own count of requests is the one that counts (printed on SIGTERM and USR1).
 * usage: mb-slave BASE_PORT PORTS   (every port answers every unit; FC 03 and 04 only)
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER 4096

typedef struct {
  int fd;
  int is_listener;
  int have;
  uint8_t in[BUFFER];
} Peer;

static volatile sig_atomic_t stop, show;
static uint64_t requests;
static int epoll_fd;

static void
on_signal (int number)
{
  if (number == SIGUSR1)
    show = 1;
  else
    stop = 1;
}

static void
watch (int fd, int is_listener)
{
  Peer *peer = calloc (1, sizeof *peer);
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = peer };

  if (peer == NULL)
    exit (1);
  peer->fd = fd;
  peer->is_listener = is_listener;
  epoll_ctl (epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void
listen_on (int port)
{
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons ((uint16_t) port), .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;

  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind (fd, (struct sockaddr *) &at, sizeof at) != 0 || listen (fd, 512) != 0)
    {
      perror ("mb-slave: listen");
      exit (2);
    }
  watch (fd, 1);
}

/* A reference meter (server/data/profiles/gridtill-generic.json) with 25.00 in its purse after three recharges, at work. */
static const uint16_t image[0x33] = {
  [0x01] = 1, [0x02] = 0x0181, [0x11] = 2500, [0x13] = 3000, [0x14] = 3, [0x16] = 1000, [0x17] = 3, [0x1b] = 2300, [0x1c] = 2300, [0x1d] = 2300,
  [0x1e] = 100, [0x1f] = 100, [0x20] = 100, [0x22] = 690, [0x25] = 1000, [0x26] = 5000, [0x27] = 26 << 8 | 11, [0x28] = 23 << 8 | 1, [0x29] = 6 << 8,
  [0x2b] = 'B' << 8 | 'E', [0x2c] = 'N' << 8 | 'C', [0x2d] = 'H' << 8, [0x31] = 1,
};

static int
answer (const uint8_t *request, uint8_t *out)
{
  int address = request[8] << 8 | request[9], quantity = request[10] << 8 | request[11], i;

  memcpy (out, request, 8);
  requests++;
  if ((request[7] != 3 && request[7] != 4) || quantity < 1 || quantity > 125)
    {
      out[4] = 0, out[5] = 3, out[7] |= 0x80, out[8] = 1;
      return 9;
    }
  out[4] = 0, out[5] = (uint8_t) (3 + 2 * quantity), out[8] = (uint8_t) (2 * quantity);
  for (i = 0; i < quantity; i++)
    {
      /* The energy of each unit is another. */
      unsigned value = address + i == 5 ? request[6] * 16u : address + i < 0x33 ? image[address + i] : 0;

      out[9 + 2 * i] = (uint8_t) (value >> 8), out[10 + 2 * i] = (uint8_t) value;
    }
  return 9 + 2 * quantity;
}

static void
serve (Peer *peer)
{
  static uint8_t out[BUFFER / 12 * 260];
  ssize_t got = recv (peer->fd, peer->in + peer->have, (size_t) (BUFFER - peer->have), 0);
  int at = 0, length = 0;

  if (got <= 0)
    {
      if (got == 0 || errno != EAGAIN)
        {
          close (peer->fd);
          free (peer);
        }
      return;
    }
  peer->have += (int) got;
  while (peer->have - at >= 12)
    {
      length += answer (peer->in + at, out + length);
      at += 6 + (peer->in[at + 4] << 8 | peer->in[at + 5]);
    }
  if (at > peer->have)
    at = peer->have;
  memmove (peer->in, peer->in + at, (size_t) (peer->have - at));
  peer->have -= at;
  if (length > 0 && send (peer->fd, out, (size_t) length, MSG_NOSIGNAL) != length)
    {
      close (peer->fd);
      free (peer);
    }
}

int
main (int argc, char **argv)
{
  struct rlimit limit;
  static struct epoll_event events[512];
  int i, n;

  if (argc != 3)
    return 2;
  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  signal (SIGPIPE, SIG_IGN);
  signal (SIGTERM, on_signal);
  signal (SIGINT, on_signal);
  signal (SIGUSR1, on_signal);
  epoll_fd = epoll_create1 (0);
  for (i = 0; i < atoi (argv[2]); i++)
    listen_on (atoi (argv[1]) + i);
  printf ("ready\n");
  fflush (stdout);
  while (!stop)
    {
      n = epoll_wait (epoll_fd, events, 512, 1000);
      if (show)
        {
          show = 0;
          printf ("%lu\n", (unsigned long) requests);
          fflush (stdout);
        }
      for (i = 0; i < n; i++)
        {
          Peer *peer = events[i].data.ptr;
          if (peer->is_listener)
            {
              int fd = accept4 (peer->fd, NULL, NULL, SOCK_NONBLOCK), one = 1;
              if (fd >= 0)
                {
                  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                  watch (fd, 0);
                }
            }
          else
            serve (peer);
        }
    }
  printf ("%lu\n", (unsigned long) requests);
  return 0;
}
