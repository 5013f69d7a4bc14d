/* SPDX-License-Identifier: GPL-2.0-or-later
 * pki.c: ECDSA P-256 certificates by GnuTLS. Files appear whole or not at all; the authority's key never leaves its file. */
#include "server/crypto/pki.h"
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <glib/gstdio.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include "server/crypto/mac.h"

#define DAY_S          86400
#define AUTHORITY_DAYS 7300
#define SERVER_DAYS    397
#define RENEW_DAYS     30
#define CHAIN_MAX      8

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_crt_t, gnutls_x509_crt_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_privkey_t, gnutls_x509_privkey_deinit, NULL)

void
tilld_pki_clear (TilldPki *pki)
{
  g_clear_pointer (&pki->authority_path, g_free);
  g_clear_pointer (&pki->certificate_path, g_free);
  g_clear_pointer (&pki->key_path, g_free);
}

static gboolean
fail (GError **error, const char *what, int status)
{
  return till_fail (error, TILL_ERROR_INTERNAL, "%s: %s", what, gnutls_strerror (status));
}

static gboolean
write_file (const char *path, const gnutls_datum_t *pem, const gnutls_datum_t *more, int mode, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gboolean written;

  g_byte_array_append (bytes, pem->data, pem->size);
  if (more != NULL)
    g_byte_array_append (bytes, more->data, more->size);
  written = g_file_set_contents_full (path, (const char *) bytes->data, (gssize) bytes->len,
                                      G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, mode, error);
  tilld_wipe (bytes->data, bytes->len);
  return written;
}

static gboolean
save_key (gnutls_x509_privkey_t key, const char *path, GError **error)
{
  gnutls_datum_t pem = { 0 };
  int status = gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem);
  gboolean saved;

  if (status != 0)
    return fail (error, "private key", status);
  saved = write_file (path, &pem, NULL, 0600, error);
  tilld_wipe (pem.data, pem.size);
  gnutls_free (pem.data);
  return saved;
}

static gboolean
save_certificate (gnutls_x509_crt_t certificate, gnutls_x509_crt_t authority, const char *path, GError **error)
{
  gnutls_datum_t pem = { 0 }, more = { 0 };
  int status = gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_PEM, &pem);
  gboolean saved;

  if (status == 0 && authority != NULL)
    status = gnutls_x509_crt_export2 (authority, GNUTLS_X509_FMT_PEM, &more);
  saved = status == 0 ? write_file (path, &pem, authority != NULL ? &more : NULL, 0644, error) : fail (error, "certificate", status);
  gnutls_free (pem.data);
  gnutls_free (more.data);
  return saved;
}

static gboolean
load_file (const char *path, gnutls_datum_t *ret, GError **error)
{
  char *text;
  gsize len;
  if (!g_file_get_contents (path, &text, &len, error))
    return FALSE;
  *ret = (gnutls_datum_t){ (unsigned char *) text, (unsigned int) len };
  return TRUE;
}

static gboolean
load_certificate (const char *path, gnutls_x509_crt_t *ret, GError **error)
{
  gnutls_datum_t pem;
  int status;

  if (!load_file (path, &pem, error))
    return FALSE;
  gnutls_x509_crt_init (ret);
  status = gnutls_x509_crt_import (*ret, &pem, GNUTLS_X509_FMT_PEM);
  g_free (pem.data);
  return status == 0 || fail (error, path, status);
}

static gboolean
load_key (const char *path, gnutls_x509_privkey_t *ret, GError **error)
{
  gnutls_datum_t pem;
  int status;

  if (!load_file (path, &pem, error))
    return FALSE;
  gnutls_x509_privkey_init (ret);
  status = gnutls_x509_privkey_import (*ret, &pem, GNUTLS_X509_FMT_PEM);
  tilld_wipe (pem.data, pem.size);
  g_free (pem.data);
  return status == 0 || fail (error, path, status);
}

static int
new_key (gnutls_x509_privkey_t *ret)
{
  int status = gnutls_x509_privkey_init (ret);
  if (status == 0)
    status = gnutls_x509_privkey_generate (*ret, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0);
  return status;
}

/* Everything that both kinds of certificate have. */
static int
begin_certificate (gnutls_x509_crt_t *ret, gnutls_x509_privkey_t key, const char *name, TillTime now, int days)
{
  gint64 now_s = now / TILL_SECOND;
  guint8 serial[16], key_id[20];
  size_t key_id_len = sizeof key_id;
  int status = gnutls_x509_crt_init (ret);

  tilld_random (serial, sizeof serial);
  serial[0] &= 0x7f; /* positive */
  if (status == 0)
    status = gnutls_x509_crt_set_version (*ret, 3);
  if (status == 0)
    status = gnutls_x509_crt_set_serial (*ret, serial, sizeof serial);
  if (status == 0)
    status = gnutls_x509_crt_set_dn_by_oid (*ret, GNUTLS_OID_X520_COMMON_NAME, 0, name, (unsigned int) strlen (name));
  if (status == 0) /* a client whose clock is a little late must not be turned away */
    status = gnutls_x509_crt_set_activation_time (*ret, (time_t) (now_s - DAY_S));
  if (status == 0)
    status = gnutls_x509_crt_set_expiration_time (*ret, (time_t) (now_s + (gint64) days * DAY_S));
  if (status == 0)
    status = gnutls_x509_crt_set_key (*ret, key);
  if (status == 0)
    status = gnutls_x509_crt_get_key_id (*ret, 0, key_id, &key_id_len);
  return status == 0 ? gnutls_x509_crt_set_subject_key_id (*ret, key_id, key_id_len) : status;
}

