/* SPDX-License-Identifier: GPL-2.0-or-later
 * request.c: a request's parts, checked for form. Decides nothing about who may do what. */
#include "server/http/request.h"
#include <string.h>
#include "server/core/clock.h"
#include "shared/base/till-json-check.h"

#define HEADERS_MAX      64
#define HEADER_BYTES_MAX 32768

TilldRequest *
tilld_request_new (TilldHttp *http, SoupServerMessage *msg)
{
  TilldRequest *request = g_new0 (TilldRequest, 1);
  TillId id;

  request->http = http;
  request->msg = g_object_ref (msg);
  request->cancellable = g_cancellable_new ();
  request->started_us = tilld_clock_boot_us (tilld_clock_system ());
  till_id_new (&id, tilld_clock_wall (tilld_clock_system ()) / 1000);
  till_id_print (&id, request->id);
  tilld_reply_init (&request->reply);
  return request;
}

static void
drop_input (TilldRequest *request)
{
  if (request->input != NULL && request->input_free != NULL)
    request->input_free (request->input);
  request->input = NULL;
}

void
tilld_request_free (TilldRequest *request)
{
  g_assert (!request->running);
  drop_input (request);
  if (request->has_query)
    tilld_query_clear (&request->query);
  tilld_reply_clear (&request->reply);
  g_clear_pointer (&request->who, tilld_identity_unref);
  tilld_actor_clear (&request->actor);
  g_clear_pointer (&request->body, json_node_unref);
  g_clear_object (&request->cancellable);
  g_clear_object (&request->msg);
  g_clear_error (&request->failure);
  g_free (request->param);
  g_free (request->address);
  g_free (request);
}

void
tilld_request_take_input (TilldRequest *request, gpointer input, GDestroyNotify input_free)
{
  drop_input (request);
  request->input = input;
  request->input_free = input_free;
}

gpointer
tilld_request_new_input (TilldRequest *request, gsize size, GDestroyNotify input_free)
{
  gpointer input = g_malloc0 (size);

  tilld_request_take_input (request, input, input_free);
  return input;
}

