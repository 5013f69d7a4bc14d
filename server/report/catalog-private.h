/* SPDX-License-Identifier: GPL-2.0-or-later
 * catalog-private.h: the reports of each subject, put together by catalog.c. */
#pragma once
#include "server/report/catalog.h"

G_BEGIN_DECLS

#define TILLD_PLANT_REPORTS 3
#define TILLD_SALES_REPORTS 1
#define TILLD_SETTLE_REPORTS 3

extern const TilldReport tilld_plant_reports[TILLD_PLANT_REPORTS]; /* catalog-plant.c */
extern const TilldReport tilld_sales_reports[TILLD_SALES_REPORTS]; /* catalog-sales.c */
extern const TilldReport tilld_settle_reports[TILLD_SETTLE_REPORTS]; /* catalog-settle.c */

G_END_DECLS
