/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-config-page.c: see till-config-page.h. */
#define G_LOG_DOMAIN "till-config-page"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/config/till-areas-view.h"
#include "client/pages/config/till-config-page.h"
#include "client/pages/config/till-defaults-view.h"
#include "client/pages/config/till-gateways-view.h"
#include "client/pages/config/till-holidays-view.h"
#include "client/pages/config/till-hours-view.h"
#include "client/pages/config/till-log-view.h"
#include "client/pages/config/till-models-view.h"
#include "client/pages/config/till-operators-view.h"
#include "client/pages/config/till-plant-view.h"
#include "client/pages/config/till-proofs-view.h"
#include "client/pages/config/till-unknown-view.h"

struct _TillConfigPage {
  TillSectionPage parent_instance;
};

G_DEFINE_FINAL_TYPE (TillConfigPage, till_config_page, TILL_TYPE_SECTION_PAGE)

static const TillSectionView views[] = {
  { "gateways", N_ ("Gateways"), "meters.view", till_gateways_view_get_type },
  { "areas", N_ ("Areas"), "meters.view", till_areas_view_get_type },
  { "plant", N_ ("Meter records"), "meters.view", till_plant_view_get_type },
  { "unknown", N_ ("Unknown gateways"), "plant.edit", till_unknown_view_get_type },
  { "models", N_ ("Models"), "meters.view", till_models_view_get_type },
  { "defaults", N_ ("Default parameters"), "meters.view", till_defaults_view_get_type },
  { "holidays", N_ ("Calendar"), "meters.view", till_holidays_view_get_type },
  { "hours", N_ ("Protected hours"), "meters.view", till_hours_view_get_type },
  { "proofs", N_ ("Commissioning"), "plant.prove plant.edit", till_proofs_view_get_type },
  { "operators", N_ ("Operators"), "operators.edit", till_operators_view_get_type },
  { "log", N_ ("System log"), "log.view", till_log_view_get_type },
};

static void
till_config_page_class_init (TillConfigPageClass *klass)
{
  TILL_SECTION_PAGE_CLASS (klass)->views = views;
  TILL_SECTION_PAGE_CLASS (klass)->n_views = G_N_ELEMENTS (views);
}

static void
till_config_page_init (TillConfigPage *self)
{
}
