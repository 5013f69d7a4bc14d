/* SPDX-License-Identifier: GPL-2.0-or-later
 * faults.c: strict reading of a fault file and the seeded decision. */
#include "tests/simulator/faults.h"
#include <string.h>
#include "shared/base/till-error.h"
#include "shared/base/till-json-check.h"
#include "tests/simulator/seed.h"
#include "tests/simulator/world-habit.h"

#define FILE_BYTES  65536
#define WINDOWS_MAX 64
#define MS_MAX      600000

typedef struct { gboolean given; guint64 below; guint lo_ms, hi_ms; } Rule;
typedef struct { gint64 from_us, to_us; GPtrArray *links; Rule rules[SIM_N_FAULTS]; } Window; /* links NULL: all */

struct _SimFaults { GPtrArray *windows; }; /* the first one is the file itself; later ones win */

#define FAULT_ROW(symbol, name, lo, hi) { name, lo, hi },
static const struct { const char *name; guint lo_ms, hi_ms; } table[] = { SIM_FAULTS (FAULT_ROW) };

/* What cannot stand in a fault file, named so that the refusal can say why. */
static const struct { const char *name, *why; } elsewhere[] = {
  { "sms_error", "belongs to modems, which this build does not serve" },
  { "sms_silence", "belongs to modems, which this build does not serve" },
  { "sms_slow", "belongs to modems, which this build does not serve" },
  { "no_network", "belongs to modems, which this build does not serve" },
  { "meter_restart", "is the verb restart of the control socket" },
  { "meter_reset", "is the verb reset of the control socket" },
  { "meter_swap", "is the verb swap of the control socket" },
  { "edit_credit", "is the verb edit of the control socket" },
};

const char *
sim_fault_name (SimFault fault)
{
  return table[fault].name;
}

static void
window_free (gpointer data)
{
  Window *window = data;

  g_clear_pointer (&window->links, g_ptr_array_unref);
  g_free (window);
}

void
sim_faults_free (SimFaults *faults)
{
  g_ptr_array_unref (faults->windows);
  g_free (faults);
}

static gboolean
parse_rule (const char *name, JsonNode *node, Window *window, GError **error)
{
  JsonArray *items = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  Rule      *rule = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (elsewhere); i++)
    if (strcmp (name, elsewhere[i].name) == 0)
      return till_fail (error, TILL_ERROR_INVALID, "%s: %s", name, elsewhere[i].why);
  for (guint i = 0; i < SIM_N_FAULTS; i++)
    if (strcmp (name, table[i].name) == 0)
      {
        rule = &window->rules[i];
        *rule = (Rule){ TRUE, 0, table[i].lo_ms, table[i].hi_ms };
      }
  if (!rule)
    return till_fail (error, TILL_ERROR_INVALID, "%s: no such fault", name);
  if (!sim_read_share (items && json_array_get_length (items) > 0 ? json_array_get_element (items, 0) : node, &rule->below))
    return till_fail (error, TILL_ERROR_INVALID, "%s: must be a probability from 0 to 1", name);
  if (items)
    {
      gint64 ms[2] = { -1, -1 };

      for (guint i = 1; i < json_array_get_length (items) && i < 3; i++)
        if (json_node_get_value_type (json_array_get_element (items, i)) == G_TYPE_INT64)
          ms[i - 1] = json_array_get_int_element (items, i);
      if (json_array_get_length (items) != 3 || ms[0] < 0 || ms[1] < ms[0] || ms[1] > MS_MAX)
        return till_fail (error, TILL_ERROR_INVALID, "%s: must be [probability, min_ms, max_ms]", name);
      rule->lo_ms = (guint) ms[0];
      rule->hi_ms = (guint) ms[1];
    }
  return TRUE;
}

static gboolean
parse_bound (JsonObject *object, const char *name, gint64 otherwise, gint64 *ret, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  *ret = otherwise;
  if (!node)
    return TRUE;
  if (json_node_get_value_type (node) != G_TYPE_INT64 || json_node_get_int (node) < 0 || json_node_get_int (node) > 1000000000)
    return till_fail (error, TILL_ERROR_INVALID, "%s: must be seconds since the start", name);
  *ret = json_node_get_int (node) * G_USEC_PER_SEC;
  return TRUE;
}

