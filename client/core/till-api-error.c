/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-api-error.c: problem answers as errors, and the one table code -> sentence + next step. Shows nothing itself. */
#define G_LOG_DOMAIN "till-api-error"
#include "config.h"
#include "client/core/till-api-error.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

G_DEFINE_QUARK (till-api-error-quark, till_api_error)

/* Fields whose member starts so are notes of the whole problem; no member of the API does. */
#define NOTE "."

typedef struct {
  const char *sentence;
  const char *next_step;
  gboolean    detail_says_more; /* the server's own sentence replaces ours */
} Advice;

static const Advice advices[TILL_ERROR_N] = {
  [TILL_ERROR_INVALID] = { N_("Something in the form is not right."), N_("Correct the marked fields."), TRUE },
  [TILL_ERROR_UNAUTHENTICATED] = { N_("You are not signed in any more."), N_("Sign in again.") },
  [TILL_ERROR_FORBIDDEN] = { N_("Your role does not allow this."), N_("Ask an administrator for the permission.") },
  [TILL_ERROR_NOT_FOUND] = { N_("This does not exist any more."), N_("Refresh the list.") },
  [TILL_ERROR_METHOD] = { N_("The server does not know this request."), N_("Ask your administrator whether client and server have the same version.") },
  [TILL_ERROR_CONFLICT] = { N_("The present state does not allow this."), N_("Refresh and look at the present state."), TRUE },
  [TILL_ERROR_STALE] = { N_("Somebody else has changed this meanwhile."), N_("Compare both versions and decide.") },
  [TILL_ERROR_DISPUTE] = { N_("The meter has an open case."), N_("Open the case first.") },
  [TILL_ERROR_APPROVAL_REQUIRED] = { N_("Sent for approval."), N_("A second operator decides.") },
  [TILL_ERROR_TOO_LARGE] = { N_("The request is too large."), N_("Choose fewer rows.") },
  [TILL_ERROR_LIMIT] = { N_("This is beyond a limit."), N_("Choose a smaller amount or ask finance."), TRUE },
  [TILL_ERROR_UNSUPPORTED] = { N_("This meter model cannot do that."), N_("Look at the facts of the model."), TRUE },
  [TILL_ERROR_THROTTLED] = { N_("Too many tries."), N_("Wait a moment, then try again.") },
  [TILL_ERROR_INTERNAL] = { N_("The server had an internal error."), N_("Try again, or tell your administrator the request No.") },
  [TILL_ERROR_BUSY] = { N_("The server is busy."), N_("Try again in a few seconds.") },
  [TILL_ERROR_OFFLINE] = { N_("The meter does not answer."), N_("Read it again later.") },
  [TILL_ERROR_RECONCILE] = { N_("The books were restored from a backup."), N_("Nothing is sold until two operators have released the server.") },
};

static const Advice transport_advices[TILL_API_ERROR_N] = {
  [TILL_API_ERROR_UNREACHABLE] = { N_("The server cannot be reached."), N_("Check address and network.") },
  [TILL_API_ERROR_NO_ANSWER] = { N_("The server did not answer."), N_("Check whether it was done before you try again.") },
  [TILL_API_ERROR_UNTRUSTED] = { N_("This is not the server that is trusted here."), N_("Ask your administrator.") },
  [TILL_API_ERROR_VERSION] = { N_("Client and server do not understand each other."), N_("Install the client that fits the server.") },
  [TILL_API_ERROR_FILE] = { N_("The file could not be written."), N_("Choose another folder.") },
};

static const Advice *
find_advice (const GError *error)
{
  if (error == NULL)
    return NULL;
  if (error->domain == TILL_ERROR && error->code >= 0 && error->code < TILL_ERROR_N)
    return &advices[error->code];
  if (error->domain == TILL_API_ERROR && error->code >= 0 && error->code < TILL_API_ERROR_N)
    return &transport_advices[error->code];
  return NULL;
}

static const char *
find_field (const GError *error, const char *member)
{
  GPtrArray *fields = error != NULL && error->domain == TILL_ERROR ? till_error_get_fields (error) : NULL;

  for (guint i = 0; fields != NULL && i < fields->len; i++)
    {
      const TillFieldError *field = g_ptr_array_index (fields, i);

      if (g_str_equal (field->member, member))
        return field->reason;
    }
  return NULL;
}

