/* SPDX-License-Identifier: GPL-2.0-or-later
 * profile-load-writes.c: recharge, debit, control and settings of a profile file. */
#include "server/profile/profile-load-writes.h"
#include <string.h>

#define COMMON "evidence", "fc", "at", "scope", "settle_ms"

static gboolean
only (TilldReader *r, JsonObject *object, const char *const *more)
{
  const char *allowed[24] = { COMMON };
  guint       n = 5;

  for (; *more != NULL; more++)
    allowed[n++] = *more;
  return tilld_reader_only (r, object, allowed);
}

/* What the register of a field can hold, in server units. */
static void
type_bounds (const TilldField *field, gint64 *ret_min, gint64 *ret_max)
{
  static const gint64 lows[] = { 0, G_MININT16, 0, G_MININT32 }, highs[] = { G_MAXUINT16, G_MAXINT16, G_MAXUINT32, G_MAXINT32 };
  TilldPointType      type = field->type == TILLD_TYPE_ARRAY ? field->of : field->type;

  *ret_min = type > TILLD_TYPE_I32 ? 0 : lows[type] * field->multiplier;
  *ret_max = type > TILLD_TYPE_I32 ? G_MAXUINT16 : highs[type] * field->multiplier;
}

static gboolean
load_bounds (TilldReader *r, JsonObject *object, TilldField *field)
{
  TilldQuantity quantity = tilld_field_quantity ((int) field->name);
  gint64        low, high;

  type_bounds (field, &low, &high);
  field->min = low;
  field->max = high;
  if (tilld_reader_has (object, "min") && !tilld_reader_amount (r, object, "min", quantity, &field->min))
    return FALSE;
  if (tilld_reader_has (object, "max") && !tilld_reader_amount (r, object, "max", quantity, &field->max))
    return FALSE;
  if (field->min < low || field->min > high)
    return tilld_reader_fail (r, "min", "does not fit the register");
  return (field->max >= field->min && field->max <= high) || tilld_reader_fail (r, "max", "does not fit the register");
}

static gboolean
load_field (TilldReader *r, JsonObject *object, TilldField *field)
{
  static const char *const members[] = { "name", "type", "scale", "min", "max", "order", "count", "of", "fill", NULL };
  const char              *word = tilld_reader_text (r, object, "name", 32);
  int                      name = tilld_field_from_word (word);

  if (word == NULL || !tilld_reader_only (r, object, members))
    return FALSE;
  if (name < 0)
    return tilld_reader_fail (r, "name", "\"%s\" is not the name of a field", word);
  field->name = (TilldFieldName) name;
  if (!tilld_reader_type (r, object, field) || !tilld_reader_multiplier (r, object, tilld_field_quantity (name), &field->multiplier))
    return FALSE;
  if ((name == TILLD_FIELD_PROTECTED) != (field->type == TILLD_TYPE_WINDOWS) ||
      (name == TILLD_FIELD_TIER_TO || name == TILLD_FIELD_TIER_ADD) != (field->type == TILLD_TYPE_ARRAY) ||
      (name == TILLD_FIELD_DAY_PLAN_1 || name == TILLD_FIELD_DAY_PLAN_2) != (field->type == TILLD_TYPE_SLOTS))
    return tilld_reader_fail (r, "type", "does not fit the name");
  return load_bounds (r, object, field);
}

/* Fields lie one after the other from `at`; together they are one request. */
static gboolean
load_fields (TilldReader *r, JsonObject *object, const char *member, TilldWrite *write, guint *ret_registers)
{
  JsonArray *list = tilld_reader_array (r, object, member, 1, TILLD_WRITE_FIELDS_MAX);
  guint      registers = 0;

  if (list == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *item = tilld_reader_node_object (r, json_array_get_element (list, i), member);
      gsize       mark = tilld_reader_push_index (r, member, i);

      if (item == NULL || !load_field (r, item, &write->fields[i]))
        return FALSE;
      for (guint j = 0; j < i; j++)
        if (write->fields[j].name == write->fields[i].name)
          return tilld_reader_fail (r, "name", "is given twice");
      tilld_reader_pop (r, mark);
      write->fields[i].at = (guint16) (write->at + registers);
      registers += write->fields[i].registers;
    }
  write->n_fields = json_array_get_length (list);
  *ret_registers = registers;
  return write->at + registers <= 0x10000 || tilld_reader_fail (r, member, "reach beyond FFFF");
}

