/* SPDX-License-Identifier: GPL-2.0-or-later
 * profile.h: a meter model in memory, points and their names, values of registers as integers in server units.
 * Immutable after loading, shared by all threads. */
#pragma once
#include "server/profile/profile-names.h"

G_BEGIN_DECLS

#define TILLD_PROFILE_POINTS_MAX   64
#define TILLD_PROFILE_RANGES_MAX   32
#define TILLD_PROFILE_ATOMIC_MAX   8
#define TILLD_PROFILE_SETTINGS_MAX 16
#define TILLD_WRITE_FIELDS_MAX     8
#define TILLD_ORDER_MAX            8
#define TILLD_WORDS_MAX            8
#define TILLD_TEXT_MAX             40 /* bytes of a text value with its NUL */

/* What a run of registers means. at and multiplier are 0 for a sum. */
typedef struct {
  TilldPointName name;
  TilldPointType type;
  TilldPoll      poll;       /* slowest class that reads it; of a sum: the slowest of its parts */
  TilldWordOrder word_order; /* DEFAULT: the profile's, or the gateway's override */
  guint16        at;
  guint8         registers;
  gboolean       optional;
  gint64         multiplier; /* raw x multiplier = server unit */
  guint8         order[TILLD_ORDER_MAX], n_order; /* TilldClockItem */
  guint8         sum[4], n_sum;                   /* indexes into points */
} TilldPoint;

typedef struct { TilldPointName point; gint8 bit; gboolean invert; gint64 equals; } TilldFlagTerm; /* bit < 0: equals */
typedef struct { gboolean present, any; guint8 n; TilldFlagTerm terms[4]; } TilldFlagRule;         /* all, or any, of the terms */

typedef struct {
  TilldFieldName name;
  TilldPointType type, of; /* of: element of an array */
  guint16        at;
  guint8         registers, count, n_order;
  guint8         order[TILLD_ORDER_MAX]; /* clock: TilldClockItem; slots, events: TilldSlotItem */
  gboolean       repeat;                 /* unused slots repeat the last used one, else zero */
  gint64         multiplier, min, max;   /* server units */
} TilldField;

/* One request, never split. registers = 0: the model has none. */
typedef struct {
  TilldEvidence    evidence;
  TillCommandKind  command; /* settings */
  guint8           fc;
  guint16          at, registers;
  gboolean         cabinet;   /* sent once to the table number */
  gboolean         read_back;
  guint            settle_ms, n_fields;
  TilldField       fields[TILLD_WRITE_FIELDS_MAX];
} TilldWrite;

typedef struct {
  TilldWrite       write;
  TilldMoneyMode   mode;
  TilldCountAnswer same_count, wrong_count;
  gboolean         opens, record;
  gint64           min, max;   /* of one command, server units of the purse */
  const char      *proof;      /* word of the proof, NULL without a write */
} TilldMoneyWrite;

typedef struct { char id[16]; guint16 words[TILLD_ACTIONS_N][TILLD_WORDS_MAX]; } TilldControlCandidate;
typedef struct {
  TilldWrite            write;
  guint16               words[TILLD_ACTIONS_N][TILLD_WORDS_MAX];
  guint8                n_candidates;
  TilldControlCandidate candidates[4];
  gint8                 expect[TILLD_ACTIONS_N][TILLD_FLAGS_N]; /* -1 not said, 0, 1 */
} TilldControl;

typedef struct { char id[8]; TilldEvidence state; char *text, *source; } TilldFact; /* state open = TILLD_EVIDENCE_OPEN */

typedef struct _TilldProfile {
  char           *vendor, *model, *title_en, *title_zh;
  char            name[33];
  guint           version, phases, turnaround_ms, n_settlement;
  TillMeterClass  meter_class;
  TillSettlement  settlement[2];
  gboolean        verified, rtu, tcp, ct_secondary, purse_signed;
  guint           bauds[12], n_bauds, baud;
  char            parity;
  guint8          stop_bits, read_fc, max_read, max_write;
  TilldWordOrder  word_order;
  gboolean        cabinet; /* units belong to cabinets: tables, span, step */
  guint8          tables[8], n_tables, span, step;
  TillPurse       purse;
  gint64          purse_max, purse_multiplier; /* server units; server units of one raw unit */
  guint8          rates[TILL_N_RATES], n_rates, rate_codes[TILL_N_RATES];
  guint16         ranges[TILLD_PROFILE_RANGES_MAX][2];
  TilldPointName  atomic[TILLD_PROFILE_ATOMIC_MAX][8];
  guint8          n_atomic, n_in_atomic[TILLD_PROFILE_ATOMIC_MAX];
  gint8           money_group; /* index into atomic, -1 = none */
  TilldPoint      points[TILLD_PROFILE_POINTS_MAX];
  gint16          by_name[TILLD_POINT_N]; /* index into points, -1 */
  TilldFlagRule   flags[TILLD_FLAGS_N];
  TilldMoneyWrite recharge, debit;
  TilldControl    control;
  TilldWrite      settings[TILLD_PROFILE_SETTINGS_MAX];
  guint           n_ranges, n_points, n_settings;
  struct { guint16 at, count, registers, step; gboolean indexed; TilldEvidence evidence; guint n; TilldField layout[8]; } records;
  struct { gboolean present; guint16 three_phase, single_phase, ct, mode, serial_at; guint8 serial_registers; } discover;
  struct { guint16 bytes, at; } upload[4];
  guint           n_upload, n_facts;
  TilldFact      *facts;
} TilldProfile;

void              tilld_profile_free (TilldProfile *profile);
const TilldPoint *tilld_profile_point (const TilldProfile *profile, TilldPointName name); /* NULL = the model has none */
gboolean          tilld_profile_range_holds (const TilldProfile *profile, guint at, guint registers);
/* A class A profile without a proven count rule runs as B. proven: a recorded proof stands for this meter. */
TillMeterClass    tilld_profile_effective_class (const TilldProfile *profile, gboolean proven);
gboolean          tilld_evidence_may_send (TilldEvidence evidence, gboolean proven);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldProfile, tilld_profile_free)

G_END_DECLS
