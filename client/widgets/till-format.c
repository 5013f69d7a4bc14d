/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-format.c: numbers, money, energy, time as text. Pure but for the zone and currency set at sign-in. */
#define G_LOG_DOMAIN "till-format"
#include "config.h"
#include <glib/gi18n.h>
#include "client/widgets/till-format.h"
#include "shared/base/till-energy.h"

#define MINUS "\xE2\x88\x92" /* U+2212 */

static GTimeZone *site_zone;
static char *currency;

void
till_format_set_zone (GTimeZone *zone)
{
  g_clear_pointer (&site_zone, g_time_zone_unref);
  site_zone = zone != NULL ? g_time_zone_ref (zone) : NULL;
}

void
till_format_set_currency (const char *sign)
{
  g_free (currency);
  currency = g_strdup (sign);
}

/* Groups of three before the point, a real minus in front. text is digits with an optional '-' and '.'. */
static char *
grouped (const char *text)
{
  GString *out = g_string_new (NULL);
  const char *digits = text[0] == '-' ? text + 1 : text;
  gsize whole = strcspn (digits, ".");

  if (text[0] == '-')
    g_string_append (out, MINUS);
  for (gsize i = 0; i < whole; i++)
    {
      if (i > 0 && (whole - i) % 3 == 0)
        g_string_append_c (out, ',');
      g_string_append_c (out, digits[i]);
    }
  g_string_append (out, digits + whole);
  return g_string_free (out, FALSE);
}

/* value / 10^from shown with `to` decimals, half away from zero; -0.00 has no sign. */
static char *
scaled (gint64 value, guint from, guint to)
{
  char buf[TILL_MONEY_TEXT];
  gint64 divisor = 1;

  if (value == TILL_UNKNOWN)
    return g_strdup (TILL_DASH);
  for (; from > to; from--)
    divisor *= 10;
  if (divisor > 1)
    till_money_mul_div (value, 1, divisor, TILL_ROUND_HALF_AWAY, &value);
  return grouped (till_decimal_print (value, from, buf));
}

char *
till_format_int (gint64 value)
{
  return scaled (value, 0, 0);
}

char *
till_format_money (gint64 amount)
{
  return scaled (amount, 4, 2);
}

char *
till_format_money_sign (gint64 amount)
{
  g_autofree char *text = till_format_money (amount);

  if (amount == TILL_UNKNOWN)
    return g_steal_pointer (&text);
  if (g_str_has_prefix (text, MINUS))
    return g_strdup_printf (MINUS "%s %s", currency != NULL ? currency : "¥", text + strlen (MINUS));
  return g_strdup_printf ("%s %s", currency != NULL ? currency : "¥", text);
}

char *
till_format_price (gint64 price)
{
  return scaled (price, 4, 4);
}

char *
till_format_energy (gint64 wh)
{
  return scaled (wh, 3, 2);
}

char *
till_format_power (gint64 w)
{
  return scaled (w, 3, 2);
}

char *
till_format_decimal (gint64 thousandths, guint decimals)
{
  return scaled (thousandths, 3, decimals);
}

char *
till_format_percent (gint64 thousandths)
{
  return scaled (thousandths, 3, 1);
}

static char *
time_text (gint64 us, const char *format)
{
  g_autoptr (GDateTime) utc = NULL;
  g_autoptr (GDateTime) local = NULL;
  g_autoptr (GTimeZone) zone = NULL;

  if (us == TILL_UNKNOWN || us == 0)
    return g_strdup (TILL_DASH);
  utc = g_date_time_new_from_unix_utc (us >= 0 ? us / TILL_SECOND : (us - TILL_SECOND + 1) / TILL_SECOND);
  if (utc == NULL)
    return g_strdup (TILL_DASH);
  zone = site_zone != NULL ? g_time_zone_ref (site_zone) : g_time_zone_new_local ();
  local = g_date_time_to_timezone (utc, zone);
  return g_date_time_format (local, format);
}

char *
till_format_time (gint64 us)
{
  return time_text (us, "%Y-%m-%d %H:%M");
}

char *
till_format_time_seconds (gint64 us)
{
  return time_text (us, "%Y-%m-%d %H:%M:%S");
}

char *
till_format_clock (gint64 us)
{
  return time_text (us, "%H:%M:%S");
}

char *
till_format_day (gint64 day)
{
  char buf[TILL_DAY_TEXT];

  return g_strdup (day == TILL_UNKNOWN ? TILL_DASH : till_day_print ((TillDay) day, buf));
}