static gboolean
load_common (TilldReader *r, const TilldProfile *p, JsonObject *object, TilldWrite *write)
{
  static const char *const scopes[] = { "circuit", "cabinet" };
  gint64                   n = 0;
  int                      word = 0;

  if (p->max_write == 0)
    return tilld_reader_fail (r, NULL, "the bus of this model is never written (max_write 0)");
  if (!tilld_reader_word (r, object, "evidence", tilld_evidence_words, TILLD_EVIDENCE_N, &word))
    return FALSE;
  if (word == TILLD_EVIDENCE_OPEN)
    return tilld_reader_fail (r, "evidence", "\"open\" is not one of the words of this member");
  write->evidence = (TilldEvidence) word;
  if (!tilld_reader_int (r, object, "fc", 6, 16, &n))
    return FALSE;
  if (n != 6 && n != 16)
    return tilld_reader_fail (r, "fc", "must be 6 or 16");
  write->fc = (guint8) n;
  if (!tilld_reader_hex (r, object, "at", &write->at) || !tilld_reader_word (r, object, "scope", scopes, 2, &word))
    return FALSE;
  write->cabinet = word == 1;
  if (write->cabinet && !p->cabinet)
    return tilld_reader_fail (r, "scope", "the units of this model are no cabinet");
  if (!tilld_reader_int (r, object, "settle_ms", 0, 60000, &n))
    return FALSE;
  write->settle_ms = (guint) n;
  return TRUE;
}

static gboolean
check_length (TilldReader *r, const TilldProfile *p, const TilldWrite *write, const char *member)
{
  if (write->registers > p->max_write)
    return tilld_reader_fail (r, member, "are longer than max_write");
  return write->fc != 6 || write->registers == 1 || tilld_reader_fail (r, "fc", "6 writes one register");
}

static gboolean
load_write_fields (TilldReader *r, const TilldProfile *p, JsonObject *object, TilldWrite *write)
{
  guint registers = 0;

  if (!load_fields (r, object, "fields", write, &registers))
    return FALSE;
  write->registers = (guint16) registers;
  return check_length (r, p, write, "fields");
}

/* A proof reads points; all of them must exist in the money group, so that they come from one reply. */
static gboolean
load_proof (TilldReader *r, const TilldProfile *p, JsonObject *object, TilldMoneyWrite *money, gboolean debit)
{
  static const struct { const char *word; gboolean recharge, debit; int points[2]; } proofs[] = {
    { "count+total", TRUE, TRUE, { TILLD_POINT_PURCHASE_COUNT, TILLD_POINT_PURCHASED_TOTAL } },
    { "count+last", TRUE, FALSE, { TILLD_POINT_PURCHASE_COUNT, TILLD_POINT_LAST_AMOUNT } },
    { "total", TRUE, FALSE, { TILLD_POINT_PURCHASED_TOTAL, TILLD_POINT_PURCHASED_TOTAL } },
    { "refund_count+refunded_total", FALSE, TRUE, { TILLD_POINT_REFUND_COUNT, TILLD_POINT_REFUNDED_TOTAL } },
    { "balance", TRUE, TRUE, { TILLD_POINT_BALANCE, TILLD_POINT_BALANCE } },
  };
  JsonObject *verify = tilld_reader_object (r, object, "verify");
  gsize       mark = tilld_reader_push (r, "verify");
  const char *word;

  if (verify == NULL || !tilld_reader_only (r, verify, (const char *const[]){ "proof", debit ? "proof" : "record", NULL }) ||
      !(word = tilld_reader_text (r, verify, "proof", 32)))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (proofs); i++)
    if (g_str_equal (proofs[i].word, word) && (debit ? proofs[i].debit : proofs[i].recharge))
      {
        for (guint j = 0; j < 2; j++)
          {
            gboolean found = FALSE;

            for (guint k = 0; p->money_group >= 0 && k < p->n_in_atomic[p->money_group]; k++)
              found |= (int) p->atomic[p->money_group][k] == proofs[i].points[j];
            if (!found)
              return tilld_reader_fail (r, "proof", "needs %s in the money group", tilld_field_word (proofs[i].points[j]));
          }
        money->proof = proofs[i].word;
      }
  if (money->proof == NULL)
    return tilld_reader_fail (r, "proof", "\"%s\" is not one of the words of this member", word);
  if (!debit && !tilld_reader_bool (r, verify, "record", &money->record))
    return FALSE;
  tilld_reader_pop (r, mark);
  return TRUE;
}

