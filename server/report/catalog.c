/* SPDX-License-Identifier: GPL-2.0-or-later
 * catalog.c: the table of reports. A new one is a query file, its columns and a row in the file of its subject. */
#include <string.h>
#include "server/report/catalog-private.h"

static const struct { const TilldReport *reports; guint n; } groups[] = {
  { tilld_plant_reports, TILLD_PLANT_REPORTS },
  { tilld_sales_reports, TILLD_SALES_REPORTS },
  { tilld_settle_reports, TILLD_SETTLE_REPORTS },
};

const TilldReport *
tilld_report_nth (guint n)
{
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      if (n < groups[i].n)
        return &groups[i].reports[n];
      n -= groups[i].n;
    }
  return NULL;
}

const TilldReport *
tilld_report_find (const char *name)
{
  const TilldReport *report;

  for (guint n = 0; (report = tilld_report_nth (n)) != NULL; n++)
    if (strcmp (report->name, name) == 0)
      return report;
  return NULL;
}
