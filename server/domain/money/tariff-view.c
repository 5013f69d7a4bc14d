/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff-view.c: a tariff through the registers of a model. Sends nothing and asks no database. */
#include "server/domain/money/tariff-view.h"
#include "shared/api/till-enums.h"

/* The field of a set_price write; NULL = the model has none. */
static const TilldField *
price_field (const TilldProfile *profile, int name)
{
  for (guint i = 0; i < profile->n_settings; i++)
    for (guint k = 0; profile->settings[i].command == TILL_COMMAND_KIND_SET_PRICE && k < profile->settings[i].n_fields; k++)
      if ((int) profile->settings[i].fields[k].name == name)
        return &profile->settings[i].fields[k];
  return NULL;
}

static const TilldField *
rate_field (const TilldProfile *profile, guint rate)
{
  return price_field (profile, (int) TILLD_POINT_PRICE_TIP + (int) rate);
}

gint64
tilld_tariff_price_step (const TilldProfile *profile)
{
  gint64 step = 0;

  for (guint r = 0; r < TILL_N_RATES; r++)
    if (rate_field (profile, r) != NULL)
      step = MAX (step, rate_field (profile, r)->multiplier);
  return step;
}

gboolean
tilld_tariff_holds_tiers (const TilldProfile *profile)
{
  return price_field (profile, TILLD_FIELD_TIER_TO) != NULL && price_field (profile, TILLD_FIELD_TIER_ADD) != NULL;
}

/* Days that a meter tells apart: workdays and weekends of one season; holidays are the server's. */
static gboolean
plans_equal (const TilldDayPlan *a, const TilldDayPlan *b)
{
  if (a->n != b->n)
    return FALSE;
  for (guint i = 0; i < a->n; i++)
    if (a->segments[i].minute != b->segments[i].minute || a->segments[i].rate != b->segments[i].rate)
      return FALSE;
  return TRUE;
}

static gboolean
tier_adds_alike (const TilldTariff *t)
{
  for (guint k = 1; k < t->n_tiers; k++)
    {
      gboolean first = TRUE;
      TillMoney add = 0;

      for (guint r = 0; r < TILL_N_RATES; r++)
        {
          if (!t->uses[r])
            continue;
          if (!first && t->price[k][r] - t->price[0][r] != add)
            return FALSE;
          add = t->price[k][r] - t->price[0][r];
          first = FALSE;
        }
    }
  return TRUE;
}

static gboolean
tiers_fit (const TilldProfile *profile, const TilldTariff *t)
{
  return t->n_tiers == 1 || (tilld_tariff_holds_tiers (profile) && tier_adds_alike (t));
}

gboolean
tilld_tariff_held_by (const TilldProfile *profile, const TilldTariff *tariff, TilldTariff *ret_held)
{
  gint64 step = tilld_tariff_price_step (profile);

  if (step == 0)
    return FALSE;
  tilld_tariff_as_held (tariff, step, tiers_fit (profile, tariff), ret_held);
  return TRUE;
}

static void
write_warnings (const TilldProfile *profile, const TilldTariff *t, gboolean rounded, TillJsonWrite *w)
{
  const TilldSeason *last = &t->calendar.seasons[t->calendar.n - 1];
  gboolean has_mask = price_field (profile, TILLD_FIELD_WEEK_MASK) != NULL, rates = FALSE;

  for (guint r = 0; r < TILL_N_RATES; r++)
    rates = rates || (t->uses[r] && rate_field (profile, r) == NULL);
  till_json_write_begin_array (w, "warnings");
  if (tilld_tariff_price_step (profile) == 0)
    till_json_write_text (w, NULL, "no_prices");
  else if (rates)
    till_json_write_text (w, NULL, "rates");
  if (rounded)
    till_json_write_text (w, NULL, "rounded");
  if (!tiers_fit (profile, t))
    till_json_write_text (w, NULL, "tiers");
  if (t->calendar.n > 1)
    till_json_write_text (w, NULL, "seasons");
  if (!has_mask && !plans_equal (&last->plans[TILLD_DAY_WORK], &last->plans[TILLD_DAY_REST]))
    till_json_write_text (w, NULL, "rest_days");
  if (!plans_equal (&last->plans[TILLD_DAY_HOLIDAY], &last->plans[TILLD_DAY_REST]))
    till_json_write_text (w, NULL, "holidays");
  if (t->fixed_per_day > 0)
    till_json_write_text (w, NULL, "fixed_fee");
  if (t->free_per_head > 0)
    till_json_write_text (w, NULL, "allowance");
  till_json_write_end_array (w);
}

