/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-trust.h: is this the server the administrator meant? Trust on first use: the last certificate of the chain is
 * shown, compared by a person, stored as PEM per host:port, and is from then on the only anchor for it. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

#define TILL_TYPE_TRUST (till_trust_get_type ())
G_DECLARE_FINAL_TYPE (TillTrust, till_trust, TILL, TRUST, GObject)

typedef enum {
  TILL_TRUST_UNKNOWN, /* first connection: a person must compare the fingerprint */
  TILL_TRUST_GOOD,    /* stored anchor, name and dates fit */
  TILL_TRUST_CHANGED, /* another authority than the stored one, or wrong name or dates: nothing may be sent */
} TillTrustVerdict;

#define TILL_TYPE_TRUST_IDENTITY (till_trust_identity_get_type ())
typedef struct {
  TillTrustVerdict verdict;
  char      *server;            /* host:port */
  char      *fingerprint;       /* of the anchor shown now: "56BE E32F … 9628", 16 groups */
  char      *known_fingerprint; /* of the stored anchor, or NULL */
  char      *subject;           /* common name of the anchor */
  GDateTime *not_after;         /* of the anchor */
  char      *pem;               /* of the anchor */
} TillTrustIdentity;
GType              till_trust_identity_get_type (void);
TillTrustIdentity *till_trust_identity_copy (const TillTrustIdentity *self);
void               till_trust_identity_free (TillTrustIdentity *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillTrustIdentity, till_trust_identity_free)

TillTrust  *till_trust_new (const char *directory);                      /* NULL = user's configuration folder */
gboolean    till_trust_is_known (TillTrust *self, const char *server);
/* Fingerprint of the stored anchor, or NULL; caller frees. */
char       *till_trust_get_fingerprint (TillTrust *self, const char *server);
/* The anchor as database for a connection; NULL with error when none is stored. */
GTlsDatabase *till_trust_load (TillTrust *self, const char *server, GError **error);
gboolean    till_trust_accept (TillTrust *self, const TillTrustIdentity *identity, GError **error);
gboolean    till_trust_forget (TillTrust *self, const char *server, GError **error);

/* Connects once, collects the chain and ends the connection before any request is sent. UNREACHABLE when nobody answers. */
void        till_trust_probe_async (TillTrust *self, const char *server, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
TillTrustIdentity *till_trust_probe_finish (TillTrust *self, GAsyncResult *result, GError **error);

G_END_DECLS
