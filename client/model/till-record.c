/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-record.c: properties, JSON loading and notification from one static table. No calls, no text for people. */
#define G_LOG_DOMAIN "till-record"
#include "config.h"
#include "client/model/till-record.h"

#include <string.h>
#include "shared/base/till-energy.h"
#include "shared/base/till-error.h"
#include "shared/base/till-time.h"

typedef union {
  gint64 number;
  char  *text;
  GStrv  words;
} Value;

typedef struct {
  Value    *values; /* one per field */
  char     *key;
  gboolean  loaded;
  gboolean  failed;
} TillRecordPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (TillRecord, till_record, G_TYPE_OBJECT)

/* Before the table's fields, so that field n is property n + FIRST_FIELD. */
enum { PROP_LOADED = 1, PROP_FAILED, FIRST_FIELD };
static GParamSpec *props[FIRST_FIELD];

#define PRIV(self) ((TillRecordPrivate *) till_record_get_instance_private (self))
#define RAW_WORD(quark) (-2 - (gint64) (quark)) /* an enum word nobody knows is kept as its quark, below -1 */

static gboolean
is_text (TillFieldKind kind)
{
  return kind == TILL_FIELD_TEXT || kind == TILL_FIELD_UUID;
}

static gboolean
fail_type (const TillField *field, GError **error)
{
  return till_fail (error, TILL_ERROR_INVALID, "member %s has the wrong type", field->name);
}

static const char *
string_of (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
}

/* Decimal text, or a number of a value that is none of money, with the given decimals. */
static gboolean
read_decimal (JsonNode *node, guint decimals, gint64 *ret)
{
  const char *text = string_of (node);
  char buf[G_ASCII_DTOSTR_BUF_SIZE];
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (type == G_TYPE_INT64)
    text = g_ascii_dtostr (buf, sizeof buf, (double) json_node_get_int (node));
  else if (type == G_TYPE_DOUBLE)
    text = g_ascii_formatd (buf, sizeof buf, decimals == 3 ? "%.3f" : "%.4f", json_node_get_double (node));
  return text != NULL && till_decimal_parse (text, decimals, G_MAXINT64 / 2, ret, NULL);
}

static gboolean
read_flags (JsonNode *node, const TillWords *words, gint64 *ret)
{
  gint64 flags = 0;
  JsonArray *array;

  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
    {
      *ret = json_node_get_int (node);
      return TRUE;
    }
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      const char *word = string_of (json_array_get_element (array, i));
      int bit;

      if (word != NULL && words->from_word (word, &bit))
        flags |= bit;
    }
  *ret = flags;
  return TRUE;
}

static gboolean
read_enum (JsonNode *node, const TillWords *words, gint64 *ret)
{
  const char *word = string_of (node);
  int value;

  if (word == NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
    word = words->to_word ((int) json_node_get_int (node));
  if (word == NULL)
    return FALSE;
  *ret = words->from_word (word, &value) ? value : RAW_WORD (g_quark_from_string (word));
  return TRUE;
}

static gboolean
read_day (JsonNode *node, gint64 *ret)
{
  const char *text = string_of (node);
  TillDay day;

  if (text == NULL || !till_day_parse (text, &day, NULL))
    return FALSE;
  *ret = day;
  return TRUE;
}

static gboolean
read_number (const TillField *field, JsonNode *node, gint64 *ret)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  const char *text = string_of (node);

  switch (field->kind)
    {
    case TILL_FIELD_INT:
    case TILL_FIELD_AGE:
      if (JSON_NODE_HOLDS_ARRAY (node)) /* "meters": [1, 2] is shown as how many */
        {
          *ret = json_array_get_length (json_node_get_array (node));
          return TRUE;
        }
      if (type != G_TYPE_INT64)
        return FALSE;
      *ret = json_node_get_int (node);
      return TRUE;
    case TILL_FIELD_BOOL:
      if (type != G_TYPE_BOOLEAN)
        return FALSE;
      *ret = json_node_get_boolean (node);
      return TRUE;
    case TILL_FIELD_ENUM: return read_enum (node, field->words, ret);
    case TILL_FIELD_FLAGS: return read_flags (node, field->words, ret);
    case TILL_FIELD_MONEY:
    case TILL_FIELD_PRICE: return text != NULL && till_money_parse (text, ret, NULL); /* a JSON number is no money */
    case TILL_FIELD_ENERGY: return text != NULL && till_energy_parse (text, ret, NULL);
    case TILL_FIELD_POWER:
    case TILL_FIELD_DECIMAL: return read_decimal (node, 3, ret);
    case TILL_FIELD_TIME: return text != NULL && till_time_parse (text, ret, NULL);
    case TILL_FIELD_DAY: return read_day (node, ret);
    default: g_return_val_if_reached (FALSE);
    }
}

