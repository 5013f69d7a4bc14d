/* SPDX-License-Identifier: GPL-2.0-or-later
 * profile-write.h: register words of writes from values in server units: recharge, debit, relay, settings.
 * UNSUPPORTED when the model has no such write, LIMIT when the value is out of bounds or cannot be represented. */
#pragma once
#include "server/profile/profile.h"

G_BEGIN_DECLS

#define TILLD_WRITE_WORDS_MAX 123

typedef struct {
  guint8   fc;
  guint16  at;
  guint    n;
  gboolean cabinet;
  guint    settle_ms;
  guint16  words[TILLD_WRITE_WORDS_MAX];
} TilldWriteWords;

/* debit FALSE: recharge. balance: present one; hoard: limit of the site, 0 = none. Checked before anything is stored. */
gboolean tilld_profile_check_amount (const TilldProfile *profile, gboolean debit, gint64 amount, gint64 balance, gint64 hoard, GError **error);
/* count: the count that is sent (n + 1); ignored in mode add. */
gboolean tilld_profile_write_money (const TilldProfile *profile, gboolean debit, TilldWordOrder gateway_order, gint64 amount, guint count,
                                    TilldWriteWords *ret, GError **error);
/* candidate: id of the proven alternative, NULL or "" = `actions`. */
gboolean tilld_profile_write_control (const TilldProfile *profile, TilldAction action, const char *candidate, TilldWriteWords *ret, GError **error);

typedef struct { guint8 hour, minute, value; } TilldSlot; /* value: rate (TillRate) or switch 0, 1 */
typedef struct { guint8 from_hour, from_minute, to_hour, to_minute; } TilldWindow;

/* What set_price, set_limits, set_schedule and set_clock may carry; a value that is not set keeps the whole write from being sent. */
typedef struct {
  gboolean    has[TILLD_FIELD_N];
  gint64      number[TILLD_FIELD_N];
  guint       n_day_plan[2], n_events[2], n_protected, n_tiers;
  TilldSlot   day_plan[2][24], events[2][24];
  TilldWindow windows[8];
  gint64      tier_to[7], tier_add[7]; /* Wh; price */
  gint64      civil_s;                 /* clock: civil seconds since 1970 in the site's zone */
} TilldSettings;

void     tilld_settings_set (TilldSettings *settings, int name, gint64 value);
gboolean tilld_settings_has (const TilldSettings *settings, int name);
/* TRUE: all that settings[index] writes was given (plans and clock are given like numbers, with any value). */
gboolean tilld_profile_setting_is_whole (const TilldProfile *profile, guint index, const TilldSettings *settings);
/* Words of settings[index]; UNSUPPORTED when a number the write needs is not set. ret_rounded: a price was rounded. */
gboolean tilld_profile_write_setting (const TilldProfile *profile, guint index, TilldWordOrder gateway_order, const TilldSettings *settings,
                                      TilldWriteWords *ret, gboolean *ret_rounded, GError **error);

G_END_DECLS
