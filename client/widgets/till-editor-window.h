/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-editor-window.h: a record as a form, from one static table of fields. Knows the shape of what is edited, not its meaning: values come
 * in and go out as JSON of the contract, what the server complains about is shown at its field.
 * Signal "saved" (JsonNode *body): of a new record all that is filled in, of a loaded one what was changed; the window is busy from then
 * on, until the caller destroys it or says till_editor_window_fail (). */
#pragma once
#include <adwaita.h>
#include <json-glib/json-glib.h>
#include "client/widgets/till-tick-list.h"

G_BEGIN_DECLS

#define TILL_TYPE_EDITOR_WINDOW (till_editor_window_get_type ())
G_DECLARE_FINAL_TYPE (TillEditorWindow, till_editor_window, TILL, EDITOR_WINDOW, AdwWindow)

typedef enum {
  TILL_EDIT_TEXT,
  TILL_EDIT_SECRET, /* never loaded; sent when filled in */
  TILL_EDIT_INT,
  TILL_EDIT_BOOL,
  TILL_EDIT_CHOICE, /* one of the words */
  TILL_EDIT_REF,    /* the id of a record, chosen from a list that the caller sets */
  TILL_EDIT_TEXTS,  /* array of texts, comma between */
  TILL_EDIT_INTS,   /* array of numbers, comma between */
  TILL_EDIT_TICKS,  /* array of texts, ticked in a list that the caller sets; required: at least one */
  TILL_EDIT_TICK_IDS, /* array of ids, the same way; none is an empty array */
  TILL_EDIT_PORTS,  /* [{"port","baud","parity"}] as "1:9600:N, 2:4800:E" */
} TillEditKind;

typedef struct {
  const char        *member; /* "credentials.secret" lies in an object */
  const char        *group;  /* msgid; fields of a group stand together */
  const char        *title;  /* msgid */
  TillEditKind       kind;
  gboolean           required, fixed; /* fixed: only of a new record */
  const char        *words;           /* CHOICE: context of the translations, "link-kind" */
  const char *const *choices;         /* CHOICE: wire words, ends with NULL; "" = null */
  const char        *when;            /* "link=dial_in": shown for this choice only; several: "link=rtu_tcp,modbus_tcp" */
} TillEditField;

/* title and action: translated. */
TillEditorWindow *till_editor_window_new (GtkWidget *parent, const char *title, const char *action);
/* What is edited, below the title: "Campus/B1 · shop". */
void              till_editor_window_set_subject (TillEditorWindow *self, const char *subject);
void              till_editor_window_set_fields (TillEditorWindow *self, const TillEditField *fields, guint n_fields);
/* REF: labels and ids of equal length; id 0 = none. */
void              till_editor_window_set_refs (TillEditorWindow *self, const char *member, const char *const *labels, const gint64 *ids);
/* CHOICE without choices of its own: words that are shown as they are. */
void              till_editor_window_set_words (TillEditorWindow *self, const char *member, const char *const *words);
/* TICKS, TICK_IDS: what there is; see till_tick_list_set_model (). */
void              till_editor_window_set_ticks (TillEditorWindow *self, const char *member, GListModel *model, TillTickDescribe describe,
                                                gpointer user_data);
/* Of a new record: what stands there at first. */
void              till_editor_window_propose (TillEditorWindow *self, JsonObject *values);
void              till_editor_window_load (TillEditorWindow *self, JsonObject *record);
void              till_editor_window_fail (TillEditorWindow *self, const GError *error, const char *sentence);
/* Instead of fail, when somebody was faster: current is the record as it stands now. A person chooses field by field; then "saved" is
 * emitted again with what remains changed. The caller has taken the version of current before. */
void              till_editor_window_merge (TillEditorWindow *self, JsonObject *current);

G_END_DECLS
