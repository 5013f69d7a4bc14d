/* SPDX-License-Identifier: GPL-2.0-or-later
 * handover.c: a thread without a context of its own counts as one of the default context, and invoke would run the call right there
 * whenever nobody else holds that context. */
#include "server/core/handover.h"
#include <unistd.h>

void
tilld_hand_over (GMainContext *context, int priority, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  g_autoptr (GSource) source = NULL;

  if (gettid () == getpid () || (context != NULL && context != g_main_context_default ()))
    {
      g_main_context_invoke_full (context, priority, func, data, notify);
      return;
    }
  source = g_idle_source_new ();
  g_source_set_priority (source, priority);
  g_source_set_callback (source, func, data, notify);
  g_source_attach (source, context);
}
