/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-board-state.c: every meter's state in flat arrays, with counts that are kept, not recounted. Draws nothing. */
#define G_LOG_DOMAIN "till-board-state"
#include "config.h"
#include "client/model/till-board-state.h"

#include "client/model/till-words.h"
#include "shared/api/till-paths.h"
#include "shared/base/till-error.h"
#include "shared/base/till-text.h"

#define AREAS_MAX 65535
#define ROW_LEN   6 /* [id, area, state, mode, relay, flags] */

/* state, mode and relay of one meter in 8 bits, its flags in 16 */
typedef struct { guint8 state : 3, mode : 2, relay : 2; guint16 flags; } Packed;

struct _TillBoardState {
  GObject     parent_instance;
  TillApi    *api;
  char       *cursor;
  guint       n;
  guint32    *ids;
  guint16    *areas;   /* of each meter: index */
  Packed     *packed;
  GHashTable *by_id;   /* id -> position + 1 */
  GArray     *area_list;
  GHashTable *area_index; /* id -> index + 1 */
  guint     (*counts)[TILL_N_STATES]; /* per area, with those below; the last row is all */
  gboolean    loaded;
};

G_DEFINE_FINAL_TYPE (TillBoardState, till_board_state, G_TYPE_OBJECT)

enum { PROP_LOADED = 1, PROP_N_METERS, N_PROPS };
enum { RESET, METER_CHANGED, N_SIGNALS };
static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static void
area_clear (gpointer data)
{
  TillBoardArea *area = data;

  g_free ((char *) area->name);
  g_free ((char *) area->path);
}

static void
clear (TillBoardState *self)
{
  self->n = 0;
  g_clear_pointer (&self->ids, g_free);
  g_clear_pointer (&self->areas, g_free);
  g_clear_pointer (&self->packed, g_free);
  g_clear_pointer (&self->counts, g_free);
  g_hash_table_remove_all (self->by_id);
  g_hash_table_remove_all (self->area_index);
  g_array_set_size (self->area_list, 0);
}

static gint64
int_of (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : 0;
}

static const char *
text_of (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
}

/* States come as numbers in the board and as words in the live feed. */
static gboolean
read_word (JsonNode *node, const TillWords *words, int *ret)
{
  int value;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return FALSE;
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    {
      value = (int) json_node_get_int (node);
      if (words->to_word (value) == NULL)
        return FALSE;
      *ret = value;
      return TRUE;
    }
  if (json_node_get_value_type (node) != G_TYPE_STRING || !words->from_word (json_node_get_string (node), &value))
    return FALSE;
  *ret = value;
  return TRUE;
}

static gboolean
read_flags (JsonNode *node, guint16 *ret)
{
  guint16 flags = 0;

  if (node == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
    {
      *ret = (guint16) json_node_get_int (node);
      return TRUE;
    }
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
    {
      JsonNode *word = json_array_get_element (json_node_get_array (node), i);
      int bit;

      if (JSON_NODE_HOLDS_VALUE (word) && json_node_get_value_type (word) == G_TYPE_STRING &&
          till_meter_flag_from_word (json_node_get_string (word), &bit))
        flags |= (guint16) bit;
    }
  *ret = flags;
  return TRUE;
}

static gboolean
read_packed (JsonArray *row, Packed *ret)
{
  int state, mode, relay;

  if (!read_word (json_array_get_element (row, 2), &till_words_meter_state, &state) ||
      !read_word (json_array_get_element (row, 3), &till_words_meter_mode, &mode) ||
      !read_word (json_array_get_element (row, 4), &till_words_relay, &relay) || !read_flags (json_array_get_element (row, 5), &ret->flags))
    return FALSE;
  ret->state = (guint8) state & 7;
  ret->mode = (guint8) mode & 3;
  ret->relay = (guint8) relay & 3;
  return TRUE;
}

static gboolean
fill_areas (TillBoardState *self, JsonArray *array, GError **error)
{
  guint n = json_array_get_length (array);

  if (n > AREAS_MAX)
    return till_fail (error, TILL_ERROR_INVALID, "too many areas");
  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      TillBoardArea area = { .up = -1 };
      int kind = TILL_AREA_KIND_OTHER;

      if (object == NULL || (area.id = int_of (object, "id")) <= 0)
        return till_fail (error, TILL_ERROR_INVALID, "area %u of the board has no id", i);
      area.parent = int_of (object, "parent");
      area.name = g_strdup (text_of (object, "name"));
      area.path = g_strdup (text_of (object, "path") != NULL ? text_of (object, "path") : area.name);
      read_word (json_object_get_member (object, "kind"), &till_words_area_kind, &kind);
      area.kind = kind;
      g_array_append_val (self->area_list, area);
      g_hash_table_insert (self->area_index, GSIZE_TO_POINTER (area.id), GUINT_TO_POINTER (i + 1));
    }
  for (guint i = 0; i < n; i++)
    {
      TillBoardArea *area = &g_array_index (self->area_list, TillBoardArea, i);

      area->up = area->parent != 0 ? till_board_state_find_area (self, area->parent) : -1;
      if (area->up == (int) i)
        area->up = -1;
    }
  return TRUE;
}

