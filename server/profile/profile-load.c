/* SPDX-License-Identifier: GPL-2.0-or-later
 * profile-load.c: one profile file -> TilldProfile, or the first rule it breaks. Writes are read by profile-load-writes.c. */
#include "server/profile/profile-load.h"
#include <string.h>
#include "server/profile/profile-load-writes.h"
#include "shared/base/till-error.h"
#include "shared/base/till-json-check.h"

#define ONLY(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const char *const top_members[] = { "schema", "name", "version", "vendor", "model", "title", "phases", "class", "settlement",
  "verified", "bus", "ct", "purse", "rates", "rate_codes", "ranges", "atomic", "points", "flags", "recharge", "debit", "control",
  "settings", "records", "discover", "upload", "facts" };
static const char *const class_words[] = { "none", "A", "B", "C" };

/* Depth is checked here as the general check allows more; null is never a value. */
static gboolean
check_shape (TilldReader *r, JsonNode *node, guint depth)
{
  if (depth > 8)
    return tilld_reader_fail (r, NULL, "is nested deeper than 8");
  if (JSON_NODE_HOLDS_NULL (node))
    return tilld_reader_fail (r, NULL, "null is not a value");
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      g_autoptr(GList) members = json_object_get_members (json_node_get_object (node));

      for (GList *l = members; l != NULL; l = l->next)
        {
          gsize    mark = tilld_reader_push (r, l->data);
          gboolean ok = check_shape (r, json_object_get_member (json_node_get_object (node), l->data), depth + 1);

          tilld_reader_pop (r, mark);
          if (!ok)
            return FALSE;
        }
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
      if (!check_shape (r, json_array_get_element (json_node_get_array (node), i), depth + 1))
        return FALSE;
  return TRUE;
}

static gboolean
check_order (TilldReader *r, JsonObject *top)
{
  g_autoptr(GList) members = json_object_get_members (top);
  int              last = -1;

  for (GList *l = members; l != NULL; l = l->next)
    {
      int at = tilld_word_find (top_members, G_N_ELEMENTS (top_members), l->data);

      if (at < 0)
        return tilld_reader_fail (r, l->data, "is not a member of this format");
      if (at < last)
        return tilld_reader_fail (r, l->data, "stands in the wrong place");
      last = at;
    }
  return TRUE;
}

static gboolean
load_name (TilldReader *r, TilldProfile *p, JsonObject *top)
{
  const char      *name = tilld_reader_text (r, top, "name", 32);
  g_autofree char *base = g_path_get_basename (r->file);

  if (name == NULL)
    return FALSE;
  if (!g_ascii_isalnum (*name) || strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen (name))
    return tilld_reader_fail (r, "name", "must be lower-case letters, digits and dashes");
  if (g_str_has_suffix (base, ".json"))
    base[strlen (base) - 5] = '\0';
  if (!g_str_equal (base, name))
    return tilld_reader_fail (r, "name", "must equal the file name");
  g_strlcpy (p->name, name, sizeof p->name);
  return TRUE;
}

static gboolean
load_settlement (TilldReader *r, TilldProfile *p, JsonObject *top)
{
  JsonArray *list = tilld_reader_array (r, top, "settlement", 0, 2);
  gboolean   meter = FALSE, right;

  if (list == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      const char *word = tilld_reader_node_text (r, json_array_get_element (list, i), "settlement");
      int         value;

      if (word == NULL)
        return FALSE;
      if (!till_settlement_from_word (word, &value) || value == TILL_SETTLEMENT_NONE || (i > 0 && (int) p->settlement[0] == value))
        return tilld_reader_fail (r, "settlement", "\"%s\" is unknown or doubled", word);
      p->settlement[p->n_settlement++] = (TillSettlement) value;
      meter |= value == TILL_SETTLEMENT_METER;
    }
  right = p->meter_class == TILL_METER_CLASS_NONE ? p->n_settlement == 0
          : p->meter_class == TILL_METER_CLASS_C ? p->n_settlement == 1 && !meter
                                                 : meter;
  return right || tilld_reader_fail (r, "settlement", "does not fit class %s", class_words[p->meter_class]);
}

