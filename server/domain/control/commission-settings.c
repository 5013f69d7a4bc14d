/* SPDX-License-Identifier: GPL-2.0-or-later
 * commission-settings.c: prices, limits, schedules: what the meter holds is read, written with one value changed, read back, and written back.
 * The clock is set and read. */
#include <string.h>
#include "server/domain/control/commission-private.h"
#include "server/domain/plant/setting.h"
#include "server/profile/profile-decode.h"

#define CLOCK_MAX_S 30

static TillCommandKind
kind_of (const TilldCommission *c)
{
  int kind = TILL_COMMAND_KIND_READ_NOW;

  till_command_kind_from_word (c->step, &kind);
  return (TillCommandKind) kind;
}

static guint8
unit_of (const TilldCommission *c, const TilldWrite *write)
{
  return (guint8) (write->cabinet ? tilld_setting_table (c->profile, c->unit) : c->unit);
}

/* Index of the first write of this step from `from`, -1. */
static gint64
entry_from (const TilldCommission *c, gint64 from)
{
  for (guint i = (guint) from; i < c->profile->n_settings; i++)
    if (c->profile->settings[i].command == kind_of (c))
      return i;
  return -1;
}

static gboolean
begin_entry (TilldCommission *c, gint64 index, GError **error)
{
  const TilldWrite *write = &c->profile->settings[index];
  TilldTry          what = { .unit = unit_of (c, write), .n_reads = 1 };
  TilldWriteWords   words;
  TilldSettings     settings = { 0 };
  gboolean          rounded;

  json_object_set_int_member (c->facts, "entry", index);
  if (kind_of (c) == TILL_COMMAND_KIND_SET_CLOCK)
    {
      const TilldPoint *clock = tilld_profile_point (c->profile, TILLD_POINT_CLOCK);

      tilld_settings_set (&settings, TILLD_POINT_CLOCK, 1);
      settings.civil_s = tilld_commission_civil (c, c->now);
      if (clock == NULL || !tilld_profile_write_setting (c->profile, (guint) index, c->order, &settings, &words, &rounded, error))
        return clock != NULL ? FALSE : tilld_commission_next (c, error);
      what.write = &words;
      what.reads[0].at = clock->at;
      what.reads[0].count = clock->registers;
      return tilld_commission_try (c, "set", &what, error);
    }
  what.reads[0].at = write->at;
  what.reads[0].count = write->registers;
  return tilld_commission_try (c, "before", &what, error);
}

gboolean
tilld_step_setting_enter (TilldCommission *c, GError **error)
{
  gint64   first = entry_from (c, 0);
  gboolean needed = FALSE;

  for (gint64 i = first; i >= 0; i = entry_from (c, i + 1))
    needed |= !tilld_evidence_may_send (c->profile->settings[i].evidence, FALSE);
  if (first < 0 || !needed)
    {
      tilld_commission_note (c, "skipped", first < 0 ? "the model has no such setting" : "known from devices: no proof is needed");
      return tilld_commission_next (c, error);
    }
  json_object_set_boolean_member (c->facts, "all_good", TRUE);
  return begin_entry (c, first, error);
}

static gboolean
is_number (const TilldField *field)
{
  return field->type == TILLD_TYPE_U16 || field->type == TILLD_TYPE_I16 || field->type == TILLD_TYPE_U32 || field->type == TILLD_TYPE_I32;
}

/* One raw step up, or down at the end: small, visible, and legal. A switch or a plan is written as it stands. */
static void
change (const TilldCommission *c, const TilldWrite *write, guint16 *words)
{
  TilldWordOrder order = c->order != TILLD_WORDS_DEFAULT ? c->order : c->profile->word_order;

  for (guint i = 0; i < write->n_fields; i++)
    {
      const TilldField *field = &write->fields[i];
      guint16          *low = words + (field->at - write->at) + (field->registers == 2 && order != TILLD_WORDS_LITTLE ? 1 : 0);

      if (!is_number (field) || tilld_field_quantity ((int) field->name) == TILLD_QUANTITY_SWITCH || (int) field->name == TILLD_FIELD_TIER_COUNT ||
          (int) field->name == TILLD_FIELD_TIER_PERIOD)
        continue;
      *low = (guint16) (*low % 2 == 0 ? *low + 1 : *low - 1);
      return;
    }
}

