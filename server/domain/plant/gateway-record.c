/* SPDX-License-Identifier: GPL-2.0-or-later
 * gateway-record.c: gateways made, changed, adopted, retired, each in one transaction with its audit row; the field hears it by the
 * doorbell. */
#include "server/domain/plant/gateway-record.h"
#include <string.h>
#include "server/crypto/mac.h"
#include "server/domain/office/audit.h"
#include "server/domain/plant/area.h"
#include "server/domain/plant/feed.h"
#include "server/domain/plant/gateway-unknown.h"
#include "server/domain/plant/preset-fill.h"
#include "shared/base/till-error.h"

static const TilldStatement record_load = {
  .name = "gateway-record-load",
  .sql = "SELECT g.site, g.area, g.code, g.name, g.link, g.address, g.allow_clear, g.fixed_tid, g.simulated, g.registration_mode, g.heartbeat, "
         "g.suites::int8[] AS suites, g.quarantine_s, g.word_order, g.status_interval_s, g.full_interval_s, g.tls_authority, g.tls_pin, g.version, "
         "(SELECT string_agg (p->>'port' || ':' || coalesce (p->>'baud', '9600') || ':' || coalesce (p->>'parity', 'N'), ',' "
         "ORDER BY (p->>'port')::int) FROM jsonb_array_elements (g.ports) p) AS ports "
         "FROM gateway g WHERE g.id = $1 AND g.site = $2 AND g.retired_at IS NULL FOR UPDATE",
  .params = { DB_I64_TYPE, DB_I64_TYPE },
  .columns = { { "site", DB_I64_TYPE }, { "area", DB_I64_TYPE, DB_NULL_OK }, { "code", DB_TEXT_TYPE }, { "name", DB_TEXT_TYPE },
               { "link", DB_I16_TYPE }, { "address", DB_TEXT_TYPE }, { "allow_clear", DB_BOOL_TYPE }, { "fixed_tid", DB_BOOL_TYPE },
               { "simulated", DB_BOOL_TYPE }, { "registration_mode", DB_I16_TYPE }, { "heartbeat", DB_BYTES_TYPE, DB_NULL_OK },
               { "suites", DB_I64_ARRAY_TYPE }, { "quarantine_s", DB_I32_TYPE }, { "word_order", DB_I16_TYPE, DB_NULL_OK },
               { "status_interval_s", DB_I32_TYPE }, { "full_interval_s", DB_I32_TYPE, DB_NULL_OK }, { "tls_authority", DB_TEXT_TYPE, DB_NULL_OK },
               { "tls_pin", DB_BYTES_TYPE, DB_NULL_OK }, { "version", DB_I32_TYPE }, { "ports", DB_TEXT_TYPE, DB_NULL_OK } },
};
static const TilldStatement registrations_of = {
  .name = "gateway-record-registrations",
  .sql = "SELECT registration FROM gateway_registration WHERE gateway = $1 ORDER BY port",
  .params = { DB_I64_TYPE },
  .columns = { { "registration", DB_BYTES_TYPE } },
};
static const TilldStatement record_insert = {
  .name = "gateway-record-insert",
  .sql = "INSERT INTO gateway (code, name, site, link) VALUES ($1, $2, $3, $4) ON CONFLICT (code) DO NOTHING RETURNING id",
  .params = { DB_TEXT_TYPE, DB_TEXT_TYPE, DB_I64_TYPE, DB_I16_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
static const TilldStatement record_save = {
  .name = "gateway-record-save",
  .sql = "UPDATE gateway SET name = $2, area = nullif ($3, 0), link = $4, address = $5, allow_clear = $6, ports = $7, registration_mode = $8, "
         "heartbeat = $9, suites = $10::smallint[], fixed_tid = $11, quarantine_s = $12, word_order = $13, simulated = $14, status_interval_s = $15, "
         "full_interval_s = nullif ($16, 0), tls_authority = $17, tls_pin = $18, best_class = CASE WHEN $19 THEN 0 ELSE best_class END, "
         "version = version + 1 WHERE id = $1",
  .params = { DB_I64_TYPE, DB_TEXT_TYPE, DB_I64_TYPE, DB_I16_TYPE, DB_TEXT_TYPE, DB_BOOL_TYPE, DB_JSON_TYPE, DB_I16_TYPE, DB_BYTES_TYPE,
              DB_I64_ARRAY_TYPE, DB_BOOL_TYPE, DB_I32_TYPE, DB_I16_TYPE, DB_BOOL_TYPE, DB_I32_TYPE, DB_I32_TYPE, DB_TEXT_TYPE, DB_BYTES_TYPE,
              DB_BOOL_TYPE },
};
static const TilldStatement save_master = {
  .name = "gateway-record-master",
  .sql = "UPDATE gateway SET master_key = $2 WHERE id = $1",
  .params = { DB_I64_TYPE, DB_BYTES_TYPE },
};
static const TilldStatement save_secret = {
  .name = "gateway-record-secret",
  .sql = "UPDATE gateway SET vendor_secret = $2 WHERE id = $1",
  .params = { DB_I64_TYPE, DB_BYTES_TYPE },
};
static const TilldStatement registration_owner = {
  .name = "gateway-registration-owner",
  .sql = "SELECT g.code FROM gateway_registration r JOIN gateway g ON g.id = r.gateway WHERE r.registration = $1 AND r.gateway <> $2",
  .params = { DB_BYTES_TYPE, DB_I64_TYPE },
  .columns = { { "code", DB_TEXT_TYPE } },
};
static const TilldStatement registrations_drop = {
  .name = "gateway-registrations-drop",
  .sql = "DELETE FROM gateway_registration WHERE gateway = $1",
  .params = { DB_I64_TYPE },
};
static const TilldStatement registration_add = {
  .name = "gateway-registration-add",
  .sql = "INSERT INTO gateway_registration (registration, gateway, port) VALUES ($1, $2, $3)",
  .params = { DB_BYTES_TYPE, DB_I64_TYPE, DB_I16_TYPE },
};
static const TilldStatement used_ports = {
  .name = "gateway-used-ports",
  .sql = "SELECT m.port, count (*) AS meters FROM meter m WHERE m.gateway = $1 AND m.retired_at IS NULL GROUP BY m.port ORDER BY m.port",
  .params = { DB_I64_TYPE },
  .columns = { { "port", DB_I16_TYPE }, { "meters", DB_I64_TYPE } },
};
static const TilldStatement record_retire = {
  .name = "gateway-record-retire",
  .sql = "UPDATE gateway SET retired_at = now (), master_key = NULL, vendor_secret = NULL, version = version + 1 WHERE id = $1",
  .params = { DB_I64_TYPE },
};
TILLD_STATEMENT (record_load)
TILLD_STATEMENT (registrations_of)
TILLD_STATEMENT (record_insert)
TILLD_STATEMENT (record_save)
TILLD_STATEMENT (save_master)
TILLD_STATEMENT (save_secret)
TILLD_STATEMENT (registration_owner)
TILLD_STATEMENT (registrations_drop)
TILLD_STATEMENT (registration_add)
TILLD_STATEMENT (used_ports)
TILLD_STATEMENT (record_retire)

/* --- record in and out of the database --- */

static gboolean
load_registrations (TilldDb *db, TilldGatewayRecord *r, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_query (db, &registrations_of, &rows, error, DB_I64 (r->id)))
    return FALSE;
  for (guint i = 0; i < MIN (tilld_rows_count (rows), TILLD_FIELD_PORTS); i++)
    {
      gsize         n = 0;
      const guint8 *bytes = tilld_row_bytes (rows, i, "registration", &n);

      r->registrations[i].len = (guint) MIN (n, sizeof r->registrations[i].bytes);
      memcpy (r->registrations[i].bytes, bytes, r->registrations[i].len);
      r->n_registrations++;
    }
  return TRUE;
}

static void
take_row (TilldRows *rows, TilldGatewayRecord *r)
{
  g_autofree gint64 *suites = NULL;
  gsize              n = 0;
  guint              n_suites = 0;
  const guint8      *bytes = tilld_row_bytes (rows, 0, "heartbeat", &n);

  r->site = tilld_row_i64 (rows, 0, "site");
  r->area = tilld_row_i64 (rows, 0, "area");
  g_strlcpy (r->code, tilld_row_text (rows, 0, "code"), sizeof r->code);
  r->name = tilld_row_dup_text (rows, 0, "name");
  r->address = tilld_row_dup_text (rows, 0, "address");
  r->link = (TillLinkKind) tilld_row_i64 (rows, 0, "link");
  r->allow_clear = tilld_row_bool (rows, 0, "allow_clear");
  r->fixed_tid = tilld_row_bool (rows, 0, "fixed_tid");
  r->simulated = tilld_row_bool (rows, 0, "simulated");
  r->prefix_mode = tilld_row_i64 (rows, 0, "registration_mode") == 1;
  r->heartbeat.len = (guint) MIN (n, sizeof r->heartbeat.bytes);
  if (r->heartbeat.len > 0)
    memcpy (r->heartbeat.bytes, bytes, r->heartbeat.len);
  suites = tilld_row_i64_array (rows, 0, "suites", &n_suites);
  for (guint i = 0; i < n_suites; i++)
    r->suites |= (guint8) (1u << suites[i]);
  r->quarantine_s = tilld_row_i64 (rows, 0, "quarantine_s");
  r->word_order = (gint) tilld_row_i64_or (rows, 0, "word_order", -1);
  r->status_interval_s = tilld_row_i64 (rows, 0, "status_interval_s");
  r->full_interval_s = tilld_row_i64 (rows, 0, "full_interval_s");
  r->tls_authority = tilld_row_dup_text (rows, 0, "tls_authority");
  bytes = tilld_row_bytes (rows, 0, "tls_pin", &n);
  r->tls_pinned = bytes != NULL && n == sizeof r->tls_pin;
  if (r->tls_pinned)
    memcpy (r->tls_pin, bytes, n);
  r->version = tilld_row_i64 (rows, 0, "version");
  r->n_ports = tilld_field_ports_parse (tilld_row_text (rows, 0, "ports"), r->ports);
}

/* Locks it. NOT_FOUND also when out of scope. */
static gboolean
load (TilldDb *db, const TilldActor *who, gint64 id, TilldGatewayRecord *r, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_query (db, &record_load, &rows, error, DB_I64 (id), DB_I64 (who->site)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such gateway.");
  r->id = id;
  take_row (rows, r);
  if (who->areas != NULL && (r->area == 0 || !tilld_area_check (db, who, r->area, NULL)))
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such gateway.");
  return load_registrations (db, r, error);
}

static char *
ports_json (const TilldGatewayRecord *r)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < r->n_ports; i++)
    g_string_append_printf (text, "%s{\"port\":%u,\"baud\":%u,\"parity\":\"%c\"}", i == 0 ? "" : ",", r->ports[i].port, r->ports[i].baud,
                            r->ports[i].parity);
  return g_string_free (g_string_append_c (text, ']'), FALSE);
}

