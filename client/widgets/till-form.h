/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-form.h: entries of a dialog: checks while typing, marks, "dirty" and "valid". Not a widget: owned by the dialog.
 * Properties "dirty", "valid" (boolean, read-only, notify). */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TILL_TYPE_FORM (till_form_get_type ())
G_DECLARE_FINAL_TYPE (TillForm, till_form, TILL, FORM, GObject)

/* TRUE when the text is right; else an error whose message is shown under the entry. */
typedef gboolean (*TillFormCheck) (const char *text, gpointer user_data, GError **error);

TillForm *till_form_new (void);
/* entry: any GtkEditable widget. hint: label below it for the sentence, or NULL. check may be NULL; an empty optional entry is right. */
typedef struct { const char *member; GtkWidget *entry; GtkLabel *hint; gboolean required; TillFormCheck check; gpointer check_data; } TillFormRow;
void      till_form_add (TillForm *self, const TillFormRow *row);
gboolean  till_form_is_dirty (TillForm *self);
gboolean  till_form_is_valid (TillForm *self);
void      till_form_reset (TillForm *self);          /* what stands there now is the clean state */
void      till_form_recheck (TillForm *self);        /* after something a check depends on changed */
/* Marks the entries that the server complained about and focuses the first; FALSE when none of its fields is here. */
gboolean  till_form_mark_error (TillForm *self, const GError *error);
const char *till_form_get_text (TillForm *self, const char *member); /* trimmed by the caller's check; borrowed */

G_END_DECLS