static gboolean
load_head (TilldReader *r, TilldProfile *p, JsonObject *top)
{
  gint64      n = 0;
  int         word = 0;
  const char *vendor, *model, *en, *zh;
  JsonObject *title;

  if (!tilld_reader_int (r, top, "schema", 1, 1, &n) || !load_name (r, p, top) || !tilld_reader_int (r, top, "version", 1, G_MAXINT32, &n))
    return FALSE;
  p->version = (guint) n;
  if (!(vendor = tilld_reader_text (r, top, "vendor", 64)) || !(model = tilld_reader_text (r, top, "model", 64)) ||
      !(title = tilld_reader_object (r, top, "title")))
    return FALSE;
  gsize mark = tilld_reader_push (r, "title");
  if (!tilld_reader_only (r, title, ONLY ("en", "zh_CN")) || !(en = tilld_reader_text (r, title, "en", 64)) ||
      !(zh = tilld_reader_text (r, title, "zh_CN", 64)))
    return FALSE;
  tilld_reader_pop (r, mark);
  p->vendor = g_strdup (vendor);
  p->model = g_strdup (model);
  p->title_en = g_strdup (en);
  p->title_zh = g_strdup (zh);
  if (!tilld_reader_int (r, top, "phases", 1, 3, &n))
    return FALSE;
  if (n == 2)
    return tilld_reader_fail (r, "phases", "must be 1 or 3");
  p->phases = (guint) n;
  if (!tilld_reader_word (r, top, "class", class_words, G_N_ELEMENTS (class_words), &word))
    return FALSE;
  p->meter_class = (TillMeterClass) word;
  return load_settlement (r, p, top) && tilld_reader_bool (r, top, "verified", &p->verified);
}

static gboolean
load_units (TilldReader *r, TilldProfile *p, JsonObject *units)
{
  static const char *const kinds[] = { "single", "cabinet" };
  gint64                   n = 0;
  int                      kind = 0;
  JsonArray               *tables;

  if (!tilld_reader_word (r, units, "kind", kinds, 2, &kind))
    return FALSE;
  p->cabinet = kind == 1;
  if (!p->cabinet)
    return tilld_reader_only (r, units, ONLY ("kind"));
  if (!tilld_reader_only (r, units, ONLY ("kind", "tables", "span", "step")) || !tilld_reader_int (r, units, "span", 1, 247, &n))
    return FALSE;
  p->span = (guint8) n;
  if (!tilld_reader_int (r, units, "step", 1, 3, &n))
    return FALSE;
  p->step = (guint8) n;
  if (n == 2)
    return tilld_reader_fail (r, "step", "must be 1 or 3");
  if (!(tables = tilld_reader_array (r, units, "tables", 1, G_N_ELEMENTS (p->tables))))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (tables); i++)
    {
      n = json_array_get_int_element (tables, i);
      if (n < 1 || n > 247 || (i > 0 && n < p->tables[i - 1] + p->span))
        return tilld_reader_fail (r, "tables", "must rise by at least the span, within 1 to 247");
      p->tables[p->n_tables++] = (guint8) n;
    }
  return TRUE;
}

static gboolean
load_frames_and_bauds (TilldReader *r, TilldProfile *p, JsonObject *bus)
{
  JsonArray *frames = tilld_reader_array (r, bus, "frames", 1, 2), *bauds;
  gint64     n = 0;
  gboolean   found = FALSE;

  if (frames == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (frames); i++)
    {
      const char *word = tilld_reader_node_text (r, json_array_get_element (frames, i), "frames");

      if (word == NULL)
        return FALSE;
      if (g_str_equal (word, "rtu") && !p->rtu)
        p->rtu = TRUE;
      else if (g_str_equal (word, "tcp") && !p->tcp)
        p->tcp = TRUE;
      else
        return tilld_reader_fail (r, "frames", "\"%s\" is unknown or doubled", word);
    }
  if (!(bauds = tilld_reader_array (r, bus, "bauds", 1, G_N_ELEMENTS (p->bauds))) || !tilld_reader_int (r, bus, "baud", 300, 921600, &n))
    return FALSE;
  p->baud = (guint) n;
  for (guint i = 0; i < json_array_get_length (bauds); i++)
    {
      n = json_array_get_int_element (bauds, i);
      if (n < 300 || n > 921600)
        return tilld_reader_fail (r, "bauds", "must be 300 to 921600");
      p->bauds[p->n_bauds++] = (guint) n;
      found |= (guint) n == p->baud;
    }
  return found || tilld_reader_fail (r, "baud", "is not one of `bauds`");
}