static const char *
text_member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
}

static TillError
code_from_status (guint status)
{
  for (TillError code = 0; code < TILL_ERROR_N; code++)
    if (till_error_status (code) == status)
      return code; /* the first of several with one status is the general one */
  return status >= 500 ? TILL_ERROR_INTERNAL : TILL_ERROR_INVALID;
}

static void
add_note (GError *error, const char *name, const char *text)
{
  g_autofree char *member = g_strconcat (NOTE, name, NULL);

  if (text != NULL)
    till_error_add_field (error, member, text);
}

GError *
till_api_error_from_problem (guint status, JsonNode *body, const char *retry_after)
{
  JsonObject *problem = body != NULL && JSON_NODE_HOLDS_OBJECT (body) ? json_node_get_object (body) : NULL;
  const char *word = problem != NULL ? text_member (problem, "code") : NULL;
  const char *detail = problem != NULL ? text_member (problem, "detail") : NULL;
  JsonNode *fields = problem != NULL ? json_object_get_member (problem, "fields") : NULL;
  TillError code;
  GError *error;

  if (word == NULL || !till_error_from_word (word, &code))
    code = code_from_status (status);
  error = g_error_new_literal (TILL_ERROR, code, detail != NULL ? detail : "");
  if (problem != NULL)
    {
      add_note (error, "request_id", text_member (problem, "request_id"));
      add_note (error, "title", text_member (problem, "title"));
    }
  add_note (error, "retry_after", retry_after);
  if (fields != NULL && JSON_NODE_HOLDS_OBJECT (fields))
    {
      JsonObjectIter iter;
      const char *member;

      json_object_iter_init (&iter, json_node_get_object (fields));
      while (json_object_iter_next (&iter, &member, NULL))
        {
          const char *reason = text_member (json_node_get_object (fields), member);

          if (reason != NULL)
            till_error_add_field (error, member, reason);
        }
    }
  return error;
}

const char *
till_api_error_get_note (const GError *error, const char *name)
{
  g_autofree char *member = g_strconcat (NOTE, name, NULL);

  return find_field (error, member);
}

const char *
till_api_error_get_field (const GError *error, const char *member)
{
  const char *reason;

  g_return_val_if_fail (member != NULL && !g_str_has_prefix (member, NOTE), NULL);
  reason = find_field (error, member);
  return reason != NULL && *reason != '\0' ? _(reason) : reason;
}

const char *
till_api_error_sentence (const GError *error)
{
  const Advice *advice = find_advice (error);

  if (advice != NULL && advice->sentence != NULL)
    return _(advice->sentence);
  return _("Something went wrong.");
}

const char *
till_api_error_next_step (const GError *error)
{
  const Advice *advice = find_advice (error);

  return advice != NULL && advice->next_step != NULL ? _(advice->next_step) : NULL;
}

char *
till_api_error_describe (const GError *error)
{
  const Advice *advice = find_advice (error);
  const char *sentence = till_api_error_sentence (error);
  const char *next_step = till_api_error_next_step (error);

  if (advice == NULL && error != NULL) /* an error of a library: its own text is all there is */
    return g_strconcat (sentence, " ", error->message, NULL);
  if (advice != NULL && advice->detail_says_more && *error->message != '\0')
    sentence = _(error->message);
  return next_step != NULL ? g_strconcat (sentence, " ", next_step, NULL) : g_strdup (sentence);
}

gboolean
till_api_error_is_cancelled (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

gboolean
till_api_error_is_connection (const GError *error)
{
  return g_error_matches (error, TILL_API_ERROR, TILL_API_ERROR_UNREACHABLE) ||
         g_error_matches (error, TILL_API_ERROR, TILL_API_ERROR_NO_ANSWER);
}

gboolean
till_api_error_is_in_doubt (const GError *error)
{
  return g_error_matches (error, TILL_API_ERROR, TILL_API_ERROR_NO_ANSWER) ||
         g_error_matches (error, TILL_API_ERROR, TILL_API_ERROR_VERSION) ||
         g_error_matches (error, TILL_ERROR, TILL_ERROR_INTERNAL);
}
