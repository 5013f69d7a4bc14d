/* SPDX-License-Identifier: GPL-2.0-or-later
 * reply.h: the answer to a request: made once by a handler on any thread, sent once by the loop. Only reply.c sets a status. */
#pragma once
#include <gio/gio.h>
#include "server/core/types.h"
#include "server/http/route.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

typedef struct {
  guint       status;  /* 0 = not made yet */
  const char *type;
  GBytes     *body;
  int         fd;      /* a file to stream instead of body; -1 = none */
  gint64      file_size;
  char       *filename;
  gboolean    replay;  /* the first answer to this id again */
  guint       retry_after_s;
  char       *allow;
} TilldReply;

void tilld_reply_init (TilldReply *reply);
void tilld_reply_clear (TilldReply *reply);

/* Each asserts that there is no reply yet. */
void tilld_reply_json (TilldRequest *request, guint status, TillJsonWrite *w);  /* takes w, a complete document */
void tilld_reply_empty (TilldRequest *request, guint status);
void tilld_reply_bytes (TilldRequest *request, const char *type, GBytes *bytes, const char *filename);
gboolean tilld_reply_file (TilldRequest *request, const char *type, int fd, const char *filename, GError **error); /* takes fd */
void tilld_reply_error (TilldRequest *request, const GError *error);            /* problem+json; INTERNAL is logged and says nothing */
/* A transaction is tried again: what its handler said is forgotten. */
void tilld_reply_reset (TilldRequest *request);
/* In the loop. */
void tilld_reply_send (TilldRequest *request);

G_END_DECLS
