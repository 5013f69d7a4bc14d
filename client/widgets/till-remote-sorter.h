/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-remote-sorter.h: which header was clicked, and how, on GTK 4.8 and later alike (probe sorter). Each column gets a
 * sorter that notes its key; a comparison of two probe objects tells key and direction. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TILL_TYPE_REMOTE_SORTER (till_remote_sorter_get_type ())
G_DECLARE_FINAL_TYPE (TillRemoteSorter, till_remote_sorter, TILL, REMOTE_SORTER, GObject)

/* Signal "changed" (const char *key or NULL, gboolean descending). */
TillRemoteSorter *till_remote_sorter_new (GtkColumnView *view);
/* key is interned; call before the column is shown. */
void              till_remote_sorter_add_column (TillRemoteSorter *self, GtkColumnViewColumn *column, const char *key);
/* The order now; NULL = the list's own. */
const char       *till_remote_sorter_get_key (TillRemoteSorter *self, gboolean *ret_descending);

G_END_DECLS
