/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-export.h: the one "save as xlsx": asks where to, streams the route's sheet into the file, says when it is there. */
#pragma once
#include <gtk/gtk.h>
#include "client/service/till-report-service.h"

G_BEGIN_DECLS

/* wanted: path, id and query (copied); name: proposed file name without ending (or with .csv). */
void till_export_run (GtkWidget *widget, TillReportService *service, const TillExport *wanted, const char *name);

G_END_DECLS
