/* SPDX-License-Identifier: GPL-2.0-or-later
 * profile.c: any bytes as a profile file: refused with a reason or loaded whole. */
#include "server/modbus/mb-plan.h"
#include "server/profile/profile-load.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const TilldPlanTiming timing = { 9600, 50, 0 };
  g_autoptr(GError)            error = NULL;
  g_autoptr(TilldProfile)      profile = tilld_profile_load_bytes ("gridtill-generic.json", (const char *) data, size, &error);

  g_assert_true ((profile == NULL) == (error != NULL));
  for (guint kind = 0; profile != NULL && kind < TILLD_PLAN_N; kind++)
    {
      TilldMbPlan plan;

      tilld_mb_plan (profile, (TilldPlanKind) kind, &timing, &plan);
    }
  return 0;
}
