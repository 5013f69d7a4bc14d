/* SPDX-License-Identifier: GPL-2.0-or-later
 * profile-load-points.c: points, atomic groups and flags of a profile file. */
#include "server/profile/profile-load-writes.h"
#include <string.h>

#define ONLY(...) ((const char *const[]){ __VA_ARGS__, NULL })

static gboolean
check_place (TilldReader *r, const TilldProfile *p, const TilldPoint *point)
{
  if (!tilld_profile_range_holds (p, point->at, point->registers))
    return tilld_reader_fail (r, "at", "does not lie in one range");
  if (point->registers > p->max_read)
    return tilld_reader_fail (r, "type", "is longer than max_read");
  for (guint i = 0; i < p->n_points; i++)
    if (p->points[i].type != TILLD_TYPE_SUM && point->at < p->points[i].at + p->points[i].registers &&
        p->points[i].at < point->at + point->registers)
      return tilld_reader_fail (r, "at", "shares a register with %s", tilld_field_word ((int) p->points[i].name));
  return TRUE;
}

static gboolean
load_point (TilldReader *r, TilldProfile *p, JsonObject *object, TilldPoint *point)
{
  static const char *const orders[] = { "default", "big", "little" };
  TilldField               field = { .name = (TilldFieldName) point->name };
  gboolean                 clock;
  int                      word = 0;

  if (!tilld_reader_hex (r, object, "at", &point->at) || !tilld_reader_type (r, object, &field) ||
      !tilld_reader_multiplier (r, object, tilld_field_quantity ((int) point->name), &point->multiplier) ||
      !tilld_reader_word (r, object, "poll", tilld_poll_words, TILLD_POLL_N, &word))
    return FALSE;
  clock = field.type == TILLD_TYPE_CLOCK;
  if (!tilld_reader_only (r, object, ONLY ("at", "type", "scale", "poll", "word_order", "optional", clock ? "order" : "at")))
    return FALSE;
  point->poll = (TilldPoll) word;
  point->type = field.type;
  point->registers = field.registers;
  point->n_order = field.n_order;
  memcpy (point->order, field.order, sizeof point->order);
  if (field.type >= TILLD_TYPE_SLOTS)
    return tilld_reader_fail (r, "type", "is not a type of a point");
  if (tilld_reader_has (object, "optional") && !tilld_reader_bool (r, object, "optional", &point->optional))
    return FALSE;
  if (tilld_reader_has (object, "word_order"))
    {
      if (!tilld_reader_word (r, object, "word_order", orders, 3, &word) || word == TILLD_WORDS_DEFAULT)
        return word != TILLD_WORDS_DEFAULT ? FALSE : tilld_reader_fail (r, "word_order", "must be big or little");
      point->word_order = (TilldWordOrder) word;
    }
  return check_place (r, p, point);
}

static gboolean
load_sum (TilldReader *r, TilldProfile *p, JsonObject *object, TilldPoint *point)
{
  JsonArray *parts = tilld_reader_array (r, object, "sum", 2, G_N_ELEMENTS (point->sum));

  if (parts == NULL || !tilld_reader_only (r, object, ONLY ("sum")))
    return FALSE;
  point->type = TILLD_TYPE_SUM;
  for (guint i = 0; i < json_array_get_length (parts); i++)
    {
      const char *word = tilld_reader_node_text (r, json_array_get_element (parts, i), "sum");
      int         name = tilld_field_from_word (word);

      if (word == NULL)
        return FALSE;
      if (name < 0 || name >= (int) TILLD_POINT_N || p->by_name[name] < 0 || p->points[p->by_name[name]].type > TILLD_TYPE_I32 ||
          tilld_field_quantity (name) != tilld_field_quantity ((int) point->name))
        return tilld_reader_fail (r, "sum", "\"%s\" is not a number of the same quantity", word);
      point->sum[point->n_sum++] = (guint8) p->by_name[name];
      point->poll = MAX (point->poll, p->points[p->by_name[name]].poll);
    }
  return TRUE;
}

static gboolean
add_point (TilldReader *r, TilldProfile *p, const char *word, JsonNode *node, gboolean sums)
{
  JsonObject *object = tilld_reader_node_object (r, node, word);
  TilldPoint  point = { 0 };
  int         name = tilld_field_from_word (word);
  gsize       mark;

  if (object == NULL)
    return FALSE;
  if (name < 0 || name >= (int) TILLD_POINT_N)
    return tilld_reader_fail (r, word, "is not the name of a point");
  if (tilld_reader_has (object, "sum") != sums)
    return TRUE;
  if (p->n_points == TILLD_PROFILE_POINTS_MAX)
    return tilld_reader_fail (r, word, "more than %d points", TILLD_PROFILE_POINTS_MAX);
  mark = tilld_reader_push (r, word);
  point.name = (TilldPointName) name;
  if (!(sums ? load_sum (r, p, object, &point) : load_point (r, p, object, &point)))
    return FALSE;
  tilld_reader_pop (r, mark);
  p->by_name[name] = (gint16) p->n_points;
  p->points[p->n_points++] = point;
  return TRUE;
}

