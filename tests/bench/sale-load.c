/* SPDX-License-Identifier: GPL-2.0-or-later
 * sale-load.c: the load of the sale bench: N kept TLS connections that sell one after the other, each under an id of its own, until the
 * time is up. Costs so little that the server is measured and not its client. Prints one line of JSON.
 * usage: sale-load PORT CA TOKEN CONNECTIONS SECONDS METER,METER,... */
#include <arpa/inet.h>
#include <glib.h>
#include <gnutls/gnutls.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
  gnutls_session_t tls;
  int      fd;
  gint64   end_us;
  char   **meters; /* of this connection */
  guint    n_meters, refused;
  GArray  *times;  /* gint64, us */
  char     buffer[16384];
  gboolean broken;
} Seller;

static gnutls_certificate_credentials_t credentials;
static const char *token;
static int port;

static gboolean
open_connection (Seller *s)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons ((guint16) port), .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int one = 1, done;

  s->fd = socket (AF_INET, SOCK_STREAM, 0);
  if (s->fd < 0 || connect (s->fd, (struct sockaddr *) &address, sizeof address) != 0)
    return FALSE;
  setsockopt (s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  gnutls_init (&s->tls, GNUTLS_CLIENT);
  gnutls_set_default_priority (s->tls);
  gnutls_credentials_set (s->tls, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_server_name_set (s->tls, GNUTLS_NAME_DNS, "localhost", 9);
  gnutls_session_set_verify_cert (s->tls, "localhost", 0);
  gnutls_transport_set_int (s->tls, s->fd);
  do
    done = gnutls_handshake (s->tls);
  while (done < 0 && !gnutls_error_is_fatal (done));
  return done == 0;
}

static gboolean
send_all (Seller *s, const char *text, gsize len)
{
  for (gsize at = 0; at < len;)
    {
      ssize_t n = gnutls_record_send (s->tls, text + at, len - at);

      if (n < 0 && n != GNUTLS_E_AGAIN && n != GNUTLS_E_INTERRUPTED)
        return FALSE;
      at += n > 0 ? (gsize) n : 0;
    }
  return TRUE;
}

/* The status of one whole answer; 0: the connection is broken. */
static int
read_answer (Seller *s)
{
  gsize have = 0, want = 0;
  int status = 0;

  while (want == 0 || have < want)
    {
      ssize_t n = gnutls_record_recv (s->tls, s->buffer + have, sizeof s->buffer - 1 - have);
      char *end, *length;

      if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
        continue;
      if (n <= 0)
        return 0;
      have += (gsize) n;
      s->buffer[have] = '\0';
      end = strstr (s->buffer, "\r\n\r\n");
      if (want != 0 || end == NULL)
        continue;
      length = strcasestr (s->buffer, "content-length:");
      status = (int) g_ascii_strtoll (s->buffer + 9, NULL, 10);
      want = (gsize) (end - s->buffer) + 4 + (length != NULL ? (gsize) g_ascii_strtoll (length + 15, NULL, 10) : 0);
    }
  return status;
}

static gpointer
sell (gpointer data)
{
  Seller *s = data;

  for (guint k = 0; g_get_monotonic_time () < s->end_us; k++)
    {
      g_autofree char *id = g_uuid_string_random ();
      char body[256], head[512];
      gint64 began = g_get_monotonic_time (), took;
      int n = g_snprintf (body, sizeof body, "{\"id\":\"%s\",\"meter\":%s,\"amount\":\"0.01\",\"channel\":\"cash\"}", id, s->meters[k % s->n_meters]);
      int m = g_snprintf (head, sizeof head, "POST /api/v1/sales HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
                                             "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", token, n, body);
      int status = send_all (s, head, (gsize) m) ? read_answer (s) : 0;

      took = g_get_monotonic_time () - began;
      if (status == 0)
        {
          s->broken = TRUE;
          return NULL;
        }
      if (status == 201)
        g_array_append_val (s->times, took);
      else if (s->refused++ == 0)
        fprintf (stderr, "refused: %s\n", s->buffer);
    }
  return NULL;
}

static int
by_time (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

static void
report (Seller *sellers, guint n, int seconds)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint refused = 0, broken = 0;

  for (guint i = 0; i < n; i++)
    {
      g_array_append_vals (all, sellers[i].times->data, sellers[i].times->len);
      refused += sellers[i].refused;
      broken += sellers[i].broken;
    }
  g_array_sort (all, by_time);
  printf ("{\"sales\":%u,\"per_second\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"refused\":%u,\"broken\":%u}\n", all->len, (double) all->len / seconds,
          all->len > 0 ? (double) g_array_index (all, gint64, all->len / 2) / 1000 : 0,
          all->len > 0 ? (double) g_array_index (all, gint64, all->len * 99 / 100) / 1000 : 0, refused, broken);
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) meters = argc == 7 ? g_strsplit (argv[6], ",", -1) : NULL;
  guint n, n_meters;
  int seconds;
  g_autofree Seller *sellers = NULL;
  g_autofree GThread **threads = NULL;

  if (argc != 7)
    {
      fprintf (stderr, "usage: sale-load PORT CA TOKEN CONNECTIONS SECONDS METER,METER,...\n");
      return 2;
    }
  port = (int) g_ascii_strtoll (argv[1], NULL, 10);
  token = argv[3];
  n = (guint) g_ascii_strtoll (argv[4], NULL, 10);
  seconds = (int) g_ascii_strtoll (argv[5], NULL, 10);
  n_meters = g_strv_length (meters);
  gnutls_certificate_allocate_credentials (&credentials);
  if (n == 0 || seconds <= 0 || n_meters < n || gnutls_certificate_set_x509_trust_file (credentials, argv[2], GNUTLS_X509_FMT_PEM) < 1)
    {
      fprintf (stderr, "sale-load: needs a CA, seconds, and a meter for each connection\n");
      return 2;
    }
  sellers = g_new0 (Seller, n);
  threads = g_new0 (GThread *, n);
  for (guint i = 0; i < n; i++)
    {
      /* Neighbours do not share a meter: two sales of one meter rest on each other. */
      sellers[i].meters = meters + n_meters / n * i;
      sellers[i].n_meters = n_meters / n;
      sellers[i].times = g_array_new (FALSE, FALSE, sizeof (gint64));
      if (!open_connection (&sellers[i]))
        {
          fprintf (stderr, "sale-load: connection %u was not opened\n", i);
          return 1;
        }
    }
  for (guint i = 0; i < n; i++)
    sellers[i].end_us = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
  for (guint i = 0; i < n; i++)
    threads[i] = g_thread_new ("seller", sell, &sellers[i]);
  for (guint i = 0; i < n; i++)
    g_thread_join (threads[i]);
  report (sellers, n, seconds);
  return 0;
}
