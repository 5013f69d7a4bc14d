/* SPDX-License-Identifier: GPL-2.0-or-later
 * journal.h: every effect on money or relay, one JSON line each, appended only, flushed to the disk before the answer of
 * the meter leaves. Lines of one turn of the loop share a flush. */
#pragma once
#include "shared/base/till-time.h"
#include "tests/simulator/meter-purse.h"

G_BEGIN_DECLS

typedef struct {
  guint64    n;
  TillTime   at;      /* the meters' time */
  char       gateway[20], serial[20];
  guint      port, unit, epoch;
  SimEffect  effect;  /* amount in raw units of the purse */
  guint      decimals;     /* of the purse */
  gboolean   purse_energy;
  gint64     balance_raw, total_raw;
  char       pdu[520]; /* hex, "" when nothing came over a wire */
} SimJournalLine;

typedef struct _SimJournal SimJournal;
typedef gboolean (*SimJournalReader) (const SimJournalLine *line, gpointer data, GError **error);

/* Opening reads what is there (a torn last line is cut off; any other broken line is INVALID "file:LINE: reason") and
 * goes on after it. *start: the meters' time when the journal began; taken by the first opening, then kept. */
typedef struct { guint64 seed; TillTime *start; SimJournalReader reader; gpointer data; } SimReplay;
SimJournal *sim_journal_open (const char *path, const SimReplay *replay, GError **error);
void        sim_journal_free (SimJournal *journal); /* commits */
void        sim_journal_append (SimJournal *journal, SimJournalLine *line); /* sets line->n */
gboolean    sim_journal_is_pending (const SimJournal *journal);
/* Everything appended is on the disk when this returns TRUE. */
gboolean    sim_journal_commit (SimJournal *journal, GError **error);
guint64     sim_journal_lines (const SimJournal *journal);

const char *sim_effect_word (SimEffectKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimJournal, sim_journal_free)

G_END_DECLS