char *
till_format_age (gint64 seconds)
{
  if (seconds == TILL_UNKNOWN || seconds < 0)
    return g_strdup (TILL_DASH);
  if (seconds < 100)
    return g_strdup_printf (C_ ("age", "%d s"), (int) seconds);
  if (seconds < 100 * 60)
    return g_strdup_printf (C_ ("age", "%d min"), (int) (seconds / 60));
  if (seconds < 48 * 3600)
    return g_strdup_printf (C_ ("age", "%d h"), (int) (seconds / 3600));
  return g_strdup_printf (C_ ("age", "%d d"), (int) MIN (seconds / 86400, 99999));
}

char *
till_format_bytes (gint64 bytes)
{
  return bytes == TILL_UNKNOWN ? g_strdup (TILL_DASH) : g_format_size ((guint64) bytes);
}

gboolean
till_format_is_numeric (TillFieldKind kind)
{
  switch (kind)
    {
    case TILL_FIELD_INT:
    case TILL_FIELD_MONEY:
    case TILL_FIELD_PRICE:
    case TILL_FIELD_ENERGY:
    case TILL_FIELD_POWER:
    case TILL_FIELD_DECIMAL:
    case TILL_FIELD_AGE:
      return TRUE;
    default:
      return FALSE;
    }
}

char *
till_format_kind (TillFieldKind kind, gint64 value, const char *text)
{
  switch (kind)
    {
    case TILL_FIELD_INT:
      return till_format_int (value);
    case TILL_FIELD_BOOL:
      return g_strdup (value == TILL_UNKNOWN ? TILL_DASH : value != 0 ? C_ ("truth", "yes") : C_ ("truth", "no"));
    case TILL_FIELD_MONEY:
      return till_format_money (value);
    case TILL_FIELD_PRICE:
      return till_format_price (value);
    case TILL_FIELD_ENERGY:
      return till_format_energy (value);
    case TILL_FIELD_POWER:
      return till_format_power (value);
    case TILL_FIELD_DECIMAL:
      return till_format_decimal (value, 1);
    case TILL_FIELD_TIME:
      return till_format_time (value);
    case TILL_FIELD_DAY:
      return till_format_day (value);
    case TILL_FIELD_AGE:
      return till_format_age (value);
    default:
      return g_strdup (text != NULL && text[0] != '\0' ? text : TILL_DASH);
    }
}

/* Words of the contract are translated one by one, others stand as they are; an empty list is the word "none" where there is one. */
static char *
join (const char *const *list, const TillWords *words)
{
  g_autoptr (GString) text = g_string_new (NULL);
  int value;

  if (list == NULL || list[0] == NULL)
    return g_strdup (words != NULL && words->from_word ("none", &value) ? till_format_wire (words->name, "none") : TILL_DASH);
  for (guint i = 0; list[i] != NULL; i++)
    g_string_append_printf (text, "%s%s", i == 0 ? "" : words != NULL ? C_ ("between flags", ", ") : ", ",
                            words != NULL && words->from_word (list[i], &value) ? till_format_wire (words->name, list[i]) : list[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
till_format_field (gpointer record, const TillField *field)
{
  if (record == NULL || field == NULL || !till_record_is_loaded (TILL_RECORD (record)))
    return g_strdup ("");
  switch (field->kind)
    {
    case TILL_FIELD_STRV:
      return join (till_record_strv (record, field->name), field->words);
    case TILL_FIELD_ENUM:
      return g_strdup (till_format_wire (field->words->name, till_record_text (record, field->name)));
    case TILL_FIELD_FLAGS:
      return till_format_flags (field->words, till_record_int (record, field->name));
    case TILL_FIELD_TEXT:
    case TILL_FIELD_UUID:
      return till_format_kind (field->kind, TILL_UNKNOWN, till_record_text (record, field->name));
    default:
      return till_format_kind (field->kind, till_record_int (record, field->name), NULL);
    }
}

char *
till_closure_money (gpointer object, gint64 amount)
{
  return till_format_money (amount);
}

char *
till_closure_money_sign (gpointer object, gint64 amount)
{
  return till_format_money_sign (amount);
}

char *
till_closure_energy (gpointer object, gint64 wh)
{
  return till_format_energy (wh);
}

char *
till_closure_power (gpointer object, gint64 w)
{
  return till_format_power (w);
}

char *
till_closure_int (gpointer object, gint64 value)
{
  return till_format_int (value);
}

char *
till_closure_time (gpointer object, gint64 us)
{
  return till_format_time (us);
}

char *
till_closure_age (gpointer object, gint64 seconds)
{
  return till_format_age (seconds);
}

char *
till_closure_text (gpointer object, const char *text)
{
  return till_format_kind (TILL_FIELD_TEXT, TILL_UNKNOWN, text);
}

gboolean
till_closure_is_set (gpointer object, const char *text)
{
  return text != NULL && text[0] != '\0';
}

gboolean
till_closure_not (gpointer object, gboolean value)
{
  return !value;
}
