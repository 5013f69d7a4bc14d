/* SPDX-License-Identifier: GPL-2.0-or-later
 * vendor-1f1f-xml.c: GMarkup knows no DTD and no foreign entities; what it passes through is refused here. Unknown elements are passed
 * over, as the vendor adds some; a known one in the wrong place or with a wrong value is an error. */
#include "server/wire/vendor-1f1f-xml.h"
#include <string.h>
#include "shared/base/till-energy.h"

#define DEPTH_MAX 8
#define PORT_MAX  32

typedef struct {
  const char *stack[DEPTH_MAX]; /* interned names of known elements, "" for others */
  guint       depth;
  Tilld1f1fHello *hello;
  GArray     *readings;
  Tilld1f1fReading reading;     /* of the meter that is open */
  char        function[32];     /* of the function that is open, "" = not wanted */
  gboolean    has_root, has_step, has_result;
  GString    *text;             /* of the innermost element */
} Document;

static const char *const names[] = { "building_id", "common", "data", "function", "gateway_id", "id_validate", "md5", "meter", "result",
                                     "root", "sequence" };

static const char *
known (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i], name) == 0)
      return names[i];
  return "";
}

static gboolean
bad (GError **error, const char *reason)
{
  g_set_error_literal (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, reason);
  return FALSE;
}

static gboolean
is_inside (const Document *d, const char *parent)
{
  return d->depth >= 2 && strcmp (d->stack[d->depth - 2], parent) == 0;
}

static const char *
attribute (const char **keys, const char **values, const char *key)
{
  for (guint i = 0; keys[i] != NULL; i++)
    if (strcmp (keys[i], key) == 0)
      return values[i];
  return NULL;
}

static gboolean
take_step (Document *d, const char *operation, GError **error)
{
  static const char *const words[] = { "request", "sequence", "md5", "result" };

  if (d->has_step)
    return bad (error, "two id_validate");
  for (guint i = 0; operation != NULL && i < G_N_ELEMENTS (words); i++)
    if (strcmp (operation, words[i]) == 0)
      {
        d->hello->step = (Tilld1f1fStep) i;
        d->has_step = TRUE;
        return TRUE;
      }
  return bad (error, "id_validate with another operation");
}

gboolean
tilld_1f1f_meter_id (const char *id, guint8 *ret_port, guint8 *ret_unit)
{
  guint port, unit;

  if (strlen (id) != 5)
    return FALSE;
  for (guint i = 0; i < 5; i++)
    if (!g_ascii_isdigit (id[i]))
      return FALSE;
  port = (guint) (id[0] - '0') * 10 + (guint) (id[1] - '0');
  unit = (guint) (id[2] - '0') * 100 + (guint) (id[3] - '0') * 10 + (guint) (id[4] - '0');
  if (port < 1 || port > PORT_MAX || unit < 1 || unit > 247)
    return FALSE;
  *ret_port = (guint8) port;
  *ret_unit = (guint8) unit;
  return TRUE;
}

static gboolean
begin_meter (Document *d, const char *id, GError **error)
{
  d->reading = (Tilld1f1fReading){ .total = -1 };
  for (guint i = 0; i < TILL_N_RATES; i++)
    d->reading.rate[i] = -1;
  if (d->readings->len >= TILLD_1F1F_METERS)
    return bad (error, "more than 1,024 meters");
  return (id != NULL && tilld_1f1f_meter_id (id, &d->reading.port, &d->reading.unit)) || bad (error, "a meter without an id PPAAA");
}

static void
started (GMarkupParseContext *context, const char *name, const char **keys, const char **values, gpointer data, GError **error)
{
  Document   *d = data;
  const char *word = known (name), *failed;

  if (d->depth >= DEPTH_MAX || (d->depth == 0 && d->has_root))
    {
      bad (error, d->depth == 0 ? "a second document" : "deeper than 8");
      return;
    }
  d->has_root = TRUE;
  d->stack[d->depth++] = word;
  g_string_truncate (d->text, 0);
  if (d->hello != NULL && strcmp (word, "id_validate") == 0)
    take_step (d, attribute (keys, values, "operation"), error);
  else if (d->readings != NULL && strcmp (word, "meter") == 0)
    {
      if (is_inside (d, "data"))
        begin_meter (d, attribute (keys, values, "id"), error);
      else
        bad (error, "a meter outside data");
    }
  else if (d->readings != NULL && strcmp (word, "function") == 0)
    {
      if (!is_inside (d, "meter"))
        bad (error, "a function outside a meter");
      failed = attribute (keys, values, "error");
      g_strlcpy (d->function, failed != NULL && failed[0] != '\0' ? "" : attribute (keys, values, "id") != NULL ? attribute (keys, values, "id") : "",
                 sizeof d->function);
    }
}