static gboolean
make_authority (const char *name, const char *certificate_path, const char *key_path, TillTime now, GError **error)
{
  g_auto (gnutls_x509_privkey_t) key = NULL;
  g_auto (gnutls_x509_crt_t) authority = NULL;
  int status = new_key (&key);

  if (status == 0)
    status = begin_certificate (&authority, key, name, now, AUTHORITY_DAYS);
  if (status == 0)
    status = gnutls_x509_crt_set_basic_constraints (authority, 1, 0);
  if (status == 0)
    status = gnutls_x509_crt_set_key_usage (authority, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
  if (status == 0)
    status = gnutls_x509_crt_sign2 (authority, authority, key, GNUTLS_DIG_SHA256, 0);
  if (status != 0)
    return fail (error, "authority", status);
  return save_key (key, key_path, error) && save_certificate (authority, NULL, certificate_path, error);
}

static int
add_name (gnutls_x509_crt_t certificate, const char *name)
{
  guint8 address[16];
  if (inet_pton (AF_INET, name, address) == 1)
    return gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_IPADDRESS, address, 4, GNUTLS_FSAN_APPEND);
  if (inet_pton (AF_INET6, name, address) == 1)
    return gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_IPADDRESS, address, 16, GNUTLS_FSAN_APPEND);
  return gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_DNSNAME, name, (unsigned int) strlen (name), GNUTLS_FSAN_APPEND);
}

/* What stands below an authority, for one purpose. */
static int
sign (gnutls_x509_crt_t certificate, const char *purpose, gnutls_x509_crt_t authority, gnutls_x509_privkey_t authority_key)
{
  guint8 key_id[64];
  size_t key_id_len = sizeof key_id;
  int status = gnutls_x509_crt_set_basic_constraints (certificate, 0, -1);

  if (status == 0)
    status = gnutls_x509_crt_set_key_usage (certificate, GNUTLS_KEY_DIGITAL_SIGNATURE);
  if (status == 0)
    status = gnutls_x509_crt_set_key_purpose_oid (certificate, purpose, 0);
  if (status == 0)
    status = gnutls_x509_crt_get_subject_key_id (authority, key_id, &key_id_len, NULL);
  if (status == 0)
    status = gnutls_x509_crt_set_authority_key_id (certificate, key_id, key_id_len);
  return status == 0 ? gnutls_x509_crt_sign2 (certificate, authority, authority_key, GNUTLS_DIG_SHA256, 0) : status;
}

static gboolean
make_server (const TilldPki *pki, const char *authority_key_path, const char *const *names, TillTime now, GError **error)
{
  g_auto (gnutls_x509_privkey_t) authority_key = NULL, key = NULL;
  g_auto (gnutls_x509_crt_t) authority = NULL, certificate = NULL;
  int status;

  if (!load_certificate (pki->authority_path, &authority, error) || !load_key (authority_key_path, &authority_key, error))
    return FALSE;
  status = new_key (&key);
  if (status == 0)
    status = begin_certificate (&certificate, key, names[0] != NULL ? names[0] : "gridtill", now, SERVER_DAYS);
  for (guint i = 0; status == 0 && names[i] != NULL; i++)
    status = add_name (certificate, names[i]);
  if (status == 0)
    status = sign (certificate, GNUTLS_KP_TLS_WWW_SERVER, authority, authority_key);
  if (status != 0)
    return fail (error, "server certificate", status);
  return save_key (key, pki->key_path, error) && save_certificate (certificate, authority, pki->certificate_path, error);
}

static gboolean
fits (const TilldPki *pki, const char *const *names, TillTime now)
{
  g_auto (gnutls_x509_crt_t) certificate = NULL, authority = NULL;

  if (!g_file_test (pki->key_path, G_FILE_TEST_IS_REGULAR) || !load_certificate (pki->certificate_path, &certificate, NULL)
      || !load_certificate (pki->authority_path, &authority, NULL) || !gnutls_x509_crt_check_issuer (certificate, authority))
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    if (!gnutls_x509_crt_check_hostname (certificate, names[i]))
      return FALSE;
  return gnutls_x509_crt_get_expiration_time (certificate) - (time_t) (now / TILL_SECOND) > RENEW_DAYS * DAY_S;
}

