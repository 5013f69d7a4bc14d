/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff-body.c: tariff versions from and to JSON. Knows no database. */
#include "server/domain/money/tariff-body.h"
#include <string.h>
#include "shared/api/till-enums.h"
#include "shared/api/till-limits.h"
#include "shared/base/till-json-check.h"

#define BODY_MAX 65536

static const char *const day_names[TILLD_DAY_TYPES] = { "workday", "restday", "holiday" };
static const char *const period_names[] = { "month", "year" };

TilldTariffVersion *
tilld_tariff_version_new (void)
{
  TilldTariffVersion *version = g_new0 (TilldTariffVersion, 1);

  version->rules.n_tiers = 1;
  version->rules.calendar.n = 1;
  for (guint t = 0; t < TILLD_DAY_TYPES; t++)
    version->rules.calendar.seasons[0].plans[t] = (TilldDayPlan){ .n = 1, .segments = { { 0, TILL_RATE_FLAT } } };
  return version;
}

void
tilld_tariff_version_free (TilldTariffVersion *version)
{
  if (version == NULL)
    return;
  for (guint i = 0; i < TILLD_SEASONS_MAX; i++)
    g_free (version->season_names[i]);
  g_free (version);
}

/* --- reading --- */

/* "HH:MM" or "MM-DD": two numbers of two digits and what is between them. */
static gboolean
two_numbers (const char *text, char between, guint *ret_first, guint *ret_second)
{
  if (text == NULL || strlen (text) != 5 || text[2] != between || !g_ascii_isdigit (text[0]) || !g_ascii_isdigit (text[1]) ||
      !g_ascii_isdigit (text[3]) || !g_ascii_isdigit (text[4]))
    return FALSE;
  *ret_first = (guint) (text[0] - '0') * 10 + (guint) (text[1] - '0');
  *ret_second = (guint) (text[3] - '0') * 10 + (guint) (text[4] - '0');
  return TRUE;
}

/* {"flat": "0.6150", ...} into prices by rate; which rates it names. */
static void
read_rates (TillJsonRead *r, JsonNode *node, const char *path, TillMoney ret[TILL_N_RATES], gboolean ret_named[TILL_N_RATES])
{
  TillJsonRead nested;

  till_json_read_init_nested (&nested, node, path);
  for (guint i = 0; i < TILL_N_RATES; i++)
    ret_named[i] = till_json_read_money (&nested, till_rate_word (i), TILL_OPTIONAL, &ret[i]);
  till_json_read_end_nested (r, &nested);
}

static void
read_segment (TillJsonRead *r, JsonNode *node, const char *path, TilldSegment *ret)
{
  TillJsonRead nested;
  g_autofree char *from = NULL;
  guint hour = 0, minute = 0;
  int rate = TILL_RATE_FLAT;

  till_json_read_init_nested (&nested, node, path);
  if (till_json_read_text (&nested, "from", TILL_REQUIRED, 5, &from) &&
      (!two_numbers (from, ':', &hour, &minute) || hour > 23 || minute > 59))
    till_json_read_error (&nested, "from", "must be a time of day as HH:MM");
  till_json_read_enum (&nested, "rate", TILL_REQUIRED, till_rate_from_word, &rate);
  till_json_read_end_nested (r, &nested);
  *ret = (TilldSegment){ (guint16) (hour * 60 + minute), (TillRate) rate };
}

static void
read_plan (TillJsonRead *season, TilldDayType type, const TilldDayPlan *otherwise, TilldDayPlan *ret)
{
  JsonArray *list = NULL;

  if (!till_json_read_array (season, day_names[type], otherwise == NULL ? TILL_REQUIRED : TILL_OPTIONAL, TILLD_SEGMENTS_MAX, &list))
    {
      if (otherwise != NULL)
        *ret = *otherwise;
      return;
    }
  ret->n = json_array_get_length (list);
  for (guint i = 0; i < ret->n; i++)
    {
      g_autofree char *at = g_strdup_printf ("%s[%u]", day_names[type], i);

      read_segment (season, json_array_get_element (list, i), at, &ret->segments[i]);
    }
}

static void
read_range (TillJsonRead *nested, const char *name, guint8 *ret_month, guint8 *ret_day)
{
  g_autofree char *text = NULL;
  guint month = 0, day = 0;
  TillDay exists;

  if (!till_json_read_text (nested, name, TILL_OPTIONAL, 5, &text))
    return;
  if (!two_numbers (text, '-', &month, &day) || !till_day_make (2024, (int) month, (int) day, &exists)) /* a leap year: 02-29 is a day */
    {
      till_json_read_error (nested, name, "must be a day of the year as MM-DD");
      return;
    }
  *ret_month = (guint8) month;
  *ret_day = (guint8) day;
}

