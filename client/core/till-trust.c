/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-trust.c: trust on first use. Stores anchors as files, reads and compares chains; asks nobody and sends nothing: the
 * probe ends at the handshake. */
#define G_LOG_DOMAIN "till-trust"
#include "config.h"
#include "client/core/till-trust.h"

#include <glib/gstdio.h>
#include "client/core/till-api-error.h"
#include "shared/api/till-limits.h"

#define PROBE_TIMEOUT_S 10

struct _TillTrust {
  GObject parent_instance;
  char   *directory;
};

G_DEFINE_FINAL_TYPE (TillTrust, till_trust, G_TYPE_OBJECT)
G_DEFINE_BOXED_TYPE (TillTrustIdentity, till_trust_identity, till_trust_identity_copy, till_trust_identity_free)

typedef struct {
  char            *server;
  GSocketClient   *client;
  GTlsDatabase    *anchor;   /* NULL: nobody has decided about this server */
  GTlsCertificate *peer;
  gboolean         verified; /* the chain passed the stored anchor */
} Probe;

TillTrustIdentity *
till_trust_identity_copy (const TillTrustIdentity *self)
{
  TillTrustIdentity *copy = g_memdup2 (self, sizeof *self);

  copy->server = g_strdup (self->server);
  copy->fingerprint = g_strdup (self->fingerprint);
  copy->known_fingerprint = g_strdup (self->known_fingerprint);
  copy->subject = g_strdup (self->subject);
  copy->not_after = self->not_after != NULL ? g_date_time_ref (self->not_after) : NULL;
  copy->pem = g_strdup (self->pem);
  return copy;
}

void
till_trust_identity_free (TillTrustIdentity *self)
{
  g_free (self->server);
  g_free (self->fingerprint);
  g_free (self->known_fingerprint);
  g_free (self->subject);
  g_clear_pointer (&self->not_after, g_date_time_unref);
  g_free (self->pem);
  g_free (self);
}

static char *
anchor_path (TillTrust *self, const char *server)
{
  g_autofree char *safe = g_uri_escape_string (server, NULL, FALSE); /* no slash survives */
  g_autofree char *name = g_strconcat (safe, ".pem", NULL);

  return g_build_filename (self->directory, name, NULL);
}

static char *
fingerprint_of (GTlsCertificate *certificate)
{
  g_autoptr(GByteArray) der = NULL;
  g_autofree char *hex = NULL;
  GString *text = g_string_new (NULL);

  g_object_get (certificate, "certificate", &der, NULL);
  hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);
  for (guint i = 0; hex[i] != '\0'; i++)
    {
      if (i > 0 && i % 4 == 0)
        g_string_append_c (text, ' ');
      g_string_append_c (text, g_ascii_toupper (hex[i]));
    }
  return g_string_free (text, FALSE);
}

static GTlsCertificate *
last_of_chain (GTlsCertificate *certificate)
{
  for (guint i = 0; i < 10 && g_tls_certificate_get_issuer (certificate) != NULL; i++)
    certificate = g_tls_certificate_get_issuer (certificate);
  return certificate;
}

/* "CN=Gridtill site CA,O=School" -> "Gridtill site CA" */
static char *
common_name (GTlsCertificate *certificate)
{
  g_autofree char *name = g_tls_certificate_get_subject_name (certificate);
  g_auto(GStrv) parts = g_strsplit (name != NULL ? name : "", ",", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (g_str_has_prefix (g_strchug (parts[i]), "CN="))
      return g_strdup (parts[i] + 3);
  return g_steal_pointer (&name);
}

static TillTrustIdentity *
make_identity (TillTrust *self, Probe *probe)
{
  TillTrustIdentity *identity = g_new0 (TillTrustIdentity, 1);
  GTlsCertificate *anchor = last_of_chain (probe->peer);

  identity->verdict = probe->anchor == NULL ? TILL_TRUST_UNKNOWN : probe->verified ? TILL_TRUST_GOOD : TILL_TRUST_CHANGED;
  identity->server = g_strdup (probe->server);
  identity->fingerprint = fingerprint_of (anchor);
  identity->known_fingerprint = till_trust_get_fingerprint (self, probe->server);
  identity->subject = common_name (anchor);
  identity->not_after = g_tls_certificate_get_not_valid_after (anchor);
  g_object_get (anchor, "certificate-pem", &identity->pem, NULL);
  return identity;
}

static void
probe_free (gpointer data)
{
  Probe *probe = data;

  g_free (probe->server);
  g_clear_object (&probe->client);
  g_clear_object (&probe->anchor);
  g_clear_object (&probe->peer);
  g_free (probe);
}

static gboolean
accept_cb (GTlsConnection *connection, GTlsCertificate *peer, GTlsCertificateFlags errors, gpointer user_data)
{
  Probe *probe = user_data;

  g_set_object (&probe->peer, peer);
  probe->verified = FALSE;
  return FALSE; /* never: looking is all this connection is for */
}

static void
event_cb (GSocketClient *client, GSocketClientEvent event, GSocketConnectable *connectable, GIOStream *connection, gpointer user_data)
{
  Probe *probe = user_data;

  if (event != G_SOCKET_CLIENT_TLS_HANDSHAKING)
    return;
  if (probe->anchor != NULL)
    g_tls_connection_set_database (G_TLS_CONNECTION (connection), probe->anchor);
  g_signal_connect (connection, "accept-certificate", G_CALLBACK (accept_cb), probe);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Probe *probe = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketConnection) connection = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  GIOStream *tls;

  if (connection != NULL && G_IS_TCP_WRAPPER_CONNECTION (connection) && probe->peer == NULL)
    {
      tls = g_tcp_wrapper_connection_get_base_io_stream (G_TCP_WRAPPER_CONNECTION (connection));
      g_set_object (&probe->peer, g_tls_connection_get_peer_certificate (G_TLS_CONNECTION (tls)));
      probe->verified = TRUE;
    }
  g_signal_handlers_disconnect_by_data (source, probe);
  if (connection != NULL)
    g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  if (probe->peer != NULL)
    g_task_return_pointer (task, make_identity (g_task_get_source_object (task), probe), (GDestroyNotify) till_trust_identity_free);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_steal_pointer (&error));
  else if (error != NULL && error->domain == G_TLS_ERROR) /* somebody answered, but not with TLS */
    g_task_return_new_error (task, TILL_API_ERROR, TILL_API_ERROR_VERSION, "%s", error->message);
  else
    g_task_return_new_error (task, TILL_API_ERROR, TILL_API_ERROR_UNREACHABLE, "%s", error != NULL ? error->message : "no certificate");
}