static gboolean
load_count_rules (TilldReader *r, JsonObject *object, TilldMoneyWrite *money)
{
  int same = 0, wrong = 0;

  if (!tilld_reader_word (r, object, "same_count", tilld_count_answer_words, TILLD_ANSWER_N, &same) ||
      !tilld_reader_word (r, object, "wrong_count", tilld_count_answer_words, TILLD_ANSWER_N, &wrong))
    return FALSE;
  if (same == TILLD_ANSWER_ACCEPT)
    return tilld_reader_fail (r, "same_count", "must be ack, refuse or unknown");
  if (wrong == TILLD_ANSWER_ACK)
    return tilld_reader_fail (r, "wrong_count", "must be refuse, accept or unknown");
  money->same_count = (TilldCountAnswer) same;
  money->wrong_count = (TilldCountAnswer) wrong;
  return TRUE;
}

static gboolean
check_money_fields (TilldReader *r, const TilldMoneyWrite *money, gboolean debit)
{
  const TilldWrite *write = &money->write;
  guint             wanted = money->mode == TILLD_MONEY_MODE_COUNT ? 2 : 1;

  if (write->fields[0].name != TILLD_FIELD_AMOUNT || (write->n_fields > 1 && write->fields[1].name != TILLD_FIELD_COUNT))
    return tilld_reader_fail (r, "fields", "must be amount, then count");
  if (debit ? write->n_fields > 2 : write->n_fields != wanted)
    return tilld_reader_fail (r, "fields", "do not fit the mode");
  if (write->n_fields > 1 && write->fields[1].type != TILLD_TYPE_U16)
    return tilld_reader_fail (r, "fields", "a count is u16");
  if (money->min <= 0 || money->min % write->fields[0].multiplier != 0)
    return tilld_reader_fail (r, "min", "is not an amount the register can hold");
  if (money->max < money->min || money->max > write->fields[0].max || money->max % write->fields[0].multiplier != 0)
    return tilld_reader_fail (r, "max", "is not an amount the register can hold");
  return TRUE;
}

static gboolean
load_money (TilldReader *r, const TilldProfile *p, JsonObject *top, gboolean debit, TilldMoneyWrite *money)
{
  static const char *const recharge_members[] = { "fields", "mode", "same_count", "wrong_count", "opens", "min", "max", "verify", NULL };
  static const char *const debit_members[] = { "fields", "mode", "min", "max", "verify", NULL };
  const char              *name = debit ? "debit" : "recharge";
  JsonObject              *object = tilld_reader_object (r, top, name);
  gsize                    mark = tilld_reader_push (r, name);
  int                      mode = 0;

  if (object == NULL || !only (r, object, debit ? debit_members : recharge_members) || !load_common (r, p, object, &money->write) ||
      !load_write_fields (r, p, object, &money->write) ||
      !tilld_reader_word (r, object, "mode", tilld_money_mode_words, TILLD_MONEY_MODE_N, &mode))
    return FALSE;
  money->mode = (TilldMoneyMode) mode;
  if (debit ? mode < TILLD_MONEY_MODE_SUBTRACT : mode > TILLD_MONEY_MODE_ADD)
    return tilld_reader_fail (r, "mode", "is not a mode of %s", name);
  if (!debit && (mode == TILLD_MONEY_MODE_COUNT) != (p->meter_class == TILL_METER_CLASS_A))
    return tilld_reader_fail (r, "mode", "class A recharges with a count, class B adds");
  if (money->write.cabinet)
    return tilld_reader_fail (r, "scope", "money goes to one circuit");
  if (!tilld_reader_amount (r, object, "min", TILLD_QUANTITY_PURSE, &money->min) ||
      !tilld_reader_amount (r, object, "max", TILLD_QUANTITY_PURSE, &money->max) || !check_money_fields (r, money, debit))
    return FALSE;
  if (!debit && !tilld_reader_bool (r, object, "opens", &money->opens))
    return FALSE;
  if (!debit && mode == TILLD_MONEY_MODE_ADD && (tilld_reader_has (object, "same_count") || tilld_reader_has (object, "wrong_count")))
    return tilld_reader_fail (r, "same_count", "mode add has no count");
  if (!debit && mode == TILLD_MONEY_MODE_COUNT && !load_count_rules (r, object, money))
    return FALSE;
  if (!load_proof (r, p, object, money, debit))
    return FALSE;
  tilld_reader_pop (r, mark);
  return TRUE;
}