static GStrv
read_words (JsonNode *node)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  JsonArray *array = json_node_get_array (node);

  for (guint i = 0; i < json_array_get_length (array); i++)
    if (string_of (json_array_get_element (array, i)) != NULL)
      g_strv_builder_add (builder, string_of (json_array_get_element (array, i)));
  return g_strv_builder_end (builder);
}

/* Takes whatever there is: a number of a receipt is text here, and so is a JSON object in the log. */
static gboolean
load_text (Value *value, JsonNode *node, gboolean *ret_changed)
{
  const char *text = node != NULL ? string_of (node) : NULL;
  g_autofree char *other = node != NULL && text == NULL ? json_to_string (node, FALSE) : NULL;

  if (other != NULL)
    text = other;
  *ret_changed = g_strcmp0 (value->text, text) != 0;
  if (*ret_changed)
    {
      g_free (value->text);
      value->text = g_strdup (text);
    }
  return TRUE;
}

/* node NULL: the value becomes unknown. */
static gboolean
load_value (const TillField *field, Value *value, JsonNode *node, gboolean *ret_changed)
{
  gint64 number = TILL_UNKNOWN;

  if (is_text (field->kind))
    return load_text (value, node, ret_changed);
  if (field->kind == TILL_FIELD_STRV)
    {
      GStrv words;

      if (node != NULL && !JSON_NODE_HOLDS_ARRAY (node))
        return FALSE;
      words = node != NULL ? read_words (node) : NULL;
      *ret_changed = (words == NULL) != (value->words == NULL) ||
                     (words != NULL && !g_strv_equal ((const char *const *) words, (const char *const *) value->words));
      g_strfreev (value->words);
      value->words = words;
      return TRUE;
    }
  if (node != NULL && !read_number (field, node, &number))
    return FALSE;
  *ret_changed = value->number != number;
  value->number = number;
  return TRUE;
}

static JsonNode *
find_member (JsonObject *object, const char *path, gboolean *ret_present)
{
  const char *dot = strchr (path, '.');
  g_autofree char *first = NULL;
  JsonNode *node;

  if (dot == NULL)
    {
      node = json_object_get_member (object, path);
      *ret_present = node != NULL;
      return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
    }
  first = g_strndup (path, dot - path);
  node = json_object_get_member (object, first);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      *ret_present = node != NULL && JSON_NODE_HOLDS_NULL (node);
      return NULL;
    }
  return find_member (json_node_get_object (node), dot + 1, ret_present);
}

static int
find_index (TillRecordClass *klass, const char *name)
{
  for (guint i = 0; i < klass->n_fields; i++)
    if (klass->fields[i].name == name || g_str_equal (klass->fields[i].name, name))
      return (int) i;
  return -1;
}

static Value *
find_value (gpointer record, const char *name, TillFieldKind *ret_kind, const TillField **ret_field)
{
  TillRecordClass *klass;
  int i;

  if (record == NULL)
    return NULL;
  klass = TILL_RECORD_GET_CLASS (record);
  i = find_index (klass, name);
  if (i < 0)
    {
      g_critical ("%s has no field %s", G_OBJECT_TYPE_NAME (record), name);
      return NULL;
    }
  *ret_kind = klass->fields[i].kind;
  if (ret_field != NULL)
    *ret_field = &klass->fields[i];
  return &PRIV (record)->values[i];
}

