/* SPDX-License-Identifier: GPL-2.0-or-later
 * world-link.c: reads and writes one link of a world. What a protocol needs must be there, what it does not know is refused. */
#include "tests/simulator/world-link.h"
#include <gio/gio.h>
#include <string.h>
#include "shared/base/till-json-write.h"

#define SECRET_BYTES 16
#define TEXT_BYTES   64
#define PORTS_MAX    16

static const char *const proto_words[] = { "", "dtu", "gt3", "tls", "7b7b", "1f1f", NULL };

const char *
sim_proto_word (SimProto proto)
{
  return proto_words[proto];
}

SimLinkSpec *
sim_link_spec_new (void)
{
  SimLinkSpec *spec = g_new0 (SimLinkSpec, 1);

  spec->suite = 2;
  spec->registrations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return spec;
}

void
sim_link_spec_free (gpointer data)
{
  SimLinkSpec *spec = data;

  g_free (spec->code);
  g_free (spec->at);
  g_free (spec->secret);
  g_free (spec->building);
  g_free (spec->certificate);
  g_free (spec->ca);
  g_ptr_array_unref (spec->registrations);
  g_clear_pointer (&spec->heartbeat, g_bytes_unref);
  g_clear_pointer (&spec->buses, g_ptr_array_unref);
  g_free (spec);
}

/* "GW-%04d" with 7 -> "GW-0007"; anything but %0Nd stays. */
static char *
numbered (const char *text, gboolean repeated, guint number)
{
  const char *mark = repeated ? strstr (text, "%0") : NULL;

  if (!mark || !g_ascii_isdigit (mark[2]) || mark[3] != 'd')
    return g_strdup (text);
  return g_strdup_printf ("%.*s%0*u%s", (int) (mark - text), text, mark[2] - '0', number, mark + 4);
}

void
sim_read_numbered (TillJsonRead *r, const char *name, TillPresence presence, gsize max, guint repeat, char **ret)
{
  g_autofree char *text = NULL;

  if (till_json_read_text (r, name, presence, max, &text))
    *ret = numbered (text, till_json_read_has (r, "count"), repeat + 1);
}

guint
sim_read_uint (TillJsonRead *r, const char *name, TillPresence presence, guint min, guint max, guint otherwise)
{
  gint64 value = otherwise;

  till_json_read_int (r, name, presence, min, max, &value);
  return (guint) value;
}

/* Bytes of a text, or of 0x.. as hexadecimal digits. NULL: odd, or not hexadecimal. */
static GBytes *
bytes_of (const char *text, gboolean hex)
{
  gsize       n = strlen (text) / 2;
  GByteArray *bytes;

  if (!hex)
    return g_bytes_new (text, strlen (text));
  bytes = g_byte_array_sized_new ((guint) n);
  for (gsize i = 0; i < strlen (text); i += 2)
    {
      int    high = g_ascii_xdigit_value (text[i]), low = text[i + 1] ? g_ascii_xdigit_value (text[i + 1]) : -1;
      guint8 byte = (guint8) (high << 4 | low);

      if (high < 0 || low < 0)
        {
          g_byte_array_unref (bytes);
          return NULL;
        }
      g_byte_array_append (bytes, &byte, 1);
    }
  return g_byte_array_free_to_bytes (bytes);
}

static void
add_registration (TillJsonRead *r, const char *text, guint repeat, SimLinkSpec *spec)
{
  g_autofree char *own = numbered (text, till_json_read_has (r, "count"), repeat + 1);
  gboolean         hex = g_str_has_prefix (own, "0x");
  GBytes          *bytes = bytes_of (hex ? own + 2 : own, hex);

  if (!bytes || g_bytes_get_size (bytes) == 0 || g_bytes_get_size (bytes) > TEXT_BYTES)
    till_json_read_error (r, "registration", "must be a text or 0x.. of 1 to %d bytes", TEXT_BYTES);
  if (bytes)
    g_ptr_array_add (spec->registrations, bytes);
}

/* One text, or a list of one for each bus. */
static void
read_registrations (TillJsonRead *r, guint repeat, SimLinkSpec *spec)
{
  JsonNode        *node = till_json_read_has (r, "registration") ? json_object_get_member (r->object, "registration") : NULL;
  g_autofree char *text = NULL;
  JsonArray       *items = NULL;

  if (!node)
    return;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      if (till_json_read_text (r, "registration", TILL_REQUIRED, 2 * TEXT_BYTES + 2, &text))
        add_registration (r, text, repeat, spec);
      return;
    }
  till_json_read_array (r, "registration", TILL_REQUIRED, PORTS_MAX, &items);
  for (guint i = 0; items && i < json_array_get_length (items); i++)
    if (json_node_get_value_type (json_array_get_element (items, i)) == G_TYPE_STRING)
      add_registration (r, json_array_get_string_element (items, i), repeat, spec);
    else
      till_json_read_error (r, "registration", "item %u must be a text", i);
}

