/* SPDX-License-Identifier: GPL-2.0-or-later
 * main.c: starts the client; everything else is linked into tests as well. */
#include "config.h"
#include "client/app/till-application.h"

int
main (int argc, char **argv)
{
  g_autoptr (TillApplication) application = NULL;

  till_application_prepare ();
  application = till_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
