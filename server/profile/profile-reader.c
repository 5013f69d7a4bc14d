/* SPDX-License-Identifier: GPL-2.0-or-later
 * profile-reader.c: typed members with their path. Decides nothing about meters. */
#include "server/profile/profile-reader.h"
#include <string.h>
#include "shared/base/till-error.h"
#include "shared/base/till-money.h"

gboolean
tilld_reader_fail (TilldReader *r, const char *member, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list          args;
  gsize            len = r->path->len;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  if (member != NULL)
    g_string_append (r->path, member);
  else if (len > 0)
    g_string_truncate (r->path, len - 1);
  till_fail (r->error, TILL_ERROR_INVALID, "%s:%s: %s", r->file, r->path->str, reason);
  if (r->error != NULL && *r->error != NULL)
    till_error_add_field (*r->error, r->path->str, reason);
  g_string_truncate (r->path, len);
  return FALSE;
}

gsize
tilld_reader_push (TilldReader *r, const char *member)
{
  gsize mark = r->path->len;

  g_string_append_printf (r->path, "%s.", member);
  return mark;
}

gsize
tilld_reader_push_index (TilldReader *r, const char *member, guint index)
{
  gsize mark = r->path->len;

  g_string_append_printf (r->path, "%s[%u].", member, index);
  return mark;
}

void
tilld_reader_pop (TilldReader *r, gsize mark)
{
  if (mark < r->path->len)
    g_string_truncate (r->path, mark);
}

gboolean
tilld_reader_has (JsonObject *object, const char *member)
{
  return json_object_has_member (object, member);
}

gboolean
tilld_reader_only (TilldReader *r, JsonObject *object, const char *const *allowed)
{
  g_autoptr(GList) members = json_object_get_members (object);

  for (GList *l = members; l != NULL; l = l->next)
    if (!g_strv_contains (allowed, l->data))
      return tilld_reader_fail (r, l->data, "is not a member of this format");
  return TRUE;
}

static JsonNode *
get (TilldReader *r, JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node == NULL)
    tilld_reader_fail (r, member, "is missing");
  return node;
}

JsonObject *
tilld_reader_node_object (TilldReader *r, JsonNode *node, const char *member)
{
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);
  tilld_reader_fail (r, member, "must be an object");
  return NULL;
}

JsonObject *
tilld_reader_object (TilldReader *r, JsonObject *object, const char *member)
{
  JsonNode *node = get (r, object, member);

  return node == NULL ? NULL : tilld_reader_node_object (r, node, member);
}

JsonArray *
tilld_reader_array (TilldReader *r, JsonObject *object, const char *member, guint min, guint max)
{
  JsonNode *node = get (r, object, member);
  guint     n;

  if (node == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      tilld_reader_fail (r, member, "must be a list");
      return NULL;
    }
  n = json_array_get_length (json_node_get_array (node));
  if (n < min || n > max)
    {
      tilld_reader_fail (r, member, "must have %u to %u items", min, max);
      return NULL;
    }
  return json_node_get_array (node);
}