static void
till_record_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TillRecord *self = TILL_RECORD (object);
  TillRecordPrivate *priv = PRIV (self);
  const Value *held;

  if (id == PROP_LOADED || id == PROP_FAILED)
    {
      g_value_set_boolean (value, id == PROP_LOADED ? priv->loaded : priv->failed);
      return;
    }
  held = &priv->values[id - FIRST_FIELD];
  if (G_IS_PARAM_SPEC_STRING (pspec))
    g_value_set_string (value, held->text);
  else if (G_IS_PARAM_SPEC_BOXED (pspec))
    g_value_set_boxed (value, held->words);
  else
    g_value_set_int64 (value, held->number);
}

static void
till_record_constructed (GObject *object)
{
  TillRecord *self = TILL_RECORD (object);
  TillRecordClass *klass = TILL_RECORD_GET_CLASS (self);
  TillRecordPrivate *priv = PRIV (self);

  priv->values = g_new0 (Value, klass->n_fields);
  for (guint i = 0; i < klass->n_fields; i++)
    if (!is_text (klass->fields[i].kind) && klass->fields[i].kind != TILL_FIELD_STRV)
      priv->values[i].number = TILL_UNKNOWN;
  G_OBJECT_CLASS (till_record_parent_class)->constructed (object);
}

static void
till_record_finalize (GObject *object)
{
  TillRecord *self = TILL_RECORD (object);
  TillRecordClass *klass = TILL_RECORD_GET_CLASS (self);
  TillRecordPrivate *priv = PRIV (self);

  for (guint i = 0; i < klass->n_fields; i++)
    if (is_text (klass->fields[i].kind))
      g_free (priv->values[i].text);
    else if (klass->fields[i].kind == TILL_FIELD_STRV)
      g_strfreev (priv->values[i].words);
  g_free (priv->values);
  g_free (priv->key);
  G_OBJECT_CLASS (till_record_parent_class)->finalize (object);
}

static void
till_record_class_init (TillRecordClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = till_record_get_property;
  object_class->constructed = till_record_constructed;
  object_class->finalize = till_record_finalize;
  props[PROP_LOADED] = g_param_spec_boolean ("loaded", NULL, NULL, FALSE, flags);
  props[PROP_FAILED] = g_param_spec_boolean ("failed", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, FIRST_FIELD, props);
}

static void
till_record_init (TillRecord *self)
{
}

void
till_record_class_set_fields (TillRecordClass *klass, const TillField *fields, guint n_fields)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = till_record_get_property; /* GObject clears it in each subclass */
  klass->fields = fields;
  klass->n_fields = n_fields;
  klass->pspecs = g_new0 (GParamSpec *, n_fields);
  klass->members = g_new0 (char *, n_fields + 1);
  for (guint i = 0; i < n_fields; i++)
    {
      const TillField *field = &fields[i];

      if (is_text (field->kind))
        klass->pspecs[i] = g_param_spec_string (field->name, NULL, NULL, NULL, flags);
      else if (field->kind == TILL_FIELD_STRV)
        klass->pspecs[i] = g_param_spec_boxed (field->name, NULL, NULL, G_TYPE_STRV, flags);
      else
        klass->pspecs[i] = g_param_spec_int64 (field->name, NULL, NULL, G_MININT64, G_MAXINT64, TILL_UNKNOWN, flags);
      klass->members[i] = field->json != NULL ? g_strdup (field->json) : g_strdelimit (g_strdup (field->name), "-", '_');
      g_object_class_install_property (object_class, FIRST_FIELD + i, klass->pspecs[i]);
    }
}

const TillField *
till_record_type_get_fields (GType record_type, guint *ret_n)
{
  TillRecordClass *klass = g_type_class_ref (record_type); /* record types are static: the class stays anyway */
  const TillField *fields = klass->fields;

  *ret_n = klass->n_fields;
  g_type_class_unref (klass);
  return fields;
}

const TillField *
till_record_type_find_field (GType record_type, const char *name)
{
  guint n;
  const TillField *fields = till_record_type_get_fields (record_type, &n);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (fields[i].name, name))
      return &fields[i];
  return NULL;
}

