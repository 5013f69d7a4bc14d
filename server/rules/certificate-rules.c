/* SPDX-License-Identifier: GPL-2.0-or-later
 * certificate-rules.c: reasons that forbid to cut a meter off. */
#include "server/rules/certificate-rules.h"

#define READING_AGE_MAX_S 600 /* a debt is judged on a reading of ten minutes at most */

const char *
tilld_certificate_refusal (const TilldCutFacts *facts)
{
  if (!facts->installed)
    return "the device was replaced since the order was given";
  if (facts->life_support)
    return "life support hangs on this meter: it may not be cut";
  if (facts->reason != TILLD_CUT_ARREARS)
    return NULL;
  if (!facts->has_reading || facts->reading_age_s > READING_AGE_MAX_S)
    return "no reading of the last ten minutes shows the arrears";
  if (facts->balance > -facts->overdraft)
    return "it was paid since: the balance is above the overdraft";
  return NULL;
}

TilldCutReason
tilld_cut_reason_from_word (const char *word)
{
  static const char *const words[] = { "operator", "arrears", "schedule", "shedding" };

  for (guint i = 0; word != NULL && i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i], word))
      return (TilldCutReason) i;
  return TILLD_CUT_OPERATOR;
}