static gboolean
fill_meters (TillBoardState *self, JsonArray *array, GError **error)
{
  guint n = json_array_get_length (array);

  self->ids = g_new0 (guint32, MAX (n, 1));
  self->areas = g_new0 (guint16, MAX (n, 1));
  self->packed = g_new0 (Packed, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      JsonArray *row = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
      int area;

      if (row == NULL || json_array_get_length (row) < ROW_LEN || !read_packed (row, &self->packed[i]))
        return till_fail (error, TILL_ERROR_INVALID, "row %u of the board does not fit", i);
      area = till_board_state_find_area (self, json_array_get_int_element (row, 1));
      if (area < 0)
        return till_fail (error, TILL_ERROR_INVALID, "row %u of the board names no area", i);
      self->ids[i] = (guint32) json_array_get_int_element (row, 0);
      self->areas[i] = (guint16) area;
      g_hash_table_insert (self->by_id, GUINT_TO_POINTER (self->ids[i]), GUINT_TO_POINTER (i + 1));
    }
  self->n = n;
  return TRUE;
}

static void
count (TillBoardState *self, guint position, guint state, int by)
{
  guint n_areas = self->area_list->len;
  int area = self->areas[position];

  self->counts[n_areas][state] += (guint) by;
  for (guint depth = 0; area >= 0 && depth < 64; depth++) /* a ring of parents ends here too */
    {
      self->counts[area][state] += (guint) by;
      area = g_array_index (self->area_list, TillBoardArea, area).up;
    }
}

static void
board_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(JsonNode) reply = till_api_call_finish (TILL_API (source), result, &error);

  if (reply == NULL || !till_board_state_fill (g_task_get_source_object (task), reply, &error))
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
till_board_state_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TillBoardState *self = TILL_BOARD_STATE (object);

  if (id == PROP_LOADED)
    g_value_set_boolean (value, self->loaded);
  else
    g_value_set_uint (value, self->n);
}

static void
till_board_state_finalize (GObject *object)
{
  TillBoardState *self = TILL_BOARD_STATE (object);

  clear (self);
  g_hash_table_unref (self->by_id);
  g_hash_table_unref (self->area_index);
  g_array_unref (self->area_list);
  g_free (self->cursor);
  g_clear_object (&self->api);
  G_OBJECT_CLASS (till_board_state_parent_class)->finalize (object);
}

static void
till_board_state_class_init (TillBoardStateClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = till_board_state_get_property;
  object_class->finalize = till_board_state_finalize;
  props[PROP_LOADED] = g_param_spec_boolean ("loaded", NULL, NULL, FALSE, flags);
  props[PROP_N_METERS] = g_param_spec_uint ("n-meters", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[RESET] = g_signal_new ("reset", TILL_TYPE_BOARD_STATE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[METER_CHANGED] = g_signal_new ("meter-changed", TILL_TYPE_BOARD_STATE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
till_board_state_init (TillBoardState *self)
{
  self->by_id = g_hash_table_new (NULL, NULL);
  self->area_index = g_hash_table_new (NULL, NULL);
  self->area_list = g_array_new (FALSE, FALSE, sizeof (TillBoardArea));
  g_array_set_clear_func (self->area_list, area_clear);
}

TillBoardState *
till_board_state_new (TillApi *api)
{
  TillBoardState *self = g_object_new (TILL_TYPE_BOARD_STATE, NULL);

  g_set_object (&self->api, api);
  return self;
}

void
till_board_state_load_async (TillBoardState *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_board_state_load_async);
  till_api_call_async (self->api, &(TillCall){ .path = TILL_PATH_BOARD }, cancellable, board_cb, g_object_ref (task));
}

gboolean
till_board_state_load_finish (TillBoardState *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
till_board_state_fill (TillBoardState *self, JsonNode *node, GError **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonNode *areas = object != NULL ? json_object_get_member (object, "areas") : NULL;
  JsonNode *meters = object != NULL ? json_object_get_member (object, "meters") : NULL;
  JsonNode *cursor = object != NULL ? json_object_get_member (object, "cursor") : NULL;
  gboolean ok;

  if (areas == NULL || !JSON_NODE_HOLDS_ARRAY (areas) || meters == NULL || !JSON_NODE_HOLDS_ARRAY (meters))
    return till_fail (error, TILL_ERROR_INVALID, "this is no board");
  clear (self);
  ok = fill_areas (self, json_node_get_array (areas), error) && fill_meters (self, json_node_get_array (meters), error);
  if (!ok)
    clear (self);
  self->counts = g_malloc0_n (self->area_list->len + 1, sizeof *self->counts);
  for (guint i = 0; i < self->n; i++)
    count (self, i, self->packed[i].state, 1);
  if (cursor != NULL && JSON_NODE_HOLDS_VALUE (cursor) && json_node_get_value_type (cursor) == G_TYPE_INT64)
    {
      g_free (self->cursor);
      self->cursor = g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (cursor));
    }
  else
    till_set_str (&self->cursor, text_of (object, "cursor"));
  self->loaded = ok;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LOADED]);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_METERS]);
  g_signal_emit (self, signals[RESET], 0);
  return ok;
}

