/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-scale.c: round numbers for an axis. No drawing. */
#define G_LOG_DOMAIN "till-scale"
#include "config.h"
#include "client/widgets/till-scale.h"
#include <math.h>

static double
round_step (double raw)
{
  double power = pow (10, floor (log10 (raw)));
  double head = raw / power;

  return power * (head <= 1.0 + 1e-9 ? 1 : head <= 2 ? 2 : head <= 5 ? 5 : 10);
}

void
till_scale_init (TillScale *scale, gint64 low, gint64 high, gint64 unit, guint want)
{
  double bottom = MIN (0, (double) low / (double) unit), top = MAX (0, (double) high / (double) unit);

  g_return_if_fail (unit > 0 && want > 0 && want < TILL_SCALE_TICKS / 2);
  if (top - bottom < 1e-9)
    top = 1;
  scale->unit = unit;
  scale->step = round_step ((top - bottom) / want);
  scale->low = floor (bottom / scale->step + 1e-9) * scale->step;
  scale->high = ceil (top / scale->step - 1e-9) * scale->step;
  scale->n_ticks = MIN ((guint) lround ((scale->high - scale->low) / scale->step) + 1, TILL_SCALE_TICKS);
  scale->decimals = scale->step >= 1 ? 0 : (guint) CLAMP (ceil (-log10 (scale->step) - 1e-9), 1, 6);
}

double
till_scale_tick (const TillScale *scale, guint i)
{
  double value = scale->low + i * scale->step;
  return fabs (value) < scale->step / 2 ? 0 : value;
}

char *
till_scale_label (const TillScale *scale, guint i)
{
  double value = till_scale_tick (scale, i);
  char digits[64];
  GString *text = g_string_new (value < 0 ? "\u2212" : NULL);
  gsize whole;

  g_snprintf (digits, sizeof digits, "%.*f", (int) scale->decimals, fabs (value));
  whole = strcspn (digits, ".,");
  for (gsize k = 0; digits[k]; k++)
    {
      if (k > 0 && k < whole && (whole - k) % 3 == 0)
        g_string_append_c (text, ',');
      g_string_append_c (text, digits[k] == ',' ? '.' : digits[k]);
    }
  return g_string_free (text, FALSE);
}

double
till_scale_fraction (const TillScale *scale, gint64 value)
{
  return ((double) value / (double) scale->unit - scale->low) / (scale->high - scale->low);
}

double
till_scale_tick_fraction (const TillScale *scale, guint i)
{
  return (till_scale_tick (scale, i) - scale->low) / (scale->high - scale->low);
}