static gboolean
load_actions (TilldReader *r, JsonObject *object, TilldWrite *write, guint16 words[TILLD_ACTIONS_N][TILLD_WORDS_MAX])
{
  static const char *const names[] = { "close", "open", "auto", NULL };
  JsonObject              *actions = tilld_reader_object (r, object, "actions");
  gsize                    mark = tilld_reader_push (r, "actions");

  if (actions == NULL || !tilld_reader_only (r, actions, names))
    return FALSE;
  for (guint a = 0; a < TILLD_ACTIONS_N; a++)
    {
      JsonArray *list = tilld_reader_array (r, actions, names[a], 1, TILLD_WORDS_MAX);

      if (list == NULL)
        return FALSE;
      if (write->registers != 0 && json_array_get_length (list) != write->registers)
        return tilld_reader_fail (r, names[a], "must have as many words as the others");
      write->registers = (guint16) json_array_get_length (list);
      for (guint i = 0; i < write->registers; i++)
        if (!tilld_reader_node_hex (r, json_array_get_element (list, i), names[a], &words[a][i]))
          return FALSE;
    }
  tilld_reader_pop (r, mark);
  return TRUE;
}

static gboolean
load_expect (TilldReader *r, const TilldProfile *p, JsonObject *verify, TilldControl *control)
{
  JsonObject *flags = tilld_reader_object (r, verify, "flags");
  gsize       mark = tilld_reader_push (r, "flags");

  if (flags == NULL || !tilld_reader_only (r, flags, (const char *const[]){ "close", "open", "auto", NULL }))
    return FALSE;
  for (guint a = 0; a < TILLD_ACTIONS_N; a++)
    {
      JsonObject      *one = tilld_reader_has (flags, tilld_action_words[a]) ? tilld_reader_object (r, flags, tilld_action_words[a]) : NULL;
      g_autoptr(GList) members = one == NULL ? NULL : json_object_get_members (one);
      gsize            inner = tilld_reader_push (r, tilld_action_words[a]);

      if (one == NULL && tilld_reader_has (flags, tilld_action_words[a]))
        return FALSE;
      for (GList *l = members; l != NULL; l = l->next)
        {
          int      flag = tilld_word_find (tilld_flag_words, TILLD_FLAGS_N, l->data);
          gboolean value = FALSE;

          if (flag < 0 || !p->flags[flag].present)
            return tilld_reader_fail (r, l->data, "is not a flag of this profile");
          if (!tilld_reader_bool (r, one, l->data, &value))
            return FALSE;
          control->expect[a][flag] = (gint8) value;
        }
      tilld_reader_pop (r, inner);
    }
  tilld_reader_pop (r, mark);
  return TRUE;
}

static gboolean
load_candidates (TilldReader *r, JsonObject *object, TilldControl *control)
{
  JsonArray *list = tilld_reader_array (r, object, "candidates", 1, G_N_ELEMENTS (control->candidates));

  if (list == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject            *item = tilld_reader_node_object (r, json_array_get_element (list, i), "candidates");
      TilldControlCandidate *candidate = &control->candidates[i];
      gsize                  mark = tilld_reader_push_index (r, "candidates", i);
      const char            *id;

      if (item == NULL || !tilld_reader_only (r, item, (const char *const[]){ "id", "actions", NULL }) ||
          !(id = tilld_reader_text (r, item, "id", sizeof candidate->id - 1)) ||
          !load_actions (r, item, &control->write, candidate->words))
        return FALSE;
      g_strlcpy (candidate->id, id, sizeof candidate->id);
      for (guint j = 0; j < i; j++)
        if (g_str_equal (control->candidates[j].id, candidate->id))
          return tilld_reader_fail (r, "id", "is given twice");
      control->n_candidates++;
      tilld_reader_pop (r, mark);
    }
  return TRUE;
}

