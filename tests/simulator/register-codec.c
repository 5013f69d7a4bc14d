/* SPDX-License-Identifier: GPL-2.0-or-later
 * register-codec.c: numbers, texts, clocks and lists as words; within a word always the high byte first. */
#include "tests/simulator/register-codec.h"
#include <string.h>
#include "shared/base/till-time.h"
#include "tests/simulator/tariff.h"

static void
put_u32 (gboolean little, guint32 value, guint16 *words)
{
  words[little] = (guint16) (value >> 16);
  words[!little] = (guint16) value;
}

static guint32
get_u32 (gboolean little, const guint16 *words)
{
  return (guint32) words[little] << 16 | words[!little];
}

void
sim_codec_put_number (const SimField *field, gboolean little, gint64 raw, guint16 *words)
{
  switch (field->kind)
    {
    case SIM_KIND_U16:
      words[0] = (guint16) CLAMP (raw, 0, G_MAXUINT16);
      break;
    case SIM_KIND_I16:
      words[0] = (guint16) CLAMP (raw, G_MININT16, G_MAXINT16);
      break;
    case SIM_KIND_I32:
      put_u32 (little, (guint32) CLAMP (raw, G_MININT32, G_MAXINT32), words);
      break;
    case SIM_KIND_U32: /* energies and totals roll over */
    case SIM_KIND_ARRAY_U32:
    case SIM_KIND_ARRAY_I32:
      put_u32 (little, (guint32) raw, words);
      break;
    default:
      words[0] = (guint16) raw;
      break;
    }
}

gint64
sim_codec_get_number (const SimField *field, gboolean little, const guint16 *words)
{
  switch (field->kind)
    {
    case SIM_KIND_I16:
      return (gint16) words[0];
    case SIM_KIND_I32:
    case SIM_KIND_ARRAY_I32:
      return (gint32) get_u32 (little, words);
    case SIM_KIND_U32:
    case SIM_KIND_ARRAY_U32:
      return get_u32 (little, words);
    default:
      return words[0];
    }
}

static void
put_byte (guint16 *words, guint at, guint8 byte)
{
  words[at / 2] = at % 2 == 0 ? (guint16) ((words[at / 2] & 0x00ff) | byte << 8) : (guint16) ((words[at / 2] & 0xff00) | byte);
}

static guint8
get_byte (const guint16 *words, guint at)
{
  return at % 2 == 0 ? (guint8) (words[at / 2] >> 8) : (guint8) words[at / 2];
}

void
sim_codec_put_text (const SimField *field, const char *text, guint16 *words)
{
  gsize len = strlen (text), size = field->registers * 2u;

  if (field->kind == SIM_KIND_ASCII)
    for (gsize i = 0; i < size; i++)
      put_byte (words, (guint) i, i < len ? (guint8) text[i] : 0);
  else /* 12 decimal digits, filled with zeros from the left */
    for (gsize i = 0; i < 12; i++)
      {
        gsize  lead = len < 12 ? 12 - len : 0;
        char   digit = i < lead ? '0' : text[i - lead];
        guint8 nibble = (guint8) (g_ascii_isdigit (digit) ? digit - '0' : 0), before = get_byte (words, (guint) i / 2);

        put_byte (words, (guint) i / 2, i % 2 == 0 ? (guint8) (nibble << 4) : (guint8) ((before & 0xf0) | nibble));
      }
}

void
sim_codec_put_clock (const SimField *field, gint32 day, int second, guint16 *words)
{
  int year, month, of_month;

  till_day_split (day, &year, &month, &of_month);
  for (guint i = 0; i < field->n_order; i++)
    {
      const char *item = field->order[i];
      int         value = 0;

      if (strcmp (item, "sec") == 0)
        value = second % 60;
      else if (strcmp (item, "min") == 0)
        value = second / 60 % 60;
      else if (strcmp (item, "hour") == 0)
        value = second / 3600;
      else if (strcmp (item, "week") == 0)
        value = (int) till_day_weekday (day);
      else if (strcmp (item, "day") == 0)
        value = of_month;
      else if (strcmp (item, "month") == 0)
        value = month;
      else if (strcmp (item, "year") == 0)
        value = year % 100;
      put_byte (words, i, (guint8) value);
    }
}

gboolean
sim_codec_get_clock (const SimField *field, const guint16 *words, gint32 *ret_day, int *ret_second)
{
  int     value[7] = { 0 }; /* sec min hour week day month year */
  TillDay day;
  static const char *const items[] = { "sec", "min", "hour", "week", "day", "month", "year" };

  for (guint i = 0; i < field->n_order; i++)
    for (guint k = 0; k < G_N_ELEMENTS (items); k++)
      if (strcmp (field->order[i], items[k]) == 0)
        value[k] = get_byte (words, i);
  if (value[0] > 59 || value[1] > 59 || value[2] > 23 || !till_day_make (2000 + value[6], value[5], value[4], &day))
    return FALSE;
  *ret_day = day;
  *ret_second = value[2] * 3600 + value[1] * 60 + value[0];
  return TRUE;
}

/* Place of byte i of an item in (first, hour, minute). */
static guint
place_of (const SimField *field, guint i)
{
  const char *item = i < field->n_order ? field->order[i] : "";

  return strcmp (item, "hour") == 0 ? 1 : strcmp (item, "minute") == 0 ? 2 : 0;
}

void
sim_codec_put_items (const SimField *field, const guint8 *items, const guint8 *codes, guint16 *words)
{
  guint bytes = field->kind == SIM_KIND_WINDOWS ? 4 : 3;

  for (guint n = 0; n < field->count; n++)
    for (guint i = 0; i < bytes; i++)
      {
        guint  place = bytes == 4 ? i : place_of (field, i);
        guint8 value = items[n * bytes + place];

        if (field->kind == SIM_KIND_SLOTS && place == 0)
          value = value >= 1 && value <= TILL_N_RATES ? codes[value - 1] : 0;
        put_byte (words, n * bytes + i, value);
      }
}

/* FALSE: an hour or minute that does not exist, or a rate this meter does not keep. */
gboolean
sim_codec_get_items (const SimField *field, const guint16 *words, const guint8 *codes, guint8 *items)
{
  guint bytes = field->kind == SIM_KIND_WINDOWS ? 4 : 3;

  for (guint n = 0; n < field->count; n++)
    for (guint i = 0; i < bytes; i++)
      {
        guint  place = bytes == 4 ? i : place_of (field, i);
        guint8 value = get_byte (words, n * bytes + i), *into = &items[n * bytes + place];

        if (bytes == 4 || place > 0)
          {
            if (value > ((bytes == 4 ? place % 2 == 0 : place == 1) ? 24 : 59))
              return FALSE;
            *into = value;
          }
        else if (field->kind == SIM_KIND_EVENTS)
          *into = value;
        else
          {
            *into = 0;
            for (guint8 rate = 0; value != 0 && rate < TILL_N_RATES; rate++)
              if (codes[rate] == value)
                *into = (guint8) (rate + 1);
            if (value != 0 && *into == 0)
              return FALSE;
          }
      }
  return TRUE;
}
