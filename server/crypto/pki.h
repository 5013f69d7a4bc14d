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

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldPki, tilld_pki_clear)

G_END_DECLS
