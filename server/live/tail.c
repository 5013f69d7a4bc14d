/* SPDX-License-Identifier: GPL-2.0-or-later
 * tail.c: the reader of the change feed. One look at a time, on an interactive lane. No SQL, no socket. */
#include "server/live/tail.h"
#include <json-glib/json-glib.h>
#include "server/core/clock.h"
#include "server/core/metrics.h"
#include "server/domain/plant/alarm.h"
#include "server/domain/office/job.h"
#include "server/domain/plant/command.h"
#include "server/domain/plant/feed.h"
#include "shared/base/till-json-check.h"
#include "shared/base/till-log.h"

#define LOOK_MS     200
#define CURRENT_US  (10 * TILL_SECOND)
#define CHUNK       500 /* ids in one query */
#define DOTS_CHUNK  1000 /* few enough to be found by index, however many meters there are */
#define LIST_BYTES  (16 * 1024 * 1024)

struct _TilldTail {
  TilldLanes   *lanes;
  TilldLive    *live;
  TilldBoard   *board;
  TilldTailVerb sales;
  TilldActor    who;      /* the server itself */
  GMainContext *context;
  GSource      *timer;
  gboolean      busy, again, stopped;
  guint         skipped;
  guint         failures; /* looks in a row that failed */
  gint64        good_us;  /* boot time of the last good look */
  /* of the look, on the lane */
  gint64        cursor;      /* of the last look that was committed */
  gint64        next_cursor; /* of this one */
  gint          loaded;      /* atomic */
  TilldMetric  *metric_rows;
};

/* Ids of one kind that changed since the last look. */
typedef struct {
  TilldLiveKind kind;
  TilldTailVerb verb; /* NULL: only that it changed is told */
  GHashTable   *ids;  /* set of text */
} Changes;

static void look (TilldTail *self);

/* --- on the lane --- */

static gboolean
load (TilldTail *self, TilldDb *db, gint64 cursor, GError **error)
{
  g_autoptr (GArray) areas = NULL;
  g_autoptr (GArray) dots = g_array_new (FALSE, FALSE, sizeof (TilldMeterDot));

  if (!tilld_area_tree (db, self->who.site, &areas, error) || !tilld_meter_dots (db, &self->who, dots, error))
    return FALSE;
  tilld_board_fill (self->board, g_steal_pointer (&areas), g_steal_pointer (&dots), cursor);
  self->next_cursor = cursor;
  g_atomic_int_set (&self->loaded, TRUE);
  tilld_live_publish_reset (self->live, cursor);
  return TRUE;
}

static void
add_row (const TilldFeedRow *row, Changes *changes, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      if (!g_str_equal (row->kind, tilld_live_kind_word (changes[i].kind)))
        continue;
      for (guint k = 0; k < row->n_ids; k++)
        g_hash_table_add (changes[i].ids, g_strdup_printf ("%" G_GINT64_FORMAT, row->ids[k]));
      for (guint k = 0; k < row->n_uuids; k++)
        {
          char text[TILL_ID_TEXT];
          g_hash_table_add (changes[i].ids, g_strdup (till_id_print (&row->uuids[k], text)));
        }
    }
}

/* An item of a list becomes an event. */
static TilldLiveEvent *
event_of (TilldTail *self, TilldLiveKind kind, JsonNode *item)
{
  JsonObject *object = json_node_get_object (item);
  JsonNode *id = json_object_get_member (object, "id");
  g_autofree char *text = json_node_get_value_type (id) == G_TYPE_STRING ? g_strdup (json_node_get_string (id))
                                                                       : g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (id));
  gint64 meter = kind == TILLD_LIVE_METER ? json_node_get_int (id) : json_object_get_int_member_with_default (object, "meter", 0);

  return tilld_live_event_new (kind, text, tilld_board_area_of (self->board, meter), self->next_cursor, json_to_string (item, FALSE));
}

