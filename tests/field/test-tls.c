/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-tls.c: gateways that call by TLS over real sockets: who has the key or a certificate of the gateway CA is up, nobody else is. */
#include <glib-unix.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "server/core/clock.h"
#include "server/crypto/pki.h"
#include "server/field/transport-tls.h"
#include "server/wire/gt3-handshake.h"
#include "tests/field/caller.h"
#include "tests/lib/test-main.h"

#define DAY_US (86400 * TILL_SECOND)
#define STRONG "NORMAL:+ECDHE-PSK:+DHE-PSK:+PSK"

typedef struct {
  Caller        caller;
  TilldStation *station;
  TilldKeyFile *keys;
  TilldTls     *tls;
  TilldPki      pki;
  char         *dir, *authority;
} World;

typedef struct {
  int                              fd;
  gnutls_session_t                 session;
  gnutls_certificate_credentials_t certificate;
  gnutls_psk_client_credentials_t  psk;
} Client;

static void
set_master (World *w)
{
  guint8            master[32];
  g_autoptr(GBytes) wrapped = NULL;
  gsize             n = 0;
  gconstpointer     bytes;

  for (guint i = 0; i < sizeof master; i++)
    master[i] = (guint8) i;
  wrapped = tilld_key_file_wrap (w->keys, "gateway:GW-0001", master, sizeof master);
  bytes = g_bytes_get_data (wrapped, &n);
  g_assert_cmpuint (n, <=, sizeof w->station->record.master);
  memcpy (w->station->record.master, bytes, n);
  w->station->record.master_len = (guint) n;
}

static void
world_open (World *w)
{
  static const char *const names[] = { "localhost", NULL };
  g_autofree char         *key_path = NULL;
  TillTime                 now = tilld_clock_wall (tilld_clock_system ());
  g_autoptr(GError)        error = NULL;

  memset (w, 0, sizeof *w);
  w->dir = g_build_filename (till_test_dir (), "state", NULL);
  key_path = g_build_filename (till_test_dir (), "keys", NULL);
  w->keys = tilld_key_file_open (key_path, &error);
  g_assert_no_error (error);
  tilld_pki_ensure (w->dir, names, now, &w->pki, &error);
  g_assert_no_error (error);
  tilld_pki_gateway_authority (w->dir, now, &w->authority, &error);
  g_assert_no_error (error);
  w->tls = tilld_tls_new (w->pki.certificate_path, w->pki.key_path, w->authority, &error);
  g_assert_no_error (error);
  caller_start (&w->caller, &tilld_greeting_limits);
  w->caller.role.options.keys = w->keys;
  tilld_greeter_set_tls (w->caller.greeter, w->tls);
  w->station = caller_station (&w->caller, "GW-0001", 2);
  w->station->record.allow_clear = FALSE;
  set_master (w);
}

static void
world_close (World *w)
{
  caller_stop (&w->caller);
  tilld_tls_free (w->tls);
  tilld_key_file_free (w->keys);
  tilld_pki_clear (&w->pki);
  g_free (w->authority);
  g_free (w->dir);
}

static void
client_open (World *w, Client *c, const char *priority)
{
  memset (c, 0, sizeof *c);
  c->fd = caller_dial (&w->caller);
  g_assert_true (g_unix_set_fd_nonblocking (c->fd, TRUE, NULL));
  gnutls_init (&c->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK);
  g_assert_cmpint (gnutls_priority_set_direct (c->session, priority, NULL), ==, 0);
  gnutls_transport_set_int (c->session, c->fd);
  gnutls_certificate_allocate_credentials (&c->certificate);
  gnutls_psk_allocate_client_credentials (&c->psk);
}