gboolean
tilld_request_param_int (TilldRequest *request, gint64 *ret, GError **error)
{
  gint64 value;

  g_assert (request->param != NULL);
  if (!till_decimal_parse (request->param, 0, G_MAXINT64 / 2, &value, NULL) || value < 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no such record");
  *ret = value;
  return TRUE;
}

gboolean
tilld_request_param_ints (TilldRequest *request, gint64 *ret_first, gint64 *ret_second, GError **error)
{
  g_auto(GStrv) parts = g_strsplit (request->param, "/", 3);
  gint64        value[2];

  g_assert (g_strv_length (parts) == 2);
  for (guint i = 0; i < 2; i++)
    if (!till_decimal_parse (parts[i], 0, G_MAXINT64 / 2, &value[i], NULL) || value[i] < 0)
      return till_fail (error, TILL_ERROR_NOT_FOUND, "there is nothing at this address");
  *ret_first = value[0];
  *ret_second = value[1];
  return TRUE;
}

gboolean
tilld_request_param_id (TilldRequest *request, TillId *ret, GError **error)
{
  g_assert (request->param != NULL);
  if (!till_id_parse (request->param, ret, NULL))
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no such record");
  return TRUE;
}

gboolean
tilld_request_if_match (TilldRequest *request, gint64 *ret_version, GError **error)
{
  const char *value = soup_message_headers_get_one (soup_server_message_get_request_headers (request->msg), "If-Match");
  g_autofree char *text = g_strdup (value != NULL ? value : "");
  gsize len = strlen (text);
  gint64 version;

  if (len >= 2 && text[0] == '"' && text[len - 1] == '"')
    {
      text[len - 1] = '\0';
      memmove (text, text + 1, len - 1);
    }
  if (!till_decimal_parse (text, 0, G_MAXINT32, &version, NULL) || version < 1)
    return till_fail (error, TILL_ERROR_INVALID, "If-Match must name the version of the record that was changed");
  *ret_version = version;
  return TRUE;
}

void
tilld_request_then (TilldRequest *request, TilldRunOn on, TilldRun next)
{
  g_assert (request->reply.status == 0 && request->next == NULL);
  request->next_on = on;
  request->next = next;
  request->next_delay_ms = 0;
}

gboolean
tilld_request_then_after (TilldRequest *request, TilldRunOn on, TilldRun next, guint delay_ms)
{
  gint64 gone_us = tilld_clock_boot_us (tilld_clock_system ()) - request->started_us;

  if (gone_us / 1000 + delay_ms > request->route->deadline_ms)
    return FALSE;
  tilld_request_then (request, on, next);
  request->next_delay_ms = delay_ms;
  return TRUE;
}

void
tilld_request_wait (TilldRequest *request, TilldRun finish)
{
  g_assert (request->reply.status == 0 && request->next == NULL && !request->waits && (request->route->flags & TILLD_ROUTE_NO_TX) != 0);
  request->finish = finish;
  request->resumed = FALSE;
  request->waits = TRUE;
}

gboolean
tilld_request_check_headers (TilldRequest *request, GError **error)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (request->msg);
  guint n = 0, hosts = 0, lengths = 0, codings = 0, tokens = 0;
  SoupMessageHeadersIter iter;
  const char *name, *value;
  gsize bytes = 0;

  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      n++;
      bytes += strlen (name) + strlen (value) + 4;
      hosts += g_ascii_strcasecmp (name, "Host") == 0;
      tokens += g_ascii_strcasecmp (name, "Authorization") == 0;
      if (g_ascii_strcasecmp (name, "Content-Length") == 0)
        {
          lengths++;
          if (*value == '\0' || strlen (value) > 15 || strspn (value, "0123456789") != strlen (value))
            return till_fail (error, TILL_ERROR_INVALID, "Content-Length must be one number");
        }
      if (g_ascii_strcasecmp (name, "Transfer-Encoding") == 0)
        {
          codings++;
          if (g_ascii_strcasecmp (value, "chunked") != 0)
            return till_fail (error, TILL_ERROR_INVALID, "only chunked transfer coding is understood");
        }
      if (g_ascii_strcasecmp (name, "Content-Encoding") == 0 && g_ascii_strcasecmp (value, "identity") != 0)
        return till_fail (error, TILL_ERROR_INVALID, "a compressed body is not accepted");
    }
  if (n > HEADERS_MAX || bytes > HEADER_BYTES_MAX)
    return till_fail (error, TILL_ERROR_TOO_LARGE, "the headers are too large");
  if (hosts != 1)
    return till_fail (error, TILL_ERROR_INVALID, "exactly one Host is needed");
  if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0))
    return till_fail (error, TILL_ERROR_INVALID, "the length of the body is given twice");
  if (tokens > 1)
    return till_fail (error, TILL_ERROR_INVALID, "Authorization is given twice");
  return TRUE;
}

/* What makes two calls with one id the same call. */
static void
hash_body (TilldRequest *request, GBytes *bytes)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = sizeof request->body_hash;

  g_checksum_update (sum, (const guchar *) request->route->method, (gssize) strlen (request->route->method) + 1);
  g_checksum_update (sum, (const guchar *) request->route->path, (gssize) strlen (request->route->path) + 1);
  if (request->param != NULL)
    g_checksum_update (sum, (const guchar *) request->param, (gssize) strlen (request->param));
  g_checksum_update (sum, (const guchar *) "", 1);
  g_checksum_update (sum, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes));
  g_checksum_get_digest (sum, request->body_hash, &size);
}

gboolean
tilld_request_parse_body (TilldRequest *request, GBytes *bytes, GError **error)
{
  const char *type = soup_message_headers_get_content_type (soup_server_message_get_request_headers (request->msg), NULL);

  g_assert (request->route->body_max > 0 && request->body == NULL);
  if (type == NULL || g_ascii_strcasecmp (type, "application/json") != 0)
    return till_fail (error, TILL_ERROR_INVALID, "Content-Type must be application/json");
  request->body = till_json_parse (g_bytes_get_data (bytes, NULL) != NULL ? g_bytes_get_data (bytes, NULL) : "",
                                   (gssize) g_bytes_get_size (bytes), request->route->body_max, error);
  if (request->body == NULL)
    return FALSE;
  hash_body (request, bytes);
  return TRUE;
}
