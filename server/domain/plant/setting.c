/* SPDX-License-Identifier: GPL-2.0-or-later
 * setting.c: what a model makes of an absolute setting: can it hold the values, does it need a proof, whose cabinet is it. Stores and
 * sends nothing. */
#include "server/domain/plant/setting.h"
#include "shared/base/till-error.h"

static const char *
member_of (int name)
{
  static const struct { int name; const char *member; } members[] = {
    { TILLD_POINT_OVERLOAD, "value.overload_kw" }, { TILLD_POINT_HOARD, "value.hoard_limit" }, { TILLD_POINT_ALARM1, "value.alarm1" },
    { TILLD_POINT_ALARM2, "value.alarm2" }, { TILLD_POINT_OVERDRAFT, "value.overdraft" }, { TILLD_POINT_PRICE_TIP, "value.prices.tip" },
    { TILLD_POINT_PRICE_PEAK, "value.prices.peak" }, { TILLD_POINT_PRICE_FLAT, "value.prices.flat" },
    { TILLD_POINT_PRICE_VALLEY, "value.prices.valley" }, { TILLD_POINT_PRICE_DEEP, "value.prices.deep" },
    { TILLD_FIELD_DAY_PLAN_1, "value.day_plan_1" }, { TILLD_FIELD_DAY_PLAN_2, "value.day_plan_2" }, { TILLD_FIELD_EVENTS_WORK, "value.work" },
    { TILLD_FIELD_EVENTS_REST, "value.rest" }, { TILLD_FIELD_PROTECTED, "value.protected" }, { TILLD_FIELD_TIER_COUNT, "value.tiers" },
    { TILLD_FIELD_TIER_TO, "value.tiers" }, { TILLD_FIELD_TIER_ADD, "value.tiers" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (members[i].name == name)
      return members[i].member;
  return "value";
}

/* In the unit of the API: money and prices four decimals, energy and power three. */
static const char *
print_amount (const TilldProfile *profile, const TilldField *field, gint64 value, char buf[TILL_MONEY_TEXT])
{
  TilldQuantity quantity = tilld_field_quantity ((int) field->name);
  gboolean      energy = quantity == TILLD_QUANTITY_ENERGY || (quantity == TILLD_QUANTITY_PURSE && profile->purse == TILL_PURSE_ENERGY);

  if (energy || (int) field->name == TILLD_POINT_OVERLOAD)
    return till_decimal_print (value, 3, buf);
  if (quantity == TILLD_QUANTITY_PURSE || quantity == TILLD_QUANTITY_PRICE)
    return till_decimal_print (value, 4, buf);
  return till_decimal_print (value, 0, buf);
}

static gboolean
is_price (const TilldField *field)
{
  return tilld_field_quantity ((int) field->name) == TILLD_QUANTITY_PRICE;
}

static void
check_number (const TilldProfile *profile, const TilldField *field, gint64 value, GPtrArray *wrong)
{
  char low[TILL_MONEY_TEXT], high[TILL_MONEY_TEXT], step[TILL_MONEY_TEXT];

  if (value >= field->min && value <= field->max && (is_price (field) || value % field->multiplier == 0))
    return;
  g_ptr_array_add (wrong, g_strdup (member_of ((int) field->name)));
  g_ptr_array_add (wrong, g_strdup_printf ("%s holds %s to %s in steps of %s", profile->name, print_amount (profile, field, field->min, low),
                                           print_amount (profile, field, field->max, high), print_amount (profile, field, field->multiplier, step)));
}

static gboolean
has_rate (const TilldProfile *profile, guint rate)
{
  for (guint i = 0; i < profile->n_rates; i++)
    if (profile->rates[i] == rate)
      return TRUE;
  return FALSE;
}

static void
check_slots (const TilldProfile *profile, const TilldField *field, const TilldSettings *s, GPtrArray *wrong)
{
  gboolean         second = field->name == TILLD_FIELD_DAY_PLAN_2 || field->name == TILLD_FIELD_EVENTS_REST;
  guint            n = field->type == TILLD_TYPE_SLOTS ? s->n_day_plan[second] : field->type == TILLD_TYPE_EVENTS ? s->n_events[second] : s->n_protected;
  g_autofree char *reason = NULL;

  if (n > field->count)
    reason = g_strdup_printf ("%s holds up to %u", profile->name, field->count);
  for (guint i = 0; field->type == TILLD_TYPE_SLOTS && reason == NULL && i < n; i++)
    if (!has_rate (profile, s->day_plan[second][i].value))
      reason = g_strdup_printf ("item %u: %s has no rate %s", i, profile->name, till_rate_word ((TillRate) s->day_plan[second][i].value));
  if (reason == NULL)
    return;
  g_ptr_array_add (wrong, g_strdup (member_of ((int) field->name)));
  g_ptr_array_add (wrong, g_steal_pointer (&reason));
}

static void
check_tiers (const TilldProfile *profile, const TilldField *field, const TilldSettings *s, GPtrArray *wrong)
{
  const gint64 *values = field->name == TILLD_FIELD_TIER_TO ? s->tier_to : s->tier_add;

  for (guint i = 0; i < MIN (s->n_tiers, field->count); i++)
    check_number (profile, field, values[i], wrong);
  if (field->name == TILLD_FIELD_TIER_ADD && s->n_tiers > field->count)
    {
      g_ptr_array_add (wrong, g_strdup ("value.tiers"));
      g_ptr_array_add (wrong, g_strdup_printf ("%s holds up to %u", profile->name, field->count));
    }
}

static void
check_field (const TilldProfile *profile, const TilldField *field, const TilldSettings *s, GPtrArray *wrong)
{
  switch (field->type)
    {
    case TILLD_TYPE_SLOTS:
    case TILLD_TYPE_EVENTS:
    case TILLD_TYPE_WINDOWS:
      check_slots (profile, field, s, wrong);
      break;
    case TILLD_TYPE_ARRAY:
      check_tiers (profile, field, s, wrong);
      break;
    case TILLD_TYPE_CLOCK:
      break;
    default:
      check_number (profile, field, s->number[field->name], wrong);
    }
}

/* A write needs all its fields: half of one is said to be missing. */
static void
check_write (const TilldProfile *profile, const TilldWrite *write, const TilldSettings *s, guint *ret_given, GPtrArray *wrong)
{
  guint given = 0;

  for (guint i = 0; i < write->n_fields; i++)
    given += tilld_settings_has (s, (int) write->fields[i].name);
  for (guint i = 0; given > 0 && i < write->n_fields; i++)
    if (tilld_settings_has (s, (int) write->fields[i].name))
      check_field (profile, &write->fields[i], s, wrong);
    else
      {
        g_ptr_array_add (wrong, g_strdup (member_of ((int) write->fields[i].name)));
        g_ptr_array_add (wrong, g_strdup_printf ("is required: %s writes it together with the others", profile->name));
      }
  *ret_given += given;
}

gboolean
tilld_setting_holds (const TilldProfile *profile, int point, gint64 value, char **ret_reason)
{
  g_autoptr (GPtrArray) wrong = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < profile->n_settings; i++)
    for (guint k = 0; profile->settings[i].command == TILL_COMMAND_KIND_SET_LIMITS && k < profile->settings[i].n_fields; k++)
      if ((int) profile->settings[i].fields[k].name == point)
        check_number (profile, &profile->settings[i].fields[k], value, wrong);
  if (wrong->len == 0)
    return TRUE;
  *ret_reason = g_strdup (g_ptr_array_index (wrong, 1));
  return FALSE;
}

gboolean
tilld_setting_check (const TilldProfile *profile, TillCommandKind kind, const TilldSettings *settings, gboolean *ret_rounded, GError **error)
{
  g_autoptr (GPtrArray) wrong = g_ptr_array_new_with_free_func (g_free); /* member, reason, .. */
  guint                 writes = 0, given = 0;
  gboolean              rounded = FALSE;
  TilldWriteWords       words;

  for (guint i = 0; i < profile->n_settings; i++)
    if (profile->settings[i].command == kind)
      {
        writes++;
        check_write (profile, &profile->settings[i], settings, &given, wrong);
      }
  if (writes == 0)
    return till_fail (error, TILL_ERROR_UNSUPPORTED, "the model %s has no %s", profile->name, till_command_kind_word (kind));
  if (wrong->len == 0 && given == 0 && kind != TILL_COMMAND_KIND_SET_CLOCK)
    {
      g_ptr_array_add (wrong, g_strdup ("value"));
      g_ptr_array_add (wrong, g_strdup_printf ("names nothing that %s can hold", profile->name));
    }
  if (wrong->len > 0)
    {
      till_fail (error, TILL_ERROR_INVALID, "%s: %s", (char *) wrong->pdata[0], (char *) wrong->pdata[1]);
      for (guint i = 0; error != NULL && i < wrong->len; i += 2)
        till_error_add_field (*error, wrong->pdata[i], wrong->pdata[i + 1]);
      return FALSE;
    }
  for (guint i = 0; i < profile->n_settings; i++)
    if (profile->settings[i].command == kind && tilld_profile_setting_is_whole (profile, i, settings))
      {
        gboolean one = FALSE;

        if (!tilld_profile_write_setting (profile, i, TILLD_WORDS_DEFAULT, settings, &words, &one, error))
          return FALSE;
        rounded |= one;
      }
  if (ret_rounded != NULL)
    *ret_rounded = rounded;
  return TRUE;
}

void
tilld_setting_terms (const TilldProfile *profile, TillCommandKind kind, const TilldSettings *settings, TilldSettingTerms *ret)
{
  *ret = (TilldSettingTerms){ .evidence = TILLD_EVIDENCE_REFERENCE };
  for (guint i = 0; i < profile->n_settings; i++)
    {
      const TilldWrite *write = &profile->settings[i];

      if (write->command != kind || (kind != TILL_COMMAND_KIND_SET_CLOCK && !tilld_profile_setting_is_whole (profile, i, settings)))
        continue;
      ret->any = TRUE;
      ret->cabinet |= write->cabinet;
      ret->evidence = MIN (ret->evidence, write->evidence);
    }
  ret->needs_proof = ret->any && !tilld_evidence_may_send (ret->evidence, FALSE);
}

guint
tilld_setting_table (const TilldProfile *profile, guint unit)
{
  guint table = 0;

  for (guint i = 0; profile->cabinet && i < profile->n_tables; i++)
    if (profile->tables[i] <= unit && profile->tables[i] > table)
      table = profile->tables[i];
  return table;
}

char *
tilld_setting_limits_json (TillPurse purse, const TilldSettingLimits *limits)
{
  TillJsonWrite *w = till_json_write_new ();
  guint          decimals = purse == TILL_PURSE_ENERGY ? 3 : 4;

  till_json_write_begin_object (w, NULL);
  till_json_write_decimal (w, "alarm1", limits->alarm1, decimals);
  till_json_write_decimal (w, "alarm2", limits->alarm2, decimals);
  till_json_write_decimal (w, "overload_kw", limits->overload_w, 3);
  till_json_write_decimal (w, "overdraft", limits->overdraft, decimals);
  till_json_write_decimal (w, "hoard_limit", limits->hoard, decimals);
  till_json_write_end_object (w);
  return till_json_write_free_to_text (w, NULL);
}

char *
tilld_setting_prices_json (const TilldProfile *profile, const gint64 prices[TILL_N_RATES])
{
  TillJsonWrite *w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  till_json_write_begin_object (w, "prices");
  for (guint i = 0; i < profile->n_rates; i++)
    {
      guint rate = profile->rates[i];

      till_json_write_money (w, till_rate_word ((TillRate) rate), prices[rate] > 0 ? prices[rate] : prices[TILL_RATE_FLAT]);
    }
  till_json_write_end_object (w);
  till_json_write_end_object (w);
  return till_json_write_free_to_text (w, NULL);
}
