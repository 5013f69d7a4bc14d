/* SPDX-License-Identifier: GPL-2.0-or-later
 * import-plant.c: gateways and meters of a table: what each row would do and what is wrong with it. Changes nothing but a change that is tried
 * and taken back. */
#include "server/domain/control/import-plant.h"
#include <string.h>
#include "shared/api/till-enums.h"
#include "shared/api/till-limits.h"

static const TilldImportWords link_words = { till_link_kind_from_word, "serial, rtu_tcp, modbus_tcp, dial_in" };
static const TilldImportWords class_words = { till_use_class_from_word, "dormitory, shop, office, public, residence, other" };

typedef enum { KIND_GATEWAY, KIND_METER, KIND_UNKNOWN } Kind;

static gboolean
kind_from_word (const char *word, int *ret)
{
  *ret = strcmp (word, "meter") == 0 ? KIND_METER : KIND_GATEWAY;
  return *ret == KIND_METER || strcmp (word, "gateway") == 0;
}

/* Without a word the columns say it: only a gateway has a connection. */
static Kind
kind_of (TilldImportRow *row)
{
  static const TilldImportWords words = { kind_from_word, "gateway, meter" };
  int kind;

  if (tilld_import_cell_word (row, "kind", &words, &kind))
    return (Kind) kind;
  if (tilld_import_cell (row, "kind") != NULL)
    return KIND_UNKNOWN; /* its other cells mean nothing yet */
  return tilld_import_cell (row, "link") != NULL && tilld_import_cell (row, "unit") == NULL ? KIND_GATEWAY : KIND_METER;
}

/* The code of the row, when it is right and the first of its kind in the file. */
static const char *
take_code (TilldImportPlant *plan, TilldImportRow *row, Kind kind)
{
  const char *code;
  char *key;
  guint before;

  if (!tilld_import_required (row, "code") || !tilld_import_cell_code (row, "code", kind == KIND_GATEWAY ? 16 : 32, &code))
    return NULL;
  key = g_strconcat (kind == KIND_GATEWAY ? "gateway " : "meter ", code, NULL);
  before = GPOINTER_TO_UINT (g_hash_table_lookup (plan->seen, key));
  if (before == 0)
    {
      g_hash_table_insert (plan->seen, key, GUINT_TO_POINTER (row->index + 1));
      return code;
    }
  tilld_import_wrong (row, "code", "stands in row %u already", before);
  g_free (key);
  return NULL;
}

static const char *
take_name (TilldImportRow *row)
{
  const char *name = tilld_import_cell (row, "name");

  if (name != NULL && g_utf8_strlen (name, -1) > TILL_NAME_CHARS)
    tilld_import_wrong (row, "name", "must have at most %d characters", TILL_NAME_CHARS);
  return name;
}

/* --- gateways --- */

static void
refuse_columns (TilldImportRow *row, const char *const *columns, const char *reason)
{
  for (; *columns != NULL; columns++)
    if (tilld_import_cell (row, *columns) != NULL)
      tilld_import_wrong (row, *columns, "%s", reason);
}

static void
check_new_gateway (TilldImportRow *row, const TilldGatewayEdit *edit)
{
  TilldGatewayRecord record = { .ports = { { 1, 'N', 9600 } }, .n_ports = 1, .suites = 1 << 2, .status_interval_s = 150, .word_order = -1 };
  g_autoptr (GError) error = NULL;

  g_strlcpy (record.code, edit->record.code, sizeof record.code);
  record.name = edit->record.name;
  record.address = edit->record.address != NULL ? edit->record.address : (char *) "";
  record.link = edit->record.link;
  if (!tilld_gateway_record_check (&record, &error))
    tilld_import_wrong_error (row, "code", error);
}