static gboolean
write_words (TilldCommission *c, const char *doing, const guint16 *words, GError **error)
{
  const TilldWrite *write = &c->profile->settings[json_object_get_int_member (c->facts, "entry")];
  TilldWriteWords   out = { .fc = write->fc, .at = write->at, .n = write->registers, .settle_ms = write->settle_ms };
  TilldTry          what = { .unit = unit_of (c, write), .write = &out, .n_reads = 1 };
  g_autoptr (GString) hex = g_string_new (NULL);

  memcpy (out.words, words, out.n * sizeof *words);
  for (guint i = 0; i < out.n; i++)
    g_string_append_printf (hex, "%04x", words[i]);
  json_object_set_string_member (c->facts, "written", hex->str);
  what.reads[0].at = write->at;
  what.reads[0].count = write->registers;
  return tilld_commission_try (c, doing, &what, error);
}

static gboolean
entry_done (TilldCommission *c, gboolean good, GError **error)
{
  gint64   index = json_object_get_int_member (c->facts, "entry"), next = entry_from (c, index + 1);
  gboolean all = json_object_get_boolean_member (c->facts, "all_good") && good;

  json_object_set_boolean_member (c->facts, "all_good", all);
  tilld_commission_note (c, good ? "ok" : "failed", "registers from %04X %s", c->profile->settings[index].at,
                         good ? "hold what was written" : "do not hold what was written");
  if (next >= 0)
    return begin_entry (c, next, error);
  if (all)
    tilld_commission_prove (c, (TilldProvenWrite) tilld_proven_of (kind_of (c)), -1, NULL);
  return tilld_commission_next (c, error);
}

static gboolean
clock_result (TilldCommission *c, const TilldTrialResult *result, GError **error)
{
  const TilldPoint *clock = tilld_profile_point (c->profile, TILLD_POINT_CLOCK);
  TilldValue        v = { .state = TILLD_VALUE_INVALID };

  if (result->n == 1 && result->reads[0].good)
    tilld_point_decode (c->profile, clock, c->order, result->reads[0].words, &v);
  return entry_done (c, result->ok && v.state == TILLD_VALUE_OK && ABS (v.number - tilld_commission_civil (c, result->at)) <= CLOCK_MAX_S, error);
}

gboolean
tilld_step_setting_result (TilldCommission *c, const TilldTrialResult *result, GError **error)
{
  const TilldWrite *write = &c->profile->settings[json_object_get_int_member (c->facts, "entry")];
  const char       *doing = json_object_get_string_member_with_default (c->facts, "doing", "");
  guint16           written[125] = { 0 }, before[125] = { 0 };
  gboolean          read = result->n == 1 && result->reads[0].good && result->reads[0].n == write->registers, good;
  guint             n = 0;

  if (kind_of (c) == TILL_COMMAND_KIND_SET_CLOCK)
    return clock_result (c, result, error);
  if (g_str_equal (doing, "before"))
    {
      g_autoptr (GString) hex = g_string_new (NULL);

      if (!read)
        return entry_done (c, FALSE, error);
      for (guint i = 0; i < write->registers; i++)
        g_string_append_printf (hex, "%04x", result->reads[0].words[i]);
      json_object_set_string_member (c->facts, "before", hex->str);
      memcpy (written, result->reads[0].words, write->registers * sizeof *written);
      change (c, write, written);
      return write_words (c, "changed", written, error);
    }
  if (!tilld_commission_words (json_object_get_string_member (c->facts, "written"), written, G_N_ELEMENTS (written), &n) ||
      !tilld_commission_words (json_object_get_string_member (c->facts, "before"), before, G_N_ELEMENTS (before), &n))
    return till_fail (error, TILL_ERROR_INTERNAL, "the registers of a commissioning cannot be read");
  good = result->ok && read && memcmp (result->reads[0].words, written, write->registers * sizeof *written) == 0;
  if (g_str_equal (doing, "restored"))
    return entry_done (c, good && json_object_get_boolean_member (c->facts, "change_good"), error);
  json_object_set_boolean_member (c->facts, "change_good", good);
  return write_words (c, "restored", before, error);
}
