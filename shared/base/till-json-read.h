/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-json-read.h: typed getters on a JSON object. All field errors are collected and reported together; a member that
 * was not asked for is an error; an out value is untouched unless its member is present and right.
 *
 *   TillJsonRead r;
 *   till_json_read_init (&r, node);
 *   till_json_read_id (&r, "id", TILL_REQUIRED, &in.id);
 *   till_json_read_money (&r, "amount", TILL_REQUIRED, &in.amount);
 *   till_json_read_text (&r, "note", TILL_OPTIONAL, 200, &in.note);
 *   return till_json_read_finish (&r, error);      // clears r either way
 */
#pragma once
#include <json-glib/json-glib.h>
#include "shared/base/till-energy.h"
#include "shared/base/till-error.h"
#include "shared/base/till-id.h"
#include "shared/base/till-money.h"
#include "shared/base/till-time.h"

G_BEGIN_DECLS

typedef enum { TILL_REQUIRED, TILL_OPTIONAL } TillPresence; /* optional: absent or null leaves the out value alone */

typedef struct {
  JsonObject *object; /* NULL when the node was no object: finish reports it */
  GHashTable *asked;  /* set of names */
  GPtrArray  *errors; /* TillFieldError */
  char       *prefix; /* "" or "meters[3]." for nested readers */
} TillJsonRead;

typedef gboolean (*TillWordFunc) (const char *word, int *ret_value); /* the _from_word of an enum in till-enums.h */

void     till_json_read_init (TillJsonRead *r, JsonNode *node);
gboolean till_json_read_has (TillJsonRead *r, const char *name); /* present and not null; does not count as asked */
/* Text is trimmed, NFC, no control or bidi characters; empty counts as absent. *ret is freed first (g_free). */
gboolean till_json_read_text (TillJsonRead *r, const char *name, TillPresence presence, gsize max_chars, char **ret);
gboolean till_json_read_secret (TillJsonRead *r, const char *name, TillPresence presence, gsize max_bytes, char **ret); /* as is: passwords */
gboolean till_json_read_int (TillJsonRead *r, const char *name, TillPresence presence, gint64 min, gint64 max, gint64 *ret);
gboolean till_json_read_bool (TillJsonRead *r, const char *name, TillPresence presence, gboolean *ret);
gboolean till_json_read_money (TillJsonRead *r, const char *name, TillPresence presence, TillMoney *ret);    /* a JSON number is refused */
gboolean till_json_read_energy (TillJsonRead *r, const char *name, TillPresence presence, TillEnergy *ret);
gboolean till_json_read_decimal (TillJsonRead *r, const char *name, TillPresence presence, guint decimals, gint64 *ret);
gboolean till_json_read_id (TillJsonRead *r, const char *name, TillPresence presence, TillId *ret);
gboolean till_json_read_time (TillJsonRead *r, const char *name, TillPresence presence, TillTime *ret);
gboolean till_json_read_day (TillJsonRead *r, const char *name, TillPresence presence, TillDay *ret);
gboolean till_json_read_enum (TillJsonRead *r, const char *name, TillPresence presence, TillWordFunc from_word, int *ret);
/* Borrowed nodes; the element check is the caller's (till_json_read_init_nested). */
gboolean till_json_read_object (TillJsonRead *r, const char *name, TillPresence presence, JsonNode **ret);
gboolean till_json_read_array (TillJsonRead *r, const char *name, TillPresence presence, guint max_items, JsonArray **ret);
/* Reader over a member or element of r; its errors go to r when finished with till_json_read_end_nested. */
void     till_json_read_init_nested (TillJsonRead *nested, JsonNode *node, const char *path);
void     till_json_read_end_nested (TillJsonRead *r, TillJsonRead *nested);
void     till_json_read_error (TillJsonRead *r, const char *name, const char *format, ...) G_GNUC_PRINTF (3, 4); /* a check of the caller */
/* TRUE when nothing was wrong; else one INVALID error with all fields. Clears r. */
gboolean till_json_read_finish (TillJsonRead *r, GError **error);

G_END_DECLS
