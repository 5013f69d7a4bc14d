/* SPDX-License-Identifier: GPL-2.0-or-later
 * profile-load-extras.c: records, discovery, uploads and facts of a profile file, and what `verified` promises. */
#include "server/profile/profile-load-writes.h"
#include <string.h>

#define ONLY(...) ((const char *const[]){ __VA_ARGS__, NULL })

static gboolean
load_layout (TilldReader *r, TilldProfile *p, JsonObject *object)
{
  JsonArray *list = tilld_reader_array (r, object, "layout", 1, G_N_ELEMENTS (p->records.layout));
  guint      registers = 0;

  if (list == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *item = tilld_reader_node_object (r, json_array_get_element (list, i), "layout");
      TilldField *field = &p->records.layout[i];
      gsize       mark = tilld_reader_push_index (r, "layout", i);
      const char *word;
      int         name;

      if (item == NULL || !tilld_reader_only (r, item, ONLY ("name", "type", "scale", "order")) ||
          !(word = tilld_reader_text (r, item, "name", 32)))
        return FALSE;
      name = tilld_field_from_word (word);
      if (name != TILLD_FIELD_TIME && name != TILLD_FIELD_COUNT && name != TILLD_FIELD_AMOUNT && name != TILLD_POINT_BALANCE &&
          name != TILLD_POINT_ENERGY_TOTAL)
        return tilld_reader_fail (r, "name", "\"%s\" is not a field of a record", word);
      field->name = (TilldFieldName) name;
      if (!tilld_reader_type (r, item, field) || !tilld_reader_multiplier (r, item, tilld_field_quantity (name), &field->multiplier))
        return FALSE;
      field->at = (guint16) registers;
      registers += field->registers;
      p->records.n++;
      tilld_reader_pop (r, mark);
    }
  return registers <= p->records.registers || tilld_reader_fail (r, "layout", "is longer than a record");
}

static gboolean
load_records (TilldReader *r, TilldProfile *p, JsonObject *top)
{
  static const char *const kinds[] = { "array", "indexed" };
  JsonObject              *object = tilld_reader_object (r, top, "records");
  gsize                    mark = tilld_reader_push (r, "records");
  gint64                   count = 0, registers = 0, step = 0;
  int                      kind = 0, evidence = 0;

  if (object == NULL || !tilld_reader_only (r, object, ONLY ("at", "kind", "count", "registers", "step", "evidence", "layout")) ||
      !tilld_reader_hex (r, object, "at", &p->records.at) || !tilld_reader_word (r, object, "kind", kinds, 2, &kind) ||
      !tilld_reader_int (r, object, "count", 1, 1000, &count) || !tilld_reader_int (r, object, "registers", 1, p->max_read, &registers) ||
      !tilld_reader_int (r, object, "step", 1, 125, &step) ||
      !tilld_reader_word (r, object, "evidence", tilld_evidence_words, TILLD_EVIDENCE_N, &evidence))
    return FALSE;
  p->records.indexed = kind == 1;
  p->records.count = (guint16) count;
  p->records.registers = (guint16) registers;
  p->records.step = (guint16) step;
  p->records.evidence = (TilldEvidence) evidence;
  if (!p->records.indexed && step < registers)
    return tilld_reader_fail (r, "step", "records of a list may not overlap");
  if (p->records.at + (count - 1) * step + registers > 0x10000)
    return tilld_reader_fail (r, "count", "records reach beyond FFFF");
  if (!load_layout (r, p, object))
    return FALSE;
  tilld_reader_pop (r, mark);
  return TRUE;
}

static gboolean
load_discover (TilldReader *r, TilldProfile *p, JsonObject *top)
{
  static const char *const kinds[] = { "adf400" };
  JsonObject              *object = tilld_reader_object (r, top, "discover"), *serial;
  gsize                    mark = tilld_reader_push (r, "discover"), inner;
  TilldField               field = { .name = (TilldFieldName) TILLD_POINT_SERIAL };
  int                      kind = 0;

  if (object == NULL || !tilld_reader_only (r, object, ONLY ("kind", "three_phase", "single_phase", "ct", "serial", "mode")) ||
      !tilld_reader_word (r, object, "kind", kinds, 1, &kind) || !tilld_reader_hex (r, object, "three_phase", &p->discover.three_phase) ||
      !tilld_reader_hex (r, object, "single_phase", &p->discover.single_phase) || !tilld_reader_hex (r, object, "ct", &p->discover.ct) ||
      !tilld_reader_hex (r, object, "mode", &p->discover.mode) || !(serial = tilld_reader_object (r, object, "serial")))
    return FALSE;
  inner = tilld_reader_push (r, "serial");
  if (!tilld_reader_only (r, serial, ONLY ("at", "type")) || !tilld_reader_hex (r, serial, "at", &p->discover.serial_at) ||
      !tilld_reader_type (r, serial, &field))
    return FALSE;
  p->discover.serial_registers = field.registers;
  p->discover.present = TRUE;
  tilld_reader_pop (r, MIN (mark, inner));
  return p->cabinet || tilld_reader_fail (r, "discover", "the units of this model are no cabinet");
}

