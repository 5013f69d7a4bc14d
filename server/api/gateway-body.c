/* SPDX-License-Identifier: GPL-2.0-or-later
 * gateway-body.c: JSON -> edit of a gateway record. Checks form alone; what fits together is the record's check. */
#include "server/api/gateway-body.h"
#include <string.h>
#include "server/crypto/mac.h"
#include "shared/api/till-limits.h"

#define PEM_BYTES 16384

/* Notes that the member is there, also as null. */
static gboolean
there (TillJsonRead *r, const char *name, TilldGatewayEdit *edit, TilldGatewayMember bit)
{
  if (r->object == NULL || !json_object_has_member (r->object, name))
    return FALSE;
  edit->has |= bit;
  return TRUE;
}

static gboolean
word_order_from_word (const char *word, int *ret)
{
  *ret = g_str_equal (word, "little");
  return *ret || g_str_equal (word, "big");
}

static gboolean
mode_from_word (const char *word, int *ret)
{
  *ret = g_str_equal (word, "prefix");
  return *ret || g_str_equal (word, "once");
}

static gboolean
parity_from_word (const char *word, int *ret)
{
  *ret = word[0];
  return strlen (word) == 1 && strchr ("NEO", word[0]) != NULL;
}

static gboolean
no_class_from_word (const char *word, int *ret)
{
  *ret = 0;
  return g_str_equal (word, "none");
}

static void
read_ports (TillJsonRead *r, TilldGatewayEdit *edit)
{
  JsonArray *array = NULL;

  if (!there (r, "ports", edit, TILLD_GATEWAY_PORTS) || !till_json_read_array (r, "ports", TILL_REQUIRED, TILLD_FIELD_PORTS, &array) || array == NULL)
    return;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *path = g_strdup_printf ("ports[%u]", i);
      gint64           port = 0, baud = 9600;
      int              parity = 'N';
      TillJsonRead     one;

      till_json_read_init_nested (&one, json_array_get_element (array, i), path);
      till_json_read_int (&one, "port", TILL_REQUIRED, 1, TILLD_FIELD_PORTS, &port);
      till_json_read_int (&one, "baud", TILL_OPTIONAL, 300, 921600, &baud);
      till_json_read_enum (&one, "parity", TILL_OPTIONAL, parity_from_word, &parity);
      till_json_read_end_nested (r, &one);
      edit->record.ports[edit->record.n_ports++] = (TilldFieldPort){ (guint8) port, (char) parity, (guint) baud };
    }
}

static const char *
text_of (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
}

static void
read_registrations (TillJsonRead *r, TilldGatewayEdit *edit)
{
  JsonArray *array = NULL;

  if (!there (r, "registrations", edit, TILLD_GATEWAY_REGISTRATIONS))
    return;
  till_json_read_array (r, "registrations", TILL_OPTIONAL, TILLD_FIELD_PORTS, &array);
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      g_autofree char   *path = g_strdup_printf ("registrations[%u]", i);
      const char        *word = text_of (json_array_get_element (array, i));
      g_autoptr (GError) error = NULL;

      if (word == NULL)
        till_json_read_error (r, path, "must be a text");
      else if (!tilld_dtu_registration_parse (word, &edit->record.registrations[i], &error))
        till_json_read_error (r, path, "%s", error->message);
      edit->record.n_registrations++;
    }
}

static void
read_heartbeat (TillJsonRead *r, TilldGatewayEdit *edit)
{
  g_autofree char   *word = NULL;
  g_autoptr (GError) error = NULL;

  if (!there (r, "heartbeat", edit, TILLD_GATEWAY_HEARTBEAT))
    return;
  till_json_read_secret (r, "heartbeat", TILL_OPTIONAL, 130, &word);
  if (word != NULL && *word != '\0' && !tilld_heartbeat_parse (word, &edit->record.heartbeat, &error))
    till_json_read_error (r, "heartbeat", "%s", error->message);
}

static void
read_suites (TillJsonRead *r, TilldGatewayEdit *edit)
{
  JsonArray *array = NULL;

  if (!there (r, "suites", edit, TILLD_GATEWAY_SUITES) || !till_json_read_array (r, "suites", TILL_REQUIRED, 2, &array) || array == NULL)
    return;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      gint64    suite = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : 0;

      if (suite < 1 || suite > 2)
        till_json_read_error (r, "suites", "1 (3DES with HMAC), 2 (AES-256-GCM) or both");
      else
        edit->record.suites |= (guint8) (1u << suite);
    }
}

static void
read_pin (TillJsonRead *r, TilldGatewayEdit *edit)
{
  g_autofree char *hex = NULL;
  gboolean         good = TRUE;

  if (!there (r, "tls_pin", edit, TILLD_GATEWAY_PIN))
    return;
  till_json_read_text (r, "tls_pin", TILL_OPTIONAL, 64, &hex);
  if (hex == NULL)
    return;
  good = strlen (hex) == 64;
  for (guint i = 0; i < 32 && good; i++)
    {
      int high = g_ascii_xdigit_value (hex[2 * i]), low = g_ascii_xdigit_value (hex[2 * i + 1]);

      good = high >= 0 && low >= 0;
      edit->record.tls_pin[i] = (guint8) (high << 4 | low);
    }
  edit->record.tls_pinned = good;
  if (!good)
    till_json_read_error (r, "tls_pin", "SHA-256 of the gateway's certificate: 64 hexadecimal digits");
}

