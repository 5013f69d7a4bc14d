/* SPDX-License-Identifier: GPL-2.0-or-later
 * model.c: reads a meter profile. The strict verdict on a profile is the server's loader; here what is needed is taken
 * and anything missing is an error. */
#include "tests/simulator/model.h"
#include <gio/gio.h>
#include "shared/base/till-error.h"
#include "shared/base/till-json-check.h"
#include "shared/base/till-money.h"

#define PROFILE_MAX 65536

static JsonObject *
child (JsonObject *object, const char *name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;

  return node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static JsonArray *
items_of (JsonObject *object, const char *name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;

  return node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static guint
n_items (JsonArray *array)
{
  return array ? json_array_get_length (array) : 0;
}

static const char *
text_of (JsonObject *object, const char *name, const char *otherwise)
{
  return object ? json_object_get_string_member_with_default (object, name, otherwise) : otherwise;
}

static guint16
hex_of (const char *text)
{
  return text ? (guint16) g_ascii_strtoull (text, NULL, 16) : 0;
}

static gboolean
parse_kind (const char *type, const char *of, SimField *field)
{
  static const struct { const char *word; SimKind kind; guint16 registers; } kinds[] = {
    { "u16", SIM_KIND_U16, 1 },     { "i16", SIM_KIND_I16, 1 },       { "u32", SIM_KIND_U32, 2 },
    { "i32", SIM_KIND_I32, 2 },     { "bits16", SIM_KIND_BITS, 1 },   { "bcd48", SIM_KIND_BCD48, 3 },
    { "clock", SIM_KIND_CLOCK, 0 }, { "slots", SIM_KIND_SLOTS, 0 },   { "events", SIM_KIND_EVENTS, 0 },
    { "windows", SIM_KIND_WINDOWS, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (type, kinds[i].word) == 0)
      {
        field->kind = kinds[i].kind;
        field->registers = kinds[i].registers;
        return TRUE;
      }
  if (g_str_has_prefix (type, "ascii:"))
    {
      field->kind = SIM_KIND_ASCII;
      field->registers = (guint16) g_ascii_strtoull (type + 6, NULL, 10);
      return field->registers > 0;
    }
  if (strcmp (type, "array") != 0)
    return FALSE;
  field->kind = strcmp (of, "u32") == 0 ? SIM_KIND_ARRAY_U32 : SIM_KIND_ARRAY_I32;
  field->registers = (guint16) (2 * field->count);
  return TRUE;
}

static gboolean
parse_field (const SimModel *model, const char *name, JsonObject *object, SimField *ret, GError **error)
{
  SimField   field = { .little = model->little };
  JsonArray *order = items_of (object, "order");
  gint64     scale = 10000;

  if (!sim_quantity_from_name (name, &field.quantity))
    return till_fail (error, TILL_ERROR_INVALID, "%s: unknown name", name);
  field.count = (guint16) json_object_get_int_member_with_default (object, "count", 0);
  if (!parse_kind (text_of (object, "type", ""), text_of (object, "of", ""), &field))
    return till_fail (error, TILL_ERROR_INVALID, "%s.type: not known to the simulator", name);
  if (json_object_has_member (object, "scale") && !till_decimal_parse (text_of (object, "scale", ""), 4, G_MAXINT32, &scale, error))
    return FALSE;
  field.mul = sim_quantity_unit (field.quantity, model->purse_energy) * scale / 10000;
  field.mul = MAX (field.mul, 1);
  field.n_order = (guint8) MIN (n_items (order), G_N_ELEMENTS (field.order));
  for (guint i = 0; i < field.n_order; i++)
    g_strlcpy (field.order[i], json_array_get_string_element (order, i), sizeof field.order[i]);
  if (field.kind == SIM_KIND_CLOCK)
    field.registers = field.n_order / 2;
  else if (field.kind == SIM_KIND_SLOTS || field.kind == SIM_KIND_EVENTS)
    field.registers = (guint16) ((field.count * 3 + 1) / 2);
  else if (field.kind == SIM_KIND_WINDOWS)
    field.registers = (guint16) (field.count * 2);
  field.at = hex_of (text_of (object, "at", NULL));
  if (json_object_has_member (object, "word_order"))
    field.little = strcmp (text_of (object, "word_order", ""), "little") == 0;
  *ret = field;
  return TRUE;
}

static gboolean
covered (const SimModel *model, guint16 at)
{
  for (guint i = 0; i < model->fields->len; i++)
    {
      const SimField *field = &g_array_index (model->fields, SimField, i);

      if (at >= field->at && at < field->at + field->registers)
        return TRUE;
    }
  return FALSE;
}

static gboolean
parse_points (SimModel *model, JsonObject *points, GError **error)
{
  g_autoptr (GList) names = points ? json_object_get_members (points) : NULL;

  for (GList *at = names; at; at = at->next)
    {
      JsonObject *point = child (points, at->data);
      SimField    field;

      if (!point || json_object_has_member (point, "sum"))
        continue;
      if (!parse_field (model, at->data, point, &field, error))
        return FALSE;
      g_array_append_val (model->fields, field);
    }
  return TRUE;
}

static gboolean
parse_write (SimModel *model, SimRole role, JsonObject *object, GError **error)
{
  JsonArray *fields = items_of (object, "fields");
  SimWrite   write = { .role = role, .at = hex_of (text_of (object, "at", NULL)), .n_fields = n_items (fields) };

  write.fc = (guint8) json_object_get_int_member_with_default (object, "fc", 16);
  write.cabinet = strcmp (text_of (object, "scope", "circuit"), "cabinet") == 0;
  write.fields = g_new0 (SimField, write.n_fields + 1);
  g_array_append_val (model->writes, write);
  for (guint i = 0; i < write.n_fields; i++)
    {
      JsonObject *item = json_array_get_object_element (fields, i);
      SimField   *field = &write.fields[i];

      if (!parse_field (model, text_of (item, "name", ""), item, field, error))
        return FALSE;
      field->at = (guint16) (write.at + write.registers);
      field->cabinet = write.cabinet;
      write.registers = (guint16) (write.registers + field->registers);
      if (role == SIM_ROLE_SETTING && !covered (model, field->at))
        g_array_append_val (model->fields, *field);
    }
  g_array_index (model->writes, SimWrite, model->writes->len - 1).registers = write.registers;
  return TRUE;
}

static void
parse_actions (SimModel *model, const char *id, JsonObject *actions)
{
  static const char *const names[] = { "auto", "close", "open" }; /* by SimForced */
  SimActions              *into = &model->actions[model->n_actions++];

  g_strlcpy (into->id, id, sizeof into->id);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      JsonArray *words = items_of (actions, names[i]);

      model->control_registers = (guint16) MIN (n_items (words), 2);
      for (guint w = 0; w < model->control_registers; w++)
        into->words[i][w] = hex_of (json_array_get_string_element (words, w));
    }
}

static void
parse_control (SimModel *model, JsonObject *control)
{
  JsonArray *candidates = items_of (control, "candidates");
  SimWrite   write = { .role = SIM_ROLE_CONTROL, .fields = g_new0 (SimField, 1) };

  model->control_at = hex_of (text_of (control, "at", NULL));
  parse_actions (model, "", child (control, "actions"));
  for (guint i = 0; i < n_items (candidates) && model->n_actions < G_N_ELEMENTS (model->actions); i++)
    {
      JsonObject *candidate = json_array_get_object_element (candidates, i);

      parse_actions (model, text_of (candidate, "id", ""), child (candidate, "actions"));
    }
  write.at = model->control_at;
  write.registers = model->control_registers;
  write.fc = (guint8) json_object_get_int_member_with_default (control, "fc", 16);
  g_array_append_val (model->writes, write);
}

static void
parse_flag (SimModel *model, SimFlag flag, JsonObject *object)
{
  JsonArray *all = items_of (object, "all"), *any = items_of (object, "any");
  SimFlagBit bit = { .flag = flag };

  for (guint i = 0; i < n_items (all); i++)
    parse_flag (model, flag, json_array_get_object_element (all, i));
  for (guint i = 0; i < n_items (any); i++)
    parse_flag (model, flag, json_array_get_object_element (any, i));
  if (!sim_quantity_from_name (text_of (object, "point", ""), &bit.word))
    return;
  bit.is_equals = json_object_has_member (object, "equals");
  bit.equals = (guint16) json_object_get_int_member_with_default (object, "equals", 0);
  bit.bit = (guint8) json_object_get_int_member_with_default (object, "bit", 0);
  bit.invert = json_object_get_boolean_member_with_default (object, "invert", FALSE);
  g_array_append_val (model->flags, bit);
}

static gboolean
parse_purse (SimModel *model, JsonObject *purse, GError **error)
{
  gint64 scale, max;

  if (!purse)
    return TRUE;
  model->has_purse = TRUE;
  model->purse_energy = strcmp (text_of (purse, "kind", ""), "energy") == 0;
  if (!till_decimal_parse (text_of (purse, "scale", ""), 4, 10000000, &scale, error) ||
      !till_decimal_parse (text_of (purse, "max", ""), 4, G_MAXINT64 / 10, &max, error))
    return FALSE;
  if (scale < 1)
    return till_fail (error, TILL_ERROR_INVALID, "purse.scale: too fine");
  model->purse_max_raw = max / scale;
  for (gint64 s = scale; s < 10000; s *= 10)
    model->purse_decimals++;
  /* Money: 1/10000 unit x W s in a kWh; energy: W s. */
  model->fine_per_raw = scale * (model->purse_energy ? 360 : 3600000);
  return TRUE;
}

static gboolean
parse_records (SimModel *model, JsonObject *records, GError **error)
{
  JsonArray *layout = items_of (records, "layout");
  guint16    offset = 0;

  if (!records)
    return TRUE;
  model->records_at = hex_of (text_of (records, "at", NULL));
  model->records_registers = (guint16) json_object_get_int_member_with_default (records, "registers", 0);
  model->records_step = (guint16) json_object_get_int_member_with_default (records, "step", 0);
  model->records_count = (guint16) json_object_get_int_member_with_default (records, "count", 0);
  model->records_indexed = strcmp (text_of (records, "kind", ""), "indexed") == 0;
  for (guint i = 0; i < n_items (layout); i++)
    {
      JsonObject *item = json_array_get_object_element (layout, i);
      SimField    field;

      if (!parse_field (model, text_of (item, "name", ""), item, &field, error))
        return FALSE;
      field.at = offset;
      offset = (guint16) (offset + field.registers);
      g_array_append_val (model->records_layout, field);
    }
  return TRUE;
}

static void
parse_discover (SimModel *model, JsonObject *discover)
{
  const struct { const char *member; SimQuantity quantity; guint16 *at; } rows[] = {
    { "three_phase", SIM_Q_LAYOUT_THREE, &model->layout_three },
    { "single_phase", SIM_Q_LAYOUT_SINGLE, &model->layout_single },
    { "ct", SIM_Q_LAYOUT_CT, &model->layout_ct },
  };

  model->adf400 = strcmp (text_of (discover, "kind", ""), "adf400") == 0;
  for (guint i = 0; model->adf400 && i < G_N_ELEMENTS (rows); i++)
    {
      SimField field = { .quantity = rows[i].quantity, .kind = SIM_KIND_U16, .registers = 1, .mul = 1 };

      *rows[i].at = field.at = hex_of (text_of (discover, rows[i].member, NULL));
      g_array_append_val (model->fields, field);
    }
}

/* The first of them: what a meter of this kind pushes by itself. */
static void
parse_upload (SimModel *model, JsonArray *upload)
{
  JsonObject *first = n_items (upload) > 0 ? json_array_get_object_element (upload, 0) : NULL;

  if (!first)
    return;
  model->upload_at = hex_of (text_of (first, "at", NULL));
  model->upload_bytes = (guint16) json_object_get_int_member_with_default (first, "bytes", 0);
}

static void
parse_bus (SimModel *model, JsonObject *root)
{
  static const char *const rates[] = { "tip", "peak", "flat", "valley", "deep" };
  JsonObject              *bus = child (root, "bus"), *units = child (bus, "units"), *codes = child (root, "rate_codes");
  JsonArray               *ranges = items_of (root, "ranges");

  model->phases = (guint) json_object_get_int_member_with_default (root, "phases", 1);
  model->read_fc = (guint8) json_object_get_int_member_with_default (bus, "read_fc", 3);
  model->max_read = (guint) json_object_get_int_member_with_default (bus, "max_read", 0);
  model->max_write = (guint) json_object_get_int_member_with_default (bus, "max_write", 0);
  model->turnaround_ms = (guint) json_object_get_int_member_with_default (bus, "turnaround_ms", 0);
  model->little = strcmp (text_of (bus, "word_order", "big"), "little") == 0;
  model->cabinet = strcmp (text_of (units, "kind", "single"), "cabinet") == 0;
  model->cabinet_step = units ? (guint) json_object_get_int_member_with_default (units, "step", 1) : 1;
  for (guint i = 0; codes && i < G_N_ELEMENTS (rates); i++)
    model->rate_codes[i] = (guint8) json_object_get_int_member_with_default (codes, rates[i], 0);
  for (guint i = 0; i < n_items (ranges); i++)
    {
      JsonArray *pair = json_array_get_array_element (ranges, i);
      SimRange   range = { hex_of (json_array_get_string_element (pair, 0)), hex_of (json_array_get_string_element (pair, 1)) };

      g_array_append_val (model->ranges, range);
    }
}

static SimDebitMode
debit_mode_of (JsonObject *debit)
{
  const char *mode = text_of (debit, "mode", "subtract");

  if (!debit)
    return SIM_DEBIT_NONE;
  return strcmp (mode, "negative") == 0 ? SIM_DEBIT_NEGATIVE : strcmp (mode, "preset") == 0 ? SIM_DEBIT_PRESET : SIM_DEBIT_SUBTRACT;
}

static gboolean
parse_writes (SimModel *model, JsonObject *root, GError **error)
{
  JsonObject *recharge = child (root, "recharge"), *debit = child (root, "debit"), *control = child (root, "control");
  JsonArray  *settings = items_of (root, "settings");

  if ((recharge && !parse_write (model, SIM_ROLE_RECHARGE, recharge, error)) ||
      (debit && !parse_write (model, SIM_ROLE_DEBIT, debit, error)))
    return FALSE;
  if (control)
    parse_control (model, control);
  for (guint i = 0; i < n_items (settings); i++)
    if (!parse_write (model, SIM_ROLE_SETTING, json_array_get_object_element (settings, i), error))
      return FALSE;
  model->debit_mode = debit_mode_of (debit);
  model->count_mode = strcmp (text_of (recharge, "mode", ""), "count") == 0;
  /* What a profile leaves open: the same count is acknowledged, a wrong one refused. */
  model->same_count = strcmp (text_of (recharge, "same_count", ""), "refuse") == 0 ? SIM_SAME_REFUSE : SIM_SAME_ACK;
  model->wrong_count = strcmp (text_of (recharge, "wrong_count", ""), "accept") == 0 ? SIM_WRONG_ACCEPT : SIM_WRONG_REFUSE;
  return TRUE;
}

static gboolean
parse_model (SimModel *model, JsonObject *root, GError **error)
{
  JsonObject       *flags;
  g_autoptr (GList) names = NULL;

  if (!child (root, "bus"))
    return till_fail (error, TILL_ERROR_INVALID, "bus: missing");
  flags = child (root, "flags");
  names = flags ? json_object_get_members (flags) : NULL;
  parse_bus (model, root);
  if (!parse_purse (model, child (root, "purse"), error) || !parse_points (model, child (root, "points"), error) ||
      !parse_writes (model, root, error) || !parse_records (model, child (root, "records"), error))
    return FALSE;
  for (GList *at = names; at; at = at->next)
    {
      SimFlag flag;

      if (sim_flag_from_name (at->data, &flag))
        parse_flag (model, flag, child (flags, at->data));
    }
  if (child (root, "discover"))
    parse_discover (model, child (root, "discover"));
  parse_upload (model, items_of (root, "upload"));
  return TRUE;
}

static GBytes *
profile_bytes (const char *name, const char *profile_dir, GError **error)
{
  g_autofree char *file = g_strconcat (name, ".json", NULL);
  g_autofree char *path = g_build_filename (profile_dir ? profile_dir : "/gridtill/sim/profiles", file, NULL);
  char            *text = NULL;
  gsize            len = 0;
  GBytes          *bytes = NULL;

  if (!profile_dir)
    bytes = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  else if (!strchr (name, '/') && g_file_get_contents (path, &text, &len, NULL))
    bytes = g_bytes_new_take (text, len);
  if (!bytes)
    till_fail (error, TILL_ERROR_NOT_FOUND, "no meter profile %s", name);
  return bytes;
}

SimModel *
sim_model_load (const char *name, const char *profile_dir, GError **error)
{
  g_autoptr (SimModel) model = g_new0 (SimModel, 1);
  g_autoptr (GBytes)   bytes = NULL;
  g_autoptr (JsonNode) node = NULL;
  gsize                len;
  const char          *text;

  if (!(bytes = profile_bytes (name, profile_dir, error)))
    return NULL;
  text = g_bytes_get_data (bytes, &len);
  if (!(node = till_json_parse (text, (gssize) len, PROFILE_MAX, error)))
    return NULL;
  model->name = g_strdup (name);
  model->ranges = g_array_new (FALSE, FALSE, sizeof (SimRange));
  model->fields = g_array_new (FALSE, FALSE, sizeof (SimField));
  model->writes = g_array_new (FALSE, FALSE, sizeof (SimWrite));
  model->flags = g_array_new (FALSE, FALSE, sizeof (SimFlagBit));
  model->records_layout = g_array_new (FALSE, FALSE, sizeof (SimField));
  if (!parse_model (model, JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL, error))
    {
      g_prefix_error (error, "profile %s: ", name);
      return NULL;
    }
  return g_steal_pointer (&model);
}

void
sim_model_free (SimModel *model)
{
  for (guint i = 0; model->writes && i < model->writes->len; i++)
    g_free (g_array_index (model->writes, SimWrite, i).fields);
  g_clear_pointer (&model->ranges, g_array_unref);
  g_clear_pointer (&model->fields, g_array_unref);
  g_clear_pointer (&model->writes, g_array_unref);
  g_clear_pointer (&model->flags, g_array_unref);
  g_clear_pointer (&model->records_layout, g_array_unref);
  g_free (model->name);
  g_free (model);
}

static const SimField *
find_field (const SimModel *model, SimQuantity quantity)
{
  for (guint i = 0; i < model->fields->len; i++)
    if (g_array_index (model->fields, SimField, i).quantity == quantity)
      return &g_array_index (model->fields, SimField, i);
  return NULL;
}

gboolean
sim_model_has (const SimModel *model, SimQuantity quantity)
{
  return find_field (model, quantity) != NULL;
}

gint64
sim_model_mul (const SimModel *model, SimQuantity quantity)
{
  const SimField *field = find_field (model, quantity);

  return field ? field->mul : 1;
}
