/* SPDX-License-Identifier: GPL-2.0-or-later
 * stream-tls.c: GnuTLS without blocking. The versions and suites are those a gateway may use; nothing weaker is offered. */
#include "tests/simulator/stream-tls.h"
#include <errno.h>
#include <gnutls/gnutls.h>
#include "shared/base/till-error.h"
#include "tests/simulator/gt3-keys.h"

#define PRIORITY                                                                                                                   \
  "NONE:+VERS-TLS1.3:+VERS-TLS1.2:+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:+AEAD:+ECDHE-PSK:+DHE-PSK:+PSK:+ECDHE-ECDSA:"        \
  "+ECDHE-RSA:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-FFDHE2048:+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SHA384:+SIGN-RSA-PSS-RSAE-SHA256:"    \
  "+SIGN-RSA-SHA256:+SIGN-ECDSA-SECP256R1-SHA256"

struct _SimTls {
  gnutls_session_t                 session;
  gnutls_psk_client_credentials_t  psk;
  gnutls_certificate_credentials_t certificate;
};

void
sim_tls_free (SimTls *tls)
{
  if (tls->session)
    gnutls_deinit (tls->session);
  if (tls->psk)
    gnutls_psk_free_client_credentials (tls->psk);
  if (tls->certificate)
    gnutls_certificate_free_credentials (tls->certificate);
  g_free (tls);
}

static gboolean
failed (int code, const char *what, GError **error)
{
  return code < 0 && !till_fail (error, TILL_ERROR_INVALID, "%s: %s", what, gnutls_strerror (code));
}

static SimTls *
begin (guint flags, GError **error)
{
  SimTls     *tls = g_new0 (SimTls, 1);
  const char *at = "";
  int         code = gnutls_init (&tls->session, flags | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS | GNUTLS_NO_SIGNAL);

  if (code >= 0)
    code = gnutls_priority_set_direct (tls->session, PRIORITY, &at);
  if (!failed (code, at, error))
    return tls;
  sim_tls_free (tls);
  return NULL;
}

static gboolean
load_certificate (SimTls *tls, const SimLinkSpec *spec, GError **error)
{
  int code = gnutls_certificate_allocate_credentials (&tls->certificate);

  if (code >= 0)
    code = gnutls_certificate_set_x509_key_file (tls->certificate, spec->certificate, spec->certificate, GNUTLS_X509_FMT_PEM);
  if (failed (code, spec->certificate, error))
    return FALSE;
  if (spec->ca && failed (gnutls_certificate_set_x509_trust_file (tls->certificate, spec->ca, GNUTLS_X509_FMT_PEM), spec->ca, error))
    return FALSE;
  return !failed (gnutls_credentials_set (tls->session, GNUTLS_CRD_CERTIFICATE, tls->certificate), spec->certificate, error);
}

static gboolean
set_psk (SimTls *tls, const SimLinkSpec *spec, const char *identity, GError **error)
{
  guint8         key[SIM_GT3_KEY];
  gnutls_datum_t datum = { key, sizeof key };
  int            code = gnutls_psk_allocate_client_credentials (&tls->psk);

  sim_gt3_psk (spec->key, spec->code, key);
  if (code >= 0)
    code = gnutls_psk_set_client_credentials (tls->psk, identity, &datum, GNUTLS_PSK_KEY_RAW);
  if (code >= 0)
    code = gnutls_credentials_set (tls->session, GNUTLS_CRD_PSK, tls->psk);
  if (code >= 0 && spec->ca == NULL) /* TLS 1.3 wants to know of certificates even where only a key is used */
    code = gnutls_certificate_allocate_credentials (&tls->certificate);
  if (code >= 0 && tls->certificate)
    code = gnutls_credentials_set (tls->session, GNUTLS_CRD_CERTIFICATE, tls->certificate);
  gnutls_memset (key, 0, sizeof key);
  return !failed (code, identity, error);
}

SimTls *
sim_tls_new_client (const SimLinkSpec *spec, const char *identity, GError **error)
{
  SimTls *tls = begin (GNUTLS_CLIENT, error);

  if (!tls || (spec->certificate ? load_certificate (tls, spec, error) : set_psk (tls, spec, identity, error)))
    {
      if (tls && spec->certificate && spec->ca)
        gnutls_session_set_verify_cert (tls->session, NULL, 0);
      return tls;
    }
  sim_tls_free (tls);
  return NULL;
}

SimTls *
sim_tls_new_server (const SimLinkSpec *spec, GError **error)
{
  SimTls *tls = begin (GNUTLS_SERVER, error);

  if (!tls || load_certificate (tls, spec, error))
    return tls;
  sim_tls_free (tls);
  return NULL;
}

void
sim_tls_set_fd (SimTls *tls, int fd)
{
  gnutls_transport_set_int (tls->session, fd);
}

SimTlsStep
sim_tls_shake (SimTls *tls)
{
  int code;

  do
    code = gnutls_handshake (tls->session);
  while (code < 0 && code != GNUTLS_E_AGAIN && !gnutls_error_is_fatal (code));
  if (code == GNUTLS_E_AGAIN)
    return SIM_TLS_AGAIN;
  if (code < 0)
    g_debug ("TLS: %s", gnutls_strerror (code));
  return code < 0 ? SIM_TLS_FAILED : SIM_TLS_DONE;
}

gboolean
sim_tls_wants_write (SimTls *tls)
{
  return gnutls_record_get_direction (tls->session) == 1;
}

void
sim_tls_bye (SimTls *tls)
{
  gnutls_bye (tls->session, GNUTLS_SHUT_WR);
}

static gssize
outcome (gssize n)
{
  if (n >= 0)
    return n;
  errno = n == GNUTLS_E_AGAIN ? EAGAIN : n == GNUTLS_E_INTERRUPTED ? EINTR : ECONNRESET;
  return -1;
}

gssize
sim_tls_send (SimTls *tls, const guint8 *bytes, gsize n)
{
  return outcome (gnutls_record_send (tls->session, bytes, n));
}

gssize
sim_tls_receive (SimTls *tls, guint8 *bytes, gsize n)
{
  gssize got;

  do /* post-handshake messages are no data */
    got = gnutls_record_recv (tls->session, bytes, n);
  while (got < 0 && got != GNUTLS_E_AGAIN && got != GNUTLS_E_INTERRUPTED && !gnutls_error_is_fatal ((int) got));
  return outcome (got);
}