static void
read_credentials (TillJsonRead *r, TilldGatewayEdit *edit)
{
  JsonNode    *node = NULL;
  TillJsonRead one;

  if (!till_json_read_object (r, "credentials", TILL_OPTIONAL, &node) || node == NULL)
    return;
  till_json_read_init_nested (&one, node, "credentials");
  if (there (&one, "secret", edit, TILLD_GATEWAY_SECRET))
    till_json_read_secret (&one, "secret", TILL_OPTIONAL, TILLD_VENDOR_SECRET, &edit->secret);
  if (edit->secret != NULL && strlen (edit->secret) != TILLD_VENDOR_SECRET)
    till_json_read_error (&one, "secret", "exactly 16 bytes");
  if (there (&one, "tls_authority", edit, TILLD_GATEWAY_AUTHORITY))
    till_json_read_secret (&one, "tls_authority", TILL_OPTIONAL, PEM_BYTES, &edit->record.tls_authority);
  read_pin (&one, edit);
  till_json_read_bool (&one, "new_key", TILL_OPTIONAL, &edit->new_key);
  till_json_read_end_nested (r, &one);
}

static void
read_numbers (TillJsonRead *r, TilldGatewayEdit *edit)
{
  TilldGatewayRecord *in = &edit->record;

  in->status_interval_s = 150;
  in->word_order = -1;
  if (there (r, "area", edit, TILLD_GATEWAY_AREA))
    till_json_read_int (r, "area", TILL_OPTIONAL, 1, G_MAXINT64, &in->area);
  if (there (r, "quarantine_s", edit, TILLD_GATEWAY_QUARANTINE))
    till_json_read_int (r, "quarantine_s", TILL_OPTIONAL, 0, 600, &in->quarantine_s);
  if (there (r, "status_interval_s", edit, TILLD_GATEWAY_STATUS))
    till_json_read_int (r, "status_interval_s", TILL_OPTIONAL, 15, 600, &in->status_interval_s);
  if (there (r, "full_interval_s", edit, TILLD_GATEWAY_FULL))
    till_json_read_int (r, "full_interval_s", TILL_OPTIONAL, 300, 86400, &in->full_interval_s);
  if (there (r, "word_order", edit, TILLD_GATEWAY_WORD_ORDER))
    till_json_read_enum (r, "word_order", TILL_OPTIONAL, word_order_from_word, &in->word_order);
}

static void
read_switches (TillJsonRead *r, TilldGatewayEdit *edit)
{
  TilldGatewayRecord *in = &edit->record;
  int                 word = 0;

  if (there (r, "allow_clear", edit, TILLD_GATEWAY_ALLOW_CLEAR))
    till_json_read_bool (r, "allow_clear", TILL_OPTIONAL, &in->allow_clear);
  if (there (r, "fixed_tid", edit, TILLD_GATEWAY_FIXED_TID))
    till_json_read_bool (r, "fixed_tid", TILL_OPTIONAL, &in->fixed_tid);
  if (there (r, "simulated", edit, TILLD_GATEWAY_SIMULATED))
    till_json_read_bool (r, "simulated", TILL_OPTIONAL, &in->simulated);
  if (there (r, "registration_mode", edit, TILLD_GATEWAY_MODE) &&
      till_json_read_enum (r, "registration_mode", TILL_OPTIONAL, mode_from_word, &word))
    in->prefix_mode = word == 1;
  if (till_json_read_has (r, "best_class"))
    edit->reset_class = till_json_read_enum (r, "best_class", TILL_OPTIONAL, no_class_from_word, &word);
}

void
tilld_gateway_body_read (TillJsonRead *r, TilldGatewayEdit *edit, gboolean creating, gboolean with_link)
{
  TillPresence presence = creating ? TILL_REQUIRED : TILL_OPTIONAL;
  int          link = 0;

  if (till_json_read_text (r, "name", presence, TILL_NAME_CHARS, &edit->record.name) && edit->record.name != NULL)
    edit->has |= TILLD_GATEWAY_NAME;
  if (with_link && there (r, "link", edit, TILLD_GATEWAY_LINK))
    till_json_read_enum (r, "link", TILL_REQUIRED, till_link_kind_from_word, &link);
  else if (with_link && creating)
    till_json_read_enum (r, "link", TILL_REQUIRED, till_link_kind_from_word, &link);
  edit->record.link = (TillLinkKind) link;
  if (there (r, "address", edit, TILLD_GATEWAY_ADDRESS))
    till_json_read_text (r, "address", TILL_OPTIONAL, 111, &edit->record.address);
  if (edit->record.address == NULL)
    edit->record.address = g_strdup ("");
  read_numbers (r, edit);
  read_switches (r, edit);
  read_ports (r, edit);
  read_registrations (r, edit);
  read_heartbeat (r, edit);
  read_suites (r, edit);
  read_credentials (r, edit);
}