gboolean
tilld_reader_int (TilldReader *r, JsonObject *object, const char *member, gint64 min, gint64 max, gint64 *ret)
{
  JsonNode *node = get (r, object, member);
  gint64    value;

  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return tilld_reader_fail (r, member, "must be a whole number");
  value = json_node_get_int (node);
  if (value < min || value > max)
    return tilld_reader_fail (r, member, "must be %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, min, max);
  *ret = value;
  return TRUE;
}

gboolean
tilld_reader_bool (TilldReader *r, JsonObject *object, const char *member, gboolean *ret)
{
  JsonNode *node = get (r, object, member);

  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return tilld_reader_fail (r, member, "must be true or false");
  *ret = json_node_get_boolean (node);
  return TRUE;
}

const char *
tilld_reader_node_text (TilldReader *r, JsonNode *node, const char *member)
{
  if (node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_get_string (node);
  tilld_reader_fail (r, member, "must be a text");
  return NULL;
}

const char *
tilld_reader_text (TilldReader *r, JsonObject *object, const char *member, gsize max_chars)
{
  JsonNode   *node = get (r, object, member);
  const char *text = node == NULL ? NULL : tilld_reader_node_text (r, node, member);

  if (text == NULL)
    return NULL;
  if (*text != '\0' && (gsize) g_utf8_strlen (text, -1) <= max_chars)
    return text;
  tilld_reader_fail (r, member, "must have 1 to %u characters", (guint) max_chars);
  return NULL;
}

gboolean
tilld_reader_word (TilldReader *r, JsonObject *object, const char *member, const char *const *words, guint n, int *ret)
{
  const char *text = tilld_reader_text (r, object, member, 64);
  int         value;

  if (text == NULL)
    return FALSE;
  value = tilld_word_find (words, n, text);
  if (value < 0)
    return tilld_reader_fail (r, member, "\"%s\" is not one of the words of this member", text);
  *ret = value;
  return TRUE;
}

gboolean
tilld_reader_node_hex (TilldReader *r, JsonNode *node, const char *member, guint16 *ret)
{
  const char *text = tilld_reader_node_text (r, node, member);

  if (text == NULL)
    return FALSE;
  if (strlen (text) != 4 || strspn (text, "0123456789ABCDEF") != 4)
    return tilld_reader_fail (r, member, "must be four upper-case hex digits");
  *ret = (guint16) g_ascii_strtoull (text, NULL, 16);
  return TRUE;
}

gboolean
tilld_reader_hex (TilldReader *r, JsonObject *object, const char *member, guint16 *ret)
{
  JsonNode *node = get (r, object, member);

  return node != NULL && tilld_reader_node_hex (r, node, member, ret);
}

/* Server units in one unit of the quantity; 0 = a quantity without a scale. */
static gint64
quantity_factor (TillPurse purse, TilldQuantity quantity)
{
  switch (quantity)
    {
    case TILLD_QUANTITY_ENERGY:
    case TILLD_QUANTITY_MILLI:
      return 1000;
    case TILLD_QUANTITY_PURSE:
      return purse == TILL_PURSE_ENERGY ? 1000 : TILL_MONEY_UNIT;
    case TILLD_QUANTITY_PRICE:
      return TILL_MONEY_UNIT;
    case TILLD_QUANTITY_COUNT:
      return 1;
    case TILLD_QUANTITY_BITS:
    case TILLD_QUANTITY_SWITCH:
    case TILLD_QUANTITY_TEXT:
    case TILLD_QUANTITY_TIME:
    case TILLD_QUANTITY_PLAN:
      break;
    }
  return 0;
}

gboolean
tilld_reader_multiplier (TilldReader *r, JsonObject *object, TilldQuantity quantity, gint64 *ret)
{
  static const char *const scales[] = { "0.0001", "0.001", "0.01", "0.1", "1", "10", "100", "1000" };
  static const gint64      tenthousandths[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000 };
  gint64                   factor = quantity_factor (r->purse, quantity);
  int                      scale;

  *ret = 1;
  if (!tilld_reader_has (object, "scale"))
    return factor <= 1 || tilld_reader_fail (r, "scale", "is missing");
  if (factor == 0)
    return tilld_reader_fail (r, "scale", "this name has no scale");
  if (quantity == TILLD_QUANTITY_PURSE && r->purse == TILL_PURSE_NONE)
    return tilld_reader_fail (r, "scale", "an amount needs a purse");
  if (!tilld_reader_word (r, object, "scale", scales, G_N_ELEMENTS (scales), &scale))
    return FALSE;
  if (tenthousandths[scale] * factor % 10000 != 0)
    return tilld_reader_fail (r, "scale", "is finer than the unit of the server");
  *ret = tenthousandths[scale] * factor / 10000;
  return TRUE;
}

gboolean
tilld_reader_amount (TilldReader *r, JsonObject *object, const char *member, TilldQuantity quantity, gint64 *ret)
{
  const char *text = tilld_reader_text (r, object, member, 32);
  gint64      factor = quantity_factor (r->purse, quantity), value;

  if (text == NULL)
    return FALSE;
  if (factor == 0 || (quantity == TILLD_QUANTITY_PURSE && r->purse == TILL_PURSE_NONE))
    return tilld_reader_fail (r, member, "this name has no amount");
  if (!till_decimal_parse (text, 4, TILL_MONEY_MAX, &value, NULL))
    return tilld_reader_fail (r, member, "must be a decimal number in a text");
  if (value * factor % 10000 != 0)
    return tilld_reader_fail (r, member, "is finer than the unit of the server");
  *ret = value * factor / 10000;
  return TRUE;
}

static gboolean
read_order (TilldReader *r, JsonObject *object, TilldField *field, const char *const *words, guint n_words, guint n_needed)
{
  JsonArray *order = tilld_reader_array (r, object, "order", n_needed ? n_needed : 2, n_needed ? n_needed : TILLD_ORDER_MAX);
  guint      seen = 0;

  if (order == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (order); i++)
    {
      const char *word = tilld_reader_node_text (r, json_array_get_element (order, i), "order");
      int         item = tilld_word_find (words, n_words, word);

      if (word == NULL)
        return FALSE;
      if (item < 0 || ((seen >> item) & 1 && !g_str_equal (word, "-")))
        return tilld_reader_fail (r, "order", "\"%s\" is unknown or doubled", word);
      seen |= 1u << item;
      field->order[i] = (guint8) item;
    }
  field->n_order = (guint8) json_array_get_length (order);
  return n_needed != 0 || field->n_order % 2 == 0 || tilld_reader_fail (r, "order", "must fill whole registers");
}

/* slots, events, windows, array: fields of settings only. */
static gboolean
read_plan_type (TilldReader *r, JsonObject *object, TilldField *field, const char *type)
{
  static const char *const fills[] = { "zero", "repeat" };
  gint64                   count = 0;
  int                      fill = 0, of = 0;
  static const char *const elements[] = { "u16", "i16", "u32", "i32" };

  if (!tilld_reader_int (r, object, "count", 1, 24, &count))
    return FALSE;
  field->count = (guint8) count;
  if (field->type == TILLD_TYPE_ARRAY)
    {
      if (!tilld_reader_word (r, object, "of", elements, 4, &of))
        return FALSE;
      field->of = (TilldPointType) of;
      field->registers = (guint8) (count * (of >= (int) TILLD_TYPE_U32 ? 2 : 1));
      return count <= 7 || tilld_reader_fail (r, "count", "at most 7 tiers");
    }
  field->registers = (guint8) (field->type == TILLD_TYPE_WINDOWS ? count * 2 : (count * 3 + 1) / 2);
  if (field->type == TILLD_TYPE_WINDOWS)
    return count <= 8 || tilld_reader_fail (r, "count", "at most 8 windows");
  if (!read_order (r, object, field, tilld_slot_words, TILLD_SLOT_N, 3) || !tilld_reader_word (r, object, "fill", fills, 2, &fill))
    return FALSE;
  field->repeat = fill == 1;
  for (guint i = 0; i < 3; i++)
    if (field->order[i] == (field->type == TILLD_TYPE_SLOTS ? TILLD_SLOT_SWITCH : TILLD_SLOT_RATE))
      return tilld_reader_fail (r, "order", "does not fit the type %s", type);
  return TRUE;
}

static gboolean
type_fits (TilldQuantity quantity, const TilldField *field)
{
  gboolean number = field->type <= TILLD_TYPE_I32;

  switch (quantity)
    {
    case TILLD_QUANTITY_ENERGY:
    case TILLD_QUANTITY_PRICE:
      return number || field->type == TILLD_TYPE_ARRAY;
    case TILLD_QUANTITY_PURSE:
    case TILLD_QUANTITY_COUNT:
    case TILLD_QUANTITY_MILLI:
      return number;
    case TILLD_QUANTITY_BITS:
      return field->type == TILLD_TYPE_BITS16;
    case TILLD_QUANTITY_SWITCH:
      return field->type == TILLD_TYPE_U16;
    case TILLD_QUANTITY_TEXT:
      return field->type == TILLD_TYPE_BCD48 || field->type == TILLD_TYPE_ASCII;
    case TILLD_QUANTITY_TIME:
      return field->type == TILLD_TYPE_CLOCK;
    case TILLD_QUANTITY_PLAN:
      break;
    }
  return field->type == TILLD_TYPE_SLOTS || field->type == TILLD_TYPE_EVENTS || field->type == TILLD_TYPE_WINDOWS;
}

gboolean
tilld_reader_type (TilldReader *r, JsonObject *object, TilldField *field)
{
  static const char *const words[] = { "u16", "i16", "u32", "i32", "bits16", "bcd48", "ascii", "clock", "slots", "events", "windows", "array" };
  static const guint8      registers[] = { 1, 1, 2, 2, 1, 3 };
  const char              *text = tilld_reader_text (r, object, "type", 16);
  guint64                  n = 0;
  int                      type;

  if (text == NULL)
    return FALSE;
  type = tilld_word_find (words, G_N_ELEMENTS (words), text);
  if (g_str_has_prefix (text, "ascii:") && g_ascii_string_to_unsigned (text + 6, 10, 1, TILLD_TEXT_MAX / 2 - 1, &n, NULL))
    type = TILLD_TYPE_ASCII;
  if (type < 0 || (type == TILLD_TYPE_ASCII && n == 0))
    return tilld_reader_fail (r, "type", "\"%s\" is not a type", text);
  field->type = (TilldPointType) type;
  if (!type_fits (tilld_field_quantity ((int) field->name), field))
    return tilld_reader_fail (r, "type", "\"%s\" does not fit the name", text);
  if (field->type == TILLD_TYPE_ASCII)
    field->registers = (guint8) n;
  else if (field->type == TILLD_TYPE_CLOCK)
    {
      if (!read_order (r, object, field, tilld_clock_words, TILLD_CLOCK_N, 0))
        return FALSE;
      field->registers = field->n_order / 2;
    }
  else if (field->type >= TILLD_TYPE_SLOTS)
    return read_plan_type (r, object, field, text);
  else
    field->registers = registers[type];
  return TRUE;
}
