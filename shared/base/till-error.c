/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-error.c: the table code <-> wire word <-> HTTP status, and the field errors an error may carry. */
#include "shared/base/till-error.h"
#include <string.h>

typedef struct {
  GPtrArray *fields; /* TillFieldError, or NULL */
} TillErrorPrivate;

static const struct {
  const char *word;
  guint       status;
} error_table[TILL_ERROR_N] = {
  [TILL_ERROR_INVALID] = { "invalid", 400 },
  [TILL_ERROR_UNAUTHENTICATED] = { "unauthenticated", 401 },
  [TILL_ERROR_FORBIDDEN] = { "forbidden", 403 },
  [TILL_ERROR_NOT_FOUND] = { "not_found", 404 },
  [TILL_ERROR_METHOD] = { "method", 405 },
  [TILL_ERROR_CONFLICT] = { "conflict", 409 },
  [TILL_ERROR_STALE] = { "stale", 409 },
  [TILL_ERROR_DISPUTE] = { "dispute", 409 },
  [TILL_ERROR_APPROVAL_REQUIRED] = { "approval_required", 409 },
  [TILL_ERROR_TOO_LARGE] = { "too_large", 413 },
  [TILL_ERROR_LIMIT] = { "limit", 422 },
  [TILL_ERROR_UNSUPPORTED] = { "unsupported", 422 },
  [TILL_ERROR_THROTTLED] = { "throttled", 429 },
  [TILL_ERROR_INTERNAL] = { "internal", 500 },
  [TILL_ERROR_BUSY] = { "busy", 503 },
  [TILL_ERROR_OFFLINE] = { "offline", 504 },
  [TILL_ERROR_RECONCILE] = { "reconcile", 503 },
};

static void
field_error_free (gpointer data)
{
  TillFieldError *field = data;
  g_free (field->member);
  g_free (field->reason);
  g_free (field);
}

static void
add_copy (TillErrorPrivate *private, const char *member, const char *reason)
{
  TillFieldError *field = g_new0 (TillFieldError, 1);

  g_assert (private != NULL);
  field->member = g_strdup (member);
  field->reason = g_strdup (reason);
  if (private->fields == NULL)
    private->fields = g_ptr_array_new_with_free_func (field_error_free);
  g_ptr_array_add (private->fields, field);
}

static void
till_error_private_init (TillErrorPrivate *private)
{
  g_assert (private != NULL); /* GLib's accessor may say NULL as far as the compiler knows */
  private->fields = NULL;
}

static void
till_error_private_copy (const TillErrorPrivate *src, TillErrorPrivate *dest)
{
  for (guint i = 0; src->fields != NULL && i < src->fields->len; i++)
    {
      const TillFieldError *field = g_ptr_array_index (src->fields, i);
      add_copy (dest, field->member, field->reason);
    }
}

static void
till_error_private_clear (TillErrorPrivate *private)
{
  g_assert (private != NULL);
  g_clear_pointer (&private->fields, g_ptr_array_unref);
}

G_DEFINE_EXTENDED_ERROR (TillError, till_error)

const char *
till_error_word (TillError code)
{
  g_return_val_if_fail (code < TILL_ERROR_N, "internal");
  return error_table[code].word;
}

guint
till_error_status (TillError code)
{
  g_return_val_if_fail (code < TILL_ERROR_N, 500);
  return error_table[code].status;
}

gboolean
till_error_from_word (const char *word, TillError *ret_code)
{
  for (guint i = 0; word != NULL && i < TILL_ERROR_N; i++)
    if (strcmp (word, error_table[i].word) == 0)
      {
        *ret_code = (TillError) i;
        return TRUE;
      }
  return FALSE;
}

gboolean
till_fail (GError **error, TillError code, const char *format, ...)
{
  va_list args;

  g_assert (code < TILL_ERROR_N);
  if (error == NULL)
    return FALSE;
  g_assert (*error == NULL); /* an error is never overwritten: the first one is the cause */
  va_start (args, format);
  *error = g_error_new_valist (TILL_ERROR, (int) code, format, args);
  va_end (args);
  return FALSE;
}

void
till_error_add_field (GError *error, const char *member, const char *reason)
{
  g_return_if_fail (error != NULL && error->domain == TILL_ERROR);
  g_return_if_fail (member != NULL && reason != NULL);
  add_copy (till_error_get_private (error), member, reason);
}

GPtrArray *
till_error_get_fields (const GError *error)
{
  const TillErrorPrivate *private;

  if (error == NULL || error->domain != TILL_ERROR)
    return NULL;
  private = till_error_get_private (error);
  return private != NULL ? private->fields : NULL;
}

gboolean
till_error_is_conflict (const GError *error)
{
  return error != NULL && error->domain == TILL_ERROR && till_error_status ((TillError) error->code) == 409;
}

gboolean
till_error_is_retryable (const GError *error)
{
  return till_error_is (error, TILL_ERROR_BUSY) || till_error_is (error, TILL_ERROR_OFFLINE)
         || till_error_is (error, TILL_ERROR_THROTTLED);
}

gboolean
till_error_is (const GError *error, TillError code)
{
  return g_error_matches (error, TILL_ERROR, (int) code);
}
