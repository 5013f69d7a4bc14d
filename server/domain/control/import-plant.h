/* SPDX-License-Identifier: GPL-2.0-or-later
 * import-plant.h: between the judge and the writer of gateways and meters. */
#pragma once
#include "server/domain/control/import-private.h"
#include "server/domain/plant/gateway-record.h"
#include "server/domain/plant/meter-edit.h"

G_BEGIN_DECLS

typedef struct {
  gint64      id, version, area; /* id 0 = of this file */
  char       *code, *name, *address;
  int         link;
  gboolean    mine, retired, broken; /* broken: its own row is wrong, which is told there */
  guint32     ports;             /* 1 << port */
} TilldImportGateway;

typedef struct {
  gint64   id, version, gateway, port, unit, ct_ratio, area, tariff, alarm1, alarm2, overload_w; /* alarms as typed: four decimals */
  int      use_class;
  char    *name, *serial, *model;
  gboolean mine, retired;
} TilldImportMeter;

/* What a right row does. */
typedef struct {
  guint               row;
  const char         *area;      /* key of the places; NULL = as it is */
  TilldImportGateway *gateway;   /* made or changed by a gateway's step, sat on by a meter's */
  TilldGatewayEdit   *edit;
  TilldMeterRecord    record;
  TillPurse           purse;
  gint64              id, version; /* 0 = new */
} TilldImportStep;

typedef struct {
  TilldImportAreas areas;
  GHashTable      *gateways, *meters; /* code -> what there is */
  GHashTable      *places;            /* "GW-1/1/12" -> code of the meter */
  GHashTable      *tariffs;
  GHashTable      *seen;              /* "gateway A", "meter B" -> row + 1 */
  TilldPreset     *presets;           /* of the places of the meters, one for each row */
  GArray          *gateway_steps, *meter_steps;
} TilldImportPlant;

gboolean tilld_import_plant_load (TilldImportWork *work, TilldImportPlant *plan, GError **error);
void     tilld_import_plant_free (gpointer plan);
gboolean tilld_import_plant_write (TilldImportWork *work, gpointer plan, GError **error);
/* Would the verb take this change? Tried and taken back. */
gboolean tilld_import_plant_try (TilldImportWork *work, TilldImportPlant *plan, TilldImportStep *step, GError **error);
static inline char *
tilld_import_place (const char *gateway, gint64 port, gint64 unit)
{
  return g_strdup_printf ("%s/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, gateway, port, unit);
}

G_END_DECLS
