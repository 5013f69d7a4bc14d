/* SPDX-License-Identifier: GPL-2.0-or-later
 * profile-decode.c: registers of one point -> one value. A value that cannot be true is invalid, never guessed. */
#include "server/profile/profile-decode.h"
#include <string.h>
#include "shared/base/till-time.h"

static guint32
join (const TilldProfile *profile, TilldWordOrder own, TilldWordOrder gateway, const guint16 *regs)
{
  TilldWordOrder order = own != TILLD_WORDS_DEFAULT ? own : gateway != TILLD_WORDS_DEFAULT ? gateway : profile->word_order;

  return order == TILLD_WORDS_LITTLE ? ((guint32) regs[1] << 16) | regs[0] : ((guint32) regs[0] << 16) | regs[1];
}

static guint8
byte_at (const guint16 *regs, guint i)
{
  return i % 2 == 0 ? regs[i / 2] >> 8 : regs[i / 2] & 0xff;
}

static void
decode_bcd (const guint16 *regs, TilldValue *ret)
{
  for (guint i = 0; i < 12; i++)
    {
      guint nibble = (byte_at (regs, i / 2) >> (i % 2 == 0 ? 4 : 0)) & 0xf;

      if (nibble > 9)
        return;
      ret->text[i] = (char) ('0' + nibble);
    }
  ret->text[12] = '\0';
  ret->state = TILLD_VALUE_OK;
}

static void
decode_ascii (const guint16 *regs, guint registers, TilldValue *ret)
{
  guint n = 0;

  for (; n < registers * 2 && n < TILLD_TEXT_MAX - 1; n++)
    {
      guint8 c = byte_at (regs, n);

      if (c == 0)
        break;
      if (c < 0x20 || c > 0x7e)
        {
          ret->text[0] = '\0';
          return;
        }
      ret->text[n] = (char) c;
    }
  while (n > 0 && ret->text[n - 1] == ' ')
    n--;
  ret->text[n] = '\0';
  ret->state = TILLD_VALUE_OK;
}

static void
decode_clock (const guint8 *order, guint n_order, const guint16 *regs, TilldValue *ret)
{
  guint   part[TILLD_CLOCK_N] = { 0 };
  TillDay day;

  for (guint i = 0; i < n_order; i++)
    part[order[i]] = byte_at (regs, i);
  if (part[TILLD_CLOCK_SEC] > 59 || part[TILLD_CLOCK_MIN] > 59 || part[TILLD_CLOCK_HOUR] > 23 || part[TILLD_CLOCK_WEEK] > 6 ||
      part[TILLD_CLOCK_YEAR] > 99 ||
      !till_day_make (2000 + (int) part[TILLD_CLOCK_YEAR], (int) part[TILLD_CLOCK_MONTH], (int) part[TILLD_CLOCK_DAY], &day))
    return;
  ret->number = (gint64) day * 86400 + part[TILLD_CLOCK_HOUR] * 3600 + part[TILLD_CLOCK_MIN] * 60 + part[TILLD_CLOCK_SEC];
  ret->state = TILLD_VALUE_OK;
}

/* All ones is what an absent or broken register chip answers, and no purse or energy is ever that full. */
static gboolean
is_blank (TilldQuantity quantity, guint32 raw)
{
  return raw == 0xffffffffu && (quantity == TILLD_QUANTITY_ENERGY || quantity == TILLD_QUANTITY_PURSE);
}

void
tilld_point_decode (const TilldProfile *profile, const TilldPoint *point, TilldWordOrder gateway_order, const guint16 *regs, TilldValue *ret)
{
  guint32 raw;

  *ret = (TilldValue){ .state = TILLD_VALUE_INVALID };
  switch (point->type)
    {
    case TILLD_TYPE_U16:
    case TILLD_TYPE_BITS16:
      ret->number = regs[0];
      break;
    case TILLD_TYPE_I16:
      ret->number = (gint16) regs[0];
      break;
    case TILLD_TYPE_U32:
      raw = join (profile, point->word_order, gateway_order, regs);
      if (is_blank (tilld_field_quantity (point->name), raw))
        return;
      ret->number = raw;
      break;
    case TILLD_TYPE_I32:
      ret->number = (gint32) join (profile, point->word_order, gateway_order, regs);
      break;
    case TILLD_TYPE_BCD48:
      decode_bcd (regs, ret);
      return;
    case TILLD_TYPE_ASCII:
      decode_ascii (regs, point->registers, ret);
      return;
    case TILLD_TYPE_CLOCK:
      decode_clock (point->order, point->n_order, regs, ret);
      return;
    case TILLD_TYPE_SLOTS:
    case TILLD_TYPE_EVENTS:
    case TILLD_TYPE_WINDOWS:
    case TILLD_TYPE_ARRAY:
    case TILLD_TYPE_SUM:
      return;
    }
  ret->number *= point->multiplier;
  ret->state = TILLD_VALUE_OK;
}

void
tilld_field_decode (const TilldProfile *profile, const TilldField *field, TilldWordOrder gateway_order, const guint16 *regs, TilldValue *ret)
{
  TilldPoint point = { .name = (TilldPointName) field->name, .type = field->type, .registers = field->registers,
                       .multiplier = field->multiplier, .n_order = field->n_order };

  memcpy (point.order, field->order, sizeof point.order);
  tilld_point_decode (profile, &point, gateway_order, regs, ret);
}

/* 1, 0 or -1. */
static int
term_holds (const TilldFlagTerm *term, TilldPointGet get, gpointer data)
{
  gint64   value;
  gboolean holds;

  if (!get (data, term->point, &value))
    return -1;
  holds = term->bit >= 0 ? ((value >> term->bit) & 1) != 0 : value == term->equals;
  return holds != term->invert;
}

int
tilld_profile_flag (const TilldProfile *profile, TilldFlag flag, TilldPointGet get, gpointer data)
{
  const TilldFlagRule *rule = &profile->flags[flag];
  int                  result = rule->any ? 0 : 1;

  if (!rule->present)
    return -1;
  for (guint i = 0; i < rule->n; i++)
    {
      int one = term_holds (&rule->terms[i], get, data);

      if (one < 0)
        return -1;
      result = rule->any ? result | one : result & one;
    }
  return result;
}
