/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-import-window.h: the import assistant: a file, its columns, what would happen to each row, and then all of it or nothing. Nothing is sent to
 * stay before the last step. Signal "imported": a job did it all. */
#pragma once
#include <adwaita.h>
#include "client/files/till-import-columns.h"
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_IMPORT_WINDOW (till_import_window_get_type ())
G_DECLARE_FINAL_TYPE (TillImportWindow, till_import_window, TILL, IMPORT_WINDOW, AdwWindow)

TillImportWindow *till_import_window_show (GtkWidget *parent, TillContext *context, TillImportKind kind);

G_END_DECLS
