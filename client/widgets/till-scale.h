/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-scale.h: an axis of numbers: round ticks, their labels, value -> pixel. Pure; the unit divides stored integers
 * (money 10000, energy 1000) into what people read. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define TILL_SCALE_TICKS 16

typedef struct {
  double low, high;  /* in shown units, on ticks */
  double step;
  guint  decimals;   /* of the labels */
  guint  n_ticks;
  gint64 unit;       /* stored integers per shown unit */
} TillScale;

/* Covers low..high (stored integers) and 0, with about `want` ticks. low may equal high. */
void   till_scale_init (TillScale *scale, gint64 low, gint64 high, gint64 unit, guint want);
double till_scale_tick (const TillScale *scale, guint i);          /* in shown units */
char  *till_scale_label (const TillScale *scale, guint i);         /* "1,500", "−0.5"; caller frees */
double till_scale_fraction (const TillScale *scale, gint64 value); /* 0 at low, 1 at high */
double till_scale_tick_fraction (const TillScale *scale, guint i);

G_END_DECLS
