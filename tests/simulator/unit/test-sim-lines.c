/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-sim-lines.c: TLS of gateways that call and of those that are called, and ttys, the test at the other end. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "server/crypto/pki.h"
#include "tests/simulator/gt3-keys.h"
#include "tests/simulator/link-listen.h"
#include "tests/simulator/unit/dial-fixture.h"

#define CABINET(rest) "{" rest "\"cabinets\":[{\"table\":1,\"single\":3,\"price\":\"flat\",\"balance\":\"50.00\"}]}"
#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define STEPS 20000
/* What a server of the product takes. */
#define PRIORITY                                                                                                                   \
  "NONE:+VERS-TLS1.3:+VERS-TLS1.2:+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:+AEAD:+ECDHE-PSK:+DHE-PSK:+PSK:+ECDHE-ECDSA:"        \
  "+ECDHE-RSA:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-FFDHE2048:+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SHA384:+SIGN-RSA-PSS-RSAE-SHA256:"    \
  "+SIGN-RSA-SHA256:+SIGN-ECDSA-SECP256R1-SHA256:%SERVER_PRECEDENCE"

static guint8 psk[SIM_GT3_KEY];
static char   identity[32];

static int
give_key (gnutls_session_t session, const char *name, gnutls_datum_t *key)
{
  g_strlcpy (identity, name, sizeof identity);
  key->data = gnutls_malloc (sizeof psk);
  key->size = sizeof psk;
  memcpy (key->data, psk, sizeof psk);
  return 0;
}

/* Steps the campus until a call of GnuTLS no longer asks for patience. */
#define TLS_STEP(d, result, call)                                           \
  for (guint step = 0; step < STEPS; step++)                                \
    {                                                                       \
      result = (call);                                                      \
      if (result != GNUTLS_E_AGAIN && result != GNUTLS_E_INTERRUPTED)       \
        break;                                                              \
      dial_fixture_run (d, 1);                                              \
    }

static void
assert_asks_tls (DialFixture *d, gnutls_session_t session)
{
  guint8  frame[16];
  gsize   n = call_unhex ("010303060002244e", frame), have = 0;
  gssize  got = 0;

  TLS_STEP (d, got, gnutls_record_send (session, frame, n));
  g_assert_cmpint (got, ==, n);
  for (; have < 9; have += (gsize) got)
    {
      TLS_STEP (d, got, gnutls_record_recv (session, frame + have, sizeof frame - have));
      g_assert_cmpint (got, >, 0);
    }
  g_assert_cmphex (sim_crc16 (frame, 9), ==, 0);
}

static void
test_tls_psk (void)
{
  DialFixture                     d;
  gnutls_psk_server_credentials_t credentials;
  guint8                          master[SIM_GT3_KEY];

  call_unhex (KEY, master);
  sim_gt3_psk (master, "GW-0001", psk);
  gnutls_psk_allocate_server_credentials (&credentials);
  gnutls_psk_set_server_credentials_function (credentials, give_key);
  dial_fixture_init (&d, "[{\"code\":\"GW-0001\",\"kind\":\"dial_in\",\"proto\":\"tls\",\"key\":\"" KEY "\",\"at\":\"127.0.0.1:1\",\"buses\":["
                         CABINET ("") "," CABINET ("\"port\":2,") "]}]");
  for (guint i = 0; i < 2; i++)
    {
      gnutls_session_t session;
      Call             call;
      int              code = 0;

      dial_fixture_accept (&d, &call);
      gnutls_init (&session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS);
      g_assert_cmpint (gnutls_priority_set_direct (session, PRIORITY, NULL), ==, 0);
      gnutls_credentials_set (session, GNUTLS_CRD_PSK, credentials);
      gnutls_transport_set_int (session, call.fd);
      TLS_STEP (&d, code, gnutls_handshake (session));
      g_assert_cmpint (code, ==, 0);
      g_assert_true (strcmp (identity, "GW-0001") == 0 || strcmp (identity, "GW-0001#2") == 0);
      assert_asks_tls (&d, session);
      gnutls_deinit (session);
      call_close (&call);
    }
  gnutls_psk_free_server_credentials (credentials);
  dial_fixture_clear (&d);
}

