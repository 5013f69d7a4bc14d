/* SPDX-License-Identifier: GPL-2.0-or-later
 * commission-run.c: the steps of a walk in their order, those that look only (display, serial, agreement), and what all steps share. */
#include <string.h>
#include "server/domain/control/commission-private.h"
#include "server/domain/plant/value-text.h"
#include "server/profile/profile-decode.h"
#include "shared/base/till-json-check.h"

#define VALUES_MAX 5

gint64
tilld_commission_civil (const TilldCommission *c, TillTime at)
{
  return at / TILL_SECOND + till_zone_offset_min (c->zone, at) * 60;
}

void
tilld_commission_note (TilldCommission *c, const char *verdict, const char *format, ...)
{
  g_autofree char *text = NULL;
  char             at[TILL_TIME_TEXT];
  JsonObject      *line = json_object_new ();
  va_list          args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  json_object_set_string_member (line, "step", c->step);
  json_object_set_string_member (line, "verdict", verdict);
  json_object_set_string_member (line, "text", text);
  json_object_set_string_member (line, "at", till_time_print (c->now, at));
  json_array_add_object_element (c->steps, line);
}

void
tilld_commission_prove (TilldCommission *c, TilldProvenWrite write, int effective_class, const char *candidate)
{
  JsonObject *one = json_object_new ();

  if (!json_object_has_member (c->facts, "proved"))
    json_object_set_array_member (c->facts, "proved", json_array_new ());
  json_object_set_string_member (one, "write", tilld_proven_words[write]);
  if (effective_class >= 0)
    json_object_set_int_member (one, "effective_class", effective_class);
  if (candidate != NULL)
    json_object_set_string_member (one, "candidate", candidate);
  json_array_add_object_element (json_object_get_array_member (c->facts, "proved"), one);
}

void
tilld_commission_ask (TillJsonWrite *w, const char *look_at, const char *text, const char *const *answers)
{
  till_json_write_text (w, "look_at", look_at);
  till_json_write_text (w, "text", text);
  till_json_write_begin_array (w, "answers");
  for (; *answers != NULL; answers++)
    till_json_write_text (w, NULL, *answers);
  till_json_write_end_array (w);
}

static gboolean
end_walk (TilldCommission *c, const char *state)
{
  g_strlcpy (c->state, state, sizeof c->state);
  json_object_remove_member (c->facts, "trial");
  return TRUE;
}

/* --- display: five values, in both orders of words --- */

static const TilldPointName shown[] = { TILLD_POINT_ENERGY_TOTAL, TILLD_POINT_BALANCE, TILLD_POINT_PURCHASED_TOTAL, TILLD_POINT_U, TILLD_POINT_U_A,
                                        TILLD_POINT_P, TILLD_POINT_PURCHASE_COUNT, TILLD_POINT_I, TILLD_POINT_I_A, TILLD_POINT_F };

static guint
shown_points (const TilldProfile *profile, const TilldPoint *points[VALUES_MAX])
{
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (shown) && n < VALUES_MAX; i++)
    {
      const TilldPoint *point = tilld_profile_point (profile, shown[i]);

      if (point != NULL && point->type != TILLD_TYPE_SUM)
        points[n++] = point;
    }
  return n;
}

static gboolean
display_enter (TilldCommission *c, GError **error)
{
  const TilldPoint *points[VALUES_MAX];
  TilldTry          what = { .unit = (guint8) c->unit };

  what.n_reads = shown_points (c->profile, points);
  for (guint i = 0; i < what.n_reads; i++)
    {
      what.reads[i].at = points[i]->at;
      what.reads[i].count = points[i]->registers;
    }
  return tilld_commission_try (c, "read", &what, error);
}

