/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shared/base/till-text.h"
