/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-plant-form.h: one record of the plant as a form: new, changed, or changed without the form (renamed in place, dragged). Whoever was
 * faster is not overwritten: what stands there now is read, and a person chooses field by field. */
#pragma once
#include "client/pages/till-page.h"
#include "client/widgets/till-editor-window.h"

G_BEGIN_DECLS

typedef struct {
  TillPlantKind        kind;
  const char          *new_title, *title, *done; /* msgids; done: "The gateway is saved" */
  const TillEditField *fields;
  guint                n_fields;
  void (*prepare) (TillEditorWindow *window, TillContext *context); /* fills lists to choose from; or NULL */
  void (*saved) (TillPage *page, JsonObject *record);               /* as the server took it */
  char *(*dup_subject) (JsonObject *record);                        /* what is edited, below the title; or NULL */
} TillPlantForm; /* static: forms are borrowed as long as their window lives */

/* proposed: what stands there at first, or NULL; members that are no field go along to the server as they are. */
GtkWindow *till_plant_form_new (TillPage *page, const TillPlantForm *form, JsonObject *proposed);
/* Of a new record: tells object, if it is still there, what the server made of it. */
void       till_plant_form_then (GtkWindow *window, void (*then) (gpointer object, JsonObject *record), gpointer object);
void       till_plant_form_edit (TillPage *page, const TillPlantForm *form, gint64 id);
/* before: the record as the page shows it, with id and version; change: only what changes. */
void       till_plant_form_change (TillPage *page, const TillPlantForm *form, JsonObject *before, JsonObject *change);

/* Asks, and takes the record out of use. Texts are translated; fact: one more thing that is known of it, or NULL. */
typedef struct { TillPlantKind kind; gint64 id, version; const char *title, *intro, *action, *done, *label, *value, *fact_label, *fact; } TillPlantRetire;
void       till_plant_form_retire (TillPage *page, const TillPlantRetire *retire);

/* For prepare: the records of a list as choices; text: their field that is shown; none: the label of no record, NULL = one has to be chosen. */
typedef struct { TillRefKind list; const char *text, *none; } TillPlantRefs;
void       till_plant_form_put_areas (TillEditorWindow *window, TillContext *context, const char *member, const char *none);
void       till_plant_form_put_refs (TillEditorWindow *window, TillContext *context, const char *member, const TillPlantRefs *refs);

G_END_DECLS
