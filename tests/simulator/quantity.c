/* SPDX-License-Identifier: GPL-2.0-or-later
 * quantity.c: the one table of names and units of the simulator. */
#include "tests/simulator/quantity.h"

#define QUANTITY_ROW(symbol, name, unit) { name, unit },
#define FLAG_ROW(symbol, name) name,

static const struct { const char *name; gint64 unit; } quantities[] = { SIM_QUANTITIES (QUANTITY_ROW) };
static const char *const flags[] = { SIM_FLAGS (FLAG_ROW) };

G_STATIC_ASSERT (G_N_ELEMENTS (quantities) == SIM_N_QUANTITIES);
G_STATIC_ASSERT (G_N_ELEMENTS (flags) == SIM_N_FLAGS);

gboolean
sim_quantity_from_name (const char *name, SimQuantity *ret)
{
  for (int i = 0; i < SIM_N_QUANTITIES; i++)
    if (strcmp (quantities[i].name, name) == 0)
      {
        *ret = (SimQuantity) i;
        return TRUE;
      }
  return FALSE;
}

const char *
sim_quantity_name (SimQuantity quantity)
{
  return quantities[quantity].name;
}

gint64
sim_quantity_unit (SimQuantity quantity, gboolean purse_energy)
{
  if (quantities[quantity].unit == SIM_UNIT_PURSE)
    return purse_energy ? 1000 : 10000;
  return quantities[quantity].unit;
}

gboolean
sim_flag_from_name (const char *name, SimFlag *ret)
{
  for (int i = 0; i < SIM_N_FLAGS; i++)
    if (strcmp (flags[i], name) == 0)
      {
        *ret = (SimFlag) i;
        return TRUE;
      }
  return FALSE;
}
