/* SPDX-License-Identifier: GPL-2.0-or-later
 * profile-reader.h: members of a profile file, typed, with the path for "file:member: reason". Only the loader uses it.
 * Every getter fails on a missing member; ask tilld_reader_has first for optional ones. The first error ends the load. */
#pragma once
#include <json-glib/json-glib.h>
#include "server/profile/profile.h"

G_BEGIN_DECLS

typedef struct {
  const char *file;
  GString    *path;  /* of the object being read, with its dot */
  GError    **error;
  TillPurse   purse; /* unit of purse quantities */
} TilldReader;

gboolean    tilld_reader_fail (TilldReader *r, const char *member, const char *format, ...) G_GNUC_PRINTF (3, 4);
gsize       tilld_reader_push (TilldReader *r, const char *member); /* returns a mark for pop */
gsize       tilld_reader_push_index (TilldReader *r, const char *member, guint index);
void        tilld_reader_pop (TilldReader *r, gsize mark);

gboolean    tilld_reader_has (JsonObject *object, const char *member);
/* Members beyond the allowed ones (NULL-terminated) are refused. */
gboolean    tilld_reader_only (TilldReader *r, JsonObject *object, const char *const *allowed);
JsonObject *tilld_reader_node_object (TilldReader *r, JsonNode *node, const char *member); /* NULL = failed */
JsonObject *tilld_reader_object (TilldReader *r, JsonObject *object, const char *member);
JsonArray  *tilld_reader_array (TilldReader *r, JsonObject *object, const char *member, guint min, guint max);
gboolean    tilld_reader_int (TilldReader *r, JsonObject *object, const char *member, gint64 min, gint64 max, gint64 *ret);
gboolean    tilld_reader_bool (TilldReader *r, JsonObject *object, const char *member, gboolean *ret);
const char *tilld_reader_text (TilldReader *r, JsonObject *object, const char *member, gsize max_chars); /* NULL = failed */
const char *tilld_reader_node_text (TilldReader *r, JsonNode *node, const char *member);
gboolean    tilld_reader_word (TilldReader *r, JsonObject *object, const char *member, const char *const *words, guint n, int *ret);
gboolean    tilld_reader_node_hex (TilldReader *r, JsonNode *node, const char *member, guint16 *ret); /* "050D" */
gboolean    tilld_reader_hex (TilldReader *r, JsonObject *object, const char *member, guint16 *ret);
/* Server units of one raw unit; a member `scale` is required, optional or forbidden by the quantity. */
gboolean    tilld_reader_multiplier (TilldReader *r, JsonObject *object, TilldQuantity quantity, gint64 *ret);
/* Decimal text in the unit of the quantity -> server units. */
gboolean    tilld_reader_amount (TilldReader *r, JsonObject *object, const char *member, TilldQuantity quantity, gint64 *ret);
/* `type` with what belongs to it (`order`, `count`, `of`): fills type, of, registers, count, order; types fit the quantity. */
gboolean    tilld_reader_type (TilldReader *r, JsonObject *object, TilldField *field);

G_END_DECLS
