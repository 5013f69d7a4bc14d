/* SPDX-License-Identifier: GPL-2.0-or-later
 * fake-server.h: a server on loopback in a thread of its own, with scripted replies, delays, drops, problems and events. Paths are
 * written without the API base and query ("/meters"). Everything may be called from any thread. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _TillFakeServer TillFakeServer;

/* certificate NULL: plain HTTP. */
TillFakeServer *till_fake_server_new (GTlsCertificate *certificate);
void            till_fake_server_free (TillFakeServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillFakeServer, till_fake_server_free)

const char *till_fake_server_get_base (TillFakeServer *self); /* "http://127.0.0.1:port" */
const char *till_fake_server_get_host (TillFakeServer *self); /* "127.0.0.1:port" */

/* What a request gets from now on. An unscripted one is 404 not_found. */
void till_fake_server_reply (TillFakeServer *self, const char *method, const char *path, guint status, const char *json);
/* The same once, before the standing reply; several queue up. */
void till_fake_server_reply_once (TillFakeServer *self, const char *method, const char *path, guint status, const char *json);
void till_fake_server_problem_once (TillFakeServer *self, const char *method, const char *path, guint status, const char *code, const char *detail);
void till_fake_server_bytes (TillFakeServer *self, const char *path, const char *type, GBytes *bytes); /* GET */
/* A list of total items; make gives the JSON object at a position (caller frees). offset and limit are honoured. With a query
 * "q=" the list has one item only. */
typedef char *(*TillFakeItem) (guint position, gpointer user_data);
void till_fake_server_list (TillFakeServer *self, const char *path, guint total, TillFakeItem make, gpointer user_data);

/* The next request is read, then the connection is cut without an answer. */
void till_fake_server_drop_next (TillFakeServer *self, const char *method, const char *path);
/* The next request waits until till_fake_server_release. */
void till_fake_server_hold_next (TillFakeServer *self, const char *method, const char *path);
void till_fake_server_release (TillFakeServer *self);

/* What came. NULL when none did; caller frees. */
guint till_fake_server_count (TillFakeServer *self, const char *method, const char *path);
char *till_fake_server_dup_query (TillFakeServer *self, const char *method, const char *path);
char *till_fake_server_dup_body (TillFakeServer *self, const char *method, const char *path);
char *till_fake_server_dup_header (TillFakeServer *self, const char *method, const char *path, const char *name);

/* Live feed: to every open socket. */
void  till_fake_server_send_event (TillFakeServer *self, const char *json);
void  till_fake_server_cut_sockets (TillFakeServer *self);
guint till_fake_server_n_sockets (TillFakeServer *self);

/* Main loop of the test until check says so or 10 s are over (then the test fails with what). */
typedef gboolean (*TillFakeCheck) (gpointer user_data);
void till_fake_await (TillFakeCheck check, gpointer user_data, const char *what);
/* For one call: *result is set by till_fake_done_cb (user_data = GAsyncResult **); waits, caller unrefs. */
void          till_fake_done_cb (GObject *source, GAsyncResult *result, gpointer user_data);
GAsyncResult *till_fake_await_result (GAsyncResult **result);

G_END_DECLS