static void
client_psk (Client *c, const char *identity, gboolean right)
{
  guint8         master[32], psk[TILLD_GT3_PSK];
  gnutls_datum_t key = { psk, sizeof psk };

  for (guint i = 0; i < sizeof master; i++)
    master[i] = (guint8) i;
  g_assert_true (tilld_gt3_psk ("GW-0001", master, psk));
  psk[0] ^= right ? 0 : 1;
  gnutls_psk_set_client_credentials (c->psk, identity, &key, GNUTLS_PSK_KEY_RAW);
  gnutls_credentials_set (c->session, GNUTLS_CRD_PSK, c->psk);
}

static void
client_certificate (World *w, Client *c, const char *dir, const char *name, TillTime made, guint days)
{
  g_auto(TilldIssued) issued = { NULL };
  g_autoptr(GError)   error = NULL;
  gnutls_datum_t      pem, key;

  tilld_pki_issue (dir, name, made, days, &issued, &error);
  g_assert_no_error (error);
  pem = (gnutls_datum_t){ (unsigned char *) issued.certificate, (unsigned int) strlen (issued.certificate) };
  key = (gnutls_datum_t){ (unsigned char *) issued.key, (unsigned int) strlen (issued.key) };
  g_assert_cmpint (gnutls_certificate_set_x509_key_mem (c->certificate, &pem, &key, GNUTLS_X509_FMT_PEM), ==, 0);
}

/* To the end, or to the end of patience. */
static gboolean
client_shake (World *w, Client *c)
{
  int status = GNUTLS_E_AGAIN;

  gnutls_credentials_set (c->session, GNUTLS_CRD_CERTIFICATE, c->certificate);
  for (guint i = 0; i < 400 && (status == GNUTLS_E_AGAIN || status == GNUTLS_E_INTERRUPTED); i++)
    {
      status = gnutls_handshake (c->session);
      caller_step_ms (&w->caller, 5);
    }
  caller_step_ms (&w->caller, 1200);
  return status == 0;
}

static void
client_close (Client *c)
{
  gnutls_deinit (c->session);
  gnutls_certificate_free_credentials (c->certificate);
  gnutls_psk_free_client_credentials (c->psk);
  close (c->fd);
}

static void
exchange (World *w, Client *c, TilldLine *line, guint32 value, gsize step)
{
  guint8  bytes[64], answer[16];
  ssize_t n = GNUTLS_E_AGAIN;
  guint   len = caller_answer (1, value, answer);

  caller_ask (&w->caller, line);
  for (guint i = 0; i < 100 && n == GNUTLS_E_AGAIN; i++)
    {
      caller_step_ms (&w->caller, 5);
      n = gnutls_record_recv (c->session, bytes, sizeof bytes);
    }
  g_assert_cmpint (n, ==, 8);
  for (gsize at = 0; at < len; at += step)
    {
      g_assert_cmpint (gnutls_record_send (c->session, answer + at, MIN (step, len - at)), >, 0);
      caller_step_ms (&w->caller, 5);
    }
  for (guint i = 0; i < 100 && !w->caller.done; i++)
    caller_step_ms (&w->caller, 5);
  g_assert_true (w->caller.done);
  g_assert_cmpint (w->caller.outcome, ==, TILLD_BUS_OK);
  g_assert_cmpuint ((guint32) w->caller.reply.regs[0] << 16 | w->caller.reply.regs[1], ==, value);
}

typedef enum { NO_IDENTITY, PSK, WRONG_PSK, CERTIFICATE, OTHER_CA, EXPIRED } Identity;