static gboolean
load_bus (TilldReader *r, TilldProfile *p, JsonObject *top)
{
  static const char *const parities[] = { "N", "E", "O" }, *const orders[] = { "default", "big", "little" };
  JsonObject              *bus = tilld_reader_object (r, top, "bus"), *units;
  gint64                   n = 0;
  int                      word = 0;
  gsize                    mark, inner;

  if (bus == NULL)
    return FALSE;
  mark = tilld_reader_push (r, "bus");
  if (!tilld_reader_only (r, bus, ONLY ("frames", "bauds", "baud", "parity", "stop_bits", "read_fc", "max_read", "max_write", "word_order",
                                        "turnaround_ms", "units")) ||
      !load_frames_and_bauds (r, p, bus) || !tilld_reader_word (r, bus, "parity", parities, 3, &word))
    return FALSE;
  p->parity = parities[word][0];
  if (!tilld_reader_int (r, bus, "stop_bits", 1, 2, &n))
    return FALSE;
  p->stop_bits = (guint8) n;
  if (!tilld_reader_int (r, bus, "read_fc", 3, 4, &n))
    return FALSE;
  p->read_fc = (guint8) n;
  if (!tilld_reader_int (r, bus, "max_read", 1, 125, &n))
    return FALSE;
  p->max_read = (guint8) n;
  if (!tilld_reader_int (r, bus, "max_write", 0, 123, &n))
    return FALSE;
  p->max_write = (guint8) n;
  if (!tilld_reader_word (r, bus, "word_order", orders, 3, &word))
    return FALSE;
  if (word == TILLD_WORDS_DEFAULT)
    return tilld_reader_fail (r, "word_order", "must be big or little");
  p->word_order = (TilldWordOrder) word;
  if (!tilld_reader_int (r, bus, "turnaround_ms", 0, 5000, &n) || !(units = tilld_reader_object (r, bus, "units")))
    return FALSE;
  p->turnaround_ms = (guint) n;
  inner = tilld_reader_push (r, "units");
  if (!load_units (r, p, units))
    return FALSE;
  tilld_reader_pop (r, MIN (mark, inner));
  return TRUE;
}

static gboolean
load_purse (TilldReader *r, TilldProfile *p, JsonObject *top)
{
  static const char *const kinds[] = { "none", "money", "energy" };
  JsonObject              *purse;
  gsize                    mark;
  int                      kind = 0;

  if (!tilld_reader_has (top, "purse"))
    return (p->meter_class != TILL_METER_CLASS_A && p->meter_class != TILL_METER_CLASS_B) || tilld_reader_fail (r, "purse", "is missing");
  if (p->meter_class == TILL_METER_CLASS_NONE)
    return tilld_reader_fail (r, "purse", "does not fit class none");
  if (!(purse = tilld_reader_object (r, top, "purse")))
    return FALSE;
  mark = tilld_reader_push (r, "purse");
  if (!tilld_reader_only (r, purse, ONLY ("kind", "scale", "signed", "max")) || !tilld_reader_word (r, purse, "kind", kinds, 3, &kind))
    return FALSE;
  if (kind == TILL_PURSE_NONE)
    return tilld_reader_fail (r, "kind", "must be money or energy");
  p->purse = r->purse = (TillPurse) kind;
  if (!tilld_reader_multiplier (r, purse, TILLD_QUANTITY_PURSE, &p->purse_multiplier) ||
      !tilld_reader_bool (r, purse, "signed", &p->purse_signed) ||
      !tilld_reader_amount (r, purse, "max", TILLD_QUANTITY_PURSE, &p->purse_max))
    return FALSE;
  if (p->purse_max <= 0 || p->purse_max % p->purse_multiplier != 0)
    return tilld_reader_fail (r, "max", "is not a balance the register can hold");
  tilld_reader_pop (r, mark);
  return TRUE;
}

