/* SPDX-License-Identifier: GPL-2.0-or-later
 * setting-read.c: JSON of an absolute setting -> numbers. Judges form only: what a model can hold is setting.c. */
#include <string.h>
#include "server/domain/plant/setting.h"
#include "shared/base/till-json-check.h"
#include "shared/base/till-json-read.h"

#define SLOTS_MAX   24
#define WINDOWS_MAX 8
#define JSON_BYTES  16384

static gboolean
rate_from_word (const char *word, int *ret)
{
  return till_rate_from_word (word, ret);
}

static gboolean
switch_from_word (const char *word, int *ret)
{
  if (!g_str_equal (word, "on") && !g_str_equal (word, "off"))
    return FALSE;
  *ret = g_str_equal (word, "on");
  return TRUE;
}

static gboolean
period_from_word (const char *word, int *ret)
{
  if (!g_str_equal (word, "month") && !g_str_equal (word, "year"))
    return FALSE;
  *ret = g_str_equal (word, "year");
  return TRUE;
}

/* "06:30" */
static gboolean
read_minute (TillJsonRead *r, const char *name, guint8 *ret_hour, guint8 *ret_minute)
{
  g_autofree char *text = NULL;

  if (!till_json_read_text (r, name, TILL_REQUIRED, 5, &text))
    return FALSE;
  if (strlen (text) != 5 || text[2] != ':' || !g_ascii_isdigit (text[0]) || !g_ascii_isdigit (text[1]) || !g_ascii_isdigit (text[3]) ||
      !g_ascii_isdigit (text[4]) || (text[0] - '0') * 10 + text[1] - '0' > 23 || text[3] > '5')
    {
      till_json_read_error (r, name, "must be a time of day, 00:00 to 23:59");
      return FALSE;
    }
  *ret_hour = (guint8) ((text[0] - '0') * 10 + text[1] - '0');
  *ret_minute = (guint8) ((text[3] - '0') * 10 + text[4] - '0');
  return TRUE;
}

/* Items {at, rate} or {at, switch}. */
static gboolean
read_slots (TillJsonRead *r, const char *name, gboolean events, TilldSlot *slots, guint *ret_n)
{
  JsonArray *items = NULL;

  if (!till_json_read_array (r, name, TILL_OPTIONAL, SLOTS_MAX, &items) || items == NULL)
    return FALSE;
  *ret_n = json_array_get_length (items);
  for (guint i = 0; i < *ret_n; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s[%u]", name, i);
      int              value = 0;
      TillJsonRead     item;

      till_json_read_init_nested (&item, json_array_get_element (items, i), path);
      read_minute (&item, "at", &slots[i].hour, &slots[i].minute);
      till_json_read_enum (&item, events ? "switch" : "rate", TILL_REQUIRED, events ? switch_from_word : rate_from_word, &value);
      slots[i].value = (guint8) value;
      if (i > 0 && slots[i].hour * 60 + slots[i].minute <= slots[i - 1].hour * 60 + slots[i - 1].minute)
        till_json_read_error (&item, "at", "must be later than the one before");
      else if (i == 0 && !events && slots[0].hour + slots[0].minute != 0)
        till_json_read_error (&item, "at", "of the first must be 00:00");
      till_json_read_end_nested (r, &item);
    }
  if (!events && *ret_n == 0)
    till_json_read_error (r, name, "needs at least one item, the first at 00:00");
  return TRUE;
}

static void
read_prices (TillJsonRead *r, TilldSettings *s)
{
  JsonNode    *node = NULL;
  TillJsonRead prices;

  if (!till_json_read_object (r, "prices", TILL_OPTIONAL, &node) || node == NULL)
    return;
  till_json_read_init_nested (&prices, node, "prices");
  for (guint rate = 0; rate < TILL_N_RATES; rate++)
    {
      const char *word = till_rate_word ((TillRate) rate);
      TillMoney   price = 0;

      if (!till_json_read_money (&prices, word, TILL_OPTIONAL, &price) || !till_json_read_has (&prices, word))
        continue;
      if (price <= 0)
        till_json_read_error (&prices, word, "must be more than 0");
      tilld_settings_set (s, TILLD_POINT_PRICE_TIP + (int) rate, price);
    }
  till_json_read_end_nested (r, &prices);
}