static void
read_season (TillJsonRead *r, JsonNode *node, guint i, TilldTariffVersion *ret)
{
  g_autofree char *path = g_strdup_printf ("seasons[%u]", i);
  TilldSeason *season = &ret->rules.calendar.seasons[i];
  TillJsonRead nested;

  *season = (TilldSeason){ 0 };
  till_json_read_init_nested (&nested, node, path);
  till_json_read_text (&nested, "name", TILL_OPTIONAL, TILL_NAME_CHARS, &ret->season_names[i]);
  read_range (&nested, "from", &season->from_month, &season->from_day);
  read_range (&nested, "to", &season->to_month, &season->to_day);
  if ((season->from_month == 0) != (season->to_month == 0))
    till_json_read_error (&nested, season->from_month == 0 ? "from" : "to", "a range has a first and a last day");
  read_plan (&nested, TILLD_DAY_WORK, NULL, &season->plans[TILLD_DAY_WORK]);
  read_plan (&nested, TILLD_DAY_REST, &season->plans[TILLD_DAY_WORK], &season->plans[TILLD_DAY_REST]);
  read_plan (&nested, TILLD_DAY_HOLIDAY, &season->plans[TILLD_DAY_REST], &season->plans[TILLD_DAY_HOLIDAY]);
  till_json_read_end_nested (r, &nested);
}

/* A tier says its prices, or what it adds to those of the first: to all rates alike or to each. */
static void
read_tier (TillJsonRead *r, JsonNode *node, guint k, gboolean last, TilldTariff *t)
{
  g_autofree char *path = g_strdup_printf ("steps[%u]", k);
  TillJsonRead nested;
  JsonNode *object = NULL;
  TillMoney add = 0, by_rate[TILL_N_RATES] = { 0 };
  gboolean named[TILL_N_RATES] = { FALSE };
  gboolean has_add, has_prices;

  till_json_read_init_nested (&nested, node, path);
  if (!last)
    till_json_read_energy (&nested, "to", TILL_REQUIRED, &t->tier_to[k]);
  else if (till_json_read_has (&nested, "to"))
    till_json_read_error (&nested, "to", "the last tier has no end");
  else
    till_json_read_energy (&nested, "to", TILL_OPTIONAL, &add);
  has_add = till_json_read_has (&nested, "add");
  has_prices = till_json_read_has (&nested, "prices");
  till_json_read_money (&nested, "add", TILL_OPTIONAL, &add);
  if (till_json_read_object (&nested, has_prices ? "prices" : "adds", TILL_OPTIONAL, &object))
    {
      read_rates (&nested, object, has_prices ? "prices" : "adds", by_rate, named);
      if (has_add)
        till_json_read_error (&nested, "add", "a tier says add, adds or prices, only one of them");
    }
  for (guint i = 0; i < TILL_N_RATES; i++)
    {
      t->price[k][i] = !t->uses[i] ? 0 : has_prices ? by_rate[i] : t->price[0][i] + add + by_rate[i];
      if (has_prices ? named[i] != t->uses[i] : named[i] && !t->uses[i])
        till_json_read_error (&nested, has_prices ? "prices" : "adds", "the rate %s %s", till_rate_word (i),
                              t->uses[i] ? "is missing" : "is not used by this tariff");
    }
  till_json_read_end_nested (r, &nested);
}

static gboolean
period_from_word (const char *word, int *ret_value)
{
  for (int i = 0; i < (int) G_N_ELEMENTS (period_names); i++)
    if (strcmp (word, period_names[i]) == 0)
      {
        *ret_value = i;
        return TRUE;
      }
  return FALSE;
}

static void
read_tiers (TillJsonRead *r, JsonNode *node, TilldTariff *t)
{
  const TilldTariff base = *t;
  TilldTariff tiers = base;
  TillJsonRead nested;
  JsonArray *steps = NULL;
  int period = TILLD_PERIOD_MONTH;

  till_json_read_init_nested (&nested, node, "tiers");
  till_json_read_enum (&nested, "period", TILL_OPTIONAL, period_from_word, &period);
  if (till_json_read_array (&nested, "steps", TILL_REQUIRED, TILLD_TIERS_MAX, &steps))
    {
      guint n = json_array_get_length (steps);

      if (n == 0)
        till_json_read_error (&nested, "steps", "has 1 to 7 items");
      for (guint k = 0; k < n; k++)
        {
          TilldTariff one = base;

          read_tier (&nested, json_array_get_element (steps, k), k, k + 1 == n, &one);
          memcpy (tiers.price[k], one.price[k], sizeof tiers.price[k]);
          if (k + 1 < n)
            tiers.tier_to[k] = one.tier_to[k];
        }
      tiers.n_tiers = MAX (n, 1);
    }
  tiers.period = (TilldPeriod) period;
  till_json_read_end_nested (r, &nested);
  *t = tiers;
}

