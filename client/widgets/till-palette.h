/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-palette.h: every colour that is drawn by hand, for the four themes. The same values stand in ui/style*.css for what
 * the style sheet paints; a test compares them. */
#pragma once
#include <gtk/gtk.h>
#include "shared/api/till-enums.h"

G_BEGIN_DECLS

typedef enum { TILL_THEME_LIGHT, TILL_THEME_DARK, TILL_THEME_HC_LIGHT, TILL_THEME_HC_DARK, TILL_THEME_N } TillTheme;

typedef struct { GdkRGBA fill, ink, text, edge; } TillStateColours;

/* What a chart part is, not which colour it has. */
typedef enum {
  TILL_TONE_TEXT, TILL_TONE_DIM, TILL_TONE_GRID, TILL_TONE_SURFACE, TILL_TONE_ACCENT, TILL_TONE_GREY, TILL_TONE_CAUTION,
  TILL_TONE_TIP, TILL_TONE_PEAK, TILL_TONE_FLAT, TILL_TONE_VALLEY, TILL_TONE_DEEP, TILL_TONE_N
} TillTone;

TillTheme               till_palette_theme (void); /* of the running style manager */
const TillStateColours *till_palette_state (TillTheme theme, TillMeterState state);
const GdkRGBA          *till_palette_tone (TillTheme theme, TillTone tone);
/* Icon and CSS class of a state: "till-state-lost-symbolic", "till-lost". */
const char             *till_palette_state_icon (TillMeterState state);
const char             *till_palette_state_class (TillMeterState state);

G_END_DECLS
