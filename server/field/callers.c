/* SPDX-License-Identifier: GPL-2.0-or-later
 * callers.c: the directory of gateways that dial in, in memory. What callers do that people should know goes to the database a second
 * later, all of it in one job: a flood of callers is no flood of transactions. */
#include "server/field/callers.h"
#include "server/domain/plant/alarm.h"
#include "server/domain/plant/gateway-unknown.h"
#include "server/field/field-private.h"
#include "shared/base/till-log.h"

#define TELL_MS     1000
#define UNKNOWN_MAX 200 /* different ones in a second; the rest is counted when it calls again */

typedef struct { gint64 gateway; guint port; } Place;

struct _TilldCallers {
  TilldFieldRole *field;
  GHashTable     *by_code;       /* station->record.code -> station */
  GHashTable     *by_id;         /* &station->record.id -> station */
  GHashTable     *registrations; /* GBytes -> Place */
  GArray         *loaded;        /* TilldFieldRegistration, on the lane */
  gboolean        loading, again;
  GArray         *unknown, *telling;  /* TilldGatewayUnknown */
  GHashTable     *attacks, *alarming; /* id of the gateway -> reason */
  gboolean        busy;
  TilldTimer      timer;
};

typedef struct { gint64 gateway, site; const char *reason; } Attack;

/* --- lookups --- */

static TilldStation *
by_code (const char *code, gpointer data)
{
  const TilldCallers *callers = data;

  return g_hash_table_lookup (callers->by_code, code);
}

static TilldStation *
by_registration (const guint8 *text, gsize len, guint *ret_port, gpointer data)
{
  const TilldCallers *callers = data;
  g_autoptr(GBytes)   key = g_bytes_new (text, len);
  const Place        *place = g_hash_table_lookup (callers->registrations, key);
  TilldStation       *station = place == NULL ? NULL : g_hash_table_lookup (callers->by_id, &place->gateway);

  if (station != NULL)
    *ret_port = place->port;
  return station;
}

void
tilld_callers_add (TilldCallers *callers, TilldStation *station)
{
  g_hash_table_replace (callers->by_code, station->record.code, station);
  g_hash_table_replace (callers->by_id, &station->record.id, station);
}

void
tilld_callers_remove (TilldCallers *callers, TilldStation *station)
{
  if (g_hash_table_lookup (callers->by_code, station->record.code) == station)
    g_hash_table_remove (callers->by_code, station->record.code);
  if (g_hash_table_lookup (callers->by_id, &station->record.id) == station)
    g_hash_table_remove (callers->by_id, &station->record.id);
}

/* --- registrations --- */

static gboolean
do_load (TilldDb *db, gpointer data, GError **error)
{
  TilldCallers *callers = data;

  g_array_set_size (callers->loaded, 0);
  return tilld_field_registrations_load (db, callers->loaded, error);
}

static void
loaded (gpointer data, const GError *error)
{
  TilldCallers *callers = data;

  tilld_field_job_ended (callers->field);
  callers->loading = FALSE;
  if (error != NULL)
    {
      till_warn (TILL_LOG_NONE, error, "registrations of gateways not loaded");
      callers->again = TRUE;
    }
  else
    g_hash_table_remove_all (callers->registrations);
  for (guint i = 0; error == NULL && i < callers->loaded->len; i++)
    {
      const TilldFieldRegistration *it = &g_array_index (callers->loaded, TilldFieldRegistration, i);

      g_hash_table_insert (callers->registrations, g_bytes_new (it->bytes, it->len), g_memdup2 (&(Place){ it->gateway, it->port }, sizeof (Place)));
    }
  if (callers->again)
    tilld_timer_arm (callers->field->reactor, &callers->timer, TELL_MS);
}

void
tilld_callers_reload (TilldCallers *callers)
{
  callers->again = callers->loading;
  if (callers->loading || callers->field->draining)
    return;
  callers->loading = tilld_field_push (callers->field, TILLD_LANE_INGEST, TRUE, do_load, loaded, callers, NULL);
  if (!callers->loading)
    {
      callers->again = TRUE;
      tilld_timer_arm (callers->field->reactor, &callers->timer, TELL_MS);
    }
}

/* --- what is told --- */

