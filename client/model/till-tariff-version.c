/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-tariff-version.c: see till-tariff-version.h. Judges nothing: what is sound is the server's to say. */
#define G_LOG_DOMAIN "till-tariff-version"
#include "config.h"
#include "client/model/till-tariff-version.h"
#include <string.h>
#include "client/model/till-record.h"
#include "shared/base/till-energy.h"
#include "shared/base/till-error.h"
#include "shared/base/till-money.h"
#include "shared/base/till-time.h"

const char *
till_day_type_word (TillDayType type)
{
  static const char *const words[TILL_N_DAY_TYPES] = { "workday", "restday", "holiday" };

  return words[type];
}

TillTariffVersion *
till_tariff_version_new (void)
{
  TillTariffVersion *version = g_new0 (TillTariffVersion, 1);

  version->effective = version->approval = version->made_at = TILL_UNKNOWN;
  version->uses[TILL_RATE_FLAT] = TRUE;
  version->n_tiers = 1;
  version->n_seasons = 1;
  for (guint k = 0; k < TILL_TIERS_MAX; k++)
    {
      version->tiers[k].to = TILL_UNKNOWN;
      for (guint r = 0; r < TILL_N_RATES; r++)
        version->tiers[k].prices[r] = TILL_UNKNOWN;
    }
  for (guint t = 0; t < TILL_N_DAY_TYPES; t++)
    till_day_plan_init (&version->seasons[0].plans[t], TILL_RATE_FLAT);
  return version;
}

void
till_tariff_version_free (TillTariffVersion *version)
{
  if (version == NULL)
    return;
  for (guint i = 0; i < TILL_SEASONS_MAX; i++)
    g_free (version->seasons[i].name);
  g_free (version->state);
  g_free (version->made_by);
  g_free (version->approved_by);
  g_free (version);
}

TillTariffVersion *
till_tariff_version_copy (const TillTariffVersion *version)
{
  TillTariffVersion *copy = g_memdup2 (version, sizeof *version);

  for (guint i = 0; i < TILL_SEASONS_MAX; i++)
    copy->seasons[i].name = g_strdup (version->seasons[i].name);
  copy->state = g_strdup (version->state);
  copy->made_by = g_strdup (version->made_by);
  copy->approved_by = g_strdup (version->approved_by);
  return copy;
}

/* --- days of the year --- */

char *
till_year_day_print (guint mark)
{
  return g_strdup_printf ("%02u-%02u", mark / 100, mark % 100);
}

gboolean
till_year_day_parse (const char *text, guint *ret_mark)
{
  guint month, day;
  TillDay exists;

  if (text == NULL || strlen (text) != 5 || text[2] != '-' || !g_ascii_isdigit (text[0]) || !g_ascii_isdigit (text[1]) || !g_ascii_isdigit (text[3]) ||
      !g_ascii_isdigit (text[4]))
    return FALSE;
  month = (guint) (text[0] - '0') * 10 + (guint) (text[1] - '0');
  day = (guint) (text[3] - '0') * 10 + (guint) (text[4] - '0');
  if (!till_day_make (2024, (int) month, (int) day, &exists)) /* a leap year */
    return FALSE;
  *ret_mark = month * 100 + day;
  return TRUE;
}

/* --- members that may be absent or null --- */

static const char *
get_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
}

static gint64
get_int (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : TILL_UNKNOWN;
}

static gint64
get_money (JsonObject *object, const char *name)
{
  const char *text = get_text (object, name);
  TillMoney amount;

  return text != NULL && till_money_parse (text, &amount, NULL) ? amount : TILL_UNKNOWN;
}

static gint64
get_energy (JsonObject *object, const char *name)
{
  const char *text = get_text (object, name);
  TillEnergy energy;

  return text != NULL && till_energy_parse (text, &energy, NULL) ? energy : TILL_UNKNOWN;
}

static gint64
get_day (JsonObject *object, const char *name)
{
  TillDay day;

  return till_day_parse (get_text (object, name), &day, NULL) ? day : TILL_UNKNOWN;
}

static gint64
get_time (JsonObject *object, const char *name)
{
  TillTime time;

  return till_time_parse (get_text (object, name), &time, NULL) ? time : TILL_UNKNOWN;
}

static JsonObject *
get_object (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static guint
get_array (JsonObject *object, const char *name, guint max, JsonArray **ret_array)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  *ret_array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  return *ret_array != NULL ? MIN (json_array_get_length (*ret_array), max) : 0;
}