static void
till_trust_finalize (GObject *object)
{
  g_free (TILL_TRUST (object)->directory);
  G_OBJECT_CLASS (till_trust_parent_class)->finalize (object);
}

static void
till_trust_class_init (TillTrustClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_trust_finalize;
}

static void
till_trust_init (TillTrust *self)
{
}

TillTrust *
till_trust_new (const char *directory)
{
  TillTrust *self = g_object_new (TILL_TYPE_TRUST, NULL);

  self->directory = directory != NULL ? g_canonicalize_filename (directory, NULL)
                                      : g_build_filename (g_get_user_config_dir (), "gridtill", "trust", NULL);
  return self;
}

gboolean
till_trust_is_known (TillTrust *self, const char *server)
{
  g_autofree char *path = anchor_path (self, server);

  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

char *
till_trust_get_fingerprint (TillTrust *self, const char *server)
{
  g_autofree char *path = anchor_path (self, server);
  g_autoptr(GTlsCertificate) certificate = g_tls_certificate_new_from_file (path, NULL);

  return certificate != NULL ? fingerprint_of (certificate) : NULL;
}

GTlsDatabase *
till_trust_load (TillTrust *self, const char *server, GError **error)
{
  g_autofree char *path = anchor_path (self, server);
  g_autoptr(GError) cause = NULL;
  GTlsDatabase *anchor = g_tls_file_database_new (path, &cause);

  if (anchor == NULL)
    g_set_error (error, TILL_API_ERROR, TILL_API_ERROR_UNTRUSTED, "%s is not trusted: %s", server, cause->message);
  return anchor;
}

gboolean
till_trust_accept (TillTrust *self, const TillTrustIdentity *identity, GError **error)
{
  g_autofree char *path = anchor_path (self, identity->server);
  g_autoptr(GError) cause = NULL;

  if (g_mkdir_with_parents (self->directory, 0700) == 0 && g_file_set_contents_full (path, identity->pem, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &cause))
    return TRUE;
  g_set_error (error, TILL_API_ERROR, TILL_API_ERROR_FILE, "%s: %s", path, cause != NULL ? cause->message : g_strerror (errno));
  return FALSE;
}

gboolean
till_trust_forget (TillTrust *self, const char *server, GError **error)
{
  g_autofree char *path = anchor_path (self, server);

  if (g_unlink (path) == 0 || errno == ENOENT)
    return TRUE;
  g_set_error (error, TILL_API_ERROR, TILL_API_ERROR_FILE, "%s: %s", path, g_strerror (errno));
  return FALSE;
}

void
till_trust_probe_async (TillTrust *self, const char *server, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  Probe *probe = g_new0 (Probe, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, till_trust_probe_async);
  g_task_set_task_data (task, probe, probe_free);
  probe->server = g_strdup (server);
  if (till_trust_is_known (self, server) && (probe->anchor = till_trust_load (self, server, &error)) == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  probe->client = g_socket_client_new ();
  g_socket_client_set_tls (probe->client, TRUE);
  g_socket_client_set_timeout (probe->client, PROBE_TIMEOUT_S);
  g_socket_client_set_enable_proxy (probe->client, FALSE);
  g_signal_connect (probe->client, "event", G_CALLBACK (event_cb), probe);
  g_socket_client_connect_to_host_async (probe->client, server, TILL_DEFAULT_PORT, cancellable, connected_cb, g_object_ref (task));
}

TillTrustIdentity *
till_trust_probe_finish (TillTrust *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