gboolean
tilld_pki_ensure (const char *dir, const char *const *names, TillTime now, TilldPki *ret, GError **error)
{
  g_autofree char *authority_key_path = g_build_filename (dir, "authority-key.pem", NULL);
  g_auto (TilldPki) pki = { g_build_filename (dir, "authority.pem", NULL), g_build_filename (dir, "server.pem", NULL),
                            g_build_filename (dir, "server-key.pem", NULL) };

  if (g_mkdir_with_parents (dir, 0700) != 0)
    return till_fail (error, TILL_ERROR_INTERNAL, "%s: %s", dir, g_strerror (errno));
  if (!g_file_test (pki.authority_path, G_FILE_TEST_EXISTS) && !make_authority ("Gridtill site CA", pki.authority_path, authority_key_path, now, error))
    return FALSE;
  if (!fits (&pki, names, now) && !make_server (&pki, authority_key_path, names, now, error))
    return FALSE;
  *ret = pki;
  pki = (TilldPki){ NULL };
  return TRUE;
}

/* --- gateways --- */

gboolean
tilld_pki_gateway_authority (const char *dir, TillTime now, char **ret_path, GError **error)
{
  g_autofree char *path = g_build_filename (dir, "gateway-authority.pem", NULL);
  g_autofree char *key_path = g_build_filename (dir, "gateway-authority-key.pem", NULL);

  if (!g_file_test (path, G_FILE_TEST_EXISTS) && !make_authority ("Gridtill gateway CA", path, key_path, now, error))
    return FALSE;
  *ret_path = g_steal_pointer (&path);
  return TRUE;
}

void
tilld_issued_clear (TilldIssued *issued)
{
  if (issued->key != NULL)
    tilld_wipe (issued->key, strlen (issued->key));
  g_clear_pointer (&issued->certificate, g_free);
  g_clear_pointer (&issued->key, g_free);
}

static gboolean
export_issued (gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key, TilldIssued *ret, GError **error)
{
  gnutls_datum_t pem = { 0 }, key_pem = { 0 };
  int status = gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_PEM, &pem);

  if (status == 0)
    status = gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &key_pem);
  if (status == 0)
    *ret = (TilldIssued){ g_strndup ((const char *) pem.data, pem.size), g_strndup ((const char *) key_pem.data, key_pem.size) };
  if (key_pem.data != NULL)
    tilld_wipe (key_pem.data, key_pem.size);
  gnutls_free (key_pem.data);
  gnutls_free (pem.data);
  return status == 0 || fail (error, "certificate of a gateway", status);
}

gboolean
tilld_pki_issue (const char *dir, const char *name, TillTime now, guint days, TilldIssued *ret, GError **error)
{
  g_auto (gnutls_x509_privkey_t) authority_key = NULL, key = NULL;
  g_auto (gnutls_x509_crt_t) authority = NULL, certificate = NULL;
  g_autofree char *path = NULL, *key_path = g_build_filename (dir, "gateway-authority-key.pem", NULL);
  int status;

  if (!tilld_pki_gateway_authority (dir, now, &path, error) || !load_certificate (path, &authority, error) ||
      !load_key (key_path, &authority_key, error))
    return FALSE;
  status = new_key (&key);
  if (status == 0)
    status = begin_certificate (&certificate, key, name, now, (int) days);
  if (status == 0)
    status = sign (certificate, GNUTLS_KP_TLS_WWW_CLIENT, authority, authority_key);
  return status == 0 ? export_issued (certificate, key, ret, error) : fail (error, "certificate of a gateway", status);
}

char *
tilld_pki_fingerprint (const char *pem_path, GError **error)
{
  gnutls_x509_crt_t chain[CHAIN_MAX] = { NULL };
  unsigned int n = CHAIN_MAX;
  gnutls_datum_t pem;
  guint8 hash[TILLD_SHA256];
  size_t hash_len = sizeof hash;
  GString *text;
  int status;

  if (!load_file (pem_path, &pem, error))
    return NULL;
  status = gnutls_x509_crt_list_import (chain, &n, &pem, GNUTLS_X509_FMT_PEM, 0);
  g_free (pem.data);
  if (status > 0)
    status = gnutls_x509_crt_get_fingerprint (chain[n - 1], GNUTLS_DIG_SHA256, hash, &hash_len);
  for (unsigned int i = 0; i < n && chain[i] != NULL; i++)
    gnutls_x509_crt_deinit (chain[i]);
  if (status < 0)
    {
      fail (error, pem_path, status);
      return NULL;
    }
  text = g_string_new (NULL);
  for (guint i = 0; i < TILLD_SHA256; i++)
    g_string_append_printf (text, "%s%02X", i > 0 && i % 2 == 0 ? " " : "", hash[i]);
  return g_string_free (text, FALSE);
}
