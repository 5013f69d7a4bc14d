/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-api-error.h: what went wrong with a call, and the one table that turns it into a sentence and a next step.
 * Answers of the server are TILL_ERROR (shared/base/till-error.h); what never became an answer is TILL_API_ERROR. */
#pragma once
#include <json-glib/json-glib.h>
#include "shared/base/till-error.h"

G_BEGIN_DECLS

#define TILL_API_ERROR (till_api_error_quark ())

typedef enum {
  TILL_API_ERROR_UNREACHABLE, /* no connection: nothing was sent */
  TILL_API_ERROR_NO_ANSWER,   /* sent, but no answer came: for money the outcome is unknown */
  TILL_API_ERROR_UNTRUSTED,   /* the server's certificate is not the one that is trusted here */
  TILL_API_ERROR_VERSION,     /* the answer is not of this protocol */
  TILL_API_ERROR_FILE,        /* the local file could not be written */
  TILL_API_ERROR_N
} TillApiError;

GQuark      till_api_error_quark (void);

/* A problem answer as a GError of TILL_ERROR: message = detail, fields, notes. body may be NULL or no problem at all. */
GError     *till_api_error_from_problem (guint status, JsonNode *body, const char *retry_after);

/* Notes of a problem: "request_id", "retry_after" (seconds), "title". NULL when absent. */
const char *till_api_error_get_note (const GError *error, const char *name);
/* What the server says about one member of the request ("amount"), or NULL. */
const char *till_api_error_get_field (const GError *error, const char *member);

/* Translated. sentence: what happened, never NULL. next_step: the one useful thing to do, or NULL. describe: both, with
 * the server's own detail where it says more; caller frees. */
const char *till_api_error_sentence (const GError *error);
const char *till_api_error_next_step (const GError *error);
char       *till_api_error_describe (const GError *error);

gboolean    till_api_error_is_cancelled (const GError *error);
gboolean    till_api_error_is_connection (const GError *error); /* UNREACHABLE or NO_ANSWER */
gboolean    till_api_error_is_in_doubt (const GError *error);   /* a change may have been made: NO_ANSWER, VERSION, INTERNAL */

G_END_DECLS