static gboolean
display_result (TilldCommission *c, const TilldTrialResult *result, GError **error)
{
  TilldWordOrder    used = c->order != TILLD_WORDS_DEFAULT ? c->order : c->profile->word_order;
  TilldWordOrder    other = used == TILLD_WORDS_LITTLE ? TILLD_WORDS_BIG : TILLD_WORDS_LITTLE;
  JsonArray        *values = json_array_new ();
  const TilldPoint *points[VALUES_MAX];
  guint             n = shown_points (c->profile, points), good = 0;

  for (guint i = 0; i < n && i < result->n; i++)
    {
      JsonObject      *one = json_object_new ();
      const guint16   *words = result->reads[i].words;
      gboolean         is_long = points[i]->registers == 2;
      g_autofree char *as_read = result->reads[i].good ? tilld_value_text (c->profile, points[i], used, words) : NULL;
      g_autofree char *swapped = result->reads[i].good && is_long ? tilld_value_text (c->profile, points[i], other, words) : NULL;

      good += as_read != NULL;
      json_object_set_string_member (one, "name", tilld_field_word ((int) points[i]->name));
      json_object_set_string_member (one, "value", as_read);
      json_object_set_string_member (one, "swapped", swapped);
      json_array_add_object_element (values, one);
    }
  json_object_set_array_member (c->facts, "values", values);
  json_object_set_boolean_member (c->facts, "answered", good > 0);
  tilld_commission_note (c, good == n ? "noted" : "failed", "%u of %u values were read", good, n);
  return TRUE;
}

static void
display_question (const TilldCommission *c, TillJsonWrite *w)
{
  static const char *const answers[] = { "agree", "swapped", "differ", "again", NULL }, *const silent[] = { "again", NULL };
  gboolean                 answered = json_object_get_boolean_member_with_default (c->facts, "answered", FALSE);
  g_autoptr (JsonNode)     node = json_node_new (JSON_NODE_ARRAY);
  g_autofree char         *values = NULL;

  tilld_commission_ask (w, "display", answered ? "Compare the values with the display of the meter." : "The meter did not answer.",
                        answered ? answers : silent);
  json_node_set_array (node, json_object_get_array_member (c->facts, "values"));
  values = json_to_string (node, FALSE);
  till_json_write_raw (w, "values", values);
}

static gboolean
display_said (TilldCommission *c, const TilldCommissionSaid *said, GError **error)
{
  if (g_str_equal (said->word, "again"))
    return tilld_commission_enter (c, "display", error);
  if (g_str_equal (said->word, "swapped"))
    {
      tilld_commission_note (c, "noted", "the words of long values are the other way round: the gateway's record says so from now on");
      return tilld_commission_swap_words (c, error) && tilld_commission_enter (c, "display", error);
    }
  tilld_commission_note (c, g_str_equal (said->word, "agree") ? "ok" : "failed", "compared with the display by %s: %s", said->who->account, said->word);
  return g_str_equal (said->word, "agree") ? tilld_commission_next (c, error) : end_walk (c, "aborted");
}

/* --- serial --- */

static gboolean
serial_enter (TilldCommission *c, GError **error)
{
  const TilldPoint *point = tilld_profile_point (c->profile, TILLD_POINT_SERIAL);
  TilldTry          what = { .unit = (guint8) c->unit, .n_reads = 1 };

  if (point == NULL)
    {
      tilld_commission_note (c, "skipped", "the model keeps no serial number");
      return tilld_commission_next (c, error);
    }
  what.reads[0].at = point->at;
  what.reads[0].count = point->registers;
  return tilld_commission_try (c, "read", &what, error);
}

static gboolean
serial_result (TilldCommission *c, const TilldTrialResult *result, GError **error)
{
  TilldValue v = { .state = TILLD_VALUE_INVALID };

  if (result->n == 1 && result->reads[0].good)
    tilld_point_decode (c->profile, tilld_profile_point (c->profile, TILLD_POINT_SERIAL), c->order, result->reads[0].words, &v);
  json_object_set_string_member (c->facts, "serial", v.state == TILLD_VALUE_OK ? v.text : "");
  if (v.state == TILLD_VALUE_OK && *v.text != '\0')
    return TRUE;
  tilld_commission_note (c, "skipped", "the meter tells no serial number");
  return tilld_commission_next (c, error);
}

