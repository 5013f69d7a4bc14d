/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-error.h: the one error domain of server, client and simulator. code <-> wire word <-> HTTP status stand in one
 * table (till-error.c). Callers branch by code or predicate, never on message text. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define TILL_ERROR (till_error_quark ())

typedef enum {
  TILL_ERROR_INVALID,           /* 400 input is wrong; may carry field errors */
  TILL_ERROR_UNAUTHENTICATED,   /* 401 */
  TILL_ERROR_FORBIDDEN,         /* 403 */
  TILL_ERROR_NOT_FOUND,         /* 404 */
  TILL_ERROR_METHOD,            /* 405 */
  TILL_ERROR_CONFLICT,          /* 409 same id, other body; state does not allow it */
  TILL_ERROR_STALE,             /* 409 somebody was faster (If-Match) */
  TILL_ERROR_DISPUTE,           /* 409 the meter has an open case */
  TILL_ERROR_APPROVAL_REQUIRED, /* 409 a second operator must agree */
  TILL_ERROR_TOO_LARGE,         /* 413 */
  TILL_ERROR_LIMIT,             /* 422 beyond a limit of operator, site or meter */
  TILL_ERROR_UNSUPPORTED,       /* 422 the meter model cannot do it, or it is not proven */
  TILL_ERROR_THROTTLED,         /* 429 */
  TILL_ERROR_INTERNAL,          /* 500 details go to the log, never to the peer */
  TILL_ERROR_BUSY,              /* 503 queue full or database away: try again */
  TILL_ERROR_OFFLINE,           /* 504 the meter or gateway does not answer */
  TILL_ERROR_RECONCILE,         /* 503 the books were restored and are not released yet: nothing is sold, nothing written to meters */
  TILL_ERROR_N
} TillError;

typedef struct {
  char *member; /* dotted path of the input member, "meters[3].serial" */
  char *reason; /* what would be right */
} TillFieldError;

GQuark       till_error_quark (void); /* an extended GError domain: carries field errors */
const char  *till_error_word (TillError code);
guint        till_error_status (TillError code);
gboolean     till_error_from_word (const char *word, TillError *ret_code);

/* Sets *error and returns FALSE, so that "return till_fail (error, ...)" is one line. */
gboolean     till_fail (GError **error, TillError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Field errors of an error of this domain; add copies the strings. get returns NULL when there are none;
 * elements are TillFieldError, owned by the error. */
void         till_error_add_field (GError *error, const char *member, const char *reason);
GPtrArray   *till_error_get_fields (const GError *error);

gboolean     till_error_is_conflict (const GError *error);  /* CONFLICT, STALE, DISPUTE, APPROVAL_REQUIRED */
gboolean     till_error_is_retryable (const GError *error); /* BUSY, OFFLINE, THROTTLED */
gboolean     till_error_is (const GError *error, TillError code);

G_END_DECLS