static gboolean
load_control (TilldReader *r, const TilldProfile *p, JsonObject *top, TilldControl *control)
{
  static const char *const members[] = { "actions", "candidates", "verify", NULL };
  JsonObject              *object = tilld_reader_object (r, top, "control"), *verify;
  gsize                    mark = tilld_reader_push (r, "control"), inner;

  if (object == NULL || !only (r, object, members) || !load_common (r, p, object, &control->write) ||
      !load_actions (r, object, &control->write, control->words) || !check_length (r, p, &control->write, "actions"))
    return FALSE;
  if (tilld_reader_has (object, "candidates") && !load_candidates (r, object, control))
    return FALSE;
  if (!(verify = tilld_reader_object (r, object, "verify")))
    return FALSE;
  inner = tilld_reader_push (r, "verify");
  if (!tilld_reader_only (r, verify, (const char *const[]){ "read_back", "flags", NULL }) ||
      !tilld_reader_bool (r, verify, "read_back", &control->write.read_back) ||
      (tilld_reader_has (verify, "flags") && !load_expect (r, p, verify, control)))
    return FALSE;
  tilld_reader_pop (r, MIN (mark, inner));
  return TRUE;
}

static gboolean
load_setting (TilldReader *r, const TilldProfile *p, JsonObject *object, TilldWrite *write)
{
  static const char *const members[] = { "command", "fields", "read_back", NULL };
  static const char *const words[] = { "set_price", "set_limits", "set_schedule", "set_clock" };
  static const guint8      kinds[] = { TILL_COMMAND_KIND_SET_PRICE, TILL_COMMAND_KIND_SET_LIMITS, TILL_COMMAND_KIND_SET_SCHEDULE,
                                       TILL_COMMAND_KIND_SET_CLOCK };
  int                      word = 0;

  if (!only (r, object, members) || !tilld_reader_word (r, object, "command", words, G_N_ELEMENTS (words), &word) ||
      !load_common (r, p, object, write) || !tilld_reader_bool (r, object, "read_back", &write->read_back))
    return FALSE;
  write->command = (TillCommandKind) kinds[word];
  return load_write_fields (r, p, object, write);
}

gboolean
tilld_load_writes (TilldReader *r, TilldProfile *p, JsonObject *top)
{
  gboolean purse_class = p->meter_class == TILL_METER_CLASS_A || p->meter_class == TILL_METER_CLASS_B;

  memset (p->control.expect, -1, sizeof p->control.expect);
  if (tilld_reader_has (top, "recharge") != purse_class)
    return tilld_reader_fail (r, "recharge", purse_class ? "is missing" : "does not fit the class");
  if (purse_class && !load_money (r, p, top, FALSE, &p->recharge))
    return FALSE;
  if (tilld_reader_has (top, "debit") && !purse_class)
    return tilld_reader_fail (r, "debit", "does not fit the class");
  if (tilld_reader_has (top, "debit") && !load_money (r, p, top, TRUE, &p->debit))
    return FALSE;
  if (tilld_reader_has (top, "control") && !load_control (r, p, top, &p->control))
    return FALSE;
  if (p->meter_class == TILL_METER_CLASS_C && p->control.write.registers == 0)
    return tilld_reader_fail (r, "control", "is missing");
  if (tilld_reader_has (top, "settings"))
    {
      JsonArray *list = tilld_reader_array (r, top, "settings", 1, TILLD_PROFILE_SETTINGS_MAX);

      if (list == NULL)
        return FALSE;
      for (guint i = 0; i < json_array_get_length (list); i++)
        {
          JsonObject *item = tilld_reader_node_object (r, json_array_get_element (list, i), "settings");
          gsize       mark = tilld_reader_push_index (r, "settings", i);

          if (item == NULL || !load_setting (r, p, item, &p->settings[p->n_settings++]))
            return FALSE;
          tilld_reader_pop (r, mark);
        }
    }
  return TRUE;
}