/* A group comes from one reply, so it must fit one. */
static gboolean
load_group (TilldReader *r, TilldProfile *p, JsonNode *node)
{
  guint8 g = p->n_atomic;
  guint  from = G_MAXUINT, to = 0, n;

  if (!JSON_NODE_HOLDS_ARRAY (node) || (n = json_array_get_length (json_node_get_array (node))) < 2 || n > G_N_ELEMENTS (p->atomic[g]))
    return tilld_reader_fail (r, "atomic", "each group must name 2 to %u points", (guint) G_N_ELEMENTS (p->atomic[g]));
  for (guint i = 0; i < n; i++)
    {
      const char       *word = tilld_reader_node_text (r, json_array_get_element (json_node_get_array (node), i), "atomic");
      int               name = tilld_field_from_word (word);
      const TilldPoint *point;

      if (word == NULL)
        return FALSE;
      if (name < 0 || name >= (int) TILLD_POINT_N || !(point = tilld_profile_point (p, (TilldPointName) name)) || point->type == TILLD_TYPE_SUM)
        return tilld_reader_fail (r, "atomic", "\"%s\" is not a point of this profile", word);
      p->atomic[g][p->n_in_atomic[g]++] = (TilldPointName) name;
      from = MIN (from, point->at);
      to = MAX (to, (guint) point->at + point->registers);
      if (name == TILLD_POINT_BALANCE)
        p->money_group = (gint8) g;
    }
  if (to - from > p->max_read || !tilld_profile_range_holds (p, from, to - from))
    return tilld_reader_fail (r, "atomic", "a group does not fit one read");
  p->n_atomic++;
  return TRUE;
}

gboolean
tilld_load_points (TilldReader *r, TilldProfile *p, JsonObject *top)
{
  JsonArray       *groups = tilld_reader_array (r, top, "atomic", 0, TILLD_PROFILE_ATOMIC_MAX);
  JsonObject      *points = groups == NULL ? NULL : tilld_reader_object (r, top, "points");
  g_autoptr(GList) members = NULL;
  gsize            mark;

  if (points == NULL)
    return FALSE;
  members = json_object_get_members (points);
  mark = tilld_reader_push (r, "points");
  for (int sums = 0; sums < 2; sums++)
    for (GList *l = members; l != NULL; l = l->next)
      if (!add_point (r, p, l->data, json_object_get_member (points, l->data), sums == 1))
        return FALSE;
  tilld_reader_pop (r, mark);
  for (guint i = 0; i < json_array_get_length (groups); i++)
    if (!load_group (r, p, json_array_get_element (groups, i)))
      return FALSE;
  if (p->meter_class == TILL_METER_CLASS_A || p->meter_class == TILL_METER_CLASS_B)
    return p->money_group >= 0 || tilld_reader_fail (r, "atomic", "no group holds the purse");
  return TRUE;
}

static gboolean
load_term (TilldReader *r, const TilldProfile *p, JsonObject *object, TilldFlagTerm *term)
{
  const char *word = tilld_reader_text (r, object, "point", 32);
  int         name = tilld_field_from_word (word);
  gint64      bit = 0;

  if (word == NULL)
    return FALSE;
  if (name < 0 || name >= (int) TILLD_POINT_N || p->by_name[name] < 0)
    return tilld_reader_fail (r, "point", "\"%s\" is not a point of this profile", word);
  term->point = (TilldPointName) name;
  term->bit = -1;
  if (tilld_reader_has (object, "equals"))
    return tilld_reader_only (r, object, ONLY ("point", "equals")) && tilld_reader_int (r, object, "equals", 0, 65535, &term->equals);
  if (!tilld_reader_only (r, object, ONLY ("point", "bit", "invert")) || !tilld_reader_int (r, object, "bit", 0, 15, &bit))
    return FALSE;
  if (tilld_field_quantity (name) != TILLD_QUANTITY_BITS)
    return tilld_reader_fail (r, "bit", "\"%s\" has no bits", word);
  term->bit = (gint8) bit;
  return !tilld_reader_has (object, "invert") || tilld_reader_bool (r, object, "invert", &term->invert);
}

static gboolean
load_flag (TilldReader *r, const TilldProfile *p, JsonObject *object, TilldFlagRule *rule)
{
  const char *list_name = tilld_reader_has (object, "all") ? "all" : tilld_reader_has (object, "any") ? "any" : NULL;
  JsonArray  *list;

  rule->present = TRUE;
  if (list_name == NULL)
    {
      rule->n = 1;
      return load_term (r, p, object, &rule->terms[0]);
    }
  rule->any = g_str_equal (list_name, "any");
  if (!tilld_reader_only (r, object, ONLY (list_name)) || !(list = tilld_reader_array (r, object, list_name, 1, G_N_ELEMENTS (rule->terms))))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *item = tilld_reader_node_object (r, json_array_get_element (list, i), list_name);
      gsize       mark = tilld_reader_push_index (r, list_name, i);

      if (item == NULL || !load_term (r, p, item, &rule->terms[rule->n++]))
        return FALSE;
      tilld_reader_pop (r, mark);
    }
  return TRUE;
}

gboolean
tilld_load_flags (TilldReader *r, TilldProfile *p, JsonObject *top)
{
  JsonObject      *flags = tilld_reader_object (r, top, "flags");
  g_autoptr(GList) members = NULL;
  gsize            mark;

  if (flags == NULL)
    return FALSE;
  members = json_object_get_members (flags);
  mark = tilld_reader_push (r, "flags");
  for (GList *l = members; l != NULL; l = l->next)
    {
      int         flag = tilld_word_find (tilld_flag_words, TILLD_FLAGS_N, l->data);
      JsonObject *object = tilld_reader_node_object (r, json_object_get_member (flags, l->data), l->data);
      gsize       inner;

      if (flag < 0)
        return tilld_reader_fail (r, l->data, "is not the name of a flag");
      inner = tilld_reader_push (r, l->data);
      if (object == NULL || !load_flag (r, p, object, &p->flags[flag]))
        return FALSE;
      tilld_reader_pop (r, inner);
    }
  tilld_reader_pop (r, mark);
  return TRUE;
}
