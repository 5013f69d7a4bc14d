/* SPDX-License-Identifier: GPL-2.0-or-later
 * profile-write.c: values in server units -> the register words of one request. Sends nothing. */
#include "server/profile/profile-write.h"
#include <string.h>
#include "shared/base/till-error.h"
#include "shared/base/till-time.h"

static void
put_number (const TilldProfile *profile, TilldPointType type, TilldWordOrder gateway, gint64 raw, guint16 *words)
{
  TilldWordOrder order = gateway != TILLD_WORDS_DEFAULT ? gateway : profile->word_order;
  guint32        bits = (guint32) raw;

  if (type != TILLD_TYPE_U32 && type != TILLD_TYPE_I32)
    {
      words[0] = (guint16) bits;
      return;
    }
  words[order == TILLD_WORDS_LITTLE ? 1 : 0] = (guint16) (bits >> 16);
  words[order == TILLD_WORDS_LITTLE ? 0 : 1] = (guint16) (bits & 0xffff);
}

static void
put_byte (guint16 *words, guint i, guint8 byte)
{
  words[i / 2] = i % 2 == 0 ? (guint16) ((words[i / 2] & 0x00ff) | byte << 8) : (guint16) ((words[i / 2] & 0xff00) | byte);
}

gboolean
tilld_profile_check_amount (const TilldProfile *profile, gboolean debit, gint64 amount, gint64 balance, gint64 hoard, GError **error)
{
  const TilldMoneyWrite *money = debit ? &profile->debit : &profile->recharge;
  gint64                 after;

  if (money->write.registers == 0)
    return till_fail (error, TILL_ERROR_UNSUPPORTED, "the model %s has no %s", profile->name, debit ? "refund" : "recharge");
  if (amount < money->min || amount > money->max)
    return till_fail (error, TILL_ERROR_LIMIT, "the amount is outside the limits of the meter");
  if (amount % money->write.fields[0].multiplier != 0)
    return till_fail (error, TILL_ERROR_LIMIT, "the meter cannot hold this amount exactly");
  if (debit)
    return amount <= balance || till_fail (error, TILL_ERROR_LIMIT, "the amount is more than the balance");
  if (__builtin_add_overflow (balance, amount, &after) || after > profile->purse_max || (hoard > 0 && after > hoard))
    return till_fail (error, TILL_ERROR_LIMIT, "the balance would be more than the meter may hold");
  return TRUE;
}

static void
begin (const TilldWrite *write, TilldWriteWords *ret)
{
  *ret = (TilldWriteWords){ .fc = write->fc, .at = write->at, .n = write->registers, .cabinet = write->cabinet, .settle_ms = write->settle_ms };
}

gboolean
tilld_profile_write_money (const TilldProfile *profile, gboolean debit, TilldWordOrder gateway_order, gint64 amount, guint count,
                           TilldWriteWords *ret, GError **error)
{
  const TilldMoneyWrite *money = debit ? &profile->debit : &profile->recharge;
  gint64                 raw;

  if (money->write.registers == 0)
    return till_fail (error, TILL_ERROR_UNSUPPORTED, "the model %s has no %s", profile->name, debit ? "refund" : "recharge");
  if (money->mode == TILLD_MONEY_MODE_PRESET) /* an amount here would become the balance */
    return till_fail (error, TILL_ERROR_UNSUPPORTED,
                      "the model %s has its balance set, not lowered: set it at the meter and accept what it shows", profile->name);
  if (amount <= 0 || amount % money->write.fields[0].multiplier != 0 || amount > money->max)
    return till_fail (error, TILL_ERROR_LIMIT, "the meter cannot hold this amount exactly");
  if (money->write.n_fields > 1 && (count == 0 || count > 65535))
    return till_fail (error, TILL_ERROR_LIMIT, "the count of the meter is used up");
  begin (&money->write, ret);
  raw = amount / money->write.fields[0].multiplier;
  put_number (profile, money->write.fields[0].type, gateway_order, money->mode == TILLD_MONEY_MODE_NEGATIVE ? -raw : raw, ret->words);
  if (money->write.n_fields > 1)
    ret->words[money->write.fields[1].at - money->write.at] = (guint16) count;
  return TRUE;
}