static gboolean
publish_chunk (TilldTail *self, TilldDb *db, const Changes *changes, const char *ids, GError **error)
{
  g_autoptr (GHashTable) query = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) tilld_live_event_unref);
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;
  JsonArray *items;
  gsize len;

  g_hash_table_insert (query, (gpointer) "id", (gpointer) ids);
  g_hash_table_insert (query, (gpointer) "limit", (gpointer) "500");
  till_json_write_begin_object (w, NULL);
  if (!changes->verb (db, &self->who, query, w, error))
    return FALSE;
  till_json_write_end_object (w);
  text = till_json_write_free_to_text (g_steal_pointer (&w), &len);
  node = till_json_parse (text, (gssize) len, LIST_BYTES, error);
  if (node == NULL)
    return FALSE;
  items = json_object_get_array_member (json_node_get_object (node), "items");
  for (guint i = 0; i < json_array_get_length (items); i++)
    g_ptr_array_add (events, event_of (self, changes->kind, json_array_get_element (items, i)));
  tilld_live_publish (self->live, (TilldLiveEvent *const *) events->pdata, events->len);
  return TRUE;
}

/* Who may see what, differs from reader to reader: each asks for it. */
static gboolean
publish_bare (TilldTail *self, const Changes *changes)
{
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) tilld_live_event_unref);
  GHashTableIter iter;
  const char *id;

  g_hash_table_iter_init (&iter, changes->ids);
  while (g_hash_table_iter_next (&iter, (gpointer *) &id, NULL))
    g_ptr_array_add (events, tilld_live_event_new (changes->kind, id, TILLD_LIVE_ANYWHERE, self->next_cursor, NULL));
  if (events->len > 0)
    tilld_live_publish (self->live, (TilldLiveEvent *const *) events->pdata, events->len);
  return TRUE;
}

static gboolean
publish (TilldTail *self, TilldDb *db, const Changes *changes, GError **error)
{
  g_autoptr (GString) ids = g_string_new (NULL);
  GHashTableIter iter;
  const char *id;
  guint n = 0;

  g_hash_table_iter_init (&iter, changes->ids);
  while (g_hash_table_iter_next (&iter, (gpointer *) &id, NULL))
    {
      g_string_append_printf (ids, "%s%s", n > 0 ? "," : "", id);
      if (++n < CHUNK)
        continue;
      if (!publish_chunk (self, db, changes, ids->str, error))
        return FALSE;
      g_string_truncate (ids, 0);
      n = 0;
    }
  return n == 0 || publish_chunk (self, db, changes, ids->str, error);
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  gint64 one = *(const gint64 *) a, other = *(const gint64 *) b;

  return (one > other) - (one < other);
}

/* Ids of meters that changed, sorted, each once: with a large plant they are most of the feed, so no text is made of them. */
static GArray *
changed_meters (const TilldFeedBatch *batch)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint kept = 0;

  for (guint i = 0; i < batch->rows->len; i++)
    {
      const TilldFeedRow *row = g_ptr_array_index (batch->rows, i);
      if (g_str_equal (row->kind, tilld_live_kind_word (TILLD_LIVE_METER)) && row->n_ids > 0)
        g_array_append_vals (ids, row->ids, row->n_ids);
    }
  g_array_sort (ids, compare_ids);
  for (guint i = 0; i < ids->len; i++)
    if (kept == 0 || g_array_index (ids, gint64, kept - 1) != g_array_index (ids, gint64, i))
      g_array_index (ids, gint64, kept++) = g_array_index (ids, gint64, i);
  g_array_set_size (ids, kept);
  return ids;
}

/* FALSE in *ret_known: a meter came, went or moved. */
static gboolean
refresh_board (TilldTail *self, TilldDb *db, const TilldFeedBatch *batch, gboolean *ret_known, GError **error)
{
  g_autoptr (GArray) ids = changed_meters (batch);
  g_autoptr (GArray) dots = g_array_new (FALSE, FALSE, sizeof (TilldMeterDot));

  for (guint at = 0; at < ids->len; at += DOTS_CHUNK)
    if (!tilld_meter_dots_of (db, &g_array_index (ids, gint64, at), MIN (ids->len - at, DOTS_CHUNK), dots, error))
      return FALSE;
  *ret_known = dots->len == ids->len && tilld_board_apply (self->board, (const TilldMeterDot *) dots->data, dots->len, self->next_cursor);
  return TRUE;
}

