/* SPDX-License-Identifier: GPL-2.0-or-later
 * gateway-check.c: what a gateway record may say. Looks nothing up. */
#include <string.h>
#include "server/crypto/mac.h"
#include "server/domain/plant/gateway-record.h"
#include "shared/base/till-error.h"

#define CODE_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

static void G_GNUC_PRINTF (3, 4)
complain (GError **errors, const char *member, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list          args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  if (*errors == NULL)
    till_fail (errors, TILL_ERROR_INVALID, "The gateway cannot be like this.");
  till_error_add_field (*errors, member, reason);
}

static gboolean
is_host_port (const char *address)
{
  const char *colon = strrchr (address, ':');

  return colon != NULL && colon != address && colon - address < 112 && g_ascii_string_to_unsigned (colon + 1, 10, 1, 65535, NULL, NULL) &&
         strpbrk (address, " \t/@") == NULL;
}

static void
check_address (const TilldGatewayRecord *r, GError **errors)
{
  switch (r->link)
    {
    case TILL_LINK_KIND_SERIAL:
      if (!g_str_has_prefix (r->address, "/dev/") && !(r->simulated && g_path_is_absolute (r->address)))
        complain (errors, "address", "the path of a tty, such as /dev/ttyS0 or /dev/serial/by-id/..");
      break;
    case TILL_LINK_KIND_RTU_TCP:
    case TILL_LINK_KIND_MODBUS_TCP:
      if (!is_host_port (r->address))
        complain (errors, "address", "HOST:PORT, such as 192.0.2.7:502 or [2001:db8::7]:502");
      break;
    case TILL_LINK_KIND_DIAL_IN:
      if (r->address[0] != '\0')
        complain (errors, "address", "empty: this gateway calls the server");
      break;
    }
  if (strlen (r->address) > 111)
    complain (errors, "address", "at most 111 bytes");
}

static void
check_ports (const TilldGatewayRecord *r, GError **errors)
{
  static const guint bauds[] = { 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200 };

  if (r->n_ports == 0)
    complain (errors, "ports", "at least one");
  if (r->link != TILL_LINK_KIND_DIAL_IN && (r->n_ports != 1 || r->ports[0].port != 1))
    complain (errors, "ports", "exactly port 1: an address is one line");
  for (guint i = 0; i < r->n_ports; i++)
    {
      g_autofree char *at = g_strdup_printf ("ports[%u]", i);
      gboolean         known = FALSE;

      for (guint b = 0; b < G_N_ELEMENTS (bauds); b++)
        known = known || bauds[b] == r->ports[i].baud;
      if (!known)
        complain (errors, at, "baud is 1200, 2400, 4800, 9600, 19200, 38400, 57600 or 115200");
      for (guint k = 0; k < i; k++)
        if (r->ports[k].port == r->ports[i].port)
          complain (errors, at, "port %u is there twice", r->ports[i].port);
    }
}

static void
check_registrations (const TilldGatewayRecord *r, GError **errors)
{
  if (r->n_registrations > 0 && r->link != TILL_LINK_KIND_DIAL_IN)
    complain (errors, "registrations", "only for a gateway that dials in");
  if (r->n_registrations > r->n_ports)
    complain (errors, "registrations", "one for each port at most: there are %u ports", r->n_ports);
  if (r->prefix_mode && r->n_registrations == 0)
    complain (errors, "registration_mode", "prefix needs a registration");
  for (guint i = 0; i < r->n_registrations; i++)
    for (guint k = 0; k < i; k++)
      if (r->registrations[i].len == r->registrations[k].len && memcmp (r->registrations[i].bytes, r->registrations[k].bytes, r->registrations[i].len) == 0)
        {
          g_autofree char *at = g_strdup_printf ("registrations[%u]", i);

          complain (errors, at, "is there twice");
        }
}

static void
check_tls (const TilldGatewayRecord *r, GError **errors)
{
  if ((r->tls_authority != NULL || r->tls_pinned) && r->link != TILL_LINK_KIND_RTU_TCP && r->link != TILL_LINK_KIND_MODBUS_TCP)
    complain (errors, "credentials", "tls_authority and tls_pin are for gateways the server dials");
  if (r->tls_authority != NULL && strstr (r->tls_authority, "-----BEGIN CERTIFICATE-----") == NULL)
    complain (errors, "credentials.tls_authority", "a certificate in PEM form");
}

gboolean
tilld_gateway_record_check (const TilldGatewayRecord *r, GError **error)
{
  GError *errors = NULL;
  gsize   n = strlen (r->code);

  if (n == 0 || strspn (r->code, CODE_CHARS) != n)
    complain (&errors, "code", "1 to 16 letters, digits, dots, hyphens and underscores");
  if (r->name == NULL || *r->name == '\0')
    complain (&errors, "name", "is missing");
  check_address (r, &errors);
  check_ports (r, &errors);
  check_registrations (r, &errors);
  check_tls (r, &errors);
  if (r->suites == 0)
    complain (&errors, "suites", "1, 2 or both");
  if (r->fixed_tid && r->link != TILL_LINK_KIND_MODBUS_TCP)
    complain (&errors, "fixed_tid", "only for modbus_tcp");
  if (errors == NULL)
    return TRUE;
  g_propagate_error (error, errors);
  return FALSE;
}

gboolean
tilld_heartbeat_parse (const char *word, TilldDtuText *ret, GError **error)
{
  TilldDtuText text = { .len = 0 };
  gsize        n = strlen (word);

  if (!g_str_has_prefix (word, "0x"))
    {
      if (n == 0 || n > sizeof text.bytes)
        return till_fail (error, TILL_ERROR_INVALID, "1 to 64 bytes, as text or as 0x and hexadecimal digits");
      memcpy (text.bytes, word, n);
      text.len = (guint) n;
      *ret = text;
      return TRUE;
    }
  for (gsize i = 2; i + 1 < n && text.len < sizeof text.bytes; i += 2)
    {
      int high = g_ascii_xdigit_value (word[i]), low = g_ascii_xdigit_value (word[i + 1]);

      if (high < 0 || low < 0)
        break;
      text.bytes[text.len++] = (guint8) (high << 4 | low);
    }
  if (n < 4 || n != 2 + 2 * (gsize) text.len)
    return till_fail (error, TILL_ERROR_INVALID, "after 0x come 2 to 128 hexadecimal digits, an even number of them");
  *ret = text;
  return TRUE;
}

void
tilld_gateway_record_clear (TilldGatewayRecord *record)
{
  g_clear_pointer (&record->name, g_free);
  g_clear_pointer (&record->address, g_free);
  g_clear_pointer (&record->tls_authority, g_free);
}

void
tilld_gateway_edit_free (TilldGatewayEdit *edit)
{
  tilld_gateway_record_clear (&edit->record);
  if (edit->secret != NULL)
    tilld_wipe (edit->secret, strlen (edit->secret));
  g_free (edit->secret);
  g_free (edit);
}
