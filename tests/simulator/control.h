/* SPDX-License-Identifier: GPL-2.0-or-later
 * control.h: the Unix socket by which a person or a test asks the campus and disturbs it: one JSON object a line, one a
 * line back. */
#pragma once
#include "server/core/reactor.h"
#include "tests/simulator/campus.h"

G_BEGIN_DECLS

typedef struct _SimControl SimControl;

SimControl *sim_control_new (SimCampus *campus, TilldReactor *reactor, const char *path, void (*quit) (gpointer data), gpointer data,
                             GError **error);
void        sim_control_free (SimControl *control); /* removes the socket */
/* One request, one answer, without a socket. *ret_quit: it asked to stop. */
char       *sim_control_answer (SimCampus *campus, const char *line, gsize len, gboolean *ret_quit);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimControl, sim_control_free)

G_END_DECLS
