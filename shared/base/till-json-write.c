/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-json-write.c: appends to one string; misuse of the order of calls asserts. */
#include "shared/base/till-json-write.h"
#include <string.h>
#include "shared/base/till-json-check.h"

struct _TillJsonWrite {
  GString *text;
  char     open[TILL_JSON_DEPTH_MAX]; /* '{' or '[' of each open container */
  guint    depth;
  gboolean first;                     /* nothing written yet in the innermost container */
};

TillJsonWrite *
till_json_write_new (void)
{
  TillJsonWrite *w = g_new0 (TillJsonWrite, 1);
  w->text = g_string_sized_new (256);
  w->first = TRUE;
  return w;
}

void
till_json_write_free (TillJsonWrite *w)
{
  if (w->text != NULL)
    g_string_free (w->text, TRUE);
  g_free (w);
}

char *
till_json_write_free_to_text (TillJsonWrite *w, gsize *ret_len)
{
  char *text;

  g_assert (w->depth == 0 && w->text->len > 0);
  if (ret_len != NULL)
    *ret_len = w->text->len;
  text = g_string_free (g_steal_pointer (&w->text), FALSE);
  till_json_write_free (w);
  return text;
}

GBytes *
till_json_write_free_to_bytes (TillJsonWrite *w)
{
  gsize len;
  char *text = till_json_write_free_to_text (w, &len);
  return g_bytes_new_take (text, len);
}

static void
append_quoted (GString *text, const char *value)
{
  g_assert (g_utf8_validate (value, -1, NULL));
  g_string_append_c (text, '"');
  for (const char *at = value; *at != '\0';)
    {
      gsize run = strcspn (at, "\"\\\x01\x02\x03\x04\x05\x06\x07\b\t\n\x0b\f\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a"
                               "\x1b\x1c\x1d\x1e\x1f");
      g_string_append_len (text, at, (gssize) run);
      at += run;
      if (*at == '"' || *at == '\\')
        g_string_append_printf (text, "\\%c", *at++);
      else if (*at == '\n')
        at++, g_string_append (text, "\\n");
      else if (*at != '\0')
        g_string_append_printf (text, "\\u%04x", (guint) (guchar) *at++);
    }
  g_string_append_c (text, '"');
}

/* Comma and name; every value goes through here. */
static void
begin_value (TillJsonWrite *w, const char *name)
{
  gboolean in_object = w->depth > 0 && w->open[w->depth - 1] == '{';

  g_assert (in_object == (name != NULL));
  g_assert (w->depth > 0 || w->text->len == 0); /* one root */
  if (!w->first)
    g_string_append_c (w->text, ',');
  w->first = FALSE;
  if (name != NULL)
    {
      append_quoted (w->text, name);
      g_string_append_c (w->text, ':');
    }
}

static void
begin_container (TillJsonWrite *w, const char *name, char bracket)
{
  begin_value (w, name);
  g_assert (w->depth < TILL_JSON_DEPTH_MAX);
  w->open[w->depth++] = bracket;
  g_string_append_c (w->text, bracket);
  w->first = TRUE;
}

static void
end_container (TillJsonWrite *w, char bracket)
{
  g_assert (w->depth > 0 && w->open[w->depth - 1] == bracket);
  w->depth--;
  g_string_append_c (w->text, bracket == '{' ? '}' : ']');
  w->first = FALSE;
}

void
till_json_write_begin_object (TillJsonWrite *w, const char *name)
{
  begin_container (w, name, '{');
}

void
till_json_write_end_object (TillJsonWrite *w)
{
  end_container (w, '{');
}

void
till_json_write_begin_array (TillJsonWrite *w, const char *name)
{
  begin_container (w, name, '[');
}

void
till_json_write_end_array (TillJsonWrite *w)
{
  end_container (w, '[');
}

void
till_json_write_text (TillJsonWrite *w, const char *name, const char *value)
{
  begin_value (w, name);
  if (value == NULL)
    g_string_append (w->text, "null");
  else
    append_quoted (w->text, value);
}

void
till_json_write_int (TillJsonWrite *w, const char *name, gint64 value)
{
  begin_value (w, name);
  g_string_append_printf (w->text, "%" G_GINT64_FORMAT, value);
}

void
till_json_write_bool (TillJsonWrite *w, const char *name, gboolean value)
{
  begin_value (w, name);
  g_string_append (w->text, value ? "true" : "false");
}

void
till_json_write_null (TillJsonWrite *w, const char *name)
{
  till_json_write_text (w, name, NULL);
}

void
till_json_write_money (TillJsonWrite *w, const char *name, TillMoney value)
{
  till_json_write_decimal (w, name, value, 4);
}

void
till_json_write_energy (TillJsonWrite *w, const char *name, TillEnergy value)
{
  till_json_write_decimal (w, name, value, 3);
}

void
till_json_write_decimal (TillJsonWrite *w, const char *name, gint64 value, guint decimals)
{
  char buf[TILL_MONEY_TEXT];
  till_json_write_text (w, name, till_decimal_print (value, decimals, buf));
}

void
till_json_write_time (TillJsonWrite *w, const char *name, TillTime value)
{
  char buf[TILL_TIME_TEXT];
  till_json_write_text (w, name, value != 0 ? till_time_print (value, buf) : NULL);
}

void
till_json_write_day (TillJsonWrite *w, const char *name, TillDay value)
{
  char buf[TILL_DAY_TEXT];
  till_json_write_text (w, name, till_day_print (value, buf));
}

void
till_json_write_id (TillJsonWrite *w, const char *name, const TillId *value)
{
  char buf[TILL_ID_TEXT];
  till_json_write_text (w, name, value != NULL && !till_id_is_nil (value) ? till_id_print (value, buf) : NULL);
}

void
till_json_write_raw (TillJsonWrite *w, const char *name, const char *json)
{
#ifndef G_DISABLE_ASSERT
  g_autoptr (GError) error = NULL;
  if (!till_json_check (json, -1, G_MAXSSIZE, &error))
    g_error ("raw JSON: %s", error->message);
#endif
  begin_value (w, name);
  g_string_append (w->text, json);
}
