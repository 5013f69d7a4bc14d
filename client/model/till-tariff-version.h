/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-tariff-version.h: one version of a tariff as the contract has it: prices by rate and tier, seasons with three kinds of day, fees; who
 * made it; and how models hold it. A plain struct: read from JSON, copied, written into the body of a proposal. */
#pragma once
#include <json-glib/json-glib.h>
#include "client/model/till-day-plan.h"

G_BEGIN_DECLS

#define TILL_SEASONS_MAX 12
#define TILL_TIERS_MAX   7

typedef enum { TILL_DAY_WORK, TILL_DAY_REST, TILL_DAY_HOLIDAY, TILL_N_DAY_TYPES } TillDayType;

typedef struct {
  char       *name;
  guint       from, to; /* month * 100 + day; 0: the rest of the year */
  TillDayPlan plans[TILL_N_DAY_TYPES];
} TillSeason;

typedef struct {
  gint64 to;                   /* Wh; of the last tier TILL_UNKNOWN */
  gint64 prices[TILL_N_RATES]; /* TILL_UNKNOWN where the rate is not used */
} TillTier;

typedef struct {
  gint64     effective, approval, made_at; /* TILL_UNKNOWN */
  char      *state, *made_by, *approved_by; /* wire word; names */
  gboolean   uses[TILL_N_RATES];
  guint      n_tiers;
  gboolean   by_year;
  TillTier   tiers[TILL_TIERS_MAX]; /* the first holds the prices of the tariff */
  guint      n_seasons;             /* the last is the rest of the year */
  TillSeason seasons[TILL_SEASONS_MAX];
  gint64     fixed_per_day, free_per_head;
} TillTariffVersion;

/* What a model holds of a version. */
typedef struct { TillRate rate; gint64 price, held, difference; } TillHeldPrice; /* held: TILL_UNKNOWN = no register */
typedef struct {
  char         *model, *settlement; /* title in the language of the client; wire word or NULL */
  guint         n_prices;
  TillHeldPrice prices[TILL_N_RATES];
  char        **warnings; /* wire words: what the server owns */
} TillTariffView;

/* One flat price not yet known, the whole year. */
TillTariffVersion *till_tariff_version_new (void);
TillTariffVersion *till_tariff_version_new_from_json (JsonObject *object, GError **error);
TillTariffVersion *till_tariff_version_copy (const TillTariffVersion *version);
void               till_tariff_version_free (TillTariffVersion *version);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillTariffVersion, till_tariff_version_free)

/* prices, seasons, tiers and fees as members of body: what differs from the plainest tariff. */
void               till_tariff_version_write (const TillTariffVersion *version, JsonObject *body);

gboolean           till_tariff_version_add_season (TillTariffVersion *version); /* before the rest of the year, as it; FALSE: full */
void               till_tariff_version_remove_season (TillTariffVersion *version, guint season);
gboolean           till_tariff_version_add_tier (TillTariffVersion *version); /* priced as the last */
void               till_tariff_version_remove_tier (TillTariffVersion *version);

const char        *till_day_type_word (TillDayType type); /* "workday" */
/* Array of TillTariffView of a tariff or version; empty when there are none. */
GPtrArray         *till_tariff_views_new (JsonObject *object);

/* "07-01" <-> 701; 02-29 is a day. */
char              *till_year_day_print (guint mark);
gboolean           till_year_day_parse (const char *text, guint *ret_mark);

G_END_DECLS