static const struct {
  const char *name, *identity, *priority;
  Identity    kind;
  guint       port;   /* that is up then, 0 = none */
  const char *listed;
} rows[] = {
  { "key, 1.3", "GW-0001", STRONG, PSK, 1, NULL },
  { "key, 1.2", "GW-0001", STRONG ":-VERS-TLS1.3", PSK, 1, NULL },
  { "key, port 2", "GW-0001#2", STRONG, PSK, 2, NULL },
  { "key, no such port", "GW-0001#3", STRONG, PSK, 0, NULL },
  { "key, nonsense port", "GW-0001#x", STRONG, PSK, 0, NULL },
  { "wrong key, 1.3", "GW-0001", STRONG, WRONG_PSK, 0, NULL },
  { "wrong key, 1.2", "GW-0001", STRONG ":-VERS-TLS1.3", WRONG_PSK, 0, NULL },
  { "key of nobody", "NOBODY", STRONG, PSK, 0, "tls NOBODY" },
  { "no identity, 1.3", NULL, "NORMAL", NO_IDENTITY, 0, NULL },
  { "no identity, 1.2", NULL, "NORMAL:-VERS-TLS1.3", NO_IDENTITY, 0, NULL },
  { "certificate, 1.3", "GW-0001", "NORMAL", CERTIFICATE, 1, NULL },
  { "certificate, 1.2", "GW-0001", "NORMAL:-VERS-TLS1.3", CERTIFICATE, 1, NULL },
  { "certificate, port 2", "GW-0001#2", "NORMAL", CERTIFICATE, 2, NULL },
  { "certificate of nobody", "NOBODY", "NORMAL", CERTIFICATE, 0, "tls NOBODY" },
  { "certificate of another CA", "GW-0001", "NORMAL", OTHER_CA, 0, NULL },
  { "expired certificate", "GW-0001", "NORMAL", EXPIRED, 0, NULL },
  { "1.1", "GW-0001", "NORMAL:+PSK:-VERS-ALL:+VERS-TLS1.1:+CIPHER-ALL:+MAC-ALL", PSK, 0, NULL },
  { "CBC", "GW-0001", "NORMAL:+ECDHE-PSK:+PSK:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC", PSK, 0, NULL },
};

static void
identify (World *w, Client *c, guint row)
{
  TillTime         now = tilld_clock_wall (tilld_clock_system ());
  g_autofree char *other = g_build_filename (till_test_dir (), "other-ca", NULL);

  g_mkdir_with_parents (other, 0700);
  switch (rows[row].kind)
    {
    case NO_IDENTITY:
      break;
    case PSK:
    case WRONG_PSK:
      client_psk (c, rows[row].identity, rows[row].kind == PSK);
      break;
    case CERTIFICATE:
      client_certificate (w, c, w->dir, rows[row].identity, now, 10);
      break;
    case OTHER_CA:
      client_certificate (w, c, other, rows[row].identity, now, 10);
      break;
    case EXPIRED:
      client_certificate (w, c, w->dir, rows[row].identity, now - 20 * DAY_US, 10);
      break;
    }
}

static void
test_identities (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      World  w;
      Client c;

      g_test_message ("%s", rows[i].name);
      world_open (&w);
      client_open (&w, &c, rows[i].priority);
      identify (&w, &c, i);
      client_shake (&w, &c); /* with TLS 1.3 the client believes it is through before the server has judged it */
      for (guint p = 1; p <= 2; p++)
        g_assert_cmpint (tilld_line_is_up (tilld_station_line (w.station, p)), ==, p == rows[i].port);
      if (rows[i].port != 0)
        {
          TilldLine *line = tilld_station_line (w.station, rows[i].port);

          g_assert_cmpint (tilld_line_link_class (line), ==, TILL_LINK_CLASS_TLS);
          g_assert_cmpint (w.station->record.best_class, ==, TILL_LINK_CLASS_TLS);
          exchange (&w, &c, line, 4711, 100);
          exchange (&w, &c, line, 4712, 1); /* records of one byte */
        }
      else
        g_assert_cmpuint (tilld_greeter_links (w.caller.greeter), ==, 0);
      g_assert_cmpuint (w.caller.unknown->len, ==, rows[i].listed != NULL);
      if (rows[i].listed != NULL)
        g_assert_cmpstr (w.caller.unknown->pdata[0], ==, rows[i].listed);
      client_close (&c);
      world_close (&w);
    }
}