static gboolean
load_upload (TilldReader *r, TilldProfile *p, JsonObject *top)
{
  JsonArray *list = tilld_reader_array (r, top, "upload", 1, G_N_ELEMENTS (p->upload));

  if (list == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *item = tilld_reader_node_object (r, json_array_get_element (list, i), "upload");
      gsize       mark = tilld_reader_push_index (r, "upload", i);
      gint64      bytes = 0;

      if (item == NULL || !tilld_reader_only (r, item, ONLY ("bytes", "at")) || !tilld_reader_int (r, item, "bytes", 2, 250, &bytes) ||
          !tilld_reader_hex (r, item, "at", &p->upload[i].at))
        return FALSE;
      if (bytes % 2 != 0)
        return tilld_reader_fail (r, "bytes", "must be whole registers");
      p->upload[i].bytes = (guint16) bytes;
      p->n_upload++;
      tilld_reader_pop (r, mark);
    }
  return TRUE;
}

gboolean
tilld_load_extras (TilldReader *r, TilldProfile *p, JsonObject *top)
{
  if (tilld_reader_has (top, "records") ? !load_records (r, p, top) : FALSE)
    return FALSE;
  if (p->recharge.record && p->records.n == 0)
    return tilld_reader_fail (r, "records", "is missing, but the recharge is verified by it");
  if (tilld_reader_has (top, "discover") && !load_discover (r, p, top))
    return FALSE;
  return !tilld_reader_has (top, "upload") || load_upload (r, p, top);
}

static gboolean
all_writes_proven (const TilldProfile *p)
{
  const TilldWrite *single[] = { &p->recharge.write, &p->debit.write, &p->control.write };

  for (guint i = 0; i < G_N_ELEMENTS (single); i++)
    if (single[i]->registers > 0 && !tilld_evidence_may_send (single[i]->evidence, FALSE))
      return FALSE;
  for (guint i = 0; i < p->n_settings; i++)
    if (!tilld_evidence_may_send (p->settings[i].evidence, FALSE))
      return FALSE;
  return TRUE;
}

gboolean
tilld_load_facts (TilldReader *r, TilldProfile *p, JsonObject *top)
{
  JsonArray *list = tilld_reader_array (r, top, "facts", 0, 64);
  gboolean   closed = TRUE;

  if (list == NULL)
    return FALSE;
  p->facts = g_new0 (TilldFact, json_array_get_length (list) + 1);
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *item = tilld_reader_node_object (r, json_array_get_element (list, i), "facts");
      TilldFact  *fact = &p->facts[i];
      gsize       mark = tilld_reader_push_index (r, "facts", i);
      const char *id, *text, *source;
      int         state = 0;

      if (item == NULL || !tilld_reader_only (r, item, ONLY ("id", "state", "text", "source")) ||
          !(id = tilld_reader_text (r, item, "id", sizeof fact->id - 1)) ||
          !tilld_reader_word (r, item, "state", tilld_evidence_words, TILLD_EVIDENCE_N, &state) ||
          !(text = tilld_reader_text (r, item, "text", 1000)) || !(source = tilld_reader_text (r, item, "source", 200)))
        return FALSE;
      if (state == TILLD_EVIDENCE_GUESS || state == TILLD_EVIDENCE_MANUAL || state == TILLD_EVIDENCE_REFERENCE)
        return tilld_reader_fail (r, "state", "must be open, single-source, two-sources or device");
      for (guint j = 0; j < i; j++)
        if (g_str_equal (p->facts[j].id, id))
          return tilld_reader_fail (r, "id", "is given twice");
      g_strlcpy (fact->id, id, sizeof fact->id);
      fact->state = (TilldEvidence) state;
      fact->text = g_strdup (text);
      fact->source = g_strdup (source);
      p->n_facts++;
      closed &= state == TILLD_EVIDENCE_DEVICE;
      tilld_reader_pop (r, mark);
    }
  if (p->verified && (!closed || !all_writes_proven (p)))
    return tilld_reader_fail (r, "verified", "true needs every fact closed and every write proven");
  return TRUE;
}
