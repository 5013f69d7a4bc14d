/* SPDX-License-Identifier: GPL-2.0-or-later
 * world-habit.c: strict reading of loads, prices and quirks. */
#include "tests/simulator/world-habit.h"
#include <string.h>

#define W_MAX 100000

static const char *const rate_names[TILL_N_RATES] = { "tip", "peak", "flat", "valley", "deep" };

gboolean
sim_read_share (JsonNode *node, guint64 *ret)
{
  double value;

  if (!node || !JSON_NODE_HOLDS_VALUE (node) ||
      (json_node_get_value_type (node) != G_TYPE_INT64 && json_node_get_value_type (node) != G_TYPE_DOUBLE))
    return FALSE;
  value = json_node_get_double (node);
  if (!(value >= 0 && value <= 1))
    return FALSE;
  *ret = value >= 1 ? G_MAXUINT64 : (guint64) (value * 18446744073709551616.0);
  return TRUE;
}

static guint
read_uint (TillJsonRead *r, const char *name, guint max, guint otherwise)
{
  gint64 value = otherwise;

  till_json_read_int (r, name, TILL_OPTIONAL, 0, max, &value);
  return (guint) value;
}

static void
read_hours (TillJsonRead *r, const char *name, TillPresence presence, guint *hours)
{
  JsonArray *items = NULL;

  if (!till_json_read_array (r, name, presence, 24, &items))
    return;
  if (json_array_get_length (items) != 24)
    till_json_read_error (r, name, "must hold 24 numbers");
  for (guint i = 0; i < json_array_get_length (items) && i < 24; i++)
    {
      JsonNode *node = json_array_get_element (items, i);
      gint64    w = json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : -1;

      if (w < 0 || w > W_MAX)
        till_json_read_error (r, name, "item %u must be from 0 to %d", i, W_MAX);
      else
        hours[i] = (guint) w;
    }
}

static void
read_device (TillJsonRead *r, SimDevice *device)
{
  device->w = read_uint (r, "w", W_MAX, 0);
  device->minutes = read_uint (r, "minutes", 1440, 1);
  device->per_day = read_uint (r, "per_day", 24, 1);
  device->from = read_uint (r, "from", 23, 0);
  device->to = read_uint (r, "to", 24, 24);
  if (device->to <= device->from)
    till_json_read_error (r, "to", "must be after from");
}

static void
read_load (TillJsonRead *r, SimLoad *load)
{
  JsonArray *devices = NULL;

  read_hours (r, "workday", TILL_REQUIRED, load->workday);
  memcpy (load->restday, load->workday, sizeof load->restday);
  read_hours (r, "restday", TILL_OPTIONAL, load->restday);
  load->noise_pct = read_uint (r, "noise_pct", 100, 0);
  load->pf_milli = 950;
  if (till_json_read_has (r, "pf"))
    {
      gint64 pf = 0;

      if (till_json_read_decimal (r, "pf", TILL_OPTIONAL, 3, &pf) && (pf < 100 || pf > 1000))
        till_json_read_error (r, "pf", "must be from 0.1 to 1");
      load->pf_milli = (guint) CLAMP (pf, 100, 1000);
    }
  till_json_read_array (r, "devices", TILL_OPTIONAL, SIM_DEVICES, &devices);
  for (guint i = 0; devices && i < json_array_get_length (devices); i++)
    {
      g_autofree char *path = g_strdup_printf ("devices[%u]", i);
      TillJsonRead     nested;

      till_json_read_init_nested (&nested, json_array_get_element (devices, i), path);
      read_device (&nested, &load->devices[load->n_devices++]);
      till_json_read_end_nested (r, &nested);
    }
}

void
sim_read_loads (TillJsonRead *r, GPtrArray *loads)
{
  JsonNode         *node = NULL;
  g_autoptr (GList) names = NULL;

  if (!till_json_read_object (r, "loads", TILL_OPTIONAL, &node))
    return;
  names = json_object_get_members (json_node_get_object (node));
  for (GList *at = names; at; at = at->next)
    {
      g_autofree char *path = g_strconcat ("loads.", at->data, NULL);
      SimLoad         *load = g_new0 (SimLoad, 1);
      TillJsonRead     nested;

      load->name = g_strdup (at->data);
      g_ptr_array_add (loads, load);
      till_json_read_init_nested (&nested, json_object_get_member (json_node_get_object (node), at->data), path);
      read_load (&nested, load);
      till_json_read_end_nested (r, &nested);
    }
}

/* "HH:MM" -> minutes of the day, -1 if it is none. */
static int
minutes_of (const char *text)
{
  if (!text || strlen (text) != 5 || text[2] != ':' || strspn (text, "0123456789:") != 5)
    return -1;
  return text[0] > '2' || text[3] > '5' || (text[0] == '2' && text[1] > '3')
             ? -1
             : ((text[0] - '0') * 10 + text[1] - '0') * 60 + (text[3] - '0') * 10 + text[4] - '0';
}