static void
fill_gateway (TilldImportPlant *plan, TilldImportWork *work, TilldImportRow *row, TilldImportStep *step)
{
  const TilldImportGateway *now = step->gateway;
  TilldGatewayEdit *edit = step->edit;
  const char *name = take_name (row), *address = tilld_import_cell (row, "address");
  int link = now->link;

  if (tilld_import_cell_word (row, "link", &link_words, &link) && (now->id == 0 || link != now->link))
    edit->has |= TILLD_GATEWAY_LINK;
  edit->record.link = (TillLinkKind) link;
  if (name != NULL && g_strcmp0 (name, now->name) != 0)
    edit->has |= TILLD_GATEWAY_NAME;
  edit->record.name = g_strdup (name != NULL ? name : now->code);
  if (now->id == 0)
    edit->has |= TILLD_GATEWAY_NAME;
  if (address != NULL && g_strcmp0 (address, now->address) != 0)
    edit->has |= TILLD_GATEWAY_ADDRESS;
  edit->record.address = g_strdup (address);
  step->area = tilld_import_areas_find (&plan->areas, work, row, TRUE);
  if (step->area != NULL && (now->id == 0 || tilld_import_areas_id (&plan->areas, step->area) != now->area))
    edit->has |= TILLD_GATEWAY_AREA;
}

static void
judge_gateway (TilldImportPlant *plan, TilldImportWork *work, TilldImportRow *row)
{
  static const char *const of_meters[] = { "gateway", "port", "unit", "model", "ct_ratio", "use_class", "tariff", "alarm1", "alarm2", "overload_kw", "serial",
                                           NULL };
  const char *code = take_code (plan, row, KIND_GATEWAY);
  TilldImportGateway *now = code != NULL ? g_hash_table_lookup (plan->gateways, code) : NULL;
  TilldImportStep step = { .row = row->index };

  refuse_columns (row, of_meters, "is for meters only");
  if (code == NULL)
    return;
  if (now != NULL && (now->retired || !now->mine))
    {
      tilld_import_wrong (row, "code", "%s", now->retired
                          ? "is the number of a gateway that was taken out: it needs one of its own" : "is taken: it needs a number of its own");
      return;
    }
  if (now == NULL)
    {
      now = g_new0 (TilldImportGateway, 1);
      *now = (TilldImportGateway){ .code = g_strdup (code), .mine = TRUE, .ports = 1u << 1, .link = TILL_LINK_KIND_RTU_TCP };
      g_hash_table_insert (plan->gateways, now->code, now);
      tilld_import_required (row, "link");
      if (work->who->areas != NULL)
        tilld_import_required (row, "area");
    }
  row->effect = now->id == 0 ? TILLD_EFFECT_CREATE : TILLD_EFFECT_CHANGE;
  step.gateway = now;
  step.id = now->id;
  step.version = now->version;
  step.edit = g_new0 (TilldGatewayEdit, 1);
  g_strlcpy (step.edit->record.code, code, sizeof step.edit->record.code);
  fill_gateway (plan, work, row, &step);
  if (now->id == 0 && row->wrong == NULL)
    check_new_gateway (row, step.edit);
  now->link = step.edit->record.link;
  now->broken = row->wrong != NULL;
  if (now->id != 0 && step.edit->has == 0)
    row->effect = TILLD_EFFECT_SAME;
  if (row->wrong == NULL && row->effect != TILLD_EFFECT_SAME)
    g_array_append_val (plan->gateway_steps, step);
  else
    tilld_gateway_edit_free (step.edit);
}

/* --- meters --- */

static void
take_text (TilldImportRow *row, const char *name, gsize max, char **ret, TilldMeterRecord *m, guint32 bit)
{
  const char *text = tilld_import_cell (row, name);

  if (text == NULL)
    return;
  if (g_utf8_strlen (text, -1) > (glong) max)
    tilld_import_wrong (row, name, "must have at most %u characters", (guint) max);
  *ret = g_strdup (text);
  m->given |= bit;
}

static void
take_tariff (TilldImportPlant *plan, TilldImportRow *row, TilldMeterRecord *m)
{
  const char *name = tilld_import_cell (row, "tariff");
  const gint64 *id = name != NULL ? g_hash_table_lookup (plan->tariffs, name) : NULL;

  if (name == NULL)
    return;
  if (id == NULL)
    tilld_import_wrong (row, "tariff", "there is no tariff \"%s\"", name);
  m->tariff = id != NULL ? *id : 0;
  m->given |= TILLD_METER_TARIFF;
}

