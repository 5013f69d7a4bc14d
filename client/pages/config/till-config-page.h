/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-config-page.h: Configuration: plant and rules. A section page: its table of views is all there is. */
#pragma once
#include "client/pages/till-section-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_CONFIG_PAGE (till_config_page_get_type ())
G_DECLARE_FINAL_TYPE (TillConfigPage, till_config_page, TILL, CONFIG_PAGE, TillSectionPage)

G_END_DECLS