void
tilld_tariff_view_write (const TilldProfile *profile, const TilldTariffVersion *version, TillJsonWrite *w)
{
  const TilldTariff *t = &version->rules;
  TilldTariff held = *t;
  gboolean holds = tilld_tariff_held_by (profile, t, &held), rounded = FALSE;

  till_json_write_begin_object (w, NULL);
  till_json_write_text (w, "model", profile->name);
  till_json_write_text (w, "title", profile->title_en);
  till_json_write_text (w, "title_zh", profile->title_zh);
  till_json_write_text (w, "settlement", profile->n_settlement > 0 ? till_settlement_word (profile->settlement[0]) : NULL);
  till_json_write_begin_array (w, "prices");
  for (guint r = 0; r < TILL_N_RATES; r++)
    {
      if (!t->uses[r])
        continue;
      till_json_write_begin_object (w, NULL);
      till_json_write_text (w, "rate", till_rate_word (r));
      till_json_write_money (w, "price", t->price[0][r]);
      if (holds && rate_field (profile, r) != NULL)
        {
          till_json_write_money (w, "held", held.price[0][r]);
          till_json_write_money (w, "difference", held.price[0][r] - t->price[0][r]);
          rounded = rounded || held.price[0][r] != t->price[0][r];
        }
      else
        {
          till_json_write_null (w, "held");
          till_json_write_null (w, "difference");
        }
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
  write_warnings (profile, t, rounded, w);
  till_json_write_end_object (w);
}

/* --- the order that brings a tariff to a meter --- */

static void
write_plan (const TilldDayPlan *plan, const char *name, TillJsonWrite *w)
{
  char text[8];

  till_json_write_begin_array (w, name);
  for (guint i = 0; i < plan->n; i++)
    {
      g_snprintf (text, sizeof text, "%02u:%02u", plan->segments[i].minute / 60u, plan->segments[i].minute % 60u);
      till_json_write_begin_object (w, NULL);
      till_json_write_text (w, "at", text);
      till_json_write_text (w, "rate", till_rate_word (plan->segments[i].rate));
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
}

static void
write_tiers (const TilldTariff *t, TillJsonWrite *w)
{
  guint rate = 0;

  while (!t->uses[rate])
    rate++;
  till_json_write_begin_array (w, "tiers");
  for (guint k = 0; k < t->n_tiers; k++)
    {
      till_json_write_begin_object (w, NULL);
      if (k + 1 < t->n_tiers)
        till_json_write_energy (w, "to", t->tier_to[k]);
      till_json_write_money (w, "add", t->price[k][rate] - t->price[0][rate]);
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
  till_json_write_text (w, "tier_period", t->period == TILLD_PERIOD_YEAR ? "year" : "month");
  till_json_write_int (w, "tier_day", 1);
}

void
tilld_tariff_value_write (const TilldProfile *profile, const TilldTariffVersion *version, const TilldCivil *civil, TillDay day, TillJsonWrite *w)
{
  const TilldTariff *t = &version->rules;
  const TilldDayPlan *plans = tilld_calendar_plan (&t->calendar, civil, day) - tilld_civil_day_type (civil, day);
  gboolean second = price_field (profile, TILLD_FIELD_DAY_PLAN_2) != NULL; /* written even when alike: the last season may have had two */
  TillMoney otherwise = 0;
  guint n_rates = 0;

  for (guint r = 0; r < TILL_N_RATES; r++)
    n_rates += t->uses[r] != 0;
  for (guint r = 0; r < TILL_N_RATES && otherwise == 0; r++)
    otherwise = t->uses[TILL_RATE_FLAT] ? t->price[0][TILL_RATE_FLAT] : t->price[0][r];
  till_json_write_begin_object (w, "prices");
  for (guint r = 0; r < TILL_N_RATES; r++)
    if (rate_field (profile, r) != NULL) /* the meter's registers want a number for each of its rates */
      till_json_write_money (w, till_rate_word (r), t->uses[r] ? t->price[0][r] : otherwise);
  till_json_write_end_object (w);
  if (price_field (profile, TILLD_FIELD_DAY_PLAN_1) != NULL && n_rates > 1) /* also one rate all day: the meter may still hold the plan of another season */
    {
      write_plan (&plans[TILLD_DAY_WORK], "day_plan_1", w);
      if (second)
        {
          write_plan (&plans[TILLD_DAY_REST], "day_plan_2", w);
          till_json_write_begin_array (w, "plan_2_days");
          till_json_write_int (w, NULL, 0);
          till_json_write_int (w, NULL, 6);
          till_json_write_end_array (w);
        }
    }
  if (tilld_tariff_holds_tiers (profile) && tiers_fit (profile, t))
    write_tiers (t, w);
}
