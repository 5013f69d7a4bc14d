/* SPDX-License-Identifier: GPL-2.0-or-later
 * profile.c: questions about a loaded meter model. Knows no model by name. */
#include "server/profile/profile.h"

void
tilld_profile_free (TilldProfile *profile)
{
  if (profile == NULL)
    return;
  for (guint i = 0; i < profile->n_facts; i++)
    {
      g_free (profile->facts[i].text);
      g_free (profile->facts[i].source);
    }
  g_free (profile->facts);
  g_free (profile->vendor);
  g_free (profile->model);
  g_free (profile->title_en);
  g_free (profile->title_zh);
  g_free (profile);
}

const TilldPoint *
tilld_profile_point (const TilldProfile *profile, TilldPointName name)
{
  g_assert (name < TILLD_POINT_N);
  return profile->by_name[name] < 0 ? NULL : &profile->points[profile->by_name[name]];
}

gboolean
tilld_profile_range_holds (const TilldProfile *profile, guint at, guint registers)
{
  for (guint i = 0; i < profile->n_ranges; i++)
    if (at >= profile->ranges[i][0] && at + registers - 1 <= profile->ranges[i][1])
      return registers > 0;
  return FALSE;
}

TillMeterClass
tilld_profile_effective_class (const TilldProfile *profile, gboolean proven)
{
  const TilldMoneyWrite *recharge = &profile->recharge;

  if (profile->meter_class != TILL_METER_CLASS_A || proven)
    return profile->meter_class;
  if (recharge->same_count == TILLD_ANSWER_UNKNOWN || recharge->wrong_count == TILLD_ANSWER_UNKNOWN ||
      recharge->wrong_count == TILLD_ANSWER_ACCEPT)
    return TILL_METER_CLASS_B;
  return TILL_METER_CLASS_A;
}

gboolean
tilld_evidence_may_send (TilldEvidence evidence, gboolean proven)
{
  return proven || evidence == TILLD_EVIDENCE_DEVICE || evidence == TILLD_EVIDENCE_REFERENCE;
}
