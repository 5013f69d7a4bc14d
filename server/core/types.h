/* SPDX-License-Identifier: GPL-2.0-or-later
 * types.h: opaque structs of the server. A header includes this and what it embeds; append alphabetically. */
#pragma once
#include <glib.h>
#include "shared/base/till-error.h"
#include "shared/base/till-id.h"
#include "shared/base/till-money.h"
#include "shared/base/till-time.h"

typedef struct _TilldClock TilldClock;
typedef struct _TilldConfig TilldConfig;
typedef struct _TilldDb TilldDb;
typedef struct _TilldKeyFile TilldKeyFile;
typedef struct _TilldLane TilldLane;
typedef struct _TilldLanes TilldLanes;
typedef struct _TilldMetric TilldMetric;
typedef struct _TilldReactor TilldReactor;
typedef struct _TilldRing TilldRing;
typedef struct _TilldRows TilldRows;
typedef struct _TilldService TilldService;