static void
take_members (TilldImportPlant *plan, TilldImportWork *work, TilldImportRow *row, TilldImportStep *step)
{
  TilldMeterRecord *m = &step->record;
  const struct { const char *name; gint64 min, max, *ret; guint32 bit; } whole[] = {
    { "port", 1, 16, &m->port, TILLD_METER_PORT }, { "unit", 1, 247, &m->unit, TILLD_METER_UNIT },
    { "ct_ratio", 1, 10000, &m->ct_ratio, TILLD_METER_CT_RATIO },
  };
  const struct { const char *name; guint decimals; gint64 *ret; guint32 bit; } amounts[] = {
    { "alarm1", 4, &m->alarm1, TILLD_METER_ALARM1 }, { "alarm2", 4, &m->alarm2, TILLD_METER_ALARM2 },
    { "overload_kw", 3, &m->overload_w, TILLD_METER_OVERLOAD },
  };

  take_text (row, "name", TILL_NAME_CHARS, &m->name, m, TILLD_METER_NAME);
  take_text (row, "serial", 32, &m->serial, m, TILLD_METER_SERIAL);
  take_text (row, "model", 32, &m->model, m, TILLD_METER_MODEL);
  for (guint i = 0; i < G_N_ELEMENTS (whole); i++)
    if (tilld_import_cell_int (row, whole[i].name, whole[i].min, whole[i].max, whole[i].ret))
      m->given |= whole[i].bit;
  for (guint i = 0; i < G_N_ELEMENTS (amounts); i++)
    if (tilld_import_cell_decimal (row, amounts[i].name, amounts[i].decimals, amounts[i].ret))
      m->given |= amounts[i].bit;
  if (tilld_import_cell_word (row, "use_class", &class_words, &m->use_class))
    m->given |= TILLD_METER_USE_CLASS;
  take_tariff (plan, row, m);
  step->area = tilld_import_areas_find (&plan->areas, work, row, TRUE);
  if (step->area != NULL)
    m->given |= TILLD_METER_AREA;
}

static void
take_gateway (TilldImportPlant *plan, TilldImportRow *row, TilldImportStep *step)
{
  const char *code = tilld_import_cell (row, "gateway");
  TilldImportGateway *gateway = code != NULL ? g_hash_table_lookup (plan->gateways, code) : NULL;
  gint64 port = MAX (step->record.port, 1);

  if (code == NULL)
    return;
  step->record.given |= TILLD_METER_GATEWAY;
  if (gateway == NULL || gateway->retired || !gateway->mine)
    {
      tilld_import_wrong (row, "gateway", "there is no gateway \"%s\" that you may see, neither in this file", code);
      return;
    }
  step->gateway = gateway;
  if (gateway->id == 0 && gateway->link == TILL_LINK_KIND_DIAL_IN)
    gateway->ports |= 1u << port;
  else if (!gateway->broken && (gateway->ports & (1u << port)) == 0)
    tilld_import_wrong (row, "port", "gateway %s has no port %" G_GINT64_FORMAT, code, port);
}

/* Gateway, port and address: who sits there already? Those who move in this file are gone by then. */
static void
check_place (TilldImportPlant *plan, TilldImportRow *row, const char *gateway, gint64 port, gint64 unit)
{
  const char *code = tilld_import_cell (row, "code");
  char *place = tilld_import_place (gateway, MAX (port, 1), unit);
  const char *there = g_hash_table_lookup (plan->places, place);

  if (there != NULL && g_strcmp0 (there, code) != 0)
    {
      tilld_import_wrong (row, "unit", "meter %s sits at %s, port %" G_GINT64_FORMAT ", address %" G_GINT64_FORMAT " already", there, gateway, MAX (port, 1),
                          unit);
      g_free (place);
      return;
    }
  g_hash_table_insert (plan->places, place, g_strdup (code));
}

