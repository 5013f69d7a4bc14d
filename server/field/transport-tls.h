/* SPDX-License-Identifier: GPL-2.0-or-later
 * transport-tls.h: TLS 1.2 and 1.3 over a socket, by GnuTLS right on the descriptor. As a server it finds out who calls: by a pre-shared
 * key or a certificate of the gateway CA, never by anything less. */
#pragma once
#include "server/field/greeting.h"
#include "server/field/transport.h"

G_BEGIN_DECLS

/* The ECDSA names with a curve are those of TLS 1.3: without them a gateway with an ECDSA certificate shows none. */
#define TILLD_TLS_PRIORITY                                                                                                  \
  "NONE:+VERS-TLS1.3:+VERS-TLS1.2:+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:+AEAD:+ECDHE-PSK:+DHE-PSK:+PSK:+ECDHE-ECDSA:" \
  "+ECDHE-RSA:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-FFDHE2048:+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SECP256R1-SHA256:"             \
  "+SIGN-ECDSA-SHA384:+SIGN-ECDSA-SECP384R1-SHA384:+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-SHA256:%SERVER_PRECEDENCE"

/* What the listener shows and trusts: PEM files. gateway_authority: the CA of client certificates. */
TilldTls *tilld_tls_new (const char *certificate_path, const char *key_path, const char *gateway_authority_path, GError **error);
void      tilld_tls_free (TilldTls *tls);
/* A caller whose first bytes are TLS: the handshake goes on by itself, to UP, or to refusal. */
void      tilld_tls_accept (TilldTls *tls, TilldLink *link, const guint8 *bytes, guint len);

/* Dials and verifies the gateway against the authority or the pin of its record (link->station). */
extern const TilldTransport tilld_transport_tls;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldTls, tilld_tls_free)

G_END_DECLS
