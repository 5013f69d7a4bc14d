/* SPDX-License-Identifier: GPL-2.0-or-later
 * json-check.c: any bytes as JSON: refused with a reason, or readable by json-glib and by the typed getters. Texts that come
 * through are cleaned and escaped without harm. */
#include "shared/base/till-json-check.h"
#include "shared/base/till-json-read.h"
#include "shared/base/till-text.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL, read_error = NULL;
  gboolean good = till_json_check ((const char *) data, (gssize) size, 65536, &error);
  g_autoptr (JsonNode) node = good ? till_json_parse ((const char *) data, (gssize) size, 65536, NULL) : NULL;
  g_autofree char *escaped = till_text_escape ((const char *) data, (gssize) size, 200), *text = NULL, *note = NULL;
  TillMoney amount = 0;
  TillJsonRead r;

  g_assert_true (g_utf8_validate (escaped, -1, NULL));
  g_assert_true (good == (error == NULL));
  g_assert_true (good == (node != NULL));
  if (node == NULL)
    return 0;
  till_json_read_init (&r, node);
  till_json_read_money (&r, "amount", TILL_OPTIONAL, &amount);
  till_json_read_text (&r, "note", TILL_OPTIONAL, 200, &note);
  till_json_read_finish (&r, &read_error);
  g_assert_true (note == NULL || g_utf8_validate (note, -1, NULL));
  return 0;
}