static void
read_heartbeat (TillJsonRead *r, SimLinkSpec *spec)
{
  g_autofree char *hex = NULL;
  JsonNode        *node = NULL;
  TillJsonRead     nested;

  if (!till_json_read_object (r, "heartbeat", TILL_OPTIONAL, &node))
    return;
  till_json_read_init_nested (&nested, node, "heartbeat");
  spec->heartbeat_s = sim_read_uint (&nested, "every_s", TILL_REQUIRED, 0, 3600, 0);
  if (till_json_read_text (&nested, "hex", TILL_OPTIONAL, 2 * TEXT_BYTES, &hex) && !(spec->heartbeat = bytes_of (hex, TRUE)))
    till_json_read_error (&nested, "hex", "must be hexadecimal digits");
  till_json_read_end_nested (r, &nested);
}

static void
read_credentials (TillJsonRead *r, guint repeat, SimLinkSpec *spec)
{
  g_autofree char   *key = NULL;
  g_autoptr (GBytes) bytes = NULL;

  sim_read_numbered (r, "key", TILL_OPTIONAL, 2 * sizeof spec->key, repeat, &key);
  bytes = key ? bytes_of (key, TRUE) : NULL;
  if (key && (!bytes || g_bytes_get_size (bytes) != sizeof spec->key))
    till_json_read_error (r, "key", "must be %u hexadecimal digits", (guint) (2 * sizeof spec->key));
  else if (bytes)
    {
      memcpy (spec->key, g_bytes_get_data (bytes, NULL), sizeof spec->key);
      spec->has_key = TRUE;
    }
  sim_read_numbered (r, "secret", TILL_OPTIONAL, SECRET_BYTES, repeat, &spec->secret);
  if (spec->secret && strlen (spec->secret) != SECRET_BYTES)
    till_json_read_error (r, "secret", "must be %d characters", SECRET_BYTES);
  sim_read_numbered (r, "building", TILL_OPTIONAL, 32, repeat, &spec->building);
  sim_read_numbered (r, "certificate", TILL_OPTIONAL, 1024, repeat, &spec->certificate);
  till_json_read_text (r, "ca", TILL_OPTIONAL, 1024, &spec->ca);
}

static void
read_rtt (TillJsonRead *r, SimLinkSpec *spec)
{
  JsonArray *pair = NULL;
  gint64     ms[2] = { 0, 0 };

  if (!till_json_read_array (r, "rtt_ms", TILL_OPTIONAL, 2, &pair))
    return;
  for (guint i = 0; i < json_array_get_length (pair); i++)
    ms[i] = json_node_get_value_type (json_array_get_element (pair, i)) == G_TYPE_INT64 ? json_array_get_int_element (pair, i) : -1;
  if (json_array_get_length (pair) != 2 || ms[0] < 0 || ms[1] < ms[0] || ms[1] > 60000)
    till_json_read_error (r, "rtt_ms", "must be [lo, hi] in ms");
  spec->rtt_lo_ms = (guint) MAX (ms[0], 0);
  spec->rtt_hi_ms = (guint) MAX (ms[1], 0);
}

static void
read_proto (TillJsonRead *r, SimLinkSpec *spec)
{
  g_autofree char *word = NULL;

  if (!till_json_read_text (r, "proto", spec->kind == TILL_LINK_KIND_DIAL_IN ? TILL_REQUIRED : TILL_OPTIONAL, 8, &word))
    return;
  for (guint i = 1; proto_words[i]; i++)
    if (strcmp (word, proto_words[i]) == 0)
      spec->proto = (SimProto) i;
  if (spec->proto == SIM_PROTO_NONE)
    till_json_read_error (r, "proto", "must be dtu, gt3, tls, 7b7b or 1f1f");
  else if (spec->kind != TILL_LINK_KIND_DIAL_IN && (spec->proto != SIM_PROTO_TLS || spec->kind == TILL_LINK_KIND_SERIAL))
    till_json_read_error (r, "proto", "a %s link cannot speak %s", till_link_kind_word (spec->kind), word);
}

static gboolean
is_numeric_address (const char *at)
{
  g_autoptr (GSocketConnectable) parsed = at ? g_network_address_parse (at, 0, NULL) : NULL;
  const char                    *colon = at ? strrchr (at, ':') : NULL;
  GNetworkAddress               *address = parsed ? G_NETWORK_ADDRESS (parsed) : NULL;

  return address && colon && g_hostname_is_ip_address (g_network_address_get_hostname (address)) &&
         g_network_address_get_port (address) > 0;
}

