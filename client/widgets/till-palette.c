/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-palette.c: the colour table and nothing else. */
#define G_LOG_DOMAIN "till-palette"
#include "config.h"
#include "client/widgets/till-palette.h"
#include <adwaita.h>

#define N_STATES 6

static const guint32 states[TILL_THEME_N][N_STATES][4] = { /* fill, ink, text, edge */
  [TILL_THEME_LIGHT] = {
    { 0xbcd7f7, 0x0b2a4f, 0x1a5fb4, 0x3a7fd5 }, { 0xf5c211, 0x3d2b00, 0x7a5600, 0x8a6400 },
    { 0xc01c28, 0xffffff, 0xa51d2d, 0x8f1620 }, { 0x6a329a, 0xffffff, 0x6d2f87, 0x46206b },
    { 0xa9a7a3, 0x1e1e1e, 0x5e5c64, 0x5e5c64 }, { 0xffffff, 0x241f31, 0x241f31, 0x241f31 } },
  [TILL_THEME_DARK] = {
    { 0x1f4470, 0xe3efff, 0x78aeed, 0x5b9bea }, { 0xf5c211, 0x3d2b00, 0xf8d858, 0xf5c211 },
    { 0xf2545b, 0x2b0506, 0xff7b80, 0xf2545b }, { 0xcf9aee, 0x23092e, 0xd3a4ee, 0xcf9aee },
    { 0x5a5860, 0xffffff, 0xb5b3ba, 0x9a9996 }, { 0x1e1e1e, 0xf6f5f4, 0xf6f5f4, 0xf6f5f4 } },
  [TILL_THEME_HC_LIGHT] = {
    { 0xcfe4ff, 0x001b3d, 0x0b4fa8, 0x004aa8 }, { 0xffd400, 0x000000, 0x5c4300, 0x000000 },
    { 0xb00012, 0xffffff, 0x9c0010, 0x000000 }, { 0x4a1173, 0xffffff, 0x4a1173, 0x000000 },
    { 0x9a9a9a, 0x000000, 0x3d3d3d, 0x000000 }, { 0xffffff, 0x000000, 0x000000, 0x000000 } },
  [TILL_THEME_HC_DARK] = {
    { 0x0a3a75, 0xffffff, 0x8cc4ff, 0x8cc4ff }, { 0xffe14d, 0x000000, 0xffe14d, 0xffffff },
    { 0xff7a6e, 0x000000, 0xff8a80, 0xffffff }, { 0xdba6ff, 0x000000, 0xe4b8ff, 0xffffff },
    { 0x6e6e6e, 0xffffff, 0xd0d0d0, 0xffffff }, { 0x000000, 0xffffff, 0xffffff, 0xffffff } },
};

/* text, dim, grid, surface, accent, grey, caution, then the five rates */
static const guint32 tones[TILL_THEME_N][TILL_TONE_N] = {
  [TILL_THEME_LIGHT] = { 0x2e2e32, 0x5e5c64, 0xdcdbd9, 0xffffff, 0x3584e4, 0x9a9996, 0xc01c28,
                         0x8f1a1a, 0xe0701a, 0xd9b21c, 0x3aa58c, 0x1a4b8c },
  [TILL_THEME_DARK] = { 0xf2f2f2, 0xb5b3ba, 0x4a4a4e, 0x2d2d30, 0x62a0ea, 0x8a888f, 0xf2545b,
                        0xd64545, 0xffa348, 0xffe27a, 0x4fb8a0, 0x4f83d6 },
  [TILL_THEME_HC_LIGHT] = { 0x000000, 0x3d3d3d, 0xa0a0a0, 0xffffff, 0x0b4fa8, 0x6e6e6e, 0xb00012,
                            0x8f1a1a, 0xe0701a, 0xd9b21c, 0x3aa58c, 0x1a4b8c },
  [TILL_THEME_HC_DARK] = { 0xffffff, 0xd0d0d0, 0x808080, 0x1a1a1c, 0x8cc4ff, 0xb0b0b0, 0xff7a6e,
                           0xd64545, 0xffa348, 0xffe27a, 0x4fb8a0, 0x4f83d6 },
};

static TillStateColours state_colours[TILL_THEME_N][N_STATES];
static GdkRGBA tone_colours[TILL_THEME_N][TILL_TONE_N];

static GdkRGBA
colour (guint32 rgb)
{
  return (GdkRGBA){ (rgb >> 16) / 255.f, (rgb >> 8 & 0xff) / 255.f, (rgb & 0xff) / 255.f, 1.f };
}

static void
fill_tables (void)
{
  static gsize done = 0;

  if (!g_once_init_enter (&done))
    return;
  for (guint theme = 0; theme < TILL_THEME_N; theme++)
    {
      for (guint i = 0; i < N_STATES; i++)
        {
          const guint32 *c = states[theme][i];
          state_colours[theme][i] = (TillStateColours){ colour (c[0]), colour (c[1]), colour (c[2]), colour (c[3]) };
        }
      for (guint i = 0; i < TILL_TONE_N; i++)
        tone_colours[theme][i] = colour (tones[theme][i]);
    }
  g_once_init_leave (&done, 1);
}

TillTheme
till_palette_theme (void)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();
  gboolean dark = adw_style_manager_get_dark (manager);

  if (adw_style_manager_get_high_contrast (manager))
    return dark ? TILL_THEME_HC_DARK : TILL_THEME_HC_LIGHT;
  return dark ? TILL_THEME_DARK : TILL_THEME_LIGHT;
}

const TillStateColours *
till_palette_state (TillTheme theme, TillMeterState state)
{
  g_return_val_if_fail (theme < TILL_THEME_N, NULL);
  fill_tables ();
  return &state_colours[theme][(guint) state < N_STATES ? state : TILL_METER_STATE_LOST];
}

const GdkRGBA *
till_palette_tone (TillTheme theme, TillTone tone)
{
  g_return_val_if_fail (theme < TILL_THEME_N && tone < TILL_TONE_N, NULL);
  fill_tables ();
  return &tone_colours[theme][tone];
}

const char *
till_palette_state_icon (TillMeterState state)
{
  static const char *const icons[N_STATES] = { "till-state-normal-symbolic", "till-state-alarm1-symbolic", "till-state-alarm2-symbolic",
                                               "till-state-arrears-symbolic", "till-state-unopened-symbolic", "till-state-lost-symbolic" };
  return icons[(guint) state < N_STATES ? state : TILL_METER_STATE_LOST];
}

const char *
till_palette_state_class (TillMeterState state)
{
  static const char *const classes[N_STATES] = { "till-normal", "till-alarm1", "till-alarm2", "till-arrears", "till-unopened", "till-lost" };
  return classes[(guint) state < N_STATES ? state : TILL_METER_STATE_LOST];
}
