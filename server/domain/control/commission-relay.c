/* SPDX-License-Identifier: GPL-2.0-or-later
 * commission-relay.c: open, close and auto, watched by eye; where the profile knows several sets of relay words, one after the other until
 * one moves the relay as it says. */
#include <string.h>
#include "server/domain/control/commission-private.h"

static guint
n_candidates (const TilldCommission *c)
{
  return MAX (c->profile->control.n_candidates, 1);
}

/* NULL: the words of the profile itself. */
static const char *
candidate_of (const TilldCommission *c)
{
  gint64 index = json_object_get_int_member_with_default (c->facts, "candidate", 0);

  return c->profile->control.n_candidates == 0 ? NULL : c->profile->control.candidates[index].id;
}

static gboolean
act (TilldCommission *c, TilldAction action, GError **error)
{
  TilldTry        what = { .unit = (guint8) c->unit };
  TilldWriteWords words;

  if (!tilld_profile_write_control (c->profile, action, candidate_of (c), &words, error))
    return FALSE;
  what.write = &words;
  if (c->profile->control.write.read_back)
    {
      what.n_reads = 1;
      what.reads[0].at = words.at;
      what.reads[0].count = (guint16) words.n;
    }
  return tilld_commission_try (c, tilld_action_words[action], &what, error);
}

gboolean
tilld_step_relay_enter (TilldCommission *c, GError **error)
{
  if (c->profile->control.write.registers == 0 || tilld_evidence_may_send (c->profile->control.write.evidence, FALSE))
    {
      tilld_commission_note (c, "skipped", c->profile->control.write.registers == 0 ? "the model has no relay" : "known from devices: no proof is needed");
      return tilld_commission_next (c, error);
    }
  json_object_set_int_member (c->facts, "candidate", 0);
  return act (c, TILLD_ACTION_OPEN, error);
}

static gboolean
as_written (const TilldCommission *c, const TilldTrialResult *result, TilldAction action)
{
  TilldWriteWords words;

  return tilld_profile_write_control (c->profile, action, candidate_of (c), &words, NULL) &&
         (!c->profile->control.write.read_back ||
          (result->n == 1 && result->reads[0].good && result->reads[0].n == words.n &&
           memcmp (result->reads[0].words, words.words, words.n * sizeof *words.words) == 0));
}

/* The relay is left to the meter before anything else is tried. */
static gboolean
give_up (TilldCommission *c, const char *why, GError **error)
{
  tilld_commission_note (c, "failed", "relay words %s: %s", candidate_of (c) != NULL ? candidate_of (c) : "of the profile", why);
  json_object_set_boolean_member (c->facts, "given_up", TRUE);
  return act (c, TILLD_ACTION_AUTO, error);
}

static gboolean
after_auto (TilldCommission *c, gboolean good, GError **error)
{
  gint64 index = json_object_get_int_member (c->facts, "candidate");

  if (!json_object_get_boolean_member_with_default (c->facts, "given_up", FALSE) && good)
    {
      tilld_commission_note (c, "ok", "relay words %s move the relay as they say", candidate_of (c) != NULL ? candidate_of (c) : "of the profile");
      tilld_commission_prove (c, TILLD_PROVEN_CONTROL, -1, candidate_of (c));
      return tilld_commission_next (c, error);
    }
  json_object_set_boolean_member (c->facts, "given_up", FALSE);
  if (index + 1 >= (gint64) n_candidates (c))
    {
      tilld_commission_note (c, "failed", "no relay words of the profile are proven");
      return tilld_commission_next (c, error);
    }
  json_object_set_int_member (c->facts, "candidate", index + 1);
  return act (c, TILLD_ACTION_OPEN, error);
}

gboolean
tilld_step_relay_result (TilldCommission *c, const TilldTrialResult *result, GError **error)
{
  const char *doing = json_object_get_string_member (c->facts, "doing");
  int         action = tilld_word_find (tilld_action_words, TILLD_ACTIONS_N, doing);
  gboolean    good = as_written (c, result, (TilldAction) action);

  if (action == TILLD_ACTION_AUTO)
    return after_auto (c, good, error);
  return good || give_up (c, "the meter does not hold what was written", error); /* good: the question is open */
}

void
tilld_step_relay_question (const TilldCommission *c, TillJsonWrite *w)
{
  static const char *const answers[] = { "open", "closed", NULL };

  tilld_commission_ask (w, "relay", "Is the relay open (no supply behind the meter) or closed?", answers);
  till_json_write_text (w, "ordered", json_object_get_string_member_with_default (c->facts, "doing", ""));
  till_json_write_text (w, "candidate", candidate_of (c));
}

gboolean
tilld_step_relay_said (TilldCommission *c, const TilldCommissionSaid *said, GError **error)
{
  gboolean opening = g_str_equal (json_object_get_string_member (c->facts, "doing"), "open");

  tilld_commission_note (c, "noted", "ordered %s, seen by %s: %s", opening ? "open" : "close", said->who->account, said->word);
  if (!g_str_equal (said->word, opening ? "open" : "closed"))
    return give_up (c, "the relay did not move as ordered", error);
  return act (c, opening ? TILLD_ACTION_CLOSE : TILLD_ACTION_AUTO, error);
}