static void
serial_question (const TilldCommission *c, TillJsonWrite *w)
{
  static const char *const answers[] = { "agree", "differ", NULL };

  tilld_commission_ask (w, "name_plate", "Compare the serial number with the name plate.", answers);
  till_json_write_text (w, "serial", json_object_get_string_member_with_default (c->facts, "serial", ""));
}

static gboolean
serial_said (TilldCommission *c, const TilldCommissionSaid *said, GError **error)
{
  const char *serial = json_object_get_string_member_with_default (c->facts, "serial", "");

  tilld_commission_note (c, g_str_equal (said->word, "agree") ? "ok" : "failed", "serial number %s compared by %s: %s", serial, said->who->account, said->word);
  if (!g_str_equal (said->word, "agree"))
    return end_walk (c, "aborted");
  return tilld_commission_set_serial (c, serial, error) && tilld_commission_next (c, error);
}

/* --- the second operator --- */

static gboolean
agree_enter (TilldCommission *c, GError **error)
{
  return TRUE;
}

static void
agree_question (const TilldCommission *c, TillJsonWrite *w)
{
  static const char *const answers[] = { "agree", "refuse", NULL };
  g_autoptr (JsonNode)     node = NULL;
  g_autofree char         *proved = NULL;

  tilld_commission_ask (w, "protocol", "A second operator reads the protocol and agrees.", answers);
  if (!json_object_has_member (c->facts, "proved"))
    {
      till_json_write_begin_array (w, "proved");
      till_json_write_end_array (w);
      return;
    }
  node = json_node_copy (json_object_get_member (c->facts, "proved"));
  proved = json_to_string (node, FALSE);
  till_json_write_raw (w, "proved", proved);
}

static gboolean
agree_said (TilldCommission *c, const TilldCommissionSaid *said, GError **error)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  g_autofree char     *protocol = NULL;

  if (said->who->operator_id == c->started_by)
    return till_fail (error, TILL_ERROR_APPROVAL_REQUIRED, "another operator has to agree");
  if (c->everywhere && !till_permission_set_has (said->who->permissions, TILL_PERMISSION_APPROVE_CONTROL))
    return till_fail (error, TILL_ERROR_FORBIDDEN, "a proof for all gateways is agreed to by an operator with approve.control");
  if (g_str_equal (said->word, "refuse"))
    {
      tilld_commission_note (c, "failed", "refused by %s: %s", said->who->account, said->note != NULL ? said->note : "");
      return end_walk (c, "aborted");
    }
  tilld_commission_note (c, "ok", "agreed by %s", said->who->account);
  json_node_set_array (node, c->steps);
  protocol = json_to_string (node, FALSE);
  return tilld_commission_proven (c, said->who, protocol, error) && tilld_commission_books (c, said->who, error) && end_walk (c, "done");
}

const TilldCommissionStep tilld_commission_steps[] = {
  { "display", display_enter, display_result, display_said, display_question },
  { "serial", serial_enter, serial_result, serial_said, serial_question },
  { "set_price", tilld_step_setting_enter, tilld_step_setting_result, NULL, NULL },
  { "set_limits", tilld_step_setting_enter, tilld_step_setting_result, NULL, NULL },
  { "set_schedule", tilld_step_setting_enter, tilld_step_setting_result, NULL, NULL },
  { "set_clock", tilld_step_setting_enter, tilld_step_setting_result, NULL, NULL },
  { "relay", tilld_step_relay_enter, tilld_step_relay_result, tilld_step_relay_said, tilld_step_relay_question },
  { "recharge", tilld_step_recharge_enter, tilld_step_recharge_result, tilld_step_recharge_said, tilld_step_recharge_question },
  { "debit", tilld_step_debit_enter, tilld_step_debit_result, NULL, NULL },
  { "agree", agree_enter, NULL, agree_said, agree_question },
  { NULL },
};

