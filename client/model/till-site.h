/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-site.h: a site and what is set for it. Fields: id code name zone currency service-phone sell-offline (bool) hoard-limit
 * status-interval-s full-interval-s version. */
#pragma once
#include "client/model/till-record.h"

G_BEGIN_DECLS

#define TILL_TYPE_SITE (till_site_get_type ())
TILL_DECLARE_RECORD (TillSite, till_site, SITE)

G_END_DECLS