/* Certificate and key of a small authority in one file, as a gateway's maker would hand them over. */
static char *
make_certificate (const char *folder)
{
  static const char *const names[] = { "GW-0001", "127.0.0.1", NULL };
  g_auto (TilldPki)        pki = { 0 };
  g_autoptr (GError)       error = NULL;
  g_autofree char         *certificate = NULL, *key = NULL, *both = NULL;
  char                    *path = g_build_filename (folder, "gateway.pem", NULL);

  g_assert_true (tilld_pki_ensure (folder, names, 1788192000 * TILL_SECOND, &pki, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (pki.certificate_path, &certificate, NULL, NULL));
  g_assert_true (g_file_get_contents (pki.key_path, &key, NULL, NULL));
  both = g_strconcat (certificate, key, NULL);
  g_assert_true (g_file_set_contents (path, both, -1, NULL));
  return path;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

  for (const char *name; dir && (name = g_dir_read_name (dir));)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

static void
test_tls_certificate (void)
{
  g_autofree char                 *folder = g_dir_make_tmp ("sim-tls-XXXXXX", NULL), *pem = make_certificate (folder);
  g_autofree char                 *link = NULL;
  gnutls_certificate_credentials_t credentials;
  gnutls_session_t                 session;
  DialFixture                      d;
  Call                             call;
  unsigned                         n = 0;
  int                              code = 0;

  link = g_strdup_printf ("[{\"code\":\"GW-0001\",\"kind\":\"dial_in\",\"proto\":\"tls\",\"certificate\":\"%s\",\"at\":\"127.0.0.1:1\",\"buses\":[%s]}]", pem, CABINET (""));
  gnutls_certificate_allocate_credentials (&credentials);
  g_assert_cmpint (gnutls_certificate_set_x509_key_file (credentials, pem, pem, GNUTLS_X509_FMT_PEM), >=, 0);
  dial_fixture_init (&d, link);
  dial_fixture_accept (&d, &call);
  gnutls_init (&session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS);
  g_assert_cmpint (gnutls_priority_set_direct (session, PRIORITY, NULL), ==, 0);
  gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_certificate_server_set_request (session, GNUTLS_CERT_REQUIRE);
  gnutls_transport_set_int (session, call.fd);
  TLS_STEP (&d, code, gnutls_handshake (session));
  g_assert_cmpint (code, ==, 0);
  g_assert_nonnull (gnutls_certificate_get_peers (session, &n));
  g_assert_cmpuint (n, >=, 1);
  assert_asks_tls (&d, session);
  gnutls_deinit (session);
  call_close (&call);
  dial_fixture_clear (&d);
  gnutls_certificate_free_credentials (credentials);
  remove_folder (folder);
}

static int
connect_to (guint16 port)
{
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons (port), .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int                fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

  g_assert_cmpint (setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), ==, 0);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &at, sizeof at), ==, 0);
  g_assert_cmpint (fcntl (fd, F_SETFL, O_NONBLOCK), ==, 0);
  return fd;
}

static guint16
free_port (void)
{
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t          size = sizeof at;
  int                fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (bind (fd, (struct sockaddr *) &at, sizeof at), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &at, &size), ==, 0);
  close (fd);
  return ntohs (at.sin_port);
}

static void
test_tls_called (void)
{
  g_autofree char                 *folder = g_dir_make_tmp ("sim-tls-XXXXXX", NULL), *pem = make_certificate (folder);
  guint16                          port = free_port ();
  g_autofree char                 *link = g_strdup_printf ("[{\"code\":\"GW-0001\",\"kind\":\"rtu_tcp\",\"proto\":\"tls\",\"certificate\":\"%s\",\"at\":\"127.0.0.1:%u\","
                                                           "\"buses\":[%s]}]", pem, port, CABINET (""));
  gnutls_certificate_credentials_t credentials;
  gnutls_session_t                 session;
  DialFixture                      d;
  int                              fd, code = 0;

  gnutls_certificate_allocate_credentials (&credentials);
  dial_fixture_init (&d, link);
  g_assert_cmpuint (sim_link_port (&d.sim.campus->links[0]), ==, port);
  fd = connect_to (port);
  gnutls_init (&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK);
  g_assert_cmpint (gnutls_priority_set_direct (session, PRIORITY, NULL), ==, 0);
  gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_transport_set_int (session, fd);
  TLS_STEP (&d, code, gnutls_handshake (session));
  g_assert_cmpint (code, ==, 0);
  assert_asks_tls (&d, session);
  gnutls_deinit (session);
  close (fd);
  dial_fixture_clear (&d);
  gnutls_certificate_free_credentials (credentials);
  remove_folder (folder);
}