static gboolean
do_tell (TilldDb *db, gpointer data, GError **error)
{
  TilldCallers  *callers = data;
  GHashTableIter iter;
  gpointer       it;

  if (callers->telling->len > 0 &&
      !tilld_gateway_unknown_note (db, (const TilldGatewayUnknown *) (gpointer) callers->telling->data, callers->telling->len, error))
    return FALSE;
  g_hash_table_iter_init (&iter, callers->alarming);
  while (g_hash_table_iter_next (&iter, NULL, &it))
    {
      const Attack    *attack = it;
      g_autofree char *detail = g_strdup_printf ("{\"reason\":\"%s\"}", attack->reason);
      TilldAlarmEvent  event = { .site = attack->site, .kind = TILL_ALARM_KIND_LOGIN_ATTACK, .gateway = attack->gateway, .detail = detail };

      if (!tilld_alarm_raise (db, &event, error))
        return FALSE;
    }
  return TRUE;
}

static void
told (gpointer data, const GError *error)
{
  TilldCallers *callers = data;

  tilld_field_job_ended (callers->field);
  callers->busy = FALSE;
  if (error != NULL)
    till_warn (TILL_LOG_NONE, error, "callers not recorded");
  if (callers->unknown->len > 0 || g_hash_table_size (callers->attacks) > 0)
    tilld_timer_arm (callers->field->reactor, &callers->timer, TELL_MS);
}

static void
tell (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  TilldCallers *callers = data;
  GArray       *rows = callers->unknown;
  GHashTable   *attacks = callers->attacks;

  if (callers->again)
    tilld_callers_reload (callers);
  if (callers->busy || (rows->len == 0 && g_hash_table_size (attacks) == 0))
    return;
  callers->unknown = callers->telling;
  callers->telling = rows;
  g_array_set_size (callers->unknown, 0);
  callers->attacks = callers->alarming;
  callers->alarming = attacks;
  g_hash_table_remove_all (callers->attacks);
  callers->busy = tilld_field_push (callers->field, TILLD_LANE_INGEST, TRUE, do_tell, told, callers, NULL);
}

static void
unknown (const char *text, const char *front, const char *address, gpointer data)
{
  TilldCallers       *callers = data;
  TilldGatewayUnknown row = { .tries = 1 };

  g_strlcpy (row.text, text, sizeof row.text);
  g_strlcpy (row.front, front, sizeof row.front);
  g_strlcpy (row.address, address, sizeof row.address);
  if (!tilld_timer_is_armed (&callers->timer) && !callers->busy)
    tilld_timer_arm (callers->field->reactor, &callers->timer, TELL_MS);
  for (guint i = 0; i < callers->unknown->len; i++)
    {
      TilldGatewayUnknown *old = &g_array_index (callers->unknown, TilldGatewayUnknown, i);

      if (!g_str_equal (old->text, row.text) || !g_str_equal (old->front, row.front))
        continue;
      old->tries++;
      g_strlcpy (old->address, address, sizeof old->address);
      return;
    }
  if (callers->unknown->len < UNKNOWN_MAX)
    g_array_append_val (callers->unknown, row);
}

static void
attack (TilldStation *station, const char *reason, gpointer data)
{
  TilldCallers *callers = data;
  Attack       *it = g_new0 (Attack, 1);

  *it = (Attack){ station->record.id, station->record.site, reason };
  g_hash_table_replace (callers->attacks, &it->gateway, it);
  if (!tilld_timer_is_armed (&callers->timer) && !callers->busy)
    tilld_timer_arm (callers->field->reactor, &callers->timer, TELL_MS);
}

void
tilld_callers_directory (TilldCallers *callers, TilldDirectory *ret_directory)
{
  *ret_directory = (TilldDirectory){ by_code, by_registration, unknown, attack, callers };
}

TilldCallers *
tilld_callers_new (TilldFieldRole *field)
{
  TilldCallers *callers = g_new0 (TilldCallers, 1);

  callers->field = field;
  callers->by_code = g_hash_table_new (g_str_hash, g_str_equal);
  callers->by_id = g_hash_table_new (g_int64_hash, g_int64_equal);
  callers->registrations = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, g_free);
  callers->loaded = g_array_new (FALSE, TRUE, sizeof (TilldFieldRegistration));
  callers->unknown = g_array_new (FALSE, TRUE, sizeof (TilldGatewayUnknown));
  callers->telling = g_array_new (FALSE, TRUE, sizeof (TilldGatewayUnknown));
  callers->attacks = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  callers->alarming = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  tilld_timer_init (&callers->timer, tell, callers);
  return callers;
}

void
tilld_callers_free (TilldCallers *callers)
{
  tilld_timer_disarm (callers->field->reactor, &callers->timer);
  g_hash_table_unref (callers->by_code);
  g_hash_table_unref (callers->by_id);
  g_hash_table_unref (callers->registrations);
  g_array_unref (callers->loaded);
  g_array_unref (callers->unknown);
  g_array_unref (callers->telling);
  g_hash_table_unref (callers->attacks);
  g_hash_table_unref (callers->alarming);
  g_free (callers);
}
