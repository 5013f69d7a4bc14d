/* SPDX-License-Identifier: GPL-2.0-or-later
 * settle-rules.c: readings -> pieces of one price -> lines -> a total. Rounding happens on the running sum, so that the totals of
 * neighbouring intervals add up to that of both, however a month is cut; the lines of one interval are rounded once each and the largest
 * takes the rest. */
#include "server/rules/settle-rules.h"

#include "shared/base/till-error.h"

#define REGISTER_STEPS 50 /* Wh: five registers of 10 Wh that are each a step late */

/* A stretch of time in which nothing changes but the energy. */
typedef struct {
  const TilldTariff *tariff;
  TillDay            day;
  TillRate           rate;
  gint64             length_us;
  TillEnergy         energy;
  gboolean           estimated;
} Piece;

void
tilld_settle_state_init (TilldSettleState *state)
{
  *state = (TilldSettleState){ .uses = g_array_new (FALSE, TRUE, sizeof (TilldUse)) };
}

void
tilld_settle_state_clear (TilldSettleState *state)
{
  g_clear_pointer (&state->uses, g_array_unref);
}

TilldUse *
tilld_settle_use (TilldSettleState *state, TilldPeriod period, TillDay starts)
{
  TilldUse use = { period, starts, 0 };

  for (guint i = 0; i < state->uses->len; i++)
    {
      TilldUse *found = &g_array_index (state->uses, TilldUse, i);

      if (found->period == period && found->starts == starts)
        return found;
    }
  g_array_append_val (state->uses, use);
  return &g_array_index (state->uses, TilldUse, state->uses->len - 1);
}

TillDay
tilld_period_start (TilldPeriod period, TillDay day)
{
  int year, month, mday;
  TillDay start = day;

  if (period == TILLD_PERIOD_MONTH)
    return till_day_month_start (day);
  till_day_split (day, &year, &month, &mday);
  till_day_make (year, 1, 1, &start);
  return start;
}

static const TilldTariff *
tariff_on (const TilldSettleTerms *terms, TillDay day)
{
  guint i = terms->n_spans - 1;

  while (i > 0 && terms->spans[i].from > day)
    i--;
  return terms->spans[i].tariff;
}

/* Cuts the interval at every border of rate, day and offset; neighbours of the same price and day are one piece. */
static void
cut (const TilldSettleTerms *terms, TillTime from, TillTime to, GArray *pieces)
{
  TillTime at = from;

  while (at < to)
    {
      TillDay day = till_zone_day (terms->civil->zone, at);
      const TilldTariff *tariff = tariff_on (terms, day);
      TillTime until = MIN (tilld_calendar_border (&tariff->calendar, terms->civil, at), to);
      Piece piece = { .tariff = tariff, .day = day, .rate = tilld_calendar_rate (&tariff->calendar, terms->civil, at), .length_us = until - at };
      Piece *last = pieces->len > 0 ? &g_array_index (pieces, Piece, pieces->len - 1) : NULL;

      if (last != NULL && last->tariff == tariff && last->day == day && last->rate == piece.rate)
        last->length_us += piece.length_us;
      else
        g_array_append_val (pieces, piece);
      at = until;
    }
}

/* Shares energy out over the pieces of a rate (-1: of all) in proportion to time: what is used by the end of a piece is rounded down to
 * whole Wh. FALSE: there is no such piece. */
static gboolean
share (GArray *pieces, int rate, TillEnergy energy)
{
  gint64 whole = 0, passed = 0;
  TillEnergy given = 0;

  for (guint i = 0; i < pieces->len; i++)
    {
      const Piece *piece = &g_array_index (pieces, Piece, i);

      if (rate < 0 || (int) piece->rate == rate)
        whole += piece->length_us;
    }
  for (guint i = 0; i < pieces->len && whole > 0; i++)
    {
      Piece *piece = &g_array_index (pieces, Piece, i);
      TillEnergy by_then;

      if (rate >= 0 && (int) piece->rate != rate)
        continue;
      passed += piece->length_us;
      by_then = (TillEnergy) ((__int128) energy * passed / whole);
      piece->energy += by_then - given;
      given = by_then;
    }
  return whole > 0;
}

/* The registers of the rates can be believed: none went back, and together they tell what the total does, but for a step each. */
static gboolean
by_register (const TilldSettleReading *from, const TilldSettleReading *to, TillEnergy energy, TillEnergy ret_rates[TILL_N_RATES])
{
  TillEnergy sum = 0;

  if (!from->has_rates || !to->has_rates)
    return FALSE;
  for (guint r = 0; r < TILL_N_RATES; r++)
    {
      ret_rates[r] = to->rates[r] - from->rates[r];
      if (ret_rates[r] < 0)
        return FALSE;
      sum += ret_rates[r];
    }
  if (sum == 0 || ABS (sum - energy) > MAX (REGISTER_STEPS, energy / 50))
    return FALSE;
  till_money_split (energy, ret_rates, TILL_N_RATES, ret_rates);
  return TRUE;
}

