/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-api.h: the one HTTP client. Every call is asynchronous and ends with a parsed JSON node or an error; only GET is
 * repeated, once, when the kept connection broke. Bodies are never logged. */
#pragma once
#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include "client/core/till-api-error.h"
#include "client/core/till-trust.h"

G_BEGIN_DECLS

#define TILL_TYPE_API (till_api_get_type ())
G_DECLARE_FINAL_TYPE (TillApi, till_api, TILL, API, GObject)

/* One call; copied. path is a TILL_PATH_… template, id replaces its {id} or {name}. */
typedef struct {
  const char *method;    /* NULL = "GET" */
  const char *path;
  const char *id;
  const char *query;     /* "a=b&c=d", encoded, or NULL */
  JsonNode   *body;      /* or NULL */
  gint64      version;   /* If-Match, 0 = none */
  guint       timeout_s; /* 0 = 30 */
} TillCall;

/* done and total in bytes, total 0 when unknown; called on the main context. */
typedef void (*TillApiProgress) (gint64 done, gint64 total, gpointer user_data);

/* Property "server" (host:port, read-only). Signal "unauthenticated": a call with a token was answered 401. trust may be NULL
 * only for a plain-HTTP loopback base (tests). */
TillApi    *till_api_new (TillTrust *trust);
TillTrust  *till_api_get_trust (TillApi *self);

/* "host", "host:port", "https://host:port" -> "host:port"; "http://", paths and rubbish are INVALID. Caller frees. */
char       *till_api_parse_server (const char *text, GError **error);
/* Drops the token and the connections. server as from till_api_parse_server; takes the trusted anchor from trust. */
gboolean    till_api_set_server (TillApi *self, const char *server, GError **error);
const char *till_api_get_server (TillApi *self);
void        till_api_set_plain_base (TillApi *self, const char *uri); /* "http://127.0.0.1:port", loopback only */
void        till_api_set_token (TillApi *self, const char *token);

void        till_api_call_async (TillApi *self, const TillCall *call, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
JsonNode   *till_api_call_finish (TillApi *self, GAsyncResult *result, GError **error); /* 204: a null node */

/* The bytes of a small file (receipt), at most 16 MiB. */
void        till_api_fetch_async (TillApi *self, const TillCall *call, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
GBytes     *till_api_fetch_finish (TillApi *self, GAsyncResult *result, GError **error);

/* The answer as it comes, after its status was found good. ret_length: bytes announced, 0 when unknown. */
void          till_api_stream_async (TillApi *self, const TillCall *call, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
GInputStream *till_api_stream_finish (TillApi *self, GAsyncResult *result, gint64 *ret_length, GError **error);

/* Streams the answer to a temporary file beside target, renamed when complete: target is whole or untouched. */
typedef struct { TillCall call; GFile *target; TillApiProgress progress; gpointer progress_data; } TillDownload;
void        till_api_download_async (TillApi *self, const TillDownload *download, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
gboolean    till_api_download_finish (TillApi *self, GAsyncResult *result, GError **error);

/* For the live feed: a WebSocket on the same server with the same anchor and token. finish: a SoupWebsocketConnection. */
void        till_api_open_socket_async (TillApi *self, const char *path_and_query, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data);
gpointer    till_api_open_socket_finish (TillApi *self, GAsyncResult *result, GError **error);

G_END_DECLS