static gboolean
load_rates (TilldReader *r, TilldProfile *p, JsonObject *top)
{
  JsonArray  *rates = tilld_reader_array (r, top, "rates", 0, TILL_N_RATES);
  JsonObject *codes;
  gint64      code = 0;
  gsize       mark;

  if (rates == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (rates); i++)
    {
      const char *word = tilld_reader_node_text (r, json_array_get_element (rates, i), "rates");
      int         rate;

      if (word == NULL)
        return FALSE;
      if (!till_rate_from_word (word, &rate) || (i > 0 && rate <= p->rates[i - 1]))
        return tilld_reader_fail (r, "rates", "\"%s\" is unknown or out of order", word);
      p->rates[p->n_rates++] = (guint8) rate;
    }
  if (!(codes = tilld_reader_object (r, top, "rate_codes")))
    return FALSE;
  mark = tilld_reader_push (r, "rate_codes");
  for (guint i = 0; i < p->n_rates; i++)
    {
      if (!tilld_reader_int (r, codes, till_rate_word (p->rates[i]), 0, 255, &code))
        return FALSE;
      for (guint j = 0; j < i; j++)
        if (p->rate_codes[p->rates[j]] == code)
          return tilld_reader_fail (r, till_rate_word (p->rates[i]), "has the code of another rate");
      p->rate_codes[p->rates[i]] = (guint8) code;
    }
  tilld_reader_pop (r, mark);
  return json_object_get_size (codes) == p->n_rates || tilld_reader_fail (r, "rate_codes", "must name exactly the rates");
}

static gboolean
load_ranges (TilldReader *r, TilldProfile *p, JsonObject *top)
{
  JsonArray *ranges = tilld_reader_array (r, top, "ranges", 1, TILLD_PROFILE_RANGES_MAX);

  if (ranges == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (ranges); i++)
    {
      JsonNode *node = json_array_get_element (ranges, i);
      guint16  *range = p->ranges[i];

      if (!JSON_NODE_HOLDS_ARRAY (node) || json_array_get_length (json_node_get_array (node)) != 2)
        return tilld_reader_fail (r, "ranges", "each item must be [from, to]");
      if (!tilld_reader_node_hex (r, json_array_get_element (json_node_get_array (node), 0), "ranges", &range[0]) ||
          !tilld_reader_node_hex (r, json_array_get_element (json_node_get_array (node), 1), "ranges", &range[1]))
        return FALSE;
      if (range[0] > range[1] || (i > 0 && range[0] <= p->ranges[i - 1][1]))
        return tilld_reader_fail (r, "ranges", "must rise and not overlap");
      p->n_ranges++;
    }
  return TRUE;
}

static gboolean
load_all (TilldReader *r, TilldProfile *p, JsonObject *top)
{
  static const char *const cts[] = { "primary", "secondary" };
  int                      ct = 0;

  if (!check_order (r, top) || !load_head (r, p, top) || !load_bus (r, p, top) || !tilld_reader_word (r, top, "ct", cts, 2, &ct))
    return FALSE;
  p->ct_secondary = ct == 1;
  return load_purse (r, p, top) && load_rates (r, p, top) && load_ranges (r, p, top) && tilld_load_points (r, p, top) &&
         tilld_load_flags (r, p, top) && tilld_load_writes (r, p, top) && tilld_load_extras (r, p, top) &&
         tilld_load_facts (r, p, top);
}

TilldProfile *
tilld_profile_load_bytes (const char *file, const char *bytes, gsize len, GError **error)
{
  g_autoptr(GError)       inner = NULL;
  g_autoptr(JsonNode)     root = till_json_parse (bytes, (gssize) len, TILLD_PROFILE_FILE_MAX, &inner);
  g_autoptr(TilldProfile) profile = g_new0 (TilldProfile, 1);
  g_autoptr(GString)      path = g_string_new (NULL);
  TilldReader             r = { file, path, error, TILL_PURSE_NONE };

  profile->money_group = -1;
  for (guint i = 0; i < TILLD_POINT_N; i++)
    profile->by_name[i] = -1;
  if (root == NULL)
    {
      till_fail (error, TILL_ERROR_INVALID, "%s:: %s", file, inner->message);
      return NULL;
    }
  if (!JSON_NODE_HOLDS_OBJECT (root))
    {
      tilld_reader_fail (&r, NULL, "must be an object");
      return NULL;
    }
  if (!check_shape (&r, root, 1) || !load_all (&r, profile, json_node_get_object (root)))
    return NULL;
  return g_steal_pointer (&profile);
}

TilldProfile *
tilld_profile_load_file (const char *path, GError **error)
{
  g_autofree char *bytes = NULL;
  gsize            len = 0;

  if (!g_file_get_contents (path, &bytes, &len, error))
    return NULL;
  return tilld_profile_load_bytes (path, bytes, len, error);
}