/* A price changes between two pieces that energy was shared out over. */
static gboolean
is_uncertain (const Piece *a, const Piece *b, gboolean with_registers)
{
  if (a->tariff != b->tariff || tilld_period_start (TILLD_PERIOD_MONTH, a->day) != tilld_period_start (TILLD_PERIOD_MONTH, b->day))
    return TRUE;
  return !with_registers && a->rate != b->rate;
}

static gboolean
spread (GArray *pieces, const TilldSettleReading *from, const TilldSettleReading *to, TillEnergy energy)
{
  TillEnergy rates[TILL_N_RATES];
  gboolean registers = by_register (from, to, energy, rates), uncertain = FALSE;

  for (guint r = 0; registers && r < TILL_N_RATES; r++)
    if (rates[r] > 0)
      {
        gboolean known = FALSE;

        for (guint i = 0; i < pieces->len; i++)
          known = known || g_array_index (pieces, Piece, i).rate == r;
        registers = known; /* the meter counts by other hours than the tariff: its registers say nothing */
      }
  for (guint r = 0; registers && r < TILL_N_RATES; r++)
    share (pieces, (int) r, rates[r]);
  if (!registers)
    share (pieces, -1, energy);
  for (guint i = 1; i < pieces->len; i++)
    uncertain = uncertain || is_uncertain (&g_array_index (pieces, Piece, i - 1), &g_array_index (pieces, Piece, i), registers);
  for (guint i = 0; i < pieces->len; i++)
    g_array_index (pieces, Piece, i).estimated = uncertain && energy > 0;
  return uncertain && energy > 0;
}

static void
add_line (GArray *lines, guint first, const TilldChargeLine *line)
{
  for (guint i = first; i < lines->len; i++)
    {
      TilldChargeLine *known = &g_array_index (lines, TilldChargeLine, i);

      if (known->kind == line->kind && known->tariff == line->tariff && known->effective == line->effective && known->rate == line->rate &&
          known->tier == line->tier && known->price == line->price)
        {
          known->energy += line->energy;
          known->days += line->days;
          known->exact += line->exact;
          known->estimated = known->estimated || line->estimated;
          return;
        }
    }
  g_array_append_val (lines, *line);
}

/* Energy of one piece: first what is free, then tier by tier. The uses move. */
static void
charge_piece (const TilldSettleTerms *terms, const Piece *piece, TilldSettleState *state, GArray *lines, guint first)
{
  const TilldTariff *tariff = piece->tariff;
  TillEnergy month_used = tilld_settle_use (state, TILLD_PERIOD_MONTH, tilld_period_start (TILLD_PERIOD_MONTH, piece->day))->used;
  TillEnergy used = tilld_settle_use (state, tariff->period, tilld_period_start (tariff->period, piece->day))->used;
  TillEnergy given = CLAMP (tariff->free_per_head * terms->heads - month_used, 0, piece->energy), left = piece->energy - given;
  TilldChargeLine line = { .tariff = tariff->id, .effective = tariff->effective, .rate = piece->rate, .estimated = piece->estimated };

  if (given > 0)
    {
      line.kind = TILLD_LINE_ALLOWANCE;
      line.energy = given;
      add_line (lines, first, &line);
    }
  line.kind = TILLD_LINE_ENERGY;
  used += given;
  while (left > 0)
    {
      TillEnergy room;

      line.tier = tilld_tariff_tier (tariff, used, &room);
      line.energy = MIN (room, left);
      line.price = tariff->price[line.tier][piece->rate];
      line.exact = tilld_tariff_cumulative (tariff, piece->rate, used + line.energy) - tilld_tariff_cumulative (tariff, piece->rate, used);
      add_line (lines, first, &line);
      used += line.energy;
      left -= line.energy;
    }
  for (guint period = TILLD_PERIOD_MONTH; period <= TILLD_PERIOD_YEAR; period++)
    tilld_settle_use (state, (TilldPeriod) period, tilld_period_start ((TilldPeriod) period, piece->day))->used += piece->energy;
}