/* The kernel carries bytes through a pty in its own time: waits for a byte, then takes what is there, up to want. */
static gsize
hear_tty (int fd, guint8 *bytes, gsize have, gsize want)
{
  struct pollfd ready = { fd, POLLIN, 0 };

  while (have < want && poll (&ready, 1, 5000) == 1 && (ready.revents & POLLIN))
    {
      gssize n = read (fd, bytes + have, want - have);

      if (n <= 0)
        break;
      have += (gsize) n;
    }
  return have;
}

/* Says a request and waits, the gateways' clock standing still, until the campus has it. */
static void
say_tty (DialFixture *d, int fd)
{
  guint8  frame[8];
  guint64 before = d->sim.campus->stats.requests;

  g_assert_cmpint (write (fd, frame, call_unhex ("010303060002244e", frame)), ==, 8);
  for (guint i = 0; i < 50000 && d->sim.campus->stats.requests == before; i++)
    {
      tilld_reactor_step (d->reactor);
      g_usleep (100);
    }
  g_assert_cmpuint (d->sim.campus->stats.requests, ==, before + 1);
}

/* 9600 baud: 12 ms of request, 50 ms of thinking, then a byte a millisecond. Pulled out it fails; plugged in it is there again. */
static void
test_tty (void)
{
  g_autofree char   *folder = g_dir_make_tmp ("sim-tty-XXXXXX", NULL), *path = g_build_filename (folder, "tty", NULL);
  g_autofree char   *link = g_strdup_printf ("[{\"code\":\"GW-0001\",\"kind\":\"serial\",\"at\":\"%s\",\"buses\":[%s]}]", path,
                                             CABINET ("\"baud\":9600,\"timing\":true,"));
  DialFixture        d;
  guint8             bytes[256], frame[8] = { 1 };
  gsize              have;
  g_autoptr (GError) error = NULL;
  int                fd;

  dial_fixture_init (&d, link);
  fd = open (path, O_RDWR | O_NOCTTY | O_NONBLOCK);
  g_assert_cmpint (fd, >=, 0);
  say_tty (&d, fd);
  dial_fixture_run (&d, 59);
  g_assert_cmpuint (d.sim.campus->stats.answers, ==, 0);
  dial_fixture_run (&d, 6);
  have = hear_tty (fd, bytes, 0, 1);
  g_assert_cmpuint (d.sim.campus->stats.answers, ==, 1);
  g_assert_cmpuint (d.sim.campus->links[0].buses[0].exchanges.length, ==, 1); /* not all of it has left */
  dial_fixture_run (&d, 20);
  g_assert_cmpuint (d.sim.campus->links[0].buses[0].exchanges.length, ==, 0);
  have = hear_tty (fd, bytes, have, 9);
  g_assert_cmpuint (have, ==, 9);
  g_assert_cmphex (sim_crc16 (bytes, 9), ==, 0);
  sim_link_cut (&d.sim.campus->links[0]);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_cmpint (write (fd, frame, 8), ==, -1);
  g_assert_cmpint (errno, ==, EIO);
  close (fd);
  g_assert_true (sim_link_restore (&d.sim.campus->links[0], &error));
  fd = open (path, O_RDWR | O_NOCTTY | O_NONBLOCK);
  g_assert_cmpint (fd, >=, 0);
  say_tty (&d, fd);
  dial_fixture_run (&d, 100);
  g_assert_cmpuint (hear_tty (fd, bytes, 0, 9), ==, 9);
  sim_fixture_faults (&d.sim, "{\"conn_reset\":1}"); /* the adapter breaks and comes back by itself */
  say_tty (&d, fd);
  dial_fixture_run (&d, 500);
  g_assert_cmpint (write (fd, frame, 8), ==, -1);
  close (fd);
  dial_fixture_run (&d, 1000);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  dial_fixture_clear (&d);
  g_assert_false (g_file_test (path, G_FILE_TEST_IS_SYMLINK));
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/sim/lines/tls-psk", test_tls_psk);
  g_test_add_func ("/sim/lines/tls-certificate", test_tls_certificate);
  g_test_add_func ("/sim/lines/tls-called", test_tls_called);
  g_test_add_func ("/sim/lines/tty", test_tty);
  return till_test_run ();
}
