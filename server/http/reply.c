/* SPDX-License-Identifier: GPL-2.0-or-later
 * reply.c: answers on the wire: JSON, problem, bytes, file. The only code that sets a status. */
#include "server/http/reply.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "server/http/request.h"
#include "shared/base/till-log.h"

#define BLOCK         65536
#define RETRY_AFTER_S 2

void
tilld_reply_init (TilldReply *reply)
{
  *reply = (TilldReply){ .fd = -1 };
}

void
tilld_reply_clear (TilldReply *reply)
{
  g_clear_pointer (&reply->body, g_bytes_unref);
  g_clear_pointer (&reply->filename, g_free);
  g_clear_pointer (&reply->allow, g_free);
  if (reply->fd >= 0)
    close (reply->fd);
  tilld_reply_init (reply);
}

void
tilld_reply_reset (TilldRequest *request)
{
  g_assert (!request->answered);
  tilld_reply_clear (&request->reply);
  request->next = NULL;
}

static TilldReply *
make (TilldRequest *request, guint status, const char *type)
{
  g_assert (request->reply.status == 0 && !request->answered);
  g_assert (status >= 200 && status < 600);
  request->reply.status = status;
  request->reply.type = type;
  return &request->reply;
}

void
tilld_reply_json (TilldRequest *request, guint status, TillJsonWrite *w)
{
  make (request, status, "application/json")->body = till_json_write_free_to_bytes (w);
}

void
tilld_reply_empty (TilldRequest *request, guint status)
{
  make (request, status, NULL);
}

void
tilld_reply_bytes (TilldRequest *request, const char *type, GBytes *bytes, const char *filename)
{
  TilldReply *reply = make (request, 200, type);
  reply->body = g_bytes_ref (bytes);
  reply->filename = g_strdup (filename);
}

gboolean
tilld_reply_file (TilldRequest *request, const char *type, int fd, const char *filename, GError **error)
{
  struct stat st;

  g_assert (fd >= 0);
  if (fstat (fd, &st) != 0)
    {
      till_fail (error, TILL_ERROR_INTERNAL, "fstat of a spreadsheet: %s", g_strerror (errno));
      close (fd);
      return FALSE;
    }
  make (request, 200, type)->fd = fd;
  request->reply.file_size = st.st_size;
  request->reply.filename = g_strdup (filename);
  return TRUE;
}

static void
write_fields (TillJsonWrite *w, const GError *error)
{
  GPtrArray *fields = till_error_get_fields (error);
  g_autoptr (GHashTable) written = g_hash_table_new (g_str_hash, g_str_equal);

  if (fields == NULL || fields->len == 0)
    return;
  till_json_write_begin_object (w, "fields");
  for (guint i = 0; i < fields->len; i++)
    {
      const TillFieldError *field = g_ptr_array_index (fields, i);
      if (g_hash_table_add (written, field->member)) /* the first reason of a member is enough */
        till_json_write_text (w, field->member, field->reason);
    }
  till_json_write_end_object (w);
}

void
tilld_reply_error (TilldRequest *request, const GError *error)
{
  TillError code = error->domain == TILL_ERROR ? (TillError) error->code : TILL_ERROR_INTERNAL;
  TillJsonWrite *w = till_json_write_new ();
  g_autofree char *type = g_strconcat ("urn:gridtill:", till_error_word (code), NULL);
  g_autofree char *title = g_strdelimit (g_strdup (till_error_word (code)), "_", ' ');
  TilldReply *reply;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    code = TILL_ERROR_BUSY;
  if (code == TILL_ERROR_INTERNAL)
    till_warn (TILL_LOG_REQUEST (request->id), error, "%s %s failed", request->route != NULL ? request->route->method : "-",
               request->route != NULL ? request->route->path : "-");
  till_json_write_begin_object (w, NULL);
  till_json_write_text (w, "type", type);
  till_json_write_text (w, "title", title);
  till_json_write_int (w, "status", till_error_status (code));
  till_json_write_text (w, "code", till_error_word (code));
  till_json_write_text (w, "detail", code == TILL_ERROR_INTERNAL ? "the server could not do it; its log has the reason" : error->message);
  if (code != TILL_ERROR_INTERNAL)
    write_fields (w, error);
  till_json_write_text (w, "request_id", request->id);
  till_json_write_end_object (w);
  reply = make (request, till_error_status (code), "application/problem+json");
  reply->body = till_json_write_free_to_bytes (w);
  if (code == TILL_ERROR_BUSY || code == TILL_ERROR_THROTTLED)
    reply->retry_after_s = RETRY_AFTER_S;
}

/* The next block of a file, when the one before is on its way; the file cannot shrink, nobody else has its name. */
static void
next_block (SoupServerMessage *msg, gpointer data)
{
  TilldReply *reply = data;
  g_autofree guint8 *block = g_malloc (BLOCK);
  gssize got = read (reply->fd, block, BLOCK);
  SoupMessageBody *body = soup_server_message_get_response_body (msg);

  if (got > 0)
    soup_message_body_append_take (body, g_steal_pointer (&block), (gsize) got);
  else
    soup_message_body_complete (body);
  soup_server_message_unpause (msg);
}

static void
send_file (TilldRequest *request)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (request->msg);

  soup_message_headers_set_content_length (headers, request->reply.file_size);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (request->msg), FALSE);
  g_signal_connect (request->msg, "wrote-headers", G_CALLBACK (next_block), &request->reply);
  g_signal_connect (request->msg, "wrote-chunk", G_CALLBACK (next_block), &request->reply);
}

void
tilld_reply_send (TilldRequest *request)
{
  TilldReply *reply = &request->reply;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (request->msg);

  g_assert (reply->status != 0 && !request->answered); /* exactly one reply */
  request->answered = TRUE;
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_message_headers_replace (headers, "X-Content-Type-Options", "nosniff");
  soup_message_headers_replace (headers, "Request-Id", request->id);
  if (reply->type != NULL)
    soup_message_headers_set_content_type (headers, reply->type, NULL);
  if (reply->filename != NULL)
    {
      g_autofree char *value = g_strdup_printf ("attachment; filename=\"%s\"", reply->filename);
      soup_message_headers_replace (headers, "Content-Disposition", value);
    }
  if (reply->replay)
    soup_message_headers_replace (headers, "Idempotent-Replay", "true");
  if (reply->retry_after_s > 0)
    {
      g_autofree char *value = g_strdup_printf ("%u", reply->retry_after_s);
      soup_message_headers_replace (headers, "Retry-After", value);
    }
  if (reply->allow != NULL)
    soup_message_headers_replace (headers, "Allow", reply->allow);
  if (request->route == NULL && reply->status == 400)
    soup_message_headers_replace (headers, "Connection", "close"); /* who knows where its body ends */
  if (reply->status == 401)
    soup_message_headers_replace (headers, "WWW-Authenticate", "Bearer");
  soup_server_message_set_status (request->msg, reply->status, NULL);
  if (reply->fd >= 0)
    send_file (request);
  else if (reply->body != NULL)
    soup_message_body_append_bytes (soup_server_message_get_response_body (request->msg), reply->body);
}
