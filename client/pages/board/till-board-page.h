/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-board-page.h: the whole estate on one page. Target of win.show-page: "state:NAME" sets the filter. */
#pragma once
#include "client/pages/till-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_BOARD_PAGE (till_board_page_get_type ())
G_DECLARE_FINAL_TYPE (TillBoardPage, till_board_page, TILL, BOARD_PAGE, TillPage)

G_END_DECLS