static int
rate_of (const char *name)
{
  for (int rate = 0; name && rate < TILL_N_RATES; rate++)
    if (strcmp (name, rate_names[rate]) == 0)
      return rate;
  return -1;
}

static const char *
text_item (JsonArray *pair, guint i)
{
  JsonNode *node = pair && i < json_array_get_length (pair) ? json_array_get_element (pair, i) : NULL;

  return node && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
}

static void
read_plan (TillJsonRead *r, const char *name, TillPresence presence, guint8 *plan)
{
  JsonArray *items = NULL;
  int        last = -1;

  till_json_read_array (r, name, presence, SIM_SLOTS, &items);
  for (guint i = 0; items && i < json_array_get_length (items); i++)
    {
      JsonNode  *node = json_array_get_element (items, i);
      JsonArray *pair = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
      int        minutes = minutes_of (text_item (pair, 0)), rate = rate_of (text_item (pair, 1));

      if (minutes < 0 || rate < 0 || json_array_get_length (pair) != 2)
        till_json_read_error (r, name, "item %u must be [\"HH:MM\", rate]", i);
      else if (minutes <= last || (i == 0 && minutes != 0))
        till_json_read_error (r, name, "item %u: times begin at 00:00 and rise", i);
      last = MAX (minutes, 0);
      plan[i * 3] = (guint8) (rate + 1);
      plan[i * 3 + 1] = (guint8) (last / 60);
      plan[i * 3 + 2] = (guint8) (last % 60);
    }
  if (items && json_array_get_length (items) == 0)
    till_json_read_error (r, name, "is empty");
}

static void
read_tiers (TillJsonRead *r, SimTariff *tariff)
{
  JsonArray *tiers = NULL;

  till_json_read_array (r, "tiers", TILL_OPTIONAL, SIM_TIERS, &tiers);
  for (guint i = 0; tiers && i < json_array_get_length (tiers); i++)
    {
      g_autofree char *path = g_strdup_printf ("tiers[%u]", i);
      gboolean         last = i + 1 == json_array_get_length (tiers);
      TillJsonRead     nested;
      gint64           to = 0;

      till_json_read_init_nested (&nested, json_array_get_element (tiers, i), path);
      till_json_read_energy (&nested, "to", last ? TILL_OPTIONAL : TILL_REQUIRED, &to);
      till_json_read_money (&nested, "add", TILL_REQUIRED, &tariff->tier_add[i]);
      if (!last && i > 0 && to <= tariff->tier_to_wh[i - 1])
        till_json_read_error (&nested, "to", "must rise");
      if (!last)
        tariff->tier_to_wh[i] = to;
      till_json_read_end_nested (r, &nested);
      tariff->tier_count++;
    }
}

static void
read_price (TillJsonRead *r, SimPrice *price)
{
  g_autofree char *period = NULL;
  JsonNode        *rates = NULL;
  TillJsonRead     nested;

  if (till_json_read_object (r, "rates", TILL_REQUIRED, &rates))
    {
      till_json_read_init_nested (&nested, rates, "rates");
      for (int rate = 0; rate < TILL_N_RATES; rate++)
        if (till_json_read_money (&nested, rate_names[rate], TILL_OPTIONAL, &price->rates[rate]) && price->rates[rate] < 0)
          till_json_read_error (&nested, rate_names[rate], "must not be negative");
      till_json_read_end_nested (r, &nested);
    }
  read_plan (r, "day", TILL_REQUIRED, price->tariff.plan[0]);
  memcpy (price->tariff.plan[1], price->tariff.plan[0], sizeof price->tariff.plan[1]);
  if (till_json_read_has (r, "restday"))
    {
      memset (price->tariff.plan[1], 0, sizeof price->tariff.plan[1]);
      price->tariff.week_mask = 1 << 0 | 1 << 6;
    }
  read_plan (r, "restday", TILL_OPTIONAL, price->tariff.plan[1]);
  read_tiers (r, &price->tariff);
  if (till_json_read_text (r, "period", TILL_OPTIONAL, 8, &period))
    {
      if (strcmp (period, "month") != 0 && strcmp (period, "year") != 0)
        till_json_read_error (r, "period", "must be month or year");
      price->tariff.tier_period = strcmp (period, "year") == 0;
    }
  price->tariff.tier_day = 1;
}