gboolean
sim_read_link (TillJsonRead *r, guint repeat, SimLinkSpec *spec)
{
  g_autofree char *mode = NULL;
  int              kind = 0;

  if (!till_json_read_enum (r, "kind", TILL_REQUIRED, till_link_kind_from_word, &kind))
    return FALSE;
  spec->kind = (TillLinkKind) kind;
  read_proto (r, spec);
  sim_read_numbered (r, "code", TILL_REQUIRED, 16, repeat, &spec->code);
  sim_read_numbered (r, "at", TILL_REQUIRED, 107, repeat, &spec->at);
  if (spec->at && spec->kind != TILL_LINK_KIND_SERIAL && !is_numeric_address (spec->at))
    till_json_read_error (r, "at", "must be ADDRESS:PORT");
  spec->suite = sim_read_uint (r, "suite", TILL_OPTIONAL, 1, 2, 2);
  if (till_json_read_text (r, "registration_mode", TILL_OPTIONAL, 8, &mode))
    {
      spec->prefix = strcmp (mode, "prefix") == 0;
      if (!spec->prefix && strcmp (mode, "once") != 0)
        till_json_read_error (r, "registration_mode", "must be once or prefix");
    }
  spec->heartbeat_s = spec->kind == TILL_LINK_KIND_DIAL_IN && spec->proto != SIM_PROTO_DTU && spec->proto != SIM_PROTO_TLS ? 60 : 0;
  spec->upload_s = sim_read_uint (r, "upload_s", TILL_OPTIONAL, 0, 86400, 0);
  read_heartbeat (r, spec);
  read_credentials (r, repeat, spec);
  read_registrations (r, repeat, spec);
  read_rtt (r, spec);
  return TRUE;
}

static guint
most_buses (const SimLinkSpec *spec)
{
  return spec->kind == TILL_LINK_KIND_DIAL_IN && spec->proto != SIM_PROTO_7B7B ? PORTS_MAX : 1;
}

void
sim_check_link (TillJsonRead *r, const SimLinkSpec *spec)
{
  gboolean tls = spec->proto == SIM_PROTO_TLS, calls = spec->kind == TILL_LINK_KIND_DIAL_IN;
  guint    most = most_buses (spec);

  if (spec->buses->len == 0 || spec->buses->len > most)
    till_json_read_error (r, "buses", most == 1 ? "a %s link is one bus" : "a %s link has 1 to 16 buses",
                          calls ? proto_words[spec->proto] : till_link_kind_word (spec->kind));
  if (spec->proto == SIM_PROTO_GT3 && !spec->has_key)
    till_json_read_error (r, "key", "is required for gt3");
  if (tls && calls && !spec->has_key == !spec->certificate)
    till_json_read_error (r, "key", "tls needs a key or a certificate");
  if (tls && !calls && !spec->certificate)
    till_json_read_error (r, "certificate", "is required for a gateway that is called by TLS");
  if (spec->proto == SIM_PROTO_1F1F && !spec->secret)
    till_json_read_error (r, "secret", "is required for 1f1f");
  if (spec->proto == SIM_PROTO_DTU && spec->registrations->len != spec->buses->len)
    till_json_read_error (r, "registration", "must be one text for each bus");
  if ((spec->proto == SIM_PROTO_DTU || tls) && spec->heartbeat_s > 0 && !spec->heartbeat)
    till_json_read_error (r, "heartbeat.hex", "is required for %s", proto_words[spec->proto]);
}

static void
write_hex (TillJsonWrite *json, const char *name, const char *lead, const guint8 *bytes, gsize n)
{
  g_autoptr (GString) text = g_string_new (lead);

  for (gsize i = 0; i < n; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  till_json_write_text (json, name, text->str);
}

static void
write_optional (TillJsonWrite *json, const char *name, const char *text)
{
  if (text)
    till_json_write_text (json, name, text);
}

static void
write_bytes (TillJsonWrite *json, const char *name, const char *lead, GBytes *bytes)
{
  gsize         n;
  const guint8 *data = g_bytes_get_data (bytes, &n);

  write_hex (json, name, lead, data, n);
}

void
sim_write_link (const SimLinkSpec *spec, gpointer json)
{
  till_json_write_text (json, "code", spec->code);
  till_json_write_text (json, "kind", till_link_kind_word (spec->kind));
  till_json_write_text (json, "at", spec->at);
  if (spec->proto != SIM_PROTO_NONE)
    till_json_write_text (json, "proto", proto_words[spec->proto]);
  if (spec->proto == SIM_PROTO_GT3)
    till_json_write_int (json, "suite", spec->suite);
  if (spec->has_key)
    write_hex (json, "key", "", spec->key, sizeof spec->key);
  write_optional (json, "secret", spec->secret);
  write_optional (json, "building", spec->building);
  write_optional (json, "certificate", spec->certificate);
  write_optional (json, "ca", spec->ca);
  if (spec->registrations->len > 0)
    {
      till_json_write_begin_array (json, "registration");
      for (guint i = 0; i < spec->registrations->len; i++)
        write_bytes (json, NULL, "0x", spec->registrations->pdata[i]);
      till_json_write_end_array (json);
      till_json_write_text (json, "registration_mode", spec->prefix ? "prefix" : "once");
    }
  if (spec->kind == TILL_LINK_KIND_DIAL_IN)
    {
      till_json_write_begin_object (json, "heartbeat");
      if (spec->heartbeat)
        write_bytes (json, "hex", "", spec->heartbeat);
      till_json_write_int (json, "every_s", spec->heartbeat_s);
      till_json_write_end_object (json);
      till_json_write_int (json, "upload_s", spec->upload_s);
    }
  till_json_write_begin_array (json, "rtt_ms");
  till_json_write_int (json, NULL, spec->rtt_lo_ms);
  till_json_write_int (json, NULL, spec->rtt_hi_ms);
  till_json_write_end_array (json);
}
