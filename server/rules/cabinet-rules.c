/* SPDX-License-Identifier: GPL-2.0-or-later
 * cabinet-rules.c: counts of circuits -> their units. */
#include "server/rules/cabinet-rules.h"

const char *
tilld_cabinet_layout (const TilldCabinetCounts *counts, TilldCabinetPlace places[TILLD_CABINET_MAX], guint *ret_n)
{
  guint wide = counts->ct + counts->three_phase, span = MIN (counts->span, TILLD_CABINET_MAX), n = 0;

  if (counts->ct > span || counts->three_phase > span || counts->single_phase > span || 3 * wide + counts->single_phase > span)
    return "more circuits than a cabinet has addresses";
  if (wide + counts->single_phase == 0)
    return "no circuits";
  if (counts->table == 0 || counts->table + 3 * wide + counts->single_phase - 1 > TILLD_UNIT_MAX)
    return "circuits beyond address 247";
  for (guint k = 0; k < wide; k++, n++)
    places[n] = (TilldCabinetPlace){ (guint8) (counts->table + 3 * k), (guint8) (n + 1), TRUE, k < counts->ct };
  for (guint k = 0; k < counts->single_phase; k++, n++)
    places[n] = (TilldCabinetPlace){ (guint8) (counts->table + 3 * wide + k), (guint8) (n + 1), FALSE, FALSE };
  *ret_n = n;
  return NULL;
}
