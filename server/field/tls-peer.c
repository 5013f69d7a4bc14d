/* SPDX-License-Identifier: GPL-2.0-or-later
 * tls-peer.c: who is at the other end of a TLS session. A handshake that succeeded says nothing yet: after it, a pre-shared key of ours
 * or a certificate that verifies must really have been used. */
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>
#include "server/crypto/mac.h"
#include "server/field/tls-private.h"
#include "server/wire/gt3-handshake.h"
#include "shared/base/till-error.h"
#include "shared/base/till-log.h"

struct _TilldTls {
  gnutls_certificate_credentials_t certificate;
  gnutls_psk_server_credentials_t  psk;
};

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_crt_t, gnutls_x509_crt_deinit, NULL)

/* "code", or "code#2" for port 2. */
static gboolean
parse_name (const char *name, TilldTlsState *s)
{
  const char *hash = strchr (name, '#');
  gsize       n = hash == NULL ? strlen (name) : (gsize) (hash - name);
  guint64     port = 1;

  if (n == 0 || n >= sizeof s->code || (hash != NULL && !g_ascii_string_to_unsigned (hash + 1, 10, 1, TILLD_PORTS_MAX, &port, NULL)))
    return FALSE;
  memcpy (s->code, name, n);
  s->code[n] = '\0';
  s->port = (guint) port;
  return TRUE;
}

/* Key of the identity; also called for one nobody knows, who is listed and gets no answer. */
static int
psk_of (gnutls_session_t session, const char *username, gnutls_datum_t *key)
{
  TilldTlsState    *s = gnutls_session_get_ptr (session);
  guint8            master[TILLD_GT3_MASTER], psk[TILLD_GT3_PSK];
  TilldCaller       who;
  g_autoptr(GError) error = NULL;
  gboolean          good;

  if (s->link->deaf || !parse_name (username, s) || !tilld_greeting_by_code (s->link, s->code, &who) ||
      !tilld_greeting_master_key (who.station, master, &error))
    return -1;
  good = tilld_gt3_psk (s->code, master, psk);
  gnutls_memset (master, 0, sizeof master);
  key->data = good ? gnutls_malloc (sizeof psk) : NULL;
  if (key->data == NULL)
    return -1;
  key->size = sizeof psk;
  memcpy (key->data, psk, sizeof psk);
  gnutls_memset (psk, 0, sizeof psk);
  s->psk = TRUE;
  return 0;
}

TilldTls *
tilld_tls_new (const char *certificate_path, const char *key_path, const char *gateway_authority_path, GError **error)
{
  g_autoptr(TilldTls) tls = g_new0 (TilldTls, 1);
  int                 status;

  gnutls_certificate_allocate_credentials (&tls->certificate);
  gnutls_psk_allocate_server_credentials (&tls->psk);
  gnutls_psk_set_server_credentials_function (tls->psk, psk_of);
  status = gnutls_certificate_set_x509_key_file (tls->certificate, certificate_path, key_path, GNUTLS_X509_FMT_PEM);
  if (status >= 0)
    status = gnutls_certificate_set_x509_trust_file (tls->certificate, gateway_authority_path, GNUTLS_X509_FMT_PEM);
  if (status >= 0)
    return g_steal_pointer (&tls);
  till_fail (error, TILL_ERROR_INVALID, "TLS of the gateway listener: %s", gnutls_strerror (status));
  return NULL;
}

void
tilld_tls_free (TilldTls *tls)
{
  gnutls_certificate_free_credentials (tls->certificate);
  gnutls_psk_free_server_credentials (tls->psk);
  g_free (tls);
}

gboolean
tilld_tls_show (TilldTlsState *s)
{
  gnutls_certificate_server_set_request (s->session, GNUTLS_CERT_REQUEST); /* who has a key needs none */
  return gnutls_credentials_set (s->session, GNUTLS_CRD_CERTIFICATE, s->tls->certificate) == 0 &&
         gnutls_credentials_set (s->session, GNUTLS_CRD_PSK, s->tls->psk) == 0;
}

/* --- certificates --- */

static gboolean
peer_certificate (gnutls_session_t session, gnutls_x509_crt_t *ret)
{
  unsigned int          n = 0;
  const gnutls_datum_t *chain = gnutls_certificate_get_peers (session, &n);

  return chain != NULL && n > 0 && gnutls_x509_crt_init (ret) == 0 && gnutls_x509_crt_import (*ret, &chain[0], GNUTLS_X509_FMT_DER) == 0;
}

static gboolean
verifies (gnutls_session_t session, const char *purpose)
{
  gnutls_typed_vdata_st data = { .type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *) purpose };
  unsigned int          status = ~0u;

  return gnutls_certificate_verify_peers (session, &data, 1, &status) == 0 && status == 0;
}

