/* SPDX-License-Identifier: GPL-2.0-or-later
 * mb-poll-limit.c: the practical limit of a one-thread Modbus TCP master: epoll and hand-made frames, one request in flight a connection,
 * nothing done with the values but a sum. What the field layer is measured against.
 * usage: mb-poll-limit BASE_PORT PORTS CONNECTIONS REGISTERS SECONDS   prints: reads cpu_seconds
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct {
  int fd;
  int have;
  uint16_t id;
  uint8_t unit;
  uint8_t in[512];
} Link;

static int registers;
static uint64_t reads, bad, sum;

static double
now (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static int
ask (Link *link)
{
  uint8_t out[12] = { 0 };

  link->id++;
  link->unit = (uint8_t) (1 + link->unit % 200);
  out[0] = (uint8_t) (link->id >> 8), out[1] = (uint8_t) link->id, out[5] = 6, out[6] = link->unit, out[7] = 3, out[11] = (uint8_t) registers;
  return send (link->fd, out, sizeof out, MSG_NOSIGNAL) == sizeof out;
}

static int
hear (Link *link)
{
  ssize_t got = recv (link->fd, link->in + link->have, sizeof link->in - (size_t) link->have, MSG_DONTWAIT);
  int i, want = 9 + 2 * registers;

  if (got <= 0)
    return got < 0 && errno == EAGAIN;
  link->have += (int) got;
  if (link->have < want)
    return 1;
  if ((link->in[0] << 8 | link->in[1]) != link->id || link->in[6] != link->unit || link->in[7] != 3 || link->in[8] != 2 * registers)
    bad++;
  for (i = 0; i < registers; i++)
    sum += (uint64_t) (link->in[9 + 2 * i] << 8 | link->in[10 + 2 * i]);
  link->have = 0;
  reads++;
  return ask (link);
}

int
main (int argc, char **argv)
{
  static struct epoll_event events[512];
  struct rlimit limit;
  struct rusage use;
  int base, ports, n, i, k, epoll_fd = epoll_create1 (0), one = 1;
  double end;
  Link *links;

  if (argc != 6)
    return 2;
  base = atoi (argv[1]), ports = atoi (argv[2]), n = atoi (argv[3]), registers = atoi (argv[4]);
  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  links = calloc ((size_t) n, sizeof *links);
  for (i = 0; i < n; i++)
    {
      struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons ((uint16_t) (base + i % ports)), .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
      struct epoll_event event = { .events = EPOLLIN, .data.ptr = links + i };
      links[i].fd = socket (AF_INET, SOCK_STREAM, 0);
      setsockopt (links[i].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      if (connect (links[i].fd, (struct sockaddr *) &at, sizeof at) != 0)
        {
          perror ("mb-poll-limit: connect");
          return 1;
        }
      epoll_ctl (epoll_fd, EPOLL_CTL_ADD, links[i].fd, &event);
    }
  end = now () + atof (argv[5]);
  for (i = 0; i < n; i++)
    if (!ask (links + i))
      return 1;
  while (now () < end)
    {
      k = epoll_wait (epoll_fd, events, 512, 100);
      for (i = 0; i < k; i++)
        if (!hear (events[i].data.ptr))
          return 1;
    }
  getrusage (RUSAGE_SELF, &use);
  printf ("%lu %.3f\n", (unsigned long) reads,
          (double) (use.ru_utime.tv_sec + use.ru_stime.tv_sec) + (double) (use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6);
  return bad != 0 || sum == 1;
}