static void
judge_new (TilldImportPlant *plan, TilldImportWork *work, TilldImportRow *row, TilldImportStep *step)
{
  TilldMeterRecord *m = &step->record;
  const TilldProfile *profile = m->model != NULL ? tilld_profiles_get (work->tools->profiles, m->model) : NULL;
  g_autoptr (GError) error = NULL;

  row->effect = TILLD_EFFECT_CREATE;
  m->port = MAX (m->port, 1);
  tilld_import_required (row, "area");
  tilld_import_required (row, "gateway");
  tilld_import_required (row, "unit");
  tilld_import_required (row, "model");
  if (m->model != NULL && profile == NULL)
    tilld_import_wrong (row, "model", "there is no meter model \"%s\"", m->model);
  if (step->gateway != NULL && (m->given & TILLD_METER_UNIT) != 0)
    check_place (plan, row, step->gateway->code, m->port, m->unit);
  if (profile != NULL && (m->given & TILLD_METER_UNIT) != 0 && !tilld_meter_fit (profile, &plan->presets[row->index], m, &step->purse, &error))
    tilld_import_wrong_error (row, "model", error);
  else if (profile != NULL && row->wrong == NULL)
    tilld_import_limits_held (row, profile, m->settlement == TILL_SETTLEMENT_METER, (const gint64[]){ m->alarm1, m->alarm2, m->overload_w });
}

/* Leaves only what differs. */
static void
drop_same (const TilldImportPlant *plan, const TilldImportMeter *now, TilldImportStep *step)
{
  TilldMeterRecord *m = &step->record;
  const struct { gboolean same; guint32 bit; } members[] = {
    { g_strcmp0 (m->name, now->name) == 0, TILLD_METER_NAME }, { g_strcmp0 (m->serial, now->serial) == 0, TILLD_METER_SERIAL },
    { g_strcmp0 (m->model, now->model) == 0, TILLD_METER_MODEL }, { m->port == now->port, TILLD_METER_PORT }, { m->unit == now->unit, TILLD_METER_UNIT },
    { m->ct_ratio == now->ct_ratio, TILLD_METER_CT_RATIO }, { m->use_class == now->use_class, TILLD_METER_USE_CLASS },
    { m->tariff == now->tariff, TILLD_METER_TARIFF }, { m->alarm1 == now->alarm1, TILLD_METER_ALARM1 }, { m->alarm2 == now->alarm2, TILLD_METER_ALARM2 },
    { m->overload_w == now->overload_w, TILLD_METER_OVERLOAD },
    { step->gateway != NULL && step->gateway->id == now->gateway, TILLD_METER_GATEWAY },
    { step->area != NULL && tilld_import_areas_id (&plan->areas, step->area) == now->area, TILLD_METER_AREA },
  };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (members[i].same)
      m->given &= ~members[i].bit;
}

static void
judge_known (TilldImportPlant *plan, TilldImportWork *work, TilldImportRow *row, TilldImportStep *step)
{
  const TilldImportMeter *now = g_hash_table_lookup (plan->meters, tilld_import_cell (row, "code"));
  TilldMeterRecord *m = &step->record;
  gint64 alarm1 = (m->given & TILLD_METER_ALARM1) != 0 ? m->alarm1 : now->alarm1, alarm2 = (m->given & TILLD_METER_ALARM2) != 0 ? m->alarm2 : now->alarm2;
  gboolean unmade = step->gateway != NULL && step->gateway->id == 0;
  g_autoptr (GError) error = NULL;

  step->id = now->id;
  step->version = now->version;
  if (m->model != NULL && tilld_profiles_get (work->tools->profiles, m->model) == NULL)
    tilld_import_wrong (row, "model", "there is no meter model \"%s\"", m->model);
  if (alarm1 <= alarm2)
    tilld_import_wrong (row, "alarm1", "must be greater than alarm2");
  drop_same (plan, now, step);
  row->effect = m->given == 0 ? TILLD_EFFECT_SAME : TILLD_EFFECT_CHANGE;
  if (row->wrong != NULL || m->given == 0)
    return;
  if ((m->given & TILLD_METER_PLACE) != 0 && step->gateway != NULL)
    check_place (plan, row, step->gateway->code, (m->given & TILLD_METER_PORT) != 0 ? m->port : now->port,
                 (m->given & TILLD_METER_UNIT) != 0 ? m->unit : now->unit);
  unmade = unmade || ((m->given & TILLD_METER_AREA) != 0 && tilld_import_areas_id (&plan->areas, step->area) == 0);
  if (row->wrong == NULL && work->in->dry_run && !unmade && !tilld_import_plant_try (work, plan, step, &error))
    tilld_import_wrong_error (row, "code", error);
}

