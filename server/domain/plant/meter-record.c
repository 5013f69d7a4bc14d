/* SPDX-License-Identifier: GPL-2.0-or-later
 * meter-record.c: the plain members of a meter from JSON. Judges form only. */
#include "server/domain/plant/meter-edit.h"
#include "shared/api/till-limits.h"

void
tilld_meter_record_clear (TilldMeterRecord *record)
{
  g_clear_pointer (&record->code, g_free);
  g_clear_pointer (&record->name, g_free);
  g_clear_pointer (&record->serial, g_free);
  g_clear_pointer (&record->model, g_free);
}

static void
note (TillJsonRead *r, TilldMeterRecord *record, const char *name, gboolean good, guint32 bit)
{
  if (good && till_json_read_has (r, name))
    record->given |= bit;
}

static gboolean
is_null (TillJsonRead *r, const char *name)
{
  return r->object != NULL && json_object_has_member (r->object, name) && json_object_get_null_member (r->object, name);
}

static void
read_text (TillJsonRead *r, TilldMeterRecord *record, const char *name, TillPresence presence, guint32 bit)
{
  char **target = bit == TILLD_METER_CODE ? &record->code : bit == TILLD_METER_NAME ? &record->name : bit == TILLD_METER_SERIAL ? &record->serial
                                                                                                                                  : &record->model;

  note (r, record, name, till_json_read_text (r, name, presence, bit == TILLD_METER_NAME ? 60 : 32, target), bit);
  if ((record->given & bit) != 0 && *target == NULL) /* empty: a name or a serial is taken away */
    *target = g_strdup ("");
}

typedef struct { const char *name; gint64 min, max, *ret; guint32 bit; } Whole;

static void
read_int (TillJsonRead *r, TilldMeterRecord *record, TillPresence presence, const Whole *whole)
{
  note (r, record, whole->name, till_json_read_int (r, whole->name, presence, whole->min, whole->max, whole->ret), whole->bit);
}

/* null takes it away. */
static void
read_int_or_none (TillJsonRead *r, TilldMeterRecord *record, const Whole *whole)
{
  if (is_null (r, whole->name))
    {
      *whole->ret = 0;
      record->given |= whole->bit;
    }
  read_int (r, record, TILL_OPTIONAL, whole);
}

static void
read_amount (TillJsonRead *r, TilldMeterRecord *record, const char *name, gint64 *ret, guint32 bit)
{
  note (r, record, name, till_json_read_decimal (r, name, TILL_OPTIONAL, bit == TILLD_METER_OVERLOAD ? 3 : 4, ret), bit);
  if ((record->given & bit) != 0 && *ret < 0)
    till_json_read_error (r, name, "must not be below 0");
}

static void
check_code (TillJsonRead *r, const TilldMeterRecord *record)
{
  if ((record->given & TILLD_METER_CODE) == 0)
    return;
  for (const char *c = record->code; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && *c != '.' && *c != '_' && *c != '-')
      {
        till_json_read_error (r, "code", "may hold letters, digits, dot, underscore and dash");
        return;
      }
}

void
tilld_meter_record_read (TillJsonRead *r, gboolean fresh, TilldMeterRecord *record)
{
  TillPresence needed = fresh ? TILL_REQUIRED : TILL_OPTIONAL;

  read_text (r, record, "code", needed, TILLD_METER_CODE);
  read_text (r, record, "name", TILL_OPTIONAL, TILLD_METER_NAME);
  read_text (r, record, "serial", TILL_OPTIONAL, TILLD_METER_SERIAL);
  read_text (r, record, "model", needed, TILLD_METER_MODEL);
  read_int (r, record, needed, &(Whole){ "gateway", 1, G_MAXINT64 / 2, &record->gateway, TILLD_METER_GATEWAY });
  read_int (r, record, TILL_OPTIONAL, &(Whole){ "port", 1, 16, &record->port, TILLD_METER_PORT });
  read_int (r, record, needed, &(Whole){ "unit", 1, 247, &record->unit, TILLD_METER_UNIT });
  read_int (r, record, TILL_OPTIONAL, &(Whole){ "ct_ratio", 1, 10000, &record->ct_ratio, TILLD_METER_CT_RATIO });
  read_int (r, record, needed, &(Whole){ "area", 1, G_MAXINT64 / 2, &record->area, TILLD_METER_AREA });
  note (r, record, "use_class", till_json_read_enum (r, "use_class", TILL_OPTIONAL, till_use_class_from_word, &record->use_class), TILLD_METER_USE_CLASS);
  note (r, record, "settlement", till_json_read_enum (r, "settlement", TILL_OPTIONAL, till_settlement_from_word, &record->settlement),
        TILLD_METER_SETTLEMENT);
  read_int_or_none (r, record, &(Whole){ "tariff", 1, G_MAXINT64 / 2, &record->tariff, TILLD_METER_TARIFF });
  read_int_or_none (r, record, &(Whole){ "full_interval_s", 300, 86400, &record->full_interval_s, TILLD_METER_FULL_INTERVAL });
  read_amount (r, record, "alarm1", &record->alarm1, TILLD_METER_ALARM1);
  read_amount (r, record, "alarm2", &record->alarm2, TILLD_METER_ALARM2);
  read_amount (r, record, "overload_kw", &record->overload_w, TILLD_METER_OVERLOAD);
  read_amount (r, record, "overdraft", &record->overdraft, TILLD_METER_OVERDRAFT);
  if (is_null (r, "hoard_limit"))
    record->given |= TILLD_METER_HOARD;
  read_amount (r, record, "hoard_limit", &record->hoard_limit, TILLD_METER_HOARD);
  if (is_null (r, "overload_kw"))
    record->given |= TILLD_METER_OVERLOAD;
  note (r, record, "life_support", till_json_read_bool (r, "life_support", TILL_OPTIONAL, &record->life_support), TILLD_METER_LIFE_SUPPORT);
  check_code (r, record);
}
