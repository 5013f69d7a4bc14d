/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff-body.h: a version of a tariff as JSON: prices, seasons, tiers, fee, allowance. The same form comes in, is stored and goes out. */
#pragma once
#include "server/rules/tariff-rules.h"
#include "shared/base/till-json-read.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

typedef struct {
  TilldTariff rules;
  char       *season_names[TILLD_SEASONS_MAX]; /* owned; NULL = none */
} TilldTariffVersion;

TilldTariffVersion *tilld_tariff_version_new (void); /* one season, all flat, no price */
void                tilld_tariff_version_free (TilldTariffVersion *version);

/* The members prices, seasons, tiers, fixed_per_day, free_per_head of an open reader; what is wrong is added to its errors, and a version
 * without errors is sound. */
void                tilld_tariff_body_read (TillJsonRead *r, TilldTariffVersion *ret);
/* The same members into the open object: surcharges worked in, days that follow another written out. */
void                tilld_tariff_body_write (const TilldTariffVersion *version, TillJsonWrite *w);
/* As stored; INTERNAL when it is not sound. */
TilldTariffVersion *tilld_tariff_body_parse (const char *json, GError **error);
char               *tilld_tariff_body_text (const TilldTariffVersion *version);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldTariffVersion, tilld_tariff_version_free)

G_END_DECLS