void
sim_read_prices (TillJsonRead *r, GPtrArray *prices)
{
  JsonNode         *node = NULL;
  g_autoptr (GList) names = NULL;

  till_json_read_object (r, "prices", TILL_OPTIONAL, &node);
  names = node ? json_object_get_members (json_node_get_object (node)) : NULL;
  for (GList *at = names; at; at = at->next)
    {
      g_autofree char *path = g_strconcat ("prices.", at->data, NULL);
      SimPrice        *price = g_new0 (SimPrice, 1);
      TillJsonRead     nested;

      price->name = g_strdup (at->data);
      g_ptr_array_add (prices, price);
      till_json_read_init_nested (&nested, json_object_get_member (json_node_get_object (node), at->data), path);
      read_price (&nested, price);
      till_json_read_end_nested (r, &nested);
    }
}

static int
word_index (TillJsonRead *r, const char *name, const char *const *words)
{
  g_autofree char *text = NULL;

  if (!till_json_read_text (r, name, TILL_OPTIONAL, 16, &text))
    return -1;
  for (int i = 0; words[i]; i++)
    if (strcmp (words[i], text) == 0)
      return i;
  till_json_read_error (r, name, "\"%s\" is not a word of the list", text);
  return -1;
}

static void
read_quirks (TillJsonRead *r, SimQuirks *quirks)
{
  static const char *const counts[] = { "", "strict", "ack_same", "accept_any", "ignore", NULL };
  static const char *const orders[] = { "", "big", "little", NULL };
  static const char *const controls[] = { "H1", "H2", NULL };
  int                      word;
  gint64                   drift = quirks->clock_drift_s_day;

  if ((word = word_index (r, "count", counts)) >= 0)
    quirks->count = (SimCountRule) word;
  if ((word = word_index (r, "word_order", orders)) >= 0)
    quirks->word_order = (gint8) word;
  if ((word = word_index (r, "control", controls)) >= 0)
    g_strlcpy (quirks->control, controls[word], sizeof quirks->control);
  quirks->wrong_exception = (guint8) read_uint (r, "wrong_exception", 11, quirks->wrong_exception);
  if (till_json_read_has (r, "negative_but_applied"))
    {
      g_hash_table_add (r->asked, (gpointer) "negative_but_applied");
      if (!sim_read_share (json_object_get_member (r->object, "negative_but_applied"), &quirks->negative_but_applied))
        till_json_read_error (r, "negative_but_applied", "must be from 0 to 1");
    }
  till_json_read_bool (r, "no_serial", TILL_OPTIONAL, &quirks->no_serial);
  till_json_read_bool (r, "stuck_relay", TILL_OPTIONAL, &quirks->stuck_relay);
  till_json_read_bool (r, "wrap_energy", TILL_OPTIONAL, &quirks->wrap_energy);
  till_json_read_bool (r, "off", TILL_OPTIONAL, &quirks->off);
  till_json_read_int (r, "clock_drift_s_day", TILL_OPTIONAL, -3600, 3600, &drift);
  quirks->clock_drift_s_day = (gint) drift;
  quirks->slow_ms = read_uint (r, "slow_ms", 60000, quirks->slow_ms);
  quirks->leak_w = read_uint (r, "leak_w", W_MAX, quirks->leak_w);
}

void
sim_read_habit (TillJsonRead *r, const SimWorld *world, SimHabit *habit)
{
  g_autofree char *load = NULL, *price = NULL;
  gboolean         opened = FALSE, found = FALSE;
  JsonNode        *quirks = NULL;

  if (till_json_read_text (r, "load", TILL_OPTIONAL, 64, &load))
    {
      for (guint i = 0; !found && i < world->loads->len; i++)
        if ((found = strcmp (((SimLoad *) world->loads->pdata[i])->name, load) == 0))
          habit->load = world->loads->pdata[i];
      if (!found)
        till_json_read_error (r, "load", "there is no load \"%s\"", load);
    }
  found = FALSE;
  if (till_json_read_text (r, "price", TILL_OPTIONAL, 64, &price))
    {
      for (guint i = 0; !found && i < world->prices->len; i++)
        if ((found = strcmp (((SimPrice *) world->prices->pdata[i])->name, price) == 0))
          habit->price = world->prices->pdata[i];
      if (!found)
        till_json_read_error (r, "price", "there is no price \"%s\"", price);
    }
  if (till_json_read_money (r, "balance", TILL_OPTIONAL, &habit->balance))
    {
      habit->has_balance = TRUE;
      if (habit->balance % 100 != 0 || ABS (habit->balance) > G_GINT64_CONSTANT (200000000000))
        till_json_read_error (r, "balance", "must be whole hundredths, at most 20,000,000");
    }
  if (till_json_read_bool (r, "opened", TILL_OPTIONAL, &opened))
    {
      habit->opened = opened;
      if (!opened)
        habit->has_balance = FALSE;
    }
  if (till_json_read_object (r, "quirks", TILL_OPTIONAL, &quirks))
    {
      TillJsonRead nested;

      till_json_read_init_nested (&nested, quirks, "quirks");
      read_quirks (&nested, &habit->quirks);
      till_json_read_end_nested (r, &nested);
    }
}
