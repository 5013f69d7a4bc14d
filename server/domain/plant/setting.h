/* SPDX-License-Identifier: GPL-2.0-or-later
 * setting.h: the value of an absolute setting: as JSON in commands and in the API, as numbers for the profile.
 *   set_price    {"prices":{"flat":"0.5600",..},"day_plan_1":[{"at":"00:00","rate":"flat"},..],"day_plan_2":[..],"plan_2_days":[0,6],
 *                 "tiers":[{"to":"230.000","add":"0.0000"},{"add":"0.3000"}],"tier_period":"month"|"year","tier_day":1}
 *   set_limits   {"alarm1","alarm2","overload_kw","overdraft","hoard_limit"}
 *   set_schedule {"work":[{"at":"06:00","switch":"on"},..],"rest":[..],"protected":[{"from":"22:00","to":"06:00"}]}
 *   set_clock    {}
 * Parts that are not given are not written. What the model cannot hold is refused with the member and what it can. */
#pragma once
#include <json-glib/json-glib.h>
#include "server/profile/profile-write.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

/* Form only. purse: unit of the limits. All errors are collected, as "value.prices.flat". */
gboolean tilld_setting_read (TillCommandKind kind, TillPurse purse, JsonNode *value, TilldSettings *ret, GError **error);
/* The same of text that was checked before. */
gboolean tilld_setting_parse (TillCommandKind kind, TillPurse purse, const char *json, TilldSettings *ret, GError **error);
/* What this model makes of it. UNSUPPORTED: it has no such setting. INVALID with members: it cannot hold a value, or misses one.
 * ret_rounded (may be NULL): a price is finer than the register. */
gboolean tilld_setting_check (const TilldProfile *profile, TillCommandKind kind, const TilldSettings *settings, gboolean *ret_rounded, GError **error);
/* One limit, in server units (TILLD_POINT_ALARM1 ..). FALSE with the reason, which the caller frees; TRUE also where the model has no such
 * setting: then the server minds it. */
gboolean tilld_setting_holds (const TilldProfile *profile, int point, gint64 value, char **ret_reason);
/* Does the profile have it at all, in the scope of a cabinet, with an evidence that needs a proof? */
typedef struct { gboolean any, cabinet, needs_proof; TilldEvidence evidence; } TilldSettingTerms;
void     tilld_setting_terms (const TilldProfile *profile, TillCommandKind kind, const TilldSettings *settings, TilldSettingTerms *ret);
/* Table number of the cabinet that a unit belongs to; 0 when the model has no cabinets. */
guint    tilld_setting_table (const TilldProfile *profile, guint unit);

/* {"alarm1":..} of numbers in server units. */
typedef struct { gint64 alarm1, alarm2, overload_w, overdraft, hoard; } TilldSettingLimits;
char    *tilld_setting_limits_json (TillPurse purse, const TilldSettingLimits *limits);
/* Every rate of the model, those the tariff does not use at the flat price. prices[]: 0 = not used. */
char    *tilld_setting_prices_json (const TilldProfile *profile, const gint64 prices[TILL_N_RATES]);

G_END_DECLS