static void
judge_meter (TilldImportPlant *plan, TilldImportWork *work, TilldImportRow *row)
{
  static const char *const of_gateways[] = { "link", "address", NULL };
  const char *code = take_code (plan, row, KIND_METER);
  const TilldImportMeter *now = code != NULL ? g_hash_table_lookup (plan->meters, code) : NULL;
  TilldImportStep step = { .row = row->index };

  refuse_columns (row, of_gateways, "is for gateways only");
  step.record.code = g_strdup (code);
  take_members (plan, work, row, &step);
  take_gateway (plan, row, &step);
  if (now != NULL && (now->retired || !now->mine))
    tilld_import_wrong (row, "code", "%s", now->retired
                        ? "is the number of a meter that was taken out: it needs one of its own" : "is taken: it needs a number of its own");
  else if (now != NULL)
    judge_known (plan, work, row, &step);
  else
    judge_new (plan, work, row, &step);
  if (row->wrong == NULL && row->effect != TILLD_EFFECT_SAME)
    g_array_append_val (plan->meter_steps, step);
  else
    tilld_meter_record_clear (&step.record);
}

/* --- all --- */

/* Places of meters that move are free for others of the file. */
static void
free_places (TilldImportPlant *plan, TilldImportWork *work)
{
  g_autoptr (GHashTable) seats = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, NULL);
  GHashTableIter iter;
  gpointer place, code;

  g_hash_table_iter_init (&iter, plan->places);
  while (g_hash_table_iter_next (&iter, &place, &code))
    g_hash_table_insert (seats, code, place);
  for (guint i = 0; i < work->rows->len; i++)
    {
      TilldImportRow *row = tilld_import_row (work, i);
      const char *meter = tilld_import_cell (row, "code"), *gateway = tilld_import_cell (row, "gateway"), *unit = tilld_import_cell (row, "unit"),
                 *port = tilld_import_cell (row, "port");
      const char *now = meter != NULL ? g_hash_table_lookup (seats, meter) : NULL;
      g_autofree char *then = gateway != NULL && unit != NULL ? g_strdup_printf ("%s/%s/%s", gateway, port != NULL ? port : "1", unit) : NULL;

      if (now != NULL && then != NULL && g_strcmp0 (now, then) != 0)
        {
          g_hash_table_remove (seats, meter);
          g_hash_table_remove (plan->places, now);
        }
    }
}

/* What new meters begin with, for all rows in one question; a place that comes along has the defaults of what is above it. */
static gboolean
find_presets (TilldImportPlant *plan, TilldImportWork *work, GError **error)
{
  g_autofree TilldPresetPlace *places = g_new0 (TilldPresetPlace, work->rows->len + 1);

  plan->presets = g_new0 (TilldPreset, work->rows->len + 1);
  for (guint i = 0; i < work->rows->len; i++)
    {
      const TilldImportRow *row = tilld_import_row (work, i);
      const char *word = tilld_import_cell (row, "use_class");

      places[i].area = tilld_import_areas_near (&plan->areas, tilld_import_cell (row, "area"));
      if (word != NULL)
        till_use_class_from_word (word, &places[i].use_class); /* a wrong one is told at its cell */
    }
  return tilld_preset_find (work->db, work->who->site, places, work->rows->len, plan->presets, error);
}

static gpointer
judge (TilldImportWork *work, GError **error)
{
  TilldImportPlant *plan = g_new0 (TilldImportPlant, 1);
  g_autofree Kind *kinds = g_new0 (Kind, work->rows->len + 1);

  if (!tilld_import_plant_load (work, plan, error) || !find_presets (plan, work, error))
    {
      tilld_import_plant_free (plan);
      return NULL;
    }
  free_places (plan, work);
  for (guint i = 0; i < work->rows->len; i++)
    kinds[i] = kind_of (tilld_import_row (work, i));
  for (guint i = 0; i < work->rows->len; i++)
    if (kinds[i] == KIND_GATEWAY)
      judge_gateway (plan, work, tilld_import_row (work, i));
  for (guint i = 0; i < work->rows->len; i++)
    if (kinds[i] == KIND_METER)
      judge_meter (plan, work, tilld_import_row (work, i));
  work->n_areas = plan->areas.fresh->len;
  return plan;
}

const TilldImportClass tilld_import_plant = { judge, tilld_import_plant_write, tilld_import_plant_free };
