/* SPDX-License-Identifier: GPL-2.0-or-later
 * certificate-rules.h: may this meter be cut now? Asked when the order is given and again when it waited. Pure. */
#pragma once
#include "shared/api/till-enums.h"
#include "shared/base/till-time.h"

G_BEGIN_DECLS

typedef enum { TILLD_CUT_OPERATOR, TILLD_CUT_ARREARS, TILLD_CUT_SCHEDULE, TILLD_CUT_SHEDDING } TilldCutReason;

typedef struct {
  TilldCutReason reason;
  gboolean       life_support, installed; /* installed: the device is still the one the order was given for */
  gboolean       has_reading;
  gint64         reading_age_s, balance, overdraft; /* money or Wh */
} TilldCutFacts;

/* NULL: it may. Otherwise the sentence that says why not. */
const char *tilld_certificate_refusal (const TilldCutFacts *facts);
/* Word of `off_reason` in the value of a force_off; unknown or NULL: an operator's. */
TilldCutReason tilld_cut_reason_from_word (const char *word);

G_END_DECLS
