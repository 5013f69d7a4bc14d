/* SPDX-License-Identifier: GPL-2.0-or-later
 * link-pty.h: an RS-485 adapter of the server: a pty behind a link in the file system. */
#pragma once
#include "tests/simulator/link.h"

G_BEGIN_DECLS

extern const SimLinkFuncs sim_link_pty;

G_END_DECLS
