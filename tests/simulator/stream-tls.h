/* SPDX-License-Identifier: GPL-2.0-or-later
 * stream-tls.h: TLS under a stream, of a gateway that calls (PSK or client certificate) or is called (server certificate). */
#pragma once
#include "tests/simulator/campus.h"
#include "tests/simulator/stream.h"

G_BEGIN_DECLS

typedef enum { SIM_TLS_DONE, SIM_TLS_AGAIN, SIM_TLS_FAILED } SimTlsStep;

/* The gateway calls: identity is its code, with #2 for its second port. NULL: files that cannot be read. */
SimTls    *sim_tls_new_client (const SimLinkSpec *spec, const char *identity, GError **error);
SimTls    *sim_tls_new_server (const SimLinkSpec *spec, GError **error);
void       sim_tls_free (SimTls *tls);
void       sim_tls_set_fd (SimTls *tls, int fd);
SimTlsStep sim_tls_shake (SimTls *tls);
gboolean   sim_tls_wants_write (SimTls *tls);
void       sim_tls_bye (SimTls *tls);
/* As send(2) and recv(2): -1 with errno. */
gssize     sim_tls_send (SimTls *tls, const guint8 *bytes, gsize n);
gssize     sim_tls_receive (SimTls *tls, guint8 *bytes, gsize n);

G_END_DECLS