/* --- from step to step --- */

gboolean
tilld_commission_enter (TilldCommission *c, const char *step, GError **error)
{
  for (guint i = 0; tilld_commission_steps[i].name != NULL; i++)
    if (g_str_equal (tilld_commission_steps[i].name, step))
      {
        g_strlcpy (c->step, step, sizeof c->step);
        json_object_remove_member (c->facts, "trial");
        return tilld_commission_steps[i].enter (c, error);
      }
  g_assert_not_reached ();
}

gboolean
tilld_commission_next (TilldCommission *c, GError **error)
{
  for (guint i = 0; tilld_commission_steps[i + 1].name != NULL; i++)
    if (g_str_equal (tilld_commission_steps[i].name, c->step))
      return tilld_commission_enter (c, tilld_commission_steps[i + 1].name, error);
  g_assert_not_reached (); /* the last one ends the walk */
}

gboolean
tilld_commission_words (const char *hex, guint16 *words, guint max, guint *ret_n)
{
  gsize len = hex != NULL ? strlen (hex) : 0;

  if (len % 4 != 0 || len / 4 > max)
    return FALSE;
  for (gsize i = 0; i < len; i++)
    if (!g_ascii_isxdigit (hex[i]))
      return FALSE;
  *ret_n = (guint) (len / 4);
  for (guint i = 0; i < *ret_n; i++)
    words[i] = (guint16) (g_ascii_xdigit_value (hex[i * 4]) << 12 | g_ascii_xdigit_value (hex[i * 4 + 1]) << 8 |
                          g_ascii_xdigit_value (hex[i * 4 + 2]) << 4 | g_ascii_xdigit_value (hex[i * 4 + 3]));
  return TRUE;
}

gboolean
tilld_commission_result_take (TilldCommission *c, const char *text, GError **error)
{
  g_autoptr (JsonNode)         node = till_json_parse (text, -1, 1 << 20, error);
  g_autofree TilldTrialResult *result = g_new0 (TilldTrialResult, 1);
  JsonObject                  *o = node != NULL ? json_node_get_object (node) : NULL, *line;
  JsonArray                   *reads;

  if (o == NULL)
    return FALSE;
  result->outcome = json_object_get_string_member (o, "outcome");
  result->ok = g_str_equal (result->outcome, "ok") || g_str_equal (result->outcome, "none");
  result->at = c->now;
  till_time_parse (json_object_get_string_member_with_default (o, "at", ""), &result->at, NULL);
  reads = json_object_get_array_member (o, "reads");
  for (guint i = 0; i < json_array_get_length (reads) && i < G_N_ELEMENTS (result->reads); i++)
    {
      JsonObject *one = json_array_get_object_element (reads, i);

      result->reads[i].good = !json_object_get_null_member (one, "words") &&
                              tilld_commission_words (json_object_get_string_member (one, "words"), result->reads[i].words,
                                                      G_N_ELEMENTS (result->reads[i].words), &result->reads[i].n);
      result->n = i + 1;
    }
  line = json_object_new ();
  json_object_set_string_member (line, "step", c->step);
  json_object_set_string_member (line, "doing", json_object_get_string_member_with_default (c->facts, "doing", ""));
  json_object_set_object_member (line, "frames", json_object_ref (o));
  json_array_add_object_element (c->steps, line);
  json_object_remove_member (c->facts, "trial");
  for (guint i = 0; tilld_commission_steps[i].name != NULL; i++)
    if (g_str_equal (tilld_commission_steps[i].name, c->step) && tilld_commission_steps[i].result != NULL)
      return tilld_commission_steps[i].result (c, result, error);
  return TRUE;
}