gpointer
till_record_new_from_json (GType record_type, JsonNode *node, GError **error)
{
  g_autoptr(TillRecord) record = NULL;

  g_return_val_if_fail (g_type_is_a (record_type, TILL_TYPE_RECORD), NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      till_fail (error, TILL_ERROR_INVALID, "an object was expected");
      return NULL;
    }
  record = g_object_new (record_type, NULL);
  if (!till_record_load (record, json_node_get_object (node), FALSE, error))
    return NULL;
  return g_steal_pointer (&record);
}

static void
keep_key (TillRecord *self)
{
  TillRecordPrivate *priv = PRIV (self);
  TillRecordClass *klass = TILL_RECORD_GET_CLASS (self);
  int i = find_index (klass, "id");

  if (i < 0)
    return;
  g_free (priv->key);
  if (is_text (klass->fields[i].kind))
    priv->key = g_strdup (priv->values[i].text);
  else
    priv->key = priv->values[i].number != TILL_UNKNOWN ? g_strdup_printf ("%" G_GINT64_FORMAT, priv->values[i].number) : NULL;
}

gboolean
till_record_load (TillRecord *self, JsonObject *object, gboolean partial, GError **error)
{
  TillRecordClass *klass = TILL_RECORD_GET_CLASS (self);
  TillRecordPrivate *priv = PRIV (self);
  gboolean ok = TRUE;

  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = 0; ok && i < klass->n_fields; i++)
    {
      gboolean present = FALSE, changed = FALSE;
      JsonNode *node = find_member (object, klass->members[i], &present);

      if (partial && !present)
        continue;
      ok = load_value (&klass->fields[i], &priv->values[i], node, &changed) || fail_type (&klass->fields[i], error);
      if (changed)
        g_object_notify_by_pspec (G_OBJECT (self), klass->pspecs[i]);
    }
  if (ok && !partial)
    {
      keep_key (self);
      if (!priv->loaded)
        g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LOADED]);
      priv->loaded = TRUE;
    }
  g_object_thaw_notify (G_OBJECT (self));
  return ok;
}

gboolean
till_record_is_loaded (TillRecord *self)
{
  return PRIV (self)->loaded;
}

void
till_record_set_failed (TillRecord *self, gboolean failed)
{
  if (PRIV (self)->failed == failed)
    return;
  PRIV (self)->failed = failed;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FAILED]);
}

gint64
till_record_int (gpointer record, const char *name)
{
  TillFieldKind kind;
  Value *value = find_value (record, name, &kind, NULL);

  if (value == NULL)
    return TILL_UNKNOWN;
  g_return_val_if_fail (!is_text (kind) && kind != TILL_FIELD_STRV, TILL_UNKNOWN);
  return value->number;
}

const char *
till_record_text (gpointer record, const char *name)
{
  TillFieldKind kind;
  const TillField *field = NULL;
  Value *value = find_value (record, name, &kind, &field);

  if (value == NULL)
    return NULL;
  if (kind == TILL_FIELD_ENUM)
    return till_words_get (field->words, value->number);
  g_return_val_if_fail (is_text (kind), NULL);
  return value->text;
}

const char *const *
till_record_strv (gpointer record, const char *name)
{
  TillFieldKind kind;
  Value *value = find_value (record, name, &kind, NULL);

  g_return_val_if_fail (value == NULL || kind == TILL_FIELD_STRV, NULL);
  return value != NULL ? (const char *const *) value->words : NULL;
}

gboolean
till_record_known (gpointer record, const char *name)
{
  TillFieldKind kind;
  Value *value = find_value (record, name, &kind, NULL);

  if (value == NULL)
    return FALSE;
  if (is_text (kind))
    return value->text != NULL;
  return kind == TILL_FIELD_STRV ? value->words != NULL : value->number != TILL_UNKNOWN;
}

const char *
till_record_key (gpointer record)
{
  return record != NULL ? PRIV (record)->key : NULL;
}

const char *
till_words_get (const TillWords *words, gint64 value)
{
  if (value == TILL_UNKNOWN)
    return NULL;
  if (value < -1)
    return g_quark_to_string ((GQuark) (-2 - value));
  return words->to_word ((int) value);
}