const char *
till_board_state_get_cursor (TillBoardState *self)
{
  return self->cursor;
}

gboolean
till_board_state_is_loaded (TillBoardState *self)
{
  return self->loaded;
}

guint
till_board_state_get_n_meters (TillBoardState *self)
{
  return self->n;
}

TillBoardCell
till_board_state_get_cell (TillBoardState *self, guint position)
{
  Packed packed;

  g_return_val_if_fail (position < self->n, (TillBoardCell){ 0 });
  packed = self->packed[position];
  return (TillBoardCell){ self->ids[position], self->areas[position], packed.state, packed.mode, packed.relay, packed.flags };
}

gboolean
till_board_state_find (TillBoardState *self, guint32 meter, guint *ret_position)
{
  guint found = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_id, GUINT_TO_POINTER (meter)));

  if (found == 0)
    return FALSE;
  *ret_position = found - 1;
  return TRUE;
}

guint
till_board_state_get_n_areas (TillBoardState *self)
{
  return self->area_list->len;
}

const TillBoardArea *
till_board_state_get_area (TillBoardState *self, guint index)
{
  g_return_val_if_fail (index < self->area_list->len, NULL);
  return &g_array_index (self->area_list, TillBoardArea, index);
}

int
till_board_state_find_area (TillBoardState *self, gint64 area_id)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (self->area_index, GSIZE_TO_POINTER (area_id))) - 1;
}

gboolean
till_board_state_area_is_under (TillBoardState *self, int area, int ancestor)
{
  if (ancestor < 0)
    return TRUE;
  for (guint depth = 0; area >= 0 && depth < 64; depth++)
    {
      if (area == ancestor)
        return TRUE;
      area = g_array_index (self->area_list, TillBoardArea, area).up;
    }
  return FALSE;
}

void
till_board_state_count (TillBoardState *self, int area, guint ret_counts[TILL_N_STATES])
{
  for (guint state = 0; state < TILL_N_STATES; state++)
    ret_counts[state] = self->counts != NULL ? self->counts[area >= 0 ? (guint) area : self->area_list->len][state] : 0;
}

gboolean
till_board_state_apply (TillBoardState *self, guint32 meter, JsonObject *object)
{
  Packed before, after;
  guint position;
  int value;

  if (!till_board_state_find (self, meter, &position))
    return FALSE;
  before = after = self->packed[position];
  if (read_word (json_object_get_member (object, "state"), &till_words_meter_state, &value))
    after.state = (guint8) value & 7;
  if (read_word (json_object_get_member (object, "mode"), &till_words_meter_mode, &value))
    after.mode = (guint8) value & 3;
  if (read_word (json_object_get_member (object, "relay"), &till_words_relay, &value))
    after.relay = (guint8) value & 3;
  read_flags (json_object_get_member (object, "flags"), &after.flags);
  if (before.state == after.state && before.mode == after.mode && before.relay == after.relay && before.flags == after.flags)
    return TRUE;
  if (before.state != after.state)
    {
      count (self, position, before.state, -1);
      count (self, position, after.state, 1);
    }
  self->packed[position] = after;
  g_signal_emit (self, signals[METER_CHANGED], 0, position);
  return TRUE;
}
