/* SPDX-License-Identifier: GPL-2.0-or-later
 * throttle.c: failures by (address, account) and by address. A count halves every ten minutes; the table is bounded, the least
 * guilty entries leave first. */
#include "server/http/throttle.h"
#include "server/core/clock.h"

#define HALF_LIFE_US (600 * TILL_SECOND)
#define ENTRIES_MAX  20000

const TilldThrottleLimits tilld_throttle_default_limits = { .begin = 5, .full = 12, .longest_s = 60, .address_begin = 30, .at_once = 4 };

typedef struct {
  guint  failures, under_way;
  gint64 last_us; /* of the last failure or halving */
  gint64 open_us; /* refused until then */
} Entry;

struct _TilldThrottle {
  TilldThrottleLimits limits;
  TilldClock         *clock;
  GHashTable         *entries; /* key -> Entry */
};

TilldThrottle *
tilld_throttle_new (const TilldThrottleLimits *limits, TilldClock *clock)
{
  TilldThrottle *self = g_new0 (TilldThrottle, 1);
  g_assert (limits->begin > 0 && limits->full > limits->begin);
  self->limits = *limits;
  self->clock = clock;
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
tilld_throttle_free (TilldThrottle *self)
{
  g_hash_table_unref (self->entries);
  g_free (self);
}

static gboolean
is_innocent (gpointer key, gpointer value, gpointer data)
{
  const Entry *entry = value;
  return entry->under_way == 0 && entry->failures <= GPOINTER_TO_UINT (data);
}

static Entry *
entry_get (TilldThrottle *self, const char *key)
{
  Entry *entry = g_hash_table_lookup (self->entries, key);
  gint64 now_us = tilld_clock_boot_us (self->clock);

  if (entry == NULL)
    {
      entry = g_new0 (Entry, 1);
      entry->last_us = now_us;
      g_hash_table_insert (self->entries, g_strdup (key), entry);
    }
  while (entry->failures > 0 && now_us - entry->last_us >= HALF_LIFE_US)
    {
      entry->failures /= 2;
      entry->last_us += HALF_LIFE_US;
    }
  return entry;
}

static char *
pair_key (const char *address, const char *account)
{
  return g_strconcat (address, "\n", account, NULL);
}

/* Doubles from one second at begin to the longest at full. */
static void
note_failure (TilldThrottle *self, Entry *entry, guint begin)
{
  guint over, wait_s;

  entry->last_us = tilld_clock_boot_us (self->clock);
  entry->failures = MIN (entry->failures + 1, begin + self->limits.full);
  if (entry->failures < begin)
    return;
  over = entry->failures - begin;
  wait_s = over >= self->limits.full - self->limits.begin || over > 16 ? self->limits.longest_s : MIN (1u << over, self->limits.longest_s);
  entry->open_us = entry->last_us + wait_s * TILL_SECOND;
}

gboolean
tilld_throttle_begin (TilldThrottle *self, const char *address, const char *account, guint *ret_wait_s, GError **error)
{
  g_autofree char *key = pair_key (address, account);
  Entry *pair, *whole;
  gint64 wait_us;

  for (guint guilt = 0; guilt < 64 && g_hash_table_size (self->entries) >= ENTRIES_MAX; guilt++)
    g_hash_table_foreach_remove (self->entries, is_innocent, GUINT_TO_POINTER (guilt));
  pair = entry_get (self, key);
  whole = entry_get (self, address);
  wait_us = MAX (pair->open_us, whole->open_us) - tilld_clock_boot_us (self->clock);

  if (wait_us > 0)
    {
      *ret_wait_s = (guint) ((wait_us + TILL_SECOND - 1) / TILL_SECOND);
      return till_fail (error, TILL_ERROR_THROTTLED, "too many failed log-ins: try again in %u s", *ret_wait_s);
    }
  if (whole->under_way >= self->limits.at_once)
    {
      *ret_wait_s = 1;
      return till_fail (error, TILL_ERROR_THROTTLED, "too many log-ins at once from this address");
    }
  whole->under_way++;
  return TRUE;
}

void
tilld_throttle_abandon (TilldThrottle *self, const char *address)
{
  Entry *whole = entry_get (self, address);
  g_assert (whole->under_way > 0);
  whole->under_way--;
}

void
tilld_throttle_end (TilldThrottle *self, const char *address, const char *account, gboolean good)
{
  g_autofree char *key = pair_key (address, account);

  tilld_throttle_abandon (self, address);
  if (good)
    g_hash_table_remove (self->entries, key);
  else
    {
      note_failure (self, entry_get (self, key), self->limits.begin);
      note_failure (self, entry_get (self, address), self->limits.address_begin);
    }
}