static void
read_tiers (TillJsonRead *r, TilldSettings *s)
{
  JsonArray *items = NULL;
  int        period = 0;
  gint64     day = 1;

  till_json_read_enum (r, "tier_period", TILL_OPTIONAL, period_from_word, &period);
  till_json_read_int (r, "tier_day", TILL_OPTIONAL, 1, 28, &day);
  if (!till_json_read_array (r, "tiers", TILL_OPTIONAL, 7, &items) || items == NULL)
    return;
  s->n_tiers = json_array_get_length (items);
  for (guint i = 0; i < s->n_tiers; i++)
    {
      g_autofree char *path = g_strdup_printf ("tiers[%u]", i);
      gboolean         last = i + 1 == s->n_tiers;
      TillJsonRead     item;

      till_json_read_init_nested (&item, json_array_get_element (items, i), path);
      till_json_read_energy (&item, "to", last ? TILL_OPTIONAL : TILL_REQUIRED, &s->tier_to[i]);
      till_json_read_money (&item, "add", TILL_REQUIRED, &s->tier_add[i]);
      if (last && s->tier_to[i] != 0)
        till_json_read_error (&item, "to", "of the last tier is left out: it has no end");
      else if (!last && s->tier_to[i] <= (i > 0 ? s->tier_to[i - 1] : 0))
        till_json_read_error (&item, "to", "must be more than that of the tier before");
      till_json_read_end_nested (r, &item);
    }
  tilld_settings_set (s, TILLD_FIELD_TIER_COUNT, s->n_tiers);
  tilld_settings_set (s, TILLD_FIELD_TIER_TO, 1);
  tilld_settings_set (s, TILLD_FIELD_TIER_ADD, 1);
  tilld_settings_set (s, TILLD_FIELD_TIER_PERIOD, period);
  tilld_settings_set (s, TILLD_FIELD_TIER_DAY, day);
}

static void
read_plans (TillJsonRead *r, TilldSettings *s)
{
  gboolean   first = read_slots (r, "day_plan_1", FALSE, s->day_plan[0], &s->n_day_plan[0]);
  gboolean   second = read_slots (r, "day_plan_2", FALSE, s->day_plan[1], &s->n_day_plan[1]);
  JsonArray *days = NULL;
  gint64     mask = 0;

  till_json_read_array (r, "plan_2_days", TILL_OPTIONAL, 7, &days);
  for (guint i = 0; days != NULL && i < json_array_get_length (days); i++)
    {
      JsonNode *node = json_array_get_element (days, i);
      gint64    day = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : -1;

      if (day < 0 || day > 6)
        till_json_read_error (r, "plan_2_days", "holds weekdays, 0 (Sunday) to 6");
      else
        mask |= G_GINT64_CONSTANT (1) << day;
    }
  if (!first && (second || mask != 0))
    till_json_read_error (r, "day_plan_1", "is required with the other parts of a day plan");
  if (!second && mask != 0)
    till_json_read_error (r, "day_plan_2", "is required when days use it");
  if (!first)
    return;
  if (!second)
    {
      memcpy (s->day_plan[1], s->day_plan[0], sizeof s->day_plan[1]);
      s->n_day_plan[1] = s->n_day_plan[0];
    }
  tilld_settings_set (s, TILLD_FIELD_DAY_PLAN_1, 1);
  tilld_settings_set (s, TILLD_FIELD_DAY_PLAN_2, 1);
  tilld_settings_set (s, TILLD_FIELD_WEEK_MASK, mask);
}

static void
read_limit (TillJsonRead *r, const char *member, TillPurse purse, int point, TilldSettings *s)
{
  gint64   value = 0;
  gboolean good = purse == TILL_PURSE_ENERGY ? till_json_read_energy (r, member, TILL_OPTIONAL, &value)
                                             : till_json_read_money (r, member, TILL_OPTIONAL, &value);

  if (!good || !till_json_read_has (r, member))
    return;
  if (value < 0)
    till_json_read_error (r, member, "must not be below 0");
  tilld_settings_set (s, point, value);
}