gboolean
tilld_profile_write_control (const TilldProfile *profile, TilldAction action, const char *candidate, TilldWriteWords *ret, GError **error)
{
  const TilldControl *control = &profile->control;
  const guint16      *words = control->words[action];

  if (control->write.registers == 0)
    return till_fail (error, TILL_ERROR_UNSUPPORTED, "the model %s has no relay", profile->name);
  if (candidate != NULL && *candidate != '\0')
    {
      words = NULL;
      for (guint i = 0; i < control->n_candidates; i++)
        if (g_str_equal (control->candidates[i].id, candidate))
          words = control->candidates[i].words[action];
      if (words == NULL)
        return till_fail (error, TILL_ERROR_UNSUPPORTED, "the model %s has no relay words %s", profile->name, candidate);
    }
  begin (&control->write, ret);
  memcpy (ret->words, words, ret->n * sizeof *words);
  return TRUE;
}

void
tilld_settings_set (TilldSettings *settings, int name, gint64 value)
{
  g_assert (name >= 0 && name < (int) TILLD_FIELD_N);
  settings->number[name] = value;
  settings->has[name] = TRUE;
}

gboolean
tilld_settings_has (const TilldSettings *settings, int name)
{
  g_assert (name >= 0 && name < (int) TILLD_FIELD_N);
  return settings->has[name];
}

/* Prices may be finer than the register: half up, the difference is the server's to settle. Others must fit exactly. */
static gboolean
to_raw (const TilldField *field, gint64 value, gint64 *ret_raw, gboolean *ret_rounded, GError **error)
{
  gint64 raw = value / field->multiplier;

  if (value < field->min || value > field->max)
    return till_fail (error, TILL_ERROR_LIMIT, "%s is outside the limits of the meter", tilld_field_word ((int) field->name));
  if (value % field->multiplier != 0)
    {
      if (tilld_field_quantity ((int) field->name) != TILLD_QUANTITY_PRICE)
        return till_fail (error, TILL_ERROR_LIMIT, "the meter cannot hold this %s exactly", tilld_field_word ((int) field->name));
      raw = (value - (value < 0 ? field->multiplier - 1 : 0)) / field->multiplier;
      raw += value - raw * field->multiplier >= field->multiplier - field->multiplier / 2;
      *ret_rounded = TRUE;
    }
  *ret_raw = raw;
  return TRUE;
}

static gboolean
put_slots (const TilldProfile *profile, const TilldField *field, const TilldSlot *slots, guint n, guint16 *words, GError **error)
{
  TilldSlot none = { 0 };

  if (n > field->count || (field->type == TILLD_TYPE_SLOTS && n == 0))
    return till_fail (error, TILL_ERROR_LIMIT, "%s: the meter holds 1 to %u times", tilld_field_word ((int) field->name), field->count);
  for (guint i = 0; i < n; i++)
    if (slots[i].hour > 23 || slots[i].minute > 59 || (field->type == TILLD_TYPE_EVENTS && slots[i].value > 1) ||
        (i > 0 && slots[i].hour * 60 + slots[i].minute <= slots[i - 1].hour * 60 + slots[i - 1].minute) ||
        (i == 0 && field->type == TILLD_TYPE_SLOTS && slots[i].hour + slots[i].minute != 0))
      return till_fail (error, TILL_ERROR_LIMIT, "%s: times must rise, the first of a plan is 00:00", tilld_field_word ((int) field->name));
  for (guint i = 0; i < field->count; i++)
    {
      const TilldSlot *slot = i < n ? &slots[i] : field->repeat && n > 0 ? &slots[n - 1] : &none;

      for (guint k = 0; k < field->n_order; k++)
        {
          guint8 value = field->order[k] == TILLD_SLOT_HOUR ? slot->hour : field->order[k] == TILLD_SLOT_MINUTE ? slot->minute : slot->value;

          if (field->order[k] == TILLD_SLOT_RATE && slot != &none)
            value = profile->rate_codes[MIN (slot->value, TILL_N_RATES - 1)];
          put_byte (words, i * field->n_order + k, value);
        }
    }
  return TRUE;
}