/* The fee of a day is due when the day begins. */
static void
charge_days (const TilldSettleTerms *terms, TillTime from, TillTime to, GArray *lines, guint first)
{
  TillDay last = till_zone_day (terms->civil->zone, to);

  for (TillDay day = till_zone_day (terms->civil->zone, from); day <= last; day++)
    {
      TillTime start = till_zone_day_start (terms->civil->zone, day);
      const TilldTariff *tariff = tariff_on (terms, day);
      TilldChargeLine line = { .kind = TILLD_LINE_FIXED, .tariff = tariff->id, .effective = tariff->effective, .price = tariff->fixed_per_day,
                               .days = 1, .exact = (TilldExact) tariff->fixed_per_day * TILLD_EXACT_UNIT };

      if (tariff->fixed_per_day > 0 && start > from && start <= to)
        add_line (lines, first, &line);
    }
}

/* Total from the running sum, each line rounded once, the rest to the largest. */
static gboolean
round_lines (TilldSettleState *state, GArray *lines, guint first, TillMoney *ret_total, GError **error)
{
  TilldExact sum = state->carry;
  TillMoney total, rounded = 0;
  TilldChargeLine *largest = NULL;

  for (guint i = first; i < lines->len; i++)
    {
      TilldChargeLine *line = &g_array_index (lines, TilldChargeLine, i);

      sum += line->exact;
      if (!tilld_exact_round (line->exact, &line->amount) || !till_money_add (rounded, line->amount, &rounded))
        return till_fail (error, TILL_ERROR_LIMIT, "the charge is too large");
      if (largest == NULL || line->exact > largest->exact)
        largest = line;
    }
  sum += TILLD_EXACT_UNIT / 2; /* the running sum is never negative: half up is half away from zero */
  if (sum / TILLD_EXACT_UNIT > TILL_MONEY_MAX)
    return till_fail (error, TILL_ERROR_LIMIT, "the charge is too large");
  total = (TillMoney) (sum / TILLD_EXACT_UNIT);
  state->carry = (gint32) (sum % TILLD_EXACT_UNIT) - TILLD_EXACT_UNIT / 2;
  g_assert (largest != NULL || total == rounded);
  if (largest != NULL)
    {
      gint64 part = MAX (total - rounded, - largest->amount);

      largest->amount += part;
      rounded += part;
    }
  /* Lines of a few thousandths that were all rounded up: no line may end below zero. */
  for (guint i = first; i < lines->len && rounded > total; i++)
    {
      TilldChargeLine *line = &g_array_index (lines, TilldChargeLine, i);
      gint64 part = MIN (rounded - total, line->amount);

      line->amount -= part;
      rounded -= part;
    }
  g_assert (rounded == total);
  *ret_total = total;
  return TRUE;
}

gboolean
tilld_settle_interval (const TilldSettleTerms *terms, const TilldSettleReading *from, const TilldSettleReading *to, TilldSettleState *state,
                       GArray *ret_lines, TilldSettleResult *ret, GError **error)
{
  g_autoptr (GArray) pieces = g_array_new (FALSE, TRUE, sizeof (Piece));
  TilldSettleResult result = { 0 };
  guint first = ret_lines->len;

  g_assert (to->at > from->at && terms->n_spans > 0 && state->carry >= -TILLD_EXACT_UNIT / 2 && state->carry < TILLD_EXACT_UNIT / 2);
  if (from->epoch != to->epoch)
    result.flags |= TILLD_SETTLE_SWAPPED;
  else if (to->total < from->total)
    result.flags |= TILLD_SETTLE_BACKWARDS;
  else
    result.energy = to->total - from->total;
  if (result.energy > TILLD_SETTLE_MAX)
    return till_fail (error, TILL_ERROR_LIMIT, "%" G_GINT64_FORMAT " Wh between two readings cannot be", result.energy);
  if (result.energy > 0)
    {
      cut (terms, from->at, to->at, pieces);
      if (spread (pieces, from, to, result.energy))
        result.flags |= TILLD_SETTLE_ESTIMATED;
    }
  for (guint i = 0; i < pieces->len; i++)
    if (g_array_index (pieces, Piece, i).energy > 0)
      charge_piece (terms, &g_array_index (pieces, Piece, i), state, ret_lines, first);
  charge_days (terms, from->at, to->at, ret_lines, first);
  if (!round_lines (state, ret_lines, first, &result.total, error))
    return FALSE;
  *ret = result;
  return TRUE;
}

gboolean
tilld_conservation_holds (const TilldConservation *in, TillMoney *ret_difference, TillMoney *ret_tolerance)
{
  TillMoney by_energy = 0;

  g_assert (in->purse_unit > 0 && in->energy_unit > 0);
  till_money_mul_div (2 * in->energy_unit, in->price_max, 1000, TILL_ROUND_CEIL, &by_energy);
  *ret_tolerance = TILL_MONEY_FEN * (TillMoney) in->readings + in->purse_unit + by_energy;
  *ret_difference = in->deducted - CLAMP (in->deducted, in->charge, MAX (in->charge, in->charge_high));
  return ABS (*ret_difference) <= *ret_tolerance;
}