static gboolean
certificate_name (TilldTlsState *s)
{
  g_auto(gnutls_x509_crt_t) certificate = NULL;
  char                      name[64];
  size_t                    len = sizeof name;

  return verifies (s->session, GNUTLS_KP_TLS_WWW_CLIENT) && peer_certificate (s->session, &certificate) &&
         gnutls_x509_crt_get_dn_by_oid (certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &len) == 0 && strlen (name) == len &&
         parse_name (name, s);
}

/* --- callers --- */

static gboolean
caller_is_up (TilldLink *link, TilldTlsState *s)
{
  const TilldFieldGateway *record;
  TilldCaller              who;

  if (!tilld_greeting_by_code (link, s->code, &who))
    return FALSE;
  who.port = s->port;
  record = &who.station->record;
  link->heartbeat_len = MIN (record->heartbeat_len, TILLD_RTU_PATTERN_MAX);
  memcpy (link->heartbeat, record->heartbeat, link->heartbeat_len);
  tilld_link_set_front (link, &tilld_front_stream);
  return tilld_greeting_accept (link, &who, TILL_LINK_CLASS_TLS);
}

void
tilld_tls_failed (TilldLink *link, const char *reason)
{
  TilldTlsState *s = link->transport_state;

  if (s->tls == NULL)
    tilld_link_close (link, reason);
  else
    tilld_greeting_refuse (link, s->code[0] != '\0' ? s->code : NULL, reason);
}

static gboolean
caller (TilldLink *link, TilldTlsState *s)
{
  gnutls_credentials_type_t type = gnutls_auth_client_get_type (s->session);
  const char               *name = type == GNUTLS_CRD_PSK ? gnutls_psk_server_get_username (s->session) : NULL;

  if (type == GNUTLS_CRD_PSK && s->psk && name != NULL && parse_name (name, s))
    return caller_is_up (link, s);
  if (type == GNUTLS_CRD_CERTIFICATE && certificate_name (s))
    return caller_is_up (link, s);
  tilld_tls_failed (link, "neither a key nor a certificate of the gateway CA");
  return FALSE;
}

/* --- gateways that we dial --- */

gboolean
tilld_tls_begin_client (TilldLink *link)
{
  const TilldFieldGateway *record = &link->station->record;
  TilldTlsState           *s = link->transport_state = g_new0 (TilldTlsState, 1);
  gnutls_datum_t           pem = { (unsigned char *) record->tls_authority, record->tls_authority == NULL ? 0 : (unsigned int) strlen (record->tls_authority) };
  int                      status = gnutls_certificate_allocate_credentials (&s->own_credentials);

  if (status == 0 && pem.size > 0)
    status = gnutls_certificate_set_x509_trust_mem (s->own_credentials, &pem, GNUTLS_X509_FMT_PEM);
  if (status < 0 || !tilld_tls_begin_session (link, s, GNUTLS_CLIENT) ||
      gnutls_credentials_set (s->session, GNUTLS_CRD_CERTIFICATE, s->own_credentials) != 0)
    {
      tilld_link_close (link, "its TLS authority cannot be used");
      return FALSE;
    }
  return TRUE;
}

static gboolean
pin_fits (TilldTlsState *s, const guint8 pin[TILLD_SHA256])
{
  unsigned int          n = 0;
  const gnutls_datum_t *chain = gnutls_certificate_get_peers (s->session, &n);
  guint8                hash[TILLD_SHA256];

  if (chain == NULL || n == 0)
    return FALSE;
  tilld_sha256 (chain[0].data, chain[0].size, hash);
  return gnutls_memcmp (hash, pin, sizeof hash) == 0;
}

/* The authority is this gateway's own, so any name below it is good. */
static gboolean
callee (TilldLink *link, TilldTlsState *s)
{
  const TilldFieldGateway *record = &link->station->record;
  gboolean                 good = record->tls_pinned ? pin_fits (s, record->tls_pin) : verifies (s->session, GNUTLS_KP_TLS_WWW_SERVER);

  if (!good)
    {
      tilld_link_close (link, record->tls_pinned ? "another certificate than the pinned one" : "its certificate is not of its authority");
      return FALSE;
    }
  tilld_timer_disarm (link->reactor, &link->timer);
  tilld_link_set_state (link, TILLD_LINK_UP);
  return TRUE;
}

gboolean
tilld_tls_peer (TilldLink *link)
{
  TilldTlsState *s = link->transport_state;

  return s->tls == NULL ? callee (link, s) : caller (link, s);
}
