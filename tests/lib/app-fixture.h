/* SPDX-License-Identifier: GPL-2.0-or-later
 * app-fixture.h: a whole server in a thread over TLS on port 0, on a private PostgreSQL, and a client that trusts only its authority.
 * No field: what meters say is written into the database by the test. */
#pragma once
#include <json-glib/json-glib.h>
#include <libsoup/soup.h>
#include "server/app/app.h"
#include "tests/lib/pg-fixture.h"

G_BEGIN_DECLS

#define TEST_APP_PASSWORD "sesame-open-99"

typedef struct {
  TestPg       *pg;
  TilldApp     *app;
  TilldConfig  *config;
  GThread      *thread;
  GMainContext *context;
  GMainLoop    *loop;
  guint16       port;
  gint          ready; /* atomic */
  char         *authority;
  char         *state_dir;
  SoupSession  *session;
  guint        if_match; /* version sent with every request; 0 = none */
} TestApp;

typedef struct {
  guint     status;
  char     *text;
  gsize     len;
  JsonNode *json;     /* NULL when the answer is no JSON */
  char     *replay;   /* Idempotent-Replay */
  char     *type;
} TestReply;

/* Operators admin, cashier, engineer, viewer, auditor with their roles; meters 1..4, of which 1..3 may be sold to. */
TestApp    *test_app_new (void);
void        test_app_free (TestApp *self);
char       *test_app_url (TestApp *self, const char *path); /* below /api/v1 */
char       *test_app_log_in (TestApp *self, const char *user); /* token */
TestReply  *test_app_call (TestApp *self, const char *method, const char *path, const char *token, const char *body);
void        test_reply_free (TestReply *reply);
/* "" when there is none. */
const char *test_reply_text (TestReply *reply, const char *member);
gint64      test_reply_int (TestReply *reply, const char *member);
/* A stream of its own to the server's port; TLS when wanted. */
GIOStream  *test_app_connect (TestApp *self, gboolean tls);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestApp, test_app_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestReply, test_reply_free)

G_END_DECLS