void
tilld_tariff_body_read (TillJsonRead *r, TilldTariffVersion *ret)
{
  TilldTariff *t = &ret->rules;
  JsonNode *node = NULL;
  JsonArray *seasons = NULL;
  guint before = r->errors->len;
  g_autofree char *member = NULL, *reason = NULL;

  if (till_json_read_object (r, "prices", TILL_REQUIRED, &node))
    read_rates (r, node, "prices", t->price[0], t->uses);
  if (till_json_read_array (r, "seasons", TILL_OPTIONAL, TILLD_SEASONS_MAX, &seasons))
    {
      t->calendar.n = json_array_get_length (seasons);
      for (guint i = 0; i < t->calendar.n; i++)
        read_season (r, json_array_get_element (seasons, i), i, ret);
    }
  if (till_json_read_object (r, "tiers", TILL_OPTIONAL, &node))
    read_tiers (r, node, t);
  till_json_read_money (r, "fixed_per_day", TILL_OPTIONAL, &t->fixed_per_day);
  till_json_read_energy (r, "free_per_head", TILL_OPTIONAL, &t->free_per_head);
  if (r->errors->len == before && !tilld_tariff_is_sound (t, &member, &reason))
    till_json_read_error (r, member, "%s", reason);
}

/* --- writing --- */

static void
write_prices (const TilldTariff *t, guint tier, const char *name, TillJsonWrite *w)
{
  till_json_write_begin_object (w, name);
  for (guint i = 0; i < TILL_N_RATES; i++)
    if (t->uses[i])
      till_json_write_money (w, till_rate_word (i), t->price[tier][i]);
  till_json_write_end_object (w);
}

static void
write_season (const TilldTariffVersion *version, guint i, TillJsonWrite *w)
{
  const TilldSeason *season = &version->rules.calendar.seasons[i];
  char text[8];

  till_json_write_begin_object (w, NULL);
  till_json_write_text (w, "name", version->season_names[i]);
  if (season->from_month != 0)
    {
      g_snprintf (text, sizeof text, "%02u-%02u", season->from_month, season->from_day);
      till_json_write_text (w, "from", text);
      g_snprintf (text, sizeof text, "%02u-%02u", season->to_month, season->to_day);
      till_json_write_text (w, "to", text);
    }
  for (guint t = 0; t < TILLD_DAY_TYPES; t++)
    {
      till_json_write_begin_array (w, day_names[t]);
      for (guint k = 0; k < season->plans[t].n; k++)
        {
          const TilldSegment *segment = &season->plans[t].segments[k];

          g_snprintf (text, sizeof text, "%02u:%02u", segment->minute / 60u, segment->minute % 60u);
          till_json_write_begin_object (w, NULL);
          till_json_write_text (w, "from", text);
          till_json_write_text (w, "rate", till_rate_word (segment->rate));
          till_json_write_end_object (w);
        }
      till_json_write_end_array (w);
    }
  till_json_write_end_object (w);
}

void
tilld_tariff_body_write (const TilldTariffVersion *version, TillJsonWrite *w)
{
  const TilldTariff *t = &version->rules;

  write_prices (t, 0, "prices", w);
  till_json_write_begin_array (w, "seasons");
  for (guint i = 0; i < t->calendar.n; i++)
    write_season (version, i, w);
  till_json_write_end_array (w);
  till_json_write_begin_object (w, "tiers");
  till_json_write_text (w, "period", period_names[t->period]);
  till_json_write_begin_array (w, "steps");
  for (guint k = 0; k < t->n_tiers; k++)
    {
      till_json_write_begin_object (w, NULL);
      if (k + 1 < t->n_tiers)
        till_json_write_energy (w, "to", t->tier_to[k]);
      write_prices (t, k, "prices", w);
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
  till_json_write_end_object (w);
  till_json_write_money (w, "fixed_per_day", t->fixed_per_day);
  till_json_write_energy (w, "free_per_head", t->free_per_head);
}

TilldTariffVersion *
tilld_tariff_body_parse (const char *json, GError **error)
{
  g_autoptr (TilldTariffVersion) version = tilld_tariff_version_new ();
  g_autoptr (JsonNode) node = till_json_parse (json, (gssize) strlen (json), BODY_MAX, error);
  TillJsonRead r;

  if (node == NULL)
    return NULL;
  till_json_read_init (&r, node);
  tilld_tariff_body_read (&r, version);
  return till_json_read_finish (&r, error) ? g_steal_pointer (&version) : NULL;
}

char *
tilld_tariff_body_text (const TilldTariffVersion *version)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  tilld_tariff_body_write (version, w);
  till_json_write_end_object (w);
  return till_json_write_free_to_text (g_steal_pointer (&w), NULL);
}