static JsonObject *
element (JsonArray *array, guint i)
{
  JsonNode *node = json_array_get_element (array, i);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* --- reading --- */

static gboolean
read_plan (JsonObject *season, TillDayType type, TillDayPlan *ret)
{
  JsonArray *list;
  guint n = get_array (season, till_day_type_word (type), TILL_SEGMENTS_MAX, &list);

  ret->n = n;
  for (guint i = 0; i < n; i++)
    {
      JsonObject *segment = element (list, i);
      int rate;

      if (segment == NULL || !till_minute_parse (get_text (segment, "from"), &ret->segments[i].minute) || get_text (segment, "rate") == NULL ||
          !till_rate_from_word (get_text (segment, "rate"), &rate))
        return FALSE;
      ret->segments[i].rate = (TillRate) rate;
    }
  return n > 0;
}

static gboolean
read_season (JsonObject *object, TillSeason *ret)
{
  if (object == NULL)
    return FALSE;
  ret->name = g_strdup (get_text (object, "name"));
  if (!till_year_day_parse (get_text (object, "from"), &ret->from) || !till_year_day_parse (get_text (object, "to"), &ret->to))
    ret->from = ret->to = 0;
  for (guint t = 0; t < TILL_N_DAY_TYPES; t++)
    if (t > 0 && !json_object_has_member (object, till_day_type_word (t)))
      ret->plans[t] = ret->plans[t - 1]; /* rest days as workdays, holidays as rest days */
    else if (!read_plan (object, t, &ret->plans[t]))
      return FALSE;
  return TRUE;
}

static void
read_prices (JsonObject *prices, gint64 ret[TILL_N_RATES])
{
  for (guint r = 0; r < TILL_N_RATES; r++)
    ret[r] = prices != NULL ? get_money (prices, till_rate_word (r)) : TILL_UNKNOWN;
}

static void
read_tiers (JsonObject *tiers, TillTariffVersion *ret)
{
  JsonArray *steps;
  guint n = get_array (tiers, "steps", TILL_TIERS_MAX, &steps);

  ret->by_year = tiers != NULL && g_strcmp0 (get_text (tiers, "period"), "year") == 0;
  ret->n_tiers = MAX (n, 1);
  for (guint k = 0; k < n; k++)
    {
      JsonObject *step = element (steps, k);

      if (step == NULL)
        continue;
      ret->tiers[k].to = get_energy (step, "to");
      read_prices (get_object (step, "prices"), ret->tiers[k].prices);
    }
}

TillTariffVersion *
till_tariff_version_new_from_json (JsonObject *object, GError **error)
{
  g_autoptr (TillTariffVersion) version = till_tariff_version_new ();
  JsonArray *seasons;
  guint n = get_array (object, "seasons", TILL_SEASONS_MAX, &seasons);

  version->effective = get_day (object, "effective");
  version->approval = get_int (object, "approval");
  version->made_at = get_time (object, "made_at");
  version->state = g_strdup (get_text (object, "state"));
  version->made_by = g_strdup (get_text (object, "made_by_name"));
  version->approved_by = g_strdup (get_text (object, "approved_by_name"));
  version->fixed_per_day = MAX (get_money (object, "fixed_per_day"), 0);
  version->free_per_head = MAX (get_energy (object, "free_per_head"), 0);
  read_tiers (get_object (object, "tiers"), version);
  read_prices (get_object (object, "prices"), version->tiers[0].prices);
  for (guint r = 0; r < TILL_N_RATES; r++)
    version->uses[r] = version->tiers[0].prices[r] != TILL_UNKNOWN;
  version->n_seasons = MAX (n, 1);
  for (guint i = 0; i < n; i++)
    if (!read_season (element (seasons, i), &version->seasons[i]))
      {
        till_fail (error, TILL_ERROR_INVALID, "season %u of the tariff cannot be read", i + 1);
        return NULL;
      }
  return g_steal_pointer (&version);
}

static void
view_free (gpointer data)
{
  TillTariffView *view = data;

  g_free (view->model);
  g_free (view->settlement);
  g_strfreev (view->warnings);
  g_free (view);
}

static void
read_view (JsonObject *object, TillTariffView *ret)
{
  JsonArray *list;
  gboolean chinese = g_str_has_prefix (g_get_language_names ()[0], "zh");
  const char *title = get_text (object, chinese ? "title_zh" : "title");
  guint n = get_array (object, "warnings", 32, &list);

  ret->model = g_strdup (title != NULL ? title : get_text (object, "model"));
  ret->settlement = g_strdup (get_text (object, "settlement"));
  ret->warnings = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    ret->warnings[i] = g_strdup (json_array_get_string_element (list, i));
  n = get_array (object, "prices", TILL_N_RATES, &list);
  for (guint i = 0; i < n; i++)
    {
      JsonObject *price = element (list, i);
      int rate;

      if (price != NULL && get_text (price, "rate") != NULL && till_rate_from_word (get_text (price, "rate"), &rate))
        ret->prices[ret->n_prices++] = (TillHeldPrice){ (TillRate) rate, get_money (price, "price"), get_money (price, "held"), get_money (price,
                                                                                                    "difference") };
    }
}

GPtrArray *
till_tariff_views_new (JsonObject *object)
{
  GPtrArray *views = g_ptr_array_new_with_free_func (view_free);
  JsonArray *list;
  guint n = get_array (object, "views", 1000, &list);

  for (guint i = 0; i < n; i++)
    if (element (list, i) != NULL)
      {
        TillTariffView *view = g_new0 (TillTariffView, 1);

        read_view (element (list, i), view);
        g_ptr_array_add (views, view);
      }
  return views;
}

/* --- writing --- */

static void
set_money (JsonObject *object, const char *name, gint64 amount)
{
  char text[TILL_MONEY_TEXT];

  json_object_set_string_member (object, name, till_money_print (amount, text));
}

static void
set_energy (JsonObject *object, const char *name, gint64 energy)
{
  char text[TILL_MONEY_TEXT];

  json_object_set_string_member (object, name, till_energy_print (energy, text));
}

static void
write_prices (const TillTariffVersion *version, guint tier, JsonObject *object)
{
  JsonObject *prices = json_object_new ();

  for (guint r = 0; r < TILL_N_RATES; r++)
    if (version->uses[r] && version->tiers[tier].prices[r] != TILL_UNKNOWN)
      set_money (prices, till_rate_word (r), version->tiers[tier].prices[r]);
  json_object_set_object_member (object, "prices", prices);
}

static void
write_plan (const TillDayPlan *plan, TillDayType type, JsonObject *season)
{
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < plan->n; i++)
    {
      g_autofree char *from = till_minute_print (plan->segments[i].minute);
      JsonObject *segment = json_object_new ();

      json_object_set_string_member (segment, "from", from);
      json_object_set_string_member (segment, "rate", till_rate_word (plan->segments[i].rate));
      json_array_add_object_element (list, segment);
    }
  json_object_set_array_member (season, till_day_type_word (type), list);
}