static gboolean
put_clock (const TilldField *field, gint64 civil_s, guint16 *words, GError **error)
{
  TillDay day = (TillDay) (civil_s / 86400);
  int     second = (int) (civil_s % 86400), year, month, mday;
  guint8  part[TILLD_CLOCK_N] = { 0 };

  till_day_split (day, &year, &month, &mday);
  if (civil_s <= 0 || year < 2000 || year > 2099)
    return till_fail (error, TILL_ERROR_LIMIT, "the clock of the meter ends with 2099");
  part[TILLD_CLOCK_SEC] = (guint8) (second % 60);
  part[TILLD_CLOCK_MIN] = (guint8) (second / 60 % 60);
  part[TILLD_CLOCK_HOUR] = (guint8) (second / 3600);
  part[TILLD_CLOCK_WEEK] = (guint8) till_day_weekday (day);
  part[TILLD_CLOCK_DAY] = (guint8) mday;
  part[TILLD_CLOCK_MONTH] = (guint8) month;
  part[TILLD_CLOCK_YEAR] = (guint8) (year - 2000);
  for (guint i = 0; i < field->n_order; i++)
    put_byte (words, i, part[field->order[i]]);
  return TRUE;
}

static gboolean
put_array (const TilldProfile *profile, const TilldField *field, TilldWordOrder gateway, const TilldSettings *settings, guint16 *words,
           gboolean *ret_rounded, GError **error)
{
  const gint64 *values = field->name == TILLD_FIELD_TIER_TO ? settings->tier_to : settings->tier_add;
  guint         width = field->of >= TILLD_TYPE_U32 ? 2 : 1;

  if (settings->n_tiers > 7)
    return till_fail (error, TILL_ERROR_LIMIT, "the meter holds up to 7 tiers");
  for (guint i = 0; i < field->count; i++)
    {
      gint64 raw = 0;

      if (i < settings->n_tiers && !to_raw (field, values[i], &raw, ret_rounded, error))
        return FALSE;
      put_number (profile, field->of, gateway, raw, words + i * width);
    }
  return TRUE;
}

static gboolean
put_field (const TilldProfile *profile, const TilldField *field, TilldWordOrder gateway, const TilldSettings *settings, guint16 *words,
           gboolean *ret_rounded, GError **error)
{
  gboolean second = field->name == TILLD_FIELD_DAY_PLAN_2 || field->name == TILLD_FIELD_EVENTS_REST;
  gint64   raw = 0;

  switch (field->type)
    {
    case TILLD_TYPE_SLOTS:
      return put_slots (profile, field, settings->day_plan[second], settings->n_day_plan[second], words, error);
    case TILLD_TYPE_EVENTS:
      return put_slots (profile, field, settings->events[second], settings->n_events[second], words, error);
    case TILLD_TYPE_WINDOWS:
      for (guint i = 0; i < MIN (settings->n_protected, field->count); i++)
        {
          words[i * 2] = (guint16) (settings->windows[i].from_hour << 8 | settings->windows[i].from_minute);
          words[i * 2 + 1] = (guint16) (settings->windows[i].to_hour << 8 | settings->windows[i].to_minute);
        }
      return settings->n_protected <= field->count || till_fail (error, TILL_ERROR_LIMIT, "the meter holds %u windows", field->count);
    case TILLD_TYPE_CLOCK:
      return put_clock (field, settings->civil_s, words, error);
    case TILLD_TYPE_ARRAY:
      return put_array (profile, field, gateway, settings, words, ret_rounded, error);
    default:
      break;
    }
  if (!tilld_settings_has (settings, (int) field->name))
    return till_fail (error, TILL_ERROR_UNSUPPORTED, "%s is not given", tilld_field_word ((int) field->name));
  if (!to_raw (field, settings->number[field->name], &raw, ret_rounded, error))
    return FALSE;
  put_number (profile, field->type, gateway, raw, words);
  return TRUE;
}

gboolean
tilld_profile_setting_is_whole (const TilldProfile *profile, guint index, const TilldSettings *settings)
{
  const TilldWrite *write = &profile->settings[index];

  g_assert (index < profile->n_settings);
  for (guint i = 0; i < write->n_fields; i++)
    if (!tilld_settings_has (settings, (int) write->fields[i].name))
      return FALSE;
  return TRUE;
}

gboolean
tilld_profile_write_setting (const TilldProfile *profile, guint index, TilldWordOrder gateway_order, const TilldSettings *settings,
                             TilldWriteWords *ret, gboolean *ret_rounded, GError **error)
{
  const TilldWrite *write = &profile->settings[index];
  TilldWriteWords   words;
  gboolean          rounded = FALSE;

  g_assert (index < profile->n_settings);
  begin (write, &words);
  for (guint i = 0; i < write->n_fields; i++)
    if (!put_field (profile, &write->fields[i], gateway_order, settings, words.words + (write->fields[i].at - write->at), &rounded, error))
      return FALSE;
  *ret = words;
  *ret_rounded = rounded;
  return TRUE;
}