/* Both ports of one gateway at a time, each by a connection of its own; a twin with the key replaces at once. */
static void
test_two_connections (void)
{
  World  w;
  Client one, two, twin;
  gint64 instance;

  world_open (&w);
  client_open (&w, &one, STRONG);
  client_psk (&one, "GW-0001", TRUE);
  g_assert_true (client_shake (&w, &one));
  client_open (&w, &two, STRONG);
  client_psk (&two, "GW-0001#2", TRUE);
  g_assert_true (client_shake (&w, &two));
  exchange (&w, &one, w.station->lines[0], 1, 9);
  exchange (&w, &two, w.station->lines[1], 2, 9);
  instance = tilld_line_instance (w.station->lines[0]);
  client_open (&w, &twin, STRONG);
  client_psk (&twin, "GW-0001", TRUE);
  g_assert_true (client_shake (&w, &twin));
  g_assert_cmpint (tilld_line_instance (w.station->lines[0]), !=, instance);
  g_assert_true (tilld_line_is_up (w.station->lines[1]));
  exchange (&w, &twin, w.station->lines[0], 3, 9);
  g_assert_cmpuint (tilld_greeter_links (w.caller.greeter), ==, 2);
  client_close (&one);
  client_close (&two);
  client_close (&twin);
  world_close (&w);
}

static void
test_half_a_handshake (void)
{
  static const guint8 hello[] = { 0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03 };
  World               w;
  int                 fd;

  world_open (&w);
  fd = caller_dial (&w.caller);
  caller_say (&w.caller, fd, hello, sizeof hello);
  caller_step_ms (&w.caller, 14000);
  g_assert_false (caller_is_closed (fd));
  caller_step_ms (&w.caller, 1200);
  g_assert_true (caller_is_closed (fd));
  g_assert_cmpuint (tilld_greeter_links (w.caller.greeter), ==, 0);
  close (fd);
  world_close (&w);
}

/* Ten failures of one code in a minute are an attack on it. */
static void
test_attack (void)
{
  World  w;
  Client c;

  world_open (&w);
  for (guint i = 0; i < 12; i++)
    {
      client_open (&w, &c, STRONG ":-VERS-TLS1.3");
      client_psk (&c, "GW-0001", FALSE);
      g_assert_false (client_shake (&w, &c));
      client_close (&c);
    }
  g_assert_cmpuint (w.caller.attacks, ==, 2);
  world_close (&w);
}

/* --- gateways that are dialled --- */

typedef struct {
  int                              listener, fd;
  guint16                          port;
  gnutls_session_t                 session;
  gnutls_certificate_credentials_t certificate;
  gboolean                         done;
} Gateway;

static void
gateway_open (World *w, Gateway *g)
{
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl (INADDR_LOOPBACK) } };
  socklen_t          len = sizeof at;

  *g = (Gateway){ .listener = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), .fd = -1 };
  g_assert_cmpint (bind (g->listener, (struct sockaddr *) &at, sizeof at), ==, 0);
  g_assert_cmpint (listen (g->listener, 4), ==, 0);
  g_assert_cmpint (getsockname (g->listener, (struct sockaddr *) &at, &len), ==, 0);
  g->port = ntohs (at.sin_port);
  gnutls_certificate_allocate_credentials (&g->certificate);
  g_assert_cmpint (gnutls_certificate_set_x509_key_file (g->certificate, w->pki.certificate_path, w->pki.key_path, GNUTLS_X509_FMT_PEM), >=, 0);
}