/* kWh with up to three decimals of any number of digits behind the point: what is beyond is cut, as the register cannot go back. */
static gboolean
take_energy (Document *d, GError **error)
{
  static const struct { const char *id; int rate; } ids[] = {
    { "EPISG", TILL_RATE_DEEP },      { "PowerFlat", TILL_RATE_FLAT }, { "PowerHigh", TILL_RATE_PEAK },
    { "PowerHigher", TILL_RATE_TIP }, { "PowerLow", TILL_RATE_VALLEY }, { "WPP", -1 },
  };
  char       *point;
  TillEnergy  energy;

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      if (strcmp (ids[i].id, d->function) != 0)
        continue;
      g_strstrip (d->text->str);
      point = strchr (d->text->str, '.');
      if (point != NULL && strlen (point) > 4 && strspn (point + 1, "0123456789") == strlen (point + 1))
        point[4] = '\0';
      if (!till_energy_parse (d->text->str, &energy, NULL) || energy < 0)
        return bad (error, "an energy that is no number of kWh");
      if (ids[i].rate < 0)
        d->reading.total = energy;
      else
        d->reading.rate[ids[i].rate] = energy;
    }
  return TRUE;
}

static gboolean
take_text (Document *d, char *ret, gsize size, GError **error)
{
  const char *text = g_strstrip (d->text->str);

  if (ret[0] != '\0' || strlen (text) >= size)
    return bad (error, "a text twice, or too long");
  for (const char *c = text; *c != '\0'; c++)
    if ((guchar) *c < 0x20 || *c == 0x7f)
      return bad (error, "control characters");
  g_strlcpy (ret, text, size);
  return TRUE;
}

static gboolean
end_of_hello (Document *d, const char *word, GError **error)
{
  if (is_inside (d, "common") && strcmp (word, "building_id") == 0)
    return take_text (d, d->hello->building, sizeof d->hello->building, error);
  if (is_inside (d, "common") && strcmp (word, "gateway_id") == 0)
    return take_text (d, d->hello->gateway, sizeof d->hello->gateway, error);
  if (!is_inside (d, "id_validate"))
    return TRUE;
  if (strcmp (word, "sequence") == 0)
    return take_text (d, d->hello->sequence, sizeof d->hello->sequence, error);
  if (strcmp (word, "md5") == 0)
    return take_text (d, d->hello->md5, sizeof d->hello->md5, error);
  if (strcmp (word, "result") == 0)
    {
      d->has_result = TRUE;
      d->hello->passed = strcmp (g_strstrip (d->text->str), "pass") == 0;
    }
  return TRUE;
}

static void
ended (GMarkupParseContext *context, const char *name, gpointer data, GError **error)
{
  Document   *d = data;
  const char *word = d->stack[d->depth - 1];
  gboolean    good = TRUE;

  if (d->hello != NULL)
    good = end_of_hello (d, word, error);
  else if (strcmp (word, "function") == 0)
    good = take_energy (d, error);
  else if (strcmp (word, "meter") == 0)
    g_array_append_val (d->readings, d->reading);
  d->depth--;
  if (good)
    g_string_truncate (d->text, 0);
}

static void
text_came (GMarkupParseContext *context, const char *text, gsize len, gpointer data, GError **error)
{
  Document *d = data;

  if (d->text->len + len > 1024)
    bad (error, "a text too long");
  else
    g_string_append_len (d->text, text, (gssize) len);
}

/* The heading "<?xml ..?>" and nothing else: no DTD, no comments, no sections. */
static void
passed (GMarkupParseContext *context, const char *text, gsize len, gpointer data, GError **error)
{
  if (len < 5 || memcmp (text, "<?xml", 5) != 0)
    bad (error, "a document type, comment or section");
}

static gboolean
parse (Document *d, const char *text, gsize len, GError **error)
{
  static const GMarkupParser      parser = { started, ended, text_came, passed, NULL };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, d, NULL);
  g_autoptr (GString)             inner = g_string_new (NULL);
  g_autoptr (GError)              cause = NULL;

  d->text = inner;
  if (len > 0 && memchr (text, '\0', len) == NULL && g_markup_parse_context_parse (context, text, (gssize) len, &cause) &&
      g_markup_parse_context_end_parse (context, &cause))
    return TRUE;
  return till_fail (error, TILL_ERROR_INVALID, "no such document: %s", cause != NULL ? cause->message : "nothing, or NUL in text");
}

gboolean
tilld_1f1f_xml_hello (const char *text, gsize len, Tilld1f1fHello *ret_hello, GError **error)
{
  Tilld1f1fHello hello = { 0 };
  Document       d = { .hello = &hello };

  if (!parse (&d, text, len, error))
    return FALSE;
  if (!d.has_step || hello.gateway[0] == '\0')
    return till_fail (error, TILL_ERROR_INVALID, "no gateway_id, or no id_validate");
  if ((hello.step == TILLD_1F1F_PROVE && strlen (hello.md5) != TILLD_1F1F_MD5) || (hello.step == TILLD_1F1F_ASK && hello.sequence[0] == '\0') ||
      (hello.step == TILLD_1F1F_RESULT && !d.has_result))
    return till_fail (error, TILL_ERROR_INVALID, "id_validate without what its operation needs");
  *ret_hello = hello;
  return TRUE;
}

gboolean
tilld_1f1f_xml_report (const char *text, gsize len, GArray *ret_readings, GError **error)
{
  Document d = { .readings = ret_readings };

  return parse (&d, text, len, error);
}
