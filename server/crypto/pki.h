/* SPDX-License-Identifier: GPL-2.0-or-later
 * pki.h: the site's own authority and the server's certificate, made at the first start. Clients pin the authority: a renewed
 * server certificate passes, any other authority does not. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

typedef struct {
  char *authority_path;   /* PEM, the authority's certificate */
  char *certificate_path; /* PEM, server certificate and then the authority's */
  char *key_path;         /* PEM, 0600 */
} TilldPki;

/* dir is made (0700) when missing. The server certificate is made again when a name is missing in it or less than 30 days
 * are left. names: DNS names and IP addresses. */
gboolean tilld_pki_ensure (const char *dir, const char *const *names, TillTime now, TilldPki *ret, GError **error);
void     tilld_pki_clear (TilldPki *pki);
/* SHA-256 of the last certificate of a PEM file, as the client shows it: "56BE E32F 3A62 ..." (16 groups). Caller frees. */
char    *tilld_pki_fingerprint (const char *pem_path, GError **error);

/* The CA of gateways that call by TLS, made when missing; path of its certificate, caller frees. */
gboolean tilld_pki_gateway_authority (const char *dir, TillTime now, char **ret_path, GError **error);
/* A client certificate of that CA with a key of its own, both PEM: CN is name. The key is kept nowhere else. */
typedef struct { char *certificate, *key; } TilldIssued;
gboolean tilld_pki_issue (const char *dir, const char *name, TillTime now, guint days, TilldIssued *ret, GError **error);
void     tilld_issued_clear (TilldIssued *issued);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldIssued, tilld_issued_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldPki, tilld_pki_clear)

G_END_DECLS