static void
write_season (const TillSeason *season, gboolean last, JsonArray *list)
{
  JsonObject *object = json_object_new ();

  if (season->name != NULL && season->name[0] != '\0')
    json_object_set_string_member (object, "name", season->name);
  if (!last)
    {
      g_autofree char *from = till_year_day_print (season->from), *to = till_year_day_print (season->to);

      json_object_set_string_member (object, "from", from);
      json_object_set_string_member (object, "to", to);
    }
  for (guint t = 0; t < TILL_N_DAY_TYPES; t++)
    write_plan (&season->plans[t], t, object);
  json_array_add_object_element (list, object);
}

static void
write_tiers (const TillTariffVersion *version, JsonObject *body)
{
  JsonObject *tiers = json_object_new ();
  JsonArray *steps = json_array_new ();

  json_object_set_string_member (tiers, "period", version->by_year ? "year" : "month");
  for (guint k = 0; k < version->n_tiers; k++)
    {
      JsonObject *step = json_object_new ();

      if (k + 1 < version->n_tiers && version->tiers[k].to != TILL_UNKNOWN)
        set_energy (step, "to", version->tiers[k].to);
      write_prices (version, k, step);
      json_array_add_object_element (steps, step);
    }
  json_object_set_array_member (tiers, "steps", steps);
  json_object_set_object_member (body, "tiers", tiers);
}

void
till_tariff_version_write (const TillTariffVersion *version, JsonObject *body)
{
  JsonArray *seasons = json_array_new ();

  write_prices (version, 0, body);
  for (guint i = 0; i < version->n_seasons; i++)
    write_season (&version->seasons[i], i + 1 == version->n_seasons, seasons);
  json_object_set_array_member (body, "seasons", seasons);
  if (version->n_tiers > 1)
    write_tiers (version, body);
  if (version->fixed_per_day != 0)
    set_money (body, "fixed_per_day", version->fixed_per_day);
  if (version->free_per_head != 0)
    set_energy (body, "free_per_head", version->free_per_head);
}

/* --- changing --- */

gboolean
till_tariff_version_add_season (TillTariffVersion *version)
{
  guint at = version->n_seasons - 1;

  if (version->n_seasons >= TILL_SEASONS_MAX)
    return FALSE;
  version->seasons[at + 1] = version->seasons[at];
  version->seasons[at].name = NULL;
  version->seasons[at].from = 601;
  version->seasons[at].to = 930;
  version->n_seasons++;
  return TRUE;
}

void
till_tariff_version_remove_season (TillTariffVersion *version, guint season)
{
  if (season + 1 >= version->n_seasons) /* the rest of the year stays */
    return;
  g_free (version->seasons[season].name);
  memmove (&version->seasons[season], &version->seasons[season + 1], (version->n_seasons - season - 1) * sizeof version->seasons[0]);
  version->n_seasons--;
  version->seasons[version->n_seasons].name = NULL;
}

gboolean
till_tariff_version_add_tier (TillTariffVersion *version)
{
  guint n = version->n_tiers;

  if (n >= TILL_TIERS_MAX)
    return FALSE;
  version->tiers[n] = version->tiers[n - 1];
  version->tiers[n].to = TILL_UNKNOWN;
  version->n_tiers++;
  return TRUE;
}

void
till_tariff_version_remove_tier (TillTariffVersion *version)
{
  if (version->n_tiers < 2)
    return;
  version->n_tiers--;
  version->tiers[version->n_tiers - 1].to = TILL_UNKNOWN;
}
