/* SPDX-License-Identifier: GPL-2.0-or-later
 * tls-private.h: a TLS session of a link, between its records and the knowledge of its peer. */
#pragma once
#include <gnutls/gnutls.h>
#include "server/field/transport-tls.h"

G_BEGIN_DECLS

typedef struct {
  gnutls_session_t session;
  TilldLink       *link;
  TilldTls        *tls;   /* of the listener; NULL: we dialled */
  gnutls_certificate_credentials_t own_credentials; /* of one we dialled */
  GByteArray      *first; /* what was read before it was known to be TLS */
  guint            sending; /* bytes of the record that did not go out whole */
  gboolean         ready; /* the handshake is over */
  gboolean         psk;   /* a key of ours was asked for, and given */
  char             code[17];
  guint            port;
} TilldTlsState;

gboolean tilld_tls_begin_session (TilldLink *link, TilldTlsState *s, unsigned int flags);
/* tls-peer.c */
gboolean tilld_tls_show (TilldTlsState *s);
gboolean tilld_tls_begin_client (TilldLink *link);
/* After the handshake: is it who it says? TRUE: the link is UP. Else it is closed, or deaf. */
gboolean tilld_tls_peer (TilldLink *link);
void     tilld_tls_failed (TilldLink *link, const char *reason);

G_END_DECLS