static void
gateway_step (World *w, Gateway *g)
{
  caller_step_ms (&w->caller, 5);
  if (g->fd < 0 && (g->fd = accept4 (g->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
    {
      setsockopt (g->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof (int));
      gnutls_init (&g->session, GNUTLS_SERVER | GNUTLS_NONBLOCK);
      gnutls_set_default_priority (g->session);
      gnutls_credentials_set (g->session, GNUTLS_CRD_CERTIFICATE, g->certificate);
      gnutls_transport_set_int (g->session, g->fd);
    }
  if (g->fd >= 0 && !g->done)
    g->done = gnutls_handshake (g->session) == 0;
}

static void
gateway_close (Gateway *g)
{
  if (g->fd >= 0)
    {
      gnutls_deinit (g->session);
      close (g->fd);
    }
  gnutls_certificate_free_credentials (g->certificate);
  close (g->listener);
}

static void
dialled_changed (TilldLink *link, gpointer data)
{
  tilld_station_link_changed (data, link);
}

static TilldStation *
dialled (World *w, const TilldFieldGateway *like, guint16 port)
{
  TilldFieldGateway record = *like;
  TilldStation     *station;

  record.id = 9;
  record.link = TILL_LINK_KIND_RTU_TCP;
  g_strlcpy (record.code, "GW-0009", sizeof record.code);
  g_strlcpy (record.zone, "UTC", sizeof record.zone);
  g_snprintf (record.address, sizeof record.address, "127.0.0.1:%u", port);
  station = tilld_station_new (&w->caller.role, &record);
  tilld_schedule_init (g_new0 (TilldSchedule, 1), station->lines[0], NULL, NULL);
  station->dial = g_new0 (TilldLink, 1);
  g_assert_true (tilld_link_init (station->dial, w->caller.reactor, &tilld_transport_tls, &tilld_front_rtu, record.code, record.address, NULL));
  station->dial->link_class = TILL_LINK_CLASS_TLS;
  station->dial->changed = dialled_changed;
  station->dial->data = station;
  g_assert_true (tilld_station_attach (station, station->dial, 1, NULL));
  tilld_link_open (station->dial);
  return station;
}

/* The authority of its record, another one, the pin of its certificate, another pin. */
static void
test_dialled (void)
{
  for (guint i = 0; i < 4; i++)
    {
      World             w;
      Gateway           g;
      TilldFieldGateway record = { .n_ports = 1, .ports = { { 1, 'N', 9600 } }, .word_order = -1, .status_interval_s = 150, .full_interval_s = 1800 };
      TilldStation     *station;
      g_autofree char  *pem = NULL;
      gboolean          good = i % 2 == 0;

      world_open (&w);
      gateway_open (&w, &g);
      if (i < 2)
        {
          g_assert_true (g_file_get_contents (good ? w.pki.authority_path : w.authority, &pem, NULL, NULL));
          record.tls_authority = pem;
        }
      else
        {
          gnutls_x509_crt_t *chain = NULL;
          unsigned int       n = 0;
          size_t             len = sizeof record.tls_pin;

          g_assert_cmpint (gnutls_certificate_get_x509_crt (g.certificate, 0, &chain, &n), ==, 0);
          g_assert_cmpint (gnutls_x509_crt_get_fingerprint (chain[0], GNUTLS_DIG_SHA256, record.tls_pin, &len), ==, 0);
          for (unsigned int k = 0; k < n; k++)
            gnutls_x509_crt_deinit (chain[k]);
          gnutls_free (chain);
          record.tls_pin[0] ^= good ? 0 : 1;
          record.tls_pinned = TRUE;
        }
      station = dialled (&w, &record, g.port);
      for (guint k = 0; k < 300 && !tilld_line_is_up (station->lines[0]) && !(g.done && k > 100); k++)
        gateway_step (&w, &g);
      g_test_message ("row %u", i);
      g_assert_cmpint (tilld_line_is_up (station->lines[0]), ==, good);
      if (good)
        {
          Client peer = { .fd = g.fd, .session = g.session };

          for (guint k = 0; k < 100 && !g.done; k++)
            gateway_step (&w, &g);
          exchange (&w, &peer, station->lines[0], 815, 4);
        }
      tilld_station_free (station);
      gateway_close (&g);
      world_close (&w);
    }
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/tls/identities", test_identities);
  g_test_add_func ("/tls/two-connections", test_two_connections);
  g_test_add_func ("/tls/half-a-handshake", test_half_a_handshake);
  g_test_add_func ("/tls/attack", test_attack);
  g_test_add_func ("/tls/dialled", test_dialled);
  return till_test_run ();
}
