/* SPDX-License-Identifier: GPL-2.0-or-later
 * record.c: structs to JSON by table. Knows no resource. */
#include "server/api/record.h"
#include "shared/api/till-enums.h"

static void
write_flags (const TilldField *field, guint flags, TillJsonWrite *w)
{
  till_json_write_begin_array (w, field->name);
  for (int bit = 0; bit < 32; bit++)
    if ((flags & (1u << bit)) != 0 && field->word (1 << bit) != NULL)
      till_json_write_text (w, NULL, field->word (1 << bit));
  till_json_write_end_array (w);
}

static void
write_texts (const char *name, const char *const *texts, TillJsonWrite *w)
{
  till_json_write_begin_array (w, name);
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    till_json_write_text (w, NULL, texts[i]);
  till_json_write_end_array (w);
}

static void
write_rates (const char *name, const TillEnergy *rates, TillJsonWrite *w)
{
  till_json_write_begin_object (w, name);
  for (int i = 0; i < TILL_N_RATES; i++)
    till_json_write_energy (w, till_rate_word ((TillRate) i), rates[i]);
  till_json_write_end_object (w);
}

static void
write_number (const TilldField *field, const guint8 *at, TillJsonWrite *w)
{
  gint64 value = *(const gint64 *) at;

  switch (field->kind)
    {
    case TILLD_FIELD_REF:
      if (value == 0)
        till_json_write_null (w, field->name);
      else
        till_json_write_int (w, field->name, value);
      break;
    case TILLD_FIELD_MONEY:
      till_json_write_money (w, field->name, value);
      break;
    case TILLD_FIELD_ENERGY:
      till_json_write_energy (w, field->name, value);
      break;
    case TILLD_FIELD_MILLI:
      till_json_write_decimal (w, field->name, value, 3);
      break;
    case TILLD_FIELD_TIME:
      till_json_write_time (w, field->name, value);
      break;
    default:
      g_assert (field->kind == TILLD_FIELD_INT);
      till_json_write_int (w, field->name, value);
      break;
    }
}

static void
write_field (const TilldField *field, const guint8 *record, TillJsonWrite *w)
{
  const guint8 *at = record + field->offset;

  if (field->present != 0 && !*(const gboolean *) (record + field->present - 1))
    {
      till_json_write_null (w, field->name);
      return;
    }
  switch (field->kind)
    {
    case TILLD_FIELD_TEXT:
      till_json_write_text (w, field->name, *(char *const *) at);
      break;
    case TILLD_FIELD_TEXTS:
      write_texts (field->name, *(const char *const *const *) at, w);
      break;
    case TILLD_FIELD_BOOL:
      till_json_write_bool (w, field->name, *(const gboolean *) at);
      break;
    case TILLD_FIELD_RATES:
      write_rates (field->name, (const TillEnergy *) at, w);
      break;
    case TILLD_FIELD_DAY:
      till_json_write_day (w, field->name, *(const TillDay *) at);
      break;
    case TILLD_FIELD_ENUM:
      till_json_write_text (w, field->name, field->word (*(const int *) at));
      break;
    case TILLD_FIELD_FLAGS:
      write_flags (field, *(const guint *) at, w);
      break;
    case TILLD_FIELD_ID:
      till_json_write_id (w, field->name, (const TillId *) at);
      break;
    default:
      write_number (field, at, w);
      break;
    }
}

void
tilld_record_write (const TilldField *fields, gconstpointer record, TillJsonWrite *w)
{
  for (const TilldField *field = fields; field->name != NULL; field++)
    write_field (field, record, w);
}

void
tilld_record_write_object (const TilldField *fields, gconstpointer record, const char *name, TillJsonWrite *w)
{
  till_json_write_begin_object (w, name);
  tilld_record_write (fields, record, w);
  till_json_write_end_object (w);
}