static void
read_limits (TillJsonRead *r, TillPurse purse, TilldSettings *s)
{
  gint64 power_w = 0;

  read_limit (r, "alarm1", purse, TILLD_POINT_ALARM1, s);
  read_limit (r, "alarm2", purse, TILLD_POINT_ALARM2, s);
  read_limit (r, "overdraft", purse, TILLD_POINT_OVERDRAFT, s);
  read_limit (r, "hoard_limit", purse, TILLD_POINT_HOARD, s);
  if (till_json_read_decimal (r, "overload_kw", TILL_OPTIONAL, 3, &power_w) && till_json_read_has (r, "overload_kw"))
    {
      if (power_w < 0)
        till_json_read_error (r, "overload_kw", "must not be below 0; 0 switches the check off");
      tilld_settings_set (s, TILLD_POINT_OVERLOAD, power_w);
      tilld_settings_set (s, TILLD_POINT_OVERLOAD_ENABLE, power_w > 0);
    }
  if (s->has[TILLD_POINT_ALARM1] && s->has[TILLD_POINT_ALARM2] && s->number[TILLD_POINT_ALARM1] <= s->number[TILLD_POINT_ALARM2])
    till_json_read_error (r, "alarm1", "must be greater than alarm2");
}

static void
read_windows (TillJsonRead *r, TilldSettings *s)
{
  JsonArray *items = NULL;

  if (!till_json_read_array (r, "protected", TILL_OPTIONAL, WINDOWS_MAX, &items) || items == NULL)
    return;
  s->n_protected = json_array_get_length (items);
  for (guint i = 0; i < s->n_protected; i++)
    {
      g_autofree char *path = g_strdup_printf ("protected[%u]", i);
      TilldWindow     *window = &s->windows[i];
      TillJsonRead     item;

      till_json_read_init_nested (&item, json_array_get_element (items, i), path);
      read_minute (&item, "from", &window->from_hour, &window->from_minute);
      read_minute (&item, "to", &window->to_hour, &window->to_minute);
      if (window->from_hour == window->to_hour && window->from_minute == window->to_minute)
        till_json_read_error (&item, "to", "must differ from the beginning");
      till_json_read_end_nested (r, &item);
    }
}

static void
read_schedule (TillJsonRead *r, TilldSettings *s)
{
  gboolean work = read_slots (r, "work", TRUE, s->events[0], &s->n_events[0]);

  if (!work && !till_json_read_has (r, "work"))
    till_json_read_error (r, "work", "is required; an empty list switches the schedule off");
  if (!read_slots (r, "rest", TRUE, s->events[1], &s->n_events[1]))
    {
      memcpy (s->events[1], s->events[0], sizeof s->events[1]);
      s->n_events[1] = s->n_events[0];
    }
  read_windows (r, s);
  tilld_settings_set (s, TILLD_FIELD_EVENTS_WORK, 1);
  tilld_settings_set (s, TILLD_FIELD_EVENTS_REST, 1);
  tilld_settings_set (s, TILLD_FIELD_PROTECTED, 1);
  tilld_settings_set (s, TILLD_FIELD_SCHEDULE_ENABLE, s->n_events[0] + s->n_events[1] > 0);
}

gboolean
tilld_setting_read (TillCommandKind kind, TillPurse purse, JsonNode *value, TilldSettings *ret, GError **error)
{
  g_autoptr (JsonNode) holder = json_node_new (JSON_NODE_OBJECT);
  JsonNode            *node = NULL;
  TillJsonRead         r, inner;

  memset (ret, 0, sizeof *ret);
  json_node_take_object (holder, json_object_new ());
  json_object_set_member (json_node_get_object (holder), "value", json_node_copy (value));
  till_json_read_init (&r, holder);
  till_json_read_object (&r, "value", TILL_REQUIRED, &node);
  till_json_read_init_nested (&inner, value, "value");
  switch (kind)
    {
    case TILL_COMMAND_KIND_SET_PRICE:
      read_prices (&inner, ret);
      read_plans (&inner, ret);
      read_tiers (&inner, ret);
      break;
    case TILL_COMMAND_KIND_SET_LIMITS:
      read_limits (&inner, purse, ret);
      break;
    case TILL_COMMAND_KIND_SET_SCHEDULE:
      read_schedule (&inner, ret);
      break;
    default:
      break;
    }
  till_json_read_end_nested (&r, &inner);
  return till_json_read_finish (&r, error);
}

gboolean
tilld_setting_parse (TillCommandKind kind, TillPurse purse, const char *json, TilldSettings *ret, GError **error)
{
  g_autoptr (JsonNode) node = till_json_parse (json != NULL ? json : "{}", -1, JSON_BYTES, error);

  return node != NULL && tilld_setting_read (kind, purse, node, ret, error);
}