static gboolean
save_registrations (TilldDb *db, const TilldGatewayRecord *r, GError **error)
{
  if (!tilld_db_query (db, &registrations_drop, NULL, error, DB_I64 (r->id)))
    return FALSE;
  for (guint i = 0; i < r->n_registrations; i++)
    {
      const TilldDtuText  *it = &r->registrations[i];
      g_autoptr(TilldRows) rows = NULL;
      g_autofree char     *member = g_strdup_printf ("registrations[%u]", i);

      if (!tilld_db_query (db, &registration_owner, &rows, error, DB_BYTES (it->bytes, it->len), DB_I64 (r->id)))
        return FALSE;
      if (tilld_rows_count (rows) > 0)
        {
          till_fail (error, TILL_ERROR_CONFLICT, "Gateway %s has this registration.", tilld_row_text (rows, 0, "code"));
          if (error != NULL)
            till_error_add_field (*error, member, "belongs to another gateway");
          return FALSE;
        }
      if (!tilld_db_query (db, &registration_add, NULL, error, DB_BYTES (it->bytes, it->len), DB_I64 (r->id), DB_I16 (r->ports[i].port)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
save (TilldDb *db, const TilldGatewayRecord *r, gboolean reset_class, GError **error)
{
  g_autofree char *ports = ports_json (r);
  gint64           suites[2];
  guint            n = 0;

  for (guint suite = 1; suite <= 2; suite++)
    if (r->suites & (1u << suite))
      suites[n++] = suite;
  return tilld_db_query (db, &record_save, NULL, error, DB_I64 (r->id), DB_TEXT (r->name), DB_I64 (r->area), DB_I16 (r->link), DB_TEXT (r->address),
                         DB_BOOL (r->allow_clear), DB_JSON (ports), DB_I16 (r->prefix_mode),
                         DB_BYTES (r->heartbeat.len > 0 ? r->heartbeat.bytes : NULL, r->heartbeat.len), DB_I64_ARRAY (suites, n),
                         DB_BOOL (r->fixed_tid), DB_I32 (r->quarantine_s), DB_I16_IF (r->word_order >= 0, r->word_order), DB_BOOL (r->simulated),
                         DB_I32 (r->status_interval_s), DB_I32 (r->full_interval_s), DB_TEXT (r->tls_authority),
                         DB_BYTES (r->tls_pinned ? r->tls_pin : NULL, sizeof r->tls_pin), DB_BOOL (reset_class)) &&
         save_registrations (db, r, error);
}

/* --- keys --- */

static gboolean
wrap (TilldDb *db, const TilldStatement *statement, TilldKeyFile *keys, const TilldGatewayRecord *r, gconstpointer secret, gsize len, GError **error)
{
  g_autofree char  *owner = g_strdup_printf ("gateway:%s", r->code);
  g_autoptr(GBytes) wrapped = secret == NULL ? NULL : tilld_key_file_wrap (keys, owner, secret, len);
  gsize             n = 0;
  gconstpointer     bytes = wrapped == NULL ? NULL : g_bytes_get_data (wrapped, &n);

  return tilld_db_query (db, statement, NULL, error, DB_I64 (r->id), DB_BYTES (bytes, n));
}

static gboolean
make_master (TilldDb *db, TilldKeyFile *keys, const TilldGatewayRecord *r, char **ret_hex, GError **error)
{
  guint8   key[TILLD_MASTER_KEY];
  gboolean good;

  tilld_random (key, sizeof key);
  good = wrap (db, &save_master, keys, r, key, sizeof key, error);
  if (good)
    *ret_hex = tilld_hex (key, sizeof key);
  tilld_wipe (key, sizeof key);
  return good;
}

static gboolean
save_keys (TilldDb *db, TilldKeyFile *keys, const TilldGatewayRecord *r, const TilldGatewayEdit *edit, gboolean creating, char **ret_master,
           GError **error)
{
  *ret_master = NULL;
  if ((edit->has & TILLD_GATEWAY_SECRET) &&
      !wrap (db, &save_secret, keys, r, edit->secret, edit->secret == NULL ? 0 : TILLD_VENDOR_SECRET, error))
    return FALSE;
  if (r->link != TILL_LINK_KIND_DIAL_IN || !(creating || edit->new_key))
    return TRUE;
  return make_master (db, keys, r, ret_master, error);
}

/* --- verbs --- */

static void
overlay (TilldGatewayRecord *r, const TilldGatewayEdit *edit)
{
  const TilldGatewayRecord *in = &edit->record;
  guint32                   has = edit->has;

#define TAKE(bit, member) if (has & (bit)) r->member = in->member
#define TAKE_TEXT(bit, member)            \
  if (has & (bit))                        \
    {                                     \
      g_free (r->member);                 \
      r->member = g_strdup (in->member);  \
    }
  TAKE_TEXT (TILLD_GATEWAY_NAME, name)
  TAKE_TEXT (TILLD_GATEWAY_ADDRESS, address)
  TAKE_TEXT (TILLD_GATEWAY_AUTHORITY, tls_authority)
  TAKE (TILLD_GATEWAY_AREA, area);
  TAKE (TILLD_GATEWAY_LINK, link);
  TAKE (TILLD_GATEWAY_ALLOW_CLEAR, allow_clear);
  TAKE (TILLD_GATEWAY_MODE, prefix_mode);
  TAKE (TILLD_GATEWAY_HEARTBEAT, heartbeat);
  TAKE (TILLD_GATEWAY_SUITES, suites);
  TAKE (TILLD_GATEWAY_FIXED_TID, fixed_tid);
  TAKE (TILLD_GATEWAY_QUARANTINE, quarantine_s);
  TAKE (TILLD_GATEWAY_WORD_ORDER, word_order);
  TAKE (TILLD_GATEWAY_SIMULATED, simulated);
  TAKE (TILLD_GATEWAY_STATUS, status_interval_s);
  TAKE (TILLD_GATEWAY_FULL, full_interval_s);
#undef TAKE
#undef TAKE_TEXT
  if (has & TILLD_GATEWAY_PORTS)
    memcpy (r->ports, in->ports, sizeof r->ports);
  r->n_ports = has & TILLD_GATEWAY_PORTS ? in->n_ports : r->n_ports;
  if (has & TILLD_GATEWAY_REGISTRATIONS)
    memcpy (r->registrations, in->registrations, sizeof r->registrations);
  r->n_registrations = has & TILLD_GATEWAY_REGISTRATIONS ? in->n_registrations : r->n_registrations;
  if (has & TILLD_GATEWAY_PIN)
    memcpy (r->tls_pin, in->tls_pin, sizeof r->tls_pin);
  r->tls_pinned = has & TILLD_GATEWAY_PIN ? in->tls_pinned : r->tls_pinned;
}

static gboolean
check_area (TilldDb *db, const TilldActor *who, gint64 area, GError **error)
{
  if (area == 0 && who->areas == NULL)
    return TRUE;
  if (area != 0 && tilld_area_check (db, who, area, NULL))
    return TRUE;
  till_fail (error, TILL_ERROR_INVALID, "The gateway needs a place of yours.");
  if (error != NULL)
    till_error_add_field (*error, "area", "no such area, or not one of yours");
  return FALSE;
}

static gboolean
tell (TilldDb *db, const TilldActor *who, const TilldGatewayRecord *r, const char *action, GError **error)
{
  g_autofree char *object = g_strdup_printf ("gateway:%" G_GINT64_FORMAT, r->id);
  g_autofree char *after = g_strdup_printf ("{\"code\":\"%s\",\"link\":\"%s\",\"allow_clear\":%s}", r->code, till_link_kind_word (r->link),
                                            r->allow_clear ? "true" : "false");

  return tilld_feed_add_ids (db, "gateway", &r->id, 1, error) && tilld_bell_ring (db, "till_plant", error) &&
         tilld_audit_write (db, who, &(TilldAuditEntry){ .action = action, .object = object, .after = after }, error);
}

gboolean
tilld_gateway_create (TilldDb *db, const TilldActor *who, TilldKeyFile *keys, const TilldGatewayEdit *edit, gint64 *ret_id, char **ret_master,
                      GError **error)
{
  g_auto(TilldGatewayRecord) r = { .ports = { { 1, 'N', 9600 } }, .n_ports = 1, .suites = 1 << 2, .status_interval_s = 150, .word_order = -1 };
  g_autoptr(TilldRows)       rows = NULL;

  g_assert (tilld_actor_is_set (who) && tilld_db_in_transaction (db));
  r.address = g_strdup ("");
  g_strlcpy (r.code, edit->record.code, sizeof r.code);
  overlay (&r, edit);
  if (!tilld_gateway_record_check (&r, error) || !check_area (db, who, r.area, error) ||
      ((edit->has & TILLD_GATEWAY_STATUS) == 0 && !tilld_preset_status_interval (db, who->site, r.area, &r.status_interval_s, error)) ||
      !tilld_db_query (db, &record_insert, &rows, error, DB_TEXT (r.code), DB_TEXT (r.name), DB_I64 (who->site), DB_I16 (r.link)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    {
      till_fail (error, TILL_ERROR_CONFLICT, "There is a gateway %s already.", r.code);
      if (error != NULL)
        till_error_add_field (*error, "code", "is taken");
      return FALSE;
    }
  r.id = *ret_id = tilld_row_i64 (rows, 0, "id");
  return save (db, &r, FALSE, error) && save_keys (db, keys, &r, edit, TRUE, ret_master, error) && tell (db, who, &r, "gateway.create", error);
}

/* Meters stay where they are: a port they sit on cannot go. */
static gboolean
check_used_ports (TilldDb *db, const TilldGatewayRecord *r, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_query (db, &used_ports, &rows, error, DB_I64 (r->id)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      gint64   port = tilld_row_i64 (rows, i, "port");
      gboolean there = FALSE;

      for (guint k = 0; k < r->n_ports; k++)
        there = there || r->ports[k].port == port;
      if (there)
        continue;
      till_fail (error, TILL_ERROR_CONFLICT, "%" G_GINT64_FORMAT " meters sit on port %" G_GINT64_FORMAT ".", tilld_row_i64 (rows, i, "meters"), port);
      if (error != NULL)
        till_error_add_field (*error, "ports", "a port with meters is missing");
      return FALSE;
    }
  return TRUE;
}

gboolean
tilld_gateway_update (TilldDb *db, const TilldActor *who, TilldKeyFile *keys, const TilldGatewayEdit *edit, gint64 version, char **ret_master,
                      GError **error)
{
  g_auto(TilldGatewayRecord) r = { .id = 0 };

  g_assert (tilld_actor_is_set (who) && tilld_db_in_transaction (db));
  if (!load (db, who, edit->record.id, &r, error))
    return FALSE;
  if (r.version != version)
    return till_fail (error, TILL_ERROR_STALE, "Somebody changed this gateway meanwhile.");
  overlay (&r, edit);
  return tilld_gateway_record_check (&r, error) && ((edit->has & TILLD_GATEWAY_AREA) == 0 || check_area (db, who, r.area, error)) &&
         check_used_ports (db, &r, error) && save (db, &r, edit->reset_class, error) &&
         save_keys (db, keys, &r, edit, FALSE, ret_master, error) && tell (db, who, &r, "gateway.update", error);
}

gboolean
tilld_gateway_retire (TilldDb *db, const TilldActor *who, gint64 id, gint64 version, GError **error)
{
  g_auto(TilldGatewayRecord) r = { .id = 0 };
  g_autoptr(TilldRows)       rows = NULL;

  g_assert (tilld_actor_is_set (who) && tilld_db_in_transaction (db));
  if (!load (db, who, id, &r, error))
    return FALSE;
  if (r.version != version)
    return till_fail (error, TILL_ERROR_STALE, "Somebody changed this gateway meanwhile.");
  if (!tilld_db_query (db, &used_ports, &rows, error, DB_I64 (id)))
    return FALSE;
  if (tilld_rows_count (rows) > 0)
    return till_fail (error, TILL_ERROR_CONFLICT, "The gateway has meters: move or replace them first.");
  return tilld_db_query (db, &registrations_drop, NULL, error, DB_I64 (id)) && tilld_db_query (db, &record_retire, NULL, error, DB_I64 (id)) &&
         tell (db, who, &r, "gateway.retire", error);
}

/* The list shows bytes escaped; back to what came. FALSE: it was cut. */
static gboolean
unescape (const char *shown, TilldDtuText *ret)
{
  ret->len = 0;
  for (const char *p = shown; *p != '\0';)
    {
      if (ret->len == sizeof ret->bytes)
        return FALSE;
      if (p[0] == '\\' && p[1] == 'x')
        {
          ret->bytes[ret->len++] = (guint8) (g_ascii_xdigit_value (p[2]) << 4 | g_ascii_xdigit_value (p[3]));
          p += 4;
        }
      else
        ret->bytes[ret->len++] = (guint8) *p++;
    }
  return strchr (shown, '\\') == NULL || strlen (shown) <= 60;
}

gboolean
tilld_gateway_adopt (TilldDb *db, const TilldActor *who, TilldKeyFile *keys, TilldGatewayEdit *edit, gint64 *ret_id, char **ret_master,
                     GError **error)
{
  TilldGatewayUnknown caller;

  g_assert (tilld_db_in_transaction (db));
  if (!tilld_gateway_unknown_take (db, edit->unknown, &caller, error))
    return FALSE;
  edit->record.link = TILL_LINK_KIND_DIAL_IN;
  edit->has |= TILLD_GATEWAY_LINK;
  if (g_str_equal (caller.front, "gt3") || g_str_equal (caller.front, "tls"))
    {
      char *hash = strchr (caller.text, '#');

      if (hash != NULL)
        *hash = '\0'; /* code#2 is port 2 of code */
      g_strlcpy (edit->record.code, caller.text, sizeof edit->record.code);
    }
  else if ((edit->has & TILLD_GATEWAY_REGISTRATIONS) == 0)
    {
      if (!unescape (caller.text, &edit->record.registrations[0]))
        return till_fail (error, TILL_ERROR_CONFLICT, "The list holds only the beginning of what it sent: give its registration yourself.");
      edit->record.n_registrations = 1;
      edit->has |= TILLD_GATEWAY_REGISTRATIONS;
    }
  return tilld_gateway_create (db, who, keys, edit, ret_id, ret_master, error);
}

gboolean
tilld_gateway_certify (TilldDb *db, const TilldActor *who, gint64 id, guint port, char **ret_code, GError **error)
{
  g_auto(TilldGatewayRecord) r = { .id = 0 };
  g_autofree char           *object = g_strdup_printf ("gateway:%" G_GINT64_FORMAT, id), *after = NULL;
  gboolean                   there = FALSE;

  if (!load (db, who, id, &r, error))
    return FALSE;
  for (guint i = 0; i < r.n_ports; i++)
    there = there || r.ports[i].port == port;
  if (r.link != TILL_LINK_KIND_DIAL_IN || !there)
    {
      till_fail (error, TILL_ERROR_INVALID, "A certificate is for a port of a gateway that dials in.");
      if (error != NULL)
        till_error_add_field (*error, "port", "no such port of a gateway that dials in");
      return FALSE;
    }
  after = g_strdup_printf ("{\"port\":%u}", port);
  if (!tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "gateway.certificate", .object = object, .after = after }, error))
    return FALSE;
  *ret_code = port == 1 ? g_strdup (r.code) : g_strdup_printf ("%s#%u", r.code, port);
  return TRUE;
}
