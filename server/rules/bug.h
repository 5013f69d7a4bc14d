/* SPDX-License-Identifier: GPL-2.0-or-later
 * bug.h: planted bugs that prove the tests have teeth. Zero in every packaged build; a teeth test compiles the rules once
 * per number. */
#pragma once
#include "config.h"

#ifdef TILLD_PLANT_BUG
#define TILLD_HAS_BUG(n) (TILLD_PLANT_BUG == (n))
#else
#define TILLD_HAS_BUG(n) (TILLD_BUG == (n))
#endif

#define TILLD_BUG_BLIND_RETRY   2  /* an ambiguous outcome is sent again without reading back */
#define TILLD_BUG_NO_SNAPSHOT   3  /* nothing is compared before the write, and the reply is believed */
#define TILLD_BUG_EPOCH         5  /* a reading of another epoch or link is accepted */
#define TILLD_BUG_MONEY_32      10 /* money in 32 bits */