static gboolean
take (TilldTail *self, TilldDb *db, const TilldFeedBatch *batch, GError **error)
{
  Changes changes[] = {
    { TILLD_LIVE_METER, tilld_meter_list, NULL },     { TILLD_LIVE_SALE, self->sales, NULL },
    { TILLD_LIVE_COMMAND, tilld_command_list, NULL }, { TILLD_LIVE_ALARM, tilld_alarm_list, NULL },
    { TILLD_LIVE_JOB, tilld_job_list, NULL },         { TILLD_LIVE_APPROVAL, NULL, NULL },
    { TILLD_LIVE_DRAWER, NULL, NULL },                { TILLD_LIVE_CASE, NULL, NULL },
    { TILLD_LIVE_PROOF, NULL, NULL },
  };
  gboolean known = TRUE, done = TRUE, read = tilld_live_has_readers (self->live);

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    changes[i].ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < batch->rows->len; i++)
    {
      const TilldFeedRow *row = g_ptr_array_index (batch->rows, i);
      if (read)
        add_row (row, changes, G_N_ELEMENTS (changes));
      if (g_str_equal (row->kind, "plant"))
        known = FALSE;
    }
  self->next_cursor = batch->cursor;
  done = !known || refresh_board (self, db, batch, &known, error);
  for (guint i = 0; done && known && i < G_N_ELEMENTS (changes); i++)
    done = changes[i].verb != NULL ? publish (self, db, &changes[i], error) : publish_bare (self, &changes[i]);
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    g_hash_table_unref (changes[i].ids);
  return done && (known || load (self, db, batch->cursor, error));
}

static gboolean
work (TilldDb *db, gpointer data, GError **error)
{
  TilldTail *self = data;
  g_auto (TilldFeedBatch) batch = { 0 };

  if (!tilld_feed_read (db, g_atomic_int_get (&self->loaded) ? self->cursor : 0, &batch, error))
    return FALSE;
  if (!g_atomic_int_get (&self->loaded) || batch.reset)
    return load (self, db, batch.cursor, error);
  tilld_metric_add (self->metric_rows, batch.rows->len);
  return take (self, db, &batch, error);
}

/* --- in the loop --- */

static void
looked (gpointer data, const GError *error)
{
  TilldTail *self = data;

  self->busy = FALSE;
  if (error == NULL)
    {
      self->failures = 0;
      self->cursor = self->next_cursor;
      self->good_us = tilld_clock_boot_us (tilld_clock_system ());
    }
  else
    {
      g_atomic_int_set (&self->loaded, FALSE); /* readers load again once the database is back */
      if (self->failures++ == 0)
        till_warn (TILL_LOG_NONE, error, "the change feed is not read; trying again");
    }
  if (self->again && !self->stopped)
    look (self);
}

static void
look (TilldTail *self)
{
  TilldLaneJob job = { .work = work, .done = looked, .data = self, .context = self->context, .transaction = TRUE };

  self->again = self->busy;
  if (self->busy)
    return;
  self->busy = tilld_lanes_push (self->lanes, TILLD_LANE_INTERACTIVE, &job, NULL);
}

static gboolean
tick (gpointer data)
{
  TilldTail *self = data;
  /* While the database is away one look a second is enough. */
  if (!self->busy && (self->failures == 0 || ++self->skipped % (1000 / LOOK_MS) == 0))
    look (self);
  return G_SOURCE_CONTINUE;
}

TilldTail *
tilld_tail_new (TilldLanes *lanes, TilldLive *live, TilldBoard *board, gint64 site, TilldTailVerb sales)
{
  TilldTail *self = g_new0 (TilldTail, 1);

  self->lanes = lanes;
  self->live = live;
  self->board = board;
  self->sales = sales;
  self->who = TILLD_ACTOR_SYSTEM (site);
  self->context = g_main_context_ref_thread_default ();
  self->metric_rows = tilld_metric_counter ("gridtill_feed_rows_total", NULL, "Rows of the change feed read");
  self->timer = g_timeout_source_new (LOOK_MS);
  g_source_set_callback (self->timer, tick, self, NULL);
  g_source_attach (self->timer, self->context);
  look (self);
  return self;
}

void
tilld_tail_free (TilldTail *self)
{
  self->stopped = TRUE;
  self->again = FALSE;
  g_source_destroy (self->timer);
  g_source_unref (self->timer);
  while (self->busy) /* the look under way ends in this loop */
    g_main_context_iteration (self->context, TRUE); /* lint: banned, the last turns of this loop */
  g_main_context_unref (self->context);
  tilld_actor_clear (&self->who);
  g_free (self);
}

void
tilld_tail_ring (TilldTail *self)
{
  look (self);
}

gboolean
tilld_tail_is_current (TilldTail *self)
{
  return g_atomic_int_get (&self->loaded) && tilld_clock_boot_us (tilld_clock_system ()) - self->good_us < CURRENT_US;
}