static gboolean
parse_links (JsonNode *node, Window *window, GError **error)
{
  JsonArray *items = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (!items || json_array_get_length (items) == 0)
    return till_fail (error, TILL_ERROR_INVALID, "links: must be a list of codes");
  window->links = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      if (json_node_get_value_type (json_array_get_element (items, i)) != G_TYPE_STRING)
        return till_fail (error, TILL_ERROR_INVALID, "links[%u]: must be a code", i);
      g_ptr_array_add (window->links, g_strdup (json_array_get_string_element (items, i)));
    }
  return TRUE;
}

static gboolean
parse_windows (SimFaults *faults, JsonNode *node, GError **error);

static gboolean
parse_window (SimFaults *faults, JsonNode *node, gboolean top, GError **error)
{
  Window           *window = g_new0 (Window, 1);
  JsonObject       *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  g_autoptr (GList) names = object ? json_object_get_members (object) : NULL;

  g_ptr_array_add (faults->windows, window);
  if (!object)
    return till_fail (error, TILL_ERROR_INVALID, "must be an object");
  if (!parse_bound (object, "from_s", 0, &window->from_us, error) ||
      !parse_bound (object, "to_s", G_MAXINT64, &window->to_us, error))
    return FALSE;
  if (window->to_us <= window->from_us)
    return till_fail (error, TILL_ERROR_INVALID, "to_s: must be after from_s");
  for (GList *at = names; at; at = at->next)
    {
      const char *name = at->data;
      JsonNode   *member = json_object_get_member (object, name);
      gboolean    bound = strcmp (name, "from_s") == 0 || strcmp (name, "to_s") == 0 || strcmp (name, "links") == 0;

      if (top && strcmp (name, "windows") == 0)
        {
          if (!parse_windows (faults, member, error))
            return FALSE;
        }
      else if (!top && bound)
        {
          if (strcmp (name, "links") == 0 && !parse_links (member, window, error))
            return FALSE;
        }
      else if (!parse_rule (name, member, window, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
parse_windows (SimFaults *faults, JsonNode *node, GError **error)
{
  JsonArray *items = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (!items || json_array_get_length (items) > WINDOWS_MAX)
    return till_fail (error, TILL_ERROR_INVALID, "windows: must be a list of at most %d", WINDOWS_MAX);
  for (guint i = 0; i < json_array_get_length (items); i++)
    if (!parse_window (faults, json_array_get_element (items, i), FALSE, error))
      {
        g_prefix_error (error, "windows[%u].", i);
        return FALSE;
      }
  return TRUE;
}

SimFaults *
sim_faults_parse (const char *name, const char *text, gssize len, GError **error)
{
  g_autoptr (SimFaults) faults = g_new0 (SimFaults, 1);
  g_autoptr (JsonNode)  node = till_json_parse (text, len, FILE_BYTES, error);

  faults->windows = g_ptr_array_new_with_free_func (window_free);
  if (!node || !parse_window (faults, node, TRUE, error))
    {
      g_prefix_error (error, "%s:", name);
      return NULL;
    }
  return g_steal_pointer (&faults);
}

SimFaults *
sim_faults_load (const char *path, GError **error)
{
  g_autofree char *text = NULL, *name = g_path_get_basename (path);
  gsize            len = 0;

  if (!g_file_get_contents (path, &text, &len, error))
    return NULL;
  return sim_faults_parse (name, text, (gssize) len, error);
}

static gboolean
holds (const Window *window, const char *code, gint64 since_us)
{
  if (since_us < window->from_us || since_us >= window->to_us)
    return FALSE;
  for (guint i = 0; window->links && i < window->links->len; i++)
    if (strcmp (window->links->pdata[i], code) == 0)
      return TRUE;
  return window->links == NULL;
}

gboolean
sim_faults_hit (const SimFaults *faults, const SimFrameId *frame, SimFault fault, guint *ret_ms)
{
  const Rule *rule = NULL;
  guint64     draw;

  for (guint i = 0; faults && i < faults->windows->len; i++)
    {
      const Window *window = faults->windows->pdata[i];

      if (window->rules[fault].given && holds (window, frame->code, frame->since_us))
        rule = &window->rules[fault];
    }
  if (!rule || rule->below == 0)
    return FALSE;
  draw = sim_draw (frame->seed, frame->path, table[fault].name, frame->k);
  if (draw >= rule->below && rule->below != G_MAXUINT64)
    return FALSE;
  if (ret_ms)
    *ret_ms = rule->lo_ms + (guint) (sim_splitmix64 (draw) % (rule->hi_ms - rule->lo_ms + 1));
  return TRUE;
}
